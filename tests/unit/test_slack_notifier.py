"""Notices in Slack: to whom, where, with which buttons, and what becomes of a refusal."""

import threading
from dataclasses import replace
from hashlib import sha256
from http.client import IncompleteRead

import pytest
from slack_sdk.errors import SlackApiError

from bot.domain.notice_details import Opening, write_openings
from bot.domain.notices import NoticeKind
from bot.errors import NotDelivered
from bot.slack import ids
from bot.slack.notifier import REMEMBERED_S, SlackNotifier
from tests.cases_builders import START, a_notice
from tests.fakes import a_school
from tests.notifier_fakes import buttons, drawn
from tests.slack_desk import PERSONS, SLACK
from tests.slack_kit import FakeSlack, read, tapped

SCHOOL = a_school(person=PERSONS, slack=SLACK)
BY_EMAIL = a_school(person=[{**each, "slack": ""} for each in PERSONS], slack=SLACK)
CASE_KINDS = (
    *(NoticeKind.NEW_CASE, NoticeKind.REMINDER, NoticeKind.ESCALATION),
    *(NoticeKind.NO_ACTION_YET, NoticeKind.REPORTER_ADDED),
)


class Timer:
    now = 0.0

    def __call__(self):
        return self.now


class Bench:
    def __init__(self, school=SCHOOL, **changes):
        self.school, self.slack, self.timer = school, FakeSlack(), Timer()
        self.notifier = SlackNotifier(self.slack, timer=self.timer, **changes)

    def send(self, **changes):
        self.notifier.send(self.school, about_a_case(**changes))

    @property
    def posted(self):
        return self.slack.sent("chat.postMessage")

    @property
    def where(self):
        return [each["channel"] for each in self.posted]

    def refuse(self, *channels, error="is_archived"):
        """Slack refuses what is posted to *channels*."""
        self.slack.answers["chat.postMessage"] = lambda said: error if said["channel"] in channels else {}


def about_a_case(**changes):
    return replace(a_notice(case="K7Q2-9XYZ"), **changes)


def answered(status, error="", headers=None):
    """An answer of the Web API as slack_sdk raises it."""

    def raises(said):
        response = FakeSlack()._response("chat.postMessage", {"ok": False, "error": error})
        response.status_code, response.headers = status, headers or {}
        raise SlackApiError("no", response)

    return raises


@pytest.mark.parametrize("kind", CASE_KINDS)
@pytest.mark.parametrize("to", ["amy", "ben"])
def test_a_case_notice_for_the_dsl_and_the_deputy_goes_to_their_channel_with_a_mention(kind, to):
    bench = Bench()

    bench.send(kind=kind, to=to, direct=False)

    (said,) = bench.posted
    assert said["channel"] == "C0DSL"
    assert said["text"].startswith(f"<@U0{to.upper()}> ")
    assert read(said["blocks"])[0] == f"<@U0{to.upper()}>"


def test_safety_25_what_must_go_direct_never_goes_to_a_channel():
    bench = Bench()

    bench.send(direct=True)

    assert bench.where == ["D0AMY"]
    assert "user_id" not in str(bench.posted)


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "cat"},
        {"to": "dan"},
        *({"kind": kind} for kind in NoticeKind if kind not in (*CASE_KINDS, NoticeKind.FETCH_FILE)),
    ],
    ids=str,
)
def test_what_is_for_one_person_alone_goes_to_nobody_else(changes):
    bench = Bench()
    if changes.get("kind") is NoticeKind.RING_TOLD:
        changes = {**changes, "to": "reporter:U0JO"}

    bench.send(**{"direct": False, **changes})

    assert "C0DSL" not in bench.where
    assert len(bench.where) == 1


def test_without_a_channel_in_the_settings_everything_goes_direct():
    bench = Bench(a_school(person=PERSONS, slack={"team": "T0FERN"}))

    bench.send(direct=False)

    assert bench.where == ["D0AMY"]


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel", "channel_not_found", "restricted_action"])
def test_a_channel_that_takes_nothing_gives_way_to_the_direct_message(error):
    bench = Bench()
    bench.refuse("C0DSL", error=error)

    bench.send(direct=False)

    assert bench.where == ["C0DSL", "D0AMY"]


@pytest.mark.parametrize("error", ["user_not_found", "user_disabled", "cannot_dm_bot", "account_inactive"])
def test_somebody_who_left_is_not_delivered_so_that_e_mail_takes_over(error):
    bench = Bench()
    bench.slack.answers["conversations.open"] = error

    with pytest.raises(NotDelivered, match=f"^slack: {error}$"):
        bench.send()


def test_a_rate_limit_is_honoured_as_slack_says():
    bench = Bench()
    bench.slack.answers["chat.postMessage"] = answered(429, "ratelimited", {"Retry-After": "31"})

    with pytest.raises(NotDelivered) as raised:
        bench.send(direct=False)

    assert raised.value.retry_after == 31
    assert bench.where == ["C0DSL"], "a channel that is only slow does not give way"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_fault_of_slack_is_not_delivered_and_nothing_else_is_tried(status):
    bench = Bench()
    bench.slack.answers["chat.postMessage"] = answered(
        status, "Received a response in a non-JSON format: amy"
    )

    with pytest.raises(NotDelivered) as raised:
        bench.send(direct=False)

    assert str(raised.value) == f"slack: http {status}"
    assert bench.where == ["C0DSL"]


@pytest.mark.parametrize("error", [TimeoutError("amy"), ConnectionResetError(), IncompleteRead(b"amy")])
def test_no_answer_is_not_delivered_and_the_error_names_nobody(error):
    bench = Bench()

    def fails(said):
        raise error

    bench.slack.answers["chat.postMessage"] = fails

    with pytest.raises(NotDelivered, match=f"^slack: {type(error).__name__}$"):
        bench.send()


def test_an_address_is_looked_up_once_and_again_after_a_while():
    bench = Bench(BY_EMAIL)

    bench.send()
    bench.send()
    bench.timer.now += REMEMBERED_S
    bench.send()

    assert bench.where == ["D0AMY"] * 3
    assert len(bench.slack.sent("users.lookupByEmail")) == 2


def test_an_account_that_takes_nothing_any_more_is_looked_up_anew():
    bench = Bench(BY_EMAIL)
    bench.send()
    bench.slack.answers["conversations.open"] = "user_disabled"
    with pytest.raises(NotDelivered):
        bench.send()
    bench.slack.answers = {"users.lookupByEmail": {"user": {"id": "U0NEW"}}}

    bench.send()

    assert bench.where == ["D0AMY", "D0NEW"]


@pytest.mark.parametrize("user", [{}, {"id": "U0X", "deleted": True}, {"id": "U0X", "is_bot": True}])
def test_an_address_of_no_living_account_is_not_delivered(user):
    bench = Bench(BY_EMAIL)
    bench.slack.answers["users.lookupByEmail"] = {"user": user}

    with pytest.raises(NotDelivered):
        bench.send()

    assert bench.posted == []


@pytest.mark.parametrize(
    ("to", "channel"),
    [
        ("reporter:amy@fernhill.example.org", "D0AMY"),
        ("reporter:U0AMY", "D0AMY"),
        ("reporter:U0JO", "D0JO"),
        ("reporter:jo.mint@fernhill.example.org", "D0JO"),
    ],
)
def test_a_reporter_is_reached_by_whatever_handle_they_have(to, channel):
    bench = Bench()

    bench.send(kind=NoticeKind.RECEIPT, to=to)

    assert bench.where == [channel]


@pytest.mark.parametrize(
    ("to", "reached"),
    [
        ("amy", True),
        ("nobody", False),
        ("reporter:U0JO", True),
        ("reporter:jo@example.org", True),
        ("reporter:OS user jo", False),
        ("U0JO", False),
    ],
)
def test_whom_it_reaches_is_told_without_asking_slack(to, reached):
    bench = Bench()

    assert bench.notifier.reaches(SCHOOL, to) is reached
    assert bench.slack.calls == []


def test_a_person_without_any_address_is_not_reached():
    nobody = a_school()

    assert not SlackNotifier(FakeSlack()).reaches(nobody, "amy")
    with pytest.raises(NotDelivered, match="no address"):
        SlackNotifier(FakeSlack()).send(nobody, a_notice())


OPEN = [(ids.OPEN_CASE, "fernhill K7Q2-9XYZ")]
MINE = [(ids.MY_REPORTS, "fernhill")]
RECEIPT = [
    (ids.MORE_EVIDENCE, "fernhill K7Q2-9XYZ"),
    (ids.SHOW_SENT, "fernhill K7Q2-9XYZ"),
    (ids.MY_REPORTS, "fernhill"),
]
BUTTONS = {
    **dict.fromkeys((*CASE_KINDS, NoticeKind.SHARED), OPEN),
    **dict.fromkeys((NoticeKind.REPLY, NoticeKind.REPORTER_ASKED, NoticeKind.NOT_OPENED), MINE),
    NoticeKind.RECEIPT: RECEIPT,
}


@pytest.mark.parametrize("kind", [each for each in NoticeKind if each is not NoticeKind.FETCH_FILE])
def test_each_notice_has_its_buttons_and_no_other(kind):
    bench = Bench()

    bench.send(kind=kind)

    assert buttons(bench.posted[0]) == BUTTONS.get(kind, [])


def test_the_key_stands_in_the_metadata_as_a_digest():
    bench = Bench()

    bench.send(key="new-case/K7Q2/amy")

    payload = {"key": sha256(b"new-case/K7Q2/amy").hexdigest()}
    assert bench.posted[0]["metadata"] == {"event_type": "staffroom_notice", "event_payload": payload}


@pytest.mark.parametrize(
    ("kind", "to", "text"),
    [
        (NoticeKind.NEW_CASE, "amy", "URGENT. Staffroom: a case needs you"),
        (NoticeKind.RING_SENDER, "amy", "URGENT. Staffroom: a case needs you"),
        (NoticeKind.RECEIPT, "reporter:U0JO", "Staffroom: a message for you"),
    ],
)
def test_urgency_is_in_the_notification_of_holders(kind, to, text):
    bench = Bench()

    bench.send(kind=kind, to=to, urgent=True)

    assert bench.posted[0]["text"] == text


def test_safety_18_the_numbers_to_ring_can_be_tapped():
    bench = Bench()

    bench.send(kind=NoticeKind.NOT_OPENED, to="reporter:U0JO", detail='{"codes": ["dsl"]}')

    assert {"tel:01632960301", "tel:999"} <= set(tapped(bench.posted[0]))
    assert "designated safeguarding lead (DSL): 01632 960301" in drawn(bench.posted[0])


def test_a_long_notice_comes_in_several_messages_and_nothing_is_left_out():
    bench = Bench()
    months = [Opening("amy", f"CASE-{at}", START, "working on the case") for at in range(200)]

    bench.send(kind=NoticeKind.MONTHLY, case="", detail=write_openings(months))

    said = "\n".join(drawn(each) for each in bench.posted)
    assert [f"case CASE-{at}," in said for at in range(200)] == [True] * 200
    assert max(len(drawn(each)) for each in bench.posted) < 8000
    assert len({each["metadata"]["event_payload"]["key"] for each in bench.posted}) == 1


def test_a_name_is_no_markup():
    bench = Bench(a_school(person=[{**PERSONS[0], "name": "<!channel>"}, *PERSONS[1:]]))
    opened = write_openings([Opening("amy", "CASE-1", START)])

    bench.send(kind=NoticeKind.MONTHLY, case="", detail=opened)

    assert "- <!channel>: case CASE-1," in drawn(bench.posted[0])
    assert "<!channel" not in str(bench.posted)


def test_one_post_at_a_time_goes_to_a_channel():
    bench = Bench()
    inside, most = [], []

    def slow(said):
        inside.append(said["channel"])
        most.append(len(inside))
        threading.Event().wait(0.01)
        inside.pop()
        return {}

    bench.slack.answers["chat.postMessage"] = slow
    threads = [threading.Thread(target=lambda: bench.send(direct=False)) for _ in range(8)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert most == [1] * 8
