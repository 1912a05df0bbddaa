"""Slack that is away when Staffroom starts: the pages do not wait for it, and it is joined when it comes."""

import json
import time
from dataclasses import fields

import pytest
from starlette.applications import Starlette

from bot import serving
from bot.config import Settings
from bot.errors import ConfigurationError
from bot.serving import SlackChat
from bot.slack.parts import Parts
from tests.slack_asgi import SECRET, post, signed
from tests.slack_bad_server import CUT, BadServer, fair, refused
from tests.slack_desk import SlackDesk
from tests.slack_stand_in import until

HELLO = json.dumps({"type": "url_verification", "challenge": "heliotrope"}).encode()
ME = fair(team_id="T0FERN", user_id="U0BOT", bot_id="B0BOT")


@pytest.fixture
def server():
    with BadServer() as found:
        yield found


@pytest.fixture
def joined(tmp_path, server, monkeypatch):
    """Staffroom's side of Slack over HTTP, and what it has said."""
    monkeypatch.setattr(serving, "TRY_AGAIN_S", 0.05)
    parts = SlackDesk(tmp_path).parts
    shared = {each.name: getattr(parts, each.name) for each in fields(Parts) if each.name != "who"}
    settings = Settings(
        tmp_path,
        tmp_path / "data",
        slack_bot_token="xoxb-1",  # noqa: S106 - opens nothing
        slack_signing_secret=SECRET,
        slack_api_url=server.url,
    )
    said = []
    return SlackChat(settings, shared, said.append), said


def hello(chat):
    """What Slack's first request is answered."""
    return post(Starlette(routes=chat.routes), HELLO, headers=signed(HELLO, at=int(time.time())))


def test_a_slack_that_is_there_is_joined_before_anything_else_is_said(joined, server):
    chat, said = joined
    server.answers["auth.test"] = [ME]

    with chat.joining():
        answer = hello(chat)

    assert (answer.status, "heliotrope" in answer.text) == (200, True)
    assert [line for line in said if line.startswith("Listening for Slack at")]


def test_a_slack_that_is_away_holds_up_nothing_and_is_joined_when_it_comes(joined, server):
    chat, said = joined
    server.answers["auth.test"] = [CUT]

    with chat.joining():
        away = hello(chat)
        until(lambda: said)
        server.answers["auth.test"] = [ME]
        until(lambda: [line for line in said if line.startswith("Listening")])
        there = hello(chat)

    assert (away.status, there.status) == (503, 200)
    assert "retry-after" in away.headers
    assert "Slack cannot be reached" in said[0]


def test_a_token_that_slack_refuses_at_the_start_ends_it_with_the_mend(joined, server):
    server.answers["auth.test"] = [refused("invalid_auth")]

    refusal = r"SLACK_BOT_TOKEN: Slack refuses it \(invalid_auth\); copy"
    with pytest.raises(ConfigurationError, match=refusal), joined[0].joining():
        pass


def test_a_token_that_slack_refuses_later_is_said_and_everything_else_goes_on(joined, server):
    chat, said = joined
    server.answers["auth.test"] = [CUT]

    with chat.joining():
        until(lambda: said)
        server.answers["auth.test"] = [refused("account_inactive")]
        until(lambda: [line for line in said if line.startswith("Problem: SLACK_BOT_TOKEN")])
        assert hello(chat).status == 503


def test_told_to_end_while_slack_is_away_it_ends_and_speaks_of_no_problem(joined, server):
    chat, said = joined
    server.answers["auth.test"] = [CUT]

    with chat.joining():
        until(lambda: said)

    assert not [line for line in said if line.startswith("Problem")]
