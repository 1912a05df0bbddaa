"""Numbers in an address: what is none, or far too long, is a page that is not there, and never a fault."""

import re

import pytest

from bot.domain.cases import EventKind
from bot.domain.reports import Upload
from bot.web.site import PAGES
from tests.web_case_kit import CaseDesk

LONG, ODD = "9" * 5000, ("9" * 5000, "0" * 7 + "1", "0", "-1", "1e3", "²", "x", "%20")
PATHS = sorted(page.path for page in PAGES if "{" in page.path)
BROKEN = 500


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    return CaseDesk(tmp_path_factory.mktemp("numbers"))


@pytest.fixture(scope="module")
def case(desk):
    return desk.file("concern", Upload("screen.png", b"a picture")).case


@pytest.fixture(scope="module")
def picture(desk, case):
    """The address of a picture of the case, but for its number."""
    return f"/cases/{case}/evidence/{desk.body(case, EventKind.EVIDENCE_STORED)['id']}"


@pytest.fixture(scope="module")
def amy(desk, case):
    return desk.opened(case)


@pytest.mark.parametrize("path", PATHS)
def test_a_number_of_five_thousand_digits_in_any_place_of_any_address_breaks_nothing(amy, case, path):
    parts = re.findall(r"\{(\w+)\}", path)
    for long in parts:
        address = path
        for name in parts:
            address = address.replace(f"{{{name}}}", LONG if name == long else case)
        for answer in (amy.get(address), amy.post(address, {})):
            assert answer.status < BROKEN, (path, long)


@pytest.mark.parametrize("number", ODD)
def test_what_is_no_number_of_a_policy_is_not_there(amy, number):
    assert "There is no such policy here." in amy.get(f"/policies/{number}").text


@pytest.mark.parametrize("number", ODD)
def test_what_is_no_number_of_a_picture_is_not_there_beside_the_one_that_is(amy, picture, number):
    assert amy.get(f"{picture}/1").headers["content-type"] == "image/png"
    assert "There is no such picture." in amy.get(f"{picture}/{number}").text


def test_the_address_of_the_file_as_it_came_is_no_number(amy, picture):
    assert "There is no such picture." not in amy.get(f"{picture}/original").text


@pytest.mark.parametrize("number", ODD)
def test_what_is_no_number_of_a_person_leads_back_to_the_case(amy, case, number):
    answer = amy.get(f"/cases/{case}/person/{number}")

    assert (answer.status, answer.to) == (303, f"/cases/{case}")
