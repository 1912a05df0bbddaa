"""The texts a clause is found by: itself, and its sentences."""

import pytest

from index.clauses import FOOTNOTES, OPENING, Clause
from index.passages import in_place, passages


def a_clause(text, lead=""):
    return Clause("1", "1" if lead else "", "Friends", lead, text)


@pytest.mark.parametrize(
    "text",
    [
        "Staff must not befriend pupils.",
        "Staff must not befriend pupils, e.g. on a phone",
        "Ask the head first. See section 7.",
    ],
)
def test_a_clause_with_one_sentence_worth_looking_for_is_found_as_a_whole(text):
    assert passages(a_clause(text)) == (f"Friends: {text}",)


def test_a_clause_of_several_sentences_is_found_by_each_of_them_too():
    first, second = "Staff must not befriend pupils.", "Does that include cousins and friends?"

    assert passages(a_clause(f"{first} {second}")) == (f"Friends: {first} {second}", first, second)


def test_a_sentence_too_short_to_say_much_is_not_looked_for_alone():
    first, second = "Staff must not befriend pupils;", "cousins are another matter altogether."

    found = passages(a_clause(f"{first} See below. {second}"))

    assert found == (f"Friends: {first} See below. {second}", first, second)


def test_every_passage_of_a_list_item_begins_with_the_words_that_introduce_it():
    item = a_clause("use a camera of the school. Hand it back on the day.", lead="Volunteers should")

    assert passages(item) == (
        "Friends: Volunteers should use a camera of the school. Hand it back on the day.",
        "Volunteers should use a camera of the school.",
        "Volunteers should Hand it back on the day.",
    )


@pytest.mark.parametrize(
    ("heading", "words"),
    [
        ("Parents", "Parents: Film only your own child."),
        ("4.2 Parents and carers:", "Parents and carers: Film only your own child."),
        ("Appendix 1: Parents", "Parents: Film only your own child."),
        ("A policy for parents", "A policy for parents: Film only your own child."),
        ("", "Film only your own child."),
        (OPENING, "Film only your own child."),
        (FOOTNOTES, "Film only your own child."),
        ("Film only your own child", "Film only your own child."),
    ],
)
def test_a_clause_is_read_under_its_heading_without_its_number(heading, words):
    assert in_place(heading, "Film only your own child.") == words


def test_of_a_heading_as_long_as_a_page_only_the_beginning_is_read():
    assert len(in_place("word " * 200, "No phones.")) < 130
