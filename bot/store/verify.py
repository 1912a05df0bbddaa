"""The walk that finds whatever was changed behind Staffroom's back (SAFETY 21)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from bot.domain.audit import AuditKind, Checkpoint, Fault
from bot.errors import StoreFailed
from bot.store import database
from bot.store.audit import audit_mac
from bot.store.cases import event_digest
from bot.store.ledger import GENESIS, added, digest, end_seal, row_mac
from bot.store.migrations import PROTECTED, migrations

Row = Mapping[str, Any]

_CHAIN = """
    select a.*, e.case_id as e_case_id, e.seq as e_seq, e.at as e_at, e.kind as e_kind,
        e.sealed as e_sealed, e.digest as e_digest, c.wrapped_key
    from audit a left join events e on e.audit_seq = a.seq left join cases c on c.id = e.case_id
    order by a.seq
"""
_STRAYS = "select case_id, seq from events where audit_seq not in (select seq from audit)"
_SCHEMA = "select type, name, tbl_name, sql from sqlite_master where name not like 'sqlite_%'"
# How a fault names a row of a table: by ids alone.
_NAMED = {"case_people": "case_id", "names": "case_id", "requests": "id", "outbox": "id", "memos": "rowid"}


def faults(path: Path, secret: bytes, checkpoint: Checkpoint | None = None) -> Iterator[Fault]:
    """
    Yield what is wrong with the store at *path*, whose chain is keyed with *secret*.

    A *checkpoint* that left the machine also finds a store that was set back as a whole.
    """
    try:
        with database.reading(path) as db:
            # A byte that is no UTF-8 any more is a change to report, not an error to stop at.
            db.conn.text_factory = _lenient
            yield from _structure(db)
            yield from _chain(db, secret, checkpoint)
            for row in db.query(_STRAYS):
                yield Fault(f"event {row['case_id']}:{row['seq']}", "is not in the audit log")
            yield from _tables(db, secret)
    except StoreFailed as error:
        yield Fault("store", f"cannot be read to the end: {error}")


def _structure(db: Database) -> Iterator[Fault]:
    for row in db.execute("pragma integrity_check(10)").fetchall():
        if row[0] != "ok":
            yield Fault("store", "the file is damaged: SQLite's own check fails")
            break
    for row in db.execute("pragma foreign_key_check").fetchall():
        yield Fault(f"{row[0]} {row[1]}", "belongs to a case that is not there")
    with Database(memory=True) as ours:
        migrations.apply(ours)
        for table in sorted(set(_schema(db)) ^ set(_schema(ours))):
            yield Fault(
                f"table {table[2]}", "a table, an index or a guard against changes is not as it was made"
            )


def _schema(db: Database) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in db.execute(_SCHEMA).fetchall()]


def _chain(db: Database, secret: bytes, checkpoint: Checkpoint | None) -> Iterator[Fault]:
    seq, mac, passed = 0, GENESIS, checkpoint is None or checkpoint.seq == 0
    for row in db.query(_CHAIN):
        if row["seq"] != seq + 1:
            yield Fault(f"audit {seq + 1}", "a row is missing or twice before the next one")
        if audit_mac(secret, mac, row) != row["mac"]:
            yield Fault(
                f"audit {row['seq']}", "the row was changed, or the one before is not the one it followed"
            )
        yield from _event(row)
        seq, mac = row["seq"], row["mac"]
        if checkpoint and seq == checkpoint.seq:
            passed = True
            if mac != _bytes(checkpoint.mac):
                yield Fault(f"audit {seq}", "is not the row of the checkpoint")
    if checkpoint and not passed:
        yield Fault(
            f"audit {checkpoint.seq}", f"the checkpoint has {checkpoint.seq} rows, the log ends at {seq}"
        )
    yield from _end(db, secret, (seq, mac))


def _event(row: Row) -> Iterator[Fault]:
    if row["e_case_id"] is None:
        if row["kind"] == AuditKind.EVENT.value:
            yield Fault(
                f"audit {row['seq']}", f"the event of case {row['case_id']} that it records is missing"
            )
        return
    where = f"event {row['e_case_id']}:{row['e_seq']}"
    if row["digest"] != event_digest(row, "e_"):
        yield Fault(where, "is not the one that the audit log recorded")
    deleted = row["wrapped_key"] == b"" and row["e_sealed"] == b""
    if not deleted and digest(row["e_sealed"]) != row["e_digest"]:
        yield Fault(where, "its sealed content was changed")


def _end(db: Database, secret: bytes, last: tuple[int, bytes]) -> Iterator[Fault]:
    end = _sealed_end(db, secret)
    if end is None:
        yield Fault("store", "the sealed end of the log is missing or was changed")
        return
    if end["broken"]:
        yield Fault("store", "the sealed end of the log was once changed by somebody else")
    if (end["seq"], end["mac"]) != last:
        yield Fault(f"audit {end['seq']}", f"the log must end with row {end['seq']}, and ends with {last[0]}")
    if next(iter(db.query("select 1 from ends where id <> 1")), None):
        yield Fault("store", "the log has a second end")


def _sealed_end(db: Database, secret: bytes) -> Row | None:
    row = next(iter(db.query("select * from ends where id = 1")), None)
    return row if row is not None and row["seal"] == end_seal(secret, row) else None


def _tables(db: Database, secret: bytes) -> Iterator[Fault]:
    end = _sealed_end(db, secret)
    sums: dict[str, str] = json.loads(end["sums"]) if end else {}
    for table in PROTECTED:
        total = 0
        for row in db.query(f'select rowid, * from "{table}"'):  # noqa: S608 - the name is our own constant
            mac = row_mac(secret, table, row)
            total = added(total, (mac,))
            if mac != row["mac"]:
                where = row[_NAMED.get(table, PROTECTED[table][1][0])]
                yield Fault(f"{table} {where}", "the row was changed or added by somebody else")
        if end and total != int(sums.get(table, "0"), 16):
            yield Fault(f"table {table}", "a row was added, dropped, changed or put back to what it was")


def _bytes(mac: str) -> bytes:
    try:
        return bytes.fromhex(mac)
    except ValueError:
        return b""


def _lenient(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")
