"""Where somebody asked, and the ways to answer them there: openly, in private, or with a word aside."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from slack_bolt import Respond
from slack_sdk import WebClient

from bot.slack.blocks import Block
from bot.slack.who import UNREACHABLE

SENT_PRIVATELY = "I have sent you a message."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Place:
    """
    A channel, a direct message, or a command or shortcut, which is answered through *respond*.

    Nothing is raised when Slack takes no message: another way is tried, and the last one is logged.
    """

    client: WebClient
    user: str
    channel: str
    thread: str = ""
    """The thread in which they wrote, "" for none."""
    ts: str = ""
    """Of their message, "" for a command."""
    respond: Respond | None = None
    greeted: bool = False
    """A sign of life was given already."""

    @property
    def private(self) -> bool:
        """Whether nobody else reads what is posted here; a command's answer may never be seen at all."""
        return self.channel.startswith("D") and self.respond is None

    def answer(self, text: str, drawn: Sequence[Block] = ()) -> None:
        """Answer where they asked: in the thread of a channel, or so that only they see it."""
        if self.respond:
            said = self._responded(text, drawn)
        else:
            thread = self.thread or ("" if self.private else self.ts)
            said = self._tried(lambda: self._post(self.channel, text, drawn, thread))
        if not said and not self.private:
            self._directly(text, drawn)

    def privately(self, text: str, drawn: Sequence[Block] = ()) -> None:
        """
        Answer by direct message, and say so where they asked (SAFETY 10).

        Where Slack takes no direct message, only what others cannot see is left.
        """
        if self.private:
            self.answer(text, drawn)
        elif self._directly(text, drawn):
            self.aside(SENT_PRIVATELY)
        else:
            self.aside(text, drawn)

    def aside(self, text: str, drawn: Sequence[Block] = ()) -> None:
        """Say something that only they see, and that may be missed: a sign of life."""
        if self.respond:
            self._responded(text, drawn)
        elif self.private:
            self._tried(lambda: self._post(self.channel, text, drawn, self.thread))
        else:
            where: dict[str, Any] = {"channel": self.channel, "user": self.user, **_thread(self.thread)}
            self._tried(lambda: self.client.chat_postEphemeral(**where, **_said(text, drawn)))

    def _directly(self, text: str, drawn: Sequence[Block]) -> bool:
        return self._tried(lambda: self._post(self._opened(), text, drawn))

    def _opened(self) -> str:
        found = self.client.conversations_open(users=self.user).get("channel") or {}
        return str(found.get("id") or self.user)

    def _post(self, channel: str, text: str, drawn: Sequence[Block], thread: str = "") -> Any:
        where: dict[str, Any] = {"channel": channel, **_thread(thread)}
        said = {**where, **_said(text, drawn), "unfurl_links": False, "unfurl_media": False}
        return self.client.chat_postMessage(**said)

    def _responded(self, text: str, drawn: Sequence[Block]) -> bool:
        """Whether Slack took it: not half an hour after the command, or after five times."""
        respond = self.respond
        if respond is None:
            return False
        said = {"response_type": "ephemeral", "replace_original": False, **_said(text, drawn)}
        return self._tried(lambda: taken(respond(**said)))

    def _tried(self, send: Callable[[], Any]) -> bool:
        try:
            return send() is not False
        except UNREACHABLE as error:
            _log.warning("answer.unsent channel=%s error=%s", self.channel, type(error).__name__)
            return False


def taken(response: Any) -> bool:
    """Whether what was sent to a `response_url` was taken; it answers, and never raises."""
    return int(getattr(response, "status_code", 200)) < 400


def _said(text: str, drawn: Sequence[Block]) -> dict[str, Any]:
    return {"text": text, "blocks": list(drawn)} if drawn else {"text": text}


def _thread(ts: str) -> dict[str, str]:
    return {"thread_ts": ts} if ts else {}
