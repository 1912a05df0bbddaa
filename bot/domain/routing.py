"""Who hears of a case, decided by person and never by role (SAFETY 12 to 18). Pure."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.cases import Access, PartyRole
from bot.domain.facts import Facts
from bot.domain.schooldays import DayKind, is_weekend, kind, local
from bot.domain.schools import ROLE_NAMES, Routing, School, role_name
from bot.domain.triage import Form
from bot.errors import ConfigurationError

LADDER = ("dsl", "deputy_dsl", "head", "chair", "trust_lead")
"""Who is told one after another (SAFETY 18)."""

ADULT_LADDER = ("head", "chair", "trust_lead")
"""The same for a concern about an adult: never the DSL as DSL (SAFETY 14)."""

RECEIVES = "receives"
COVERS = "covers"
TOLD_NEXT = "told if nobody opens it"
ON_SHARING = "told only once a recipient shares it"

_LEADS = ("dsl", "deputy_dsl")
_LAST_RESORT = ("social_care", "social_care_out_of_hours", "lado", "trust_lead")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a decision was made of; *on* is aware, *absent* are persons known to be away."""

    facts: Facts
    concerned: frozenset[str]
    on: datetime
    absent: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Decision:
    """Who a case is for, and what the receipt says of it."""

    access: Access
    clause: str
    """The clause of the school's policy that decided; "" when none does."""
    policy_decides: bool
    words: tuple[str, ...]
    """Lines for the receipt, which name nobody."""
    nobody_left: bool
    """Whether nobody in school can safely be told: then `access.outside` is all there is."""
    covering: tuple[str, ...]
    """Those in `access.full` only because school is shut."""
    standing_in: tuple[str, ...]
    """Those who are told as well on a day when school is shut, and are in no other list."""
    asked: Asked = field(repr=False)


@dataclass(frozen=True, slots=True)
class Hearer:
    """One person on the screen that shows who will hear of it (SAFETY 12)."""

    person: str
    name: str
    roles: str
    how: str
    """`RECEIVES`, `COVERS`, `TOLD_NEXT` or `ON_SHARING`."""


def decide(
    school: School,
    facts: Facts,
    concerned: Iterable[str],
    on: datetime,
    absent: Iterable[str] = (),
) -> Decision:
    """
    Who hears of a report with these *facts*, filed at *on* (SAFETY 12 to 18).

    *concerned* are the persons it is about or who are close to them, by id or any handle; whoever the
    report alleges something of is one of them, and so is the reporter of a slip of their own. None of
    them is in any list but `excluded`. *absent* are still told, but somebody present is told too.
    """
    asked = Asked(facts, _known(school, concerned), on, _known(school, absent))
    return _Walk(school, asked, _excluded(school, asked)).decision()


def without(school: School, decision: Decision, persons: Iterable[str]) -> Decision:
    """The decision again, with *persons* ticked as concerned as well (SAFETY 12)."""
    asked = decision.asked
    return decide(school, asked.facts, asked.concerned | set(persons), asked.on, asked.absent)


def heard_by(school: School, decision: Decision) -> tuple[Hearer, ...]:
    """Everyone who will receive it, cover, or be told later, by name and role; each person once."""
    access, covering = decision.access, set(decision.covering)
    hows = {person: COVERS if person in covering else RECEIVES for person in access.full}
    for persons, how in (
        (access.chain, TOLD_NEXT),
        (decision.standing_in, COVERS),
        (access.copies, ON_SHARING),
    ):
        hows = dict.fromkeys(persons, how) | hows
    order = dict.fromkeys((*access.full, *access.chain, *decision.standing_in, *access.copies))
    return tuple(_hearer(school, person, hows[person]) for person in order)


def next_to_tell(access: Access, told: Collection[str]) -> str:
    """The id of the next person along the chain who is not *told*; "" when nobody is left."""
    out = {*access.full, *access.excluded, *told}
    return next((person for person in access.chain if person not in out), "")


def cover(school: School, about_adult: bool, excluded: Collection[str], on: datetime) -> tuple[str, ...]:
    """
    Who stands in at *on*, a weekend or a holiday by the school's `[cover]`; nobody on a school day.

    For a concern about an adult only those whom its chain reaches anyway (SAFETY 14).
    """
    return _stand_ins(school, _cover_roles(school, on), about_adult, excluded)


@dataclass(frozen=True, slots=True)
class _Walk:
    """One decision on its way: the school's lists, walked by person."""

    school: School
    asked: Asked
    excluded: tuple[str, ...]

    @property
    def facts(self) -> Facts:
        return self.asked.facts

    @property
    def adult(self) -> bool:
        return _is_adult(self.facts)

    @property
    def route(self) -> Routing:
        return self.school.routing.get(self.facts.form) or Routing(())

    @property
    def clause(self) -> str:
        """The school's clause, unless SAFETY 14 overrules it."""
        overruled = self.adult and not set(self.route.to) & set(ADULT_LADDER)
        return "" if overruled else self.route.clause

    def decision(self) -> Decision:
        first = self._present_too(self._first())
        access = self._access(first)
        ever = _stand_ins(self.school, self.school.cover.values(), self.adult, self.excluded)
        return Decision(
            access=access,
            clause=self.clause,
            policy_decides=bool(self.clause),
            words=tuple(self._words(access)),
            nobody_left=not access.full,
            covering=tuple(person for person in access.full if person not in first),
            standing_in=tuple(person for person in ever if person not in (*access.full, *access.chain)),
            asked=self.asked,
        )

    def _access(self, first: tuple[str, ...]) -> Access:
        standing_in = cover(self.school, self.adult, self.excluded, self.asked.on)
        full = tuple(dict.fromkeys((*first, *standing_in)))
        chain = tuple(person for person in self._ladder(first) if person not in full)
        copies = () if self.adult or not full else self._holders(self.route.copy)
        return Access(
            full=full,
            copies=tuple(person for person in copies if person not in full),
            chain=chain,
            excluded=self.excluded,
            outside=self._outside((*full, *chain)),
        )

    def _first(self) -> tuple[str, ...]:
        """The first recipients; where those due cannot be told, the next rung of the ladder."""
        lead = next((rung for rung in self._rungs() if rung), ())
        if self.adult:
            return lead
        named, employer = self._holders(self.route.to), self._employer()
        if self._reaches_a_lead() or not (named or employer):
            named = (*lead, *named)
        return tuple(dict.fromkeys((*named, *employer)))

    def _reaches_a_lead(self) -> bool:
        """
        Whether the DSL or a deputy hears of it whatever the policy says (SAFETY 13).

        Where the policy names others, not of abuse of staff by adults or of a slip that touches no pupil.
        """
        elsewhere = (self.facts.abuse_of_staff or self.facts.own_slip) and not self.facts.radicalisation
        return self.facts.pupil_involved or not elsewhere or not self.route.to

    def _employer(self) -> tuple[str, ...]:
        """The head: of abuse of staff (SAFETY 13, 32), and of a slip (16), where the chair stands in."""
        if self.facts.own_slip:
            return next((rung for rung in self._rungs(ADULT_LADDER) if rung), ())
        trolled = self.facts.form is Form.TROLLING and not self.facts.pupil_involved
        return self._holders(("head",)) if self.facts.abuse_of_staff or trolled else ()

    def _present_too(self, first: tuple[str, ...]) -> tuple[str, ...]:
        """*first*, with the next who is there where nobody is (SAFETY 9: an absent DSL delays nothing)."""
        absent = self.asked.absent
        if self._needs_a_lead() and not self._present(self._holders(_LEADS), first):
            first = (*first, *(each for each in self._holders(_LEADS) if each not in {*first, *absent}))
        if set(first) - absent:
            return first
        return (*first, *[each for each in self._ladder(first) if each not in {*first, *absent}][:1])

    def _needs_a_lead(self) -> bool:
        return not self.adult and self._reaches_a_lead()

    def _present(self, persons: Iterable[str], among: Iterable[str]) -> bool:
        return bool(set(persons) & set(among) - self.asked.absent)

    def _rungs(self, ladder: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
        """
        Who can be told at each rung.

        For a concern about an adult, a rung with somebody concerned comes last: about one of two heads
        the chair is told, not the other head.
        """
        roles = ladder or (ADULT_LADDER if self.adult else LADDER)
        if self.adult:
            roles = tuple(sorted(roles, key=self._touched))
        return [self._holders((role,)) for role in roles]

    def _touched(self, role: str) -> bool:
        return any(person in self.excluded for person in self.school.roles.get(role, ()))

    def _ladder(self, first: Collection[str]) -> tuple[str, ...]:
        """Everyone along the ladder, from the first recipients' rung on and then round to those before it."""
        rungs = self._rungs()
        start = next((at for at, rung in enumerate(rungs) if set(rung) & set(first)), 0)
        return tuple(dict.fromkeys(person for rung in (*rungs[start:], *rungs[:start]) for person in rung))

    def _holders(self, roles: Iterable[str]) -> tuple[str, ...]:
        held = dict.fromkeys(person for role in roles for person in self.school.roles.get(role, ()))
        return tuple(person for person in held if person not in self.excluded)

    def _outside(self, told: Iterable[str]) -> tuple[str, ...]:
        """The numbers outside school: all there are where nobody in school is left, or nobody is there."""
        keys = (["lado"] if self.adult else []) + (["prevent"] if self.facts.radicalisation else [])
        if not set(told) - self.asked.absent:
            # A number that rings somebody of the school would ring the person concerned.
            safe = [key for key in _LAST_RESORT if not self._touched(key)]
            keys += [key for key in safe if self.school.telephone(key)] or ["social_care", "lado"]
        return tuple(dict.fromkeys(keys))

    def _words(self, access: Access) -> Iterator[str]:
        if self.clause:
            yield f"Clause {self.clause} of the school's policy says who hears of this."
        else:
            yield "No clause of the school's policy says who hears of this."
        if self.facts.own_slip:
            yield "Telling us is the right thing. You see how far it is, and nothing that others add."
        if access.excluded:
            yield "Whoever it may be about is left out: they are not told and cannot open it."
        if set(access.full) & self.asked.absent:
            yield "Somebody who hears of this is away, so it does not wait for them alone."
        if not access.full:
            yield "Nobody in school is left who can safely be told. Ring one of the numbers shown now."


def _is_adult(facts: Facts) -> bool:
    return facts.about_adult or facts.form is Form.ADULT_CONCERN


def _known(school: School, handles: Iterable[str]) -> frozenset[str]:
    """The ids behind *handles*; what no person of the school is known by stays as it is."""
    return frozenset(_id(school, handle) for handle in handles if handle)


def _id(school: School, handle: str) -> str:
    if any(person.id == handle for person in school.people):
        return handle
    try:
        return school.person(handle).id
    except ConfigurationError:
        return handle


def _excluded(school: School, asked: Asked) -> tuple[str, ...]:
    facts = asked.facts
    out = {PartyRole.ALLEGED} | ({PartyRole.REPORTER} if facts.own_slip else set())
    parties = _known(school, (party.person for party in facts.parties if party.role in out))
    return tuple(sorted(asked.concerned | parties))


def _cover_roles(school: School, on: datetime) -> tuple[str, ...]:
    """A weekend in the holidays is the holidays' cover's, or the weekend's where there is none."""
    days = kind(school.hours, on)
    keys = [str(days)] if days is not DayKind.SCHOOL_DAY else []
    if is_weekend(local(on).date()) and str(DayKind.HOLIDAYS) not in school.cover:
        keys.append(str(DayKind.WEEKEND))
    return tuple(dict.fromkeys(school.cover[key] for key in keys if key in school.cover))


def _stand_ins(
    school: School, roles: Iterable[str], about_adult: bool, excluded: Collection[str]
) -> tuple[str, ...]:
    reached = {person for role in ADULT_LADDER for person in school.roles.get(role, ())}
    held = dict.fromkeys(person for role in roles for person in school.roles.get(role, ()))
    return tuple(
        person for person in held if person not in excluded and (person in reached or not about_adult)
    )


def _hearer(school: School, person: str, how: str) -> Hearer:
    held = [role for role in (*ROLE_NAMES, *school.roles) if person in school.roles.get(role, ())]
    roles = " and ".join(role_name(role) for role in dict.fromkeys(held))
    return Hearer(person, school.person(person).name or person, roles, how)
