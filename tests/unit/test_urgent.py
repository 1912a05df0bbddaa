"""The urgent reply: what it says, in which order, and that no school leaves a gap in it."""

import tomllib
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.domain import guidance
from bot.domain.urgent import NOT_THE_ROUTE, UNKNOWN_JURISDICTION, cautions, reply
from bot.school_folders import load
from tests.fakes import a_school

ROOT = Path(__file__).parents[2]
REAL_SCHOOLS = ROOT.parent / "shared" / "trust"
HEAD_IS_DSL = {"dsl": ["cat"], "deputy_dsl": ["ben"], "head": ["cat"], "chair": ["dan"]}
TODAY = date(2026, 11, 21)


def the_guidance():
    return guidance.parse(tomllib.loads((ROOT / "bot" / "guidance.toml").read_text("utf-8")))


def schools_in(folder):
    return list(load(folder).schools.values()) if folder.is_dir() else []


EVERY_SCHOOL = [
    pytest.param(school, id=school.id)
    for folder in (ROOT / "policies", REAL_SCHOOLS)
    for school in schools_in(folder)
]


def steps(**changes):
    return reply(a_school(**changes), the_guidance())


def place(found, words):
    """Where the step that says *words* stands; it must be there exactly once."""
    places = [at for at, step in enumerate(found) if words in step.words]
    assert len(places) == 1, f"{words!r} stands in the steps {places}"
    return places[0]


def step(found, words):
    return found[place(found, words)]


def contacts(step):
    return [(contact.role, contact.name, contact.telephone) for contact in step.contacts]


def test_safety_6_immediate_danger_comes_first_with_999():
    first = steps()[0]

    assert "danger" in first.words
    assert contacts(first) == [("emergency services", "", "999")]


def test_safety_6_social_care_is_second_with_both_its_numbers():
    second = steps()[1]

    assert "children's social care" in second.words
    assert contacts(second) == [
        ("children's social care", "", "01632 960305"),
        ("children's social care, out of hours", "", "01632 960306"),
    ]


def test_safety_6_then_whom_in_school_the_dsl_and_the_deputy():
    assert contacts(steps()[2]) == [
        ("designated safeguarding lead (DSL)", "Amy Ash", "01632 960301"),
        ("deputy designated safeguarding lead (deputy DSL)", "Ben Birch", "01632 960302"),
    ]


def test_safety_6_chat_is_never_the_emergency_route():
    assert NOT_THE_ROUTE in [each.words for each in steps()]
    assert "never the emergency route" in NOT_THE_ROUTE


def test_safety_7_about_an_adult_the_head_and_not_the_dsl():
    found = step(steps(), "about an adult who works or helps here")

    assert "not the DSL" in found.words
    assert contacts(found) == [("head", "Cat Cole", "01632 960303")]


def test_safety_7_about_the_head_the_chair():
    assert contacts(step(steps(), "about the head")) == [("chair of governors", "Dan Dale", "01632 960304")]


def test_safety_7_where_neither_is_safe_the_lado():
    assert contacts(step(steps(), "neither is safe")) == [
        ("local authority designated officer (LADO)", "", "01632 960307")
    ]


def test_safety_6_and_7_the_steps_stand_in_the_order_in_which_they_are_needed():
    found = steps()

    order = [
        "danger",
        "social care",
        "tell, in school",
        "about an adult",
        "about the head",
        "neither is safe",
    ]
    assert [place(found, words) for words in order] == [0, 1, 2, 3, 4, 5]


def test_safety_9_any_adult_may_refer_without_consent_and_without_waiting():
    words = steps()[1].words

    assert "Any adult may refer" in words
    assert "nobody's consent is needed" in words
    assert "need not wait for anyone in school" in words


def test_safety_9_no_nation_is_told_to_wait_for_the_dsl():
    for nation in ("wales", "scotland", "northern-ireland", "unknown"):
        assert "need not wait for anyone in school" in steps(jurisdiction=nation)[1].words


def test_safety_9_nothing_says_that_telling_the_dsl_is_enough():
    words = " ".join(each.words for each in steps()).casefold()

    assert not any(phrase in words for phrase in ("duty is done", "have done your", "is enough", "discharge"))


def test_safety_1_a_picture_is_neither_opened_nor_saved_nor_sent_nor_deleted():
    words = step(steps(), "picture or video").words

    verbs = ("open", "copy", "screenshot", "send", "save", "delete")
    assert [verb for verb in verbs if verb not in words] == []
    assert "not in trouble" in words


def test_safety_11_no_investigating_no_leading_questions_no_promise_of_secrecy():
    words = step(steps(), "Do not investigate").words

    assert "leading questions" in words
    assert "promise secrecy" in words
    assert "child's own words" in words


def test_safety_19_the_urgent_reply_never_plays_the_matter_down():
    words = " ".join(each.words for each in steps()).casefold()

    assert not any(phrase in words for phrase in ("no action", "don't worry", "not serious", "unlikely"))


def test_safety_31_a_missing_number_is_said_to_be_missing():
    found = steps(contacts={})

    numbers = [contact.telephone for each in found[1:] for contact in each.contacts]
    assert numbers
    assert set(numbers) == {"number not given"}
    assert contacts(found[0])[0][2] == "999"


def test_a_school_without_a_deputy_names_the_dsl_alone():
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"]}
    school_numbers = {"dsl": "01632 960301", "lado": "01632 960307"}

    found = steps(people=people, contacts=school_numbers)

    assert [contact.name for contact in found[2].contacts] == ["Amy Ash"]


def test_a_deputy_known_by_a_number_alone_is_named_by_role():
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"]}

    assert contacts(steps(people=people)[2])[1] == (
        "deputy designated safeguarding lead (deputy DSL)",
        "",
        "01632 960302",
    )


def test_safety_14_where_the_head_is_the_dsl_nobody_is_sent_in_a_circle():
    found = steps(people=HEAD_IS_DSL)

    assert "not the DSL" not in step(found, "about an adult").words
    about_head = step(found, "about the head")
    assert "who is the DSL too" in about_head.words
    assert [contact.name for contact in about_head.contacts] == ["Dan Dale"]


def test_an_unknown_jurisdiction_is_said_to_be_unknown():
    assert UNKNOWN_JURISDICTION in [each.words for each in steps(jurisdiction="unknown")]
    assert UNKNOWN_JURISDICTION not in [each.words for each in steps(jurisdiction="wales")]


def test_guidance_that_nobody_has_checked_is_said_to_be_unchecked():
    lines = cautions(a_school(), the_guidance(), TODAY)

    assert lines == ("About the guidance above: not yet checked by a person at this school.",)


def checked(on, due):
    lines = the_guidance().lines
    return guidance.Guidance(
        tuple(replace(line, checked_by="Amy Ash", checked_on=on, review_due=due) for line in lines)
    )


def test_guidance_that_was_checked_and_is_not_due_needs_no_caution():
    assert cautions(a_school(), checked(date(2026, 9, 1), date(2027, 9, 1)), TODAY) == ()


def test_guidance_whose_review_is_overdue_is_said_to_be_overdue():
    lines = cautions(a_school(), checked(date(2025, 9, 1), date(2026, 9, 1)), TODAY)

    assert lines == ("About the guidance above: its review is overdue.",)


def test_the_real_schools_are_tested_where_they_are_at_hand():
    if not REAL_SCHOOLS.is_dir():
        pytest.skip("the five real schools are not beside this checkout")

    assert len(schools_in(REAL_SCHOOLS)) == 5


@pytest.mark.parametrize("school", EVERY_SCHOOL)
def test_safety_6_and_7_hold_for_every_school(school):
    found = reply(school, the_guidance())

    order = [
        "danger",
        "social care",
        "tell, in school",
        "about an adult",
        "about the head",
        "neither is safe",
    ]
    assert [place(found, words) for words in order] == [0, 1, 2, 3, 4, 5]
    assert NOT_THE_ROUTE in [each.words for each in found]


@pytest.mark.parametrize("school", EVERY_SCHOOL)
def test_safety_6_every_school_gives_a_number_for_every_contact(school):
    numbers = [contact.telephone for each in reply(school, the_guidance())[:6] for contact in each.contacts]

    assert len(numbers) >= 8
    assert [number for number in numbers if not any(digit.isdigit() for digit in number)] == []


@pytest.mark.parametrize("school", EVERY_SCHOOL)
def test_safety_14_the_one_to_tell_about_the_head_is_never_the_head(school):
    found = reply(school, the_guidance())

    head = {person.name for person in school.holders("head")}
    assert not head & {contact.name for contact in step(found, "about the head").contacts}
