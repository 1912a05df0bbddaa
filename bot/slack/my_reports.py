"""A reporter's own reports in Slack: how far each is, what is asked of them, and what they sent."""

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.casework.reporting import mark_of
from bot.domain import gate, receipts
from bot.domain.cases import Status
from bot.domain.gate import PRESS_LOCK
from bot.domain.membership import Known
from bot.domain.naming import named_in
from bot.domain.schooldays import local
from bot.domain.views import Ask, ReporterView, SentFile
from bot.errors import CaseDeleted, EvidenceLocked, FormError, IllegalMove, SealBroken
from bot.slack import blocks, ids, opening
from bot.slack.blocks import Block
from bot.slack.parts import Parts
from bot.slack.report_fields import text_box
from bot.slack.report_reading import NOT_ABOUT, View, ids_of, text_of, ticked, values
from bot.slack.report_views import TITLES, danger, not_about, stop
from bot.slack.sent_words import sent_blocks

MY_REPORTS_VIEW, ANSWER_VIEW, DONE_VIEW = "my_reports", "report_answer", "report_done"
"""The callback ids of the list, of an answer to the DSL, and of what only tells."""
ANSWER, LOCK, CANNOT = "report.answer", "report.lock", "report.cannot"
"""
Buttons; their value is school, case, and the number of the question, the id of the file, or `mark_of` what
is missing.
"""
TEXT = "text"
NONE = "You have sent no reports here."
STATUS_WORDS = {
    Status.RECEIVED: "stored, not opened yet",
    Status.OPENED: "opened",
    Status.IN_HAND: "being dealt with",
    Status.CLOSED: "closed",
    Status.MERGED: "being dealt with, together with another report",
    Status.DELETED: "closed",
}
_OVER = (Status.CLOSED, Status.DELETED)
DO_NOT_WAIT = "Nobody has opened it in time. Do not wait: ring"
LOCKED = "It is locked. Nobody opens, copies, sends or deletes it; Slack's own copy: leave it where it is."
SENT = "What you sent"
NOT_HERE = "The time of this report is over: what you sent was deleted."
NOT_ASKED = "Thank you: that is not asked for any more."
ANSWERED = "Your answer is in the report."
_MOST, _MOST_BLOCKS = 10, 70
"""So many reports are shown with everything, in so many blocks; a home page holds a hundred."""
_MOST_AT_ALL = 90
_LOCKS, _CANNOT = 20, 5
_log = logging.getLogger(__name__)


def shut_cases(parts: Parts, known: Known, views: Sequence[ReporterView]) -> list[str]:
    """The cases among *views* that take no more evidence, or of which nobody can tell (SAFETY 1 and 4)."""
    return [each.case for each in views[:_MOST] if not _takes_more(parts, known, each.case)]


def _takes_more(parts: Parts, known: Known, case: str) -> bool:
    try:
        theirs = owner(parts, known, case)
        return parts.attaching.takes_more(theirs.school.id, theirs.reporter.handle, case)
    except (EvidenceLocked, SealBroken) as error:
        _log.warning("report.damaged case=%s error=%s", case, type(error).__name__)
        return False


def owner(parts: Parts, known: Known, case: str) -> Known:
    """*known* by the handle that they reported *case* under: Slack may have named no e-mail then, or now."""
    return known.under(parts.casework.handle_of(known.school.id, known.handles, case))


def reports_at(parts: Parts, places: Sequence[Known]) -> list[Block]:
    """The reports of one person at *places*, each below its school where there are several; [] for none."""
    found = parts.casework.reports_at({each.school.id: each.handles for each in places})
    having = [each for each in places if found.get(each.school.id)]
    drawn: list[Block] = []
    for known in having:
        school, views = known.school.id, found[known.school.id]
        alone = blocks.button(ids.MY_REPORTS, "Only this school", school)
        head = [blocks.section(known.school.name, alone)] if len(places) > 1 else []
        stopped = shut_cases(parts, known, views)
        drawn += [*head, *my_reports_blocks(views, school, stopped, _MOST_BLOCKS // len(having))]
    return drawn[:_MOST_AT_ALL]


def my_reports_blocks(
    views: Sequence[ReporterView],
    school: str = "",
    stopped: Collection[str] = (),
    most: int = _MOST_BLOCKS,
) -> list[Block]:
    """
    Draw each of *views*, newest first: status in words, what is missing, questions, replies, and buttons.

    *school* goes into the buttons; without it they are of the school that whoever presses belongs to.
    Of the cases that are *stopped* no more evidence is asked for (SAFETY 1).
    """
    if not views:
        return [blocks.context(NONE)]
    drawn: list[Block] = []
    whole = 0
    for view in views[:_MOST]:
        report = _report(view, school, view.case in stopped)
        if (drawn or most < _MOST_BLOCKS) and len(drawn) + len(report) > most:
            break
        drawn += report
        whole += 1
    rest = [blocks.line(blocks.words(f"• {_headline(view)}")) for view in views[whole:]]
    return [*drawn[:most], *_in_blocks("Earlier" if whole else "Reports", rest)]


def _report(view: ReporterView, school: str, stopped: bool) -> list[Block]:
    lines = [blocks.line(blocks.words(_headline(view), bold=True))]
    if view.not_opened_yet:
        lines.append(blocks.line(blocks.words(DO_NOT_WAIT, bold=True)))
        lines += blocks.contacts(view.ring)
    drawn = [blocks.rich(*lines), *_missing(view, school)]
    for ask in view.asks:
        drawn += _ask(ask)
    for reply in view.replies:
        drawn.append(blocks.context(f"Said to you, {_day(reply.at)}:"))
        drawn += blocks.quote(reply.text)
    return [*drawn, *_buttons(view, school, stopped), blocks.divider()]


def _missing(view: ReporterView, school: str) -> list[Block]:
    """What would still help; beside the first few, the button that says that it cannot be had (SAFETY 24)."""
    pressed = () if view.status in _OVER else view.missing[:_CANNOT]
    case = ids.case_value(school, view.case)
    drawn = [
        blocks.section(
            f"Still missing: {each}", blocks.button(CANNOT, "I cannot get this", f"{case} {mark_of(each)}")
        )
        for each in pressed
    ]
    rest = [blocks.line(blocks.words(f"Still missing: {each}")) for each in view.missing[len(pressed) :]]
    return [*drawn, blocks.rich(*rest)] if rest else drawn


def _ask(ask: Ask) -> list[Block]:
    drawn = [blocks.context(f"You are asked, {_day(ask.at)}:"), *blocks.quote(ask.text)]
    return [*drawn, blocks.context("You said:"), *blocks.quote(ask.answer)] if ask.answer else drawn


def _buttons(view: ReporterView, school: str, stopped: bool) -> list[Block]:
    case = ids.case_value(school, view.case)
    closed = view.status in _OVER
    shut = stopped or closed or any(file.locked for file in view.files)
    made = [
        blocks.button(ANSWER, "Answer", f"{case} {ask.id}", "primary")
        for ask in view.asks
        if not ask.answer and not closed
    ]
    if not shut:
        made.append(blocks.button(ids.MORE_EVIDENCE, "More evidence", case))
    made.append(blocks.button(ids.SHOW_SENT, "Show what I sent", case))
    # Each button of a row needs an id of its own.
    rows = [_apart(made[at : at + _LOCKS]) for at in range(0, len(made), _LOCKS)]
    locks = [_lock(case, file) for file in view.files if not file.locked][:_LOCKS]
    locked = sum(file.locked for file in view.files)
    if locks:
        rows += [blocks.context(PRESS_LOCK), _apart(locks)]
    if locked:
        rows.append(blocks.context(f"{locked} of your files locked: nobody can open or copy it."))
    return rows


def _apart(buttons: Sequence[Block]) -> Block:
    """*buttons* in a row; of several with one action, Slack tells which by a number behind its id."""
    seen: dict[str, int] = {}
    made = []
    for each in buttons:
        number = seen[each["action_id"]] = seen.get(each["action_id"], -1) + 1
        made.append({**each, "action_id": f"{each['action_id']}.{number}"} if number else each)
    return blocks.actions(*made)


def _lock(case: str, file: SentFile) -> Block:
    """SAFETY 4: one press, and nobody is asked whether they are sure."""
    return blocks.button(LOCK, f"This may be an indecent image: {file.name}", f"{case} {file.id}", "danger")


def _headline(view: ReporterView) -> str:
    return f"{view.case}, {TITLES[view.form]}, sent {_day(view.filed_at)}: {STATUS_WORDS[view.status]}"


def _day(at: Any) -> str:
    on = local(at)
    return f"{on.day} {on:%B %Y at %H:%M}"


def _in_blocks(title: str, lines: Sequence[Block]) -> list[Block]:
    if not lines:
        return []
    head = blocks.line(blocks.words(title, bold=True))
    return [blocks.rich(head, *lines[:100])]


@dataclass(frozen=True)
class MyReportsListeners:
    """The list, an answer to the DSL, what was sent, and the button that locks a file."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.command("/my-reports")(self.on_list)
        app.action(ids.MY_REPORTS)(self.on_list)
        app.action(ids.SHOW_SENT)(self.on_show)
        app.action(re.compile(rf"^{re.escape(ANSWER)}(\.\d+)?$"))(self.on_answer)
        app.view(ANSWER_VIEW)(self.on_answered)
        app.action(CANNOT)(self.on_cannot)
        app.action(re.compile(rf"^{re.escape(LOCK)}(\.\d+)?$"))(self.on_lock)

    def on_list(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Show the reports of whoever asks."""
        pressed = (body.get("actions") or [{}])[0]
        school = str(pressed.get("value") or "")
        sighting, recognising = self.parts.who.sighting(client, body), self.parts.recognising
        places = (recognising.at(sighting, school),) if school else recognising.anywhere(sighting)
        drawn = self._listed(places)
        ack()
        opening.show(client, body, drawn, blocks.button(ids.MY_REPORTS, "My reports", school))

    def _listed(self, places: Sequence[Known], said: str = "") -> dict[str, Any]:
        """The list in a modal, below what was just *said*."""
        top = [danger(), *([blocks.context(places[0].school.name)] if len(places) == 1 else [])]
        drawn = reports_at(self.parts, places) or [blocks.context(NONE)]
        told = [blocks.section(said)] if said else []
        return blocks.modal(MY_REPORTS_VIEW, "My reports", [*top, *told, *drawn])

    def on_show(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """SAFETY 25: the reporter's own words, only once they ask for them."""
        value = _value(body)
        known, case = self._theirs(client, body, value)
        drawn = self._sent(known, case)
        ack()
        shown = blocks.modal(DONE_VIEW, SENT, drawn)
        opening.show(client, body, shown, blocks.button(ids.SHOW_SENT, "Open it again", value))

    def _sent(self, known: Known, case: str) -> list[Block]:
        try:
            sent = self.parts.casework.sent(known.school.id, known.reporter.handle, case)
        except CaseDeleted:
            return [blocks.header(case), blocks.section(NOT_HERE)]
        return sent_blocks(sent, self.parts.forms[sent.form])

    def on_cannot(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """What they cannot get is asked for no longer (SAFETY 24); pressed twice, it is said once."""
        value = _value(body)
        known, case = self._theirs(client, body, value)
        mark = value.rpartition(" ")[2]
        # Whether it was pressed before, or came meanwhile: it is not asked for, and that is what they hear.
        with suppress(IllegalMove):
            self.parts.casework.cannot_get(known.school.id, known.reporter.handle, case, mark)
            _log.info("report.cannot_get case=%s", case)
            self.parts.poke()
        ack()
        view, drawn = body.get("view") or {}, self._listed((known,), NOT_ASKED)
        if view.get("callback_id") == MY_REPORTS_VIEW:
            opening.redraw(client, view, drawn, always=True)
        else:
            opening.show(client, body, drawn, blocks.button(ids.MY_REPORTS, "My reports", known.school.id))

    def on_answer(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Open the question of the DSL with a box for the answer."""
        value = _value(body)
        known, case = self._theirs(client, body, value)
        asked = value.rpartition(" ")[2]
        ask = self._open_ask(known, case, asked)
        ack()
        view = _answer_view(known, f"{known.school.id} {case} {asked}", blocks.quote(ask.text))
        opening.show(client, body, view, blocks.button(ANSWER, "Open it again", value))

    def on_answered(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Store the answer, once it is clear of whom it names whether it is about them (SAFETY 12)."""
        view = body["view"]
        school, case, asked = ids_of(view, 3)
        known, case = self._theirs(client, body, ids.case_value(school, case))
        text = text_of(values(view).get(TEXT, {}))
        if not text.strip():
            raise FormError({TEXT: "Please write an answer."})
        named = sorted(named_in(known.school, text) - {known.reporter.person})
        cleared = set(ticked(view, NOT_ABOUT) or ()) & set(named)
        if set(named) - _asked_about(view):
            more = not_about(known.school, named, cleared)
            again = _answer_view(known, view["private_metadata"], _question(view), text, more)
            ack(response_action="update", view=again)
            return
        self._store(known, case, int(asked) if asked.isdecimal() else 0, text, tuple(sorted(cleared)))
        done = [blocks.section(ANSWERED), blocks.context(case)]
        ack(response_action="update", view=blocks.modal(DONE_VIEW, "Your answer", done))
        _log.info("report.answered case=%s", case)
        self.parts.poke()

    def _store(self, known: Known, case: str, ask: int, text: str, cleared: tuple[str, ...]) -> None:
        """Store the answer; the same one once more is a second press, and changes nothing."""
        theirs = (known.school.id, known.reporter.handle, case)
        try:
            self.parts.casework.answer_ask(*theirs, ask, text, not_about=cleared)
        except IllegalMove:
            asks = self.parts.casework.status(*theirs).asks
            if (ask, text.strip()) not in [(each.id, each.answer.strip()) for each in asks]:
                raise

    def on_lock(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """SAFETY 4: lock a file that they sent, in one press; then the stop screen."""
        value = _value(body)
        known, case = self._theirs(client, body, value)
        school, handle = known.school.id, known.reporter.handle
        self.parts.casework.lock_sent(school, handle, case, value.rpartition(" ")[2])
        ack()
        _log.info("evidence.locked case=%s", case)
        self.parts.poke()
        receipt = self.parts.intake.receipt(case)
        out = receipts.not_told(known.school, receipt)
        drawn = [blocks.section(LOCKED), *stop(known.school, gate.stopped_session(receipt.form), out)]
        shown = blocks.modal(DONE_VIEW, "Locked", drawn)
        opening.show(client, body, shown, blocks.button(ids.MY_REPORTS, "My reports", known.school.id))

    def _open_ask(self, known: Known, case: str, asked: str) -> Ask:
        view = self.parts.casework.status(known.school.id, known.reporter.handle, case)
        found = [each for each in view.asks if str(each.id) == asked and not each.answer]
        if not found:
            raise IllegalMove(f"{case}: ask", "There is no such open question.")
        return found[0]

    def _theirs(self, client: WebClient, body: Mapping[str, Any], value: str) -> tuple[Known, str]:
        """Who asks, at the school of the button, and the case it names."""
        school, rest = ids.case_of(value)
        case = rest.partition(" ")[0]
        if not school:
            return owner(self.parts, self.parts.who.known(client, body), case), case
        known = self.parts.recognising.at(self.parts.who.sighting(client, body), school)
        return owner(self.parts, known, case), case


def _answer_view(
    known: Known, metadata: str, quoted: Sequence[Block], text: str = "", more: Sequence[Block] = ()
) -> dict[str, Any]:
    box = blocks.field(TEXT, "Your answer", text_box(text), optional=False)
    drawn = [danger(), blocks.context(known.school.name), *quoted, box, *more]
    return blocks.modal(ANSWER_VIEW, "Your answer", drawn, metadata, submit="Send")


def _question(view: View) -> list[Block]:
    """What *view*, as `_answer_view` drew it, quotes: it stands between the school and the box."""
    at = [block.get("block_id") for block in view["blocks"]].index(TEXT)
    return list(view["blocks"][2:at])


def _asked_about(view: View) -> set[str]:
    """Of whom *view* asks whether it is about them."""
    asked = [block for block in view["blocks"] if str(block.get("block_id")).partition(".")[0] == NOT_ABOUT]
    return {str(option["value"]) for block in asked for option in block["element"]["options"]}


def _value(body: Mapping[str, Any]) -> str:
    return str(body["actions"][0].get("value", ""))
