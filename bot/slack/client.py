"""The Web API client: Slack's or a stand-in's address, and how patient a call is."""

import logging

from slack_sdk import WebClient
from slack_sdk.http_retry.builtin_handlers import (
    ConnectionErrorRetryHandler,
    RateLimitErrorRetryHandler,
    ServerErrorRetryHandler,
)
from slack_sdk.http_retry.builtin_interval_calculators import FixedValueRetryIntervalCalculator
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState

TIMEOUT_S = 10
LONGEST_S = 2
"""So long does a call sleep at most before it is tried again: somebody is looking at the screen."""
_PAUSE_S = 0.3


def web_client(token: str, base_url: str = "") -> WebClient:
    """
    A client of *base_url*, "" for Slack's own, that tries each call again once, and soon, or not at all.

    What has to arrive whenever that is, such as a notice, is in the outbox, which waits as long as it takes.
    """
    pause = FixedValueRetryIntervalCalculator(_PAUSE_S)
    return WebClient(
        token=token,
        base_url=f"{base_url.rstrip('/')}/" if base_url else WebClient.BASE_URL,
        timeout=TIMEOUT_S,
        logger=quiet("slack_sdk.staffroom"),
        retry_handlers=[
            ConnectionErrorRetryHandler(interval_calculator=pause),
            ServerErrorRetryHandler(interval_calculator=pause),
            _SoonEnough(),
        ],
    )


def quiet(name: str) -> logging.Logger:
    """A logger for libraries whose own words about a request may repeat it: they are not said at all."""
    logger = logging.getLogger(name)
    logger.setLevel(logging.CRITICAL)
    return logger


class _SoonEnough(RateLimitErrorRetryHandler):
    """Waits as long as Slack says, but only if that is soon (docs.slack.dev/apis/web-api/rate-limits)."""

    def _can_retry(
        self,
        *,
        state: RetryState,
        request: HttpRequest,
        response: HttpResponse | None = None,
        error: Exception | None = None,
    ) -> bool:
        if response is None or response.status_code != 429:
            return False
        said = [value for name, value in response.headers.items() if name.lower() == "retry-after"]
        # slack_sdk adds up to a second of its own to what is said.
        return bool(said) and str(said[0][0]) in map(str, range(LONGEST_S))
