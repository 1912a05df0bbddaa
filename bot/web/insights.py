"""Figures for governors: how many cases, where, when, and how soon somebody opened them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from bot.counting import CHARTS, NOT_SAID, OTHER, URGENT, WAITS, Figures
from bot.domain.insights import FEWEST, Cell, Table, shown
from bot.domain.schools import role_name
from bot.errors import NotAllowed
from bot.web import charts
from bot.web.charts import Bar
from bot.web.pages import Here, May, Page, show
from bot.wondering import Missed

FORMS = {"friend-request": "Friend request", "trolling": "Online abuse", "concern": "Worry about a child"}
"""Form → what happened, in so few words that they fit beside a bar."""
TITLES = {"form": "What it was about", "where": "Where it happened", "month": "When it was reported"}
UNANSWERED, NOT_HELPFUL = "unanswered", "not-helpful"
TOPICS = {UNANSWERED: "Questions that no clause answers", NOT_HELPFUL: "Answers that did not help"}
"""The charts by topic, from what is counted of questions."""
WAITED = "How soon somebody opened them: the usual time"
LONGEST_LABEL = 26
MOST_TOPICS = 12
URGENCY = {URGENT: "Urgent", OTHER: "Not urgent"}
FEW, KEPT_BACK = f"fewer than {FEWEST}", "not shown"


@dataclass(frozen=True, slots=True)
class Drawn:
    """One table as it is shown, with what its picture says to those who do not see it."""

    name: str
    title: str
    rows: tuple[tuple[str, str], ...]
    """Label and number, or what stands for it."""
    more: bool
    alt: str
    """"" where there is nothing to draw."""
    height: int


def page(here: Here) -> Response:
    """The figures of one period."""
    signed_in = here.signed_in
    found = here.parts.counting.figures(signed_in.school, signed_in.person, _day(here.asked("from")))
    drawn = [_drawn(here, name, found.tables[name]) for name in CHARTS]
    missed = here.parts.wondering.missed(signed_in.school, signed_in.person, found.period)
    return show(
        here,
        "insights.html",
        found=found,
        drawn=drawn,
        hidden=any(not table.whole for table in found.tables.values()),
        more=any(each.more for each in drawn),
        few=FEW,
        ask=_who_has_more(here),
        waits=_waits(found),
        waited=_pictured(WAITS, WAITED, _wait_bars(_wait_cells(found))),
        topics=[_by_topic(name, missed) for name in TOPICS],
        day=_spoken,
        width=charts.WIDTH,
        **_for_head(here, found),
    )


def picture(here: Here) -> Response:
    """One chart; the same numbers stand in the table beside it."""
    name, day = here.path("chart"), _day(here.asked("from"))
    if name not in (*CHARTS, WAITS, *TOPICS) or day is None:
        raise NotAllowed("no such chart", "There is no such picture here.")
    title, bars = _chart(here, name, day)
    ink = charts.DARK if here.asked("dark") else charts.LIGHT
    return Response(charts.drawn(title, bars or [Bar(KEPT_BACK, None)], ink), media_type="image/svg+xml")


def _chart(here: Here, name: str, day: date) -> tuple[str, list[Bar]]:
    school, person = here.signed_in.school, here.signed_in.person
    if name in TOPICS:
        period = here.parts.counting.period(school, day)
        return TOPICS[name], _topic_bars(name, here.parts.wondering.missed(school, person, period))
    cells = here.parts.counting.chart(school, person, day, name)
    if name == WAITS:
        return WAITED, _wait_bars(cells)
    return TITLES[name], _bars(here, name, cells)


def duration(span: timedelta) -> str:
    """*span* in its two largest units: "4 minutes", "3 hours 5 minutes", "2 days 1 hour"."""
    minutes = max(0, int(span.total_seconds() // 60))
    units = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    said = [f"{count} {unit}" if count == 1 else f"{count} {unit}s" for unit, count in units if count]
    return " ".join(said[:2]) or "under a minute"


def _who_has_more(here: Here) -> str:
    """The DSL, whose figures say more than those of somebody who may open few cases; "" for a DSL."""
    holders = here.school.holders("dsl")
    if here.signed_in.person in {each.id for each in holders}:
        return ""
    names = " or ".join(each.name for each in holders if each.name)
    return f"{names}, {role_name('dsl')}" if names else f"the {role_name('dsl')}"


def _drawn(here: Here, name: str, table: Table) -> Drawn:
    hidden = KEPT_BACK if table.more else FEW
    rows = [
        (_label(here, name, cell.name), hidden if cell.count is None else str(cell.count))
        for cell in table.cells
        if cell.count is not None or name != "where"
    ]
    if name == "where" and not table.whole:
        # Which of them were named at all is not to be seen.
        rows.append(("Each other place" if rows else "Each place", hidden))
    bars = _bars(here, name, table.cells)
    said = ", ".join(f"{bar.words} {bar.count}" for bar in bars if bar.count is not None)
    alt = f"Bar chart. {TITLES[name]}: {said}." if said else ""
    return Drawn(name, TITLES[name], tuple(rows), table.more, alt, charts.height(bars))


def _pictured(name: str, title: str, bars: list[Bar], rows: tuple[tuple[str, str], ...] = ()) -> Drawn:
    """A picture whose bars stand alone: no total from which a hidden one could be worked out."""
    told = ", ".join(f"{bar.words} {bar.said or bar.count}" for bar in bars if bar.count is not None)
    alt = f"Bar chart. {title}: {told}." if told else ""
    return Drawn(name, title, rows, False, alt, charts.height(bars))


def _wait_cells(found: Figures) -> tuple[Cell, ...]:
    seconds = ((each.name, each.median) for each in found.waits)
    return tuple(Cell(name, None if span is None else int(span.total_seconds())) for name, span in seconds)


def _wait_bars(cells: tuple[Cell, ...]) -> list[Bar]:
    spans = ((each.name, each.count) for each in cells)
    return [
        Bar(URGENCY[name], seconds, duration(timedelta(seconds=seconds)))
        for name, seconds in spans
        if seconds is not None
    ]


def _by_topic(name: str, missed: tuple[Missed, ...]) -> Drawn:
    """The topics of which there were enough, the most first; of the others not even the names are shown."""
    rows = tuple((topic, str(count)) for topic, count in _counted(name, missed))
    return _pictured(name, TOPICS[name], _topic_bars(name, missed), rows)


def _topic_bars(name: str, missed: tuple[Missed, ...]) -> list[Bar]:
    return [Bar(_short(topic), count) for topic, count in _counted(name, missed)]


def _counted(name: str, missed: tuple[Missed, ...]) -> list[tuple[str, int]]:
    counts = ((each.topic, each.unanswered if name == UNANSWERED else each.not_helpful) for each in missed)
    enough = [(topic, count) for topic, count in counts if shown(count) is not None]
    return sorted(enough, key=lambda each: (-each[1], each[0]))[:MOST_TOPICS]


def _short(topic: str) -> str:
    """*topic* as it fits beside a bar; the table has it whole."""
    words = topic.partition(":")[0]
    if len(words) <= LONGEST_LABEL:
        return words
    return f"{words[: LONGEST_LABEL - 2].rpartition(' ')[0]} …"


def _bars(here: Here, name: str, cells: tuple[Cell, ...]) -> list[Bar]:
    """What can be drawn; of the months none is left out, for a gap would look like no time at all."""
    kept = [cell for cell in cells if cell.count is not None or name == "month"]
    return [Bar(_label(here, name, cell.name), cell.count) for cell in kept]


def _label(here: Here, name: str, key: str) -> str:
    if name == "month":
        return f"{date.fromisoformat(key):%B %Y}"
    platforms = {each.id: each.name for each in here.parts.platforms.known}
    labels: Mapping[str, str] = FORMS if name == "form" else {**platforms, NOT_SAID: "Not said"}
    return labels.get(key, key)


def _waits(found: Figures) -> list[tuple[str, str, str]]:
    def said(span: timedelta | None) -> str:
        return FEW if span is None else duration(span)

    return [(URGENCY[each.name], said(each.median), said(each.slowest)) for each in found.waits]


def _for_head(here: Here, found: Figures) -> dict[str, Any]:
    """What the policy owner alone sees: which clauses did not help, and what staff asked to be told."""
    if not found.for_head:
        return {"not_helpful": (), "questions": ()}
    signed_in = here.signed_in
    counts = here.parts.wondering.counts(signed_in.school, signed_in.person)
    often = sorted((no, clause) for clause, (_, no) in counts.items() if no >= FEWEST)
    asked = here.parts.wondering.listed(signed_in.school, signed_in.person)
    return {
        "not_helpful": [(clause or "No clause was found", count) for count, clause in reversed(often)],
        "questions": tuple(reversed(asked)),
    }


def _day(asked: str) -> date | None:
    try:
        return date.fromisoformat(asked)
    except ValueError:
        return None


def _spoken(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


PAGES = (
    Page("/insights", May.PERSON, get=page),
    Page("/insights/{chart}.svg", May.PERSON, get=picture),
)
