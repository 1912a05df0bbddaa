"""What the use cases need from outside, in their own words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from bot.domain.answers import Citation, Finding, PolicyRead, Ruling
from bot.domain.audit import AuditKind, AuditRow, Checkpoint, Fault
from bot.domain.cases import Access, Event, EventKind, Head, Wanted
from bot.domain.evidence import Sighting
from bot.domain.notices import Notice, Sending
from bot.domain.packs import Originals, PackContent, PackFile, Target
from bot.domain.reports import StoredFile, Upload
from bot.domain.schools import School
from bot.domain.subject_access import SubjectCopy


class Retrieval(Protocol):
    """The policies of every school, searchable one school at a time."""

    def find(self, school: str, question: str) -> Finding:
        """
        The clauses of *school* that are nearest to *question*, and how sure the search is.

        Raises:
            UnknownSchool: no document of that school is indexed.
            StaleIndex: the index cannot be read.
        """
        ...


class Rulings(Protocol):
    """The clauses that a school's routing names, as they stand now."""

    def ruling(self, school: str, clause: str) -> Ruling:
        """
        The clause *clause* of *school*.

        Raises:
            UnknownClause: no document of the school has a clause of that number.
            UnknownSchool: no document of that school is indexed.
            StaleIndex: the index cannot be read.
        """
        ...


class Policies(Protocol):
    """The documents of a school as they were read."""

    def documents(self, school: str) -> tuple[PolicyRead, ...]:
        """Each policy of *school*, in the order of its `school.toml`; raises as `Retrieval.find`."""
        ...

    def clauses(self, school: str, policy: str) -> tuple[Citation, ...]:
        """The clauses of the policy with the title *policy*, in the order of the document; none if unread."""
        ...


@dataclass(frozen=True, slots=True)
class CaseKey:
    """The key of one case: *secret* opens its text and files, *wrapped* is what is kept of it."""

    case: str
    secret: bytes = field(repr=False)
    wrapped: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A sending that was stored: the digest of its content, and its case."""

    digest: str
    case: str


class Unit(Protocol):
    """
    One unit of work on the store; what a writing one did is kept whole or not at all.

    Every method that names a case raises `UnknownCase` when there is none of that id.
    """

    @property
    def now(self) -> datetime:
        """The moment of this unit, aware and UTC, never before the last row of the audit log."""
        ...

    def requests(self, school: str, request_id: str) -> tuple[StoredRequest, ...]:
        """What was stored under *request_id*, first to last; none when it is new."""
        ...

    def remember(self, school: str, request_id: str, request: StoredRequest) -> None:
        """Record that *request* is stored under *request_id*."""
        ...

    def add_case(self, head: Head, key: CaseKey, access: Access, reporter: str = "") -> None:
        """Open a case, filed by the reporter with the handle *reporter*; its events follow."""
        ...

    def key(self, case: str) -> CaseKey:
        """The key of *case*; raises `CaseDeleted` when it was deleted under a certificate."""
        ...

    def append(self, case: str, kind: EventKind, actor: str, body: Mapping[str, Any]) -> Event:
        """Add an event at `now` with its audit row; *body* is JSON, sealed with the key of the case."""
        ...

    def events(self, case: str, *kinds: EventKind) -> tuple[Event, ...]:
        """Every event of *case*, or those of *kinds*, in order; none once it was deleted."""
        ...

    def head(self, case: str) -> Head:
        """Where *case* stands."""
        ...

    def put_head(self, head: Head) -> None:
        """Replace the head of a case; `version` is set from its events, whatever *head* says."""
        ...

    def access(self, case: str) -> Access:
        """Who *case* is for."""
        ...

    def put_access(self, case: str, access: Access) -> None:
        """Replace who *case* is for."""
        ...

    def heads(self, school: str, person: str, wanted: Wanted) -> tuple[Head, ...]:
        """The cases of *school* that *person* may open, as *wanted*; an excluded one never appears."""
        ...

    def count(self, school: str, person: str, wanted: Wanted) -> int:
        """How many `heads` would give without its limit."""
        ...

    def reported_by(self, school: str, handle: str) -> tuple[Head, ...]:
        """The cases that the reporter with *handle* filed, newest first."""
        ...

    def clocks_due(self, limit: int) -> tuple[Head, ...]:
        """The cases whose `clock_at` has come, longest waiting first."""
        ...

    def index_names(self, case: str, names: Iterable[str]) -> None:
        """Make *case* findable by each of *names* (names, handles), kept as keyed hashes alone."""
        ...

    def cases_naming(self, school: str, names: Iterable[str]) -> tuple[str, ...]:
        """The cases of *school* with one of *names*; the caller checks who may see them."""
        ...

    def delete_content(self, case: str) -> None:
        """Destroy the key, the sealed bodies and the names of *case*; head, rows and digests stay."""
        ...

    def record(self, kind: AuditKind, actor: str, school: str = "", case: str = "", detail: str = "") -> None:
        """Add a row to the audit log."""
        ...

    def audit_rows(self, school: str, since: datetime | None = None) -> Iterator[AuditRow]:
        """The rows of *school* in order, from *since* on."""
        ...

    def newest_rows(self, school: str, since: datetime, until: datetime) -> Iterator[AuditRow]:
        """The rows of *school* from *since* on and before *until*, the last first."""
        ...

    def case_rows(self, case: str) -> Iterator[AuditRow]:
        """The rows about *case* in order."""
        ...

    def checkpoint(self) -> Checkpoint:
        """The end of the chain now."""
        ...

    def enqueue(self, notice: Notice) -> None:
        """Put *notice* into the outbox; one with the same key is there already and changes nothing."""
        ...

    def claim(self, limit: int, lease_s: float) -> tuple[Sending, ...]:
        """Take notices that are due, so that nobody else does for *lease_s* seconds."""
        ...

    def sent(self, sending: Sending) -> None:
        """Mark as sent."""
        ...

    def put_off(self, sending: Sending, until: datetime, error: str) -> None:
        """Keep it for another try at *until*; *error* is the name of what went wrong, without content."""
        ...

    def waiting(self, school: str) -> tuple[Sending, ...]:
        """The notices of *school* that are not sent yet."""
        ...

    def withdraw(self, key: str) -> bool:
        """Take the notice with that key out of the outbox; False when it was sent, or was never there."""
        ...

    def memo(self, key: str) -> str:
        """A small thing remembered under *key*, sealed at rest; "" when there is none."""
        ...

    def put_memo(self, key: str, value: str) -> None:
        """Remember *value* under *key*."""
        ...

    def hold(self, key: str, value: str, until: datetime) -> None:
        """
        Keep *value* sealed under *key* until a moment, in place of what was held there.

        For what is not a case yet: a report being written, an urgent message nobody has decided on. What
        is over its time is deleted with the next `hold`.
        """
        ...

    def held(self, key: str) -> str:
        """What is held under *key*; "" when there is nothing, or its time is over."""
        ...

    def held_keys(self, prefix: str) -> tuple[str, ...]:
        """The keys that begin with *prefix* and whose time is not over, oldest first."""
        ...

    def let_go(self, key: str) -> None:
        """Delete what is held under *key*."""
        ...


class Store(Protocol):
    """Cases, outbox and audit log, one unit of work at a time."""

    def writing(self) -> AbstractContextManager[Unit]:
        """
        A unit that writes; it begins at once, and commits when its block ends without an error.

        Raises:
            StoreBusy: another writer held the store for more than two seconds; nothing was written.
            StoreFailed: the disk is full, read-only or damaged; nothing was written.
        """
        ...

    def reading(self) -> AbstractContextManager[Unit]:
        """A unit that sees one moment of the store and writes nothing."""
        ...

    def new_key(self, case: str) -> CaseKey:
        """A fresh key for a case about to be opened."""
        ...

    def verify(self, checkpoint: Checkpoint | None = None) -> Iterator[Fault]:
        """Walk the whole chain and everything it vouches for; no fault means that nothing was changed."""
        ...


class Vault(Protocol):
    """Evidence files, each written once, sealed with the key of its case."""

    def put(self, key: CaseKey, item: str, content: Iterable[bytes]) -> StoredFile:
        """
        Keep *content* under the id *item*, hashed as it streams in; on disk and synced when this returns.

        The name in what it returns is *item*.

        Raises:
            StoreFailed: it could not be kept; nothing of it is left behind.
        """
        ...

    def read(self, key: CaseKey, item: str) -> Iterator[bytes]:
        """The content; raises `EvidenceDamaged` when a byte differs from what was put, or it is not there."""
        ...

    def lock(self, case: str, item: str, derivatives: Iterable[str]) -> None:
        """Close *item* and its derivatives for good (SAFETY 4), in a list that no restored backup undoes."""
        ...

    def locked(self, case: str) -> frozenset[str]:
        """The ids in *case* that are locked."""
        ...

    def remove(self, case: str) -> None:
        """Delete the files of a case that is deleted under a certificate; locked ones stay."""
        ...

    def sweep(self, known: Mapping[str, frozenset[str]]) -> int:
        """Delete what no case in *known* (case → item ids) names, older than an hour; how many there were."""
        ...


class Decoder(Protocol):
    """Looks into a file that somebody sent, out of harm's way."""

    def look(self, upload: Upload) -> Sighting:
        """
        What *upload* really is, decoded whole in a process of its own with limits.

        Raises:
            EvidenceRefused: it is nothing that is kept; the message says why in a teacher's words.
        """
        ...


class Scanner(Protocol):
    """A virus scanner, where the school has one."""

    def scan(self, upload: Upload) -> str:
        """
        What the record says: "not scanned", or that nothing was found and by what.

        Raises:
            EvidenceRefused: something was found.
        """
        ...


class Attachments(Protocol):
    """The files that lie with a channel until they are fetched."""

    def fetch(self, school: School, ref: str) -> Upload:
        """
        The file that the channel calls *ref*.

        Raises:
            NotDelivered: not now, with `retry_after` in seconds where the other side says it.
            EvidenceRefused: it cannot be had or is too large; the message says why in a teacher's words.
        """
        ...


class Notifier(Protocol):
    """One way of reaching people."""

    @property
    def name(self) -> str:
        """The channel, as the audit log names it."""
        ...

    def reaches(self, school: School, to: str) -> bool:
        """Whether this way can reach *to*, a person id or "reporter:HANDLE"."""
        ...

    def send(self, school: School, notice: Notice) -> None:
        """
        Send *notice*; the same key is put where a repeat can be told from a second notice.

        Raises:
            NotDelivered: with `retry_after` in seconds where the other side says it.
        """
        ...


Clock = Callable[[], datetime]
"""The time now, aware and UTC."""


class Packs(Protocol):
    """
    Makes the files that leave the school: signed, and encrypted to one reader unless in sample mode.

    Every method that makes a file raises `NotAllowed` without a recipient in real mode, `EvidenceDamaged`
    when an original is not what was received, and `ConfigurationError` when the file cannot be written;
    then nothing is left of it.
    """

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the key that signs packs."""
        ...

    def check(self, recipient: str) -> None:
        """Raise what making a file for *recipient* would, before anything is read."""
        ...

    def case_pack(self, content: PackContent, originals: Originals, target: Target) -> PackFile:
        """The pack of a case for one reader; nothing of a locked item but its hash and history (SAFETY 4)."""
        ...

    def hand_off(self, content: PackContent, target: Target) -> PackFile:
        """The bundle for the school's own safeguarding system; raises `NotAllowed` for an adult's case."""
        ...

    def subject_copy(self, copy: SubjectCopy, target: Target) -> PackFile:
        """The copy for the person whose data it is, marked as a draft until it is released."""
        ...

    def removed(self, copy: SubjectCopy, target: Target) -> PackFile:
        """The list of what was removed from *copy*, which stays inside the school (SAFETY 30)."""
        ...
