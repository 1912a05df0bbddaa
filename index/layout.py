"""Lines to blocks: which lines belong together, for the formats that know only lines. Pure."""

from collections import Counter
from collections.abc import Sequence as Lines
from dataclasses import dataclass, field, replace
from itertools import pairwise, zip_longest
from statistics import median

from index import wording
from index.contents import contents_of
from index.documents import Block, Kind, Line
from index.hyphens import is_broken, mended, words_of
from index.labels import Label, Style, parse
from index.numbering import After, Key, Place, Sequence, Setting, keys_of

# How many labels ahead bear out a number that begins a sequence.
_FAR = 40


def blocks_of(lines: Lines[Line]) -> list[Block]:
    """The headings, paragraphs, list items, table rows and footnotes that *lines* print."""
    kept = [line for line in lines if line.cells or not wording.has_leader(line.text)]
    contents = contents_of([line.text for line in kept])
    body = [line for at, line in enumerate(kept) if at not in contents and not line.note]
    reader = _Reader(words_of(line.text for line in body), *_spacing(body), _keys(body))
    for line, below in zip_longest(body, body[1:]):
        reader.take(line, below)
    reader.end()
    return reader.blocks + _footnotes(lines)


def _spacing(lines: Lines[Line]) -> tuple[float, bool]:
    """
    The empty space that this document leaves inside a paragraph, and whether it tears some paragraphs apart.

    The space is 0, or 1 where the document is double spaced.
    """
    inside = [
        below.gap
        for above, below in pairwise(lines)
        if above.full and below.text[:1].islower() and not wording.is_finished(above.text) and below.gap <= 2
    ]
    torn = sum(gap > 0.5 for gap in inside)
    # A list item without a full stop may happen to fill its line; that does not make a document torn.
    return (median(inside) if len(inside) >= 5 else 0.0), torn >= 5 and torn > 0.08 * len(inside)


def _keys(lines: Lines[Line]) -> list[Key]:
    """The first reading of every number or letter that a line begins with."""
    labels = [parse(line.text) for line in lines if not line.cells]
    return [keys_of(label)[0] for label in labels if label and keys_of(label)]


def _footnotes(lines: Lines[Line]) -> list[Block]:
    notes: list[list[Line]] = []
    for line in lines:
        if line.note and (line.gap or not notes):
            notes.append([line])
        elif line.note:
            notes[-1].append(line)
    return [Block(Kind.FOOTNOTE, " ".join(line.text for line in note), page=note[0].page) for note in notes]


@dataclass(slots=True)
class _Open:
    """The block being gathered."""

    kind: Kind
    label: str
    lines: list[Line]
    words: list[str]
    level: int = 0
    indent: float = 0.0
    gap: float = 0.0

    @property
    def text(self) -> str:
        return " ".join(word for word in self.words if word)

    @property
    def last(self) -> Line:
        return self.lines[-1]


@dataclass(slots=True)
class _Reader:
    """Takes line after line and closes a block where the next begins."""

    vocabulary: Counter[str]
    spacing: float
    torn: bool
    """Blank lines stand inside paragraphs here and there."""
    ahead: list[Key]
    blocks: list[Block] = field(default_factory=list)
    open: _Open | None = None
    numbers: Sequence = field(default_factory=Sequence)
    depths: list[tuple[float, str]] = field(default_factory=list)
    tables: int = 0
    in_appendix: bool = False
    headed: bool = False
    lead_indent: float = 0.0
    below: Line | None = None
    """The line after the one being taken."""

    def take(self, line: Line, below: Line | None) -> None:
        self.below = below
        if line.cells:
            self._take_row(line)
            return
        label = self._label(line)
        place = self._place(label, line) if label else Place.NONE
        if self.open and self.open.kind is Kind.ROW:
            self.close()
        if label and place:
            self._begin_labelled(label, place, line)
        elif self.open and self._goes_on(self.open, line):
            self._join(self.open, line)
        else:
            self._begin_plain(line)

    def end(self) -> None:
        """Close the last block; a title in bold or capitals with nothing below it is still a heading."""
        if self.open and not self.open.label and self._is_outstanding(self.open):
            self.open.kind = Kind.HEADING
        self.close()

    def close(self) -> None:
        """Turn the open block into a finished one."""
        if self.open and (self.open.text or self.open.label):
            block = self.open
            self.blocks.append(
                Block(
                    block.kind, block.text, block.label, block.level, block.lines[0].page,
                    self.tables if block.kind is Kind.ROW else 0,
                )
            )  # fmt: skip
        self.open = None

    def _place(self, label: Label, line: Line) -> Place:
        if label.style in (Style.QUESTION, Style.ANSWER):
            return Place.CLAUSE
        boundary = self._is_boundary(line)
        if label.style is Style.BULLET:
            dash = label.printed in "-–—*+o"
            return Place.ITEM if not dash or boundary or self._is_dashed(line) else Place.NONE
        if not boundary and self._is_reference(label, line):
            return Place.NONE
        return self.numbers.place(
            label, Setting(self._after(), boundary, self.headed, tuple(self.ahead[:_FAR]))
        )

    def _label(self, line: Line) -> Label | None:
        label = parse(line.text)
        for _ in keys_of(label)[:1] if label else []:
            del self.ahead[0]
        asked = self.open is not None and self.open.label.startswith("Q")
        if label and asked and label.printed in ("A.", "A)"):
            return replace(label, style=Style.ANSWER, printed="A", close=":")
        return label

    def _is_reference(self, label: Label, line: Line) -> bool:
        """Whether a number at the start of *line* belongs to the sentence above ("as set out in section")."""
        if not self.open or line.gap > self.spacing or label.style is not Style.NUMBER or label.close:
            return False
        asks = wording.names_number if len(label.value) > 1 else wording.expects_number
        return asks(self.open.text)

    def _is_dashed(self, line: Line) -> bool:
        """Whether a dash at the start of *line* stands where the dashes of the open list do."""
        return any(sign in "-–—*+o" and abs(line.indent - indent) <= 0.5 for indent, sign in self.depths)

    def _is_boundary(self, line: Line) -> bool:
        """Whether the words before *line* were finished, so that it may begin something new."""
        if not self.open or not self.open.words:
            return True
        text = self.open.text
        if wording.is_finished(text) or (line.gap > self.spacing + 0.5 and not self.torn):
            return True
        expecting = wording.expects_number(text) and line.gap <= self.spacing
        return not (self.open.last.full or text.endswith((",", "-")) or expecting)

    def _after(self) -> After:
        if not self.open:
            last = self.blocks[-1].kind if self.blocks else Kind.HEADING
            return After.HEADING if last is Kind.HEADING else After.TEXT
        if wording.is_lead(self.open.text):
            return After.LEAD
        heading = self.open.kind is Kind.HEADING or (
            not self.open.label and self._is_heading(self.open, None)
        )
        return After.HEADING if heading else After.TEXT

    def _begin_labelled(self, label: Label, place: Place, line: Line) -> None:
        self._finish(line)
        kind = Kind.ITEM if place is Place.ITEM else Kind.PARAGRAPH
        level = 0
        if kind is Kind.ITEM:
            level = self._depth(line.indent, label)
        else:
            self.headed = False
            self.depths.clear()
            self.numbers.close_lists()
        self.open = _Open(kind, label.printed + label.close, [line], [label.rest], level, line.indent)

    def _begin_plain(self, line: Line) -> None:
        lead = self.open
        self._finish(line)
        if lead and self._opens_bare_list(lead, line):
            if lead.kind is not Kind.ITEM:
                self.lead_indent = lead.lines[0].indent
            level = self._depth(line.indent, Label(Style.BULLET, "", line.text))
            self.open = _Open(Kind.ITEM, "", [line], [line.text], level, line.indent)
            return
        self.depths.clear()
        self.numbers.pause_lists()
        if wording.is_appendix(line.text):
            self.numbers.restart()
            self.in_appendix = True
        self.open = _Open(Kind.PARAGRAPH, "", [line], [line.text], indent=line.indent)

    def _opens_bare_list(self, block: _Open, line: Line) -> bool:
        """
        Whether *line* is an item of a list whose bullets were lost to a plain indent.

        It starts right of its lead-in, or level with an item before it; or it defines a term below a lead-in.
        """
        if block.kind is Kind.ITEM and not block.label:
            return self._is_next_bare_item(block, line)
        introduced = wording.is_lead(block.text) and not (
            wording.is_left_open(block.text) and block.last.full
        )
        if not introduced or block.kind is Kind.HEADING:
            return False
        if line.indent >= block.lines[0].indent + 1 or wording.is_definition(line.text):
            return True
        apart = line.gap > self.spacing or not block.last.full
        return line.text[:1].islower() and apart and not wording.is_left_open(block.text)

    def _is_next_bare_item(self, block: _Open, line: Line) -> bool:
        lower = line.text[:1].islower()
        if len(block.lines) > 1 and abs(line.indent - block.indent) <= 0.5 < abs(
            block.last.indent - block.indent
        ):
            return True
        apart = line.gap > self.spacing + 0.5 and not self.torn
        if (
            not (wording.is_finished(block.text) or apart)
            and block.last.full
            and (lower or line.gap <= self.spacing)
        ):
            return False
        if wording.is_lead(block.text) and line.indent >= block.indent + 1:
            return True
        if block.indent <= self.lead_indent + 0.5:
            return wording.is_definition(line.text) or (lower and line.indent <= block.indent + 0.5)
        return any(abs(line.indent - indent) <= 0.5 for indent, _ in self.depths)

    def _depth(self, indent: float, label: Label) -> int:
        """How deep in its list an item stands, by its indent, else by a change of bullet."""
        sign = label.printed if label.style is Style.BULLET else label.style + ("i" if label.roman else "")
        nested = (
            bool(self.blocks) and self.blocks[-1].kind is Kind.ITEM and wording.is_lead(self.blocks[-1].text)
        )
        known = [at for at, (_, other) in enumerate(self.depths) if other == sign]
        if not self.depths or indent > self.depths[-1][0] + (0.5 if nested else 2.5):
            self.depths.append((indent, sign))
        elif len(self.depths) > 1 and indent < self.depths[-1][0] - 0.5:
            while len(self.depths) > 1 and indent < self.depths[-1][0] - 0.5:
                self.depths.pop()
        elif known:
            del self.depths[known[-1] + 1 :]
        elif nested and sign != self.depths[-1][1]:
            self.depths.append((indent, sign))
        return len(self.depths)

    def _finish(self, line: Line) -> None:
        """Close the block above *line*, as a heading when it reads like one and stands apart."""
        if self.open and not self.open.label and self._is_heading(self.open, line):
            self.open.kind = Kind.HEADING
            self.headed = True
            self.numbers.close_lists()
        self.close()

    def _is_heading(self, block: _Open, line: Line | None) -> bool:
        """Whether *block* is a heading, seen from the *line* below it (None: any label)."""
        if block.kind is not Kind.PARAGRAPH or not wording.is_title(block.text):
            return False
        named = wording.is_appendix(block.text) or wording.is_named_part(block.text)
        if named or self._is_outstanding(block):
            return True
        if wording.is_left_open(block.text) or block.last.full:
            return False
        above = block.lines[0].gap > self.spacing or (
            wording.is_plain_title(block.text) and self._is_at_start()
        )
        return above and self._is_apart(block, line)

    @staticmethod
    def _is_outstanding(block: _Open) -> bool:
        """Whether *block* is a title in bold, in larger type or in capitals."""
        first = block.lines[0]
        printed = first.strong or first.size > 1.08 or block.text.isupper()
        return printed and block.kind is Kind.PARAGRAPH and wording.is_title(block.text)

    def _is_apart(self, block: _Open, line: Line | None) -> bool:
        """Whether the *line* below sets *block* apart as a title: space, a number, a sentence."""
        plain = wording.is_plain_title(block.text) and ": " not in block.text
        if line is None or parse(line.text):
            return plain or line is None or line.gap >= 0.4
        # The fields of a form stand apart like headings, and an appendix is often a form.
        if self.in_appendix:
            return plain and not wording.is_title(line.text)
        if line.gap >= 0.4 or (plain and self._is_at_top()):
            return True
        sentence = wording.is_finished(line.text) or line.full or len(line.text) > 1.5 * len(block.text)
        return plain and len(block.lines) == 1 and wording.is_capitalised(line.text) and sentence

    def _is_title_line(self, line: Line) -> bool:
        """Whether *line* is a heading set right below finished words, and above something new."""
        if self.below is None or line.full or self.below.cells or not wording.is_plain_title(line.text):
            return False
        return bool(parse(self.below.text)) or self.below.gap > self.spacing

    def _is_at_start(self) -> bool:
        """Whether nothing but titles, or a finished sentence, stands above."""
        return self._is_at_top() or wording.is_stopped(self.blocks[-1].text)

    def _is_at_top(self) -> bool:
        return all(block.kind is Kind.HEADING for block in self.blocks)

    def _goes_on(self, block: _Open, line: Line) -> bool:
        """Whether *line* continues *block*."""
        if self._looks_different(block, line):
            return False
        loose = line.gap > max(self.spacing, block.gap) + 0.3
        lower = line.text[:1].islower() or line.text[:1] in "(,&£"
        lower = lower or (line.text[:1].isdigit() and not wording.is_finished(block.text))
        if not block.words or not block.words[0]:
            return not wording.is_appendix(line.text)
        if self._opens_bare_list(block, line):
            return False
        if not wording.is_finished(block.text):
            return lower or self._goes_on_upper(block, line, loose)
        joined = lower or (block.last.full and not wording.is_lead(block.text))
        return joined and not loose and not self._is_title_line(line)

    @staticmethod
    def _looks_different(block: _Open, line: Line) -> bool:
        """Whether *line* is printed otherwise than *block*: bold, of another size, no longer capitals."""
        last = block.last
        if line.strong != last.strong and not last.full and (last.strong or wording.is_finished(block.text)):
            return True
        if abs(line.size - last.size) > 0.1 * last.size and not line.text[:1].islower():
            return True
        capitals = block.text.isupper() and wording.is_capitalised(line.text)
        return wording.is_field(last.text) or capitals

    def _goes_on_upper(self, block: _Open, line: Line, loose: bool) -> bool:
        """An unfinished line, and the next begins with a capital: a name, or something new."""
        if (wording.is_appendix(line.text) or wording.is_named_part(line.text)) and not block.last.full:
            return False
        if (loose and not self.torn) or (line.text.isupper() and not block.text.isupper()):
            return False
        titled = block.kind is Kind.PARAGRAPH and wording.is_title(block.text)
        if titled and wording.asks_for_more(block.text) and not wording.is_left_open(block.text):
            return True
        # The lines of a title page are centred one by one.
        if self._is_at_top() and abs(line.indent - block.last.indent) > 0.5:
            return False
        if line.strong and block.last.strong and not loose and len(block.lines) == 1:
            return True
        return block.last.full

    def _join(self, block: _Open, line: Line) -> None:
        if len(block.lines) == 1 and block.words[0]:
            block.gap = min(line.gap, 1.0)
        if block.words and is_broken(block.words[-1]):
            block.words[-1] = mended(block.words[-1], line.text, self.vocabulary)
        else:
            block.words.append(line.text)
        block.lines.append(line)

    def _take_row(self, line: Line) -> None:
        last = self.open
        if not (last and last.kind is Kind.ROW and len(last.last.cells) == len(line.cells) and line.gap <= 1):
            self._finish(line)
            self.tables += 1
        self.close()
        self.open = _Open(Kind.ROW, "", [line], [line.text])
