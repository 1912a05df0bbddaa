"""Notices: content-free messages that tell somebody to look (SAFETY 25). Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

REPORTER_PREFIX = "reporter:"
"""Before the handle of a reporter, where a notice is for one."""


class NoticeKind(StrEnum):
    """What a notice is for; each kind has one fixed wording."""

    NEW_CASE = "new-case"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    NO_ACTION_YET = "no-action-yet"
    RECEIPT = "receipt"
    NOT_OPENED = "not-opened"
    REPORTER_ASKED = "reporter-asked"
    REPORTER_ADDED = "reporter-added"
    REPLY = "reply"
    SHARED = "shared"
    PEOPLE_CHANGED = "people-changed"
    SIGN_IN_LOCKED = "sign-in-locked"
    CHECKPOINT = "checkpoint"
    MONTHLY = "monthly"
    DRILL = "drill"
    RING_SENDER = "ring-sender"
    RING_TOLD = "ring-told"
    FETCH_FILE = "fetch-file"


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to one receiver; *key* stays the same however often it is sent."""

    key: str
    kind: NoticeKind
    school: str
    to: str
    """A person id of the school, or "reporter:HANDLE"."""
    due: datetime
    case: str = ""
    urgent: bool = False
    detail: str = ""
    """What a kind needs beside its wording: a checkpoint's hash, the sender to ring; never case content."""
    direct: bool = True
    """Whether it must go to the person alone: so for adult cases and any exclusion (SAFETY 25)."""


@dataclass(frozen=True, slots=True)
class Sending:
    """A notice taken from the outbox to be sent now; *attempts* counts those before this one."""

    id: int
    notice: Notice
    attempts: int
