"""The sample schools as a new user meets them, with the real model."""

import pytest

from bot.domain.answers import Outcome, Stance

pytestmark = pytest.mark.slow
QUESTION = "Can I follow a parent?"


@pytest.mark.parametrize(
    ("school", "clause", "stance"),
    [("copperfell-high", "6.1", Stance.CAUTION), ("thistlemere-trust", "6.1", Stance.PROHIBITED)],
)
def test_the_first_question_of_the_readme_gets_the_clause_on_parents(sample_room, school, clause, stance):
    answer = sample_room.answering.ask(school, QUESTION)

    assert answer.outcome is Outcome.ANSWER
    assert (answer.citations[0].clause, answer.stance) == (clause, stance)


def test_an_infant_school_without_numbers_cites_its_own_section_on_families(sample_room):
    answer = sample_room.answering.ask("merrybeck-infant", QUESTION)

    assert {citation.school for citation in answer.citations} == {"merrybeck-infant"}
    assert answer.citations[0].section == "Parents and families"


def test_small_talk_is_not_covered(sample_room):
    answer = sample_room.answering.ask("copperfell-high", "what is the weather like tomorrow")

    assert (answer.outcome, answer.answered) == (Outcome.NONE, False)
