import json
from dataclasses import fields, replace
from datetime import UTC, datetime

import pytest

from bot.domain.notice_details import (
    OWN_WORDS,
    REASONS,
    Opening,
    ReceiptDetail,
    Ringing,
    read_openings,
    write_codes,
    write_openings,
)
from bot.domain.notice_words import CASE_SUBJECT, words
from bot.domain.notices import Notice, NoticeKind
from tests.fakes import a_school

AT = datetime(2026, 7, 20, 21, 5, tzinfo=UTC)
CANARY = "Zebedee Quillfeather"
FOR_HOLDERS = [
    NoticeKind.NEW_CASE,
    NoticeKind.REMINDER,
    NoticeKind.ESCALATION,
    NoticeKind.NO_ACTION_YET,
    NoticeKind.REPORTER_ADDED,
    NoticeKind.SHARED,
]


def a_notice(kind, **changes):
    plain = Notice(f"{CANARY}:key", kind, "fernhill", "amy", AT, "K7Q2-M4XD")
    return replace(plain, **changes)


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize("urgent", [True, False])
def test_a_notice_repeats_nothing_that_stands_in_its_fields(kind, urgent):
    canaries = {each.name: CANARY for each in fields(Notice) if each.name not in ("kind", "due", "urgent")}
    listed = {key: [CANARY, f"role:{CANARY}"] for key in ("roles", "codes", "safe", "openings", "hashes")}
    plain = dict.fromkeys(("asked", "raised", "handle", "text", "stored_at"), CANARY)
    detail = json.dumps({**listed, **plain})
    notice = Notice(**{**canaries, "kind": kind, "due": AT, "urgent": urgent, "detail": detail})

    said = words(notice, a_school(), "https://staffroom.example.org")

    assert "Zebedee" not in said.subject + said.body
    assert "Quillfeather" not in said.subject + said.body


@pytest.mark.parametrize("kind", NoticeKind)
@pytest.mark.parametrize(
    "detail",
    [
        CANARY,
        f'["{CANARY}"]',
        f'{{"openings": [["amy", "K7Q2", "2026-07-01T10:00:00+00:00", "{CANARY}"], ["{CANARY}"], 7]}}',
        f'{{"openings": [["{CANARY}", "K7Q2", "2026-07-01T10:00:00+00:00", ""]], "hashes": ["{CANARY}"]}}',
        f'{{"stored_at": "{CANARY}", "codes": ["{CANARY}:dsl", "role:{CANARY}", 3], "roles": "{CANARY}"}}',
        f"12 {'a' * 64} {CANARY}",
    ],
)
def test_free_text_in_the_detail_is_shown_by_no_kind(kind, detail):
    said = words(a_notice(kind, detail=detail), a_school())

    assert CANARY not in said.body


@pytest.mark.parametrize("kind", NoticeKind)
def test_the_subject_says_nothing_that_depends_on_the_case(kind):
    school = a_school()
    one = a_notice(kind, urgent=True, detail="one")

    assert (
        words(one, school).subject
        == words(replace(one, urgent=False, case="OTHER", detail=""), school).subject
    )
    assert "K7Q2" not in words(one, school).subject


@pytest.mark.parametrize("kind", FOR_HOLDERS)
def test_a_notice_to_a_holder_has_the_urgency_the_number_and_how_to_open_it(kind):
    said = words(a_notice(kind, urgent=True), a_school(), "https://staffroom.example.org")

    assert said.subject == CASE_SUBJECT
    assert said.body.startswith("URGENT.\nA ")
    assert "Sign in to Staffroom (https://staffroom.example.org) and open case K7Q2-M4XD." in said.body


def test_a_case_that_is_not_urgent_does_not_say_so():
    assert "URGENT" not in words(a_notice(NoticeKind.NEW_CASE), a_school()).body


def test_the_receipt_has_number_time_hashes_and_roles_told():
    detail = ReceiptDetail(AT, ("ab" * 32,), ("dsl", "head")).write()

    said = words(a_notice(NoticeKind.RECEIPT, detail=detail), a_school())

    assert said.subject == "Staffroom: a message for you"
    assert "Number: K7Q2-M4XD" in said.body
    assert "Stored: 20 July 2026 at 22:05" in said.body
    assert "Told: designated safeguarding lead (DSL); head" in said.body
    assert f"SHA-256 of a file: {'ab' * 32}" in said.body
    assert "not that it is genuine or complete" in said.body


def test_a_receipt_without_files_speaks_of_no_hash():
    assert "hash" not in words(a_notice(NoticeKind.RECEIPT), a_school()).body


def test_the_reporter_is_told_not_to_wait_and_whom_to_ring():
    detail = write_codes(["deputy_dsl"])

    said = words(a_notice(NoticeKind.NOT_OPENED, detail=detail), a_school())

    assert "Nobody has opened this yet; do not wait: ring" in said.body
    assert "- deputy designated safeguarding lead (deputy DSL): 01632 960302" in said.body
    assert "- children's social care: 01632 960305" in said.body
    assert "- local authority designated officer (LADO): 01632 960307" in said.body
    assert "999" in said.body
    assert "01632 960303" not in said.body


def test_the_checkpoint_carries_the_number_of_rows_and_the_hash():
    said = words(a_notice(NoticeKind.CHECKPOINT, detail=f"4711 {'0f' * 32}"), a_school())

    assert "Rows: 4711" in said.body
    assert f"Hash: {'0f' * 32}" in said.body


def test_the_monthly_notice_says_who_opened_what_and_why():
    openings = [
        Opening("amy", "K7Q2-M4XD", AT, REASONS[0]),
        Opening("ben", "T5RR-9PLA", AT, f"to see what {CANARY} did"),
        Opening("ben", "W2WW-9PLA", AT),
    ]

    said = words(a_notice(NoticeKind.MONTHLY, case="", detail=write_openings(openings)), a_school())

    assert f"- Amy Ash: case K7Q2-M4XD, 20 July 2026 at 22:05, {REASONS[0]}" in said.body
    assert f"- Ben Birch: case T5RR-9PLA, 20 July 2026 at 22:05, {OWN_WORDS}" in said.body
    assert "- Ben Birch: case W2WW-9PLA, 20 July 2026 at 22:05, no reason was asked for" in said.body


def test_a_reason_in_somebodys_own_words_does_not_even_reach_the_outbox():
    assert "Zebedee" not in write_openings([Opening("amy", "K7Q2", AT, CANARY)])


def test_openings_come_back_as_they_were_written():
    openings = (Opening("amy", "K7Q2-M4XD", AT, REASONS[2]),)

    assert read_openings(write_openings(openings), a_school()) == openings


def test_changed_people_are_told_by_role_and_never_by_name():
    codes = ["role:dsl", "address:head", "routing:concern", "cover:holidays", "contact:lado"]

    said = words(a_notice(NoticeKind.PEOPLE_CHANGED, case="", detail=write_codes(codes)), a_school())

    assert "- who holds this role: designated safeguarding lead (DSL)" in said.body
    assert "- where a holder of this role is reached: head" in said.body
    assert "- who a concern form goes to" in said.body
    assert "- who covers in the holidays" in said.body
    assert "- the number to ring: local authority designated officer (LADO)" in said.body
    assert not any(each.name in said.body for each in a_school().people)


def test_a_locked_sign_in_is_told_by_role_and_never_by_name():
    locked = a_notice(NoticeKind.SIGN_IN_LOCKED, case="", detail=write_codes(["role:chair", "role:x"]))

    said = words(locked, a_school())

    assert "the sign-in of this role: chair of governors\n" in said.body
    assert not any(each.name in said.body for each in a_school().people)


def test_the_drill_says_that_it_is_a_test_and_asks_for_the_code():
    said = words(a_notice(NoticeKind.DRILL, case="", detail="K7Q2MX"), a_school())

    assert said.body.startswith("This is a test")
    assert "K7Q2MX" in said.body


def ringing(**changes):
    return replace(Ringing("ab" * 12, "Jo Mint", "jo@fernhill", ("amy", "ben", "cat", "dan")), **changes)


def test_safety_8_ring_the_sender_says_whom_to_ring_and_nothing_else():
    notice = ringing().ask(a_school(), "amy", AT)

    assert words(notice, a_school()).body.split("\n") == [
        "URGENT. Please ring Jo Mint now.",
        "They wrote something to Staffroom that cannot wait. This message holds nothing of it: ask them.",
    ]
    assert (notice.to, notice.urgent, notice.case) == ("amy", True, "")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Jo\r\nMint", "Jo Mint"),
        ("Jo\u202e\x00 Mint", "Jo Mint"),
        ("x" * 500, "x" * 40),
        ("", "jo@fernhill"),
    ],
)
def test_the_name_of_the_sender_is_one_short_line(name, shown):
    notice = ringing(name=name).ask(a_school(), "amy", AT)

    assert words(notice, a_school()).body.startswith(f"URGENT. Please ring {shown} now.\n")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Zoë O’Neill-Smith", "Zoë O’Neill-Smith"),
        ("Zed: she hit 2 boys! http://x.example", "Zed she hit boys httpxexample"),
        ("Cat Cole (head): BEN IS ABUSING A CHILD 07700 900900", "jo@fernhill"),
        ("the DSL", "jo@fernhill"),
        ("Amy Ash", "jo@fernhill"),
        ("12345", "jo@fernhill"),
    ],
)
def test_safety_25_of_the_name_that_somebody_gave_themselves_only_a_name_is_told(name, shown):
    notice = ringing(name=name).ask(a_school(), "amy", AT)

    assert words(notice, a_school()).body.startswith(f"URGENT. Please ring {shown} now.\n")


def test_safety_25_whoever_is_known_by_a_chat_id_alone_is_named_by_that():
    notice = ringing(name="the head", handle="U0EVE").ask(a_school(), "amy", AT)

    assert words(notice, a_school()).body.startswith("URGENT. Please ring @U0EVE now.\n")


def test_safety_25_somebody_listed_is_told_by_the_name_of_the_list():
    notice = ringing(name="BEN DID IT", handle="cat").ask(a_school(), "amy", AT)

    assert words(notice, a_school()).body.startswith("URGENT. Please ring Cat Cole now.\n")


def test_who_may_be_asked_comes_back_as_it_was_written():
    notice = ringing().ask(a_school(), "amy", AT)

    assert Ringing.read(notice.detail, a_school()) == ringing()


@pytest.mark.parametrize(("person", "following"), [("amy", "ben"), ("dan", ""), ("gone", "amy")])
def test_after_one_person_comes_the_next_and_after_the_last_nobody(person, following):
    assert ringing().after(person) == following


def test_nobody_is_asked_who_is_not_of_the_school_any_more():
    notice = ringing(safe=("amy", CANARY, "dan")).ask(a_school(), "amy", AT)

    assert Ringing.read(notice.detail, a_school()).safe == ("amy", "dan")


def test_safety_8_the_sender_is_told_who_was_asked_and_not_to_wait():
    notice = ringing(safe=("ben", "cat", "dan")).tell(a_school(), "ben", AT)

    said = words(notice, a_school())

    assert notice.to == "reporter:jo@fernhill"
    assert said.subject == "Staffroom: a message for you"
    assert said.body.startswith(
        "We have asked the deputy designated safeguarding lead (deputy DSL) to ring you. "
        "They were told your name, no more.\nDo not wait for it: ring\n"
    )
    assert "- deputy designated safeguarding lead (deputy DSL): 01632 960302" in said.body
    assert "- children's social care: 01632 960305" in said.body
    assert "- local authority designated officer (LADO): 01632 960307" in said.body
    assert "- in an emergency: 999" in said.body
    assert "tell the head, not the DSL." in said.body


def test_nobody_is_told_to_ring_a_role_that_somebody_unsafe_holds_as_well():
    school = a_school(people={"dsl": ["amy", "ben"], "head": ["cat"], "chair": ["dan"]})
    notice = ringing(safe=("ben", "cat", "dan")).tell(school, "ben", AT)

    said = words(notice, school).body

    assert "01632 960301" not in said
    assert "01632 960303" in said


def test_where_the_head_is_the_dsl_nobody_is_told_to_pass_the_dsl_by():
    school = a_school(people={"dsl": ["cat"], "head": ["cat"], "chair": ["dan"]})

    said = words(ringing(safe=("cat",)).tell(school, "cat", AT), school).body

    assert "works or helps here: tell the head.\n" in said


@pytest.mark.parametrize(
    ("safe", "beginning"),
    [
        ((), "Nobody in school is left who can safely be asked to ring you, so nobody has been told.\n"),
        (("amy", "dan"), "We could not reach anybody in school who could ring you.\n"),
    ],
)
def test_safety_8_the_sender_is_told_when_nobody_will_ring(safe, beginning):
    said = words(ringing(safe=safe).tell(a_school(), "", AT), a_school()).body

    assert said.startswith(beginning)
    assert ("01632 960304" in said) == ("dan" in safe)
    assert "01632 960307" in said
    assert "999" in said
