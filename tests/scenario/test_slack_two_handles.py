"""A report that was sent while Slack named no e-mail lies under the Slack id, and stays its sender's own."""

import json

import pytest

from bot.casework.room import Member
from bot.slack import ids, my_reports
from bot.slack.my_reports import SENT, TEXT
from tests.slack_desk import SlackDesk
from tests.slack_kit import JO, PEOPLE
from tests.slack_reports import Reporting, button_in, one, text

HANDLE = "jo.mint@fernhill.example.org"
AMY = Member("fernhill", "amy")


@pytest.fixture
def desk(tmp_path):
    """While Jo sent a report, Slack did not say who they are; now it does."""
    desk = SlackDesk(tmp_path)
    desk.slack.answers["users.info"] = "internal_error"
    Reporting(desk).sent(gate=one("no"))
    del desk.slack.answers["users.info"]
    return desk


@pytest.fixture
def case(desk):
    with desk.store.reading() as unit:
        assert unit.reported_by("fernhill", HANDLE) == ()
        (head,) = unit.reported_by("fernhill", JO)
    return head.case


def opened(desk):
    return desk.slack.sent("views.open")[-1]["view"]


def value(case):
    return ids.case_value("fernhill", case)


@pytest.mark.parametrize("again", ["one", "two"])
def test_safety_20_it_is_listed_beside_what_lies_under_the_e_mail(desk, case, again):
    other = None
    if again == "two":
        Reporting(desk).sent(gate=one("no"))
        with desk.store.reading() as unit:
            (other,) = unit.reported_by("fernhill", HANDLE)

    desk.bench.command("/my-reports")

    told = json.dumps(opened(desk))
    assert case in told
    assert other is None or other.case in told


def test_safety_20_it_stands_on_the_home_page(desk, case):
    desk.bench.event({"type": "app_home_opened", "user": JO, "channel": "D0JO", "tab": "home"})

    assert case in json.dumps(desk.slack.sent("views.publish")[-1])


def test_safety_25_what_was_sent_is_shown(desk, case):
    desk.bench.press(ids.SHOW_SENT, value(case))

    assert opened(desk)["title"]["text"] == SENT
    assert case in json.dumps(opened(desk))


def test_safety_1_more_evidence_is_asked_for_with_the_gate_first(desk, case):
    desk.bench.press(ids.MORE_EVIDENCE, value(case))

    assert opened(desk)["callback_id"] == "more_gate"


def test_a_question_is_answered(desk, case):
    desk.parts.casework.open_case(AMY, case, "my case")
    desk.parts.casework.ask_reporter(AMY, case, "Which day was it?")
    jo = Reporting(desk)
    desk.bench.command("/my-reports")
    jo.press(button_in(jo.opened(), "Answer"))
    jo.opened()

    jo.submit(**{TEXT: text("On Tuesday")})

    (ask,) = desk.parts.casework.status("fernhill", JO, case).asks
    assert ask.answer == "On Tuesday"


@pytest.mark.parametrize("action", [ids.SHOW_SENT, ids.MORE_EVIDENCE, my_reports.ANSWER])
def test_somebody_else_with_the_same_e_mail_sees_nothing_of_it(desk, case, action, monkeypatch):
    monkeypatch.setitem(PEOPLE, "U0NEW", {"real_name": "New Person", "email": HANDLE})

    desk.bench.command("/my-reports", user="U0NEW")
    listed = opened(desk)
    desk.bench.press(action, f"{value(case)} 1", "U0NEW")

    assert case not in json.dumps(listed)
    assert desk.slack.sent("views.open")[-1]["view"] == listed
