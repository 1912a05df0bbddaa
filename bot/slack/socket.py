"""Socket Mode: Slack's requests over a connection that Staffroom opens itself; no address is needed."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.error import URLError

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk.errors import SlackApiError, SlackRequestError

from bot.errors import ConfigurationError
from bot.slack.client import web_client

TRY_AGAIN_S = 10.0
AT_ONCE = 32
"""So many requests are dealt with at the same time."""
REFUSED = ("invalid_auth", "not_authed", "account_inactive", "not_allowed_token_type", "token_revoked")
"""What `apps.connections.open` answers to a token that waiting does not mend (docs.slack.dev)."""

_log = logging.getLogger(__name__)


@contextmanager
def listening(app: App, app_token: str, base_url: str = "") -> Iterator[None]:
    """
    Take what Slack sends to *app* until the block ends; where Slack cannot be reached, it is tried again.

    What was begun is answered before the connection is closed; what was not, Slack sends again.

    Raises:
        ConfigurationError: Slack refuses the app token.
    """
    client = web_client(app_token, base_url)
    handler = SocketModeHandler(app, app_token, logger=_told(), web_client=client, concurrency=AT_ONCE)
    ended = threading.Event()
    trying = threading.Thread(target=_keep_trying, args=(handler, ended), name="slack-socket")
    try:
        if not _connected(handler):
            trying.start()
        yield
    finally:
        ended.set()
        if trying.ident is not None:
            trying.join()
        # No further request is taken up, and those at work come to their end.
        handler.client.closed = True
        handler.client.message_workers.shutdown()
        handler.client.close()


def _connected(handler: SocketModeHandler) -> bool:
    """Connect; from then on slack_sdk itself mends what breaks. False where Slack cannot be reached."""
    try:
        handler.client.connect()
    except SlackApiError as error:
        code = str(error.response.get("error", ""))
        if code in REFUSED:
            mend = "make one with the scope connections:write on the app's page, under App-Level Tokens"
            raise ConfigurationError(f"SLACK_APP_TOKEN: Slack refuses it ({code}); {mend}") from None
        _log.warning("slack.unreachable error=%s", code)
        return False
    except (SlackRequestError, URLError, OSError) as error:
        _log.warning("slack.unreachable error=%s", type(error).__name__)
        return False
    return True


def _keep_trying(handler: SocketModeHandler, ended: threading.Event) -> None:
    while not ended.wait(TRY_AGAIN_S):
        try:
            if _connected(handler):
                return
        except ConfigurationError as error:
            _log.error("slack.refused_token error=%s", error)


def _told() -> logging.Logger:
    """The logger of the connection: what it says is reduced to where and what kind (SAFETY 29)."""
    logger = logging.getLogger("slack_sdk.staffroom.socket")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_wordless)
    return logger


def _wordless(record: logging.LogRecord) -> bool:
    """Leave of *record* that something happened, without the words, which may be a payload's."""
    kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
    record.msg, record.args = "slack.connection at=%s error=%s", (record.funcName, kind)
    record.exc_info = record.exc_text = None
    return True
