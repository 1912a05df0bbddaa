"""Backups made while Staffroom runs: one file that proves itself, without anything that is locked."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from filelock import FileLock, Timeout

from bot.domain.audit import Checkpoint
from bot.errors import ConfigurationError, StoreBusy, StoreFailed
from bot.ports import Clock
from bot.store.archive import DATABASE, Archive, Manifest, evidence_name
from bot.store.database import connect, translated
from bot.store.disk import replacing, storing
from bot.store.keyring import Keyring
from bot.store.locks import LockList, utc_now
from bot.store.vault import FileVault

Hear = Callable[[int, int], None]
"""Is told after each file how many are done, and of how many."""

# Locking is rare, and a backup that one came into is begun again.
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True)
class Places:
    """Where a store lies; *locks* and *witness* are in no backup and no restore replaces them (SAFETY 4)."""

    database: Path
    vault: Path
    locks: Path
    witness: Path

    @classmethod
    def of(cls, data: Path) -> "Places":
        """Return the usual places in the folder *data*."""
        locks = data / "locks" / "locked.jsonl"
        return cls(data / DATABASE, data / "evidence", locks, data / "locked.seen")

    def lock_list(self, audit: bytes, clock: Clock = utc_now) -> LockList:
        """Return the list of locks; *audit* is the audit key of the store's roots."""
        return LockList(self.locks, audit, self.witness, clock)


@dataclass(frozen=True, slots=True)
class Source:
    """A store to back up: where it lies, and *wrapped_roots* as it keeps them, which *keyring* opens."""

    places: Places
    keyring: Keyring
    wrapped_roots: bytes = field(repr=False)
    clock: Clock = utc_now


@dataclass(frozen=True, slots=True)
class _Told:
    """What the caller of `backup` says, and wants to hear."""

    checkpoint: Checkpoint | None
    hear: Hear


def no_hear(done: int, total: int) -> None:
    """Listen to nothing."""


def backup(
    source: Source, target: Path, checkpoint: Checkpoint | None = None, hear: Hear = no_hear
) -> Manifest:
    """
    Write a backup of *source* to the new file *target*, mode 600; it is there whole, or not at all.

    Filing goes on meanwhile.
    *checkpoint* is the end of the audit chain just before; a restore names the gap since then.

    Raises:
        ConfigurationError: *target* is there already.
        LocksDamaged: nobody can tell which files have to stay out.
        StoreBusy: another backup or a restore is running.
        StoreFailed: the database does not hold together, or a file could not be read or written.
    """
    if target.exists():
        raise ConfigurationError(f"{target}: is there already; name a new file for the backup")
    if not target.parent.is_dir():
        raise ConfigurationError(f"{target.parent}: is no folder; make it, or name another one")
    with _snapshot(source.places.database) as database:
        for _ in range(_ATTEMPTS):
            try:
                return _written(source, database, target, _Told(checkpoint, hear))
            except _LockedMeanwhile:
                continue
    raise StoreBusy("backup: files are being locked")


class _LockedMeanwhile(Exception):
    """A file was locked while it was, perhaps, being copied."""


def _written(source: Source, database: Path, target: Path, told: _Told) -> Manifest:
    roots = source.keyring.unwrap_roots(source.wrapped_roots)
    held = source.places.lock_list(roots.audit)
    locks = held.all()
    shut = {evidence_name(lock.case, item) for lock in locks for item in lock.ids}
    files = {name: path for name, path in _evidence(source, held) if name not in shut}
    with storing("backup"), replacing(target) as write:
        archive = Archive(write, roots, source.wrapped_roots)
        for done, (name, path) in enumerate({DATABASE: database, **files}.items(), start=1):
            # Deleted under a certificate since the folder was read.
            with suppress(FileNotFoundError):
                archive.add(name, path)
            told.hear(done, len(files) + 1)
        manifest = Manifest(source.clock(), told.checkpoint, archive.files, locks)
        archive.close(manifest)
        if held.all() != locks:
            raise _LockedMeanwhile
    return manifest


def _evidence(source: Source, held: LockList) -> Iterator[tuple[str, Path]]:
    vault = FileVault(source.places.vault, held)
    for case in vault.cases():
        for item in vault.items(case):
            yield evidence_name(case, item), vault.folder / case / item


@contextmanager
def _snapshot(database: Path) -> Iterator[Path]:
    """Copy *database* as it stands at one moment, beside it; whoever files meanwhile does not wait."""
    copy = database.with_name(f".{database.name}.copy")
    with storing("backup"), alone(database):
        # Of a backup that was killed.
        copy.unlink(missing_ok=True)
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        try:
            _copied(database, copy)
            yield copy
        finally:
            copy.unlink(missing_ok=True)


def _copied(database: Path, copy: Path) -> None:
    with translated(), closing(connect(database)) as source, closing(connect(copy)) as made:
        source.backup(made)
        # One file, without a log beside it.
        made.execute("pragma journal_mode = delete")
    if not holds_together(copy):
        raise StoreFailed("backup: the database does not hold together")


def holds_together(database: Path) -> bool:
    """Whether SQLite finds the file whole."""
    try:
        with closing(connect(database)) as found:
            return found.execute("pragma integrity_check").fetchall() == [("ok",)]
    except sqlite3.DatabaseError:
        return False


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Let no other backup or restore of *database* run during the block; raises `StoreBusy` when one does."""
    lock = FileLock(database.with_name(f".{database.name}.alone"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StoreBusy("backup: another backup or restore is running") from None
    try:
        yield
    finally:
        lock.release()
