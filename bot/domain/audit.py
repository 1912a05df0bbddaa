"""What the audit log records beside the events of cases. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AuditKind(StrEnum):
    """Every write, view, search, export, deletion, refusal and change of people (SAFETY 21)."""

    EVENT = "event"
    VIEWED = "viewed"
    PEOPLE_SEEN = "people of it seen"
    LISTED = "listed"
    SEARCHED = "searched"
    DOWNLOADED = "downloaded"
    EXPORTED = "exported"
    REFUSED = "refused"
    PEOPLE_CHANGED = "people changed"
    CHECKPOINT = "checkpoint"
    BACKUP = "backup"
    RESTORED = "restored"
    KEY_ROTATED = "key rotated"
    DELETED = "deleted"
    NOTICE_SENT = "notice sent"
    NOTICE_FAILED = "notice failed"
    DRILL = "drill"
    ENTERED = "entered at the command line"
    LINKED = "upload link"


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One row of the log; *detail* is sealed at rest and holds no case text."""

    seq: int
    at: datetime
    kind: AuditKind
    actor: str
    school: str = ""
    case: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The end of the chain at one moment: *seq* rows, the last of which has *mac* (hex)."""

    seq: int
    mac: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that `staffroom verify` found wrong; *where* names a row, a case or a file by id."""

    where: str
    what: str
