"""The Bolt app: every listener group of Slack, and what becomes of an error."""

from collections.abc import Callable
from concurrent.futures import Executor

from slack_bolt import App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.slack.asking import AskingListeners
from bot.slack.client import quiet
from bot.slack.desk import DeskListeners
from bot.slack.errors import ErrorListeners
from bot.slack.home import HomeListeners
from bot.slack.parts import Parts
from bot.slack.reporting import ReportListeners
from bot.slack.urgent import UrgentListeners


def slack_app(
    parts: Parts, client: WebClient, me: AuthorizeResult | None = None, executor: Executor | None = None
) -> App:
    """
    The app, which has checked nothing yet: requests over HTTP are checked by `http`, before they come here.

    *me* says who the app is where that is known; otherwise Slack is asked at the first request.
    """
    # Bolt's own words about a request may repeat it; what went wrong is said by `errors`, by type alone.
    bolt = quiet("slack_bolt.staffroom")
    # And what answers at a `response_url` would repeat that.
    quiet("slack_sdk.webhook.client")
    app = App(
        # Without a name Bolt looks for one in the source files of everything that is running.
        name="staffroom",
        logger=bolt,
        client=client,
        token=None if me else client.token,
        authorize=(lambda: me) if me else None,
        token_verification_enabled=False,
        request_verification_enabled=False,
        ssl_check_enabled=False,
        listener_executor=executor,
        raise_error_for_unhandled_request=False,
    )
    app.use(_single(client))
    for listeners in (
        UrgentListeners(parts),
        AskingListeners(parts),
        ReportListeners(parts),
        DeskListeners(parts),
        HomeListeners(parts),
        ErrorListeners(parts),
    ):
        listeners.register(app)
    return app


def _single(client: WebClient) -> Callable[[BoltContext, Callable[[], BoltResponse]], BoltResponse]:
    """Give every listener *client*: Bolt would make one for each request, without what is set up in it."""

    def use(context: BoltContext, next: Callable[[], BoltResponse]) -> BoltResponse:
        context["client"] = client
        return next()

    return use
