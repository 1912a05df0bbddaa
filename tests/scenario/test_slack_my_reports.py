"""A reporter's own reports in Slack, and more evidence for them: whole payloads through the real app."""

import json
import logging

import pytest

from bot.casework.room import Member
from bot.domain import gate
from bot.domain.cases import EventKind
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Upload
from tests.slack_desk import SlackDesk
from tests.slack_kit import JO, a_view
from tests.slack_reports import (
    CONCERN,
    Reporting,
    button_in,
    files,
    ids_in,
    kinds_in,
    one,
    some,
    text,
    words_in,
)

HANDLE = "jo.mint@fernhill.example.org"
AMY = Member("fernhill", "amy")


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def jo(desk):
    return Reporting(desk)


@pytest.fixture
def case(desk, jo):
    """A report of Jo's, sent with a plain "no" at the gate."""
    return filed(desk, jo, gate=one("no"))


def filed(desk, jo, **ticks):
    jo.sent(**ticks)
    with desk.store.reading() as unit:
        return unit.reported_by("fernhill", HANDLE)[0].case


def asked(desk, case, words="Which day was it?", who=AMY):
    """A question of *who* to the reporter of *case*; its number."""
    desk.parts.casework.open_case(who, case, "my case")
    return desk.parts.casework.ask_reporter(who, case, words).seq


def more(jo, case):
    jo.bench.press("report.more", f"fernhill {case}", jo.user)
    return jo.opened()


def listed(jo):
    jo.bench.command("/my-reports", user=jo.user)
    return jo.opened()


# The list


def test_my_reports_are_shown_with_status_and_what_is_missing(jo, case):
    view = listed(jo)

    said = words_in(view)
    assert f"{case}, Worry about a child, sent 20 November 2026 at 22:41: stored, not opened yet" in said
    assert "Still missing: A screenshot of what is on your screen already" in said


def test_without_reports_that_is_said(jo):
    assert "You have sent no reports here." in words_in(listed(jo))


def test_the_button_shows_what_the_command_does(jo, case):
    by_command = words_in(listed(jo))

    jo.bench.press("report.mine")

    assert words_in(jo.opened()) == by_command


def test_safety_18_nobody_opened_it_says_do_not_wait_and_whom_to_ring(desk, jo, case):
    desk.clock.pass_by(days=5)

    said = words_in(listed(jo))

    assert "Nobody has opened it in time. Do not wait: ring" in said
    assert "01632 960301" in said


def test_somebody_elses_reports_are_not_in_the_list(desk, jo, case):
    other = Reporting(desk, "U0GUEST")

    assert case not in words_in(listed(other))


def test_many_reports_stay_within_what_slack_takes(desk, jo):
    for _ in range(12):
        jo.sent()

    view = listed(jo)

    assert len(view["blocks"]) <= 100
    assert "Earlier" in words_in(view)


@pytest.mark.parametrize(
    "button", ["report.show", "report.more", "report.lock", "report.answer", "report.cannot"]
)
@pytest.mark.parametrize("value", ["fernhill {case} 1", " {case} 1", "oakhill {case} 1", "", "fernhill NONE"])
def test_safety_25_nobody_else_gets_anything_of_a_report(desk, jo, case, button, value):
    before = len(desk.slack.calls)
    desk.bench.press(button, value.format(case=case), "U0GUEST")

    opened = [said for method, said in desk.slack.calls[before:] if method in ("views.open", "views.push")]
    assert opened == []


# Questions of the DSL


def test_a_question_of_the_dsl_is_answered_into_the_case(desk, jo, case):
    number = asked(desk, case)

    jo.press(button_in(listed(jo), "Answer"))
    assert "Which day was it?" in words_in(jo.opened())
    said = jo.submit(text=text("On <!here> Tuesday 😀"))

    assert said["response_action"] == "update"
    body = desk.body(case, EventKind.ADDED)
    assert (body["asked"], body["text"]) == (number, "On <!here> Tuesday 😀")


def test_safety_12_an_answer_that_names_somebody_is_asked_about_first(desk, jo, case):
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    jo.opened()

    jo.submit(text=text("Ben Birch saw it"))

    assert "Your words name Ben Birch. It is not about them." in words_in(jo.view)
    assert "Which day was it?" in words_in(jo.view)
    assert desk.kinds(case).count(EventKind.ADDED.value) == 0
    jo.submit(text=text("Ben Birch saw it"), not_about=some("ben"))
    assert desk.access(case).excluded == ()


def test_safety_12_whoever_an_answer_names_is_left_out_unless_cleared(desk, jo, case):
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    jo.opened()
    jo.submit(text=text("Ben Birch did it"))

    jo.submit(text=text("Ben Birch did it"))

    assert desk.access(case).excluded == ("ben",)


def test_a_second_answer_to_one_question_is_refused(desk, jo, case):
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    view = jo.opened()
    jo.submit(text=text("On Tuesday"))
    jo.view = view

    said = jo.submit(text=text("On Wednesday"))

    assert "There is no such open question." in " ".join(said["errors"].values())
    assert [event.body.get("text") for event in desk.events(case) if event.body.get("asked")] == [
        "On Tuesday"
    ]


def test_pressing_send_twice_on_an_answer_stores_it_once_and_says_so_twice(desk, jo, case):
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    view = jo.opened()
    first = jo.submit(text=text("On Tuesday"))
    jo.view = view

    second = jo.submit(text=text("On Tuesday"))

    assert words_in(second["view"]) == words_in(first["view"])
    assert len([event for event in desk.events(case) if event.body.get("asked")]) == 1


def test_an_answer_without_words_is_refused_at_the_field(desk, jo, case):
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    jo.opened()

    assert list(jo.submit(text=text("  "))["errors"]) == ["text"]


def test_several_questions_have_a_button_each(desk, jo, case):
    asked(desk, case)
    asked(desk, case, "And where?")

    view = listed(jo)

    buttons = [each for row in view["blocks"] for each in row.get("elements", ()) if "action_id" in each]
    assert len({each["action_id"] for each in buttons}) == len(buttons)
    jo.press([each for each in buttons if each["text"]["text"] == "Answer"][1])
    assert "And where?" in words_in(jo.opened())


# More evidence


def test_safety_1_more_evidence_asks_the_gate_again_and_shows_no_control(jo, case):
    view = more(jo, case)

    assert ids_in(view) == ["gate"]
    assert kinds_in(view) == ["radio_buttons"]


def test_safety_1_without_an_answer_nothing_goes_on(jo, case):
    more(jo, case)

    assert list(jo.submit(gate=one(None))["errors"]) == ["gate"]


def test_after_a_plain_no_the_control_comes_in_a_second_step(jo, case):
    more(jo, case)

    said = jo.submit(gate=one("no"))

    assert said["response_action"] == "update"
    assert kinds_in(said["view"]) == ["file_input"]
    assert "Do not open a pupil's profile" in words_in(said["view"])


def test_more_files_are_put_up_to_be_fetched_and_the_receipt_says_so(desk, jo, case):
    more(jo, case)
    jo.submit(gate=one("no"))

    jo.submit(files=files("F1", "F2"))

    assert len(desk.waiting(NoticeKind.FETCH_FILE)) == 2
    assert "2 files are still to be fetched from Slack, and not stored yet" in words_in(jo.view)
    assert "Slack keeps its own copy of what you sent." in words_in(jo.view)


def test_more_files_sent_twice_are_put_up_once(desk, jo, case):
    more(jo, case)
    jo.submit(gate=one("no"))
    view = jo.view
    jo.submit(files=files("F1"))
    jo.view = view

    jo.submit(files=files("F1"))

    assert len(desk.waiting(NoticeKind.FETCH_FILE)) == 1


def test_no_file_chosen_is_said_at_the_control(jo, case):
    more(jo, case)
    jo.submit(gate=one("no"))

    assert list(jo.submit(files=files())["errors"]) == ["files"]


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_more_evidence_that_may_be_indecent_stops_the_case_for_good(desk, jo, case, answer):
    more(jo, case)

    jo.submit(gate=one(answer))

    assert "STOP" in words_in(jo.view)
    assert kinds_in(jo.view) == []
    assert desk.head(case).urgent
    again = more(jo, case)
    assert gate.STAYS_STOPPED in words_in(again)
    assert kinds_in(again) == []


def test_safety_1_once_more_evidence_stopped_a_case_its_open_views_stop_too(desk, jo):
    first = jo.command()
    jo.submit(**CONCERN, gate=one("no"))
    sending = jo.view
    jo.submit()
    receipt = jo.view
    with desk.store.reading() as unit:
        case = unit.reported_by("fernhill", HANDLE)[0].case
    more(jo, case)
    jo.submit(gate=one("yes"))

    jo.view = receipt
    jo.press(button_in(receipt, "Add more"))
    assert gate.STAYS_STOPPED in words_in(jo.opened())
    assert kinds_in(jo.view) == []
    jo.view = first
    jo.submit(**CONCERN, gate=one("no"))
    assert "file_input" not in kinds_in(jo.view)
    jo.view = sending
    jo.submit(files=files("F1"))
    assert desk.waiting(NoticeKind.FETCH_FILE) == []


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
@pytest.mark.parametrize("step", ["question", "files"])
def test_safety_1_a_stop_in_one_window_leaves_no_file_control_in_another(desk, jo, case, step, answer):
    desktop = more(jo, case)
    if step == "files":
        jo.submit(gate=one("no"))
        desktop = jo.view
    more(jo, case)
    jo.submit(gate=one(answer))

    jo.view = desktop
    said = jo.submit(**({"gate": one("no")} if step == "question" else {"files": files("F1")}))

    assert said["response_action"] == "update"
    assert gate.STAYS_STOPPED in words_in(said["view"])
    assert kinds_in(said["view"]) == []
    assert desk.waiting(NoticeKind.FETCH_FILE) == []


def test_safety_1_a_stopped_report_has_no_button_for_more_evidence(desk, jo):
    filed(desk, jo, gate=one("yes"))

    assert "More evidence" not in words_in(listed(jo))


def test_safety_12_the_stop_screen_of_more_evidence_sends_nobody_to_who_was_left_out(desk, jo):
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))
    jo.change("concerned", {"concerned": some("amy")})
    jo.updated()
    jo.submit(concerned=some("amy"))
    with desk.store.reading() as unit:
        case = unit.reported_by("fernhill", HANDLE)[0].case

    more(jo, case)
    jo.submit(gate=one("yes"))

    for view in (jo.view, more(jo, case)):
        assert "Ben Birch" in words_in(view)
        assert "Amy Ash" not in words_in(view)


def test_a_school_that_takes_files_at_the_desk_shows_no_control(tmp_path):
    desk = SlackDesk(tmp_path, slack={"team": "T0FERN", "evidence": "web"})
    jo = Reporting(desk)
    case = filed(desk, jo)
    more(jo, case)

    jo.submit(gate=one("no"))

    assert kinds_in(jo.view) == []


def test_files_sent_with_a_report_are_fetched_and_can_be_locked(desk, jo):
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))
    desk.attachments.files["F1"] = Upload("chat.png", b"a picture")
    jo.submit(files=files("F1"))
    with desk.store.reading() as unit:
        case = unit.reported_by("fernhill", HANDLE)[0].case
    assert "1 file is still to be fetched" in words_in(jo.view)

    desk.deliver()

    lock = button_in(listed(jo), "This may be an indecent image: chat.png")
    jo.press(lock)
    assert desk.vault.locked(case)
    assert "It is locked" in words_in(jo.opened())


def test_safety_4_one_press_locks_a_file_and_nobody_is_asked_again(desk, jo):
    case = with_a_file(desk, jo)

    lock = button_in(listed(jo), "This may be an indecent image")
    assert "confirm" not in lock
    jo.press(lock)

    assert desk.kinds(case)[-1] == EventKind.EVIDENCE_LOCKED.value
    assert "This may be an indecent image" not in words_in(listed(jo))
    assert "More evidence" not in words_in(jo.view)


def test_safety_12_after_a_lock_nobody_is_sent_to_who_was_left_out(desk, jo):
    with_a_file(desk, jo, concerned=("amy",))

    jo.press(button_in(listed(jo), "This may be an indecent image"))

    assert "Ben Birch" in words_in(jo.opened())
    assert "Amy Ash" not in words_in(jo.view)


def with_a_file(desk, jo, **said):
    """A report of Jo's that came with a file by another channel."""
    known = desk.parts.who.known(desk.slack, {"user": {"id": JO}, "team": {"id": "T0FERN"}})
    sent = desk.sent("concern", gate=Gate.NO, reporter=known.reporter, **said)
    return desk.intake.file(sent, [Upload("chat.png", b"a picture")]).case


def test_stale_and_forged_buttons_end_well(desk, jo, case):
    for value in ("", "fernhill", "nowhere X", f"fernhill {case} 99", "fernhill  ", "\x00"):
        for button in (
            "report.more",
            "report.show",
            "report.lock",
            "report.answer",
            "report.add",
            "report.cannot",
        ):
            assert desk.bench.press(button, value).status in (200, 404)


def test_a_list_four_views_deep_is_drawn_in_place(desk, jo, case):
    view = {**a_view({"type": "modal", "callback_id": "x", "blocks": []}, "V9"), "state": {"values": {}}}
    desk.slack.answers["views.push"] = "push_limit_reached"

    desk.bench.press("report.mine", view=view)

    assert desk.slack.sent("views.update")[-1]["view_id"] == "V9"


def test_safety_29_metadata_and_log_have_ids_alone(desk, jo, case, caplog):
    caplog.set_level(logging.DEBUG)
    asked(desk, case)
    jo.press(button_in(listed(jo), "Answer"))
    jo.opened()

    jo.submit(text=text("The word is xylophone"))

    kept = [said["view"].get("private_metadata") for said in desk.slack.sent("views.open")]
    assert "xylophone" not in f"{json.dumps(kept)} {caplog.text}"
    assert f"report.answered case={case}" in caplog.text
