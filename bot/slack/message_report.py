"""The shortcut "Report this message": its link, author and text go along, and never its files (SAFETY 2)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain import gate
from bot.domain.membership import Known
from bot.domain.schooldays import local
from bot.domain.triage import Form, decide
from bot.drafting import Draft, begin_with, session_of
from bot.errors import ConfigurationError, Gone, Stranger, WhichSchool
from bot.slack import blocks, opening
from bot.slack.parts import Parts
from bot.slack.reading import words_of
from bot.slack.report_fields import MOST_TYPED, one_of, text_box
from bot.slack.report_reading import Begun, View, draft_id, text_of, values
from bot.slack.report_views import Questions, danger
from bot.slack.sealed import sealed
from bot.slack.who import UNREACHABLE, Kept

REPORT_MESSAGE = "report_message"
"""The callback id of the shortcut."""
CHOOSE = "report_choose"
"""The callback id of the view in which the form is chosen."""
FORM, WORDS = "form", "words"
AUTHOR = (
    "Whoever wrote it counts as a person it is about, until you say otherwise. "
    "Its link goes with the report, so that it is found again."
)
LINK_PATIENCE_S = 0.7
"""So long is the link waited for, once the view is open; one that comes later is still kept."""
_LONGEST_LINK = 500
_ID, _DOMAIN, _TS = (
    re.compile(shape) for shape in (r"[A-Z0-9]{2,40}", r"[a-z0-9-]{1,80}", r"[0-9]{1,12}\.[0-9]{1,9}")
)


@dataclass(frozen=True, slots=True)
class Message:
    """What of a message goes along: ids and its link; the text stands in the view that is asked for."""

    school: str
    author: str = ""
    """The Slack id of whoever wrote it; "" for an app, which is no person."""
    team: str = ""
    ts: str = ""
    channel: str = ""
    source: str = ""
    """Its link as it can be made of ids alone; "" where they do not suffice."""

    @property
    def key(self) -> str:
        """Under which the link that Slack gives is kept."""
        return f"{self.channel}-{self.ts}"

    def write(self) -> str:
        """The private metadata of the view, the school first."""
        kept = [self.author, self.team, self.ts, self.channel, self.source]
        return f"{self.school} {json.dumps(kept)}"


@dataclass(frozen=True, slots=True)
class Author:
    """Whoever wrote a message; nothing of it where that is who reports, or an app."""

    name: str = ""
    person: str = ""
    """The id of the listed person who they are."""
    maybe: tuple[str, ...] = ()
    """Who of the list they may be, where Slack does not say who they are (SAFETY 12)."""


def message_of(view: View) -> Message:
    """What `Message.write` wrote; raises `Gone` where that makes no sense."""
    try:
        school, _, rest = str(view.get("private_metadata", "")).partition(" ")
        author, team, ts, channel, source = (str(each) for each in json.loads(rest))
        return Message(school, author, team, ts, channel, source)
    except (ValueError, KeyError, TypeError):
        raise Gone("metadata") from None


@dataclass(frozen=True)
class MessageReportListeners:
    """The shortcut, and the view in which the form is chosen."""

    parts: Parts
    links: Kept[str] = field(default_factory=Kept, repr=False, compare=False)

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.message_shortcut(REPORT_MESSAGE)(self.on_shortcut)
        app.view(CHOOSE)(self.on_chosen)

    def on_shortcut(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """
        Ask which form it is, with the likeliest one chosen; its files are left where they are.

        Slack takes a view for three seconds, so its link is asked for when the view is open.
        """
        known = self.parts.who.known(client, body)
        ack()
        said = body["message"]
        message = _message(known.school.id, body)
        text = words_of(str(said.get("text") or ""))
        view = self._choose(known, message, text, has_files=bool(said.get("files")))
        try:
            client.views_open(trigger_id=body["trigger_id"], view=view)
        except SlackApiError as error:
            opening.late(client, opening.user_of(body), error, self._again(client, known, message, text))
        else:
            self._link(client, message)

    def _again(self, client: WebClient, known: Known, message: Message, text: str) -> dict[str, Any]:
        """A button that opens the likeliest form with the words of the message, its link and its author."""
        name = self._author(client, known, message).name
        form = _likely(text)
        origin = attribution(name, message, self._link(client, message))
        kept = sealed(self.parts, known, Form(form), _begun(text, origin))
        return opening.form_button(form, "Open a form", kept, known.school.id)

    def _link(self, client: WebClient, message: Message) -> str:
        """The link that Slack gives *message*; the one of ids alone where it gives none soon."""

        def ask() -> str:
            said = client.chat_getPermalink(channel=message.channel, message_ts=message.ts)
            return str(said.get("permalink") or "")[:_LONGEST_LINK]

        try:
            return self.links.get(message.key, ask, LINK_PATIENCE_S) or message.source
        except UNREACHABLE:
            return message.source

    def _choose(self, known: Known, message: Message, text: str, *, has_files: bool) -> dict[str, Any]:
        options = [
            blocks.option(form.value, definition.title, definition.about)
            for form, definition in self.parts.forms.items()
        ]
        drawn = [
            danger(),
            blocks.context(known.school.name),
            blocks.field(FORM, "What is it about?", one_of(options, _likely(text)), optional=False),
            blocks.field(WORDS, "What the message says", text_box(text), hint=AUTHOR),
        ]
        if has_files:
            drawn.append(blocks.context(gate.UNASKED_FILE))
        return blocks.modal(CHOOSE, "Report this message", drawn, message.write(), submit="Next")

    def on_chosen(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Go on to the form, with what goes along filled in."""
        view = body["view"]
        message = message_of(view)
        known = self.parts.recognising.at(self.parts.who.sighting(client, body), message.school)
        held = values(view)
        said = text_of(held.get(FORM, {}))
        form = Form(said) if said in list(Form) else Form.CONCERN
        author = self._author(client, known, message)
        source = self.links.last(message.key) or message.source
        words = _begun(text_of(held.get(WORDS, {})), attribution(author.name, message, source))
        definition = self.parts.forms[form]
        begun = Begun(
            school=known.school.id,
            draft=draft_id(),
            form=form,
            author=author.person,
            source=source,
            maybe=author.maybe,
        )
        answers = begin_with(definition, words, author.name)
        session = session_of(Draft(begun.draft, begun.school, form, ""))
        ack(
            response_action="update",
            view=Questions(known.school, definition, begun, session, answers).view(),
        )

    def _author(self, client: WebClient, known: Known, message: Message) -> Author:
        """Who wrote *message*; without an address, it may be anybody who is listed without a Slack id."""
        if not message.author:
            return Author()
        body = {"user": {"id": message.author, "team_id": message.team}, "team": {"id": message.team}}
        sighting = self.parts.who.sighting(client, body)
        try:
            author = self.parts.recognising.at(sighting, known.school.id).reporter
        except (Stranger, WhichSchool):
            return Author(sighting.name or message.author, _listed(known, message.author))
        if author.handle == known.reporter.handle:
            return Author()
        person = author.person or _listed(known, message.author)
        return Author(author.name, person, () if person or sighting.email else _without_id(known))


def _listed(known: Known, user: str) -> str:
    try:
        return known.school.person(user).id
    except ConfigurationError:
        return ""


def _without_id(known: Known) -> tuple[str, ...]:
    """Those of the list whose Slack id it does not have, but for who reports."""
    people = (each for each in known.school.people if not each.slack)
    return tuple(each.id for each in people if each.id != known.reporter.person)


def attribution(name: str, message: Message, source: str) -> str:
    """The line that says whose message it is, when it was written, and where it stands."""
    by = f" by {name}" if name else ""
    on = f", {_when(message.ts)}" if _when(message.ts) else ""
    at = f": {source}" if source else ""
    return f"(A message in Slack{by}{on}{at})"


def _begun(text: str, origin: str) -> str:
    """What the form begins with; of a long *text* the end goes, and its *origin* stays whole."""
    text = blocks.shortened(text, MOST_TYPED - len(origin) - 2)
    return f"{text}\n\n{origin}" if text else origin


def _message(school: str, body: Mapping[str, Any]) -> Message:
    """What the shortcut says of the message."""
    said, team = body["message"], body.get("team") or {}
    ts = str(body.get("message_ts") or said.get("ts") or "")
    place = str((body.get("channel") or {}).get("id") or "")
    channel = place if _ID.fullmatch(place) else ""
    return Message(
        school=school,
        author=str(said.get("user") or ""),
        team=str(said.get("team") or team.get("id") or ""),
        ts=ts,
        channel=channel,
        source=_made_link(str(team.get("domain") or ""), channel, ts),
    )


def _made_link(domain: str, channel: str, ts: str) -> str:
    """As docs.slack.dev/reference/methods/chat.getPermalink shows one; "" where something is odd."""
    if not (_DOMAIN.fullmatch(domain) and _ID.fullmatch(channel) and _TS.fullmatch(ts)):
        return ""
    return f"https://{domain}.slack.com/archives/{channel}/p{ts.replace('.', '')}"


def _when(ts: str) -> str:
    try:
        at = local(datetime.fromtimestamp(float(ts), UTC))
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{at.day} {at:%B %Y at %H:%M}"


def _likely(text: str) -> str:
    """The form that the rules of triage alone take *text* for; in doubt, the one for a child."""
    return (decide(text, {}).form or Form.CONCERN).value
