"""CSV that opens well and never runs."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.packs.csv_rows import chronology, csv_bytes, safe
from tests.unit.packs_builders import a_row


def read(content):
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "formula",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "＠x", "|calc", "%0A=1", "﹣1"],
)
def test_a_cell_that_a_spreadsheet_might_run_begins_with_an_apostrophe(formula):
    assert safe(formula).startswith("'")


@pytest.mark.parametrize("plain", ["Tom", "", "a=b", "1-2", "Zoë", "'quoted"])
def test_any_other_cell_stays_as_it_is(plain):
    assert safe(plain) == plain


def test_a_spreadsheet_sees_utf_8_by_its_mark():
    assert csv_bytes(("a",), [("Łódź",)]).startswith(b"\xef\xbb\xbf")


def test_a_cell_too_long_for_a_spreadsheet_goes_on_below():
    rows = read(csv_bytes(("n", "words"), [("1", "x" * 70_000)]))

    assert "".join(row[1] for row in rows[1:]) == "x" * 70_000
    assert max(len(row[1]) for row in rows) <= 32_767


def test_a_continued_cell_is_no_formula_either():
    rows = read(csv_bytes(("words",), [("x" * 32_000 + "=1+1",)]))

    assert rows[2] == ["'=1+1"]


def test_the_chronology_has_a_row_for_each_event_with_its_exact_words():
    rows = read(chronology((a_row(7, 'He wrote, "hi",\nthen left.'),)))

    assert rows[1] == [
        "7",
        "2026-11-20T22:48:07+00:00",
        "note",
        "Amy Ash (DSL)",
        'He wrote, "hi",\nthen left.',
    ]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text())
def test_whatever_is_written_no_cell_begins_like_a_formula(text):
    (_, *rows) = read(csv_bytes(("words",), [(text,)]))

    assert all(not cell.lstrip().startswith(("=", "+", "-", "@")) for row in rows for cell in row)
