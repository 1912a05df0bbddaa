"""Puts views before people, whatever has become of the trigger or of the view meanwhile."""

import logging
from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack import blocks, ids

EXPIRED = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"})
TOO_LATE = "Slack waited too long to open this. Nothing is lost: press the button to open it again."
# The view was closed, or was drawn anew meanwhile: then the newer drawing stands.
_PASSED_BY = frozenset({"hash_conflict", "not_found", "view_not_found"})
_TOO_DEEP = "push_limit_reached"
_log = logging.getLogger(__name__)


def show(client: WebClient, body: Mapping[str, Any], view: dict[str, Any], again: dict[str, Any]) -> None:
    """
    Open *view* for whoever sent *body*, over the modal that they pressed in, if any.

    Where Slack has waited too long, a direct message says so, with the button *again*.
    """
    inside = body.get("view") or {}
    over = inside.get("type") == "modal"
    try:
        (client.views_push if over else client.views_open)(trigger_id=body["trigger_id"], view=view)
    except SlackApiError as error:
        if over and _cause(error) == _TOO_DEEP:
            client.views_update(view_id=inside["id"], view=view)
        else:
            late(client, user_of(body), error, again)


def late(client: WebClient, user: str, error: SlackApiError, again: dict[str, Any]) -> None:
    """Say by direct message to *user* that the trigger had expired; any other *error* is raised again."""
    if _cause(error) not in EXPIRED or not user:
        raise error
    _log.info("trigger.expired")
    client.chat_postMessage(
        channel=user, text=TOO_LATE, blocks=[blocks.section(TOO_LATE), blocks.actions(again)]
    )


def redraw(
    client: WebClient, view: Mapping[str, Any], drawn: dict[str, Any], *, always: bool = False
) -> None:
    """
    Draw *view* anew as *drawn*; nothing happens when it was closed.

    Nor when something newer was drawn since it was looked at, unless it is *always* to be drawn.
    """
    kept = None if always else view.get("hash")
    try:
        client.views_update(view_id=view["id"], view=drawn, hash=kept)
    except SlackApiError as error:
        if _cause(error) not in _PASSED_BY:
            raise


def user_of(body: Mapping[str, Any]) -> str:
    """The Slack id of whoever sent *body*: a command, an action, a shortcut or a view; "" for nobody."""
    return str(body.get("user_id") or (body.get("user") or {}).get("id") or "")


def form_button(form: str, label: str = "Open it again", words: str = "", school: str = "") -> dict[str, Any]:
    """A button that opens *form*, perhaps with as many of the *words* to begin with as a button holds."""
    return blocks.button(ids.OPEN_FORM, label, ids.form_value(form, school, words)[: blocks.VALUE])


def _cause(error: SlackApiError) -> str:
    return str(error.response.get("error", ""))
