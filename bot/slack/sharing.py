"""The button that shows an answer of `/policy` in the channel: asked anew, and only a plain question."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.domain.triage import Route
from bot.errors import BotError
from bot.slack import blocks, cards
from bot.slack.lately import Lately
from bot.slack.parts import Parts
from bot.slack.places import Place, taken
from bot.slack.replying import NO_POLICY, POLICY_SAYS, trouble_blocks
from bot.slack.who import UNREACHABLE, channel_of, user_of

SHARED = "Shared in the channel."
NOT_SHARED = "Slack did not let me post that in the channel."
NOT_PLAIN = "This is not shown in a channel: it may be about something that has happened."
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class SharingListeners:
    """Posts a card that somebody has read in private, with the question and who asked it."""

    parts: Parts
    shared: Lately = field(default_factory=Lately, repr=False)

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.action(cards.SHARE)(self.on_share)

    def on_share(
        self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond, action: dict[str, Any]
    ) -> None:
        """Share it once, however often the button is pressed."""
        ack()
        school, question, _ = cards.card_of(str(action.get("value") or ""))
        known = self.parts.recognising.at(self.parts.who.sighting(client, body), school)
        aside = Place(client, user_of(body), channel_of(body), respond=respond)
        try:
            answer = self.parts.answering.ask(school, question)
        except BotError as error:
            aside.aside(NO_POLICY, trouble_blocks(error, known.school))
            return
        # SAFETY 10: decided anew, for what is shown cannot be taken back.
        if answer.triage.route is not Route.QUESTION:
            aside.aside(NOT_PLAIN)
            return
        asked = blocks.line(blocks.mention(user_of(body)), blocks.words(f" asked: {question}"))
        card = [blocks.rich(asked), *cards.answer_blocks(answer, known.school)]
        if self.shared.first(_key(body)):
            aside.aside(SHARED if self._posted(client, body, respond, card) else NOT_SHARED)

    def _posted(
        self, client: WebClient, body: Mapping[str, Any], respond: Respond, card: list[blocks.Block]
    ) -> bool:
        """Whether Slack took it: through the command's own address, where the app need not be a member."""
        try:
            shown = respond(text=POLICY_SAYS, blocks=card, response_type="in_channel", replace_original=False)
            if not taken(shown):
                client.chat_postMessage(channel=channel_of(body), text=POLICY_SAYS, blocks=card)
        except UNREACHABLE as error:
            self.shared.forget(_key(body))
            _log.warning("answer.unshared error=%s", type(error).__name__)
            return False
        return True


def _key(body: Mapping[str, Any]) -> str:
    container = body.get("container") or {}
    return f"{channel_of(body)}-{user_of(body)}-{container.get('message_ts', '')}"
