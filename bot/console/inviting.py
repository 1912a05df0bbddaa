"""The command that invites somebody who has no school account, such as the chair of governors."""

from typing import Annotated

import typer

from bot import app as wiring
from bot.config import Mode
from bot.console.acting import os_user
from bot.console.rooms import Policies, SchoolOption, chosen, wired
from bot.errors import ConfigurationError
from bot.inviting import LINK_LASTS, Inviting


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(invite)


def invite(
    person: Annotated[str, typer.Argument(help="Their id or e-mail in school.toml.", show_default=False)],
    school: SchoolOption = "",
    policies: Policies = None,
) -> None:
    """
    Print a link with which somebody sets up signing in by e-mail and code.

    Nothing is sent for you: hand the link over yourself. They and the head are told that there is one.

    Example: staffroom invite chair --school copperfell-high
    """
    room = wired(policies)
    if room.settings.mode is Mode.SAMPLE:
        raise ConfigurationError("invite: in sample mode nobody signs in, one chooses who to be on the page")
    if not room.settings.url:
        raise ConfigurationError("invite: set STAFFROOM_URL, the address at which people open Staffroom")
    at = chosen(room, school)
    with wiring.desk(room) as desk:
        inviting = Inviting(room.folders.schools, desk.store, wiring.now)
        token = inviting.invite(at, person.strip(), os_user())
    whom = room.folders.schools[at].person(person.strip())
    typer.echo(f"{room.settings.url.rstrip('/')}/sign-in/invitation/{token}")
    typer.echo(
        f"For {whom.name or whom.id} ({whom.email}) alone: once, and within {LINK_LASTS.days} days. "
        "An earlier link of theirs ends. Give it to them yourself, in person or by telephone where you can.",
        err=True,
    )
