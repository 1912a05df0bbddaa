"""Words broken at a line end."""

import pytest

from index.hyphens import is_broken, mended, words_of


@pytest.mark.parametrize(
    ("above", "below", "expected"),
    [
        ("the safe-", "guarding lead", "the safeguarding lead"),
        ("their co-", "workers", "their co-workers"),
        ("of the Anglo-", "French school", "of the Anglo-French school"),
        ("the safe\u00ad", "guarding lead", "the safeguarding lead"),
        ("between 10 -", "20 pupils", "between 10 - 20 pupils"),
    ],
)
def test_a_broken_word_is_mended_and_a_hyphenated_one_keeps_its_hyphen(above, below, expected):
    assert mended(above, below, {}) == expected


def test_how_the_document_writes_a_word_elsewhere_decides():
    words = words_of(["a well-being week", "the cooperation of all"])

    assert mended("on well-", "being", words) == "on well-being"
    assert mended("with the co-", "operation", words) == "with the cooperation"


def test_only_a_hyphen_at_the_very_end_breaks_a_word():
    assert [is_broken(text) for text in ("safe-", "safe\u00ad", "safe - ", "safe")] == [
        True,
        True,
        False,
        False,
    ]
