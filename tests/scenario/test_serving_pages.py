"""The pages as `staffroom` wires them in either mode: what a school runs, asked over its own front door."""

import asyncio
import shutil
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from bot import app, serving
from bot.app import now
from bot.config import Settings
from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.serving import pages_app, pages_of, use_cases
from bot.sessions import Sessions
from bot.web import app as web
from bot.web.guard import HEADERS
from bot.web.limits import Limit, Limits
from tests.web_kit import Browser

ROOT = Path(__file__).resolve().parents[2]
SCHOOL, DSL, MAIL = "copperfell-high", "cop-dsl", "r.asquey@example.org"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
SITE = "staffroom.example.org"
ISSUER = "http://127.0.0.1:9"
REAL = {
    "STAFFROOM_KEY": KEY,
    "STAFFROOM_URL": f"https://{SITE}/",
    "OIDC_ISSUER": ISSUER,
    "OIDC_CLIENT_ID": "staffroom",
    "OIDC_CLIENT_SECRET": "hush",
    "STAFFROOM_MAX_MB": "7",
}


class Served:
    """The pages of a school; `browser` is somebody at their door."""

    def __init__(self, room, desk):
        self.room, self.desk = room, desk
        self.app = pages_app(room, desk, use_cases(room, desk, lambda: None))

    def browser(self, signed_in=False):
        found = Browser(self.app)
        if signed_in:
            school = self.room.folders.schools[SCHOOL]
            known = Known(school, Reporter(MAIL, "Ruth Asquey", DSL))
            token = Sessions(self.room.folders.schools, self.desk.store, now).begin(known).token
            found.cookies["__Host-staffroom"] = token
        return found


@contextmanager
def served(folder, policies, **environment):
    said = {"STAFFROOM_DATA": str(folder / "data"), "STAFFROOM_POLICIES": str(policies), **environment}
    room = app.build(Settings.from_env(said, folder))
    with app.desk(room) as desk:
        yield Served(room, desk)


@pytest.fixture
def sample(tmp_path):
    with served(tmp_path, ROOT / "policies", PORT="8123") as found:
        yield found


@pytest.fixture
def real(tmp_path):
    with served(tmp_path, own_schools(tmp_path), PORT="8123", **REAL) as found:
        yield found


def own_schools(folder):
    """The sample schools as if they were real ones."""
    shutil.copytree(ROOT / "policies", folder / "policies")
    for file in folder.glob("policies/*/school.toml"):
        file.write_text(file.read_text("utf-8").replace("sample = true", "sample = false"), "utf-8")
    return folder / "policies"


# Sample mode


@pytest.mark.parametrize("host", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123"])
def test_in_sample_mode_the_pages_answer_to_each_name_of_this_machine_and_offer_who_to_be(sample, host):
    page = sample.browser().get("/sign-in", host=host)

    assert page.status == 200
    assert "Sample mode" in page.text
    assert f'name="person" value="{DSL}"' in page.text
    assert sample.browser().post("/sign-in", {"school": SCHOOL, "person": DSL}, host=host).status == 303


@pytest.mark.parametrize("host", [SITE, "127.0.0.1", "127.0.0.1:8000", "localhost", "0.0.0.0:8123"])
def test_in_sample_mode_no_other_name_or_port_is_answered(sample, host):
    assert sample.browser().get("/sign-in", host=host).status == 403


def test_in_sample_mode_whoever_one_chooses_to_be_is_at_their_desk(sample):
    browser, host = sample.browser(), "127.0.0.1:8123"
    (cookie,) = browser.post("/sign-in", {"school": SCHOOL, "person": DSL}, host=host).cookies

    assert cookie.startswith("staffroom=")
    assert "Secure" not in cookie
    assert "Change school or person" in browser.get("/cases", host=host).text
    assert "strict-transport-security" not in browser.get("/cases", host=host).headers


def test_in_sample_mode_an_address_for_later_changes_nothing_at_the_pages_of_now(tmp_path):
    later = {"STAFFROOM_URL": f"https://{SITE}/", "PORT": "8123"}
    with served(tmp_path, ROOT / "policies", **later) as sample:
        browser, host = sample.browser(), "127.0.0.1:8123"
        said = {"school": SCHOOL, "person": DSL}
        answer = browser.post("/sign-in", said, host=host, origin=f"http://{host}")

    assert answer.status == 303
    assert "Secure" not in answer.cookies[0]


def test_what_a_header_says_of_the_client_is_not_believed(sample, monkeypatch):
    told, _ = begun(sample, monkeypatch)

    assert told["proxy_headers"] is False


def test_a_proxy_that_the_school_named_is_believed_and_no_other(sample, monkeypatch):
    behind = replace(sample.room.settings, trusted_proxy=("10.0.0.7",))
    told, _ = begun(Served(replace(sample.room, settings=behind), sample.desk), monkeypatch)
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    before = ProxyHeadersMiddleware(app, trusted_hosts=told["forwarded_allow_ips"])
    for comes_from in ("10.0.0.7", "10.0.0.8"):
        headers = [(b"x-forwarded-for", b"203.0.113.9")]
        scope = {"type": "http", "client": (comes_from, 1), "headers": headers, "scheme": "http"}
        asyncio.run(before(scope, None, None))

    assert told["proxy_headers"] is True
    assert seen == ["203.0.113.9", "10.0.0.8"]


def test_in_sample_mode_the_address_that_is_said_is_the_one_listened_at(sample, monkeypatch):
    _, lines = begun(sample, monkeypatch)

    assert "The pages are at http://127.0.0.1:8123/. Ctrl-C ends it." in lines


def test_in_sample_mode_nobody_knocks_too_often(sample, monkeypatch):
    monkeypatch.setattr(web, "Limits", few)
    browser = Served(sample.room, sample.desk).browser()

    assert {browser.get("/sign-in", host="127.0.0.1:8123").status for _ in range(5)} == {200}


# Real mode


def test_in_real_mode_there_is_no_role_switcher_and_nobody_can_choose_who_to_be(real):
    page = real.browser().get("/sign-in", host=SITE)
    chosen = real.browser().post("/sign-in", {"school": SCHOOL, "person": DSL}, host=SITE)

    assert page.status == 200
    assert "Sample mode" not in page.text
    assert 'name="person"' not in page.text
    assert "With your school account" in page.text
    assert "With e-mail and a code" in page.text
    assert (chosen.status, chosen.cookies) == (403, ())


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8123", "localhost:8123", "[::1]:8123", f"{SITE}:8123", "evil.org"]
)
def test_in_real_mode_only_the_name_in_staffroom_url_is_answered(real, host):
    assert real.browser().get("/sign-in", host=host).status == 403


def test_in_real_mode_cookies_and_pages_go_over_https_alone(real):
    (cookie,) = real.browser().get("/report", host=SITE).cookies
    answer = real.browser().get("/sign-in", host=SITE)

    assert cookie.startswith("__Host-")
    assert "; Secure" in cookie
    assert "max-age=" in answer.headers["strict-transport-security"]
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS


def test_in_real_mode_the_address_that_is_said_is_the_one_that_is_answered(real, monkeypatch):
    _, lines = begun(real, monkeypatch)

    assert f"The pages are at https://{SITE}/. Ctrl-C ends it." in lines


def test_in_real_mode_an_address_in_capitals_makes_no_cookie_insecure_and_refuses_no_form(tmp_path):
    capitals = {**REAL, "STAFFROOM_URL": f"HTTPS://{SITE.upper()}/"}
    with served(tmp_path, own_schools(tmp_path), **capitals) as found:
        jo = found.browser(signed_in=True)
        (cookie,) = found.browser().get("/report", host=SITE).cookies
        jo.get("/report", host=SITE)
        sent = jo.post("/report/begin", {"form": "concern"}, host=SITE, origin=f"https://{SITE}")

    assert "; Secure" in cookie
    assert sent.status == 303


def test_in_real_mode_a_form_of_another_site_is_refused_and_one_of_this_site_is_not(real):
    jo = real.browser(signed_in=True)
    jo.get("/report", host=SITE)
    theirs = {"form": "concern"}

    assert jo.post("/report/begin", theirs, host=SITE, origin=f"http://{SITE}").status == 403
    assert jo.post("/report/begin", theirs, host=SITE, origin=f"https://{SITE}").status == 303


def test_in_real_mode_whoever_is_signed_in_asks_reports_and_sees_cases_with_no_banner(real):
    dsl = real.browser(signed_in=True)
    pages = [dsl.get(path, host=SITE) for path in ("/", "/report", "/mine", "/cases", "/poster")]

    assert [page.status for page in pages] == [200] * 5
    assert not any("Sample mode" in page.text or "Change school" in page.text for page in pages)
    assert "Copperfell High School" in pages[0].text


def test_in_real_mode_the_account_leads_to_the_issuer_that_is_set_and_says_so_where_it_is_away(real):
    answer = real.browser().get("/sign-in/account", host=SITE)

    assert answer.status == 503
    assert "999" in answer.text


def test_in_real_mode_a_code_is_asked_for_and_a_wrong_one_signs_nobody_in(real):
    browser = real.browser()
    page = browser.get("/sign-in/code", host=SITE)
    wrong = browser.post("/sign-in/code", {"email": MAIL, "code": "123456"}, host=SITE)

    assert page.status == 200
    assert wrong.status == 422
    assert "__Host-staffroom" not in browser.cookies


def test_in_real_mode_whoever_knocks_too_often_waits(real, monkeypatch):
    monkeypatch.setattr(web, "Limits", few)
    browser = Served(real.room, real.desk).browser()

    statuses = [browser.get("/sign-in", host=SITE).status for _ in range(4)]

    assert statuses == [200, 200, 200, 429]


def test_in_real_mode_the_largest_file_is_the_one_that_is_set(real):
    jo = real.browser(signed_in=True)
    jo.get("/report", host=SITE)
    path = jo.post("/report/begin", {"form": "concern"}, host=SITE).to
    answers = {"a.who": "Jo Marsh", "a.kind": "contact", "a.what": "It began in May.", "a.when": "2026-01-02"}
    asked = {"asked": ["who", "kind", "what", "where", "when"], "do": "next", "gate": "no"}
    jo.post(path, {**answers, "a.where": "discord", **asked}, host=SITE)

    assert "7 MB each and 14 MB together" in jo.get(f"{path}/send", host=SITE).text


def test_without_an_issuer_people_come_by_invitation_alone_and_without_an_address_there_is_no_page(tmp_path):
    chat = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "STAFFROOM_KEY": KEY}
    nowhere = Settings.from_env({"STAFFROOM_DATA": str(tmp_path), **chat}, tmp_path)
    with served(tmp_path, own_schools(tmp_path), STAFFROOM_URL=f"https://{SITE}", **chat) as found:
        page = found.browser().get("/sign-in", host=SITE)
        account = found.browser().get("/sign-in/account", host=SITE)

    assert "With your school account" not in page.text
    assert "With e-mail and a code" in page.text
    assert account.status == 403
    assert pages_of(nowhere) == ()


def begun(found, monkeypatch):
    """What the server is told, and the lines that are said, when *found* is served."""
    told, lines = {}, []
    monkeypatch.setattr(serving.uvicorn, "run", lambda _, **said: told.update(said))
    monkeypatch.setattr(serving, "reading", lambda *_: nullcontext())

    serving.serve(found.room, found.desk, None, lines.append)

    return told, lines


def few():
    return Limits(sign_in=Limit(3))
