"""
Make the pictures of the pages in the README, from the pages themselves: python -m tests.pictures.web

Needs Playwright and Debian's chromium. Everything in them is made up.
"""

import io
import sys
import tempfile
from itertools import chain
from pathlib import Path

from PIL import Image

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
DESK = {"width": 1080, "height": 720}
IN_HAND = {"viewport": PHONE, "device_scale_factor": 1.5, "is_mobile": True, "has_touch": True}
COLOURS = 128
"""So many are enough for flat pages, and a third of the bytes."""
PATIENCE_MS = 90_000
"""A picture waits for the next frame, which a machine with both its cores busy may not draw for long."""
MOST_BYTES = 400_000
"""All pictures of the pages together, for whoever reads the README on a slow line."""


def take(page, file):
    """Keep what the page shows as *file*."""
    page.wait_for_timeout(300)
    shot = Image.open(io.BytesIO(page.screenshot(timeout=PATIENCE_MS))).convert("RGB")
    few = shot.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(file, optimize=True)


def top(page, selector="body", above=0):
    """Show the page from *selector* on, with *above* pixels before it."""
    page.evaluate(
        "([selector, above]) => { document.querySelector(selector).scrollIntoView(); scrollBy(0, -above); }",
        [selector, above],
    )


def ask(jo):
    jo.page.goto("/")
    jo.ask("Can I follow a parent?")
    top(jo.page)
    yield "ask", jo.page


def report(phone):
    phone.begin()
    phone.fill_request()
    phone.page.locator("#gate").get_by_label("No", exact=True).check()
    # Debian's chromium writes a day the American way without its package of languages: it stays out of view.
    top(phone.page, "#gate", 16)
    yield "report", phone.page


def receipt(phone):
    phone.answer_gate("No")
    shot = {"name": "screen.png", "mimeType": "image/png", "buffer": a_screenshot()}
    phone.page.locator("#files").set_input_files(shot)
    phone.send()
    top(phone.page)
    yield "receipt", phone.page


def case(jo, ruth):
    number = jo.report(("screen.png", a_screenshot()))
    ruth.become(DSL)
    ruth.open_case(number)
    ruth.press("I have this case in hand")
    # Once more, without the line that it was noted.
    ruth.page.goto(f"/cases/{number}")
    unfold(ruth.page, "Look at it here")
    pictured(ruth.page, ".look img")
    ruth.page.set_viewport_size({**DESK, "height": 1240})
    top(ruth.page)
    yield "case", ruth.page


def urgent(phone):
    phone.page.goto("/")
    phone.ask(URGENT)
    top(phone.page)
    yield "urgent", phone.page


def make(browser, address, folder):
    """Make them all in *folder*, at the pages that are served at *address*; return the files."""
    jo, ruth = (Visitor(browser, address, viewport=DESK) for _ in range(2))
    phone = Visitor(browser, address, **IN_HAND)
    jo.become(JO)
    phone.become(JO)
    files = []
    for name, page in chain(ask(jo), urgent(phone), report(phone), receipt(phone), case(jo, ruth)):
        files.append(folder / f"web-{name}.png")
        take(page, files[-1])
    for each in (jo, ruth, phone):
        each.close()
    return files


def main() -> None:
    """Make them all anew, where the README shows them."""
    with serving(Path(tempfile.mkdtemp())) as (address, _), chromium() as browser:
        files = make(browser, address, FOLDER)
    whole = sum(each.stat().st_size for each in files)
    sys.stdout.write("".join(f"{each.name}\n" for each in files) + f"{whole:,} bytes together\n")
    if whole > MOST_BYTES:
        raise SystemExit(f"more than {MOST_BYTES:,} bytes")


if __name__ == "__main__":
    main()
