"""The Slack of the tests refuses what Slack refuses, so that a test which draws it fails."""

from copy import deepcopy

import pytest
from slack_sdk.errors import SlackObjectFormationError

from bot.slack import blocks
from bot.slack.blocks import VALUE_ID
from tests.slack_kit import checked


def typed(**more):
    return blocks.field("said", "What?", {"type": "plain_text_input", "action_id": VALUE_ID, **more})


def options(number=2):
    return [blocks.option(f"v{each}", f"Choice {each}") for each in range(number)]


def choice(kind, number=2, **more):
    element = {"type": kind, "action_id": VALUE_ID, "options": options(number), **more}
    return blocks.field("chosen", "Which?", element)


def files(most):
    return blocks.field("files", "Files", {"type": "file_input", "action_id": VALUE_ID, "max_files": most})


def row(number, same=False):
    ids = ["b"] * number if same else [f"b{each}" for each in range(number)]
    return blocks.actions(*(blocks.button(each, "Press") for each in ids))


def changed(block, **more):
    """*block* with what its first option holds changed."""
    block = deepcopy(block)
    block["element"]["options"][0] |= more
    return block


WRONG = blocks.option("v9", "Choice 9")
TAKEN = {
    "radio buttons": choice("radio_buttons", 10, initial_option=options()[1]),
    "checkboxes": choice("checkboxes", 10, initial_options=options()),
    "a list": choice("static_select", 100, initial_option=options()[0]),
    "a list of many": choice("multi_static_select", 100, initial_options=options()),
    "an option": changed(choice("radio_buttons"), value="x" * 150, text=blocks.plain("x" * 75)),
    "text": typed(max_length=3000, initial_value="x" * 3000),
    "files": files(10),
    "buttons": row(25),
    "small print": blocks.context(*["x"] * 10),
}
REFUSED = {
    "radio buttons": choice("radio_buttons", 11),
    "checkboxes": choice("checkboxes", 11),
    "a list": choice("static_select", 101),
    "a list of many": choice("multi_static_select", 101),
    "nothing to choose": choice("radio_buttons", 0),
    "a long value": changed(choice("radio_buttons"), value="x" * 151),
    "a long option": changed(choice("checkboxes"), text={"type": "plain_text", "text": "x" * 76}),
    "a long description": changed(choice("checkboxes"), description={"type": "plain_text", "text": "x" * 76}),
    "two of one value": changed(choice("checkboxes"), value="v1"),
    "a first choice from elsewhere": choice("radio_buttons", initial_option=WRONG),
    "first choices from elsewhere": choice("checkboxes", initial_options=[WRONG]),
    "no first choices": choice("checkboxes", initial_options=[]),
    "a long first text": typed(initial_value="x" * 3001),
    "a first text above its own limit": typed(max_length=5, initial_value="x" * 6),
    "a limit too high": typed(max_length=3001),
    "too many files": files(11),
    "too many buttons": row(26),
    "two buttons with one id": row(2, same=True),
    "too much small print": blocks.context(*["x"] * 11),
}


def a_modal(*drawn, submit="Send", **more):
    return {"view": {**blocks.modal("c", "Title", drawn, submit=submit), **more}}


@pytest.mark.parametrize("block", TAKEN.values(), ids=TAKEN)
def test_what_slack_takes_is_taken(block):
    checked(a_modal(block))


@pytest.mark.parametrize("block", REFUSED.values(), ids=REFUSED)
def test_what_slack_refuses_in_a_block_is_refused(block):
    with pytest.raises((AssertionError, SlackObjectFormationError)):
        checked(a_modal(block))


def test_a_modal_that_asks_must_have_a_button_to_send_it():
    checked(a_modal(blocks.section("x"), submit=""))

    with pytest.raises(AssertionError, match="no submit"):
        checked(a_modal(typed(), submit=""))


def test_a_view_above_what_slack_takes_in_all_is_refused():
    checked(a_modal(*[blocks.section("x" * 2400)] * 100))

    with pytest.raises(AssertionError, match="too large"):
        checked(a_modal(*[blocks.section("x" * 2500)] * 100))


def test_a_message_with_too_long_words_is_refused():
    checked({"text": "x" * 40_000})

    with pytest.raises(AssertionError, match="too long"):
        checked({"text": "x" * 40_001})
