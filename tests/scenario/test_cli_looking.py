"""Looking from the command line: search, evidence, what is due for deletion, a reporter's own reports."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from rich.console import Console

from bot import app
from bot.casework.room import Member
from bot.console.case_view import draw_list
from bot.console.rooms import settings
from bot.domain.triage import Form
from tests import desk_terminal
from tests.desk_terminal import SCHOOL, a_desk_terminal, a_picture, audit, file_report, make_real, open_desk

pytestmark = pytest.mark.slow

DSL, HEAD = "cop-dsl", "cop-head"
CANARY = "canary-Kestrel"
WHY = ("--reason", "working on it")
MINE = ("my-reports", "--reporter", "Jo Bloggs", "--school", SCHOOL)


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


def item_of(staffroom, case, at=0):
    return staffroom("cases", case, "--as", DSL, *WHY, "--json").json["evidence"][at]["id"]


def lock(staffroom, case, item):
    assert staffroom("case", "lock", case, "--as", DSL, "--file", item).code == 0


def take(staffroom, case, *more):
    return staffroom("evidence", case, "--as", DSL, "--out", "seen", *more)


def written(staffroom):
    return sorted(path for path in (staffroom.folder / "seen").glob("*"))


def a_picture_that_tells(words):
    file, told = io.BytesIO(), PngInfo()
    told.add_text("Comment", words)
    Image.new("RGB", (20, 30)).save(file, "PNG", pnginfo=told)
    return file.getvalue()


def case_whose_time_is_over(staffroom):
    """A closed case; from then on it is three days later."""
    case = file_report(staffroom)
    seen = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["version"]
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
    closing = {
        **{"summary": "s", "followed_up": "f", "action": "a", "outcome": "o", "reasons": "r"},
        **{"filed_where": "the file", "type": "contact-settled", "sexual_abuse": "no"},
        "until": tomorrow.isoformat(),
    }
    (staffroom.folder / "closing.json").write_text(json.dumps(closing), "utf-8")
    done = staffroom("case", "close", case, "--as", DSL, "--answers", "closing.json", "--seen", seen)
    assert (done.code, done.err.count("staffroom:")) == (0, 0)
    later = datetime.now(UTC) + timedelta(days=3)
    staffroom.monkeypatch.setattr(app, "now", lambda: later)
    return case


# The list


def test_the_list_shows_the_form_and_who_has_it_within_80_columns(staffroom):
    case = file_report(staffroom)
    seen = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["version"]
    staffroom("case", "assign", case, "--as", DSL, "--who", DSL, "--seen", seen)
    other = file_report(staffroom, Form.CONCERN, request="r-2")

    done = staffroom("cases", "--as", DSL)

    rows = {line.split()[0]: line.split() for line in done.out.splitlines() if line.strip()}
    assert "contact" in rows[case]
    assert rows[case][-1] == "Asquey"
    assert rows[other][-2:] == ["concern", "nobody"]
    assert max(map(len, done.out.splitlines())) <= 80


def test_a_list_that_is_too_long_in_waiting_leaves_out_the_form_before_who_has_it(staffroom):
    case = file_report(staffroom)
    seen = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["version"]
    staffroom("case", "acknowledge", case, "--as", DSL, "--seen", seen)
    staffroom("case", "assign", case, "--as", DSL, "--who", DSL, "--seen", seen + 1)
    school = app.build(settings(None)).folders.schools[SCHOOL]
    console = Console(file=io.StringIO(), width=80)
    with open_desk(staffroom) as desk:
        heads = desk.casework.list_cases(Member(SCHOOL, DSL))

    draw_list(console, school, heads, datetime.now(UTC) + timedelta(days=1000))

    drawn = console.file.getvalue()
    assert "contact" not in drawn
    assert "Asquey" in drawn
    assert max(map(len, drawn.splitlines())) <= 80


# search


def test_a_search_shows_number_urgency_and_status_alone(staffroom):
    case = file_report(staffroom, who=CANARY)

    done = staffroom("search", CANARY, "--as", DSL)
    as_json = staffroom("search", CANARY, "--as", DSL, "--json")

    assert (done.code, done.out) == (0, f"{case}  normal  received\n")
    assert as_json.json == [{"case": case, "urgency": "normal", "status": "received"}]
    assert CANARY not in json.dumps(audit(staffroom))


def test_safety_14_a_search_does_not_find_a_case_that_is_not_theirs(staffroom):
    case = file_report(staffroom, Form.ADULT_CONCERN)
    staffroom("cases", case, "--as", HEAD, *WHY)
    staffroom("case", "person", case, "--as", HEAD, "--role", "witness", "--name", CANARY)

    found = [staffroom("search", CANARY, "--as", person).out for person in (DSL, HEAD)]

    assert [case in each for each in found] == [False, True]
    assert found[0] == "No cases.\n"


# evidence


def test_safety_23_evidence_is_written_as_new_copies_that_the_owner_alone_reads(staffroom):
    told = a_picture_that_tells(CANARY)
    staffroom.monkeypatch.setattr(desk_terminal, "a_picture", lambda: told)
    case = file_report(staffroom, files=("screen.png", "other.png"))

    done = take(staffroom, case, *WHY)

    files = written(staffroom)
    assert (done.code, sorted(done.out.split())) == (0, [f"seen/{path.name}" for path in files])
    assert [(path.suffix, path.stat().st_mode & 0o777) for path in files] == [(".png", 0o600)] * 2
    assert [CANARY.encode() in content for content in (told, *(path.read_bytes() for path in files))] == [
        *(True, False, False)
    ]
    assert [row for row in audit(staffroom) if row[0] == "downloaded"] == []


def test_one_file_is_written_by_its_id_and_never_over_another(staffroom):
    case = file_report(staffroom, files=("screen.png", "other.png"))
    item = item_of(staffroom, case, 1)

    first = take(staffroom, case, "--item", item, *WHY)
    before = written(staffroom)[0].read_bytes()
    written(staffroom)[0].write_bytes(b"mine")
    again = take(staffroom, case, "--item", item, *WHY)

    assert (first.code, again.code, len(written(staffroom))) == (0, 2, 1)
    assert "is there already" in again.err
    assert (before[:4], written(staffroom)[0].read_bytes()) == (b"\x89PNG", b"mine")


def test_safety_23_the_original_needs_a_reason_and_comes_with_a_warning(staffroom):
    case = file_report(staffroom, files=("screen.png",))

    without = take(staffroom, case, "--original")
    done = take(staffroom, case, "--original", *WHY)

    assert (without.code, done.code) == (2, 0)
    assert "--original needs --reason" in without.err
    assert "as it was received" in done.err
    assert [path.read_bytes() for path in written(staffroom)] == [a_picture()]
    assert [row[2] for row in audit(staffroom) if row[0] == "downloaded"] == [case]


@pytest.mark.parametrize("more", [(), ("--original",)])
def test_safety_4_a_locked_file_is_refused_and_nothing_of_it_is_written(staffroom, more):
    case = file_report(staffroom, files=("screen.png", "other.png"))
    item = item_of(staffroom, case)
    lock(staffroom, case, item)

    one = take(staffroom, case, "--item", item, *more, *WHY)
    nothing = written(staffroom)
    every = take(staffroom, case, *more, *WHY)

    assert (one.code, nothing, one.out) == (1, [], "")
    assert "locked because it may be an indecent image" in one.err
    assert (every.code, len(written(staffroom))) == (1, 1)
    assert item not in written(staffroom)[0].name


@pytest.mark.parametrize("more", [(), ("--original",)])
def test_in_real_mode_no_evidence_is_written(staffroom, more):
    make_real(staffroom)
    case = file_report(staffroom, files=("screen.png",))

    done = take(staffroom, case, *more, *WHY)

    assert (done.code, done.out, written(staffroom)) == (2, "", [])
    assert "use the desk" in done.err
    assert [row[1:3] for row in audit(staffroom) if row[0].startswith("entered")] == [(DSL, case)]


def test_safety_22_evidence_of_an_unassigned_case_asks_for_a_reason(staffroom):
    case = file_report(staffroom, files=("screen.png",))

    done = take(staffroom, case)

    assert (done.code, written(staffroom)) == (2, [])
    assert "it is assigned to nobody" in done.err


# deletions


def test_safety_28_what_is_due_is_listed_and_only_a_person_deletes_it(staffroom):
    case = case_whose_time_is_over(staffroom)

    listed = staffroom("deletions", "--as", DSL, "--json").json
    unasked = staffroom("deletions", "--as", DSL, "--confirm", case, *WHY)
    deleted = staffroom("deletions", "--as", DSL, "--confirm", case, *WHY, "--yes", "--json")

    assert [(each["case"], each["type"]) for each in listed] == [(case, "contact-settled")]
    assert (unasked.code, deleted.code) == (2, 0)
    assert "give --yes" in unasked.err
    assert [(each["case"], each["deleted_by"]) for each in deleted.json] == [(case, DSL)]
    assert staffroom("deletions", "--as", DSL).out == "Nothing is due for deletion.\n"


@pytest.mark.parametrize(("typed", "code"), [("0000-0000", 2), ("", 2), (None, 0)])
def test_safety_28_on_a_terminal_the_case_number_is_typed_again(staffroom, typed, code):
    case = case_whose_time_is_over(staffroom)
    staffroom.monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    said = [case.lower() if typed is None else typed]

    done = staffroom("deletions", "--as", DSL, "--confirm", case, *WHY, typed=said)

    assert done.code == code
    assert [row[2] for row in audit(staffroom) if row[0] == "deleted"] == ([] if code else [case])


def test_safety_28_a_case_whose_time_is_not_over_is_not_deleted(staffroom):
    case = file_report(staffroom)
    staffroom("cases", case, "--as", DSL, *WHY)

    done = staffroom("deletions", "--as", DSL, "--confirm", case, *WHY, "--yes")

    assert (done.code, done.out) == (2, "")
    assert staffroom("cases", "--as", DSL, "--json").json[0]["status"] == "opened"


def test_in_real_mode_a_deletion_shows_number_status_and_times_alone(staffroom):
    case = case_whose_time_is_over(staffroom)
    (staffroom.folder / "data/sample").rename(staffroom.folder / "kept")
    (staffroom.folder / "kept/sample.key").rename(staffroom.folder / "the.key")
    make_real(staffroom)
    staffroom.monkeypatch.setenv("STAFFROOM_KEY", "")
    staffroom.monkeypatch.setenv("STAFFROOM_KEY_FILE", str(staffroom.folder / "the.key"))
    staffroom.monkeypatch.setenv("STAFFROOM_DATA", str(staffroom.folder / "kept"))

    listed = staffroom("deletions", "--as", DSL)
    deleted = staffroom("deletions", "--as", DSL, "--confirm", case, *WHY, "--yes", "--json")

    assert (listed.code, deleted.code) == (0, 0)
    assert "contact-settled" not in listed.out
    assert sorted(deleted.json[0]) == ["case", "closed_at", "deleted_at", "filed_at", "school", "until"]


# my-reports


def test_a_reporter_sees_how_far_it_is_and_what_is_missing_and_answers(staffroom):
    case = file_report(staffroom)
    unopened = staffroom(*MINE)
    staffroom("cases", case, "--as", DSL, *WHY)
    staffroom("case", "ask", case, "--as", DSL, "Which app was it?")
    asked = staffroom(*MINE)
    number = asked.out.split("question ")[1].split(":")[0]

    answered = staffroom(*MINE, "--case", case, "--answer", number, "The blue one.")

    assert "received, not opened yet" in unopened.out
    assert "Which app was it?\n    (no answer yet)" in asked.out
    assert answered.code == 0
    assert "you said: The blue one." in answered.out
    entered = [row for row in audit(staffroom) if row[3].startswith("my-reports, one, OS user")]
    assert [row[2] for row in entered] == [case]


def test_safety_24_what_cannot_be_had_is_not_asked_for_again(staffroom):
    case = file_report(staffroom)
    missing = [line.split(": ", 1)[1] for line in staffroom(*MINE).out.splitlines() if "missing" in line]

    done = staffroom(*MINE, "--case", case, "--cannot-get", missing[0])
    wrong = staffroom(*MINE, "--case", case, "--cannot-get", "x")

    assert (done.code, wrong.code) == (0, 2)
    assert f"still missing: {missing[0]}" not in done.out


@pytest.mark.parametrize("real", [False, True])
def test_safety_4_a_reporter_locks_a_file_that_they_sent(staffroom, real):
    if real:
        make_real(staffroom)
    case = file_report(staffroom, files=("screen.png",))
    with open_desk(staffroom) as desk:
        item = desk.casework.open_case(Member(SCHOOL, DSL), case, "working on it").evidence[0].id

    done = staffroom(*MINE, "--case", case, "--may-be-indecent", item)

    with open_desk(staffroom) as desk:
        locked = desk.casework.open_case(Member(SCHOOL, DSL), case, "working on it").evidence[0].locked
    assert (done.code, locked) == (0, True)
    assert "screen.png" not in done.out


def test_safety_15_another_persons_report_is_not_there(staffroom):
    case = file_report(staffroom)
    other = ("my-reports", "--reporter", "Sam Sand", "--school", SCHOOL)

    listed = staffroom(*other)
    asked = staffroom(*other, "--case", case)
    unknown = staffroom(*other, "--case", "0000-0000")

    assert (listed.code, listed.out) == (0, "No reports by that name here.\n")
    assert (asked.code, asked.out, asked.err) == (2, "", unknown.err)


def test_in_real_mode_a_reporter_sees_status_and_times_and_changes_nothing(staffroom):
    make_real(staffroom)
    case = file_report(staffroom, files=("screen.png",))

    listed = staffroom(*MINE)
    answered = staffroom(*MINE, "--case", case, "--cannot-get", "x")

    assert listed.code == 0
    assert "received, not opened yet" in listed.out
    assert [word for word in ("missing", "screen", "request", "Bloggs") if word in listed.out] == []
    assert (answered.code, answered.out) == (2, "")
    assert "use the desk" in answered.err


@pytest.mark.parametrize("command", ["search", "evidence", "deletions", "my-reports"])
def test_each_command_that_looks_has_help_with_an_example(staffroom, command):
    done = staffroom(command, "--help")

    assert done.code == 0
    assert "Example: staffroom" in done.words
