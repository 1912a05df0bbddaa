"""Blocks as a format gives them to blocks as their printed labels mean them. Pure."""

from collections.abc import Sequence as Blocks
from dataclasses import dataclass, field, replace

from index import wording
from index.contents import contents_of
from index.documents import Block, Kind
from index.labels import Label, Style, parse
from index.numbering import After, Place, Sequence, Setting, keys_of


def settle(blocks: Blocks[Block]) -> list[Block]:
    """
    Blocks of a format that knows paragraphs (DOCX, HTML, Markdown), typed numbers taken out of the words.

    A number becomes a label where it carries on the document's numbers; one of a list makes an item.
    """
    kept = [block for block in blocks if block.kind is Kind.ROW or not wording.has_leader(block.text)]
    contents = contents_of([block.text for block in kept])
    kept = [block for at, block in enumerate(kept) if at not in contents]
    reader = _Reader([_label(block) for block in kept])
    return [reader.settled(at, block) for at, block in enumerate(kept)]


def _label(block: Block) -> Label | None:
    """The number, letter, bullet or question mark that *block* may begin with."""
    if block.kind in (Kind.ROW, Kind.FOOTNOTE) or block.label == "•" or wording.is_appendix(block.text):
        return None
    return parse(f"{block.label} {block.text}" if block.label else block.text)


@dataclass(slots=True)
class _Reader:
    """Settles block after block against the numbers met so far."""

    labels: list[Label | None]
    numbers: Sequence = field(default_factory=Sequence)
    before: Block | None = None
    headed: bool = False
    lists: list[str] = field(default_factory=list)
    """The open lists, outermost first: the format's own by their level, typed ones by their signs."""

    def settled(self, at: int, block: Block) -> Block:
        """*block* with its label, kind and depth settled."""
        settled = self._settled(at, block)
        if settled.kind is Kind.ITEM:
            settled = replace(settled, level=self._depth(block, self.labels[at]))
        elif settled.label or settled.kind is not Kind.PARAGRAPH or wording.is_lead(settled.text):
            self.lists = []
        self.before = settled
        unnumbered = self.before.kind is Kind.HEADING and not self.before.label
        numbered = self.before.kind is Kind.PARAGRAPH and bool(self.before.label)
        self.headed = unnumbered or (self.headed and not numbered)
        return self.before

    def _settled(self, at: int, block: Block) -> Block:
        label = self.labels[at]
        if label:
            return _labelled(block, label, self._place(at, block, label))
        if block.kind in (Kind.ROW, Kind.FOOTNOTE) or block.label == "•":
            return block
        if wording.is_appendix(block.text):
            self.numbers.restart()
            return replace(block, kind=Kind.HEADING, level=block.level if block.kind is Kind.HEADING else 0)
        if block.kind is not Kind.ITEM:
            self.numbers.pause_lists()
        return block

    def _depth(self, block: Block, label: Label | None) -> int:
        """How deep an item stands among the format's own lists and those whose letters are typed."""
        own = block.kind is Kind.ITEM or bool(block.level)
        sign = str(block.level) if own else _sign(label, self.numbers)
        below = (
            self.before is not None and self.before.kind is Kind.ITEM and wording.is_lead(self.before.text)
        )
        while own and self.lists and self.lists[-1].isdigit() and int(self.lists[-1]) > block.level:
            self.lists.pop()
        last = self.lists[-1] if self.lists else ""
        deeper = own and last.isdigit() and int(last) < block.level
        if sign in self.lists:
            del self.lists[self.lists.index(sign) + 1 :]
        elif below or deeper or not self.lists:
            self.lists.append(sign)
        else:
            self.lists[-1] = sign
        return len(self.lists)

    def _place(self, at: int, block: Block, label: Label) -> Place:
        if label.style is Style.BULLET:
            return Place.ITEM if block.kind is not Kind.HEADING else Place.NONE
        if label.style in (Style.QUESTION, Style.ANSWER):
            return Place.CLAUSE
        later = [keys_of(other) for other in self.labels[at + 1 : at + 60] if other]
        ahead = tuple(keys[0] for keys in later if keys)
        place = self.numbers.place(label, Setting(_after(self.before), True, self.headed, ahead))
        # What the format itself numbers is a label even where the sequence does not show it.
        return place or (
            Place.ITEM if block.kind is Kind.ITEM else Place.CLAUSE if block.label else Place.NONE
        )


def _sign(label: Label | None, numbers: Sequence) -> str:
    """What the items of one typed list have in common: letters in brackets, Roman numerals, dashes."""
    if label is None or label.style is Style.BULLET or not numbers.open:
        return label.printed if label else "•"
    return numbers.open[-1][0].family + "".join(c for c in label.printed + label.close if not c.isalnum())


def _after(before: Block | None) -> After:
    if before is None or (before.kind is Kind.HEADING and not wording.is_lead(before.text)):
        return After.HEADING
    return After.LEAD if wording.is_lead(before.text) else After.TEXT


def _labelled(block: Block, label: Label, place: Place) -> Block:
    if not place:
        return block
    if label.style in (Style.QUESTION, Style.ANSWER):
        return replace(block, kind=Kind.PARAGRAPH, label=label.printed + label.close, text=label.rest)
    if place is Place.ITEM:
        level = 1 if block.kind is Kind.HEADING else max(block.level, 1)
        return replace(block, kind=Kind.ITEM, label=label.printed, text=label.rest, level=level)
    kind = Kind.HEADING if block.kind is Kind.HEADING else Kind.PARAGRAPH
    return replace(block, kind=kind, label=label.printed + label.close, text=label.rest)
