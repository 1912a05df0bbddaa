"""The receipt: what a reporter is told, and what they are not."""

import pytest

from bot.domain.cases import EventKind
from bot.domain.reports import Gate
from tests.filing_desk import PICTURE, FilingDesk
from tests.unit.form_builders import FORMS


@pytest.fixture
def desk(tmp_path):
    return FilingDesk(tmp_path)


def words(receipt):
    return " ".join(step.words for step in receipt.next_steps)


def numbers(receipt):
    return {each.telephone for step in receipt.next_steps for each in step.contacts}


@pytest.mark.parametrize("form", FORMS)
def test_safety_31_every_receipt_names_999(desk, form):
    assert "999" in numbers(desk.file(form))


@pytest.mark.parametrize("form", FORMS)
def test_safety_11_and_24_every_receipt_says_what_not_to_do(desk, form):
    said = words(desk.file(form))

    assert "Do not investigate, ask leading questions or promise secrecy." in said
    assert "do not delete anything" in said


def test_safety_6_an_urgent_receipt_begins_with_999_and_childrens_social_care(desk):
    receipt = desk.file("concern", kind="harm")

    assert receipt.next_steps[0].contacts[0].telephone == "999"
    assert receipt.next_steps[1].contacts[0].telephone == "01632 960305"


def test_safety_9_a_receipt_says_that_any_adult_may_refer(desk):
    assert "any adult may" in words(desk.file("concern"))


def test_safety_12_an_urgent_receipt_gives_no_number_of_whom_it_may_be_about(desk):
    receipt = desk.file("concern", kind="harm", concerned=("amy",))

    assert "01632 960301" not in numbers(receipt)
    assert "01632 960302" in numbers(receipt)
    assert "Amy" not in str(receipt.next_steps)


def test_safety_18_a_receipt_says_when_the_next_person_is_told(desk):
    assert "within 24 hours" in words(desk.file("concern"))
    assert "within 15 minutes" in words(desk.file("concern", kind="harm", request="r-2"))


def test_safety_23_without_files_no_hash_is_spoken_of(desk):
    assert "hash" not in words(desk.file("concern"))
    assert "hash" in words(desk.file("concern", PICTURE, request="r-2"))


def test_safety_32_who_is_abused_online_hears_of_helpline_and_union(desk):
    said = words(desk.file("trolling"))

    assert "Professionals Online Safety Helpline" in said
    assert "union" in said


@pytest.mark.parametrize("gate", [Gate.YES, Gate.NOT_SURE])
def test_safety_33_a_stopped_report_names_report_remove_and_stopncii(desk, gate):
    said = words(desk.file("concern", gate=gate))

    assert "Report Remove" in said
    assert "StopNCII" in said


def test_a_child_touched_by_an_adults_case_is_said_to_have_a_case_of_its_own(desk):
    assert "A second case was opened" in words(desk.file("adult-concern", child="yes"))
    assert "A second case" not in words(desk.file("adult-concern", request="r-2"))


def test_what_is_missing_gets_shorter_as_the_reporter_adds_it(desk):
    first = desk.file("friend-request")

    second = desk.file("friend-request", handle="@jomarsh_09")

    assert set(first.missing) - set(second.missing) == {"The exact name or handle on the account."}


def test_safety_15_a_receipt_says_nothing_of_what_others_did_to_the_case(desk):
    receipt = desk.file("concern", kind="harm")
    with desk.store.writing() as unit:
        body = {"person": "ben", "reason": "a conflict", "handed_to": ["cat"]}
        unit.append(receipt.case, EventKind.EXCLUDED, "amy", body)

    assert desk.intake.receipt(receipt.case) == receipt
