"""Draws cases in Slack: the list without content, and one case in a modal for whoever may open it."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.casework import words
from bot.domain import folding, moves
from bot.domain.cases import Event, EventKind, Head, Party, Status
from bot.domain.form_types import FormDefinition
from bot.domain.notice_details import REASONS
from bot.domain.pack_words import Telling
from bot.domain.packs import HASH_WORDS, LOCKED_WORDS
from bot.domain.schools import School
from bot.domain.views import CaseView
from bot.slack import blocks, ids

CASE_MODAL, REASON_MODAL = "case.modal", "case.reason"
AT_DESK = "case.desk"
"""A button that only opens an address."""
IN_HAND, NOTE, REPLY, REASON, OWN_REASON = "in-hand", "note", "reply", "reason", "own-reason"
"""What is filled in; a block's id is one of them, and after a dot the version that was shown."""

SHOWN_AT_ONCE = 20
"""Cases in one list."""

_REST = "There is more than can be shown here. The rest is at the desk."
_LAST, _ENTRY = 12, 300
"""How many lines of the chronology are shown, and how much of each."""

# The shares add up to less than the 100 blocks of a view, which Slack refuses above 250 KB.
_ANSWERS, _PART = 38, 5
_BYTES = 200_000

_SHOWN_ABOVE = (EventKind.FILED, EventKind.ROUTED, EventKind.EVIDENCE_STORED)


@dataclass(frozen=True, slots=True)
class Shown:
    """A case that a person has opened, and where."""

    view: CaseView
    school: School
    form: FormDefinition
    url: str = ""
    said: tuple[str, ...] = ()
    """What was just saved, a line each."""


def case_list(heads: Iterable[Head], now: datetime) -> list[blocks.Block]:
    """*heads* in the order in which they come, a button each: nothing of what they are about (SAFETY 25)."""
    return [
        blocks.section(
            f"{head.case}  {_standing(head, now)}",
            blocks.button(ids.OPEN_CASE, "Open", ids.case_value(head.school, head.case)),
        )
        for head in heads
    ]


def more_cases(count: int) -> str:
    """What stands below a list that is too long: *count* is of all."""
    return f"{count} cases are open; these are the first {SHOWN_AT_ONCE}. The rest is at the desk."


def opening() -> dict[str, Any]:
    """What stands while a case is fetched, so that its trigger is used in time."""
    return blocks.modal(CASE_MODAL, "Case", [blocks.section("One moment …")])


def notice(said: str, *more: blocks.Block) -> dict[str, Any]:
    """A modal that says one thing."""
    return blocks.modal(CASE_MODAL, "Case", [*blocks.paragraphs(said), *more])


def saved(school: str, case: str, lines: Iterable[str]) -> dict[str, Any]:
    """What stands when all is saved and the case could not be shown again."""
    again = blocks.button(ids.OPEN_CASE, "Open the case", ids.case_value(school, case))
    return notice(" ".join(lines), blocks.actions(again))


def reason_modal(school: str, case: str, why: str) -> dict[str, Any]:
    """Asks for the reason that SAFETY 22 wants, to press or in their own words."""
    options = [blocks.option(str(at), reason[:1].upper() + reason[1:]) for at, reason in enumerate(REASONS)]
    pressed = {"type": "static_select", "action_id": blocks.VALUE_ID, "options": options}
    own = {"type": "plain_text_input", "action_id": blocks.VALUE_ID, "max_length": 200}
    drawn = [
        blocks.section(why),
        blocks.field(REASON, "Reason", pressed),
        blocks.field(OWN_REASON, "Or in your own words", own),
    ]
    return blocks.modal(REASON_MODAL, "Why do you open it?", drawn, ids.case_value(school, case), "Open")


def case_modal(shown: Shown) -> dict[str, Any]:
    """The case whole, as far as a modal holds it, and below it what can be done here."""
    view, head = shown.view, shown.view.head
    inputs = _inputs(head)
    drawn = [
        *_heading(shown),
        *_part("What was reported", _answers(shown), _ANSWERS),
        *_part("People", _lines(map(_party, view.parties))),
        *_part("Evidence", _lines(_evidence(shown))),
        *_part("Still missing, and earlier cases", _lines(_open_ends(view))),
        *_part("Why these people have it", _lines(_clause(view))),
        *_part("What has happened", _lines(_chronology(shown))),
    ]
    drawn = [*fitting(drawn, blocks.VIEW_BLOCKS), *_desk(shown), *inputs]
    metadata = f"{ids.case_value(head.school, head.case)} {head.version}"
    return blocks.modal(CASE_MODAL, f"Case {head.case}", drawn, metadata, "Save" if inputs else "")


def age(span: timedelta) -> str:
    """*span* in the largest unit that fits: "5 minutes", "3 hours", "12 days"."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 90:
        return _many(minutes, "minute")
    hours = minutes // 60
    return _many(hours, "hour") if hours < 48 else _many(hours // 24, "day")


def fitting(drawn: Sequence[blocks.Block], most: int, rest: str = _REST) -> list[blocks.Block]:
    """*drawn* as far as *most* blocks and a view hold it; *rest* is said below when there is more."""
    kept: list[blocks.Block] = []
    used = 0
    for block in drawn:
        used += len(json.dumps(block))
        if len(kept) == most or used > _BYTES:
            return [*kept, blocks.context(rest)]
        kept.append(block)
    return kept


def _many(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def _standing(head: Head, now: datetime) -> str:
    urgent = "URGENT, " if head.urgent else ""
    status = "nobody has opened it yet" if head.status is Status.RECEIVED else head.status.value
    return f"{urgent}{age(now - head.filed_at)} old, {status}"


def _heading(shown: Shown) -> list[blocks.Block]:
    view, head = shown.view, shown.view.head
    known = {view.reporter.name, view.reporter.handle} - {""}
    rows = [
        ("About", shown.form.title),
        ("Status", head.status.value),
        ("Filed", words.at(head.filed_at)),
        ("By", ", ".join(sorted(known, key=[view.reporter.name, view.reporter.handle].index))),
        ("Entered by", view.entered_by),
        ("Who has it", _names(shown.school, view.access.full)),
        ("Assigned to", _names(shown.school, (head.assigned,)) if head.assigned else "nobody yet"),
        ("Kept out", _names(shown.school, view.access.excluded)),
        ("Could a file show a sexual image of a child?", view.gate.value.replace("-", " ")),
    ]
    loud = [*shown.said, *(["URGENT"] if head.urgent else [])]
    lines = [blocks.line(blocks.words(each, bold=True)) for each in loud]
    lines += [_row(label, said) for label, said in rows if said]
    return [blocks.rich(*lines)]


def _row(label: str, said: str) -> blocks.Block:
    return blocks.line(blocks.words(f"{label}: ", bold=True), blocks.words(blocks.shortened(said, 1000)))


def _names(school: School, persons: Iterable[str]) -> str:
    return ", ".join(words.by(school, each) for each in persons)


def _part(title: str, drawn: Sequence[blocks.Block], most: int = _PART) -> list[blocks.Block]:
    """*drawn* under *title*, within its share of the blocks."""
    return [blocks.header(title), *fitting(drawn, most)] if drawn else []


def _lines(lines: Iterable[str]) -> list[blocks.Block]:
    return blocks.paragraphs("\n".join(line for line in lines if line))


def _answers(shown: Shown) -> list[blocks.Block]:
    """Question in bold and answer as it was given, for each."""
    fields = {field.id: field for field in shown.form.fields}
    drawn = []
    for key, value in shown.view.answers.items():
        field = fields.get(key)
        labels = {choice.value: choice.label for choice in field.choices} if field else {}
        given = value if isinstance(value, list | tuple) else [value]
        first, *rest = blocks.pieces(", ".join(labels.get(str(each), str(each)) for each in given)) or ["-"]
        label = blocks.line(blocks.words(blocks.shortened(field.label if field else key, 500), bold=True))
        drawn.append(blocks.rich(label, blocks.line(blocks.words(first))))
        drawn += [blocks.section(each) for each in rest]
    return drawn


def _party(party: Party) -> str:
    handle = party.handle if party.handle != party.name else ""
    about = ", ".join(part for part in (party.role.value, party.category, handle) if part)
    return f"{party.name or party.handle} ({about})"


def _evidence(shown: Shown) -> Iterator[str]:
    """What is kept, never a look at it: no file goes into Slack, and of a locked one its hash alone."""
    view = shown.view
    for item in view.evidence:
        yield f"LOCKED. {LOCKED_WORDS}" if item.locked else f"{item.name} ({item.kind}, {item.size:,} bytes)"
        yield f"SHA-256 {item.sha256}"
    if view.evidence:
        yield HASH_WORDS
        yield (
            f"To look at a file, open the case at the desk: {shown.url}/cases/{view.head.case}"
            if shown.url
            else f"To look at a file, where Staffroom runs: staffroom evidence {view.head.case}"
        )
    awaited = len(folding.awaited(_events(view)))
    if awaited:
        yield f"{_many(awaited, 'file')} still to be fetched from Slack, and not stored yet."


def _events(view: CaseView) -> tuple[Event, ...]:
    """The events of which its chronology was made."""
    return tuple(
        Event(view.head.case, each.seq, each.at, each.by, each.kind, each.body) for each in view.chronology
    )


def _open_ends(view: CaseView) -> Iterator[str]:
    yield from (f"Missing: {each}" for each in view.missing)
    if view.earlier:
        yield f"Perhaps earlier cases of the same person: {', '.join(view.earlier)}"
    if view.links:
        yield f"Linked: {', '.join(view.links)}"
    if view.merged_into:
        yield f"This case is carried on in {view.merged_into}."


def _clause(view: CaseView) -> Iterator[str]:
    if view.clause:
        yield f"Clause {view.clause}: {view.policy_version or 'version not kept'}"
    else:
        yield "No clause of the school's policy decided; Staffroom's own rules did."


def _chronology(shown: Shown) -> Iterator[str]:
    """The last lines, a few words of each; what stands further up is not said again."""
    entries = shown.view.chronology
    telling = Telling(shown.school, frozenset(item.id for item in shown.view.evidence if item.locked))
    if len(entries) > _LAST:
        yield f"The first {len(entries) - _LAST} lines are at the desk."
    for entry in entries[-_LAST:]:
        yield f"{words.at(entry.at)}, {words.by(shown.school, entry.by)}: {entry.kind.value}"
        said = "" if entry.kind in _SHOWN_ABOVE else telling.words(entry)
        if said:
            yield blocks.shortened("; ".join(said.split("\n")), _ENTRY)


def _desk(shown: Shown) -> list[blocks.Block]:
    if not shown.url:
        return []
    address = f"{shown.url}/cases/{shown.view.head.case}"
    return [blocks.actions(blocks.link_button(AT_DESK, "Open at the desk", address))]


def _inputs(head: Head) -> list[blocks.Block]:
    """
    What can be done where the case stands.

    The version is in each id: Slack keeps what was typed where the ids stay the same.
    """
    drawn = []
    if moves.allows(head, EventKind.ACKNOWLEDGED):
        options = [blocks.option("yes", "I have this case in hand")]
        box = {"type": "checkboxes", "action_id": blocks.VALUE_ID, "options": options}
        drawn.append(blocks.field(f"{IN_HAND}.{head.version}", "Acknowledge", box))
    if moves.allows(head, EventKind.NOTED):
        drawn.append(_text(f"{NOTE}.{head.version}", "Note", "Kept in the case.", 3000, multiline=True))
    if moves.allows(head, EventKind.REPLIED):
        hint = "One line. They are told that there is a reply, and read it under their own reports."
        drawn.append(_text(f"{REPLY}.{head.version}", "Reply to the reporter", hint, 280))
    return drawn


def _text(block: str, label: str, hint: str, most: int, multiline: bool = False) -> blocks.Block:
    more = {"multiline": True} if multiline else {}
    element = {"type": "plain_text_input", "action_id": blocks.VALUE_ID, "max_length": most, **more}
    return blocks.field(block, label, element, hint=hint)
