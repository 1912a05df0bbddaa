"""The JSON of `--json`: exactly the keys and types that other programs rely on."""

import json

import pytest

from bot.console.lines import json_object, lines_of, spoken, to_json
from bot.console.wire import answer_json, clause_json
from bot.domain.answers import Answer, Outcome, Stance, Step
from bot.domain.triage import Form, Route, Triage
from bot.errors import ConfigurationError
from index.clauses import Clause
from index.modality import Stance as StanceRead
from tests.fakes import a_citation


def an_answer(*citations, route=Route.QUESTION, form=None, outcome=Outcome.ANSWER, **changes):
    triage = Triage(route, form)
    return Answer("fernhill", "Fernhill School", "can I?", triage, outcome, "Must not", citations, **changes)


def test_an_answer_has_the_promised_keys_in_the_promised_order():
    assert answer_json(an_answer(a_citation(page=3, item="2", lead="Do not:")), "q1") == {
        "id": "q1",
        "school": "fernhill",
        "question": "can I?",
        "route": "question",
        "form": None,
        "outcome": "answer",
        "answered": True,
        "stance": "prohibited",
        "citations": [
            {
                "school": "fernhill",
                "policy": "Online Conduct",
                "clause": "6.2",
                "item": 2,
                "section": "6 Contact with pupils",
                "page": 3,
                "lead": "Do not:",
                "text": "Staff must not accept a friend request from a pupil.",
                "score": 0.8,
            }
        ],
    }
    assert list(answer_json(an_answer())) == [
        *("id", "school", "question", "route", "form", "outcome", "answered", "stance", "citations")
    ]


@pytest.mark.parametrize(("item", "shown"), [("", None), ("7", 7), ("12", 12), ("3#1", "3#1")])
def test_an_item_is_a_number_or_a_nested_place_or_null(item, shown):
    citation = answer_json(an_answer(a_citation(item=item)))["citations"][0]

    assert citation["item"] == shown
    assert type(citation["item"]) is type(shown)


def test_a_document_without_pages_has_null_for_the_page():
    assert answer_json(an_answer(a_citation()))["citations"][0]["page"] is None


def test_the_form_of_a_report_is_named():
    shown = answer_json(an_answer(route=Route.REPORT, form=Form.FRIEND_REQUEST))

    assert (shown["route"], shown["form"]) == ("report", "friend-request")


def test_citations_are_there_whatever_the_outcome():
    outcomes = [answer_json(an_answer(a_citation(), outcome=outcome)) for outcome in Outcome]

    assert [len(shown["citations"]) for shown in outcomes] == [1, 1, 1]
    assert [(shown["outcome"], shown["answered"], shown["stance"]) for shown in outcomes] == [
        ("answer", True, "prohibited"),
        ("nearest", False, None),
        ("none", False, None),
    ]


def test_without_citations_the_list_is_empty():
    assert answer_json(an_answer(outcome=Outcome.NONE))["citations"] == []


def test_an_urgent_message_is_not_answered_and_has_no_stance():
    shown = answer_json(an_answer(a_citation(), route=Route.URGENT, urgent=(Step("Ring 999."),)))

    assert (shown["route"], shown["answered"], shown["stance"]) == ("urgent", False, None)


def test_text_stays_as_printed():
    text = "Staff  must—“not”\u00a0post 😱."

    assert json.loads(to_json(answer_json(an_answer(a_citation(text)))))["citations"][0]["text"] == text


@pytest.mark.parametrize(("item", "shown"), [("", None), ("7", 7), ("3#1", "3#1")])
def test_a_clause_has_the_promised_keys(item, shown):
    clause = Clause("6.7", item, "6 Contact", "Staff must not:", "accept friend requests", 4)

    assert clause_json(clause, StanceRead.PROHIBITED) == {
        "clause": "6.7",
        "item": shown,
        "section": "6 Contact",
        "page": 4,
        "lead": "Staff must not:",
        "text": "accept friend requests",
        "stance": Stance.PROHIBITED.value,
    }


def test_json_keeps_letters_readable():
    assert to_json({"a": "naïve “words” 😱"}) == '{"a": "naïve “words” 😱"}'


def test_half_a_character_is_escaped_rather_than_a_crash():
    assert json.loads(to_json({"id": "\ud800é"})) == {"id": "\ud800é"}
    assert to_json({"id": "\ud800é"}).encode()


@pytest.mark.parametrize("line", ["no json", "[1]", '"text"', "3", "null", "{", "[" * 100_000, "9" * 5000])
def test_what_is_no_object_is_told_apart(line):
    assert json_object(line) is None


def test_an_object_is_read_as_it_is():
    assert json_object('{"id": 7, "text": "é"}') == {"id": 7, "text": "é"}


def test_only_a_line_feed_ends_a_line(tmp_path):
    file = tmp_path / "batch.jsonl"
    file.write_bytes('\ufeff{"text": "one\u2028still\x85one"}\r\n{}'.encode())

    lines = lines_of(file)

    assert [json_object(line) for line in lines] == [{"text": "one\u2028still\x85one"}, {}]


def test_a_file_in_another_encoding_is_an_error_that_says_what_to_do(tmp_path):
    file = tmp_path / "batch.jsonl"
    file.write_bytes('{"text": "café"}'.encode("latin-1"))

    with pytest.raises(ConfigurationError, match=r"batch\.jsonl: is not UTF-8; save it as UTF-8"):
        lines_of(file)


def test_half_a_character_turns_nobody_away():
    assert spoken("help\udcff") == "help?"


@pytest.mark.parametrize("question", ["", "   ", "\n"])
def test_a_blank_question_cannot_be_asked(question):
    with pytest.raises(ConfigurationError, match="question"):
        spoken(question)


def test_a_question_is_asked_as_it_was_typed():
    assert spoken(" can I? ") == " can I? "


def test_no_character_of_a_text_ends_the_line_for_a_reader():
    text = "one\u2028two\u2029three\x85four\x0bfive\x1csix\nseven"

    line = to_json({"text": text})

    assert line.splitlines() == [line]
    assert json.loads(line) == {"text": text}
