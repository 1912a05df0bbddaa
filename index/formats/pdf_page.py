"""One page as pdfplumber gives it → a sheet of words, table cells and rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pdfplumber.page import Page
from pdfplumber.table import Table

from index.formats.pdf_words import Glyph, Word, words_of

Box = tuple[float, float, float, float]
"""x0, top, x1, bottom, measured from the page's top left corner."""

# Beyond this a page holds a drawing, and looking for tables in it takes minutes.
_MOST_EDGES = 1500
_WHITE = ([1.0], [1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0])
# In other colour spaces the same numbers mean other colours: full black ink is 1 in a separation.
_PLAIN_COLOURS = ("DeviceGray", "DeviceRGB", "DeviceCMYK", "ICCBased", "CalGray", "CalRGB")


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: where its cells lie, row by row; None is covered by a merged cell."""

    rows: tuple[tuple[Box | None, ...], ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn horizontal line."""

    x0: float
    x1: float
    top: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is printed on one page."""

    number: int
    width: float
    top: float
    bottom: float
    words: tuple[Word, ...]
    grids: tuple[Grid, ...] = ()
    rules: tuple[Rule, ...] = ()
    pictures: bool = False


def sheet_of(page: Page) -> Sheet:
    """Read *page* and let go of what pdfplumber keeps of it."""
    x0, top, x1, bottom = page.cropbox
    sheet = Sheet(
        page.page_number,
        float(x1 - x0),
        float(top),
        float(bottom),
        tuple(words_of(_glyphs(page))),
        tuple(_grids(page)),
        tuple(_rules(page)),
        bool(page.images),
    )
    page.close()
    return sheet


def _glyphs(page: Page) -> list[Glyph]:
    upright = [char for char in page.chars if _is_legible(char) and _is_on(page.cropbox, char)]
    seen = [char for char in upright if not _is_hidden(char, page)]
    # Where most of a page would vanish, its colours are not what they seem.
    return [_glyph(char) for char in (seen if len(seen) * 2 >= len(upright) else upright)]


def _is_legible(char: dict[str, Any]) -> bool:
    """Upright, and of a size that can be seen."""
    across, lean = char["matrix"][:2]
    upright = bool(char["upright"]) and across > 0 and abs(lean) < 0.1 * across
    return upright and 1 <= char["size"] <= 1000 and 0 <= char["x1"] - char["x0"] <= 1000


def _is_on(box: Box, char: dict[str, Any]) -> bool:
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    return bool(box[0] <= x <= box[2] and box[1] <= y <= box[3])


def _is_hidden(char: dict[str, Any], page: Page) -> bool:
    """White, and nothing is drawn under it that it could stand out from."""
    if char.get("ncs") not in _PLAIN_COLOURS or list(char["non_stroking_color"]) not in _WHITE:
        return False
    x, y = (char["x0"] + char["x1"]) / 2, (char["top"] + char["bottom"]) / 2
    grounds = [*page.rects, *page.curves, *page.images]
    return not any(g["x0"] <= x <= g["x1"] and g["top"] <= y <= g["bottom"] for g in grounds)


def _glyph(char: dict[str, Any]) -> Glyph:
    return Glyph(
        char["text"],
        char["fontname"],
        float(char["size"]),
        float(char["x0"]),
        float(char["x1"]),
        float(char["top"]),
        float(char["bottom"]),
        # Descents differ from font to font, so the box's bottom is no baseline; the matrix holds the origin.
        float(char["bottom"] + char["y0"] - char["matrix"][5]),
    )


def _grids(page: Page) -> list[Grid]:
    if len(page.edges) > _MOST_EDGES:
        return []
    return [_grid(table) for table in page.find_tables()]


def _grid(table: Table) -> Grid:
    return Grid(tuple(tuple(row.cells) for row in table.rows), table.bbox)


def _rules(page: Page) -> list[Rule]:
    drawn: Sequence[dict[str, Any]] = [*page.lines, *page.rects]
    return [
        Rule(float(line["x0"]), float(line["x1"]), float(line["top"]))
        for line in drawn
        if line["bottom"] - line["top"] <= 2 and line["x1"] - line["x0"] >= 30
    ]
