"""Keeping the data at the command line: verify, backup, restore, a new master key, doctor and its drill."""

import base64
import json
import re
import sqlite3
from contextlib import closing

import pytest

from bot import app
from bot.console.rooms import settings
from bot.domain.triage import Form
from tests.desk_terminal import SCHOOL, a_desk_terminal, audit, file_report, make_real, open_desk

pytestmark = pytest.mark.slow

DSL, HEAD = "cop-dsl", "cop-head"
WHY = ("--reason", "working on it")


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


@pytest.fixture
def kept(staffroom):
    """The folder of a store with one case and one evidence file."""
    file_report(staffroom, files=("screen.png",))
    return staffroom.folder / "data" / "sample"


def evidence(kept):
    return sorted(path for path in (kept / "evidence").rglob("*") if path.is_file())


def spoil(path):
    """Flip a bit in the middle of *path*."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def behind_the_back(kept, *statements):
    """Change the database as somebody with root would."""
    with closing(sqlite3.connect(kept / "staffroom.db")) as db:
        guards = db.execute("select name, sql from sqlite_master where type = 'trigger'").fetchall()
        for name, _ in guards:
            db.execute(f"drop trigger {name}")
        for statement in statements:
            db.execute(statement)
        for _, guard in guards:
            db.execute(guard)
        db.commit()


def kinds(staffroom, kind):
    """The details of the rows of *kind* that belong to no school."""
    return [row[3] for row in audit(staffroom, "") if row[0] == kind]


def new_key(folder, name="new.key"):
    (folder / name).write_bytes(base64.b64encode(bytes(range(1, 33))))
    (folder / name).chmod(0o600)
    return folder / name


# verify


def test_a_store_that_nobody_touched_is_said_to_be_whole(staffroom, kept):
    done = staffroom("verify")

    assert done.code == 0
    assert re.search(r"Checked: \d+ rows of the log, 2 evidence files\.", done.out)
    assert "Nothing was changed" in done.out


def test_without_a_store_the_answer_is_no_and_none_is_made(staffroom):
    done = staffroom("verify")

    assert done.code == 1
    assert "holds no store" in done.out
    assert not (staffroom.folder / "data" / "sample" / "staffroom.db").exists()


def test_a_changed_file_and_a_missing_one_are_a_line_each(staffroom, kept):
    changed, missing = evidence(kept)
    spoil(changed)
    missing.unlink()

    done = staffroom("verify")

    assert done.code == 1
    faults = sorted(line for line in done.out.splitlines() if line.startswith("FAULT"))
    assert faults == sorted(
        [
            f"FAULT evidence {changed.parent.name}/{changed.name}: the file was changed",
            f"FAULT evidence {missing.parent.name}/{missing.name}: the file is missing",
        ]
    )


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set kind = 'drill' where seq = 2",
        "delete from audit where seq = 2",
        "delete from audit where seq = (select max(seq) from audit)",
        "update events set sealed = x'00' where seq = 1",
        "update cases set urgent = 1",
    ],
)
def test_safety_21_a_row_changed_dropped_or_cut_off_is_found(staffroom, kept, statement):
    behind_the_back(kept, statement)

    done = staffroom("verify")

    assert done.code == 1
    assert "FAULT " in done.out


def test_a_case_key_that_does_not_open_is_a_fault_and_the_others_are_still_checked(staffroom, kept):
    other = file_report(staffroom, Form.CONCERN, files=("other.png",), request="r-2")
    behind_the_back(
        kept, "update cases set wrapped_key = x'0102030405' where rowid = (select max(rowid) from cases)"
    )
    spoil(next(path for path in evidence(kept) if path.parent.name != other))

    done = staffroom("verify")

    assert done.code == 1
    assert f"FAULT case {other}: its evidence could not be checked" in done.out
    assert "the file was changed" in done.out


def test_safety_4_a_damaged_list_of_locks_is_a_fault(staffroom, kept):
    case = staffroom("cases", "--as", DSL, "--json").json[0]["case"]
    item = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["evidence"][0]["id"]
    staffroom("case", "lock", case, "--as", DSL, "--file", item)
    whole = staffroom("verify")

    spoil(kept / "locks" / "locked.jsonl")
    damaged = staffroom("verify")
    (kept / "locks" / "locked.jsonl").unlink()
    (kept / "locked.seen").unlink()
    lost = staffroom("verify")

    assert (whole.code, damaged.code, lost.code) == (0, 1, 1)
    assert "2 locked (not opened)" in whole.out
    assert "FAULT locks: the list of locked files is damaged" in damaged.out
    assert "was locked, and is not in the list of locked files" in lost.out


def test_a_checkpoint_that_left_the_machine_is_compared(staffroom, kept):
    with open_desk(staffroom) as desk, desk.store.reading() as unit:
        point = unit.checkpoint()
    staffroom("cases", "--as", DSL)

    right = staffroom("verify", "--checkpoint", f"{point.seq}:{point.mac}")
    other = staffroom("verify", "--checkpoint", f"{point.seq}:{point.mac[::-1]}")
    later = staffroom("verify", "--checkpoint", f"{point.seq + 500} {point.mac}")

    assert (right.code, other.code, later.code) == (0, 1, 1)
    assert "it holds the checkpoint" in right.out
    assert "is not the row of the checkpoint" in other.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("verify", "--checkpoint", "12:abc"), "--checkpoint must be ROWS:HASH"),
        (("verify", "--fingerprint", "aa"), "name its file"),
        (("verify", "pack.zip", "--checkpoint", "1:a"), "leave out the pack"),
        (("restore", "nothing"), "nothing: is not there"),
        (("backup", "b"), "holds no store"),
        (("rotate-key", "--new-key-file", "nothing"), "nothing: the key file cannot be read"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_thing_and_the_mend(staffroom, arguments, says):
    done = staffroom(*arguments)

    assert (done.code, done.out) == (2, "")
    assert says in done.err.splitlines()[-1]


def test_a_store_whose_roots_are_damaged_is_a_fault_and_no_traceback(staffroom, kept):
    behind_the_back(kept, "update meta set value = x'00' where key = 'roots'")

    done = staffroom("verify")

    assert done.code == 1
    assert done.out.startswith("FAULT store: cannot be opened: ")


# backup and restore


def test_a_backup_goes_back_in_its_place_and_names_the_gap_and_the_way_back(staffroom, kept):
    staffroom("backup", "friday.backup")
    late = file_report(staffroom, Form.CONCERN, request="r-2")

    refused = staffroom("restore", "friday.backup")
    done = staffroom("restore", "friday.backup", "--replace")

    listed = [each["case"] for each in staffroom("cases", "--as", DSL, "--json").json]
    assert (refused.code, done.code) == (2, 0)
    assert "--replace" in refused.err
    assert late not in listed
    assert re.search(
        r"Gap: the backup ends with row \d+, .* \(rows \d+ to \d+ of the store that was here\)", done.out
    )
    assert re.search(r"kept in \S+before-restore-", done.out)
    assert "The way back: " in done.out
    assert "Nothing was changed" in done.out


def test_safety_21_backup_and_restore_are_in_the_audit_log_with_the_account(staffroom, kept):
    staffroom("backup", "friday.backup")
    made = kinds(staffroom, "backup")
    staffroom("restore", "friday.backup", "--replace")

    with open_desk(staffroom) as desk, desk.store.reading() as unit:
        rows = [(row.kind.value, row.actor, row.detail) for row in unit.audit_rows("")]
    restored = [row for row in rows if row[0] == "restored"]
    assert made[0] == "begun"
    assert re.fullmatch(r"made: 3 files up to row \d+, 0 locked left out", made[1])
    assert len(restored) == 1
    assert restored[0][1].startswith("OS user ")
    assert restored[0][2].startswith("the backup ends with row ")


def test_safety_4_a_locked_file_stays_out_of_a_backup_and_is_not_missing_elsewhere(
    staffroom, kept, monkeypatch
):
    case = staffroom("cases", "--as", DSL, "--json").json[0]["case"]
    item = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["evidence"][0]["id"]
    staffroom("case", "lock", case, "--as", DSL, "--file", item)
    made = staffroom("backup", "locked.backup")
    monkeypatch.setenv("STAFFROOM_KEY_FILE", str(kept / "sample.key"))
    monkeypatch.setenv("STAFFROOM_DATA", "elsewhere")

    done = staffroom("restore", "locked.backup")

    assert "2 locked files left out" in made.out
    assert done.code == 0
    assert "2 locked, not in backup" in done.out
    assert "missing" not in done.out


def test_a_changed_backup_restores_nothing(staffroom, kept):
    staffroom("backup", "friday.backup")
    spoil(staffroom.folder / "friday.backup")

    done = staffroom("restore", "friday.backup", "--replace")

    assert done.code == 2
    assert "nothing was restored" in done.err
    assert staffroom("verify").code == 0


def test_a_restore_that_was_cut_off_is_undone_before_the_store_is_opened(staffroom, kept):
    case = staffroom("cases", "--as", DSL, "--json").json[0]["case"]
    aside = kept / "before-restore-20260101-000000Z"
    aside.mkdir()
    moved = [(str(kept / "staffroom.db"), str(aside / "staffroom.db"))]
    (kept / "staffroom.db").rename(aside / "staffroom.db")
    (kept / "restore-under-way.json").write_text(json.dumps(moved), "utf-8")

    assert [each["case"] for each in staffroom("cases", "--as", DSL, "--json").json] == [case]


# rotate-key


def test_after_a_rotation_only_the_new_key_opens_the_store(staffroom, kept, monkeypatch):
    file = new_key(staffroom.folder)

    done = staffroom("rotate-key", "--new-key-file", file)
    with_old = staffroom("cases", "--as", DSL)
    monkeypatch.setenv("STAFFROOM_KEY_FILE", str(file))
    with_new = staffroom("verify")
    again = staffroom("rotate-key", "--new-key-file", file)

    assert (done.code, with_old.code, with_new.code, again.code) == (0, 2, 0, 2)
    assert f"STAFFROOM_KEY_FILE={file}" in done.out
    assert "the master key does not open this store" in with_old.err
    assert "in use already" in again.err
    assert len(kinds(staffroom, "key rotated")) == 1


def test_in_real_mode_a_new_key_inside_the_data_folder_is_refused(staffroom):
    make_real(staffroom)
    file_report(staffroom)
    file = new_key(staffroom.folder / "data")

    done = staffroom("rotate-key", "--new-key-file", file)

    assert done.code == 2
    assert "lies inside the data folder" in done.err


# doctor


def test_doctor_shows_storage_keys_and_the_fingerprint_on_one_line(staffroom, kept):
    done = staffroom("doctor")

    with open_desk(staffroom) as desk:
        fingerprint = desk.packs.fingerprint
    assert done.code == 0
    assert f"packs are signed by: {fingerprint}" in done.out
    for part in ("GB free", "the master key opens the store", "the last rows of the audit log are whole"):
        assert part in done.words


def test_doctor_makes_no_store(staffroom):
    done = staffroom("doctor")

    assert "no case is stored yet" in done.words
    assert not (staffroom.folder / "data" / "sample" / "staffroom.db").exists()


def test_doctor_finds_a_wrong_key_and_a_changed_last_row(staffroom, kept, monkeypatch):
    behind_the_back(kept, "update audit set kind = 'drill' where seq = (select max(seq) from audit)")
    changed = staffroom("doctor")
    monkeypatch.setenv("STAFFROOM_KEY_FILE", str(new_key(staffroom.folder)))
    wrong = staffroom("doctor")

    assert (changed.code, wrong.code) == (2, 2)
    assert "run staffroom verify" in changed.words
    assert "MEND storage: the master key does not open this store" in wrong.words


def test_doctor_names_a_scanner_that_does_not_answer(staffroom, kept, monkeypatch):
    monkeypatch.setenv("CLAMD_SOCKET", str(staffroom.folder / "no.sock"))

    done = staffroom("doctor")

    assert done.code == 2
    assert "clamd does not answer" in done.words


def test_safety_18_doctor_names_whom_no_notice_can_reach(staffroom, monkeypatch):
    make_real(staffroom)
    # Real by its sign-in alone: with Slack there would be a way to everybody.
    for key in ("SLACK_BOT_TOKEN", "SLACK_SIGNING_SECRET"):
        monkeypatch.delenv(key)
    for key, value in {
        "OIDC_ISSUER": "https://login.example.org",
        "OIDC_CLIENT_ID": "test",
        "OIDC_CLIENT_SECRET": "test",
        "STAFFROOM_URL": "https://staffroom.example.org",
    }.items():
        monkeypatch.setenv(key, value)
    without_mail = staffroom("doctor")
    monkeypatch.setenv("SMTP_URL", "smtp://localhost:2525")
    monkeypatch.setenv("MAIL_FROM", "staffroom@example.org")
    all_reached = staffroom("doctor")

    assert without_mail.code == 2
    assert "no notice can be sent: set SMTP_URL and MAIL_FROM" in without_mail.words
    assert "no notice" not in all_reached.words


def test_a_drill_is_sent_opened_by_its_code_and_reported(staffroom):
    none = staffroom("doctor", "--drill-report", "--school", SCHOOL)
    sent = staffroom("doctor", "--drill", "--school", SCHOOL)
    code = re.search(r"enter this code: (\w+)", sent.err)[1]
    wrong = staffroom("doctor", "--drill-code", "ZZZZZZZ")
    entered = staffroom("doctor", "--drill-code", code)
    report = staffroom("doctor", "--drill-report", "--school", SCHOOL)

    assert "no test notice was ever sent" in none.out
    assert "copperfell-high: a test notice goes to 5 people." in sent.out
    assert wrong.code == 2
    person = re.search(r"copperfell-high: (\S+) has opened the test notice", entered.out)[1]
    assert report.code == 1
    assert report.out.count("not opened: ") == 4
    assert person not in report.out


# serving


def test_safety_21_a_change_of_people_is_told_when_the_desk_opens_for_serving(staffroom):
    def serve():
        with app.desk(app.build(settings(None)), serving=True) as desk, desk.store.reading() as unit:
            return [each.notice.to for each in unit.waiting(SCHOOL)]

    serve()
    file = staffroom.policies / SCHOOL / "school.toml"
    file.write_text(
        file.read_text("utf-8").replace('dsl = ["cop-dsl"]', 'dsl = ["cop-governor"]', 1), "utf-8"
    )

    told = serve()

    assert {"cop-governor", HEAD} <= set(told)
    assert any(DSL in each for each in told)
