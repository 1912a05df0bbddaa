"""Where a pack is written: encrypted, streamed, and whole or not at all."""

import hashlib
import io
import tracemalloc

import pyrage
import pytest

from bot.domain.evidence import FileKind
from bot.domain.packs import Target
from bot.errors import ConfigurationError, EvidenceDamaged, NotAllowed
from tests.unit.packs_builders import ORIGINAL, a_content, an_item, originals, packs

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
MB = 2**20


def make(target, content=None, sample=False, give=None):
    return packs(sample=sample).case_pack(content or a_content(), give or originals(), target)


def test_safety_30_a_pack_without_a_recipient_is_refused_with_the_mend(tmp_path):
    with pytest.raises(NotAllowed) as refused:
        make(Target(tmp_path / "pack.zip"))

    assert 'age = "age1' in refused.value.user_message
    assert list(tmp_path.iterdir()) == []


def test_sample_mode_may_write_a_plain_pack(tmp_path):
    made = make(Target(tmp_path / "pack.zip"), sample=True)

    assert (made.encrypted, made.path.read_bytes()[:2]) == (False, b"PK")


def test_a_pack_is_encrypted_to_its_recipient_and_nothing_can_be_read_in_it(tmp_path):
    made = make(Target(tmp_path / "pack.zip.age", RECIPIENT))

    content = made.path.read_bytes()

    assert made.encrypted
    assert b"PK\x03\x04" not in content
    assert ORIGINAL not in content
    assert pyrage.decrypt(content, [IDENTITY])[:2] == b"PK"


def test_what_is_returned_is_the_hash_and_size_of_the_file(tmp_path):
    made = make(Target(tmp_path / "pack.zip.age", RECIPIENT))

    content = made.path.read_bytes()

    assert (made.sha256, made.size) == (hashlib.sha256(content).hexdigest(), len(content))


@pytest.mark.parametrize("key", ["age1nonsense", "AGE-SECRET-KEY-1QQQ", "jo@example.test"])
def test_a_key_that_is_none_is_said_without_repeating_it(tmp_path, key):
    with pytest.raises(ConfigurationError, match="age public key") as refused:
        make(Target(tmp_path / "pack.zip.age", key))

    assert key not in str(refused.value)


def test_a_file_that_is_there_is_never_overwritten(tmp_path):
    (tmp_path / "pack.zip").write_bytes(b"mine")

    with pytest.raises(ConfigurationError, match="there already"):
        make(Target(tmp_path / "pack.zip"), sample=True)

    assert (tmp_path / "pack.zip").read_bytes() == b"mine"


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be written"):
        make(Target(tmp_path / "none" / "pack.zip"), sample=True)


def test_a_pack_is_readable_by_its_owner_alone(tmp_path):
    made = make(Target(tmp_path / "pack.zip"), sample=True)

    assert made.path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("recipient", ["", RECIPIENT], ids=["plain", "sealed"])
def test_an_original_that_changed_stops_the_pack_and_leaves_nothing(tmp_path, recipient):
    with pytest.raises(EvidenceDamaged):
        make(Target(tmp_path / "pack", recipient), sample=True, give=originals(E1=b"something else"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.parametrize("recipient", ["", RECIPIENT], ids=["plain", "sealed"])
def test_a_large_original_is_streamed_and_never_held_whole(tmp_path, recipient):
    digest = hashlib.sha256(bytes(MB) * 50).hexdigest()
    film = an_item(kind=FileKind.MP4, size=50 * MB, sha256=digest, pictures=())
    content = a_content(evidence=(film,))
    make(Target(tmp_path / "warm up"), sample=True)

    tracemalloc.start()
    make(
        Target(tmp_path / "pack", recipient),
        content,
        sample=True,
        give=lambda item: (bytes(MB) for _ in range(50)),
    )
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 20 * MB


def test_nothing_plain_is_written_anywhere_on_the_way(tmp_path, monkeypatch):
    opened = []
    real = io.open

    def watching(file, mode="r", *more, **named):
        if any(letter in mode for letter in "wxa+"):
            opened.append(file)
        return real(file, mode, *more, **named)

    monkeypatch.setattr("builtins.open", watching)
    monkeypatch.setattr("tempfile.TemporaryFile", None)
    monkeypatch.setattr("tempfile.NamedTemporaryFile", None)
    make(Target(tmp_path / "pack.zip.age", RECIPIENT))

    assert opened == []
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip.age"]
