"""What the events of filing say, and what of the earlier ones a later sending must heed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from bot.domain import coach, folding
from bot.domain import receipts as told_by
from bot.domain.cases import Access, Event, EventKind, Head, Party, PartyRole
from bot.domain.facts import Facts
from bot.domain.form_types import NOT_KNOWN, FormDefinition
from bot.domain.moves import LIVE
from bot.domain.notice_details import ReceiptDetail
from bot.domain.reports import AnswerValue, Gate, RefusedFile, Submission
from bot.domain.routing import Decision
from bot.domain.schools import School

Body = tuple[EventKind, Mapping[str, Any]]
STOPPING = (Gate.YES, Gate.NOT_SURE)


def filed(
    sent: Submission, form: FormDefinition, answers: Mapping[str, AnswerValue], facts: Facts, files: int
) -> dict[str, Any]:
    """Return the body of FILED; *files* is how many were kept."""
    return {
        "request_id": sent.request_id,
        "reporter": asdict(sent.reporter),
        "answers": dict(answers),
        "gate": sent.gate.value,
        "parties": [asdict(party) for party in facts.parties],
        "facts": told_by.facts_body(facts),
        "missing": lacking(form, answers, files, sent.gate),
        "not_about": sorted(sent.not_about),
        "channel": sent.channel,
        "entered_by": sent.entered_by,
    }


def routed(school: School, decision: Decision, version: str) -> dict[str, Any]:
    """Return the body of ROUTED; *version* is the policy and its clause as they stood (SAFETY 13)."""
    return {
        **asdict(decision.access),
        "clause": decision.clause,
        "policy_version": version,
        "told": told_by.told(school, decision.access.full),
        "words": list(decision.words),
    }


def rerouted(
    school: School, head: Head, access: Access, events: Iterable[Event], new: Decision
) -> list[Body]:
    """
    Return what a later sending changes in who hears of it: nobody but somebody it names is taken away.

    Whoever it names is kept out and somebody safe is told (SAFETY 12, 15); whom it reaches for the first
    time is told as well, as when a pupil turns out to be involved (SAFETY 13).
    """
    shut = [person for person in new.access.excluded if person not in access.excluded]
    more = [person for person in new.access.full if person not in access.full]
    known = told_by.by_reporter(events).full
    left = tuple(dict.fromkeys(each for each in (*known, *more) if each not in shut))
    said = {"told": told_by.told(school, left), "words": list(new.words)}
    handed = {"handed_to": more, "outside": list(new.access.outside), **said}
    if shut:
        reason = "named by the reporter"
        return [(EventKind.EXCLUDED, {"person": each, "reason": reason, **handed}) for each in shut]
    if not more:
        return []
    if head.status not in LIVE:
        reason = "the reporter added to it"
        return [(EventKind.SHARED, {"person": each, "opens": True, "reason": reason}) for each in more]
    return [(EventKind.ROUTED, {**_widened(access, new.access, more), "clause": new.clause, **said})]


def _widened(access: Access, new: Access, more: Sequence[str]) -> dict[str, Any]:
    full = (*access.full, *more)
    chain = dict.fromkeys(each for each in (*access.chain, *new.chain) if each not in full)
    copies = tuple(each for each in access.copies if each not in full)
    outside = tuple(dict.fromkeys((*access.outside, *new.outside)))
    return asdict(Access(full, copies, tuple(chain), access.excluded, outside))


def lacking(
    form: FormDefinition, answers: Mapping[str, AnswerValue], files: int, gate: Gate = Gate.NO
) -> list[str]:
    """Return what would still help, in words."""
    return [each.words for each in coach.missing(form, answers, files, gate=gate)]


def stopped(events: Iterable[Event]) -> bool:
    """Whether the gate was ever answered "yes" or "not sure", or a file is locked: nothing undoes that."""
    return any(
        event.kind is EventKind.EVIDENCE_LOCKED or event.body.get("gate") in [each.value for each in STOPPING]
        for event in events
    )


def not_about(events: Iterable[Event]) -> frozenset[str]:
    """Return the persons of whom the reporter has said that it is not about them."""
    return frozenset(person for event in events for person in event.body.get("not_about", ()))


def answers(events: Iterable[Event]) -> dict[str, AnswerValue]:
    """Return what the reporter has answered so far."""
    found: dict[str, AnswerValue] = {}
    for event in events:
        said = event.body.get("answers", {})
        found |= {key: tuple(each) if isinstance(each, list) else each for key, each in said.items()}
    return found


def filed_by(events: Iterable[Event]) -> str:
    """Return the handle of whoever filed the case."""
    first = next(event for event in events if event.kind is EventKind.FILED)
    return str(first.body["reporter"]["handle"])


def kept(events: Iterable[Event]) -> list[str]:
    """Return the SHA-256 of each file the case has."""
    return [item.sha256 for item in folding.evidence(events)]


def evidence(stored: Iterable[Mapping[str, Any]], refused: Iterable[RefusedFile]) -> list[Body]:
    """Return an event for each file that was kept, and for each that was not."""
    return [
        *((EventKind.EVIDENCE_STORED, body) for body in stored),
        *((EventKind.EVIDENCE_REFUSED, asdict(each)) for each in refused),
    ]


def names(parties: Iterable[Party]) -> list[str]:
    """Return what a later case of the same person is found by; whoever reports is not one of them."""
    others = [party for party in parties if party.role is not PartyRole.REPORTER]
    found = [each for party in others for each in (party.name, *party.handle.split()) if each]
    return [each for each in dict.fromkeys(found) if each != NOT_KNOWN]


def receipt_detail(
    school: School, persons: Iterable[str], at: datetime, stored: Iterable[Mapping[str, Any]]
) -> str:
    """Return the detail of the reporter's own notice (SAFETY 25): time, hashes and roles told, no name."""
    told = set(persons)
    roles = tuple(role for role, holders in school.roles.items() if told & set(holders))
    return ReceiptDetail(at, tuple(body["sha256"] for body in stored), roles).write()


def raised(head: Head, facts: Facts) -> Head:
    """Return *head* with what a later sending adds to it; nothing is taken back."""
    return replace(
        head,
        urgent=head.urgent or facts.urgent,
        about_adult=head.about_adult or facts.about_adult,
        own_slip=head.own_slip or facts.own_slip,
    )


def has_child(events: Iterable[Event]) -> bool:
    """Whether a case for the child's safety was opened beside this one (SAFETY 14)."""
    return any(event.body.get("child_case") for event in events)


def link(case: str) -> list[Body]:
    """Return the event that links the child's *case*; none where there is none."""
    return [(EventKind.LINKED, {"case": case, "reason": "the child's safety"})] if case else []
