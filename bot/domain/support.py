"""Support lines and guidance editions as data, and which of them a receipt shows (SAFETY 31–33). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bot.domain import guidance
from bot.domain.answers import Contact, Step
from bot.domain.data_files import Entry
from bot.domain.facts import Facts
from bot.domain.guidance import Guidance, GuidanceLine
from bot.domain.reports import Gate
from bot.domain.triage import Form

OCCASIONS = (
    "always",
    "abuse-of-staff",
    "own-slip",
    "about-adult",
    "pupil-online",
    "pupil-harm",
    "radicalisation",
    "threat",
    "images",
    "blackmail",
)
"""What a report can be about, as `shown_when` names it."""
UNKNOWN_NATION = "This school has not said in which nation of the UK it is: its own guidance is unknown here."
_EDITION_KEYS = (
    *("id", "title", "edition", "jurisdictions", "source", "web", "review_due", "checked_by", "checked_on"),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A piece of guidance and the edition that was known."""

    id: str
    title: str
    edition: str
    jurisdictions: tuple[str, ...]
    source: str
    review_due: date
    web: str = ""
    checked_by: str = ""
    checked_on: date | None = None

    def words(self, today: date) -> str:
        """Return it in one line, with whatever speaks against relying on it."""
        doubt = guidance.caution(self.checked_by, self.checked_on, self.review_due, today)
        late = guidance.OVERDUE if self.review_due < today and doubt != guidance.OVERDUE else ""
        doubts = "; ".join(each for each in (doubt, late) if each)
        return f"{self.title} ({self.edition})" + (f": {doubts}" if doubts else "")


@dataclass(frozen=True, slots=True)
class Support:
    """Everything that `support.toml` holds."""

    lines: Guidance
    editions: tuple[Edition, ...] = ()
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Occasion → words of a reporter that add it."""


def parse(data: Mapping[str, object], file: str = "support.toml") -> Support:
    """
    Return the support lines and guidance editions that *data* (the parsed *file*) holds.

    Raises:
        ConfigurationError: with file, line and key; also for an unknown occasion or a doubled edition.
    """
    root = Entry(file, "the file", data)
    root.only("line", "edition", "words")
    lines = guidance.parse(data, file)
    for line in lines.lines:
        entry = Entry(file, f"line {line.id!r}", {})
        if not entry.among("shown_when", line.shown_when, OCCASIONS):
            raise entry.error('"shown_when" must name at least one occasion')
    return Support(lines, _editions(Entry(file, "", data)), _words(root))


def lines_for(
    support: Support, facts: Facts, jurisdiction: str, gate: Gate = Gate.UNASKED
) -> tuple[GuidanceLine, ...]:
    """
    Return the lines for a receipt, in the order of the file; there is always at least 999 (SAFETY 31).

    Once *gate* was answered "yes" or "not sure", the lines about images are among them (SAFETY 33).
    """
    about = occasions(support, facts, gate)
    ids = dict.fromkeys(line.id for line in support.lines.lines if about & set(line.shown_when))
    found = (_of_nation(support.lines, identity, jurisdiction) for identity in ids)
    return tuple(line for line in found if line is not None and about & set(line.shown_when))


def occasions(support: Support, facts: Facts, gate: Gate = Gate.UNASKED) -> frozenset[str]:
    """Return everything in `OCCASIONS` that the report is about."""
    said = " ".join(facts.texts).casefold()
    harmed = facts.pupil_involved and (facts.urgent or facts.form is Form.CONCERN)
    stopped = gate in (Gate.YES, Gate.NOT_SURE)
    about = {
        "always": True,
        "abuse-of-staff": facts.abuse_of_staff,
        "own-slip": facts.own_slip,
        "about-adult": facts.about_adult,
        "pupil-online": facts.pupil_involved,
        "pupil-harm": harmed,
        "radicalisation": facts.radicalisation,
        "threat": facts.urgent,
        "images": stopped,
    }
    named = {each for each, words in support.words.items() if any(_says(said, word) for word in words)}
    return frozenset({each for each, holds in about.items() if holds} | named)


def step(line: GuidanceLine, today: date) -> Step:
    """Return *line* as a receipt shows it: words, hours, number, and what speaks against relying on it."""
    doubt = line.caution(today)
    beside = "; ".join(each for each in (line.hours, line.web, doubt) if each)
    # What has no number is reached on the web; "your union" is known to its member alone.
    reached = line.telephone or line.web
    words = f"{line.words} ({beside})" if beside else line.words
    return Step(words, (Contact(line.name or line.id, "", reached),) if reached else ())


def editions_for(support: Support, jurisdiction: str, today: date) -> tuple[str, ...]:
    """Return the guidance of *jurisdiction*, one line each; an unknown nation is said to be unknown."""
    own = tuple(each.words(today) for each in support.editions if jurisdiction in each.jurisdictions)
    return (UNKNOWN_NATION, *own) if jurisdiction == "unknown" else own


def _of_nation(lines: Guidance, identity: str, jurisdiction: str) -> GuidanceLine | None:
    """The line of that nation; a line that a nation does not have is not shown to it."""
    for line in lines.lines:
        if line.id == identity and jurisdiction in line.jurisdictions:
            return line
    return None


def _says(text: str, word: str) -> bool:
    return re.search(rf"\b{re.escape(word.casefold())}\b", text) is not None


def _editions(root: Entry) -> tuple[Edition, ...]:
    editions: list[Edition] = []
    seen: set[tuple[str, str]] = set()
    for entry in root.entries("edition"):
        entry.only(*_EDITION_KEYS)
        edition = _edition(entry)
        for pair in ((edition.id, each) for each in edition.jurisdictions):
            if pair in seen:
                raise entry.error(f"there are two of them for {pair[1]}")
            seen.add(pair)
        editions.append(edition)
    return tuple(editions)


def _edition(entry: Entry) -> Edition:
    return Edition(
        id=entry.needed("id"),
        title=entry.needed("title"),
        edition=entry.needed("edition"),
        jurisdictions=guidance.jurisdictions(entry),
        source=entry.needed("source"),
        review_due=entry.needed_day("review_due"),
        web=entry.text("web"),
        checked_by=entry.text("checked_by"),
        checked_on=entry.day("checked_on"),
    )


def _words(root: Entry) -> dict[str, tuple[str, ...]]:
    table = root.table("words")
    if table is None:
        return {}
    table.only(*OCCASIONS)
    return {str(key): table.texts(str(key)) for key in table.values}
