"""What people see of errors in Slack, through a real App and with whole payloads."""

import json
import logging
from itertools import pairwise

import pytest
from slack_sdk.errors import SlackApiError

from bot.domain.triage import Form
from bot.errors import (
    BotError,
    FormError,
    Gone,
    NotAllowed,
    StaleCase,
    StoreBusy,
    StoreFailed,
    Stranger,
    WhichSchool,
)
from bot.slack import errors, ids
from bot.slack.asking import AskingListeners
from bot.slack.errors import ErrorListeners
from bot.slack.reporting import ReportListeners
from tests.fakes import a_school
from tests.scenario.slack_steps import FIELDS, Taps, a_form, a_page
from tests.slack_desk import SlackDesk, another_school
from tests.slack_kit import JO, TEAM

DSL, HEAD, CARE = "01632 960301", "01632 960303", "01632 960305"
URGENT = "A pupil in my class told me her dad is hitting her and she is scared to go home tonight"
WRITTEN = "Priya at no. 7"
EVERYWHERE = (
    "mention",
    "direct",
    "command",
    "press",
    "press in a channel",
    "press in a modal",
    "press at home",
    "shortcut",
    "home",
)


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def trust(tmp_path):
    """Ash and Bay in one workspace; a channel of each."""
    places = {"ash": "C0ASH", "bay": "C0BAY"}
    schools = {
        name: another_school(
            name, name=f"{name.title()} School", slack={"team": TEAM, "channels": {channel: "site"}}
        )
        for name, channel in places.items()
    }
    return SlackDesk(tmp_path, schools)


def failing(desk, error, late=False):
    """Listeners that raise *error*."""

    def fail(body, client):
        raise error

    return Taps(desk, fail, late)


def unclear(desk, late=False):
    """Listeners that need to know who it is."""
    return Taps(desk, lambda body, client: desk.parts.who.known(client, body), late)


def shown(desk):
    """Everything that was drawn, as one text."""
    drawn = [said for _, said in desk.slack.calls if "blocks" in said or "view" in said]
    return json.dumps(drawn, ensure_ascii=False)


def calls(desk):
    """What was said, and how."""
    ways = ("respond", "chat.postEphemeral", "chat.postMessage", "views.push", "views.open", "views.publish")
    return [method for method, _ in desk.slack.calls if method in ways]


def answered(response):
    assert response.status == 200
    return json.loads(response.body) if response.body else {}


def buttons(drawn):
    """The buttons in *drawn*, as (action id, value)."""
    if isinstance(drawn, list):
        return [each for part in drawn for each in buttons(part)]
    if not isinstance(drawn, dict):
        return []
    own = [(drawn["action_id"], drawn.get("value", ""))] if drawn.get("type") == "button" else []
    return own + [each for part in drawn.values() for each in buttons(part)]


def pressed(desk, school):
    """Choose *school* in the question that was drawn last."""
    drawn = [said for _, said in desk.slack.calls if "blocks" in said or "view" in said][-1]
    value = next(
        value for action, value in buttons(drawn) if action == ids.CHOOSE_SCHOOL and value.startswith(school)
    )
    ErrorListeners(desk.parts).register(desk.bench.app)
    return desk.bench.press(ids.CHOOSE_SCHOOL, value)


# Modals


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (StoreBusy("busy"), "NOT SAVED: the store is busy."),
        (StoreFailed("disk"), "NOT SAVED: the store cannot be written."),
        (Gone("d-1"), "NOT SAVED. This was open for too long"),
        (StaleCase("c-1"), "NOT SAVED. Somebody else has changed this case"),
        (BotError(WRITTEN), "NOT SAVED. Something went wrong on our side."),
        (ValueError(WRITTEN), "NOT SAVED. Something went wrong on our side."),
    ],
)
def test_what_is_not_stored_is_said_in_the_open_modal_with_a_number_to_ring_safety_20(desk, error, words):
    said = answered(failing(desk, error).send("submit"))

    assert said["response_action"] == "errors"
    assert list(said["errors"]) == [FIELDS[0]]
    told = said["errors"][FIELDS[0]]
    assert told.startswith(words)
    assert DSL in told
    assert "999" in told
    assert WRITTEN not in told


def test_a_concern_about_an_adult_is_not_sent_to_the_dsl_alone_safety_7(desk):
    said = answered(failing(desk, StoreBusy("busy")).send("submit"))

    assert f"About an adult who works or helps here: the head, Cat Cole, {HEAD}." in said["errors"][FIELDS[0]]


def test_where_the_head_is_the_dsl_the_chair_is_named_for_what_is_about_the_head_safety_7():
    same = a_school(people={"dsl": ["cat"], "head": ["cat"], "chair": ["dan"]})

    assert "About the head, who is the DSL too: the chair of governors, Dan Dale, 01632 960304." in (
        errors.ring(same)
    )


@pytest.mark.parametrize("metadata", ["", "nowhere 1"])
def test_without_a_school_that_is_certain_there_is_999_and_no_number_of_a_guess(trust, metadata):
    said = answered(failing(trust, StoreBusy("busy")).send("submit", view=a_form(metadata)))

    told = said["errors"][FIELDS[0]]
    assert "999" in told
    assert "your school office" in told
    assert "01632" not in told


def test_each_field_of_a_form_has_its_own_words_and_the_rest_stands_at_the_first(desk):
    error = FormError({"second": "Say when.", "where": "Say where.", "who": "Say who."})

    said = answered(failing(desk, error).send("submit"))

    assert said["errors"] == {"second": "Say when.", "first": "Say where. Say who."}


@pytest.mark.parametrize(
    ("place", "action"),
    [
        ({}, "push"),
        ({"root_view_id": "V0", "previous_view_id": "V0"}, "push"),
        ({"root_view_id": "V0", "previous_view_id": "V00"}, "update"),
    ],
)
def test_a_modal_without_fields_says_it_in_a_view_that_leads_back(desk, place, action):
    said = answered(failing(desk, StoreBusy("busy")).send("submit", view=a_page(**place)))

    assert said["response_action"] == action
    assert said["view"]["clear_on_close"] is False
    assert "submit" not in said["view"]
    assert "NOT SAVED: the store is busy" in json.dumps(said["view"])
    assert DSL in json.dumps(said["view"])


def test_after_the_modal_has_closed_nothing_false_is_said_of_what_is_stored(desk):
    response = failing(desk, ValueError("drawing"), late=True).send("submit")

    assert answered(response) == {}
    assert calls(desk) == ["chat.postMessage"]
    assert "NOT SAVED" not in shown(desk)
    assert "may not be saved" in shown(desk)


def test_an_error_after_an_acknowledgement_is_no_second_answer(desk):
    body = {"type": "block_actions", "user": {"id": JO}}

    said = ErrorListeners(desk.parts).on_error(Gone("d-1"), body, desk.slack, None, None)

    # Bolt fails where there is one.
    assert said is None


def test_a_modal_whose_sender_has_no_school_yet_stays_open_and_the_question_comes_by_message(trust):
    said = answered(unclear(trust).send("submit", view=a_form("")))

    assert said["errors"][FIELDS[0]].startswith("NOT SAVED. We do not know your school yet.")
    assert calls(trust) == ["chat.postMessage"]
    assert [value for _, value in buttons(trust.slack.sent("chat.postMessage"))] == [
        "ash\nagain",
        "bay\nagain",
    ]


# Everywhere else


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        ("mention", ["chat.postEphemeral"]),
        ("direct", ["chat.postMessage"]),
        ("command", ["respond"]),
        ("press", ["chat.postMessage"]),
        ("press in a channel", ["respond"]),
        ("press in a modal", ["views.push"]),
        ("press at home", ["views.open"]),
        ("shortcut", ["respond"]),
        ("home", ["views.publish"]),
    ],
)
@pytest.mark.parametrize("error", [NotAllowed("c-1"), ValueError(WRITTEN)])
def test_an_error_is_said_where_they_look_so_that_only_they_see_it(desk, name, ways, error):
    response = failing(desk, error).send(name)

    assert answered(response) == {}
    assert calls(desk) == ways
    words = error.user_message if isinstance(error, BotError) else "Something went wrong on our side"
    assert words in shown(desk)
    assert DSL in shown(desk)
    assert WRITTEN not in shown(desk)


@pytest.mark.parametrize("name", EVERYWHERE)
@pytest.mark.parametrize("error", [StoreBusy("busy"), StoreFailed("disk")])
def test_a_store_that_took_nothing_always_comes_with_numbers(desk, name, error):
    failing(desk, error).send(name)

    for words in ("NOT SAVED", "999", DSL, HEAD, CARE):
        assert words in shown(desk)


def test_what_was_not_stored_of_a_channel_goes_by_direct_message_safety_10(desk):
    failing(desk, StoreBusy("busy")).send("mention")

    assert calls(desk) == ["chat.postMessage", "chat.postEphemeral"]
    assert desk.slack.sent("chat.postMessage")[0]["channel"] == "D0JO"
    assert "blocks" not in desk.slack.sent("chat.postEphemeral")[0]


def test_an_urgent_message_gets_the_urgent_reply_whatever_failed_safety_6_7(desk):
    failing(desk, ValueError("any")).send("direct", text=URGENT)

    for words in ("ring 999", CARE, DSL, HEAD, "01632 960304", "01632 960307", "never the emergency route"):
        assert words in shown(desk)


@pytest.mark.parametrize(
    ("name", "method"),
    [
        ("mention", "chat.postEphemeral"),
        ("press in a modal", "views.push"),
        ("press at home", "views.open"),
        ("home", "views.publish"),
    ],
)
def test_where_one_way_is_closed_a_direct_message_carries_it(desk, name, method):
    desk.slack.answers[method] = "is_archived"

    failing(desk, NotAllowed("c-1")).send(name)

    assert calls(desk) == [method, "chat.postMessage"]
    assert "You cannot do that here." in json.dumps(desk.slack.sent("chat.postMessage"))


@pytest.mark.parametrize("name", [*EVERYWHERE, "submit"])
@pytest.mark.parametrize("fault", ["account_inactive", "is_archived"])
def test_an_error_about_somebody_who_left_ends_in_the_log(desk, caplog, name, fault):
    taps = failing(desk, StoreBusy("busy"))
    methods = ("chat.postEphemeral", "chat.postMessage", "conversations.open", "views.push", "views.open")
    desk.slack.answers |= dict.fromkeys((*methods, "views.publish", "users.info"), fault)

    answered(taps.send(name))

    assert "Traceback" not in caplog.text
    assert name in ("command", "shortcut", "press in a channel", "submit") or ".un" in caplog.text


def test_nobody_is_bothered_with_what_they_do_not_wait_for(desk):
    failing(desk, NotAllowed("c-1")).send("edited")

    assert calls(desk) == []


@pytest.mark.parametrize("name", [*EVERYWHERE, "submit"])
def test_the_log_has_the_type_of_an_error_and_no_word_of_the_payload_safety_29(desk, caplog, name):
    caplog.set_level(logging.DEBUG, "bot")
    taps = failing(desk, ValueError(WRITTEN))

    taps.send(name)

    kinds = {"submit": "view_submission", "command": "command", "shortcut": "message_action"}
    events = {"mention", "direct", "home"}
    kind = "event" if name in events else kinds.get(name, "block_actions")
    said = [(each.levelname, each.getMessage()) for each in caplog.records if each.name == "bot.slack.errors"]
    assert said == [("ERROR", f"slack.failed error=ValueError payload={kind}")]
    assert WRITTEN not in caplog.text


# Strangers


@pytest.mark.parametrize("user", ["U0FAR", "U0ROBOT"])
def test_strangers_and_bots_get_numbers_and_why_safety_31(desk, user):
    unclear(desk).send("mention", user, channel="C0DSL")

    reason = "another organisation" if user == "U0FAR" else "Bots are not answered"
    for words in (reason, "999", DSL, CARE):
        assert words in shown(desk)


def test_a_stranger_where_no_school_is_certain_gets_no_invented_number_safety_31(trust):
    unclear(trust).send("mention", "U0FAR")

    assert "999" in shown(trust)
    assert "children's social care" in shown(trust)
    assert "01632" not in shown(trust)


def test_a_stranger_in_a_schools_channel_gets_that_schools_numbers_safety_31(trust):
    unclear(trust).send("mention", "U0FAR", channel="C0BAY")

    assert DSL in shown(trust)


def test_somebody_of_a_workspace_that_no_school_names_gets_999_and_why_safety_31(desk):
    unclear(desk).send("command", team_id="T0FAR", user_id="U0FAR")

    assert "999" in shown(desk)
    assert "01632" not in shown(desk)


# Which school


@pytest.mark.parametrize(
    ("name", "more", "onward"),
    [
        ("mention", {"text": "Can I add a parent?"}, "ask Can I add a parent?"),
        ("direct", {"text": "Can I add a parent?"}, "ask Can I add a parent?"),
        ("direct", {"text": "word " * 400}, "again"),
        ("command", {"command": "/policy", "text": "Can I?"}, "ask Can I?"),
        ("command", {"command": "/policy"}, "again"),
        ("command", {"command": "/concern", "text": URGENT}, "form concern"),
        ("command", {"command": "/my-reports"}, "mine"),
        ("command", {"command": "/cases"}, "cases"),
        ("press", {"action": "report.form", "value": f"trolling\n{WRITTEN}"}, "form trolling"),
        ("press", {"action": "report.mine"}, "mine"),
        ("press", {}, "again"),
        ("shortcut", {}, "again"),
        ("home", {}, "home"),
    ],
)
def test_an_unclear_school_is_asked_with_a_button_each_and_999_above_it(trust, name, more, onward):
    unclear(trust).send(name, **more)

    drawn = next(said for _, said in trust.slack.calls if "blocks" in said or "view" in said)
    assert buttons(drawn) == [(ids.CHOOSE_SCHOOL, f"{school}\n{onward}") for school in ("ash", "bay")]
    told = json.dumps(drawn.get("blocks") or drawn["view"]["blocks"])
    order = [
        told.index(words) for words in ("999", "Which school is this about?", "Ash School", "Bay School")
    ]
    assert all(first < second for first, second in pairwise(order))


def test_what_discloses_something_is_in_no_button_and_the_urgent_words_come_first_safety_29(trust):
    unclear(trust).send("mention", text=URGENT)

    assert calls(trust) == ["chat.postMessage", "chat.postEphemeral"]
    assert "hitting" not in shown(trust)
    assert "if neither is safe to tell: the lado" in shown(trust).lower()


def test_a_trust_with_more_schools_than_a_message_has_blocks_is_asked_for_all_of_them(tmp_path):
    names = [f"s{number:02}" for number in range(70)]
    desk = SlackDesk(tmp_path, {name: another_school(name, slack={"team": TEAM}) for name in names})

    unclear(desk).send("direct", text="Can I " + "really " * 100)

    drawn = [value for _, value in buttons(desk.slack.sent("chat.postMessage"))]
    assert drawn == [f"{name}\nagain" for name in names]


def test_a_chosen_school_is_remembered_and_the_question_is_answered_in_private(trust, monkeypatch):
    asked = []
    monkeypatch.setattr(
        AskingListeners,
        "answer_to",
        lambda self, client, known, question, channel, thread_ts="": asked.append(
            (known.school.id, question, channel)
        ),
    )
    unclear(trust).send("mention", text="Can I add a parent?")

    response = pressed(trust, "bay")

    assert answered(response) == {}
    assert asked == [("bay", "Can I add a parent?", "D0JO")]
    assert trust.parts.who.known(trust.slack, {"user_id": JO, "team_id": TEAM}).school.id == "bay"
    said = trust.slack.sent("respond")[-1]
    assert said["replace_original"] is True
    assert "You are at Bay School." in json.dumps(said)
    assert buttons(said) == [(ids.CHOOSE_SCHOOL, "ash\nagain")]


def test_a_chosen_school_opens_the_form_with_the_fresh_trigger(trust, monkeypatch):
    opened = []
    monkeypatch.setattr(
        ReportListeners,
        "open",
        lambda self, client, trigger, known, form, words="": opened.append(
            (trigger, known.school.id, form, words)
        ),
    )
    unclear(trust).send("command", command="/concern", text=WRITTEN)

    pressed(trust, "ash")

    ((trigger, *rest),) = opened
    assert trigger.startswith("trigger-")
    assert rest == ["ash", Form.CONCERN, ""]


def test_the_answer_to_an_urgent_one_is_the_urgent_reply_of_the_school(trust):
    unclear(trust).send("direct", text=URGENT)

    pressed(trust, "bay")

    said = json.dumps(trust.slack.sent("chat.postMessage")[-1])
    for words in (DSL, HEAD, CARE, "Nobody has been told yet"):
        assert words in said


@pytest.mark.parametrize(
    ("name", "more", "drawn"),
    [
        ("command", {"command": "/my-reports"}, (ids.MY_REPORTS, "bay")),
        ("command", {"command": "/cases"}, (ids.LIST_CASES, "")),
    ],
)
def test_after_the_choice_what_was_asked_for_is_one_press_away(trust, name, more, drawn):
    unclear(trust).send(name, **more)

    pressed(trust, "bay")

    assert drawn in buttons(trust.slack.sent("respond")[-1])


def test_a_choice_that_was_not_stored_is_said_and_not_acted_on(trust, monkeypatch):
    def busy(*_):
        raise StoreBusy("busy")

    unclear(trust).send("command", command="/cases")
    monkeypatch.setattr(type(trust.parts.recognising), "choose", busy)

    pressed(trust, "bay")

    assert "NOT SAVED" in shown(trust)
    assert "That is remembered" not in shown(trust)


def test_a_choice_is_stored_before_it_is_acknowledged_safety_20(trust):
    order = []
    body = {"type": "block_actions", "user": {"id": JO}, "team": {"id": TEAM}}

    def ack():
        with trust.store.reading() as unit:
            order.append(unit.memo(f"place:{TEAM}:{JO}"))

    ErrorListeners(trust.parts).on_choice(ack, body, {"value": "bay\nagain"}, trust.slack, lambda **_: None)

    assert order == ["bay"]


@pytest.mark.parametrize("value", ["", "nowhere\nhome", "bay\nform nothing", "bay", "\n\n"])
def test_a_button_with_an_odd_value_ends_well(trust, value):
    unclear(trust)
    ErrorListeners(trust.parts).register(trust.bench.app)

    assert answered(trust.bench.press(ids.CHOOSE_SCHOOL, value)) == {}

    assert calls(trust)


# Triggers that expired


def too_late(cause="expired_trigger_id"):
    return SlackApiError("too late", {"ok": False, "error": cause})


@pytest.mark.parametrize(
    "cause", ["expired_trigger_id", "trigger_exchanged", "trigger_expired", "exchanged_trigger_id"]
)
@pytest.mark.parametrize("late", [True, False])
def test_a_form_that_took_too_long_to_open_is_one_press_away(desk, cause, late):
    failing(desk, too_late(cause), late).send("command", command="/concern")

    (said,) = desk.slack.sent("chat.postMessage")
    assert said["channel"] == "D0JO"
    assert "That took too long to open. Press again." in json.dumps(said)
    assert buttons(said) == [(ids.OPEN_FORM, "concern")]


@pytest.mark.parametrize(
    ("action", "value"),
    [("report.form", "trolling\nwords"), ("report.mine", ""), ("case.open", "fernhill 7K3M")],
)
def test_a_button_that_was_too_late_is_drawn_again(desk, action, value):
    failing(desk, too_late(), late=True).send("press", action=action, value=value)

    assert buttons(desk.slack.sent("chat.postMessage")) == [(action, value)]


def test_a_shortcut_that_was_too_late_is_to_be_chosen_again(desk):
    failing(desk, too_late(), late=True).send("shortcut")

    (said,) = desk.slack.sent("chat.postMessage")
    assert "choose it again" in json.dumps(said)
    assert buttons(said) == []


def test_a_form_that_took_too_long_after_the_choice_is_one_press_away(trust, monkeypatch):
    def late(*_):
        raise too_late()

    monkeypatch.setattr(ReportListeners, "open", late)
    unclear(trust).send("command", command="/concern")

    pressed(trust, "ash")

    assert buttons(trust.slack.sent("chat.postMessage")) == [(ids.OPEN_FORM, "concern ash")]


def test_any_other_no_of_slack_says_where_to_look_whether_it_is_stored(desk):
    failing(desk, too_late("channel_not_found"), late=True).send("submit")

    assert "/my-reports tells whether it is stored" in shown(desk)


@pytest.mark.parametrize(
    "body",
    [
        {"type": "view_submission", "view": {"callback_id": "tap", "type": "modal", "blocks": [None, {}, 3]}},
        {"type": "view_submission", "view": {"callback_id": "tap", "type": "modal"}},
        {
            "type": "block_actions",
            "actions": [{"action_id": "tap", "value": 3, "type": "button"}],
            "view": [],
        },
        {"command": "/tap", "text": None, "user_id": 7, "team_id": []},
    ],
)
def test_an_odd_payload_ends_well(desk, body):
    answered(failing(desk, StoreBusy("busy")).desk.bench.dispatch(body))


def test_the_stranger_error_of_anybody_is_shown_with_its_reason(desk):
    failing(desk, Stranger("U0X", "Because.")).send("command")

    assert "Because." in shown(desk)
    assert DSL in shown(desk)


def test_a_question_about_no_school_at_all_still_has_999(desk):
    failing(desk, WhichSchool(())).send("command")

    assert "999" in shown(desk)
