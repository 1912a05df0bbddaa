"""What every part of a unit of work works with: the connection, the ledger, the keys and the moment."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlite_utils import Database

from bot.errors import UnknownCase
from bot.ports import CaseKey
from bot.store.keyring import Keyring, Roots
from bot.store.ledger import Ledger
from bot.store.sealing import mark, open_sealed, seal


@dataclass(slots=True)
class Desk:
    """One unit of work; its parts are the subclasses, and `SqliteUnit` is all of them."""

    db: Database
    keyring: Keyring
    roots: Roots = field(repr=False)
    ledger: Ledger = field(repr=False)
    now: datetime
    """The moment of this unit, never before the last row of the audit log."""
    erased: bool = False
    """That something was destroyed, so that older copies of its pages must go too."""
    spent: bool = False
    """That something held for a while was deleted: older copies go as soon as nobody has to wait for it."""
    keys: dict[str, CaseKey] = field(default_factory=dict, repr=False)

    def row(self, statement: str, *values: object) -> dict[str, Any] | None:
        """Return the first row that *statement* finds, or None."""
        return next(iter(self.db.query(statement, list(values))), None)

    def mark(self, *parts: str) -> str:
        """Return the keyed hash that *parts* are found by."""
        return mark(self.roots.mark, *parts)

    def seal(self, value: object, where: str) -> bytes:
        """Return *value*, which JSON can hold, sealed without the key of a case."""
        return seal(self.roots.memo, json.dumps(value).encode(), where)

    def unseal(self, sealed: bytes, where: str) -> Any:
        """Return what `seal` was given; raises `SealBroken`."""
        return json.loads(open_sealed(self.roots.memo, sealed, where))

    def needs(self, case: str) -> None:
        """Raise `UnknownCase` unless there is a case of that id."""
        self.case_row(case)

    def case_row(self, case: str) -> Mapping[str, Any]:
        """Return the row of *case*; raises `UnknownCase`, which never repeats what somebody typed."""
        row = self.row("select * from cases where id = ?", case)
        if row is None:
            raise UnknownCase("no such case")
        return row


def stamp(at: datetime | None) -> str:
    """Return *at* as it is stored, so that text sorts as time does; "" for None."""
    if at is None:
        return ""
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def moment(stored: str) -> datetime:
    """Return the time that *stored* says."""
    return datetime.fromisoformat(stored)


def moment_or_none(stored: str) -> datetime | None:
    """Return the time that *stored* says, None for ""."""
    return moment(stored) if stored else None
