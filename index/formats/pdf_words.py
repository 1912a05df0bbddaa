"""Glyphs to words and printed rows: spaces, ligatures, symbol fonts and raised footnote marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Protocol, TypeVar
from unicodedata import normalize

_SYMBOL_FONT = re.compile(r"symbol|wingdings|webdings|dingbats", re.I)
_BOLD_FONT = re.compile(r"bold|black(?![a-z])|heavy|demi(?![a-z])", re.I)
_PRIVATE = re.compile(r"[\ue000-\uf8ff]")
_MARK = re.compile(r"[\d*†‡,¹²³⁰⁴-⁹]+")
_RAISED_DIGITS = str.maketrans("¹²³⁰⁴⁵⁶⁷⁸⁹", "1230456789")
_CODE = re.compile(r"\(cid:(\d+)\)")
# PDF's Windows encoding prints a bullet for every code that it does not use.
_UNUSED = (127, 129, 141, 143, 144, 157)
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_CLEAN = str.maketrans(
    _LIGATURES | {"‐": "-", "‑": "-"} | dict.fromkeys("\0\u200b\u200c\u200d\u2060\ufeff", "")
)
# Wingdings ticks, crosses and boxes that say something where they are no bullet.
_SYMBOLS = {"\uf0fc": "✓", "\uf0fb": "✗", "\uf0a8": "☐", "\uf06f": "☐", "\uf0fe": "☑", "\uf0e0": "→"}


@dataclass(frozen=True, slots=True)
class Glyph:
    """One drawn character."""

    text: str
    font: str
    size: float
    x0: float
    x1: float
    top: float
    bottom: float
    base: float

    @property
    def is_symbol(self) -> bool:
        """Whether it comes from a font of signs, where its letter means nothing."""
        return is_symbol_font(self.font) or bool(_PRIVATE.search(self.text))


@dataclass(frozen=True, slots=True)
class Word:
    """Glyphs between two spaces, or a footnote mark glued to them."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    base: float
    size: float
    bold: bool = False
    mark: bool = False
    """A raised footnote mark, no part of the words."""


class Placed(Protocol):
    """Something printed on a baseline."""

    @property
    def x0(self) -> float: ...
    @property
    def base(self) -> float: ...
    @property
    def size(self) -> float: ...


Piece = TypeVar("Piece", bound=Placed)


def rows_of(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """*pieces* that share a baseline, from the top down, each row from left to right."""
    rows: list[list[Piece]] = []
    anchor: Piece | None = None
    for piece in sorted(pieces, key=lambda piece: piece.base):
        # A raised mark stands up to 0.4 em above its words, the next line 1 em or more below them.
        if anchor and piece.base - anchor.base <= 0.45 * max(piece.size, anchor.size):
            rows[-1].append(piece)
            anchor = max(anchor, piece, key=lambda piece: piece.size)
        else:
            rows.append([piece])
            anchor = piece
    return [sorted(row, key=lambda piece: piece.x0) for row in rows]


def words_of(glyphs: Sequence[Glyph]) -> list[Word]:
    """The words of a page, in no order that means anything."""
    readable = [glyph for glyph in glyphs if glyph.text]
    spaces = sum(glyph.text.isspace() for glyph in readable)
    # Where the file writes its spaces, a lesser gap is only letter-spacing.
    gap = 0.3 if spaces >= 0.05 * len(readable) else 0.18
    return [word for row in rows_of(readable) for word in _row_words(_without_doubles(row), gap)]


def clean(text: str) -> str:
    """*text* with ligatures spelt out, odd hyphens and invisible characters mended."""
    code = _CODE.fullmatch(text)
    if code:
        return "•" if int(code[1]) in _UNUSED else "\ufffd"
    return normalize("NFC", text.translate(_CLEAN))


@cache
def is_bold_font(name: str) -> bool:
    """Whether a font's name says that it is a bold cut."""
    return bool(_BOLD_FONT.search(name))


@cache
def is_symbol_font(name: str) -> bool:
    """Whether a font's name says that it holds signs, not letters."""
    return bool(_SYMBOL_FONT.search(name))


def _without_doubles(row: Sequence[Glyph]) -> list[Glyph]:
    """Drop the second print of a letter that a file sets twice to make it look bold."""
    kept: list[Glyph] = []
    for glyph in row:
        last = kept[-1] if kept else None
        if not last or glyph.text != last.text or glyph.x0 - last.x0 > 0.1 * glyph.size:
            kept.append(glyph)
    return kept


def _row_words(row: Sequence[Glyph], gap: float) -> list[Word]:
    tokens = _tokens(row, gap)
    words: list[Word] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1][-1] if at else None
        after = tokens[at + 1][0] if at + 1 < len(tokens) else None
        opens = before is None or token[0].x0 - before.x1 > token[0].size
        if opens and _is_bullet(token, after):
            words.append(_word(token, "•"))
        else:
            words.extend(_token_words(token, before, after))
    return words


def _tokens(row: Sequence[Glyph], gap: float) -> list[list[Glyph]]:
    """The glyphs between spaces; a sign of a symbol font stands alone."""
    tokens: list[list[Glyph]] = []
    last: Glyph | None = None
    for glyph in row:
        if glyph.text.isspace():
            last = None
            continue
        apart = last is None or glyph.x0 - last.x1 > gap * max(glyph.size, last.size)
        if last is None or apart or glyph.is_symbol or last.is_symbol:
            tokens.append([])
        tokens[-1].append(glyph)
        last = glyph
    return tokens


def _is_bullet(token: Sequence[Glyph], after: Glyph | None) -> bool:
    sign = token[0]
    if len(token) != 1:
        return False
    if after is None or after.x0 - sign.x1 > 4 * sign.size:
        # Far from any words it is a tick in a table's cell, if it is a tick.
        return sign.is_symbol and not _SYMBOLS.get(_private(sign))
    # Word's second-level bullet is the letter o of another font.
    other_font = sign.text == "o" and after.font != sign.font
    return sign.is_symbol or other_font or clean(sign.text) == "\ufffd"


def _token_words(token: Sequence[Glyph], before: Glyph | None, after: Glyph | None) -> list[Word]:
    """The word itself, and each footnote mark in it as a word of its own."""
    raised = _raised(token, before, after)
    plain = [glyph for at, glyph in enumerate(token) if at not in raised]
    marks = [glyph for at, glyph in enumerate(token) if at in raised]
    words: list[Word] = []
    if marks:
        text = "".join(clean(glyph.text) for glyph in marks).translate(_RAISED_DIGITS)
        words.append(_word(marks, text, mark=True))
    text = "".join(_printed(glyph) for glyph in plain)
    # A soft hyphen that is drawn inside a line is a hyphen; at a word's end it may be a broken line.
    text = text[:-1].replace("\u00ad", "-") + text[-1:]
    return [*words, _word(plain, text)] if text else words


def _private(glyph: Glyph) -> str:
    """The private-use character that Word writes for a sign, where the file gives only its letter."""
    return glyph.text if ord(glyph.text[0]) > 255 else chr(0xF000 + ord(glyph.text[0]))


def _printed(glyph: Glyph) -> str:
    if glyph.is_symbol and _PRIVATE.match(_private(glyph)):
        return _SYMBOLS.get(_private(glyph), "")
    return clean(glyph.text)


def _raised(token: Sequence[Glyph], before: Glyph | None, after: Glyph | None) -> set[int]:
    """Which glyphs of *token* are footnote marks: smaller digits above the line, or raised digits as such."""
    found: set[int] = set()
    around = [*_close(token[0], before), *token, *_close(token[-1], after)]
    for at, glyph in enumerate(token):
        if not _MARK.fullmatch(glyph.text):
            continue
        beside = [other for other in around if not _MARK.fullmatch(other.text)]
        nearest = min(beside, key=lambda other: abs(other.x0 - glyph.x0), default=None)
        if glyph.text in "¹²³⁰⁴⁵⁶⁷⁸⁹" or (nearest and _stands_above(glyph, nearest)):
            found.add(at)
    return found


def _close(glyph: Glyph, other: Glyph | None) -> list[Glyph]:
    if other is None:
        return []
    between = max(glyph.x0, other.x0) - min(glyph.x1, other.x1)
    return [other] if between <= max(glyph.size, other.size) else []


def _stands_above(glyph: Glyph, other: Glyph) -> bool:
    lifted = other.bottom - glyph.bottom > 0.15 * other.size and glyph.top > other.top - other.size
    return glyph.size <= 0.8 * other.size and lifted


def _word(glyphs: Sequence[Glyph], text: str, *, mark: bool = False) -> Word:
    largest = max(glyphs, key=lambda glyph: glyph.size)
    return Word(
        text,
        glyphs[0].x0,
        glyphs[-1].x1,
        min(glyph.top for glyph in glyphs),
        max(glyph.bottom for glyph in glyphs),
        largest.base,
        largest.size,
        all(is_bold_font(glyph.font) for glyph in glyphs),
        mark,
    )
