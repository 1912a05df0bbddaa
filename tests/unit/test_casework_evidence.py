"""Evidence in casework: derivatives, originals, and what is locked for good."""

import pytest

from bot.domain.views import Advice, LockAdvice
from bot.errors import EvidenceLocked, FormError, IllegalMove, NeedsReason, UnknownCase
from tests.cases_builders import an_access
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    NOON,
    PNG,
    a_casework,
    audit,
    closed,
    events,
    file_case,
    opened,
)

ADVICE = LockAdvice("e-1", "the police", Advice.KEEP, NOON)


@pytest.fixture
def work(tmp_path):
    work = a_casework(tmp_path)
    file_case(work, access=an_access("amy", "ben"), files=["e-1"])
    opened(work)
    return work


def test_people_look_at_a_derivative_and_every_look_is_in_the_audit_log(work):
    (shown,) = work.derivatives(AMY, "CASE-1", "e-1", "covering for a colleague")

    assert (shown.name, shown.media_type, shown.content) == ("e-1.1", "image/png", PNG)
    assert audit(work)[-1] == ("viewed", "amy", "CASE-1", "evidence e-1: covering for a colleague")


def test_one_picture_is_read_without_the_others_and_the_look_is_in_the_audit_log_too(tmp_path, monkeypatch):
    work = a_casework(tmp_path)
    file_case(work, access=an_access("amy", "ben"), files=["e-1"], pages=3)
    opened(work)
    whole, read = type(work.vault).read, []
    monkeypatch.setattr(
        type(work.vault), "read", lambda vault, key, name: read.append(name) or whole(vault, key, name)
    )

    shown = work.derivative(AMY, "CASE-1", "e-1", 2, "covering for a colleague")

    assert (shown.name, shown.content, read) == ("e-1.2", PNG, ["e-1.2"])
    assert audit(work)[-1] == ("viewed", "amy", "CASE-1", "evidence e-1: covering for a colleague")


@pytest.mark.parametrize("number", [0, -1, 2, 10**9])
def test_a_picture_that_a_file_does_not_have_is_refused(work, number):
    with pytest.raises(IllegalMove) as refused:
        work.derivative(AMY, "CASE-1", "e-1", number, "covering for a colleague")

    assert refused.value.user_message == "There is no such picture."


def test_safety_22_a_case_that_asks_why_it_is_opened_asks_before_a_look_at_a_file_too(work):
    for who in (AMY, BEN):
        with pytest.raises(NeedsReason) as asked:
            work.derivatives(who, "CASE-1", "e-1", "  ")
    work.assign(AMY, "CASE-1", "amy", opened(work).head.version)

    assert "it is assigned to nobody" in asked.value.user_message
    assert [each.name for each in work.derivatives(AMY, "CASE-1", "e-1")] == ["e-1.1"]
    assert audit(work)[-1] == ("viewed", "amy", "CASE-1", "evidence e-1")


def test_safety_22_what_is_done_to_a_case_asks_why_as_opening_it_does(work):
    with pytest.raises(NeedsReason):
        work.needs_reason(BEN, "CASE-1", "")
    refused = audit(work)[-1]
    work.needs_reason(BEN, "CASE-1", "covering for a colleague")
    work.assign(AMY, "CASE-1", "amy", opened(work).head.version)
    work.needs_reason(BEN, "CASE-1", "")

    assert refused == ("refused", "ben", "CASE-1", "act")
    with pytest.raises(UnknownCase):
        work.needs_reason(CAT, "CASE-1", "covering for a colleague")


def test_the_original_comes_byte_for_byte_and_with_a_reason_in_the_audit_log(work):
    original = work.download_original(AMY, "CASE-1", "e-1", "for the police")

    assert b"".join(original.content) == PNG + b"e-1"
    assert audit(work)[-1] == ("downloaded", "amy", "CASE-1", "evidence e-1: for the police")


def test_the_original_never_comes_without_a_reason(work):
    with pytest.raises(FormError):
        work.download_original(AMY, "CASE-1", "e-1", " ")


@pytest.mark.parametrize("who", [AMY, BEN])
def test_one_press_locks_an_item_for_everybody(work, who):
    work.lock(who, "CASE-1", "e-1")

    for reader in (AMY, BEN):
        with pytest.raises(EvidenceLocked):
            work.derivatives(reader, "CASE-1", "e-1", "covering for a colleague")
        with pytest.raises(EvidenceLocked):
            work.download_original(reader, "CASE-1", "e-1", "for the police")
    assert work.vault.locked("CASE-1") == {"e-1", "e-1.1"}
    assert opened(work).evidence[0].locked


def test_whoever_wants_a_locked_item_is_refused_in_the_audit_log(work):
    work.lock(AMY, "CASE-1", "e-1")

    with pytest.raises(EvidenceLocked):
        work.derivatives(BEN, "CASE-1", "e-1", "covering for a colleague")

    assert audit(work)[-1] == ("refused", "ben", "CASE-1", "look at evidence")


def test_locking_again_changes_nothing(work):
    work.lock(AMY, "CASE-1", "e-1")
    before = events(work)

    work.lock(BEN, "CASE-1", "e-1")

    assert events(work) == before


def test_an_item_in_the_list_of_locks_alone_stays_locked_and_gets_its_event(work):
    work.vault.lock("CASE-1", "e-1", ["e-1.1"])

    with pytest.raises(EvidenceLocked):
        work.derivatives(AMY, "CASE-1", "e-1", "covering for a colleague")
    work.lock(AMY, "CASE-1", "e-1")

    assert events(work)[-1].kind.name == "EVIDENCE_LOCKED"


def test_an_item_is_locked_in_a_closed_case_too(work):
    closed(work)

    work.lock(AMY, "CASE-1", "e-1")

    assert opened(work).sexual_abuse


def test_advice_about_a_locked_item_is_recorded_with_who_and_when(work):
    work.lock(AMY, "CASE-1", "e-1")

    work.record_lock_advice(AMY, "CASE-1", ADVICE)

    assert opened(work).lock_advice == (ADVICE,)


def test_there_is_no_advice_about_an_item_that_is_not_locked(work):
    with pytest.raises(IllegalMove):
        work.record_lock_advice(AMY, "CASE-1", ADVICE)


@pytest.mark.parametrize("item", ["e-2", "../e-1", ""])
def test_a_file_that_is_not_there_is_said_to_be_missing(work, item):
    with pytest.raises(IllegalMove):
        work.derivatives(AMY, "CASE-1", item, "reason")
    with pytest.raises(IllegalMove):
        work.lock(AMY, "CASE-1", item)
