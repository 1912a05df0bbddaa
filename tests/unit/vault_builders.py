"""What the tests of keys, vault, locks and backups build alike."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

from bot.ports import CaseKey
from bot.store.backup import Places, Source
from bot.store.keyring import Keyring, Roots
from bot.store.locks import LockList
from bot.store.vault import FileVault

MASTER = b"m" * 32
AUDIT = b"a" * 32
AT = datetime(2026, 11, 20, 22, 41, 7, tzinfo=UTC)
CANARY = b"canary-Kestrel-Nightjar"


def a_key(case="C1", letter="k"):
    return CaseKey(case, letter.encode() * 32, b"wrapped")


def a_lock_list(folder, audit=AUDIT):
    return LockList(folder / "locks" / "list", audit, folder / "seen", lambda: AT)


def a_vault(folder, audit=AUDIT):
    return FileVault(folder / "evidence", a_lock_list(folder, audit))


def content_of(vault, key, item):
    return b"".join(vault.read(key, item))


class KeptStore:
    """A small store with one row and whatever evidence a test puts there, ready to be backed up."""

    def __init__(self, folder, keyring=None):
        self.places = Places.of(folder)
        self.keyring = keyring or Keyring(MASTER)
        self.roots = Roots.fresh()
        self.source = Source(self.places, self.keyring, self.keyring.wrap_roots(self.roots), lambda: AT)
        self.locks = self.places.lock_list(self.roots.audit, lambda: AT)
        self.vault = FileVault(self.places.vault, self.locks)
        folder.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self.places.database)) as db:
            db.execute("pragma journal_mode = wal")
            db.execute("create table rows (word text)")
        self.write("first")

    def write(self, word):
        with closing(sqlite3.connect(self.places.database)) as db, db:
            db.execute("insert into rows values (?)", [word])

    def words(self):
        return words_in(self.places.database)


def words_in(database):
    with closing(sqlite3.connect(database)) as db:
        return [word for (word,) in db.execute("select word from rows order by rowid")]


def flipped(content, place):
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
