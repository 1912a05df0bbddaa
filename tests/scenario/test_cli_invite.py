"""`staffroom invite`: a link that works once, for somebody without a school account."""

import pytest

from bot import app
from bot.inviting import Inviting
from tests.desk_terminal import SCHOOL, a_desk_terminal, audit, make_real, open_desk

CHAIR = "cop-chair"
URL = "https://staff.example.org"


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    terminal = a_desk_terminal(tmp_path, monkeypatch, capsys)
    make_real(terminal)
    monkeypatch.setenv("STAFFROOM_URL", f"{URL}/")
    return terminal


def test_a_link_is_printed_for_that_person_recorded_and_told(staffroom):
    done = staffroom("invite", CHAIR, "--school", SCHOOL)

    assert done.code == 0
    address, _, token = done.out.strip().rpartition("/")
    assert address == f"{URL}/sign-in/invitation"
    with open_desk(staffroom) as desk:
        schools = desk.intake.schools
        assert Inviting(schools, desk.store, app.now).invited(token).person.id == CHAIR
        with desk.store.reading() as unit:
            assert CHAIR in {each.notice.to for each in unit.waiting(SCHOOL)}
    kind, actor, _, detail = audit(staffroom)[-1]
    assert (kind, actor) == ("people changed", CHAIR)
    assert detail.startswith("sign-in: invited, OS user ")


def test_somebody_nobody_knows_is_not_invited(staffroom):
    done = staffroom("invite", "nobody", "--school", SCHOOL)

    assert done.code == 2
    assert "nobody here has the id" in done.err
    assert done.out == ""


def test_without_an_address_of_the_pages_there_is_no_link(staffroom, monkeypatch):
    monkeypatch.delenv("STAFFROOM_URL")

    done = staffroom("invite", CHAIR, "--school", SCHOOL)

    assert (done.code, "set STAFFROOM_URL" in done.err) == (2, True)


def test_in_sample_mode_nobody_is_invited(tmp_path, monkeypatch, capsys):
    done = a_desk_terminal(tmp_path, monkeypatch, capsys)("invite", CHAIR, "--school", SCHOOL)

    assert (done.code, "in sample mode nobody signs in" in done.err) == (2, True)
