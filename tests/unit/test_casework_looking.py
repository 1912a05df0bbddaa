"""Looking at cases: who may, what it leaves in the audit log, and what an outsider can tell."""

import pytest

from bot.domain.cases import Access, Status, Wanted
from bot.errors import FormError, NeedsReason, NotAllowed, UnknownCase, UnknownSchool
from tests.cases_builders import an_access
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    DAN,
    ELSEWHERE,
    STRANGER,
    Member,
    a_casework,
    a_party,
    audit,
    closed,
    events,
    file_case,
    opened,
)


@pytest.fixture
def work(tmp_path):
    return a_casework(tmp_path)


def test_the_first_opening_moves_the_case_on_and_stops_the_first_clock(work):
    file_case(work)

    view = work.open_case(AMY, "CASE-1", "it was sent to me")

    assert view.head.status is Status.OPENED
    assert view.head.opened_at is not None
    assert view.head.clock_at is not None
    assert view.head.clock_at > view.head.opened_at
    assert [event.kind.name for event in events(work)] == ["FILED", "ROUTED", "OPENED"]


def test_a_second_opening_adds_no_event(work):
    file_case(work)
    first = opened(work)

    second = opened(work)

    assert second.head.version == first.head.version


def test_every_opening_is_in_the_audit_log_with_its_reason(work):
    file_case(work)

    work.open_case(AMY, "CASE-1", "covering for a colleague")

    assert ("viewed", "amy", "CASE-1", "covering for a colleague") in audit(work)


@pytest.mark.parametrize("who", [BEN, CAT, DAN, STRANGER, ELSEWHERE])
def test_an_outsider_cannot_tell_a_case_from_one_that_is_not_there(work, who):
    file_case(work, access=Access(full=("amy",), copies=("cat",), chain=("dan",), excluded=("ben",)))

    with pytest.raises(UnknownCase) as refused:
        opened(work, who)
    with pytest.raises(UnknownCase) as missing:
        opened(work, who, "CASE-99")

    assert (str(refused.value), refused.value.user_message) == (
        str(missing.value),
        missing.value.user_message,
    )


def test_a_refused_opening_is_in_the_audit_log(work):
    file_case(work, access=Access(full=("amy",), excluded=("ben",)))

    with pytest.raises(UnknownCase):
        opened(work, BEN)

    assert audit(work)[-1] == ("refused", "ben", "CASE-1", "open")


def test_a_refusal_of_somebody_from_another_school_is_not_put_on_a_colleague_of_the_same_id(work):
    file_case(work)

    with pytest.raises(UnknownCase):
        opened(work, ELSEWHERE)

    assert audit(work)[-1] == ("refused", "oakhill/amy", "CASE-1", "open")


def test_a_number_that_somebody_made_up_is_refused_and_not_repeated(work):
    with pytest.raises(UnknownCase):
        opened(work, AMY, "Pat Pupil")

    assert audit(work)[-1] == ("refused", "amy", "", "open")


def test_a_school_that_is_not_there_is_said_to_be_unknown(work):
    with pytest.raises(UnknownSchool):
        opened(work, Member("elmhill", "amy"))


@pytest.mark.parametrize("about_adult", [True, False])
def test_opening_an_unassigned_or_adult_case_asks_for_a_reason(work, about_adult):
    file_case(work, about_adult=about_adult)

    with pytest.raises(NeedsReason) as asked:
        work.open_case(AMY, "CASE-1", "  ")

    assert "Say why you open this case" in asked.value.user_message
    assert events(work)[-1].kind.name == "ROUTED"


def test_opening_a_closed_case_asks_for_a_reason(work):
    file_case(work)
    opened(work)
    work.assign(AMY, "CASE-1", "amy", 3)
    closed(work)

    with pytest.raises(NeedsReason):
        work.open_case(AMY, "CASE-1")


def test_opening_ones_own_case_that_is_being_worked_on_asks_for_no_reason(work):
    file_case(work)
    opened(work)
    work.assign(AMY, "CASE-1", "amy", 3)

    view = work.open_case(AMY, "CASE-1")

    assert view.head.assigned == "amy"


def test_a_list_shows_only_what_a_person_may_open_and_is_in_the_audit_log(work):
    file_case(work, "CASE-1")
    file_case(work, "CASE-2", Access(full=("ben",), excluded=("amy",)))

    listed = work.list_cases(AMY)

    assert [head.case for head in listed] == ["CASE-1"]
    assert work.count_cases(AMY) == 1
    assert audit(work)[-2:] == [("listed", "amy", "", "1 listed"), ("listed", "amy", "", "1 counted")]


def test_a_list_leaves_closed_cases_out_unless_they_are_wanted(work):
    file_case(work)
    closed(work)

    assert work.list_cases(AMY) == ()
    assert [head.case for head in work.list_cases(AMY, Wanted(statuses=(Status.CLOSED,)))] == ["CASE-1"]


def test_a_stranger_lists_nothing_and_is_refused(work):
    with pytest.raises(NotAllowed):
        work.list_cases(STRANGER)

    assert audit(work)[-1] == ("refused", "nobody", "", "list")


def test_a_search_finds_the_cases_of_a_name_that_the_searcher_may_open(work):
    file_case(work, "CASE-1", parties=[a_party("Pat Pupil")])
    file_case(work, "CASE-2", an_access("ben"), parties=[a_party("Pat Pupil")])

    found = work.search(AMY, " pat pupil ")

    assert [head.case for head in found] == ["CASE-1"]


def test_a_search_is_in_the_audit_log_without_the_name(work):
    file_case(work, parties=[a_party("Pat Pupil")])

    work.search(AMY, "Pat Pupil")

    assert audit(work)[-1] == ("searched", "amy", "", "1 found")


def test_a_search_for_nothing_is_not_made(work):
    with pytest.raises(FormError):
        work.search(AMY, " ")


def test_a_possible_earlier_case_of_the_same_person_shows_on_opening(work):
    file_case(work, "CASE-1", parties=[a_party("Pat Pupil")])
    file_case(work, "CASE-2", parties=[a_party("Pat Pupil")])

    assert opened(work, AMY, "CASE-2").earlier == ("CASE-1",)


def test_an_earlier_case_that_the_reader_may_not_open_does_not_show(work):
    file_case(work, "CASE-1", Access(full=("ben",), excluded=("amy",)), parties=[a_party("Pat Pupil")])
    file_case(work, "CASE-2", parties=[a_party("Pat Pupil")])

    assert opened(work, AMY, "CASE-2").earlier == ()


def test_an_adults_earlier_case_shows_to_the_head_only(work):
    both = an_access("cat", "amy")
    file_case(work, "CASE-1", both, parties=[a_party("Sam Staff")], about_adult=True)
    file_case(work, "CASE-2", both, parties=[a_party("Sam Staff")], about_adult=True)

    assert opened(work, CAT, "CASE-2").earlier == ("CASE-1",)
    assert opened(work, AMY, "CASE-2").earlier == ()


def test_where_the_head_is_kept_out_an_adults_earlier_case_shows_to_whoever_holds_it(work):
    chair = Access(full=("dan",), excluded=("cat",))
    file_case(work, "CASE-1", chair, parties=[a_party("Cat Cole")], about_adult=True)
    file_case(work, "CASE-2", chair, parties=[a_party("Cat Cole")], about_adult=True)

    assert opened(work, DAN, "CASE-2").earlier == ("CASE-1",)


def test_a_case_with_the_same_reporter_is_no_earlier_case(work):
    reporter = a_party("Rob Rook", role="reporter")
    file_case(work, "CASE-1", parties=[reporter])
    file_case(work, "CASE-2", parties=[reporter])

    assert opened(work, AMY, "CASE-2").earlier == ()
