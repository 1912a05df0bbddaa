"""What goes over the pipe from the process that looked; the reader believes none of it."""

import json
import re
from collections.abc import Mapping
from typing import Any

from bot.domain.evidence import Derivative, FileKind, Sighting
from bot.media import words
from bot.media.refusals import Reason

MOST_DERIVATIVES = 40
MOST_METADATA = 40
_KEY = re.compile(r"[a-z][a-z ]{0,39}")
_NAME = re.compile(r"(?:picture|still-\d\d|page-\d\d)\.(?:png|jpg)|text\.txt")
_STARTS = {"image/png": b"\x89PNG\r\n\x1a\n", "image/jpeg": b"\xff\xd8\xff", "text/plain": b""}


class Garbled(Exception):
    """What came over the pipe is no answer."""


def write(answer: Sighting | Reason) -> bytes:
    """Write *answer*: the length of a JSON head, the head, then the derivatives one after another."""
    if isinstance(answer, Reason):
        return _with_head({"refused": answer.value})
    copies = [[copy.name, copy.media_type, len(copy.content)] for copy in answer.derivatives]
    head = {"kind": answer.kind.value, "metadata": dict(answer.metadata), "derivatives": copies}
    return _with_head(head) + b"".join(copy.content for copy in answer.derivatives)


def read(content: bytes) -> Sighting | Reason:
    """
    Read what `write` wrote.

    Raises:
        Garbled: it is anything else.
    """
    size = int.from_bytes(content[:4], "big")
    try:
        head = json.loads(content[4 : 4 + size])
        if "refused" in head:
            return Reason(head["refused"])
        kind, metadata = FileKind(head["kind"]), _metadata(head["metadata"])
        return Sighting(kind, metadata, _derivatives(head["derivatives"], content[4 + size :]))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise Garbled from None


def _with_head(head: Mapping[str, Any]) -> bytes:
    written = json.dumps(head).encode()
    return len(written).to_bytes(4, "big") + written


def _metadata(given: Mapping[str, str]) -> Mapping[str, str]:
    if len(given) > MOST_METADATA or not all(_KEY.fullmatch(key) for key in given):
        raise Garbled
    return {key: words.value(text) for key, text in given.items()}


def _derivatives(listed: list[tuple[str, str, int]], content: bytes) -> tuple[Derivative, ...]:
    made, at = [], 0
    for name, media_type, size in listed:
        copy = content[at : at + size]
        at += size
        if size < 0 or not _NAME.fullmatch(name) or not copy.startswith(_STARTS[media_type]):
            raise Garbled
        if media_type == "text/plain":
            copy.decode("utf-8")
        made.append(Derivative(name, media_type, copy))
    if at != len(content) or not 1 <= len(made) <= MOST_DERIVATIVES:
        raise Garbled
    return tuple(made)
