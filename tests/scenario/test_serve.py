"""`staffroom` as a process of its own: the pages come up, answer, and go down when told to."""

import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.slack_stand_in import until

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def serving(tmp_path):
    """A running `staffroom`, what it says, and its port."""
    port = free_port()
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("SLACK_", "OIDC_"))},
        "STAFFROOM_DATA": str(tmp_path / "data"),
        "STAFFROOM_POLICIES": str(ROOT / "policies"),
        "PORT": str(port),
    }
    log = tmp_path / "said"
    with log.open("wb") as said:
        running = subprocess.Popen([sys.executable, "-m", "bot"], cwd=ROOT, env=environment, stderr=said)
        try:
            until(lambda: "The pages are at" in log.read_text("utf-8") and listens(port), 60)
            yield running, port, log
        finally:
            running.kill()
            running.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def page(port, path, host=""):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", headers={"Host": host or f"127.0.0.1:{port}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_with_nothing_configured_the_pages_come_up_before_the_policies_are_read(serving):
    _, port, _ = serving

    status, text = page(port, "/sign-in")

    assert status == 200
    assert "Copperfell High School" in text
    assert "Sample mode" in text


def test_another_name_for_this_machine_is_refused_and_nothing_of_it_is_logged(serving):
    _, port, log = serving

    status, _ = page(port, "/sign-in", host="rebound.example.org")

    assert status == 403
    assert "rebound" not in log.read_text("utf-8")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_told_to_end_it_ends_well_even_while_the_policies_are_being_read(serving, how):
    running, _, log = serving

    running.send_signal(how)
    running.wait(timeout=60)

    assert running.returncode in (0, -how)
    assert "Traceback" not in log.read_text("utf-8")
    assert "terminate called" not in log.read_text("utf-8")
