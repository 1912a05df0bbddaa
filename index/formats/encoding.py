"""A text file's bytes to text: encodings, and files that are not what their name says."""

from pathlib import Path

from index.errors import UnreadableDocument

# A long policy is 150,000 characters; a book of 500 pages is about ten times that.
MOST_CHARACTERS = 600_000
_SIGNATURES = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a Word file or another zip archive",
    b"\xd0\xcf\x11\xe0": "an old Word file (.doc) or a password-protected one",
    b"{\\rtf": "a rich text file (RTF)",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"MZ": "a program",
    b"\x7fELF": "a program",
}
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def text_of(path: Path) -> str:
    """
    The text of the file at *path*, which is UTF-8, or UTF-16 with its mark.

    Raises:
        UnreadableDocument: it is empty, something other than text, in another encoding, or as long as a book.
    """
    raw = path.read_bytes()
    _refuse_other_kinds(path, raw)
    text = _decoded(path, raw)
    if not text.strip():
        raise UnreadableDocument(path.name, "the file is empty", "Save the policy's text in it, or delete it")
    if len(text) > MOST_CHARACTERS:
        raise UnreadableDocument(
            path.name,
            f"it is as long as a book ({len(text):,} characters; a policy may have {MOST_CHARACTERS:,})",
            "Give each policy a file of its own",
        )
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_other_kinds(path: Path, raw: bytes) -> None:
    for signature, kind in _SIGNATURES.items():
        if raw.startswith(signature):
            raise UnreadableDocument(
                path.name,
                f"the name says {path.suffix} but the content is {kind}",
                "Give the file its right ending, or save the policy as text",
            )


def _decoded(path: Path, raw: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if raw.startswith(mark)), "utf-8")
    if encoding == "utf-8" and b"\0" in raw:
        raise UnreadableDocument(
            path.name,
            f"the name says {path.suffix} but the content is not text",
            "Save the policy as text (UTF-8), .docx or .pdf",
        )
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise UnreadableDocument(
            path.name,
            f"line {line} is not in the encoding UTF-8, so its letters cannot be told for certain",
            "Open it in an editor and save it with the encoding UTF-8",
        ) from None
