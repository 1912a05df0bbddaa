"""What a form is made of: steps, fields, choices, and what an answer means. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.cases import PartyRole
from bot.domain.reports import AnswerValue
from bot.domain.triage import Form

NOT_KNOWN = "not known"
"""What every question may be answered with, and what an unanswered one counts as."""
NOT_SURE = "not-sure"


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG_TEXT = "long-text"
    DATE = "date"
    TIME = "time"
    CHOICE = "choice"
    CHOICES = "choices"
    PERSON_NAME = "person-name"
    LINK = "link"

    @property
    def free(self) -> bool:
        """Whether the reporter writes words of their own."""
        return self in (Kind.TEXT, Kind.LONG_TEXT, Kind.PERSON_NAME, Kind.LINK)

    @property
    def chosen(self) -> bool:
        """Whether the reporter picks from a list."""
        return self in (Kind.CHOICE, Kind.CHOICES)


class Meaning(StrEnum):
    """What a form or an answer says that decides who hears of it."""

    URGENT = "urgent"
    RADICALISATION = "radicalisation"
    PUPIL_INVOLVED = "pupil-involved"
    ABOUT_ADULT = "about-adult"
    ABUSE_OF_STAFF = "abuse-of-staff"
    OWN_SLIP = "own-slip"
    REPORTER_IS_TARGET = "reporter-is-target"


class Asks(StrEnum):
    """What a step of a form does."""

    FIELDS = "fields"
    GATE = "gate"
    PEOPLE = "people"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Choice:
    """One thing to pick; it *means* something, or *clears* what its form takes for granted."""

    value: str
    label: str
    means: tuple[Meaning, ...] = ()
    clears: tuple[Meaning, ...] = ()
    category: str = ""
    """What it says of the person whom another field names: "pupil", "parent"."""


@dataclass(frozen=True, slots=True)
class ShownIf:
    """Shown only where *field* is answered with one of *values*."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """The people whom a field names, each a party of their own (SAFETY 26)."""

    role: PartyRole
    category: str = ""
    category_from: str = ""
    """The field whose choice says the category."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question; its id is what answers files call it."""

    id: str
    label: str
    kind: Kind
    help: str = ""
    required: bool = False
    choices: tuple[Choice, ...] = ()
    shown_if: ShownIf | None = None
    default: str = NOT_KNOWN
    later: bool = False
    """Asked under "add now or later"."""
    when_stopped: bool = False
    """Still asked after the gate was answered "yes" or "not sure" (SAFETY 1)."""
    clause_words: str = ""
    """Words with {clause}, shown only where the school's routing gives one."""
    missing: str = ""
    """What would still help while it is unanswered; "" where it is not missed."""
    names: Named | None = None
    example: AnswerValue = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a form: questions, the gate, the people question (SAFETY 12), or the button that sends."""

    id: str
    title: str
    asks: Asks
    fields: tuple[Field, ...] = ()
    later: bool = False


@dataclass(frozen=True, slots=True)
class FormDefinition:
    """One form; every channel draws it in the order of its steps."""

    form: Form
    title: str
    about: str
    """When to use it, in one line."""
    steps: tuple[Step, ...]
    means: tuple[Meaning, ...] = ()
    """What is taken for granted until an answer clears it."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Every field, in order."""
        return tuple(each for step in self.steps for each in step.fields)

    @property
    def short(self) -> tuple[Field, ...]:
        """The fields of the short part."""
        return tuple(each for each in self.fields if not each.later)


@dataclass(frozen=True, slots=True)
class Lists:
    """Choices that several forms share, by name: "platforms"."""

    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
