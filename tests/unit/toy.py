"""A toy encoder: words hashed into a small vector, which tests retrieval exactly, without a model."""

import zlib

import numpy as np

from index.clauses import Clause
from index.encoder import Reading
from index.errors import UnreadableDocument


class ToyEncoder:
    """Implements `Encoder`; texts that share words are near, and `encoded` keeps every text it was given."""

    def __init__(self, name="toy", dimension=64):
        self.name = name
        self.dimension = dimension
        self.encoded = []

    def encode(self, texts, progress=None):
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for row, text in enumerate(texts):
            # Never all zeros: a text without words points somewhere too.
            for word in text.casefold().split() or [""]:
                vectors[row, zlib.crc32(word.strip(".,;:?!").encode()) % self.dimension] += 1
        self.encoded += texts
        if progress:
            progress(len(texts))
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def read(self, texts, progress=None):
        vectors = self.encode(texts, progress)
        return [
            Reading(vector, ToyEncoder(dimension=self.dimension).encode(text.split() or [""]))
            for text, vector in zip(texts, vectors, strict=True)
        ]


def cut_lines(path):
    """Cut a text file into a clause a line, so that a build is tested without the real cutting."""
    content = path.read_text()
    if content.startswith("BROKEN"):
        raise UnreadableDocument(path.name, "it is broken", "Save it again")
    lines = content.splitlines()
    return [Clause(str(number), "", "Rules", "", line) for number, line in enumerate(lines, 1)]
