"""Uploads and interrupted work in a real browser: progress, a lost line or session, going back, links."""

import hashlib
import io
import os

import pytest
from PIL import Image

from bot.media.decoder import ChildDecoder
from bot.receiving import Receiving
from tests.browser_kit import DESK, JO, PHONE, Visitor, a_screenshot, axe, chromium, missing
from tests.filing_desk import FakeScanner
from tests.slack_stand_in import until
from tests.web_link_kit import Linked
from tests.web_wire import serving

REASON = missing()
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]
SCHOOL = "Fernhill School"
WHAT = "Somebody keeps asking where she goes to school."
SLOW = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000}
STORED_HERE = """async () => [localStorage.length, sessionStorage.length,
    (await indexedDB.databases()).length, (await caches.keys()).length]"""
RUN_AXE = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .map(each => `${each.id}: ${each.nodes[0].html.slice(0, 120)}`)"""
TOO_WIDE = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def served(tmp_path):
    with serving(tmp_path) as (desk, port):
        yield desk, f"http://127.0.0.1:{port}"


class Jo(Visitor):
    """Jo, who reports a worry about a child."""

    def fill(self):
        """Fill in the short part, but not the gate."""
        self.become(JO, SCHOOL)
        self.page.goto("/report")
        self.page.locator("button[value=concern]").click()
        self.page.locator("form[data-keep]").wait_for()
        self.page.locator("#q-who").fill("Jo Marsh")
        self.page.locator("#q-what").fill(WHAT)
        self.page.locator("[name='a.kind'][value=contact]").check()
        self.page.locator("#q-where").select_option("discord")
        self.page.locator("#q-when").fill("2026-11-19")
        return self.page

    def ready(self):
        """Go on to the page before sending, with files."""
        self.fill()
        self.answer_gate("No")
        return self.page

    def choose(self, name="screen.png", content=b"a picture"):
        self.page.locator("#files").set_input_files({"name": name, "mimeType": "", "buffer": content})

    def line(self, **conditions):
        """Let the line be as *conditions* have it."""
        found = self.context.new_cdp_session(self.page)
        found.send("Network.enable")
        found.send("Network.emulateNetworkConditions", conditions)


@pytest.fixture
def jo(browser, served):
    visitor = Jo(browser, served[1])
    yield visitor
    visitor.close()


def cases(desk):
    return {each.case for each in desk.waiting()}


def evidence(desk):
    return [kind for case in cases(desk) for kind in desk.kinds(case) if kind == "evidence stored"]


def test_while_a_file_is_on_its_way_one_sees_how_far_it_is(served, jo):
    page = jo.ready()
    jo.choose(content=b"x" * 1_000_000)
    jo.line(**SLOW)

    page.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)
    page.locator("[data-progress]:not([hidden])").wait_for()
    until(lambda: page.locator("[data-progress]").evaluate("bar => bar.value") > 0)

    assert "% sent" in page.locator("[data-progress-words]").inner_text()
    assert page.get_by_role("button", name="Send", exact=True).is_disabled()
    page.locator(".number").wait_for(timeout=30_000)
    assert len(cases(served[0])) == 1


def test_a_photo_of_40_megabytes_is_kept_byte_for_byte(served, jo, tmp_path):
    desk, photo = served[0], a_large_photo()
    file = tmp_path / "IMG_0042.JPG"
    file.write_bytes(photo)
    receiving = Receiving(ChildDecoder.of(50), FakeScanner(), desk.vault)
    object.__setattr__(desk.intake, "receiving", receiving)
    page = jo.ready()
    page.locator("#files").set_input_files(file)

    page.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)
    page.locator(".number").wait_for(timeout=120_000)

    assert 38_000_000 < len(photo) < 50_000_000
    assert hashlib.sha256(photo).hexdigest() in page.locator("main").inner_text()
    assert "Not kept" not in page.locator("main").inner_text()


def a_large_photo():
    """A picture with nothing in it that could be packed."""
    size = (4700, 3600)
    picture, stream = Image.frombytes("RGB", size, os.urandom(3 * size[0] * size[1])), io.BytesIO()
    picture.save(stream, "JPEG", quality=95, subsampling=0)
    return stream.getvalue()


def test_a_file_of_200_megabytes_is_refused_at_the_control_before_any_of_it_is_sent(served, jo, tmp_path):
    page = jo.ready()
    film = a_film(tmp_path)
    jo.answered.clear()
    page.locator("#files").set_input_files(film)

    assert "film.mp4 is larger than 50 MB." in page.locator("[data-drop-fault]").inner_text()
    assert page.locator("[data-chosen] li").count() == 0
    assert [each.url for each in jo.answered if each.method == "POST"] == []


def test_without_a_script_200_megabytes_are_refused_with_the_limit_and_the_form_stays(
    browser, served, tmp_path
):
    desk, address = served
    jo = Jo(browser, address, java_script_enabled=False)
    jo.context.set_default_timeout(30_000)
    page = jo.ready()
    page.locator("#files").set_input_files(a_film(tmp_path))
    jo.press("Send")

    assert "larger than 50 MB" in page.locator("[role=alert]").first.inner_text()
    assert "must be chosen again" in page.locator("main").inner_text()
    assert cases(desk) == set()

    jo.choose()
    jo.press("Send")
    assert page.locator(".number").is_visible()
    assert len(cases(desk)) == 1
    jo.close()


def a_film(folder):
    """200 MB that take no room on the disk."""
    film = folder / "film.mp4"
    with film.open("wb") as file:
        file.truncate(200_000_000)
    return film


def test_an_upload_that_breaks_off_says_so_keeps_the_files_and_is_sent_again_with_a_press(served, jo):
    page = jo.ready()
    jo.choose()
    page.route("**/send", lambda route: route.abort("connectionreset"), times=1)
    page.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)

    page.get_by_text("That did not arrive. Check the connection").wait_for()
    assert page.locator("[data-chosen] li").count() == 1
    assert cases(served[0]) == set()

    jo.press("Send")
    assert page.locator(".number").is_visible()
    assert (len(cases(served[0])), len(evidence(served[0]))) == (1, 1)


def test_a_session_that_ends_before_sending_costs_neither_words_nor_files_and_doubles_nothing(served, jo):
    desk, page = served[0], jo.ready()
    jo.choose()
    desk.clock.pass_by(minutes=31)
    page.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)

    page.get_by_role("heading", name="You were signed out").wait_for()
    assert page.locator("[data-chosen] li").count() == 1
    sign_in_elsewhere(jo)

    page.get_by_role("button", name="Send", exact=True).click(no_wait_after=True)
    page.get_by_role("heading", name="You are signed in again").wait_for()
    assert cases(desk) == set()
    jo.press("Send")

    assert page.locator(".number").is_visible()
    assert (len(cases(desk)), len(evidence(desk))) == (1, 1)


def test_a_session_that_ends_in_mid_form_costs_no_word(served, jo):
    desk, page = served[0], jo.fill()
    desk.clock.pass_by(minutes=31)
    jo.answer_gate("No")
    assert page.get_by_role("heading", name="You were signed out").is_visible()
    sign_in_elsewhere(jo)

    jo.press("I have signed in: go on")
    jo.press("Send it")
    jo.press("Send")

    case = page.locator(".number").inner_text()
    assert cases(desk) == {case}
    page.goto("/mine")
    assert page.locator("section.mine").count() == 1


def sign_in_elsewhere(jo):
    """Sign in again in another tab, and close it."""
    with jo.context.expect_page() as opened:
        jo.page.get_by_role("link", name="Sign in again in a new tab").click()
    tab = opened.value
    box = tab.locator(".card", has=tab.get_by_role("heading", name=SCHOOL))
    box.get_by_role("button", name=JO).click()
    tab.locator(".who-name", has_text=JO).wait_for()
    tab.close()


def test_the_back_button_leads_to_the_questions_as_they_were_answered(served, jo):
    page = jo.ready()
    page.go_back()
    page.locator("form[data-keep]").wait_for()

    assert page.locator("#q-what").input_value() == WHAT
    assert page.locator("#q-where").input_value() == "discord"
    page.go_forward()
    jo.press("Send")
    assert len(cases(served[0])) == 1


def test_send_pressed_twice_with_a_file_makes_one_case_with_one_file(served, jo):
    page = jo.ready()
    jo.choose()
    page.get_by_role("button", name="Send", exact=True).dblclick(no_wait_after=True)
    page.locator(".number").wait_for()

    assert (len(cases(served[0])), len(evidence(served[0]))) == (1, 1)


def test_safety_29_nothing_of_a_report_is_kept_in_the_browser(served, jo):
    page = jo.fill()
    kept = [page.evaluate(STORED_HERE)]
    jo.answer_gate("No")
    kept.append(page.evaluate(STORED_HERE))
    jo.choose()
    jo.press("Send")
    kept.append(page.evaluate(STORED_HERE))

    assert kept == [[0, 0, 0, 0]] * 3
    assert [each["name"] for each in jo.context.cookies()] == ["staffroom"]


# One-use links


@pytest.fixture
def linked(tmp_path):
    with serving(tmp_path, make=Linked) as (found, port):
        yield found, f"http://127.0.0.1:{port}"


def test_a_link_is_opened_on_a_phone_answered_and_used_and_its_receipt_stands_alone(browser, linked):
    (school, address), shot = linked, a_screenshot()
    phone = Visitor(browser, address, viewport=PHONE)
    page = phone.page
    page.goto(school.link())
    assert page.locator("input[type=file]").count() == 0
    page.get_by_label("No", exact=True).check()
    phone.press("Next")
    phone.paste(shot)
    phone.press("Send")

    assert page.url.endswith("/receipt")
    assert hashlib.sha256(shot).hexdigest() in page.locator("main").inner_text()
    assert page.locator("input[type=file]").count() == 0
    assert phone.faults == []
    phone.close()


@pytest.mark.skipif(axe() is None, reason="axe-core is not installed")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_any_page_of_a_link_and_none_is_too_wide(browser, linked, scheme):
    (school, address), source, found = linked, axe().read_text("utf-8"), {}

    def look(name, page):
        page.wait_for_load_state()
        page.evaluate(source)
        found[name] = page.evaluate(RUN_AXE) + (["too wide"] if page.evaluate(TOO_WIDE) else [])

    for viewport in (PHONE, DESK):
        visitor = Visitor(browser, address, viewport=viewport, color_scheme=scheme)
        page, path = visitor.page, school.link()
        page.goto(path)
        look("gate", page)
        page.get_by_label("No", exact=True).check()
        visitor.press("Next")
        look("files", page)
        page.locator("#files").set_input_files({"name": "a.png", "mimeType": "", "buffer": a_screenshot()})
        visitor.press("Send")
        look("receipt", page)
        page.goto("/upload/forged")
        look("over", page)
        visitor.close()
    visitor = Visitor(browser, address, color_scheme=scheme)
    visitor.page.goto(school.link())
    visitor.page.get_by_label("Yes", exact=True).check()
    visitor.press("Next")
    look("stopped", visitor.page)
    visitor.close()

    assert {name: faults for name, faults in found.items() if faults} == {}
