"""Holders in Slack save from inside a case: all of it once or nothing, and what is refused at its field."""

import json
import logging

import pytest
from slack_bolt import Ack

from bot.casework import saving
from bot.casework.moving import IN_PERSON
from bot.casework.room import Member
from bot.domain.cases import EventKind, Status
from bot.domain.notices import NoticeKind
from bot.errors import StoreBusy, StoreFailed
from bot.slack import desk
from tests.casework_builders import a_closing
from tests.slack_desk import SlackDesk
from tests.slack_holder import QUILL, Holder, error, keep_out, let_in, text
from tests.slack_kit import a_view

AMY, BEN = (Member("fernhill", person) for person in ("amy", "ben"))


@pytest.fixture
def at(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def amy(at):
    return Holder(at)


def test_one_submit_does_all_that_is_filled_in_and_shows_the_case_as_it_is_then(at, amy):
    case = at.file().case
    view = amy.open(case)

    answer = amy.save(view, hand=True, note="Rang home.", reply="Thank you, we have it.")

    assert at.kinds(case)[-3:] == ["acknowledged", "reply to the reporter", "note"]
    assert answer["response_action"] == "update"
    for drawn in (answer["view"], amy.shown()):
        assert all(words in text(drawn) for words in desk.SAID.values())
    assert "Rang home." in text(amy.shown())
    assert at.head(case).status is Status.IN_HAND
    assert at.told(NoticeKind.REPLY) == ["reporter:jo@fernhill"]
    assert at.poked


def test_what_was_typed_does_not_stand_in_the_view_that_follows(at, amy):
    view = amy.open(at.file().case)

    amy.save(view, note="Rang home.")

    assert not set(inputs(view)) & set(inputs(amy.shown()))


def inputs(view):
    return [block["block_id"] for block in view["blocks"] if block["type"] == "input"]


def test_an_acknowledged_case_is_not_to_be_acknowledged_again(at, amy):
    view = amy.open(at.file().case)

    amy.save(view, hand=True)

    assert [each.partition(".")[0] for each in inputs(amy.shown())] == ["note", "reply"]


def test_nothing_filled_in_is_said(at, amy):
    case = at.file().case
    view = amy.open(case)
    before = at.kinds(case)

    answer = amy.save(view, note="   ")

    assert set(answer["errors"].values()) == {saving.NOTHING}
    assert at.kinds(case) == before


def test_somebody_elses_change_stops_the_acknowledgement_and_all_that_goes_with_it(at, amy):
    case = at.file().case
    let_in(at, case, "ben")
    view = amy.open(case)
    at.parts.casework.note(BEN, case, "I know the family.")
    before = at.kinds(case)

    what, why = error(amy.save(view, hand=True, note="Rang home.", reply="Thank you."))

    assert what == "in-hand"
    assert "note by Ben Birch" in why
    assert desk.NOT_THE_REST in why
    assert at.kinds(case) == before


def test_a_case_closed_meanwhile_takes_no_reply_but_keeps_the_note(at, amy):
    case = at.file().case
    view = amy.open(case)
    at.parts.casework.close(AMY, case, a_closing(), at.head(case).version)

    what, why = error(amy.save(view, reply="Thank you."))
    saved = amy.save(view, note="Rang home.")

    assert (what, "closed" in why) == ("reply", True)
    assert saved["response_action"] == "update"
    assert at.body(case, EventKind.NOTED)["text"] == "Rang home."


def test_safety_16_who_told_of_their_own_slip_is_not_replied_to_and_all_stays_undone(at, amy):
    case = at.file("friend-request", what="accepted-by-mistake").case
    at_screen = Holder(at, holder_of(at, case))
    view = at_screen.open(case)
    before = at.kinds(case)

    refused = error(at_screen.save(view, hand=True, note="Spoke.", reply="Thank you."))
    assert refused == ("reply", f"{IN_PERSON} {desk.NOT_THE_REST}")
    assert at.kinds(case) == before

    assert at_screen.save(view, hand=True, note="Spoke.")["response_action"] == "update"
    assert at.kinds(case)[len(before) :] == ["acknowledged", "note"]


def holder_of(at, case):
    return f"U0{at.access(case).full[0].upper()}"


def test_the_same_submit_twice_stores_everything_once(at, amy):
    case = at.file().case
    view = amy.open(case)

    answers = [amy.save(view, hand=True, note="Rang home.", reply="Thank you.") for _ in range(2)]

    assert [each["response_action"] for each in answers] == ["update", "update"]
    assert at.kinds(case).count("note") == 1
    assert at.kinds(case).count("reply to the reporter") == 1


def test_what_was_changed_after_an_answer_that_was_lost_is_all_that_is_stored(at, amy):
    case = at.file().case
    view = amy.open(case)
    amy.save(view, hand=True, note="Rang home.")
    before = at.kinds(case)

    amy.save(view, hand=True, note="Rang home.", reply="Thank you.")

    assert at.kinds(case)[len(before) :] == ["reply to the reporter"]


def test_the_same_words_in_the_view_that_follows_are_stored_again(at, amy):
    case = at.file().case
    view = amy.open(case)

    amy.save(view, note="Rang home.")
    amy.save(a_view(amy.shown()), note="Rang home.")

    assert at.kinds(case).count("note") == 2


def test_safety_15_somebody_kept_out_meanwhile_saves_nothing_and_sees_nothing_more(at, amy):
    case = at.file("concern", what=QUILL).case
    view = amy.open(case)
    keep_out(at, case, "amy")
    before = at.kinds(case)

    answer = amy.save(view, hand=True, note="Rang home.", reply="Thank you.")

    assert answer["response_action"] == "update"
    assert QUILL not in text(answer)
    assert "There is no case of that number" in text(answer)
    assert at.kinds(case) == before


@pytest.mark.parametrize(
    "metadata", ["", "fernhill", "fernhill {case}", "oakhill {case} 3", "fernhill {case} x"]
)
def test_forged_metadata_saves_nothing(at, amy, metadata):
    case = at.file().case
    view = {**amy.open(case), "private_metadata": metadata.format(case=case)}
    before = at.kinds(case)

    answer = amy.save(view, note="Rang home.")

    assert "There is no case of that number" in text(answer)
    assert at.kinds(case) == before


def test_safety_18_only_who_has_opened_the_case_can_acknowledge_it(at, amy):
    case = at.file().case
    let_in(at, case, "ben")
    view = amy.open(case)

    what, why = error(Holder(at, "U0BEN").save(view, hand=True))

    assert what == "in-hand"
    assert at.head(case).acknowledged_at is None


@pytest.mark.parametrize("fault", [StoreBusy, StoreFailed])
def test_safety_20_nothing_is_said_to_be_stored_that_is_not(at, amy, monkeypatch, fault):
    view = amy.open(at.file().case)
    monkeypatch.setattr(type(at.parts.casework), "save", fails(fault))

    what, why = error(amy.save(view, hand=True, note="Rang home."))

    assert why.startswith(fault.user_message)
    assert at.school.telephone("dsl") in why
    assert not at.poked


def fails(fault):
    def method(*_, **__):
        raise fault("store")

    return method


def test_one_record_is_all_that_is_written_before_slack_has_its_answer(at, amy, monkeypatch):
    view = amy.open(at.file().case)
    units, writing, ack = [], type(at.store).writing, Ack.__call__

    def answered(self, *said, **more):
        units.append("answered")
        return ack(self, *said, **more)

    monkeypatch.setattr(type(at.store), "writing", lambda store: units.append("unit") or writing(store))
    monkeypatch.setattr(Ack, "__call__", answered)
    amy.save(view, hand=True, note="Rang home.", reply="Thank you.")

    assert units[:2] == ["unit", "answered"]


def test_safety_20_slack_has_its_answer_only_when_everything_is_stored(at, amy, monkeypatch):
    case = at.file().case
    view = amy.open(case)
    stored, ack = [], Ack.__call__

    def answered(self, *said, **more):
        stored.append(at.kinds(case)[-3:])
        return ack(self, *said, **more)

    monkeypatch.setattr(Ack, "__call__", answered)
    amy.save(view, hand=True, note="Rang home.", reply="Thank you.")

    assert stored == [["acknowledged", "reply to the reporter", "note"]]


def test_what_is_stored_but_cannot_be_shown_again_is_said_with_a_button(at, amy, monkeypatch):
    case = at.file().case
    view = amy.open(case)
    monkeypatch.setattr(type(at.parts.casework), "open_case", fails(StoreBusy))

    answer = amy.save(view, note="Rang home.")

    assert answer["response_action"] == "update"
    assert desk.SAID["note"] in text(answer["view"])
    assert f"fernhill {case}" in text(answer["view"])
    assert at.kinds(case)[-1] == "note"


def test_a_slack_that_draws_nothing_after_its_answer_undoes_nothing(at, amy):
    case = at.file().case
    view = amy.open(case)
    at.slack.answers["views.update"] = "internal_error"

    answer = amy.save(view, note="Rang home.")

    assert desk.SAID["note"] in text(answer["view"])
    assert at.slack.sent("chat.postMessage") == []


def test_the_home_page_is_drawn_anew_once_a_case_is_in_hand(at, amy):
    case = at.file().case
    view = amy.open(case)
    at.slack.calls.clear()

    amy.save(view, hand=True)

    (page,) = at.slack.sent("views.publish")
    assert page["user_id"] == "U0AMY"
    assert f"{case}  0 minutes old, being dealt with" in text(page)


def test_a_page_that_cannot_be_drawn_undoes_nothing(at, amy):
    case = at.file().case
    view = amy.open(case)
    at.slack.answers["views.publish"] = "internal_error"

    assert amy.save(view, hand=True)["response_action"] == "update"
    assert at.head(case).status is Status.IN_HAND


def test_safety_29_neither_log_nor_metadata_nor_buttons_hold_a_word_of_the_case(at, amy, caplog):
    caplog.set_level(logging.INFO)
    case = at.file("concern", what=QUILL).case
    view = amy.open(case)

    amy.save(view, note=QUILL, reply=QUILL)
    after = amy.shown()

    kept = [view["private_metadata"], after["private_metadata"], json.dumps(after["blocks"][-3:])]
    assert QUILL not in "".join(kept)
    assert QUILL not in caplog.text
    assert f"case.opened case={case}" in caplog.text
