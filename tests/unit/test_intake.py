"""The use case of reporting, on the real store."""

from dataclasses import replace
from datetime import date

import pytest

from bot.domain.cases import EventKind, Status
from bot.domain.notice_details import ReceiptDetail
from bot.domain.notices import NoticeKind
from bot.domain.reports import Gate, Reporter, Upload
from bot.errors import FormError, StaleIndex, StoreFailed, UnknownSchool
from bot.intake import case_number, reporter
from tests.cases_builders import START
from tests.filing_desk import PICTURE, FilingDesk, people, with_routing
from tests.unit.form_builders import FORMS

STOPPING = (Gate.YES, Gate.NOT_SURE)
BAD = Upload("page.html", b"bad")


@pytest.fixture
def desk(tmp_path):
    return FilingDesk(tmp_path)


# One sending, one case


@pytest.mark.parametrize("form", FORMS)
def test_every_form_becomes_a_case_with_recipients_and_a_receipt(desk, form):
    receipt = desk.file(form)

    assert receipt.told != ()
    assert desk.head(receipt.case).status is Status.RECEIVED
    assert desk.kinds(receipt.case)[:2] == ["filed", "recipients decided"]
    assert set(desk.told(NoticeKind.NEW_CASE, receipt.case)) == set(desk.access(receipt.case).full)


def test_a_case_number_is_random_and_readable():
    numbers = {case_number() for _ in range(200)}

    assert len(numbers) == 200
    assert all(len(each) == 9 and each[4] == "-" and not set(each) & set("ILOU") for each in numbers)


def test_the_same_request_again_changes_nothing_and_gives_the_same_receipt(desk):
    first = desk.file("concern", PICTURE)
    before = desk.kinds(first.case)

    again = [desk.file("concern", PICTURE) for _ in range(10)]

    assert again == [first] * 10
    assert desk.kinds(first.case) == before


def test_the_same_id_with_other_content_adds_to_the_same_case(desk):
    first = desk.file("concern")

    second = desk.file("concern", PICTURE, place="In the dining hall.")

    assert second.case == first.case
    assert desk.body(first.case, EventKind.ADDED)["answers"] == {"place": "In the dining hall."}
    assert [each.name for each in second.evidence] == ["screen.png"]
    assert desk.told(NoticeKind.REPORTER_ADDED) == ["amy"]


def test_the_same_file_sent_again_is_kept_once(desk):
    desk.file("concern", PICTURE)

    receipt = desk.file("concern", PICTURE, place="In the dining hall.")

    assert len(receipt.evidence) == 1


def test_two_schools_may_use_the_same_request_id(desk):
    here = desk.file("concern")
    there = desk.file("concern", school="oakhill")

    assert here.case != there.case


def test_a_stranger_with_the_same_request_id_adds_nothing_and_reads_no_receipt(desk):
    first = desk.file("concern")

    with pytest.raises(FormError) as refused:
        desk.file("concern", reporter=Reporter("mal@elsewhere", "Mal"))

    assert list(refused.value.fields) == ["request_id"]
    assert first.case not in refused.value.user_message
    assert EventKind.ADDED.value not in desk.kinds(first.case)


def test_another_form_under_the_same_request_id_is_not_added_to_the_wrong_track(desk):
    first = desk.file("concern")

    with pytest.raises(FormError):
        desk.file("adult-concern")

    assert desk.access(first.case).full == ("amy",)


def test_an_unknown_school_is_refused_before_anything_is_stored(desk):
    with pytest.raises(UnknownSchool):
        desk.file("concern", school="nowhere")


def test_answers_that_cannot_be_filed_store_nothing(desk):
    with pytest.raises(FormError) as refused:
        desk.file("concern", what=None, kind="nonsense")

    assert set(refused.value.fields) == {"what", "kind"}
    assert desk.waiting() == []


def test_what_the_command_line_knows_of_the_typist_stands_in_the_record(desk):
    receipt = desk.file("concern", entered_by="OS user pat for Jo Mint, unconfirmed")

    assert desk.body(receipt.case, EventKind.FILED)["entered_by"] == "OS user pat for Jo Mint, unconfirmed"


def test_the_receipt_notice_carries_time_hashes_and_role_keys_and_no_name(desk):
    receipt = desk.file("concern", PICTURE)

    notice = desk.waiting(NoticeKind.RECEIPT)[0]

    detail = ReceiptDetail.read(notice.detail, desk.school)
    assert notice.to == "reporter:jo@fernhill"
    assert detail == ReceiptDetail(START, (receipt.evidence[0].sha256,), ("dsl",))
    assert not any(word in notice.detail for word in ("Amy", "Jo", "screen"))


@pytest.mark.parametrize("who", ["AMY", "amy", "Zed Unknown"])
def test_a_reporter_is_one_of_the_schools_people_or_as_written(desk, who):
    found = reporter(desk.school, who)

    assert (found.person, found.name) == (("amy", "Amy Ash") if who != "Zed Unknown" else ("", "Zed Unknown"))


# SAFETY 1 and 4: the gate


@pytest.mark.parametrize("gate", [Gate.UNASKED, *STOPPING])
@pytest.mark.parametrize("form", FORMS)
def test_safety_1_no_file_is_looked_at_unless_the_gate_was_answered_no(desk, form, gate):
    with pytest.raises(FormError) as refused:
        desk.file(form, PICTURE, gate=gate)

    assert list(refused.value.fields) == ["gate"]
    assert desk.decoder.looked == []
    assert not desk.intake.takes_files(desk.sent(form, gate=gate))


@pytest.mark.parametrize("gate", STOPPING)
def test_safety_1_a_stopped_report_opens_as_urgent_needs_no_answers_and_begins_with_stop(desk, gate):
    receipt = desk.file("concern", gate=gate, what=None, kind=None)

    assert receipt.urgent
    assert desk.head(receipt.case).urgent
    assert receipt.next_steps[0].words.startswith("Stop. Do not open")
    assert receipt.missing == ()


@pytest.mark.parametrize("gate", STOPPING)
def test_safety_1_once_stopped_a_later_no_lets_no_file_in(desk, gate):
    desk.file("concern", gate=gate)

    receipt = desk.file("concern", PICTURE, gate=Gate.NO)

    assert desk.decoder.looked == []
    assert receipt.evidence == ()
    assert [each.name for each in receipt.refused] == ["screen.png"]
    assert not desk.intake.takes_files(desk.sent("concern", gate=Gate.NO))


def test_safety_1_a_later_yes_makes_the_case_urgent_and_shows_the_stop_screen(desk):
    desk.file("concern")

    receipt = desk.file("concern", gate=Gate.YES)

    assert receipt.urgent
    assert receipt.next_steps[0].words.startswith("Stop.")


# Evidence


def test_safety_23_a_receipt_names_each_file_with_size_and_hash_and_says_what_a_hash_shows(desk):
    receipt = desk.file("concern", PICTURE)

    kept = receipt.evidence[0]
    assert (kept.name, kept.size, len(kept.sha256)) == ("screen.png", 9, 64)
    assert any("not that it is genuine" in step.words for step in receipt.next_steps)


def test_safety_20_a_file_that_cannot_be_kept_is_named_and_the_rest_is_stored(desk):
    receipt = desk.file("concern", BAD, PICTURE)

    assert [(each.name, each.reason) for each in receipt.refused] == [("page.html", "This is no picture.")]
    assert [each.name for each in receipt.evidence] == ["screen.png"]


def test_a_picture_that_was_refused_is_still_missed(desk):
    receipt = desk.file("concern", BAD)

    assert any("screenshot" in each for each in receipt.missing)


def test_safety_20_nothing_is_acknowledged_and_no_file_left_when_the_store_fails(desk, monkeypatch):
    put = type(desk.vault).put

    def fails_at_the_second_file(self, key, item, content):
        if "." in item:
            raise StoreFailed("disk full")
        return put(self, key, item, content)

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.vault), "put", fails_at_the_second_file)
        with pytest.raises(StoreFailed):
            desk.file("concern", PICTURE)

    assert [item for case in desk.vault.cases() for item in desk.vault.items(case)] == []
    assert desk.file("concern", PICTURE).evidence != ()


# SAFETY 12 to 16: who hears of it


def test_safety_12_everyone_who_will_hear_of_it_is_shown_before_sending(desk):
    ready = desk.intake.ready(desk.sent("concern"))

    shown = [(each.name, each.how) for each in desk.intake.hearers(ready)]

    assert shown[0] == ("Amy Ash", "receives")
    assert {name for name, _ in shown} == {"Amy Ash", "Ben Birch", "Cat Cole", "Dan Dale"}
    assert desk.waiting() == []


def test_safety_12_a_tick_removes_that_person_and_shows_the_new_recipients(desk):
    ready = desk.intake.ready(desk.sent("concern", concerned=("amy",)))

    assert [each.name for each in desk.intake.hearers(ready)] == ["Ben Birch", "Cat Cole", "Dan Dale"]


def test_safety_12_whoever_the_text_names_is_left_out_until_the_reporter_says_otherwise(desk):
    named = desk.sent("concern", what="Amy Ash was in the room.")

    asked = desk.intake.ready(named)
    cleared = desk.intake.ready(replace(named, not_about=("AMY",)))

    assert asked.named == {"amy"}
    assert "amy" not in asked.decision.access.full
    assert cleared.named == frozenset()
    assert cleared.decision.access.full == ("amy",)


@pytest.mark.parametrize("key", ["concerned", "not_about"])
def test_a_person_nobody_knows_is_refused_in_the_field_that_named_them(desk, key):
    with pytest.raises(FormError) as refused:
        desk.intake.ready(desk.sent("concern", **{key: ("zed",)}))

    assert list(refused.value.fields) == [key]


def test_safety_12_and_15_whoever_a_later_sending_names_is_kept_out_and_somebody_safe_is_told(desk):
    receipt = desk.file("concern")

    later = desk.file("concern", place="Amy Ash's office")

    access = desk.access(receipt.case)
    assert "amy" in access.excluded
    assert access.full == ("ben",)
    assert desk.told(NoticeKind.REPORTER_ADDED) == []
    assert [each.name for each in later.told] == ["Ben Birch"]


def test_safety_12_what_was_said_not_to_be_about_a_person_still_holds_in_a_later_sending(desk):
    receipt = desk.file("concern", what="Amy Ash knows.", not_about=("amy",))

    desk.file("concern", what="Amy Ash knows.", place="The hall.")

    assert desk.access(receipt.case).full == ("amy",)


def test_safety_13_a_pupil_who_turns_out_to_be_involved_brings_the_dsl_in_as_a_full_recipient(tmp_path):
    desk = FilingDesk(tmp_path, **with_routing(trolling={"to": ["head"], "clause": "6.2"}))
    receipt = desk.file("trolling", target=["me"], doer="parent")
    assert desk.access(receipt.case).full == ("cat",)

    later = desk.file("trolling", target=["me", "pupil"], doer="parent")

    assert desk.access(receipt.case).full == ("cat", "amy")
    assert desk.told(NoticeKind.NEW_CASE) == ["cat", "amy"]
    assert [each.name for each in later.told] == ["Cat Cole", "Amy Ash"]


def test_safety_13_the_case_keeps_the_clause_and_the_version_of_the_policy_that_decided(tmp_path):
    desk = FilingDesk(tmp_path, **with_routing(concern={"to": ["dsl"], "clause": "6.2"}))

    receipt = desk.file("concern")

    routed = desk.body(receipt.case, EventKind.ROUTED)
    assert routed["clause"] == "6.2"
    assert "Online Conduct, in force from 1 May 2025, SHA-256 of the clause ab12" in routed["policy_version"]
    assert "Clause 6.2" in receipt.clause


def test_safety_13_a_receipt_says_so_where_no_clause_decides(desk):
    assert "No clause" in desk.file("concern").clause


def test_a_report_waits_neither_for_a_policy_nor_locks_the_store_while_it_is_read(tmp_path):
    desk = FilingDesk(tmp_path, **with_routing(concern={"to": ["dsl"], "clause": "9.9"}))
    read = desk.rulings.ruling

    def ruling(school, clause):
        with desk.store.writing() as unit:
            unit.put_memo("somebody else", "writes meanwhile")
        return read(school, clause)

    desk.rulings.ruling = ruling

    receipt = desk.file("concern")

    assert "has it" in desk.body(receipt.case, EventKind.ROUTED)["policy_version"]


@pytest.mark.parametrize("error", [StaleIndex, UnknownSchool])
def test_safety_13_a_report_filed_before_the_index_is_ready_keeps_the_policys_title_and_dates(
    tmp_path, error
):
    policy = {"title": "Online Conduct", "file": "conduct.txt", "effective": date(2025, 5, 1)}
    dated = {**policy, "review_due": date(2027, 5, 1)}
    route = with_routing(concern={"to": ["dsl"], "clause": "6.2"})
    desk = FilingDesk(tmp_path, policy=[dated, {"title": "Staff Code", "file": "code.txt"}], **route)

    def ruling(school, clause):
        raise error("not loaded")

    desk.rulings.ruling = ruling

    receipt = desk.file("concern")

    assert desk.body(receipt.case, EventKind.ROUTED)["policy_version"] == (
        "Online Conduct, in force from 1 May 2025, review due 1 May 2027; Staff Code, date not given. "
        "The words of clause 6.2 were not read when this was filed: the index was not ready."
    )


def test_safety_14_a_concern_about_an_adult_goes_to_the_head_alone(desk):
    receipt = desk.file("adult-concern")

    assert desk.access(receipt.case).full == ("cat",)
    assert desk.head(receipt.case).about_adult


def test_safety_14_about_the_head_it_goes_to_the_chair_and_the_head_is_never_told(desk):
    receipt = desk.file("adult-concern", who="Cat Cole")

    access = desk.access(receipt.case)
    assert access.full == ("dan",)
    assert access.excluded == ("cat",)
    assert "cat" not in {each.to for each in desk.waiting()}


@pytest.mark.parametrize("who", ["Cat Coal", "C.C.", "Mrs Kole", "cole", "Kat"])
@pytest.mark.parametrize(("form", "said"), [("adult-concern", {}), ("trolling", {"doer": "works-here"})])
def test_safety_12_and_14_whom_a_misspelt_name_may_mean_is_never_told_and_asked_about(desk, form, said, who):
    sent = desk.sent(form, who=who, **said)

    ready = desk.intake.ready(sent)
    desk.intake.file(sent)

    assert ready.named == {"cat"}
    assert ready.decision.access.full == ("dan",)
    assert "cat" not in {each.to for each in desk.waiting()}
    cleared = desk.intake.ready(replace(sent, not_about=("cat",)))
    assert (cleared.named, cleared.decision.access.full) == (frozenset(), ("cat",))


def test_safety_14_a_misspelt_name_in_a_later_sending_keeps_that_person_out_too(desk):
    receipt = desk.file("adult-concern", who="not known")
    assert desk.access(receipt.case).full == ("cat",)

    desk.file("adult-concern", who="Mrs Kole")

    assert (desk.access(receipt.case).full, desk.access(receipt.case).excluded) == (("dan",), ("cat",))


def test_a_name_on_a_form_that_is_about_no_adult_here_is_not_compared_for_misspellings(desk):
    assert desk.intake.ready(desk.sent("trolling", who="C.C.", doer="parent")).named == frozenset()


@pytest.mark.parametrize(
    ("who", "said", "person"),
    [
        ("Cat Cole", {}, "cat"),
        ("Mrs Cole", {"concerned": ("cat",)}, "cat"),
        ("Mrs Cole", {}, ""),
        ("Cat Holt", {"concerned": ("cat",)}, ""),
        ("Cat Cole", {"not_about": ("cat",)}, ""),
    ],
)
def test_safety_26_a_listed_person_who_is_surely_meant_is_one_person_in_the_case(desk, who, said, person):
    receipt = desk.file("adult-concern", who=who, **said)

    parties = desk.body(receipt.case, EventKind.FILED)["parties"]
    assert [each["person"] for each in parties if each["role"] == "alleged"] == [person]


def test_safety_12_whom_an_earlier_sending_cleared_is_not_meant_by_a_later_one(desk):
    receipt = desk.file("adult-concern", who="Cat Cole", not_about=("cat",))

    desk.file("adult-concern", who="Cat Cole", time="10:41")

    assert desk.access(receipt.case).full == ("cat",)


def test_safety_14_the_chain_is_walked_by_person_where_the_head_is_the_dsl(tmp_path):
    desk = FilingDesk(tmp_path, **people(dsl=["cat"], head=["cat"]))

    receipt = desk.file("concern", concerned=("cat",))

    assert desk.access(receipt.case).full == ("ben",)


def test_safety_14_an_affected_child_gets_a_case_of_its_own_without_what_was_said_of_the_adult(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed")

    child = desk.body(receipt.case, EventKind.FILED)["child_case"]
    told = desk.body(child, EventKind.FILED)
    assert desk.access(child).full == ("amy",)
    assert told["answers"]["who"] == "Kit Reed"
    assert "Sam Vale" not in str([event.body for event in desk.events(child)])
    assert desk.kinds(receipt.case)[-1] == "linked"


@pytest.mark.parametrize(
    ("who", "roles", "asked"),
    [
        ("Sam Vale", {}, "the head"),
        ("Cat Cole", {}, "the chair of governors"),
        ("Cat Cole", {"head": ["cat", "ben"], "chair": ["cat"]}, "the local authority designated"),
    ],
)
def test_safety_14_nobody_is_told_to_ask_whom_the_adults_case_is_about(tmp_path, who, roles, asked):
    desk = FilingDesk(tmp_path, **people(**roles))
    receipt = desk.file("adult-concern", who=who, child="yes", child_name="Kit Reed")

    child = desk.body(receipt.case, EventKind.FILED)["child_case"]

    said = desk.body(child, EventKind.FILED)["answers"]["what"]
    assert f"ask {asked}" in said
    assert said.count("head") == (asked == "the head")


def test_safety_14_a_child_named_in_a_later_sending_gets_one_case_of_its_own_too(desk):
    receipt = desk.file("adult-concern")

    desk.file("adult-concern", child="yes", child_name="Kit Reed")
    desk.file("adult-concern", child="yes", child_name="Kit Reed", time="10:41")

    children = [
        event.body["child_case"] for event in desk.events(receipt.case) if event.body.get("child_case")
    ]
    assert len(children) == 1
    assert desk.access(children[0]).full == ("amy",)


def test_safety_12_and_14_whom_a_later_sending_names_is_kept_out_of_the_childs_case_too(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed")
    child = desk.body(receipt.case, EventKind.FILED)["child_case"]

    desk.file("adult-concern", child="yes", child_name="Kit Reed", what="The head and Amy Ash did it.")

    access = desk.access(child)
    assert (access.full, access.excluded) == (("ben",), ("amy", "cat"))
    assert "cat" not in access.chain
    assert "ask the chair" in desk.body(child, EventKind.ADDED)["answers"]["what"]
    assert "ben" in desk.told(NoticeKind.NEW_CASE, child)
    assert desk.told(NoticeKind.REPORTER_ADDED, child) == []


def test_a_later_sending_that_keeps_nobody_out_leaves_the_childs_case_as_it_is(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed")
    child = desk.body(receipt.case, EventKind.FILED)["child_case"]
    before = desk.kinds(child)

    desk.file("adult-concern", child="yes", child_name="Kit Reed", time="10:41")

    assert desk.kinds(child) == before


def test_safety_14_who_holds_the_childs_case_hears_whom_to_ask_once_it_is_the_head(desk):
    receipt = desk.file("adult-concern", child="yes", child_name="Kit Reed")
    child = desk.body(receipt.case, EventKind.FILED)["child_case"]

    desk.file("adult-concern", child="yes", child_name="Kit Reed", who="Mrs Coal")

    assert desk.access(child).full == ("amy",)
    assert desk.access(child).excluded == ("cat",)
    assert desk.told(NoticeKind.REPORTER_ADDED, child) == ["amy"]


def test_safety_12_14_and_31_with_nobody_left_in_school_the_receipt_shows_outside_numbers(desk):
    receipt = desk.file("concern", concerned=("amy", "ben", "cat", "dan"))

    numbers = {each.telephone for step in receipt.next_steps for each in step.contacts}
    assert receipt.told == ()
    assert {"01632 960305", "01632 960307"} <= numbers
    assert not numbers & {"01632 960301", "01632 960302", "01632 960303", "01632 960304"}


def test_safety_16_a_report_about_oneself_keeps_the_reporter_out_of_the_case(desk):
    own = reporter(desk.school, "amy")

    receipt = desk.file("friend-request", what="accepted-by-mistake", reporter=own)

    assert desk.head(receipt.case).own_slip
    assert "amy" in desk.access(receipt.case).excluded
    assert "Telling us is the right thing" in receipt.clause


def test_safety_18_every_case_that_is_filed_has_a_clock(desk):
    assert desk.head(desk.file("concern").case).clock_at is not None


def test_safety_26_the_people_of_a_case_have_their_roles_in_it(desk):
    receipt = desk.file("adult-concern")

    parties = desk.body(receipt.case, EventKind.FILED)["parties"]
    assert [(each["name"], each["role"]) for each in parties] == [
        ("Sam Vale", "alleged"),
        ("Jo Mint", "reporter"),
    ]
