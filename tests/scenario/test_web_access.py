"""Who may reach which page (SAFETY 12 to 16): every route, for everybody who could knock."""

import pytest

from bot.domain.membership import Known
from bot.domain.triage import Form
from bot.drafting import Draft
from bot.web.pages import May, Page
from bot.web.site import PAGES
from tests.fakes import PLAIN_SCHOOL, a_school
from tests.filing_desk import PICTURE, REPORTER
from tests.web_case_kit import WORKING, CaseDesk

CANARY = "heliotrope-canary"
NONE = "NONE-SUCH"
ANYBODY, STAFF, PERSON, HEAD = May.ANYBODY, May.STAFF, May.PERSON, May.HEAD
OVERSEER = May.OVERSEER
THE_CASE, THEIR_REPORT, THEIR_DRAFT = "the holders of the case", "its reporter", "whoever writes it"

ABOVE = ("safeguarding governor", "trust lead")
WHO = ("nobody", "teacher", "reporter", "listed", "holder", "excluded head", *ABOVE, "another school's DSL")
LISTED = {"listed", "holder", "excluded head", *ABOVE, "another school's DSL"}
REACHES = {
    ANYBODY: set(WHO),
    STAFF: set(WHO) - {"nobody"},
    PERSON: LISTED,
    HEAD: {"excluded head"},
    # The listed one is the chair; they and those above may be told of the head's openings.
    OVERSEER: {"excluded head", "listed", *ABOVE},
    THE_CASE: {"holder"},
    THEIR_REPORT: {"reporter"},
    THEIR_DRAFT: {"reporter"},
}

_MOVES = (
    *("acknowledge", "note", "reply", "ask", "decide", "action", "refer", "parent", "correct", "assign"),
    *("share", "person", "exclude", "lift", "link", "merge", "close", "reopen", "retention", "hold"),
    *("release", "delete", "finish", "lock", "advice", "export", "subject-access"),
)
WHOSE = {
    "/sign-in": ANYBODY,
    "/sign-in/account": ANYBODY,
    "/sign-in/back": ANYBODY,
    "/sign-in/choose": ANYBODY,
    "/sign-in/code": ANYBODY,
    "/sign-in/invitation/{token}": ANYBODY,
    "/sign-in/authenticator": ANYBODY,
    "/sign-in/authenticator.svg": ANYBODY,
    "/sign-out": STAFF,
    "/": STAFF,
    "/urgent": STAFF,
    "/report": STAFF,
    "/report/begin": STAFF,
    "/report/{draft}": THEIR_DRAFT,
    "/report/{draft}/more": THEIR_DRAFT,
    "/report/{draft}/send": THEIR_DRAFT,
    "/report/{draft}/receipt": THEIR_DRAFT,
    "/mine": STAFF,
    "/mine/{case}/receipt": THEIR_REPORT,
    "/mine/{case}/lock": THEIR_REPORT,
    "/mine/{case}/locked": THEIR_REPORT,
    "/mine/{case}/evidence": THEIR_REPORT,
    "/mine/{case}/evidence/{draft}": THEIR_REPORT,
    "/mine/{case}/sent": THEIR_REPORT,
    "/mine/{case}/cannot": THEIR_REPORT,
    "/mine/{case}/answer/{ask}": THEIR_REPORT,
    # A link's own token says whose it is; what is behind it is in test_upload_link.py.
    "/upload/{token}": ANYBODY,
    "/upload/{token}/files": ANYBODY,
    "/upload/{token}/receipt": ANYBODY,
    "/upload/{token}/lock": ANYBODY,
    "/poster": STAFF,
    "/poster/code.svg": STAFF,
    "/policies": STAFF,
    "/policies/{number}": STAFF,
    "/cases": PERSON,
    "/cases/search": PERSON,
    "/cases/deletion": PERSON,
    "/cases/{case}": THE_CASE,
    "/cases/{case}/person/{number}": THE_CASE,
    **{f"/cases/{{case}}/{move}": THE_CASE for move in _MOVES},
    "/cases/{case}/evidence/{item}": THE_CASE,
    "/cases/{case}/evidence/{item}/{number}": THE_CASE,
    "/cases/{case}/evidence/{item}/original": THE_CASE,
    "/insights": PERSON,
    "/insights/{chart}.svg": PERSON,
    "/audit": OVERSEER,
    "/audit/openings": OVERSEER,
    "/audit/verify": HEAD,
}
"""Whose each page is; a page that is not here has no rule, and fails the first test."""

PARTS = {"number": "1", "item": "e-1", "token": "x", "ask": "1", "chart": "form"}


class Walk(CaseDesk):
    """Two schools, and a case at one of them that has the canary in it; cat, the head, is excluded."""

    def __init__(self, tmp_path):
        more = [{"id": "eve", "name": "Eve Elm"}, {"id": "fay", "name": "Fay Fox"}]
        roles = {**PLAIN_SCHOOL["people"], "safeguarding_governor": ["eve"], "trust_lead": ["fay"]}
        said = {"sample": True, "person": [*PLAIN_SCHOOL["person"], *more], "people": roles}
        schools = {each: a_school(each, **said) for each in ("fernhill", "oakhill")}
        super().__init__(tmp_path, schools=schools)
        self.case = self.file("concern", PICTURE, what=CANARY, concerned=("cat",)).case
        self.item = next(each for each in self.vault.items(self.case) if "." not in each)
        self.drafting = self.web.drafting
        draft = Draft("draft-1", "fernhill", Form.CONCERN, REPORTER.handle, {"what": CANARY})
        self.drafting.keep(draft)

    def knocks(self, who):
        """The browser of *who*, with a token for forms."""
        people = {"teacher": "teacher", "listed": "dan", "holder": "amy", "excluded head": "cat"}
        people |= {"safeguarding governor": "eve", "trust lead": "fay"}
        browser = self.browser(people.get(who, ""))
        if who == "another school's DSL":
            browser = self.browser("amy", "oakhill")
        if who == "reporter":
            known = Known(self.schools["fernhill"], REPORTER)
            browser.cookies["staffroom"] = self.web.sessions.begin(known).token
        browser.get("/")
        if who == "holder":
            browser.post(f"/cases/{self.case}", {"reason": WORKING})
        return browser

    def address(self, page, made_up=False):
        """The path of *page* with the case and the draft that there are, or with *made_up* ones."""
        case, draft = (NONE, NONE) if made_up else (self.case, "draft-1")
        path = page.path
        item = PARTS["item"] if made_up else self.item
        for name, value in {**PARTS, "item": item, "case": case, "draft": draft}.items():
            path = path.replace(f"{{{name}}}", value)
        return path

    def ask(self, browser, method, page, made_up=False):
        """Status, address and page; the number that was asked for is blotted out, for they had it already."""
        path = self.address(page, made_up)
        answer = browser.get(path) if method == "GET" else browser.post(path, {})
        if answer.to.startswith("/cases/"):
            answer = browser.get(answer.to)
        to, text = answer.to, answer.body.decode("utf-8", "replace")
        if "{case}" in page.path:
            to, text = (each.replace(NONE if made_up else self.case, "X") for each in (to, text))
        return answer.status, to, text


@pytest.fixture
def desk(tmp_path):
    return Walk(tmp_path)


def methods(page):
    return [method for method, answer in (("GET", page.get), ("POST", page.post)) if answer]


def every_request():
    # Last, for it ends the session that the others need.
    pages = sorted(PAGES, key=lambda page: page.path == "/sign-out")
    return [(page, method) for page in pages for method in methods(page)]


def test_every_page_has_a_rule_here_and_every_rule_a_page():
    assert {page.path for page in PAGES} == WHOSE.keys()
    assert len(PAGES) == len(WHOSE)


def test_the_application_answers_at_no_address_without_a_rule(desk):
    routes = {route.path: type(route).__name__ for route in desk.app.routes}

    assert routes.pop("/static") == "Mount"
    assert routes == dict.fromkeys(WHOSE, "Route")


def test_no_page_is_opened_wider_by_the_site_than_by_its_rule():
    own = {THE_CASE: PERSON, THEIR_REPORT: STAFF, THEIR_DRAFT: STAFF}

    assert {page.path: page.may for page in PAGES} == {
        path: own.get(whose, whose) for path, whose in WHOSE.items()
    }


def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_shown_nothing(desk):
    nobody = desk.browser()
    wrong = []

    for page, method in every_request():
        status, to, text = desk.ask(nobody, method, page)
        sent_away = (status, to) == (303, "/sign-in") if method == "GET" else status == 401
        if (page.may is not May.ANYBODY and not sent_away) or CANARY in text or status >= 500:
            wrong.append((method, page.path, status))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO[1:])
def test_safety_15_what_somebody_may_not_see_answers_as_if_it_were_not_there(desk, who):
    browser, wrong = desk.knocks(who), []
    gone = desk.ask(browser, "GET", Page("/nothing-there", STAFF))

    for page, method in every_request():
        whose = WHOSE[page.path]
        if who in REACHES[whose]:
            continue
        answer = desk.ask(browser, method, page)
        # A case or draft of others is as one that never was; a page that is not theirs, as no page.
        own = whose in (THE_CASE, THEIR_REPORT, THEIR_DRAFT)
        none = desk.ask(browser, method, page, made_up=True) if own else gone
        if answer != none or answer[0] < 400 or CANARY in answer[2]:
            wrong.append((method, page.path, answer[0], none[0]))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("who", WHO[1:])
def test_what_somebody_may_see_is_never_a_fault_and_never_sends_them_to_sign_in(desk, who):
    browser, wrong = desk.knocks(who), []

    for page, method in every_request():
        if who not in REACHES[WHOSE[page.path]] or page.path in ("/sign-out", "/sign-in"):
            continue
        status, to, _ = desk.ask(browser, method, page)
        if status >= 500 or to == "/sign-in":
            wrong.append((method, page.path, status, to))

    assert wrong == []


@pytest.mark.slow
@pytest.mark.parametrize("who", sorted(set(WHO) - {"holder", "reporter"}))
def test_safety_15_no_page_shows_the_case_to_whoever_has_no_part_in_it_or_lets_them_change_it(desk, who):
    browser, wrong, before = desk.knocks(who), [], desk.head(desk.case)

    for page, method in every_request():
        _, to, text = desk.ask(browser, method, page)
        if any(each in f"{text}{to}" for each in (CANARY, desk.case)):
            wrong.append((method, page.path))

    assert wrong == []
    assert desk.head(desk.case) == before


def test_the_walk_itself_finds_its_case(desk):
    holder, reporter = desk.knocks("holder"), desk.knocks("reporter")

    assert CANARY in holder.get(f"/cases/{desk.case}").text
    for path in ("person/{number}", "evidence/{item}", "evidence/{item}/{number}"):
        assert desk.ask(holder, "GET", Page(f"/cases/{{case}}/{path}", PERSON))[0] == 200, path
    assert desk.case in reporter.get("/mine").text
    assert reporter.get("/report/draft-1").status == 200
