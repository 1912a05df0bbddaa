"""Words broken at a line end. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

# A hyphen at a line end belongs to the word after these.
_PREFIXES = frozenset(
    (
        "anti",
        "co",
        "cyber",
        "de",
        "e",
        "ex",
        "inter",
        "mid",
        "multi",
        "non",
        "off",
        "on",
        "one",
        "part",
        "post",
    )
    + ("pre", "pro", "re", "school", "self", "semi", "sub", "two", "well")
)
_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
SOFT = "\u00ad"


def words_of(texts: Iterable[str]) -> Counter[str]:
    """How often each word, whole or hyphenated, is written in *texts*."""
    return Counter(word.lower() for text in texts for word in _WORD.findall(text))


def is_broken(text: str) -> bool:
    """Whether *text* ends in a hyphen."""
    return text.endswith(("-", SOFT))


def mended(above: str, below: str, words: Mapping[str, int]) -> str:
    """*above* and *below* joined at a line-end hyphen, which is kept where the word is written with one."""
    stem, rest = re.search(rf"([A-Za-z]*)[-{SOFT}]$", above), re.match(r"[A-Za-z]+", below)
    if not stem or not rest or not stem[1]:
        return f"{above} {below}"
    joined, dashed = (stem[1] + rest[0]).lower(), f"{stem[1]}-{rest[0]}".lower()
    keeps = words.get(dashed) or (stem[1].lower() in _PREFIXES and not words.get(joined))
    if not above.endswith(SOFT) and (keeps or not rest[0][0].islower()):
        return above + below
    return above[:-1] + below
