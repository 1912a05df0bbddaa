"""The small parts of filing from the command line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console

from bot.console.evidence_files import NOT_OPENED, TOO_MANY, read_file, read_files, unopened
from bot.console.filing import form_json, form_named
from bot.console.receipt import Shown, draw_receipt, receipt_json
from bot.domain.answers import Contact, Step
from bot.domain.evidence import MOST_FILES
from bot.domain.reports import Receipt, RefusedFile, StoredFile
from bot.domain.triage import Form
from bot.errors import ConfigurationError
from tests.unit.form_builders import FORMS, a_form

SHA = "ab" * 32


def a_receipt(**changes):
    plain = {
        "case": "7K3M-Q9XD",
        "request_id": "r-1",
        "school": "fernhill",
        "form": Form.CONCERN,
        "urgent": False,
        "stored_at": datetime(2026, 11, 20, 22, 41, 7, tzinfo=UTC),
        "told": (Contact("head", "Cat Cole", "01632 960303"),),
        "evidence": (StoredFile("screen.png", SHA, 41_300_000),),
        "next_steps": (Step("Ring now:", (Contact("police", "", "999"),)),),
    }
    return Receipt(**{**plain, **changes})


def drawn(shown, width=80):
    console = Console(width=width, record=True, file=None, highlight=False, markup=False, emoji=False)
    with console.capture() as said:
        draw_receipt(console, shown)
    return said.get()


@pytest.mark.parametrize("name", FORMS)
def test_a_form_is_found_by_its_name(name):
    assert form_named(name) == name


@pytest.mark.parametrize(
    ("name", "hint"), [("freind-request", "friend-request"), ("troll", "trolling"), ("zzz", "known here")]
)
def test_an_unknown_form_is_refused_with_what_was_meant_and_999(name, hint):
    with pytest.raises(ConfigurationError) as refused:
        form_named(name)

    assert hint in str(refused.value)
    assert "999" in str(refused.value)


@pytest.mark.parametrize("name", FORMS)
def test_the_example_in_forms_answers_only_fields_it_lists(name):
    shown = form_json(a_form(name))

    assert set(shown["example"]) - {field["id"] for field in shown["fields"]} == {"gate"}


def test_the_receipt_as_json_begins_with_the_promised_keys():
    found = receipt_json(Shown(a_receipt()))

    assert list(found)[:6] == ["case", "request_id", "stored_at", "told", "missing", "evidence"]
    assert found["told"] == ["head: Cat Cole"]
    assert found["stored_at"] == "2026-11-20T22:41:07+00:00"
    assert found["evidence"] == [{"name": "screen.png", "sha256": SHA, "size": 41_300_000}]


def test_files_never_opened_stand_beside_those_refused():
    shown = Shown(a_receipt(refused=(RefusedFile("a", "bad"),)), unopened=(RefusedFile("b", "gone"),))

    assert [each["name"] for each in receipt_json(shown)["refused"]] == ["b", "a"]


@pytest.mark.parametrize("width", [40, 80, 96])
def test_a_receipt_keeps_to_the_width_of_the_page(width):
    long = a_receipt(missing=("word " * 60,), refused=(RefusedFile("n" * 100, "because"),))

    assert max(map(len, drawn(Shown(long), width).splitlines())) <= width


def test_a_receipt_shows_london_time_size_and_no_hash_without_details():
    said = drawn(Shown(a_receipt(stored_at=datetime(2026, 7, 1, 22, 41, tzinfo=UTC))))

    assert "1 July 2026 at 23:41" in said
    assert "screen.png (41.3 MB)" in said
    assert SHA[:10] not in said


def test_an_urgent_receipt_says_what_to_do_before_anything_else():
    said = drawn(Shown(a_receipt(urgent=True)))

    assert "URGENT" in said
    assert said.index("999") < said.index("Case number")


def test_markup_in_a_name_is_shown_and_not_obeyed():
    said = drawn(Shown(a_receipt(told=(Contact("head", "[red]Cat[/red] :smile:"),))))

    assert "[red]Cat[/red] :smile:" in said


def test_safety_1_paths_that_are_not_opened_are_named_without_being_touched():
    found = unopened([Path("/nowhere/at all/screen.png"), Path("x")])

    assert found == (RefusedFile("screen.png", NOT_OPENED), RefusedFile("x", NOT_OPENED))


def test_more_than_ten_files_are_named_and_not_opened(tmp_path):
    paths = [tmp_path / f"{number}.png" for number in range(MOST_FILES + 2)]
    for path in paths:
        path.write_bytes(b"x")

    files = read_files(paths, 1)

    assert len(files.uploads) == MOST_FILES
    assert {each.reason for each in files.refused} == {TOO_MANY}


def test_only_as_much_is_read_as_shows_that_a_file_is_too_large(tmp_path):
    path = tmp_path / "huge"
    path.write_bytes(b"x" * 3_000_000)

    assert len(read_file(path, 1).content) == 1024 * 1024 + 1


@pytest.mark.parametrize("path", ["nul\0byte", "x" * 5000])
def test_a_path_that_cannot_be_one_is_a_reason_and_no_crash(path):
    assert isinstance(read_file(Path(path), 1), str)
