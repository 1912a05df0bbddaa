"""Draws cases in the terminal: the list, and one case whole; what others wrote is never obeyed."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from bot.casework import words
from bot.console.plain import plain
from bot.domain.cases import EventKind, Head, Party
from bot.domain.evidence import EvidenceItem
from bot.domain.form_types import FormDefinition
from bot.domain.pack_words import Telling
from bot.domain.packs import HASH_WORDS, LOCKED_WORDS
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.domain.views import CaseView, Entry

FORM_NAMES = {
    Form.FRIEND_REQUEST: "friend request, follow or message",
    Form.TROLLING: "online abuse of staff, pupils or the school",
    Form.ADULT_CONCERN: "a worry about an adult who works or helps here",
    Form.CONCERN: "a concern",
}
_SHORT_FORMS = {
    Form.FRIEND_REQUEST: "contact",
    Form.TROLLING: "abuse",
    Form.ADULT_CONCERN: "adult",
    Form.CONCERN: "concern",
}
# Shown in full further up.
_SHOWN_ABOVE = (EventKind.FILED, EventKind.ROUTED, EventKind.EVIDENCE_STORED)

_WIDEST = 500
"""Wider than any row, to measure what one needs."""

_OF_LOCKED = {"id", "case", "sha256", "size", "received_at", "locked"}


def head_json(head: Head) -> dict[str, Any]:
    """The object that `cases --json` prints for each case."""
    return {
        "case": head.case,
        "school": head.school,
        "urgency": _urgency(head),
        "status": head.status.value,
        "filed_at": head.filed_at.isoformat(),
    }


def case_json(view: CaseView) -> dict[str, Any]:
    """The object that `cases CASE --json` prints; of a locked file its hash and times alone (SAFETY 4)."""
    locked = {item.id for item in view.evidence if item.locked}
    whole = json.loads(json.dumps(asdict(view), default=_iso))
    for each in (*whole["evidence"], *(entry["body"] for entry in whole["chronology"])):
        if each.get("id") in locked:
            for key in each.keys() - _OF_LOCKED:
                del each[key]
    return {**head_json(view.head), "version": view.head.version, **whole}


def draw_list(console: Console, school: School, heads: Iterable[Head], now: datetime) -> None:
    """
    Print *heads* as a table, in the order in which they come: what nobody has opened stands first.

    What a case is about and who has it is shown of a sample school alone, which real mode has none of.
    """
    console.print(Text(school.name, style="bold"))
    listed = list(heads)
    tables = (_table(school, listed, now, form) for form in (True, False))
    wide = console.options.update(width=_WIDEST)
    # A long age or clock leaves no room for the form; who has it is told all the same.
    fit = (each for each in tables if Measurement.get(console, wide, each).maximum <= console.width)
    table = next(fit, None) or _table(school, listed, now, form=False)
    console.print(table if listed else Text("No cases."))


def _table(school: School, heads: Iterable[Head], now: datetime, form: bool) -> Table:
    """The list, without margins so that all eight columns fit 80 characters; *form* with that column."""
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    for title in ("Case", "Urgency", "Status", "Filed", "Age", "Clock"):
        table.add_column(title, no_wrap=True)
    if school.sample and form:
        table.add_column("Form", no_wrap=True)
    if school.sample:
        table.add_column("Has it", overflow="fold")
    for head in heads:
        style = "bold red" if head.urgent else "bold" if head.opened_at is None else ""
        cells = (head.case, _urgency(head), head.status.value, _day(head.filed_at))
        told = (_SHORT_FORMS[head.form], _has_it(school, head))[not form :] if school.sample else ()
        table.add_row(*cells, _span(now - head.filed_at), clock(head, now), *told, style=style)
    return table


def _has_it(school: School, head: Head) -> Text:
    """The surname of whoever the case is assigned to."""
    return Text(plain(words.by(school, head.assigned).split()[-1]) if head.assigned else "nobody")


def draw_head(console: Console, head: Head, now: datetime) -> None:
    """Print what may be shown of a case in real mode: number, urgency, status and times."""
    console.print(Text(f"Case {head.case}", style="bold"))
    rows = [
        ("urgency", _urgency(head)),
        ("status", head.status.value),
        ("filed", words.at(head.filed_at)),
        ("opened", words.at(head.opened_at) if head.opened_at else "nobody has opened it yet"),
        ("clock", clock(head, now)),
        ("version", f"{head.version} (--seen {head.version})"),
    ]
    _pairs(console, rows)
    console.print(Text("What is in it is shown in Staffroom itself, not here.", style="dim"))


def clock(head: Head, now: datetime) -> str:
    """How long until the next person is told, or since when that was due."""
    if head.clock_at is None:
        return "-"
    left = head.clock_at - now
    return f"in {_span(left)}" if left > timedelta() else f"{_span(-left)} late"


def draw_case(console: Console, view: CaseView, school: School, form: FormDefinition) -> None:
    """Print everything about *view*, readable at 80 columns."""
    _Drawing(console, view, school, form).draw()


class _Drawing:
    """One case on its way to the terminal."""

    def __init__(self, console: Console, view: CaseView, school: School, form: FormDefinition) -> None:
        self.console, self.view, self.school, self.form = console, view, school, form
        self.telling = Telling(school, frozenset(item.id for item in view.evidence if item.locked))

    def draw(self) -> None:
        self._heading()
        self._section("What was reported", self._answers())
        self._section("People", map(self._party, self.view.parties))
        self._section("Evidence", (line for item in self.view.evidence for line in self._item(item)))
        self._section("Still missing", self.view.missing)
        self._section("Why these people have it", self._clause())
        self._section("Actions", self._actions())
        self._section("Decisions", (f"{each.text} Because: {each.reason}" for each in self.view.decisions))
        self._section("Asked of the reporter", self._asks())
        self._section("Other cases", self._others())
        self._section("How it ended", self._end())
        self._section("Chronology", (line for entry in self.view.chronology for line in self._entry(entry)))

    def _heading(self) -> None:
        head = self.view.head
        self.console.print(Text(f"Case {head.case}", style="bold") + Text(f"  {self.school.name}"))
        if head.urgent:
            self.console.print(Text("URGENT", style="bold red"))
        who = ", ".join(map(self._name, self.view.access.full)) or "nobody in school"
        rows = [
            ("about", FORM_NAMES[head.form]),
            ("status", head.status.value),
            ("filed", f"{words.at(head.filed_at)}, by {self.view.reporter.name}"),
            ("entered", self.view.entered_by),
            ("who has it", who),
            ("assigned to", self._name(head.assigned) if head.assigned else "nobody yet"),
            ("kept out", ", ".join(map(self._name, self.view.access.excluded))),
            ("image gate", self.view.gate.value),
            ("legal hold", self.view.held),
            ("version", f"{head.version} (--seen {head.version})"),
        ]
        _pairs(self.console, [row for row in rows if row[1]])

    def _section(self, title: str, lines: Iterable[str]) -> None:
        shown = [line for line in lines if line]
        if not shown:
            return
        self.console.print(Padding(Text(title, style="bold"), (1, 0, 0, 0)))
        for line in shown:
            for part in plain(line).split("\n"):
                left = len(part) - len(part.lstrip(" "))
                self.console.print(Padding(Text(part.lstrip(" ")), (0, 0, 0, 2 + left)))

    def _name(self, person: str) -> str:
        return words.by(self.school, person)

    def _answers(self) -> Iterator[str]:
        fields = {field.id: field for field in self.form.fields}
        for key, value in self.view.answers.items():
            field = fields.get(key)
            given = value if isinstance(value, list | tuple) else [value]
            labels = {choice.value: choice.label for choice in field.choices} if field else {}
            said = ", ".join(labels.get(str(each), str(each)) for each in given)
            yield f"{field.label if field else key}\n  {_indented(said)}"

    def _party(self, party: Party) -> str:
        parts = (party.role.value, party.category, party.handle if party.handle != party.name else "")
        return f"{party.name or party.handle} ({', '.join(part for part in parts if part)})"

    def _item(self, item: EvidenceItem) -> Iterator[str]:
        if item.locked:
            yield f"{item.id}  LOCKED. {LOCKED_WORDS}"
            yield f"  SHA-256 {item.sha256}"
            return
        yield f"{item.id}  {item.name}"
        yield f"  {item.kind}, {item.size:,} bytes, received {words.at(item.received_at)}"
        yield f"  SHA-256 {item.sha256}"
        yield f"  virus scan: {item.scanned}"
        yield from (f"  {key}: {value}" for key, value in item.metadata.items())
        if item is self.view.evidence[-1]:
            yield HASH_WORDS

    def _clause(self) -> Iterator[str]:
        if self.view.clause:
            yield f"Clause {self.view.clause}: {self.view.policy_version or 'version not kept'}"
        else:
            yield "No clause of the school's policy decided; Staffroom's own rules did."

    def _actions(self) -> Iterator[str]:
        for each in self.view.actions:
            state = f"done: {each.result}" if each.done_at else f"due {each.due.day} {each.due:%B %Y}"
            yield f"{each.id}  {each.text} ({self._name(each.owner)}; {state})"

    def _asks(self) -> Iterator[str]:
        for each in self.view.asks:
            yield f"{each.text}\n  {_indented(each.answer) or '(no answer yet)'}"

    def _others(self) -> Iterator[str]:
        view = self.view
        for label, cases in (
            ("linked", view.links),
            ("merged into this one", view.merged_from),
            ("possibly an earlier case of the same person", view.earlier),
        ):
            yield from (f"{case} ({label})" for case in cases)
        if view.merged_into:
            yield f"{view.merged_into} (this case is carried on there)"

    def _end(self) -> Iterator[str]:
        for key in ("summary", "followed_up", "action", "outcome", "reasons", "filed_where"):
            if self.view.closing.get(key):
                yield f"{key.replace('_', ' ')}: {self.view.closing[key]}"
        if self.view.kept:
            until = self.view.kept.until
            last = f"until {until.day} {until:%B %Y}" if until else "without a last day"
            yield f"kept {last} ({self.view.kept.type})"

    def _entry(self, entry: Entry) -> Iterator[str]:
        item = f" ({entry.body['id']})" if entry.kind is EventKind.EVIDENCE_STORED else ""
        yield f"{entry.seq}  {words.at(entry.at)}, {self._name(entry.by)}: {entry.kind}{item}"
        said = "" if entry.kind in _SHOWN_ABOVE else self.telling.words(entry)
        yield from (f"   {line}" for line in said.split("\n") if line)


def _pairs(console: Console, rows: Iterable[tuple[str, str]]) -> None:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column()
    for label, value in rows:
        table.add_row(label, Text(plain(value)))
    console.print(table)


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else dict(value)


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _urgency(head: Head) -> str:
    return "urgent" if head.urgent else "normal"


def _day(at: datetime) -> str:
    return f"{local(at):%d %b %Y}"


def _span(span: timedelta) -> str:
    """*span* in the largest unit that fits: "5 min", "3 h", "12 days"."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 90:
        return f"{minutes} min"
    hours = minutes // 60
    return f"{hours} h" if hours < 48 else f"{hours // 24} days"
