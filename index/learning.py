"""What the adapter learns by: lessons from practice policies and the topic bank, and their losses."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import torch
from torch.nn import functional

from index.minilm import Batch, MiniLM
from index.modality import Stance
from index.passages import in_place
from index.practice import PracticePolicy
from index.topics import Topic

# Questions of one policy in one lesson, and how many policies share it: a question is to find its clause
# among the clauses of its own document and of another; of a long one, among as many as fit.
ASKED = 48
FITTING = 48
POLICIES = 2
TOPICS = 48
# Lessons from the bank for each lesson from the policies.
BANK_SHARE = 0.5
EXAMPLES = 6
UNDER_HEADING = 0.85
"""How often a clause is read with its heading; without it at other times, as some documents have none."""
SCALE = 20.0
"""Cosines times twenty before the softmax, as the bundled model itself was trained."""
WORDS_SCALE = 30.0
"""A mean over words varies less than a cosine, so it is drawn out further."""
TOLD_APART = 0.3
"""What stances and the labels of examples weigh beside finding the clause."""
NOWHERE = -1
_BUCKETS = 3

STANCES = tuple(Stance)
Ran: TypeAlias = Sequence[tuple[list[int], Batch]]
"""Batches, each with the places of its texts."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """One step: questions, clauses, and which clause settles which question."""

    asked: list[str]
    ruled: list[str]
    stances: list[str]
    right: list[int]
    """For each question the place of its clause, or `NOWHERE`."""
    among: list[tuple[int, int]]
    """For each question the places of its own document; what no clause settles is judged against these."""
    examples: list[tuple[str, int]]
    """Messages with the number of their label."""
    both_ways: bool = False
    """A clause is to find its question as well: only where each clause stands once."""


@dataclass(frozen=True, slots=True)
class Material:
    """What lessons are drawn from."""

    policies: Sequence[PracticePolicy]
    bank: Sequence[Topic]
    examples: Mapping[str, Sequence[str]]
    """Messages by label, such as "urgent"."""


@dataclass(frozen=True, slots=True)
class Heads:
    """What is learnt beside the factors; only the stance's are kept."""

    nowhere: torch.Tensor
    """How near a clause has to be, by vector and by words, before it is taken for an answer."""
    stance: torch.nn.Linear
    label: torch.nn.Linear

    @classmethod
    def fresh(cls, width: int, labels: int) -> "Heads":
        """Heads that know nothing yet, for vectors of *width* numbers."""
        nowhere = torch.tensor([0.45, 0.45], requires_grad=True)
        stance = torch.nn.Linear(2 * width, len(STANCES))
        return cls(nowhere, stance, torch.nn.Linear(width, max(labels, 1)))

    def parameters(self) -> list[torch.Tensor]:
        """Everything that changes while learning."""
        return [self.nowhere, *self.stance.parameters(), *self.label.parameters()]


def lessons(material: Material, rng: random.Random) -> list[Lesson]:
    """One epoch: every question of every policy once, and lessons from the bank between."""
    drawn = _policy_lessons(material.policies, rng)
    drawn += [_bank_lesson(material, rng) for _ in range(math.ceil(len(drawn) * BANK_SHARE))]
    rng.shuffle(drawn)
    return drawn


def _policy_lessons(policies: Sequence[PracticePolicy], rng: random.Random) -> list[Lesson]:
    parts: list[tuple[PracticePolicy, list[tuple[str, int]]]] = []
    for policy in policies:
        asked = policy.questions() + [(message, NOWHERE) for message in policy.silent]
        rng.shuffle(asked)
        count = max(1, math.ceil(len(policy.questions()) / ASKED))
        parts += [(policy, asked[start::count]) for start in range(count)]
    rng.shuffle(parts)
    return [_policy_lesson(parts[start : start + POLICIES], rng) for start in range(0, len(parts), POLICIES)]


def _policy_lesson(
    parts: Sequence[tuple[PracticePolicy, list[tuple[str, int]]]], rng: random.Random
) -> Lesson:
    lesson = Lesson([], [], [], [], [], [])
    for policy, asked in parts:
        first = len(lesson.ruled)
        shown = {at: first + place for place, at in enumerate(_fitting(policy, asked, rng))}
        for clause in (policy.clauses[at] for at in shown):
            placed = rng.random() < UNDER_HEADING
            lesson.ruled.append(in_place(clause.section, clause.full) if placed else clause.full)
            lesson.stances.append(clause.stance)
        lesson.asked.extend(question for question, _ in asked)
        lesson.right.extend(shown.get(at, NOWHERE) for _, at in asked)
        lesson.among.extend([(first, len(lesson.ruled))] * len(asked))
    return lesson


def _fitting(policy: PracticePolicy, asked: Sequence[tuple[str, int]], rng: random.Random) -> list[int]:
    """The places of the clauses that *asked* is settled by, and of others up to `FITTING`."""
    settling = {at for _, at in asked if at != NOWHERE}
    others = [at for at in range(len(policy.clauses)) if at not in settling]
    return sorted(settling | set(rng.sample(others, min(len(others), max(0, FITTING - len(settling))))))


def _bank_lesson(material: Material, rng: random.Random) -> Lesson:
    """A phrasing and a wording each of some topics, and some messages of each label."""
    topics = rng.sample(list(material.bank), min(TOPICS, len(material.bank)))
    ruled = [rng.choice(list(zip(topic.ruled, topic.stances, strict=True))) for topic in topics]
    examples = [
        (rng.choice(messages), at)
        for at, messages in enumerate(material.examples.values())
        for _ in range(EXAMPLES)
    ]
    return Lesson(
        [rng.choice(topic.asked) for topic in topics],
        [text for text, _ in ruled],
        [stance for _, stance in ruled],
        list(range(len(topics))),
        [(0, len(topics))] * len(topics),
        examples,
        both_ways=True,
    )


@dataclass(frozen=True, slots=True)
class Learner:
    """The model with what of it changes."""

    model: MiniLM
    weights: Mapping[str, torch.Tensor]
    factors: Mapping[str, torch.Tensor]
    heads: Heads

    def loss_of(self, lesson: Lesson) -> torch.Tensor:
        """How wrong the model is about *lesson* as its factors and heads now stand."""
        asked, ruled = self._run(lesson.asked), self._run(lesson.ruled)
        loss = _finding(*_scores(asked, ruled), self.heads, lesson)
        gist = torch.cat([batch.gist for _, batch in ruled])[_inverse(ruled)]
        stances = torch.tensor([STANCES.index(Stance(stance)) for stance in lesson.stances])
        loss = loss + TOLD_APART * functional.cross_entropy(self.heads.stance(gist), stances)
        return loss + TOLD_APART * self._labelling(lesson) if lesson.examples else loss

    def _labelling(self, lesson: Lesson) -> torch.Tensor:
        ran = self._run([message for message, _ in lesson.examples])
        vectors = torch.cat([batch.vectors for _, batch in ran])[_inverse(ran)]
        labels = torch.tensor([label for _, label in lesson.examples])
        return functional.cross_entropy(self.heads.label(SCALE * vectors), labels)

    def _run(self, texts: Sequence[str]) -> Ran:
        """Run *texts* by length, so that little is padding."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        size = math.ceil(len(texts) / _BUCKETS)
        buckets = [order[start : start + size] for start in range(0, len(order), size)]
        changed = {**self.weights, **self.factors}
        return [
            (places, self.model.forward([texts[place] for place in places], changed)) for places in buckets
        ]


def _scores(asked: Ran, ruled: Ran) -> tuple[torch.Tensor, torch.Tensor]:
    """How near each question is to each clause: as vectors, and word by word."""
    whole = torch.cat([batch.vectors for _, batch in asked]) @ torch.cat([b.vectors for _, b in ruled]).T
    words = torch.cat([torch.cat([_late(some, others) for _, others in ruled], dim=1) for _, some in asked])
    rows, columns = _inverse(asked), _inverse(ruled)
    return whole[rows][:, columns], words[rows][:, columns]


def _inverse(ran: Ran) -> torch.Tensor:
    return torch.argsort(torch.tensor([place for places, _ in ran for place in places]))


def _late(asked: Batch, ruled: Batch) -> torch.Tensor:
    """For each question and clause the mean, over the question's words, of the nearest of the clause's."""
    questions, length, width = asked.words.shape
    clauses, longest, _ = ruled.words.shape
    cosines = asked.words.reshape(-1, width) @ ruled.words.reshape(-1, width).T
    cosines = cosines.view(questions, length, clauses, longest)
    nearest = cosines.masked_fill(~ruled.spoken[None, None], -2.0).amax(-1)
    spoken = asked.spoken.unsqueeze(-1)
    return (nearest * spoken).sum(1) / spoken.sum(1).clamp(min=1)


def _finding(whole: torch.Tensor, words: torch.Tensor, heads: Heads, lesson: Lesson) -> torch.Tensor:
    """Each question is to find its clause, or none; by its vector, by its words, and by both together."""
    near, far = heads.nowhere
    ways = (
        (whole, near, SCALE),
        (words, far, WORDS_SCALE),
        ((whole + 2 * words) / 3, (near + 2 * far) / 3, SCALE),
    )
    losses = [_found(scores, nowhere, scale, lesson) for scores, nowhere, scale in ways]
    if lesson.both_ways:
        own = torch.tensor(lesson.right)
        losses += [functional.cross_entropy(scores.T * scale, own) for scores, _, scale in ways[:2]]
    return torch.stack(losses).mean()


def _found(scores: torch.Tensor, nowhere: torch.Tensor, scale: float, lesson: Lesson) -> torch.Tensor:
    right = torch.tensor(lesson.right)
    places = torch.arange(scores.shape[1])
    among = torch.tensor(lesson.among)
    own = (places >= among[:, :1]) & (places < among[:, 1:])
    scores = scores.masked_fill((right == NOWHERE)[:, None] & ~own, -2.0)
    if not lesson.both_ways:
        scores = torch.cat([scores, nowhere.expand(len(scores), 1)], dim=1)
    target = torch.where(right == NOWHERE, scores.shape[1] - 1, right)
    return functional.cross_entropy(scores * scale, target)


def epochs(material: Material, count: int, rng: random.Random) -> Iterator[list[Lesson]]:
    """The lessons of *count* epochs, drawn anew for each."""
    for _ in range(count):
        yield lessons(material, rng)
