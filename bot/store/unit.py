"""One unit of work on SQLite: all its parts together, and the small things it remembers."""

from datetime import datetime

from sqlite_utils import Database

from bot.store.cases import Cases
from bot.store.desk import moment
from bot.store.holding import Holding
from bot.store.keyring import Keyring, Roots
from bot.store.ledger import Ledger
from bot.store.moments import Moments
from bot.store.outbox import Outbox


class SqliteUnit(Cases, Outbox, Holding):
    """Implements `ports.Unit`."""

    __slots__ = ()

    def memo(self, key: str) -> str:
        """A small thing remembered under *key*, sealed at rest; "" when there is none."""
        marked = self.mark("memo", key)
        row = self.row("select * from memos where key = ?", marked)
        return "" if row is None else str(self.unseal(row["sealed"], f"memos.sealed:{marked}"))

    def put_memo(self, key: str, value: str) -> None:
        """Remember *value* under *key*."""
        marked = self.mark("memo", key)
        sealed = self.seal(value, f"memos.sealed:{marked}")
        row = self.row("select * from memos where key = ?", marked)
        if row is None:
            self.ledger.insert("memos", {"key": marked, "sealed": sealed})
        else:
            self.ledger.change("memos", row, {"sealed": sealed})


def unit_on(db: Database, keyring: Keyring, roots: Roots, at: datetime, moments: Moments) -> SqliteUnit:
    """Return a unit on *db*, whose moment is *at* unless the log already ends later: then *moments* says."""
    ledger = Ledger.open(db, roots.audit)
    now = moments.after(at, moment(ledger.at)) if ledger.at else at
    return SqliteUnit(db, keyring, roots, ledger, now)
