"""What the assistant may say: citations, the outcome of a search, the answer every channel draws. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.triage import Triage


class Outcome(StrEnum):
    """How sure the search is that the policy has a clause on the question."""

    ANSWER = "answer"
    """The first clause answers; it is shown with a verdict line."""
    NEAREST = "nearest"
    """Clauses near the question, shown without a verdict."""
    NONE = "none"
    """The policy has no clause on it."""


class Stance(StrEnum):
    """What a clause does to the thing asked about, read from its own words."""

    PROHIBITED = "prohibited"
    CONDITIONAL = "conditional"
    CAUTION = "caution"
    ALLOWED = "allowed"
    REQUIRED = "required"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Link:
    """A place that a clause refers to ("section 7", a defined term) and the words found there."""

    words: str
    """The words of the clause that refer, as printed."""
    clause: str
    item: str
    text: str


@dataclass(frozen=True, slots=True)
class Citation:
    """One clause of the asker's school, quoted byte for byte."""

    school: str
    policy: str
    clause: str
    """The printed number, or "Section heading, paragraph 3"."""
    item: str
    section: str
    page: int | None
    lead: str
    text: str
    score: float
    """How near the question, from 0 to 1."""
    stance: Stance
    exceptions: tuple[str, ...] = ()
    """Exact pieces of the text or the lead-in: "unless the pupil is a family member"."""
    ask: tuple[str, ...] = ()
    """Whom the clause names to ask or tell, exact pieces of it."""
    links: tuple[Link, ...] = ()
    dated: str = ""
    """The policy's date as shown beside each quote: "in force from 1 May 2024; review overdue since …"."""
    overdue: bool = False

    @property
    def reference(self) -> str:
        """The clause as people name it: "7.3, item 7"."""
        return f"{self.clause}, item {self.item}" if self.item else self.clause

    @property
    def quote(self) -> str:
        """The lead-in and the words of the clause, as printed."""
        return f"{self.lead} {self.text}" if self.lead else self.text


@dataclass(frozen=True, slots=True)
class Ruling:
    """A clause as it stood when it decided something: a case keeps it with the version of its policy."""

    clause: str
    policy: str
    dated: str
    quote: str
    sha256: str
    """Of the quote."""


@dataclass(frozen=True, slots=True)
class PolicyRead:
    """A policy as it was read: how many clauses it has, and how old it is."""

    title: str
    file: str
    dated: str
    overdue: bool
    clauses: int
    problem: str = ""
    """Why its newest version could not be read; "" when it was."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What the search found for one message at one school."""

    outcome: Outcome
    citations: tuple[Citation, ...]
    """Best first, at most five."""
    headings: tuple[str, ...] = ()
    """The headings nearest to the question, best first, without repeats."""
    likeness: Mapping[str, float] = field(default_factory=dict)
    """How like each of the triage phrase files the message is."""
    unread: tuple[str, ...] = ()
    """A line for each document of the school whose newest version could not be read."""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to ring or to ask: a role, who holds it, and the number."""

    role: str
    """As staff say it: "designated safeguarding lead (DSL)"."""
    name: str = ""
    telephone: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the urgent reply: what to do, and the numbers for it."""

    words: str
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything a channel draws; no channel adds words of its own to it."""

    school: str
    school_name: str
    question: str
    triage: Triage
    outcome: Outcome
    verdict: str
    """One line from a fixed template, or "" where no verdict is due."""
    citations: tuple[Citation, ...]
    headings: tuple[str, ...] = ()
    ask: tuple[Contact, ...] = ()
    tell: tuple[Contact, ...] = ()
    """Whom to tell, always filled where contact with a pupil is at stake."""
    urgent: tuple[Step, ...] = ()
    """The urgent reply, first step first; empty unless the message is urgent."""
    first: tuple[Step, ...] = ()
    """What comes before the verdict: what not to do with a picture of a child."""
    notes: tuple[str, ...] = ()
    """Fixed lines below the answer: unread documents, guidance nobody has checked."""

    @property
    def answered(self) -> bool:
        """Whether a verdict is given: never for an urgent message."""
        return self.outcome is Outcome.ANSWER and not self.urgent

    @property
    def stance(self) -> Stance | None:
        """The first citation's stance, where the question is answered."""
        return self.citations[0].stance if self.answered and self.citations else None
