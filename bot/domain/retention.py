"""How long a record is kept, by its type; the defaults are data, and the school decides. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.views import CaseView
from bot.errors import ConfigurationError, FormError


class CountsFrom(StrEnum):
    """What the years of a type count from."""

    CLOSURE = "closure"
    DAY = "a day that a person gives"
    """Such as a pupil's date of birth or the day somebody left: Staffroom does not know it."""


@dataclass(frozen=True, slots=True)
class RecordType:
    """A kind of record and how long it is kept unless the school decides otherwise (SAFETY 28)."""

    id: str
    words: str
    years: int
    counts_from: CountsFrom
    day: str
    """Which day the years count from, in words."""
    source: str
    review_due: date
    listed: bool = True
    """Whether a case of this type comes up for deletion by itself."""
    checked_by: str = ""
    checked_on: date | None = None

    def caution(self, today: date) -> str:
        """What to say beside the default: that nobody has checked it, or that its review is due; else ""."""
        if not self.checked_by or self.checked_on is None:
            return "not yet checked by a person at this school"
        return "its review is overdue" if self.review_due < today else ""

    def until(self, counted_from: date) -> date:
        """The last day the record is kept when its years count from *counted_from*."""
        year = counted_from.year + self.years
        # Of 29 February, the day after 28 February is meant.
        if (counted_from.month, counted_from.day) == (2, 29):
            return date(year, 3, 1)
        return counted_from.replace(year=year)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Every type of record."""

    types: tuple[RecordType, ...]

    def type(self, identity: str) -> RecordType:
        """
        The type with that id.

        Raises:
            FormError: there is none.
        """
        found = [each for each in self.types if each.id == identity]
        if not found:
            raise FormError({"type": "Choose one of the types of record."})
        return found[0]


def may_list(view: CaseView, schedule: Schedule, today: date) -> bool:
    """
    Whether *view* stands in the list of what is due for deletion.

    SAFETY 28: never under a legal hold, and never where child sexual abuse is or may be alleged.
    """
    return not view.sexual_abuse and _comes_up(view, schedule) and is_over(view, today)


def _comes_up(view: CaseView, schedule: Schedule) -> bool:
    """Whether the type *view* was given comes up for deletion by itself; one that is gone never does."""
    return view.kept is not None and any(each.listed for each in schedule.types if each.id == view.kept.type)


def is_over(view: CaseView, today: date) -> bool:
    """Whether the time of *view* has passed on *today* and no legal hold keeps it."""
    until = view.kept.until if view.kept else None
    return until is not None and until < today and not view.held


def parse(data: Mapping[str, object]) -> Schedule:
    """
    The schedule that *data* (a parsed retention.toml) holds.

    Raises:
        ConfigurationError: a type lacks a key, has one too many, or counts from nothing that is known.
    """
    types = data.get("type")
    if not isinstance(types, Sequence) or not types:
        raise ConfigurationError("retention.toml needs at least one [[type]]")
    return Schedule(tuple(_type(entry) for entry in types))


def _type(entry: Mapping[str, Any]) -> RecordType:
    try:
        return RecordType(**{**entry, "counts_from": CountsFrom(entry["counts_from"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"retention.toml, type {entry.get('id')!r}: {error}") from None
