"""Who is behind a payload of Slack: asked of Slack, kept for some minutes, recognised by the use case."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import Lock
from typing import Any, Generic, TypeVar

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.membership import Known, Sighting
from bot.recognising import Recognising

UNREACHABLE = (SlackClientError, OSError, HTTPException)
"""What a call to Slack raises when it says no, says nothing, or cannot be reached in time."""

PATIENCE_S = 0.7
"""
So long is Slack waited for, in all, before an answer to it: that is due within three seconds, and after
this comes the store, which takes two to say that it is busy.
"""
OLD_S = 3600.0
"""What was heard longer ago counts for nothing: an account may have changed or closed since."""
_KEPT_S, _MOST, _AT_ONCE = 300.0, 1000, 16
_SLACKBOT = "USLACKBOT"
"""Slack's own, of which `is_bot` is false."""
_T = TypeVar("_T")


class Kept(Generic[_T]):
    """Answers of Slack, kept in memory alone for some seconds; beyond *most*, the oldest make room."""

    def __init__(
        self, seconds: float = _KEPT_S, most: int = _MOST, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._most, self._now = seconds, most, now
        self._answers: dict[str, tuple[float, _T]] = {}
        self._asked: dict[str, Future[_T]] = {}
        self._lock = Lock()
        self._asking = ThreadPoolExecutor(_AT_ONCE, "asking-slack")

    def get(self, key: str, ask: Callable[[], _T], patience: float = PATIENCE_S) -> _T:
        """
        The answer for *key*; when Slack cannot be asked again, an old one is better than none.

        One that comes after *patience* seconds, which is a TimeoutError, is kept for the next time.
        """
        return self.wait(key, self.begin(key, ask), patience)

    def begin(self, key: str, ask: Callable[[], _T]) -> "Future[_T]":
        """Have *ask* begun where nothing fresh is kept for *key*, and do not wait for it."""
        with self._lock:
            kept = self._answers.get(key)
            if kept and self._now() < kept[0] + self._seconds:
                fresh: Future[_T] = Future()
                fresh.set_result(kept[1])
                return fresh
            # A Slack that hangs is asked once, however many people write meanwhile.
            pending = self._asked.get(key)
            if pending is None or pending.done():
                pending = self._asked[key] = self._asking.submit(lambda: self._keep(key, ask()))
            return pending

    def wait(self, key: str, asked: "Future[_T]", patience: float) -> _T:
        """What was *asked*, as `get` says."""
        try:
            return asked.result(max(patience, 0))
        except UNREACHABLE:
            last = self.last(key)
            if last is None:
                raise
            return last

    def last(self, key: str) -> _T | None:
        """What is kept for *key* and not older than an hour, without asking."""
        kept = self._answers.get(key)
        return kept[1] if kept and self._now() < kept[0] + max(self._seconds, OLD_S) else None

    def _keep(self, key: str, answer: _T) -> _T:
        with self._lock:
            self._asked.pop(key, None)
            self._answers.pop(key, None)
            while len(self._answers) >= self._most:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = (self._now(), answer)
        return answer


@dataclass(frozen=True, slots=True)
class Member:
    """What Slack says of a user."""

    teams: frozenset[str]
    """The workspaces of which they are a member."""
    name: str = ""
    email: str = ""
    """Only where Slack has confirmed it."""
    guest: bool = False
    stranger: bool = False
    """Of no workspace that the app shares, or an account that was closed."""
    bot: bool = False


@dataclass(frozen=True)
class Who:
    """Turns payloads into sightings."""

    recognising: Recognising
    home: str = ""
    """The workspace in which the app is installed, where that is known; otherwise Slack is asked."""
    members: Kept[Member] = field(default_factory=Kept, repr=False, compare=False)
    groups: Kept[Mapping[str, frozenset[str]]] = field(default_factory=Kept, repr=False, compare=False)
    """The user groups that some school names, each with its users."""
    homes: Kept[str] = field(default_factory=lambda: Kept(float("inf")), repr=False, compare=False)
    now: Callable[[], float] = field(default=time.monotonic, repr=False, compare=False)

    def sighting(self, client: WebClient, body: Mapping[str, Any]) -> Sighting:
        """
        What Slack says of the user of *body*: any event, command, action, view or shortcut.

        Where Slack cannot be asked in time, it is what *body* has: the id and the workspace. For all
        that is asked there is one deadline. Whoever sends a view was seen when it was drawn: what was heard
        of them then is enough.
        """
        user, until = user_of(body), self.now() + PATIENCE_S
        lately = body.get("type") == "view_submission"
        # Both at once, for the store needs most of the time that there is.
        member = self.members.begin(user, lambda: _asked(client, user)) if user else None
        groups = self.groups.begin("", lambda: _asked_groups(client, self._named)) if self._named else None
        home = self._home(client, body, until)
        seen = _seen(body, home, self._heard(self.members, user, member, until, lately))
        listed = self._heard(self.groups, "", groups, until, lately) or {}
        return Sighting(**{**seen, "groups": _groups_with(listed, user)})

    def known(self, client: WebClient, body: Mapping[str, Any]) -> Known:
        """Who it is; raises `Stranger` and `WhichSchool`."""
        return self.recognising.known(self.sighting(client, body))

    def glimpse(self, body: Mapping[str, Any]) -> Sighting:
        """What is known of the user of *body* without asking Slack anything."""
        user = user_of(body)
        groups = self.groups.last("") or {}
        home = _authorized(body) or self.home or self.homes.last("") or _team_of(body)
        seen = _seen(body, home, self.members.last(user))
        return Sighting(**{**seen, "groups": _groups_with(groups, user)})

    def begun(self, client: WebClient, user: str) -> "Future[Member]":
        """Have Slack asked about *user*; `members.wait` says what became of it."""
        return self.members.begin(user, lambda: _asked(client, user))

    def _home(self, client: WebClient, body: Mapping[str, Any], until: float) -> str:
        """The app's own workspace: in actions of a shared channel, *body* has that of whoever pressed."""
        if told := _authorized(body) or self.home:
            return told
        asked = self.homes.begin("", lambda: str(client.auth_test().get("team_id") or ""))
        return self._heard(self.homes, "", asked, until) or _team_of(body)

    def _heard(
        self, kept: Kept[_T], key: str, asked: "Future[_T] | None", until: float, lately: bool = False
    ) -> _T | None:
        """What was *asked*, by the deadline; None without. *lately* heard is enough."""
        if asked is None:
            return None
        had = lately and kept.last(key) is not None
        try:
            return kept.wait(key, asked, 0 if had else until - self.now())
        except UNREACHABLE:
            return None

    @property
    def _named(self) -> frozenset[str]:
        """The user groups that some school names."""
        schools = self.recognising.schools.values()
        return frozenset(group for school in schools for group in school.slack.user_groups)


def user_of(body: Mapping[str, Any]) -> str:
    """The id of whoever did what *body* tells; "" for what no user did."""
    event = _part(body, "event")
    for place in (body, event, _part(event, "message"), _part(event, "previous_message")):
        user = place.get("user") or place.get("user_id")
        found = user.get("id") if isinstance(user, Mapping) else user
        if isinstance(found, str) and found:
            return found
    return ""


def channel_of(body: Mapping[str, Any]) -> str:
    """The channel or direct message in which it was done; "" for a modal or a home page."""
    event, container = _part(body, "event"), _part(body, "container")
    for place in (body, event, _part(event, "item"), container):
        channel = place.get("channel") or place.get("channel_id")
        found = channel.get("id") if isinstance(channel, Mapping) else channel
        if isinstance(found, str) and found:
            return found
    return ""


def _seen(body: Mapping[str, Any], home: str, member: Member | None) -> dict[str, Any]:
    user, channel = user_of(body), channel_of(body)
    posted_by_an_app = bool(_part(body, "event").get("bot_id"))
    bot = posted_by_an_app or user in ("", _SLACKBOT) or (member is not None and member.bot)
    teams = member.teams if member and member.teams else frozenset({_actor_team(body) or home})
    stranger = (member is not None and member.stranger) or home not in teams
    where = {"user": user, "channel": "" if channel.startswith("D") else channel, "bot": bot}
    if stranger:
        return {**where, "team": min(teams), "stranger": True}
    facts = {"name": member.name, "email": member.email, "guest": member.guest} if member else {}
    return {**where, **facts, "team": home}


def _asked(client: WebClient, user: str) -> Member:
    """docs.slack.dev/reference/objects/user-object."""
    said = _part(client.users_info(user=user), "user")
    profile, grid = _part(said, "profile"), _part(said, "enterprise_user")
    teams = {said.get("team_id"), *(grid.get("teams") or ())}
    # A workspace that confirms no addresses sends no such field.
    confirmed = said.get("is_email_confirmed", True) is True
    return Member(
        teams=frozenset(each for each in teams if _is_workspace(each)),
        name=str(profile.get("real_name") or said.get("real_name") or ""),
        email=str(profile.get("email") or "") if confirmed else "",
        guest=bool(said.get("is_restricted") or said.get("is_ultra_restricted")),
        stranger=bool(said.get("is_stranger") or said.get("deleted")),
        bot=bool(said.get("is_bot")),
    )


def _asked_groups(client: WebClient, named: frozenset[str]) -> Mapping[str, frozenset[str]]:
    """In one call for all; without the scope, or a plan with groups, there are none for a while."""
    try:
        listed = client.usergroups_list(include_users=True).get("usergroups") or ()
    except SlackApiError as error:
        if error.response.get("error") == "ratelimited":
            raise
        return {}
    return {each["id"]: frozenset(each.get("users") or ()) for each in listed if each.get("id") in named}


def _groups_with(groups: Mapping[str, frozenset[str]], user: str) -> frozenset[str]:
    return frozenset(group for group, users in groups.items() if user in users)


def _authorized(body: Mapping[str, Any]) -> str:
    """The workspace whose installation *body* was sent to, where it says so beyond doubt."""
    listed = body.get("authorizations")
    first = listed[0] if isinstance(listed, list) and listed else {}
    told = _part({"first": first}, "first").get("team_id")
    return str(told or _part(body, "view").get("app_installed_team_id") or "")


def _team_of(body: Mapping[str, Any]) -> str:
    team = body.get("team")
    named = team.get("id") if isinstance(team, Mapping) else team
    return str(named or body.get("team_id") or _actor_team(body))


def _actor_team(body: Mapping[str, Any]) -> str:
    """The workspace of whoever acted: in a shared channel not always the app's."""
    event, user = _part(body, "event"), _part(body, "user")
    for told in (event.get("user_team"), event.get("team"), user.get("team_id"), body.get("team_id")):
        if _is_workspace(told):
            return str(told)
    return ""


def _is_workspace(told: Any) -> bool:
    """Whether *told* is the id of a workspace; one with an E is a whole organisation's, and tells nothing."""
    return isinstance(told, str) and bool(told) and not told.startswith("E")


def _part(whole: Any, key: str) -> Mapping[str, Any]:
    """The object under *key*; an empty one where there is none, or something else."""
    found = whole.get(key)
    return found if isinstance(found, Mapping) else {}
