"""Whatever anybody does with cases, in whatever order: the promises that always hold."""

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.cases import Access, Party, PartyRole, Status, Wanted
from bot.domain.closing import Retention
from bot.domain.folding import access_of, head_of
from bot.domain.views import Agency, Referral
from bot.errors import BotError, CaseDeleted
from tests.cases_builders import START, FakeClock, a_head
from tests.casework_builders import NOON, Member, a_casework, a_closing, audit, file_case

pytestmark = pytest.mark.slow

CASES = ("CASE-1", "CASE-2")
PEOPLE = ("amy", "ben", "cat", "dan", "eve")
ALL = Wanted(statuses=tuple(Status))
SOON = Retention("contact-settled", sexual_abuse=False, until=date(2026, 12, 1))

people, cases = st.sampled_from(PEOPLE), st.sampled_from(CASES)
alike = st.sampled_from(["note", "ask_reporter", "reply", "reopen", "hold", "release"])
on_people = st.sampled_from(["share", "tell", "exclude", "lift_exclusion"])


class Casebook(RuleBasedStateMachine):
    """Two cases that name one pupil, five people, every move, and no order in which they come."""

    @initialize()
    def filed(self):
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.work = a_casework(Path(self.folder.name), self.clock)
        self.access = {
            "CASE-1": Access(full=("amy", "ben"), copies=("eve",), chain=("cat",), excluded=("dan",)),
            "CASE-2": Access(full=("cat", "amy"), chain=("dan",), excluded=("ben",)),
        }
        pat = Party("Pat Pupil", PartyRole.TARGET)
        for case, access in self.access.items():
            file_case(self.work, case, access, parties=[pat], files=["e-1"])
            self.work.open_case(Member("fernhill", "amy"), case, "working on the case")
        self.known = dict.fromkeys(CASES, ())

    def teardown(self):
        if hasattr(self, "work"):
            assert list(self.work.store.verify()) == []
            self.work.store.close()
            self.folder.cleanup()

    def tries(self, name, person, *given):
        """Do it as *person*: a refusal is an answer too, and somebody kept out never gets another."""
        case = given[0]
        with self.work.store.reading() as unit:
            out = person in unit.access(case).excluded
        try:
            getattr(self.work, name)(Member("fernhill", person), *given)
        except BotError:
            return
        assert not out

    def version(self, case):
        with self.work.store.reading() as unit:
            return unit.head(case).version

    @rule(person=people, case=cases)
    def opens(self, person, case):
        self.tries("open_case", person, case, "working on the case")

    @rule(person=people, case=cases, move=alike)
    def says(self, person, case, move):
        self.tries(move, person, case, "text")

    @rule(person=people, case=cases, move=on_people, other=people)
    def decides_about(self, person, case, move, other):
        self.tries(move, person, case, other, "reason")

    @rule(person=people, case=cases, seen=st.integers(0, 12))
    def acknowledges(self, person, case, seen):
        self.tries("acknowledge", person, case, seen)

    @rule(person=people, case=cases, other=people)
    def assigns(self, person, case, other):
        self.tries("assign", person, case, other, self.version(case))

    @rule(person=people, case=cases, other=people, role=st.sampled_from(PartyRole))
    def records(self, person, case, other, role):
        party = Party(other, role, category="not known", person=other)
        self.tries("record_person", person, case, party)

    @rule(person=people, case=cases)
    def refers(self, person, case):
        self.tries("refer", person, case, Referral(Agency.LADO, NOON, "Jo"))

    @rule(person=people, case=cases)
    def closes(self, person, case):
        self.tries("close", person, case, a_closing(retention=SOON), self.version(case))

    @rule(person=people, first=st.booleans(), merge=st.booleans())
    def joins(self, person, first, merge):
        pair = CASES if first else CASES[::-1]
        more = (self.version(pair[0]),) if merge else ()
        self.tries("merge" if merge else "link", person, *pair, "reason", *more)

    @rule(person=people, case=cases)
    def locks(self, person, case):
        self.tries("lock", person, case, "e-1")

    @rule(person=people, case=cases)
    def deletes(self, person, case):
        self.clock.pass_by(days=10)
        self.tries("confirm_deletion", person, case, "reason")

    @invariant()
    def nobody_kept_out_opens_lists_counts_or_finds_a_case(self):
        for person in PEOPLE:
            who = Member("fernhill", person)
            found = [*self.work.list_cases(who, ALL), *self.work.search(who, "Pat Pupil")]
            with self.work.store.reading() as unit:
                barred = {case for case in CASES if person in unit.access(case).excluded}
            assert not barred & {head.case for head in found}
            assert self.work.count_cases(who, ALL) == len(self.work.list_cases(who, ALL))
            for case in barred:
                self.tries("open_case", person, case, "working on the case")

    @invariant()
    def events_only_grow(self):
        with self.work.store.reading() as unit:
            for case in CASES:
                events = unit.events(case)
                assert (
                    unit.head(case).status is Status.DELETED
                    or events[: len(self.known[case])] == self.known[case]
                )
                self.known[case] = events

    @invariant()
    def head_and_access_are_what_the_events_come_to(self):
        with self.work.store.reading() as unit:
            for case in CASES:
                head, events = unit.head(case), unit.events(case)
                if head.status is Status.DELETED:
                    continue
                folded = head_of(a_head(case, filed_at=START), events)
                assert replace(head, clock_at=None) == folded
                assert unit.access(case) == access_of(self.access[case], events)

    @invariant()
    def nobody_excluded_is_in_another_list(self):
        with self.work.store.reading() as unit:
            for case in CASES:
                access = unit.access(case)
                assert not {*access.full, *access.copies, *access.chain} & set(access.excluded)

    @invariant()
    def a_case_has_a_holder_or_shows_the_numbers_outside(self):
        with self.work.store.reading() as unit:
            for case in CASES:
                assert unit.access(case).full or unit.access(case).outside


TestCasebook = Casebook.TestCase
TestCasebook.settings = settings(
    max_examples=10,
    stateful_step_count=15,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def test_a_case_that_was_deleted_can_be_found_by_nobody(tmp_path):
    work = a_casework(tmp_path, clock := FakeClock())
    file_case(work, parties=[Party("Pat Pupil", PartyRole.TARGET)])
    amy = Member("fernhill", "amy")
    seen = work.open_case(amy, "CASE-1", "working on the case").head.version
    work.close(amy, "CASE-1", a_closing(retention=SOON), seen)
    clock.pass_by(days=30)
    work.confirm_deletion(amy, "CASE-1", "its time is over")

    assert work.search(amy, "Pat Pupil") == ()
    with pytest.raises(CaseDeleted):
        work.open_case(amy, "CASE-1", "working on the case")
    assert audit(work)[-1] == ("refused", "amy", "CASE-1", "open")
