"""Who may do what: every public method of casework against everybody who could ask for it."""

import inspect
from datetime import date

import pytest

from bot.casework.casework import Casework
from bot.casework.saving import Saved
from bot.domain.cases import Access, PartyRole
from bot.domain.closing import Retention
from bot.domain.views import Advice, Agency, LockAdvice, ParentContact, Referral
from bot.errors import NotAllowed, UnknownCase
from tests.cases_builders import FakeClock
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    DAN,
    ELSEWHERE,
    NOON,
    STRANGER,
    a_casework,
    a_closing,
    a_party,
    audit,
    closed,
    events,
    file_case,
    opened,
)

CASE = "CASE-1"
SET_ACTION, ASK, SEEN = "number of the action", "number of the question", "version of the case"
ACCESS = Access(full=("amy",), copies=("cat",), chain=("dan",), excluded=("ben",))
OUTSIDERS = {
    "copy": CAT,
    "told later": DAN,
    "excluded": BEN,
    "other school": ELSEWHERE,
    "stranger": STRANGER,
}
PAT = a_party(role=PartyRole.WITNESS)

# What a holder may do in a case that stands where it can be done; nobody else may.
HOLDERS = {
    "open_case": ("working on the case",),
    "acknowledge": (SEEN,),
    "assign": ("amy", SEEN),
    "note": ("text",),
    "decide": ("text", "reason", SEEN),
    "refer": (Referral(Agency.LADO, NOON, "Jo"),),
    "record_parent_contact": (ParentContact("dad", NOON, "rang", "told"),),
    "set_action": ("text", "Eve Elm", date(2026, 11, 25)),
    "finish_action": (SET_ACTION, "done"),
    "ask_reporter": ("text",),
    "reply": ("text",),
    "save": (Saved("r-1", 0, acknowledge=False, note="text"),),
    "correct": (1, "text"),
    "record_person": (PAT,),
    "share": ("eve", "reason"),
    "tell": ("eve", "reason"),
    "exclude": ("eve", "reason"),
    "lift_exclusion": ("ben", "reason"),
    "link": ("CASE-2", "reason"),
    "merge": ("CASE-2", "reason", SEEN),
    "derivatives": ("e-1", "reason"),
    "derivative": ("e-1", 1, "reason"),
    "needs_reason": ("reason",),
    "people_around": (1, "reason"),
    "download_original": ("e-1", "reason"),
    "lock": ("e-1",),
    "record_lock_advice": (LockAdvice("e-2", "police", Advice.KEEP, NOON),),
    "close": (a_closing(), SEEN),
    "reopen": ("reason",),
    "set_retention": (Retention("contact-settled", False), SEEN),
    "hold": ("reason",),
    "release": ("reason",),
    "confirm_deletion": ("reason",),
}
# What anybody at the school may ask for; only their own cases are in the answer.
EVERYBODY = {
    "list_cases": (),
    "list_by_due": (),
    "count_cases": (),
    "search": ("Pat Pupil",),
    "due_for_deletion": (),
}
# What the reporter of a case may do, by school and handle.
REPORTERS = {
    "my_reports": (),
    "status": (CASE,),
    "sent": (CASE,),
    "answer_ask": (CASE, ASK, "text"),
    "cannot_get": (CASE, "the address"),
    "lock_sent": (CASE, "e-1"),
}
BY_EVERY_HANDLE = {"reports_at", "handle_of"}
"""Of all the handles of one person at once; what they find is a reporter's own."""
OTHERS = {"once", "next_due"}
"""What only says how the next thing is done, and reads nothing; and what has a test of its own below."""
WHEN_CLOSED = {"reopen", "set_retention", "release", "confirm_deletion"}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def work(tmp_path, clock):
    work = a_casework(tmp_path, clock)
    file_case(work, CASE, ACCESS, files=["e-1", "e-2"], parties=[PAT], missing=["the address"])
    file_case(work, "CASE-2")
    opened(work)
    opened(work, AMY, "CASE-2")
    return work


def get_ready(work, clock, method):
    """Bring the case to where *method* can be done."""
    if method == "finish_action":
        work.set_action(AMY, CASE, "Ring home", "Eve Elm", date(2026, 11, 25))
    if method == "record_lock_advice":
        work.lock(AMY, CASE, "e-2")
    if method in WHEN_CLOSED:
        closed(work, retention=Retention("contact-settled", False, date(2027, 1, 1)))
    if method == "release":
        work.hold(AMY, CASE, "a court case")
    if method == "confirm_deletion":
        clock.pass_by(days=365)


def arguments(work, method):
    seq = {each.kind.name: each.seq for each in events(work)}
    now = {SET_ACTION: seq.get("ACTION_SET"), SEEN: events(work)[-1].seq}
    return tuple(now.get(each, each) if isinstance(each, str) else each for each in HOLDERS[method])


def test_every_public_method_has_a_rule_about_who_may_call_it():
    public = {name for name, _ in inspect.getmembers(Casework, inspect.isfunction) if name[0] != "_"}

    assert public == HOLDERS.keys() | EVERYBODY.keys() | REPORTERS.keys() | BY_EVERY_HANDLE | OTHERS


def test_by_every_handle_a_person_finds_what_one_of_them_reported_and_nothing_else(work):
    theirs, strange = ("U0ROB", "rob@fernhill"), ("U0SUE", "sue@fernhill")

    mine = work.reports_at({"fernhill": theirs})["fernhill"]

    assert CASE in {each.case for each in mine}
    assert work.reports_at({"fernhill": strange}) == {"fernhill": ()}
    assert work.handle_of("fernhill", theirs, CASE) == "rob@fernhill"
    assert work.handle_of("fernhill", strange, CASE) == "U0SUE"


@pytest.mark.parametrize("method", HOLDERS)
def test_a_holder_may(work, clock, method):
    get_ready(work, clock, method)

    getattr(work, method)(AMY, CASE, *arguments(work, method))

    assert audit(work)[-1][0] != "refused"


@pytest.mark.parametrize("method", HOLDERS)
def test_nobody_but_a_holder_may_and_each_refusal_is_recorded(work, clock, method):
    get_ready(work, clock, method)
    before, given = events(work), arguments(work, method)

    for who in OUTSIDERS.values():
        with pytest.raises(UnknownCase):
            getattr(work, method)(who, CASE, *given)

    assert events(work) == before
    assert [row[0] for row in audit(work)[-5:]] == ["refused"] * 5


@pytest.mark.parametrize("method", EVERYBODY)
def test_nobody_but_a_holder_finds_the_case_among_their_own(work, clock, method):
    get_ready(work, clock, "confirm_deletion" if method == "due_for_deletion" else method)
    insiders = [who for who in OUTSIDERS.values() if who is not STRANGER]

    assert getattr(work, method)(AMY, *EVERYBODY[method])
    assert [getattr(work, method)(who, *EVERYBODY[method]) or None for who in insiders] == [None] * 4
    with pytest.raises(NotAllowed):
        getattr(work, method)(STRANGER, *EVERYBODY[method])


def test_only_a_holder_learns_when_the_next_action_of_a_case_is_due(work):
    day = date(2026, 11, 25)
    work.set_action(AMY, CASE, "Ring home", "Eve Elm", day)

    assert work.next_due(AMY, (CASE,)) == {CASE: day}
    assert [work.next_due(who, (CASE,)) for who in OUTSIDERS.values()] == [{}] * 5


@pytest.mark.parametrize("method", REPORTERS)
def test_only_the_reporter_is_a_cases_reporter(work, method):
    ask = work.ask_reporter(AMY, CASE, "Which app?").seq
    given = tuple(ask if each == ASK else each for each in REPORTERS[method])
    before = events(work)

    for school, handle in (("fernhill", "amy"), ("fernhill", "sue@fernhill"), ("oakhill", "rob@fernhill")):
        if given:
            with pytest.raises(UnknownCase):
                getattr(work, method)(school, handle, *given)
        else:
            assert getattr(work, method)(school, handle) == ()
    assert events(work) == before

    getattr(work, method)("fernhill", "rob@fernhill", *given)

    assert audit(work)[-1][0] != "refused"
