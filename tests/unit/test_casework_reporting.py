"""The reporter's side: status and what is asked of them, never what others write, never the outcome."""

from dataclasses import asdict
from datetime import timedelta

import pytest

from bot.casework.reporting import mark_of
from bot.domain.cases import Access, EventKind, Status
from bot.domain.closing import Retention
from bot.domain.triage import Form
from bot.errors import CaseDeleted, EvidenceLocked, FormError, IllegalMove, NotAllowed, UnknownCase
from tests.cases_builders import FakeClock, an_access
from tests.casework_builders import (
    AMY,
    BEN,
    DAN,
    REPORTER,
    a_casework,
    a_closing,
    a_party,
    audit,
    closed,
    events,
    file_case,
    notices,
    opened,
)

ROB = ("fernhill", "rob@fernhill")
SUE = {"handle": "sue@fernhill", "name": "Sue Sand", "person": ""}
SUES = ("fernhill", "sue@fernhill")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def work(tmp_path, clock):
    return a_casework(tmp_path, clock)


def waits(clock):
    return clock.now + timedelta(hours=1)


def test_a_reporter_sees_how_far_their_case_is(work, clock):
    seen = []
    file_case(work, clock_at=waits(clock))
    seen.append(work.status(*ROB, "CASE-1").status.value)
    version = opened(work).head.version
    seen.append(work.status(*ROB, "CASE-1").status.value)
    work.acknowledge(AMY, "CASE-1", version)
    seen.append(work.status(*ROB, "CASE-1").status.value)
    work.close(AMY, "CASE-1", a_closing(), version)
    seen.append(work.status(*ROB, "CASE-1").status.value)

    assert seen == ["received", "opened", "being dealt with", "closed"]


def test_a_reporter_never_sees_the_content_that_others_add_nor_the_outcome(work):
    file_case(work)
    version = opened(work).head.version
    work.note(AMY, "CASE-1", "CANARY note")
    work.decide(AMY, "CASE-1", "CANARY decision", "CANARY reason", version)
    work.close(AMY, "CASE-1", a_closing(outcome="CANARY outcome"), version)

    shown = str(asdict(work.status(*ROB, "CASE-1")))

    assert "CANARY" not in shown
    assert "CASE-1" in shown


def test_a_reporter_sees_what_is_asked_of_them_and_replies_to_them(work):
    file_case(work)
    opened(work)
    work.ask_reporter(AMY, "CASE-1", "Which app?")
    work.reply(AMY, "CASE-1", "Thank you.")

    view = work.status(*ROB, "CASE-1")

    assert [ask.text for ask in view.asks] == ["Which app?"]
    assert [reply.text for reply in view.replies] == ["Thank you."]


def test_an_answer_goes_into_the_case_and_its_holders_are_told(work):
    file_case(work, access=an_access("amy", "ben"))
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Which app?").seq

    work.answer_ask(*ROB, "CASE-1", ask, "Snapchat")

    assert opened(work).asks[0].answer == "Snapchat"
    assert notices(work)[1:] == [("reporter-added", "amy", "CASE-1"), ("reporter-added", "ben", "CASE-1")]


@pytest.mark.parametrize("text", ["It was Ben Birch.", "The deputy DSL wrote it.", "Ask Ms Birch"])
def test_safety_12_an_answer_that_names_a_holder_never_reaches_them(work, text):
    file_case(work, access=an_access("amy", "ben"))
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Who was it?").seq

    work.answer_ask(*ROB, "CASE-1", ask, text)

    assert opened(work).access == an_access("amy", excluded=("ben",))
    assert "ben" not in [to for _, to, _ in notices(work)]
    assert [event.kind.name for event in events(work)[-2:]] == ["EXCLUDED", "ADDED"]
    with pytest.raises(UnknownCase):
        opened(work, BEN)


def test_safety_12_an_answer_that_names_every_holder_goes_to_the_next_safe_person(work):
    file_case(work, access=an_access("amy", "ben", chain=("cat", "dan")))
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Who was it?").seq

    work.answer_ask(*ROB, "CASE-1", ask, "Amy Ash, Ben Birch and the head")

    assert opened(work, DAN).access == an_access("dan", excluded=("amy", "ben", "cat"))
    assert {to for kind, to, _ in notices(work) if kind != "reporter-asked"} == {"dan"}


def test_safety_12_whom_the_reporter_says_an_answer_is_not_about_keeps_the_case(work):
    file_case(work, access=an_access("amy", "ben"))
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Who knows?").seq

    work.answer_ask(*ROB, "CASE-1", ask, "I told Ben Birch and the DSL.", not_about=("ben", "amy"))

    assert opened(work).access == an_access("amy", "ben")
    assert events(work)[-1].body["not_about"] == ["amy", "ben"]


def test_safety_12_an_answer_signed_by_the_reporter_keeps_nobody_out(work):
    file_case(work, reporter={"handle": "rob@fernhill", "name": "Dan Dale", "person": "dan"})
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Which app?").seq

    work.answer_ask(*ROB, "CASE-1", ask, "Snapchat. Dan Dale")

    assert opened(work).access == an_access("amy")


def test_a_question_is_answered_once_and_not_with_nothing(work):
    file_case(work)
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Which app?").seq
    with pytest.raises(FormError):
        work.answer_ask(*ROB, "CASE-1", ask, " ")
    work.answer_ask(*ROB, "CASE-1", ask, "Snapchat")

    with pytest.raises(IllegalMove):
        work.answer_ask(*ROB, "CASE-1", ask, "TikTok")
    with pytest.raises(IllegalMove):
        work.answer_ask(*ROB, "CASE-1", 1, "TikTok")


def test_what_is_missing_can_be_said_to_be_out_of_reach(work):
    file_case(work, missing=["the address", "a screenshot"])

    work.cannot_get(*ROB, "CASE-1", "the address")

    assert work.status(*ROB, "CASE-1").missing == ("a screenshot",)
    with pytest.raises(IllegalMove):
        work.cannot_get(*ROB, "CASE-1", "the address")


def test_what_is_missing_can_be_named_by_its_mark_and_is_kept_in_words(work):
    file_case(work, missing=["the address", "a screenshot"])

    work.cannot_get(*ROB, "CASE-1", mark_of("a screenshot"))

    assert events(work)[-1].body == {"cannot_get": "a screenshot"}
    with pytest.raises(IllegalMove):
        work.cannot_get(*ROB, "CASE-1", mark_of("a photo"))


def test_somebody_who_told_of_their_own_slip_sees_receipt_and_status_only(work):
    file_case(work, own_slip=True, files=["e-1"])
    opened(work)

    with pytest.raises(NotAllowed):
        work.ask_reporter(AMY, "CASE-1", "Which app?")
    view = work.status(*ROB, "CASE-1")

    assert (view.status, view.asks, view.replies) == (Status.OPENED, (), ())
    assert [file.id for file in view.files] == ["e-1"]


def test_a_reporter_who_is_kept_out_later_sees_nothing_more_that_others_say(work):
    eve = {"handle": "eve@fernhill", "name": "Eve Elm", "person": "eve"}
    file_case(work, reporter=eve)
    opened(work)
    work.reply(AMY, "CASE-1", "Thank you.")
    work.exclude(AMY, "CASE-1", "eve", "she was seen with him")

    assert work.status("fernhill", "eve@fernhill", "CASE-1").replies == ()
    with pytest.raises(NotAllowed):
        work.reply(AMY, "CASE-1", "Thank you again.")


def test_a_case_of_somebody_else_looks_like_one_that_is_not_there(work):
    file_case(work)

    with pytest.raises(UnknownCase) as theirs:
        work.status(*SUES, "CASE-1")
    with pytest.raises(UnknownCase) as nobodys:
        work.status(*SUES, "CASE-9")

    assert (str(theirs.value), theirs.value.user_message) == (str(nobodys.value), nobodys.value.user_message)
    assert [row[:3] for row in audit(work)[-2:]] == [
        ("refused", "reporter", "CASE-1"),
        ("refused", "reporter", ""),
    ]


def test_my_reports_are_all_of_mine_and_nobody_elses(work, clock):
    file_case(work, "CASE-1")
    file_case(work, "CASE-2", reporter=SUE)

    assert [view.case for view in work.my_reports(*ROB)] == ["CASE-1"]
    assert work.my_reports("oakhill", REPORTER["handle"]) == ()


def test_a_reporter_hears_that_nobody_has_opened_it_and_whom_to_ring(work, clock):
    file_case(work, access=Access(full=("amy",), chain=("ben", "cat")), clock_at=waits(clock))
    early = work.status(*ROB, "CASE-1")
    clock.pass_by(hours=2)

    late = work.status(*ROB, "CASE-1")

    assert (early.not_opened_yet, early.ring) == (False, ())
    assert late.not_opened_yet
    assert [contact.telephone for contact in late.ring] == [
        "01632 960301",
        "01632 960302",
        "01632 960303",
        "01632 960304",
        "01632 960305",
    ]


def test_nobody_kept_out_is_ever_named_as_somebody_to_ring(work, clock):
    file_case(work, access=Access(full=("dan",), excluded=("cat",)), about_adult=True)
    clock.pass_by(hours=2)

    ring = work.status(*ROB, "CASE-1").ring

    assert [contact.telephone for contact in ring] == ["01632 960304", "01632 960307"]


def test_the_reporter_locks_what_they_sent_in_one_press(work):
    file_case(work, files=["e-1"])
    opened(work)

    work.lock_sent(*ROB, "CASE-1", "e-1")

    assert work.status(*ROB, "CASE-1").files[0].locked
    assert events(work)[-1].actor == "reporter"
    with pytest.raises(EvidenceLocked):
        work.derivatives(AMY, "CASE-1", "e-1", "covering for a colleague")


def test_the_reporter_locks_only_what_they_sent(work):
    file_case(work, files=["e-1"])

    with pytest.raises(IllegalMove):
        work.lock_sent(*ROB, "CASE-1", "e-2")


def merged(work):
    """CASE-1 of Rob, carried on in CASE-2 of Sue."""
    file_case(work, "CASE-1")
    file_case(work, "CASE-2", reporter=SUE)
    seen = opened(work).head.version
    version = opened(work, AMY, "CASE-2").head.version
    work.merge(AMY, "CASE-1", "CASE-2", "the same", seen)
    return version


def test_the_reporter_of_either_of_two_merged_cases_sees_how_far_it_is(work):
    version = merged(work)

    work.close(AMY, "CASE-2", a_closing(), version)

    assert work.status(*ROB, "CASE-1").status is Status.CLOSED
    assert work.status(*SUES, "CASE-2").status is Status.CLOSED


def test_a_question_in_a_merged_case_goes_to_the_reporter_it_is_for(work):
    merged(work)
    ask = work.ask_reporter(AMY, "CASE-2", "Which app?", of="CASE-1").seq

    assert work.status(*SUES, "CASE-2").asks == ()
    assert ("reporter-asked", "reporter:rob@fernhill", "CASE-1") in notices(work)
    work.answer_ask(*ROB, "CASE-1", ask, "Snapchat")

    assert opened(work, AMY, "CASE-2").asks[0].answer == "Snapchat"


def test_nobody_is_asked_through_a_case_that_was_not_merged_here(work):
    file_case(work, "CASE-1")
    opened(work)

    with pytest.raises(IllegalMove):
        work.ask_reporter(AMY, "CASE-1", "Which app?", of="CASE-2")


def test_safety_25_what_the_reporter_sent_is_in_their_words_in_order_with_times(work, clock):
    filed_at = clock.now
    file_case(work, files=["e-1"])
    opened(work)
    ask = work.ask_reporter(AMY, "CASE-1", "Which app?").seq
    clock.pass_by(hours=1)
    work.answer_ask(*ROB, "CASE-1", ask, "Snapchat, I think")
    clock.pass_by(hours=1)
    with work.store.writing() as unit:
        unit.append("CASE-1", EventKind.ADDED, "reporter", {"answers": {"when": "2026-11-19"}, "gate": "no"})

    own = work.sent(*ROB, "CASE-1")

    assert (own.case, own.form) == ("CASE-1", Form.FRIEND_REQUEST)
    assert [(each.at, each.answers, each.text) for each in own.sent] == [
        (filed_at, {"what": "a friend request"}, ""),
        (filed_at + timedelta(hours=1), {}, "Snapchat, I think"),
        (filed_at + timedelta(hours=2), {"when": "2026-11-19"}, ""),
    ]
    assert [file.id for file in own.files] == ["e-1"]
    assert audit(work)[-1] == ("viewed", "reporter", "CASE-1", "own words")


@pytest.mark.parametrize("own_slip", [False, True])
def test_safety_16_among_what_the_reporter_sent_is_nothing_that_others_add(work, own_slip):
    file_case(work, own_slip=own_slip, missing=["the address"])
    opened(work)
    work.note(AMY, "CASE-1", "CANARY note")
    work.correct(AMY, "CASE-1", 1, "CANARY correction")
    work.record_person(AMY, "CASE-1", a_party("CANARY person"))
    work.cannot_get(*ROB, "CASE-1", "the address")
    if not own_slip:
        work.ask_reporter(AMY, "CASE-1", "CANARY question")
        work.reply(AMY, "CASE-1", "CANARY reply")
    with work.store.writing() as unit:
        unit.append("CASE-1", EventKind.ADDED, "amy", {"answers": {"what": "CANARY answer"}})
    work.close(AMY, "CASE-1", a_closing(outcome="CANARY outcome"), events(work)[-1].seq)

    own = work.sent(*ROB, "CASE-1")

    assert [each.answers for each in own.sent] == [{"what": "a friend request"}]
    assert "CANARY" not in str(asdict(own))


def test_an_answer_given_since_a_merge_is_among_the_words_of_its_reporter_alone(work):
    merged(work)
    robs = work.ask_reporter(AMY, "CASE-2", "Which app?", of="CASE-1").seq
    sues = work.ask_reporter(AMY, "CASE-2", "And you?").seq
    work.answer_ask(*ROB, "CASE-1", robs, "Snapchat")
    work.answer_ask(*SUES, "CASE-2", sues, "TikTok")

    assert [each.text for each in work.sent(*ROB, "CASE-1").sent] == ["", "Snapchat"]
    assert [each.text for each in work.sent(*SUES, "CASE-2").sent] == ["", "TikTok"]


def test_of_a_deleted_case_there_are_no_words(work, clock):
    file_case(work)
    closed(work, retention=Retention("contact-settled", False, clock.now.date()))
    clock.pass_by(days=365)
    work.confirm_deletion(AMY, "CASE-1", "its time is over")

    with pytest.raises(CaseDeleted):
        work.sent(*ROB, "CASE-1")


def test_safety_29_what_was_sent_shows_no_words_in_a_log(work):
    file_case(work)

    assert "friend request" not in repr(work.sent(*ROB, "CASE-1"))
