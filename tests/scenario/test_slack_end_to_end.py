"""A school's whole day in a Slack that nobody here wrote, with Staffroom as it is started in a school."""

import contextlib
import hashlib
import io
import json
import shutil
import sqlite3

import pytest
from PIL import Image

from tests.slack_school import (
    CHANNEL,
    CHANNELS,
    DEPUTY,
    DSL,
    DSL_CHANNEL,
    HEAD,
    JO,
    PEOPLE,
    ROOT,
    Serving,
    serving,
    upload,
)
from tests.slack_stand_in import BOT, buttons, missing, own_network, stand_in, until, words

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]


@pytest.fixture(scope="module")
def policies_read(tmp_path_factory):
    """The policies, read once for both ways of talking: the embeddings are what takes its time."""
    school = Serving(tmp_path_factory.mktemp("read"), "socket")
    read = school.folder / "data" / "index" / "embeddings.db"
    read.parent.mkdir(parents=True)
    with contextlib.suppress(sqlite3.Error):
        copied(ROOT / "data" / "sample" / "index" / "embeddings.db", read)
    # Quick where the sample schools were read on this machine before: only what is not known yet is embedded.
    school.command("index")
    return read


def copied(known, copy):
    """Copy the database *known*, even while it is written; raises `sqlite3.Error` where there is none."""
    with (
        contextlib.closing(sqlite3.connect(f"{known.as_uri()}?mode=ro", uri=True)) as here,
        contextlib.closing(sqlite3.connect(copy)) as there,
    ):
        here.backup(there)


@pytest.fixture(params=("socket", "events"))
def day(request, tmp_path, policies_read):
    """The workspace, and the school that serves it."""
    index = tmp_path / "data" / "index"
    index.mkdir(parents=True)
    shutil.copy(policies_read, index)
    mode = request.param
    with (
        own_network(),
        stand_in(tmp_path, mode, PEOPLE, CHANNELS) as workspace,
        serving(tmp_path, mode) as school,
    ):
        yield workspace, school


def test_staff_ask_by_mention_message_and_command(day):
    slack, _ = day

    slack.mention("Can I follow a parent?", JO, CHANNEL)
    slack.say(BOT, "Can I follow a parent?", JO)
    slack.command("/policy", "Can I follow a parent?", JO, CHANNEL)

    reply = until(lambda: from_app(slack, CHANNEL))[0]
    direct = until(lambda: slack.directs(JO))[0]
    assert "Think very carefully before you follow a parent or carer" in words(reply["blocks"])
    assert reply["thread_ts"] == slack.messages(CHANNEL)[0]["ts"]
    assert "Think very carefully before you follow a parent or carer" in words(direct["blocks"])
    private = until(
        lambda: [
            each
            for each in from_app(slack, CHANNEL)
            if "Think very" in words(each) and each.get("ephemeral_to")
        ]
    )
    assert [each["ephemeral_to"] for each in private] == [JO]


def test_an_urgent_message_in_a_channel_is_answered_directly_and_one_press_makes_it_a_case(day):
    slack, school = day

    slack.mention("A Year 8 has told me she is going to kill herself tonight", JO, CHANNEL)
    card = until(lambda: slack.directs(JO))[0]
    slack.press(card, "urgent.tell", JO)

    until(school.cases)
    assert "999" in words(card["blocks"])
    assert "kill herself" not in words([each.get("blocks", []) for each in from_app(slack, CHANNEL)])
    assert [each["urgency"] for each in school.cases()] == ["urgent"]


def test_a_friend_request_and_trolling_are_reported_with_a_screenshot_and_the_lead_deals_with_it(day):
    slack, school = day
    pictures = {JO: a_picture("white"), HEAD: a_picture("navy")}
    mine, theirs = (upload(user, "screen.png", content) for user, content in pictures.items())

    report(slack, "/report-friend-request", {"who": "Sam Pell", "what": "request"}, mine)
    receipt = until(lambda: "Your report" in words(slack.ui.view()["blocks"]) and slack.ui.view())
    (case,) = until(school.cases)
    notice = until(lambda: from_app(slack, DSL_CHANNEL))[0]
    slack.close_modal(JO)

    assert case["case"] in words(receipt["blocks"])
    assert "Sam" not in words(notice)
    assert f"<@{DSL}>" in json.dumps(notice) or DSL in json.dumps(notice)

    deal_with(slack, school, case, notice)

    slack.close_modal(DSL)
    report(
        slack, "/log-trolling", {"who": "not known", "what": "A page calls a colleague names."}, theirs, HEAD
    )
    until(lambda: len(school.cases("cop-head")) == 2)
    # Fetched from Slack, hashed and stored: each reporter's receipt says so, of their own picture alone.
    for user, content in pictures.items():
        until(lambda user=user, content=content: sha256(content) in words(slack.directs(user)), 60)
    assert sha256(pictures[HEAD]) not in words(slack.directs(JO))
    assert sha256(pictures[JO]) not in words(slack.directs(HEAD))
    # Each with the copy that people look at.
    assert "4 evidence files.\nNothing was changed" in school.command("verify")
    assert "screen.png" not in school.said
    assert "Sam Pell" not in school.said


def test_the_home_of_the_lead_lists_what_is_open_and_a_teacher_gets_the_forms(day):
    slack, school = day
    report(slack, "/concern", {"who": "Alex Finn", "what": "Very quiet, and hungry."}, None)
    (case,) = until(school.cases)

    theirs, mine, deputy = slack.home(DSL), slack.home(JO), slack.home(DEPUTY)

    assert case["case"] in words(theirs["blocks"])
    assert case["case"] in words(mine["blocks"])
    assert "Alex" not in words([theirs, mine, deputy])
    assert "report.form" in {each["action_id"] for each in buttons(mine["blocks"])}


def deal_with(slack, school, case, notice):
    """Open *case* from *notice*, take it in hand, and reply."""
    slack.press(notice, "case.open", DSL)
    asked = until(lambda: slack.ui.view()["callback_id"] == "case.reason" and slack.ui.view())
    slack.submit({"reason": chosen(asked, "reason")}, DSL)
    opened = until(lambda: "Sam Pell" in words(slack.ui.view()["blocks"]) and slack.ui.view())
    assert case["case"] in words(opened)
    inputs = {
        each["block_id"].partition(".")[0]: each["block_id"] for each in opened["blocks"] if "element" in each
    }
    slack.submit(
        {
            inputs["in-hand"]: chosen(opened, inputs["in-hand"]),
            inputs["note"]: "Spoke to the tutor.",
            inputs["reply"]: "Thank you, we have it.",
        },
        DSL,
    )
    until(lambda: school.cases()[0]["status"] != "opened" or None)
    until(lambda: any("reply" in words(each).lower() for each in slack.directs(JO)))


def report(slack, command, answers, picture, user=JO):
    """Fill both views of a form and send it; `picture` is a file that lies with the stand-in, or None."""
    slack.command(command, "", user, CHANNEL)
    first = until(lambda: slack.ui.view()["callback_id"] == "report" and slack.ui.view())
    values = {block: filled(first, block, said) for block, said in answers.items()}
    slack.submit({**values, "gate": chosen(first, "gate", "no")}, user)
    second = until(lambda: slack.ui.view()["callback_id"] == "report_send" and slack.ui.view())
    slack.submit({"files": {"files": [picture]}} if picture else {}, user)
    until(lambda: slack.ui.view()["callback_id"] != "report_send")
    return second


def filled(view, block, said):
    """The state of the element of *block* when *said* is typed or chosen."""
    element = element_of(view, block)
    return chosen(view, block, said) if "options" in element else said


def chosen(view, block, value=None):
    """The state of a choice: the option with *value*, or the first."""
    element = element_of(view, block)
    option = next(each for each in element["options"] if value in (None, each["value"]))
    many = element["type"] in ("checkboxes", "multi_static_select")
    return {"selected_options": [option]} if many else {"selected_option": option}


def element_of(view, block):
    return next(each["element"] for each in view["blocks"] if each.get("block_id") == block)


def from_app(slack, channel):
    """What the app posted in *channel*, the oldest first."""
    return [each for each in slack.messages(channel) if each.get("bot_id")]


def a_picture(colour):
    """A small PNG."""
    stream = io.BytesIO()
    Image.new("RGB", (60, 90), colour).save(stream, "PNG")
    return stream.getvalue()


def sha256(content):
    return hashlib.sha256(content).hexdigest()
