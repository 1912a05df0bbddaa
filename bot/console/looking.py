"""The commands that look: search, evidence, what is due for deletion, and a reporter's own reports."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from bot import app as wiring
from bot.casework import words
from bot.casework.ending import Due
from bot.config import Mode
from bot.console.acting import Acting, Asked, Reason, acting, asking, on_case, os_user, written
from bot.console.case_view import FORM_NAMES, head_json
from bot.console.cases import head_of
from bot.console.lines import to_json
from bot.console.plain import plain
from bot.console.rooms import AsJson, Policies, SchoolOption, banner, chosen, wired
from bot.domain import moves
from bot.domain.audit import AuditKind
from bot.domain.cases import Status
from bot.domain.certificates import Certificate
from bot.domain.evidence import EvidenceItem, FileKind
from bot.domain.views import ReporterView
from bot.errors import ConfigurationError, EvidenceLocked, IllegalMove
from bot.intake import reporter

_AT_DESK = "in real mode nothing of a case is shown or written here: use the desk"
_ORIGINAL = (
    "This is the file as it was received: it may do harm to a machine, and it holds all its metadata. "
    "Do not send it on; delete the copy when you have done with it."
)
_COPIES = "These are copies of evidence: delete them when you have done with them."
_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "text/plain": "txt"}
_OF_KIND = {
    **{FileKind.PNG: "png", FileKind.JPEG: "jpg", FileKind.WEBP: "webp", FileKind.HEIC: "heic"},
    **{FileKind.GIF: "gif", FileKind.PDF: "pdf", FileKind.MP4: "mp4", FileKind.MOV: "mov"},
    **{FileKind.TXT: "txt", FileKind.EML: "eml"},
}
# What the certificate tells beyond these (its form, its type, why) is content, for Staffroom alone to show.
_TIMES = ("case", "school", "filed_at", "closed_at", "until", "deleted_at")
# Windows alone has texts and binaries.
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FOUND = ("case", "urgency", "status")

Out = Annotated[Path, typer.Option(help="The folder for the new files.", show_default=False)]
Reporter = Annotated[
    str, typer.Option("--reporter", help="Who reported: a name, or an e-mail.", show_default=False)
]
Item = Annotated[str, typer.Option(help="The id of one file; else all of them.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    app.command()(search)
    on_case(app)(evidence)
    app.command()(deletions)
    app.command("my-reports")(my_reports)


@asking
def search(
    asked: Asked,
    name: Annotated[
        str, typer.Argument(help="A name or a handle; asked for where it is left out.", show_default=False)
    ] = "",
    as_json: AsJson = False,
) -> None:
    """
    Find the cases with somebody of that name which a person may open: numbers, urgency and status.

    Example: staffroom search "Jo Marsh" --as cop-dsl
    """
    # The name stays out of the log, here as in the search itself.
    with acting(asked, "", "search", quiet=as_json) as at:
        found = at.desk.casework.search(at.who, written(name, "Name"))
        rows = [{key: head_json(head)[key] for key in _FOUND} for head in found]
        if as_json:
            typer.echo(to_json(rows, indent=1))
            return
        for row in rows:
            typer.echo("  ".join(row.values()))
        if not rows:
            typer.echo("No cases.")


def evidence(
    at: Acting,
    out: Out,
    item: Item = "",
    original: Annotated[
        bool, typer.Option("--original", help="The file as it was received; needs --reason.")
    ] = False,
    reason: Reason = "",
) -> None:
    """
    Write the evidence of a case to a folder, as the copies that people look at; a locked file never.

    Example: staffroom evidence 7K3M-Q9XD --as cop-dsl --item e-1 --out looked-at --reason "my case"
    """
    if at.real:
        raise ConfigurationError(_AT_DESK)
    if original and not reason.strip():
        raise ConfigurationError("--original needs --reason WHY; it is kept")
    items = _items(at, item, reason)
    _make(out)
    typer.echo(_ORIGINAL if original else _COPIES, err=True)
    write = _write_original if original else _write_copies
    locked = 0
    for each in items:
        try:
            write(at, each, out, reason)
        except EvidenceLocked as error:
            # The files that are not locked are not kept back by it.
            locked += 1
            typer.echo(f"staffroom: {at.case}: {each.id}: {error.user_message}", err=True)
    if locked:
        raise typer.Exit(1)


@asking
def deletions(
    asked: Asked,
    confirm: Annotated[str, typer.Option(help="The case to delete for good.", show_default=False)] = "",
    reason: Reason = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for the case number again.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    List the cases whose time is over; with --confirm, delete one for good, under a certificate.

    Example: staffroom deletions --as cop-head --confirm 7K3M-Q9XD --reason "its time is over"
    """
    with acting(asked, confirm, "deletions, one" if confirm else "deletions, the list", quiet=as_json) as at:
        if confirm:
            _delete(at, reason, yes, as_json)
            return
        due = at.desk.casework.due_for_deletion(at.who)
        if as_json:
            typer.echo(to_json([_due_json(each, at.real) for each in due], indent=1))
        else:
            _draw_due(due, at.real)


def _items(at: Acting, item: str, reason: str) -> tuple[EvidenceItem, ...]:
    """The files asked for, of a case that is opened for it: SAFETY 22 asks for a reason there."""
    view = at.desk.casework.open_case(at.who, at.case, reason)
    found = tuple(each for each in view.evidence if item in ("", each.id))
    if item and not found:
        raise IllegalMove(f"{at.case}: no such evidence", words.NO_FILE)
    if not found:
        raise ConfigurationError(f"{at.case}: has no evidence")
    return found


def _write_copies(at: Acting, item: EvidenceItem, out: Path, reason: str) -> None:
    copies = at.desk.casework.derivatives(at.who, at.case, item.id, reason)
    for number, copy in enumerate(copies, 1):
        _write(out / f"{at.case}-{item.id}-{number}.{_ENDINGS[copy.media_type]}", [copy.content])
    if not copies:
        typer.echo(f"{item.id}: there is no copy to look at; --original writes the file itself", err=True)


def _write_original(at: Acting, item: EvidenceItem, out: Path, reason: str) -> None:
    fetched = at.desk.casework.download_original(at.who, at.case, item.id, reason)
    _write(out / f"{at.case}-{item.id}-original.{_OF_KIND[item.kind]}", fetched.content)


def _make(out: Path) -> None:
    if out.exists() and not out.is_dir():
        raise ConfigurationError(f"{out}: is no folder; name another one with --out")
    out.mkdir(mode=0o700, exist_ok=True)


def _write(path: Path, content: Iterable[bytes]) -> None:
    """Write a new file that its owner alone may read, whole or not at all, and print its name."""
    with _new(path) as file:
        for piece in content:
            file.write(piece)
    typer.echo(str(path))


@contextmanager
def _new(path: Path) -> Iterator[IO[bytes]]:
    try:
        descriptor = os.open(path, _NEW_FILE, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{path}: is there already; name another folder with --out") from None
    try:
        with open(descriptor, "wb") as file:
            yield file
    except BaseException:
        path.unlink()
        raise


def _delete(at: Acting, reason: str, yes: bool, as_json: bool) -> None:
    # Whoever may not open it is told so before anything is asked.
    head_of(at)
    why = written(reason, "Why")
    if not yes:
        _ask_again(at.case)
    certificates = at.desk.casework.confirm_deletion(at.who, at.case, why)
    if as_json:
        typer.echo(to_json([_certificate(each, at.real) for each in certificates], indent=1))
        return
    for each in certificates:
        files = len(each.evidence)
        typer.echo(f"{each.case}: deleted, {each.deleted_at}: {each.events} events and {files} files.")
    typer.echo("The certificate is in the audit log.")


def _ask_again(case: str) -> None:
    if not sys.stdin.isatty():
        raise ConfigurationError(f"{case}: nothing was deleted: without a terminal to ask in, give --yes")
    if (
        written("", f"This cannot be undone. Type the case number {case} to delete it").strip().upper()
        != case
    ):
        raise ConfigurationError(f"{case}: nothing was deleted: that is not its number")


def _certificate(certificate: Certificate, real: bool) -> dict[str, Any]:
    whole = certificate.as_json()
    return {key: whole[key] for key in _TIMES} if real else whole


def _due_json(due: Due, real: bool) -> dict[str, Any]:
    kind = {} if real else {"type": due.type}
    return {**head_json(due.head), "until": due.until.isoformat(), **kind}


def _draw_due(due: Iterable[Due], real: bool) -> None:
    rows = [
        f"{each.head.case}  kept until {each.until:%d %b %Y}  {'' if real else each.type}" for each in due
    ]
    for row in rows:
        typer.echo(row.rstrip())
    typer.echo("Delete one: staffroom deletions --confirm CASE" if rows else "Nothing is due for deletion.")


# The reporter's side


@dataclass(frozen=True, slots=True)
class Change:
    """What a reporter does to a report of theirs."""

    case: str
    answer: tuple[int, str] | None
    cannot_get: str
    may_be_indecent: str

    @property
    def any(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.answer or self.cannot_get or self.may_be_indecent)


# Its parameters are the options of the command.
def my_reports(  # noqa: PLR0913, PLR0917
    who: Reporter,
    school: SchoolOption = "",
    case: Annotated[str, typer.Option("--case", help="One report.", show_default=False)] = "",
    answer: Annotated[
        tuple[int, str] | None,
        typer.Option("--answer", metavar="N TEXT", help="Answer question N.", show_default=False),
    ] = None,
    cannot_get: Annotated[
        str, typer.Option("--cannot-get", help="What is missing and cannot be had.", show_default=False)
    ] = "",
    may_be_indecent: Annotated[
        str,
        typer.Option(
            "--may-be-indecent", help="The id of a file you sent: shut it for good.", show_default=False
        ),
    ] = "",
    policies: Policies = None,
) -> None:
    """
    Show a reporter their own reports: how far each is, what is missing, what is asked.

    Example: staffroom my-reports --reporter "Jo Bloggs" --case 7K3M-Q9XD --answer 4 "It was on Tuesday."
    """
    change = Change(case.strip().upper(), answer, cannot_get, may_be_indecent)
    if change.any and not change.case:
        raise ConfigurationError("say which report with --case CASE")
    if not who.strip():
        raise ConfigurationError('--reporter needs a name or an e-mail, such as "Jo Bloggs"')
    room = wired(policies)
    banner(room)
    place = chosen(room, school)
    handle = reporter(room.folders.schools[place], who.strip()).handle
    with wiring.desk(room) as desk:
        own = Own(desk, place, handle, room.settings.mode is Mode.REAL)
        own.record(change)
        own.do(change)
        own.show(change.case)


@dataclass(frozen=True, slots=True)
class Own:
    """The reports of one reporter, as the command line shows them."""

    desk: wiring.Desk
    school: str
    handle: str
    real: bool

    def record(self, change: Change) -> None:
        """Keep whose account this is, of which nobody has confirmed that it is the reporter's."""
        doing = (
            f"my-reports, {'one' if change.case else 'the list'}, {os_user()} for the reporter, unconfirmed"
        )
        with self.desk.store.writing() as unit:
            theirs = {head.case for head in unit.reported_by(self.school, self.handle)}
            case = change.case if change.case in theirs else ""
            unit.record(AuditKind.ENTERED, moves.REPORTER, self.school, case, doing)

    def do(self, change: Change) -> None:
        """Do *change*; in real mode only what shuts a file, since nobody confirmed who this is."""
        work, theirs = self.desk.casework, (self.school, self.handle, change.case)
        if change.may_be_indecent:
            work.lock_sent(*theirs, change.may_be_indecent)
            typer.echo(f"{change.may_be_indecent} is locked. Nobody opens, copies, sends or deletes it.")
        if self.real and (change.answer or change.cannot_get):
            raise ConfigurationError(_AT_DESK)
        if change.answer:
            work.answer_ask(*theirs, *change.answer)
            typer.echo("Your answer is in the report.")
        if change.cannot_get:
            work.cannot_get(*theirs, change.cannot_get)
            typer.echo("That is not asked for any longer.")

    def show(self, case: str) -> None:
        """Print how far each report is, or *case* alone."""
        work = self.desk.casework
        found = (
            (work.status(self.school, self.handle, case),)
            if case
            else work.my_reports(self.school, self.handle)
        )
        for view in found:
            typer.echo(plain("\n".join(line.replace("\n", "\n      ") for line in self._lines(view))))
        if not found:
            typer.echo("No reports by that name here.")

    def _lines(self, view: ReporterView) -> Iterator[str]:
        form = "" if self.real else f", {FORM_NAMES[view.form]}"
        yield f"{view.case}{form}"
        unopened = ", not opened yet" if view.status is Status.RECEIVED else ""
        yield f"  filed {words.at(view.filed_at)}; {view.status.value}{unopened}"
        if view.not_opened_yet:
            yield "  Nobody has opened it in time. Do not wait: ring"
        for each in view.ring:
            yield f"    {', '.join(part for part in (each.role, each.name, each.telephone) if part)}"
        if not self.real:
            yield from _content(view)


def _content(view: ReporterView) -> Iterator[str]:
    yield from (f"  still missing: {each}" for each in view.missing)
    for ask in view.asks:
        yield f"  question {ask.id}: {ask.text}"
        yield f"    {f'you said: {ask.answer}' if ask.answer else '(no answer yet)'}"
    yield from (f"  said to you, {words.at(each.at)}: {each.text}" for each in view.replies)
    for file in view.files:
        yield f"  you sent {file.id}: {'LOCKED' if file.locked else file.name}"
