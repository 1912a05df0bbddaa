"""The use case of looking at the audit log: who did what when, for the head, without a word of any case."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import islice

from bot.domain import openings
from bot.domain.audit import AuditKind, AuditRow
from bot.domain.moves import STAFFROOM
from bot.domain.notice_details import Opening
from bot.domain.schools import School
from bot.errors import NotAllowed, UnknownCase, UnknownSchool
from bot.ports import Store, Unit

AT_ONCE = 100
MOST = 20_000
"""So many rows of one month can be paged through, the last ones."""
HEAD_ONLY = "Only the head sees the audit log."
OWN = frozenset(
    {
        AuditKind.VIEWED,
        AuditKind.PEOPLE_SEEN,
        AuditKind.LISTED,
        AuditKind.SEARCHED,
        AuditKind.DOWNLOADED,
        AuditKind.EXPORTED,
        AuditKind.REFUSED,
        AuditKind.ENTERED,
        AuditKind.LINKED,
    }
)
"""What somebody does; beside a case, a head sees of it only what is their own."""
NOTICES = frozenset({AuditKind.NOTICE_SENT, AuditKind.NOTICE_FAILED})
"""Beside a case: somebody was asked to ring a sender (SAFETY 8), or told of openings; no head sees which."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which rows of one month are wanted; "" and None mean any."""

    month: date
    actor: str = ""
    kind: AuditKind | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Rows:
    """One page of the log, newest first."""

    rows: tuple[AuditRow, ...]
    page: int
    last: int
    """The last page that is known of: this one, or the next."""


@dataclass(frozen=True)
class Overseeing:
    """
    Shows the log of a school to its head; each look is in the log too (SAFETY 21).

    Rows about a case that a head is kept out of are not shown to that head, nor counted (SAFETY 15); and as a
    detail may say how many cases somebody else can list, no detail is shown at all. Nor is it shown, whether
    or not anything is kept from a head, that others list, search or are told something beside a case: when
    the chair is at work would say that there is a case. That goes to whoever is told in the head's place.
    """

    schools: Mapping[str, School]
    store: Store

    def rows(self, school: str, person: str, sought: Sought) -> Rows:
        """The rows that are *sought* and theirs to see, `AT_ONCE` of them; raises as `openings`."""
        self._record(school, person, "audit log", in_place_of_head=True)
        since, until = openings.month(sought.month)
        with self.store.reading() as unit:
            theirs = _Theirs(unit, self.schools[school], person)
            rows = unit.newest_rows(school, since, until)
            seen = (row for row in rows if _fits(row, sought) and theirs.sees(row))
            # No more is read than the pages up to this one, and whether there is another.
            newest = tuple(islice(seen, min(max(sought.page, 1) * AT_ONCE + 1, MOST)))
        last = max(1, -(-len(newest) // AT_ONCE))
        page = min(max(sought.page, 1), last)
        return Rows(newest[(page - 1) * AT_ONCE : page * AT_ONCE], page, last)

    def openings(self, school: str, person: str, month: date) -> tuple[Opening, ...]:
        """
        Who opened what in the month of *month*, and why (SAFETY 22).

        A head sees all but cases that they are kept out of. Whoever is told in a head's place, mostly the
        safeguarding governor, sees what they would be told: what a head opened, and cases kept from a head.
        `NotAllowed` for anybody else.
        """
        self._record(school, person, "who opened what", in_place_of_head=True)
        since, until = openings.month(month)
        with self.store.reading() as unit:
            theirs = _Theirs(unit, self.schools[school], person)
            found = openings.in_rows(unit.audit_rows(school, since), until)
            return tuple(each for each in found if theirs.hears(each.case, each.person))

    def checked(self, school: str, person: str, said: str) -> None:
        """Record that the log is checked for faults, and what was *said*; `NotAllowed` for all but a head."""
        self._record(school, person, f"verify: {said}")

    def _record(self, school: str, person: str, doing: str, in_place_of_head: bool = False) -> None:
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        here = self.schools[school]
        heads = openings.ids(here, "head")
        allowed = openings.may_be_told(here, person) if in_place_of_head else person in heads
        with self.store.writing() as unit:
            unit.record(AuditKind.LISTED if allowed else AuditKind.REFUSED, person, school, detail=doing)
        if not allowed:
            raise NotAllowed(f"{school}: not its head", HEAD_ONLY)


@dataclass(frozen=True, slots=True)
class _Theirs:
    """What of the log *person* may know; about each case it is asked once."""

    unit: Unit
    school: School
    person: str
    known: dict[str, bool] = field(default_factory=dict)

    def sees(self, row: AuditRow) -> bool:
        """Whether *row* is theirs to see."""
        heads = openings.ids(self.school, "head")
        if row.case:
            # Others have what they are to hear of cases from `Overseeing.openings`.
            return self.person in heads and self.may_know(row.case)
        others = row.kind in OWN and row.actor not in (self.person, STAFFROOM)
        beside = others or row.kind in NOTICES
        if self.person in heads:
            return not beside
        return beside and self.person in openings.told_of(self.school, row.actor, heads)

    def hears(self, case: str, actor: str) -> bool:
        """Whether they hear of what *actor* did to *case*."""
        if not self.may_know(case):
            return False
        if self.person in openings.ids(self.school, "head"):
            return True
        return self.person in openings.told_of(self.school, actor, self.unit.access(case).excluded)

    def may_know(self, case: str) -> bool:
        """Whether they are not kept out of *case*."""
        if case not in self.known:
            self.known[case] = self._may_know(case)
        return self.known[case]

    def _may_know(self, case: str) -> bool:
        try:
            return self.person not in self.unit.access(case).excluded
        except UnknownCase:
            return False


def _fits(row: AuditRow, sought: Sought) -> bool:
    return sought.actor in ("", row.actor) and sought.kind in (None, row.kind)
