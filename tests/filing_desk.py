"""Intake on the real store and vault, with a decoder that stands in and a clock that stands still."""

from dataclasses import replace

from bot.domain import guidance
from bot.domain.answers import Ruling
from bot.domain.evidence import Derivative, FileKind, Sighting
from bot.domain.receipts import Advice
from bot.domain.reports import Gate, Reporter, Submission, Upload
from bot.domain.triage import Form
from bot.errors import EvidenceRefused, UnknownClause
from bot.intake import Intake
from bot.receiving import Receiving
from bot.store.locks import LockList
from bot.store.vault import FileVault
from tests.cases_builders import FakeClock, a_store
from tests.fakes import PLAIN_SCHOOL, a_school
from tests.unit.form_builders import FORMS, a_form, answers, data, the_support

REPORTER = Reporter("jo@fernhill", "Jo Mint")
PICTURE = Upload("screen.png", b"a picture")


class FakeDecoder:
    """Implements `ports.Decoder`; what begins with "bad" is refused, and every look is remembered."""

    def __init__(self):
        self.looked = []

    def look(self, upload):
        self.looked.append(upload.name)
        if upload.content.startswith(b"bad"):
            raise EvidenceRefused("This is no picture.")
        return Sighting(FileKind.PNG, {"pixels": "1 x 1"}, (Derivative("1", "image/png", b"small"),))


class FakeScanner:
    """Implements `ports.Scanner`: there is none."""

    def scan(self, upload):
        return "not scanned"


class FakeRulings:
    """Implements `ports.Rulings` with one clause, 6.2."""

    def __init__(self):
        self.asked = []

    def ruling(self, school, clause):
        self.asked.append(clause)
        if clause != "6.2":
            raise UnknownClause(clause)
        return Ruling("6.2", "Online Conduct", "in force from 1 May 2025", "Tell the head.", "ab12")


class FilingDesk:
    """Two schools, fernhill and oakhill, whose reports end in one store."""

    def __init__(self, tmp_path, **changes):
        self.clock = FakeClock()
        self.store = a_store(tmp_path, self.clock)
        locks = LockList(tmp_path / "locks", self.store.roots.audit, tmp_path / "witness", self.clock)
        self.vault = FileVault(tmp_path / "vault", locks)
        self.decoder, self.rulings = FakeDecoder(), FakeRulings()
        self.school = a_school(**{"sample": True, **changes})
        self.intake = Intake(
            schools={"fernhill": self.school, "oakhill": a_school("oakhill")},
            forms={Form(name): a_form(name) for name in FORMS},
            advice=Advice(guidance.parse(data("guidance.toml")), the_support()),
            store=self.store,
            receiving=Receiving(self.decoder, FakeScanner(), self.vault),
            rulings=self.rulings,
            clock=self.clock,
        )

    def sent(self, form="concern", *, gate=Gate.NO, request="r-1", **said):
        """The example of *form* as a submission; answers and the fields of a submission may be changed."""
        own = {key: said.pop(key) for key in tuple(said) if key in Submission.__dataclass_fields__}
        filled = {key: value for key, value in answers(form, **said).items() if key != "gate"}
        plain = Submission(request, "fernhill", Form(form), REPORTER, filled, gate)
        return replace(plain, **own)

    def file(self, form="concern", *uploads, **said):
        return self.intake.file(self.sent(form, **said), uploads)

    def events(self, case):
        with self.store.reading() as unit:
            return unit.events(case)

    def kinds(self, case):
        return [event.kind.value for event in self.events(case)]

    def body(self, case, kind, at=-1):
        return [event.body for event in self.events(case) if event.kind is kind][at]

    def access(self, case):
        with self.store.reading() as unit:
            return unit.access(case)

    def head(self, case):
        with self.store.reading() as unit:
            return unit.head(case)

    def waiting(self, kind=None):
        """Who waits to be told, of *kind* or of any."""
        with self.store.reading() as unit:
            notices = [each.notice for each in unit.waiting("fernhill")]
        return [each for each in notices if kind is None or each.kind is kind]

    def told(self, kind, case=None):
        return [each.to for each in self.waiting(kind) if case in (None, each.case)]


def with_routing(**routes):
    """What `FilingDesk` takes to route by clause."""
    return {"routing": {form.replace("_", "-"): route for form, route in routes.items()}}


def people(**roles):
    """The plain school's roles with some changed."""
    return {"people": {**PLAIN_SCHOOL["people"], **roles}}
