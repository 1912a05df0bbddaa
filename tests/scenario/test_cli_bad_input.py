"""Bad input at the command line: one line on standard error, exit code 2, and the others lose nothing."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from tests.fakes import SCHOOL_TOML, write_school
from tests.scenario.terminal import a_terminal

RULE = "Staff must not follow a pupil."
QUESTION = "can staff follow a pupil"


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    found = a_terminal(tmp_path, monkeypatch, capsys)
    write_school(found.policies, "fernhill", {"conduct.txt": f"1.1 {RULE}\n"}, sample=True)
    return found


def refused(done):
    """The one line that a refused command prints, without the name of the program."""
    assert (done.code, done.out) == (2, "")
    line = done.err.splitlines()[-1]
    assert line.startswith("staffroom: ")
    assert "Traceback" not in done.err
    return line.removeprefix("staffroom: ")


def the_only_line(done):
    assert len(done.err.splitlines()) == 1
    return refused(done)


def a_zip(**members):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return held.getvalue()


WHOLE_DOCX = (Path(__file__).parents[2] / "policies").glob("*/*.docx")
BAD_DOCUMENTS = {
    "policy.odt": (b"some text", '".odt" cannot be read'),
    "policy": (b"1.1 Some text", "cannot be read"),
    "policy.doc": (b"\xd0\xcf\x11\xe0 old", '".doc" cannot be read'),
    "cut.docx": (next(WHOLE_DOCX).read_bytes()[:2000], "the Word file is damaged"),
    "empty.docx": (b"", "the Word file is empty"),
    "other.docx": (a_zip(readme="not a Word document"), "the Word file is damaged"),
    "bomb.docx": (a_zip(word__media="0" * 25_000_000), "too large to unpack safely"),
    "empty.txt": (b"", "the file is empty"),
    "blank.md": (b" \n\n\t\n", "the file is empty"),
    "latin.txt": ("1.1 Naïve".encode("latin-1"), "UTF-8"),
    "picture.txt": (b"\x89PNG\r\n\x1a\n\0\0", "content is a picture"),
    "binary.txt": (bytes(range(256)) * 4, "content is not text"),
    "word.txt": (b"PK\x03\x04 word", "a Word file or another zip archive"),
    "book.txt": (b"1.1 Staff must read all of it. " * 25_000, "as long as a book"),
    "broken.pdf": (b"%PDF-1.7\nno pages at all", "the PDF is damaged"),
    "empty.pdf": (b"", "it is not a PDF"),
    "text.pdf": (b"1.1 Just text", "it is not a PDF"),
    "headings.md": (b"# Only\n\n## Headings\n", "no clause was found"),
    "nothing.html": (b"<html><body><img src='scan.png'></body></html>", "no clause was found"),
}


@pytest.mark.parametrize("file", BAD_DOCUMENTS)
@pytest.mark.parametrize("how", [(), ("--json",)])
def test_a_document_that_cannot_be_read_is_one_line_with_its_name(staffroom, file, how):
    content, cause = BAD_DOCUMENTS[file]
    (staffroom.folder / file).write_bytes(content)

    line = the_only_line(staffroom("clauses", staffroom.folder / file, *how))

    assert line.startswith(file)
    assert cause in line


@pytest.mark.parametrize("file", BAD_DOCUMENTS)
def test_a_bad_document_beside_a_good_one_is_named_and_the_good_one_answers(staffroom, file):
    documents = {"conduct.txt": f"1.1 {RULE}\n", file: BAD_DOCUMENTS[file][0]}
    write_school(staffroom.policies, "fernhill", documents, sample=True)

    done = staffroom("ask", QUESTION)

    assert done.code == 0
    assert RULE in done.words
    assert file in done.err


def test_a_missing_document_is_named_with_what_to_do(staffroom):
    assert the_only_line(staffroom("clauses", "missing.txt")) == (
        "missing.txt: is not there; check the name and the folder"
    )


def test_a_folder_is_no_document(staffroom):
    (staffroom.folder / "folder.txt").mkdir()

    assert the_only_line(staffroom("clauses", "folder.txt")) == "folder.txt: is a folder; name a file in it"


def test_clauses_without_a_file_is_a_usage_error(staffroom):
    done = staffroom("clauses")

    assert (done.code, done.out) == (2, "")
    assert "Missing argument 'file'" in done.err


def test_an_unknown_option_is_a_usage_error(staffroom):
    done = staffroom("ask", "--jsn", QUESTION)

    assert (done.code, done.out) == (2, "")
    assert "--json" in done.err


def test_an_unknown_command_is_a_usage_error(staffroom):
    done = staffroom("askk")

    assert (done.code, done.out) == (2, "")
    assert "ask" in done.err


@pytest.mark.parametrize("arguments", [("ask",), ("ask", ""), ("ask", "   "), ("ask", "--json")])
def test_a_missing_question_is_asked_for_with_an_example(staffroom, arguments):
    assert the_only_line(staffroom(*arguments)) == (
        'ask needs a question, such as: staffroom ask "Can I follow a parent?"'
    )


def test_a_question_in_a_broken_encoding_is_answered_all_the_same(staffroom):
    assert staffroom("ask", "caf\udce9").code == 0


def test_a_batch_needs_json(staffroom):
    assert "--batch takes no question and needs --json" in the_only_line(
        staffroom("ask", "--batch", "b.jsonl")
    )


def test_a_batch_takes_no_question(staffroom):
    done = staffroom("ask", "--batch", "b.jsonl", "--json", QUESTION)

    assert "--batch takes no question" in the_only_line(done)


def test_a_batch_file_that_is_not_there_is_named(staffroom):
    line = the_only_line(staffroom("ask", "--batch", "b.jsonl", "--json"))

    assert line == "b.jsonl: is not there; check the name and the folder"


def test_a_batch_file_in_another_encoding_is_refused_whole(staffroom):
    (staffroom.folder / "b.jsonl").write_bytes('{"id": 1, "text": "café"}'.encode("latin-1"))

    assert "b.jsonl: is not UTF-8" in the_only_line(staffroom("ask", "--batch", "b.jsonl", "--json"))


def test_an_empty_batch_answers_nothing(staffroom):
    done = staffroom.batch()

    assert (done.code, done.out) == (0, "")


COMMANDS = [("ask", QUESTION), ("ask", "--json", QUESTION), ("index",), ("talk",)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_missing_policies_folder_is_named_with_the_setting_that_names_it(staffroom, command):
    line = the_only_line(staffroom(*command, "--policies", "nowhere"))

    assert "nowhere: there is no such folder" in line
    assert "--policies or STAFFROOM_POLICIES" in line


@pytest.mark.parametrize("command", COMMANDS)
def test_a_policies_folder_without_a_school_says_what_to_put_there(staffroom, command):
    (staffroom.folder / "bare").mkdir()

    line = the_only_line(staffroom(*command, "--policies", "bare"))

    assert "no school in it" in line
    assert "school.toml" in line


def test_the_folder_of_one_school_is_told_from_the_folder_of_schools(staffroom):
    line = the_only_line(staffroom("ask", QUESTION, "--policies", staffroom.policies / "fernhill"))

    assert "this is one school's folder" in line


MISTAKES = {
    "a misspelt key": (("jurisdiction", "juristiction"), ("juristiction", '"jurisdiction"')),
    "a missing key": (('name = "Fernhill School"\n', ""), ("name",)),
    "a missing role": (('chair = ["dan"]\n', ""), ("chair",)),
    "a person who is not there": (('head = ["cat"]', 'head = ["kat"]'), ("kat", '"cat"')),
    "a broken line": (('dsl = ["amy"]', 'dsl = ["amy"'), ("line",)),
    "a misspelt contact": (("lado =", "lando ="), ("lando", '"lado"')),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_mistake_in_the_only_school_file_is_one_line_with_file_and_key(staffroom, command, mistake):
    change, named = MISTAKES[mistake]
    toml = staffroom.policies / "fernhill" / "school.toml"
    toml.write_text(toml.read_text("utf-8").replace(*change), "utf-8")

    line = the_only_line(staffroom(*command))

    assert "fernhill/school.toml" in line
    assert [word for word in named if word not in line] == []


def test_a_mistake_in_one_school_never_lets_another_answer_for_it(staffroom):
    write_school(staffroom.policies, "oakdale", toml=SCHOOL_TOML.replace("jurisdiction", "juristiction"))

    line = the_only_line(staffroom("ask", QUESTION))

    assert "oakdale/school.toml" in line
    assert "juristiction" in line
    assert "999" in line


def test_a_school_that_is_named_answers_while_another_has_a_mistake(staffroom):
    write_school(staffroom.policies, "oakdale", toml=SCHOOL_TOML.replace("jurisdiction", "juristiction"))

    done = staffroom("ask", "--school", "fernhill", QUESTION)

    assert done.code == 0
    assert RULE in done.words
    assert "oakdale/school.toml" in done.err


def test_a_school_whose_file_breaks_keeps_its_clauses_for_when_it_is_mended(staffroom):
    write_school(staffroom.policies, "oakdale", {"rules.txt": "1.1 Everyone may follow a parent."})
    staffroom("index")
    toml = staffroom.policies / "oakdale" / "school.toml"
    good = toml.read_text("utf-8")
    toml.write_text(good.replace("name", "nmae"), "utf-8")
    broken = staffroom("index")
    toml.write_text(good, "utf-8")

    mended = staffroom("index")

    assert broken.code == 1
    assert "2 clauses of 1 schools" in broken.out
    assert "0 texts encoded" in mended.out
    assert mended.code == 0


def test_a_document_that_is_not_there_is_named_with_the_nearest_one(staffroom):
    folder = staffroom.policies / "fernhill"
    (folder / "conduct.txt").rename(folder / "condukt.txt")

    done = staffroom("index")

    assert done.code == 1
    assert 'file "conduct.txt" is not there; did you mean "condukt.txt"?' in done.err


def test_two_files_for_one_policy_are_refused_by_name(staffroom):
    folder = write_school(staffroom.policies, "fernhill", {"conduct.txt": "1.1 A.", "conduct.md": "1. A."})

    line = the_only_line(staffroom("ask", QUESTION))

    assert folder.name in line
    assert "conduct.txt" in line
    assert "conduct.md" in line


def test_a_school_none_of_whose_documents_can_be_read_is_not_told_that_it_has_no_clause(staffroom):
    write_school(staffroom.policies, "fernhill", {"conduct.txt": ""}, sample=True)

    done = staffroom("ask", QUESTION)

    line = refused(done)
    assert "none of its documents could be read" in line
    assert "conduct.txt" in line


def test_a_bad_setting_is_named_without_its_value(staffroom, monkeypatch):
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("STAFFROOM_KEY", "c2VjcmV0")

    line = the_only_line(staffroom("ask", QUESTION))

    assert "PORT must be a whole number" in line
    assert "STAFFROOM_KEY must be base64 of 32 bytes" in line
    assert "c2VjcmV0" not in line


def test_real_mode_refuses_a_sample_school_and_names_it(staffroom, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")

    done = staffroom("ask", QUESTION)

    assert (done.code, done.out) == (2, "")
    assert "fernhill/school.toml: is marked sample = true" in done.err
    assert "xoxb-1" not in done.err


BAD_FIGURES = {
    "empty": ("", "holds no line"),
    "blank": ("\n\n", "holds no line"),
    "no JSON": ("no json", "line 1 is not a JSON object"),
    "a list": ('{"question": "x", "gold": []}\n[1]', "line 2 is not a JSON object"),
    "no question": ('{"gold": ["1.1"]}', 'with a "question" or "text"'),
}


@pytest.mark.parametrize("content", BAD_FIGURES)
def test_questions_that_cannot_be_evaluated_are_refused_with_the_line(staffroom, content):
    text, cause = BAD_FIGURES[content]
    (staffroom.folder / "q.jsonl").write_text(text, "utf-8")

    assert cause in refused(staffroom("evaluate", "q.jsonl", "--json"))


def test_questions_of_a_school_that_is_not_here_are_refused(staffroom):
    row = {"school": "elmwood", "question": "x", "gold": ["1.1"]}
    (staffroom.folder / "q.jsonl").write_text(json.dumps(row), "utf-8")

    assert "elmwood" in refused(staffroom("evaluate", "q.jsonl", "--json"))
