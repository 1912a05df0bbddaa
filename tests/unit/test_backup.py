"""A backup is whole or refused, restores with a way back, and never opens what is locked (SAFETY 4)."""

import io
import os
import sqlite3
import stat
import tarfile
from contextlib import closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.audit import Checkpoint
from bot.errors import (
    BackupDamaged,
    ConfigurationError,
    EvidenceLocked,
    LocksDamaged,
    StoreBusy,
    StoreFailed,
    WrongKey,
)
from bot.store import archive
from bot.store.archive import Archive, Kept, Manifest
from bot.store.backup import Places, backup
from bot.store.keyring import Keyring
from bot.store.locks import Lock
from bot.store.restore import RestoreReport, Target, restore, settle, verify_backup
from tests.unit.vault_builders import (
    AT,
    CANARY,
    MASTER,
    KeptStore,
    a_key,
    content_of,
    files_below,
    flipped,
    words_in,
)

KEY = a_key()
POINT = Checkpoint(7, "ab" * 32, AT)


@pytest.fixture
def store(tmp_path):
    """A store with two evidence files in one case."""
    kept = KeptStore(tmp_path / "data")
    kept.vault.put(KEY, "e1", [CANARY * 10])
    kept.vault.put(KEY, "e2", [b"second"])
    return kept


@pytest.fixture
def file(store, tmp_path):
    """A backup of `store`."""
    path = tmp_path / "backup.tar"
    backup(store.source, path, POINT)
    return path


def a_target(folder, **changes):
    return Target(Places.of(folder), **{"keyring": Keyring(MASTER), "clock": lambda: AT} | changes)


def state_of(folder):
    return {
        name: (folder / name).read_bytes()
        for name in files_below(folder)
        if "lock" not in name and ".alone" not in name
    }


def put_at(folder):
    return [name for name in files_below(folder) if not name.endswith(".alone")]


def is_refused(file, keyring):
    try:
        verify_backup(file, keyring)
    except (BackupDamaged, WrongKey):
        return True
    return False


def test_a_backup_restores_on_an_empty_machine(store, file, tmp_path):
    report = restore(file, a_target(tmp_path / "new"))

    assert report == RestoreReport(AT, POINT, evidence=2, locked_kept=0, locked_absent=0, aside=None)
    assert words_in(tmp_path / "new" / "staffroom.db") == ["first"]
    for name in ("evidence/C1/e1", "evidence/C1/e2"):
        assert (tmp_path / "new" / name).read_bytes() == (tmp_path / "data" / name).read_bytes()


def test_a_backup_is_one_file_for_this_account_alone_and_leaves_nothing_else(store, file, tmp_path):
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(os.listdir(tmp_path)) == ["backup.tar", "data"]
    assert not [name for name in files_below(tmp_path) if name.endswith((".copy", ".part"))]


def test_an_ordinary_tar_lists_a_backup(file):
    with tarfile.open(file) as tar:
        assert tar.getnames() == ["staffroom.db", "evidence/C1/e1", "evidence/C1/e2", "manifest"]


def test_no_evidence_can_be_read_in_a_backup(file):
    assert CANARY not in file.read_bytes()


def test_a_backup_says_how_far_it_has_come(store, tmp_path):
    heard = []

    backup(store.source, tmp_path / "backup.tar", hear=lambda done, total: heard.append((done, total)))

    assert heard == [(1, 3), (2, 3), (3, 3)]


def test_a_backup_made_while_somebody_writes_holds_one_moment(store, tmp_path):
    path = tmp_path / "backup.tar"
    with closing(sqlite3.connect(store.places.database)) as db:
        db.execute("begin immediate")
        db.execute("insert into rows values ('unfinished')")

        backup(store.source, path, hear=lambda done, total: None)

        db.commit()
    restore(path, a_target(tmp_path / "new"))

    assert words_in(tmp_path / "new" / "staffroom.db") == ["first"]
    assert store.words() == ["first", "unfinished"]


def test_a_backup_never_replaces_a_file(store, file):
    before = file.read_bytes()

    with pytest.raises(ConfigurationError, match="is there already"):
        backup(store.source, file)

    assert file.read_bytes() == before


def test_a_backup_into_a_folder_that_is_not_there_says_so(store, tmp_path):
    with pytest.raises(ConfigurationError, match="is no folder"):
        backup(store.source, tmp_path / "none" / "backup.tar")


def test_two_backups_at_once_are_not_made(store, tmp_path):
    refused = []

    def again(done, total):
        with pytest.raises(StoreBusy):
            backup(store.source, tmp_path / "second.tar")
        refused.append(done)

    backup(store.source, tmp_path / "first.tar", hear=again)

    assert refused == [1, 2, 3]


def test_a_full_disk_leaves_no_backup_behind(store, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.disk.os.write", full)
        with pytest.raises(StoreFailed):
            backup(store.source, tmp_path / "backup.tar")

    assert os.listdir(tmp_path) == ["data"]


def test_a_damaged_database_is_not_backed_up_as_if_it_were_whole(store, tmp_path):
    with closing(sqlite3.connect(store.places.database)) as db:
        db.executemany("insert into rows values (?)", [["x" * 900]] * 200)
        db.commit()
        db.execute("pragma wal_checkpoint(truncate)")
    content = store.places.database.read_bytes()
    store.places.database.write_bytes(content[:8192] + b"\xff" * 8192 + content[16384:])

    with pytest.raises(StoreFailed):
        backup(store.source, tmp_path / "backup.tar")

    assert os.listdir(tmp_path) == ["data"]


def test_what_a_killed_backup_left_does_not_hinder_the_next(store, tmp_path):
    (tmp_path / "data" / ".staffroom.db.copy").write_bytes(b"half a copy")

    backup(store.source, tmp_path / "backup.tar")

    assert "staffroom.db" in verify_backup(tmp_path / "backup.tar", store.keyring).files


def test_locked_items_and_their_derivatives_stay_out_of_a_backup(store, tmp_path):
    store.vault.put(KEY, "e1-a", [b"picture"])
    store.vault.lock("C1", "e1", ["e1-a"])

    manifest = backup(store.source, tmp_path / "backup.tar")

    assert set(manifest.files) == {"staffroom.db", "evidence/C1/e2"}
    assert manifest.locks == (Lock("C1", "e1", ("e1-a",), AT),)


def test_an_item_locked_while_a_backup_is_made_stays_out_of_it(store, tmp_path):
    def lock_at_the_end(done, total):
        if done == total == 3:
            store.vault.lock("C1", "e1", [])

    manifest = backup(store.source, tmp_path / "backup.tar", hear=lock_at_the_end)

    assert set(manifest.files) == {"staffroom.db", "evidence/C1/e2"}


def test_with_a_damaged_lock_list_no_backup_is_made(store, tmp_path):
    store.vault.lock("C1", "e1", [])
    store.places.locks.unlink()

    with pytest.raises(LocksDamaged):
        backup(store.source, tmp_path / "backup.tar")

    assert os.listdir(tmp_path) == ["data"]


def test_the_lock_list_is_in_no_backup(store, tmp_path):
    store.vault.lock("C1", "e1", [])

    backup(store.source, tmp_path / "backup.tar")

    assert store.places.locks.read_bytes().strip() not in (tmp_path / "backup.tar").read_bytes()


def test_a_restored_older_backup_does_not_unlock(store, file, tmp_path):
    store.vault.lock("C1", "e1", [])

    report = restore(file, a_target(tmp_path / "data", replace=True))

    assert (report.locked_kept, report.locked_absent) == (1, 0)
    assert store.vault.locked("C1") == {"e1"}
    assert (store.vault.folder / "C1" / "e1").is_file()
    with pytest.raises(EvidenceLocked):
        store.vault.read(KEY, "e1")
    assert content_of(store.vault, KEY, "e2") == b"second"


def test_a_locked_file_that_is_in_no_backup_is_not_lost_by_a_restore(store, tmp_path):
    store.vault.lock("C1", "e1", [])
    kept = (store.vault.folder / "C1" / "e1").read_bytes()
    backup(store.source, tmp_path / "backup.tar")

    report = restore(tmp_path / "backup.tar", a_target(tmp_path / "data", replace=True))

    assert (report.evidence, report.locked_kept) == (2, 1)
    assert (store.vault.folder / "C1" / "e1").read_bytes() == kept
    with pytest.raises(EvidenceLocked):
        store.vault.read(KEY, "e1")


def test_on_another_machine_what_the_backup_knew_as_locked_is_locked_and_counted_apart(store, tmp_path):
    store.vault.lock("C1", "e1", [])
    backup(store.source, tmp_path / "backup.tar")

    report = restore(tmp_path / "backup.tar", a_target(tmp_path / "new"))

    locks = Places.of(tmp_path / "new").lock_list(store.roots.audit)
    assert (report.evidence, report.locked_kept, report.locked_absent) == (1, 0, 1)
    assert locks.locked("C1") == {"e1"}


def test_a_restore_refuses_to_replace_a_store_unless_told(store, file, tmp_path):
    store.write("later")
    before = state_of(tmp_path / "data")

    with pytest.raises(ConfigurationError, match="--replace"):
        restore(file, a_target(tmp_path / "data"))

    assert state_of(tmp_path / "data") == before


def test_a_restore_moves_the_old_store_aside_as_a_way_back(store, file, tmp_path):
    store.write("later")
    store.vault.put(KEY, "e3", [b"third"])

    report = restore(file, a_target(tmp_path / "data", replace=True))

    aside = tmp_path / "data" / "before-restore-20261120-224107Z"
    assert report.aside == aside
    assert store.words() == ["first"]
    assert words_in(aside / "staffroom.db") == ["first", "later"]
    assert store.vault.items("C1") == ("e1", "e2")
    assert sorted(os.listdir(aside / "evidence" / "C1")) == ["e1", "e2", "e3"]
    assert not [name for name in os.listdir(tmp_path / "data") if name.startswith((".restore", "restore"))]


@pytest.mark.parametrize("fails_at", range(4))
def test_a_restore_that_fails_in_the_middle_leaves_the_store_as_it_was(
    store, file, tmp_path, monkeypatch, fails_at
):
    before = state_of(tmp_path / "data")
    real, calls = os.rename, []

    def fails_once(start, end):
        calls.append(start)
        if len(calls) == fails_at + 1:
            raise OSError(5, "Input/output error")
        real(start, end)

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.restore.os.rename", fails_once)
        with pytest.raises(StoreFailed):
            restore(file, a_target(tmp_path / "data", replace=True))

    assert state_of(tmp_path / "data") == before
    assert not [name for name in os.listdir(tmp_path / "data") if "restore" in name]


def test_what_the_caller_leaves_open_when_it_finishes_a_restore_is_not_put_in_place(store, file, tmp_path):
    before = state_of(tmp_path / "data")
    left = []

    def finish(staged, manifest):
        left.append(sqlite3.connect(staged.database))
        left[0].execute("pragma journal_mode = wal")
        left[0].execute("insert into rows values ('half')")
        left[0].commit()

    with pytest.raises(StoreFailed):
        restore(file, a_target(tmp_path / "data", replace=True, finish=finish))

    left[0].close()
    assert state_of(tmp_path / "data") == before


def test_what_the_caller_finishes_is_put_in_place_with_the_backup(store, file, tmp_path):
    def finish(staged, manifest):
        with closing(sqlite3.connect(staged.database)) as db, db:
            db.execute("insert into rows values (?)", [str(manifest.checkpoint.seq)])

    restore(file, a_target(tmp_path / "data", replace=True, finish=finish))

    assert store.words() == ["first", "7"]


class PowerCut(BaseException):
    pass


@pytest.mark.parametrize("cut_at", range(1, 5))
def test_after_a_power_cut_in_mid_restore_the_old_store_is_put_back(
    store, file, tmp_path, monkeypatch, cut_at
):
    data = tmp_path / "data"
    before = state_of(data)
    calls = []

    def cut(folder):
        # Once after each of the four renames.
        calls.append(folder)
        if len(calls) == cut_at:
            raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.restore.sync_folder", cut)
        with pytest.raises(PowerCut):
            restore(file, a_target(data, replace=True))

    assert settle(Places.of(data))
    assert state_of(data) == before
    assert not settle(Places.of(data))
    assert not [name for name in os.listdir(data) if "restore" in name]
    restore(file, a_target(data, replace=True))
    assert store.words() == ["first"]


def test_a_restore_after_one_that_was_cut_off_begins_from_the_old_store(store, file, tmp_path, monkeypatch):
    def cut(folder):
        raise PowerCut

    store.write("later")
    with monkeypatch.context() as patch:
        patch.setattr("bot.store.restore.sync_folder", cut)
        with pytest.raises(PowerCut):
            restore(file, a_target(tmp_path / "data", replace=True))

    report = restore(file, a_target(tmp_path / "data", replace=True))

    assert store.words() == ["first"]
    assert words_in(report.aside / "staffroom.db") == ["first", "later"]


def test_what_a_restore_killed_before_it_changed_anything_left_is_cleared_away(store, tmp_path):
    (tmp_path / "data" / ".restore.abc").mkdir()
    (tmp_path / "data" / ".restore.abc" / "staffroom.db").write_bytes(b"half")
    before = store.words()

    assert not settle(store.places)

    assert not (tmp_path / "data" / ".restore.abc").exists()
    assert store.words() == before


def test_no_restore_runs_beside_a_backup(store, file, tmp_path):
    refused = []

    def meanwhile(done, total):
        with pytest.raises(StoreBusy):
            restore(file, a_target(tmp_path / "data", replace=True))
        refused.append(done)

    backup(store.source, tmp_path / "second.tar", hear=meanwhile)

    assert refused == [1, 2, 3]


def test_a_flipped_byte_anywhere_in_a_backup_is_found(store, file, tmp_path):
    content = file.read_bytes()
    damaged = tmp_path / "damaged.tar"
    # Every byte of heads, padding, manifest and end; of the long run of the database, some.
    places = [*range(0, 1200), *range(1200, len(content), 97), *range(len(content) - 400, len(content))]

    missed = []
    for place in places:
        damaged.write_bytes(flipped(content, place))
        if not is_refused(damaged, store.keyring):
            missed.append(place)

    assert missed == []


@settings(max_examples=40, derandomize=True)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_backup_cut_off_anywhere_is_found(tmp_path_factory, share):
    folder = tmp_path_factory.mktemp("cut")
    store = KeptStore(folder / "data")
    backup(store.source, folder / "backup.tar")
    content = (folder / "backup.tar").read_bytes()
    (folder / "backup.tar").write_bytes(content[: int(len(content) * share)])

    assert is_refused(folder / "backup.tar", store.keyring)


@pytest.mark.parametrize("change", [lambda content: flipped(content, 700), lambda content: content[:-1]])
def test_a_damaged_backup_touches_nothing(store, file, tmp_path, change):
    before = state_of(tmp_path / "data")
    file.write_bytes(change(file.read_bytes()))

    with pytest.raises(BackupDamaged):
        restore(file, a_target(tmp_path / "data", replace=True))

    assert state_of(tmp_path / "data") == before


@pytest.mark.parametrize("content", [b"", b"hello", b"x" * 5000])
def test_a_file_that_is_no_backup_is_refused(tmp_path, content):
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(BackupDamaged):
        restore(tmp_path / "file", a_target(tmp_path / "new"))

    assert put_at(tmp_path / "new") == []


def test_a_backup_of_another_master_key_is_told_by_the_ids_of_both(store, file, tmp_path):
    other = Keyring(b"o" * 32)

    with pytest.raises(WrongKey) as caught:
        restore(file, a_target(tmp_path / "new", keyring=other))

    assert f"expects key {store.keyring.key_id}" in str(caught.value)
    assert f"given key {other.key_id}" in str(caught.value)
    assert put_at(tmp_path / "new") == []


def test_a_backup_made_before_the_key_was_changed_still_restores(store, file, tmp_path):
    both = Keyring(b"n" * 32, (MASTER,))

    report = restore(file, a_target(tmp_path / "new", keyring=both))

    assert report.evidence == 2


def test_a_restore_beside_a_damaged_lock_list_touches_nothing(store, file, tmp_path):
    store.vault.lock("C1", "e1", [])
    store.places.locks.write_bytes(b"{}\n")
    before = state_of(tmp_path / "data")

    with pytest.raises(LocksDamaged):
        restore(file, a_target(tmp_path / "data", replace=True))

    assert state_of(tmp_path / "data") == before


def forged(store, path, members):
    """Write a backup as somebody who has the keys would, with *members* as they are."""
    content = io.BytesIO()
    made = Archive(content.write, store.roots, store.source.wrapped_roots)
    for member in members:
        made._tar.addfile(member, io.BytesIO(b"x" * member.size))
        made.files[member.name] = Kept(member.size, "0" * 64)
    made.close(Manifest(AT, None, made.files, ()))
    path.write_bytes(content.getvalue())


def a_member(name, **changes):
    member = tarfile.TarInfo(name)
    for key, value in changes.items():
        setattr(member, key, value)
    return member


@pytest.mark.parametrize(
    "member",
    [
        a_member("../outside", size=1),
        a_member("/outside", size=1),
        a_member("evidence/../../outside", size=1),
        a_member("evidence/C1/../outside", size=1),
        a_member("evidence/C1/a/b", size=1),
        a_member("evidence/.C1/a", size=1),
        a_member("evidence/C1", size=1),
        a_member("other", size=1),
        a_member("evidence/C1/link", type=tarfile.SYMTYPE, linkname="/etc/passwd"),
        a_member("evidence/C1/link", type=tarfile.LNKTYPE, linkname="staffroom.db"),
        a_member("evidence/C1/folder", type=tarfile.DIRTYPE),
        a_member("evidence/C1/pipe", type=tarfile.FIFOTYPE),
        a_member("staffroom.db", size=2),
    ],
    ids=lambda member: f"{member.name} {member.type}",
)
def test_a_backup_with_an_unsafe_member_is_refused_even_with_the_right_key(store, tmp_path, member):
    path = tmp_path / "forged.tar"
    forged(store, path, [a_member("staffroom.db", size=1), member])

    with pytest.raises(BackupDamaged, match=r"members|names"):
        restore(path, a_target(tmp_path / "new" / "data"))

    assert put_at(tmp_path / "new") == []


def test_a_backup_without_a_database_is_refused(store, tmp_path):
    forged(store, tmp_path / "forged.tar", [a_member("evidence/C1/e1", size=1)])

    with pytest.raises(BackupDamaged):
        verify_backup(tmp_path / "forged.tar", store.keyring)


def test_a_file_that_is_not_what_the_manifest_says_is_refused(store, tmp_path):
    forged(store, tmp_path / "forged.tar", [a_member("staffroom.db", size=1)])

    with pytest.raises(BackupDamaged, match=r"staffroom\.db"):
        restore(tmp_path / "forged.tar", a_target(tmp_path / "new"))

    assert put_at(tmp_path / "new") == []


def test_wrapped_roots_are_as_long_as_a_backup_expects(store):
    assert len(store.source.wrapped_roots) == archive._ROOTS_BYTES
