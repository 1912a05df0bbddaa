"""The command line: reads arguments, calls one use case, prints."""

import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from bot import app as wiring
from bot.console import (
    cases,
    casework,
    delivering,
    doctor,
    filing,
    inviting,
    keeping,
    looking,
    packs,
    questions,
    slack,
)
from bot.console.errors import explained
from bot.console.figures import print_figures, print_misses
from bot.console.lines import json_object, lines_of, spoken, to_json
from bot.console.progress import progress_bar
from bot.console.render import console_for, draw
from bot.console.rooms import (
    AsJson,
    Policies,
    SchoolOption,
    banner,
    chosen,
    problem_line,
    refreshed,
    settings,
    wired,
)
from bot.console.serving import serve_all
from bot.console.wire import answer_json, clause_json
from bot.errors import BotError, ConfigurationError
from index.cutting import clauses_of

app = typer.Typer(
    add_completion=False,
    no_args_is_help=False,
    rich_markup_mode=None,
    help="Staffroom answers school staff's questions with the exact clause of their own school's policy.",
    epilog='Example: staffroom ask "Can I follow a parent?"',
)
for _commands in (
    filing,
    cases,
    casework,
    looking,
    packs,
    keeping,
    doctor,
    delivering,
    questions,
    slack,
    inviting,
):
    _commands.register(app)


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
    """Without a command: the pages, sample schools ready."""
    if context.invoked_subcommand is None:
        serve()


@app.command()
def serve(policies: Policies = None) -> None:
    """
    Serve the pages at http://127.0.0.1:8000, and Slack where its tokens are set, until interrupted.

    Example: staffroom serve --policies policies
    """
    room = wired(policies)
    banner(room)
    serve_all(room)


@app.command()
def talk(policies: Policies = None) -> None:
    """
    Answer questions typed at the prompt, and take reports there.

    Example: staffroom talk --policies policies
    """
    room = refreshed(wired(policies))
    console = console_for()
    school = chosen(room, "")
    console.print(Text("Staffroom", style="bold"), Text("what does our policy say?"))
    console.print(f"Schools: {', '.join(room.folders.schools)}.  school NAME changes it, quit leaves.")
    console.print("Something to report? Type report.")
    for line in _typed("\nYour question: "):
        command, _, rest = line.partition(" ")
        if command == "school" and rest in room.folders.schools:
            school = rest
            console.print(Text(room.folders.schools[school].name, style="bold"))
        elif command == "school" and rest and " " not in rest:
            console.print(Text(f"There is no school {rest!r}. Known: {', '.join(room.folders.schools)}."))
        elif not filing.at_the_prompt(room, school, line):
            _reply(console, room, school, line)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotes.", show_default=False)] = "",
    school: SchoolOption = "",
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
    room = wired(policies)
    if question and not as_json:
        urgent = room.answering.urgent_at_once(chosen(room, school), question)
        if urgent:
            banner(room)
            draw(console_for(), urgent)
            return
    refreshed(room, quiet=as_json)
    if batch:
        raise typer.Exit(_answer_all(room, lines, chosen(room, school) if school else ""))
    answer = room.answering.ask(chosen(room, school), question)
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
    cut = clauses_of(file)
    found = [clause_json(clause, stance) for clause, stance in zip(cut, wiring.stances_of(cut), strict=True)]
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
    room = wiring.build(settings(policies))
    console = console_for(stderr=True)
    with progress_bar(console) as hear:
        report = room.index.refresh(hear)
    done = "Built" if report.changed else "Already up to date"
    typer.echo(
        f"{done}: {report.clauses} clauses of {len(room.folders.schools)} schools, "
        f"{report.encoded} texts encoded, {report.reused} kept. {report.path}"
    )
    lines = [*room.folders.all_problems, *(problem_line(problem) for problem in report.problems)]
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
    missed: Annotated[
        bool, typer.Option("--misses", help="List the questions whose right clause does not come first.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """
    Measure the answers against labelled questions: by school, by how they are written, and all together.

    Example: staffroom evaluate index/calibration/questions.jsonl
    """
    room = refreshed(wired(policies), quiet=as_json)
    (print_misses if missed else print_figures)(room, questions, reference, as_json)


def _reply(console: Console, room: wiring.Staffroom, school: str, question: str) -> None:
    """Draw the answer; one that fails says so, and the next question is still taken."""
    try:
        draw(console, room.answering.ask(school, spoken(question)))
    except BotError as error:
        console.print(Text(error.user_message, style="red"))


def _chosen_first(room: wiring.Staffroom) -> str:
    """The alphabetically first school, unless a school that cannot be read may have been meant."""
    return min(room.folders.schools) if not room.folders.problems else chosen(room, "")


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
