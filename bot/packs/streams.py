"""Originals on their way into a pack, checked as they go by."""

import hashlib
from collections.abc import Callable, Iterator

from bot.domain.packs import Originals, PackEvidence
from bot.errors import EvidenceDamaged


def unchanged(item: PackEvidence, originals: Originals) -> Callable[[], Iterator[bytes]]:
    """
    What gives the bytes of *item*.

    Raises:
        EvidenceDamaged: on the way, when they are not those that were received.
    """

    def chunks() -> Iterator[bytes]:
        digest = hashlib.sha256()
        for chunk in originals(item.id):
            digest.update(chunk)
            yield chunk
        if digest.hexdigest() != item.sha256:
            raise EvidenceDamaged(f"evidence {item.id}: not what was received")

    return chunks
