"""The use case of recognising whoever writes in a chat; when it is unclear, they are asked once."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain import membership
from bot.domain.membership import Known, Sighting
from bot.domain.schools import School
from bot.errors import Stranger, WhichSchool
from bot.ports import Store


@dataclass(frozen=True)
class Recognising:
    """Tells from a `Sighting` which school somebody belongs to, and which person of it they are."""

    schools: Mapping[str, School]
    store: Store

    def known(self, sighting: Sighting) -> Known:
        """
        Who it is.

        Raises:
            Stranger: a bot, somebody of another organisation, or of a workspace that no school names.
            WhichSchool: several schools are possible, and they have not been asked yet.
            StoreFailed: what they chose cannot be read.
        """
        try:
            school = membership.place(self.schools.values(), sighting)
        except WhichSchool:
            # Only now, for most people are placed without a look into the store.
            school = membership.place(self.schools.values(), sighting, self._chosen(sighting))
        return membership.known_at(school, sighting)

    def choices(self, sighting: Sighting) -> tuple[School, ...]:
        """The schools that *sighting* may choose from, by name; raises `Stranger` as `known` does."""
        return membership.choices(self.schools.values(), sighting)

    def choose(self, sighting: Sighting, school: str) -> Known:
        """
        Remember that *sighting* is of *school*.

        Raises:
            Stranger: that school is not possible; nothing is remembered.
            StoreBusy, StoreFailed: nothing is remembered.
        """
        known = self.possible(sighting, school)
        with self.store.writing() as unit:
            unit.put_memo(_place(sighting), known.school.id)
        return known

    def possible(self, sighting: Sighting, school: str) -> Known:
        """Who they are at a *school* that they may choose; as `choose`, but nothing is remembered."""
        return membership.known_at(_among(self.choices(sighting), sighting, school), sighting)

    def anywhere(self, sighting: Sighting) -> tuple[Known, ...]:
        """Who they are at every school that they may choose from, by name; raises `Stranger` as `known`."""
        return tuple(membership.known_at(each, sighting) for each in self.choices(sighting))

    def everywhere(self, sighting: Sighting) -> tuple[Known, ...]:
        """Every school at which they are a listed person, for those who hold a role at several."""
        try:
            possible = self.choices(sighting)
        except Stranger:
            return ()
        return tuple(
            membership.known_at(each, sighting) for each in possible if membership.person_of(each, sighting)
        )

    def at(self, sighting: Sighting, school: str) -> Known:
        """
        Who they are at *school*, whatever they chose; raises `Stranger` when they are nobody there.

        Whoever is of a workspace that *school* may be in is somebody there, listed or not: their report may
        lie there. What they may see of it is for the case to say.
        """
        there = _among(tuple(self.schools.values()), sighting, school)
        return membership.known_at(membership.choices([there], sighting)[0], sighting)

    def _chosen(self, sighting: Sighting) -> str:
        with self.store.reading() as unit:
            return unit.memo(_place(sighting))


def _among(options: tuple[School, ...], sighting: Sighting, school: str) -> School:
    for each in options:
        if each.id == school:
            return each
    raise Stranger(f"{sighting.team}/{sighting.user}: not of that school", membership.NOT_THERE)


def _place(sighting: Sighting) -> str:
    return f"place:{sighting.team}:{sighting.user}"
