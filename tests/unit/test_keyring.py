"""The master key: made once, told when wrong, changed without losing anything."""

import base64
import stat
import threading

import pytest

from bot.errors import ConfigurationError, SealBroken, WrongKey
from bot.store.keyring import Keyring, Roots, load_key, subkey
from tests.unit.vault_builders import MASTER, files_below, flipped

OTHER = b"o" * 32
IN_BASE64 = base64.b64encode(MASTER) + b"\n"


def a_key_file(folder, content=IN_BASE64, mode=0o600):
    path = folder / "key"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_case_key_opens_for_its_own_case_alone():
    ring = Keyring(MASTER)
    key = ring.new_case_key("C1")

    assert ring.unwrap("C1", key.wrapped) == key
    with pytest.raises(SealBroken):
        ring.unwrap("C2", key.wrapped)


def test_every_case_has_a_key_of_its_own_and_its_wrapping_does_not_show_it():
    ring = Keyring(MASTER)
    first, second = ring.new_case_key("C1"), ring.new_case_key("C1")

    assert first.secret != second.secret
    assert first.secret not in first.wrapped


def test_a_flipped_byte_anywhere_in_a_wrapped_key_is_found():
    ring = Keyring(MASTER)
    wrapped = ring.new_case_key("C1").wrapped

    for place in range(len(wrapped)):
        with pytest.raises((SealBroken, WrongKey)):
            ring.unwrap("C1", flipped(wrapped, place))


@pytest.mark.parametrize("length", [0, 3, 4, 20])
def test_a_cut_off_wrapped_key_is_found(length):
    ring = Keyring(MASTER)

    with pytest.raises(SealBroken):
        ring.unwrap("C1", ring.new_case_key("C1").wrapped[:length])


def test_roots_come_back_as_they_were_and_no_two_are_alike():
    ring, roots = Keyring(MASTER), Roots.fresh()
    keys = {roots.mark, roots.audit, roots.signing, roots.memo}

    assert ring.unwrap_roots(ring.wrap_roots(roots)) == roots
    assert [len(key) for key in keys] == [32, 32, 32, 32]
    assert Roots.fresh() != roots


def test_a_new_master_key_opens_what_the_old_one_wrapped_and_wraps_the_same_keys_anew():
    old, roots = Keyring(MASTER), Roots.fresh()
    key, kept_roots = old.new_case_key("C1"), old.wrap_roots(roots)
    both, new = Keyring(OTHER, (MASTER,)), Keyring(OTHER)

    rewrapped = both.rewrap("C1", key.wrapped)
    roots_again = both.wrap_roots(both.unwrap_roots(kept_roots))

    assert new.unwrap("C1", rewrapped).secret == key.secret
    assert new.unwrap_roots(roots_again) == roots
    assert [both.is_current(key.wrapped), both.is_current(rewrapped)] == [False, True]
    with pytest.raises(WrongKey):
        old.unwrap("C1", rewrapped)


def test_a_wrong_key_is_told_at_start_by_the_ids_of_both_and_never_by_the_key():
    word = Keyring(MASTER).check_word()

    with pytest.raises(WrongKey) as caught:
        Keyring(OTHER).check(word)

    told = f"{caught.value} {caught.value.user_message}"
    assert f"expects key {Keyring(MASTER).key_id}" in told
    assert f"given key {Keyring(OTHER).key_id}" in told
    assert not any(form in told for form in (OTHER.decode(), OTHER.hex(), base64.b64encode(OTHER).decode()))


def test_the_right_key_and_an_earlier_one_are_recognised():
    word = Keyring(MASTER).check_word()

    Keyring(MASTER).check(word)
    Keyring(OTHER, (MASTER,)).check(word)


def test_a_key_whose_id_alone_is_the_same_is_not_taken_for_the_right_one():
    with pytest.raises(WrongKey):
        Keyring(MASTER).check(f"{Keyring(MASTER).key_id}:{'0' * 64}")


def test_no_key_shows_when_it_is_printed():
    printed = repr((Keyring(MASTER, (OTHER,)), Roots(MASTER, OTHER, MASTER, OTHER)))

    assert "mmm" not in printed
    assert "ooo" not in printed


def test_a_master_key_of_another_length_is_refused():
    with pytest.raises(ConfigurationError):
        Keyring(b"short")


def test_subkeys_for_two_purposes_share_nothing():
    assert subkey(MASTER, "locks") != subkey(MASTER, "backup")
    assert subkey(MASTER, "locks") != MASTER


def test_the_key_of_the_environment_comes_before_a_file(tmp_path):
    assert load_key(OTHER, a_key_file(tmp_path), None) == OTHER


@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_key_file_is_read_in_both_spellings_of_base64(tmp_path, encode):
    path = a_key_file(tmp_path, b" " + encode(b"\xfb\xff" * 16) + b"\r\n", 0o640)

    assert load_key(b"", path, None) == b"\xfb\xff" * 16


@pytest.mark.parametrize(
    ("content", "mode", "expected"),
    [
        (b"", 0o600, "holds 0 bytes"),
        (base64.b64encode(b"short"), 0o600, "holds 5 bytes"),
        (base64.b64encode(MASTER + b"x"), 0o600, "holds 33 bytes"),
        (b"not base64!", 0o600, "not base64"),
        (b"\xff\xfe", 0o600, "not base64"),
        (base64.b64encode(MASTER), 0o644, "chmod 600"),
    ],
)
def test_a_bad_key_file_is_refused_with_the_mend_and_without_its_content(tmp_path, content, mode, expected):
    path = a_key_file(tmp_path, content, mode)

    with pytest.raises(ConfigurationError) as caught:
        load_key(b"", path, None)

    assert str(path) in str(caught.value)
    assert expected in str(caught.value)
    assert base64.b64encode(MASTER).decode() not in str(caught.value)


def test_a_key_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_key(b"", tmp_path / "none", None)


def test_real_mode_makes_no_key_of_its_own():
    with pytest.raises(ConfigurationError, match="STAFFROOM_KEY_FILE is missing"):
        load_key(b"", None, None)


def test_sample_mode_makes_a_key_file_for_this_account_alone_and_keeps_it(tmp_path):
    path = tmp_path / "sample" / "key"

    made = load_key(b"", None, path)

    assert load_key(b"", None, path) == made
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert files_below(tmp_path) == ["sample/key"]


def test_two_that_start_at_once_have_one_sample_key(tmp_path):
    path, found = tmp_path / "key", []
    gate = threading.Barrier(8)

    def start():
        gate.wait()
        found.append(load_key(b"", None, path))

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 8
    assert len(set(found)) == 1
    assert files_below(tmp_path) == ["key"]
