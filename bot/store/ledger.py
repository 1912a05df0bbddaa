"""What lets `verify` find any change: a keyed hash beside each row, and the sealed end of the audit log."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlite_utils import Database

from bot.store.migrations import PROTECTED

GENESIS = bytes(32)
"""What stands in for the hash before the first row of the log."""

_MODULUS = 1 << 256
Row = Mapping[str, Any]


def keyed(secret: bytes, *values: object) -> bytes:
    """Return the HMAC-SHA-256 of *values*; no other values, of whatever type, give the same bytes to hash."""
    return hmac.digest(secret, canonical(*values), "sha256")


def canonical(*values: object) -> bytes:
    """Return *values* as bytes that tell each value, its type and its length."""
    parts = []
    for value in values:
        if isinstance(value, str):
            kind, content = b"s", value.encode("utf-8", "surrogateescape")
        elif isinstance(value, bytes):
            kind, content = b"b", value
        else:
            kind, content = b"o", f"{type(value).__name__} {value!r}".encode()
        parts.append(b"%b%d:%b" % (kind, len(content), content))
    return b"".join(parts)


def row_mac(secret: bytes, table: str, row: Row) -> bytes:
    """Return the keyed hash of *row* of the protected *table*, its own `mac` left out."""
    return keyed(secret, table, *(row[name] for name in PROTECTED[table][0]))


def added(total: int, macs: Iterable[bytes]) -> int:
    """Return *total* with *macs* added: a sum that knows neither order nor how often it was changed."""
    return (total + sum(int.from_bytes(mac, "big") for mac in macs)) % _MODULUS


@dataclass(slots=True)
class Ledger:
    """
    The end of the log and the sums of the protected tables, as one unit of work changes them.

    A sum of row hashes, sealed with the end, finds a dropped or an old row that comes back (an incremental
    multiset hash: Clarke, Devadas, van Dijk, Gassend, Suh, Asiacrypt 2003).
    """

    db: Database
    secret: bytes = field(repr=False)
    seq: int = 0
    mac: bytes = GENESIS
    at: str = ""
    sums: dict[str, int] = field(default_factory=dict)
    broken: bool = False
    """That the end was not as Staffroom left it: `verify` says so for good; no report is refused for it."""
    changed: bool = False

    @classmethod
    def open(cls, db: Database, secret: bytes) -> "Ledger":
        """Read the end of the log of *db*."""
        for row in db.query("select * from ends where id = 1"):
            if row["seal"] == end_seal(secret, row):
                sums = {name: int(total, 16) for name, total in json.loads(row["sums"]).items()}
                broken = bool(row["broken"])
                return cls(db, secret, row["seq"], row["mac"], row["at"], sums, broken)
            return _mended(db, secret)
        # The end is written together with the first row of `meta`.
        fresh = next(db.query("select 1 from meta"), None) is None
        return cls(db, secret) if fresh else _mended(db, secret)

    def insert(self, table: str, row: Row) -> None:
        """Add *row*, which has every column of *table* but `mac`."""
        mac = row_mac(self.secret, table, row)
        self._count(table, mac, 1)
        self.db.execute(_INSERT[table], [*(row[name] for name in PROTECTED[table][0]), mac])

    def change(self, table: str, row: Row, changes: Row) -> None:
        """Replace what *changes* names in *row*, which was just read; its keys stay."""
        # What was found is counted, not its `mac`: a row changed by somebody else stays visible in the sum.
        self._count(table, row_mac(self.secret, table, row), -1)
        new = {**row, **changes}
        mac = row_mac(self.secret, table, new)
        self._count(table, mac, 1)
        columns, keys = PROTECTED[table]
        values = [*(new[name] for name in columns), mac]
        self.db.execute(_UPDATE[table], [*values, *(new[name] for name in keys)])

    def remove(self, table: str, row: Row) -> None:
        """Delete *row*, which was just read."""
        self._count(table, row_mac(self.secret, table, row), -1)
        self.db.execute(_DELETE[table], [row[name] for name in PROTECTED[table][1]])

    def advance(self, seq: int, mac: bytes, at: str) -> None:
        """Let the log end with row *seq*."""
        self.seq, self.mac, self.at, self.changed = seq, mac, at, True

    def close(self) -> None:
        """Write the end, if anything was changed; the last thing in a unit of work."""
        if not self.changed:
            return
        sums = json.dumps({name: f"{total:064x}" for name, total in sorted(self.sums.items())})
        row = {"id": 1, "seq": self.seq, "mac": self.mac, "at": self.at, "sums": sums}
        row |= {"broken": int(self.broken)}
        row |= {"seal": end_seal(self.secret, row)}
        self.db.execute(
            "insert or replace into ends values (:id, :seq, :mac, :at, :sums, :broken, :seal)", row
        )

    def _count(self, table: str, mac: bytes, times: int) -> None:
        total = self.sums.get(table, 0) + times * int.from_bytes(mac, "big")
        self.sums[table] = total % _MODULUS
        self.changed = True


def end_seal(secret: bytes, row: Row) -> bytes:
    """Return the keyed hash of the end of the log as *row* keeps it."""
    return keyed(secret, "ends", *(row[name] for name in ("id", "seq", "mac", "at", "sums", "broken")))


def _mended(db: Database, secret: bytes) -> Ledger:
    for last in db.query("select seq, mac, at from audit order by seq desc limit 1"):
        return Ledger(db, secret, last["seq"], last["mac"], last["at"], broken=True)
    return Ledger(db, secret, broken=True)


def digest(*values: object) -> bytes:
    """Return the SHA-256 of *values*."""
    return hashlib.sha256(canonical(*values)).digest()


def _statements(shape: str) -> Mapping[str, str]:
    """Return *shape* filled in for each protected table, whose names are our own constants."""
    return {
        table: shape.format(
            table=table,
            marks=", ".join("?" for _ in [*columns, "mac"]),
            sets=", ".join(f'"{name}" = ?' for name in [*columns, "mac"]),
            keys=" and ".join(f'"{name}" = ?' for name in keys),
        )
        for table, (columns, keys) in PROTECTED.items()
    }


_INSERT = _statements("insert into {table} values ({marks})")
_UPDATE = _statements("update {table} set {sets} where {keys}")
_DELETE = _statements("delete from {table} where {keys}")
