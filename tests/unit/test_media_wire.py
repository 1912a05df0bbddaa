"""The answer of the process that looked, of which nothing is believed."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.evidence import Derivative, FileKind, Sighting
from bot.media import wire
from bot.media.refusals import Reason

COPY = Derivative("picture.jpg", "image/jpeg", b"\xff\xd8\xffrest")
SIGHTING = Sighting(FileKind.JPEG, {"pixels": "1 x 1"}, (COPY,))


def answer(content=b"", **head):
    written = json.dumps(head).encode()
    return len(written).to_bytes(4, "big") + written + content


def test_what_was_written_is_read():
    assert wire.read(wire.write(SIGHTING)) == SIGHTING
    assert wire.read(wire.write(Reason.PAGES)) == Reason.PAGES


def test_metadata_is_cleaned_on_this_side_too():
    read = wire.read(
        wire.write(Sighting(FileKind.JPEG, {"device": "a\x1b[31m\u202eb\nc" + "d" * 400}, (COPY,)))
    )

    assert read.metadata["device"].startswith("a[31m[U+202E]b c")
    assert len(read.metadata["device"]) == 300


@pytest.mark.parametrize(
    "garbled",
    [
        b"",
        b"\0\0\0\2[]",
        b"\0\0\0\5[1,2]",
        answer(refused="no reason of ours"),
        answer(kind="JPEG picture", metadata={}, derivatives=[]),
        answer(kind="SVG", metadata={}, derivatives=[["picture.jpg", "image/jpeg", 0]]),
        answer(b"<html>", kind="JPEG picture", metadata={}, derivatives=[["picture.jpg", "image/jpeg", 6]]),
        answer(b"abc", kind="text", metadata={}, derivatives=[["../../etc", "text/plain", 3]]),
        answer(b"abc", kind="text", metadata={}, derivatives=[["text.txt", "text/html", 3]]),
        answer(b"abc", kind="text", metadata={}, derivatives=[["text.txt", "text/plain", -1]]),
        answer(b"abc", kind="text", metadata={}, derivatives=[["text.txt", "text/plain", 2]]),
        answer(b"\xff", kind="text", metadata={}, derivatives=[["text.txt", "text/plain", 1]]),
        answer(b"abc", kind="text", metadata={"A key\n": ""}, derivatives=[["text.txt", "text/plain", 3]]),
        answer(b"abc", kind="text", metadata={"a": 3}, derivatives=[["text.txt", "text/plain", 3]]),
        answer(b"abc", kind=["text"], metadata=[], derivatives=[["text.txt", "text/plain", 3]]),
    ],
)
def test_an_answer_that_is_none_of_ours_is_garbled(garbled):
    with pytest.raises(wire.Garbled):
        wire.read(garbled)


@settings(max_examples=200, derandomize=True)
@given(st.binary(max_size=60), st.integers(0, 60))
def test_bytes_written_over_an_answer_are_read_or_garbled(noise, at):
    content = wire.write(SIGHTING)
    try:
        read = wire.read(content[:at] + noise + content[at + len(noise) :])
    except wire.Garbled:
        return

    assert isinstance(read, (Sighting, Reason))
