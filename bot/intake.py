"""The use case of reporting: a filled form becomes a case, whole or not at all, however often it is sent."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from bot.adding import Adding
from bot.domain import filings, forms, receipts, routing
from bot.domain.cases import EventKind
from bot.domain.form_types import FormDefinition
from bot.domain.notices import REPORTER_PREFIX, NoticeKind
from bot.domain.receipts import Advice
from bot.domain.reports import Gate, Receipt, Reporter, Submission, Upload
from bot.domain.routing import Hearer
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import (
    CaseDeleted,
    ConfigurationError,
    FormError,
    Gone,
    LocksDamaged,
    StoreBusy,
    StoreFailed,
    UnknownCase,
    UnknownSchool,
)
from bot.ports import CaseKey, Clock, Rulings, Store, StoredRequest, Unit
from bot.receiving import Receiving, Taken, awaiting
from bot.recording import (
    NO_FILES_YET,
    TAKEN_ID,
    Children,
    Ready,
    append,
    case_number,
    new_head,
    notify,
    person_id,
    put_up,
    tell_holders,
)

__all__ = ["NO_FILES_YET", "TAKEN_ID", "Intake", "Ready", "case_number", "reporter"]


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
        concerned = frozenset(person_id(school, each, "concerned") for each in submission.concerned)
        cleared = {person_id(school, each, "not_about") for each in submission.not_about}
        facts = forms.facts(form, answers, reporter=submission.reporter)
        facts = filings.recognised(school, facts, concerned, cleared)
        if submission.urgent or submission.gate in (Gate.YES, Gate.NOT_SURE):
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
        if (uploads or submission.awaited) and not submission.gate.opens:
            raise FormError({"gate": NO_FILES_YET})
        with self.store.reading() as unit:
            known = unit.requests(submission.school, submission.request_id)
        if not known:
            known = self._opened(ready, uploads)
        case = known[0].case
        self._same_sender(case, submission)
        if ready.digest(uploads) not in {each.digest for each in known}:
            self._adding.add(case, ready, uploads)
        return self.receipt(case)

    def receipt(self, case: str) -> Receipt:
        """The receipt of *case*, as the reporter was given it; raises `UnknownCase` and `CaseDeleted`."""
        with self.store.reading() as unit:
            head, events = unit.head(case), unit.events(case)
        if not events:
            raise CaseDeleted(case)
        today = local(self.clock()).date()
        return receipts.receipt(self._school(head.school), self.advice, head, events, today)

    def receipt_of(self, school: str, request_id: str, handle: str) -> Receipt:
        """The receipt of what the person with *handle* sent under *request_id*; raises `Gone` for nothing."""
        with self.store.reading() as unit:
            known = unit.requests(school, request_id)
            events = unit.events(known[0].case) if known else ()
        if not events or filings.filed_by(events) != handle:
            raise Gone(f"request {request_id}")
        return self.receipt(known[0].case)

    @property
    def _children(self) -> Children:
        return Children(self.forms, self.store, self.rulings, self.clock)

    @property
    def _adding(self) -> Adding:
        return Adding(self.store, self.receiving, self._children, self.clock)

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
        child = self._children.of(ready, ready.decision.access.excluded)
        ready = self._children.cited(ready)
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
        linked = self._children.open(unit, child)
        head = new_head(unit, ready, key.case)
        sent, fetched = ready.submission, awaiting(ready.submission.awaited, stored=len(taken.stored))
        unit.add_case(head, key, ready.decision.access, sent.reporter.handle)
        filed = filings.filed(sent, ready.form, ready.answers, ready.facts, len(taken.stored))
        bodies: list[filings.Body] = [
            (EventKind.FILED, {**filed, **fetched.said, **filings.beside(linked)}),
            (EventKind.ROUTED, filings.routed(ready.school, ready.decision, ready.version)),
            *filings.evidence(taken.stored, taken.refused),
            *fetched.refused,
            *filings.link(linked),
        ]
        append(unit, ready.school, head, bodies)
        unit.index_names(key.case, filings.names(ready.facts.parties))
        tell_holders(unit, ready, key.case)
        persons = ready.decision.access.full
        detail = filings.receipt_detail(ready.school, persons, head.filed_at, taken.stored)
        to = f"{REPORTER_PREFIX}{sent.reporter.handle}"
        notify(unit, unit.head(key.case), NoticeKind.RECEIPT, to, detail)
        # After the notices: nobody waits to be told until a file is fetched.
        put_up(unit, head, sent.reporter.handle, fetched.refs)


def reporter(school: School, who: str) -> Reporter:
    """The reporter whom *who* names: one of the school's people by any handle, else as it is written."""
    try:
        person = school.person(who)
    except ConfigurationError:
        return Reporter(who, who)
    return Reporter(person.email or person.slack or person.id, person.name or who, person.id)
