"""Drafts at the pages: kept for a day, across signing in again, and cleared at each step."""

from dataclasses import replace

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Gate
from bot.domain.reports import Reporter as Who
from bot.drafting import Drafting
from bot.errors import StoreFailed
from bot.web.reporting import MEANWHILE
from tests.web_kit import HOST
from tests.web_report_kit import CONCERN, FILE, Reporter, shown, takes_files

HANDLE = "jo.mint@fernhill.example.org"
CLEAR = 'name="do" value="clear">Clear this form'


@pytest.fixture
def jo(tmp_path):
    return Reporter(tmp_path)


def sign_in_again(jo):
    known = Known(jo.desk.schools["fernhill"], Who(HANDLE, "Jo Mint"))
    jo.browser.cookies["staffroom"] = jo.desk.sessions.begin(known).token


def test_a_draft_is_there_for_24_hours_whoever_signs_in_meanwhile_and_not_longer(jo):
    jo.begin()
    jo.next(do="keep", **CONCERN)
    jo.desk.clock.pass_by(hours=23, minutes=59)
    sign_in_again(jo)
    assert 'value="Jo Marsh"' in jo.at(jo.path).text

    jo.desk.clock.pass_by(minutes=1)
    page = jo.at(jo.path)
    assert page.status == 410
    assert "24 hours" in page.text
    assert "01632 960301" in page.text


def test_the_page_says_how_long_what_is_typed_is_kept_and_where(jo):
    assert "encrypted, for 24 hours; nothing of it stays in this browser" in jo.begin().text


def test_clear_this_form_stands_on_each_step(jo):
    steps = [jo.begin(), jo.next(gate="no", **CONCERN), jo.at(jo.path)]
    jo.at(f"{jo.path}/send")
    jo.send()
    steps += [jo.at(f"{jo.path}/more"), jo.at(jo.path)]

    assert all(CLEAR in page.text for page in steps)


def test_clear_this_form_stands_on_the_stop_screen_too(jo):
    jo.begin()

    assert CLEAR in jo.next(gate="yes", **CONCERN).text


def test_words_that_were_taken_along_are_cleared_before_a_form_is_chosen(jo):
    page = jo.browser.post("/report/begin", {"form": "", "words": "A man asked her"})
    assert '<a href="/report?cleared=yes">Clear it</a>' in page.text

    assert "A man asked her" not in jo.at("/report?cleared=yes").text


def test_files_sent_once_the_session_is_over_lead_back_to_the_form_after_signing_in(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    jo.desk.clock.pass_by(minutes=31)
    answer = jo.browser.send_files(f"{jo.path}/send", {"do": "send"}, [FILE])

    assert answer.status == 401
    assert f'href="{jo.path}/send">I have signed in: go on' in answer.text
    assert "choose them again" in answer.text

    sign_in_again(jo)
    assert takes_files(jo.at(f"{jo.path}/send"))
    jo.send(FILE)
    assert len(jo.cases()) == 1


def test_without_a_script_files_sent_with_an_old_form_are_asked_for_again_before_anything_is_filed(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    old = jo.browser.csrf
    sign_in_again(jo)
    carried = jo.browser.send_files(
        f"{jo.path}/send",
        {"ticks": "yes", "do": "send", "shown": shown(jo.page), "csrf": old},
        [FILE],
        origin=f"http://{HOST}",
    )
    assert "choose them again" in carried.text
    assert 'name="do"' not in carried.text

    page = jo.browser.follow(jo.browser.post(f"{jo.path}/send", {"ticks": "yes"}))

    assert jo.cases() == set()
    assert takes_files(page)


def test_safety_20_a_draft_that_cannot_be_kept_before_sending_leaves_the_form_and_its_files_to_choose(
    jo, monkeypatch
):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    with monkeypatch.context() as patched:
        patched.setattr(type(jo.desk.web.drafting), "change", _fails)
        answer = jo.send(FILE)

    assert answer.status == 503
    assert "NOT SAVED" in answer.text
    assert takes_files(answer)
    assert jo.cases() == set()


def _fails(*_):
    raise StoreFailed("the disk is full")


# What crosses something else on its way


def crossed(monkeypatch, meanwhile):
    """Let *meanwhile* happen to the draft right after the next request has read it."""
    real, once = Drafting.get, []

    def get(drafting, identity, handle):
        found = real(drafting, identity, handle)
        if not once:
            once.append(found)
            meanwhile(drafting, found)
        return found

    monkeypatch.setattr(Drafting, "get", get)


def stop(drafting, draft):
    drafting.keep(replace(draft, gate=Gate.YES))


@pytest.mark.parametrize("step", ["", "/more"])
def test_safety_1_what_is_kept_while_typing_does_not_undo_a_yes_that_it_crosses(jo, monkeypatch, step):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    jo.at(f"{jo.path}{step}")
    crossed(monkeypatch, stop)
    jo.next(do="keep", path=f"{jo.path}{step}")

    assert jo.page.status == 204
    pages = [jo.at(jo.path), jo.at(f"{jo.path}/send")]
    assert all("STOP" in page.text for page in pages)
    assert not any(takes_files(page) for page in pages)


def test_safety_1_a_no_that_crosses_a_yes_does_not_open_the_gate(jo, monkeypatch):
    jo.begin()
    crossed(monkeypatch, stop)
    jo.next(gate="no", **CONCERN)

    assert "STOP" in jo.at(jo.path).text
    assert not takes_files(jo.at(f"{jo.path}/send"))


def test_safety_1_a_report_that_is_stopped_while_it_is_sent_is_looked_at_again_and_no_file_is_kept(
    jo, monkeypatch
):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    real = Drafting.change

    def change(drafting, identity, handle, how):
        stop(drafting, drafting.get(identity, handle))
        return real(drafting, identity, handle, how)

    monkeypatch.setattr(Drafting, "change", change)
    answer = jo.send(FILE)

    assert (answer.status, MEANWHILE in answer.text, takes_files(answer)) == (409, True, False)
    assert "STOP" in answer.text
    assert jo.cases() == set()
    assert jo.desk.intake.receiving.decoder.looked == []


def test_a_draft_that_was_cleared_while_something_of_it_was_kept_stays_cleared(jo, monkeypatch):
    jo.begin()
    crossed(monkeypatch, lambda drafting, draft: drafting.drop(draft.id))
    jo.next(do="keep", **CONCERN)

    assert jo.page.status == 410
    assert jo.at(jo.path).status == 410


def test_what_two_pages_of_one_report_keep_at_once_is_both_there(jo, monkeypatch):
    jo.begin()
    crossed(
        monkeypatch,
        lambda drafting, draft: drafting.keep(replace(draft, concerned=("ben",))),
    )
    jo.next(do="keep", **CONCERN)

    with jo.desk.store.reading() as unit:
        (key,) = unit.held_keys("draft:")
    kept = jo.desk.web.drafting.get(key.removeprefix("draft:"), HANDLE)
    assert (kept.concerned, kept.answers["who"]) == (("ben",), "Jo Marsh")
