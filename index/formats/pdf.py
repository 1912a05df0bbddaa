"""PDF to lines: reading order, running heads, footnotes and ruled tables told apart from the words."""

import logging
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pdfplumber
from pdfminer.pdfdocument import PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.psexceptions import PSException
from pdfplumber.utils.exceptions import MalformedPDFException, PdfminerException

from index.documents import Line
from index.errors import UnreadableDocument
from index.formats.pdf_furniture import without_furniture
from index.formats.pdf_lines import lines_of
from index.formats.pdf_page import Sheet, sheet_of

MOST_PAGES = 150

# A damaged file makes the parser stumble in any of these ways; none of them is documented.
_STUMBLES = (
    PdfminerException,
    MalformedPDFException,
    PSException,
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_FROM_SOURCE = "ask for the original Word file, or save the PDF again after text recognition (OCR)"
_NEW_COPY = "open it to see whether it is whole, and save or download it again"


def read(path: Path) -> list[Line]:
    """
    The lines of a PDF in reading order, with footnotes after the body of their page.

    Raises:
        UnreadableDocument: it is damaged, locked, too long, or holds no text.
    """
    _check_whole(path)
    with _without_parser_noise():
        sheets = _sheets(path)
    lines = lines_of(without_furniture(sheets))
    if not lines:
        _refuse_without_text(path, sheets)
    _check_legible(path, lines)
    return lines


def _check_whole(path: Path) -> None:
    content = path.read_bytes()
    if b"%PDF-" not in content[:1024]:
        raise UnreadableDocument(path.name, "it is not a PDF, whatever its name says", _NEW_COPY)
    if b"%%EOF" not in content[-2048:]:
        raise UnreadableDocument(path.name, "the PDF is damaged: its end is missing", _NEW_COPY)


def _sheets(path: Path) -> list[Sheet]:
    """Every page's words, tables and rules; pages are counted before any of them is read."""
    try:
        with pdfplumber.open(path) as pdf:
            _check_length(path, len(pdf.pages))
            return [sheet_of(page) for page in pdf.pages]
    except _STUMBLES as stumble:
        raise _named(path, stumble) from None


def _check_length(path: Path, pages: int) -> None:
    if pages == 0:
        raise UnreadableDocument(path.name, "the PDF is damaged: no page can be read", _NEW_COPY)
    if pages > MOST_PAGES:
        raise UnreadableDocument(
            path.name,
            f"has {pages} pages; a policy document may have at most {MOST_PAGES}",
            "list the policy itself, not the book that contains it",
        )


def _named(path: Path, stumble: BaseException) -> UnreadableDocument:
    # pdfplumber wraps pdfminer's error as the only argument of its own.
    reasons = (stumble, *stumble.args)
    if any(isinstance(reason, PDFPasswordIncorrect) for reason in reasons):
        return UnreadableDocument(
            path.name, "the PDF is locked with a password", "save a copy without a password"
        )
    if any(isinstance(reason, PDFEncryptionError) for reason in reasons):
        return UnreadableDocument(
            path.name, "the PDF is locked in a way that cannot be read", "save a copy without protection"
        )
    return UnreadableDocument(path.name, "the PDF is damaged", _NEW_COPY)


def _refuse_without_text(path: Path, sheets: list[Sheet]) -> None:
    pictures = any(sheet.pictures for sheet in sheets)
    cause = "the PDF holds pictures of pages and no text" if pictures else "the PDF holds no text"
    raise UnreadableDocument(path.name, cause, _FROM_SOURCE)


def _check_legible(path: Path, lines: list[Line]) -> None:
    """A font without a character map gives shapes, not letters."""
    text = "".join(line.text for line in lines)
    if text.count("\ufffd") > 0.2 * len(text):
        raise UnreadableDocument(path.name, "the PDF's letters are shapes that have no text", _FROM_SOURCE)


@contextmanager
def _without_parser_noise() -> Iterator[None]:
    """Keep the parser's warnings about sloppy files out of the log, for as long as it reads."""
    # A level that someone has set is theirs, and stays.
    loggers = [logging.getLogger(name) for name in ("pdfminer", "pdfplumber")]
    quietened = [logger for logger in loggers if logger.level == logging.NOTSET]
    for logger in quietened:
        logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for logger in quietened:
            logger.setLevel(logging.NOTSET)
