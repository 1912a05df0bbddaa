"""Reads a payload that led to an error: what it is, where an answer to it is seen, how to go on. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain.triage import Form, Route, Triage, decide
from bot.slack import ids
from bot.slack.reading import Asked, of_command, of_event, of_shortcut
from bot.slack.who import channel_of

COMMANDS: Mapping[str, str] = {
    **{command: f"form {form}" for command, form in ids.FORM_COMMANDS.items()},
    "/my-reports": "mine",
    "/cases": "cases",
}
"""Slash command → what to go on with, as in the value of a `CHOOSE_SCHOOL` button."""
ABOUT_MESSAGE = "policy_of_message"
"""The shortcut that asks about a message."""
CARRIED = 1500
"""The most characters of a plain question that such a button carries."""
OPENING = (ids.OPEN_FORM, ids.MY_REPORTS, ids.MORE_EVIDENCE, ids.SHOW_SENT, ids.OPEN_CASE, ids.LIST_CASES)
"""Buttons that open something and change nothing, so that they can be drawn again as they were."""

_KINDS = ("view_submission", "view_closed", "block_actions", "block_suggestion", "message_action", "shortcut")
_EVENTS = ("app_mention", "message", "app_home_opened", "assistant_thread_started")
_SPOKEN = (None, "", "file_share", "thread_broadcast", "me_message")
"""The subtypes of a message that somebody has just written."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What `on_error` asks of a body; whatever is missing or odd in it reads as nothing."""

    body: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """A fixed word for the log."""
        told = self.body.get("type")
        if told == "event_callback":
            return "event"
        if told in _KINDS:
            return str(told)
        return "command" if "command" in self.body else "other"

    @property
    def by_a_person(self) -> bool:
        """Whether somebody waits for something to happen."""
        if self.kind == "event":
            return self.event.get("type") in _EVENTS and self.event.get("subtype") in _SPOKEN
        return self.kind not in ("view_closed", "block_suggestion", "other")

    @property
    def event(self) -> Mapping[str, Any]:
        """The event; empty for anything else."""
        return self._part("event")

    @property
    def home(self) -> bool:
        """Whether it comes from the App Home."""
        return self.event.get("type") == "app_home_opened" or self._part("view").get("type") == "home"

    @property
    def modal(self) -> str:
        """The id of the modal in which a button was pressed; "" elsewhere."""
        view = self._part("view")
        inside = self.kind == "block_actions" and view.get("type") == "modal"
        return str(view.get("id") or "") if inside else ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The ids of the view's blocks that can show an error."""
        drawn = self._part("view").get("blocks")
        found = [each for each in drawn if isinstance(each, Mapping)] if isinstance(drawn, list) else []
        return tuple(str(each["block_id"]) for each in found if _is_input(each))

    @property
    def depth(self) -> int:
        """How many modals lie on each other, from 1 to 3, which is the most."""
        view = self._part("view")
        root, below = view.get("root_view_id"), view.get("previous_view_id")
        if not below or view.get("id") == root:
            return 1
        return 2 if below == root else 3

    @property
    def school(self) -> str:
        """The first word of a view's private metadata: of our views, a school."""
        return str(self._part("view").get("private_metadata") or "").partition(" ")[0]

    @property
    def trigger(self) -> str:
        """What opens a view within three seconds."""
        return str(self.body.get("trigger_id") or "")

    @property
    def channel(self) -> str:
        """Where it was done, a direct message too."""
        return channel_of(self.body)

    @property
    def asked(self) -> Asked | None:
        """What somebody wrote to us, or asked us about; None for a button or a form."""
        if self.kind == "command":
            return of_command(self.body)
        if self.kind == "message_action" and self.body.get("callback_id") == ABOUT_MESSAGE:
            whole = self._part("user").get("id") and self._part("channel") and self._part("message")
            return of_shortcut(self.body) if whole else None
        if self.event.get("type") not in ("app_mention", "message"):
            return None
        listed = self.body.get("authorizations")
        first = listed[0] if isinstance(listed, list) and listed else None
        bot = first.get("user_id") if isinstance(first, Mapping) else ""
        return of_event(self.event, str(bot or ""))

    @property
    def text(self) -> str:
        """The words of `asked`; "" for a button or a form."""
        return self.asked.text if self.asked else ""

    @property
    def triage(self) -> Triage:
        """What the rules alone make of `text`."""
        return decide(self.text, {})

    @property
    def urgent(self) -> bool:
        """Whether it is an urgent message, which has to be held before anything else is asked."""
        return self.onward == "urgent"

    @property
    def onward(self) -> str:
        """
        How to go on once the school is known: "form FORM", "ask QUESTION", "urgent", "mine", "cases", "home".

        "again" is for them to begin again.

        Only a plain question is carried along, never what discloses something (SAFETY 29).
        """
        if self._command in COMMANDS:
            return COMMANDS[self._command]
        if self.kind == "block_actions":
            return self._onward_of_a_button()
        if self.home:
            return "home"
        return _onward_of_words(self.text, self.triage) if self.text else "again"

    @property
    def pressed_again(self) -> tuple[str, str, str] | None:
        """Action id, label and value of the button that opens what did not open in time; None without one."""
        if self.kind == "command":
            return _opens(COMMANDS.get(self._command, "").removeprefix("form "))
        action, value = self._pressed()
        if action == ids.CHOOSE_SCHOOL:
            school, _, form = value.partition("\nform ")
            return _opens(form, school)
        return (action, "Open", value) if action in OPENING else None

    @property
    def _command(self) -> str:
        return str(self.body["command"]) if self.kind == "command" else ""

    def _onward_of_a_button(self) -> str:
        action, value = self._pressed()
        form = ids.form_of(value)[0]
        if action == ids.OPEN_FORM and form in set(Form):
            return f"form {form}"
        other = "home" if self.home else "again"
        return {ids.MY_REPORTS: "mine", ids.LIST_CASES: "cases"}.get(action, other)

    def _pressed(self) -> tuple[str, str]:
        """Action id and value of the button."""
        actions = self.body.get("actions")
        first = actions[0] if isinstance(actions, list) and actions else None
        if not isinstance(first, Mapping):
            return "", ""
        return str(first.get("action_id") or ""), str(first.get("value") or "")

    def _part(self, key: str) -> Mapping[str, Any]:
        found = self.body.get(key)
        return found if isinstance(found, Mapping) else {}


def _opens(form: str, school: str = "") -> tuple[str, str, str] | None:
    return (ids.OPEN_FORM, "Open", ids.form_value(form, school)) if form in set(Form) else None


def _onward_of_words(text: str, triage: Triage) -> str:
    if triage.route is Route.QUESTION:
        # Half a question may have another answer.
        return f"ask {text}" if len(text) <= CARRIED else "again"
    return f"form {triage.form}" if triage.form and triage.route is Route.REPORT else "urgent"


def _is_input(block: Mapping[str, Any]) -> bool:
    return block.get("type") == "input" and bool(block.get("block_id"))
