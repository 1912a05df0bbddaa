"""A store that takes nothing: whoever sends hears NOT SAVED where they look, and whom to ring."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager

import pytest
from slack_bolt import Ack
from starlette.applications import Starlette

from bot.casework.room import Member
from bot.domain.notices import NoticeKind
from bot.domain.urgent import NOT_HELD
from bot.errors import StoreFailed
from bot.slack import feedback, ids, my_reports
from bot.slack.app import slack_app
from bot.slack.desk import SAID
from bot.slack.http import slack_route
from bot.slack.urgent_card import BUTTONS
from bot.store import database
from tests.slack_asgi import NOW, SECRET, as_payload, post, signed
from tests.slack_desk import SlackDesk
from tests.slack_kit import JO, ME, TEAM, a_view, tapped
from tests.slack_reports import CONCERN, Reporting, button_in, files, one, text, words_in

HELD, FULL = "held by another writer", "full"
WORDS = {HELD: "NOT SAVED: the store is busy.", FULL: "NOT SAVED: the store cannot be written."}
CHILD = "A girl in my form has bruises and says her stepdad hit her"
AMY = Member("fernhill", "amy")
TABLES = ("cases", "events", "audit", "requests", "outbox", "held", "memos")


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def jo(desk):
    return Reporting(desk)


@pytest.fixture(params=[HELD, FULL])
def how(request):
    return request.param


class Tries(list):
    """Every attempt at writing, in order; and how many there were before Slack had its answer."""

    before_answer = None


@contextmanager
def stuck(desk, how, busy_s=0.05):
    """Nothing can be written for as long as the block lasts; the attempts at it are yielded."""
    writing, answer, tries = type(desk.store).writing, Ack.__call__, Tries()

    def answered(ack, *said, **more):
        tries.before_answer = len(tries)
        return answer(ack, *said, **more)

    @contextmanager
    def counted(store):
        tries.append(how)
        if how == FULL:
            raise StoreFailed("SQLITE_FULL")
        with writing(store) as unit:
            yield unit

    with pytest.MonkeyPatch.context() as patch, another_writer(desk, how == HELD):
        patch.setattr(type(desk.store), "writing", counted)
        patch.setattr(Ack, "__call__", answered)
        patch.setattr(database, "BUSY_S", busy_s)
        yield tries


@contextmanager
def another_writer(desk, holds=True):
    """Somebody else's connection, in a thread of its own, which *holds* the store and does not let go."""
    begun, over = threading.Event(), threading.Event()

    def hold():
        with closing(sqlite3.connect(desk.store.path, isolation_level=None)) as db:
            if holds:
                db.execute("begin immediate")
            begun.set()
            over.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    begun.wait()
    try:
        yield
    finally:
        over.set()
        thread.join()


def kept(desk):
    """How many rows every table has."""
    with desk.store.reading() as unit:
        return {name: unit.db.table(name).count for name in TABLES}


def cases(desk):
    with desk.store.reading() as unit:
        return [row["id"] for row in unit.db.query("select id from cases")]


def only_case(desk):
    (case,) = cases(desk)
    return case


def error(said):
    """The one error on the open modal."""
    assert said["response_action"] == "errors"
    (words,) = said["errors"].values()
    return words


# What is open on the screen when Send is pressed; each returns what is filled in


def sending(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    return {}


def questions(desk, jo):
    jo.command()
    return CONCERN


def an_answer(desk, jo):
    jo.sent()
    desk.parts.casework.open_case(AMY, only_case(desk), "my case")
    desk.parts.casework.ask_reporter(AMY, only_case(desk), "Which day was it?")
    jo.bench.command("/my-reports")
    jo.press(button_in(jo.opened(), "Answer"))
    jo.opened()
    return {my_reports.TEXT: text("On Tuesday")}


def more_evidence(desk, jo):
    jo.sent(gate=one("no"))
    jo.bench.press(ids.MORE_EVIDENCE, ids.case_value("fernhill", only_case(desk)))
    jo.opened()
    jo.submit(gate=one("no"))
    return {"files": files("F1")}


def a_stop(desk, jo):
    more_evidence(desk, jo)
    jo.bench.press(ids.MORE_EVIDENCE, ids.case_value("fernhill", only_case(desk)))
    jo.opened()
    return {"gate": one("yes")}


def a_wording(desk, jo):
    jo.view = a_view(feedback.wording_view("fernhill", "May staff use the school's own accounts?"))
    return {feedback.WORDING: text("May staff use an account?")}


@pytest.mark.parametrize("screen", [sending, questions, an_answer, more_evidence, a_stop, a_wording])
def test_safety_20_what_is_not_stored_is_said_in_the_open_modal_after_one_attempt(desk, jo, how, screen):
    filled = screen(desk, jo)
    before = kept(desk)
    desk.poked.clear()

    with stuck(desk, how) as tries:
        words = error(jo.submit(**filled))

    assert words.startswith(WORDS[how])
    assert "999" in words
    assert desk.school.telephone("dsl") in words
    assert (len(tries), kept(desk), desk.poked) == (1, before, [])
    # The modal is open as it was.
    assert jo.submit(**filled)["response_action"] != "errors"
    assert kept(desk) != before


def test_the_same_report_sent_again_once_the_store_is_free_is_one_case(desk, jo, how):
    filled = sending(desk, jo)
    view = jo.view
    with stuck(desk, how):
        jo.submit(**filled)
        jo.submit(**filled)
    assert cases(desk) == []

    first = jo.submit(**filled)
    jo.view = view
    second = jo.submit(**filled)

    assert only_case(desk) in words_in(first["view"])
    assert words_in(second["view"]) == words_in(first["view"])


def test_safety_1_the_stop_screen_is_shown_even_where_the_stop_cannot_be_kept(desk, jo, how):
    jo.command()

    with stuck(desk, how) as tries:
        jo.change("gate", {**CONCERN, "gate": one("yes")})

    assert "STOP" in words_in(jo.updated())
    assert WORDS[how] in words_in(desk.slack.sent("views.push")[-1]["view"])
    assert len(tries) == 1


# An urgent message


def card(desk):
    """The last urgent card."""
    return next(said for said in reversed(posts(desk)) if "Urgent: read this first" in words_in(said))


def posts(desk):
    return desk.slack.sent("chat.postMessage")


def tell_now(desk, drawn):
    (buttons,) = [block for block in drawn["blocks"] if block.get("block_id") == BUTTONS]
    value, message = buttons["elements"][0]["value"], {"blocks": drawn["blocks"]}
    return desk.bench.press(ids.TELL_NOW, value, channel=drawn["channel"], message=message)


def taps(said):
    """The numbers in a message that can be tapped."""
    return [number.removeprefix("tel:") for number in tapped(said)]


def test_safety_20_a_press_that_files_nothing_says_so_with_numbers_and_the_buttons_stay(desk, how):
    desk.bench.mention(CHILD)
    drawn = card(desk)
    before = kept(desk)

    with stuck(desk, how) as tries:
        response = tell_now(desk, drawn)

    assert response.status == 200
    assert WORDS[how] in words_in(posts(desk)[-1])
    assert "stored as an urgent case" not in json.dumps(desk.slack.calls)
    assert {"999", desk.school.telephone("dsl").replace(" ", "")} <= set(taps(posts(desk)[-1]))
    assert desk.slack.sent("chat.update") == []
    assert (len(tries), kept(desk)) == (1, before)
    tell_now(desk, drawn)
    tell_now(desk, drawn)
    assert only_case(desk) in words_in(posts(desk)[-1])
    assert desk.head(only_case(desk)).urgent


def test_safety_8_an_urgent_mention_that_is_not_held_says_so_with_numbers_and_has_no_button(desk, how):
    before, later = kept(desk), Later()
    desk.bench.app.listener_runner.listener_executor = later

    with stuck(desk, how) as tries:
        response = desk.bench.mention(CHILD)
        later.run()

    drawn = card(desk)
    assert (response.status, tries.before_answer) == (200, 1)
    assert drawn["channel"] == f"D{JO[1:]}"
    assert WORDS[how] in words_in(drawn)
    assert NOT_HELD in words_in(drawn)
    assert {"999", desk.school.telephone("dsl").replace(" ", "")} <= set(taps(drawn))
    assert BUTTONS not in [block.get("block_id") for block in drawn["blocks"]]
    # Once more after Slack had its answer, when there is time for it.
    assert (len(tries), kept(desk)) == (2, before)
    assert desk.waiting(NoticeKind.RING_SENDER) == []


class Later:
    """An executor that runs what it was given when it is told to."""

    def __init__(self):
        self.work = []

    def submit(self, work):
        self.work.append(work)

    def run(self):
        for work in self.work:
            work()


# A case at the desk


def opened_case(desk):
    """A case of Jo's that its DSL has open, with everything filled in: the view and its state."""
    case = desk.file().case
    desk.bench.press(ids.OPEN_CASE, ids.case_value("fernhill", case), "U0AMY")
    asked = a_view(desk.slack.sent("views.update")[-1]["view"])
    reason = {"reason": {"selected_option": {"value": "0"}}, "own-reason": {"value": None}}
    view = a_view(json.loads(desk.bench.submit(asked, reason, "U0AMY").body)["view"])
    said = {
        "in-hand": {"type": "checkboxes", "selected_options": [{"value": "yes"}]},
        "reply": text("We have it."),
        "note": text("Rang home."),
    }
    inputs = [block["block_id"] for block in view["blocks"] if block["type"] == "input"]
    return case, view, {each: said[each.partition(".")[0]] for each in inputs}


def test_safety_20_a_save_that_stores_nothing_stops_at_the_first_and_sent_again_stores_each_once(desk, how):
    case, view, filled = opened_case(desk)
    before = kept(desk)

    with stuck(desk, how) as tries:
        words = error(json.loads(desk.bench.submit(view, filled, "U0AMY").body))

    assert words.startswith(WORDS[how])
    assert "999" in words
    assert not any(each in words for each in SAID.values())
    assert (len(tries), kept(desk)) == (1, before)
    for _ in range(2):
        said = json.loads(desk.bench.submit(view, filled, "U0AMY").body)
        assert said["response_action"] == "update"
    assert [desk.kinds(case).count(each) for each in ("acknowledged", "reply to the reporter", "note")] == [
        1,
        1,
        1,
    ]


def test_safety_18_a_case_whose_opening_cannot_be_recorded_is_not_shown(desk, how):
    case = desk.file().case
    desk.bench.press(ids.OPEN_CASE, ids.case_value("fernhill", case), "U0AMY")
    asked = a_view(desk.slack.sent("views.update")[-1]["view"])
    reason = {"reason": {"selected_option": {"value": "0"}}, "own-reason": {"value": None}}

    with stuck(desk, how) as tries:
        words = error(json.loads(desk.bench.submit(asked, reason, "U0AMY").body))

    assert words.startswith(WORDS[how])
    assert tries.before_answer == 1
    assert desk.head(case).opened_at is None


# Over HTTP


@pytest.mark.slow
def test_over_http_a_store_stuck_for_the_whole_busy_timeout_is_said_in_the_modal_and_sent_again_is_one_case(
    desk, jo
):
    sending(desk, jo)
    pages = Starlette(routes=[slack_route(desk.bench.app, SECRET, lambda: NOW)])

    with stuck(desk, HELD, database.BUSY_S) as tries:
        refused = submitted(pages, jo.view, NOW)
        assert cases(desk) == []
    stored = submitted(pages, jo.view, NOW + 1)
    again = submitted(pages, jo.view, NOW + 2)

    assert error(refused).startswith(WORDS[HELD])
    assert desk.school.telephone("dsl") in error(refused)
    assert len(tries) == 1
    assert only_case(desk) in words_in(stored["view"])
    assert words_in(again["view"]) == words_in(stored["view"])


def submitted(pages, view, at):
    """What Slack is answered when Jo presses Send at the moment *at*."""
    body, kind = as_payload(
        {
            "type": "view_submission",
            "user": {"id": JO, "username": "jo", "team_id": TEAM},
            "team": {"id": TEAM, "domain": "fern"},
            "trigger_id": f"trigger-{at}",
            "view": {**view, "state": {"values": {}}},
            "response_urls": [],
        }
    )
    answer = post(pages, body, kind, {**signed(body, at)})
    assert answer.status == 200
    return json.loads(answer.text)


@pytest.mark.slow
def test_over_http_several_who_send_while_the_store_is_stuck_are_all_told_before_slack_gives_up(desk, jo):
    views = []
    for _ in range(3):
        sending(desk, jo)
        views.append(jo.view)
    app = slack_app(desk.parts, desk.slack, ME)
    pages = Starlette(routes=[slack_route(app, SECRET, lambda: NOW)])

    def send(number):
        # One after another, so that the later ones wait for those before them as well.
        time.sleep(0.4 * number)
        return submitted(pages, views[number], NOW + number)

    # After 3 s Bolt waits for no listener any more, as Slack itself: then the answer is another one.
    with another_writer(desk), ThreadPoolExecutor(3) as people:
        refused = list(people.map(send, range(3)))

    assert [error(each).startswith(WORDS[HELD]) for each in refused] == [True] * 3
    assert cases(desk) == []
