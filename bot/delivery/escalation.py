"""The two clocks: what nobody opens, or nobody acts on, comes to somebody else (SAFETY 18)."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import clock, routing
from bot.domain.cases import Access, Event, EventKind, Head
from bot.domain.moves import LIVE, STAFFROOM, access_after
from bot.domain.notice_details import write_codes
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.schools import School
from bot.ports import Store, Unit

AT_ONCE = 200
"""Cases looked at in one round, and notices sent in one; the rest come in the next."""
SCHOOL_MISSING = timedelta(hours=1)
NOT_OPENED, NOT_REACHED, NO_ACTION = "not opened", "not reached", "no action recorded"
"""The "why" in the body of an `EventKind.ESCALATED`; its "to" are persons told for the first time."""

_IN_SCHOOL = ("dsl", "deputy_dsl", "head", "chair", "trust_lead")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Escalation:
    """Looks at the cases whose clock has come."""

    schools: Mapping[str, School]
    store: Store

    def run(self) -> int:
        """
        Act on every case whose clock has come, each in a unit of its own; return how many there were.

        Raises:
            StoreBusy, StoreFailed: those before it are done, the others come in the next round.
        """
        with self.store.reading() as unit:
            due = unit.clocks_due(AT_ONCE)
        for head in due:
            with self.store.writing() as unit:
                self._look(unit, head.case)
        return len(due)

    def not_reached(self, unit: Unit, case: str, person: str) -> bool:
        """
        Tell the next person of *case* as well, because no way of reaching *person* works; once for each.

        Returns whether anything was done: nothing is for a case on which somebody has acted.
        """
        head, school = unit.head(case), self.schools.get(unit.head(case).school)
        done = head.status not in LIVE or head.first_action_at is not None
        if school is None or done or _knows(unit.events(case), person):
            return False
        told = self._next(unit, school, head)
        self._tell(unit, school, head, told, {"why": NOT_REACHED, "unreached": person})
        return True

    def _look(self, unit: Unit, case: str) -> None:
        head = unit.head(case)
        if head.clock_at is None or head.clock_at > unit.now:
            return
        school = self.schools.get(head.school)
        if school is None:
            _log.error("clock.school_missing case=%s", case)
            unit.put_head(replace(head, clock_at=unit.now + SCHOOL_MISSING))
            return
        due = clock.next_clock(school, head)
        if due is None or due > unit.now:
            # Somebody acted, and the clock was not told.
            unit.put_head(replace(head, clock_at=due))
        elif head.opened_at is None:
            self._not_opened(unit, school, head)
        else:
            self._no_action(unit, school, head)

    def _not_opened(self, unit: Unit, school: School, head: Head) -> None:
        told = self._next(unit, school, head)
        body: dict[str, Any] = {"why": NOT_OPENED, "step": head.escalations + 1}
        if not told:
            body["reminded"] = list(unit.access(head.case).full)
        access = self._tell(unit, school, head, told, body)
        left = bool(routing.next_to_tell(access, ()))
        stepped = replace(unit.head(head.case), escalations=head.escalations + 1)
        again = clock.after_step(school, stepped, unit.now, left)
        unit.put_head(replace(stepped, clock_at=_later(again, unit.now)))

    def _no_action(self, unit: Unit, school: School, head: Head) -> None:
        """Everybody who has it is reminded: one holder's silence must not be the case's."""
        access = unit.access(head.case)
        body = {"why": NO_ACTION, "to": [], "reminded": list(access.full)}
        event = unit.append(head.case, EventKind.ESCALATED, STAFFROOM, body)
        _enqueue(unit, head, event, NoticeKind.NO_ACTION_YET, access.full)
        now = unit.head(head.case)
        again = clock.after_step(school, now, unit.now, bool(routing.next_to_tell(access, ())))
        unit.put_head(replace(now, clock_at=_later(again, unit.now)))

    def _next(self, unit: Unit, school: School, head: Head) -> tuple[str, ...]:
        """The next along the chain, and who covers today; none of them has been told yet."""
        access = unit.access(head.case)
        first = routing.next_to_tell(access, ())
        stand_ins = routing.cover(school, head.about_adult, access.excluded, unit.now)
        new = (each for each in (first, *stand_ins) if each and each not in {*access.full, *access.excluded})
        return tuple(dict.fromkeys(new))

    def _tell(
        self, unit: Unit, school: School, head: Head, told: tuple[str, ...], body: Mapping[str, Any]
    ) -> Access:
        """Open the case to *told*, record it, and put the notices of this step into the outbox."""
        event = unit.append(head.case, EventKind.ESCALATED, STAFFROOM, {**body, "to": list(told)})
        access = access_after(unit.access(head.case), event)
        unit.put_access(head.case, access)
        _enqueue(unit, head, event, NoticeKind.ESCALATION, told)
        _enqueue(unit, head, event, NoticeKind.REMINDER, body.get("reminded", ()))
        if head.opened_at is None:
            self._tell_reporter(unit, school, head, event)
        return access

    def _tell_reporter(self, unit: Unit, school: School, head: Head, event: Event) -> None:
        handle = reporter_handle(unit.events(head.case))
        if not handle:
            return
        roles = write_codes(safe_roles(school, unit.access(head.case)))
        to = f"{REPORTER_PREFIX}{handle}"
        key = f"{head.case}:{event.seq}:{to}"
        unit.enqueue(
            Notice(key, NoticeKind.NOT_OPENED, head.school, to, unit.now, head.case, head.urgent, roles)
        )


def reporter_handle(events: Iterable[Event]) -> str:
    """Return the handle under which the reporter filed, from the first event; "" when it gives none."""
    filed: Mapping[str, Any] = next((each.body for each in events if each.kind is EventKind.FILED), {})
    return str(filed.get("reporter", {}).get("handle", ""))


def safe_roles(school: School, access: Access) -> tuple[str, ...]:
    """Return whom in school a reporter may be told to ring: roles none of whose holders is kept out."""
    told, out = {*access.full, *access.chain}, set(access.excluded)
    held = {role: {person.id for person in school.holders(role)} for role in _IN_SCHOOL}
    safe = [role for role, people in held.items() if people & told and not people & out]
    return (*safe, *access.outside)


def _enqueue(unit: Unit, head: Head, event: Event, kind: NoticeKind, people: Iterable[str]) -> None:
    for person in people:
        # The event's number makes the key the step's own: a clock that starts again never repeats one.
        key = f"{head.case}:{event.seq}:{person}"
        unit.enqueue(Notice(key, kind, head.school, person, unit.now, head.case, head.urgent))


def _knows(events: Iterable[Event], person: str) -> bool:
    told = [each for each in events if each.kind is EventKind.ESCALATED]
    return any(each.body.get("unreached") == person for each in told)


def _later(at: datetime | None, now: datetime) -> datetime | None:
    """*at*, but never a moment that has come already: a clock that stands still would turn without end."""
    return max(at, now + timedelta(minutes=1)) if at else None
