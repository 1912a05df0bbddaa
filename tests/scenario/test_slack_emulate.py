"""Scopes and membership, by a second stand-in that checks them strictly: emulate (npm, Apache-2.0)."""

import contextlib
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError

from bot.config import Settings
from bot.console.slack_doctor import slack_checks
from bot.domain.notices import NoticeKind
from bot.slack.client import web_client
from bot.slack.manifest import SCOPES
from bot.slack.notifier import SlackNotifier
from tests.cases_builders import a_notice
from tests.fakes import a_school
from tests.slack_desk import PERSONS
from tests.slack_stand_in import ROOT, own_network, until

PORT = 4100
API = f"http://127.0.0.1:{PORT}/api/"
BOT, PEOPLE = "xoxb-full", "xoxp-amy"
# Emulate checks these 6 of the manifest's scopes; the others it takes without a look.
CHECKED = ("chat:write", "groups:read", "im:history", "im:write", "users:read", "users:read.email")


def program():
    named = os.environ.get("STAFFROOM_EMULATE", "")
    inside = ROOT / ".ci/node_modules/emulate/dist/index.js"
    return next((str(each) for each in (named, inside) if str(each) and Path(each).is_file()), "")


def missing():
    if not program() or not shutil.which("node"):
        return "emulate is not installed: npm install --prefix .ci --no-save emulate@0.11.0"
    try:
        with own_network():
            return ""
    except OSError as error:
        return f"a network of its own is not allowed here: {error.strerror}"


REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]


def seed():
    """The school's people, a private channel without the app, and a token for each scope that is left out."""
    app = {"client_id": "1.2", "client_secret": "x", "app_id": "A0APP", "name": "Staffroom"}
    bot = {"type": "bot", "user": "U0BOT", "bot_user_id": "U0BOT", "bot_id": "B0BOT", "app_id": "A0APP"}
    lacking = [{**bot, "token": f"xoxb-{each}", "scopes": sorted(SCOPES.keys() - {each})} for each in CHECKED]
    return {
        "slack": {
            "team": {"name": "Fernhill", "domain": "fern"},
            "strict_scopes": True,
            "users": [{"name": each["id"], "email": each["email"]} for each in PERSONS],
            "channels": [{"name": "safeguarding", "is_private": True}],
            "oauth_apps": [
                {
                    **app,
                    "redirect_uris": [],
                    "scopes": sorted(SCOPES),
                    "bot_user_id": "U0BOT",
                    "bot_id": "B0BOT",
                }
            ],
            "tokens": [
                {**bot, "token": BOT, "scopes": sorted(SCOPES)},
                *lacking,
                {"token": PEOPLE, "user": "amy"},
            ],
        }
    }


class Emulated:
    """The workspace, seen and changed by amy; `school` names its channel and has people by e-mail alone."""

    def __init__(self):
        self.amy = web_client(PEOPLE, API)
        rooms = self.amy.conversations_list(types="private_channel")["channels"]
        self.channel = next(each["id"] for each in rooms if each["name"] == "safeguarding")
        people = [{key: value for key, value in each.items() if key != "slack"} for each in PERSONS]
        slack = {"team": self.amy.auth_test()["team_id"], "dsl_channel": self.channel}
        self.school = a_school("fernhill", person=people, slack=slack)
        self.settings = Settings(Path(), Path(), slack_bot_token=BOT, slack_api_url=API)

    def invite(self):
        self.amy.conversations_invite(channel=self.channel, users="U0BOT")

    def send(self, token=BOT, **changes):
        notice = replace(a_notice(case="K7Q2-9XYZ"), kind=NoticeKind.NEW_CASE, to="amy", direct=False)
        SlackNotifier(web_client(token, API)).send(self.school, replace(notice, **changes))

    def faults(self):
        return [each.words for each in slack_checks(self.settings, [self.school]) if not each.passed]

    def in_channel(self):
        return [each.get("text") for each in self.amy.conversations_history(channel=self.channel)["messages"]]

    def in_directs(self):
        rooms = self.amy.conversations_list(types="im")["channels"]
        return [
            each.get("text")
            for room in rooms
            for each in self.amy.conversations_history(channel=room["id"])["messages"]
        ]


@pytest.fixture
def slack(tmp_path):
    file = tmp_path / "seed.json"
    file.write_text(json.dumps(seed()), encoding="utf-8")
    arguments = [
        shutil.which("node"),
        program(),
        "start",
        "-s",
        "slack",
        "-p",
        str(PORT),
        "--seed",
        str(file),
    ]
    with own_network(), (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(arguments, stdout=log, stderr=log, cwd=tmp_path)  # noqa: S603 - ours
        try:
            yield until(lambda: _there(running))
        finally:
            running.terminate()
            running.wait()


def _there(running):
    assert running.poll() is None, "emulate has ended"
    with contextlib.suppress(OSError):
        return Emulated()
    return None


def test_a_notice_reaches_the_private_channel_once_the_app_is_in_it(slack):
    slack.invite()

    slack.send()

    assert [each for each in slack.in_channel() if each.startswith("<@")] != []
    assert slack.in_directs() == []


def test_a_notice_for_a_channel_without_the_app_reaches_the_person_directly(slack):
    slack.send()

    assert len(slack.in_directs()) == 1


def test_a_notice_for_an_archived_channel_reaches_the_person_directly(slack):
    slack.invite()
    slack.amy.conversations_archive(channel=slack.channel)

    slack.send()

    assert len(slack.in_directs()) == 1


def test_doctor_names_what_keeps_a_notice_from_the_channel_until_it_is_mended(slack):
    before = slack.faults()
    slack.invite()
    after = slack.faults()
    slack.amy.conversations_archive(channel=slack.channel)
    archived = slack.faults()

    assert len(before) == 1
    assert "/invite @Staffroom" in before[0]
    assert after == []
    assert ["is archived" in each for each in archived] == [True]


def everything(client, slack):
    """Every call that Staffroom makes and that emulate answers; a direct message with words to find in it."""
    user = client.users_lookupByEmail(email="amy@fernhill.example.org")["user"]["id"]
    client.users_info(user=user)
    client.conversations_info(channel=slack.channel)
    client.conversations_members(channel=slack.channel)
    room = client.conversations_open(users=user)["channel"]["id"]
    said = client.chat_postMessage(channel=room, text="one")
    client.chat_update(channel=room, ts=said["ts"], text="two")
    client.conversations_replies(channel=room, ts=said["ts"])
    client.chat_postEphemeral(channel=slack.channel, user=user, text="three")
    client.views_publish(user_id=user, view={"type": "home", "blocks": []})


def test_the_scopes_of_the_manifest_are_enough(slack):
    slack.invite()

    everything(web_client(BOT, API), slack)


def test_none_of_the_scopes_that_emulate_checks_can_be_left_out(slack):
    slack.invite()

    for scope in CHECKED:
        with pytest.raises(SlackApiError) as raised:
            everything(web_client(f"xoxb-{scope}", API), slack)
        answer = raised.value.response
        assert (answer["error"], scope in answer["needed"]) == ("missing_scope", True)
