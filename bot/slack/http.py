"""Slack's requests over HTTP: sizes, signatures and repeats are checked here, before anything reads them."""

import asyncio
import hmac
import json
import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from time import time
from urllib.parse import parse_qsl

from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from slack_sdk.signature import SignatureVerifier
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

PATH = "/slack/events"
MOST_BYTES = 1024**2
"""Far above the longest payload that Slack sends, the state of a form of 100 long answers."""
FRESH_S = 300
"""So old may a request be (docs.slack.dev/authentication/verifying-requests-from-slack)."""
THREADS = 32
MOST_WAITING = 128
"""So many requests may wait for a thread; past that Slack is asked to come again, which it does."""
_REMEMBERED = 50_000
_NO_SHAPE = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
_TIMESTAMP = re.compile(r"[0-9]{1,12}")

_log = logging.getLogger(__name__)


def slack_route(app: App, signing_secret: str, now: Callable[[], float] = time) -> Route:
    """
    The route that takes every request of Slack to *app*; nothing of a body is ever logged (SAFETY 29).

    What is not from Slack, or was here before, is answered 401 with one fixed line and reaches no listener.
    *now* is in seconds since 1970.
    """
    door = _Door(app, SignatureVerifier(signing_secret), _Seen(now), now)
    return Route(PATH, door.handle, methods=["POST"])


@dataclass(frozen=True, slots=True)
class _Seen:
    """The requests of the last minutes, told by timestamp and signature; bounded."""

    now: Callable[[], float]
    requests: OrderedDict[tuple[str, str], float] = field(default_factory=OrderedDict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def first(self, request: tuple[str, str]) -> bool:
        """Remember *request*; whether it was not remembered already."""
        with self.lock:
            self._forget()
            if request in self.requests:
                return False
            # A request is fresh until FRESH_S after its timestamp, which may lie that far ahead.
            self.requests[request] = self.now() + 2 * FRESH_S
            return True

    def again(self, request: tuple[str, str]) -> None:
        """Let *request* come again: it was not dealt with."""
        with self.lock:
            self.requests.pop(request, None)

    def _forget(self) -> None:
        while self.requests:
            first, until = next(iter(self.requests.items()))
            if until >= self.now() and len(self.requests) < _REMEMBERED:
                return
            del self.requests[first]


@dataclass(slots=True)
class _Door:
    app: App
    verifier: SignatureVerifier
    seen: _Seen
    now: Callable[[], float]
    inside: int = 0
    # Threads of our own: a listener that takes long holds up neither the loop nor the desk's pages.
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "slack-http"))

    async def handle(self, request: Request) -> Response:
        """Check the request and give it to the app; answer what the app answers."""
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return _refused("too_large", 413)
        mark = (
            request.headers.get("x-slack-request-timestamp", ""),
            request.headers.get("x-slack-signature", ""),
        )
        if reason := self._reason(body, mark):
            return _refused(reason, 401)
        if self.inside >= THREADS + MOST_WAITING:
            _log.warning("slack.busy waiting=%s", MOST_WAITING)
            return PlainTextResponse("busy", 503, headers={"Retry-After": "1"})
        if not self.seen.first(mark):
            return _refused("replayed", 401)
        return await self._answered(request, body, mark)

    def _reason(self, body: bytes, mark: tuple[str, str]) -> str:
        """Why not; "" where Slack itself sent it just now."""
        timestamp, signature = mark
        if not _TIMESTAMP.fullmatch(timestamp):
            return "forged"
        try:
            expected = self.verifier.generate_signature(timestamp=timestamp, body=body) or ""
        except UnicodeDecodeError:
            return "forged"
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return "forged"
        return "stale" if abs(self.now() - int(timestamp)) > FRESH_S else ""

    async def _answered(self, request: Request, body: bytes, mark: tuple[str, str]) -> Response:
        response = Response(status_code=500)
        self.inside += 1
        try:
            work = asyncio.get_running_loop().run_in_executor(self.threads, self._dispatch, request, body)
            response = await work
        finally:
            self.inside -= 1
            if response.status_code >= 500:
                self.seen.again(mark)
        return response

    def _dispatch(self, request: Request, body: bytes) -> Response:
        try:
            return to_starlette_response(self.app.dispatch(to_bolt_request(request, _as_json(body))))
        except _NO_SHAPE as error:
            # Bolt looks for people, teams and actions before any listener, and takes no other shape.
            _log.warning("slack.unreadable error=%s", type(error).__name__)
            return PlainTextResponse("not understood", 400)


async def _read(request: Request) -> bytes | None:
    """The body, None where there is more of it than is read."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _as_json(body: bytes) -> bytes:
    """
    The object in *body*, be it JSON or a form.

    Bolt 1.30.0 takes every form with the word "payload" somewhere in it, such as a command whose text has
    it, for one with a field of that name, and finds nothing in it.

    Raises:
        ValueError: there is no object in it.
    """
    text = body.decode("utf-8")
    if not text.startswith("{"):
        fields = dict(parse_qsl(text, keep_blank_values=True))
        text = fields["payload"] if "payload" in fields else json.dumps(fields)
    if not isinstance(json.loads(text), dict):
        raise ValueError("no object")
    return text.encode("utf-8")


def _refused(reason: str, status: int) -> Response:
    _log.warning("slack.refused reason=%s", reason)
    return PlainTextResponse("refused", status)
