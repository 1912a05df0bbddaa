import threading
from contextlib import contextmanager, suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.delivery import outbox
from bot.delivery.worker import Worker
from bot.domain.audit import AuditKind
from bot.domain.cases import Status
from bot.domain.notices import NoticeKind
from bot.errors import StoreBusy, StoreFailed
from tests.cases_builders import a_notice
from tests.delivery_desk import BY_CALENDAR, MONDAY, Desk
from tests.notifier_fakes import FakeNotifier


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_a_notice_is_sent_once_and_recorded(desk):
    desk.case()
    desk.enqueue(key="k", case="CASE-1")

    desk.delivery.run_once()
    desk.delivery.run_once()

    assert [each.key for each in desk.chat.sent if each.key == "k"] == ["k"]
    assert desk.waiting() == []
    assert [row.detail for row in desk.audit(AuditKind.NOTICE_SENT) if row.case] == ["new-case: chat: amy"]


def test_e_mail_takes_what_chat_cannot(tmp_path):
    chat, mail = FakeNotifier(plan=["fail"] * 9), FakeNotifier("e-mail")
    desk = Desk(tmp_path, notifiers=(chat, mail))
    desk.enqueue()

    desk.delivery.run_once()

    assert ("amy", NoticeKind.NEW_CASE) in mail.told
    assert desk.waiting() == []


def test_a_second_way_is_not_used_where_the_first_one_works(tmp_path):
    mail = FakeNotifier("e-mail")
    desk = Desk(tmp_path)
    desk.notifiers = (desk.chat, mail)
    desk.enqueue()

    desk.delivery.run_once()

    assert mail.sent == []


def test_a_failed_notice_comes_again_with_the_same_key(desk):
    desk.enqueue(key="k")
    desk.chat.plan = ["late"]
    desk.delivery.run_once()

    desk.after(minutes=2)

    assert [each.key for each in desk.chat.sent if each.kind not in BY_CALENDAR] == ["k", "k"]


def test_it_waits_longer_each_time_but_never_more_than_an_hour_or_five_minutes_when_urgent(desk):
    box = outbox.Outbox({}, desk.store, (), None, jitter=lambda: 1.0)
    sendings = [
        outbox.Sending(1, a_notice(urgent=urgent), tried) for urgent in (False, True) for tried in range(40)
    ]

    waits = [box._wait_s(each, 0.0) for each in sendings]

    assert waits[:3] == [30, 60, 120]
    assert (max(waits[:40]), max(waits[40:])) == (3600, 300)


@pytest.mark.parametrize(("retry_after", "expected"), [(900.0, 900), (1e9, 3600), (1.0, 15)])
def test_it_waits_as_long_as_the_other_side_asks_within_reason(desk, retry_after, expected):
    box = outbox.Outbox({}, desk.store, (), None, jitter=lambda: 0.0)

    assert box._wait_s(outbox.Sending(1, a_notice(), 0), retry_after) == expected


def test_when_every_way_to_one_person_fails_the_next_person_hears_too_and_the_first_is_tried_on(desk):
    desk.case(clock_at=None)
    desk.enqueue(key="k", case="CASE-1", urgent=True)
    desk.chat.failing = {"amy": 3}

    told = [desk.after(minutes=5) and desk.told() for _ in range(4)]

    reporter = ("reporter:jo@example.org", NoticeKind.NOT_OPENED)
    assert told[:2] == [[], []]
    assert sorted(told[2]) == [("ben", NoticeKind.ESCALATION), reporter]
    assert told[3] == [("amy", NoticeKind.NEW_CASE)]
    assert [each["unreached"] for each in desk.events()] == ["amy"]


def test_a_person_nobody_can_reach_is_recorded_once_and_tried_for_ever(desk):
    desk.case(clock_at=None)
    desk.enqueue(key="k", case="CASE-1")
    desk.chat.cannot = {"amy"}

    for _ in range(30):
        desk.after(hours=2)

    assert [each["unreached"] for each in desk.events()] == ["amy"]
    assert "k" in [each.key for each in desk.waiting()]
    assert desk.access.full == ("amy", "ben")

    desk.chat.cannot = set()
    desk.after(hours=2)
    assert desk.waiting() == []


def test_where_nobody_can_be_reached_the_case_says_so_and_the_reporter_gets_numbers(desk):
    desk.case(clock_at=None)
    desk.enqueue(key="k", case="CASE-1")
    desk.chat.cannot = {"amy", "ben", "cat", "dan"}

    for _ in range(4):
        desk.after(minutes=2)

    assert [(each["unreached"], each["to"]) for each in desk.events()] == [
        ("amy", ["ben"]),
        ("ben", ["cat"]),
        ("cat", ["dan"]),
        ("dan", []),
    ]
    assert set(desk.told()) == {("reporter:jo@example.org", NoticeKind.NOT_OPENED)}


def test_a_failing_reminder_of_a_case_in_hand_changes_nothing(desk):
    desk.case(clock_at=None)
    desk.change(status=Status.IN_HAND, opened_at=MONDAY, first_action_at=MONDAY)
    desk.enqueue(key="k", case="CASE-1", kind=NoticeKind.REPORTER_ADDED)
    desk.chat.cannot = {"amy"}

    desk.delivery.run_once()

    assert desk.events() == []


def test_safety_29_neither_logs_nor_errors_name_a_person(desk, caplog):
    desk.case()
    desk.enqueue(key="k", case="CASE-1", to="amy")
    desk.chat.plan = ["fail"] * 9

    with caplog.at_level("DEBUG", logger="bot"):
        desk.after(minutes=15)

    assert "notice.failed channel=chat case=CASE-1" in caplog.text
    assert not [word for word in ("amy", "Amy", "jo@", "ben") if word in caplog.text]


class Dying(Exception):
    """Stands for a process that is gone."""


@contextmanager
def dying(desk, at):
    """Kill the worker at its write of that number."""
    real, count = desk.store, 0

    class Store:
        reading = staticmethod(real.reading)

        @contextmanager
        def writing(self):
            nonlocal count
            count += 1
            with real.writing() as unit:
                yield unit
                if count == at:
                    raise Dying

    desk.store = Store()
    try:
        with suppress(Dying):
            yield
    finally:
        desk.store = real


@pytest.mark.parametrize("at", range(1, 16))
def test_a_worker_that_dies_at_any_write_loses_nothing(desk, at):
    desk.case()
    desk.enqueue(key="k", case="CASE-1")
    desk.clock.pass_by(minutes=15)

    with dying(desk, at):
        desk.delivery.run_once()
    desk.after(seconds=outbox.LEASE_S + 1)

    expected = {("amy", NoticeKind.NEW_CASE), ("ben", NoticeKind.ESCALATION)}
    assert expected <= set(desk.told())
    assert desk.waiting() == []
    assert len(desk.events()) == 1


@pytest.mark.slow
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    chat=st.lists(st.sampled_from(["ok", "fail", "late"]), max_size=12),
    mail=st.lists(st.sampled_from(["ok", "fail", "late"]), max_size=12),
    minutes=st.lists(st.integers(0, 90), max_size=6),
)
def test_no_notice_is_ever_lost_whatever_fails_in_whatever_order(tmp_path_factory, chat, mail, minutes):
    ways = (FakeNotifier(plan=chat), FakeNotifier("e-mail", plan=mail))
    desk = Desk(tmp_path_factory.mktemp("desk"), notifiers=ways)
    keys = {f"k{at}" for at in range(3)}
    for key in keys:
        desk.enqueue(key=key, urgent=key == "k1")

    for wait in (*minutes, *[70] * 14):
        desk.after(minutes=wait)

    assert keys <= {each.key for way in ways for each in way.sent}
    assert desk.waiting() == []


def test_ten_workers_at_once_send_each_notice_exactly_once(desk):
    keys = {f"k{at}" for at in range(30)}
    for key in keys:
        desk.enqueue(key=key)
    faults = []

    def work():
        for _ in range(20):
            try:
                desk.delivery.run_once()
            except StoreBusy as error:
                faults.append(error)
            else:
                return

    workers = [threading.Thread(target=work) for _ in range(10)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()

    assert sorted(each.key for each in desk.chat.sent if each.kind not in BY_CALENDAR) == sorted(keys)
    assert desk.waiting() == []


class Rounds:
    """A delivery whose rounds do as told, and which stops its worker after the last."""

    def __init__(self, stop, *does):
        self.stop = stop
        self.does = list(does)
        self.rounds = 0

    def run_once(self):
        self.rounds += 1
        if not self.does:
            self.stop.set()
            return outbox_ran()
        raise self.does.pop(0)


def outbox_ran(sent=0):
    from bot.delivery.worker import Ran  # noqa: PLC0415

    return Ran(0, sent, 0)


def test_a_busy_or_failing_store_is_logged_and_tried_again(caplog):
    stop = threading.Event()
    rounds = Rounds(stop, StoreBusy("busy"), StoreFailed("disk full"))

    Worker(rounds, poll_s=0.0, after_a_fault_s=0.0).run(stop)

    assert rounds.rounds == 3
    assert "delivery.put_off error=StoreBusy" in caplog.text
    assert "delivery.put_off error=StoreFailed" in caplog.text


def test_a_fault_of_our_own_is_not_swallowed():
    stop = threading.Event()

    with pytest.raises(ZeroDivisionError):
        Worker(Rounds(stop, ZeroDivisionError())).run(stop)


def test_a_poke_wakes_the_worker(desk):
    stop, worker = threading.Event(), Worker(desk.delivery, poll_s=600.0)
    arrived = threading.Event()
    desk.chat.send = lambda school, notice: notice.key == "k" and arrived.set()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()

    desk.enqueue(key="k")
    worker.poke()
    found = arrived.wait(30)
    stop.set()
    worker.poke()
    thread.join(30)

    assert found
    assert not thread.is_alive()


def test_a_round_that_stopped_at_its_limit_is_followed_at_once():
    assert (outbox_ran(200).more, outbox_ran(3).more) == (True, False)
