"""Markdown to blocks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index import wording
from index.documents import Block, Kind
from index.formats import html
from index.formats.breaks import parted
from index.formats.encoding import text_of

_FRONT_MATTER = re.compile(r"\A---\n.*?\n(?:---|\.\.\.)\n", re.S)
_NOTE = re.compile(r"^\[\^[^\]]+\]:\s*(.*(?:\n[ \t]+\S.*)*)", re.M)
_NOTE_MARK = re.compile(r"\s?\[\^[^\]]+\]")
_TAG = re.compile(r"<[^>]+>")


def read(path: Path) -> list[Block]:
    """
    The blocks of a Markdown file.

    Raises:
        UnreadableDocument: it is empty, too long, no text or in an unknown encoding.
    """
    return blocks_of(text_of(path))


def blocks_of(text: str) -> list[Block]:
    """The blocks of Markdown *text*; footnotes last."""
    text = _FRONT_MATTER.sub("", text)
    notes = [Block(Kind.FOOTNOTE, " ".join(_TAG.sub("", note).split())) for note in _NOTE.findall(text)]
    text = _NOTE_MARK.sub("", _NOTE.sub("", text))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return _joined(block for block in _Reader().blocks(tokens) if block.text) + notes


@dataclass(slots=True)
class _Reader:
    """Walks through the tokens; *item* is the list item whose first words are still to come."""

    lists: int = 0
    item: Block | None = None
    tables: int = 0

    def blocks(self, tokens: Sequence[Token]) -> Iterator[Block]:
        for at, token in enumerate(tokens):
            self._nest(token)
            if token.type == "tr_open":
                yield _row(tokens, at, self.tables)
            elif token.type == "heading_open":
                yield Block(Kind.HEADING, _words(tokens[at + 1]), level=int(token.tag[1]))
            elif token.type == "paragraph_open":
                yield from _paragraphs(tokens[at + 1], self.item if self.lists else None)
                self.item = replace(self.item, label="") if self.item else None
            elif token.type in ("fence", "code_block"):
                yield Block(Kind.PARAGRAPH, " ".join(token.content.split()))
            elif token.type == "html_block":
                yield from self._html(token.content)

    def _html(self, text: str) -> Iterator[Block]:
        before = self.tables
        for block in html.blocks_of(text):
            self.tables = max(self.tables, before + block.table)
            yield replace(block, table=before + block.table) if block.table else block

    def _nest(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            self.lists += 1
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists -= 1
        elif token.type == "list_item_open":
            label = f"{token.info}{token.markup}" if token.info else "•"
            self.item = Block(Kind.ITEM, "", label, self.lists)
        elif token.type == "table_open":
            self.tables += 1


def _joined(blocks: Iterable[Block]) -> list[Block]:
    """*blocks* with an item's further paragraphs joined to it, unless a list or table stands between them."""
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if block.kind is not Kind.ITEM or block.label:
            joined.append(block)
        elif last and last.kind is Kind.ITEM and last.level == block.level:
            joined[-1] = replace(last, text=f"{last.text} {block.text}")
        else:
            joined.append(replace(block, kind=Kind.PARAGRAPH, level=0))
    return joined


def _paragraphs(inline: Token, item: Block | None) -> Iterator[Block]:
    """A paragraph, or as many as have a number of their own at the start of a line."""
    groups = parted(_text(inline).split("\n"))
    for at, words in enumerate(groups):
        if item and not at:
            yield replace(item, text=words)
        elif _is_bold(inline) and len(groups) == 1 and wording.is_title(words.rstrip(":")):
            yield Block(Kind.HEADING, words)
        else:
            yield Block(Kind.PARAGRAPH, words)


def _is_bold(inline: Token) -> bool:
    children = [child for child in inline.children or [] if child.type != "text" or child.content.strip()]
    bold = len(children) >= 3 and children[0].type == "strong_open" and children[-1].type == "strong_close"
    return bold and sum(child.type == "strong_open" for child in children) == 1


def _row(tokens: Sequence[Token], at: int, table: int) -> Block:
    cells: list[str] = []
    header = False
    while tokens[at].type != "tr_close":
        header = header or tokens[at].type == "th_open"
        if tokens[at].type == "inline":
            cells.append(_words(tokens[at]))
        at += 1
    return Block(Kind.ROW, " | ".join(cell for cell in cells if cell), table=table, header=header)


def _words(inline: Token) -> str:
    return " ".join(_text(inline).split())


def _text(inline: Token) -> str:
    """The words of *inline* as they would print, its own line ends kept."""
    printed = {"softbreak": "\n", "hardbreak": "\n"}
    parts: list[str] = []
    for child in inline.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type == "html_inline":
            parts.append("\n" if child.content.lower().startswith("<br") else "")
        else:
            parts.append(printed.get(child.type, ""))
    return "".join(parts)
