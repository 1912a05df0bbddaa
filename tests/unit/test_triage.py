"""Triage: every rule's own examples, the decision's order of precedence, and the phrase files."""

import json
from collections import Counter
from pathlib import Path

import pytest

from bot.domain import triage
from bot.domain.triage import ROUTE, Form, Route, Triage, decide
from bot.domain.triage_rules import DANGER, Rule, plain

HERE = Path(__file__).parent
PHRASES = HERE.parents[1] / "bot" / "phrases"
LEAST = {
    "urgent": 120,
    "report-friend-request": 60,
    "report-trolling": 60,
    "report-adult-concern": 60,
    "report-concern": 60,
    "question": 250,
}
RULES = (
    *DANGER,
    *(value for value in vars(triage).values() if isinstance(value, Rule) and value not in DANGER),
)
PLAIN_DANGER = [
    "she told me she wants to kill herself",
    "found a nude of a y9 on a phone",
    "a girl has sent a pic of herself to a man",
    "kid with a knife by the bike sheds",
    "he's got bruises all over his back",
    "she is scared to go home",
    "she's meeting him tonight, someone off snapchat",
    "Year 8 girl has gone missing",
    "our coach has been touching the boys",
    "a lad is being blackmailed over a video",
    "a parent says he'll kill me",
    "he says he's going to Syria to fight",
    "kid with a knife in the corridor, who do I ring",
    "what's the policy, a girl in y8 just told me her dad hits her",
]
PLAIN_QUESTIONS = [
    "what does the policy say about nudes",
    "am I allowed to search a bag for a knife",
    "what do we do if a pupil tells us about self-harm",
    "who do I tell if a child goes missing",
    "can staff ask a child about bruises",
    "can I follow a parent",
]


def phrases(stem):
    lines = (line.strip() for line in (PHRASES / f"{stem}.txt").read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def a_likeness(urgent=0.3, report=0.3, question=0.3, **forms):
    """How much the message leans to each route, and how like the phrases of each form it is."""
    routes = {f"{ROUTE}urgent": urgent, f"{ROUTE}report": report, f"{ROUTE}question": question}
    return routes | dict.fromkeys(LEAST, 0.3) | {stem.replace("_", "-"): like for stem, like in forms.items()}


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES for text in rule.matching])
def test_a_rule_finds_its_examples(rule, text):
    assert rule.found_in(plain(text))


@pytest.mark.parametrize(("rule", "text"), [(rule, text) for rule in RULES for text in rule.passing])
def test_a_rule_passes_over_its_counter_examples(rule, text):
    assert not rule.found_in(plain(text))


def test_every_rule_is_named_once_and_says_which_safety_rule_it_serves():
    names = [rule.name for rule in RULES]

    assert len(names) == len(set(names))
    assert [rule.name for rule in RULES if not rule.why.startswith("SAFETY ")] == []


@pytest.mark.parametrize("text", PLAIN_DANGER)
def test_the_plainest_danger_is_urgent_without_a_model(text):
    assert decide(text, {}).route == Route.URGENT


@pytest.mark.parametrize("text", PLAIN_DANGER)
def test_the_plainest_danger_is_urgent_though_the_model_calls_it_a_question(text):
    assert decide(text, a_likeness(question=0.95)).route == Route.URGENT


@pytest.mark.parametrize("text", PLAIN_QUESTIONS)
def test_a_policy_question_on_a_frightening_subject_stays_a_question(text):
    assert decide(text, {}) == Triage(Route.QUESTION, None)
    assert decide(text, a_likeness(question=0.8, urgent=0.5)) == Triage(Route.QUESTION, None)


def test_a_question_very_like_a_disclosure_is_urgent_all_the_same():
    likeness = a_likeness(question=0.4, urgent=0.7)

    assert decide("who do I tell about marks on children", likeness).route == Route.URGENT


def test_urgent_beats_report_and_report_beats_question_on_doubt():
    assert decide("it is about Sam", a_likeness()).route == Route.URGENT
    assert decide("it is about Sam", a_likeness(urgent=0.0)).route == Route.REPORT


def test_a_question_needs_more_than_doubt():
    assert decide("it is about Sam", a_likeness(question=0.7)) == Triage(Route.QUESTION, None)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a year 10 has requested me on insta", Form.FRIEND_REQUEST),
        ("I accidentally followed a student", Form.FRIEND_REQUEST),
        ("there is a fake account pretending to be the head", Form.TROLLING),
        ("a colleague is messaging pupils at night", Form.ADULT_CONCERN),
        ("her account was hacked", Form.CONCERN),
    ],
)
def test_what_happened_gets_its_form_without_a_model(text, form):
    assert decide(text, {}) == Triage(Route.REPORT, form)


def test_a_live_request_with_a_question_at_its_end_is_a_report():
    likeness = a_likeness(urgent=0.0, report=0.6, question=0.65, report_friend_request=0.6)

    actual = decide("a pupil has just followed me, am I allowed to accept?", likeness)

    assert actual == Triage(Route.REPORT, Form.FRIEND_REQUEST)


def test_the_likeliest_form_is_taken_where_no_rule_speaks():
    likeness = a_likeness(urgent=0.0, report=0.6, report_trolling=0.6)

    assert decide("Sam again on that page", likeness) == Triage(Route.REPORT, Form.TROLLING)


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("a TA grabbed a child by the hair", Form.ADULT_CONCERN),
        ("a pupil told me he wants to die", Form.CONCERN),
        ("the TA says his dad hit him", Form.CONCERN),
        ("a parent has threatened to kill me", None),
    ],
)
def test_an_urgent_message_goes_the_way_of_the_person_it_is_about(text, form):
    assert decide(text, {}) == Triage(Route.URGENT, form)


@pytest.mark.parametrize("text", ["", "   ", "👍"])
def test_nothing_said_is_a_question_without_a_model(text):
    assert decide(text, {}) == Triage(Route.QUESTION, None)


def test_curly_quotes_hyphens_and_capitals_make_no_difference():
    assert plain("She’s SELF‑harming\n again") == plain("she's self-harming again")


def test_a_very_long_message_is_read_to_its_end():
    text = "we had a lovely trip and the coach was late " * 500 + "and then she told me she wants to die"

    assert decide(text, {}).route == Route.URGENT


@pytest.mark.parametrize("stem", LEAST)
def test_a_phrase_file_holds_enough_phrases(stem):
    assert len(phrases(stem)) >= LEAST[stem]


def test_no_phrase_stands_twice_in_any_file():
    counts = Counter(plain(phrase) for stem in LEAST for phrase in phrases(stem))

    assert [phrase for phrase, count in counts.items() if count > 1] == []


def test_there_is_a_phrase_file_for_every_route_and_form_and_no_other():
    assert sorted(file.stem for file in PHRASES.glob("*.txt")) == sorted(LEAST)


def test_the_measuring_messages_are_not_phrases():
    known = {plain(phrase) for stem in LEAST for phrase in phrases(stem)}

    assert [message["text"] for message in messages() if plain(message["text"]) in known] == []


def messages():
    return [
        json.loads(line) for line in (HERE / "triage_messages.jsonl").read_text(encoding="utf-8").splitlines()
    ]


def share(decided, label, route):
    chosen = [actual.route == route for message, actual in decided if message["label"] == label]
    return sum(chosen) / len(chosen)


@pytest.fixture(scope="module")
def decided(sample_room):
    """Each measuring message with what the real model makes of it, through the same path as any channel."""
    school = min(sample_room.folders.schools)
    return [(message, sample_room.answering.ask(school, message["text"]).triage) for message in messages()]


@pytest.mark.slow
def test_nineteen_in_twenty_urgent_messages_are_called_urgent(decided):
    assert share(decided, "urgent", Route.URGENT) >= 0.95


@pytest.mark.slow
def test_at_most_one_plain_question_in_ten_is_called_urgent(decided):
    assert share(decided, "question", Route.URGENT) <= 0.10


@pytest.mark.slow
def test_reports_are_rarely_taken_for_questions(decided):
    assert share(decided, "report", Route.QUESTION) <= 0.10


@pytest.mark.slow
def test_a_report_mostly_gets_the_right_form(decided):
    filed = [
        (message, actual) for message, actual in decided if actual.route == message["label"] == Route.REPORT
    ]

    assert sum(actual.form == message["form"] for message, actual in filed) / len(filed) >= 0.85
