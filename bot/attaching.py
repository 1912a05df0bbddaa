"""The use case of files that come after the report: fetched from where they lie, or sent as more evidence."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from bot.domain import filings, folding, moves, receipts
from bot.domain.audit import AuditKind
from bot.domain.cases import Event, EventKind, Head, Status
from bot.domain.gate import STAYS_STOPPED
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.reports import Gate, Upload
from bot.domain.schools import School
from bot.errors import CaseDeleted, EvidenceRefused, FormError, NotDelivered, SealBroken, UnknownCase
from bot.ports import Attachments, CaseKey, Clock, Store, StoredRequest, Unit
from bot.receiving import SENT_TWICE, Receiving, Taken, awaiting, hashes, not_fetched, unlike
from bot.recording import NO_FILES_YET, TAKEN_ID, append, notify, put_up

WAIT_S = 3600.0
"""How long a file waits whose school is not configured, or whose case cannot be read."""
GIVEN_UP = timedelta(hours=24)
"""So long is a file tried for; then those who count on it hear that it is not there."""
NOT_TO_BE_HAD = (
    "It could not be fetched from Slack for a day; it is not stored. Leave it in Slack, send it again here, "
    "and tell whoever deals with this."
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class More:
    """What a reporter sends after their report."""

    school: str
    case: str
    handle: str
    request_id: str
    """The same sending again under it changes nothing."""
    gate: Gate
    refs: Sequence[str] = ()
    """What the channel calls the files."""
    once: bool = False
    """Whether only one sending of files is taken under this request id."""

    @property
    def digest(self) -> str:
        """What tells the same sending from another one with the same request id."""
        said = [self.case, self.handle, self.gate, sorted(self.refs)]
        return hashlib.sha256(json.dumps(["more", said]).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Waiting:
    """A file that waits for its fetch, and its case as it was then."""

    school: School
    ref: str
    key: CaseKey
    events: tuple[Event, ...]
    shut: bool
    """The case takes no file any more."""
    late: bool
    """It has been tried for `GIVEN_UP`."""


@dataclass(frozen=True)
class Attaching:
    """Adds files to cases; only ever after a plain "no" at the gate, and never once one is stopped."""

    schools: Mapping[str, School]
    store: Store
    receiving: Receiving
    attachments: Attachments
    clock: Clock

    def takes_more(self, school: str, handle: str, case: str) -> bool:
        """Whether the reporter may be asked the gate question for *case*; raises `UnknownCase`."""
        with self._theirs(self.store.reading(), school, handle, case) as unit:
            events = unit.events(case)
            return bool(events) and not self._is_shut(case, events)

    def more(self, sent: More) -> int:
        """
        Record the answer at the gate and put the files up to be fetched; return how many.

        "Yes" and "not sure" stop the case for good and make it urgent (SAFETY 1); its holders hear of it.
        Files beyond the most that a report takes are recorded as refused. A "no" without files is nothing.

        Raises:
            FormError: files, and no plain "no"; or the case takes none any more. Nothing is changed.
            UnknownCase: it is not theirs.
            StoreBusy, StoreFailed: nothing was stored.
        """
        if sent.gate is Gate.UNASKED or (sent.refs and not sent.gate.opens):
            raise FormError({"gate": NO_FILES_YET})
        with self._theirs(self.store.writing(), sent.school, sent.handle, sent.case) as unit:
            known = unit.requests(sent.school, sent.request_id)
            if any(each.case != sent.case for each in known):
                raise FormError({"request_id": TAKEN_ID})
            if sent.digest not in {each.digest for each in known}:
                self._add(unit, sent)
                unit.remember(sent.school, sent.request_id, StoredRequest(sent.digest, sent.case))
            taken = {ref for event in unit.events(sent.case) for ref in event.body.get("refs", ())}
            return len(taken.intersection(sent.refs))

    def add(self, sent: More, uploads: Sequence[Upload]) -> None:
        """
        Add *uploads*, which came with the sending itself as a browser's do; the same again changes nothing.

        What cannot be kept is recorded as refused, with the reason; the holders hear of it, and the
        reporter gets the receipt anew.

        Raises:
            FormError: as `more`; then none of them was looked at. Or other files came before that were to
                be the only ones.
            UnknownCase: it is not theirs.
            StoreBusy, StoreFailed: nothing was stored.
        """
        sent = replace(sent, refs=hashes(uploads))
        with self._theirs(self.store.reading(), sent.school, sent.handle, sent.case) as unit:
            events = self._open(unit, sent)
            key = unit.key(sent.case)
        kept = filings.kept(events)
        taken = self.receiving.take(key, unlike(uploads, kept), len(kept) + len(folding.awaited(events)))
        with self._theirs(self.store.writing(), sent.school, sent.handle, sent.case) as unit:
            known = unit.requests(sent.school, sent.request_id)
            if sent.digest not in {each.digest for each in known}:
                if sent.once and known:
                    raise FormError({"request_id": TAKEN_ID})
                self._open(unit, sent)
                self._keep(unit, sent, taken)

    def fetch(self, notice: Notice) -> None:
        """
        Fetch the file that *notice* (`NoticeKind.FETCH_FILE`) names and add it to its case, once.

        A file that cannot be kept is recorded as refused, with the reason; either way the holders hear that
        something was added, and the reporter gets the receipt anew. So do they of one that is not there
        after a day: nothing ends in silence (SAFETY 18). Of a case that was stopped meanwhile nothing is
        fetched.

        Raises:
            NotDelivered: it must be tried again.
            StoreBusy, StoreFailed: likewise.
        """
        waiting = self._waiting(notice)
        if waiting is None:
            return
        bodies = [self._refused(waiting, STAYS_STOPPED)] if waiting.shut else self._fetched(waiting)
        with self.store.writing() as unit:
            events = unit.events(notice.case)
            if not events or waiting.ref not in folding.awaited(events):
                # Deleted, or another worker was faster: what lies in the vault unnamed, the sweep takes away.
                return
            if not waiting.shut and self._is_shut(notice.case, events):
                bodies = [self._refused(waiting, STAYS_STOPPED)]
            self._write(unit, notice.case, notice.detail, bodies)
        _log.info("evidence.fetched case=%s", notice.case)

    def _add(self, unit: Unit, sent: More) -> None:
        head, events = unit.head(sent.case), unit.events(sent.case)
        if not events:
            raise FormError({"gate": CaseDeleted.user_message})
        if not sent.gate.opens:
            self._stop(unit, head, sent.gate)
        elif sent.refs:
            if self._is_shut(sent.case, events):
                raise FormError({"gate": STAYS_STOPPED})
            fetched = awaiting(sent.refs, events)
            if not fetched.refs and not fetched.refused:
                return
            body = {"gate": sent.gate.value, **fetched.said}
            append(unit, self.schools[sent.school], head, [(EventKind.ADDED, body), *fetched.refused])
            put_up(unit, head, sent.handle, fetched.refs)

    def _stop(self, unit: Unit, head: Head, gate: Gate) -> None:
        """SAFETY 1: urgent from now on, and nothing more is asked of the reporter."""
        head = replace(head, urgent=True)
        body: dict[str, Any] = {"gate": gate.value, "missing": []}
        append(unit, self.schools[head.school], head, [(EventKind.ADDED, body)])
        _tell_holders(unit, head)

    def _waiting(self, notice: Notice) -> _Waiting | None:
        """What *notice* is about; None when nothing is left to do."""
        school = self.schools.get(notice.school)
        if school is None:
            raise NotDelivered("no such school", WAIT_S)
        try:
            with self.store.reading() as unit:
                events = unit.events(notice.case)
                if not events or notice.detail not in folding.awaited(events):
                    return None
                shut = self._is_shut(notice.case, events)
                # A notice keeps the time at which it was due first, however often it was put off.
                late = self.clock() - notice.due >= GIVEN_UP
                return _Waiting(school, notice.detail, unit.key(notice.case), events, shut, late)
        except SealBroken:
            # One damaged case is no reason to stop the worker that tells people of all the others.
            raise NotDelivered("the case is damaged", WAIT_S) from None

    def _fetched(self, waiting: _Waiting) -> list[filings.Body]:
        """The event for the file: kept, sealed and on disk before this returns; or why it is not kept."""
        try:
            upload = self.attachments.fetch(waiting.school, waiting.ref)
        except EvidenceRefused as error:
            return [self._refused(waiting, error.user_message)]
        except NotDelivered:
            if not waiting.late:
                raise
            return [self._refused(waiting, NOT_TO_BE_HAD)]
        return self._kept(waiting, upload)

    def _kept(self, waiting: _Waiting, upload: Upload) -> list[filings.Body]:
        kept = filings.kept(waiting.events)
        new = unlike([upload], kept)
        if not new:
            return [self._refused(waiting, SENT_TWICE)]
        taken = self.receiving.take(waiting.key, new, len(kept))
        bodies = filings.evidence(taken.stored, taken.refused)
        return [(kind, {**body, "ref": waiting.ref}) for kind, body in bodies]

    def _refused(self, waiting: _Waiting, reason: str) -> filings.Body:
        number = folding.refs(waiting.events).index(waiting.ref) + 1
        return not_fetched(number, waiting.ref, reason)

    def _open(self, unit: Unit, sent: More) -> tuple[Event, ...]:
        """The events of the case; raises `FormError` where it does not take the files of *sent*."""
        if not sent.gate.opens:
            raise FormError({"gate": NO_FILES_YET})
        if any(each.case != sent.case for each in unit.requests(sent.school, sent.request_id)):
            raise FormError({"request_id": TAKEN_ID})
        events = tuple(unit.events(sent.case))
        if not events:
            raise FormError({"gate": CaseDeleted.user_message})
        if self._is_shut(sent.case, events):
            raise FormError({"gate": STAYS_STOPPED})
        return events

    def _keep(self, unit: Unit, sent: More, taken: Taken) -> None:
        if taken.stored or taken.refused:
            added = (EventKind.ADDED, {"gate": sent.gate.value})
            bodies = [added, *filings.evidence(taken.stored, taken.refused)]
            self._write(unit, sent.case, sent.request_id, bodies)
        unit.remember(sent.school, sent.request_id, StoredRequest(sent.digest, sent.case))

    def _write(self, unit: Unit, case: str, what: str, bodies: list[filings.Body]) -> None:
        """Events, notices to the holders, and the receipt anew because of *what*, in one unit."""
        head = unit.head(case)
        school = self.schools[head.school]
        append(unit, school, head, bodies)
        _tell_holders(unit, head)
        events = unit.events(head.case)
        stored = [event.body for event in events if event.kind is EventKind.EVIDENCE_STORED]
        told = receipts.by_reporter(events).full
        detail = filings.receipt_detail(school, told, head.filed_at, stored)
        to = f"{REPORTER_PREFIX}{filings.filed_by(events)}"
        key, kind = f"{head.case}:receipt:{what}", NoticeKind.RECEIPT
        unit.enqueue(Notice(key, kind, head.school, to, unit.now, head.case, head.urgent, detail))

    def _is_shut(self, case: str, events: Sequence[Event]) -> bool:
        """Whether *case* takes no file: stopped, or one is locked whatever its events say (SAFETY 4)."""
        return filings.stopped(events) or bool(self.receiving.vault.locked(case))

    @contextmanager
    def _theirs(
        self, opened: AbstractContextManager[Unit], school: str, handle: str, case: str
    ) -> Iterator[Unit]:
        """A unit for the reporter of *case*; a refusal is in the audit log."""
        try:
            with opened as unit:
                if case not in {head.case for head in unit.reported_by(school, handle)}:
                    raise UnknownCase("refused")
                yield unit
        except UnknownCase:
            with self.store.writing() as unit:
                unit.record(AuditKind.REFUSED, moves.REPORTER, school, detail="more evidence")
            raise


def _tell_holders(unit: Unit, head: Head) -> None:
    """Tell whoever has the case, or has the one in which it is carried on since it was merged."""
    top = head
    while top.status is Status.MERGED:
        merged = [each for each in unit.events(top.case) if each.kind is EventKind.MERGED]
        top = unit.head(merged[-1].body["into"])
    for person in unit.access(top.case).full:
        notify(unit, head, NoticeKind.REPORTER_ADDED, person)
