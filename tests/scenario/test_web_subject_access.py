"""The copy of somebody's own data at the pages: held, a draft, each exemption recorded (SAFETY 30)."""

import zipfile
from datetime import UTC, datetime
from io import BytesIO

import pytest

from bot.domain.subject_access import EXEMPTIONS
from bot.domain.views import Agency, Referral
from tests.casework_builders import AMY
from tests.web_case_kit import CaseDesk

ASKED = {"about": "P1", "reason": "their request of 3 May", "make": "copy"}
CONSIDERED = {f"applies-{key}": "no" for key in EXEMPTIONS} | {
    f"why-{key}": f"weighed {key}" for key in EXEMPTIONS
}


@pytest.fixture
def desk(tmp_path):
    return CaseDesk(tmp_path)


@pytest.fixture
def case(desk):
    return desk.file("friend-request").case


def exported(desk, case):
    return [detail for kind, _, detail in desk.audit(case) if kind == "exported"]


def at_the_form(desk, case):
    amy = desk.opened(case)
    amy.get(f"/cases/{case}/subject-access")
    return amy, f"/cases/{case}/subject-access"


def words_of(answer):
    """Every name and every text of the file that was sent."""
    pack = zipfile.ZipFile(BytesIO(answer.body))
    texts = [pack.read(name) for name in pack.namelist() if name.endswith((".json", ".csv", ".txt"))]
    return b"\n".join(texts).decode()


def test_safety_30_what_is_made_is_a_draft_until_a_person_releases_it_and_the_log_says_so(desk, case):
    amy, path = at_the_form(desk, case)

    made = amy.post(path, ASKED)

    assert made.status == 200
    assert f"{case}-subject-draft.zip" in made.headers["content-disposition"]
    assert made.headers["content-type"] == "application/octet-stream"
    assert [each.partition(": ")[0] for each in exported(desk, case)] == ["subject access draft"] * 2
    assert ("viewed", "amy", "their request of 3 May") in desk.audit(case)


def test_safety_30_it_is_not_released_before_every_exemption_is_recorded(desk, case):
    amy, path = at_the_form(desk, case)
    most = {key: value for key, value in CONSIDERED.items() if not key.endswith("health")}

    refused = amy.post(path, {**ASKED, **most, "release": "yes"})
    released = amy.post(path, {**ASKED, **CONSIDERED, "release": "yes"})

    assert refused.status == 422
    assert EXEMPTIONS["health"] in refused.text.split('role="alert"')[1].split("</div>")[0]
    assert released.status == 200
    assert f"{case}-subject-release.zip" in released.headers["content-disposition"]
    assert exported(desk, case)[-1].startswith("subject access released by Amy Ash: made")


@pytest.mark.parametrize("agency", [Agency.LADO, Agency.POLICE, Agency.SOCIAL_CARE])
def test_safety_30_it_is_held_while_others_are_at_work_until_their_answer_is_recorded(desk, case, agency):
    amy, path = at_the_form(desk, case)
    desk.web.casework.refer(AMY, case, Referral(agency, datetime(2026, 11, 20, tzinfo=UTC), "PC Lane"))

    held = amy.post(path, ASKED)
    after = amy.post(path, {**ASKED, "despite": "They have no objection."})

    assert held.status == 422
    assert "Held:" in held.text
    assert 'value="their request of 3 May"' in held.text
    assert after.status == 200


def test_safety_30_the_list_of_what_was_removed_is_a_file_of_its_own_and_has_each_exemption(desk, case):
    amy, path = at_the_form(desk, case)

    made = amy.post(path, {**ASKED, **CONSIDERED, "make": "list"})
    copy = amy.post(path, {**ASKED, **CONSIDERED})

    assert f"INSIDE-{case}-subject-draft.zip" in made.headers["content-disposition"]
    assert all(f"weighed {key}" in words_of(made) for key in EXEMPTIONS)
    assert "Amy Ash" in words_of(made)
    assert "weighed" not in words_of(copy)
    assert exported(desk, case)[0].startswith("subject access draft, list")


def test_what_was_left_blank_or_half_said_is_said_beside_it_and_what_was_typed_stays(desk, case):
    amy, path = at_the_form(desk, case)

    none = amy.post(path, {"make": "copy"})
    half = amy.post(path, {**ASKED, "applies-crime": "yes", "why-legal": "a letter of the solicitor"})

    assert none.status == half.status == 422
    assert 'id="about-fault"' in none.text
    assert 'id="reason-fault"' in none.text
    assert 'id="why-crime-fault"' in half.text
    assert 'id="why-legal-fault"' in half.text
    assert 'value="a letter of the solicitor"' in half.text
    assert exported(desk, case) == []


def test_somebody_who_is_not_in_the_case_has_no_copy_of_it(desk, case):
    amy, path = at_the_form(desk, case)

    answer = amy.post(path, {**ASKED, "about": "P99"})

    assert answer.status == 422
    assert "nobody has that number in this case" in answer.text


def test_nothing_of_the_copy_is_left_on_the_machine(desk, case, tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    amy, path = at_the_form(desk, case)

    amy.post(path, ASKED)
    amy.post(path, {**ASKED, "about": "P99"})

    assert list(folder.iterdir()) == []
