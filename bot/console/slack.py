"""The commands about Slack: the manifest that an app is made from."""

import json
from typing import Annotated

import typer

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
) -> None:
    """
    Print the manifest to make the Slack app from, at api.slack.com/apps: Create New App, From a manifest.

    Example: staffroom slack manifest --url https://staffroom.school.example
    """
    typer.echo(json.dumps(drawn(assistant, url), indent=2, ensure_ascii=False))


def _group() -> None:
    """Connect Staffroom to a Slack workspace."""
