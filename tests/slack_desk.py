"""Staffroom in Slack on a real store: every part as it is wired, a toy search, and a Slack that remembers."""

from functools import cached_property

from bot.answering import Answering
from bot.attaching import Attaching
from bot.casework.casework import Casework
from bot.delivery.worker import Delivery
from bot.domain import coach, guidance
from bot.drafting import Drafting
from bot.errors import EvidenceRefused, NotDelivered
from bot.raising import Raising
from bot.recognising import Recognising
from bot.slack.app import slack_app
from bot.slack.parts import Parts
from bot.slack.who import Who
from bot.wondering import Wondering
from tests.casework_builders import a_schedule
from tests.fakes import PLAIN_SCHOOL, FakeRetrieval, a_citation, a_school
from tests.filing_desk import FilingDesk
from tests.slack_kit import ME, TEAM, Bench, FakeSlack, Straight
from tests.unit.form_builders import data

PERSONS = [
    {"id": each["id"], "name": each["name"], "slack": f"U0{each['id'].upper()}", "email": email}
    for each in PLAIN_SCHOOL["person"]
    for email in [f"{each['id']}@fernhill.example.org"]
]
SLACK = {"team": TEAM, "dsl_channel": "C0DSL"}
TEXTS = {
    "4.1": "Staff must not accept a friend request from a pupil.",
    "6.2": "Staff may use the school's own accounts.",
}


class FakeAttachments:
    """Implements `ports.Attachments`: file id → an `Upload`, or an error."""

    def __init__(self):
        self.files, self.fetched = {}, []

    def fetch(self, school, ref):
        self.fetched.append(ref)
        found = self.files.get(ref, NotDelivered("slack: not now"))
        if isinstance(found, (NotDelivered, EvidenceRefused)):
            raise found
        return found


class SlackDesk(FilingDesk):
    """`FilingDesk` and Slack before it; `bench` takes payloads, `slack` has what was sent."""

    def __init__(self, tmp_path, schools=None, notifiers=(), url="", **changes):
        links_to = changes.pop("links_to", url)
        super().__init__(tmp_path, **{"person": PERSONS, "slack": SLACK, **changes})
        self.schools = schools or {"fernhill": self.school}
        object.__setattr__(self.intake, "schools", self.schools)
        self.slack, self.attachments, self.poked, self.is_ready = FakeSlack(), FakeAttachments(), [], True
        clauses = [a_citation(text, clause=number) for number, text in TEXTS.items()]
        self.retrieval = FakeRetrieval({school: clauses for school in self.schools})
        guide = guidance.parse(data("guidance.toml"))
        recognising = Recognising(self.schools, self.store)
        self.attaching = Attaching(
            self.schools, self.store, self.intake.receiving, self.attachments, self.clock
        )
        self.parts = Parts(
            schools=self.schools,
            forms=self.intake.forms,
            platforms=coach.parse(data("platforms.toml")),
            answering=Answering(self.schools, self.retrieval, guide, lambda: self.clock().date()),
            recognising=recognising,
            drafting=Drafting(self.store, self.clock),
            intake=self.intake,
            attaching=self.attaching,
            raising=Raising(self.schools, self.store, self.intake, self.clock),
            wondering=Wondering(self.schools, self.store, self.clock),
            casework=Casework(self.schools, self.store, self.vault, a_schedule()),
            who=Who(recognising),
            clock=self.clock,
            ready=lambda: self.is_ready,
            poke=lambda: self.poked.append(True),
            url=url,
            links_to=links_to,
        )
        self.delivery = Delivery(self.schools, self.store, notifiers, self.attaching.fetch)

    @cached_property
    def bench(self):
        """Takes Slack's payloads; made when it is first asked for, as the pages' tests never do."""
        return Bench(slack_app(self.parts, self.slack, ME, Straight()), self.slack)

    def deliver(self):
        """One round of the worker, with the notifiers that this desk was made with."""
        return self.delivery.run_once()


def another_school(school_id, **changes):
    """A second school in the same workspace."""
    return a_school(school_id, **{"sample": True, **changes})
