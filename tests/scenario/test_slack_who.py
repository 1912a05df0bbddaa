"""Who is behind a payload, through a real App and with whole payloads."""

import threading

import pytest

from bot.domain.membership import Sighting
from bot.slack import blocks, who
from bot.slack.who import OLD_S, Kept, Who
from tests.scenario.slack_steps import Taps
from tests.slack_desk import SLACK, SlackDesk, another_school
from tests.slack_kit import JO, TEAM, a_view

JO_SEEN = Sighting(TEAM, JO, "Jo Mint", "jo.mint@fernhill.example.org")


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def taps(desk):
    """Listeners of our own that note who was seen, in place of the desk's."""
    seen = []
    taps = Taps(desk, lambda body, client: seen.append(desk.parts.who.sighting(client, body)))
    taps.seen = seen
    return taps


def seen_once(taps):
    (sighting,) = taps.seen
    return sighting


def with_user(desk, **said):
    """Have Slack say *said* of every user."""
    plain = {"id": JO, "team_id": TEAM, "profile": {"real_name": "Jo Mint", "email": "jo@example.org"}}
    desk.slack.answers["users.info"] = {"user": {**plain, **said}}


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("mention", "C0STAFF"),
        ("direct", ""),
        ("command", "C0STAFF"),
        ("press", ""),
        ("press in a channel", "C0STAFF"),
        ("press in a modal", ""),
        ("submit", ""),
        ("shortcut", "C0STAFF"),
        ("home", ""),
        ("edited", "C0STAFF"),
    ],
)
def test_every_shape_of_payload_has_its_user(taps, name, channel):
    taps.send(name)

    seen = seen_once(taps)
    assert (seen.user, seen.team, seen.email, seen.channel) == (JO, TEAM, JO_SEEN.email, channel)


def test_a_user_is_asked_of_slack_once_in_five_minutes(desk, taps):
    taps.send("command")
    taps.send("command")

    assert desk.slack.sent("users.info") == [{"user": JO}]
    assert taps.seen == [taps.seen[0]] * 2


def test_a_guest_is_staff_safety_31(desk, taps):
    taps.send("command", "U0GUEST")

    assert (seen_once(taps).guest, seen_once(taps).stranger) == (True, False)
    assert desk.parts.recognising.known(seen_once(taps)).reporter.handle == "sue@agency.example.org"


def test_a_member_of_another_organisation_is_a_stranger_without_an_email(desk, taps):
    with_user(desk, team_id="T0OTHER")

    taps.send("mention")

    assert seen_once(taps) == Sighting("T0OTHER", JO, channel="C0STAFF", stranger=True)


def test_a_stranger_who_presses_a_button_in_a_shared_channel_is_none_of_ours(desk):
    # There the payload names the workspace of whoever pressed, and not the app's.
    with_user(desk, team_id="T0OTHER")
    body = {"type": "block_actions", "user": {"id": JO, "team_id": "T0OTHER"}, "team": {"id": "T0OTHER"}}

    seen = desk.parts.who.sighting(desk.slack, body)

    assert (seen.team, seen.stranger) == ("T0OTHER", True)


def test_a_workspace_of_the_same_organisation_is_no_other_one(desk, taps):
    with_user(desk, team_id="T0HOME", enterprise_user={"teams": ["T0HOME", TEAM]})

    taps.send("mention")

    assert (seen_once(taps).team, seen_once(taps).stranger) == (TEAM, False)


@pytest.mark.parametrize(
    ("said", "bot", "stranger"),
    [
        ({"is_bot": True}, True, False),
        ({"deleted": True}, False, True),
        ({"is_stranger": True}, False, True),
        ({"is_restricted": True}, False, False),
        ({"is_ultra_restricted": True}, False, False),
    ],
)
def test_what_slack_says_of_an_account_counts(desk, taps, said, bot, stranger):
    with_user(desk, **said)

    taps.send("mention")

    assert (seen_once(taps).bot, seen_once(taps).stranger) == (bot, stranger)


@pytest.mark.parametrize("event", [{"bot_id": "B0OTHER"}, {"user": "USLACKBOT"}, {"user": None}])
def test_what_an_app_or_slack_itself_posts_is_a_bots(taps, event):
    taps.send("mention", **event)

    assert seen_once(taps).bot


@pytest.mark.parametrize(
    ("said", "email"),
    [
        ({"is_email_confirmed": True}, "jo@example.org"),
        ({}, "jo@example.org"),
        ({"is_email_confirmed": False}, ""),
        ({"is_email_confirmed": None}, ""),
    ],
)
def test_an_email_counts_only_when_it_is_confirmed(desk, taps, said, email):
    with_user(desk, **said)

    taps.send("mention")

    assert seen_once(taps).email == email


@pytest.mark.parametrize("fault", ["user_not_found", "ratelimited", TimeoutError("slow"), OSError("down")])
@pytest.mark.parametrize("name", ["mention", "command", "press"])
def test_where_slack_cannot_say_the_payload_itself_is_enough(desk, taps, fault, name):
    desk.slack.answers["users.info"] = fault if isinstance(fault, str) else raising(fault)

    taps.send(name)

    assert (seen_once(taps).user, seen_once(taps).team, seen_once(taps).email) == (JO, TEAM, "")
    assert desk.parts.recognising.known(seen_once(taps)).reporter.handle == JO


def test_where_slack_cannot_say_a_stranger_is_still_told_by_the_payload(desk, taps):
    desk.slack.answers["users.info"] = "user_not_visible"

    taps.send("mention", user_team="T0OTHER", team="T0OTHER")

    assert seen_once(taps).stranger


def test_where_slack_says_nothing_the_app_itself_is_thought_to_be_where_the_payload_comes_from(desk, taps):
    desk.slack.answers["auth.test"] = raising(OSError("down"))

    taps.send("command")

    assert (seen_once(taps).team, seen_once(taps).stranger) == (TEAM, False)


def test_groups_are_not_asked_for_when_no_school_names_any(desk, taps):
    taps.send("mention")

    assert desk.slack.sent("usergroups.list") == []


def test_the_user_groups_that_schools_name_are_asked_for_once(tmp_path):
    schools = {
        name: another_school(name, slack={"team": TEAM, "user_groups": [group]})
        for name, group in (("ash", "S1"), ("bay", "S2"))
    }
    desk = SlackDesk(tmp_path, schools)
    listed = [{"id": "S1", "users": ["U0SAM"]}, {"id": "S2", "users": [JO]}, {"id": "S3", "users": [JO]}]
    desk.slack.answers["usergroups.list"] = {"usergroups": listed}

    known = [desk.parts.who.known(desk.slack, {"user_id": user, "team_id": TEAM}) for user in (JO, "U0SAM")]

    assert [each.school.id for each in known] == ["bay", "ash"]
    assert desk.slack.sent("usergroups.list") == [{"include_users": True}]


@pytest.mark.parametrize(
    ("fault", "asked"), [("missing_scope", 1), ("plan_upgrade_required", 1), ("ratelimited", 2)]
)
def test_without_the_scope_for_groups_there_are_none_and_nobody_asks_all_the_time(tmp_path, fault, asked):
    desk = SlackDesk(tmp_path, slack={**SLACK, "user_groups": ["S1"]})
    desk.slack.answers["usergroups.list"] = fault

    seen = [desk.parts.who.sighting(desk.slack, {"user_id": JO, "team_id": TEAM}) for _ in range(2)]

    assert seen == [JO_SEEN, JO_SEEN]
    assert len(desk.slack.sent("usergroups.list")) == asked


def test_a_glimpse_asks_slack_nothing(desk):
    body = {"user": {"id": JO, "team_id": TEAM}, "team": {"id": TEAM}, "channel": {"id": "D0JO"}}

    first = desk.parts.who.glimpse(body)
    desk.parts.who.sighting(desk.slack, body)
    calls = len(desk.slack.calls)

    assert first == Sighting(TEAM, JO)
    assert (desk.parts.who.glimpse(body), len(desk.slack.calls)) == (JO_SEEN, calls)


def test_an_app_that_knows_its_workspace_does_not_ask_for_it(desk):
    who = Who(desk.parts.recognising, TEAM)

    assert who.sighting(desk.slack, {"user_id": JO, "team_id": TEAM}) == JO_SEEN
    assert desk.slack.sent("auth.test") == []


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"user": None, "event": "text", "team": 3, "channel": ["C1"], "authorizations": [None], "view": []},
        {"user": {"id": 7}, "authorizations": {"team_id": "T1"}, "container": "C1"},
    ],
)
def test_an_odd_payload_is_nobodys(desk, odd):
    seen = desk.parts.who.sighting(desk.slack, odd)

    assert (seen.user, seen.channel, seen.bot) == ("", "", True)
    assert desk.slack.sent("users.info") == []


def test_answers_are_kept_for_a_while_and_in_bounds():
    now = [0.0]
    kept = Kept(300, 2, lambda: now[0])
    asked = []

    def ask(key):
        return kept.get(key, lambda: asked.append(key) or key)

    for key in ("a", "a", "b", "c", "a"):
        ask(key)
    assert asked == ["a", "b", "c", "a"]
    now[0] = 301
    ask("a")
    assert asked == ["a", "b", "c", "a", "a"]


def test_an_old_answer_is_better_than_none():
    now = [0.0]
    kept = Kept(300, 2, lambda: now[0])
    kept.get("a", lambda: "old")
    now[0] = 301

    assert kept.get("a", raising(OSError("down"))) == "old"
    with pytest.raises(OSError, match="down"):
        kept.get("b", raising(OSError("down")))


def test_what_was_heard_more_than_an_hour_ago_counts_for_nothing():
    now = [0.0]
    kept = Kept(300, 2, lambda: now[0])
    kept.get("a", lambda: "old")

    now[0] = OLD_S - 1
    assert kept.last("a") == "old"
    now[0] = OLD_S
    assert kept.last("a") is None
    with pytest.raises(OSError, match="down"):
        kept.get("a", raising(OSError("down")))


def test_a_slack_that_hangs_is_asked_once_however_many_wait_for_it():
    kept, slow, asked = Kept(), threading.Event(), []

    def ask():
        asked.append(True)
        slow.wait(10)
        return "late"

    for _ in range(5):
        with pytest.raises(TimeoutError):
            kept.get("a", ask, patience=0.01)
    slow.set()
    kept._asking.shutdown()

    assert (len(asked), kept.last("a")) == (1, "late")


@pytest.fixture
def grouped(tmp_path):
    """A school that names a user group, so that two things are asked of Slack."""
    desk = SlackDesk(tmp_path, slack={**SLACK, "user_groups": ["S1"]})
    desk.slack.answers["usergroups.list"] = {"usergroups": [{"id": "S1", "users": [JO]}]}
    return desk


def test_the_user_and_the_groups_are_asked_for_at_the_same_time(grouped, monkeypatch):
    monkeypatch.setattr(who, "PATIENCE_S", 10)
    both = threading.Barrier(2, timeout=5)
    answers = grouped.slack.answers
    user = {"user": {"id": JO, "team_id": TEAM, "profile": {"real_name": "Jo"}}}
    listed = answers["usergroups.list"]
    answers["users.info"] = lambda _: (both.wait(), user)[1]
    answers["usergroups.list"] = lambda _: (both.wait(), listed)[1]

    seen = grouped.parts.who.sighting(grouped.slack, {"user_id": JO, "team_id": TEAM})

    assert (seen.name, seen.groups) == ("Jo", frozenset({"S1"}))


def test_safety_20_all_that_is_asked_has_one_deadline_so_that_the_store_has_its_two_seconds(
    grouped, monkeypatch
):
    monkeypatch.setattr(who, "PATIENCE_S", 60)
    now, slow = [0.0], threading.Event()
    grouped.slack.answers["users.info"] = lambda _: (now.__setitem__(0, 61.0), {"user": {"id": JO}})[1]
    listed = grouped.slack.answers["usergroups.list"]
    grouped.slack.answers["usergroups.list"] = lambda _: (slow.wait(5), listed)[1]

    seen = Who(grouped.parts.recognising, TEAM, now=lambda: now[0]).sighting(
        grouped.slack, {"user_id": JO, "team_id": TEAM}
    )
    slow.set()

    assert seen == Sighting(TEAM, JO)


def test_whoever_sends_a_view_is_not_waited_for_while_they_were_seen_lately(grouped, monkeypatch):
    slow, seeing = threading.Event(), grouped.parts.who
    body = {"type": "view_submission", "user": {"id": JO, "team_id": TEAM}, "team": {"id": TEAM}}
    first = seeing.sighting(grouped.slack, body)
    for kept in (seeing.members, seeing.groups):
        monkeypatch.setattr(kept, "_seconds", 0)
    monkeypatch.setattr(who, "PATIENCE_S", 60)
    for method in ("users.info", "usergroups.list"):
        grouped.slack.answers[method] = lambda _: (slow.wait(5), {})[1]

    again = seeing.sighting(grouped.slack, body)
    slow.set()

    assert again == first
    assert first.groups == {"S1"}


def test_nobody_waits_for_a_slow_answer_and_it_is_kept_for_the_next_time():
    kept, slow = Kept(), threading.Event()

    def ask():
        slow.wait(10)
        return "late"

    with pytest.raises(TimeoutError):
        kept.get("a", ask, patience=0.01)
    slow.set()
    kept._asking.shutdown()

    assert kept.last("a") == "late"


def raising(error):
    def fail(*_):
        raise error

    return fail


def test_a_view_that_was_opened_elsewhere_names_the_apps_own_workspace(desk):
    view = a_view(blocks.modal("any", "Any", [blocks.section("Any")])) | {"app_installed_team_id": TEAM}
    with_user(desk, team_id="T0OTHER")

    seen = desk.parts.who.sighting(desk.slack, {"user": {"id": JO}, "team": {"id": "T0OTHER"}, "view": view})

    assert seen.stranger
