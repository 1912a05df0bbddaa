"""Who somebody in a chat is: which school, which person of it, or nobody of ours. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.reports import Reporter
from bot.domain.schools import Person, School
from bot.errors import Stranger, WhichSchool

A_BOT = "Bots are not answered here, only people who work or help at the school."
ELSEWHERE = "Only the school's own staff are answered here, and your account belongs to another organisation."
NO_SCHOOL_HERE = "No school here uses this workspace, so nothing can be looked up or stored for you."
NOT_THERE = "You are not known at that school, so nothing of it can be shown to you."


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a chat says of whoever wrote; ids are the chat's own."""

    team: str
    """The workspace whose member they are."""
    user: str
    name: str = ""
    email: str = ""
    """Only where the chat has confirmed it, and never a stranger's."""
    channel: str = ""
    """Where they wrote; "" for a direct message or a home page."""
    groups: frozenset[str] = frozenset()
    """The user groups they are in, of those that some school names."""
    guest: bool = False
    """Let into the workspace for some channels: supply staff, trainees, coaches."""
    stranger: bool = False
    """A member of another organisation, met in a shared channel."""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody recognised: their school, and how a report of theirs names them."""

    school: School
    reporter: Reporter
    """*handle* is their e-mail where it is known, else their chat id; *person* is "" for most staff."""
    channel: str = "Slack"
    """Where they were recognised, as the record of a case names it."""
    ids: tuple[str, ...] = ()
    """Every handle that they may have filed under: their e-mail, and the chat id while that was not known."""

    @property
    def handles(self) -> tuple[str, ...]:
        """The handles under which their own reports may lie, and nobody else's."""
        return tuple(dict.fromkeys((self.reporter.handle, *self.ids)))

    def under(self, handle: str) -> "Known":
        """The same person by another of their handles."""
        return replace(self, reporter=replace(self.reporter, handle=handle))


def place(schools: Iterable[School], sighting: Sighting, chosen: str = "") -> School:
    """
    The school that *sighting* is of: by person, user group, channel, as the only one, or as *chosen* before.

    A guest is staff (SAFETY 31). Who is listed at several schools is placed by channel, else by choice.

    Raises:
        Stranger: as `choices`.
        WhichSchool: several are possible, and *chosen* is none of them.
    """
    options = choices(schools, sighting)
    for told in (_by_group, _by_channel, _only):
        if found := told(options, sighting):
            return found
    for school in options:
        if school.id == chosen:
            return school
    raise WhichSchool(tuple(school.id for school in options))


def choices(schools: Iterable[School], sighting: Sighting) -> tuple[School, ...]:
    """
    The schools that *sighting* may be of, by name: those that list them as a person, else all possible ones.

    Raises:
        Stranger: a bot, somebody of another organisation, or of a workspace that no school names.
    """
    log = f"{sighting.team}/{sighting.user}"
    if sighting.bot:
        raise Stranger(f"{log}: a bot", A_BOT)
    if sighting.stranger:
        raise Stranger(f"{log}: of another organisation", ELSEWHERE)
    possible = sorted((each for each in schools if _same_team(each, sighting)), key=lambda each: each.name)
    if not possible:
        raise Stranger(f"{log}: no school names the workspace", NO_SCHOOL_HERE)
    return tuple(each for each in possible if person_of(each, sighting)) or tuple(possible)


def known_at(school: School, sighting: Sighting) -> Known:
    """
    *sighting* as somebody of *school*, listed there or not; whether they may be is `choices`' to say.

    The handle of one who is not listed is never that of somebody who is.
    """
    person = person_of(school, sighting)
    if person:
        handle = person.email or person.slack or person.id
        reporter = Reporter(handle, person.name or sighting.name or sighting.user, person.id)
        return Known(school, reporter, ids=(handle, sighting.user))
    email = sighting.email.lower()
    listed = frozenset[str]().union(*(each.handles for each in school.people))
    # The e-mail of a listed person whose chat id is another one: what they filed must not open to this one.
    own = email if email and email.casefold() not in listed else sighting.user
    return Known(school, Reporter(own, sighting.name or sighting.user), ids=(own, sighting.user))


def person_of(school: School, sighting: Sighting) -> Person | None:
    """
    The listed person of *school* who *sighting* is, by chat id, else by e-mail; most staff are none.

    An e-mail never makes somebody a person whose chat id is another one.
    """
    for person in school.people:
        if person.slack and person.slack.casefold() == sighting.user.casefold():
            return person
    for person in school.people:
        if sighting.email and not person.slack and person.email.casefold() == sighting.email.casefold():
            return person
    return None


def at_channel(schools: Iterable[School], channel: str) -> School | None:
    """The one school that names *channel* as its own."""
    return _one(each for each in schools if channel in {*each.slack.channels, each.slack.dsl_channel} - {""})


def _by_group(options: tuple[School, ...], sighting: Sighting) -> School | None:
    """The one school that names a group they are in; whoever is listed is placed by channel, not by group."""
    if any(person_of(school, sighting) for school in options):
        return None
    return _one(each for each in options if sighting.groups.intersection(each.slack.user_groups))


def _by_channel(options: tuple[School, ...], sighting: Sighting) -> School | None:
    return at_channel(options, sighting.channel)


def _only(options: tuple[School, ...], _: Sighting) -> School | None:
    return _one(options)


def _one(schools: Iterable[School]) -> School | None:
    found = tuple(schools)
    return found[0] if len(found) == 1 else None


def _same_team(school: School, sighting: Sighting) -> bool:
    return school.slack.team in ("", sighting.team)
