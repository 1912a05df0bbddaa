"""The words that lists of cases and the page of one case share: how old, what waits, what it is about."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bot.casework import words
from bot.domain.cases import Head, Status
from bot.domain.form_types import FormDefinition, Kind
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.views import CaseView

_VERSION = re.compile(r"(.+?, SHA-256 of the clause [0-9a-f]+): (.+)", re.DOTALL)
STATUS_TAGS = {
    Status.RECEIVED: "caution",
    Status.OPENED: "",
    Status.IN_HAND: "good",
    Status.CLOSED: "",
    Status.MERGED: "",
    Status.DELETED: "",
}
"""Status → the colour of its tag; the word stands in it, for colour alone says nothing."""


def status(head: Head) -> str:
    """Where the case at *head* stands, as staff say it."""
    return "not opened yet" if head.status is Status.RECEIVED else head.status.value


def age(span: timedelta) -> str:
    """*span* in the largest unit that fits: "5 minutes", "3 hours", "12 days"."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 90:
        return _many(minutes, "minute")
    hours = minutes // 60
    return _many(hours, "hour") if hours < 48 else _many(hours // 24, "day")


def clock(head: Head, now: datetime) -> str:
    """What the clock waits for, and until when (SAFETY 18); "" once nothing waits."""
    if head.clock_at is None:
        return ""
    over, at = head.clock_at <= now, when(head.clock_at, now)
    if head.opened_at is None:
        told = "is being told now" if over else f"is told {at}"
        return f"nobody has opened it; the next person {told}"
    taken = "the first action" if head.acknowledged_at else "opened, but not acknowledged; the first action"
    return f"{taken} was due {at}" if over else f"{taken} is due {at}"


def assigned(school: School, head: Head, reader: str) -> str:
    """Whose the case at *head* is, as *reader* is told."""
    if not head.assigned:
        return "assigned to nobody yet"
    return f"assigned to {'you' if head.assigned == reader else words.by(school, head.assigned)}"


def next_action(due: date, today: date) -> str:
    """When the first action that is not done is due."""
    year = "" if due.year == today.year else f" {due.year}"
    said = "today" if due == today else f"{due.day} {due:%B}{year}"
    return f"overdue: an action was due {said}" if due < today else f"next action due {said}"


def when(at: datetime, now: datetime) -> str:
    """*at* as somebody says it on the day of *now*: "at 14:05", "on 23 November, 14:05"."""
    shown, today = local(at), local(now).date()
    year = "" if shown.year == today.year else f" {shown.year}"
    return f"at {shown:%H:%M}" if shown.date() == today else f"on {shown.day} {shown:%B}{year}, {shown:%H:%M}"


def answers(view: CaseView, form: FormDefinition) -> Iterator[tuple[str, str]]:
    """Each question of *form* that was answered, and the answer as it was given."""
    fields = {field.id: field for field in form.fields}
    for key, value in view.answers.items():
        field = fields.get(key)
        labels = {choice.value: choice.label for choice in field.choices} if field else {}
        given = value if isinstance(value, list | tuple) else [value]
        said = ", ".join(labels.get(str(each), str(each)) for each in given)
        yield field.label if field else key, _day(said) if field and field.kind is Kind.DATE else said


def clause(view: CaseView) -> tuple[str, str]:
    """Which clause in which version decided who hears of it, and its words where kept (SAFETY 13)."""
    if not view.clause:
        return "No clause of the school's policy decided; Staffroom's own rules did.", ""
    # A title may have a colon of its own; the words stand behind the hash, where they were read.
    found = _VERSION.fullmatch(view.policy_version)
    version, words = found.groups() if found else (view.policy_version, "")
    return f"Clause {view.clause}: {version or 'version not kept'}", words


def people(school: School, persons: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """The id and the name of each of *persons* of *school*, in the order of the school."""
    return tuple((each.id, each.name or each.id) for each in school.people if each.id in persons)


def _day(said: str) -> str:
    """A day as it is spoken; what is no day, such as "not known", as it was given."""
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return said
    return f"{day.day} {day:%B %Y}"


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
