"""More evidence for a report that was sent: the gate question first and on its own, then the files."""

import logging

from starlette.responses import Response

from bot.attaching import More
from bot.domain import coach, gate
from bot.domain.evidence import MOST_FILES
from bot.domain.gate import Control, Phase, Session
from bot.domain.receipts import not_told
from bot.domain.reports import Gate, Receipt
from bot.domain.schooldays import local
from bot.drafting import Draft
from bot.errors import FormError, Gone, StoreBusy, StoreFailed
from bot.intake import NO_FILES_YET
from bot.web import receipts
from bot.web.pages import Here, May, Page, go, show
from bot.web.report_steps import STOPPING, gate_in, new_id, ring

NONE_CHOSEN = "Choose a file first, or leave this page: nothing is changed then."
SENT_ALREADY = (
    "This report is sent already, so nothing was added to it just now. Its receipt, under “My reports”, says "
    "which files are stored. To add another one, answer this first."
)
_log = logging.getLogger(__name__)


def ask(here: Here) -> Response:
    """The gate question, anew and on its own (SAFETY 1); of a case that was stopped, the stop screen."""
    case = here.path("case")
    if not _takes(here, case):
        return receipts.stopped(here, case, gate.STAYS_STOPPED)
    return _question(here, case, SENT_ALREADY if here.asked("sent") else "", 200)


def answer(here: Here) -> Response:
    """Only a plain "no" goes on to the files; anything else is recorded, and the stop screen comes."""
    case, said = here.path("case"), gate_in(here)
    if not _takes(here, case):
        return receipts.stopped(here, case, gate.STAYS_STOPPED)
    if said is Gate.UNASKED:
        return _question(here, case, NO_FILES_YET, 422)
    if said in STOPPING:
        here.parts.attaching.more(_more(here, case, new_id(), said))
        _log.info("more.stopped case=%s", case)
        here.parts.poke()
        return go(f"/mine/{case}/evidence")
    form = here.parts.intake.receipt(case).form
    handle = here.signed_in.reporter.handle
    draft = Draft(new_id(), here.school.id, form, handle, gate=said, source=case)
    here.parts.drafting.keep(draft)
    return go(f"/mine/{case}/evidence/{draft.id}")


def files(here: Here) -> Response:
    """The control that takes files, only for somebody who has just answered "no" for these."""
    if isinstance(gone := _answered(here), Response):
        return gone
    return _files(here, here.refused, 413 if here.refused else 200)


def add(here: Here) -> Response:
    """Store the files; what is sent twice is stored once."""
    if isinstance(gone := _answered(here), Response):
        return gone
    if not here.uploads:
        return _files(here, NONE_CHOSEN, 422)
    case = here.path("case")
    try:
        here.parts.attaching.add(_more(here, case, here.path("draft"), Gate.NO), here.uploads)
    except FormError as error:
        return _still(here, error.user_message, 422)
    except (StoreBusy, StoreFailed) as error:
        return _still(here, error.user_message, 503)
    _log.info("more.sent case=%s", case)
    here.parts.poke()
    return go(f"/mine/{case}/receipt")


def _still(here: Here, fault: str, status: int) -> Response:
    """The control again, unless somebody has stopped the case meanwhile: then none is drawn (SAFETY 1)."""
    case = here.path("case")
    # By another address, so that a page that is open there gives way to it, control and all.
    return _files(here, fault, status) if _takes(here, case) else go(f"/mine/{case}/evidence")


def _answered(here: Here) -> Response | None:
    """
    None where the gate was answered "no" for this sending and the case takes files; else what is shown.

    SAFETY 2: it is asked before anything of a post is read, too.
    """
    case = here.path("case")
    if not _takes(here, case):
        return receipts.stopped(here, case, gate.STAYS_STOPPED)
    try:
        draft = here.parts.drafting.get(here.path("draft"), here.signed_in.reporter.handle)
    except Gone:
        return show(here, "report_gone.html", 410)
    if draft.source != case or not draft.gate.opens:
        return show(here, "report_gone.html", 410)
    return None


def _takes(here: Here, case: str) -> bool:
    handle = here.signed_in.reporter.handle
    return here.parts.attaching.takes_more(here.school.id, handle, case)


def _more(here: Here, case: str, request: str, said: Gate) -> More:
    return More(here.school.id, case, here.signed_in.reporter.handle, request, said)


def _question(here: Here, case: str, fault: str, status: int) -> Response:
    return show(here, "more_gate.html", status, case=case, fault=fault, gate=gate)


def _files(here: Here, fault: str = "", status: int = 200) -> Response:
    receipt = here.parts.intake.receipt(here.path("case"))
    stored = len(receipt.evidence) + receipt.awaited
    session = gate.answered(Session(receipt.form, Phase.MORE, stored=stored), Gate.NO)
    takes = Control.UPLOAD in gate.controls(session)
    return show(
        here,
        "more_files.html",
        status,
        receipt=receipt,
        coach=_coach(here, receipt) if takes else (),
        takes_files=takes,
        full=gate.reply_to_file(session),
        most=MOST_FILES - stored,
        fault=fault,
        ring=ring(here.school, not_told(here.school, receipt)),
    )


def _coach(here: Here, receipt: Receipt) -> tuple[str, ...]:
    """The advice for any app: of which one it was, the receipt says nothing."""
    routed = here.school.routing.get(receipt.form)
    clause = routed.clause if routed else ""
    today = local(here.parts.clock()).date()
    return coach.capture_steps(here.parts.platforms.get("other"), receipt.form, clause, today)


PAGES = (
    Page("/mine/{case}/evidence", May.STAFF, get=ask, post=answer),
    Page(
        "/mine/{case}/evidence/{draft}",
        May.STAFF,
        get=files,
        post=add,
        takes_files=True,
        before=_answered,
    ),
)
