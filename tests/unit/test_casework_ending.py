"""The end of a case: closing, reopening, keeping and deleting it."""

import json
from datetime import date

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.closing import Retention
from bot.domain.views import Advice, LockAdvice
from bot.errors import CaseDeleted, EvidenceDamaged, FormError, IllegalMove, StaleCase, UnknownCase
from tests.cases_builders import FakeClock, an_access
from tests.casework_builders import (
    AMY,
    BEN,
    NOON,
    a_casework,
    a_closing,
    a_party,
    audit,
    closed,
    events,
    file_case,
    opened,
)

SOON = date(2027, 1, 1)
KEPT = Retention("contact-settled", sexual_abuse=False, until=SOON)


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def work(tmp_path, clock):
    return a_casework(tmp_path, clock)


def over(work, clock, case="CASE-1", kept=KEPT, **filed):
    """A closed case whose time is over."""
    file_case(work, case, **filed)
    closed(work, case=case, retention=kept)
    clock.pass_by(days=365)


def test_a_closed_case_says_how_it_ended_and_how_long_it_is_kept(work):
    file_case(work)

    closed(work, retention=KEPT)

    view = opened(work)
    assert (view.head.status, view.head.clock_at) == (Status.CLOSED, None)
    assert view.closing["outcome"] == "No further contact."
    assert (view.kept.type, view.kept.until) == ("contact-settled", SOON)


def test_a_pupils_case_without_a_file_of_record_is_not_closed(work):
    file_case(work)

    with pytest.raises(FormError):
        closed(work, filed_where="")

    assert opened(work).head.status is Status.OPENED


def test_an_adults_case_closes_with_one_of_five_outcomes_alone(work):
    file_case(work, about_adult=True)

    with pytest.raises(FormError):
        closed(work)
    closed(work, outcome="unfounded")

    assert opened(work).closing["outcome"] == "unfounded"


def test_a_case_that_changed_meanwhile_is_not_closed(work):
    file_case(work, access=an_access("amy", "ben"))
    seen = opened(work).head.version
    work.note(BEN, "CASE-1", "Wait.")

    with pytest.raises(StaleCase):
        work.close(AMY, "CASE-1", a_closing(), seen)


def test_a_reopened_case_waits_for_an_action_again(work):
    file_case(work)
    closed(work)

    work.reopen(AMY, "CASE-1", "It happened again.")

    view = opened(work)
    assert (view.head.status, view.kept) == (Status.IN_HAND, None)
    assert view.head.clock_at > view.head.acknowledged_at


@pytest.mark.parametrize("move", ["reopen", "hold", "release", "confirm_deletion"])
def test_the_end_of_a_case_is_never_undone_or_put_off_without_a_reason(work, move):
    file_case(work)
    closed(work)

    with pytest.raises(FormError):
        getattr(work, move)(AMY, "CASE-1", " ")


def test_retention_can_be_decided_anew_for_a_closed_case(work):
    file_case(work)
    closed(work)

    work.set_retention(AMY, "CASE-1", KEPT, opened(work).head.version)

    assert opened(work).kept.until == SOON


def test_a_legal_hold_is_set_and_lifted_once(work):
    file_case(work)
    closed(work)
    work.hold(AMY, "CASE-1", "a court case")

    with pytest.raises(IllegalMove):
        work.hold(AMY, "CASE-1", "a court case")
    work.release(AMY, "CASE-1", "over")
    with pytest.raises(IllegalMove):
        work.release(AMY, "CASE-1", "over")


def test_what_is_over_comes_up_for_deletion_and_is_never_deleted_by_itself(work, clock):
    over(work, clock)

    due = work.due_for_deletion(AMY)

    assert [(each.head.case, each.type, each.until) for each in due] == [("CASE-1", "contact-settled", SOON)]
    assert opened(work).head.status is Status.CLOSED
    assert ("listed", "amy", "", "1 due for deletion") in audit(work)


def test_a_case_comes_up_for_deletion_only_to_those_who_may_open_it(work, clock):
    over(work, clock, access=an_access("amy", excluded=("ben",)))

    assert work.due_for_deletion(BEN) == ()


def test_a_case_that_is_held_neither_comes_up_nor_goes(work, clock):
    over(work, clock)
    work.hold(AMY, "CASE-1", "a court case")

    assert work.due_for_deletion(AMY) == ()
    with pytest.raises(IllegalMove):
        work.confirm_deletion(AMY, "CASE-1", "its time is over")


def test_alleged_child_sexual_abuse_never_comes_up_for_deletion(work, clock):
    over(work, clock, kept=Retention("contact-settled", sexual_abuse=True, until=SOON))

    assert work.due_for_deletion(AMY) == ()


def test_a_case_into_which_abuse_was_merged_never_comes_up_for_deletion(work, clock):
    file_case(work, "CASE-2", files=["e-1"])
    work.lock(AMY, "CASE-2", "e-1")
    seen = opened(work, AMY, "CASE-2").head.version
    file_case(work, "CASE-1")
    opened(work)
    work.merge(AMY, "CASE-2", "CASE-1", "the same", seen)
    closed(work, retention=KEPT)
    clock.pass_by(days=365)

    assert work.due_for_deletion(AMY) == ()


def test_a_case_whose_time_is_not_over_does_not_go(work):
    file_case(work)
    closed(work, retention=KEPT)

    with pytest.raises(IllegalMove):
        work.confirm_deletion(AMY, "CASE-1", "I want to")


def test_a_deletion_leaves_a_certificate_and_nothing_of_what_was_said(work, clock):
    over(work, clock, files=["e-1"], parties=[a_party("Pat Pupil")])
    with work.store.reading() as unit:
        key = unit.key("CASE-1")
    before = opened(work)

    (certificate,) = work.confirm_deletion(AMY, "CASE-1", "its time is over")

    assert (certificate.case, certificate.deleted_by, certificate.type) == (
        "CASE-1",
        "amy",
        "contact-settled",
    )
    assert certificate.evidence == (before.evidence[0].sha256,)
    assert ("deleted", "amy", "CASE-1", json.dumps(certificate.as_json())) in audit(work)
    assert "Pat" not in json.dumps(certificate.as_json())
    assert (events(work), work.search(AMY, "Pat Pupil")) == ((), ())
    with pytest.raises(EvidenceDamaged):
        list(work.vault.read(key, "e-1"))
    assert list(work.store.verify()) == []


def test_a_deleted_case_is_said_to_be_deleted_only_to_those_who_had_it(work, clock):
    over(work, clock)
    work.confirm_deletion(AMY, "CASE-1", "its time is over")

    with pytest.raises(CaseDeleted):
        opened(work)
    with pytest.raises(UnknownCase):
        opened(work, BEN)


def test_what_was_merged_into_a_case_goes_with_it(work, clock):
    file_case(work, "CASE-2")
    seen = opened(work, AMY, "CASE-2").head.version
    file_case(work, "CASE-1")
    opened(work)
    work.merge(AMY, "CASE-2", "CASE-1", "the same", seen)
    closed(work, retention=KEPT)
    clock.pass_by(days=365)

    certificates = work.confirm_deletion(AMY, "CASE-1", "its time is over")

    assert [(each.case, each.merged_into) for each in certificates] == [("CASE-1", ""), ("CASE-2", "CASE-1")]
    assert events(work, "CASE-2") == ()


def test_a_merged_case_does_not_go_alone(work, clock):
    file_case(work, "CASE-2")
    seen = opened(work, AMY, "CASE-2").head.version
    file_case(work, "CASE-1")
    opened(work)
    work.merge(AMY, "CASE-2", "CASE-1", "the same", seen)
    clock.pass_by(days=9999)

    with pytest.raises(IllegalMove):
        work.confirm_deletion(AMY, "CASE-2", "its time is over")


def test_a_locked_item_is_not_deleted_before_somebody_advised_it(work, clock):
    over(work, clock, files=["e-1"])
    work.lock(AMY, "CASE-1", "e-1")
    work.record_lock_advice(AMY, "CASE-1", LockAdvice("e-1", "the police", Advice.KEEP, NOON))
    with pytest.raises(IllegalMove):
        work.confirm_deletion(AMY, "CASE-1", "its time is over")

    work.record_lock_advice(AMY, "CASE-1", LockAdvice("e-1", "the police", Advice.DELETE, NOON))
    work.confirm_deletion(AMY, "CASE-1", "its time is over")

    assert events(work) == ()


def test_a_deletion_that_fails_half_way_deletes_nothing(work, clock, monkeypatch):
    over(work, clock)
    with monkeypatch.context() as broken:
        broken.setattr("bot.casework.ending.json.dumps", lambda said: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            work.confirm_deletion(AMY, "CASE-1", "its time is over")

    assert events(work)[-1].kind is EventKind.CLOSED
