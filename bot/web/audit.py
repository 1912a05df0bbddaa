"""The audit log for the head, and for whoever is told in the head's place: who did what, and is it whole."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from bot.domain.audit import AuditKind, AuditRow
from bot.domain.cases import EventKind
from bot.domain.moves import REPORTER, STAFFROOM
from bot.domain.notice_details import OWN_WORDS, REASONS
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.overseeing import Sought
from bot.web.checking import Found, told
from bot.web.pages import Here, May, Page, go, show

MONTHS = 24
OTHERS = {REPORTER: "a reporter", STAFFROOM: "Staffroom itself"}
_EVENTS = {kind.value for kind in EventKind}


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it is shown."""

    at: str
    who: str
    what: str
    case: str


def log(here: Here) -> Response:
    """The rows of a month, the last first."""
    sought = _sought(here)
    found = here.parts.overseeing.rows(here.signed_in.school, here.signed_in.person, sought)
    names = _names(here.school)
    return show(
        here,
        "audit.html",
        lines=[_line(row, names) for row in found.rows],
        found=found,
        sought=sought,
        months=_months(here),
        names=names,
        kinds=tuple(AuditKind),
        at=lambda page: _address(sought, page),
        is_head=here.allows(May.HEAD),
    )


def openings(here: Here) -> Response:
    """Who opened what in a month, and why; nobody's own words of a reason, for these may tell of a case."""
    month = _month(here)
    found = here.parts.overseeing.openings(here.signed_in.school, here.signed_in.person, month)
    names = _names(here.school)
    newest = sorted(found, key=lambda each: each.at, reverse=True)
    lines = [
        (_when(each.at), names.get(each.person, each.person), each.case, _why(each.why)) for each in newest
    ]
    return show(
        here,
        "audit_openings.html",
        lines=lines,
        month=month,
        months=_months(here),
        is_head=here.allows(May.HEAD),
    )


def verify(here: Here) -> Response:
    """Whether the log is whole, as far as was checked."""
    return _verify(here, None)


def check(here: Here) -> Response:
    """Look now: quickly, or at everything, in a thread of its own."""
    parts, who = here.parts, here.signed_in
    if here.said("how") == "whole" and parts.walk:
        parts.overseeing.checked(who.school, who.person, "everything, begun")
        parts.checks.begin(parts.walk, parts.clock, lambda found: _finished(here, found))
        return go("/audit/verify")
    if parts.recent_faults is None:
        return _verify(here, None)
    found = Found(parts.clock(), told(parts.recent_faults()))
    parts.overseeing.checked(who.school, who.person, f"quick look, {found.words}")
    return _verify(here, found)


def _finished(here: Here, found: Found) -> None:
    who = here.signed_in
    here.parts.overseeing.checked(who.school, who.person, f"everything, {found.words}")


def _verify(here: Here, quick: Found | None) -> Response:
    parts = here.parts
    return show(
        here,
        "audit_verify.html",
        quick=quick,
        checks=parts.checks,
        can_look=parts.recent_faults is not None,
        can_walk=parts.walk is not None,
        when=_when,
    )


def _sought(here: Here) -> Sought:
    kind, page = here.asked("kind"), here.asked("page")
    return Sought(
        _month(here),
        here.asked("person"),
        AuditKind(kind) if kind in set(AuditKind) else None,
        int(page) if page.isdecimal() and len(page) < 6 else 1,
    )


def _address(sought: Sought, page: int) -> str:
    asked = {"month": f"{sought.month:%Y-%m}", "person": sought.actor, "kind": sought.kind or ""}
    return f"/audit?{urlencode({name: value for name, value in asked.items() if value} | {'page': page})}"


def _month(here: Here) -> date:
    """The month that the address asks for, one of `_months`; else this one."""
    months = {f"{each:%Y-%m}": each for each in _months(here)}
    return months.get(here.asked("month"), next(iter(months.values())))


def _months(here: Here) -> list[date]:
    """The months that can be asked for, the last first."""
    found = [local(here.parts.clock()).date().replace(day=1)]
    while len(found) < MONTHS:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found


def _names(school: School) -> dict[str, str]:
    return {**{each.id: each.name or each.id for each in school.people}, **OTHERS}


def _line(row: AuditRow, names: dict[str, str]) -> Line:
    # The detail of an event is its kind; of anything else it is not for here.
    is_event = row.kind is AuditKind.EVENT and row.detail in _EVENTS
    what = row.detail if is_event else row.kind.value
    return Line(_when(row.at), names.get(row.actor, row.actor), what, row.case)


def _when(at: datetime) -> str:
    shown = local(at)
    return f"{shown.day} {shown:%b, %H:%M}"


def _why(why: str) -> str:
    return why if why in (*REASONS, "") else OWN_WORDS


PAGES = (
    Page("/audit", May.OVERSEER, get=log),
    Page("/audit/openings", May.OVERSEER, get=openings),
    Page("/audit/verify", May.HEAD, get=verify, post=check),
)
