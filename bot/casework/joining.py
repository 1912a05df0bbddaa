"""Joining cases: links, and duplicates merged into one."""

from dataclasses import dataclass
from typing import Any

from bot.casework.room import Entered, Member, Room, may_open, needed
from bot.domain.cases import Event, EventKind
from bot.errors import IllegalMove, NotAllowed, UnknownCase

_SELF = "A case cannot be joined with itself."
_TWO_TRACKS = "A case about an adult and another case are kept apart: link them instead."
_NOT_BOTH = "Somebody who has one of the two may not know of the other: they cannot be linked."


@dataclass(frozen=True)
class Joining(Room):
    """Links and merges, by somebody who may open both cases; raises as `Moving` does."""

    def link(self, who: Member, case: str, other: str, reason: str) -> tuple[Event, ...]:
        """
        Write the number of each case into the other, where everybody who has it may know of the other.

        SAFETY 14 and 15: a case about an adult is never named in another one, nor any case where somebody
        has it who is kept out of the one that would be named; with no place left, `NotAllowed`.
        """
        body = needed(reason=reason)
        with self._entered(who, case, "link") as room:
            second = _also(room, who, other)
            pairs = [(room, second), (second, room)]
            told = [(at, named) for at, named in pairs if _may_name(at, named)]
            if not told:
                raise NotAllowed(f"{case}: link", _NOT_BOTH)
            return tuple(at.happen(EventKind.LINKED, {**body, "case": named.case}) for at, named in told)

    def merge(self, who: Member, case: str, into: str, reason: str, seen: int) -> Event:
        """
        Carry on *case* in the case *into*; its events stay, and its reporter sees the status of *into*.

        Nobody gets access by it: *into* keeps its own recipients, and whoever is kept out of one case is
        from then on kept out of both (SAFETY 15).
        """
        body = needed(reason=reason)
        with self._entered(who, case, "merge") as room:
            target = _also(room, who, into)
            if room.head.about_adult != target.head.about_adult:
                raise IllegalMove(f"{case}: tracks", _TWO_TRACKS)
            excluded = list(dict.fromkeys((*target.access.excluded, *room.access.excluded)))
            united: dict[str, Any] = {**body, "excluded": excluded}
            room.check(EventKind.MERGED, seen)
            # Into a case that is still being worked on, as another merge needs too.
            target.check(EventKind.MERGED)
            names = [name for party in room.view().parties for name in (party.name, party.handle) if name]
            target.happen(EventKind.LINKED, {**united, "case": case, "merged": True})
            target.unit.index_names(into, names)
            return room.happen(EventKind.MERGED, {**united, "into": into})


def _also(room: Entered, who: Member, other: str) -> Entered:
    if not may_open(room.unit, who, other):
        raise UnknownCase("refused")
    if other == room.case:
        raise IllegalMove(f"{other}: itself", _SELF)
    return Entered(room.unit, room.vault, room.school, room.actor, other)


def _may_name(at: Entered, named: Entered) -> bool:
    """Whether everybody who has the case *at*, or may get it by the clock, may know of *named*."""
    if named.head.about_adult and not at.head.about_adult:
        return False
    access = at.access
    return not {*access.full, *access.copies, *access.chain} & set(named.access.excluded)
