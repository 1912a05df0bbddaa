"""The App Home through the real app: numbers, forms, own reports, and for holders their open cases."""

import json
from dataclasses import replace

import pytest

from bot.casework.room import Member
from bot.domain.cases import EventKind
from bot.domain.reports import Reporter
from bot.errors import LocksDamaged, SealBroken, StoreBusy, StoreFailed
from bot.slack import home, ids
from tests.slack_desk import PERSONS, SLACK, SlackDesk, another_school
from tests.slack_kit import tapped

QUILL = "Zebedee Quillfeather"
JO = Reporter("jo.mint@fernhill.example.org", "Jo Mint")


@pytest.fixture
def at(tmp_path):
    return SlackDesk(tmp_path)


def two_schools(tmp_path, **people):
    """Two schools in one workspace; nobody is listed at either unless *people* says so."""
    plain = {"person": [{**each, "slack": f"{each['slack']}X", "email": ""} for each in PERSONS]}
    schools = {
        each: another_school(each, name=f"{each.title()} School", slack=SLACK, **(people or plain))
        for each in ("fernhill", "oakhill")
    }
    return SlackDesk(tmp_path, schools)


def page(desk, user="U0JO", **event):
    """What the page of *user* shows once they have opened it, or None when it was not drawn."""
    desk.slack.calls.clear()
    opened = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
    assert desk.bench.event({**opened, **event}).status == 200
    return drawn(desk)


def drawn(desk):
    views = desk.slack.sent("views.publish")
    return views[-1]["view"]["blocks"] if views else None


def buttons(blocks, action):
    found = [block["accessory"] for block in blocks if block.get("accessory")]
    found += [each for block in blocks if block["type"] == "actions" for each in block["elements"]]
    return [each.get("value") for each in found if each["action_id"] == action]


def text(blocks):
    return json.dumps(blocks, ensure_ascii=False)


def test_staff_see_the_four_forms_with_a_line_each(at):
    shown = page(at)

    forms = ("friend-request", "trolling", "adult-concern", "concern")
    assert buttons(shown, ids.OPEN_FORM) == [f"{form} fernhill" for form in forms]
    assert "Cyberbullying, trolling, a false account" in text(shown)


def test_safety_6_and_7_999_and_every_number_of_the_school_stand_first_and_can_be_tapped(at):
    shown = page(at)

    assert shown[0]["text"]["text"] == "Fernhill School"
    assert tapped(shown[1]) == ["tel:999", *(f"tel:0163296030{at}" for at in range(1, 8))]


def test_staff_see_how_far_their_own_reports_are_and_no_case(at):
    case = at.file("concern", reporter=JO, what=QUILL).case

    shown = page(at)

    assert case in text(shown)
    assert "My reports" in text(shown)
    assert buttons(shown, ids.OPEN_CASE) == []
    assert QUILL not in text(shown)


def test_staff_without_reports_see_no_empty_list(at):
    at.file("concern", reporter=replace(JO, handle="somebody@else"))

    assert "My reports" not in text(page(at))


def test_holders_see_their_open_cases_unopened_first_then_by_age(at):
    first = at.file(request="r-1").case
    at.clock.pass_by(hours=3)
    second = at.file(request="r-2").case
    at.clock.pass_by(hours=2)
    third = at.file(request="r-3").case
    at.parts.casework.open_case(Member("fernhill", "amy"), first, "covering for a colleague")

    shown = page(at, "U0AMY")

    assert buttons(shown, ids.OPEN_CASE) == [f"fernhill {each}" for each in (second, third, first)]
    assert f"{second}  2 hours old, nobody has opened it yet" in text(shown)
    assert f"{first}  5 hours old, opened" in text(shown)


def test_safety_25_the_page_of_a_holder_has_nothing_of_what_a_case_is_about(at):
    at.file("concern", what=QUILL)

    shown = text(page(at, "U0AMY"))

    assert QUILL not in shown
    assert "Jo Mint" not in shown


def test_safety_15_nobody_sees_a_case_that_they_are_kept_out_of(at):
    case = at.file("concern", concerned=("amy",)).case

    assert case not in text(page(at, "U0AMY"))
    assert case in text(page(at, "U0BEN"))


def test_a_holder_without_cases_is_told_so(at):
    assert home.NO_CASES in text(page(at, "U0AMY"))
    assert home.NO_CASES not in text(page(at, "U0JO"))


def test_a_long_list_is_counted_and_the_page_keeps_within_its_blocks(at):
    for number in range(22):
        at.file(request=f"r-{number}")

    shown = page(at, "U0AMY")

    assert len(buttons(shown, ids.OPEN_CASE)) == 20
    assert "22 cases are open" in text(shown)


def test_a_head_of_two_schools_sees_the_cases_of_both(tmp_path):
    desk = two_schools(tmp_path, person=PERSONS)
    there = desk.file(request="r-1", school="oakhill").case
    desk.clock.pass_by(minutes=1)
    here = desk.file(request="r-2").case

    shown = page(desk, "U0AMY")

    assert buttons(shown, ids.OPEN_CASE) == [f"oakhill {there}", f"fernhill {here}"]


def test_whose_school_is_unclear_is_asked_once_and_then_sees_its_page(tmp_path):
    desk = two_schools(tmp_path)

    asked = page(desk)
    desk.bench.press(home.CHOOSE, "oakhill", view={"type": "home", "id": "V1", "blocks": asked})
    chosen = drawn(desk)

    assert buttons(asked, home.CHOOSE) == ["fernhill", "oakhill"]
    assert "tel:999" in text(asked)
    assert chosen[0]["text"]["text"] == "Oakhill School"
    assert page(desk)[0]["text"]["text"] == "Oakhill School"


@pytest.mark.parametrize("school", ["nowhere", "", "oakhill\nform"])
def test_a_school_that_is_not_possible_cannot_be_chosen(tmp_path, school):
    desk = two_schools(tmp_path)
    asked = page(desk)
    desk.slack.calls.clear()

    desk.bench.press(home.CHOOSE, school, view={"type": "home", "id": "V1", "blocks": asked})

    assert buttons(drawn(desk), home.CHOOSE) == ["fernhill", "oakhill"]


@pytest.mark.parametrize("user", ["U0FAR", "U0ROBOT"])
def test_safety_31_a_stranger_gets_the_numbers_and_why_and_no_form(at, user):
    at.file()

    shown = page(at, user)

    assert "tel:999" in text(shown)
    assert shown[0]["type"] == "section"
    assert buttons(shown, ids.OPEN_FORM) == []
    assert buttons(shown, ids.OPEN_CASE) == []


def test_safety_31_a_guest_of_the_school_gets_the_forms(at):
    assert len(buttons(page(at, "U0GUEST"), ids.OPEN_FORM)) == 4


def test_the_tab_with_messages_draws_nothing(at):
    assert page(at, tab="messages") is None


def test_while_the_store_is_busy_numbers_and_forms_stand_all_the_same(at, monkeypatch):
    def busy(*_, **__):
        raise StoreBusy("busy")

    monkeypatch.setattr(type(at.parts.casework), "list_cases", busy)
    monkeypatch.setattr(type(at.parts.casework), "reports_at", busy)

    shown = page(at, "U0AMY")

    assert "tel:999" in text(shown)
    assert len(buttons(shown, ids.OPEN_FORM)) == 4
    assert text(shown).count(home.NOT_NOW) == 2


def test_looking_at_the_page_opens_no_case(at):
    case = at.file().case

    page(at, "U0AMY")

    assert EventKind.OPENED.value not in at.kinds(case)


@pytest.mark.parametrize("damage", [LocksDamaged, SealBroken, StoreBusy])
@pytest.mark.parametrize("part", ["list_cases", "reports_at"])
def test_safety_31_one_damaged_thing_leaves_the_numbers_the_forms_and_the_rest_of_the_page(
    at, monkeypatch, part, damage
):
    case = at.file("concern", reporter=replace(JO, handle="amy@fernhill.example.org")).case
    monkeypatch.setattr(type(at.parts.casework), part, raising(damage))

    shown = page(at, "U0AMY")

    assert "tel:999" in text(shown)
    assert len(buttons(shown, ids.OPEN_FORM)) == 4
    assert text(shown).count(home.NOT_NOW) == 1
    assert case in text(shown)


@pytest.mark.parametrize("damage", [LocksDamaged, SealBroken])
def test_safety_1_and_4_a_report_of_which_nobody_can_tell_is_shown_as_stopped(at, monkeypatch, damage):
    bad = at.file("concern", reporter=JO, request="r-1").case
    good = at.file("concern", reporter=JO, request="r-2").case
    takes = type(at.attaching).takes_more

    def takes_more(self, school, handle, case):
        if case == bad:
            raise damage("here")
        return takes(self, school, handle, case)

    monkeypatch.setattr(type(at.attaching), "takes_more", takes_more)
    shown = page(at)
    at.bench.command("/my-reports")
    listed = at.slack.sent("views.open")[-1]["view"]["blocks"]

    for drawn_ in (shown, listed):
        assert buttons(drawn_, ids.MORE_EVIDENCE) == [f"fernhill {good}"]
        assert f"{bad}, Worry about a child" in text(drawn_)
        assert "tel:999" in text(drawn_)
    assert len(buttons(shown, ids.OPEN_FORM)) == 4


@pytest.mark.parametrize("damage", [StoreFailed, StoreBusy, SealBroken])
def test_safety_31_whose_school_cannot_be_looked_up_gets_the_numbers_and_the_forms(at, monkeypatch, damage):
    monkeypatch.setattr(type(at.parts.recognising), "known", raising(damage))

    shown = page(at)

    assert "tel:999" in text(shown)
    assert home.NOT_NOW in text(shown)
    assert len(buttons(shown, ids.OPEN_FORM)) == 4


def raising(error):
    def fails(*_, **__):
        raise error("here")

    return fails
