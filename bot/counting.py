"""The use case of counting cases for governors: figures alone, and none that would point at somebody."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.domain import insights
from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, Head, Status, Wanted
from bot.domain.form_facts import values_of
from bot.domain.insights import Cell, Period, Table, Wait
from bot.domain.reports import AnswerValue
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import NotAllowed, UnknownSchool
from bot.ports import Store, Unit

MOST = 2_000
"""So many cases are read, the newest ones."""
FORMS = tuple(form.value for form in Form if form is not Form.ADULT_CONCERN)
NOT_SAID = "not-said"
"""Where no platform was given, or the case was deleted."""
URGENT, OTHER = "urgent", "other"
CHARTS = ("form", "where", "month")
WAITS = "waits"
"""The chart of how long cases waited, in seconds."""

_UNOPENED = (Status.RECEIVED,)
# A case that was merged counts once, as the one that it was merged into.
_OPENED = (Status.OPENED, Status.IN_HAND, Status.CLOSED, Status.DELETED)
_KEPT = timedelta(minutes=10)
_DOING = "insights"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of one period; whatever is hidden is not in it."""

    period: Period
    periods: tuple[Period, ...]
    """All that can be asked for, newest first."""
    total: int | None
    tables: Mapping[str, Table]
    """One for each of `CHARTS`; they are named by form, by platform, and by the first day of the month."""
    waits: tuple[Wait, ...]
    read_since: date | None
    """Cases before that day were not read, because there are too many; None when all were."""
    adults: int | None = None
    """Cases about an adult, for a head alone; None where there are too few to show."""
    for_head: bool = False
    nothing_to_open: bool = False
    """Whether there is no case at all that they may open: then no figure says anything of the school."""


@dataclass(frozen=True)
class Counting:
    """
    Counts the cases that somebody may open; one that they are kept out of never counts (SAFETY 15).

    Cases about an adult are in no table, for these are handed on: the head alone sees how many there are,
    and of those alone that the head may open.
    """

    schools: Mapping[str, School]
    store: Store
    where: tuple[str, ...] = ()
    """The platforms that a report can name."""

    def figures(self, school: str, person: str, day: date | None = None) -> Figures:
        """
        The figures of the period with *day* in it, or of the one now; that they were seen is in the log.

        Raises:
            NotAllowed: *person* is not one of the school's people.
            StoreBusy, StoreFailed: nothing was counted.
        """
        here = self._school(school, person)
        with self.store.reading() as unit:
            found = self._counted(unit, here, person, day)
        rows = {name: [[cell.name, cell.count] for cell in _cells(found, name)] for name in (*CHARTS, WAITS)}
        with self.store.writing() as unit:
            unit.record(AuditKind.LISTED, person, school, detail=_DOING)
            key = _key(school, person, found.period)
            unit.hold(key, json.dumps(rows), unit.now + _KEPT)
        return found

    def chart(self, school: str, person: str, day: date, name: str) -> tuple[Cell, ...]:
        """The table *name*, one of `CHARTS` or `WAITS`, as `figures` had it; raises as it does."""
        here = self._school(school, person)
        with self.store.reading() as unit:
            held = unit.held(_key(school, person, insights.period_at(here.hours, day)))
        if held:
            return tuple(Cell(*row) for row in json.loads(held)[name])
        return _cells(self.figures(school, person, day), name)

    def period(self, school: str, day: date) -> Period:
        """The term, or part of a quarter, that *day* is in; raises `UnknownSchool`."""
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        return insights.period_at(self.schools[school].hours, day)

    def _counted(self, unit: Unit, school: School, person: str, day: date | None) -> Figures:
        heads, whole = newest(unit, school.id, person)
        today = local(unit.now).date()
        oldest = _day(heads[-1]) if heads else today
        periods = insights.periods(school.hours, oldest, today)
        wanted = day or today
        period = next((each for each in periods if each.holds(wanted)), periods[0])
        inside = [head for head in heads if period.holds(_day(head))]
        plain = [head for head in inside if not _about_adult(head)]
        for_head = person in {each.id for each in school.holders("head")}
        return Figures(
            period=period,
            periods=periods,
            total=insights.shown(len(plain)),
            tables=self._tables(unit, plain, insights.months(period, today)),
            waits=tuple(_waits(plain, unit.now)),
            read_since=None if whole or oldest < period.first else oldest,
            adults=insights.shown(len(inside) - len(plain)) if for_head else None,
            for_head=for_head,
            nothing_to_open=not heads,
        )

    def _tables(self, unit: Unit, heads: list[Head], months: tuple[date, ...]) -> dict[str, Table]:
        month = (_day(head).replace(day=1).isoformat() for head in heads)
        counts = {
            "form": insights.tally((head.form.value for head in heads), FORMS),
            "where": insights.tally((self._where(unit, head) for head in heads), (*self.where, NOT_SAID)),
            "month": insights.tally(month, (each.isoformat() for each in months)),
        }
        return {name: insights.table(each) for name, each in counts.items()}

    def _where(self, unit: Unit, head: Head) -> str:
        """The platform that the reporter gave last; nothing else of the case is looked at."""
        answers: dict[str, AnswerValue] = {}
        for event in unit.events(head.case):
            if event.kind in (EventKind.FILED, EventKind.ADDED):
                answers |= event.body.get("answers", {})
        given = next(iter(values_of(answers, "where")), NOT_SAID)
        return given if given in self.where else NOT_SAID

    def _school(self, school: str, person: str) -> School:
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        found = self.schools[school]
        if person not in {each.id for each in found.people}:
            with self.store.writing() as unit:
                unit.record(AuditKind.REFUSED, person, school, detail=_DOING)
            raise NotAllowed(f"{school}: not one of its people")
        return found


def newest(unit: Unit, school: str, person: str, most: int = MOST) -> tuple[list[Head], bool]:
    """The newest cases that *person* may open, *most* of them, newest first, and whether these are all."""
    found: list[Head] = []
    everything = True
    for statuses in (_UNOPENED, _OPENED):
        for urgent in (True, False):
            # Of one urgency, all unopened or all opened: only then do the heads come by their age.
            wanted = Wanted(statuses, None, urgent, most)
            over = max(0, unit.count(school, person, wanted) - most)
            found += unit.heads(school, person, Wanted(statuses, None, urgent, most, over))
            everything = everything and not over
    found.sort(key=lambda head: head.filed_at, reverse=True)
    return found[:most], everything and len(found) <= most


def _waits(heads: list[Head], now: datetime) -> Iterator[Wait]:
    for name, urgent in ((URGENT, True), (OTHER, False)):
        # What nobody has opened yet waits still; left out, it would make the figures look better.
        spans = [(head.opened_at or now) - head.filed_at for head in heads if head.urgent is urgent]
        yield insights.wait(name, spans)


def _cells(found: Figures, name: str) -> tuple[Cell, ...]:
    if name != WAITS:
        return found.tables[name].cells
    return tuple(
        Cell(each.name, None if each.median is None else int(each.median.total_seconds()))
        for each in found.waits
    )


def _about_adult(head: Head) -> bool:
    return head.about_adult or head.form is Form.ADULT_CONCERN


def _day(head: Head) -> date:
    return local(head.filed_at).date()


def _key(school: str, person: str, period: Period) -> str:
    # As JSON, so that no school or person can be called what another key looks like.
    return f"insights:{json.dumps([school, person, period.first.isoformat()])}"
