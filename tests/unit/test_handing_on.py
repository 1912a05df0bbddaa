"""A role that changes hands: what came by it goes with it, and nothing else does."""

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.notices import NoticeKind
from bot.domain.triage import Form
from tests.delivery_desk import Desk
from tests.fakes import a_school

PERSONS = [
    {"id": each, "name": f"{each.title()} {name}", "email": f"{each}@fernhill.example.org"}
    for each, name in (("amy", "Ash"), ("ben", "Birch"), ("cat", "Cole"), ("dan", "Dale"), ("eve", "Elm"))
]
BEFORE = {"dsl": ["amy"], "deputy_dsl": ["ben"], "head": ["cat"], "chair": ["dan"]}


def a_roster(roles=BEFORE):
    return a_school(person=PERSONS, people=roles)


@pytest.fixture
def desk(tmp_path):
    desk = Desk(tmp_path, a_roster())
    desk.delivery.note_people("fernhill")
    return desk


def changes(desk, **roles):
    desk.school = a_roster({role: held for role, held in {**BEFORE, **roles}.items() if held})
    desk.delivery.note_people("fernhill")


def happened(desk, kind, body, actor="ben"):
    with desk.store.writing() as unit:
        unit.append("CASE-1", kind, actor, body)


def told(desk):
    return [each.to for each in desk.waiting() if each.kind is NoticeKind.NEW_CASE]


def test_safety_21_what_came_to_the_dsl_by_the_role_goes_to_the_new_one_who_is_told(desk):
    desk.case(full=("amy", "ben"), chain=("cat",))

    changes(desk, dsl=["eve"])

    assert (desk.access.full, desk.access.chain) == (("eve", "ben"), ("cat",))
    assert told(desk) == ["eve"]
    (event,) = desk.events(EventKind.ROUTED)
    assert (event["why"], event["full"]) == ("a role changed hands", ["eve", "ben"])


def test_a_case_that_is_closed_goes_as_well_and_calls_nobody(desk):
    desk.case(clock_at=None)
    desk.change(status=Status.CLOSED)

    changes(desk, dsl=["eve"])

    assert desk.access.full == ("eve",)
    assert told(desk) == []


@pytest.mark.parametrize(
    ("kind", "body", "actor", "stays"),
    [
        (EventKind.SHARED, {"person": "amy", "opens": True, "reason": "covers"}, "ben", True),
        (EventKind.SHARED, {"person": "amy", "opens": False, "reason": "covers"}, "ben", False),
        (EventKind.SHARED, {"person": "ben", "opens": True, "reason": "covers"}, "ben", False),
        (EventKind.ASSIGNED, {"person": "amy"}, "ben", True),
        (EventKind.ASSIGNED, {"person": "amy"}, "amy", False),
    ],
)
def test_what_a_colleague_shared_or_assigned_stays_and_what_somebody_gave_themselves_does_not(
    desk, kind, body, actor, stays
):
    desk.case(full=("amy", "ben"))
    happened(desk, kind, body, actor)
    desk.change(assigned="amy")

    changes(desk, dsl=["eve"])

    assert desk.access.full == (("amy", "eve", "ben") if stays else ("eve", "ben"))
    assert desk.head.assigned == ("amy" if stays else "")


@pytest.mark.parametrize(
    ("roles", "stays"), [({"deputy_dsl": ["amy"]}, True), ({"governor": ["amy"]}, False)]
)
def test_whoever_still_holds_a_role_that_such_a_case_comes_to_keeps_it(desk, roles, stays):
    desk.case(full=("amy",))

    changes(desk, dsl=["eve"], **roles)

    assert ("amy" in desk.access.full) is stays


def test_who_would_be_told_next_changes_with_the_role_too(desk):
    desk.case(full=("ben",), chain=("amy", "cat"))

    changes(desk, dsl=["eve"])

    assert (desk.access.full, desk.access.chain) == (("ben",), ("eve", "cat"))
    assert told(desk) == []


def test_safety_15_a_case_never_goes_to_somebody_kept_out_or_whom_it_may_be_about(desk):
    desk.case(full=("amy",), excluded=("eve",))
    desk.case("CASE-2", full=("amy",))
    with desk.store.writing() as unit:
        body = {"name": "Mrs Elm", "role": "alleged", "handle": "", "person": ""}
        unit.append("CASE-2", EventKind.PERSON_RECORDED, "amy", body)

    changes(desk, dsl=["eve"])

    with desk.store.reading() as unit:
        full = [unit.access(case).full for case in ("CASE-1", "CASE-2")]
    # Nobody holds the role who may have it: the next in school does.
    assert full == [("ben",), ("ben",)]


def test_safety_14_a_head_who_left_keeps_no_adults_case_and_a_new_dsl_gets_none(desk):
    desk.case(full=("cat",), chain=("dan",), about_adult=True, form=Form.ADULT_CONCERN)

    changes(desk, dsl=["eve"])
    first = desk.access.full
    changes(desk, dsl=["eve"], head=["ben"], deputy_dsl=["cat"])

    assert (first, desk.access.full) == (("cat",), ("ben",))


def test_safety_18_a_role_that_nobody_holds_any_more_leaves_no_case_to_nobody(desk):
    desk.case(full=("ben",), chain=())

    changes(desk, deputy_dsl=[])

    assert desk.access.full == ("amy",)
    assert told(desk) == ["amy"]


def test_a_change_that_concerns_no_holder_changes_no_case(desk):
    desk.case(full=("amy", "ben"), chain=("cat",))

    changes(desk, chair=["eve"])

    assert desk.access.full == ("amy", "ben")
    assert desk.events(EventKind.ROUTED) == []
