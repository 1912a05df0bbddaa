"""Every character of a text made visible in a PDF: drawn where a typeface has it, else written as [U+…]."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

# Bitstream Vera comes with reportlab; wider ones are used where the machine happens to have them.
REGULAR, BOLD = "Vera", "VeraBd"
COMMON_PLACES = (
    Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"),
    Path("/System/Library/Fonts/Supplemental/Arial Unicode.ttf"),
    Path("C:/Windows/Fonts/arial.ttf"),
)
_PIECE = 600
"""How much of a text one table row takes, so that pages fill and no row is taller than one."""
_LINE = 60
"""What a line break costs of that."""


@dataclass(frozen=True, slots=True)
class Typeface:
    """The letters that can be drawn: those of the main face, then each wider one's."""

    main: frozenset[int]
    wider: tuple[tuple[str, frozenset[int]], ...] = ()

    def markup(self, text: str) -> str:
        """*text* as paragraph markup; a character that no face can draw is shown as [U+1F600]."""
        return "".join(self._shown(letter) for letter in unicodedata.normalize("NFC", text))

    def pieces(self, text: str) -> tuple[str, ...]:
        """*text* as markup in pieces short enough for a table row, parted between words where it can be."""
        found, room = [""], _PIECE
        for part in _parts(text):
            cost = self._cost(part)
            if cost > room and found[-1]:
                found.append("")
                room = _PIECE
            found[-1] += self.markup(part)
            room -= cost
        return tuple(found)

    def _shown(self, letter: str) -> str:
        if letter in "\n\t":
            return "<br/>" if letter == "\n" else " "
        if ord(letter) in self.main and not _is_hidden(letter):
            return escape(letter, quote=False)
        for name, known in self.wider:
            if ord(letter) in known and _can_stand_alone(letter):
                return f'<font name="{name}">{escape(letter, quote=False)}</font>'
        return f"[U+{ord(letter):04X}]"

    def _cost(self, part: str) -> int:
        plain = sum(1 if ord(letter) in self.main else 9 for letter in part)
        return plain + _LINE * part.count("\n")


def typeface(wider: Iterable[Path] = ()) -> Typeface:
    """The built-in typeface, and those of *wider* (TrueType files) that are there and can be read."""
    for name in (REGULAR, BOLD):
        _register(name, f"{name}.ttf")
    found = []
    for number, path in enumerate(path for path in wider if path.is_file()):
        name = f"Wider{number}"
        if known := _register(name, str(path)):
            found.append((name, known))
    return Typeface(_letters_of(REGULAR), tuple(found))


def _register(name: str, file: str) -> frozenset[int]:
    try:
        pdfmetrics.registerFont(TTFont(name, file))
    except (TTFError, OSError):
        return frozenset()
    return _letters_of(name)


def _letters_of(name: str) -> frozenset[int]:
    return frozenset(pdfmetrics.getFont(name).face.charToGlyph)


def _is_hidden(letter: str) -> bool:
    """Whether it would be drawn as nothing at all, or turn its neighbours round."""
    return unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp") or letter == "\xad"


def _can_stand_alone(letter: str) -> bool:
    """Not letters that join or run from right to left: drawn one by one they would read wrongly."""
    return unicodedata.bidirectional(letter) not in ("R", "AL", "AN", "NSM") and not _is_hidden(letter)


def _parts(text: str) -> Iterator[str]:
    """Words and spaces in turn; one too long for a row is cut."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    for part in re.findall(r"\S+|[^\S\n]+|\n", text):
        # A character may take nine places, as [U+1F600] does.
        yield from (part[at : at + _PIECE // 9] for at in range(0, len(part), _PIECE // 9))
