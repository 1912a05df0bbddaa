"""Filing a report from the command line: from a file, and step by step."""

import json
import os
import sys
from pathlib import Path

import pytest

from bot import app
from bot.config import Settings
from bot.console import asking_form, evidence_files
from bot.domain.cases import EventKind
from tests.fakes import write_school
from tests.scenario.terminal import a_terminal
from tests.unit.form_builders import FORMS
from tests.unit.media_samples import png

KEYS = ["case", "request_id", "stored_at", "told", "missing", "evidence"]
UPLOAD_STEP = "Pictures of the screen, and other files"
ESSAY = "word " * 20_000


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    found = a_terminal(tmp_path, monkeypatch, capsys)
    write_school(found.policies, "fernhill", sample=True)
    return found


@pytest.fixture
def at_a_terminal(staffroom, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    return staffroom


def answers(staffroom, form="concern", **said):
    """An answers file for *form*: its example, changed; None leaves an answer out."""
    plain = staffroom("forms", form, "--json").json["example"]
    file = staffroom.folder / "answers.json"
    changed = {key: value for key, value in {**plain, **said}.items() if value is not None}
    file.write_text(json.dumps(changed), "utf-8")
    return file


def picture(staffroom, name="screen.png", content=None):
    file = staffroom.folder / name
    file.write_bytes(png() if content is None else content)
    return file


def file(staffroom, form="concern", *more, **said):
    return staffroom(
        *("file", form, "--reporter", "Jo Mint", "--answers", answers(staffroom, form, **said)), *more
    )


def stored(staffroom, case=None):
    """The events of *case*, or of every case, as the store has them."""
    room = app.build(Settings.load(staffroom.folder, {}))
    with app.desk(room) as desk, desk.store.reading() as unit:
        cases = [case] if case else [head.case for head in unit.reported_by("fernhill", "Jo Mint")]
        return [event for each in cases for event in unit.events(each)]


# With an answers file


@pytest.mark.parametrize("form", FORMS)
def test_every_example_answers_file_can_be_filed(staffroom, form):
    done = file(staffroom, form, "--json")

    assert (done.code, list(done.json)[:6]) == (0, KEYS)
    assert done.json["told"] != []
    assert all(": " in each for each in done.json["told"])


def test_safety_20_the_receipt_is_printed_only_once_the_case_is_in_the_store(staffroom):
    done = file(staffroom, "concern", "--json")

    kinds = [event.kind for event in stored(staffroom, done.json["case"])]
    assert kinds[:2] == [EventKind.FILED, EventKind.ROUTED]


def test_json_is_the_only_thing_on_standard_output_and_notices_go_out_at_once(staffroom):
    done = file(staffroom, "concern", "--json")

    assert len(done.out.splitlines()) == 1
    assert "to Amy Ash: Staffroom: a case needs you" in done.err


def test_the_record_says_who_typed_for_whom_unconfirmed(staffroom):
    done = file(staffroom, "concern", "--json")

    entered = stored(staffroom, done.json["case"])[0].body["entered_by"]
    assert entered.startswith("OS user ")
    assert entered.endswith(" for Jo Mint, unconfirmed")


def test_a_person_reads_number_recipients_what_is_missing_and_what_happens_next(staffroom):
    done = file(staffroom, "friend-request")

    assert done.code == 0
    assert "Your report is stored" in done.words
    assert "designated safeguarding lead (DSL), Amy Ash, 01632 960301" in done.words
    assert "Still missing The exact name or handle on the account." in done.words
    assert "--request-id r-" in done.words
    assert "If nobody opens it within 24 hours" in done.words
    assert max(map(len, done.out.splitlines())) <= 80


def test_sample_mode_says_that_nobody_real_is_told(staffroom):
    assert "nobody real is told" in file(staffroom).words
    assert file(staffroom, "concern", "--json").json["sample"] is True


def test_hashes_are_shown_only_behind_details(staffroom):
    kept = picture(staffroom)

    plain = file(staffroom, "concern", "--evidence", kept)
    whole = file(staffroom, "concern", "--evidence", kept, "--details")

    assert "SHA-256" not in plain.out
    assert "screen.png (" in plain.words
    assert "SHA-256" in whole.words
    assert "not that it is genuine or complete" in whole.words


def test_the_same_request_id_again_gives_the_same_answer_and_other_content_adds(staffroom):
    first = file(staffroom, "concern", "--json", "--request-id", "q-1").json
    again = file(staffroom, "concern", "--json", "--request-id", "q-1").json
    added = file(staffroom, "concern", "--json", "--request-id", "q-1", place="The hall").json

    assert again == first
    assert added["case"] == first["case"]
    assert len(stored(staffroom)) == 3


def test_without_a_request_id_every_filing_is_a_case_of_its_own(staffroom):
    assert (
        file(staffroom, "concern", "--json").json["case"] != file(staffroom, "concern", "--json").json["case"]
    )


# SAFETY 1 on the command line


@pytest.fixture
def unread(monkeypatch):
    """Fails the test when any file but the answers is opened or looked at."""

    def touched(*arguments):
        raise AssertionError("a file was opened")

    monkeypatch.setattr(evidence_files, "read_file", touched)
    monkeypatch.setattr(asking_form, "read_file", touched)


def test_safety_1_evidence_without_an_answer_at_the_gate_is_exit_2_with_nothing_opened(staffroom, unread):
    done = file(staffroom, "concern", "--evidence", picture(staffroom), gate=None)

    assert done.code == 2
    assert "no file was opened" in done.err
    assert not (staffroom.folder / "data").exists()


@pytest.mark.parametrize("gate", ["yes", "not-sure"])
def test_safety_1_after_yes_or_not_sure_the_report_is_urgent_and_no_file_is_opened(staffroom, unread, gate):
    done = file(staffroom, "concern", "--json", "--evidence", picture(staffroom), gate=gate)

    assert (done.code, done.json["urgent"], done.json["evidence"]) == (0, True, [])
    assert done.json["refused"][0]["name"] == "screen.png"
    assert "not opened" in done.json["refused"][0]["reason"]
    assert done.json["next"][0].startswith("Stop. Do not open")


def test_safety_1_a_report_that_was_stopped_once_opens_no_file_after_a_later_no(staffroom, unread):
    file(staffroom, "concern", "--request-id", "q-1", gate="yes")

    done = file(staffroom, "concern", "--json", "--request-id", "q-1", "--evidence", picture(staffroom))

    assert done.code == 0
    assert [each["name"] for each in done.json["refused"]] == ["screen.png"]


def test_safety_12_whoever_the_text_names_is_left_out_and_said_to_be(staffroom):
    done = file(staffroom, "concern", "--json", what="Amy Ash was there.")

    assert done.json["left_out"] == ["designated safeguarding lead (DSL): Amy Ash"]
    assert not any("Amy" in each for each in done.json["told"])
    assert "to Amy Ash: Staffroom: a case needs you" not in done.err


def test_safety_12_an_answers_file_may_say_whom_it_is_about_and_whom_it_is_not(staffroom):
    told = file(staffroom, "concern", "--json", what="Amy Ash was there.", not_about=["amy"]).json
    kept_out = file(staffroom, "concern", "--json", concerned=["amy"]).json

    assert told["told"] == ["designated safeguarding lead (DSL): Amy Ash"]
    assert kept_out["told"] == ["head: Cat Cole"]


# What people get wrong


def test_a_kept_file_is_named_with_its_hash_and_every_other_with_the_reason(staffroom):
    (staffroom.folder / "a folder").mkdir()
    pipe = staffroom.folder / "pipe.png"
    os.mkfifo(pipe)
    paths = [picture(staffroom), staffroom.folder / "gone.png", staffroom.folder / "a folder", pipe]

    done = file(staffroom, "concern", "--json", *(part for path in paths for part in ("--evidence", path)))

    assert [each["name"] for each in done.json["evidence"]] == ["screen.png"]
    reasons = {each["name"]: each["reason"] for each in done.json["refused"]}
    assert "not there" in reasons["gone.png"]
    assert "folder" in reasons["a folder"]
    assert "no ordinary file" in reasons["pipe.png"]


def test_an_unreadable_file_does_not_stop_the_report(staffroom, monkeypatch):
    kept, said, opened = picture(staffroom), answers(staffroom), Path.open

    def shut(path, *arguments, **options):
        if path == kept:
            raise PermissionError(13, "Permission denied")
        return opened(path, *arguments, **options)

    monkeypatch.setattr(Path, "open", shut)

    done = staffroom("file", "concern", "--reporter", "Jo", "--answers", said, "--json", "--evidence", kept)

    assert (done.code, done.json["evidence"]) == (0, [])
    assert "may not be read by this account" in done.json["refused"][0]["reason"]


def test_a_file_over_the_limit_is_refused_and_never_read_whole(staffroom, monkeypatch):
    monkeypatch.setenv("STAFFROOM_MAX_MB", "1")
    huge = staffroom.folder / "huge.png"
    with huge.open("wb") as out:
        out.truncate(4 * 1024**3)

    done = file(staffroom, "concern", "--json", "--evidence", huge)

    assert "larger than 1 MB" in done.json["refused"][0]["reason"]


@pytest.mark.slow
def test_a_photograph_of_forty_megabytes_is_kept_or_refused_and_the_report_stands(staffroom):
    padded = png() + b"\0" * 40_000_000

    done = file(staffroom, "concern", "--json", "--evidence", picture(staffroom, content=padded))

    assert done.code == 0
    assert len(done.json["evidence"]) + len(done.json["refused"]) == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"when": "32/13/2026"}, "when"),
        ({"when": "tomorrow"}, "when"),
        ({"kind": "harmm"}, "kind"),
        ({"what": None}, "what"),
        ({"what": ESSAY}, "what"),
        ({"gate": "perhaps"}, "gate"),
        ({"concerned": ["zed"]}, "concerned"),
        ({"wat": "x"}, "answers"),
    ],
)
def test_bad_answers_are_a_line_a_field_exit_2_and_nothing_stored(staffroom, said, field):
    done = file(staffroom, "concern", "--json", **said)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[0].startswith(f"staffroom: {field}: ")
    assert "nothing was stored" in done.err
    assert stored(staffroom) == []


def test_an_unknown_form_names_the_nearest_and_999(staffroom):
    done = staffroom("file", "concrn", "--reporter", "Jo", "--answers", "x.json")

    assert done.code == 2
    assert 'did you mean "concern"? If a child may be in danger, ring 999.' in done.err


@pytest.mark.parametrize("content", ["[1]", "not json", '"text"', ""])
def test_an_answers_file_that_is_no_object_is_one_line_that_does_not_repeat_it(staffroom, content):
    bad = staffroom.folder / "bad.json"
    bad.write_text(content, "utf-8")

    done = staffroom("file", "concern", "--reporter", "Jo", "--answers", bad)

    assert done.code == 2
    assert len(done.err.splitlines()) == 1
    assert "is no JSON object" in done.err


@pytest.mark.parametrize("reporter", ["", "   ", "\x1b", "x" * 201])
def test_a_report_needs_a_name_that_can_be_read(staffroom, reporter):
    done = staffroom("file", "concern", "--reporter", reporter, "--answers", answers(staffroom))

    assert done.code == 2
    assert "--reporter needs a name" in done.err


@pytest.mark.parametrize("bad", ["two words", "x" * 101, "\x1b[31m"])
def test_a_request_id_is_short_and_plain(staffroom, bad):
    done = file(staffroom, "concern", "--request-id", bad)

    assert done.code == 2
    assert "\x1b" not in done.err


def test_another_reporter_under_the_same_request_id_gets_no_receipt(staffroom):
    first = file(staffroom, "concern", "--json", "--request-id", "q-1").json
    said = answers(staffroom)

    done = staffroom("file", "concern", "--reporter", "Mal", "--answers", said, "--request-id", "q-1")

    assert (done.code, done.out) == (2, "")
    assert first["case"] not in done.err


def test_among_several_schools_a_report_is_never_sent_to_one_that_nobody_named(staffroom):
    write_school(staffroom.policies, "oakdale", sample=True)

    done = file(staffroom, "concern")

    assert done.code == 2
    assert "choose a school with --school: fernhill, oakdale" in done.err


def test_what_others_typed_reaches_no_terminal_as_commands(staffroom):
    bad = picture(staffroom, "\x1b[2Jred.png")
    said = answers(staffroom, who="\x1b[31m=cmd|'calc'!A0 <!channel> 🙂", what="\x9b2J \u202egnp.exe")

    done = staffroom(
        *("file", "concern", "--reporter", "\x1b]0;x\x07Jo", "--answers", said, "--evidence", bad)
    )

    assert done.code == 0
    assert not set("\x1b\x9b\x07\u202e") & set(done.out + done.err)


def test_safety_29_nothing_that_was_written_is_in_the_output_or_in_clear_on_the_disk(staffroom):
    done = file(staffroom, "concern", "--json", who="Canary Finch", what="canary-7Q4X said")

    kept = b"".join(each.read_bytes() for each in (staffroom.folder / "data").rglob("*") if each.is_file())
    assert "anary" not in done.out + done.err
    assert b"anary" not in kept


# forms


def test_forms_lists_all_four_and_one_alone(staffroom):
    every = staffroom("forms", "--json").json
    one = staffroom("forms", "trolling", "--json").json

    assert [each["form"] for each in every] == ["friend-request", "trolling", "adult-concern", "concern"]
    assert one in every
    assert set(one) >= {"form", "fields", "example"}
    assert set(one["fields"][0]) >= {"id", "label", "kind", "required", "choices"}


def test_forms_keeps_nothing_and_opens_no_store(staffroom):
    staffroom("forms")

    assert not (staffroom.folder / "data").exists()


def test_forms_can_be_read_by_a_person(staffroom):
    done = staffroom("forms", "friend-request")

    assert "Who is it from? (person-name, needed)" in done.out
    assert "pupil | former-pupil | parent | not-sure" in done.words
    assert '"gate": "no"' in done.out


# Asked step by step


ASKED = ["Kit Reed", "1", "Said a stranger writes.", "", "8", "yesterday"]


def asked(staffroom, *typed, form="concern"):
    return staffroom("file", form, "--reporter", "Jo Mint", typed=[*ASKED, *typed])


def test_a_report_can_be_told_question_by_question_and_ends_in_a_receipt(at_a_terminal):
    done = asked(at_a_terminal, "1", "", "", "send")

    assert done.code == 0
    assert done.words.index("ring 999 first".casefold().replace("ring", "Ring")) < done.words.index(
        "Which child?"
    )
    assert "Your report is stored" in done.words
    assert stored(at_a_terminal)[0].body["answers"] == {
        "who": "Kit Reed",
        "kind": "contact",
        "what": "Said a stranger writes.",
        "where": "discord",
        "when": stored(at_a_terminal)[0].body["answers"]["when"],
    }


@pytest.mark.parametrize("many", range(10))
def test_leaving_before_sending_stores_nothing_and_says_so(at_a_terminal, many):
    done = at_a_terminal("file", "concern", "--reporter", "Jo Mint", typed=[*ASKED, "1", "", ""][:many])

    assert done.code == 1
    assert "Nothing was stored" in done.out
    assert "999" in done.out
    assert stored(at_a_terminal) == []


def test_safety_1_the_gate_is_asked_before_any_file_and_yes_stops(at_a_terminal, unread):
    done = asked(at_a_terminal, "2", "", "send")

    assert done.words.index("Could any of it show") < done.words.index("STOP")
    assert "Do not open, copy, screenshot" in done.words
    assert UPLOAD_STEP not in done.out
    assert stored(at_a_terminal)[0].body["gate"] == "yes"


def test_safety_1_going_back_after_yes_does_not_open_the_gate_again(at_a_terminal, unread):
    # Back from the people question to the gate's place, which is not asked again.
    done = asked(at_a_terminal, "3", "<", "<", "yesterday", "", "send")

    assert done.code == 0
    assert UPLOAD_STEP not in done.out
    assert stored(at_a_terminal)[0].body["gate"] == "not-sure"


def test_safety_24_how_to_capture_is_said_before_a_path_is_asked_for(at_a_terminal):
    kept = picture(at_a_terminal)

    done = asked(at_a_terminal, "1", "", str(at_a_terminal.folder / "nowhere.png"), f"'{kept}'", "", "send")

    assert done.words.index("Capture only what was sent to you") < done.words.index("Not taken")
    assert UPLOAD_STEP in done.out
    assert "Not taken: it is not there" in done.words
    assert "screen.png (" in done.words


def test_safety_12_asked_step_by_step_a_tick_removes_a_person(at_a_terminal):
    done = asked(at_a_terminal, "1", "9", "1", "", "", "send")

    assert "1 Amy Ash, designated safeguarding lead (DSL): receives" in done.words
    assert "Please type numbers from 1 to 3" in done.words
    assert "1 Cat Cole, head: receives" in done.words
    assert stored(at_a_terminal)[1].body["full"] == ["cat"]


def test_safety_12_whoever_the_words_name_is_asked_about_by_name(at_a_terminal):
    typed = ["Kit Reed", "1", "Amy Ash saw it.", "", "8", "today", "1", "2", "", "", "send"]

    done = at_a_terminal("file", "concern", "--reporter", "Jo Mint", typed=typed)

    assert "Your words may name Amy Ash" in done.words
    assert stored(at_a_terminal)[1].body["full"] == ["amy"]


def test_back_goes_to_the_question_before_and_a_wrong_answer_is_asked_again(at_a_terminal):
    typed = ["Kit", "<", "Kit Reed", "99", "1", "What", "", "", "32/13/2026", "", "1", "", "", "Send"]

    done = at_a_terminal("file", "concern", "--reporter", "Jo Mint", typed=typed)

    assert '"32/13/2026" is not a date' in done.words
    assert stored(at_a_terminal)[0].body["answers"] == {"who": "Kit Reed", "kind": "contact", "what": "What"}


def test_what_can_wait_is_offered_after_the_receipt_and_added_to_the_same_case(at_a_terminal):
    done = asked(at_a_terminal, "1", "", "", "send", "1", "10.41 pm", "The hall")

    assert "Added to your report" in done.words
    assert stored(at_a_terminal)[-1].body["answers"] == {"time": "22:41", "place": "The hall"}


def test_what_cannot_be_had_is_not_asked_for_again(at_a_terminal):
    typed = [
        "Jo Marsh",
        "1",
        "1",
        "1",
        "today",
        "1",
        "",
        "",
        "send",
        "now",
        "cannot",
        "",
        "",
        "",
        "1",
        "",
        "",
        "",
    ]

    done = at_a_terminal("file", "friend-request", "--reporter", "Jo Mint", typed=typed)

    assert "The exact name or handle on the account." in done.words.split("Add it now")[0]
    assert "The exact name or handle on the account." not in done.words.split("Added to your report")[1]


def test_leaving_while_adding_says_that_the_report_is_stored(at_a_terminal):
    done = asked(at_a_terminal, "1", "", "", "send", "1", "10.41 pm")

    assert done.code == 0
    assert "Your report is stored. What you were adding just now was not added." in done.words


def test_the_form_and_the_name_are_asked_for_when_they_are_not_given(at_a_terminal):
    done = at_a_terminal("file", typed=["4", "", "Jo Mint", *ASKED, "1", "", "", "send"])

    assert done.code == 0
    assert stored(at_a_terminal) != []


@pytest.mark.parametrize("more", [(), ("--json",), ("--evidence", "x.png")])
def test_without_a_terminal_or_with_json_an_answers_file_is_asked_for(staffroom, monkeypatch, more):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)

    done = staffroom("file", "concern", *more)

    assert (done.code, done.out) == (2, "")
    assert "--answers" in done.err


def test_the_word_report_at_the_prompt_begins_a_report(at_a_terminal):
    typed = ["report concern", "Jo Mint", *ASKED, "1", "", "", "send", "2", "quit"]

    done = at_a_terminal("talk", typed=typed)

    assert done.code == 0
    assert "Your report is stored" in done.words


def test_a_question_that_begins_with_report_is_still_a_question(at_a_terminal):
    done = at_a_terminal("talk", typed=["report about staff telling the head", "quit"])

    assert "Which child?" not in done.out
