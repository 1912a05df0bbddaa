"""What a browser posted, read as it streams in: into memory up to a limit, never through a temporary file."""

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

MOST_FIELDS = 200
FIELDS_BYTES = 1_000_000
"""All that is typed in one form together; a report's longest answers are far below."""


class TooLarge(BotError):
    """More was sent than is taken; the rest was not read."""

    user_message = "That is more than can be sent at once. Send fewer or smaller files; nothing was stored."


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


async def posted(content_type: str, body: AsyncIterator[bytes], file_bytes: int) -> Posted:
    """
    Read a posted form; with *file_bytes* 0 no file is taken, and one that comes is an error unread.

    Raises:
        TooLarge: a file is larger than *file_bytes*, or there are too many files or fields.
        Unasked: there is a file, and none is taken.
        NotRead: it is no form, or not whole.
    """
    kind, boundary = _kind(content_type)
    if kind == "multipart/form-data" and boundary:
        return await _multipart(boundary, body, file_bytes)
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


async def _limited(body: AsyncIterator[bytes], most: int) -> AsyncIterator[bytes]:
    seen = 0
    async for part in body:
        seen += len(part)
        if seen > most:
            raise TooLarge("fields")
        yield part


async def _multipart(boundary: bytes, body: AsyncIterator[bytes], file_bytes: int) -> Posted:
    parts = _Parts(file_bytes)
    try:
        parser = MultipartParser(boundary, parts.callbacks())
        async for chunk in body:
            parser.write(chunk)
        parser.finalize()
    except FormParserError:
        raise NotRead("multipart") from None
    if not parts.ended:
        raise NotRead("cut off")
    return parts.posted()


@dataclass(slots=True)
class _Parts:
    """The parts of one form as they come in."""

    file_bytes: int
    fields: dict[str, list[str]] = field(default_factory=dict)
    files: list[Upload] = field(default_factory=list)
    ended: bool = False
    _header: bytearray = field(default_factory=bytearray)
    _value: bytearray = field(default_factory=bytearray)
    _headers: Message = field(default_factory=Message)
    _content: bytearray = field(default_factory=bytearray)
    _typed: int = 0

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
        self._headers, self._content = Message(), bytearray()

    def _header_end(self) -> None:
        # What is no plain header would end it and begin another one.
        name, value = (bytes(each).decode("utf-8", "replace") for each in (self._header, self._value))
        self._headers[name.strip()] = "".join(each for each in value if each.isprintable())
        self._header.clear()
        self._value.clear()

    def _data(self, data: bytes, start: int, end: int) -> None:
        self._content.extend(data[start:end])
        most = self.file_bytes if self._file_name is not None else FIELDS_BYTES - self._typed
        if self._file_name is not None and not self.file_bytes:
            raise Unasked("file")
        if len(self._content) > most or len(self.files) > MOST_FILES:
            raise TooLarge("file" if self._file_name is not None else "fields")

    def _end(self) -> None:
        if self._file_name is not None:
            # A browser sends an empty part for a control in which nothing was chosen.
            if (self._file_name or self._content) and self.file_bytes:
                self.files.append(Upload(self._file_name, bytes(self._content)))
            return
        self._typed += len(self._content)
        self.fields.setdefault(self._name, []).append(bytes(self._content).decode("utf-8", "replace"))
        if len(self.fields) > MOST_FIELDS:
            raise TooLarge("fields")

    def _whole(self) -> None:
        self.ended = True
