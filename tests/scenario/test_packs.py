"""A case leaves the school and is checked on a machine that has nothing but the pack."""

import hashlib
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pyrage
import pytest

from bot.casework.room import Member
from bot.domain.readers import Reader
from bot.exporting import Exporting, Order
from bot.packs.making import SignedPacks
from tests.casework_builders import AMY, a_casework, a_party, file_case, opened
from tests.fakes import a_school

ROOT = Path(__file__).resolve().parents[2]
CHECK = (
    "import sys; from pathlib import Path; from bot.packs.checking import verify_pack;"
    "faults = verify_pack(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]) if sys.argv[3:] else None);"
    "[print(fault.where, fault.what) for fault in faults]; sys.exit(1 if faults else 0);"
)
CANARY = "canary-Kestrel-Nightjar"


@pytest.fixture
def identity():
    return pyrage.x25519.Identity.generate()


@pytest.fixture
def exporting(tmp_path, identity):
    """Exporting in real mode, of a case with canaries in its people, words and notes."""
    work = a_casework(tmp_path / "kept")
    file_case(work, parties=(a_party(f"Tom {CANARY}", handle=f"@{CANARY}"),), files=("e-1",))
    opened(work)
    work.note(AMY, "CASE-1", f"said {CANARY}")
    people = [{"id": "amy", "name": "Amy Ash", "age": str(identity.to_public())}]
    people += [{"id": other, "name": other.title()} for other in ("ben", "cat", "dan")]
    schools = {"fernhill": a_school(person=people)}

    def open_case(school, person, case, reason):
        return work.open_case(Member(school, person), case, reason)

    packs = SignedPacks(work.store.roots.signing, wider_faces=())
    return Exporting(schools, work.store, work.vault, packs, open_case)


def check(elsewhere, *given):
    """Run the check in a process of its own, in a folder that holds only the pack and the key."""
    # Our own interpreter and our own words: nothing here comes from outside.
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", CHECK, *map(str, given)],
        capture_output=True,
        text=True,
        cwd=elsewhere,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        check=False,
    )


@pytest.mark.parametrize("reader", Reader)
def test_a_pack_is_proved_on_another_machine_and_one_changed_byte_is_found(
    exporting, identity, tmp_path, reader
):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    order = Order("fernhill", "CASE-1", "amy", elsewhere / "pack.zip.age", "asked for")
    made = exporting.pack(order, reader)
    (elsewhere / "key.txt").write_text(str(identity), "utf-8")

    whole = check(elsewhere, "pack.zip.age", made.fingerprint, "key.txt")
    content = made.path.read_bytes()
    made.path.write_bytes(content[:3000] + bytes([content[3000] ^ 1]) + content[3001:])
    changed = check(elsewhere, "pack.zip.age", made.fingerprint, "key.txt")

    assert (whole.returncode, whole.stdout, whole.stderr) == (0, "", "")
    assert changed.returncode == 1


def test_safety_29_nothing_of_the_case_is_readable_in_what_lies_on_the_disk(exporting, tmp_path, caplog):
    exporting.pack(Order("fernhill", "CASE-1", "amy", tmp_path / "pack.zip.age", "asked"), Reader.POLICE)

    readable = [
        path for path in tmp_path.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()
    ]

    assert readable == []
    assert CANARY not in caplog.text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not here")
def test_the_readme_way_proves_the_signature_without_staffroom(exporting, identity, tmp_path):
    made = exporting.pack(Order("fernhill", "CASE-1", "amy", tmp_path / "p.age", "asked"), Reader.POLICE)
    (tmp_path / "pack.zip").write_bytes(pyrage.decrypt(made.path.read_bytes(), [identity]))
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        archive.extractall(tmp_path / "out")
    openssl, out = shutil.which("openssl"), tmp_path / "out"

    told = ["pkeyutl", "-verify", "-pubin", "-inkey", "verify-key.pem", "-rawin", "-in", "manifest.json"]
    # A fixed program with fixed arguments, on files of this test.
    signed = subprocess.run(  # noqa: S603
        [openssl, *told, "-sigfile", "manifest.sig"], capture_output=True, cwd=out, check=False
    )
    der = subprocess.run(  # noqa: S603
        [openssl, "pkey", "-pubin", "-in", "verify-key.pem", "-outform", "DER"],
        capture_output=True,
        cwd=out,
        check=True,
    ).stdout

    assert signed.returncode == 0
    assert hashlib.sha256(der[-32:]).hexdigest()[:32] == made.fingerprint.replace(" ", "")
