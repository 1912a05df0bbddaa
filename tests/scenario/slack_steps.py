"""Throw-away listeners on a desk's app, and one whole payload of every shape for them."""

from bot.slack import blocks
from tests.slack_kit import JO, a_view

FIELDS = ("first", "second")


def a_form(metadata="fernhill form 1"):
    """A modal of ours with two fields."""
    drawn = [blocks.field(each, each, {"type": "plain_text_input", "action_id": "value"}) for each in FIELDS]
    return a_view(blocks.modal("tap", "Tap", [blocks.section("Any"), *drawn], metadata, "Send"))


def a_page(**ids):
    """A modal of ours in which nothing is filled in."""
    return a_view(blocks.modal("tap", "Tap", [blocks.section("Any")], "fernhill", "Send")) | ids


class Taps:
    """Has *work* done by a listener for every shape of payload; with *late*, only after its ack."""

    def __init__(self, desk, work, late=False):
        self.desk, self.work, self.late = desk, work, late
        app = desk.bench.app
        app._listeners.clear()
        app.event("app_mention")(self.on_event)
        app.event("message")(self.on_event)
        app.event({"type": "message", "subtype": "message_changed"})(self.on_event)
        app.event("app_home_opened")(self.on_event)
        for command in ("/tap", "/policy", "/concern", "/my-reports", "/cases"):
            app.command(command)(self.on_other)
        for action in ("tap", "report.form", "report.mine", "case.open", "case.list"):
            app.action(action)(self.on_other)
        app.view("tap")(self.on_other)
        app.shortcut("tap")(self.on_other)

    def on_event(self, body, client):
        self.work(body, client)

    def on_other(self, ack, body, client):
        if self.late:
            ack()
        self.work(body, client)
        ack()

    def send(self, name, user=JO, **more):
        """Send the payload called *name*; return what Slack is answered."""
        bench = self.desk.bench
        home = {"type": "home", "id": "V9", "blocks": [], "private_metadata": ""}
        ways = {
            "mention": lambda: bench.mention(more.pop("text", "Can I?"), **{"user": user, **more}),
            "direct": lambda: bench.direct(more.pop("text", "Can I?"), user, **more),
            "command": lambda: bench.command(more.pop("command", "/tap"), user=user, **more),
            "press": lambda: bench.press(more.pop("action", "tap"), user=user, **more),
            "press in a channel": lambda: bench.press("tap", user=user, channel="C0STAFF", **more),
            "press in a modal": lambda: bench.press("tap", user=user, view=a_page(), **more),
            "press at home": lambda: bench.press("tap", user=user, view=home, **more),
            "submit": lambda: bench.submit(more.pop("view", a_form()), user=user),
            "shortcut": lambda: bench.shortcut("tap", {"text": "Any", "user": "U0SAM"}, user, **more),
            "home": lambda: bench.event(
                {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
            ),
            "edited": lambda: bench.event(
                {
                    "type": "message",
                    "subtype": "message_changed",
                    "channel": "C0STAFF",
                    "message": {"type": "message", "user": user, "text": "Can I?", "ts": "1.1"},
                }
            ),
        }
        return ways[name]()
