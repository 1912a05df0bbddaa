"""National guidance as data: lines with jurisdiction, source and when somebody last checked them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from bot.errors import ConfigurationError


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

    def caution(self, today: date) -> str:
        """What to say beside the line: that nobody has checked it, or that its review is due; else ""."""
        if not self.checked_by or self.checked_on is None:
            return "not yet checked by a person at this school"
        return "its review is overdue" if self.review_due < today else ""


@dataclass(frozen=True, slots=True)
class Guidance:
    """All lines of guidance."""

    lines: tuple[GuidanceLine, ...]

    def line(self, identity: str, jurisdiction: str) -> GuidanceLine:
        """The line *identity* for *jurisdiction*; a jurisdiction with none gets the one for "unknown"."""
        for wanted in (jurisdiction, "unknown"):
            for line in self.lines:
                if line.id == identity and wanted in line.jurisdictions:
                    return line
        raise ConfigurationError(f'guidance.toml has no line "{identity}" for {jurisdiction}')


def parse(data: Mapping[str, object]) -> Guidance:
    """
    The guidance that *data* (a parsed guidance.toml) holds.

    Raises:
        ConfigurationError: a line lacks a key or has one too many.
    """
    lines = data.get("line")
    if not isinstance(lines, Sequence):
        raise ConfigurationError("guidance.toml needs at least one [[line]]")
    return Guidance(tuple(_line(entry) for entry in lines))


def _line(entry: Mapping[str, Any]) -> GuidanceLine:
    named = {**entry, "jurisdictions": tuple(entry.get("jurisdictions", ()))}
    try:
        return GuidanceLine(**named)
    except TypeError as error:
        raise ConfigurationError(f"guidance.toml, line {entry.get('id')!r}: {error}") from None
