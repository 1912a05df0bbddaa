"""The page of a receipt, and the button beside each file on it that locks the file."""

import logging
from datetime import datetime

from starlette.responses import Response

from bot.domain import forms, gate, receipts
from bot.domain.answers import Step
from bot.domain.cases import Status
from bot.domain.receipts import HASH
from bot.domain.reports import Receipt
from bot.domain.schooldays import local
from bot.domain.views import ReporterView
from bot.drafting import Draft
from bot.errors import Gone
from bot.web.pages import Here, May, Page, go, show
from bot.web.parts import Parts
from bot.web.report_steps import STOPPING

LOCKED = "It is locked. Nobody opens, copies, sends or deletes it; leave your own copy where it is."
_log = logging.getLogger(__name__)


def page(here: Here, receipt: Receipt) -> Response:
    """*receipt*, with what can be added to it, and a button beside each file that was stored."""
    view = of(here, receipt.case)
    return show(
        here,
        "receipt.html",
        receipt=receipt,
        hash_words=HASH,
        at=at,
        view=view,
        files=tuple(file for file in view.files if not file.locked),
        later=_later(here, receipt),
        takes_more=takes_more(here, view),
        press_lock=gate.PRESS_LOCK,
    )


def again(here: Here) -> Response:
    """The receipt of a case, for whoever reported it."""
    case = of(here, here.path("case")).case
    return page(here, here.parts.intake.receipt(case))


def lock(here: Here) -> Response:
    """SAFETY 4: lock a file that they sent, in one press; then say what to do."""
    case, handle = here.path("case"), here.signed_in.reporter.handle
    here.parts.casework.lock_sent(here.school.id, handle, case, here.said("item"))
    _log.info("evidence.locked case=%s", case)
    here.parts.poke()
    return go(f"/mine/{case}/locked")


def locked(here: Here) -> Response:
    """What to do once a file is locked; the same for somebody who loads the page again."""
    return stopped(here, of(here, here.path("case")).case, LOCKED)


def stopped(here: Here, case: str, words: str) -> Response:
    """The stop screen of a case that takes no file any more, with *words* above it (SAFETY 1)."""
    steps = stop_steps(here.parts, here.school.id, case)
    return show(here, "report_stopped.html", case=case, said=words, stop=steps)


def stop_steps(parts: Parts, school: str, case: str) -> tuple[Step, ...]:
    """What to do now that *case* is stopped; nobody is named who is kept out of it."""
    receipt, place = parts.intake.receipt(case), parts.schools[school]
    out = receipts.not_told(place, receipt)
    return gate.stop_screen(place, receipt.form, out, gate.stopped_session(receipt.form))


def of(here: Here, case: str) -> ReporterView:
    """How far *case* is, for whoever reported it; raises `UnknownCase` for anybody else."""
    return here.parts.casework.status(here.school.id, here.signed_in.reporter.handle, case)


def takes_more(here: Here, view: ReporterView) -> bool:
    """Whether more evidence may be asked for: never of a case that was stopped (SAFETY 1), or is closed."""
    if view.status in (Status.CLOSED, Status.DELETED) or any(file.locked for file in view.files):
        return False
    return here.parts.attaching.takes_more(here.school.id, here.signed_in.reporter.handle, view.case)


def draft_of(here: Here, receipt: Receipt) -> Draft | None:
    """What was typed, for as long as it is kept; None once it is not."""
    try:
        return here.parts.drafting.get(receipt.request_id, here.signed_in.reporter.handle)
    except Gone:
        return None


def at(moment: datetime) -> str:
    """*moment* as people say it: "20 November 2026 at 22:41"."""
    on = local(moment)
    return f"{on.day} {on:%B %Y at %H:%M}"


def _later(here: Here, receipt: Receipt) -> str:
    """Where more can be answered; "" where there is nothing to ask, or nothing is kept any more."""
    draft = draft_of(here, receipt)
    if draft is None or draft.gate in STOPPING:
        return ""
    shown = forms.visible(here.parts.forms[draft.form], draft.answers)
    return f"/report/{draft.id}/more" if any(each.later for each in shown) else ""


PAGES = (
    Page("/mine/{case}/receipt", May.STAFF, get=again),
    Page("/mine/{case}/lock", May.STAFF, post=lock),
    Page("/mine/{case}/locked", May.STAFF, get=locked),
)
