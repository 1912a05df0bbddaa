"""What leaves the school about one case, already folded, and what a check of it needs. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from bot.domain.audit import Checkpoint
from bot.domain.cases import EventKind, PartyRole
from bot.domain.evidence import Derivative, FileKind
from bot.domain.triage import Form

HASH_WORDS = (
    "The hash shows that the file has not changed since it was received; "
    "it does not show that the file is genuine or complete."
)
"""SAFETY 23: what a hash proves, in every receipt and pack."""

LOCKED_WORDS = (
    "Locked because it may be an indecent image: nobody may open or copy it. "
    "Only its hash and its history are here."
)
"""SAFETY 4."""

Originals = Callable[[str], Iterator[bytes]]
"""Evidence id → the bytes of the original as received."""


@dataclass(frozen=True, slots=True)
class PackPerson:
    """A person in the case with their role in it (SAFETY 26); *key* is "P1", "P2" in the order recorded."""

    key: str
    name: str
    role: PartyRole
    category: str = ""
    handle: str = ""
    also_known_as: tuple[str, ...] = ()

    @property
    def is_pupil(self) -> bool:
        """Whether it is a pupil, or was one."""
        return "pupil" in self.category.casefold()


@dataclass(frozen=True, slots=True)
class PackStaff:
    """Somebody of the school who handled the case, and the role they did it in, as staff say it."""

    name: str
    role: str
    also_known_as: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackRow:
    """One line of the chronology; *number* is the event's own, so that what was left out can be seen."""

    number: int
    at: datetime
    kind: EventKind
    actor: str
    actor_role: str
    words: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause as the school's policy prints it, with the version that was in force."""

    policy: str
    version: str
    clause: str
    words: str


@dataclass(frozen=True, slots=True)
class PackEvidence:
    """One kept original; *pictures* is what people look at, *history* every event about it in words."""

    id: str
    name: str
    kind: FileKind
    size: int
    sha256: str
    received_at: datetime
    scanned: str
    metadata: Mapping[str, str] = field(default_factory=dict)
    pictures: tuple[Derivative, ...] = ()
    history: tuple[str, ...] = ()
    locked: bool = False


@dataclass(frozen=True, slots=True)
class PackAction:
    """Something somebody was to do; *due* and *done* are as shown, "" where there is none."""

    words: str
    owner: str
    due: str = ""
    done: str = ""


@dataclass(frozen=True, slots=True)
class PackDecision:
    """A decision, a referral or a closure, with who took it and why."""

    at: datetime
    kind: EventKind
    by: str
    words: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PackExport:
    """A row of the audit log about an earlier copy of this case that left."""

    at: datetime
    actor: str
    detail: str


@dataclass(frozen=True, slots=True)
class PackContent:
    """Everything that can stand in a pack about one case; a reader gets a part of it."""

    case: str
    school_id: str
    school_name: str
    form: Form
    urgent: bool
    status: str
    filed_at: datetime
    made_at: datetime
    made_by: str
    reader: str = ""
    """For whom it is, in words: "the police"."""
    reader_note: str = ""
    """What was left out for this reader, said on the cover."""
    summary: str = ""
    about_adult: bool = False
    people: tuple[PackPerson, ...] = ()
    staff: tuple[PackStaff, ...] = ()
    rows: tuple[PackRow, ...] = ()
    quotes: tuple[Quote, ...] = ()
    evidence: tuple[PackEvidence, ...] = ()
    actions: tuple[PackAction, ...] = ()
    decisions: tuple[PackDecision, ...] = ()
    routing: tuple[str, ...] = ()
    """Who was told, in which order and under which clause, one line each."""
    exports: tuple[PackExport, ...] = ()
    checkpoint: Checkpoint | None = None
    originals: bool = False
    """Whether the originals go along."""
    active_bodies: tuple[str, ...] = ()
    """Outside bodies with an open referral, as staff say it: "the LADO", "the police"."""
    hash_words: str = HASH_WORDS


@dataclass(frozen=True, slots=True)
class Target:
    """Where a file goes and who can open it: an age public key, or "" for a plain file in sample mode."""

    path: Path
    recipient: str = ""


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file that was made; *sha256* and *size* are of the file as it lies there."""

    path: Path
    sha256: str
    size: int
    encrypted: bool
    fingerprint: str


def without_locked(content: PackContent) -> PackContent:
    """Return *content* where a locked item keeps its hash, size, time and history alone (SAFETY 4)."""
    return replace(content, evidence=tuple(_closed(item) for item in content.evidence))


def _closed(item: PackEvidence) -> PackEvidence:
    return replace(item, name="", metadata={}, pictures=()) if item.locked else item
