"""Changes of people, routing, cover and numbers: recorded, told to old and new holders (SAFETY 21)."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any

from bot.delivery.handing_on import HandingOn
from bot.domain.audit import AuditKind
from bot.domain.moves import STAFFROOM
from bot.domain.notice_details import write_codes
from bot.domain.notices import Notice, NoticeKind
from bot.domain.schools import Person, School
from bot.ports import Store, Unit

FORMER_PREFIX = "former:"
"""Before the id of a receiver who is told at the address that they had before the change."""

_Roster = Mapping[str, Any]
_EMPTY: _Roster = {"people": {}, "roles": {}, "routing": {}, "cover": {}, "contacts": {}}


@dataclass(frozen=True, slots=True)
class People:
    """Keeps the last roster of each school, sealed, to compare the next one with."""

    schools: Mapping[str, School]
    store: Store

    def note(self, school: str) -> tuple[str, ...]:
        """
        Compare the roster of *school* with the last one; record and tell what changed, as codes.

        What came to somebody by a role that they hold no more goes to whoever holds it now, and is told them.

        A first roster is recorded and told to nobody. Call it when Staffroom starts.
        """
        declared = self.schools[school]
        new = roster(declared)
        with self.store.writing() as unit:
            kept = unit.memo(f"roster:{school}")
            old = json.loads(kept) if kept else _EMPTY
            if old == new:
                return ()
            unit.put_memo(f"roster:{school}", json.dumps(new))
            codes = tuple(sorted(set(_changes(old, new))))
            unit.record(AuditKind.PEOPLE_CHANGED, STAFFROOM, school, "", _detail(codes, old, new))
            if kept:
                HandingOn(unit, declared, old["roles"]).run()
                _tell(unit, declared, codes, old, new)
        return codes


def former_people(unit: Unit, school: str) -> tuple[Person, ...]:
    """Return those of *school* who are still to be told at an old address."""
    kept = unit.memo(f"former:{school}")
    return tuple(_person(each) for each in json.loads(kept)) if kept else ()


def roster(school: School) -> _Roster:
    """Return everything in *school* that decides who hears of a case, as plain JSON."""
    people = {each.id: {**asdict(each), "also_known_as": list(each.also_known_as)} for each in school.people}
    return {
        "people": people,
        "roles": {role: list(held) for role, held in school.roles.items()},
        "routing": {form: [list(each.to), list(each.copy)] for form, each in school.routing.items()},
        "cover": dict(school.cover),
        "contacts": dict(school.contacts),
    }


def _changes(old: _Roster, new: _Roster) -> Iterator[str]:
    """What differs, as a code each: "role:dsl", "address:dsl", "routing:concern", "cover:weekend"."""
    for table, code in (
        ("roles", "role"),
        ("routing", "routing"),
        ("cover", "cover"),
        ("contacts", "contact"),
    ):
        yield from (f"{code}:{key}" for key in _differing(old[table], new[table]))
    for person in _differing(old["people"], new["people"]):
        yield from (f"address:{role}" for role in _roles_of(old, person) & _roles_of(new, person))


def _differing(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return [key for key in {**old, **new} if old.get(key) != new.get(key)]


def _roles_of(of: _Roster, person: str) -> set[str]:
    return {role for role, held in of["roles"].items() if person in held}


def _touched(codes: Iterable[str], of: _Roster) -> list[str]:
    """The roles that a change concerns in *of*, the head always."""
    roles = ["head"]
    for code in codes:
        what, _, name = code.partition(":")
        if what == "routing":
            roles += [role for group in of["routing"].get(name, ()) for role in group]
        elif what == "cover":
            roles += [of["cover"][name]] if name in of["cover"] else []
        else:
            roles.append(name)
    return roles


def _holders(codes: Iterable[str], of: _Roster) -> list[str]:
    held = (person for role in _touched(codes, of) for person in of["roles"].get(role, ()))
    return list(dict.fromkeys(held))


def _tell(unit: Unit, school: School, codes: tuple[str, ...], old: _Roster, new: _Roster) -> None:
    """Old holders where they were reached before the change, new ones where they are now, once each."""
    before = [each for each in _holders(codes, old) if old["people"][each] != new["people"].get(each)]
    former = [_former(old["people"][each]) for each in before]
    same = [each for each in _holders(codes, old) if each not in before]
    _keep(unit, school.id, former)
    receivers = dict.fromkeys((*same, *_holders(codes, new), *(each.id for each in former)))
    for to in receivers:
        # The moment is in the key: a change that is undone and made again is told again.
        key = f"{school.id}:people:{unit.now.isoformat()}:{to}"
        detail = write_codes(codes)
        unit.enqueue(Notice(key, NoticeKind.PEOPLE_CHANGED, school.id, to, unit.now, detail=detail))


def _former(values: Mapping[str, Any]) -> Person:
    digest = sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
    return _person({**values, "id": f"{FORMER_PREFIX}{values['id']}:{digest}"})


def _keep(unit: Unit, school: str, former: Iterable[Person]) -> None:
    """Keep *former*, and of those kept before the ones who still wait for a notice."""
    wanted = {sending.notice.to for sending in unit.waiting(school)}
    waiting = (each for each in former_people(unit, school) if each.id in wanted)
    kept = {each.id: asdict(each) for each in (*waiting, *former)}
    unit.put_memo(f"former:{school}", json.dumps(list(kept.values())))


def _person(values: Mapping[str, Any]) -> Person:
    return Person(**{**values, "also_known_as": tuple(values["also_known_as"])})


def _detail(codes: tuple[str, ...], old: _Roster, new: _Roster) -> str:
    """What the audit log keeps, sealed: the codes, and the changed parts before and after."""
    parts = {
        table: [{key: of[table].get(key) for key in _differing(old[table], new[table])} for of in (old, new)]
        for table in _EMPTY
    }
    return json.dumps(
        {"codes": codes, **{table: pair for table, pair in parts.items() if pair[0] or pair[1]}}
    )
