import pytest

from bot.binding import NOT_OURS, TAKEN, Binding, Identity
from bot.domain.reports import Reporter
from bot.errors import Stranger, WhichSchool
from tests.cases_builders import FakeClock, a_store
from tests.fakes import PLAIN_SCHOOL, a_school

ISSUER = "https://issuer.example.org"


def people(domain="fernhill.example.org", **changes):
    """The plain school's people with e-mails; one person's keys may be changed, as amy={…}."""
    return [
        {**each, "email": f"{each['id']}@{domain}", **changes.get(each["id"], {})}
        for each in PLAIN_SCHOOL["person"]
    ]


def account(subject="sub-amy", *emails, **said):
    return Identity(ISSUER if "issuer" not in said else said.pop("issuer"), subject, emails, **said)


class Desk:
    """`Binding` on a real store; the schools can change, as after a restart."""

    def __init__(self, tmp_path):
        self.store = a_store(tmp_path, FakeClock())
        self.change(a_school(person=people()))

    def change(self, *schools):
        self.schools = {each.id: each for each in schools}
        self.binding = Binding(self.schools, self.store)

    def known(self, *said, **more):
        found = self.binding.known(account(*said, **more))
        return found.school.id, found.reporter

    def audit(self, school="fernhill"):
        with self.store.reading() as unit:
            return [(row.kind.value, row.actor, row.detail) for row in unit.audit_rows(school)]


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


AMY = ("fernhill", Reporter("amy@fernhill.example.org", "Amy Ash", "amy"))


def test_the_first_sign_in_binds_to_the_listed_person_with_that_email_and_is_recorded(desk):
    found = desk.known("sub-amy", "amy@fernhill.example.org")

    assert found == AMY
    assert desk.audit() == [("people changed", "amy", "sign-in: bound to an account")]


@pytest.mark.parametrize(
    "emails", [(), ("somebody.else@fernhill.example.org",), ("ben@fernhill.example.org",)]
)
def test_afterwards_only_the_binding_counts_even_if_the_email_changes(desk, emails):
    desk.known("sub-amy", "amy@fernhill.example.org")

    assert desk.known("sub-amy", *emails) == AMY


def test_a_second_account_for_a_bound_person_is_refused_and_recorded(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    with pytest.raises(Stranger) as raised:
        desk.known("sub-other", "amy@fernhill.example.org")

    assert raised.value.user_message == TAKEN
    assert desk.audit()[-1] == ("refused", "amy", "sign-in: another account is bound to this person")
    assert desk.known("sub-amy") == AMY


def test_the_same_subject_at_another_issuer_is_another_account(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    with pytest.raises(Stranger):
        desk.known("sub-amy", issuer="https://other.example.org")


def test_a_school_that_changes_its_issuer_binds_its_people_again(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    assert desk.known("new", "amy@fernhill.example.org", issuer="https://new.example.org") == AMY


def test_a_person_who_is_dropped_is_staff_at_most(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    rest = [each for each in people() if each["id"] != "amy"]
    desk.change(a_school(person=rest, people={**PLAIN_SCHOOL["people"], "dsl": ["ben"]}))

    assert desk.known("sub-amy", "amy@fernhill.example.org")[1].person == ""


def test_an_id_that_is_given_to_somebody_new_does_not_go_with_the_old_account(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    desk.change(a_school(person=people(amy={"name": "Ann New", "email": "ann@fernhill.example.org"})))

    assert desk.known("sub-amy", "amy@fernhill.example.org")[1].person == ""
    assert desk.known("sub-ann", "ann@fernhill.example.org")[1].name == "Ann New"


def test_a_person_whose_listed_email_follows_their_account_stays_bound(desk):
    desk.known("sub-amy", "amy@fernhill.example.org")

    desk.change(a_school(person=people(amy={"email": "oak@fernhill.example.org"})))

    assert desk.known("sub-amy", "oak@fernhill.example.org")[1].person == "amy"


def test_a_colleague_at_the_schools_own_domain_is_staff_and_keeps_their_handle(desk):
    first = desk.known("sub-jo", "jo@fernhill.example.org", name="Jo Mint")
    later = desk.known("sub-jo", "jo.new@fernhill.example.org", name="Jo New")

    assert first == ("fernhill", Reporter("jo@fernhill.example.org", "Jo Mint"))
    assert later == first


def test_an_address_given_to_somebody_new_does_not_open_what_its_old_owner_reported(desk):
    old = desk.known("sub-jo", "jo@fernhill.example.org")[1]
    new = desk.known("sub-joan", "jo@fernhill.example.org")[1]

    assert new.handle != old.handle
    assert desk.known("sub-joan", "jo@fernhill.example.org")[1] == new


@pytest.mark.parametrize(
    "email", ["x@elsewhere.org", "x@fernhill.example.org.evil.org", "fernhill.example.org"]
)
def test_an_account_of_another_domain_is_a_stranger(desk, email):
    with pytest.raises(Stranger) as raised:
        desk.known("sub-x", email)

    assert raised.value.user_message == NOT_OURS


def test_an_unverified_email_is_none_and_its_account_a_stranger(desk):
    with pytest.raises(Stranger):
        desk.known("sub-amy")


def test_a_public_mail_provider_never_makes_staff(desk):
    desk.change(a_school(person=people(amy={"email": "amy.ash@gmail.com"})))

    with pytest.raises(Stranger):
        desk.known("sub-x", "anybody@gmail.com")
    assert desk.known("sub-amy", "amy.ash@gmail.com")[1].person == "amy"


def test_the_domain_of_a_governors_employer_never_makes_staff(desk):
    desk.change(a_school(person=people(dan={"email": "dan@bank.example.com"})))

    with pytest.raises(Stranger):
        desk.known("sub-x", "clerk@bank.example.com")
    assert desk.known("sub-dan", "dan@bank.example.com")[1].person == "dan"


class TestTwoSchools:
    @pytest.fixture
    def trust(self, desk):
        names = {"ash": "Ash School", "bay": "Bay School"}
        desk.change(*(a_school(each, name=name, person=people("trust.org")) for each, name in names.items()))
        return desk

    def test_staff_whose_domain_two_schools_share_are_asked_once(self, trust):
        jo = account("sub-jo", "jo@trust.org")
        with pytest.raises(WhichSchool) as raised:
            trust.binding.known(jo)

        trust.binding.choose(jo, "bay")

        assert raised.value.schools == ("ash", "bay")
        assert trust.binding.known(jo).school.id == "bay"
        with pytest.raises(WhichSchool):
            trust.binding.known(jo, ask=True)

    def test_a_person_listed_at_two_schools_is_asked_each_time(self, trust):
        amy = account("sub-amy", "amy@trust.org")

        assert trust.binding.choose(amy, "bay").reporter.person == "amy"
        with pytest.raises(WhichSchool):
            trust.binding.known(amy)

    def test_a_school_that_was_not_offered_cannot_be_chosen(self, trust):
        trust.change(*trust.schools.values(), a_school("zed", person=people("zed.org")))

        with pytest.raises(Stranger):
            trust.binding.choose(account("sub-jo", "jo@trust.org"), "zed")

    def test_a_person_of_one_school_is_not_staff_of_the_other_by_domain(self, trust):
        rest = [each for each in people("trust.org") if each["id"] != "amy"]
        bay = a_school("bay", person=rest, people={**PLAIN_SCHOOL["people"], "dsl": ["ben"]})
        trust.change(trust.schools["ash"], bay)

        assert trust.known("sub-amy", "amy@trust.org")[0] == "ash"


class TestSlack:
    TEAM = {"issuer": "https://slack.com", "team": "T0FERN"}

    @pytest.fixture
    def slack(self, desk):
        listed = people(amy={"slack": "U0AMY"}, ben={"slack": "U0BEN", "email": ""})
        desk.change(a_school(person=listed, slack={"team": "T0FERN"}))
        return desk

    def test_a_listed_person_is_told_by_their_slack_id(self, slack):
        assert slack.known("s", user="U0BEN", **self.TEAM)[1].person == "ben"

    def test_an_email_never_makes_somebody_a_person_whose_slack_id_is_another_one(self, slack):
        found = slack.known("s", "amy@fernhill.example.org", user="U0OTHER", **self.TEAM)[1]

        assert (found.person, found.handle) == ("", "U0OTHER")

    def test_safety_31_a_guest_of_the_workspace_is_staff(self, slack):
        found = slack.known("s", "supply@gmail.com", user="U0GUEST", name="Sam Supply", **self.TEAM)

        assert found == ("fernhill", Reporter("supply@gmail.com", "Sam Supply"))

    @pytest.mark.parametrize("email", ["", "amy@fernhill.example.org", "cat@fernhill.example.org"])
    def test_a_member_of_another_workspace_is_a_stranger_whatever_its_email_says(self, slack, email):
        with pytest.raises(Stranger):
            slack.known("s", *([email] if email else []), user="U0AMY", **{**self.TEAM, "team": "T0EVIL"})

    def test_at_a_school_that_names_no_workspace_nobody_signs_in_with_slack(self, slack):
        slack.change(a_school(person=people(amy={"slack": "U0AMY"})))

        with pytest.raises(Stranger):
            slack.known("s", "amy@fernhill.example.org", user="U0AMY", **self.TEAM)
