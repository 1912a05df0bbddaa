"""Signing in without a school account: an invitation is set up once, then it is e-mail and a code."""

import secrets
from io import BytesIO

import segno
from starlette.responses import Response

from bot.domain.membership import Known
from bot.errors import Gone
from bot.inviting import SETTING_UP_LASTS, TooOften, WrongCode
from bot.locking import KNOWN_FOR, Where
from bot.web.entering import drop, enter, keep, kept, numbers, signing
from bot.web.guard import SIGN_IN
from bot.web.limits import client
from bot.web.pages import Here, May, Page, go, show

CODE, INVITATION, AUTHENTICATOR = (f"{SIGN_IN}/{each}" for each in ("code", "invitation", "authenticator"))
SETTING_UP = "staffroom-setting-up"
"""The cookie of the browser in which a second factor is set up."""
KNOWN = "staffroom-known"
"""The cookie of a browser that has signed in with a code: its wrong codes count for themselves."""


def asked(here: Here) -> Response:
    """The form for e-mail and code."""
    signing(here)
    return _code_page(here)


def entered(here: Here) -> Response:
    """Sign in with e-mail and code; what is wrong is never said more closely than that it is."""
    where = _where(here)
    try:
        known = signing(here).inviting.sign_in(here.said("email"), here.said("code"), where)
    except WrongCode as error:
        return _code_page(here, error.user_message, 422)
    except TooOften as error:
        return _code_page(here, error.user_message, 429)
    return _entered(here, known, where)


def invited(here: Here) -> Response:
    """Whom the link is for; to look at it uses nothing up, for mail programs look at links too."""
    try:
        found = signing(here).inviting.invited(here.path("token"))
    except Gone as error:
        return _gone(here, error)
    return show(here, "sign_in_invitation.html", invited=found)


def begun(here: Here) -> Response:
    """Begin to set up a second factor in this browser."""
    try:
        browser = signing(here).inviting.begin(here.path("token"))
    except Gone as error:
        return _gone(here, error)
    answer = go(AUTHENTICATOR)
    keep(here, answer, SETTING_UP, browser, SETTING_UP_LASTS)
    return answer


def setting_up(here: Here) -> Response:
    """The secret as a picture and as text, and the form for the first code."""
    return _set_up_page(here)


def picture(here: Here) -> Response:
    """The secret as a QR code, for the browser that sets it up alone."""
    doing = signing(here).inviting.setting_up(kept(here, SETTING_UP))
    drawn = BytesIO()
    code = segno.make(doing.address, error="m")
    code.save(drawn, kind="svg", scale=5, dark="#000", light="#fff", svgclass=None, lineclass=None)
    return Response(drawn.getvalue(), media_type="image/svg+xml")


def set_up(here: Here) -> Response:
    """The first code shows that the app has the secret: the link is used up, and they are signed in."""
    where = _where(here)
    try:
        known = signing(here).inviting.finish(kept(here, SETTING_UP), here.said("code"), where)
    except WrongCode:
        return _set_up_page(here, "That code does not fit. Wait for the next one and type it.", 422)
    except Gone as error:
        return _gone(here, error)
    answer = _entered(here, known, where)
    drop(here, answer, SETTING_UP)
    return answer


PAGES = (
    Page(CODE, May.ANYBODY, get=asked, post=entered),
    Page(f"{INVITATION}/{{token}}", May.ANYBODY, get=invited, post=begun),
    Page(AUTHENTICATOR, May.ANYBODY, get=setting_up, post=set_up),
    Page(f"{AUTHENTICATOR}.svg", May.ANYBODY, get=picture),
)


def _where(here: Here) -> Where:
    return Where(client(here.request), kept(here, KNOWN) or secrets.token_urlsafe(24))


def _entered(here: Here, known: Known, where: Where) -> Response:
    answer = enter(here, known)
    keep(here, answer, KNOWN, where.browser, KNOWN_FOR)
    return answer


def _code_page(here: Here, fault: str = "", status: int = 200) -> Response:
    ring = numbers(here.parts.schools)
    return show(here, "sign_in_code.html", status, fault=fault, email=here.said("email")[:200], ring=ring)


def _set_up_page(here: Here, fault: str = "", status: int = 200) -> Response:
    try:
        doing = signing(here).inviting.setting_up(kept(here, SETTING_UP))
    except Gone as error:
        return _gone(here, error)
    groups = [doing.secret[at : at + 4] for at in range(0, len(doing.secret), 4)]
    return show(here, "sign_in_authenticator.html", status, doing=doing, groups=groups, fault=fault)


def _gone(here: Here, error: Gone) -> Response:
    words = "This link was used already, or is older than seven days. Ask for a new one."
    ring = numbers(here.parts.schools)
    return show(here, "sign_in_failed.html", 410, message=words, ring=ring)
