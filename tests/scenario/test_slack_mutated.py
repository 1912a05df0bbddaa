"""A thousand random and mutated payloads through the door and the app: no traceback, no half-done case."""

import json
import logging
import random
from collections import Counter
from copy import deepcopy

import pytest
from starlette.applications import Starlette

from bot.casework.room import Member
from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind
from bot.domain.reports import Reporter
from bot.slack import cards, case_views, home, ids, more_evidence, my_reports, receipts
from bot.slack.feedback import SEND_MODAL, WORDING
from bot.slack.http import slack_route
from bot.slack.message_report import CHOOSE, REPORT_MESSAGE
from tests import slack_kit
from tests.filing_desk import PICTURE
from tests.slack_asgi import NOW, SECRET, as_form, as_json, as_payload, post
from tests.slack_desk import SlackDesk
from tests.slack_holder import Holder
from tests.slack_kit import a_view
from tests.slack_reports import CONCERN, REQUEST, Reporting, files, one, some, text

EACH = 2
"""So many odd ones come before each whole payload."""
RANDOM = 40
"""So many that are nothing but random come with each seed."""
NUMBERS = range(10)
SEEDS = [0, *(pytest.param(each, marks=pytest.mark.slow) for each in NUMBERS[1:])]
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
KEYS = [
    *("type", "event", "event_id", "subtype", "channel_type", "user", "user_id", "id", "team", "team_id"),
    *("channel", "channel_id", "actions", "action_id", "value", "selected_option", "selected_options"),
    *("view", "callback_id", "private_metadata", "blocks", "block_id", "element", "state", "values", "hash"),
    *("command", "text", "trigger_id", "response_url", "message", "message_ts", "ts", "thread_ts", "files"),
    *("container", "authorizations", "tab", "assistant_thread"),
]
KINDS = [
    *("event_callback", "block_actions", "view_submission", "view_closed", "message_action", "shortcut"),
    *("url_verification", "app_rate_limited", "block_suggestion", "dialog_submission", "interactive_message"),
]
JO = Reporter("jo.mint@fernhill.example.org", "Jo Mint")
AMY = Member("fernhill", "amy")
PAGE = {"type": "home", "id": "V9", "hash": "h", "blocks": [], "private_metadata": ""}


class Recording(SlackDesk):
    """A desk whose whole payloads are kept, in the order in which somebody would send them."""

    def __init__(self, tmp_path):
        super().__init__(tmp_path, url="https://desk.example.org")
        self.payloads, self.reached = [], set()
        dispatch = self.bench.dispatch
        self.bench.dispatch = lambda body: [self.payloads.append(json.dumps(body)), dispatch(body)][1]
        for listener in self.bench.app._listeners:
            listener.ack_function = self._noted(listener.ack_function)

    def _noted(self, listener):
        def noted(**said):
            self.reached.add(listener)
            return listener(**said)

        self.listeners = [*getattr(self, "listeners", ()), listener]
        return noted


def prepared(desk):
    """Cases of Jo's for every button about one; what is called what by an id of its own on every desk."""
    names = ("held", "asked", "evidenced", "adding", "stopping")
    cases = {
        name: desk.file(
            "concern", *([PICTURE] if name == "evidenced" else []), request=name, reporter=JO
        ).case
        for name in names
    }
    desk.parts.casework.open_case(AMY, cases["asked"], "my case")
    desk.parts.casework.ask_reporter(AMY, cases["asked"], "Which day was it?")
    (sent,) = desk.parts.casework.status("fernhill", JO.handle, cases["evidenced"]).files
    return {**cases, "item": sent.id}


def walked(desk):
    """One of every shape that Slack sends, by going through asking, reporting and casework; the known ids."""
    known = prepared(desk)
    asking(desk.bench)
    cards_pressed(desk)
    commands(desk.bench)
    message_reported(desk)
    reporting(desk)
    adding(desk, known)
    own_reports(desk, known)
    casework(desk, known)
    links(desk.bench)
    return known


def asking(bench):
    bench.mention(f"{CANARY} may I accept a friend request from a pupil?")
    bench.direct(f"{CANARY} may I follow a parent?")
    bench.direct(f"{CANARY} and a former pupil?", thread_ts="1790000000.000300")
    bench.direct("edited", subtype="message_changed", message={"text": CANARY}, previous_message={})
    bench.direct("file", subtype="file_share", files=[{"id": "F1", "name": f"{CANARY}.png"}])
    bench.event({"type": "app_home_opened", "user": "U0AMY", "channel": "D0AMY", "tab": "home"})
    thread = {"channel_id": "D0JO", "thread_ts": "1790000000.000100", "user_id": "U0JO"}
    for event in ("assistant_thread_started", "assistant_thread_context_changed"):
        bench.event({"type": event, "assistant_thread": thread})


def cards_pressed(desk):
    bench, value = desk.bench, cards.card_value("fernhill", f"{CANARY} may I follow a parent?", "6.2")
    card = {"text": "What the policy says", "blocks": desk.slack.sent("chat.postMessage")[0]["blocks"]}
    for action in (cards.HELPFUL, cards.UNHELPFUL):
        bench.press(action, value, message={**card, "ts": f"1790000006.{action}"})
    for action in (cards.MORE, cards.SHARE, cards.WHICH_FORM, cards.SEND):
        bench.press(action, value, channel="C0STAFF")
    wording = desk.slack.sent("views.open")[-1]["view"]
    assert wording["callback_id"] == SEND_MODAL
    bench.submit(a_view(wording), {WORDING: text(f"{CANARY} may I follow a parent?")})
    for urgent, action in (("kills herself", ids.TELL_NOW), ("wants to die", ids.ONLY_A_QUESTION)):
        bench.direct(f"{CANARY} a pupil told me she {urgent} tonight, her uncle hits her")
        held = found(desk.slack.calls, "action_id", action)[-1]
        bench.press(
            action, held["value"], message={"blocks": desk.slack.sent("chat.postMessage")[-1]["blocks"]}
        )


def commands(bench):
    for command in ("/policy", "/concern", "/log-trolling", "/adult-concern", "/my-reports", "/cases"):
        bench.command(command, f"{CANARY} friends")
    for callback in ("policy_of_message", REPORT_MESSAGE):
        bench.shortcut(callback, {"text": f"{CANARY} you are dead", "user": "U0CAT"})
    bench.press(ids.OPEN_FORM, f"concern\n{CANARY}")
    for value in ("fernhill", f"fernhill\nask {CANARY}", "fernhill\nform concern"):
        bench.press(ids.CHOOSE_SCHOOL, value)
    bench.press(home.CHOOSE, "fernhill", view=PAGE)


def message_reported(desk):
    """What a message says, then which form it is, then the form."""
    jo = Reporting(desk)
    desk.bench.shortcut(REPORT_MESSAGE, {"text": f"{CANARY} you are dead", "user": "U0CAT", "team": "T0FERN"})
    assert jo.opened()["callback_id"] == CHOOSE
    jo.submit(form=one("concern"), words=text(f"{CANARY} you are dead"))
    jo.submit(**CONCERN, gate=one("no"))


def reporting(desk):
    """Sent in one go; with a gate that was answered twice, somebody ticked, and files; and added to."""
    who = {**CONCERN["who"], "value": CANARY}
    jo = Reporting(desk)
    jo.sent({**CONCERN, "who": who}, gate=one("no"))
    jo.press(next(iter(found(jo.view, "action_id", receipts.ADD_MORE))))
    later = {
        field["block_id"]: field["element"]["type"] for field in jo.opened()["blocks"] if "element" in field
    }
    said = {block: text(CANARY) for block, kind in later.items() if kind == "plain_text_input"}
    jo.change(next(iter(later)), said)
    jo.submit(**said)
    jo.submit()
    other = Reporting(desk)
    other.command("/report-friend-request")
    other.change("gate", {**REQUEST, "gate": one("no")})
    other.submit(**REQUEST, gate=one("no"))
    other.change("concerned", {"concerned": some("ben")})
    other.updated()
    other.submit(concerned=some("ben"), files=files("F1", "F2"))
    stopped = Reporting(desk)
    stopped.command("/log-trolling")
    stopped.change("gate", {"gate": one("yes")})
    Reporting(desk).sent(REQUEST, "/report-friend-request", gate=one("not-sure"))


def adding(desk, known):
    """More evidence: the gate, then files; and a gate that stops it."""
    for name, answer in (("adding", "no"), ("stopping", "yes")):
        jo = Reporting(desk)
        desk.bench.press(ids.MORE_EVIDENCE, f"fernhill {known[name]}")
        jo.opened()
        jo.submit(gate=one(answer))
        if answer == "no":
            jo.submit(files=files("F3"))


def own_reports(desk, known):
    """The list, an answer to the DSL, what cannot be had, what was sent, and a lock."""
    jo = Reporting(desk)
    desk.bench.press(ids.MY_REPORTS)
    listed = jo.opened()
    about = f"fernhill {known['asked']}"
    jo.press(found(listed, "action_id", my_reports.ANSWER)[0])
    jo.opened()
    jo.submit(text=text(f"{CANARY} on Tuesday"))
    jo.view = listed
    jo.press(next(each for each in found(listed, "action_id", my_reports.CANNOT) if about in each["value"]))
    desk.bench.press(ids.SHOW_SENT, f"fernhill {known['evidenced']}")
    jo.view = listed
    desk.bench.press(f"{my_reports.LOCK}.1", f"fernhill {known['evidenced']} {known['item']}", view=listed)


def casework(desk, known):
    """The list, a case opened from a message and in a modal, the reason for it, and what is saved."""
    amy, value = Holder(desk), f"fernhill {known['held']}"
    desk.bench.press(ids.LIST_CASES, "", "U0AMY")
    desk.bench.press(ids.LIST_CASES, "", "U0AMY", view=PAGE)
    view = amy.open(known["held"])
    amy.save(view, hand=True, note=f"{CANARY} rang home.", reply=f"{CANARY} thank you.")
    amy.save(a_view(amy.shown()), note=f"{CANARY} and again.")
    desk.bench.press(ids.OPEN_CASE, value, "U0AMY", view=view)
    desk.bench.press(ids.OPEN_CASE, value, "U0BEN")


def links(bench):
    for action in (case_views.AT_DESK, receipts.DESK_LINK, more_evidence.UPLOAD_LINK):
        bench.press(action, url="https://desk.example.org")


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


def receipted(*drawn):
    """The cases whose receipts stand in *drawn*: not those that only a list names."""
    shown = [each for part in drawn for each in rows(part) if any(map(is_title, each))]
    return {each["value"] for blocks in shown for each in found(blocks, "action_id", ids.SHOW_SENT)}


def is_title(block):
    return block.get("type") == "header" and "our report is stored" in block["text"]["text"]


def rows(drawn):
    """Every list of blocks in *drawn*."""
    if isinstance(drawn, dict):
        own = [drawn["blocks"]] if drawn.get("blocks") else []
        return [*own, *(each for part in drawn.values() for each in rows(part))]
    return [each for part in drawn for each in rows(part)] if isinstance(drawn, list | tuple) else []


def at_random(dice, key, depth=5, speaks=True):
    """Anything at all to stand under *key*, of the values that Slack has and of those that it has not."""
    # What stands in place of an id goes into the log as one: there are no words in it.
    speaks = speaks and not key.endswith(("id", "ts"))
    kind = dice.randrange(5) if depth else 0
    if kind < 2:
        words = [CANARY, f"{CANARY}{CONTROL}"] * 10 if key in LONG and speaks else []
        return deepcopy(dice.choice([*ANY, *OTHERS, *KINDS, *words, dice.random()]))
    if kind == 2:
        return [at_random(dice, key, depth - 1, speaks) for _ in range(dice.randrange(4))]
    return an_object(dice, dice.randrange(9), depth - 1, speaks)


def an_object(dice, most, depth=5, speaks=True):
    return {key: at_random(dice, key, depth, speaks) for key in dice.sample(KEYS, most)}


def random_request(dice):
    """A body and its type: of any letters, of an object in the wrong wrapping, or much like Slack's."""
    way = dice.randrange(5)
    if way == 0:
        kinds = ("application/json", "application/x-www-form-urlencoded", "text/plain", "")
        return dice.randbytes(dice.randrange(300)).decode("latin-1").encode(), dice.choice(kinds)
    body = an_object(dice, dice.randrange(1, 20))
    if way > 2:
        body["type"] = dice.choice(KINDS)
    return dice.choice((as_json, as_form, as_payload))(body)


def mutated(body, dice):
    """*body* with one to four things in it changed."""
    for _ in range(dice.randint(1, 4)):
        places = [
            (at, key)
            for at in objects(body, handed_back(body))
            for key in (at if isinstance(at, dict) else range(len(at)))
        ]
        if places:
            at, key = dice.choice(places)
            changed(at, key, dice)
    return body


def handed_back(body):
    """The blocks in *body* that are drawn again as they came: Slack hands back what we drew, and no more."""
    message, view = (body.get(each) for each in ("message", "view"))
    again = view if isinstance(view, dict) and view.get("callback_id") == my_reports.ANSWER_VIEW else None
    return [each.get("blocks") for each in (message, again) if isinstance(each, dict)]


def objects(value, kept=()):
    """Every dict and list in *value*, itself the first, but for those that are *kept* as they are."""
    if isinstance(value, dict | list) and not any(value is each for each in kept):
        yield value
        for each in value.values() if isinstance(value, dict) else value:
            yield from objects(each, kept)


def changed(at, key, dice):
    """Change what lies in *at* under *key* in one of the ways in which a payload can be odd."""
    way = dice.randrange(7)
    if way == 0:
        del at[key]
    elif way == 1:
        at[key] = deepcopy(dice.choice(ANY))
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
                self.wrong.append((repr(error), said))
                raise

        monkeypatch.setattr(slack_kit, "checked", watched)
        super().__init__(tmp_path, url="https://desk.example.org")
        # What fails before anything of ours is drawn by a client that Bolt makes after this one: to nobody.
        self.slack.base_url, self.slack.retry_handlers = "http://127.0.0.1:9/api/", []
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
def walk(tmp_path_factory):
    """The desk on which somebody went through everything, and what is called what there."""
    desk = Recording(tmp_path_factory.mktemp("whole"))
    return desk, walked(desk)


def renamed(payload, there, here):
    """*payload* about the same cases and files on another desk."""
    for name, identity in there.items():
        payload = payload.replace(identity, here[name])
    return payload


def test_every_listener_is_reached_by_a_whole_payload(walk):
    desk, _ = walk

    assert {each.__qualname__ for each in desk.listeners} == {each.__qualname__ for each in desk.reached}


def test_all_seeds_together_send_more_than_a_thousand_odd_payloads(walk):
    desk, _ = walk

    assert len(NUMBERS) * (len(desk.payloads) * EACH + RANDOM) >= 1000


@pytest.mark.parametrize("seed", SEEDS)
def test_mutated_payloads_end_well_and_leave_no_half_done_case(tmp_path, walk, seed, caplog, monkeypatch):
    caplog.set_level(logging.DEBUG)
    # As `staffroom serve` sets it.
    caplog.set_level(logging.WARNING, "slack_sdk")
    dice = random.Random(seed)  # noqa: S311 - no secret: the same numbers each time
    desk, (recording, there) = Watched(tmp_path, monkeypatch), walk
    here = prepared(desk)
    before = desk.cases()

    for payload in recording.payloads:
        whole = renamed(payload, there, here)
        for _ in range(EACH):
            desk.post(*as_slack_sends(mutated(json.loads(whole), dice)))
        # And as it is: the odd ones before it have spoilt nothing.
        desk.post(*as_slack_sends(json.loads(whole)))
    for _ in range(RANDOM):
        desk.post(*random_request(dice))

    assert [each for each in caplog.records if each.exc_info or "Traceback" in each.getMessage()] == []
    assert [each for each in caplog.text.splitlines() if CANARY in each] == []
    assert desk.wrong == []
    assert set(desk.statuses) <= {200, 400, 401, 404, 413}
    assert desk.statuses.total() == len(recording.payloads) * (EACH + 1) + RANDOM
    # Every case has its receipt, and every receipt its case.
    assert desk.cases() - before == receipted(desk.answers, desk.slack.calls) - before
    assert len(desk.cases() - before) >= 2
    # The whole ones about a case have met it.
    assert EventKind.NOTED.value in desk.kinds(here["held"])
    assert EventKind.ADDED.value in desk.kinds(here["asked"])
    assert EventKind.EVIDENCE_LOCKED.value in desk.kinds(here["evidenced"])
    assert list(desk.store.verify()) == []
