"""Text files to lines."""

import pytest

from index.formats.plain import lines_of, width


def texts(text):
    return [line.text for line in lines_of(text)]


@pytest.mark.parametrize("mark", ["Page 2", "Page 2 of 9", "- 2 -", "2/9", "\f", "Page | 2"])
def test_page_marks_are_left_out(mark):
    text = f"1.1 A picture is moved from the card before it goes\n\n{mark}\n\nback in the cupboard."

    assert texts(text) == ["1.1 A picture is moved from the card before it goes", "back in the cupboard."]


def test_a_page_that_ends_in_mid_sentence_leaves_no_gap():
    text = "1.1 A picture is moved from the card before it goes\n\n\nPage 2\n\n\nback in the cupboard."

    assert [line.gap for line in lines_of(text)] == [0, 0]


def test_running_heads_beside_page_marks_are_left_out_whatever_their_number():
    pages = [
        f"1.{page} Phones are off in lesson {page}.\n\nHolt School {page}\nPage {page}\n\n"
        for page in (1, 2, 3)
    ]

    assert texts("".join(pages)) == [f"1.{page} Phones are off in lesson {page}." for page in (1, 2, 3)]


def test_the_title_printed_again_on_every_page_is_left_out():
    text = "Camera Policy\n\n1.1 One.\n\nCamera Policy\n\n1.2 Two.\n\nCamera Policy\n\n1.3 Three.\n"

    assert texts(text) == ["Camera Policy", "1.1 One.", "1.2 Two.", "1.3 Three."]


def test_a_number_alone_is_a_sections_when_its_first_clause_follows():
    text = "1\n\nAims\n\n1.1 Phones are off.\n\n2\n\nScope\n\n2.1 All staff.\n"

    assert texts(text) == ["1", "Aims", "1.1 Phones are off.", "2", "Scope", "2.1 All staff."]


def test_a_number_alone_is_a_page_when_nothing_of_its_own_follows():
    assert texts("Phones are off.\n\n1\n\nWatches are silent.\n") == [
        "Phones are off.",
        "Watches are silent.",
    ]


def test_gaps_and_indents_are_counted():
    lines = lines_of("Staff must:\n\n\n    ring the office\n\ttell the head\n")

    assert [(line.gap, line.indent) for line in lines] == [(0, 0), (2, 4), (0, 4)]


def test_an_underlined_heading_is_strong_and_its_line_is_left_out():
    lines = lines_of("Phones\n------\n\nThey are off.\n")

    assert [(line.text, line.strong) for line in lines] == [("Phones", True), ("They are off.", False)]


def test_footnotes_below_a_rule_are_notes_without_their_numbers():
    lines = lines_of("Staff train1 and sign.2\n\n__________\n1 Each year,\nin May.\n\n2 On paper.\n\fMore.\n")

    assert [(line.text, line.note) for line in lines] == [
        ("Staff train1 and sign.2", False),
        ("Each year,", True),
        ("in May.", True),
        ("On paper.", True),
        ("More.", False),
    ]


def test_footnotes_with_raised_or_bracketed_numbers_need_no_rule():
    lines = lines_of("Staff train¹ and sign.\n\n¹ Each year.\n\nAll[2] do.\n\n[2] Nearly.\n")

    assert [line.text for line in lines if line.note] == ["Each year.", "Nearly."]


def test_a_line_that_only_looks_like_a_note_is_none():
    assert [line.note for line in lines_of("__________\n\n2 Watches\n\n2.1 They are silent.\n")] == [
        False,
        False,
    ]


@pytest.mark.parametrize(
    "drawn",
    [
        "| Phone | off |\n|-------|-----|\n| Watch | on |\n",
        "Phone\toff\nWatch\ton\n",
        "Phone      off\nWatch      on\n",
    ],
)
def test_tables_drawn_with_bars_tabs_and_blanks_are_rows(drawn):
    assert [(line.cells, line.text) for line in lines_of(drawn)] == [
        (("Phone", "off"), "Phone | off"),
        (("Watch", "on"), "Watch | on"),
    ]


def test_a_number_set_off_by_blanks_is_no_table():
    assert [line.cells for line in lines_of("1.1      Phones are off.\n1.2      Watches too.\n")] == [(), ()]


def test_a_line_is_full_where_the_next_word_would_not_have_fitted():
    text = "Telephones are kept in the locker from the first bell of the day until\nthe last. Never.\nOk.\n"

    assert [line.full for line in lines_of(text)] == [True, False, False]


def test_the_lines_of_a_file_that_was_never_wrapped_are_never_full():
    assert [line.full for line in lines_of(f"{'Phones are off. ' * 20}\nWatches too.\n")] == [False, False]


def test_capitals_are_wider_than_small_letters():
    assert width("ill") < width("OLL") < width("WWW")
