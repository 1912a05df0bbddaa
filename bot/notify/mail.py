"""Notices by e-mail over plain SMTP: the way to reach people when chat is down."""

import logging
import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import utils
from email.message import EmailMessage
from email.policy import SMTP
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from bot.domain.notice_words import words
from bot.domain.notices import REPORTER_PREFIX, Notice
from bot.domain.schools import School
from bot.errors import NotDelivered

TIMEOUT_S = 20.0
"""For each answer of the server; a notice has about six."""
TLS_PORT, PLAIN_PORT = 465, 587
"""RFC 8314 section 3.3 and RFC 6409 section 3.1: submission with TLS from the start, and otherwise."""

# What RFC 5321 calls a dot-string at a domain: nothing in it can end a header or name a second receiver.
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[A-Za-z0-9.-]+", re.ASCII)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailNotifier:
    """
    Implements `ports.Notifier` over the server at *smtp_url* (smtp:// or smtps://, user and password in it).

    smtps:// is TLS from the start; smtp:// turns to TLS when the server offers it, and gives a password to
    a server on another machine only then. Certificates are checked by *tls*, by default as the system does.
    """

    smtp_url: str = field(repr=False)
    mail_from: str
    link: str = ""
    timeout_s: float = TIMEOUT_S
    tls: ssl.SSLContext | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """The channel, as the audit log names it."""
        return "e-mail"

    def reaches(self, school: School, to: str) -> bool:
        """Whether *to* is a person with an e-mail address, or a reporter known by one."""
        return bool(_address(school, to))

    def send(self, school: School, notice: Notice) -> None:
        """
        Send *notice*; its key becomes the Message-ID, so that a repeat is known as one.

        Raises:
            NotDelivered: the server cannot be reached, refuses, or goes away; it may have it all the same.
        """
        to = _address(school, notice.to)
        if not to:
            raise NotDelivered("e-mail: no address")
        try:
            message = self._message(school, notice, to)
            with self._connected() as server:
                server.send_message(message, self._sender, [to])
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise _not_delivered(error) from None

    @property
    def _sender(self) -> str:
        return utils.parseaddr(self.mail_from)[1]

    def _message(self, school: School, notice: Notice, to: str) -> EmailMessage:
        said = words(notice, school, self.link)
        message = EmailMessage(policy=SMTP)
        message["From"] = self.mail_from
        message["To"] = to
        message["Subject"] = said.subject
        message["Date"] = utils.localtime()
        # Hashed: the key names a person, and headers pass through other people's machines.
        message["Message-ID"] = (
            f"<{sha256(notice.key.encode()).hexdigest()[:40]}@{self._sender.split('@')[-1]}>"
        )
        # RFC 3834: whoever is away must not answer it.
        message["Auto-Submitted"] = "auto-generated"
        if notice.urgent:
            message["Importance"] = "high"
        message.set_content(said.body + "\n")
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        server = self._connect()
        try:
            self._secure(server)
            yield server
            # It has the notice by now; what becomes of the farewell must not send it twice.
            with suppress(smtplib.SMTPException, OSError):
                server.quit()
        finally:
            server.close()

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.smtp_url)
        host = parts.hostname or ""
        if parts.scheme == "smtps":
            port = parts.port or TLS_PORT
            return smtplib.SMTP_SSL(host, port, timeout=self.timeout_s, context=self._context)
        return smtplib.SMTP(host, parts.port or PLAIN_PORT, timeout=self.timeout_s)

    def _secure(self, server: smtplib.SMTP) -> None:
        parts = urlsplit(self.smtp_url)
        safe = parts.scheme == "smtps" or _on_this_machine(parts.hostname or "")
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=self._context)
            safe = True
        if not parts.username:
            return
        if not safe:
            raise smtplib.SMTPNotSupportedError("no TLS for the password")
        server.login(unquote(parts.username), unquote(parts.password or ""))

    @property
    def _context(self) -> ssl.SSLContext:
        return self.tls or ssl.create_default_context()


def _address(school: School, to: str) -> str:
    if to.startswith(REPORTER_PREFIX):
        handle = to.removeprefix(REPORTER_PREFIX)
        found = (
            next((each.email for each in school.people if handle.casefold() in each.handles), "") or handle
        )
    else:
        found = next((each.email for each in school.people if each.id == to), "")
    return found if _ADDRESS.fullmatch(found) else ""


def _not_delivered(error: Exception) -> NotDelivered:
    """Ours for *error*: its type and the server's code alone, for the rest may repeat an address."""
    code = _code(error)
    if code >= 500:
        _log.warning("mail.refused code=%d", code)
    return NotDelivered(f"e-mail: {type(error).__name__} {code or ''}".strip())


def _code(error: Exception) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _ in error.recipients.values()), 0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def _on_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
