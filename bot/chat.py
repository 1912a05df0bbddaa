"""Wires what speaks to Slack; loaded only where there is a token, for Slack's library takes its time."""

from slack_sdk import WebClient

from bot.config import Settings
from bot.slack.client import web_client
from bot.slack.files import SlackFiles
from bot.slack.notifier import SlackNotifier


def client(settings: Settings) -> WebClient:
    """The client of Slack's Web API, or of the stand-in that *settings* name."""
    return web_client(settings.slack_bot_token, settings.slack_api_url)


def notifier(settings: Settings) -> SlackNotifier:
    """Notices by Slack, with a link only where people can sign in behind it."""
    return SlackNotifier(client(settings), settings.url if settings.oidc_issuer else "")


def attachments(settings: Settings) -> SlackFiles:
    """The files that lie with Slack."""
    return SlackFiles(client(settings), settings.max_mb)
