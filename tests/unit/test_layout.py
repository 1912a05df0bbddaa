"""Lines of print to blocks."""

import pytest

from index.documents import Block, Kind, Line
from index.layout import blocks_of


def shown(*lines):
    """What each block of *lines* is, its label and its words."""
    made = [line if isinstance(line, Line) else Line(line) for line in lines]
    return [(block.kind, block.label, block.text) for block in blocks_of(made)]


def test_a_clause_runs_on_over_its_lines():
    lines = [
        "6 Phones",
        Line("6.1 Phones are kept in", full=True),
        "the locker until the bell.",
        "6.2 Watches too.",
    ]

    blocks = shown(*lines)[1:]

    assert blocks == [
        (Kind.PARAGRAPH, "6.1", "Phones are kept in the locker until the bell."),
        (Kind.PARAGRAPH, "6.2", "Watches too."),
    ]


@pytest.mark.parametrize(
    "start", ["7.3 of the guide", "13 for most sites", "2.30 pm on a Friday", "a. m. and after"]
)
def test_a_wrapped_line_may_begin_like_a_label(start):
    above = Line("1.1 The rule stands in", full=True)

    assert shown(above, f"{start}, we think.", "1.2 More.")[0][2] == f"The rule stands in {start}, we think."


def test_a_number_after_the_word_section_belongs_to_the_sentence():
    lines = [
        "1 Aims",
        "1.1 This is set out in section",
        "1.2 Below, and in the guide.",
        "1.2 Phones are off.",
    ]

    assert [label for _, label, _ in shown(*lines)] == ["1", "1.1", "1.2"]


def test_words_that_are_unfinished_go_on_after_a_gap():
    blocks = shown(
        Line("1.1 Pictures are moved from the card before it goes", full=True), Line("back.", gap=3)
    )

    assert blocks == [(Kind.PARAGRAPH, "1.1", "Pictures are moved from the card before it goes back.")]


def test_a_title_with_space_around_it_is_a_heading():
    blocks = shown(
        "Phones are off.", Line("Smart watches", gap=1), Line("They are worn with alerts off.", gap=1)
    )

    assert [kind for kind, _, _ in blocks] == [Kind.PARAGRAPH, Kind.HEADING, Kind.PARAGRAPH]


@pytest.mark.parametrize(
    "title",
    [Line("WATCHES"), Line("Watches", strong=True), Line("Watches", size=1.3), Line("Appendix B: Watches")],
)
def test_capitals_bold_size_and_the_word_appendix_make_a_heading(title):
    assert shown("Phones are off.", title, "They are worn with alerts off.")[1][0] is Kind.HEADING


def test_a_bold_heading_may_take_two_lines():
    lines = [
        Line("Lessons by video, and on behalf of", strong=True, full=True),
        Line("Partner Schools", strong=True),
    ]

    assert shown(*lines, "Both heads agree.")[0] == (
        Kind.HEADING,
        "",
        "Lessons by video, and on behalf of Partner Schools",
    )


def test_a_lead_in_left_open_is_no_heading():
    blocks = shown("Phones are off.", Line("The principal will", gap=1), Line("• keep a list.", gap=1))

    assert [kind for kind, _, _ in blocks] == [Kind.PARAGRAPH, Kind.PARAGRAPH, Kind.ITEM]


def test_bullets_lost_to_an_indent_are_items():
    lines = [Line("Staff should not:"), Line("meet a pupil", indent=4), Line("send a message", indent=4)]

    blocks = blocks_of([*lines, Line("This has been so for years.", gap=1)])

    assert [(block.kind, block.level) for block in blocks] == [
        (Kind.PARAGRAPH, 0), (Kind.ITEM, 1), (Kind.ITEM, 1), (Kind.PARAGRAPH, 0),
    ]  # fmt: skip


def test_terms_explained_below_a_lead_in_are_items():
    blocks = shown(
        "1.2 In this policy:", Line("“Image” means a picture.", gap=1), "“Parent” includes a carer."
    )

    assert [text for kind, _, text in blocks if kind is Kind.ITEM] == [
        "“Image” means a picture.",
        "“Parent” includes a carer.",
    ]


def test_a_deeper_indent_or_another_bullet_below_a_lead_in_nests():
    lines = ["Staff must not send:", "• pictures:", "o of pupils", "o of parents", "• messages"]

    assert [block.level for block in blocks_of(list(map(Line, lines)))] == [0, 1, 2, 2, 1]


def test_a_dash_inside_a_sentence_is_no_bullet():
    blocks = shown("- pictures,", Line("- taking photographs on a phone", full=True), "even then.")

    assert [text for _, _, text in blocks] == ["pictures,", "taking photographs on a phone even then."]


def test_a_list_of_contents_is_left_out():
    lines = ["CONTENTS", "Phones", "Watches", "PHONES", "They are off.", "WATCHES", "They are silent."]

    assert [text for _, _, text in shown(*lines)] == [
        "PHONES",
        "They are off.",
        "WATCHES",
        "They are silent.",
    ]


def test_table_rows_stay_apart_and_know_their_table():
    rows = [Line("Phone | off", cells=("Phone", "off")), Line("Watch | on", cells=("Watch", "on"))]

    blocks = blocks_of([*rows, Line("That is all."), Line("Bag | shut", cells=("Bag", "shut"))])

    assert [(block.kind, block.table) for block in blocks] == [
        (Kind.ROW, 1), (Kind.ROW, 1), (Kind.PARAGRAPH, 0), (Kind.ROW, 2),
    ]  # fmt: skip


def test_footnotes_come_last_each_as_one_block():
    lines = [
        Line("See the guide.", note=True, gap=1),
        Line("It is short.", note=True),
        Line("1.1 Phones are off."),
    ]

    assert blocks_of(lines) == [
        Block(Kind.PARAGRAPH, "Phones are off.", "1.1"),
        Block(Kind.FOOTNOTE, "See the guide. It is short."),
    ]


def test_a_block_stands_on_the_page_where_it_begins():
    lines = [Line("1.1 Phones are kept in", page=2, full=True), Line("the locker.", page=3)]

    assert [block.page for block in blocks_of(lines)] == [2]


def test_no_lines_make_no_blocks():
    assert blocks_of([]) == []
