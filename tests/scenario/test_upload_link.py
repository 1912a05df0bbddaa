"""One-use upload links: from a button in Slack to a file in the case, and every way in which one is over."""

import asyncio
import hashlib
import logging
import re
from dataclasses import replace

import pytest

from bot.config import Settings
from bot.domain import gate
from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.errors import StoreFailed, UnknownCase
from bot.linking import LinkOver, Visit
from bot.serving import pages_of
from bot.web import upload_link
from bot.web.app import web_app
from bot.web.site import PAGES
from tests.casework_builders import audit, notices
from tests.slack_reports import REQUEST, button_in, kinds_in, one, words_in
from tests.web_kit import Browser
from tests.web_link_kit import ADDRESS, CANARY, HANDLE, Linked
from tests.web_report_kit import takes_files

PICTURE = ("files", "screen.png", b"a picture")
OTHER = ("files", "other.png", b"another picture")


@pytest.fixture
def linked(tmp_path):
    return Linked(tmp_path)


def send(browser, path, *files):
    """Send *files*; the page that comes then."""
    return browser.follow(browser.send_files(f"{path}/files", {}, files))


def sha(file):
    return hashlib.sha256(file[2]).hexdigest()


# From Slack to the case


def test_safety_1_a_school_that_takes_files_on_the_web_hands_a_link_and_no_control_in_slack(linked):
    view = linked.pressed()

    assert kinds_in(view) == []
    assert "15 minutes" in words_in(view)
    assert "999" in words_in(view)
    assert linked.case not in button_in(view, "Add files")["url"]


def test_a_link_shows_the_gate_then_the_control_then_the_receipt_with_the_hash(linked):
    path, browser = linked.link(), linked.browser()
    question = browser.get(path)
    control = browser.follow(browser.post(path, {"gate": "no"}))
    receipt = send(browser, path, PICTURE)

    assert gate.QUESTION in question.text
    assert not takes_files(question)
    assert takes_files(control)
    assert sha(PICTURE) in receipt.text
    assert "not that it is genuine or complete" in receipt.text
    assert linked.files() == [sha(PICTURE)]


def test_what_came_by_a_link_is_told_to_the_holders_and_the_receipt_goes_out_anew(linked):
    before = notices(linked.desk)
    path, browser, _ = linked.answered()
    send(browser, path, PICTURE)

    told = {(kind, to) for kind, to, _ in [each for each in notices(linked.desk) if each not in before]}
    assert ("reporter-added", "amy") in told
    assert ("receipt", f"reporter:{HANDLE}") in {(kind, to) for kind, to, _ in notices(linked.desk)}
    assert linked.desk.poked


def test_the_audit_log_says_that_a_link_was_made_opened_and_used_and_by_whom(linked):
    path, browser, _ = linked.answered()
    send(browser, path, PICTURE)

    assert linked.audit() == [
        ("upload link", "upload link made in Slack"),
        ("upload link", "upload link opened, the question answered with “no”, not signed in"),
        ("upload link", "upload link used, number of files: 1, not signed in"),
    ]


def test_safety_29_no_page_of_a_link_says_anything_of_the_case_and_none_is_kept_by_a_browser(linked):
    path, browser, control = linked.answered()
    pages = [linked.browser().get(path), control, send(browser, path, PICTURE), linked.browser().get(path)]

    for page in pages:
        assert not [each for each in (linked.case, CANARY, "concern", "Jo Mint") if each in main_of(page)]
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["referrer-policy"] == "same-origin"


def test_safety_29_the_page_for_files_is_the_same_whatever_was_reported(linked, tmp_path):
    other = Linked(tmp_path / "other", report=(REQUEST, "/report-friend-request"))
    ways, pages = (linked, other), []
    for each in ways:
        path, _, control = each.answered()
        pages.append(main_of(control).replace(path, ""))

    assert pages[0] == pages[1]


def test_safety_29_the_token_is_in_no_log_and_not_in_the_store(linked, caplog):
    caplog.set_level(logging.DEBUG)
    path, browser, _ = linked.answered()
    send(browser, path, PICTURE)
    linked.browser().get(path)

    token = path.rpartition("/")[2]
    on_disk = b"".join(
        each.read_bytes() for each in linked.desk.store.path.parent.rglob("*") if each.is_file()
    )
    assert token not in caplog.text
    assert token.encode() not in on_disk


def test_what_only_looks_at_a_link_as_a_preview_does_uses_nothing_up(linked):
    path = linked.link()
    for _ in range(3):
        linked.browser().get(path)
    browser = linked.browser()
    browser.get(path)
    browser.post(path, {"gate": "no"})

    assert sha(PICTURE) in send(browser, path, PICTURE).text


def test_a_school_that_takes_files_in_slack_offers_the_link_beside_the_control(tmp_path):
    linked = Linked(tmp_path, evidence="slack")
    linked.pressed()
    linked.jo.submit(gate=one("no"))

    assert kinds_in(linked.jo.view) == ["file_input"]
    path = button_in(linked.jo.view, "Add files")["url"].removeprefix(ADDRESS)
    assert gate.QUESTION in linked.browser().get(path).text


@pytest.mark.parametrize(("evidence", "kinds"), [("slack", ["file_input"]), ("web", [])])
def test_without_an_address_no_link_is_offered_and_somebody_is_to_be_told(tmp_path, evidence, kinds):
    linked = Linked(tmp_path, evidence=evidence, links_to="")
    view = linked.pressed()
    if evidence == "slack":
        linked.jo.submit(gate=one("no"))

    assert kinds_in(linked.jo.view) == kinds
    assert "Add files" not in words_in(linked.jo.view)
    assert ("tell whoever deals with your report that you have it" in words_in(view)) is (evidence == "web")


def test_nobody_gets_a_link_to_a_report_of_somebody_else(linked):
    known = Known(linked.desk.school, Reporter("amy@fernhill.example.org", "Amy Ash", "amy"))
    linked.jo.slack.calls.clear()
    linked.jo.bench.press("report.more", f"fernhill {linked.case}", "U0AMY")
    drawn = str(linked.jo.slack.calls)

    assert "/upload/" not in drawn
    with pytest.raises(UnknownCase):
        linked.desk.parts.linking.make(known, linked.case)
    assert ("refused", "reporter", "", "more evidence") in audit(linked.desk)


# The gate


@pytest.mark.parametrize("said", ["yes", "not-sure"])
def test_safety_1_after_yes_or_not_sure_a_link_has_no_control_in_any_state(linked, said):
    path, browser, stop = linked.answered(said)
    looked = list(linked.desk.decoder.looked)
    pages = [stop, browser.get(path), browser.get(f"{path}/files"), send(browser, path, PICTURE)]
    pages.append(browser.follow(browser.post(path, {"gate": "no"})))

    assert not any(takes_files(page) for page in [*pages, linked.browser().get(path)])
    assert all("STOP" in page.text for page in pages)
    assert "01632 960301" in stop.text
    assert linked.desk.head(linked.case).urgent
    assert linked.desk.decoder.looked == looked


def test_safety_1_a_yes_after_a_no_stops_what_was_begun(linked):
    path, browser, control = linked.answered()
    stop = browser.follow(browser.post(path, {"gate": "not-sure"}))

    assert 'value="not-sure"' in control.text
    assert "STOP" in stop.text
    assert not takes_files(send(browser, path, PICTURE))
    assert linked.files() == []


def test_safety_1_a_yes_counts_also_in_a_browser_that_keeps_no_cookie_and_a_no_does_not(linked):
    path, browser = linked.link(), linked.browser()

    refused = browser.post(path, {"gate": "no"})
    assert refused.status == 422
    assert "does not keep the cookie" in refused.text

    browser.cookies.clear()
    browser.post(path, {"gate": "yes"})
    assert linked.desk.head(linked.case).urgent


def test_safety_2_files_before_the_gate_is_answered_are_not_even_read(linked):
    path, browser, looked = linked.link(), linked.browser(), list(linked.desk.decoder.looked)
    browser.get(path)
    answer = browser.send_files(f"{path}/files", {}, [PICTURE])

    assert (answer.status, answer.to) == (303, path)
    assert linked.desk.decoder.looked == looked
    assert linked.files() == []


def test_safety_2_of_a_post_to_a_link_that_leads_nowhere_nothing_is_read(linked):
    # Whoever reads it says that it is no form.
    no_form = {"content_type": "text/plain"}
    answer = linked.browser().send("POST", "/upload/made-up/files", b"x" * 1_000, **no_form)
    unanswered = linked.browser().send("POST", f"{linked.link()}/files", b"x" * 1_000, **no_form)

    assert (answer.status, unanswered.status) == (404, 303)


def test_an_unanswered_question_says_so_and_is_asked_again(linked):
    path, browser = linked.link(), linked.browser()
    browser.get(path)
    answer = browser.post(path, {})

    assert answer.status == 422
    assert 'id="gate-fault"' in answer.text


def test_safety_4_a_file_that_came_by_a_link_is_locked_with_one_press_on_its_receipt(linked):
    path, browser, _ = linked.answered()
    receipt = send(browser, path, PICTURE)
    item = re.search(r'name="item" value="([^"]+)"', receipt.text)[1]
    stop = browser.follow(browser.post(f"{path}/lock", {"item": item}))

    assert "STOP" in stop.text
    assert linked.desk.kinds(linked.case)[-1] == "evidence locked"


def test_only_files_that_came_by_the_link_are_locked_by_it(linked):
    first, browser, _ = linked.answered()
    item = re.search(r'name="item" value="([^"]+)"', send(browser, first, PICTURE).text)[1]
    second, browser, _ = linked.answered()
    send(browser, second, OTHER)
    browser.post(f"{second}/lock", {"item": item})

    assert "evidence locked" not in linked.desk.kinds(linked.case)


# Over


def test_safety_31_a_link_is_over_after_15_minutes_with_numbers_and_what_to_do_next(linked):
    path, browser = linked.link(), linked.browser()
    linked.desk.clock.pass_by(minutes=14, seconds=59)
    assert browser.get(path).status == 200

    linked.desk.clock.pass_by(seconds=1)
    for answer in (browser.get(path), browser.post(path, {"gate": "no"})):
        assert answer.status == 410
        assert "This link is over" in answer.text
        kind_words(answer)


def test_whoever_has_answered_has_an_hour_for_the_files_and_no_more(linked):
    path, browser, _ = linked.answered()
    linked.desk.clock.pass_by(minutes=59)
    assert takes_files(browser.get(f"{path}/files"))

    linked.desk.clock.pass_by(minutes=1)
    answer = browser.send_files(f"{path}/files", {}, [PICTURE])

    assert answer.status == 410
    assert linked.files() == []


def test_safety_4_the_button_that_locks_is_there_for_the_whole_hour(linked):
    path, browser = linked.link(), linked.browser()
    browser.get(path)
    linked.desk.clock.pass_by(minutes=14)
    browser.post(path, {"gate": "no"})
    page = browser.follow(browser.send_files(f"{path}/files", {}, [PICTURE])).text
    item = page.partition('name="item" value="')[2].partition('"')[0]
    linked.desk.clock.pass_by(minutes=59)

    browser.post(f"{path}/lock", {"item": item})

    assert linked.desk.kinds(linked.case)[-1] == "evidence locked"


def test_a_second_link_in_the_same_browser_has_its_whole_hour_too(linked):
    _, browser, _ = linked.answered()
    linked.desk.clock.pass_by(minutes=50)
    path = linked.link()
    browser.get(path)
    browser.post(path, {"gate": "no"})
    linked.desk.clock.pass_by(minutes=55)

    assert takes_files(browser.get(f"{path}/files"))


def test_a_day_later_nothing_tells_a_link_from_one_that_never_was(linked):
    path = linked.link()
    linked.desk.clock.pass_by(hours=24)

    assert linked.browser().get(path).status == 404


def test_safety_31_a_link_that_is_in_use_in_one_browser_is_used_up_for_any_other(linked):
    path, browser, _ = linked.answered()
    other = linked.browser()

    for answer in (other.get(path), other.get(f"{path}/files"), other.post(path, {"gate": "no"})):
        assert answer.status == 410
        assert "This link has been used" in answer.text
        kind_words(answer)
    assert sha(PICTURE) in send(browser, path, PICTURE).text
    assert ("refused", "upload link used, not signed in") in linked.audit()


def test_a_link_takes_one_sending_and_shows_its_receipt_again_to_whoever_sent(linked):
    path, browser, _ = linked.answered()
    send(browser, path, PICTURE)

    again = browser.get(path)
    assert sha(PICTURE) in browser.follow(again).text
    more = browser.send_files(f"{path}/files", {}, [OTHER])
    assert more.status == 410
    assert linked.files() == [sha(PICTURE)]


def test_safety_31_a_forged_link_says_so_with_the_numbers_of_every_school(linked):
    answer = linked.browser().get("/upload/forged")

    assert answer.status == 404
    assert "This link leads nowhere" in answer.text
    kind_words(answer)


def test_a_link_for_somebody_else_is_refused_to_whoever_is_signed_in_and_that_is_recorded(linked):
    path = linked.link()
    amy = linked.desk.browser("amy")
    answer = amy.get(path)

    assert answer.status == 410
    assert "made for somebody else" in answer.text
    assert ("refused", "upload link another's, signed in as amy") in linked.audit()
    assert linked.browser().get(path).status == 200


def test_whoever_it_was_made_for_uses_it_signed_in_too(linked):
    path, jo = linked.link(), linked.desk.browser("teacher")
    jo.get(path)
    jo.post(path, {"gate": "no"})

    assert sha(PICTURE) in send(jo, path, PICTURE).text
    assert ("upload link", f"upload link used, number of files: 1, signed in as {HANDLE}") in linked.audit()


# Twice, and bad weather


def at_once(browser, path, posts):
    """What *posts* of one browser at the same moment are answered with; each is (fields, files)."""

    async def all_of_them():
        return await asyncio.gather(*(_call(browser, path, *each) for each in posts))

    return asyncio.run(all_of_them())


def _call(browser, path, fields, files):
    caught = []
    taken = Browser(browser.app, browser.cookies, browser.csrf)
    taken._send = lambda *request: caught.append(request)
    (taken.send_files(path, fields, files) if files else taken.post(path, fields))
    return taken._call(*caught[0])


def test_the_question_answered_twice_at_once_is_one_answer(linked):
    path, browser = linked.link(), linked.browser()
    browser.get(path)

    answers = at_once(browser, path, [({"gate": "no"}, ())] * 2)

    assert [each.status for each in answers] == [303, 303]
    assert len([detail for _, detail in linked.audit() if "opened" in detail]) == 1
    assert takes_files(browser.get(f"{path}/files"))


def test_the_same_files_sent_twice_at_once_are_stored_once(linked):
    path, browser, _ = linked.answered()

    answers = at_once(browser, f"{path}/files", [({}, (PICTURE,))] * 2)

    assert [each.status for each in answers] == [303, 303]
    assert linked.files() == [sha(PICTURE)]
    assert len([detail for _, detail in linked.audit() if "link used, number" in detail]) == 1


def test_of_two_sendings_at_once_by_one_link_one_is_taken_and_the_other_hears_it(linked):
    path, browser, _ = linked.answered()

    answers = at_once(browser, f"{path}/files", [({}, (PICTURE,)), ({}, (OTHER,))])

    assert sorted(each.status for each in answers) == [303, 410]
    assert len(linked.files()) == 1
    with pytest.raises(LinkOver):
        linked.desk.parts.linking.at(Visit(path.rpartition("/")[2], "another browser"))


def test_two_browsers_that_answer_at_once_do_not_both_get_in(linked):
    path = linked.link()
    browsers = [linked.browser(), linked.browser()]
    for each in browsers:
        each.get(path)

    async def both():
        return await asyncio.gather(*(_call(each, path, {"gate": "no"}, ()) for each in browsers))

    assert sorted(each.status for each in asyncio.run(both())) == [303, 410]


def test_safety_20_files_that_cannot_be_stored_are_said_to_be_not_saved_and_the_link_is_still_good(
    linked, monkeypatch
):
    path, browser, _ = linked.answered()
    with monkeypatch.context() as patch:
        patch.setattr(type(linked.desk.vault), "put", _fails)
        answer = browser.send_files(f"{path}/files", {}, [PICTURE])

    assert answer.status == 503
    assert "NOT SAVED" in answer.text
    assert takes_files(answer)
    kind_words(answer)
    assert linked.files() == []
    assert sha(PICTURE) in send(browser, path, PICTURE).text


def _fails(*_):
    raise StoreFailed("the disk is full")


def test_a_file_over_the_limit_is_refused_with_the_limit_and_what_to_do_and_the_link_is_still_good(linked):
    object.__setattr__(linked.desk.web, "max_mb", 1)
    path, browser, _ = linked.answered()
    answer = browser.send_files(f"{path}/files", {}, [("files", "film.mp4", b"x" * 1_000_001)])

    assert answer.status == 413
    assert "larger than 1 MB" in answer.text
    assert "tell the DSL that you have it" in answer.text
    assert takes_files(answer)
    assert sha(PICTURE) in send(browser, path, PICTURE).text


def test_a_file_that_cannot_be_kept_is_named_with_the_reason(linked):
    path, browser, _ = linked.answered()
    receipt = send(browser, path, PICTURE, ("files", "odd.xyz", b"bad file"))

    assert "<strong>odd.xyz</strong>: This is no picture." in receipt.text
    assert linked.files() == [sha(PICTURE)]


def test_sending_without_a_file_uses_nothing_up(linked):
    path, browser, _ = linked.answered()
    answer = browser.send_files(f"{path}/files", {})

    assert answer.status == 422
    assert "Choose a file first" in answer.text
    assert takes_files(answer)


# In real mode


def upload_only(desk, **changes):
    return web_app(replace(desk.web, sample=False, signing=None, **changes), upload_link.PAGES)


def test_in_real_mode_a_link_needs_no_sign_in_and_its_cookie_goes_over_https_alone(linked):
    browser = Browser(upload_only(linked.desk, secure=True))
    answer = browser.get(linked.link())

    assert answer.status == 200
    assert "__Host-staffroom-upload=" in answer.cookies[0]
    assert {"Secure", "HttpOnly"} <= {each.strip() for each in answer.cookies[0].split(";")}


@pytest.mark.parametrize(
    ("settings", "served"),
    [
        ({}, PAGES),
        ({"slack_bot_token": "x"}, ()),
        ({"slack_bot_token": "x", "url": "https://s.example.org"}, PAGES),
        (
            {"slack_bot_token": "x", "url": "https://s.example.org", "oidc_issuer": "https://l.example"},
            PAGES,
        ),
    ],
)
def test_the_page_of_links_is_served_wherever_there_is_an_address_and_slack(tmp_path, settings, served):
    assert pages_of(Settings(tmp_path, tmp_path, **settings)) == served


def main_of(page):
    return re.search(r"<main.*</main>", page.text, re.S)[0]


def kind_words(answer):
    """SAFETY 31: numbers and 999, whatever the reason, and what to do next."""
    assert 'href="tel:999"' in answer.text
    assert "01632 960301" in answer.text
    assert "Whom to ring at" in answer.text
