"""What opening a case and adding to one share: a checked report, its events, a child's case, and notices."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.domain import clock as clocks
from bot.domain import filings, forms, moves, routing
from bot.domain.cases import EventKind, Head, Status
from bot.domain.facts import Facts
from bot.domain.form_types import FormDefinition
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.reports import AnswerValue, Gate, Submission, Upload
from bot.domain.routing import Decision
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import ConfigurationError, FormError, StaleIndex, UnknownClause, UnknownSchool
from bot.ports import Clock, Rulings, Store, Unit
from bot.receiving import hashes

NO_FILES_YET = (
    "No file is taken before this is answered: could any of it show a nude, semi-nude or sexual image of "
    "someone under 18? Only after a plain “no”."
)
TAKEN_ID = "Another report was filed under this id. Send this one under an id of its own."
# Without I, L, O and U, which are misread or spell words (Crockford's base 32).
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Ready:
    """A checked submission, with who will hear of it."""

    submission: Submission
    school: School
    form: FormDefinition
    answers: Mapping[str, AnswerValue]
    facts: Facts
    decision: Decision
    named: frozenset[str]
    """Listed persons whom the text names, and of whom nobody has said yet whether it is about them."""
    version: str = ""
    """The policy and its clause as they stood when it was filed."""

    def digest(self, uploads: Iterable[Upload]) -> str:
        """What tells the same sending from another one with the same request id."""
        sent = self.submission
        said = [sent.form, dict(self.answers), sent.gate, sorted(sent.concerned), sent.reporter.handle]
        # Only where there is one: what was sent before there were any has the digest that it had.
        later = [[sent.urgent, sorted(set(sent.awaited))]] if sent.urgent or sent.awaited else []
        whole = json.dumps([said, hashes(uploads), *later], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Children:
    """SAFETY 14: a child touched by a concern about an adult gets a case of its own, for the DSL."""

    forms: Mapping[Form, FormDefinition]
    store: Store
    rulings: Rulings
    clock: Clock

    def of(self, ready: Ready, excluded: Sequence[str]) -> Ready | None:
        """What is filed for the child beside *ready*, without *excluded*; None where no child is touched."""
        if not (ready.facts.about_adult and ready.facts.pupil_involved):
            return None
        children = tuple(party for party in ready.facts.parties if party.category == "pupil")
        facts = Facts(form=Form.CONCERN, urgent=ready.facts.urgent, pupil_involved=True, parties=children)
        sent = replace(ready.submission, form=Form.CONCERN, gate=Gate.UNASKED, concerned=(), not_about=())
        names = "; ".join(party.name for party in children if party.name) or forms.NOT_KNOWN
        return self.cited(
            replace(
                ready,
                submission=sent,
                form=self.forms[Form.CONCERN],
                answers={"who": names, "what": filings.child_words(ready.school, ready.decision.access)},
                facts=facts,
                decision=routing.decide(ready.school, facts, excluded, self.clock()),
            )
        )

    def open(self, unit: Unit, child: Ready | None) -> str:
        """Open the case of *child* and return its number, "" where there is none."""
        if child is None:
            return ""
        case = case_number()
        head = new_head(unit, child, case)
        unit.add_case(head, self.store.new_key(case), child.decision.access)
        # No screenshot of the child is missed: what there is to see belongs to the other case.
        filed = filings.filed(child.submission, child.form, child.answers, child.facts, 1)
        routed = filings.routed(child.school, child.decision, child.version)
        append(unit, child.school, head, [(EventKind.FILED, filed), (EventKind.ROUTED, routed)])
        unit.index_names(case, filings.names(child.facts.parties))
        tell_holders(unit, child, case)
        return case

    def cited(self, ready: Ready) -> Ready:
        """*ready* with its policy and clause as they stand now (SAFETY 13)."""
        return replace(ready, version=self._version(ready.school, ready.decision.clause))

    def _version(self, school: School, clause: str) -> str:
        """The policy and its clause in words; a report never waits for an index."""
        if not clause:
            return ""
        try:
            ruling = self.rulings.ruling(school.id, clause)
        except UnknownClause:
            return filings.unread(school, clause, "no document that could be read has it", self.clock())
        except (UnknownSchool, StaleIndex):
            return filings.unread(school, clause, "the index was not ready", self.clock())
        return f"{ruling.policy}, {ruling.dated}, SHA-256 of the clause {ruling.sha256}: {ruling.quote}"


def case_number() -> str:
    """A random number for a case, forty bits in eight letters: "7K3M-Q9XD" (SAFETY 25)."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def new_head(unit: Unit, ready: Ready, case: str) -> Head:
    """The head of a case that is opened for *ready* now."""
    head = Head(
        case=case,
        school=ready.school.id,
        form=ready.submission.form,
        urgent=ready.facts.urgent,
        status=Status.RECEIVED,
        filed_at=unit.now,
        version=0,
        about_adult=ready.facts.about_adult,
        own_slip=ready.facts.own_slip,
    )
    return replace(head, clock_at=clocks.next_clock(ready.school, head))


def append(unit: Unit, school: School, head: Head, bodies: Iterable[filings.Body]) -> None:
    """Append an event of the reporter's for each of *bodies*; head and access are left as they then stand."""
    was, access = unit.head(head.case), unit.access(head.case)
    before = access
    for kind, body in bodies:
        event = unit.append(head.case, kind, moves.REPORTER, body)
        head, access = moves.after(head, event), moves.access_after(access, event)
    due = clocks.next_clock(school, head)
    # Nothing that the clock waits for has changed: what it has put off stays put off.
    unit.put_head(replace(head, clock_at=was.clock_at if due == clocks.next_clock(school, was) else due))
    if access != before:
        unit.put_access(head.case, access)
        for person in (each for each in access.full if each not in before.full):
            notify(unit, head, NoticeKind.NEW_CASE, person)


def append_more(unit: Unit, school: School, head: Head, bodies: Iterable[filings.Body]) -> None:
    """Append *bodies*, and tell whoever had the case before and has it still."""
    holders = unit.access(head.case).full
    append(unit, school, head, bodies)
    for person in (each for each in holders if each in unit.access(head.case).full):
        notify(unit, head, NoticeKind.REPORTER_ADDED, person)


def tell_holders(unit: Unit, ready: Ready, case: str) -> None:
    """Tell everybody whom the new *case* is for."""
    for person in ready.decision.access.full:
        notify(unit, unit.head(case), NoticeKind.NEW_CASE, person)


def notify(unit: Unit, head: Head, kind: NoticeKind, to: str, detail: str = "") -> None:
    """Put a notice of *kind* up; of each kind a receiver gets one a case, and one for each addition."""
    key = f"{head.case}:{kind}:{to}:{head.version if kind is NoticeKind.REPORTER_ADDED else 0}"
    unit.enqueue(Notice(key, kind, head.school, to, unit.now, head.case, head.urgent, detail))


def put_up(unit: Unit, head: Head, handle: str, refs: Iterable[str]) -> None:
    """Have each of the files *refs*, which the reporter with *handle* sent, fetched from their channel."""
    for ref in refs:
        key, to = f"{head.case}:fetch:{ref}", f"{REPORTER_PREFIX}{handle}"
        kind = NoticeKind.FETCH_FILE
        unit.enqueue(Notice(key, kind, head.school, to, unit.now, head.case, head.urgent, ref))


def person_id(school: School, handle: str, key: str) -> str:
    """The id of the school's person with *handle*; raises `FormError` at the field *key* for nobody's."""
    try:
        return school.person(handle).id
    except ConfigurationError:
        raise FormError({key: f"Nobody at this school is known as “{handle}”."}) from None
