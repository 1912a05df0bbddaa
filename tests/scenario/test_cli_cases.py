"""Acting on cases at the command line: the list, one case, every command, and who is refused."""

import json
import re

import pytest

from bot.casework.room import Member
from bot.domain.triage import Form
from tests.desk_terminal import SCHOOL, a_desk_terminal, audit, file_report, make_real, open_desk

pytestmark = pytest.mark.slow

DSL, DEPUTY, HEAD = "cop-dsl", "cop-deputy", "cop-head"
CANARY = "canary-Kestrel"
WHY = ("--reason", "working on it")


@pytest.fixture
def staffroom(tmp_path, monkeypatch, capsys):
    return a_desk_terminal(tmp_path, monkeypatch, capsys)


def opened(staffroom, form=Form.FRIEND_REQUEST, person=DSL, **answers):
    """File and open a case; return its number and version."""
    case = file_report(staffroom, form, **answers)
    shown = staffroom("cases", case, "--as", person, *WHY, "--json").json
    return case, shown["version"]


def show(staffroom, case, person=DSL):
    return staffroom("cases", case, "--as", person, *WHY)


def test_the_list_as_json_has_the_promised_keys_and_nothing_else(staffroom):
    case = file_report(staffroom)

    done = staffroom("cases", "--as", DSL, "--json")

    filed_at = done.json[0]["filed_at"]
    assert (done.code, done.err) == (0, "")
    assert done.json == [
        {"case": case, "school": SCHOOL, "urgency": "normal", "status": "received", "filed_at": filed_at}
    ]


def test_the_list_shows_age_and_clock_within_80_columns(staffroom):
    case, seen = opened(staffroom)
    staffroom("case", "acknowledge", case, "--as", DSL, "--seen", seen)

    done = staffroom("cases", "--as", DSL)

    assert re.search(rf"{case} +normal +being dealt with +\d\d \w\w\w \d{{4}} +0 min +in ", done.out)
    assert max(map(len, done.out.splitlines())) <= 80


def test_what_nobody_has_opened_stands_first(staffroom):
    first, _ = opened(staffroom)
    second = file_report(staffroom, Form.CONCERN, request="r-2")

    listed = [each["case"] for each in staffroom("cases", "--as", DSL, "--json").json]

    assert listed == [second, first]


def test_without_as_the_people_of_the_school_are_named_and_nothing_is_shown(staffroom):
    file_report(staffroom)

    done = staffroom("cases")

    assert (done.code, done.out) == (2, "")
    assert "say whose work this is with --as" in done.err
    assert "cop-dsl (Ruth Asquey)" in done.err


def test_a_person_unknown_here_is_refused_in_one_line(staffroom):
    done = staffroom("cases", "--as", "nobody", "--json")

    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1)
    assert "--as 'nobody' is nobody's id here" in done.err


def test_safety_22_opening_an_unassigned_case_asks_for_a_reason_first(staffroom):
    case = file_report(staffroom)

    done = staffroom("cases", case, "--as", DSL)

    assert (done.code, done.out) == (2, "")
    assert "it is assigned to nobody" in done.err
    assert "--reason" in done.err


def test_a_case_shows_what_was_reported_people_evidence_clause_and_chronology(staffroom):
    case = file_report(staffroom, files=("screen.png",))

    done = show(staffroom, case)

    assert done.code == 0
    for part in (
        *("What was reported", "Jo Marsh", "People", "Jo Bloggs (reporter", "Evidence", "screen.png"),
        *("SHA-256", "not scanned", "not show that the file is genuine"),
        *("Clause 4.2", "Chronology", "Ruth Asquey: opened", "working on it"),
    ):
        assert part in done.words
    assert max(map(len, done.out.splitlines())) <= 80


def test_what_others_wrote_never_reaches_the_terminal_as_a_command_to_it(staffroom):
    case, _ = opened(staffroom)
    staffroom("case", "note", case, "--as", DSL, "a\x1b[31m\x9b2Jb\u202ec\x07d")

    done = show(staffroom, case)
    as_json = staffroom("cases", case, "--as", DSL, *WHY, "--json")

    assert "a\\x1b[31m\\x9b2Jb\\u202ec\\x07d" in done.out
    assert [each for each in done.out + as_json.out if each in "\x1b\x9b\u202e\x07"] == []
    assert "a\x1b[31m\x9b2Jb\u202ec\x07d" in [each["body"].get("text") for each in as_json.json["chronology"]]


def test_safety_15_somebody_kept_out_neither_lists_nor_opens_nor_acts(staffroom):
    case, _ = opened(staffroom)
    staffroom("case", "share", case, "--as", DSL, "--who", DEPUTY, "--reason", "covers")
    before = staffroom("cases", "--as", DEPUTY, "--json").json

    staffroom("case", "exclude", case, "--as", DSL, "--who", DEPUTY, "--reason", "a relative")

    refused = [show(staffroom, case, DEPUTY), staffroom("case", "note", case, "--as", DEPUTY, "x")]
    unknown = staffroom("cases", "0000-0000", "--as", DEPUTY, *WHY)
    assert [each["case"] for each in before] == [case]
    assert staffroom("cases", "--as", DEPUTY, "--all", "--json").json == []
    assert [(each.code, each.out, each.err) for each in refused] == [(2, "", unknown.err)] * 2
    assert [row[0] for row in audit(staffroom) if row[1] == DEPUTY].count("refused") == 3


def test_safety_14_an_adult_case_is_not_there_for_the_dsl(staffroom):
    case = file_report(staffroom, Form.ADULT_CONCERN)

    assert case not in staffroom("cases", "--as", DSL, "--all", "--json").out
    assert show(staffroom, case).code == 2
    assert show(staffroom, case, HEAD).code == 0


def test_safety_21_the_account_on_the_machine_is_recorded_beside_the_person(staffroom):
    case, _ = opened(staffroom)

    staffroom("case", "note", case, "--as", DSL, f"said {CANARY}")

    entered = [row for row in audit(staffroom) if row[0] == "entered at the command line"]
    assert [row[1:3] for row in entered] == [(DSL, case), (DSL, case)]
    assert all(re.search(r", OS user \S+", row[3]) for row in entered)
    assert CANARY not in json.dumps(audit(staffroom))


def test_safety_18_acknowledging_needs_the_version_that_was_read(staffroom):
    case, seen = opened(staffroom)

    missing = staffroom("case", "acknowledge", case, "--as", DSL)
    done = staffroom("case", "acknowledge", case, "--as", DSL, "--seen", seen)

    assert (missing.code, done.code) == (2, 0)
    assert done.out.startswith(f"{case}: acknowledged, ")
    assert f"--seen {seen + 1}" in done.out


def test_a_case_is_worked_on_from_note_to_closing_and_opened_again(staffroom, tmp_path):
    case, seen = opened(staffroom)
    closing = {
        **{"summary": "s", "followed_up": "f", "action": "a", "outcome": "o", "reasons": "r"},
        **{"filed_where": "the file", "type": "contact-settled", "sexual_abuse": "no"},
    }
    (tmp_path / "closing.json").write_text(json.dumps(closing), "utf-8")
    steps = [
        ("acknowledge", case, "--seen", seen),
        ("assign", case, "--who", HEAD, "--seen", seen + 1),
        ("note", case, "Spoke with the tutor."),
        ("correct", case, "--line", seen + 3, "It was the form teacher."),
        ("ask", case, "Which app was it?"),
        ("reply", case, "Thank you."),
        ("action", case, "Ring the parent", "--due", "2027-01-31"),
        ("action", case, "Rang them.", "--done", seen + 7),
        ("parent", case, "--whom", "mother", "--how", "telephone", "Told her.", "--when", "2026-11-20 09:15"),
        ("person", case, "--role", "witness", "--name", "Sam Sand"),
        ("decide", case, "No contact", "--reason", "policy", "--seen", seen + 10),
        ("refer", case, "--to", "social-care", "--whom", "duty officer", "--reference", "R-1"),
        ("hold", case, "--reason", "police"),
        ("hold", case, "--lift", "--reason", "police agree"),
        ("close", case, "--answers", "closing.json", "--seen", seen + 14),
        ("retention", case, "--type", "abuse-of-staff", "--no-sexual-abuse", "--seen", seen + 15),
        ("reopen", case, "--reason", "a new message"),
    ]

    done = [staffroom("case", *step, "--as", DSL) for step in steps]
    shown = show(staffroom, case)

    assert [(each.code, each.err.count("staffroom:")) for each in done] == [(0, 0)] * len(steps)
    for part in ("Spoke with the tutor.", "It was the form teacher.", "Rang them.", "Sam Sand (witness)"):
        assert part in shown.words
    for part in ("No contact Because: policy", "children's social care", "R-1"):
        assert part in shown.words


def test_words_that_are_left_out_are_asked_for_and_so_stay_out_of_the_history(staffroom):
    case, _ = opened(staffroom)

    typed = staffroom("case", "note", case, "--as", DSL, typed=["typed here"])
    nothing = staffroom("case", "note", case, "--as", DSL)

    assert (typed.code, nothing.code) == (0, 2)
    assert "typed here" in show(staffroom, case).out
    assert "nothing was typed for: Note" in nothing.err


def test_a_closing_is_asked_for_step_by_step(staffroom):
    case, seen = opened(staffroom)
    answers = ["s", "f", "a", "o", "r", "the file", "", "contact-settled", "", "no"]

    done = staffroom("case", "close", case, "--as", DSL, "--seen", seen, typed=answers)

    assert (done.code, done.err.count("staffroom:")) == (0, 0)
    assert staffroom("cases", "--as", DSL, "--json").json == []
    assert staffroom("cases", "--as", DSL, "--all", "--json").json[0]["status"] == "closed"


def test_safety_27_a_closing_that_lacks_something_names_every_gap_in_one_line(staffroom, tmp_path):
    case, seen = opened(staffroom)
    (tmp_path / "closing.json").write_text('{"type": "contact-settled", "sexual_abuse": "no"}', "utf-8")

    done = staffroom("case", "close", case, "--as", DSL, "--seen", seen, "--answers", "closing.json")

    assert done.code == 2
    assert [
        word for word in ("summary:", "followed-up:", "outcome:", "filed-where:") if word not in done.err
    ] == []


@pytest.mark.parametrize(
    ("closing", "says"),
    [
        ("[]", "is not one JSON object"),
        ('{"sumary": "x"}', "there is no answer 'sumary'"),
        ('{"type": "contact-settled"}', "sexual_abuse: say whether"),
        ('{"type": "x", "sexual_abuse": "no"}', "type: choose one of: child-protection"),
        ('{"type": "contact-settled", "sexual_abuse": "no", "until": "soon"}', "until: must be a date"),
        ('{"summary": 3}', "summary: must be text"),
    ],
)
def test_a_bad_closing_file_names_the_thing_and_the_mend(staffroom, tmp_path, closing, says):
    case, seen = opened(staffroom)
    (tmp_path / "closing.json").write_text(closing, "utf-8")

    done = staffroom("case", "close", case, "--as", DSL, "--seen", seen, "--answers", "closing.json")

    assert done.code == 2
    assert says in done.err


def test_a_decision_on_a_case_that_somebody_else_changed_is_refused_and_says_who(staffroom):
    case, seen = opened(staffroom)
    staffroom("case", "note", case, "--as", HEAD, "x")

    done = staffroom("case", "decide", case, "--as", DSL, "--seen", seen, "d", "--reason", "r")

    assert done.code == 2
    assert "since you opened this case there was note by Denise Tarrow" in done.err


def test_two_cases_are_linked_and_merged(staffroom):
    case, seen = opened(staffroom)
    other, _ = opened(staffroom, Form.CONCERN, request="r-2")

    linked = staffroom("case", "link", case, other.lower(), "--as", DSL, "--reason", "the same account")
    merged = staffroom("case", "merge", case, other, "--as", DSL, "--seen", seen + 1, "--reason", "twice")

    assert linked.out == f"{case}: linked.\n{other}: linked.\n"
    assert merged.code == 0
    assert f"{other} (this case is carried on there)" in show(staffroom, case).words


def test_safety_4_a_locked_file_shows_its_hash_alone_and_takes_advice(staffroom):
    case = file_report(staffroom, files=("holiday-snap.png",))
    item = staffroom("cases", case, "--as", DSL, *WHY, "--json").json["evidence"][0]

    locked = staffroom("case", "lock", case, "--as", DSL, "--file", item["id"])
    advice = ("--adviser", "PC Plum", "--advice", "hand-over")
    advised = staffroom("case", "lock", case, "--as", DSL, "--file", item["id"], *advice)
    shown = [show(staffroom, case).out, staffroom("cases", case, "--as", DSL, *WHY, "--json").out]

    assert (locked.code, advised.code) == (0, 0)
    assert "Record who advises what" in locked.out
    assert ["holiday-snap" in each for each in shown] == [False, False]
    assert [item["sha256"] in each for each in shown] == [True, True]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("action", "text"), "an action needs --due"),
        (("lock", "--file", "e-1", "--adviser", "x"), "advice needs both"),
        (("retention", "--seen", "1", "--type", "x", "--no-sexual-abuse"), "choose one of: child-protection"),
        (("assign", "--who", "nobody", "--seen", "9"), 'nobody here has the id "nobody"'),
        (("reply", "x" * 281), "text: One line, at most 280 characters."),
        (("decide", "--seen", "1", " ", "--reason", "r"), "text: This cannot be left blank."),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_mend(staffroom, arguments, says):
    case, _ = opened(staffroom)
    command, *rest = arguments

    done = staffroom("case", command, case, *rest, "--as", DSL)

    assert done.code == 2
    assert says in done.err


def test_the_same_id_at_two_schools_needs_the_school(staffroom):
    file = staffroom.policies / "merrybeck-infant" / "school.toml"
    file.write_text(file.read_text("utf-8").replace("mer-deputy", "cop-dsl"), "utf-8")

    unclear = staffroom("cases", "--as", DSL, "--json")
    clear = staffroom("cases", "--as", DSL, "--school", SCHOOL, "--json")

    assert (unclear.code, clear.code) == (2, 0)
    assert "is known at copperfell-high, merrybeck-infant: say which with --school" in unclear.err


@pytest.mark.parametrize("command", ["cases", "case", "export", "verify", "backup", "restore", "doctor"])
def test_each_command_has_help_with_an_example(staffroom, command):
    done = staffroom(command, "--help")

    assert done.code == 0
    assert "Example: staffroom" in done.words


# Real mode


def test_in_real_mode_the_command_line_shows_number_urgency_status_and_times_alone(staffroom):
    make_real(staffroom)
    case = file_report(staffroom, who=CANARY)

    shown = [
        staffroom("cases", "--as", DSL),
        staffroom("cases", case, "--as", DSL, *WHY),
        staffroom("cases", case, "--as", DSL, *WHY, "--json"),
    ]

    text = "".join(each.out + each.err for each in shown)
    assert [each.code for each in shown] == [0, 0, 0]
    assert [
        word for word in (CANARY, "Bloggs", "request", "Instagram", "4.2", "Asquey") if word in text
    ] == []
    assert list(shown[2].json) == ["case", "school", "urgency", "status", "filed_at", "version"]


def test_safety_18_in_real_mode_a_look_at_the_number_does_not_count_as_opening(staffroom):
    make_real(staffroom)
    case = file_report(staffroom)

    staffroom("cases", case, "--as", DSL, *WHY)
    acknowledged = staffroom("case", "acknowledge", case, "--as", DSL, "--seen", 3)

    assert staffroom("cases", "--as", DSL, "--json").json[0]["status"] == "received"
    assert acknowledged.code == 2


def test_in_real_mode_a_refusal_says_nothing_of_the_case(staffroom):
    make_real(staffroom)
    case = file_report(staffroom)

    unopened = staffroom("case", "note", case, "--as", DSL, "x")
    unknown = staffroom("cases", "0000-0000", "--as", DSL)

    assert (unopened.code, unknown.code) == (2, 2)
    assert "does not stand where that can be done" in unopened.err
    assert unknown.err == "staffroom: There is no case of that number that you can open.\n"


def test_in_real_mode_a_stale_move_does_not_say_who_did_what(staffroom):
    make_real(staffroom)
    case = file_report(staffroom)
    with open_desk(staffroom) as desk:
        desk.casework.open_case(Member(SCHOOL, HEAD), case, "working on it")

    done = staffroom("case", "decide", case, "--as", DSL, "--seen", 2, "d", "--reason", "r")

    assert done.code == 2
    assert "somebody else changed it since" in done.err
    assert [word for word in ("Tarrow", "opened by") if word in done.err] == []


def test_in_real_mode_nobody_is_named_to_whoever_gives_no_person(staffroom):
    make_real(staffroom)

    done = staffroom("cases")

    assert done.code == 2
    assert "Asquey" not in done.err
