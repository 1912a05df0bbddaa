"""Words of a page to its columns in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import fmean, median

from index.formats.pdf_words import Word, rows_of


@dataclass(frozen=True, slots=True)
class Row:
    """One printed line of a column, or one row of a ruled table."""

    words: tuple[Word, ...]
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float
    cells: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as printed, without footnote marks."""
        return " | ".join(filter(None, self.cells)) or " ".join(word.text for word in self.plain)

    @property
    def plain(self) -> tuple[Word, ...]:
        """The words without footnote marks."""
        return tuple(word for word in self.words if not word.mark)

    @property
    def mark(self) -> str:
        """The footnote mark that the line begins with, or ""."""
        return self.words[0].text if self.words and self.words[0].mark else ""


@dataclass(frozen=True, slots=True)
class Column:
    """A run of rows that are read without a break, from the top down."""

    name: str
    """The same for columns of the same place on other pages."""
    rows: tuple[Row, ...]
    above: float | None = None
    """The baseline of what is printed above it, or None at the top of a page and for a right-hand column."""


def printed_rows(words: Sequence[Word]) -> list[Row]:
    """*words* as rows, from the top down."""
    return [row_of(words) for words in rows_of(words)]


def row_of(words: Sequence[Word]) -> Row:
    """The row that *words*, from left to right, make up."""
    plain = [word for word in words if not word.mark] or list(words)
    # The size of most letters, not of the largest: a big initial makes no heading.
    size = median([word.size for word in plain for _ in word.text])
    return Row(
        tuple(words),
        plain[0].x0,
        max(word.x1 for word in plain),
        min(word.top for word in plain),
        max(word.bottom for word in plain),
        max(plain, key=lambda word: word.size).base,
        size,
    )


def columns_of(
    words: Sequence[Word], tables: Sequence[Row] = (), above: float | None = None, deep: int = 0
) -> list[Column]:
    """
    The columns of a page, or of a part of it that lies *deep* splits down, in reading order.

    What crosses the gutter divides the page: what stands above it is read first, left column before right.
    """
    rows = sorted([*printed_rows(words), *tables], key=lambda row: row.base)
    gutter = _gutter(rows) if deep < 3 else None
    if gutter is None:
        return [Column("", tuple(rows), above)] if rows else []
    columns: list[Column] = []
    for parallel, band in _bands(rows, gutter):
        if parallel:
            left = columns_of(*_side(band, gutter, left=True), above, deep + 1)
            both = [*left, *columns_of(*_side(band, gutter, left=False), None, deep + 1)]
            columns += [replace(column, name=f"{at} of {len(both)}") for at, column in enumerate(both, 1)]
        else:
            columns.append(Column("", tuple(band), above))
        above = max(row.base for row in band)
    return columns


def _side(band: Sequence[Row], gutter: float, *, left: bool) -> tuple[list[Word], list[Row]]:
    """The words and the table rows on one side of *gutter*."""
    words = [word for row in band if not row.cells for word in row.words if (word.x1 <= gutter) == left]
    return words, [row for row in band if row.cells and (row.x1 <= gutter) == left]


def _gutter(rows: Sequence[Row]) -> float | None:
    """Where an empty strip with running text on both sides divides most rows; None where none does."""
    if len(rows) < 3:
        return None
    left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
    em = median(row.size for row in rows)
    steps = int((right - left) / em)
    tried = [left + step * em / 2 for step in range(steps // 2, steps * 3 // 2 + 1)]
    scores = [(_parallel_rows(rows, x), x) for x in tried]
    best = max((score for score, _ in scores), default=0)
    places = [x for score, x in scores if score == best]
    return places[len(places) // 2] if best else None


def _parallel_rows(rows: Sequence[Row], gutter: float) -> int:
    return sum(len(band) for parallel, band in _bands(rows, gutter) if parallel)


def _bands(rows: Sequence[Row], gutter: float) -> list[tuple[bool, list[Row]]]:
    """*rows* cut into bands, each with whether it runs in two columns beside *gutter*."""
    runs = [(open_, list(run)) for open_, run in groupby(rows, key=lambda row: _is_open(row, gutter))]
    bands: list[tuple[bool, list[Row]]] = []
    for at, (open_, run) in enumerate(runs):
        parallel = open_ and _is_parallel(run, gutter)
        kept, tail = _without_tail(run, gutter) if parallel and at + 1 < len(runs) else (run, [])
        if bands and not parallel and not bands[-1][0]:
            bands[-1][1].extend(kept)
        else:
            bands.append((parallel, kept))
        if tail:
            bands.append((False, tail))
    return bands


def _is_open(row: Row, gutter: float) -> bool:
    """Whether *row* leaves a strip of half an em on both sides of *gutter* empty."""
    x0, x1 = gutter - row.size / 2, gutter + row.size / 2
    if row.cells:
        return row.x1 <= gutter or row.x0 >= gutter
    return not any(word.x0 < x1 and word.x1 > x0 for word in row.words)


def _is_parallel(run: Sequence[Row], gutter: float) -> bool:
    """
    Whether both sides of *gutter* hold running text at the same height.

    A table without rules also has an empty strip, but its left cells are short and leave rows empty.
    """
    if len(run) < 3:
        return False
    left = _halves(run, gutter, left=True)
    right = _halves(run, gutter, left=False)
    if min(len(left), len(right)) < 3:
        return False
    top, bottom = max(left[0].top, right[0].top), min(left[-1].bottom, right[-1].bottom)
    beside = [sum(top <= row.base <= bottom for row in side) for side in (left, right)]
    wordy = min(fmean(len(row.words) for row in side) for side in (left, right)) >= 2.8
    return wordy and min(beside) >= 3 and min(beside) >= 0.65 * max(beside)


def _halves(run: Sequence[Row], gutter: float, *, left: bool) -> list[Row]:
    return printed_rows([word for row in run for word in row.words if (word.x1 <= gutter) == left])


def _without_tail(run: list[Row], gutter: float) -> tuple[list[Row], list[Row]]:
    """*run* parted before a short heading at its end, which belongs to the full-width text below it."""
    usual = median(below.base - above.base for above, below in pairwise(run))
    for at in range(len(run) - 1, 0, -1):
        if run[at].x1 > gutter:
            break
        if run[at].base - run[at - 1].base > 1.3 * usual:
            return run[:at], run[at:]
    return run, []
