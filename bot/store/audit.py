"""The audit log: rows that are only ever added, each chained to the one before with a keyed hash."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from bot.domain.audit import AuditKind, AuditRow, Checkpoint
from bot.store.desk import Desk, moment, stamp
from bot.store.ledger import keyed

_LAST = "select (select max(seq) from audit) as row, (select max(audit_seq) from events) as event"
_SINCE = "select * from audit where school = ? and at >= ? order by seq"
_NEWEST = "select * from audit where school = ? and at >= ? and at < ? order by seq desc"
_OF_CASE = "select * from audit where case_id = ? order by seq"


class AuditLog(Desk):
    """The audit part of a unit."""

    __slots__ = ()

    def record(self, kind: AuditKind, actor: str, school: str = "", case: str = "", detail: str = "") -> None:
        """Add a row to the audit log; a *case* that there is not is an `UnknownCase`."""
        if case:
            self.needs(case)
        self.chain({"kind": kind.value, "school": school, "case_id": case}, actor, detail)

    def chain(self, row: Mapping[str, Any], actor: str, detail: str, digest: bytes = b"") -> int:
        """Add *row* with what it vouches for by *digest*, and return its number."""
        # A row that somebody else put behind the end, or cut off, must not stop the next report.
        found = self.row(_LAST) or {}
        seq = max(found["row"] or 0, found["event"] or 0, self.ledger.seq) + 1
        sealed = self.seal([actor, detail], f"audit.sealed:{seq}")
        whole = {**row, "seq": seq, "at": stamp(self.now), "sealed": sealed, "digest": digest}
        mac = audit_mac(self.roots.audit, self.ledger.mac, whole)
        self.db.execute(
            "insert into audit values (:seq, :at, :kind, :school, :case_id, :sealed, :digest, :mac)",
            {**whole, "mac": mac},
        )
        self.ledger.advance(seq, mac, whole["at"])
        return seq

    def audit_rows(self, school: str, since: datetime | None = None) -> Iterator[AuditRow]:
        """The rows of *school* in order, from *since* on, while the unit is open."""
        return self._rows(_SINCE, school, stamp(since))

    def newest_rows(self, school: str, since: datetime, until: datetime) -> Iterator[AuditRow]:
        """The rows of *school* from *since* on and before *until*, the last first, while the unit is open."""
        return self._rows(_NEWEST, school, stamp(since), stamp(until))

    def case_rows(self, case: str) -> Iterator[AuditRow]:
        """The rows about *case* in order, while the unit is open."""
        return self._rows(_OF_CASE, case)

    def _rows(self, statement: str, *values: str) -> Iterator[AuditRow]:
        for row in self.db.query(statement, list(values)):
            actor, detail = self.unseal(row["sealed"], f"audit.sealed:{row['seq']}")
            kind, at = AuditKind(row["kind"]), moment(row["at"])
            yield AuditRow(row["seq"], at, kind, actor, row["school"], row["case_id"], detail)

    def checkpoint(self) -> Checkpoint:
        """The end of the chain now."""
        return Checkpoint(self.ledger.seq, self.ledger.mac.hex(), self.now)


def audit_mac(secret: bytes, previous: bytes, row: Mapping[str, Any]) -> bytes:
    """Return the hash of *row* chained to the *previous* one."""
    names = ("seq", "at", "kind", "school", "case_id", "sealed", "digest")
    return keyed(secret, "audit", previous, *(row[name] for name in names))
