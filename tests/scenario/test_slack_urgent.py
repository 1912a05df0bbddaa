"""An urgent message in Slack, from the card to the receipt or the ring, through the real app."""

import re
import sqlite3
from contextlib import closing

import pytest
from slack_bolt import Ack

from bot.domain.cases import EventKind
from bot.domain.notices import NoticeKind
from bot.domain.triage import Form
from bot.domain.urgent import NOT_HELD, NOT_TOLD, ONE_PRESS, QUESTION, TELL_NOW
from bot.raising import OVER
from bot.slack import ids
from bot.slack.notifier import SlackNotifier
from bot.slack.urgent import NOT_KEPT, PRESSED_LATE
from bot.slack.urgent_card import BUTTONS, WAITING, urgent_blocks
from tests.fakes import a_citation
from tests.slack_desk import SlackDesk
from tests.slack_kit import JO, TEAM, FakeSlack, checked, read, tapped

CHILD = "A girl in my form has bruises and says her stepdad hit her"
ADULT = "A coach here hit a boy in year 8 and left bruises"
ABOUT_HEAD = "The head hit a boy in year 8 and left bruises"


class UrgentDesk(SlackDesk):
    """`SlackDesk` whose notices go out by Slack; `write` sends an urgent message and returns its card."""

    def __init__(self, tmp_path, **changes):
        self.notices = FakeSlack()
        super().__init__(tmp_path, notifiers=(SlackNotifier(self.notices),), **changes)

    def write(self, text=CHILD, user=JO):
        self.bench.direct(text, user)
        return self.card()

    def card(self):
        """The last card with buttons, and what stands in their value."""
        for said in reversed(self.slack.sent("chat.postMessage")):
            for block in said.get("blocks", ()):
                if block.get("block_id") == BUTTONS:
                    return said, block["elements"][0]["value"]
        raise AssertionError("no card")

    def press(self, action, value=None, user=JO, blocks=None, **more):
        card, kept = self.card()
        message = {"blocks": blocks if blocks is not None else card["blocks"]}
        return self.bench.press(action, value or kept, user, channel=f"D{user[1:]}", message=message, **more)

    def tell(self, **more):
        return self.press(ids.TELL_NOW, **more)

    def question(self, **more):
        return self.press(ids.ONLY_A_QUESTION, **more)

    def last(self, method="chat.postMessage"):
        return self.slack.sent(method)[-1]

    def rung(self, **time):
        """Whom Slack was told of a message that nobody decided on: (channel, words)."""
        self.clock.pass_by(**time)
        self.deliver()
        said = [(each["channel"], shown(each)) for each in self.notices.sent("chat.postMessage")]
        return [(channel, words) for channel, words in said if "ring" in words and "Rows:" not in words]

    def cases(self):
        return [each.case for each in self.waiting(NoticeKind.NEW_CASE)]


@pytest.fixture
def desk(tmp_path):
    return UrgentDesk(tmp_path)


def shown(said):
    """Everything that somebody reads in a message, line by line."""
    return "\n".join(read(said.get("blocks", ())))


def labels(said):
    return [
        each["text"]["text"]
        for block in said["blocks"]
        for each in block.get("elements", ())
        if "value" in each
    ]


def test_safety_6_the_card_says_999_and_social_care_first_with_numbers_to_tap(desk):
    card, _ = desk.write()

    assert tapped(card)[:3] == ["tel:999", "tel:01632960305", "tel:01632960306"]
    lines = shown(card)
    assert lines.index("999") < lines.index("social care") < lines.index("Then tell, in school:")
    assert "never the emergency route" in lines


def test_safety_7_the_card_says_whom_about_an_adult_about_the_head_and_where_neither_is_safe(desk):
    lines = shown(desk.write()[0])

    assert "tell the head, not the DSL" in lines
    assert "If it is about the head: tell the chair of governors." in lines
    assert "If neither is safe to tell: ring the LADO." in lines


def test_safety_8_the_card_has_two_buttons_and_says_what_happens_in_five_minutes(desk):
    card, _ = desk.write()

    assert labels(card) == [TELL_NOW, QUESTION]
    assert "in five minutes somebody in school whom your message does not name" in shown(card)


TOLD = ((ADULT, "cat", "amy"), (ABOUT_HEAD, "dan", "cat"), (CHILD, "amy", "dan"))


@pytest.mark.parametrize(("text", "told", "untold"), TOLD)
def test_safety_14_the_button_names_nobody_who_may_be_left_out_and_the_card_says_so(desk, text, told, untold):
    card, _ = desk.write(text)
    desk.tell()

    people = {each.to for each in desk.waiting(NoticeKind.NEW_CASE)}
    assert people & {told, untold} == {told}
    assert not re.search("DSL|head|safeguarding", labels(card)[0])
    assert f"{NOT_TOLD} {ONE_PRESS}" in shown(card)


def test_a_card_whose_message_is_not_held_has_no_button_and_says_so(desk):
    answer = desk.parts.answering.urgent_at_once("fernhill", CHILD)

    drawn = urgent_blocks(answer, "")

    checked({"blocks": drawn})
    assert [block for block in drawn if block["type"] == "actions"] == []
    assert NOT_HELD in shown({"blocks": drawn})


def test_the_longest_clause_and_a_school_without_numbers_fit_a_message(desk):
    desk.retrieval.write("fernhill", [a_citation("Tell the DSL. " * 900, lead="Staff must:")] * 5)
    answer = desk.parts.answering.ask("fernhill", CHILD)

    drawn = urgent_blocks(answer, "ab" * 12)

    checked({"blocks": drawn})
    assert sum(len(line) for line in read(drawn)) < 6000


def test_safety_8_a_press_files_an_urgent_case_and_shows_the_receipt(desk):
    desk.write()
    desk.poked.clear()

    response = desk.tell()

    assert response.status == 200
    [case] = desk.cases()
    assert desk.head(case).urgent
    assert desk.body(case, EventKind.FILED)["answers"]["what"] == CHILD
    receipt = shown(desk.last())
    assert case in receipt
    assert "designated safeguarding lead (DSL), Amy Ash" in receipt
    assert "tel:999" in tapped(desk.last())
    assert desk.poked
    assert [words for _, words in desk.rung(minutes=5) if "Please ring" in words] == []


def test_it_is_stored_before_the_press_is_acknowledged(desk, monkeypatch):
    desk.write()
    stored = []
    acknowledge = Ack.__call__

    def watched(self, *said, **more):
        stored.append(desk.cases())
        return acknowledge(self, *said, **more)

    monkeypatch.setattr(Ack, "__call__", watched)

    desk.tell()

    assert stored == [desk.cases()]
    assert len(stored[0]) == 1


def test_after_a_press_the_buttons_are_gone_and_the_numbers_stay(desk):
    card, _ = desk.write()

    desk.tell()

    update = desk.last("chat.update")
    assert tapped(update) == tapped(card)
    assert {each.get("block_id") for each in update["blocks"]}.isdisjoint({BUTTONS, WAITING})
    assert f"number {desk.cases()[0]}" in shown(update)
    assert CHILD not in update["text"] + shown(update)


def test_a_double_press_is_one_case_and_the_same_receipt(desk):
    desk.write()

    desk.tell()
    desk.tell(blocks=desk.last("chat.update")["blocks"])

    first, second = desk.slack.sent("chat.postMessage")[-2:]
    assert shown(first) == shown(second)
    assert len(desk.cases()) == 1


def test_safety_14_an_adult_s_case_goes_to_the_head_alone(desk):
    desk.write(ADULT)

    desk.tell()

    assert desk.told(NoticeKind.NEW_CASE) == ["cat"]
    assert desk.head(desk.cases()[0]).form is Form.ADULT_CONCERN


@pytest.mark.parametrize(
    "text", ["The DSL hit a girl in year 8", "A girl told me that <@U0AMY> hit her and she has bruises"]
)
def test_safety_8_five_minutes_unpressed_the_deputy_rings_where_the_text_names_the_dsl(desk, text):
    desk.write(text)

    said = desk.rung(minutes=5)

    [asked] = [(channel, words) for channel, words in said if "Please ring" in words]
    assert asked[0] == "D0BEN"
    assert asked[1].startswith("URGENT. Please ring Jo Mint now.")


def test_safety_8_five_minutes_unpressed_the_dsl_is_told_only_whom_to_ring_and_the_sender_is_told_so(desk):
    desk.write()

    said = desk.rung(minutes=5)

    assert [channel for channel, _ in said] == ["D0AMY", "D0JO"]
    assert [word for word in CHILD.split() if len(word) > 4 and word in said[0][1]] == []
    assert "We have asked the designated safeguarding lead (DSL) to ring you." in said[1][1]
    assert "01632 960305" in said[1][1]


def test_only_a_question_lets_it_go_and_nobody_is_told(desk):
    card, _ = desk.write()

    desk.question()

    assert desk.rung(minutes=5) == []
    update = desk.last("chat.update")
    assert NOT_KEPT in shown(update)
    assert tapped(update) == tapped(card)
    assert desk.cases() == []


def test_a_question_that_was_filed_before_stays_filed(desk):
    desk.write()
    desk.tell()

    desk.question()

    assert desk.cases()[0] in shown(desk.last("chat.update"))
    assert NOT_KEPT not in shown(desk.last("chat.update"))


@pytest.mark.parametrize("why", ["called a question", "over its time", "somebody else's", "not an id"])
def test_a_stale_press_says_that_nothing_was_stored_and_whom_to_ring(desk, why):
    _, value = desk.write()
    if why == "called a question":
        desk.question()
    if why == "over its time":
        desk.clock.pass_by(hours=25)

    desk.press(
        ids.TELL_NOW,
        value="nonsense" if why == "not an id" else value,
        user="U0SAM" if why == "somebody else's" else JO,
    )

    assert PRESSED_LATE in shown(desk.last("chat.update"))
    assert OVER in shown(desk.last())
    assert "tel:999" in tapped(desk.last())
    assert desk.cases() == []


def test_a_late_press_of_the_question_button_claims_nothing(desk):
    desk.write()
    desk.clock.pass_by(hours=25)

    desk.question()

    assert OVER in shown(desk.last("chat.update"))
    assert NOT_KEPT not in shown(desk.last("chat.update"))


@pytest.mark.parametrize("action", [ids.TELL_NOW, ids.ONLY_A_QUESTION])
def test_safety_20_a_busy_store_is_never_called_stored_and_the_buttons_stay(desk, action):
    desk.write()
    with closing(sqlite3.connect(desk.store.path, isolation_level=None)) as db:
        db.execute("begin immediate")
        response = desk.press(action)
        db.execute("rollback")

    assert response.status == 200
    assert "NOT SAVED" in shown(desk.last())
    assert "tel:999" in tapped(desk.last())
    assert desk.slack.sent("chat.update") == []
    assert desk.cases() == []
    desk.tell()
    assert len(desk.cases()) == 1


def test_a_card_that_cannot_be_changed_still_leads_to_the_receipt(desk):
    desk.write()
    desk.slack.answers["chat.update"] = "message_not_found"

    desk.tell()

    assert desk.cases()[0] in shown(desk.last())


def test_a_card_that_only_they_saw_stays_and_the_receipt_comes_as_a_message(desk):
    _, value = desk.write()
    container = {"type": "message", "message_ts": "1.2", "channel_id": "C0STAFF", "is_ephemeral": True}
    action = {"type": "button", "action_id": ids.TELL_NOW, "block_id": BUTTONS, "value": value}

    desk.bench.dispatch(
        {
            "type": "block_actions",
            "user": {"id": JO, "team_id": TEAM},
            "team": {"id": TEAM, "domain": "fern"},
            "channel": {"id": "C0STAFF", "name": "staff"},
            "container": container,
            "actions": [action],
            "response_url": "http://127.0.0.1:9/response",
        }
    )

    assert desk.cases()[0] in shown(desk.last())
    assert desk.last()["channel"] == "D0JO"
    assert desk.slack.sent("chat.update") == []
    assert [said["replace_original"] for said in desk.slack.sent("respond")] == [False, False]


@pytest.mark.parametrize(("channel", "asked"), [("C0STAFF", True), ("D0JO", False), ("", False)])
def test_safety_10_once_stored_the_sender_is_asked_to_delete_the_public_message(desk, channel, asked):
    _, value = desk.write()

    desk.tell(value=f"{value.split()[0]} {channel}".strip())

    update = desk.last("chat.update")
    assert ("please delete it now" in shown(update)) == asked
    assert re.findall("<#(.*?)>", shown(update)) == ([channel] if asked else [])


def test_somebody_of_whom_slack_first_gave_no_address_can_press_all_the_same(desk):
    desk.slack.answers["users.info"] = "internal_error"
    desk.write()
    del desk.slack.answers["users.info"]

    desk.tell()

    assert len(desk.cases()) == 1


def test_safety_29_no_word_of_it_stands_in_a_button_or_in_the_log(desk, caplog):
    caplog.set_level("DEBUG")
    card, value = desk.write()
    desk.tell()

    assert not set(value) - set("0123456789abcdef ")
    assert [word for word in CHILD.split() if len(word) > 4 and word in caplog.text] == []
    assert "jo.mint" not in caplog.text
    assert "bruises" not in card["text"]


@pytest.mark.parametrize("action", [ids.TELL_NOW, ids.ONLY_A_QUESTION])
@pytest.mark.parametrize(
    "changed",
    [
        {"actions": [{"type": "button", "block_id": "b", "value": 7}]},
        {"message": {"blocks": "no list"}},
        {"message": {"blocks": [7, {"type": "divider"}]}},
        {"message": None, "container": {"message_ts": 1}},
        {"channel": {"id": "D0JO"}, "container": None},
    ],
)
def test_a_payload_with_odd_parts_ends_well(desk, action, changed, caplog):
    _, value = desk.write()
    button = {"type": "button", "action_id": action, "block_id": "b", "value": value}
    body = {
        "type": "block_actions",
        "user": {"id": JO, "team_id": TEAM},
        "team": {"id": TEAM},
        "channel": {"id": "D0JO"},
        "actions": [button],
        "response_url": "http://127.0.0.1:9/response",
        **changed,
    }
    body["actions"][0]["action_id"] = action

    response = desk.bench.dispatch(body)

    assert response.status == 200
    assert "slack.failed" not in caplog.text
