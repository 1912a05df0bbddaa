"""The pages that show cases: the list, the search, one case, its files, and copies that leave."""

import gc
import tempfile
from pathlib import Path

import pytest

from bot.domain.reports import Gate, Upload
from bot.errors import UnknownCase
from bot.packs.checking import verify_pack
from tests.casework_builders import PNG
from tests.fakes import a_school
from tests.web_case_kit import CaseDesk

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

    found = amy.post("/cases/search", {"name": "Jo Marsh"})
    none = amy.post("/cases/search", {"name": "Nobody Known"})

    assert case in found.text
    assert "No case that you can open names anybody like that" in none.text
    assert amy.post("/cases/search", {"name": " "}).status == 422
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
    assert ("viewed", "amy", f"evidence {item.id}") in desk.audit(case)
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
    case = desk.file("friend-request", PICTURE).case
    amy = desk.opened(case)
    item = desk.view(case).evidence[0]
    path = f"/cases/{case}/evidence/{item.id}/original"

    without = amy.post(path, {"reason": " "})
    whole = amy.post(path, {"reason": "the police asked"})

    assert without.status == 422
    assert b"a picture" not in amy.get(path).body
    assert whole.body == b"a picture"
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
