"""The outbox: each notice is sent by the first way that reaches its receiver, and again until it is."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import SystemRandom

from bot.delivery.escalation import AT_ONCE, SCHOOL_MISSING, Escalation
from bot.delivery.people import former_people
from bot.delivery.ringing import Ringing
from bot.domain.audit import AuditKind
from bot.domain.moves import STAFFROOM
from bot.domain.notices import Notice, NoticeKind, Sending
from bot.domain.schools import School
from bot.errors import NotDelivered
from bot.ports import Notifier, Store, Unit

LEASE_S = 300.0
"""A notice is one worker's for so long; longer than any notifier takes, shorter than an urgent step."""
TRIES = 3
"""After so many failures of every way to one person, the next person hears of the case as well."""
FIRST_WAIT_S, LONGEST_WAIT_S, LONGEST_URGENT_S = 30.0, 3600.0, 300.0
SHORT_LIMIT = timedelta(seconds=60)
"""A rate limit that ends so soon is waited for; during a longer one the next way is used."""
PATIENCE = timedelta(minutes=5)
"""So long after it was due a notice waits for no more rate limits, however short, where another way is."""

Fetch = Callable[[Notice], None]
"""Fetches the file that a `NoticeKind.FETCH_FILE` names; raises `NotDelivered` when it must try again."""

_ABOUT_A_CASE = {
    *(NoticeKind.NEW_CASE, NoticeKind.REMINDER, NoticeKind.ESCALATION),
    *(NoticeKind.NO_ACTION_YET, NoticeKind.REPORTER_ADDED),
}
_log = logging.getLogger(__name__)


class _NobodyReaches(NotDelivered):
    """No way of reaching that receiver is set up; waiting does not mend that."""


class _Limited(NotDelivered):
    """A way takes nothing before *until*."""

    def __init__(self, log: str, until: datetime) -> None:
        super().__init__(log)
        self.until = until


class _Waits(_Limited):
    """The notice waits for that way: nothing has failed, no other way is tried, and nobody else is told."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Until when each way is rate limited, by its name; after a restart the way says it again."""

    until: dict[str, datetime] = field(default_factory=dict)

    def note(self, way: str, until: datetime) -> datetime:
        """Keep *until* for *way* unless it is to wait for longer already; return which of them stands."""
        self.until[way] = max(until, self.until.get(way, until))
        return self.until[way]

    def holding(self, way: str, sending: Sending, now: datetime) -> datetime | None:
        """
        Return when *way* may have *sending*, None for now.

        What fell due during a limit and is first looked at after it would be before those that waited:
        it is put among them, at a moment that is over.
        """
        until = self.until.get(way)
        behind = until and not sending.attempts and sending.notice.due < until
        return until if until and (now < until or behind) else None


@dataclass(frozen=True, slots=True)
class Outbox:
    """
    Sends what is due, at least once; *jitter* gives a number from 0 to 1.

    What is not urgent keeps its order where a way is rate limited: all of it waits for the same moment,
    and is then taken as it was put in. *limits* outlives a round.
    """

    schools: Mapping[str, School]
    store: Store
    notifiers: tuple[Notifier, ...]
    escalation: Escalation
    fetch: Fetch | None = None
    limits: Limits = field(default_factory=Limits)
    jitter: Callable[[], float] = field(default=SystemRandom().random, repr=False)

    def run(self) -> tuple[int, int]:
        """
        Send up to `AT_ONCE` due notices; return how many were sent, and how many put off.

        Raises:
            StoreBusy, StoreFailed: what was taken is sent again, with the same key, when its lease ends.
        """
        done = {True: 0, False: 0}
        for _ in range(AT_ONCE):
            # One at a time, so that no lease ends while others of the same batch are being sent.
            with self.store.writing() as unit:
                taken, now = unit.claim(1, LEASE_S), unit.now
            if not taken:
                break
            done[self._deliver(taken[0], now)] += 1
        return done[True], done[False]

    def _deliver(self, sending: Sending, now: datetime) -> bool:
        notice = sending.notice
        with self.store.reading() as unit:
            school, withheld = self._school(unit, notice), _withheld(unit, notice)
            sending = replace(sending, notice=_addressed(unit, notice))
        if withheld:
            self._settle(sending, AuditKind.NOTICE_FAILED, "withheld, kept out of the case")
            return False
        try:
            fetches = notice.kind is NoticeKind.FETCH_FILE
            channel = self._fetched(notice) if fetches else self._send(school, sending, now)
        except NotDelivered as error:
            self._put_off(sending, error)
            return False
        self._settle(sending, AuditKind.NOTICE_SENT, channel)
        return True

    def _settle(self, sending: Sending, kind: AuditKind, how: str) -> None:
        with self.store.writing() as unit:
            unit.sent(sending)
            _record(unit, kind, sending.notice, how)
            if kind is AuditKind.NOTICE_SENT and sending.notice.kind is NoticeKind.RING_SENDER:
                Ringing(self.schools).told(unit, sending.notice)

    def _fetched(self, notice: Notice) -> str:
        """Fetch the file that *notice* names; raises `NotDelivered` when it must be tried again."""
        if self.fetch is None:
            raise NotDelivered("no channel to fetch from")
        self.fetch(notice)
        return "fetched"

    def _send(self, school: School | None, sending: Sending, now: datetime) -> str:
        """Return the name of the first way that took it; raises `NotDelivered` when none did, or it waits."""
        error: NotDelivered = _NobodyReaches("no way to reach")
        if school is None:
            raise NotDelivered("no such school", SCHOOL_MISSING.total_seconds())
        for notifier in self.notifiers:
            if not notifier.reaches(school, sending.notice.to):
                continue
            try:
                self._by(notifier, school, sending, now)
            except _Waits:
                _log.info("notice.waits channel=%s case=%s", notifier.name, sending.notice.case or "-")
                raise
            except NotDelivered as failed:
                error = failed
                _log.warning("notice.failed channel=%s case=%s", notifier.name, sending.notice.case or "-")
            else:
                return notifier.name
        raise error

    def _by(self, notifier: Notifier, school: School, sending: Sending, now: datetime) -> None:
        """Send by *notifier*, unless it is rate limited and this is not urgent: that is tried at once."""
        way, notice = notifier.name, sending.notice
        at_once = notice.urgent or notice.kind is NoticeKind.RING_SENDER
        held = None if at_once else self.limits.holding(way, sending, now)
        if held:
            raise _limited(notice, f"{way} is rate limited", held, now)
        try:
            notifier.send(school, notice)
        except NotDelivered as failed:
            if not failed.retry_after:
                raise
            with self.store.reading() as unit:
                now = unit.now
            wait = timedelta(seconds=min(failed.retry_after, LONGEST_WAIT_S))
            until = self.limits.note(way, now + wait)
            if at_once:
                raise
            raise _limited(notice, str(failed), until, now) from None

    def _put_off(self, sending: Sending, error: NotDelivered) -> None:
        notice = sending.notice
        tried = sending.attempts + 1
        with self.store.writing() as unit:
            wait = timedelta(seconds=self._wait_s(sending, error.retry_after or 0.0))
            # Not spread where a way is limited: what waits for the same moment keeps its order.
            until = error.until if isinstance(error, _Limited) else unit.now + wait
            unit.put_off(sending, until, str(error))
            if isinstance(error, _Waits):
                return
            out_of_reach = isinstance(error, _NobodyReaches)
            if tried <= TRIES:
                _record(unit, AuditKind.NOTICE_FAILED, notice, str(error))
            if out_of_reach or tried >= TRIES:
                self._someone_else(unit, notice)

    def _someone_else(self, unit: Unit, notice: Notice) -> None:
        """What *notice* says goes to another person as well, because this one is not reached."""
        if notice.case and notice.kind in _ABOUT_A_CASE:
            self.escalation.not_reached(unit, notice.case, notice.to)
        elif notice.kind is NoticeKind.RING_SENDER:
            Ringing(self.schools).not_reached(unit, notice)

    def _wait_s(self, sending: Sending, retry_after: float) -> float:
        """Twice as long each time, up to an hour (urgent: five minutes), and spread."""
        longest = LONGEST_URGENT_S if sending.notice.urgent else LONGEST_WAIT_S
        wait = min(FIRST_WAIT_S * 2.0 ** min(sending.attempts, 12), longest)
        return max(wait * (0.5 + 0.5 * self.jitter()), min(retry_after, LONGEST_WAIT_S))

    def _school(self, unit: Unit, notice: Notice) -> School | None:
        """The school, and those in it who are to be told of a change at their old address."""
        school = self.schools.get(notice.school)
        return school and replace(school, people=(*school.people, *former_people(unit, school.id)))


def _limited(notice: Notice, log: str, until: datetime, now: datetime) -> _Limited:
    """Whether *notice* waits *until* then, or is for the next way."""
    soon = until - now <= SHORT_LIMIT and now - notice.due < PATIENCE
    return _Waits(log, until) if soon or until <= now else _Limited(log, until)


def _addressed(unit: Unit, notice: Notice) -> Notice:
    """*notice* as it may go out now: a channel hears of no adult's case and of none with an exclusion."""
    if not notice.case:
        return notice
    private = unit.head(notice.case).about_adult or bool(unit.access(notice.case).excluded)
    return replace(notice, direct=private)


def _withheld(unit: Unit, notice: Notice) -> bool:
    """SAFETY 15: somebody kept out of a case since the notice was written is not told after all."""
    return bool(notice.case) and notice.to in unit.access(notice.case).excluded


def _record(unit: Unit, kind: AuditKind, notice: Notice, how: str) -> None:
    unit.record(kind, STAFFROOM, notice.school, notice.case, f"{notice.kind}: {how}: {notice.to}")
