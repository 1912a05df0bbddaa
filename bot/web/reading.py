"""What a browser posted, read as it streams in: into memory up to a limit, never through a temporary file."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import parse_qs

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser

from bot.domain.evidence import MOST_FILES
from bot.domain.gate import UNASKED_FILE
from bot.domain.reports import Upload
from bot.errors import BotError
from bot.web.limits import Share

MOST_FIELDS = 200
MOST_PARTS = 300
"""Fields and files together, counted as each begins: an empty one weighs nothing, and takes its time."""
FIELDS_BYTES = 1_000_000
"""All that is typed in one form together; a report's longest answers are far below."""
FRAME_BYTES = 100_000
"""What stands between the parts of a form, and says what each one is."""
SILENT_S = 60.0
"""So long nothing may come; a phone that lost its network must not keep what it has sent in memory."""
WHOLE_S = 1800.0
"""So long one sending may take; at 100 kB a second the most that goes at once needs half of it."""


class TooLarge(BotError):
    """More was sent than is taken; the rest was not read."""

    user_message = "That is more than can be sent at once. Send fewer or smaller files; nothing was stored."

    def __init__(self, log: str, words: str = "") -> None:
        super().__init__(log)
        self.user_message = words or self.user_message


LARGE_FILE = (
    "One file is larger than {most} MB, the most that a file may have, so nothing of this was stored. "
    "Choose a smaller copy (of a film a shorter piece, of a photo a smaller size). If there is none, keep "
    "it, pass it on to nobody, and tell the DSL that you have it: they say how to hand it over."
)
MANY_FILES = (
    "These are more than {most} files, the most that a report takes, so nothing of this was stored. "
    "Choose fewer, and tell whoever deals with it that there are more."
)


LARGE_SENDING = (
    "Together these files are larger than {most} MB, the most that goes at once, so nothing of this was "
    "stored. Send some of them now, and the others after that, with “More evidence”."
)


class NoRoom(TooLarge):
    """So many files are being sent that there is no room for these now; they were not read to their end."""

    user_message = (
        "Many files are being sent at this moment. Wait a minute, then send yours again: none of them was "
        "stored, and what you typed is still here. Do not wait with the report itself: it can go without "
        "files, and they can be added to it later."
    )


class Unasked(TooLarge):
    """A file came where none is taken; it was not read (SAFETY 2)."""

    user_message = UNASKED_FILE


class NotRead(BotError):
    """What was sent is no form, or was cut off on its way; nothing was stored."""

    user_message = "That did not arrive whole. Please send it again; nothing was stored."


@dataclass(frozen=True, slots=True)
class Posted:
    """The fields by name and the files in order."""

    fields: Mapping[str, Sequence[str]]
    uploads: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Takes:
    """What is taken of files: so many bytes of each and of all together, with a share of the room."""

    each: int
    whole: int
    share: Share


async def posted(content_type: str, body: AsyncIterator[bytes], takes: Takes | None) -> Posted:
    """
    Read a posted form; where *takes* is None no file is taken, and one that comes is an error unread.

    Raises:
        TooLarge: a file or all of it is larger than is taken, or there are too many files or fields.
        NoRoom: others are sending so much that there is no room for the files.
        Unasked: there is a file, and none is taken.
        NotRead: it is no form, or not whole, or nothing more of it came.
    """
    body = _heard(body)
    kind, boundary = _kind(content_type)
    if kind == "multipart/form-data" and boundary:
        return await _multipart(boundary, body, takes)
    if kind == "application/x-www-form-urlencoded":
        raw = b"".join([part async for part in _limited(body, FIELDS_BYTES)])
        return Posted(_fields(raw))
    raise NotRead("content type")


def _fields(raw: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(raw.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise NotRead("fields") from None


def _kind(content_type: str) -> tuple[str, bytes]:
    message = Message()
    message["content-type"] = content_type
    return message.get_content_type(), str(message.get_param("boundary") or "").encode()


async def _heard(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    now = asyncio.get_running_loop().time
    end = now() + WHOLE_S
    while True:
        try:
            async with asyncio.timeout(min(SILENT_S, end - now())):
                part = await anext(body, None)
        except TimeoutError:
            raise NotRead("silent or slow") from None
        if part is None:
            return
        yield part


async def _limited(body: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    seen = 0
    async for part in body:
        seen += len(part)
        if seen > most:
            raise TooLarge("fields")
        yield part


async def _multipart(boundary: bytes, body: AsyncIterator[bytes], takes: Takes | None) -> Posted:
    parts, seen = _Parts(takes), 0
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        async for chunk in body:
            seen += len(chunk)
            parser.write(chunk)
            if seen > FIELDS_BYTES + FRAME_BYTES + (takes.whole if takes else 0):
                raise TooLarge("whole", _too_much(takes))
        parser.finalize()
    except FormParserError:
        raise NotRead("multipart") from None
    if not parts.ended:
        raise NotRead("cut off")
    return parts.posted()


def _too_much(takes: Takes | None) -> str:
    return LARGE_SENDING.format(most=takes.whole // 1_000_000) if takes else ""


@dataclass(slots=True)
class _Parts:
    """The parts of one form as they come in."""

    takes: Takes | None
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    ended: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _headers: Message = field(default_factory=Message)
    _content: bytearray = field(default_factory=bytearray)
    _begun: int = 0
    _typed: int = 0
    _sent: int = 0

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header_end,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._whole,
        }

    def posted(self) -> Posted:
        return Posted(self.fields, tuple(self.files))

    @property
    def _name(self) -> str:
        return str(self._headers.get_param("name", "", "content-disposition"))

    @property
    def _file_name(self) -> str | None:
        found = self._headers.get_param("filename", None, "content-disposition")
        return None if found is None else str(found)

    def _begin(self) -> None:
        self._begun += 1
        if self._begun > MOST_PARTS:
            raise TooLarge("parts")
        self._headers, self._content = Message(), bytearray()

    def _header_end(self) -> None:
        # What is no plain header would end it and begin another one.
        name, value = (bytes(each).decode("utf-8", "replace") for each in (self._header, self._value))
        self._headers[name.strip()] = "".join(each for each in value if each.isprintable())
        self._header.clear()
        self._value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._file_name is not None:
            self._room(end - start)
        self._content.extend(data[start:end])
        if self._file_name is None and self._typed + len(self._content) > FIELDS_BYTES:
            raise TooLarge("fields")

    def _room(self, more: int) -> None:
        """Raise where *more* bytes of the file in hand are not taken; none of them is kept then."""
        takes = self.takes
        if takes is None:
            raise Unasked("file")
        self._sent += more
        if len(self._content) + more > takes.each:
            raise TooLarge("file", LARGE_FILE.format(most=takes.each // 1_000_000))
        if len(self.files) > MOST_FILES:
            raise TooLarge("files", MANY_FILES.format(most=MOST_FILES))
        if self._sent > takes.whole:
            raise TooLarge("whole", _too_much(takes))
        if not takes.share.lets(more):
            raise NoRoom("room")

    def _end(self) -> None:
        if self._file_name is not None:
            # A browser sends an empty part for a control in which nothing was chosen.
            if (self._file_name or self._content) and self.takes:
                self.files.append(Upload(self._file_name, bytes(self._content)))
            return
        self._typed += len(self._content)
        self.fields.setdefault(self._name, []).append(bytes(self._content).decode("utf-8", "replace"))
        if len(self.fields) > MOST_FIELDS:
            raise TooLarge("fields")

    def _whole(self) -> None:
        self.ended = True
