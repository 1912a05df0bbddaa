"""Footnotes: the small print at the foot of a column, told apart from its body."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.formats.pdf_columns import Column, Row
from index.formats.pdf_page import Rule

_NUMBER = re.compile(r"(\d{1,3})[.)]?")
_SMALL = 0.93


@dataclass(frozen=True, slots=True)
class Note:
    """One printed line of a footnote."""

    row: Row
    opens: bool
    """Whether a footnote begins here; else it carries on the one before."""


@dataclass(frozen=True, slots=True)
class Foot:
    """What tells footnotes from other small print on a page."""

    body: float
    """The document's usual type size."""
    marks: frozenset[str]
    """The footnote marks that stand in the document's text."""
    rules: tuple[Rule, ...]


def parted(column: Column, foot: Foot) -> tuple[Column, list[Note]]:
    """*column* without the footnotes at its end, and those."""
    start = _start(column.rows, foot)
    notes: list[Note] = []
    number = ""
    raised = any(row.mark for row in column.rows[start:])
    for row in column.rows[start:]:
        own = row.mark if raised else _own_number(row, foot)
        opens = bool(own) and own != number
        notes.append(Note(row if row.mark or not opens else _without_number(row), opens))
        number = own if opens else number
    return replace(column, rows=column.rows[:start]), notes


def _start(rows: Sequence[Row], foot: Foot) -> int:
    """Where the footnotes begin; the number of rows where there are none."""
    at = len(rows)
    while at > 0 and not rows[at - 1].cells and rows[at - 1].size < _SMALL * foot.body:
        at -= 1
    ruled = _below_rule(rows, foot)
    if ruled is not None and (ruled >= at or rows[ruled].mark):
        at = ruled
    marked = [n for n in range(at, len(rows)) if rows[n].mark or _own_number(rows[n], foot)]
    if ruled == at and at < len(rows) and (marked or rows[at].size < _SMALL * foot.body):
        return at
    return marked[0] if marked else len(rows)


def _below_rule(rows: Sequence[Row], foot: Foot) -> int | None:
    """The first row below a short rule that ends the column's body."""
    if not rows:
        return None
    left, right = min(row.x0 for row in rows), max(row.x1 for row in rows)
    for rule in sorted(foot.rules, key=lambda rule: -rule.top):
        short = rule.x1 - rule.x0 <= 0.7 * (right - left) and abs(rule.x0 - left) <= foot.body
        below = [n for n, row in enumerate(rows) if row.base > rule.top]
        if short and below and not any(rows[n].cells for n in below):
            small = all(rows[n].size < _SMALL * foot.body for n in below)
            return below[0] if small or rows[below[0]].mark else None
    return None


def _own_number(row: Row, foot: Foot) -> str:
    """The plain number that *row* begins with, where the text refers to it."""
    first = _NUMBER.fullmatch(row.plain[0].text) if len(row.plain) > 1 else None
    return first[1] if first and first[1] in foot.marks else ""


def _without_number(row: Row) -> Row:
    return replace(row, words=row.plain[1:])
