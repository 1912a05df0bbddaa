"""What every command begins with: settings, the school asked for, and a room that is ready."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from bot import app as wiring
from bot.config import Mode, Settings
from bot.console.progress import progress_bar
from bot.console.render import console_for
from bot.errors import ConfigurationError, StaleIndex, UnknownSchool
from index.build import Problem

IN_DANGER = "If a child may be in danger, ring 999."
SAMPLE_BANNER = "SAMPLE MODE: for trying out. Nothing typed here reaches anybody. In an emergency ring 999."

SchoolOption = Annotated[
    str, typer.Option("--school", help="The school's id: its folder's name.", show_default=False)
]
Policies = Annotated[
    Path | None,
    typer.Option("--policies", help="The folder of schools. Default: STAFFROOM_POLICIES, else policies/."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def settings(policies: Path | None) -> Settings:
    """The settings of this folder and environment; *policies* outranks both."""
    environ = dict(os.environ)
    if policies:
        environ["STAFFROOM_POLICIES"] = str(policies)
    return Settings.load(Path.cwd(), environ)


def wired(policies: Path | None) -> wiring.Staffroom:
    """The parts, before anything is read or loaded."""
    return wiring.build(settings(policies))


def banner(room: wiring.Staffroom) -> None:
    """Say on standard error that this is sample mode, where it is."""
    if room.settings.mode is Mode.SAMPLE:
        console_for(stderr=True).print(Text(SAMPLE_BANNER, style="black on yellow"))


def refreshed(room: wiring.Staffroom, quiet: bool = False) -> wiring.Staffroom:
    """*room* with its index up to date, and a bar where it takes time; problems go to standard error."""
    if not quiet:
        banner(room)
    console = console_for(stderr=True)
    problems = list(room.folders.all_problems)
    try:
        with progress_bar(console) as hear:
            problems += (problem_line(problem) for problem in room.index.refresh(hear).problems)
    except StaleIndex as error:
        # An index of yesterday may still be readable, and an urgent message needs none.
        problems.append(str(error))
    for line in problems:
        # Not wrapped: a path is to be copied whole.
        console.print(Text(f"Problem: {line}", style="yellow"), soft_wrap=True)
    return room


def problem_line(problem: Problem) -> str:
    """What could not be read, in one line."""
    kept = " Its last good version still answers." if problem.serving_old else ""
    return f"{problem.school}: {problem.message}{kept}"


def chosen(room: wiring.Staffroom, school: str) -> str:
    """The school asked for; else the only one, else the first sample."""
    schools = room.folders.schools
    if school:
        if school not in schools:
            broken = [line for line in room.folders.problems if f"{school}/" in line]
            cause = (
                broken[0] if broken else f"there is no school {school!r}; choose one of: {', '.join(schools)}"
            )
            raise UnknownSchool(f"{cause}. {IN_DANGER}")
        return school
    if room.folders.problems:
        # Whose question it is cannot be known: another school's numbers would be worse than none.
        raise ConfigurationError(
            f"choose a school with --school, since {room.folders.problems[0]}. {IN_DANGER}"
        )
    samples = [each.id for each in schools.values() if each.sample]
    if len(schools) == 1 or samples:
        return samples[0] if samples else next(iter(schools))
    raise ConfigurationError(f"choose a school with --school: {', '.join(schools)}")
