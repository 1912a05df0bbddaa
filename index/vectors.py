"""Exact search among vectors of unit length; the only place that knows faiss."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.encoder import Matrix
from index.errors import DamagedIndex

HASH = hashlib.sha256().digest_size


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of one school, so that no search can return another school's clause."""

    _index: Any

    @classmethod
    def of(cls, matrix: Matrix) -> "Vectors":
        """Hold the rows of *matrix*, each of unit length; a row's place is what `search` returns."""
        import faiss  # noqa: PLC0415 - reading clauses without searching them needs no faiss

        rows = np.ascontiguousarray(matrix, np.float32)
        index = faiss.IndexFlatIP(rows.shape[1])
        if len(rows):
            index.add(rows)
        return cls(index)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def rows(self) -> Matrix:
        """Return the rows themselves, in order."""
        return np.asarray(self._index.reconstruct_n(0, len(self)), np.float32)

    def search(self, vector: Matrix, k: int) -> list[tuple[int, float]]:
        """
        Return the *k* nearest rows, or all if they are fewer, as (place, cosine), best first.

        Raises:
            DamagedIndex: *vector* has another length than the rows: it comes from another model.
        """
        if not len(self):
            return []
        if vector.size != self._index.d:
            raise DamagedIndex(f"the index holds vectors of {self._index.d} numbers, not {vector.size}")
        row = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        scores, places = self._index.search(row, min(k, len(self)))
        return [(int(place), float(score)) for place, score in zip(places[0], scores[0], strict=True)]

    def to_bytes(self) -> bytes:
        """Return what `from_bytes` reads back, with its own checksum."""
        import faiss  # noqa: PLC0415 - as above

        content = faiss.serialize_index(self._index).tobytes()
        return hashlib.sha256(content).digest() + content

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Vectors":
        """
        Read back what `to_bytes` returned.

        Raises:
            DamagedIndex: a byte is missing or altered; faiss, which would crash on it, never sees it.
        """
        checksum, content = stored[:HASH], stored[HASH:]
        if not content or hashlib.sha256(content).digest() != checksum:
            raise DamagedIndex("the stored vectors are cut short or altered")
        import faiss  # noqa: PLC0415 - as above

        return cls(faiss.deserialize_index(np.frombuffer(content, np.uint8)))
