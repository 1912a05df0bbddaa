"""
A day of reports in which every word that anybody writes is a canary; run as a program, it ends in a crash.

`python -m tests.proof_canaries FOLDER PORT` keeps its data in FOLDER/data, sends mail to PORT on loopback,
prints notices to FOLDER/notices.txt, errors to FOLDER/errors.txt, what it opens for writing to
FOLDER/opened.txt and which field had which canary to FOLDER/canaries.json; logs and crashes go to
standard error.
"""

import email.message
import faulthandler
import io
import json
import logging
import os
import resource
import sqlite3
import sys
import traceback
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from PIL import Image, PngImagePlugin

from bot.casework.room import Member
from bot.domain.cases import Party, PartyRole
from bot.domain.closing import Closing, Retention
from bot.domain.reports import Gate, Reporter, Submission, Upload
from bot.domain.triage import Form
from bot.domain.views import Advice, Agency, LockAdvice, ParentContact, Referral
from bot.errors import BotError, NotDelivered
from bot.media.decoder import ChildDecoder
from bot.notify.console import ConsoleNotifier
from bot.notify.mail import MailNotifier
from bot.store import backup, database
from bot.store.backup import Places, Source
from bot.store.keyring import Keyring
from bot.store.unit import SqliteUnit
from tests.cases_builders import FakeClock
from tests.proof_desk import KEY, SCHOOL, Shifted, deliver_all, open_desk, the_forms, the_schools

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DSL, HEAD = Member(SCHOOL, "cop-dsl"), Member(SCHOOL, "cop-head")


class Canaries:
    """Words that stand nowhere else, each for one field."""

    def __init__(self):
        self.fields = {}

    def __call__(self, field):
        word = f"kanari{len(self.fields):03d}"
        self.fields[word] = field
        return word


class Both:
    """Implements `ports.Notifier`: every notice is printed and mailed."""

    name = "both"

    def __init__(self, *ways):
        self.ways = ways
        self.broken = None

    def reaches(self, school, to):
        return True

    def send(self, school, notice):
        if self.broken:
            raise self.broken
        for way in self.ways:
            if way.reaches(school, notice.to):
                way.send(school, notice)


class Day:
    """Everything that happens, on an open desk; errors that come are written down."""

    def __init__(self, desk, folder, said, errors):
        self.desk = desk
        self.folder = folder
        self.said = said
        self.errors = errors
        self.reporter = Reporter(f"{said('reporter handle')}@example.org", said("reporter name"))

    @contextmanager
    def wrong(self, *expected):
        """Something fails; the whole traceback goes to standard error, as a crash would print it."""
        try:
            yield
        except (BotError, RuntimeError) as error:
            if not isinstance(error, expected or (BotError, RuntimeError)):
                raise
            traceback.print_exc()
            # The words for a field are for whoever typed it, and may repeat what they typed.
            words = "" if hasattr(error, "fields") else getattr(error, "user_message", "")
            self.errors.write(f"{type(error).__name__}: {error}: {error!r}: {words}\n")
        else:
            raise AssertionError("nothing went wrong")

    def answers(self, form):
        """An answer to every question, canaries wherever words are free."""
        fields = the_forms()[form].fields
        asked = {each.shown_if.field: each.shown_if.values[0] for each in fields if each.shown_if}
        return {field.id: self.answer(form, field, asked) for field in fields}

    def answer(self, form, field, asked):
        if field.kind.chosen:
            return asked.get(field.id, field.choices[0].value)
        if field.kind == "date":
            return "yesterday"
        if field.kind == "time":
            return "22:41"
        word = self.said(f"{form}.{field.id}")
        return f"https://{word}.example/p/{word}" if field.kind == "link" else f"{word} Smith"

    def file_all(self):
        """Each form once, with evidence, somebody concerned, and a second sending."""
        return {form: self.file(form) for form in Form}

    def file(self, form):
        sent = Submission(
            request_id=self.said(f"{form}: request id"),
            school=SCHOOL,
            form=form,
            reporter=self.reporter,
            answers=self.answers(form),
            gate=Gate.NO,
            concerned=("canary-governor",),
            entered_by=self.said(f"{form}: entered by"),
        )
        case = self.desk.intake.file(sent, self.evidence(form)).case
        last = [field.id for field in the_forms()[form].fields if field.kind == "long-text"][-1]
        more = replace(sent, answers=sent.answers | {last: self.said(f"{form}: more about {last}")})
        assert self.desk.intake.file(more, self.evidence(form)).case == case
        return case

    def evidence(self, form):
        name = [self.said(f"{form}: name of evidence") for _ in range(4)]
        words = [self.said(f"{form}: content of evidence") for _ in range(6)]
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", words[0])
        out = io.BytesIO()
        Image.new("RGB", (40, 30), "white").save(out, "PNG", pnginfo=texts)
        mail = email.message.EmailMessage()
        mail["Subject"], mail["From"], mail["To"] = words[1], f"{words[2]}@example.org", "b@example.org"
        mail.set_content(words[3])
        return (
            Upload(f"{name[0]}.png", out.getvalue()),
            Upload(f"{name[1]}.txt", f"{words[4]}\n".encode()),
            Upload(f"{name[2]}.eml", mail.as_bytes()),
            Upload(f"{name[3]}.svg", f"<svg>{words[5]}</svg>".encode()),
        )

    def work_on(self, case):
        """Everything that a holder writes, on a case of the DSL's."""
        work, said = self.desk.casework, self.said
        work.open_case(DSL, case, said("reason to open"))
        work.note(DSL, case, said("note"))
        ask = work.ask_reporter(DSL, case, said("ask"))
        handle = self.reporter.handle
        work.answer_ask(SCHOOL, handle, case, ask.seq, said("answer to the ask"))
        work.reply(DSL, case, said("reply"))
        work.record_person(DSL, case, Party(said("party"), PartyRole.WITNESS, said("party's handle")))
        work.record_person(DSL, case, Party(said("pupil"), PartyRole.ALLEGED, category="pupil"))
        work.refer(DSL, case, Referral(Agency.POLICE, NOON, *(said(f"referral {at}") for at in range(3))))
        contact = (said("parent"), NOON, said("how a parent was told"), said("what a parent said"))
        work.record_parent_contact(DSL, case, ParentContact(*contact))
        action = work.set_action(DSL, case, said("action"), said("owner"), date(2026, 12, 1))
        work.finish_action(DSL, case, action.seq, said("result"))
        work.correct(DSL, case, 1, said("correction"))
        work.share(DSL, case, "cop-deputy", said("reason to share"))
        work.exclude(DSL, case, "cop-chair", said("reason to keep out"))
        work.lift_exclusion(DSL, case, "cop-chair", said("reason to let in"))
        work.search(DSL, said("name searched"))
        view = work.open_case(DSL, case, said("second reason"))
        work.decide(DSL, case, said("decision"), said("reason of the decision"), view.head.version)
        self.look_at_evidence(case, view.evidence)
        self.end(case)

    def look_at_evidence(self, case, items):
        work, said = self.desk.casework, self.said
        work.derivatives(DSL, case, items[0].id, "working on the case")
        original = work.download_original(DSL, case, items[1].id, said("reason to download"))
        assert b"kanari" in b"".join(original.content)
        work.lock(DSL, case, items[0].id)
        advice = LockAdvice(items[0].id, said("adviser"), Advice.KEEP, NOON)
        work.record_lock_advice(DSL, case, advice)
        with self.wrong(BotError):
            work.derivatives(DSL, case, items[0].id, "working on the case")

    def end(self, case):
        work, said = self.desk.casework, self.said
        kept = Retention("child-protection", sexual_abuse=False, until=date(2051, 1, 31))
        words = [said(f"closing {at}") for at in range(5)]
        version = work.open_case(DSL, case, said("third reason")).head.version
        work.close(DSL, case, Closing(*words, kept, filed_where=said("file of record")), version)
        work.hold(DSL, case, said("legal hold"))
        work.release(DSL, case, said("end of the hold"))
        work.reopen(DSL, case, said("reason to reopen"))

    def go_wrong(self, case):
        """Errors of every kind, each with canaries near it."""
        intake, work, said = self.desk.intake, self.desk.casework, self.said
        sent = Submission(said("bad request"), SCHOOL, Form.CONCERN, self.reporter, {}, Gate.NO)
        bad = {"what": said("bad choice"), "where": said("no platform"), said("unknown question"): "x"}
        for wrong in (
            replace(sent, answers={}),
            replace(sent, answers=self.answers(Form.CONCERN) | bad),
            replace(sent, answers=self.answers(Form.CONCERN), concerned=(said("unknown person"),)),
        ):
            with self.wrong(BotError):
                intake.file(wrong)
        with self.wrong(BotError):
            intake.file(replace(sent, answers=self.answers(Form.CONCERN), gate=Gate.YES), self.evidence("x"))
        governor = Member(SCHOOL, "canary-governor")
        for refused in (
            lambda: work.open_case(DSL, said("no such case"), said("reason")),
            lambda: work.open_case(governor, case, said("reason")),
            lambda: work.open_case(Member(SCHOOL, said("stranger")), case, said("reason")),
            lambda: work.list_cases(Member(SCHOOL, said("stranger"))),
            lambda: work.assign(DSL, case, said("nobody"), 0),
            lambda: work.decide(DSL, case, said("late decision"), said("reason"), 0),
            lambda: work.status(SCHOOL, said("another reporter"), case),
            lambda: work.cannot_get(SCHOOL, self.reporter.handle, case, said("not missing")),
            lambda: work.reply(DSL, case, said("long reply") * 60),
            lambda: work.set_action(DSL, case, said("action"), governor.person, date(2026, 12, 1)),
            lambda: work.share(DSL, case, governor.person, said("reason")),
        ):
            with self.wrong(BotError):
                refused()

    def break_down(self, case, chat):
        """The store, the vault, the mail and the program itself fail."""
        desk, said = self.desk, self.said
        sent = Submission(
            said("request"), SCHOOL, Form.CONCERN, self.reporter, self.answers(Form.CONCERN), Gate.NO
        )
        with self.wrong(BotError), patched(database, "_SETTINGS", (*database._SETTINGS, QUERY_ONLY)):
            desk.intake.file(sent, self.evidence("read only"))
        with self.wrong(BotError), patched(database, "BUSY_S", 0.1), held(desk.store.path):
            desk.intake.file(sent, self.evidence("busy"))
        with self.wrong(BotError), patched(os, "fsync", full):
            desk.intake.file(sent, self.evidence("full"))
        with self.wrong(RuntimeError), patched(SqliteUnit, "index_names", crash):
            desk.intake.file(sent, self.evidence("crash"))
        desk.intake.file(sent, self.evidence("in the end"))
        chat.broken = NotDelivered("both: planned")
        desk.delivery.run_once()
        chat.broken = RuntimeError("a fault of our own")
        desk.casework.note(DSL, case, said("note"))
        desk.casework.reply(DSL, case, said("reply that nobody sends"))
        with self.wrong(RuntimeError):
            desk.delivery.run_once()
        chat.broken = None

    def damage_evidence(self, case):
        view = self.desk.casework.open_case(DSL, case, self.said("reason"))
        item = view.evidence[-1].id
        path = self.desk.vault.folder / case / item
        path.write_bytes(path.read_bytes()[:-1] + b"!")
        with self.wrong(BotError):
            original = self.desk.casework.download_original(DSL, case, item, self.said("reason"))
            list(original.content)


QUERY_ONLY = "pragma query_only = on"


def main(folder, port):
    """Run the day, and then crash for good in the middle of filing."""
    logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
    logging.getLogger("bot").setLevel(logging.DEBUG)
    faulthandler.enable()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    sys.addaudithook(_opening(folder))
    clock, said = FakeClock(datetime.now(UTC)), Canaries()
    with (folder / "notices.txt").open("w") as stream, (folder / "errors.txt").open("w") as errors:
        link = "http://127.0.0.1:8000"
        mail = MailNotifier(f"smtp://127.0.0.1:{port}", "Staffroom <staffroom@example.org>", link)
        chat = Both(ConsoleNotifier(stream, link), mail)
        given = {"clock": clock, "notifiers": (chat,), "decoder": ChildDecoder(), "schools": a_school(said)}
        with open_desk(folder, **given) as desk:
            day = Day(desk, folder, said, errors)
            run(day, chat, clock)
            (folder / "canaries.json").write_text(json.dumps(said.fields))
            errors.flush()
            faulthandler.dump_traceback(file=sys.stderr)
            SqliteUnit.index_names = lambda *_: os.abort()
            day.file(Form.CONCERN)


def run(day, chat, clock):
    cases = day.file_all()
    deliver_all(day.desk)
    day.work_on(cases[Form.CONCERN])
    day.go_wrong(cases[Form.CONCERN])
    day.break_down(cases[Form.CONCERN], chat)
    deliver_all(day.desk)
    # Escalations, reminders, and the list of who opened what at the end of the month.
    for _ in range(12):
        clock.pass_by(days=4)
        deliver_all(day.desk)
    day.damage_evidence(cases[Form.FRIEND_REQUEST])
    source = Source(Places.of(day.folder / "data"), Keyring(KEY), day.desk.store.wrapped_roots(), Shifted())
    backup.backup(source, day.folder / "backup.staffroom")


def a_school(said):
    """The sample school, with a canary for a governor whom every report is about."""
    one = the_schools()[SCHOOL]
    governor = replace(
        one.person("cop-governor"),
        id="canary-governor",
        name=f"{said('name of the concerned')} {said('family name of the concerned')}",
        email=f"{said('address of the concerned')}@example.org",
        also_known_as=(said("other name of the concerned"),),
    )
    people = (*(each for each in one.people if each.id != "cop-governor"), governor)
    roles = {**one.roles, "safeguarding_governor": ("canary-governor",)}
    return {SCHOOL: replace(one, people=people, roles=roles)}


@contextmanager
def patched(owner, name, value):
    """Let *owner*'s *name* be *value* for a while."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def held(path):
    """Hold the store, as another process does."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    try:
        yield
    finally:
        other.close()


def full(*_):
    """A disk that is full."""
    raise OSError(28, "No space left on device")


def crash(*_):
    """A fault of our own, in the middle of a unit of work."""
    raise RuntimeError("crash")


def _opening(folder):
    """Writes down whatever is opened for writing, and every temporary file."""
    log = os.open(folder / "opened.txt", os.O_CREAT | os.O_WRONLY | os.O_APPEND)
    wanted = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def hear(event, args):
        if event.startswith("tempfile."):
            os.write(log, f"{event} {args[0]}\n".encode())
        if event == "open" and isinstance(args[0], str | bytes) and (args[2] or 0) & wanted:
            os.write(log, f"{os.fsdecode(args[0])}\n".encode())
        if event == "sqlite3.connect":
            os.write(log, f"{args[0]}\n".encode())

    return hear


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
