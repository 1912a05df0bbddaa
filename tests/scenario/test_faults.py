"""What goes wrong is a clear error or a later delivery, never a false "stored" (SAFETY 20)."""

import errno
import os
import shutil
import tempfile
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.casework.room import Member
from bot.domain.cases import EventKind
from bot.domain.notices import NoticeKind
from bot.domain.triage import Form
from bot.errors import NotDelivered, StoreBusy, StoreFailed
from bot.store import database
from bot.store.sqlite_store import SqliteStore
from tests.cases_builders import FakeClock
from tests.notifier_fakes import FakeNotifier
from tests.proof_desk import LEASE, SCHOOL, a_submission, deliver_all, open_desk, some_files
from tests.proof_parent import Parent

pytestmark = pytest.mark.slow

NOBODY = 65534
# A Tuesday in term.
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
URGENT = a_submission(changes={"child": "unsafe-now", "child_name": "Pip Pupil"})


@pytest.fixture
def clock():
    return FakeClock(NOON)


@pytest.fixture
def chat():
    return FakeNotifier()


@pytest.fixture
def desk(tmp_path, clock, chat):
    with open_desk(tmp_path, clock=clock, notifiers=(chat,)) as desk:
        yield desk


def is_empty(desk):
    """Whether nothing at all of a report was kept."""
    return (desk.cases(), desk.waiting(), desk.faults(), desk.unnamed()) == ([], [], [], [])


def fails_at(monkeypatch, name, at, number):
    """Let the call *at* (from 1) of `os.`*name* fail with the error *number*."""
    call, left = getattr(os, name), [at]

    def failing(*args, **named):
        left[0] -= 1
        if left[0] == 0:
            raise OSError(number, os.strerror(number))
        return call(*args, **named)

    monkeypatch.setattr(os, name, failing)


@pytest.mark.parametrize("name", ["write", "fsync", "link", "open"])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EROFS], ids=errno.errorcode.get)
def test_safety_20_a_disk_that_fails_at_any_step_of_the_evidence_is_a_clear_error(
    desk, monkeypatch, name, number
):
    said, at = [], 0
    while True:
        at += 1
        with monkeypatch.context() as patched:
            fails_at(patched, name, at, number)
            try:
                receipt = desk.intake.file(a_submission(), some_files())
            except StoreFailed as error:
                said.append(error.user_message)
            else:
                break
        assert is_empty(desk)

    assert len(said) >= 3
    assert all(words.startswith("NOT SAVED") and "999" in words for words in said)
    assert receipt.case in desk.cases()
    assert (desk.faults(), desk.unnamed()) == ([], [])


@pytest.mark.slow
def test_safety_20_a_disk_that_is_full_at_any_byte_is_a_clear_error_or_a_stored_report(tmp_path):
    """A limit on the length of a file fails SQLite's own writes too, in the middle of a page."""
    outcomes = set()
    with Parent() as parent:
        parent.ask("prepare", tmp_path / "empty")
        for longest in range(1_000, 300_000, 11_111):
            folder = tmp_path / "run"
            shutil.rmtree(folder, ignore_errors=True)
            shutil.copytree(tmp_path / "empty", folder)

            said = parent.ask("try_to_file", folder, longest=longest)

            with open_desk(folder) as desk:
                if "ack" in said:
                    assert said["ack"] in desk.cases()
                    assert desk.faults() == []
                else:
                    assert said["error"] == "StoreFailed", said
                    assert said["words"].startswith("NOT SAVED")
                    assert is_empty(desk)
            outcomes.add("ack" if "ack" in said else said["log"].partition(":")[0])
    assert {"ack", "vault"} < outcomes


def test_safety_20_a_database_that_becomes_full_in_mid_filing_keeps_nothing(desk, monkeypatch):
    monkeypatch.setattr(database, "_SETTINGS", (*database._SETTINGS, "pragma max_page_count = 1"))

    def file_many():
        for at in range(200):
            desk.intake.file(a_submission(f"request-{at}"), some_files())

    with pytest.raises(StoreFailed, match="SQLITE_FULL"):
        file_many()

    monkeypatch.undo()
    kept = desk.cases()
    assert desk.intake.file(a_submission("later")).case not in kept
    assert (desk.faults(), desk.unnamed()) == ([], [])


def test_safety_20_a_folder_that_cannot_be_written_is_a_clear_error():
    """As another user where the tests run as root, whom no mode stops."""
    with tempfile.TemporaryDirectory() as name, Parent() as parent:
        folder = Path(name)
        folder.chmod(0o755)
        parent.ask("prepare", folder)
        below = [folder / "data", *(folder / "data").rglob("*")]
        for path in below:
            path.chmod(0o555 if path.is_dir() else 0o444)

        said = parent.ask("try_to_file", folder, as_user=0 if os.getuid() else NOBODY)

        for path in below:
            path.chmod(0o755 if path.is_dir() else 0o644)
        assert said["error"] == "StoreFailed"
        assert said["words"].startswith("NOT SAVED")
        with open_desk(folder) as desk:
            assert is_empty(desk)


def test_safety_20_a_read_only_database_is_a_clear_error_and_leaves_no_evidence(desk, monkeypatch):
    monkeypatch.setattr(database, "_SETTINGS", (*database._SETTINGS, "pragma query_only = on"))

    with pytest.raises(StoreFailed, match="SQLITE_READONLY"):
        desk.intake.file(a_submission(), some_files())

    monkeypatch.undo()
    assert is_empty(desk)


def test_safety_20_a_store_that_another_process_holds_is_busy_and_a_repeat_is_stored(tmp_path):
    with Parent() as parent:
        parent.ask("prepare", tmp_path)

        _, said = parent.ask_many(
            [("hold", tmp_path, {"seconds": 4.0}), ("try_to_file", tmp_path, {"after_s": 0.3})]
        )

        assert said["error"] == "StoreBusy"
        assert said["words"].startswith("NOT SAVED")
        with open_desk(tmp_path) as desk:
            assert is_empty(desk)
        assert "ack" in parent.ask("try_to_file", tmp_path)


def test_a_worker_beside_a_store_that_is_held_delivers_later(desk, chat, monkeypatch):
    monkeypatch.setattr(database, "BUSY_S", 0.05)
    desk.intake.file(a_submission())
    other = database.connect(desk.store.path)
    other.execute("begin immediate")

    with pytest.raises(StoreBusy):
        desk.delivery.run_once()
    assert chat.sent == []

    other.execute("rollback")
    other.close()
    deliver_all(desk)
    assert ("cop-head", NoticeKind.NEW_CASE) in chat.told
    assert desk.waiting() == []


class Stopped(BaseException):
    """Stands for Ctrl-C, or a service being stopped, at an inconvenient moment."""


def test_safety_20_an_interruption_just_after_the_commit_leaves_the_evidence(desk, monkeypatch):
    """The repeat gives a receipt that names the files: they must be there."""
    monkeypatch.setattr(SqliteStore, "_turn", _stopping_after(SqliteStore._turn, Stopped))
    with pytest.raises(Stopped):
        desk.intake.file(a_submission(), some_files())
    monkeypatch.undo()

    receipt = desk.intake.file(a_submission(), some_files())

    assert len(receipt.evidence) == 2
    assert desk.faults() == []


def test_an_interruption_before_the_commit_leaves_nothing(desk, monkeypatch):
    def stopped(*_):
        raise Stopped

    monkeypatch.setattr("bot.intake.tell_holders", stopped)

    with pytest.raises(Stopped):
        desk.intake.file(a_submission(), some_files())

    assert is_empty(desk)


def _stopping_after(turn, error):
    """The end of a unit of work, where everything is committed, and then something comes."""

    @contextmanager
    def stopping(self):
        with turn(self):
            yield
        raise error

    return stopping


@pytest.mark.parametrize("back", [timedelta(seconds=1), timedelta(hours=1), timedelta(days=400)], ids=str)
def test_a_clock_that_goes_back_stores_and_delivers_all_the_same(desk, chat, clock, back):
    first = desk.intake.file(a_submission())
    clock.pass_by(seconds=-back.total_seconds())
    second = desk.intake.file(a_submission("request-2"))
    deliver_all(desk)

    told = [each.case for each in chat.sent if each.kind is NoticeKind.NEW_CASE and each.to == "cop-head"]
    assert sorted(told) == sorted([first.case, second.case])
    assert second.stored_at >= first.stored_at
    assert (desk.waiting(), desk.faults()) == ([], [])


@pytest.mark.parametrize("back", [timedelta(minutes=2), timedelta(hours=5), timedelta(days=400)], ids=str)
def test_safety_18_a_clock_that_was_put_back_still_escalates_and_sends_again(desk, chat, clock, back):
    """The log ends in what is now the future: that must not make every wait last until then."""
    chat.plan = ["fail"] * 5
    desk.intake.file(URGENT)
    clock.pass_by(seconds=-back.total_seconds())

    for _ in range(120):
        clock.pass_by(minutes=1)
        desk.delivery.run_once()

    assert ("cop-head", NoticeKind.NEW_CASE) in chat.told
    assert ("cop-chair", NoticeKind.ESCALATION) in chat.told
    assert desk.faults() == []


def test_a_worker_that_dies_in_mid_send_is_followed_by_one_that_sends_with_the_same_key(desk, chat, clock):
    desk.intake.file(a_submission(form=Form.FRIEND_REQUEST))

    class Dying(FakeNotifier):
        def send(self, school, notice):
            super().send(school, notice)
            raise Stopped

    dying = Dying()
    with pytest.raises(Stopped), open_desk(desk.folder, clock=clock, notifiers=(dying,)) as other:
        other.delivery.run_once()

    assert desk.delivery.run_once().sent > 0
    assert dying.sent[0].key not in {each.key for each in chat.sent}
    clock.pass_by(seconds=LEASE.total_seconds())
    deliver_all(desk)
    assert dying.sent[0].key in {each.key for each in chat.sent}
    assert desk.waiting() == []


def test_nothing_is_marked_as_sent_when_every_way_fails(desk, clock):
    def nowhere(school, notice):
        raise NotDelivered("down")

    case = desk.intake.file(a_submission(form=Form.FRIEND_REQUEST)).case
    chat = desk.delivery.notifiers[0]
    working, chat.send = chat.send, nowhere
    for _ in range(10):
        clock.pass_by(minutes=3)
        desk.delivery.run_once()
    assert f"{case}:new-case:cop-head:0" in desk.waiting()

    chat.send = working
    clock.pass_by(hours=2)
    deliver_all(desk)
    assert {"cop-head", "cop-dsl"} <= {to for to, kind in chat.told if kind is NoticeKind.NEW_CASE}


def test_eight_who_write_a_note_at_once_lose_none(desk):
    """Threads of one desk, as chat has them."""
    case = desk.intake.file(a_submission(form=Form.FRIEND_REQUEST)).case
    head = Member(SCHOOL, "cop-head")
    desk.casework.open_case(head, case, "to see to it")
    threads = [
        threading.Thread(target=desk.casework.note, args=(head, case, f"note {at}")) for at in range(8)
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join()

    with desk.store.reading() as unit:
        notes = [each.body["text"] for each in unit.events(case) if each.kind is EventKind.NOTED]
    assert sorted(notes) == [f"note {at}" for at in range(8)]
