"""What `staffroom doctor` checks, each with the mend, and the drill: whom a notice really reaches."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Annotated

import typer
from rich.text import Text

from bot import app as wiring
from bot.app import Staffroom
from bot.casework import words
from bot.console.checked import Check, note
from bot.console.plain import plain
from bot.console.render import console_for
from bot.console.rooms import Policies, SchoolOption, banner, chosen, settings, wired
from bot.domain.schools import School, role_name
from bot.errors import BotError, ConfigurationError, NotAllowed
from index.errors import WrongModel

NOT_FRESH = "the index is not up to date: it is brought up to date now"
_LEAST_FREE = 1024**3


def register(app: typer.Typer) -> None:
    """Add `doctor` to *app*."""
    app.command()(doctor)


def doctor(
    drill: Annotated[bool, typer.Option("--drill", help="Send each role holder a test notice.")] = False,
    drill_report: Annotated[bool, typer.Option("--drill-report", help="Who has not opened it.")] = False,
    drill_code: Annotated[
        str, typer.Option("--drill-code", help="Record that its receiver opened it.", show_default=False)
    ] = "",
    school: SchoolOption = "",
    policies: Policies = None,
) -> None:
    """
    Check the configuration, the schools, people, storage, the model and the index, and say what to do.

    Example: staffroom doctor
    """
    if drill or drill_report or drill_code:
        _drill(wired(policies), school, drill, drill_code)
        return
    console = console_for()
    failed = 0
    for check in checks(lambda: wiring.build(settings(policies))):
        mark, style = _mark(check)
        # Not wrapped: a path is to be copied whole.
        console.print(Text(f"{mark} ", style=style) + Text(plain(check.words)), soft_wrap=True)
        failed += not check.passed
    raise typer.Exit(2 if failed else 0)


def _mark(check: Check) -> tuple[str, str]:
    if not check.passed:
        return "MEND", "bold red"
    return ("note", "cyan") if check.note else ("ok  ", "green")


def checks(build: Callable[[], Staffroom]) -> Iterator[Check]:
    """Look at everything; what cannot be looked at because of an earlier fault is left out."""
    try:
        room = build()
    except BotError as error:
        for line in str(error).splitlines():
            yield Check(False, line)
        return
    settings = room.settings
    yield Check(True, f"{settings.mode} mode, data in {settings.data}, policies in {settings.policies}")
    for line in room.folders.all_problems:
        yield Check(False, line)
    for school in room.folders.schools.values():
        yield Check(
            True, f"{school.id}: {school.name}, {len(school.policies)} policies, {len(school.people)} people"
        )
        yield from _numbers(school)
    yield from _disk(room)
    yield from _store(room)
    if settings.clamd_socket:
        there = wiring.scanner_answers(settings)
        mend = f"clamd does not answer at {settings.clamd_socket}; start it, or mend CLAMD_SOCKET"
        yield Check(there, "the virus scanner answers" if there else mend)
    yield from _slack(room)
    yield from _accounts(room)
    yield from _index(room)


def _slack(room: Staffroom) -> Iterator[Check]:
    if not room.settings.slack_bot_token:
        yield note("Slack: not set up; see staffroom slack manifest")
        return
    # Only then: slack_sdk takes a third of a second to load.
    from bot.console.slack_doctor import slack_checks  # noqa: PLC0415

    yield from slack_checks(room.settings, room.folders.schools.values())


def _accounts(room: Staffroom) -> Iterator[Check]:
    settings = room.settings
    if not settings.oidc_issuer:
        return
    # Only then: what serves the pages takes a second to load.
    from bot.serving import back, issuer_trouble  # noqa: PLC0415

    trouble = issuer_trouble(settings)
    if trouble:
        yield Check(
            False, f"{settings.oidc_issuer} does not answer as an issuer ({trouble}); mend OIDC_ISSUER"
        )
        return
    yield Check(True, f"people sign in with {settings.oidc_issuer}")
    yield note(f"the address to register with it, and no other: {back(settings)}")


def _numbers(school: School) -> Iterator[Check]:
    needed = ("dsl", "head", "chair", "social_care", "social_care_out_of_hours", "lado")
    missing = [role for role in needed if not school.telephone(role)]
    if missing:
        yield Check(
            False, f"{school.id}/school.toml: [contacts] has no number for {', '.join(missing)}; add them"
        )


def _index(room: Staffroom) -> Iterator[Check]:
    fresh = room.index.is_fresh()
    yield Check(True, "the index is up to date") if fresh else note(NOT_FRESH)
    try:
        report = room.index.refresh()
    except BotError as error:
        yield Check(False, str(error))
        return
    for problem in report.problems:
        served = "its last good version still answers" if problem.serving_old else "it is not answered from"
        yield Check(False, f"{problem.school}: {problem.message} ({served})")
    yield Check(True, f"the index holds {report.clauses} clauses: {report.path}")
    try:
        yield Check(True, f"model: {room.index.encoder().name}")
    except WrongModel as error:
        yield Check(False, str(error))


def _disk(room: Staffroom) -> Iterator[Check]:
    data = room.settings.data
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data):
            free = shutil.disk_usage(data).free
    except OSError as error:
        yield Check(False, f"{data}: cannot be written ({error.strerror}); mend its permissions or its disk")
        return
    room_left = f"{free / 1024**3:,.1f} GB free for {data}"
    enough = free >= _LEAST_FREE
    yield Check(
        enough, room_left if enough else f"{room_left}: too little; make room, or reports are refused"
    )


def _store(room: Staffroom) -> Iterator[Check]:
    try:
        if not wiring.has_store(room.settings):
            wiring.keyring(room.settings)
            yield Check(True, "no case is stored yet; the store is made when the first report is filed")
        else:
            yield from _kept(room)
    except BotError as error:
        # The one who looks is the one who mends, so the cause is shown.
        cause = error.user_message if isinstance(error, ConfigurationError) else str(error)
        yield Check(False, f"storage: {cause}")
    yield from _reached(room)


def _kept(room: Staffroom) -> Iterator[Check]:
    with wiring.desk(room) as desk:
        faults = wiring.recent_faults(desk)
        yield Check(True, "the master key opens the store")
        yield from (Check(False, f"{each.where}: {each.what}; run staffroom verify") for each in faults)
        if not faults:
            yield Check(True, "the last rows of the audit log are whole (staffroom verify checks all)")
        yield Check(True, f"packs are signed by: {desk.packs.fingerprint}")


def _reached(room: Staffroom) -> Iterator[Check]:
    """SAFETY 18 is worth nothing for somebody whom no notice can reach."""
    ways = wiring.notifiers(room.settings)
    if not ways:
        yield Check(False, "no notice can be sent: set SMTP_URL and MAIL_FROM")
        return
    for school in room.folders.schools.values():
        for person, roles in _holders(school).items():
            if not any(way.reaches(school, person) for way in ways):
                held = ", ".join(map(role_name, roles))
                yield Check(
                    False, f"{school.id}/school.toml: no notice reaches {person} ({held}); add their email"
                )


def _holders(school: School) -> dict[str, list[str]]:
    held: dict[str, list[str]] = {}
    for role, people in school.roles.items():
        for person in people:
            held.setdefault(person, []).append(role)
    return held


def _drill(room: Staffroom, school: str, send: bool, code: str) -> None:
    """Send, record or show; of every school, unless one is named."""
    banner(room)
    schools = [chosen(room, school)] if school else list(room.folders.schools)
    with wiring.desk(room) as desk:
        if code:
            typer.echo(_entered(desk, schools, code))
            return
        if send:
            for each in schools:
                typer.echo(f"{each}: a test notice goes to {len(desk.delivery.drill(each))} people.")
            ran = desk.delivery.run_once()
            typer.echo(f"Sent: {ran.sent}. Put off: {ran.put_off}.")
            typer.echo("Each enters the code in it: staffroom doctor --drill-code CODE, or in Staffroom.")
            return
        waiting = sum(_report(desk, room.folders.schools[each]) for each in schools)
    raise typer.Exit(1 if waiting else 0)


def _entered(desk: wiring.Desk, schools: list[str], code: str) -> str:
    for school in schools:
        try:
            return f"{school}: {desk.delivery.drill_entered(school, code)} has opened the test notice."
        except NotAllowed:
            continue
    raise ConfigurationError("--drill-code: that is not a code of the last test; look at the notice again")


def _report(desk: wiring.Desk, school: School) -> int:
    """Print who has not opened the last test notice of *school*; how many they are."""
    report = desk.delivery.drill_report(school.id)
    if report.at is None:
        typer.echo(f"{school.id}: no test notice was ever sent; staffroom doctor --drill sends one.")
        return 0
    typer.echo(f"{school.id}: sent {words.at(report.at)}, opened by {len(report.opened)}.")
    for person in report.not_opened:
        typer.echo(f"  not opened: {person} ({', '.join(map(role_name, _holders(school).get(person, ())))})")
    return len(report.not_opened)
