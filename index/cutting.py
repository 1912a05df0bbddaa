"""A file to its clauses: the one way in for every format."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from index.clauses import Clause, cut
from index.documents import Block
from index.errors import UnreadableDocument
from index.layout import blocks_of
from index.outline import settle

Reader = Callable[[Path], list[Block]]

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# A quote must read as it was written; these make "must not" print elsewhere than it stands.
_REORDERS = re.compile("[\u202a-\u202e\u2066-\u2069]")
# A reference book, not a policy; the page limit of the PDF reader says the same.
MOST_CLAUSES = 4_000


def clauses_of(path: Path) -> list[Clause]:
    """
    The clauses of the document at *path* (TXT, MD, HTML, DOCX or PDF), in document order.

    Raises:
        UnreadableDocument: the file cannot be read; the message says what is wrong and what to do.
        OSError: the file is not there or may not be read.
    """
    clauses = [_printed(clause) for clause in cut(_reader(path)(path))]
    if any(_REORDERS.search(f"{clause.section}{clause.full}") for clause in clauses):
        raise UnreadableDocument(
            path.name,
            "it holds hidden characters that turn the order of words around",
            "Copy its text into a new document without formatting, and save that",
        )
    if not clauses:
        raise UnreadableDocument(
            path.name, "no clause was found in it", "Check that it holds the policy's words"
        )
    if len(clauses) > MOST_CLAUSES:
        raise UnreadableDocument(
            path.name,
            f"it holds {len(clauses):,} clauses; a policy may have {MOST_CLAUSES:,}",
            "Give each policy a file of its own",
        )
    return clauses


def _printed(clause: Clause) -> Clause:
    """*clause* without control characters: they print nothing, and in a terminal they give orders."""
    return replace(
        clause,
        number=_CONTROLS.sub("", clause.number),
        section=_CONTROLS.sub("", clause.section),
        lead=_CONTROLS.sub("", clause.lead),
        text=_CONTROLS.sub("", clause.text),
    )


def _reader(path: Path) -> Reader:
    readers: dict[str, Reader] = {
        ".txt": _plain,
        ".md": _markdown,
        ".markdown": _markdown,
        ".html": _html,
        ".htm": _html,
        ".docx": _word,
        ".pdf": _pdf,
    }
    reader = readers.get(path.suffix.lower())
    if reader is None:
        raise UnreadableDocument(
            path.name,
            f'files ending in "{path.suffix}" cannot be read',
            "Save the policy as .docx, .pdf, .txt, .md or .html",
        )
    return reader


# Each reader is imported when its format is met: a school with text files alone loads no PDF library.


def _plain(path: Path) -> list[Block]:
    from index.formats import plain  # noqa: PLC0415

    return blocks_of(plain.read(path))


def _markdown(path: Path) -> list[Block]:
    from index.formats import markdown  # noqa: PLC0415

    return settle(markdown.read(path))


def _html(path: Path) -> list[Block]:
    from index.formats import html  # noqa: PLC0415

    return settle(html.read(path))


def _word(path: Path) -> list[Block]:
    from index.formats import word  # noqa: PLC0415

    return settle(word.read(path))


def _pdf(path: Path) -> list[Block]:
    from index.formats import pdf  # noqa: PLC0415

    return blocks_of(pdf.read(path))
