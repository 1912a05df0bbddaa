"""Questions for the policy's owner: what is kept of them, for whom and how long (SAFETY 29)."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.insights import Period, period_at
from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.domain.triage import Route, decide
from bot.errors import FormError, NotAllowed, StaleIndex, StoreBusy, UnknownSchool
from bot.wondering import BLANK, HEAD_ONLY, LONGEST, NAMES_SOMEBODY, NOT_PLAIN, TOO_LONG, Wondered, Wondering
from tests.cases_builders import START, FakeClock, a_store
from tests.fakes import a_school

MESSAGES = Path(__file__).parent / "triage_messages.jsonl"
SCHOOLS = {name: a_school(name) for name in ("fernhill", "oakhill", "fernhill:two")}
JO = Known(SCHOOLS["fernhill"], Reporter("jo.mint@fernhill.example", "Jo Mint"))
QUESTION = "Can staff follow a parent on Instagram?"
TODAY = START.replace(hour=0, minute=0, second=0, microsecond=0)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def wondering(tmp_path, clock):
    with a_store(tmp_path, clock) as store:
        yield Wondering(SCHOOLS, store, clock)


def refusal(wondering, wording, known=JO):
    with pytest.raises(FormError) as error:
        wondering.keep(known, wording)
    assert wondering.listed("fernhill", "cat") == ()
    return error.value.fields


def audit(wondering, school="fernhill"):
    with wondering.store.reading() as unit:
        return [(row.kind.value, row.actor, row.detail) for row in unit.audit_rows(school)]


def at(school):
    return replace(JO, school=SCHOOLS[school])


# Questions


def test_the_head_sees_the_questions_as_they_were_agreed_to_oldest_first(wondering, clock):
    wondering.keep(JO, QUESTION)
    clock.pass_by(days=1)
    wondering.keep(JO, "May we use WhatsApp on trips?")

    found = wondering.listed("fernhill", "cat")

    assert [each.wording for each in found] == [QUESTION, "May we use WhatsApp on trips?"]


def test_safety_29_a_question_is_kept_for_90_days(wondering, clock):
    wondering.keep(JO, QUESTION)
    clock.pass_by(days=89, hours=23, minutes=59)
    until_then = len(wondering.listed("fernhill", "cat"))
    clock.pass_by(minutes=1)

    assert (until_then, wondering.listed("fernhill", "cat")) == (1, ())


def test_safety_29_who_asked_and_the_time_of_day_are_not_kept(wondering):
    wondering.keep(JO, QUESTION)

    with wondering.store.reading() as unit:
        held = [(key, json.loads(unit.held(key))) for key in unit.held_keys("")]
    assert wondering.listed("fernhill", "cat") == (Wondered(TODAY, QUESTION),)
    assert [value for _, value in held] == [{"at": TODAY.isoformat(), "wording": QUESTION}]
    assert "jo" not in held[0][0]


@pytest.mark.parametrize(
    ("message", "says"),
    [
        ("She told me he hits her. What do I do?", NOT_PLAIN),
        ("A pupil has sent me a friend request, can I accept it?", NOT_PLAIN),
        ("Someone made a fake account of a teacher", NOT_PLAIN),
        ("He's on the roof and he is not coming down", NOT_PLAIN),
        ("I saw her crying in the corridor. Who do I ask?", NOT_PLAIN),
        ("thanks for that", NOT_PLAIN),
        ("Can Amy Ash follow a parent?", NAMES_SOMEBODY),
        ("Can amy ash follow a parent?", NAMES_SOMEBODY),
        ("Can Jo Mint follow a parent?", NAMES_SOMEBODY),
        ("Can Mrs Vale follow a parent?", NAMES_SOMEBODY),
        ("Can I follow @rowan_pike?", NAMES_SOMEBODY),
        ("Can I write to rowan@home.example?", NAMES_SOMEBODY),
        ("Can I follow <@U0ROWAN>?", NAMES_SOMEBODY),
        ("Can I share https://pics.example/1?", NAMES_SOMEBODY),
        ("Can I ring 07700 900123?", NAMES_SOMEBODY),
    ],
)
def test_safety_29_only_a_plain_question_that_names_nobody_is_kept(wondering, message, says):
    assert refusal(wondering, message) == {"wording": says}


def test_safety_29_an_urgent_message_and_what_the_rules_call_a_report_are_never_kept(wondering):
    never = [
        each["text"]
        for each in map(json.loads, MESSAGES.read_text("utf-8").splitlines())
        if each["label"] == "urgent" or decide(each["text"], {}).route is not Route.QUESTION
    ]
    for message in never:
        with pytest.raises(FormError):
            wondering.keep(JO, message)

    assert len(never) > 80
    assert wondering.listed("fernhill", "cat") == ()


@pytest.mark.parametrize("message", ["", " \n\t ", "\u2003"])
def test_a_blank_question_is_not_kept(wondering, message):
    assert refusal(wondering, message) == {"wording": BLANK}


def test_a_question_may_be_so_long_and_no_longer(wondering):
    fits = "Can I follow a parent? ".ljust(LONGEST - 1, "o") + "?"

    assert refusal(wondering, fits + "?") == {"wording": TOO_LONG}
    wondering.keep(JO, fits)
    assert [each.wording for each in wondering.listed("fernhill", "cat")] == [fits]


@pytest.mark.parametrize(
    "question",
    [
        "Should staff tell the head before they open a class account?",
        "Who do I ask about photos: the DSL or the head?",
        "What if a pupil finds my account?",
        "What does the policy say about 2025-26 trips?",
        "Can I miss the training?",
    ],
)
def test_a_role_in_a_question_about_a_rule_is_nobody(wondering, question):
    wondering.keep(JO, question)

    assert [each.wording for each in wondering.listed("fernhill", "cat")] == [question]


def test_a_question_sent_twice_is_kept_once_and_asked_again_another_day_twice(wondering, clock):
    wondering.keep(JO, QUESTION)
    wondering.keep(JO, f"  {QUESTION}\n")
    clock.pass_by(days=1)
    wondering.keep(JO, QUESTION)

    assert [each.wording for each in wondering.listed("fernhill", "cat")] == [QUESTION, QUESTION]


def test_a_head_sees_the_questions_of_their_own_school_alone(wondering):
    wondering.keep(JO, QUESTION)
    wondering.keep(at("fernhill:two"), "May we use WhatsApp on trips?")

    seen = {name: [each.wording for each in wondering.listed(name, "cat")] for name in SCHOOLS}
    assert seen == {
        "fernhill": [QUESTION],
        "oakhill": [],
        "fernhill:two": ["May we use WhatsApp on trips?"],
    }


# Who may look


@pytest.mark.parametrize("look", [Wondering.listed, Wondering.counts])
@pytest.mark.parametrize("person", ["amy", "dan", "", "jo.mint@fernhill.example"])
def test_nobody_but_a_head_sees_them_and_the_refusal_is_in_the_audit_log(wondering, look, person):
    wondering.keep(JO, QUESTION)

    with pytest.raises(NotAllowed) as error:
        look(wondering, "fernhill", person)
    assert error.value.user_message == HEAD_ONLY
    assert [row[:2] for row in audit(wondering)] == [("refused", person)]


def test_a_head_who_looks_is_in_the_audit_log(wondering):
    wondering.listed("fernhill", "cat")
    wondering.counts("fernhill", "cat")

    assert audit(wondering) == [
        ("listed", "cat", "questions for the policy"),
        ("listed", "cat", "feedback by clause"),
    ]


@pytest.mark.parametrize("look", [Wondering.listed, Wondering.counts])
def test_a_school_that_is_not_there_is_said_to_be_unknown(wondering, look):
    with pytest.raises(UnknownSchool):
        look(wondering, "elsewhere", "cat")


# Feedback


def test_feedback_is_counted_by_clause(wondering):
    for clause, helpful in (("4.1", True), ("4.1", True), ("4.1", False), ("6.2", False), ("", False)):
        wondering.feedback(JO, clause, helpful)

    assert wondering.counts("fernhill", "cat") == {"4.1": (2, 1), "6.2": (0, 1), "": (0, 1)}


def test_feedback_of_one_school_is_not_that_of_another(wondering):
    wondering.feedback(JO, "4.1", True)

    assert wondering.counts("oakhill", "cat") == {}


def test_safety_29_feedback_keeps_counts_and_nothing_of_the_question_or_the_asker(wondering):
    wondering.feedback(JO, "4.1", True)

    with wondering.store.reading() as unit:
        kept = unit.memo("feedback:fernhill")
        assert unit.held_keys("") == ()
    assert kept == '{"4.1": [1, 0]}'
    assert audit(wondering) == []


# By topic


TERM = period_at(SCHOOLS["fernhill"].hours, START.date())


def by_topic(wondering, question_to_topic):
    return replace(wondering, topic_of=question_to_topic)


def missed(wondering, period=TERM, person="amy", school="fernhill"):
    return [
        (each.topic, each.unanswered, each.not_helpful) for each in wondering.missed(school, person, period)
    ]


def test_what_found_no_help_is_counted_by_topic_and_no_word_of_it_is_kept(wondering):
    wondering = by_topic(wondering, lambda question: "Drones" if "drone" in question else "")

    wondering.unanswered(JO, "May we fly a drone?")
    wondering.feedback(JO, "4.1", False, "May we fly a drone?")
    wondering.feedback(JO, "4.1", False, "What about hats?")
    wondering.feedback(JO, "4.1", True, "May we fly a drone?")
    wondering.feedback(JO, "4.1", False)

    assert missed(wondering) == [("Drones", 1, 1), ("Something else", 0, 1)]
    assert wondering.listed("fernhill", "cat") == ()
    assert wondering.counts("fernhill", "cat") == {"4.1": (1, 3)}


def test_each_term_is_counted_by_itself_and_other_schools_are_not(wondering, clock):
    wondering = by_topic(wondering, lambda question: "Drones")
    wondering.unanswered(JO, "May we fly a drone?")
    clock.pass_by(days=120)
    later = period_at(SCHOOLS["fernhill"].hours, clock().date())
    wondering.unanswered(JO, "May we fly a drone?")
    wondering.unanswered(JO, "May we fly a drone?")

    assert missed(wondering) == [("Drones", 1, 0)]
    assert missed(wondering, later) == [("Drones", 2, 0)]
    assert missed(wondering, Period(TERM.first, later.last)) == [("Drones", 3, 0)]
    assert missed(wondering, school="oakhill") == []


def test_one_press_counts_once_and_that_of_a_colleague_too(wondering):
    wondering = by_topic(wondering, lambda question: "Drones")
    for known in (JO, JO, replace(JO, reporter=Reporter("al@fernhill.example", "Al"))):
        wondering.unanswered(known, "May we fly a drone?", "press-1")
        wondering.feedback(known, "4.1", False, "May we fly a drone?", "press-2")

    assert missed(wondering) == [("Drones", 2, 2)]
    assert wondering.counts("fernhill", "cat") == {"4.1": (0, 2)}


def test_a_topic_that_cannot_be_read_or_a_busy_store_stops_nobody(wondering, monkeypatch):
    def broken(question):
        raise StaleIndex("no model")

    wondering = by_topic(wondering, broken)
    wondering.feedback(JO, "4.1", False, "May we fly a drone?")
    assert missed(wondering) == [("Something else", 0, 1)]

    def busy(self):
        raise StoreBusy("busy")

    monkeypatch.setattr(type(wondering.store), "writing", busy)
    wondering.unanswered(JO, "May we fly a drone?")


def test_safety_21_whoever_is_not_of_the_school_sees_no_topics_and_that_is_in_the_log(wondering):
    with pytest.raises(NotAllowed):
        missed(wondering, person="nobody")
    with pytest.raises(UnknownSchool):
        missed(wondering, school="nowhere")
    missed(wondering)

    assert ("refused", "nobody", "questions by topic") in audit(wondering)
    assert ("listed", "amy", "questions by topic") in audit(wondering)
