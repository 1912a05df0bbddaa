"""National guidance as data: lines with jurisdiction, source and when somebody last checked them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bot.domain.data_files import Entry
from bot.domain.schools import JURISDICTIONS
from bot.errors import ConfigurationError

UNCHECKED = "not yet checked by a person at this school"
OVERDUE = "its review is overdue"
_TEXTS = ("id", "words", "source", "telephone", "name", "hours", "web", "checked_by")
_KEYS = (*_TEXTS, "jurisdictions", "shown_when", "review_due", "checked_on")


@dataclass(frozen=True, slots=True)
class GuidanceLine:
    """One fixed line of guidance for some jurisdictions."""

    id: str
    words: str
    jurisdictions: tuple[str, ...]
    source: str
    review_due: date
    telephone: str = ""
    checked_by: str = ""
    checked_on: date | None = None
    name: str = ""
    """What the telephone or the page is called."""
    hours: str = ""
    """When the telephone is answered, or that nobody has checked it."""
    web: str = ""
    shown_when: tuple[str, ...] = ()
    """What a report must be about for the line to be shown, for the lines that depend on it."""

    def caution(self, today: date) -> str:
        """What to say beside the line: that nobody has checked it, or that its review is due; else ""."""
        return caution(self.checked_by, self.checked_on, self.review_due, today)


@dataclass(frozen=True, slots=True)
class Guidance:
    """All lines of guidance, as *file* holds them."""

    lines: tuple[GuidanceLine, ...]
    file: str = "guidance.toml"

    def line(self, identity: str, jurisdiction: str) -> GuidanceLine:
        """The line *identity* for *jurisdiction*; a jurisdiction with none gets the one for "unknown"."""
        for wanted in (jurisdiction, "unknown"):
            for line in self.lines:
                if line.id == identity and wanted in line.jurisdictions:
                    return line
        raise ConfigurationError(f'{self.file} has no line "{identity}" for {jurisdiction}')


def caution(checked_by: str, checked_on: date | None, review_due: date, today: date) -> str:
    """What to say beside anything that a person must check: never checked, review overdue; else ""."""
    if not checked_by or checked_on is None:
        return UNCHECKED
    return OVERDUE if review_due < today else ""


def parse(data: Mapping[str, object], file: str = "guidance.toml") -> Guidance:
    """
    The guidance that *data* (the parsed *file*) holds.

    Raises:
        ConfigurationError: a line lacks a key or has one too many, a value is of the wrong kind, a
            jurisdiction is unknown, or two lines of one id are for the same jurisdiction.
    """
    lines: list[GuidanceLine] = []
    seen: set[tuple[str, str]] = set()
    for entry in Entry(file, "", data).entries("line"):
        line = _line(entry)
        for pair in ((line.id, each) for each in line.jurisdictions):
            if pair in seen:
                raise entry.error(f"there are two of them for {pair[1]}")
            seen.add(pair)
        lines.append(line)
    if not lines:
        raise ConfigurationError(f"{file} needs at least one [[line]]")
    return Guidance(tuple(lines), file)


def jurisdictions(entry: Entry) -> tuple[str, ...]:
    """The jurisdictions that *entry* is for: at least one, each a known one."""
    if found := entry.among("jurisdictions", entry.texts("jurisdictions"), JURISDICTIONS):
        return found
    raise entry.error('"jurisdictions" must name at least one')


def _line(entry: Entry) -> GuidanceLine:
    entry.only(*_KEYS)
    return GuidanceLine(
        id=entry.needed("id"),
        words=entry.needed("words"),
        jurisdictions=jurisdictions(entry),
        source=entry.needed("source"),
        review_due=entry.needed_day("review_due"),
        telephone=entry.text("telephone"),
        checked_by=entry.text("checked_by"),
        checked_on=entry.day("checked_on"),
        name=entry.text("name"),
        hours=entry.text("hours"),
        web=entry.text("web"),
        shown_when=entry.texts("shown_when"),
    )
