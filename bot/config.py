"""The settings: the one reader of the environment and of `.env`, and what real mode refuses to start on."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from bot.domain.schools import School, nearest
from bot.errors import ConfigurationError

KEYS = (
    *("STAFFROOM_POLICIES", "STAFFROOM_DATA", "STAFFROOM_URL", "STAFFROOM_MAX_MB"),
    *("STAFFROOM_KEY", "STAFFROOM_KEY_FILE", "EMBEDDING_MODEL", "HOST", "PORT"),
    "TRUSTED_PROXY",
    *("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_API_URL"),
    *("TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"),
    *("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    *("SMTP_URL", "MAIL_FROM", "CLAMD_SOCKET"),
)
"""Every key that Staffroom reads; `.env.example` explains each."""

# The numbers that SAFETY's urgent reply cannot do without.
NEEDED_NUMBERS = ("dsl", "head", "social_care", "lado")

MAKE_KEY = 'python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'
"""Prints a new master key; `.env.example` has the same line."""

# Of these, all or none: half a sign-in would look like sample mode, or fail at the first person.
_TOGETHER = (
    ("TEAMS_APP_ID", "TEAMS_APP_PASSWORD", "TEAMS_TENANT_ID"),
    ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"),
    ("SMTP_URL", "MAIL_FROM"),
)
_NO_KEY = "STAFFROOM_KEY or STAFFROOM_KEY_FILE is missing: real mode does not make a key of its own"
SLACK_ISSUER = "https://slack.com"
"""Slack as an issuer: whose accounts count is then said by `[slack] team` of each school."""
_ENTRA = re.compile(r"login\.(?:microsoftonline|partner\.microsoftonline)\.[a-z]+")
_ENTRA_PATH = re.compile(r"/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/v2\.0")
_DOTENV_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")


class Mode(StrEnum):
    """Whether Staffroom is being tried, or used by a school."""

    SAMPLE = "sample"
    REAL = "real"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the environment says, checked; text that is not set is empty, and no secret is in its `repr`."""

    policies: Path
    data_root: Path
    host: str = "127.0.0.1"
    port: int = 8000
    url: str = ""
    trusted_proxy: tuple[str, ...] = ()
    """The addresses of proxies whose word for who the client is counts."""
    max_mb: int = 50
    embedding_model: str = ""
    key: bytes = field(default=b"", repr=False)
    key_file: Path | None = None
    slack_bot_token: str = field(default="", repr=False)
    slack_app_token: str = field(default="", repr=False)
    slack_signing_secret: str = field(default="", repr=False)
    slack_api_url: str = ""
    teams_app_id: str = ""
    teams_app_password: str = field(default="", repr=False)
    teams_tenant_id: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = ""
    clamd_socket: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str], cwd: Path = Path()) -> "Settings":
        """
        Read *environ*; an empty variable counts as unset, a relative path starts at *cwd*.

        Raises:
            ConfigurationError: naming every missing and every bad key at once, and no secret.
        """
        env = _Environment({key: value.strip() for key, value in environ.items() if value.strip()}, cwd)
        settings = cls(
            policies=env.path("STAFFROOM_POLICIES", "policies"),
            data_root=env.path("STAFFROOM_DATA", "data"),
            host=env.text("HOST", "127.0.0.1"),
            port=env.whole("PORT", 8000, 65535),
            url=env.site("STAFFROOM_URL"),
            trusted_proxy=env.machines("TRUSTED_PROXY"),
            max_mb=env.whole("STAFFROOM_MAX_MB", 50, 10_000),
            embedding_model=env.text("EMBEDDING_MODEL"),
            key=env.master_key(),
            key_file=env.path("STAFFROOM_KEY_FILE", "") if env.text("STAFFROOM_KEY_FILE") else None,
            slack_bot_token=env.text("SLACK_BOT_TOKEN"),
            slack_app_token=env.text("SLACK_APP_TOKEN"),
            slack_signing_secret=env.text("SLACK_SIGNING_SECRET"),
            slack_api_url=env.address("SLACK_API_URL", "https", "http"),
            teams_app_id=env.text("TEAMS_APP_ID"),
            teams_app_password=env.text("TEAMS_APP_PASSWORD"),
            teams_tenant_id=env.text("TEAMS_TENANT_ID"),
            oidc_issuer=env.address("OIDC_ISSUER", "https", "http"),
            oidc_client_id=env.text("OIDC_CLIENT_ID"),
            oidc_client_secret=env.text("OIDC_CLIENT_SECRET"),
            smtp_url=env.address("SMTP_URL", "smtp", "smtps"),
            mail_from=env.text("MAIL_FROM"),
            clamd_socket=env.text("CLAMD_SOCKET"),
        )
        env.check(settings.mode)
        return settings

    @classmethod
    def load(cls, cwd: Path, environ: Mapping[str, str]) -> "Settings":
        """Read `.env` in *cwd*, where there is one, and *environ*, which wins wherever it is not empty."""
        file = cwd / ".env"
        found = read_dotenv(file) if file.exists() else {}
        return cls.from_env(found | {key: value for key, value in environ.items() if value.strip()}, cwd)

    @property
    def mode(self) -> Mode:
        """Real as soon as there are chat tokens or sign-in, whatever else is set."""
        chat = self.slack_bot_token or self.slack_app_token or self.teams_app_id
        return Mode.REAL if chat or self.oidc_issuer else Mode.SAMPLE

    @property
    def data(self) -> Path:
        """The folder for everything that is kept; sample mode has one of its own below it."""
        return self.data_root / "sample" if self.mode is Mode.SAMPLE else self.data_root


def read_dotenv(path: Path) -> dict[str, str]:
    """
    Return the keys and values of a `.env` file: `KEY=value`, with or without quotes, `export` and comments.

    Raises:
        ConfigurationError: the file cannot be read, or a line is none of these; it never repeats the line.
    """
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not UTF-8; save it as UTF-8") from None
    found: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            key, value = _dotenv_pair(path, number, line.strip())
            found[key] = value
    return found


def check_real_mode(settings: Settings, schools: Iterable[School]) -> tuple[str, ...]:
    """Return a line for each reason not to start in real mode; sample mode has none."""
    if settings.mode is Mode.SAMPLE:
        return ()
    lines = list(_key_problems(settings))
    for school in schools:
        problems = [*_school_problems(school), *_workspace_problems(settings, school)]
        lines += (f"{school.id}/school.toml: {problem}" for problem in problems)
    return tuple(lines)


def _key_problems(settings: Settings) -> Iterator[str]:
    file = settings.key_file
    if file is None:
        if not settings.key:
            yield f"{_NO_KEY}; make one with: {MAKE_KEY}"
    elif file.resolve().is_relative_to(settings.data_root.resolve()):
        # Whoever copies the data folder would have the key to it.
        yield f"STAFFROOM_KEY_FILE lies inside the data folder {settings.data_root}: move it out"
    elif not file.is_file():
        yield f"STAFFROOM_KEY_FILE names {file}, which is not there"


def _school_problems(school: School) -> Iterator[str]:
    if school.sample:
        yield "is marked sample = true: real mode needs the school's own people and policies"
    missing = [role for role in NEEDED_NUMBERS if not school.telephone(role)]
    if missing:
        yield f"[contacts] needs a telephone number for {', '.join(missing)}"
    for person in school.people:
        roles = [role for role in school.roles if person in school.holders(role)]
        lacks = [what for what, text in (("name", person.name), ("email", person.email)) if not text]
        if roles and lacks:
            held, needed = ", ".join(roles), " and ".join(lacks)
            yield f'"{person.id}" ({held}) needs a [[person]] with {needed}'


def _workspace_problems(settings: Settings, school: School) -> Iterator[str]:
    if settings.oidc_issuer == SLACK_ISSUER and not school.slack.team:
        yield '[slack] needs team = "T…", the workspace whose accounts sign in (OIDC_ISSUER is Slack)'


def _dotenv_pair(path: Path, number: int, line: str) -> tuple[str, str]:
    match = _DOTENV_LINE.fullmatch(line)
    if match is None:
        raise ConfigurationError(f"{path}: line {number} is not KEY=value")
    key, value = match.group(1), match.group(2).strip()
    quote = value[:1]
    if quote not in ("'", '"'):
        return key, re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()
    inside, closed, rest = value[1:].partition(quote)
    if not closed or rest.strip()[:1] not in ("", "#"):
        raise ConfigurationError(f"{path}: line {number}: the quotes of {key} do not close at the end of it")
    return key, inside


@dataclass(frozen=True, slots=True)
class _Environment:
    """The variables that are set; what is wrong with them gathers in *problems* until `check`."""

    values: Mapping[str, str]
    cwd: Path
    problems: list[str] = field(default_factory=list)

    def text(self, key: str, default: str = "") -> str:
        return self.values.get(key, default)

    def path(self, key: str, default: str) -> Path:
        value = self.text(key, default)
        if value.startswith("~"):
            self.problems.append(f"{key} begins with ~, which stays as it is here: write the whole path")
        return self.cwd / value

    def whole(self, key: str, default: int, top: int) -> int:
        value = self.text(key, str(default))
        if re.fullmatch(r"[0-9]{1,9}", value) and 1 <= int(value) <= top:
            return int(value)
        self.problems.append(f'{key} must be a whole number from 1 to {top}, not "{value}"')
        return default

    def address(self, key: str, *schemes: str) -> str:
        value = self.text(key)
        try:
            parts = urlsplit(value)
            # Reading the port is what checks it.
            good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            good = False
        if value and not good:
            # Not repeated: an address may carry a password.
            self.problems.append(f"{key} must be an address that begins {schemes[0]}:// and names a host")
        return value

    def site(self, key: str) -> str:
        """An address of a host and a port alone, as a browser says it: scheme and host in lower case."""
        value = self.address(key, "https", "http")
        parts = _split(value)
        if parts.path not in ("", "/") or parts.query or parts.fragment or "@" in parts.netloc:
            cause = "every link of Staffroom begins at the root of its host"
            mend = "give it a host of its own, such as https://staffroom.example.org"
            self.problems.append(f"{key} must name a host and nothing after it: {cause}; {mend}")
        return parts._replace(netloc=parts.netloc.lower()).geturl()

    def machines(self, key: str) -> tuple[str, ...]:
        """Addresses of single machines; a name, a network or a star would trust more than is meant."""
        named = tuple(part.strip() for part in self.text(key).split(",") if part.strip())
        try:
            return tuple(str(ip_address(each)) for each in named)
        except ValueError:
            mend = "write each as a number, such as 127.0.0.1 or 10.0.0.7, apart by commas"
            self.problems.append(f"{key} must hold the addresses of single machines: {mend}")
            return ()

    def master_key(self) -> bytes:
        value = self.text("STAFFROOM_KEY")
        try:
            key = base64.b64decode(value.replace("-", "+").replace("_", "/"), validate=True)
        except (binascii.Error, ValueError):
            key = b"?"
        if value and len(key) != 32:
            self.problems.append("STAFFROOM_KEY must be base64 of 32 bytes, 44 characters long")
        return key

    def check(self, mode: Mode) -> None:
        """Raise everything that is wrong, in one message."""
        self._check_slack()
        self._check_sign_in()
        for group in _TOGETHER:
            self._check_together(group)
        if "STAFFROOM_KEY" in self.values and "STAFFROOM_KEY_FILE" in self.values:
            self.problems.append("STAFFROOM_KEY and STAFFROOM_KEY_FILE are both set: keep one")
        if mode is Mode.SAMPLE and not _is_loopback(self.text("HOST", "127.0.0.1")):
            self.problems.append("HOST must be 127.0.0.1 in sample mode, which this machine alone may reach")
        self._check_spelling()
        if self.problems:
            raise ConfigurationError("configuration: " + "; ".join(self.problems))

    def _check_slack(self) -> None:
        bot, app = self.text("SLACK_BOT_TOKEN"), self.text("SLACK_APP_TOKEN")
        if bot and not app and not self.text("SLACK_SIGNING_SECRET"):
            either = "SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
            self.problems.append(f"{either} is missing beside SLACK_BOT_TOKEN")
        for key in ("SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"):
            if key in self.values and not bot:
                self.problems.append(f"SLACK_BOT_TOKEN is missing beside {key}")
        if bot.startswith(("xapp-", "xoxp-")):
            self.problems.append("SLACK_BOT_TOKEN holds another kind of token: the bot's begins xoxb-")
        if app.startswith(("xoxb-", "xoxp-")):
            self.problems.append("SLACK_APP_TOKEN holds another kind of token: the app's begins xapp-")

    def _check_sign_in(self) -> None:
        if "OIDC_ISSUER" in self.values and "STAFFROOM_URL" not in self.values:
            self.problems.append("STAFFROOM_URL is missing beside OIDC_ISSUER: where people come back to")
        self._check_https("OIDC_ISSUER")
        self._check_https("STAFFROOM_URL")
        self._check_tenant()

    def _check_https(self, key: str) -> None:
        parts = _split(self.text(key))
        if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
            self.problems.append(f"{key} must begin https://: tokens and cookies go that way")

    def _check_tenant(self) -> None:
        issuer = _split(self.text("OIDC_ISSUER"))
        if _ENTRA.fullmatch(issuer.hostname or "") and not _ENTRA_PATH.fullmatch(issuer.path):
            # "common" would be every tenant there is, and a name is not what the tokens say.
            form = "https://login.microsoftonline.com/YOUR-TENANT-ID/v2.0, the id in lower case"
            self.problems.append(f"OIDC_ISSUER of Microsoft Entra ID must be {form}")
        if issuer.hostname == "slack.com" and self.text("OIDC_ISSUER") != SLACK_ISSUER:
            self.problems.append(f"OIDC_ISSUER of Slack must be {SLACK_ISSUER}")

    def _check_together(self, group: tuple[str, ...]) -> None:
        present = [key for key in group if key in self.values]
        for key in group:
            if present and key not in present:
                self.problems.append(f"{key} is missing beside {present[0]}")

    def _check_spelling(self) -> None:
        known = {key.removeprefix("STAFFROOM_"): key for key in KEYS}
        for key in self.values:
            near = nearest(key.removeprefix("STAFFROOM_"), known, 0.65)
            if key.startswith("STAFFROOM_") and key not in KEYS and near:
                self.problems.append(f"there is no {key}: did you mean {known[near]}?")


def _split(address: str) -> SplitResult:
    """The parts of *address*, all empty where it is none, which `address` has said."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
