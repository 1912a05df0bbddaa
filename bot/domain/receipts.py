"""What a reporter is told once their report is stored, read from its events: a repeat says the same. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from bot.domain import gate as gates
from bot.domain import moves, support, urgent, verdicts
from bot.domain.answers import Contact, Step
from bot.domain.cases import Access, Event, EventKind, Head
from bot.domain.facts import Facts
from bot.domain.folding import awaited, missing
from bot.domain.guidance import Guidance
from bot.domain.reports import Gate, Receipt, RefusedFile, StoredFile
from bot.domain.schools import ROLE_NAMES, School, role_name
from bot.domain.support import Support
from bot.domain.triage import Form

HASH = (
    "The hash (SHA-256) of a file shows that it has not changed since it was received, "
    "not that it is genuine or complete."
)
URGENT_NEXT = (
    "If nobody opens it within 15 minutes, the next person is told. You need not wait for that: ring."
)
NEXT = "If nobody opens it within 24 hours (72 over a weekend), the next person is told, and you hear of it."
STATUS = "You can see how far it is, never what others write in it."
QUIET = (
    "Do not investigate, ask leading questions or promise secrecy. "
    "Do not reply to the sender and do not delete anything."
)
ANY_ADULT = "Telling us does not stop you from ringing children's social care yourself: any adult may."
CHILD_TOO = "A second case was opened for the child's safety, without what the first says about the adult."
NOBODY = "Nobody in school is left who can safely be told. Ring now:"


@dataclass(frozen=True, slots=True)
class Advice:
    """The fixed lines that every receipt is made of."""

    guidance: Guidance
    support: Support


def told(school: School, persons: Iterable[str]) -> list[dict[str, str]]:
    """Who has been told, by role and name with a number, as the events of filing keep it."""
    return [
        {"role": _roles(school, each), "name": _name(school, each), "telephone": _number(school, each)}
        for each in persons
    ]


def by_reporter(events: Iterable[Event]) -> Access:
    """Whom the reporter's own sendings brought the case to; what others changed is none of their business."""
    kinds = (EventKind.ROUTED, EventKind.EXCLUDED)
    access = Access()
    for event in events:
        if event.actor == moves.REPORTER and event.kind in kinds:
            access = moves.access_after(access, event)
    return access


def _roles(school: School, person: str) -> str:
    held = (role for role in (*ROLE_NAMES, *school.roles) if person in school.roles.get(role, ()))
    return " and ".join(role_name(role) for role in dict.fromkeys(held))


def _name(school: School, person: str) -> str:
    return school.person(person).name or person


def _number(school: School, person: str) -> str:
    """The number of the first role that *person* holds and that has one."""
    held = (role for role in ROLE_NAMES if person in school.roles.get(role, ()))
    return next((number for role in held if (number := school.telephone(role))), "")


def receipt(school: School, advice: Advice, head: Head, events: Iterable[Event], today: date) -> Receipt:
    """What the reporter of the case with *events* is told; the same for every repeat of the same sending."""
    return _Told(school, advice, head, tuple(events), today).receipt()


@dataclass(frozen=True, slots=True)
class _Told:
    """One receipt on its way."""

    school: School
    advice: Advice
    head: Head
    events: tuple[Event, ...]
    today: date

    @property
    def filed(self) -> Event:
        return self.of(EventKind.FILED)[0]

    @property
    def routed(self) -> Mapping[str, Any]:
        """What the reporter was told last of who hears of it."""
        mine = (event.body for event in self.events if event.actor == moves.REPORTER)
        return [body for body in mine if "told" in body][-1]

    @property
    def gate(self) -> Gate:
        """What was answered first, unless a later answer stops it (SAFETY 1)."""
        said = [Gate(event.body["gate"]) for event in self.events if _of_reporter(event, "gate")]
        return next((each for each in said if each in (Gate.YES, Gate.NOT_SURE)), said[0])

    @property
    def stopped(self) -> bool:
        """Whether no file is fetched any more."""
        return self.gate in (Gate.YES, Gate.NOT_SURE) or bool(self.of(EventKind.EVIDENCE_LOCKED))

    def of(self, kind: EventKind) -> tuple[Event, ...]:
        return tuple(event for event in self.events if event.kind is kind)

    def receipt(self) -> Receipt:
        refused = (event.body for event in self.of(EventKind.EVIDENCE_REFUSED))
        return Receipt(
            case=self.head.case,
            request_id=self.filed.body["request_id"],
            school=self.school.id,
            form=self.head.form,
            urgent=self.head.urgent,
            stored_at=self.filed.at,
            told=tuple(Contact(**each) for each in self.routed["told"]),
            evidence=_files(self.of(EventKind.EVIDENCE_STORED)),
            refused=tuple(RefusedFile(body["name"], body["reason"]) for body in refused),
            missing=missing(self.events),
            next_steps=(*self.danger(), *self.what_next(), *self.support()),
            clause=" ".join(self.routed["words"]),
            awaited=0 if self.stopped else len(awaited(self.events)),
        )

    def danger(self) -> Iterator[Step]:
        """SAFETY 1 and 6: what comes before everything else."""
        access = by_reporter(self.events)
        if self.gate in (Gate.YES, Gate.NOT_SURE):
            yield from gates.stop_screen(self.school, self.head.form, access.excluded)
        elif self.head.urgent:
            steps = urgent.reply(self.school, self.advice.guidance)
            yield from _without(self.school, steps, access.excluded)
        numbers = outside(self.school, access.outside)
        if numbers:
            yield Step("You can also ring:" if access.full else NOBODY, numbers)

    def what_next(self) -> Iterator[Step]:
        if by_reporter(self.events).full:
            yield Step(URGENT_NEXT if self.head.urgent else NEXT)
        if any(_of_reporter(event, "child_case") for event in self.events):
            yield Step(CHILD_TOO)
        yield from map(Step, (STATUS, QUIET, ANY_ADULT))
        if self.of(EventKind.EVIDENCE_STORED):
            yield Step(HASH)

    def support(self) -> Iterator[Step]:
        """SAFETY 32 and 33: who stands by the reporter, and by a child."""
        facts = _facts(self.head.form, self.filed.body)
        for line in support.lines_for(self.advice.support, facts, self.school.jurisdiction, self.gate):
            yield support.step(line, self.today)


def _without(school: School, steps: Iterable[Step], excluded: Iterable[str]) -> Iterator[Step]:
    """SAFETY 12: nobody is told to ring the person it may be about; a line left without a number goes too."""
    roles = {role for person in excluded for role, held in school.roles.items() if person in held}
    names = {role_name(role) for role in roles}
    for step in steps:
        safe = tuple(each for each in step.contacts if each.role not in names)
        if safe or not step.contacts:
            yield replace(step, contacts=safe)


def _of_reporter(event: Event, key: str) -> bool:
    """Whether *event* is the reporter's own and says something under *key*."""
    return event.actor == moves.REPORTER and bool(event.body.get(key))


def _files(stored: Iterable[Event]) -> tuple[StoredFile, ...]:
    bodies = (event.body for event in stored)
    return tuple(StoredFile(body["name"], body["sha256"], body["size"]) for body in bodies)


def outside(school: School, keys: Iterable[str]) -> tuple[Contact, ...]:
    """The contacts outside school, or at the trust, under *keys* of `[contacts]`."""
    return tuple(verdicts.contact(school, key) for key in keys)


def not_told(school: School, receipt: Receipt) -> tuple[str, ...]:
    """
    Everybody of *school* whom *receipt* does not name as told: the persons whom nobody is sent to.

    Who is left out of a case is not for its reporter to know; who was told is safe to ring.
    """
    named = {each.name for each in receipt.told}
    return tuple(each.id for each in school.people if (each.name or each.id) not in named)


def facts_body(facts: Facts) -> dict[str, Any]:
    """The facts that a receipt is made of later, as a FILED event keeps them."""
    kept = ("urgent", "pupil_involved", "about_adult", "abuse_of_staff", "own_slip", "radicalisation")
    return {**{name: getattr(facts, name) for name in kept}, "texts": list(facts.texts)}


def _facts(form: Form, filed: Mapping[str, Any]) -> Facts:
    """The facts back from the body of a FILED event."""
    return Facts(form=form, **{**filed["facts"], "texts": tuple(filed["facts"]["texts"])})
