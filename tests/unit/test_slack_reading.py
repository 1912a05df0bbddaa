"""What is read out of Slack's payloads: words without markup, ids, and what was asked before."""

import pytest

from bot.slack.lately import Lately
from bot.slack.reading import earlier, of_command, of_event, of_shortcut, words_of
from tests.slack_kit import BOT, JO, FakeSlack


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"<@{BOT}> can I?", "can I?"),
        (f"hi <@{BOT}|staffroom>,  can I?", "hi , can I?"),
        ("ask <@U0AMY>", "ask @U0AMY"),
        ("ask <@U0AMY|Amy>", "ask @Amy (U0AMY)"),
        ("in <#C0STAFF|staff>", "in #staff"),
        ("<!here> <!subteam^S1|@dsls>", "@here @dsls"),
        ("<https://example.org/a|the page> <https://example.org>", "the page https://example.org"),
        ("<mailto:a@example.org|a@example.org> <tel:999>", "a@example.org 999"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("  one\ntwo  ", "one\ntwo"),
        ("3 < 4 > 2", "3 < 4 > 2"),
        ("", ""),
    ],
)
def test_words_are_read_as_a_person_reads_them(text, expected):
    assert words_of(text, BOT) == expected


def test_safety_8_the_id_of_a_person_who_is_mentioned_stays_in_the_words():
    assert "U0AMY" in words_of("it is about <@U0AMY|Amy>", BOT)


def test_a_message_is_known_by_channel_and_time():
    asked = of_event({"channel": "C1", "ts": "1.2", "user": JO, "text": "x", "thread_ts": "1.1"}, BOT)

    assert (asked.id, asked.thread, asked.public, asked.files) == ("C1-1.2", "1.1", True, False)


def test_two_commands_with_the_same_words_are_two_messages():
    first, second = ({"channel_id": "C1", "user_id": JO, "text": "x", "trigger_id": each} for each in "ab")

    assert of_command(first).id != of_command(second).id


def test_a_message_that_two_people_ask_about_is_held_for_each_and_only_its_author_can_delete_it():
    message = {"ts": "1.2", "text": "x", "user": JO}
    mine, other = (
        of_shortcut({"channel": {"id": "C1"}, "message": message, "user": {"id": user}})
        for user in (JO, "U0AMY")
    )

    assert mine.id != other.id
    assert (mine.public, other.public) == (True, False)


def test_earlier_questions_are_those_of_the_same_person_to_the_bot_before_this_one():
    slack = FakeSlack()
    slack.answers["conversations.replies"] = {
        "messages": [
            {"ts": "1.1", "user": JO, "text": f"<@{BOT}> first"},
            {"ts": "1.2", "user": "U0AMY", "text": f"<@{BOT}> hers"},
            {"ts": "1.3", "user": JO, "text": "to everybody"},
            {"ts": "1.4", "user": JO, "bot_id": "B1", "text": f"<@{BOT}> by an app"},
            {"ts": "1.5", "user": JO, "text": f"<@{BOT}> this one"},
            {"ts": "1.6", "user": JO, "text": f"<@{BOT}> later"},
        ]
    }
    event = {"channel": "C1", "ts": "1.5", "thread_ts": "1.1", "user": JO, "text": "x"}

    assert earlier(slack, of_event(event, BOT)) == ("first",)


def test_lately_knows_a_repeat_until_it_is_forgotten_or_makes_room():
    seen = Lately(most=2)

    assert [seen.first(key) for key in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]
    seen.forget("a")
    assert (seen.knows("a"), seen.knows("c"), seen.first("a")) == (False, True, True)


def test_safety_12_of_a_message_the_author_is_read_unless_they_ask_themselves():
    message = {"ts": "1.2", "text": "x", "user": "U0AMY"}
    theirs, own, an_app_s = (
        of_shortcut({"channel": {"id": "C1"}, "message": said, "user": {"id": user}})
        for said, user in ((message, JO), (message, "U0AMY"), ({"ts": "1.2", "text": "x"}, JO))
    )

    assert (theirs.author, own.author, an_app_s.author) == ("U0AMY", "", "")


@pytest.mark.parametrize(
    ("text", "mentions"),
    [
        ("<@U0AMY> and <@U0BEN|Ben (deputy)> and <@U0AMY>", ("U0AMY", "U0BEN")),
        ("<@W0DAN> and <@U0CAT|cat>", ("W0DAN", "U0CAT")),
        ("<@U0AMY|UNA> or <@U0BEN|b@b> did", ("UNA", "U0AMY", "U0BEN")),
        (f"<@{BOT}> <@{JO}> nobody else", ()),
        ("write to u@example.org, URGENT, @here, @UK", ()),
    ],
)
def test_safety_8_whoever_is_mentioned_is_read_but_for_the_bot_and_whoever_asks(text, mentions):
    assert of_event({"channel": "C1", "ts": "1.2", "user": JO, "text": text}, BOT).mentions == mentions
