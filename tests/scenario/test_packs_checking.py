"""A pack checked on another machine: what is whole passes, and nothing else does."""

import io
import json
import os
import stat
import zipfile

import pyrage
import pytest

from bot.domain.packs import Target
from bot.errors import ConfigurationError
from bot.packs.checking import verify_pack
from bot.packs.signing import Signer
from tests.unit.packs_builders import (
    ORIGINAL,
    SEED,
    a_content,
    a_pack,
    an_item,
    files_in,
    originals,
    packs,
    write_zip,
)

FINGERPRINT = Signer.of(SEED).fingerprint
LISTED = ("case.pdf", "case.json", "chronology.csv", "originals/E1.png", "README.txt", "verify-key.pem")


def whats(path, fingerprint=FINGERPRINT, **more):
    return [(fault.where, fault.what) for fault in verify_pack(path, fingerprint, **more)]


def wheres(path):
    return [fault.where for fault in verify_pack(path, FINGERPRINT)]


def rewritten(tmp_path, change):
    """A pack unpacked, changed by *change* (a dict of its files), and packed again."""
    files = files_in(a_pack(tmp_path))
    change(files)
    return write_zip(tmp_path / "changed.zip", files)


def test_a_whole_pack_has_no_fault(tmp_path):
    assert whats(a_pack(tmp_path)) == []


def test_a_pack_repacked_with_the_same_files_still_passes(tmp_path):
    assert whats(rewritten(tmp_path, lambda files: None)) == []


@pytest.mark.parametrize(
    "given", [FINGERPRINT.upper(), FINGERPRINT.replace(" ", ""), FINGERPRINT.replace(" ", ":")]
)
def test_a_fingerprint_may_be_typed_in_any_way(tmp_path, given):
    assert whats(a_pack(tmp_path), given) == []


@pytest.mark.parametrize("name", LISTED)
def test_one_changed_byte_in_any_file_is_found(tmp_path, name):
    def flip(files):
        files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])

    assert wheres(rewritten(tmp_path, flip)) == [name]


@pytest.mark.parametrize("name", LISTED)
def test_a_missing_file_is_found(tmp_path, name):
    assert wheres(rewritten(tmp_path, lambda files: files.pop(name))) == [name]


def test_a_file_that_was_added_is_found(tmp_path):
    assert wheres(rewritten(tmp_path, lambda files: files.update({"note.txt": b"hi"}))) == ["note.txt"]


@pytest.mark.parametrize("name", ["manifest.json", "manifest.sig"])
def test_a_pack_without_its_signed_list_is_no_pack(tmp_path, name):
    (fault,) = verify_pack(rewritten(tmp_path, lambda files: files.pop(name)), FINGERPRINT)

    assert name in fault.what


def test_a_list_changed_to_fit_a_changed_file_is_found(tmp_path):
    def forge(files):
        listed = json.loads(files["manifest.json"])
        listed["files"] = [each for each in listed["files"] if each["name"] != "case.pdf"]
        files.pop("case.pdf")
        files["manifest.json"] = json.dumps(listed).encode()

    (found,) = whats(rewritten(tmp_path, forge))

    assert found == ("manifest.json", "was changed after it was signed")


def test_a_pack_signed_again_with_another_key_is_found_by_the_fingerprint(tmp_path):
    path = a_pack(tmp_path, seed=b"x" * 32)

    (found,) = whats(path)

    assert found[0] == "manifest.json"
    assert Signer.of(b"x" * 32).fingerprint in found[1]


def test_a_signature_by_another_key_under_the_right_public_key_is_found(tmp_path):
    def forge(files):
        files["manifest.sig"] = Signer.of(b"x" * 32).sign(files["manifest.json"])

    assert whats(rewritten(tmp_path, forge)) == [("manifest.json", "was changed after it was signed")]


@pytest.mark.parametrize(
    "name",
    [
        "../evil.txt",
        "/evil.txt",
        "C:/evil.txt",
        "a\\b.txt",
        "a/../b.txt",
        "folder/",
        ".hidden",
        "a\nb",
        "é.txt",
    ],
)
def test_a_name_that_leads_out_of_the_pack_is_found(tmp_path, name):
    files = {**files_in(a_pack(tmp_path)), name: b"x"}

    (found,) = whats(write_zip(tmp_path / "changed.zip", files))

    assert found[1] in (
        "has a name that leads out of the pack or that a pack never uses",
        "is not a plain file",
    )


@pytest.mark.parametrize("second", ["case.pdf", "CASE.PDF"])
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_found(tmp_path, second):
    pairs = [*files_in(a_pack(tmp_path)).items(), (second, b"another")]

    (found,) = whats(write_zip(tmp_path / "changed.zip", pairs))

    assert found == ("case.pdf", "is there more than once")


def test_a_link_is_found(tmp_path):
    path = a_pack(tmp_path)
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(link, "/etc/passwd")

    assert whats(path) == [("link", "is not a plain file")]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    path = a_pack(tmp_path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("bomb", "w") as bomb:
        bomb.write(bytes(2**21))
    monkeypatch.setattr("bot.packs.checking._MOST_UNPACKED", 2**20)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)

    assert whats(path) == [("pack.zip", "would unpack to more than a pack can hold")]


@pytest.mark.parametrize("where", ["before", "behind"])
def test_bytes_that_belong_to_no_file_are_found(tmp_path, where):
    path = a_pack(tmp_path)
    content = path.read_bytes()
    path.write_bytes(b"#!/bin/sh\n" + content if where == "before" else content + b"more")

    assert whats(path) == [("pack.zip", "holds bytes that belong to none of its files")]


def test_a_comment_is_found(tmp_path):
    path = a_pack(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"read me"

    assert whats(path) == [("pack.zip", "holds bytes that belong to none of its files")]


@pytest.mark.parametrize("content", [b"", b"PK", b"not a pack", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_pack_is_a_fault_and_no_crash(tmp_path, content):
    path = tmp_path / "pack.zip"
    path.write_bytes(content)

    assert len(verify_pack(path, FINGERPRINT)) == 1


def test_a_pack_cut_off_anywhere_is_a_fault_and_no_crash(tmp_path):
    path = a_pack(tmp_path)
    content = path.read_bytes()

    for end in range(0, len(content), 997):
        path.write_bytes(content[:end])
        assert verify_pack(path, FINGERPRINT) != ()


def test_no_flipped_bit_changes_content_unseen(tmp_path):
    path = a_pack(tmp_path)
    content, before = path.read_bytes(), files_in(path)

    for at in range(0, len(content), 131):
        path.write_bytes(content[:at] + bytes([content[at] ^ 0x40]) + content[at + 1 :])
        if verify_pack(path, FINGERPRINT) == ():
            # A date or a flag of the ZIP itself, which nobody vouches for.
            assert files_in(path) == before


@pytest.mark.parametrize("manifest", [b"[]", b"{}", b"[" * 100_000, b'{"format": 1}', b"\xff"])
def test_a_list_that_is_none_is_a_fault(tmp_path, manifest):
    path = rewritten(tmp_path, lambda files: files.update({"manifest.json": manifest}))

    assert whats(path) == [("manifest.json", "is no list of a pack's files")]


@pytest.mark.parametrize("given", ["", "12ab", "zz" * 16])
def test_a_fingerprint_that_is_none_is_refused(tmp_path, given):
    with pytest.raises(ConfigurationError, match="32 digits"):
        verify_pack(a_pack(tmp_path), given)


def test_a_pack_that_is_not_there_is_said(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.zip"):
        verify_pack(tmp_path / "none.zip", FINGERPRINT)


@pytest.fixture
def encrypted(tmp_path):
    """A pack encrypted to a key, and the file of that key."""
    identity = pyrage.x25519.Identity.generate()
    keys = tmp_path / "key.txt"
    keys.write_text(f"# made for a test\n{identity}\n", "utf-8")
    target = Target(tmp_path / "pack.zip.age", str(identity.to_public()))
    packs(sample=False).case_pack(a_content(), originals(), target)
    return target.path, keys


def test_an_encrypted_pack_says_how_to_open_it(encrypted):
    path, _ = encrypted

    (fault,) = verify_pack(path, FINGERPRINT)

    assert "age --decrypt -i KEYFILE -o pack.zip pack.zip.age" in fault.what


def test_an_encrypted_pack_is_checked_with_its_key(encrypted):
    path, keys = encrypted

    assert whats(path, identity=keys) == []


def test_an_encrypted_pack_that_was_changed_is_found(encrypted):
    path, keys = encrypted
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    (fault,) = verify_pack(path, FINGERPRINT, keys)

    assert "cannot be decrypted" in fault.what


def test_a_file_without_a_key_is_said(encrypted, tmp_path):
    (tmp_path / "wrong.txt").write_text("nothing", "utf-8")

    with pytest.raises(ConfigurationError, match="no age secret key"):
        verify_pack(encrypted[0], FINGERPRINT, tmp_path / "wrong.txt")


def test_checking_leaves_no_file_behind(encrypted, tmp_path, monkeypatch):
    path, keys = encrypted
    monkeypatch.chdir(tmp_path)
    before = sorted(os.listdir(tmp_path))

    verify_pack(path, FINGERPRINT, keys)

    assert sorted(os.listdir(tmp_path)) == before


def test_two_packs_of_the_same_content_are_the_same_bytes(tmp_path):
    made = packs().case_pack(a_content(), originals(), Target(tmp_path / "two.zip"))

    assert made.path.read_bytes() == a_pack(tmp_path).read_bytes()


def test_an_original_lies_there_byte_for_byte_under_its_evidence_id(tmp_path):
    assert files_in(a_pack(tmp_path))["originals/E1.png"] == ORIGINAL


def test_safety_4_no_byte_of_a_locked_item_is_asked_for_or_packed(tmp_path):
    def never(item):
        raise AssertionError(item)

    content = a_content(evidence=(an_item(locked=True, name="canary.png", metadata={"device": "canary"}),))
    made = packs().case_pack(content, never, Target(tmp_path / "pack.zip"))

    files = files_in(made.path)

    assert not any(name.startswith("originals/") for name in files)
    assert b"canary" not in b"".join(files.values())
    assert json.loads(files["case.json"])["evidence"][0]["sha256"] == content.evidence[0].sha256


def test_the_json_is_exact(tmp_path):
    data = json.loads(files_in(a_pack(tmp_path))["case.json"])

    assert data["rows"][0]["words"] == "Tom Reed sent me a request. Mia Lark saw it."
    assert data["filed_at"] == "2026-11-20T22:41:07+00:00"


def test_the_pdf_bears_the_fingerprint_of_the_key_that_signed(tmp_path):
    import pdfplumber  # noqa: PLC0415

    with pdfplumber.open(io.BytesIO(files_in(a_pack(tmp_path))["case.pdf"])) as pdf:
        assert FINGERPRINT in pdf.pages[0].extract_text()
