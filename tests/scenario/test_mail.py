"""E-mail over a real SMTP server on loopback: TLS, passwords, and servers that refuse, hang up or hang."""

import smtplib
import socket
from dataclasses import replace

import pytest

from bot.domain.notices import NoticeKind
from bot.domain.schools import Person
from bot.errors import NotDelivered
from bot.notify.mail import MailNotifier
from tests.cases_builders import a_notice
from tests.delivery_desk import BY_CALENDAR, Desk
from tests.fakes import a_school
from tests.mail_server import PASSWORD, USER, MailServer, a_certificate, free_port, running, trusting

SCHOOL = a_school(
    person=[
        {"id": "amy", "name": "Amy Ash", "email": "amy@example.org", "slack": "UAMY1"},
        {"id": "cat", "name": "Cat Cole"},
        {"id": "dan", "name": "Dan Dale", "email": "dan@example.org"},
    ],
    people={"dsl": ["amy"], "head": ["cat"], "chair": ["dan"]},
)
SIGNED_IN = "staffroom%40school:p%2Fw%3Ad%401@"


@pytest.fixture
def server():
    return MailServer()


def notifier(port, scheme="smtp", user="", **changes):
    return MailNotifier(f"{scheme}://{user}127.0.0.1:{port}", "staffroom@example.org", **changes)


def refusal(way, notice=None):
    with pytest.raises(NotDelivered) as raised:
        way.send(SCHOOL, notice or a_notice())
    return str(raised.value)


def test_a_notice_goes_to_its_receiver_alone_and_says_that_a_machine_wrote_it(server):
    with running(server) as port:
        notifier(port, link="https://staffroom.example.org").send(SCHOOL, a_notice(case="K7Q2", urgent=True))

    [message] = server.inbox
    assert server.receivers == [["amy@example.org"]]
    assert message["From"] == "staffroom@example.org"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Importance"] == "high"
    assert message["Subject"] == "Staffroom: a case needs you"
    assert "https://staffroom.example.org" in message.get_content()


def test_the_headers_name_neither_the_case_nor_the_key(server):
    with running(server) as port:
        notifier(port).send(SCHOOL, a_notice(key="K7Q2:4:amy", case="K7Q2"))

    assert "K7Q2" not in "".join(f"{name}{value}" for name, value in server.inbox[0].items())
    assert server.inbox[0]["Message-ID"].endswith("@example.org>")


def test_it_turns_to_tls_when_the_server_offers_it(server, tmp_path):
    certificate = a_certificate(tmp_path)

    with running(server, certificate) as port:
        notifier(port, tls=trusting(certificate)).send(SCHOOL, a_notice())

    assert server.over_tls == [True]


def test_smtps_is_tls_from_the_start(server, tmp_path):
    certificate = a_certificate(tmp_path)

    with running(server, certificate, smtps=True) as port:
        notifier(port, "smtps", tls=trusting(certificate)).send(SCHOOL, a_notice())

    assert len(server.inbox) == 1


@pytest.mark.parametrize("smtps", [False, True])
def test_a_server_that_nobody_vouches_for_gets_nothing(server, tmp_path, smtps):
    with running(server, a_certificate(tmp_path), smtps=smtps) as port:
        said = refusal(notifier(port, "smtps" if smtps else "smtp"))

    assert server.inbox == []
    assert said == "e-mail: SSLCertVerificationError"


def test_it_signs_in_with_the_user_and_password_of_the_address(server):
    with running(server) as port:
        notifier(port, user=SIGNED_IN).send(SCHOOL, a_notice())
        said = refusal(notifier(port, user="staffroom:wrong@"))

    assert server.tried_to_sign_in[0] == (USER, PASSWORD)
    assert len(server.inbox) == 1
    assert server.tried_to_sign_in[-1] == ("staffroom", "wrong")
    assert said.startswith("e-mail: SMTP")


def test_a_password_never_goes_in_clear_to_another_machine(server, monkeypatch):
    monkeypatch.setattr("bot.notify.mail._on_this_machine", lambda host: False)

    with running(server) as port:
        said = refusal(notifier(port, user=SIGNED_IN))

    assert server.tried_to_sign_in == []
    assert said == "e-mail: SMTPNotSupportedError"


def test_no_password_stands_in_what_is_printed_of_it():
    way = notifier(25, user=SIGNED_IN)

    assert "p%2Fw" not in repr(way)
    assert PASSWORD not in repr(way)
    assert USER not in repr(way)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("451 4.3.0 amy@example.org: try again later", "e-mail: SMTPDataError 451"),
        ("552 5.2.2 mailbox of amy is full", "e-mail: SMTPDataError 552"),
        ("hang up", "e-mail: SMTPServerDisconnected"),
        ("hang up after keeping", "e-mail: SMTPServerDisconnected"),
    ],
)
def test_a_server_that_does_not_take_it_is_an_error_without_an_address(server, answer, said):
    server.answers = [answer]

    with running(server) as port:
        assert refusal(notifier(port)) == said


def test_a_refused_receiver_is_an_error_and_logged_by_its_code_alone(server, caplog):
    server.refused = {"amy@example.org"}

    with running(server) as port:
        said = refusal(notifier(port))

    assert said == "e-mail: SMTPRecipientsRefused 550"
    assert "mail.refused code=550" in caplog.text
    assert "amy" not in caplog.text


def test_a_server_that_is_not_there_is_an_error():
    assert refusal(notifier(free_port())) == "e-mail: ConnectionRefusedError"


def test_a_server_that_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        said = refusal(notifier(silent.getsockname()[1], timeout_s=0.2))

    assert said == "e-mail: SMTPServerDisconnected"


def test_a_farewell_that_fails_does_not_send_it_twice(server, monkeypatch):
    def fails(self):
        raise smtplib.SMTPServerDisconnected

    monkeypatch.setattr(smtplib.SMTP, "quit", fails)

    with running(server) as port:
        notifier(port).send(SCHOOL, a_notice())

    assert len(server.inbox) == 1


@pytest.mark.parametrize(
    ("to", "reached"),
    [
        ("amy", True),
        ("cat", False),
        ("zed", False),
        ("reporter:jo@example.org", True),
        ("reporter:UAMY1", True),
        ("reporter:amy", True),
        ("reporter:UJO12", False),
        ("reporter:cat", False),
        ("reporter:jo@example.org\r\nBcc: all@example.org", False),
        ("reporter:jo@example.org, all@example.org", False),
        ("reporter:<jo@example.org>", False),
    ],
)
def test_it_reaches_whoever_has_one_plain_address(to, reached):
    assert notifier(25).reaches(SCHOOL, to) is reached


def test_no_name_or_address_adds_a_header_or_a_receiver(server):
    evil = "amy@example.org\r\nBcc:all@example.org"
    school = replace(SCHOOL, people=(Person("amy", "Amy\r\nBcc: all@example.org", evil), *SCHOOL.people[1:]))
    ringing = a_notice(
        to="dan", kind=NoticeKind.RING_SENDER, detail="Jo\r\nBcc: all@example.org\r\n\r\n.\r\nRSET"
    )

    with running(server) as port:
        with pytest.raises(NotDelivered):
            notifier(port).send(school, a_notice())
        notifier(port).send(school, ringing)

    [message] = server.inbox
    assert server.receivers == [["dan@example.org"]]
    assert message["Bcc"] is None


def test_delivery_through_a_server_that_fails_in_every_way_loses_nothing(server, tmp_path):
    server.answers = ["451 4.3.0 later", "hang up", "hang up after keeping", "554 5.0.0 no"]

    with running(server) as port:
        desk = Desk(tmp_path, SCHOOL, [notifier(port)])
        desk.enqueue(key="k", to="amy")
        for _ in range(12):
            desk.after(minutes=70)

    sent = [each for each in server.inbox if each["Subject"] == "Staffroom: a case needs you"]
    assert len({each["Message-ID"] for each in sent}) == 1
    assert [each.to for each in desk.waiting() if each.kind not in BY_CALENDAR] == []
