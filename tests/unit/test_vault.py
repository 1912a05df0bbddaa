"""Evidence as it was received, or an error: sealed, written once, and never opened once locked."""

import hashlib
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.reports import StoredFile
from bot.errors import EvidenceDamaged, EvidenceLocked, LocksDamaged, StoreFailed
from bot.store.vault import CHUNK_BYTES
from tests.unit.vault_builders import CANARY, a_key, a_vault, content_of, files_below, flipped

ROOT = Path(__file__).resolve().parents[2]
HEAD_BYTES, SEALED_BYTES = 20, CHUNK_BYTES + 16
KEY = a_key()
THREE_CHUNKS = b"".join(letter * CHUNK_BYTES for letter in (b"a", b"b", b"c"))


@pytest.fixture
def vault(tmp_path):
    return a_vault(tmp_path)


def path_of(vault, item="e1", case="C1"):
    return vault.folder / case / item


def is_damaged(vault, key=KEY, item="e1"):
    try:
        content_of(vault, key, item)
    except EvidenceDamaged:
        return True
    return False


@settings(max_examples=40, derandomize=True)
@given(st.lists(st.integers(0, 2 * CHUNK_BYTES + 3), max_size=4))
def test_what_was_put_is_read_byte_for_byte_however_it_streams_in(tmp_path_factory, sizes):
    vault = a_vault(tmp_path_factory.mktemp("vault"))
    pieces = [bytes([number + 1]) * size for number, size in enumerate(sizes)]

    stored = vault.put(KEY, "e1", pieces)

    content = b"".join(pieces)
    assert content_of(vault, KEY, "e1") == content
    assert stored == StoredFile("e1", hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_a_content_that_ends_at_a_chunk_or_beside_it_comes_back(vault, size):
    vault.put(KEY, "e1", [b"x" * size])

    assert content_of(vault, KEY, "e1") == b"x" * size


def test_a_kept_file_is_for_this_account_alone(vault):
    vault.put(KEY, "e1", [b"x"])

    modes = [stat.S_IMODE(path.stat().st_mode) for path in (vault.folder, *vault.folder.rglob("*"))]
    assert modes == [0o700, 0o700, 0o600]


def test_no_plain_byte_is_on_the_disk_while_it_is_put_or_afterwards(vault, tmp_path):
    seen = []

    def content():
        for _ in range(3 * CHUNK_BYTES // len(CANARY)):
            yield CANARY
            if not seen:
                seen.extend(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        seen.extend(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())

    vault.put(KEY, "e1", content())

    seen.append(path_of(vault).read_bytes())
    assert len(seen) >= 3
    assert not any(CANARY in kept for kept in seen)


def test_the_same_content_twice_does_not_look_alike(vault):
    vault.put(KEY, "e1", [b"x" * 100])
    vault.put(KEY, "e2", [b"x" * 100])

    assert path_of(vault, "e1").read_bytes()[HEAD_BYTES:] != path_of(vault, "e2").read_bytes()[HEAD_BYTES:]


def test_a_flipped_byte_anywhere_in_a_kept_file_is_found(vault):
    vault.put(KEY, "e1", [b"evidence of what was sent"])
    content = path_of(vault).read_bytes()

    for place in range(len(content)):
        path_of(vault).write_bytes(flipped(content, place))
        assert is_damaged(vault), place


@settings(max_examples=40, derandomize=True)
@given(place=st.integers(0, HEAD_BYTES + 3 * SEALED_BYTES - 1))
def test_a_flipped_byte_in_any_chunk_is_found(tmp_path_factory, place):
    vault = a_vault(tmp_path_factory.mktemp("vault"))
    vault.put(KEY, "e1", [THREE_CHUNKS])
    path_of(vault).write_bytes(flipped(path_of(vault).read_bytes(), place))

    assert is_damaged(vault)


@pytest.mark.parametrize(
    "length",
    [0, 3, 4, 19, 20, 21, 35, 36, HEAD_BYTES + SEALED_BYTES, HEAD_BYTES + 2 * SEALED_BYTES]
    + [HEAD_BYTES + 2 * SEALED_BYTES - 1, HEAD_BYTES + 3 * SEALED_BYTES - 1],
)
def test_a_kept_file_cut_off_anywhere_is_found(vault, length):
    vault.put(KEY, "e1", [THREE_CHUNKS])
    path_of(vault).write_bytes(path_of(vault).read_bytes()[:length])

    assert is_damaged(vault)


@pytest.mark.parametrize("more", [b"x", b"x" * 16, b"x" * SEALED_BYTES])
def test_a_kept_file_with_more_at_its_end_is_found(vault, more):
    vault.put(KEY, "e1", [THREE_CHUNKS])
    path_of(vault).write_bytes(path_of(vault).read_bytes() + more)

    assert is_damaged(vault)


@pytest.mark.parametrize("order", [[1, 0, 2], [0, 2, 1], [0, 0, 2], [0, 2], [2], [0, 1, 1, 2]])
def test_chunks_swapped_dropped_or_repeated_are_found(vault, order):
    vault.put(KEY, "e1", [THREE_CHUNKS])
    content = path_of(vault).read_bytes()
    chunks = [content[at : at + SEALED_BYTES] for at in range(HEAD_BYTES, len(content), SEALED_BYTES)]
    path_of(vault).write_bytes(content[:HEAD_BYTES] + b"".join(chunks[place] for place in order))

    assert is_damaged(vault)


def test_a_chunk_of_another_file_of_the_same_case_is_found(vault):
    vault.put(KEY, "e1", [THREE_CHUNKS])
    vault.put(KEY, "e2", [THREE_CHUNKS])
    first, second = path_of(vault, "e1").read_bytes(), path_of(vault, "e2").read_bytes()
    cut = HEAD_BYTES + SEALED_BYTES
    path_of(vault, "e1").write_bytes(first[:cut] + second[cut:])

    assert is_damaged(vault)


def test_files_swapped_within_a_case_or_between_cases_are_found(vault):
    # One key for both, so that it is the place alone that tells.
    other = a_key("C2")
    for key, item in ((KEY, "e1"), (KEY, "e2"), (other, "e1")):
        vault.put(key, item, [b"evidence"])
    kept = path_of(vault).read_bytes()
    path_of(vault, "e2").write_bytes(kept)
    path_of(vault, "e1", "C2").write_bytes(kept)

    assert is_damaged(vault, KEY, "e2")
    assert is_damaged(vault, other, "e1")


def test_the_key_of_another_case_does_not_open_it(vault):
    vault.put(KEY, "e1", [b"evidence"])

    assert is_damaged(vault, a_key(letter="z"))


def test_a_file_that_is_not_there_is_said_at_once(vault):
    with pytest.raises(EvidenceDamaged):
        vault.read(KEY, "e1")


def test_a_damaged_chunk_is_never_given_out(vault):
    vault.put(KEY, "e1", [THREE_CHUNKS])
    path_of(vault).write_bytes(flipped(path_of(vault).read_bytes(), HEAD_BYTES + SEALED_BYTES + 5))
    given_out = []

    with pytest.raises(EvidenceDamaged):
        given_out.extend(vault.read(KEY, "e1"))

    assert given_out == [b"a" * CHUNK_BYTES]


def test_evidence_is_written_once(vault):
    vault.put(KEY, "e1", [b"first"])

    with pytest.raises(StoreFailed):
        vault.put(KEY, "e1", [b"second"])

    assert content_of(vault, KEY, "e1") == b"first"
    assert files_below(vault.folder) == ["C1/e1"]


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../e", "a/b", "/etc/passwd", ".hidden", "a\\b", "a\0b", "a\n", "e" * 101, "\u0435"],
)
def test_an_id_that_would_be_a_path_is_refused_and_not_repeated(vault, tmp_path, name):
    for case, item in ((name, "e1"), ("C1", name)):
        for use in (
            lambda case=case, item=item: vault.put(a_key(case), item, [b"x"]),
            lambda case=case, item=item: vault.read(a_key(case), item),
            lambda case=case, item=item: vault.lock(case, "e1", [item]),
        ):
            with pytest.raises(StoreFailed, match="not the id of") as caught:
                use()
            assert len(name) < 3 or name not in str(caught.value)

    assert files_below(tmp_path) == []


class Refused(Exception):
    pass


def test_content_that_breaks_off_leaves_nothing_behind(vault):
    def content():
        yield b"x" * 3 * CHUNK_BYTES
        raise Refused

    with pytest.raises(Refused):
        vault.put(KEY, "e1", content())

    assert files_below(vault.folder) == []


def full(*_):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("call", ["write", "fsync", "link", "open"])
def test_a_failing_disk_is_said_and_leaves_nothing_behind(vault, monkeypatch, call):
    with monkeypatch.context() as patch:
        patch.setattr(f"bot.store.disk.os.{call}", full)
        with pytest.raises(StoreFailed) as caught:
            vault.put(KEY, "e1", [THREE_CHUNKS])

    assert files_below(vault.folder) == []
    assert "NOT SAVED" in caught.value.user_message
    assert str(caught.value) == "vault: C1/e1: OSError 28"


def test_a_disk_that_fails_to_keep_the_name_leaves_nothing_behind(vault, monkeypatch):
    vault.put(KEY, "e0", [b"x"])
    real, calls = os.fsync, []

    def fails_at_the_last(opened):
        calls.append(opened)
        if len(calls) == 4:  # the two folders above, the file, then its folder
            full()
        real(opened)

    with monkeypatch.context() as patch:
        patch.setattr("bot.store.disk.os.fsync", fails_at_the_last)
        with pytest.raises(StoreFailed):
            vault.put(KEY, "e1", [b"x"])

    assert files_below(vault.folder) == ["C1/e0"]


def test_a_locked_item_and_its_derivatives_are_opened_by_nobody_and_not_deleted(vault):
    for item in ("e1", "e1-a", "e2"):
        vault.put(KEY, item, [b"x"])

    vault.lock("C1", "e1", ["e1-a"])

    for item in ("e1", "e1-a"):
        with pytest.raises(EvidenceLocked):
            vault.read(KEY, item)
    assert content_of(vault, KEY, "e2") == b"x"
    assert vault.locked("C1") == {"e1", "e1-a"}
    assert files_below(vault.folder) == ["C1/e1", "C1/e1-a", "C1/e2"]


def test_an_item_locked_between_asking_and_reading_is_not_read(vault):
    vault.put(KEY, "e1", [b"x"])
    reading = vault.read(KEY, "e1")

    vault.lock("C1", "e1", [])

    with pytest.raises(EvidenceLocked):
        next(reading)


def test_nothing_is_put_under_a_locked_id(vault):
    vault.lock("C1", "e1", [])

    with pytest.raises(EvidenceLocked):
        vault.put(KEY, "e1", [b"x"])


def test_a_damaged_lock_list_locks_every_file_and_still_takes_new_evidence(vault):
    vault.put(KEY, "e1", [b"x"])
    vault.lock("C7", "e7", [])
    vault.locks.path.write_bytes(b"{}\n")

    vault.put(KEY, "e2", [b"y"])

    assert vault.locked("C1") == {"e1", "e2"}
    for item in ("e1", "e2"):
        with pytest.raises(EvidenceLocked):
            vault.read(KEY, item)
    for delete in (lambda: vault.remove("C1"), lambda: vault.sweep({})):
        with pytest.raises(LocksDamaged):
            delete()
    assert files_below(vault.folder) == ["C1/e1", "C1/e2"]


def test_removing_a_case_keeps_its_locked_files_and_other_cases(vault):
    for key, item in ((KEY, "e1"), (KEY, "e2"), (a_key("C2"), "e1")):
        vault.put(key, item, [b"x"])
    vault.lock("C1", "e2", [])

    vault.remove("C1")

    assert files_below(vault.folder) == ["C1/e2", "C2/e1"]


def test_removing_a_case_without_files_changes_nothing(vault):
    vault.remove("C1")

    assert files_below(vault.folder) == []


def test_a_sweep_deletes_what_no_case_names_after_an_hour_and_nothing_locked(vault):
    for case, item in (
        ("C1", "known"),
        ("C1", "orphan"),
        ("C1", "young"),
        ("C2", "orphan"),
        ("C2", "locked"),
    ):
        vault.put(a_key(case), item, [b"x"])
    (vault.folder / "C1" / ".e9.abc.part").write_bytes(b"x")
    for path in vault.folder.rglob("*"):
        if path.name != "young":
            os.utime(path, (path.stat().st_mtime - 3700,) * 2)
    vault.lock("C2", "locked", [])

    count = vault.sweep({"C1": frozenset({"known"})})

    assert count == 3
    assert files_below(vault.folder) == ["C1/known", "C1/young", "C2/locked"]


def test_an_unfinished_file_counts_as_nothing(vault):
    vault.put(KEY, "e1", [b"x"])
    (vault.folder / "C1" / ".e2.abc.part").write_bytes(b"x")

    assert vault.items("C1") == ("e1",)


SLOWLY = """
import sys, time
from pathlib import Path
from tests.unit.vault_builders import a_key, a_vault, CANARY
def content():
    for number in range(64):
        yield CANARY * 3000
        if number == int(sys.argv[2]):
            print("writing", flush=True)
            time.sleep(60)
a_vault(Path(sys.argv[1])).put(a_key(), "e1", content())
"""

ON_A_SMALL_DISK = """
import resource, signal, sys
from pathlib import Path
from bot.errors import StoreFailed
from tests.unit.vault_builders import a_key, a_vault
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    a_vault(Path(sys.argv[1])).put(a_key(), "e1", [b"x" * 1_000_000])
except StoreFailed as error:
    print(error)
"""


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 1, 7, 40])
def test_a_process_killed_in_mid_put_leaves_nothing_that_counts_as_stored(vault, tmp_path, after):
    command = [sys.executable, "-c", SLOWLY, str(tmp_path), str(after)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603 - our own code
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)

    left = [path for path in vault.folder.rglob("*") if path.is_file()]
    assert vault.items("C1") == ()
    assert not any(CANARY in path.read_bytes() for path in left)
    with pytest.raises(EvidenceDamaged):
        vault.read(KEY, "e1")
    vault.put(KEY, "e1", [b"again"])
    assert content_of(vault, KEY, "e1") == b"again"


@pytest.mark.slow
def test_a_file_too_large_for_the_disk_is_said_and_leaves_nothing_behind(vault, tmp_path):
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", ON_A_SMALL_DISK, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout == "vault: C1/e1: OSError 27\n"
    assert files_below(vault.folder) == []
