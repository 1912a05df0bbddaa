"""The command line as a person uses it: real folders, the real index, a toy encoder."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import write_school
from tests.scenario.terminal import a_terminal

ROOT = Path(__file__).parents[2]
ANSWER_KEYS = [
    *("id", "school", "question", "route", "form", "outcome", "answered", "stance", "citations"),
]
CITATION_KEYS = ["school", "policy", "clause", "item", "section", "page", "lead", "text", "score"]
CLAUSE_KEYS = ["clause", "item", "section", "page", "lead", "text", "stance"]
RULE = "Staff must not follow a pupil unless the pupil is a family member."
CONDUCT = f"""1 Contact

1.1 {RULE}

1.2 Photographs may be taken with a school camera only.

1.3 Staff should not:

(a) post about pupils

(b) swear at parents online
"""
FERNHILL_QUESTION = "can staff follow a pupil"
URGENT = "she just told me her dad hits her"


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    found = a_terminal(tmp_path, monkeypatch, capsys)
    write_school(found.policies, "fernhill", {"conduct.txt": CONDUCT}, sample=True)
    return found


def add_oakdale(staffroom, **options):
    document = {"rules.md": "# Rules\n\nEveryone may follow a parent online.\n"}
    return write_school(staffroom.policies, "oakdale", document, **options)


# ask


def test_a_question_is_answered_with_verdict_quote_and_source(staffroom):
    done = staffroom("ask", FERNHILL_QUESTION)

    assert done.code == 0
    assert "Fernhill School" in done.out
    assert "Must not, “unless the pupil is a family member” (1.1)" in done.words
    assert f"“{RULE}”" in done.words
    assert "Conduct · date not given" in done.words
    assert "Amy Ash, 01632 960301" in done.words


def test_no_line_of_an_answer_is_wider_than_80_columns(staffroom):
    done = staffroom("ask", FERNHILL_QUESTION)

    assert max(map(len, done.out.splitlines())) <= 80


def test_sample_mode_says_so_on_standard_error_and_names_999(staffroom):
    done = staffroom("ask", FERNHILL_QUESTION)

    assert "SAMPLE MODE" in done.err
    assert "999" in done.err
    assert "SAMPLE MODE" not in done.out


def test_json_is_one_object_with_the_promised_keys_and_nothing_else(staffroom):
    done = staffroom("ask", "--json", FERNHILL_QUESTION)

    assert done.code == 0
    assert done.err == ""
    assert len(done.out.splitlines()) == 1
    assert list(done.json) == ANSWER_KEYS
    assert [list(citation) for citation in done.json["citations"]] == [CITATION_KEYS] * 5
    assert (done.json["id"], done.json["school"]) == (None, "fernhill")
    assert (done.json["route"], done.json["form"], done.json["outcome"]) == ("question", None, "answer")
    assert (done.json["answered"], done.json["stance"]) == (True, "prohibited")
    assert (done.json["citations"][0]["clause"], done.json["citations"][0]["text"]) == ("1.1", RULE)


def test_options_may_stand_before_or_after_the_question(staffroom):
    assert (
        staffroom("ask", FERNHILL_QUESTION, "--json").json
        == staffroom("ask", "--json", FERNHILL_QUESTION).json
    )


def test_an_urgent_message_gets_the_numbers_and_no_verdict(staffroom):
    done = staffroom("ask", URGENT)

    assert done.code == 0
    assert "URGENT" in done.out
    for number in ("999", "01632 960305", "01632 960306", "01632 960301", "01632 960303", "01632 960307"):
        assert number in done.words
    assert "Must" not in done.out


def test_an_urgent_message_as_json_is_not_answered_but_cites(staffroom):
    shown = staffroom("ask", "--json", URGENT).json

    assert (shown["route"], shown["answered"], shown["stance"]) == ("urgent", False, None)
    assert shown["citations"]


def test_a_report_says_what_it_sounds_like_and_whom_to_tell(staffroom):
    done = staffroom("ask", "a year 9 has just sent me a friend request")

    assert "This sounds like something to report: a friend request, follow or message." in done.words
    assert "Tell designated safeguarding lead (DSL), Amy Ash, 01632 960301" in done.words


def test_markup_and_emoji_in_a_question_change_nothing(staffroom):
    question = "[bold]can staff follow a pupil[/] :smile: 😱"

    assert staffroom("ask", question).code == 0
    assert staffroom("ask", "--json", question).json["question"] == question


def test_markup_in_a_clause_is_printed_as_it_is(staffroom):
    text = "1.1 Write [bold]urgent[/bold] or :warning: on the form."
    write_school(staffroom.policies, "fernhill", {"conduct.txt": text}, sample=True)

    assert (
        "Write [bold]urgent[/bold] or :warning: on the form." in staffroom("ask", "write on the form").words
    )


def test_safety_6_an_urgent_message_gets_its_numbers_though_no_index_can_be_written(staffroom):
    (staffroom.folder / "data").write_text("a file where the folder should be")

    done = staffroom("ask", URGENT)

    assert done.code == 0
    assert "01632 960305" in done.words


def test_a_question_says_why_no_policy_can_be_read(staffroom):
    (staffroom.folder / "data").write_text("a file where the folder should be")

    done = staffroom("ask", FERNHILL_QUESTION)

    assert (done.code, done.out) == (2, "")
    assert "999" in done.err.splitlines()[-1]


# which school


def test_the_only_school_needs_no_name_though_it_is_no_sample(staffroom):
    write_school(staffroom.policies, "fernhill", {"conduct.txt": CONDUCT}, sample=False)

    assert staffroom("ask", "--json", FERNHILL_QUESTION).json["school"] == "fernhill"


def test_among_several_schools_the_first_sample_is_asked(staffroom):
    add_oakdale(staffroom, sample=True)
    write_school(staffroom.policies, "ashby", sample=False)

    assert staffroom("ask", "--json", FERNHILL_QUESTION).json["school"] == "fernhill"


def test_several_schools_without_a_sample_have_to_be_chosen_from(staffroom):
    write_school(staffroom.policies, "fernhill", {"conduct.txt": CONDUCT}, sample=False)
    add_oakdale(staffroom)

    done = staffroom("ask", FERNHILL_QUESTION)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == "staffroom: choose a school with --school: fernhill, oakdale"


def test_a_school_is_asked_for_by_its_folder_s_name(staffroom):
    add_oakdale(staffroom)

    shown = staffroom("ask", "--school", "oakdale", "--json", "can everyone follow a parent").json

    assert shown["school"] == "oakdale"
    assert {citation["school"] for citation in shown["citations"]} == {"oakdale"}


def test_an_unknown_school_is_named_with_the_choices(staffroom):
    add_oakdale(staffroom)

    done = staffroom("ask", "--school", "elmwood", FERNHILL_QUESTION)

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1] == (
        "staffroom: there is no school 'elmwood'; choose one of: fernhill, oakdale."
        " If a child may be in danger, ring 999."
    )


def test_another_folder_of_schools_is_given_with_policies(staffroom):
    write_school(staffroom.folder / "others", "elmwood")

    done = staffroom("ask", "--policies", staffroom.folder / "others", "--json", "tell the head")

    assert done.json["school"] == "elmwood"


def test_the_env_file_of_the_folder_is_read_and_the_option_wins(staffroom):
    write_school(staffroom.folder / "others", "elmwood")
    (staffroom.folder / ".env").write_text("STAFFROOM_POLICIES=others\n")

    assert staffroom("ask", "--json", "tell the head").json["school"] == "elmwood"
    assert staffroom("ask", "--json", "--policies", "policies", "x").json["school"] == "fernhill"


# ask --batch


def test_a_batch_is_answered_in_input_order_with_its_ids(staffroom):
    add_oakdale(staffroom)
    done = staffroom.batch(
        {"id": "b", "school": "oakdale", "question": "follow a parent"},
        {"id": "a", "school": "fernhill", "text": FERNHILL_QUESTION},
        {"id": 7, "text": URGENT},
    )

    assert (done.code, done.err) == (0, "")
    assert [list(each) for each in done.lines] == [ANSWER_KEYS] * 3
    assert [(each["id"], each["school"], each["route"]) for each in done.lines] == [
        ("b", "oakdale", "question"),
        ("a", "fernhill", "question"),
        (7, "fernhill", "urgent"),
    ]


def test_a_batch_line_without_a_school_is_asked_of_the_first_by_name(staffroom):
    write_school(staffroom.policies, "ashby", sample=False)

    assert staffroom.batch({"id": 1, "question": "tell the head"}).lines[0]["school"] == "ashby"


def test_a_batch_line_without_a_school_is_asked_of_the_one_that_is_chosen(staffroom):
    write_school(staffroom.policies, "ashby", sample=False)

    done = staffroom.batch({"id": 1, "question": "tell the head"}, school="fernhill")

    assert done.lines[0]["school"] == "fernhill"


def test_a_bad_batch_line_has_id_and_error_and_the_others_are_answered(staffroom):
    done = staffroom.batch(
        {"id": 1, "question": FERNHILL_QUESTION},
        "no json at all",
        '["a", "list"]',
        {"id": 4},
        {"id": 5, "question": 5},
        {"id": 6, "school": "elmwood", "question": "x"},
        {"id": 7, "question": "  "},
        '{"id": 8, "question": "half a character \\ud800"}',
        "[" * 100_000,
        {"id": 10, "question": FERNHILL_QUESTION},
    )

    assert done.code == 2
    assert len(done.lines) == 10
    assert [at for at, each in enumerate(done.lines, 1) if "error" not in each] == [1, 8, 10]
    assert [list(each) for each in done.lines if "error" in each] == [["id", "error"]] * 7
    assert [each["id"] for each in done.lines] == [1, None, None, 4, 5, 6, 7, 8, None, 10]
    assert "line 2" in done.lines[1]["error"]
    assert "fernhill" in done.lines[5]["error"]


def test_blank_lines_of_a_batch_are_passed_over(staffroom):
    done = staffroom.batch("", {"id": 1, "question": FERNHILL_QUESTION}, "   ", "")

    assert (done.code, [each["id"] for each in done.lines]) == (0, [1])


def test_a_line_separator_inside_a_text_does_not_end_the_line(staffroom):
    done = staffroom.batch('{"id": 1, "text": "can staff\u2028follow a pupil"}')

    assert (done.code, done.lines[0]["question"]) == (0, "can staff\u2028follow a pupil")


# clauses


def test_clauses_as_json_have_the_promised_keys_and_types(staffroom):
    file = staffroom.folder / "calls.md"
    file.write_text(
        "# Video calls\n\n1. Before the call, staff must:\n    1. check the names\n"
        "        1. of the pupils\n    2. close other windows\n2. Keep a second adult near.\n"
    )

    done = staffroom("clauses", file, "--json")

    assert (done.code, done.err) == (0, "")
    assert [list(record) for record in done.json] == [CLAUSE_KEYS] * len(done.json)
    assert [record["item"] for record in done.json] == [None, 1, "1#1", 2, None]
    assert [type(record["item"]) for record in done.json] == [type(None), int, str, int, type(None)]
    assert [record["page"] for record in done.json] == [None] * 5
    assert done.json[1]["lead"] == "Before the call, staff must:"
    assert (done.json[1]["text"], done.json[1]["stance"]) == ("check the names", "required")


def test_clauses_for_people_show_number_stance_and_text(staffroom):
    done = staffroom("clauses", staffroom.policies / "fernhill" / "conduct.txt")

    assert done.code == 0
    assert f"1.1 [prohibited] {RULE}" in done.words
    assert "1.3#1 [prohibited] post about pupils" in done.words


def test_clauses_need_no_school_and_no_index(staffroom):
    file = staffroom.policies / "fernhill" / "conduct.txt"
    (staffroom.policies / "fernhill" / "school.toml").unlink()

    assert staffroom("clauses", file, "--json").code == 0
    assert not (staffroom.folder / "data").exists()


# index


def test_the_index_says_what_it_built_and_then_that_nothing_changed(staffroom):
    first, second = staffroom("index"), staffroom("index")

    assert (first.code, second.code) == (0, 0)
    assert first.out.startswith("Built: 5 clauses of 1 schools, 5 texts encoded, 0 kept.")
    assert second.out.startswith("Already up to date: 5 clauses of 1 schools, 0 texts encoded, 5 kept.")


def test_a_document_that_cannot_be_read_is_named_and_the_exit_code_is_1(staffroom):
    documents = {"conduct.txt": CONDUCT, "phones.docx": b"this is no Word document"}
    write_school(staffroom.policies, "fernhill", documents, sample=True)

    done = staffroom("index")

    assert done.code == 1
    assert done.out.startswith("Built: 5 clauses")
    problems = [line for line in done.err.splitlines() if line.startswith("Problem: ")]
    assert len(problems) == 1
    assert "fernhill: phones.docx" in problems[0]


def test_the_other_documents_of_a_school_are_answered_and_the_broken_one_is_named(staffroom):
    documents = {"conduct.txt": CONDUCT, "phones.docx": b"this is no Word document"}
    write_school(staffroom.policies, "fernhill", documents, sample=True)

    done = staffroom("ask", FERNHILL_QUESTION)

    assert done.code == 0
    assert f"“{RULE}”" in done.words
    assert "phones.docx" in done.err
    assert "Note: phones.docx" in done.words


def test_a_school_whose_new_document_fails_is_answered_from_its_last_good_one(staffroom):
    staffroom("index")
    (staffroom.policies / "fernhill" / "conduct.txt").write_bytes(b"PK\x03\x04 not text any more")

    done = staffroom("ask", FERNHILL_QUESTION)

    assert done.code == 0
    assert f"“{RULE}”" in done.words
    assert "Its last good version still answers." in " ".join(done.err.split())
    assert "Note: conduct.txt" in done.words


def test_the_index_in_real_use_is_kept_apart_from_the_samples(staffroom):
    staffroom("index")

    assert list((staffroom.folder / "data").iterdir()) == [staffroom.folder / "data" / "sample"]


# evaluate


QUESTIONS = [
    {"school": "fernhill", "question": FERNHILL_QUESTION, "gold": ["1.1"], "verdict": "prohibited"},
    {"school": "fernhill", "question": "taken with a school camera", "gold": ["1.2"], "verdict": "allowed"},
]


def write_lines(file, rows):
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return file


def test_figures_are_a_table_with_their_intervals(staffroom):
    done = staffroom("evaluate", write_lines(staffroom.folder / "q.jsonl", QUESTIONS))

    assert done.code == 0
    assert "right clause first" in done.out
    assert "1.000" in done.out


def test_figures_as_json_are_json_alone(staffroom):
    done = staffroom("evaluate", write_lines(staffroom.folder / "q.jsonl", QUESTIONS), "--json")

    assert done.err == ""
    assert done.json["all"]["right clause first"]["share"] == 1.0
    assert done.json["fernhill"]["right clause in three"]["of"] == 2


def test_figures_are_given_by_how_a_question_is_written_too(staffroom):
    ways = ("slang", "formal")
    rows = [{**row, "register": way} for row, way in zip(QUESTIONS, ways, strict=True)]

    done = staffroom("evaluate", write_lines(staffroom.folder / "q.jsonl", rows), "--json")

    assert done.json["written: slang"]["right clause first"]["of"] == 1
    assert set(done.json) == {"fernhill", "written: formal", "written: slang", "all"}


def test_misses_are_listed_by_cause_with_what_came_first_instead(staffroom):
    rows = [*QUESTIONS, {"id": "q3", "school": "fernhill", "question": FERNHILL_QUESTION, "gold": ["1.2"]}]
    file = write_lines(staffroom.folder / "q.jsonl", rows)

    done = staffroom("evaluate", file, "--misses")
    [miss] = staffroom("evaluate", file, "--misses", "--json").json

    assert (miss["id"], miss["wanted"], miss["given"]) == ("q3", "1.2", "1.1")
    assert miss["place"] > 1
    assert "1 of 3" in done.out
    assert "came first" in done.out


def test_labelled_messages_give_the_figures_of_triage(staffroom):
    rows = [{"text": URGENT, "label": "urgent"}, {"text": FERNHILL_QUESTION, "label": "question"}]

    done = staffroom("evaluate", write_lines(staffroom.folder / "m.jsonl", rows), "--json")

    assert done.json["all"]["urgent: recall"]["share"] == 1.0
    assert done.json["all"]["questions called urgent"]["share"] == 0.0


# doctor and help


def test_doctor_passes_a_sound_installation(staffroom):
    done = staffroom("doctor")

    assert done.code == 0
    assert "MEND" not in done.out
    assert "fernhill: Fernhill School" in done.out


def test_doctor_says_what_to_mend_and_leaves_with_2(staffroom):
    toml = staffroom.policies / "fernhill" / "school.toml"
    toml.write_text(toml.read_text("utf-8").replace('lado = "01632 960307"\n', ""), "utf-8")

    done = staffroom("doctor")

    assert done.code == 2
    assert "MEND fernhill/school.toml: [contacts] has no number for lado; add them" in done.words


@pytest.mark.parametrize("command", ["serve", "talk", "ask", "clauses", "index", "evaluate", "doctor"])
def test_the_help_of_every_command_shows_an_example(staffroom, command):
    done = staffroom(command, "--help")

    assert (done.code, done.err) == (0, "")
    assert f"Example: staffroom {command}" in done.words
    assert max(map(len, done.out.splitlines())) <= 80


def test_the_help_names_every_command(staffroom):
    done = staffroom("--help")

    assert done.code == 0
    assert [
        name for name in ("serve", "ask", "clauses", "index", "evaluate", "doctor") if name not in done.out
    ] == []
    assert 'Example: staffroom ask "Can I follow a parent?"' in done.words


# typed questions


def test_typed_questions_are_answered_until_quit(staffroom):
    done = staffroom("talk", typed=[FERNHILL_QUESTION, "", "quit", "never asked"])

    assert done.code == 0
    assert done.words.count(f"“{RULE}”") == 1


def test_the_end_of_input_ends_the_session(staffroom):
    assert staffroom("talk", typed=[]).code == 0


def test_another_school_is_chosen_by_its_name(staffroom):
    add_oakdale(staffroom, sample=True)

    done = staffroom("talk", typed=["school oakdale", "can everyone follow a parent", "school elmwood"])

    assert "Everyone may follow a parent online." in done.words
    assert "There is no school 'elmwood'. Known: fernhill, oakdale." in done.words


@pytest.mark.parametrize("question", ["school trip photos can I post them", "school"])
def test_a_question_that_begins_with_the_word_school_is_a_question(staffroom, question):
    done = staffroom("talk", typed=[question])

    assert "There is no school" not in done.out
    assert "Fernhill School" in done.words


def test_a_question_that_cannot_be_answered_does_not_end_the_session(staffroom):
    (staffroom.folder / "data").write_text("a file where the folder should be")

    done = staffroom("talk", typed=[FERNHILL_QUESTION, URGENT])

    assert done.code == 0
    assert "The policies cannot be read at the moment." in done.words
    assert "01632 960305" in done.words


# a process of its own


def run(*arguments, folder):
    # Our own interpreter and our own words: nothing here comes from outside.
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "bot", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "COLUMNS": "80"},
        check=False,
    )


def test_python_m_bot_is_the_same_command_line(staffroom):
    done = run("clauses", staffroom.policies / "fernhill" / "conduct.txt", "--json", folder=staffroom.folder)

    assert (done.returncode, done.stderr) == (0, "")
    assert [record["clause"] for record in json.loads(done.stdout)] == ["1.1", "1.2", "1.3", "1.3", "1.3"]


def test_a_process_that_fails_prints_one_line_and_leaves_with_2(staffroom):
    done = run("clauses", "missing.txt", folder=staffroom.folder)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "staffroom: missing.txt: is not there; check the name and the folder\n"
