import pytest

from bot.domain.audit import AuditKind
from bot.domain.notice_details import read_openings
from bot.domain.notices import NoticeKind
from bot.errors import NotAllowed
from tests.delivery_desk import Desk
from tests.fakes import a_school


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_safety_21_a_checkpoint_leaves_once_a_day_for_the_head_and_the_chair(desk):
    with desk.store.reading() as unit:
        end = unit.checkpoint()

    for _ in range(3):
        desk.after(hours=1)

    found = [each for each in desk.chat.sent if each.kind is NoticeKind.CHECKPOINT]
    assert [each.to for each in found] == ["cat", "dan"]
    assert {each.detail for each in found} == {f"{end.seq} {end.mac}"}
    assert len(desk.audit(AuditKind.CHECKPOINT)) == 1

    desk.after(days=1)
    assert len([each for each in desk.chat.sent if each.kind is NoticeKind.CHECKPOINT]) == 4


def test_the_checkpoint_is_one_that_the_store_verifies(desk):
    desk.case()
    with desk.store.reading() as unit:
        end = unit.checkpoint()
    desk.after(days=1)

    assert list(desk.store.verify(end)) == []


def opened(desk, person, case="CASE-1", why="working on the case"):
    with desk.store.writing() as unit:
        unit.record(AuditKind.VIEWED, person, "fernhill", case, why)


def monthly(desk):
    desk.delivery.run_once()
    desk.chat.sent.clear()
    desk.after(days=31)
    found = [each for each in desk.chat.sent if each.kind is NoticeKind.MONTHLY]
    return {
        each.to: [(o.person, o.case, o.why) for o in read_openings(each.detail, desk.school)]
        for each in found
    }


def test_safety_22_the_head_gets_who_opened_what_and_why_each_month(desk):
    desk.case(clock_at=None)
    desk.delivery.run_once()
    opened(desk, "amy")
    opened(desk, "amy")
    opened(desk, "reporter", why="status")

    assert monthly(desk) == {"cat": [("amy", "CASE-1", "working on the case")]}


def test_the_monthly_notice_comes_once(desk):
    monthly(desk)
    desk.chat.sent.clear()

    desk.after(days=1)

    assert [each for each in desk.chat.sent if each.kind is NoticeKind.MONTHLY] == []


def test_a_head_hears_that_nothing_was_opened(desk):
    assert monthly(desk) == {"cat": []}


@pytest.mark.parametrize(("governor", "told"), [(["eve"], "eve"), (None, "dan")])
def test_safety_22_what_the_head_opened_goes_to_the_safeguarding_governor_or_else_the_chair(
    tmp_path, governor, told
):
    people = {"dsl": ["amy"], "head": ["cat"], "chair": ["dan"]}
    people |= {"safeguarding_governor": governor} if governor else {}
    listed = [{"id": each, "name": each.title()} for each in ("amy", "cat", "dan", "eve")]
    desk = Desk(tmp_path, a_school(people=people, person=listed))
    desk.case(clock_at=None)
    opened(desk, "cat")

    assert monthly(desk) == {"cat": [], told: [("cat", "CASE-1", "working on the case")]}


def test_safety_15_the_monthly_notice_never_shows_the_head_a_case_that_is_kept_from_the_head(desk):
    desk.case(clock_at=None, excluded=("cat",), full=("dan",), chain=())
    opened(desk, "amy")

    assert monthly(desk) == {"cat": [], "dan": [("amy", "CASE-1", "working on the case")]}


def test_the_first_roster_is_recorded_and_told_to_nobody(desk):
    desk.delivery.note_people("fernhill")

    assert len(desk.audit(AuditKind.PEOPLE_CHANGED)) == 1
    assert desk.waiting() == []


def test_the_same_roster_again_is_no_change(desk):
    desk.delivery.note_people("fernhill")

    assert desk.delivery.note_people("fernhill") == ()
    assert len(desk.audit(AuditKind.PEOPLE_CHANGED)) == 1


def test_safety_21_a_new_dsl_is_told_to_the_old_one_the_new_one_and_the_head(desk):
    desk.delivery.note_people("fernhill")
    desk.school = a_school(people={"dsl": ["ben"], "head": ["cat"], "chair": ["dan"]})

    codes = desk.delivery.note_people("fernhill")
    desk.delivery.run_once()

    assert codes == ("role:deputy_dsl", "role:dsl")
    assert {to for to, kind in desk.told() if kind is NoticeKind.PEOPLE_CHANGED} == {"amy", "ben", "cat"}


def test_safety_21_a_holder_who_left_is_told_at_the_address_they_had(desk):
    people = [
        {"id": each, "name": each.title(), "email": f"{each}@example.org"}
        for each in ("amy", "ben", "cat", "dan")
    ]
    desk.school = a_school(person=people)
    desk.delivery.note_people("fernhill")
    desk.school = a_school(
        person=people[1:], people={"dsl": ["ben"], "deputy_dsl": ["ben"], "head": ["cat"], "chair": ["dan"]}
    )

    desk.delivery.note_people("fernhill")
    desk.delivery.run_once()

    told = [person.email for person in desk.chat.people.values() if person]
    assert {"amy@example.org", "ben@example.org", "cat@example.org"} <= set(told)


def test_safety_21_a_changed_address_is_told_at_the_old_and_the_new_one(desk):
    people = [
        {"id": each, "name": each.title(), "email": f"{each}@example.org"}
        for each in ("amy", "ben", "cat", "dan")
    ]
    desk.school = a_school(person=people)
    desk.delivery.note_people("fernhill")
    desk.school = a_school(person=[{**people[0], "email": "thief@example.com"}, *people[1:]])

    codes = desk.delivery.note_people("fernhill")
    desk.delivery.run_once()

    changed = {each.key: each for each in desk.chat.sent if each.kind is NoticeKind.PEOPLE_CHANGED}
    assert codes == ("address:dsl",)
    assert {desk.chat.people[key].email for key in changed} == {
        "amy@example.org",
        "thief@example.com",
        "cat@example.org",
    }


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"routing": {"concern": {"to": ["deputy_dsl"]}}}, "routing:concern", {"ben", "cat"}),
        ({"cover": {"weekend": "chair"}}, "cover:weekend", {"cat", "dan"}),
        ({"contacts": {"dsl": "01632 960399"}}, "contact:dsl", {"amy", "cat"}),
    ],
)
def test_safety_21_changes_of_routing_cover_and_contacts_are_told(tmp_path, changes, code, told):
    desk = Desk(tmp_path, a_school(contacts={"dsl": "01632 960301"}))
    desk.delivery.note_people("fernhill")
    desk.school = a_school(**{"contacts": {"dsl": "01632 960301"}, **changes})

    codes = desk.delivery.note_people("fernhill")
    desk.delivery.run_once()

    assert codes == (code,)
    assert {to for to, kind in desk.told() if kind is NoticeKind.PEOPLE_CHANGED} == told


def test_a_change_that_is_undone_and_made_again_is_told_each_time(desk):
    schools = (desk.school, a_school(contacts={"dsl": "01632 960399"}))
    desk.delivery.note_people("fernhill")

    for at in (1, 0, 1):
        desk.school = schools[at]
        desk.clock.pass_by(minutes=1)
        desk.delivery.note_people("fernhill")

    assert len([each for each in desk.waiting() if each.to == "cat"]) == 3


def test_the_drill_sends_each_holder_one_test_and_shows_who_has_not_opened_it(desk):
    told = desk.delivery.drill("fernhill")
    desk.delivery.run_once()
    codes = {each.to: each.detail for each in desk.chat.sent if each.kind is NoticeKind.DRILL}

    by_code = desk.delivery.drill_entered("fernhill", f" {codes['ben'].lower()} ")
    desk.delivery.drill_opened("fernhill", "cat")

    report = desk.delivery.drill_report("fernhill")
    assert (sorted(told), sorted(codes)) == (["amy", "ben", "cat", "dan"], ["amy", "ben", "cat", "dan"])
    assert by_code == "ben"
    assert (report.opened, report.not_opened) == (("ben", "cat"), ("amy", "dan"))


def test_a_drill_that_was_never_held_has_no_report(desk):
    assert desk.delivery.drill_report("fernhill").at is None


def test_a_wrong_code_opens_nothing(desk):
    desk.delivery.drill("fernhill")

    with pytest.raises(NotAllowed):
        desk.delivery.drill_entered("fernhill", "WRONG1")
    with pytest.raises(NotAllowed):
        desk.delivery.drill_opened("fernhill", "zed")

    assert desk.delivery.drill_report("fernhill").opened == ()
