"""Putting a backup back: checked whole first, a way back kept, and no lock undone (SAFETY 4)."""

import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.domain.audit import Checkpoint
from bot.errors import BackupDamaged, ConfigurationError, StoreFailed
from bot.store.archive import DATABASE, Manifest, Opened, evidence_ids, opened
from bot.store.backup import Hear, Places, alone, holds_together, no_hear
from bot.store.disk import own_folder, replacing, storing, sync_folder, write_once
from bot.store.keyring import Keyring
from bot.store.locks import LockList, utc_now

_EVIDENCE = "evidence"
_STAGING = ".restore."
_ASIDE = "before-restore-"
_LOGS = ("", "-wal", "-shm")
# From, to; each within one file system.
_Moves = list[tuple[Path, Path]]


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """What a restore did; its caller records it as an event that names the gap since *checkpoint*."""

    made_at: datetime
    """When the backup was made, aware and UTC."""
    checkpoint: Checkpoint | None
    """The end of the audit chain when it was made; what came later is not in it."""
    evidence: int
    """How many evidence files there are now."""
    locked_kept: int
    """How many of them are locked."""
    locked_absent: int
    """How many locked files the backup did not hold, and this machine neither; not the same as missing."""
    aside: Path | None
    """The folder with the store that was here before."""


Finish = Callable[[Places, Manifest], None]
"""Is given what was unpacked, where it lies before it is put in place; closes what it opens."""


def _no_finish(staged: Places, manifest: Manifest) -> None:
    """Put in place what the backup holds, as it is."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where to restore to, with which keys; *replace* moves aside the store that is there."""

    places: Places
    keyring: Keyring
    replace: bool = False
    clock: Callable[[], datetime] = utc_now
    finish: Finish = _no_finish


def verify_backup(file: Path, keyring: Keyring) -> Manifest:
    """Check every byte of a backup and return what it holds; raises `BackupDamaged` or `WrongKey`."""
    with opened(file, keyring) as found:
        for name in found.manifest.files:
            found.copy(name, _drop)
        return found.manifest


def restore(file: Path, target: Target, hear: Hear = no_hear) -> RestoreReport:
    """
    Put the backup *file* back; Staffroom must not be running.

    Nothing is touched before all of it is checked and copied beside the store.
    The lock list of this machine stays, and what the backup knew as locked is added to it.

    Raises:
        ConfigurationError: there is a store here, and *target* does not say to replace it.
        BackupDamaged: a byte differs; nothing was changed.
        WrongKey: the backup belongs to another master key; nothing was changed.
        LocksDamaged: the lock list of this machine is damaged, or another store's; nothing was changed.
        StoreBusy: another backup or restore is running.
        StoreFailed: the disk is full or cannot be written; the store is as it was.
    """
    places = target.places
    with storing("restore"):
        own_folder(places.database.parent)
        with alone(places.database):
            _settle(places)
            if _old(places) and not target.replace:
                raise ConfigurationError(
                    f"{places.database.parent}: there is a store already; "
                    "to move it aside and put the backup in its place, say --replace"
                )
            with opened(file, target.keyring) as found, _staging(places) as staged:
                return _put_back(found, target, staged, hear)


def settle(places: Places) -> bool:
    """
    Put the old store back where a restore was cut off in the middle; whether there was one.

    To be called before a store is opened: it might find none, and begin an empty one.

    Raises:
        StoreBusy: a restore is running at this moment.
        StoreFailed: the old store could not be put back; the next call tries again.
    """
    if not _note(places).exists() and not _left_over(places):
        return False
    with storing("restore"), alone(places.database):
        return _settle(places)


def _settle(places: Places) -> bool:
    note = _note(places)
    cut_off = note.exists()
    if cut_off:
        _undo([(Path(start), Path(end)) for start, end in json.loads(note.read_bytes())])
        note.unlink()
        sync_folder(note.parent)
    for folder in _left_over(places):
        shutil.rmtree(folder)
    return cut_off


def _put_back(found: Opened, target: Target, staged: Path, hear: Hear) -> RestoreReport:
    places = target.places
    _unpack(found, staged, hear)
    locks = places.lock_list(found.roots.audit, target.clock)
    # Before anything is in place: nothing locked is there unlocked, however briefly.
    locks.add_all(found.manifest.locks)
    _carry_locked(places, locks, staged)
    _finish(target, staged, found.manifest)
    aside = _aside(target) if _old(places) else None
    _swap(places, staged, aside)
    return _report(places, locks, found.manifest, aside)


def _drop(content: bytes) -> None:
    """Keep nothing of it: the check is in the copying."""


def _old(places: Places) -> bool:
    return places.database.exists() or (places.vault.is_dir() and any(places.vault.iterdir()))


def _unpack(found: Opened, staged: Path, hear: Hear) -> None:
    own_folder(staged / _EVIDENCE)
    names = list(found.manifest.files)
    for done, name in enumerate(names, start=1):
        path = staged / name
        own_folder(path.parent)
        with write_once(path) as write:
            found.copy(name, write)
        hear(done, len(names))
    if not holds_together(staged / DATABASE):
        raise BackupDamaged("backup: the database does not hold together")


def _carry_locked(places: Places, locks: LockList, staged: Path) -> None:
    """Keep the locked files of the old store in the new one: they are in no backup, and may not be lost."""
    for lock in locks.all():
        for item in lock.ids:
            kept, carried = places.vault / lock.case / item, staged / _EVIDENCE / lock.case / item
            if kept.is_file() and not carried.exists():
                own_folder(carried.parent)
                os.link(kept, carried)
                sync_folder(carried.parent)


def _finish(target: Target, staged: Path, manifest: Manifest) -> None:
    """Let the caller finish what was unpacked; a power cut before or after leaves no half of it in place."""
    places = replace(target.places, database=staged / DATABASE, vault=staged / _EVIDENCE)
    target.finish(places, manifest)
    # Only the database itself is put in place: it must hold everything.
    if any((staged / f"{DATABASE}{log}").exists() for log in _LOGS if log):
        raise StoreFailed("restore: the database is still open")


def _aside(target: Target) -> Path:
    folder = target.places.database.with_name(f"{_ASIDE}{target.clock():%Y%m%d-%H%M%SZ}")
    if folder.exists():
        raise StoreFailed("restore: another one in the same second")
    own_folder(folder)
    return folder


def _swap(places: Places, staged: Path, aside: Path | None) -> None:
    moves: _Moves = []
    if aside is not None:
        files = [places.database.with_name(f"{places.database.name}{log}") for log in _LOGS]
        moves += [(file, aside / f"{DATABASE}{log}") for file, log in zip(files, _LOGS, strict=True)]
        moves.append((places.vault, aside / _EVIDENCE))
    moves += [(staged / _EVIDENCE, places.vault), (staged / DATABASE, places.database)]
    with _noted(places, [(start, end) for start, end in moves if start.exists()]) as noted:
        for start, end in noted:
            os.rename(start, end)
            sync_folder(end.parent)


@contextmanager
def _noted(places: Places, moves: _Moves) -> Iterator[_Moves]:
    """Write down *moves*, so that whoever comes after a power cut can undo them; undo them after an error."""
    note = _note(places)
    with replacing(note) as write:
        write(json.dumps([(str(start), str(end)) for start, end in moves]).encode())
    try:
        yield moves
    except OSError:
        # Where this fails too, the note stays, and `settle` has another try.
        _undo(moves)
        note.unlink()
        raise
    note.unlink()
    sync_folder(note.parent)


def _undo(moves: _Moves) -> None:
    for start, end in reversed(moves):
        if end.exists() and not start.exists():
            os.rename(end, start)
            sync_folder(start.parent)
    for folder in {end.parent for _, end in moves}:
        if folder.name.startswith(_ASIDE) and folder.is_dir():
            folder.rmdir()


def _left_over(places: Places) -> list[Path]:
    return sorted(places.database.parent.glob(f"{_STAGING}*"))


def _note(places: Places) -> Path:
    return places.database.with_name("restore-under-way.json")


@contextmanager
def _staging(places: Places) -> Iterator[Path]:
    folder = places.database.with_name(f"{_STAGING}{secrets.token_hex(8)}")
    own_folder(folder)
    try:
        yield folder
    finally:
        # Cut off in the middle: `settle` needs it.
        if not _note(places).exists():
            shutil.rmtree(folder)


def _report(places: Places, locks: LockList, manifest: Manifest, aside: Path | None) -> RestoreReport:
    shut = {(lock.case, item) for lock in locks.all() for item in lock.ids}
    kept = sum((places.vault / case / item).is_file() for case, item in shut)
    evidence = sum(evidence_ids(name) not in shut for name in manifest.files if name != DATABASE)
    return RestoreReport(
        manifest.made_at, manifest.checkpoint, evidence + kept, kept, len(shut) - kept, aside
    )
