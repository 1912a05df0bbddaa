"""What a reporter hands in and what they get back: submission, upload and receipt. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.answers import Contact, Step
from bot.domain.triage import Form

AnswerValue = str | tuple[str, ...]
"""The answer to one field: text, a date or one choice; of several choices, all of them."""


class Gate(StrEnum):
    """The answer to "could any of it show a sexual image of someone under 18?" (SAFETY 1)."""

    NO = "no"
    YES = "yes"
    NOT_SURE = "not-sure"
    UNASKED = "unasked"

    @property
    def opens(self) -> bool:
        """Whether a control that takes a file may be shown; only a plain "no" opens it."""
        return self is Gate.NO


@dataclass(frozen=True, slots=True)
class Reporter:
    """Who tells: *handle* is what their channel knows them by, *person* their id in `school.toml`, or ""."""

    handle: str
    name: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it arrived, held in memory; *name* is what the sender calls it and is never a path."""

    name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Submission:
    """One sending of one form; sent again with the same *request_id*, it is the same case."""

    request_id: str
    school: str
    form: Form
    reporter: Reporter
    answers: Mapping[str, AnswerValue]
    gate: Gate = Gate.UNASKED
    concerned: tuple[str, ...] = ()
    """The ids of listed persons it is about, or who are close to them (SAFETY 12)."""
    not_about: tuple[str, ...] = ()
    """Listed persons whom the text names, of whom the reporter has said that it is not about them."""
    channel: str = "command line"
    entered_by: str = ""
    """Who typed it for the reporter, such as "OS user jo"; "" when the reporter did."""
    urgent: bool = False
    """The sender has said that it cannot wait, whatever the answers mean (SAFETY 8)."""
    awaited: tuple[str, ...] = ()
    """What the channel calls the files that lie with it: fetched once the report is stored."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is kept, as the receipt names it; *size* in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not kept, and why, in words a teacher understands."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the reporter is told once everything is stored, and not before (SAFETY 20)."""

    case: str
    request_id: str
    school: str
    form: Form
    urgent: bool
    stored_at: datetime
    told: tuple[Contact, ...]
    """By role and name, with numbers: who has been told and can open it."""
    evidence: tuple[StoredFile, ...] = ()
    refused: tuple[RefusedFile, ...] = ()
    missing: tuple[str, ...] = ()
    """What would still help, one line each; the reporter may add it or say that it cannot be had."""
    next_steps: tuple[Step, ...] = ()
    """What happens next, what not to do, numbers to ring."""
    clause: str = ""
    """The clause that decided who hears of it, or that none did (SAFETY 13)."""
    awaited: int = 0
    """How many files are still to be fetched from the channel; none of them is stored yet."""
