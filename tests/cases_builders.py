"""Builders of cases and of the store, which several test files share."""

import sqlite3
import tempfile
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from bot.domain.cases import Access, EventKind, Head, Status
from bot.domain.notices import Notice, NoticeKind
from bot.domain.triage import Form
from bot.store.keyring import Keyring
from bot.store.sqlite_store import SqliteStore

START = datetime(2026, 11, 20, 22, 41, 7, tzinfo=UTC)
MASTER = bytes(range(32))


@dataclass
class FakeClock:
    """Stands still until it is moved."""

    now: datetime = START

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


def a_head(case="CASE-1", **changes):
    """A friend request, received and not opened, unless told otherwise."""
    plain = {
        "case": case,
        "school": "fernhill",
        "form": Form.FRIEND_REQUEST,
        "urgent": False,
        "status": Status.RECEIVED,
        "filed_at": START,
        "version": 0,
    }
    return Head(**{**plain, **changes})


def an_access(*full, **changes):
    """For amy, unless told otherwise."""
    return Access(**{"full": full or ("amy",), **changes})


def a_notice(key="new-case/CASE-1/amy", **changes):
    """A notice to amy, due now."""
    plain = {"key": key, "kind": NoticeKind.NEW_CASE, "school": "fernhill", "to": "amy", "due": START}
    return Notice(**{**plain, **changes})


def a_store(tmp_path, clock=None, master=MASTER):
    """A store on SQLite in *tmp_path*, opened with a key of the tests."""
    file = tmp_path / "data" / "staffroom.db"
    if master == MASTER and not file.exists():
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file.write_bytes(_fresh())
    return SqliteStore.open(tmp_path / "data" / "staffroom.db", Keyring(master), clock or FakeClock())


@cache
def _fresh():
    """A store with its tables and nothing in it: making them takes longer than most tests."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "staffroom.db"
        with SqliteStore.open(file, Keyring(MASTER), FakeClock()):
            pass
        with closing(sqlite3.connect(file)) as db:
            db.execute("pragma wal_checkpoint(truncate)")
        return file.read_bytes()


def add_case(store, case="CASE-1", access=None, reporter="", body=None, **changes):
    """Open *case* in a unit of its own, with the event that filed it."""
    with store.writing() as unit:
        unit.add_case(a_head(case, **changes), store.new_key(case), access or an_access(), reporter)
        unit.append(case, EventKind.FILED, "reporter", body or {"what": "a friend request"})


@contextmanager
def behind_the_back(store):
    """The bare database of *store*, as somebody with root opens it; its guards are back at the end."""
    with closing(sqlite3.connect(store.path)) as db:
        guards = db.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"drop trigger {name}")
        yield db
        for _, statement in guards:
            db.execute(statement)
        db.commit()
