"""Fits when to answer and when to say "not covered": `python -m index.calibrate [POLICIES]`."""

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.build import Source, Tools, build, cutting_recipe
from index.certainty import FITTED
from index.cutting import clauses_of
from index.encoder import SentenceEncoder
from index.examples import phrase_files
from index.search import SchoolSearch
from index.shelf import Shelf

Floats = NDArray[np.float64]

HERE = Path(__file__).parent
SIGNS = ("best", "ahead", "words", "length", "covered", "near", "far")
ANSWERED = 0.92
"""The share of covered questions that must get a verdict."""
SHOWN = 0.985
"""The share of covered questions that must at least be shown clauses."""
RIDGE = 0.003
STEPS = 4000


@dataclass(frozen=True, slots=True)
class Labelled:
    """The signs of one message at one school, and whether that school's policy covers it."""

    school: str
    kind: str
    signs: tuple[float, ...]


def main(policies: Path) -> None:
    """Fit on index/calibration/questions.jsonl over *policies* and write the result beside it."""
    rows = measure(policies)
    held_out = np.zeros(len(rows))
    schools = np.array([row.school for row in rows])
    signs, covered = _table(rows)
    for school in sorted(set(schools)):
        rest = schools != school
        held_out[~rest] = predict(signs[~rest], *fit(signs[rest], covered[rest]))
    answer = float(np.quantile(held_out[covered], 1 - ANSWERED))
    nearest = float(np.quantile(held_out[covered], 1 - SHOWN))
    weights, bias = fit(signs, covered)
    kinds = np.array([row.kind for row in rows])
    figures = {
        kind: round(float((held_out[kinds == kind] >= answer).mean()), 3) for kind in sorted(set(kinds))
    }
    fitted = {
        "weights": dict(zip(SIGNS, (round(float(weight), 4) for weight in weights), strict=True)),
        "bias": round(bias, 4),
        "answer": round(answer, 4),
        "nearest": round(nearest, 4),
        "fitted_on": f"{len(rows)} messages at {len(set(schools))} schools, {datetime.now(UTC):%Y-%m-%d}",
        "answered_with_the_school_left_out": figures,
    }
    FITTED.write_text(json.dumps(fitted, indent=2) + "\n", encoding="utf-8")
    sys.stdout.write(json.dumps(fitted, indent=2) + "\n")


def measure(policies: Path) -> list[Labelled]:
    """The signs of every labelled message; one without a school is measured at each of them."""
    questions = [
        json.loads(line) for line in (HERE / "calibration" / "questions.jsonl").open(encoding="utf-8")
    ]
    encoder = SentenceEncoder.open()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index.db"
        scope = phrase_files(HERE / "scope")
        tools = Tools(clauses_of, cutting_recipe(), lambda: encoder, encoder.name, scope)
        build(_sources(policies), path, tools)
        shelf = Shelf.open(path)
    searches = {school: SchoolSearch.of(shelf, school) for school in shelf.schools}
    vectors = encoder.encode([question["question"] for question in questions])
    examples = shelf.examples()
    rows: list[Labelled] = []
    for question, vector in zip(questions, vectors, strict=True):
        likeness = examples.likeness(vector) if examples else {}
        for school in [question["school"]] if question["school"] else list(searches):
            found = {**searches[school].rank(question["question"], vector).signs, **likeness}
            rows.append(Labelled(school, question["kind"], tuple(found[name] for name in SIGNS)))
    return rows


def fit(signs: Floats, covered: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Logistic regression with a small ridge, both classes weighing the same; weights of the raw signs."""
    mean, spread = signs.mean(0), signs.std(0) + 1e-9
    scaled = np.c_[(signs - mean) / spread, np.ones(len(signs))]
    importance = np.where(covered, 0.5 / covered.sum(), 0.5 / (~covered).sum())
    weights = np.zeros(scaled.shape[1])
    for _ in range(STEPS):
        wrong = importance * (1 / (1 + np.exp(-scaled @ weights)) - covered)
        weights -= 2.0 * (scaled.T @ wrong + RIDGE * np.r_[weights[:-1], 0])
    raw = weights[:-1] / spread
    return raw, float(weights[-1] - raw @ mean)


def predict(signs: Floats, weights: Floats, bias: float) -> Floats:
    """The probability of each row."""
    return np.asarray(1 / (1 + np.exp(-(signs @ weights + bias))))


def _table(rows: Sequence[Labelled]) -> tuple[Floats, Any]:
    return np.array([row.signs for row in rows]), np.array([row.kind == "covered" for row in rows])


def _sources(policies: Path) -> list[Source]:
    files = sorted(file for file in policies.glob("*/*") if file.suffix != ".toml")
    return [Source(file.parent.name, file.stem, file.name, file) for file in files]


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("policies"))
