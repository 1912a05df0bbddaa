"""Saving what was filled in inside a case: all of it or nothing, the same once, and what is to blame."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from bot.casework.moving import IN_PERSON, ONE_LINE
from bot.casework.saving import ACKNOWLEDGE, NOTE, NOTHING, REPLY, Saved
from bot.domain.cases import Status
from bot.domain.closing import Retention
from bot.errors import CaseDeleted, FormError, StoreFailed, UnknownCase
from tests.cases_builders import FakeClock, an_access
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    a_casework,
    a_closing,
    audit,
    closed,
    events,
    file_case,
    notices,
    opened,
)

ALL = ["ACKNOWLEDGED", "REPLIED", "NOTED"]


@pytest.fixture
def work(tmp_path):
    work = a_casework(tmp_path)
    file_case(work, access=an_access("amy", "ben", excluded=("cat",)))
    return work


def a_saving(seen=3, **changes):
    """Everything filled in, on the version that stands once somebody has opened the case."""
    plain = {"acknowledge": True, "reply": "Thank you.", "note": "Rang home."}
    return Saved("V1", seen, **{**plain, **changes})


def kinds(work, since=3):
    return [event.kind.name for event in events(work)[since:]]


def refused(work, saved, who=AMY, case="CASE-1"):
    """What is said, by what is to blame."""
    with pytest.raises(FormError) as error:
        work.save(who, case, saved)
    return error.value.fields


def test_what_is_filled_in_is_done_in_order_and_the_reporter_is_told_once(work):
    opened(work)

    done = work.save(AMY, "CASE-1", a_saving(reply=" Thank you. "))

    assert [event.kind.name for event in done] == kinds(work) == ALL
    assert [event.body for event in done] == [
        {},
        {"text": "Thank you.", "of": "CASE-1"},
        {"text": "Rang home."},
    ]
    assert opened(work).head.status is Status.IN_HAND
    assert notices(work) == [("reply", "reporter:rob@fernhill", "CASE-1")]


@pytest.mark.parametrize(
    ("filled", "done"),
    [
        ({"acknowledge": True}, ["ACKNOWLEDGED"]),
        ({"reply": "Thank you."}, ["REPLIED"]),
        ({"note": "Rang\nhome.", "reply": "  "}, ["NOTED"]),
    ],
)
def test_what_is_left_blank_is_left_out(work, filled, done):
    opened(work)

    work.save(AMY, "CASE-1", Saved("V1", 3, **{"acknowledge": False, **filled}))

    assert kinds(work) == done


def test_nothing_filled_in_is_said_wherever_something_could_be(work):
    opened(work)

    said = refused(work, Saved("V1", 3, acknowledge=False, reply=" ", note="\n"))

    assert said == dict.fromkeys((ACKNOWLEDGE, REPLY, NOTE), NOTHING)


@pytest.mark.parametrize("reply", ["Thank you.\nMore tomorrow.", "x" * 281])
def test_a_reply_is_one_line(work, reply):
    opened(work)

    assert refused(work, a_saving(reply=reply)) == {REPLY: ONE_LINE}
    assert kinds(work) == []


def test_somebody_elses_change_is_told_at_the_acknowledgement_and_nothing_is_done(work):
    opened(work)
    work.note(BEN, "CASE-1", "I know the family.")

    said = refused(work, a_saving())

    assert list(said) == [ACKNOWLEDGE]
    assert "note by Ben Birch" in said[ACKNOWLEDGE]
    assert kinds(work) == ["NOTED"]


def test_safety_18_only_who_has_opened_the_case_acknowledges_it_and_else_nothing_is_done(work):
    opened(work, BEN)

    said = refused(work, a_saving())

    assert "you have not opened this case" in said[ACKNOWLEDGE]
    assert kinds(work) == []


@pytest.mark.parametrize(
    "kept_out", [{"own_slip": True}, {"reporter": {"handle": "b", "name": "", "person": "ben"}}]
)
def test_safety_16_a_reporter_who_is_told_nothing_stops_everything_and_that_is_recorded(tmp_path, kept_out):
    work = a_casework(tmp_path)
    file_case(work, access=an_access("amy", excluded=("ben",)), **kept_out)
    opened(work)

    assert refused(work, a_saving()) == {REPLY: IN_PERSON}
    assert kinds(work) == []
    assert audit(work)[-1] == ("refused", "amy", "CASE-1", "save")


def test_a_case_closed_meanwhile_blames_the_reply_and_keeps_a_note_alone(work):
    closed(work)
    before = len(events(work))

    said = refused(work, a_saving(acknowledge=False))
    work.save(AMY, "CASE-1", a_saving(acknowledge=False, reply=""))

    assert list(said) == [REPLY]
    assert "closed" in said[REPLY]
    assert kinds(work, before) == ["NOTED"]


@pytest.mark.parametrize("who", [CAT, replace(AMY, school="oakhill"), replace(AMY, person="nobody")])
def test_safety_15_nobody_else_saves_anything(work, who):
    opened(work)

    with pytest.raises(UnknownCase):
        work.save(who, "CASE-1", a_saving())

    assert kinds(work) == []
    assert audit(work)[-1][::3] == ("refused", "save")


def test_a_deleted_case_takes_nothing(tmp_path):
    clock = FakeClock()
    work = a_casework(tmp_path, clock)
    file_case(work)
    closed(work, retention=Retention("contact-settled", False, clock.now.date()))
    clock.pass_by(days=365)
    work.confirm_deletion(AMY, "CASE-1", "its time is over")

    with pytest.raises(CaseDeleted):
        work.save(AMY, "CASE-1", a_saving())


def test_safety_20_a_store_that_fails_half_way_keeps_nothing(work, monkeypatch):
    opened(work)
    before = audit(work)
    with work.store.reading() as unit:
        kind = type(unit)
    append, left = kind.append, iter([True, True, False])

    def failing(unit, *said):
        if not next(left):
            raise StoreFailed("disk full")
        return append(unit, *said)

    monkeypatch.setattr(kind, "append", failing)
    with pytest.raises(StoreFailed):
        work.save(AMY, "CASE-1", a_saving())
    monkeypatch.undo()

    assert (kinds(work), audit(work), notices(work)) == ([], before, [])
    work.save(AMY, "CASE-1", a_saving())
    assert kinds(work) == ALL


def test_the_same_once_more_does_nothing_also_after_a_restart(work, tmp_path):
    opened(work)
    work.save(AMY, "CASE-1", a_saving())
    before = audit(work)

    assert work.save(AMY, "CASE-1", a_saving()) == ()
    assert a_casework(tmp_path).save(AMY, "CASE-1", a_saving()) == ()
    assert audit(work) == before


def test_the_same_from_many_threads_at_once_is_stored_once(work):
    opened(work)

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: work.save(AMY, "CASE-1", a_saving()), range(6)))

    assert sorted(map(len, answers)) == [0, 0, 0, 0, 0, 3]
    assert kinds(work) == ALL


@pytest.mark.parametrize(
    ("changed", "more"),
    [
        ({"note": "Rang home twice."}, ["NOTED"]),
        ({"reply": "Thank you, Rob."}, ["REPLIED"]),
        ({"seen": 6}, ["REPLIED", "NOTED"]),
    ],
)
def test_other_content_under_the_same_id_is_stored_as_far_as_it_differs(work, changed, more):
    opened(work)
    work.save(AMY, "CASE-1", a_saving())

    work.save(AMY, "CASE-1", a_saving(**changed))

    assert kinds(work) == ALL + more


def test_the_same_id_of_somebody_else_or_for_another_case_is_another_saving(work):
    file_case(work, "CASE-2")
    for who, case in ((AMY, "CASE-1"), (BEN, "CASE-1"), (AMY, "CASE-2")):
        opened(work, who, case)
        work.save(who, case, a_saving(acknowledge=False, reply=""))

    assert kinds(work) == ["NOTED", "NOTED"]
    assert [event.kind.name for event in events(work, "CASE-2")[3:]] == ["NOTED"]


def test_an_acknowledgement_of_theirs_that_stands_is_left_out_on_another_screen_too(work):
    opened(work)
    work.acknowledge(AMY, "CASE-1", 3)

    done = work.save(AMY, "CASE-1", replace(a_saving(reply=""), request_id="V2"))

    assert [event.kind.name for event in done] == ["NOTED"]


def test_an_acknowledgement_of_somebody_else_is_not_taken_for_theirs(work):
    opened(work)
    opened(work, BEN)
    work.acknowledge(BEN, "CASE-1", 3)

    said = refused(work, a_saving())

    assert "acknowledged by Ben Birch" in said[ACKNOWLEDGE]
    assert kinds(work) == ["ACKNOWLEDGED"]


def test_an_acknowledgement_from_before_somebody_reopened_the_case_does_not_stand(work):
    opened(work)
    opened(work, BEN)
    work.acknowledge(AMY, "CASE-1", 3)
    work.close(AMY, "CASE-1", a_closing(), 4)
    work.reopen(BEN, "CASE-1", "it went on")

    assert list(refused(work, a_saving())) == [ACKNOWLEDGE]


def test_safety_29_what_is_saved_shows_no_words_in_a_log():
    assert "Rang" not in repr(a_saving())
    assert "Thank" not in repr(a_saving())
