"""The chain of the audit log: only ever added to, and no single change stays unseen."""

# ruff: noqa: S608 - the tables and columns are our own constants

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, Status
from bot.errors import StoreFailed
from bot.ports import StoredRequest
from bot.store.ledger import canonical
from tests.cases_builders import a_head, a_notice, a_store, add_case, an_access, behind_the_back

# What the rows of each table are found by.
UNIQUE = {
    "audit": ("seq",),
    "events": ("seq", "audit_seq"),
    "ends": ("id",),
    "meta": ("key",),
    "cases": ("id",),
    "case_people": ("person",),
    "names": ("name",),
    "requests": ("id", "request"),
    "outbox": ("id", "key"),
    "memos": ("key",),
}
CASES = ("CASE-1", "CASE-2")
OPERATIONS = {
    "note": lambda unit, case, n: unit.append(case, EventKind.NOTED, "amy", {"n": n}),
    "move": lambda unit, case, n: unit.put_head(a_head(case, status=Status.OPENED, escalations=n)),
    "share": lambda unit, case, n: unit.put_access(case, an_access("amy", f"p{n}")),
    "name": lambda unit, case, n: unit.index_names(case, [f"name {n}"]),
    "remember": lambda unit, case, n: unit.remember("fernhill", f"R{n}", StoredRequest("d", case)),
    "record": lambda unit, case, n: unit.record(AuditKind.VIEWED, "amy", "fernhill", case),
    "notify": lambda unit, case, n: unit.enqueue(a_notice(f"k{n}", case=case)),
    "claim": lambda unit, case, n: unit.claim(n, 1),
    "memo": lambda unit, case, n: unit.put_memo(f"m{n}", case),
}


def flipped(value, bit):
    """*value* with one bit or digit changed, of the same type."""
    if isinstance(value, int):
        return value ^ (1 << bit % 8)
    raw = bytearray(value if isinstance(value, bytes) else value.encode())
    if not raw:
        return b"\x01" if isinstance(value, bytes) else "x"
    raw[bit // 8 % len(raw)] ^= 1 << bit % 7
    return bytes(raw) if isinstance(value, bytes) else raw.decode()


def flip(db, table, rows, draw):
    row = draw(st.sampled_from(rows))
    column = draw(st.sampled_from([name for name in row if name != "place"]))
    value = flipped(row[column], draw(st.integers(0, 4096)))
    db.execute(f"update or replace {table} set {column} = ? where rowid = ?", (value, row["place"]))


def drop(db, table, rows, draw):
    db.execute(f"delete from {table} where rowid = ?", (draw(st.sampled_from(rows))["place"],))


def swap(db, table, rows, draw):
    """Exchange all that two rows hold beside what they are found by."""
    two = draw(st.lists(st.sampled_from(rows), min_size=2, max_size=2, unique_by=lambda row: row["place"]))
    columns = [name for name in two[0] if name not in ("place", "case_id", *UNIQUE[table])]
    sets = ", ".join(f"{name} = ?" for name in columns)
    for old, new in (two, reversed(two)):
        db.execute(
            f"update {table} set {sets} where rowid = ?", (*(new[name] for name in columns), old["place"])
        )


def double(db, table, rows, draw):
    """Add a copy of a row that is found by something else."""
    row = draw(st.sampled_from(rows))
    new = {name: value for name, value in row.items() if name != "place"}
    for name in UNIQUE[table]:
        number = isinstance(new[name], int)
        new[name] = max(each[name] for each in rows) + 1 if number else new[name] + "+"
    marks = ", ".join("?" for _ in new)
    db.execute(f"insert into {table} ({', '.join(new)}) values ({marks})", list(new.values()))


def everything(db):
    db.row_factory = sqlite3.Row
    return {
        table: [dict(row) for row in db.execute(f"select rowid as place, * from {table}")] for table in UNIQUE
    }


def tamper(store, draw):
    """Change one thing in one table, and return where, how, and whether anything is different."""
    with behind_the_back(store) as db:
        before = everything(db)
        table = draw(st.sampled_from([table for table in UNIQUE if before[table]]))
        way = draw(st.sampled_from([flip, drop, double] + [swap] * (len(before[table]) > 1)))
        way(db, table, before[table], draw)
        return table, way.__name__, before != everything(db)


@pytest.fixture(scope="module")
def two_cases(tmp_path_factory):
    """A folder with a store that holds `CASES`: made once, copied for each example."""
    folder = tmp_path_factory.mktemp("two-cases")
    with a_store(folder) as store:
        for case in CASES:
            add_case(store, case)
    return folder


def a_copy(made, folder):
    shutil.copytree(made / "data", folder / "data")
    return a_store(folder)


@pytest.mark.slow
@settings(max_examples=80, deadline=None, derandomize=True)
@given(data=st.data())
def test_any_single_change_after_any_work_is_found(two_cases, data):
    steps = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.sampled_from(CASES), st.integers(0, 3))
    with tempfile.TemporaryDirectory() as folder, a_copy(two_cases, Path(folder)) as store:
        with store.writing() as unit:
            for name, case, number in data.draw(st.lists(steps, max_size=8)):
                OPERATIONS[name](unit, case, number)
        assert list(store.verify()) == []

        table, way, changed = tamper(store, data.draw)

        assert (list(store.verify()) != []) == changed, (table, way)


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set kind = 'viewed'",
        "delete from audit",
        "insert or replace into audit select * from audit",
        "update events set kind = 'note'",
        "update events set sealed = x''",
        "delete from events",
    ],
)
def test_a_record_is_never_edited_or_deleted_in_place(tmp_path, statement):
    with a_store(tmp_path) as store:
        add_case(store)

        with pytest.raises(StoreFailed), store.writing() as unit:
            unit.db.execute(statement)

        assert list(store.verify()) == []


def test_the_guards_hold_for_a_foreign_connection_too(tmp_path):
    with a_store(tmp_path) as store:
        add_case(store)

        with closing(sqlite3.connect(store.path)) as db, pytest.raises(sqlite3.IntegrityError, match="never"):
            db.execute("delete from audit")


@given(
    st.lists(st.one_of(st.integers(), st.text(), st.binary(), st.none()), max_size=4),
    st.lists(st.one_of(st.integers(), st.text(), st.binary(), st.none()), max_size=4),
)
def test_different_values_are_never_hashed_as_the_same_bytes(one, two):
    alike = [(type(each), each) for each in one] == [(type(each), each) for each in two]

    assert (canonical(*one) == canonical(*two)) == alike
