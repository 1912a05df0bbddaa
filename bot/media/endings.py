"""Where a file really ends, and what hides in it: a file that is two kinds at once is refused. Pure."""

import struct
from collections.abc import Callable, Mapping

from bot.domain.evidence import FileKind
from bot.media.refusals import Reason, Refused
from bot.media.sniffing import MARKUP

# Long enough that compressed pixels do not hold them by chance.
_HIDDEN = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\xfd7zXZ\x00", b"\x7fELF", b"%PDF-")
_AT_ONCE = (b"MZ", b"#!", b"\x1f\x8b", b"BZh", b"<")
_LONGEST_COMMENT = 65535 + 22
_ALONE = (0x01, *range(0xD0, 0xD8))


def check_ending(kind: FileKind, content: bytes) -> int:
    """
    Check that *content* is one whole file of *kind* and nothing else; return how many bytes follow its end.

    Bytes behind the end are refused, save those that cameras write behind a JPEG: zeros, a further
    JPEG (depth, brightness), a maker's own trailer, the short film of a moving photograph.

    Raises:
        Refused: it is cut short, goes on behind its end, or an archive or a web page hides in it.
    """
    if _is_archive(content):
        raise Refused(Reason.TWO_IN_ONE)
    find_end = _ENDS.get(kind)
    if find_end is None:
        return 0
    # What is compressed in a PDF may be anything, and its reader runs none of it.
    if kind is not FileKind.PDF and _has_markup(content):
        raise Refused(Reason.TWO_IN_ONE)
    try:
        end = find_end(content)
    except (IndexError, struct.error):
        raise Refused(Reason.BROKEN) from None
    rest = content[end:].strip(b"\x00" if kind is not FileKind.PDF else b"\x00\r\n\t ")
    if rest:
        _check_rest(kind, rest)
    return len(rest)


def _check_rest(kind: FileKind, rest: bytes) -> None:
    if rest.startswith(_AT_ONCE) or any(mark in rest for mark in _HIDDEN):
        raise Refused(Reason.TWO_IN_ONE)
    of_a_camera = rest.startswith(b"\xff\xd8\xff") or b"ftyp" in rest[:16] or rest.endswith(b"SEFT")
    if kind is not FileKind.JPEG or not of_a_camera:
        raise Refused(Reason.TRAILING)


def _has_markup(content: bytes) -> bool:
    small = content.lower()
    return any(mark in small for mark in MARKUP if len(mark) > 5)


def _is_archive(content: bytes) -> bool:
    """Whether a reader of ZIP files, which begins at the end, would find one here."""
    return content.rfind(b"PK\x05\x06", -_LONGEST_COMMENT) >= 0 and b"PK\x01\x02" in content


def _head(content: bytes, at: int) -> tuple[int, bytes]:
    """The length and name of the chunk or box at *at*."""
    size, name = struct.unpack_from(">I4s", content, at)
    return int(size), bytes(name)


def _png(content: bytes) -> int:
    at = 8
    while True:
        size, name = _head(content, at)
        at += size + 12
        if at > len(content):
            raise Refused(Reason.BROKEN)
        if name == b"IEND":
            return at


def _jpeg(content: bytes) -> int:
    at = 2
    while content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xD9:
            return at + 2
        at += 1 if marker == 0xFF else 2
        if marker not in (0xFF, *_ALONE):
            at += struct.unpack_from(">H", content, at)[0]
        if marker == 0xDA:
            at = _after_scan(content, at)
    raise Refused(Reason.BROKEN)


def _after_scan(content: bytes, at: int) -> int:
    """The next marker that is not part of the compressed pixels."""
    while True:
        at = content.find(b"\xff", at)
        if at < 0:
            raise Refused(Reason.BROKEN)
        if content[at + 1] not in (0x00, *_ALONE):
            return at
        at += 2


def _gif(content: bytes) -> int:
    at = 13 + _colours(content[10])
    while content[at] != 0x3B:
        if content[at] == 0x2C:
            at += 11 + _colours(content[at + 9])
        elif content[at] == 0x21:
            at += 2
        else:
            raise Refused(Reason.BROKEN)
        while content[at]:
            at += content[at] + 1
        at += 1
    return at + 1


def _colours(packed: int) -> int:
    return 3 << ((packed & 7) + 1) if packed & 0x80 else 0


def _webp(content: bytes) -> int:
    end = 8 + int(struct.unpack_from("<I", content, 4)[0])
    if end > len(content):
        raise Refused(Reason.BROKEN)
    return end


def _boxes(content: bytes) -> int:
    at = 0
    while at < len(content):
        if len(content) - at < 8:
            return at
        size, name = _head(content, at)
        if not name.isascii() or not name.decode("ascii").isprintable():
            return at
        if size == 1:
            size = int.from_bytes(content[at + 8 : at + 16], "big")
        elif size == 0:
            return len(content)
        if size < 8 or at + size > len(content):
            raise Refused(Reason.BROKEN)
        at += size
    return at


def _pdf(content: bytes) -> int:
    at = content.rfind(b"%%EOF")
    if at < 0:
        raise Refused(Reason.BROKEN)
    return at + 5


_ENDS: Mapping[FileKind, Callable[[bytes], int]] = {
    FileKind.PNG: _png,
    FileKind.JPEG: _jpeg,
    FileKind.GIF: _gif,
    FileKind.WEBP: _webp,
    FileKind.HEIC: _boxes,
    FileKind.MP4: _boxes,
    FileKind.MOV: _boxes,
    FileKind.PDF: _pdf,
}
