"""The door for Slack's requests: what is let in, what is refused, and that nothing of a body is logged."""

import asyncio
import logging
import threading

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from starlette.applications import Starlette

from bot.slack import http
from bot.slack.http import MOST_BYTES, slack_route
from tests.slack_asgi import NOW, SECRET, Answer, as_form, as_json, as_payload, asked, post, signed
from tests.slack_kit import ME, TOKEN

WORDS = "the-words-of-a-child"
MENTION = {
    "type": "event_callback",
    "team_id": "T1",
    "event": {"type": "app_mention", "user": "U1", "text": WORDS, "channel": "C1", "ts": "1.1"},
}
COMMAND = {"command": "/policy", "text": "friends", "user_id": "U1", "team_id": "T1", "trigger_id": "t"}


class Room:
    """Pages with the route, an app that remembers what reached it, and a clock to turn."""

    def __init__(self):
        self.heard, self.now, self.fails, self.gate = [], NOW, False, None
        self.app = App(
            logger=logging.getLogger("tests.slack_http"),
            client=WebClient(token=TOKEN),
            authorize=lambda: ME,
            request_verification_enabled=False,
            process_before_response=True,
        )
        self.app.event("app_mention")(self.on_event)
        self.app.command("/policy")(self.on_command)
        self.app.action("go")(self.on_action)
        self.pages = Starlette(routes=[slack_route(self.app, SECRET, lambda: self.now)])

    def on_event(self, event):
        self.take(event["text"])

    def on_command(self, ack, body):
        self.take(body["text"])
        ack("taken")

    def on_action(self, ack, action):
        self.take(action["value"])
        ack()

    def take(self, words):
        if self.gate:
            self.gate.wait(10)
        if self.fails:
            raise OSError("full")
        self.heard.append(words)

    def post(self, body, kind="application/json", headers=None, **how):
        return post(self.pages, body, kind, headers, **how)


@pytest.fixture
def room():
    return Room()


@pytest.mark.parametrize(
    ("body", "heard"),
    [
        (as_json(MENTION), WORDS),
        (as_form(COMMAND), "friends"),
        (as_form(COMMAND | {"text": "what is a payload?"}), "what is a payload?"),
        (as_form(COMMAND | {"text": "a\nb & c = d é ☎"}), "a\nb & c = d é ☎"),
        (as_payload({"type": "block_actions", "actions": [{"action_id": "go", "value": "7"}]}), "7"),
    ],
    ids=["event", "command", "command with the word payload", "command with signs", "button"],
)
def test_what_slack_signed_reaches_its_listener(room, body, heard):
    answer = room.post(*body)

    assert (answer.status, room.heard) == (200, [heard])


def test_the_address_is_verified_with_the_challenge(room):
    answer = room.post(*as_json({"type": "url_verification", "challenge": "c1", "token": "t"}))

    assert (answer.status, answer.text) == (200, '{"challenge": "c1"}')


def test_what_the_listener_answers_is_answered(room):
    answer = room.post(*as_form(COMMAND))

    assert answer.text == "taken"


BODY = as_json(MENTION)[0]
GOOD = signed(BODY)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "forged"),
        (signed(BODY, NOW, "another"), "forged"),
        (signed(b"another body"), "forged"),
        ({**GOOD, "x-slack-signature": ""}, "forged"),
        ({**GOOD, "x-slack-signature": "v0=é"}, "forged"),
        ({**GOOD, "x-slack-signature": GOOD["x-slack-signature"].upper()}, "forged"),
        ({**GOOD, "x-slack-request-timestamp": str(NOW + 1)}, "forged"),
        ({**GOOD, "x-slack-request-timestamp": "soon"}, "forged"),
        ({**GOOD, "x-slack-request-timestamp": f" {NOW}"}, "forged"),
        ({**GOOD, "x-slack-request-timestamp": "9" * 400}, "forged"),
        (signed(BODY, NOW - 301), "stale"),
        (signed(BODY, NOW + 301), "stale"),
    ],
)
def test_a_forged_or_stale_request_is_refused_unheard_and_nothing_of_it_is_logged(
    room, headers, reason, caplog
):
    caplog.set_level(logging.DEBUG)

    answer = room.post(BODY, headers=headers)

    assert answer == Answer(401, answer.headers, "refused")
    assert room.heard == []
    assert f"slack.refused reason={reason}" in caplog.messages
    assert WORDS not in caplog.text


@pytest.mark.parametrize("at", [NOW - 300, NOW + 300])
def test_a_request_of_the_last_five_minutes_is_taken(room, at):
    assert room.post(BODY, headers=signed(BODY, at)).status == 200


def test_a_replayed_request_is_refused_and_a_second_one_with_the_same_words_is_not(room, caplog):
    answers = [room.post(BODY), room.post(BODY), room.post(BODY, headers=signed(BODY, NOW + 1))]

    assert [each.status for each in answers] == [200, 401, 200]
    assert "slack.refused reason=replayed" in caplog.messages
    assert WORDS not in caplog.text


@pytest.mark.parametrize("later", [0, 299, 300, 301, 599, 600, 601])
def test_no_request_is_ever_taken_twice_whatever_the_time(room, later):
    headers = signed(BODY, NOW + 300)
    room.post(BODY, headers=headers)
    room.now += later

    assert room.post(BODY, headers=headers).status == 401


def test_a_request_that_failed_may_come_again(room):
    room.fails = True
    first = room.post(BODY)
    room.fails = False

    assert (first.status, room.post(BODY).status, room.heard) == (500, 200, [WORDS])


def test_the_memory_of_requests_is_bounded(room, monkeypatch):
    monkeypatch.setattr(http, "_REMEMBERED", 3)
    seen = http._Seen(lambda: NOW)

    for number in range(10):
        seen.first(("t", str(number)))

    assert len(seen.requests) == 3


@pytest.mark.parametrize("parts", [1, 50])
def test_a_body_that_is_too_large_is_not_read_to_its_end(room, parts, caplog):
    body = WORDS.encode() + b"x" * MOST_BYTES

    answer = room.post(body, parts=parts)

    assert (answer.status, answer.text, room.heard) == (413, "refused", [])
    assert "slack.refused reason=too_large" in caplog.messages
    assert WORDS not in caplog.text


def test_the_longest_body_allowed_is_read(room):
    text = "x" * (MOST_BYTES - len(as_json(MENTION | {"event": MENTION["event"] | {"text": ""}})[0]))
    body = as_json(MENTION | {"event": MENTION["event"] | {"text": text}})[0]

    assert len(body) == MOST_BYTES
    assert room.post(body, parts=20).status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b"null", "application/json"),
        (b'"payload"', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"{\xff}", "application/json"),
        (b"payload=%5B%5D", "application/x-www-form-urlencoded"),
        (b"payload=%7B", "application/x-www-form-urlencoded"),
        (as_json({"type": "event_callback", "authorizations": 7})[0], "application/json"),
        (as_json({"team": ["T1"], "user": 7})[0], "application/json"),
    ],
)
def test_a_signed_body_in_no_shape_of_slacks_ends_without_a_traceback(room, body, kind, caplog):
    headers = {} if b"\xff" in body else None

    answer = room.post(body, kind, headers)

    assert answer.status in (400, 401, 404)
    assert room.heard == []
    assert [each for each in caplog.records if each.exc_info] == []
    assert WORDS not in "".join(
        each.getMessage() for each in caplog.records if each.name.startswith("bot.slack")
    )


def test_a_slow_listener_holds_up_nobody_else(room):
    room.gate = threading.Event()

    async def both():
        slow = asyncio.create_task(asked(room.pages, *as_json(MENTION)))
        await asyncio.sleep(0.05)
        quick = await asked(
            room.pages, *as_json({"type": "url_verification", "challenge": "c", "token": "t"})
        )
        room.gate.set()
        return quick, await slow

    quick, slow = asyncio.run(both())

    assert (quick.status, slow.status) == (200, 200)


def test_when_too_many_wait_slack_is_asked_to_come_again_and_the_request_is_not_used_up(room, monkeypatch):
    monkeypatch.setattr(http, "THREADS", 1)
    monkeypatch.setattr(http, "MOST_WAITING", 0)
    room.gate = threading.Event()
    second = as_json(MENTION | {"event_id": "Ev2"})

    async def crowd():
        first = asyncio.create_task(asked(room.pages, *as_json(MENTION)))
        await asyncio.sleep(0.05)
        turned_away = await asked(room.pages, *second)
        room.gate.set()
        return await first, turned_away, await asked(room.pages, *second)

    first, turned_away, again = asyncio.run(crowd())

    assert (first.status, turned_away.status, again.status) == (200, 503, 200)
    assert turned_away.headers["retry-after"] == "1"


def test_a_request_that_is_still_being_heard_is_not_heard_a_second_time(room):
    room.gate = threading.Event()

    async def twice():
        first = asyncio.create_task(asked(room.pages, BODY))
        await asyncio.sleep(0.05)
        second = await asked(room.pages, BODY)
        room.gate.set()
        return await first, second

    first, second = asyncio.run(twice())

    assert (first.status, second.status, room.heard) == (200, 401, [WORDS])


def test_only_posts_are_taken(room):
    async def get():
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/slack/events", "headers": [], "query_string": b""}
        await room.pages(scope, None, send)
        return sent[0]["status"]

    assert asyncio.run(get()) == 405
