"""The fixed words of casework: what stopped a move, who did it and when."""

from collections.abc import Iterable
from datetime import datetime

from bot.domain import moves
from bot.domain.cases import Event, EventKind, Head, Status
from bot.domain.schooldays import local
from bot.domain.schools import School

ASK_REASON = "Say why you open this case: {why}. The reason is kept, and the head sees it each month."
NOT_SEEN = "Nothing was done: this case has no such version yet. Look at the case, then decide."
NOT_OPENED = "Nothing was done: you have not opened this case yet. Open it first."
NO_FILE = "There is no such file in this case."


def by(school: School, actor: str) -> str:
    """Return *actor* as staff call them."""
    if actor == moves.REPORTER:
        return "the reporter"
    if actor == moves.STAFFROOM:
        return "Staffroom"
    return next((person.name or actor for person in school.people if person.id == actor), actor)


def at(moment: datetime) -> str:
    """Return *moment* as a clock in London shows it."""
    shown = local(moment)
    return f"{shown.day} {shown:%B %Y, %H:%M}"


def happened(school: School, event: Event) -> str:
    """Return one event without its content: "decision by Amy Ash, 21 November 2026, 09:14"."""
    return f"{event.kind.value} by {by(school, event.actor)}, {at(event.at)}"


def since(school: School, events: Iterable[Event]) -> str:
    """Return why a move was made on a stale case."""
    changes = "; ".join(happened(school, event) for event in events)
    return f"Nothing was done: since you opened this case there was {changes}. Look at it again, then decide."


def cannot(school: School, head: Head, kind: EventKind, cause: Event | None) -> str:
    """Return why *kind* cannot happen to the case at *head*, and who put it there."""
    if head.status is Status.RECEIVED:
        return "Nobody has opened this case yet: open it first."
    because = f" ({happened(school, cause)})" if cause else ""
    return f"Nothing was done: this case is {_stands(head)}{because}."


def _stands(head: Head) -> str:
    return {Status.OPENED: "open", Status.MERGED: "merged into another"}.get(head.status, head.status.value)
