"""The same day on a phone, with a thumb; and the desk with the keyboard alone."""

import re

import pytest

from tests.browser.test_browser_day import reach
from tests.browser_kit import DSL, JO, PHONE, URGENT, a_screenshot, missing

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
PHONE_IN_HAND = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SMALLEST = 24
"""CSS pixels, either way, that a thumb can hit (WCAG 2.5.8)."""
CONTROLS = "button, .button, input, select, textarea, summary, nav a"
TOO_SMALL = """([controls, most]) => [...document.querySelectorAll(controls)]
    .filter(each => each.offsetParent && each.type !== 'hidden' && !each.classList.contains('hidden'))
    .filter(each => (each.closest('label') || each).getBoundingClientRect().height < most)
    .map(each => each.outerHTML)"""


def too_small(page):
    """What a thumb would miss."""
    return page.evaluate(TOO_SMALL, [CONTROLS, SMALLEST])


def test_on_a_phone_a_question_is_asked_and_urgent_numbers_are_tapped(visitor):
    jo = visitor(**PHONE_IN_HAND)
    page = jo.become(JO)

    assert "Think very carefully" in jo.ask("Can I follow a parent?").inner_text()

    page.goto("/")
    card = jo.ask(URGENT)
    number = card.locator("a[href='tel:999']").first
    number.scroll_into_view_if_needed()
    box = number.bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= PHONE["width"]
    assert too_small(page) == []


def test_on_a_phone_a_report_with_a_screenshot_is_sent_and_the_case_taken_in_hand(visitor):
    jo, ruth = visitor(**PHONE_IN_HAND), visitor(**PHONE_IN_HAND)
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()
    assert too_small(page) == []
    jo.answer_gate("No")
    shot = {"name": "screen.png", "mimeType": "image/png", "buffer": a_screenshot()}
    page.locator("#files").set_input_files(shot)
    assert too_small(page) == []
    case = jo.send()

    desk = ruth.become(DSL)
    ruth.open_case(case)
    ruth.press("I have this case in hand")

    assert desk.get_by_text("Noted: you have this case in hand.").is_visible()
    assert too_small(desk) == []


def test_a_case_is_opened_acknowledged_noted_exported_and_closed_with_the_keyboard_alone(visitor):
    jo, ruth = visitor(), visitor()
    jo.become(JO)
    case = jo.report()
    page = ruth.become(DSL)
    page.goto("/")

    reach(page, "nav a[href='/cases']", "Enter")
    page.wait_for_url("**/cases")
    reach(page, f"a[href='/cases/{case}']", "Enter", most=300)
    page.get_by_role("heading", name="Why do you open").wait_for()
    reach(page, "button[name=reason]", "Enter")
    page.get_by_role("heading", name=f"Case {case}").wait_for()
    reach(page, "form[action*='/acknowledge'] button", "Enter")
    page.get_by_text("Noted: you have this case in hand.").wait_for()
    note(page)
    export(page, case)
    page.goto(f"/cases/{case}")
    close(page)

    assert page.locator(".case-head .tag").inner_text() == "closed"


def unfolded(page, title):
    """Reach the part of the page called *title*, and open it."""
    mark = "each => { each.setAttribute('data-wanted', '') }"
    page.locator("summary", has_text=re.compile(f"^{re.escape(title)}$")).first.evaluate(mark)
    reach(page, "[data-wanted]", "Enter", most=200)
    page.evaluate("document.querySelector('[data-wanted]').removeAttribute('data-wanted')")


def note(page):
    unfolded(page, "Add a note")
    reach(page, "form[action*='/note'] textarea")
    page.keyboard.type("Spoke to Sam's form tutor.")
    reach(page, "form[action*='/note'] button", "Enter")
    page.locator(".timeline").get_by_text("Spoke to Sam's form tutor.").wait_for()


def export(page, case):
    reach(page, "a[href$='/export'], a[href*='/export?']", "Enter", most=200)
    page.wait_for_url("**/export**")
    reach(page, "[name=reader]", "Space")
    reach(page, "[name=reason]")
    page.keyboard.type("They have asked for it.")
    with page.expect_download() as waiting:
        reach(page, "main form button[type=submit]", "Enter")
    assert waiting.value.suggested_filename.endswith(".zip")


def close(page):
    unfolded(page, "Close the case")
    for name in ("summary", "followed_up", "action", "outcome", "reasons", "filed_where"):
        reach(page, f"form[action*='/close'] [name={name}]")
        page.keyboard.type(f"What is written of {name}.")
    reach(page, "form[action*='/close'] [name=type]")
    page.keyboard.press("ArrowDown")
    reach(page, "form[action*='/close'] [name=until]")
    # The same day whichever way round this browser writes one.
    page.keyboard.type("08082049")
    reach(page, "form[action*='/close'] [name=sexual_abuse]")
    page.keyboard.press("Space")
    reach(page, "form[action*='/close'] button", "Enter")
    page.locator(".timeline").wait_for()
    assert page.locator(".fault:not(:empty)").all_inner_texts() == []
    page.get_by_text("The case is closed.").wait_for()
