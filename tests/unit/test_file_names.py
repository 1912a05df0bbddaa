"""Names of files as people see them."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.file_names import LONGEST, shown_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("IMG 0042.HEIC", "IMG 0042.HEIC"),
        ("über.pdf", "über.pdf"),
        ("=1+1.csv", "=1+1.csv"),
        ("/etc/passwd", "passwd"),
        ("C:\\Users\\jo\\a.png", "a.png"),
        ("../../a.png", "a.png"),
        ("a\0\x1b\u202e\n.png", "a.png"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("nul .png", "_nul .png"),
        ("contact.txt", "contact.txt"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        (".hidden. ", "hidden"),
        ("", "file"),
        ("...", "file"),
        ("/", "file"),
        ("a" * 300 + ".jpeg", "a" * 95 + ".jpeg"),
        ("b" * 300, "b" * 100),
    ],
)
def test_a_name_is_shown_safely(name, expected):
    assert shown_name(name) == expected


@settings(max_examples=400, derandomize=True)
@given(st.text(max_size=150) | st.text(alphabet="./\\ con.aux\0\u202e1:", max_size=130))
def test_any_name_becomes_safe_to_show_and_stays_so(name):
    shown = shown_name(name)

    assert 0 < len(shown) <= LONGEST
    assert not set(shown) & set('/\\<>:"|?*')
    assert not any(unicodedata.category(character) in ("Cc", "Cf", "Cs") for character in shown)
    assert shown == shown.strip(". ")
    assert shown.split(".")[0].strip().casefold() not in ("con", "aux", "nul", "prn", "com1", "lpt1")
    assert shown_name(shown) == shown
