"""Sign in with Slack and Microsoft Entra ID, each against a provider that speaks as it does, on loopback."""

import contextlib
import html
import json
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest

from bot.binding import NOT_OURS
from bot.web.openid import Account, AnotherTenant, OpenId
from tests import openid_kit
from tests.openid_kit import BACK, FORM, a_desk, here, sign_in
from tests.scenario.test_slack_emulate import missing, program
from tests.slack_kit import TEAM
from tests.slack_stand_in import own_network, until
from tests.web_kit import WebDesk

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
AMY = "amy@fernhill.example.org"


class TestSlack:
    """oidc-provider-mock as slack.com: its issuer, and the claims that name a workspace and a member."""

    @pytest.fixture(scope="class")
    def slack(self):
        with openid_kit.slack_provider() as found:
            yield found

    @pytest.fixture
    def desk(self, tmp_path, slack):
        return a_desk(tmp_path, slack)

    def test_a_listed_person_signs_in_and_sees_cases(self, desk, slack):
        answer, browser = sign_in(desk, slack, slack.member("U0AMY", TEAM, email=AMY, name="Amy Ash"))

        assert (answer.status, answer.to) == (303, "/")
        assert browser.get("/cases").status == 200

    def test_safety_31_a_guest_of_the_workspace_is_staff(self, desk, slack):
        _, browser = sign_in(desk, slack, slack.member("U0GUEST", TEAM, name="Sam Supply"))

        assert "Sam Supply" in browser.get("/").text
        assert browser.get("/cases").status == 404

    @pytest.mark.parametrize("user", ["U0AMY", "U0OTHER"])
    def test_a_workspace_of_ones_own_makes_nobody_a_person_here_whatever_address_it_gives(
        self, desk, slack, user
    ):
        answer, browser = sign_in(desk, slack, slack.member(user, "T0EVIL", email=AMY))

        assert (answer.status, NOT_OURS in answer.text) == (403, True)
        assert "staffroom" not in browser.cookies

    def test_an_address_that_goes_to_another_member_makes_nobody_the_person(self, desk, slack):
        sign_in(desk, slack, slack.member("U0AMY", TEAM, email=AMY))
        answer, browser = sign_in(desk, slack, slack.member("U0NEW", TEAM, email=AMY, name="New Person"))

        assert answer.to == "/"
        assert browser.get("/cases").status == 404


class Entra:
    """emulate (npm, Apache-2.0) as Microsoft Entra ID: two tenants, PKCE, a secret that must be right."""

    PORT = 4105
    OURS, OTHER = "0f1e2d3c-0000-4000-8000-aabbccddeeff", "99999999-0000-4000-8000-aabbccddeeff"
    BASE = f"http://localhost:{PORT}"

    def __init__(self):
        with urllib.request.urlopen(f"{self.BASE}/discovery/v2.0/keys", timeout=5) as keys:  # noqa: S310
            assert json.load(keys)["keys"]

    def openid(self, secret="hush"):  # noqa: S107 - made up
        return OpenId(Account(f"{self.BASE}/{self.OURS}/v2.0", "staffroom", secret, BACK))

    @classmethod
    def seed(cls):
        def user(name, tenant, email):
            return {"email": email, "name": name, "tenant_id": tenant}

        client = {"client_id": "staffroom", "client_secret": "hush", "name": "Staffroom"}
        people = [
            user("Amy Ash", cls.OURS, AMY),
            user("Jo Mint", cls.OURS, "jo@fernhill.example.org"),
            user("Evil Twin", cls.OTHER, "ben@fernhill.example.org"),
            user("A Stranger", cls.OURS, "stranger@elsewhere.example.org"),
        ]
        return {"microsoft": {"users": people, "oauth_clients": [{**client, "redirect_uris": [BACK]}]}}

    def consent(self, address, email):
        """Press the button of *email* on the page at *address*; where the browser is sent back to."""
        assert address.startswith(f"{self.BASE}/oauth2/v2.0/authorize?")
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - loopback
            forms = re.findall(r"(?s)<form[^>]*>.*?</form>", answer.read().decode())
        form = next(each for each in forms if f'value="{email}"' in each)
        fields = re.findall(r'name="([^"]*)" value="([^"]*)"', form)
        body = urlencode({name: html.unescape(value) for name, value in fields}).encode()
        request = urllib.request.Request(  # noqa: S310 - as above
            f"{self.BASE}/oauth2/v2.0/authorize/callback", body, {"content-type": FORM}
        )
        try:
            urllib.request.build_opener(_Stay).open(request, timeout=10)
        except urllib.error.HTTPError as error:
            with error:
                return error.headers["location"]
        raise AssertionError("the provider sent nobody back")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def _there(running):
    assert running.poll() is None, "emulate has ended"
    with contextlib.suppress(OSError):
        return Entra()
    return None


REASON = missing()


@pytest.mark.slow
@pytest.mark.skipif(bool(REASON), reason=REASON)
class TestEntra:
    @pytest.fixture
    def entra(self, tmp_path):
        file = tmp_path / "seed.json"
        file.write_text(json.dumps(Entra.seed()), encoding="utf-8")
        words = (shutil.which("node"), program(), "start", "-s", "microsoft", "-p", str(Entra.PORT))
        with own_network(), (tmp_path / "log").open("wb") as log:
            running = subprocess.Popen(  # noqa: S603 - ours
                [*words, "--seed", str(file)], stdout=log, stderr=log, cwd=tmp_path
            )
            try:
                yield until(lambda: _there(running))
            finally:
                running.terminate()
                running.wait()

    @pytest.fixture
    def desk(self, tmp_path, entra):
        return a_desk(tmp_path, entra)

    def test_a_listed_person_of_the_tenant_signs_in_and_sees_cases(self, desk, entra):
        answer, browser = sign_in(desk, entra, AMY)

        assert (answer.status, answer.to) == (303, "/")
        assert browser.get("/cases").status == 200

    def test_a_colleague_is_staff_and_somebody_of_no_school_is_told_whom_to_ring(self, desk, entra):
        _, jo = sign_in(desk, entra, "jo@fernhill.example.org")
        refused, _ = sign_in(desk, entra, "stranger@elsewhere.example.org")

        assert (jo.get("/").status, jo.get("/cases").status) == (200, 404)
        assert (refused.status, NOT_OURS in refused.text) == (403, True)

    def test_an_account_of_another_tenant_is_refused_in_words_whatever_its_address(self, desk, entra):
        answer, browser = sign_in(desk, entra, "ben@fernhill.example.org")

        assert (answer.status, AnotherTenant.user_message in answer.text) == (403, True)
        assert "staffroom" not in browser.cookies

    def test_a_code_counts_once(self, desk, entra):
        browser = desk.browser()
        back = here(entra.consent(browser.get("/sign-in/account").to, AMY))
        begun = dict(browser.cookies)
        assert browser.get(back).status == 303

        again = desk.browser()
        again.cookies = begun

        assert again.get(back).status == 403

    def test_with_a_wrong_secret_of_ours_nobody_is_signed_in(self, tmp_path, entra):
        desk = WebDesk(tmp_path / "wrong", sample_mode=False, openid=entra.openid("wrong"))

        answer, browser = sign_in(desk, entra, AMY)

        assert answer.status == 403
        assert "staffroom" not in browser.cookies
