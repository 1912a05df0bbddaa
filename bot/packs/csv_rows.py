"""Rows as CSV that a spreadsheet opens well and never runs as a formula."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence

from bot.domain.packs import PackRow
from bot.packs.pdf import who

_STARTS = "=+-@|%"
_LONGEST = 32_000  # Excel keeps 32,767 characters of a cell, and drops the rest unseen
CHRONOLOGY = ("number", "time (UTC)", "kind", "who", "words")


def safe(words: str) -> str:
    """*words* as a cell: with an apostrophe before what a spreadsheet might take for a formula."""
    visible = "".join(letter if _is_plain(letter) else f"[U+{ord(letter):04X}]" for letter in words)
    # A full-width "=" counts as "=", and a spreadsheet looks behind spaces and line breaks.
    first = unicodedata.normalize("NFKC", visible.lstrip())[:1]
    risky = first in _STARTS if first else False
    return f"'{visible}" if risky or visible[:1] in ("\t", "\r", "\n") else visible


def csv_bytes(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """
    A CSV file in UTF-8 with a byte order mark, every cell in quotes.

    A cell too long for a spreadsheet goes on in the same column of rows below.
    """
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(heads)
    for row in rows:
        writer.writerows(_pieces([safe(cell) for cell in row]))
    return out.getvalue().encode("utf-8-sig")


def chronology(rows: Iterable[PackRow]) -> bytes:
    """The chronology, one event a row."""
    lines = ((str(row.number), row.at.isoformat(), str(row.kind), who(row), row.words) for row in rows)
    return csv_bytes(CHRONOLOGY, lines)


def _pieces(row: Sequence[str]) -> list[list[str]]:
    count = max(1, *(-(-len(cell) // _LONGEST) for cell in row))
    return [
        [safe(cell[at * _LONGEST : (at + 1) * _LONGEST]) if at else cell[:_LONGEST] for cell in row]
        for at in range(count)
    ]


def _is_plain(letter: str) -> bool:
    return letter in "\n\r\t" or unicodedata.category(letter) not in ("Cc", "Cs")
