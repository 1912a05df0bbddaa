"""Relating people: the cases that name somebody, and who stands in these and one step further on."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bot.casework.looking import LONGEST_REASON, asks_reason, may_know_of
from bot.casework.room import Entered, Member, Room
from bot.domain.audit import AuditKind
from bot.domain.cases import Head, Party, PartyRole, Status
from bot.domain.same_name import normalised
from bot.errors import IllegalMove, NeedsReason

MOST = 60
"""So many cases are looked into for one person; more are listed, and their people are not."""
_NOBODY = "There is nobody of that number in this case."
_OPEN_FIRST = "Open the case first; from there you can look at its people."


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody is in one case (SAFETY 26)."""

    case: str
    role: PartyRole
    category: str


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody who stands in a case with another; *through* names who leads to them, in the second step."""

    name: str
    handle: str
    standings: tuple[Standing, ...]
    through: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Around:
    """Somebody of a case, all cases naming them that the reader may know of, and who is linked by these."""

    party: Party
    heads: tuple[Head, ...]
    standings: tuple[Standing, ...]
    near: tuple[Linked, ...]
    further: tuple[Linked, ...]
    held_back: tuple[str, ...]
    """Cases whose people are not shown: they ask for a reason, or nobody has opened them yet, or too many."""
    asks: bool
    """Whether giving a reason would show more."""


@dataclass(frozen=True)
class Relating(Room):
    """Who goes with whom, as far as the reader may open the cases that say so."""

    def people_around(self, who: Member, case: str, number: int, reason: str = "") -> Around:
        """
        Return the cases naming person *number* of *case*, and the people linked with them.

        SAFETY 15 and 14: only what *who* may open, and of adults' cases what a head, or whoever holds one in
        the head's place, may know of. SAFETY 22: of another case that asks for a *reason*, and of one that
        nobody has opened yet, the people are held back without one. Each case looked into is a row in the
        audit log, as the search is (SAFETY 21); the reporter of a case links nobody.

        Raises:
            UnknownCase: as for every look at a case. IllegalMove: there is nobody of that number.
            NeedsReason: they have not opened *case* themselves.
        """
        with self._entered(who, case, "look at a person") as room:
            if not room.has_opened():
                raise NeedsReason(f"{case}: not opened", _OPEN_FIRST)
            parties = room.view().parties
            if not 1 <= number <= len(parties):
                raise IllegalMove(f"{case}: person", _NOBODY)
            why = " ".join(reason.split())[:LONGEST_REASON]
            looking = _Looking(room, who, why)
            found = _around(looking, parties[number - 1])
            room.unit.record(
                AuditKind.SEARCHED, who.person, who.school, case, f"{len(found.heads)} of one person"
            )
            for other in looking.seen:
                room.unit.record(AuditKind.PEOPLE_SEEN, who.person, who.school, other, why)
            return found


@dataclass(slots=True)
class _Looking:
    """What the reader has looked into, one case after another."""

    room: Entered
    who: Member
    why: str
    parties: dict[str, tuple[Party, ...]] = field(default_factory=dict)
    held_back: dict[str, bool] = field(default_factory=dict)
    """Case → whether a reason would show it."""

    @property
    def seen(self) -> tuple[str, ...]:
        """The other cases whose people were read."""
        return tuple(each for each in self.parties if each not in {self.room.case, *self.held_back})

    def cases_of(self, party: Party) -> tuple[str, ...]:
        """The cases naming *party* that the reader may know of, the oldest first."""
        names = [each for each in (party.name, party.handle) if each]
        found = self.room.unit.cases_naming(self.room.school.id, names)
        return tuple(each for each in found if each == self.room.case or self._may_know_of(each))

    def people_in(self, case: str) -> tuple[Party, ...]:
        """Who stands in *case*, but for its reporter; nobody where they are held back."""
        if case not in self.parties:
            self.parties[case] = () if self._is_held_back(case) else self._read(case)
        return self.parties[case]

    def _may_know_of(self, case: str) -> bool:
        return may_know_of(self.room, self.who, case)

    def _is_held_back(self, case: str) -> bool:
        if case == self.room.case:
            return False
        head = self.room.unit.head(case)
        needs = not self.why and bool(asks_reason(head))
        held = needs or head.status is Status.RECEIVED or len(self.parties) > MOST
        if held:
            self.held_back[case] = needs and head.status is not Status.RECEIVED
        return held

    def _read(self, case: str) -> tuple[Party, ...]:
        room = Entered(self.room.unit, self.room.vault, self.room.school, self.who.person, case)
        return tuple(each for each in room.view().parties if each.role is not PartyRole.REPORTER)


def _around(looking: _Looking, party: Party) -> Around:
    cases = looking.cases_of(party) or (looking.room.case,)
    near = _gathered(_beside(looking, cases, [party]))
    further: list[tuple[Party, str, str]] = []
    known = [party, *[_as_party(each) for each in near]]
    for each in near:
        others = [case for case in looking.cases_of(_as_party(each)) if case not in cases]
        further += [(found, at, each.name) for found, at, _ in _beside(looking, others, known)]
    return Around(
        party=party,
        heads=tuple(looking.room.unit.head(case) for case in cases),
        standings=tuple(_standings(looking, cases, party)),
        near=near,
        further=_gathered(further),
        held_back=tuple(looking.held_back),
        asks=any(looking.held_back.values()),
    )


def _beside(looking: _Looking, cases: Iterable[str], known: list[Party]) -> Iterator[tuple[Party, str, str]]:
    """Everybody in *cases* who is none of *known*, with the case."""
    for case in cases:
        for each in looking.people_in(case):
            if not any(_same(each, one) for one in known):
                yield each, case, ""


def _gathered(found: Iterable[tuple[Party, str, str]]) -> tuple[Linked, ...]:
    """One line for each person, with all the cases and all those who lead to them."""
    gathered: list[Linked] = []
    for party, case, through in found:
        standing = Standing(case, party.role, party.category)
        at = next((n for n, each in enumerate(gathered) if _same(_as_party(each), party)), None)
        if at is None:
            named = (through,) if through else ()
            gathered.append(Linked(party.name or party.handle, party.handle, (standing,), named))
            continue
        one = gathered[at]
        standings = tuple(dict.fromkeys((*one.standings, standing)))
        ways = tuple(dict.fromkeys((*one.through, *((through,) if through else ()))))
        gathered[at] = Linked(one.name, one.handle or party.handle, standings, ways)
    return tuple(gathered)


def _standings(looking: _Looking, cases: Iterable[str], party: Party) -> Iterator[Standing]:
    for case in cases:
        found = (each for each in looking.people_in(case) if _same(each, party))
        yield from (Standing(case, each.role, each.category) for each in found)


def _same(one: Party, other: Party) -> bool:
    return bool(_names(one) & _names(other))


def _names(party: Party) -> set[str]:
    return {normalised(each) for each in (party.name, party.handle)} - {""}


def _as_party(linked: Linked) -> Party:
    return Party(linked.name, PartyRole.OTHER, linked.handle)
