"""Asking in Slack through the real app: mention, direct message, command, shortcut, buttons; failures too."""

import json
import logging
import threading

import pytest

from bot.domain import gate
from bot.domain.answers import Outcome
from bot.domain.notices import NoticeKind
from bot.errors import StaleIndex, StoreBusy
from bot.slack import cards, feedback, greeting, ids, places, replying, sharing
from bot.slack.asking import AskingListeners
from tests.fakes import a_citation
from tests.slack_desk import TEXTS, SlackDesk
from tests.slack_kit import BOT, JO, TEAM, a_view, read
from tests.unit.test_slack_cards import buttons, quoted

PLAIN = "May staff use the school's own accounts?"
URGENT = "she just told me her dad hits her"
REPORT = "a y9 has requested me on insta this morning"
RULE = TEXTS["6.2"]
URL = "http://127.0.0.1:9/response"


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


def posts(desk, channel=None):
    """What was posted, in *channel* or anywhere."""
    sent = desk.slack.sent("chat.postMessage")
    return [each for each in sent if channel in (None, each["channel"])]


def everywhere(desk, *channels):
    """All that was shown in *channels*, as text."""
    calls = (said for _, said in desk.slack.calls if said.get("channel") in channels)
    return json.dumps([said for said in calls if "user" not in said])


def raised(desk):
    """The messages for which somebody will be told to ring, if nobody presses."""
    return desk.waiting(NoticeKind.RING_SENDER)


# Where a question may be asked


def test_a_mention_is_answered_in_the_thread_with_the_clause(desk):
    response = desk.bench.mention(PLAIN, ts="1790000100.000300")

    (said,) = posts(desk)
    assert response.status == 200
    assert (said["channel"], said["thread_ts"]) == ("C0STAFF", "1790000100.000300")
    assert RULE in quoted(said["blocks"])
    assert said["text"] == replying.POLICY_SAYS


def test_a_mention_in_a_thread_is_answered_in_that_thread(desk):
    desk.bench.mention(PLAIN, thread_ts="1790000001.000100")

    assert posts(desk)[0]["thread_ts"] == "1790000001.000100"


def test_a_direct_message_is_answered_there(desk):
    desk.bench.direct(PLAIN)

    (said,) = posts(desk)
    assert said["channel"] == "D0JO"
    assert "thread_ts" not in said
    assert RULE in quoted(said["blocks"])


def test_the_command_answers_in_private_after_a_sign_of_life(desk):
    response = desk.bench.command("/policy", PLAIN)

    (said,) = desk.slack.sent("respond")
    assert json.loads(response.body) == {"response_type": "ephemeral", "text": greeting.SIGN_OF_LIFE}
    assert said["response_type"] == "ephemeral"
    assert RULE in quoted(said["blocks"])
    assert posts(desk) == []


def test_the_shortcut_answers_in_private_about_the_text_of_the_message(desk):
    desk.bench.shortcut("policy_of_message", {"text": PLAIN, "user": "U0AMY"})

    (said,) = desk.slack.sent("respond")
    assert said["response_type"] == "ephemeral"
    assert RULE in quoted(said["blocks"])
    assert posts(desk) == []


@pytest.mark.parametrize("send", ["mention", "direct"])
def test_an_empty_question_gets_what_can_be_asked_and_the_forms(desk, send):
    getattr(desk.bench, send)("  ")

    (said,) = posts(desk)
    assert replying.WHAT_TO_ASK in read(said["blocks"])
    assert [block["accessory"]["action_id"] for block in said["blocks"][1:]] == [ids.OPEN_FORM] * 4


def test_an_empty_command_gets_the_same_in_private(desk):
    desk.bench.command("/policy")

    assert replying.WHAT_TO_ASK in read(desk.slack.sent("respond")[0]["blocks"])


@pytest.mark.parametrize(
    "event",
    [
        {"subtype": "message_changed", "message": {"text": PLAIN, "user": JO}},
        {"subtype": "message_deleted"},
        {"subtype": "bot_message", "bot_id": "B0OTHER"},
        {"bot_id": "B0OTHER"},
        {"channel_type": "channel"},
    ],
)
def test_edits_deletions_bots_and_other_channels_are_taken_note_of_and_not_answered(desk, event):
    response = desk.bench.direct(PLAIN, **event)

    assert (response.status, desk.slack.calls) == (200, [])


def test_markup_is_read_as_words(desk):
    desk.bench.direct("May I join <#C012|staff-room> &amp; read <https://example.org|the page>?")

    value = buttons(posts(desk)[0]["blocks"])[cards.UNHELPFUL]
    assert cards.card_of(value)[1] == "May I join #staff-room & read the page?"


def test_a_repeated_event_is_answered_once(desk):
    event = {"type": "app_mention", "user": JO, "text": PLAIN, "channel": "C0STAFF", "ts": "1.2"}

    first, second = (desk.bench.event(event, event_id="Ev900") for _ in range(2))

    assert (first.status, second.status, len(posts(desk))) == (200, 200, 1)


def test_one_message_that_comes_as_two_events_is_answered_once(desk):
    for number in (901, 902):
        desk.bench.direct(PLAIN, ts="1790000200.000100", event_id=f"Ev{number}")

    assert len(posts(desk)) == 1


# SAFETY 8 and 10: urgent messages and reports


def test_safety_10_an_urgent_mention_is_answered_by_direct_message_and_not_repeated_in_public(desk):
    desk.bench.mention(URGENT)

    (said,) = posts(desk)
    (aside,) = desk.slack.sent("chat.postEphemeral")
    assert said["channel"] == "D0JO"
    assert "999" in json.dumps(said["blocks"])
    assert (aside["channel"], aside["user"], aside["text"]) == ("C0STAFF", JO, places.SENT_PRIVATELY)
    assert "blocks" not in aside
    assert everywhere(desk, "C0STAFF") == "[]"


@pytest.mark.parametrize(("send", "asked"), [("mention", True), ("direct", False)])
def test_safety_10_the_sender_is_asked_to_delete_the_public_message_once_it_is_stored(desk, send, asked):
    getattr(desk.bench, send)(URGENT)
    (said,) = posts(desk)

    desk.bench.press(ids.TELL_NOW, buttons(said["blocks"])[ids.TELL_NOW], message={"blocks": said["blocks"]})

    shown = json.dumps(desk.slack.sent("chat.update")[0]["blocks"])
    assert ("please delete it now" in shown, "C0STAFF" in shown) == (asked, asked)


def test_safety_8_an_urgent_message_is_held_before_the_event_is_acknowledged(desk):
    order = []
    take, post = desk.parts.raising.take, desk.slack.chat_postMessage
    object.__setattr__(desk.parts.raising, "take", lambda *args: order.append("held") or take(*args))
    desk.slack.chat_postMessage = lambda **said: order.append("drawn") or post(**said)
    runner = desk.bench.app.listener_runner
    runner.listener_executor = Later()

    response = desk.bench.direct(URGENT)

    assert (response.status, order, len(raised(desk))) == (200, ["held"], 1)
    runner.listener_executor.run()
    assert order == ["held", "drawn"]
    assert desk.poked


class Later:
    """An executor that runs what it was given when it is told to."""

    def __init__(self):
        self.work = []

    def submit(self, work):
        self.work.append(work)

    def run(self):
        for work in self.work:
            work()


@pytest.mark.parametrize(
    "send",
    [
        lambda bench: bench.mention(URGENT),
        lambda bench: bench.direct(URGENT),
        lambda bench: bench.command("/policy", URGENT),
        lambda bench: bench.shortcut("policy_of_message", {"text": URGENT, "user": "U0AMY"}),
    ],
)
def test_safety_8_every_way_of_asking_holds_an_urgent_message_and_offers_both_buttons(desk, send):
    send(desk.bench)

    (said,) = posts(desk, "D0JO")
    found = buttons(said["blocks"])
    assert len(raised(desk)) == 1
    assert {ids.TELL_NOW, ids.ONLY_A_QUESTION} <= set(found)
    assert URGENT not in json.dumps([said for name, said in desk.slack.calls if name == "respond"])


def test_safety_10_a_report_from_a_channel_goes_by_direct_message_with_its_form(desk):
    desk.bench.mention(REPORT)

    (said,) = posts(desk)
    assert said["channel"] == "D0JO"
    assert buttons(said["blocks"])[ids.OPEN_FORM].startswith("friend-request fernhill\n")
    assert replying.DELETE_ONCE_SENT in read(said["blocks"])
    assert everywhere(desk, "C0STAFF") == "[]"
    assert raised(desk) == []


def test_safety_10_a_report_by_command_goes_by_direct_message_for_an_ephemeral_may_be_missed(desk):
    desk.bench.command("/policy", REPORT)

    assert [said["channel"] for said in posts(desk)] == ["D0JO"]
    assert [said["text"] for said in desk.slack.sent("respond")] == [places.SENT_PRIVATELY]


def test_safety_10_where_no_direct_message_can_be_sent_the_urgent_reply_is_shown_to_the_sender_alone(desk):
    desk.slack.answers["conversations.open"] = "user_disabled"

    desk.bench.mention(URGENT)

    (aside,) = desk.slack.sent("chat.postEphemeral")
    assert "999" in json.dumps(aside["blocks"])
    assert everywhere(desk, "C0STAFF") == "[]"


@pytest.mark.parametrize("error", [StoreBusy("busy")])
def test_safety_20_an_urgent_message_that_could_not_be_held_is_never_said_to_be_kept(desk, error):
    def fail(*_):
        raise error

    object.__setattr__(desk.parts.raising, "take", fail)

    desk.bench.mention(URGENT)

    shown = read(posts(desk)[0]["blocks"])
    assert shown[0].startswith("NOT SAVED")
    assert buttons(posts(desk)[0]["blocks"]) == {}
    assert "999" in json.dumps(posts(desk)[0]["blocks"])
    assert raised(desk) == []


def test_an_urgent_message_that_could_not_be_held_is_tried_again_after_the_acknowledgement(desk):
    take, tried = desk.parts.raising.take, []

    def once(*args):
        tried.append(args)
        if len(tried) == 1:
            raise StoreBusy("busy")
        return take(*args)

    object.__setattr__(desk.parts.raising, "take", once)

    desk.bench.direct(URGENT)

    assert (len(tried), len(raised(desk))) == (2, 1)
    assert "NOT SAVED" not in json.dumps(posts(desk)[0]["blocks"])


# SAFETY 2: files


@pytest.mark.parametrize("text", ["", PLAIN])
@pytest.mark.parametrize("send", ["mention", "direct"])
def test_safety_2_a_file_in_a_message_is_never_fetched_and_gets_the_gate_question_in_private(
    desk, send, text
):
    getattr(desk.bench, send)(text, subtype="file_share", files=[{"id": "F0PIC", "url_private": URL}])

    asked = [said for said in posts(desk, "D0JO") if gate.UNASKED_FILE in read(said["blocks"])]
    assert len(asked) == 1
    assert {cards.WHICH_FORM, ids.OPEN_FORM} & set(buttons(asked[0]["blocks"]))
    assert desk.attachments.fetched == []
    assert "F0PIC" not in json.dumps(desk.slack.calls)
    assert (RULE in json.dumps(posts(desk))) == bool(text)


def test_safety_2_a_file_in_a_message_that_is_asked_about_by_shortcut_is_not_fetched_either(desk):
    desk.bench.shortcut("policy_of_message", {"text": PLAIN, "user": "U0AMY", "files": [{"id": "F0PIC"}]})

    assert gate.UNASKED_FILE in json.dumps(posts(desk, "D0JO"), ensure_ascii=False)
    assert desk.attachments.fetched == []


# Follow-ups


def thread(*messages):
    return {"messages": [{"ts": f"1790000000.{at:06}", **each} for at, each in enumerate(messages)]}


def test_a_follow_up_in_a_thread_is_answered_with_the_question_before_it(desk):
    desk.slack.answers["conversations.replies"] = thread(
        {"user": JO, "text": f"<@{BOT}> {PLAIN}"},
        {"user": BOT, "bot_id": "B0BOT", "text": "What the policy says"},
        {"user": "U0AMY", "text": f"<@{BOT}> May I wear jeans?"},
        {"user": JO, "text": "not to the bot, may I wear a hat?"},
    )

    desk.bench.mention("and what about governors?", thread_ts="1790000000.000000")

    value = buttons(posts(desk)[0]["blocks"])[cards.UNHELPFUL]
    assert cards.card_of(value)[1] == f"and what about governors? {PLAIN}"


def test_safety_10_an_urgent_message_in_the_thread_is_never_used_for_a_follow_up(desk):
    desk.slack.answers["conversations.replies"] = thread(
        {"user": JO, "text": PLAIN}, {"user": JO, "text": URGENT}, {"user": JO, "text": REPORT}
    )

    desk.bench.direct("and what about governors?", thread_ts="1790000000.000000")

    assert URGENT not in json.dumps(posts(desk))
    assert REPORT not in json.dumps(posts(desk))
    assert PLAIN in json.dumps(posts(desk))


def test_a_follow_up_is_answered_alone_where_the_thread_cannot_be_read(desk):
    desk.slack.answers["conversations.replies"] = "missing_scope"

    desk.bench.mention("and what about governors?", thread_ts="1790000000.000000")

    value = buttons(posts(desk)[0]["blocks"])[cards.UNHELPFUL]
    assert cards.card_of(value)[1] == "and what about governors?"


def test_the_thread_is_not_read_for_a_question_that_stands_alone(desk):
    desk.bench.mention(PLAIN, thread_ts="1790000000.000000")

    assert desk.slack.sent("conversations.replies") == []


# Before the policies are loaded, and when they cannot be


def test_while_the_policies_load_there_is_a_sign_of_life_and_then_the_answer(desk):
    desk.is_ready = False

    desk.bench.mention(PLAIN)

    names = [name for name, _ in desk.slack.calls if name.startswith("chat.")]
    assert names == ["chat.postEphemeral", "chat.postMessage"]
    assert desk.slack.sent("chat.postEphemeral")[0]["text"] == greeting.SIGN_OF_LIFE
    assert RULE in quoted(posts(desk)[0]["blocks"])


def busy(desk, until):
    """A search that is not answered before *until* is set; "late" where nobody sets it."""
    find = desk.retrieval.find

    def search(school, question):
        assert until.wait(20), "late"
        return find(school, question)

    desk.retrieval.find = search


@pytest.mark.parametrize(
    ("ask", "method", "channel"),
    [("mention", "chat.postEphemeral", "C0STAFF"), ("direct", "chat.postMessage", "D0JO")],
)
def test_whoever_waits_for_a_busy_index_is_given_one_sign_of_life_and_then_the_answer(
    desk, monkeypatch, ask, method, channel
):
    monkeypatch.setattr(greeting, "AFTER_S", 0.01)
    greeted = threading.Event()
    desk.slack.answers[method] = lambda said: greeted.set() or {}
    busy(desk, greeted)

    getattr(desk.bench, ask)(PLAIN)

    said = [(name, said["channel"]) for name, said in desk.slack.calls if name.startswith("chat.")]
    sign, answer = [said for name, said in desk.slack.calls if name.startswith("chat.")]
    assert said == [(method, channel), ("chat.postMessage", channel)]
    assert sign["text"] == greeting.SIGN_OF_LIFE
    assert RULE in quoted(answer["blocks"])
    assert waiting() == []


def test_a_follow_up_that_is_slow_to_read_is_given_a_sign_of_life_too(desk, monkeypatch):
    greeted, begun = threading.Event(), threading.Event()
    monkeypatch.setattr(greeting, "AFTER_S", 0.01)
    desk.slack.answers["chat.postEphemeral"] = lambda said: greeted.set() or {}
    desk.slack.answers["conversations.replies"] = lambda said: begun.set() or {"messages": []}
    busy(desk, greeted)

    desk.bench.mention("and what about governors?", thread_ts="1790000000.000000")

    assert begun.is_set()
    assert len(desk.slack.sent("chat.postEphemeral")) == 1


@pytest.mark.parametrize("said", [PLAIN, URGENT, ""])
def test_whoever_is_answered_at_once_is_given_no_sign_of_life_and_nothing_waits_to_say_it(
    desk, monkeypatch, said
):
    monkeypatch.setattr(greeting, "AFTER_S", 60)

    desk.bench.mention(said)

    assert greeting.SIGN_OF_LIFE not in json.dumps(desk.slack.calls)
    assert waiting() == []


def test_of_a_message_that_is_refused_nothing_waits_to_be_said(desk, monkeypatch):
    monkeypatch.setattr(greeting, "AFTER_S", 60)

    desk.bench.mention(PLAIN, user="U0FAR")

    assert waiting() == []


def test_an_answer_does_not_come_before_the_sign_of_life_that_is_being_said(desk, monkeypatch):
    monkeypatch.setattr(greeting, "AFTER_S", 0.01)
    saying, asked = threading.Event(), threading.Event()
    desk.slack.answers["chat.postEphemeral"] = lambda said: saying.set() or asked.wait(20) and {}
    busy(desk, saying)
    over = greeting.SignOfLife.over
    monkeypatch.setattr(greeting.SignOfLife, "over", lambda sign: asked.set() or over(sign))

    desk.bench.mention(PLAIN)

    assert len(posts(desk)) == 1
    assert waiting() == []


def waiting():
    """The timers that still run."""
    return [each for each in threading.enumerate() if isinstance(each, threading.Timer)]


def test_safety_6_an_urgent_message_is_answered_at_once_while_the_policies_load(desk):
    desk.is_ready = False
    desk.retrieval.fail_with(AssertionError("the index was asked"))

    desk.bench.direct(URGENT)

    assert "999" in json.dumps(posts(desk)[0]["blocks"])
    assert len(raised(desk)) == 1


def test_safety_8_what_only_the_loaded_model_finds_urgent_is_held_then(desk):
    desk.is_ready = False
    desk.retrieval.found = {
        "likeness": {"route/urgent": 0.9, "route/report": 0.1, "route/question": 0.1, "report-concern": 0.9}
    }

    desk.bench.mention("it happened at home")

    assert [said["channel"] for said in posts(desk)] == ["D0JO"]
    assert len(raised(desk)) == 1


@pytest.mark.parametrize("ready", [True, False])
@pytest.mark.parametrize("send", ["mention", "direct"])
def test_safety_31_when_no_policy_can_be_read_that_is_said_with_whom_to_ring(desk, send, ready):
    desk.is_ready = ready
    desk.retrieval.fail_with(StaleIndex("damaged"))

    getattr(desk.bench, send)(PLAIN)

    shown = "\n".join(read(posts(desk)[-1]["blocks"]))
    assert StaleIndex.user_message in shown
    assert "01632 960301" in shown
    assert "999" in shown


def test_an_answer_that_a_channel_does_not_take_goes_by_direct_message(desk):
    desk.slack.answers["chat.postMessage"] = lambda said: (
        "is_archived" if said["channel"] == "C0STAFF" else {}
    )

    desk.bench.mention(PLAIN)

    assert [said["channel"] for said in posts(desk)] == ["C0STAFF", "D0JO"]


def test_safety_31_a_stranger_gets_numbers_and_no_policy(desk):
    desk.bench.mention(PLAIN, user="U0FAR")

    assert RULE not in json.dumps(desk.slack.calls)
    assert "999" in json.dumps(desk.slack.calls)


# The buttons of a card


def card_of(desk, question=PLAIN, **found):
    """The blocks of the card that *question* gets, as Slack hands the message back."""
    desk.retrieval.outcome = found.get("outcome", Outcome.ANSWER)
    desk.bench.mention(question)
    return posts(desk)[-1]["blocks"]


@pytest.mark.parametrize(("action", "expected"), [(cards.HELPFUL, (1, 0)), (cards.UNHELPFUL, (0, 1))])
def test_helpful_and_not_helpful_are_counted_and_replaced_by_thanks(desk, action, expected):
    drawn = card_of(desk)

    desk.bench.press(
        action, buttons(drawn)[action], channel="C0STAFF", message={"blocks": drawn, "text": "t"}
    )

    (said,) = desk.slack.sent("chat.update")
    assert desk.parts.wondering.counts("fernhill", "cat") == {"6.2": expected}
    assert not {cards.HELPFUL, cards.UNHELPFUL} & set(buttons(said["blocks"]))
    assert {cards.WHICH_FORM, ids.OPEN_FORM} & set(buttons(said["blocks"]))
    assert any(text.startswith("Thank you") for text in read(said["blocks"]))


def test_a_double_click_is_counted_once(desk):
    drawn = card_of(desk)

    for _ in range(2):
        desk.bench.press(cards.HELPFUL, buttons(drawn)[cards.HELPFUL], message={"blocks": drawn})

    assert desk.parts.wondering.counts("fernhill", "cat") == {"6.2": (1, 0)}


def test_on_a_card_that_only_one_person_sees_thanks_are_said_below(desk):
    desk.bench.command("/policy", PLAIN)
    value = buttons(desk.slack.sent("respond")[0]["blocks"])[cards.UNHELPFUL]

    desk.bench.press(cards.UNHELPFUL, value)

    said = desk.slack.sent("respond")[-1]
    assert said["replace_original"] is False
    assert cards.SEND in buttons(said["blocks"])


def test_more_opens_the_linked_and_the_next_clauses(desk):
    drawn = card_of(desk)

    desk.bench.press(cards.MORE, buttons(drawn)[cards.MORE], channel="C0STAFF")

    (said,) = desk.slack.sent("views.open")
    assert TEXTS["4.1"] in quoted(said["view"]["blocks"])


def test_more_while_the_policies_load_is_shown_without_a_trigger_that_would_expire(desk):
    drawn = card_of(desk)
    desk.is_ready = False

    desk.bench.press(cards.MORE, buttons(drawn)[cards.MORE], channel="C0STAFF")

    sign, shown = desk.slack.sent("respond")
    assert sign["text"] == greeting.SIGN_OF_LIFE
    assert TEXTS["4.1"] in quoted(shown["blocks"])
    assert desk.slack.sent("views.open") == []


def test_a_trigger_that_has_expired_is_said_with_the_button_again(desk):
    drawn = card_of(desk)
    desk.slack.answers["views.open"] = "expired_trigger_id"

    desk.bench.press(cards.MORE, buttons(drawn)[cards.MORE], channel="C0STAFF")

    assert cards.MORE in buttons(posts(desk)[-1]["blocks"])


def test_report_this_offers_every_form_where_nothing_points_to_one(desk):
    desk.bench.press(cards.WHICH_FORM, "May I wear jeans?")

    (said,) = desk.slack.sent("respond")
    values = [block["accessory"]["value"] for block in said["blocks"] if "accessory" in block]
    assert len(values) == 4
    assert all(value.endswith("\nMay I wear jeans?") for value in values)


# SAFETY 29: the question to the policy's owner


def test_safety_29_the_wording_is_shown_before_anything_is_kept(desk):
    drawn = card_of(desk, outcome=Outcome.NONE)

    desk.bench.press(cards.SEND, buttons(drawn)[cards.SEND], channel="C0STAFF")

    (said,) = desk.slack.sent("views.open")
    field = next(block for block in said["view"]["blocks"] if block["type"] == "input")
    assert field["element"]["initial_value"] == PLAIN
    assert PLAIN not in said["view"].get("private_metadata", "")
    assert desk.parts.wondering.listed("fernhill", "cat") == ()


def test_safety_29_the_wording_that_was_agreed_to_is_kept_and_not_who_asked(desk):
    view = a_view(feedback.wording_view("fernhill", PLAIN))

    response = desk.bench.submit(view, {feedback.WORDING: {"value": "May staff use an account?"}})

    (kept,) = desk.parts.wondering.listed("fernhill", "cat")
    assert kept.wording == "May staff use an account?"
    assert json.loads(response.body)["response_action"] == "update"


@pytest.mark.parametrize("wording", [None, "", URGENT, "May I follow Amy Ash?"])
def test_safety_29_what_is_no_plain_question_is_not_kept_and_the_field_says_so(desk, wording):
    view = a_view(feedback.wording_view("fernhill", PLAIN))

    response = desk.bench.submit(view, {feedback.WORDING: {"value": wording}})

    said = json.loads(response.body)
    assert said["response_action"] == "errors"
    assert list(said["errors"]) == [feedback.WORDING]
    assert desk.parts.wondering.listed("fernhill", "cat") == ()


# Sharing


def shared(desk, question=PLAIN, **message):
    value = cards.card_value("fernhill", question)
    desk.bench.press(cards.SHARE, value, channel="C0STAFF", message=message or None)
    return [said for said in desk.slack.sent("respond") if said["response_type"] == "in_channel"]


def test_a_plain_answer_of_the_command_can_be_shared_in_the_channel_with_its_question(desk):
    desk.bench.command("/policy", PLAIN)
    assert cards.SHARE in buttons(desk.slack.sent("respond")[0]["blocks"])

    (said,) = shared(desk)

    assert f"<@{JO}>" in read(said["blocks"])[0]
    assert PLAIN in "\n".join(read(said["blocks"]))
    assert RULE in quoted(said["blocks"])
    assert cards.SHARE not in buttons(said["blocks"])
    assert desk.slack.sent("respond")[-1]["text"] == sharing.SHARED


def test_it_is_shared_once_however_often_the_button_is_pressed(desk):
    shared(desk)

    assert len(shared(desk)) == 1


@pytest.mark.parametrize("words", [URGENT, REPORT])
def test_safety_10_nothing_urgent_and_no_report_is_shared_whatever_the_button_says(desk, words):
    assert shared(desk, words) == []
    assert [said["text"] for said in desk.slack.sent("respond")] == [sharing.NOT_PLAIN]


def test_an_answer_from_a_mention_has_nothing_to_share(desk):
    assert cards.SHARE not in buttons(card_of(desk))


# Who asks


def test_the_answer_after_choosing_a_school_goes_where_it_was_asked(desk):
    known = desk.parts.recognising.known(
        desk.parts.who.sighting(desk.slack, {"user": {"id": JO, "team_id": TEAM}})
    )
    asking = AskingListeners(desk.parts)

    asking.answer_to(desk.slack, known, PLAIN, "D0JO")

    assert RULE in quoted(posts(desk, "D0JO")[0]["blocks"])


def test_safety_10_an_urgent_question_after_choosing_a_school_goes_by_direct_message(desk):
    known = desk.parts.recognising.known(
        desk.parts.who.sighting(desk.slack, {"user": {"id": JO, "team_id": TEAM}})
    )
    asking = AskingListeners(desk.parts)

    asking.answer_to(desk.slack, known, URGENT, "C0STAFF", "1790000001.000100")

    assert [said["channel"] for said in posts(desk)] == ["D0JO"]
    assert len(raised(desk)) == 1


def test_a_listed_person_is_mentioned_as_the_one_to_ask(desk):
    desk.retrieval.write("fernhill", [a_citation("Staff must ask the head.", ask=("the head",))])

    desk.bench.mention("whom do staff ask")

    assert "<@U0CAT>" in "\n".join(read(posts(desk)[0]["blocks"]))


def test_safety_29_no_word_of_a_message_is_logged(desk, caplog):
    caplog.set_level(logging.DEBUG, logger="bot")

    for text in (PLAIN, URGENT, REPORT):
        desk.bench.mention(text)
        desk.bench.command("/policy", text)

    assert caplog.records
    for text in (PLAIN, URGENT, REPORT, "Jo Mint", "jo.mint"):
        assert text not in caplog.text
