"""The part of reporting that adds to a case: a second sending under the same request id."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.domain import filings, folding, forms, routing
from bot.domain.cases import Access, Event, EventKind
from bot.domain.file_names import shown_name
from bot.domain.gate import STAYS_STOPPED
from bot.domain.reports import AnswerValue, Gate, RefusedFile, Upload
from bot.domain.schooldays import local
from bot.ports import CaseKey, Clock, Store, StoredRequest, Unit
from bot.receiving import Receiving, Taken, awaiting, unlike
from bot.recording import Children, Ready, append_more, person_id, put_up

_Events = Sequence[Event]


@dataclass(frozen=True, slots=True)
class Addition:
    """What a later sending adds, ready to be written down."""

    ready: Ready
    """As all the reporter's sendings together have it."""
    body: Mapping[str, Any]
    taken: Taken
    child: Ready | None


@dataclass(frozen=True)
class Adding:
    """Adds what a second sending under the same id says beyond the first one, as later events."""

    store: Store
    receiving: Receiving
    children: Children
    clock: Clock

    def add(self, case: str, ready: Ready, uploads: Sequence[Upload]) -> None:
        """
        Add what *ready* and *uploads* say to *case*; a sending that is stored already changes nothing.

        Raises:
            FormError: an answer cannot be added.
            StoreBusy, StoreFailed: nothing was added.
        """
        sent, digest = ready.submission, ready.digest(uploads)
        with self.store.reading() as unit:
            key, events, access = unit.key(case), unit.events(case), unit.access(case)
        taken = self._taken(key, events, uploads)
        addition = self._addition(ready, events, access, taken)
        with self.store.writing() as unit:
            if any(each.digest == digest for each in unit.requests(sent.school, sent.request_id)):
                return
            self._write(unit, case, addition, events)
            unit.remember(sent.school, sent.request_id, StoredRequest(digest, case))

    def _taken(self, key: CaseKey, events: _Events, uploads: Sequence[Upload]) -> Taken:
        """The files of a later sending; once the case is stopped, none is looked at (SAFETY 1)."""
        kept = filings.kept(events)
        new = unlike(uploads, kept)
        if filings.stopped(events):
            return Taken(refused=tuple(RefusedFile(shown_name(each.name), STAYS_STOPPED) for each in new))
        return self.receiving.take(key, new, len(kept) + len(folding.awaited(events)))

    def _addition(self, ready: Ready, events: _Events, access: Access, taken: Taken) -> Addition:
        sent, before = ready.submission, filings.answers(events)
        more = forms.check_addition(ready.form, before, dict(ready.answers), local(self.clock()).date())
        ready = self._joined(ready, {**before, **more}, events, access)
        files = len(filings.kept(events)) + len(taken.stored)
        # SAFETY 1: of a case that was stopped once, no later "no" asks for a file again.
        gate = Gate.NOT_SURE if filings.stopped(events) else sent.gate
        body = {
            "answers": more,
            "gate": sent.gate.value,
            "parties": [asdict(party) for party in ready.facts.parties],
            "missing": filings.lacking(ready.form, ready.answers, files, gate),
            "not_about": sorted(sent.not_about),
            **({"urgent": True} if sent.urgent else {}),
        }
        child = None
        if not filings.child_case(events):
            child = self.children.of(ready, ready.decision.access.excluded)
        return Addition(ready, body, taken, child)

    def _write(self, unit: Unit, case: str, addition: Addition, events: _Events) -> None:
        ready, taken, sent = addition.ready, addition.taken, addition.ready.submission
        linked = self.children.open(unit, addition.child)
        head, now = filings.raised(unit.head(case), ready.facts), unit.events(case)
        fetched = awaiting(sent.awaited, now, len(taken.stored))
        bodies = [
            (EventKind.ADDED, {**addition.body, **fetched.said, **filings.beside(linked)}),
            *filings.evidence(taken.stored, taken.refused),
            *fetched.refused,
            *filings.rerouted(ready.school, head, unit.access(case), events, ready.decision),
            *filings.link(linked),
        ]
        shut = frozenset(ready.decision.access.excluded) - set(unit.access(case).excluded)
        append_more(unit, ready.school, head, bodies)
        unit.index_names(case, filings.names(ready.facts.parties))
        self._kept_from_child(unit, ready, filings.child_case(events), shut)
        put_up(unit, head, sent.reporter.handle, fetched.refs)

    def _kept_from_child(self, unit: Unit, ready: Ready, case: str, shut: frozenset[str]) -> None:
        """Whom a later sending keeps out of the adult's case is kept out of the child's (SAFETY 12, 14)."""
        events = unit.events(case) if case and shut else ()
        if events:
            child = filings.Child(unit.head(case), unit.access(case), events)
            bodies = filings.kept_from_child(ready.school, child, ready.decision, shut)
            append_more(unit, ready.school, child.head, bodies)

    def _joined(
        self, ready: Ready, answers: Mapping[str, AnswerValue], events: _Events, access: Access
    ) -> Ready:
        """*ready* as all the reporter's sendings together have it."""
        sent = ready.submission
        facts = forms.facts(ready.form, answers, reporter=sent.reporter)
        urgent = facts.urgent or ready.facts.urgent
        concerned = {person_id(ready.school, each, "concerned") for each in sent.concerned}
        cleared = filings.not_about(events)
        named = (ready.named - cleared) | concerned | set(access.excluded)
        cleared |= {person_id(ready.school, each, "not_about") for each in sent.not_about}
        facts = filings.recognised(ready.school, replace(facts, urgent=urgent), concerned, cleared)
        decision = routing.decide(ready.school, facts, named, self.clock())
        return replace(ready, answers=answers, facts=facts, decision=decision)
