"""`verify` finds whatever was changed behind Staffroom's back (SAFETY 21)."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, Wanted
from bot.ports import StoredRequest
from tests.cases_builders import FakeClock, a_notice, a_store, add_case, an_access, behind_the_back


@pytest.fixture
def store(tmp_path):
    """Two cases, with a row in every table."""
    with a_store(tmp_path, FakeClock()) as store:
        for case in ("CASE-1", "CASE-2"):
            add_case(store, case, reporter="U1")
            with store.writing() as unit:
                unit.append(case, EventKind.NOTED, "amy", {"text": "rang home"})
                unit.index_names(case, ["Rowan Pike"])
                unit.remember("fernhill", f"R-{case}", StoredRequest("d1", case))
                unit.enqueue(a_notice(f"new/{case}", case=case))
                unit.put_memo(f"memo/{case}", "amy")
        yield store


def wheres(store, checkpoint=None):
    return [fault.where for fault in store.verify(checkpoint)]


def change(store, statement, *values):
    with behind_the_back(store) as db:
        assert db.execute(statement, values).rowcount > 0


def end_of(store):
    with store.reading() as unit:
        return unit.checkpoint()


def test_a_store_that_nobody_touched_has_no_fault(store):
    assert list(store.verify()) == []
    assert list(store.verify(end_of(store))) == []


def test_a_new_store_has_no_fault(tmp_path):
    with a_store(tmp_path) as store:
        assert list(store.verify(end_of(store))) == []


def test_a_case_deleted_under_a_certificate_is_no_fault(store):
    with store.writing() as unit:
        unit.delete_content("CASE-1")
        unit.record(AuditKind.DELETED, "amy", "fernhill", "CASE-1")

    assert list(store.verify()) == []


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("update audit set at = '2026-11-20T22:41:08.000000+00:00' where seq = 3", "audit 3"),
        ("update audit set kind = 'viewed' where seq = 2", "audit 2"),
        ("delete from audit where seq = 2", "audit 2"),
        ("delete from audit where seq = 4", "audit 4"),
        ("update audit set seq = 9 where seq = 4", "audit 4"),
        ("insert into audit select 5, at, kind, school, case_id, sealed, digest, mac from audit limit 1",
         "audit 5"),
        ("delete from events where case_id = 'CASE-2' and seq = 2", "audit 4"),
        ("update events set kind = 'closed' where case_id = 'CASE-2' and seq = 2", "event CASE-2:2"),
        ("update events set sealed = x'00' where case_id = 'CASE-1' and seq = 1", "event CASE-1:1"),
        ("update events set sealed = x'' where case_id = 'CASE-1' and seq = 1", "event CASE-1:1"),
        ("insert into events select case_id, 3, at, kind, sealed, digest, 99 from events where audit_seq = 1",
         "event CASE-1:3"),
        ("update cases set urgent = 1 where id = 'CASE-1'", "cases CASE-1"),
        ("update cases set clock_at = '' , wrapped_key = x'' where id = 'CASE-1'", "cases CASE-1"),
        ("delete from case_people where case_id = 'CASE-1'", "table case_people"),
        ("insert into case_people select 'ff' || person, case_id, mac from case_people limit 1",
         "case_people CASE-1"),
        ("delete from names where case_id = 'CASE-1'", "table names"),
        ("delete from requests where id = 1", "table requests"),
        ("delete from outbox where id = 1", "table outbox"),
        ("update outbox set sent_at = due where id = 1", "outbox 1"),
        ("update memos set sealed = (select sealed from memos where rowid = 1) where rowid = 2", "memos 2"),
        ("update meta set value = x'00' where key = 'roots'", "meta roots"),
        ("delete from meta where key = 'check'", "table meta"),
        ("update ends set seq = 3", "store"),
        ("delete from ends", "store"),
    ],
)  # fmt: skip
def test_a_changed_dropped_swapped_or_added_row_is_found_and_named(store, statement, where):
    change(store, statement)

    assert where in wheres(store)


def test_two_audit_rows_swapped_are_found(store):
    with behind_the_back(store) as db:
        for old, new in ((1, -1), (2, 1), (-1, 2)):
            db.execute("update audit set seq = ? where seq = ?", (new, old))

    assert wheres(store) != []


def test_two_notices_swapped_are_found(store):
    with behind_the_back(store) as db:
        sealed = [row[0] for row in db.execute("select sealed from outbox order by id")]
        for number, content in enumerate(reversed(sealed), start=1):
            db.execute("update outbox set sealed = ? where id = ?", (content, number))

    assert {"outbox 1", "outbox 2"} <= set(wheres(store))


def test_the_person_concerned_who_adds_himself_with_a_row_that_once_was_right_is_found(store):
    add_case(store, "CASE-3", access=an_access("ben"))
    with behind_the_back(store) as db:
        row = db.execute("select * from case_people where case_id = 'CASE-3'").fetchone()
    with store.writing() as unit:
        unit.put_access("CASE-3", an_access("amy", excluded=("ben",)))

    change(store, "insert into case_people values (?, ?, ?)", *row)

    with store.reading() as unit:
        assert unit.count("fernhill", "ben", Wanted()) == 1
    assert wheres(store) == ["table case_people"]


def test_a_cut_off_tail_with_its_end_set_back_is_found_by_a_checkpoint(store):
    change(store, "delete from audit where seq > 2")
    change(store, "update ends set seq = 2, mac = (select mac from audit where seq = 2)")

    assert "store" in wheres(store)


def test_a_change_is_still_found_after_staffroom_has_written_the_same_row_again(store):
    change(store, "update cases set escalations = 9 where id = 'CASE-1'")
    with store.writing() as unit:
        unit.put_head(unit.head("CASE-1"))

    assert wheres(store) == ["table cases"]


def test_a_changed_end_stops_no_report_and_is_still_found_afterwards(store):
    change(store, "update ends set seq = 3, mac = (select mac from audit where seq = 3)")
    change(store, "delete from audit where seq = 4")
    add_case(store, "CASE-3")

    faults = [fault.what for fault in store.verify()]
    assert "the sealed end of the log was once changed by somebody else" in faults


def test_an_older_copy_of_the_whole_store_is_found_by_a_checkpoint_alone(store, tmp_path):
    old = tmp_path / "old" / "data"
    store.close()
    shutil.copytree(store.path.parent, old)
    with a_store(tmp_path) as again:
        add_case(again, "CASE-3")
        checkpoint = end_of(again)

    with a_store(tmp_path / "old") as restored:
        assert wheres(restored) == []
        assert wheres(restored, checkpoint) == ["audit 5"]


def test_a_log_that_took_another_way_after_it_was_set_back_is_found_by_a_checkpoint(store, tmp_path):
    old = tmp_path / "old" / "data"
    store.close()
    shutil.copytree(store.path.parent, old)
    with a_store(tmp_path) as again:
        add_case(again, "CASE-3")
        checkpoint = end_of(again)

    with a_store(tmp_path / "old") as restored:
        add_case(restored, "CASE-4")
        add_case(restored, "CASE-5")
        assert wheres(restored, checkpoint) == ["audit 5"]


@pytest.mark.parametrize(
    "statement", ["drop trigger audit_is_never_deleted", "drop index idx_events_audit_seq"]
)
def test_a_guard_that_was_taken_away_is_found(store, statement):
    with closing(sqlite3.connect(store.path)) as db:
        db.execute(statement)

    assert [where.split()[0] for where in wheres(store)] == ["table"]


def test_a_damaged_file_is_a_fault_and_not_a_crash(store):
    store.close()
    content = bytearray(store.path.read_bytes())
    for at in range(8192, len(content), 4096):
        content[at : at + 16] = b"\xff" * 16
    store.path.write_bytes(content)

    assert "store" in wheres(store)


def test_what_is_found_names_ids_and_no_person(store):
    change(store, "update cases set urgent = 1")
    change(store, "update outbox set due = ''")
    change(store, "delete from audit")

    said = " ".join(f"{fault.where} {fault.what}" for fault in store.verify())
    assert [name for name in ("amy", "Rowan", "U1", "rang") if name in said] == []


def test_the_evidence_that_must_be_there_is_known_with_the_key_of_its_case(store):
    body = {"id": "E1", "sha256": "00", "size": 3, "derivatives": ["D1"]}
    with store.writing() as unit:
        unit.append("CASE-1", EventKind.EVIDENCE_STORED, "reporter", body)
        unit.append("CASE-2", EventKind.EVIDENCE_STORED, "reporter", body)
        unit.delete_content("CASE-2")
        key = unit.key("CASE-1")

    assert list(store.known_evidence()) == [(key, body)]
