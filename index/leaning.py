"""Which of a few groups of examples a new message leans to: ridge regression on their vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from index.encoder import Matrix

# By ten-fold runs over the examples, and on tests/unit/triage_messages.jsonl: from 3 to 15 it changes little.
RIDGE = 3.0
# A sign read off the words (0 or 1) against vectors of unit length.
SIGN_WEIGHT = 0.3

Signs = Sequence[float]


@dataclass(frozen=True, slots=True)
class Leaning:
    """The fitted weights; the three nearest examples alone say less, one odd neighbour being a third."""

    labels: tuple[str, ...]
    _weights: NDArray[np.float64]

    @classmethod
    def fit(cls, groups: Mapping[str, tuple[Matrix, Sequence[Signs]]]) -> "Leaning":
        """Fit on each label's unit vectors and their signs; for thousands, some hundredths of a second."""
        labels = tuple(groups)
        rows = np.concatenate([_rows(vectors, signs) for vectors, signs in groups.values()])
        owner = np.repeat(np.arange(len(labels)), [len(vectors) for vectors, _ in groups.values()])
        wanted = np.eye(len(labels))[owner]
        # The square root keeps a small group from being drowned and a large one from being ignored.
        importance = 1 / np.sqrt(np.bincount(owner)[owner])
        importance /= importance.mean()
        weighed = rows * importance[:, None]
        square = rows.T @ weighed + RIDGE * np.eye(rows.shape[1])
        return cls(labels, np.asarray(np.linalg.solve(square, weighed.T @ wanted), np.float64))

    def of(self, vector: Matrix, signs: Signs) -> dict[str, float]:
        """How much a message leans to each label: about 1 for a plain example of it, about 0 for none."""
        leanings = _rows(vector.reshape(1, -1), [signs])[0] @ self._weights
        return dict(zip(self.labels, (float(each) for each in leanings), strict=True))


def _rows(vectors: Matrix, signs: Sequence[Signs]) -> NDArray[np.float64]:
    marks = SIGN_WEIGHT * np.asarray(signs, np.float64).reshape(len(vectors), -1)
    return np.hstack([np.asarray(vectors, np.float64), marks, np.ones((len(vectors), 1))])
