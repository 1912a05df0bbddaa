"""The guard before every page: who may knock at all, what every answer carries, and what a fault shows."""

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import BotError
from bot.web.errors import sent_back
from bot.web.limits import Limits, client
from bot.web.pages import Here, show
from bot.web.parts import Parts
from bot.web.reading import NotRead, TooLarge, posted

SIGN_IN = "/sign-in"
STATIC = "/static"
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
TOO_OFTEN = "That was more than can be answered at once. Wait a minute, then send it again."
_SAFE = ("GET", "HEAD")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Guard:
    """
    Refuses a request that came under another name or from another site, and puts `HEADERS` on each answer.

    A page of another site that knows this address must not be able to use it through a browser here: hence
    `Host` (DNS rebinding) and `Origin` (forged forms) are checked before anything else is.
    """

    app: ASGIApp
    parts: Parts
    limits: Limits | None = None
    """None in sample mode, which this machine alone can reach."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sending = _Sending(send, self._headers(scope["path"]))
        scope.setdefault("state", {})
        request = Request(scope)
        reason = self._refusal(request)
        if reason:
            _log.warning("web.refused reason=%s", reason)
            await PlainTextResponse("Refused.", 403)(scope, receive, sending)
        elif self._too_often(request):
            _log.warning("web.refused reason=often")
            request = Request(scope, receive)
            await (await too_often(Here(request, self.parts, None)))(scope, receive, sending)
        else:
            await self._let_in(request, receive, sending)

    async def _let_in(self, request: Request, receive: Receive, sending: "_Sending") -> None:
        try:
            await self.app(request.scope, receive, sending)
        except Exception as error:  # noqa: BLE001 - a traceback could repeat what somebody typed into a log
            _log.error("web.broke error=%s", type(error).__name__)
            if not sending.begun:
                here = Here(request, self.parts, request.scope["state"].get("session"))
                answer = await run_in_threadpool(_broke, here)
                await answer(request.scope, receive, sending)

    def _headers(self, path: str) -> dict[str, str]:
        hsts = {"strict-transport-security": "max-age=31536000"} if self.parts.secure else {}
        # The style is nobody's secret: it is kept, and asked about each time.
        style = {"cache-control": "no-cache"} if path.startswith(f"{STATIC}/") else {}
        return {**HEADERS, **hsts, **style}

    def _refusal(self, request: Request) -> str:
        if request.headers.get("host", "") not in self.parts.hosts:
            return "host"
        if request.method in _SAFE or request.url.path.startswith("/slack/"):
            return ""
        origin = request.headers.get("origin")
        if origin is not None and not is_ours(self.parts, origin):
            return "origin"
        return "site" if request.headers.get("sec-fetch-site") in ("cross-site", "same-site") else ""

    def _too_often(self, request: Request) -> bool:
        if self.limits is None:
            return False
        path = request.url.path
        signs_in = path == SIGN_IN or path.startswith(f"{SIGN_IN}/")
        return signs_in and not self.limits.sign_in.lets(client(request))


def is_ours(parts: Parts, origin: str) -> bool:
    """Whether *origin* is this site."""
    scheme = "https" if parts.secure else "http"
    return origin in {f"{scheme}://{host}" for host in parts.hosts}


async def too_often(here: Here) -> Response:
    """The page for whoever knocks too often, with what they typed: turned away, but not empty-handed."""
    if here.request.method == "POST" and not here.request.url.path.startswith("/slack/"):
        with suppress(TooLarge, NotRead, ClientDisconnect):
            content_type = here.request.headers.get("content-type", "")
            found = await posted(content_type, here.request.stream(), None)
            here = replace(here, fields=found.fields)
    answer = await run_in_threadpool(_often, here)
    answer.headers["retry-after"] = "60"
    return answer


def _often(here: Here) -> Response:
    if here.fields:
        return sent_back(here, 429, TOO_OFTEN)
    return show(here, "error.html", 429, message=TOO_OFTEN)


def _broke(here: Here) -> Response:
    return show(here, "error.html", 500, message=BotError.user_message)


class _Sending:
    """Sends an answer with *headers* on it; what the answer has of its own stays."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send, self._headers, self.begun = send, headers, False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            there = {name.lower() for name, _ in message["headers"]}
            more = ((name.encode(), value.encode()) for name, value in self._headers.items())
            message["headers"] = [*message["headers"], *(each for each in more if each[0] not in there)]
        await self._send(message)
