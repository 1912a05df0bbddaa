"""Who is behind a payload of Slack: asked of Slack, kept for some minutes, recognised by the use case."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
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

PATIENCE_S = 1.2
"""So long is Slack waited for: before an answer to it, which is due within three seconds, comes the store."""
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
        self._lock = Lock()
        self._asking = ThreadPoolExecutor(_AT_ONCE, "asking-slack")

    def get(self, key: str, ask: Callable[[], _T], patience: float = PATIENCE_S) -> _T:
        """
        The answer for *key*; when Slack cannot be asked again, an old one is better than none.

        One that comes after *patience* seconds, which is a TimeoutError, is kept for the next time.
        """
        kept = self._answers.get(key)
        if kept and self._now() < kept[0]:
            return kept[1]
        asked = self._asking.submit(lambda: self._keep(key, ask()))
        try:
            return asked.result(patience)
        except UNREACHABLE:
            if kept:
                return kept[1]
            raise

    def last(self, key: str) -> _T | None:
        """What is kept for *key*, however old, without asking."""
        kept = self._answers.get(key)
        return kept[1] if kept else None

    def _keep(self, key: str, answer: _T) -> _T:
        with self._lock:
            self._answers.pop(key, None)
            while len(self._answers) >= self._most:
                del self._answers[next(iter(self._answers))]
            self._answers[key] = (self._now() + self._seconds, answer)
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

    def sighting(self, client: WebClient, body: Mapping[str, Any]) -> Sighting:
        """
        What Slack says of the user of *body*: any event, command, action, view or shortcut.

        Where Slack cannot be asked, it is what *body* has: the id and the workspace.
        """
        home, user = self._home(client, body), user_of(body)
        try:
            member = self.members.get(user, lambda: _asked(client, user)) if user else None
        except UNREACHABLE:
            member = None
        seen = _seen(body, home, member)
        return Sighting(**{**seen, "groups": self._groups_of(client, user)})

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

    def _home(self, client: WebClient, body: Mapping[str, Any]) -> str:
        """The app's own workspace: in actions of a shared channel, *body* has that of whoever pressed."""
        if told := _authorized(body) or self.home:
            return told
        try:
            return self.homes.get("", lambda: str(client.auth_test().get("team_id") or "")) or _team_of(body)
        except UNREACHABLE:
            return _team_of(body)

    def _groups_of(self, client: WebClient, user: str) -> frozenset[str]:
        """The named groups that *user* is in; none where Slack does not let us see groups."""
        schools = self.recognising.schools.values()
        named = frozenset(group for school in schools for group in school.slack.user_groups)
        if not named:
            return frozenset()
        try:
            return _groups_with(self.groups.get("", lambda: _asked_groups(client, named)), user)
        except UNREACHABLE:
            return frozenset()


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
