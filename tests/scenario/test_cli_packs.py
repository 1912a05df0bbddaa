"""What leaves the school, at the command line: packs, hand-off file, subject-access draft, papers, checks."""

import json
import re

import pyrage
import pytest

from bot.domain.subject_access import EXEMPTIONS
from bot.domain.triage import Form
from tests.desk_terminal import SCHOOL, a_desk_terminal, audit, file_report, make_real

pytestmark = pytest.mark.slow

DSL, HEAD = "cop-dsl", "cop-head"
WHY = ("--reason", "asked for it")


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


def fingerprint_in(done):
    return re.search(r"Fingerprint: ([0-9a-f ]+)", done.out)[1].strip()


def test_a_pack_is_written_and_checked_by_its_fingerprint(staffroom):
    case = file_report(staffroom, files=("screen.png",))

    made = staffroom("export", case, "--for", "police", "--as", DSL, *WHY)
    whole = staffroom("verify", f"{case}-police.zip", "--fingerprint", fingerprint_in(made))

    assert (made.code, whole.code) == (0, 0)
    assert "NOT encrypted: sample mode" in made.out
    assert "every file in it is as it was signed" in whole.out


def test_a_changed_pack_and_another_key_are_found(staffroom):
    case = file_report(staffroom)
    made = staffroom("export", case, "--for", "lado", "--as", HEAD, "--out", "p.zip", *WHY)
    fingerprint = fingerprint_in(made)
    other = ("0" if fingerprint[0] != "0" else "1") + fingerprint[1:]

    resigned = staffroom("verify", "p.zip", "--fingerprint", other)
    content = bytearray((staffroom.folder / "p.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (staffroom.folder / "p.zip").write_bytes(content)
    changed = staffroom("verify", "p.zip", "--fingerprint", fingerprint)

    assert (resigned.code, changed.code) == (1, 1)
    assert "FAULT manifest.json: was signed with another key" in resigned.out
    assert "FAULT " in changed.out


def test_a_pack_is_checked_without_any_configuration(staffroom, monkeypatch):
    case = file_report(staffroom)
    made = staffroom("export", case, "--for", "lado", "--as", HEAD, "--out", "p.zip", *WHY)
    monkeypatch.setenv("STAFFROOM_POLICIES", "nowhere")
    monkeypatch.setenv("STAFFROOM_KEY", "not a key")

    assert staffroom("verify", "p.zip", "--fingerprint", fingerprint_in(made)).code == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "p.zip"), "p.zip: give --fingerprint"),
        (("verify", "p.zip", "--fingerprint", "ab"), "the fingerprint has 32 digits"),
        (("verify", "no.zip", "--fingerprint", "ab" * 16), "no.zip cannot be read"),
    ],
)
def test_a_check_that_cannot_be_made_says_what_to_mend(staffroom, arguments, says):
    (staffroom.folder / "p.zip").write_bytes(b"x")

    done = staffroom(*arguments)

    assert (done.code, done.out) == (2, "")
    assert says in done.err


def test_safety_21_an_export_is_in_the_log_with_the_account_and_the_hash(staffroom):
    case = file_report(staffroom)

    made = staffroom("export", case, "--for", "social-care", "--as", DSL, *WHY)

    rows = [row[3] for row in audit(staffroom) if row[0] == "exported"]
    sha256 = re.search(r"[0-9a-f]{64}", made.out)[0]
    assert re.fullmatch(r"pack for social-care: begun, entered by OS user .+", rows[0])
    assert re.fullmatch(rf"pack for social-care: made, SHA-256 {sha256}, entered by OS user .+", rows[1])


def test_safety_15_somebody_who_does_not_have_the_case_takes_nothing_out(staffroom):
    case = file_report(staffroom, Form.ADULT_CONCERN)

    done = staffroom("export", case, "--for", "police", "--as", DSL, *WHY)

    assert (done.code, list(staffroom.folder.glob("*.zip*"))) == (2, [])
    assert "There is no case of that number that you can open." in done.err


def test_safety_22_an_export_of_an_unassigned_case_asks_for_a_reason(staffroom):
    case = file_report(staffroom)

    done = staffroom("export", case, "--for", "police", "--as", DSL)

    assert (done.code, list(staffroom.folder.glob("*.zip*"))) == (2, [])
    assert "--reason" in done.err


def test_a_hand_off_file_and_a_pack_for_a_new_school_follow_a_pupil(staffroom):
    case = file_report(staffroom)

    hand_off = staffroom("export", case, "--for", "hand-off", "--as", DSL, *WHY)
    unclear = staffroom("export", case, "--for", "new-school", "--about", "P9", "--as", DSL, *WHY)

    assert (hand_off.code, unclear.code) == (0, 2)
    assert (staffroom.folder / f"{case}-hand-off.zip").is_file()
    assert "Say which pupil it is about" in unclear.err


def test_a_file_that_is_there_is_never_written_over(staffroom):
    case = file_report(staffroom)
    (staffroom.folder / "p.zip").write_bytes(b"mine")

    done = staffroom("export", case, "--for", "police", "--as", DSL, "--out", "p.zip", *WHY)
    nowhere = staffroom("export", case, "--for", "police", "--as", DSL, "--out", "no/p.zip", *WHY)

    assert (done.code, nowhere.code) == (2, 2)
    assert (staffroom.folder / "p.zip").read_bytes() == b"mine"
    assert "no: is no folder" in nowhere.err


# Subject access


def test_safety_30_a_subject_access_copy_is_a_draft_with_its_list_kept_inside(staffroom):
    case = file_report(staffroom)

    done = staffroom("subject-access", case, "--about", "p1", "--as", DSL, *WHY)

    files = {path.name for path in staffroom.folder.glob("*.zip")}
    assert done.code == 0
    assert files == {f"{case}-subject-draft.zip", f"INSIDE-{case}-subject-draft.zip"}
    assert f"INSIDE-{case}-subject-draft.zip stays inside the school" in done.out


def test_safety_30_a_release_needs_every_exemption_considered(staffroom):
    case = file_report(staffroom)
    considered = {key: {"applies": False, "by": HEAD, "reason": "read it"} for key in EXEMPTIONS}
    some = dict(list(considered.items())[:2])
    (staffroom.folder / "some.json").write_text(json.dumps({"considered": some, "released_by": HEAD}))
    (staffroom.folder / "all.json").write_text(json.dumps({"considered": considered, "released_by": HEAD}))

    asked = ("subject-access", case, "--about", "P1", "--as", HEAD, *WHY, "--answers")
    refused = staffroom(*asked, "some.json")
    released = staffroom(*asked, "all.json")

    assert (refused.code, released.code) == (2, 0)
    assert "record for each whether it applies" in refused.err
    assert [row[3] for row in audit(staffroom) if "released by cop-head" in row[3]]


@pytest.mark.parametrize(
    "answers", ['{"considered": {"other": {}}}', '{"considered": {"others": {"applies": "no"}}}', "[]"]
)
def test_a_bad_file_of_exemptions_is_refused_in_one_line(staffroom, answers):
    case = file_report(staffroom)
    (staffroom.folder / "a.json").write_text(answers)

    done = staffroom("subject-access", case, "--about", "P1", "--as", DSL, *WHY, "--answers", "a.json")

    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines()[-1].startswith("staffroom: ")


# Real mode


def test_safety_30_in_real_mode_a_pack_is_encrypted_to_the_person_and_opens_with_their_key(staffroom):
    identity = pyrage.x25519.Identity.generate()
    make_real(staffroom, **{HEAD: identity.to_public()})
    case = file_report(staffroom)
    (staffroom.folder / "key.txt").write_text(str(identity))

    made = staffroom("export", case, "--for", "police", "--as", HEAD, *WHY)
    pack = f"{case}-police.zip.age"
    closed = staffroom("verify", pack, "--fingerprint", fingerprint_in(made))
    opened = staffroom("verify", pack, "--fingerprint", fingerprint_in(made), "--identity", "key.txt")

    assert (made.code, closed.code, opened.code) == (0, 1, 0)
    assert "encrypted, SHA-256" in made.out
    assert (staffroom.folder / pack).read_bytes().startswith(b"age-encryption.org/")
    assert "is encrypted, so nothing in it was checked" in closed.out


def test_safety_30_in_real_mode_without_an_age_key_nothing_is_written(staffroom):
    make_real(staffroom)
    case = file_report(staffroom)

    done = staffroom("export", case, "--for", "police", "--as", DSL, *WHY)

    assert (done.code, list(staffroom.folder.glob("*.zip*"))) == (2, [])
    assert "cop-dsl: has no age key" in done.err
    assert staffroom("cases", "--as", DSL, "--json").json[0]["status"] == "received"


def test_in_real_mode_a_refusal_does_not_say_that_a_case_is_about_an_adult(staffroom):
    make_real(staffroom, **{HEAD: pyrage.x25519.Identity.generate().to_public()})
    case = file_report(staffroom, Form.ADULT_CONCERN)

    refused = [
        staffroom("export", case, "--for", "new-school", "--as", HEAD),
        staffroom("export", case, "--for", "new-school", "--as", HEAD, *WHY),
    ]

    assert [each.code for each in refused] == [2, 2]
    assert ["adult" in each.err for each in refused] == [False, False]


# Papers


def test_the_papers_are_written_once_with_what_is_left_to_decide(staffroom):
    done = staffroom("paperwork", "papers", "--school", SCHOOL)
    again = staffroom("paperwork", "papers", "--school", SCHOOL)

    names = sorted(path.stem for path in (staffroom.folder / "papers").glob("*.docx"))
    assert (done.code, again.code) == (0, 2)
    assert len(names) == 4
    assert re.search(r"\d+ things are left for a person to decide", done.out)
    assert "there already" in again.err
