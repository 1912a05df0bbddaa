"""Reports whose files lie with the channel until they are fetched, and reports that cannot wait."""

from dataclasses import replace

import pytest

from bot.domain import folding
from bot.domain.cases import EventKind
from bot.domain.evidence import MOST_FILES
from bot.domain.gate import STAYS_STOPPED
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Upload
from bot.errors import CaseDeleted, FormError, StoreBusy
from bot.receiving import TOO_MANY, awaiting
from tests.cases_builders import START
from tests.filing_desk import PICTURE, FilingDesk

STOPPING = (Gate.YES, Gate.NOT_SURE)
ELEVEN = tuple(f"F{number}" for number in range(1, MOST_FILES + 2))


@pytest.fixture
def desk(tmp_path):
    return FilingDesk(tmp_path)


def fetches(desk):
    return [each.detail for each in desk.waiting(NoticeKind.FETCH_FILE)]


def uploads(count):
    return [Upload(f"{number}.png", b"%d" % number) for number in range(count)]


def test_awaited_files_are_put_up_to_be_fetched_with_the_report(desk):
    receipt = desk.file("concern", awaited=("F1", "F2"))

    notices = desk.waiting(NoticeKind.FETCH_FILE)
    assert [each.key for each in notices] == [f"{receipt.case}:fetch:F1", f"{receipt.case}:fetch:F2"]
    assert {(each.to, each.case, each.due) for each in notices} == {
        ("reporter:jo@fernhill", receipt.case, START)
    }
    assert receipt.awaited == 2
    assert receipt.evidence == ()
    assert desk.body(receipt.case, EventKind.FILED)["awaited"] == 2


def test_nobody_waits_to_be_told_until_a_file_is_fetched(desk):
    desk.file("concern", urgent=True, awaited=("F1",))

    with desk.store.writing() as unit:
        claimed = [each.notice.kind for each in unit.claim(10, 60)]

    assert claimed == [NoticeKind.NEW_CASE, NoticeKind.RECEIPT, NoticeKind.FETCH_FILE]


@pytest.mark.parametrize("gate", [Gate.UNASKED, *STOPPING])
def test_safety_1_no_file_is_put_up_to_be_fetched_unless_the_gate_was_answered_no(desk, gate):
    with pytest.raises(FormError) as refused:
        desk.file("concern", gate=gate, awaited=("F1",))

    assert list(refused.value.fields) == ["gate"]
    assert desk.waiting() == []


@pytest.mark.parametrize("gate", STOPPING)
def test_safety_1_once_stopped_a_later_no_puts_no_file_up_and_asks_for_none(desk, gate):
    case = desk.file("concern", gate=gate).case

    receipt = desk.file("concern", awaited=("F1",))

    assert fetches(desk) == []
    assert [(each.name, each.reason) for each in receipt.refused] == [("number 1", STAYS_STOPPED)]
    assert receipt.awaited == 0
    assert not any("screenshot" in each for each in receipt.missing)
    assert "refs" not in desk.body(case, EventKind.ADDED)


def test_safety_1_of_a_report_that_is_stopped_later_no_file_is_said_to_be_on_its_way(desk):
    desk.file("concern", awaited=("F1",))

    receipt = desk.file("concern", gate=Gate.YES)

    assert receipt.awaited == 0


def test_nothing_is_put_up_to_be_fetched_when_the_report_is_not_stored(desk, monkeypatch):
    def busy(self, school, request_id, request):
        raise StoreBusy("busy")

    with monkeypatch.context() as patched, desk.store.reading() as unit:
        patched.setattr(type(unit), "remember", busy)
        with pytest.raises(StoreBusy):
            desk.file("concern", awaited=("F1",))

    assert desk.waiting() == []


@pytest.mark.parametrize(("sent", "put_up"), [(0, 10), (9, 1), (10, 0)])
def test_a_report_takes_ten_files_together_with_those_sent_along_and_names_those_beyond(desk, sent, put_up):
    receipt = desk.file("concern", *uploads(sent), awaited=ELEVEN)

    assert fetches(desk) == list(ELEVEN[:put_up])
    assert receipt.awaited == put_up
    assert {each.reason for each in receipt.refused} == {TOO_MANY}
    assert [each.name for each in receipt.refused] == [f"number {at}" for at in range(put_up + 1, 12)]


def test_a_second_sending_takes_no_more_than_are_left_of_ten(desk):
    case = desk.file("concern", awaited=ELEVEN[:8]).case

    receipt = desk.file("concern", *uploads(1), awaited=("G1", "G2"))

    assert fetches(desk) == [*ELEVEN[:8], "G1"]
    assert [each.name for each in receipt.refused] == ["number 10"]
    assert desk.body(case, EventKind.ADDED)["awaited"] == 1


def test_a_file_sent_along_with_ten_on_their_way_is_refused(desk):
    desk.file("concern", awaited=ELEVEN[:10])

    receipt = desk.file("concern", PICTURE)

    assert [(each.name, each.reason) for each in receipt.refused] == [("screen.png", TOO_MANY)]


def test_the_same_sending_again_puts_nothing_up_twice(desk):
    first = desk.file("concern", awaited=("F1", "F1", "F2"))

    again = [desk.file("concern", awaited=("F2", "F1")) for _ in range(3)]

    assert first.awaited == 2
    assert fetches(desk) == ["F1", "F2"]
    assert again == [first] * 3
    assert EventKind.ADDED.value not in desk.kinds(first.case)


def test_a_later_sending_with_a_file_of_the_first_one_awaits_only_what_is_new(desk):
    case = desk.file("concern", awaited=("F1",)).case

    receipt = desk.file("concern", awaited=("F1", "F2"), place="The hall.")

    assert fetches(desk) == ["F1", "F2"]
    assert receipt.awaited == 2
    assert desk.body(case, EventKind.ADDED)["refs"] == ["F2"]


def test_other_files_under_the_same_id_are_another_sending(desk):
    ready = desk.intake.ready(desk.sent("concern"))
    other = replace(ready, submission=replace(ready.submission, awaited=("F1",)))
    urgent = replace(ready, submission=replace(ready.submission, urgent=True))

    assert len({each.digest(()) for each in (ready, other, urgent)}) == 3


def test_no_screenshot_is_asked_for_while_files_are_on_their_way(desk):
    without = desk.file("concern", request="r-0").missing

    awaited = desk.file("concern", awaited=("F1",)).missing

    asked = [each for each in without if each.startswith("A screenshot")]
    assert len(asked) == 1
    assert awaited == tuple(each for each in without if each not in asked)


@pytest.mark.parametrize("kind", [EventKind.EVIDENCE_STORED, EventKind.EVIDENCE_REFUSED])
def test_a_file_is_awaited_until_it_is_kept_or_refused_and_missed_again_only_when_refused(desk, kind):
    case = desk.file("concern", awaited=("F1", "F2")).case
    plain = {"name": "a.png", "sha256": "ab", "size": 1, "ref": "F1", "reason": "No picture."}

    with desk.store.writing() as unit:
        unit.append(case, kind, "reporter", plain)
    one = desk.intake.receipt(case)
    with desk.store.writing() as unit:
        unit.append(case, EventKind.EVIDENCE_REFUSED, "reporter", plain | {"ref": "F2"})
    none = desk.intake.receipt(case)

    assert (one.awaited, none.awaited) == (1, 0)
    assert not any("screenshot" in each for each in one.missing)
    assert any("screenshot" in each for each in none.missing) is (kind is EventKind.EVIDENCE_REFUSED)


def test_the_childs_case_beside_one_about_an_adult_awaits_no_file_of_it(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed", awaited=("F1",))

    child = desk.body(receipt.case, EventKind.FILED)["child_case"]
    assert folding.refs(desk.events(receipt.case)) == ("F1",)
    assert folding.refs(desk.events(child)) == ()
    assert [each.case for each in desk.waiting(NoticeKind.FETCH_FILE)] == [receipt.case]


def test_a_file_that_was_refused_for_being_the_eleventh_is_not_asked_for_again(desk):
    case = desk.file("concern", awaited=ELEVEN).case

    assert awaiting(["F11"], desk.events(case)).refs == ()
    assert awaiting(["F11"], desk.events(case)).refused == ()


# SAFETY 8: it cannot wait


def test_safety_8_what_the_sender_calls_urgent_is_urgent_whatever_the_answers_mean(desk):
    plain, urgent = desk.file("trolling", request="r-0"), desk.file("trolling", urgent=True)

    assert (plain.urgent, urgent.urgent) == (False, True)
    assert desk.head(urgent.case).clock_at < desk.head(plain.case).clock_at
    assert {each.urgent for each in desk.waiting() if each.case == urgent.case} == {True}


def test_safety_8_a_later_sending_makes_a_case_urgent_and_a_calmer_one_does_not_undo_it(desk):
    case = desk.file("trolling").case

    raised = desk.file("trolling", urgent=True)
    later = desk.file("trolling", who="Lee Low")

    assert (raised.urgent, later.urgent) == (True, True)
    assert desk.body(case, EventKind.ADDED, 0)["urgent"] is True
    assert "urgent" not in desk.body(case, EventKind.ADDED)


def test_there_is_no_receipt_of_a_case_that_was_deleted(desk):
    case = desk.file("concern").case
    with desk.store.writing() as unit:
        unit.delete_content(case)

    with pytest.raises(CaseDeleted):
        desk.intake.receipt(case)
