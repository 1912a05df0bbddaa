"""National guidance as data: what a line says, for whom, and whether anybody has checked it."""

import tomllib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.domain.guidance import Guidance, parse
from bot.domain.schools import JURISDICTIONS
from bot.errors import ConfigurationError

FILE = Path(__file__).parents[2] / "bot" / "guidance.toml"
TODAY = date(2026, 11, 21)
LINE = {
    "id": "refer",
    "words": "Ring.",
    "jurisdictions": ["england"],
    "source": "a book",
    "review_due": date(2027, 9, 1),
}


def a_line(**changes):
    return parse({"line": [{**LINE, **changes}]}).lines[0]


def the_error(entry):
    with pytest.raises(ConfigurationError) as caught:
        parse({"line": [entry]})
    return str(caught.value)


def test_a_line_is_found_by_its_id_and_nation():
    found = parse({"line": [LINE, {**LINE, "jurisdictions": ["wales"], "words": "Ffoniwch."}]})

    assert found.line("refer", "wales").words == "Ffoniwch."


def test_a_nation_without_a_line_of_its_own_gets_the_one_for_unknown():
    found = parse({"line": [LINE, {**LINE, "jurisdictions": ["unknown"], "words": "Anywhere."}]})

    assert found.line("refer", "scotland").words == "Anywhere."


def test_a_line_that_is_nowhere_is_an_error_that_names_it():
    with pytest.raises(ConfigurationError, match='no line "refer" for wales'):
        Guidance(()).line("refer", "wales")


def test_a_line_that_nobody_has_checked_says_so():
    assert a_line().caution(TODAY) == "not yet checked by a person at this school"


def test_a_name_without_a_date_is_no_check():
    assert a_line(checked_by="Amy Ash").caution(TODAY) == "not yet checked by a person at this school"


def test_a_checked_line_needs_no_caution_until_the_day_after_its_review_is_due():
    line = a_line(checked_by="Amy Ash", checked_on=date(2026, 9, 1), review_due=TODAY)

    assert line.caution(TODAY) == ""
    assert line.caution(date(2026, 11, 22)) == "its review is overdue"


def test_a_missing_key_is_named_with_its_line():
    entry = {key: value for key, value in LINE.items() if key != "source"}

    message = the_error(entry)

    assert "'refer'" in message
    assert "source" in message


def test_a_misspelt_key_is_named_with_its_line():
    message = the_error({**LINE, "telefone": "999"})

    assert "'refer'" in message
    assert "telefone" in message


def test_a_file_without_lines_is_an_error():
    with pytest.raises(ConfigurationError, match="at least one"):
        parse({})


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
@pytest.mark.parametrize("identity", ["emergency", "refer", "images", "listen"])
def test_the_bundled_file_has_every_line_for_every_nation(identity, jurisdiction):
    line = parse(tomllib.loads(FILE.read_text("utf-8"))).line(identity, jurisdiction)

    assert line.words.endswith(".")
    assert line.source


def test_the_bundled_file_claims_no_check_that_a_school_has_not_made():
    lines = parse(tomllib.loads(FILE.read_text("utf-8"))).lines

    assert [line.id for line in lines if line.checked_by or line.checked_on] == []


def test_england_s_duty_to_refer_is_not_claimed_for_the_other_nations():
    found = parse(tomllib.loads(FILE.read_text("utf-8")))

    assert "(England" in found.line("refer", "england").source
    assert "England" not in found.line("refer", "scotland").source


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": ""}, '"id" is missing'),
        ({"jurisdictions": []}, '"jurisdictions" must name at least one'),
        ({"jurisdictions": "england"}, '"jurisdictions" must be a list'),
        ({"jurisdictions": ["Englnd"]}, 'has "Englnd"; did you mean "england"?'),
        ({"review_due": "2027-09-01"}, '"review_due" must be a date without quotes'),
        ({"review_due": datetime(2027, 9, 1, tzinfo=UTC)}, '"review_due" must be a date without quotes'),
        ({"checked_on": "yesterday"}, '"checked_on" must be a date'),
        ({"telephone": 999}, '"telephone" must be text'),
    ],
)
def test_a_wrong_value_is_named_with_its_line_and_key(change, message):
    assert message in the_error({**LINE, **change})


def test_two_lines_of_one_id_for_one_nation_are_an_error():
    with pytest.raises(ConfigurationError, match="'refer': there are two of them for england"):
        parse({"line": [LINE, {**LINE, "jurisdictions": ["wales", "england"]}]})
