"""What must be said before a case can be closed. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from bot.domain.cases import Head
from bot.domain.retention import CountsFrom, Schedule
from bot.errors import FormError


class Outcome(StrEnum):
    """How a case about an adult ends (SAFETY 27); a person chooses, Staffroom suggests none."""

    SUBSTANTIATED = "substantiated"
    MALICIOUS = "malicious"
    FALSE = "false"
    UNSUBSTANTIATED = "unsubstantiated"
    UNFOUNDED = "unfounded"


ADULT_OUTCOMES = tuple(each.value for each in Outcome)


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the school decides to keep the record; *until* None takes the default of the type."""

    type: str
    sexual_abuse: bool
    """Whether child sexual abuse is alleged; a person says so, one way or the other."""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Closing:
    """What a person says when a case ends."""

    summary: str
    followed_up: str
    """How it was followed up."""
    action: str
    outcome: str
    reasons: str
    retention: Retention
    filed_where: str = ""
    """Where the school's own file of record holds it."""
    not_filed_because: str = ""
    """Why it stands in no file of record."""


_ASKED = {
    "summary": "Sum up what happened.",
    "followed_up": "Say how it was followed up.",
    "action": "Say what was done.",
    "outcome": "Say how it ended.",
    "reasons": "Give the reasons for the outcome.",
}
_FILE = "Say where the school's file of record holds this, or why it does not."
_ADULT = f"Choose one: {', '.join(ADULT_OUTCOMES)}."
_UNTIL = "Give the last day the record is kept; this type counts from {day}."
_PAST = "The last day the record is kept cannot have passed."


def body(closing: Closing, head: Head, schedule: Schedule, today: date) -> dict[str, Any]:
    """
    Return what the CLOSED event of the case at *head* says.

    SAFETY 27: a pupil's case needs summary, how it was followed up, action, outcome with reasons, and
    where the file of record holds it or why not; an adult's case one of five outcomes.

    Raises:
        FormError: something of it is missing.
    """
    wrong = {name: ask for name, ask in _ASKED.items() if not getattr(closing, name).strip()}
    if head.about_adult and closing.outcome not in ADULT_OUTCOMES:
        wrong["outcome"] = _ADULT
    if not head.about_adult and not (closing.filed_where.strip() or closing.not_filed_because.strip()):
        wrong["filed_where"] = _FILE
    kept: dict[str, Any] = {}
    try:
        kept = retention_body(closing.retention, schedule, today)
    except FormError as error:
        wrong |= error.fields
    if wrong:
        raise FormError(wrong)
    said = {name: getattr(closing, name).strip() for name in (*_ASKED, "filed_where", "not_filed_because")}
    return said | kept


def retention_body(retention: Retention, schedule: Schedule, today: date) -> dict[str, Any]:
    """
    Return what an event says that sets *retention* on *today*.

    Raises:
        FormError: no such type, a last day that has passed, or none where the type gives no default.
    """
    kind = schedule.type(retention.type)
    until = retention.until
    if until is None and kind.counts_from is CountsFrom.CLOSURE:
        until = kind.until(today)
    if until is None:
        raise FormError({"until": _UNTIL.format(day=kind.day)})
    if until < today:
        raise FormError({"until": _PAST})
    return {"type": kind.id, "until": until.isoformat(), "sexual_abuse": retention.sexual_abuse}
