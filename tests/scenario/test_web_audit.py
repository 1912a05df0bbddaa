"""The audit log in the head's browser: who did what when, no word of any case, and whether it is whole."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.audit import AuditKind, Fault
from bot.errors import StoreFailed
from bot.store import upkeep
from bot.web.app import web_app
from bot.web.site import PAGES
from tests.cases_builders import add_case, an_access, behind_the_back
from tests.fakes import PLAIN_SCHOOL
from tests.slack_desk import PERSONS
from tests.web_kit import WebDesk

OWN_WORDS = "Rob told me about Pat"


@pytest.fixture
def desk(tmp_path):
    return WebDesk(tmp_path)


def record(desk, kind, person="amy", case="", detail=""):
    with desk.store.writing() as unit:
        unit.record(kind, person, "fernhill", case, detail)


def wired(desk, **looks):
    desk.web = replace(desk.web, **looks)
    desk.app = web_app(desk.web, PAGES)
    cat = desk.browser("cat")
    cat.get("/audit/verify")
    return cat


def rows(page):
    found = re.findall(r"<tr><td class=\"when\">(.*?)</td><td>(.*?)</td><td>(.*?)</td>", page)
    return [(who, what) for _, who, what in found]


def test_the_rows_say_who_did_what_when_and_to_which_case_and_nothing_of_it(desk):
    add_case(desk.store)
    desk.clock.pass_by(hours=1)
    record(desk, AuditKind.VIEWED, case="CASE-1", detail=OWN_WORDS)
    record(desk, AuditKind.LISTED, "cat", detail="17 listed")

    page = desk.browser("cat").get("/audit").text

    assert rows(page)[1:] == [("Cat Cole", "listed"), ("Amy Ash", "viewed"), ("a reporter", "filed")]
    assert "20 Nov, 23:41" in page
    assert 'href="/cases/CASE-1"' in page
    assert OWN_WORDS not in page
    assert "17 listed" not in page


def test_safety_21_that_the_head_looked_is_a_row_too(desk):
    cat = desk.browser("cat")
    cat.get("/audit")

    assert rows(cat.get("/audit").text)[:2] == [("Cat Cole", "listed")] * 2


def test_safety_15_rows_about_a_case_that_the_head_is_kept_out_of_are_not_shown(desk):
    add_case(desk.store, "CASE-1", an_access("dan", excluded=("cat",)), about_adult=True)
    record(desk, AuditKind.VIEWED, "dan", "CASE-1")
    record(desk, AuditKind.REFUSED, "cat", "CASE-1", "open")
    cat = desk.browser("cat")

    assert rows(cat.get("/audit?person=dan").text) == []
    assert rows(cat.get("/audit?kind=event").text) == []
    assert "CASE-1" not in cat.get("/audit").text
    assert "CASE-1" not in cat.get("/audit/openings").text


@pytest.mark.parametrize("kept_out", [True, False])
def test_safety_15_whether_or_not_a_case_is_kept_from_the_head_nothing_beside_a_case_tells_who_is_at_work(
    desk, kept_out
):
    if kept_out:
        add_case(desk.store, "CASE-1", an_access("dan", excluded=("cat",)), about_adult=True)
    record(desk, AuditKind.LISTED, "dan", detail="1 listed")
    record(desk, AuditKind.SEARCHED, "dan", detail="1 found")
    record(desk, AuditKind.EXPORTED, "dan", detail="1 exported")
    record(desk, AuditKind.REFUSED, "dan", detail="list")
    record(desk, AuditKind.NOTICE_SENT, "staffroom", detail="ring_sender")
    record(desk, AuditKind.BACKUP, "staffroom")
    cat = desk.browser("cat")

    page = cat.get("/audit").text

    assert rows(page) == [("Cat Cole", "listed"), ("Staffroom itself", "backup")]
    assert rows(cat.get("/audit?person=dan").text) == []
    assert "Page 1" not in page


def test_safety_22_what_a_head_is_not_shown_of_the_log_is_for_whoever_is_told_in_their_place(desk):
    add_case(desk.store, "CASE-1", an_access("amy"))
    add_case(desk.store, "CASE-2", an_access("amy", excluded=("cat",)))
    record(desk, AuditKind.VIEWED, "amy", "CASE-1")
    record(desk, AuditKind.VIEWED, "amy", "CASE-2")
    record(desk, AuditKind.VIEWED, "cat", "CASE-1")
    record(desk, AuditKind.SEARCHED, "amy")
    record(desk, AuditKind.NOTICE_SENT, "staffroom")
    record(desk, AuditKind.BACKUP, "staffroom")

    page = desk.browser("dan").get("/audit").text

    assert rows(page) == [("Staffroom itself", "notice sent"), ("Amy Ash", "searched")]
    assert "CASE-" not in page
    assert 'href="/audit/verify"' not in page


def test_rows_of_another_school_are_not_shown(desk):
    add_case(desk.store, school="oakhill")

    assert "CASE-1" not in desk.browser("cat").get("/audit").text


def test_the_log_is_filtered_by_month_person_and_kind(desk):
    record(desk, AuditKind.DRILL, "ben")
    record(desk, AuditKind.DRILL, "amy")
    record(desk, AuditKind.BACKUP, "amy")
    cat = desk.browser("cat")

    assert rows(cat.get("/audit?person=amy&kind=drill").text) == [("Amy Ash", "drill")]
    assert rows(cat.get("/audit?month=2026-10").text) == []
    desk.clock.pass_by(days=20)
    assert len(rows(desk.browser("cat").get("/audit?month=2026-11&kind=drill").text)) == 2


def test_a_hundred_rows_are_shown_at_once_the_last_first(desk):
    for at in range(150):
        desk.clock.pass_by(minutes=1)
        record(desk, AuditKind.DRILL, "amy" if at else "ben")
    cat = desk.browser("cat")

    first, second = (cat.get(f"/audit?kind=drill&page={page}").text for page in (1, 2))

    assert (len(rows(first)), len(rows(second))) == (100, 50)
    assert rows(second)[-1] == ("Ben Birch", "drill")
    assert 'href="/audit?month=2026-11&amp;kind=drill&amp;page=2"' in first
    assert rows(cat.get("/audit?kind=drill&page=99").text) == rows(second)
    assert ("Page 2" in second, "Older rows" in second) == (True, False)


@pytest.mark.parametrize(
    "query", ["page=0", "page=99999", "page=-1", "page=²", "month=x", "month=1999-01", "kind=x", "person=<b>"]
)
def test_a_query_that_makes_no_sense_is_no_error(desk, query):
    assert desk.browser("cat").get(f"/audit?{query}").status == 200


def test_safety_22_who_opened_what_and_why_has_no_words_of_their_own(desk):
    add_case(desk.store)
    record(desk, AuditKind.VIEWED, "amy", "CASE-1", "working on the case")
    record(desk, AuditKind.DOWNLOADED, "ben", "CASE-1", f"evidence e-1: {OWN_WORDS}")
    record(desk, AuditKind.VIEWED, "reporter", "CASE-1", "status")
    desk.clock.pass_by(hours=1)
    record(desk, AuditKind.VIEWED, "amy", "CASE-1", "working on the case")

    page = desk.browser("cat").get("/audit/openings").text

    assert [who for who, _ in rows(page)] == ["Amy Ash", "Ben Birch"]
    assert 'href="/cases/CASE-1"' in page
    assert "<td>working on the case</td>" in page
    assert "a reason in their own words" in page
    assert OWN_WORDS not in page
    assert "20 Nov, 23:41" in page


def test_a_month_without_an_opening_says_so(desk):
    add_case(desk.store)
    record(desk, AuditKind.VIEWED, "amy", "CASE-1")

    assert (
        "Nobody opened a case in October 2026"
        in desk.browser("cat").get("/audit/openings?month=2026-10").text
    )


def test_safety_22_the_heads_own_openings_are_for_the_safeguarding_governor_and_nothing_else_is(tmp_path):
    governor = {"id": "eve", "name": "Eve Elm", "slack": "U0EVE", "email": "eve@fernhill.example.org"}
    roles = {**PLAIN_SCHOOL["people"], "safeguarding_governor": ["eve"]}
    desk = WebDesk(tmp_path, person=[*PERSONS, governor], people=roles)
    for number, person in enumerate(("cat", "amy", "amy", "cat"), start=1):
        out = {3: {"excluded": ("cat",)}, 4: {"excluded": ("eve",)}}.get(number, {})
        add_case(desk.store, f"CASE-{number}", an_access("amy", **out))
        record(desk, AuditKind.VIEWED, person, f"CASE-{number}", OWN_WORDS)
    eve = desk.browser("eve")

    page = eve.get("/audit/openings").text

    assert "Who opened what" in eve.get("/").text
    # What the head opened, and a case that the head is kept out of; never one that she is kept out of.
    assert sorted(re.findall(r"CASE-\d", page)) == ["CASE-1", "CASE-3"]
    assert OWN_WORDS not in page
    assert eve.get("/audit/verify").status == 404
    assert ("listed", "eve", "who opened what") in [
        (row.kind.value, row.actor, row.detail) for row in log(desk)
    ]


@pytest.mark.parametrize("path", ["/audit", "/audit/openings", "/audit/verify"])
def test_nobody_but_the_head_finds_the_log(desk, path):
    # The chair is told of the head's openings, and finds these.
    for person in ("amy", "teacher", *(("dan",) if path == "/audit/verify" else ())):
        assert desk.browser(person).get(path).status == 404
    assert desk.browser().get(path).to == "/sign-in"


def test_nobody_but_the_head_has_the_log_verified(desk):
    looked = []
    wired(desk, recent_faults=lambda: looked.append(True) or ())
    amy = desk.browser("amy")
    amy.get("/")

    assert amy.post("/audit/verify", {"how": "quick"}).status == 404
    assert looked == []


def test_safety_21_the_quick_look_finds_a_row_that_was_changed(desk):
    add_case(desk.store)
    cat = wired(desk, recent_faults=lambda: tuple(upkeep.recent(desk.store)))

    whole = cat.post("/audit/verify", {"how": "quick"}).text
    with behind_the_back(desk.store) as db:
        db.execute("update audit set kind = 'backup' where seq = (select max(seq) from audit)")
    changed = cat.post("/audit/verify", {"how": "quick"}).text

    assert "Nothing was changed" in whole
    assert "Something was changed" in changed
    assert "the row was changed, or the one before it is missing" in changed


def test_safety_15_what_is_wrong_names_no_case(desk):
    faults = (
        Fault("case CASE-7", "its key does not open"),
        Fault("evidence CASE-7/e-1", "the file is missing"),
        Fault("evidence CASE-8/e-1", "the file is missing"),
        Fault("event CASE-7:3", "is not in the audit log"),
        Fault("case_people CASE-7", "the row was changed"),
        Fault("store", "cannot be read to the end: CASE-7"),
        Fault("audit 12", "the row was changed"),
    )
    page = wired(desk, recent_faults=lambda: faults).post("/audit/verify", {"how": "quick"}).text

    assert "CASE" not in page
    assert "an evidence file: the file is missing (2 times)" in page
    assert "row 12 of the audit log: the row was changed" in page


def test_everything_is_checked_beside_and_the_result_is_there_on_the_next_look(desk):
    cat = wired(desk, walk=lambda: (Fault("store", "has a second end"),))

    answer = cat.post("/audit/verify", {"how": "whole"})
    desk.web.checks.thread.join(20)

    assert (answer.status, answer.to) == (303, "/audit/verify")
    assert "the store: has a second end" in cat.follow(answer).text
    details = [row.detail for row in log(desk)]
    assert details[-2:] == ["verify: everything, begun", "verify: everything, 1 fault"]


def test_while_everything_is_checked_nobody_begins_it_again(desk):
    walks = []
    cat = wired(desk, walk=lambda: walks.append(True) or ())
    desk.web.checks.begun = desk.clock()

    cat.post("/audit/verify", {"how": "whole"})
    page = cat.get("/audit/verify").text

    assert walks == []
    assert "Everything is being checked" in page
    assert 'value="whole"' not in page


def test_a_check_that_was_cut_off_never_looks_like_one_that_found_nothing(desk):
    def walk():
        raise StoreFailed("gone")

    cat = wired(desk, walk=walk)
    cat.post("/audit/verify", {"how": "whole"})
    desk.web.checks.thread.join(20)

    page = cat.get("/audit/verify").text
    assert "The check was cut off" in page
    assert "Nothing was changed" not in page


def test_where_no_check_is_wired_the_page_says_so_instead_of_that_all_is_well(desk):
    cat = wired(desk)

    for page in (cat.get("/audit/verify").text, cat.post("/audit/verify", {"how": "quick"}).text):
        assert "It cannot be checked from here" in page
        assert "Nothing was changed" not in page


def log(desk):
    with desk.store.reading() as unit:
        return tuple(unit.audit_rows("fernhill", desk.clock() - timedelta(days=1)))
