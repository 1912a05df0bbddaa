"""Everything that is done with a case from its page: each once, and nothing typed is lost."""

import re
from datetime import date
from html import unescape

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.reports import Upload
from bot.errors import StoreBusy
from bot.web.case_moves import MOVES
from tests.fakes import a_school
from tests.web_case_kit import WORKING, CaseDesk
from tests.web_kit import HOST

PICTURE = Upload("screen.png", b"a picture")
CLOSING = {
    "summary": "A pupil asked to follow a member of staff.",
    "followed_up": "The DSL spoke with the class.",
    "action": "It was declined.",
    "outcome": "No further contact.",
    "reasons": "The pupil understood.",
    "filed_where": "the school's safeguarding system",
    "type": "contact-settled",
    "sexual_abuse": "no",
}
PERSON = {"name": "Pat Reed", "role": "witness", "category": "pupil"}


@pytest.fixture
def desk(tmp_path):
    return CaseDesk(tmp_path)


@pytest.fixture
def case(desk):
    return desk.file("friend-request", PICTURE).case


@pytest.fixture
def amy(desk, case):
    return desk.opened(case)


# Each move with what is filled in, and the event that it leaves.
EACH = [
    ("acknowledge", {}, "acknowledged"),
    ("note", {"text": "Spoke with the form tutor."}, "note"),
    ("reply", {"text": "Thank you, I have it."}, "reply to the reporter"),
    ("ask", {"text": "Which app was it?"}, "more asked of the reporter"),
    ("decide", {"text": "No further contact", "reason": "It was one request."}, "decision"),
    ("action", {"text": "Ring home", "owner": "amy", "due": "2026-11-24"}, "action set"),
    ("refer", {"agency": "lado", "to_whom": "duty officer", "made_at": "2026-11-20T21:05"}, "referral"),
    ("parent", {"with_whom": "mother", "how": "telephone", "text": "Told her."}, "contact with a parent"),
    ("correct", {"corrects": "1", "text": "It was on Tuesday."}, "correction"),
    ("assign", {"person": "amy"}, "assigned"),
    ("share", {"person": "ben", "how": "opens", "reason": "covers"}, "shared with a colleague"),
    ("person", PERSON, "person recorded"),
    ("exclude", {"person": "dan", "reason": "a relative"}, "person kept out"),
    ("hold", {"reason": "the police asked"}, "legal hold set"),
    ("close", CLOSING, "closed"),
]


@pytest.mark.parametrize("each", EACH, ids=[each[0] for each in EACH])
def test_each_move_is_done_once_however_often_its_form_is_sent(desk, case, amy, each):
    move, fields, kind = each
    seen = desk.head(case).version

    answers = [desk.do(amy, case, move, seen=seen, **fields) for _ in range(2)]
    page = amy.follow(answers[1])

    done = next(known.done for known in MOVES if known.name == move)
    assert [each.to for each in answers] == [f"/cases/{case}?done={move}"] * 2
    assert done.replace("'", "&#39;") in page.text
    assert desk.kinds(case).count(kind) == 1


def test_the_three_most_common_moves_come_before_everything_else(desk, case, amy):
    page = amy.get(f"/cases/{case}").text

    where = [
        page.index(f'action="/cases/{case}/{move}') for move in ("acknowledge", "note", "reply", "close")
    ]

    assert where == sorted(where)
    assert where[2] < page.index("What was reported") < where[3]


def test_a_move_wakes_the_worker_that_tells_others(desk, case, amy):
    desk.poked.clear()

    desk.do(amy, case, "reply", text="Thank you.")

    assert desk.poked == [True]


def test_an_exclusion_is_lifted_only_by_two_people(desk, case, amy):
    desk.do(amy, case, "share", person="ben", how="opens", reason="covers")
    desk.do(amy, case, "exclude", person="dan", reason="a relative")
    desk.do(amy, case, "lift", person="dan", reason="no relative")
    again = desk.do(amy, case, "lift", person="dan", reason="sure of it")
    assert again.status == 422
    assert "dan" in desk.access(case).excluded

    desk.do(desk.opened(case, "ben"), case, "lift", person="dan", reason="I agree")

    assert "dan" not in desk.access(case).excluded


def test_telling_somebody_that_a_case_exists_opens_it_for_nobody(desk, case, amy):
    desk.do(amy, case, "share", person="ben", how="told", reason="may ask")

    assert "ben" in desk.access(case).copies
    assert desk.browser("ben").get(f"/cases/{case}").status == 404


def test_whoever_keeps_themselves_out_is_told_so_and_gets_no_error(desk, case, amy):
    desk.do(amy, case, "share", person="ben", how="opens", reason="covers")

    out = desk.do(amy, case, "exclude", person="amy", reason="I know them")

    assert out.to == "/cases?done=out"
    assert "You can no longer open that case" in amy.follow(out).text
    assert amy.get(f"/cases/{case}").status == 404


def test_an_action_is_finished_beside_it_and_only_once(desk, case, amy):
    desk.do(amy, case, "action", text="Ring home", owner="amy", due="2026-11-24")
    action = desk.view(case).actions[0].id

    first = desk.do(amy, case, "finish", id=action, text="They were in.")
    second = desk.do(amy, case, "finish", id=action, text="Rang again.")

    assert first.to == f"/cases/{case}?done=finish"
    assert "This action is done already" in second.text
    assert "Rang again." not in [each.result for each in desk.view(case).actions]


def test_advice_about_a_locked_file_is_recorded_beside_it(desk, case, amy):
    item = desk.view(case).evidence[0].id
    desk.do(amy, case, "lock", id=item)

    done = desk.do(amy, case, "advice", id=item, adviser="PC Reed", advice="hand over")

    assert "Advice: hand over, by PC Reed" in amy.follow(done).text


def test_two_cases_are_linked_and_then_merged_from_the_page(desk, case, amy):
    other = desk.file("friend-request", request="r-2").case
    desk.opened(other)

    linked = amy.follow(desk.do(amy, case, "link", other=f" {other.lower()} ", reason="the same account"))
    merged = amy.follow(desk.do(amy, case, "merge", other=other, reason="sent twice"))

    assert f'href="/cases/{other}"' in linked.text
    assert "this case is carried on there" in merged.text
    assert desk.head(case).status is Status.MERGED


def test_safety_15_a_case_of_somebody_else_is_neither_linked_nor_known(desk, case, amy):
    adult = desk.file("adult-concern", request="r-2").case

    theirs = desk.do(amy, case, "link", other=adult, reason="why")
    none = desk.do(amy, case, "link", other="NONE-SUCH", reason="why")

    assert theirs.status == none.status == 404
    assert theirs.body == none.body
    assert EventKind.LINKED.value not in desk.kinds(case)


def test_a_closed_case_is_reopened_and_its_retention_decided_anew(desk, case, amy):
    desk.do(amy, case, "close", **CLOSING)
    kept = {"type": "child-protection", "until": "2051-01-31", "sexual_abuse": "yes"}
    desk.do(amy, case, "retention", **kept)
    assert desk.view(case).kept.until == date(2051, 1, 31)

    reopened = amy.follow(desk.do(amy, case, "reopen", reason="a new message"))

    assert "The case is open again" in reopened.text
    assert desk.head(case).status is Status.IN_HAND


def test_safety_27_a_case_is_not_closed_before_all_is_said_and_what_was_typed_stays(desk, case, amy):
    without = {**CLOSING, "filed_where": "", "reasons": " ", "sexual_abuse": ""}

    refused = desk.do(amy, case, "close", **without)

    assert refused.status == 422
    assert 'id="close-reasons-fault"' in refused.text
    assert 'id="close-sexual_abuse-fault"' in refused.text
    assert "A pupil asked to follow a member of staff.</textarea>" in refused.text
    assert desk.head(case).status is Status.OPENED
    filed = desk.do(amy, case, "close", **{**CLOSING, "filed_where": ""})
    assert 'id="close-filed_where-fault"' in filed.text
    assert desk.do(amy, case, "close", **CLOSING).to == f"/cases/{case}?done=close"


def test_an_adults_case_offers_the_five_outcomes_and_suggests_none(desk):
    case = desk.file("adult-concern").case
    cat = desk.opened(case, "cat")

    page = cat.get(f"/cases/{case}").text
    outcome = page[page.index('<select id="close-outcome"') :]
    outcome = outcome[: outcome.index("</select>")]

    assert outcome.count("<option") == 6
    assert "selected" not in outcome


def test_safety_28_a_case_is_deleted_only_when_its_time_is_over_and_a_person_confirms(desk, case, amy):
    desk.do(amy, case, "close", **CLOSING)
    early = desk.do(amy, case, "delete", reason="over", confirm="yes")
    assert early.status == 422
    desk.clock.pass_by(days=7 * 366)
    amy = desk.opened(case)
    assert case in amy.get("/cases/deletion").text

    unconfirmed = desk.do(amy, case, "delete", reason="its time is over")
    deleted = desk.do(amy, case, "delete", reason="its time is over", confirm="yes")

    assert unconfirmed.status == 422
    assert "Deleted under a certificate" in deleted.text
    assert desk.head(case).status is Status.DELETED
    assert amy.get(f"/cases/{case}").status == 410


def test_a_legal_hold_stops_the_deletion_and_is_lifted_with_a_reason(desk, case, amy):
    desk.do(amy, case, "hold", reason="the police asked")
    assert "the police asked" in amy.get(f"/cases/{case}").text

    desk.do(amy, case, "release", reason="they are done")

    assert desk.view(case).held == ""


def test_what_somebody_else_did_meanwhile_is_said_and_the_decision_stays_typed(desk, case, amy):
    desk.do(amy, case, "share", person="ben", how="opens", reason="covers")
    seen = desk.head(case).version
    desk.do(desk.opened(case, "ben"), case, "note", text="I rang home.")

    stale = desk.do(amy, case, "decide", seen=seen, text="Close it soon", reason="It is settled.")

    assert stale.status == 422
    assert "since you opened this case there was note by Ben Birch" in stale.text
    assert "Close it soon</textarea>" in stale.text
    assert "I rang home." in stale.text
    assert EventKind.DECIDED.value not in desk.kinds(case)
    again = desk.do(amy, case, "decide", text="Close it soon", reason="It is settled.")
    assert again.to == f"/cases/{case}?done=decide"


def test_safety_18_acknowledging_is_possible_only_inside_the_opened_case(desk):
    case = desk.file("friend-request", request="r-9").case
    amy = desk.browser("amy")
    amy.get("/cases")

    asked = desk.do(amy, case, "acknowledge")

    assert "Nothing of it is stored yet: look at the case, then send it again." in asked.text
    assert "Why do you open" in asked.text
    assert "Jo Marsh" not in asked.text
    assert {"opened", "acknowledged"}.isdisjoint(desk.kinds(case))


def test_what_took_longer_to_type_than_a_reason_holds_is_not_lost(desk, case, amy):
    desk.clock.pass_by(minutes=20)
    amy.get("/cases")
    desk.clock.pass_by(minutes=20)

    refused = desk.do(amy, case, "decide", text="A long text.", reason="")
    done = desk.do(amy, case, "decide", text="A long text.", reason="So it is.")

    assert "A long text.</textarea>" in refused.text
    assert "What was reported" in amy.follow(done).text


def test_the_same_words_from_a_newer_version_are_a_second_note(desk, case, amy):
    desk.do(amy, case, "note", text="Rang, no answer.")
    desk.do(amy, case, "note", text="Rang, no answer.")

    assert desk.kinds(case).count("note") == 2


def test_going_back_to_the_address_of_a_form_shows_the_case(desk, case, amy):
    desk.do(amy, case, "note", text="Rang.")

    assert amy.get(f"/cases/{case}/note").to == f"/cases/{case}"


def test_when_the_store_is_busy_everything_typed_comes_back_to_be_sent_again(desk, case, amy, monkeypatch):
    def busy(*_args, **_named):
        raise StoreBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr(type(desk.web.casework), "note", busy)
        unsaved = desk.do(amy, case, "note", text="Rang the <mother>.")
    sent = desk.do(amy, case, "note", text="Rang the <mother>.")

    assert unsaved.status == 503
    assert 'value="Rang the &lt;mother&gt;."' in unsaved.text
    assert f'action="/cases/{case}/note"' in unsaved.text
    assert sent.to == f"/cases/{case}?done=note"
    assert desk.kinds(case).count("note") == 1


def test_a_form_sent_while_the_same_one_is_being_stored_is_not_stored_twice(desk, case, amy, monkeypatch):
    note = type(desk.web.casework).note
    seen = desk.head(case).version
    meanwhile = []

    def slow(self, *args):
        if not meanwhile:
            meanwhile.append(None)
            meanwhile[0] = desk.do(amy, case, "note", seen=seen, text="Rang.")
        return note(self, *args)

    monkeypatch.setattr(type(desk.web.casework), "note", slow)
    desk.do(amy, case, "note", seen=seen, text="Rang.")

    assert meanwhile[0].to == f"/cases/{case}?done=note"
    assert desk.kinds(case).count("note") == 1


@pytest.mark.parametrize("at", range(1, 7))
def test_safety_20_whenever_the_store_is_busy_the_page_says_what_is_true_and_sending_again_stores_it_once(
    desk, case, amy, monkeypatch, at
):
    real, begun = type(desk.store).writing, []

    def writing(store):
        begun.append(None)
        if len(begun) == at:
            raise StoreBusy("busy")
        return real(store)

    seen = desk.head(case).version
    with monkeypatch.context() as patch:
        patch.setattr(type(desk.store), "writing", writing)
        first = desk.do(amy, case, "note", seen=seen, text="Rang the mother.")
    stored = desk.kinds(case).count("note")
    again = desk.do(amy, case, "note", seen=seen, text="Rang the mother.")

    assert (first.status, stored) in ((303, 1), (503, 0))
    assert stored or 'value="Rang the mother."' in first.text
    assert again.to == f"/cases/{case}?done=note"
    assert desk.kinds(case).count("note") == 1


def test_safety_22_a_form_without_a_reason_given_does_nothing_and_asks_for_it_with_what_was_typed(
    desk, case, amy
):
    without = desk.browser("amy")
    without.get(f"/cases/{case}")
    answer = desk.do(without, case, "note", text="Rang the mother.")

    assert answer.status == 422
    assert "Say why you open this case" in answer.text
    assert 'value="Rang the mother."' in answer.text
    assert "note" not in desk.kinds(case)


def test_safety_4_a_file_is_locked_with_one_press_whether_or_not_a_reason_was_given(desk, case):
    item = desk.body(case, EventKind.EVIDENCE_STORED)["id"]
    without = desk.browser("amy")
    without.get(f"/cases/{case}")
    desk.do(without, case, "lock", id=item)

    assert desk.vault.locked(case) >= {item}


def test_safety_22_a_picture_is_not_shown_to_whoever_gave_no_reason_and_the_one_given_is_in_the_log(
    desk, case
):
    item = desk.body(case, EventKind.EVIDENCE_STORED)["id"]
    paths = [f"/cases/{case}/evidence/{item}", f"/cases/{case}/evidence/{item}/1"]
    without = desk.browser("amy")
    before = [without.get(path).to for path in paths]
    seen = [row for row in desk.audit(case) if row[0] == "viewed"]
    amy = desk.opened(case)

    assert before == [f"/cases/{case}"] * 2
    assert seen == []
    assert [amy.get(path).status for path in paths] == [200, 200]
    assert desk.audit(case)[-1] == ("viewed", "amy", f"evidence {item}: {WORKING}")


@pytest.mark.parametrize("move", [each.name for each in MOVES])
def test_nobody_can_do_anything_in_a_case_that_is_not_theirs(tmp_path, move):
    schools = {each: a_school(each, sample=True) for each in ("fernhill", "oakhill")}
    desk = CaseDesk(tmp_path, schools=schools)
    case = desk.file("adult-concern", concerned=("cat",)).case
    desk.opened(case, desk.access(case).full[0])
    before = desk.kinds(case)
    fields = {"text": "x", "reason": "y", "person": "amy", "seen": "5", "confirm": "yes", "other": case}

    for browser in (desk.browser("cat"), desk.browser("amy", "oakhill"), desk.browser("teacher")):
        browser.get("/")
        there = browser.post(f"/cases/{case}/{move}", fields)
        none = browser.post(f"/cases/NONE-SUCH/{move}", fields)
        assert there.status == none.status == 404
        assert there.body == none.body
    assert desk.kinds(case) == before


@pytest.mark.parametrize("field", ["seen", "corrects", "due", "made_at", "agency", "id"])
@pytest.mark.parametrize("value", ["", "x", "-1", "²", "9" * 30, "0001-01-01", "9999-12-31T23:59", "nul\0"])
def test_what_cannot_be_read_is_said_and_never_an_error_of_ours(desk, case, amy, field, value):
    plain = {
        "text": "x",
        "to_whom": "y",
        "agency": "lado",
        "corrects": "1",
        "owner": "amy",
        "due": "2026-11-24",
    }
    moves = {"corrects": "correct", "due": "action", "made_at": "refer", "agency": "refer", "id": "finish"}

    answer = desk.do(amy, case, moves.get(field, "acknowledge"), **{**plain, field: value})

    assert answer.status in (303, 422)


def test_a_merged_reporter_is_written_to_by_the_number_of_their_own_case(desk, case, amy):
    other = desk.file("friend-request", request="r-2").case
    browser = desk.opened(other)
    desk.do(browser, other, "merge", other=case, reason="sent twice")
    page = amy.get(f"/cases/{case}").text
    assert 'id="reply-of"' in page

    desk.do(amy, case, "reply", text="Thank you.", of=other)

    assert desk.view(case).replies[0].of == other


# A form that outlived its session


ESSAY = "What was done, at length. " * 40


def signed_in_again(amy, move, case, seen, **fields):
    """The form of *move*, sent after signing out and in again meanwhile, as `once_more` sends it."""
    typed = {"seen": seen, **fields}
    amy.post("/sign-out")
    assert amy.post(f"/cases/{case}/{move}", typed).status == 401
    amy.post("/sign-in", {"school": "fernhill", "person": "amy"})
    again = amy.post(f"/cases/{case}/{move}", typed, origin=f"http://{HOST}")
    assert "You are signed in again" in again.text
    return amy.post(f"/cases/{case}/{move}", carried(again.text))


def carried(page):
    """What the first form of the page itself would send."""
    form = page[page.index("<main") :].partition("<form")[2].partition("</form>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: unescape(value) for name, value in found if name != "csrf"}


def test_safety_22_a_form_sent_after_signing_in_again_asks_for_a_reason_and_nothing_typed_is_lost(
    desk, case, amy
):
    seen = desk.head(case).version
    refused = signed_in_again(amy, "close", case, seen, summary=ESSAY, reasons="My own reasons.")

    assert refused.status == 422
    assert "Why do you open" in refused.text
    assert ESSAY in refused.text
    assert "Jo Marsh" not in refused.text
    none = amy.post(f"/cases/{case}/close", {**carried(refused.text), "opened-own": " "})
    assert (none.status, ESSAY in none.text, "Jo Marsh" in none.text) == (422, True, False)

    before = len(desk.audit(case))
    back = amy.post(f"/cases/{case}/close", {**carried(none.text), "opened-because": WORKING})

    assert f"{ESSAY}</textarea>" in unescape(back.text)
    assert "My own reasons." in back.text
    assert "Nothing of it is stored yet" in back.text
    assert desk.head(case).status is not Status.CLOSED
    assert ("viewed", "amy", WORKING) in desk.audit(case)[before:]


def test_safety_18_a_reason_given_beside_a_form_opens_the_case_and_does_nothing_else(desk):
    case = desk.file("friend-request").case
    amy = desk.browser("amy")
    amy.get("/cases")
    asked = desk.do(amy, case, "acknowledge")

    back = amy.post(f"/cases/{case}/acknowledge", {**carried(asked.text), "opened-because": WORKING})

    assert "Jo Marsh" in back.text
    assert "acknowledged" not in desk.kinds(case)
    assert "opened" in desk.kinds(case)


@pytest.mark.parametrize(
    ("page", "blank"),
    [("export", {"reader": ""}), ("subject-access", {"about": "", "why-crime": "It does."})],
)
def test_what_was_typed_for_a_copy_is_not_lost_by_a_reason_that_is_asked_for(desk, case, page, blank):
    amy = desk.browser("amy")
    amy.get("/cases")
    asked = amy.post(f"/cases/{case}/{page}", {"reason": "For the meeting.", **blank})

    back = amy.post(f"/cases/{case}/{page}", {**carried(asked.text), "opened-because": WORKING})

    assert "Why do you open" in asked.text
    assert back.status == 200
    assert 'value="For the meeting."' in back.text
    assert all(f'value="{each}"' in back.text for each in blank.values() if each)
