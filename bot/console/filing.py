"""The commands `file` and `forms`: a report told from an answers file, or asked for step by step."""

import re
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any, cast

import typer
from rich.console import Console
from rich.text import Text

from bot import app as wiring
from bot.config import Mode
from bot.console.acting import os_user
from bot.console.asking_form import Asked, ask_more, ask_report
from bot.console.evidence_files import Files, read_files, unopened
from bot.console.lines import json_object, lines_of, to_json
from bot.console.receipt import Shown, draw_receipt, receipt_json
from bot.console.render import console_for
from bot.console.rooms import IN_DANGER, AsJson, Policies, SchoolOption, banner, chosen, wired
from bot.console.talk import Stopped, Talk
from bot.domain import forms, receipts
from bot.domain.data_files import hint
from bot.domain.form_types import FormDefinition
from bot.domain.form_values import clean
from bot.domain.reports import AnswerValue, Gate, Receipt, Submission, Upload
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import BotError, ConfigurationError, FormError, StoreBusy, StoreFailed
from bot.intake import reporter

GATE_FIRST = (
    'no file was opened: the answers must carry "gate" first: could any of it show a nude, semi-nude or '
    'sexual image of someone under 18? "no", "yes" or "not-sure"'
)
_REQUEST_ID = re.compile(r"[!-~]{1,100}")
_LONGEST_NAME = 200

FormName = Annotated[
    str, typer.Argument(metavar="FORM", help=f"One of: {', '.join(Form)}.", show_default=False)
]
ReporterOption = Annotated[
    str, typer.Option("--reporter", help="Who reports: a name, or an e-mail.", show_default=False)
]
Answers = Annotated[
    Path | None,
    typer.Option("--answers", help="A JSON file of answers, see: staffroom forms FORM. Without it: asks."),
]
Evidence = Annotated[
    list[Path] | None,
    typer.Option("--evidence", help='A file to keep; may be given again. Needs "gate": "no".'),
]
RequestId = Annotated[
    str, typer.Option("--request-id", help="The same id again adds to the same case.", show_default=False)
]
Details = Annotated[bool, typer.Option("--details", help="Show the hashes of the files too.")]


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for on the command line."""

    school: School
    form: FormDefinition
    who: str
    request_id: str
    details: bool = False
    as_json: bool = False
    adds: bool = False
    """To a report of which the receipt was shown just now."""


def register(app: typer.Typer) -> None:
    """Give *app* the commands of this module."""
    app.command("file")(file)
    app.command("forms")(show_forms)


# Its parameters are the options of the command, which DESIGN fixes.
def file(  # noqa: PLR0913, PLR0917
    form: FormName = "",
    school: SchoolOption = "",
    reporter_name: ReporterOption = "",
    answers: Answers = None,
    evidence: Evidence = None,
    request_id: RequestId = "",
    details: Details = False,
    policies: Policies = None,
    as_json: AsJson = False,
) -> None:
    """
    File a report from an answers file; without one, be asked step by step.

    Example: staffroom file friend-request --reporter "Jo Bloggs" --answers answers.json
    """
    wanted = form_named(form) if form or answers else None
    request = _request_id(request_id)
    if answers is None:
        _need_a_terminal(as_json, evidence or ())
    said = answers_in(answers) if answers else {}
    with explained_fields():
        gate = forms.gate_of(said)
    if evidence and answers and gate is Gate.UNASKED:
        raise ConfigurationError(GATE_FIRST)
    room = wired(policies)
    place = room.folders.schools[_school(room, school)]
    if not as_json:
        banner(room)
    with wiring.desk(room) as desk, explained_fields():
        if wanted is None or answers is None:
            converse(room, desk, Asked(place, wanted, clean(reporter_name, lines=False), request))
            return
        order = Order(place, desk.forms[wanted], _who(reporter_name), request, details, as_json)
        _file(room, desk, order, said, evidence or [])


def show_forms(
    form: FormName = "",
    as_json: AsJson = False,
) -> None:
    """
    Show the questions of a form, and an answers file that fits it.

    Example: staffroom forms friend-request --json
    """
    wanted = form_named(form) if form else None
    known = wiring.form_definitions()
    if as_json:
        shown = form_json(known[wanted]) if wanted else [form_json(each) for each in known.values()]
        typer.echo(to_json(shown, indent=1))
        return
    console = console_for()
    for each in [known[wanted]] if wanted else known.values():
        _draw_form(console, each, whole=wanted is not None)
    if wanted is None:
        console.print(Text("\nThe questions of one: staffroom forms FORM. To report: staffroom file FORM"))


def form_named(name: str) -> Form:
    """The form called *name*, or an error with the nearest; nobody is sent away with that alone."""
    try:
        return Form(name)
    except ValueError:
        near = hint(clean(name, lines=False)[:40], list(Form))
        stop = "" if near.endswith("?") else "."
        raise ConfigurationError(f"there is no form {name[:40]!r}; {near}{stop} {IN_DANGER}") from None


def form_json(form: FormDefinition) -> dict[str, Any]:
    """The object that `forms --json` prints for *form*."""
    return {
        "form": form.form.value,
        "title": form.title,
        "fields": [
            {
                "id": field.id,
                "label": field.label,
                "kind": field.kind.value,
                "required": field.required,
                "choices": [choice.value for choice in field.choices],
                "help": field.help,
                "later": field.later,
                "shown_if": {field.shown_if.field: list(field.shown_if.values)} if field.shown_if else None,
            }
            for field in form.fields
        ],
        "example": forms.example(form),
    }


def answers_in(path: Path) -> dict[str, object]:
    """The answers in the file at *path*; whatever is wrong with it is said without repeating its content."""
    found = json_object("\n".join(lines_of(path)))
    if found is None:
        raise ConfigurationError(
            f"{path}: is no JSON object; see an example with: staffroom forms FORM --json"
        )
    return found


@contextmanager
def explained_fields() -> Iterator[None]:
    """Print a line for each field that cannot stay as it is and leave with exit code 2; nothing is stored."""
    try:
        yield
    except FormError as error:
        for field, words in error.fields.items():
            sys.stderr.write(f"staffroom: {field}: {' '.join(words.split())}\n")
        sys.stderr.write(f"staffroom: nothing was stored. {IN_DANGER}\n")
        raise typer.Exit(2) from None


def converse(room: wiring.Staffroom, desk: wiring.Desk, asked: Asked) -> None:
    """Ask for a report step by step, store it, show the receipt, and offer what can be added now or later."""
    talk = Talk(console_for(), room.settings.max_mb)
    try:
        asked = ask_report(talk, desk, asked)
    except (Stopped, KeyboardInterrupt):
        talk.say(f"Stopped. Nothing was stored. {IN_DANGER}", "bold")
        raise typer.Exit(1) from None
    order = Order(asked.school, desk.forms[asked.chosen], asked.who, asked.request_id)
    case = _stored(room, desk, order, _sent(asked))
    try:
        more = ask_more(talk, desk, asked)
    except (Stopped, KeyboardInterrupt):
        talk.say("Your report is stored. What you were adding just now was not added.")
        return
    if more is not None:
        handle = more.submission().reporter.handle
        for words in more.cannot:
            desk.casework.cannot_get(asked.school.id, handle, case, words)
        _stored(room, desk, replace(order, adds=True), _sent(more))


def _sent(asked: Asked) -> tuple[Submission, Files]:
    return replace(asked.submission(), entered_by=_entered_by(asked.who)), Files(asked.uploads)


def at_the_prompt(room: wiring.Staffroom, school: str, words: str) -> bool:
    """Take a report where `talk` asks questions, if *words* are "report" or "report FORM"."""
    command, _, name = words.strip().casefold().partition(" ")
    if command != "report" or (name and name not in list(Form)):
        return False
    with wiring.desk(room) as desk:
        try:
            wanted = Form(name) if name else None
            converse(room, desk, Asked(room.folders.schools[school], wanted, "", _request_id("")))
        except typer.Exit:
            return True
        except BotError as error:
            console_for().print(Text(error.user_message, style="red"))
    return True


def _file(
    room: wiring.Staffroom,
    desk: wiring.Desk,
    order: Order,
    said: Mapping[str, object],
    evidence: Sequence[Path],
) -> None:
    """File the answers that are *said*; a file is opened only once everything else is well."""
    sent = Submission(
        request_id=order.request_id,
        school=order.school.id,
        form=order.form.form,
        reporter=reporter(order.school, order.who),
        # As they were written: `forms.check` reads and judges each.
        answers=cast(Mapping[str, AnswerValue], said),
        gate=forms.gate_of(said),
        concerned=forms.people_of(said, "concerned"),
        not_about=forms.people_of(said, "not_about"),
        entered_by=_entered_by(order.who),
    )
    desk.intake.ready(sent)
    may = desk.intake.takes_files(sent)
    files = read_files(evidence, room.settings.max_mb) if may else Files(refused=unopened(evidence))
    _stored(room, desk, order, (sent, files))


def _stored(room: wiring.Staffroom, desk: wiring.Desk, order: Order, told: tuple[Submission, Files]) -> str:
    """Store, print, send the notices (one that cannot go out now waits in the outbox); return the case."""
    sent, files = told
    with _working(files.uploads):
        receipt = desk.intake.file(sent, files.uploads)
    try:
        _print(order, _shown(room, desk, order, (sent, files, receipt)))
    finally:
        try:
            desk.delivery.run_once()
        except (StoreBusy, StoreFailed):
            console_for(stderr=True).print(Text("The report is stored; its notices go out a little later."))
    return receipt.case


def _shown(
    room: wiring.Staffroom,
    desk: wiring.Desk,
    order: Order,
    told: tuple[Submission, Files, Receipt],
) -> Shown:
    sent, files, receipt = told
    named = desk.intake.ready(sent).named
    left_out = receipts.told(order.school, sorted(named))
    command = f"staffroom file {order.form.form} --school {order.school.id} --request-id {order.request_id}"
    return Shown(
        receipt=receipt,
        unopened=files.refused,
        left_out=tuple(f"{each['role']}: {each['name']}" for each in left_out),
        sample=room.settings.mode is Mode.SAMPLE,
        details=order.details,
        command=command,
        adds=order.adds,
    )


def _print(order: Order, shown: Shown) -> None:
    if order.as_json:
        typer.echo(to_json(receipt_json(shown)))
    else:
        draw_receipt(console_for(), shown)
    sys.stdout.flush()


@contextmanager
def _working(uploads: Sequence[Upload]) -> Iterator[None]:
    """A sign of life on standard error while files are looked at, where somebody watches."""
    console = console_for(stderr=True)
    if not uploads or not console.is_terminal:
        yield
        return
    with console.status(f"Looking at {len(uploads)} file(s) and storing the report …"):
        yield


def _school(room: wiring.Staffroom, school: str) -> str:
    """The school asked for; a report is never sent to a school that nobody named among several."""
    if not school and len(room.folders.schools) > 1:
        known = ", ".join(room.folders.schools)
        raise ConfigurationError(f"choose a school with --school: {known}. {IN_DANGER}")
    return chosen(room, school)


def _who(name: str) -> str:
    who = clean(name, lines=False)
    if not who or len(who) > _LONGEST_NAME:
        raise ConfigurationError(
            f'--reporter needs a name or an e-mail of at most {_LONGEST_NAME} characters, such as "Jo Bloggs"'
        )
    return who


def _request_id(given: str) -> str:
    if not given:
        return f"r-{secrets.token_hex(8)}"
    if not _REQUEST_ID.fullmatch(given):
        raise ConfigurationError("--request-id takes 1 to 100 letters, digits and signs, without spaces")
    return given


def _need_a_terminal(as_json: bool, evidence: Sequence[Path]) -> None:
    if as_json or evidence:
        option = "--json" if as_json else "--evidence"
        raise ConfigurationError(f"{option} needs --answers FILE.json; see: staffroom forms FORM --json")
    if not sys.stdin.isatty():
        raise ConfigurationError(
            f"without a terminal to ask in, file needs --answers FILE.json; see: staffroom forms. {IN_DANGER}"
        )


def _entered_by(who: str) -> str:
    """Who sat at the keyboard, as the record says it: nobody has confirmed that it was the reporter."""
    return f"{os_user()} for {who}, unconfirmed"


def _draw_form(console: Console, form: FormDefinition, whole: bool) -> None:
    console.print(Text(f"\n{form.form}", style="bold cyan"), Text(form.title, style="bold"))
    console.print(Text(form.about))
    if not whole:
        return
    for later in (False, True):
        console.print(Text("\nAdd now or later" if later else "\nAsked first", style="bold"))
        for field in (each for each in form.fields if each.later is later):
            needed = ", needed" if field.required else ""
            console.print(Text(f"  {field.id}", style="cyan"), Text(f"{field.label} ({field.kind}{needed})"))
            if field.choices:
                console.print(
                    Text(f"      {' | '.join(choice.value for choice in field.choices)}", style="dim")
                )
    console.print(Text("\nAn answers file that fits (--answers)", style="bold"))
    console.print(Text(to_json(forms.example(form), indent=2)))
