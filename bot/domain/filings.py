"""What the events of filing say, and what of the earlier ones a later sending must heed. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from bot.domain import coach, folding, routing
from bot.domain import receipts as told_by
from bot.domain.cases import Access, Event, EventKind, Head, Party, PartyRole
from bot.domain.facts import Facts
from bot.domain.form_types import NOT_KNOWN, FormDefinition
from bot.domain.moves import LIVE
from bot.domain.naming import named_in, nearly_named, one_meant
from bot.domain.notice_details import ReceiptDetail
from bot.domain.reports import AnswerValue, Gate, RefusedFile, Submission
from bot.domain.routing import ADULT_LADDER, Decision
from bot.domain.schooldays import local
from bot.domain.schools import PolicyDocument, School, role_name
from bot.domain.triage import Form

Body = tuple[EventKind, Mapping[str, Any]]
STOPPING = (Gate.YES, Gate.NOT_SURE)
CHILD_WORDS = (
    "A report about an adult says that this child may be affected. Somebody else deals with the adult. "
    "See to the child's safety; ask {whom} before you speak to anybody about it."
)


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


def recognised(school: School, facts: Facts, concerned: Collection[str], cleared: Collection[str]) -> Facts:
    """
    Return *facts* with the person of the school whom each name of an adult here means, where it is one.

    Nobody whom the reporter has *cleared* is meant (SAFETY 12).
    """

    def known(party: Party) -> Party:
        meant = one_meant(school, party.name, concerned) if party.role is PartyRole.ALLEGED else ""
        return replace(party, person=meant) if meant and meant not in cleared else party

    return replace(facts, parties=tuple(map(known, facts.parties))) if facts.about_adult else facts


def named(school: School, facts: Facts) -> frozenset[str]:
    """Return whom the text names, and whom a name given for an adult here may mean (SAFETY 12, 14)."""
    alleged = [party.name for party in facts.parties if party.role is PartyRole.ALLEGED]
    nearly = [nearly_named(school, name) for name in alleged if facts.about_adult]
    return named_in(school, "\n".join(facts.texts)).union(*nearly)


def child_words(school: School, access: Access) -> str:
    """
    Return what the child's case says of the case about an adult that *access* is for (SAFETY 14).

    Whom to ask is its first recipient, else the LADO: never a role that somebody concerned holds.
    """

    def asked(role: str) -> bool:
        held = school.roles.get(role, ())
        return bool(set(access.full[:1]) & set(held)) and not set(access.excluded) & set(held)

    role = next((role for role in ADULT_LADDER if asked(role)), "lado")
    return CHILD_WORDS.format(whom=f"the {role_name(role)}")


def unread(school: School, clause: str, reason: str, at: datetime) -> str:
    """Return the version of the policy by title and date alone, where *reason* kept its words unread."""
    kept = "; ".join(f"{each.title}, {_dated(each, local(at).date())}" for each in school.policies)
    return f"{kept}. The words of clause {clause} were not read when this was filed: {reason}."


def _dated(policy: PolicyDocument, today: date) -> str:
    dates = (("in force from", policy.effective), ("review due", policy.review(today).due))
    said = [f"{words} {on.day} {on:%B %Y}" for words, on in dates if on]
    return ", ".join(said) or "date not given"


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


def child_case(events: Iterable[Event]) -> str:
    """Return the case for the child's safety that was opened beside this one, "" for none (SAFETY 14)."""
    return next((str(event.body["child_case"]) for event in events if event.body.get("child_case")), "")


@dataclass(frozen=True, slots=True)
class Child:
    """A child's case as it stands beside the one about an adult."""

    head: Head
    access: Access
    events: tuple[Event, ...]


def kept_from_child(school: School, child: Child, adult: Decision, shut: frozenset[str]) -> list[Body]:
    """
    Return what keeps *shut*, whom *adult* now leaves out, out of the child's case too (SAFETY 12, 14).

    Whom to ask is said again where it changes with them.
    """
    facts = Facts(form=Form.CONCERN, urgent=child.head.urgent, pupil_involved=True)
    new = routing.decide(school, facts, shut.union(child.access.excluded), adult.asked.on)
    bodies = []
    if shut.difference(child.access.excluded):
        bodies = rerouted(school, child.head, child.access, child.events, new)
    words = child_words(school, adult.access)
    if answers(child.events).get("what") != words:
        bodies.append((EventKind.ADDED, {"answers": {"what": words}}))
    return bodies


def beside(case: str) -> dict[str, str]:
    """Return what an event says of the child's *case* that was opened with it, where there is one."""
    return {"child_case": case} if case else {}


def link(case: str) -> list[Body]:
    """Return the event that links the child's *case*; none where there is none."""
    return [(EventKind.LINKED, {"case": case, "reason": "the child's safety"})] if case else []
