"""Texts and e-mails: plain words, with what would hide or turn them written out."""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from html.parser import HTMLParser

from bot.domain.evidence import Derivative
from bot.media import words
from bot.media.limits import MEGABYTE, Limits
from bot.media.refusals import Reason, Refused
from bot.media.words import Metadata

HEADERS = ("From", "To", "Cc", "Subject", "Date", "Message-ID")
MOST_PARTS = 500
_WORD = re.compile(r"\w+")
_SILENT = frozenset(("script", "style", "head", "title", "template", "noscript"))
_LINES = frozenset(
    re.findall(r"\w+", "p div br tr li ul ol table h1 h2 h3 h4 h5 h6 blockquote pre hr section")
)


def look_at_text(content: bytes, limits: Limits) -> tuple[Metadata, tuple[Derivative, ...]]:
    """
    Read *content* as UTF-8, UTF-16 with its mark, or Windows-1252.

    Raises:
        Refused: it is none of them, or too long.
    """
    text, encoding = _decoded(content)
    found = {"encoding": encoding, "lines": str(len(text.splitlines()))}
    return found | _hidden(text), (_derivative(text, limits),)


def look_at_letter(content: bytes, limits: Limits) -> tuple[Metadata, tuple[Derivative, ...]]:
    """
    Read *content* as an e-mail: its headers, then its words; attached files are named and never unpacked.

    Raises:
        Refused: it is too long, or has too many parts.
    """
    letter = message_from_bytes(content)
    parts = list(_parts(letter))
    if len(parts) > MOST_PARTS:
        raise Refused(Reason.UNREADABLE)
    attached = [_attached_name(part) for part in parts if _is_attached(part)]
    headers = {name: _header(letter, name) for name in HEADERS}
    text = "\n\n".join((_top(headers, attached), _body(parts)))
    found = {
        "sent": headers["Date"],
        "message id": headers["Message-ID"],
        "attached files": ", ".join(attached),
    }
    shown = {name: words.value(value) for name, value in found.items() if value}
    return shown | _hidden(text), (_derivative(text, limits),)


class _Reduced(HTMLParser):
    """Collects what a reader of the page would see as text, and where its links lead."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _LINES:
            self.pieces.append("\n")
        if tag == "a":
            self._links.append(dict(attrs).get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in _SILENT))
        if tag in _LINES:
            self.pieces.append("\n")
        link = self._links.pop() if tag == "a" and self._links else ""
        if link:
            self.pieces.append(f" [{link}]")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(" ".join(data.split()) + " " if data.strip() else "")


def _decoded(content: bytes) -> tuple[str, str]:
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if marked else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _is_words(text, encoding):
            return text, encoding.removesuffix("-sig").upper().replace("CP", "Windows-")
    raise Refused(Reason.NOT_TEXT)


def _is_words(text: str, encoding: str) -> bool:
    """Nothing but words: no control characters, and in a one-byte alphabet mostly plain letters."""
    if any(character < " " and character not in "\t\n\r\f" for character in set(text)):
        return False
    return encoding != "cp1252" or sum(not character.isascii() for character in text) * 4 <= len(text)


def _derivative(text: str, limits: Limits) -> Derivative:
    content = words.shown(text).encode()
    if len(content) > limits.text_mb * MEGABYTE:
        raise Refused(Reason.TEXT_LENGTH)
    return Derivative("text.txt", "text/plain", content)


def _hidden(text: str) -> Metadata:
    turns = words.turns(text)
    return {"marks that turn its direction": f"{turns}; written out as [U+…]"} if turns else {}


def _parts(letter: Message) -> Iterator[Message]:
    """The parts of *letter*; a letter attached to it is one part, and what is in that is left alone."""
    if letter.get_content_maintype() != "multipart" or not letter.is_multipart():
        yield letter
        return
    for part in letter.get_payload():
        if isinstance(part, Message):
            yield from _parts(part)


def _is_attached(part: Message) -> bool:
    named = part.get_filename() is not None or part.get_content_disposition() == "attachment"
    return named or part.get_content_maintype() != "text"


def _attached_name(part: Message) -> str:
    name = part.get_filename()
    return words.value(_unfolded(name)) if name else f"a part without a name ({part.get_content_type()})"


def _header(letter: Message, name: str) -> str:
    return words.value(_unfolded(str(letter.get(name, ""))))


def _unfolded(value: str) -> str:
    try:
        return str(make_header(decode_header(value)))
    except (LookupError, UnicodeError, ValueError, MessageError):
        return value


def _top(headers: Metadata, attached: list[str]) -> str:
    lines = [f"{name}: {value}" for name, value in headers.items() if value]
    lines += [f"Attached, not opened here: {name}" for name in attached]
    return "\n".join(lines)


def _body(parts: list[Message]) -> str:
    texts = [part for part in parts if not _is_attached(part)]
    plain = [_words_of(part) for part in texts if part.get_content_subtype() != "html"]
    pages = [_reduced(_words_of(part)) for part in texts if part.get_content_subtype() == "html"]
    written = "\n\n".join(text.strip("\r\n") for text in plain if text.strip())
    if not written:
        return "\n\n".join(pages)
    # A sender may write one thing in the text part and show another in the page.
    others = [page for page in pages if _WORD.findall(page) != _WORD.findall(written)]
    return "\n\n".join([written, *(f"As a page, it reads:\n\n{page}" for page in others if page)])


def _words_of(part: Message) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, UnicodeError):
        return content.decode("latin-1")


def _reduced(page: str) -> str:
    reader = _Reduced()
    reader.feed(page)
    reader.close()
    lines = (line.strip() for line in "".join(reader.pieces).splitlines())
    return "\n".join(line for line in lines if line)
