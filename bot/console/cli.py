"""The command line: reads arguments, calls one use case, prints."""

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot import app as wiring
from bot.config import Mode, Settings
from bot.console.doctor import checks
from bot.console.errors import explained
from bot.console.figures import print_figures
from bot.console.lines import json_object, lines_of, spoken, to_json
from bot.console.progress import progress_bar
from bot.console.render import console_for, draw
from bot.console.wire import answer_json, clause_json
from bot.errors import BotError, ConfigurationError, StaleIndex, UnknownSchool
from index.cutting import clauses_of

IN_DANGER = "If a child may be in danger, ring 999."
SAMPLE_BANNER = "SAMPLE MODE: for trying out. Nothing typed here reaches anybody. In an emergency ring 999."

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    help="Staffroom answers school staff's questions with the exact clause of their own school's policy.",
    epilog='Example: staffroom ask "Can I follow a parent?"',
)

School = Annotated[
    str, typer.Option("--school", help="The school's id: its folder's name.", show_default=False)
]
Policies = Annotated[
    Path | None,
    typer.Option("--policies", help="The folder of schools. Default: STAFFROOM_POLICIES, else policies/."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def main() -> None:
    """Run the command line; every expected error is one line on standard error and exit code 2."""
    # An urgent reply must print whatever the terminal or the file it is sent to can hold.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    with explained():
        app()


@app.callback(invoke_without_command=True)
def start(context: typer.Context) -> None:
    """Without a command: answer typed questions, sample schools ready."""
    if context.invoked_subcommand is None:
        serve()


@app.command()
def serve(policies: Policies = None) -> None:
    """
    Answer questions typed at the prompt.

    Example: staffroom serve --policies policies
    """
    room = _refreshed(_wired(policies))
    console = console_for()
    school = _chosen(room, "")
    console.print(Text("Staffroom", style="bold"), Text("what does our policy say?"))
    console.print(f"Schools: {', '.join(room.folders.schools)}.  school NAME changes it, quit leaves.")
    for line in _typed("\nYour question: "):
        command, _, rest = line.partition(" ")
        if command == "school" and rest in room.folders.schools:
            school = rest
            console.print(Text(room.folders.schools[school].name, style="bold"))
        elif command == "school" and rest and " " not in rest:
            console.print(Text(f"There is no school {rest!r}. Known: {', '.join(room.folders.schools)}."))
        else:
            _reply(console, room, school, line)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.", show_default=False)] = "",
    school: School = "",
    policies: Policies = None,
    as_json: AsJson = False,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help='A file of {"id", "school", "question"} lines; needs --json.'),
    ] = None,
) -> None:
    """
    Ask what the policy says.

    Example: staffroom ask --school copperfell-high "Can I follow a parent?"
    """
    if batch and (question or not as_json):
        raise ConfigurationError("--batch takes no question and needs --json, which prints an object a line")
    if not batch:
        question = spoken(question)
    lines = lines_of(batch) if batch else []
    room = _wired(policies)
    if question and not as_json:
        urgent = room.answering.urgent_at_once(_chosen(room, school), question)
        if urgent:
            _banner(room)
            draw(console_for(), urgent)
            return
    _refreshed(room, quiet=as_json)
    if batch:
        raise typer.Exit(_answer_all(room, lines, _chosen(room, school) if school else ""))
    answer = room.answering.ask(_chosen(room, school), question)
    if as_json:
        typer.echo(to_json(answer_json(answer)))
    else:
        draw(console_for(), answer)


@app.command()
def clauses(
    file: Annotated[Path, typer.Argument(help="A TXT, MD, HTML, DOCX or PDF document.")],
    as_json: AsJson = False,
) -> None:
    """
    Show how a document is cut into clauses.

    Example: staffroom clauses policies/copperfell-high/social-media-and-online-contact.txt
    """
    found = [clause_json(clause) for clause in clauses_of(file)]
    if as_json:
        typer.echo(to_json(found, indent=1))
        return
    console = console_for()
    section = ""
    for clause in found:
        if clause["section"] != section:
            section = clause["section"]
            console.print(Text(f"\n{section}", style="bold"))
        number = f"{clause['clause']}#{clause['item']}" if clause["item"] else clause["clause"]
        console.print(Text(f"{number:<8} [{clause['stance']}] ", style="cyan") + Text(clause["text"]))


@app.command()
def index(policies: Policies = None) -> None:
    """
    Read the documents and build the index; only what changed is read again.

    Example: staffroom index --policies policies
    """
    room = wiring.build(_settings(policies))
    console = console_for(stderr=True)
    with progress_bar(console) as hear:
        report = room.index.refresh(hear)
    done = "Built" if report.changed else "Already up to date"
    typer.echo(
        f"{done}: {report.clauses} clauses of {len(room.folders.schools)} schools, "
        f"{report.encoded} texts encoded, {report.reused} kept. {report.path}"
    )
    lines = [*room.folders.all_problems, *(_problem(problem) for problem in report.problems)]
    for line in lines:
        typer.echo(f"Problem: {line}", err=True)
    raise typer.Exit(1 if lines else 0)


@app.command()
def evaluate(
    questions: Annotated[Path, typer.Argument(help="Labelled questions or messages, JSON a line.")],
    policies: Policies = None,
    reference: Annotated[
        Path | None, typer.Option("--clauses", help="Folder of reference clauses, SCHOOL.json.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """
    Measure the answers against labelled questions.

    Example: staffroom evaluate index/calibration/questions.jsonl
    """
    room = _refreshed(_wired(policies), quiet=as_json)
    print_figures(room, questions, reference, as_json)


@app.command()
def doctor(policies: Policies = None) -> None:
    """
    Check the configuration, the schools, the model and the index, and say what to do.

    Example: staffroom doctor
    """
    console = console_for()
    failed = 0
    for check in checks(lambda: wiring.build(_settings(policies))):
        mark, style = ("ok  ", "green") if check.passed else ("MEND", "bold red")
        console.print(Text(f"{mark} ", style=style) + Text(check.words))
        failed += not check.passed
    raise typer.Exit(2 if failed else 0)


def _settings(policies: Path | None) -> Settings:
    environ = dict(os.environ)
    if policies:
        environ["STAFFROOM_POLICIES"] = str(policies)
    return Settings.load(Path.cwd(), environ)


def _wired(policies: Path | None) -> wiring.Staffroom:
    """The parts, before anything is read or loaded."""
    return wiring.build(_settings(policies))


def _banner(room: wiring.Staffroom) -> None:
    if room.settings.mode is Mode.SAMPLE:
        console_for(stderr=True).print(Text(SAMPLE_BANNER, style="black on yellow"))


def _refreshed(room: wiring.Staffroom, quiet: bool = False) -> wiring.Staffroom:
    """*room* with its index up to date, and a bar where it takes time; problems go to standard error."""
    if not quiet:
        _banner(room)
    console = console_for(stderr=True)
    problems = list(room.folders.all_problems)
    try:
        with progress_bar(console) as hear:
            problems += (_problem(problem) for problem in room.index.refresh(hear).problems)
    except StaleIndex as error:
        # An index of yesterday may still be readable, and an urgent message needs none.
        problems.append(str(error))
    for line in problems:
        # Not wrapped: a path is to be copied whole.
        console.print(Text(f"Problem: {line}", style="yellow"), soft_wrap=True)
    return room


def _reply(console: Console, room: wiring.Staffroom, school: str, question: str) -> None:
    """Draw the answer; one that fails says so, and the next question is still taken."""
    try:
        draw(console, room.answering.ask(school, spoken(question)))
    except BotError as error:
        console.print(Text(error.user_message, style="red"))


def _problem(problem: Any) -> str:
    kept = " Its last good version still answers." if problem.serving_old else ""
    return f"{problem.school}: {problem.message}{kept}"


def _chosen(room: wiring.Staffroom, school: str) -> str:
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


def _chosen_first(room: wiring.Staffroom) -> str:
    """The alphabetically first school, unless a school that cannot be read may have been meant."""
    return min(room.folders.schools) if not room.folders.problems else _chosen(room, "")


def _answer_all(room: wiring.Staffroom, lines: list[str], school: str) -> int:
    """Print an object for each of *lines*, in order; exit code 2 when one was bad."""
    bad = 0
    for number, line in enumerate(lines, 1):
        if line.strip():
            answered = _answer_line(room, line, number, school)
            bad += "error" in answered
            typer.echo(to_json(answered))
    return 2 if bad else 0


def _answer_line(room: wiring.Staffroom, line: str, number: int, school: str) -> dict[str, Any]:
    asked = json_object(line)
    if asked is None:
        return {"id": None, "error": f"line {number} is not a JSON object"}
    identity = asked.get("id")
    words = asked.get("question", asked.get("text"))
    if not isinstance(words, str):
        return {"id": identity, "error": f'line {number} has neither "question" nor "text"'}
    asker = str(asked.get("school") or school or _chosen_first(room))
    try:
        return answer_json(room.answering.ask(asker, spoken(words)), identity)
    except BotError as error:
        return {"id": identity, "error": error.user_message}


def _typed(prompt: str) -> Iterator[str]:
    """The lines typed until "quit" or the end of input; empty ones are asked again."""
    while True:
        try:
            line = input(prompt if sys.stdin.isatty() else "").strip()
        except (EOFError, KeyboardInterrupt):
            return
        if line.casefold() in ("quit", "exit", "q"):
            return
        if line:
            yield line
