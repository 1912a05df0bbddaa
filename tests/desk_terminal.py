"""The command line on a copy of the sample schools, with reports filed into it."""

import base64
import io
import shutil
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from bot import app
from bot.console.rooms import settings
from bot.domain import forms
from bot.domain.reports import Gate, Submission, Upload
from bot.domain.triage import Form
from bot.intake import reporter
from tests.scenario.terminal import a_terminal

POLICIES = Path(__file__).parents[1] / "policies"
SCHOOL = "copperfell-high"
KEY = base64.b64encode(bytes(range(32))).decode()
# No test asks the real Slack: nothing listens at that port.
NOWHERE = "http://127.0.0.1:9/api/"
REAL = {
    "SLACK_BOT_TOKEN": "xoxb-test",
    "SLACK_SIGNING_SECRET": "test",
    "SLACK_API_URL": NOWHERE,
    "STAFFROOM_KEY": KEY,
}


def a_desk_terminal(folder, monkeypatch, capsys):
    """A `CommandLine` in *folder* with a copy of the sample schools."""
    found = a_terminal(folder, monkeypatch, capsys)
    shutil.copytree(POLICIES, found.policies)
    return found


def make_real(terminal, **keys):
    """Go over to real mode, as a school with the people of the samples; *keys* are age keys by person."""
    for file in terminal.policies.glob("*/school.toml"):
        text = file.read_text("utf-8").replace("sample = true", "sample = false")
        for person, age in keys.items():
            text = text.replace(f'id = "{person}"\n', f'id = "{person}"\nage = "{age}"\n')
        file.write_text(text, "utf-8")
    for key, value in REAL.items():
        terminal.monkeypatch.setenv(key, value)


@contextmanager
def open_desk(terminal):
    """The desk that the command line of *terminal* works at."""
    with app.desk(app.build(settings(None))) as desk:
        yield desk


def file_report(terminal, form=Form.FRIEND_REQUEST, *, files=(), school=SCHOOL, request="r-1", **answers):
    """File the example of *form* with changed *answers*; return the number of the case."""
    with open_desk(terminal) as desk:
        example = forms.example(desk.forms[form]) | answers
        gate = Gate(example.pop("gate"))
        who = reporter(desk.intake.schools[school], "Jo Bloggs")
        sent = Submission(request, school, form, who, example, gate)
        return desk.intake.file(sent, [Upload(name, a_picture()) for name in files]).case


def a_picture():
    """A small PNG."""
    file = io.BytesIO()
    Image.new("RGB", (20, 30), (200, 30, 30)).save(file, "PNG")
    return file.getvalue()


def audit(terminal, school=SCHOOL):
    """The audit log of *school* as (kind, actor, case, detail)."""
    with open_desk(terminal) as desk, desk.store.reading() as unit:
        return [(row.kind.value, row.actor, row.case, row.detail) for row in unit.audit_rows(school)]
