"""Who goes with whom: cases naming somebody, the people beside them, and what stays hidden on the way."""

import pytest

from bot.casework import relating
from bot.domain.audit import AuditKind
from bot.domain.cases import PartyRole
from bot.errors import IllegalMove, NeedsReason, UnknownCase
from tests.cases_builders import an_access
from tests.casework_builders import AMY, BEN, CAT, DAN, a_casework, a_party, file_case, opened

PAT, ROB, SAM, TIM = (a_party(name, PartyRole.OTHER) for name in ("Pat Pupil", "Rob", "Sam", "Tim"))
WHY = "checking for an earlier case"


@pytest.fixture
def work(tmp_path):
    return a_casework(tmp_path)


def chain(work, second=None, by=AMY):
    """CASE-1 joins Pat and Rob, CASE-2 Rob and Sam, CASE-3 Sam and Tim; the middle one may be others'."""
    for number, pair in enumerate(((PAT, ROB), (ROB, SAM), (SAM, TIM)), start=1):
        file_case(work, f"CASE-{number}", second if number == 2 else None, parties=pair)
        opened(work, by if number == 2 else AMY, f"CASE-{number}")


def names(found):
    return [each.name for each in found]


def seen(work, kind=AuditKind.PEOPLE_SEEN):
    with work.store.reading() as unit:
        return [(row.actor, row.case, row.detail) for row in unit.audit_rows("fernhill") if row.kind is kind]


def test_people_are_linked_by_the_cases_they_stand_in_and_one_step_further_and_no_more(work):
    chain(work)

    found = work.people_around(AMY, "CASE-1", 1, WHY)

    assert [head.case for head in found.heads] == ["CASE-1"]
    assert names(found.near) == ["Rob"]
    assert names(found.further) == ["Sam"]
    assert [each.case for each in found.further[0].standings] == ["CASE-2"]
    assert found.further[0].through == ("Rob",)
    assert found.held_back == ()


def test_every_case_of_the_person_is_there_however_their_name_is_written(work):
    file_case(work, "CASE-1", parties=(PAT,))
    file_case(work, "CASE-2", parties=(a_party("mr pat  PUPIL", PartyRole.WITNESS), SAM))
    opened(work, case="CASE-1")
    opened(work, case="CASE-2")

    found = work.people_around(AMY, "CASE-1", 1, WHY)

    assert [head.case for head in found.heads] == ["CASE-1", "CASE-2"]
    assert [(each.case, each.role.value) for each in found.standings][1] == ("CASE-2", "witness")
    assert names(found.near) == ["Sam"]


def test_safety_15_a_case_that_the_reader_may_not_open_links_nobody(work):
    chain(work, an_access("ben", excluded=("amy",)), BEN)

    found = work.people_around(AMY, "CASE-1", 1, WHY)

    assert names(found.near) == ["Rob"]
    assert found.further == ()
    assert found.held_back == ()
    assert "CASE-2" not in {case for _, case, _ in seen(work)}


@pytest.mark.parametrize(("who", "shown"), [(AMY, []), (CAT, ["CASE-2"])])
def test_safety_14_an_adults_case_shows_and_links_for_the_head_alone(work, who, shown):
    # Amy holds it too, but not in the head's place.
    both = an_access("cat", "amy")
    file_case(work, "CASE-1", both, parties=(PAT,))
    file_case(work, "CASE-2", both, parties=(PAT, SAM), about_adult=True)
    for member in (AMY, CAT):
        for case in ("CASE-1", "CASE-2"):
            work.open_case(member, case, WHY)

    found = work.people_around(who, "CASE-1", 1, WHY)

    assert [head.case for head in found.heads] == ["CASE-1", *shown]
    assert names(found.near) == (["Sam"] if shown else [])


def test_safety_22_people_of_a_case_that_asks_for_a_reason_are_held_back_without_one(work):
    chain(work)

    found = work.people_around(AMY, "CASE-1", 1)

    assert names(found.near) == ["Rob"]
    assert found.further == ()
    assert found.held_back == ("CASE-2",)
    assert found.asks
    assert seen(work) == []


def test_safety_18_people_of_a_case_that_nobody_has_opened_are_held_back_and_it_stays_unopened(work):
    file_case(work, "CASE-1", parties=(PAT,))
    file_case(work, "CASE-2", parties=(PAT, SAM))
    opened(work, case="CASE-1")

    found = work.people_around(AMY, "CASE-1", 1, WHY)

    assert found.near == ()
    assert found.held_back == ("CASE-2",)
    assert not found.asks
    with work.store.reading() as unit:
        assert unit.head("CASE-2").opened_at is None


def test_safety_21_each_case_looked_into_is_a_row_with_the_reason_and_the_search_is_one(work):
    chain(work)

    work.people_around(AMY, "CASE-1", 1, WHY)

    assert seen(work) == [("amy", "CASE-2", WHY)]
    assert seen(work, AuditKind.SEARCHED) == [("amy", "CASE-1", "1 of one person")]


def test_safety_18_to_have_looked_at_the_people_of_a_case_is_not_to_have_opened_it(work):
    file_case(work, "CASE-1", an_access("amy", "ben"), parties=(PAT,))
    file_case(work, "CASE-2", an_access("amy", "ben"), parties=(PAT, SAM))
    opened(work, case="CASE-1")
    opened(work, case="CASE-2")
    version = work.open_case(BEN, "CASE-1", WHY).head.version
    work.people_around(BEN, "CASE-1", 1, WHY)

    with pytest.raises(IllegalMove):
        work.acknowledge(BEN, "CASE-2", version)


def test_the_reporter_links_nobody(work):
    teacher = a_party("Jo Mint", PartyRole.REPORTER)
    for number in (1, 2):
        file_case(work, f"CASE-{number}", parties=(teacher, (PAT, SAM)[number - 1]))
        opened(work, case=f"CASE-{number}")

    found = work.people_around(AMY, "CASE-1", 2, WHY)

    assert found.near == ()
    assert found.further == ()


def test_only_from_inside_a_case_that_one_has_opened_oneself(work):
    file_case(work, parties=(PAT,), access=an_access("amy", "ben"))
    opened(work)

    with pytest.raises(NeedsReason):
        work.people_around(BEN, "CASE-1", 1, WHY)
    with pytest.raises(UnknownCase):
        work.people_around(DAN, "CASE-1", 1, WHY)
    with pytest.raises(IllegalMove):
        work.people_around(AMY, "CASE-1", 2, WHY)


def test_of_very_many_cases_the_first_are_looked_into_and_the_others_named(work, monkeypatch):
    monkeypatch.setattr(relating, "MOST", 2)
    for number in range(1, 6):
        file_case(work, f"CASE-{number}", parties=(PAT, a_party(f"Friend {number}", PartyRole.OTHER)))
        opened(work, case=f"CASE-{number}")

    found = work.people_around(AMY, "CASE-1", 1, WHY)

    assert len(found.heads) == 5
    assert len(found.near) < 5
    assert found.held_back[-1] == "CASE-5"
    assert not found.asks
