"""Blocks to clauses: numbers, sections, lists with their lead-ins. Pure."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from index import wording
from index.documents import Block, Kind
from index.headings import bare, is_number, with_headings, with_questions

OPENING = "Opening"
"""The section of what stands before the first heading."""
FOOTNOTES = "Footnotes"
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Clause:
    """One citeable piece of a document: a clause, a list item, a table row, a footnote."""

    number: str
    """The printed number (`6.7`, `A3`), else "Section heading, paragraph 3"."""
    item: str
    """The place in the clause's list from 1 ("7", nested "3#1"), or "" for the clause itself."""
    section: str
    """The heading it stands under, as printed."""
    lead: str
    """The words that introduce its list, or ""."""
    text: str
    """The words exactly as printed, with lines joined."""
    page: int | None = None

    @property
    def full(self) -> str:
        """The words with their lead-in: what the clause says when it stands alone."""
        return f"{self.lead} {self.text}" if self.lead else self.text

    @property
    def sha256(self) -> str:
        """The hash of the words with their lead-in, which name the clause's content."""
        return hashlib.sha256(self.full.encode()).hexdigest()


def cut(blocks: Sequence[Block]) -> list[Clause]:
    """The clauses that *blocks* hold, in document order; headings are their sections, not clauses."""
    blocks = with_headings(with_questions([block for block in blocks if block.text]))
    cutter = _Cutter(blocks, headers=_header_rows(blocks))
    for at, block in enumerate(blocks):
        cutter.take(at, block)
    cutter.close()
    return _without_note_marks(cutter.clauses)


@dataclass(slots=True)
class _List:
    """The list being read: whose items they are and how they were introduced."""

    number: str
    section: str
    lead: str
    base: int = 0
    counts: list[int] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Cutter:
    """Walks through the blocks; *open* is the clause that unlabelled words still belong to."""

    blocks: Sequence[Block]
    clauses: list[Clause] = field(default_factory=list)
    section: str = ""
    number: str = ""
    began: int = 0
    """Where the section began."""
    paragraphs: Counter[str] = field(default_factory=Counter)
    open: Clause | None = None
    list: _List | None = None
    headers: frozenset[int] = frozenset()
    """Where the tables' header rows stand."""
    depth: int = 0
    """How deep the open clause stands in a list, where it is an item that is a paragraph of its own."""
    asking: bool = False
    """The open clause is a question, and what follows answers it."""

    def take(self, at: int, block: Block) -> None:
        if block.kind is Kind.FOOTNOTE:
            self._footnote(block)
        elif block.kind is Kind.ROW:
            self._row(at, block)
        elif block.kind is Kind.HEADING:
            self._heading(at, block)
        elif block.kind is Kind.ITEM:
            self._item(block)
        elif block.label:
            self._labelled(block)
        else:
            self._paragraph(at, block)

    def close(self) -> None:
        """Finish the open clause."""
        if self.open:
            self.clauses.append(self.open)
        self.open = None

    def _heading(self, at: int, block: Block) -> None:
        self.close()
        self.asking = False
        label = bare(block.label)
        self.section = f"{block.label} {block.text}".strip()
        self.number = label if is_number(label) else ""
        self.began = at
        self.list = None
        following = self.blocks[at + 1] if at + 1 < len(self.blocks) else None
        if not following or following.kind is not Kind.ITEM:
            return
        if wording.is_lead(block.text):
            self.list = _List(self.number or self._next_paragraph(), self.section, block.text)
        elif self.number:
            self.list = _List(self.number, self.section, "")

    def _labelled(self, block: Block) -> None:
        label = bare(block.label)
        if label == "A" and block.label.endswith(":") and self.open:
            self.open = replace(self.open, text=f"{self.open.text} {block.text}")
            return
        self.close()
        self.asking = block.label.startswith("Q")
        number = self._next_paragraph() if label in ("Q", "A") else label
        self.open = Clause(number, "", self.section, "", block.text, block.page)
        self.list = None

    def _paragraph(self, at: int, block: Block) -> None:
        if self.open and (self.asking or self._is_numbered(self.open)):
            self.open = replace(self.open, text=f"{self.open.text} {block.text}")
            return
        introduces = wording.is_lead(block.text) and self._next_kind(at) is Kind.ITEM
        if introduces and self.list and self._is_own_number(self.list.number):
            self.list = replace(self.list, lead=block.text, texts=[])
            return
        if introduces and self.number and self._holds_only_lists():
            self.list = _List(self.number, self.section, block.text)
            return
        self.close()
        if self.list and self._is_own_number(self.list.number) and self.clauses:
            self.clauses.append(Clause(self.list.number, "", self.section, "", block.text, block.page))
            return
        self.open = Clause(self._next_paragraph(), "", self.section, "", block.text, block.page)
        self.list = None
        self.depth = 0

    def _item(self, block: Block) -> None:
        if self.open:
            self._open_list(self.open, block)
        current = self.list
        if current is None or (current.base and block.level < current.base):
            self.list = None
            self.open = Clause(self._next_paragraph(), "", self.section, "", block.text, block.page)
            self.depth = block.level
            return
        self._add_item(current, block)

    def _open_list(self, clause: Clause, block: Block) -> None:
        """The first item below *clause*: its list, or a paragraph of its own beside it."""
        self.close()
        own = self._is_numbered(clause)
        deeper = not self.depth or block.level > self.depth
        if own or (deeper and (wording.is_lead(clause.text) or not wording.is_finished(clause.text))):
            self.list = _List(clause.number, clause.section, clause.text, base=block.level)
        else:
            self.list = None
        self.depth = 0

    def _add_item(self, current: _List, block: Block) -> None:
        current.base = current.base or block.level
        depth = min(max(block.level - current.base, 0), len(current.texts))
        current.counts = [*current.counts[: depth + 1], *[0] * (depth + 1 - len(current.counts))]
        current.counts[depth] += 1
        lead = " ".join(part for part in (current.lead, *current.texts[:depth]) if part)
        current.texts = [*current.texts[:depth], block.text]
        item = "#".join(str(count) for count in current.counts)
        self.clauses.append(Clause(current.number, item, current.section, lead, block.text, block.page))

    def _row(self, at: int, block: Block) -> None:
        self.close()
        if at in self.headers:
            return
        first, _, rest = block.text.partition(" | ")
        if rest and re.fullmatch(r"[A-Z]?\d{1,2}(\.\d{1,2})+\.?", first):
            self.clauses.append(Clause(bare(first), "", self.section, "", rest, block.page))
            return
        self.clauses.append(Clause(self._next_paragraph(), "", self.section, "", block.text, block.page))
        self.list = None

    def _footnote(self, block: Block) -> None:
        self.close()
        self.paragraphs[FOOTNOTES] += 1
        number = f"{FOOTNOTES}, paragraph {self.paragraphs[FOOTNOTES]}"
        self.clauses.append(Clause(number, "", FOOTNOTES, "", block.text, block.page))

    def _next_paragraph(self) -> str:
        """The name of the next paragraph that has no number: its section without the section's own number."""
        label = f"{self.number} " if self.number else ""
        name = re.sub(r"^[A-Z]?\d[\d.]*[.):]?\s+", "", self.section.removeprefix(label)).rstrip(" :-–")
        name = name or OPENING
        self.paragraphs[name] += 1
        return f"{name}, paragraph {self.paragraphs[name]}"

    def _next_kind(self, at: int) -> Kind | None:
        return self.blocks[at + 1].kind if at + 1 < len(self.blocks) else None

    def _holds_only_lists(self) -> bool:
        """Whether the open numbered section consists of lead-ins and their lists alone."""
        for place in range(self.began + 1, len(self.blocks)):
            block = self.blocks[place]
            if block.kind is Kind.ITEM:
                continue
            if block.kind is not Kind.PARAGRAPH or block.label:
                return True
            if not wording.is_lead(block.text) or self._next_kind(place) is not Kind.ITEM:
                return False
        return True

    @staticmethod
    def _is_own_number(number: str) -> bool:
        return ", paragraph " not in number

    def _is_numbered(self, clause: Clause) -> bool:
        return self._is_own_number(clause.number)


def _header_rows(blocks: Sequence[Block]) -> frozenset[int]:
    """The rows that format or shape shows to be headers: the first of several, with as many cells as any."""
    tables: dict[int, list[int]] = {}
    for at, block in enumerate(blocks):
        if block.kind is Kind.ROW:
            tables.setdefault(block.table, []).append(at)
    marked = {at for rows in tables.values() for at in rows if blocks[at].header}
    guessed = {
        rows[0]
        for rows in tables.values()
        if not marked & set(rows) and _heads([blocks[at].text for at in rows])
    }
    return frozenset(marked | guessed)


def _heads(rows: Sequence[str]) -> bool:
    """Whether the first of *rows* names the columns of the others."""
    cells = [len(row.split(" | ")) for row in rows]
    return len(rows) > 1 and cells[0] >= 2 and max(cells) == cells[0] and not wording.is_stopped(rows[0])


def _without_note_marks(clauses: list[Clause]) -> list[Clause]:
    """Take the footnotes' marks out of the words they are glued to, first mark first."""
    notes = sum(clause.section == FOOTNOTES for clause in clauses)
    parts = {found[1] for clause in clauses if (found := re.match(r"Appendix (\d+)", clause.section))}
    cleaned = list(clauses)
    for note in range(1, notes + 1):
        for at, clause in enumerate(cleaned):
            text = _without_mark(clause.text, note, parts)
            if text != clause.text and clause.section != FOOTNOTES:
                cleaned[at] = replace(clause, text=text)
                break
    return cleaned


def _without_mark(text: str, note: int, parts: set[str]) -> str:
    """*text* without the first mark of footnote *note*: glued to a word, or to the number of an appendix."""
    for found in re.finditer(rf"\bAppendix (\d+){note}\b", text):
        if found[1] in parts and found[1] + str(note) not in parts:
            return text[: found.end() - len(str(note))] + text[found.end() :]
    raised = str(note).translate(_RAISED)
    text = re.sub(rf"(?<=\S)(?:\s?\[{note}\]|{raised})", "", text, count=1)
    return re.sub(rf"(?<=[a-z][a-z.,;)’”\"']){note}(?=[\s.,;:)]|$)", "", text, count=1)
