"""How long records are kept, and what must be said to close a case."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain import closing as closings
from bot.domain.cases import Access, EventKind
from bot.domain.closing import ADULT_OUTCOMES, Retention
from bot.domain.folding import fold
from bot.domain.retention import CountsFrom, is_over, may_list, parse
from bot.errors import ConfigurationError, FormError
from tests.cases_builders import a_head
from tests.casework_builders import ITEM, a_closing, a_schedule, events_of

TODAY = date(2026, 11, 20)
LATER = date(2060, 1, 1)


def a_closed_view(*more, type="contact-settled", sexual_abuse=False, until="2030-01-01"):
    body = {"type": type, "until": until, "sexual_abuse": sexual_abuse}
    return fold(a_head(), Access(), events_of(*more, (EventKind.CLOSED, body)))


def test_every_type_says_where_its_default_comes_from_and_when_to_look_again():
    types = a_schedule().types

    assert all(each.source and each.review_due and each.words for each in types)
    assert {each.caution(TODAY) for each in types} == {"not yet checked by a person at this school"}


def test_a_checked_type_is_overdue_after_its_review():
    checked = replace(a_schedule().types[0], checked_by="Amy Ash", checked_on=TODAY)

    assert checked.caution(TODAY) == ""
    assert checked.caution(date(2028, 1, 1)) == "its review is overdue"


def test_years_count_from_the_day():
    kind = replace(a_schedule().types[0], years=25)

    assert kind.until(date(2012, 5, 6)) == date(2037, 5, 6)
    assert kind.until(date(2012, 2, 29)) == date(2037, 3, 1)


@pytest.mark.parametrize("broken", [{}, {"type": []}, {"type": [{"id": "x"}]}])
def test_a_broken_schedule_is_a_configuration_error(broken):
    with pytest.raises(ConfigurationError):
        parse(broken)


def test_a_case_whose_time_is_over_may_be_listed():
    view = a_closed_view()

    assert may_list(view, a_schedule(), LATER)
    assert not may_list(view, a_schedule(), date(2030, 1, 1))


def test_alleged_child_sexual_abuse_is_never_listed_for_deletion_automatically():
    locked = ((EventKind.EVIDENCE_STORED, ITEM), (EventKind.EVIDENCE_LOCKED, {"item": "e-1"}))
    views = [
        a_closed_view(sexual_abuse=True),
        a_closed_view(type="child-sexual-abuse"),
        a_closed_view(*locked),
        a_closed_view((EventKind.ADDED, {"gate": "yes"})),
        a_closed_view((EventKind.ADDED, {"gate": "not-sure"})),
    ]

    assert [may_list(view, a_schedule(), LATER) for view in views] == [False] * 5


def test_a_legal_hold_stops_any_deletion():
    view = a_closed_view((EventKind.HELD, {"reason": "a court case"}))

    assert not is_over(view, LATER)
    assert not may_list(view, a_schedule(), LATER)


def test_a_type_that_the_schedule_no_longer_has_is_not_listed():
    assert not may_list(a_closed_view(type="gone"), a_schedule(), LATER)


def test_an_open_case_is_never_over():
    assert not is_over(fold(a_head(), Access(), events_of()), LATER)


@pytest.mark.parametrize(
    "left_out", ["summary", "followed_up", "action", "outcome", "reasons", "filed_where"]
)
def test_a_pupils_case_closes_only_with_all_that_is_asked(left_out):
    with pytest.raises(FormError) as refused:
        closings.body(a_closing(**{left_out: " "}), a_head(), a_schedule(), TODAY)

    assert list(refused.value.fields) == [left_out]


def test_why_it_stands_in_no_file_of_record_will_do():
    closing = a_closing(filed_where="", not_filed_because="It was a test.")

    assert closings.body(closing, a_head(), a_schedule(), TODAY)["not_filed_because"] == "It was a test."


@pytest.mark.parametrize("outcome", ADULT_OUTCOMES)
def test_an_adults_case_closes_with_one_of_five_outcomes(outcome):
    closing = a_closing(outcome=outcome, filed_where="")

    body = closings.body(closing, a_head(about_adult=True), a_schedule(), TODAY)

    assert body["outcome"] == outcome


def test_an_adults_case_closes_with_no_other_outcome():
    with pytest.raises(FormError) as refused:
        closings.body(a_closing(outcome="not true"), a_head(about_adult=True), a_schedule(), TODAY)

    assert list(refused.value.fields) == ["outcome"]


def test_without_a_day_the_default_of_the_type_counts_where_it_counts_from_closure():
    kept = closings.retention_body(Retention("contact-settled", False), a_schedule(), TODAY)

    assert kept == {"type": "contact-settled", "until": "2032-11-20", "sexual_abuse": False}


@pytest.mark.parametrize(
    ("type", "until", "field"),
    [
        ("child-protection", None, "until"),
        ("nothing", LATER, "type"),
        ("contact-settled", date(2020, 1, 1), "until"),
    ],
)
def test_a_retention_that_cannot_be_is_refused(type, until, field):
    with pytest.raises(FormError) as refused:
        closings.retention_body(Retention(type, False, until), a_schedule(), TODAY)

    assert list(refused.value.fields) == [field]


def test_what_is_kept_longest_is_not_listed_by_itself():
    abuse = a_schedule().type("child-sexual-abuse")

    assert (abuse.years, abuse.listed, abuse.counts_from) == (75, False, CountsFrom.CLOSURE)
    assert [each.id for each in a_schedule().types if not each.listed] == ["child-sexual-abuse"]
