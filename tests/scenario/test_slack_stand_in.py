"""The stand-in and the hands that use it, proved with an app of a few lines in both ways that Slack talks."""

import re

import pytest
from slack_bolt import App

from bot.slack import blocks
from bot.slack.client import quiet, web_client
from tests.slack_stand_in import (
    API,
    BOT,
    TOKEN,
    buttons,
    call,
    missing,
    own_network,
    served,
    stand_in,
    until,
    words,
)

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
ASK = blocks.field("b", "What?", {"type": "plain_text_input", "action_id": blocks.VALUE_ID})
MODES = ("socket", "events")


@pytest.fixture(params=MODES)
def workspace(request, tmp_path):
    with own_network(), stand_in(tmp_path, request.param) as found, served(an_app(), request.param):
        yield found


def an_app():
    app = App(
        client=web_client(TOKEN, API), logger=quiet("tests.slack_app"), request_verification_enabled=False
    )

    def on_mention(event, say):
        say(text="heard", thread_ts=event["ts"], blocks=[blocks.actions(blocks.button("go", "Go", "7"))])

    def on_command(ack, body, client):
        modal = blocks.modal("asked", body["text"], [ASK], submit="Send")
        client.views_open(trigger_id=body["trigger_id"], view=modal)
        ack()

    def on_press(ack, action, body, client):
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"pressed {action['value']}")

    def on_submit(ack, view, body, client):
        said = view["state"]["values"]["b"][blocks.VALUE_ID]["value"]
        if said == "no":
            ack(response_action="errors", errors={"b": "Not that"})
            return
        ack()
        client.chat_postMessage(channel=body["user"]["id"], text=f"sent {said}")

    def on_home(event, client):
        client.views_publish(
            user_id=event["user"], view={"type": "home", "blocks": [blocks.section("Good day")]}
        )

    app.event("app_mention")(on_mention)
    app.command("/policy")(on_command)
    app.action("go")(on_press)
    app.view("asked")(on_submit)
    app.event("app_home_opened")(on_home)
    app.event(re.compile("."))(lambda: None)
    return app


def test_the_hands_mention_press_command_submit_and_open_the_home_in_both_modes(workspace):
    workspace.mention("hello")
    reply = until(lambda: [each for each in workspace.messages("C0STAFF") if each.get("bot_id")])[0]
    workspace.press(reply, "go")

    assert [each["action_id"] for each in buttons(reply["blocks"])] == ["go"]
    assert until(lambda: workspace.directs("U0JO"))[0]["text"] == "pressed 7"

    # "payload" in a form is what Bolt stumbles over.
    workspace.command("/policy", "a payload")
    assert words(workspace.ui.titled("a payload")["blocks"]) == "What?"
    workspace.submit({"b": "no"})
    assert until(lambda: workspace.ui.errors) == [{"b": "Not that"}]
    workspace.submit({"b": "this"})
    assert until(lambda: workspace.directs("U0JO")[1:])[0]["text"] == "sent this"

    assert words(workspace.home("U0AMY")["blocks"]) == "Good day"


def test_everything_that_was_begun_is_answered_before_the_app_ends(tmp_path):
    for mode in MODES:
        with own_network(), stand_in(tmp_path, mode) as workspace:
            with served(an_app(), mode):
                workspace.command("/policy", "Last")
                workspace.ui.titled("Last")
                workspace.submit({"b": "words"})
                until(lambda: "view_submission" in str(workspace.log()))

            until(lambda: not workspace.ui.stack)


def test_a_message_to_the_app_itself_goes_to_one_channel_of_direct_messages(workspace):
    first, second = workspace.say(BOT, "one"), workspace.say(BOT, "two")

    assert first["channel"] == second["channel"] == call("conversations.open", users="U0JO")["channel"]["id"]
