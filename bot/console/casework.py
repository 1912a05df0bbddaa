"""The commands of `staffroom case`: everything that is done with one case."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.console.acting import (
    Acting,
    on_case,
    written,
)
from bot.console.cases import head_of
from bot.console.closing import closing_from, read_answers
from bot.domain.cases import Party, PartyRole
from bot.domain.closing import Retention
from bot.domain.schooldays import moment
from bot.domain.views import Advice, Agency, LockAdvice, ParentContact, Referral
from bot.errors import ConfigurationError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Act on a case: each command takes its number and --as PERSON.",
    epilog='Example: staffroom case note 7K3M-Q9XD --as cop-dsl "Spoke with the form tutor."',
)

Text = Annotated[
    str, typer.Argument(help="The words; asked for where they are left out.", show_default=False)
]
Seen = Annotated[
    int, typer.Option("--seen", help="The number that the case shows as --seen.", show_default=False)
]
Why = Annotated[str, typer.Option("--reason", help="Why; it is kept.", show_default=False)]
Who = Annotated[str, typer.Option("--who", help="The person's id.", show_default=False)]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], show_default=False)]
When = Annotated[
    datetime | None,
    typer.Option("--when", formats=["%Y-%m-%d %H:%M"], help="When it was; else now.", show_default=False),
]


class To(StrEnum):
    """Where `refer --to` sends."""

    LADO = "lado"
    POLICE = "police"
    SOCIAL_CARE = "social-care"
    PREVENT = "prevent"


class Advised(StrEnum):
    """What `lock --advice` says."""

    KEEP = "keep"
    HAND_OVER = "hand-over"
    DELETE = "delete"


def register(whole: typer.Typer) -> None:
    """Add `case` and its commands to *whole*."""
    whole.add_typer(app, name="case")


@on_case(app)
def acknowledge(at: Acting, seen: Seen) -> None:
    """
    Take note of a case that you have read.

    Example: staffroom case acknowledge 7K3M-Q9XD --as cop-dsl --seen 4
    """
    at.done(at.desk.casework.acknowledge(at.who, at.case, seen))


@on_case(app)
def assign(at: Acting, who: Who, seen: Seen) -> None:
    """
    Give a case to somebody who may open it.

    Example: staffroom case assign 7K3M-Q9XD --as cop-dsl --who cop-deputy --seen 5
    """
    at.done(at.desk.casework.assign(at.who, at.case, _person(at, who), seen))


@on_case(app)
def note(at: Acting, text: Text = "") -> None:
    """
    Add a note.

    Example: staffroom case note 7K3M-Q9XD --as cop-dsl "Spoke with the form tutor."
    """
    at.done(at.desk.casework.note(at.who, at.case, written(text, "Note")))


@on_case(app)
def correct(at: Acting, line: Annotated[int, typer.Option(help="Its number.")], text: Text = "") -> None:
    """
    Put right what a line of the chronology says; the line itself stays.

    Example: staffroom case correct 7K3M-Q9XD --as cop-dsl --line 6 "It was on Tuesday."
    """
    at.done(at.desk.casework.correct(at.who, at.case, line, written(text, "What is right")))


@on_case(app)
def ask(at: Acting, text: Text = "") -> None:
    """
    Ask the reporter for more.

    Example: staffroom case ask 7K3M-Q9XD --as cop-dsl "Which app was it?"
    """
    at.done(at.desk.casework.ask_reporter(at.who, at.case, written(text, "Question")))


@on_case(app)
def reply(at: Acting, text: Text = "") -> None:
    """
    Say one line to the reporter.

    Example: staffroom case reply 7K3M-Q9XD --as cop-dsl "Thank you, I have it."
    """
    at.done(at.desk.casework.reply(at.who, at.case, written(text, "Reply, one line")))


@on_case(app)
def action(
    at: Acting,
    text: Text = "",
    owner: Annotated[str, typer.Option(help="Whose action it is; else your own.", show_default=False)] = "",
    due: Day = None,
    done: Annotated[int, typer.Option(help="The number of an action that is done.", show_default=False)] = 0,
) -> None:
    """
    Set an action with --due, or finish one with --done.

    Example: staffroom case action 7K3M-Q9XD --as cop-dsl "Ring the parent" --due 2026-11-24
    """
    if done:
        result = written(text, "What came of it")
        at.done(at.desk.casework.finish_action(at.who, at.case, done, result))
        return
    if due is None:
        raise ConfigurationError("an action needs --due YYYY-MM-DD; to finish one, give --done NUMBER")
    by = _person(at, owner or at.who.person)
    at.done(at.desk.casework.set_action(at.who, at.case, written(text, "Action"), by, due.date()))


@on_case(app)
def decide(at: Acting, seen: Seen, text: Text = "", reason: Why = "") -> None:
    """
    Record a decision with its reason.

    Example: staffroom case decide 7K3M-Q9XD --as cop-dsl --seen 7 "No further contact" --reason "…"
    """
    what = written(text, "Decision")
    at.done(at.desk.casework.decide(at.who, at.case, what, written(reason, "Because"), seen))


@on_case(app)
def refer(
    at: Acting,
    to: Annotated[To, typer.Option(help="Where to.")],
    whom: Annotated[str, typer.Option(help="Who there took it.", show_default=False)],
    reference: Annotated[str, typer.Option(help="Their reference.", show_default=False)] = "",
    when: When = None,
) -> None:
    """
    Record a referral that was made.

    Example: staffroom case refer 7K3M-Q9XD --as cop-dsl --to lado --whom "duty officer"
    """
    referral = Referral(Agency[to.name], _moment(when), whom, reference)
    at.done(at.desk.casework.refer(at.who, at.case, referral))


@on_case(app)
def parent(
    at: Acting,
    whom: Annotated[str, typer.Option(help="With whom.", show_default=False)],
    how: Annotated[str, typer.Option(help="How, such as by telephone.", show_default=False)],
    text: Text = "",
    when: When = None,
) -> None:
    """
    Record a contact with a parent or carer.

    Example: staffroom case parent 7K3M-Q9XD --as cop-dsl --whom "mother" --how telephone "Told her …"
    """
    contact = ParentContact(whom, _moment(when), how, written(text, "What was said"))
    at.done(at.desk.casework.record_parent_contact(at.who, at.case, contact))


@on_case(app)
def person(
    at: Acting,
    role: Annotated[PartyRole, typer.Option(help="What they are in this case.")],
    name: Annotated[str, typer.Option(help="Asked for where it is left out.", show_default=False)] = "",
    handle: Annotated[str, typer.Option(help="What they are called online.", show_default=False)] = "",
    category: Annotated[str, typer.Option(help="pupil, parent, adult …", show_default=False)] = "",
) -> None:
    """
    Record somebody's role in a case; one of the school's people who is alleged is kept out from then on.

    Example: staffroom case person 7K3M-Q9XD --as cop-dsl --role witness
    """
    party = Party(written(name, "Name"), role, handle, category)
    at.done(at.desk.casework.record_person(at.who, at.case, party))


@on_case(app)
def share(
    at: Acting,
    who: Who,
    reason: Why = "",
    tell: Annotated[bool, typer.Option("--tell", help="Tell them that it exists, no more.")] = False,
) -> None:
    """
    Let a named colleague open a case.

    Example: staffroom case share 7K3M-Q9XD --as cop-dsl --who cop-deputy --reason "covers on Friday"
    """
    give = at.desk.casework.tell if tell else at.desk.casework.share
    at.done(give(at.who, at.case, _person(at, who), written(reason, "Why")))


@on_case(app)
def exclude(
    at: Acting,
    who: Who,
    reason: Why = "",
    lift: Annotated[bool, typer.Option("--lift", help="Ask to let them in again: two must.")] = False,
) -> None:
    """
    Keep somebody out of a case, at once; nobody tells them.

    Example: staffroom case exclude 7K3M-Q9XD --as cop-dsl --who cop-deputy --reason "a relative"
    """
    work = at.desk.casework
    move = work.lift_exclusion if lift else work.exclude
    at.done(move(at.who, at.case, _person(at, who), written(reason, "Why")))


@on_case(app)
def link(at: Acting, other: Annotated[str, typer.Argument(show_default=False)], reason: Why = "") -> None:
    """
    Write the number of another case into this one, and of this one into the other.

    Example: staffroom case link 7K3M-Q9XD 4F2B-8RTN --as cop-dsl --reason "the same account"
    """
    why = written(reason, "Why")
    for event in at.desk.casework.link(at.who, at.case, other.strip().upper(), why):
        typer.echo(f"{event.case}: {event.kind.value}.")


@on_case(app)
def merge(
    at: Acting, into: Annotated[str, typer.Argument(show_default=False)], seen: Seen, reason: Why = ""
) -> None:
    """
    Carry a duplicate on in another case.

    Example: staffroom case merge 7K3M-Q9XD 4F2B-8RTN --as cop-dsl --seen 5 --reason "sent twice"
    """
    why = written(reason, "Why")
    at.done(at.desk.casework.merge(at.who, at.case, into.strip().upper(), why, seen))


@on_case(app)
def lock(
    at: Acting,
    file: Annotated[str, typer.Option("--file", help="The id of the evidence.", show_default=False)],
    adviser: Annotated[str, typer.Option(help="Who advised what to do.", show_default=False)] = "",
    advice: Annotated[Advised | None, typer.Option(help="What they advised.", show_default=False)] = None,
    when: When = None,
) -> None:
    """
    Shut a file that may be an indecent image, at once and for good; or record advice about a locked one.

    Example: staffroom case lock 7K3M-Q9XD --as cop-dsl --file e-1
    """
    if bool(adviser) != bool(advice):
        raise ConfigurationError("advice needs both: --adviser WHO and --advice keep, hand-over or delete")
    if advice:
        said = LockAdvice(file, adviser, Advice[advice.name], _moment(when))
        at.done(at.desk.casework.record_lock_advice(at.who, at.case, said))
        return
    at.desk.casework.lock(at.who, at.case, file)
    typer.echo(f"{at.case}: {file} is locked. Nobody opens, copies, sends, saves or deletes it.")
    typer.echo("Record who advises what, and when, with --adviser and --advice.")


@on_case(app)
def hold(
    at: Acting,
    reason: Why = "",
    lift: Annotated[bool, typer.Option("--lift", help="Lift it.")] = False,
) -> None:
    """
    Set a legal hold, which stops any deletion, or lift it.

    Example: staffroom case hold 7K3M-Q9XD --as cop-head --reason "police asked us to"
    """
    move = at.desk.casework.release if lift else at.desk.casework.hold
    at.done(move(at.who, at.case, written(reason, "Why")))


@on_case(app)
def close(
    at: Acting,
    seen: Seen,
    answers: Annotated[
        Path | None, typer.Option(help="A JSON file of the answers, else asked for.", show_default=False)
    ] = None,
) -> None:
    """
    Close a case: how it was followed up, what was done, how it ended and why, how long it is kept.

    Example: staffroom case close 7K3M-Q9XD --as cop-dsl --seen 9
    """
    given = read_answers(answers) if answers else None
    closing = closing_from(given, at.desk.casework.schedule, head_of(at).about_adult and not at.real)
    at.done(at.desk.casework.close(at.who, at.case, closing, seen))


@on_case(app)
def reopen(at: Acting, reason: Why = "") -> None:
    """
    Open a closed case again.

    Example: staffroom case reopen 7K3M-Q9XD --as cop-dsl --reason "a new message came"
    """
    at.done(at.desk.casework.reopen(at.who, at.case, written(reason, "Why")))


@on_case(app)
def retention(
    at: Acting,
    seen: Seen,
    kind: Annotated[str, typer.Option("--type", help="The type of record.", show_default=False)],
    abuse: Annotated[
        bool,
        typer.Option(
            "--sexual-abuse/--no-sexual-abuse",
            help="Whether sexual abuse of a child is alleged.",
            show_default=False,
        ),
    ],
    until: Day = None,
) -> None:
    """
    Decide anew how long a closed case is kept.

    Example: staffroom case retention 7K3M-Q9XD --as cop-head --seen 9 --type …
    """
    last = until.date() if until else None
    kept = Retention(kind, abuse, last)
    types = ", ".join(each.id for each in at.desk.casework.schedule.types)
    if kind not in types.split(", "):
        raise ConfigurationError(f"--type {kind!r} is no type of record; choose one of: {types}")
    at.done(at.desk.casework.set_retention(at.who, at.case, kept, seen))


def _person(at: Acting, handle: str) -> str:
    return at.school.person(handle).id


def _moment(when: datetime | None) -> datetime:
    """*when* as a clock in London shows it, or now."""
    return moment(when.date(), when.time()) if when else datetime.now(UTC)
