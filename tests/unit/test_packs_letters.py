"""Every character is drawn or shown by its number."""

import pytest

from bot.packs.letters import COMMON_PLACES, typeface


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zoë said “no” – £5", "Zoë said “no” – £5"),
        ("Łódź", "Łód[U+017A]"),
        ("\U0001f600", "[U+1F600]"),
        ("سلام", "[U+0633][U+0644][U+0627][U+0645]"),
        ("a\x00b", "a[U+0000]b"),
        ("photo\u202egnp.exe", "photo[U+202E]gnp.exe"),
        ("a\u200bb\xadc", "a[U+200B]b[U+00AD]c"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("one\ntwo", "one<br/>two"),
        ("e\u0301", "é"),
    ],
)
def test_a_character_that_cannot_be_drawn_is_shown_by_its_number(text, shown):
    assert typeface().markup(text) == shown


def test_a_wider_typeface_draws_what_the_built_in_one_lacks():
    there = [path for path in COMMON_PLACES if path.is_file()]
    if not there:
        pytest.skip("this machine has no wider typeface")

    assert "[U+" not in typeface(there).markup("Wiśniewski")


def test_right_to_left_letters_are_never_drawn_one_by_one_in_the_wrong_order():
    assert typeface(COMMON_PLACES).markup("س") == "[U+0633]"


def test_a_typeface_that_is_missing_or_broken_is_left_out(tmp_path):
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"not a typeface")

    assert typeface((broken, tmp_path / "missing.ttf")) == typeface()


def test_pieces_of_a_text_hold_all_of_it():
    text = "word " * 500 + "W" * 2000

    pieces = typeface().pieces(text)

    assert "".join(pieces) == text
    assert max(len(piece) for piece in pieces) <= 700
