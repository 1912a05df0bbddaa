from datetime import timedelta

import pyotp
import pytest

from bot.domain.notices import NoticeKind
from bot.errors import ConfigurationError, Gone
from bot.inviting import Inviting, TooOften, WrongCode
from bot.locking import TRIES, TRIES_ANYWHERE, Where
from tests.cases_builders import FakeClock, a_store
from tests.fakes import PLAIN_SCHOOL, a_school

EMAIL = "dan@fernhill.example.org"
HOME, NEW = Where("192.0.2.1", "cookie of the browser at home"), Where("192.0.2.1", "fresh cookie")
STRANGER = Where("203.0.113.9")
PEOPLE = [{**each, "email": f"{each['id']}@fernhill.example.org"} for each in PLAIN_SCHOOL["person"]]


class Desk:
    """`Inviting` on a real store; dan, the chair, is who is invited."""

    def __init__(self, tmp_path):
        self.clock = FakeClock()
        self.store = a_store(tmp_path, self.clock)
        self.secret = ""
        self.change()

    def change(self, **changes):
        school = a_school(**{"person": PEOPLE, **changes})
        self.inviting = Inviting({"fernhill": school}, self.store, self.clock)

    def invite(self, person="dan"):
        return self.inviting.invite("fernhill", person, "OS user it")

    def code(self, **later):
        return pyotp.TOTP(self.secret).at(self.clock() + timedelta(**later))

    def wrong(self):
        return next(each for each in ("000000", "111111") if each not in (self.code(), self.code(seconds=30)))

    def set_up(self):
        browser = self.inviting.begin(self.invite())
        self.secret = self.inviting.setting_up(browser).secret
        known = self.inviting.finish(browser, self.code(), HOME)
        self.clock.pass_by(minutes=5)
        return known

    def sign_in(self, code=None, email=EMAIL, where=STRANGER):
        return self.inviting.sign_in(email, code or self.code(), where).reporter.person

    def fail(self, times, email=EMAIL, where=STRANGER):
        for _ in range(times):
            with pytest.raises(WrongCode):
                self.sign_in(self.wrong(), email, where)

    def lock(self, where=STRANGER):
        """Wrong codes from *where* until none counts there any more."""
        self.fail(TRIES, where=where)
        with pytest.raises(TooOften):
            self.sign_in(where=where)

    def audit(self):
        with self.store.reading() as unit:
            return [(row.kind.value, row.actor, row.detail) for row in unit.audit_rows("fernhill")]

    def told(self):
        with self.store.reading() as unit:
            return {(each.notice.kind, each.notice.to) for each in unit.waiting("fernhill")}


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_an_invited_person_sets_up_once_and_then_signs_in_with_email_and_code(desk):
    known = desk.set_up()

    assert (known.reporter.person, known.reporter.handle) == ("dan", EMAIL)
    assert desk.sign_in() == "dan"


def test_safety_21_an_invitation_is_recorded_and_told_to_the_person_and_the_head(desk):
    desk.invite()

    assert desk.audit() == [("people changed", "dan", "sign-in: invited, OS user it")]
    assert desk.told() == {(NoticeKind.PEOPLE_CHANGED, "dan"), (NoticeKind.PEOPLE_CHANGED, "cat")}


def test_of_a_link_only_the_hash_is_kept(desk):
    token = desk.invite()

    with desk.store.reading() as unit:
        assert not any(token in key for key in unit.held_keys("invitation"))
        assert len(unit.held_keys("invitation:")) == 1


def test_a_link_that_was_looked_at_still_works_and_one_that_was_used_does_not(desk):
    token = desk.invite()
    desk.inviting.invited(token)
    browser = desk.inviting.begin(token)
    desk.secret = desk.inviting.setting_up(browser).secret

    desk.inviting.finish(browser, desk.code(), HOME)

    for again in (desk.inviting.invited, desk.inviting.begin):
        with pytest.raises(Gone):
            again(token)


def test_two_browsers_behind_one_link_have_two_secrets_and_the_first_to_finish_wins(desk):
    token = desk.invite()
    one, two = desk.inviting.begin(token), desk.inviting.begin(token)
    other = desk.inviting.setting_up(two).secret
    desk.secret = desk.inviting.setting_up(one).secret

    desk.inviting.finish(one, desk.code(), HOME)

    assert other != desk.secret
    with pytest.raises(Gone):
        desk.inviting.finish(two, pyotp.TOTP(other).at(desk.clock()), HOME)


def test_a_link_ends_after_seven_days_and_when_a_newer_one_is_made(desk):
    old = desk.invite()
    new = desk.invite()

    with pytest.raises(Gone):
        desk.inviting.invited(old)
    desk.clock.pass_by(days=7)
    with pytest.raises(Gone):
        desk.inviting.invited(new)


def test_a_wrong_first_code_sets_nothing_up(desk):
    browser = desk.inviting.begin(desk.invite())
    desk.secret = desk.inviting.setting_up(browser).secret

    with pytest.raises(WrongCode):
        desk.inviting.finish(browser, desk.wrong(), HOME)

    with pytest.raises(WrongCode):
        desk.sign_in()
    assert desk.inviting.finish(browser, desk.code(), HOME).reporter.person == "dan"


def test_each_code_counts_once(desk):
    desk.set_up()
    code = desk.code()
    desk.sign_in(code)

    with pytest.raises(WrongCode):
        desk.sign_in(code)


def test_a_code_may_be_one_step_early_or_late_and_no_more(desk):
    desk.set_up()
    for seconds in (-60, 60):
        with pytest.raises(WrongCode):
            desk.sign_in(desk.code(seconds=seconds))

    assert desk.sign_in(desk.code(seconds=-30)) == "dan"
    assert desk.sign_in(desk.code(seconds=30)) == "dan"


def test_a_code_may_be_typed_with_a_space_and_the_email_in_any_case(desk):
    desk.set_up()
    code = desk.code()

    assert desk.sign_in(f" {code[:3]} {code[3:]}", EMAIL.upper()) == "dan"


def test_five_wrong_codes_lock_for_fifteen_minutes_and_are_recorded(desk):
    desk.set_up()
    desk.fail(5)

    with pytest.raises(TooOften):
        desk.sign_in()
    desk.clock.pass_by(minutes=14)
    with pytest.raises(TooOften):
        desk.sign_in()
    desk.clock.pass_by(minutes=1)

    assert desk.sign_in() == "dan"
    assert desk.audit()[-1] == ("refused", "dan", "sign-in: too many wrong codes")


def test_each_further_lock_lasts_twice_as_long_until_a_right_code(desk):
    desk.set_up()
    desk.fail(5)
    desk.clock.pass_by(minutes=15)
    desk.fail(5)
    desk.clock.pass_by(minutes=29)

    with pytest.raises(TooOften):
        desk.sign_in()
    desk.clock.pass_by(minutes=1)
    desk.sign_in()
    desk.fail(5)
    desk.clock.pass_by(minutes=15)

    assert desk.sign_in() == "dan"


def test_wrong_codes_of_somebody_elsewhere_lock_nobody_out(desk):
    desk.set_up()
    desk.lock(STRANGER)

    assert desk.sign_in(where=NEW) == "dan"


def test_a_browser_that_has_signed_in_before_counts_for_itself_at_the_address_of_the_attacker_too(desk):
    desk.set_up()
    beside = Where(HOME.client, "another browser")
    desk.lock(beside)

    assert desk.sign_in(where=HOME) == "dan"


def test_wrong_codes_from_many_clients_together_lock_all_but_the_browsers_that_are_known(desk):
    desk.set_up()
    for each in range(TRIES_ANYWHERE // (TRIES - 1) + 1):
        for _ in range(TRIES - 1):
            with pytest.raises((WrongCode, TooOften)):
                desk.sign_in(desk.wrong(), where=Where(f"198.51.100.{each}"))

    with pytest.raises(TooOften):
        desk.sign_in(where=NEW)
    assert desk.sign_in(where=HOME) == "dan"


def test_a_new_link_is_the_way_in_from_elsewhere_while_codes_are_locked(desk):
    desk.set_up()
    desk.lock(NEW)

    browser = desk.inviting.begin(desk.invite())
    desk.secret = desk.inviting.setting_up(browser).secret

    assert desk.inviting.finish(browser, desk.code(), NEW).reporter.person == "dan"
    desk.clock.pass_by(minutes=5)
    assert desk.sign_in(where=NEW) == "dan"


def test_a_known_browser_locks_too_whatever_address_it_comes_from(desk):
    desk.set_up()
    desk.fail(TRIES, where=HOME)

    with pytest.raises(TooOften):
        desk.sign_in(where=Where("198.51.100.7", HOME.browser))
    desk.clock.pass_by(minutes=15)
    assert desk.sign_in(where=HOME) == "dan"


def test_a_browser_is_known_for_whoever_signed_in_there_and_for_nobody_else(desk):
    desk.set_up()
    desk.fail(TRIES, "ben@fernhill.example.org", HOME)

    with pytest.raises(TooOften):
        desk.sign_in(email="ben@fernhill.example.org", where=Where(HOME.client, "another browser"))


def test_a_right_code_elsewhere_does_not_let_a_stranger_begin_again(desk):
    desk.set_up()
    desk.lock(STRANGER)
    desk.sign_in(where=NEW)

    with pytest.raises(TooOften):
        desk.sign_in(desk.wrong(), where=STRANGER)


def test_when_codes_are_locked_the_person_and_somebody_who_is_not_the_head_are_told_once_a_day(desk):
    desk.set_up()
    told = desk.told()
    desk.lock(STRANGER)
    desk.lock(NEW)

    locked = NoticeKind.SIGN_IN_LOCKED
    assert desk.told() - told == {(locked, "dan"), (locked, "amy")}
    with desk.store.reading() as unit:
        assert [each.notice.kind for each in unit.waiting("fernhill")].count(locked) == 2


def test_where_the_head_is_the_dsl_too_the_deputy_hears(desk):
    desk.set_up()
    told = desk.told()
    desk.change(people={**PLAIN_SCHOOL["people"], "dsl": ["cat"]})
    desk.lock(STRANGER)

    assert {to for _, to in desk.told() - told} == {"dan", "ben"}


def test_right_codes_elsewhere_do_not_give_many_clients_more_tries(desk):
    desk.set_up()
    for each in range(TRIES_ANYWHERE):
        with pytest.raises((WrongCode, TooOften)):
            desk.sign_in(desk.wrong(), where=Where(f"198.51.100.{each}"))
        if each == TRIES_ANYWHERE // 2:
            desk.sign_in(where=NEW)

    with pytest.raises(TooOften):
        desk.sign_in(desk.wrong(), where=Where("198.51.100.99"))


def test_of_the_head_s_own_lock_the_chair_hears(desk):
    for _ in range(TRIES):
        with pytest.raises(WrongCode):
            desk.sign_in("000000", "cat@fernhill.example.org")

    assert desk.told() == {(NoticeKind.SIGN_IN_LOCKED, "cat"), (NoticeKind.SIGN_IN_LOCKED, "dan")}


@pytest.mark.parametrize("email", ["nobody@fernhill.example.org", "ben@fernhill.example.org", "", "x" * 5000])
def test_whether_an_email_is_known_makes_no_difference_to_the_answers(desk, email):
    desk.set_up()
    desk.fail(5, email)

    with pytest.raises(TooOften):
        desk.sign_in(email=email)
    assert desk.sign_in() == "dan"


@pytest.mark.parametrize("code", ["", "١٢٣٤٥٦", "1234567", "abcdef", "1" * 5000])
def test_what_is_no_code_is_a_wrong_one(desk, code):
    desk.set_up()

    with pytest.raises(WrongCode):
        desk.sign_in(code or " ")


def test_rights_end_when_the_person_is_dropped_or_the_id_is_given_to_somebody_new(desk):
    desk.set_up()

    desk.change(person=[{**each, "email": f"new.{each['email']}"} for each in PEOPLE])
    for email in (EMAIL, f"new.{EMAIL}"):
        with pytest.raises(WrongCode):
            desk.sign_in(email=email)


def test_somebody_without_an_email_cannot_be_invited(desk):
    desk.change(person=PLAIN_SCHOOL["person"])

    with pytest.raises(ConfigurationError, match="has no email"):
        desk.invite()


def test_no_secret_and_no_email_stands_readable_in_the_store(desk):
    desk.set_up()
    desk.fail(1)

    raw = b"".join(file.read_bytes() for file in desk.store.path.parent.iterdir() if file.is_file())

    assert desk.secret.encode() not in raw
    assert EMAIL.encode() not in raw
