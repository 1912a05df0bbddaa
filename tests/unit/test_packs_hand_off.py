"""The file for the school's own safeguarding system."""

import csv
import io

import pytest

from bot.domain.cases import PartyRole
from bot.domain.packs import PackPerson, Target
from bot.errors import NotAllowed
from bot.packs.checking import verify_pack
from bot.packs.hand_off import COLUMNS, rows
from tests.unit.packs_builders import a_content, files_in, packs


def read(content):
    return list(csv.DictReader(io.StringIO(rows(content).decode("utf-8-sig"), newline="")))


def test_there_is_a_row_for_each_child_with_what_happened_and_what_was_done():
    (row,) = read(a_content())

    assert row == {
        "child": "Tom Reed",
        "role in case": "alleged",
        "date": "2026-11-20",
        "category": "friend request",
        "summary": "Tom Reed asked Zoe Finch to be friends.",
        "actions": "Speak to Tom Reed; Amy Ash; due: 23 November 2026; done: not yet",
        "outcome": "decision: Decline and talk first time",
        "status": "being dealt with",
        "staffroom case": "CASE-7Q2M",
    }


def test_two_children_are_two_rows():
    people = tuple(PackPerson(f"P{n}", f"Child {n}", PartyRole.TARGET, "pupil") for n in (1, 2))

    assert [row["child"] for row in read(a_content(people=people))] == ["Child 1", "Child 2"]


@pytest.mark.parametrize("role", PartyRole)
@pytest.mark.parametrize("category", ["pupil", "former pupil"])
def test_the_one_pupil_of_a_case_is_its_child_whatever_their_role(role, category):
    people = (PackPerson("P1", "Tom Reed", role, category), PackPerson("P2", "Al Oak", role, "parent"))

    (row,) = read(a_content(people=people))

    assert (row["child"], row["role in case"]) == ("Tom Reed", role.value)


def test_a_pupil_who_only_saw_it_gets_no_row_beside_the_one_whom_it_is_about():
    people = tuple(
        PackPerson(f"P{number}", f"Child {role}", role, "pupil") for number, role in enumerate(PartyRole, 1)
    )

    assert [row["child"] for row in read(a_content(people=people))] == [
        "Child target",
        "Child alleged",
        "Child other",
    ]


def test_a_case_without_a_known_child_still_has_a_row():
    assert [row["child"] for row in read(a_content(people=()))] == ["not known"]


def test_an_open_case_gives_the_first_account_as_summary():
    (row,) = read(a_content(summary=""))

    assert row["summary"] == "Tom Reed sent me a request. Mia Lark saw it."


def test_safety_14_an_adults_case_is_never_handed_to_the_pupils_system(tmp_path):
    with pytest.raises(NotAllowed):
        packs().hand_off(a_content(about_adult=True), Target(tmp_path / "x.zip"))

    assert list(tmp_path.iterdir()) == []


def test_the_bundle_holds_table_pages_and_an_explanation_of_every_column(tmp_path):
    made = packs().hand_off(a_content(), Target(tmp_path / "x.zip"))

    files = files_in(made.path)

    assert {"hand-off.csv", "case.pdf", "columns.txt"} <= files.keys()
    assert [line.partition(":")[0] for line in files["columns.txt"].decode().splitlines()] == list(COLUMNS)
    assert verify_pack(made.path, made.fingerprint) == ()
