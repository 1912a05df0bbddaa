"""The bundled all-MiniLM-L6-v2: its tokeniser and its forward pass, in plain torch."""

from collections.abc import Sequence
from pathlib import Path

import safetensors.torch
import torch
from tokenizers import Tokenizer
from torch.nn import functional

LAYERS = 6
HEADS = 12
EPSILON = 1e-12
MOST_TOKENS = 256
"""The published limit: what follows in a longer text is not read."""


class MiniLM:
    """
    The published model without its libraries, whose import alone takes longer than many a question.

    Its vectors equal those of sentence-transformers, which a test holds it to.
    """

    dimension = 384

    def __init__(self, folder: Path, weights: bytes) -> None:
        """Take the tokeniser from *folder*, and the *weights* as read by whoever checked them."""
        self._weights = safetensors.torch.load(weights)
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(MOST_TOKENS)
        self._tokenizer.enable_padding()

    @torch.inference_mode()
    def embed(self, texts: Sequence[str]) -> torch.Tensor:
        """Return one vector of unit length a text; at least one text, all run as one batch."""
        encodings = self._tokenizer.encode_batch(list(texts))
        tokens = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        hidden = self._embeddings(tokens)
        # Where nothing is padded there is nothing to mask, and one question alone is then faster.
        visible = None if bool(mask.all()) else mask.bool()[:, None, None, :]
        for layer in range(LAYERS):
            hidden = self._layer(f"encoder.layer.{layer}", hidden, visible)
        weight = mask.unsqueeze(-1).float()
        return functional.normalize((hidden * weight).sum(1) / weight.sum(1))

    def _embeddings(self, tokens: torch.Tensor) -> torch.Tensor:
        weights = self._weights
        words = weights["embeddings.word_embeddings.weight"][tokens]
        places = weights["embeddings.position_embeddings.weight"][: tokens.shape[1]]
        kind = weights["embeddings.token_type_embeddings.weight"][0]
        return self._norm("embeddings.LayerNorm", words + kind + places)

    def _layer(self, at: str, hidden: torch.Tensor, visible: torch.Tensor | None) -> torch.Tensor:
        query, key, value = (self._heads(f"{at}.attention.self.{part}", hidden) for part in _PARTS)
        seen = functional.scaled_dot_product_attention(query, key, value, attn_mask=visible)
        joined = seen.transpose(1, 2).reshape(hidden.shape)
        attended = self._linear(f"{at}.attention.output.dense", joined)
        hidden = self._norm(f"{at}.attention.output.LayerNorm", attended + hidden)
        wide = functional.gelu(self._linear(f"{at}.intermediate.dense", hidden))
        return self._norm(f"{at}.output.LayerNorm", self._linear(f"{at}.output.dense", wide) + hidden)

    def _heads(self, at: str, hidden: torch.Tensor) -> torch.Tensor:
        texts, length, _ = hidden.shape
        return self._linear(at, hidden).view(texts, length, HEADS, -1).transpose(1, 2)

    def _linear(self, at: str, values: torch.Tensor) -> torch.Tensor:
        return functional.linear(values, self._weights[f"{at}.weight"], self._weights[f"{at}.bias"])

    def _norm(self, at: str, values: torch.Tensor) -> torch.Tensor:
        weight, bias = self._weights[f"{at}.weight"], self._weights[f"{at}.bias"]
        return functional.layer_norm(values, weight.shape, weight, bias, EPSILON)


_PARTS = ("query", "key", "value")
