"""PDF documents: every page drawn as a picture, what else is in them said in words."""

import codecs
import re

import pypdfium2  # type: ignore[import-untyped]
from pypdfium2 import raw

from bot.domain.evidence import Derivative
from bot.media import words
from bot.media.limits import Limits, Look
from bot.media.pictures import LONG_SIDE, drawn_again, look_ahead
from bot.media.refusals import Reason, Refused
from bot.media.words import Metadata

DOTS_PER_POINT = 150 / 72
"""150 dots an inch, at which small print can be read; a large page gets fewer."""
_KEYS = {
    "author": "Author",
    "made with": "Creator",
    "producer": "Producer",
    "created": "CreationDate",
    "changed": "ModDate",
}
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?([Z+-].*)?")
_PROGRAM = re.compile(rb"/(?:JavaScript|JS|Launch)\b")
_FILES = re.compile(rb"/(?:EmbeddedFiles?|FileAttachment)\b")


def looker() -> Look:
    """`look_at_pdf`, with all loaded that it will need."""
    look_ahead()
    codecs.lookup("utf-16-le")
    return look_at_pdf


def look_at_pdf(content: bytes, limits: Limits) -> tuple[Metadata, tuple[Derivative, ...]]:
    """
    Draw each page of *content*; programs and files inside are named in the metadata and never run or opened.

    A PDF that only forbids printing or copying opens for anybody, so it is kept, and the metadata says so.

    Raises:
        Refused: it needs a password, or has too many pages.
        Exception: whatever the reader raises at a damaged one.
    """
    document = _opened(content)
    if len(document) > limits.pages:
        raise Refused(Reason.PAGES)
    if not len(document):
        raise Refused(Reason.BROKEN)
    pages = tuple(_drawn(document[number], number + 1) for number in range(len(document)))
    return {"pages": str(len(document)), **_metadata(document, content)}, pages


def _opened(content: bytes) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        password = error.err_code == raw.FPDF_ERR_PASSWORD
        raise Refused(Reason.PASSWORD if password else Reason.BROKEN) from None


def _drawn(page: pypdfium2.PdfPage, number: int) -> Derivative:
    longest = max(page.get_size())
    if longest <= 0:
        raise Refused(Reason.BROKEN)
    bitmap = page.render(scale=min(DOTS_PER_POINT, LONG_SIDE / longest), may_draw_forms=False)
    return drawn_again(bitmap.to_pil(), f"page-{number:02}", "image/jpeg")


def _metadata(document: pypdfium2.PdfDocument, content: bytes) -> Metadata:
    given = document.get_metadata_dict()
    found = {name: words.value(_date(given.get(key, ""))) for name, key in _KEYS.items()}
    files = document.count_attachments()
    if files or _FILES.search(content):
        found["files inside"] = f"{files or 'yes'}; never opened here"
    if raw.FPDFDoc_GetJavaScriptActionCount(document) > 0 or _PROGRAM.search(content):
        found["programs inside"] = "yes; never run here. Do not open the original with an ordinary reader"
    if raw.FPDF_GetSecurityHandlerRevision(document) != -1:
        found["protection"] = "printing or copying is forbidden in it"
    return {name: text for name, text in found.items() if text}


def _date(text: str) -> str:
    """A PDF's "D:20261120224107Z" as "2026-11-20 22:41:07 Z"; any other text as it is."""
    match = _DATE.fullmatch(text)
    if not match:
        return text
    year, month, day, hour, minute, second, zone = match.groups()
    date = "-".join(part for part in (year, month, day) if part)
    time = ":".join(part for part in (hour, minute, second) if part)
    return " ".join(part for part in (date, time, (zone or "").replace("'", "")) if part)
