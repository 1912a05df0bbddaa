"""Filling the views of a report as somebody in Slack does."""

import json

from tests.slack_kit import JO, a_view, read


def text(value):
    return {"type": "plain_text_input", "value": value}


def day(value):
    return {"type": "datepicker", "selected_date": value}


def one(value):
    option = {"text": {"type": "plain_text", "text": value}, "value": value} if value else None
    return {"type": "radio_buttons", "selected_option": option}


def some(*values):
    options = [{"text": {"type": "plain_text", "text": each}, "value": each} for each in values]
    return {"type": "checkboxes", "selected_options": options}


def files(*ids):
    return {"type": "file_input", "files": [{"id": each, "name": f"{each}.png"} for each in ids]}


CONCERN = {
    "who": text("Jo Marsh"),
    "kind": one("contact"),
    "what": text("Somebody keeps asking where she goes to school."),
    "where": one("discord"),
    "when": day("2026-11-19"),
}
REQUEST = {
    "who": text("Jo Marsh (@jomarsh_09)"),
    "sender": one("pupil"),
    "what": one("request"),
    "where": one("instagram"),
    "when": day("2026-11-19"),
}


def state(values):
    """The state of a view in which *values* (block id → element) are filled in."""
    return {"values": {block: {"value": each} for block, each in values.items()}}


class Reporting:
    """One person's report, from the command on; keeps the view that is open."""

    def __init__(self, desk, user=JO):
        self.desk, self.bench, self.slack, self.user = desk, desk.bench, desk.slack, user
        self.view, self.response = None, None

    def command(self, command="/concern", words="", **body):
        self.response = self.bench.command(command, words, user=self.user, **body)
        return self.opened()

    def opened(self):
        """The view that was opened or pushed last."""
        drawn = [said for method, said in self.slack.calls if method in ("views.open", "views.push")]
        self.view = a_view(drawn[-1]["view"]) if drawn else None
        return self.view

    def updated(self):
        """The open view, as it was drawn anew."""
        self.view = a_view(self.slack.sent("views.update")[-1]["view"])
        return self.view

    def submit(self, **values):
        """Submit what is open, return what Slack is answered, and go on with the view in it, if any."""
        self.response = self.bench.submit(self.view, values, user=self.user)
        said = json.loads(self.response.body) if self.response.body else {}
        if "view" in said:
            self.view = a_view(said["view"], "V2", "V1")
        return said

    def change(self, block, values):
        """Answer *block*, which tells at once, with *values* in the view."""
        view = {**self.view, "state": state(values)}
        self.response = self.bench.press(
            "value", user=self.user, view=view, block_id=block, type="radio_buttons"
        )
        return self.response

    def press(self, button, **more):
        """Press a button of the open view."""
        view = {**self.view, "state": {"values": {}}}
        return self.bench.press(button["action_id"], button.get("value", ""), self.user, view=view, **more)

    def sent(self, form=CONCERN, command="/concern", **ticks):
        """Fill in *form* and send it; return the receipt's view."""
        self.command(command)
        self.submit(**form, **({"gate": ticks.pop("gate")} if "gate" in ticks else {}))
        self.submit(**ticks)
        return self.view


def words_in(drawn):
    """Every word in *drawn*, in order."""
    return " ".join(read(drawn))


def ids_in(view):
    return [block["block_id"] for block in view["blocks"] if "block_id" in block]


def kinds_in(view):
    """The types of everything that can be filled in."""
    return [block["element"]["type"] for block in view["blocks"] if block["type"] == "input"]


def button_in(drawn, label):
    """The button whose label begins with *label*."""
    rows = [block["elements"] for block in drawn["blocks"] if block["type"] == "actions"]
    return next(each for row in rows for each in row if each["text"]["text"].startswith(label))
