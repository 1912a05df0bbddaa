"""Every page as it is drawn: axe-core in light and dark, a phone's width, its weight; none is left out."""

import re
from urllib.parse import urlsplit

import pytest

from bot.web.site import PAGES
from tests.browser_kit import (
    CONCERN,
    DSL,
    HEAD,
    JO,
    PHONE,
    SCHOOL,
    URGENT,
    a_screenshot,
    axe,
    missing,
    serving,
)

REASON = missing() or (
    "" if axe() else "axe-core is not installed: npm install --prefix .ci --no-save axe-core@4.14.1"
)
pytestmark = [pytest.mark.slow, pytest.mark.skipif(bool(REASON), reason=REASON)]

NO_PAGE_OF_ITS_OWN = {
    "/poster/code.svg": "a picture of the poster",
    "/insights/{chart}.svg": "a picture of the insights",
    "/cases/{case}/evidence/{item}/{number}": "a picture of the case",
    "/cases/{case}/evidence/{item}/original": "leads to the page of the file",
    "/report/begin": "the same page as /report",
    "/cases/search": "the same page as /cases",
    "/mine/{case}/locked": "the stop screen, as of a report",
    **dict.fromkeys(
        ("/upload/{token}", "/upload/{token}/files", "/upload/{token}/receipt"),
        "nobody has such a link in sample mode: test_browser_uploads.py looks at it",
    ),
}
UNFOLD = "document.querySelectorAll('details').forEach(each => { each.open = true; })"
TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= width) return [];
    return [...document.querySelectorAll('body *')]
        .filter(each => each.getBoundingClientRect().right > width + 1 && !each.closest('.scroll > *'))
        .map(each => `${each.tagName}.${each.className}: ${each.textContent.trim().slice(0, 40)}`)
        .slice(0, 5);
}"""
RUN_AXE = """async () => (await axe.run(document, { resultTypes: ['violations'] })).violations
    .map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 120)).slice(0, 3).join(' | ')}`)"""
MOST_BYTES = 100_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where this file's own server keeps everything."""
    return tmp_path_factory.mktemp("pages")


@pytest.fixture(scope="module")
def served(folder):
    """This file's own server: what one test files, another may look at."""
    with serving(folder) as (address, log):
        yield address
    assert "web.broke" not in log.read_text("utf-8")


def every_page(visit, look):
    """Go to every page in every state that looks different; call *look* with its name and the page."""
    jo = visit()
    jo.page.goto("/sign-in")
    look("/sign-in", jo.page)
    _asking(jo, look)
    case = _reporting(jo, look)
    _afterwards(jo, case, look)
    _at_the_desk(visit(), case, look)
    _enough_to_draw(jo)
    _answering(jo, look)
    _as_head(visit(), look)


def _asking(jo, look):
    page = jo.become(JO)
    look("/", page)
    jo.ask("Can I follow a parent?")
    jo.ask("What is the capital of Peru?")
    look("/ answered", page)
    page.get_by_role("button", name=re.compile("^No, it did not help")).last.click()
    page.get_by_role("button", name=re.compile("^Send this question")).last.click()
    page.get_by_label("To the policy’s owner").wait_for()
    look("/ to the owner", page)
    jo.ask(URGENT)
    look("/ urgent", page)
    jo.press("It was only a question")
    look("/urgent question", page)


def _reporting(jo, look):
    page = jo.page
    page.goto("/report")
    look("/report", page)
    _stopped(jo, look)
    jo.begin()
    look("/report/{draft}", page)
    jo.press("Next: who will hear of it")
    look("/report/{draft} with faults", page)
    jo.fill_request("Sam Pell, who is a friend of Denise Tarrow")
    jo.answer_gate("No")
    page.locator("#files").set_input_files(
        [_file("screen.png", a_screenshot()), _file("words.txt", b"Come out.")]
    )
    look("/report/{draft}/send", page)
    case = jo.send()
    look("/report/{draft}/receipt", page)
    page.get_by_role("link", name="Add more now").click()
    page.wait_for_url("**/more")
    look("/report/{draft}/more", page)
    return case


def _afterwards(jo, case, look):
    page = jo.page
    for path in ("/mine/{case}/receipt", "/mine/{case}/sent", "/mine/{case}/evidence"):
        page.goto(path.replace("{case}", case))
        look(path, page)
    page.locator("#gate").get_by_label("No", exact=True).check()
    page.locator("form:has(#gate)").evaluate("form => form.requestSubmit()")
    page.locator("#files").wait_for()
    look("/mine/{case}/evidence/{draft}", page)
    page.goto("/policies")
    page.get_by_label("Find clauses with these words").fill("parent")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("heading", name=re.compile("clauses? found")).wait_for()
    look("/policies found", page)
    page.get_by_role("link", name="see it in its place").first.click()
    page.locator("#here").wait_for()
    look("/policies/{number} in its place", page)
    for path in ("/policies", "/policies/{number}", "/poster", "/nowhere", "/report/gone"):
        page.goto(path.replace("{number}", "1"))
        look(path, page)


def _stopped(jo, look):
    jo.begin(CONCERN)
    jo.page.get_by_label("Which child?").fill("Sam Pell")
    jo.page.get_by_label("What happened?").fill("A picture is going round.")
    jo.answer_gate("Yes")
    look("/report/{draft} stopped", jo.page)
    jo.press("Next: who will hear of it")
    look("/report/{draft}/send stopped", jo.page)
    jo.send()
    look("/report/{draft}/receipt urgent", jo.page)


def _file(name, content):
    return {"name": name, "mimeType": "", "buffer": content}


def _at_the_desk(ruth, case, look):
    page = ruth.become(DSL)
    for path in ("/cases", "/cases/deletion", "/insights", "/cases?status=closed"):
        page.goto(path)
        look(path, page)
    page.goto(f"/cases/{case}")
    look("/cases/{case} reason", page)
    ruth.press("Open the case")
    look("/cases/{case} no reason", page)
    ruth.open_case(case)
    ruth.press("I have this case in hand")
    page.locator("summary", has_text="Ask the reporter for more").click()
    page.locator("form[action*='/ask'] textarea").fill("Which account was it?")
    ruth.press("Send the question")
    page.locator("summary", has_text="Add a note").click()
    ruth.press("Keep the note")
    look("/cases/{case}", page)
    for path in ("/cases/{case}/person/{number}", "/cases/{case}/subject-access", "/cases/{case}/export"):
        page.goto(path.replace("{case}", case).replace("{number}", "1"))
        look(path, page)
    ruth.press("Make the copy")
    look("/cases/{case}/export with faults", page)
    page.goto(f"/cases/{case}")
    page.get_by_role("link", name="Read it").click()
    page.get_by_role("heading", name="Evidence", exact=True).wait_for()
    look("/cases/{case}/evidence/{item}", page)


def _enough_to_draw(jo):
    """More than four cases, below which the insights show no figures."""
    jo.page.goto("/mine")
    for number in range(jo.page.locator("section.mine").count(), 7):
        jo.report(who=f"Sam Pell {number}")


def _answering(jo, look):
    jo.page.goto("/mine")
    look("/mine", jo.page)
    jo.page.get_by_role("link", name="Answer").first.click()
    jo.page.wait_for_url("**/answer/*")
    look("/mine/{case}/answer/{ask}", jo.page)


def _as_head(head, look):
    page = head.become(HEAD)
    for path in ("/insights", "/audit", "/audit/openings", "/audit/verify"):
        page.goto(path)
        look(f"{path} of the head", page)
        assert path != "/insights" or page.locator(".figure").count()
    head.press("Verify now")
    look("/audit/verify done", page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_any_page(visitor, scheme):
    found, source = {}, axe().read_text("utf-8")

    def look(name, page):
        page.wait_for_load_state()
        page.evaluate(UNFOLD)
        page.evaluate(source)
        found[name] = page.evaluate(RUN_AXE)

    every_page(lambda: visitor(color_scheme=scheme), look)

    assert {name: faults for name, faults in found.items() if faults} == {}


def test_no_page_scrolls_sideways_on_a_phone_and_none_is_left_out(visitor):
    found = {}

    def look(name, page):
        page.wait_for_load_state()
        page.evaluate(UNFOLD)
        found[name] = page.evaluate(TOO_WIDE)

    every_page(lambda: visitor(viewport=PHONE), look)

    assert {name: wide for name, wide in found.items() if wide} == {}
    drawn = {page.path for page in PAGES if page.get}
    seen = {name.split(" ")[0] for name in found} | set(NO_PAGE_OF_ITS_OWN)
    assert {path for path in drawn - seen if not path.startswith("/sign-in/")} == leading_back()


def leading_back():
    """The addresses of the forms of a case, which only lead back to the case."""
    from bot.web import case_doing  # noqa: PLC0415

    return {page.path for page in case_doing.PAGES}


@pytest.mark.parametrize("first", ["/sign-in", "/"])
def test_the_first_page_weighs_less_than_a_hundred_thousand_bytes_and_all_of_it_is_ours(visitor, first):
    jo, new = visitor(), visitor()
    jo.become(JO)
    new.context.add_cookies(jo.context.cookies())

    # A browser that was never here: nothing of the page is kept in it.
    new.page.goto(first, wait_until="networkidle")

    assert SCHOOL in new.page.content()
    assert len(new.answered) >= 3
    assert {urlsplit(each.url).netloc for each in new.answered} == {urlsplit(new.page.url).netloc}
    assert new.weight() < MOST_BYTES
