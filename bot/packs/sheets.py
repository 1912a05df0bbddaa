"""A PDF's pages: styles, tables, pictures, and what stands at the head and foot of each page."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from PIL import Image as Pixels
from PIL import UnidentifiedImageError
from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Image, KeepTogether, LongTable, Paragraph, SimpleDocTemplate, Spacer

from bot.packs.letters import BOLD, REGULAR, Typeface

CLASSIFICATION = "CONFIDENTIAL: SAFEGUARDING. Handle as you would Official-Sensitive."

WIDTH, HEIGHT = A4
MARGIN, TOP, BOTTOM = 18 * mm, 25 * mm, 20 * mm
ROOM_ACROSS = WIDTH - 2 * MARGIN
# What a frame of that page holds, less a frame's own padding, a caption and a little air.
ROOM_DOWN = HEIGHT - TOP - BOTTOM - 30 * mm
NOT_DRAWN = "This view cannot be drawn here; look at the original."
_TALLEST = 3.0
"""Height to width; a longer picture (a scrolled screenshot) is cut into parts that can be read."""
_SHORT = 6
"""A first cell of so few letters, such as a number, stands again beside what goes on below it."""
_EDGES = re.compile(r"^(?:<br/>|\s)+|(?:<br/>|\s)+$")

_BODY = ParagraphStyle("body", fontName=REGULAR, fontSize=9, leading=12.5, spaceAfter=4)
_SMALL = ParagraphStyle("small", parent=_BODY, fontSize=8, leading=10.5, textColor=colors.HexColor("#333333"))
_CELL = ParagraphStyle("cell", parent=_BODY, fontSize=8.5, leading=11.5, spaceAfter=0)
_HEAD_CELL = ParagraphStyle("head cell", parent=_CELL, fontName=BOLD)
_TITLE = ParagraphStyle("title", parent=_BODY, fontName=BOLD, fontSize=20, leading=25, spaceAfter=10)
_HEADING = ParagraphStyle(
    "heading",
    parent=_BODY,
    fontName=BOLD,
    fontSize=13,
    leading=17,
    spaceBefore=14,
    spaceAfter=6,
    keepWithNext=1,
)
_SUB = ParagraphStyle(
    "sub", parent=_BODY, fontName=BOLD, fontSize=10, leading=13, spaceBefore=8, spaceAfter=3, keepWithNext=1
)
_QUOTE = ParagraphStyle("quote", parent=_BODY, leftIndent=6 * mm, rightIndent=6 * mm)
_STYLES = {"body": _BODY, "small": _SMALL, "title": _TITLE, "heading": _HEADING, "sub": _SUB, "quote": _QUOTE}
_RULES = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#999999")),
    ("BACKGROUND", (0, 0), (-1, 0), colors.HexColor("#E6E6E6")),
    ("LEFTPADDING", (0, 0), (-1, -1), 3),
    ("RIGHTPADDING", (0, 0), (-1, -1), 3),
]


@dataclass(frozen=True, slots=True)
class Furniture:
    """What every page carries: a *title* for the file, the *case* at the head, a *watermark* across."""

    title: str
    case: str
    watermark: str = ""


@dataclass(frozen=True, slots=True)
class Sheets:
    """Makes the parts of a story out of plain words; no text can run off a page or be read as markup."""

    face: Typeface

    def text(self, words: str, style: str = "body") -> list[Any]:
        """*words* as paragraphs that may run over pages."""
        return [Paragraph(piece or "&nbsp;", _STYLES[style]) for piece in self.face.pieces(words)]

    def facts(self, pairs: Iterable[tuple[str, str]]) -> list[Any]:
        """Lines of "label: words"; a pair without words is left out."""
        found: list[Any] = []
        for label, words in pairs:
            first, *rest = self.face.pieces(words)
            if first:
                line = f'<font name="{BOLD}">{self.face.markup(label)}:</font> {first}'
                found += [Paragraph(piece, _BODY) for piece in (line, *rest)]
        return found

    def table(
        self, heads: Sequence[str], shares: Sequence[float], rows: Iterable[Sequence[str]]
    ) -> list[Any]:
        """A table as wide as the page, its columns by *shares*; a long cell goes on in rows below."""
        cells = [[Paragraph(self.face.markup(head), _HEAD_CELL) for head in heads]]
        for row in rows:
            cells += self._rows(row)
        widths = [ROOM_ACROSS * share / sum(shares) for share in shares]
        return [LongTable(cells, colWidths=widths, repeatRows=1, style=_RULES), Spacer(1, 4 * mm)]

    def _rows(self, row: Sequence[str]) -> list[list[Any]]:
        pieces = [_without_gaps(self.face.pieces(cell)) for cell in row]
        again = f"({pieces[0][0]})" if len(row[0]) <= _SHORT and pieces[0][0] else ""
        longest = max(len(each) for each in pieces)
        rows = [[each[at] if at < len(each) else "" for each in pieces] for at in range(longest)]
        for later in rows[1:]:
            later[0] = later[0] or again
        return [[Paragraph(cell, _CELL) for cell in each] for each in rows]

    def together(self, parts: list[Any]) -> list[Any]:
        """*parts* on one page, where they fit on one."""
        return [KeepTogether(parts)]

    def picture(self, content: bytes, caption: str) -> list[Any]:
        """A picture with its caption, made to fit a page; a very long one in parts, a broken one as words."""
        try:
            parts = _parts(content)
        except (UnidentifiedImageError, OSError, SyntaxError):  # Pillow says a broken PNG so
            return self.text(f"{caption}. {NOT_DRAWN}")
        found = []
        for number, part in enumerate(parts, start=1):
            words = f"{caption}, part {number} of {len(parts)}" if len(parts) > 1 else caption
            found.append(KeepTogether([*self.text(words, "small"), _fitted(part), Spacer(1, 5 * mm)]))
        return found


def _without_gaps(pieces: Sequence[str]) -> list[str]:
    """*pieces* of a cell without the line breaks between two rows, which would only be drawn as a gap."""
    first, *later = (_EDGES.sub("", piece) for piece in pieces)
    return [first, *(piece for piece in later if piece)]


def _parts(content: bytes) -> list[bytes]:
    """*content* cut across into parts no taller than can be read."""
    with Pixels.open(BytesIO(content)) as picture:
        width, height = picture.size
        picture.load()
        if height <= width * _TALLEST:
            return [content]
        # Parts overlap a little, so that a line of writing that is cut stands whole in the next one.
        step, tall = int(width * 1.3), int(width * 1.4)
        cuts = [(0, top, width, min(top + tall, height)) for top in range(0, height, step)]
        return [_as_png(picture.crop(cut)) for cut in cuts]


def _as_png(picture: Pixels.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _fitted(content: bytes) -> Any:
    with Pixels.open(BytesIO(content)) as picture:
        width, height = picture.size
    # No larger than 96 pixels an inch: beyond that a small picture only gets coarse.
    scale = min(0.75, ROOM_ACROSS / width, ROOM_DOWN / height)
    return Image(BytesIO(content), width * scale, height * scale, hAlign="LEFT")


def laid_out(story: Callable[[], list[Any]], furniture: Furniture, face: Typeface) -> bytes:
    """The PDF of *story*, byte for byte the same for the same words; laid out twice to know its last page."""
    _, pages = _built(story(), furniture, face, 0)
    return _built(story(), furniture, face, pages)[0]


def _built(story: list[Any], furniture: Furniture, face: Typeface, pages: int) -> tuple[bytes, int]:
    buffer = BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=MARGIN - 6,  # a frame adds a padding of 6 points of its own
        rightMargin=MARGIN - 6,
        topMargin=TOP,
        bottomMargin=BOTTOM,
        title=furniture.title,
        author="Staffroom",
        invariant=1,
    )

    def furnish(canvas: Any, doc: Any) -> None:
        _furnish(canvas, furniture, f"page {doc.page} of {pages}")

    document.build(story, onFirstPage=furnish, onLaterPages=furnish)
    return buffer.getvalue(), document.page


def _furnish(canvas: Any, furniture: Furniture, page: str) -> None:
    canvas.saveState()
    if furniture.watermark:
        _watermark(canvas, furniture.watermark)
    canvas.setFillColor(colors.black)
    canvas.setFont(BOLD, 8)
    canvas.drawString(MARGIN, HEIGHT - 14 * mm, CLASSIFICATION)
    canvas.setFont(REGULAR, 8)
    canvas.drawString(MARGIN, HEIGHT - 19 * mm, f"Case {furniture.case}")
    canvas.drawRightString(WIDTH - MARGIN, HEIGHT - 19 * mm, page)
    canvas.drawString(MARGIN, 11 * mm, CLASSIFICATION)
    canvas.drawRightString(WIDTH - MARGIN, 11 * mm, page)
    canvas.restoreState()


def _watermark(canvas: Any, words: str) -> None:
    canvas.saveState()
    canvas.setFillColor(colors.HexColor("#E8E8E8"))
    canvas.setFont(BOLD, min(90, 700 / max(len(words), 1)))
    canvas.translate(WIDTH / 2, HEIGHT / 2)
    canvas.rotate(52)
    canvas.drawCentredString(0, -20, words)
    canvas.restoreState()
