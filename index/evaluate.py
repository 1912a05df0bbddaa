"""Figures over labelled questions: where the right clause stands, the stance, what is answered. Pure."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.modality import Stance

_NUMBER = re.compile(r"[A-Z]?\d")


@dataclass(frozen=True, slots=True)
class Share:
    """A share with the interval it may really lie in (Wilson, 95 %)."""

    hits: int
    of: int

    @property
    def value(self) -> float:
        """The share itself; 0 of nothing is 0."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the interval."""
        if not self.of:
            return 0.0, 1.0
        z = 1.96
        centre = (self.value + z * z / (2 * self.of)) / (1 + z * z / self.of)
        reach = math.sqrt(self.value * (1 - self.value) / self.of + z * z / (4 * self.of**2))
        reach *= z / (1 + z * z / self.of)
        return max(0.0, centre - reach), min(1.0, centre + reach)


def share(tests: Iterable[bool]) -> Share:
    """How many of *tests* hold."""
    found = list(tests)
    return Share(sum(found), len(found))


def rank(
    question: Mapping[str, Any], answer: Mapping[str, Any], reference: Mapping[str, str] | None = None
) -> int | None:
    """
    The place from 1 of the first right citation, or None.

    Right is a clause number named in "gold" or "also" (with its item, if one is named), words quoted in
    "words", or, for a label that is no number, the words that *reference* gives for it.
    """
    labels = [*question.get("gold", []), *question.get("also", [])]
    wanted = [(reference or {}).get(label, "") for label in labels] + [question.get("words", "")]
    for place, citation in enumerate(answer["citations"], 1):
        if any(_is_named(citation, label) for label in labels) or any(
            _holds(citation, text) for text in wanted
        ):
            return place
    return None


def _is_named(citation: Mapping[str, Any], label: str) -> bool:
    number, _, item = label.partition("#")
    if not _NUMBER.match(number) or str(citation["clause"]).rstrip(".") != number:
        return False
    return not item or citation["item"] is None or str(citation["item"]) == item


def _holds(citation: Mapping[str, Any], words: str) -> bool:
    squeezed = _squeezed(words)
    cited = _squeezed(f"{citation['lead']} {citation['text']}")
    return bool(squeezed) and (squeezed in cited or _squeezed(str(citation["text"])) == squeezed)


def _squeezed(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.casefold())


def retrieval_figures(
    questions: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    references: Mapping[str, Mapping[str, str]],
) -> dict[str, Share]:
    """Right first, right in three, stance where the first is right, answered; over *questions* in order."""
    pairs = list(zip(questions, answers, strict=True))
    places = [rank(q, a, references.get(str(q.get("school", "")))) for q, a in pairs]
    first = [pair for pair, place in zip(pairs, places, strict=True) if place == 1 and pair[0].get("verdict")]
    return {
        "right clause first": share(place == 1 for place in places),
        "right clause in three": share(bool(place and place <= 3) for place in places),
        "stance where the first is right": share(_same_stance(q["verdict"], a["stance"]) for q, a in first),
        "answered": share(bool(a["answered"]) for a in answers),
    }


@dataclass(frozen=True, slots=True)
class Miss:
    """A question whose right clause does not come first."""

    id: str
    question: str
    wanted: str
    """The labels that would have been right."""
    given: str
    """The clause that came first instead, "" for none."""
    place: int | None
    """Where the right one came, from 1; None for beyond the first five."""
    cause: str


def misses(
    questions: Sequence[Mapping[str, Any]],
    answers: Sequence[Mapping[str, Any]],
    references: Mapping[str, Mapping[str, str]],
) -> list[Miss]:
    """Every question whose right clause does not come first, sorted by cause, the nearest misses first."""
    found = []
    for question, answer in zip(questions, answers, strict=True):
        place = rank(question, answer, references.get(str(question.get("school", ""))))
        if place != 1:
            found.append(_miss(question, answer, place))
    return sorted(found, key=lambda miss: (miss.cause, miss.place or math.inf))


def _miss(question: Mapping[str, Any], answer: Mapping[str, Any], place: int | None) -> Miss:
    citations = answer["citations"]
    given = citations[0] if citations else None
    right = citations[place - 1] if place else None
    if right is None or given is None:
        cause = "the right clause is not among the first five"
    elif right["section"] != given["section"]:
        cause = "a clause of another section came first"
    elif right["lead"] and right["lead"] == given["lead"]:
        cause = "another item of the same list came first"
    else:
        cause = "a neighbour in the same section came first"
    label = f"{given['clause']}{'#' if given['item'] else ''}{given['item'] or ''}" if given else ""
    wanted = ", ".join([*question.get("gold", []), *question.get("also", [])])
    return Miss(str(question.get("id", "")), str(question["question"]), wanted, label, place, cause)


def confusion(pairs: Iterable[tuple[str, str]]) -> dict[str, dict[str, int]]:
    """Of *pairs* of a stance that is right and one that was read: right → read → how many."""
    found = Counter(pairs)
    names = [stance.value for stance in Stance]
    return {right: {read: found[right, read] for read in names} for right in names}


def _same_stance(wanted: str, given: str | None) -> bool:
    # Whether a permission with a condition is "allowed" or "conditional" is often a matter of taste.
    return given == wanted or {given, wanted} <= {"allowed", "conditional"}


def triage_figures(
    messages: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> dict[str, Share]:
    """Recall of urgent messages and reports, the right form, and questions called either."""
    by = {
        label: [(m, a) for m, a in zip(messages, answers, strict=True) if m["label"] == label]
        for label in ("urgent", "report", "question")
    }
    return {
        "urgent: recall": share(a["route"] == "urgent" for _, a in by["urgent"]),
        "report: recall (report or urgent)": share(a["route"] != "question" for _, a in by["report"]),
        "report: right form": share(a["form"] == m.get("form") for m, a in by["report"]),
        "questions called urgent": share(a["route"] == "urgent" for _, a in by["question"]),
        "questions called report": share(a["route"] == "report" for _, a in by["question"]),
    }


def scope_figures(
    messages: Sequence[Mapping[str, Any]], answers: Sequence[Mapping[str, Any]]
) -> dict[str, Share]:
    """Wrongly answered, for each kind of message out of scope."""
    kinds = sorted({str(message["kind"]) for message in messages})
    pairs = list(zip(messages, answers, strict=True))
    return {
        f"{kind}: wrongly answered": share(bool(a["answered"]) for m, a in pairs if m["kind"] == kind)
        for kind in kinds
    }
