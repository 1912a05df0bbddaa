"""When a role changes hands: access that came by the role ends, and whoever holds it now has the cases."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from bot.domain.cases import Access, Event, EventKind, Head, Status, Wanted
from bot.domain.moves import LIVE, STAFFROOM, access_after
from bot.domain.naming import named_in
from bot.domain.notices import Notice, NoticeKind
from bot.domain.openings import ids
from bot.domain.schools import School
from bot.ports import Unit

WHY = "a role changed hands"
"""The "why" in the body of the `EventKind.ROUTED` that this leaves."""

_ALL = Wanted(statuses=tuple(each for each in Status if each is not Status.DELETED), limit=1_000_000)
_OF_A_CHILD, _OF_AN_ADULT = ("dsl", "deputy_dsl", "head"), ("head", "chair", "trust_lead")
_IN_SCHOOL = ("dsl", "deputy_dsl", "head", "chair", "trust_lead")


@dataclass(frozen=True, slots=True)
class HandingOn:
    """One change of the roles of *school*, from what they were *before*."""

    unit: Unit
    school: School
    before: Mapping[str, Sequence[str]]

    def run(self) -> int:
        """Hand on every case that came to somebody by a role they hold no more; return how many."""
        new = {
            person: self._instead_of(person)
            for held in self.before.values()
            for person in held
            if self._lost(person)
        }
        return sum(self._hand_on(head, new) for head in self._cases(new)) if new else 0

    def _lost(self, person: str) -> tuple[str, ...]:
        held = ((role, holders) for role, holders in self.before.items() if person in holders)
        return tuple(role for role, _ in held if person not in self.school.roles.get(role, ()))

    def _instead_of(self, person: str) -> tuple[str, ...]:
        """Who holds now what *person* held, and did not before."""
        lost = self._lost(person)
        found = (each for role in lost for each in ids(self.school, role) if each not in self.before[role])
        return tuple(dict.fromkeys(found))

    def _cases(self, gone: Iterable[str]) -> tuple[Head, ...]:
        people = dict.fromkeys((*gone, *(each.id for each in self.school.people)))
        heads = (head for person in people for head in self.unit.heads(self.school.id, person, _ALL))
        return tuple({head.case: head for head in heads}.values())

    def _hand_on(self, head: Head, new: Mapping[str, Sequence[str]]) -> bool:
        case = _Case(self.school, head, self.unit.access(head.case), self.unit.events(head.case), new)
        full = case.without(case.access.full)
        if not full:
            # SAFETY 18: what is nobody's ends in silence.
            full = case.somebody() or case.access.full
        chain = tuple(each for each in case.without(case.access.chain) if each not in full)
        if (full, chain) == (case.access.full, case.access.chain):
            return False
        self._keep(case, replace(case.access, full=full, chain=chain))
        return True

    def _keep(self, case: "_Case", access: Access) -> None:
        routed = next((each.body for each in case.events if each.kind is EventKind.ROUTED), {})
        body = {**asdict(access), "clause": routed.get("clause", ""), "why": WHY}
        event = self.unit.append(case.head.case, EventKind.ROUTED, STAFFROOM, body)
        self.unit.put_access(case.head.case, access_after(case.access, event))
        now = self.unit.head(case.head.case)
        if now.assigned and now.assigned not in access.full:
            self.unit.put_head(replace(now, assigned=""))
        for person in access.full:
            # That people changed is told anyway; what is over asks nothing of them.
            if person not in case.access.full and now.status in LIVE:
                self._tell(now, event, person)

    def _tell(self, head: Head, event: Event, person: str) -> None:
        key = f"{head.case}:{event.seq}:{person}"
        now, school = self.unit.now, self.school.id
        self.unit.enqueue(Notice(key, NoticeKind.NEW_CASE, school, person, now, head.case, head.urgent))


@dataclass(frozen=True, slots=True)
class _Case:
    school: School
    head: Head
    access: Access
    events: tuple[Event, ...]
    new: Mapping[str, Sequence[str]]
    """Whoever holds a role no more → who holds it instead."""

    def without(self, people: Sequence[str]) -> tuple[str, ...]:
        """*people* with those who hold a role now after those who held it, who go unless they may stay."""
        found: list[str] = []
        for person in people:
            if person not in self.new or self._stays(person):
                found.append(person)
            found += [each for each in self.new.get(person, ()) if self._may(each)]
        return tuple(dict.fromkeys(found))

    def somebody(self) -> tuple[str, ...]:
        """The next in school who may have it, where nobody holds the role now."""
        roles = _OF_AN_ADULT if self.head.about_adult else _IN_SCHOOL
        chain = (*self.access.chain, *ids(self.school, *roles))
        return tuple(each for each in chain if each not in self.new and self._may(each))[:1]

    def _stays(self, person: str) -> bool:
        """Whether they hold another role that such a case comes to, or a holder gave it to them."""
        routed = self.school.routing.get(self.head.form)
        roles = _OF_AN_ADULT if self.head.about_adult else _OF_A_CHILD
        given = (each for each in self.events if _given_to(each, person))
        return person in ids(self.school, *roles, *(routed.to if routed else ())) or any(given)

    def _may(self, person: str) -> bool:
        """SAFETY 15, 16: nobody who is kept out, whom the case may be about, or whose own slip it is."""
        said = [
            each.body for each in self.events if each.kind in (EventKind.FILED, EventKind.PERSON_RECORDED)
        ]
        cleared = {each for body in said for each in body.get("not_about", ())}
        # Where "the DSL" stands in it, and not the one of then is meant, not the one of now is either.
        cleared |= {each for one in cleared for each in self.new.get(one, ())}
        text = json.dumps([_words(body) for body in said], ensure_ascii=False)
        own = {body.get("reporter", {}).get("person") for body in said} if self.head.own_slip else set()
        kept_out = {*self.access.excluded, *own, *(named_in(self.school, text) - cleared)}
        return person not in kept_out and any(each.id == person for each in self.school.people)


def _given_to(event: Event, person: str) -> bool:
    """Whether *event* is a colleague's sharing with *person* or assigning to them."""
    shared = event.kind is EventKind.SHARED and bool(event.body["opens"])
    given = shared or event.kind is EventKind.ASSIGNED
    return given and event.body["person"] == person and event.actor != person


def _words(body: Mapping[str, object]) -> list[object]:
    """What of *body* may name somebody: answers, and who the people in it are; never who filed it."""
    return [body.get(key) for key in ("answers", "parties", "name", "handle") if body.get(key)]
