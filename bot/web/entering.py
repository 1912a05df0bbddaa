"""Coming in and going out: the cookies of a browser, and whom to ring for whoever stays outside."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from bot.domain.membership import Known
from bot.domain.schools import School
from bot.errors import NotAllowed
from bot.sessions import LONGEST, SIGNING_IN
from bot.web import came_for
from bot.web.app import COOKIE, cookie_name
from bot.web.came_for import CAME_FOR
from bot.web.guard import SIGN_IN
from bot.web.openid import Signing
from bot.web.pages import Here, go, numbers_of

BEGUN = "staffroom-begun"
"""The cookie of a browser that is on its way through signing in."""


def signing(here: Here) -> Signing:
    """The ways of signing in; raises `NotAllowed` in sample mode, where one chooses who to be."""
    if here.parts.sample or here.parts.signing is None:
        raise NotAllowed("no signing in here")
    return here.parts.signing


def enter(here: Here, known: Known) -> Response:
    """
    Sign *known* in with a session of its own; one that the browser came with ends (no fixation).

    They are led to what they came for.
    """
    session = here.parts.sessions.begin(known)
    if here.session:
        here.parts.sessions.end(here.session.token)
    answer = go(came_for.read(kept(here, CAME_FOR)))
    keep(here, answer, COOKIE, session.token, LONGEST)
    if here.request.cookies.get(cookie_name(here.parts, BEGUN)):
        drop(here, answer, BEGUN)
    if kept(here, CAME_FOR):
        drop(here, answer, CAME_FOR)
    return answer


def leave(here: Here) -> Response:
    """Sign out; what the browser still shows is not to be had again."""
    here.parts.sessions.end(here.signed_in.token)
    answer = go(SIGN_IN)
    drop(here, answer, COOKIE)
    answer.headers["clear-site-data"] = '"cache"'
    return answer


def keep(here: Here, answer: Response, name: str, value: str, lasts: timedelta = SIGNING_IN) -> None:
    """Let the browser keep *value*, out of reach of any script and of other sites' forms."""
    answer.set_cookie(
        cookie_name(here.parts, name),
        value,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=here.parts.secure,
    )


def kept(here: Here, name: str) -> str:
    """What the browser kept under *name*, or ""."""
    return here.request.cookies.get(cookie_name(here.parts, name), "")


def drop(here: Here, answer: Response, name: str) -> None:
    """Let the browser forget *name*."""
    name = cookie_name(here.parts, name)
    answer.delete_cookie(name, httponly=True, samesite="lax", secure=here.parts.secure)


def numbers(schools: Mapping[str, School]) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """Whom to ring at each school, by name: nobody is turned away with a reason alone (SAFETY 31)."""
    return [(each.name, numbers_of(each)) for each in sorted(schools.values(), key=lambda each: each.name)]
