"""Which numbers at the start of a line are labels, and of what."""

import pytest

from index.labels import parse
from index.numbering import After, Key, Place, Sequence, Setting, follows, keys_of


def placed(*texts, **setting):
    """Where each of *texts* stands, one after the other."""
    numbers = Sequence()
    return [numbers.place(parse(text), Setting(**setting)) for text in texts]


@pytest.mark.parametrize(
    ("value", "last", "reach", "expected"),
    [
        ((6, 8), (6, 7), 1, True),
        ((7,), (6, 7), 1, True),
        ((7, 1), (6, 7), 1, True),
        ((6, 7, 1), (6, 7), 1, True),
        ((6, 9), (6, 7), 1, False),
        ((6, 9), (6, 7), 3, True),
        ((6, 7), (6, 7), 3, False),
        ((6, 5), (6, 7), 3, False),
        ((7, 4), (6, 7), 3, False),
    ],
)
def test_a_number_follows_its_elder_brother_its_parent_or_the_end_of_another_section(
    value, last, reach, expected
):
    assert follows(value, last, reach) is expected


def test_numbers_that_carry_on_are_clauses():
    assert placed("1 Aims", "1.1 Phones", "1.2 Watches", "2 Scope") == [Place.CLAUSE] * 4


def test_a_number_in_the_middle_of_a_sentence_is_no_label():
    numbers = Sequence([(Key("", (3, 1)), Place.CLAUSE)])

    place = numbers.place(parse("7.3 of this policy"), Setting(boundary=False))

    assert (place, numbers.open) == (Place.NONE, [(Key("", (3, 1)), Place.CLAUSE)])


def test_a_quantity_is_no_label():
    assert placed("7 days after that") == [Place.NONE]


def test_a_document_may_begin_at_six_when_what_follows_bears_it_out():
    ahead = (Key("", (6, 1)),)

    assert placed("6. Phones", after=After.HEADING, ahead=ahead) == [Place.CLAUSE]
    assert placed("6. Phones", after=After.HEADING) == [Place.NONE]


def test_a_list_below_a_lead_in_is_made_of_items_and_ends_with_the_next_clause():
    numbers = Sequence([(Key("", (6, 7)), Place.CLAUSE)])

    first = numbers.place(parse("1. a complaint"), Setting(After.LEAD))
    second = numbers.place(parse("2. a request"), Setting())
    clause = numbers.place(parse("6.8 Logs"), Setting())

    assert (first, second, clause) == (Place.ITEM, Place.ITEM, Place.CLAUSE)


def test_a_section_after_a_list_of_six_is_told_by_its_own_first_clause():
    numbers = Sequence([(Key("", (6,)), Place.CLAUSE), (Key("", (6,)), Place.ITEM)])

    place = numbers.place(parse("7. Monitoring"), Setting(ahead=(Key("", (7, 1)),)))

    assert place is Place.CLAUSE


def test_a_bracketed_number_is_a_list_of_its_own_inside_a_numbered_clause():
    numbers = Sequence([(Key("", (3,)), Place.CLAUSE)])

    items = [
        numbers.place(parse("1) one"), Setting(After.LEAD)),
        numbers.place(parse("2) two"), Setting()),
        numbers.place(parse("3) three"), Setting()),
    ]

    assert (items, numbers.place(parse("4. Next"), Setting())) == ([Place.ITEM] * 3, Place.CLAUSE)


def test_numbers_start_again_under_a_new_heading():
    numbers = Sequence([(Key("", (3,)), Place.CLAUSE)])

    assert numbers.place(parse("1. Tell the office"), Setting(After.HEADING)) is Place.CLAUSE


def test_a_repeated_number_is_still_a_clause():
    numbers = Sequence([(Key("", (6, 6)), Place.CLAUSE)])

    assert numbers.place(parse("6.6 Traffic is logged"), Setting()) is Place.CLAUSE


def test_i_after_h_is_a_letter_and_i_after_a_lead_in_a_roman_numeral():
    after_h = Sequence([(Key("a", (8,)), Place.ITEM)])
    after_b = Sequence([(Key("a", (2,)), Place.ITEM)])

    after_h.place(parse("(i) the ninth"), Setting())
    after_b.place(parse("(i) the first"), Setting(After.LEAD))

    assert [sequence.open[-1][0] for sequence in (after_h, after_b)] == [Key("a", (9,)), Key("i", (1,))]


def test_a_capital_and_a_number_stand_in_one_family():
    assert keys_of(parse("B2 Ask")) == keys_of(parse("B.2 Ask")) == [Key("A", (2, 2))]
