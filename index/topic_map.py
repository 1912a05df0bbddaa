"""Two hops from a question to a clause: question → topic and clause → topic, each in its own language."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.encoder import Matrix
from index.learnt import arrays

FILE = Path(__file__).parent / "adapter" / "topics.npz"
"""Written by `python -m index.train`: the topic bank as vectors of the bundled model with its adapter."""
# A question rarely belongs to more; the sharpness makes the best count several times the sixth.
MOST_TOPICS = 6
SHARPNESS = 20.0
CLEARLY = 0.35
"""The share of its topic in a question that belongs to one; of six that are alike each has a sixth."""
_ASKED_NEIGHBOURS = 3
_RULED_NEIGHBOURS = 2
_NEAREST_RULED = 3

Rows = NDArray[np.intp]
Shares: TypeAlias = tuple[Rows, Matrix]
"""The topics a question belongs to, and the share of each."""


@dataclass(frozen=True, slots=True)
class TopicMap:
    """The bank's phrasings and wordings as vectors, and the topic each belongs to."""

    names: tuple[str, ...]
    asked: Matrix
    """A row for each phrasing of the bank, topic by topic, in the order of its files."""
    _asked_places: Rows
    """The rows of each topic, filled up with the number of rows."""
    _ruled: Matrix
    _ruled_places: Rows

    @classmethod
    def load(cls, file: Path = FILE) -> "TopicMap":
        """
        Read what `index.train` wrote.

        Raises:
            WrongModel: it is missing or damaged.
        """
        stored = arrays(file)
        names = tuple(str(name) for name in stored["names"])
        asked, ruled = (stored[part].astype(np.float32) for part in ("asked", "ruled"))
        places = [_places(stored[f"{part}_topic"].astype(np.intp), len(names)) for part in ("asked", "ruled")]
        return cls(names, asked, places[0], ruled, places[1])

    def of_clauses(self, vectors: Matrix) -> Matrix:
        """How much each of *vectors* (passages) speaks of each topic, a row a passage."""
        return _by_topic(vectors @ self._ruled.T, self._ruled_places, _RULED_NEIGHBOURS)

    def ruled_elsewhere(self, vector: Matrix) -> float:
        """How near the bank's nearest wordings are to a question; a policy that rules on it says the like."""
        return float(np.sort(self._ruled @ vector)[-_NEAREST_RULED:].mean())

    def name_of(self, vector: Matrix) -> str:
        """The topic that a question clearly belongs to, "" where none stands out."""
        best, shares = self.of_question(vector)
        return self.names[int(best[0])] if shares[0] >= CLEARLY else ""

    def of_question(self, vector: Matrix) -> tuple[Rows, Matrix]:
        """The topics a question most likely belongs to, and the share of each; the shares add up to one."""
        row = (self.asked @ vector)[None, :]
        likeness = _by_topic(row, self._asked_places, _ASKED_NEIGHBOURS)[0]
        best = np.argsort(-likeness, kind="stable")[:MOST_TOPICS]
        shares = np.exp((likeness[best] - likeness[best[0]]) * SHARPNESS)
        return best, shares / shares.sum()


def _by_topic(likeness: Matrix, places: Rows, neighbours: int) -> Matrix:
    """The mean of the best few columns of each topic; every topic has at least that many."""
    padded = np.concatenate([likeness, np.full((len(likeness), 1), -2.0, np.float32)], axis=1)[:, places]
    best = np.partition(padded, -neighbours, axis=2)[:, :, -neighbours:]
    return np.asarray(best.mean(axis=2), np.float32)


def _places(topic: Rows, topics: int) -> Rows:
    """The columns of each topic, a row a topic, filled up with the column behind the last."""
    counts = np.bincount(topic, minlength=topics)
    places = np.full((topics, counts.max()), len(topic), np.intp)
    for at in range(topics):
        places[at, : counts[at]] = np.flatnonzero(topic == at)
    return places
