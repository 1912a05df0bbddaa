"""Signing in in real mode, in a real browser: with an account, by invitation, and every way to fail."""

import pyotp
import pytest

from bot.web.openid import Account, OpenId
from tests import openid_kit
from tests.browser.test_browser_pages import RUN_AXE, TOO_WIDE, UNFOLD
from tests.browser_kit import PHONE, Visitor, axe, chromium, missing
from tests.fakes import a_school
from tests.web_kit import WebDesk
from tests.web_wire import serving

REASON = missing()
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(REASON), reason=REASON),
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
]
DOMAIN = "fernhill.example.org"
CHAIR = f"dan@{DOMAIN}"
NO_AXE = "" if axe() else "axe-core is not installed: npm install --prefix .ci --no-save axe-core@4.14.1"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def provider():
    with openid_kit.provider() as found:
        found.account("amy", email=f"amy@{DOMAIN}", name="Amy Ash")
        found.account("jo", email="jo@trust.example.org", name="Jo Mint")
        found.account("x", email="x@elsewhere.example.org")
        yield found


@pytest.fixture
def served(tmp_path, provider):
    """The pages of two schools of one trust, and of Fernhill, in real mode."""
    people = [{"id": each, "email": f"{each}@trust.example.org"} for each in ("amy", "ben", "cat", "dan")]
    schools = {each: a_school(each, name=f"{each.title()} School", person=people) for each in ("ash", "bay")}

    def make(folder, hosts):
        (host,) = hosts
        account = Account(provider.issuer, "staffroom", "hush", f"http://{host}/sign-in/back")
        desk = WebDesk(folder, hosts=hosts, sample_mode=False, openid=OpenId(account))
        desk.schools.update(schools)
        return desk

    with serving(tmp_path, make) as (desk, port):
        yield desk, f"http://127.0.0.1:{port}"


class Comer(Visitor):
    """Somebody who signs in; the provider's page is not ours, and asks for things from elsewhere."""

    def __init__(self, browser, address, provider, **options):
        super().__init__(browser, address, **options)
        self.provider = provider.issuer
        ours = (f"{address}/", f"{self.provider}/")
        self.context.route(lambda url: not url.startswith(ours), lambda route: route.abort())

    def _asked(self, request):
        if not self._at_provider(request.frame.url) and not request.url.startswith(self.provider):
            super()._asked(request)

    def _heard(self, message):
        if not self._at_provider(self.page.url):
            super()._heard(message)

    def _at_provider(self, url):
        return url.startswith(getattr(self, "provider", "-"))

    def sign_in(self, sub):
        """Press the button, and be *sub* at the provider."""
        self.page.goto("/sign-in")
        self.page.get_by_role("link", name="With your school account").click()
        self.page.locator("input[name=sub]").fill(sub)
        with self.page.expect_navigation(url=lambda url: not self._at_provider(url)):
            self.page.get_by_role("button", name="Authorize").click()
        return self.page

    def sign_out(self):
        self.page.evaluate("document.querySelector('details.who').open = true")
        self.press("Sign out")

    def type_code(self, code, button):
        self.page.locator("#code").fill(code)
        self.press(button)


@pytest.fixture
def comer(browser, served, provider):
    come = []

    def comes(**options):
        come.append(Comer(browser, served[1], provider, **options))
        return come[-1]

    yield comes
    for each in come:
        each.close()
    assert [fault for each in come for fault in each.faults] == []


def a_link(desk):
    return f"/sign-in/invitation/{desk.web.signing.inviting.invite('fernhill', 'dan', 'test')}"


def code_of(page, desk):
    secret = page.locator(".mono").first.inner_text().replace(" ", "")
    return pyotp.TOTP(secret).at(desk.clock())


def every_page_of_signing_in(desk, visit, look):
    """Every page on the way in and out, in every state that looks different."""
    _with_an_account(visit(), look)
    _refused(visit(), desk, look)
    _invited(visit(), desk, look)


def _with_an_account(amy, look):
    page = amy.page
    page.goto("/sign-in")
    look("choice", page)
    amy.sign_in("amy")
    assert page.locator(".who-name").inner_text() == "Amy Ash"
    look("signed in", page)
    page.goto("/report")
    amy.context.clear_cookies()
    page.locator("form.pick button").first.click()
    page.get_by_role("heading", name="You were signed out").wait_for()
    look("signed out meanwhile", page)
    amy.sign_in("amy")
    page.goto("/nowhere")
    look("no such page", page)
    amy.sign_out()
    look("signed out", page)


def _refused(other, desk, look):
    page = other.sign_in("x")
    page.get_by_role("heading", name="You are not signed in").wait_for()
    look("refused", page)
    other.sign_in("jo")
    page.get_by_role("heading", name="Which school?").wait_for()
    look("which school", page)
    page.goto("/sign-in/choose")
    look("choice gone", page)
    page.goto("/sign-in/invitation/made-up")
    look("invitation gone", page)


def _invited(dan, desk, look):
    link, page = a_link(desk), dan.page
    page.goto(link)
    look("invitation", page)
    dan.press("Begin")
    look("set up", page)
    dan.type_code("000 000", "Finish")
    look("set up with a fault", page)
    dan.type_code(code_of(page, desk), "Finish")
    assert page.locator(".who-name").inner_text() == "Dan Dale"
    dan.context.clear_cookies()
    page.goto("/sign-in/code")
    look("code", page)
    page.get_by_label("Your e-mail address").fill(CHAIR)
    dan.type_code("000000", "Sign in")
    look("code with a fault", page)


@pytest.mark.skipif(bool(NO_AXE), reason=NO_AXE)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_with_any_page_of_signing_in(served, comer, scheme):
    found, source = {}, axe().read_text("utf-8")

    def look(name, page):
        page.wait_for_load_state()
        page.evaluate(UNFOLD)
        page.evaluate(source)
        found[name] = page.evaluate(RUN_AXE)

    every_page_of_signing_in(served[0], lambda: comer(color_scheme=scheme), look)

    assert {name: faults for name, faults in found.items() if faults} == {}
    assert len(found) == 14


def test_no_page_of_signing_in_scrolls_sideways_on_a_phone_or_says_sample_mode(served, comer):
    found = {}

    def look(name, page):
        page.wait_for_load_state()
        page.evaluate(UNFOLD)
        found[name] = page.evaluate(TOO_WIDE)
        assert "Sample mode" not in page.content()

    every_page_of_signing_in(served[0], lambda: comer(viewport=PHONE), look)

    assert {name: wide for name, wide in found.items() if wide} == {}


def test_the_chair_gets_in_by_invitation_with_the_keyboard_alone(served, comer):
    desk, _ = served
    page = comer().page
    page.goto(a_link(desk))

    reach(page, "button[type=submit]", "Enter")
    page.wait_for_url("**/sign-in/authenticator")
    reach(page, "#code")
    page.keyboard.type(code_of(page, desk))
    page.keyboard.press("Enter")

    page.locator(".who-name").wait_for()


def test_the_back_button_after_signing_out_shows_no_page_of_the_school(served, comer):
    amy = comer()
    page = amy.sign_in("amy")
    page.goto("/cases")
    amy.sign_out()

    page.go_back()
    page.wait_for_load_state()

    assert page.url.endswith("/sign-in")


def test_who_goes_back_to_the_provider_and_sends_again_is_told_and_not_signed_in_twice(served, comer):
    amy = comer()
    page = amy.sign_in("amy")
    page.go_back()
    page.wait_for_load_state()

    page.locator("input[name=sub]").fill("amy")
    page.get_by_role("button", name="Authorize").click()
    page.get_by_role("heading", name="You are not signed in").wait_for()

    page.goto("/")
    assert page.locator(".who-name").inner_text() == "Amy Ash"


def reach(page, selector, key="", most=40):
    """Press Tab until what *selector* finds has the focus; then press *key*."""
    for _ in range(most):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            if key:
                page.keyboard.press(key)
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab never reaches {selector}")
