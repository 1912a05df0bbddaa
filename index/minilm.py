"""The bundled all-MiniLM-L6-v2: its tokeniser and its forward pass, in plain torch."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import safetensors.torch
import torch
from tokenizers import Tokenizer
from torch.nn import functional

from index.adapter import STRENGTH, corrected, load

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
        if adapter:
            self._weights = corrected(self._weights, load(adapter))
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """Return one vector of unit length a text; at least one text, all run as one batch."""
        return self.forward(texts, self._weights)

    def forward(self, texts: Sequence[str], weights: Mapping[str, torch.Tensor]) -> torch.Tensor:
        """Do what `embed` does with other *weights*; gradients flow, so that an adapter can be learnt."""
        encodings = self._tokenizer.encode_batch(list(texts))
        tokens = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        hidden = _embeddings(weights, tokens)
        # Where nothing is padded there is nothing to mask, and one question alone is then faster.
        visible = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for layer in range(LAYERS):
            hidden = _layer(weights, f"encoder.layer.{layer}", hidden, visible)
        weight = mask.unsqueeze(-1).float()
        return functional.normalize((hidden * weight).sum(1) / weight.sum(1))


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
