"""What every store promises of what it holds for a while, and of notices that are taken back."""

from datetime import timedelta

import pytest

from bot.errors import SealBroken, UnknownCase
from bot.store import database
from bot.store.backup import Places, Source, backup
from bot.store.keyring import Keyring
from bot.store.restore import Target
from bot.store.sqlite_store import SqliteStore, rotate
from bot.store.upkeep import put_back
from tests.cases_builders import MASTER, START, FakeClock, a_notice, a_store, behind_the_back

STORES = {"sqlite": a_store}
LATER = START + timedelta(hours=12)
OTHER = bytes(reversed(range(32)))


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=STORES)
def store(request, tmp_path, clock):
    with STORES[request.param](tmp_path, clock) as opened:
        yield opened


def hold(store, key="draft:1", value="Rowan wrote to me", until=LATER):
    with store.writing() as unit:
        unit.hold(key, value, until)


def hold_in(unit, value):
    """Hold *value* in an open unit, and return the id of a case that is not there."""
    unit.hold("draft:1", value, LATER)
    return "CASE-0"


def held(store, key="draft:1"):
    with store.reading() as unit:
        return unit.held(key)


def keys(store, prefix):
    with store.reading() as unit:
        return unit.held_keys(prefix)


def let_go(store, key="draft:1"):
    with store.writing() as unit:
        unit.let_go(key)


def put(store, notice=None):
    with store.writing() as unit:
        unit.enqueue(notice or a_notice())


def withdraw(store, key="new-case/CASE-1/amy"):
    with store.writing() as unit:
        return unit.withdraw(key)


def claimed(store, clock):
    clock.pass_by(seconds=60)
    with store.writing() as unit:
        return unit.claim(9, 30)


def bytes_on_disk(store):
    return b"".join(each.read_bytes() for each in store.path.parent.glob(f"{store.path.name}*"))


def sealed_rows(store):
    with store.reading() as unit:
        return [row["sealed"] for row in unit.db.query("select sealed from held")]


# hold and held


def test_what_is_held_comes_back_as_it_was(store):
    hold(store, value='{"text": "Zoë\\u0000 – 😀"}')

    assert held(store) == '{"text": "Zoë\\u0000 – 😀"}'


def test_nothing_is_held_under_a_key_that_was_never_used(store):
    assert held(store) == ""
    assert keys(store, "") == ()


def test_a_second_hold_stands_in_place_of_the_first_with_its_own_time(store, clock):
    hold(store, value="first", until=START + timedelta(minutes=1))
    hold(store, value="second")
    clock.pass_by(minutes=2)

    assert held(store) == "second"
    assert keys(store, "draft:") == ("draft:1",)


def test_what_is_over_its_time_is_not_there(store, clock):
    hold(store)
    clock.now = LATER - timedelta(microseconds=1)
    just_before = (held(store), keys(store, "draft:"))
    clock.now = LATER

    assert just_before == ("Rowan wrote to me", ("draft:1",))
    assert (held(store), keys(store, "draft:")) == ("", ())


def test_what_is_over_its_time_is_deleted_with_the_next_hold(store, clock):
    hold(store)
    hold(store, "draft:2", until=LATER + timedelta(hours=1))
    clock.now = LATER
    hold(store, "draft:3", until=LATER + timedelta(hours=1))

    assert len(sealed_rows(store)) == 2
    assert list(store.verify()) == []


def test_a_key_whose_time_is_over_can_be_used_again(store, clock):
    hold(store)
    clock.now = LATER
    hold(store, value="again", until=LATER + timedelta(hours=1))

    assert held(store) == "again"


def test_a_hold_in_a_unit_that_fails_is_not_kept(store):
    hold(store, value="first")
    with pytest.raises(UnknownCase), store.writing() as unit:
        unit.enqueue(a_notice(case=hold_in(unit, "second")))

    assert held(store) == "first"


def test_a_time_without_a_zone_is_an_error_and_holds_nothing(store):
    with pytest.raises(ValueError, match="zone"):
        hold(store, until=LATER.replace(tzinfo=None))

    assert keys(store, "") == ()


# held_keys


def test_the_keys_with_a_prefix_come_oldest_first(store, clock):
    for key in ("raised:b", "draft:1", "raised:a", "raised"):
        hold(store, key)
        clock.pass_by(seconds=1)
    hold(store, "raised:b", "once more")

    assert keys(store, "raised:") == ("raised:a", "raised:b")
    assert keys(store, "") == ("draft:1", "raised:a", "raised", "raised:b")


def test_keys_held_in_one_moment_come_in_the_order_of_holding(store):
    with store.writing() as unit:
        for key in ("raised:c", "raised:a", "raised:b"):
            unit.hold(key, "text", LATER)

    assert keys(store, "raised:") == ("raised:c", "raised:a", "raised:b")


def test_a_prefix_means_itself_and_no_pattern(store):
    for key in ("raised:a", "Raised:a", "raised_a", "raised%a"):
        hold(store, key)

    assert keys(store, "raised:") == ("raised:a",)
    assert keys(store, "raised_") == ("raised_a",)
    assert keys(store, "%") == ()


# let_go


def test_what_is_let_go_is_gone_and_nothing_else_is(store):
    hold(store)
    hold(store, "draft:2", "another")
    let_go(store)

    assert held(store) == ""
    assert keys(store, "") == ("draft:2",)
    assert list(store.verify()) == []


def test_letting_go_of_what_is_not_there_changes_nothing(store):
    hold(store)
    let_go(store, "draft:2")

    assert held(store) == "Rowan wrote to me"


# at rest


def test_what_is_held_is_sealed_on_disk(store):
    hold(store)

    assert b"Rowan" not in bytes_on_disk(store)
    assert b"draft:1" in bytes_on_disk(store)


@pytest.mark.parametrize("how", ["let go", "over its time"])
def test_no_older_copy_of_what_is_deleted_stays_on_disk(store, clock, how):
    hold(store)
    (sealed,) = sealed_rows(store)
    was_there = sealed in bytes_on_disk(store)
    if how == "let go":
        let_go(store)
    else:
        clock.now = LATER
        hold(store, "draft:2", until=LATER + timedelta(hours=1))

    assert was_there
    assert sealed not in bytes_on_disk(store)


def test_a_reader_in_the_way_delays_the_erasing_until_the_next_unit_and_nobody_waits(store):
    hold(store)
    (sealed,) = sealed_rows(store)
    with store.reading():
        let_go(store)
        still_there = sealed in bytes_on_disk(store)
    put(store)

    assert still_there
    assert sealed not in bytes_on_disk(store)


@pytest.mark.parametrize("waits", [False, True], ids=["held", "under a certificate"])
def test_the_erasing_of_what_was_held_waits_for_nobody(store, monkeypatch, waits):
    hold(store)
    said, connect = [], database.connect

    def listening(*arguments, **named):
        connection = connect(*arguments, **named)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(database, "connect", listening)
    with store.writing() as unit:
        unit.let_go("draft:1")
        unit.erased = waits

    assert "pragma wal_checkpoint(truncate)" in said
    assert ("pragma busy_timeout = 0" in said) is not waits


def test_a_value_moved_to_another_key_does_not_open_and_is_found(store):
    hold(store)
    hold(store, "draft:2", "another")
    with behind_the_back(store) as db:
        db.execute("update held set sealed = (select sealed from held where key = 'draft:2')")

    with pytest.raises(SealBroken):
        held(store)
    assert "held draft:1" in [fault.where for fault in store.verify()]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from held where key = 'draft:1'",
        "update held set until = '2036-01-01T00:00:00.000000+00:00' where key = 'draft:1'",
        "insert into held select 'draft:9', sealed, held_at, until, mac from held",
    ],
)
def test_a_row_changed_behind_the_back_is_found(store, statement):
    hold(store)
    untouched = list(store.verify())
    with behind_the_back(store) as db:
        db.execute(statement)

    assert untouched == []
    assert list(store.verify()) != []


# withdraw


def test_a_withdrawn_notice_is_never_sent(store, clock):
    put(store)
    put(store, a_notice("other"))

    assert withdraw(store) is True
    assert [each.notice.key for each in claimed(store, clock)] == ["other"]
    with store.reading() as unit:
        assert [each.notice.key for each in unit.waiting("fernhill")] == ["other"]
    assert list(store.verify()) == []


def test_a_withdrawn_notice_does_not_come_back_when_it_is_put_in_again(store, clock):
    put(store)
    withdraw(store)
    put(store)

    assert claimed(store, clock) == ()


def test_a_notice_is_withdrawn_once(store):
    put(store)

    assert [withdraw(store), withdraw(store)] == [True, False]


def test_nothing_is_withdrawn_that_was_never_there_or_is_sent(store, clock):
    put(store)
    (sending,) = claimed(store, clock)
    with store.writing() as unit:
        unit.sent(sending)

    assert [withdraw(store), withdraw(store, "unheard of")] == [False, False]


def test_a_worker_that_fails_to_send_a_withdrawn_notice_does_not_bring_it_back(store, clock):
    put(store)
    (sending,) = claimed(store, clock)
    withdrawn = withdraw(store)
    with store.writing() as unit:
        unit.put_off(sending, clock.now, "TimeoutError")

    assert withdrawn is True
    assert claimed(store, clock) == ()


# SQLite's own


def test_what_is_held_outlives_a_change_of_the_master_key(tmp_path, clock):
    with a_store(tmp_path, clock) as store:
        hold(store)
        path = store.path
    rotate(path, Keyring(MASTER), Keyring(OTHER), clock)

    with SqliteStore.open(path, Keyring(OTHER), clock) as store:
        assert held(store) == "Rowan wrote to me"
        assert list(store.verify()) == []


def test_what_is_held_outlives_backup_and_restore(tmp_path, clock):
    places = Places.of(tmp_path / "data")
    with SqliteStore.open(places.database, Keyring(MASTER), clock) as store:
        hold(store)
        wrapped = store.wrapped_roots()
        backup(Source(places, store.keyring, wrapped, clock), tmp_path / "kept")
        let_go(store)
    put_back(tmp_path / "kept", Target(places, Keyring(MASTER), True, clock), "amy")

    with SqliteStore.open(places.database, Keyring(MASTER), clock) as store:
        assert held(store) == "Rowan wrote to me"
        assert list(store.verify()) == []


def test_a_store_from_before_there_was_anything_to_hold_is_brought_up_to_date(tmp_path, clock):
    with a_store(tmp_path, clock) as store:
        put(store)
        with behind_the_back(store) as db:
            db.execute("drop table held")
            db.execute("delete from _sqlite_migrations where name = 'm004_create_held'")
    with a_store(tmp_path, clock) as store:
        hold(store)

        assert held(store) == "Rowan wrote to me"
        assert list(store.verify()) == []
