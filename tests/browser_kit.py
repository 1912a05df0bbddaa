"""A real browser at the pages: `staffroom` in sample mode as a process, Debian's chromium, and its hands."""

import contextlib
import importlib.util
import io
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from PIL import Image, ImageDraw

from tests.slack_stand_in import until

ROOT = Path(__file__).resolve().parents[1]
CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)
AXE = ROOT / ".ci/node_modules/axe-core/axe.min.js"
ALREADY = ROOT / "data" / "sample" / "index" / "embeddings.db"
"""Embeddings that whoever tried the sample schools here has already; without them a start takes a minute."""

SCHOOL, OTHER = "Copperfell High School", "Merrybeck Infant School"
JO, DSL, HEAD, OTHER_DSL = "Jo Mint", "Ruth Asquey", "Denise Tarrow", "Winifred Tolland"
GOVERNOR = "Parveen Illsley"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
REQUEST, CONCERN = "A friend request, follow or message to me", "A worry about a child"
WORKING = "Working on the case"
URGENT = "A Year 8 has told me she is going to kill herself tonight"


def missing():
    """Why there can be no browser here, "" where there can."""
    if importlib.util.find_spec("playwright") is None:
        return "playwright is not installed: pip install -e '.[dev]'"
    return "" if CHROMIUM.exists() else f"{CHROMIUM} is missing: apt install chromium"


def axe():
    """The path of axe-core, None where it is not installed."""
    named = os.environ.get("STAFFROOM_AXE", "")
    return next((each for each in (Path(named), AXE) if each.is_file()), None)


@contextlib.contextmanager
def serving(folder):
    """`staffroom` with nothing configured but where its data lie; yields its address and its log."""
    index = folder / "data" / "sample" / "index"
    index.mkdir(parents=True)
    if ALREADY.exists():
        shutil.copy(ALREADY, index)
    port, log = _free_port(), folder / "said"
    environment = {
        **{
            key: value
            for key, value in os.environ.items()
            if not key.startswith(("SLACK", "OIDC", "STAFFROOM"))
        },
        "STAFFROOM_DATA": str(folder / "data"),
        "STAFFROOM_POLICIES": str(ROOT / "policies"),
        "PORT": str(port),
    }
    with log.open("wb") as said:
        # Our own interpreter and our own words: nothing here comes from outside.
        command = [sys.executable, "-m", "bot"]
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=said)  # noqa: S603
        try:
            until(lambda: "The policies are loaded" in log.read_text("utf-8") or _ended(running, log), 300)
            yield f"http://127.0.0.1:{port}", log
        finally:
            running.terminate()
            running.wait()


def _ended(running, log):
    assert running.poll() is None, log.read_text("utf-8")


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextlib.contextmanager
def chromium():
    """Debian's chromium, with no window."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - where it is missing, the tests skip

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


class Visitor:
    """Somebody at a browser of their own; `faults` is what no page may do: an error, or a look elsewhere."""

    def __init__(self, browser, address, **options):
        options = {"viewport": DESK, "base_url": address, "locale": "en-GB", **options}
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.faults, self.answered = [], []
        self._server = urlsplit(address).netloc
        self.context.on("request", self._asked)
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self.faults.append(f"script: {error.error}"))
        self.context.on("requestfinished", self._finished)

    def _asked(self, request):
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self._server:
            self.faults.append(f"asked elsewhere: {request.url}")

    def _heard(self, message):
        # Chromium also says so when a page of ours comes with a status such as 422: that is the page's own.
        ours = "Failed to load resource" in message.text and self.page.url == message.location.get("url")
        if message.type in ("error", "warning") and not ours:
            self.faults.append(f"{message.type}: {message.text} at {message.location.get('url')}")

    def _finished(self, request):
        self.answered.append(request)

    def weight(self):
        """The bytes of everything that was answered since `answered` was cleared."""
        sizes = [each.sizes() for each in self.answered]
        return sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)

    def close(self):
        self.context.close()

    # Who they are

    def become(self, name, school=SCHOOL):
        """Sign in as *name*, as the sample mode lets everybody."""
        self.page.goto("/sign-in")
        box = self.page.locator(".card", has=self.page.get_by_role("heading", name=school))
        box.get_by_role("button", name=name).click()
        self.page.locator(".who-name", has_text=name).wait_for()
        return self.page

    def press(self, name):
        """Press the button called *name*, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    # Asking

    def ask(self, question):
        """Ask *question* on the page that is shown; return the last card."""
        self.page.locator("#question").fill(question)
        self.press("Ask")
        return self.page.locator(".answer, .alert").last

    # Reporting

    def begin(self, title=REQUEST):
        """Begin the report called *title*."""
        self.page.goto("/report")
        box = self.page.locator("form.pick", has=self.page.get_by_role("heading", name=title))
        box.get_by_role("button").click()
        self.page.locator("form[data-keep]").wait_for()

    def fill_request(self, who="Sam Pell"):
        """Answer what the form about a friend request asks, but not the gate."""
        self.page.get_by_label("Who is it from?").fill(who)
        self.page.get_by_label("A pupil here").check()
        self.page.get_by_label("A friend or connection request").check()
        self.page.locator("#q-where").select_option("instagram")

    def answer_gate(self, answer):
        """Answer the question before any file, and go on."""
        self.page.locator("#gate").get_by_label(answer, exact=True).check()
        self.press("Next: who will hear of it")

    def paste(self, content, name="image.png"):
        """Paste a picture as it comes from the clipboard."""
        self.page.evaluate(
            """([bytes, name]) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
                const said = { clipboardData: data, bubbles: true, cancelable: true };
                document.activeElement.dispatchEvent(new ClipboardEvent("paste", said));
            }""",
            [list(content), name],
        )

    def drop(self, content, name="dropped.png"):
        """Let go of a picture that was dragged here, anywhere on the page."""
        self.page.evaluate(
            """([bytes, name]) => {
                const data = new DataTransfer();
                data.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
                const said = { dataTransfer: data, bubbles: true, cancelable: true };
                document.querySelector("main").dispatchEvent(new DragEvent("drop", said));
            }""",
            [list(content), name],
        )

    def send(self):
        """Press Send; return the number on the receipt."""
        self.press("Send")
        return self.page.locator(".number").inner_text()

    def report(self, *files, who="Sam Pell"):
        """A whole report about a friend request; return its number."""
        self.begin()
        self.fill_request(who)
        self.answer_gate("No")
        for name, content in files:
            self.page.locator("#files").set_input_files({"name": name, "mimeType": "", "buffer": content})
        return self.send()

    # The desk

    def open_case(self, case):
        """Open *case*, giving the reason that is asked for."""
        self.page.goto(f"/cases/{case}")
        self.press(WORKING)
        self.page.get_by_role("heading", name=f"Case {case}").wait_for()

    def fill_closing(self):
        """Answer what closing a case asks, in the form that is unfolded."""
        form = self.page.locator("form[action*='/close']")
        for name in ("summary", "followed_up", "action", "outcome", "reasons"):
            form.locator(f"[name={name}]").fill(f"What is written of {name}.")
        form.locator("[name=filed_where]").fill("The file of record, 2026/14")
        form.locator("[name=type]").select_option("child-protection")
        form.locator("[name=until]").fill("2049-08-31")
        form.locator("[name=sexual_abuse][value=no]").check()
        return form


def pictured(page, selector):
    """Wait until the picture at *selector* is drawn; Playwright waits by an eval, which we refuse."""
    until(lambda: page.evaluate("selector => document.querySelector(selector).naturalWidth > 0", selector))


def unfold(page, title):
    """Open the part of the page called *title*."""
    page.locator("summary", has_text=re.compile(f"^{re.escape(title)}$")).first.click()


def a_screenshot():
    """What a phone shows of a friend request, drawn."""
    picture = Image.new("RGB", (390, 300), "white")
    drawn = ImageDraw.Draw(picture)
    drawn.rectangle((0, 0, 390, 48), fill="#e8e8ee")
    drawn.ellipse((20, 80, 90, 150), fill="#8fa8c8")
    drawn.text((110, 90), "sam.pell_09 wants to be friends with you", fill="black")
    drawn.text((110, 116), "Today, 22:41", fill="#555555")
    drawn.rectangle((110, 150, 210, 184), fill="#3b74c4")
    drawn.text((140, 161), "Accept", fill="white")
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()
