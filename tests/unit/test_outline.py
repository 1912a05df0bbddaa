"""Blocks of formats that know paragraphs, with their typed numbers settled."""

import pytest

from index.documents import Block, Kind
from index.outline import settle


def words(text):
    return Block(Kind.PARAGRAPH, text)


def shown(*blocks):
    return [(block.kind, block.label, block.level, block.text) for block in settle(blocks)]


def test_a_typed_number_becomes_a_label_where_it_carries_on():
    blocks = shown(
        Block(Kind.HEADING, "1. Aims", level=1), words("1.1 Phones are off."), words("2026 was the year.")
    )

    assert [(label, text) for _, label, _, text in blocks] == [
        ("1.", "Aims"), ("1.1", "Phones are off."), ("", "2026 was the year."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second"), [("(a) pictures", "(b) films"), ("i) pictures", "ii) films"), ("• a", "• b")]
)
def test_typed_letters_below_a_lead_in_are_items(first, second):
    blocks = shown(words("1.1 You must not send:"), words(first), words(second))

    assert [(kind, level) for kind, _, level, _ in blocks[1:]] == [(Kind.ITEM, 1), (Kind.ITEM, 1)]


def test_typed_lists_nest_below_an_item_that_is_a_lead_in():
    texts = ["1.1 You must not:", "(a) send:", "(i) pictures", "(ii) films", "(b) lie"]

    assert [level for _, _, level, _ in shown(*map(words, texts))] == [0, 1, 2, 2, 1]


def test_the_formats_own_list_below_a_typed_item_is_nested():
    own = [Block(Kind.ITEM, text, "•", 1) for text in ("pictures", "films")]

    blocks = shown(words("1.1 You must not:"), words("(a) send:"), *own, words("(b) lie"))

    assert [level for _, _, level, _ in blocks] == [0, 1, 2, 2, 1]


def test_the_formats_own_levels_stay_as_they_are():
    levels = [1, 2, 3, 2, 1]

    blocks = shown(words("You must not:"), *(Block(Kind.ITEM, "x", "•", level) for level in levels))

    assert [level for _, _, level, _ in blocks[1:]] == levels


def test_a_list_of_contents_is_left_out():
    blocks = [
        words("Contents"),
        words("Phones 2"),
        words("Aims .... 3"),
        Block(Kind.HEADING, "Phones"),
        words("Off."),
    ]

    assert [text for _, _, _, text in shown(*blocks)] == ["Phones", "Off."]


def test_numbers_begin_again_in_an_appendix():
    texts = ["4 Aims", "4.1 Phones are off.", "Appendix 1: Forms", "1 Ask the office.", "2 Sign."]

    blocks = shown(*map(words, texts))

    assert [(kind, label) for kind, label, _, _ in blocks[2:]] == [
        (Kind.HEADING, ""), (Kind.PARAGRAPH, "1"), (Kind.PARAGRAPH, "2"),
    ]  # fmt: skip
