"""Virus scanners: none, or clamd over its socket; nobody is told "clean" by one that did not look."""

import re
import socket
import struct
from dataclasses import dataclass
from pathlib import Path

from bot.domain.reports import Upload
from bot.errors import EvidenceRefused

NOT_SCANNED = "not scanned"
NO_ANSWER = "not scanned (scanner did not answer)"
FOUND = (
    "The school's virus scanner found something harmful in this file, so it is not kept. Do not open it. "
    "If you had it on your screen already, take a screenshot of it, and tell whoever looks after computers."
)
_PIECE = 1 << 16
_LONGEST_ANSWER = 4096
_VERSION = re.compile(r"ClamAV [0-9][0-9A-Za-z.+~-]{0,30}(?:/[0-9]{1,10})?")


@dataclass(frozen=True, slots=True)
class NotScanned:
    """Implements `ports.Scanner` where the school has none."""

    def scan(self, upload: Upload) -> str:
        """Always "not scanned"."""
        return NOT_SCANNED


@dataclass(frozen=True, slots=True)
class Clamd:
    """
    Implements `ports.Scanner`: the content goes to clamd over its Unix *socket*, with the INSTREAM command.

    The protocol is that of the manual page clamd(8). Each wait on it ends after *patience_s* seconds.
    """

    socket: Path
    patience_s: float = 20.0

    def scan(self, upload: Upload) -> str:
        """
        "nothing found by ClamAV …", or that it did not answer, in which case nobody may say more.

        Raises:
            EvidenceRefused: something was found; the name of the virus stays with the scanner.
        """
        try:
            version = self._asked(b"zVERSION\0")
            answer = self._asked(b"zINSTREAM\0", upload.content)
        except OSError:
            return NO_ANSWER
        if answer.startswith("stream: ") and answer.endswith(" FOUND"):
            raise EvidenceRefused(FOUND)
        # Anything but this, such as "size limit exceeded", is no finding and no all-clear.
        if answer != "stream: OK":
            return NO_ANSWER
        known = _VERSION.match(version)
        return f"nothing found by {known[0] if known else 'a scanner of unknown version'}"

    def _asked(self, command: bytes, content: bytes | None = None) -> str:
        """What clamd answers; raises OSError where it does not, or not in whole."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(self.patience_s)
            line.connect(str(self.socket))
            line.sendall(command)
            if content is not None:
                _stream(line, content)
            return _answer(line)


def _stream(line: socket.socket, content: bytes) -> None:
    """Send *content* in pieces, each after its length, with an empty one at the end."""
    try:
        for at in range(0, len(content), _PIECE):
            piece = content[at : at + _PIECE]
            line.sendall(struct.pack(">I", len(piece)) + piece)
        line.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # clamd hangs up in mid-stream past its size limit, and says so before.
        return


def _answer(line: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0"):
        piece = line.recv(_LONGEST_ANSWER)
        if not piece or len(answer) > _LONGEST_ANSWER:
            raise ConnectionError("cut short")
        answer += piece
    return answer[:-1].decode("utf-8", "replace")
