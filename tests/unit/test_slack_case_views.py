"""Cases as Slack shows them: nothing in the list, everything in the modal, and always within its lengths."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.evidence import EvidenceItem, FileKind
from bot.domain.reports import Gate, Reporter
from bot.domain.triage import Form
from bot.domain.views import CaseView, Entry
from bot.slack import case_views
from bot.slack.case_views import Shown
from tests.cases_builders import START, a_head, an_access
from tests.casework_builders import a_party
from tests.fakes import a_school
from tests.slack_kit import checked, read
from tests.unit.form_builders import a_form

SHA = "ab" * 32
# Slack counts text as it likes; each of these is more bytes than the one before it.
LONG = ("word " * 20_000, "Ї" * 50_000, "😀" * 50_000, "\n" * 20_000, "<!channel>&" * 9000)


def an_item(name="screen.png", **changes):
    plain = EvidenceItem("e-1", "CASE-1", name, FileKind.PNG, 2048, SHA, START, "not scanned", {}, ())
    return replace(plain, **changes)


def an_entry(seq, kind=EventKind.NOTED, **body):
    return Entry(seq, START + timedelta(minutes=seq), "amy", kind, body)


def a_view(**changes):
    """An opened concern with one of everything."""
    plain = CaseView(
        head=a_head(form=Form.CONCERN, status=Status.OPENED, version=7),
        access=an_access("amy", "ben"),
        reporter=Reporter("jo@fernhill", "Jo Mint"),
        answers={"what": "A stranger wrote to Pat."},
        gate=Gate.NO,
        clause="6.2",
        policy_version="Online Conduct, in force from 1 May 2025",
        entered_by="",
        parties=(a_party(handle="@pat"),),
        evidence=(an_item(),),
        chronology=(an_entry(6, text="Rang home."),),
        missing=("the address",),
        earlier=("CASE-0",),
    )
    return replace(plain, **changes)


def a_modal(view=None, url="", said=()):
    drawn = case_views.case_modal(Shown(view or a_view(), a_school(), a_form(), url, said))
    checked({"view": drawn})
    return drawn


def words(drawn):
    return "\n".join(read(drawn))


def inputs(drawn):
    return [block["block_id"] for block in drawn["blocks"] if block["type"] == "input"]


def test_the_modal_shows_the_case_whole():
    said = words(a_modal()["blocks"])

    for each in (
        "A worry about a child",
        "opened",
        "20 November 2026, 22:41",
        "Jo Mint, jo@fernhill",
        "Amy Ash, Ben Birch",
        "A stranger wrote to Pat.",
        "Pat Pupil (alleged, pupil, @pat)",
        "screen.png (PNG picture, 2,048 bytes)",
        f"SHA-256 {SHA}",
        "Missing: the address",
        "CASE-0",
        "Clause 6.2: Online Conduct, in force from 1 May 2025",
        "20 November 2026, 22:47, Amy Ash: note\nRang home.",
    ):
        assert each in said, each


def test_an_answer_stands_under_its_question_and_a_choice_by_its_label():
    field = next(each for each in a_form().fields if each.choices)

    said = read(a_modal(a_view(answers={field.id: field.choices[0].value}))["blocks"])

    assert said[said.index(field.label) + 1] == field.choices[0].label


@pytest.mark.parametrize(("urgent", "shown"), [(True, True), (False, False)])
def test_urgency_is_loud(urgent, shown):
    view = a_view(head=a_head(form=Form.CONCERN, status=Status.OPENED, urgent=urgent))

    assert ("URGENT" in read(a_modal(view)["blocks"])) is shown


def test_what_was_saved_is_said_first():
    drawn = a_modal(said=("Stored: your note.",))

    assert read(drawn["blocks"])[0] == "Stored: your note."


def test_safety_4_of_a_locked_file_only_the_hash_is_shown():
    view = a_view(evidence=(an_item("locked-name.png", locked=True),))

    said = words(a_modal(view)["blocks"])

    assert "locked-name" not in said
    assert "LOCKED" in said
    assert SHA in said


@pytest.mark.parametrize(
    ("refs", "said"),
    [
        (("F1",), "1 file still to be fetched from Slack, and not stored yet."),
        (("F1", "F2", "F3"), "3 files still to be fetched from Slack, and not stored yet."),
    ],
)
def test_files_that_are_still_to_be_fetched_are_said_to_be(refs, said):
    filed = an_entry(1, EventKind.FILED, refs=[*refs, "F8", "F9"])
    done = [an_entry(2, EventKind.EVIDENCE_STORED, id="e-1", ref="F8")]
    done.append(an_entry(3, EventKind.EVIDENCE_REFUSED, name="number 5", reason="too large", ref="F9"))
    view = a_view(evidence=(), chronology=(filed, *done))

    assert said in words(a_modal(view)["blocks"])


def test_once_every_file_is_there_none_is_said_to_be_fetched():
    assert "to be fetched" not in words(a_modal()["blocks"])


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("", "staffroom evidence CASE-1"),
        ("https://desk.example.org", "https://desk.example.org/cases/CASE-1"),
    ],
)
def test_no_file_goes_into_slack_but_where_to_look_is_said(url, where):
    drawn = a_modal(url=url)

    assert where in words(drawn["blocks"])
    assert not [block for block in drawn["blocks"] if block["type"] in ("image", "file")]


@pytest.mark.parametrize(("url", "count"), [("", 0), ("https://desk.example.org", 1)])
def test_the_button_to_the_desk_is_there_only_where_there_is_a_desk(url, count):
    buttons = [
        each.get("url")
        for block in a_modal(url=url)["blocks"]
        if block["type"] == "actions"
        for each in block["elements"]
    ]

    assert buttons == [f"{url}/cases/CASE-1"] * count


def test_safety_29_the_metadata_of_a_case_holds_ids_alone():
    drawn = a_modal()

    assert drawn["private_metadata"] == "fernhill CASE-1 7"
    assert drawn["title"]["text"] == "Case CASE-1"


@pytest.mark.parametrize(
    ("head", "left"),
    [
        ({"status": Status.OPENED}, ["in-hand.7", "note.7", "reply.7"]),
        ({"status": Status.IN_HAND, "acknowledged_at": START}, ["note.7", "reply.7"]),
        ({"status": Status.CLOSED, "acknowledged_at": START}, ["note.7"]),
    ],
)
def test_only_what_can_be_done_where_the_case_stands_is_offered(head, left):
    drawn = a_modal(a_view(head=a_head(form=Form.CONCERN, version=7, **head)))

    assert inputs(drawn) == left


@pytest.mark.parametrize("text", LONG, ids=["words", "two-byte", "emoji", "lines", "markup"])
def test_text_of_any_length_fits_and_the_rest_is_said_to_be_at_the_desk(text):
    view = a_view(
        answers={f"q{at}": text for at in range(30)},
        parties=tuple(a_party(text) for _ in range(30)),
        evidence=tuple(an_item(text[:2000]) for _ in range(60)),
        chronology=tuple(an_entry(at, text=text) for at in range(1, 200)),
        missing=(text,) * 20,
        earlier=("CASE-0",) * 500,
        reporter=Reporter(text, text),
        clause=text[:5000],
    )

    drawn = a_modal(view, "https://desk.example.org")

    assert len(json.dumps(drawn)) < 250_000
    assert "The rest is at the desk." in words(drawn["blocks"])
    assert len(inputs(drawn)) == 3


def test_more_answers_than_a_modal_has_blocks_leave_room_for_all_the_rest():
    drawn = a_modal(a_view(answers={f"q{at}": "no" for at in range(120)}))

    assert "The rest is at the desk." in words(drawn["blocks"])
    assert "Rang home." in words(drawn["blocks"])
    assert len(inputs(drawn)) == 3


def test_a_long_answer_is_shown_to_its_end_as_long_as_it_fits():
    long = " ".join(f"word{at}" for at in range(3000))

    said = "".join(read(a_modal(a_view(answers={"what": long}))["blocks"]))

    assert long in said


def test_foreign_text_is_never_markup():
    drawn = a_modal(a_view(answers={"what": "<@U0AMY> *loud* <http://bad.example|good>"}))

    assert "<@U0AMY> *loud* <http://bad.example|good>" in read(drawn["blocks"])


def test_an_answer_that_was_left_empty_is_drawn_as_such():
    assert "-" in read(a_modal(a_view(answers={"what": ""}))["blocks"])


def test_safety_25_a_list_has_no_name_and_no_kind():
    heads = [a_head("CASE-1", urgent=True), a_head("CASE-2", form=Form.ADULT_CONCERN, about_adult=True)]

    drawn = case_views.case_list(heads, START + timedelta(minutes=5))

    assert [text for text in read(drawn) if text != "Open"] == [
        "CASE-1  URGENT, 5 minutes old, nobody has opened it yet",
        "CASE-2  5 minutes old, nobody has opened it yet",
    ]


def test_a_list_has_a_button_for_each_case():
    opened = replace(a_head("CASE-2", status=Status.OPENED), school="oakhill")

    drawn = case_views.case_list([a_head("CASE-1"), opened], START)

    checked({"blocks": drawn})
    assert [block["accessory"]["value"] for block in drawn] == ["fernhill CASE-1", "oakhill CASE-2"]


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ({"minutes": -5}, "0 minutes"),
        ({"minutes": 1}, "1 minute"),
        ({"minutes": 89}, "89 minutes"),
        ({"minutes": 90}, "1 hour"),
        ({"hours": 47}, "47 hours"),
        ({"days": 12}, "12 days"),
    ],
)
def test_age_is_said_in_the_largest_unit_that_fits(span, said):
    assert case_views.age(timedelta(**span)) == said


def test_the_reason_can_be_pressed_or_written():
    drawn = case_views.reason_modal("fernhill", "CASE-1", "Say why.")

    checked({"view": drawn})
    assert inputs(drawn) == ["reason", "own-reason"]
    assert drawn["private_metadata"] == "fernhill CASE-1"
