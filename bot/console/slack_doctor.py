"""What `doctor` checks in Slack: the tokens, the scopes, the DSL's channel, and who can be reached."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from itertools import islice
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

from bot.config import Settings
from bot.console.checked import Check, note
from bot.domain.schools import Person, School, role_name
from bot.slack.client import web_client
from bot.slack.manifest import ASSISTANT_SCOPES, GROUP_SCOPES, name_groups, scopes

MOST_MEMBERS = 60
"""So many members of a channel are looked at; a channel for case notices has a handful."""
UNTOLD = (
    "Slack does not tell an app what other apps may read, how long the workspace keeps messages, or its "
    "plan: ask whoever runs the workspace, before the first real report"
)
_UNREACHABLE = (SlackClientError, OSError, HTTPException)
_SHARED = ("is_ext_shared", "is_shared", "is_org_shared", "is_pending_ext_shared")
_CHANNEL = {
    "channel_not_found": "Staffroom does not see it; mend the id, or type /invite @Staffroom in it",
    "not_in_channel": "Staffroom is not in it; type /invite @Staffroom in it",
    # Staffroom asks for no scope that shows public channels.
    "missing_scope": "it is not a private channel, so every member may read it; take a private one",
}


def slack_checks(settings: Settings, schools: Iterable[School]) -> Iterator[Check]:
    """Look at everything in Slack; nothing is posted there, and a call that is put off is waited for."""
    schools = list(schools)
    yield from _places_for_files(settings, schools)
    client = _patient(settings.slack_bot_token, settings.slack_api_url)
    try:
        me = client.auth_test()
    except SlackApiError as error:
        mend = "copy the bot token (xoxb-…) again from the app's page, under OAuth & Permissions"
        yield Check(False, f"SLACK_BOT_TOKEN: Slack refuses it ({_code(error)}); {mend}")
        return
    except _UNREACHABLE as error:
        where = settings.slack_api_url or "slack.com"
        yield Check(False, f"Slack: {where} cannot be reached ({type(error).__name__}); check the network")
        return
    team = str(me.get("team_id") or "")
    yield Check(True, f"Slack: {me.get('user')} in {me.get('team')} ({team})")
    yield from _scopes(me.headers, scopes(groups=name_groups(schools)))
    if settings.slack_app_token:
        yield from _app_token(settings)
    looking = _Looking(client, str(me.get("user_id") or ""), team)
    for school in schools:
        yield from looking.at(school)
    yield note(UNTOLD)


def _patient(token: str, base_url: str) -> WebClient:
    """Nobody waits for an answer in Slack here, so Slack may say when to come back."""
    client = web_client(token, base_url)
    client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=3))
    return client


def _places_for_files(settings: Settings, schools: Iterable[School]) -> Iterator[Check]:
    """Whoever is sent to a page that is not there has nowhere to add a file."""
    for school in schools:
        if school.slack.evidence == "web" and not settings.url:
            yield Check(
                False,
                f'{school.id}/school.toml: [slack] evidence = "web" needs an address for the page that takes '
                'files, or none can be added: set STAFFROOM_URL, or take evidence = "slack"',
            )
        elif school.slack.evidence == "web":
            yield Check(True, f"{school.id}: files come by a link to {settings.url}, good for 15 minutes")


def _scopes(headers: Mapping[str, Any], needed: Mapping[str, str]) -> Iterator[Check]:
    said = next((value for name, value in headers.items() if name.lower() == "x-oauth-scopes"), None)
    if said is None:
        yield note("Slack does not say which scopes the bot token has")
        return
    held = {each.strip() for each in str(said[0] if isinstance(said, list) else said).split(",")} - {""}
    for scope in sorted(needed.keys() - held):
        mend = "add it with the manifest (staffroom slack manifest) and install the app again"
        yield Check(False, f"SLACK_BOT_TOKEN lacks {scope}, {needed[scope]}; {mend}")
    spare = held & GROUP_SCOPES.keys() - needed.keys()
    more = sorted(held - needed.keys() - ASSISTANT_SCOPES.keys() - spare)
    if more:
        yield Check(False, f"SLACK_BOT_TOKEN may do more than Staffroom needs: remove {', '.join(more)}")
    for scope in sorted(spare):
        yield note(f"SLACK_BOT_TOKEN has {scope}, which is used only when a school.toml names user_groups")
    if held >= needed.keys() and not more and not spare:
        yield Check(True, "the bot token has the scopes that Staffroom needs, and no more")


def _app_token(settings: Settings) -> Iterator[Check]:
    client = _patient(settings.slack_app_token, settings.slack_api_url)
    try:
        client.apps_connections_open(app_token=settings.slack_app_token)
    except SlackApiError as error:
        mend = "make one with connections:write on the app's page, under App-Level Tokens"
        yield Check(False, f"SLACK_APP_TOKEN: Slack refuses it ({_code(error)}); {mend}")
    except _UNREACHABLE as error:
        yield Check(False, f"SLACK_APP_TOKEN: Slack cannot be reached ({type(error).__name__})")
    else:
        yield Check(True, "the app token opens Socket Mode")


@dataclass(frozen=True, slots=True)
class _Looking:
    """Looks at one school in Slack."""

    client: WebClient
    me: str
    team: str

    def at(self, school: School) -> Iterator[Check]:
        file = f"{school.id}/school.toml"
        place = school.slack
        if place.team and place.team != self.team:
            yield Check(False, f"{file}: [slack] team is {place.team}, but the app is in {self.team}")
        if place.dsl_channel:
            where = f"{file}: dsl_channel {place.dsl_channel}"
            yield from (Check(False, f"{where}: {problem}") for problem in self._channel(place.dsl_channel))
        else:
            yield note(f"{school.id}: no dsl_channel; case notices go by direct message")
        unreached = [*self._people(school)]
        yield from (Check(False, f"{file}: {problem}") for problem in unreached)
        if not unreached:
            yield Check(True, f"{school.id}: Slack reaches everybody in [people]")

    def _channel(self, channel: str) -> Iterator[str]:
        try:
            found = self.client.conversations_info(channel=channel).get("channel") or {}
            yield from _room_problems(found)
            yield from self._members(channel)
        except SlackApiError as error:
            yield _CHANNEL.get(_code(error), f"Slack does not show it ({_code(error)})")
        except _UNREACHABLE as error:
            yield f"Slack cannot be reached ({type(error).__name__})"

    def _members(self, channel: str) -> Iterator[str]:
        pages = self.client.conversations_members(channel=channel, limit=MOST_MEMBERS + 1)
        members = list(
            islice((each for page in pages for each in page.get("members") or ()), MOST_MEMBERS + 1)
        )
        if len(members) > MOST_MEMBERS:
            yield f"more than {MOST_MEMBERS} people read it; take one for the safeguarding team alone"
            return
        for member in members:
            user = self.client.users_info(user=member).get("user") or {}
            if problem := self._odd(user, member):
                yield problem

    def _odd(self, user: Mapping[str, Any], member: str) -> str:
        name = str(user.get("real_name") or user.get("name") or member)
        if user.get("is_bot"):
            return "" if member == self.me else f"the app {name} is in it and may read it; remove it"
        if user.get("is_stranger") or str(user.get("team_id") or self.team) != self.team:
            return f"{name} of another organisation is in it; remove them"
        if user.get("is_restricted") or user.get("is_ultra_restricted"):
            return f"{name} is a guest and is in it; remove them"
        return ""

    def _people(self, school: School) -> Iterator[str]:
        for person in school.people:
            held = [role_name(role) for role in school.roles if person in school.holders(role)]
            if held and (problem := self._reached(person)):
                yield f"Slack does not reach {person.id} ({', '.join(held)}): {problem}"

    def _reached(self, person: Person) -> str:
        """Why not; "" where a direct message arrives."""
        try:
            if person.slack:
                found = self.client.users_info(user=person.slack)
            elif person.email:
                found = self.client.users_lookupByEmail(email=person.email)
            else:
                return "add slack or email to their [[person]]"
        except SlackApiError as error:
            which = "the id in slack" if person.slack else "the address in email"
            return f"nobody has {which} ({_code(error)}); mend it, or invite them"
        except _UNREACHABLE as error:
            return f"Slack cannot be reached ({type(error).__name__})"
        user = found.get("user") or {}
        if user.get("deleted"):
            return "their account is deactivated"
        return "that is an app, not a person" if user.get("is_bot") else ""


def _room_problems(room: Mapping[str, Any]) -> Iterator[str]:
    if not room.get("is_private"):
        yield _CHANNEL["missing_scope"]
    if room.get("is_archived"):
        yield "it is archived; unarchive it, or take another one"
    if not room.get("is_member"):
        yield _CHANNEL["not_in_channel"]
    if any(room.get(each) for each in _SHARED):
        yield "it is shared with another organisation; take one of the school's own"


def _code(error: SlackApiError) -> str:
    return str(error.response.get("error") or "no reason given")
