"""What Staffroom asks of a Slack workspace: its commands, shortcuts and events, and the least scopes."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.domain.schools import School
from bot.errors import ConfigurationError

PATH = "/slack/events"

# Why each is needed, in the words of `doctor` too; docs.slack.dev/reference/scopes says what each allows.
SCOPES: Mapping[str, str] = {
    "app_mentions:read": "to hear a question that mentions the app",
    "channels:history": "to read the earlier question of a thread in a channel, when one follows it up",
    "chat:write": "to answer, and to send notices and receipts",
    "commands": "for the slash commands and the message shortcuts",
    "files:read": "to fetch the evidence that somebody sends with a form",
    "groups:history": "to read the earlier question of a thread in a private channel",
    "groups:read": "for staffroom doctor: whether the dsl_channel is private, and who and what is in it",
    "im:history": "to hear a direct message, and to read the earlier question in it",
    "im:write": "to open a direct message: urgent replies, receipts, notices",
    "users:read": "to know who writes: a member, a guest, a stranger or a bot",
    "users:read.email": "to know somebody by the e-mail address in school.toml",
}
"""Scope → what for. Missing on purpose: any that reads channels where nobody asked the app something."""

GROUP_SCOPES: Mapping[str, str] = {
    "usergroups:read": "to know the school of somebody by the user group that school.toml names",
}
"""Only where a school names user groups."""

ASSISTANT_SCOPES: Mapping[str, str] = {
    "assistant:write": "for the assistant pane: its suggested questions and its status",
}

COMMANDS: Mapping[str, tuple[str, str]] = {
    "/policy": ("What does our policy say? Only you see the answer.", "your question"),
    "/report-friend-request": ("Report a friend request or message from a pupil.", ""),
    "/log-trolling": ("Report trolling or abuse online.", ""),
    "/concern": ("Report a concern about a child.", ""),
    "/adult-concern": ("Report a concern about an adult who works or helps here.", ""),
    "/my-reports": ("Your reports, and what is missing in them.", ""),
    "/cases": ("For the DSL: open cases, unopened first.", ""),
}
"""Command → what it is for, and what to type after it."""

SHORTCUTS: Mapping[str, tuple[str, str]] = {
    # Slack takes 24 characters, so the question mark has to go.
    "policy_of_message": ("What does our policy say", "Ask about this message. Only you see the answer."),
    "report_message": ("Report this message", "Open a report with a link to this message."),
}
"""Callback id → the name in the menu of a message, and what it does."""

EVENTS = ("app_home_opened", "app_mention", "message.im")
ASSISTANT_EVENTS = ("assistant_thread_context_changed", "assistant_thread_started")

_DESCRIPTION = "What does our policy say? The school's own policies, quoted; and reports that reach the DSL."


def manifest(assistant: bool = False, url: str = "", groups: bool = False) -> dict[str, Any]:
    """
    The manifest of the app (version 2 of docs.slack.dev/reference/app-manifest).

    With *url*, where Staffroom is reached from outside, Slack sends its requests there; else Socket Mode.
    With *groups*, it may see who is in which user group.

    Raises:
        ConfigurationError: *url* is not an https address.
    """
    address = _address(url)
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": "Staffroom",
            "description": _DESCRIPTION,
            "background_color": "#1F3A5F",
        },
        "features": _features(assistant, address),
        "oauth_config": {"scopes": {"bot": sorted(scopes(assistant, groups))}},
        "settings": {
            "event_subscriptions": {
                **_at(address, "request_url"),
                "bot_events": sorted(EVENTS + (ASSISTANT_EVENTS if assistant else ())),
            },
            "interactivity": {"is_enabled": True, **_at(address, "request_url")},
            "org_deploy_enabled": False,
            "socket_mode_enabled": not address,
            "token_rotation_enabled": False,
        },
    }


def scopes(assistant: bool = False, groups: bool = False) -> Mapping[str, str]:
    """Every scope that is asked for → what for."""
    return {**SCOPES, **(GROUP_SCOPES if groups else {}), **(ASSISTANT_SCOPES if assistant else {})}


def name_groups(schools: Iterable[School]) -> bool:
    """Whether one of *schools* is found by its user groups."""
    return any(school.slack.user_groups for school in schools)


def _features(assistant: bool, address: str) -> dict[str, Any]:
    pane = {"assistant_view": {"assistant_description": _DESCRIPTION}} if assistant else {}
    return {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "Staffroom", "always_online": True},
        "shortcuts": [
            {"name": name, "type": "message", "callback_id": callback, "description": description}
            for callback, (name, description) in SHORTCUTS.items()
        ],
        "slash_commands": [
            {
                "command": command,
                "description": description,
                **({"usage_hint": hint} if hint else {}),
                # Somebody mentioned comes as an id: who is named decides who hears of it (SAFETY 12).
                "should_escape": True,
                **_at(address, "url"),
            }
            for command, (description, hint) in COMMANDS.items()
        ],
        **pane,
    }


def _at(address: str, key: str) -> dict[str, str]:
    return {key: address} if address else {}


def _address(url: str) -> str:
    if not url:
        return ""
    if not url.startswith("https://") or len(url) < len("https://a.b"):
        raise ConfigurationError("--url must be the address of Staffroom as Slack reaches it: https://…")
    return f"{url.rstrip('/').removesuffix(PATH)}{PATH}"
