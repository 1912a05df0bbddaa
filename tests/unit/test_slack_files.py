"""Fetching files from Slack, against a real server on this machine."""

import json
import logging
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from slack_sdk import WebClient

from bot.domain.reports import Upload
from bot.errors import EvidenceRefused, NotDelivered
from bot.slack.files import SlackFiles
from tests.fakes import a_school

TOKEN = "xoxb-secret-token"  # noqa: S105 - opens nothing
SECRET_NAME = "zebedee.png"  # noqa: S105 - the name of a file
CONTENT = b"\x89PNG" + bytes(range(256)) * 700
SCHOOL = a_school()


class StandIn(ThreadingHTTPServer):
    """Slack's Web API and its files, on one port; what was asked is remembered with its token."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.file, self.said = [], {}, {"status": 200, "headers": {}, "body": CONTENT}
        self.told = {"status": 200, "headers": {}, "body": None}

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def has(self, **changes):
        """The file that there is, unless told otherwise."""
        plain = {"id": "F123", "name": SECRET_NAME, "mimetype": "image/png", "size": len(CONTENT)}
        self.file = {**plain, "url_private_download": f"{self.address}/files/1", **changes}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self._answer()

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._answer()

    def _answer(self):
        path = urlsplit(self.path).path
        self.server.asked.append((path, self.headers.get("Authorization")))
        plain = json.dumps({"ok": True, "file": self.server.file}).encode()
        said = self.server.told if path.endswith("files.info") else self.server.said
        body = plain if said["body"] is None else said["body"]
        self.send_response(said["status"])
        kind = "application/json" if path.endswith("files.info") else "image/png"
        headers = {"Content-Type": kind, "Content-Length": str(len(body)), **said["headers"]}
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        """Say nothing."""


@contextmanager
def serving():
    with StandIn() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        server.has()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def slack():
    with serving() as server:
        yield server


@pytest.fixture
def files(slack):
    return SlackFiles(WebClient(TOKEN, base_url=f"{slack.address}/api/"), max_mb=1, timeout_s=2)


def test_a_file_comes_byte_for_byte_with_the_bots_token(slack, files):
    assert files.fetch(SCHOOL, "F123") == Upload(SECRET_NAME, CONTENT)
    assert slack.asked[-1] == ("/files/1", f"Bearer {TOKEN}")


@pytest.mark.parametrize("error", ["file_not_found", "file_deleted"])
def test_a_file_that_is_gone_is_refused_in_a_teachers_words(slack, files, error):
    slack.told["body"] = json.dumps({"ok": False, "error": error}).encode()

    with pytest.raises(EvidenceRefused) as refused:
        files.fetch(SCHOOL, "F123")

    assert "not in Slack any more" in refused.value.user_message


@pytest.mark.parametrize("ref", ["", "F", "../F123", "F123/../../x", "https://evil.example/x", "F123\nX: y"])
def test_what_is_no_id_of_a_file_is_never_asked_for(slack, files, ref):
    with pytest.raises(EvidenceRefused):
        files.fetch(SCHOOL, ref)

    assert slack.asked == []


@pytest.mark.parametrize(
    "changes",
    [{"mode": "tombstone"}, {"mode": "hidden_by_limit"}, {"mode": "external"}, {"is_external": True}]
    + [{"url_private_download": "", "url_private": ""}],
)
def test_what_slack_does_not_hold_is_refused_and_not_asked_for(slack, files, changes):
    slack.has(**changes)

    with pytest.raises(EvidenceRefused):
        files.fetch(SCHOOL, "F123")

    assert len(slack.asked) == 1


def test_a_file_that_says_it_is_too_large_is_not_asked_for(slack, files):
    slack.has(size=1_000_001)

    with pytest.raises(EvidenceRefused) as refused:
        files.fetch(SCHOOL, "F123")

    assert "larger than the 1 MB" in refused.value.user_message
    assert "tell the DSL that this case has a larger file" in refused.value.user_message
    assert len(slack.asked) == 1


def test_a_file_that_turns_out_too_large_is_let_go(slack, files):
    slack.has(size=None)
    slack.said["body"] = bytes(1_000_001)

    with pytest.raises(EvidenceRefused):
        files.fetch(SCHOOL, "F123")


@pytest.mark.parametrize("place", ["told", "said"])
def test_429_says_when_to_come_back(slack, files, place):
    body = b'{"ok": false, "error": "ratelimited"}'
    getattr(slack, place).update(status=429, headers={"Retry-After": "17"}, body=body)

    with pytest.raises(NotDelivered) as later:
        files.fetch(SCHOOL, "F123")

    assert later.value.retry_after == 17


@pytest.mark.parametrize("place", ["told", "said"])
@pytest.mark.parametrize("status", [500, 502, 503, 403])
def test_a_broken_slack_is_tried_again_later(slack, files, place, status):
    getattr(slack, place).update(status=status, body=b"<html>broken</html>")

    with pytest.raises(NotDelivered):
        files.fetch(SCHOOL, "F123")


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_not_at_its_address_is_refused(slack, files, status):
    slack.said.update(status=status)

    with pytest.raises(EvidenceRefused):
        files.fetch(SCHOOL, "F123")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_takes_the_token_to_another_host(slack, files, status):
    with serving() as other:
        slack.said.update(status=status, headers={"Location": f"{other.address}/stolen"}, body=b"")

        with pytest.raises(NotDelivered):
            files.fetch(SCHOOL, "F123")

        assert other.asked == []


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/x",
        "https://slack.com.evil.example/x",
        "https://notslack.com/x",
        "http://files.slack.com/x",
        "https://files.slack.com:8443/x",
        "https://files.slack.com@evil.example/x",
        "ftp://files.slack.com/x",
        "file:///etc/passwd",
        "https://[::1/x",
    ],
)
def test_only_slacks_own_hosts_are_asked_for_a_file(slack, files, address, monkeypatch):
    opened = []
    monkeypatch.setattr("bot.slack.files._opener", opened.append)
    slack.has(url_private_download=address)

    with pytest.raises(NotDelivered):
        files.fetch(SCHOOL, "F123")

    assert opened == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/x", "http://localhost/x"])
def test_another_port_of_this_machine_is_not_slack(slack, files, address):
    slack.has(url_private_download=address)

    with pytest.raises(NotDelivered) as later:
        files.fetch(SCHOOL, "F123")

    assert str(later.value) == "slack: file on another host"


def test_where_slack_itself_is_asked_this_machine_is_not_slack(slack):
    files = SlackFiles(WebClient(TOKEN), 1)

    assert not files._ours(f"{slack.address}/x")
    assert files._ours("https://files.slack.com/files-pri/T1-F1/download/x.png")


def test_a_silent_slack_is_given_up_after_a_while(slack):
    files = SlackFiles(WebClient(TOKEN, base_url=f"{slack.address}/api/"), 1, timeout_s=0.2)
    slack.said["headers"] = {"Content-Length": str(len(CONTENT) + 1)}
    slack.has(size=None)

    with pytest.raises(NotDelivered):
        files.fetch(SCHOOL, "F123")


def test_a_file_that_was_cut_off_is_not_kept(slack, files):
    slack.said["body"] = CONTENT[:-1]

    with pytest.raises(NotDelivered) as later:
        files.fetch(SCHOOL, "F123")

    assert str(later.value) == "slack: file cut off"


def test_the_page_to_sign_in_is_not_taken_for_the_file(slack, files):
    slack.has(size=None)
    slack.said.update(headers={"Content-Type": "text/html; charset=utf-8"}, body=b"<html>Sign in</html>")

    with pytest.raises(NotDelivered) as later:
        files.fetch(SCHOOL, "F123")

    assert "files:read" in str(later.value)


@pytest.mark.slow
def test_nobody_at_the_other_end_is_tried_again_later():
    files = SlackFiles(WebClient(TOKEN, base_url="http://127.0.0.1:9/api/"), 1)

    with pytest.raises(NotDelivered):
        files.fetch(SCHOOL, "F123")


def test_safety_29_neither_token_nor_name_is_in_log_or_error(slack, files, caplog):
    caplog.set_level(logging.INFO)
    files.fetch(SCHOOL, "F123")
    slack.said.update(status=500)

    with pytest.raises(NotDelivered) as later:
        files.fetch(SCHOOL, "F123")

    said = f"{caplog.text} {later.value} {later.value.__cause__}"
    assert TOKEN not in said
    assert SECRET_NAME not in said
