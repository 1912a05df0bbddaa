"""What a file says it is in its first bytes; the decoder for that kind has the last word. Pure."""

import re
from collections.abc import Mapping

from bot.domain.evidence import FileKind
from bot.media.refusals import Reason, Refused

_KINDS = (
    (b"\x89PNG\r\n\x1a\n", FileKind.PNG),
    (b"\xff\xd8\xff", FileKind.JPEG),
    (b"GIF87a", FileKind.GIF),
    (b"GIF89a", FileKind.GIF),
    (b"%PDF-", FileKind.PDF),
)
_REFUSED = (
    (b"PK\x03\x04", Reason.ARCHIVE),
    (b"PK\x05\x06", Reason.ARCHIVE),
    (b"Rar!\x1a\x07", Reason.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Reason.ARCHIVE),
    (b"\x1f\x8b", Reason.ARCHIVE),
    (b"\xfd7zXZ\x00", Reason.ARCHIVE),
    (b"BZh", Reason.ARCHIVE),
    (b"\x28\xb5\x2f\xfd", Reason.ARCHIVE),
    (b"MSCF", Reason.ARCHIVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Reason.OFFICE),
    (b"{\\rtf", Reason.OFFICE),
    (b"\x7fELF", Reason.PROGRAM),
    (b"MZ", Reason.PROGRAM),
    (b"\xfe\xed\xfa", Reason.PROGRAM),
    (b"\xce\xfa\xed\xfe", Reason.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Reason.PROGRAM),
    (b"\xca\xfe\xba\xbe", Reason.PROGRAM),
    (b"dex\n", Reason.PROGRAM),
    (b"#!", Reason.PROGRAM),
    (b"BM", Reason.OTHER_PICTURE),
    (b"II*\x00", Reason.OTHER_PICTURE),
    (b"MM\x00*", Reason.OTHER_PICTURE),
    (b"8BPS", Reason.OTHER_PICTURE),
    (b"\x1aE\xdf\xa3", Reason.OTHER_FILM),
    (b"FLV\x01", Reason.OTHER_FILM),
    (b"ID3", Reason.SOUND),
    (b"\xff\xfb", Reason.SOUND),
    (b"OggS", Reason.SOUND),
    (b"fLaC", Reason.SOUND),
)
# These begin with letters that a plain text may begin with, so a text is asked for first.
_MAYBE_TEXT = (b"MZ", b"BM", b"BZh", b"ID3", b"MSCF")
_RIFF: Mapping[bytes, FileKind | Reason] = {
    b"WEBP": FileKind.WEBP,
    b"AVI ": Reason.OTHER_FILM,
    b"WAVE": Reason.SOUND,
}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_BOXES = (b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")
_OFFICE_PARTS = (b"[Content_Types].xml", b"word/", b"xl/", b"ppt/", b"opendocument")
MARKUP = (b"<script", b"<html", b"<!doctype", b"<iframe", b"<?php", b"<svg ", b"<svg>", b"<body", b"<head>")
_HEADER = re.compile(rb"(?:[!-9;-~]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\r?\n")
_OF_A_LETTER = (b"to", b"date", b"subject", b"message-id", b"received")


def sniff(content: bytes) -> FileKind:
    """
    The kind that *content* looks like from its start.

    Raises:
        Refused: it looks like something that is not kept.
    """
    for start, kind in _KINDS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF" and content[8:12] in _RIFF:
        return _known(_RIFF[content[8:12]])
    if content[4:8] == b"ftyp" or content[4:8] in _BOXES:
        return _known(_boxed(content))
    return _texts(content)


def _texts(content: bytes) -> FileKind:
    reason = _refused(content)
    if reason and not content.startswith(_MAYBE_TEXT):
        raise Refused(reason)
    if not looks_like_text(content):
        raise Refused(reason or Reason.UNKNOWN)
    head = content[:2048].lower().replace(b"\x00", b"")
    if b"<svg" in head:
        raise Refused(Reason.DRAWING)
    # An e-mail may well hold a page; it is reduced to text, and its headers come first.
    if _is_letter(content):
        return FileKind.EML
    if any(mark in head for mark in MARKUP):
        raise Refused(Reason.WEB_PAGE)
    return FileKind.TXT


def looks_like_text(content: bytes) -> bool:
    """Whether *content* may be a text: no control characters but those of lines, unless in UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return len(content) % 2 == 0
    return not content.translate(None, delete=_TEXT_BYTES)


_TEXT_BYTES = bytes([*b"\t\n\r\f", *range(32, 127), *range(128, 256)])


def _refused(content: bytes) -> Reason | None:
    if content[257:262] == b"ustar":
        return Reason.ARCHIVE
    for start, reason in _REFUSED:
        if content.startswith(start):
            office = reason is Reason.ARCHIVE and any(part in content[:4096] for part in _OFFICE_PARTS)
            return Reason.OFFICE if office else reason
    return None


def _boxed(content: bytes) -> FileKind | Reason:
    if content[4:8] != b"ftyp":
        return FileKind.MOV
    brand = content[8:12]
    brands = {brand, *(content[at : at + 4] for at in range(16, min(_first_size(content), 256), 4))}
    if brand in (b"avif", b"avis") or (brand in (b"mif1", b"msf1") and b"avif" in brands):
        return Reason.OTHER_PICTURE
    if brand in _HEIC_BRANDS:
        return FileKind.HEIC
    if brand in (b"M4A ", b"M4B ", b"M4P "):
        return Reason.SOUND
    return FileKind.MOV if brand == b"qt  " else FileKind.MP4


def _first_size(content: bytes) -> int:
    return int.from_bytes(content[:4], "big")


def _known(found: FileKind | Reason) -> FileKind:
    if isinstance(found, Reason):
        raise Refused(found)
    return found


def _is_letter(content: bytes) -> bool:
    start = content.removeprefix(b"\xef\xbb\xbf")[:65536]
    header = _HEADER.match(start)
    if header is None:
        return False
    names = {line.split(b":")[0].strip().lower() for line in header[0].splitlines() if line[:1].strip()}
    return b"from" in names and len(names.intersection(_OF_A_LETTER)) > 1
