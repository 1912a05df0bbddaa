"""The command `serve`: what it says on the terminal while it runs."""

import logging
import sys

import typer
from rich.text import Text

from bot import app as wiring
from bot.console.progress import progress_bar
from bot.console.render import console_for


def serve_all(room: wiring.Staffroom) -> None:
    """Serve chat and pages until interrupted or told to end; ids and kinds of errors go to standard error."""
    # Slack's library takes half a second to load, for which no question at the prompt waits.
    from bot import serving  # noqa: PLC0415

    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    for library in ("slack_bolt", "slack_sdk", "uvicorn"):
        # What these say at INFO may repeat a payload or an address.
        logging.getLogger(library).setLevel(logging.WARNING)
    console = console_for(stderr=True)
    with wiring.desk(room, serving=True) as desk:
        serving.serve(
            room,
            desk,
            watch=lambda: progress_bar(console),
            say=lambda line: console.print(Text(line), soft_wrap=True),
        )
    typer.echo("Stopped.")
