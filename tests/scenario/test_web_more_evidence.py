"""More evidence at the pages, where the case is stopped while its files are on their way."""

import pytest

from bot.attaching import More
from bot.domain import gate
from bot.domain.cases import EventKind
from bot.domain.reports import Gate
from bot.errors import StoreBusy
from tests.web_report_kit import FILE, Reporter, takes_files

HANDLE = "jo.mint@fernhill.example.org"
SECOND = ("files", "two.png", b"second")


@pytest.fixture
def jo(tmp_path):
    return Reporter(tmp_path)


def answered_no(jo, case):
    """The address where files go once the gate was answered "no" for more evidence."""
    jo.at(f"/mine/{case}/evidence")
    path = jo.browser.post(f"/mine/{case}/evidence", {"gate": "no"}).to
    jo.at(path)
    return path


def says_not_sure(jo, case):
    jo.desk.web.attaching.more(More("fernhill", case, HANDLE, "another-tab", Gate.NOT_SURE))


def locks_a_file(jo, case):
    item = jo.desk.body(case, EventKind.EVIDENCE_STORED)["id"]
    jo.desk.web.casework.lock_sent("fernhill", HANDLE, case, item)


@pytest.mark.parametrize("stop", [says_not_sure, locks_a_file])
def test_safety_1_a_case_that_is_stopped_while_files_are_looked_at_draws_no_control(jo, monkeypatch, stop):
    case = jo.filed(FILE)
    path, look = answered_no(jo, case), jo.desk.decoder.look

    def meanwhile(upload):
        stop(jo, case)
        return look(upload)

    monkeypatch.setattr(jo.desk.decoder, "look", meanwhile)
    answer = jo.browser.send_files(path, {}, [SECOND])
    jo.page = jo.browser.follow(answer)

    # At another address: the script leaves a page whose address answers as it stands, control and all.
    assert answer.to == f"/mine/{case}/evidence"
    assert "STOP" in jo.said
    assert gate.STAYS_STOPPED in jo.said
    assert not takes_files(jo.page)
    assert jo.desk.kinds(case).count("evidence stored") == 1


def test_safety_1_a_case_that_is_stopped_while_the_store_is_busy_draws_no_control(jo, monkeypatch):
    case = jo.filed(FILE)
    path = answered_no(jo, case)

    def busy(*_):
        says_not_sure(jo, case)
        raise StoreBusy("busy")

    monkeypatch.setattr(type(jo.desk.web.attaching), "add", busy)
    jo.page = jo.browser.follow(jo.browser.send_files(path, {}, [SECOND]))

    assert "STOP" in jo.said
    assert not takes_files(jo.page)


def test_a_case_that_is_not_stopped_keeps_its_control_while_the_store_is_busy(jo, monkeypatch):
    case = jo.filed(FILE)
    path = answered_no(jo, case)

    def busy(*_):
        raise StoreBusy("busy")

    monkeypatch.setattr(type(jo.desk.web.attaching), "add", busy)
    answer = jo.browser.send_files(path, {}, [SECOND])

    assert (answer.status, takes_files(answer)) == (503, True)
