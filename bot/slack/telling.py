"""Where somebody looks who met an error in Slack, and the ways to reach them there."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from bot.slack import blocks
from bot.slack.blocks import Block
from bot.slack.payloads import Payload
from bot.slack.places import Place
from bot.slack.who import UNREACHABLE, user_of

ERROR_VIEW = "error_shown"
"""The callback id of a modal that says what went wrong; nothing in it can be sent."""
DONE = "Your school is remembered."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spot:
    """Whoever sent a payload, and how to reach them; what Slack does not take is logged, never raised."""

    client: WebClient
    payload: Payload
    respond: Respond

    @property
    def user(self) -> str:
        """Their Slack id."""
        return user_of(self.payload.body)

    @property
    def direct(self) -> str:
        """Their direct message with us; their own id stands for it too."""
        if self.payload.channel.startswith("D"):
            return self.payload.channel
        try:
            found = self.client.conversations_open(users=self.user).get("channel") or {}
        except UNREACHABLE:
            found = {}
        return str(found.get("id") or self.user)

    def tell(self, text: str, drawn: Sequence[Block], private: bool = False) -> None:
        """Say it where they look: in the modal, on the home page, so that only they see it, or directly."""
        payload = self.payload
        thread = str(payload.event.get("thread_ts") or "")
        if self._on_the_screen(drawn):
            return
        # An event has nothing to respond to; a response alone may never be seen (SAFETY 10).
        respond = None if payload.kind == "event" else self.respond
        for part in _messages(drawn):
            if payload.kind in ("event", "command", "message_action") and payload.channel and private:
                Place(self.client, self.user, payload.channel, thread, respond=respond).privately(text, part)
            elif not self._aside(text, part, thread):
                self.privately(text, part)

    def privately(self, text: str, drawn: Sequence[Block]) -> None:
        """Say it by direct message."""
        direct = Place(self.client, self.user, self.direct)
        for part in _messages(drawn):
            direct.answer(text, part)

    def replace(self, drawn: Sequence[Block]) -> None:
        """Put *drawn* in place of the message or page in which they pressed."""
        kept = list(drawn[: blocks.MESSAGE_BLOCKS])
        if self.payload.home:
            self._publish(kept)
        else:
            self._tried(lambda: self.respond(text=DONE, blocks=kept, replace_original=True))

    def _aside(self, text: str, drawn: Sequence[Block], thread: str) -> bool:
        """Whether it could be said in the channel so that only they see it."""
        payload, channel = self.payload, self.payload.channel
        if payload.kind == "command" or (payload.body.get("response_url") and not channel.startswith("D")):
            Place(self.client, self.user, channel, respond=self.respond).answer(text, drawn)
            return True
        if not channel or channel.startswith("D"):
            return False
        said: dict[str, Any] = {"channel": channel, "user": self.user, "text": text, "blocks": list(drawn)}
        said |= {"thread_ts": thread} if thread else {}
        return self._tried(lambda: self.client.chat_postEphemeral(**said))

    def _on_the_screen(self, drawn: Sequence[Block]) -> bool:
        """Whether it could be drawn over the modal, or on or over the home page, where they are looking."""
        payload, client = self.payload, self.client
        if payload.kind == "event" and payload.home:
            return self._publish(drawn)
        view, trigger = error_view(drawn, "Did not work"), payload.trigger
        if payload.modal:
            return self._tried(lambda: client.views_push(trigger_id=trigger, view=view))
        return payload.home and self._tried(lambda: client.views_open(trigger_id=trigger, view=view))

    def _publish(self, drawn: Sequence[Block]) -> bool:
        page = {"type": "home", "blocks": list(drawn[: blocks.VIEW_BLOCKS])}
        return self._tried(lambda: self.client.views_publish(user_id=self.user, view=page))

    def _tried(self, draw: Callable[[], object]) -> bool:
        try:
            draw()
        except UNREACHABLE as error:
            _log.warning("error.undrawn error=%s", type(error).__name__)
            return False
        return True


def _messages(drawn: Sequence[Block]) -> list[Sequence[Block]]:
    """*drawn* in as many messages as it needs: a trust may have more schools than a message has blocks."""
    most = blocks.MESSAGE_BLOCKS
    return [drawn[at : at + most] for at in range(0, len(drawn), most)]


def error_view(drawn: Sequence[Block], title: str) -> dict[str, Any]:
    """A modal that says what went wrong; closing it leads back to what lies below."""
    return blocks.modal(ERROR_VIEW, title, drawn) | {"clear_on_close": False}
