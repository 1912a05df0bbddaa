"""A case as its events tell it: kinds of event, who may see it, and where it stands. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from bot.domain.triage import Form


class Status(StrEnum):
    """Where a case stands; the reporter sees the words, never the content or the outcome."""

    RECEIVED = "received"
    OPENED = "opened"
    IN_HAND = "being dealt with"
    CLOSED = "closed"
    MERGED = "merged"
    DELETED = "deleted"


class EventKind(StrEnum):
    """Everything that can happen to a case; each is one row that is never changed (SAFETY 21)."""

    FILED = "filed"
    ADDED = "added to by the reporter"
    EVIDENCE_STORED = "evidence stored"
    EVIDENCE_REFUSED = "evidence refused"
    EVIDENCE_LOCKED = "evidence locked"
    LOCK_ADVICE = "advice on locked evidence recorded"
    ROUTED = "recipients decided"
    SHARED = "shared with a colleague"
    EXCLUDED = "person kept out"
    LIFT_ASKED = "lifting of an exclusion asked for"
    LIFTED = "exclusion lifted"
    ESCALATED = "next person told"
    OPENED = "opened"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    NOTED = "note"
    ASKED = "more asked of the reporter"
    REPLIED = "reply to the reporter"
    PERSON_RECORDED = "person recorded"
    ACTION_SET = "action set"
    ACTION_DONE = "action done"
    PARENT_CONTACT = "contact with a parent"
    DECIDED = "decision"
    REFERRED = "referral"
    LINKED = "linked"
    MERGED = "merged into another case"
    CATEGORISED = "retention set"
    HELD = "legal hold set"
    RELEASED = "legal hold lifted"
    CLOSED = "closed"
    REOPENED = "reopened"
    DELETED = "deleted under certificate"
    CORRECTED = "correction"


class PartyRole(StrEnum):
    """What a person is in one case (SAFETY 26)."""

    TARGET = "target"
    ALLEGED = "alleged"
    WITNESS = "witness"
    REPORTER = "reporter"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Party:
    """A person in a case; *person* is their id in `school.toml`, or ""."""

    name: str
    role: PartyRole
    handle: str = ""
    category: str = ""
    """pupil, former pupil, parent, adult who works or helps here, other, not known."""
    person: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; *body* holds its words and is sealed at rest."""

    case: str
    seq: int
    at: datetime
    actor: str
    """A person id, "reporter", or "staffroom" for what the clock does."""
    kind: EventKind
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Access:
    """Who a case is for, by person id; nobody excluded is ever in another list (SAFETY 15)."""

    full: tuple[str, ...] = ()
    """May open and act, in the order in which they are told."""
    copies: tuple[str, ...] = ()
    """Told that a case exists only once a holder shares it."""
    chain: tuple[str, ...] = ()
    """Who is told next while nobody opens it, in order; none of them in *full*."""
    excluded: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    """Keys of `[contacts]` to show beside it, such as "lado"."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a list of cases shows: no name, no text; times are aware and UTC, None until it happened."""

    case: str
    school: str
    form: Form
    urgent: bool
    status: Status
    filed_at: datetime
    version: int
    """How many events the case has; a change made on an older version is refused as stale."""
    about_adult: bool = False
    own_slip: bool = False
    assigned: str = ""
    opened_at: datetime | None = None
    acknowledged_at: datetime | None = None
    first_action_at: datetime | None = None
    closed_at: datetime | None = None
    clock_at: datetime | None = None
    """When the clock must look again (SAFETY 18); None once nothing waits."""
    escalations: int = 0


class Order(StrEnum):
    """What stands first in a list of cases."""

    UNOPENED = "unopened"
    """The unopened, then the urgent, then the oldest."""
    NEWEST = "newest"
    OLDEST = "oldest"
    WAITING = "waiting"
    """What the clock looks at next; what waits for nothing comes last."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which heads a list asks for, and in which order."""

    statuses: tuple[Status, ...] = (Status.RECEIVED, Status.OPENED, Status.IN_HAND)
    form: Form | None = None
    urgent: bool | None = None
    limit: int = 50
    offset: int = 0
    order: Order = Order.UNOPENED
    assigned: str | None = None
    """Whose they are, by person id; "" asks for those of nobody, None for all."""
