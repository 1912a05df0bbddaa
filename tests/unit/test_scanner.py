"""The virus scanner: clamd's own protocol, its faults, and a real clamd where one is installed."""

import hashlib
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.domain.reports import Upload
from bot.errors import EvidenceRefused
from bot.media.scanner import FOUND, NO_ANSWER, Clamd, NotScanned

# The industry's harmless test file (eicar.org), in pieces so that no scanner takes this file for it.
EICAR = "".join(("X5O!P%@AP[4\\PZX54(P^)7CC)7}$", "EICAR-STANDARD-", "ANTIVIRUS-TEST-FILE!$H+H*")).encode()
VERSION = b"ClamAV 1.4.3/27000/Fri Nov 20 09:00:00 2026\0"
UPLOAD = Upload("a.txt", b"hello" * 40_000)


@pytest.fixture
def place():
    # The path of a Unix socket is short by its nature; pytest's own folders can be too deep.
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "clamd.ctl"


@contextmanager
def stand_in(place, answer, version=VERSION):
    """Speaks clamd's protocol: answers each stream with *answer*, keeps it, hangs where that is None."""
    streams = []
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place))
        listening.listen()
        served = threading.Thread(target=serve, args=(listening, answer, version, streams))
        served.start()
        try:
            yield streams
        finally:
            served.join(5)


def serve(listening, answer, version, streams):
    for _ in range(2):
        line, _ = listening.accept()
        with line, line.makefile("rb") as sent:
            command = b"".join(iter(lambda: sent.read(1), b"\0"))
            if command == b"zINSTREAM":
                streams.append(streamed(sent))
            reply = version if command == b"zVERSION" else answer
            if reply is None:
                sent.read()
            else:
                line.sendall(reply)


def streamed(sent):
    content = b""
    while size := struct.unpack(">I", sent.read(4))[0]:
        content += sent.read(size)
    return content


def test_without_a_scanner_the_record_says_not_scanned():
    assert NotScanned().scan(UPLOAD) == "not scanned"


def test_the_whole_content_is_streamed_and_the_version_is_in_the_record(place):
    with stand_in(place, b"stream: OK\0") as streams:
        said = Clamd(place).scan(UPLOAD)

    assert said == "nothing found by ClamAV 1.4.3/27000"
    assert streams == [UPLOAD.content]


def test_a_file_in_which_something_is_found_is_refused_without_its_name(place):
    with stand_in(place, b"stream: Win.Test.CANARY FOUND\0"), pytest.raises(EvidenceRefused) as caught:
        Clamd(place).scan(UPLOAD)

    assert caught.value.user_message == FOUND
    assert "CANARY" not in FOUND + str(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"stream: OK",
        b"\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"stream: OK\0more\0",
        b"\xff\xfe\0",
        b"x" * 20_000,
    ],
)
def test_any_other_answer_is_not_scanned_and_never_clean(place, answer):
    with stand_in(place, answer):
        assert Clamd(place).scan(UPLOAD) == NO_ANSWER


def test_a_scanner_that_hangs_is_not_waited_for(place):
    with stand_in(place, None):
        assert Clamd(place, patience_s=0.2).scan(UPLOAD) == NO_ANSWER


def test_a_scanner_that_is_not_there_is_not_scanned(place):
    assert Clamd(place).scan(UPLOAD) == "not scanned (scanner did not answer)"


def test_a_version_that_is_not_a_version_stays_out_of_the_record(place):
    with stand_in(place, b"stream: OK\0", b"<script>\0"):
        assert Clamd(place).scan(UPLOAD) == "nothing found by a scanner of unknown version"


@pytest.fixture
def real_clamd(place):
    """A real clamd whose only signature is ours, the hash of the test file."""
    program = shutil.which("clamd") or shutil.which("clamd", path="/usr/sbin")
    if not program:
        pytest.skip("clamd is not installed (Debian: clamav-daemon)")
    folder = place.parent
    # The format of a .hdb line: hash, size, name (ClamAV's manual, "File hash signatures").
    digest = hashlib.md5(EICAR, usedforsecurity=False).hexdigest()
    (folder / "ours.hdb").write_text(f"{digest}:{len(EICAR)}:Ours.Test.File\n", encoding="ascii")
    settings = folder / "clamd.conf"
    lines = (f"DatabaseDirectory {folder}", f"LocalSocket {place}", f"TemporaryDirectory {folder}")
    settings.write_text("\n".join((*lines, "Foreground yes", "StreamMaxLength 1M", "")), encoding="ascii")
    # The scanner that is installed here, with settings of our own.
    running = subprocess.Popen(  # noqa: S603
        [program, f"--config-file={settings}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(place, running)
        yield Clamd(place)
    finally:
        running.terminate()
        running.wait(20)


def wait_for(place, running):
    until = time.monotonic() + 60
    while not place.exists():
        assert running.poll() is None, "clamd ended"
        assert time.monotonic() < until, "clamd did not start"
        time.sleep(0.1)


@pytest.mark.slow
def test_a_real_clamd_finds_the_test_file_and_passes_an_ordinary_one(real_clamd):
    said = real_clamd.scan(UPLOAD)

    assert said.startswith("nothing found by ClamAV ")
    with pytest.raises(EvidenceRefused):
        real_clamd.scan(Upload("a.txt", EICAR))


@pytest.mark.slow
def test_a_real_clamd_that_gives_up_on_a_large_file_leaves_it_not_scanned(real_clamd):
    assert real_clamd.scan(Upload("a.txt", b"x" * 3_000_000)) == NO_ANSWER
