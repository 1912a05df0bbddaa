"""Draws a receipt in Slack, with what to do about the copies that Slack keeps."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.domain.answers import Contact, Step
from bot.domain.receipts import HASH
from bot.domain.reports import Receipt, StoredFile
from bot.domain.schooldays import local
from bot.slack import blocks, ids
from bot.slack.blocks import Block

RECEIPT = "report_receipt"
"""The callback id of the view."""
ADD_MORE = "report.add"
"""A button beside a receipt; its value is the id of the draft that was sent."""

DESK_LINK = "report.desk"
"""A button that opens the desk; Slack tells of it, and nobody answers."""

SLACK_KEEPS = "Slack keeps its own copy of what you sent."
LEAVE_IT = "Leave it where it is, and delete nothing: {whom} will say what becomes of it."
ASK_FIRST = (
    "It may still be needed as evidence. Once a file is listed here as stored, ask {whom} before you remove "
    "Slack's copy. Then: open the file in Slack, choose its menu (three dots), and “Delete file”."
)
AWAITED = (
    "{files} still to be fetched from Slack, and not stored yet. You get a message when that is done, "
    "or if one cannot be kept."
)
_STEPS = 12
"""So many lines in one block of rich text, far below what Slack takes."""


def receipt_blocks(receipt: Receipt, url: str = "") -> list[Block]:
    """
    Draw *receipt*, in far fewer blocks than a message may have; of an urgent one what to do comes first.

    *url* is where people sign in to the desk, "" where there is none.
    """
    title = "URGENT: your report is stored" if receipt.urgent else "Your report is stored"
    todo, facts = step_blocks("What to do now", receipt.next_steps), _facts(receipt)
    parts = [*todo, blocks.divider(), *facts] if receipt.urgent else [*facts, blocks.divider(), *todo]
    case = ids.case_value(receipt.school, receipt.case)
    buttons = [
        blocks.button(ids.SHOW_SENT, "Show what I sent", case),
        blocks.button(ids.MY_REPORTS, "My reports", receipt.school),
    ]
    if url:
        buttons.append(blocks.link_button(DESK_LINK, "On the web", url))
    return [blocks.header(title), *parts, blocks.actions(*buttons)]


def receipt_view(receipt: Receipt, url: str = "", more: Sequence[Block] = ()) -> dict[str, Any]:
    """The same as a modal, with *more* buttons below it; closing it closes the whole form."""
    drawn = receipt_blocks(receipt, url)
    if more:
        drawn.append(blocks.actions(*more))
    return blocks.modal(RECEIPT, "Your report is stored", drawn)


def step_blocks(title: str, steps: Iterable[Step]) -> list[Block]:
    """*steps*, each with its numbers to tap below it, under a *title*; none without steps."""
    lines = [line for step in steps if step.words != HASH for line in _step(step)]
    if not lines:
        return []
    lines.insert(0, blocks.line(blocks.words(title, bold=True)))
    return [blocks.rich(*lines[at : at + _STEPS]) for at in range(0, len(lines), _STEPS)]


def _step(step: Step) -> Iterator[Block]:
    yield blocks.line(blocks.words(f"• {step.words}"))
    yield from blocks.contacts(step.contacts)


def _facts(receipt: Receipt) -> list[Block]:
    at = local(receipt.stored_at)
    number = [
        blocks.line(blocks.words("Number  ", bold=True), blocks.words(receipt.case)),
        blocks.line(blocks.words("Stored  ", bold=True), blocks.words(f"{at.day} {at:%B %Y at %H:%M}")),
    ]
    drawn = [blocks.rich(*number), blocks.rich(*_told(receipt.told))]
    if receipt.clause:
        drawn.append(blocks.context(receipt.clause))
    drawn.extend(_files(receipt))
    if receipt.missing:
        drawn.append(blocks.rich(*_listed("What would still help", receipt.missing)))
    return drawn


def _told(told: tuple[Contact, ...]) -> list[Block]:
    if not told:
        return [blocks.line(blocks.words("Told: nobody in school. Ring, see what to do now.", bold=True))]
    return [blocks.line(blocks.words("Told, and can open it", bold=True)), *blocks.contacts(told)]


def _listed(title: str, lines: Iterable[str]) -> list[Block]:
    return [
        blocks.line(blocks.words(title, bold=True)),
        *(blocks.line(blocks.words(f"• {each}")) for each in lines),
    ]


def _files(receipt: Receipt) -> Iterator[Block]:
    lines = _listed("Files stored", [_file(each) for each in receipt.evidence]) if receipt.evidence else []
    if receipt.awaited:
        files = "1 file is" if receipt.awaited == 1 else f"{receipt.awaited} files are"
        lines.append(blocks.line(blocks.words(AWAITED.format(files=files))))
    if receipt.refused:
        lines += _listed("Files not kept", [f"{each.name}: {each.reason}" for each in receipt.refused])
    if lines:
        yield blocks.rich(*lines)
        yield blocks.context(slack_copy(receipt))
    if receipt.evidence:
        yield blocks.context(HASH)


def slack_copy(receipt: Receipt) -> str:
    """
    What the reporter is told of Slack's own copy of their files.

    An urgent report may be about an indecent image: of that nothing is ever to be deleted (SAFETY 1, 24).
    """
    whom = f"the {receipt.told[0].role}" if receipt.told else "whoever you ring"
    words = LEAVE_IT if receipt.urgent else ASK_FIRST
    return f"{SLACK_KEEPS} {words.format(whom=whom)}"


def _file(file: StoredFile) -> str:
    return f"{file.name} ({_size(file.size)}), SHA-256 {file.sha256}"


def _size(octets: int) -> str:
    """*octets* as a person reads it: "640 bytes", "2 KB", "41.3 MB"."""
    if octets < 1000:
        return f"{octets} bytes"
    return f"{octets / 1000:.0f} KB" if octets < 1_000_000 else f"{octets / 1_000_000:.1f} MB"
