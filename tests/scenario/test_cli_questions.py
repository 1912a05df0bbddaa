"""`staffroom questions`: what a head sees of agreed questions and feedback, and that nobody else does."""

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from tests.desk_terminal import SCHOOL, a_desk_terminal, audit, make_real, open_desk

HEAD, DSL = "cop-head", "cop-dsl"
ASKED = ("questions", "--school", SCHOOL, "--as")
QUESTION = "Can staff follow a parent on Instagram?"


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


def ask(staffroom, *wordings, feedback=()):
    """Keep *wordings* and *feedback* (clause, helpful); return the day."""
    with open_desk(staffroom) as desk:
        known = Known(desk.wondering.schools[SCHOOL], Reporter("U0JO", "Jo Bloggs"))
        for wording in wordings:
            desk.wondering.keep(known, wording)
        for clause, helpful in feedback:
            desk.wondering.feedback(known, clause, helpful)
        return f"{desk.wondering.clock():%Y-%m-%d}"


def test_a_head_sees_the_questions_and_how_helpful_answers_were(staffroom):
    ask(staffroom, QUESTION, feedback=[("4.1", True), ("6.2", False), ("", False)])

    done = staffroom(*ASKED, HEAD)

    assert done.code == 0
    assert QUESTION in done.out
    assert "90 days" in done.out
    rows = [line.strip() for line in done.out.splitlines() if "helpful" in line]
    assert rows == [
        "(no clause)  helpful 0, not helpful 1",
        "6.2  helpful 0, not helpful 1",
        "4.1  helpful 1, not helpful 0",
    ]


def test_json_says_the_same_and_nothing_else(staffroom):
    day = ask(staffroom, QUESTION, feedback=[("4.1", True), ("4.1", False)])

    done = staffroom(*ASKED, HEAD, "--json")

    assert (done.code, done.err) == (0, "")
    assert done.json == {
        "questions": [{"day": day, "question": QUESTION}],
        "feedback": [{"clause": "4.1", "helpful": 1, "not_helpful": 1}],
    }


def test_where_nobody_has_asked_it_says_so(staffroom):
    done = staffroom(*ASKED, HEAD)

    assert done.code == 0
    assert "none" in done.out
    assert "nobody has said" in done.out
    assert staffroom(*ASKED, HEAD, "--json").json == {"questions": [], "feedback": []}


def test_anybody_else_is_told_that_the_head_alone_sees_them_and_the_log_has_it(staffroom):
    ask(staffroom, QUESTION)

    done = staffroom(*ASKED, DSL)

    assert (done.code, QUESTION in done.out + done.err) == (2, False)
    assert "Only the head" in done.err
    assert ("refused", DSL, "", "questions for the policy") in audit(staffroom)


def test_a_head_who_looks_is_in_the_log_with_the_account_that_typed_it(staffroom):
    staffroom(*ASKED, HEAD)

    kinds = [(kind, actor, detail.partition(",")[0]) for kind, actor, _, detail in audit(staffroom)]
    assert kinds[-3:] == [
        ("entered at the command line", HEAD, "questions"),
        ("listed", HEAD, "questions for the policy"),
        ("listed", HEAD, "feedback by clause"),
    ]


def test_a_head_sees_them_in_real_mode_too(staffroom):
    make_real(staffroom)
    ask(staffroom, QUESTION)

    assert QUESTION in staffroom(*ASKED, HEAD).out


def test_a_question_does_nothing_to_the_terminal(staffroom):
    ask(staffroom, "Can I \x1b[31m follow \u202e a parent?")

    done = staffroom(*ASKED, HEAD)
    as_json = staffroom(*ASKED, HEAD, "--json")

    assert "\\x1b[31m" in done.out
    assert not {"\x1b", "\u202e"} & {*done.out, *as_json.out}


def test_somebody_unknown_is_told_whom_to_name(staffroom):
    done = staffroom(*ASKED, "nobody")

    assert (done.code, "--as" in done.err) == (2, True)


def test_help_shows_an_example_that_works(staffroom):
    done = staffroom("questions", "--help")
    example = done.words.partition("Example: staffroom ")[2].split()[:5]

    assert example == ["questions", "--school", SCHOOL, "--as", HEAD]
    assert staffroom(*example).code == 0
