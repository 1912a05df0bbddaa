import pytest

from bot.domain.membership import Sighting
from bot.errors import StoreBusy, Stranger, WhichSchool
from bot.recognising import Recognising
from tests.cases_builders import FakeClock, a_store
from tests.fakes import PLAIN_SCHOOL, a_school
from tests.unit.test_membership import TEAM, a_sighting, school

AMY = {"slack": "U0AMY", "email": "amy@example.org"}


@pytest.fixture
def desk(tmp_path):
    """Two schools of one workspace, with Amy at both, and one of another workspace."""
    schools = [school("ash", amy=AMY), school("bay", amy=AMY), school("zed", slack={"team": "T0OTHER"})]
    return Recognising({each.id: each for each in schools}, a_store(tmp_path, FakeClock()))


class NoStore:
    """Fails the test when it is looked into."""

    def reading(self):
        raise AssertionError("looked into the store")

    writing = reading


def test_a_school_is_chosen_once_and_remembered(desk):
    with pytest.raises(WhichSchool) as raised:
        desk.known(a_sighting())

    chosen = desk.choose(a_sighting(), "bay")

    assert raised.value.schools == ("ash", "bay")
    assert chosen.school.id == "bay"
    assert desk.known(a_sighting(channel="C9")) == chosen


def test_a_choice_is_one_persons_in_one_workspace(desk):
    desk.choose(a_sighting(), "bay")

    with pytest.raises(WhichSchool):
        desk.known(a_sighting("U0SAM"))
    with pytest.raises(WhichSchool):
        desk.known(a_sighting(team="T0NEW"))


def test_a_choice_can_be_changed(desk):
    desk.choose(a_sighting(), "bay")
    desk.choose(a_sighting(), "ash")

    assert desk.known(a_sighting()).school.id == "ash"


@pytest.mark.parametrize("school_id", ["zed", "nowhere", ""])
def test_a_school_that_is_not_possible_cannot_be_chosen_and_nothing_is_remembered(desk, school_id):
    with pytest.raises(Stranger):
        desk.choose(a_sighting(), school_id)

    with desk.store.reading() as unit:
        assert unit.memo(f"place:{TEAM}:U0JO") == ""


@pytest.mark.parametrize("said", [{"bot": True}, {"stranger": True}])
def test_strangers_and_bots_choose_nothing(desk, said):
    with pytest.raises(Stranger):
        desk.choose(a_sighting(**said), "bay")


def test_most_people_are_known_without_a_look_into_the_store():
    quick = Recognising({"fernhill": a_school()}, NoStore())

    assert quick.known(a_sighting()).school.id == "fernhill"


def test_knowing_somebody_writes_nothing(desk, monkeypatch):
    def busy():
        raise StoreBusy("busy")

    desk.choose(a_sighting(), "bay")
    monkeypatch.setattr(type(desk.store), "writing", lambda store: busy())

    assert desk.known(a_sighting()).school.id == "bay"
    with pytest.raises(StoreBusy):
        desk.choose(a_sighting(), "ash")


def test_everywhere_are_the_schools_that_list_them(desk):
    found = desk.everywhere(Sighting(TEAM, "U0AMY"))

    assert [(known.school.id, known.reporter.person) for known in found] == [("ash", "amy"), ("bay", "amy")]


@pytest.mark.parametrize(
    "said", [{}, {"user": "U0AMY", "bot": True}, {"user": "U0AMY", "stranger": True}, {"team": "T0FAR"}]
)
def test_nowhere_is_listed_whoever_is_no_person_of_a_school_here(desk, said):
    assert desk.everywhere(a_sighting(**said)) == ()


def test_at_a_school_it_does_not_matter_what_they_chose(desk):
    sighting = a_sighting("U0AMY")
    desk.choose(sighting, "ash")

    known = desk.at(sighting, "bay")

    assert (known.school.id, known.reporter.person) == ("bay", "amy")


def test_at_a_school_whoever_is_not_listed_keeps_the_handle_they_filed_with(desk):
    assert desk.at(a_sighting(), "bay").reporter.handle == "jo.mint@example.org"


@pytest.mark.parametrize(
    ("school_id", "said"),
    [("zed", {}), ("nowhere", {}), ("bay", {"stranger": True}), ("bay", {"bot": True})],
)
def test_at_a_school_where_they_are_nobody_they_get_a_reason(desk, school_id, said):
    with pytest.raises(Stranger) as raised:
        desk.at(a_sighting(**said), school_id)

    assert raised.value.user_message


def test_a_person_without_email_is_known_everywhere_by_the_same_handle(desk):
    bare = a_school(person=[{**PLAIN_SCHOOL["person"][0], "slack": "U0AMY"}, *PLAIN_SCHOOL["person"][1:]])
    desk = Recognising({"fernhill": bare}, desk.store)

    assert desk.known(Sighting(TEAM, "U0AMY")).reporter.handle == "U0AMY"
    assert desk.at(Sighting(TEAM, "U0AMY"), "fernhill").reporter.handle == "U0AMY"
