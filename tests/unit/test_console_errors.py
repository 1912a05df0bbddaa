"""Errors at the edge of the command line: one line, the cause, the mend, exit code 2."""

import pytest

from bot.console.errors import explained
from bot.errors import BotError, ConfigurationError, StaleIndex, UnknownSchool
from index.errors import UnreadableDocument, WrongModel


def shown(error, capsys):
    """What stands on standard error after *error*; nothing may stand on standard output."""
    with pytest.raises(SystemExit) as left, explained():
        raise error
    assert left.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_a_configuration_error_says_what_to_mend(capsys):
    line = shown(ConfigurationError("fernhill/school.toml: [people] needs “head”"), capsys)

    assert line == "staffroom: fernhill/school.toml: [people] needs “head”\n"


def test_an_unknown_school_names_the_choices(capsys):
    assert shown(UnknownSchool("no school 'x'; known: a, b"), capsys) == (
        "staffroom: no school 'x'; known: a, b\n"
    )


def test_a_document_that_cannot_be_read_names_the_file_the_cause_and_the_mend(capsys):
    error = UnreadableDocument("policy.pdf", "it is encrypted", "Save it without a password")

    assert shown(error, capsys) == "staffroom: policy.pdf: it is encrypted. Save it without a password.\n"


def test_a_wrong_model_says_how_to_get_the_right_one(capsys):
    assert "pip install" in shown(WrongModel("model: is not the published one; run: pip install x"), capsys)


def test_safety_31_an_index_that_cannot_be_read_says_999_and_the_cause(capsys):
    line = shown(StaleIndex("data/index.db: Permission denied"), capsys)

    assert "999" in line
    assert "data/index.db: Permission denied" in line
    assert line.count("\n") == 1


def test_an_error_of_ours_without_words_for_anyone_shows_its_own(capsys):
    assert shown(BotError("case C1: unknown step"), capsys) == "staffroom: case C1: unknown step\n"


@pytest.mark.parametrize(
    ("error", "mend"),
    [
        (FileNotFoundError(2, "No such file", "policy.txt"), "check the name"),
        (IsADirectoryError(21, "Is a directory", "policy.txt"), "name a file"),
        (PermissionError(13, "Permission denied", "policy.txt"), "permissions"),
        (OSError(28, "No space left on device", "policy.txt"), "No space left"),
    ],
)
def test_a_file_that_cannot_be_opened_is_named_with_cause_and_mend(error, mend, capsys):
    line = shown(error, capsys)

    assert line.startswith("staffroom: policy.txt: ")
    assert mend in line


def test_a_system_error_without_words_is_named_by_its_kind(capsys):
    assert shown(OSError(), capsys) == "staffroom: OSError\n"


def test_a_fault_of_the_program_is_not_hidden():
    with pytest.raises(ZeroDivisionError), explained():
        raise ZeroDivisionError


def test_without_an_error_nothing_happens(capsys):
    with explained():
        pass

    assert capsys.readouterr() == ("", "")
