"""An urgent message: held, one press from a case, and somebody safe rings where nobody presses."""

import json
import sqlite3
from dataclasses import replace

import pytest

from bot.delivery.worker import Delivery
from bot.domain.cases import EventKind
from bot.domain.membership import Known
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Reporter
from bot.domain.triage import Form
from bot.errors import Gone, StoreBusy
from bot.raising import Raising
from tests.cases_builders import a_store
from tests.fakes import a_school
from tests.filing_desk import REPORTER, FilingDesk, people
from tests.notifier_fakes import FakeNotifier

TEXT = "A girl in 8B has Zebedee bruises and says her stepdad did it"
AMY = Reporter("amy@fernhill", "Amy Ash", "amy")
HANDLE = REPORTER.handle


class RaisingDesk(FilingDesk):
    """`FilingDesk`, where urgent messages come in and notices go out to a chat that remembers them."""

    def __init__(self, tmp_path, **changes):
        super().__init__(tmp_path, **changes)
        self.chat = FakeNotifier()

    @property
    def raising(self):
        return Raising(self.intake.schools, self.store, self.intake, self.clock)

    def take(self, text=TEXT, form=Form.CONCERN, message="D0JO-1.2", reporter=REPORTER, concerned=()):
        known = Known(self.school, reporter)
        return self.raising.take(known, message, text, form, frozenset(concerned))

    def deliver(self, **time):
        """Who was told what of what was not pressed, once so much *time* has passed."""
        self.clock.pass_by(**time)
        Delivery({"fernhill": self.school}, self.store, (self.chat,)).run_once()
        ringing = (NoticeKind.RING_SENDER, NoticeKind.RING_TOLD)
        return [pair for pair in self.chat.told if pair[1] in ringing]

    def held(self, identity):
        with self.store.reading() as unit:
            return unit.held(f"urgent:{identity}")

    def requests(self, identity):
        with self.store.reading() as unit:
            return unit.requests("fernhill", f"urgent:{identity}")


@pytest.fixture
def desk(tmp_path):
    return RaisingDesk(tmp_path)


def first_asked(desk):
    return [each.to for each in desk.waiting(NoticeKind.RING_SENDER)]


def test_safety_8_after_five_minutes_the_first_safe_person_is_told_to_ring_and_the_sender_is_told_so(desk):
    desk.take()

    assert desk.deliver(minutes=4, seconds=59) == []
    assert desk.deliver(seconds=1) == [
        ("amy", NoticeKind.RING_SENDER),
        (f"reporter:{HANDLE}", NoticeKind.RING_TOLD),
    ]


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("the DSL hit a child", "ben"),
        ("Amy Ash hit a child", "ben"),
        ("amy and the deputy DSL saw it", "cat"),
        ("the DSL, the deputy DSL and the head all know", "dan"),
    ],
)
def test_safety_8_whoever_the_text_names_by_name_or_role_is_not_asked(desk, text, asked):
    desk.take(text)

    assert desk.deliver(minutes=5)[0] == (asked, NoticeKind.RING_SENDER)


def test_safety_8_the_sender_is_never_asked_to_ring_themselves(desk):
    desk.take(reporter=AMY)

    assert first_asked(desk) == ["ben"]


@pytest.mark.parametrize(("concerned", "asked"), [(["amy"], "ben"), (["amy", "ben", "cat"], "dan")])
def test_safety_8_and_12_whoever_it_concerns_is_not_asked_to_ring_and_does_not_get_the_case(
    desk, concerned, asked
):
    identity = desk.take(concerned=concerned)

    (notice,) = desk.waiting(NoticeKind.RING_SENDER)
    access = desk.access(desk.raising.file(identity, HANDLE).case)

    assert notice.to == asked
    assert not set(concerned) & {*json.loads(notice.detail)["safe"], *access.full}
    assert set(concerned) <= set(access.excluded)


@pytest.mark.parametrize(
    ("later", "asked"),
    [
        ("and it is the DSL", ["ben", "ben"]),
        ("and the DSL and the deputy DSL", ["cat", "cat"]),
        ("and he did it again", ["amy", "amy"]),
    ],
)
def test_safety_8_whoever_a_later_message_names_is_not_asked_first_for_the_one_before(desk, later, asked):
    desk.take()
    desk.clock.pass_by(minutes=1)
    desk.take(f"{TEXT} {later}", message="D0JO-1.3")

    told = desk.deliver(minutes=4)

    assert sorted(first_asked(desk) + [to for to, kind in told if kind is NoticeKind.RING_SENDER]) == asked


def test_safety_8_where_a_later_message_leaves_nobody_safe_the_sender_hears_it_for_both(desk):
    desk.take()
    desk.take("the DSL, the deputy DSL, the head and the chair of governors did it", message="D0JO-1.3")

    assert desk.deliver() == [(f"reporter:{HANDLE}", NoticeKind.RING_TOLD)] * 2


def test_what_somebody_else_writes_changes_nobody_who_is_asked_to_ring(desk):
    desk.take()
    desk.take("the DSL hit a child", message="D0AMY-1.3", reporter=Reporter("ed@fernhill", "Ed Eden", "ed"))

    assert sorted(first_asked(desk)) == ["amy", "ben"]


def test_the_sender_is_never_taken_for_a_person_whom_it_concerns(desk):
    identity = desk.take(reporter=AMY, concerned=["amy"])

    assert desk.raising.waiting(identity, AMY.handle).concerned == ()


def test_safety_8_where_it_concerns_everybody_nobody_is_asked_and_the_sender_hears_it(desk):
    desk.take(concerned=["amy", "ben", "cat", "dan"])

    assert desk.deliver() == [(f"reporter:{HANDLE}", NoticeKind.RING_TOLD)]


def test_somebody_it_concerns_who_has_left_the_list_stops_no_case(desk):
    identity = desk.take(concerned=["amy"])
    left = replace(desk.school, people=desk.school.people[1:], roles={**desk.school.roles, "dsl": ("ben",)})
    desk.raising.schools["fernhill"] = left

    assert list(desk.access(desk.raising.file(identity, HANDLE).case).full) == ["ben"]


def test_a_press_that_died_before_it_was_settled_has_somebody_ring_as_well_and_is_no_question(desk):
    identity = desk.take()
    receipt = desk.raising.store_case(identity, HANDLE)

    with pytest.raises(Gone):
        desk.raising.waiting(identity, HANDLE)
    assert desk.raising.store_case(identity, HANDLE) == receipt
    assert desk.deliver(minutes=5)[0] == ("amy", NoticeKind.RING_SENDER)


def test_where_nobody_is_safe_nobody_is_asked_and_the_sender_hears_it_at_once(desk):
    desk.take("the DSL, the deputy DSL, the head and the chair of governors did it")

    assert desk.deliver() == [(f"reporter:{HANDLE}", NoticeKind.RING_TOLD)]
    assert desk.deliver(minutes=5) == [(f"reporter:{HANDLE}", NoticeKind.RING_TOLD)]


def test_safety_8_and_25_no_notice_holds_a_word_of_the_message(desk):
    desk.take()

    kept = " ".join(f"{each.key} {each.detail}" for each in desk.waiting())

    assert [word for word in TEXT.split() if len(word) > 3 and word in kept] == []
    assert [json.loads(each.detail)["name"] for each in desk.waiting()] == ["Jo Mint"]


def test_the_words_are_sealed_and_their_id_names_nothing(desk):
    identity = desk.take()

    assert "Zebedee" in desk.held(identity)
    assert not set(identity) - set("0123456789abcdef")
    with sqlite3.connect(desk.store.path) as db:
        assert not any("Zebedee" in line or "urgent:D0JO" in line for line in db.iterdump())
    db.close()


def test_the_same_message_again_changes_nothing(desk):
    identity = desk.take()
    desk.clock.pass_by(minutes=3)

    assert desk.take() == identity
    assert desk.deliver(minutes=2)[0] == ("amy", NoticeKind.RING_SENDER)
    assert desk.take(message="D0JO-9.9") != identity


def test_the_same_message_again_after_it_was_filed_holds_no_words(desk):
    identity = desk.take()
    desk.raising.file(identity, HANDLE)

    desk.take()

    assert desk.held(identity) == ""


def test_the_sender_who_pressed_first_is_not_told_that_nobody_rings(desk):
    identity = desk.take("the DSL, the deputy DSL, the head and the chair of governors did it")

    desk.raising.only_a_question(identity, HANDLE)

    assert desk.deliver(minutes=5) == []


def test_a_process_that_dies_after_it_was_taken_still_has_somebody_ring(desk, tmp_path):
    desk.take()

    desk.store = a_store(tmp_path, desk.clock)

    assert desk.deliver(minutes=5)[0] == ("amy", NoticeKind.RING_SENDER)


@pytest.mark.slow
def test_a_busy_store_holds_nothing_and_says_so(desk):
    with sqlite3.connect(desk.store.path, isolation_level=None) as db:
        db.execute("begin immediate")
        with pytest.raises(StoreBusy):
            desk.take()
        db.execute("rollback")
    db.close()

    assert desk.waiting() == []


def test_pressed_in_time_it_is_an_urgent_case_and_nobody_is_rung(desk):
    identity = desk.take()

    receipt = desk.raising.file(identity, HANDLE)

    assert (receipt.urgent, [each.name for each in receipt.told]) == (True, ["Amy Ash"])
    assert desk.head(receipt.case).urgent
    filed = desk.body(receipt.case, EventKind.FILED)
    assert filed["answers"] == {"who": "not known", "what": TEXT}
    assert (filed["channel"], filed["gate"]) == ("Slack", Gate.UNASKED)
    assert desk.held(identity) == ""
    assert desk.deliver(minutes=5) == []


def test_pressed_late_whoever_was_asked_next_is_not_asked_either(desk):
    identity = desk.take()
    desk.chat.failing = {"amy": 99, "ben": 99}
    for _ in range(4):
        desk.deliver(minutes=5)
    assert set(first_asked(desk)) == {"amy", "ben"}

    desk.raising.file(identity, HANDLE)

    assert first_asked(desk) == []


@pytest.mark.parametrize(
    ("form", "told", "field"),
    [
        (None, ["amy"], "what"),
        (Form.CONCERN, ["amy"], "what"),
        (Form.ADULT_CONCERN, ["cat"], "what"),
        (Form.TROLLING, ["amy", "cat"], "what"),
        (Form.FRIEND_REQUEST, ["amy"], "details"),
    ],
)
def test_safety_13_and_14_each_form_goes_to_whom_it_must(desk, form, told, field):
    receipt = desk.raising.file(desk.take(form=form), HANDLE)

    assert sorted(desk.access(receipt.case).full) == told
    assert receipt.form is (form or Form.CONCERN)
    assert desk.body(receipt.case, EventKind.FILED)["answers"][field] == TEXT
    assert receipt.urgent


@pytest.mark.parametrize(
    ("text", "form", "told"),
    [
        ("the DSL knows of the bruises", Form.CONCERN, ["ben"]),
        ("Cat Cole hit a child", Form.ADULT_CONCERN, ["dan"]),
    ],
)
def test_safety_12_whoever_the_text_names_is_left_out_and_the_next_is_told(desk, text, form, told):
    receipt = desk.raising.file(desk.take(text, form), HANDLE)

    assert list(desk.access(receipt.case).full) == told


def test_where_nobody_may_have_the_case_somebody_safe_still_rings(desk):
    identity = desk.take("the head and the chair of governors hit a child", Form.ADULT_CONCERN)

    receipt = desk.raising.file(identity, HANDLE)

    assert receipt.told == ()
    assert any("LADO" in each.role for step in receipt.next_steps for each in step.contacts)
    assert desk.deliver(minutes=5)[0] == ("amy", NoticeKind.RING_SENDER)


def test_a_second_press_gives_the_same_receipt_even_after_its_time(desk):
    identity = desk.take()
    first = desk.raising.file(identity, HANDLE)

    assert desk.raising.file(identity, HANDLE) == first
    desk.clock.pass_by(days=30)
    assert desk.raising.file(identity, HANDLE).case == first.case
    assert desk.raising.school(identity) == "fernhill"


def test_a_press_that_died_after_filing_is_the_same_case_when_pressed_again(desk, monkeypatch):
    identity = desk.take()
    with monkeypatch.context() as patched:
        patched.setattr(Raising, "_settle", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.raising.file(identity, HANDLE)

    receipt = desk.raising.file(identity, HANDLE)

    assert [each.case for each in desk.requests(identity)] == [receipt.case]
    assert desk.held(identity) == ""


def test_a_store_busy_after_filing_never_takes_the_receipt_back(desk, monkeypatch):
    def busy(*_):
        raise StoreBusy("held")

    identity = desk.take()
    monkeypatch.setattr(Raising, "_settle", busy)

    receipt = desk.raising.file(identity, HANDLE)

    assert desk.head(receipt.case).urgent
    assert desk.deliver(minutes=5)[0] == ("amy", NoticeKind.RING_SENDER)


def test_a_message_that_is_too_long_for_one_answer_is_stored_whole(desk):
    text = "bruises " * 3000

    receipt = desk.raising.file(desk.take(text), HANDLE)

    first = desk.body(receipt.case, EventKind.FILED)["answers"]["what"]
    more = desk.body(receipt.case, EventKind.ADDED)["answers"]["what"]
    assert f"{first}{more}".replace(" ", "") == text.replace(" ", "")


def test_only_a_question_is_kept_nowhere_and_nobody_is_told(desk):
    identity = desk.take()

    desk.raising.only_a_question(identity, HANDLE)
    desk.raising.only_a_question(identity, HANDLE)

    assert desk.held(identity) == ""
    assert desk.deliver(minutes=5) == []
    with pytest.raises(Gone, match=identity):
        desk.raising.file(identity, HANDLE)
    assert desk.requests(identity) == ()


def test_only_a_question_after_filing_leaves_the_case_and_whoever_rings(desk):
    identity = desk.take("the head and the chair of governors hit a child", Form.ADULT_CONCERN)
    receipt = desk.raising.file(identity, HANDLE)

    desk.raising.only_a_question(identity, HANDLE)

    assert desk.raising.receipt(identity, HANDLE) == receipt
    assert desk.deliver(minutes=5)[0] == ("amy", NoticeKind.RING_SENDER)


def test_after_a_day_an_undecided_message_is_gone(desk):
    identity = desk.take()
    desk.clock.pass_by(hours=24)

    with pytest.raises(Gone):
        desk.raising.file(identity, HANDLE)
    with pytest.raises(Gone):
        desk.raising.school(identity)


@pytest.mark.parametrize("act", ["waiting", "file", "receipt"])
@pytest.mark.parametrize("filed", [False, True])
def test_nobody_else_sees_files_or_learns_of_it(desk, act, filed):
    identity = desk.take()
    if filed:
        desk.raising.file(identity, HANDLE)

    with pytest.raises(Gone):
        getattr(desk.raising, act)(identity, "sam@fernhill")


def test_nobody_else_can_call_it_a_question(desk):
    identity = desk.take()

    desk.raising.only_a_question(identity, "sam@fernhill")

    assert desk.raising.waiting(identity, HANDLE).text == TEXT
    assert first_asked(desk) == ["amy"]


def test_the_person_who_has_two_roles_is_asked_once(tmp_path):
    desk = RaisingDesk(tmp_path, **people(dsl=["cat"], head=["cat"]))
    desk.take()

    asked = json.loads(desk.waiting(NoticeKind.RING_SENDER)[0].detail)["safe"]

    assert asked == ["cat", "ben", "dan"]


def test_the_school_is_part_of_the_id(desk):
    here = desk.take()
    there = desk.raising.take(Known(a_school("oakhill"), REPORTER), "D0JO-1.2", TEXT, None)

    assert here != there
    assert desk.raising.school(there) == "oakhill"
