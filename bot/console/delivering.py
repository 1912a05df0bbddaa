"""The command that sends notices and runs the clocks: what a school runs beside the desk, all the time."""

import signal
import threading
from types import FrameType
from typing import Annotated

import typer

from bot import app as wiring
from bot.config import Mode
from bot.console.rooms import Policies, banner, wired
from bot.delivery.worker import Worker
from bot.errors import ConfigurationError

NOBODY_REACHED = (
    "no notice can leave: set up Slack, or SMTP_URL and MAIL_FROM, so that holders are told of cases, "
    "and of unopened ones"
)
Once = Annotated[bool, typer.Option("--once", help="One round, then leave; for a timer of the system.")]


def register(app: typer.Typer) -> None:
    """Add the command to *app*."""
    app.command()(deliver)


def deliver(once: Once = False, policies: Policies = None) -> None:
    """
    Send waiting notices, and tell the next person of what nobody opens, until stopped (Ctrl-C).

    Example: staffroom deliver
    """
    room = wired(policies)
    banner(room)
    if room.settings.mode is Mode.REAL and not wiring.notifiers(room.settings):
        raise ConfigurationError(NOBODY_REACHED)
    with wiring.desk(room, serving=True) as desk:
        if once:
            ran = desk.delivery.run_once()
            typer.echo(f"Sent {ran.sent}, put off {ran.put_off}, told the next person of {ran.escalated}.")
            return
        _until_stopped(Worker(desk.delivery))
    typer.echo("Stopped.")


def _until_stopped(worker: Worker) -> None:
    """Run *worker* until the process is interrupted or told to end; the round under way is finished."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()
        worker.poke()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    typer.echo("Delivering. Ctrl-C ends it; what waits is sent at the next start.")
    worker.run(stop)
