"""Follow-up questions: what leans on an earlier message, and which earlier ones are ever used."""

import pytest

from bot.domain.following import joined, leans
from bot.domain.triage import Form, Route
from tests.fakes import FakeRetrieval
from tests.unit.test_answering import URGENT, asking

FIRST = "Can I accept a friend request from a pupil?"


@pytest.mark.parametrize(
    "message",
    [
        "and what about ex-pupils?",
        "What about LinkedIn",
        "ok thanks. And on a school trip?",
        "even if they are 18?",
        "Same for governors?",
        "does that include sixth formers",
        "is that still so in the holidays?",
        "why?",
        "For how long?",
        "can I follow them?",
        "what if I am their aunt",
        "on trips too?",
    ],
)
def test_a_message_that_says_too_little_alone_leans_on_an_earlier_one(message):
    assert leans(message)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "   ",
        FIRST,
        "Is it ok to post photos of the play?",
        "Who do I tell about a fake account of the school?",
        "may staff use WhatsApp with parents",
        "If a pupil asks to follow me on a trip abroad, and I have known the family for a very long time, "
        "what does the policy say about it?",
    ],
)
def test_a_question_of_its_own_leans_on_nothing(message):
    assert not leans(message)


def test_the_joined_question_begins_with_what_is_new():
    assert joined(" and ex-pupils? ", f"{FIRST} ") == f"and ex-pupils? {FIRST}"


RULES = (
    "Staff must not accept a friend request from a pupil.",
    "Photos of the play are taken with a school camera.",
)


def asked_after(earlier, message="and what about photos?"):
    return asking(RULES).ask("fernhill", message, earlier)


def test_a_follow_up_is_answered_with_the_question_before_it():
    answer = asked_after((FIRST,), "and what about ex-pupils?")

    assert answer.question == f"and what about ex-pupils? {FIRST}"
    assert answer.citations[0].clause == "1.1"


def test_the_nearest_question_is_the_one_that_is_joined():
    answer = asked_after(("Can I wear jeans?", FIRST), "and ex-pupils?")

    assert answer.question == f"and ex-pupils? {FIRST}"


def test_a_follow_up_to_a_follow_up_goes_back_to_the_question_itself():
    answer = asked_after((FIRST, "and what about ex-pupils?"), "and on LinkedIn?")

    assert answer.question == f"and on LinkedIn? {FIRST}"


def test_a_message_that_stands_alone_is_answered_as_it_is():
    answer = asked_after((FIRST,), "May I take photos of the play?")

    assert answer.question == "May I take photos of the play?"


@pytest.mark.parametrize("said", [URGENT, "a y9 has requested me on insta this morning"])
def test_safety_10_an_urgent_message_or_a_report_is_never_used_for_a_follow_up(said):
    answer = asked_after((FIRST, said), "and what about ex-pupils?")

    assert answer.question == f"and what about ex-pupils? {FIRST}"


def test_safety_10_what_the_model_calls_urgent_is_never_used_either():
    use_case = asking(RULES)
    leaning = {"route/urgent": 0.9, "route/report": 0.1, "route/question": 0.1}
    plain = {"route/urgent": 0.0, "route/report": 0.0, "route/question": 0.9}
    retrieval = use_case.retrieval
    find = retrieval.find

    def found(school, question):
        retrieval.found = {"likeness": leaning if question == "it happened at home" else plain}
        return find(school, question)

    retrieval.find = found

    answer = use_case.ask("fernhill", "and what about ex-pupils?", ("it happened at home",))

    assert answer.question == "and what about ex-pupils?"


def test_safety_6_the_message_itself_decides_its_route_whatever_was_asked_before():
    answer = asked_after((FIRST,), "and now she just told me her dad hits her")

    assert (answer.triage.route, answer.triage.form) == (Route.URGENT, Form.CONCERN)
    assert answer.question == "and now she just told me her dad hits her"


def test_without_earlier_questions_the_policy_is_searched_once(monkeypatch):
    searched = []
    find = FakeRetrieval.find
    monkeypatch.setattr(FakeRetrieval, "find", lambda *args: searched.append(args[2]) or find(*args))

    asked_after((), "and what about ex-pupils?")

    assert searched == ["and what about ex-pupils?"]
