"""What every `ports.Notifier` promises, kept by console, e-mail over a real server, Slack, and the fake."""

from dataclasses import replace
from io import StringIO

import pytest

from bot.domain.notice_words import words
from bot.domain.notices import NoticeKind
from bot.errors import NotDelivered
from bot.notify.console import ConsoleNotifier
from bot.notify.mail import MailNotifier
from bot.slack.notifier import SlackNotifier
from tests.cases_builders import a_notice
from tests.fakes import a_school
from tests.mail_server import MailServer, running
from tests.notifier_fakes import FakeNotifier, drawn
from tests.slack_kit import FakeSlack

PEOPLE = [
    {"id": each, "name": f"{each.title()} Ash", "email": f"{each}@example.org"} for each in ("amy", "ben")
]
SCHOOL = a_school(
    person=[*PEOPLE, {"id": "cat", "name": "Cat Cole"}],
    people={"dsl": ["amy"], "head": ["ben"], "chair": ["cat"]},
)
REPORTER = "reporter:jo@example.org"


class Console:
    def __init__(self):
        self.stream = StringIO()
        self.notifier = ConsoleNotifier(self.stream)

    def said(self):
        return self.stream.getvalue()

    def keys(self):
        """A stream has no place for a key: what it printed stands in for it."""
        return [part for part in self.said().split("[sample, not sent]") if part]

    def fail(self):
        self.stream.close()


class Mail:
    def __init__(self, port, server):
        self.server = server
        self.notifier = MailNotifier(f"smtp://127.0.0.1:{port}", "staffroom@example.org")

    def said(self):
        shown = (f"{each['Subject']}\n{each.get_content()}" for each in self.server.inbox)
        return "\n".join(shown).replace("\r\n", "\n")

    def keys(self):
        return [each["Message-ID"] for each in self.server.inbox]

    def fail(self):
        self.server.answers = ["451 4.3.0 try again later"]


class Slack:
    def __init__(self):
        self.slack = FakeSlack()
        self.slack.answers["users.lookupByEmail"] = lambda said: {"user": {"id": f"U0{said['email'][:3]}"}}
        self.notifier = SlackNotifier(self.slack)

    def said(self):
        return "\n".join(drawn(each) for each in self.slack.sent("chat.postMessage"))

    def keys(self):
        return [each["metadata"]["event_payload"]["key"] for each in self.slack.sent("chat.postMessage")]

    def fail(self):
        self.slack.answers["chat.postMessage"] = "fatal_error"


class Fake:
    def __init__(self):
        self.notifier = FakeNotifier()

    def said(self):
        shown = (words(each, SCHOOL) for each in self.notifier.sent)
        return "\n".join(f"{each.subject}\n{each.body}" for each in shown)

    def keys(self):
        return [each.key for each in self.notifier.sent]

    def fail(self):
        self.notifier.plan = ["fail"]


@pytest.fixture(params=["console", "mail", "slack", "fake"])
def way(request):
    """Every promise below must hold for each way of reaching people."""
    if request.param == "mail":
        server = MailServer()
        with running(server) as port:
            yield Mail(port, server)
    else:
        yield {"console": Console, "slack": Slack, "fake": Fake}[request.param]()


def test_it_reaches_a_person_with_an_address_and_the_reporter(way):
    assert way.notifier.reaches(SCHOOL, "amy")
    assert way.notifier.reaches(SCHOOL, REPORTER)


def test_it_has_a_name_for_the_audit_log(way):
    assert way.notifier.name


@pytest.mark.parametrize("to", ["amy", REPORTER])
def test_what_arrives_are_the_words_of_the_notice(way, to):
    notice = a_notice(to=to, urgent=True)
    said = words(notice, SCHOOL)

    way.notifier.send(SCHOOL, notice)

    lines = [line.strip() for line in way.said().split("\n")]
    assert set(said.body.split("\n")) <= set(lines)
    assert said.subject in way.said()


def test_a_repeat_can_be_told_from_a_second_notice(way):
    notice = a_notice(key="one", case="K7Q2")

    way.notifier.send(SCHOOL, notice)
    way.notifier.send(SCHOOL, notice)
    way.notifier.send(SCHOOL, replace(notice, key="two", case="T5RR"))

    first, again, second = way.keys()
    assert first == again
    assert first != second


def test_what_could_not_be_delivered_is_an_error_that_names_nobody(way):
    way.fail()

    with pytest.raises(NotDelivered) as raised:
        way.notifier.send(SCHOOL, a_notice())

    assert "amy" not in str(raised.value)


@pytest.mark.parametrize("kind", [kind for kind in NoticeKind if kind is not NoticeKind.RING_SENDER])
def test_safety_25_no_way_shows_what_stands_in_a_notice(way, kind):
    way.notifier.send(SCHOOL, a_notice(kind=kind, case="K7Q2", detail="Zebedee Quillfeather"))

    assert "Zebedee" not in way.said()
