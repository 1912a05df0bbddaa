"""The buttons of a card: helpful or not, more, which form, and the question to the policy's owner."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.domain.membership import Known
from bot.errors import BotError
from bot.slack import blocks, cards
from bot.slack.blocks import Block
from bot.slack.greeting import SIGN_OF_LIFE
from bot.slack.lately import Lately
from bot.slack.opening import show
from bot.slack.parts import Parts
from bot.slack.places import Place
from bot.slack.replying import NO_POLICY, POLICY_SAYS, trouble_blocks
from bot.slack.who import UNREACHABLE, channel_of, user_of
from bot.wondering import LONGEST

SEND_MODAL = "answer_send"
WORDING = "wording"
"""The id of the block, and of the field in the `FormError` of `Wondering.keep`."""
THANKS = "Thank you."
THANKS_UNHELPFUL = "Thank you. Sorry that this did not help."
SENT = "Your question is kept for the policy owner. Who asked is not kept."
WHAT_IS_KEPT = (
    "This is what the policy owner will read. Change it as you like. Leave out names and anything that has "
    "happened. Only these words are kept, for 90 days, and not who asked."
)
PICK_FORM = "What is it about?"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class FeedbackListeners:
    """Answers the buttons of a card, for whoever presses them."""

    parts: Parts
    pressed: Lately = field(default_factory=Lately, repr=False)

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.action(cards.HELPFUL)(self.on_feedback)
        app.action(cards.UNHELPFUL)(self.on_feedback)
        app.action(cards.MORE)(self.on_more)
        app.action(cards.WHICH_FORM)(self.on_which_form)
        app.action(cards.SEND)(self.on_wording)
        app.view(SEND_MODAL)(self.on_send)

    def on_feedback(
        self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, action: dict[str, Any]
    ) -> None:
        """Count it, once a person and card, and put thanks in place of the two buttons."""
        school, question, clause = cards.card_of(str(action.get("value") or ""))
        helpful = action.get("action_id") == cards.HELPFUL
        key = _pressed(body)
        if self.pressed.first(key):
            try:
                known = self._reader(client, body, school)
                self.parts.wondering.feedback(known, clause, helpful, question)
            except BotError:
                self.pressed.forget(key)
                raise
        ack()
        thanks = _thanks(helpful, school, question)
        _replaced(client, body, thanks) or respond(
            text=THANKS, blocks=thanks, response_type="ephemeral", replace_original=False
        )

    def on_more(
        self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, action: dict[str, Any]
    ) -> None:
        """Ask again, and show what the clause refers to."""
        ack()
        value = str(action.get("value") or "")
        school, question, _ = cards.card_of(value)
        self._reader(client, body, school)
        if self.parts.ready():
            show(client, body, self._more(school, question), blocks.button(cards.MORE, "More", value))
            return
        # A trigger is good for three seconds, and the index takes longer to load.
        place = Place(client, user_of(body), channel_of(body), respond=respond)
        place.aside(SIGN_OF_LIFE)
        place.answer(POLICY_SAYS, self._more(school, question)["blocks"])

    def on_which_form(self, ack: Ack, action: dict[str, Any], respond: Respond) -> None:
        """Offer every form, to whoever wants to report and where nothing points to one."""
        ack()
        value = str(action.get("value") or "")
        school, _, words = value.partition("\n")
        # Of an older card the value is words alone.
        begun = (words, school) if school in self.parts.schools else (value, "")
        drawn = [blocks.section(PICK_FORM), *cards.form_blocks(*begun)]
        respond(text=PICK_FORM, blocks=drawn, response_type="ephemeral", replace_original=False)

    def on_wording(self, ack: Ack, body: dict[str, Any], client: WebClient, action: dict[str, Any]) -> None:
        """Show the wording before anything is kept (SAFETY 29)."""
        ack()
        value = str(action.get("value") or "")
        school, question, _ = cards.card_of(value)
        again = cards.send_block(school, question)["accessory"]
        show(client, body, wording_view(school, question), again)

    def on_send(self, ack: Ack, body: dict[str, Any], client: WebClient, view: dict[str, Any]) -> None:
        """
        Keep the wording that was agreed to, then acknowledge.

        Raises:
            FormError: with the words for the field, which `errors` draws there.
        """
        wording = str(view["state"]["values"][WORDING][blocks.VALUE_ID].get("value") or "")
        known = self._reader(client, body, str(view.get("private_metadata") or ""))
        self.parts.wondering.keep(known, wording)
        done = blocks.modal(SEND_MODAL, "To the policy owner", [blocks.section(SENT)])
        ack(response_action="update", view=done)
        _log.info("question.kept school=%s", known.school.id)

    def _reader(self, client: WebClient, body: Mapping[str, Any], school: str) -> Known:
        """Who presses, at the school of the card; raises `Stranger` for somebody who is nobody there."""
        sighting = self.parts.who.sighting(client, body)
        return self.parts.recognising.at(sighting, school)

    def _more(self, school: str, question: str) -> dict[str, Any]:
        try:
            return cards.more_view(self.parts.answering.ask(school, question))
        except BotError as error:
            drawn = trouble_blocks(error, self.parts.schools[school])
            return blocks.modal(cards.MORE_MODAL, NO_POLICY[: blocks.TITLE], drawn)


def wording_view(school: str, question: str) -> dict[str, Any]:
    """The question as it would be kept, to be changed or left; the metadata holds the school's id alone."""
    text = {
        "type": "plain_text_input",
        "action_id": blocks.VALUE_ID,
        "multiline": True,
        "max_length": LONGEST,
        **({"initial_value": blocks.shortened(question, LONGEST)} if question else {}),
    }
    drawn = [blocks.section(WHAT_IS_KEPT), blocks.field(WORDING, "Your question", text, optional=False)]
    return blocks.modal(SEND_MODAL, "To the policy owner", drawn, school, submit="Send")


def _thanks(helpful: bool, school: str, question: str) -> list[Block]:
    if helpful:
        return [blocks.context(THANKS)]
    return [
        blocks.context(THANKS_UNHELPFUL),
        *([cards.send_block(school, question)] if question else []),
    ]


def _pressed(body: Mapping[str, Any]) -> str:
    container = body.get("container") or {}
    return f"{user_of(body)}-{channel_of(body)}-{container.get('message_ts', '')}"


def _replaced(client: WebClient, body: Mapping[str, Any], thanks: Sequence[Block]) -> bool:
    """Put *thanks* into the message in place of its two buttons; what only one person sees cannot be read."""
    message: Mapping[str, Any] = body.get("message") or {}
    drawn = message.get("blocks")
    if not drawn or (body.get("container") or {}).get("is_ephemeral"):
        return False
    kept = [part for block in drawn for part in _without_feedback(block)]
    asked_already = any((block.get("accessory") or {}).get("action_id") == cards.SEND for block in kept)
    added = thanks[:1] if asked_already else thanks
    try:
        client.chat_update(
            channel=channel_of(body),
            ts=str(message.get("ts") or ""),
            text=str(message.get("text") or THANKS),
            blocks=[*kept, *added][: blocks.MESSAGE_BLOCKS],
        )
    except UNREACHABLE:
        return False
    return True


def _without_feedback(block: Block) -> list[Block]:
    if block.get("type") != "actions":
        return [block]
    left = [
        each for each in block["elements"] if each.get("action_id") not in (cards.HELPFUL, cards.UNHELPFUL)
    ]
    return [{**block, "elements": left}] if left else []
