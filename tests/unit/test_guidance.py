"""National guidance as data: what a line says, for whom, and whether anybody has checked it."""

import tomllib
from datetime import date
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
