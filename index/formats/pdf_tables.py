"""The words inside ruled tables to table rows."""

from collections.abc import Sequence

from index.formats.pdf_columns import Row, printed_rows
from index.formats.pdf_page import Box, Grid, Sheet
from index.formats.pdf_words import Word


def without_tables(sheet: Sheet) -> tuple[list[Word], list[Row]]:
    """The words of *sheet* that stand in no table, and the tables' rows."""
    words, rows = list(sheet.words), []
    for grid in sheet.grids:
        inside = [word for word in words if _is_in(word, grid.box)]
        table = _table(grid, inside)
        # A frame with one filled cell a row is a box around ordinary text.
        if any(len(list(filter(None, row.cells))) > 1 for row in table):
            rows += table
            cells = [cell for row in grid.rows for cell in row if cell]
            words = [word for word in words if not any(_is_in(word, cell) for cell in cells)]
    return words, rows


def _table(grid: Grid, words: Sequence[Word]) -> list[Row]:
    rows = [_row(grid.box, cells, words) for cells in grid.rows]
    return [row for row in rows if any(row.cells)]


def _row(box: Box, cells: Sequence[Box | None], words: Sequence[Word]) -> Row:
    held = [[word for word in words if cell and _is_in(word, cell)] for cell in cells]
    drawn = [cell for cell in cells if cell]
    top, bottom = min(cell[1] for cell in drawn), max(cell[3] for cell in drawn)
    sizes = [word.size for words in held for word in words]
    return Row(
        tuple(word for words in held for word in words),
        box[0],
        box[2],
        top,
        bottom,
        bottom,
        max(sizes, default=0.0),
        tuple(_cell_text(words) for words in held),
    )


def _cell_text(words: Sequence[Word]) -> str:
    text = ""
    for row in printed_rows(words):
        if text.endswith("\u00ad"):
            text = text[:-1] + row.text
        elif text[-2:-1].isalpha() and text.endswith("-") and row.text[:1].islower():
            text += row.text
        else:
            text = f"{text} {row.text}".strip()
    return text


def _is_in(word: Word, box: Box) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return box[0] <= x < box[2] and box[1] <= y < box[3]
