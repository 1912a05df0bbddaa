"""When somebody else must hear of a case that nobody opens or acts on (SAFETY 8, 18). Pure."""

from datetime import UTC, datetime, time, timedelta

from bot.domain import schooldays
from bot.domain.cases import Head, Status
from bot.domain.naming import named_in
from bot.domain.schooldays import USUAL_CLOSE, is_weekend, local, moment
from bot.domain.schools import School

URGENT_WAIT = timedelta(minutes=15)
WAIT = timedelta(hours=24)
LONGEST_WAIT = timedelta(hours=72)
"""What a wait of 24 hours comes to over a weekend, and never more (SAFETY 18)."""

URGENT_ACTION = timedelta(hours=1)
_DAILY = timedelta(hours=24)
_SAFE_FIRST = ("dsl", "deputy_dsl", "head", "chair")
_NO_LONGER_WAITING = (Status.CLOSED, Status.MERGED, Status.DELETED)


def first_step_due(school: School, urgent: bool, filed_at: datetime) -> datetime:
    """When the next person is told of a case filed at *filed_at* that nobody has opened."""
    return step_due(school, urgent, filed_at, 1)


def step_due(school: School, urgent: bool, filed_at: datetime, step: int) -> datetime:
    """
    When the step of that number, from 1, is due; each waits as long again as the one before it.

    The clock runs on in the holidays, when the school's `[cover]` is told as well.
    """
    due = filed_at.astimezone(UTC)
    for _ in range(step):
        due = _after(urgent, due)
    return due


def daily_from(school: School, urgent: bool, last: datetime) -> datetime:
    """When everybody told is told again, once nobody is left to tell first; *last* is the step before."""
    return last.astimezone(UTC) + _DAILY if urgent else _after(urgent, last.astimezone(UTC))


def action_due(school: School, urgent: bool, acknowledged_at: datetime) -> datetime:
    """
    When the first action must be recorded: an hour later, or by the end of the next school day.

    A school with cover for the holidays works in them: there the next weekday counts.
    """
    if urgent:
        return acknowledged_at.astimezone(UTC) + URGENT_ACTION
    end = schooldays.next_school_day_end(school.hours, acknowledged_at)
    if "holidays" not in school.cover:
        return end
    day = local(acknowledged_at).date() + timedelta(days=1)
    while is_weekend(day):
        day += timedelta(days=1)
    return min(end, moment(day, school.hours.close or USUAL_CLOSE))


def next_clock(school: School, head: Head) -> datetime | None:
    """
    When the clock must look at *head*, for `Head.clock_at`, after anything that a person did.

    It may have passed already: then the clock looks at once. None once nothing waits.
    """
    if head.status in _NO_LONGER_WAITING or head.first_action_at is not None:
        return None
    if head.opened_at is None:
        return step_due(school, head.urgent, head.filed_at, head.escalations + 1)
    # Opened and never acknowledged must not end in silence: then the second clock runs from the opening.
    return action_due(school, head.urgent, head.acknowledged_at or head.opened_at)


def after_step(school: School, head: Head, now: datetime, left: bool) -> datetime | None:
    """
    When the clock must look again after it has acted on *head* at *now*; always later than *now*.

    *left* says whether anybody is left to be told first (`routing.next_to_tell`). A clock that stood
    still for longer than a wait begins a whole one now, instead of telling everybody at once.
    """
    due = next_clock(school, head)
    if due is None:
        return None
    if head.opened_at is None and not left:
        return daily_from(school, head.urgent, now)
    if due > now:
        return due
    late = _after(head.urgent, now.astimezone(UTC))
    return late if head.opened_at is None else daily_from(school, head.urgent, now)


def safe_first(school: School, text: str, sender: str = "") -> str:
    """
    The id of whom to tell "ring [sender]" (SAFETY 8), or "" when nobody is safe.

    The first of DSL, deputy, head and chair whom *text* does not name, and who is not *sender*.
    """
    unsafe = named_in(school, text) | {sender}
    safe = (person.id for role in _SAFE_FIRST for person in school.holders(role) if person.id not in unsafe)
    return next(safe, "")


def _after(urgent: bool, at: datetime) -> datetime:
    if urgent:
        return at + URGENT_WAIT
    return min(_counted(at, WAIT), at + LONGEST_WAIT)


def _counted(at: datetime, wait: timedelta) -> datetime:
    """*at* plus *wait*, of which Saturdays and Sundays in London are no part."""
    while True:
        day = local(at).date()
        midnight = moment(day + timedelta(days=1), time())
        if not is_weekend(day):
            if at + wait <= midnight:
                return at + wait
            wait -= midnight - at
        at = midnight
