"""School days, weekends and holidays as a school's `[hours]` give them, by the clock in London. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bot.domain.schools import Hours

USUAL_OPEN = time(8, 30)
USUAL_CLOSE = time(15, 30)
"""Where `[hours]` gives no times of its own."""

LONGEST_HOLIDAY = timedelta(weeks=10)
"""No school is shut for longer; a longer gap means that the terms listed are out of date."""

_DAY = timedelta(days=1)
_SATURDAY = 5


class DayKind(StrEnum):
    """What a day is to a school; a Saturday in the holidays is of the holidays."""

    SCHOOL_DAY = "school day"
    WEEKEND = "weekend"
    HOLIDAYS = "holidays"


def local(at: datetime) -> datetime:
    """*at*, which must be aware, by the clock in London."""
    return at.astimezone(ZoneInfo("Europe/London"))


def moment(day: date, at: time) -> datetime:
    """That time of *day* in London, as UTC."""
    return datetime.combine(day, at, ZoneInfo("Europe/London")).astimezone(UTC)


def is_weekend(day: date) -> bool:
    """Whether *day* is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY


def in_holidays(hours: Hours, day: date) -> bool:
    """
    Whether *day* lies between the terms.

    Without terms there are no holidays, and none after the last term that is listed or long before the
    first: an old list must not stop anybody's clock.
    """
    if any(first <= day <= last for first, last in hours.terms):
        return False
    return any(day < first <= day + LONGEST_HOLIDAY for first, _ in hours.terms)


def is_school_day(hours: Hours, day: date) -> bool:
    """Whether *day* is a weekday in term; without terms, whether it is a weekday."""
    return not is_weekend(day) and not in_holidays(hours, day)


def kind(hours: Hours, at: datetime) -> DayKind:
    """What the day in London is at *at*, which must be aware."""
    day = local(at).date()
    if in_holidays(hours, day):
        return DayKind.HOLIDAYS
    return DayKind.WEEKEND if is_weekend(day) else DayKind.SCHOOL_DAY


def next_school_day(hours: Hours, at: datetime) -> date:
    """The first school day after the day in London at *at*."""
    day = local(at).date() + _DAY
    while not is_school_day(hours, day):
        day += _DAY
    return day


def next_school_day_start(hours: Hours, at: datetime) -> datetime:
    """When school opens on the next school day after that of *at*, as UTC."""
    return moment(next_school_day(hours, at), hours.open or USUAL_OPEN)


def next_school_day_end(hours: Hours, at: datetime) -> datetime:
    """When school closes on the next school day after that of *at*, as UTC."""
    return moment(next_school_day(hours, at), hours.close or USUAL_CLOSE)
