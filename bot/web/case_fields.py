"""The fields of the desk's forms: what is asked, what there is to choose from, and reading it back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, StrEnum
from typing import TypeVar

from bot.casework.casework import Casework
from bot.casework.room import Member
from bot.domain.retention import CountsFrom, RecordType, Schedule
from bot.domain.schooldays import moment
from bot.domain.schools import School
from bot.domain.views import CaseView
from bot.errors import FormError
from bot.web.case_words import people
from bot.web.pages import Here

_DAY = "Give a day, such as 2026-11-24."
_MOMENT = "Give a day and a time, or leave it empty for now."
_CHOOSE = "Please choose one."
_E = TypeVar("_E", bound=Enum)

Option = tuple[str, str]
"""What is posted, and what stands beside it."""


class Kind(StrEnum):
    """How a field is drawn."""

    LINE = "line"
    TEXT = "text"
    DAY = "day"
    MOMENT = "moment"
    ONE = "one"
    EITHER = "either"
    TICK = "tick"


@dataclass(frozen=True, slots=True)
class At:
    """The case at which a form stands."""

    view: CaseView
    school: School
    schedule: Schedule
    today: date


Options = Callable[[At], tuple[Option, ...]]


def none(_at: At) -> tuple[Option, ...]:
    """For what is not chosen from a list."""
    return ()


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in; *adult* says in which of the two kinds of case, None for both."""

    name: str
    label: str
    kind: Kind = Kind.LINE
    hint: str = ""
    options: Options = none
    needed: bool = True
    longest: int = 4000
    adult: bool | None = None

    @property
    def listed(self) -> bool:
        """Whether one chooses from its options."""
        return self.kind in (Kind.ONE, Kind.EITHER)


@dataclass(frozen=True, slots=True)
class Doing:
    """A form that was sent from inside a case, read back."""

    here: Here
    case: str
    work: Casework
    """The use cases, for this one sending."""

    @property
    def who(self) -> Member:
        """Whoever sent it."""
        return self.here.member

    @property
    def seen(self) -> int:
        """The version of the case that was on the screen; one that nobody saw where none was sent."""
        said = self.here.said("seen")
        return int(said) if said.isdecimal() and len(said) < 10 else 0

    def text(self, name: str) -> str:
        """What was written."""
        return self.here.said(name).replace("\r\n", "\n")

    def number(self, name: str) -> int:
        """The number in a field that offers numbers; 0 for anything else."""
        said = self.here.said(name)
        return int(said) if said.isdecimal() and len(said) < 10 else 0

    def day(self, name: str) -> date | None:
        """The day given, None where it was left empty; raises `FormError` for what is no day."""
        try:
            return date.fromisoformat(self.here.said(name)) if self.here.said(name) else None
        except ValueError:
            raise FormError({name: _DAY}) from None

    def needed_day(self, name: str) -> date:
        """The day given; raises `FormError` where there is none."""
        found = self.day(name)
        if found is None:
            raise FormError({name: _DAY})
        return found

    def moment(self, name: str) -> datetime:
        """When it was by the clock in London, now where it was left empty; raises `FormError`."""
        said = self.here.said(name)
        if not said:
            return self.here.parts.clock()
        try:
            at = datetime.fromisoformat(said).replace(tzinfo=None)
            return moment(at.date(), at.time())
        except (ValueError, OverflowError):
            raise FormError({name: _MOMENT}) from None

    def one(self, name: str, kind: type[_E]) -> _E:
        """The member of *kind* chosen; raises `FormError` for none."""
        try:
            return kind(self.here.said(name))
        except ValueError:
            raise FormError({name: _CHOOSE}) from None

    def either(self, name: str) -> bool:
        """Yes or no, which a person has to say; raises `FormError` for neither."""
        found = {"yes": True, "no": False}.get(self.here.said(name))
        if found is None:
            raise FormError({name: "Say yes or no."})
        return found


def each_of(kind: type[StrEnum], **labels: str) -> Options:
    """The members of *kind* to choose from; *labels* by member name, where the value says too little."""
    found = tuple((each.value, labels.get(each.name, each.value.capitalize())) for each in kind)
    return lambda _at: found


def yes_or_no(_at: At) -> tuple[Option, ...]:
    """Yes and no."""
    return ("yes", "Yes"), ("no", "No")


def holders(at: At) -> tuple[Option, ...]:
    """Who may open the case."""
    return people(at.school, at.view.access.full)


def colleagues(at: At) -> tuple[Option, ...]:
    """Who may not open the case, and is not kept out of it either."""
    taken = {*at.view.access.full, *at.view.access.excluded}
    return people(at.school, tuple(each.id for each in at.school.people if each.id not in taken))


def not_out(at: At) -> tuple[Option, ...]:
    """Everybody who is not kept out."""
    out = at.view.access.excluded
    return people(at.school, tuple(each.id for each in at.school.people if each.id not in out))


def kept_out(at: At) -> tuple[Option, ...]:
    """Who is kept out."""
    return people(at.school, at.view.access.excluded)


def everybody(at: At) -> tuple[Option, ...]:
    """All the school's listed people."""
    return people(at.school, tuple(each.id for each in at.school.people))


def reporters(at: At) -> tuple[Option, ...]:
    """The cases whose reporters can be written to, where there is more than one."""
    merged = at.view.merged_from
    return tuple((each, f"case {each}") for each in (at.view.head.case, *merged)) if merged else ()


def lines(at: At) -> tuple[Option, ...]:
    """The lines of the chronology, the last one first; what they say stands there, not here."""
    shown = reversed(at.view.chronology)
    return tuple((str(each.seq), f"Line {each.seq}: {each.kind.value}") for each in shown)


def record_types(at: At) -> tuple[Option, ...]:
    """The types of record, each with how long it is kept unless the school decides otherwise."""
    return tuple((each.id, f"{each.words} ({_kept(each, at.today)})") for each in at.schedule.types)


def _kept(kind: RecordType, today: date) -> str:
    span = f"{kind.years} year{'' if kind.years == 1 else 's'} from {kind.day}" if kind.years else kind.day
    given = "" if kind.counts_from is CountsFrom.CLOSURE else "; give the last day"
    caution = kind.caution(today)
    return f"{span}{given}{'; ' if caution else ''}{caution}"
