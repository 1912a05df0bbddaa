"""
Every state of every page: what the tests of the pages draw, looked at in a browser.

Whatever a test reaches, such as a deleted case or an invitation that is over, is checked here without another
word: axe-core in light and dark, and a phone's width.
"""

import os
import re
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.browser.test_browser_pages import RUN_AXE, TOO_WIDE, UNFOLD
from tests.browser_kit import DESK, PHONE, ROOT, axe, missing
from tests.drawing import KEPT_IN

REASON = missing() or (
    "" if axe() else "axe-core is not installed: npm install --prefix .ci --no-save axe-core@4.14.1"
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]

DRAW = ("tests/scenario/test_web_*.py", "tests/scenario/test_upload_link.py", "tests/unit/test_web_*.py")
# It draws pages by the thousand, of the same shapes.
LEFT_OUT = ("--ignore", "tests/scenario/test_web_fuzz.py")
CONTRAST = RUN_AXE.replace("resultTypes", "runOnly: ['color-contrast'], resultTypes")
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
DOT = b'<svg xmlns="http://www.w3.org/2000/svg" width="600" height="300"/>'


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    """The pages that the tests of the pages draw, each state once, by a name of its own."""
    folder = tmp_path_factory.mktemp("drawn")
    tests = [str(path.relative_to(ROOT)) for pattern in DRAW for path in sorted(ROOT.glob(pattern))]
    options = ["-q", "-p", "tests.drawing", "-p", "no:cacheprovider", "-m", "", *LEFT_OUT]
    command = [sys.executable, "-m", "pytest", *options, *tests]
    # Our own interpreter and our own words: nothing here comes from outside.
    ran = subprocess.run(  # noqa: S603
        command, cwd=ROOT, env={**os.environ, KEPT_IN: str(folder)}, capture_output=True, check=False
    )
    assert ran.returncode == 0, ran.stdout.decode()[-2000:]
    return {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.html"))}


def test_every_page_that_there_is_is_drawn_by_some_test(drawn):
    pages = {
        path.stem
        for path in (ROOT / "bot/web/templates").glob("*.html")
        if "{% extends" in path.read_text("utf-8")
    }

    assert pages - {name.partition(".")[0] for name in drawn} == set()


@pytest.fixture
def address(drawn):
    """Where each state lies under its name, with our style and script, and a dot for each picture."""

    class States(BaseHTTPRequestHandler):
        def do_GET(self):  # the name that http.server calls
            kind, content = _lying_at(self.path, drawn)
            self.send_response(200)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), States)
    running = threading.Thread(target=server.serve_forever)
    running.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    running.join()
    server.server_close()


def _lying_at(path, drawn):
    kept = ROOT / "bot/web" / path.lstrip("/")
    if path.lstrip("/") in drawn:
        return "text/html; charset=utf-8", drawn[path.lstrip("/")].encode()
    if re.fullmatch(r"/static/[a-z.]+", path):
        return TYPES[kept.suffix], kept.read_bytes()
    return TYPES[".svg"], DOT


def test_axe_finds_nothing_wrong_with_any_state_in_light_or_dark_and_none_is_wider_than_a_phone(
    drawn, address, browser
):
    page, source = browser.new_page(viewport=DESK, base_url=address, locale="en-GB"), axe().read_text("utf-8")
    faults = {}
    for name in drawn:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(DESK)
        page.goto(f"/{name}")
        page.evaluate(UNFOLD)
        page.evaluate(source)
        found = [f"light: {fault}" for fault in page.evaluate(RUN_AXE)]
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {fault}" for fault in page.evaluate(CONTRAST)]
        page.set_viewport_size(PHONE)
        found += [f"too wide: {fault}" for fault in page.evaluate(TOO_WIDE)]
        faults |= {name: found} if found else {}
    page.close()

    assert len(drawn) > 100
    assert faults == {}
