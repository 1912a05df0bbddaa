"""The use case of looking at the audit log: who did what when, for the head, without a word of any case."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import takewhile

from bot.domain import openings
from bot.domain.audit import AuditKind, AuditRow
from bot.domain.notice_details import Opening
from bot.domain.schools import School
from bot.errors import NotAllowed, UnknownCase, UnknownSchool
from bot.ports import Store, Unit

AT_ONCE = 100
MOST = 20_000
"""So many rows of one month can be paged through, the last ones."""
HEAD_ONLY = "Only the head sees the audit log."


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
    """How many pages there are, 1 at least."""


@dataclass(frozen=True)
class Overseeing:
    """
    Shows the log of a school to its head; each look is in the log too (SAFETY 21).

    Rows about a case that a head is kept out of are not shown to that head, nor counted (SAFETY 15); and as a
    detail may say how many cases somebody else can list, no detail is shown at all.
    """

    schools: Mapping[str, School]
    store: Store

    def rows(self, school: str, person: str, sought: Sought) -> Rows:
        """The rows that are *sought*, `AT_ONCE` of them; raises `NotAllowed` for anybody but a head."""
        self._record(school, person, "audit log")
        since, until = openings.month(sought.month)
        with self.store.reading() as unit:
            theirs = _Theirs(unit, person)
            found = deque(
                (
                    row
                    for row in takewhile(lambda row: row.at < until, unit.audit_rows(school, since))
                    if _fits(row, sought) and theirs.may_know(row.case)
                ),
                MOST,
            )
        last = max(1, -(-len(found) // AT_ONCE))
        page = min(max(sought.page, 1), last)
        newest = tuple(reversed(found))
        return Rows(newest[(page - 1) * AT_ONCE : page * AT_ONCE], page, last)

    def openings(self, school: str, person: str, month: date) -> tuple[Opening, ...]:
        """Who opened what in the month of *month*, and why (SAFETY 22); raises as `rows`."""
        self._record(school, person, "who opened what")
        since, until = openings.month(month)
        with self.store.reading() as unit:
            theirs = _Theirs(unit, person)
            found = openings.in_rows(unit.audit_rows(school, since), until)
            return tuple(each for each in found if theirs.may_know(each.case))

    def checked(self, school: str, person: str, said: str) -> None:
        """Record that the log is checked for faults, and what was *said*; raises as `rows`."""
        self._record(school, person, f"verify: {said}")

    def _record(self, school: str, person: str, doing: str) -> None:
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        allowed = person in {each.id for each in self.schools[school].holders("head")}
        with self.store.writing() as unit:
            unit.record(AuditKind.LISTED if allowed else AuditKind.REFUSED, person, school, detail=doing)
        if not allowed:
            raise NotAllowed(f"{school}: not its head", HEAD_ONLY)


@dataclass(frozen=True, slots=True)
class _Theirs:
    """Which cases *person* may know of; each is asked about once."""

    unit: Unit
    person: str
    known: dict[str, bool] = field(default_factory=dict)

    def may_know(self, case: str) -> bool:
        if case and case not in self.known:
            self.known[case] = self._may_know(case)
        return not case or self.known[case]

    def _may_know(self, case: str) -> bool:
        try:
            return self.person not in self.unit.access(case).excluded
        except UnknownCase:
            return False


def _fits(row: AuditRow, sought: Sought) -> bool:
    return sought.actor in ("", row.actor) and sought.kind in (None, row.kind)
