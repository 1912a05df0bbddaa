"""Ranking: a question and its vector against the clauses of one school."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import wording
from index.encoder import Matrix
from index.lexical import Lexical, Scores, words
from index.passages import passages
from index.shelf import Entry, Shelf
from index.vectors import Vectors

# How a clause's score is made: the share of its best sentence (the rest is the clause as a whole), and what
# the match of words adds. Chosen on the questions of index/calibration, where both are flat around these.
SENTENCE = 0.7
WORDS = 0.2
MOST_HITS = 5
MOST_HEADINGS = 3
# Beyond this a question's length says no more about it.
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause and how near it is: 1 for the same words, about 0 for nothing in common."""

    entry: Entry
    score: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The clauses of one school, best first."""

    hits: tuple[Hit, ...]
    headings: tuple[str, ...]
    """The headings of the best clauses, best first, without repeats."""
    signs: Mapping[str, float]
    """What tells whether the question is covered at all; `certainty` weighs it."""


@dataclass(frozen=True, slots=True)
class SchoolSearch:
    """Searches one school; it holds nothing of any other."""

    entries: tuple[Entry, ...]
    _vectors: Vectors
    _owners: NDArray[np.intp]
    _firsts: NDArray[np.intp]
    _hidden: NDArray[np.bool_]
    _lexical: Lexical

    @classmethod
    def of(cls, shelf: Shelf, school: str) -> "SchoolSearch":
        """
        The search over *school* in *shelf*.

        Raises:
            UnknownSchool: the shelf holds nothing of it.
            DamagedIndex: its vectors do not fit its clauses.
        """
        entries = shelf.entries(school)
        counts = [len(passages(entry.clause)) for entry in entries]
        owners = np.repeat(np.arange(len(entries)), counts)
        firsts = np.cumsum([0, *counts[:-1]]) if counts else np.zeros(0, np.intp)
        lexical = Lexical([entry.clause.full for entry in entries])
        hidden = np.array(_only_introduce(entries), np.bool_)
        return cls(entries, shelf.vectors(school), owners, firsts.astype(np.intp), hidden, lexical)

    def rank(self, question: str, vector: Matrix) -> Ranking:
        """The clauses nearest to *question*, whose encoding is *vector*; at most five."""
        if not self.entries:
            return Ranking((), (), {})
        shared = self._lexical.scores(question)
        scores = self._scores(vector, shared)
        order = np.argsort(-scores, kind="stable")
        hits = tuple(Hit(self.entries[at], float(scores[at])) for at in order[:MOST_HITS])
        headings = dict.fromkeys(self.entries[at].clause.section for at in order[:10])
        shown = tuple(heading for heading in headings if heading)[:MOST_HEADINGS]
        return Ranking(hits, shown, _signs(question, scores, shared))

    def _scores(self, vector: Matrix, shared: Scores) -> Matrix:
        cosines = np.zeros(len(self._owners), np.float32)
        for place, cosine in self._vectors.search(vector, len(self._vectors)):
            cosines[place] = cosine
        best = np.full(len(self.entries), -1.0, np.float32)
        np.maximum.at(best, self._owners, cosines)
        scores = SENTENCE * best + (1 - SENTENCE) * cosines[self._firsts] + WORDS * shared
        # Kept, behind all others: a document of lead-ins alone would otherwise have no answer at all.
        return np.asarray(scores - 2.0 * self._hidden, np.float32)


def _only_introduce(entries: tuple[Entry, ...]) -> list[bool]:
    """Which clauses only introduce the items below them ("Staff should:"), and say nothing alone."""
    introduced = {(entry.document.file, entry.clause.lead) for entry in entries if entry.clause.item}
    return [
        not entry.clause.item
        and wording.is_lead(entry.clause.text)
        and (entry.document.file, entry.clause.text) in introduced
        for entry in entries
    ]


def _signs(question: str, scores: Matrix, shared: Scores) -> dict[str, float]:
    best = np.sort(scores)[::-1][:10]
    return {
        "best": float(best[0]),
        "ahead": float(best[0] - best.mean()),
        "words": float(shared.max()),
        "length": min(len(words(question)), _LONGEST) / _LONGEST,
    }
