"""Whom of the school a message in Slack concerns by its marks alone: its author, and whoever it mentions."""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.domain.membership import Known, Sighting, person_of
from bot.domain.naming import named_in
from bot.domain.schools import Person, School
from bot.slack.reading import Asked
from bot.slack.who import UNREACHABLE, Member, Who

PATIENCE_S = 0.7
"""So long is Slack waited for, for all of them together: before an answer to it comes the store."""
_MOST = 12
"""So many people are looked up for one message; of more, it is not known who they are."""
_UNKNOWN = frozenset({"user_not_found", "users_not_found"})
_ANYBODY, _NOBODY = Member(frozenset()), Member(frozenset(), bot=True)
"""Somebody of whom Slack says nothing, and an id that is no person's."""


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whom a message concerns."""

    people: frozenset[str]
    """The ids of listed persons whom it concerns, or may; never of whoever asks."""
    author: str = ""
    """The name of whoever wrote it, else their Slack id; "" where that is whoever asks, or an app."""


@dataclass(frozen=True)
class Concerning:
    """
    Looks up authors and mentions among the school's people (SAFETY 8, 12).

    Where Slack does not say who somebody is, they may be anybody who is listed without a Slack id.
    """

    who: Who
    now: Callable[[], float] = field(default=time.monotonic, repr=False)

    def of(self, client: WebClient | None, known: Known, asked: Asked) -> Concerned:
        """Whom *asked* concerns; Slack is waited for `PATIENCE_S` at most."""
        users = dict.fromkeys(each for each in (asked.author, *asked.mentions) if each)
        told = self._told(client, known, tuple(users), asked.author)
        found = [_meant(known.school, user, member) for user, member in told.items()]
        people = frozenset[str]().union(*found) - {known.reporter.person}
        author = _name(known.school, asked.author, told[asked.author]) if asked.author else ""
        return Concerned(people, author)

    def named(self, client: WebClient | None, known: Known, asked: Asked) -> str:
        """The words of *asked*, in which a mention of a listed person has the name of the list as well."""
        text = asked.text
        for user, member in self._told(client, known, asked.mentions).items():
            person = _person(known.school, user, member)
            if person and person.name and person.name not in text:
                text = text.replace(f"@{user}", f"@{person.name} ({user})")
        return text

    def _told(
        self, client: WebClient | None, known: Known, users: tuple[str, ...], author: str = ""
    ) -> dict[str, Member]:
        """What Slack says of each of *users*: asked where the list leaves it open, and of the *author*."""
        listed = {each.slack for each in known.school.people}
        # An e-mail never makes somebody a person whose Slack id is another one.
        unsure = "" in listed
        asked = [each for each in users[:_MOST] if each not in listed and (unsure or each == author)]
        begun = {user: self.who.begun(client, user) for user in asked} if client else {}
        until = self.now() + PATIENCE_S
        return {user: self._member(user, begun.get(user), until) for user in users}

    def _member(self, user: str, begun: "Future[Member] | None", until: float) -> Member:
        if begun is None:
            return self.who.members.last(user) or _ANYBODY
        try:
            return self.who.members.wait(user, begun, until - self.now())
        except SlackApiError as error:
            return _NOBODY if error.response.get("error") in _UNKNOWN else _ANYBODY
        except UNREACHABLE:
            return _ANYBODY


def _meant(school: School, user: str, member: Member) -> frozenset[str]:
    """Whom *user* is, or may be, by id and by name: without an address, anybody without a Slack id."""
    if member.bot:
        return frozenset()
    person = _person(school, user, member)
    sure = bool(person or member.email or member.stranger)
    maybe = frozenset() if sure else frozenset(each.id for each in school.people if not each.slack)
    return maybe | named_in(school, member.name) | (frozenset({person.id}) if person else frozenset())


def _person(school: School, user: str, member: Member) -> Person | None:
    return person_of(school, Sighting("", user, email=member.email))


def _name(school: School, user: str, member: Member) -> str:
    person = _person(school, user, member)
    return (person.name if person else "") or member.name or user
