"""What a school runs all the time: chat, worker and index, begun together and ended together."""

import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit

import uvicorn
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackRequestError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from bot import chat
from bot.app import Desk, Staffroom, now, recent_faults, walked
from bot.binding import Binding
from bot.config import Mode, Settings, check_real_mode
from bot.delivery.worker import Worker
from bot.domain.schools import School
from bot.errors import ConfigurationError, StaleIndex
from bot.inviting import Inviting
from bot.recognising import Recognising
from bot.rereading import Rereading, rereading
from bot.sessions import Sessions
from bot.slack.app import slack_app
from bot.slack.http import PATH, slack_route
from bot.slack.parts import Parts as SlackParts
from bot.slack.socket import listening
from bot.slack.who import Who
from bot.web.app import web_app
from bot.web.openid import Account, IssuerAway, OpenId, Signing
from bot.web.pages import Page
from bot.web.parts import Parts as WebParts
from bot.web.signin_account import BACK
from bot.web.site import PAGES
from index.build import Progress

Say = Callable[[str], None]
Watch = Callable[[], AbstractContextManager[Progress]]
"""Gives a function that shows how far the reading is, for as long as its block lasts."""

TRY_AGAIN_S = 10.0
AT_ONCE = 32
"""So many requests of Slack are dealt with at the same time; each must be acknowledged within 3 s."""
REFUSED = (
    "invalid_auth",
    "not_authed",
    "account_inactive",
    "token_revoked",
    "token_expired",
    "no_permission",
)
"""What `auth.test` answers to a token that waiting does not mend (docs.slack.dev)."""

_log = logging.getLogger(__name__)


@contextmanager
def working(desk: Desk) -> Iterator[Worker]:
    """The worker in a thread of its own; when the block ends, it finishes its round and stops."""
    worker, stop = Worker(desk.delivery), threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,), name="delivery")
    thread.start()
    try:
        yield worker
    finally:
        stop.set()
        worker.poke()
        thread.join()


@dataclass(frozen=True)
class Reading:
    """Brings the index up to date and loads it, beside everything else; it can be told to stop."""

    room: Staffroom
    watch: Watch
    say: Say
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Read the policies; what cannot be read is said, and never ends the chat."""
        for line in self.room.folders.all_problems:
            self.say(f"Problem: {line}")
        try:
            self._refresh()
            self.room.index.warm()
        except StaleIndex as error:
            self.say(f"Problem: {error}")
        except _Stopped:
            return
        else:
            self.say("The policies are loaded.")

    def _refresh(self) -> None:
        try:
            with self.watch() as hear:
                report = self.room.index.refresh(lambda *how_far: self._heard(hear, *how_far))
        except StaleIndex as error:
            # An index of yesterday may still be readable.
            self.say(f"Problem: {error}")
            return
        for problem in report.problems:
            self.say(f"Problem: {problem.school}: {problem.message}")

    def _heard(self, hear: Progress, stage: str, done: int, total: int) -> None:
        if self.stop.is_set():
            # Nothing half-read is kept: the index is replaced whole, at the end.
            raise _Stopped
        hear(stage, done, total)


class _Stopped(Exception):
    """The process is to end while policies are being read."""


@contextmanager
def reading(room: Staffroom, watch: Watch, say: Say) -> Iterator[None]:
    """Read the policies in a thread of its own for as long as the block lasts, or until they are read."""
    work = Reading(room, watch, say)
    thread = threading.Thread(target=work.run, name="index")
    thread.start()
    try:
        yield
    finally:
        work.stop.set()
        thread.join()


def use_cases(room: Staffroom, desk: Desk, poke: Callable[[], None]) -> dict[str, Any]:
    """What every channel with signed-in people is made of, as `parts.UseCases` takes it."""
    return {
        "schools": room.folders.schools,
        "forms": desk.forms,
        "platforms": desk.platforms,
        "answering": room.answering,
        "recognising": Recognising(room.folders.schools, desk.store),
        "drafting": desk.drafting,
        "intake": desk.intake,
        "attaching": desk.attaching,
        "raising": desk.raising,
        "wondering": desk.wondering,
        "casework": desk.casework,
        "clock": now,
        "ready": lambda: room.index.is_warm,
        "poke": poke,
        "url": room.settings.url if room.settings.oidc_issuer else "",
        "links_to": room.settings.url,
        "max_mb": room.settings.max_mb,
    }


def serve(room: Staffroom, desk: Desk, watch: Watch, say: Say) -> None:
    """
    Serve the chat, the pages, or both, until the process is interrupted or told to end.

    The policies are read meanwhile: reports and urgent messages are taken from the first moment on.

    Raises:
        ConfigurationError: Slack refuses the token.
    """
    settings = room.settings
    with working(desk) as worker, reading(room, watch, say), ExitStack() as chats:
        chats.enter_context(rereading(schools_again(room, desk, say)))
        shared = use_cases(room, desk, worker.poke)
        routes: list[BaseRoute] = []
        if settings.slack_bot_token:
            slack = SlackChat(settings, shared, say)
            chats.enter_context(slack.joining())
            routes += slack.routes
        if pages_of(settings):
            routes.append(Mount("/", pages_app(room, desk, shared)))
            say(f"The pages are at {_site(settings)}/. Ctrl-C ends it.")
        if routes:
            # No access log: an address is nobody's business; and the process's own settings of logging stand.
            served = Starlette(routes=routes)
            # What a header says of the client may come from the client: only the connection counts, or a
            # proxy that the school named.
            uvicorn.run(
                served,
                host=settings.host,
                port=settings.port,
                log_config=None,
                access_log=False,
                proxy_headers=bool(settings.trusted_proxy),
                forwarded_allow_ips=list(settings.trusted_proxy),
            )
        else:
            _wait()


def schools_again(room: Staffroom, desk: Desk, say: Say) -> Rereading:
    """What reads a school's file again when it changes, held to what a start would refuse."""

    def refused(school: School) -> tuple[str, ...]:
        return check_real_mode(room.settings, [school])

    return Rereading(room.folders, refused, desk.delivery.note_people, say)


@dataclass
class SlackChat:
    """Slack beside everything else: joined as soon as it can be reached, and never in the pages' way."""

    settings: Settings
    shared: Mapping[str, Any]
    say: Say
    stop: threading.Event = field(default_factory=threading.Event)
    _joined: Route | None = None

    @property
    def routes(self) -> list[BaseRoute]:
        """What takes Slack's requests over HTTP; nothing where Staffroom opens the connection itself."""
        return [] if self.settings.slack_app_token else [Route(PATH, self._take, methods=["POST"])]

    @contextmanager
    def joining(self) -> Iterator[None]:
        """
        Be in Slack while the block lasts; where it cannot be reached, from when it can.

        Raises:
            ConfigurationError: Slack refuses a token.
        """
        client = chat.client(self.settings)
        me = _who(client)
        with ExitStack() as there:
            if me:
                self._join(there, client, me)
            else:
                there.enter_context(self._joining_later(client))
            yield

    @contextmanager
    def _joining_later(self, client: WebClient) -> Iterator[None]:
        trying = threading.Thread(target=self._try, args=(client,), name="slack-join")
        trying.start()
        try:
            yield
        finally:
            self.stop.set()
            trying.join()

    def _try(self, client: WebClient) -> None:
        try:
            me = None
            while me is None:
                self.say(f"Slack cannot be reached; trying again in {TRY_AGAIN_S:.0f} s. The rest goes on.")
                if self.stop.wait(TRY_AGAIN_S):
                    return
                me = _who(client)
            with ExitStack() as there:
                self._join(there, client, me)
                self.stop.wait()
        except ConfigurationError as error:
            self.say(f"Problem: {error}")

    def _join(self, there: ExitStack, client: WebClient, me: AuthorizeResult) -> None:
        settings = self.settings
        parts = SlackParts(**self.shared, who=Who(self.shared["recognising"], me.team_id or ""))
        threads = there.enter_context(ThreadPoolExecutor(AT_ONCE, "slack"))
        bolt = slack_app(parts, client, me, threads)
        if settings.slack_app_token:
            there.enter_context(listening(bolt, settings.slack_app_token, settings.slack_api_url))
            self.say("Listening to Slack over Socket Mode. Ctrl-C ends it.")
        else:
            self._joined = slack_route(bolt, settings.slack_signing_secret)
            self.say(f"Listening for Slack at {_address(settings)}{PATH}. Ctrl-C ends it.")

    async def _take(self, request: Request) -> Response:
        """Slack sends again what is answered so."""
        if self._joined is None:
            return PlainTextResponse("not yet", 503, headers={"Retry-After": f"{TRY_AGAIN_S:.0f}"})
        answer: Response = await self._joined.endpoint(request)
        return answer


def pages_of(settings: Settings) -> tuple[Page, ...]:
    """All pages wherever they have an address: without an issuer, people sign in by invitation alone."""
    return PAGES if settings.mode is Mode.SAMPLE or settings.url else ()


def pages_app(room: Staffroom, desk: Desk, shared: dict[str, Any]) -> Starlette:
    """The pages as they are served: behind the guard, with limits on how often anybody may knock."""
    return web_app(_web_parts(room, desk, shared), pages_of(room.settings))


def _web_parts(room: Staffroom, desk: Desk, shared: dict[str, Any]) -> WebParts:
    settings = room.settings
    here = {f"{name}:{settings.port}" for name in ("127.0.0.1", "localhost", "[::1]")}
    sample = settings.mode is Mode.SAMPLE
    return WebParts(
        **shared,
        sessions=Sessions(room.folders.schools, desk.store, now),
        policies=room.index,
        exporting=desk.exporting,
        sample=sample,
        hosts=frozenset(here if sample else {_host(settings.url)}),
        secure=not sample and settings.url.startswith("https:"),
        signing=None if sample else _signing(settings, shared["schools"], desk),
        recent_faults=lambda: recent_faults(desk),
        walk=lambda: walked(desk, None, lambda *_: None).faults,
    )


def _host(url: str) -> str:
    """What a browser that is at *url* says in `Host`: lower case, and no port that goes without saying."""
    parts = urlsplit(url)
    host, usual = parts.netloc.lower(), {"https": ":443", "http": ":80"}
    return host.removesuffix(usual.get(parts.scheme, ""))


def _signing(settings: Settings, schools: Mapping[str, School], desk: Desk) -> Signing:
    """The ways of signing in: the issuer where there is one, and invitations for whom it does not know."""
    openid = _issuer(settings) if settings.oidc_issuer else None
    return Signing(openid, Binding(schools, desk.store), Inviting(schools, desk.store, now))


def _issuer(settings: Settings) -> OpenId:
    account = Account(
        settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret, back(settings)
    )
    return OpenId(account)


def back(settings: Settings) -> str:
    """The address that an issuer sends people back to, which has to be registered with it."""
    return f"{settings.url.rstrip('/')}{BACK}"


def issuer_trouble(settings: Settings) -> str:
    """Why nobody could sign in at OIDC_ISSUER now, "" where they could; it is asked once."""
    try:
        _issuer(settings).check()
    except (IssuerAway, ConfigurationError) as error:
        return str(error)
    return ""


def _site(settings: Settings) -> str:
    """Where people open the pages: in real mode they answer at no other name than that of STAFFROOM_URL."""
    return _address(settings) if settings.mode is Mode.SAMPLE else settings.url.rstrip("/")


def _address(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


def _who(client: WebClient) -> AuthorizeResult | None:
    """
    Who the bot token is; None where Slack cannot be reached.

    Raises:
        ConfigurationError: Slack refuses the token.
    """
    try:
        said = client.auth_test()
    except SlackApiError as error:
        code = str(error.response.get("error", ""))
        if code in REFUSED:
            mend = "copy the bot token (xoxb-…) again from the app's page"
            raise ConfigurationError(f"SLACK_BOT_TOKEN: Slack refuses it ({code}); {mend}") from None
        return None
    except (SlackRequestError, URLError, OSError) as error:
        _log.warning("slack.unreachable error=%s", type(error).__name__)
        return None
    return AuthorizeResult(
        enterprise_id=said.get("enterprise_id"),
        team_id=said.get("team_id"),
        bot_token=client.token,
        bot_id=said.get("bot_id"),
        bot_user_id=said.get("user_id"),
    )


def _wait() -> None:
    """Wait until the process is interrupted or told to end."""
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, end)
    stop.wait()
