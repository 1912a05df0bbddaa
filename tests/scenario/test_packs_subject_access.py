"""Subject access: a draft, held, considered, and without other people (SAFETY 30)."""

import csv
import io

import pdfplumber
import pytest

from bot.domain.packs import Target
from bot.domain.subject_access import EXEMPTIONS, Considered, SubjectRequest, prepare
from bot.errors import NotAllowed
from bot.packs.checking import verify_pack
from bot.packs.removals import STAYS_INSIDE
from tests.unit.packs_builders import a_content, files_in, packs

CONSIDERED = {key: Considered(False, "Cat Cole", "read and weighed") for key in EXEMPTIONS}


def pages(path):
    with pdfplumber.open(io.BytesIO(files_in(path)["your-data.pdf"])) as pdf:
        return [page.chars for page in pdf.pages], " ".join(page.extract_text() for page in pdf.pages)


def a_copy(tmp_path, **request):
    copy = prepare(a_content(), SubjectRequest("P2", **request))
    made = packs().subject_copy(copy, Target(tmp_path / "copy.zip"))
    return packs().removed(copy, Target(tmp_path / "inside.zip")).path, made.path


@pytest.mark.parametrize("body", ["the LADO", "the police", "children's social care"])
def test_safety_30_a_copy_is_held_while_an_outside_body_is_active(body):
    content = a_content(active_bodies=(body,))

    with pytest.raises(NotAllowed) as held:
        prepare(content, SubjectRequest("P2", released_by="Cat Cole", considered=CONSIDERED))

    assert body in held.value.user_message


def test_a_person_may_go_on_with_a_reason_although_a_body_is_active():
    content = a_content(active_bodies=("the police",))

    assert prepare(content, SubjectRequest("P2", despite_referrals="The police agreed.")).is_draft


@pytest.mark.parametrize("missing", EXEMPTIONS)
def test_safety_30_nothing_is_released_before_each_exemption_was_considered(missing):
    considered = {key: each for key, each in CONSIDERED.items() if key != missing}

    with pytest.raises(NotAllowed) as refused:
        prepare(a_content(), SubjectRequest("P2", considered, released_by="Cat Cole"))

    assert EXEMPTIONS[missing] in refused.value.user_message


def test_an_exemption_without_a_reason_is_not_considered():
    considered = CONSIDERED | {"crime": Considered(False, "Cat Cole", " ")}

    with pytest.raises(NotAllowed, match="not considered"):
        prepare(a_content(), SubjectRequest("P2", considered, released_by="Cat Cole"))


def test_safety_30_a_copy_is_a_draft_until_somebody_releases_it(tmp_path):
    _, draft = a_copy(tmp_path)
    chars, _ = pages(draft)

    marks = ["".join(char["text"] for char in page if char["size"] > 40) for page in chars]

    assert [sorted(mark) for mark in marks] == [sorted("DRAFT")] * len(chars)


def test_a_released_copy_bears_no_mark(tmp_path):
    _, path = a_copy(tmp_path, considered=CONSIDERED, released_by="Cat Cole")
    chars, _ = pages(path)

    assert all(char["size"] <= 40 for page in chars for char in page)


def test_safety_30_third_parties_are_called_by_their_roles(tmp_path):
    _, path = a_copy(tmp_path)
    _, words = pages(path)

    for name in ("Zoe", "Finch", "Mia", "Lark", "Amy Ash"):
        assert name not in words
    assert "Tom Reed" in words


def test_safety_30_what_was_removed_stays_inside_in_a_file_of_its_own(tmp_path):
    inside, path = a_copy(tmp_path)

    files = files_in(inside)
    rows = list(csv.reader(io.StringIO(files["STAYS-INSIDE-removed.csv"].decode("utf-8-sig"))))

    assert not any("removed" in name for name in files_in(path))
    assert all(row[0] == STAYS_INSIDE for row in rows[1:])
    assert {"Mia Lark", "Zoe Finch", "Amy Ash"} <= {row[2] for row in rows}


def test_the_list_inside_shows_which_exemptions_nobody_has_considered(tmp_path):
    inside, _ = a_copy(tmp_path, considered={"crime": CONSIDERED["crime"]})

    text = files_in(inside)["STAYS-INSIDE-exemptions.csv"].decode("utf-8-sig")

    assert text.count("NOT CONSIDERED YET") == len(EXEMPTIONS) - 1


def test_no_picture_and_no_original_goes_along(tmp_path):
    _, path = a_copy(tmp_path)

    with pdfplumber.open(io.BytesIO(files_in(path)["your-data.pdf"])) as pdf:
        assert [page.images for page in pdf.pages] == [[] for _ in pdf.pages]
    assert not any(name.startswith("originals") for name in files_in(path))


def test_somebody_who_is_not_in_the_case_has_no_copy():
    with pytest.raises(NotAllowed, match="unknown subject"):
        prepare(a_content(), SubjectRequest("P9"))


def test_both_files_can_be_checked_like_any_pack(tmp_path):
    for path in a_copy(tmp_path):
        assert verify_pack(path, packs().fingerprint) == ()
