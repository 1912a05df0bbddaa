from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.audit import AuditKind
from bot.domain.cases import Status
from bot.domain.clock import first_step_due
from bot.domain.notice_details import read_codes
from bot.domain.notices import NoticeKind
from tests.delivery_desk import MONDAY, Desk
from tests.fakes import a_school


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_safety_18_an_urgent_case_that_nobody_opens_goes_along_the_chain_each_quarter_of_an_hour(desk):
    desk.case()

    told = [desk.after(minutes=15) and desk.told() for _ in range(3)]

    reporter = ("reporter:jo@example.org", NoticeKind.NOT_OPENED)
    assert told == [[(person, NoticeKind.ESCALATION), reporter] for person in ("ben", "cat", "dan")]
    assert [each["to"] for each in desk.events()] == [["ben"], ["cat"], ["dan"]]
    assert desk.access.full == ("amy", "ben", "cat", "dan")


def test_nobody_is_told_before_the_time_is_up(desk):
    desk.case()

    desk.after(minutes=14, seconds=59)

    assert desk.told() == []
    assert desk.events() == []


def test_safety_18_after_the_chain_everybody_is_told_daily_until_somebody_opens_it(desk):
    desk.case(chain=())
    desk.after(minutes=15)
    desk.told()

    days = [desk.after(days=1) and desk.told() for _ in range(3)]

    assert days == [[("amy", NoticeKind.REMINDER), ("reporter:jo@example.org", NoticeKind.NOT_OPENED)]] * 3
    assert desk.head.escalations == 4


def test_safety_18_the_weekend_does_not_count_for_a_case_that_is_not_urgent(desk):
    desk.clock.now = friday = datetime(2026, 11, 20, 15, tzinfo=UTC)
    desk.case(urgent=False, filed_at=friday, clock_at=first_step_due(desk.school, False, friday))

    desk.after(days=2)
    before = desk.told()
    desk.after(days=1)

    assert before == []
    assert desk.told()[0] == ("ben", NoticeKind.ESCALATION)


def test_safety_18_who_covers_the_holidays_is_told_as_well(tmp_path):
    hours = {"terms": [["2026-09-02", "2026-11-13"], ["2026-12-01", "2026-12-18"]]}
    desk = Desk(tmp_path, a_school(hours=hours, cover={"holidays": "chair"}))
    desk.case()

    desk.after(minutes=15)

    assert [to for to, kind in desk.told() if kind is NoticeKind.ESCALATION] == ["ben", "dan"]


def test_safety_15_nobody_kept_out_is_told_by_the_clock(desk):
    desk.case(chain=("ben", "dan"), excluded=("cat",))

    for _ in range(6):
        desk.after(minutes=15)

    assert "cat" not in [to for to, _ in desk.told()]


def test_safety_15_somebody_kept_out_after_the_notice_was_written_is_not_told_after_all(desk):
    desk.case(full=("amy",), excluded=("cat",))
    desk.enqueue(key="k", case="CASE-1", to="cat")

    desk.delivery.run_once()

    assert desk.told() == []
    assert [each.to for each in desk.waiting()] == []
    assert "withheld" in desk.audit(AuditKind.NOTICE_FAILED)[0].detail


def test_the_reporter_is_never_told_to_ring_somebody_who_is_kept_out(desk):
    desk.case(chain=("ben", "dan"), excluded=("cat",))

    desk.after(minutes=15)

    codes = [read_codes(each.detail) for each in desk.chat.sent if each.kind is NoticeKind.NOT_OPENED]
    assert codes == [("chair", "deputy_dsl", "dsl")]


def test_a_number_that_somebody_kept_out_may_answer_is_not_given_to_the_reporter(tmp_path):
    people = {"dsl": ["amy"], "deputy_dsl": ["ben", "cat"], "head": ["dan"], "chair": ["dan"]}
    desk = Desk(tmp_path, a_school(people=people))
    desk.case(chain=("ben", "dan"), excluded=("cat",))

    desk.after(minutes=15)

    codes = [read_codes(each.detail) for each in desk.chat.sent if each.kind is NoticeKind.NOT_OPENED]
    assert codes == [("chair", "dsl", "head")]


def test_opening_stops_the_first_clock(desk):
    desk.case()
    desk.change(status=Status.OPENED, opened_at=MONDAY)

    desk.after(minutes=30)

    assert desk.told() == []
    assert desk.head.clock_at == MONDAY + timedelta(hours=1)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.MERGED, Status.DELETED])
def test_the_clock_of_a_case_that_is_over_stands_still(desk, status):
    desk.case()
    desk.change(status=status)

    desk.after(minutes=15)

    assert desk.told() == []
    assert desk.head.clock_at is None


def test_safety_18_holders_are_reminded_daily_while_no_action_is_recorded(desk):
    desk.case(full=("amy", "ben"))
    opened = {"status": Status.OPENED, "opened_at": MONDAY, "acknowledged_at": MONDAY}
    desk.change(**opened, clock_at=MONDAY + timedelta(hours=1))

    told = [desk.after(**time) and desk.told() for time in ({"hours": 1}, {"hours": 1}, {"days": 1})]

    both = [("amy", NoticeKind.NO_ACTION_YET), ("ben", NoticeKind.NO_ACTION_YET)]
    assert told == [both, [], both]
    assert desk.events()[0] == {"why": "no action recorded", "to": [], "reminded": ["amy", "ben"]}


def test_a_recorded_action_stops_the_second_clock(desk):
    desk.case()
    opened = {"status": Status.IN_HAND, "opened_at": MONDAY, "acknowledged_at": MONDAY}
    desk.change(**opened, first_action_at=MONDAY)

    desk.after(hours=1)

    assert desk.told() == []
    assert desk.head.clock_at is None


def test_the_case_of_a_school_that_is_no_longer_there_is_looked_at_again_later(desk, caplog):
    desk.case(school="oakdale")

    desk.after(minutes=15)

    assert desk.head.clock_at == desk.clock.now + timedelta(hours=1)
    assert "clock.school_missing case=CASE-1" in caplog.text


@pytest.mark.slow
@settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    cannot=st.sets(st.sampled_from(["amy", "ben", "cat", "dan"])),
    excluded=st.sets(st.sampled_from(["ben", "cat", "dan"])),
    urgent=st.booleans(),
)
def test_safety_18_a_case_reaches_somebody_or_the_reporter_gets_the_numbers(
    tmp_path_factory, cannot, excluded, urgent
):
    desk = Desk(tmp_path_factory.mktemp("desk"))
    chain = tuple(each for each in ("ben", "cat", "dan") if each not in excluded)
    desk.case(urgent=urgent, chain=chain, excluded=tuple(excluded))
    desk.enqueue(key="k", case="CASE-1", urgent=urgent)
    desk.chat.cannot = cannot

    for _ in range(9):
        desk.after(days=1)

    told = desk.told()
    safe = {"amy", *chain} - cannot
    assert {to for to, _ in told if not to.startswith("reporter:")} == safe
    assert ("reporter:jo@example.org", NoticeKind.NOT_OPENED) in told
