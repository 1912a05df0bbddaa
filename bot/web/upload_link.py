"""A one-use upload link: the gate first and on its own, then the files, then their receipt; no case."""

import logging
import secrets
from collections.abc import Callable

from starlette.responses import Response

from bot.domain import coach, gate
from bot.domain.evidence import MOST_FILES
from bot.domain.receipts import HASH
from bot.domain.schooldays import local
from bot.domain.triage import Form
from bot.errors import FormError, StoreBusy, StoreFailed
from bot.linking import LASTS, SESSION, Link, LinkOver, Stage, Visit, Why
from bot.web import receipts
from bot.web.entering import keep, kept, numbers
from bot.web.more_evidence import NONE_CHOSEN
from bot.web.pages import Answer, Here, May, Page, go, show
from bot.web.report_steps import gate_in

BROWSER = "staffroom-upload"
"""The cookie that tells the browser in which the gate was answered from any other."""
COOKIE_LASTS = LASTS + SESSION
"""From any page of a link on: as long as a link can be good for."""
NO_COOKIE = (
    "Nothing was recorded: this browser does not keep the cookie that tells it from others. Allow cookies "
    "for this page, then answer again."
)
OVER = {
    Why.USED: (
        "This link has been used",
        "Each link is good for one sending, in one browser. If you sent files with it, they are stored.",
    ),
    Why.EXPIRED: (
        "This link is over",
        "A link is good for 15 minutes, and for an hour once its question is answered. No file was taken.",
    ),
    Why.UNKNOWN: ("This link leads nowhere", "It is not whole, or it is more than a day old."),
    Why.ANOTHERS: (
        "This link was made for somebody else",
        "You are signed in here as another person than the one it was made for. No file was taken.",
    ),
}
_log = logging.getLogger(__name__)

At = Callable[[Here, Link, Stage], Response]


def with_link(answer: At) -> Answer:
    """*answer* with the link in the address; where it leads nowhere, whom to ring and what to do next."""

    def found(here: Here) -> Response:
        try:
            drawn = answer(here, *here.parts.linking.at(_visit(here)))
        except LinkOver as over:
            return _over(here, over)
        if browser := kept(here, BROWSER):
            keep(here, drawn, BROWSER, browser, COOKIE_LASTS)
        return drawn

    return found


def ask(here: Here, link: Link, stage: Stage) -> Response:
    """The gate question (SAFETY 1); further on where it was answered in this browser."""
    return _question(here, link) if stage is Stage.GATE else _elsewhere(here, link, stage)


def answer(here: Here, link: Link, stage: Stage) -> Response:
    """Only a plain "no" goes on to the files; anything else is recorded, and the stop screen comes."""
    if stage in (Stage.GATE, Stage.FILES):
        said = gate_in(here)
        if said.opens and not kept(here, BROWSER):
            return _question(here, link, NO_COOKIE, 422)
        try:
            here.parts.linking.answer(_visit(here), said)
        except FormError as error:
            return _question(here, link, error.user_message, 422)
        except (StoreBusy, StoreFailed) as error:
            return _question(here, link, error.user_message, 503)
        here.parts.poke()
    return go(_at(here, Stage.FILES))


def files(here: Here, link: Link, stage: Stage) -> Response:
    """The control that takes files."""
    if stage is not Stage.FILES:
        return _elsewhere(here, link, stage)
    return _files(here, link, here.refused, 413 if here.refused else 200)


def before_files(here: Here) -> Response | None:
    """SAFETY 2: of a post that no answered link of this browser stands behind, nothing is read."""
    try:
        link, stage = here.parts.linking.at(_visit(here))
    except LinkOver as over:
        return _over(here, over)
    return None if stage in (Stage.FILES, Stage.SENT) else _elsewhere(here, link, stage)


def add(here: Here, link: Link, stage: Stage) -> Response:
    """Store the files; what is sent twice is stored once."""
    if not here.uploads or stage in (Stage.GATE, Stage.STOPPED):
        return _still(here, link, stage, NONE_CHOSEN)
    try:
        here.parts.linking.send(_visit(here), here.uploads)
    except FormError as error:
        # Somebody may have stopped the case meanwhile: then no control is drawn any more (SAFETY 1).
        return _still(here, *here.parts.linking.at(_visit(here)), error.user_message)
    except (StoreBusy, StoreFailed) as error:
        return _files(here, link, error.user_message, 503)
    here.parts.poke()
    return go(_at(here, Stage.SENT))


def _still(here: Here, link: Link, stage: Stage, fault: str) -> Response:
    return _files(here, link, fault, 422) if stage is Stage.FILES else _elsewhere(here, link, stage)


def receipt(here: Here, link: Link, stage: Stage) -> Response:
    """The receipt of what came by this link, in the browser that sent it."""
    if stage is not Stage.SENT:
        return _elsewhere(here, link, stage)
    return show(
        here,
        "upload_receipt.html",
        sent=here.parts.linking.sent(link),
        at=receipts.at,
        hash_words=HASH,
        press_lock=gate.PRESS_LOCK,
        ring=_ring(here, link.school),
    )


def lock(here: Here, link: Link, stage: Stage) -> Response:
    """SAFETY 4: lock a file that came by this link, in one press; then say what to do."""
    if stage is Stage.SENT:
        theirs = {each.id for each in here.parts.linking.sent(link).stored}
        if here.said("item") in theirs:
            here.parts.casework.lock_sent(link.school, link.handle, link.case, here.said("item"))
            _log.info("evidence.locked case=%s", link.case)
            here.parts.poke()
    return go(_at(here, Stage.SENT))


def _visit(here: Here) -> Visit:
    who = here.session.reporter if here.session else None
    return Visit(here.path("token"), kept(here, BROWSER), who)


def _at(here: Here, stage: Stage) -> str:
    more = {Stage.FILES: "/files", Stage.SENT: "/receipt"}.get(stage, "")
    return f"/upload/{here.path('token')}{more}"


def _elsewhere(here: Here, link: Link, stage: Stage) -> Response:
    """The page for a link that has come to *stage*, and not to the one that was asked for."""
    return _stopped(here, link) if stage is Stage.STOPPED else go(_at(here, stage))


def _question(here: Here, link: Link, fault: str = "", status: int = 200) -> Response:
    drawn = show(here, "upload_gate.html", status, fault=fault, gate=gate, ring=_ring(here, link.school))
    # Whoever only looks, such as a chat that draws a preview, uses nothing up.
    if not kept(here, BROWSER):
        keep(here, drawn, BROWSER, secrets.token_urlsafe(24), COOKIE_LASTS)
    return drawn


def _files(here: Here, link: Link, fault: str = "", status: int = 200) -> Response:
    stored = here.parts.intake.receipt(link.case)
    today = local(here.parts.clock()).date()
    # The advice for any report: of this one, the page says nothing.
    steps = coach.capture_steps(here.parts.platforms.get("other"), Form.CONCERN, "", today)
    most = MOST_FILES - len(stored.evidence) - stored.awaited
    ring = _ring(here, link.school)
    return show(here, "upload_files.html", status, most=most, coach=steps, fault=fault, gate=gate, ring=ring)


def _stopped(here: Here, link: Link) -> Response:
    """The stop screen of SAFETY 1; whoever is safe to ring is the receipt's to say."""
    stop = receipts.stop_steps(here.parts, link.school, link.case)
    return show(here, "upload_stopped.html", said=gate.STAYS_STOPPED, stop=stop)


def _over(here: Here, over: LinkOver) -> Response:
    title, words = OVER[over.why]
    status = 404 if over.why is Why.UNKNOWN else 410
    return show(here, "upload_over.html", status, title=title, words=words, ring=_ring(here, over.school))


def _ring(here: Here, school: str) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Whom to ring: at that school, at every one where nobody can say which (SAFETY 31)."""
    schools = here.parts.schools
    return numbers({school: schools[school]} if school else schools)


PAGES = (
    Page("/upload/{token}", May.ANYBODY, get=with_link(ask), post=with_link(answer)),
    Page(
        "/upload/{token}/files",
        May.ANYBODY,
        get=with_link(files),
        post=with_link(add),
        takes_files=True,
        before=before_files,
    ),
    Page("/upload/{token}/receipt", May.ANYBODY, get=with_link(receipt)),
    Page("/upload/{token}/lock", May.ANYBODY, post=with_link(lock)),
)
