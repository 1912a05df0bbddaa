"""A case as a picture: what happened on a line of time, a row for each who did it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cases import EventKind, Head
from bot.domain.moves import REPORTER, STAFFROOM
from bot.domain.schooldays import local
from bot.domain.views import CaseView, Entry

WIDTH, ROW, LEFT, RIGHT, TOP = 720, 44, 128, 24, 18
NEAREST = 15
"""Marks nearer to each other than this are drawn as one with a number."""
ROWS = ("The reporter", "School", "Staffroom")
_KEY = {
    EventKind.FILED: "strong",
    EventKind.OPENED: "good",
    EventKind.ACKNOWLEDGED: "good",
    EventKind.CLOSED: "good",
    EventKind.DECIDED: "strong",
    EventKind.REFERRED: "strong",
    EventKind.ESCALATED: "stop",
    EventKind.EVIDENCE_LOCKED: "stop",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """What happened at one place of the picture."""

    x: int
    y: int
    kind: str
    words: str
    """What a pointer that rests on it is told."""
    count: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A day, or a time of day, below the picture."""

    x: int
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template draws."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    due: int | None
    """Where the clock looks next, None where it waits for nothing."""
    now: int
    height: int
    said: str
    """What is said to whoever does not see it."""


@dataclass(frozen=True, slots=True)
class _Scale:
    first: datetime
    last: datetime

    def x(self, at: datetime) -> int:
        span, there = self.last - self.first, min(max(at, self.first), self.last)
        return LEFT + round((WIDTH - LEFT - RIGHT) * ((there - self.first) / span))


def drawn(view: CaseView, now: datetime) -> Picture:
    """The picture of *view* up to *now*, or to when the clock looks next."""
    head, entries = view.head, view.chronology
    ends = [entry.at for entry in entries] + [head.clock_at or now, now if _goes_on(head) else entries[-1].at]
    scale = _Scale(head.filed_at, max(*ends, head.filed_at + timedelta(minutes=1)))
    marks = tuple(_joined(entries, scale))
    return Picture(
        marks=marks,
        ticks=_ticks(scale),
        due=scale.x(head.clock_at) if head.clock_at else None,
        now=scale.x(now),
        height=TOP + ROW * len(ROWS) + 26,
        said=_said(view),
    )


def _goes_on(head: Head) -> bool:
    return head.closed_at is None


def _joined(entries: Iterable[Entry], scale: _Scale) -> Iterable[Mark]:
    """A mark for each entry; those that would lie on each other are one, with the most telling colour."""
    rows: dict[int, list[Mark]] = {}
    for entry in entries:
        row = _row(entry.by)
        mark = Mark(scale.x(entry.at), TOP + ROW * row + ROW // 2, _kind(entry), _words(entry), 1)
        there = rows.setdefault(row, [])
        if there and mark.x - there[-1].x < NEAREST:
            there[-1] = _together(there[-1], mark)
        else:
            there.append(mark)
    return [mark for row in sorted(rows) for mark in rows[row]]


def _together(one: Mark, other: Mark) -> Mark:
    kind = next((each for each in ("stop", "good", "strong") if each in (one.kind, other.kind)), "")
    return Mark(one.x, one.y, kind, f"{one.words}; {other.words}", one.count + 1)


def _row(by: str) -> int:
    return {REPORTER: 0, STAFFROOM: 2}.get(by, 1)


def _kind(entry: Entry) -> str:
    return _KEY.get(entry.kind, "")


def _words(entry: Entry) -> str:
    shown = local(entry.at)
    return f"{shown.day} {shown:%b, %H:%M}: {entry.kind.value}"


def _ticks(scale: _Scale) -> tuple[Tick, ...]:
    """The first and the last moment, and the middle where there is room between days."""
    same_day = local(scale.first).date() == local(scale.last).date()
    middle = scale.first + (scale.last - scale.first) / 2
    return tuple(
        Tick(scale.x(at), _moment(at, same_day), anchor)
        for at, anchor in ((scale.first, "start"), (middle, "middle"), (scale.last, "end"))
    )


def _moment(at: datetime, same_day: bool) -> str:
    shown = local(at)
    return f"{shown:%H:%M}" if same_day else f"{shown.day} {shown:%b, %H:%M}"


def _said(view: CaseView) -> str:
    head, count = view.head, len(view.chronology)
    opened = (
        "nobody has opened it" if head.opened_at is None else f"opened on {_moment(head.opened_at, False)}"
    )
    closed = f", closed on {_moment(head.closed_at, False)}" if head.closed_at else ""
    filed = _moment(head.filed_at, False)
    return f"{count} things on a line of time: filed on {filed}, {opened}{closed}. The list below has each."
