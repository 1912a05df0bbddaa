"""Late interaction: each word of a question against every word of a clause; its nearest one counts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from index.encoder import Matrix
from index.errors import DamagedIndex

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Words:
    """
    The word vectors of one school's clauses, clause below clause.

    A question may meet a clause in one place only, which the mean over all its words hides. Comparing word
    by word after encoding each side alone is Khattab and Zaharia's late interaction (ColBERT, 2020).
    """

    _rows: Matrix
    _counts: tuple[int, ...]
    _ends: tuple[int, ...]

    @classmethod
    def of(cls, clauses: Sequence[Matrix]) -> "Words":
        """
        Hold the words of *clauses*, all of unit length and of one width.

        A clause in which the model sees no word, such as a lone tick, is held as one that is like nothing.
        """
        held = [words if len(words) else np.zeros((1, words.shape[1])) for words in clauses]
        rows = np.concatenate([np.asarray(words, np.float32) for words in held])
        return cls._held(rows, [len(words) for words in held])

    @classmethod
    def _held(cls, rows: Matrix, counts: Sequence[int]) -> "Words":
        return cls(rows, tuple(counts), tuple(accumulate(counts)))

    def __len__(self) -> int:
        return len(self._counts)

    def likeness(self, question: Matrix) -> tuple[Vector, float]:
        """
        Of each clause, the mean over the question's words of the cosine to the clause's nearest word.

        Beside it the same of all clauses taken as one: how well the words are met anywhere.

        Raises:
            DamagedIndex: the question's words have another width: they come from another model.
        """
        if not len(question):
            return np.zeros(len(self), np.float32), 0.0
        if question.shape[1] != self._rows.shape[1]:
            raise DamagedIndex(
                f"the index holds words of {self._rows.shape[1]} numbers, not {question.shape[1]}"
            )
        starts = (0, *self._ends[:-1])
        nearest = np.maximum.reduceat(question @ self._rows.T, starts, axis=1)
        return np.asarray(nearest.mean(axis=0), np.float32), float(nearest.max(axis=1).mean())

    def of_clause(self, place: int) -> Matrix:
        """The words of the clause at *place*."""
        end = self._ends[place]
        return self._rows[end - self._counts[place] : end]

    def only(self, kept: Collection[int]) -> "Words":
        """The words of the clauses at the places *kept*, in their order."""
        return Words.of([self.of_clause(at) for at in sorted(kept)])

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads back, in half precision: the ranking does not see the rest."""
        head = np.array([self._rows.shape[1], len(self), *self._counts], "<u4")
        return head.tobytes() + self._rows.astype("<f2").tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Words":
        """Read back what `to_bytes` returned."""
        width, clauses = (int(number) for number in np.frombuffer(stored, "<u4", 2))
        counts = np.frombuffer(stored, "<u4", clauses, 8)
        rows = np.frombuffer(stored, "<f2", offset=8 + 4 * clauses).reshape(-1, width)
        held = cls._held(rows.astype(np.float32), counts.tolist())
        # An index may have been written when a clause without words was held as nothing.
        return held if all(held._counts) else held.only(range(clauses))
