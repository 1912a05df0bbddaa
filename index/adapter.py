"""The adapter: small corrections to the bundled model's weights, learnt from the topic bank."""

from collections.abc import Mapping

import safetensors.torch
import torch

RANK = 16
# The usual strength of such an adapter: twice the product of its two factors.
STRENGTH = 2.0
ADAPTED = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
LAYERS = 6
NARROW = "words.narrow"
"""The matrix that makes a word's vector narrow: the directions in which words differ most."""
STANCE = "stance"
"""The head that reads a clause's stance: "stance.weight" and "stance.bias"."""

Weights = Mapping[str, torch.Tensor]


def names() -> list[str]:
    """The weight matrices that the adapter corrects."""
    return [f"encoder.layer.{layer}.{part}.weight" for layer in range(LAYERS) for part in ADAPTED]


def corrected(weights: Weights, factors: Weights) -> dict[str, torch.Tensor]:
    """*weights* with each adapted matrix plus its correction, the product of the factors `down` and `up`."""
    changed = {
        name: weights[name] + STRENGTH * factors[f"{name}.up"] @ factors[f"{name}.down"] for name in names()
    }
    return {**weights, **changed}


def load(content: bytes) -> dict[str, torch.Tensor]:
    """The factors stored in *content*, in full precision."""
    return {name: factor.float() for name, factor in safetensors.torch.load(content).items()}
