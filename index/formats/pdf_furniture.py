"""Running headers, footers and page numbers: found by what comes again in the same place of other pages."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.formats.pdf_columns import Row, printed_rows, row_of
from index.formats.pdf_page import Sheet
from index.formats.pdf_words import Word

_ZONE = 0.13
"""How far from the page's top and bottom edge furniture stands, as a share of the page's height."""
_NUMBER = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"[-–—|\[(\s]*(?:(?:page|pg|p)\b\.?\s*)?#\s*(?:(?:of|/|\||out of)\s*#\s*)?[-–—|\])\s]*(?:page)?"
)
_WORD_AND_NUMBER = re.compile(r"[^\W\d_]+ #")
_ROMAN = re.compile(r"[-–— ]*(x{0,3}(?:ix|iv|v?i{0,3}))[-–— ]*")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10}


@dataclass(frozen=True, slots=True)
class _Mark:
    """A row near a page's edge, and what it says."""

    page: int
    row: int
    place: float
    """The distance of its baseline from the nearer edge of the page; negative at the bottom."""
    shape: str
    """Its words with every number as #."""
    numbers: tuple[int, ...]


def without_furniture(sheets: Sequence[Sheet]) -> list[Sheet]:
    """*sheets* without the words that belong to every page and to none."""
    rows = [printed_rows(sheet.words) for sheet in sheets]
    marks = [
        mark for sheet, own in zip(sheets, rows, strict=True) for at in range(len(own))
        for mark in _marks(sheet, at, own[at])
    ]  # fmt: skip
    doomed = _furniture(marks, len(sheets))
    return [
        replace(sheet, words=tuple(_kept(own, {at for page, at in doomed if page == sheet.number})))
        for sheet, own in zip(sheets, rows, strict=True)
    ]


def _kept(rows: Sequence[Row], doomed: set[int]) -> Iterator[Word]:
    for at, row in enumerate(rows):
        if at not in doomed:
            yield from row.words


def _marks(sheet: Sheet, at: int, row: Row) -> Iterator[_Mark]:
    """What *row* says as a whole, and each of its parts that stand far apart."""
    place = _place(sheet, row)
    if place is None:
        return
    parts = _parts(row)
    for part in [row, *parts] if len(parts) > 1 else [row]:
        text = " ".join(part.text.lower().split())
        numbers = tuple(int(number[:9]) for number in _NUMBER.findall(text))
        numeral = _ROMAN.fullmatch(text)
        if numeral and numeral[1]:
            yield _Mark(sheet.number, at, place, "roman", (_roman(numeral[1]),))
        elif text:
            yield _Mark(sheet.number, at, place, _NUMBER.sub("#", text), numbers)


def _place(sheet: Sheet, row: Row) -> float | None:
    height = sheet.bottom - sheet.top
    if row.base - sheet.top <= _ZONE * height:
        return row.base - sheet.top
    return row.base - sheet.bottom if sheet.bottom - row.base <= _ZONE * height else None


def _parts(row: Row) -> list[Row]:
    groups: list[list[Word]] = []
    for word in row.words:
        if not groups or word.x0 - groups[-1][-1].x1 > 2 * row.size:
            groups.append([])
        groups[-1].append(word)
    return [row_of(group) for group in groups]


def _roman(text: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in text]
    return sum(-v if v < max(values[at:]) else v for at, v in enumerate(values))


def _furniture(marks: Sequence[_Mark], pages: int) -> set[tuple[int, int]]:
    """Page and row of every mark that is furniture."""
    doomed = {(mark.page, mark.row) for mark in marks if _says_its_page(mark, pages)}
    shapes: dict[str, list[_Mark]] = defaultdict(list)
    for mark in marks:
        shapes[mark.shape].append(mark)
    for shape, alike in shapes.items():
        for group in _same_places(alike):
            found = _counted(group) if _is_page_number(shape) else _repeated(shape, group)
            if _is_enough({mark.page for mark in found}, pages):
                doomed |= {(mark.page, mark.row) for mark in found}
    return doomed | _stray_page_numbers(marks, doomed)


def _stray_page_numbers(marks: Sequence[_Mark], doomed: set[tuple[int, int]]) -> set[tuple[int, int]]:
    """Numbers of another count ("iv" before a page 1) exactly where other pages have theirs."""
    numbers = [mark for mark in marks if _is_page_number(mark.shape)]
    places = [mark.place for mark in numbers if (mark.page, mark.row) in doomed]
    numbered = {mark.page for mark in numbers if (mark.page, mark.row) in doomed}
    return {
        (mark.page, mark.row)
        for mark in numbers
        if mark.page not in numbered and any(abs(mark.place - place) < 2 for place in places)
    }


def _says_its_page(mark: _Mark, pages: int) -> bool:
    """Whether it plainly reads "Page 3 of 12" on page 3 of 12; one page alone suffices."""
    if mark.shape not in ("page # of #", "# of #", "page #", "page #/#"):
        return False
    return mark.numbers in ((mark.page, pages), (mark.page,))


def _same_places(marks: Sequence[_Mark]) -> Iterator[list[_Mark]]:
    """*marks* in groups that stand within half a line of each other."""
    group: list[_Mark] = []
    for mark in sorted(marks, key=lambda mark: mark.place):
        if group and mark.place - group[-1].place > 6:
            yield group
            group = []
        group.append(mark)
    yield group


def _is_page_number(shape: str) -> bool:
    return shape == "roman" or bool(_PAGE_NUMBER.fullmatch(shape))


def _counted(marks: Sequence[_Mark]) -> list[_Mark]:
    """Those whose number counts along with the pages: a clause's number that stands alone does not."""
    offsets = Counter(mark.numbers[0] - mark.page for mark in marks)
    return [mark for mark in marks if offsets[mark.numbers[0] - mark.page] >= 2]


def _repeated(shape: str, marks: Sequence[_Mark]) -> list[_Mark]:
    """Those that say the same on each page, but for a number that counts along."""
    if not re.search(r"[^\W\d_]", shape):
        return []
    slots = list(zip(*(mark.numbers for mark in marks), strict=True))
    moving = [slot for slot in slots if len(set(slot)) > 1]
    # "Appendix 1", "Appendix 2" at the top of two pages are headings.
    if moving and _WORD_AND_NUMBER.fullmatch(shape):
        return []
    along = all(
        len({number - mark.page for number, mark in zip(slot, marks, strict=True)}) == 1 for slot in moving
    )
    return list(marks) if along else []


def _is_enough(found: set[int], pages: int) -> bool:
    """On half of the pages at least; where it stands only on odd or only on even ones, on half of those."""
    sides = {page % 2 for page in found}
    if len(found) < 2:
        return False
    side = [page for page in range(1, pages + 1) if page % 2 in sides]
    return len(found) * 2 >= len(side)
