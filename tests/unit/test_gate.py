"""The gate before every file, walked through all of its states."""

import pytest

from bot.domain import gate
from bot.domain.evidence import MOST_FILES
from bot.domain.gate import Control, Move, Phase, Session
from bot.domain.reports import Gate
from bot.domain.triage import Form
from tests.fakes import a_school
from tests.unit.form_builders import FORMS, a_form

STOPPING = (Move.SAY_YES, Move.SAY_NOT_SURE)
ANSWERS = (Move.SAY_NO, *STOPPING)


def after(*moves, form=Form.CONCERN):
    session = Session(form)
    for each in moves:
        session = gate.move(session, each)
    return session


def every_history():
    """
    Every state of every form with what has been said on the way there, to closure.

    What was said is kept beside the session, so that the machine's own memory is not what it is judged by.
    """
    starts = [(Session(form), "nothing", False) for form in Form]
    seen, waiting = set(starts), list(starts)
    while waiting:
        session, said, ever = waiting.pop()
        for what in Move:
            now = gate.move(session, what)
            fresh = what is Move.MORE and session.phase is Phase.SENT
            answered = what.value if what in ANSWERS and session.phase is not Phase.SENT else said
            stopping = what in STOPPING and session.phase is not Phase.SENT
            known = (now, "nothing" if fresh else answered, ever or stopping)
            if known not in seen:
                seen.add(known)
                waiting.append(known)
    return seen


HISTORIES = every_history()


def test_the_walk_reaches_every_form_phase_answer_and_number_of_files():
    sessions = [session for session, _, _ in HISTORIES]

    assert {session.form for session in sessions} == set(Form)
    assert {session.phase for session in sessions} == set(Phase)
    assert {session.answer for session in sessions} == set(Gate)
    assert {session.stored for session in sessions} == set(range(MOST_FILES + 1))
    assert any(session.locked for session in sessions)
    assert any(Control.UPLOAD in gate.controls(session) for session in sessions)


def test_safety_1_no_upload_control_appears_in_any_state_after_yes_or_not_sure():
    wrong = [s for s, _, ever in HISTORIES if ever and Control.UPLOAD in gate.controls(s)]

    assert wrong == []


def test_safety_1_no_upload_control_appears_in_any_state_before_an_answer():
    wrong = [s for s, said, _ in HISTORIES if said == "nothing" and Control.UPLOAD in gate.controls(s)]

    assert wrong == []


def test_safety_2_no_file_is_taken_in_any_state_without_an_upload_control():
    taken = [
        session
        for session, _, _ in HISTORIES
        if Control.UPLOAD not in gate.controls(session)
        and (gate.move(session, Move.ADD_FILE) != session or gate.reply_to_file(session) == "")
    ]

    assert taken == []


def test_safety_24_how_to_capture_is_shown_only_where_a_file_may_be_added():
    shown = [gate.controls(session) for session, _, _ in HISTORIES]

    assert all((Control.COACH in each) == (Control.UPLOAD in each) for each in shown)


def test_safety_1_a_stopped_report_asks_who_where_and_when_alone_in_any_state():
    for session, _, ever in HISTORIES:
        drawn = gate.controls(session)

        assert (Control.STOP_SCREEN in drawn) == (ever or session.locked)
        assert not (ever and Control.FIELDS in drawn)


def test_safety_1_a_stopped_report_is_never_sent_as_no():
    assert {session.gate for session, _, ever in HISTORIES if ever} == {Gate.YES, Gate.NOT_SURE}


def test_safety_31_a_report_can_be_sent_in_every_state_in_which_it_is_not_sent():
    unsent = [session for session, _, _ in HISTORIES if session.phase is not Phase.SENT]

    assert all(Control.SEND in gate.controls(session) for session in unsent)
    assert {gate.move(session, Move.SEND).phase for session in unsent} == {Phase.SENT}


def test_safety_4_every_stored_file_can_be_locked_in_any_state():
    stored = [session for session, _, _ in HISTORIES if session.stored]

    assert all(Control.LOCK_FILE in gate.controls(session) for session in stored)
    assert all(gate.move(session, Move.LOCK).locked for session in stored)


def test_a_report_never_takes_more_than_the_most_files():
    assert max(session.pending + session.stored for session, _, _ in HISTORIES) == MOST_FILES


@pytest.mark.parametrize("form", Form)
def test_safety_1_more_evidence_asks_the_gate_anew(form):
    session = after(Move.SAY_NO, Move.ADD_FILE, Move.SEND, Move.MORE, form=form)

    assert session.answer is Gate.UNASKED
    assert Control.GATE_QUESTION in gate.controls(session)
    assert Control.UPLOAD not in gate.controls(session)
    assert Control.UPLOAD in gate.controls(gate.move(session, Move.SAY_NO))


@pytest.mark.parametrize("stop", STOPPING)
def test_a_change_from_no_takes_the_control_away_and_lets_the_chosen_files_go(stop):
    session = after(Move.SAY_NO, Move.ADD_FILE, Move.ADD_FILE, stop)

    words = [step.words for step in gate.stop_screen(a_school(), Form.CONCERN, session=session)]

    assert session.pending == 0
    assert Control.UPLOAD not in gate.controls(session)
    assert gate.DROPPED in words


def test_safety_4_the_stop_screen_says_how_to_lock_a_file_that_was_sent_before():
    session = after(Move.SAY_NO, Move.ADD_FILE, Move.SEND, Move.MORE, Move.SAY_YES)

    words = [step.words for step in gate.stop_screen(a_school(), Form.CONCERN, session=session)]

    assert gate.PRESS_LOCK in words
    assert gate.DROPPED not in words


def test_safety_4_a_lock_closes_the_report_to_further_files():
    session = after(Move.SAY_NO, Move.ADD_FILE, Move.SEND, Move.LOCK)

    assert gate.move(session, Move.MORE) == session
    assert Control.MORE_EVIDENCE not in gate.controls(session)


def test_safety_2_the_reply_to_a_file_nobody_asked_for_is_the_gate_question():
    assert gate.reply_to_file(None).endswith(gate.QUESTION)
    assert gate.reply_to_file(after()).endswith(gate.QUESTION)
    assert gate.reply_to_file(after(Move.SAY_NO, Move.SEND, Move.MORE)).endswith(gate.QUESTION)


def test_a_file_that_comes_otherwise_gets_the_reason():
    assert gate.reply_to_file(after(Move.SAY_NO)) == ""
    assert gate.reply_to_file(after(Move.SAY_YES)) == gate.STAYS_STOPPED
    assert gate.reply_to_file(after(Move.SAY_NO, Move.SEND)) == gate.SENT
    assert gate.reply_to_file(after(Move.SAY_NO, *[Move.ADD_FILE] * MOST_FILES)) == gate.FULL


def test_safety_1_the_question_names_photo_video_drawing_and_ai():
    question = gate.QUESTION.casefold()

    assert all(
        word in question
        for word in ("nude", "semi-nude", "sexual", "under 18", "photo", "video", "drawing", " ai ")
    )
    assert [answer for answer, _ in gate.ANSWERS] == [Gate.NO, Gate.YES, Gate.NOT_SURE]


@pytest.mark.parametrize(
    "substance",
    [
        "stop.",
        "do not open, copy, screenshot, send, save or delete it",
        "do not ask the child to",
        "not in trouble",
        "do not question the child",
        "do not tell anybody else",
        "do not blame the child",
        "you have to pass it on",
        "ring now",
        "if an adult sent it or has it",
        "ring the police",
        "opens as urgent",
        "do not write what the picture shows",
    ],
)
@pytest.mark.parametrize("form", Form)
def test_safety_1_the_stop_screen_says_everything_in_every_form(form, substance):
    said = " ".join(step.words for step in gate.stop_screen(a_school(), form)).casefold()

    assert substance in said


def to_ring(form=Form.CONCERN, concerned=(), **changes):
    screen = gate.stop_screen(a_school(**changes), form, concerned)
    step = next(step for step in screen if step.words.startswith("Ring now"))
    return [(each.name, each.telephone) for each in step.contacts]


def test_safety_1_the_stop_screen_gives_the_number_of_the_dsl():
    assert to_ring()[0] == ("Amy Ash", "01632 960301")


def test_safety_14_about_an_adult_who_works_here_the_stop_screen_names_the_head_and_not_the_dsl():
    assert to_ring(Form.ADULT_CONCERN) == [("Cat Cole", "01632 960303"), ("Dan Dale", "01632 960304")]


def test_safety_15_nobody_concerned_is_the_one_to_ring():
    assert to_ring(concerned=["amy", "ben"]) == [("Cat Cole", "01632 960303"), ("Dan Dale", "01632 960304")]


def test_one_person_with_two_roles_is_named_once():
    both = {"dsl": ["amy"], "deputy_dsl": ["ben"], "head": ["amy"], "chair": ["dan"]}

    assert to_ring(people=both) == [("Amy Ash", "01632 960301"), ("Ben Birch", "01632 960302")]


def test_safety_14_where_nobody_in_school_is_safe_the_lado_is_named():
    numbers = [number for _, number in to_ring(Form.ADULT_CONCERN, ["cat", "dan"])]

    assert numbers == ["01632 960307", "01632 960305", "01632 960306"]


@pytest.mark.parametrize("name", FORMS)
def test_safety_1_once_stopped_only_who_where_and_when_are_asked(name):
    form = a_form(name)

    assert [field.id for field in gate.fields_to_ask(form, stopped=True)] == ["who", "where", "when"]
    assert gate.fields_to_ask(form, stopped=False) == form.fields
