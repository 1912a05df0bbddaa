"""People in a case, people kept out of it, and cases joined."""

from dataclasses import replace

import pytest

from bot.domain.cases import Access, EventKind, PartyRole, Status
from bot.errors import FormError, IllegalMove, NotAllowed, StaleCase, UnknownCase
from tests.cases_builders import an_access
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    DAN,
    EVE,
    a_casework,
    a_party,
    audit,
    closed,
    events,
    file_case,
    notices,
    opened,
)

WHY = "it helps"


@pytest.fixture
def work(tmp_path):
    return a_casework(tmp_path)


def access(work, case="CASE-1"):
    with work.store.reading() as unit:
        return unit.access(case)


def test_a_person_who_is_recorded_can_be_found_by_name(work):
    file_case(work)
    opened(work)

    work.record_person(AMY, "CASE-1", a_party("Pat Pupil", PartyRole.WITNESS, handle="@pat"))

    assert [head.case for head in work.search(AMY, "@pat")] == ["CASE-1"]
    assert opened(work).parties == (a_party("Pat Pupil", PartyRole.WITNESS, handle="@pat"),)


def test_a_person_without_name_or_handle_is_not_recorded(work):
    file_case(work)
    opened(work)

    with pytest.raises(FormError):
        work.record_person(AMY, "CASE-1", a_party(" "))


@pytest.mark.parametrize("named", [{"person": "ben"}, {"name": "Ben Birch", "category": "not known"}])
def test_one_of_the_schools_people_who_is_alleged_is_kept_out_at_once(work, named):
    file_case(work, access=an_access("amy", "ben"))
    opened(work)

    work.record_person(AMY, "CASE-1", a_party(**named))

    assert access(work) == Access(full=("amy",), excluded=("ben",))
    assert work.list_cases(BEN) == ()
    with pytest.raises(UnknownCase):
        opened(work, BEN)


def test_a_pupil_with_the_name_of_a_colleague_keeps_nobody_out(work):
    file_case(work, access=an_access("amy", "ben"))
    opened(work)

    work.record_person(AMY, "CASE-1", a_party("Ben Birch", category="pupil"))

    assert access(work).excluded == ()


def test_a_person_who_could_be_several_colleagues_is_asked_about(work):
    file_case(work)
    opened(work)

    with pytest.raises(FormError):
        work.record_person(AMY, "CASE-1", a_party("Ben Birch or Cat Cole", category="not known"))


def test_a_colleague_with_whom_a_case_is_shared_can_open_it_and_is_told_without_content(work):
    file_case(work)
    opened(work)

    work.share(AMY, "CASE-1", "eve", WHY)

    assert notices(work) == [("shared", "eve", "CASE-1")]
    assert opened(work, EVE).head.case == "CASE-1"


def test_a_colleague_who_is_told_that_a_case_exists_cannot_open_it(work):
    file_case(work)
    opened(work)

    work.tell(AMY, "CASE-1", "eve", WHY)

    assert notices(work) == [("shared", "eve", "CASE-1")]
    with pytest.raises(UnknownCase):
        opened(work, EVE)


@pytest.mark.parametrize("how", ["share", "tell"])
def test_a_case_is_never_shared_with_somebody_kept_out(work, how):
    file_case(work, access=an_access("amy", excluded=("ben",)))
    opened(work)

    with pytest.raises(NotAllowed):
        getattr(work, how)(AMY, "CASE-1", "ben", WHY)

    assert notices(work) == []


def test_a_case_is_shared_with_people_of_the_school_and_once(work):
    file_case(work)
    opened(work)
    work.share(AMY, "CASE-1", "eve", WHY)

    with pytest.raises(IllegalMove):
        work.share(AMY, "CASE-1", "eve", WHY)
    with pytest.raises(FormError):
        work.share(AMY, "CASE-1", "nobody", WHY)


def test_any_one_holder_keeps_somebody_out_and_only_other_holders_are_told(work):
    file_case(work, access=Access(full=("amy", "ben"), copies=("cat",), chain=("dan",)))

    work.exclude(BEN, "CASE-1", "cat", WHY)
    work.exclude(BEN, "CASE-1", "dan", WHY)

    assert access(work) == Access(full=("amy", "ben"), excluded=("cat", "dan"))
    assert notices(work) == [("reporter-added", "amy", "CASE-1")] * 2


@pytest.mark.parametrize("first", [Access(full=("amy", "ben")), Access(full=("amy",), chain=("ben",))])
def test_safety_15_nobody_makes_a_case_theirs_alone_by_keeping_the_others_out(work, first):
    file_case(work, access=first)
    opened(work)

    with pytest.raises(NotAllowed) as refused:
        work.exclude(AMY, "CASE-1", "ben", WHY)

    assert "LADO" in refused.value.user_message
    assert access(work) == first


def test_safety_15_somebody_who_had_a_case_alone_from_the_start_may_keep_a_later_holder_out(work):
    file_case(work)
    opened(work)
    work.share(AMY, "CASE-1", "eve", WHY)

    work.exclude(AMY, "CASE-1", "eve", WHY)

    assert access(work) == Access(full=("amy",), excluded=("eve",))


def with_a_child(work, child):
    """CASE-1 about an adult, for cat, dan and eve, and CASE-2, the case of a child in it."""
    file_case(work, "CASE-2", child)
    file_case(work, access=Access(full=("cat", "dan", "eve")), about_adult=True)
    with work.store.writing() as unit:
        event = unit.append("CASE-1", EventKind.ADDED, "reporter", {"text": "x", "child_case": "CASE-2"})
        unit.put_head(replace(unit.head("CASE-1"), version=event.seq))
    opened(work, CAT)


def test_safety_15_whoever_is_kept_out_of_an_adults_case_is_kept_out_of_the_childs_case(work):
    with_a_child(work, Access(full=("amy", "eve"), chain=("ben",)))

    work.exclude(CAT, "CASE-1", "eve", WHY)

    assert access(work, "CASE-2") == Access(full=("amy",), chain=("ben",), excluded=("eve",))
    assert ("reporter-added", "amy", "CASE-2") in notices(work)
    with pytest.raises(UnknownCase):
        opened(work, EVE, "CASE-2")


def test_safety_15_a_childs_case_left_by_its_last_holder_goes_to_the_next_safe_person(work):
    with_a_child(work, Access(full=("eve",), chain=("ben",)))

    work.record_person(CAT, "CASE-1", a_party("Eve Elm", person="eve", category="staff"))

    assert access(work, "CASE-2") == Access(full=("ben",), excluded=("eve",))
    assert ("new-case", "ben", "CASE-2") in notices(work)


def test_safety_14_keeping_somebody_out_never_names_the_adults_case_in_the_childs(work):
    with_a_child(work, an_access("amy"))

    work.exclude(CAT, "CASE-1", "eve", "CANARY")

    assert events(work, "CASE-2")[-1].body["person"] == "eve"
    assert "CASE-1" not in str(events(work, "CASE-2")[-1].body)
    assert "CANARY" not in str(events(work, "CASE-2")[-1].body)


def test_safety_15_a_childs_case_merged_into_another_is_closed_to_them_in_both(work):
    with_a_child(work, an_access("amy", "eve"))
    file_case(work, "CASE-3", an_access("amy", "eve"))
    seen = opened(work, AMY, "CASE-2").head.version
    opened(work, AMY, "CASE-3")
    work.merge(AMY, "CASE-2", "CASE-3", "the same", seen)

    work.exclude(CAT, "CASE-1", "eve", WHY)

    assert access(work, "CASE-2").excluded == access(work, "CASE-3").excluded == ("eve",)


def test_a_childs_case_that_was_deleted_stops_no_exclusion(work):
    with_a_child(work, an_access("amy"))
    with work.store.writing() as unit:
        unit.put_head(replace(unit.head("CASE-2"), status=Status.DELETED))
        unit.delete_content("CASE-2")

    work.exclude(CAT, "CASE-1", "eve", WHY)

    assert access(work).excluded == ("eve",)


def test_a_case_left_by_its_last_holder_goes_to_the_next_safe_person(work):
    file_case(work, access=Access(full=("amy",), chain=("ben", "cat")))
    opened(work)

    work.exclude(AMY, "CASE-1", "amy", "it is about me")

    assert access(work) == Access(full=("ben",), chain=("cat",), excluded=("amy",))
    assert notices(work) == [("new-case", "ben", "CASE-1")]
    head = opened(work, BEN).head
    assert (head.status, head.acknowledged_at) == (Status.OPENED, None)


def test_an_adults_case_left_by_its_last_holder_never_goes_to_the_dsl(work):
    file_case(work, access=an_access("cat"), about_adult=True)
    opened(work, CAT)

    work.exclude(CAT, "CASE-1", "cat", "it is about me")

    assert access(work).full == ("dan",)


def test_where_nobody_in_school_is_left_the_numbers_outside_stand_beside_the_case(work):
    file_case(work, access=an_access("dan", excluded=("cat",)), about_adult=True)
    opened(work, DAN)

    work.exclude(DAN, "CASE-1", "dan", "it is about me")

    assert access(work) == Access(excluded=("cat", "dan"), outside=("social_care", "lado"))


def test_an_exclusion_is_lifted_only_by_two_different_people_with_reasons(work):
    file_case(work, access=an_access("amy", "ben", excluded=("cat",)))
    opened(work)

    work.lift_exclusion(AMY, "CASE-1", "cat", WHY)
    with pytest.raises(NotAllowed):
        work.lift_exclusion(AMY, "CASE-1", "cat", WHY)
    with pytest.raises(FormError):
        work.lift_exclusion(BEN, "CASE-1", "cat", " ")
    assert access(work).excluded == ("cat",)
    work.lift_exclusion(BEN, "CASE-1", "cat", WHY)

    assert access(work) == an_access("amy", "ben")
    assert [event.kind.name for event in events(work)[-2:]] == ["LIFT_ASKED", "LIFTED"]


def test_nobody_who_is_kept_out_lifts_an_exclusion(work):
    file_case(work, access=an_access("amy", "ben", excluded=("cat",)))
    opened(work)
    work.lift_exclusion(AMY, "CASE-1", "cat", WHY)

    with pytest.raises(UnknownCase):
        work.lift_exclusion(CAT, "CASE-1", "cat", WHY)

    assert access(work).excluded == ("cat",)


def test_the_word_of_somebody_kept_out_since_counts_no_longer(work):
    file_case(work, access=an_access("amy", "ben", "dan", excluded=("cat",)))
    opened(work)
    work.lift_exclusion(BEN, "CASE-1", "cat", WHY)
    work.exclude(AMY, "CASE-1", "ben", WHY)

    work.lift_exclusion(AMY, "CASE-1", "cat", WHY)

    assert "cat" in access(work).excluded


def test_whoever_is_kept_out_again_needs_two_people_again(work):
    file_case(work, access=an_access("amy", "ben", excluded=("cat",)))
    opened(work)
    work.lift_exclusion(AMY, "CASE-1", "cat", WHY)
    work.lift_exclusion(BEN, "CASE-1", "cat", WHY)
    work.exclude(AMY, "CASE-1", "cat", WHY)

    work.lift_exclusion(BEN, "CASE-1", "cat", WHY)

    assert access(work).excluded == ("cat",)


def test_nobody_is_kept_out_twice_and_only_somebody_kept_out_is_let_in(work):
    file_case(work, access=an_access("amy", excluded=("cat",)))
    opened(work)

    with pytest.raises(IllegalMove):
        work.exclude(AMY, "CASE-1", "cat", WHY)
    with pytest.raises(IllegalMove):
        work.lift_exclusion(AMY, "CASE-1", "eve", WHY)
    with pytest.raises(FormError):
        work.exclude(AMY, "CASE-1", "nobody", WHY)


def two_cases(work, first, second, **second_head):
    file_case(work, "CASE-1", first)
    file_case(work, "CASE-2", second, **second_head)
    who = AMY if "amy" in first.full else CAT
    opened(work, who, "CASE-1")
    return opened(work, who, "CASE-2")


def test_linked_cases_name_each_other(work):
    two_cases(work, an_access("amy"), an_access("amy"))

    work.link(AMY, "CASE-1", "CASE-2", "the same group")

    assert opened(work, AMY, "CASE-1").links == ("CASE-2",)
    assert opened(work, AMY, "CASE-2").links == ("CASE-1",)


def test_a_case_about_an_adult_is_never_named_in_another_case(work):
    two_cases(work, an_access("cat"), an_access("cat"), about_adult=True)

    work.link(CAT, "CASE-1", "CASE-2", "the same day")

    assert opened(work, CAT, "CASE-1").links == ()
    assert opened(work, CAT, "CASE-2").links == ("CASE-1",)


def test_a_link_names_no_case_to_somebody_who_is_kept_out_of_it(work):
    two_cases(work, an_access("amy", "ben"), an_access("amy", excluded=("ben",)))

    work.link(AMY, "CASE-1", "CASE-2", "the same group")

    assert "CASE-2" not in str(events(work, "CASE-1"))
    assert opened(work, AMY, "CASE-2").links == ("CASE-1",)


def test_a_link_that_would_tell_somebody_on_both_sides_is_refused(work):
    two_cases(work, an_access("amy", "ben", excluded=("cat",)), an_access("amy", "cat", excluded=("ben",)))

    with pytest.raises(NotAllowed):
        work.link(AMY, "CASE-1", "CASE-2", "the same group")


def test_a_case_that_names_another_is_not_shared_with_somebody_kept_out_of_that_one(work):
    two_cases(work, an_access("amy"), an_access("amy", excluded=("eve",)))
    work.link(AMY, "CASE-1", "CASE-2", "the same group")

    with pytest.raises(NotAllowed):
        work.share(AMY, "CASE-1", "eve", WHY)


def test_a_merged_case_keeps_its_events_and_points_to_the_other(work):
    seen = two_cases(work, an_access("amy"), an_access("amy")).head.version

    work.merge(AMY, "CASE-1", "CASE-2", "the same request twice", seen)

    first, second = opened(work, AMY, "CASE-1"), opened(work, AMY, "CASE-2")
    assert (first.head.status, first.merged_into, first.head.clock_at) == (Status.MERGED, "CASE-2", None)
    assert second.merged_from == ("CASE-1",)
    assert [event.kind.name for event in events(work)] == ["FILED", "ROUTED", "OPENED", "MERGED"]


def test_a_merge_never_lets_anybody_in_and_unites_the_exclusions(work):
    first = an_access("amy", "ben", "dan", excluded=("cat",))
    second = an_access("amy", "cat", "eve", excluded=("dan",))
    seen = two_cases(work, first, second).head.version

    work.merge(AMY, "CASE-1", "CASE-2", "the same request twice", seen)

    assert set(access(work, "CASE-1").full) == {"amy", "ben"}
    assert set(access(work, "CASE-2").full) == {"amy", "eve"}
    assert {*access(work, "CASE-1").excluded} == {*access(work, "CASE-2").excluded} == {"cat", "dan"}


def test_whoever_is_kept_out_of_a_merged_case_later_is_kept_out_of_both(work):
    seen = two_cases(work, an_access("amy", "ben", "eve"), an_access("amy", "ben", "eve")).head.version
    work.merge(AMY, "CASE-1", "CASE-2", "the same request twice", seen)

    work.exclude(AMY, "CASE-2", "ben", WHY)

    assert access(work, "CASE-1").excluded == access(work, "CASE-2").excluded == ("ben",)


def test_the_people_of_a_merged_case_are_found_in_the_other(work):
    file_case(work, "CASE-1", parties=[a_party("Pat Pupil")])
    file_case(work, "CASE-2", an_access("amy", "ben"))
    seen = opened(work).head.version
    opened(work, AMY, "CASE-2")

    work.merge(AMY, "CASE-1", "CASE-2", "the same request twice", seen)

    assert [head.case for head in work.search(BEN, "Pat Pupil")] == ["CASE-2"]


def test_an_adults_case_is_not_merged_with_another(work):
    seen = two_cases(work, an_access("cat"), an_access("cat"), about_adult=True).head.version

    with pytest.raises(IllegalMove):
        work.merge(CAT, "CASE-1", "CASE-2", "the same request twice", seen)


def test_a_case_is_not_merged_with_itself_a_closed_one_or_one_that_changed_since(work):
    seen = two_cases(work, an_access("amy", "ben"), an_access("amy")).head.version
    closed(work, AMY, "CASE-2")

    with pytest.raises(IllegalMove):
        work.merge(AMY, "CASE-1", "CASE-1", "twice", seen)
    with pytest.raises(IllegalMove):
        work.merge(AMY, "CASE-1", "CASE-2", "twice", seen)
    work.note(BEN, "CASE-1", "Seen.")
    with pytest.raises(StaleCase):
        work.merge(AMY, "CASE-1", "CASE-2", "twice", seen)


@pytest.mark.parametrize("join", ["link", "merge"])
def test_joining_a_case_that_is_not_ones_own_is_refused_as_if_it_were_not_there(work, join):
    file_case(work, "CASE-1")
    file_case(work, "CASE-2", an_access("ben"))
    opened(work)
    more = (3,) if join == "merge" else ()

    with pytest.raises(UnknownCase):
        getattr(work, join)(AMY, "CASE-1", "CASE-2", "twice", *more)

    assert audit(work)[-1][0] == "refused"
