"""What `doctor` finds in Slack: each fault is named with its mend, and nothing is posted."""

import pytest
from slack_sdk.web import SlackResponse

from bot.config import Settings
from bot.console import slack_doctor
from bot.console.slack_doctor import UNTOLD, slack_checks
from bot.slack.manifest import GROUP_SCOPES, SCOPES
from tests.fakes import a_school
from tests.slack_desk import PERSONS, SLACK
from tests.slack_kit import FakeSlack

ROOM = {"id": "C0DSL", "is_private": True, "is_member": True, "is_archived": False}


class Slack(FakeSlack):
    """`FakeSlack` with the header that says what the token may do."""

    def __init__(self):
        super().__init__()
        self.headers_said = {"X-OAuth-Scopes": ",".join(SCOPES)}
        self.retry_handlers = []
        self.answers = {
            "auth.test": {"user": "staffroom"},
            "conversations.info": {"channel": ROOM},
            "conversations.members": {"members": ["U0AMY", "U0BOT"]},
            "users.info": self._person,
        }
        self.odd = {}

    def _person(self, said):
        bot = {"is_bot": True} if said["user"] == "U0BOT" else {}
        return {"user": {"id": said["user"], "team_id": "T0FERN", **bot, **self.odd.get(said["user"], {})}}

    def _response(self, method, data):
        return SlackResponse(
            client=self,
            http_verb="POST",
            api_url=method,
            req_args={},
            data=data,
            headers=self.headers_said,
            status_code=200,
        )


@pytest.fixture
def slack(monkeypatch):
    found = Slack()
    monkeypatch.setattr(slack_doctor, "web_client", lambda token, base_url: found)
    return found


def look(tmp_path, slack_table=SLACK, people=PERSONS, app_token="xapp-1"):  # noqa: S107 - opens nothing
    settings = Settings(tmp_path, tmp_path, slack_bot_token="xoxb-1", slack_app_token=app_token)  # noqa: S106
    return list(slack_checks(settings, [a_school("fernhill", person=people, slack=slack_table)]))


def failed(*given, **changes):
    return [check.words for check in look(*given, **changes) if not check.passed]


def test_a_sound_workspace_passes_and_what_slack_does_not_tell_is_said(tmp_path, slack):
    found = look(tmp_path)

    assert [check.words for check in found if not check.passed] == []
    assert [check.words for check in found if check.note] == [UNTOLD]
    assert [check.words for check in found if check.passed and not check.note] == [
        "Slack: staffroom in Fernhill (T0FERN)",
        "the bot token has the scopes that Staffroom needs, and no more",
        "the app token opens Socket Mode",
        "fernhill: Slack reaches everybody in [people]",
    ]
    assert {method for method, _ in slack.calls if method.startswith(("chat.", "views."))} == set()


def test_a_refused_bot_token_is_the_only_fault_shown(tmp_path, slack):
    slack.answers["auth.test"] = "invalid_auth"

    assert [check.passed for check in look(tmp_path)] == [False]
    assert "SLACK_BOT_TOKEN: Slack refuses it (invalid_auth)" in failed(tmp_path)[0]


def test_a_slack_that_cannot_be_reached_is_named(tmp_path, monkeypatch):
    settings = Settings(tmp_path, tmp_path, slack_bot_token="xoxb-1", slack_api_url="http://127.0.0.1:9/api")  # noqa: S106
    monkeypatch.setattr("slack_sdk.http_retry.handler.time.sleep", lambda _seconds: None)

    found = list(slack_checks(settings, []))

    assert [(each.passed, "http://127.0.0.1:9/api cannot be reached" in each.words) for each in found] == [
        (False, True)
    ]


def test_a_refused_app_token_is_named(tmp_path, slack):
    slack.answers["apps.connections.open"] = "not_allowed_token_type"

    assert "SLACK_APP_TOKEN: Slack refuses it (not_allowed_token_type)" in failed(tmp_path)[0]


def test_over_http_no_app_token_is_tried(tmp_path, slack):
    look(tmp_path, app_token="")

    assert slack.sent("apps.connections.open") == []


def test_a_missing_scope_is_named_with_what_it_is_for_and_one_too_many_as_well(tmp_path, slack):
    held = [*sorted(SCOPES.keys() - {"files:read"}), "assistant:write", "channels:read"]
    slack.headers_said = {"x-oauth-scopes": [", ".join(held)]}

    lines = failed(tmp_path)

    assert [line.partition(";")[0] for line in lines] == [
        f"SLACK_BOT_TOKEN lacks files:read, {SCOPES['files:read']}",
        "SLACK_BOT_TOKEN may do more than Staffroom needs: remove channels:read",
    ]


def test_where_slack_does_not_say_the_scopes_that_is_said(tmp_path, slack):
    slack.headers_said = {}

    notes = [each.words for each in look(tmp_path) if each.note]
    assert "Slack does not say which scopes the bot token has" in notes


GROUPS = {**SLACK, "user_groups": ["S1"]}


def test_the_scope_for_user_groups_is_missed_only_where_a_school_names_some(tmp_path, slack):
    assert failed(tmp_path) == []

    (line,) = failed(tmp_path, GROUPS)

    assert line.startswith(f"SLACK_BOT_TOKEN lacks usergroups:read, {GROUP_SCOPES['usergroups:read']};")


def test_a_scope_for_user_groups_that_no_school_names_is_noted_and_is_no_fault(tmp_path, slack):
    slack.headers_said = {"X-OAuth-Scopes": ",".join([*SCOPES, *GROUP_SCOPES])}

    assert [each.words for each in look(tmp_path) if "usergroups:read" in each.words and each.note]
    assert failed(tmp_path) == []
    sound = "the bot token has the scopes that Staffroom needs, and no more"
    assert sound not in [each.words for each in look(tmp_path)]
    assert sound in [each.words for each in look(tmp_path, GROUPS)]


@pytest.mark.parametrize(
    ("pages", "faults"),
    [
        ({}, 1),
        ({"oidc_issuer": "https://login.example.org"}, 1),
        ({"url": "https://s.example.org"}, 0),
    ],
)
def test_files_that_go_to_pages_that_are_not_set_up_are_a_fault(tmp_path, slack, pages, faults):
    settings = Settings(tmp_path, tmp_path, slack_bot_token="xoxb-1", **pages)  # noqa: S106
    school = a_school("fernhill", person=PERSONS, slack={**SLACK, "evidence": "web"})

    found = [each.words for each in slack_checks(settings, [school]) if not each.passed]

    assert len(found) == faults
    assert all("or none can be added: set STAFFROOM_URL, or take" in each for each in found)


@pytest.mark.parametrize(
    ("room", "problem"),
    [
        ("channel_not_found", "does not see it"),
        ("missing_scope", "not a private channel"),
        ("fatal_error", "does not show it (fatal_error)"),
        ({"channel": {**ROOM, "is_private": False}}, "not a private channel"),
        ({"channel": {**ROOM, "is_archived": True}}, "is archived"),
        ({"channel": {**ROOM, "is_member": False}}, "/invite @Staffroom"),
        ({"channel": {**ROOM, "is_ext_shared": True}}, "shared with another organisation"),
    ],
)
def test_a_dsl_channel_that_will_not_do_is_named_with_its_mend(tmp_path, slack, room, problem):
    slack.answers["conversations.info"] = room

    lines = failed(tmp_path)

    assert len(lines) == 1
    assert lines[0].startswith("fernhill/school.toml: dsl_channel C0DSL: ")
    assert problem in lines[0]


@pytest.mark.parametrize(
    ("odd", "problem"),
    [
        ({"is_restricted": True, "real_name": "Sue Supply"}, "Sue Supply is a guest"),
        ({"is_ultra_restricted": True}, "is a guest"),
        ({"is_stranger": True}, "of another organisation"),
        ({"team_id": "T0OTHER"}, "of another organisation"),
        ({"is_bot": True, "name": "notes"}, "the app notes is in it"),
    ],
)
def test_whoever_else_reads_the_dsl_channel_is_named(tmp_path, slack, odd, problem):
    slack.answers["conversations.members"] = {"members": ["U0AMY", "U0BOT", "U0ODD"]}
    slack.odd["U0ODD"] = odd

    lines = failed(tmp_path)

    assert len(lines) == 1
    assert problem in lines[0]


def test_a_dsl_channel_with_a_crowd_in_it_is_not_looked_at_one_by_one(tmp_path, slack):
    slack.answers["conversations.members"] = {"members": [f"U{number}" for number in range(61)]}

    assert "more than 60 people read it" in failed(tmp_path)[0]
    assert len(slack.sent("users.info")) == len(PERSONS)


def test_without_a_dsl_channel_it_is_said_where_notices_go(tmp_path, slack):
    found = look(tmp_path, {"team": "T0FERN"})

    assert "fernhill: no dsl_channel; case notices go by direct message" in [
        each.words for each in found if each.note
    ]


def test_another_workspace_than_the_schools_is_named(tmp_path, slack):
    assert "team is T0OTHER, but the app is in T0FERN" in failed(tmp_path, {"team": "T0OTHER"})[0]


def test_everybody_whom_slack_does_not_reach_is_named_with_role_and_mend(tmp_path, slack):
    slack.odd["U0AMY"] = {"deleted": True}
    slack.odd["U0BEN"] = {"is_bot": True}
    slack.answers["users.lookupByEmail"] = "users_not_found"
    people = [dict(each) for each in PERSONS]
    for each in people:
        if each["id"] == "cat":
            del each["slack"]
        if each["id"] == "dan":
            del each["slack"], each["email"]

    lines = [
        line.removeprefix("fernhill/school.toml: Slack does not reach ")
        for line in failed(tmp_path, people=people)
    ]

    said = {line.partition(" ")[0]: line.partition("): ")[2] for line in lines}
    assert said == {
        "amy": "their account is deactivated",
        "ben": "that is an app, not a person",
        "cat": "nobody has the address in email (users_not_found); mend it, or invite them",
        "dan": "add slack or email to their [[person]]",
    }
    assert all("(" in line for line in lines)
