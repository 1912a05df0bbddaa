"""The events of a case as a police officer reads them in a pack."""

import pytest

from bot.domain.cases import EventKind
from bot.domain.pack_words import Telling
from bot.domain.views import Entry
from tests.casework_builders import FILED, ITEM, NOON
from tests.fakes import a_school


def told(kind, body, locked=()):
    return Telling(a_school(), frozenset(locked)).words(Entry(1, NOON, "amy", kind, body))


def test_a_filed_report_is_told_in_sentences_and_its_people_stand_in_their_own_table():
    body = FILED | {
        "entered_by": "jo for Rob Rook",
        "answers": {"child_name": "Tom", "what": "to be\nfriends"},
    }

    words = told(EventKind.FILED, body)

    assert words.splitlines() == [
        "Reported by Rob Rook (account rob@fernhill)",
        "Child name: Tom",
        "What: to be",
        "friends",
        "Question about sexual images of children: answered no",
        "Still missing: the address, a screenshot",
        "Entered by jo for Rob Rook",
    ]


@pytest.mark.parametrize(
    ("gate", "shown"), [("not-sure", "answered not sure"), ("yes", "answered yes"), ("unasked", "not asked")]
)
def test_the_answer_about_images_is_said_in_words(gate, shown):
    words = told(EventKind.FILED, {"gate": gate})

    assert words == f"Question about sexual images of children: {shown}"


def test_an_answer_is_told_whatever_its_question_is_called():
    answers = {key: f"word-{key}" for key in ("outside", "text", "told", "person", "owner", "words", "due")}

    words = told(EventKind.ADDED, {"answers": answers})

    assert words.splitlines() == [f"{key.title()}: word-{key}" for key in answers]


def test_who_was_told_is_named_and_the_decision_stands_in_its_own_words():
    body = {
        "full": ["amy", "ben"],
        "copies": ["cat"],
        "chain": ["dan"],
        "clause": "6.2",
        "words": ["Clause 6.2 of the school's policy says who hears of this.", "Nobody waits."],
    }

    words = told(EventKind.ROUTED, body)

    assert words.splitlines() == [
        "Told: Amy Ash, Ben Birch",
        "Told only that there is a case: Cat Cole",
        "Clause 6.2 of the school's policy says who hears of this.",
        "Nobody waits.",
    ]


def test_a_clause_that_no_sentence_names_is_told():
    words = told(EventKind.ROUTED, {"full": ["amy"], "clause": "6.2", "words": ["Nobody waits."]})

    assert "Clause of the school's policy: 6.2" in words.splitlines()


def test_a_file_is_told_by_name_kind_size_and_hash_without_what_a_machine_needs():
    body = ITEM | {"size": 1234, "media_types": ["image/png"]}

    words = told(EventKind.EVIDENCE_STORED, body)

    assert words.splitlines() == [
        "File screen.png (PNG picture, 1,234 bytes, SHA-256 ab, evidence e-1)",
        "Virus scan: not scanned",
    ]


def test_safety_4_a_locked_file_is_told_by_its_hash_alone():
    words = told(EventKind.EVIDENCE_STORED, ITEM, locked=("e-1",))

    assert words == "A file (3 bytes, SHA-256 ab, evidence e-1)"


def test_a_file_that_was_not_kept_is_named_with_the_reason():
    words = told(EventKind.EVIDENCE_REFUSED, {"name": "virus.exe", "reason": "A program."})

    assert words == "File virus.exe was not kept.\nReason: A program."


def test_a_person_recorded_is_told_with_role_category_and_handle():
    body = {"name": "Tom Reed", "handle": "@tom", "role": "alleged", "category": "pupil", "person": ""}

    assert told(EventKind.PERSON_RECORDED, body) == "Tom Reed (alleged, pupil, @tom)"
    assert told(EventKind.PERSON_RECORDED, body | {"name": ""}) == "@tom (alleged, pupil)"


def test_times_and_days_are_those_on_the_wall():
    body = {"made_at": "2026-06-20T21:00:00+00:00", "due": "2026-11-24", "until": "when she is 25"}

    assert told(EventKind.REFERRED, body).splitlines() == [
        "When: 20 June 2026, 22:00:00 BST",
        "Due: 24 November 2026",
        "Kept until: when she is 25",
    ]


def test_who_was_reminded_is_named():
    words = told(EventKind.ESCALATED, {"why": "not opened", "to": [], "reminded": ["amy"]})

    assert words == "Why: not opened\nReminded: Amy Ash"
