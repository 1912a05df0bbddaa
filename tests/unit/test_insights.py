from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import insights
from bot.domain.schools import Hours

TERMS = (
    (date(2026, 9, 2), date(2026, 10, 23)),
    (date(2026, 11, 2), date(2026, 12, 18)),
    (date(2027, 1, 4), date(2027, 3, 26)),
)
COUNTS = st.lists(st.integers(0, 8), min_size=1, max_size=4)


def table(*counts):
    return insights.table({f"n{at}": count for at, count in enumerate(counts)})


def counts(*given_counts):
    return [cell.count for cell in table(*given_counts).cells]


def seen(numbers):
    """All that a reader sees of *numbers*: the total, what is shown, and whether more is hidden."""
    found = table(*numbers)
    return insights.shown(sum(numbers)), [cell.count for cell in found.cells], found.more


@pytest.mark.parametrize(
    ("given_counts", "expected", "more"),
    [
        ((12, 9, 6), [12, 9, 6], False),
        ((12, 3, 4), [12, None, None], False),
        ((12, 9, 3), [12, None, None], True),
        ((12, 9, 9, 0), [12, None, None, None], True),
        ((12, 4, 4, 7), [12, None, None, None], True),
        ((12, 0, 0, 7), [12, None, None, None], True),
        ((4, 4), [None, None], True),
        ((2, 2), [None, None], False),
        ((0,), [None], False),
        ((5,), [5], False),
    ],
)
def test_a_number_below_five_is_hidden_and_a_second_one_where_the_total_would_give_it_away(
    given_counts, expected, more
):
    assert (counts(*given_counts), table(*given_counts).more) == (expected, more)


@given(COUNTS)
def test_no_number_below_five_is_ever_shown(numbers):
    assert all(count is None or count >= 5 for count in counts(*numbers))


@given(COUNTS)
def test_no_hidden_number_can_be_worked_out_from_what_is_shown(numbers):
    total, found, more = seen(numbers)
    hidden = [at for at, count in enumerate(found) if count is None]

    rest = sum(numbers) - sum(count for count in found if count is not None)
    sums = range(5) if total is None else [rest]
    others = (
        {**dict(enumerate(found)), **dict(zip(hidden, guess, strict=True))}
        for guess in product(range(max(sums) + 1), repeat=len(hidden))
        if sum(guess) in sums
    )
    alike = [list(each.values()) for each in others if seen(list(each.values())) == (total, found, more)]

    assert numbers in alike
    assert all(len({each[at] for each in alike}) > 1 for at in hidden)


@given(COUNTS)
def test_the_words_fewer_than_five_are_true_wherever_they_stand(numbers):
    found = table(*numbers)

    if not found.more:
        assert all(
            number < 5 for number, cell in zip(numbers, found.cells, strict=True) if cell.count is None
        )


def test_a_tally_has_what_is_known_in_its_order_with_noughts():
    assert insights.tally(["b", "b", "z"], ["a", "b"]) == {"a": 0, "b": 2, "z": 1}


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        (date(2026, 10, 28), date(2026, 9, 2), date(2027, 1, 3)),
        (date(2026, 12, 31), date(2026, 9, 2), date(2027, 1, 3)),
        (date(2027, 1, 4), date(2027, 1, 4), date(2027, 3, 31)),
        (date(2026, 8, 30), date(2026, 7, 1), date(2026, 9, 1)),
        (date(2027, 5, 1), date(2027, 4, 1), date(2027, 6, 30)),
    ],
)
def test_a_term_has_its_half_terms_and_the_holiday_after_it_and_a_quarter_what_is_left(day, first, last):
    found = insights.period_at(Hours(terms=TERMS), day)

    assert (found.first, found.last) == (first, last)


@given(st.dates(date(2026, 1, 1), date(2028, 1, 1)))
def test_every_day_is_in_one_period_alone(day):
    hours = Hours(terms=TERMS)
    found = insights.period_at(hours, day)

    assert found.holds(day)
    assert insights.period_at(hours, found.first) == insights.period_at(hours, found.last) == found


def test_without_terms_the_periods_are_quarters_newest_first_and_no_more_than_twelve():
    found = insights.periods(Hours(), date(2026, 5, 3), date(2026, 11, 21))

    assert [each.words for each in found] == [
        "1 October to 31 December 2026",
        "1 July to 30 September 2026",
        "1 April to 30 June 2026",
    ]
    assert len(insights.periods(Hours(), date(1999, 1, 1), date(2026, 11, 21))) == 12


def test_a_term_says_that_its_holiday_is_in_it():
    assert insights.period_at(Hours(terms=TERMS), date(2026, 9, 9)).words == (
        "2 September 2026 to 3 January 2027, term and holiday"
    )


def test_the_months_of_a_period_end_with_this_one():
    period = insights.period_at(Hours(terms=TERMS), date(2026, 9, 9))

    assert [each.month for each in insights.months(period, date(2026, 11, 21))] == [9, 10, 11]
    assert [each.month for each in insights.months(period, date(2027, 5, 1))] == [9, 10, 11, 12, 1]


def test_how_long_cases_waited_is_shown_of_five_and_more():
    spans = [timedelta(hours=each) for each in (1, 2, 3, 4, 50)]

    assert insights.wait("urgent", spans[:4]) == insights.Wait("urgent", None, None)
    assert insights.wait("urgent", spans) == insights.Wait("urgent", timedelta(hours=3), timedelta(days=3))


@pytest.mark.parametrize(
    ("span", "told"),
    [
        (timedelta(seconds=1), timedelta(minutes=15)),
        (timedelta(minutes=16), timedelta(minutes=30)),
        (timedelta(minutes=61), timedelta(hours=2)),
        (timedelta(hours=25), timedelta(days=2)),
        (timedelta(days=6, hours=3), timedelta(days=7)),
        (timedelta(0), timedelta(minutes=15)),
    ],
)
def test_the_slowest_wait_is_told_so_roughly_that_it_is_nobodys(span, told):
    found = insights.wait("urgent", [timedelta(0)] * 4 + [span])

    assert found.slowest == told
