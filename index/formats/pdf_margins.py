"""A document's own measures: usual type, margins of its columns, distance of its lines."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from index.formats.pdf_columns import Column, Row
from index.formats.pdf_notes import Note
from index.formats.pdf_page import Sheet


@dataclass(frozen=True, slots=True)
class Page:
    """One page in reading order."""

    number: int
    width: float
    columns: tuple[Column, ...]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Usual:
    """What most of the document is set in."""

    size: float
    letter: float
    """The average width of a character."""
    distance: float = 0.0
    """From one baseline to the next."""


@dataclass(frozen=True, slots=True)
class Margins:
    """Where the lines of a column begin and end at most."""

    left: float
    right: float


Place = tuple[str, int, int]
"""A column's name, its page's width, and 1 or 0 for odd and even pages."""


def usual_type(sheets: Sequence[Sheet]) -> Usual:
    """The type size of most letters, and how wide they are."""
    sizes: Counter[float] = Counter()
    widths, letters = 0.0, 0
    for word in (word for sheet in sheets for word in sheet.words):
        sizes[round(word.size, 1)] += len(word.text)
        widths, letters = widths + word.x1 - word.x0, letters + len(word.text)
    if not widths:
        return Usual(1.0, 1.0)
    return Usual(sizes.most_common(1)[0][0], widths / letters)


def margins_of(pages: Sequence[Page], usual: Usual) -> dict[tuple[str, int], Margins]:
    """The margins of each column, by its name and page."""
    rows: dict[Place, list[Row]] = defaultdict(list)
    for page in pages:
        for column in page.columns:
            rows[column.name, round(page.width), page.number % 2] += [
                row for row in column.rows if not row.cells
            ]
    found: dict[tuple[str, int], Margins] = {}
    for page in pages:
        for name in {column.name for column in page.columns}:
            side = page.number % 2
            own, other = (rows.get((name, round(page.width), odd), []) for odd in (side, 1 - side))
            found[name, page.number] = _shared(own, other, usual)
    return found


def usual_distance(pages: Sequence[Page], usual: Usual, least: int = 3) -> float:
    """
    From one baseline to the next inside a paragraph, as *pages* are set.

    It is 0 where fewer than *least* lines stand at the same distance.
    """
    pairs = [pair for page in pages for column in page.columns for pair in pairwise(column.rows)]
    apart = [
        round((below.base - above.base) * 2) / 2
        for above, below in pairs
        if _is_usual(above, usual) and _is_usual(below, usual)
    ]
    times = Counter(distance for distance in apart if distance >= 0.9 * usual.size)
    # The least of the common ones: on a page of short items the space between them is the commonest.
    common = [distance for distance, count in times.items() if count >= max(least, 0.15 * len(apart))]
    return min(common, default=0.0)


def _is_usual(row: Row, usual: Usual) -> bool:
    return not row.cells and abs(row.size - usual.size) <= 0.06 * usual.size


def _shared(own: Sequence[Row], other: Sequence[Row], usual: Usual) -> Margins:
    """The margins of odd and even pages alike, unless the pages' margins mirror each other."""
    if not own or not other:
        return _margins([*own, *other], usual)
    here, there = _margins(own, usual), _margins(other, usual)
    left, right = here.left - there.left, here.right - there.right
    mirrored = abs(left) > usual.size / 2 and abs(left - right) < 3
    return here if mirrored and min(len(own), len(other)) >= 5 else _margins([*own, *other], usual)


def _margins(rows: Sequence[Row], usual: Usual) -> Margins:
    if not rows:
        return Margins(0.0, 0.0)
    ends = sorted(row.x1 for row in rows)
    # A web address that sticks out of the page moves no margin.
    return Margins(_left(sorted(row.x0 for row in rows), usual), ends[int(0.99 * (len(ends) - 1))])


def _left(starts: Iterable[float], usual: Usual) -> float:
    """The leftmost place at which more than a stray line begins, so that hanging text is indented."""
    groups: list[list[float]] = []
    for start in starts:
        if not groups or start - groups[-1][0] > usual.letter:
            groups.append([])
        groups[-1].append(start)
    total = sum(len(group) for group in groups)
    shared = [group for group in groups if len(group) >= max(2, 0.04 * total)]
    return min((shared or groups)[0])
