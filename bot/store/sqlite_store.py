"""The store on SQLite: opening it with the right key, units of work, and the change of the master key."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock
from time import monotonic
from typing import Any

from sqlite_utils import Database

from bot.domain.audit import AuditKind, Checkpoint, Fault
from bot.domain.cases import EventKind
from bot.errors import SealBroken, StoreBusy, StoreFailed
from bot.ports import CaseKey, Clock
from bot.store import database
from bot.store.keyring import Keyring, Roots
from bot.store.ledger import Ledger
from bot.store.moments import Moments
from bot.store.unit import SqliteUnit, unit_on
from bot.store.verify import faults

_EVIDENCE = "select distinct case_id from events where kind = ? and sealed <> x'' order by case_id"


@dataclass(frozen=True, slots=True)
class SqliteStore:
    """Implements `ports.Store`; close it, or use it in a `with`, when the process is done with it."""

    path: Path
    keyring: Keyring
    clock: Clock = field(repr=False)
    roots: Roots = field(repr=False)
    _open: sqlite3.Connection = field(repr=False)
    """Idle: while one connection stays open, SQLite does not fold its log in after every unit."""
    _writer: Lock = field(default_factory=Lock, repr=False)
    _moments: Moments = field(default_factory=Moments, repr=False)
    _unfolded: Event = field(default_factory=Event, repr=False)
    """Set while older copies of something that was held wait to go."""

    @classmethod
    def open(cls, path: Path, keyring: Keyring, clock: Clock) -> "SqliteStore":
        """
        Open the store at *path*, which is made where it is not there.

        Raises:
            WrongKey: no key of *keyring* opens it.
            StoreBusy, StoreFailed: it cannot be made, read or brought up to date.
        """
        database.prepare(path)
        with database.reading(path) as db:
            roots = _roots(db, keyring)
        if roots is None:
            roots = _founded(path, keyring)
        with database.translated():
            idle = database.connect(path, any_thread=True)
            # A connection is nothing to SQLite before it has read.
            idle.execute("select 1 from ends").fetchall()
        return cls(path, keyring, clock, roots, idle)

    def close(self) -> None:
        """Let go of the file; nothing is lost without it."""
        self._open.close()

    def __enter__(self) -> "SqliteStore":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[SqliteUnit]:
        """A unit that writes: kept whole when its block ends without an error; raises as `ports.Store`."""
        with self._turn() as waited_s, database.writing(self.path, waited_s) as db:
            # A process that has slept through a rotation must wrap no new case with the old key.
            _check(db, self.keyring)
            unit = unit_on(db, self.keyring, self.roots, self.clock(), self._moments)
            yield unit
            unit.ledger.close()
        if unit.spent:
            self._unfolded.set()
        if unit.erased or self._unfolded.is_set():
            self._clear_out(patient=unit.erased)

    def _clear_out(self, *, patient: bool) -> None:
        # A reply in a chat does not wait until a draft of yesterday is gone: the next unit tries again.
        # Cleared before: what another thread deletes meanwhile, it folds in itself.
        self._unfolded.clear()
        if not _fold(self.path, patient=patient):
            self._unfolded.set()

    @contextmanager
    def reading(self) -> Iterator[SqliteUnit]:
        """A unit that sees one moment of the store and writes nothing."""
        with database.reading(self.path) as db:
            yield unit_on(db, self.keyring, self.roots, self.clock(), self._moments)

    @contextmanager
    def _turn(self) -> Iterator[float]:
        """
        Wait for the other writers of this process: SQLite alone lets them sleep past each other.

        How long that took, in seconds: one busy timeout is for both waits.
        """
        started = monotonic()
        if not self._writer.acquire(timeout=database.BUSY_S):
            raise StoreBusy("another writer of this process")
        try:
            yield monotonic() - started
        finally:
            self._writer.release()

    def new_key(self, case: str) -> CaseKey:
        """A fresh key for a case about to be opened."""
        return self.keyring.new_case_key(case)

    def verify(self, checkpoint: Checkpoint | None = None) -> Iterator[Fault]:
        """Walk the whole chain and everything it vouches for; no fault means that nothing was changed."""
        return faults(self.path, self.roots.audit, checkpoint)

    def wrapped_roots(self) -> bytes:
        """The roots as the store keeps them; a backup needs no more to be opened."""
        with database.reading(self.path) as db:
            return _meta(db, "roots")

    def known_evidence(self) -> Iterator[tuple[CaseKey, Mapping[str, Any]]]:
        """What each event of stored evidence recorded, with the key of its case; deleted cases left out."""
        with self.reading() as unit:
            cases = [row["case_id"] for row in unit.db.query(_EVIDENCE, [EventKind.EVIDENCE_STORED.value])]
            for case in cases:
                events = (each for each in unit.events(case) if each.kind is EventKind.EVIDENCE_STORED)
                yield from ((unit.key(case), event.body) for event in events)


def rotate(path: Path, old: Keyring, new: Keyring, clock: Clock) -> int:
    """
    Wrap every key of the store at *path* with the master key of *new*, all or none, and record it.

    Returns how many case keys there were; the keys themselves stay, so evidence files are not touched.

    Raises:
        WrongKey: *old* does not open the store.
        StoreBusy, StoreFailed: nothing was changed.
    """
    with SqliteStore.open(path, old, clock) as store, store.writing() as unit:
        unit.erased = True
        for name, value in _kept(new, store.roots).items():
            unit.ledger.change("meta", {"key": name, "value": _meta(unit.db, name)}, {"value": value})
        rows = list(unit.db.query("select * from cases where wrapped_key <> x''"))
        for row in rows:
            secret = old.unwrap(row["id"], row["wrapped_key"]).secret
            unit.ledger.change("cases", row, {"wrapped_key": new.wrap(row["id"], secret)})
        unit.record(AuditKind.KEY_ROTATED, "staffroom", detail=f"{old.key_id} to {new.key_id}")
    return len(rows)


def _kept(keyring: Keyring, roots: Roots) -> dict[str, bytes]:
    return {"check": keyring.check_word().encode(), "roots": keyring.wrap_roots(roots)}


def _meta(db: Database, name: str) -> bytes:
    row = next(iter(db.query("select value from meta where key = ?", [name])), None)
    if row is None:
        raise StoreFailed(f"meta: {name} is missing")
    return bytes(row["value"])


def _roots(db: Database, keyring: Keyring) -> Roots | None:
    """Return the roots of the store, or None when nothing was ever stored in it."""
    tables = ("meta", "ends", "audit", "cases")
    if not any(next(iter(db.query(f'select 1 from "{table}" limit 1')), None) for table in tables):  # noqa: S608
        return None
    _check(db, keyring)
    try:
        return keyring.unwrap_roots(_meta(db, "roots"))
    except SealBroken:
        raise StoreFailed("meta: roots are damaged") from None


def _check(db: Database, keyring: Keyring) -> None:
    keyring.check(_meta(db, "check").decode("ascii", "replace"))


def _founded(path: Path, keyring: Keyring) -> Roots:
    with database.writing(path) as db:
        # Another process may have been quicker.
        roots = _roots(db, keyring)
        if roots is None:
            roots = Roots.fresh()
            ledger = Ledger.open(db, roots.audit)
            for name, value in _kept(keyring, roots).items():
                ledger.insert("meta", {"key": name, "value": value})
            ledger.close()
    return roots


def _fold(path: Path, *, patient: bool) -> bool:
    """
    Fold SQLite's log into the file, so that it keeps no page from before; False when that must wait.

    A reader or another writer may delay it; a *patient* one waits for them for `database.BUSY_S`.
    """
    try:
        with database.connected(path) as db:
            if not patient:
                db.execute("pragma busy_timeout = 0")
            ((busy, *_),) = db.execute("pragma wal_checkpoint(truncate)").fetchall()
            return not busy
    except StoreBusy:
        # It is committed; the next one that closes the file folds it in.
        return False
