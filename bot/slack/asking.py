"""The Slack edge of asking: mentions, direct messages, a command and a shortcut in; answers out."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from slack_bolt import Ack, App, BoltContext, BoltResponse, Respond
from slack_sdk import WebClient

from bot.domain.membership import Known
from bot.errors import BotError, WhichSchool
from bot.slack.assistant import AssistantListeners
from bot.slack.feedback import FeedbackListeners
from bot.slack.greeting import SIGN_OF_LIFE, SignOfLife
from bot.slack.lately import Lately
from bot.slack.parts import Parts
from bot.slack.payloads import Payload
from bot.slack.places import Place
from bot.slack.reading import Asked, of_command, of_event, of_shortcut
from bot.slack.replying import Heard, Replying
from bot.slack.sharing import SharingListeners
from bot.slack.unplaced import held
from bot.slack.who import UNREACHABLE

COMMAND = "/policy"
SHORTCUT = "policy_of_message"
_ASKED = (None, "", "file_share", "thread_broadcast", "me_message")
"""The subtypes of a message that somebody has just written; edits, deletions and joins have others."""


@dataclass(frozen=True)
class AskingListeners:
    """Answers whatever is asked, once; registers the listeners of its answers' buttons too."""

    parts: Parts
    seen: Lately = field(default_factory=Lately, repr=False)
    assistant: AssistantListeners = field(default_factory=AssistantListeners, repr=False)

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.event("app_mention", middleware=[self.hear_event])(self.on_event)
        app.event("message", matchers=[is_asked], middleware=[self.hear_event])(self.on_event)
        # Everything else that is said where the app is: without a listener Slack would send it again.
        app.event("message")(self.on_nothing)
        app.command(COMMAND)(self.on_command)
        app.message_shortcut(SHORTCUT)(self.on_shortcut)
        self.assistant.register(app)
        FeedbackListeners(self.parts).register(app)
        SharingListeners(self.parts).register(app)

    def hear_event(
        self,
        body: dict[str, Any],
        event: dict[str, Any],
        client: WebClient,
        context: BoltContext,
        next: Callable[[], BoltResponse],
    ) -> BoltResponse | None:
        """
        Before the event is acknowledged: what must survive of it is stored; a repeat ends here.

        Whoever waits longer than a moment for what becomes of it is given a sign of life.
        Whatever is raised is handed on, for `on_event` to raise where it can be answered; a second
        delivery would only fail again.
        """
        asked = of_event(event, context.bot_user_id or "")
        # The same message may come as two events, and the same event twice.
        if not self._is_new(str(body.get("event_id") or asked.id), asked.id):
            return BoltResponse(status=200)
        sign = SignOfLife(_place(client, asked))
        with ExitStack() as unanswered:
            unanswered.callback(sign.over)
            sign.begin()
            try:
                context["heard"], context["sign"] = Replying(self.parts).hear(client, body, asked), sign
                unanswered.pop_all()
            except BotError as error:
                context["refused"] = error
                if isinstance(error, WhichSchool):
                    held(self.parts, Payload(body))
        return next()

    def on_event(self, event: dict[str, Any], client: WebClient, context: BoltContext) -> None:
        """Answer what `hear_event` has heard; raises `Stranger` and `WhichSchool`."""
        if "refused" in context:
            raise context["refused"]
        heard: Heard = context["heard"]
        asked = heard.asked
        if asked.thread and not asked.public:
            self.assistant.thinking(client, asked.channel, asked.thread)
        Replying(self.parts).reply(heard, _place(client, asked), sign=context["sign"])

    def on_command(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """Answer in private; an urgent message is stored before the acknowledgement."""
        asked = of_command(body)
        heard = Replying(self.parts).hear(client, body, asked)
        greeted = bool(asked.text) and not heard.urgent
        if greeted:
            ack(response_type="ephemeral", text=SIGN_OF_LIFE)
        else:
            ack()
        place = Place(client, asked.user, asked.channel, respond=respond, greeted=greeted)
        Replying(self.parts).reply(heard, place, share=True)

    def on_shortcut(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """Answer in private about a message that somebody has posted."""
        asked = of_shortcut(body)
        heard = Replying(self.parts).hear(client, body, asked)
        ack()
        place = Place(client, asked.user, asked.channel, ts=asked.ts, respond=respond)
        Replying(self.parts).reply(heard, place)

    def on_nothing(self) -> None:
        """Take note of an event to which there is nothing to say."""

    def answer_to(
        self, client: WebClient, known: Known, question: str, channel: str, thread_ts: str = ""
    ) -> None:
        """
        Answer *question* of somebody who has just said which school is theirs.

        Whatever is urgent or a report goes by direct message, whatever *channel* is.
        """
        digest = sha256(question.encode()).hexdigest()[:16]
        asked = Asked(
            id=f"{channel}-{thread_ts or digest}",
            user=_user_of(client, known),
            channel=channel,
            text=question,
            ts=thread_ts,
            public=not channel.startswith("D"),
        )
        replying = Replying(self.parts)
        replying.reply(
            replying.of(known, asked, client), Place(client, asked.user, channel, thread_ts, thread_ts)
        )

    def _is_new(self, event: str, message: str) -> bool:
        return all([self.seen.first(event), self.seen.first(message)])


def is_asked(event: Mapping[str, Any]) -> bool:
    """Whether *event* is a direct message that a person has just written."""
    return (
        event.get("channel_type") == "im"
        and event.get("subtype") in _ASKED
        and not event.get("bot_id")
        and bool(event.get("user"))
    )


def _place(client: WebClient, asked: Asked) -> Place:
    """Where an event was written."""
    return Place(client, asked.user, asked.channel, asked.thread, asked.ts)


def _user_of(client: WebClient, known: Known) -> str:
    """The Slack id of somebody *known*: the school's, their handle, or Slack's for their address."""
    handle = known.reporter.handle
    listed = [person.slack for person in known.school.people if person.id == known.reporter.person]
    if listed and listed[0]:
        return listed[0]
    if "@" not in handle:
        return handle
    try:
        return str((client.users_lookupByEmail(email=handle).get("user") or {}).get("id") or "")
    except UNREACHABLE:
        return ""
