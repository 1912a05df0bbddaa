"""The state machine of a case."""

from datetime import timedelta

import pytest

from bot.domain.cases import Access, Event, EventKind, Status
from bot.domain.moves import ALLOWED, DEALS_WITH, KEPT, LIVE, access_after, after, allows, settled_by
from tests.cases_builders import START, a_head


def an_event(kind, seq=1, actor="amy", at=START, **body):
    return Event("CASE-1", seq, at, actor, kind, body)


def a_body(kind):
    return {
        EventKind.ASSIGNED: {"person": "amy"},
        EventKind.SHARED: {"person": "eve", "opens": True},
        EventKind.EXCLUDED: {"person": "eve"},
        EventKind.LIFTED: {"person": "eve"},
    }.get(kind, {})


def test_every_kind_of_event_has_its_place_in_the_state_machine():
    assert ALLOWED.keys() == set(EventKind)


@pytest.mark.parametrize("kind", EventKind)
def test_nothing_happens_to_a_deleted_case(kind):
    assert not allows(a_head(status=Status.DELETED), kind)


HOLDERS_DO = set(EventKind) - {
    *(EventKind.FILED, EventKind.ADDED, EventKind.ROUTED, EventKind.ESCALATED, EventKind.OPENED),
    *(EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_REFUSED, EventKind.EVIDENCE_LOCKED, EventKind.EXCLUDED),
}


@pytest.mark.parametrize("kind", sorted(HOLDERS_DO))
def test_nobody_works_on_a_case_that_nobody_has_opened(kind):
    assert not allows(a_head(status=Status.RECEIVED), kind)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (EventKind.OPENED, Status.OPENED),
        (EventKind.CLOSED, Status.CLOSED),
        (EventKind.REOPENED, Status.IN_HAND),
        (EventKind.MERGED, Status.MERGED),
        (EventKind.DELETED, Status.DELETED),
    ],
)
def test_some_events_lead_to_a_status_from_everywhere_they_may_happen(kind, status):
    reached = {after(a_head(status=start), an_event(kind)).status for start in ALLOWED[kind]}

    assert reached == {status}


@pytest.mark.parametrize("kind", [EventKind.ACKNOWLEDGED, EventKind.ASSIGNED, *sorted(DEALS_WITH)])
def test_whoever_starts_to_work_on_an_open_case_takes_it_in_hand(kind):
    moved = after(a_head(status=Status.OPENED), an_event(kind, **a_body(kind)))

    assert moved.status in (Status.IN_HAND, Status.CLOSED)


@pytest.mark.parametrize("kind", EventKind)
def test_only_an_action_ends_the_second_clock(kind):
    moved = after(a_head(status=Status.IN_HAND), an_event(kind, **a_body(kind)))

    assert (moved.first_action_at is not None) == (kind in DEALS_WITH)


def test_the_first_action_stays_the_first():
    later = START + timedelta(hours=1)
    acted = after(a_head(status=Status.IN_HAND), an_event(EventKind.DECIDED))

    assert after(acted, an_event(EventKind.REFERRED, at=later)).first_action_at == START


def test_a_reopened_case_waits_for_an_action_again():
    closed = after(a_head(status=Status.IN_HAND), an_event(EventKind.CLOSED))

    moved = after(closed, an_event(EventKind.REOPENED, at=START + timedelta(days=1)))

    assert (moved.closed_at, moved.first_action_at) == (None, None)
    assert moved.acknowledged_at == START + timedelta(days=1)


def test_a_case_is_acknowledged_once():
    head = a_head(status=Status.IN_HAND, acknowledged_at=START)

    assert not allows(head, EventKind.ACKNOWLEDGED)


def test_what_stopped_a_move_is_the_event_that_put_the_case_there():
    done = [an_event(EventKind.OPENED, 1), an_event(EventKind.CLOSED, 2, "ben"), an_event(EventKind.NOTED, 3)]

    assert settled_by(a_head(status=Status.CLOSED), EventKind.CLOSED, done) == done[1]


def test_a_second_acknowledgement_names_the_first():
    done = [an_event(EventKind.ACKNOWLEDGED, 1), an_event(EventKind.OPENED, 2)]
    head = a_head(status=Status.IN_HAND, acknowledged_at=START)

    assert settled_by(head, EventKind.ACKNOWLEDGED, done) == done[0]


@pytest.mark.parametrize(
    "kind", [EventKind.SHARED, EventKind.ESCALATED, EventKind.ROUTED, EventKind.EXCLUDED]
)
def test_nobody_excluded_is_ever_in_another_list(kind):
    access = Access(full=("amy",), excluded=("ben",))
    body = {
        "person": "ben",
        "opens": True,
        "to": ["ben"],
        "full": ["ben"],
        "chain": ["ben"],
        "copies": ["ben"],
    }
    body |= {"excluded": ["ben"], "handed_to": ["ben"]}

    after_it = access_after(access, an_event(kind, **body))

    assert "ben" not in (*after_it.full, *after_it.copies, *after_it.chain)
    assert "ben" in after_it.excluded


def test_whoever_is_told_by_the_clock_may_open_the_case_and_waits_no_longer():
    access = Access(full=("amy",), chain=("ben", "cat"))

    told = access_after(access, an_event(EventKind.ESCALATED, to=["ben"]))

    assert told == Access(full=("amy", "ben"), chain=("cat",))


def test_a_lifted_exclusion_opens_nothing():
    access = Access(full=("amy",), excluded=("ben",))

    assert access_after(access, an_event(EventKind.LIFTED, person="ben")) == Access(full=("amy",))


def test_whoever_is_kept_out_no_longer_has_it_assigned():
    head = a_head(status=Status.IN_HAND, assigned="ben")

    assert after(head, an_event(EventKind.EXCLUDED, person="ben")).assigned == ""


def test_a_case_handed_on_waits_to_be_opened_again():
    head = a_head(status=Status.IN_HAND, opened_at=START, acknowledged_at=START, escalations=2)

    moved = after(head, an_event(EventKind.EXCLUDED, person="amy", handed_to=["ben"]))

    assert (moved.status, moved.opened_at, moved.acknowledged_at) == (Status.RECEIVED, None, None)


def test_an_alleged_person_of_the_school_is_kept_out():
    access = Access(full=("amy", "ben"))

    recorded = an_event(EventKind.PERSON_RECORDED, role="alleged", person="ben")

    assert access_after(access, recorded) == Access(full=("amy",), excluded=("ben",))


def test_a_live_case_is_one_that_is_kept_and_not_over():
    assert LIVE | {Status.CLOSED, Status.MERGED} == KEPT
