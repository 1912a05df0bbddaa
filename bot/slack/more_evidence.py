"""More evidence for a report that was sent: the gate question first and on its own, then the files."""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.attaching import More
from bot.domain import coach, gate, receipts
from bot.domain.answers import Step
from bot.domain.gate import Control, Phase, Session
from bot.domain.membership import Known
from bot.domain.reports import Gate, Receipt
from bot.domain.schooldays import local
from bot.errors import FormError
from bot.intake import NO_FILES_YET
from bot.slack import blocks, ids, opening
from bot.slack.blocks import Block
from bot.slack.my_reports import owner
from bot.slack.parts import Parts
from bot.slack.receipts import receipt_view, step_blocks
from bot.slack.report_reading import FILES, STOPPING, files_in, gate_in, ids_of
from bot.slack.report_views import danger, gate_question, stop, upload

MORE_GATE, MORE_FILES, MORE_DONE = "more_gate", "more_files", "more_done"
"""The callback ids of the question, the control that takes files, and what is said where none are taken."""
TITLE = "More evidence"
UPLOAD_LINK = "report.upload"
"""A button that opens an upload link; Slack tells of it, and nobody answers."""
BY_LINK = (
    "Files are not taken in Slack at your school: add them in your browser instead. The link is yours alone, "
    "good for 15 minutes and for one sending; press “More evidence” again for another one."
)
TOO_LARGE_HERE = (
    "Slack does not take your file? Add it in your browser instead: this link is yours alone, good for 15 "
    "minutes and for one sending."
)
NO_PAGE = (
    "Files are not taken in Slack at your school, and there is no page for them yet. Keep the file where it "
    "is, pass it on to nobody, and tell whoever deals with your report that you have it."
)
NONE_CHOSEN = "Choose a file, or close this: nothing is changed then."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Adding:
    """A case that is being added to, and who does."""

    known: Known
    case: str
    request: str
    receipt: Receipt
    shut: bool
    """Stopped by now: by another answer, in another window, or by a lock (SAFETY 1 and 4)."""

    @property
    def ids(self) -> str:
        """The private metadata of its views."""
        return f"{self.known.school.id} {self.case} {self.request}"

    def session(self, answer: Gate = Gate.UNASKED) -> Session:
        """Which controls may be drawn once the gate was answered with *answer*."""
        files = len(self.receipt.evidence) + self.receipt.awaited
        more = Session(self.receipt.form, Phase.MORE, stored=files)
        if self.shut:
            more = gate.move(more, gate.Move.SAY_NOT_SURE)
        return gate.answered(more, answer)


@dataclass(frozen=True)
class MoreEvidenceListeners:
    """The button, the question and the files."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.action(ids.MORE_EVIDENCE)(self.on_button)
        app.view(MORE_GATE)(self.on_answer)
        app.view(MORE_FILES)(self.on_files)
        app.action(UPLOAD_LINK)(opened)

    def on_button(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Ask the gate question anew, on its own (SAFETY 1); of a case that was stopped, say so."""
        value = str(body["actions"][0].get("value", ""))
        school, case = ids.case_of(value)
        known = self._known(client, body, school, case)
        takes = self.parts.attaching.takes_more(known.school.id, known.reporter.handle, case)
        by_link = known.school.slack.evidence != "slack"
        asked = self._by_link if by_link else self._question
        view = asked(known, case) if takes else self._none(known, case)
        ack()
        opening.show(client, body, view, blocks.button(ids.MORE_EVIDENCE, "Open it again", value))

    def on_answer(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """
        Only a plain "no" goes on to the files; anything else is recorded, and the stop screen comes.

        A "no" beside a "yes" that was said in another window meanwhile is none (SAFETY 1).
        """
        answer = gate_in(body["view"])
        if answer is Gate.UNASKED:
            raise FormError({"gate": NO_FILES_YET})
        adding = self._adding(client, body)
        if answer in STOPPING:
            self.parts.attaching.more(self._more(adding, answer))
            ack(response_action="update", view=_stopped(adding, answer))
            _log.info("more.stopped case=%s", adding.case)
            self.parts.poke()
            return
        ack(response_action="update", view=self._files(adding) if not adding.shut else self._shut(adding))

    def on_files(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Put the files up to be fetched; only then acknowledge. Of a case stopped meanwhile, none is."""
        adding = self._adding(client, body)
        if adding.shut:
            ack(response_action="update", view=self._shut(adding))
            return
        files = files_in(body["view"])
        if not files:
            raise FormError({FILES: NONE_CHOSEN})
        self.parts.attaching.more(self._more(adding, Gate.NO, files))
        receipt = self.parts.intake.receipt(adding.case)
        ack(response_action="update", view=receipt_view(receipt, self.parts.url))
        _log.info("more.sent case=%s", adding.case)
        self.parts.poke()

    def _more(self, adding: Adding, answer: Gate, files: tuple[str, ...] = ()) -> More:
        handle = adding.known.reporter.handle
        return More(adding.known.school.id, adding.case, handle, adding.request, answer, files)

    def _question(self, known: Known, case: str) -> dict[str, Any]:
        request = f"slack-{secrets.token_urlsafe(12)}"
        drawn = [danger(), gate_question(needed=True)]
        return blocks.modal(MORE_GATE, TITLE, drawn, f"{known.school.id} {case} {request}", submit="Next")

    def _by_link(self, known: Known, case: str) -> dict[str, Any]:
        """The way to a page that asks the gate question itself, before its control (SAFETY 1)."""
        if not self.parts.links_to:
            return blocks.modal(MORE_DONE, TITLE, [danger(), blocks.section(NO_PAGE)])
        return blocks.modal(MORE_DONE, TITLE, [danger(), *self._link(known, case, BY_LINK)])

    def _link(self, known: Known, case: str, words: str) -> list[Block]:
        token = self.parts.linking.make(known, case)
        address = f"{self.parts.links_to.rstrip('/')}/upload/{token}"
        button = blocks.link_button(UPLOAD_LINK, "Add files in the browser", address)
        return [blocks.section(words), blocks.actions(button)]

    def _none(self, known: Known, case: str) -> dict[str, Any]:
        receipt = self.parts.intake.receipt(case)
        session, out = gate.stopped_session(receipt.form), receipts.not_told(known.school, receipt)
        drawn = [danger(), blocks.section(gate.STAYS_STOPPED), *stop(known.school, session, out)]
        return blocks.modal(MORE_DONE, TITLE, drawn)

    def _shut(self, adding: Adding) -> dict[str, Any]:
        return self._none(adding.known, adding.case)

    def _files(self, adding: Adding) -> dict[str, Any]:
        session = adding.session(Gate.NO)
        drawn = [danger()]
        if adding.known.school.slack.evidence != "slack":
            # The setting was changed while the question stood there.
            return self._by_link(adding.known, adding.case)
        may = gate.controls(session)
        if Control.COACH in may:
            drawn += self._coach(adding)
        drawn += upload(session)
        if Control.UPLOAD in may and self.parts.links_to:
            drawn += self._link(adding.known, adding.case, TOO_LARGE_HERE)
        submit = "Send" if Control.UPLOAD in may else ""
        return blocks.modal(MORE_FILES if submit else MORE_DONE, TITLE, drawn, adding.ids, submit=submit)

    def _coach(self, adding: Adding) -> list[Block]:
        """The advice for any app: of which one it was, the receipt says nothing."""
        form, routed = adding.receipt.form, adding.known.school.routing.get(adding.receipt.form)
        today = local(self.parts.clock()).date()
        clause = routed.clause if routed else ""
        steps = coach.capture_steps(self.parts.platforms.get("other"), form, clause, today)
        return step_blocks("Pictures of the screen, and other files", map(Step, steps))

    def _adding(self, client: WebClient, body: Mapping[str, Any]) -> Adding:
        """The case that the view is about; raises `UnknownCase` where it is not theirs."""
        school, case, request = ids_of(body["view"], 3)
        known = self._known(client, body, school, case)
        takes = self.parts.attaching.takes_more(known.school.id, known.reporter.handle, case)
        return Adding(known, case, request, self.parts.intake.receipt(case), shut=not takes)

    def _known(self, client: WebClient, body: Mapping[str, Any], school: str, case: str) -> Known:
        if not school:
            return owner(self.parts, self.parts.who.known(client, body), case)
        known = self.parts.recognising.at(self.parts.who.sighting(client, body), school)
        return owner(self.parts, known, case)


def opened(ack: Ack) -> None:
    """Slack tells of a link that was opened; there is nothing to do."""
    ack()


def _stopped(adding: Adding, answer: Gate) -> dict[str, Any]:
    """The stop screen, in place of any control."""
    school = adding.known.school
    drawn = [danger(), *stop(school, adding.session(answer), receipts.not_told(school, adding.receipt))]
    return blocks.modal(MORE_DONE, TITLE, drawn)
