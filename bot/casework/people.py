"""People in a case and people kept out of it."""

from collections.abc import Iterator, Set
from dataclasses import dataclass, replace
from typing import Any

from bot.casework.room import Entered, Member, Room, carried_on, is_of, needed, with_merged
from bot.domain import moves
from bot.domain.cases import Access, Event, EventKind, Party, PartyRole, Status
from bot.domain.naming import named_in
from bot.domain.notices import NoticeKind
from bot.domain.routing import ADULT_LADDER, LADDER
from bot.errors import FormError, IllegalMove, NotAllowed

LAST_RESORT = ("social_care", "lado")
"""Whose numbers stand beside a case that nobody in school is left to hold (SAFETY 14)."""

NAMED = "named by the reporter"
"""Why somebody whom an answer names is kept out."""

_NOT_STAFF = ("pupil", "former pupil", "parent")
_WHICH = "This could be more than one person of the school: say which."
_NOBODY = "There is no person of that id at this school."
_KEPT_OUT = "That person is kept out of this case, or of one that it names."
_ALONE = (
    "Nothing was done: you would be the only one left with this case. Ask another person who has it to keep "
    "them out, or ring the LADO or the chair of governors."
)
_ELSEWHERE = "kept out of a case that goes with this one"
"""SAFETY 14: the case of a child never names the one about an adult."""


@dataclass(frozen=True)
class People(Room):
    """Who is who in a case, who else may open it, and who may not; raises as `Moving` does."""

    def record_person(self, who: Member, case: str, party: Party) -> Event:
        """
        Record somebody's role and category in *case* (SAFETY 26); recorded again, the last one counts.

        SAFETY 15: one of the school's people who is recorded as alleged is kept out from then on.

        Raises:
            FormError: no name, or one that several of the school's people may go by.
        """
        body = needed(name=party.name or party.handle) | {
            "name": party.name.strip(),
            "handle": party.handle.strip(),
            "role": party.role.value,
            "category": party.category.strip(),
        }
        with self._entered(who, case, "record a person") as room:
            body["person"] = person = _staff(room, party)
            out = (person,) if person and party.role is PartyRole.ALLEGED else ()
            event = _keep_out(room, EventKind.PERSON_RECORDED, body, out)
            room.unit.index_names(case, [name for name in (party.name, party.handle) if name.strip()])
            return event

    def share(self, who: Member, case: str, person: str, reason: str) -> Event:
        """Let *person* open *case* and act in it; raises `NotAllowed` for one who is kept out."""
        return self._share(who, case, {"person": person, "opens": True, "reason": reason})

    def tell(self, who: Member, case: str, person: str, reason: str) -> Event:
        """Tell *person* that *case* exists, and no more; raises `NotAllowed` for one who is kept out."""
        return self._share(who, case, {"person": person, "opens": False, "reason": reason})

    def exclude(self, who: Member, case: str, person: str, reason: str) -> Event:
        """
        Keep *person* out of *case*, at once and by any one holder (SAFETY 15); nobody tells them.

        They are kept out of what was merged with it and of a child's case opened beside it as well, and the
        other holders are told that something was done. Where no holder is left, the next safe person of the
        school gets the case; where there is none, the numbers outside school stand beside it.

        Raises:
            NotAllowed: nobody but *who* would be left with a case that was for others too.
        """
        body = needed(person=person, reason=reason)
        with self._entered(who, case, "exclude") as room:
            if not is_of(room.school, person):
                raise FormError({"person": _NOBODY})
            if person in room.access.excluded:
                raise IllegalMove(f"{case}: excluded", "That person is kept out already.")
            if _leaves_alone(room, person):
                raise NotAllowed(f"{case}: exclude", _ALONE)
            return _keep_out(room, EventKind.EXCLUDED, body, (person,))

    def lift_exclusion(self, who: Member, case: str, person: str, reason: str) -> Event:
        """
        Ask that *person* be no longer kept out; when a second holder asks, it is done (SAFETY 15).

        Both give a reason and neither may be kept out; the person gets no access by it.
        """
        body = needed(person=person, reason=reason)
        with self._entered(who, case, "lift an exclusion") as room:
            if person not in room.access.excluded:
                raise IllegalMove(f"{case}: not excluded", "That person is not kept out.")
            asked = _asked_to_lift(room, person)
            if who.person in asked:
                raise NotAllowed(f"{case}: same", "You have asked already: a second person has to agree.")
            return room.happen(EventKind.LIFTED if asked else EventKind.LIFT_ASKED, body)

    def _share(self, who: Member, case: str, body: dict[str, Any]) -> Event:
        person = needed(person=body["person"], reason=body["reason"])["person"]
        with self._entered(who, case, "share") as room:
            if not is_of(room.school, person):
                raise FormError({"person": _NOBODY})
            if person in _kept_out_of_any(room):
                raise NotAllowed(f"{case}: share", _KEPT_OUT)
            if person in room.access.full or (person in room.access.copies and not body["opens"]):
                raise IllegalMove(f"{case}: shared", "That person has this case already.")
            event = room.happen(EventKind.SHARED, body)
            room.notify(NoticeKind.SHARED, person, event)
            return event


def _staff(room: Entered, party: Party) -> str:
    """The id of the school's person whom *party* is, or ""; a name alone is enough for one who is alleged."""
    if party.person:
        if not is_of(room.school, party.person):
            raise FormError({"person": _NOBODY})
        return party.person
    if party.role is not PartyRole.ALLEGED or party.category.strip().casefold() in _NOT_STAFF:
        return ""
    named = named_in(room.school, f"{party.name} {party.handle}")
    if len(named) > 1:
        raise FormError({"person": _WHICH})
    return next(iter(named), "")


def keep_out_named(room: Entered, named: Set[str]) -> None:
    """Keep those out whom the reporter has named, before what they say reaches anybody (SAFETY 12)."""
    for person in sorted(named - set(room.access.excluded)):
        body = {"person": person, "reason": NAMED}
        _keep_out(room, EventKind.EXCLUDED, body, (person, *sorted(named - {person})))


def _leaves_alone(room: Entered, person: str) -> bool:
    """Whether only the actor would have the case without *person*, where it was not so from the start."""
    access, alone = room.access, {room.actor}
    theirs = {*access.full, *access.chain}
    routed = (each.body for each in room.unit.events(room.case) if each.kind is EventKind.ROUTED)
    others = {each for body in routed for key in ("full", "chain") for each in body.get(key, ())} - alone
    return person in theirs - alone and theirs - {person} <= alone and bool(others)


def _keep_out(room: Entered, kind: EventKind, body: dict[str, Any], out: tuple[str, ...]) -> Event:
    """Let an event happen that keeps *out* out, here and in every case that goes with this one."""
    event = _handing_on(room, kind, body, out)
    for other, reason in list(_going_with(room)):
        for person in sorted(set(out) - set(other.access.excluded)):
            _handing_on(other, EventKind.EXCLUDED, {"person": person, "reason": reason}, out)
    return event


def _going_with(room: Entered) -> Iterator[tuple[Entered, str]]:
    """The cases merged with this one, and the child's cases opened beside any of them, each with a reason."""
    family = with_merged(carried_on(room))
    merged = f"kept out of {room.case}, which was merged with this case"
    yield from ((each, merged) for each in family if each.case != room.case)
    bodies = (event.body for each in family for event in room.unit.events(each.case))
    children = (replace(room, case=body["child_case"]) for body in bodies if body.get("child_case"))
    tops = {top.case: top for child in children if _is_kept(top := carried_on(child))}
    yield from ((each, _ELSEWHERE) for top in tops.values() for each in with_merged(top))


def _is_kept(room: Entered) -> bool:
    return room.head.status is not Status.DELETED


def _handing_on(room: Entered, kind: EventKind, body: dict[str, Any], out: tuple[str, ...]) -> Event:
    """Let an event happen that keeps *out* out, and hand the case on where that leaves nobody."""
    access = room.access
    if set(access.full) <= set(out):
        to = _next_safe(room, access, out)
        body = body | ({"handed_to": [to]} if to else {"outside": list(LAST_RESORT)})
    event = room.happen(kind, body)
    for person in body.get("handed_to", ()):
        room.notify(NoticeKind.NEW_CASE, person, event)
    if out:
        _tell_others(room, event, {room.actor, *out, *body.get("handed_to", ())})
    return event


def _tell_others(room: Entered, event: Event, but: Set[str]) -> None:
    """Nobody is kept out behind the backs of the other holders; what was done, they see inside the case."""
    for person in room.access.full:
        if person not in but:
            room.notify(NoticeKind.REPORTER_ADDED, person, event)


def _next_safe(room: Entered, access: Access, out: tuple[str, ...]) -> str:
    ladder = ADULT_LADDER if room.head.about_adult else LADDER
    held = (person.id for role in ladder for person in room.school.holders(role))
    barred = {*access.excluded, *out}
    return next((person for person in (*access.chain, *held) if person not in barred), "")


def _asked_to_lift(room: Entered, person: str) -> set[str]:
    """Who has asked to let *person* in since they were kept out last, and may still open the case."""
    asked: set[str] = set()
    for event in room.unit.events(room.case):
        if event.kind is EventKind.LIFT_ASKED and event.body["person"] == person:
            asked.add(event.actor)
        elif event.body.get("person") == person and (
            event.kind in (EventKind.EXCLUDED, EventKind.LIFTED) or moves.is_alleged(event)
        ):
            asked.clear()
    return asked & set(room.access.full)


def _kept_out_of_any(room: Entered) -> set[str]:
    """Everybody kept out of this case or of one whose number stands in it."""
    view = room.view()
    others = (*view.links, *view.merged_from)
    return set(room.access.excluded).union(*(room.unit.access(other).excluded for other in others))
