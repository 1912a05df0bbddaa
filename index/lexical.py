"""Word match: BM25 over a school's clauses."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

# The usual values, published with BM25.
SATURATION = 1.2
LENGTH = 0.75

STOP = frozenset(
    # A hundred quoted words read worse.
    """
    a about all am an and any are as at be been being but by can could did do does doing for from had
    has have having he her hers him his how i if in into is it its just me my no nor not of on or our
    ours out own shall she should so some such than that the their theirs them then there these they
    this those to too us very was we were what when where which while who whom why will with would you
    your yours
    """.split()  # noqa: SIM905
)
IRREGULAR = {"children": "child", "men": "man", "women": "woman", "people": "person", "taken": "take"}
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_VOWEL = re.compile(r"[aeiouy]")


class Lexical:
    """The words of some texts, weighed by how rare they are among them."""

    def __init__(self, texts: Sequence[str]) -> None:
        """Count the words of *texts* once; a text's place is its place in `scores`."""
        counts = [Counter(words(text)) for text in texts]
        lengths = [sum(count.values()) for count in counts]
        mean = sum(lengths) / max(1, len(lengths)) or 1.0
        found: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, count in enumerate(counts):
            short = SATURATION * (1 - LENGTH + LENGTH * lengths[place] / mean)
            for word, times in count.items():
                found[word].append((place, times / (times + short)))
        self._size = len(texts)
        self._rarity = {word: self._weight(len(places)) for word, places in found.items()}
        self._places = {word: np.array([place for place, _ in hits]) for word, hits in found.items()}
        self._shares = {
            word: np.array([share for _, share in hits], np.float32) * self._rarity[word]
            for word, hits in found.items()
        }

    def scores(self, query: str) -> Scores:
        """
        Return a score from 0 to 1 for each text.

        It is the share of the query's weight that the text matches, so scores of two queries compare:
        a word that no text has counts against all of them.
        """
        scores = np.zeros(self._size, np.float32)
        asked = set(words(query))
        whole = sum(self._rarity.get(word, self._weight(0)) for word in asked)
        for word in sorted(asked & self._places.keys()):
            scores[self._places[word]] += self._shares[word]
        return scores / np.float32(whole or 1.0)

    def _weight(self, holders: int) -> float:
        return math.log(1 + (self._size - holders + 0.5) / (holders + 0.5))


def words(text: str) -> list[str]:
    """Return the stems of *text*'s words in order, without stop words."""
    found = _WORD.findall(text.casefold().replace("\N{RIGHT SINGLE QUOTATION MARK}", "'"))
    bare = (word.partition("'")[0] if word.endswith("'s") else word for word in found)
    return [stem(word) for word in bare if word not in STOP]


def stem(word: str) -> str:
    """Return *word* without plural, -ing, -ed and a silent e: "messages" and "messaging" are one word."""
    if word in IRREGULAR:
        word = IRREGULAR[word]
    elif len(word) > 3:
        word = _verb(_singular(word))
    silent = len(word) > 2 and word.endswith("e") and not word.endswith("ee")
    return word[:-1] if silent else word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def _verb(word: str) -> str:
    if word.endswith("ied") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("eed"):
        return word[:-1] if len(word) > 5 else word
    for ending in ("ing", "ed"):
        root = word.removesuffix(ending)
        if root != word and len(root) > 1 and _VOWEL.search(root):
            return _single(root)
    return word


def _single(root: str) -> str:
    """Return *root* without the consonant that its ending doubled: "chatt", "plann"."""
    doubled = len(root) > 3 and root[-1] == root[-2] and root[-1] not in "aeioulsz"
    return root[:-1] if doubled else root
