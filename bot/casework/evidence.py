"""Evidence: looking at derivatives, fetching an original, locking what may be an indecent image."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.casework import words
from bot.casework.looking import given
from bot.casework.room import Entered, Member, Room, needed
from bot.domain.audit import AuditKind
from bot.domain.cases import Event, EventKind
from bot.domain.evidence import Derivative, EvidenceItem
from bot.domain.views import LockAdvice
from bot.errors import EvidenceLocked, IllegalMove
from bot.ports import CaseKey

_MAGIC = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Original:
    """A file as it was received; *content* can be read once."""

    item: EvidenceItem
    content: Iterator[bytes] = field(repr=False)


@dataclass(frozen=True)
class Evidence(Room):
    """What holders do with evidence; raises as `Moving` does, and `EvidenceLocked` for a locked item."""

    def derivatives(self, who: Member, case: str, item: str, reason: str = "") -> tuple[Derivative, ...]:
        """
        Return what people look at instead of the original; the look is in the audit log.

        A case that asks for a *reason* when it is opened asks for it here too (SAFETY 22): `NeedsReason`.
        """
        key, names = self._looked(who, case, item, reason)
        return tuple(self._derivative(key, name) for name in names)

    def derivative(self, who: Member, case: str, item: str, number: int, reason: str = "") -> Derivative:
        """Return one of `derivatives`, counted from 1, without reading the others; the look is logged too."""
        key, names = self._looked(who, case, item, reason)
        if not 1 <= number <= len(names):
            raise IllegalMove(f"{case}: {item}: {number} of {len(names)}", "There is no such picture.")
        return self._derivative(key, names[number - 1])

    def _looked(self, who: Member, case: str, item: str, reason: str) -> tuple[CaseKey, tuple[str, ...]]:
        with self._entered(who, case, "look at evidence") as room:
            why = given(room, reason)
            found = unlocked(room, item)
            detail = f"evidence {item}: {why}" if why else f"evidence {item}"
            room.unit.record(AuditKind.VIEWED, who.person, who.school, case, detail)
            return room.unit.key(case), tuple(found.derivatives)

    def _derivative(self, key: CaseKey, name: str) -> Derivative:
        content = b"".join(self.vault.read(key, name))
        kinds = (kind for magic, kind in _MAGIC.items() if content.startswith(magic))
        return Derivative(name, next(kinds, "text/plain"), content)

    def download_original(self, who: Member, case: str, item: str, reason: str) -> Original:
        """Return the file as received, byte for byte; *reason* goes into the audit log (SAFETY 23)."""
        why = " ".join(needed(reason=reason)["reason"].split())
        with self._entered(who, case, "download evidence") as room:
            found = unlocked(room, item)
            detail = f"evidence {item}: {why}"
            room.unit.record(AuditKind.DOWNLOADED, who.person, who.school, case, detail)
            key = room.unit.key(case)
        return Original(found, self.vault.read(key, item))

    def lock(self, who: Member, case: str, item: str) -> None:
        """SAFETY 4, "this may be an indecent image": shut *item* for good, in one press; again, nothing."""
        with self._entered(who, case, "lock evidence") as room:
            shut(room, item)

    def record_lock_advice(self, who: Member, case: str, advice: LockAdvice) -> Event:
        """Record who advised keeping, handing over or deleting a locked item, and when (SAFETY 4)."""
        body = needed(adviser=advice.adviser) | {
            "item": advice.item,
            "advice": advice.advice.value,
            "given_at": advice.given_at.isoformat(),
        }
        with self._entered(who, case, "advice on locked evidence") as room:
            if not item_of(room, advice.item).locked:
                raise IllegalMove(f"{case}: {advice.item}", "This file is not locked.")
            return room.happen(EventKind.LOCK_ADVICE, body)


def item_of(room: Entered, item: str) -> EvidenceItem:
    """Return the evidence *item* of a case; raises `IllegalMove` when it has none of that id."""
    found = room.view().item(item)
    if found is None:
        raise IllegalMove(f"{room.case}: no such evidence", words.NO_FILE)
    return found


def unlocked(room: Entered, item: str) -> EvidenceItem:
    """Return the evidence *item*; raises `EvidenceLocked` for a locked one."""
    found = item_of(room, item)
    if found.locked:
        raise EvidenceLocked(f"{room.case}: {item}")
    return found


def shut(room: Entered, item: str) -> None:
    """Lock *item*: the list of locks first, so that nothing which fails after it leaves the file open."""
    found = item_of(room, item)
    events = room.unit.events(room.case)
    if any(event.kind is EventKind.EVIDENCE_LOCKED and event.body["item"] == item for event in events):
        return
    room.check(EventKind.EVIDENCE_LOCKED)
    room.vault.lock(room.case, item, found.derivatives)
    room.happen(EventKind.EVIDENCE_LOCKED, {"item": item})
