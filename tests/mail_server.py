"""A real SMTP server on loopback, with the faults that tests ask for."""

import socket
import ssl
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from ipaddress import ip_address

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

USER, PASSWORD = "staffroom@school", "p/w:d@1"


class MailServer:
    """
    What the server does and has: *inbox* holds every message that it kept, by arrival.

    *answers* are given to DATA in turn, "keep" and "hang up after keeping" keep the message; then it keeps
    all. *refused* are receivers that it refuses for good.
    """

    def __init__(self):
        self.inbox = []
        self.receivers = []
        self.answers = []
        self.refused = set()
        self.over_tls = []
        self.tried_to_sign_in = []

    def signs_in(self, given):
        """Whether user and password are right; they are kept."""
        self.tried_to_sign_in.append((given.login.decode(), given.password.decode()))
        return self.tried_to_sign_in[-1] == (USER, PASSWORD)

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 5.1.1 no such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        answer = self.answers.pop(0) if self.answers else "keep"
        if answer in ("keep", "hang up after keeping"):
            self.inbox.append(message_from_bytes(envelope.content, policy=default))
            self.receivers.append(envelope.rcpt_tos)
            self.over_tls.append(session.ssl is not None)
        if answer.startswith("hang up"):
            server.transport.abort()
        return "250 OK" if answer == "keep" else answer


@contextmanager
def running(server, certificate=None, smtps=False):
    """Run *server*; gives its port. With a *certificate* it offers STARTTLS, or has TLS from the start."""
    context = certificate and _server_context(certificate)
    controller = _Controller(
        server,
        hostname="127.0.0.1",
        port=free_port(),
        ssl_context=context if smtps else None,
        tls_context=None if smtps else context,
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


class _Controller(Controller):
    def __init__(self, handler, *, tls_context, **where):
        self.tls_context = tls_context
        super().__init__(handler, **where)

    def factory(self):
        return SMTP(
            self.handler,
            tls_context=self.tls_context,
            require_starttls=self.tls_context is not None,
            auth_require_tls=False,
            # What is not handled here is refused by the server itself, at once.
            authenticator=lambda *given: AuthResult(success=self.handler.signs_in(given[-1]), handled=False),
        )

    def _trigger_server(self):
        # The client of the library does not trust our certificate; a bare connection will do.
        with socket.create_connection((self.hostname, self.port), timeout=10):
            pass


def free_port():
    """A port on loopback that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def a_certificate(folder):
    """A certificate for 127.0.0.1 that signs itself, with its key, as a file in *folder*."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    plain = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(plain + built.public_bytes(Encoding.PEM))
    return file


def trusting(certificate):
    """What a client needs to trust *certificate*."""
    return ssl.create_default_context(cafile=certificate)


def _server_context(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context
