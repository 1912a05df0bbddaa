"""The shortcut "Report this message": its link, author and text go along, and never its files (SAFETY 2)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.domain import gate
from bot.domain.membership import Known
from bot.domain.schooldays import local
from bot.domain.triage import Form, decide
from bot.drafting import Draft
from bot.errors import ConfigurationError, Gone, Stranger, WhichSchool
from bot.slack import blocks, opening
from bot.slack.parts import Parts
from bot.slack.reading import words_of
from bot.slack.report_fields import one_of, text_box
from bot.slack.report_reading import Begun, View, draft_id, text_of, values
from bot.slack.report_views import Questions, begin_with, danger, session_of
from bot.slack.who import UNREACHABLE

REPORT_MESSAGE = "report_message"
"""The callback id of the shortcut."""
CHOOSE = "report_choose"
"""The callback id of the view in which the form is chosen."""
FORM, WORDS = "form", "words"
AUTHOR = (
    "Whoever wrote it counts as a person it is about, until you say otherwise. "
    "Its link goes with the report, so that it is found again."
)


@dataclass(frozen=True, slots=True)
class Message:
    """What of a message goes along: ids and its link; the text stands in the view that is asked for."""

    school: str
    author: str = ""
    """The Slack id of whoever wrote it; "" for an app, which is no person."""
    team: str = ""
    ts: str = ""
    source: str = ""

    def write(self) -> str:
        """The private metadata of the view, the school first."""
        said = [self.author, self.team, self.ts, self.source]
        kept = said if len(self.source) < blocks.METADATA // 2 else said[:-1]
        return f"{self.school} {json.dumps(kept)}"


def message_of(view: View) -> Message:
    """What `Message.write` wrote; raises `Gone` where that makes no sense."""
    try:
        school, _, rest = str(view.get("private_metadata", "")).partition(" ")
        author, team, ts, *source = (str(each) for each in json.loads(rest))
        return Message(school, author, team, ts, *source[:1])
    except (ValueError, KeyError, TypeError):
        raise Gone("metadata") from None


@dataclass(frozen=True)
class MessageReportListeners:
    """The shortcut, and the view in which the form is chosen."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.message_shortcut(REPORT_MESSAGE)(self.on_shortcut)
        app.view(CHOOSE)(self.on_chosen)

    def on_shortcut(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Ask which form it is, with the likeliest one chosen; its files are left where they are."""
        known = self.parts.who.known(client, body)
        ack()
        said = body["message"]
        message = Message(
            school=known.school.id,
            author=str(said.get("user") or ""),
            team=str(said.get("team") or (body.get("team") or {}).get("id") or ""),
            ts=str(said.get("ts") or ""),
            source=permalink(client, body),
        )
        text = words_of(str(said.get("text") or ""))
        view = self._choose(known, message, text, has_files=bool(said.get("files")))
        opening.show(client, body, view, opening.form_button(_likely(text), "Open a form"))

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
        name, person = self._author(client, known, message)
        words = "\n\n".join(
            part for part in (text_of(held.get(WORDS, {})), attribution(name, message)) if part
        )
        definition = self.parts.forms[form]
        begun = Begun(known.school.id, draft_id(), form, author=person, source=message.source)
        answers = begin_with(definition, words, name)
        session = session_of(Draft(begun.draft, begun.school, form, ""))
        ack(
            response_action="update",
            view=Questions(known.school, definition, begun, session, answers).view(),
        )

    def _author(self, client: WebClient, known: Known, message: Message) -> tuple[str, str]:
        """Name and person id of whoever wrote *message*; both "" where it is who reports, or an app."""
        if not message.author:
            return "", ""
        body = {"user": {"id": message.author, "team_id": message.team}, "team": {"id": message.team}}
        sighting = self.parts.who.sighting(client, body)
        try:
            author = self.parts.recognising.at(sighting, known.school.id).reporter
        except (Stranger, WhichSchool):
            return sighting.name or message.author, _listed(known, message.author)
        if author.handle == known.reporter.handle:
            return "", ""
        return author.name, author.person or _listed(known, message.author)


def _listed(known: Known, user: str) -> str:
    try:
        return known.school.person(user).id
    except ConfigurationError:
        return ""


def attribution(name: str, message: Message) -> str:
    """The line that says whose message it is, when it was written, and where it stands."""
    by = f" by {name}" if name else ""
    on = f", {_when(message.ts)}" if _when(message.ts) else ""
    at = f": {message.source}" if message.source else ""
    return f"(A message in Slack{by}{on}{at})"


def _when(ts: str) -> str:
    try:
        at = local(datetime.fromtimestamp(float(ts), UTC))
    except (ValueError, OverflowError, OSError):
        return ""
    return f"{at.day} {at:%B %Y at %H:%M}"


def permalink(client: WebClient, body: Mapping[str, Any]) -> str:
    """The link of the message in *body*; "" where Slack gives none, as in a conversation without the app."""
    channel = (body.get("channel") or {}).get("id", "")
    try:
        said = client.chat_getPermalink(channel=channel, message_ts=str(body.get("message_ts", "")))
    except UNREACHABLE:
        return ""
    return str(said.get("permalink") or "")


def _likely(text: str) -> str:
    """The form that the rules of triage alone take *text* for; in doubt, the one for a child."""
    return (decide(text, {}).form or Form.CONCERN).value
