"""A case as those who may open it see it, folded from its events. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from bot.domain.answers import Contact
from bot.domain.cases import Access, EventKind, Head, Party, Status
from bot.domain.evidence import EvidenceItem
from bot.domain.reports import Gate, Reporter
from bot.domain.triage import Form


class Agency(StrEnum):
    """Where a case can be referred to."""

    LADO = "lado"
    POLICE = "police"
    SOCIAL_CARE = "children's social care"
    PREVENT = "prevent"


class Advice(StrEnum):
    """What somebody advised about a locked file (SAFETY 4); Staffroom itself deletes none."""

    KEEP = "keep"
    HAND_OVER = "hand over"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the chronology; *corrections* are the later events that put it right."""

    seq: int
    at: datetime
    by: str
    kind: EventKind
    body: Mapping[str, Any]
    corrections: tuple["Entry", ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """Something that somebody is to do; *id* is the number of the event that set it."""

    id: int
    text: str
    owner: str
    due: date
    set_by: str
    done_at: datetime | None = None
    done_by: str = ""
    result: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided and why."""

    text: str
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral to an agency: when, to whom there, under which *reference*, where it has one yet."""

    agency: Agency
    made_at: datetime
    to_whom: str
    reference: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ParentContact:
    """A contact with a parent or carer: with whom, when, how, and what was said."""

    with_whom: str
    made_at: datetime
    how: str
    text: str


@dataclass(frozen=True, slots=True)
class LockAdvice:
    """Who advised what about the locked file *item*, and when (SAFETY 4)."""

    item: str
    adviser: str
    advice: Advice
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Ask:
    """A question to the reporter; *of* is the case whose reporter it is for."""

    id: int
    at: datetime
    text: str
    of: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """One line to the reporter of the case *of*."""

    at: datetime
    text: str
    of: str


@dataclass(frozen=True, slots=True)
class Kept:
    """How long the record is kept: its type, and until when; None where no day is set."""

    type: str
    until: date | None
    sexual_abuse: bool
    """Child sexual abuse is alleged: then it is never listed for deletion automatically (SAFETY 28)."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything about one case; *head.version* goes back with a move, so that a stale one is refused."""

    head: Head
    access: Access
    reporter: Reporter
    answers: Mapping[str, Any]
    gate: Gate
    clause: str
    """The clause that decided who hears of it, or that none did (SAFETY 13)."""
    policy_version: str
    entered_by: str
    parties: tuple[Party, ...] = ()
    evidence: tuple[EvidenceItem, ...] = ()
    chronology: tuple[Entry, ...] = ()
    actions: tuple[Action, ...] = ()
    decisions: tuple[Decision, ...] = ()
    referrals: tuple[Referral, ...] = ()
    parent_contacts: tuple[ParentContact, ...] = ()
    lock_advice: tuple[LockAdvice, ...] = ()
    asks: tuple[Ask, ...] = ()
    replies: tuple[Reply, ...] = ()
    missing: tuple[str, ...] = ()
    cannot_get: tuple[str, ...] = ()
    closing: Mapping[str, Any] = field(default_factory=dict)
    """What was said when it was closed last; empty while it is open."""
    kept: Kept | None = None
    held: str = ""
    """Why a legal hold stops its deletion; "" without one."""
    links: tuple[str, ...] = ()
    merged_from: tuple[str, ...] = ()
    merged_into: str = ""
    earlier: tuple[str, ...] = ()
    """Possible earlier cases of the same person that this reader may open."""

    @property
    def sexual_abuse(self) -> bool:
        """Whether child sexual abuse may be alleged: said at closing, at the gate, or by a lock."""
        said = self.kept is not None and self.kept.sexual_abuse
        return said or self.gate in (Gate.YES, Gate.NOT_SURE) or any(item.locked for item in self.evidence)

    def item(self, item: str) -> EvidenceItem | None:
        """The evidence with the id *item*, or None when the case has none such."""
        return next((each for each in self.evidence if each.id == item), None)


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that the reporter sent themselves, to be named when they lock it."""

    id: str
    name: str
    locked: bool


@dataclass(frozen=True, slots=True)
class ReporterView:
    """What a reporter sees of their case: never its content as others wrote it, never its outcome."""

    case: str
    form: Form
    filed_at: datetime
    status: Status
    not_opened_yet: bool = False
    """Nobody has opened it in time: "do not wait: ring …" (SAFETY 18)."""
    ring: tuple[Contact, ...] = ()
    missing: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    replies: tuple[Reply, ...] = ()
    files: tuple[SentFile, ...] = ()
