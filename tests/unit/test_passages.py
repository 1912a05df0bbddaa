"""The texts a clause is found by: itself, and its sentences."""

import pytest

from index.clauses import Clause
from index.passages import passages


def a_clause(text, lead=""):
    return Clause("1", "1" if lead else "", "Rules", lead, text)


@pytest.mark.parametrize(
    "text",
    [
        "Staff must not befriend pupils.",
        "Staff must not befriend pupils, e.g. on a phone",
        "Ask the head first. See section 7.",
        "",
    ],
)
def test_a_clause_with_one_sentence_worth_looking_for_is_found_as_a_whole(text):
    assert passages(a_clause(text)) == (text,)


def test_a_clause_of_several_sentences_is_found_by_each_of_them_too():
    first, second = "Staff must not befriend pupils.", "Does that include cousins and friends?"

    assert passages(a_clause(f"{first} {second}")) == (f"{first} {second}", first, second)


def test_a_sentence_too_short_to_say_much_is_not_looked_for_alone():
    first, second = "Staff must not befriend pupils;", "cousins are another matter altogether."

    found = passages(a_clause(f"{first} See below. {second}"))

    assert found == (f"{first} See below. {second}", first, second)


def test_every_passage_of_a_list_item_begins_with_the_words_that_introduce_it():
    item = a_clause("use a camera of the school. Hand it back on the day.", lead="Volunteers should")

    assert passages(item) == (
        "Volunteers should use a camera of the school. Hand it back on the day.",
        "Volunteers should use a camera of the school.",
        "Volunteers should Hand it back on the day.",
    )


def test_the_whole_clause_comes_first():
    clause = a_clause("keep it in a locker. Take it home every day.", lead="You must")

    assert passages(clause)[0] == clause.full
