"""Fetches the files that lie with Slack: from Slack's own hosts alone, with a limit on size and on time."""

import re
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import IO, Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError

from bot.domain.reports import Upload
from bot.domain.schools import School
from bot.errors import EvidenceRefused, NotDelivered

TIMEOUT_S = 20.0
"""How long Slack may be silent."""
GONE = (
    "This file is not in Slack any more, so it could not be kept. If you have it still, add it again with "
    "“More evidence”; if it may show a nude or sexual image of a child, do not: ring the DSL."
)
TOO_LARGE = (
    "This file is larger than the {most} MB that a report takes, so it was not kept here. Keep it yourself, "
    "pass it on to nobody, and tell the DSL that this case has a larger file: they say how to hand it over."
)
NOT_SLACKS = "This is a link to a file somewhere else, not a file in Slack, so it was not kept."
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_REF = re.compile(r"F[A-Z0-9]{2,40}")
_NO_SUCH = frozenset({"file_not_found", "file_deleted", "files_not_found"})
_CHUNK = 1 << 16
_NO_MORE = frozenset({404, 410})


class _NoRedirects(HTTPRedirectHandler):
    """Follows nothing: the token would go along."""

    def redirect_request(  # noqa: PLR0913, PLR0917 - the signature is the library's
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        """Return no request, so that the redirect is an error."""
        return


@dataclass(frozen=True)
class SlackFiles:
    """Implements `ports.Attachments`; what Slack calls a file is its id."""

    client: WebClient
    max_mb: int
    timeout_s: float = TIMEOUT_S

    def fetch(self, school: School, ref: str) -> Upload:
        """
        Fetch the file *ref*, byte for byte as Slack has it.

        Raises:
            NotDelivered: Slack is busy, broken or out of reach, or would send us elsewhere.
            EvidenceRefused: it is deleted, too large, or no file of Slack's.
        """
        if not _REF.fullmatch(ref):
            raise EvidenceRefused(GONE)
        told = self._told(ref)
        if told.get("is_external") or told.get("mode") == "external":
            raise EvidenceRefused(NOT_SLACKS)
        address = str(told.get("url_private_download") or told.get("url_private") or "")
        if told.get("mode") in ("tombstone", "hidden_by_limit") or not address:
            raise EvidenceRefused(GONE)
        size = told.get("size")
        if isinstance(size, int) and size > self._most:
            self._too_large()
        content = self._content(address, str(told.get("mimetype", "")))
        if isinstance(size, int) and size != len(content):
            raise NotDelivered("slack: file cut off")
        return Upload(str(told.get("name") or "file"), content)

    @property
    def _most(self) -> int:
        return self.max_mb * 1_000_000

    def _too_large(self) -> NoReturn:
        raise EvidenceRefused(TOO_LARGE.format(most=self.max_mb))

    def _told(self, ref: str) -> dict[str, Any]:
        """What Slack says of the file."""
        try:
            return dict(self.client.files_info(file=ref).get("file") or {})
        except SlackApiError as error:
            cause = str(error.response.get("error", ""))
            if cause in _NO_SUCH:
                raise EvidenceRefused(GONE) from None
            raise NotDelivered(f"slack: files.info {cause[:40]}", _seconds(error.response.headers)) from None
        except (SlackClientError, URLError, TimeoutError, OSError) as error:
            raise NotDelivered(f"slack: files.info {type(error).__name__}") from None

    def _content(self, address: str, kind: str) -> bytes:
        if not self._ours(address):
            raise NotDelivered("slack: file on another host")
        # The check above allows https, and a stand-in on this machine, alone.
        asked = Request(address, headers={"Authorization": f"Bearer {self.client.token}"})  # noqa: S310
        try:
            with _opener(asked.type).open(asked, timeout=self.timeout_s) as answer:
                return self._body(answer, kind)
        except HTTPError as error:
            with error:
                if error.code in _NO_MORE:
                    raise EvidenceRefused(GONE) from None
                wait = _seconds(error.headers)
            raise NotDelivered(f"slack: file HTTP {error.code}", wait) from None
        except (URLError, HTTPException, TimeoutError, OSError) as error:
            raise NotDelivered(f"slack: file {type(error).__name__}") from None

    def _body(self, answer: HTTPResponse, kind: str) -> bytes:
        # Whoever may not have a file gets Slack's page to sign in, with status 200.
        if answer.headers.get_content_type() == "text/html" and kind != "text/html":
            raise NotDelivered("slack: file needs the scope files:read")
        content = bytearray()
        while part := answer.read(_CHUNK):
            content += part
            if len(content) > self._most:
                self._too_large()
        expected = answer.headers.get("Content-Length", "")
        if expected.isdecimal() and int(expected) != len(content):
            raise NotDelivered("slack: file cut off")
        return bytes(content)

    def _ours(self, address: str) -> bool:
        """Whether *address* is one of Slack's own, or of a stand-in for Slack on this machine."""
        try:
            to, api = urlsplit(address), urlsplit(self.client.base_url)
            host, standing_in = to.hostname or "", api.hostname in _LOOPBACK
            if standing_in and host in _LOOPBACK:
                return to.port == api.port and to.scheme in ("http", "https")
        except ValueError:
            return False
        return (
            to.scheme == "https"
            and to.port in (None, 443)
            and (host == "slack.com" or host.endswith(".slack.com"))
        )


def _opener(scheme: str) -> OpenerDirector:
    """Slack is asked by way of the proxy that the machine has; a stand-in on it never is."""
    return build_opener(_NoRedirects, *([] if scheme == "https" else [ProxyHandler({})]))


def _seconds(headers: Any) -> float | None:
    """How long to wait as *headers* say it in `Retry-After`; None where they do not."""
    for key, value in (headers or {}).items():
        said = value[0] if isinstance(value, list) and value else value
        if str(key).lower() == "retry-after" and str(said).isdecimal():
            return float(str(said))
    return None
