"""Signing in with an account of the school: OpenID Connect, with the issuer and the tenant pinned."""

import json
import logging
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from http.client import HTTPException
from json import JSONDecodeError
from threading import Lock, Semaphore
from typing import Any, Generic, Protocol, TypeVar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from authlib.common.security import is_secure_transport
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey, import_key

from bot.binding import Binding, Identity
from bot.errors import BotError, ConfigurationError
from bot.inviting import Inviting

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures that only the issuer's private key makes; never "none", nor one with a shared secret."""
_PATIENCE_S, _MOST_BYTES, _LEEWAY_S, _KEYS_AGAIN_S = 10.0, 1_000_000, 60, 60.0
_KEYS_FOR_S = 3600.0
"""A key that the issuer has withdrawn is believed no longer than this."""
AT_ONCE = 12
"""So many requests wait for the issuer at once, of the 40 threads that answer pages; more are turned away."""
AWAY_FOR_S = 15.0
"""So long an issuer that did not say what it is counts as away, and is not asked again."""
_TENANT = re.compile(r"/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/v2\.0$")
"""How the issuer of one Entra tenant ends; that of many tenants has no such id."""
_SLACK = "https://slack.com"
_GUEST = "#ext#"
"""Stands in the sign-in name that Entra makes up for a guest; it is no address."""
_log = logging.getLogger(__name__)


class SignInFailed(BotError):
    """Nobody is signed in; `str()` says which check failed, and never what was in a token."""

    user_message = "Signing in did not work this time. Please try again."


class IssuerAway(SignInFailed):
    """The issuer cannot be reached, or answers nonsense."""

    user_message = (
        "The sign-in of your school's accounts does not answer at the moment. Try again in a minute."
    )


class AnotherTenant(SignInFailed):
    """The token is good, and of an organisation that is not the school's."""

    user_message = (
        "That account belongs to another organisation. Sign in with the account that your school gave you; "
        "if the sign-in page takes the other one by itself, sign out of it there first."
    )


@dataclass(frozen=True, slots=True)
class Answered:
    """What an issuer answered, as Authlib's client reads it."""

    status_code: int
    body: bytes = field(repr=False)

    def json(self) -> Any:
        """The body as JSON; a ValueError when it is none."""
        return json.loads(self.body)

    def raise_for_status(self) -> None:
        """Raise `IssuerAway` unless it was answered well."""
        if self.status_code >= 400:
            raise IssuerAway(f"status {self.status_code}")


class Wire(Protocol):
    """How an issuer is reached."""

    def get(self, url: str) -> Answered:
        """Fetch *url*; raises `IssuerAway`."""
        ...

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Answered:
        """Post *data* as a form, with *auth* of Authlib; raises `IssuerAway`."""
        ...


class _NoRedirects(HTTPRedirectHandler):
    """What an issuer answers, it answers itself: our secret follows nobody elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


@dataclass(frozen=True)
class UrlWire:
    """Implements `Wire` with the standard library."""

    def get(self, url: str) -> Answered:
        """Fetch *url*."""
        return _sent(Request(url, headers={"accept": "application/json"}))  # noqa: S310 - `_checked`

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: Any) -> Answered:
        """Post *data* as a form."""
        to, own, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        return _sent(Request(to, body.encode(), own))  # noqa: S310 - as above


@dataclass(frozen=True, slots=True)
class Account:
    """Staffroom's own registration with the issuer; *back* is where people return to."""

    issuer: str
    client_id: str
    secret: str = field(repr=False)
    back: str


@dataclass(frozen=True, slots=True)
class Begun:
    """What one browser began; it must come back with the same *state*."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    choose: bool = False
    """Whether they want to choose their school again."""

    def written(self) -> str:
        """As text, to be held."""
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Begun":
        """What `written` made."""
        return cls(**json.loads(text))


_T = TypeVar("_T")


class _Fetched(Generic[_T]):
    """Something of the issuer's: one fetches it, few wait for that, and nobody who has it waits at all."""

    def __init__(self, fetch: Callable[[], _T], few: Semaphore, now: Callable[[], float]) -> None:
        self._fetch, self._few, self._now = fetch, few, now
        self._one = Lock()
        self._kept: tuple[_T, float] | None = None
        self._away_until = 0.0

    def get(self, at_most_s: float | None = None) -> _T:
        """What is kept, fetched where there is none, or none as young as *at_most_s*; raises `IssuerAway`."""
        kept = self._young(at_most_s)
        if kept is None:
            self._if_away()
            with _among(self._few), self._one:
                # Another may have fetched it, or failed to, since.
                kept = self._young(at_most_s) or self._fetched()
        return kept[0]

    def _young(self, at_most_s: float | None) -> tuple[_T, float] | None:
        kept = self._kept
        too_old = kept is not None and at_most_s is not None and self._now() - kept[1] >= at_most_s
        return None if too_old else kept

    def _fetched(self) -> tuple[_T, float]:
        self._if_away()
        try:
            self._kept = self._fetch(), self._now()
        except IssuerAway:
            self._away_until = self._now() + AWAY_FOR_S
            raise
        return self._kept

    def _if_away(self) -> None:
        if self._now() < self._away_until:
            raise IssuerAway("it was away just now")


@contextmanager
def _among(few: Semaphore) -> Iterator[None]:
    """Be one of those who wait for the issuer; raises `IssuerAway` where there are enough of them."""
    if not few.acquire(blocking=False):
        raise IssuerAway("too many wait for it")
    try:
        yield
    finally:
        few.release()


class OpenId:
    """One issuer; what it says of itself is asked once and kept."""

    def __init__(
        self, account: Account, wire: Wire | None = None, now: Callable[[], float] = time.time
    ) -> None:
        """Raise `ConfigurationError` unless the issuer is reached over https, or is on this machine."""
        if not is_secure_transport(account.issuer):
            raise ConfigurationError("OIDC_ISSUER must begin https://")
        self._account, self._wire, self._now = account, wire or UrlWire(), now
        self._few = Semaphore(AT_ONCE)
        self._said = _Fetched(self._discovered, self._few, now)
        self._keys = _Fetched(self._published, self._few, now)
        found = _TENANT.search(account.issuer)
        self._tenant = found[1] if found else ""

    def check(self) -> None:
        """Ask the issuer what it is and for its keys; raises `IssuerAway` with what is not as it must be."""
        self._said.get()
        if not self._keys.get().keys:
            raise IssuerAway("keys: none that signs")

    def begin(self, choose: bool = False) -> tuple[str, Begun]:
        """Where to send somebody who signs in, and what to hold until they come back; raises `IssuerAway`."""
        begun = Begun(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48), choose)
        url, _ = self._client().create_authorization_url(
            self._said.get()["authorization_endpoint"],
            state=begun.state,
            nonce=begun.nonce,
            code_verifier=begun.verifier,
        )
        return str(url), begun

    def finish(self, begun: Begun, asked: Mapping[str, str]) -> Identity:
        """
        The account that came back with *asked*, the query of the address.

        Raises:
            SignInFailed: it is not what was begun, or a check of the token failed.
            IssuerAway: the issuer could not be asked.
        """
        if not secrets.compare_digest(asked.get("state", "").encode(), begun.state.encode()):
            raise SignInFailed("state")
        if asked.get("iss", self._account.issuer) != self._account.issuer:
            raise SignInFailed("another issuer answered")
        if "error" in asked or not asked.get("code"):
            raise SignInFailed("refused by the issuer or the person")
        return self._identity(self._claims(self._token(begun, asked["code"]), begun.nonce))

    def _client(self) -> OAuth2Client:
        methods = self._said.get().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = "client_secret_basic" in methods
        return OAuth2Client(
            self._wire,
            self._account.client_id,
            self._account.secret,
            token_endpoint_auth_method="client_secret_basic" if basic else "client_secret_post",
            scope="openid profile email",
            redirect_uri=self._account.back,
            code_challenge_method="S256",
        )

    def _token(self, begun: Begun, code: str) -> str:
        url, client = self._said.get()["token_endpoint"], self._client()
        try:
            with _among(self._few):
                token = client.fetch_token(url, code=code, code_verifier=begun.verifier)
        except OAuth2Error:
            raise SignInFailed("the issuer refused the code") from None
        except ValueError:
            raise IssuerAway("no token") from None
        return str(token.get("id_token", ""))

    def _claims(self, token: str, nonce: str) -> CodeIDToken:
        """What *token* says, once signature, issuer, audience, time, nonce and tenant are right."""
        options = {
            "iss": {"essential": True, "value": self._account.issuer},
            "aud": {"essential": True, "value": self._account.client_id},
        }
        params = {"nonce": nonce, "client_id": self._account.client_id}
        try:
            read = self._read(token)
            claims = CodeIDToken(read.claims, read.header, options, params)
            if self._tenant and claims.get("tid") != self._tenant:
                raise AnotherTenant("token: tenant")
            claims.validate(int(self._now()), _LEEWAY_S)
        except (JoseError, ValueError, TypeError, AttributeError) as error:
            raise SignInFailed(f"token: {type(error).__name__}") from None
        return claims

    def _read(self, token: str) -> jwt.Token:
        """*token* with its signature checked; keys that the issuer has changed are fetched again."""
        try:
            return jwt.decode(token, self._keys.get(_KEYS_FOR_S), algorithms=ALGORITHMS)
        except InvalidKeyIdError:
            return jwt.decode(token, self._keys.get(_KEYS_AGAIN_S), algorithms=ALGORITHMS)

    def _identity(self, claims: CodeIDToken) -> Identity:
        name = str(claims.get("name") or "")[:200]
        if self._tenant:
            if not claims.get("oid"):
                raise SignInFailed("token: oid")
            subject = f"{self._tenant}:{claims['oid']}"
            # Within one's own tenant these are what its administrators gave; elsewhere anybody's claim.
            said = [claims.get("preferred_username"), claims.get("email")]
            return Identity(self._account.issuer, subject, _addresses(said), name)
        said = [claims.get("email")] if claims.get("email_verified") is True else []
        team, user = self._workspace(claims)
        return Identity(self._account.issuer, str(claims["sub"]), _addresses(said), name, team, user)

    def _workspace(self, claims: CodeIDToken) -> tuple[str, str]:
        """The workspace of Slack and their id in it; neither with any other issuer."""
        if self._account.issuer != _SLACK:
            return "", ""
        team, user = (claims.get(f"{_SLACK}/{each}_id") for each in ("team", "user"))
        if not (isinstance(team, str) and team and isinstance(user, str) and user):
            raise SignInFailed("token: workspace")
        return team, user

    def _discovered(self) -> Mapping[str, Any]:
        where = f"{self._account.issuer.rstrip('/')}/.well-known/openid-configuration"
        return self._checked(_asked(self._wire, where))

    def _checked(self, found: Mapping[str, Any]) -> Mapping[str, Any]:
        if found.get("issuer") != self._account.issuer:
            raise IssuerAway("discovery: it names another issuer than OIDC_ISSUER")
        for endpoint in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            address = found.get(endpoint)
            # Over http only what is on this machine, and never because an https issuer says so.
            scheme = urlsplit(self._account.issuer).scheme
            if not isinstance(address, str) or not is_secure_transport(address):
                raise IssuerAway(f"discovery: {endpoint}")
            if scheme == "https" and urlsplit(address).scheme != "https":
                raise IssuerAway(f"discovery: {endpoint}")
        return found

    def _published(self) -> KeySet:
        return _signing_keys(_asked(self._wire, str(self._said.get()["jwks_uri"])))


@dataclass(frozen=True, slots=True)
class Signing:
    """The ways of signing in in real mode; *openid* is None where no issuer is set up."""

    openid: OpenId | None
    binding: Binding
    inviting: Inviting


def _signing_keys(found: Mapping[str, Any]) -> KeySet:
    """The keys in *found* that sign; an issuer may have others, for other things or of kinds to come."""
    keys = found.get("keys")
    if not isinstance(keys, list):
        raise IssuerAway("keys")
    return KeySet([key for each in keys if isinstance(each, dict) and (key := _signing_key(each))])


def _signing_key(said: dict[str, Any]) -> RSAKey | ECKey | None:
    if said.get("use", "sig") != "sig" or said.get("kty") not in ("RSA", "EC"):
        return None
    try:
        key = import_key(said)
    except (JoseError, ValueError, KeyError, TypeError):
        return None
    return key if isinstance(key, RSAKey | ECKey) else None


def _asked(wire: Wire, url: str) -> Mapping[str, Any]:
    answered = wire.get(url)
    answered.raise_for_status()
    try:
        found = answered.json()
    except (JSONDecodeError, UnicodeDecodeError):
        raise IssuerAway("no JSON") from None
    if not isinstance(found, dict):
        raise IssuerAway("no object")
    return found


def _addresses(said: list[Any]) -> tuple[str, ...]:
    """The addresses in *said*, in lower case, each once."""
    plain = (each.strip().lower() for each in said if isinstance(each, str))
    return tuple(dict.fromkeys(each for each in plain if each.count("@") == 1 and _GUEST not in each))


def _sent(request: Request) -> Answered:
    try:
        with build_opener(_NoRedirects).open(request, timeout=_PATIENCE_S) as found:
            return Answered(found.status, found.read(_MOST_BYTES))
    except HTTPError as error:
        with error:
            return Answered(error.code, error.read(_MOST_BYTES))
    except (OSError, HTTPException, ValueError) as error:
        _log.warning("openid.away error=%s", type(error).__name__)
        raise IssuerAway(type(error).__name__) from None
