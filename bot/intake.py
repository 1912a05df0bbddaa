"""The use case of reporting: a filled form becomes a case, whole or not at all, however often it is sent."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

from bot.domain import clock as clocks
from bot.domain import filings, forms, moves, receipts, routing
from bot.domain.cases import Access, Event, EventKind, Head, Status
from bot.domain.facts import Facts
from bot.domain.file_names import shown_name
from bot.domain.form_types import FormDefinition
from bot.domain.gate import STAYS_STOPPED
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.receipts import Advice
from bot.domain.reports import AnswerValue, Gate, Receipt, RefusedFile, Reporter, Submission, Upload
from bot.domain.routing import Decision, Hearer
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import (
    CaseDeleted,
    ConfigurationError,
    FormError,
    LocksDamaged,
    StaleIndex,
    StoreBusy,
    StoreFailed,
    UnknownCase,
    UnknownClause,
    UnknownSchool,
)
from bot.ports import CaseKey, Clock, Rulings, Store, StoredRequest, Unit
from bot.receiving import Receiving, Taken, hashes, unlike

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
        whole = json.dumps([said, hashes(uploads)], sort_keys=True)
        return hashlib.sha256(whole.encode()).hexdigest()


@dataclass(frozen=True)
class Intake:
    """Files reports. Every channel hands in the same `Submission` and draws the same `Receipt`."""

    schools: Mapping[str, School]
    forms: Mapping[Form, FormDefinition]
    advice: Advice
    store: Store
    receiving: Receiving
    rulings: Rulings
    clock: Clock

    def ready(self, submission: Submission) -> Ready:
        """
        Check *submission* and say who will hear of it, for the screen before sending (SAFETY 12).

        Whoever the text names by name, handle or role is left out until the reporter has said that it is
        not about them (`Submission.not_about`).

        Raises:
            FormError: with the words for each field that cannot stay as it is.
            UnknownSchool: no school of that id is configured.
        """
        school, form = self._school(submission.school), self.forms[submission.form]
        now = self.clock()
        answers = forms.check(form, submission.answers, local(now).date(), submission.gate)
        concerned = frozenset(_person(school, each, "concerned") for each in submission.concerned)
        cleared = {_person(school, each, "not_about") for each in submission.not_about}
        facts = forms.facts(form, answers, reporter=submission.reporter)
        facts = filings.recognised(school, facts, concerned, cleared)
        if submission.gate in (Gate.YES, Gate.NOT_SURE):
            facts = replace(facts, urgent=True)
        named = filings.named(school, facts) - concerned - cleared
        decision = routing.decide(school, facts, concerned | named, now)
        return Ready(submission, school, form, answers, facts, decision, named)

    def hearers(self, ready: Ready) -> tuple[Hearer, ...]:
        """Everyone who will receive it, cover, or be told if nobody opens it, by name and role."""
        return routing.heard_by(ready.school, ready.decision)

    def takes_files(self, submission: Submission) -> bool:
        """
        Whether a file may be read for *submission*: only after a plain "no", never again once stopped.

        Ask before a file is opened (SAFETY 1).
        """
        if not submission.gate.opens:
            return False
        with self.store.reading() as unit:
            known = unit.requests(submission.school, submission.request_id)
            return not known or not filings.stopped(unit.events(known[0].case))

    def file(self, submission: Submission, uploads: Sequence[Upload] = ()) -> Receipt:
        """
        Store *submission* with *uploads* and return the receipt, which is due only because it is stored.

        The same request again changes nothing and gives the same receipt; the same id with other content
        adds to the same case. A file that cannot be kept is named in the receipt; the report goes on.

        Raises:
            FormError: as `ready`; also for files before a plain "no" at the gate, of which none is read,
                and for an id under which somebody else, or another form, was filed.
            StoreBusy, StoreFailed: nothing was stored.
        """
        ready = self.ready(submission)
        if uploads and not submission.gate.opens:
            raise FormError({"gate": NO_FILES_YET})
        with self.store.reading() as unit:
            known = unit.requests(submission.school, submission.request_id)
        if not known:
            known = self._opened(ready, uploads)
        case = known[0].case
        self._same_sender(case, submission)
        if ready.digest(uploads) not in {each.digest for each in known}:
            self._added(case, ready, uploads)
        return self.receipt(case)

    def receipt(self, case: str) -> Receipt:
        """The receipt of *case*, as the reporter was given it."""
        with self.store.reading() as unit:
            head, events = unit.head(case), unit.events(case)
        today = local(self.clock()).date()
        return receipts.receipt(self._school(head.school), self.advice, head, events, today)

    def _school(self, school: str) -> School:
        if school not in self.schools:
            raise UnknownSchool(f"there is no school {school!r}; known: {', '.join(sorted(self.schools))}")
        return self.schools[school]

    def _same_sender(self, case: str, sent: Submission) -> None:
        """A stranger's sending adds nothing to a case and reads no receipt; nor does another form's."""
        with self.store.reading() as unit:
            head, events = unit.head(case), unit.events(case)
        if not events:
            raise CaseDeleted(case)
        if head.form is not sent.form or filings.filed_by(events) != sent.reporter.handle:
            raise FormError({"request_id": TAKEN_ID})

    def _opened(self, ready: Ready, uploads: Sequence[Upload]) -> tuple[StoredRequest, ...]:
        """The case of a new request; where somebody filed the same one meanwhile, theirs."""
        case = case_number()
        key = self.store.new_key(case)
        sent = ready.submission
        # The policy is read before the unit of work, for it may have to be loaded first.
        ready, child = self._cited(ready), self._child(ready, ready.decision.access.excluded)
        ours = False
        try:
            # Evidence is on disk before the commit that names it, so that no case names what is not there.
            taken = self.receiving.take(key, uploads)
            with self.store.writing() as unit:
                known = unit.requests(sent.school, sent.request_id)
                if not known:
                    known = (StoredRequest(ready.digest(uploads), case),)
                    self._write(unit, ready, key, taken, child)
                    unit.remember(sent.school, sent.request_id, known[0])
            ours = known[0].case == case
        finally:
            if not ours and uploads:
                self._tidy(case)
        return known

    def _tidy(self, case: str) -> None:
        """Take away evidence put for *case* if there is none; where nobody can tell, the sweep does later."""
        # An interruption may come after the commit, and then a case names it.
        with suppress(StoreBusy, StoreFailed, LocksDamaged), self.store.reading() as unit:
            try:
                unit.head(case)
            except UnknownCase:
                self.receiving.vault.remove(case)

    def _write(self, unit: Unit, ready: Ready, key: CaseKey, taken: Taken, child: Ready | None) -> None:
        """Case, people, evidence, routing and notices, in one unit."""
        linked = self._child_case(unit, child)
        head = self._head(unit, ready, key.case)
        sent = ready.submission
        unit.add_case(head, key, ready.decision.access, sent.reporter.handle)
        filed = filings.filed(sent, ready.form, ready.answers, ready.facts, len(taken.stored))
        bodies: list[filings.Body] = [
            (EventKind.FILED, filed | ({"child_case": linked} if linked else {})),
            (EventKind.ROUTED, filings.routed(ready.school, ready.decision, ready.version)),
            *filings.evidence(taken.stored, taken.refused),
            *filings.link(linked),
        ]
        self._appended(unit, ready.school, head, bodies)
        unit.index_names(key.case, filings.names(ready.facts.parties))
        self._tell_holders(unit, ready, key.case)
        persons = ready.decision.access.full
        detail = filings.receipt_detail(ready.school, persons, head.filed_at, taken.stored)
        to = f"{REPORTER_PREFIX}{sent.reporter.handle}"
        self._notify(unit, unit.head(key.case), NoticeKind.RECEIPT, to, detail)

    def _head(self, unit: Unit, ready: Ready, case: str) -> Head:
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

    def _cited(self, ready: Ready) -> Ready:
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

    def _child(self, ready: Ready, excluded: Sequence[str]) -> Ready | None:
        """SAFETY 14: a child touched by a concern about an adult gets a case of its own, for the DSL."""
        if not (ready.facts.about_adult and ready.facts.pupil_involved):
            return None
        children = tuple(party for party in ready.facts.parties if party.category == "pupil")
        facts = Facts(form=Form.CONCERN, urgent=ready.facts.urgent, pupil_involved=True, parties=children)
        sent = replace(ready.submission, form=Form.CONCERN, gate=Gate.UNASKED, concerned=(), not_about=())
        names = "; ".join(party.name for party in children if party.name) or forms.NOT_KNOWN
        return self._cited(
            replace(
                ready,
                submission=sent,
                form=self.forms[Form.CONCERN],
                answers={"who": names, "what": filings.child_words(ready.school, ready.decision.access)},
                facts=facts,
                decision=routing.decide(ready.school, facts, excluded, self.clock()),
            )
        )

    def _child_case(self, unit: Unit, child: Ready | None) -> str:
        """The number of the case opened for *child*, "" where none is."""
        if child is None:
            return ""
        case = case_number()
        head = self._head(unit, child, case)
        unit.add_case(head, self.store.new_key(case), child.decision.access)
        # No screenshot of the child is missed: what there is to see belongs to the other case.
        filed = filings.filed(child.submission, child.form, child.answers, child.facts, 1)
        routed = filings.routed(child.school, child.decision, child.version)
        self._appended(unit, child.school, head, [(EventKind.FILED, filed), (EventKind.ROUTED, routed)])
        unit.index_names(case, filings.names(child.facts.parties))
        self._tell_holders(unit, child, case)
        return case

    def _added(self, case: str, ready: Ready, uploads: Sequence[Upload]) -> None:
        """What a second sending under the same id says beyond the first one, as later events."""
        sent, digest = ready.submission, ready.digest(uploads)
        with self.store.reading() as unit:
            key, events, access = unit.key(case), unit.events(case), unit.access(case)
        before, kept = filings.answers(events), filings.kept(events)
        taken = self._taken_later(key, events, unlike(uploads, kept), len(kept))
        more = forms.check_addition(ready.form, before, dict(ready.answers), local(self.clock()).date())
        ready = self._joined(ready, {**before, **more}, events, access)
        child = None if filings.child_case(events) else self._child(ready, ready.decision.access.excluded)
        files = len(kept) + len(taken.stored)
        body = {
            "answers": more,
            "gate": sent.gate.value,
            "parties": [asdict(party) for party in ready.facts.parties],
            "missing": filings.lacking(ready.form, ready.answers, files, sent.gate),
            "not_about": sorted(sent.not_about),
        }
        with self.store.writing() as unit:
            if any(each.digest == digest for each in unit.requests(sent.school, sent.request_id)):
                return
            linked = self._child_case(unit, child)
            head = filings.raised(unit.head(case), ready.facts)
            bodies = [
                (EventKind.ADDED, body | ({"child_case": linked} if linked else {})),
                *filings.evidence(taken.stored, taken.refused),
                *filings.rerouted(ready.school, head, unit.access(case), events, ready.decision),
                *filings.link(linked),
            ]
            shut = frozenset(ready.decision.access.excluded) - set(unit.access(case).excluded)
            self._more(unit, ready.school, head, bodies)
            unit.index_names(case, filings.names(ready.facts.parties))
            unit.remember(sent.school, sent.request_id, StoredRequest(digest, case))
            self._kept_from_child(unit, ready, filings.child_case(events), shut)

    def _more(self, unit: Unit, school: School, head: Head, bodies: Iterable[filings.Body]) -> None:
        """Append *bodies*, and tell whoever had the case before and has it still."""
        holders = unit.access(head.case).full
        self._appended(unit, school, head, bodies)
        for person in (each for each in holders if each in unit.access(head.case).full):
            self._notify(unit, head, NoticeKind.REPORTER_ADDED, person)

    def _kept_from_child(self, unit: Unit, ready: Ready, case: str, shut: frozenset[str]) -> None:
        """Whom a later sending keeps out of the adult's case is kept out of the child's (SAFETY 12, 14)."""
        events = unit.events(case) if case and shut else ()
        if events:
            child = filings.Child(unit.head(case), unit.access(case), events)
            bodies = filings.kept_from_child(ready.school, child, ready.decision, shut)
            self._more(unit, ready.school, child.head, bodies)

    def _taken_later(
        self, key: CaseKey, events: Sequence[Event], uploads: Sequence[Upload], already: int
    ) -> Taken:
        """The files of a later sending; once the case is stopped, none is looked at (SAFETY 1)."""
        if filings.stopped(events):
            return Taken(refused=tuple(RefusedFile(shown_name(each.name), STAYS_STOPPED) for each in uploads))
        return self.receiving.take(key, uploads, already)

    def _joined(
        self, ready: Ready, answers: Mapping[str, AnswerValue], events: Sequence[Event], access: Access
    ) -> Ready:
        """*ready* as all the reporter's sendings together have it."""
        sent = ready.submission
        facts = forms.facts(ready.form, answers, reporter=sent.reporter)
        urgent = facts.urgent or ready.facts.urgent
        concerned = {_person(ready.school, each, "concerned") for each in sent.concerned}
        cleared = filings.not_about(events)
        named = (ready.named - cleared) | concerned | set(access.excluded)
        cleared |= {_person(ready.school, each, "not_about") for each in sent.not_about}
        facts = filings.recognised(ready.school, replace(facts, urgent=urgent), concerned, cleared)
        decision = routing.decide(ready.school, facts, named, self.clock())
        return replace(ready, answers=answers, facts=facts, decision=decision)

    def _appended(self, unit: Unit, school: School, head: Head, bodies: Iterable[filings.Body]) -> None:
        """Append an event for each of *bodies*, and leave head and access as they then stand."""
        access = unit.access(head.case)
        before = access
        for kind, body in bodies:
            event = unit.append(head.case, kind, moves.REPORTER, body)
            head, access = moves.after(head, event), moves.access_after(access, event)
        unit.put_head(replace(head, clock_at=clocks.next_clock(school, head)))
        if access != before:
            unit.put_access(head.case, access)
            for person in (each for each in access.full if each not in before.full):
                self._notify(unit, head, NoticeKind.NEW_CASE, person)

    def _tell_holders(self, unit: Unit, ready: Ready, case: str) -> None:
        for person in ready.decision.access.full:
            self._notify(unit, unit.head(case), NoticeKind.NEW_CASE, person)

    def _notify(self, unit: Unit, head: Head, kind: NoticeKind, to: str, detail: str = "") -> None:
        key = f"{head.case}:{kind}:{to}:{head.version if kind is NoticeKind.REPORTER_ADDED else 0}"
        unit.enqueue(Notice(key, kind, head.school, to, unit.now, head.case, head.urgent, detail))


def case_number() -> str:
    """A random number for a case, forty bits in eight letters: "7K3M-Q9XD" (SAFETY 25)."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def reporter(school: School, who: str) -> Reporter:
    """The reporter whom *who* names: one of the school's people by any handle, else as it is written."""
    try:
        person = school.person(who)
    except ConfigurationError:
        return Reporter(who, who)
    return Reporter(person.email or person.slack or person.id, person.name or who, person.id)


def _person(school: School, handle: str, key: str) -> str:
    try:
        return school.person(handle).id
    except ConfigurationError:
        raise FormError({key: f"Nobody at this school is known as “{handle}”."}) from None
