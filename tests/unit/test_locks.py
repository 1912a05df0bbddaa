"""The list of locked files only grows, and what happens to it never opens one (SAFETY 4)."""

import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import EvidenceLocked, LocksDamaged, StoreFailed
from bot.store.locks import Lock
from tests.unit.vault_builders import AT, a_lock_list, flipped


@pytest.fixture
def locks(tmp_path):
    """Three locks, the first with derivatives."""
    found = a_lock_list(tmp_path)
    found.add("C1", "e1", ["e1-a", "e1-b"])
    found.add("C2", "e2")
    found.add("C1", "e3")
    return found


def test_a_locked_item_and_its_derivatives_are_locked_in_their_case_alone(locks):
    assert locks.locked("C1") == {"e1", "e1-a", "e1-b", "e3"}
    assert locks.locked("C2") == {"e2"}
    assert locks.locked("C3") == frozenset()


def test_a_list_that_nobody_wrote_locks_nothing(tmp_path):
    assert a_lock_list(tmp_path).all() == ()


def test_locking_again_changes_nothing(locks):
    before = locks.path.read_bytes()

    locks.add("C1", "e1", ["e1-a"])

    assert locks.path.read_bytes() == before


def test_a_derivative_made_later_can_be_locked_too(locks):
    locks.add("C2", "e2", ["e2-a"])

    assert locks.locked("C2") == {"e2", "e2-a"}


def test_locks_of_a_backup_are_added_with_their_own_time(locks):
    earlier = AT.replace(year=2025)

    added = locks.add_all([Lock("C1", "e1", (), AT), Lock("C9", "e9", (), earlier)])

    assert added == 1
    assert locks.all()[-1] == Lock("C9", "e9", (), earlier)


def test_a_flipped_byte_anywhere_in_the_list_is_found(locks):
    content = locks.path.read_bytes()

    for place in range(len(content)):
        locks.path.write_bytes(flipped(content, place))
        with pytest.raises(LocksDamaged):
            locks.all()


def test_a_flipped_byte_anywhere_in_the_witness_is_found(locks):
    content = locks.witness.read_bytes()

    for place in range(len(content)):
        locks.witness.write_bytes(flipped(content, place))
        with pytest.raises(LocksDamaged):
            locks.all()


@pytest.mark.parametrize(
    "kept", [[], [0], [1], [2], [0, 1], [0, 2], [1, 2], [1, 0, 2], [0, 2, 1], [0, 0, 1, 2], [0, 1, 2, 2]]
)
def test_a_line_dropped_swapped_repeated_or_cut_off_is_found(locks, kept):
    lines = locks.path.read_bytes().splitlines(keepends=True)
    locks.path.write_bytes(b"".join(lines[place] for place in kept))

    with pytest.raises(LocksDamaged):
        locks.all()


@settings(max_examples=60, derandomize=True)
@given(data=st.data())
def test_a_list_cut_off_anywhere_is_found(tmp_path_factory, data):
    locks = a_lock_list(tmp_path_factory.mktemp("locks"))
    locks.add("C1", "e1", ["e1-a"])
    locks.add("C2", "e2")
    content = locks.path.read_bytes()
    locks.path.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])

    with pytest.raises(LocksDamaged):
        locks.all()


def test_more_at_the_end_of_the_list_is_found(locks):
    locks.path.write_bytes(locks.path.read_bytes() + b"{")

    with pytest.raises(LocksDamaged):
        locks.all()


def test_a_lost_list_is_not_an_empty_one(locks):
    locks.path.unlink()

    with pytest.raises(LocksDamaged):
        locks.locked("C3")


def test_a_list_of_another_store_is_not_believed(locks, tmp_path):
    with pytest.raises(LocksDamaged):
        a_lock_list(tmp_path, b"z" * 32).all()


def test_a_damaged_list_is_never_written_over(locks):
    damaged = locks.path.read_bytes()[:-1]
    locks.path.write_bytes(damaged)

    with pytest.raises(LocksDamaged):
        locks.add("C5", "e5")

    assert locks.path.read_bytes() == damaged


def test_a_crash_before_the_witness_knows_of_a_lock_keeps_the_lock(locks):
    witness = locks.witness.read_bytes()
    locks.add("C5", "e5")
    locks.witness.write_bytes(witness)

    assert locks.locked("C5") == {"e5"}


def test_a_damaged_list_counts_as_locked_for_whoever_asks():
    assert issubclass(LocksDamaged, EvidenceLocked)


def test_a_lock_that_cannot_be_written_is_said_and_the_list_is_as_it_was(locks, monkeypatch):
    def full(opened, content):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.disk.os.write", full)
        with pytest.raises(StoreFailed):
            locks.add("C5", "e5")

    assert locks.locked("C5") == frozenset()
    assert len(locks.all()) == 3


def test_two_who_lock_at_once_both_have_their_lock(tmp_path):
    locks = a_lock_list(tmp_path)
    threads = [threading.Thread(target=locks.add, args=("C1", f"e{number}")) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert locks.locked("C1") == {f"e{number}" for number in range(8)}
