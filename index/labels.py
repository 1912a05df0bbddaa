"""Printed numbers, letters, bullets and question marks at the start of a line."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Style(StrEnum):
    """How a label is printed."""

    NUMBER = "number"
    LETTER = "letter"
    BULLET = "bullet"
    QUESTION = "question"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Label:
    """A label and the words after it."""

    style: Style
    printed: str
    """As printed, without what closes a number: "6.7", "A3", "(a)", "•"."""
    rest: str
    value: tuple[int, ...] = ()
    """The number's parts, or the letter's place in the alphabet."""
    series: str = ""
    """The letters before a number ("A" of A3)."""
    roman: int = 0
    """What the letters mean as a Roman numeral, or 0."""
    close: str = ""
    """The full stop, bracket or colon that closes a number ("." of "1.")."""


# Private-use characters are how symbol fonts (Symbol, Wingdings) come out of Word and PDF files.
_BULLET = re.compile(r"(?P<mark>[•▪◦●○■□◆◇►➢➤➔→✓✔❖‣⁃∙·\ue000-\uf8ff]|[-–—*+o§](?=\s))\s*(?P<rest>.*)", re.S)
_NUMBER = re.compile(
    r"(?P<series>[A-Z]{1,2}\.?)?(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?P<close>[.):]?)(?:\s+(?P<rest>.*)|$)",
    re.S,
)
_LETTER = re.compile(
    r"(?P<open>[(\[]?)(?P<letters>[a-z]|[ivx]{1,5}|[A-H])(?P<close>[)\].])(?:\s+(?P<rest>.*)|$)", re.S
)
_QUESTION = re.compile(r"(?:Q|Question)\s?(?P<number>\d{1,2})?\s?[.:)]\s*(?P<rest>.*)", re.S)
_ANSWER = re.compile(r"(?:A|Answer|Ans)\s?(?P<number>\d{1,2})?\s?[:)]\s*(?P<rest>.*)", re.S)
_ROMAN = {"i": 1, "v": 5, "x": 10}


def parse(text: str) -> Label | None:
    """The label that *text* begins with, or None when it begins with plain words."""
    for read in (_question, _answer, _bullet, _number, _letter):
        label = read(text)
        if label:
            return label
    return None


def roman(letters: str) -> int:
    """The value of a lower-case Roman numeral of i, v and x; 0 when *letters* is none."""
    if not letters or any(c not in _ROMAN for c in letters):
        return 0
    values = [_ROMAN[c] for c in letters]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-a if a < b else a for a, b in pairs)


def _bullet(text: str) -> Label | None:
    found = _BULLET.match(text)
    if not found:
        return None
    return Label(Style.BULLET, found["mark"], found["rest"].strip())


def _number(text: str) -> Label | None:
    found = _NUMBER.match(text)
    if not found:
        return None
    value = tuple(int(part) for part in found["number"].split("."))
    series = (found["series"] or "").rstrip(".")
    printed = (found["series"] or "") + found["number"]
    return Label(Style.NUMBER, printed, (found["rest"] or "").strip(), value, series, close=found["close"])


def _letter(text: str) -> Label | None:
    found = _LETTER.match(text)
    if not found:
        return None
    letters = found["letters"]
    place = ord(letters.lower()) - ord("a") + 1 if len(letters) == 1 else 0
    if not place and not roman(letters):
        return None
    printed = f"{found['open']}{letters}{found['close']}"
    return Label(
        Style.LETTER,
        printed,
        (found["rest"] or "").strip(),
        (place,),
        series="upper" if letters.isupper() else "",
        roman=roman(letters),
    )


def _question(text: str) -> Label | None:
    found = _QUESTION.match(text)
    if not found or not found["rest"]:
        return None
    printed = f"Q{found['number']}" if found["number"] else "Q"
    return Label(Style.QUESTION, printed, found["rest"].strip(), close=":")


def _answer(text: str) -> Label | None:
    found = _ANSWER.match(text)
    if not found or not found["rest"] or (found["number"] and text[0] == "A" and text[1:2].isdigit()):
        return None
    return Label(Style.ANSWER, "A", found["rest"].strip(), close=":")
