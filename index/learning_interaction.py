"""Learns the interaction from practice questions: `python -m index.learning_interaction`; four minutes."""

import hashlib
import json
import math
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional

from index import interaction
from index.encoder import Encoder, Reading, SentenceEncoder, adapter_hash
from index.interaction import BOTH_SCALE, MOST_LEANING, WORD_SCALE, meeting
from index.late import Words
from index.passages import in_place
from index.practice import PracticePolicy, policies

SEED = 20261121
EPOCHS = 4
BATCH = 64
RATE = 1e-3
MIX_RATE = 2e-2
DECAY = 0.05
HIDDEN = 64
FORGOTTEN = 0.1
MOST_WORDS = 24
"""What follows in a longer question, one of seventy here, is not learnt from."""
CANDIDATES = 8
"""The nearest clauses of its own policy that a question is read with; the right one is among them."""
MISSING = 0.1
"""How often the right clause is left out, and none is right: policies without it are to be expected."""
# Where the mixture begins: as the search weighs words and vectors, drawn out as in the adapter's lessons.
_WORDS, _VECTOR, _NONE = 14.0, 6.0, 9.0
_WORDS_SHARE = 0.7
_FACTS = 4


@dataclass(frozen=True, slots=True)
class Lessons:
    """All questions with their candidates; a row a question in everything but *clause_words*."""

    words: torch.Tensor
    """Questions × words × numbers, filled up with zeros."""
    spoken: torch.Tensor
    nearest: torch.Tensor
    """Questions × candidates × words: the row of *clause_words* that each word met."""
    clause_words: torch.Tensor
    facts: torch.Tensor
    """Questions × candidates × (how much of it was meant, of its best words, its length, the cosine)."""
    there: torch.Tensor
    """Questions × candidates: whether there are so many."""
    right: torch.Tensor
    """The place of the right candidate, or one behind the last where no clause settles it."""


class Net(torch.nn.Module):
    """`interaction.Interaction` as it is learnt; it changes nothing of the late interaction at first."""

    def __init__(self, width: int) -> None:
        """Make a net for words of *width* numbers."""
        super().__init__()
        self.word, self.meeting = _two_layers(width), _two_layers(2 * width + 1)
        self.mix = torch.nn.Parameter(torch.tensor([_WORDS, 0.0, 0.0, 0.0, _VECTOR]))
        self.none = torch.nn.Parameter(torch.tensor(_NONE))

    def forward(self, lessons: Lessons, rows: torch.Tensor) -> torch.Tensor:
        """How likely each candidate of the questions *rows* settles it, and last that none does."""
        words, spoken = lessons.words[rows].float(), lessons.spoken[rows]
        leaning = self.word(words * WORD_SCALE).squeeze(-1).clamp(-MOST_LEANING, MOST_LEANING)
        counts = leaning.exp() * spoken
        counts = counts / counts.sum(1, keepdim=True).clamp(min=1e-6)
        met = lessons.clause_words[lessons.nearest[rows]]
        beside = words[:, None].expand_as(met)
        near = (beside * met).sum(-1, keepdim=True)
        seen = torch.cat([beside * WORD_SCALE, beside * met * BOTH_SCALE, near], dim=-1)
        judged = (near + self.meeting(seen)).squeeze(-1)
        late = (counts[:, None] * judged).sum(-1, keepdim=True)
        scores = torch.cat([late, lessons.facts[rows]], dim=-1) @ self.mix
        scores = scores.masked_fill(~lessons.there[rows], -1e4)
        return torch.cat([scores, self.none.expand(len(rows), 1)], dim=1)

    def stored(self) -> dict[str, np.ndarray]:
        """The weights by the names under which `Interaction` reads them, in half precision."""
        layers = {"0": "0", "3": "1"}
        named: dict[str, np.ndarray] = {}
        for name, weight in self.state_dict().items():
            part, _, rest = name.partition(".")
            layer, _, kind = rest.partition(".")
            key = f"{part}.{layers[layer]}.{kind}" if rest else name
            named[key] = weight.numpy().astype(np.float16)
        return named


def _two_layers(width: int) -> torch.nn.Sequential:
    last = torch.nn.Linear(HIDDEN, 1)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)
    first = torch.nn.Linear(width, HIDDEN)
    return torch.nn.Sequential(first, torch.nn.ReLU(), torch.nn.Dropout(FORGOTTEN), last)


def write_interaction(taught: Sequence[PracticePolicy], file: Path = interaction.FILE) -> None:
    """Learn from *taught* with the adapter that stands on disk; write what was learnt, and a note of it."""
    lessons = lessons_of(taught, SentenceEncoder.open())
    torch.manual_seed(SEED)
    net = Net(lessons.words.shape[-1])
    losses = []
    for loss in learn(net, lessons, EPOCHS):
        losses.append(round(loss, 4))
        sys.stderr.write(f"interaction, epoch {len(losses)} of {EPOCHS}: loss {loss:.3f}\n")
    np.savez_compressed(file, adapter=np.array(adapter_hash()), **net.stored())  # type: ignore[arg-type]
    note = _note(taught, file, losses)
    file.with_suffix(".json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")


def _note(taught: Sequence[PracticePolicy], file: Path, losses: Sequence[float]) -> dict[str, object]:
    data = [[policy.name, [[it.full, it.asked] for it in policy.clauses], policy.silent] for policy in taught]
    return {
        "trained": f"{datetime.now(UTC):%Y-%m-%d}",
        "policies": len(taught),
        "questions": sum(len(policy.questions()) for policy in taught),
        "silent": sum(len(policy.silent) for policy in taught),
        "data_sha256": hashlib.sha256(json.dumps(data).encode()).hexdigest(),
        "adapter_sha256": adapter_hash(),
        "interaction_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "recipe": {
            "hidden": HIDDEN,
            "candidates": CANDIDATES,
            "missing": MISSING,
            "epochs": EPOCHS,
            "batch": BATCH,
            "rate": RATE,
            "rate_of_the_mixture": MIX_RATE,
            "decay": DECAY,
            "forgotten": FORGOTTEN,
            "most_words": MOST_WORDS,
            "seed": SEED,
        },
        "loss_by_epoch": losses,
    }


def learn(net: Net, lessons: Lessons, epochs: int) -> Iterator[float]:
    """Learn, and give the mean loss of each epoch; the same from the same seed of torch."""
    mixture = [net.mix, net.none]
    optimiser = torch.optim.AdamW(
        [
            {"params": [*net.word.parameters(), *net.meeting.parameters()], "lr": RATE},
            {"params": mixture, "lr": MIX_RATE, "weight_decay": 0.0},
        ],
        weight_decay=DECAY,
    )
    count = len(lessons.right)
    steps = max(1, epochs * math.ceil(count / BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * min(1, step / steps)))
    )
    for _ in range(epochs):
        losses = []
        for rows in torch.split(torch.randperm(count), BATCH):
            loss = loss_of(net, lessons, rows)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
        yield sum(losses) / len(losses)
    net.eval()


def loss_of(net: Net, lessons: Lessons, rows: torch.Tensor) -> torch.Tensor:
    """How wrong *net* is about the questions *rows*, the right clause missing for some of them."""
    scores, right = net(lessons, rows), lessons.right[rows]
    none = scores.shape[1] - 1
    missing = (torch.rand(len(rows)) < MISSING) & (right != none)
    gone = functional.one_hot(right, none + 1).bool() & missing[:, None]
    return functional.cross_entropy(scores.masked_fill(gone, -1e4), right.masked_fill(missing, none))


def lessons_of(taught: Sequence[PracticePolicy], encoder: Encoder) -> Lessons:
    """Every question of *taught*, and what is asked in vain, with the nearest clauses of its own policy."""
    asked: list[_Asked] = []
    clause_words: list[np.ndarray] = []
    first = 0
    for number, policy in enumerate(taught, 1):
        clauses = encoder.read([in_place(clause.section, clause.full) for clause in policy.clauses])
        questions = [*policy.questions(), *((message, None) for message in policy.silent)]
        readings = encoder.read([question for question, _ in questions])
        own = _Own.of(clauses, first)
        asked += [own.asked(each, at) for each, (_, at) in zip(readings, questions, strict=True)]
        clause_words += [clause.words for clause in clauses]
        first += sum(len(clause.words) for clause in clauses)
        sys.stderr.write(f"read policy {number} of {len(taught)}\n")
    return Lessons(
        words=torch.stack([each.words for each in asked]),
        spoken=torch.stack([each.spoken for each in asked]),
        nearest=torch.stack([each.nearest for each in asked]),
        clause_words=torch.from_numpy(np.concatenate(clause_words)),
        facts=torch.stack([each.facts for each in asked]),
        there=torch.stack([each.there for each in asked]),
        right=torch.tensor([each.right for each in asked]),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question's row of each part of `Lessons`."""

    words: torch.Tensor
    spoken: torch.Tensor
    nearest: torch.Tensor
    facts: torch.Tensor
    there: torch.Tensor
    right: int


@dataclass(frozen=True, slots=True)
class _Own:
    """The clauses of one policy, among all whose words stand one below the other from *first* on."""

    clauses: Sequence[Reading]
    vectors: np.ndarray
    words: Words
    starts: np.ndarray
    first: int

    @classmethod
    def of(cls, clauses: Sequence[Reading], first: int) -> "_Own":
        starts = np.cumsum([0, *(len(clause.words) for clause in clauses[:-1])])
        vectors = np.stack([clause.vector for clause in clauses])
        return cls(clauses, vectors, Words.of([clause.words for clause in clauses]), starts, first)

    def asked(self, question: Reading, settled: int | None) -> _Asked:
        words = question.words[:MOST_WORDS]
        whole = self.vectors @ question.vector
        late, _ = self.words.likeness(words)
        order = np.argsort(-(_WORDS_SHARE * late + (1 - _WORDS_SHARE) * whole), kind="stable")
        candidates = [int(at) for at in order[:CANDIDATES]]
        if settled is not None and settled not in candidates:
            candidates[-1] = settled
        row = _Asked(
            torch.zeros(MOST_WORDS, words.shape[1], dtype=torch.float16),
            torch.arange(MOST_WORDS) < len(words),
            torch.zeros(CANDIDATES, MOST_WORDS, dtype=torch.long),
            torch.zeros(CANDIDATES, _FACTS),
            torch.arange(CANDIDATES) < len(candidates),
            CANDIDATES if settled is None else candidates.index(settled),
        )
        row.words[: len(words)] = torch.from_numpy(words)
        for place, at in enumerate(candidates):
            met, meant = meeting(words, self.clauses[at].words)
            row.nearest[place, : len(words)] = torch.from_numpy(met + self.first + self.starts[at])
            row.facts[place] = torch.tensor([*meant, float(whole[at])])
        return row


if __name__ == "__main__":
    write_interaction(policies())
