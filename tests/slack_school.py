"""Staffroom itself, as a school runs it: `staffroom serve` in a process of its own, before the stand-in."""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

from tests.slack_kit import TEAM, TOKEN
from tests.slack_stand_in import API, APP_PORT, APP_TOKEN, PORT, SECRET, until

ROOT = Path(__file__).resolve().parents[1]
SCHOOL, CHANNEL, DSL_CHANNEL = "copperfell-high", "C0STAFF", "C0DSL"
DSL, DEPUTY, HEAD, JO = "U0COPDSL", "U0COPDEP", "U0COPHEA", "U0JO"
PEOPLE = {
    JO: {"real_name": "Jo Mint", "email": "j.mint@example.org"},
    DSL: {"real_name": "Ruth Asquey", "email": "r.asquey@example.org"},
    DEPUTY: {"real_name": "Idris Maddern", "email": "i.maddern@example.org"},
    HEAD: {"real_name": "Denise Tarrow", "email": "d.tarrow@example.org"},
    "U0COPCHA": {"real_name": "Neville Sandbach", "email": "n.sandbach@example.org"},
}
CHANNELS = {CHANNEL: [*PEOPLE, "U0BOT"], DSL_CHANNEL: [DSL, DEPUTY, "U0BOT"]}
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="


class Serving:
    """A running `staffroom serve`; `said` is what it has said on its terminal."""

    def __init__(self, folder, mode):
        self.folder = folder
        self.policies = _policies(folder)
        self.environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("SLACK_", "STAFFROOM_"))
            },
            "STAFFROOM_POLICIES": str(self.policies),
            "STAFFROOM_DATA": str(folder / "data"),
            "STAFFROOM_KEY": KEY,
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_API_URL": API,
            "PORT": str(APP_PORT),
            **({"SLACK_APP_TOKEN": APP_TOKEN} if mode == "socket" else {"SLACK_SIGNING_SECRET": SECRET}),
        }

    @property
    def said(self):
        return (self.folder / "serve.log").read_text("utf-8", "replace")

    def command(self, *words):
        """What `staffroom` with *words* prints, in the same folder and environment."""
        done = subprocess.run(  # noqa: S603 - our own interpreter and words
            [sys.executable, "-m", "bot", *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.stdout if done.returncode == 0 else f"{done.returncode}: {done.stderr}"

    def cases(self, person="cop-dsl"):
        """The cases that *person* may open, as the command line lists them."""
        return json.loads(self.command("cases", "--school", SCHOOL, "--as", person, "--json"))


@contextlib.contextmanager
def serving(folder, mode):
    """`staffroom serve` with the sample schools as real ones, listening once the block begins."""
    school = Serving(folder, mode)
    with (folder / "serve.log").open("wb") as log:
        running = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], cwd=ROOT, env=school.environment, stdout=log, stderr=log
        )
        try:
            until(lambda: "The policies are loaded" in school.said or _ended(running, school), 300)
            yield school
        finally:
            running.terminate()
            running.wait()


def _ended(running, school):
    assert running.poll() is None, school.said


def _policies(folder):
    """The sample schools without the mark that they are samples, in the workspace of the stand-in."""
    policies = folder / "policies"
    shutil.copytree(ROOT / "policies", policies)
    for file in policies.glob("*/school.toml"):
        text = file.read_text("utf-8").replace("sample = true", "sample = false")
        if file.parent.name == SCHOOL:
            text += f'\n[slack]\nteam = "{TEAM}"\ndsl_channel = "{DSL_CHANNEL}"\n'
            text += f'channels = {{ {CHANNEL} = "staff room" }}\n'
        else:
            text += '\n[slack]\nteam = "T0ELSEWHERE"\n'
        file.write_text(text, "utf-8")
    return policies


def upload(user, name, content, channel=CHANNEL):
    """Put a file into the stand-in, as its page does; return what Slack says of it."""
    edge = "staffroom-test"
    fields = {"channel": channel, "user": user}
    parts = [
        f'--{edge}\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    head = f'--{edge}\r\ncontent-disposition: form-data; name="file"; filename="{name}"\r\n'
    parts += [f"{head}content-type: image/png\r\n\r\n".encode(), content, f"\r\n--{edge}--\r\n".encode()]
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/_control/upload",
        data=b"".join(parts),
        headers={"Content-Type": f"multipart/form-data; boundary={edge}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        return json.load(answer)["message"]["files"][0]
