"""The clocks of a case: nothing that is filed or opened ends in silence."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.cases import Head, Status
from bot.domain.clock import (
    action_due,
    after_step,
    daily_from,
    first_step_due,
    next_clock,
    safe_first,
    step_due,
)
from bot.domain.facts import Facts
from bot.domain.routing import decide, next_to_tell
from bot.domain.triage import Form
from tests.fakes import a_school

MONDAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 6, 15, tzinfo=UTC)
TERMS = {"terms": [["2026-09-02", "2026-10-23"], ["2026-11-02", "2026-12-18"]]}
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))


def a_head(**changes):
    plain = Head("c1", "fernhill", Form.CONCERN, False, Status.RECEIVED, MONDAY, 1)
    return replace(plain, **changes)


def test_safety_18_an_urgent_case_waits_fifteen_minutes_day_and_night():
    sunday = datetime(2026, 11, 8, 3, tzinfo=UTC)

    assert first_step_due(a_school(), True, sunday) == sunday + timedelta(minutes=15)


def test_safety_18_another_case_waits_twenty_four_hours_in_the_week():
    assert first_step_due(a_school(), False, MONDAY) == MONDAY + timedelta(hours=24)


def test_safety_18_over_a_weekend_it_is_seventy_two_hours():
    assert first_step_due(a_school(), False, FRIDAY) == FRIDAY + timedelta(hours=72)


@pytest.mark.parametrize(
    ("filed", "due"),
    [
        ("2026-11-07T10:00", "2026-11-10T00:00"),
        ("2026-11-08T23:59", "2026-11-10T00:00"),
        ("2026-11-06T00:00", "2026-11-07T00:00"),
        ("2026-11-06T00:01", "2026-11-09T00:01"),
        # The clocks go forward in the night to 29 March 2026, and back in the night to 25 October.
        ("2026-03-27T15:00", "2026-03-30T14:00"),
        ("2026-03-29T12:00", "2026-03-30T23:00"),
        ("2026-10-23T14:00", "2026-10-26T14:00"),
        ("2026-10-25T00:30", "2026-10-27T00:00"),
        # A Friday evening in London's summer is no weekend yet.
        ("2026-07-03T22:30", "2026-07-06T22:30"),
    ],
)
def test_safety_18_saturdays_and_sundays_in_london_do_not_count_for_the_non_urgent(filed, due):
    at = datetime.fromisoformat(filed).replace(tzinfo=UTC)

    assert first_step_due(a_school(), False, at) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_safety_18_the_clock_runs_on_in_the_holidays():
    school = a_school(hours=TERMS, cover={"holidays": "deputy_dsl"})
    holiday = datetime(2026, 10, 27, 9, tzinfo=UTC)

    assert first_step_due(school, False, holiday) == holiday + timedelta(hours=24)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(MOMENTS, st.booleans())
def test_safety_18_each_step_is_later_than_the_one_before_and_never_waits_longer_than_its_rule(at, urgent):
    longest = timedelta(minutes=15) if urgent else timedelta(hours=72)
    shortest = timedelta(minutes=15) if urgent else timedelta(hours=24)

    dues = [step_due(a_school(), urgent, at, step) for step in range(8)]

    assert dues[0] == at
    assert all(shortest <= later - earlier <= longest for earlier, later in pairwise(dues))


def test_safety_18_once_all_are_told_the_reminders_are_daily():
    assert daily_from(a_school(), True, FRIDAY) == FRIDAY + timedelta(days=1)
    assert daily_from(a_school(), False, MONDAY) == MONDAY + timedelta(days=1)
    assert daily_from(a_school(), False, FRIDAY) == FRIDAY + timedelta(days=3)


def test_safety_18_the_first_action_on_an_urgent_case_is_due_in_an_hour():
    assert action_due(a_school(), True, FRIDAY) == FRIDAY + timedelta(hours=1)


@pytest.mark.parametrize(
    ("acknowledged", "due"),
    [
        (MONDAY, date(2026, 11, 3)),
        (FRIDAY, date(2026, 11, 9)),
        (FRIDAY + timedelta(days=1), date(2026, 11, 9)),
    ],
)
def test_safety_18_the_first_action_on_another_case_is_due_by_the_end_of_the_next_school_day(
    acknowledged, due
):
    school = a_school(hours={"open": "08:15", "close": "15:10"})

    assert action_due(school, False, acknowledged) == datetime(
        due.year, due.month, due.day, 15, 10, tzinfo=UTC
    )


def test_in_the_holidays_the_first_action_waits_for_term_unless_somebody_covers():
    last_day = datetime(2026, 10, 23, 12, tzinfo=UTC)
    covered = a_school(hours=TERMS, cover={"holidays": "deputy_dsl"})

    assert action_due(a_school(hours=TERMS), False, last_day) == datetime(2026, 11, 2, 15, 30, tzinfo=UTC)
    assert action_due(covered, False, last_day) == datetime(2026, 10, 26, 15, 30, tzinfo=UTC)


def test_safety_18_an_unopened_case_waits_for_its_next_step():
    head = a_head(urgent=True, escalations=2)

    assert next_clock(a_school(), head) == MONDAY + timedelta(minutes=45)


def test_safety_18_an_acknowledged_case_waits_for_its_first_action():
    head = a_head(urgent=True, status=Status.OPENED, opened_at=MONDAY, acknowledged_at=FRIDAY)

    assert next_clock(a_school(), head) == FRIDAY + timedelta(hours=1)


def test_safety_18_a_case_opened_and_never_acknowledged_is_not_left_in_silence():
    head = a_head(urgent=True, status=Status.OPENED, opened_at=FRIDAY)

    assert next_clock(a_school(), head) == FRIDAY + timedelta(hours=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Status.IN_HAND, "opened_at": MONDAY, "acknowledged_at": MONDAY, "first_action_at": FRIDAY},
        {"status": Status.CLOSED},
        {"status": Status.MERGED},
        {"status": Status.DELETED},
    ],
)
def test_a_case_that_waits_for_nobody_has_no_clock(changes):
    assert next_clock(a_school(), a_head(**changes)) is None


def test_safety_18_whoever_is_told_late_has_the_whole_wait_all_the_same():
    late = MONDAY + timedelta(hours=5)

    assert after_step(a_school(), a_head(urgent=True, escalations=1), late, True) == late + timedelta(
        minutes=15
    )


def test_safety_18_after_the_last_of_the_chain_an_urgent_case_is_reminded_of_daily_and_no_oftener():
    head, at = a_head(urgent=True, escalations=3), MONDAY + timedelta(minutes=45)

    for _ in range(3):
        again = after_step(a_school(), head, at, False)
        assert again == at + timedelta(days=1)
        # A reminder counts as a step of the clock as well.
        head, at = replace(head, escalations=head.escalations + 1), again


def test_a_clock_that_looks_too_early_waits_for_the_time_that_was_set():
    early = MONDAY + timedelta(minutes=5)

    assert after_step(a_school(), a_head(urgent=True), early, True) == MONDAY + timedelta(minutes=15)


def test_safety_18_an_action_that_is_overdue_is_asked_for_daily():
    head = a_head(urgent=True, status=Status.OPENED, opened_at=MONDAY)
    late = MONDAY + timedelta(hours=2)

    assert after_step(a_school(), head, late, True) == late + timedelta(days=1)


FACTS = st.builds(
    Facts,
    form=st.sampled_from(Form),
    urgent=st.booleans(),
    pupil_involved=st.booleans(),
    about_adult=st.booleans(),
    abuse_of_staff=st.booleans(),
    own_slip=st.booleans(),
    radicalisation=st.booleans(),
)
PERSONS = st.sets(st.sampled_from(["amy", "ben", "cat", "dan"]))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(FACTS, PERSONS, PERSONS, MOMENTS)
def test_safety_18_stepping_the_clock_tells_everyone_left_or_shows_numbers_and_never_stops(
    facts, concerned, absent, filed
):
    school = a_school(hours=TERMS, cover={"weekend": "deputy_dsl", "holidays": "head"})
    access = decide(school, facts, concerned, filed, absent).access
    head = a_head(form=facts.form, urgent=facts.urgent, filed_at=filed)
    told, ticks = set(access.full), [filed]

    due = next_clock(school, head)
    for _ in range(8):
        ticks.append(due)
        person = next_to_tell(access, told)
        told |= {person} - {""}
        head = replace(head, escalations=head.escalations + bool(person))
        due = after_step(school, head, due, bool(next_to_tell(access, told)))

    assert all(earlier < later for earlier, later in pairwise(ticks))
    assert told == {*access.full, *access.chain}
    assert not told & concerned
    assert told - absent or access.outside


def test_safety_18_a_clock_set_by_steps_alone_meets_the_rule_to_the_minute():
    access = decide(a_school(), Facts(Form.CONCERN, urgent=True, pupil_involved=True), (), MONDAY).access
    head, at, told = a_head(urgent=True), MONDAY, []

    for _ in access.chain:
        at = next_clock(a_school(), head)
        told.append((next_to_tell(access, [each for each, _ in told]), at))
        head = replace(head, escalations=head.escalations + 1)

    quarter = timedelta(minutes=15)
    assert told == [
        ("ben", MONDAY + quarter),
        ("cat", MONDAY + 2 * quarter),
        ("dan", MONDAY + 3 * quarter),
    ]


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("a pupil has a knife", "amy"),
        ("the DSL has hit a pupil", "ben"),
        ("Amy Ash and the deputy DSL were there", "cat"),
        ("the DSL, the deputy DSL and the head", "dan"),
        ("the DSL, the deputy DSL, the head and the chair of governors", ""),
    ],
)
def test_safety_8_the_first_safe_contact_is_nobody_whom_the_text_mentions(text, person):
    assert safe_first(a_school(), text) == person


def test_safety_8_a_head_who_is_the_dsl_is_passed_over_under_either_name():
    school = a_school(people={"dsl": ["cat"], "head": ["cat"], "chair": ["dan"]})

    assert safe_first(school, "the head has hit a pupil") == "dan"


def test_safety_8_nobody_is_told_to_ring_themselves():
    assert safe_first(a_school(), "a pupil has a knife", sender="amy") == "ben"
