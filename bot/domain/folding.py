"""
Events of a case → what they come to. Pure.

The words of each event lie in its body; whoever appends one uses these keys:

- FILED: reporter {handle, name, person}, answers, gate, parties [{name, role, handle, category, person}],
  missing [text], channel, entered_by, clause, policy_version; awaited (how many files are still to be
  fetched) and refs (what the channel calls them).
- ADDED: any of text, answers, parties, missing, gate, asked (the number of the question it answers),
  cannot_get (one of missing), urgent, awaited, refs.
- EVIDENCE_STORED: id, name, kind, size, sha256, scanned, metadata, derivatives; ref where it was fetched.
- EVIDENCE_REFUSED: name, reason; ref likewise. EVIDENCE_LOCKED: item.
- LOCK_ADVICE: item, adviser, advice, given_at.
- ROUTED: full, copies, chain, excluded, outside, clause, policy_version. ESCALATED: to [person].
- SHARED: person, opens, reason. EXCLUDED: person, reason, handed_to, outside.
- LIFT_ASKED, LIFTED: person, reason.
- LINKED: case, reason; for a merge also merged = true and excluded. MERGED: into, reason, excluded.
- CLOSED: the fields of `closing.Closing`. CATEGORISED: type, until, sexual_abuse. HELD, RELEASED: reason.

Dates and times in a body are ISO 8601.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from bot.domain import coach, moves
from bot.domain.cases import Access, Event, EventKind, Head, Party, PartyRole
from bot.domain.evidence import EvidenceItem, FileKind
from bot.domain.form_types import FormDefinition
from bot.domain.reports import Gate, Reporter
from bot.domain.triage import Form
from bot.domain.views import (
    Action,
    Advice,
    Agency,
    Ask,
    CaseView,
    Decision,
    Entry,
    Kept,
    LockAdvice,
    ParentContact,
    Referral,
    Reply,
)

_Events = tuple[Event, ...]


def fold(
    head: Head, access: Access, events: Iterable[Event], locked: frozenset[str] = frozenset()
) -> CaseView:
    """
    Return the whole of a case whose FILED event is among *events*, in their order.

    Evidence in *locked* is locked whatever the events say: the list of locks outlives a restored backup.
    """
    events = tuple(events)
    filed = next(event for event in events if event.kind is EventKind.FILED).body
    routed = next((event.body for event in events if event.kind is EventKind.ROUTED), filed)
    return CaseView(
        head=head,
        access=access,
        reporter=Reporter(**filed["reporter"]),
        answers=_answers(events),
        gate=_gate(events),
        clause=routed.get("clause", ""),
        policy_version=routed.get("policy_version", ""),
        entered_by=filed.get("entered_by", ""),
        parties=parties(events),
        evidence=evidence(events, locked),
        chronology=chronology(events),
        lock_advice=tuple(map(_advice, _of(events, EventKind.LOCK_ADVICE))),
        missing=missing(events),
        cannot_get=_cannot_get(events),
        **_work(events),
        **_said_to_reporter(events),
        **_end(events),
        **_other_cases(events),
    )


def head_of(filed: Head, events: Iterable[Event]) -> Head:
    """Return where the case that was opened as *filed* stands after all its *events*."""
    for event in events:
        filed = moves.after(filed, event)
    return filed


def access_of(access: Access, events: Iterable[Event]) -> Access:
    """Return who the case that was opened with *access* is for after all its *events*."""
    for event in events:
        access = moves.access_after(access, event)
    return access


def parties(events: Iterable[Event]) -> tuple[Party, ...]:
    """Return the people in a case; whom a person records again has the role recorded last (SAFETY 26)."""
    found: list[Party] = []
    for event in events:
        if event.kind is EventKind.PERSON_RECORDED:
            party = _party(event.body)
            found = [each for each in found if not _same(each, party)] + [party]
        else:
            # Of one form, somebody can be the reporter and the target.
            parties = (_party(each) for each in event.body.get("parties", ()))
            found += [each for each in parties if each not in found]
    return tuple(found)


def evidence(events: Iterable[Event], locked: frozenset[str] = frozenset()) -> tuple[EvidenceItem, ...]:
    """Return the evidence in the order received; what was locked once stays locked (SAFETY 4)."""
    events = tuple(events)
    locked |= {event.body["item"] for event in _of(events, EventKind.EVIDENCE_LOCKED)}
    return tuple(_item(event, event.body["id"] in locked) for event in _of(events, EventKind.EVIDENCE_STORED))


def chronology(events: Iterable[Event]) -> tuple[Entry, ...]:
    """Return every event in order; a correction stands beside what it corrects too."""
    entries = {event.seq: _entry(event) for event in events}
    for entry in tuple(entries.values()):
        corrected = entries.get(entry.body.get("corrects", 0))
        if entry.kind is EventKind.CORRECTED and corrected:
            kept = (*corrected.corrections, entry)
            entries[corrected.seq] = replace(corrected, corrections=kept)
    return tuple(entries.values())


def missing(events: Iterable[Event]) -> tuple[str, ...]:
    """Return what would still help, without what the reporter cannot get; no file once one is on its way."""
    events = tuple(events)
    said = [event.body["missing"] for event in events if "missing" in event.body]
    done = {*_cannot_get(events)}
    if awaited(events) or _of(events, EventKind.EVIDENCE_STORED):
        # A form without questions misses nothing but a file.
        done |= {each.words for each in coach.missing(FormDefinition(Form.CONCERN, "", "", ()), {}, 0)}
    return tuple(each for each in (said[-1] if said else ()) if each not in done)


def next_due(events: Iterable[Event]) -> date | None:
    """Return the day of the action that is due first of those not done; None where none is left."""
    return min((each.due for each in _actions(tuple(events)) if each.done_at is None), default=None)


def refs(events: Iterable[Event]) -> tuple[str, ...]:
    """Return what the channel calls each file that was ever to be fetched, in the order they were sent."""
    found: list[str] = []
    for event in events:
        found += event.body.get("refs", ())
        found += [event.body["ref"]] if _is_fetched(event) else []
    return tuple(dict.fromkeys(found))


def awaited(events: Iterable[Event]) -> tuple[str, ...]:
    """Return those of `refs` that are neither kept nor refused yet."""
    events = tuple(events)
    done = {event.body["ref"] for event in events if _is_fetched(event)}
    return tuple(each for each in refs(events) if each not in done)


def kept(events: Iterable[Event]) -> Kept | None:
    """Return the retention that was set last; None before the first closing."""
    said = _of(events, EventKind.CLOSED, EventKind.CATEGORISED)
    if not said:
        return None
    body = said[-1].body
    until = date.fromisoformat(body["until"]) if body["until"] else None
    return Kept(body["type"], until, body["sexual_abuse"])


def _is_fetched(event: Event) -> bool:
    return event.kind in (EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_REFUSED) and "ref" in event.body


def _of(events: Iterable[Event], *kinds: EventKind) -> _Events:
    return tuple(event for event in events if event.kind in kinds)


def _cannot_get(events: _Events) -> tuple[str, ...]:
    return tuple(event.body["cannot_get"] for event in events if "cannot_get" in event.body)


def _answers(events: _Events) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for event in _of(events, EventKind.FILED, EventKind.ADDED):
        found |= event.body.get("answers", {})
    return found


def _party(body: Mapping[str, Any]) -> Party:
    plain = {key: body.get(key, "") for key in ("name", "handle", "category", "person")}
    return Party(role=PartyRole(body["role"]), **plain)


def _same(one: Party, other: Party) -> bool:
    if one.person and other.person:
        return one.person == other.person
    names = {each.casefold() for each in (other.name, other.handle) if each}
    return one.name.casefold() in names or one.handle.casefold() in names


def _gate(events: _Events) -> Gate:
    """The gravest answer at the gate, whenever it was given (SAFETY 1)."""
    said = {Gate(event.body["gate"]) for event in events if "gate" in event.body}
    order = (Gate.YES, Gate.NOT_SURE, Gate.NO)
    return next((gate for gate in order if gate in said), Gate.UNASKED)


def _item(event: Event, locked: bool) -> EvidenceItem:
    body = event.body
    return EvidenceItem(
        id=body["id"],
        case=event.case,
        name=body["name"],
        kind=FileKind(body["kind"]),
        size=body["size"],
        sha256=body["sha256"],
        received_at=event.at,
        scanned=body["scanned"],
        metadata=body["metadata"],
        derivatives=tuple(body["derivatives"]),
        locked=locked,
    )


def _entry(event: Event) -> Entry:
    return Entry(event.seq, event.at, event.actor, event.kind, event.body)


def _advice(event: Event) -> LockAdvice:
    body = event.body
    given = datetime.fromisoformat(body["given_at"])
    return LockAdvice(body["item"], body["adviser"], Advice(body["advice"]), given)


def _work(events: _Events) -> dict[str, Any]:
    """What was done about it: actions, decisions, referrals and talks with parents."""
    contacts = (event.body for event in _of(events, EventKind.PARENT_CONTACT))
    referrals = (event.body for event in _of(events, EventKind.REFERRED))
    return {
        "actions": _actions(events),
        "decisions": tuple(
            Decision(event.body["text"], event.body["reason"], event.actor, event.at)
            for event in _of(events, EventKind.DECIDED)
        ),
        "referrals": tuple(
            Referral(**(body | {"agency": Agency(body["agency"]), "made_at": _made_at(body)}))
            for body in map(dict, referrals)
        ),
        "parent_contacts": tuple(
            ParentContact(**(body | {"made_at": _made_at(body)})) for body in map(dict, contacts)
        ),
    }


def _made_at(body: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(body["made_at"])


def _actions(events: _Events) -> tuple[Action, ...]:
    done = {event.body["action"]: event for event in _of(events, EventKind.ACTION_DONE)}
    found = []
    for event in _of(events, EventKind.ACTION_SET):
        body, end = event.body, done.get(event.seq)
        due = date.fromisoformat(body["due"])
        action = Action(event.seq, body["text"], body["owner"], due, event.actor)
        if end:
            action = replace(action, done_at=end.at, done_by=end.actor, result=end.body["text"])
        found.append(action)
    return tuple(found)


def _said_to_reporter(events: _Events) -> dict[str, Any]:
    answers = {event.body["asked"]: event.body["text"] for event in events if "asked" in event.body}
    return {
        "asks": tuple(
            Ask(event.seq, event.at, event.body["text"], event.body["of"], answers.get(event.seq, ""))
            for event in _of(events, EventKind.ASKED)
        ),
        "replies": tuple(
            Reply(event.at, event.body["text"], event.body["of"]) for event in _of(events, EventKind.REPLIED)
        ),
    }


def _end(events: _Events) -> dict[str, Any]:
    ends = _of(events, EventKind.CLOSED, EventKind.REOPENED)
    closed = bool(ends) and ends[-1].kind is EventKind.CLOSED
    holds = _of(events, EventKind.HELD, EventKind.RELEASED)
    held = bool(holds) and holds[-1].kind is EventKind.HELD
    return {
        "closing": ends[-1].body if closed else {},
        "kept": kept(events) if closed else None,
        "held": holds[-1].body["reason"] if held else "",
    }


def _other_cases(events: _Events) -> dict[str, Any]:
    linked = _of(events, EventKind.LINKED)
    merged = _of(events, EventKind.MERGED)
    return {
        "links": tuple(dict.fromkeys(e.body["case"] for e in linked if not e.body.get("merged"))),
        "merged_from": tuple(e.body["case"] for e in linked if e.body.get("merged")),
        "merged_into": merged[-1].body["into"] if merged else "",
    }
