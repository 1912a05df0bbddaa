"""Files that come after the report: fetched once, only after a plain "no", and never once it is stopped."""

from dataclasses import replace

import pytest

from bot.attaching import NOT_TO_BE_HAD, WAIT_S, Attaching, More
from bot.casework.casework import Casework
from bot.casework.room import Member
from bot.delivery.worker import Delivery
from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, Status
from bot.domain.evidence import MOST_FILES
from bot.domain.gate import STAYS_STOPPED
from bot.domain.notice_details import ReceiptDetail
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Upload
from bot.errors import EvidenceRefused, FormError, NotDelivered, SealBroken, StoreFailed, UnknownCase
from bot.receiving import SENT_TWICE, TOO_MANY, hashes
from bot.store.unit import SqliteUnit
from tests.casework_builders import a_schedule
from tests.filing_desk import REPORTER, FilingDesk

STOPPING = (Gate.YES, Gate.NOT_SURE)
AMY = Member("fernhill", "amy")
REF = "F1"
REFS = tuple(f"F{number}" for number in range(1, MOST_FILES + 2))


class Killed(BaseException):
    """What ends a process; nothing catches it."""


class FakePort:
    """Implements `ports.Attachments`; *before* runs while the file is on its way."""

    def __init__(self):
        self.fetched, self.files, self.before = [], {}, lambda ref: None

    def fetch(self, school, ref):
        self.fetched.append(ref)
        self.before(ref)
        found = self.files.get(ref, Upload(f"{ref}.png", ref.encode()))
        if isinstance(found, Exception):
            raise found
        return found


class AttachingDesk(FilingDesk):
    """`FilingDesk` with a channel where files lie."""

    def __init__(self, tmp_path, **changes):
        super().__init__(tmp_path, **changes)
        self.port = FakePort()
        schools = {"fernhill": self.school}
        self.attaching = Attaching(schools, self.store, self.intake.receiving, self.port, self.clock)
        self.casework = Casework(schools, self.store, self.vault, a_schedule())
        self.delivery = Delivery(schools, self.store, (), self.attaching.fetch)

    def more(self, case, *refs, gate=Gate.NO, handle=REPORTER.handle, request="m-1"):
        return self.attaching.more(More("fernhill", case, handle, request, gate, refs))

    def takes_more(self, case, handle=REPORTER.handle):
        return self.attaching.takes_more("fernhill", handle, case)

    def fetch(self, ref=REF):
        """What the outbox does with the notice of the file *ref*, as often as it likes."""
        notice = next(each for each in self.waiting(NoticeKind.FETCH_FILE) if each.detail == ref)
        self.attaching.fetch(notice)

    def refused(self, case):
        return [(body["name"], body["reason"]) for body in self.bodies(case, EventKind.EVIDENCE_REFUSED)]

    def bodies(self, case, kind):
        return [event.body for event in self.events(case) if event.kind is kind]

    def stop(self, case, how):
        """Answer the gate "yes" or "not sure" anew; or lock the first file that is stored."""
        if how == "second sending":
            self.file("concern", gate=Gate.NOT_SURE)
        elif how == "lock":
            sent = self.casework.status("fernhill", REPORTER.handle, case).files[0]
            self.casework.lock_sent("fernhill", REPORTER.handle, case, sent.id)
        elif how == "list of locks":
            self.vault.lock(case, "e-1", [])
        else:
            self.more(case, gate=how, request="stop")

    def delete(self, case):
        with self.store.writing() as unit:
            unit.delete_content(case)

    def unnamed(self):
        """Files in the vault that no case names."""
        kept = {(case, item) for case in self.vault.cases() for item in self.vault.items(case)}
        named = {
            (key.case, item)
            for key, body in self.store.known_evidence()
            for item in (body["id"], *body["derivatives"])
        }
        assert named <= kept
        return kept - named


@pytest.fixture
def desk(tmp_path):
    return AttachingDesk(tmp_path)


@pytest.fixture
def case(desk):
    """A concern with one file that lies with the channel."""
    return desk.file("concern", awaited=(REF,)).case


# Fetched


def test_a_fetched_file_is_the_reporters_evidence_byte_for_byte(desk, case):
    desk.fetch()

    body = desk.body(case, EventKind.EVIDENCE_STORED)
    with desk.store.reading() as unit:
        kept = b"".join(desk.vault.read(unit.key(case), body["id"]))
    assert (kept, body["name"], body["ref"]) == (b"F1", "F1.png", "F1")
    receipt = desk.intake.receipt(case)
    assert ([each.sha256 for each in receipt.evidence], receipt.awaited) == ([body["sha256"]], 0)


def test_casework_shows_the_file_to_the_holder_and_to_the_reporter_as_one_they_sent(desk, case):
    desk.fetch()

    seen = desk.casework.open_case(AMY, case, "working on the case")
    own = desk.casework.status("fernhill", REPORTER.handle, case)
    assert [each.name for each in seen.evidence] == ["F1.png"]
    assert [(each.name, each.locked) for each in own.files] == [("F1.png", False)]
    assert own.missing == seen.missing == desk.intake.receipt(case).missing


def test_the_holders_hear_of_each_file_and_the_reporter_gets_the_hashes_so_far(desk):
    case = desk.file("concern", awaited=("F1", "F2")).case

    desk.fetch("F1")
    desk.fetch("F2")

    receipts = [each for each in desk.waiting(NoticeKind.RECEIPT) if each.case == case]
    details = [ReceiptDetail.read(each.detail, desk.school) for each in receipts]
    one, two = (hashes([Upload("", content)])[0] for content in (b"F1", b"F2"))
    assert [each.hashes for each in details] == [(), (one,), (one, two)]
    assert {each.to for each in receipts} == {"reporter:jo@fernhill"}
    assert {(each.stored_at, each.roles) for each in details} == {(desk.head(case).filed_at, ("dsl",))}
    assert desk.told(NoticeKind.REPORTER_ADDED, case) == ["amy", "amy"]


def test_safety_15_nobody_kept_out_hears_that_a_file_came(desk, case):
    desk.file("concern", awaited=(REF,), place="Amy Ash's office")
    before = len(desk.told(NoticeKind.REPORTER_ADDED))

    desk.fetch()

    assert desk.told(NoticeKind.REPORTER_ADDED)[before:] == ["ben"]


def test_of_a_merged_case_the_holders_hear_with_whom_it_is_carried_on(desk, case):
    other = desk.file("concern", request="r-2").case
    for each in (case, other):
        desk.casework.open_case(AMY, each, "x")
    desk.casework.share(AMY, other, "ben", "covers")
    desk.casework.merge(AMY, case, other, "the same", desk.head(case).version)

    desk.fetch()

    assert desk.told(NoticeKind.REPORTER_ADDED, case) == ["amy", "ben"]


@pytest.mark.parametrize(
    "found", [EvidenceRefused("Slack does not have it any more."), Upload("a.exe", b"bad")]
)
def test_a_file_that_cannot_be_kept_is_recorded_with_its_words_and_missed_again(desk, case, found):
    desk.port.files[REF] = found

    desk.fetch()

    words = {"number 1": "Slack does not have it any more.", "a.exe": "This is no picture."}
    (name, reason), *others = desk.refused(case)
    assert (words[name], others) == (reason, [])
    assert desk.body(case, EventKind.EVIDENCE_REFUSED)["ref"] == REF
    assert desk.told(NoticeKind.REPORTER_ADDED, case) == ["amy"]
    receipt = desk.intake.receipt(case)
    assert (receipt.awaited, [each.name for each in receipt.refused]) == (0, [name])
    assert any("screenshot" in each for each in receipt.missing)


def test_a_file_with_the_content_of_one_that_is_kept_is_kept_once(desk):
    case = desk.file("concern", Upload("same.png", b"F1"), awaited=(REF,)).case

    desk.fetch()

    assert desk.refused(case) == [("number 1", SENT_TWICE)]
    assert desk.unnamed() == set()


def test_a_clock_that_was_put_off_is_not_turned_back_by_a_file(desk):
    case = desk.file("concern").case
    desk.clock.pass_by(days=30)
    desk.delivery.run_once()
    put_off = desk.head(case).clock_at

    desk.more(case, "F2")

    assert desk.head(case).clock_at == put_off


# Again, and in vain


def test_the_same_notice_twice_is_one_file_one_receipt_and_no_second_fetch(desk, case):
    notice = desk.waiting(NoticeKind.FETCH_FILE)[0]
    desk.attaching.fetch(notice)
    before = (desk.kinds(case), len(desk.waiting()))

    desk.attaching.fetch(notice)

    assert desk.port.fetched == [REF]
    assert (desk.kinds(case), len(desk.waiting())) == before


def test_two_workers_with_the_same_notice_record_the_file_once(desk, case):
    notice = desk.waiting(NoticeKind.FETCH_FILE)[0]
    begun = []

    def another(ref):
        if not begun:
            begun.append(ref)
            desk.attaching.fetch(notice)

    desk.port.before = another

    desk.attaching.fetch(notice)

    assert desk.port.fetched == [REF, REF]
    assert len(desk.bodies(case, EventKind.EVIDENCE_STORED)) == 1


def test_what_cannot_be_had_now_changes_nothing_and_is_passed_on(desk, case):
    desk.port.files[REF] = NotDelivered("slack: 429", 30.0)
    before = desk.kinds(case)

    with pytest.raises(NotDelivered) as later:
        desk.fetch()

    assert later.value.retry_after == 30.0
    assert desk.kinds(case) == before
    assert desk.intake.receipt(case).awaited == 1


def test_the_outbox_tries_again_until_the_file_is_there(desk, case):
    desk.port.files[REF] = NotDelivered("slack: 429")
    desk.delivery.run_once()
    desk.port.files.clear()
    desk.clock.pass_by(minutes=2)

    desk.delivery.run_once()

    assert desk.port.fetched == [REF, REF]
    assert len(desk.bodies(case, EventKind.EVIDENCE_STORED)) == 1
    assert desk.waiting(NoticeKind.FETCH_FILE) == []


@pytest.mark.slow
def test_safety_18_a_file_that_cannot_be_had_for_a_day_is_recorded_and_reporter_and_holders_hear(desk, case):
    desk.port.files[REF] = NotDelivered("slack: files.info missing_scope")
    for _ in range(23):
        desk.delivery.run_once()
        desk.clock.pass_by(hours=1)
    assert (desk.refused(case), desk.intake.receipt(case).awaited) == ([], 1)
    desk.clock.pass_by(hours=2)

    desk.delivery.run_once()

    assert desk.refused(case) == [("number 1", NOT_TO_BE_HAD)]
    assert sorted(desk.told(NoticeKind.REPORTER_ADDED, case)) == sorted(desk.access(case).full)
    assert f"{case}:receipt:{REF}" in [each.key for each in desk.waiting(NoticeKind.RECEIPT)]
    assert desk.intake.receipt(case).awaited == 0
    assert desk.waiting(NoticeKind.FETCH_FILE) == []


def test_a_file_that_is_there_after_more_than_a_day_is_kept(desk, case):
    desk.clock.pass_by(days=3)

    desk.delivery.run_once()

    assert desk.refused(case) == []
    assert len(desk.bodies(case, EventKind.EVIDENCE_STORED)) == 1


@pytest.mark.parametrize("error", [Killed, StoreFailed])
@pytest.mark.parametrize("step", ["put", "append", "put_head", "enqueue"])
def test_safety_20_an_end_at_any_step_between_vault_and_commit_names_nothing_that_is_not_there(
    desk, case, monkeypatch, step, error
):
    before, notices = desk.kinds(case), len(desk.waiting())

    def ends(self, *arguments):
        raise error("here")

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.vault) if step == "put" else SqliteUnit, step, ends)
        with pytest.raises(error):
            desk.fetch()
    desk.unnamed()
    assert (desk.kinds(case), len(desk.waiting())) == (before, notices)

    desk.fetch()

    assert len(desk.intake.receipt(case).evidence) == 1
    assert list(desk.store.verify()) == []
    desk.unnamed()


def test_a_file_of_a_case_that_was_deleted_is_not_fetched(desk, case):
    desk.delete(case)

    desk.fetch()

    assert desk.port.fetched == []
    assert desk.told(NoticeKind.REPORTER_ADDED) == []


def test_a_case_that_is_deleted_while_its_file_is_fetched_stays_deleted(desk, case):
    desk.port.before = lambda ref: desk.delete(case)

    desk.fetch()

    assert desk.events(case) == ()


def test_a_file_waits_for_its_school_to_be_configured(desk, case):
    nowhere = Attaching({}, desk.store, desk.intake.receiving, desk.port, desk.clock)

    with pytest.raises(NotDelivered) as later:
        nowhere.fetch(desk.waiting(NoticeKind.FETCH_FILE)[0])

    assert (later.value.retry_after, desk.port.fetched) == (WAIT_S, [])


def test_a_damaged_case_does_not_stop_the_worker(desk, case, monkeypatch):
    def damaged(self, case):
        raise SealBroken("events")

    monkeypatch.setattr(SqliteUnit, "events", damaged)

    with pytest.raises(NotDelivered):
        desk.fetch()


# SAFETY 1, 4: stopped


@pytest.mark.parametrize("how", [*STOPPING, "second sending", "list of locks", "lock"])
def test_safety_1_and_4_nothing_is_fetched_of_a_case_stopped_between_report_and_fetch(desk, how):
    case = desk.file("concern", Upload("a.png", b"a"), awaited=(REF,)).case
    desk.stop(case, how)

    desk.fetch()

    assert desk.port.fetched == []
    assert desk.refused(case) == [("number 1", STAYS_STOPPED)]
    assert len(desk.bodies(case, EventKind.EVIDENCE_STORED)) == 1


def test_safety_1_a_file_on_its_way_while_the_case_is_stopped_is_not_kept(desk, case):
    desk.port.before = lambda ref: desk.stop(case, Gate.YES)

    desk.fetch()

    assert desk.bodies(case, EventKind.EVIDENCE_STORED) == []
    assert desk.refused(case) == [("number 1", STAYS_STOPPED)]


@pytest.mark.parametrize("gate", STOPPING)
def test_safety_1_yes_and_not_sure_stop_the_case_for_good_and_make_it_urgent(desk, gate):
    case = desk.file("trolling").case
    clock = desk.head(case).clock_at

    put_up = desk.more(case, gate=gate)

    receipt = desk.intake.receipt(case)
    assert (put_up, receipt.urgent, receipt.missing) == (0, True, ())
    assert receipt.next_steps[0].words.startswith("Stop.")
    assert desk.head(case).clock_at < clock
    added = [each for each in desk.waiting(NoticeKind.REPORTER_ADDED) if each.case == case]
    assert [(each.to, each.urgent) for each in added] == [(to, True) for to in desk.access(case).full]
    assert not desk.takes_more(case)
    assert not desk.intake.takes_files(desk.sent("trolling", gate=Gate.NO))


@pytest.mark.parametrize("how", [*STOPPING, "second sending", "list of locks", "lock"])
def test_safety_1_and_4_once_stopped_a_later_no_takes_no_file(desk, how):
    case = desk.file("concern", Upload("a.png", b"a")).case
    desk.stop(case, how)
    before = desk.kinds(case)

    with pytest.raises(FormError) as refused:
        desk.more(case, REF)

    assert refused.value.fields == {"gate": STAYS_STOPPED}
    assert not desk.takes_more(case)
    assert (desk.kinds(case), desk.waiting(NoticeKind.FETCH_FILE)) == (before, [])


@pytest.mark.parametrize("gate", [Gate.UNASKED, *STOPPING])
def test_safety_1_files_without_a_plain_no_are_refused_and_nothing_is_changed(desk, gate):
    case = desk.file("concern").case
    before = desk.kinds(case)

    with pytest.raises(FormError) as refused:
        desk.more(case, REF, gate=gate)

    assert list(refused.value.fields) == ["gate"]
    assert (desk.kinds(case), desk.waiting(NoticeKind.FETCH_FILE)) == (before, [])


def test_the_same_stop_again_changes_nothing(desk, case):
    desk.more(case, gate=Gate.YES)
    before = (desk.kinds(case), len(desk.waiting()))

    desk.more(case, gate=Gate.YES)

    assert (desk.kinds(case), len(desk.waiting())) == before


def test_safety_1_a_no_before_a_yes_with_the_same_id_does_not_swallow_the_yes(desk):
    case = desk.file("concern").case
    desk.more(case, REF)

    desk.more(case, gate=Gate.YES)

    assert desk.intake.receipt(case).urgent
    assert not desk.takes_more(case)


# More evidence


def test_more_evidence_is_recorded_and_put_up_and_the_holders_hear_once_it_is_there(desk):
    case = desk.file("concern").case
    assert desk.takes_more(case)

    put_up = desk.more(case, "F1", "F2")

    assert put_up == 2
    assert desk.body(case, EventKind.ADDED) == {"gate": "no", "awaited": 2, "refs": ["F1", "F2"]}
    assert {event.actor for event in desk.events(case)} == {"reporter"}
    assert [(each.key, each.to) for each in desk.waiting(NoticeKind.FETCH_FILE)] == [
        (f"{case}:fetch:{ref}", "reporter:jo@fernhill") for ref in ("F1", "F2")
    ]
    assert desk.told(NoticeKind.REPORTER_ADDED) == []
    assert desk.intake.receipt(case).awaited == 2
    desk.fetch("F1")
    assert desk.told(NoticeKind.REPORTER_ADDED) == ["amy"]


def test_more_evidence_is_no_longer_missed(desk):
    before = desk.file("concern")

    desk.more(before.case, REF)
    awaited = desk.intake.receipt(before.case).missing
    desk.fetch()

    assert any("screenshot" in each for each in before.missing)
    assert not any("screenshot" in each for each in awaited)
    assert desk.intake.receipt(before.case).missing == awaited


@pytest.mark.parametrize("request_id", ["m-1", "m-2"])
def test_the_same_files_again_are_put_up_once(desk, request_id):
    case = desk.file("concern").case
    desk.more(case, "F1", "F2")
    before = (desk.kinds(case), len(desk.waiting()))

    again = desk.more(case, "F2", "F1", request=request_id)

    assert again == 2
    assert (desk.kinds(case), len(desk.waiting())) == before


def test_a_case_takes_ten_files_in_all_and_the_eleventh_is_named(desk):
    case = desk.file("concern", awaited=REFS[:8]).case
    desk.fetch("F1")

    put_up = desk.more(case, *REFS[8:])

    assert put_up == 2
    assert desk.refused(case) == [("number 11", TOO_MANY)]
    for ref in REFS[1:10]:
        desk.fetch(ref)
    assert len(desk.intake.receipt(case).evidence) == MOST_FILES
    assert desk.more(case, "F12", request="m-2") == 0
    assert desk.refused(case)[-1] == ("number 12", TOO_MANY)


def test_a_no_without_files_is_nothing(desk):
    case = desk.file("concern").case
    before = desk.kinds(case)

    assert desk.more(case) == 0
    assert desk.kinds(case) == before


@pytest.mark.parametrize("doing", ["takes_more", "more", "stop"])
@pytest.mark.parametrize("handle", ["mal@elsewhere", "amy"])
def test_safety_15_and_21_a_case_that_is_not_theirs_is_not_there_and_the_refusal_is_in_the_log(
    desk, doing, handle
):
    case = desk.file("concern").case
    before = desk.kinds(case)
    calls = {
        "takes_more": lambda: desk.takes_more(case, handle),
        "more": lambda: desk.more(case, REF, handle=handle),
        "stop": lambda: desk.more(case, gate=Gate.YES, handle=handle),
    }

    with pytest.raises(UnknownCase):
        calls[doing]()

    assert (desk.kinds(case), desk.waiting(NoticeKind.FETCH_FILE)) == (before, [])
    with desk.store.reading() as unit:
        refused = [row for row in unit.audit_rows("fernhill") if row.kind is AuditKind.REFUSED]
    assert [(row.actor, row.detail) for row in refused] == [("reporter", "more evidence")]


def test_safety_14_the_reporter_cannot_add_to_the_childs_case_beside_theirs(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed")
    child = desk.body(receipt.case, EventKind.FILED)["child_case"]

    with pytest.raises(UnknownCase):
        desk.more(child, REF)


def test_an_id_under_which_another_case_was_sent_adds_nothing(desk):
    one, two = (desk.file("concern", request=each).case for each in ("r-1", "r-2"))
    desk.more(one, REF)

    with pytest.raises(FormError) as refused:
        desk.more(two, REF)

    assert list(refused.value.fields) == ["request_id"]
    assert EventKind.ADDED.value not in desk.kinds(two)


def test_a_deleted_case_takes_no_more(desk):
    case = desk.file("concern").case
    desk.delete(case)

    with pytest.raises(FormError):
        desk.more(case, REF)
    assert not desk.takes_more(case)


def test_a_closed_case_takes_more_and_its_holders_hear(desk):
    case = desk.file("concern").case
    with desk.store.writing() as unit:
        unit.append(case, EventKind.CLOSED, "amy", {})
        unit.put_head(replace(unit.head(case), status=Status.CLOSED, clock_at=None))

    desk.more(case, REF)
    desk.fetch()

    assert desk.head(case).status is Status.CLOSED
    assert desk.told(NoticeKind.REPORTER_ADDED, case) == ["amy"]
