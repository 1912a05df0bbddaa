"""A restored backup undoes no exclusion, no deletion and no legal hold since (SAFETY 15, 28)."""

import json
from datetime import date

import pytest

from bot.casework.casework import Casework
from bot.domain.cases import EventKind, Status
from bot.domain.closing import Retention
from bot.errors import CaseDeleted, StoreFailed, UnknownCase
from bot.store.backup import Places
from bot.store.keyring import Keyring
from bot.store.restore import Target
from bot.store.sqlite_store import SqliteStore
from bot.store.upkeep import back_up, put_back, walk
from bot.store.vault import FileVault
from tests.cases_builders import MASTER, FakeClock, an_access
from tests.casework_builders import (
    AMY,
    BEN,
    PEOPLE,
    a_schedule,
    audit,
    closed,
    events,
    file_case,
    notices,
    opened,
)
from tests.fakes import a_school

SOON = Retention("contact-settled", sexual_abuse=False, until=date(2027, 1, 1))
NOT_KNOWN = "people kept out after the backup are not known here: check each open case"


@pytest.fixture
def clock():
    return FakeClock()


def work_on(folder, clock):
    """Casework on the store in *folder*, which keeps nothing open but that store."""
    places = Places.of(folder)
    store = SqliteStore.open(places.database, Keyring(MASTER), clock)
    vault = FileVault(places.vault, places.lock_list(store.roots.audit, clock))
    return Casework({"fernhill": a_school(person=PEOPLE)}, store, vault, a_schedule())


def backed_up(work, folder):
    return back_up(work.store, Places.of(folder / "data"), folder / "file.backup", "OS user kit")


def restored(folder, clock, place="data"):
    target = Target(Places.of(folder / place), Keyring(MASTER), replace=True, clock=clock)
    return put_back(folder / "file.backup", target, "OS user kit")


def detail_of(work):
    return next(detail for kind, _, _, detail in audit(work, "") if kind == "restored")


@pytest.fixture
def kept_out(tmp_path, clock):
    """Three cases in a backup; since then ben is kept out of one, one is deleted and one is held."""
    work = work_on(tmp_path / "data", clock)
    file_case(work, "CASE-1", an_access("amy", "ben", "cat"), files=("e-1",))
    file_case(work, "CASE-2", files=("e-2",))
    file_case(work, "CASE-3")
    closed(work, case="CASE-2", retention=SOON)
    opened(work, case="CASE-3")
    backed_up(work, tmp_path)
    work.exclude(AMY, "CASE-1", "ben", "it is about him")
    work.hold(AMY, "CASE-3", "a court case")
    clock.pass_by(days=365)
    (certificate,) = work.confirm_deletion(AMY, "CASE-2", "its time is over")
    work.store.close()
    return certificate


def test_safety_15_who_was_kept_out_after_the_backup_neither_opens_nor_lists_the_case(
    kept_out, tmp_path, clock
):
    restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    with pytest.raises(UnknownCase):
        work.open_case(BEN, "CASE-1", "working on the case")
    assert [head.case for head in work.list_cases(BEN)] == []
    assert opened(work).access.full == ("amy", "cat")
    last = [each for each in events(work) if each.kind is EventKind.EXCLUDED][-1]
    assert (last.body["person"], last.body["reason"]) == ("ben", "kept out before the restore")


def test_safety_28_what_was_deleted_after_the_backup_is_deleted_again(kept_out, tmp_path, clock):
    restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    with pytest.raises(CaseDeleted):
        opened(work, case="CASE-2")
    with work.store.reading() as unit:
        assert (unit.head("CASE-2").status, unit.events("CASE-2")) == (Status.DELETED, ())
    assert work.vault.items("CASE-2") == ()
    (said,) = [json.loads(row[3]) for row in audit(work) if row[0] == "deleted"]
    assert said == kept_out.as_json()


def test_safety_28_what_was_held_after_the_backup_is_held(kept_out, tmp_path, clock):
    restored(tmp_path, clock)

    assert opened(work_on(tmp_path / "data", clock), case="CASE-3").held == "a court case"


def test_safety_21_what_a_restore_carries_over_is_counted_and_recorded_and_verify_finds_no_fault(
    kept_out, tmp_path, clock
):
    done = restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    words = "carried over from the store that was here: 1 kept out again, 1 deleted again, 1 held again"
    assert (done.carried.excluded, done.carried.deleted, done.carried.held) == (1, ("CASE-2",), 1)
    assert done.since == words
    assert detail_of(work) == f"{done.gap}; {words}"
    assert walk(work.store, work.vault).faults == ()
    assert walk(work.store, work.vault).files == 2


def test_safety_15_a_case_that_nobody_is_left_to_hold_goes_to_the_next_of_its_chain(tmp_path, clock):
    work = work_on(tmp_path / "data", clock)
    file_case(work, access=an_access("amy", chain=("ben", "dan")))
    opened(work)
    backed_up(work, tmp_path)
    work.share(AMY, "CASE-1", "eve", "a colleague")
    for person in ("ben", "amy"):
        work.exclude(AMY, "CASE-1", person, "it is about them")
    work.store.close()

    restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    with work.store.reading() as unit:
        head, access = unit.head("CASE-1"), unit.access("CASE-1")
        due = [each.case for each in unit.clocks_due(9)]
    assert (access.full, access.chain, set(access.excluded)) == (("dan",), (), {"amy", "ben"})
    assert (head.status, due) == (Status.RECEIVED, ["CASE-1"])
    assert ("new-case", "dan", "CASE-1") in notices(work)


def test_a_second_restore_carries_over_nothing_twice(kept_out, tmp_path, clock):
    restored(tmp_path, clock)
    clock.pass_by(minutes=1)

    done = restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    assert (done.carried.excluded, done.carried.deleted, done.carried.held) == (1, ("CASE-2",), 1)
    assert len([each for each in events(work) if each.kind is EventKind.EXCLUDED]) == 1
    assert walk(work.store, work.vault).faults == ()


def test_nothing_is_carried_over_where_nothing_was_decided_since(tmp_path, clock):
    work = work_on(tmp_path / "data", clock)
    file_case(work, access=an_access("amy", excluded=("ben",)))
    backed_up(work, tmp_path)
    before = events(work)
    work.store.close()

    done = restored(tmp_path, clock)

    assert (done.carried.excluded, done.carried.deleted, done.carried.held) == (0, (), 0)
    assert events(work_on(tmp_path / "data", clock)) == before


@pytest.mark.parametrize("lost", ["elsewhere", "damaged", "gone"])
def test_safety_15_where_the_old_store_cannot_be_read_the_restore_says_what_is_not_known(
    kept_out, tmp_path, clock, lost
):
    database = tmp_path / "data" / "staffroom.db"
    if lost == "damaged":
        database.write_bytes(b"no database" * 1000)
    if lost == "gone":
        database.unlink()
    place = "new" if lost == "elsewhere" else "data"

    done = restored(tmp_path, clock, place)

    work = work_on(tmp_path / place, clock)
    assert (done.carried, done.since) == (None, NOT_KNOWN)
    assert detail_of(work).endswith(NOT_KNOWN)
    assert walk(work.store, work.vault).faults == ()


def test_safety_15_an_old_case_that_does_not_open_is_named(kept_out, tmp_path, clock):
    work = work_on(tmp_path / "data", clock)
    with work.store.writing() as unit:
        unit.db.execute("update cases set access = x'00' where id = 'CASE-1'")
    work.store.close()

    done = restored(tmp_path, clock)

    assert (done.carried.excluded, done.carried.unread) == (0, ("CASE-1",))
    assert done.since.endswith("is not known here, check them: CASE-1")


def test_a_restore_that_fails_while_carrying_over_leaves_the_old_store_in_its_place(
    kept_out, tmp_path, clock, monkeypatch
):
    def full(*_):
        raise StoreFailed("disk full")

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.upkeep.carry", full)
        with pytest.raises(StoreFailed):
            restored(tmp_path, clock)

    work = work_on(tmp_path / "data", clock)
    with pytest.raises(UnknownCase):
        opened(work, BEN)
    assert "restored" not in [row[0] for row in audit(work, "")]
    assert not [path for path in (tmp_path / "data").iterdir() if "restore" in path.name]


def test_another_store_under_the_same_key_says_nothing_about_the_restored_one(tmp_path, clock):
    for place in ("data", "other"):
        work = work_on(tmp_path / place, clock)
        file_case(work, access=an_access("amy", "ben", excluded=("dan",) if place == "other" else ()))
        if place == "data":
            backed_up(work, tmp_path)
        work.store.close()

    done = restored(tmp_path, clock, "other")

    assert (done.carried, done.since) == (None, NOT_KNOWN)
