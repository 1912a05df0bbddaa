"""Texts to readings: each text encoded once, and kept by its hash for the next build."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from index.embeddings import Embeddings, Vector
from index.encoder import Encoder, Matrix, Reading
from index.errors import WrongModel

CHUNK = 256
"""How many texts are encoded between two savings: what a killed build does not lose."""
NO_WORDS = np.zeros((0, 1), np.float32)
Progress: TypeAlias = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Reader:
    """What encodes, under what name, and where it is kept."""

    encoder: Callable[[], Encoder]
    """Called only if something has to be encoded."""
    name: str
    kept: Embeddings

    @property
    def words(self) -> str:
        """The name under which words and stances are kept beside the vectors."""
        return f"{self.name} words"


def readings(
    reader: Reader, every: Sequence[str], whole: Collection[str], progress: Progress
) -> tuple[dict[str, Reading], int]:
    """
    A reading for each of *every*, and how many were encoded; words and stances for those in *whole* only.

    Raises:
        WrongModel: something had to be encoded, and the encoder is another or gives no numbers.
    """
    texts = {hashed(text): text for text in every}
    spoken = {hashed(text) for text in whole}
    vectors = reader.kept.get(reader.name, list(texts))
    words = reader.kept.get(reader.words, list(spoken))
    held = {
        key: unpacked(vector, words[key]) if key in spoken else Reading(vector, NO_WORDS)
        for key, vector in vectors.items()
        if key not in spoken or key in words
    }
    missing = {key: text for key, text in texts.items() if key not in held}
    if missing:
        held |= _encode(reader, missing, spoken, progress)
    return {text: held[key] for key, text in texts.items()}, len(missing)


def hashed(text: str) -> str:
    """What names a text's content."""
    return hashlib.sha256(text.encode()).hexdigest()


def _encode(
    reader: Reader, texts: Mapping[str, str], spoken: Collection[str], progress: Progress
) -> dict[str, Reading]:
    """Encode *texts*, keeping their vectors, and the words of those in *spoken*, as they come."""
    encoder = reader.encoder()
    if encoder.name != reader.name:
        raise WrongModel(f"the encoder is {encoder.name}, not {reader.name}: build again")
    keys = list(texts)
    held: dict[str, Reading] = {}
    for start in range(0, len(keys), CHUNK):
        chunk = keys[start : start + CHUNK]
        heard = _shifted(progress, start, len(keys))
        read = dict(zip(chunk, encoder.read([texts[key] for key in chunk], heard), strict=True))
        if not all(np.isfinite(reading.vector).all() for reading in read.values()):
            raise WrongModel(f"{encoder.name}: gives vectors that are not numbers; choose another model")
        reader.kept.put(reader.name, chunk, [reading.vector for reading in read.values()])
        whole = [key for key in chunk if key in spoken]
        reader.kept.put(reader.words, whole, [packed(read[key]) for key in whole])
        held |= read
    return held


def _shifted(progress: Progress, start: int, total: int) -> Callable[[int], None]:
    return lambda done: progress("encoding", start + done, total)


def packed(reading: Reading) -> Vector:
    """Return words and stances as one row: a word's width, how many stances, the stances, the words."""
    head = np.array([reading.words.shape[1], len(reading.stances)], np.float32)
    return np.concatenate([head, reading.stances, reading.words.ravel()]).astype(np.float32)


def unpacked(vector: Matrix, row: Vector) -> Reading:
    """Read back what `packed` returned, beside the *vector* of the same text."""
    width, stances = int(row[0]), int(row[1])
    return Reading(vector, row[2 + stances :].reshape(-1, width), row[2 : 2 + stances])
