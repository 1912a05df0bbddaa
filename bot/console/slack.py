"""The commands about Slack: the manifest that an app is made from."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot import app as wiring
from bot.console.plain import plain
from bot.console.render import console_for
from bot.console.rooms import Policies, settings
from bot.errors import ConfigurationError
from bot.slack.manifest import GROUP_SCOPES, name_groups
from bot.slack.manifest import manifest as drawn


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    slack = typer.Typer(no_args_is_help=True, help="Connect Staffroom to a Slack workspace.")
    slack.command()(manifest)
    # A group with one command would otherwise become that command.
    slack.callback()(_group)
    app.add_typer(slack, name="slack")


def manifest(
    assistant: Annotated[
        bool, typer.Option("--assistant", help="With the assistant pane, which some plans of Slack have.")
    ] = False,
    url: Annotated[
        str,
        typer.Option(
            "--url", help="Where Slack reaches Staffroom. Without it: Socket Mode.", show_default=False
        ),
    ] = "",
    policies: Policies = None,
) -> None:
    """
    Print the manifest to make the Slack app from, at api.slack.com/apps: Create New App, From a manifest.

    Example: staffroom slack manifest --url https://staffroom.school.example
    """
    made = drawn(assistant, url, groups=_groups(policies))
    typer.echo(json.dumps(made, indent=2, ensure_ascii=False))


def _groups(policies: Path | None) -> bool:
    """Whether user groups are to be seen: where a school names some, and where that cannot be known."""
    try:
        folders = wiring.folders(settings(policies))
        unknown = folders.problems[0] if folders.problems else ""
    except ConfigurationError as error:
        return _included(str(error).partition("\n")[0])
    return name_groups(folders.schools.values()) or (bool(unknown) and _included(unknown))


def _included(reason: str) -> bool:
    scope = ", ".join(GROUP_SCOPES)
    words = f"{scope} is asked for in case a school names user_groups, since {plain(reason)}"
    console_for(stderr=True).print(Text(words, style="yellow"), soft_wrap=True)
    return True


def _group() -> None:
    """Connect Staffroom to a Slack workspace."""
