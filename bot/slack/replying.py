"""A message is heard before it is acknowledged, and answered after: in private where it must be."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_sdk import WebClient

from bot.answering import IN_DANGER
from bot.domain import gate, verdicts
from bot.domain.answers import Answer, Outcome
from bot.domain.following import leans
from bot.domain.membership import Known
from bot.domain.schools import School
from bot.domain.triage import Form, Route
from bot.errors import BotError, StoreBusy, StoreFailed
from bot.slack import blocks, cards
from bot.slack.blocks import Block
from bot.slack.concerning import Concerning
from bot.slack.greeting import SignOfLife
from bot.slack.parts import Parts
from bot.slack.places import Place
from bot.slack.reading import Asked, earlier
from bot.slack.sealed import sealed
from bot.slack.urgent_card import urgent_blocks

POLICY_SAYS = "What the policy says"
SOUNDS_URGENT = "Please read this now"
NO_POLICY = "The policies could not be read"
ABOUT_FILE = "About the file you sent"
DELETE_ONCE_SENT = "Once your report is sent, please delete your message in the channel."
WRITTEN_BY = "(Written in Slack by {}, not by whoever reports it.)"
WHAT_TO_ASK = (
    "Ask me what your school's policy says, in your own words. For example: “Can I accept a friend request "
    "from a pupil?” or “May I post photos of a trip?” You can also report something:"
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a message before it is acknowledged."""

    asked: Asked
    known: Known
    answer: Answer | None = None
    """None where nothing was asked, where the policies are not loaded yet, or after an *error*."""
    raised: str = ""
    """What an urgent message is held under; "" when it is not urgent, or could not be held."""
    error: BotError | None = None

    @property
    def urgent(self) -> bool:
        """Whether the urgent reply is due."""
        return self.answer is not None and bool(self.answer.urgent)


@dataclass(frozen=True)
class Replying:
    """Hears messages and replies to them."""

    parts: Parts

    def hear(self, client: WebClient, body: Mapping[str, Any], asked: Asked) -> Heard:
        """
        Who asked, and what it is; an urgent message is stored before this returns (SAFETY 8, 20).

        Raises:
            Stranger, WhichSchool: it is not known whose policies count.
        """
        return self.of(self.parts.who.known(client, body), asked, client)

    def of(self, known: Known, asked: Asked, client: WebClient | None = None) -> Heard:
        """
        The same, of somebody who is *known* already.

        Without a *client*, whoever is mentioned and is unknown so far may be anybody.
        """
        heard = Heard(asked, known)
        if not asked.text:
            return heard
        answering, school = self.parts.answering, known.school.id
        try:
            # Without the index the rules alone decide: it may take longer to load than Slack waits.
            ask = answering.ask if self.parts.ready() else answering.urgent_at_once
            return self._held(replace(heard, answer=ask(school, asked.text)), client)
        except BotError as error:
            return replace(heard, error=error)

    def reply(self, heard: Heard, place: Place, share: bool = False, sign: SignOfLife | None = None) -> None:
        """
        Answer, and never end in silence; *share* offers to show a plain answer in the channel.

        A *sign* of life that was begun is over as soon as there is an answer to draw.
        """
        sign = sign or SignOfLife(place)
        try:
            heard = self._settled(heard, sign, place.client)
        finally:
            sign.over()
        self._drawn(heard, place, share)

    def _drawn(self, heard: Heard, place: Place, share: bool) -> None:
        asked, school = heard.asked, heard.known.school
        if not asked.text and not asked.files:
            place.answer(WHAT_TO_ASK, [blocks.section(WHAT_TO_ASK), *_forms(asked, school)])
            return
        if asked.text:
            self._draw(heard, school, place, share)
        if asked.files:
            place.privately(ABOUT_FILE, self._about_files(heard, place.client))
        _log.info("answer.sent message=%s school=%s", asked.shown, school.id)

    def _held(self, heard: Heard, client: WebClient | None) -> Heard:
        """*heard* with its message held, where that is urgent; *error* says where it could not be."""
        if heard.answer is None or not heard.urgent:
            return heard
        asked, form = heard.asked, heard.answer.triage.form
        concerned = Concerning(self.parts.who).of(client, heard.known, asked)
        text = f"{asked.text}\n\n{WRITTEN_BY.format(concerned.author)}" if concerned.author else asked.text
        try:
            raised = self.parts.raising.take(heard.known, asked.id, text, form, concerned.people)
        except (StoreBusy, StoreFailed) as error:
            return replace(heard, error=error)
        self.parts.poke()
        _log.info("urgent.raised message=%s", asked.shown)
        return replace(heard, raised=raised, error=None)

    def _settled(self, heard: Heard, sign: SignOfLife, client: WebClient) -> Heard:
        """*heard* with the whole answer: there is time now to load, to read the thread, and to try again."""
        if not heard.asked.text:
            return heard
        if heard.urgent:
            return heard if heard.raised else self._held(heard, client)
        if heard.error:
            return heard
        if heard.answer is None:
            sign.say()
        follows = bool(heard.asked.thread) and leans(heard.asked.text)
        return heard if heard.answer and not follows else self._asked_anew(heard, client)

    def _asked_anew(self, heard: Heard, client: WebClient) -> Heard:
        asked = heard.asked
        before = earlier(client, asked) if leans(asked.text) else ()
        try:
            answer = self.parts.answering.ask(heard.known.school.id, asked.text, before)
        except BotError as error:
            return replace(heard, error=error)
        return self._held(replace(heard, answer=answer), client)

    def _draw(self, heard: Heard, school: School, place: Place, share: bool) -> None:
        answer = heard.answer
        if answer is None:
            place.privately(NO_POLICY, trouble_blocks(heard.error or BotError("no answer"), school))
        elif answer.urgent:
            place.privately(SOUNDS_URGENT, _urgent(heard, answer, place))
        elif answer.triage.route is Route.REPORT:
            drawn = cards.answer_blocks(answer, school, words=self._sealed(heard, place.client))
            public = heard.asked.public and not place.private
            place.privately(POLICY_SAYS, [*drawn, *([blocks.section(DELETE_ONCE_SENT)] if public else [])])
        else:
            words = None if heard.asked.author else ""
            place.answer(POLICY_SAYS, cards.answer_blocks(answer, school, share, words))
            if answer.outcome is Outcome.NONE and not heard.asked.author:
                self.parts.wondering.unanswered(heard.known, answer.question, heard.asked.id)

    def _sealed(self, heard: Heard, client: WebClient) -> str | None:
        """What the report button holds of what was written; None for somebody else's message."""
        if heard.asked.author:
            return None
        form = heard.answer.triage.form if heard.answer else None
        text = Concerning(self.parts.who).named(client, heard.known, heard.asked)
        return sealed(self.parts, heard.known, form or Form.CONCERN, text)

    def _about_files(self, heard: Heard, client: WebClient) -> list[Block]:
        """The gate question, and the way to the form that asks it (SAFETY 2)."""
        answer, asked = heard.answer, blocks.section(gate.UNASKED_FILE)
        if answer is None or answer.urgent or heard.asked.author:
            return [asked, *_forms(heard.asked, heard.known.school)]
        plain = answer.triage.route is Route.QUESTION
        words = "" if plain else self._sealed(heard, client) or ""
        return [asked, blocks.actions(cards.reporting_button(answer, words))]


def trouble_blocks(error: BotError, school: School) -> list[Block]:
    """What went wrong, and whom to ring: nobody is left with a reason alone (SAFETY 31)."""
    people = [verdicts.contact(school, role) for role in ("dsl", "head")]
    return [
        *blocks.paragraphs(error.user_message),
        blocks.rich(blocks.line(blocks.words("Ask", bold=True)), *blocks.contacts(people)),
        blocks.section(IN_DANGER),
    ]


def _urgent(heard: Heard, answer: Answer, place: Place) -> list[Block]:
    """The urgent card; after the press that files it, it asks to delete what others can read (SAFETY 10)."""
    top = blocks.paragraphs(heard.error.user_message) if heard.error else []
    public = heard.raised and heard.asked.public and not place.private
    return [*top, *urgent_blocks(answer, f"{heard.raised} {heard.asked.channel}" if public else heard.raised)]


def _forms(asked: Asked, school: School) -> list[Block]:
    """The way to a form, where nothing points to one; of somebody else's message, its menu (SAFETY 12)."""
    return [blocks.section(cards.FROM_ITS_MENU)] if asked.author else cards.form_blocks(school=school.id)
