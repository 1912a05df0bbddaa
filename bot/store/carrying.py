"""What a restore may not undo: who was kept out since, what was deleted, what is held (SAFETY 15, 28)."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.domain import folding, moves
from bot.domain.audit import AuditKind
from bot.domain.cases import Access, Event, EventKind, Head, Status
from bot.domain.certificates import certify
from bot.domain.notices import Notice, NoticeKind
from bot.errors import BotError
from bot.store.unit import SqliteUnit

NOT_KNOWN = "people kept out after the backup are not known here: check each open case"
REASON = "kept out before the restore"

_LAST_RESORT = ("social_care", "lado")
_DELETED_BEFORE = "deleted before the restore"
# A damaged part of either store must not stop a restore: its cases are named instead.
_UNREADABLE = (BotError, sqlite3.Error, ValueError, KeyError, StopIteration)


@dataclass(frozen=True, slots=True)
class Carried:
    """What was carried over from the store that was there before a restore."""

    excluded: int = 0
    """How many times somebody is kept out of a case again."""
    deleted: tuple[str, ...] = ()
    """The cases deleted again; their files are the caller's to remove once this is kept."""
    held: int = 0
    unread: tuple[str, ...] = ()
    """The cases of which nobody can tell, because one of the two stores is damaged there."""

    @property
    def words(self) -> str:
        """It in words, for the log and for whoever restored."""
        said = f"{self.excluded} kept out again, {len(self.deleted)} deleted again, {self.held} held again"
        said = f"carried over from the store that was here: {said}"
        if self.unread:
            said += f"; who is kept out of these is not known here, check them: {', '.join(self.unread)}"
        return said


@dataclass(frozen=True, slots=True)
class _Was:
    """What the store that was there says of a case."""

    head: Head
    access: Access
    hold: str
    """The reason of the legal hold in force, or ""."""
    certificate: Mapping[str, Any]
    """Of a deleted case; empty where there is none."""

    @property
    def deleted(self) -> bool:
        return self.head.status is Status.DELETED


def case_ids(unit: SqliteUnit) -> tuple[str, ...]:
    """Return the id of every case, in order."""
    return tuple(row["id"] for row in unit.db.query("select id from cases order by id"))


def carry(old: SqliteUnit, unit: SqliteUnit, by: str) -> Carried:
    """
    Write into *unit*, which writes to a restored store, what *old* knows beyond it; *by* is who restores.

    SAFETY 15, 28: whoever is kept out there is kept out here, what was deleted goes again, a hold holds.
    What was lifted since stays as the backup has it: a person can lift it again.
    """
    done = Carried()
    for case in sorted({*case_ids(old)} & {*case_ids(unit)}):
        try:
            was, here = _was(old, case), _Case(unit, case, unit.access(case), unit.events(case))
        except _UNREADABLE:
            done = replace(done, unread=(*done.unread, case))
            continue
        if unit.head(case).status is not Status.DELETED:
            done = here.carried(was, done, by)
    return done


@dataclass(frozen=True, slots=True)
class _Case:
    """A case of the restored store, as the backup has it."""

    unit: SqliteUnit
    case: str
    access: Access
    events: tuple[Event, ...]

    def carried(self, was: _Was, done: Carried, by: str) -> Carried:
        """Do to the case what *was* says beyond it; return *done* with that counted."""
        out = [person for person in was.access.excluded if person not in self.access.excluded]
        self._keep_out(was, out)
        done = replace(done, excluded=done.excluded + len(out))
        if was.deleted:
            self._delete(was, by)
            return replace(done, deleted=(*done.deleted, self.case))
        if was.hold and not _hold(self.events):
            self._happen(EventKind.HELD, {"reason": was.hold})
            return replace(done, held=done.held + 1)
        return done

    def _keep_out(self, was: _Was, out: list[str]) -> None:
        handing = self._handing(was, out)
        for person in out:
            body = {"person": person, "reason": REASON, "handed_to": [], "outside": [], **handing}
            event = self._happen(EventKind.EXCLUDED, body)
            self._tell(event, body["handed_to"])
            # One of the events hands the case on.
            handing = {}

    def _handing(self, was: _Was, out: list[str]) -> dict[str, list[str]]:
        """Who gets the case where *out* leaves nobody: the next of the chain, or who has had it since."""
        if was.deleted or not set(self.access.full) <= set(out):
            return {}
        barred = {*self.access.excluded, *out}
        safe = (each for each in (*self.access.chain, *was.access.full) if each not in barred)
        to = next(safe, "")
        return {"handed_to": [to]} if to else {"outside": list(was.access.outside or _LAST_RESORT)}

    def _happen(self, kind: EventKind, body: Mapping[str, Any]) -> Event:
        unit, head, access = self.unit, self.unit.head(self.case), self.unit.access(self.case)
        event = unit.append(self.case, kind, moves.STAFFROOM, body)
        after = moves.after(head, event)
        if after.status is Status.DELETED:
            after = replace(after, clock_at=None)
        elif body.get("handed_to") and after.status in moves.LIVE:
            # The clock looks at once, and works out when it must look again.
            after = replace(after, clock_at=unit.now)
        unit.put_head(after)
        changed = moves.access_after(access, event)
        if changed != access:
            unit.put_access(self.case, changed)
        return event

    def _tell(self, event: Event, people: Iterable[str]) -> None:
        head, kind = self.unit.head(self.case), NoticeKind.NEW_CASE
        for to in people:
            key = f"{self.case}:{self.case}:{event.seq}:{kind.value}:{to}"
            self.unit.enqueue(Notice(key, kind, head.school, to, self.unit.now, self.case, head.urgent))

    def _delete(self, was: _Was, by: str) -> None:
        said = was.certificate or self._certified(by)
        self._happen(EventKind.DELETED, said)
        self.unit.record(AuditKind.DELETED, by, was.head.school, self.case, json.dumps(said))
        self.unit.delete_content(self.case)

    def _certified(self, by: str) -> Mapping[str, Any]:
        """A new certificate, where the one of the first deletion does not open."""
        view = folding.fold(self.unit.head(self.case), self.access, self.events)
        return certify(view, self.unit.now, by, _DELETED_BEFORE).as_json()


def _was(old: SqliteUnit, case: str) -> _Was:
    head = old.head(case)
    certificate = _certificate(old, head) if head.status is Status.DELETED else {}
    return _Was(head, old.access(case), _hold(old.events(case)), certificate)


def _hold(events: Iterable[Event]) -> str:
    """The reason of the legal hold in force, or ""."""
    holds = [event for event in events if event.kind in (EventKind.HELD, EventKind.RELEASED)]
    return str(holds[-1].body["reason"]) if holds and holds[-1].kind is EventKind.HELD else ""


def _certificate(old: SqliteUnit, head: Head) -> Mapping[str, Any]:
    try:
        rows = old.audit_rows(head.school)
        said = [row.detail for row in rows if row.kind is AuditKind.DELETED and row.case == head.case]
        found: Mapping[str, Any] = json.loads(said[-1]) if said else {}
    except _UNREADABLE:
        return {}
    return found
