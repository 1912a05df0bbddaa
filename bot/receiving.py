"""The use case of taking in evidence: looked at, scanned, sealed in the vault, before any case names it."""

import hashlib
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bot.domain import filings, folding
from bot.domain.cases import Event, EventKind
from bot.domain.evidence import MOST_FILES, Sighting
from bot.domain.file_names import shown_name
from bot.domain.filings import Body
from bot.domain.gate import STAYS_STOPPED
from bot.domain.reports import RefusedFile, Upload
from bot.errors import EvidenceRefused
from bot.ports import CaseKey, Decoder, Scanner, Vault

TOO_MANY = f"A report takes {MOST_FILES} files. Tell whoever deals with it that you have more than these."
SENT_TWICE = "This file is in the report already, where it is kept once."


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


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What of the files that lie with a channel is to be fetched once the report is stored."""

    refs: tuple[str, ...] = ()
    refused: tuple[Body, ...] = ()
    """An event for each that is not."""

    @property
    def said(self) -> dict[str, Any]:
        """What FILED or ADDED says of them."""
        return {"awaited": len(self.refs), "refs": list(self.refs)} if self.refs else {}


def awaiting(refs: Iterable[str], events: Iterable[Event] = (), stored: int = 0) -> Awaiting:
    """
    Return which of *refs* are to be fetched for the case with *events*, to which *stored* more are added now.

    None that was sent before, none beyond the most that a report takes, and none at all once the case is
    stopped (SAFETY 1).
    """
    events = tuple(events)
    known, stopped = folding.refs(events), filings.stopped(events)
    new = tuple(each for each in dict.fromkeys(refs) if each not in known)
    taken = stored + len(filings.kept(events)) + len(folding.awaited(events))
    room = 0 if stopped else max(MOST_FILES - taken, 0)
    why = STAYS_STOPPED if stopped else TOO_MANY
    beyond = enumerate(new[room:], start=len(known) + room + 1)
    return Awaiting(new[:room], tuple(not_fetched(number, ref, why) for number, ref in beyond))


def not_fetched(number: int, ref: str, reason: str) -> Body:
    """Return the event for a file that was not fetched: of such a one nobody knows a name."""
    return EventKind.EVIDENCE_REFUSED, {"name": f"number {number}", "reason": reason, "ref": ref}


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
