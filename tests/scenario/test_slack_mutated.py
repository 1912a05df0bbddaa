"""A thousand random and mutated payloads through the door and the app: no traceback, no half-done case."""

import json
import logging
import random
from collections import Counter

import pytest
from starlette.applications import Starlette

from bot.domain.audit import AuditKind
from bot.slack import ids
from bot.slack.http import slack_route
from tests import slack_kit
from tests.slack_asgi import NOW, SECRET, as_form, as_json, as_payload, post
from tests.slack_desk import SlackDesk
from tests.slack_reports import CONCERN, REQUEST, Reporting, one

EACH = 4
"""So many odd ones come before each whole payload: more than a thousand with all seeds together."""
SEEDS = [0, *(pytest.param(each, marks=pytest.mark.slow) for each in range(1, 10))]
CANARY = "canary-8d1f"
"""Stands in every text of every payload, and in no line of the log."""
CONTROL = "\x00\x07\x1b[31m\u202e\u2028\ud800\ufffe"
OTHERS = [
    *("U0AMY", "U0CAT", "U0FAR", "U0ROBOT", "U0GUEST", "W9", "T0OTHER", "C0DSL", "D0AMY", "fernhill", ""),
    *("fernhill AAAA-0000", "../../etc", "-1", "9" * 400, "report_modal", ids.OPEN_CASE, ids.TELL_NOW),
    *("/concern", "/cases", "block_actions", "view_submission", "message", "message_changed", "file_share"),
]
LONG = ("text", "value", "name", "title", "real_name", "domain", "username", "response_url", "label")
"""What may be of any length; an id of Slack never is."""
ANY = [None, 0, -1, 1.5, True, False, "", [], {}, [[]], [None], {"": None}, 10**30, "\x00"]


class Recording(SlackDesk):
    """A desk whose whole payloads are kept, in the order in which somebody would send them."""

    def __init__(self, tmp_path):
        super().__init__(tmp_path)
        self.payloads = []
        dispatch = self.bench.dispatch
        self.bench.dispatch = lambda body: [self.payloads.append(json.dumps(body)), dispatch(body)][1]


def whole_payloads(tmp_path):
    """One of every shape that Slack sends, made by going through asking, reporting and a case once."""
    desk = Recording(tmp_path)
    bench = desk.bench
    bench.mention(f"{CANARY} may I accept a friend request from a pupil?")
    bench.direct(f"{CANARY} may I follow a parent?")
    bench.direct(f"{CANARY} a pupil told me her uncle hits her")
    bench.direct("edited", subtype="message_changed", message={"text": CANARY}, previous_message={})
    bench.direct("file", subtype="file_share", files=[{"id": "F1", "name": f"{CANARY}.png"}])
    bench.event({"type": "app_home_opened", "user": "U0AMY", "channel": "D0AMY", "tab": "home"})
    for command in ("/policy", "/concern", "/log-trolling", "/adult-concern", "/my-reports", "/cases"):
        bench.command(command, f"{CANARY} friends")
    for callback in ("policy_of_message", "report_message"):
        bench.shortcut(callback, {"text": f"{CANARY} you are dead", "user": "U0CAT"})
    filed = Reporting(desk).sent({**CONCERN, "who": {**CONCERN["who"], "value": CANARY}}, gate=one("no"))
    Reporting(desk).sent(REQUEST, "/report-friend-request", gate=one("not-sure"))
    value = next(iter(receipts(filed) or {"fernhill AAAA"}))
    held = next((each["value"] for each in found(desk.slack.calls, "action_id", ids.TELL_NOW)), "m1")
    pressed = (ids.OPEN_FORM, ids.MY_REPORTS, ids.MORE_EVIDENCE, ids.SHOW_SENT, ids.OPEN_CASE, ids.LIST_CASES)
    for action in (*pressed, ids.ONLY_A_QUESTION, ids.TELL_NOW, ids.CHOOSE_SCHOOL):
        bench.press(action, {ids.OPEN_FORM: "concern", ids.TELL_NOW: held}.get(action, value), "U0AMY")
    return desk.payloads


def found(drawn, key, value):
    """Every object in *drawn* whose *key* is *value*."""
    if isinstance(drawn, dict):
        own = [drawn] if drawn.get(key) == value else []
        return [*own, *(each for part in drawn.values() for each in found(part, key, value))]
    return (
        [each for part in drawn for each in found(part, key, value)]
        if isinstance(drawn, list | tuple)
        else []
    )


def receipts(*drawn):
    """The cases whose receipts stand in *drawn*."""
    return {each["value"] for part in drawn for each in found(part, "action_id", ids.SHOW_SENT)}


def mutated(body, dice):
    """*body* with one to four things in it changed."""
    for _ in range(dice.randint(1, 4)):
        places = [
            (at, key) for at in objects(body) for key in (at if isinstance(at, dict) else range(len(at)))
        ]
        if places:
            at, key = dice.choice(places)
            changed(at, key, dice)
    return body


def objects(value):
    """Every dict and list in *value*, itself the first."""
    if isinstance(value, dict | list):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from objects(each)


def changed(at, key, dice):
    """Change what lies in *at* under *key* in one of the ways in which a payload can be odd."""
    way = dice.randrange(7)
    if way == 0:
        del at[key]
    elif way == 1:
        at[key] = dice.choice(ANY)
    elif way == 2:
        at[key] = dice.choice(OTHERS)
    elif way == 3:
        at[key] = f"{at[key]}{CONTROL}" if isinstance(at[key], str) else [at[key]]
    elif way == 4:
        at[key] = CANARY * dice.choice([1, 300, 20_000]) if key in LONG else "X" * dice.choice([1, 250])
    elif way == 5:
        at[key] = [at[key]] * 3
    elif isinstance(at, dict):
        at[f"{key}x"] = at.pop(key)


def as_slack_sends(body):
    """The body of the request, and its type, as far as what is left of *body* tells which."""
    if not isinstance(body, dict) or body.get("type") == "event_callback" or "event" in body:
        return as_json(body)
    return as_form(body) if "command" in body else as_payload(body)


class Watched(SlackDesk):
    """A desk behind the door, where what is drawn wrongly is kept: the app must not be able to hide it."""

    def __init__(self, tmp_path, monkeypatch):
        self.wrong, self.answers, self.statuses = [], [], Counter()
        checked = slack_kit.checked

        def watched(said):
            try:
                checked(said)
            except Exception as error:
                self.wrong.append(repr(error))
                raise

        monkeypatch.setattr(slack_kit, "checked", watched)
        super().__init__(tmp_path)
        self.pages = Starlette(routes=[slack_route(self.bench.app, SECRET, lambda: NOW)])

    def post(self, body, kind):
        answer = post(self.pages, body, kind)
        self.statuses[answer.status] += 1
        if answer.text.startswith("{"):
            self.answers.append(json.loads(answer.text))

    def cases(self):
        with self.store.reading() as unit:
            rows = list(unit.audit_rows("fernhill"))
        return {f"fernhill {row.case}" for row in rows if row.kind is AuditKind.EVENT}


@pytest.fixture(scope="module")
def payloads(tmp_path_factory):
    return whole_payloads(tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_payloads_end_well_and_leave_no_half_done_case(tmp_path, payloads, seed, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    dice = random.Random(seed)  # noqa: S311 - no secret: the same numbers each time
    desk = Watched(tmp_path, monkeypatch)

    for payload in payloads:
        for _ in range(EACH):
            desk.post(*as_slack_sends(mutated(json.loads(payload), dice)))
        # And as it is: the odd ones before it have spoilt nothing.
        desk.post(*as_slack_sends(json.loads(payload)))

    assert [each for each in caplog.records if each.exc_info or "Traceback" in each.getMessage()] == []
    assert CANARY not in caplog.text
    assert desk.wrong == []
    assert set(desk.statuses) <= {200, 400, 401, 404, 413}
    # Every case has its receipt, and every receipt its case.
    assert desk.cases() == receipts(desk.answers, desk.slack.calls)
    assert len(desk.cases()) >= 2
    assert list(desk.store.verify()) == []
