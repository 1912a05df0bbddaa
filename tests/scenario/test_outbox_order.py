"""Rate limits: what waits for a way keeps its order, and what may not wait takes another way."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from slack_sdk.errors import SlackApiError

from bot.delivery.outbox import Limits
from bot.domain.audit import AuditKind
from bot.domain.notices import NoticeKind
from bot.errors import NotDelivered
from bot.slack.notifier import SlackNotifier
from tests.delivery_desk import BY_CALENDAR, Desk
from tests.fakes import a_school
from tests.notifier_fakes import FakeNotifier
from tests.slack_desk import PERSONS, SLACK
from tests.slack_kit import FakeSlack

HOUR = 3600


class Limiting(FakeNotifier):
    """Answers each send in turn with the seconds to wait, 0 for "ok"; then everything is "ok"."""

    def __init__(self, *waits, name="chat"):
        super().__init__(name)
        self.waits, self.asked = list(waits), 0

    def send(self, school, notice):
        if notice.kind not in BY_CALENDAR:
            self.asked += 1
            if self.waits and (wait := self.waits.pop(0)):
                raise NotDelivered("fake: ratelimited", wait)
        super().send(school, notice)


class LimitedDesk(Desk):
    """A desk whose delivery goes on from round to round, as in one process."""

    def __init__(self, tmp_path, *waits, mail=None, **changes):
        self.chat_first, self.mail = Limiting(*waits), mail
        super().__init__(
            tmp_path, notifiers=(self.chat_first, mail) if mail else (self.chat_first,), **changes
        )
        self.lasting = Limits()

    @property
    def delivery(self):
        made = super().delivery
        return type(made)(made.schools, made.store, made.notifiers, limits=self.lasting)

    def restart(self):
        self.lasting = Limits()

    def put(self, *new, **changes):
        for key in new:
            self.enqueue(**{"key": key, "due": self.clock.now, **changes})

    @property
    def by_chat(self):
        return keys(self.chat_first)

    @property
    def by_mail(self):
        return keys(self.mail)


def keys(way):
    return [each.key for each in way.sent if each.kind not in BY_CALENDAR]


def with_mail(tmp_path, *waits):
    return LimitedDesk(tmp_path, *waits, mail=FakeNotifier("e-mail"))


def test_after_a_rate_limit_nothing_is_posted_before_its_end_and_then_all_in_order(tmp_path):
    desk = LimitedDesk(tmp_path, 30)
    desk.put("a", "b")

    desk.delivery.run_once()
    desk.after(seconds=29)
    assert (desk.by_chat, desk.chat_first.asked) == ([], 1)

    desk.after(seconds=1)
    assert desk.by_chat == ["a", "b"]


def test_what_falls_due_during_a_rate_limit_does_not_overtake_what_waits(tmp_path):
    desk = LimitedDesk(tmp_path, 30)
    desk.put("a")
    desk.delivery.run_once()
    desk.clock.pass_by(seconds=10)
    desk.put("seen during the limit")
    desk.after(seconds=10)
    desk.clock.pass_by(seconds=9)
    desk.put("seen after it")

    desk.after(seconds=2)

    assert desk.by_chat == ["a", "seen during the limit", "seen after it"]


def test_a_second_rate_limit_keeps_the_order_as_well(tmp_path):
    desk = LimitedDesk(tmp_path, 30, 0, 20)
    desk.put("a", "b", "c")
    desk.delivery.run_once()

    desk.after(seconds=31)
    desk.put("d")
    desk.after(seconds=5)
    assert desk.by_chat == ["a"]

    desk.after(seconds=20)
    assert desk.by_chat == ["a", "b", "c", "d"]


def test_what_waited_is_still_in_order_after_a_restart(tmp_path):
    desk = LimitedDesk(tmp_path, 30)
    desk.put("a", "b")
    desk.delivery.run_once()

    desk.restart()
    desk.after(seconds=30)

    assert desk.by_chat == ["a", "b"]


def test_what_is_not_urgent_waits_for_a_short_limit_rather_than_go_by_mail(tmp_path):
    desk = with_mail(tmp_path, 30)
    desk.put("a", "b")

    desk.delivery.run_once()
    desk.after(seconds=30)

    assert (desk.by_chat, desk.by_mail) == (["a", "b"], [])


@pytest.mark.parametrize("pressing", [{"urgent": True}, {"kind": NoticeKind.RING_SENDER}])
def test_what_is_urgent_goes_by_mail_at_once(tmp_path, pressing):
    desk = with_mail(tmp_path, 30)
    desk.put("a", **pressing)

    desk.delivery.run_once()

    assert desk.by_mail == ["a"]


def test_what_is_urgent_is_tried_although_others_wait(tmp_path):
    desk = with_mail(tmp_path, 30)
    desk.put("a")
    desk.delivery.run_once()
    desk.put("urgent", urgent=True)

    desk.delivery.run_once()

    assert (desk.by_chat, desk.by_mail) == (["urgent"], [])


def test_a_limit_that_something_urgent_met_holds_for_the_others(tmp_path):
    desk = with_mail(tmp_path, 30)
    desk.put("urgent", urgent=True)
    desk.put("a")

    desk.delivery.run_once()

    assert (desk.by_chat, desk.by_mail, desk.chat_first.asked) == ([], ["urgent"], 1)


def test_a_shorter_limit_does_not_end_a_longer_one(tmp_path):
    desk = LimitedDesk(tmp_path, 40, 5)
    desk.put("a")
    desk.delivery.run_once()
    desk.put("urgent", urgent=True)
    desk.delivery.run_once()
    desk.put("b")

    desk.after(seconds=10)

    assert "b" not in desk.by_chat


@pytest.mark.parametrize(("wait", "by_mail"), [(60, []), (61, ["a", "b"]), (HOUR, ["a", "b"])])
def test_a_long_limit_is_not_waited_for_where_there_is_mail(tmp_path, wait, by_mail):
    desk = with_mail(tmp_path, wait)
    desk.put("a", "b")

    desk.delivery.run_once()

    assert (desk.by_mail, desk.chat_first.asked) == (by_mail, 1)


@pytest.mark.parametrize("wait", [HOUR, 1e9, float("inf")])
def test_without_mail_a_long_limit_is_waited_for_an_hour_at_most_and_in_order(tmp_path, wait):
    desk = LimitedDesk(tmp_path, wait)
    desk.put("a", "b")

    desk.delivery.run_once()
    desk.after(seconds=HOUR - 1)
    assert desk.by_chat == []

    desk.after(seconds=1)
    assert desk.by_chat == ["a", "b"]


def test_short_limits_one_after_the_other_keep_nothing_from_its_receiver(tmp_path):
    desk = with_mail(tmp_path, *[30] * 99)
    desk.put("a", "b")

    for _ in range(10):
        desk.delivery.run_once()
        assert desk.by_mail == []
        desk.clock.pass_by(seconds=30)
    desk.delivery.run_once()

    assert desk.by_mail == ["a", "b"]


def test_a_limit_that_is_over_keeps_nothing_from_its_way_however_late_it_is(tmp_path):
    desk = with_mail(tmp_path, 30)
    desk.put("a")
    desk.delivery.run_once()
    desk.put("b")

    desk.after(minutes=9)

    assert "b" in desk.by_chat
    assert desk.by_mail == []


def test_a_notice_that_waits_for_a_limit_opens_its_case_to_nobody_else(tmp_path):
    desk = LimitedDesk(tmp_path, *[30] * 5)
    desk.case(clock_at=None)
    desk.put("a", case="CASE-1")

    for _ in range(6):
        desk.after(seconds=30)

    assert (desk.by_chat, desk.events(), desk.access.full) == (["a"], [], ("amy",))
    assert [each.detail for each in desk.audit(AuditKind.NOTICE_FAILED)] == []


def test_a_limit_without_end_is_a_person_not_reached(tmp_path):
    desk = LimitedDesk(tmp_path, *[30] * 99)
    desk.case(clock_at=None)
    desk.put("a", case="CASE-1")

    for _ in range(11):
        desk.after(seconds=30)

    assert [each["unreached"] for each in desk.events()] == ["amy"]


def test_an_answer_to_come_back_at_once_is_a_failure_as_any_other(tmp_path):
    chat, mail = FakeNotifier(plan=["fail"] * 9, retry_after=0.0), FakeNotifier("e-mail")
    desk = Desk(tmp_path, notifiers=(chat, mail))
    desk.enqueue(key="a")

    desk.delivery.run_once()

    assert keys(mail) == ["a"]


def test_two_cases_of_one_channel_in_slack_are_posted_there_in_order(tmp_path):
    slack, school = FakeSlack(), a_school(person=PERSONS, slack=SLACK)
    desk = Desk(tmp_path, school, (SlackNotifier(slack), FakeNotifier("e-mail")))
    delivery, limits = desk.delivery, [30]

    def limited(said):
        if said["channel"] == "C0DSL" and limits:
            response = slack._response("chat.postMessage", {"ok": False, "error": "ratelimited"})
            response.status_code, response.headers = 429, {"Retry-After": str(limits.pop())}
            raise SlackApiError("no", response)
        return {}

    slack.answers["chat.postMessage"] = limited
    for case in ("CASE-1", "CASE-2"):
        desk.case(case, urgent=False, clock_at=None)
        desk.enqueue(key=case, case=case)

    delivery.run_once()
    assert len([each for each in slack.sent("chat.postMessage") if each["channel"] == "C0DSL"]) == 1
    desk.clock.pass_by(seconds=30)
    delivery.run_once()

    in_channel = [each for each in slack.sent("chat.postMessage") if each["channel"] == "C0DSL"]
    opened = [each["blocks"][-1]["elements"][0]["value"] for each in in_channel]
    assert [next(case for case in ("CASE-1", "CASE-2") if case in each) for each in opened] == [
        *("CASE-1", "CASE-1", "CASE-2")
    ]


@pytest.mark.slow
@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    waits=st.lists(st.sampled_from([0, 0, 1, 30, 61, 1e9]), max_size=12),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 70)), max_size=10),
)
def test_whatever_the_limits_one_way_is_used_in_order_and_nothing_is_lost(tmp_path_factory, waits, steps):
    desk, put = LimitedDesk(tmp_path_factory.mktemp("desk"), *waits), []
    for count, seconds in steps:
        new = [f"k{len(put) + at}" for at in range(count)]
        desk.put(*new)
        put += new
        desk.after(seconds=seconds)

    for _ in range(14):
        desk.after(seconds=HOUR)

    assert desk.by_chat == put
