"""Delivering from the command line: a round, or until it is told to stop."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk_terminal import a_desk_terminal, file_report, make_real

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


def test_one_round_tells_the_holders_of_a_case_and_says_how_many_notices_left(staffroom):
    case = file_report(staffroom)

    done = staffroom("deliver", "--once")

    assert done.code == 0
    assert done.out.startswith("Sent ")
    assert f"case {case}" in done.err


def test_in_real_mode_without_a_way_to_anybody_it_refuses_and_names_the_mend(staffroom):
    make_real(staffroom)
    # Real by its sign-in alone: neither a chat nor a mail server is set up.
    for key in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        staffroom.monkeypatch.delenv(key)
    for key in ("OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"):
        staffroom.monkeypatch.setenv(key, "test")
    staffroom.monkeypatch.setenv("OIDC_ISSUER", "https://login.example.org")
    staffroom.monkeypatch.setenv("STAFFROOM_URL", "https://staffroom.example.org")

    done = staffroom("deliver", "--once")

    assert done.code == 2
    assert "SMTP_URL" in done.err


@pytest.mark.slow
def test_it_runs_until_it_is_told_to_end_and_ends_well(staffroom):
    environ = {**os.environ, "STAFFROOM_POLICIES": str(staffroom.policies), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "bot", "deliver"]

    with subprocess.Popen(  # noqa: S603 - our own command
        command, cwd=staffroom.folder, env=environ, stdout=subprocess.PIPE, text=True
    ) as run:
        first = run.stdout.readline()
        run.send_signal(signal.SIGTERM)
        rest, _ = run.communicate(timeout=30)

    assert first.startswith("Delivering.")
    assert (run.returncode, rest) == (0, "Stopped.\n")
