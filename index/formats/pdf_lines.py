"""Columns of all pages to lines, measured against the pages' own margins and line distance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

from index.documents import Line
from index.formats.pdf_columns import Column, Row, columns_of
from index.formats.pdf_margins import Margins, Page, Usual, margins_of, usual_distance, usual_type
from index.formats.pdf_notes import Foot, parted
from index.formats.pdf_page import Sheet
from index.formats.pdf_tables import without_tables

_SPACE = 0.28
"""The width of a space in most typefaces, in ems."""


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """A row on its way to a line: where it stands."""

    row: Row
    page: int
    margins: Margins
    gap: float = 0.0
    note: bool = False


def lines_of(sheets: Sequence[Sheet]) -> list[Line]:
    """The lines of all *sheets*, each page's footnotes after its body."""
    usual = usual_type(sheets)
    pages = _pages(sheets, usual)
    usual = replace(usual, distance=_distance(pages, usual))
    margins = margins_of(pages, usual)
    placed = [row for page in pages for row in _page_rows(page, margins, usual)]
    kept = _without_repeated_headers(placed)
    body, notes = [row for row in kept if not row.note], [row for row in kept if row.note]
    below = dict(chain(pairwise(body), pairwise(notes)))
    return [_line(row, below.get(row), usual) for row in kept]


def _distance(pages: Sequence[Page], usual: Usual) -> float:
    closest = usual_distance(pages, usual, least=1)
    # In a few lines, what is closest may still be the space between paragraphs.
    return usual_distance(pages, usual) or (closest if 0 < closest < 1.7 * usual.size else 1.2 * usual.size)


def _pages(sheets: Sequence[Sheet], usual: Usual) -> list[Page]:
    raised = [word for sheet in sheets for word in sheet.words if word.mark]
    marks = frozenset(mark for word in raised for mark in word.text.split(","))
    return [_page(sheet, Foot(usual.size, marks, sheet.rules)) for sheet in sheets]


def _page(sheet: Sheet, foot: Foot) -> Page:
    words, tables = without_tables(sheet)
    parts = [parted(column, foot) for column in columns_of(words, tables)]
    notes = tuple(note for _, found in parts for note in found)
    return Page(sheet.number, sheet.width, tuple(column for column, _ in parts if column.rows), notes)


def _page_rows(page: Page, margins: dict[tuple[str, int], Margins], usual: Usual) -> Iterator[_Placed]:
    here = replace(usual, distance=usual_distance([page], usual) or usual.distance)
    for column in page.columns:
        own = margins[column.name, page.number]
        for row, gap in zip(column.rows, _gaps(column, here), strict=True):
            yield _Placed(row, page.number, own, gap)
    yield from _note_rows(page)


def _note_rows(page: Page) -> Iterator[_Placed]:
    if page.notes:
        rows = [note.row for note in page.notes]
        own = Margins(min(row.x0 for row in rows), max(row.x1 for row in rows))
        for note in page.notes:
            yield _Placed(note.row, page.number, own, float(note.opens), note=True)


def _gaps(column: Column, usual: Usual) -> Iterator[float]:
    above: Row | None = None
    for row in column.rows:
        base = above.base if above else column.above
        in_table = bool(row.cells and above and above.cells) and row.top - (base or 0.0) < 2
        yield 0.0 if base is None or in_table else _gap(row, base, usual)
        above = row


def _gap(row: Row, base: float, usual: Usual) -> float:
    # Small print is set closer, and a table begins at its rule, a third of a line above its words.
    distance = usual.distance * min(1.0, row.size / usual.size)
    between = (row.top - base) / distance - 0.3 if row.cells else (row.base - base) / distance - 1
    return max(0.0, round(between, 1))


def _without_repeated_headers(rows: Sequence[_Placed]) -> list[_Placed]:
    """Drop the header row that a table prints again on each page it runs over."""
    kept: list[_Placed] = []
    header: Row | None = None
    for row in rows:
        opens = row.row.cells and not (kept and kept[-1].row.cells)
        turned = bool(kept) and kept[-1].page != row.page
        if header and turned and row.row.cells == header.cells:
            continue
        if opens:
            header = row.row
        kept.append(row)
    return kept


def _line(placed: _Placed, below: _Placed | None, usual: Usual) -> Line:
    row = placed.row
    indent = 0.0 if row.cells else round((row.x0 - placed.margins.left) / usual.letter, 1)
    letters = [word for word in row.plain if word.text != "•"]
    return Line(
        row.text,
        placed.page,
        max(0.0, indent),
        placed.gap,
        _is_full(placed, below),
        bool(letters) and all(word.bold for word in letters),
        round(row.size / usual.size, 2),
        placed.note,
        row.cells,
    )


def _is_full(placed: _Placed, below: _Placed | None) -> bool:
    """Whether the next line's first word would have stuck out of the column."""
    if below is None or placed.row.cells or below.row.cells:
        return False
    margins, word = placed.margins, below.row.plain[0]
    needed = placed.row.x1 + _SPACE * word.size + word.x1 - word.x0
    return needed > margins.right - 0.02 * (margins.right - margins.left)
