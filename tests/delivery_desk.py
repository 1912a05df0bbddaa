"""A school, its store, a clock and a chat, for tests of delivery."""

from dataclasses import replace
from datetime import UTC, datetime

from bot.delivery.worker import Delivery
from bot.domain.cases import EventKind
from bot.domain.clock import first_step_due
from bot.domain.notices import NoticeKind
from tests.cases_builders import FakeClock, a_notice, a_store, add_case, an_access
from tests.fakes import a_school
from tests.notifier_fakes import FakeNotifier

MONDAY = datetime(2026, 11, 16, 10, tzinfo=UTC)
REPORTER = {"reporter": {"handle": "jo@example.org", "name": "Jo Mint", "person": ""}}
BY_CALENDAR = {NoticeKind.CHECKPOINT, NoticeKind.MONTHLY}


class Desk:
    """One school, its store, a clock and a chat to look at."""

    def __init__(self, tmp_path, school=None, notifiers=None):
        self.clock = FakeClock(MONDAY)
        self.store = a_store(tmp_path, self.clock)
        self.school = school or a_school()
        self.chat = FakeNotifier()
        self.notifiers = (self.chat,) if notifiers is None else notifiers

    @property
    def delivery(self):
        return Delivery({self.school.id: self.school}, self.store, tuple(self.notifiers))

    def case(self, case="CASE-1", urgent=True, full=("amy",), chain=("ben", "cat", "dan"), **changes):
        access = an_access(*full, chain=chain, excluded=changes.pop("excluded", ()))
        due = changes.pop("clock_at", first_step_due(self.school, urgent, MONDAY))
        filed = {"filed_at": MONDAY, "clock_at": due, "urgent": urgent}
        add_case(self.store, case, access, body=REPORTER, **{**filed, **changes})

    def enqueue(self, **changes):
        with self.store.writing() as unit:
            unit.enqueue(a_notice(**{"due": MONDAY, **changes}))

    def after(self, **time):
        self.clock.pass_by(**time)
        return self.delivery.run_once()

    def change(self, **changes):
        with self.store.writing() as unit:
            unit.put_head(replace(unit.head("CASE-1"), **changes))

    @property
    def head(self):
        with self.store.reading() as unit:
            return unit.head("CASE-1")

    @property
    def access(self):
        with self.store.reading() as unit:
            return unit.access("CASE-1")

    def events(self, kind=EventKind.ESCALATED):
        with self.store.reading() as unit:
            return [each.body for each in unit.events("CASE-1") if each.kind is kind]

    def audit(self, kind):
        with self.store.reading() as unit:
            return [each for each in unit.audit_rows("fernhill") if each.kind is kind]

    def waiting(self):
        with self.store.reading() as unit:
            return [each.notice for each in unit.waiting("fernhill")]

    def told(self):
        """Who was told what about cases, since the last time this was asked."""
        told = [pair for pair in self.chat.told if pair[1] not in BY_CALENDAR]
        self.chat.sent.clear()
        return told
