"""Example messages in plain text files, and how like them a new message is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from index.encoder import Matrix

# Three, so that one odd example decides nothing alone.
NEIGHBOURS = 3


def phrases(file: Path) -> tuple[str, ...]:
    """The examples in *file*: a line each, without blank lines and '#' comments."""
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    return tuple(line for line in lines if line and not line.startswith("#"))


def phrase_files(folder: Path) -> dict[str, tuple[str, ...]]:
    """Every example file in *folder*, by its name without the ending."""
    return {file.stem: phrases(file) for file in sorted(folder.glob("*.txt"))}


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled examples as vectors."""

    labels: tuple[str, ...]
    _rows: Matrix
    _owners: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, groups: Mapping[str, Matrix]) -> "Examples":
        """Hold one group of unit vectors a label; a group may not be empty."""
        labels = tuple(groups)
        ends = np.cumsum([len(groups[label]) for label in labels])
        starts = [0, *ends[:-1]]
        rows = np.concatenate([np.asarray(groups[label], np.float32) for label in labels])
        return cls(labels, rows, tuple((int(a), int(b)) for a, b in zip(starts, ends, strict=True)))

    def rows(self, label: str) -> Matrix:
        """The vectors of *label*, in the order given."""
        start, end = self._owners[self.labels.index(label)]
        return self._rows[start:end]

    def likeness(self, vector: Matrix) -> dict[str, float]:
        """How like each label's examples *vector* is: the mean cosine of the three nearest, from -1 to 1."""
        cosines = self._rows @ vector
        return {
            label: _mean_of_best(cosines[start:end])
            for label, (start, end) in zip(self.labels, self._owners, strict=True)
        }


def _mean_of_best(cosines: Matrix) -> float:
    best = np.partition(cosines, -min(NEIGHBOURS, len(cosines)))[-NEIGHBOURS:]
    return float(best.mean())
