from datetime import date, timedelta

import pytest

from bot.counting import MOST, NOT_SAID, Counting, newest
from bot.domain.cases import EventKind, Status
from bot.domain.triage import Form
from bot.errors import NotAllowed, UnknownSchool
from tests.cases_builders import START, FakeClock, a_head, a_store, add_case, an_access
from tests.casework_builders import audit
from tests.fakes import a_school

ON = {"answers": {"where": "snapchat"}}


class Desk:
    """A store with cases in it, and the counting of them."""

    def __init__(self, tmp_path):
        self.clock = FakeClock()
        self.store = a_store(tmp_path, self.clock)
        schools = {each: a_school(each) for each in ("fernhill", "oakhill")}
        self.counting = Counting(schools, self.store, ("instagram", "snapchat"))
        self.filed = 0

    def cases(self, count, access=None, body=ON, **changes):
        for _ in range(count):
            self.filed += 1
            add_case(
                self.store, f"CASE-{self.filed}", access or an_access("amy", "cat"), body=body, **changes
            )

    def figures(self, person="amy", day=None):
        return self.counting.figures("fernhill", person, day)

    def shown(self, name, person="amy"):
        return {cell.name: cell.count for cell in self.figures(person).tables[name].cells}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_cases_are_counted_by_form_by_platform_and_by_month(desk):
    desk.cases(7)
    desk.cases(6, form=Form.CONCERN, body={"answers": {"where": "instagram"}})
    desk.cases(5, form=Form.TROLLING, filed_at=START - timedelta(days=30))

    assert desk.figures().total == 18
    assert desk.shown("form") == {"friend-request": 7, "trolling": 5, "concern": 6}
    assert desk.shown("month") == {"2026-10-01": 5, "2026-11-01": 13}
    assert desk.shown("where") == {"instagram": None, "snapchat": 12, NOT_SAID: None}


def test_another_term_is_counted_by_itself(desk):
    desk.cases(5)
    desk.cases(6, filed_at=START - timedelta(days=100))

    assert desk.figures().total == 5
    assert desk.figures(day=date(2026, 8, 1)).total == 6
    assert [each.first for each in desk.figures().periods] == [date(2026, 10, 1), date(2026, 7, 1)]


def test_what_the_reporter_added_about_the_platform_counts_instead(desk):
    desk.cases(6, body={"answers": {}})
    desk.cases(6)
    with desk.store.writing() as unit:
        for each in range(1, 7):
            unit.append(f"CASE-{each}", EventKind.ADDED, "reporter", {"answers": {"where": ["instagram"]}})

    assert desk.shown("where")["instagram"] is None
    desk.cases(6, body={"answers": {"where": "instagram"}})
    assert desk.shown("where") == {"instagram": 12, "snapchat": None, NOT_SAID: None}


def test_safety_15_a_case_somebody_is_kept_out_of_never_counts_for_them(desk):
    desk.cases(5)
    desk.cases(3, an_access("amy", "cat", excluded=("amy",)))

    assert (desk.figures("amy").total, desk.figures("cat").total) == (5, 8)


def test_safety_15_what_somebody_was_kept_out_of_since_counts_no_more(desk):
    desk.cases(6)
    with desk.store.writing() as unit:
        for each in (1, 2):
            unit.put_access(f"CASE-{each}", an_access("cat", excluded=("amy",)))

    assert desk.figures().total is None


def test_safety_14_cases_about_an_adult_are_in_no_figure_that_is_handed_on(desk):
    for form in (Form.FRIEND_REQUEST, Form.TROLLING, Form.CONCERN):
        desk.cases(5, form=form)
    desk.cases(6, form=Form.ADULT_CONCERN, about_adult=True)
    desk.cases(7, form=Form.TROLLING, about_adult=True)
    desk.cases(5, form=Form.ADULT_CONCERN)

    for person in ("amy", "cat"):
        assert desk.figures(person).total == 15
        assert desk.shown("form", person) == {"friend-request": 5, "trolling": 5, "concern": 5}


def test_safety_14_the_head_alone_sees_how_many_are_about_an_adult_and_only_of_those_the_head_may_open(desk):
    desk.cases(6, form=Form.ADULT_CONCERN, about_adult=True)
    desk.cases(2, an_access("dan", excluded=("cat",)), form=Form.ADULT_CONCERN, about_adult=True)

    assert (desk.figures("cat").adults, desk.figures("amy").adults) == (6, None)
    assert desk.figures("amy").for_head is False


def test_fewer_than_five_about_an_adult_are_not_shown_to_the_head_either(desk):
    desk.cases(4, form=Form.ADULT_CONCERN, about_adult=True)

    assert desk.figures("cat").adults is None


def test_cases_of_another_school_do_not_count(desk):
    desk.cases(5)
    desk.cases(5, school="oakhill")

    assert desk.figures().total == 5


def test_a_merged_case_counts_once_and_a_deleted_one_still(desk):
    desk.cases(5)
    desk.cases(1, status=Status.MERGED, opened_at=START)
    desk.cases(1, status=Status.CLOSED, opened_at=START)
    with desk.store.writing() as unit:
        unit.put_head(a_head("CASE-7", status=Status.DELETED, opened_at=START))
        unit.delete_content("CASE-7")

    assert desk.figures().total == 6


def test_a_case_that_nobody_has_opened_counts_with_its_wait_so_far(desk):
    desk.cases(4, urgent=True, status=Status.OPENED, opened_at=START + timedelta(minutes=5))
    desk.cases(1, urgent=True)
    desk.cases(4)
    desk.clock.pass_by(days=3)

    urgent, other = desk.figures().waits

    assert (urgent.median, urgent.slowest) == (timedelta(minutes=15), timedelta(days=3))
    assert (other.median, other.slowest) == (None, None)


def test_safety_21_that_the_figures_were_seen_is_in_the_log_and_no_case_is_opened(desk):
    desk.cases(5)
    desk.figures()

    rows = [row for row in audit(desk) if row[0] != "event"]
    assert rows == [("listed", "amy", "", "insights")]
    with desk.store.reading() as unit:
        assert unit.head("CASE-1").opened_at is None


def test_safety_21_whoever_is_not_of_the_school_is_refused_and_that_is_in_the_log(desk):
    with pytest.raises(NotAllowed):
        desk.figures("nobody")
    with pytest.raises(NotAllowed):
        desk.counting.chart("fernhill", "nobody", date(2026, 11, 1), "form")
    with pytest.raises(UnknownSchool):
        desk.counting.figures("nowhere", "amy")

    assert [row[:2] for row in audit(desk)] == [("refused", "nobody")] * 2


def test_a_chart_has_the_figures_of_the_page_and_is_counted_anew_once_these_are_gone(desk):
    for form in (Form.FRIEND_REQUEST, Form.TROLLING, Form.CONCERN):
        desk.cases(5, form=form)
    day = desk.figures().period.first
    desk.cases(5)

    before = desk.counting.chart("fernhill", "amy", day, "form")
    desk.clock.pass_by(minutes=11)
    after = desk.counting.chart("fernhill", "amy", day, "form")

    assert ([cell.count for cell in before], [cell.count for cell in after]) == ([5, 5, 5], [10, 5, 5])


def test_safety_15_a_chart_never_has_the_figures_of_somebody_else(desk):
    for form in (Form.FRIEND_REQUEST, Form.TROLLING, Form.CONCERN):
        desk.cases(5, an_access("cat"), form=form)
    day = desk.figures("cat").period.first

    assert {cell.count for cell in desk.counting.chart("fernhill", "cat", day, "form")} == {5}
    assert {cell.count for cell in desk.counting.chart("fernhill", "amy", day, "form")} == {None}


def test_of_more_cases_than_are_read_the_newest_are_and_that_is_said(desk):
    for age in range(8):
        opened = {"status": Status.OPENED, "opened_at": START} if age % 2 else {}
        desk.cases(1, filed_at=START - timedelta(hours=age), urgent=age in (2, 3), **opened)
    with desk.store.reading() as unit:
        heads, whole = newest(unit, "fernhill", "amy", 5)
        everything = newest(unit, "fernhill", "amy", 8)

    assert ([head.case for head in heads], whole) == ([f"CASE-{each}" for each in range(1, 6)], False)
    assert (len(everything[0]), everything[1]) == (8, True)
    assert MOST == 2_000
