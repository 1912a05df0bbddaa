"""What becomes of an error in Slack: whoever wrote or pressed reads what went wrong, and whom to ring."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain import membership, urgent
from bot.domain.answers import Contact, Step
from bot.domain.guidance import Guidance
from bot.domain.membership import Known
from bot.domain.schools import School
from bot.domain.triage import Form, Route
from bot.domain.verdicts import NO_NUMBER, contact
from bot.errors import BotError, FormError, Gone, StoreBusy, StoreFailed, WhichSchool
from bot.slack import blocks, ids
from bot.slack.asking import AskingListeners
from bot.slack.blocks import Block
from bot.slack.cards import form_blocks
from bot.slack.opening import EXPIRED
from bot.slack.parts import Parts
from bot.slack.payloads import Payload
from bot.slack.places import Place
from bot.slack.receipts import step_blocks
from bot.slack.replying import Replying
from bot.slack.reporting import ReportListeners
from bot.slack.telling import Spot, error_view
from bot.slack.unplaced import held, raised, settle

NOT_SAVED = "NOT SAVED"
UNEXPECTED = "Something went wrong on our side, and what you just did may not be saved."
NOT_SHOWN = "Slack did not show you our answer. If you sent a report, /my-reports tells whether it is stored."
TOO_LONG = "That took too long to open. Press again."
TOO_LONG_MENU = "That took too long to open. Please choose it again."
OFFICE = "Whom to ring in school: your school office has the numbers."
ADULT = "About an adult who works or helps here"
ABOUT_HEAD = "About the head, who is the DSL too"
NO_SCHOOL = (
    "Then tell the DSL of the school. About an adult who works or helps there: the head, not the DSL. "
    "About the head: the chair of governors. If neither is safe to tell: the LADO. "
    "The school office has the numbers."
)
CHOOSE_FIRST = (
    "We do not know your school yet. I have sent you a message: choose there, then send this again."
)
UNTIL_THEN = (
    "Until you choose your school below, nobody can be told, and nobody rings you. Your message is kept, "
    "sealed, for a day: once you choose, it is taken there, and you see who is asked to ring you."
)
NOT_KEPT = "Your message could not be kept: choose your school below and send it again, or ring now."
TAKEN = (
    "Your message was taken to {school} before: its buttons are in the message that came then. Wrong school? "
    "Press “It was only a question” there, and send it again."
)
PLACED = "You are at {school}."
REMEMBERED = "You are at {school}. That is remembered."
AGAIN = "Please do again what you wanted to do."
SEND_AGAIN = "Nobody has been told yet. Ring, or send your message again, or report it here."
CHANGE = "Not right? Choose another one; that is remembered instead."

FALLBACK = "Something did not work. Open Slack to read what to do."
WHICH = "Which school is this about?"
URGENT = "Please read this now"

MOST_CARRIED = 9000
"""So many characters do all buttons together carry; Slack refuses messages from about 12,000."""

_BUTTONS = {"mine": (ids.MY_REPORTS, "My reports"), "cases": (ids.LIST_CASES, "Cases")}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ErrorListeners:
    """What is drawn for every error, and the answer to "which school?"."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.use(self.keep_ack)
        app.error(self.on_error)
        app.action(ids.CHOOSE_SCHOOL)(self.on_choice)

    def keep_ack(self, context: BoltContext, next: Callable[[], None]) -> None:
        """See to it that an error soon after an acknowledgement does not take it back."""
        context["ack"] = _KeptAck()
        next()

    def on_error(
        self,
        error: Exception,
        body: dict[str, Any],
        client: WebClient,
        respond: Respond,
        response: BoltResponse | None,
    ) -> BoltResponse | None:
        """
        Say in the open modal, or in private, that it went wrong, and whom to ring (SAFETY 20 and 31).

        *response* is what Slack gets instead of an acknowledgement; after one it is None, and stays so.
        """
        payload = Payload(body)
        _logged(error, payload.kind)
        spot = Spot(client, payload, respond)
        if payload.kind == "view_submission" and response is not None:
            return BoltResponse(status=200, body=self._in_view(error, spot))
        if payload.by_a_person:
            self._told(error, spot)
        return BoltResponse(status=200, body="") if response is not None else None

    def on_choice(
        self, ack: Ack, body: dict[str, Any], action: dict[str, Any], client: WebClient, respond: Respond
    ) -> None:
        """Remember the school; only then acknowledge, and go on with what was asked for."""
        school, _, onward = str(action.get("value") or "").partition("\n")
        sighting = self.parts.who.sighting(client, body)
        spot = Spot(client, Payload(body), respond)
        what, _, waiting = onward.partition(" ")
        urgent_one = waiting if what == "urgent" else ""
        heard = raised(self.parts, client, sighting, school, urgent_one) if urgent_one else None
        if heard is None:
            known = self.parts.recognising.choose(sighting, school)
            ack()
            # The form first: a trigger lives for three seconds.
            self._go_on(known, onward, spot)
            drawn = _remembered(known, onward)
        else:
            ack()
            known, asked = heard.known, heard.asked
            Replying(self.parts).reply(
                heard, Place(client, asked.user, asked.channel, asked.thread, asked.ts)
            )
            words = REMEMBERED if settle(self.parts, sighting, school, waiting) else PLACED
            drawn = [blocks.section(words.format(school=known.school.name))]
        _log.info("school.chosen school=%s", known.school.id)
        possible = [each.id for each in self.parts.recognising.choices(sighting)]
        others = [each for each in possible if each != known.school.id]
        spot.replace([*drawn, *self._changing(others)])

    def _told(self, error: Exception, spot: Spot) -> None:
        plain = spot.payload.triage.route is Route.QUESTION
        if _expired(error):
            spot.privately(FALLBACK, _press_again(spot.payload))
        elif isinstance(error, WhichSchool):
            spot.tell(WHICH, self._question(error.schools, spot), private=not plain)
        else:
            # An ephemeral is not certain to be seen, and these have to be (SAFETY 10).
            private = not plain or isinstance(error, (StoreBusy, StoreFailed))
            drawn = [*blocks.paragraphs(_words(error)), *self._numbers(spot)]
            spot.tell(FALLBACK, drawn, private=private and spot.payload.kind == "event")

    def _in_view(self, error: Exception, spot: Spot) -> dict[str, Any]:
        """What Slack is answered so that the modal stays open and says it."""
        if isinstance(error, WhichSchool):
            spot.privately(WHICH, self._question(error.schools, spot))
        inputs = spot.payload.inputs
        if not inputs:
            # Closing it leads back to the view below, where it can be sent again.
            view = error_view([*blocks.paragraphs(_not_saved(error)), *self._numbers(spot)], "Not saved")
            return {"response_action": "push" if spot.payload.depth < 3 else "update", "view": view}
        if isinstance(error, FormError):
            return {"response_action": "errors", "errors": _at_fields(error, inputs)}
        words = f"{_not_saved(error)} {ring(self._school(spot))}"
        return {"response_action": "errors", "errors": {inputs[0]: words}}

    def _numbers(self, spot: Spot) -> list[Block]:
        """Whom to ring; for an urgent message the whole urgent reply (SAFETY 6, 7)."""
        school, guidance = self._school(spot), self.parts.answering.guidance
        if spot.payload.triage.route is not Route.URGENT:
            return step_blocks("Whom to ring", whom(school, guidance))
        return step_blocks(URGENT, urgent.reply(school, guidance) if school else national(guidance))

    def _question(self, schools: Sequence[str], spot: Spot) -> list[Block]:
        """Which school, with a button each; above it what cannot wait for the answer."""
        steps = national(self.parts.answering.guidance)
        payload, waiting = spot.payload, held(self.parts, spot.payload)
        if payload.urgent or payload.triage.route is Route.URGENT:
            told = [blocks.section(urgent.NOT_TOLD), *step_blocks(URGENT, steps)]
        else:
            told = step_blocks("In danger", steps[:1])
        if payload.urgent:
            told.append(blocks.section(UNTIL_THEN if waiting else NOT_KEPT))
        onward = f"urgent {waiting}" if waiting else payload.onward
        return [*told, blocks.section(WhichSchool.user_message), *self._buttons(schools, onward)]

    def _buttons(self, schools: Sequence[str], onward: str) -> list[Block]:
        """One block each, for the buttons of a block may not share an id."""
        # All buttons of a message together have a limit too.
        going = onward if len(onward) * len(schools) <= MOST_CARRIED else "again"
        return [
            blocks.section(
                self.parts.schools[each].name,
                blocks.button(ids.CHOOSE_SCHOOL, "Choose", f"{each}\n{going}"),
            )
            for each in schools
        ]

    def _changing(self, others: Sequence[str]) -> list[Block]:
        return [blocks.divider(), blocks.context(CHANGE), *self._buttons(others, "again")] if others else []

    def _go_on(self, known: Known, onward: str, spot: Spot) -> None:
        what, _, words = onward.partition(" ")
        if what == "form" and words in set(Form):
            trigger = spot.payload.trigger
            ReportListeners(self.parts).open(spot.client, trigger, known, Form(words))
        elif what == "ask" and words:
            # In private, wherever it was asked: the command is, and a thread need not have waited.
            AskingListeners(self.parts).answer_to(spot.client, known, words, spot.direct)
        elif what == "urgent":
            self._too_late(known, words, spot)

    def _too_late(self, known: Known, waiting: str, spot: Spot) -> None:
        """The urgent reply where no words wait: they were not kept, or have their school already."""
        guidance = self.parts.answering.guidance
        try:
            taken = self.parts.schools.get(self.parts.unplaced.place(waiting, spot.user))
        except Gone:
            taken = None
        said = TAKEN.format(school=taken.name) if taken else SEND_AGAIN
        drawn = [*step_blocks(URGENT, urgent.reply(known.school, guidance)), blocks.section(said)]
        spot.privately(URGENT, [*drawn, *([] if taken else form_blocks(school=known.school.id))])

    def _school(self, spot: Spot) -> School | None:
        """The school whose numbers to give, without asking Slack; None where it is not certain."""
        schools = self.parts.schools
        ours = schools.get(spot.payload.school)
        there = ours or membership.at_channel(schools.values(), spot.payload.channel)
        if there:
            return there
        try:
            return self.parts.recognising.known(self.parts.who.glimpse(spot.payload.body)).school
        except BotError:
            return None


class _KeptAck(Ack):
    """An acknowledgement that stays: after an error Bolt sets it to None, in a race with its sending."""

    def __init__(self) -> None:
        self._kept: BoltResponse | None = None

    @property
    def response(self) -> BoltResponse | None:
        """What Slack is answered; None as long as nothing was said."""
        return self._kept

    @response.setter
    def response(self, response: BoltResponse | None) -> None:
        self._kept = response or self._kept


def whom(school: School | None, guidance: Guidance) -> tuple[Step, ...]:
    """Whom to ring: 999, social care, DSL, and whom about an adult; no number that nobody has given."""
    if school is None:
        return (*national(guidance)[:2], Step(OFFICE))
    leads = [contact(school, role) for role in ("dsl", "deputy_dsl") if school.telephone(role)]
    care = [contact(school, role) for role in ("social_care", "social_care_out_of_hours")]
    emergency, _ = _danger(guidance, school.jurisdiction)
    otherwise, other = _not_the_dsl(school)
    return (
        emergency,
        Step(guidance.line("refer", school.jurisdiction).words, tuple(care)),
        Step("In school:", tuple(leads)) if leads else Step(OFFICE),
        Step(f"{otherwise}:", (other,)),
    )


def national(guidance: Guidance) -> tuple[Step, ...]:
    """The urgent reply where the school is not known: 999 first, and no number that would be a guess."""
    more = (guidance.line(each, "unknown").words for each in ("images", "listen"))
    told = (NO_SCHOOL, *more, urgent.NOT_THE_ROUTE)
    return (*_danger(guidance, "unknown"), *(Step(words) for words in told))


def ring(school: School | None) -> str:
    """Whom to ring, in one line."""
    danger = "If anyone is in danger: 999."
    if school is None or not school.telephone("dsl"):
        return f"{danger} {OFFICE}"
    otherwise, other = _not_the_dsl(school)
    dsl = _in_a_line(contact(school, "dsl"))
    return f"{danger} Ring the {dsl}. {otherwise}: the {_in_a_line(other)}."


def _danger(guidance: Guidance, jurisdiction: str) -> tuple[Step, Step]:
    emergency = guidance.line("emergency", jurisdiction)
    services = Contact("emergency services", "", emergency.telephone)
    return Step(emergency.words, (services,)), Step(guidance.line("refer", jurisdiction).words)


def _not_the_dsl(school: School) -> tuple[str, Contact]:
    """When it is not for the DSL, and whom to ring then; by person: a head may be the DSL (SAFETY 7)."""
    same = {each.id for each in school.holders("head")} & {each.id for each in school.holders("dsl")}
    return (ABOUT_HEAD, contact(school, "chair")) if same else (ADULT, contact(school, "head"))


def _in_a_line(said: Contact) -> str:
    number = "" if said.telephone == NO_NUMBER else said.telephone
    return ", ".join(part for part in (said.role, said.name, number) if part)


def _words(error: Exception) -> str:
    if isinstance(error, BotError):
        return error.user_message
    return NOT_SHOWN if isinstance(error, SlackClientError) else UNEXPECTED


def _not_saved(error: Exception) -> str:
    words = error.user_message if isinstance(error, BotError) else "Something went wrong on our side."
    words = CHOOSE_FIRST if isinstance(error, WhichSchool) else words
    return words if words.startswith(NOT_SAVED) else f"{NOT_SAVED}. {words}"


def _at_fields(error: FormError, inputs: Sequence[str]) -> dict[str, str]:
    """Each field's words at the block of its id; what has none here stands at the first."""
    placed: dict[str, str] = {}
    for field, words in error.fields.items():
        block = field if field in inputs else inputs[0]
        placed[block] = f"{placed[block]} {words}" if block in placed else words
    return placed


def _remembered(known: Known, onward: str) -> list[Block]:
    what = onward.partition(" ")[0]
    drawn = [blocks.section(REMEMBERED.format(school=known.school.name))]
    if what in _BUTTONS:
        value = known.school.id if what == "mine" else ""
        return [*drawn, blocks.actions(blocks.button(*_BUTTONS[what], value))]
    return drawn if what in ("form", "ask", "urgent") else [*drawn, blocks.section(AGAIN)]


def _expired(error: Exception) -> bool:
    return isinstance(error, SlackApiError) and error.response.get("error") in EXPIRED


def _press_again(payload: Payload) -> list[Block]:
    pressed = payload.pressed_again
    if not pressed:
        return [blocks.section(TOO_LONG_MENU)]
    return [blocks.section(TOO_LONG), blocks.actions(blocks.button(*pressed))]


def _logged(error: Exception, kind: str) -> None:
    """Types alone: what an error says may repeat what somebody wrote (SAFETY 29)."""
    if isinstance(error, BotError):
        _log.info("slack.refused error=%s payload=%s", type(error).__name__, kind)
    else:
        _log.error("slack.failed error=%s payload=%s", type(error).__name__, kind)
