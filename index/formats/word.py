"""A Word file (.docx) read into blocks, with everything Word would print and nothing it would not."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from index.documents import Block, Kind
from index.errors import UnreadableDocument
from index.formats.word_numbering import (
    BULLET,
    Counter,
    Number,
    Numbering,
    Style,
    Styles,
    heading_rank,
    indent,
)
from index.formats.word_package import Element, attribute, find, is_on, local, opened, setting, whole

_WRAPPERS = frozenset({"ins", "moveTo", "smartTag", "customXml", "hyperlink", "fldSimple", "bdo", "dir"})
_DELETED = frozenset({"del", "moveFrom"})
_DRAWN = frozenset({"drawing", "pict", "object"})
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}
_PRINTED = {"tab": " ", "ptab": " ", "br": " ", "cr": " ", "noBreakHyphen": "-"}
# The ticks, crosses, boxes and bullets of Wingdings and Symbol stand at places private to those fonts;
# soft hyphens and characters without width are not seen; a hyphen that may not break is a hyphen.
_GLYPHS = str.maketrans(
    "\uf0fc\uf0fb\uf0fe\uf0fd\uf0a8\uf06f\uf0b7\uf0a7\u2011", "✓✗☑☒☐☐••-", "\u00ad\u200b\u2060\ufeff"
)
_CONTENTS = re.compile(r"toc( ?\d| heading)|contents( \d| heading)|table of figures")
_BULLETED = re.compile(r"list bullet ?(\d?)")


def read(path: Path) -> list[Block]:
    """
    Return the blocks of the Word file at *path*, in reading order, notes last.

    Raises:
        UnreadableDocument: it is damaged, locked, too large to unpack safely, or without text.
    """
    blocks = _blocks(opened(path))
    if not blocks:
        mend = "If its pages are pictures, ask for the document they were made from and copy that one here"
        raise UnreadableDocument(path.name, "the Word file holds no text", mend)
    return blocks


def _blocks(parts: dict[str, Element]) -> list[Block]:
    styles = Styles(parts.get("styles"))
    story = _Story(styles, Numbering(parts.get("numbering"), styles))
    blocks = list(story.blocks(find(parts["document"], "body")))
    for kind in ("footnotes", "endnotes"):
        numbers = [number for holder, number in story.notes if holder == kind]
        blocks += story.aside().footnotes(parts.get(kind), numbers)
    return blocks


def _children(element: Element) -> Iterator[Element]:
    """Yield what Word shows inside *element*, with content controls, links and insertions opened."""
    for child in element:
        name = local(child)
        if name == "sdt":
            if not _is_contents_list(child):
                yield from _within(child, "sdtContent")
        elif name == "AlternateContent":
            yield from _within(child, "Choice")
        elif name in _WRAPPERS:
            yield from _children(child)
        elif name not in _DELETED:
            yield child


def _within(element: Element, name: str) -> Iterator[Element]:
    found = find(element, name)
    return iter(()) if found is None else _children(found)


def _is_contents_list(control: Element) -> bool:
    galleries = (
        setting(control, "sdtPr", holder, "docPartGallery") for holder in ("docPartObj", "docPartList")
    )
    return "Table of Contents" in galleries


def _units(container: Element) -> Iterator[list[Element]]:
    """Yield each table, and each paragraph with those before it whose end mark is deleted."""
    waiting: list[Element] = []
    for child in _children(container):
        if local(child) == "p":
            waiting.append(child)
            if not _runs_on(child):
                yield waiting
                waiting = []
        elif local(child) == "tbl":
            yield from ([waiting] if waiting else [])
            waiting = []
            yield [child]
    yield from ([waiting] if waiting else [])


def _runs_on(paragraph: Element) -> bool:
    mark = find(paragraph, "pPr", "rPr")
    frame = find(paragraph, "pPr", "framePr")
    drop_capital = frame is not None and attribute(frame, "dropCap") in {"drop", "margin"}
    return drop_capital or any(find(mark, name) is not None for name in _DELETED)


def _boxes(drawing: Element) -> Iterator[Element]:
    for child in _children(drawing):
        if local(child) == "txbxContent":
            yield child
        else:
            yield from _boxes(child)


@dataclass(slots=True)
class _Words:
    """What the runs of one paragraph print, gathered run by run."""

    printed: list[str] = field(default_factory=list)
    bold: bool = True
    boxes: list[Element] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    _instructions: list[bool] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.printed).translate(_GLYPHS).split())

    def add(self, run: Element, bold: bool) -> None:
        for piece in _children(run):
            name = local(piece)
            if name == "fldChar":
                self._turn(attribute(piece, "fldCharType"))
            elif any(self._instructions):
                continue
            elif name in _NOTES:
                self.notes.append((_NOTES[name], attribute(piece, "id") or ""))
                if attribute(piece, "customMarkFollows") not in {None, "0", "false"}:
                    return
            elif name in _DRAWN:
                self.boxes.extend(_boxes(piece))
            else:
                self._print(_piece(piece), bold)

    def _turn(self, place: str | None) -> None:
        """Follow a field: from its beginning to its separator it is an instruction, then its result."""
        if place == "begin":
            self._instructions.append(True)
        elif self._instructions and place == "separate":
            self._instructions[-1] = False
        elif self._instructions and place == "end":
            self._instructions.pop()

    def _print(self, words: str, bold: bool) -> None:
        self.printed.append(words)
        self.bold = self.bold and (bold or not words.strip())


def _piece(piece: Element) -> str:
    name = local(piece)
    if name == "t":
        return piece.text or ""
    if name == "sym":
        code = whole(attribute(piece, "char"), 16) or 0
        return chr(code) if code in _GLYPHS or (0 < code < 0x10000 and chr(code).isprintable()) else " "
    return _PRINTED.get(name, "")


@dataclass(frozen=True, slots=True)
class _Said:
    """One paragraph as printed."""

    text: str
    number: Number | None
    chain: tuple[Style, ...]
    properties: Element | None
    bold: bool
    boxes: list[Element]

    @property
    def label(self) -> str:
        return self.number.label if self.number else ""

    @property
    def whole(self) -> str:
        return f"{self.label} {self.text}".strip() if self.label != BULLET else self.text


@dataclass(frozen=True, slots=True)
class _Cell:
    """A table cell or a note: all that it prints, on one line."""

    said: list[_Said]

    @property
    def text(self) -> str:
        return " ".join(said.whole for said in self.said)

    @property
    def filled(self) -> bool:
        return any(said.text for said in self.said)

    @property
    def bold(self) -> bool:
        return all(said.bold for said in self.said if said.text)


@dataclass(frozen=True, slots=True)
class _Story:
    """A run of text that Word numbers by itself; the body, or one text box, or the notes."""

    styles: Styles
    numbering: Numbering
    notes: list[tuple[str, str]] = field(default_factory=list)
    tables: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    counter: Counter = field(default_factory=Counter)
    nest: list[Number] = field(default_factory=list)

    def aside(self) -> "_Story":
        return _Story(self.styles, self.numbering, self.notes, self.tables)

    def blocks(self, container: Element) -> Iterator[Block]:
        for unit in _units(container):
            if local(unit[0]) == "tbl":
                yield from self._table(unit[0])
            else:
                yield from self._paragraph(unit)

    def footnotes(self, holder: Element | None, numbers: list[str]) -> Iterator[Block]:
        by_number = {attribute(note, "id"): note for note in (holder if holder is not None else ())}
        for number in dict.fromkeys(numbers):
            text = self._flat(by_number[number]).text if number in by_number else ""
            # The typed mark of a note that is not numbered.
            if text.lstrip("*†‡§ "):
                yield Block(Kind.FOOTNOTE, text.lstrip("*†‡§ "))

    def _paragraph(self, unit: list[Element]) -> Iterator[Block]:
        said = self._said(unit)
        if said is None:
            return
        if said.text:
            kind, level = self._kind(said)
            yield Block(kind, said.text, said.label, level)
        for box in said.boxes:
            yield from self.aside().blocks(box)

    def _said(self, unit: list[Element]) -> _Said | None:
        """Return the paragraph as printed, counted in its list; None where Word shows no paragraph."""
        properties = find(unit[-1], "pPr")
        chain = self.styles.of_paragraph(properties)
        if any(_CONTENTS.fullmatch(style.name) for style in chain):
            return None
        words = self._words(unit, chain)
        unmarked = _runs_on(unit[-1]) or self.styles.shows(find(properties, "rPr"), "vanish", chain)
        if unmarked and not words.text and not words.boxes:
            return None
        self.notes.extend(words.notes)
        place = self.numbering.of_paragraph(properties, chain)
        number = self.counter.step(*place) if place else None
        moved = indent(properties)
        if number is not None and moved is not None:
            number = replace(number, indent=moved)
        return _Said(words.text, number, chain, properties, words.bold, words.boxes)

    def _words(self, unit: list[Element], chain: tuple[Style, ...]) -> _Words:
        words = _Words()
        for run in itertools.chain.from_iterable(map(_children, unit)):
            look = find(run, "rPr")
            if local(run) == "r" and not self.styles.shows(look, "vanish", chain):
                words.add(run, self.styles.shows(look, "b", chain))
        return words

    def _kind(self, said: _Said) -> tuple[Kind, int]:
        rank = heading_rank(said.properties, said.chain)
        if rank is not None and not _is_sentence(said.text):
            self.nest.clear()
            return Kind.HEADING, rank
        if said.number is not None and said.number.listed:
            return Kind.ITEM, self._depth(said.number)
        bulleted = next(filter(None, (_BULLETED.fullmatch(style.name) for style in said.chain)), None)
        if bulleted and said.number is None and setting(said.properties, "numPr", "numId") != "0":
            return Kind.ITEM, int(bulleted[1] or 1)
        # A plain paragraph in a list's own style belongs to the item above it; any other ends the list.
        if said.label or not any(style.name.startswith("list ") for style in said.chain):
            self.nest.clear()
        if said.label and said.number is not None:
            return Kind.PARAGRAPH, said.number.level + 1
        return (Kind.HEADING if _stands_out(said) else Kind.PARAGRAPH), 0

    def _depth(self, number: Number) -> int:
        while self.nest and not self.nest[-1].holds(number):
            self.nest.pop()
        self.nest.append(number)
        return len(self.nest)

    def _table(self, table: Element) -> Iterator[Block]:
        rows = [(row, _cells(row)) for row in _rows(table)]
        if all(len(cells) <= 1 for _, cells in rows):
            for cell in itertools.chain.from_iterable(cells for _, cells in rows):
                yield from self.blocks(cell)
            return
        self.nest.clear()
        read = [(row, [self._flat(cell) for cell in cells]) for row, cells in rows]
        filled = [(row, cells) for row, cells in read if any(cell.filled for cell in cells)]
        number = next(self.tables) if filled else 0
        for place, (row, cells) in enumerate(filled):
            bold = all(cell.bold for cell in cells) or self._bold_first_row(table)
            header = is_on(find(row, "trPr", "tblHeader")) or (bold and place == 0 and len(filled) > 1)
            yield Block(Kind.ROW, _joined([cell.text for cell in cells]), table=number, header=header)

    def _bold_first_row(self, table: Element) -> bool:
        look = find(table, "tblPr", "tblLook")
        switched = look is not None and (
            attribute(look, "firstRow") in {"1", "true"} or (whole(attribute(look, "val"), 16) or 0) & 0x20
        )
        chain = self.styles.chain(setting(table, "tblPr", "tblStyle"))
        parts = itertools.chain.from_iterable(style.element for style in chain)
        first = (
            part for part in parts if local(part) == "tblStylePr" and attribute(part, "type") == "firstRow"
        )
        return bool(switched) and any(is_on(find(part, "rPr", "b")) for part in first)

    def _flat(self, container: Element) -> _Cell:
        return _Cell([said for said in self._everything(container) if said.whole])

    def _everything(self, container: Element) -> Iterator[_Said]:
        for unit in _units(container):
            if local(unit[0]) == "tbl":
                for cell in itertools.chain.from_iterable(map(_cells, _rows(unit[0]))):
                    yield from self._everything(cell)
            elif (said := self._said(unit)) is not None:
                yield said
                for box in said.boxes:
                    yield from self.aside()._everything(box)


def _rows(table: Element) -> list[Element]:
    rows = (child for child in _children(table) if local(child) == "tr")
    return [row for row in rows if find(row, "trPr", "del") is None]


def _cells(row: Element) -> list[Element]:
    cells = (child for child in _children(row) if local(child) == "tc")
    return [cell for cell in cells if not _is_merged_away(find(cell, "tcPr"))]


def _is_merged_away(properties: Element | None) -> bool:
    merges = (find(properties, name) for name in ("vMerge", "hMerge"))
    continued = any(merge is not None and attribute(merge, "val") != "restart" for merge in merges)
    return continued or find(properties, "cellDel") is not None


def _joined(texts: list[str]) -> str:
    while texts and not texts[-1]:
        texts.pop()
    return " | ".join(texts)


def _is_sentence(text: str) -> bool:
    return len(text.split()) > 20 or text.rstrip("\"'”’ ").endswith((".", ";", ","))


def _stands_out(said: _Said) -> bool:
    short = len(said.text.split()) <= 15 and any(map(str.isalpha, said.text))
    return said.bold and short and not _is_sentence(said.text)
