"""The store's time goes on where the machine's was put back."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.moments import PACE, Moments

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_is_the_time_of_the_machine_unless_the_log_ends_later():
    assert Moments().after(NOON, NOON - HOUR) == NOON


def test_it_begins_at_the_end_of_the_log_and_goes_on_from_there():
    moments = Moments()

    assert moments.after(NOON, NOON + HOUR) == NOON + HOUR
    assert moments.after(NOON + HOUR / 2, NOON + HOUR) == NOON + HOUR + HOUR / 2 * PACE


def test_it_comes_right_again():
    moments = Moments()
    moments.after(NOON, NOON + HOUR)

    assert moments.after(NOON + 11 * HOUR, NOON + 10 * HOUR) == NOON + 11 * HOUR


def test_a_clock_put_back_twice_starts_from_the_end_of_the_log_each_time():
    moments = Moments()
    moments.after(NOON, NOON + HOUR)

    assert moments.after(NOON - HOUR, NOON + 2 * HOUR) == NOON + 2 * HOUR
    assert moments.after(NOON, NOON + 2 * HOUR) == NOON + 2 * HOUR + HOUR * PACE


@settings(max_examples=60, derandomize=True)
@given(st.lists(st.tuples(st.integers(-400, 400), st.booleans()), max_size=30))
def test_it_never_goes_before_the_log_however_the_machine_is_put(steps):
    moments, machine, end = Moments(), NOON, NOON

    for minutes, writes in steps:
        machine += timedelta(minutes=minutes)
        now = moments.after(machine, end)
        assert now >= max(machine, end)
        end = now if writes else end
