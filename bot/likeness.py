"""How like a message is to the groups of example messages, and which route it leans to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.domain.triage import ROUTE, Route, frame
from index.encoder import Matrix
from index.examples import Examples
from index.leaning import Leaning
from index.topic_map import TopicMap
from index.topics import topics

SCOPE = "scope/"
"""What the labels of the examples for coverage begin with; all others are the triage's."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """The examples and what was fitted on them."""

    examples: Examples
    leaning: Leaning

    @classmethod
    def fit(
        cls, examples: Examples, phrases: Mapping[str, Sequence[str]], bank: TopicMap | None = None
    ) -> "Likeness":
        """
        Fitted anew from the phrase files at each start: a phrase that a school adds counts at once.

        What staff ask on the topics of *bank* counts as questions. Without it, 18 % of plain questions about
        three policies that trained nothing were called urgent; with it 8 %, at a higher recall of the urgent.
        """
        groups: dict[str, tuple[Matrix, list[tuple[float, float, float]]]] = {}
        for route in Route:
            labels = [label for label in examples.labels if _route_of(label) == route]
            vectors = np.concatenate([examples.rows(label) for label in labels])
            groups[route] = vectors, [frame(phrase) for label in labels for phrase in phrases[label]]
        asked = [phrase for topic in topics() for phrase in topic.asked]
        # A bank that has been added to since the map was made no longer stands in its order.
        if bank is not None and len(asked) == len(bank.asked):
            vectors, frames = groups[Route.QUESTION]
            more = [frame(phrase) for phrase in asked]
            groups[Route.QUESTION] = np.concatenate([vectors, bank.asked]), [*frames, *more]
        return cls(examples, Leaning.fit(groups))

    def of(self, question: str, vector: Matrix) -> dict[str, float]:
        """The cosine to each group by its label, and under "route/…" the leaning to each route."""
        leanings = self.leaning.of(vector, frame(question))
        return self.examples.likeness(vector) | {f"{ROUTE}{route}": leanings[route] for route in leanings}


def of_scope(likeness: Mapping[str, float]) -> dict[str, float]:
    """The part that tells what a policy covers, by plain label."""
    return {label.removeprefix(SCOPE): like for label, like in likeness.items() if label.startswith(SCOPE)}


def of_triage(likeness: Mapping[str, float]) -> dict[str, float]:
    """The part that the triage reads."""
    return {label: like for label, like in likeness.items() if not label.startswith(SCOPE)}


def _route_of(label: str) -> str:
    """The route that a group of examples stands for; what no policy covers is a question too."""
    if label in (f"{SCOPE}covered", f"{SCOPE}near", Route.QUESTION):
        return Route.QUESTION
    return label.partition("-")[0]
