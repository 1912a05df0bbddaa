"""Real OpenID providers on loopback, and somebody who signs in there and comes back to the pages."""

import importlib
import json
import threading
import warnings
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit
from urllib.request import Request, urlopen

from bot.web.openid import Account, Answered, OpenId
from tests.web_kit import HOST, WebDesk

SLACK = "https://slack.com"
BACK = f"http://{HOST}/sign-in/back"
FORM = "application/x-www-form-urlencoded"


class Provider:
    """oidc-provider-mock, and somebody's password there."""

    def __init__(self, port):
        self.port = port
        self.issuer = f"http://localhost:{port}"

    def account(self, sub, **claims):
        """Let there be an account; its e-mail is verified unless told otherwise."""
        said = json.dumps({"email_verified": True, **claims})
        status, _ = self._send("PUT", f"/users/{sub}", said, {"content-type": "application/json"})
        assert status == 204

    def consent(self, address, sub, **form):
        """Log in as *sub* at *address*, where the browser was sent; where the browser is sent back to."""
        parts = urlsplit(address)
        assert f"{parts.scheme}://{parts.netloc}" == self.issuer
        path, body = f"{parts.path}?{parts.query}", urlencode({"sub": sub, **form})
        status, to = self._send("POST", path, body, {"content-type": FORM})
        assert status == 302
        return to

    def openid(self):
        """Staffroom's registration with it."""
        return OpenId(Account(self.issuer, "staffroom", "hush", BACK))

    def _send(self, method, path, body, headers):
        wire = HTTPConnection("localhost", self.port, timeout=10)
        try:
            wire.request(method, path, body, headers)
            answer = wire.getresponse()
            answer.read()
            return answer.status, answer.headers.get("location", "")
        finally:
            wire.close()


class SlackProvider(Provider):
    """The same provider standing in for slack.com: it is told that it was reached by that name."""

    NAMED = {"x-forwarded-host": "slack.com", "x-forwarded-proto": "https"}

    def __init__(self, port):
        super().__init__(port)
        self.issuer = SLACK

    def member(self, user, team, **claims):
        """Let there be an account of *user* in the workspace *team*, with the claims that Slack makes."""
        self.account(f"sub-{user}-{team}", **{f"{SLACK}/user_id": user, f"{SLACK}/team_id": team, **claims})
        return f"sub-{user}-{team}"

    def openid(self):
        return OpenId(Account(SLACK, "staffroom", "hush", BACK), SlackWire(self.port))

    def _send(self, method, path, body, headers):
        return super()._send(method, path, body, {**headers, **self.NAMED})


class SlackWire:
    """Implements `Wire`: what is for slack.com goes to the stand-in on loopback, and nothing elsewhere."""

    def __init__(self, port):
        self.port = port

    def get(self, url):
        return self._sent(url, None, {})

    def post(self, url, data, headers, auth):
        to, own, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return self._sent(to, body.encode(), own)

    def _sent(self, url, body, headers):
        assert url.startswith(f"{SLACK}/")
        inside = url.replace(SLACK, f"http://127.0.0.1:{self.port}", 1)
        with urlopen(Request(inside, body, {**headers, **SlackProvider.NAMED}), timeout=10) as answer:  # noqa: S310
            return Answered(answer.status, answer.read())


@contextmanager
def provider():
    """The provider, running."""
    with _quiet():
        mock = importlib.import_module("oidc_provider_mock")
    with mock.run_server_in_thread() as server:
        yield Provider(server.server_port)


@contextmanager
def slack_provider():
    """The provider, running in Slack's name."""
    with _quiet():
        mock = importlib.import_module("oidc_provider_mock")
        app = mock.app()
    proxy = importlib.import_module("werkzeug.middleware.proxy_fix")
    served = importlib.import_module("werkzeug.serving")
    behind = proxy.ProxyFix(app.wsgi_app, x_proto=1, x_host=1)
    server = served.make_server("127.0.0.1", 0, behind, threaded=True)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    try:
        yield SlackProvider(server.server_port)
    finally:
        server.shutdown()
        running.join()
        server.server_close()


@contextmanager
def _quiet():
    # The provider is Authlib's and Flask's, whose own deprecations are not ours to mend.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def a_desk(tmp_path, at, **changes):
    """A school's pages in real mode, with *at* as the provider of its accounts."""
    return WebDesk(tmp_path, sample_mode=False, openid=at.openid(), **changes)


def here(address):
    """*address* without the host, which is this one."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == f"http://{HOST}"
    return f"{parts.path}?{parts.query}"


def sign_in(desk, at, sub, browser=None, query=""):
    """The answer to coming back as *sub*, and the browser."""
    browser = browser or desk.browser()
    back = at.consent(browser.get(f"/sign-in/account{query}").to, sub)
    return browser.get(here(back), sec_fetch_site="cross-site"), browser
