"""The assistant pane of Slack, where a workspace has it: suggested questions, a status, the forms."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt import App
from slack_sdk import WebClient

from bot.slack import blocks, cards
from bot.slack.lately import Lately
from bot.slack.who import UNREACHABLE

GREETING = "Ask what your school's policy says, or report something:"
PROMPTS_TITLE = "Questions that staff ask"
PROMPTS = (
    ("A friend request", "Can I accept a friend request from a pupil?"),
    ("Photos", "May I post photos of a school trip?"),
    ("Messages after hours", "Can I message pupils in the evening?"),
    ("Former pupils", "What about pupils who have left?"),
)
"""At most four (docs.slack.dev/reference/methods/assistant.threads.setSuggestedPrompts)."""
THINKING = "is reading the policies…"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class AssistantListeners:
    """Greets whoever opens the pane; everything works without it."""

    threads: Lately = field(default_factory=Lately, repr=False)
    """The threads of the pane that were opened lately: only they have a status."""

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.event("assistant_thread_started")(self.on_started)
        app.event("assistant_thread_context_changed")(self.on_nothing)

    def on_started(self, event: dict[str, Any], client: WebClient) -> None:
        """Offer questions and forms in the thread that was opened."""
        thread: Mapping[str, Any] = event.get("assistant_thread") or {}
        channel, ts = str(thread.get("channel_id") or ""), str(thread.get("thread_ts") or "")
        # The same event may come twice.
        if not channel or not ts or not self.threads.first(_key(channel, ts)):
            return
        prompts = [{"title": title, "message": message} for title, message in PROMPTS]
        self._call(client, "setSuggestedPrompts", channel, ts, title=PROMPTS_TITLE, prompts=prompts)
        try:
            drawn = [blocks.section(GREETING), *cards.form_blocks()]
            client.chat_postMessage(channel=channel, thread_ts=ts, text=GREETING, blocks=drawn)
        except UNREACHABLE as error:
            _log.warning("assistant.unsent error=%s", type(error).__name__)

    def thinking(self, client: WebClient, channel: str, thread: str) -> None:
        """Show that an answer is on its way, in a thread of the pane; Slack ends it with the answer."""
        if self.threads.knows(_key(channel, thread)):
            self._call(client, "setStatus", channel, thread, status=THINKING)

    def on_nothing(self) -> None:
        """Take note that somebody looks at another channel: it changes no answer."""

    def _call(self, client: WebClient, method: str, channel: str, ts: str, **said: Any) -> None:
        """Call *method*; a workspace without the pane says no, and nothing is missing."""
        where = {"channel_id": channel, "thread_ts": ts}
        try:
            client.api_call(f"assistant.threads.{method}", json={**where, **said})
        except UNREACHABLE as error:
            _log.info("assistant.refused method=%s error=%s", method, type(error).__name__)


def _key(channel: str, ts: str) -> str:
    return f"{channel}-{ts}"
