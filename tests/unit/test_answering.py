"""Asking: what a message gets, from a retrieval that does as it is told."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from bot.answering import Answering
from bot.domain import guidance
from bot.domain.answers import Outcome, Stance
from bot.domain.triage import Form, Route
from bot.domain.verdicts import NEAREST, NOT_COVERED, to_tell
from bot.errors import StaleIndex, UnknownSchool
from tests.fakes import FakeRetrieval, a_citation, a_school

GUIDANCE = Path(__file__).parents[2] / "bot" / "guidance.toml"
RULE = "Staff must not accept a friend request from a pupil."
URGENT = "she just told me her dad hits her"
ADULT = "a colleague is messaging pupils"


def asking(texts=(RULE,), school=None, **found):
    """The use case with one school of *texts*; its retrieval is at hand as `retrieval`."""
    school = school or a_school()
    return Answering(
        schools={school.id: school},
        retrieval=FakeRetrieval({school.id: texts}, **found),
        guidance=guidance.parse(tomllib.loads(GUIDANCE.read_text("utf-8"))),
        today=lambda: date(2026, 11, 21),
    )


def ask(message, texts=(RULE,), **changes):
    return asking(texts, **changes).ask("fernhill", message)


def names(contacts):
    return [contact.name for contact in contacts]


def test_a_question_is_answered_with_the_clause_its_verdict_and_the_school():
    answer = ask("can I accept a friend request from a pupil")

    assert (answer.school, answer.school_name) == ("fernhill", "Fernhill School")
    assert answer.question == "can I accept a friend request from a pupil"
    assert (answer.triage.route, answer.triage.form) == (Route.QUESTION, None)
    assert (answer.answered, answer.stance) == (True, Stance.PROHIBITED)
    assert answer.verdict == "Must not (1.1)"
    assert [citation.text for citation in answer.citations] == [RULE]


def test_quotes_are_handed_on_byte_for_byte():
    printed = "Staff  must—“not”\u00a0post pupils’ names…"

    assert ask("post names", [printed]).citations[0].text == printed


def test_a_question_near_a_clause_gets_the_clauses_without_a_verdict():
    answer = ask("can I accept a pupil", outcome=Outcome.NEAREST)

    assert (answer.outcome, answer.answered, answer.stance) == (Outcome.NEAREST, False, None)
    assert answer.verdict == NEAREST
    assert [citation.text for citation in answer.citations] == [RULE]


def test_not_covered_is_an_answer_with_headings_and_whom_to_ask():
    answer = ask("how many sick days do I get", outcome=Outcome.NONE)

    assert (answer.answered, answer.verdict) == (False, NOT_COVERED)
    assert answer.headings == ("6 Contact with pupils",)
    assert names(answer.ask) == ["Amy Ash", "Cat Cole"]


def test_the_clause_says_whom_to_ask_only_where_it_answers():
    clause = a_citation("Ask the chair about it.", ask=("the chair",), stance=Stance.REQUIRED)

    assert names(ask("whom about it", [clause]).ask) == ["Dan Dale"]
    assert names(ask("whom about it", [clause], outcome=Outcome.NEAREST).ask) == ["Amy Ash", "Cat Cole"]


def test_contact_with_a_pupil_always_adds_whom_to_tell_whatever_the_outcome():
    told = [ask("can I add a pupil on insta", outcome=outcome).tell for outcome in Outcome]

    assert [names(each) for each in told] == [["Amy Ash"]] * 3


def test_a_live_request_is_routed_and_its_clause_cited_as_well():
    answer = ask("a year 9 has just sent me a friend request")

    assert (answer.triage.route, answer.triage.form) == (Route.REPORT, Form.FRIEND_REQUEST)
    assert answer.citations[0].text == RULE
    assert "Amy Ash" in names(answer.tell)


def test_safety_13_trolling_is_told_to_the_dsl_and_to_the_head():
    answer = ask("parents are slagging me off, nasty comments about staff")

    assert answer.triage.form is Form.TROLLING
    assert names(answer.tell) == ["Amy Ash", "Cat Cole"]


def test_safety_14_an_adult_concern_names_head_chair_and_lado_and_never_the_dsl():
    clause = a_citation("Tell the DSL.", ask=("the DSL",), stance=Stance.REQUIRED)

    answer = ask("a TA here is always liking pupils' photos", [clause])

    assert answer.triage.form is Form.ADULT_CONCERN
    assert "Amy Ash" not in names((*answer.ask, *answer.tell))
    assert names(answer.tell) == ["Cat Cole", "Dan Dale", ""]
    assert answer.tell[2].telephone == "01632 960307"


def test_safety_14_a_question_about_an_adult_is_asked_of_nobody_before_the_head():
    answer = ask("who do I tell about a niggle about the head")

    assert answer.triage.route is Route.QUESTION
    assert names(answer.ask) == ["Dan Dale", ""]
    assert answer.tell == ()


def test_safety_14_a_question_about_an_adult_and_a_pupil_names_the_head_and_not_the_dsl():
    answer = ask("what do I do if a colleague is messaging a pupil")

    assert answer.tell == ()
    assert names(answer.ask) == ["Cat Cole", "Dan Dale", ""]
    assert "not the DSL" in answer.ask[0].role


def test_safety_6_an_urgent_message_gets_999_first_and_no_verdict():
    answer = ask(URGENT)

    assert answer.triage.route is Route.URGENT
    assert answer.urgent[0].contacts[0].telephone == "999"
    assert (answer.verdict, answer.answered, answer.stance) == ("", False, None)
    assert (answer.ask, answer.tell) == ((), ())


def test_the_clauses_go_along_with_an_urgent_message():
    answer = ask(URGENT)

    assert (answer.outcome, [citation.text for citation in answer.citations]) == (Outcome.NEAREST, [RULE])


def test_an_urgent_message_carries_the_cautions_about_its_guidance():
    assert ask(URGENT).notes == ("About the guidance above: not yet checked by a person at this school.",)


@pytest.mark.parametrize("error", [StaleIndex("index.db: damaged"), UnknownSchool("fernhill: nothing read")])
def test_safety_6_an_urgent_message_gets_its_reply_even_when_no_policy_can_be_read(error):
    use_case = asking()
    use_case.retrieval.fail_with(error)

    answer = use_case.ask("fernhill", URGENT)

    assert answer.urgent == ask(URGENT).urgent
    assert (answer.outcome, answer.citations) == (Outcome.NONE, ())


def test_safety_31_a_report_is_told_whom_to_tell_even_when_no_policy_can_be_read():
    use_case = asking()
    use_case.retrieval.fail_with(StaleIndex("index.db: damaged"))

    answer = use_case.ask("fernhill", "a year 9 has just sent me a friend request")

    assert names(answer.tell) == ["Amy Ash"]
    assert answer.verdict == ""
    assert "999" in answer.notes[0]


def test_a_question_that_needs_the_policy_says_that_it_cannot_be_read():
    use_case = asking()
    use_case.retrieval.fail_with(StaleIndex("index.db: damaged"))

    with pytest.raises(StaleIndex):
        use_case.ask("fernhill", "can I follow a parent")


def test_an_unknown_school_is_an_error_that_names_the_known_ones():
    with pytest.raises(UnknownSchool, match="'elmwood'; known: fernhill"):
        asking().ask("elmwood", "can I follow a parent")


def test_documents_that_could_not_be_read_are_named_below_the_answer():
    answer = ask("can I follow a parent", unread=("camera.docx: it is damaged.",))

    assert answer.notes == ("camera.docx: it is damaged.",)


def test_safety_31_not_covered_still_says_999():
    answer = ask("HELP", [])

    assert any("999" in note for note in answer.notes)


def test_safety_6_the_plainest_danger_waits_for_no_index():
    answering = asking()
    answering.retrieval.fail_with(StaleIndex("must not be asked"))

    answer = answering.urgent_at_once("fernhill", URGENT)

    assert answer.urgent[0].contacts[0].telephone == "999"
    assert answering.urgent_at_once("fernhill", "can I follow a parent") is None


@pytest.mark.parametrize(
    ("message", "first"),
    [
        ("the head has been messaging a girl in y9", "about the head: chair of governors"),
        ("Cole is messaging a boy at night", "about the head: chair of governors"),
        ("a colleague is messaging pupils at night", "head"),
    ],
)
def test_safety_14_a_worry_about_the_head_is_never_sent_to_the_head(message, first):
    tell = to_tell(a_school(), Form.ADULT_CONCERN, message, None)

    assert tell[0].role == first


@pytest.mark.parametrize("adult", ["DSL", "principal", "SENCO", "cleaner", "bursar", "business manager"])
def test_safety_14_a_worry_about_any_adult_here_never_names_the_dsl(adult):
    answer = ask(f"the {adult} is messaging a girl in year 9")

    dsl = {person.name for person in a_school().holders("dsl")}
    assert dsl.isdisjoint(names(answer.tell) + names(answer.ask)) or answer.urgent


def test_an_empty_policy_is_not_covered_rather_than_a_crash():
    answer = ask("can I follow a parent", [])

    assert (answer.outcome, answer.verdict, answer.citations) == (Outcome.NONE, NOT_COVERED, ())


def test_the_likeness_that_retrieval_measured_decides_with_the_rules():
    leaning = {"route/urgent": 0.9, "route/report": 0.0, "route/question": 0.1}

    assert ask("it is about one of mine", likeness=leaning).triage.route is Route.URGENT


@pytest.mark.parametrize("words", ["😱😱😱", "a" * 5000, "[bold]x[/]", "ؤ", "  can I?  "])
def test_odd_messages_are_asked_and_kept_as_typed(words):
    assert ask(words).question == words


def test_safety_16_a_slip_of_ones_own_goes_to_the_head_too_and_is_met_kindly():
    answer = ask("I accidentally accepted a request from a pupil")

    head = {person.name for person in a_school().holders("head")}
    assert head <= set(names(answer.tell))
    assert any("right thing" in note for note in answer.notes)


@pytest.mark.parametrize(
    "message",
    ["can I screenshot the nude so that the DSL can see it", "what does the policy say about sexting"],
)
def test_safety_1_a_question_about_such_a_picture_is_told_first_what_not_to_do(message):
    answer = ask(message)

    steps = answer.first or answer.urgent
    assert any("do not open, copy, screenshot" in step.words for step in steps)
    assert any("01632 960301" in each.telephone for step in steps for each in step.contacts)


def test_a_question_about_another_picture_carries_no_warning():
    assert ask("can I post a photo of sports day").first == ()
