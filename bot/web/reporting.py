"""Reporting on the pages: what was posted, one use case, the next page; nothing is kept in the browser."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace

from starlette.responses import Response

from bot.domain import coach, gate
from bot.domain.answers import Step
from bot.domain.evidence import MOST_FILES
from bot.domain.gate import Control
from bot.domain.reports import Gate
from bot.domain.schooldays import local
from bot.domain.triage import Form
from bot.drafting import Draft, begin_with, session_of
from bot.errors import FormError, Gone, StoreBusy, StoreFailed
from bot.web import receipts
from bot.web.errors import not_saved
from bot.web.pages import Answer, Here, May, Page, go, show
from bot.web.report_steps import (
    ASKED,
    STOPPING,
    Asking,
    Hearing,
    brings_more,
    excluded,
    gate_in,
    new_id,
    ring,
    submission,
    unfinished,
    with_answers,
)

CLEARED = (
    "The form is cleared, and nothing that you typed in it is kept. "
    "A report that you have sent already is not changed by that."
)
ONE_MORE = "One more question follows from what you answered."
WHAT_IS_WRONG = "Please look at what is marked below. What you typed is still there."
AGAIN = "Look again: who hears of it has changed. Nothing is sent yet."
MEANWHILE = "Look again: this report was changed on another page meanwhile. Nothing is sent yet."
_log = logging.getLogger(__name__)


def choose(here: Here) -> Response:
    """Which form?"""
    return _choose(here, said=CLEARED if here.asked("cleared") else "")


def begin(here: Here) -> Response:
    """Begin a report with the words that came along, if any; without a form, ask which one."""
    words, name = here.said("words").strip(), here.said("form")
    if name not in list(Form):
        return _choose(here, words=words)
    form = Form(name)
    answers = begin_with(here.parts.forms[form], words)
    draft = Draft(new_id(), here.school.id, form, here.signed_in.reporter.handle, answers)
    here.parts.drafting.keep(draft)
    return go(_path(draft))


def _choose(here: Here, words: str = "", said: str = "") -> Response:
    listed = tuple(here.parts.forms.values())
    begun, at = unfinished(here), receipts.at
    return show(here, "report_choose.html", forms=listed, words=words, said=said, begun=begun, at=at)


def with_draft(answer: Callable[[Here, Draft], Response]) -> Answer:
    """*answer* with the draft in the address; where there is none that is theirs, a way on."""

    def found(here: Here) -> Response:
        try:
            draft = _kept(here)
            if here.said("do") == "clear":
                here.parts.drafting.drop(draft.id)
                return go("/report?cleared=yes")
            return answer(here, draft)
        except Gone:
            return show(here, "report_gone.html", 410)
        except (StoreBusy, StoreFailed) as error:
            return not_saved(here, error)

    return found


def _kept(here: Here) -> Draft:
    """The draft in the address; where what came after it stopped the report, it is stopped (SAFETY 1)."""
    draft = here.parts.drafting.get(here.path("draft"), here.signed_in.reporter.handle)
    if draft.school != here.school.id:
        raise Gone(draft.id)
    probe = submission(here, replace(draft, gate=Gate.NO))
    if draft.gate in STOPPING or here.parts.intake.takes_files(probe):
        return draft
    return replace(draft, gate=Gate.NOT_SURE)


def before_files(here: Here) -> Response | None:
    """SAFETY 2: of a post for a draft that is not theirs, nothing is read."""
    try:
        _kept(here)
    except Gone:
        return show(here, "report_gone.html", 410)
    return None


def files_now(here: Here) -> bool:
    """SAFETY 2: a file that comes before a plain "no", or once the report is stopped, is not read."""
    return _kept(here).gate.opens


def _changed(here: Here, draft: Draft, change: Callable[[Draft], Draft]) -> Draft:
    """Keep what *change* makes of the draft as it is by now, stopped where *draft* is; return that."""

    def of(now: Draft) -> Draft:
        stops = draft.gate in STOPPING and now.gate not in STOPPING
        return change(replace(now, gate=draft.gate) if stops else now)

    return here.parts.drafting.change(draft.id, draft.handle, of)


# The questions


def questions(here: Here, draft: Draft) -> Response:
    """The short part of the form, with the question before any file; no control here takes one (SAFETY 1)."""
    return _questions(here, draft)


def answer(here: Here, draft: Draft) -> Response:
    """Keep what was answered, then check it: what is wrong is said where it stands."""
    form = here.parts.forms[draft.form]
    # While somebody is still typing, an answer at the gate does not count: only once they go on.
    said = Gate.UNASKED if here.said("do") == "keep" else gate_in(here)

    def with_said(kept: Draft) -> Draft:
        answers = with_answers(here, form, kept.answers)
        return replace(kept, answers=answers, gate=gate.answered(session_of(kept), said).answer)

    now = _changed(here, draft, with_said)
    if here.said("do") == "keep":
        return Response(status_code=204)
    if now.gate in STOPPING and draft.gate not in STOPPING:
        return go(_path(now))
    try:
        Hearing.of(here, now)
    except FormError as error:
        return _questions(here, now, error.fields)
    if Asking(here.school, form, now, {}).unasked(here.fields.get(ASKED, ())):
        return _questions(here, now, said=ONE_MORE)
    return go(f"{_path(now)}/send")


def _questions(here: Here, draft: Draft, faults: Mapping[str, str] | None = None, said: str = "") -> Response:
    session = session_of(draft)
    may = gate.controls(session)
    stop: tuple[Step, ...] = ()
    if Control.STOP_SCREEN in may:
        stop = gate.stop_screen(here.school, draft.form, excluded(here, draft), session)
    return _asked(here, draft, faults or {}, said, stop=stop, gate_asked=Control.GATE_QUESTION in may)


def more(here: Here, draft: Draft) -> Response:
    """The questions that can be answered now or later."""
    return _asked(here, draft, {}, "", later=True)


def add(here: Here, draft: Draft) -> Response:
    """Keep what was added, and show who will hear of it, as before any sending (SAFETY 12)."""
    form = here.parts.forms[draft.form]
    now = _changed(here, draft, lambda kept: replace(kept, answers=with_answers(here, form, kept.answers)))
    if here.said("do") == "keep":
        return Response(status_code=204)
    try:
        Hearing.of(here, now)
    except FormError as error:
        return _asked(here, now, error.fields, "", later=True)
    if Asking(here.school, form, now, {}, later=True).unasked(here.fields.get(ASKED, ())):
        return _asked(here, now, {}, ONE_MORE, later=True)
    return go(f"{_path(now)}/send")


def _asked(
    here: Here, draft: Draft, faults: Mapping[str, str], said: str, *, later: bool = False, **more: object
) -> Response:
    form = here.parts.forms[draft.form]
    asking = Asking(here.school, form, draft, faults, later)
    drawn = {
        "form": form,
        "draft": draft,
        "asking": asking,
        "said": WHAT_IS_WRONG if faults else said,
        "later": later,
        "stop": (),
        "gate_asked": False,
        "gate": gate,
        "sent": _sent(here, draft),
        **more,
    }
    return show(here, "report_questions.html", 422 if faults else 200, **drawn)


# The page before sending


def sending(here: Here, draft: Draft) -> Response:
    """Who will hear of it, whom it is about, and files where the gate was answered "no" (SAFETY 1, 12)."""
    try:
        hearing = Hearing.of(here, draft)
    except FormError as error:
        return _questions(here, draft, error.fields)
    if not here.refused:
        return _sending(here, draft, hearing)
    unasked = gate.reply_to_file(session_of(draft))
    return _sending(here, draft, hearing, 422 if unasked else 413, fault=unasked or here.refused)


def send(here: Here, draft: Draft) -> Response:
    """File the report, if whoever hears of it is who was shown; only then say so (SAFETY 12, 20)."""
    draft = _ticked(here, draft)
    try:
        hearing = Hearing.of(here, draft)
    except FormError as error:
        return _questions(here, draft, error.fields)
    try:
        now = _changed(here, draft, lambda kept: _ticked(here, kept))
    except (StoreBusy, StoreFailed) as error:
        return _sending(here, draft, hearing, 503, fault=error.user_message)
    if now != draft:
        return _moved_on(here, now)
    return _pressed(here, draft, hearing)


def _pressed(here: Here, draft: Draft, hearing: Hearing) -> Response:
    """What the button that was pressed does, if it may be done now."""
    if here.uploads and not here.parts.intake.takes_files(submission(here, draft)):
        # SAFETY 2: nothing of it is looked at, and it is gone with this request.
        return _sending(here, draft, hearing, 422, fault=gate.reply_to_file(session_of(draft)))
    if here.said("do") != "send":
        return _sending(here, draft, hearing)
    if late := _sent_without(here, draft):
        # SAFETY 1: the "no" was for what was sent; of this nothing is kept, and the gate is asked again.
        _log.info("report.file_late case=%s", late)
        return go(f"/mine/{late}/evidence?sent=already")
    if here.said("shown") != hearing.shown:
        return _sending(here, draft, hearing, 409, again=AGAIN)
    return _file(here, draft, hearing)


def _ticked(here: Here, draft: Draft) -> Draft:
    """*draft* with whom it concerns as it was ticked, where that was asked."""
    if not here.said("ticks"):
        return draft
    concerned, cleared = (tuple(here.fields.get(name, ())) for name in ("concerned", "not_about"))
    return replace(draft, concerned=concerned, not_about=cleared)


def _moved_on(here: Here, draft: Draft) -> Response:
    """*draft* as another page has made it since; whoever sends looks at it first."""
    try:
        return _sending(here, draft, Hearing.of(here, draft), 409, again=MEANWHILE)
    except FormError as error:
        return _questions(here, draft, error.fields)


def _file(here: Here, draft: Draft, hearing: Hearing) -> Response:
    try:
        receipt = here.parts.intake.file(submission(here, draft), here.uploads)
    except (StoreBusy, StoreFailed) as error:
        return _sending(here, draft, hearing, 503, fault=error.user_message)
    # The draft stays until its time is over: what is added later goes to the same case by it.
    _log.info("report.filed case=%s", receipt.case)
    here.parts.poke()
    return go(f"{_path(draft)}/receipt")


def _sending(  # noqa: PLR0913 - the two kinds of words stand in different places
    here: Here, draft: Draft, hearing: Hearing, status: int = 200, *, again: str = "", fault: str = ""
) -> Response:
    sent = _sent(here, draft)
    session = session_of(draft, adding=bool(sent))
    may = gate.controls(session)
    out = hearing.ready.decision.access.excluded
    drawn = {
        "draft": draft,
        "hearing": hearing,
        "stop": gate.stop_screen(here.school, draft.form, out, session) if session.stopped else (),
        "coach": _coach(here, draft) if Control.COACH in may else (),
        "takes_files": Control.UPLOAD in may,
        "most": MOST_FILES,
        "again": again,
        "fault": fault,
        "ring": ring(here.school, out),
        "files_again": bool(here.uploads or here.refused) and session.takes_files,
        "sent": sent,
    }
    return show(here, "report_send.html", status, **drawn)


def _coach(here: Here, draft: Draft) -> tuple[str, ...]:
    platform = here.parts.platforms.get(str(draft.answers.get("where", "")))
    routed = here.school.routing.get(draft.form)
    clause = routed.clause if routed else ""
    return coach.capture_steps(platform, draft.form, clause, local(here.parts.clock()).date())


# Once it is sent


def receipt(here: Here) -> Response:
    """The receipt of what was sent from this draft, for as long as the case is there."""
    handle = here.signed_in.reporter.handle
    try:
        found = here.parts.intake.receipt_of(here.school.id, here.path("draft"), handle)
    except Gone:
        return show(here, "report_gone.html", 410)
    return receipts.page(here, found)


def _sent(here: Here, draft: Draft) -> str:
    """The number of the case that this draft is by now, or ""."""
    try:
        return here.parts.intake.receipt_of(draft.school, draft.id, draft.handle).case
    except Gone:
        return ""


def _sent_without(here: Here, draft: Draft) -> str:
    """The number of the case that this draft is by now, where it lacks a file of this post; else ""."""
    if not here.uploads:
        return ""
    try:
        sent = here.parts.intake.receipt_of(draft.school, draft.id, draft.handle)
    except Gone:
        return ""
    return sent.case if brings_more(here, sent) else ""


def _path(draft: Draft) -> str:
    return f"/report/{draft.id}"


PAGES = (
    Page("/report", May.STAFF, get=choose),
    Page("/report/begin", May.STAFF, get=choose, post=begin),
    Page("/report/{draft}", May.STAFF, get=with_draft(questions), post=with_draft(answer)),
    Page("/report/{draft}/more", May.STAFF, get=with_draft(more), post=with_draft(add)),
    Page(
        "/report/{draft}/send",
        May.STAFF,
        get=with_draft(sending),
        post=with_draft(send),
        takes_files=True,
        files_now=files_now,
        before=before_files,
    ),
    Page("/report/{draft}/receipt", May.STAFF, get=receipt),
)
