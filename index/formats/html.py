"""HTML to blocks."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.element import NavigableString, Tag

from index import wording
from index.documents import Block, Kind
from index.formats.breaks import parted
from index.formats.encoding import text_of
from index.formats.word_numbering import number_text

_SKIPPED = frozenset(
    ("script", "style", "nav", "head", "noscript", "template", "button", "svg", "iframe", "title", "select")
)
_SKIPPED_ROLES = frozenset(("navigation", "banner", "contentinfo", "dialog", "alertdialog", "search"))
_SKIPPED_CLASSES = re.compile(
    r"(?:^|[\s_-])(?:cookies?|breadcrumbs?|navbar|menu|sidebar|skip-link)(?:$|[\s_-])", re.I
)
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_BLOCKS = (
    *_HEADINGS, "p", "ul", "ol", "dl", "table", "div", "section", "article", "aside", "details", "blockquote",
    "center", "fieldset", "figure", "footer", "form", "header", "hr", "main", "pre", "address",
)  # fmt: skip
_FORMATS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_NOTE_TARGET = re.compile(r"#_?(?:ftn|edn|fn|footnote|endnote|note|cite|user-content-fn)", re.I)
_NOTE_ID = re.compile(r"(?:ftn|edn|fn|footnote|endnote)[-_:]?\d+", re.I)
_BACK = re.compile(r"^\W{0,2}\d{1,2}\W{0,2}\s+(?=\S)|\s*[↩↑\ufe0e]+\s*$")


def read(path: Path) -> list[Block]:
    """
    The blocks of an HTML page.

    Raises:
        UnreadableDocument: it is empty, too long, no text or in an unknown encoding.
    """
    return blocks_of(text_of(path))


def blocks_of(text: str) -> list[Block]:
    """The blocks of the page *text*; footnotes last, navigation and hidden parts left out."""
    soup = BeautifulSoup(text, "html.parser")
    reader = _Reader()
    mains = soup.select("main") or soup.select('[role="main"]')
    blocks = list(reader.walk(mains[0] if len(mains) == 1 else soup.body or soup, 0))
    return [block for block in blocks if block.text] + [note for note in reader.notes if note.text]


@dataclass(slots=True)
class _Reader:
    notes: list[Block] = field(default_factory=list)
    tables: int = 0

    def walk(self, tag: Tag, depth: int) -> Iterator[Block]:
        """The blocks inside *tag*; *depth* counts the lists around it."""
        loose: list[str] = []
        for child in tag.children:
            if isinstance(child, Tag) and _is_block(child):
                yield from _paragraphs(loose)
                loose = []
                yield from self._block(child, depth)
            else:
                loose.append(_words_of(child))
        yield from _paragraphs(loose)

    def _block(self, tag: Tag, depth: int) -> Iterator[Block]:
        if _is_notes(tag):
            self.notes.extend(_notes(tag))
        elif _is_hidden(tag):
            return
        elif tag.name in _HEADINGS:
            yield Block(Kind.HEADING, _words(tag), level=int(tag.name[1]))
        elif tag.name in ("ul", "ol"):
            yield from self._list(tag, depth + 1)
        elif tag.name == "table":
            yield from self._table(tag, depth)
        elif tag.name == "dl":
            yield from _definitions(tag)
        else:
            yield from self._words_block(tag, depth)

    def _words_block(self, tag: Tag, depth: int) -> Iterator[Block]:
        words = _words(tag)
        if tag.name == "summary" or (tag.name == "p" and _is_bold(tag) and wording.is_title(words)):
            yield Block(Kind.PARAGRAPH, words, "Q:") if words.endswith("?") else Block(Kind.HEADING, words)
            return
        level = re.search(r"mso-list:[^;]*level(\d)", str(tag.get("style", "")))
        for block in self.walk(tag, depth):
            yield replace(block, level=int(level[1])) if level and block.kind is Kind.PARAGRAPH else block

    def _list(self, tag: Tag, depth: int) -> Iterator[Block]:
        number = _whole(tag.get("start"), 1)
        for child in tag.find_all(["li", "ul", "ol"], recursive=False):
            if child.name != "li":
                # Old editors put a nested list beside the item that it belongs to.
                yield from self._list(child, depth + 1)
                continue
            number = _whole(child.get("value"), number)
            label = f"{number_text(_FORMATS.get(str(tag.get('type', '1')), 'decimal'), number)}."
            inside = [block for block in self.walk(child, depth) if block.text]
            yield from _item(inside, label if tag.name == "ol" else "•", depth)
            number += 1

    def _table(self, table: Tag, depth: int) -> Iterator[Block]:
        rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
        cells = [row.find_all(["td", "th"], recursive=False) for row in rows]
        if all(len(row) <= 1 for row in cells):
            for cell in (cell for row in cells for cell in row):
                yield from self.walk(cell, depth)
            return
        self.tables += 1
        for row, mine in zip(rows, cells, strict=True):
            header = bool(row.find_parent("thead")) or (bool(mine) and all(c.name == "th" for c in mine))
            text = " | ".join(words for words in map(_words, mine) if words)
            yield Block(Kind.ROW, text, table=self.tables, header=header)


def _item(inside: list[Block], label: str, depth: int) -> Iterator[Block]:
    """A list item, its paragraphs joined as far as no list or table stands between them."""
    plain = (Kind.PARAGRAPH, Kind.HEADING)
    own = next((at for at, block in enumerate(inside) if block.kind not in plain), len(inside))
    if own:
        text = " ".join(f"{block.label} {block.text}".strip() for block in inside[:own])
        yield Block(Kind.ITEM, text, label, depth)
    yield from inside[own:]


def _definitions(tag: Tag) -> Iterator[Block]:
    term = ""
    for child in tag.find_all(["dt", "dd"]):
        if child.name == "dt":
            term = f"{term} {_words(child)}".strip()
        elif term.endswith("?"):
            yield Block(Kind.PARAGRAPH, term, "Q:")
            yield Block(Kind.PARAGRAPH, _words(child), "A:")
            term = ""
        else:
            yield Block(Kind.PARAGRAPH, f"{term} {_words(child)}".strip())
            term = ""


def _notes(tag: Tag) -> Iterator[Block]:
    for item in tag.find_all("li") or [tag]:
        yield Block(Kind.FOOTNOTE, _BACK.sub("", _words(item)))


def _paragraphs(parts: Iterable[str]) -> Iterator[Block]:
    """Loose words between blocks; two line breaks part paragraphs, one does before a bullet or a number."""
    for words in parted("".join(parts).split("\n")):
        yield Block(Kind.PARAGRAPH, words)


def _words_of(node: object) -> str:
    # Comments, declarations and conditional marks are kinds of string of their own.
    if type(node) is NavigableString:
        return " ".join(f".{node}.".split())[1:-1]
    if not isinstance(node, Tag) or _is_hidden(node) or _is_note_mark(node):
        return ""
    if node.name == "br":
        return "\n"
    inside = "".join(_words_of(child) for child in node.children)
    return f" {inside} " if node.name in _BLOCKS or node.name in ("td", "th", "li", "dt", "dd") else inside


def _words(tag: Tag) -> str:
    return " ".join(_words_of(tag).split())


def _is_block(tag: Tag) -> bool:
    return tag.name in _BLOCKS or tag.name in ("summary", "td", "th") or tag.find(_BLOCKS) is not None


def _is_hidden(tag: Tag) -> bool:
    style = str(tag.get("style", "")).replace(" ", "").lower()
    names = " ".join(str(name) for name in [*tag.get_attribute_list("class"), tag.get("id")] if name)
    return (
        tag.name in _SKIPPED
        or (tag.name == "footer" and tag.find_parent(["article", "section", "main", "blockquote"]) is None)
        or tag.has_attr("hidden")
        or tag.get("aria-hidden") == "true"
        or "display:none" in style
        or "visibility:hidden" in style
        or tag.get("role") in _SKIPPED_ROLES
        or bool(_SKIPPED_CLASSES.search(names))
    )


def _is_notes(tag: Tag) -> bool:
    classes = " ".join(str(name) for name in tag.get_attribute_list("class") if name).lower()
    named = "footnotes" in classes or "endnotes" in classes or tag.get("role") == "doc-endnotes"
    return named or (tag.name in ("div", "p", "aside") and bool(_NOTE_ID.fullmatch(str(tag.get("id", "")))))


def _is_note_mark(tag: Tag) -> bool:
    link = tag if tag.name == "a" else tag.find("a") if tag.name == "sup" else None
    target = str(link.get("href", "")) if isinstance(link, Tag) else ""
    mark = (tag.name == "sup" and target.startswith("#")) or bool(_NOTE_TARGET.match(target))
    return mark and len(tag.get_text(strip=True)) <= 5


def _is_bold(tag: Tag) -> bool:
    bold = tag.find(["b", "strong"])
    return isinstance(bold, Tag) and bold.get_text(strip=True) == tag.get_text(strip=True) != ""


def _whole(value: object, default: int) -> int:
    return int(str(value)) if value is not None and str(value).lstrip("-").isdigit() else default
