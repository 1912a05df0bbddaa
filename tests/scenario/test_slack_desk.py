"""Holders in Slack, through the real app: the list, opening a case, and every refusal of that."""

import pytest

from bot.casework.room import Member
from bot.domain.audit import AuditKind
from bot.domain.cases import Status
from bot.errors import StoreBusy, UnknownCase
from bot.slack import case_views, desk, ids
from tests.fakes import a_school
from tests.slack_desk import PERSONS, SlackDesk, another_school
from tests.slack_holder import QUILL, Holder, audit, error, keep_out, text

AMY = Member("fernhill", "amy")


@pytest.fixture
def at(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def amy(at):
    return Holder(at)


def listed(drawn):
    return [block["accessory"]["value"].split()[1] for block in drawn if block.get("accessory")]


# The list


def test_cases_lists_what_is_open_for_whoever_asks_unopened_first(at, amy):
    first, second = at.file(request="r-1").case, at.file(request="r-2").case
    amy.open(first)

    at.bench.command("/cases", user="U0AMY")

    (said,) = at.slack.sent("respond")
    assert listed(said["blocks"]) == [second, first]
    assert said["response_type"] == "ephemeral"


def test_safety_25_the_list_names_nobody_and_no_kind(at):
    at.file("concern", what=QUILL)

    at.bench.command("/cases", user="U0AMY")

    said = text(at.slack.sent("respond"))
    assert QUILL not in said
    assert "concern" not in said.lower()
    assert "Jo" not in said


def test_safety_15_the_list_has_no_case_that_somebody_is_kept_out_of(at):
    case = at.file().case
    keep_out(at, case, "amy")

    at.bench.command("/cases", user="U0AMY")

    assert case not in text(at.slack.sent("respond"))


@pytest.mark.parametrize("user", ["U0JO", "U0FAR", "U0ROBOT", "U0DAN"])
def test_whoever_has_no_case_is_told_so_and_what_to_do_in_danger(at, user):
    at.file()

    at.bench.command("/cases", user=user)

    (said,) = at.slack.sent("respond")
    assert "No case is open for you." in text(said)
    assert "ring 999 now" in text(said)


def test_a_long_list_is_counted_and_cut(at):
    for number in range(23):
        at.file(request=f"r-{number}")

    at.bench.command("/cases", user="U0AMY")

    (said,) = at.slack.sent("respond")
    assert len(listed(said["blocks"])) == 20
    assert "23 cases are open; these are the first 20. The rest is at the desk." in text(said)


def test_the_list_from_a_button_leaves_its_message_and_on_a_page_comes_as_a_message(at):
    case = at.file().case

    at.bench.press(ids.LIST_CASES, user="U0AMY")
    at.bench.press(ids.LIST_CASES, user="U0AMY", view={"type": "home", "id": "V9", "blocks": []})

    (responded,), (posted,) = at.slack.sent("respond"), at.slack.sent("chat.postMessage")
    assert responded["replace_original"] is False
    assert posted["channel"] == "U0AMY"
    assert listed(responded["blocks"]) == listed(posted["blocks"]) == [case]


# Opening


def test_safety_22_an_unassigned_case_is_opened_with_a_reason_which_is_kept(at, amy):
    case = at.file("concern", what=QUILL).case

    asked = amy.press(case)
    opened = amy.explain(asked, "0")

    assert asked["callback_id"] == case_views.REASON_MODAL
    assert opened["response_action"] == "update"
    assert QUILL in text(opened["view"])
    assert audit(at, AuditKind.VIEWED) == [("amy", case, "working on the case")]
    assert at.head(case).status is Status.OPENED


@pytest.mark.parametrize(
    ("reason", "own", "kept"),
    [("", "my own", "my own"), ("2", "she is ill", "taking the case over: she is ill")],
)
def test_a_reason_may_be_given_in_ones_own_words(at, amy, reason, own, kept):
    case = at.file().case

    amy.explain(amy.press(case), reason, own)

    assert audit(at, AuditKind.VIEWED) == [("amy", case, kept)]


@pytest.mark.parametrize("reason", ["", "99", "forged"])
def test_no_reason_is_said_at_the_field_and_opens_nothing(at, amy, reason):
    case = at.file().case

    answer = amy.explain(amy.press(case), reason)

    assert error(answer) == ("reason", desk.NO_REASON)
    assert at.head(case).status is Status.RECEIVED


def test_an_assigned_case_opens_at_once(at, amy):
    case = at.file().case
    at.parts.casework.assign(AMY, case, "amy", amy_saw(amy, case))

    view = amy.press(case)

    assert view["callback_id"] == case_views.CASE_MODAL
    assert view["title"]["text"] == f"Case {case}"


def amy_saw(amy, case):
    return int(amy.open(case)["private_metadata"].split()[-1])


def test_safety_18_a_trigger_that_has_run_out_opens_nothing_and_stops_no_clock(at, amy):
    case = at.file().case
    at.slack.answers["views.open"] = "expired_trigger_id"

    assert amy.press(case) is None

    (said,) = at.slack.sent("chat.postMessage")
    assert said["channel"] == "U0AMY"
    assert f"fernhill {case}" in text(said["blocks"])
    assert at.head(case).status is Status.RECEIVED


@pytest.mark.parametrize("user", ["U0BEN", "U0JO", "U0GUEST", "U0FAR", "U0ROBOT"])
def test_safety_15_a_case_that_is_not_theirs_looks_like_one_that_is_not_there(at, user):
    case = at.file("adult-concern").case
    somebody = Holder(at, user)

    assert somebody.press(case) == somebody.press("ZZZZ-ZZZZ")
    assert "There is no case of that number" in text(somebody.press(case))


@pytest.mark.parametrize(("user", "actor"), [("U0AMY", "amy"), ("U0JO", "T0FERN/U0JO")])
def test_safety_21_a_refused_opening_is_in_the_audit_log(at, user, actor):
    case = at.file("adult-concern").case

    Holder(at, user).press(case)

    assert audit(at, AuditKind.REFUSED) == [(actor, case, "open")]


@pytest.mark.parametrize("value", ["", "fernhill", "oakhill X", " ", "nowhere K7Q2-9XYZ", "f " + "x" * 1990])
def test_a_forged_value_opens_nothing(at, value):
    at.file()

    at.bench.press(ids.OPEN_CASE, value, "U0AMY")

    (drawn,) = at.slack.sent("views.update")
    assert "There is no case of that number" in text(drawn)


def test_another_schools_number_looks_like_none_at_all(tmp_path):
    oakhill = another_school("oakhill", person=[{**each, "slack": f"{each['slack']}2"} for each in PERSONS])
    at = SlackDesk(tmp_path, {"fernhill": a_school(person=PERSONS, sample=True), "oakhill": oakhill})
    elsewhere, own = at.file(school="oakhill").case, at.file(request="r-2").case
    amy = Holder(at)

    assert amy.press(elsewhere) == amy.press("ZZZZ-ZZZZ")
    assert amy.press(own, school="oakhill") == amy.press("ZZZZ-ZZZZ")
    assert amy.press(elsewhere, school="oakhill") == amy.press("ZZZZ-ZZZZ")


def test_an_adult_case_asks_the_head_for_a_reason_each_time(at):
    case = at.file("adult-concern").case
    cat = Holder(at, "U0CAT")
    cat.open(case)

    assert cat.press(case)["callback_id"] == case_views.REASON_MODAL


def test_while_the_store_is_busy_the_modal_says_so(at, amy, monkeypatch):
    case = at.file().case
    monkeypatch.setattr(type(at.parts.casework), "open_case", busy)

    view = amy.press(case)

    assert StoreBusy.user_message in text(view)


def test_a_reason_given_while_the_store_is_busy_is_not_lost(at, amy, monkeypatch):
    view = amy.press(at.file().case)
    monkeypatch.setattr(type(at.parts.casework), "open_case", busy)

    assert error(amy.explain(view)) == ("reason", StoreBusy.user_message)


def test_safety_15_whoever_was_recognised_more_than_an_hour_ago_is_looked_up_before_a_reason_opens_it(
    at, amy, monkeypatch
):
    case = at.file().case
    view = amy.press(case)
    members = at.parts.who.members
    at.slack.answers["users.info"] = {
        "user": {"id": "U0AMY", "team_id": "T0FERN", "deleted": True, "profile": {}}
    }
    later = members._now() + 3700
    monkeypatch.setattr(members, "_now", lambda: later)

    said = amy.explain(view)

    assert UnknownCase.user_message in text(said)
    assert at.head(case).status is Status.RECEIVED


def busy(*_, **__):
    raise StoreBusy("busy")


def test_from_within_a_modal_the_case_is_laid_over_it(at, amy):
    case = at.file().case

    amy.press(case, view={"type": "modal", "id": "V7", "blocks": []})

    assert len(at.slack.sent("views.push")) == 1
    assert at.slack.sent("views.open") == []


def test_the_link_to_the_desk_is_acknowledged(at):
    assert at.bench.press(case_views.AT_DESK, user="U0AMY").status == 200
