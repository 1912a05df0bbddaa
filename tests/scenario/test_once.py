"""One submission is one case, however often and from wherever it comes (SAFETY 20)."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.casework.room import Member
from bot.domain.cases import Status, Wanted
from bot.domain.form_values import clean
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Reporter, Submission
from bot.domain.triage import Form
from bot.errors import UnknownCase
from tests.cases_builders import FakeClock
from tests.proof_desk import (
    HANDLE,
    SCHOOL,
    a_submission,
    deliver_all,
    filed,
    open_desk,
    some_files,
    the_forms,
    the_schools,
)
from tests.proof_parent import Parent

pytestmark = pytest.mark.slow

FRIEND = a_submission(form=Form.FRIEND_REQUEST)


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def told_of(desk):
    """How often each receiver got each kind of notice about a case."""
    deliver_all(desk)
    return Counter((kind, to) for kind, to, case, _ in desk.sent if case)


def test_safety_20_ten_deliveries_of_one_submission_are_one_case_and_the_same_receipt(desk):
    receipts = [desk.intake.file(FRIEND, some_files()) for _ in range(10)]

    assert receipts == [receipts[0]] * 10
    assert desk.cases() == [receipts[0].case]
    assert set(told_of(desk).values()) == {1}
    assert desk.kinds(receipts[0].case).count("evidence stored") == 2
    assert (desk.faults(), desk.unnamed()) == ([], [])


def test_safety_20_fifty_at_once_in_one_process_are_one_case_and_the_same_receipt(desk):
    with ThreadPoolExecutor(50) as pool:
        receipts = list(pool.map(lambda _: filed(desk, FRIEND, some_files()), range(50)))

    assert receipts == [receipts[0]] * 50
    assert desk.cases() == [receipts[0].case]
    assert set(told_of(desk).values()) == {1}
    assert (desk.faults(), desk.unnamed()) == ([], [])


@pytest.mark.slow
def test_safety_20_fifty_processes_at_once_are_one_case_and_the_same_receipt(tmp_path):
    with Parent() as parent:
        parent.ask("prepare", tmp_path)

        said = parent.ask_many([("file", tmp_path, {})] * 50)

        assert [each.get("crash") for each in said] == [None] * 50
        assert {(each["ack"], *each["evidence"]) for each in said} == {(said[0]["ack"], *said[0]["evidence"])}
        settled = parent.ask("settle", tmp_path)
    assert len(settled["cases"]) == 2
    assert len({tuple(each) for each in settled["sent"]}) == len(settled["sent"])
    assert (settled["faults"], settled["unnamed"], settled["waiting"]) == ([], [], [])


@pytest.mark.slow
def test_safety_20_the_first_report_of_all_from_ten_processes_at_once_is_one_case(tmp_path):
    """Nobody has made the store yet: all ten try."""
    with Parent() as parent:
        said = parent.ask_many([("file", tmp_path, {})] * 10)

        assert [each.get("crash") for each in said] == [None] * 10
        assert len({each["ack"] for each in said}) == 1
        settled = parent.ask("settle", tmp_path)
    assert len(settled["cases"]) == 2
    assert (settled["faults"], settled["waiting"]) == ([], [])


def test_safety_20_ten_who_send_the_same_id_with_other_words_at_once_are_one_case_with_all_they_say(desk):
    """The same button pressed again after each of ten corrections, all on their way together."""
    ages = [f"Year {at}" for at in range(10)]
    sendings = [a_submission(form=Form.FRIEND_REQUEST, changes={"year_group": age}) for age in ages]

    with ThreadPoolExecutor(10) as pool:
        receipts = list(pool.map(lambda sent: filed(desk, sent, some_files()), sendings))

    case = receipts[0].case
    with desk.store.reading() as unit:
        said = {event.body.get("answers", {}).get("year_group") for event in unit.events(case)}
    assert desk.cases() == [case]
    assert said - {None} == set(ages)
    assert desk.kinds(case).count("evidence stored") == 2
    assert desk.faults() == []


def test_safety_20_the_same_id_at_another_school_is_another_report(tmp_path):
    one = the_schools()[SCHOOL]
    with open_desk(tmp_path, schools={SCHOOL: one, "other": replace(one, id="other")}) as desk:
        here = desk.intake.file(FRIEND)
        there = desk.intake.file(replace(FRIEND, school="other"))

        assert here.case != there.case
        assert len(desk.cases()) == 2


PEOPLE = ("cop-dsl", "cop-deputy", "cop-head", "cop-chair", "cop-governor")
# What people write: anything, and now and then the name, handle or role of somebody who would hear of it.
WORDS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=80),
    st.sampled_from(["not known", "Denise Tarrow", "Miss Asquey said", "the head and the DSL", "@someone"]),
)
TIMES = st.datetimes(datetime(2026, 9, 1), datetime(2027, 7, 31)).map(lambda at: at.replace(tzinfo=UTC))


@dataclass(frozen=True)
class Report:
    """A sending with its files, and when it comes."""

    sent: Submission
    files: tuple
    at: datetime


@st.composite
def reports(draw):
    """Any report that a form takes: any answers, any gate, any people concerned, at any time."""
    form = draw(st.sampled_from(list(Form)))
    answers = {field.id: draw(answered(field)) for field in the_forms()[form].fields}
    # A person writes at least something where an answer is asked for; the rest may be left out.
    required = {field.id: "not known" for field in the_forms()[form].fields if field.required}
    answers = {key: value for key, value in answers.items() if value or key in required}
    gate = draw(st.sampled_from(Gate))
    sent = a_submission(
        form=form,
        reporter=draw(st.sampled_from([Reporter(HANDLE, "Jo"), Reporter("x", "X", "cop-dsl")])),
        gate=gate,
        concerned=tuple(draw(st.sets(st.sampled_from(PEOPLE)))),
        not_about=tuple(draw(st.sets(st.sampled_from(PEOPLE), max_size=1))),
    )
    files = some_files(draw(st.integers(0, 2))) if gate.opens else ()
    return Report(replace(sent, answers=answers), files, draw(TIMES))


def answered(field):
    """Anything that *field* takes."""
    if field.kind.chosen:
        return st.sampled_from([choice.value for choice in field.choices] + ["not known"])
    if field.kind == "date":
        return st.sampled_from(["today", "yesterday", "1/9/2025", "not known"])
    if field.kind == "time":
        return st.sampled_from(["22:41", "9 am", "not known"])
    return WORDS.map(lambda text: clean(text, lines=False) or "not known")


class Busy:
    """A desk on which report after report comes in; its clock is put to wherever the next one comes."""

    def __init__(self, desk, clock):
        self.desk = desk
        self.clock = clock
        self.turns = 0

    def next(self, report):
        """Let the time of *report* come; give its sending, under an id that was never used."""
        self.turns += 1
        self.clock.now = report.at
        return replace(report.sent, request_id=f"turn-{self.turns}")


@pytest.fixture(scope="module")
def busy(tmp_path_factory):
    clock = FakeClock()
    with open_desk(tmp_path_factory.mktemp("busy"), clock=clock) as desk:
        yield Busy(desk, clock)


@settings(max_examples=80, derandomize=True, deadline=None)
@given(reports())
def test_any_report_is_one_case_that_somebody_safe_is_told_of_and_nobody_concerned_can_see(busy, report):
    desk, sent = busy.desk, busy.next(report)
    before = set(desk.cases())

    receipt = desk.intake.file(sent, report.files)

    assert desk.intake.file(sent, report.files) == receipt
    new = set(desk.cases()) - before
    with desk.store.reading() as unit:
        child = unit.events(receipt.case)[0].body.get("child_case")
        told = {
            (each.notice.case, each.notice.to)
            for each in unit.waiting(SCHOOL)
            if each.notice.kind is NoticeKind.NEW_CASE
        }
        access = {case: unit.access(case) for case in new}
    assert new == {receipt.case, child} - {None}
    assert len(receipt.evidence) == len(report.files)
    assert desk.faults() == []
    for case, who in access.items():
        assert set(who.full) == {to for of, to in told if of == case}
        assert set(sent.concerned) <= set(who.excluded)
        assert not set(who.excluded) & {*who.full, *who.copies, *who.chain}
        assert who.full or who.outside
        for person in who.excluded:
            assert not sees(desk, person, case)
    if not access[receipt.case].full:
        shown = [contact for step in receipt.next_steps for contact in step.contacts]
        assert any(contact.telephone for contact in shown)


def sees(desk, person, case):
    """Whether *person* finds *case* in a list, or opens it."""
    member = Member(SCHOOL, person)
    listed = desk.casework.list_cases(member, Wanted(tuple(Status), limit=10_000))
    try:
        desk.casework.open_case(member, case, "a look")
    except UnknownCase:
        return case in {head.case for head in listed}
    return True
