"""The end of a case: closing, reopening, how long it is kept, and its deletion under a certificate."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.casework.room import Entered, Member, Room, needed, with_merged
from bot.domain import closing as closings
from bot.domain import retention
from bot.domain.audit import AuditKind
from bot.domain.cases import Event, EventKind, Head, Status, Wanted
from bot.domain.certificates import Certificate, certify
from bot.domain.closing import Closing, Retention
from bot.domain.schooldays import local
from bot.domain.views import Advice, CaseView
from bot.errors import IllegalMove
from bot.ports import Unit

_PAGE = 200
_NOT_OVER = "Its time is not over, or a legal hold keeps it."
_LOCKED = "It has a locked file: first record who advised deleting it, and when."
_HELD = "A legal hold is set already."
_NOT_HELD = "There is no legal hold to lift."


@dataclass(frozen=True, slots=True)
class Due:
    """A case whose time is over, for a person to decide on."""

    head: Head
    type: str
    until: date


@dataclass(frozen=True)
class Ending(Room):
    """What ends a case; raises as `Moving` does."""

    def close(self, who: Member, case: str, closing: Closing, seen: int) -> Event:
        """Close *case*; raises `FormError` unless *closing* says all that SAFETY 27 and 28 ask."""
        with self._entered(who, case, "close") as room:
            body = closings.body(closing, room.head, self.schedule, _today(room.unit))
            return room.happen(EventKind.CLOSED, body, seen)

    def reopen(self, who: Member, case: str, reason: str) -> Event:
        """Open a closed *case* again; the clock to the next action starts anew."""
        body = needed(reason=reason)
        with self._entered(who, case, "reopen") as room:
            return room.happen(EventKind.REOPENED, body)

    def set_retention(self, who: Member, case: str, kept: Retention, seen: int) -> Event:
        """Decide anew how long a closed *case* is kept (SAFETY 28)."""
        with self._entered(who, case, "set retention") as room:
            body = closings.retention_body(kept, self.schedule, _today(room.unit))
            return room.happen(EventKind.CATEGORISED, body, seen)

    def hold(self, who: Member, case: str, reason: str) -> Event:
        """Set a legal hold, which stops any deletion (SAFETY 28)."""
        body = needed(reason=reason)
        with self._entered(who, case, "legal hold") as room:
            if room.view().held:
                raise IllegalMove(f"{case}: held", _HELD)
            return room.happen(EventKind.HELD, body)

    def release(self, who: Member, case: str, reason: str) -> Event:
        """Lift the legal hold."""
        body = needed(reason=reason)
        with self._entered(who, case, "lift legal hold") as room:
            if not room.view().held:
                raise IllegalMove(f"{case}: not held", _NOT_HELD)
            return room.happen(EventKind.RELEASED, body)

    def due_for_deletion(self, who: Member) -> tuple[Due, ...]:
        """
        Return the closed cases of *who* whose time is over.

        SAFETY 28: none under a legal hold, and none in which child sexual abuse is or may be alleged, here
        or in a case that was merged into it.
        """
        with self._signed_in(who, "list what is due for deletion") as unit:
            due = tuple(self._due(unit, who))
            unit.record(AuditKind.LISTED, who.person, who.school, detail=f"{len(due)} due for deletion")
            return due

    def confirm_deletion(self, who: Member, case: str, reason: str) -> tuple[Certificate, ...]:
        """
        Delete the content of *case*, and of what was merged into it, and return the certificates.

        What is left: that it was there, the hashes of its events and files, and the certificate, which the
        audit log keeps. Only for a person to do, never the clock (SAFETY 28).

        Raises:
            IllegalMove: its time is not over, a hold keeps it, or a locked file without advice to delete it.
        """
        why = needed(reason=reason)["reason"]
        with self._entered(who, case, "delete") as room:
            room.check(EventKind.DELETED)
            rooms = with_merged(room)
            _may_go(rooms, _today(room.unit))
            certificates = tuple(_delete(each, why) for each in rooms)
        for each in certificates:
            self.vault.remove(each.case)
        return certificates

    def _due(self, unit: Unit, who: Member) -> Iterator[Due]:
        today = _today(unit)
        for head in _closed(unit, who):
            room = Entered(unit, self.vault, self._school(who.school), who.person, head.case)
            views = [each.view() for each in with_merged(room)]
            kept = views[0].kept
            stopped = any(view.held or view.sexual_abuse for view in views)
            if not stopped and kept and kept.until and retention.may_list(views[0], self.schedule, today):
                yield Due(head, kept.type, kept.until)


def _closed(unit: Unit, who: Member) -> Iterator[Head]:
    wanted = Wanted(statuses=(Status.CLOSED,), limit=_PAGE)
    while page := unit.heads(who.school, who.person, wanted):
        yield from page
        wanted = replace(wanted, offset=wanted.offset + _PAGE)


def _may_go(rooms: list[Entered], today: date) -> None:
    views = [each.view() for each in rooms]
    if not retention.is_over(views[0], today) or any(view.held for view in views):
        raise IllegalMove(f"{rooms[0].case}: not over", _NOT_OVER)
    if any(_kept_locked(view) for view in views):
        raise IllegalMove(f"{rooms[0].case}: locked", _LOCKED)


def _kept_locked(view: CaseView) -> bool:
    """Whether *view* has a locked file about which the last advice is not to delete it (SAFETY 4)."""
    last = {each.item: each.advice for each in view.lock_advice}
    return any(item.locked and last.get(item.id) is not Advice.DELETE for item in view.evidence)


def _delete(room: Entered, reason: str) -> Certificate:
    certificate = certify(room.view(), room.unit.now, room.actor, reason)
    said = certificate.as_json()
    room.happen(EventKind.DELETED, said)
    room.unit.record(AuditKind.DELETED, room.actor, room.school.id, room.case, json.dumps(said))
    room.unit.delete_content(room.case)
    return certificate


def _today(unit: Unit) -> date:
    return local(unit.now).date()
