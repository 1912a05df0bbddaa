"""Text files that are not what their names say."""

import pytest

from index.errors import UnreadableDocument
from index.formats.encoding import MOST_CHARACTERS, text_of


@pytest.fixture
def written(tmp_path):
    def write(content, name="policy.txt"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "the file is empty"),
        (b" \n\t\n", "the file is empty"),
        (b"%PDF-1.7 and so on", "the name says .txt but the content is a PDF"),
        (
            b"PK\x03\x04word/document.xml",
            "the name says .txt but the content is a Word file or another zip archive",
        ),
        (b"Phones are\0\x01\x02 off", "the name says .txt but the content is not text"),
        (
            b"Phones\nin the caf\xe9",
            "line 2 is not in the encoding UTF-8, so its letters cannot be told for certain",
        ),
    ],
)
def test_a_file_that_is_no_readable_text_is_refused_with_its_cause(written, content, cause):
    path = written(content)

    with pytest.raises(UnreadableDocument) as refused:
        text_of(path)

    assert (refused.value.file, refused.value.cause) == ("policy.txt", cause)
    assert "\n" not in str(refused.value)


def test_a_book_is_refused(written):
    with pytest.raises(UnreadableDocument, match="as long as a book"):
        text_of(written(b"word " * (MOST_CHARACTERS // 5 + 1)))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_marked_encodings_are_read(written, encoding):
    assert text_of(written("Mae’r polisi hwn – £25".encode(encoding))) == "Mae’r polisi hwn – £25"


def test_line_ends_of_any_system_become_one_kind(written):
    assert text_of(written(b"one\r\ntwo\rthree\n")) == "one\ntwo\nthree\n"
