"""
Figures about many cases: terms, counts, and the numbers that stay hidden because they are small. Pure.

Whoever reads the figures knows how they are made. So a number below `FEWEST` is hidden, zero too, and where
the total would still give it away, the next larger one is hidden with it. In each table there is then another
set of numbers that would look exactly the same.
"""

from calendar import monthrange
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from bot.domain.schools import Hours

FEWEST = 5
"""The smallest number that is shown."""
MOST_PERIODS = 12
HALF_TERM = timedelta(days=10)
"""From a Friday to the Monday after the next: such a break does not end a term."""

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """A term with the holiday after it, or a quarter of a year where no term is listed."""

    first: date
    last: date
    term: bool = False

    def holds(self, day: date) -> bool:
        """Whether *day* is one of it."""
        return self.first <= day <= self.last

    @property
    def words(self) -> str:
        """From when to when: "2 September to 3 January 2027, term and holiday"."""
        year = "" if self.first.year == self.last.year else f" {self.first.year}"
        span = f"{self.first.day} {self.first:%B}{year} to {self.last.day} {self.last:%B %Y}"
        return f"{span}, term and holiday" if self.term else span


@dataclass(frozen=True, slots=True)
class Cell:
    """One number of a table; *count* is None where it is hidden."""

    name: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers that add up to the same total."""

    cells: tuple[Cell, ...] = ()
    more: bool = False
    """Whether a larger number may be hidden with the small ones, so that "fewer than 5" would be untrue."""

    @property
    def whole(self) -> bool:
        """Whether every number is shown."""
        return all(cell.count is not None for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Wait:
    """How long cases waited until they were opened, rounded up; None where there are too few of them."""

    name: str
    median: timedelta | None
    slowest: timedelta | None


def period_at(hours: Hours, day: date) -> Period:
    """The term with its holiday that *day* is in; else the part of its quarter that no term takes."""
    spans = tuple(_spans(hours))
    found = [span for span in spans if span.holds(day)]
    if found:
        return found[0]
    first, last = _quarter(day)
    before = [span.last + _DAY for span in spans if span.last < day]
    after = [span.first - _DAY for span in spans if span.first > day]
    return Period(max([first, *before]), min([last, *after]))


def periods(hours: Hours, since: date, today: date) -> tuple[Period, ...]:
    """The period of *today* and those before it, back to the one of *since*; `MOST_PERIODS` at most."""
    found = [period_at(hours, today)]
    while found[-1].first > since and len(found) < MOST_PERIODS:
        found.append(period_at(hours, found[-1].first - _DAY))
    return tuple(found)


def months(period: Period, today: date) -> tuple[date, ...]:
    """The first day of each month that *period* touches, up to the month of *today*."""
    end, found = min(period.last, today), [period.first.replace(day=1)]
    while (following := (found[-1] + timedelta(days=31)).replace(day=1)) <= end:
        found.append(following)
    return tuple(found)


def tally(names: Iterable[str], known: Iterable[str]) -> dict[str, int]:
    """How often each of *known* stands in *names*, in the order of *known*; what is not known comes last."""
    counts = dict.fromkeys(known, 0)
    for name in names:
        counts[name] = counts.get(name, 0) + 1
    return counts


def shown(count: int) -> int | None:
    """*count* as it may be shown by itself."""
    return count if count >= FEWEST else None


def table(counts: Mapping[str, int]) -> Table:
    """*counts* as they may be shown together, beside `shown` of their total."""
    total = sum(counts.values())
    small = {name for name, count in counts.items() if count < FEWEST}
    more = total >= FEWEST and bool(small) and not _ambiguous([counts[name] for name in small])
    hidden = small | (_smallest(counts, small) if more else set())
    return Table(tuple(Cell(name, None if name in hidden else count) for name, count in counts.items()), more)


def wait(name: str, spans: Collection[timedelta]) -> Wait:
    """The usual and the longest of *spans*; each is the time of one case, so it is told only roughly."""
    if len(spans) < FEWEST:
        return Wait(name, None, None)
    usual = timedelta(seconds=median(span.total_seconds() for span in spans))
    return Wait(name, _roughly(usual), _roughly(max(spans)))


def _roughly(span: timedelta) -> timedelta:
    """*span* rounded up to a quarter of an hour, past one hour to an hour, past one day to a day."""
    hour = timedelta(hours=1)
    step = hour / 4 if span <= hour else hour if span <= _DAY else _DAY
    return max(1, -(-span // step)) * step


def _ambiguous(small: Collection[int]) -> bool:
    """Whether numbers below `FEWEST` that add up to the same could be others, each of them."""
    return len(small) > 1 and 0 < sum(small) < len(small) * (FEWEST - 1)


def _smallest(counts: Mapping[str, int], small: Collection[str]) -> set[str]:
    """The smallest of the others, with all that are equal: which one it is must not depend on its place."""
    others = {name: count for name, count in counts.items() if name not in small}
    return {name for name, count in others.items() if count == min(others.values())}


def _spans(hours: Hours) -> Iterator[Period]:
    terms: list[tuple[date, date]] = []
    for first, last in sorted(hours.terms):
        if terms and first - terms[-1][1] <= HALF_TERM:
            terms[-1] = (terms[-1][0], max(last, terms[-1][1]))
        else:
            terms.append((first, last))
    following = [first - _DAY for first, _ in terms[1:]]
    for at, (first, last) in enumerate(terms):
        # An old list must not take years of cases into its last term.
        latest = _quarter(last)[1]
        until = min(following[at], latest + timedelta(days=31)) if at < len(following) else latest
        yield Period(first, max(until, last), term=True)


def _quarter(day: date) -> tuple[date, date]:
    month = (day.month - 1) // 3 * 3 + 1
    end = monthrange(day.year, month + 2)[1]
    return date(day.year, month, 1), date(day.year, month + 2, end)
