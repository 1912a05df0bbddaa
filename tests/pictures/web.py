"""
Make the pictures of the pages in the README, from the pages themselves: python -m tests.pictures.web

Needs Playwright and Debian's chromium.
"""

import sys
import tempfile
from pathlib import Path

from tests.browser_kit import (
    DSL,
    JO,
    PHONE,
    URGENT,
    Visitor,
    a_screenshot,
    chromium,
    pictured,
    serving,
    unfold,
)

FOLDER = Path(__file__).parent
DESK = {"width": 1200, "height": 820}


def take(page, name, **options):
    """Keep what the page shows as *name*."""
    page.wait_for_timeout(300)
    page.screenshot(path=FOLDER / f"web-{name}.png", **options)
    sys.stdout.write(f"web-{name}.png\n")


def ask(jo):
    jo.page.goto("/")
    jo.ask("Can I follow a parent?")
    jo.page.evaluate("scrollTo(0, 0)")
    take(jo.page, "ask")


def report(jo):
    jo.begin()
    jo.fill_request()
    jo.page.locator("#gate").get_by_label("No", exact=True).check()
    # Debian's chromium writes a day the American way without its package of languages: it stays out of view.
    jo.page.set_viewport_size({"width": 1200, "height": 430})
    jo.page.evaluate("document.querySelector('#gate').scrollIntoView(); scrollBy(0, -24)")
    take(jo.page, "report")
    jo.page.set_viewport_size(DESK)


def case(jo, ruth):
    number = jo.report(("screen.png", a_screenshot()))
    ruth.become(DSL)
    ruth.open_case(number)
    ruth.press("I have this case in hand")
    unfold(ruth.page, "Look at it here")
    pictured(ruth.page, ".look img")
    ruth.page.set_viewport_size({"width": 1200, "height": 1330})
    ruth.page.evaluate("scrollTo(0, 0)")
    take(ruth.page, "case")


def urgent(phone):
    phone.become(JO)
    phone.ask(URGENT)
    phone.page.evaluate("scrollTo(0, 0)")
    take(phone.page, "urgent")


def main() -> None:
    """Make them all."""
    with serving(Path(tempfile.mkdtemp())) as (address, _), chromium() as browser:
        jo, ruth = (Visitor(browser, address, viewport=DESK) for _ in range(2))
        jo.become(JO)
        ask(jo)
        report(jo)
        case(jo, ruth)
        urgent(Visitor(browser, address, viewport=PHONE, device_scale_factor=2))


if __name__ == "__main__":
    main()
