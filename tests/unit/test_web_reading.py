"""What is read of a posted form, and where reading ends."""

import asyncio

import pytest

from bot.web.limits import Room
from bot.web.reading import FIELDS_BYTES, FRAME_BYTES, MOST_PARTS, NotRead, Takes, TooLarge, posted

KIND = "multipart/form-data; boundary=x"
CHUNK = 65_536


class Body:
    """A body that comes in chunks, for as long as somebody reads it."""

    def __init__(self, chunks):
        self.chunks, self.read = chunks, 0

    async def chunked(self):
        for each in self.chunks:
            self.read += len(each)
            yield each


def part(name, value=b"", file=None):
    said = f'form-data; name="{name}"' + ("" if file is None else f'; filename="{file}"')
    return f"--x\r\ncontent-disposition: {said}\r\n\r\n".encode() + value + b"\r\n"


def endless(chunk):
    while True:
        yield chunk


def read(body, takes=None):
    return asyncio.run(posted(KIND, body.chunked(), takes))


def test_as_many_parts_as_a_form_may_have_are_read():
    body = [part(f"f{each % 150}", b"v") for each in range(MOST_PARTS)] + [b"--x--\r\n"]

    found = read(Body(body))

    assert sum(len(values) for values in found.fields.values()) == MOST_PARTS


@pytest.mark.parametrize(
    "empty",
    [b"--x\r\n\r\n\r\n", part(""), part("f"), part("files", file=""), part("files", file="a.png")],
    ids=["no header", "no name", "a field", "no file chosen", "an empty file"],
)
@pytest.mark.parametrize("takes_files", [True, False])
def test_empty_parts_without_end_are_read_no_further_than_so_many(empty, takes_files):
    body = Body(endless(empty))
    with Room().share(CHUNK) as share, pytest.raises(TooLarge):
        read(body, Takes(CHUNK, CHUNK, share) if takes_files else None)

    assert body.read <= (MOST_PARTS + 2) * len(empty)


@pytest.mark.parametrize(
    "begins",
    [b"", part("f", b"v"), part("f", b"v") + b"--x--\r\n"],
    ids=["before the first part", "after one", "after the last"],
)
@pytest.mark.parametrize("filler", [b"\r\n" * (CHUNK // 2), b"-" * CHUNK, b"\0" * CHUNK])
def test_a_body_without_end_is_read_no_further_than_a_form_can_be_long(begins, filler):
    def chunks():
        yield begins
        yield from endless(filler)

    body = Body(chunks())

    with pytest.raises((TooLarge, NotRead)):
        read(body)
    assert body.read <= FIELDS_BYTES + FRAME_BYTES + 2 * CHUNK
