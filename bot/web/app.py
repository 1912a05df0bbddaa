"""The pages as one application: who may see which, and what becomes of an error."""

import hmac
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from http import HTTPStatus

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.errors import BotError, Gone, NotAllowed, UnknownCase
from bot.sessions import SIGNING_IN, Session
from bot.web import came_for
from bot.web.errors import answer_to
from bot.web.guard import SIGN_IN, STATIC, Guard, is_ours, too_often
from bot.web.limits import Limits, Share, client
from bot.web.pages import Answer, Here, Page, go, show
from bot.web.parts import Parts
from bot.web.reading import NoRoom, NotRead, Takes, TooLarge, posted

COOKIE = "staffroom"
NO_PAGE = "There is no such page, or none that you can see."
NO_METHOD = "That page cannot be used like that."
_OLD_FORM = "This page was open for too long. Go back, load it again, and send it again."


class OldForm(NotAllowed):
    """A form without the token of this session: of an earlier one, or not ours."""


def web_app(
    parts: Parts,
    pages: Iterable[Page],
    others: Iterable[BaseRoute] = (),
    limits: Limits | None = None,
) -> Starlette:
    """The application of *pages*, and of *others*, such as the address that a chat posts to."""
    limits = limits or (None if parts.sample else Limits())
    routes: list[BaseRoute] = [*others]
    routes += (Route(page.path, _endpoint(parts, page, limits), methods=_methods(page)) for page in pages)
    routes.append(Mount(STATIC, StaticFiles(packages=[("bot.web", "static")])))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Guard, parts=parts, limits=limits)],
        exception_handlers={HTTPException: _no_page(parts)},
    )


def cookie_name(parts: Parts, name: str = COOKIE) -> str:
    """The name of a cookie; over https its prefix keeps it from being set or sent anywhere else."""
    return f"__Host-{name}" if parts.secure else name


def _methods(page: Page) -> list[str]:
    return [*(["GET"] if page.get else []), *(["POST"] if page.post else [])]


def _endpoint(parts: Parts, page: Page, limits: Limits | None) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        here = Here(request, parts, None)
        try:
            here = await run_in_threadpool(_arrived, parts, request)
            if limits and not _lets(limits, here):
                return await too_often(here)
            if not here.allows(page.may):
                return await _turned_away(here, page)
            if request.method != "POST":
                return await run_in_threadpool(_answered, page.get, here)
            return await _posted(here, page)
        except ClientDisconnect:
            return Response(status_code=400)
        except BotError as error:
            return await run_in_threadpool(answer_to, here, error)

    return endpoint


def _lets(limits: Limits, here: Here) -> bool:
    posts = here.request.method == "POST"
    if here.session is None:
        return not posts or limits.posts.lets(client(here.request))
    limit = limits.own_posts if posts else limits.own_looks
    return limit.lets(here.session.token)


def _no_page(parts: Parts) -> Callable[[Request, Exception], Awaitable[Response]]:
    """What answers where there is no page, or not for that method, with the status that it would have."""

    async def answer(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
        words = NO_METHOD if status == HTTPStatus.METHOD_NOT_ALLOWED else NO_PAGE
        here = await run_in_threadpool(_arrived, parts, request)
        shown = await run_in_threadpool(lambda: show(here, "error.html", status, message=words))
        shown.headers.update(getattr(error, "headers", None) or {})
        return shown

    return answer


def _answered(answer: Answer | None, here: Here) -> Response:
    if answer is None:
        raise NotAllowed("no such method")
    return answer(here)


def _arrived(parts: Parts, request: Request) -> Here:
    """*request* with whoever makes it; should something break, its page has their numbers."""
    session = _session(parts, request)
    request.state.session = session
    return Here(request, parts, session)


def _session(parts: Parts, request: Request) -> Session | None:
    try:
        return parts.sessions.of(request.cookies.get(cookie_name(parts), ""))
    except Gone:
        return None


async def _turned_away(here: Here, page: Page) -> Response:
    """The answer to whoever may not see *page*: it looks as if there were none, or leads to signing in."""
    if here.session:
        # What somebody may not see answers as what is not there: a page, or a case of that number.
        words = UnknownCase.user_message if page.path.startswith("/cases/{") else NO_PAGE
        return await run_in_threadpool(lambda: show(here, "error.html", 404, message=words))
    if here.request.method != "POST":
        return _to_sign_in(here)
    # Somebody who wrote for half an hour is not sent away empty-handed; files are refused unread.
    with suppress(TooLarge, NotRead):
        here = await _read(here, None)
    return await run_in_threadpool(lambda: _once_more(here, 401, page))


def _to_sign_in(here: Here) -> Response:
    """The way to signing in; the browser keeps what they came for, and is led to it then."""
    answer = go(SIGN_IN)
    if wanted := came_for.written(here.request):
        answer.set_cookie(
            cookie_name(here.parts, came_for.CAME_FOR),
            wanted,
            max_age=int(SIGNING_IN.total_seconds()),
            httponly=True,
            samesite="lax",
            secure=here.parts.secure,
        )
    return answer


async def _posted(here: Here, page: Page) -> Response:
    if page.before and (instead := await run_in_threadpool(page.before, here)):
        return instead
    # What came stays in memory until it is stored, and counts for so long.
    with here.parts.room.share(here.parts.room_for) as share:
        try:
            here = await _read(here, await run_in_threadpool(_takes, here, page, share))
        except TooLarge as error:
            if not page.takes_files:
                raise
            return await run_in_threadpool(_refused, here, page, error)
        return await _done(here, page)


def _takes(here: Here, page: Page, share: Share) -> Takes | None:
    """What this post may carry; None for no file at all, which is then not read (SAFETY 2)."""
    if not page.takes_files or (page.files_now and not page.files_now(here)):
        return None
    return Takes(here.parts.max_mb * 1_000_000, here.parts.sending_mb * 1_000_000, share)


def _refused(here: Here, page: Page, error: TooLarge) -> Response:
    """The form once more, with the reason: what was typed in it before lies with the server."""
    shown = _answered(page.get, replace(here, refused=error.user_message))
    if isinstance(error, NoRoom):
        shown.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        shown.headers["retry-after"] = "60"
    return shown


async def _done(here: Here, page: Page) -> Response:
    try:
        return await run_in_threadpool(_answered, page.post, _checked(here))
    except OldForm:
        if not is_ours(here.parts, here.request.headers.get("origin", "")):
            raise
        return await run_in_threadpool(lambda: _once_more(here, 403, page))
    except BotError as error:
        # Here, where what was typed is at hand, so that its page has it.
        return await run_in_threadpool(answer_to, here, error)


async def _read(here: Here, takes: Takes | None) -> Here:
    """*here* with what was posted."""
    content_type = here.request.headers.get("content-type", "")
    found = await posted(content_type, here.request.stream(), takes)
    return Here(here.request, here.parts, here.session, dict(found.fields), found.uploads)


def _checked(here: Here) -> Here:
    """*here* without the csrf token; raises `OldForm` where it is not that of this session."""
    fields = dict(here.fields)
    token = next(iter(fields.pop("csrf", [])), "")
    if here.session and not hmac.compare_digest(token.encode(), here.session.csrf.encode()):
        raise OldForm("csrf", _OLD_FORM)
    return Here(here.request, here.parts, here.session, fields, here.uploads)


def _once_more(here: Here, status: int, page: Page) -> Response:
    """The page that carries what was typed across signing in again; the server keeps nothing of it."""
    # Files cannot be carried along: what was to be done with them is chosen again, beside them.
    left = {"csrf", "do"} if here.uploads else {"csrf"}
    typed = [(name, value) for name, values in here.fields.items() if name not in left for value in values]
    return show(here, "once_more.html", status, typed=typed, files=page.takes_files)
