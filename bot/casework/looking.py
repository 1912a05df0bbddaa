"""Looking: lists, searches and opening a case."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from bot.casework import words
from bot.casework.room import Entered, Member, Room, may_open, needed
from bot.domain import folding
from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, Head, PartyRole, Status, Wanted
from bot.domain.views import CaseView
from bot.errors import NeedsReason

EVERYTHING = Wanted()
"""Every case that is not over."""

MOST_SORTED = 1000
"""So many cases are put in order by what is to be done next; a school has far fewer open."""
LONGEST_REASON = 200


@dataclass(frozen=True)
class Looking(Room):
    """What shows a person cases; only ever those that they may open."""

    def list_cases(self, who: Member, wanted: Wanted = EVERYTHING) -> tuple[Head, ...]:
        """Return the cases that *who* may open; raises `NotAllowed` for one who is not of the school."""
        with self._signed_in(who, "list") as unit:
            found = unit.heads(who.school, who.person, wanted)
            unit.record(AuditKind.LISTED, who.person, who.school, detail=f"{len(found)} listed")
            return found

    def list_by_due(self, who: Member, wanted: Wanted = EVERYTHING) -> tuple[Head, ...]:
        """Return the same cases with the one first whose next action is due soonest, or longest overdue."""
        found = self.list_cases(who, replace(wanted, limit=MOST_SORTED, offset=0))
        due = self.next_due(who, (head.case for head in found))
        found = tuple(sorted(found, key=lambda head: due.get(head.case, date.max)))
        return found[wanted.offset : wanted.offset + wanted.limit]

    def count_cases(self, who: Member, wanted: Wanted = EVERYTHING) -> int:
        """Return how many cases `list_cases` has without its limit; raises `NotAllowed` as it does."""
        with self._signed_in(who, "count") as unit:
            count = unit.count(who.school, who.person, wanted)
            unit.record(AuditKind.LISTED, who.person, who.school, detail=f"{count} counted")
            return count

    def next_due(self, who: Member, cases: Iterable[str]) -> dict[str, date]:
        """
        Return for each of *cases* with an action that is not done the day when the first of them is due.

        Of a case that *who* may not open it says nothing. That they were listed is in the log already.
        """
        with self.store.reading() as unit:
            found = {
                case: folding.next_due(unit.events(case, EventKind.ACTION_SET, EventKind.ACTION_DONE))
                for case in cases
                if may_open(unit, who, case)
            }
        return {case: due for case, due in found.items() if due}

    def search(self, who: Member, name: str) -> tuple[Head, ...]:
        """
        Return the cases with somebody of that name or handle which *who* may open.

        The name itself stays out of the audit log.

        Raises:
            NotAllowed: *who* is not of the school.
            FormError: no name.
        """
        sought = needed(name=name)["name"]
        with self._signed_in(who, "search") as unit:
            found = tuple(
                unit.head(case)
                for case in unit.cases_naming(who.school, (sought,))
                if may_open(unit, who, case)
            )
            unit.record(AuditKind.SEARCHED, who.person, who.school, detail=f"{len(found)} found")
            return found

    def open_case(self, who: Member, case: str, reason: str = "") -> CaseView:
        """
        Return everything about *case*; the first time, it is opened, which stops the first clock.

        SAFETY 22: a closed, unassigned or adult case asks for a *reason*, which the audit log keeps;
        `notice_details.REASONS` has some to press.

        Raises:
            UnknownCase: there is none, or it is not theirs.
            NeedsReason: the same call with a reason goes through.
        """
        with self._entered(who, case, "open") as room:
            reason = given(room, reason)
            if room.head.status is Status.RECEIVED:
                room.happen(EventKind.OPENED, {"reason": reason})
            room.unit.record(AuditKind.VIEWED, who.person, who.school, case, reason)
            return _for_reader(room, who)

    def needs_reason(self, who: Member, case: str, reason: str) -> None:
        """Raise as `open_case` would without the look: for what is done to *case* with *reason* given."""
        with self._entered(who, case, "act") as room:
            given(room, reason)


def given(room: Entered, reason: str) -> str:
    """Return *reason* as the log keeps it; raises `NeedsReason` where one is asked for and none given."""
    reason = " ".join(reason.split())[:LONGEST_REASON]
    if not reason and (why := asks_reason(room.head)):
        raise NeedsReason(f"{room.case}: reason", words.ASK_REASON.format(why=why))
    return reason


def asks_reason(head: Head) -> str:
    """Return why opening the case at *head* asks for a reason (SAFETY 22), or "" when it does not."""
    if head.about_adult:
        return "it is about an adult who works or helps here"
    if head.status in (Status.CLOSED, Status.MERGED):
        return "it is closed"
    return "" if head.assigned else "it is assigned to nobody"


def _for_reader(room: Entered, who: Member) -> CaseView:
    view = room.view()
    theirs = tuple(other for other in view.links if may_open(room.unit, who, other))
    return replace(view, links=theirs, earlier=_earlier(room, who, view))


def _earlier(room: Entered, who: Member, view: CaseView) -> tuple[str, ...]:
    """Other cases with one of the people in *view*, but for its reporter, that *who* may know of."""
    people = [party for party in view.parties if party.role is not PartyRole.REPORTER]
    names = {name for party in people for name in (party.name, party.handle) if name}
    found = room.unit.cases_naming(room.school.id, names)
    known = {room.case, *view.merged_from}
    return tuple(other for other in found if other not in known and may_know_of(room, who, other))


def may_know_of(room: Entered, who: Member, other: str) -> bool:
    """Whether *who* may be led to *other* from this case: to an adult's only in the head's place."""
    if not may_open(room.unit, who, other):
        return False
    head = room.unit.head(other)
    if head.status is Status.DELETED:
        return False
    return not head.about_adult or who.person in _leads(room, other)


def _leads(room: Entered, other: str) -> tuple[str, ...]:
    """Whom an adult's earlier case shows to: the head, or whoever holds it first in the head's place."""
    access = room.unit.access(other)
    heads = tuple(person.id for person in room.school.holders("head") if person.id in access.full)
    return heads or access.full[:1]
