"""A document on its way to clauses: the lines and blocks every format is read into, and the one way in."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Line:
    """
    One printed line of a format that knows only lines (TXT, PDF), in reading order.

    Running headers, footers and page numbers are already gone; footnote marks inside the text too.
    """

    text: str
    """The words as printed, without surrounding white space; a printed number or bullet is still in it."""
    page: int | None = None
    """The page from 1, or None where the format has none."""
    indent: float = 0.0
    """How far the line starts from the left edge of its text column, in average character widths."""
    gap: float = 0.0
    """The empty space above it, in lines: 0 directly below the last one, 1 one blank line between."""
    full: bool = False
    """The next line's first word would not have fitted: the line's end is the margin's, not the author's."""
    strong: bool = False
    """Every word is bold."""
    size: float = 1.0
    """Type size relative to the document's body text."""
    note: bool = False
    """The line belongs to a footnote."""
    cells: tuple[str, ...] = ()
    """The cells of a table row; `text` is then their words joined by " | "."""


class Kind(StrEnum):
    """What a block is, as far as its format can tell."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"
    FOOTNOTE = "footnote"


@dataclass(frozen=True, slots=True)
class Block:
    """One printed unit: a heading, a paragraph, a list item, a table row or a footnote."""

    kind: Kind
    text: str
    """The words as printed, lines joined by one space; without an automatic number, with a typed one."""
    label: str = ""
    """The number or letter that the format keeps apart from the words: "6.7", "(a)", "•", "iv."."""
    level: int = 0
    """A heading's rank (1 highest, 0 unknown), or an item's depth in its list (1 outermost)."""
    page: int | None = None
    table: int = 0
    """For rows: which table of the document, from 1."""
    header: bool = False
    """For rows: the format itself marks this row as the table's header."""
