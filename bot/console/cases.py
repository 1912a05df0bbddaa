"""The commands that show cases: the list, and one case."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.casework.room import may_open
from bot.console.acting import (
    Acting,
    Asked,
    Reason,
    acting,
    asking,
)
from bot.console.case_view import case_json, draw_case, draw_head, draw_list, head_json
from bot.console.lines import to_json
from bot.console.plain import plain_json
from bot.console.render import console_for
from bot.console.rooms import AsJson
from bot.domain.audit import AuditKind
from bot.domain.cases import Head, Status, Wanted
from bot.errors import UnknownCase

_PAGE = 200
_EVERY = tuple(Status)


def register(app: typer.Typer) -> None:
    """Add `cases` to *app*."""
    app.command()(cases)


@asking
def cases(
    asked: Asked,
    case: Annotated[str, typer.Argument(help="One case; without it, the list.", show_default=False)] = "",
    reason: Reason = "",
    ended: Annotated[bool, typer.Option("--all", help="Also those that are closed or merged.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    List the cases that a person may open, or show one.

    Example: staffroom cases --as cop-dsl
    """
    doing = "cases, one" if case else "cases, the list"
    with acting(asked, case, doing, quiet=as_json) as at:
        if case:
            _show(at, reason, as_json)
        else:
            heads = heads_of(at, _EVERY if ended else Wanted().statuses)
            if as_json:
                typer.echo(plain_json(to_json([head_json(head) for head in heads], indent=1)))
            else:
                draw_list(console_for(), at.school, heads, datetime.now(UTC))


def _show(at: Acting, reason: str, as_json: bool) -> None:
    """In real mode the case is not opened: nobody has read it who has seen its number and times."""
    console = console_for()
    if at.real:
        head = head_of(at)
        if as_json:
            typer.echo(to_json({**head_json(head), "version": head.version}))
        else:
            draw_head(console, head, datetime.now(UTC))
        return
    view = at.desk.casework.open_case(at.who, at.case, reason)
    if as_json:
        typer.echo(plain_json(to_json(case_json(view), indent=1)))
    else:
        draw_case(console, view, at.school, at.desk.forms[view.head.form])


def heads_of(at: Acting, statuses: tuple[Status, ...]) -> list[Head]:
    found: list[Head] = []
    while page := at.desk.casework.list_cases(at.who, Wanted(statuses, limit=_PAGE, offset=len(found))):
        found += page
        if len(page) < _PAGE:
            break
    return found


def head_of(at: Acting) -> Head:
    """
    Where the case stands, without opening it.

    Raises:
        UnknownCase: it is not theirs, which looks like one that is not there (SAFETY 15).
    """
    with at.desk.store.writing() as unit:
        theirs = may_open(unit, at.who, at.case)
        kind = AuditKind.LISTED if theirs else AuditKind.REFUSED
        unit.record(kind, at.who.person, at.who.school, at.case if theirs else "", "where one case stands")
        found = unit.head(at.case) if theirs else None
    if found is None:
        raise UnknownCase("refused")
    return found
