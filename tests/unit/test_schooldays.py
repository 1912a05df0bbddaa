"""What a day is to a school, by the clock in London."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schooldays import (
    DayKind,
    is_school_day,
    kind,
    next_school_day,
    next_school_day_end,
    next_school_day_start,
)
from bot.domain.schools import Hours

TERMS = Hours(
    time(8, 15),
    time(15, 10),
    ((date(2026, 9, 2), date(2026, 10, 23)), (date(2026, 11, 2), date(2026, 12, 18))),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2026, 9, 1), False),
        (date(2026, 9, 2), True),
        (date(2026, 10, 23), True),
        (date(2026, 10, 24), False),
        (date(2026, 10, 28), False),
        (date(2026, 11, 2), True),
        (date(2026, 11, 7), False),
    ],
)
def test_a_school_day_is_a_weekday_in_term(day, expected):
    assert is_school_day(TERMS, day) is expected


def test_without_terms_every_weekday_is_a_school_day():
    assert is_school_day(Hours(), date(2026, 8, 5))
    assert not is_school_day(Hours(), date(2026, 8, 8))


@pytest.mark.parametrize("day", [date(2027, 3, 3), date(2026, 3, 4)])
def test_a_day_that_no_listed_term_is_near_is_not_taken_for_a_holiday(day):
    assert is_school_day(TERMS, day)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (datetime(2026, 11, 6, 12, tzinfo=UTC), DayKind.SCHOOL_DAY),
        (datetime(2026, 11, 7, 12, tzinfo=UTC), DayKind.WEEKEND),
        (datetime(2026, 10, 28, 12, tzinfo=UTC), DayKind.HOLIDAYS),
        (datetime(2026, 10, 31, 12, tzinfo=UTC), DayKind.HOLIDAYS),
        # London is an hour ahead of UTC in summer: Friday night there is still Friday.
        (datetime(2026, 9, 4, 22, 59, tzinfo=UTC), DayKind.SCHOOL_DAY),
        (datetime(2026, 9, 4, 23, 0, tzinfo=UTC), DayKind.WEEKEND),
    ],
)
def test_a_day_is_a_school_day_a_weekend_or_of_the_holidays(at, expected):
    assert kind(TERMS, at) is expected


def test_the_next_school_day_leaves_out_weekends_and_holidays():
    assert next_school_day(TERMS, datetime(2026, 10, 23, 12, tzinfo=UTC)) == date(2026, 11, 2)


def test_the_next_school_day_begins_and_ends_with_the_school_s_own_hours():
    friday = datetime(2026, 9, 4, 12, tzinfo=UTC)

    assert next_school_day_start(TERMS, friday) == datetime(2026, 9, 7, 7, 15, tzinfo=UTC)
    assert next_school_day_end(TERMS, friday) == datetime(2026, 9, 7, 14, 10, tzinfo=UTC)


def test_a_school_without_hours_has_the_usual_ones():
    friday = datetime(2026, 11, 6, 12, tzinfo=UTC)

    assert next_school_day_end(Hours(), friday) == datetime(2026, 11, 9, 15, 30, tzinfo=UTC)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))
def test_the_next_school_day_is_always_ahead_and_never_farther_than_a_long_holiday(at):
    end = next_school_day_end(TERMS, at)

    assert at < end < at + timedelta(weeks=11)
    assert kind(TERMS, end) is DayKind.SCHOOL_DAY
