"""Two schools in one workspace: a button leads to the school it was drawn for, and no report is missed."""

import json

import pytest

from bot.domain.membership import Sighting
from bot.domain.triage import Form
from bot.slack import ids
from bot.slack.payloads import Payload
from tests.slack_desk import SlackDesk, another_school
from tests.slack_kit import JO, TEAM, read
from tests.slack_reports import CONCERN, Reporting

HANDLE = "jo.mint@fernhill.example.org"
SLIP = "A year 9 pupil sent me a friend request on Instagram, I accepted it"


@pytest.fixture
def trust(tmp_path):
    """Ash and Bay, each with a channel; Jo has said that theirs is Bay."""
    places = {"ash": "C0ASH", "bay": "C0BAY"}
    schools = {
        name: another_school(
            name, name=f"{name.title()} School", slack={"team": TEAM, "channels": {channel: "site"}}
        )
        for name, channel in places.items()
    }
    desk = SlackDesk(tmp_path, schools)
    desk.parts.recognising.choose(Sighting(TEAM, JO), "bay")
    return desk


def sent(desk, channel):
    """Jo sends a report from *channel*; its case, and the receipt."""
    before = cases(desk)
    jo = Reporting(desk)
    desk.bench.command("/concern", channel_id=channel)
    jo.opened()
    jo.submit(**CONCERN)
    jo.submit()
    (case,) = cases(desk) - before
    return case, jo.view


def cases(desk):
    with desk.store.reading() as unit:
        return {head.case for school in ("ash", "bay") for head in unit.reported_by(school, HANDLE)}


def opened(desk):
    return desk.slack.sent("views.open")[-1]["view"]


def values(drawn, action):
    """The values of the buttons with *action* anywhere in *drawn*."""
    if isinstance(drawn, list):
        return [each for part in drawn for each in values(part, action)]
    if not isinstance(drawn, dict):
        return []
    own = [drawn.get("value", "")] if drawn.get("action_id") == action else []
    return own + [each for part in drawn.values() for each in values(part, action)]


def test_the_form_of_a_card_is_of_the_school_whose_card_it_is_wherever_it_is_pressed(trust):
    trust.bench.mention(SLIP, channel="C0ASH")
    (value,) = set(values(trust.slack.sent("chat.postMessage"), ids.OPEN_FORM))

    trust.bench.press(ids.OPEN_FORM, value, channel="D0JO")

    assert "Ash School" in read(opened(trust))
    assert "Bay School" not in json.dumps(opened(trust))


@pytest.mark.parametrize("value", ["concern", "concern\nShe said no", "no form at all"])
def test_an_older_button_without_a_school_opens_the_form_of_their_own(trust, value):
    trust.bench.press(ids.OPEN_FORM, value if value != "no form at all" else "")

    assert "Bay School" in read(opened(trust))


def test_a_form_of_a_school_that_is_not_there_opens_nothing(trust):
    trust.bench.press(ids.OPEN_FORM, "concern nowhere")

    assert trust.slack.sent("views.open") == []
    assert "999" in json.dumps(trust.slack.sent("chat.postMessage"))


def test_safety_31_my_reports_below_a_receipt_is_of_the_school_of_that_report(trust):
    case, receipt = sent(trust, "C0ASH")
    (value,) = values(receipt, ids.MY_REPORTS)

    trust.bench.press(ids.MY_REPORTS, value)

    assert value == "ash"
    assert case in json.dumps(opened(trust))


@pytest.mark.parametrize("ask", [lambda desk: desk.bench.command("/my-reports"), None])
def test_safety_31_the_command_and_the_home_page_list_the_reports_at_every_school_of_theirs(trust, ask):
    of_ash, of_bay = sent(trust, "C0ASH")[0], sent(trust, "C0BAY")[0]

    if ask:
        ask(trust)
        drawn = opened(trust)
    else:
        trust.bench.event({"type": "app_home_opened", "user": JO, "channel": "D0JO", "tab": "home"})
        drawn = trust.slack.sent("views.publish")[-1]["view"]

    told = json.dumps(drawn["blocks"]).rpartition('"My reports"')[2]
    places = [told.index(words) for words in ("Ash School", of_ash, "Bay School", of_bay)]
    assert places == sorted(places)
    assert values(drawn, ids.MY_REPORTS) == ["ash", "bay"]


def test_a_report_at_one_of_several_schools_is_listed_with_its_school(trust):
    case, _ = sent(trust, "C0ASH")

    trust.bench.command("/my-reports")

    words = read(opened(trust))
    assert "Ash School" in words
    assert "Bay School" not in words
    assert any(case in each for each in words)


def test_nobody_is_asked_for_their_school_before_they_see_their_reports(trust):
    trust.bench.command("/my-reports", user="U0SAM")

    assert "You have sent no reports here." in read(opened(trust))


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("concern", ("concern", "", "")),
        ("concern\nwords here", ("concern", "", "words here")),
        ("concern ash", ("concern", "ash", "")),
        ("concern ash\nwords\nhere", ("concern", "ash", "words\nhere")),
        ("", ("", "", "")),
    ],
)
def test_the_value_of_a_form_button_is_read_back_as_it_was_written(value, parts):
    assert ids.form_of(value) == parts
    assert ids.form_value(*parts) == value


def test_a_form_that_did_not_open_is_offered_again_at_its_school():
    pressed = {"action_id": ids.OPEN_FORM, "value": "concern ash\nwords"}
    chosen = {"action_id": ids.CHOOSE_SCHOOL, "value": "ash\nform concern"}

    again = [Payload({"type": "block_actions", "actions": [each]}) for each in (pressed, chosen)]

    assert [each.pressed_again for each in again] == [
        (ids.OPEN_FORM, "Open", "concern ash\nwords"),
        (ids.OPEN_FORM, "Open", "concern ash"),
    ]
    assert again[0].onward == f"form {Form.CONCERN}"
