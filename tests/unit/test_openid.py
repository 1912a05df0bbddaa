import json
import threading
from base64 import urlsafe_b64encode
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from bot.errors import ConfigurationError
from bot.web.openid import (
    AT_ONCE,
    AWAY_FOR_S,
    Account,
    AnotherTenant,
    Answered,
    Begun,
    IssuerAway,
    OpenId,
    SignInFailed,
)

ISSUER = "https://issuer.example.org"
TENANT = "0f1e2d3c-0000-4000-8000-aabbccddeeff"
ENTRA = f"https://login.example.org/{TENANT}/v2.0"
NOW = 1_800_000_000
PATIENCE_S = 10
KEY = RSAKey.generate_key(2048, {"kid": "k1"})


class FakeIssuer:
    """Implements `Wire`: an issuer whose every answer can be changed; `posted` is what came to its tokens."""

    def __init__(self, issuer=ISSUER):
        self.issuer, self.keys, self.fetched, self.posted = issuer, [KEY], [], []
        self.metadata = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
        }
        self.answer, self.now = Answered(200, b"{}"), NOW
        self.openid = self.again()

    def again(self):
        account = Account(self.issuer, "staffroom", "hush", "https://staff.example.org/sign-in/back")
        return OpenId(account, self, lambda: self.now)

    def get(self, url):
        self.fetched.append(url)
        keys = {
            "keys": [each if isinstance(each, dict) else each.as_dict(private=False) for each in self.keys]
        }
        return Answered(200, json.dumps(self.metadata if "well-known" in url else keys).encode())

    def post(self, url, data, headers, auth):
        self.posted.append((url, dict(data)))
        return self.answer

    def claims(self, nonce, **changes):
        said = {"iss": self.issuer, "aud": "staffroom", "sub": "s-1", "nonce": nonce}
        said |= {"iat": NOW, "exp": NOW + 300, "email": "Amy@Fernhill.example.org", "email_verified": True}
        return {key: value for key, value in {**said, **changes}.items() if value is not None}

    def sign_in(self, key=KEY, header=None, query=None, **changes):
        """Begin, and come back with a token of those claims."""
        _, begun = self.openid.begin()
        head = {"alg": "RS256", "kid": "k1", **(header or {})}
        token = jwt.encode(
            head, self.claims(**{"nonce": begun.nonce, **changes}), key, algorithms=[head["alg"]]
        )
        self.say(200, access_token="a", token_type="Bearer", id_token=token)  # noqa: S106 - made up
        return self.openid.finish(begun, {"state": begun.state, "code": "c", **(query or {})})

    def say(self, status, **body):
        self.answer = Answered(status, json.dumps(body).encode())


@pytest.fixture
def issuer():
    return FakeIssuer()


def test_a_good_token_is_an_identity_with_its_verified_email(issuer):
    found = issuer.sign_in(name="Amy Ash")

    assert (found.issuer, found.subject, found.name) == (ISSUER, "s-1", "Amy Ash")
    assert found.emails == ("amy@fernhill.example.org",)


def test_the_address_carries_state_nonce_and_the_hash_of_the_verifier_alone(issuer):
    address, begun = issuer.openid.begin()
    asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}

    digest = sha256(begun.verifier.encode()).digest()
    assert asked["code_challenge"] == urlsafe_b64encode(digest).rstrip(b"=").decode()
    assert asked["code_challenge_method"] == "S256"
    assert (asked["state"], asked["nonce"]) == (begun.state, begun.nonce)
    assert (asked["response_type"], asked["scope"]) == ("code", "openid profile email")
    assert begun.verifier not in address
    assert "hush" not in address


def test_the_code_is_sent_with_the_verifier_that_was_begun_with(issuer):
    issuer.sign_in()
    url, data = issuer.posted[0]

    assert url == f"{ISSUER}/token"
    assert data["code"] == "c"
    assert len(data["code_verifier"]) >= 43
    assert data["redirect_uri"] == "https://staff.example.org/sign-in/back"


def test_what_the_issuer_says_of_itself_is_asked_once(issuer):
    issuer.sign_in()
    issuer.sign_in()

    assert issuer.fetched == [f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/keys"]


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example.org"},
        {"iss": f"{ISSUER}/"},
        {"iss": None},
        {"aud": "another"},
        {"aud": "another", "azp": "staffroom"},
        {"aud": ["another", "staffroom"], "azp": "another"},
        {"aud": None},
        {"exp": NOW - 61},
        {"exp": None},
        {"exp": "soon"},
        {"iat": NOW + 3600},
        {"nonce": "another"},
        {"nonce": None},
        {"sub": None},
    ],
)
def test_a_token_with_a_wrong_claim_signs_nobody_in(issuer, changes):
    with pytest.raises(SignInFailed):
        issuer.sign_in(**changes)


def test_a_token_that_another_key_signed_signs_nobody_in(issuer):
    with pytest.raises(SignInFailed):
        issuer.sign_in(key=RSAKey.generate_key(2048, {"kid": "k1"}))


def test_a_token_signed_with_the_clients_secret_signs_nobody_in(issuer):
    with pytest.raises(SignInFailed):
        issuer.sign_in(key=OctKey.import_key("hush" * 8), header={"alg": "HS256"})


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "..", None, 7])
def test_what_is_no_token_signs_nobody_in(issuer, token):
    _, begun = issuer.openid.begin()
    issuer.say(200, access_token="a", token_type="Bearer", id_token=token)  # noqa: S106 - made up

    with pytest.raises(SignInFailed):
        issuer.openid.finish(begun, {"state": begun.state, "code": "c"})


def test_an_unsigned_token_signs_nobody_in(issuer):
    _, begun = issuer.openid.begin()
    parts = ({"alg": "none", "kid": "k1"}, issuer.claims(begun.nonce))
    head, body = (urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts)
    issuer.say(200, access_token="a", id_token=f"{head}.{body}.")  # noqa: S106 - made up

    with pytest.raises(SignInFailed):
        issuer.openid.finish(begun, {"state": begun.state, "code": "c"})


@pytest.mark.parametrize(
    "query",
    [
        {"state": "another"},
        {"state": ""},
        {"code": ""},
        {"error": "access_denied"},
        {"iss": "https://evil.example.org"},
    ],
)
def test_whoever_comes_back_with_something_else_is_not_signed_in_and_no_code_is_spent(issuer, query):
    with pytest.raises(SignInFailed):
        issuer.sign_in(query=query)

    assert issuer.posted == []


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_email_that_is_not_verified_binds_nobody(issuer, verified):
    assert issuer.sign_in(email_verified=verified).emails == ()


def test_a_key_that_the_issuer_changed_is_fetched_again_once_a_minute(issuer):
    issuer.sign_in()
    new = RSAKey.generate_key(2048, {"kid": "k2"})
    issuer.keys = [new]

    with pytest.raises(SignInFailed):
        issuer.sign_in(key=new, header={"kid": "k2"})
    issuer.now += 60
    assert issuer.sign_in(key=new, header={"kid": "k2"}).subject == "s-1"
    assert issuer.fetched.count(f"{ISSUER}/keys") == 2


def test_a_key_that_the_issuer_has_withdrawn_is_believed_for_an_hour_at_most(issuer):
    issuer.sign_in()
    issuer.keys = [RSAKey.generate_key(2048, {"kid": "k2"})]

    issuer.now += 3599
    assert issuer.sign_in(iat=issuer.now, exp=issuer.now + 300).subject == "s-1"
    issuer.now += 1
    with pytest.raises(SignInFailed):
        issuer.sign_in(iat=issuer.now, exp=issuer.now + 300)


def test_an_elliptic_key_does_as_well(issuer):
    key = ECKey.generate_key("P-256", {"kid": "e1"})
    issuer.keys = [key]

    assert issuer.sign_in(key=key, header={"alg": "ES256", "kid": "e1"}).subject == "s-1"


def test_keys_for_other_things_or_of_kinds_to_come_are_passed_over(issuer):
    strange = [{}, {"kty": "EC", "crv": "new", "x": "a", "y": "b"}, {"kty": "new"}, {"kty": "RSA"}]
    entra = {**KEY.as_dict(private=False), "issuer": ENTRA, "x5t": "a", "x5c": ["b"], "use": "sig"}
    issuer.keys = [*strange, entra]

    assert issuer.sign_in().subject == "s-1"


@pytest.mark.parametrize("changes", [{"use": "enc"}, {"kty": "oct", "k": "aHVzaA"}])
def test_a_key_that_is_not_for_signing_vouches_for_nothing(issuer, changes):
    issuer.keys = [{**KEY.as_dict(private=False), **changes}]

    with pytest.raises(SignInFailed):
        issuer.sign_in()


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://evil.example.org"},
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": "http://issuer.example.org/token"},
        {"token_endpoint": "http://localhost/token"},
        {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": None},
    ],
)
def test_a_discovery_document_that_is_not_the_pinned_issuers_is_not_used(issuer, changes):
    issuer.metadata |= changes

    with pytest.raises(IssuerAway):
        issuer.openid.begin()


@pytest.mark.parametrize("answer", [Answered(500, b"x"), Answered(502, b""), Answered(200, b"<html>")])
def test_an_issuer_that_answers_nonsense_is_said_to_be_away(issuer, answer):
    _, begun = issuer.openid.begin()
    issuer.answer = answer

    with pytest.raises(IssuerAway):
        issuer.openid.finish(begun, {"state": begun.state, "code": "c"})


def test_a_code_that_the_issuer_refuses_signs_nobody_in(issuer):
    _, begun = issuer.openid.begin()
    issuer.say(400, error="invalid_grant")

    with pytest.raises(SignInFailed) as raised:
        issuer.openid.finish(begun, {"state": begun.state, "code": "c"})
    assert not isinstance(raised.value, IssuerAway)


def test_an_issuer_over_plain_http_is_refused_unless_it_is_on_this_machine():
    with pytest.raises(ConfigurationError):
        FakeIssuer("http://issuer.example.org")

    assert FakeIssuer("http://localhost:1234").sign_in().subject == "s-1"


def test_what_is_held_has_everything_to_go_on_and_shows_no_secret_when_printed():
    begun = Begun("a state", "a nonce", "a verifier", choose=True)

    assert Begun.read(begun.written()) == begun
    assert "nonce'" not in repr(begun)
    assert "a verifier" not in repr(begun)


class TestEntra:
    @pytest.fixture
    def issuer(self):
        return FakeIssuer(ENTRA)

    def test_the_tenant_and_the_object_id_are_the_subject(self, issuer):
        said = {"tid": TENANT, "oid": "o-1", "email_verified": None, "preferred_username": "ash.a@fern.org"}
        found = issuer.sign_in(**said)

        assert found.subject == f"{TENANT}:o-1"
        assert found.emails == ("ash.a@fern.org", "amy@fernhill.example.org")

    @pytest.mark.parametrize("tid", ["9" * 8 + TENANT[8:], None])
    def test_another_tenant_or_none_signs_nobody_in_and_is_said(self, issuer, tid):
        with pytest.raises(AnotherTenant):
            issuer.sign_in(tid=tid, oid="o-1")

    def test_without_an_object_id_nobody_is_signed_in(self, issuer):
        with pytest.raises(SignInFailed):
            issuer.sign_in(tid=TENANT)

    def test_the_name_that_entra_makes_up_for_a_guest_is_no_address(self, issuer):
        guest = "dan_bank.example.com#EXT#@fern.onmicrosoft.com"
        found = issuer.sign_in(tid=TENANT, oid="o-1", preferred_username=guest, email="dan@bank.example.com")

        assert found.emails == ("dan@bank.example.com",)


def test_sign_in_with_slack_tells_workspace_and_user():
    said = {"https://slack.com/team_id": "T0FERN", "https://slack.com/user_id": "U0AMY"}
    found = FakeIssuer("https://slack.com").sign_in(**said)

    assert (found.team, found.user) == ("T0FERN", "U0AMY")


@pytest.mark.parametrize("missing", ["team", "user"])
def test_an_account_of_slack_without_a_workspace_signs_nobody_in(missing):
    said = {"https://slack.com/team_id": "T0FERN", "https://slack.com/user_id": "U0AMY"}

    with pytest.raises(SignInFailed):
        FakeIssuer("https://slack.com").sign_in(**{**said, f"https://slack.com/{missing}_id": None})


def test_a_refusal_of_slacks_that_comes_with_status_200_signs_nobody_in():
    issuer = FakeIssuer("https://slack.com")
    _, begun = issuer.openid.begin()
    issuer.say(200, ok=False, error="invalid_code")

    with pytest.raises(SignInFailed):
        issuer.openid.finish(begun, {"state": begun.state, "code": "c"})


def test_no_other_issuer_can_say_who_somebody_is_in_slack(issuer):
    said = {"https://slack.com/team_id": "T0FERN", "https://slack.com/user_id": "U0AMY"}
    found = issuer.sign_in(**said)

    assert (found.team, found.user) == ("", "")


class SilentIssuer(FakeIssuer):
    """One that lets whoever asks for *silent* wait until `speaks` is set, and then answers with *status*."""

    def __init__(self, silent, status=200):
        super().__init__()
        self.silent, self.status = silent, status
        self.asked, self.speaks = threading.Semaphore(0), threading.Event()

    def get(self, url):
        answer = super().get(url)
        return self.wait(answer) if self.silent in url else answer

    def post(self, url, data, headers, auth):
        return self.wait(super().post(url, data, headers, auth)) if self.silent in url else self.answer

    def wait(self, answer):
        self.asked.release()
        self.speaks.wait(2 * PATIENCE_S)
        return answer if self.status == 200 else Answered(self.status, b"")


class Crowd:
    """People who all do the same at once; *ends* has what came of it, as it comes."""

    def __init__(self, do, many):
        self.ends = []
        self.threads = [threading.Thread(target=self._end, args=(do,), daemon=True) for _ in range(many)]
        for each in self.threads:
            each.start()

    def _end(self, do):
        try:
            do()
        except SignInFailed as error:
            self.ends.append(type(error).__name__)
        else:
            self.ends.append("well")

    def first(self, many):
        """What came of the first so *many*, if they come to an end while the others wait."""
        for _ in range(PATIENCE_S * 100):
            if len(self.ends) < many:
                threading.Event().wait(0.01)
        return list(self.ends)

    def over(self):
        for each in self.threads:
            each.join()
        return self.ends


def test_while_an_issuer_is_silent_one_asks_it_few_wait_and_all_others_hear_so_at_once():
    issuer = SilentIssuer("well-known")
    crowd = Crowd(issuer.openid.begin, AT_ONCE + 5)
    assert issuer.asked.acquire(timeout=PATIENCE_S)
    # All but those who may wait come back, though the issuer has said nothing yet.
    early = crowd.first(5)
    issuer.speaks.set()

    assert early == ["IssuerAway"] * 5
    assert sorted(crowd.over()) == ["IssuerAway"] * 5 + ["well"] * AT_ONCE
    assert len(issuer.fetched) == 1


def test_a_failure_is_remembered_for_a_while_and_then_the_issuer_is_asked_again():
    issuer = SilentIssuer("well-known", status=503)
    crowd = Crowd(issuer.openid.begin, AT_ONCE)
    assert issuer.asked.acquire(timeout=PATIENCE_S)
    issuer.speaks.set()
    ends = crowd.over()
    issuer.status = 200
    issuer.now += AWAY_FOR_S - 1

    with pytest.raises(IssuerAway):
        issuer.openid.begin()
    assert (set(ends), len(issuer.fetched)) == ({"IssuerAway"}, 1)
    issuer.now += 1
    issuer.openid.begin()
    assert len(issuer.fetched) == 2


def test_no_more_than_a_few_wait_for_a_token_and_whoever_begins_meanwhile_is_not_held_up():
    issuer = SilentIssuer("token")
    issuer.openid.begin()
    crowd = Crowd(issuer.sign_in, AT_ONCE)
    for _ in range(AT_ONCE):
        assert issuer.asked.acquire(timeout=PATIENCE_S)

    with pytest.raises(IssuerAway):
        issuer.sign_in()
    assert issuer.openid.begin()[0].startswith(ISSUER)

    issuer.speaks.set()
    assert len(crowd.over()) == AT_ONCE


def test_whoever_has_a_known_key_signs_in_while_new_keys_are_being_fetched():
    issuer = SilentIssuer("keys")
    issuer.speaks.set()
    issuer.sign_in()
    assert issuer.asked.acquire(timeout=PATIENCE_S)
    issuer.speaks.clear()
    issuer.now += 60
    other = RSAKey.generate_key(2048, {"kid": "k2"})
    crowd = Crowd(lambda: issuer.sign_in(key=other, header={"kid": "k2"}), 1)
    assert issuer.asked.acquire(timeout=PATIENCE_S)

    known = Crowd(issuer.sign_in, 1).first(1)
    issuer.speaks.set()

    assert known == ["well"]
    assert crowd.over() == ["SignInFailed"]
