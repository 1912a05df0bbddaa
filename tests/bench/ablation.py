"""What each part of the search does: `python tests/bench/ablation.py`; a table and JSON, 4 minutes."""

import contextlib
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402  - the repository is on the path only now
from rich.console import Console  # noqa: E402
from rich.progress import track  # noqa: E402
from rich.table import Table  # noqa: E402

from index import calibrate, search  # noqa: E402
from index.encoder import PACKAGE, WEIGHTS, Reading, SentenceEncoder  # noqa: E402
from index.interaction import Interaction  # noqa: E402
from index.minilm import MiniLM  # noqa: E402
from index.practice import policies  # noqa: E402
from index.search import SchoolSearch  # noqa: E402
from index.topic_map import TopicMap  # noqa: E402

HELD_OUT = calibrate.HERE / "calibration" / "policies"
PARTS = {
    "all": {},
    "no interaction": {"MET": 0.0},
    "no late interaction": {"LATE": 0.0},
    "no vectors": {"VECTOR": 0.0},
    "no sentences (the clause's vector as a whole)": {"SENTENCE": 0.0},
    "no topics (two hops)": {"HOPS": 0.0},
    "no match of words": {"WORDS": 0.0},
}
"""What is measured, and the weights of `index.search` that are set for it; the others stay as they are."""


def main() -> None:
    """Measure on the policies that the weights were fitted on and the model was not trained with."""
    shown = {}
    found = searching(SentenceEncoder.open(), TopicMap.load(), Interaction.load())
    for part, weights in track(PARTS.items(), "Each part off in turn"):
        shown[part] = found(weights)
    shown["no adapter, and so no topics and no interaction"] = searching(bundled(), None, None)({})
    table = Table("part", "right clause first", "in three")
    for part, (first, three) in shown.items():
        table.add_row(part, f"{first:.3f}", f"{three:.3f}")
    Console().print(table)
    results = ROOT / "tests" / "bench" / "results"
    results.mkdir(exist_ok=True)
    said = {
        **{part: list(figures) for part, figures in shown.items()},
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    (results / "ablation.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def searching(encoder, topics, interaction):
    """A function from weights to how often the right clause is first, and in three."""
    held = policies(HELD_OUT)
    shelf = calibrate.shelf_of(ROOT / "policies", held, encoder)
    asked = [(policy, *each) for policy in held for each in zip(*questions(policy, encoder), strict=True)]
    searches = {policy.name: SchoolSearch.of(shelf, policy.name, topics, interaction) for policy in held}

    def found(weights):
        with weighed(weights):
            places = [place(searches[policy.name], policy, *each) for policy, *each in asked]
        return tuple(round(float(np.mean(np.array(places) < most)), 4) for most in (1, 3))

    return found


def questions(policy, encoder):
    """What staff ask, as read, and the words of the clause that settles it."""
    asked = policy.questions()
    settled = [policy.clauses[at].full for _, at in asked]
    texts = [text for text, _ in asked]
    return texts, encoder.read(texts), settled


def place(school, policy, text, read, settled):
    """The place of the right clause among those found, from 0; behind them all if it is not there."""
    hits = school.rank(text, read.vector, read.words).hits
    return next((at for at, hit in enumerate(hits) if hit.entry.clause.full == settled), search.MOST_HITS)


@contextlib.contextmanager
def weighed(weights) -> Iterator[None]:
    """With other weights of the search, put back afterwards."""
    before = {name: getattr(search, name) for name in weights}
    for name, weight in weights.items():
        setattr(search, name, weight)
    try:
        yield
    finally:
        for name, weight in before.items():
            setattr(search, name, weight)


def bundled():
    """The published model without its adapter."""
    folder = Path(find_spec(PACKAGE).origin).parent / "model"
    model = MiniLM(folder, (folder / WEIGHTS).read_bytes())

    def read(texts):
        return [Reading(*(np.asarray(part) for part in parts)) for parts in model.read(texts)]

    return SentenceEncoder(
        "bundled alone", model.dimension, lambda texts: np.asarray(model.embed(texts)), read
    )


if __name__ == "__main__":
    main()
