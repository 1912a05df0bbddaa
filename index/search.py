"""Ranking: a question and its vector against the clauses of one school."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index import wording
from index.asking import asks_for_work
from index.encoder import Matrix
from index.interaction import Interaction
from index.late import Words
from index.lexical import Lexical, Scores
from index.passages import passages
from index.shelf import Entry, Shelf
from index.topic_map import Rows, Shares, TopicMap
from index.vectors import Vectors

# How a clause's score is made: late interaction, the vector (the clause's best sentence and the clause as a
# whole), the two hops and the match of words. Fitted on the policies of index/calibration, each left out in
# turn; then the interaction reads the nearest again. What each part does, tests/bench/ablation.py shows: the
# hops and the match of words only break ties.
LATE = 0.7
VECTOR = 0.3
SENTENCE = 0.3
"""The best sentence's share of the vector's part."""
HOPS = 0.1
WORDS = 0.03
READ_CLOSELY = 10
"""How many of the nearest clauses the interaction reads beside the question."""
MET = 0.05
"""What its log-odds count beside the score; from .02 to .07 they rank about equally well."""
MOST_HITS = 5
_STEEP, _HALF_WAY = 4.0, 0.5
_SPOKEN_FIRST = 2
_LEAST_SPREAD = 0.01
MOST_HEADINGS = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause and how near it is, from 0 to 1: near 1 for the same words, near 0 for nothing in common."""

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
    _words: Words | None = None
    _topics: TopicMap | None = None
    _spoken: Matrix | None = None
    """How much each clause speaks of each topic."""
    _interaction: Interaction | None = None

    @classmethod
    def of(
        cls,
        shelf: Shelf,
        school: str,
        topics: TopicMap | None = None,
        interaction: Interaction | None = None,
    ) -> "SchoolSearch":
        """
        The search over *school* in *shelf*; *topics* and *interaction* where they fit the shelf's model.

        Raises:
            UnknownSchool: the shelf holds nothing of it.
            DamagedIndex: its vectors do not fit its clauses.
        """
        entries = shelf.entries(school)
        return cls._of(entries, shelf.vectors(school), shelf.words(school), topics, interaction)

    @classmethod
    def _of(
        cls,
        entries: tuple[Entry, ...],
        vectors: Vectors,
        words: Words | None,
        topics: TopicMap | None,
        interaction: Interaction | None,
    ) -> "SchoolSearch":
        counts = [len(passages(entry.clause)) for entry in entries]
        owners = np.repeat(np.arange(len(entries)), counts)
        firsts = np.cumsum([0, *counts[:-1]]) if counts else np.zeros(0, np.intp)
        lexical = Lexical([entry.clause.full for entry in entries])
        hidden = np.array(_only_introduce(entries), np.bool_)
        spoken = _spoken_of(topics, vectors, owners, len(entries)) if topics and entries else None
        firsts = firsts.astype(np.intp)
        return cls(entries, vectors, owners, firsts, hidden, lexical, words, topics, spoken, interaction)

    def without(self, gone: Collection[int]) -> "SchoolSearch":
        """The search over a policy without the clauses at the places *gone*, for calibration."""
        kept = [at for at in range(len(self.entries)) if at not in gone]
        rows = self._vectors.rows()[np.isin(self._owners, kept)]
        words = self._words.only(kept) if self._words and kept else None
        entries = tuple(self.entries[at] for at in kept)
        return self._of(entries, Vectors.of(rows), words, self._topics, self._interaction)

    def rank(self, question: str, vector: Matrix, words: Matrix | None = None) -> Ranking:
        """
        The clauses nearest to *question*, encoded as *vector* and word by word as *words*; at most 5.

        Raises:
            DamagedIndex: the index was built with another model.
        """
        if not self.entries:
            return Ranking((), (), {})
        shared = self._lexical.scores(question)
        topics = self._topics.of_question(vector) if self._topics else None
        hops = self._hops(topics)
        best, whole = self._cosines(vector)
        vectors = SENTENCE * best + (1 - SENTENCE) * whole
        late, anywhere = self._late(words, vectors)
        scores = self._shown(LATE * late + VECTOR * vectors + HOPS * hops + WORDS * shared)
        order = np.argsort(-scores, kind="stable")
        nearest = order[:READ_CLOSELY]
        met = self._met(words, nearest, whole)
        read = scores[nearest] + MET * met
        closest = np.argsort(-read, kind="stable")[:MOST_HITS]
        hits = tuple(Hit(self.entries[nearest[at]], _from_0_to_1(float(read[at]))) for at in closest)
        headings = dict.fromkeys(self.entries[at].clause.section for at in nearest)
        shown = tuple(heading for heading in headings if heading)[:MOST_HEADINGS]
        # Lead-ins are pushed back so far that they would pass for a gap between the first and the rest.
        signs = {
            **_signs(question, scores[~self._hidden], shared),
            **_late_signs(late[~self._hidden]),
            "anywhere": anywhere,
            "met": max((float(odds) for odds in met[~self._hidden[nearest]]), default=0.0),
            "length": math.log(max(1, len(words) if words is not None else 1)),
        }
        return Ranking(hits, shown, {**signs, **self._topical(vector, topics, best, hops)})

    def _topical(self, vector: Matrix, topics: Shares | None, best: Matrix, hops: Matrix) -> dict[str, float]:
        """
        What the topic bank tells of whether this policy rules on the question.

        "ahead of others": how much nearer its clauses are than clauses on the matter usually are; "same
        topic": how much of what is asked about one of its three nearest clauses speaks of before all else.
        """
        if self._topics is None or self._spoken is None or topics is None:
            return dict.fromkeys(("topic", "ahead of others", "same topic"), 0.0)
        belongs, shares = topics
        shown = np.flatnonzero(~self._hidden)
        near = shown[np.argsort(-(best + hops)[shown], kind="stable")[:3]]
        spoken = np.argsort(-self._spoken[near], axis=1, kind="stable")[:, :_SPOKEN_FIRST]
        return {
            "topic": float(hops.max()),
            "ahead of others": float(best[shown].max(initial=0.0)) - self._topics.ruled_elsewhere(vector),
            "same topic": max((float(shares[np.isin(belongs, row)].sum()) for row in spoken), default=0.0),
        }

    def _late(self, words: Matrix | None, vectors: Matrix) -> tuple[Matrix, float]:
        """How well the question's words are met in each clause, and anywhere; without words, the vectors."""
        if self._words is None or words is None:
            return vectors, float(vectors.max())
        return self._words.likeness(words)

    def _met(self, words: Matrix | None, nearest: Rows, whole: Matrix) -> Matrix:
        """The log-odds that each of the *nearest* clauses settles the question; 0 where nothing can tell."""
        if self._interaction is None or self._words is None or words is None:
            return np.zeros(len(nearest), np.float32)
        clauses = [self._words.of_clause(int(at)) for at in nearest]
        return self._interaction.of(words, clauses, whole[nearest].tolist())

    def _hops(self, topics: Shares | None) -> Matrix:
        """How much each clause speaks of the *topics* that the question belongs to."""
        if self._spoken is None or topics is None:
            return np.zeros(len(self.entries), np.float32)
        belongs, shares = topics
        return np.asarray(self._spoken[:, belongs] @ shares, np.float32)

    def _cosines(self, vector: Matrix) -> tuple[Matrix, Matrix]:
        """Of each clause, the cosine of its best sentence, and of the clause as a whole."""
        cosines = np.zeros(len(self._owners), np.float32)
        for place, cosine in self._vectors.search(vector, len(self._vectors)):
            cosines[place] = cosine
        best = np.full(len(self.entries), -1.0, np.float32)
        np.maximum.at(best, self._owners, cosines)
        return best, cosines[self._firsts]

    def _shown(self, scores: Matrix) -> Matrix:
        # Kept, behind all others: a document of lead-ins alone would otherwise have no answer at all.
        return np.asarray(scores - 2.0 * self._hidden, np.float32)


def _from_0_to_1(score: float) -> float:
    """A score for people to see, in the same order: cosines with log-odds on top leave 0 and 1 behind."""
    return 1 / (1 + math.exp(-_STEEP * (score - _HALF_WAY)))


def _spoken_of(topics: TopicMap, vectors: Vectors, owners: NDArray[np.intp], clauses: int) -> Matrix:
    passages_on = topics.of_clauses(vectors.rows())
    spoken = np.full((clauses, passages_on.shape[1]), -1.0, np.float32)
    np.maximum.at(spoken, owners, passages_on)
    return spoken


def _only_introduce(entries: tuple[Entry, ...]) -> list[bool]:
    """Which clauses only introduce the items below them ("Staff should:"), and say nothing alone."""
    introduced = {(entry.document.file, entry.clause.lead) for entry in entries if entry.clause.item}
    return [
        wording.is_lead(entry.clause.text) and (entry.document.file, entry.clause.full) in introduced
        for entry in entries
    ]


def _signs(question: str, scores: Matrix, shared: Scores) -> dict[str, float]:
    best = np.sort(scores)[::-1][:10]
    return {
        "best": float(best[0]),
        "ahead": float(best[0] - best.mean()),
        "words": float(shared.max()),
        "work": float(asks_for_work(question)),
    }


def _late_signs(late: Matrix) -> dict[str, float]:
    best, spread = np.sort(late)[::-1][:10], float(late.std())
    return {
        "late": float(best[0]),
        "late ahead": float(best[0] - best.mean()),
        # The best of many clauses is nearer by chance than the best of few: measured by their spread.
        "spread": spread,
        "stands out": float(best[0] - late.mean()) / max(spread, _LEAST_SPREAD),
    }
