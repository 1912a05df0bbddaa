"""Doing something with a case from its page: once, however often it is sent, and nothing typed is lost."""

import logging

from starlette.responses import Response

from bot.domain import moves
from bot.domain.cases import Event, EventKind
from bot.errors import (
    EvidenceLocked,
    FormError,
    IllegalMove,
    NeedsReason,
    NotAllowed,
    SentAlready,
    StaleCase,
    StoreBusy,
    StoreFailed,
)
from bot.web import case_page
from bot.web.case_fields import Doing
from bot.web.case_forms import Move
from bot.web.case_memory import Memory, form_of
from bot.web.case_moves import MOVES
from bot.web.case_page import case_of
from bot.web.errors import not_saved
from bot.web.pages import Answer, Here, May, Page, go, show

REFUSED = (FormError, StaleCase, IllegalMove, NotAllowed, EvidenceLocked)
"""What is said on the page of the case, beside what was typed."""

_BLANK, _CHOOSE = "This cannot be left blank.", "Please choose one."
_log = logging.getLogger(__name__)


def doing(move: Move) -> Answer:
    """The answer to a form of *move* that was posted."""

    unsent = FormError({"": case_page.NOT_STORED})

    def post(here: Here) -> Response:
        return kept(here, lambda here: _do(here, move), lambda here: case_page.again(here, move, unsent))

    return post


def kept(here: Here, do: Answer, back: Answer) -> Response:
    """
    What *do* answers; where the store could not write, all that was typed comes back to be sent again.

    *back* draws the form as it was typed, for whoever had to say first why they open the case.
    """
    try:
        return case_page.explained(here, back) if case_page.explains(here) else do(here)
    except (StoreBusy, StoreFailed) as error:
        return not_saved(here, error)


def to_case(here: Here) -> Response:
    """The page of the case, for whoever comes back to the address of a form."""
    return go(f"/cases/{case_of(here)}")


def _do(here: Here, move: Move) -> Response:
    case = case_of(here)
    memory, form = Memory.of(here, case), form_of(here, move.name)
    work = here.parts.casework
    try:
        if move.kind is not EventKind.EVIDENCE_LOCKED:
            # One press locks a file, whoever comes by it and when (SAFETY 4); all else says why (SAFETY 22).
            work.needs_reason(here.member, case, memory.still_here)
        _needs(here, move)
        result = move.act(Doing(here, case, work.once(*memory.once(form))))
    except SentAlready:
        return go(f"/cases/{case}?done={move.name}")
    except NeedsReason as error:
        return case_page.asks_why(here, error.user_message, case_page.NOT_STORED)
    except REFUSED as error:
        return case_page.again(here, move, error)
    memory.done()
    _log.info("case.saved case=%s what=%s", case, move.name)
    here.parts.poke()
    return _after(here, move, result)


def _needs(here: Here, move: Move) -> None:
    """Raise `FormError` for all that was left blank, at once."""
    blank = [each for each in move.fields if each.needed and not here.said(each.name).strip()]
    if blank:
        raise FormError({each.name: _CHOOSE if each.listed else _BLANK for each in blank})


def _after(here: Here, move: Move, result: object) -> Response:
    """What is shown once it is done: the case, unless whoever did it may see it no more."""
    if move.kind is EventKind.DELETED:
        return show(here, "case_deleted.html", certificates=result)
    mine = isinstance(result, Event) and result.body.get("person") == here.member.person
    if isinstance(result, Event) and mine and (result.kind is EventKind.EXCLUDED or moves.is_alleged(result)):
        return go("/cases?done=out")
    return go(f"/cases/{case_of(here)}?done={move.name}")


PAGES = tuple(
    Page(f"/cases/{{case}}/{move.name}", May.PERSON, get=to_case, post=doing(move)) for move in MOVES
)
