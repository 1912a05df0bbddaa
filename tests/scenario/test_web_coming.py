"""Coming to a page by its address, and back to what one has begun: neither is lost by signing in."""

from urllib.parse import quote

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Reporter as Who
from bot.web import came_for
from bot.web.receipts import at
from tests.web_case_kit import CaseDesk
from tests.web_kit import Browser, WebDesk
from tests.web_report_kit import CONCERN, FILE, Reporter

AMY = {"school": "fernhill", "person": "amy"}
HANDLE = "jo.mint@fernhill.example.org"
UNFINISHED = "You have an unfinished report"


@pytest.fixture
def jo(tmp_path):
    return Reporter(tmp_path)


@pytest.mark.parametrize("path", ["/report", "/mine", "/cases?status=closed&page=2", "/poster", "/"])
def test_whoever_comes_by_an_address_is_led_to_it_once_they_have_signed_in(tmp_path, path):
    browser = WebDesk(tmp_path).browser()

    assert browser.get(path).to == "/sign-in"
    browser.get("/sign-in")
    assert browser.post("/sign-in", AMY).to == path
    # Once: who changes their role later begins at the first page.
    browser.get("/sign-in")
    assert browser.post("/sign-in", AMY).to == "/"


def test_the_link_to_a_case_leads_to_it_through_signing_in_and_asks_why_it_is_opened(tmp_path):
    desk = CaseDesk(tmp_path)
    case, browser = desk.file("friend-request").case, desk.browser()
    browser.get(f"/cases/{case}")

    assert "Why do you open case" in browser.follow(browser.post("/sign-in", AMY)).text


def test_what_is_kept_of_it_no_script_and_no_other_site_can_read_and_over_https_it_goes_that_way_alone(
    tmp_path,
):
    (cookie,) = WebDesk(tmp_path / "one").browser().get("/report").cookies
    (safe,) = WebDesk(tmp_path / "two", secure=True).browser().get("/report").cookies

    assert cookie == "staffroom-came-for=%2Freport; HttpOnly; Max-Age=900; Path=/; SameSite=lax"
    assert safe.startswith("__Host-staffroom-came-for=")
    assert "Secure" in safe


@pytest.mark.parametrize(
    "planted",
    [
        "https://evil.example.org/",
        "//evil.example.org",
        "/\\evil.example.org",
        "\\\\evil.example.org",
        "/%0d%0aSet-Cookie:a=b",
        "/%2Fevil.example.org",
        "javascript:alert(1)",
        "evil.example.org",
        "/a b",
        "",
        f"/{'a' * 400}",
    ],
)
def test_nobody_is_led_to_another_site_by_it_whatever_a_browser_has_in_it(tmp_path, planted):
    desk = WebDesk(tmp_path)
    for each in (planted, quote(planted, safe="")):
        browser = desk.browser()
        browser.cookies[came_for.CAME_FOR] = each

        assert browser.post("/sign-in", AMY).to == "/"


def test_an_address_of_ours_never_begins_like_one_of_another_site():
    assert came_for.ours("//evil.example.org") == "/"
    assert came_for.ours("/x\n") == "/"
    assert came_for.ours("/cases/K7QF-2M9T") == "/cases/K7QF-2M9T"


def test_only_a_page_is_come_for_and_never_what_is_posted_or_a_picture_on_one(tmp_path):
    browser = WebDesk(tmp_path).browser()

    browser.get("/poster/code.svg", sec_fetch_dest="image")
    browser.post("/report/begin", {"form": "concern"})

    assert browser.post("/sign-in", AMY).to == "/"


def test_signing_in_elsewhere_forgets_what_another_browser_came_for(tmp_path):
    desk = WebDesk(tmp_path)
    desk.browser().get("/report")

    assert desk.browser().post("/sign-in", AMY).to == "/"


# What was begun


@pytest.mark.parametrize("page", ["/report", "/mine"])
def test_an_unfinished_report_is_offered_with_when_it_was_begun_and_two_ways_on(jo, page):
    jo.begin()
    begun = at(jo.desk.clock())
    jo.next(do="keep", **CONCERN)
    jo.desk.clock.pass_by(minutes=20)
    jo.at(jo.path)
    jo.next(do="keep", **{**CONCERN, "who": "Pat Marsh"})
    again = signed_in_again(jo)
    offered = again.get(page)

    assert f"{UNFINISHED}</strong>, from {begun}: A worry" in offered.text
    assert f'href="{jo.path}">Go on with it' in offered.text
    assert 'value="Pat Marsh"' in again.get(jo.path).text
    again.get(page)
    cleared = again.follow(again.post(jo.path, {"do": "clear"}))
    assert UNFINISHED not in cleared.text
    assert UNFINISHED not in again.get(page).text


def test_the_newest_stands_first_and_nothing_of_what_was_typed_is_shown(jo):
    jo.begin()
    jo.next(do="keep", **CONCERN)
    older = jo.path
    jo.desk.clock.pass_by(minutes=5)
    jo.begin("friend-request")
    jo.next(do="keep", who="Jo Marsh")
    page = jo.at("/mine").text

    assert page.index(jo.path) < page.index(older)
    assert "Jo Marsh" not in page
    assert CONCERN["what"] not in page


def test_a_report_that_is_sent_is_offered_no_more_nor_a_form_in_which_nothing_stands(jo):
    jo.filed(FILE)
    jo.begin()

    assert UNFINISHED not in jo.at("/mine").text
    assert UNFINISHED not in jo.at("/report").text


def test_more_evidence_that_was_not_sent_is_no_unfinished_report(jo):
    case = jo.filed()
    jo.at(f"/mine/{case}/evidence")
    jo.browser.post(f"/mine/{case}/evidence", {"gate": "no"})

    assert UNFINISHED not in jo.at("/mine").text


def test_a_report_that_was_stopped_before_anything_was_typed_is_offered_all_the_same(jo):
    jo.begin()
    jo.next(gate="yes")

    assert UNFINISHED in jo.at("/report").text


def test_nobody_is_offered_what_somebody_else_or_they_at_another_school_began(jo):
    jo.begin()
    jo.next(do="keep", **CONCERN)
    drafting = jo.desk.web.drafting

    assert UNFINISHED not in jo.desk.browser("ben").get("/report").text
    assert [each.handle for each in drafting.unfinished("fernhill", HANDLE)] == [HANDLE]
    assert drafting.unfinished("oakhill", HANDLE) == ()


def test_it_is_offered_for_as_long_as_it_is_kept(jo):
    jo.begin()
    jo.next(do="keep", **CONCERN)
    jo.desk.clock.pass_by(hours=24)

    assert UNFINISHED not in signed_in_again(jo).get("/report").text


def test_what_was_begun_in_a_chat_goes_on_there_and_is_not_offered_here(jo):
    jo.begin()
    jo.next(do="keep", **CONCERN)
    drafting = jo.desk.web.drafting
    (web,) = drafting.unfinished("fernhill", HANDLE)
    drafting.drop(web.id)
    drafting.keep(came_from_chat(web))

    assert UNFINISHED not in jo.at("/report").text


def came_from_chat(draft):
    return type(draft)("V0123", draft.school, draft.form, draft.handle, draft.answers)


def signed_in_again(jo):
    known = Known(jo.desk.schools["fernhill"], Who(HANDLE, "Jo Mint"))
    found = Browser(jo.desk.app, {"staffroom": jo.desk.sessions.begin(known).token})
    found.get("/")
    return found
