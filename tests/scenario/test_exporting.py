"""What leaves the school: who may take it out, what the log says, and what is in it."""

import csv
import hashlib
import io
import json

import pyrage
import pytest

from bot.casework.room import Member
from bot.domain.audit import AuditKind
from bot.domain.cases import EventKind, PartyRole
from bot.domain.readers import Reader
from bot.domain.subject_access import SubjectRequest
from bot.domain.views import Agency, Referral
from bot.errors import EvidenceDamaged, NeedsReason, NotAllowed, UnknownCase, UnknownSchool
from bot.exporting import Exporting, Order
from bot.packs.checking import verify_pack
from bot.packs.making import SignedPacks
from tests.cases_builders import an_access
from tests.casework_builders import AMY, NOON, a_casework, a_party, closed, file_case, opened
from tests.fakes import a_school
from tests.unit.packs_builders import files_in

QUOTE = "Staff must not accept."
VERSION = (
    f"Online Conduct, in force from 1 May 2025, SHA-256 of the clause "
    f"{hashlib.sha256(QUOTE.encode()).hexdigest()}: {QUOTE}"
)


@pytest.fixture
def work(tmp_path):
    return a_casework(tmp_path / "kept")


def an_exporting(work, sample=True, **schools):
    def open_case(school, person, case, reason):
        return work.open_case(Member(school, person), case, reason)

    made = SignedPacks(work.store.roots.signing, sample=sample, wider_faces=())
    return Exporting({**work.schools, **schools}, work.store, work.vault, made, open_case)


def an_order(tmp_path, person="amy", **changes):
    plain = {"school": "fernhill", "case": "CASE-1", "person": person, "reason": "the police asked"}
    return Order(**{**plain, "path": tmp_path / "pack.zip", **changes})


def a_pupil_case(work, **changes):
    """A pupil's friend request with a file, opened and worked on."""
    parties = (a_party("Tom Reed"), a_party("Mia Lark", PartyRole.WITNESS))
    file_case(work, parties=parties, files=("e-1",), **changes)
    opened(work)
    work.note(AMY, "CASE-1", "Tom Reed was asked in. Mia Lark saw it.")
    return "CASE-1"


def exported(work):
    with work.store.reading() as unit:
        return [row.detail for row in unit.audit_rows("fernhill") if row.kind is AuditKind.EXPORTED]


def test_a_pack_holds_the_case_and_can_be_checked_without_the_store(work, tmp_path):
    a_pupil_case(work)
    exporting = an_exporting(work)

    made = exporting.pack(an_order(tmp_path), Reader.POLICE)
    files = files_in(made.path)

    data = json.loads(files["case.json"])
    assert verify_pack(made.path, exporting.packs.fingerprint) == ()
    assert [row["kind"] for row in data["rows"]][:2] == ["filed", "recipients decided"]
    assert "Tom Reed was asked in. Mia Lark saw it." in [row["words"] for row in data["rows"]]
    assert files["originals/e-1.png"].endswith(b"e-1")
    assert data["evidence"][0]["metadata"] == {"taken": "2026-11-20 21:00:00"}
    assert {person["name"] for person in data["people"]} == {"Tom Reed", "Mia Lark", "Rob Rook"}


def test_safety_21_an_export_is_in_the_log_before_and_after_with_its_hash(work, tmp_path):
    a_pupil_case(work)

    made = an_exporting(work).pack(an_order(tmp_path, entered_by="OS user jo"), Reader.LADO)

    assert exported(work) == [
        "pack for lado: begun, entered by OS user jo",
        f"pack for lado: made, SHA-256 {made.sha256}, entered by OS user jo",
    ]


def test_an_export_that_failed_is_in_the_log_too(work, tmp_path):
    a_pupil_case(work)
    (original,) = (tmp_path / "kept" / "vault").rglob("e-1")
    original.chmod(0o600)
    original.write_bytes(original.read_bytes()[:-1])

    with pytest.raises(EvidenceDamaged):
        an_exporting(work).pack(an_order(tmp_path), Reader.POLICE)

    assert exported(work)[-1] == "pack for police: not made (EvidenceDamaged)"
    assert not (tmp_path / "pack.zip").exists()


@pytest.mark.parametrize("person", ["ben", "cat", "nobody"])
def test_safety_15_nobody_exports_a_case_that_is_not_theirs(work, tmp_path, person):
    a_pupil_case(work, access=an_access("amy", excluded=("cat",)))

    with pytest.raises(UnknownCase):
        an_exporting(work).pack(an_order(tmp_path, person), Reader.POLICE)

    assert exported(work) == []
    assert not (tmp_path / "pack.zip").exists()


def test_safety_22_exporting_an_unassigned_case_asks_for_a_reason(work, tmp_path):
    a_pupil_case(work)

    with pytest.raises(NeedsReason):
        an_exporting(work).pack(an_order(tmp_path, reason=""), Reader.POLICE)


def test_safety_30_without_an_age_key_nothing_leaves_in_real_mode(work, tmp_path):
    a_pupil_case(work)

    with pytest.raises(NotAllowed, match="recipient"):
        an_exporting(work, sample=False).pack(an_order(tmp_path), Reader.POLICE)

    assert exported(work) == []


def test_a_pack_is_encrypted_to_the_key_of_whoever_takes_it_out(work, tmp_path):
    a_pupil_case(work)
    identity = pyrage.x25519.Identity.generate()
    people = [{"id": "amy", "name": "Amy Ash", "age": str(identity.to_public())}]
    people += [{"id": other, "name": other.title()} for other in ("ben", "cat", "dan")]
    exporting = an_exporting(work, sample=False, fernhill=a_school(person=people))

    made = exporting.pack(an_order(tmp_path), Reader.POLICE)

    assert made.encrypted
    assert pyrage.decrypt(made.path.read_bytes(), [identity]).startswith(b"PK")


def test_safety_4_a_locked_file_leaves_only_its_hash_and_history(work, tmp_path):
    a_pupil_case(work)
    work.lock(AMY, "CASE-1", "e-1")

    files = files_in(an_exporting(work).pack(an_order(tmp_path), Reader.POLICE).path)

    (item,) = json.loads(files["case.json"])["evidence"]
    assert not any(name.startswith("originals/") for name in files)
    assert "screen.png" not in files["case.json"].decode()
    assert (item["pictures"], len(item["sha256"]), len(item["history"])) == ([], 64, 2)


def test_an_earlier_export_stands_in_the_next_pack_for_the_police(work, tmp_path):
    a_pupil_case(work)
    exporting = an_exporting(work)
    exporting.pack(an_order(tmp_path, path=tmp_path / "one.zip"), Reader.LADO)

    files = files_in(exporting.pack(an_order(tmp_path), Reader.POLICE).path)

    details = [each["detail"] for each in json.loads(files["case.json"])["exports"]]
    assert details[0] == "exported: pack for lado: begun"


def test_the_clause_stands_there_with_the_words_and_the_version_that_decided(work, tmp_path):
    a_pupil_case(work)
    routed = {"full": ["amy"], "clause": "6.2", "policy_version": VERSION}
    view = work.open_case(AMY, "CASE-1", "look")
    exporting = an_exporting(work)
    decided = exporting.open_case

    def as_decided(*given):
        from dataclasses import replace  # noqa: PLC0415

        return replace(decided(*given), **{key: routed[key] for key in ("clause", "policy_version")})

    exporting = Exporting(work.schools, work.store, work.vault, exporting.packs, as_decided)
    files = files_in(exporting.pack(an_order(tmp_path), Reader.POLICE).path)

    (quote,) = json.loads(files["case.json"])["quotes"]
    assert view.clause == quote["clause"] == "6.2"
    assert (quote["policy"], quote["words"]) == ("Online Conduct", QUOTE)
    assert quote["version"].startswith("in force from 1 May 2025; SHA-256 of the clause ")


def test_everything_that_was_done_stands_in_the_chronology_with_names_for_ids(work, tmp_path):
    a_pupil_case(work)
    version = len(work.open_case(AMY, "CASE-1", "look").chronology)
    work.set_action(AMY, "CASE-1", "Ring home", "amy", NOON.date())
    work.decide(AMY, "CASE-1", "Decline it", "first time", version + 1)
    work.correct(AMY, "CASE-1", 4, "It was Tuesday.")

    data = json.loads(files_in(an_exporting(work).pack(an_order(tmp_path), Reader.POLICE).path)["case.json"])
    words = "\n".join(row["words"] for row in data["rows"])

    for said in ("Ring home", "Owner: Amy Ash", "Decline it", "first time", "It was Tuesday."):
        assert said in words
    assert data["actions"] == [{"words": "Ring home", "owner": "Amy Ash", "due": "2026-11-24", "done": ""}]
    assert data["decisions"][0]["reason"] == "first time"


def test_the_hand_off_file_names_the_child(work, tmp_path):
    a_pupil_case(work)
    closed(work)

    files = files_in(an_exporting(work).hand_off(an_order(tmp_path)).path)

    (row,) = csv.DictReader(io.StringIO(files["hand-off.csv"].decode("utf-8-sig"), newline=""))
    assert (row["child"], row["status"]) == ("Tom Reed", "closed")
    assert row["summary"] == "A pupil sent a friend request."


def test_safety_30_a_subject_access_draft_is_held_once_the_police_have_a_referral(work, tmp_path):
    a_pupil_case(work)
    work.refer(AMY, "CASE-1", Referral(Agency.POLICE, NOON, "PC Oak"))

    with pytest.raises(NotAllowed) as held:
        an_exporting(work).subject_access(an_order(tmp_path), SubjectRequest("P1"), tmp_path / "inside.zip")

    assert "the police" in held.value.user_message
    assert not (tmp_path / "pack.zip").exists()


def test_a_subject_access_draft_and_its_list_are_two_files_and_both_are_logged(work, tmp_path):
    a_pupil_case(work)

    copy, inside = an_exporting(work).subject_access(
        an_order(tmp_path), SubjectRequest("P1"), tmp_path / "inside.zip"
    )

    assert "your-data.pdf" in files_in(copy.path)
    assert b"Mia Lark" in files_in(inside.path)["STAYS-INSIDE-removed.csv"]
    assert [detail.partition(": ")[0] for detail in exported(work)] == [
        "subject access draft, list",
        "subject access draft, list",
        "subject access draft",
        "subject access draft",
    ]


def test_a_school_that_is_not_there_is_said(work, tmp_path):
    with pytest.raises(UnknownSchool):
        an_exporting(work).pack(an_order(tmp_path, school="nowhere"), Reader.POLICE)


def test_no_kind_of_event_breaks_the_words_of_a_pack(work, tmp_path):
    a_pupil_case(work)
    bodies = {"text": "words", "reason": "why", "answers": {"who": ["a", "b"]}, "to": ["amy"], "flag": True}
    skipped = {EventKind.EVIDENCE_STORED, EventKind.LOCK_ADVICE, EventKind.DELETED, EventKind.FILED}
    from bot.domain.pack_words import Telling  # noqa: PLC0415
    from bot.domain.views import Entry  # noqa: PLC0415

    for kind in set(EventKind) - skipped:
        told = Telling(work.schools["fernhill"]).words(Entry(1, NOON, "amy", kind, bodies))

        assert told == "words\nReason: why\nWho: a, b\nTold: Amy Ash\nFlag: yes"
