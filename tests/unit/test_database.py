"""The SQLite file: who may read it, what it holds in clear, and what happens when it cannot be written."""

import os
import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from bot.domain.audit import AuditKind
from bot.domain.cases import Access, EventKind, Wanted
from bot.errors import StoreBusy, StoreFailed, WrongKey
from bot.ports import StoredRequest
from bot.store import cases, database
from bot.store.keyring import Keyring
from bot.store.migrations import CHAINED, PROTECTED
from bot.store.sqlite_store import SqliteStore, rotate
from tests.cases_builders import (
    MASTER,
    START,
    FakeClock,
    a_head,
    a_notice,
    a_store,
    add_case,
    behind_the_back,
)

OTHER = bytes(range(100, 132))


@pytest.fixture
def store(tmp_path):
    with a_store(tmp_path) as store:
        yield store


def raw(store):
    """Every byte that lies in the store's folder, SQLite's own log included."""
    return b"".join(file.read_bytes() for file in store.path.parent.iterdir())


def fill_with_canaries(store):
    """Write a word that would be known again into every field that a person's words or id can reach."""
    access = Access(*((f"canary-{name}",) for name in ("full", "copy", "chain", "out", "outside")))
    with store.writing() as unit:
        unit.add_case(a_head(assigned="canary-assigned"), store.new_key("CASE-1"), access, "canary-reporter")
        unit.append("CASE-1", EventKind.FILED, "canary-actor", {"canary-field": "canary-words"})
        unit.put_access("CASE-1", access)
        unit.put_head(a_head(assigned="canary-assigned-later"))
        unit.index_names("CASE-1", ["canary-name"])
        unit.remember("fernhill", "canary-request", StoredRequest("canary-digest", "CASE-1"))
        unit.record(AuditKind.SEARCHED, "canary-searcher", "fernhill", "CASE-1", "canary-detail")
        unit.enqueue(a_notice("canary-key", to="canary-to", case="CASE-1", detail="canary-told"))
        unit.put_off(unit.claim(1, 60)[0], START, "canary-error")
        unit.put_memo("canary-memo", "canary-memory")


def test_no_word_name_handle_person_or_request_is_readable_in_the_database_file(store):
    fill_with_canaries(store)
    in_the_log = raw(store)
    store.close()
    folded = raw(store)

    assert b"CASE-1" in in_the_log
    assert b"CASE-1" in folded
    assert b"canary" not in in_the_log.lower() + folded.lower()
    # As UTF-16 or in hex it would be as readable.
    assert "canary".encode("utf-16-le") not in in_the_log
    assert b"canary".hex().encode() not in in_the_log


def test_the_canaries_are_really_there(store):
    fill_with_canaries(store)

    with store.reading() as unit:
        said = repr((unit.events("CASE-1"), unit.head("CASE-1"), unit.access("CASE-1")))
        said += repr((list(unit.audit_rows("fernhill")), unit.waiting("fernhill"), unit.memo("canary-memo")))
        said += repr(
            (unit.requests("fernhill", "canary-request"), unit.cases_naming("fernhill", ["canary-name"]))
        )
    assert said.count("canary") > 15


def test_what_is_deleted_under_a_certificate_is_gone_from_every_byte_of_the_store(store):
    add_case(store)
    with store.writing() as unit:
        unit.index_names("CASE-1", ["Rowan Pike"])
    with closing(sqlite3.connect(store.path)) as db:
        kept = ("select wrapped_key from cases", "select sealed from events", "select name from names")
        gone = [db.execute(each).fetchone()[0] for each in kept]

    with store.writing() as unit:
        unit.delete_content("CASE-1")

    left = raw(store)
    assert [each for each in gone if (each.encode() if isinstance(each, str) else each) in left] == []
    assert list(store.verify()) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_the_store_is_for_its_own_account_only(store):
    add_case(store)

    modes = {stat.S_IMODE(file.stat().st_mode) for file in store.path.parent.iterdir()}
    assert (modes, stat.S_IMODE(store.path.parent.stat().st_mode)) == ({0o600}, 0o700)


def test_units_are_synced_in_full_and_keep_nothing_in_temporary_files(store):
    with store.writing() as unit:
        asked = ("journal_mode", "synchronous", "temp_store", "foreign_keys", "busy_timeout", "secure_delete")
        settings = [next(iter(unit.db.query(f"pragma {name}"))) for name in asked]

    assert [list(setting.values())[0] for setting in settings] == ["wal", 2, 2, 1, 2000, 1]


def test_every_table_is_verified(store):
    with store.reading() as unit:
        tables = set(unit.db.table_names())

    assert tables - {*PROTECTED, *CHAINED} == {"_sqlite_migrations"}


def test_a_store_opened_again_has_what_it_had(tmp_path):
    with a_store(tmp_path) as store:
        add_case(store)
    with a_store(tmp_path) as again, again.reading() as unit:
        assert unit.events("CASE-1")[0].body == {"what": "a friend request"}


@pytest.mark.slow
def test_eight_who_make_the_store_at_once_have_one(tmp_path):
    # Not `a_store`, which puts one that is made already in its place.
    def opened(_):
        return SqliteStore.open(tmp_path / "data" / "staffroom.db", Keyring(MASTER), FakeClock())

    with ThreadPoolExecutor(8) as pool:
        stores = list(pool.map(opened, range(8)))

    assert len({store.roots for store in stores}) == 1
    for store in stores:
        store.close()


def test_a_wrong_master_key_opens_nothing(tmp_path):
    with a_store(tmp_path) as store:
        add_case(store)

    with pytest.raises(WrongKey):
        a_store(tmp_path, master=OTHER)


@pytest.mark.parametrize("lost", ["delete from meta", "delete from meta where key = 'roots'",
                                  "update meta set value = x'00' where key = 'roots'"])  # fmt: skip
def test_a_store_without_its_roots_is_never_given_new_ones(tmp_path, lost):
    with a_store(tmp_path) as store:
        add_case(store)
        with behind_the_back(store) as db:
            db.execute(lost)

    with pytest.raises(StoreFailed):
        a_store(tmp_path)


def test_after_a_rotation_the_new_key_opens_everything_and_the_old_one_nothing(tmp_path):
    with a_store(tmp_path) as store:
        add_case(store, "CASE-1")
        add_case(store, "CASE-2")
        with store.writing() as unit:
            unit.delete_content("CASE-2")
            secret = unit.key("CASE-1").secret
        path = store.path

    assert rotate(path, store.keyring, Keyring(OTHER), FakeClock()) == 1

    with pytest.raises(WrongKey):
        a_store(tmp_path)
    with a_store(tmp_path, master=OTHER) as again, again.reading() as unit:
        assert unit.key("CASE-1").secret == secret
        assert unit.events("CASE-1")[0].body == {"what": "a friend request"}
        assert [row.kind for row in unit.audit_rows("")] == [AuditKind.KEY_ROTATED]
        assert list(again.verify()) == []


def test_a_process_that_slept_through_a_rotation_files_nothing_under_the_old_key(store):
    rotate(store.path, store.keyring, Keyring(OTHER), FakeClock())

    with pytest.raises(WrongKey):
        add_case(store)


def test_a_rotation_that_fails_on_the_way_changes_nothing(tmp_path):
    with a_store(tmp_path) as store:
        add_case(store, "CASE-1")
        add_case(store, "CASE-2")
        with behind_the_back(store) as db:
            db.execute("update cases set wrapped_key = substr(wrapped_key, 1, 20) where id = 'CASE-2'")

    with pytest.raises(Exception, match="CASE-2"):
        rotate(store.path, store.keyring, Keyring(OTHER), FakeClock())

    with a_store(tmp_path) as again, again.reading() as unit:
        assert unit.key("CASE-1").case == "CASE-1"


@pytest.mark.slow
def test_a_locked_database_is_busy_and_nothing_is_written(store):
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("begin immediate")

        with pytest.raises(StoreBusy):
            add_case(store)

    with store.reading() as unit:
        assert unit.heads("fernhill", "amy", Wanted()) == ()


def test_a_second_writer_of_the_same_process_is_busy_after_its_wait(store, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.01)

    with store.writing(), pytest.raises(StoreBusy):
        add_case(store)


def test_reading_goes_on_while_another_writes(store):
    add_case(store)
    with store.writing() as writer:
        writer.append("CASE-1", EventKind.NOTED, "amy", {})

        with store.reading() as unit:
            assert unit.head("CASE-1").version == 1


def test_a_reading_unit_cannot_write(store):
    with pytest.raises(StoreFailed), store.reading() as unit:
        unit.put_memo("a", "b")


def write_past_the_end_of_the_disk(unit):
    # As if the disk ended with the last page in use.
    unit.db.execute(f"pragma max_page_count = {unit.db.execute('pragma page_count').fetchone()[0]}")
    for number in range(400):
        unit.append("CASE-1", EventKind.NOTED, "amy", {"text": f"canary {number}" * 50})


def test_a_full_disk_is_a_clear_error_and_nothing_is_written(store):
    add_case(store)

    with pytest.raises(StoreFailed, match="SQLITE_FULL") as caught, store.writing() as unit:
        write_past_the_end_of_the_disk(unit)

    with store.reading() as unit:
        assert len(unit.events("CASE-1")) == 1
    assert "canary" not in str(caught.value)
    assert list(store.verify()) == []


def test_a_read_only_database_is_a_clear_error(store, monkeypatch):
    # The tests may run as root, whom no mode of a file stops.
    monkeypatch.setattr(database, "_SETTINGS", ("pragma query_only = on",))

    with pytest.raises(StoreFailed, match="SQLITE_READONLY"):
        add_case(store)


def test_a_store_that_was_taken_away_is_a_clear_error_and_not_an_empty_store(store):
    store.close()
    store.path.unlink()

    with pytest.raises(StoreFailed, match="SQLITE_CANTOPEN"):
        add_case(store)
    assert not store.path.exists()


def test_something_that_is_no_database_is_a_clear_error(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "staffroom.db").write_bytes(b"not a database" * 500)

    with pytest.raises(StoreFailed, match="SQLITE_NOTADB"):
        a_store(tmp_path)


def test_a_folder_in_the_place_of_the_database_is_a_clear_error(tmp_path):
    (tmp_path / "data" / "staffroom.db").mkdir(parents=True)

    with pytest.raises(StoreFailed):
        a_store(tmp_path)


def test_a_case_number_that_is_taken_is_an_error_and_the_first_case_stays(store):
    add_case(store, body={"what": "first"})

    with pytest.raises(StoreFailed):
        add_case(store, body={"what": "second"})

    with store.reading() as unit:
        assert [event.body for event in unit.events("CASE-1")] == [{"what": "first"}]


def test_the_text_of_an_open_store_shows_no_key(store):
    said = repr(store) + repr(store.new_key("CASE-1"))

    assert [each for each in (store.roots.audit, store.roots.memo) if repr(each)[2:-1] in said] == []


def test_the_roots_are_given_to_a_backup_as_they_are_kept(store):
    assert store.keyring.unwrap_roots(store.wrapped_roots()) == store.roots


def test_a_list_is_sorted_by_indexes_alone_so_that_sealed_columns_are_read_for_its_page_only(store):
    asked = {"person": "", "school": "", "statuses": "[]", "form": "", "urgent": -1, "limit": 1, "offset": 0}
    with store.reading() as unit:
        steps = [row["detail"] for row in unit.db.query(f"explain query plan {cases.listed()}", asked)]

    assert [step for step in steps if step.startswith("SCAN") and "json_each" not in step] == []
    assert [step[:12] for step in steps if " c USING COVERING INDEX" in step] == ["SEARCH c USI"]


def test_the_store_opens_from_a_path_with_unusual_letters(tmp_path):
    path = tmp_path / "a #school? 100%" / "staffroom.db"

    with SqliteStore.open(path, Keyring(OTHER), FakeClock()) as store:
        add_case(store)

    assert path.exists()
