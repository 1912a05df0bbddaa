"""Implements `ports.Packs`: signed ZIP files, encrypted to one reader unless in sample mode."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.domain.evidence import FileKind
from bot.domain.packs import Originals, PackContent, PackEvidence, PackFile, Target, without_locked
from bot.domain.subject_access import SubjectCopy
from bot.packs import hand_off, recipients, removals
from bot.packs.archive import Label, Part, signed_zip
from bot.packs.csv_rows import chronology
from bot.packs.exact import case_json
from bot.packs.letters import COMMON_PLACES, typeface
from bot.packs.pdf import case_pdf
from bot.packs.signing import Signer
from bot.packs.streams import unchanged

_ENDINGS = {
    FileKind.PNG: "png",
    FileKind.JPEG: "jpg",
    FileKind.WEBP: "webp",
    FileKind.HEIC: "heic",
    FileKind.GIF: "gif",
    FileKind.PDF: "pdf",
    FileKind.MP4: "mp4",
    FileKind.MOV: "mov",
    FileKind.TXT: "txt",
    FileKind.EML: "eml",
}


@dataclass(frozen=True, slots=True)
class SignedPacks:
    """Makes packs signed with the key of *seed* (32 bytes); plain ones in *sample* mode alone."""

    seed: bytes = field(repr=False)
    sample: bool = False
    wider_faces: tuple[Path, ...] = COMMON_PLACES
    """TrueType files to draw letters from that the built-in typeface lacks, where they are there."""

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the signing key, as `doctor` and every pack show it."""
        return Signer.of(self.seed).fingerprint

    def check(self, recipient: str) -> None:
        """Raise what making a pack for *recipient* would, before anything is read."""
        recipients.check(recipient, sample=self.sample)

    def case_pack(self, content: PackContent, originals: Originals, target: Target) -> PackFile:
        """One ZIP with PDF, JSON, CSV, and the originals where *content* says so; never a locked one's."""
        self.check(target.recipient)
        closed = without_locked(content)
        parts = [
            Part.of("case.pdf", self._pdf(closed), "the record as pages, with what the evidence looks like"),
            Part.of("case.json", case_json(closed), "the same, exact, for a computer"),
            Part.of("chronology.csv", chronology(closed.rows), "the chronology, for a spreadsheet"),
            *(_originals(closed.evidence, originals) if closed.originals else ()),
        ]
        return self._write(parts, closed, target)

    def hand_off(self, content: PackContent, target: Target) -> PackFile:
        """The bundle for the school's own safeguarding system."""
        self.check(target.recipient)
        hand_off.rows(content)
        return self._write(hand_off.parts(content, self._pdf(content)), content, target)

    def subject_copy(self, copy: SubjectCopy, target: Target) -> PackFile:
        """The copy for the person who asked: its PDF, marked DRAFT on each page until it is released."""
        self.check(target.recipient)
        mark = "DRAFT" if copy.is_draft else ""
        part = Part.of("your-data.pdf", self._pdf(copy.content, mark), "the copy, as pages")
        return self._write((part,), copy.content, target)

    def removed(self, copy: SubjectCopy, target: Target) -> PackFile:
        """What was removed from *copy*: a file of its own, which stays inside."""
        self.check(target.recipient)
        return self._write(removals.parts(copy), copy.content, target)

    def _pdf(self, content: PackContent, watermark: str = "") -> bytes:
        return case_pdf(content, self.fingerprint, typeface(self.wider_faces), watermark)

    def _write(self, parts: Iterable[Part], content: PackContent, target: Target) -> PackFile:
        signer = Signer.of(self.seed)
        label = Label(content.case, content.school_id, content.reader, content.made_at, content.hash_words)
        chunks = signed_zip(parts, label, signer)
        return recipients.write(chunks, target, signer.fingerprint, sample=self.sample)


def _originals(evidence: Iterable[PackEvidence], originals: Originals) -> Iterator[Part]:
    """Each original under its evidence id, with the ending of what it was found to be; no locked one."""
    for item in evidence:
        if not item.locked:
            name = f"originals/{item.id}.{_ENDINGS[item.kind]}"
            yield Part(name, unchanged(item, originals), f"evidence {item.id} as received", packed=False)
