"""Answers as values: how a clause is named and quoted, and when there is an answer at all."""

import pytest

from bot.domain.answers import Answer, Outcome, Stance, Step
from bot.domain.triage import Route, Triage
from index.modality import Stance as StanceOfTheIndex
from tests.fakes import a_citation


def an_answer(outcome=Outcome.ANSWER, citations=None, **changes):
    given = (a_citation(),) if citations is None else citations
    triage = Triage(Route.QUESTION, None)
    return Answer("fernhill", "Fernhill School", "can I?", triage, outcome, "Must not", given, **changes)


def test_a_clause_is_named_by_its_number():
    assert a_citation(clause="6.7").reference == "6.7"


def test_an_item_is_named_with_its_clause():
    assert a_citation(clause="6.7", item="3#1").reference == "6.7, item 3#1"


def test_a_quote_is_the_text_as_printed():
    assert a_citation("Staff  must—not “post”.").quote == "Staff  must—not “post”."


def test_a_list_item_is_quoted_with_the_words_that_introduce_it():
    assert a_citation("post it", lead="Staff must not:").quote == "Staff must not: post it"


def test_only_the_outcome_answer_is_answered():
    assert [an_answer(outcome).answered for outcome in Outcome] == [True, False, False]


def test_the_stance_of_an_answer_is_that_of_its_first_citation():
    citations = (a_citation(stance=Stance.CAUTION), a_citation(stance=Stance.ALLOWED))

    assert an_answer(citations=citations).stance is Stance.CAUTION


@pytest.mark.parametrize("outcome", [Outcome.NEAREST, Outcome.NONE])
def test_what_is_not_answered_has_no_stance(outcome):
    assert an_answer(outcome).stance is None


def test_an_urgent_message_is_never_answered_and_has_no_stance():
    answer = an_answer(urgent=(Step("Ring 999."),))

    assert (answer.answered, answer.stance) == (False, None)


def test_the_stances_of_the_answer_are_those_that_the_index_reads():
    assert {stance.value for stance in Stance} == {stance.value for stance in StanceOfTheIndex}
