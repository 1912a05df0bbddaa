"""Connections to the SQLite file: one for each unit of work, and its errors in our own words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlite_utils import Database

from bot.errors import StoreBusy, StoreFailed
from bot.store.disk import own_folder, storing
from bot.store.migrations import migrations

BUSY_S = 2.0
"""How long a unit waits for another writer, in seconds (DESIGN)."""

_SETTINGS = (
    "pragma foreign_keys = on",
    "pragma synchronous = full",
    "pragma temp_store = memory",
    # What is deleted under a certificate is overwritten, not only forgotten.
    "pragma secure_delete = on",
)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def prepare(path: Path) -> None:
    """
    Make the file at *path* where it is not there, mode 600 in a folder of mode 700, with its tables.

    Raises:
        StoreBusy, StoreFailed: as `writing`.
    """
    with storing(path.name):
        own_folder(path.parent)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)
    with connected(path) as db:
        db.execute("pragma journal_mode = wal")
        if not migrations.pending(db):
            return
    with writing(path) as db:
        migrations.apply(db)


@contextmanager
def writing(path: Path, waited_s: float = 0.0) -> Iterator[Database]:
    """
    Open *path* for one all-or-nothing write; a second writer waits its turn.

    *waited_s* of `BUSY_S` have been waited already: who is to hear that it is busy hears it within that.

    Raises:
        StoreBusy: another writer held it for longer than `BUSY_S`; nothing was written.
        StoreFailed: it is full, read-only, damaged or not there; nothing was written.
    """
    with connected(path) as db:
        if waited_s:
            db.execute(f"pragma busy_timeout = {max(0, round((BUSY_S - waited_s) * 1000))}")
        db.execute("begin immediate")
        try:
            yield db
            db.commit()
        except BaseException:
            db.rollback()
            raise


@contextmanager
def reading(path: Path) -> Iterator[Database]:
    """Open *path* to see one moment of it and write nothing; raises as `writing`."""
    with connected(path) as db:
        db.execute("pragma query_only = on")
        db.execute("begin")
        try:
            # The moment that is seen is that of the first look.
            db.execute("select 1 from ends").fetchall()
            yield db
        finally:
            db.rollback()


@contextmanager
def connected(path: Path) -> Iterator[Database]:
    """Open *path*, which is there already, and close it; raises as `writing`."""
    with translated():
        conn = connect(path)
        try:
            db = Database(conn, execute_plugins=False)
            for setting in _SETTINGS:
                db.execute(setting)
            yield db
        finally:
            conn.close()


def connect(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """Return a bare connection without implicit transactions; a file that is not there is an error."""
    address = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(
        address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=not any_thread
    )


@contextmanager
def translated() -> Iterator[None]:
    """Turn an error of SQLite into `StoreBusy` or `StoreFailed`, with its name and never a value."""
    try:
        yield
    except sqlite3.Error as error:
        # SQLite keeps the kind of error in the lowest byte.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        raise (StoreBusy(name) if code in _BUSY else StoreFailed(name)) from None
