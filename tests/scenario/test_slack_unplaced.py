"""An urgent message of somebody whose school is unclear is held first, and raised once they choose."""

import json

import pytest
from slack_bolt import Ack

from bot.domain.notices import NoticeKind
from bot.domain.urgent import NOT_TOLD
from bot.errors import StoreBusy
from bot.slack import ids, payloads
from bot.slack.asking import SHORTCUT
from bot.slack.errors import NOT_KEPT, SEND_AGAIN, UNTIL_THEN
from tests.slack_desk import SlackDesk, another_school
from tests.slack_kit import JO, TEAM, read, tapped

URGENT = "A pupil in my class told me her dad is hitting her and she is scared to go home tonight"
WAYS = {
    "a direct message": lambda bench: bench.direct(URGENT),
    "a mention": lambda bench: bench.mention(URGENT),
    "a command": lambda bench: bench.command("/policy", URGENT),
    "a shortcut": lambda bench: bench.shortcut(SHORTCUT, {"text": URGENT, "user": JO}),
}


@pytest.fixture
def trust(tmp_path):
    """Ash and Bay in one workspace, and Jo at one of them, nobody knows which."""
    schools = {
        name: another_school(name, name=f"{name.title()} School", slack={"team": TEAM})
        for name in ("ash", "bay")
    }
    return SlackDesk(tmp_path, schools)


@pytest.fixture(params=WAYS)
def written(request, trust):
    """Sends the urgent message in each of the ways."""
    return lambda: WAYS[request.param](trust.bench)


def card(desk):
    """The last direct message with blocks."""
    return [said for said in desk.slack.sent("chat.postMessage") if said.get("blocks")][-1]


def choice(drawn, school):
    """The value of the button for *school*."""
    values = [
        block["accessory"]["value"]
        for block in drawn["blocks"]
        if (block.get("accessory") or {}).get("action_id") == ids.CHOOSE_SCHOOL
    ]
    return next(value for value in values if value.startswith(school))


def held(desk):
    with desk.store.reading() as unit:
        return [unit.held(key) for key in unit.held_keys("unplaced:")]


def ringing(desk):
    """The schools in which somebody is asked to ring Jo, if nothing is pressed."""
    with desk.store.reading() as unit:
        waiting = [each.notice for school in desk.schools for each in unit.waiting(school)]
    return [notice.school for notice in waiting if notice.kind is NoticeKind.RING_SENDER]


def busy(*_):
    raise StoreBusy("busy")


@pytest.mark.parametrize("way", ["a direct message", "a mention"])
def test_safety_8_an_urgent_message_of_an_unclear_school_is_held_before_slack_has_its_answer(
    trust, monkeypatch, way
):
    answer, order = Ack.__call__, []

    def answered(ack, *said, **more):
        order.append(len(held(trust)))
        return answer(ack, *said, **more)

    monkeypatch.setattr(Ack, "__call__", answered)

    WAYS[way](trust.bench)

    assert order[0] == 1


def test_safety_8_it_is_held_whole_and_while_the_school_is_unclear_nobody_is_asked_to_ring(trust, written):
    written()

    (kept,) = held(trust)
    assert URGENT in kept
    assert ringing(trust) == []


def test_safety_8_the_card_says_first_that_nobody_has_been_told_and_whom_to_ring(trust, written):
    written()

    words = read(card(trust))
    assert words[0].startswith(NOT_TOLD) or words[1].startswith(NOT_TOLD)
    assert "tel:999" in tapped(card(trust))
    assert any("the LADO" in each for each in words)
    assert UNTIL_THEN in words


def test_safety_29_the_button_carries_the_id_of_what_is_held_and_no_word_of_it(trust, written):
    written()

    school, _, onward = choice(card(trust), "bay").partition("\n")
    assert school == "bay"
    assert onward.startswith("urgent ")
    assert "hitting" not in json.dumps(trust.slack.calls)


def test_safety_8_once_the_school_is_chosen_somebody_there_is_asked_to_ring_and_the_card_has_its_buttons(
    trust, written
):
    written()

    trust.bench.press(ids.CHOOSE_SCHOOL, choice(card(trust), "bay"))

    assert ringing(trust) == ["bay"]
    shown = json.dumps(card(trust))
    assert ids.TELL_NOW in shown
    assert ids.ONLY_A_QUESTION in shown
    assert trust.poked
    (kept,) = held(trust)
    assert "hitting" not in kept
    assert trust.parts.who.known(trust.slack, {"user_id": JO, "team_id": TEAM}).school.id == "bay"


def test_safety_8_one_press_of_that_card_files_the_message_at_the_chosen_school(trust):
    trust.bench.direct(URGENT)
    trust.bench.press(ids.CHOOSE_SCHOOL, choice(card(trust), "bay"))
    (press,) = [
        each["value"]
        for block in card(trust)["blocks"]
        for each in block.get("elements", ())
        if each.get("action_id") == ids.TELL_NOW
    ]

    trust.bench.press(ids.TELL_NOW, press)

    with trust.store.reading() as unit:
        (head,) = unit.reported_by("bay", "jo.mint@fernhill.example.org")
    assert head.urgent


@pytest.mark.parametrize("second", ["bay", "ash"])
def test_a_second_press_raises_nothing_again_and_never_says_that_nobody_was_told(trust, second):
    trust.bench.direct(URGENT)
    first = card(trust)
    trust.bench.press(ids.CHOOSE_SCHOOL, choice(first, "bay"))

    trust.bench.press(ids.CHOOSE_SCHOOL, choice(first, second))

    assert ringing(trust) == ["bay"]
    assert any("taken to Bay School before" in each for each in read(card(trust)))
    assert SEND_AGAIN not in read(card(trust))


def test_what_is_not_kept_any_more_is_said_with_whom_to_ring(trust):
    trust.bench.direct(URGENT)
    pressed = choice(card(trust), "bay").partition(" ")[0]

    trust.bench.press(ids.CHOOSE_SCHOOL, f"{pressed} never")

    assert ringing(trust) == []
    assert SEND_AGAIN in read(card(trust))
    assert "tel:999" in tapped(card(trust))


def test_nobody_else_raises_it(trust):
    trust.bench.direct(URGENT)

    trust.bench.press(ids.CHOOSE_SCHOOL, choice(card(trust), "bay"), "U0SAM")

    assert ringing(trust) == []
    assert "hitting" in held(trust)[0]


def test_safety_20_where_it_cannot_be_held_the_card_does_not_say_that_it_is(trust, written, monkeypatch):
    monkeypatch.setattr(type(trust.parts.unplaced), "keep", busy)

    written()

    words = read(card(trust))
    assert NOT_KEPT in words
    assert UNTIL_THEN not in words
    assert choice(card(trust), "bay") == "bay\nurgent"


def test_safety_20_where_it_cannot_be_raised_that_is_said_and_the_same_button_does_it_later(
    trust, monkeypatch
):
    trust.bench.direct(URGENT)
    value = choice(card(trust), "bay")
    with monkeypatch.context() as patch:
        patch.setattr(type(trust.parts.raising), "take", busy)
        trust.bench.press(ids.CHOOSE_SCHOOL, value)
    assert any("NOT SAVED" in each for each in read(card(trust)))
    assert ringing(trust) == []

    trust.bench.press(ids.CHOOSE_SCHOOL, value)

    assert ringing(trust) == ["bay"]


def test_a_choice_that_cannot_be_remembered_takes_nothing_back_of_what_was_raised(trust, monkeypatch):
    trust.bench.direct(URGENT)
    monkeypatch.setattr(type(trust.parts.recognising), "choose", busy)

    trust.bench.press(ids.CHOOSE_SCHOOL, choice(card(trust), "bay"))

    assert ringing(trust) == ["bay"]
    assert "NOT SAVED" not in json.dumps(trust.slack.calls)
    assert "That is remembered" not in json.dumps(trust.slack.calls)


def test_a_plain_question_is_held_nowhere(trust):
    trust.bench.direct("May I post photos of a trip?")

    assert held(trust) == []


def test_the_shortcut_is_the_one_that_asks_about_a_message():
    assert payloads.ABOUT_MESSAGE == SHORTCUT
