"""TXT to lines: page marks, running heads, footnotes and drawn tables told apart from the words."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from index import wording
from index.documents import Line
from index.formats.encoding import text_of
from index.formats.plain_notes import PAGE, is_rule, is_underline, notes_of

# Typical widths of a proportional typeface, in units of an average letter: text exported from Word or PDF
# keeps the line ends of such a typeface, so counting letters would misjudge a line of capitals by a third.
_WIDTHS = {**dict.fromkeys("iljtfrI.,;:'’‘|!()[] ", 0.55), **dict.fromkeys("mwMW—", 1.6)}
_PAGE_MARK = re.compile(
    r"(?:page\s+)?[-–—]?\s*\d{1,3}\s*[-–—]?(?:\s*(?:of|/)\s*\d{1,3})?|page\s*\|?\s*\d{1,3}", re.I
)
_RULED = re.compile(r"[\s|+\-=:_—–]+")
_COLUMNS = re.compile(r"\t+| {3,}")
# More blank lines than stand at the end and the beginning of two pages.
_FAR = 99.0
# Beyond this the file was never wrapped: each paragraph is one long line.
_LONGEST_WRAPPED_LINE = 150
# Below this nothing was wrapped: all lines are short of their own accord.
_SHORTEST_MARGIN = 45


Fits = Callable[[Line, str], bool]


def read(path: Path) -> list[Line]:
    """
    The lines of a text file.

    Raises:
        UnreadableDocument: it is empty, too long, no text or in an unknown encoding.
    """
    return lines_of(text_of(path))


def lines_of(text: str) -> list[Line]:
    """The lines of *text*, with page marks and running heads dropped."""
    raw = _without_running_heads([line.rstrip("\r") for line in text.replace("\f", "\n\f\n").split("\n")])
    lines = _with_tables(_footnotes_apart(_without_page_marks(raw)))
    return _with_margins(lines)


def width(text: str) -> float:
    """How wide *text* prints, in average letters of a proportional typeface."""
    return sum(_WIDTHS.get(c, 1.25 if c.isupper() else 1.0) for c in text)


def _without_running_heads(raw: Sequence[str]) -> list[str]:
    """Replace a short line that stands beside a page mark three times or more, whatever its digits."""
    marks = [at for at, line in enumerate(raw) if line == PAGE or _is_page_mark(line)]
    beside = Counter(_shape(raw[at]) for mark in marks for at in _neighbours(raw, mark))
    heads = {shape for shape, times in beside.items() if times >= 3 and 0 < len(shape) <= 100}
    doomed = {at for mark in marks for at in _neighbours(raw, mark) if _shape(raw[at]) in heads}
    doomed |= _repeated_titles(raw)
    return [PAGE if at in doomed else line for at, line in enumerate(raw)]


def _repeated_titles(raw: Sequence[str]) -> set[int]:
    """Where the document's title is printed again as the running head of a page that has no other mark."""
    words = [(at, _shape(line)) for at, line in enumerate(raw) if line.strip()]
    times = Counter(shape for _, shape in words)
    titles = {shape for _, shape in words[:3] if times[shape] >= 3 and wording.is_title(shape)}
    first = {shape: at for at, shape in reversed(words)}
    return {at for at, shape in words if shape in titles and at != first[shape]}


def _neighbours(raw: Sequence[str], mark: int) -> list[int]:
    before = [at for at in range(mark - 1, max(mark - 6, -1), -1) if raw[at].strip()][:2]
    after = [at for at in range(mark + 1, min(mark + 6, len(raw))) if raw[at].strip()][:2]
    return before + after


def _shape(line: str) -> str:
    """The words of a running head, whatever its page number; the number of a clause stays."""
    return re.sub(r"(?<![\d.])\d{1,3}(?![\d.])", "0", " ".join(line.split()))


def _is_page_mark(line: str) -> bool:
    return bool(_PAGE_MARK.fullmatch(line.strip())) and not line.strip().isdigit()


def _without_page_marks(raw: Sequence[str]) -> list[str]:
    """Replace page marks; a number alone on a line may also be a clause's, set apart from its words."""
    numbers = _numbers_apart(raw)
    marks = {at for at, line in enumerate(raw) if line == PAGE or _is_page_mark(line)}
    bare = {at for at, line in enumerate(raw) if re.fullmatch(r"\s*\d{1,3}\s*", line)}
    bare -= numbers | {at for at in bare if _is_footnote_start(raw, at)}
    return [PAGE if at in marks or at in bare else line for at, line in enumerate(raw)]


def _numbers_apart(raw: Sequence[str]) -> set[int]:
    """
    The lines that hold nothing but the number of a section or clause.

    Such a number is the next step of the document's numbers, and either its own 4.1 follows
    or there are too many such lines for them to be pages.
    """
    words = [(at, line.strip()) for at, line in enumerate(raw) if line.strip()]
    found: set[int] = set()
    section = 0
    dense = _is_dense([line for _, line in words])
    for place, (at, line) in enumerate(words):
        number = re.match(r"(\d{1,2})(?:\.\d{1,2})*[.)]?(?:\s+\S|$)", line)
        if not number:
            continue
        value = int(number[1])
        if not line.isdigit():
            section = value if 0 <= value - section <= 1 else section
            continue
        below = [other for _, other in words[place + 1 : place + 4]]
        child = any(re.match(rf"{value}\.1\b", other) for other in below)
        if value == section + 1 and below and below[0][:1].isupper() and (child or dense):
            found.add(at)
            section = value
    return found


def _is_dense(words: Sequence[str]) -> bool:
    """Whether numbers alone on a line come too often to be the pages'."""
    numbers = [int(line) for line in words if line.isdigit() and len(line) <= 2]
    return len(numbers) >= 3 and numbers == sorted(numbers) and len(words) < 10 * len(numbers)


def _is_footnote_start(raw: Sequence[str], at: int) -> bool:
    return at > 0 and is_rule(raw, at - 1)


def _footnotes_apart(raw: Sequence[str]) -> list[Line]:
    """Lines with their gaps, those of footnotes marked as notes."""
    notes = notes_of(raw)
    lines: list[Line] = []
    gap, last = 0.0, 0
    for at, words in enumerate(raw):
        if at in notes:
            number, text = notes[at]
            if text:
                lines.append(Line(" ".join(text.split()), gap=float(number != last), note=True))
                last = number
        elif words.strip() and re.search(r"[^\W_]|[|•\ue000-\uf8ff]", words):
            line = words.expandtabs(4) if not words.strip().count("\t") else words
            indent = len(line) - len(line.lstrip())
            underlined = at + 1 < len(raw) and is_underline(raw, at + 1)
            lines.append(Line(line.strip(), None, float(indent), max(gap, 0.0), strong=underlined))
            gap = 0
        elif words == PAGE and lines and _is_open(lines[-1].text):
            # A page ends in the middle of a sentence: nothing stands between its lines.
            gap = -_FAR
        elif not is_underline(raw, at):
            gap += 1
    return lines


def _is_open(text: str) -> bool:
    """Whether a page ends in mid-sentence with the line *text*."""
    return len(text) > 40 and not wording.is_stopped(text) and not text.endswith(":")


def _with_tables(lines: Sequence[Line]) -> list[Line]:
    """Mark the rows of tables drawn with bars, tabs or columns of blanks."""
    split = [_cells(line.text) for line in lines]
    marked: list[Line] = []
    for at, (line, cells) in enumerate(zip(lines, split, strict=True)):
        if line.text.count("|") >= 2 and _RULED.fullmatch(line.text):
            continue
        beside = [split[near] for near in (at - 1, at + 1) if 0 <= near < len(lines)]
        drawn = line.text.count("|") >= 2
        if len(cells) > 1 and not line.note and (drawn or any(len(other) == len(cells) for other in beside)):
            marked.append(replace(line, cells=cells, text=" | ".join(cell for cell in cells if cell)))
        else:
            marked.append(replace(line, text=" ".join(line.text.split())))
    return marked


def _cells(text: str) -> tuple[str, ...]:
    """The cells of a row; one cell for ordinary words."""
    if text.count("|") >= 2:
        return tuple(" ".join(cell.split()) for cell in text.strip().strip("|").split("|"))
    cells = tuple(" ".join(cell.split()) for cell in _COLUMNS.split(text))
    # A number or a bullet set off from its words by blanks is no table.
    is_label = len(cells[0]) <= 5 and not any(c.isalpha() and c.islower() for c in cells[0])
    return (" ".join(cells),) if is_label else cells


def _with_margins(lines: Sequence[Line]) -> list[Line]:
    """Mark the lines whose end is the margin's: the next word would not have fitted."""
    if not lines or max(len(line.text) for line in lines) > _LONGEST_WRAPPED_LINE:
        return list(lines)
    following = [line.text.split()[0] for line in lines[1:]] + [""]
    fits = _columns(lines, following) or _proportional(lines)
    return [
        replace(line, full=bool(word) and fits is not None and not fits(line, word))
        for line, word in zip(lines, following, strict=True)
    ]


def _columns(lines: Sequence[Line], following: Sequence[str]) -> Fits | None:
    """Whether a word still fits a line counted in columns; None where the file was not wrapped that way."""
    longest = max(len(line.text) + line.indent for line in lines)

    def fits(line: Line, word: str) -> bool:
        return line.indent + len(line.text) + 1 + len(word) <= longest

    wrapped = [
        fits(line, word)
        for line, below, word in zip(lines, lines[1:], following, strict=False)
        if word[:1].islower() and not below.gap and not wording.is_finished(line.text)
    ]
    return fits if len(wrapped) >= 10 and sum(wrapped) <= 0.03 * len(wrapped) else None


def _proportional(lines: Sequence[Line]) -> Fits | None:
    """Whether a word still fits a line measured in letters of different widths."""
    widths = sorted(width(line.text) + line.indent for line in lines)
    margin = widths[int(len(widths) * 0.95)]
    if margin < _SHORTEST_MARGIN:
        return None
    return lambda line, word: width(f"{line.text} {word}") + line.indent <= 0.86 * margin
