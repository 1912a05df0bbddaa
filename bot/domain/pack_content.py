"""A folded case → everything that can stand in a pack about it. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit import AuditKind, AuditRow, Checkpoint
from bot.domain.cases import EventKind, Party, PartyRole
from bot.domain.evidence import Derivative, EvidenceItem
from bot.domain.pack_words import Telling
from bot.domain.packs import (
    PackAction,
    PackContent,
    PackDecision,
    PackEvidence,
    PackExport,
    PackPerson,
    PackRow,
    PackStaff,
    Quote,
)
from bot.domain.schools import School, role_name
from bot.domain.views import Agency, CaseView, Entry

_ABOUT_EVIDENCE = (EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_LOCKED, EventKind.LOCK_ADVICE)
_DECISIONS = (EventKind.DECIDED, EventKind.REFERRED, EventKind.CLOSED, EventKind.REOPENED)
_ACTIVE = {
    Agency.LADO: "the LADO",
    Agency.POLICE: "the police",
    Agency.SOCIAL_CARE: "children's social care",
}
# As intake writes it down beside the clause.
_VERSION = re.compile(
    r"(?P<policy>.+), (?P<dated>[^,]+), SHA-256 of the clause (?P<sha256>[0-9a-f]{64}): (?P<words>.+)",
    re.DOTALL,
)
_NO_WORDS = "The words of this clause are not in the record; see the policy itself."


@dataclass(frozen=True, slots=True)
class Around:
    """What a pack says that is not in the case itself."""

    school: School
    made_at: datetime
    made_by: str
    """A person id."""
    pictures: Mapping[str, tuple[Derivative, ...]]
    """Evidence id → what people look at."""
    audit: tuple[AuditRow, ...] = ()
    checkpoint: Checkpoint | None = None


def content_of(view: CaseView, around: Around) -> PackContent:
    """
    Return the whole content of *view*; `readers.for_reader` leaves out what a reader need not have.

    An outside body counts as active once there was a referral to it: nothing in a case says that it is done.
    """
    locked = frozenset(item.id for item in view.evidence if item.locked)
    telling = Telling(around.school, locked)
    rows = tuple(_row(entry, telling, around.school) for entry in view.chronology)
    referred = {referral.agency for referral in view.referrals}
    return PackContent(
        case=view.head.case,
        school_id=around.school.id,
        school_name=around.school.name,
        form=view.head.form,
        urgent=view.head.urgent,
        status=view.head.status,
        filed_at=view.head.filed_at,
        made_at=around.made_at,
        made_by=telling.name(around.made_by),
        summary=str(view.closing.get("summary", "")),
        about_adult=view.head.about_adult,
        people=_people(view, around.school),
        staff=tuple(_staff(view, rows, around)),
        rows=rows,
        quotes=_quotes(view),
        evidence=tuple(_item(item, view, telling, around) for item in view.evidence),
        actions=tuple(_actions(view, telling)),
        decisions=tuple(_decision(entry, telling) for entry in view.chronology if entry.kind in _DECISIONS),
        routing=tuple(_routing(view, telling)),
        exports=tuple(_exports(around, view.head.case, telling)),
        checkpoint=around.checkpoint,
        active_bodies=tuple(words for agency, words in _ACTIVE.items() if agency in referred),
    )


def _row(entry: Entry, telling: Telling, school: School) -> PackRow:
    role = _roles(school, entry.by)
    return PackRow(entry.seq, entry.at, entry.kind, telling.name(entry.by), role, telling.words(entry))


def _roles(school: School, person: str) -> str:
    return ", ".join(role_name(role) for role, holders in school.roles.items() if person in holders)


def _people(view: CaseView, school: School) -> tuple[PackPerson, ...]:
    reporter = view.reporter
    parties = list(view.parties)
    if not any(each.role is PartyRole.REPORTER for each in parties):
        parties.append(Party(reporter.name, PartyRole.REPORTER, reporter.handle, "", reporter.person))
    known = {person.id: person for person in school.people}
    found = []
    for number, each in enumerate(parties, start=1):
        other = known.get(each.person)
        names = dict.fromkeys((other.name, *other.also_known_as) if other else ())
        also = tuple(name for name in names if name and name != each.name)
        found.append(
            PackPerson(f"P{number}", each.name or each.handle, each.role, each.category, each.handle, also)
        )
    return tuple(found)


def _staff(view: CaseView, rows: Iterable[PackRow], around: Around) -> Iterator[PackStaff]:
    """Those of the school's people who did something here or are spoken of, but for the parties."""
    said = " ".join(row.words for row in rows).casefold()
    acted = {entry.by for entry in view.chronology} | {around.made_by, *view.access.full}
    parties = {party.person for party in view.parties} | {view.reporter.person}
    for person in around.school.people:
        names = (person.name, *person.name.split(), *person.also_known_as)
        named = any(len(name) > 2 and name.casefold() in said for name in names)
        if (person.id in acted or named) and person.id not in parties:
            role = _roles(around.school, person.id) or "staff"
            yield PackStaff(person.name or person.id, role, (*person.also_known_as, *sorted(person.handles)))


def _quotes(view: CaseView) -> tuple[Quote, ...]:
    """The clause that decided, as it stood then: the case itself keeps its words (SAFETY 13)."""
    if not view.clause:
        return ()
    found = _VERSION.fullmatch(view.policy_version)
    if found is None:
        return (
            Quote("The school's policy", view.policy_version or "version not kept", view.clause, _NO_WORDS),
        )
    version = f"{found['dated']}; SHA-256 of the clause {found['sha256']}"
    return (Quote(found["policy"], version, view.clause, found["words"]),)


def _item(item: EvidenceItem, view: CaseView, telling: Telling, around: Around) -> PackEvidence:
    about = (
        f"Number {entry.seq}: {entry.kind} by {telling.name(entry.by)}"
        for entry in view.chronology
        if entry.kind in _ABOUT_EVIDENCE and entry.body.get("id", entry.body.get("item")) == item.id
    )
    return PackEvidence(
        id=item.id,
        name=item.name,
        kind=item.kind,
        size=item.size,
        sha256=item.sha256,
        received_at=item.received_at,
        scanned=item.scanned,
        metadata=item.metadata,
        pictures=() if item.locked else around.pictures.get(item.id, ()),
        history=tuple(about),
        locked=item.locked,
    )


def _actions(view: CaseView, telling: Telling) -> Iterator[PackAction]:
    for action in view.actions:
        done = ""
        if action.done_at:
            done = f"{action.done_at.date().isoformat()} by {telling.name(action.done_by)}: {action.result}"
        yield PackAction(action.text, telling.name(action.owner), action.due.isoformat(), done)


def _decision(entry: Entry, telling: Telling) -> PackDecision:
    reason = str(entry.body.get("reason", entry.body.get("reasons", "")))
    words = telling.words(
        Entry(
            entry.seq,
            entry.at,
            entry.by,
            entry.kind,
            {key: value for key, value in entry.body.items() if key not in ("reason", "reasons")},
        )
    )
    return PackDecision(entry.at, entry.kind, telling.name(entry.by), words, reason)


def _routing(view: CaseView, telling: Telling) -> Iterator[str]:
    for entry in view.chronology:
        if entry.kind in (EventKind.ROUTED, EventKind.ESCALATED, EventKind.SHARED):
            yield f"Number {entry.seq}, {entry.kind}: {telling.words(entry)}"


def _exports(around: Around, case: str, telling: Telling) -> Iterator[PackExport]:
    for row in around.audit:
        if row.kind in (AuditKind.EXPORTED, AuditKind.DOWNLOADED) and row.case == case:
            yield PackExport(row.at, telling.name(row.actor), f"{row.kind}: {row.detail}")
