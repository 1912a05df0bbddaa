"""The assistant pane through the real app: greeted once, a status, and nothing missing without it."""

import json

import pytest

from bot.slack import assistant, ids
from tests.slack_desk import SlackDesk
from tests.slack_kit import JO
from tests.unit.test_slack_cards import quoted

THREAD = {"user_id": JO, "channel_id": "D0JO", "thread_ts": "1790000300.000100", "context": {}}
PLAIN = "May staff use the school's own accounts?"


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


def opened(desk, **body):
    return desk.bench.event({"type": "assistant_thread_started", "assistant_thread": THREAD}, **body)


def test_whoever_opens_the_pane_is_offered_questions_and_the_forms(desk):
    response = opened(desk)

    (prompts,) = desk.slack.sent("assistant.threads.setSuggestedPrompts")
    (said,) = desk.slack.sent("chat.postMessage")
    assert response.status == 200
    assert (prompts["channel_id"], prompts["thread_ts"]) == ("D0JO", "1790000300.000100")
    assert 0 < len(prompts["prompts"]) <= 4
    assert (said["channel"], said["thread_ts"]) == ("D0JO", "1790000300.000100")
    assert json.dumps(said["blocks"]).count(f'"{ids.OPEN_FORM}"') == 4


def test_a_repeated_event_greets_once(desk):
    opened(desk, event_id="Ev1")
    opened(desk, event_id="Ev1")

    assert len(desk.slack.sent("chat.postMessage")) == 1


def test_a_question_in_the_pane_shows_a_status_and_is_answered_in_its_thread(desk):
    opened(desk)

    desk.bench.direct(PLAIN, thread_ts="1790000300.000100")

    (status,) = desk.slack.sent("assistant.threads.setStatus")
    said = desk.slack.sent("chat.postMessage")[-1]
    assert status["status"] == assistant.THINKING
    assert said["thread_ts"] == "1790000300.000100"
    assert quoted(said["blocks"]).startswith("Staff may use")


def test_a_thread_outside_the_pane_has_no_status(desk):
    desk.bench.direct(PLAIN, thread_ts="1790000400.000100")

    assert desk.slack.sent("assistant.threads.setStatus") == []


@pytest.mark.parametrize("error", ["unknown_method", "missing_scope", "not_allowed_token_type"])
def test_a_workspace_without_the_pane_misses_nothing(desk, error):
    for method in ("setSuggestedPrompts", "setStatus"):
        desk.slack.answers[f"assistant.threads.{method}"] = error
    opened(desk)

    desk.bench.direct(PLAIN, thread_ts="1790000300.000100")

    assert quoted(desk.slack.sent("chat.postMessage")[-1]["blocks"]).startswith("Staff may use")


def test_looking_at_another_channel_changes_nothing(desk):
    response = desk.bench.event({"type": "assistant_thread_context_changed", "assistant_thread": THREAD})

    assert (response.status, desk.slack.calls) == (200, [])


@pytest.mark.parametrize("thread", [{}, {"channel_id": "D0JO", "thread_ts": ""}, None])
def test_a_thread_that_is_not_told_is_left_alone(desk, thread):
    response = desk.bench.event({"type": "assistant_thread_started", "assistant_thread": thread})

    assert (response.status, desk.slack.sent("chat.postMessage")) == (200, [])
