"""The bundled all-MiniLM-L6-v2: its tokeniser and its forward pass, in plain torch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import safetensors.torch
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from index.adapter import NARROW, STANCE, STRENGTH, corrected, load

Weights: TypeAlias = Mapping[str, torch.Tensor]

LAYERS = 6
HEADS = 12
EPSILON = 1e-12
MOST_TOKENS = 256
"""The published limit: what follows in a longer text is not read."""
_PARTS = ("query", "key", "value")


class MiniLM:
    """
    The published model without its libraries, whose import alone takes longer than many a question.

    Its vectors equal those of sentence-transformers, which a test holds it to.
    """

    dimension = 384

    def __init__(self, folder: Path, weights: bytes, adapter: bytes = b"") -> None:
        """Take the tokeniser from *folder*; *weights* and *adapter* as read by whoever checked them."""
        self._weights = safetensors.torch.load(weights)
        factors = load(adapter) if adapter else {}
        self._narrow = factors.pop(NARROW, None)
        head = [factors.pop(f"{STANCE}.{part}", None) for part in ("weight", "bias")]
        self._head = [part for part in head if part is not None]
        if factors:
            self._weights = corrected(self._weights, factors)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """Return one vector of unit length a text; at least one text, all run as one batch."""
        return self.forward(texts, self._weights).vectors

    @torch.inference_mode()
    def read(self, texts: Sequence[str]) -> list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]:
        """
        Return of each text its vector, one of unit length for each of its words, and its stances.

        The stances are those of the adapter's head, one number for each of `modality.Stance`.
        """
        batch = self.forward(texts, self._weights)
        words = batch.words @ self._narrow if self._narrow is not None else batch.words
        words = functional.normalize(words, dim=-1)
        stances = functional.linear(batch.gist, *self._head) if self._head else torch.zeros(len(texts), 0)
        return [(batch.vectors[at], words[at][batch.spoken[at]], stances[at]) for at in range(len(texts))]

    def forward(self, texts: Sequence[str], weights: Mapping[str, torch.Tensor]) -> "Batch":
        """Run *texts* with other *weights*; gradients flow, so that an adapter can be learnt."""
        encodings = self._tokenizer.encode_batch(list(texts))
        tokens = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        hidden = _embeddings(weights, tokens)
        # Where nothing is padded there is nothing to mask, and one question alone is then faster.
        visible = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for layer in range(LAYERS):
            hidden = _layer(weights, f"encoder.layer.{layer}", hidden, visible)
        weight = mask.unsqueeze(-1).float()
        mean = (hidden * weight).sum(1) / weight.sum(1)
        gist = torch.cat([mean, hidden[:, 0]], dim=1)
        return Batch(functional.normalize(mean), functional.normalize(hidden, dim=-1), _spoken(mask), gist)


@dataclass(frozen=True, slots=True)
class Batch:
    """Some texts run together: a vector a text, a vector a token, and which tokens are words of the text."""

    vectors: torch.Tensor
    words: torch.Tensor
    spoken: torch.Tensor
    gist: torch.Tensor
    """A text's mean, not of unit length, and its first mark: what heads read."""


def _spoken(mask: torch.Tensor) -> torch.Tensor:
    """Which tokens are neither padding nor the marks that the model sets before and behind a text."""
    spoken = mask.bool()
    spoken[:, 0] = False
    spoken[torch.arange(len(mask)), mask.sum(1) - 1] = False
    return spoken


def _embeddings(weights: Weights, tokens: torch.Tensor) -> torch.Tensor:
    words = weights["embeddings.word_embeddings.weight"][tokens]
    places = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    return _norm(weights, "embeddings.LayerNorm", words + kind + places)


def _layer(weights: Weights, at: str, hidden: torch.Tensor, visible: torch.Tensor | None) -> torch.Tensor:
    query, key, value = (_heads(weights, f"{at}.attention.self.{part}", hidden) for part in _PARTS)
    seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
    joined = seen.transpose(1, 2).reshape(hidden.shape)
    attended = _linear(weights, f"{at}.attention.output.dense", joined)
    hidden = _norm(weights, f"{at}.attention.output.LayerNorm", attended + hidden)
    wide = functional.gelu(_linear(weights, f"{at}.intermediate.dense", hidden))
    return _norm(weights, f"{at}.output.LayerNorm", _linear(weights, f"{at}.output.dense", wide) + hidden)


def _heads(weights: Weights, at: str, hidden: torch.Tensor) -> torch.Tensor:
    texts, length, _ = hidden.shape
    return _linear(weights, at, hidden).view(texts, length, HEADS, -1).transpose(1, 2)


def _linear(weights: Weights, at: str, values: torch.Tensor) -> torch.Tensor:
    product = functional.linear(values, weights[f"{at}.weight"], weights[f"{at}.bias"])
    down = weights.get(f"{at}.weight.down")
    if down is None:
        return product
    # While an adapter is learnt its factors stand apart: the whole matrix needs no gradient of its own.
    return product + STRENGTH * functional.linear(functional.linear(values, down), weights[f"{at}.weight.up"])


def _norm(weights: Weights, at: str, values: torch.Tensor) -> torch.Tensor:
    weight, bias = weights[f"{at}.weight"], weights[f"{at}.bias"]
    return functional.layer_norm(values, weight.shape, weight, bias, EPSILON)
