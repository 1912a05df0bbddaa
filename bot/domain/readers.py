"""What each reader of a pack needs, as data, and the part of a case that they therefore get. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.cases import EventKind, PartyRole
from bot.domain.packs import PackContent, PackPerson, without_locked
from bot.domain.redaction import by_role
from bot.domain.triage import Form
from bot.errors import NotAllowed


class Reader(StrEnum):
    """Who a pack is for, as `staffroom export --for` names them."""

    POLICE = "police"
    LADO = "lado"
    SOCIAL_CARE = "social-care"
    NEW_SCHOOL = "new-school"


@dataclass(frozen=True, slots=True)
class Needs:
    """What one reader needs to do their work; whatever is not named here stays in the school (SAFETY 30)."""

    title: str
    named: frozenset[PartyRole]
    """Roles whose holders are called by name; everybody else is called by role."""
    kinds: frozenset[EventKind]
    """Which events stand in the chronology."""
    left_out: str
    staff_named: bool = True
    evidence: bool = True
    originals: bool = False
    routing: bool = False
    exports: bool = False
    actions: bool = True
    one_child: bool = False
    """Whether it follows one child, and other children are called by role."""


_TOLD = {EventKind.FILED, EventKind.ADDED, EventKind.CORRECTED}
_EVIDENCE = {
    *(EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_REFUSED),
    *(EventKind.EVIDENCE_LOCKED, EventKind.LOCK_ADVICE),
}
_DONE = {
    *(EventKind.ACTION_SET, EventKind.ACTION_DONE, EventKind.PARENT_CONTACT, EventKind.DECIDED),
    *(EventKind.REFERRED, EventKind.CLOSED, EventKind.REOPENED),
}
_WORKED = {
    *(EventKind.OPENED, EventKind.ACKNOWLEDGED, EventKind.NOTED, EventKind.ASKED, EventKind.REPLIED),
    *(EventKind.PERSON_RECORDED, EventKind.LINKED, EventKind.MERGED),
}
_PASSED_ON = {EventKind.ROUTED, EventKind.SHARED, EventKind.ESCALATED, EventKind.ASSIGNED}

NEEDS: Mapping[Reader, Needs] = {
    # An investigation needs who, what, the originals and who has had them since.
    Reader.POLICE: Needs(
        title="the police",
        named=frozenset(PartyRole),
        kinds=frozenset(_TOLD | _EVIDENCE | _DONE | _WORKED | _PASSED_ON),
        left_out="Left out: retention settings, and who is kept out of the case.",
        originals=True,
        routing=True,
        exports=True,
    ),
    # The designated officer weighs what an adult did and how the employer answered.
    Reader.LADO: Needs(
        title="the local authority designated officer (LADO)",
        named=frozenset({PartyRole.ALLEGED, PartyRole.TARGET, PartyRole.REPORTER}),
        kinds=frozenset(_TOLD | _EVIDENCE | _DONE | {EventKind.NOTED, EventKind.PERSON_RECORDED}),
        left_out="Left out: names of witnesses and others (by role), originals, and who was told in school.",
    ),
    # Social care looks to the child and who may harm them.
    Reader.SOCIAL_CARE: Needs(
        title="children's social care",
        named=frozenset({PartyRole.ALLEGED, PartyRole.TARGET, PartyRole.REPORTER}),
        kinds=frozenset(
            _TOLD | _DONE | {EventKind.NOTED, EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_LOCKED}
        ),
        left_out="Left out: names of witnesses and others (by role), originals, and who was told in school.",
    ),
    # The next DSL needs the child's story and what was done, and nobody else's child.
    Reader.NEW_SCHOOL: Needs(
        title="the designated safeguarding lead of the pupil's new school",
        named=frozenset(),
        kinds=frozenset(_TOLD | _DONE),
        left_out=(
            "Left out: names of everybody but the pupil (by role), staff's names, pictures, originals, "
            "internal notes, and who was told in school. The evidence stays with the school that sends this."
        ),
        staff_named=False,
        evidence=False,
        one_child=True,
    ),
}


def for_reader(content: PackContent, reader: Reader, child: str = "") -> PackContent:
    """
    Return the part of *content* that *reader* needs; *child* (a key of `people`) says whom it follows.

    Raises:
        NotAllowed: it is for a new school and follows no one pupil, or is about an adult (SAFETY 14).
    """
    needs = NEEDS[reader]
    named = {person.key for person in content.people if person.role in needs.named}
    if needs.one_child:
        _refuse_adult_case(content, reader)
        named = {_the_child(content, child).key}
    part = replace(
        without_locked(content),
        reader=needs.title,
        reader_note=needs.left_out,
        rows=tuple(row for row in content.rows if row.kind in needs.kinds),
        originals=needs.originals,
    )
    return by_role(_without_the_rest(part, needs), frozenset(named), staff_named=needs.staff_named)[0]


def _without_the_rest(part: PackContent, needs: Needs) -> PackContent:
    return replace(
        part,
        evidence=part.evidence if needs.evidence else (),
        actions=part.actions if needs.actions else (),
        routing=part.routing if needs.routing else (),
        exports=part.exports if needs.exports else (),
    )


def children(content: PackContent) -> tuple[PackPerson, ...]:
    """
    The pupils and former pupils whom it is about, whatever their role.

    One who only saw it or told of it counts where there is no other: it is not their story.
    """
    pupils = tuple(person for person in content.people if person.is_pupil)
    looking_on = (PartyRole.WITNESS, PartyRole.REPORTER)
    return tuple(person for person in pupils if person.role not in looking_on) or pupils


def refuse_for_child_record(content: PackContent) -> None:
    """Raise `NotAllowed` where *content* is about an adult: it is a record of its own (SAFETY 14)."""
    _refuse_adult_case(content, Reader.NEW_SCHOOL)


def _refuse_adult_case(content: PackContent, reader: Reader) -> None:
    if content.about_adult or content.form is Form.ADULT_CONCERN:
        reason = (
            "A concern about an adult is kept apart from the pupils' records and does not go into them. "
            "What concerns a child stands in that child's own case."
        )
        raise NotAllowed(f"{content.case}: adult case for {reader}", reason)


def _the_child(content: PackContent, wanted: str) -> PackPerson:
    found = [each for each in children(content) if wanted in ("", each.key)]
    if len(found) == 1:
        return found[0]
    known = ", ".join(each.key for each in children(content)) or "no pupil is recorded in it"
    reason = f"Say which pupil it is about, by the number under People ({known})."
    raise NotAllowed(f"{content.case}: no one pupil", reason)
