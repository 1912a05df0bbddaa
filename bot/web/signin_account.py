"""Signing in with the school's own account: out to the issuer, back, and which school where it is unclear."""

import json
import logging
from dataclasses import asdict

from starlette.responses import RedirectResponse, Response

from bot.binding import Identity
from bot.errors import BotError, Gone, NotAllowed, Stranger, WhichSchool
from bot.web.entering import BEGUN, drop, enter, keep, kept, numbers, signing
from bot.web.guard import SIGN_IN
from bot.web.openid import Begun, IssuerAway, OpenId, SignInFailed
from bot.web.pages import Here, May, Page, show

ACCOUNT, BACK, CHOOSE = (f"{SIGN_IN}/{each}" for each in ("account", "back", "choose"))
OUT, WHERE = "account", "choice"
"""What is put by for a browser that is out at the issuer, and for one that chooses its school."""

_log = logging.getLogger(__name__)


def out(here: Here) -> Response:
    """Send the browser to the issuer; what it must come back with is held for this browser alone."""
    try:
        address, begun = _openid(here).begin(choose=bool(here.asked("choose")))
    except IssuerAway as error:
        return _failed(here, error, 503)
    answer = RedirectResponse(address, 303)
    keep(here, answer, BEGUN, here.parts.sessions.put_by(OUT, begun.written()))
    return answer


def back(here: Here) -> Response:
    """Whoever comes back is checked, bound to a person and signed in; else told why not."""
    openid = _openid(here)
    try:
        begun = Begun.read(here.parts.sessions.take_up(OUT, kept(here, BEGUN)))
        identity = openid.finish(begun, dict(here.request.query_params))
    except IssuerAway as error:
        return _failed(here, error, 503)
    except (SignInFailed, Gone) as error:
        return _failed(here, error, 403)
    return _in(here, identity, begun.choose)


def choices(here: Here) -> Response:
    """Only ever shown as the answer to coming back; its address alone leads to the beginning."""
    return _failed(here, Gone("choice"), 410)


def choose(here: Here) -> Response:
    """Sign in at the school chosen."""
    binding = signing(here).binding
    try:
        identity = _read(here.parts.sessions.take_up(WHERE, kept(here, BEGUN)))
        return enter(here, binding.choose(identity, here.said("school")))
    except (Stranger, Gone) as error:
        return _failed(here, error, 403)


PAGES = (
    Page(ACCOUNT, May.ANYBODY, get=out),
    Page(BACK, May.ANYBODY, get=back),
    Page(CHOOSE, May.ANYBODY, get=choices, post=choose),
)


def _openid(here: Here) -> OpenId:
    openid = signing(here).openid
    if openid is None:
        raise NotAllowed("no issuer")
    return openid


def _in(here: Here, identity: Identity, ask: bool) -> Response:
    try:
        return enter(here, signing(here).binding.known(identity, ask))
    except Stranger as error:
        return _failed(here, error, 403)
    except WhichSchool as error:
        schools = [here.parts.schools[each] for each in error.schools]
        answer = show(here, "choose.html", schools=schools)
        keep(here, answer, BEGUN, here.parts.sessions.put_by(WHERE, json.dumps(asdict(identity))))
        return answer


def _read(text: str) -> Identity:
    said = json.loads(text)
    return Identity(**{**said, "emails": tuple(said["emails"])})


def _failed(here: Here, error: BotError, status: int) -> Response:
    cause = str(error) if isinstance(error, SignInFailed) else ""
    _log.warning("web.not_signed_in error=%s cause=%s", type(error).__name__, cause)
    ring = numbers(here.parts.schools)
    answer = show(here, "sign_in_failed.html", status, message=error.user_message, ring=ring)
    if kept(here, BEGUN):
        drop(here, answer, BEGUN)
    return answer
