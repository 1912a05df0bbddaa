"""The use case of taking in evidence: looked at, scanned, sealed in the vault, before any case names it."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain.evidence import MOST_FILES, Sighting
from bot.domain.file_names import shown_name
from bot.domain.reports import RefusedFile, Upload
from bot.errors import EvidenceRefused
from bot.ports import CaseKey, Decoder, Scanner, Vault

TOO_MANY = f"A report takes {MOST_FILES} files. Send this one afterwards, as more evidence."


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of the files of one sending."""

    stored: tuple[dict[str, Any], ...] = ()
    """The bodies of the events that name them (`EventKind.EVIDENCE_STORED`)."""
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Receiving:
    """Keeps what can be kept, and says of everything else why not; the rest of the report never waits."""

    decoder: Decoder
    scanner: Scanner
    vault: Vault

    def take(self, key: CaseKey, uploads: Sequence[Upload], already: int = 0) -> Taken:
        """
        Put *uploads* into the vault, sealed with *key*; the case has *already* so many files.

        Call it only where the gate was answered "no" (SAFETY 1).

        Raises:
            StoreFailed: a file could not be kept; nothing may then be acknowledged.
        """
        stored: list[dict[str, Any]] = []
        refused: list[RefusedFile] = []
        for upload in uploads:
            name = shown_name(upload.name)
            if already + len(stored) >= MOST_FILES:
                refused.append(RefusedFile(name, TOO_MANY))
                continue
            try:
                sighting, scanned = self.decoder.look(upload), self.scanner.scan(upload)
            except EvidenceRefused as error:
                refused.append(RefusedFile(name, error.user_message))
                continue
            stored.append(self._kept(key, name, upload, sighting) | {"scanned": scanned})
        return Taken(tuple(stored), tuple(refused))

    def _kept(self, key: CaseKey, name: str, upload: Upload, sighting: Sighting) -> dict[str, Any]:
        item = f"e-{secrets.token_hex(8)}"
        file = self.vault.put(key, item, [upload.content])
        derivatives = [f"{item}.{number}" for number, _ in enumerate(sighting.derivatives, start=1)]
        for identity, derivative in zip(derivatives, sighting.derivatives, strict=True):
            self.vault.put(key, identity, [derivative.content])
        return {
            "id": item,
            "name": name,
            "kind": sighting.kind.value,
            "size": file.size,
            "sha256": file.sha256,
            "metadata": dict(sighting.metadata),
            "derivatives": derivatives,
            "media_types": [derivative.media_type for derivative in sighting.derivatives],
        }


def hashes(uploads: Iterable[Upload]) -> list[str]:
    """The SHA-256 of each of *uploads*, in their order."""
    return [hashlib.sha256(upload.content).hexdigest() for upload in uploads]


def unlike(uploads: Iterable[Upload], kept: Iterable[str]) -> tuple[Upload, ...]:
    """Those of *uploads* whose content is not *kept* already, each content once."""
    return tuple(_new(uploads, set(kept)))


def _new(uploads: Iterable[Upload], known: set[str]) -> Iterator[Upload]:
    for upload in uploads:
        digest = hashes([upload])[0]
        if digest not in known:
            known.add(digest)
            yield upload
