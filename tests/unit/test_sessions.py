from contextlib import contextmanager
from dataclasses import replace

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.errors import Gone
from bot.sessions import Sessions
from tests.cases_builders import FakeClock, a_store
from tests.fakes import PLAIN_SCHOOL, a_school

AMY = Reporter("amy@fernhill.example.org", "Amy Ash", "amy")
PEOPLE = [{**each, "email": f"{each['id']}@fernhill.example.org"} for each in PLAIN_SCHOOL["person"]]


class Desk:
    """Sessions on a real store; the school's people can change, as after a restart."""

    def __init__(self, tmp_path):
        self.clock = FakeClock()
        self.store = a_store(tmp_path, self.clock)
        self.change()

    def change(self, **changes):
        self.school = a_school(**{"person": PEOPLE, **changes})
        self.sessions = Sessions({"fernhill": self.school}, self.store, self.clock)

    def begin(self, reporter=AMY):
        return self.sessions.begin(Known(self.school, reporter))


@pytest.fixture
def desk(tmp_path):
    return Desk(tmp_path)


def test_each_signing_in_has_a_new_token_and_a_new_csrf(desk):
    one, two = desk.begin(), desk.begin()

    assert one.token != two.token
    assert one.csrf != two.csrf
    assert desk.sessions.of(one.token).reporter == AMY


def test_half_an_hour_without_a_page_ends_a_session_and_a_page_in_between_does_not(desk):
    token = desk.begin().token

    desk.clock.pass_by(minutes=29)
    desk.sessions.of(token)
    desk.clock.pass_by(minutes=29)
    desk.sessions.of(token)
    desk.clock.pass_by(minutes=30)

    with pytest.raises(Gone):
        desk.sessions.of(token)


def test_twelve_hours_end_a_session_however_busy_it_is(desk):
    token = desk.begin().token

    for _ in range(12 * 3 - 1):
        desk.clock.pass_by(minutes=20)
        desk.sessions.of(token)
    desk.clock.pass_by(minutes=20)

    with pytest.raises(Gone):
        desk.sessions.of(token)


def test_signing_out_ends_a_session_and_no_other_one(desk):
    one, two = desk.begin(), desk.begin()

    desk.sessions.end(one.token)

    with pytest.raises(Gone):
        desk.sessions.of(one.token)
    assert desk.sessions.of(two.token).person == "amy"


def test_whoever_signs_out_while_another_page_is_asked_stays_signed_out(desk):
    token = desk.begin().token
    desk.clock.pass_by(minutes=2)
    in_flight = replace(desk.sessions, store=SignsOutAfterReading(desk.store, desk.sessions, token))

    with pytest.raises(Gone):
        in_flight.of(token)

    with pytest.raises(Gone):
        desk.sessions.of(token)


class SignsOutAfterReading:
    """A store between whose reading and the next unit of work somebody signs out."""

    def __init__(self, store, sessions, token):
        self.writing = store.writing
        self._store, self._sessions, self._token = store, sessions, token

    @contextmanager
    def reading(self):
        with self._store.reading() as unit:
            yield unit
        self._sessions.end(self._token)


@pytest.mark.parametrize("token", ["", "x", "session:x"])
def test_a_token_that_was_never_given_is_no_session(desk, token):
    desk.begin()

    with pytest.raises(Gone):
        desk.sessions.of(token)


def test_rights_end_when_a_person_is_dropped_from_the_school(desk):
    token = desk.begin().token

    without_amy = [each for each in PEOPLE if each["id"] != "amy"]
    desk.change(person=without_amy, people={**PLAIN_SCHOOL["people"], "dsl": ["ben"]})

    with pytest.raises(Gone):
        desk.sessions.of(token)


def test_rights_end_when_the_id_is_given_to_somebody_else(desk):
    token = desk.begin().token

    desk.change(person=[{**each, "email": f"new.{each['email']}"} for each in PEOPLE])

    with pytest.raises(Gone):
        desk.sessions.of(token)


def test_a_member_of_staff_stays_signed_in_over_a_restart(desk):
    token = desk.begin(Reporter("jo@fernhill.example.org", "Jo Mint")).token

    desk.change()

    assert desk.sessions.of(token).reporter.name == "Jo Mint"


def test_what_was_put_by_comes_back_once_and_for_its_kind_alone(desk):
    token = desk.sessions.put_by("account", "text")

    with pytest.raises(Gone):
        desk.sessions.take_up("choice", token)
    assert desk.sessions.take_up("account", token) == "text"
    with pytest.raises(Gone):
        desk.sessions.take_up("account", token)


def test_what_was_put_by_is_gone_after_a_quarter_of_an_hour(desk):
    token = desk.sessions.put_by("account", "text")

    desk.clock.pass_by(minutes=15)

    with pytest.raises(Gone):
        desk.sessions.take_up("account", token)


def test_nothing_that_a_browser_holds_stands_in_the_store(desk):
    token, other = desk.begin().token, desk.sessions.put_by("account", "text")

    raw = desk.store.path.read_bytes() + desk.store.path.with_name(f"{desk.store.path.name}-wal").read_bytes()

    assert token.encode() not in raw
    assert other.encode() not in raw
