"""The outbox beside its contract: the urgent first, and a worker that dies in mid-send."""

from datetime import timedelta

import pytest

from bot.domain.audit import AuditKind
from tests.cases_builders import START, FakeClock, a_notice, a_store


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def store(tmp_path, clock):
    with a_store(tmp_path, clock) as store:
        yield store


def claimed(store, limit=9, lease_s=60):
    with store.writing() as unit:
        return [sending.notice.key for sending in unit.claim(limit, lease_s)]


def test_the_urgent_are_taken_first_then_the_longest_due(store):
    with store.writing() as unit:
        unit.enqueue(a_notice("later"))
        unit.enqueue(a_notice("earlier", due=START - timedelta(hours=1)))
        unit.enqueue(a_notice("urgent", urgent=True))

    assert claimed(store, limit=2) == ["urgent", "earlier"]
    assert claimed(store) == ["later"]


def test_a_notice_of_a_worker_that_died_in_mid_send_is_sent_by_the_next_and_has_been_tried(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))
    claimed(store)
    clock.pass_by(seconds=61)

    with store.writing() as unit:
        (sending,) = unit.claim(9, 60)

    assert (sending.notice.key, sending.attempts) == ("k", 1)


def test_a_unit_that_fails_after_taking_leaves_the_notice_to_be_taken(store):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))

    with pytest.raises(OSError, match="gone"), store.writing() as unit:
        raise OSError(unit.claim(9, 60) and "gone")

    assert claimed(store) == ["k"]


def test_a_clock_that_goes_back_keeps_no_due_notice_waiting_behind_the_log(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))
        unit.record(AuditKind.DRILL, "amy")
    clock.pass_by(days=-1)

    assert claimed(store) == ["k"]


def test_a_notice_goes_on_waiting_however_often_it_fails(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))
    for _ in range(30):
        with store.writing() as unit:
            (sending,) = unit.claim(9, 60)
            unit.put_off(sending, clock.now + timedelta(hours=1), "ConnectionRefusedError")
        clock.pass_by(hours=1)

    with store.reading() as unit:
        assert [waiting.attempts for waiting in unit.waiting("fernhill")] == [30]
    assert list(store.verify()) == []
