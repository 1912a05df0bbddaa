"""What somebody wrote, out of Slack's markup: their words, where they stand, and what they asked before."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_sdk import WebClient

from bot.slack.who import UNREACHABLE

_MARK = re.compile(r"<([@#!][^<>]*|[a-z][a-z0-9+.-]*:[^<>]*)>")
_ID = r"[UW][A-Z0-9]{2,}"
# As `_read` writes them; what somebody is called may itself have brackets.
_PERSON = re.compile(rf"@({_ID})\b"), re.compile(rf"@[^@\n]{{1,120}}? \(({_ID})\)")
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_READ_BACK = 100
"""So many messages of a thread are looked at for an earlier question."""


_LOGGED = re.compile(r"[A-Z0-9]{2,40}-[0-9.]{3,40}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A message to the bot; *id* is the chat's id of it, and *text* its words without markup."""

    id: str
    user: str
    channel: str
    text: str
    ts: str = ""
    thread: str = ""
    files: bool = False
    """Files lie with it, which nobody has asked for: they are never fetched (SAFETY 2)."""
    public: bool = False
    """Others read it where it stands."""
    bot: str = ""
    """The Slack id of the bot, for the earlier messages that were to it."""
    author: str = ""
    """The Slack id of whoever wrote it, where that is somebody else than *user*."""

    @property
    def shown(self) -> str:
        """*id* as a log may have it: only what looks like an id of Slack's (SAFETY 29)."""
        return self.id if _LOGGED.fullmatch(self.id) else "-"

    @property
    def mentions(self) -> tuple[str, ...]:
        """The Slack ids of those whom it mentions, but for *user* and the bot."""
        found = dict.fromkeys(user for shape in _PERSON for user in shape.findall(self.text))
        return tuple(user for user in found if user not in (self.user, self.bot))


def of_event(event: Mapping[str, Any], bot: str) -> Asked:
    """The message of an `app_mention` or a direct message."""
    channel, ts = str(event.get("channel") or ""), str(event.get("ts") or "")
    return Asked(
        id=f"{channel}-{ts}",
        user=str(event.get("user") or ""),
        channel=channel,
        text=words_of(str(event.get("text") or ""), bot),
        ts=ts,
        thread=str(event.get("thread_ts") or ""),
        files=bool(event.get("files")),
        public=not channel.startswith("D"),
        bot=bot,
    )


def of_command(body: Mapping[str, Any]) -> Asked:
    """The words of a slash command, which nobody else sees."""
    channel = str(body.get("channel_id") or "")
    # A command has no time of its own; its trigger is never the same twice.
    return Asked(
        id=f"{channel}-{body.get('trigger_id', '')}",
        user=str(body.get("user_id") or ""),
        channel=channel,
        text=words_of(str(body.get("text") or "")),
    )


def of_shortcut(body: Mapping[str, Any]) -> Asked:
    """The message that a shortcut was used on; the id has who used it, for the author may ask as well."""
    message: Mapping[str, Any] = body.get("message") or {}
    channel, user = str((body.get("channel") or {}).get("id") or ""), str(body["user"]["id"])
    ts = str(message.get("ts") or body.get("message_ts") or "")
    author = str(message.get("user") or "")
    return Asked(
        id=f"{channel}-{ts}-{user}",
        user=user,
        channel=channel,
        text=words_of(str(message.get("text") or "")),
        ts=ts,
        files=bool(message.get("files")),
        public=author == user and not channel.startswith("D"),
        author="" if author == user else author,
    )


def words_of(text: str, bot: str = "") -> str:
    """
    *text* as a person reads it: without the mention of *bot*, links and names written out.

    Ids of people stay: a message must count as naming whoever it mentions (SAFETY 8).
    """
    words = _MARK.sub(lambda mark: "" if mark[1].partition("|")[0] == f"@{bot}" else _read(mark[1]), text)
    for entity, sign in _ENTITIES:
        words = words.replace(entity, sign)
    return " ".join(words.split()) if "\n" not in words else words.strip()


def earlier(client: WebClient, asked: Asked) -> tuple[str, ...]:
    """
    What the same person asked the bot before in the thread, oldest first; read now, and kept nowhere.

    None where the bot may not read the thread.
    """
    if not asked.thread:
        return ()
    try:
        found = client.conversations_replies(
            channel=asked.channel, ts=asked.thread, latest=asked.ts, limit=_READ_BACK
        )
    except UNREACHABLE:
        return ()
    said = (each for each in found.get("messages") or () if _is_theirs(each, asked))
    return tuple(words for each in said if (words := words_of(str(each.get("text") or ""), asked.bot)))


def _is_theirs(message: Mapping[str, Any], asked: Asked) -> bool:
    """Whether *message* is an earlier one of theirs, and to the bot: in a channel, one that mentions it."""
    mine = message.get("user") == asked.user and not message.get("bot_id")
    before = str(message.get("ts") or "") < asked.ts
    to_the_bot = asked.channel.startswith("D") or f"<@{asked.bot}" in str(message.get("text") or "")
    return mine and before and to_the_bot


def _read(mark: str) -> str:
    """What stands for a person, a channel or an address in angle brackets."""
    target, _, label = mark.partition("|")
    if target.startswith("@"):
        return f"@{label} ({target[1:]})" if label else target
    if target.startswith(("#", "!")):
        sign = "#" if target.startswith("#") else "@"
        return f"{sign}{(label or target[1:]).lstrip('@#')}"
    return label or target.removeprefix("mailto:").removeprefix("tel:")
