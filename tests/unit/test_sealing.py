"""Seals hold to their place, marks tell nothing, and a name is compared as people mean it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.same_name import normalised
from bot.errors import SealBroken
from bot.store.sealing import mark, open_sealed, seal
from tests.unit.vault_builders import CANARY, flipped

SECRET = b"s" * 32
WHERE = "events.body:C1:7"
texts = st.text(st.characters(), max_size=30)


@settings(max_examples=50, derandomize=True)
@given(st.binary(max_size=300), texts.filter(lambda text: text.isascii()))
def test_what_was_sealed_opens_again(plain, where):
    actual = open_sealed(SECRET, seal(SECRET, plain, where), where)

    assert actual == plain


def test_a_flipped_byte_anywhere_in_a_sealed_value_is_found():
    sealed = seal(SECRET, b"he asked for my number", WHERE)

    for place in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_sealed(SECRET, flipped(sealed, place), WHERE)


@pytest.mark.parametrize("length", [0, 1, 12, 13, 28, 29, 40])
def test_a_cut_off_sealed_value_is_found(length):
    sealed = seal(SECRET, b"he asked for my number", WHERE)

    with pytest.raises(SealBroken):
        open_sealed(SECRET, sealed[:length], WHERE)


@pytest.mark.parametrize("where", ["events.body:C1:8", "events.body:C2:7", "cases.body:C1:7", ""])
def test_a_sealed_value_opens_in_its_own_row_alone(where):
    sealed = seal(SECRET, b"text", WHERE)

    with pytest.raises(SealBroken):
        open_sealed(SECRET, sealed, where)


def test_another_key_does_not_open_it():
    with pytest.raises(SealBroken):
        open_sealed(b"t" * 32, seal(SECRET, b"text", WHERE), WHERE)


def test_the_same_text_is_never_sealed_alike_and_cannot_be_read():
    first, second = seal(SECRET, CANARY, WHERE), seal(SECRET, CANARY, WHERE)

    assert first != second
    assert CANARY not in first


def test_an_error_of_a_seal_names_the_place_alone():
    with pytest.raises(SealBroken) as caught:
        open_sealed(SECRET, b"\x01" + CANARY * 3, WHERE)

    assert str(caught.value) == WHERE


def test_a_mark_is_the_same_every_time_and_differs_by_key_purpose_and_name():
    marks = [
        mark(SECRET, "name", "oak", "kestrel"),
        mark(b"t" * 32, "name", "oak", "kestrel"),
        mark(SECRET, "handle", "oak", "kestrel"),
        mark(SECRET, "name", "oakk", "estrel"),
        mark(SECRET, "name", "oakkestrel"),
        mark(SECRET, "name", "oak", "kestrel", ""),
    ]

    assert mark(SECRET, "name", "oak", "kestrel") == marks[0]
    assert len(set(marks)) == len(marks)
    assert all(len(made) == 64 for made in marks)


def test_a_name_that_is_no_valid_text_can_be_marked():
    assert mark(SECRET, "name", "\ud800") != mark(SECRET, "name", "?")


@pytest.mark.parametrize(
    "written",
    [
        "Anne O'Shea-Byrne",
        "  anne   o'shea-byrne ",
        "ANNE O\N{RIGHT SINGLE QUOTATION MARK}SHEA-BYRNE",
        "Anne O\N{ACUTE ACCENT}Shea\N{NON-BREAKING HYPHEN}Byrne",
        "Mrs Anne O'Shea-Byrne",
        "Dr. Anne O'Shea-Byrne",
        "@Anne O'Shea-Byrne",
        "Anne\N{NO-BREAK SPACE}O'Shea-\N{ZERO WIDTH SPACE}Byrne",
        "Miss Prof Anne O'Shea-Byrne",
    ],
)
def test_one_person_written_in_different_ways_is_compared_as_one(written):
    assert normalised(written) == "anne o'shea-byrne"


@pytest.mark.parametrize(
    ("written", "expected"), [("Miss", "miss"), ("Drew Sirrel", "drew sirrel"), ("@", "")]
)
def test_a_title_is_dropped_only_before_a_name(written, expected):
    assert normalised(written) == expected


@settings(max_examples=300, derandomize=True)
@given(texts)
def test_a_name_that_was_made_comparable_stays_as_it_is(name):
    assert normalised(normalised(name)) == normalised(name)
