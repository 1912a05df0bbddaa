"""What is held for a while before it is a case, or without ever being one: sealed, then deleted."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from bot.store.desk import Desk, stamp

_HELD = "select * from held where key = ? and until > ?"
_KEYS = """
    select key from held where key >= :prefix and substr(key, 1, :length) = :prefix and until > :now
    order by held_at, rowid
"""


class Holding(Desk):
    """The part of a unit that holds things; their keys are kept as they are, so they name ids alone."""

    __slots__ = ()

    def hold(self, key: str, value: str, until: datetime) -> None:
        """Keep *value* sealed under *key* until a moment; what is over its time is deleted on the way."""
        self._delete(self.db.query("select * from held where until <= ?", [stamp(self.now)]))
        changes = {"sealed": self.seal(value, _place(key)), "held_at": stamp(self.now), "until": stamp(until)}
        row = self.row("select * from held where key = ?", key)
        if row is None:
            self.ledger.insert("held", {"key": key, **changes})
        else:
            self.ledger.change("held", row, changes)

    def held(self, key: str) -> str:
        """What is held under *key*; "" when there is nothing, or its time is over."""
        row = self.row(_HELD, key, stamp(self.now))
        return "" if row is None else str(self.unseal(row["sealed"], _place(key)))

    def held_keys(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin with *prefix* and whose time is not over, by when they were last held."""
        asked = {"prefix": prefix, "length": len(prefix), "now": stamp(self.now)}
        return tuple(row["key"] for row in self.db.query(_KEYS, asked))

    def let_go(self, key: str) -> None:
        """Delete what is held under *key*; nothing happens when it is gone."""
        self._delete(self.db.query("select * from held where key = ?", [key]))

    def _delete(self, rows: Iterable[Mapping[str, Any]]) -> None:
        for row in list(rows):
            self.ledger.remove("held", row)
            self.spent = True


def _place(key: str) -> str:
    return f"held.sealed:{key}"
