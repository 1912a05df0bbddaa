"""SAFETY 12 to 16 at the pages: every route of a case, for everybody, with every kind of exclusion."""

import re

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.web.site import PAGES
from tests.fakes import PLAIN_SCHOOL, a_school
from tests.filing_desk import PICTURE, REPORTER
from tests.scenario.test_web_access import NONE, THE_CASE, THEIR_REPORT, WHOSE, methods
from tests.web_case_kit import WORKING, CaseDesk

pytestmark = pytest.mark.slow
CANARY = "heliotrope-canary"
NAMES = {each["id"]: each["name"] for each in PLAIN_SCHOOL["person"]} | {"eve": "Eve Elm", "fay": "Fay Fox"}
PERSONS = [{"id": each, "name": name, "email": f"{each}@trust.example.org"} for each, name in NAMES.items()]
"""Each is listed at both schools, with the same e-mail."""
ABOVE = {"chair": ["dan"], "safeguarding_governor": ["eve"], "trust_lead": ["fay"]}
ROLES = {
    "usual": {"dsl": ["amy"], "deputy_dsl": ["ben"], "head": ["cat"], **ABOVE},
    "small": {"dsl": ["cat"], "head": ["cat"], **ABOVE},
}
"""At the small school the head is the DSL."""
BEN = Reporter("ben@trust.example.org", "Ben Birch", "ben")
KINDS = {
    "usual": {
        "a concern": ("concern", (), "amy"),
        "a concern, the DSL is concerned": ("concern", ("amy",), "ben"),
        "a concern, DSL and deputy are concerned": ("concern", ("amy", "ben"), "cat"),
        "a concern, the head is concerned": ("concern", ("cat",), "amy"),
        "about an adult": ("adult-concern", (), "cat"),
        "about the head": ("adult-concern", ("cat",), "dan"),
        "about the head, the chair is concerned": ("adult-concern", ("cat", "dan"), "fay"),
        "about the head, nobody is left": ("adult-concern", ("cat", "dan", "fay"), ""),
        "the deputy's own slip": ("friend-request", (), "amy"),
    },
    "small": {
        "a concern": ("concern", (), "cat"),
        "a concern, head and DSL are concerned, who are one": ("concern", ("cat",), "dan"),
        "about an adult": ("adult-concern", (), "cat"),
        "about the head, who is the DSL": ("adult-concern", ("cat",), "dan"),
        "about the head, the chair is concerned": ("adult-concern", ("cat", "dan"), "fay"),
    },
}
"""What the case is: its form, whom it is about, and who may open it; "" for nobody here (LADO)."""
WHO = {
    "usual": (
        *(("fernhill", each) for each in ("teacher", "reporter", "amy", "ben", "cat", "dan", "eve", "fay")),
        *(("oakhill", each) for each in ("teacher", "reporter", "amy", "ben", "cat")),
    ),
    "small": tuple(("fernhill", each) for each in ("reporter", "amy", "cat", "dan", "eve", "fay")),
}
EVERYBODY = [(setting, *each) for setting, people in WHO.items() for each in people]
OF_A_CASE = [page for page in PAGES if WHOSE.get(page.path, THE_CASE) in (THE_CASE, THEIR_REPORT)]
ELSEWHERE = [page.path for page in PAGES if page.get and "{" not in page.path and "sign" not in page.path]
SENT = {
    **{"reason": WORKING, "text": "Spoke to the form tutor.", "person": "ben", "seen": "9"},
    # What an export and a subject-access copy need, so that nothing but who asks can stop them.
    **{"reader": "police", "about": "P1", "make": "copy"},
}
PARTS = {"draft": NONE, "number": "1", "ask": "1"}


class Everything(CaseDesk):
    """A case of each kind, each with a canary and a picture; and everybody at a browser."""

    def __init__(self, tmp_path, setting="usual"):
        plain = {"sample": True, "person": PERSONS}
        schools = {
            "fernhill": a_school(people=ROLES[setting], **plain),
            "oakhill": a_school("oakhill", people=ROLES["usual"], **plain),
        }
        super().__init__(tmp_path, schools=schools)
        self.kinds = KINDS[setting]
        self.cases = {kind: self.filed(kind) for kind in self.kinds}
        self.answers = {}

    def filed(self, kind):
        form, concerned, _ = self.kinds[kind]
        own = {"details": CANARY, "response": "accepted", "reporter": BEN}
        said = own if "own slip" in kind else {"what": CANARY}
        return self.file(form, PICTURE, request=kind, concerned=concerned, **said).case

    def reporter(self, kind):
        """Who at fernhill has filed it, as somebody of `WHO`."""
        return "ben" if "own slip" in kind else "reporter"

    def holders(self, kind):
        """Who may open it."""
        return self.access(self.cases[kind]).full

    def knocks(self, school, who):
        browser = self.browser("" if who == "reporter" else who, school)
        if who == "reporter":
            known = Known(self.schools[school], REPORTER)
            browser.cookies["staffroom"] = self.web.sessions.begin(known).token
        browser.get("/")
        return browser

    def ask(self, browser, page, method, case):
        """Status, address and page with the number blotted out."""
        item = "e-1" if case == NONE else self.vault.items(case)[0]
        path = page.path
        for name, value in {**PARTS, "case": case, "item": item}.items():
            path = path.replace(f"{{{name}}}", value)
        answer = browser.get(path) if method == "GET" else browser.post(path, SENT)
        if answer.to == f"/cases/{case}":
            answer = browser.get(answer.to)
        seen = (answer.to, answer.body.decode("utf-8", "replace"))
        return answer.status, *(each.replace(case, "X") for each in seen)

    def absent(self, browser, who, page, method):
        """What *page* answers for a number that never was."""
        key = (who, page.path, method)
        if key not in self.answers:
            self.answers[key] = self.ask(browser, page, method, NONE)
        return self.answers[key]

    def shown(self, browser, who, case, skip=()):
        """The routes of *case*, without those whose *skip* says, that do not answer as if it never was."""
        return [
            (method, page.path)
            for page in OF_A_CASE
            if WHOSE[page.path] not in skip
            for method in methods(page)
            for answer in [self.ask(browser, page, method, case)]
            if answer != self.absent(browser, who, page, method) or not 400 <= answer[0] < 500
        ]


@pytest.fixture(scope="module")
def desks(tmp_path_factory):
    return {setting: Everything(tmp_path_factory.mktemp(setting), setting) for setting in KINDS}


@pytest.mark.parametrize("setting", KINDS)
def test_each_case_lies_first_with_whom_its_kind_says(desks, setting):
    desk = desks[setting]

    first = {kind: next(iter(desk.holders(kind)), "") for kind in desk.cases}

    assert first == {kind: holder for kind, (_, _, holder) in desk.kinds.items()}


@pytest.mark.parametrize(("setting", "school", "who"), EVERYBODY)
def test_safety_15_every_route_of_a_case_answers_others_as_if_there_were_no_such_case(
    desks, setting, school, who
):
    desk, wrong = desks[setting], []
    browser = desk.knocks(school, who)
    before = {case: desk.head(case) for case in desk.cases.values()}

    for kind, case in desk.cases.items():
        skip = []
        if school == "fernhill":
            skip += [THE_CASE] if who in desk.holders(kind) else []
            skip += [THEIR_REPORT] if who == desk.reporter(kind) else []
        wrong += [(kind, *each) for each in desk.shown(browser, (school, who), case, skip)]

    assert wrong == []
    assert {case: desk.head(case) for case in desk.cases.values()} == before


@pytest.mark.parametrize(("setting", "school", "who"), EVERYBODY)
def test_safety_15_no_list_count_log_or_search_shows_a_case_to_whom_it_is_about_or_to_another_school(
    desks, setting, school, who
):
    desk = desks[setting]
    browser = desk.knocks(school, who)
    hidden = {
        kind: case
        for kind, case in desk.cases.items()
        if school != "fernhill" or who in desk.access(case).excluded
    }

    shown = {path: browser.get(path).body.decode("utf-8", "replace") for path in ELSEWHERE}
    shown["search"] = browser.post("/cases/search", {"name": "Sam Pell"}).text

    reports = {"/mine"} if school == "fernhill" else set()
    assert [
        (kind, path)
        for kind, case in hidden.items()
        for path, text in shown.items()
        if case in text and not (path in reports and who == desk.reporter(kind))
    ] == []
    assert [path for path, text in shown.items() if CANARY in text] == []


@pytest.mark.parametrize(
    ("setting", "kind"),
    [(setting, kind) for setting, kinds in KINDS.items() for kind, (_, _, holder) in kinds.items() if holder],
)
def test_the_holder_of_each_case_is_let_in_so_that_the_rest_of_this_file_means_something(
    desks, setting, kind
):
    desk = desks[setting]
    holder, number = desk.kinds[kind][2], desk.cases[kind]
    browser = desk.opened(number, holder)

    assert CANARY in browser.get(f"/cases/{number}").text
    exported = browser.post(f"/cases/{number}/export", SENT)
    assert (exported.status, exported.headers["content-type"]) == (200, "application/octet-stream")
    assert number in browser.get("/cases").text


def test_safety_16_who_reports_a_slip_of_their_own_sees_receipt_and_status_and_nothing_that_others_add(
    tmp_path,
):
    desk = Everything(tmp_path)
    case = desk.cases["the deputy's own slip"]
    ben, amy = desk.knocks("fernhill", "ben"), desk.opened(case)
    added = ("note", "reply", "ask")

    for move in added:
        desk.do(amy, case, move, text=f"What {CANARY} others add by {move}")
    theirs = {path: ben.get(path).text for path in ("/mine", f"/mine/{case}/receipt", f"/mine/{case}/sent")}

    assert f"What {CANARY} others add by note" in amy.get(f"/cases/{case}").text
    assert case in theirs["/mine"]
    assert case in theirs[f"/mine/{case}/receipt"]
    assert [path for path, text in theirs.items() if "others add by" in text] == []
    assert desk.shown(ben, "ben", case, [THEIR_REPORT]) == []


def test_safety_15_whoever_is_kept_out_while_they_have_the_case_open_finds_nothing_of_it_any_more(tmp_path):
    desk = Everything(tmp_path)
    case = desk.cases["a concern"]
    amy = desk.opened(case)
    desk.do(amy, case, "share", person="ben", how="opens", reason="covers for me")
    ben, to_send = desk.opened(case, "ben"), desk.head(case).version
    assert CANARY in amy.get(f"/cases/{case}").text

    desk.do(ben, case, "exclude", person="amy", reason="it is about her")
    before = desk.head(case)

    assert desk.access(case).excluded == ("amy",)
    assert desk.do(amy, case, "note", text="Too late.", seen=to_send).status == 404
    assert desk.shown(amy, "amy", case) == []
    for path in ("/cases?back=1", "/cases?status=all", "/mine", "/insights"):
        assert case not in amy.get(path).text
    assert case not in amy.post("/cases/search", {"name": "Sam Pell"}).text
    assert desk.head(case) == before
    assert CANARY in ben.get(f"/cases/{case}").text


def test_safety_15_whoever_is_listed_at_two_schools_finds_at_one_nothing_of_the_other(tmp_path):
    desk = Everything(tmp_path)
    case = desk.cases["a concern"]
    amy = desk.opened(case)
    assert CANARY in amy.get(f"/cases/{case}").text

    amy.post("/sign-in", {"school": "oakhill", "person": "amy"})
    amy.get("/")

    assert desk.shown(amy, "amy at oakhill", case) == []
    assert case not in amy.get("/cases?status=all").text


def test_what_the_walk_sends_would_change_a_case_that_is_ones_own(tmp_path):
    desk = Everything(tmp_path)
    case = desk.cases["a concern"]
    amy, before = desk.opened(case), desk.head(case).version

    amy.post(f"/cases/{case}/note", SENT)

    assert desk.head(case).version > before


@pytest.mark.parametrize(("school", "who"), [("fernhill", "cat"), ("fernhill", "dan"), ("oakhill", "amy")])
def test_safety_15_every_list_count_and_picture_is_as_if_a_hidden_case_had_never_been(tmp_path, school, who):
    charts = [f"/insights/{chart}.svg?from=2026-10-01" for chart in ("form", "where", "month", "waits")]
    paths = [
        "/cases",
        "/cases?status=all",
        "/cases/deletion",
        "/mine",
        "/insights",
        "/audit/openings",
        *charts,
    ]
    seen = []
    for hidden in (0, 6):
        schools = {each: a_school(each, sample=True) for each in ("fernhill", "oakhill")}
        desk = CaseDesk(tmp_path / str(hidden), schools=schools)
        for number in range(hidden):
            desk.file("concern", PICTURE, request=f"r-{number}", concerned=("cat", "dan"), what=CANARY)
        browser = desk.browser(who, school)
        texts = {path: browser.get(path).body.decode("utf-8", "replace") for path in (*paths, *charts)}
        texts["search"] = browser.post("/cases/search", {"name": "Sam Pell"}).text
        seen.append({path: blotted(text) for path, text in texts.items()})

    assert [path for path in seen[0] if seen[0][path] != seen[1][path]] == []


def blotted(text):
    """*text* without the token that every form has of its session."""
    return re.sub(r'name="(csrf|nonce)" value="[^"]*"', "", text)
