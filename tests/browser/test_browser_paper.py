"""A dropped file, the receipt on paper, the code on the poster, and the README's pictures."""

import hashlib
import importlib.util
import io

import pdfplumber
import pytest
from PIL import Image

from tests.browser_kit import CONCERN, DSL, JO, ROOT, a_screenshot, missing
from tests.pictures import web

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
NO_READER = importlib.util.find_spec("zxingcpp") is None


def test_a_dropped_picture_is_listed_sent_and_kept_as_it_was(visitor):
    jo, shot = visitor(), a_screenshot()
    page = jo.become(JO)
    jo.begin()
    jo.fill_request()
    jo.answer_gate("No")

    jo.drop(shot)
    chosen = page.locator("[data-chosen] li").all_inner_texts()
    jo.send()

    assert [each.startswith("dropped.png") for each in chosen] == [True]
    assert hashlib.sha256(shot).hexdigest() in page.locator("main").inner_text()


def test_safety_2_a_picture_dropped_before_the_gate_is_answered_is_turned_away_in_words(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.begin()

    jo.drop(a_screenshot())

    assert "Please answer this first" in page.locator("#gate-unasked").inner_text()
    assert page.locator("input[type=file], [data-chosen] li").count() == 0


@pytest.mark.parametrize("path", ["/", "/report", "/mine", "/policies"])
def test_safety_2_a_picture_dropped_or_pasted_anywhere_else_is_neither_taken_nor_opened(visitor, path):
    jo = visitor()
    page = jo.become(JO)
    for bring in (jo.drop, jo.paste):
        page.goto(path)
        bring(a_screenshot())

        assert "I have not opened or fetched the file" in page.locator("main > .unasked").inner_text()
        assert page.url.endswith(path)


def test_safety_1_a_picture_dropped_on_the_stop_screen_stays_unopened_and_the_screen_stays(visitor):
    jo = visitor()
    page = jo.become(JO)
    jo.begin(CONCERN)
    jo.page.get_by_label("Which child?").fill("Sam Pell")
    jo.page.get_by_label("What happened?").fill("A picture is going round.")
    jo.answer_gate("Yes")

    jo.drop(a_screenshot())

    assert "No file can be added to this report any more" in page.locator(".stop ~ .unasked").inner_text()
    assert page.get_by_role("heading", name="STOP").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_receipt_is_printed_whole_black_on_white_and_without_the_page_around_it(visitor, scheme):
    jo, shot = visitor(color_scheme=scheme), a_screenshot()
    page = jo.become(JO)
    case = jo.report(("screen.png", shot))

    page.emulate_media(media="print")
    with pdfplumber.open(io.BytesIO(page.pdf())) as paper:
        text = "".join("".join(each.extract_text() or "" for each in paper.pages).split())
    ink, sheet = page.evaluate(
        "[getComputedStyle(document.querySelector('h1')).color,"
        " getComputedStyle(document.body).backgroundColor]"
    )

    for said in (case, hashlib.sha256(shot).hexdigest(), DSL.replace(" ", ""), "999"):
        assert said in text
    assert not page.locator("nav").first.is_visible()
    assert [each.inner_text() for each in page.locator("button").all() if each.is_visible()] == []
    assert (ink, sheet) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")


@pytest.mark.skipif(NO_READER, reason="zxing-cpp is not installed: pip install -e '.[dev]'")
@pytest.mark.parametrize("how", ["light", "dark", "print"])
def test_a_camera_reads_the_address_of_the_form_off_the_poster(visitor, served, how):
    import zxingcpp  # noqa: PLC0415 - where it is missing, the test skips

    jo = visitor(color_scheme="dark" if how == "dark" else "light")
    page = jo.become(JO)
    page.goto("/poster")
    page.emulate_media(media="print" if how == "print" else "screen")

    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot(full_page=True))))

    assert [each.text for each in read] == [f"{served}/report"]


def sizes(files):
    found = {}
    for file in files:
        with Image.open(file) as picture:
            found[file.name] = picture.size
    return found


def test_the_pictures_in_the_readme_are_made_anew_each_with_the_size_that_it_has_there(
    browser, served, tmp_path
):
    shown = {each.name for each in web.FOLDER.glob("web-*.png")}

    files = web.make(browser, served, tmp_path)

    assert {each.name for each in files} == shown
    assert all(f"tests/pictures/{each}" in (ROOT / "README.md").read_text("utf-8") for each in shown)
    assert sizes(files) == sizes(web.FOLDER / each for each in shown)
    assert sum(each.stat().st_size for each in files) <= web.MOST_BYTES
