"""How well a clause meets a question, judged word by word by a small net that practice policies taught."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.encoder import Matrix, adapter_hash
from index.errors import DamagedIndex, WrongModel
from index.learnt import arrays

FILE = Path(__file__).parent / "adapter" / "interaction.npz"
"""Written by `python -m index.train`; it fits the words of the adapter that it names, and no others."""
# What the net is given lies near one: of 128 numbers of a vector of unit length, each is about 1/11.
WORD_SCALE = 11.0
BOTH_SCALE = 128.0
MOST_LEANING = 3.0
"""No word counts more than e to the third times what it would, nor less than that part of it."""
REVERSED = 5

Vector: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Interaction:
    """
    Reads each word of a question beside the word of the clause that is nearest to it.

    Late interaction takes every word for as important as any other, and every nearness for as good. What is
    learnt here is which words matter, what it means that this word met that one, and how much of the clause
    was meant. In the terms of the field: a neural interaction model over contextual word vectors.
    """

    _weights: Mapping[str, Matrix]

    @classmethod
    def load(cls, file: Path = FILE, adapter: str = "") -> "Interaction":
        """
        Read what `index.train` wrote with the adapter that stands on disk, or with *adapter*, its hash.

        Raises:
            WrongModel: it is missing or damaged, or was learnt with another adapter.
        """
        stored = arrays(file)
        if str(stored.pop("adapter", "")) != (adapter or adapter_hash()):
            raise WrongModel(f"{file}: was learnt with another adapter; run: python -m index.train")
        return cls({name: weight.astype(np.float32) for name, weight in stored.items()})

    def of(self, question: Matrix, clauses: Sequence[Matrix], cosines: Sequence[float]) -> Vector:
        """
        Of each of *clauses* the log-odds that it settles the question, against none of its policy doing so.

        *question* and *clauses* hold a row a word, of unit length, a clause at least one; *cosines* are
        those of the whole texts.

        Raises:
            DamagedIndex: the words have another width: they come from another model.
        """
        width = self._weights["word.0.weight"].shape[1]
        if question.shape[1:] != (width,):
            raise DamagedIndex(f"the words have {question.shape[-1]} numbers, not {width}")
        places, meant = zip(*(meeting(question, clause) for clause in clauses), strict=True)
        met = np.stack([clause[at] for clause, at in zip(clauses, places, strict=True)])
        beside = np.broadcast_to(question, met.shape)
        near = (beside * met).sum(axis=-1, keepdims=True)
        seen = np.concatenate([beside * WORD_SCALE, beside * met * BOTH_SCALE, near], axis=-1)
        judged = near + self._net("meeting", seen.reshape(-1, 2 * width + 1)).reshape(near.shape)
        late = judged[:, :, 0] @ self._counts(question)
        mixed = np.c_[late, np.array(meant, np.float32), np.array(cosines, np.float32)]
        return np.asarray(mixed @ self._weights["mix"] - self._weights["none"], np.float32)

    def _counts(self, question: Matrix) -> Vector:
        """How much each word of *question* counts; together one."""
        leaning = self._net("word", question * WORD_SCALE)[:, 0]
        counts = np.exp(np.clip(leaning, -MOST_LEANING, MOST_LEANING))
        return np.asarray(counts / max(counts.sum(), 1e-6), np.float32)

    def _net(self, name: str, rows: Matrix) -> Matrix:
        """Two layers, what is below nothing in the first counting as nothing."""
        first, second = (
            (self._weights[f"{name}.{layer}.weight"], self._weights[f"{name}.{layer}.bias"])
            for layer in (0, 1)
        )
        hidden = np.maximum(rows @ first[0].T + first[1], 0)
        return np.asarray(hidden @ second[0].T + second[1], np.float32)


def meeting(question: Matrix, clause: Matrix) -> tuple[NDArray[np.intp], list[float]]:
    """
    Which word of *clause* each word of *question* met, and how much of the clause was meant, and its length.

    How much was meant is the mean, over its words, of the nearest in the question; then over its best few.
    """
    if not len(question):
        return np.zeros(0, np.intp), [0.0, 0.0, 0.0]
    cosines = question @ clause.T
    best = np.sort(cosines.max(axis=0))
    meant = [float(best.mean()), float(best[-REVERSED:].mean()), float(np.log1p(len(clause)))]
    return cosines.argmax(axis=1), meant
