"""Moving a case on, alone and two at once."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.views import Agency, ParentContact, Referral
from bot.errors import FormError, IllegalMove, NotAllowed, StaleCase, UnknownCase
from tests.cases_builders import START, an_access
from tests.casework_builders import (
    AMY,
    BEN,
    CAT,
    NOON,
    a_casework,
    a_closing,
    audit,
    closed,
    events,
    file_case,
    notices,
    opened,
)


@pytest.fixture
def work(tmp_path):
    work = a_casework(tmp_path)
    file_case(work, access=an_access("amy", "ben", excluded=("cat",)))
    return work


def moves_of(work):
    """Every move that a holder can make in an open case, by name."""
    return {
        "acknowledge": lambda seen: work.acknowledge(AMY, "CASE-1", seen),
        "assign": lambda seen: work.assign(AMY, "CASE-1", "ben", seen),
        "note": lambda _: work.note(AMY, "CASE-1", "Spoke to Pat."),
        "decide": lambda seen: work.decide(AMY, "CASE-1", "Watch", "First time", seen),
        "refer": lambda _: work.refer(AMY, "CASE-1", Referral(Agency.POLICE, NOON, "PC Hay")),
        "parent": lambda _: work.record_parent_contact(
            AMY, "CASE-1", ParentContact("dad", NOON, "rang", "ok")
        ),
        "action": lambda _: work.set_action(AMY, "CASE-1", "Ring home", "Ben Birch", date(2026, 11, 25)),
        "ask": lambda _: work.ask_reporter(AMY, "CASE-1", "Which app?"),
        "reply": lambda _: work.reply(AMY, "CASE-1", "Thank you."),
        "correct": lambda _: work.correct(AMY, "CASE-1", 1, "It was Monday."),
        "hold": lambda _: work.hold(AMY, "CASE-1", "a court case"),
        "close": lambda seen: work.close(AMY, "CASE-1", a_closing(), seen),
    }


MOVES = sorted(moves_of(None))


@pytest.mark.parametrize("move", MOVES)
def test_each_move_is_one_event_and_one_row_in_the_audit_log(work, move):
    seen = opened(work).head.version
    before = len(audit(work))

    event = moves_of(work)[move](seen)

    assert len(audit(work)) == before + 1
    assert audit(work)[-1] == ("event", "amy", "CASE-1", event.kind.value)
    assert events(work)[-1] == event


@pytest.mark.parametrize("move", MOVES)
def test_nobody_works_on_a_case_from_outside_it(work, move):
    with pytest.raises((IllegalMove, StaleCase)) as refused:
        moves_of(work)[move](2)

    assert refused.value.user_message == "Nobody has opened this case yet: open it first."
    assert len(events(work)) == 2


def test_acknowledging_needs_the_version_that_was_opened(work):
    seen = opened(work).head.version
    work.note(BEN, "CASE-1", "Seen in school.")

    with pytest.raises(StaleCase) as stale:
        work.acknowledge(AMY, "CASE-1", seen)

    assert "note by Ben Birch, 20 November 2026, 22:41" in stale.value.user_message
    assert opened(work).head.acknowledged_at is None


@pytest.mark.parametrize("move", ["acknowledge", "assign", "decide", "close"])
def test_safety_18_a_version_that_is_not_there_yet_was_not_seen(work, move):
    opened(work)

    with pytest.raises(StaleCase) as refused:
        moves_of(work)[move](999)

    assert "Look at the case" in refused.value.user_message
    assert len(events(work)) == 3


@pytest.mark.parametrize("move", ["acknowledge", "assign", "decide", "close"])
def test_safety_18_only_somebody_who_has_opened_the_case_themselves_moves_it_on(work, move):
    seen = opened(work, BEN).head.version

    with pytest.raises(IllegalMove) as refused:
        moves_of(work)[move](seen)
    opened(work)
    moves_of(work)[move](seen)

    assert "you have not opened this case" in refused.value.user_message


def test_safety_18_a_look_at_a_file_is_no_opening_of_the_case(work):
    file_case(work, "CASE-2", an_access("amy", "ben"), files=["e-1"])
    seen = opened(work, BEN, "CASE-2").head.version
    work.derivatives(AMY, "CASE-2", "e-1", "covering for a colleague")

    with pytest.raises(IllegalMove):
        work.acknowledge(AMY, "CASE-2", seen)


def test_a_stale_move_says_nothing_of_what_was_written(work):
    seen = opened(work).head.version
    work.note(BEN, "CASE-1", "Seen in school.")

    with pytest.raises(StaleCase) as stale:
        work.decide(AMY, "CASE-1", "Watch", "First time", seen)

    assert "Seen in school" not in f"{stale.value.user_message} {stale.value}"


def test_ones_own_note_makes_nothing_stale(work):
    seen = opened(work).head.version
    work.note(AMY, "CASE-1", "Spoke to Pat.")

    work.acknowledge(AMY, "CASE-1", seen)

    assert opened(work).head.acknowledged_at is not None


def test_two_notes_at_once_are_both_kept(work):
    opened(work)

    work.note(AMY, "CASE-1", "one")
    work.note(BEN, "CASE-1", "two")

    assert [event.body["text"] for event in events(work)[-2:]] == ["one", "two"]


def test_a_note_that_comes_after_the_closing_is_kept(work):
    closed(work)

    work.note(BEN, "CASE-1", "Seen again.")

    assert events(work)[-1].body["text"] == "Seen again."


def test_of_two_who_acknowledge_the_second_hears_who_did_and_when(work):
    seen = opened(work).head.version
    opened(work, BEN)
    work.acknowledge(BEN, "CASE-1", seen)

    with pytest.raises(IllegalMove) as settled:
        work.acknowledge(AMY, "CASE-1", seen)

    assert "acknowledged by Ben Birch, 20 November 2026, 22:41" in settled.value.user_message


def test_of_two_who_close_the_second_hears_who_did_and_when(work):
    seen = opened(work).head.version
    opened(work, BEN)
    work.close(BEN, "CASE-1", a_closing(), seen)

    with pytest.raises(IllegalMove) as settled:
        work.close(AMY, "CASE-1", a_closing(), seen)

    assert "closed by Ben Birch, 20 November 2026, 22:41" in settled.value.user_message


def test_of_two_who_finish_an_action_the_second_hears_who_did(work):
    opened(work)
    action = work.set_action(AMY, "CASE-1", "Ring home", "Ben Birch", date(2026, 11, 25)).seq
    work.finish_action(BEN, "CASE-1", action, "Rang.")

    with pytest.raises(IllegalMove, match="action") as settled:
        work.finish_action(AMY, "CASE-1", action, "Rang too.")

    assert "Ben Birch" in settled.value.user_message


def test_an_action_that_is_not_there_cannot_be_finished(work):
    opened(work)

    with pytest.raises(IllegalMove):
        work.finish_action(AMY, "CASE-1", 1, "Rang.")


def test_the_second_clock_runs_from_the_acknowledgement_to_the_first_action(work):
    seen = opened(work).head.version
    work.acknowledge(AMY, "CASE-1", seen)
    waiting = opened(work).head.clock_at

    work.decide(AMY, "CASE-1", "Watch", "First time", seen)
    head = opened(work).head

    assert waiting is not None
    assert (head.clock_at, head.first_action_at, head.status) == (None, START, Status.IN_HAND)


def test_a_note_does_not_stop_the_second_clock(work):
    opened(work)

    work.note(AMY, "CASE-1", "Will look at it.")

    assert opened(work).head.first_action_at is None
    assert opened(work).head.clock_at is not None


def test_what_the_clock_put_off_stays_put_off_when_somebody_writes_a_note(work):
    opened(work)
    with work.store.writing() as unit:
        unit.put_head(replace(unit.head("CASE-1"), clock_at=NOON))

    work.note(AMY, "CASE-1", "Will look at it.")

    assert opened(work).head.clock_at == NOON


def test_a_case_goes_only_to_somebody_who_can_open_it(work):
    seen = opened(work).head.version

    with pytest.raises(NotAllowed):
        work.assign(AMY, "CASE-1", "dan", seen)


def test_an_action_never_goes_to_somebody_kept_out(work):
    opened(work)

    with pytest.raises(NotAllowed):
        work.set_action(AMY, "CASE-1", "Ring home", "cat", date(2026, 11, 25))


def test_whoever_gets_a_case_assigned_is_told_without_content(work):
    seen = opened(work).head.version

    work.assign(AMY, "CASE-1", "ben", seen)

    assert notices(work) == [("shared", "ben", "CASE-1")]


@pytest.mark.parametrize("move", ["ask", "reply"])
def test_the_reporter_is_told_that_there_is_something_to_read(work, move):
    opened(work)

    moves_of(work)[move](0)

    kind = {"ask": "reporter-asked", "reply": "reply"}[move]
    assert notices(work) == [(kind, "reporter:rob@fernhill", "CASE-1")]


@pytest.mark.parametrize("text", ["two\nlines", "x" * 281, " "])
def test_a_reply_is_one_line(work, text):
    opened(work)

    with pytest.raises(FormError):
        work.reply(AMY, "CASE-1", text)


def test_a_correction_is_a_new_event_and_names_a_line_that_is_there(work):
    opened(work)
    before = events(work)

    work.correct(AMY, "CASE-1", 1, "It was Monday.")

    assert events(work)[:-1] == before
    assert opened(work).chronology[0].corrections[0].body["text"] == "It was Monday."
    with pytest.raises(IllegalMove):
        work.correct(AMY, "CASE-1", 99, "It was Monday.")


def test_a_move_that_is_refused_leaves_only_its_refusal(work):
    opened(work)
    before = events(work)

    with pytest.raises(UnknownCase):
        work.note(CAT, "CASE-1", "about me")

    assert events(work) == before
    assert audit(work)[-1] == ("refused", "cat", "CASE-1", "note")


def test_every_kind_of_referral_can_be_recorded(work):
    opened(work)

    for agency in Agency:
        work.refer(AMY, "CASE-1", Referral(agency, NOON, "Jo", "ref 7"))

    assert [each.agency for each in opened(work).referrals] == list(Agency)
    assert {each.reference for each in opened(work).referrals} == {"ref 7"}
    assert EventKind.REFERRED in {event.kind for event in events(work)}
