"""Signing in in real mode: against a real OpenID provider on loopback, and with an invitation."""

import logging
from dataclasses import replace

import pyotp
import pytest

from bot.binding import NOT_OURS, TAKEN
from bot.config import Settings
from bot.domain.reports import Reporter
from bot.serving import _host, pages_of
from bot.web.openid import Account, OpenId
from bot.web.site import PAGES
from tests import openid_kit
from tests.fakes import a_school
from tests.openid_kit import a_desk, here, sign_in
from tests.web_kit import HOST, WebDesk

DOMAIN = "fernhill.example.org"
# The provider is Authlib's and Flask's, whose own deprecations are not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def provider():
    with openid_kit.provider() as found:
        yield found


@pytest.fixture
def desk(tmp_path, provider):
    return a_desk(tmp_path, provider)


def test_a_listed_person_signs_in_with_their_school_account_and_sees_cases(desk, provider):
    provider.account("amy-1", email=f"amy@{DOMAIN}", name="Amy Ash")

    answer, browser = sign_in(desk, provider, "amy-1")

    assert (answer.status, answer.to) == (303, "/")
    assert "Amy Ash" in browser.get("/").text
    assert browser.get("/cases").status == 200


def test_a_colleague_is_staff_and_sees_no_cases(desk, provider):
    provider.account("jo-1", email=f"jo@{DOMAIN}", name="Jo Mint")

    _, browser = sign_in(desk, provider, "jo-1")

    assert "Jo Mint" in browser.get("/").text
    assert browser.get("/cases").status == 404


def test_only_the_binding_counts_after_the_first_time(desk, provider):
    provider.account("amy-2", email=f"amy@{DOMAIN}")
    sign_in(desk, provider, "amy-2")
    provider.account("amy-2", email="amy@married.example.org")
    provider.account("thief", email=f"amy@{DOMAIN}")

    _, amy = sign_in(desk, provider, "amy-2")
    refused, thief = sign_in(desk, provider, "thief")

    assert amy.get("/cases").status == 200
    assert (refused.status, TAKEN in refused.text) == (403, True)
    assert thief.get("/cases").to == "/sign-in"


@pytest.mark.parametrize("claims", [{"email_verified": False}, {"email": "jo@elsewhere.org"}, {"email": ""}])
def test_safety_31_whoever_is_of_no_school_is_told_whom_to_ring_and_not_signed_in(desk, provider, claims):
    provider.account("x", **{"email": f"amy@{DOMAIN}", **claims})

    answer, browser = sign_in(desk, provider, "x")

    assert (answer.status, NOT_OURS in answer.text) == (403, True)
    assert "01632 960301" in answer.text
    assert "staffroom" not in browser.cookies


def test_what_another_browser_began_cannot_be_finished_here(desk, provider):
    provider.account("amy-1", email=f"amy@{DOMAIN}")
    attacker, victim = desk.browser(), desk.browser()
    back = provider.consent(attacker.get("/sign-in/account").to, "amy-1")
    victim.get("/sign-in/account")

    assert victim.get(here(back)).status == 403
    assert desk.browser().get(here(back)).status == 403
    assert "staffroom" not in victim.cookies


def test_coming_back_counts_once_and_within_a_quarter_of_an_hour(desk, provider):
    provider.account("amy-1", email=f"amy@{DOMAIN}")
    browser = desk.browser()
    back = here(provider.consent(browser.get("/sign-in/account").to, "amy-1"))
    begun = dict(browser.cookies)
    assert browser.get(back).status == 303

    again = desk.browser()
    again.cookies = dict(begun)
    late = desk.browser()
    slow = here(provider.consent(late.get("/sign-in/account").to, "amy-1"))
    desk.clock.pass_by(minutes=16)

    assert again.get(back).status == 403
    assert late.get(slow).status == 403


def test_whoever_refuses_at_the_provider_is_not_signed_in(desk, provider):
    browser = desk.browser()
    back = provider.consent(browser.get("/sign-in/account").to, "amy-1", action="deny")

    answer = browser.get(here(back))

    assert answer.status == 403
    assert "You are not signed in" in answer.text


def test_staff_of_two_schools_are_asked_once_which(tmp_path, provider):
    people = [{"id": each, "email": f"{each}@trust.example.org"} for each in ("amy", "ben", "cat", "dan")]
    schools = {each: a_school(each, name=f"{each.title()} School", person=people) for each in ("ash", "bay")}
    desk = a_desk(tmp_path, provider, schools=schools)
    provider.account("jo-2", email="jo@trust.example.org", name="Jo Mint")

    asked, browser = sign_in(desk, provider, "jo-2")
    chosen = browser.post("/sign-in/choose", {"school": "bay"})
    later, again = sign_in(desk, provider, "jo-2")
    anew, _ = sign_in(desk, provider, "jo-2", query="?choose=1")

    assert ("Which school?" in asked.text, chosen.to) == (True, "/")
    assert later.to == "/"
    assert "Bay School" in again.get("/").text
    assert "Which school?" in anew.text


def test_a_school_is_chosen_by_nobody_who_has_not_come_back(desk, provider):
    browser = desk.browser()
    browser.get("/sign-in/account")

    answer = browser.post("/sign-in/choose", {"school": "fernhill"})

    assert answer.status == 403
    assert "staffroom" not in browser.cookies


def test_a_provider_that_is_away_is_said_and_numbers_are_given(tmp_path):
    account = Account("http://localhost:9", "staffroom", "hush", f"http://{HOST}/sign-in/back")
    desk = WebDesk(tmp_path, sample_mode=False, openid=OpenId(account))

    answer = desk.browser().get("/sign-in/account")

    assert answer.status == 503
    assert "does not answer at the moment" in answer.text
    assert "01632 960301" in answer.text


def test_no_token_code_or_email_stands_in_the_log(desk, provider, caplog):
    caplog.set_level(logging.DEBUG)
    provider.account("x", email="x@elsewhere.org")
    browser = desk.browser()
    back = provider.consent(browser.get("/sign-in/account").to, "x")
    ours = [record for record in caplog.records if record.name.startswith("bot.")]
    caplog.clear()

    browser.get(here(back))
    said = " ".join(each.getMessage() for each in (*ours, *caplog.records) if each.name.startswith("bot."))

    assert "web.not_signed_in error=Stranger" in said
    assert not any(each in said for each in ("elsewhere", "code=", "state=", "hush"))


def test_the_role_switcher_of_sample_mode_is_shut(desk):
    browser = desk.browser()

    assert browser.post("/sign-in", {"school": "fernhill", "person": "amy"}).status == 403
    assert "staffroom" not in browser.cookies
    assert "With your school account" in browser.get("/sign-in").text


@pytest.mark.parametrize(
    "path",
    ["/sign-in/account", "/sign-in/back", "/sign-in/code", "/sign-in/authenticator", "/sign-in/invitation/x"],
)
def test_sample_mode_has_no_other_way_in(tmp_path, path):
    assert WebDesk(tmp_path).browser().get(path).status == 403


def test_rights_end_with_the_role_at_the_very_next_request(desk, provider):
    provider.account("cat-1", email=f"cat@{DOMAIN}")
    _, cat = sign_in(desk, provider, "cat-1")
    before = [cat.get(path).status for path in ("/audit", "/cases", "/")]
    school = desk.schools["fernhill"]
    school = replace(school, roles={**school.roles, "head": ("ben",)})

    desk.schools["fernhill"] = school
    other_head = [cat.get(path).status for path in ("/audit", "/cases", "/")]
    rest = tuple(each for each in school.people if each.id != "cat")
    desk.schools["fernhill"] = replace(school, people=rest)

    assert before == [200, 200, 200]
    assert other_head == [404, 200, 200]
    assert [cat.get(path).to for path in ("/audit", "/cases", "/")] == ["/sign-in"] * 3
    assert sign_in(desk, provider, "cat-1")[1].get("/cases").status == 404


def test_what_is_kept_while_signing_in_is_out_of_reach_of_scripts_and_short_lived(desk):
    answer = desk.browser().get("/sign-in/account")

    (cookie,) = answer.cookies
    assert cookie.startswith("staffroom-begun=")
    assert cookie.partition("; ")[2] == "HttpOnly; Max-Age=900; Path=/; SameSite=lax"


def test_an_account_whose_address_was_somebody_elses_gets_nothing_of_theirs(desk, provider):
    provider.account("jo-old", email=f"jo@{DOMAIN}", name="Jo Mint")
    _, old = sign_in(desk, provider, "jo-old")
    desk.file("concern", reporter=Reporter(f"jo@{DOMAIN}", "Jo Mint"))
    provider.account("jo-new", email=f"jo@{DOMAIN}", name="Joan Minton")

    _, new = sign_in(desk, provider, "jo-new")

    assert "Joan Minton" in new.get("/").text
    assert old.get("/mine").text.count('class="card mine') == 1
    assert 'class="card mine' not in new.get("/mine").text


class TestInvitation:
    @pytest.fixture
    def link(self, desk):
        return f"/sign-in/invitation/{desk.web.signing.inviting.invite('fernhill', 'dan', 'test')}"

    def begun(self, desk, link):
        """A browser behind the link, and the secret that it was shown."""
        browser = desk.browser()
        browser.get(link)
        page = browser.follow(browser.post(link)).text
        return browser, secret_on(page)

    def test_the_chair_sets_up_a_code_and_signs_in_with_it_later(self, desk, link):
        browser, secret = self.begun(desk, link)

        done = browser.post("/sign-in/authenticator", {"code": pyotp.TOTP(secret).at(desk.clock())})
        desk.clock.pass_by(minutes=5)
        later = desk.browser()
        code = pyotp.TOTP(secret).at(desk.clock())
        entered = later.post("/sign-in/code", {"email": f"dan@{DOMAIN}", "code": code})

        assert (done.to, entered.to) == ("/", "/")
        assert "Dan Dale" in later.get("/").text
        assert desk.browser().get(link).status == 410

    def test_to_look_at_the_link_uses_nothing_up_and_shows_no_secret(self, desk, link):
        answers = [desk.browser().get(link) for _ in range(3)]

        assert {each.status for each in answers} == {200}
        assert "Dan Dale" in answers[0].text
        assert "mono" not in answers[0].text

    def test_the_picture_is_for_the_browser_behind_the_link_alone(self, desk, link):
        browser, _ = self.begun(desk, link)

        mine, others = (
            browser.get("/sign-in/authenticator.svg"),
            desk.browser().get("/sign-in/authenticator.svg"),
        )

        assert (mine.status, mine.headers["content-type"]) == (200, "image/svg+xml")
        assert b"<script" not in mine.body
        assert b"style=" not in mine.body
        assert others.status == 410
        assert desk.browser().get("/sign-in/authenticator").status == 410

    def test_a_wrong_code_is_said_and_may_be_typed_again(self, desk, link):
        browser, secret = self.begun(desk, link)

        answer = browser.post("/sign-in/authenticator", {"code": "abc"})

        assert (answer.status, "does not fit" in answer.text) == (422, True)
        assert browser.post("/sign-in/authenticator", {"code": pyotp.TOTP(secret).at(desk.clock())}).to == "/"

    def test_known_and_unknown_people_get_the_same_answers_to_wrong_codes(self, desk, link):
        browser, secret = self.begun(desk, link)
        browser.post("/sign-in/authenticator", {"code": pyotp.TOTP(secret).at(desk.clock())})

        def answers(email):
            tried = [desk.browser().post("/sign-in/code", {"email": email, "code": "abc"}) for _ in range(6)]
            return [(each.status, each.text.replace(email, "")) for each in tried]

        known, unknown = answers(f"dan@{DOMAIN}"), answers("nobody@else.org")

        assert known == unknown
        assert [status for status, _ in known] == [422] * 5 + [429]

    def test_whoever_types_wrong_codes_elsewhere_keeps_nobody_out(self, desk, link):
        home, secret = self.begun(desk, link)
        home.post("/sign-in/authenticator", {"code": pyotp.TOTP(secret).at(desk.clock())})
        desk.clock.pass_by(hours=13)
        stranger, away = desk.browser(), desk.browser()
        away.client = "192.0.2.7"
        for _ in range(6):
            stranger.post("/sign-in/code", {"email": f"dan@{DOMAIN}", "code": "abc"})

        entered = []
        for browser in (stranger, home, away):
            desk.clock.pass_by(minutes=2)
            code = pyotp.TOTP(secret).at(desk.clock())
            answer = browser.post("/sign-in/code", {"email": f"dan@{DOMAIN}", "code": code})
            entered.append((answer.status, answer.to))

        # The browser at home is known, though it has the address of the stranger.
        assert entered == [(429, ""), (303, "/"), (303, "/")]

    def test_the_cookie_of_a_known_browser_is_new_to_each_and_out_of_reach_of_scripts(self, desk, link):
        browser, secret = self.begun(desk, link)

        done = browser.post("/sign-in/authenticator", {"code": pyotp.TOTP(secret).at(desk.clock())})

        (cookie,) = (each for each in done.cookies if each.startswith("staffroom-known="))
        assert cookie.partition("; ")[2] == "HttpOnly; Max-Age=34560000; Path=/; SameSite=lax"
        assert "staffroom-known" not in desk.browser().cookies

    def test_a_link_that_never_was_is_said_like_one_that_was_used(self, desk):
        answer = desk.browser().get("/sign-in/invitation/made-up")

        assert answer.status == 410
        assert "Ask for a new one" in answer.text


class TestInvitationsAlone:
    """Real mode without an issuer: the pages are there for whoever was invited."""

    @pytest.fixture
    def desk(self, tmp_path):
        return WebDesk(tmp_path, sample_mode=False, openid=None)

    def test_the_code_is_the_one_way_in_and_no_other_is_offered(self, desk):
        browser = desk.browser()
        page = browser.get("/sign-in").text

        assert "/sign-in/account" not in page
        assert "Ask whoever runs Staffroom" in page
        assert [browser.get(f"/sign-in/{each}").status for each in ("account", "back")] == [403, 403]
        assert browser.post("/sign-in/choose", {"school": "fernhill"}).status == 403
        assert browser.post("/sign-in", {"school": "fernhill", "person": "amy"}).status == 403
        assert browser.cookies == {}

    def test_whoever_was_invited_gets_in_and_the_same_code_never_counts_again(self, desk):
        token = desk.web.signing.inviting.invite("fernhill", "amy", "test")
        browser = desk.browser()
        page = browser.follow(browser.post(f"/sign-in/invitation/{token}")).text
        code = pyotp.TOTP(secret_on(page)).at(desk.clock())

        browser.post("/sign-in/authenticator", {"code": code})
        replayed = desk.browser().post("/sign-in/code", {"email": f"amy@{DOMAIN}", "code": code})

        assert browser.get("/cases").status == 200
        assert replayed.status == 422


def secret_on(page):
    return page.partition('class="mono">')[2].partition("<")[0].replace(" ", "")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://Staff.Example.org/", "staff.example.org"),
        ("https://staff.example.org:443", "staff.example.org"),
        ("https://staff.example.org:8443", "staff.example.org:8443"),
        ("http://localhost:80", "localhost"),
    ],
)
def test_the_one_name_that_is_answered_is_what_a_browser_says_of_the_address(url, host):
    assert _host(url) == host


@pytest.mark.parametrize("issuer", ["", "https://login.example.org"])
def test_in_a_school_the_pages_are_served_wherever_they_have_an_address(tmp_path, issuer):
    keys = {"slack_bot_token": "x", "oidc_issuer": issuer}

    assert pages_of(Settings(tmp_path, tmp_path, **keys, url="https://s.example.org")) is PAGES
    assert pages_of(Settings(tmp_path, tmp_path, slack_bot_token="x")) == ()  # noqa: S106 - made up
