"""What `staffroom evaluate` prints: figures with intervals, by school and register, and what was missed."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from typing import Any

import typer
from rich.markup import escape
from rich.table import Table

from bot.app import Staffroom
from bot.console.lines import json_object, lines_of
from bot.console.render import console_for
from bot.console.wire import answer_json
from bot.errors import ConfigurationError
from index.evaluate import Share, misses, retrieval_figures, scope_figures, triage_figures

Tables = dict[str, dict[str, Share]]


def print_misses(room: Staffroom, questions: Path, reference: Path | None, as_json: bool) -> None:
    """Answer every line of *questions* and print those whose right clause does not come first, by cause."""
    rows = [row for row in _rows(questions) if row.get("gold") and row.get("school") in room.folders.schools]
    found = misses(rows, _answers(room, rows, ""), _references(reference))
    if as_json:
        typer.echo(json.dumps([asdict(miss) for miss in found], indent=1, ensure_ascii=False))
        return
    console = console_for()
    table = Table("question", "right", "came first", "right one's place")
    for cause, group in groupby(found, key=lambda miss: miss.cause):
        mine = list(group)
        table.add_row(f"[bold]{cause}: {len(mine)} of {len(rows)}[/bold]")
        for miss in mine:
            table.add_row(
                escape(miss.question), escape(miss.wanted), escape(miss.given), str(miss.place or "-")
            )
        table.add_section()
    console.print(table)


def print_figures(room: Staffroom, questions: Path, reference: Path | None, as_json: bool) -> None:
    """Answer every line of *questions* and print what was right; the labels decide which figures."""
    rows = _rows(questions)
    tables = _tables(room, rows, reference)
    if as_json:
        plain = {
            name: {what: _plain(figure) for what, figure in group.items()} for name, group in tables.items()
        }
        typer.echo(json.dumps(plain, indent=1))
        return
    console = console_for()
    table = Table("", "figure", "share", "95 % interval", "of")
    for name, group in tables.items():
        for what, figure in group.items():
            low, high = figure.interval
            table.add_row(name, what, f"{figure.value:.3f}", f"{low:.2f} to {high:.2f}", str(figure.of))
            name = ""  # noqa: PLW2901 - the school stands in its first row only
        table.add_section()
    console.print(table)


def _tables(room: Staffroom, rows: list[dict[str, Any]], reference: Path | None) -> Tables:
    schools = sorted(room.folders.schools)
    if "label" in rows[0]:
        return {"all": triage_figures(rows, _answers(room, rows, schools[0]))}
    inside = [row for row in rows if "gold" in row and row.get("kind", "covered") == "covered"]
    outside = [row for row in rows if row.get("kind") in ("near", "far")]
    known = [row for row in inside if row.get("school") in schools]
    if inside and not known:
        asked = ", ".join(sorted({str(row.get("school")) for row in inside}))
        raise ConfigurationError(f"no question is about a school here: {asked}; known: {', '.join(schools)}")
    tables: Tables = {}
    for school in schools:
        mine = [row for row in inside if row.get("school") == school]
        if mine:
            tables[school] = retrieval_figures(mine, _answers(room, mine, school), _references(reference))
        if outside:
            tables.setdefault(school, {}).update(scope_figures(outside, _answers(room, outside, school)))
    for register in sorted({str(row["register"]) for row in known if row.get("register")}):
        mine = [row for row in known if row.get("register") == register]
        answers = _answers(room, mine, schools[0])
        tables[f"written: {register}"] = retrieval_figures(mine, answers, _references(reference))
    if inside:
        tables["all"] = retrieval_figures(known, _answers(room, known, schools[0]), _references(reference))
    return tables


def _answers(room: Staffroom, rows: list[dict[str, Any]], school: str) -> list[dict[str, Any]]:
    return [
        answer_json(
            room.answering.ask(str(row.get("school") or school), str(row.get("question", row.get("text"))))
        )
        for row in rows
    ]


def _references(folder: Path | None) -> Mapping[str, Mapping[str, str]]:
    if folder is None:
        return {}
    return {
        file.stem: {record["id"]: record["text"] for record in json.loads(file.read_text(encoding="utf-8"))}
        for file in folder.glob("*.json")
    }


def _rows(questions: Path) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines_of(questions), 1):
        row = json_object(line) if line.strip() else {}
        if row is None or (row and not isinstance(row.get("question", row.get("text")), str)):
            raise ConfigurationError(
                f'{questions}: line {number} is not a JSON object with a "question" or "text"'
            )
        rows += [row] if row else []
    if not rows:
        raise ConfigurationError(f"{questions}: holds no line; give one JSON object a line")
    return rows


def _plain(figure: Share) -> dict[str, Any]:
    low, high = figure.interval
    return {"share": round(figure.value, 4), "low": round(low, 4), "high": round(high, 4), "of": figure.of}
