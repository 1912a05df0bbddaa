"""Labels at the start of a line."""

import pytest

from index.labels import Style, parse, roman


@pytest.mark.parametrize(
    ("text", "printed", "rest"),
    [
        ("6.7 Staff must not", "6.7", "Staff must not"),
        ("6.7. Staff must not", "6.7", "Staff must not"),
        ("2.1.3", "2.1.3", ""),
        ("A3 Keep it in its case", "A3", "Keep it in its case"),
        ("A.1 Use school equipment", "A.1", "Use school equipment"),
        ("1) inside school", "1", "inside school"),
        ("(a) in the staff room", "(a)", "in the staff room"),
        ("iv) the office", "iv)", "the office"),
        ("• a bullet", "•", "a bullet"),
        ("\uf0b7 a bullet of a symbol font", "\uf0b7", "a bullet of a symbol font"),
        ("o tell the head", "o", "tell the head"),
        ("– a dash", "–", "a dash"),
        ("Q2. May I?", "Q2", "May I?"),
        ("A: You may.", "A", "You may."),
    ],
)
def test_a_label_is_told_from_the_words_after_it(text, printed, rest):
    label = parse(text)

    assert (label.printed, label.rest) == (printed, rest)


@pytest.mark.parametrize(
    "text",
    ["Staff must not", "2026-03-04 was a Wednesday", "£25 is too much", "a child who says no", "-5 degrees"],
)
def test_ordinary_words_have_no_label(text):
    assert parse(text) is None


def test_a_full_stop_or_bracket_that_closes_a_number_is_kept_apart():
    assert [parse(text).close for text in ("1. One", "1) One", "1 One")] == [".", ")", ""]


def test_a_letter_may_also_be_a_roman_numeral():
    label = parse("(v) the fifth")

    assert (label.style, label.value, label.roman) == (Style.LETTER, (22,), 5)


@pytest.mark.parametrize(
    ("letters", "value"), [("i", 1), ("iv", 4), ("ix", 9), ("xiv", 14), ("abc", 0), ("", 0)]
)
def test_roman_numerals_are_read(letters, value):
    assert roman(letters) == value
