"""Drawing cases: what a terminal would obey, how old a case is, and what its clock says."""

import io
import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from bot.console.case_view import clock, draw_list, head_json
from bot.console.closing import closing_from
from bot.console.plain import plain, plain_json
from bot.domain.retention import CountsFrom, RecordType, Schedule
from bot.errors import ConfigurationError
from tests.cases_builders import START, a_head
from tests.fakes import a_school

SCHEDULE = Schedule((RecordType("kept", "Kept", 6, CountsFrom.CLOSURE, "the day", "ours", START.date()),))
OBEYED = [*range(0x20), *range(0x7F, 0xA0), *range(0x200E, 0x2010), *range(0x2028, 0x202F), 0xFEFF]


def drawn(*heads, now=START):
    console = Console(file=io.StringIO(), width=80, highlight=False)
    draw_list(console, a_school(), heads, now)
    return console.file.getvalue()


@pytest.mark.parametrize("number", [each for each in OBEYED if chr(each) not in "\n\t"])
def test_what_a_terminal_obeys_is_shown_as_its_code(number):
    character = chr(number)

    assert character not in plain(f"a{character}b")
    assert character not in plain_json(f"a{character}b")
    assert plain(f"a{character}b") == f"a\\x{number:02x}b" if number < 256 else f"a\\u{number:04x}b"


@settings(derandomize=True, max_examples=200)
@given(st.text())
def test_json_made_harmless_still_says_the_same(text):
    escaped = plain_json(json.dumps(text, ensure_ascii=False))

    assert json.loads(escaped) == text


def test_plain_words_and_lines_stay_as_they_are():
    assert plain("Zoë said “no” 👍\n\tand 3 € more") == "Zoë said “no” 👍\n\tand 3 € more"


@pytest.mark.parametrize(
    ("due", "says"),
    [
        (None, "-"),
        (timedelta(minutes=14), "in 14 min"),
        (timedelta(hours=5), "in 5 h"),
        (timedelta(days=3), "in 3 days"),
        (timedelta(minutes=-20), "20 min late"),
    ],
)
def test_the_clock_says_when_the_next_person_is_told(due, says):
    head = a_head(clock_at=None if due is None else START + due)

    assert clock(head, START) == says


def test_a_list_without_cases_says_so():
    assert "No cases." in drawn()


def test_a_list_is_no_wider_than_80_columns_however_long_its_words_are():
    late = a_head("7K3M-Q9XD", urgent=True, clock_at=START - timedelta(days=400))

    shown = drawn(late, now=START + timedelta(days=1000))

    assert max(map(len, shown.splitlines())) <= 80
    assert "1400 days late" in shown


def test_urgency_is_one_of_two_words():
    assert [head_json(a_head(urgent=each))["urgency"] for each in (True, False)] == ["urgent", "normal"]


def test_safety_28_whether_sexual_abuse_is_alleged_is_never_taken_for_granted():
    with pytest.raises(ConfigurationError, match="yes or no"):
        closing_from({"type": "kept"}, SCHEDULE, adult=False)


@pytest.mark.parametrize(("said", "kept"), [("yes", True), ("no", False), (True, True), (False, False)])
def test_yes_and_no_may_be_words_or_truth_values(said, kept):
    closing = closing_from({"type": "kept", "sexual_abuse": said}, SCHEDULE, adult=False)

    assert closing.retention.sexual_abuse is kept
