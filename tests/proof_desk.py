"""The whole reporting half on a folder of its own, wired as `bot.app` does it, without the model."""

import json
import os
import sqlite3
import time
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import bot
from bot import school_folders
from bot.casework.casework import Casework
from bot.delivery.worker import Delivery
from bot.domain import coach, form_parsing, forms, guidance, retention, support
from bot.domain.evidence import Derivative, FileKind, Sighting
from bot.domain.receipts import Advice
from bot.domain.reports import Gate, Reporter, Submission, Upload
from bot.domain.triage import Form
from bot.errors import EvidenceDamaged, EvidenceRefused, StoreBusy, UnknownClause
from bot.intake import Intake
from bot.media.scanner import NotScanned
from bot.receiving import Receiving
from bot.store.backup import Places
from bot.store.keyring import Keyring
from bot.store.sqlite_store import SqliteStore
from bot.store.vault import FileVault

ROOT = Path(bot.__file__).resolve().parents[1]
SCHOOL = "copperfell-high"
HANDLE = "jo.bloggs@example.org"
KEY = bytes(range(32))
LEASE = timedelta(seconds=301)
"""After so long, what a dead worker had taken is free again."""


class StubDecoder:
    """Implements `ports.Decoder` in this process: a picture with one derivative; "bad" is refused."""

    def look(self, upload):
        if upload.content.startswith(b"bad"):
            raise EvidenceRefused("This file cannot be read.")
        return Sighting(FileKind.PNG, {"pixels": "1 x 1"}, (Derivative("1", "image/png", b"small " * 50),))


class NoRulings:
    """Implements `ports.Rulings` where no policy can be read."""

    def ruling(self, school, clause):
        raise UnknownClause("none")


class FileNotifier:
    """Implements `ports.Notifier`: each notice is a line in a file, there before the send returns."""

    name = "file"

    def __init__(self, path, before=None):
        self.path = path
        self.before = before

    def reaches(self, school, to):
        return True

    def send(self, school, notice):
        if self.before:
            self.before(notice)
        line = json.dumps([notice.kind.value, notice.to, notice.case, notice.key])
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


@dataclass(frozen=True)
class Shifted:
    """The clock of this machine, *by* so much."""

    by: timedelta = timedelta()

    def __call__(self):
        return datetime.now(UTC) + self.by


@dataclass(frozen=True, repr=False)
class Desk:
    """The parts, open."""

    folder: Path
    schools: dict
    forms: dict
    store: SqliteStore
    vault: FileVault
    intake: Intake
    casework: Casework
    delivery: Delivery

    @property
    def sent(self):
        """What the file of the notifier holds: kind, receiver, case and key of each notice."""
        path = self.folder / "sent.jsonl"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        return [tuple(json.loads(line)) for line in lines]

    def cases(self):
        """The number of every case there is."""
        with self.store.reading() as unit:
            return [row["id"] for row in unit.db.query("select id from cases order by id")]

    def kinds(self, case):
        """The kinds of the events of *case*, in order."""
        with self.store.reading() as unit:
            return [event.kind.value for event in unit.events(case)]

    def waiting(self):
        """The keys of the notices that are not sent yet, of every school."""
        with self.store.reading() as unit:
            return [each.notice.key for school in self.schools for each in unit.waiting(school)]

    def missing(self):
        """Evidence that a case names and the vault does not give back whole."""
        lost = []
        for key, body in self.store.known_evidence():
            for item in (body["id"], *body["derivatives"]):
                try:
                    b"".join(self.vault.read(key, item))
                except EvidenceDamaged:
                    lost.append(f"{key.case}/{item}")
        return lost

    def unnamed(self):
        """Files of evidence, finished or not, that no case names."""
        named = {
            f"{key.case}/{item}"
            for key, body in self.store.known_evidence()
            for item in (body["id"], *body["derivatives"])
        }
        found = {f"{path.parent.name}/{path.name}" for path in self.vault.folder.glob("*/*")}
        return sorted(found - named)

    def faults(self):
        """What `verify` finds, and evidence that is missing."""
        return [f"{each.where}: {each.what}" for each in self.store.verify()] + self.missing()


@contextmanager
def open_desk(folder, *, clock=None, schools=None, notifiers=None, decoder=None, scanner=None):
    """The parts on *folder*, which is made where it is not there."""
    clock = clock or Shifted()
    schools = schools or the_schools()
    places = Places.of(folder / "data")
    with SqliteStore.open(places.database, Keyring(KEY), clock) as store:
        vault = FileVault(places.vault, places.lock_list(store.roots.audit, clock))
        definitions = the_forms()
        advice = Advice(guidance.parse(_toml("guidance.toml")), support.parse(_toml("support.toml")))
        receiving = Receiving(decoder or StubDecoder(), scanner or NotScanned(), vault)
        told = (FileNotifier(folder / "sent.jsonl"),) if notifiers is None else notifiers
        yield Desk(
            folder=folder,
            schools=schools,
            forms=definitions,
            store=store,
            vault=vault,
            intake=Intake(schools, definitions, advice, store, receiving, NoRulings(), clock),
            casework=Casework(schools, store, vault, retention.parse(_toml("retention.toml"))),
            delivery=Delivery(schools, store, tuple(told)),
        )


@cache
def the_schools():
    """The sample school of the tests here, by its id."""
    return {SCHOOL: school_folders.load(ROOT / "policies").schools[SCHOOL]}


@cache
def the_forms():
    """The bundled forms."""
    lists = coach.parse(_toml("platforms.toml")).lists()
    read = (form_parsing.parse(_toml(f"forms/{form}.toml"), f"{form}.toml", lists) for form in Form)
    return {form.form: form for form in read}


def a_submission(request="request-1", form=Form.ADULT_CONCERN, changes=None, **others):
    """An example of *form*; the worry about an adult touches a child, so that it opens two cases."""
    answers = {**forms.example(the_forms()[form]), **(changes or {})}
    answers.pop("gate")
    if form is Form.ADULT_CONCERN:
        answers |= {"child": "yes", "child_name": "Pip Pupil"} | (changes or {})
    sent = Submission(request, SCHOOL, form, Reporter(HANDLE, "Jo Bloggs"), answers, Gate.NO)
    return replace(sent, **others)


def some_files(count=2):
    """Evidence that the stub takes; one chunk and a little of the vault's in each."""
    return tuple(Upload(f"screen {at}.png", bytes([at + 65]) * 70_000) for at in range(count))


def filed(desk, sent, uploads=(), patience_s=30.0):
    """File as a channel does: again after "busy", under the same request id."""
    until = time.monotonic() + patience_s
    while True:
        try:
            return desk.intake.file(sent, uploads)
        except StoreBusy:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def deliver_all(desk, rounds=20):
    """Rounds of delivery until nothing is due any more."""
    for _ in range(rounds):
        ran = desk.delivery.run_once()
        if not (ran.sent or ran.put_off or ran.escalated):
            return
    raise AssertionError("delivery does not come to an end")


def swept(desk):
    """Sweep the vault as every start does, of files that look older than an hour; how many there were."""
    for path in desk.vault.folder.glob("*/*"):
        os.utime(path, (time.time() - 7200,) * 2)
    known = {}
    for key, body in desk.store.known_evidence():
        known[key.case] = known.get(key.case, frozenset()) | {body["id"], *body["derivatives"]}
    return desk.vault.sweep(known)


def hold_the_store(path, seconds, ready):
    """Keep the database at *path* locked for *seconds*; *ready* is called once it is."""
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("begin immediate")
        ready()
        time.sleep(seconds)
        db.execute("rollback")
    db.close()


@cache
def _toml(name):
    return tomllib.loads((ROOT / "bot" / name).read_text("utf-8"))
