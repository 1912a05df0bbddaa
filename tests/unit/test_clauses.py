"""Blocks to clauses: numbers, sections, lists with their lead-ins."""

import hashlib

import pytest

from index.clauses import Clause, cut
from index.documents import Block, Kind


def heading(text, label=""):
    return Block(Kind.HEADING, text, label)


def words(text, label=""):
    return Block(Kind.PARAGRAPH, text, label)


def item(text, level=1):
    return Block(Kind.ITEM, text, "•", level)


def row(text, table=1, header=False):
    return Block(Kind.ROW, text, table=table, header=header)


def shown(*blocks):
    return [(clause.number, clause.item, clause.text) for clause in cut(blocks)]


def test_a_printed_number_names_a_clause_without_what_closes_it():
    assert shown(heading("Phones", "6."), words("Phones are off.", "6.7.")) == [
        ("6.7", "", "Phones are off.")
    ]


def test_without_a_number_the_section_and_the_paragraph_name_it():
    blocks = [
        heading("Phones", "4."),
        words("They are off."),
        words("They stay off."),
        heading("Watches"),
        words("Too."),
    ]

    assert [number for number, _, _ in shown(*blocks)] == [
        "Phones, paragraph 1",
        "Phones, paragraph 2",
        "Watches, paragraph 1",
    ]


def test_words_before_any_heading_stand_in_the_opening():
    assert shown(words("Agreed in May.")) == [("Opening, paragraph 1", "", "Agreed in May.")]


def test_a_numbered_title_above_plain_words_is_a_heading():
    clauses = cut([words("Mobile phones", "4."), words("They are off.")])

    assert [(clause.number, clause.section) for clause in clauses] == [
        ("Mobile phones, paragraph 1", "4. Mobile phones")
    ]


def test_an_item_is_citeable_alone_and_carries_its_lead_in():
    clauses = cut([words("Staff should not:", "7.3"), item("accept requests;"), item("send any.")])

    assert [(c.number, c.item, c.lead, c.text) for c in clauses] == [
        ("7.3", "", "", "Staff should not:"),
        ("7.3", "1", "Staff should not:", "accept requests;"),
        ("7.3", "2", "Staff should not:", "send any."),
    ]


def test_a_nested_item_carries_both_lead_ins():
    nested = cut([words("You must not:", "2.1"), item("send:"), item("pictures", 2), item("lie", 1)])

    assert [(c.item, c.lead) for c in nested] == [
        ("", ""), ("1", "You must not:"), ("1#1", "You must not: send:"), ("2", "You must not:"),
    ]  # fmt: skip


def test_a_heading_that_is_a_lead_in_gives_its_number_to_the_items():
    clauses = cut([heading("Social media must not be used to:", "6."), item("bully"), item("lie")])

    assert [(c.number, c.item, c.full) for c in clauses] == [
        ("6", "1", "Social media must not be used to: bully"),
        ("6", "2", "Social media must not be used to: lie"),
    ]


def test_one_list_may_have_two_lead_ins_and_counts_on():
    clauses = cut(
        [heading("Roles", "4"), words("The head will:"), item("lead"), words("Staff will:"), item("read")]
    )

    assert [(c.number, c.item, c.lead) for c in clauses] == [
        ("4", "1", "The head will:"),
        ("4", "2", "Staff will:"),
    ]


def test_words_after_a_list_belong_to_the_clause():
    blocks = [words("You may:", "2.2"), item("ring"), words("No pictures."), words("Watches too.", "2.3")]

    assert shown(*blocks)[2:] == [("2.2", "", "No pictures."), ("2.3", "", "Watches too.")]


def test_bullets_under_a_plain_heading_are_paragraphs_of_their_own():
    blocks = [
        heading("KINDNESS"),
        item("We are kind."),
        item("If not, we:"),
        item("say so", 2),
        item("We listen."),
    ]

    assert [(number, place) for number, place, _ in shown(*blocks)] == [
        ("KINDNESS, paragraph 1", ""),
        ("KINDNESS, paragraph 2", ""),
        ("KINDNESS, paragraph 2", "1"),
        ("KINDNESS, paragraph 3", ""),
    ]


def test_a_lead_in_below_such_bullets_has_a_list_of_its_own():
    blocks = [heading("LAW"), item("It binds us."), words("Read these:"), item("the code"), item("the guide")]

    assert [(number, place) for number, place, _ in shown(*blocks)[1:]] == [
        ("LAW, paragraph 2", ""),
        ("LAW, paragraph 2", "1"),
        ("LAW, paragraph 2", "2"),
    ]


def test_a_question_is_one_record_with_its_answer():
    blocks = [
        heading("Help"),
        words("May I?", "Q:"),
        words("You may.", "A:"),
        words("Tell us."),
        words("Who?", "Q2."),
    ]

    assert shown(*blocks) == [("Help, paragraph 1", "", "May I? You may. Tell us."), ("Q2", "", "Who?")]


def test_questions_that_stand_as_headings_are_records_when_there_are_several():
    blocks = [
        heading("Help"),
        heading("May I?"),
        words("You may."),
        heading("May they?"),
        words("No."),
        words("Never."),
    ]

    assert shown(*blocks) == [
        ("Help, paragraph 1", "", "May I? You may."),
        ("Help, paragraph 2", "", "May they? No. Never."),
    ]


def test_a_single_question_is_a_heading():
    assert shown(heading("Who is this for?"), words("For you.")) == [
        ("Who is this for?, paragraph 1", "", "For you.")
    ]


@pytest.mark.parametrize("marked", [True, False])
def test_each_row_is_a_record_and_the_header_is_none(marked):
    blocks = [
        heading("Uses"),
        row("Device | Where", header=marked),
        row("Phone | Nowhere"),
        row("Tablet | Class"),
    ]

    assert shown(*blocks) == [
        ("Uses, paragraph 1", "", "Phone | Nowhere"),
        ("Uses, paragraph 2", "", "Tablet | Class"),
    ]


def test_a_row_that_begins_with_a_clause_number_has_that_number():
    assert shown(row("No | Rule"), row("3.2 | Phones are off.")) == [("3.2", "", "Phones are off.")]


def test_footnotes_are_records_and_their_marks_leave_the_words():
    blocks = [words("Staff train1 each year,2 and say so[3] or sign⁴.", "1.1")]
    notes = [Block(Kind.FOOTNOTE, text) for text in ("One.", "Two.", "Three.", "Four.")]

    clauses = cut([*blocks, *notes])

    assert clauses[0].text == "Staff train each year, and say so or sign."
    assert [(c.number, c.section) for c in clauses[1:3]] == [
        ("Footnotes, paragraph 1", "Footnotes"),
        ("Footnotes, paragraph 2", "Footnotes"),
    ]


def test_a_number_glued_to_a_word_stays_where_there_is_no_footnote():
    assert shown(words("Use form staff1 only.", "1.1")) == [("1.1", "", "Use form staff1 only.")]


def test_a_heading_alone_is_no_record():
    assert cut([heading("Phones"), heading("Watches")]) == []


def test_the_hash_names_the_words_with_their_lead_in():
    clause = Clause("7.3", "1", "7 Staff", "Staff should not:", "lie.")

    assert clause.sha256 == hashlib.sha256(b"Staff should not: lie.").hexdigest()
