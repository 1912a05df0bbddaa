"""Upkeep: the walk over everything that is kept, and backups and restores with their rows in the log."""

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from bot.domain.audit import AuditKind, Checkpoint, Fault
from bot.domain.cases import EventKind
from bot.errors import BotError, EvidenceDamaged, EvidenceLocked, LocksDamaged
from bot.ports import CaseKey
from bot.store import database
from bot.store.archive import Manifest
from bot.store.audit import audit_mac
from bot.store.backup import Hear, Places, Source, backup, no_hear
from bot.store.carrying import NOT_KNOWN, Carried, carry, case_ids
from bot.store.ledger import Ledger
from bot.store.restore import RestoreReport, Target, restore, settle
from bot.store.sqlite_store import SqliteStore
from bot.store.unit import SqliteUnit
from bot.store.vault import FileVault

_CASES = "select distinct case_id from events where kind = ? and sealed <> x'' order by case_id"
_LAST = "select * from audit order by seq desc limit ?"
_RECENT = 200


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk looked at and found wrong; a locked file is neither opened nor missed (SAFETY 4)."""

    rows: int
    files: int
    """Evidence files, derivatives among them, whose every byte was checked."""
    locked: int
    """Locked files that are here."""
    locked_absent: int
    """Locked files that are in no backup, and so not here after a restore: not the same as missing."""
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did."""

    report: RestoreReport
    gap: str
    """What is missing since the backup, in words."""
    carried: Carried | None
    """None where the store that was here is not there, or does not open, so that nobody knows."""

    @property
    def since(self) -> str:
        """What was carried over, in words, or that nobody knows what to carry over."""
        return self.carried.words if self.carried else NOT_KNOWN


@dataclass(frozen=True, slots=True)
class _File:
    """A file that the vault must hold; *sha256* is "" for a derivative, which its seal alone proves."""

    key: CaseKey
    item: str
    sha256: str

    @property
    def where(self) -> str:
        return f"evidence {self.key.case}/{self.item}"


def walk(
    store: SqliteStore, vault: FileVault, checkpoint: Checkpoint | None = None, hear: Hear = no_hear
) -> Walked:
    """Check every row, every evidence file and the list of locks; *hear* is told of each file."""
    faults = list(store.verify(checkpoint))
    with store.reading() as unit:
        rows = unit.checkpoint().seq
    try:
        shut = frozenset((lock.case, name) for lock in vault.locks.all() for name in lock.ids)
    except LocksDamaged:
        lost = Fault("locks", "the list of locked files is damaged, so no evidence file was opened")
        return Walked(rows, 0, 0, 0, (*faults, lost))
    files, found = _files(store, shut)
    open_ones = [each for each in files if (each.key.case, each.item) not in shut]
    for done, each in enumerate(open_ones, start=1):
        found += _checked(vault, each)
        hear(done, len(open_ones))
    here = sum((vault.folder / case / item).is_file() for case, item in shut)
    return Walked(rows, len(open_ones), here, len(shut) - here, (*faults, *found))


def recent(store: SqliteStore) -> Iterator[Fault]:
    """What is wrong with the last rows of the log and its sealed end: a quick look, not the whole walk."""
    secret = store.roots.audit
    with database.reading(store.path) as db:
        end = Ledger.open(db, secret)
        rows = list(db.query(_LAST, [_RECENT]))[::-1]
    for before, row in zip(rows, rows[1:], strict=False):
        if row["seq"] != before["seq"] + 1 or audit_mac(secret, before["mac"], row) != row["mac"]:
            yield Fault(f"audit {row['seq']}", "the row was changed, or the one before it is missing")
    if end.broken or (rows and (rows[-1]["seq"], rows[-1]["mac"]) != (end.seq, end.mac)):
        yield Fault("store", "the end of the log is not as Staffroom left it")


def back_up(store: SqliteStore, places: Places, target: Path, by: str, hear: Hear = no_hear) -> Manifest:
    """
    Write a backup to the new file *target* while Staffroom runs; the log has it before and after.

    Raises as `backup.backup`.
    """
    _record(store, AuditKind.BACKUP, by, "begun")
    with store.reading() as unit:
        end = unit.checkpoint()
    source = Source(places, store.keyring, store.wrapped_roots(), store.clock)
    manifest = backup(source, target, end, hear)
    left_out = sum(len(lock.ids) for lock in manifest.locks)
    said = f"made: {len(manifest.files)} files up to row {end.seq}, {left_out} locked left out"
    _record(store, AuditKind.BACKUP, by, said)
    return manifest


def put_back(file: Path, target: Target, by: str, hear: Hear = no_hear) -> Restored:
    """
    Restore *file* and record it, naming the gap since its checkpoint; *by* is who does it.

    SAFETY 15, 28: who was kept out since, what was deleted and what is held is carried over from the store
    that was here, before the restored one is in place.

    Raises as `restore.restore`.
    """
    settle(target.places)
    said: list[tuple[str, Carried | None]] = []

    def finish(staged: Places, manifest: Manifest) -> None:
        said.append(_finished(staged, manifest, target, by))

    report = restore(file, replace(target, finish=finish), hear)
    return Restored(report, *said[0])


def _files(store: SqliteStore, shut: frozenset[tuple[str, str]]) -> tuple[list[_File], list[Fault]]:
    """Every file that the cases name, and what is wrong with the naming."""
    files: list[_File] = []
    faults: list[Fault] = []
    with store.reading() as unit:
        cases = [row["case_id"] for row in unit.db.query(_CASES, [EventKind.EVIDENCE_STORED.value])]
        for case in cases:
            try:
                key, events = unit.key(case), unit.events(case)
            except (BotError, ValueError, KeyError):
                why = "its evidence could not be checked: its key or an event does not open"
                faults.append(Fault(f"case {case}", why))
                continue
            bodies = [each.body for each in events if each.kind is EventKind.EVIDENCE_STORED]
            files += (_File(key, body["id"], body["sha256"]) for body in bodies)
            files += (_File(key, name, "") for body in bodies for name in body["derivatives"])
            locked = [each.body["item"] for each in events if each.kind is EventKind.EVIDENCE_LOCKED]
            lost = [item for item in locked if (case, item) not in shut]
            why = "was locked, and is not in the list of locked files"
            faults += (Fault(f"evidence {case}/{item}", why) for item in lost)
    return files, faults


def _checked(vault: FileVault, file: _File) -> list[Fault]:
    digest = sha256()
    try:
        for piece in vault.read(file.key, file.item):
            digest.update(piece)
    except EvidenceLocked:  # locked since the walk began
        return []
    except EvidenceDamaged:
        there = (vault.folder / file.key.case / file.item).is_file()
        return [Fault(file.where, "the file was changed" if there else "the file is missing")]
    if file.sha256 and digest.hexdigest() != file.sha256:
        return [Fault(file.where, "the file is not the one that was received")]
    return []


def _finished(staged: Places, manifest: Manifest, target: Target, by: str) -> tuple[str, Carried | None]:
    with SqliteStore.open(staged.database, target.keyring, target.clock) as store:
        with _before(target, store) as old, store.writing() as unit:
            gap = _gap(manifest, old.checkpoint().seq if old else 0, target.clock())
            carried = carry(old, unit, by) if old else None
            since = carried.words if carried else NOT_KNOWN
            unit.record(AuditKind.RESTORED, by, detail=f"{gap}; {since}")
        vault = FileVault(staged.vault, staged.lock_list(store.roots.audit, target.clock))
        for case in carried.deleted if carried else ():
            vault.remove(case)
    return gap, carried


@contextmanager
def _before(target: Target, restored: SqliteStore) -> Iterator[SqliteUnit | None]:
    """The store about to be replaced; None where it is not there, is another one, or does not open."""
    path, found = target.places.database, None
    with ExitStack() as stack:
        if path.exists():
            with suppress(BotError, sqlite3.Error):
                store = stack.enter_context(SqliteStore.open(path, target.keyring, target.clock))
                unit = stack.enter_context(store.reading())
                # A file that is damaged shows it here at the latest.
                case_ids(unit)
                found = unit if store.roots == restored.roots else None
        yield found


def _gap(manifest: Manifest, was: int, until: datetime) -> str:
    """What is missing after a restore, for the log and for whoever did it; *was* ends the old log."""
    last = manifest.checkpoint.seq if manifest.checkpoint else 0
    since = manifest.checkpoint.at if manifest.checkpoint else manifest.made_at
    gap = f"the backup ends with row {last}, {_minute(since)}; what came until {_minute(until)} is not in it"
    if was > last:
        gap += f" (rows {last + 1} to {was} of the store that was here)"
    return gap


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _record(store: SqliteStore, kind: AuditKind, by: str, detail: str) -> None:
    with store.writing() as unit:
        unit.record(kind, by, detail=detail)
