"""Acting on cases from the command line: as whom, by whom, and what may be shown of a case."""

import functools
import getpass
import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import app as wiring
from bot.casework import words
from bot.casework.room import Member
from bot.config import Mode
from bot.console.rooms import Policies, banner, chosen, wired
from bot.domain.audit import AuditKind
from bot.domain.cases import Event
from bot.domain.schools import School
from bot.errors import (
    BotError,
    ConfigurationError,
    FormError,
    IllegalMove,
    NeedsReason,
    NotAllowed,
    StaleCase,
    UnknownCase,
)

As = Annotated[
    str,
    typer.Option("--as", help="Whose work this is: a person's id, e-mail or chat id.", show_default=False),
]
SchoolOf = Annotated[
    str, typer.Option("--school", help="Their school, where the id is not enough.", show_default=False)
]
Reason = Annotated[
    str, typer.Option("--reason", help="Why, where the case asks for it; it is kept.", show_default=False)
]
Case = Annotated[str, typer.Argument(help="The number of the case.", show_default=False)]

_NEEDS_REASON = "This case asks why you open it: say it with --reason; it is kept, and the head sees it."
_NOT_HERE = "{case}: that cannot be done with this case; Staffroom itself says why"
_MOVED_ON = "{case}: nothing was done: it does not stand where that can be done; look at it in Staffroom"
_STALE = (
    "{case}: nothing was done: somebody else changed it since; look at it again, then give the new --seen"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """As whom something is to be done, as it was typed."""

    person: str
    school: str = ""
    policies: Path | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """Somebody at the command line, with the desk open."""

    room: wiring.Staffroom
    desk: wiring.Desk
    who: Member
    case: str = ""

    @property
    def real(self) -> bool:
        """Whether nothing of a case may be shown but its number, urgency, status and times."""
        return self.room.settings.mode is Mode.REAL

    @property
    def school(self) -> School:
        """The school of whoever acts."""
        return self.room.folders.schools[self.who.school]

    def done(self, event: Event) -> None:
        """Say that *event* is kept."""
        typer.echo(
            f"{self.case}: {event.kind.value}, {words.at(event.at)}. The case is now --seen {event.seq}."
        )


def os_user() -> str:
    """Whose account this is, for the audit log; the number cannot be set by a variable, as the name can."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = "without a name"
    number = getattr(os, "getuid", None)
    return f"OS user {name}" + (f" (uid {number()})" if number else "")


def member(room: wiring.Staffroom, asked: Asked) -> Member:
    """
    The person that *asked* names, whose id is looked for in every school unless it names one.

    Raises:
        ConfigurationError: nobody is named, nobody is known by that, or people of several schools are.
    """
    if not asked.person.strip():
        raise ConfigurationError(_who(room, "say whose work this is with --as", asked.school))
    schools = room.folders.schools
    among = [schools[chosen(room, asked.school)]] if asked.school else list(schools.values())
    found = [Member(school.id, person) for school in among if (person := _known(school, asked.person))]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(each.school for each in found)
        raise ConfigurationError(f"--as {asked.person!r} is known at {named}: say which with --school")
    raise ConfigurationError(_who(room, f"--as {asked.person!r} is nobody's id here", asked.school))


@contextmanager
def acting(asked: Asked, case: str, doing: str, quiet: bool = False) -> Iterator[Acting]:
    """Open the desk for somebody who is *doing* something, after that and the OS user are in the log."""
    room = wired(asked.policies)
    if not quiet:
        banner(room)
    who = member(room, asked)
    number = case.strip().upper()
    with wiring.desk(room) as desk:
        _record(desk, who, number, f"{doing}, {os_user()}")
        with _explained(room.settings.mode is Mode.REAL, number):
            yield Acting(room, desk, who, number)


def asking(function: Callable[..., None]) -> Callable[..., None]:
    """A command that hands *function* who asks, from --as, --school and --policies, as its first argument."""

    @functools.wraps(function)
    def command(*, person: str = "", school: str = "", policies: Path | None = None, **own: Any) -> None:
        function(Asked(person, school, policies), **own)

    own = list(inspect.signature(function).parameters.values())[1:]
    return _declared(command, [*own, *_ASKING])


def on_case(app: typer.Typer) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Add a command to *app* that also takes CASE, and hands the function somebody `Acting` on it."""

    def add(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def on_it(asked: Asked, *, case: str, **own: Any) -> None:
            with acting(asked, case, f"case {function.__name__}") as at:
                function(at, **own)

        first, *own = inspect.signature(function).parameters.values()
        name = function.__name__.replace("_", "-")
        app.command(name)(asking(_declared(on_it, [first, _CASE, *own])))
        return function

    return add


def written(text: str, ask: str) -> str:
    """*text*, else what is typed at the prompt: so it need not stand in the shell's history."""
    if text:
        return text
    try:
        return input(f"{ask}: ")
    except (EOFError, KeyboardInterrupt):
        raise ConfigurationError(f"nothing was typed for: {ask}") from None


def _option(name: str, kind: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)


_CASE = _option("case", Case)
_ASKING = (
    _option("person", As, ""),
    _option("school", SchoolOf, ""),
    _option("policies", Policies, None),
)


def _declared(command: Callable[..., None], parameters: list[inspect.Parameter]) -> Callable[..., None]:
    """*command* with the parameters that typer is to see, which it gives by name."""
    named = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in parameters]
    command.__signature__ = inspect.Signature(named)  # type: ignore[attr-defined]
    command.__annotations__ = {each.name: each.annotation for each in named}
    return command


def _known(school: School, handle: str) -> str:
    try:
        return school.person(handle.strip()).id
    except ConfigurationError:
        return ""


def _who(room: wiring.Staffroom, cause: str, school: str) -> str:
    """*cause* and, in sample mode alone, who there is."""
    if room.settings.mode is Mode.REAL:
        return f"{cause}: give a person's id, as school.toml has it"
    found = room.folders.schools[chosen(room, school)]
    people = ", ".join(f"{person.id} ({person.name})" for person in found.people)
    return f"{cause}; at {found.id} there are: {people}"


def _record(desk: wiring.Desk, who: Member, case: str, detail: str) -> None:
    with desk.store.writing() as unit:
        try:
            at = unit.head(case).school if case else ""
        except UnknownCase:
            at = ""
        unit.record(AuditKind.ENTERED, who.person, who.school, case if at == who.school else "", detail)


@contextmanager
def _explained(real: bool, case: str) -> Iterator[None]:
    """Name the mend in this edge's own words; in real mode nothing that an error tells of the case."""
    try:
        yield
    except NeedsReason as error:
        raise ConfigurationError(_NEEDS_REASON if real else f"{error.user_message} Use --reason.") from None
    except NotAllowed as error:
        raise ConfigurationError(_NOT_HERE.format(case=case) if real else _said(case, error)) from None
    except FormError as error:
        wrong = "; ".join(f"{field.replace('_', '-')}: {said}" for field, said in error.fields.items())
        raise ConfigurationError(wrong) from None
    except StaleCase as error:
        raise ConfigurationError(_STALE.format(case=case) if real else _said(case, error)) from None
    except IllegalMove as error:
        raise ConfigurationError(_MOVED_ON.format(case=case) if real else _said(case, error)) from None


def _said(case: str, error: BotError) -> str:
    return f"{case}: {error.user_message}"
