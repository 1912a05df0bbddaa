"""Socket Mode: begun, refused, tried again and ended; and what is said of it in the log."""

import json
import logging
import threading

import pytest
from slack_bolt import App

from bot.errors import ConfigurationError
from bot.slack import socket
from bot.slack.client import quiet, web_client
from bot.slack.socket import listening
from tests.slack_bad_server import BadServer, failing, refused

WORDS = "the words of a child"
OPEN = "apps.connections.open"


@pytest.fixture
def server():
    with BadServer() as found:
        yield found


@pytest.fixture
def app(server):
    return App(client=web_client("xoxb-1", server.url), logger=quiet("tests.slack_socket"))


@pytest.fixture(autouse=True)
def _at_once(monkeypatch):
    monkeypatch.setattr("slack_sdk.http_retry.handler.time.sleep", lambda _seconds: None)


@pytest.mark.slow
@pytest.mark.parametrize("code", ["invalid_auth", "not_allowed_token_type"])
def test_a_refused_app_token_is_named_with_its_mend_and_nothing_stays_behind(server, app, code):
    server.answers[OPEN] = [refused(code)]
    before = threading.active_count()

    with (
        pytest.raises(ConfigurationError, match=f"SLACK_APP_TOKEN.*{code}"),
        listening(app, "xapp-1", server.url),
    ):
        raise AssertionError("never reached")

    assert threading.active_count() <= before + 1  # the server's own thread of a last answer


@pytest.mark.slow
def test_where_slack_fails_at_first_it_is_asked_again_until_the_block_ends(server, app, monkeypatch):
    monkeypatch.setattr(socket, "TRY_AGAIN_S", 0.01)
    server.answers[OPEN] = [failing(), failing(), refused("internal_error"), refused("invalid_auth")]
    asked = threading.Event()

    with listening(app, "xapp-1", server.url):
        while len(server.asked(OPEN)) < 6:
            asked.wait(0.01)

    count = len(server.calls)
    asked.wait(0.1)
    assert len(server.calls) == count


@pytest.mark.slow
def test_nothing_of_a_payload_is_logged_whatever_goes_wrong_with_it(app, caplog):
    caplog.set_level(logging.DEBUG)
    client = socket.SocketModeHandler(app, "xapp-1", logger=socket._told()).client

    def fail(_client, request):
        raise ValueError(json.dumps(request.payload))

    client.socket_mode_request_listeners = [fail]
    client.run_message_listeners(
        {"type": "interactive", "envelope_id": "e1", "payload": {"words": WORDS}}, WORDS
    )
    client.close()

    assert caplog.messages == ["slack.connection at=run_message_listeners error=ValueError"]
    assert WORDS not in caplog.text
