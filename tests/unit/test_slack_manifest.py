"""The manifest: what Slack takes, what each scope is for, and that everything in it is listened to."""

import ast
import json
import re
from pathlib import Path

import pytest
from slack_sdk import WebClient
from typer.testing import CliRunner

from bot.console.cli import app
from bot.errors import ConfigurationError
from bot.slack.manifest import ASSISTANT_SCOPES, COMMANDS, EVENTS, GROUP_SCOPES, SCOPES, SHORTCUTS, manifest
from tests.fakes import SCHOOL_TOML, write_school
from tests.slack_desk import SlackDesk

ROOT = Path(__file__).resolve().parents[2]
# Method of the client → the scopes without which Slack refuses it, as docs.slack.dev/reference/methods says;
# a method with none needs none. What a channel's kind decides is listed with all the kinds in use.
NEEDS = {
    "api_call": set(),
    "apps_connections_open": set(),
    "auth_test": set(),
    "chat_delete": {"chat:write"},
    "chat_getPermalink": set(),
    "chat_postEphemeral": {"chat:write"},
    "chat_postMessage": {"chat:write"},
    "chat_update": {"chat:write"},
    "conversations_info": {"groups:read"},
    "conversations_members": {"groups:read"},
    "conversations_open": {"im:write"},
    "conversations_replies": {"channels:history", "groups:history", "im:history"},
    "files_info": {"files:read"},
    "usergroups_list": {"usergroups:read"},
    "usergroups_users_list": {"usergroups:read"},
    "users_info": {"users:read", "users:read.email"},
    "users_lookupByEmail": {"users:read.email"},
    "views_open": set(),
    "views_publish": set(),
    "views_push": set(),
    "views_update": set(),
}
HEARD = {"app_home_opened": set(), "app_mention": {"app_mentions:read"}, "message.im": {"im:history"}}
# Files in a form are fetched from the address that comes with them, by no method.
OTHERS = {"commands", "files:read"}


def methods_used():
    """Every method of the Web API that is named in Slack's rooms."""
    files = [*(ROOT / "bot/slack").rglob("*.py"), ROOT / "bot/console/slack_doctor.py"]
    names = {
        node.attr
        for file in files
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
    }
    return {name for name in names if hasattr(WebClient, name) and ("_" in name)}


@pytest.mark.slow
def test_every_scope_is_used_and_every_method_that_is_called_has_its_scopes():
    used = methods_used() & NEEDS.keys()
    needed = set().union(*(NEEDS[each] for each in used), *(HEARD[each] for each in EVENTS), OTHERS)

    unknown = {each for each in methods_used() if each.split("_")[0] in _families()} - NEEDS.keys()

    assert unknown == set()
    assert needed == {*SCOPES, *GROUP_SCOPES}


def _families():
    return {
        "apps",
        "auth",
        "chat",
        "conversations",
        "files",
        "usergroups",
        "users",
        "views",
        "reactions",
        "team",
    }


def test_the_assistant_pane_is_asked_for_only_when_it_is_wanted():
    plain, pane = manifest(), manifest(assistant=True)

    assert "assistant" not in json.dumps(plain)
    assert set(pane["oauth_config"]["scopes"]["bot"]) == {*SCOPES, *ASSISTANT_SCOPES}
    assert pane["features"]["assistant_view"]["assistant_description"]
    assert {each for each in pane["settings"]["event_subscriptions"]["bot_events"]} > set(EVENTS)


@pytest.mark.parametrize(
    "url", ["https://s.example.org", "https://s.example.org/", "https://s.example.org/slack/events"]
)
def test_with_an_address_slack_sends_everything_there_and_without_one_over_the_socket(url):
    plain, served = manifest(), manifest(url=url)

    address = "https://s.example.org/slack/events"
    settings = served["settings"]
    assert settings["socket_mode_enabled"] is False
    assert settings["event_subscriptions"]["request_url"] == address
    assert settings["interactivity"] == {"is_enabled": True, "request_url": address}
    assert {each["url"] for each in served["features"]["slash_commands"]} == {address}
    assert plain["settings"]["socket_mode_enabled"] is True
    assert "https:" not in json.dumps(plain)


@pytest.mark.parametrize("url", ["http://s.example.org", "s.example.org", "https://"])
def test_an_address_that_slack_would_not_take_is_refused(url):
    with pytest.raises(ConfigurationError, match="--url"):
        manifest(url=url)


def test_the_words_are_within_the_lengths_that_slack_takes():
    # github.com/slackapi/manifest-schema, schemas/manifest.schema.2.0.0.json
    made = manifest(assistant=True)
    shown, features = made["display_information"], made["features"]

    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert all(0 < len(each["name"]) <= 24 for each in features["shortcuts"])
    assert all(0 < len(each["description"]) <= 150 for each in features["shortcuts"])
    assert all(re.fullmatch(r"/[a-z-]{1,31}", each["command"]) for each in features["slash_commands"])


def test_the_command_prints_it_as_json():
    printed = CliRunner().invoke(app, ["slack", "manifest", "--assistant", "--url", "https://s.example.org"])

    assert json.loads(printed.stdout) == manifest(True, "https://s.example.org")


def scopes_printed(folder):
    printed = CliRunner().invoke(app, ["slack", "manifest", "--policies", str(folder)])
    return set(json.loads(printed.stdout)["oauth_config"]["scopes"]["bot"]), printed.stderr


def test_user_groups_are_asked_for_only_where_a_school_names_some(tmp_path):
    write_school(tmp_path, "ash")
    without = scopes_printed(tmp_path)
    write_school(tmp_path, "bay", toml=f'{SCHOOL_TOML}\n[slack]\nuser_groups = ["S1"]\n')

    assert without == (set(SCOPES), "")
    assert scopes_printed(tmp_path) == ({*SCOPES, *GROUP_SCOPES}, "")


@pytest.mark.parametrize("broken", ["nowhere", "one of two"])
def test_where_no_folder_says_whether_user_groups_are_named_they_are_asked_for_with_the_reason(
    tmp_path, broken
):
    if broken == "one of two":
        write_school(tmp_path / broken, "ash")
        write_school(tmp_path / broken, "bay", toml="name =")

    asked, said = scopes_printed(tmp_path / broken)

    assert asked == {*SCOPES, *GROUP_SCOPES}
    assert said.startswith("usergroups:read is asked for in case a school names user_groups, since ")
    assert said.count("\n") == 1


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_manifest_is_listened_to(desk, command):
    assert desk.bench.command(command, "May I follow a pupil?").status == 200


@pytest.mark.parametrize("callback", SHORTCUTS)
def test_every_shortcut_of_the_manifest_is_listened_to(desk, callback):
    said = {"text": "May I follow a pupil?", "user": "U0AMY"}

    assert desk.bench.shortcut(callback, said).status == 200


EVENT = {
    "app_home_opened": {"user": "U0JO", "channel": "D0JO", "tab": "home"},
    "app_mention": {"user": "U0JO", "text": "<@U0BOT> hello", "channel": "C0STAFF", "ts": "1.1"},
    "message.im": {"user": "U0JO", "text": "hello", "channel": "D0JO", "channel_type": "im", "ts": "1.1"},
    "assistant_thread_started": {
        "assistant_thread": {"user_id": "U0JO", "channel_id": "D0JO", "thread_ts": "1"}
    },
    "assistant_thread_context_changed": {"assistant_thread": {"user_id": "U0JO", "channel_id": "D0JO"}},
}


@pytest.mark.parametrize("event", manifest(assistant=True)["settings"]["event_subscriptions"]["bot_events"])
def test_every_event_of_the_manifest_is_listened_to(desk, event):
    answer = desk.bench.event({"type": event.partition(".")[0], **EVENT[event]})

    assert answer.status == 200


def test_what_is_not_in_the_manifest_is_not_listened_to(desk):
    assert desk.bench.command("/another").status == 404
    assert desk.bench.shortcut("another", {}).status == 404
