"""What goes out by the calendar: the checkpoint of each day, and each month "who opened what, why"."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta

from bot.domain import openings
from bot.domain.audit import AuditKind
from bot.domain.moves import STAFFROOM
from bot.domain.notice_details import Opening, write_openings
from bot.domain.notices import Notice, NoticeKind
from bot.domain.schooldays import local, moment
from bot.domain.schools import School
from bot.errors import UnknownCase
from bot.ports import Store, Unit

MORNING = time(7)
"""London; nobody's phone rings at midnight for a routine notice."""


@dataclass(frozen=True, slots=True)
class Regular:
    """Puts the routine notices into the outbox, each once."""

    schools: Mapping[str, School]
    store: Store

    def run(self) -> None:
        """Enqueue today's checkpoint, and the month's openings, for each school that has not had them."""
        for school in self.schools.values():
            with self.store.reading() as unit:
                wanted = _day(unit) != unit.memo(f"checkpoint:{school.id}")
            if wanted:
                with self.store.writing() as unit:
                    _checkpoint(unit, school)
                    _monthly(unit, school)


def _checkpoint(unit: Unit, school: School) -> None:
    """SAFETY 21: a hash leaves the machine daily, to the head and the chair."""
    day = _day(unit)
    if unit.memo(f"checkpoint:{school.id}") == day:
        return
    end = unit.checkpoint()
    for person in openings.ids(school, "head", "chair"):
        key = f"{school.id}:checkpoint:{day}:{person}"
        detail = f"{end.seq} {end.mac}"
        unit.enqueue(Notice(key, NoticeKind.CHECKPOINT, school.id, person, unit.now, detail=detail))
    unit.put_memo(f"checkpoint:{school.id}", day)
    unit.record(AuditKind.CHECKPOINT, STAFFROOM, school.id, "", f"{end.seq} {end.mac}")


def _monthly(unit: Unit, school: School) -> None:
    first = date.fromisoformat(_day(unit)).replace(day=1)
    memo = f"monthly:{school.id}"
    since = unit.memo(memo) or first.isoformat()
    unit.put_memo(memo, first.isoformat())
    if since >= first.isoformat():
        return
    span = (moment(date.fromisoformat(since), time()), moment(first, time()))
    told: dict[str, list[Opening]] = {person: [] for person in openings.ids(school, "head")}
    for opening in openings.in_rows(unit.audit_rows(school.id, span[0]), span[1]):
        for person in _told_of(unit, school, opening):
            told.setdefault(person, []).append(opening)
    for person, lines in told.items():
        key = f"{school.id}:monthly:{first.isoformat()}:{person}"
        detail = write_openings(lines)
        unit.enqueue(Notice(key, NoticeKind.MONTHLY, school.id, person, unit.now, detail=detail))


def _told_of(unit: Unit, school: School, opening: Opening) -> tuple[str, ...]:
    try:
        excluded = unit.access(opening.case).excluded
    except UnknownCase:
        return ()
    return openings.told_of(school, opening.person, excluded)


def _day(unit: Unit) -> str:
    """The day in London, which begins at `MORNING`."""
    return (local(unit.now) - timedelta(hours=MORNING.hour)).date().isoformat()
