"""The commands that write what leaves the school, and that check it."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot import app as wiring
from bot.console.acting import Acting, Reason, on_case, os_user
from bot.console.closing import read_answers
from bot.console.plain import plain
from bot.console.rooms import Policies, SchoolOption, banner, chosen, wired
from bot.domain.packs import PackFile
from bot.domain.readers import Reader
from bot.domain.subject_access import EXEMPTIONS, Considered, SubjectRequest
from bot.errors import ConfigurationError
from bot.exporting import Order


class For(StrEnum):
    """Who a file is for: the readers of a pack, and the school's own safeguarding system."""

    POLICE = "police"
    LADO = "lado"
    SOCIAL_CARE = "social-care"
    NEW_SCHOOL = "new-school"
    HAND_OFF = "hand-off"


Out = Annotated[Path | None, typer.Option(help="The new file; else one in this folder.", show_default=False)]
About = Annotated[str, typer.Option(help="Their number under People, such as P2.", show_default=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    on_case(app)(export)
    on_case(app)(subject_access)
    app.command()(paperwork)


def export(
    at: Acting,
    reader: Annotated[
        For,
        typer.Option(
            "--for", help="The reader; hand-off is your own safeguarding system.", show_default=False
        ),
    ],
    out: Out = None,
    reason: Reason = "",
    about: About = "",
) -> None:
    """
    Write a case to one signed file, encrypted to the age key of whoever takes it out.

    For a new school, --about says which pupil it follows.

    Example: staffroom export 7K3M-Q9XD --for police --as cop-head --reason "asked by the police"
    """
    order = _order(at, reader.value, out, reason)
    exporting = at.desk.exporting
    if reader is For.HAND_OFF:
        _say(exporting.hand_off(order))
    else:
        _say(exporting.pack(order, Reader(reader.value), about))


def subject_access(
    at: Acting,
    about: About,
    answers: Annotated[
        Path | None, typer.Option(help="A JSON file of the exemptions considered.", show_default=False)
    ] = None,
    out: Out = None,
    reason: Reason = "",
) -> None:
    """
    Write a draft of what somebody may have of their own data, and beside it what was removed.

    The list of what was removed stays inside the school. A draft becomes a release when a person has
    recorded in --answers each exemption they considered: {"considered": {"others": {"applies": true,
    "by": "WHO", "reason": "WHY"}}, "despite_referrals": "", "released_by": "WHO"}.

    Example: staffroom subject-access 7K3M-Q9XD --about P1 --as cop-head --reason "their request of 3 May"
    """
    order = _order(at, "subject-draft", out, reason)
    inside = order.path.with_name(f"INSIDE-{order.path.name}")
    _refuse_there(inside)
    copy, removed = at.desk.exporting.subject_access(order, _request(about, answers), inside)
    _say(copy, removed)
    typer.echo(f"{removed.path.name} stays inside the school. Read every page of the other before it goes.")


def verify_pack(pack: Path, fingerprint: str, identity: Path | None) -> None:
    """
    Say whether *pack* is as it was signed; exit code 1 when it is not.

    Raises:
        ConfigurationError: there is no fingerprint to compare with, or a file cannot be read.
    """
    if not fingerprint:
        raise ConfigurationError(
            f"{pack}: give --fingerprint, as the school tells it by another way than the pack itself; "
            "at the school, staffroom doctor shows it"
        )
    faults = wiring.pack_faults(pack, fingerprint, identity)
    for fault in faults:
        typer.echo(f"FAULT {plain(fault.where)}: {plain(fault.what)}")
    if faults:
        raise typer.Exit(1)
    typer.echo(f"{pack.name}: every file in it is as it was signed, by the key with that fingerprint.")


def paperwork(
    folder: Annotated[Path, typer.Argument(help="A folder to write them to.", show_default=False)],
    school: SchoolOption = "",
    policies: Policies = None,
) -> None:
    """
    Write the data-protection papers of a school, each with what a person must still decide.

    Example: staffroom paperwork papers --school copperfell-high
    """
    room = wired(policies)
    banner(room)
    files, open_questions = wiring.write_papers(room, chosen(room, school), folder)
    for file in files:
        typer.echo(str(file))
    typer.echo(f"{open_questions} things are left for a person to decide; each begins DECIDE.")


def _order(at: Acting, reader: str, out: Path | None, reason: str) -> Order:
    encrypted = bool(at.school.person(at.who.person).age)
    if at.real and not encrypted:
        raise ConfigurationError(
            f"{at.who.person}: has no age key, so nothing can be written for them; "
            'add age = "age1…" to their [[person]] in school.toml'
        )
    path = out or Path(f"{at.case}-{reader}.zip{'.age' if encrypted else ''}")
    _refuse_there(path)
    if not path.parent.is_dir():
        raise ConfigurationError(f"{path.parent}: is no folder; make it, or name another one")
    return Order(at.who.school, at.case, at.who.person, path, reason, os_user())


def _refuse_there(path: Path) -> None:
    if path.exists():
        raise ConfigurationError(f"{path}: is there already; name another file with --out")


def _request(about: str, answers: Path | None) -> SubjectRequest:
    given = read_answers(answers) if answers else {}
    considered = given.get("considered", {})
    if not isinstance(considered, dict) or considered.keys() - EXEMPTIONS.keys():
        raise ConfigurationError(f"{answers}: considered has one entry for each of: {', '.join(EXEMPTIONS)}")
    return SubjectRequest(
        about.strip().upper(),
        {key: _considered(key, each) for key, each in considered.items()},
        str(given.get("despite_referrals", "")),
        str(given.get("released_by", "")),
    )


def _considered(key: str, said: object) -> Considered:
    """SAFETY 30: a person says of each exemption whether it applies, and why."""
    if not isinstance(said, Mapping) or not isinstance(said.get("applies"), bool):
        raise ConfigurationError(f'{key}: must be {{"applies": true or false, "by": "WHO", "reason": "WHY"}}')
    return Considered(said["applies"], str(said.get("by", "")), str(said.get("reason", "")))


def _say(*made: PackFile) -> None:
    for file in made:
        how = "encrypted" if file.encrypted else "NOT encrypted: sample mode"
        typer.echo(f"{file.path}")
        typer.echo(f"  {file.size:,} bytes, {how}, SHA-256")
        typer.echo(f"  {file.sha256}")
    typer.echo(f"Signed. Fingerprint: {made[0].fingerprint}")
    typer.echo("Give the reader the fingerprint by another way than the file, by telephone for example.")
