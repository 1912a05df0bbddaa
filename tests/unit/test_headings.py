"""Headings and questions, seen from their neighbours."""

import pytest

from index.documents import Block, Kind
from index.headings import bare, is_number, with_headings, with_questions


def words(text, label=""):
    return Block(Kind.PARAGRAPH, text, label)


def test_a_numbered_title_above_its_own_clauses_or_plain_words_is_a_heading():
    blocks = [
        words("Phones", "4."),
        words("They are off.", "4.1"),
        words("Watches", "5."),
        words("They are silent."),
    ]

    assert [block.kind for block in with_headings(blocks)] == [
        Kind.HEADING, Kind.PARAGRAPH, Kind.HEADING, Kind.PARAGRAPH,
    ]  # fmt: skip


def test_a_short_clause_between_clauses_is_no_heading():
    blocks = [words("No phones", "1."), words("No watches", "2."), words("No cameras", "3.")]

    assert with_headings(blocks) == blocks


def test_a_letter_above_its_own_numbers_is_a_heading():
    blocks = [words("Phones", "A."), words("They are off.", "A1")]

    assert [block.kind for block in with_headings(blocks)] == [Kind.HEADING, Kind.PARAGRAPH]


def test_several_questions_are_marked_with_all_their_answers():
    blocks = [
        Block(Kind.HEADING, "May I?"),
        words("No."),
        words("Never."),
        Block(Kind.HEADING, "Why?"),
        words("So."),
    ]

    assert [block.label for block in with_questions(blocks)] == ["Q:", "A:", "A:", "Q:", "A:"]


def test_questions_of_different_sections_stay_headings():
    blocks = [
        Block(Kind.HEADING, "May I?"),
        words("No."),
        Block(Kind.HEADING, "Law"),
        Block(Kind.HEADING, "Why?"),
        words("So."),
    ]

    assert with_questions(blocks) == blocks


@pytest.mark.parametrize(
    ("label", "number"), [("6.7.", True), ("A3", True), ("A.1", True), ("(a)", False), ("•", False)]
)
def test_numbers_are_told_from_letters_and_bullets(label, number):
    assert is_number(label) is number


def test_a_label_is_bare_without_what_closes_it():
    assert [bare(label) for label in ("6.7.", "1)", "Q:", "(a)")] == ["6.7", "1", "Q", "a"]
