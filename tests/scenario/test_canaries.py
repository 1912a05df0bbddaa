"""SAFETY 25 and 29: no word of a case leaves it, whatever happens; each field of each form has its canary."""

import base64
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mail_server import MailServer, running

ROOT = Path(__file__).resolve().parents[2]
WORD = "kanari"
# As it is, as UTF-16, in hex, and in base64 wherever in its groups of three bytes it begins.
_FORMS = (
    WORD.encode(),
    WORD.encode("utf-16-le"),
    WORD.encode().hex().encode(),
    *(base64.b64encode(b"." * at + WORD.encode())[-(-at * 8 // 6) : 8 - (at > 0)] for at in range(3)),
)
_READABLE = re.compile(b"|".join(map(re.escape, _FORMS)), re.IGNORECASE)


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """What a day of canaries left behind."""
    folder, temporary = tmp_path_factory.mktemp("day"), tmp_path_factory.mktemp("temporary")
    server = MailServer()
    with running(server) as port:
        command = [sys.executable, "-m", "tests.proof_canaries", str(folder), str(port)]
        environ = {**os.environ, "TMPDIR": str(temporary), "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(  # noqa: S603 - our own program
            command, cwd=ROOT, env=environ, capture_output=True, check=False, timeout=300
        )
    return Left(folder, temporary, server, ran)


class Left:
    """The streams, files and mail of the day."""

    def __init__(self, folder, temporary, server, ran):
        self.folder = folder
        self.temporary = temporary
        self.mail = server.inbox
        self.receivers = server.receivers
        self.ended = ran.returncode
        self.out = ran.stdout
        self.err = ran.stderr

    @property
    def fields(self):
        return json.loads((self.folder / "canaries.json").read_text())

    def text(self, name):
        return (self.folder / name).read_bytes()


def readable(content, fields):
    """The fields whose canary can be read in *content*."""
    around = [content[max(found.start() - 60, 0) : found.end() + 20] for found in _READABLE.finditer(content)]
    words = re.findall(rb"kanari\d{3}", content, re.IGNORECASE)
    named = sorted({fields.get(word.decode().casefold(), "?") for word in words})
    return named or around


def without_own_address(content, fields):
    """*content* without the address of the reporter, to which their own receipt goes."""
    handle = next(word for word, field in fields.items() if field == "reporter handle")
    return content.replace(f"{handle}@example.org".encode(), b"")


@pytest.mark.slow
def test_the_day_went_as_planned_and_ended_in_a_real_crash(day):
    assert day.ended == -signal.SIGABRT, day.err.decode()[-3000:]
    assert len(day.fields) > 100
    assert {"friend-request.who", "trolling.who", "note", "decision", "reply"} <= set(day.fields.values())
    assert len(day.mail) > 20
    assert b"Fatal Python error: Aborted" in day.err
    assert day.err.count(b"Traceback (most recent call last)") > 15


@pytest.mark.slow
def test_safety_29_no_word_of_a_case_is_in_logs_tracebacks_or_the_dump_of_a_crash(day):
    assert readable(day.err, day.fields) == []
    assert readable(day.out, day.fields) == []


@pytest.mark.slow
def test_safety_29_no_error_says_a_word_of_a_case(day):
    said = day.text("errors.txt")

    assert said.count(b"\n") > 15
    assert readable(said, day.fields) == []


@pytest.mark.slow
def test_safety_25_no_notice_says_a_word_of_a_case(day):
    said = without_own_address(day.text("notices.txt"), day.fields)

    assert said.count(b"[sample, not sent]") > 20
    assert readable(said, day.fields) == []


@pytest.mark.slow
def test_safety_25_no_mail_has_a_word_of_a_case_and_nobody_concerned_gets_one(day):
    for message in day.mail:
        parts = [part.get_payload(decode=True) or b"" for part in message.walk()]
        whole = message.as_bytes() + b"".join(parts)
        assert readable(without_own_address(whole, day.fields), day.fields) == []
    reporter = {word for word, field in day.fields.items() if field == "reporter handle"}
    named = {address.partition("@")[0] for addresses in day.receivers for address in addresses}
    assert {each for each in named if each.startswith(WORD)} == reporter


@pytest.mark.slow
def test_safety_29_nothing_is_written_anywhere_but_into_the_data_folder(day):
    opened = set(day.text("opened.txt").decode().split("\n")) - {""}
    ours = {str(day.folder / name) for name in ("notices.txt", "errors.txt", "canaries.json", "opened.txt")}
    data = (str(day.folder / "data"), (day.folder / "data").as_uri(), ":memory:", "/dev/null")
    backup = str(day.folder / ".backup.staffroom.")

    elsewhere = {each for each in opened - ours if not each.startswith(data) and not each.startswith(backup)}

    assert elsewhere == set()
    assert list(day.temporary.iterdir()) == []


@pytest.mark.slow
def test_no_word_of_a_case_is_readable_in_any_file_or_name_of_the_data_folder_or_in_a_backup(day):
    files = [path for path in (day.folder / "data").rglob("*") if path.is_file()]
    names = "\n".join(str(path.relative_to(day.folder)) for path in files).encode()

    assert {".db", ".db-wal", ".jsonl"} <= {path.suffix for path in files}
    assert sum(path.parent.parent.name == "evidence" for path in files) > 10
    assert {path.name: found for path in files if (found := readable(path.read_bytes(), day.fields))} == {}
    assert readable(day.text("backup.staffroom"), day.fields) == []
    assert readable(names, day.fields) == []


@pytest.mark.parametrize("at", range(3))
def test_a_canary_is_found_however_it_is_written(at):
    plain = b"x" * at + b"kanari007"

    assert readable(base64.b64encode(plain), {})
    assert readable(plain.hex().encode(), {})
    assert readable("Kanari007".encode("utf-16-le"), {})
    assert readable(b"KANARI007", {"kanari007": "note"}) == ["note"]
    assert readable(b"canary", {}) == []
