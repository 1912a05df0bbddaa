"""What a move at the desk is: its form, where it stands, and what is asked in it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from bot.domain import moves
from bot.domain.cases import EventKind
from bot.web.case_fields import At, Doing, Field, Kind, Options


class Group(StrEnum):
    """Where on the page a form stands."""

    FIRST = "first"
    RECORD = "Record what was done"
    PEOPLE = "People and access"
    OTHERS = "Other cases"
    END = "End and keep"
    BESIDE = "beside"
    """Beside the file or the action that it is about."""


@dataclass(frozen=True, slots=True)
class Move:
    """One thing to do; *done* is what is said once it is stored."""

    name: str
    title: str
    kind: EventKind
    button: str
    done: str
    act: Callable[[Doing], object]
    fields: tuple[Field, ...] = ()
    group: Group = Group.RECORD
    hint: str = ""
    danger: bool = False
    when: Callable[[At], bool] = lambda _at: True

    def offered(self, at: At) -> bool:
        """Whether the case stands where it can be done, and there is something to do it to."""
        return moves.allows(at.view.head, self.kind) and self.when(at)

    def asked(self, at: At) -> tuple[Field, ...]:
        """The fields that a case like this one asks for."""
        return tuple(each for each in self.fields if each.adult in (None, at.view.head.about_adult))


def long_text(label: str, name: str = "text", hint: str = "", adult: bool | None = None) -> Field:
    """A field for some lines."""
    return Field(name, label, Kind.TEXT, hint, adult=adult)


def why(label: str = "Why") -> Field:
    """The field for a reason."""
    return Field("reason", label, hint="It is kept in the case.", longest=1000)


def whom(label: str, options: Options) -> Field:
    """A field for one of the school's people."""
    return Field("person", label, Kind.ONE, options=options)
