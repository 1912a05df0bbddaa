"""The drawn answer: everything in it, nothing wider than the terminal, nothing read as markup."""

import io
import tomllib
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console

from bot.console.render import console_for, draw
from bot.domain import guidance, urgent
from bot.domain.answers import Answer, Contact, Link, Outcome, Stance
from bot.domain.triage import Form, Route, Triage
from tests.fakes import a_citation, a_school

GUIDANCE = Path(__file__).parents[2] / "bot" / "guidance.toml"
DSL = Contact("designated safeguarding lead (DSL)", "Amy Ash", "01632 960301")
HEAD = Contact("head", "Cat Cole", "01632 960303")


def an_answer(*citations, route=Route.QUESTION, form=None, outcome=Outcome.ANSWER, **changes):
    values = {"verdict": "Must not (6.2)", "citations": citations or (a_citation(),), **changes}
    return Answer("fernhill", "Fernhill School", "can I?", Triage(route, form), outcome, **values)


def an_urgent_answer(notes=()):
    data = tomllib.loads(GUIDANCE.read_text("utf-8"))
    steps = urgent.reply(a_school(), guidance.parse(data))
    return an_answer(route=Route.URGENT, outcome=Outcome.NEAREST, verdict="", urgent=steps, notes=notes)


def drawn(answer, width=80):
    """The lines that a terminal of that *width* without colours shows."""
    paper = io.StringIO()
    draw(Console(file=paper, width=width, highlight=False, emoji=False, markup=False), answer)
    return paper.getvalue().splitlines()


def words(answer, width=80):
    """Everything drawn as one line of words, without the frames."""
    text = " ".join(drawn(answer, width))
    return " ".join(text.translate(dict.fromkeys(map(ord, "│┃╭╮╰╯─┏┓┗┛━"), " ")).split())


def test_an_answer_shows_school_verdict_clause_section_quote_policy_and_date():
    text = words(an_answer())

    for part in (
        "Fernhill School",
        "Must not (6.2)",
        "6.2 · 6 Contact with pupils",
        "“Staff must not accept a friend request from a pupil.”",
        "Online Conduct · in force from 1 May 2025",
    ):
        assert part in text


def test_the_page_is_shown_where_the_document_has_pages():
    assert "Online Conduct, page 4 · in force" in words(an_answer(a_citation(page=4)))


def test_a_list_item_is_quoted_with_the_words_that_introduce_it():
    citation = a_citation("accept friend requests", lead="Staff must not:", item="2")

    assert "“Staff must not: accept friend requests”" in words(an_answer(citation))


LONG = "A policy with an uncommonly long title that says what it is about, for whom and since when"


@pytest.mark.parametrize("width", [40, 80])
def test_the_overdue_review_date_is_shown_in_full(width):
    dated = "in force from 1 May 2017; review overdue since 1 September 2018"
    answer = an_answer(a_citation(policy=LONG, dated=dated, overdue=True))

    assert f"{LONG} · {dated}" in words(answer, width)


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_long_heading_never_cuts_the_number_of_the_clause(width):
    heading = "What we expect of everyone who works, helps or visits here when they are online"
    citation = a_citation(clause=f"{heading}, paragraph 13", section=heading)

    assert words(an_answer(citation), width).count(f"{heading}, paragraph 13") == 1


def test_a_section_that_the_clause_s_name_begins_with_is_not_repeated():
    citation = a_citation(clause="Being kind online, paragraph 2", section="Being kind online")

    assert words(an_answer(citation)).count("Being kind online") == 1


ODD = [
    "a plain sentence " * 30,
    "Donaudampfschifffahrtsgesellschaftskapitän" * 6,
    "😱🧑‍🏫👨‍👩‍👧 " * 40,
    "学校の方針 " * 40,
    "[bold]not bold[/bold] [red]" * 10,
    "https://example.org/" + "a/very/long/address/" * 10,
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize("width", [60, 80])
def test_no_line_is_wider_than_the_terminal(text, width):
    citation = a_citation(
        text,
        clause=f"{text[:90]}, paragraph 3",
        section=text[:90],
        policy=text[:90],
        exceptions=(text[:50], text[:120]),
        links=(Link("section 7", "7.1", "2", text),),
    )
    answer = an_answer(
        citation,
        a_citation(text, lead=text),
        verdict=text,
        ask=(Contact(text, text, "1"),),
        tell=(Contact(text, "x", "2"),),
        notes=(text,),
    )

    assert [line for line in drawn(answer, width) if cell_len(line) > width] == []


@pytest.mark.parametrize("outcome", [Outcome.NEAREST, Outcome.NONE])
def test_no_line_of_an_unanswered_question_is_wider_than_the_terminal(outcome):
    answer = an_answer(
        *[a_citation(text, section=text) for text in ODD], outcome=outcome, headings=tuple(ODD)
    )

    assert [line for line in drawn(answer) if cell_len(line) > 80] == []


@pytest.mark.parametrize(
    "text", ["[bold]must not[/bold]", ":smile: [/]", "[link=x]y", "😱 naïve “quotes”", "a\\[b]"]
)
def test_text_is_printed_as_it_is(text):
    answer = an_answer(
        a_citation(text, section=text, policy=text), ask=(Contact(text),), notes=(text,), verdict=text
    )

    assert words(answer).count(text) == 6


def test_a_long_word_of_a_clause_is_folded_and_not_cut():
    text = "".join(str(at % 10) for at in range(300))

    assert f"“{text}”" in words(an_answer(a_citation(text))).replace(" ", "")


def test_further_exceptions_are_shown_below_the_quote():
    citation = a_citation(exceptions=("unless family", "except on trips"))

    assert "Also: “except on trips”" in words(an_answer(citation))


def test_linked_clauses_and_other_clauses_are_shown_below_an_answer():
    first = a_citation(links=(Link("section 7", "7.1", "2", "Keep it private."),))
    second = a_citation("Tell the head.", clause="8.1")

    text = words(an_answer(first, second))

    assert "section 7 → 7.1, item 2: “Keep it private.”" in text
    assert "See also 8.1: “Tell the head.”" in text


def test_whom_to_ask_and_whom_to_tell_are_named_with_their_numbers():
    text = words(an_answer(ask=(HEAD,), tell=(DSL,)))

    assert "Ask: head, Cat Cole, 01632 960303" in text
    assert (
        "Contact with a pupil: always tell designated safeguarding lead (DSL), Amy Ash, 01632 960301" in text
    )


def test_nobody_is_named_twice():
    text = words(an_answer(ask=(DSL, HEAD), tell=(DSL,)))

    assert text.count("Amy Ash") == 1
    assert text.count("Cat Cole") == 1


@pytest.mark.parametrize("form", Form)
def test_a_report_says_what_it_sounds_like_and_whom_to_tell(form):
    text = words(an_answer(route=Route.REPORT, form=form, tell=(HEAD,)))

    assert "This sounds like something to report" in text
    assert "Tell head, Cat Cole, 01632 960303" in text


def test_nearest_clauses_are_shown_without_the_colour_of_a_verdict_and_three_at_most():
    citations = [a_citation(f"Rule {at}.", clause=f"1.{at}") for at in range(1, 6)]
    text = words(an_answer(*citations, outcome=Outcome.NEAREST, verdict="No clause answers this."))

    assert [at for at in range(1, 6) if f"“Rule {at}.”" in text] == [1, 2, 3]
    assert "See also" not in text


def test_not_covered_shows_headings_and_no_quote():
    answer = an_answer(
        outcome=Outcome.NONE, verdict="The policy has no clause on this.", headings=("6 Contact", "7 Photos")
    )
    text = words(answer)

    assert "The policy has no clause on this. The nearest headings in it: • 6 Contact • 7 Photos" in text
    assert "Staff must not" not in text


def test_unread_documents_are_noted_below_the_answer():
    assert "Note: phones.docx: it is damaged." in words(an_answer(notes=("phones.docx: it is damaged.",)))


def test_safety_6_an_urgent_card_has_every_number_and_says_urgent():
    text = words(an_urgent_answer())

    assert "URGENT" in text
    for number in ("999", *(f"01632 96030{digit}" for digit in range(1, 8))):
        assert number in text


def test_safety_6_an_urgent_card_starts_with_999_and_shows_no_clause():
    lines = [line for line in drawn(an_urgent_answer()) if "999" in line or "01632" in line]

    assert "999" in lines[0]
    assert "Staff must not" not in words(an_urgent_answer())


def test_an_urgent_card_shows_that_nobody_has_checked_its_guidance():
    assert "About the guidance above: not checked" in words(
        an_urgent_answer(notes=("About the guidance above: not checked",))
    )


@pytest.mark.parametrize("width", [40, 80])
def test_no_line_of_an_urgent_card_is_wider_than_the_terminal(width):
    assert [line for line in drawn(an_urgent_answer(), width) if cell_len(line) > width] == []


@pytest.mark.parametrize("stance", Stance)
def test_every_stance_can_be_drawn(stance):
    assert "Must not (6.2)" in words(an_answer(a_citation(stance=stance)))


def test_a_console_is_never_wider_than_a_page(monkeypatch):
    monkeypatch.setenv("COLUMNS", "240")

    assert console_for().width == 96


def test_a_narrow_terminal_keeps_its_width(monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")

    assert console_for().width == 60
