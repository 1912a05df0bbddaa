"""Whom a message in Slack concerns, by author or mention: they hear nothing of it (SAFETY 8, 12, 15)."""

import json
import time

import pytest

from bot.domain.cases import EventKind
from bot.domain.notices import NoticeKind
from bot.raising import Raising
from bot.slack import cards, ids
from tests.slack_desk import PERSONS, SlackDesk
from tests.slack_kit import JO, PEOPLE, _user, read
from tests.unit.test_slack_cards import buttons

HURT = "I hit a girl in my form and left bruises, she says it hurts"
HIT = "hit a boy in year 8 and left bruises"
REPORT = "A pupil sent me a friend request on Instagram and I accepted it"
BY_EMAIL = [{key: each for key, each in person.items() if key != "slack"} for person in PERSONS]
LISTED = pytest.mark.parametrize("persons", [PERSONS, BY_EMAIL], ids=["by Slack id", "by e-mail"])
EVERYBODY = {"amy", "ben", "cat", "dan"}


def desk_of(tmp_path, persons=PERSONS):
    return SlackDesk(tmp_path, person=persons)


def safe(desk):
    """Who may be asked to ring, one after another."""
    return [
        each for notice in desk.waiting(NoticeKind.RING_SENDER) for each in json.loads(notice.detail)["safe"]
    ]


def pressed(desk):
    """File the urgent message; return the case."""
    said = [each for each in desk.slack.sent("chat.postMessage") if ids.TELL_NOW in buttons(each["blocks"])][
        -1
    ]
    value = buttons(said["blocks"])[ids.TELL_NOW]
    desk.bench.press(ids.TELL_NOW, value, JO, channel="D0JO", message={"blocks": said["blocks"]})
    with desk.store.reading() as unit:
        (head,) = unit.reported_by("fernhill", "jo.mint@fernhill.example.org")
    return head.case


def without(user, answer):
    """What Slack says of people, and *answer* of *user*."""
    return lambda said: answer if said["user"] == user else {"user": _user(said["user"])}


@LISTED
def test_safety_12_the_author_of_a_message_neither_rings_nor_gets_the_case_of_it(tmp_path, persons):
    desk = desk_of(tmp_path, persons)
    desk.bench.shortcut("policy_of_message", {"user": "U0AMY", "text": HURT})

    asked = safe(desk)
    access = desk.access(case := pressed(desk))

    assert asked == ["ben", "cat", "dan"]
    assert ("amy" in access.full, "amy" in access.excluded) == (False, True)
    assert "Written in Slack by Amy Ash" in json.dumps(desk.body(case, EventKind.FILED)["answers"])


def test_whoever_asks_about_their_own_message_is_nobody_whom_it_concerns(tmp_path):
    desk = desk_of(tmp_path)
    desk.bench.shortcut("policy_of_message", {"user": JO, "text": HURT})

    assert "Written in Slack" not in json.dumps(desk.body(pressed(desk), EventKind.FILED)["answers"])


@LISTED
@pytest.mark.parametrize("send", ["direct", "mention"])
def test_safety_8_and_12_whoever_is_mentioned_neither_rings_nor_gets_the_case(tmp_path, persons, send):
    desk = desk_of(tmp_path, persons)
    getattr(desk.bench, send)(f"<@U0AMY> {HIT}")

    asked = safe(desk)
    access = desk.access(pressed(desk))

    assert asked == ["ben", "cat", "dan"]
    assert ("amy" in access.full, "amy" in access.excluded) == (False, True)


@pytest.mark.parametrize("answer", ["internal_error", {"user": {"id": "U0AMY", "team_id": "T0FERN"}}])
@pytest.mark.parametrize("by", ["author", "mention"])
def test_safety_12_where_slack_does_not_say_who_it_is_it_may_be_anybody_without_a_slack_id(
    tmp_path, answer, by
):
    desk = desk_of(tmp_path, [*BY_EMAIL[:2], *PERSONS[2:]])
    desk.slack.answers["users.info"] = without("U0AMY", answer)
    if by == "author":
        desk.bench.shortcut("policy_of_message", {"user": "U0AMY", "text": HURT})
    else:
        desk.bench.direct(f"<@U0AMY> {HIT}")

    asked = safe(desk)
    access = desk.access(pressed(desk))

    assert asked == ["cat", "dan"]
    assert {"amy", "ben"} <= set(access.excluded)


def test_an_id_that_is_nobody_s_and_people_who_are_not_listed_keep_nobody_out(tmp_path):
    desk = desk_of(tmp_path, BY_EMAIL)
    desk.slack.answers["users.info"] = without("U0NONE", "user_not_found")
    desk.bench.direct(f"<@U0NONE> <@U0ROBOT> <@U0GUEST> look: a coach {HIT}")

    assert safe(desk) == ["amy", "ben", "cat", "dan"]


def test_safety_8_somebody_whose_name_in_slack_is_a_listed_person_s_is_that_person(tmp_path, monkeypatch):
    monkeypatch.setitem(PEOPLE, "U0TWO", {"real_name": "Amy Ash", "email": "ash@private.example.org"})
    desk = desk_of(tmp_path, BY_EMAIL)
    desk.bench.direct(f"<@U0TWO> {HIT}")

    assert safe(desk) == ["ben", "cat", "dan"]


def test_whom_the_list_knows_by_slack_id_slack_is_not_asked_about(tmp_path):
    desk = desk_of(tmp_path)
    desk.bench.direct(f"<@U0AMY> <@U0GUEST> {HIT}")

    assert {each["user"] for each in desk.slack.sent("users.info")} == {JO}


def test_a_slack_that_hangs_is_not_waited_for_long_and_keeps_out_whoever_it_may_be(tmp_path):
    desk = desk_of(tmp_path, BY_EMAIL)
    slow = {"U0AMY": 1.5, "U0BEN": 1.5}
    desk.slack.answers["users.info"] = lambda said: (
        time.sleep(slow.get(said["user"], 0)) or {"user": _user(said["user"])}
    )
    desk.bench.direct(f"<@U0AMY> <@U0BEN> {HIT}")

    assert safe(desk) == []
    assert {each.kind for each in desk.waiting()} == {NoticeKind.RING_TOLD}


@pytest.mark.parametrize("text", [REPORT, "May staff use the school's own accounts?", ""])
def test_safety_12_the_card_about_somebody_else_s_message_sends_to_its_menu_where_the_author_is_known(
    tmp_path, text
):
    desk = desk_of(tmp_path)
    desk.bench.shortcut("policy_of_message", {"user": "U0AMY", "text": text, "files": [{"id": "F1"}]})

    said = [each for method in ("chat.postMessage", "respond") for each in desk.slack.sent(method)]
    drawn = [block for each in said for block in each.get("blocks", ())]

    assert cards.FROM_ITS_MENU in read(drawn)
    assert not {ids.OPEN_FORM, cards.WHICH_FORM} & set(buttons(drawn))


def reported(desk, text=REPORT):
    """What the button "Report this" of the card about *text* holds."""
    desk.bench.direct(text)
    return buttons(desk.slack.sent("chat.postMessage")[-1]["blocks"])[ids.OPEN_FORM]


def begun(desk, value, user=JO):
    """The form that a press opens."""
    desk.bench.press(ids.OPEN_FORM, value, user)
    return json.dumps(desk.slack.sent("views.open")[-1]["view"])


def test_safety_29_what_is_reported_stands_in_no_button_and_the_form_begins_with_it(tmp_path):
    desk = desk_of(tmp_path)

    value = reported(desk)

    form, _, words = ids.form_of(value)
    assert (form, words.partition("-")[0]) == ("friend-request", "draft:slack")
    assert REPORT in begun(desk, value)


def test_safety_29_nobody_else_s_press_shows_what_is_sealed(tmp_path):
    desk = desk_of(tmp_path)

    assert REPORT not in begun(desk, reported(desk), "U0BEN")


def test_a_button_whose_words_are_gone_opens_an_empty_form(tmp_path):
    desk = desk_of(tmp_path)
    value = reported(desk)
    desk.clock.pass_by(hours=25)

    assert REPORT not in begun(desk, value)


def test_safety_12_a_mention_in_what_is_sealed_has_the_name_by_which_the_list_knows_them(tmp_path):
    desk = desk_of(tmp_path, BY_EMAIL)

    assert "@Amy Ash (U0AMY)" in begun(desk, reported(desk, f"{REPORT}, <@U0AMY> saw it"))


def test_safety_20_a_press_is_acknowledged_once_the_case_is_stored_and_before_anything_else_is(
    tmp_path, monkeypatch
):
    desk = desk_of(tmp_path)
    desk.bench.direct(f"A coach {HIT}")
    drawn, filed = [], Raising.filed
    monkeypatch.setattr(
        Raising, "filed", lambda *told: (drawn.append(len(desk.slack.sent("chat.update"))), filed(*told))
    )

    pressed(desk)

    assert drawn == [1]
    assert safe(desk) == []
