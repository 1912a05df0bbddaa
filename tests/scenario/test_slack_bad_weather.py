"""The Web API client in bad weather: whom it waits for, how long, and what it says when it gives up."""

import logging
import threading
from urllib.error import URLError

import pytest
import uvicorn
from slack_bolt import App
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette

from bot.slack import client
from bot.slack.client import LONGEST_S, TIMEOUT_S, quiet, web_client
from bot.slack.http import slack_route
from tests.slack_asgi import SECRET, as_json
from tests.slack_bad_server import CUT, BadServer, deliver, failing, fair, hanging, limited, refused
from tests.slack_kit import ME
from tests.slack_stand_in import until

WORDS = "what the child said"
TOKEN = "xoxb-1-secret"  # noqa: S105 - opens nothing


@pytest.fixture
def server():
    with BadServer() as found:
        yield found


@pytest.fixture
def slept(monkeypatch):
    """What the client would have slept; it does not."""
    naps = []
    for module in ("slack_sdk.http_retry.handler", "slack_sdk.http_retry.builtin_handlers"):
        monkeypatch.setattr(f"{module}.time.sleep", naps.append)
    return naps


def send(server, text=WORDS):
    return web_client(TOKEN, server.url).chat_postMessage(channel="C1", text=text)


@pytest.mark.parametrize("weather", [limited(0), limited(1), failing(500), failing(503), CUT])
def test_a_call_that_may_succeed_soon_is_tried_once_more(server, slept, weather):
    server.answers["chat.postMessage"] = [weather, fair(ts="1.1")]

    assert send(server)["ts"] == "1.1"
    assert [each["text"] for each in server.asked("chat.postMessage")] == [WORDS] * 2
    assert len(slept) == 1
    assert 0 <= slept[0] <= LONGEST_S


@pytest.mark.parametrize("seconds", [2, 30, 3600, "", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_nobody_looking_at_a_screen_waits_longer_than_that(server, slept, seconds):
    server.answers["chat.postMessage"] = [limited(seconds), fair()]

    with pytest.raises(SlackApiError) as raised:
        send(server)

    assert raised.value.response["error"] == "ratelimited"
    assert raised.value.response.headers["Retry-After"] == str(seconds)
    assert (slept, len(server.calls)) == ([], 1)


@pytest.mark.parametrize("weather", [limited(1), failing(500), failing(502), refused("channel_not_found")])
def test_what_stays_bad_is_raised_and_neither_words_nor_token_are_in_it(server, slept, weather, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers["chat.postMessage"] = [weather]

    with pytest.raises(SlackApiError) as raised:
        send(server)

    assert len(server.calls) <= 2
    assert sum(slept) <= LONGEST_S
    for said in (str(raised.value), caplog.text):
        assert WORDS not in said
        assert TOKEN not in said


def test_a_connection_that_is_cut_twice_is_an_error_of_the_network(server, slept):
    server.answers["chat.postMessage"] = [CUT]

    with pytest.raises(OSError, match="closed"):
        send(server)

    assert len(server.calls) == 2


def test_a_server_that_is_not_there_is_an_error_of_the_network(slept, caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(URLError):
        web_client(TOKEN, "http://127.0.0.1:9/api").chat_postMessage(channel="C1", text=WORDS)

    assert WORDS not in caplog.text


def test_a_call_that_hangs_ends(server, slept, monkeypatch):
    monkeypatch.setattr(client, "TIMEOUT_S", 0.2)
    server.answers["chat.postMessage"] = [hanging(60)]

    with pytest.raises(OSError, match="timed out"):
        send(server)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("", "https://slack.com/api/"),
        ("https://slack.example/api", "https://slack.example/api/"),
        ("https://slack.example/api//", "https://slack.example/api/"),
    ],
)
def test_the_address_ends_with_a_slash_and_is_slacks_own_unless_another_is_given(given, used):
    found = web_client(TOKEN, given)

    assert (found.base_url, found.timeout) == (used, TIMEOUT_S)


class Served:
    """An app of one listener under uvicorn; it fails *fails* times, and `heard` numbers the repeats."""

    def __init__(self, fails=0, gate=None):
        self.heard, self.fails, self.gate = [], fails, gate
        app = App(
            client=web_client(TOKEN),
            logger=quiet("tests.slack_served"),
            authorize=lambda: ME,
            request_verification_enabled=False,
            process_before_response=True,
        )
        app.event("app_mention")(self.on_event)
        pages = Starlette(routes=[slack_route(app, SECRET)])
        self.server = uvicorn.Server(
            uvicorn.Config(pages, host="127.0.0.1", port=0, log_config=None, access_log=False)
        )
        self.thread = threading.Thread(target=self.server.run)

    def __enter__(self):
        self.thread.start()
        until(lambda: self.server.started)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/slack/events"
        return self

    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join()

    def on_event(self, request):
        self.heard.append(request.headers.get("x-slack-retry-num", ["0"])[0])
        if self.gate:
            self.gate.wait(10)
        if len(self.heard) <= self.fails:
            raise OSError("full")


MENTION = {
    "type": "event_callback",
    "event": {"type": "app_mention", "user": "U1", "text": WORDS, "channel": "C1", "ts": "1.1"},
}


@pytest.mark.parametrize(("fails", "statuses"), [(0, [200]), (1, [500, 200]), (3, [500, 500, 500, 200])])
def test_an_event_that_failed_is_heard_again_when_slack_repeats_it(fails, statuses):
    with Served(fails) as served:
        assert deliver(served.url, *as_json(MENTION)) == statuses

    assert served.heard == [str(number) for number in range(len(statuses))]


def test_an_event_that_was_not_answered_in_time_is_repeated_and_both_come_to_an_end():
    gate = threading.Event()
    with Served(gate=gate) as served:
        statuses = deliver(served.url, *as_json(MENTION), wait_s=0.2, repeats=1)
        gate.set()

    assert (statuses, served.heard) == ([0, 0], ["0", "1"])
