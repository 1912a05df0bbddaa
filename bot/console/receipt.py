"""Draws a receipt in the terminal, and as the JSON that `file --json` promises."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from bot.domain.answers import Contact, Step
from bot.domain.receipts import HASH
from bot.domain.reports import Receipt, RefusedFile
from bot.domain.schooldays import local

SAMPLE_NOTE = "SAMPLE MODE: this report is stored on this machine alone, and nobody real is told."
_LABEL = 16


@dataclass(frozen=True, slots=True)
class Shown:
    """A receipt, and what the command line knows beside it."""

    receipt: Receipt
    unopened: tuple[RefusedFile, ...] = ()
    """Files that were named and never read, each with the reason."""
    left_out: tuple[str, ...] = ()
    """Who is left out because the text names them, as "role: name"."""
    sample: bool = False
    details: bool = False
    command: str = ""
    """What to type to add to this report."""
    adds: bool = False
    """To a report of which the whole receipt was shown just now."""

    @property
    def refused(self) -> tuple[RefusedFile, ...]:
        return (*self.unopened, *self.receipt.refused)


def receipt_json(shown: Shown) -> dict[str, Any]:
    """The object that `file --json` prints; times are UTC, sizes in bytes."""
    receipt = shown.receipt
    return {
        "case": receipt.case,
        "request_id": receipt.request_id,
        "stored_at": receipt.stored_at.isoformat(),
        "told": [": ".join(part for part in (each.role, each.name) if part) for each in receipt.told],
        "missing": list(receipt.missing),
        "evidence": [
            {"name": each.name, "sha256": each.sha256, "size": each.size} for each in receipt.evidence
        ],
        "refused": [{"name": each.name, "reason": each.reason} for each in shown.refused],
        "urgent": receipt.urgent,
        "clause": receipt.clause,
        "next": [_said(step) for step in receipt.next_steps],
        "left_out": list(shown.left_out),
        "sample": shown.sample,
    }


def draw_receipt(console: Console, shown: Shown) -> None:
    """Print *shown*: of an urgent report what to do now comes first, of any other the case number."""
    if shown.adds:
        console.print(_framed(Group(*_facts(shown)), "Added to your report", "green"))
        return
    parts = [Group(*_steps(shown)), Group(*_facts(shown))]
    if not shown.receipt.urgent:
        parts.reverse()
    border = "bold red" if shown.receipt.urgent else "green"
    title = "URGENT: your report is stored" if shown.receipt.urgent else "Your report is stored"
    body = Group(parts[0], Text(), parts[1])
    console.print(_framed(body, title, border))
    if shown.sample:
        console.print(Text(SAMPLE_NOTE, style="black on yellow"))


def _framed(body: RenderableType, title: str, border: str) -> Panel:
    return Panel(body, title=title, title_align="left", border_style=border, box=box.ROUNDED, padding=(1, 1))


def draw_steps(console: Console, steps: Iterable[Step]) -> None:
    """Print *steps*, each with its numbers below it."""
    for step in steps:
        console.print(Group(*_step(step)))


def _facts(shown: Shown) -> Iterator[RenderableType]:
    receipt = shown.receipt
    at = local(receipt.stored_at)
    yield _row("Case number", Text(receipt.case, style="bold"))
    yield _row("Stored", Text(f"{at.day} {at:%B %Y at %H:%M}"))
    told = [Text(_person(each)) for each in receipt.told] or [Text("nobody in school: ring, see below")]
    yield from _rows("Told", told)
    yield from _rows("Left out", [Text(each) for each in shown.left_out])
    if receipt.clause:
        yield _row("Why they", Text(receipt.clause))
    yield from _rows("Files kept", [Text(f"{each.name} ({_size(each.size)})") for each in receipt.evidence])
    refused = [Text(f"{each.name}: {each.reason}", style="yellow") for each in shown.refused]
    yield from _rows("Not kept", refused)
    yield from _rows("Still missing", [Text(each) for each in receipt.missing])
    if receipt.missing and shown.command:
        yield _row("To add it", Text(f"{shown.command} or tell whoever deals with it."))
    yield from _details(shown)


def _details(shown: Shown) -> Iterator[RenderableType]:
    if not shown.receipt.evidence:
        return
    if not shown.details:
        yield _row("Hashes", Text("with --details", style="dim"))
        return
    yield from _rows("SHA-256", [Text(f"{each.name}\n{each.sha256}") for each in shown.receipt.evidence])
    yield _row("", Text(HASH, style="dim"))


def _steps(shown: Shown) -> Iterator[RenderableType]:
    yield Text("What to do now", style="bold")
    for step in shown.receipt.next_steps:
        if step.words != HASH:
            yield from _step(step)


def _step(step: Step) -> Iterator[RenderableType]:
    row = Table.grid(padding=(0, 1))
    row.add_row(Text("•"), Text(step.words))
    for contact in step.contacts:
        row.add_row(Text(), Text(f"☎ {_person(contact)}", style="bold"))
    yield row


def _rows(label: str, texts: Sequence[Text]) -> Iterator[RenderableType]:
    for at, text in enumerate(texts):
        yield _row("" if at else label, text)


def _row(label: str, text: Text) -> RenderableType:
    row = Table.grid(padding=(0, 1))
    row.add_column(width=_LABEL, style="bold")
    row.add_column(overflow="fold")
    row.add_row(label, text)
    return row


def _person(contact: Contact) -> str:
    return ", ".join(part for part in (contact.role, contact.name, contact.telephone) if part)


def _said(step: Step) -> str:
    numbers = "; ".join(_person(each) for each in step.contacts)
    return f"{step.words} {numbers}" if numbers else step.words


def _size(octets: int) -> str:
    """*octets* as a person reads it: "640 bytes", "2 KB", "41.3 MB"."""
    if octets < 1000:
        return f"{octets} bytes"
    return f"{octets / 1000:.0f} KB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"
