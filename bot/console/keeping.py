"""The commands of those who keep the data: verify, backup, restore, and a new master key."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot import app as wiring
from bot.casework import words
from bot.config import Mode
from bot.console import packs
from bot.console.acting import os_user
from bot.console.progress import progress_bar
from bot.console.render import console_for
from bot.console.rooms import Policies, banner, settings, wired
from bot.domain.audit import Checkpoint, Fault
from bot.errors import ConfigurationError, SealBroken, StoreFailed

_CHECKPOINT = re.compile(r"(\d{1,12})[\s:]+([0-9a-fA-F]{64})")
_MOST_SHOWN = 200
_NO_STORE = "holds no store: nothing was filed yet, or STAFFROOM_DATA names another folder"


def register(app: typer.Typer) -> None:
    """Add the commands to *app*."""
    for command in (verify, backup, restore):
        app.command()(command)
    app.command("rotate-key")(rotate_key)


def verify(
    pack: Annotated[
        Path | None,
        typer.Argument(help="A pack that left a school; else everything kept here.", show_default=False),
    ] = None,
    fingerprint: Annotated[
        str, typer.Option(help="Of the key that signed the pack, as the school gives it.", show_default=False)
    ] = "",
    identity: Annotated[
        Path | None, typer.Option(help="A file with the age key that opens it.", show_default=False)
    ] = None,
    checkpoint: Annotated[
        str, typer.Option(help="ROWS:HASH of a daily checkpoint notice.", show_default=False)
    ] = "",
    policies: Policies = None,
) -> None:
    """
    Prove that nothing kept here was changed behind Staffroom's back; or that a pack is what was signed.

    Example: staffroom verify --checkpoint 120:9f2c…
    """
    if pack:
        if checkpoint:
            raise ConfigurationError("--checkpoint is about what is kept here: leave out the pack")
        packs.verify_pack(pack, fingerprint, identity)
        return
    if fingerprint or identity:
        raise ConfigurationError("--fingerprint and --identity are about a pack: name its file")
    _verify_here(_point(checkpoint), policies)


def backup(
    file: Annotated[Path, typer.Argument(help="The new file to write.", show_default=False)],
    policies: Policies = None,
) -> None:
    """
    Write a backup while Staffroom runs; locked files stay out of it.

    Example: staffroom backup /mnt/backups/staffroom-friday.backup
    """
    room = wired(policies)
    banner(room)
    _needs_store(room)
    with wiring.desk(room) as desk, _bar("Copying") as hear:
        made = wiring.back_up(desk, file, os_user(), hear)
    point = made.checkpoint
    rows = f", up to row {point.seq} of the log" if point else ""
    typer.echo(f"{file}: {_count(len(made.files), 'file')}{rows}, {words.at(made.made_at)}.")
    shut = sum(len(lock.ids) for lock in made.locks)
    if shut:
        typer.echo(f"{_count(shut, 'locked file')} left out: they are copied nowhere.")
    typer.echo("It opens only with the master key, which is not in it: keep a copy of the key elsewhere.")
    typer.echo(f"To put it back: staffroom restore {file} --replace")


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.", show_default=False)],
    replace: Annotated[
        bool, typer.Option("--replace", help="Move what is here aside and put the backup in its place.")
    ] = False,
    policies: Policies = None,
) -> None:
    """
    Put a backup back, after every byte of it was checked; stop Staffroom first.

    Example: staffroom restore /mnt/backups/staffroom-friday.backup --replace
    """
    if not file.is_file():
        raise ConfigurationError(f"{file}: is not there, or is no file; name a backup")
    room = wired(policies)
    banner(room)
    with _bar("Putting back") as hear:
        done = wiring.put_back(room.settings, file, replace, os_user(), hear)
    report = done.report
    typer.echo(f"Restored: {_count(report.evidence, 'evidence file')}, as of {words.at(report.made_at)}.")
    typer.echo(f"Gap: {done.gap}.")
    typer.echo(f"Since the backup: {done.since}.")
    if report.aside:
        typer.echo(f"What was here before is kept in {report.aside}.")
        typer.echo(f"The way back: move staffroom.db and evidence from there into {report.aside.parent}.")
    _verify_here(None, policies, quiet=True)


def rotate_key(
    new_key_file: Annotated[
        Path, typer.Option("--new-key-file", help="The file with the new key.", show_default=False)
    ],
    policies: Policies = None,
) -> None:
    """
    Wrap everything with a new master key; stop Staffroom first.

    Example: staffroom rotate-key --new-key-file /etc/staffroom/key-2027
    """
    found = settings(policies)
    cases = wiring.rotate_key(found, new_key_file)
    typer.echo(f"Done: the keys of {_count(cases, 'case')} are wrapped with the new master key.")
    typer.echo(f"From now on set STAFFROOM_KEY_FILE={new_key_file.resolve()} and no STAFFROOM_KEY.")
    where = " (sample.key in the data folder)" if found.mode is Mode.SAMPLE and not found.key_file else ""
    typer.echo(f"Keep the old key{where} as long as any backup that was made with it.")


def _verify_here(checkpoint: Checkpoint | None, policies: Path | None, quiet: bool = False) -> None:
    room = wired(policies)
    if not quiet:
        banner(room)
    try:
        if not wiring.has_store(room.settings):
            _fail(
                (
                    Fault(
                        str(room.settings.data),
                        _NO_STORE,
                    ),
                )
            )
        with wiring.desk(room) as desk, _bar("Checking evidence") as hear:
            found = wiring.walked(desk, checkpoint, hear)
    except (StoreFailed, SealBroken) as error:
        _fail((Fault("store", f"cannot be opened: {error}"),))
    counted = f"{_count(found.rows, 'row')} of the log, {_count(found.files, 'evidence file')}"
    locked = f", {found.locked} locked (not opened)" if found.locked else ""
    absent = f", {found.locked_absent} locked, not in backup" if found.locked_absent else ""
    typer.echo(f"Checked: {counted}{locked}{absent}.")
    if found.faults:
        _fail(found.faults)
    said = "; it holds the checkpoint" if checkpoint else ""
    typer.echo(f"Nothing was changed, dropped or added behind Staffroom's back{said}.")


def _fail(faults: tuple[Fault, ...]) -> None:
    for fault in faults[:_MOST_SHOWN]:
        typer.echo(f"FAULT {fault.where}: {fault.what}")
    if len(faults) > _MOST_SHOWN:
        typer.echo(f"and {len(faults) - _MOST_SHOWN} more")
    raise typer.Exit(1)


def _point(text: str) -> Checkpoint | None:
    if not text:
        return None
    found = _CHECKPOINT.fullmatch(text.strip())
    if found is None:
        raise ConfigurationError(
            "--checkpoint must be ROWS:HASH, the two values of the notice: a number, then 64 digits 0-9 a-f"
        )
    return Checkpoint(int(found[1]), found[2].lower(), datetime.now(UTC))


def _needs_store(room: wiring.Staffroom) -> None:
    if not wiring.has_store(room.settings):
        raise ConfigurationError(f"{room.settings.data}: {_NO_STORE}")


@contextmanager
def _bar(what: str) -> Iterator[Callable[[int, int], None]]:
    with progress_bar(console_for(stderr=True)) as hear:
        yield lambda done, total: hear(what, done, total)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
