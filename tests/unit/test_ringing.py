"""Ring [sender]: who is asked next when somebody is not reached, and what the sender hears of it."""

from datetime import timedelta

import pytest

from bot.delivery.ringing import Ringing as AfterRinging
from bot.domain.notice_details import Ringing
from bot.domain.notices import NoticeKind
from tests.delivery_desk import MONDAY, Desk

RINGING = Ringing("ab" * 12, "Jo Mint", "jo@example.org", ("amy", "ben", "cat"))
SENDER = "reporter:jo@example.org"
ASK, TOLD = NoticeKind.RING_SENDER, NoticeKind.RING_TOLD


@pytest.fixture
def desk(tmp_path):
    made = Desk(tmp_path)
    with made.store.writing() as unit:
        unit.hold(RINGING.held, "words", MONDAY + timedelta(hours=24))
        unit.enqueue(RINGING.ask(made.school, "amy", MONDAY))
    return made


def press(desk):
    with desk.store.writing() as unit:
        unit.let_go(RINGING.held)


def test_safety_8_the_sender_is_told_once_somebody_was_asked(desk):
    desk.delivery.run_once()
    desk.after(minutes=1)

    assert desk.told() == [("amy", ASK), (SENDER, TOLD)]


def test_the_sender_is_told_nothing_before_somebody_was_asked(desk):
    desk.chat.plan = ["fail"]

    desk.delivery.run_once()

    assert desk.told() == []


def test_safety_8_whoever_cannot_be_reached_is_followed_by_the_next_safe_person(desk):
    desk.chat.cannot = {"amy"}

    desk.delivery.run_once()

    assert desk.told() == [("ben", ASK), (SENDER, TOLD)]


def test_the_next_is_asked_once_however_often_the_first_fails(desk):
    desk.chat.failing = {"amy": 6}
    for _ in range(12):
        desk.after(minutes=5)

    assert sorted(desk.told()) == sorted([("amy", ASK), ("ben", ASK), (SENDER, TOLD), (SENDER, TOLD)])


def test_safety_8_when_nobody_is_left_the_sender_is_told_to_ring_themselves(desk):
    desk.chat.cannot = {"amy", "ben", "cat"}

    for _ in range(3):
        desk.after(minutes=10)

    assert desk.told() == [(SENDER, TOLD)]
    assert {each.to for each in desk.waiting() if each.kind is ASK} == {"amy", "ben", "cat"}


def test_dan_whom_the_text_names_is_never_asked(desk):
    desk.chat.cannot = {"amy", "ben", "cat"}

    desk.after(hours=1)

    assert ("dan", ASK) not in desk.told()


def test_nobody_more_is_asked_once_the_sender_has_pressed(desk):
    desk.chat.cannot = {"amy"}
    press(desk)

    desk.delivery.run_once()

    assert desk.told() == []


@pytest.mark.parametrize("follows", ["told", "not_reached"])
@pytest.mark.parametrize("detail", ["", "Jo Mint", '{"raised": "ab", "safe": 3}'])
def test_a_notice_that_says_nothing_leads_to_nothing(desk, follows, detail):
    notice = RINGING.ask(desk.school, "amy", MONDAY)
    after = AfterRinging({"fernhill": desk.school})

    with desk.store.writing() as unit:
        before = len(unit.waiting("fernhill"))
        getattr(after, follows)(unit, type(notice)(notice.key, ASK, "fernhill", "amy", MONDAY, detail=detail))
        getattr(AfterRinging({}), follows)(unit, notice)

        assert len(unit.waiting("fernhill")) == before
