"""The README opens with pictures of the pages: there, described, small, made by a command it names."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MOST_BYTES = 400_000


def test_the_readme_opens_with_pictures_that_are_there_and_say_in_words_what_they_show():
    opening = README.partition("\n## ")[0]
    pictures = re.findall(r'<img src="([^"]+)"[^>]* alt="([^"]*)"', opening)

    assert len(pictures) == opening.count("<img ") >= 3
    assert [source for source, alt in pictures if not (ROOT / source).is_file() or len(alt) < 40] == []
    assert "python -m tests.pictures.web" in opening


def test_the_pictures_of_the_pages_are_small_and_none_is_left_over():
    files = sorted((ROOT / "tests" / "pictures").glob("web-*.png"))

    assert [each.name for each in files if f"tests/pictures/{each.name}" not in README] == []
    assert sum(each.stat().st_size for each in files) < MOST_BYTES
