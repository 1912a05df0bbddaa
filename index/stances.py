"""A clause's stance from two readings: the rules a person can follow, and what the model takes it for."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from index.clauses import Clause
from index.modality import Modality, Stance, is_condition, read

FITTED = Path(__file__).parent / "calibration" / "stances.json"
"""Written by `python -m index.calibrate`; never by hand."""
ORDER = tuple(Stance)


@dataclass(frozen=True, slots=True)
class StanceFit:
    """How much the rules count beside the model; fitted on clauses that taught neither."""

    rules: float
    """What a stance gains in the model's logarithm where the rules read it."""
    alone: float
    """The same where they read it without lead-in and heading."""

    @classmethod
    def load(cls, file: Path = FITTED) -> "StanceFit":
        """Read what `index.calibrate` wrote."""
        fitted = json.loads(file.read_text(encoding="utf-8"))
        return cls(fitted["rules"], fitted["alone"])

    def read(self, clause: Clause, leaning: Sequence[float]) -> Modality:
        """How *clause* reads; by the rules alone where the model cannot tell and *leaning* is empty."""
        ruled = read(clause.text, clause.lead, clause.section)
        # The model hears "you never mention pupils" and not that it is what a permission depends on.
        if not len(leaning) or (ruled.stance is Stance.CONDITIONAL and is_condition(clause.lead)):
            return ruled
        stance = self.weigh(leaning, ruled.stance, read(clause.text).stance)
        return ruled if stance is ruled.stance else read(clause.text, clause.lead, clause.section, stance)

    def weigh(self, leaning: Sequence[float], ruled: Stance, alone: Stance) -> Stance:
        """The stance that the model, with its *leaning*, and the rules' two readings make together."""
        gains = ((stance is ruled) * self.rules + (stance is alone) * self.alone for stance in ORDER)
        return max(zip(leaning, gains, ORDER, strict=True), key=lambda each: each[0] + each[1])[2]
