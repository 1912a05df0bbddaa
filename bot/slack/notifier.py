"""Notices in Slack: free of content, to the DSL's private channel or to the person alone (SAFETY 25)."""

import logging
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.client import HTTPException
from threading import Lock
from time import monotonic
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.notice_words import words
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.schools import School
from bot.errors import NotDelivered
from bot.slack import blocks, ids

EVENT_TYPE = "staffroom_notice"
"""The type of the metadata that carries the key of a notice."""

MESSAGE = 6000
"""
The most characters in the blocks of a message.

Slack's own limit is not documented: near 12,000, signs of the blocks included (slackapi/bolt-js issue 2867).
"""

REMEMBERED_S = 600.0
"""How long an address stands for one account: "dsl@…" may be somebody else's tomorrow."""

_TO_CHANNEL = frozenset(
    (
        *(NoticeKind.NEW_CASE, NoticeKind.REMINDER, NoticeKind.ESCALATION),
        *(NoticeKind.NO_ACTION_YET, NoticeKind.REPORTER_ADDED),
    )
)
_OPENED = _TO_CHANNEL | {NoticeKind.SHARED}
_TO_REPORTER = frozenset((NoticeKind.REPLY, NoticeKind.REPORTER_ASKED, NoticeKind.NOT_OPENED))
_CHANNEL_ROLES = ("dsl", "deputy_dsl")

_SLACK_ID = re.compile(r"[UW][A-Z0-9-]{2,}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_CODE = re.compile(r"[a-z_]{1,60}")
_LANES, _ACCOUNTS = 64, 1000
_log = logging.getLogger(__name__)


class _Refused(NotDelivered):
    """Slack would not take it there; another place may."""


@dataclass(frozen=True, slots=True)
class _Lanes:
    """One post at a time to each channel; two channels may share a lane, and then wait for each other."""

    locks: tuple[Lock, ...] = field(default_factory=lambda: tuple(Lock() for _ in range(_LANES)))

    @contextmanager
    def of(self, channel: str) -> Iterator[None]:
        with self.locks[hash(channel) % _LANES]:
            yield


@dataclass(frozen=True, slots=True)
class _Accounts:
    """E-mail address → Slack id, and when that was asked; the oldest go first."""

    known: OrderedDict[str, tuple[str, float]] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def get(self, email: str, now: float) -> str:
        with self.lock:
            user, asked = self.known.get(email, ("", 0.0))
            return user if now - asked < REMEMBERED_S else ""

    def put(self, email: str, user: str, now: float) -> None:
        with self.lock:
            self.known[email] = (user, now)
            self.known.move_to_end(email)
            while len(self.known) > _ACCOUNTS:
                self.known.popitem(last=False)

    def forget(self, user: str) -> None:
        with self.lock:
            for email in [email for email, (known, _) in self.known.items() if known == user]:
                del self.known[email]


@dataclass(frozen=True, slots=True)
class SlackNotifier:
    """
    Implements `ports.Notifier`; *client* must have a timeout well below the lease of the outbox.

    A channel that does not take a notice (archived, left, gone) gives way to the person's direct message.
    """

    client: WebClient = field(repr=False)
    link: str = ""
    timer: Callable[[], float] = field(default=monotonic, repr=False)
    lanes: _Lanes = field(default_factory=_Lanes, repr=False)
    accounts: _Accounts = field(default_factory=_Accounts, repr=False)

    @property
    def name(self) -> str:
        """The channel, as the audit log names it."""
        return "Slack"

    def reaches(self, school: School, to: str) -> bool:
        """Whether *to* has a Slack id or an e-mail address; Slack is not asked."""
        return bool(_address(school, to))

    def send(self, school: School, notice: Notice) -> None:
        """
        Post *notice*, with a digest of its key in the metadata of the message.

        Raises:
            NotDelivered: with Slack's code for it, and `retry_after` where Slack says when to come back.
        """
        user = self._user(_address(school, notice.to))
        channel = _channel(school, notice)
        if channel:
            try:
                self._post(channel, school, notice, user)
            except _Refused as error:
                _log.warning("channel.refused school=%s error=%s", school.id, error)
                channel = ""
        if not channel:
            self._directly(user, school, notice)

    def _directly(self, user: str, school: School, notice: Notice) -> None:
        try:
            opened = self._call(self.client.conversations_open, users=user)
            self._post(str((opened.get("channel") or {}).get("id") or user), school, notice)
        except _Refused:
            self.accounts.forget(user)
            raise

    def _user(self, address: str) -> str:
        if not address:
            raise NotDelivered("slack: no address")
        if known := self.accounts.get(address, self.timer()):
            return known
        # Slack takes a message to a deleted account as well: then nobody reads it, and no e-mail would go.
        ask, by = (
            (self.client.users_info, {"user": address})
            if _SLACK_ID.fullmatch(address)
            else (self.client.users_lookupByEmail, {"email": address})
        )
        user = self._call(ask, **by).get("user") or {}
        if not user.get("id") or user.get("deleted") or user.get("is_bot"):
            raise NotDelivered("slack: no account")
        self.accounts.put(address, str(user["id"]), self.timer())
        return str(user["id"])

    def _post(self, channel: str, school: School, notice: Notice, mentioned: str = "") -> None:
        said = words(notice, school, self.link)
        loud = notice.kind is NoticeKind.RING_SENDER or (notice.urgent and notice.kind in _OPENED)
        urgent = "URGENT. " if loud else ""
        to = f"<@{mentioned}> " if mentioned else ""
        messages = _messages(school, said.body, mentioned)
        messages[-1] += _buttons(notice)
        # Hashed: the key names a person.
        key = sha256(notice.key.encode()).hexdigest()
        with self.lanes.of(channel):
            for drawn in messages:
                self._call(
                    self.client.chat_postMessage,
                    channel=channel,
                    text=f"{to}{urgent}{blocks.escaped(said.subject)}",
                    blocks=drawn,
                    metadata={"event_type": EVENT_TYPE, "event_payload": {"key": key}},
                    unfurl_links=False,
                    unfurl_media=False,
                )

    def _call(self, method: Callable[..., Any], **said: Any) -> Any:
        """What *method* answers; raises `NotDelivered` with a code alone, for the rest may name people."""
        try:
            return method(**said)
        except SlackApiError as error:
            raise _not_delivered(error) from None
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            raise NotDelivered(f"slack: {type(error).__name__}") from None


def _channel(school: School, notice: Notice) -> str:
    """The private channel where *notice* may stand, or "": never for an adult's case or an exclusion."""
    if notice.direct or notice.kind not in _TO_CHANNEL:
        return ""
    holders = {person.id for role in _CHANNEL_ROLES for person in school.holders(role)}
    return school.slack.dsl_channel if notice.to in holders else ""


def _address(school: School, to: str) -> str:
    """The Slack id or e-mail address of *to*, or ""."""
    found: tuple[str, ...]
    if to.startswith(REPORTER_PREFIX):
        handle = to.removeprefix(REPORTER_PREFIX)
        person = next((each for each in school.people if handle.casefold() in each.handles), None)
        found = (person.slack, person.email) if person else (handle,)
    else:
        found = next(((each.slack, each.email) for each in school.people if each.id == to), ())
    return next((each for each in found if _SLACK_ID.fullmatch(each) or _EMAIL.fullmatch(each)), "")


def _messages(school: School, body: str, mentioned: str) -> list[list[blocks.Block]]:
    """*body* as the blocks of one message, or of several when it is long."""
    lines = [part for line in body.split("\n") for part in blocks.pieces(line)]
    drawn: list[list[blocks.Block]] = [[blocks.line(blocks.mention(mentioned))] if mentioned else []]
    used = 0
    for line in lines:
        if used + len(line) > MESSAGE:
            drawn.append([])
            used = 0
        drawn[-1].append(blocks.line(*_tapped(school, line)))
        used += len(line)
    return [[blocks.rich(*each)] for each in drawn]


def _tapped(school: School, line: str) -> list[blocks.Block]:
    """*line* with the numbers of the school, and 999, to tap."""
    numbers = {"999", *school.contacts.values()}
    known = "|".join(re.escape(number) for number in sorted(numbers, key=len, reverse=True))
    parts = re.split(rf"(?<![\w-])({known})(?![\w-])", line)
    return [blocks.telephone(part) if part in numbers else blocks.words(part) for part in parts if part]


def _buttons(notice: Notice) -> list[blocks.Block]:
    value = ids.case_value(notice.school, notice.case)
    mine = blocks.button(ids.MY_REPORTS, "My reports", notice.school)
    if notice.kind in _TO_REPORTER:
        return [blocks.actions(mine)]
    if not notice.case:
        return []
    if notice.kind in _OPENED:
        return [blocks.actions(blocks.button(ids.OPEN_CASE, "Open", value, "primary"))]
    if notice.kind is NoticeKind.RECEIPT:
        more = blocks.button(ids.MORE_EVIDENCE, "More evidence", value)
        sent = blocks.button(ids.SHOW_SENT, "Show what I sent", value)
        return [blocks.actions(more, sent, mine)]
    return []


def _not_delivered(error: SlackApiError) -> NotDelivered:
    """Ours for *error*; what is over in a while is told from what Slack refuses."""
    status = getattr(error.response, "status_code", 200)
    # slack_sdk puts the body of an answer that is no JSON where the code belongs.
    said = str(error.response.get("error") or "") if status in {200, 429} else ""
    code = said if _CODE.fullmatch(said) else f"http {status}"
    if status == 429 or code in ("ratelimited", "rate_limited"):
        return NotDelivered(f"slack: {code}", _retry_after(error))
    passing = status >= 500 or code in _PASSING
    return NotDelivered(f"slack: {code}") if passing else _Refused(f"slack: {code}")


_PASSING = frozenset(("internal_error", "fatal_error", "service_unavailable", "request_timeout", "http 200"))


def _retry_after(error: SlackApiError) -> float | None:
    headers = getattr(error.response, "headers", {})
    given = next((headers[key] for key in headers if key.lower() == "retry-after"), "")
    said = str(given[0] if isinstance(given, list) and given else given)
    return float(said) if said.isdecimal() else None
