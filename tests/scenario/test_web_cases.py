"""The pages that show cases: the list, the search, one case, its files, and copies that leave."""

import gc
import re
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import web
from bot.casework.ending import Ending
from bot.casework.evidence import Evidence
from bot.casework.joining import Joining
from bot.casework.looking import Looking
from bot.casework.moving import Moving
from bot.casework.people import People
from bot.casework.relating import Relating
from bot.casework.room import Member
from bot.domain.reports import Gate, Upload
from bot.errors import UnknownCase
from bot.packs.checking import verify_pack
from bot.web import case_picture, case_words
from bot.web.cases import NOTHING_SOUGHT, Filter
from tests.casework_builders import PNG
from tests.fakes import a_school
from tests.web_case_kit import WORKING, CaseDesk

CANARY = "heliotrope-canary"
PICTURE, TEXT = Upload("screen.png", b"a picture"), Upload("message.txt", b"words")


@pytest.fixture
def desk(tmp_path):
    return CaseDesk(tmp_path)


def with_oakhill(tmp_path):
    return CaseDesk(tmp_path, schools={each: a_school(each, sample=True) for each in ("fernhill", "oakhill")})


def test_the_list_has_the_unopened_first_with_age_and_clock(desk):
    old = desk.file("trolling", request="r-1").case
    desk.opened(old)
    desk.clock.pass_by(hours=3)
    new = desk.file("concern", request="r-2").case

    page = desk.browser("amy").get("/cases").text

    assert page.index(new) < page.index(old)
    assert "3 hours old" in page
    assert "nobody has opened it; the next person is told on 24 November, 00:00" in page
    assert "2 cases" in page


def test_the_list_is_filtered_by_status_form_and_urgency(desk):
    urgent = desk.file("concern", gate=Gate.YES, request="r-1").case
    plain = desk.file("friend-request", request="r-2").case
    amy = desk.browser("amy")

    assert urgent in amy.get("/cases?urgency=urgent").text
    assert plain not in amy.get("/cases?urgency=urgent").text
    assert urgent not in amy.get("/cases?form=friend-request").text
    assert "No case fits that" in amy.get("/cases?status=closed").text


@pytest.mark.parametrize("query", ["page=0", "page=99999", "page=-1", "status=x&form=y&urgency=z", "page=²"])
def test_a_query_that_makes_no_sense_is_no_error(desk, query):
    assert desk.browser("amy").get(f"/cases?{query}").status == 200


def test_whoever_has_no_case_is_told_so(desk):
    assert "No case is open for you" in desk.browser("dan").get("/cases").text
    assert "No case of yours is due" in desk.browser("dan").get("/cases/deletion").text


def test_a_name_is_searched_by_post_and_stands_in_no_address_and_no_audit_row(desk):
    case = desk.file("friend-request").case
    amy = desk.browser("amy")
    amy.get("/cases")

    led = [amy.post("/cases/search", {"name": name}) for name in ("Jo Marsh", "Nobody Known", " ")]
    found, none, blank = (amy.follow(each) for each in led)

    assert case in found.text
    assert "No case that you can open names anybody like that" in none.text
    assert NOTHING_SOUGHT in blank.text
    assert all(re.fullmatch(r"/cases/search\?shown=[\w-]{22}", each.to) for each in led)
    # Back and reload show it again, to this session alone.
    assert case in amy.follow(led[0]).text
    assert case not in desk.browser("dan").get(led[0].to).text
    assert case in desk.browser("amy").get("/cases").text
    assert "Jo Marsh" not in desk.browser("amy").get(led[0].to).text
    assert not any("Marsh" in detail for _, _, detail in desk.audit())


def test_a_case_that_nobody_is_assigned_asks_for_a_reason_first_and_the_log_keeps_it(desk):
    case = desk.file("friend-request").case
    amy = desk.browser("amy")

    asked = amy.get(f"/cases/{case}")
    assert "Why do you open" in asked.text
    assert "Jo Marsh" not in asked.text
    assert desk.head(case).opened_at is None
    assert amy.post(f"/cases/{case}", {"own": " "}).status == 422
    sent = amy.post(f"/cases/{case}", {"own": "the parent rang"})

    assert sent.to == f"/cases/{case}"
    assert "Jo Marsh" in amy.follow(sent).text
    assert desk.head(case).opened_at
    assert ("viewed", "amy", "the parent rang") in desk.audit(case)


def test_one_reason_holds_for_half_an_hour_and_then_is_asked_for_again(desk):
    case = desk.file("friend-request").case
    amy = desk.opened(case)

    desk.clock.pass_by(minutes=20)
    assert "What was reported" in amy.get(f"/cases/{case}").text
    desk.clock.pass_by(minutes=20)

    assert "Why do you open" in amy.get(f"/cases/{case}").text


def test_a_reason_given_by_one_person_opens_the_case_for_nobody_else(desk):
    case = desk.file("trolling").case
    desk.opened(case)

    holders = [each for each in desk.access(case).full if each != "amy"]

    assert holders
    for person in holders:
        assert "Why do you open" in desk.browser(person).get(f"/cases/{case}").text


def test_adult_cases_ask_for_a_reason_even_when_they_are_assigned(desk):
    case = desk.file("adult-concern").case
    cat = desk.opened(case, "cat")
    desk.do(cat, case, "assign", person="cat")
    desk.clock.pass_by(minutes=31)

    assert "about an adult who works or helps here" in desk.browser("cat").get(f"/cases/{case}").text


@pytest.mark.parametrize(
    "path",
    ["", "/person/1", "/export", "/evidence/e-1", "/evidence/e-1/1", "/evidence/e-1/original"],
)
def test_an_excluded_head_another_schools_dsl_and_a_teacher_get_the_same_as_for_no_case(tmp_path, path):
    desk = with_oakhill(tmp_path)
    case = desk.file("adult-concern", PICTURE, concerned=("cat",)).case
    browsers = [desk.browser("cat"), desk.browser("amy", "oakhill"), desk.browser("teacher")]

    for browser in browsers:
        there, none = browser.get(f"/cases/{case}{path}"), browser.get(f"/cases/NONE-SUCH{path}")
        assert there.status == none.status == 404
        assert there.body == none.body
        assert UnknownCase.user_message in there.text


def test_the_page_shows_who_reported_the_answers_by_label_roles_files_and_the_routing_clause(tmp_path):
    desk = CaseDesk(tmp_path, routing={"friend-request": {"to": ["dsl"], "clause": "6.2"}})
    case = desk.file("friend-request", PICTURE).case

    page = desk.opened(case).get(f"/cases/{case}").text

    assert "Jo Mint" in page
    assert "Who is it from?" in page
    assert "19 November 2026" in page
    assert "Jo Marsh" in page
    assert "Clause 6.2: Online Conduct, in force from 1 May 2025" in page
    assert "Tell the head." in page
    assert "420 x 760" in page
    assert "not that it is genuine or complete" in page
    assert "Recipients decided" in page


def test_what_somebody_wrote_is_never_markup(desk):
    case = desk.file("concern", what="<img src=x onerror=alert(1)>").case

    page = desk.opened(case).get(f"/cases/{case}").text

    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_a_picture_is_served_as_a_derivative_and_the_look_is_in_the_log(desk):
    case = desk.file("friend-request", PICTURE).case
    amy = desk.opened(case)
    item = desk.view(case).evidence[0]

    picture = amy.get(f"/cases/{case}/evidence/{item.id}/1")

    assert picture.body == PNG
    assert picture.headers["content-type"] == "image/png"
    assert picture.headers["content-disposition"] == "inline"
    assert picture.headers["x-content-type-options"] == "nosniff"
    looked = [row for row in desk.audit(case) if row[:2] == ("viewed", "amy")]
    assert [row for row in looked if row[2].startswith(f"evidence {item.id}: ")] != []
    assert amy.get(f"/cases/{case}/evidence/{item.id}/2").status == 404
    assert amy.get(f"/cases/{case}/evidence/none/1").status == 404


def test_a_text_is_read_on_a_page_where_it_is_no_markup(desk):
    case = desk.file("friend-request", TEXT).case
    amy = desk.opened(case)
    item = desk.view(case).evidence[0]

    page = amy.get(f"/cases/{case}/evidence/{item.id}")

    assert "Come to the park. &lt;b&gt;Tell nobody." in page.text
    assert amy.get(f"/cases/{case}/evidence/{item.id}/1").status == 404


def test_an_original_comes_only_by_post_with_a_reason_and_never_inline(desk):
    case = desk.file("friend-request", Upload("screen.png", b"heliotrope")).case
    amy = desk.opened(case)
    item = desk.view(case).evidence[0]
    path = f"/cases/{case}/evidence/{item.id}/original"

    without = amy.post(path, {"reason": " "})
    whole = amy.post(path, {"reason": "the police asked"})

    assert without.status == 422
    assert b"heliotrope" not in amy.get(path).body
    assert whole.body == b"heliotrope"
    assert whole.headers["content-disposition"].startswith("attachment")
    assert whole.headers["content-type"] == "application/octet-stream"
    assert ("downloaded", "amy", f"evidence {item.id}: the police asked") in desk.audit(case)


def test_safety_4_one_press_locks_a_file_and_then_only_hash_and_history_are_shown(desk):
    case = desk.file("friend-request", PICTURE).case
    amy = desk.opened(case)
    item = desk.view(case).evidence[0]

    locked = amy.follow(desk.do(amy, case, "lock", id=item.id))

    assert item.sha256 in locked.text
    assert "screen.png" not in locked.text
    assert f"/evidence/{item.id}" not in locked.text
    assert "Evidence locked" in locked.text
    for path in ("", "/1"):
        refused = amy.get(f"/cases/{case}/evidence/{item.id}{path}")
        assert (refused.status, PNG in refused.body) == (403, False)
    assert amy.post(f"/cases/{case}/evidence/{item.id}/original", {"reason": "why"}).status == 403


def test_the_page_of_a_person_lists_every_case_naming_them_and_has_no_name_in_its_address(desk):
    first = desk.file("friend-request", request="r-1").case
    second = desk.file("concern", request="r-2").case
    amy = desk.opened(first)
    number = [each.name for each in desk.view(first).parties].index("Jo Marsh") + 1

    page = amy.get(f"/cases/{first}/person/{number}")

    assert second in page.text
    assert amy.get(f"/cases/{first}/person/99").to == f"/cases/{first}"
    assert "Marsh" not in "".join(detail for _, _, detail in desk.audit())


def test_a_persons_page_never_shows_a_case_that_its_reader_may_not_open(desk):
    child = desk.file("concern", request="r-1").case
    adult = desk.file("adult-concern", request="r-2", who="Jo Marsh").case
    amy = desk.opened(child)

    pages = [amy.get(f"/cases/{child}/person/{number}").text for number in (1, 2)]

    assert adult not in "".join(pages)


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_copy_for_the_police_is_sent_whole_and_nothing_of_it_stays(desk, temporary, tmp_path):
    case = desk.file("friend-request", PICTURE).case
    amy = desk.opened(case)

    page = amy.get(f"/cases/{case}/export").text
    sent = amy.post(f"/cases/{case}/export", {"reader": "police", "reason": "they asked"})
    gc.collect()
    pack = Path(tmp_path / "pack.zip")
    pack.write_bytes(sent.body)

    fingerprint = desk.web.exporting.packs.fingerprint
    assert fingerprint in page
    assert "not encrypted" in page
    assert verify_pack(pack, fingerprint) == ()
    assert f"{case}-police.zip" in sent.headers["content-disposition"]
    assert list(temporary.iterdir()) == []
    assert any(kind == "exported" for kind, _, _ in desk.audit(case))


def test_a_copy_that_is_refused_says_why_and_keeps_what_was_chosen(desk, temporary):
    case = desk.file("adult-concern").case
    cat = desk.opened(case, "cat")

    refused = cat.post(f"/cases/{case}/export", {"reader": "new-school", "reason": "a move <to> Leeds"})

    assert refused.status == 422
    assert "kept apart from the pupils" in refused.text
    assert "a move &lt;to&gt; Leeds" in refused.text
    assert cat.post(f"/cases/{case}/export", {"reader": "the press", "reason": "x"}).status == 422
    assert cat.post(f"/cases/{case}/export", {"reader": "police"}).status == 422
    assert list(temporary.iterdir()) == []


def test_what_is_overdue_or_due_next_can_stand_first(desk):
    later, none, overdue = (desk.file("concern", request=f"r-{at}").case for at in range(3))
    for case, day in ((later, "2026-12-01"), (overdue, "2026-11-02")):
        action = {"text": "Ring home", "owner": "amy", "due": day}
        desk.do(desk.opened(case), case, "action", **action)

    page = desk.browser("amy").get("/cases?order=due").text

    assert sorted((overdue, later, none), key=page.index) == [overdue, later, none]


@pytest.mark.parametrize(
    ("order", "expected"),
    [("", "urgent new old"), ("newest", "new urgent old"), ("oldest", "old urgent new"), ("waiting", None)],
)
def test_the_list_is_sorted_as_one_wants_it_and_the_next_page_keeps_it(desk, order, expected):
    old = desk.file("trolling", request="r-1").case
    desk.opened(old)
    desk.clock.pass_by(hours=1)
    urgent = desk.file("concern", gate=Gate.YES, request="r-2").case
    desk.clock.pass_by(hours=1)
    new = desk.file("friend-request", request="r-3").case
    named = {"old": old, "urgent": urgent, "new": new}

    page = desk.browser("amy").get(f"/cases?order={order}").text

    shown = sorted(named, key=lambda each: page.index(named[each]))
    due = sorted(named, key=lambda each: desk.head(named[each]).clock_at)
    assert shown == (expected.split() if expected else due)
    assert Filter(order=order).at(2) == f"/cases?{f'order={order}&' if order else ''}page=2"


def handled(desk, form="friend-request", assigned="amy", **said):
    """A case that is assigned to somebody."""
    case = desk.file(form, **said).case
    member = Member("fernhill", "amy")
    desk.web.casework.open_case(member, case, WORKING)
    if assigned not in desk.access(case).full:
        desk.web.casework.share(member, case, assigned, "covers for me")
    desk.web.casework.assign(member, case, assigned, desk.head(case).version)
    return case


def line(page, case):
    """The line of *case* in a list, as it is read."""
    shown = next(each for each in page.split("<li") if f"/cases/{case}" in each)
    return " ".join(re.sub(r"<[^>]*>", " ", shown.partition(">")[2]).split())


def test_the_list_says_whose_each_case_is_and_is_narrowed_to_ones_own_or_to_a_colleagues(desk):
    mine = handled(desk, request="r-1")
    desk.web.casework.share(Member("fernhill", "amy"), mine, "ben", "to be there too")
    bens = handled(desk, request="r-2", assigned="ben")
    nobodys = desk.file("friend-request", request="r-3").case
    amy = desk.browser("amy")

    page = amy.get("/cases").text

    assert "assigned to you" in line(page, mine)
    assert "assigned to Ben Birch" in line(page, bens)
    assert "assigned to nobody yet" in line(page, nobodys)
    for whose, only in (("mine", mine), ("nobody", nobodys), ("of-ben", bens)):
        shown = amy.get(f"/cases?whose={whose}").text
        assert [each for each in (mine, bens, nobodys) if each in shown] == [only]
        assert "1 case:" in shown
    assert "assigned to Amy Ash" in line(desk.browser("ben").get("/cases?whose=of-amy").text, mine)
    assert "No case fits that" in amy.get("/cases?whose=of-dan").text
    assert "3 cases:" in amy.get("/cases?whose=of-mallory").text


def test_ones_own_cases_come_in_pages_of_their_own(desk, monkeypatch):
    monkeypatch.setattr("bot.web.cases.AT_ONCE", 2)
    mine = [handled(desk, request=f"r-{number}") for number in range(3)]
    desk.file("friend-request", request="r-9")
    amy = desk.browser("amy")

    first, second = (amy.get(f"/cases?whose=mine&page={page}").text for page in (1, 2))

    assert "3 cases:" in first
    assert "Page 1 of 2" in first
    assert "/cases?whose=mine&amp;page=2" in first
    assert sorted(each for each in mine if each in first or each in second) == sorted(mine)
    assert sum(each in first for each in mine) == 2


def test_the_list_shows_the_first_action_that_is_not_done_and_says_when_it_is_overdue(desk):
    late, later, done, bare = (handled(desk, request=f"r-{number}") for number in range(4))
    member, today = Member("fernhill", "amy"), desk.clock().date()
    for case, days in ((late, (9, 1)), (later, (2, 30)), (done, (1,))):
        for day in days:
            set_ = desk.web.casework.set_action(
                member, case, f"Ring {CANARY}", "amy", today + timedelta(days=day)
            )
    desk.web.casework.finish_action(member, done, set_.seq, "Rung.")
    desk.clock.pass_by(days=2)

    page = desk.browser("amy").get("/cases").text

    assert "overdue: an action was due 21 November" in line(page, late)
    assert 'class="overdue">overdue: an action' in page
    assert 'class="overdue">next action' not in page
    assert "next action due today" in line(page, later)
    assert "action" not in line(page, done).replace("first action", "")
    assert "action" not in line(page, bare).replace("first action", "")
    assert CANARY not in page


def test_safety_15_of_a_case_that_somebody_may_not_open_no_action_is_said(desk):
    case = handled(desk)
    desk.web.casework.set_action(Member("fernhill", "amy"), case, "Ring home", "amy", desk.clock().date())

    assert desk.web.casework.next_due(Member("fernhill", "amy"), [case]) == {case: desk.clock().date()}
    assert desk.web.casework.next_due(Member("fernhill", "dan"), [case]) == {}
    assert desk.web.casework.next_due(Member("oakhill", "amy"), [case]) == {}


def test_the_way_back_from_a_case_leads_to_the_list_as_it_was_asked_for(desk, monkeypatch):
    monkeypatch.setattr("bot.web.cases.AT_ONCE", 1)
    cases = [handled(desk, request=f"r-{number}") for number in range(2)]
    handled(desk, request="r-9", assigned="ben")
    amy, other = desk.opened(cases[0]), desk.browser("amy")
    as_asked = amy.get("/cases?whose=mine&order=oldest&page=2").text

    page = amy.get(f"/cases/{cases[0]}").text
    back = re.search(r'href="(/cases\?back[^"]*)"', page)[1]

    assert amy.get(back).text == as_asked
    assert "Page 2 of 2" in as_asked
    assert "3 cases" in other.get(back).text
    assert "3 cases" in amy.get("/cases").text
    assert "3 cases" in amy.get(back).text


def test_the_way_back_from_a_case_that_was_searched_for_leads_to_the_search(desk):
    case = desk.file("friend-request").case
    amy, other = desk.opened(case), desk.browser("amy")
    amy.get("/cases?order=oldest")
    led = amy.post("/cases/search", {"name": "Jo Marsh"})
    found = amy.follow(led).text

    page = amy.get(f"/cases/{case}").text
    back = amy.get(re.search(r'href="(/cases\?back[^"]*)"', page)[1])

    assert "Cases found" in found
    assert back.to == led.to
    assert amy.follow(back).text == found
    # As ever, no name stands in an address; and what another session looks at stays its own.
    assert "Marsh" not in back.to
    assert other.get("/cases?back=1").status == 200
    # Whoever goes to the list after that comes back to the list.
    assert "Cases found" not in amy.get("/cases").text
    assert amy.get("/cases?back=1").status == 200


def test_the_way_back_to_a_search_that_is_over_leads_to_the_list_before_it(desk):
    desk.file("friend-request")
    amy = desk.browser("amy")
    as_asked = amy.get("/cases?order=oldest").text
    amy.follow(amy.post("/cases/search", {"name": "Jo Marsh"}))

    for _ in range(2):
        desk.clock.pass_by(minutes=20)
        amy.get("/")
    back = amy.follow(amy.get("/cases?back=1")).text

    assert "Cases found" not in back
    assert '<option value="oldest" selected>' in as_asked
    assert '<option value="oldest" selected>' in back


def test_a_number_typed_into_the_search_leads_to_the_case_and_to_nothing_for_anybody_else(desk):
    case = desk.file("friend-request").case
    amy, dan = desk.browser("amy"), desk.browser("dan")
    for each in (amy, dan):
        each.get("/cases")

    found = amy.follow(amy.post("/cases/search", {"name": f" {case.lower()} "}))
    others = dan.follow(dan.post("/cases/search", {"name": case}))

    assert found.to == f"/cases/{case}"
    assert "Why do you open" in amy.follow(found).text
    assert dan.follow(others).status == 404


def test_the_routing_clause_is_told_from_its_words_where_a_title_has_a_colon(desk):
    case = desk.file("friend-request").case
    view = desk.view(case)
    with_words = "Phones: A Guide, in force from 1 May 2025, SHA-256 of the clause ab12: Tell the head: now."

    read = case_words.clause(replace(view, clause="4.2", policy_version=with_words))
    unread = case_words.clause(replace(view, clause="4.2", policy_version="Phones: A Guide, date not given."))

    assert read[1] == "Tell the head: now."
    assert read[0].startswith("Clause 4.2: Phones: A Guide, in force")
    assert unread == ("Clause 4.2: Phones: A Guide, date not given.", "")


def test_the_case_is_shown_on_a_line_of_time_that_says_in_words_what_it_shows(desk):
    case = desk.file("concern").case
    desk.clock.pass_by(days=2)
    amy = desk.opened(case)
    desk.clock.pass_by(days=3)
    amy = desk.opened(case)
    desk.do(amy, case, "acknowledge")

    view = desk.view(case)
    picture = case_picture.drawn(view, desk.clock())
    page = amy.get(f"/cases/{case}").text

    # Filed and routed are one mark with the reporter, then two of the DSL's, days apart.
    reporter, *school = picture.marks
    assert reporter.count == 2
    assert [each.count for each in school] == [1, 1]
    assert reporter.x < school[0].x < school[1].x
    assert {each.y for each in school} != {reporter.y}
    assert sum(each.count for each in picture.marks) == len(view.chronology)
    assert f'aria-label="{picture.said}"' in page
    assert f"<title>{reporter.words}</title>" in page
    assert "filed on 20 Nov, 22:41, opened on 22 Nov, 22:41" in picture.said


def test_a_case_of_one_moment_has_a_picture_too(desk):
    case = desk.file("concern").case

    picture = case_picture.drawn(desk.view(case), desk.clock())

    assert all(128 <= mark.x <= 696 for mark in picture.marks)


@pytest.mark.parametrize("room", [Looking, Moving, People, Joining, Relating, Evidence, Ending])
def test_everything_that_casework_can_do_is_done_from_a_page(room):
    written = "".join(file.read_text("utf-8") for file in Path(web.__file__).parent.glob("*.py"))
    can = [name for name in vars(room) if not name.startswith("_")]

    assert can
    assert [name for name in can if not re.search(rf"(?:work|casework)\.{name}\b", written)] == []
