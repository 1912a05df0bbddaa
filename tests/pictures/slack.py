"""
Make the pictures of Slack in the README, from the page of the stand-in: python -m tests.pictures.slack

Needs root (for a network of its own), local-slack (see `.ci/run`), Playwright and Debian's chromium.
"""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.scenario.test_slack_end_to_end import a_picture, chosen, from_app, report
from tests.slack_school import CHANNEL, CHANNELS, DSL, DSL_CHANNEL, JO, PEOPLE, ROOT, serving, upload
from tests.slack_stand_in import BOT, PORT, own_network, stand_in, until, words

FOLDER = Path(__file__).parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@contextlib.contextmanager
def a_page(height=820):
    """The page of the stand-in, as wide as a laptop's window."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1200, "height": height}, device_scale_factor=1)
        page.goto(f"http://127.0.0.1:{PORT}")
        page.get_by_text("ui live").wait_for()
        yield page
        browser.close()


def take(page: Page, name: str) -> None:
    """Keep what the page shows as *name*."""
    page.wait_for_timeout(700)
    page.screenshot(path=FOLDER / f"slack-{name}.png")
    sys.stdout.write(f"slack-{name}.png\n")


def open_thread(page, slack):
    slack.mention("Can I follow a parent?", JO, CHANNEL)
    until(lambda: from_app(slack, CHANNEL))
    page.get_by_text("1 reply").first.click()
    take(page, "answer")


def write_directly(page, slack):
    slack.say(BOT, "A Year 8 has told me she is going to kill herself tonight", JO)
    until(lambda: slack.directs(JO))
    page.locator(".sidebar-item", has_text="Jo Mint").click()
    page.set_viewport_size({"width": 1200, "height": 1040})
    take(page, "urgent")
    page.set_viewport_size({"width": 1200, "height": 820})


def fill_the_form(page, slack):
    slack.command("/report-friend-request", "", JO, CHANNEL)
    until(lambda: slack.ui.view()["callback_id"] == "report")
    take(page, "form")
    slack.close_modal(JO)


def open_the_case(page, slack):
    answers = {"who": "Sam Pell", "what": "request"}
    report(slack, "/report-friend-request", answers, upload(JO, "screen.png", a_picture()))
    notice = until(lambda: from_app(slack, DSL_CHANNEL))[0]
    slack.close_modal(JO)
    slack.press(notice, "case.open", DSL)
    asked = until(lambda: slack.ui.view()["callback_id"] == "case.reason" and slack.ui.view())
    slack.submit({"reason": chosen(asked, "reason")}, DSL)
    until(lambda: "Sam Pell" in words(slack.ui.view()["blocks"]))
    take(page, "case")


def main() -> None:
    """Make them all."""
    folder = Path(tempfile.mkdtemp())
    already = ROOT / "data" / "sample" / "index" / "embeddings.db"
    if already.exists():
        index = folder / "data" / "index"
        index.mkdir(parents=True)
        shutil.copy(already, index)
    with (
        own_network(),
        stand_in(folder, "socket", PEOPLE, CHANNELS) as slack,
        serving(folder, "socket"),
        a_page() as page,
    ):
        for scene in (open_thread, write_directly, fill_the_form, open_the_case):
            scene(page, slack)


if __name__ == "__main__":
    main()
