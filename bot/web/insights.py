"""Figures for governors: how many cases, where, when, and how soon somebody opened them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response

from bot.counting import CHARTS, NOT_SAID, OTHER, URGENT, Figures
from bot.domain.insights import FEWEST, Cell, Table
from bot.errors import NotAllowed
from bot.web import charts
from bot.web.charts import Bar
from bot.web.pages import Here, May, Page, show

FORMS = {"friend-request": "Friend request", "trolling": "Online abuse", "concern": "Worry about a child"}
"""Form → what happened, in so few words that they fit beside a bar."""
TITLES = {"form": "What it was about", "where": "Where it happened", "month": "When it was reported"}
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
    return show(
        here,
        "insights.html",
        found=found,
        drawn=drawn,
        hidden=any(not table.whole for table in found.tables.values()),
        more=any(each.more for each in drawn),
        few=FEW,
        waits=_waits(found),
        day=_spoken,
        width=charts.WIDTH,
        **_for_head(here, found),
    )


def picture(here: Here) -> Response:
    """One chart; the same numbers stand in the table beside it."""
    name, day = here.path("chart"), _day(here.asked("from"))
    if name not in CHARTS or day is None:
        raise NotAllowed("no such chart", "There is no such picture here.")
    signed_in = here.signed_in
    cells = here.parts.counting.chart(signed_in.school, signed_in.person, day, name)
    ink = charts.DARK if here.asked("dark") else charts.LIGHT
    drawn = charts.drawn(TITLES[name], _bars(here, name, cells) or [Bar(KEPT_BACK, None)], ink)
    return Response(drawn, media_type="image/svg+xml")


def duration(span: timedelta) -> str:
    """*span* in its two largest units: "4 minutes", "3 hours 5 minutes", "2 days 1 hour"."""
    minutes = max(0, int(span.total_seconds() // 60))
    units = (("day", minutes // 1440), ("hour", minutes // 60 % 24), ("minute", minutes % 60))
    said = [f"{count} {unit}" if count == 1 else f"{count} {unit}s" for unit, count in units if count]
    return " ".join(said[:2]) or "under a minute"


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
