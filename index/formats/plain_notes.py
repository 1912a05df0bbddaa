"""Footnotes of a text file: which lines they are, by the rule above them and the marks in the words."""

import re
from collections.abc import Sequence

# A rule, or the run of blanks that a rule leaves behind.
_RULE = re.compile(r"\s{20,}|\s*[_\-–—=]{5,}\s*")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
PAGE = "\f"
"""What a page mark has been replaced by."""


def notes_of(raw: Sequence[str]) -> dict[int, tuple[int, str]]:
    """The lines of *raw* that belong to footnotes: line → number of the footnote and the words of it."""
    found: dict[int, tuple[int, str]] = {}
    expected, at, inside = 1, 0, False
    while at < len(raw):
        start = _start(raw, at, expected, inside)
        if start is None:
            at, inside = at + 1, False
            continue
        end = _end(raw, at, expected)
        found[at] = (expected, start)
        found.update({line: (expected, raw[line].strip()) for line in range(at + 1, end)})
        expected, at, inside = expected + 1, _past_blanks(raw, end), True
    return found


def is_rule(raw: Sequence[str], at: int) -> bool:
    """Whether line *at* is a rule that a footnote may stand under, and does not underline a heading."""
    return bool(_RULE.fullmatch(raw[at])) and not is_underline(raw, at)


def is_underline(raw: Sequence[str], at: int) -> bool:
    """Whether line *at* underlines the words above it."""
    above = raw[at - 1].strip() if at else ""
    drawn = re.fullmatch(r"\s*([-=~_*])\1{2,}\s*", raw[at])
    return bool(above and drawn) and abs(len(above) - len(raw[at].strip())) <= 3


def _start(raw: Sequence[str], at: int, number: int, inside: bool) -> str | None:
    """The words of the footnote *number* where it begins at line *at*."""
    ruled = inside or (at > 0 and is_rule(raw, at - 1))
    marks = rf"\[{number}\]|{str(number).translate(_RAISED)}" + (rf"|{number}\b[.)]?" if ruled else "")
    begun = re.fullmatch(rf"\s*(?:{marks})\s*(.*)", raw[at])
    if not begun or not (ruled and not inside) and not _is_marked(raw[:at], number):
        return None
    return begun[1].strip()


def _is_marked(raw: Sequence[str], number: int) -> bool:
    """Whether the words above carry the mark of footnote *number*."""
    mark = rf"[a-z)][.,;:!?’”\"')]?{number}(?=[\s.,;:)]|$)|\S\[{number}\]|\S{str(number).translate(_RAISED)}"
    return any(re.search(mark, line) for line in raw)


def _end(raw: Sequence[str], at: int, number: int) -> int:
    """
    The line after footnote *number*, which begins at line *at*.

    It ends at a blank line, at the next footnote, or where a page begins:
    that leaves one space before its words.
    """
    end = at + 1
    if raw[at].strip().isdigit():
        end += 1
    while end < len(raw) and raw[end].strip() and not re.match(r" \S", raw[end]):
        if _start(raw, end, number + 1, inside=True) is not None:
            break
        end += 1
    return min(end, len(raw))


def _past_blanks(raw: Sequence[str], at: int) -> int:
    while at < len(raw) and not raw[at].strip() and raw[at] != PAGE:
        at += 1
    return at
