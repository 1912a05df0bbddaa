"""Going into a case: who may, what is written there, and the record of those who may not."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Self

from bot.casework import words
from bot.domain import folding, moves
from bot.domain.audit import AuditKind
from bot.domain.cases import Access, Event, EventKind, Head, Status
from bot.domain.clock import next_clock
from bot.domain.notices import Notice, NoticeKind
from bot.domain.retention import Schedule
from bot.domain.schools import School
from bot.domain.views import CaseView
from bot.errors import (
    CaseDeleted,
    EvidenceLocked,
    FormError,
    IllegalMove,
    NotAllowed,
    SentAlready,
    StaleCase,
    UnknownCase,
    UnknownSchool,
)
from bot.ports import Store, Unit, Vault


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody signed in at one school; the same id at two schools is two persons."""

    school: str
    person: str


@dataclass(frozen=True, slots=True)
class Entered:
    """A case that somebody is in, within one unit of work."""

    unit: Unit
    vault: Vault
    school: School
    actor: str
    case: str

    @property
    def head(self) -> Head:
        """Where the case stands now."""
        return self.unit.head(self.case)

    @property
    def access(self) -> Access:
        """Who the case is for now."""
        return self.unit.access(self.case)

    def view(self) -> CaseView:
        """Everything about the case as it is now."""
        locked = self.vault.locked(self.case)
        return folding.fold(self.head, self.access, self.unit.events(self.case), locked)

    def happen(self, kind: EventKind, body: Mapping[str, Any], seen: int | None = None) -> Event:
        """
        Add an event and everything that it changes.

        Raises:
            StaleCase: somebody else did something since the version *seen*; says what, who and when. Or
                there is no such version yet.
            IllegalMove: the case does not stand where that can happen; says who put it there and when. Or
                *seen* is given by somebody who has not opened the case (SAFETY 18).
        """
        head = self.head
        self.check(kind, seen)
        event = self.unit.append(self.case, kind, self.actor, body)
        after = moves.after(head, event)
        clock = next_clock(self.school, after)
        if clock == next_clock(self.school, head):
            # Nothing that the clock waits for has changed: what it has put off stays put off.
            clock = head.clock_at
        self.unit.put_head(replace(after, clock_at=clock))
        access = self.access
        changed = moves.access_after(access, event)
        if changed != access:
            self.unit.put_access(self.case, changed)
        return event

    def check(self, kind: EventKind, seen: int | None = None) -> None:
        """Raise as `happen` would."""
        head, events = self.head, self.unit.events(self.case)
        if not moves.allows(head, kind):
            cause = moves.settled_by(head, kind, events)
            raise IllegalMove(f"{self.case}: {kind.name}", words.cannot(self.school, head, kind, cause))
        if seen is not None:
            self._check_seen(events, seen)

    def _check_seen(self, events: tuple[Event, ...], seen: int) -> None:
        """SAFETY 18: *seen* is a version that the actor saw inside the case, and nobody changed it since."""
        if seen > self.head.version:
            raise StaleCase(self.case, words.NOT_SEEN)
        others = tuple(event for event in events[max(seen, 0) :] if event.actor != self.actor)
        if others:
            raise StaleCase(self.case, words.since(self.school, others))
        if not self.has_opened(events):
            raise IllegalMove(f"{self.case}: not opened", words.NOT_OPENED)

    def has_opened(self, events: tuple[Event, ...] | None = None) -> bool:
        """Whether the actor has opened the case; to have looked at a file of it alone is not enough."""
        events = self.unit.events(self.case) if events is None else events
        if any(event.kind is EventKind.OPENED and event.actor == self.actor for event in events):
            return True
        files = {f"evidence {each.body['id']}" for each in events if each.kind is EventKind.EVIDENCE_STORED}
        return any(
            row.kind is AuditKind.VIEWED
            and row.actor == self.actor
            and row.detail.partition(": ")[0] not in files
            for row in self.unit.case_rows(self.case)
        )

    def notify(self, kind: NoticeKind, to: str, event: Event) -> None:
        """Tell *to*, without content, that there is something to look at (SAFETY 25)."""
        key = f"{self.case}:{event.case}:{event.seq}:{kind.value}:{to}"
        urgent = self.head.urgent
        self.unit.enqueue(Notice(key, kind, self.school.id, to, self.unit.now, self.case, urgent))


@dataclass(frozen=True)
class Room:
    """Where cases are worked on: the schools, the store, the evidence, and how long records are kept."""

    schools: Mapping[str, School]
    store: Store
    vault: Vault
    schedule: Schedule
    sending: tuple[str, timedelta] | None = None

    def once(self, key: str, span: timedelta) -> Self:
        """
        This, for one sending of a channel: what is done with it is done once under *key* for *span*.

        The key is stored in the same unit as what is done (SAFETY 20): either both are, or neither is. Done
        again, it raises `SentAlready`.
        """
        return replace(self, sending=(key, span))

    def _school(self, school: str) -> School:
        """The school with that id; raises `UnknownSchool`."""
        if school not in self.schools:
            raise UnknownSchool("There is no school of that name here.")
        return self.schools[school]

    @contextmanager
    def _signed_in(self, who: Member, doing: str) -> Iterator[Unit]:
        """A writing unit for one of the school's people; raises `NotAllowed` for anybody else."""
        school = self._school(who.school)
        with self._refusals(who.school, who.person, "", doing), self.store.writing() as unit:
            if not is_of(school, who.person):
                raise NotAllowed(f"{who.school}: not one of its people")
            yield unit

    @contextmanager
    def _entered(self, who: Member, case: str, doing: str) -> Iterator[Entered]:
        """
        *case* for *who*, in a writing unit that ends with the block; a refusal is in the audit log.

        Raises:
            UnknownCase: there is none, or it is not theirs; both look alike (SAFETY 15).
            CaseDeleted: it was theirs, and was deleted under a certificate.
            SentAlready: see `once`.
        """
        school = self._school(who.school)
        with self._refusals(who.school, who.person, case, doing), self.store.writing() as unit:
            self._claim(unit)
            if not is_of(school, who.person) or not may_open(unit, who, case):
                raise UnknownCase("refused")
            if unit.head(case).status is Status.DELETED:
                raise CaseDeleted(case)
            yield Entered(unit, self.vault, school, who.person, case)

    def _claim(self, unit: Unit) -> None:
        if self.sending is None:
            return
        key, span = self.sending
        if unit.held(key):
            raise SentAlready("sent already")
        unit.hold(key, "done", unit.now + span)

    @contextmanager
    def _refusals(self, school: str, actor: str, case: str, doing: str) -> Iterator[None]:
        """Record in a unit of its own that something was refused: the refused unit keeps nothing."""
        try:
            yield
        except UnknownCase:
            self._record(school, actor, case, doing)
            # The same error for a case that is not there and for one that is not theirs.
            raise UnknownCase("refused") from None
        except (NotAllowed, EvidenceLocked, CaseDeleted):
            self._record(school, actor, case, doing)
            raise

    def _record(self, school: str, actor: str, case: str, doing: str) -> None:
        with self.store.writing() as unit:
            at = _school_of(unit, case)
            if at in ("", school):
                unit.record(AuditKind.REFUSED, actor, school, case if at else "", doing)
            else:
                unit.record(AuditKind.REFUSED, f"{school}/{actor}", at, case, doing)


def may_open(unit: Unit, who: Member, case: str) -> bool:
    """Whether *who* may open *case*; False too when there is none (SAFETY 15)."""
    if _school_of(unit, case) != who.school:
        return False
    access = unit.access(case)
    return who.person in access.full and who.person not in access.excluded


def carried_on(room: Entered) -> Entered:
    """The case in which *room* is carried on since it was merged; itself when it was not."""
    *_, last = each_carried_on(room)
    return last


def each_carried_on(room: Entered) -> Iterator[Entered]:
    """*room*, then each case in which it was carried on since it was merged, in order."""
    yield room
    while room.head.status is Status.MERGED:
        room = _beside(room, room.view().merged_into)
        yield room


def with_merged(room: Entered) -> list[Entered]:
    """The case and all that were merged into it, and into those, the case itself first."""
    found = [room]
    for other in room.view().merged_from:
        found += with_merged(_beside(room, other))
    return found


def is_of(school: School, person: str) -> bool:
    """Whether *person* is the id of one of the school's people."""
    return any(each.id == person for each in school.people)


def needed(**said: str) -> dict[str, str]:
    """Return what was *said* without spaces around it; raises `FormError` for what was left blank."""
    stripped = {name: text.strip() for name, text in said.items()}
    blank = {name: "This cannot be left blank." for name, text in stripped.items() if not text}
    if blank:
        raise FormError(blank)
    return stripped


def _school_of(unit: Unit, case: str) -> str:
    try:
        return unit.head(case).school if case else ""
    except UnknownCase:
        return ""


def _beside(room: Entered, other: str) -> Entered:
    return replace(room, case=other)
