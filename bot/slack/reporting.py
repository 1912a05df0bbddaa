"""Reporting in Slack: payload in, one use case, view out; what must survive is stored before its ack."""

import logging
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain import forms, gate
from bot.domain.gate import Control
from bot.domain.membership import Known
from bot.domain.reports import Gate, Receipt
from bot.domain.triage import Form
from bot.drafting import Draft, begin_with, session_of, submission
from bot.errors import BotError, FormError, Gone
from bot.slack import blocks, ids, opening
from bot.slack.blocks import VALUE_ID, Block
from bot.slack.message_report import MessageReportListeners
from bot.slack.more_evidence import MoreEvidenceListeners
from bot.slack.my_reports import MyReportsListeners
from bot.slack.parts import Parts
from bot.slack.reading import words_of
from bot.slack.receipts import ADD_MORE, DESK_LINK, receipt_view
from bot.slack.report_reading import (
    CONCERNED,
    DROP_FILES,
    NOT_ABOUT,
    STOPPING,
    Begun,
    View,
    answers_of,
    asked_in,
    begun_of,
    draft_id,
    files_in,
    gate_in,
    ids_of,
    joined,
    shown_in,
    ticked,
)
from bot.slack.report_views import (
    REPORT,
    REPORT_MORE,
    REPORT_SEND,
    Questions,
    Sending,
    later_fields,
    later_view,
    nothing_more,
)
from bot.slack.sealed import unsealed
from bot.slack.who import UNREACHABLE

SLACK = "Slack"
"""What the record of a case calls this channel."""
TOO_OLD = "Begin the report again, or press Back and then Next: what you wrote is still there."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ReportListeners:
    """The listeners of reporting; a report is nowhere but in its views and its sealed draft until sent."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        for command in ids.FORM_COMMANDS:
            app.command(command)(self.on_command)
        app.action(ids.OPEN_FORM)(self.on_open)
        app.action(VALUE_ID, matchers=[in_report])(self.on_change)
        app.view(REPORT)(self.on_next)
        app.action(VALUE_ID, matchers=[in_sending])(self.on_tick)
        app.view(REPORT_SEND)(self.on_send)
        app.action(ADD_MORE)(self.on_add)
        app.action(VALUE_ID, matchers=[in_more])(self.on_more_change)
        app.view(REPORT_MORE)(self.on_more)
        app.action(DESK_LINK)(acknowledge)
        MessageReportListeners(self.parts).register(app)
        MoreEvidenceListeners(self.parts).register(app)
        MyReportsListeners(self.parts).register(app)

    def open(self, client: WebClient, trigger_id: str, known: Known, form: Form, words: str = "") -> None:
        """
        Open *form* with *words* to begin with; where the trigger has expired, a direct message says so.

        Raises:
            SlackApiError: Slack refuses for another reason.
        """
        try:
            client.views_open(trigger_id=trigger_id, view=self.first(known, form, words))
        except SlackApiError as error:
            user = self._user(client, known)
            opening.late(client, user, error, opening.form_button(form, school=known.school.id))

    def first(self, known: Known, form: Form, words: str = "") -> dict[str, Any]:
        """The first view of a new report."""
        definition = self.parts.forms[form]
        begun = Begun(known.school.id, draft_id(), form)
        answers = begin_with(definition, words)
        session = session_of(Draft(begun.draft, begun.school, form, ""))
        return Questions(known.school, definition, begun, session, answers).view()

    def on_command(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """A command opens its form, with the words after it."""
        known = self.parts.who.known(client, body)
        form = ids.FORM_COMMANDS[body["command"]]
        ack()
        view = self.first(known, form, words_of(str(body.get("text") or "")))
        opening.show(client, body, view, opening.form_button(form, school=known.school.id))

    def on_open(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """A button opens the form that its value names, at the school that it names."""
        name, school, words = ids.form_of(str(body["actions"][0].get("value", "")))
        form = Form(name) if name in list(Form) else Form.CONCERN
        known = self._at(client, body, school) if school else self.parts.who.known(client, body)
        ack()
        opening.show(
            client,
            body,
            self.first(known, form, unsealed(self.parts, known, words)),
            opening.form_button(form, words=words, school=known.school.id),
        )

    # The questions

    def on_change(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """The gate or a question that others hang on was answered: draw what follows from it."""
        view, begun = body["view"], begun_of(body["view"])
        known = self._at(client, body, begun.school)
        draft = self._draft(known, view)
        if draft.gate in STOPPING:
            self._stop(ack, client, known, draft, view)
            return
        drawn = self._questions(known, draft, view)
        ack()
        opening.redraw(client, view, drawn)

    def _stop(self, ack: Ack, client: WebClient, known: Known, draft: Draft, view: View) -> None:
        """SAFETY 1: keep the stop before Slack is asked for anything; kept or not, the stop screen comes."""
        try:
            self.parts.drafting.keep(draft)
        except BotError:
            with suppress(*UNREACHABLE):
                opening.redraw(client, view, self._questions(known, draft, view), always=True)
            raise
        ack()
        opening.redraw(client, view, self._questions(known, draft, view), always=True)

    def on_next(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Check the answers, keep them, and show who will hear of it."""
        view, begun = body["view"], begun_of(body["view"])
        known = self._at(client, body, begun.school)
        draft = self._draft(known, view)
        stops = draft.gate in STOPPING
        if stops:
            # SAFETY 1: whatever else is wrong or goes wrong, a later "no" does not undo it.
            self.parts.drafting.keep(draft)
        if lacking(self.parts.forms[begun.form], draft, view):
            ack(response_action="update", view=self._questions(known, draft, view))
            return
        screen = self._screen(known, draft).view()
        if not stops:
            self.parts.drafting.keep(draft)
        ack(response_action="push", view=screen)

    def _draft(self, known: Known, view: View) -> Draft:
        """What *view* holds, on top of what was kept before; once stopped, it stays so (SAFETY 1)."""
        begun = begun_of(view)
        fresh = Draft(
            id=begun.draft,
            school=begun.school,
            form=begun.form,
            handle=known.reporter.handle,
            concerned=begun.concerned,
            source=begun.source,
        )
        try:
            kept = self._as_stopped(known, self.parts.drafting.get(begun.draft, known.reporter.handle))
        except Gone:
            kept = fresh
        answers = joined(kept.answers, answers_of(view, self.parts.forms[begun.form]))
        session = session_of(kept, begun.gate, gate_in(view))
        return replace(kept, answers=answers, gate=session.gate)

    def _questions(self, known: Known, draft: Draft, view: View) -> dict[str, Any]:
        session = session_of(draft)
        begun = begun_of(view)
        if session.stopped:
            begun = replace(begun, gate=session.gate)
        definition = self.parts.forms[begun.form]
        answers = answers_of(view, definition)
        out = self._excluded(known, draft) if session.stopped else ()
        return Questions(known.school, definition, begun, session, answers, out).view()

    def _excluded(self, known: Known, draft: Draft) -> tuple[str, ...]:
        """Who is not the one to ring, as far as the answers can be read by now."""
        try:
            return self.parts.intake.ready(submission(draft, known.reporter, SLACK)).decision.access.excluded
        except FormError as error:
            well = {key: each for key, each in draft.answers.items() if key not in error.fields}
            if len(well) == len(draft.answers):
                raise
            return self._excluded(known, replace(draft, answers=well))

    # The screen before sending

    def on_tick(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Whom it concerns was ticked: keep that, and show who hears of it now (SAFETY 12)."""
        view = body["view"]
        known, draft, adding = self._sending(client, body)
        screen = self._screen(known, draft, adding=adding).view()
        self.parts.drafting.keep(draft)
        ack()
        opening.redraw(client, view, screen)

    def on_send(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """File the report, if whoever hears of it is who was shown; only then acknowledge (SAFETY 20)."""
        known, draft, adding = self._sending(client, body)
        screen = self._screen(known, draft, adding=adding)
        if screen.shown != shown_in(body["view"]):
            self.parts.drafting.keep(draft)
            ack(response_action="update", view=replace(screen, again=True).view())
            return
        receipt = self.parts.intake.file(submission(draft, known.reporter, SLACK, adding=adding))
        # The draft stays until its time is over: what is added later goes to the same case by it.
        ack(response_action="update", view=self._receipt(draft, receipt))
        _log.info("report.filed case=%s", receipt.case)
        self.parts.poke()

    def _sending(self, client: WebClient, body: Mapping[str, Any]) -> tuple[Known, Draft, bool]:
        """Who sends, the draft with what the view adds to it, and whether it adds to a report."""
        view = body["view"]
        adding = len(str(view.get("private_metadata", "")).split()) == 3
        school, identity = ids_of(view, 3 if adding else 2)[:2]
        known = self._at(client, body, school)
        return known, with_ticks(self._kept(known, identity), view), adding

    def _kept(self, known: Known, identity: str) -> Draft:
        try:
            draft = self.parts.drafting.get(identity, known.reporter.handle)
        except Gone as error:
            error.user_message = TOO_OLD
            raise
        if draft.school != known.school.id:
            raise Gone(identity)
        return self._as_stopped(known, draft)

    def _as_stopped(self, known: Known, draft: Draft) -> Draft:
        """*draft*; where what came after it stopped the report, it is stopped as well (SAFETY 1)."""
        probe = submission(replace(draft, gate=Gate.NO), known.reporter, SLACK)
        if draft.gate in STOPPING or self.parts.intake.takes_files(probe):
            return draft
        return replace(draft, gate=Gate.NOT_SURE)

    def _screen(self, known: Known, draft: Draft, *, adding: bool = False) -> Sending:
        ready = self.parts.intake.ready(submission(draft, known.reporter, SLACK, adding=adding))
        hearers = self.parts.intake.hearers(ready)
        return Sending(known.school, draft, ready, hearers, self.parts.platforms, adding)

    def _receipt(self, draft: Draft, receipt: Receipt) -> dict[str, Any]:
        more: list[Block] = []
        value = ids.case_value(draft.school, draft.id)
        if later_fields(self.parts.forms[draft.form], draft):
            more.append(blocks.button(ADD_MORE, "Add more", value))
        session = gate.move(session_of(draft), gate.Move.SEND)
        if Control.MORE_EVIDENCE in gate.controls(session):
            case = ids.case_value(receipt.school, receipt.case)
            more.append(blocks.button(ids.MORE_EVIDENCE, "More evidence", case))
        return receipt_view(receipt, self.parts.url, more)

    # What is added now or later

    def on_add(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Open the questions that can be answered now or later."""
        school, identity = ids.case_of(str(body["actions"][0].get("value", "")))
        known = self._at(client, body, school)
        draft = self._kept(known, identity)
        form = self.parts.forms[draft.form]
        # Once it is stopped, there is nothing to ask.
        view = later_view(known.school, form, draft) if later_fields(form, draft) else nothing_more()
        ack()
        again = blocks.button(ADD_MORE, "Open it again", ids.case_value(school, identity))
        opening.show(client, body, view, again)

    def on_more_change(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """A question that others hang on was answered."""
        known, draft = self._later(client, body)
        ack()
        form = self.parts.forms[draft.form]
        opening.redraw(client, body["view"], later_view(known.school, form, draft))

    def on_more(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Keep what was added, and show who will hear of it, as before any sending (SAFETY 12)."""
        known, draft = self._later(client, body)
        screen = self._screen(known, draft, adding=True).view()
        self.parts.drafting.keep(draft)
        ack(response_action="update", view=screen)

    def _later(self, client: WebClient, body: Mapping[str, Any]) -> tuple[Known, Draft]:
        view = body["view"]
        school, identity = ids_of(view)
        known = self._at(client, body, school)
        draft = self._kept(known, identity)
        answers = joined(draft.answers, answers_of(view, self.parts.forms[draft.form]))
        return known, replace(draft, answers=answers)

    def _at(self, client: WebClient, body: Mapping[str, Any], school: str) -> Known:
        """Who they are at the school whose view this is; nobody there raises `Stranger`."""
        return self.parts.recognising.at(self.parts.who.sighting(client, body), school)

    def _user(self, client: WebClient, known: Known) -> str:
        """Their Slack id, from their e-mail where that is what they are known by; "" where Slack has none."""
        handle = known.reporter.handle
        if "@" not in handle:
            return handle
        try:
            found = client.users_lookupByEmail(email=handle).get("user") or {}
        except UNREACHABLE:
            return ""
        return str(found.get("id", ""))


def acknowledge(ack: Ack) -> None:
    """Slack tells of a link that was opened; there is nothing to do."""
    ack()


def in_report(body: dict[str, Any]) -> bool:
    """Whether something was answered in the first view."""
    return _inside(body, REPORT)


def in_sending(body: dict[str, Any]) -> bool:
    """Whether something was ticked on the screen before sending."""
    return _inside(body, REPORT_SEND)


def in_more(body: dict[str, Any]) -> bool:
    """Whether something was answered among what can be added later."""
    return _inside(body, REPORT_MORE)


def _inside(body: Mapping[str, Any], callback: str) -> bool:
    return bool((body.get("view") or {}).get("callback_id") == callback)


def lacking(form: forms.FormDefinition, draft: Draft, view: View) -> bool:
    """Whether a question of the short part is shown by the answers and stands nowhere in *view*."""
    wanted = gate.fields_to_ask(form, draft.gate in STOPPING)
    shown = forms.visible(form, draft.answers)
    asked = asked_in(view)
    return any(each in shown and not each.later and each.id not in asked for each in wanted)


def with_ticks(draft: Draft, view: View) -> Draft:
    """*draft* with whom *view* ticks, and the files that are chosen in it."""
    concerned, cleared = ticked(view, CONCERNED), ticked(view, NOT_ABOUT)
    before = () if ticked(view, DROP_FILES) else draft.files
    return replace(
        draft,
        concerned=draft.concerned if concerned is None else concerned,
        not_about=draft.not_about if cleared is None else cleared,
        files=tuple(dict.fromkeys((*before, *files_in(view)))),
    )
