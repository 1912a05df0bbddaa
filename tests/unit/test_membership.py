import pytest

from bot.domain import membership
from bot.domain.membership import Sighting
from bot.domain.reports import Reporter
from bot.errors import Stranger, WhichSchool
from bot.intake import reporter
from tests.fakes import PLAIN_SCHOOL, a_school

TEAM = "T0TRUST"


def a_sighting(user="U0JO", **said):
    return Sighting(**{"team": TEAM, "user": user, "name": "Jo Mint", "email": "Jo.Mint@Example.org", **said})


def school(name, *, amy=(), slack=None, **changes):
    """A school whose DSL, Amy, has the fields *amy*."""
    people = [{**each, **(dict(amy) if each["id"] == "amy" else {})} for each in PLAIN_SCHOOL["person"]]
    return a_school(name, name=name.title(), person=people, slack=slack or {}, **changes)


ASH, BAY = school("ash"), school("bay")


def place(schools, sighting, chosen=""):
    return membership.place(schools, sighting, chosen).id


def test_a_listed_person_is_told_by_their_slack_id():
    schools = [school("ash", amy={"slack": "U0AMY"}), BAY]

    assert place(schools, a_sighting("U0AMY")) == "ash"


def test_a_listed_person_is_told_by_a_confirmed_email_in_any_case():
    schools = [ASH, school("bay", amy={"email": "amy@example.org"})]

    found = membership.place(schools, a_sighting("U0NEW", email="Amy@Example.org"))

    assert membership.known_at(found, a_sighting("U0NEW", email="Amy@Example.org")).reporter.person == "amy"
    assert found.id == "bay"


def test_an_email_never_makes_somebody_a_person_whose_slack_id_is_another_one():
    there = school("ash", amy={"slack": "U0AMY", "email": "amy@example.org"})

    known = membership.known_at(there, a_sighting("U0OTHER", email="amy@example.org"))

    assert known.reporter == Reporter("U0OTHER", "Jo Mint", "")


def test_the_id_counts_before_the_email_where_they_are_two_persons():
    people = [
        {**each, **more}
        for each, more in zip(
            PLAIN_SCHOOL["person"], ({"slack": "U0AMY"}, {"email": "ben@example.org"}, {}, {}), strict=True
        )
    ]

    known = membership.known_at(a_school(person=people), a_sighting("U0AMY", email="ben@example.org"))

    assert known.reporter.person == "amy"


@pytest.mark.parametrize(
    "amy",
    [
        {"slack": "U0AMY", "email": "Amy@Example.org"},
        {"slack": "U0AMY"},
        {"slack": "U0AMY", "name": ""},
    ],
)
def test_a_listed_person_is_named_as_intake_names_them(amy):
    there = school("ash", amy=amy)

    known = membership.known_at(there, a_sighting("U0AMY", name=""))

    expected = reporter(there, "U0AMY")
    assert (known.reporter.handle, known.reporter.person) == (expected.handle, expected.person)
    assert known.reporter.name == (amy.get("name", "Amy Ash") or "U0AMY")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, Reporter("jo.mint@example.org", "Jo Mint")),
        ({"email": ""}, Reporter("U0JO", "Jo Mint")),
        ({"email": "", "name": ""}, Reporter("U0JO", "U0JO")),
    ],
)
def test_everybody_else_is_known_by_email_else_by_id(said, expected):
    assert membership.known_at(ASH, a_sighting(**said)).reporter == expected


def test_a_user_group_of_one_school_decides():
    schools = [
        school("ash", slack={"user_groups": ["S1", "S2"]}),
        school("bay", slack={"user_groups": ["S2"]}),
    ]

    assert place(schools, a_sighting(groups=frozenset({"S1"}))) == "ash"
    with pytest.raises(WhichSchool):
        place(schools, a_sighting(groups=frozenset({"S2"})))


@pytest.mark.parametrize("slack", [{"channels": {"C1": "site"}}, {"dsl_channel": "C1"}])
def test_a_channel_of_one_school_decides(slack):
    assert place([ASH, school("bay", slack=slack)], a_sighting(channel="C1")) == "bay"


def test_a_group_counts_before_a_channel():
    schools = [
        school("ash", slack={"user_groups": ["S1"]}),
        school("bay", slack={"channels": {"C1": "site"}}),
    ]

    assert place(schools, a_sighting(channel="C1", groups=frozenset({"S1"}))) == "ash"


def test_no_channel_is_not_the_channel_of_a_school_without_one():
    with pytest.raises(WhichSchool):
        place([ASH, school("bay", slack={"dsl_channel": "C1"})], a_sighting(channel=""))


@pytest.mark.parametrize(
    "schools",
    [[ASH], [school("ash", slack={"team": TEAM}), school("bay", slack={"team": "T0OTHER"})]],
)
def test_the_only_school_of_the_workspace_is_everybodys(schools):
    assert place(schools, a_sighting()) == "ash"


def test_a_school_that_names_no_workspace_may_be_in_any_so_it_is_asked():
    with pytest.raises(WhichSchool) as raised:
        place([school("ash", slack={"team": TEAM}), BAY], a_sighting())

    assert raised.value.schools == ("ash", "bay")


def test_an_unclear_school_is_asked_by_name_and_the_choice_then_counts():
    schools = [school("zed"), BAY, ASH]

    with pytest.raises(WhichSchool) as raised:
        place(schools, a_sighting())

    assert raised.value.schools == ("ash", "bay", "zed")
    assert place(schools, a_sighting(), chosen="bay") == "bay"


def test_a_remembered_school_must_still_be_possible():
    schools = [ASH, BAY, school("zed", slack={"team": "T0OTHER"})]

    with pytest.raises(WhichSchool):
        place(schools, a_sighting(), chosen="zed")


def test_who_is_listed_at_several_schools_is_placed_by_channel_then_by_choice():
    amy = {"slack": "U0AMY"}
    schools = [
        school("ash", amy=amy, slack={"channels": {"C1": "site"}}),
        school("bay", amy=amy),
        school("zed", slack={"channels": {"C2": "site"}, "user_groups": ["S1"]}),
    ]

    assert place(schools, a_sighting("U0AMY", channel="C1"), chosen="bay") == "ash"
    assert place(schools, a_sighting("U0AMY", channel="C2"), chosen="bay") == "bay"
    with pytest.raises(WhichSchool) as raised:
        place(schools, a_sighting("U0AMY", groups=frozenset({"S1"})))
    assert raised.value.schools == ("ash", "bay")


def test_a_user_group_does_not_place_who_is_listed_at_several_schools():
    amy = {"slack": "U0AMY"}
    schools = [school("ash", amy=amy, slack={"user_groups": ["S1"]}), school("bay", amy=amy)]

    with pytest.raises(WhichSchool):
        place(schools, a_sighting("U0AMY", groups=frozenset({"S1"})))


def test_whoever_is_listed_elsewhere_by_email_is_a_person_at_both():
    schools = [school("ash", amy={"slack": "U0AMY"}), school("bay", amy={"email": "amy@example.org"})]

    with pytest.raises(WhichSchool):
        place(schools, a_sighting("U0AMY", email="amy@example.org"))


def test_a_listed_person_of_a_school_in_another_workspace_is_nobody_here():
    schools = [school("ash", amy={"slack": "U0AMY"}, slack={"team": "T0OTHER"}), BAY]

    assert place(schools, a_sighting("U0AMY")) == "bay"


def test_a_guest_of_the_school_can_file_safety_31():
    known = membership.known_at(membership.place([ASH], a_sighting(guest=True)), a_sighting(guest=True))

    assert known.reporter == Reporter("jo.mint@example.org", "Jo Mint")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"bot": True}, membership.A_BOT),
        ({"stranger": True}, membership.ELSEWHERE),
        ({"stranger": True, "channel": "C1"}, membership.ELSEWHERE),
        ({"team": "T0FAR"}, membership.NO_SCHOOL_HERE),
    ],
)
def test_bots_strangers_and_unknown_workspaces_are_told_why(said, words):
    there = school("ash", amy={"slack": "U0JO"}, slack={"team": TEAM, "channels": {"C1": "site"}})

    with pytest.raises(Stranger) as raised:
        membership.place([there], a_sighting(**said))

    assert raised.value.user_message == words
    assert "Mint" not in str(raised.value)


def test_a_channel_that_two_schools_name_is_no_ones():
    both = [school(name, slack={"channels": {"C1": "site"}}) for name in ("ash", "bay")]

    assert membership.at_channel(both, "C1") is None
    assert membership.at_channel(both[:1], "C1") is both[0]
