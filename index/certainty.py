"""Whether a policy covers a question at all: a fitted probability and two thresholds, from a data file."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

FITTED = Path(__file__).parent / "calibration" / "fitted.json"
"""Written by `python -m index.calibrate`; never by hand."""


@dataclass(frozen=True, slots=True)
class Certainty:
    """A logistic model of a few signs, and the two probabilities at which the outcome changes."""

    weights: Mapping[str, float]
    bias: float
    answer: float
    """From here on, the first clause is shown as the answer."""
    nearest: float
    """From here on, and below *answer*, clauses are shown without a verdict; below, the policy has none."""

    @classmethod
    def load(cls, file: Path = FITTED) -> "Certainty":
        """Read what `index.calibrate` wrote."""
        fitted = json.loads(file.read_text(encoding="utf-8"))
        return cls(fitted["weights"], fitted["bias"], fitted["answer"], fitted["nearest"])

    def covered(self, signs: Mapping[str, float]) -> float:
        """
        The probability, from 0 to 1, that the policy covers the question; a missing sign counts as 0.

        Without any sign nothing was found to compare it with, and nothing covers it.
        """
        if not signs:
            return 0.0
        total = self.bias + sum(weight * signs.get(name, 0.0) for name, weight in self.weights.items())
        return 1 / (1 + math.exp(-max(min(total, 30.0), -30.0)))

    def outcome(self, signs: Mapping[str, float]) -> str:
        """What to show: "answer", "nearest" or "none"."""
        probability = self.covered(signs)
        if probability >= self.answer:
            return "answer"
        return "nearest" if probability >= self.nearest else "none"
