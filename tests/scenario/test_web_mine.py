"""A reporter's own reports at the pages: status, questions, what is missing, more evidence, and the lock."""

import re

import pytest

from bot.casework.room import Member
from bot.domain.cases import EventKind
from bot.domain.closing import Retention
from bot.domain.notices import NoticeKind
from bot.web import mine
from tests.casework_builders import a_closing
from tests.web_report_kit import CONCERN, FILE, Reporter, takes_files


@pytest.fixture
def jo(tmp_path):
    return Reporter(tmp_path)


def item_on(page):
    return re.search(r'name="item" value="(e-[^"]*)"', page.text)[1]


def answered_no(jo, case):
    """The address where files go once the gate was answered "no" for more evidence."""
    jo.at(f"/mine/{case}/evidence")
    return jo.browser.post(f"/mine/{case}/evidence", {"gate": "no"}).to


def asked(jo, case, text="Which day was it?"):
    """Have the DSL ask; return the address of the question."""
    who = Member("fernhill", "amy")
    jo.desk.web.casework.open_case(who, case, "working on it")
    event = jo.desk.web.casework.ask_reporter(who, case, text)
    return f"/mine/{case}/answer/{event.seq}"


def test_nothing_sent_yet_says_so_and_leads_to_the_forms(jo):
    page = jo.at("/mine")

    assert "You have sent no reports here." in page.text
    assert 'href="/report"' in page.text


def test_a_report_is_listed_with_number_status_and_what_is_missing(jo):
    case = jo.filed(form="concern", gate="", answers={"who": "Jo Marsh", "what": "Seen <b>twice</b>."})
    jo.at("/mine")

    assert case in jo.said
    assert "stored, not opened yet" in jo.said
    assert "The day it happened." in jo.said
    assert "twice" not in jo.said


def test_safety_18_a_report_that_nobody_has_opened_in_time_says_whom_to_ring(jo):
    jo.filed()
    jo.desk.clock.pass_by(days=4)
    jo.browser = jo.desk.browser("teacher")
    jo.at("/mine")

    assert "Do not wait: ring" in jo.said
    assert "01632 960301" in jo.said


def test_what_cannot_be_got_is_asked_for_no_longer_however_often_it_is_said(jo):
    case = jo.filed(answers={"who": "Jo Marsh", "what": "Seen."})
    for _ in range(2):
        jo.page = jo.browser.follow(jo.browser.post(f"/mine/{case}/cannot", {"item": "The day it happened."}))

    assert "not asked for any more" in jo.said
    assert "The day it happened." not in jo.said
    assert jo.desk.kinds(case).count("added to by the reporter") == 1


def test_safety_25_their_words_stand_only_behind_show_what_i_sent(jo):
    case = jo.filed()
    assert "keeps asking" not in jo.said
    assert "keeps asking" not in jo.at("/mine").text

    assert "keeps asking" in jo.at(f"/mine/{case}/sent").text


def test_what_is_shown_is_what_was_sent_although_the_draft_was_edited_afterwards(jo):
    case = jo.filed()
    jo.at(jo.path)
    jo.next(do="keep", **CONCERN | {"what": "An edit that was never sent."})

    page = jo.at(f"/mine/{case}/sent").text

    assert "Somebody keeps asking where she goes to school." in page
    assert "Somebody contacts the child" in page
    assert "Sent 20 November 2026 at 22:41:" in page
    assert "never sent" not in page


def test_what_was_sent_is_shown_long_after_the_draft_is_gone(jo):
    case = jo.filed(FILE)
    jo.desk.clock.pass_by(days=30)
    jo.browser = jo.desk.browser("teacher")

    assert jo.at(jo.path).status == 410
    page = jo.at(f"/mine/{case}/sent").text
    assert "Somebody keeps asking where she goes to school." in page
    assert "screen.png" in page


def test_what_was_sent_is_shown_although_the_form_was_cleared(jo):
    case = jo.filed()
    jo.at(jo.path)
    jo.next(do="clear")

    assert jo.at(jo.path).status == 410
    assert "Somebody keeps asking" in jo.at(f"/mine/{case}/sent").text


def test_the_message_that_was_filed_by_a_press_is_shown_as_it_was_sent(jo):
    words = "A Year 8 has told me she is going to kill herself tonight"
    page = jo.browser.follow(jo.browser.post("/", {"question": words}))
    raised = re.search(r'name="raised" value="([^"]+)"', page.text)[1]
    jo.page = jo.browser.post("/urgent", {"raised": raised, "what": "tell"})

    assert words in jo.at(f"/mine/{jo.case}/sent").text


def test_a_report_without_a_word_says_that_nothing_was_written(jo):
    jo.begin()
    jo.next(gate="yes")
    for _ in range(2):  # Who hears of it has changed: it is asked for once more.
        jo.send()

    jo.at(f"/mine/{jo.case}/sent")

    assert mine.NO_WORDS in jo.said


def test_an_answer_is_among_what_was_sent_and_what_others_write_is_not(jo):
    case = jo.filed()
    path = asked(jo, case, "CANARY question?")
    jo.at(path)
    jo.browser.post(path, {"text": "On <b>Monday</b>."})
    who = Member("fernhill", "amy")
    jo.desk.web.casework.note(who, case, "CANARY note")
    jo.desk.web.casework.reply(who, case, "CANARY reply")

    page = jo.at(f"/mine/{case}/sent").text

    assert mine.ANSWERED in page
    assert "On &lt;b&gt;Monday&lt;/b&gt;." in page
    assert "CANARY" not in page


def test_of_a_deleted_report_that_is_said_instead_of_what_was_sent(jo):
    case, who, work = jo.filed(FILE), Member("fernhill", "amy"), jo.desk.web.casework
    seen = work.open_case(who, case, "my case").head.version
    over = Retention("contact-settled", sexual_abuse=False, until=jo.desk.clock.now.date())
    work.close(who, case, a_closing(retention=over), seen)
    jo.desk.clock.pass_by(days=365)
    work.confirm_deletion(who, case, "its time is over")
    jo.browser = jo.desk.browser("teacher")

    page = jo.at(f"/mine/{case}/sent").text

    assert mine.NOT_HERE in page
    assert "keeps asking" not in page
    assert "screen.png" not in page


def test_a_question_is_answered_once_however_often_it_is_sent(jo):
    case = jo.filed()
    path = asked(jo, case)
    assert "Which day was it?" in jo.at("/mine").text
    for _ in range(2):
        jo.at(path)
        answer = jo.browser.post(path, {"text": "On Monday."})

    assert answer.to == "/mine?done=answered"
    assert jo.desk.body(case, EventKind.ADDED)["text"] == "On Monday."
    assert jo.desk.kinds(case).count("added to by the reporter") == 1


def test_an_empty_answer_is_asked_for_again(jo):
    path = asked(jo, jo.filed())
    jo.at(path)
    page = jo.browser.post(path, {"text": "  "})

    assert page.status == 422
    assert "Please write an answer." in page.text


def test_safety_12_an_answer_that_names_somebody_asks_whether_it_is_about_them(jo):
    case = jo.filed()
    path = asked(jo, case)
    jo.at(path)
    page = jo.browser.post(path, {"text": "Ben Birch saw it."})

    assert "Your words name Ben Birch" in page.text
    assert "Ben Birch saw it." in page.text
    assert "added to by the reporter" not in jo.desk.kinds(case)
    jo.browser.post(path, {"text": "Ben Birch saw it.", "named": "ben", "not_about": "ben"})
    assert jo.desk.body(case, EventKind.ADDED)["not_about"] == ["ben"]


def test_more_evidence_asks_the_gate_again_and_then_stores_what_comes(jo):
    case = jo.filed(FILE)
    question = jo.at(f"/mine/{case}/evidence")
    path = answered_no(jo, case)
    page = jo.at(path)
    jo.page = jo.browser.follow(jo.browser.send_files(path, {}, [("files", "two.png", b"second")]))

    assert not takes_files(question)
    assert takes_files(page)
    assert "two.png" in jo.said
    assert jo.desk.kinds(case)[-2:] == ["added to by the reporter", "evidence stored"]
    assert jo.desk.told(NoticeKind.REPORTER_ADDED, case) == ["amy"]


def test_the_same_evidence_sent_twice_is_kept_once(jo):
    case = jo.filed(FILE)
    path = answered_no(jo, case)
    jo.at(path)
    for _ in range(2):
        jo.browser.send_files(path, {}, [("files", "two.png", b"second")])

    assert jo.desk.kinds(case).count("evidence stored") == 2


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_more_evidence_takes_no_file_after_yes_or_not_sure_and_the_case_is_urgent(jo, answer):
    case = jo.filed(FILE)
    path = answered_no(jo, case)
    jo.at(f"/mine/{case}/evidence")
    stop = jo.browser.follow(jo.browser.post(f"/mine/{case}/evidence", {"gate": answer}))
    pages = [stop, jo.at(path), jo.browser.send_files(path, {}, [FILE]), jo.at(f"/mine/{case}/evidence")]
    pages.append(jo.at(f"{jo.path}/send"))

    assert all("STOP" in page.text and not takes_files(page) for page in pages)
    assert jo.desk.head(case).urgent
    assert jo.desk.decoder.looked == ["screen.png"]
    assert "More evidence" not in jo.at("/mine").text


def test_safety_2_evidence_to_an_address_for_which_nobody_answered_the_gate_is_never_looked_at(jo):
    case = jo.filed()
    jo.at(f"/mine/{case}/evidence")
    answer = jo.browser.send_files(f"/mine/{case}/evidence/web-made-up", {}, [FILE])
    draft = jo.browser.send_files(f"/mine/{case}/evidence/{jo.path.rpartition('/')[2]}", {}, [FILE])

    assert [answer.status, draft.status] == [410, 410]
    assert jo.desk.decoder.looked == []


def test_safety_4_one_press_locks_a_file_and_says_what_to_do(jo):
    case = jo.filed(FILE)
    item = item_on(jo.page)
    jo.page = jo.browser.follow(jo.browser.post(f"/mine/{case}/lock", {"item": item}))

    assert "STOP" in jo.said
    assert jo.desk.kinds(case)[-1] == "evidence locked"
    jo.at("/mine")
    assert "locked" in jo.said
    assert "More evidence" not in jo.said
    assert "screen.png" not in jo.said


def test_what_is_no_file_of_theirs_is_not_locked(jo):
    case = jo.filed(FILE)
    jo.at("/mine")
    answer = jo.browser.post(f"/mine/{case}/lock", {"item": "e-none"})

    assert 400 <= answer.status < 500
    assert "evidence locked" not in jo.desk.kinds(case)


@pytest.mark.parametrize("more", ["receipt", "sent", "evidence", "locked", "answer/3"])
def test_a_report_of_somebody_else_looks_as_if_there_were_none(jo, more):
    case = jo.filed(FILE)
    other = jo.desk.browser("ben")

    assert other.get(f"/mine/{case}/{more}").status == 404
    assert case not in other.get("/mine").text
