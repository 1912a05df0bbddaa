"""What the views of a report draw, and what is read back from them."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.domain.answers import Contact, Step
from bot.domain.cases import Status
from bot.domain.form_types import Kind, ShownIf
from bot.domain.receipts import HASH
from bot.domain.reports import Gate, Receipt, RefusedFile, StoredFile
from bot.domain.triage import Form
from bot.domain.views import Ask, Reply, ReporterView, SentFile
from bot.drafting import Draft, begin_with, session_of
from bot.errors import Gone
from bot.slack.my_reports import my_reports_blocks
from bot.slack.receipts import receipt_blocks, receipt_view
from bot.slack.report_fields import boxes, question, text_box
from bot.slack.report_reading import (
    Begun,
    answers_of,
    begun_of,
    files_in,
    gate_in,
    ids_of,
    joined,
    shown_in,
    ticked,
)
from bot.slack.report_views import Questions, later_fields, upload
from bot.slack.reporting import lacking
from tests.fakes import a_school
from tests.slack_kit import checked, tapped
from tests.slack_reports import button_in, files, kinds_in, one, some, state, text, words_in
from tests.unit.form_builders import FORMS, a_form, answers

STORED = datetime(2026, 7, 1, 21, 5, tzinfo=UTC)
DSL = Contact("designated safeguarding lead (DSL)", "Amy Ash", "01632 960301")


def a_draft(form="concern", **changes):
    return Draft(**{"id": "slack-1", "school": "fernhill", "form": Form(form), "handle": "jo", **changes})


def questions(form="concern", said=None, gate=Gate.UNASKED, **changes):
    draft = a_draft(form, gate=gate)
    begun = Begun("fernhill", "slack-1", Form(form), **changes)
    return Questions(a_school(), a_form(form), begun, session_of(draft), said or {}).view()


def a_receipt(**changes):
    plain = {
        "case": "7K3M-Q9XD",
        "request_id": "slack-1",
        "school": "fernhill",
        "form": Form.CONCERN,
        "urgent": False,
        "stored_at": STORED,
        "told": (DSL,),
        "next_steps": (Step("Do not investigate."), Step(HASH)),
        "clause": "Clause 6.2 of the school's policy says who hears of this.",
    }
    return Receipt(**{**plain, **changes})


def a_report(**changes):
    plain = {"case": "7K3M-Q9XD", "form": Form.CONCERN, "filed_at": STORED, "status": Status.RECEIVED}
    return ReporterView(**{**plain, **changes})


# Questions


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("gate", list(Gate))
def test_every_form_is_what_slack_takes_empty_and_filled(form, gate):
    filled = {key: each for key, each in answers(form).items() if key != "gate"}

    for said in ({}, filled):
        checked({"view": questions(form, said, gate)})


@pytest.mark.parametrize(
    ("kind", "element"),
    [
        (Kind.TEXT, "plain_text_input"),
        (Kind.LONG_TEXT, "plain_text_input"),
        (Kind.PERSON_NAME, "plain_text_input"),
        (Kind.LINK, "plain_text_input"),
        (Kind.DATE, "datepicker"),
        (Kind.TIME, "timepicker"),
    ],
)
def test_each_kind_of_question_has_its_element(kind, element):
    field = replace(a_form().short[0], kind=kind)

    assert question(field, "")["element"]["type"] == element


@pytest.mark.parametrize(
    ("kind", "number", "element"),
    [
        (Kind.CHOICE, 10, "radio_buttons"),
        (Kind.CHOICE, 11, "static_select"),
        (Kind.CHOICES, 10, "checkboxes"),
        (Kind.CHOICES, 11, "multi_static_select"),
    ],
)
def test_many_choices_are_a_list_to_unfold(kind, number, element):
    choice = a_form().short[1].choices[0]
    choices = tuple(replace(choice, value=str(at)) for at in range(number))
    field = replace(a_form().short[1], kind=kind, choices=choices)

    assert question(field, ("3",) if kind is Kind.CHOICES else "3")["element"]["type"] == element
    checked({"blocks": [question(field, ("3",) if kind is Kind.CHOICES else "3")]})


def test_the_schools_clause_is_named_only_where_it_gives_one():
    what = next(each for each in a_form().short if each.id == "what")

    assert "clause 6.2" in question(what, "", "6.2")["hint"]["text"]
    assert "clause" not in question(what, "")["hint"]["text"]


@pytest.mark.parametrize(("kind", "value"), [(Kind.DATE, "not known"), (Kind.TIME, "not known")])
def test_not_known_leaves_a_calendar_and_a_clock_empty(kind, value):
    field = replace(a_form().short[0], kind=kind)

    assert [key for key in question(field, value)["element"] if key.startswith("initial")] == []


def test_words_that_are_too_long_for_slack_are_cut_with_a_sign():
    assert text_box("x" * 5000)["initial_value"] == "x" * 2999 + "…"


def test_a_question_that_others_hang_on_tells_at_once():
    form = a_form()
    hanging = replace(form.short[2], shown_if=ShownIf("kind", ("harm",)))
    step = replace(form.steps[0], fields=(*form.short[:2], hanging, *form.short[3:]))
    form = replace(form, steps=(step, *form.steps[1:]))
    begun = Begun("fernhill", "slack-1", Form.CONCERN)

    def drawn(said):
        return Questions(a_school(), form, begun, session_of(a_draft()), said).view()

    assert drawn({})["blocks"][3]["dispatch_action"] is True
    assert words_in(drawn({"kind": "harm"})).count("What happened?") == 1
    assert "What happened?" not in words_in(drawn({"kind": "contact"}))
    lost = {"blocks": drawn({})["blocks"]}
    assert lacking(form, a_draft(answers={"kind": "harm"}), lost)
    assert not lacking(form, a_draft(answers={"kind": "contact"}), lost)


@pytest.mark.parametrize(
    ("form", "words", "author", "expected"),
    [
        ("concern", "w", "Al", {"what": "w"}),
        ("trolling", "w", "Al", {"what": "w", "who": "Al"}),
        ("friend-request", "w", "Al", {"details": "w", "who": "Al"}),
        ("adult-concern", "", "", {}),
    ],
)
def test_what_a_report_begins_with_stands_where_the_form_asks_for_it(form, words, author, expected):
    assert begin_with(a_form(form), words, author) == expected


@pytest.mark.parametrize("answer", [Gate.YES, Gate.NOT_SURE])
@pytest.mark.parametrize("form", FORMS)
def test_safety_1_a_stopped_report_has_nothing_to_add_later(form, answer):
    assert later_fields(a_form(form), a_draft(form, gate=answer)) == ()


# The control that takes files


@pytest.mark.parametrize("answer", [Gate.UNASKED, Gate.YES, Gate.NOT_SURE])
@pytest.mark.parametrize("kept", [0, 3])
def test_safety_1_without_a_plain_no_no_control_takes_a_file(answer, kept):
    session = session_of(a_draft(gate=answer, files=("F1",) * kept))

    assert "file_input" not in kinds_in({"blocks": upload(session, kept)})


def test_safety_1_a_no_after_a_yes_opens_nothing():
    session = session_of(a_draft(gate=Gate.YES), Gate.NO)

    assert "file_input" not in kinds_in({"blocks": upload(session)})


@pytest.mark.parametrize(("kept", "most"), [(0, 10), (9, 1)])
def test_ten_files_go_with_a_report_in_all(kept, most):
    session = session_of(a_draft(gate=Gate.NO, files=tuple(f"F{at}" for at in range(kept))))

    assert upload(session, kept)[-1]["element"]["max_files"] == most


def test_an_eleventh_file_has_no_control():
    session = session_of(a_draft(gate=Gate.NO, files=tuple(f"F{at}" for at in range(10))))

    assert "file_input" not in kinds_in({"blocks": upload(session, 10)})


def test_many_people_are_asked_about_in_several_blocks():
    options = [
        {"text": {"type": "plain_text", "text": f"P{at}", "emoji": False}, "value": f"p{at}"}
        for at in range(23)
    ]

    drawn = boxes("concerned", "About", options, ["p22"])

    checked({"blocks": drawn})
    assert [each["block_id"] for each in drawn] == ["concerned", "concerned.1", "concerned.2"]


# Reading


def test_answers_are_read_from_every_kind_of_element():
    view = {
        "state": state(
            {
                "who": text("Jo"),
                "target": {"type": "checkboxes", "selected_options": [{"value": "me"}, {"value": "pupil"}]},
                "where": one("x"),
                "when": {"type": "datepicker", "selected_date": None},
            }
        )
    }

    assert answers_of(view, a_form("trolling")) == {
        "who": "Jo",
        "target": ("me", "pupil"),
        "where": "x",
        "when": "",
    }


def test_an_answer_that_was_taken_away_is_gone():
    assert joined({"who": "Jo", "what": "w"}, {"who": ""}) == {"what": "w"}


def test_ticks_of_several_blocks_count_together_and_a_missing_block_says_nothing():
    asked = [{"block_id": "concerned"}, {"block_id": "concerned.1"}, {"block_id": "hears.ab"}]
    view = {"blocks": asked, "state": state({"concerned": some("amy"), "concerned.1": some("dan")})}

    assert ticked(view, "concerned") == ("amy", "dan")
    assert ticked(view, "not_about") is None
    assert shown_in(view) == "hears.ab"


def test_files_are_read_whatever_number_their_control_has():
    view = {"state": state({"files": files("F1"), "files.1": files("F1", "F2")})}

    assert files_in(view) == ("F1", "F2")


@pytest.mark.parametrize("said", [None, "maybe"])
def test_an_odd_answer_at_the_gate_is_none(said):
    assert gate_in({"state": state({"gate": one(said)})}) is Gate.UNASKED


def test_what_a_view_carries_comes_back():
    begun = Begun("fernhill", "slack-1", Form.CONCERN, Gate.YES, "a person", "https://x/y")

    assert begun_of({"private_metadata": begun.write()}) == begun
    assert begun.write().startswith("fernhill ")


def test_a_link_that_is_too_long_to_carry_is_left_out():
    begun = Begun("fernhill", "slack-1", Form.CONCERN, source="x" * 4000)

    assert begun_of({"private_metadata": begun.write()}).source == ""


@pytest.mark.parametrize(
    "metadata", ["", "a b c", "fernhill {}", "fernhill []", "fernhill null", "fernhill 1"]
)
def test_metadata_that_makes_no_sense_is_gone(metadata):
    with pytest.raises(Gone):
        begun_of({"private_metadata": metadata})
    with pytest.raises(Gone):
        ids_of({"private_metadata": metadata}, 4)


# Receipts


def test_a_receipt_has_number_time_in_london_who_was_told_with_a_number_to_tap_and_the_clause():
    drawn = receipt_blocks(a_receipt())

    said = words_in(drawn)
    assert "7K3M-Q9XD" in said
    assert "1 July 2026 at 22:05" in said
    assert "designated safeguarding lead (DSL), Amy Ash" in said
    assert "Clause 6.2" in said
    assert "01632 960301" in said
    assert "tel:01632960301" in tapped(drawn)


@pytest.mark.parametrize(("urgent", "first"), [(True, "What to do now"), (False, "Number")])
def test_of_an_urgent_report_what_to_do_now_comes_first(urgent, first):
    drawn = receipt_blocks(a_receipt(urgent=urgent))

    assert words_in(drawn[1]).startswith(first)


def test_a_receipt_lists_files_stored_awaited_and_refused_and_what_is_missing():
    file = StoredFile("a.png", "ab12", 2_100)
    refused = RefusedFile("b.exe", "This is a program.")

    said = words_in(
        receipt_blocks(a_receipt(evidence=(file,), refused=(refused,), awaited=2, missing=("The day.",)))
    )

    assert "a.png (2 KB), SHA-256 ab12" in said
    assert "2 files are still to be fetched from Slack, and not stored yet" in said
    assert "b.exe: This is a program." in said
    assert "The day." in said
    assert said.count(HASH) == 1


def test_slack_keeps_its_own_copy_and_how_to_remove_it_is_told_with_whom_to_ask_first():
    said = words_in(receipt_blocks(a_receipt(awaited=1)))

    assert "Slack keeps its own copy of what you sent." in said
    assert "ask the designated safeguarding lead (DSL) before you remove Slack's copy" in said


def test_safety_1_and_24_of_an_urgent_report_nobody_is_told_how_to_delete_anything():
    said = words_in(receipt_blocks(a_receipt(urgent=True, awaited=1)))

    assert "Slack keeps its own copy of what you sent." in said
    assert "delete nothing" in said
    assert "Delete file" not in said


def test_without_files_nothing_is_said_of_slacks_copy():
    assert "Slack keeps" not in words_in(receipt_blocks(a_receipt()))


def test_a_long_receipt_stays_within_what_slack_takes():
    long = a_receipt(
        urgent=True,
        told=(DSL,) * 20,
        evidence=tuple(StoredFile(f"{at}.png", "ab" * 32, at) for at in range(10)),
        refused=(RefusedFile("x" * 200, "r" * 300),) * 10,
        missing=("m" * 200,) * 20,
        next_steps=tuple(Step("w" * 400, (DSL, DSL)) for _ in range(30)),
        clause="c" * 5000,
    )

    checked({"blocks": receipt_blocks(long, "https://desk.example")})
    checked({"view": receipt_view(long, "https://desk.example")})


def test_the_desk_is_linked_only_where_there_is_one():
    assert (
        button_in({"blocks": receipt_blocks(a_receipt(), "https://desk")}, "On the web")["url"]
        == "https://desk"
    )
    assert "On the web" not in words_in(receipt_blocks(a_receipt()))


def test_where_nobody_was_told_the_receipt_says_so():
    assert "Told: nobody in school." in words_in(receipt_blocks(a_receipt(told=())))


# My reports


def test_a_list_of_anything_is_what_slack_takes():
    whole = a_report(
        not_opened_yet=True,
        ring=(DSL,) * 6,
        missing=("m" * 300,) * 5,
        asks=tuple(Ask(at, STORED, "<!channel> " * 400, "C", "a" * (at % 2)) for at in range(30)),
        replies=(Reply(STORED, "r" * 4000, "C"),) * 8,
        files=tuple(SentFile(f"e-{at}", "n" * 200, at == 3) for at in range(30)),
    )

    drawn = my_reports_blocks([whole] * 15, "fernhill")

    title = {"type": "plain_text", "text": "t", "emoji": False}
    checked({"view": {"type": "modal", "title": title, "blocks": drawn}})
    assert len(drawn) < 80


def test_a_closed_report_takes_neither_answers_nor_files():
    drawn = my_reports_blocks([a_report(status=Status.CLOSED, asks=(Ask(1, STORED, "q", "C"),))], "fernhill")

    assert "More evidence" not in words_in(drawn)
    assert [
        each for row in drawn for each in row.get("elements", ()) if each.get("value", "").endswith(" 1")
    ] == []


@pytest.mark.parametrize("status", list(Status))
def test_every_status_is_said_in_words(status):
    assert "7K3M-Q9XD, Worry about a child" in words_in(my_reports_blocks([a_report(status=status)]))
