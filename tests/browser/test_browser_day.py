"""A school's day at the pages, in a real browser: asking, reporting, the gate, the desk, two schools."""

import hashlib
import re
from zipfile import ZipFile

import pytest

from bot.domain.urgent import TELL_NOW
from tests.browser_kit import DSL, HEAD, JO, OTHER, OTHER_DSL, URGENT, a_screenshot, missing, pictured, unfold

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
TAKES_FILES = "input[type=file], [data-drop], [data-progress]"


def test_a_question_and_its_follow_up_are_answered_with_the_clause_in_its_place(visitor):
    jo = visitor()
    page = jo.become(JO)

    jo.ask("Can I follow a parent?")
    last = jo.ask("Is a former pupil any different?")

    cards = page.locator(".answer")
    assert "Think very carefully before you follow a parent or carer" in cards.first.inner_text()
    assert "former student" in last.inner_text()
    assert cards.count() == page.locator(".asked").count() == 2

    # In a tab of its own, so that the conversation stays.
    with page.context.expect_page() as opened:
        last.get_by_role("link", name="see it in its place").first.click()
    place = opened.value
    assert place.locator("#here mark").is_visible()
    assert re.search(r"/policies/\d+\?clause=", place.url)
    place.close()
    assert cards.count() == 2


def test_an_urgent_message_has_numbers_to_tap_and_two_buttons(visitor):
    jo = visitor()
    page = jo.become(JO)

    jo.ask("A Year 8 has told me she is going to kill herself tonight")

    card = page.locator("section.alert")
    assert card.locator("a[href='tel:999']").first.is_visible()
    assert card.get_by_role("button", name=TELL_NOW).is_visible()

    jo.press("It was only a question")

    assert page.locator("section.alert").count() == 0


def test_back_and_reload_show_the_conversation_again_and_ask_nothing_twice(visitor):
    jo, posts = visitor(), []
    page = jo.become(JO)
    jo.ask("Can I follow a parent?")
    jo.ask("A Year 8 has told me she is going to kill herself tonight")
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    asked = page.locator(".asked")

    page.reload()
    assert asked.count() == 2
    assert page.get_by_role("button", name=TELL_NOW).is_visible()

    page.go_back()
    assert asked.count() == 1
    assert "Can I follow a parent?" in asked.inner_text()

    page.go_forward()
    assert asked.count() == 2
    assert posts == []


def test_a_pasted_screenshot_is_sent_and_the_receipt_has_its_hash(visitor):
    jo, shot = visitor(), a_screenshot()
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()
    jo.answer_gate("No")

    jo.paste(shot)
    assert page.locator("[data-chosen] li").inner_text().startswith("pasted-1.png")
    case = jo.send()

    receipt = page.locator("main").inner_text()
    assert re.fullmatch(r"[A-Z0-9]{4}-[A-Z0-9]{4}", case)
    assert hashlib.sha256(shot).hexdigest() in receipt
    assert DSL in receipt


@pytest.mark.parametrize("answer", ["Yes", "Not sure"])
def test_safety_1_after_yes_or_not_sure_no_page_of_the_report_has_anything_that_takes_a_file(visitor, answer):
    jo = visitor()
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()
    assert page.locator(TAKES_FILES).count() == 0

    jo.answer_gate(answer)

    assert page.get_by_role("heading", name="STOP").is_visible()
    assert page.locator(TAKES_FILES).count() == 0

    jo.press("Next: who will hear of it")
    jo.paste(a_screenshot())

    assert page.locator(TAKES_FILES).count() == 0

    jo.send()

    assert page.locator(TAKES_FILES).count() == 0
    assert "SHA-256" not in page.locator("main").inner_text()
    assert page.get_by_role("link", name="More evidence").count() == 0


def test_safety_1_a_file_pasted_before_the_gate_is_answered_is_turned_away_in_words(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.begin()

    jo.paste(a_screenshot())

    assert "Please answer this first" in page.locator("#gate-unasked").inner_text()
    assert page.locator(TAKES_FILES).count() == 0


def test_after_no_files_are_taken_with_the_coach_beside_them(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()

    jo.answer_gate("No")

    assert page.locator("#files").is_visible()
    assert page.get_by_text("How to capture what is on your screen").is_visible()


def test_the_dsl_opens_acknowledges_notes_and_closes(visitor):
    jo, ruth = visitor(), visitor()
    jo.become(JO)
    case = jo.report()
    page = ruth.become(DSL)

    page.goto("/cases")
    page.get_by_role("link", name=case).click()
    page.get_by_role("heading", name="Why do you open").wait_for()
    assert "Sam Pell" not in page.locator("main").inner_text()
    ruth.press("Working on the case")
    assert page.get_by_text("Sam Pell").first.is_visible()

    ruth.press("I have this case in hand")
    assert page.get_by_text("Noted: you have this case in hand.").is_visible()

    unfold(page, "Add a note")
    page.locator("form[action*='/note'] textarea").fill("Spoke to Sam's form tutor.")
    ruth.press("Keep the note")
    assert page.locator(".timeline").get_by_text("Spoke to Sam's form tutor.").is_visible()

    unfold(page, "Close the case")
    ruth.fill_closing()
    ruth.press("Close it")
    assert page.get_by_text("The case is closed.").is_visible()
    assert page.locator(".case-head .tag").inner_text() == "closed"


def test_the_dsl_looks_at_a_picture_and_takes_a_copy_with_the_original_out(visitor, tmp_path):
    jo, ruth, shot = visitor(), visitor(), a_screenshot()
    jo.become(JO)
    case = jo.report(("screen.png", shot))
    page = ruth.become(DSL)
    ruth.open_case(case)

    unfold(page, "Look at it here")
    pictured(page, ".look img")
    page.get_by_role("link", name="Make a copy for the police").click()
    page.get_by_label(re.compile("police", re.I)).check()
    page.get_by_label("Why does it leave the school?").fill("The police have asked for it.")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Make the copy").click()
    waiting.value.save_as(tmp_path / "pack.zip")

    with ZipFile(tmp_path / "pack.zip") as pack:
        assert shot in [pack.read(name) for name in pack.namelist()]


def test_the_return_key_asks_on_and_a_follow_up_that_is_urgent_keeps_the_conversation(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.ask("Can I follow a parent?")

    page.locator("#question").fill(URGENT)
    page.locator("#question").press("Enter")
    page.locator("section.alert").wait_for()

    assert page.locator(".asked").count() == 2
    assert page.locator("section.alert a[href='tel:999']").is_visible()
    assert page.get_by_text("Thank you.").count() == 0


def test_people_are_followed_from_case_to_case_with_a_reason(visitor):
    jo = visitor()
    jo.become(JO)
    case = jo.report(who="Perry Stonegate")
    page = jo.become(DSL)
    jo.open_case(case)

    page.get_by_role("link", name=re.compile(r"Their cases and links ?\(Perry")).click()
    page.get_by_role("heading", name="Perry Stonegate").wait_for()

    assert case in page.locator("ul.cases").inner_text()
    assert "Perry" not in page.url


def test_safety_15_two_schools_never_see_each_others_cases(visitor):
    jo, other = visitor(), visitor()
    jo.become(JO)
    case = jo.report(who="Wren Hollybush")
    page = other.become(OTHER_DSL, OTHER)

    page.goto("/cases")
    assert case not in page.content()
    page.get_by_label("Find by name or number").fill("Wren Hollybush")
    other.press("Find")
    assert "No case that you can open names anybody like that" in page.locator("main").inner_text()
    refused = page.request.get(f"/cases/{case}")
    absent = page.request.get("/cases/ZZZZ-0000")

    assert refused.status == absent.status == 404
    assert refused.text().replace(case, "") == absent.text().replace("ZZZZ-0000", "")


def test_who_became_somebody_else_in_another_tab_is_asked_before_anything_goes_in_their_name(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()
    second = jo.context.new_page()
    second.goto("/sign-in")
    second.get_by_role("button", name=HEAD).click()

    jo.answer_gate("No")

    assert page.get_by_text(f"Send it as {HEAD}").is_visible()

    jo.press("Send it")

    assert page.locator("#q-who, #files").count() == 0
    assert page.get_by_text("Sam Pell").count() == 0


def test_pressing_send_twice_going_back_and_sending_again_makes_one_case(visitor):
    jo = visitor()
    page = jo.become(JO)
    page.goto("/mine")
    before = page.locator("section.mine").count()
    jo.begin()
    jo.fill_request()
    jo.answer_gate("No")

    page.get_by_role("button", name="Send", exact=True).dblclick(no_wait_after=True)
    case = page.locator(".number").inner_text()
    page.go_back()
    jo.press("Send what you added")
    again = page.locator(".number").inner_text()
    page.goto("/mine")

    assert again == case
    assert page.locator("section.mine").count() == before + 1


def test_a_question_is_asked_with_the_keyboard_alone(visitor):
    page = visitor().become(JO)
    page.goto("/mine")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"

    reach(page, "nav a[href='/']", "Enter")
    page.locator("#question:focus").wait_for()
    page.keyboard.type("Can I follow a parent?")
    page.keyboard.press("Enter")

    page.locator(".answer").wait_for()


def test_a_whole_report_is_made_with_the_keyboard_alone(visitor):
    page = visitor().become(JO)
    page.goto("/")

    reach(page, "nav a[href='/report']", "Enter")
    page.wait_for_url("**/report")
    reach(page, "button[value='friend-request']", "Enter")
    page.locator("form[data-keep]").wait_for()
    reach(page, "#q-who")
    page.keyboard.type("Sam Pell")
    for choice in ("[name='a.sender']", "[name='a.what']", "#gate [type=radio]"):
        reach(page, choice, "Space")
    reach(page, "button[value=next]", "Enter")
    page.wait_for_url("**/send")
    reach(page, "#files")
    reach(page, "button[value=send]", "Enter")

    page.locator(".number").wait_for()


def reach(page, selector, key="", most=80):
    """Press Tab until what *selector* finds has the focus, and is seen to have it; then press *key*."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"{selector} does not show that it has the focus"
            if key:
                page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")
