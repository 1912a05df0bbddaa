"""What every store promises, in the order of `ports.Unit` and `ports.Store`."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.audit import AuditKind
from bot.domain.cases import Access, Event, EventKind, Status, Wanted
from bot.domain.notices import Sending
from bot.domain.triage import Form
from bot.errors import CaseDeleted, UnknownCase
from bot.ports import StoredRequest
from tests.cases_builders import START, FakeClock, a_head, a_notice, a_store, add_case, an_access

STORES = {"sqlite": a_store}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture(params=STORES)
def store(request, tmp_path, clock):
    with STORES[request.param](tmp_path, clock) as opened:
        yield opened


def ids(heads):
    return [head.case for head in heads]


def listed(store, person, **wanted):
    with store.reading() as unit:
        return ids(unit.heads("fernhill", person, Wanted(**wanted)))


# now


def test_a_unit_has_one_moment_which_is_that_of_the_clock(store, clock):
    with store.writing() as unit:
        first = unit.now
        clock.pass_by(minutes=1)

        assert (first, unit.now) == (START, START)


def test_the_moment_never_goes_before_the_last_row_of_the_log(store, clock):
    add_case(store)
    clock.pass_by(hours=-2)

    with store.writing() as unit:
        event = unit.append("CASE-1", EventKind.NOTED, "amy", {})

    assert event.at == START


# requests and remember


def test_a_new_request_has_nothing_stored(store):
    with store.reading() as unit:
        assert unit.requests("fernhill", "R-1") == ()


def test_what_was_stored_under_a_request_comes_back_first_to_last(store):
    add_case(store)
    first, second = StoredRequest("d1", "CASE-1"), StoredRequest("d2", "CASE-1")
    with store.writing() as unit:
        unit.remember("fernhill", "R-1", first)
        unit.remember("fernhill", "R-1", second)

    with store.reading() as unit:
        assert unit.requests("fernhill", "R-1") == (first, second)
        assert unit.requests("fernhill", "R-2") == ()
        assert unit.requests("oakholt", "R-1") == ()


def test_the_same_content_again_is_remembered_once(store):
    add_case(store)
    with store.writing() as unit:
        unit.remember("fernhill", "R-1", StoredRequest("d1", "CASE-1"))
    with store.writing() as unit:
        unit.remember("fernhill", "R-1", StoredRequest("d1", "CASE-1"))

    with store.reading() as unit:
        assert unit.requests("fernhill", "R-1") == (StoredRequest("d1", "CASE-1"),)


# add_case, key, append, events, head


def test_a_case_comes_back_as_it_was_added(store):
    head = a_head(
        **{"urgent": True, "form": Form.ADULT_CONCERN, "status": Status.OPENED, "about_adult": True},
        **{"own_slip": True, "assigned": "amy", "escalations": 3},
        **{f"{what}_at": START + timedelta(seconds=n) for n, what in enumerate(
            ("filed", "opened", "acknowledged", "first_action", "closed", "clock")
        )},
    )  # fmt: skip
    with store.writing() as unit:
        unit.add_case(head, store.new_key("CASE-1"), an_access())

    with store.reading() as unit:
        assert unit.head("CASE-1") == head


def test_a_case_keeps_its_key(store):
    key = store.new_key("CASE-1")
    with store.writing() as unit:
        unit.add_case(a_head(), key, an_access())

    with store.reading() as unit:
        assert unit.key("CASE-1") == key


def test_every_case_has_a_key_of_its_own(store):
    assert store.new_key("CASE-1").secret != store.new_key("CASE-2").secret


def test_events_come_back_in_order_with_what_they_said(store, clock):
    add_case(store, body={"what": "one", "who": ["Ann", "Bob"]})
    clock.pass_by(seconds=1)
    with store.writing() as unit:
        appended = unit.append("CASE-1", EventKind.NOTED, "amy", {"text": "two"})

    with store.reading() as unit:
        events = unit.events("CASE-1")

    first = {"what": "one", "who": ["Ann", "Bob"]}
    later = START + timedelta(seconds=1)
    assert appended == events[1]
    assert events == (
        Event("CASE-1", 1, START, "reporter", EventKind.FILED, first),
        Event("CASE-1", 2, later, "amy", EventKind.NOTED, {"text": "two"}),
    )


def test_an_event_is_in_the_audit_log_with_who_did_it(store):
    add_case(store)

    with store.reading() as unit:
        (row,) = unit.audit_rows("fernhill")

    assert (row.kind, row.actor, row.case, row.detail) == (AuditKind.EVENT, "reporter", "CASE-1", "filed")


def test_the_version_of_a_head_is_the_number_of_its_events(store):
    add_case(store, version=17)
    with store.writing() as unit:
        unit.append("CASE-1", EventKind.NOTED, "amy", {})
        unit.put_head(a_head(version=99))

        assert unit.head("CASE-1").version == 2


def test_a_head_is_replaced(store):
    add_case(store, clock_at=START)
    changed = a_head(status=Status.CLOSED, assigned="ben", closed_at=START, version=1)
    with store.writing() as unit:
        unit.put_head(changed)

    with store.reading() as unit:
        assert unit.head("CASE-1") == changed


def test_a_time_without_a_zone_is_refused(store):
    with pytest.raises(ValueError, match="without a zone"):
        add_case(store, filed_at=datetime(2026, 11, 20, 22, 41))

    assert listed(store, "amy") == []


# access


def test_who_a_case_is_for_comes_back_in_order(store):
    access = Access(("amy", "ben"), ("cat",), ("dan", "eve"), ("fay",), ("lado",))
    add_case(store, access=access)

    with store.reading() as unit:
        assert unit.access("CASE-1") == access


def test_a_new_access_replaces_the_old_one(store):
    add_case(store, access=an_access("amy"))
    with store.writing() as unit:
        unit.put_access("CASE-1", an_access("ben", excluded=("amy",)))

    with store.reading() as unit:
        assert unit.access("CASE-1") == an_access("ben", excluded=("amy",))
    assert (listed(store, "amy"), listed(store, "ben")) == ([], ["CASE-1"])


# heads and count


def test_only_who_may_open_a_case_lists_it(store):
    add_case(store, access=Access(full=("amy",), copies=("ben",), chain=("cat",), excluded=("dan",)))

    assert {who: listed(store, who) for who in ("amy", "ben", "cat", "dan", "eve")} == {
        "amy": ["CASE-1"],
        "ben": [],
        "cat": [],
        "dan": [],
        "eve": [],
    }


def test_the_person_concerned_never_lists_or_counts_a_case_even_when_named_in_another_list(store):
    add_case(store, access=an_access("amy", "ben", excluded=("ben",)))

    with store.reading() as unit:
        assert (unit.heads("fernhill", "ben", Wanted()), unit.count("fernhill", "ben", Wanted())) == ((), 0)


def test_a_case_of_another_school_is_not_listed(store):
    add_case(store, school="oakholt")

    assert listed(store, "amy") == []


def test_the_unopened_come_first_then_the_urgent_then_the_oldest(store):
    flags = itertools.product((None, START), (True, False), (START, START + timedelta(hours=1)))
    wanted = [f"CASE-{n}" for n in range(8)]
    cases = list(zip(wanted, flags, strict=True))
    for case, (opened, urgent, filed) in reversed(cases):
        add_case(store, case, opened_at=opened, urgent=urgent, filed_at=filed)

    assert listed(store, "amy") == wanted


def test_a_list_holds_the_open_cases_unless_others_are_wanted(store):
    for status in Status:
        add_case(store, status.name, status=status)

    assert sorted(listed(store, "amy")) == ["IN_HAND", "OPENED", "RECEIVED"]
    assert listed(store, "amy", statuses=(Status.CLOSED,)) == ["CLOSED"]


def test_a_list_is_narrowed_by_form_and_urgency(store):
    add_case(store, "A", form=Form.TROLLING, urgent=True)
    add_case(store, "B", form=Form.TROLLING)
    add_case(store, "C", urgent=True)

    assert listed(store, "amy", form=Form.TROLLING) == ["A", "B"]
    assert listed(store, "amy", urgent=True) == ["A", "C"]
    assert listed(store, "amy", urgent=False) == ["B"]


def test_a_list_is_narrowed_to_whose_the_cases_are_also_where_it_comes_in_pages(store):
    for case, assigned in zip("ABCDE", ("amy", "ben", "amy", "", "amy"), strict=True):
        add_case(store, case, assigned=assigned)

    assert listed(store, "amy", assigned="amy") == ["A", "C", "E"]
    assert listed(store, "amy", assigned="") == ["D"]
    assert listed(store, "amy", assigned=None) == list("ABCDE")
    assert listed(store, "amy", assigned="amy", limit=1, offset=1) == ["C"]
    with store.reading() as unit:
        assert unit.count("fernhill", "amy", Wanted(assigned="amy", limit=1, offset=1)) == 3


def test_the_events_of_some_kinds_alone_are_given_in_their_order(store):
    add_case(store)
    with store.writing() as unit:
        for kind in (EventKind.NOTED, EventKind.ACTION_SET, EventKind.NOTED):
            unit.append("CASE-1", kind, "amy", {})

    with store.reading() as unit:
        found = unit.events("CASE-1", EventKind.NOTED, EventKind.ACTION_SET)
        every = unit.events("CASE-1")

    assert [event.seq for event in found] == [2, 3, 4]
    assert [event.seq for event in every] == [1, 2, 3, 4]


def test_a_list_comes_in_pages_and_the_count_is_of_all(store):
    for case in "ABCDE":
        add_case(store, case, access=an_access("amy", "ben"))

    assert listed(store, "amy", limit=2, offset=2) == ["C", "D"]
    with store.reading() as unit:
        assert unit.count("fernhill", "amy", Wanted(limit=2, offset=2)) == 5


# reported_by and clocks_due


def test_a_reporter_finds_their_own_cases_newest_first(store):
    add_case(store, "A", reporter="U123")
    add_case(store, "B", reporter="U123", filed_at=START + timedelta(hours=1))
    add_case(store, "C", reporter="U999")
    add_case(store, "D")

    with store.reading() as unit:
        assert ids(unit.reported_by("fernhill", "U123")) == ["B", "A"]
        assert ids(unit.reported_by("oakholt", "U123")) == []
        assert ids(unit.reported_by("fernhill", "")) == []


def test_the_clocks_that_have_come_are_given_longest_waiting_first(store):
    add_case(store, "later", clock_at=START + timedelta(microseconds=1))
    add_case(store, "now", clock_at=START)
    add_case(store, "before", clock_at=START - timedelta(hours=1))
    add_case(store, "never")

    with store.reading() as unit:
        assert ids(unit.clocks_due(9)) == ["before", "now"]
        assert ids(unit.clocks_due(1)) == ["before"]


# names


def test_a_case_is_found_by_a_name_however_it_is_written(store):
    add_case(store, "A")
    add_case(store, "B", filed_at=START - timedelta(days=1))
    with store.writing() as unit:
        unit.index_names("A", ["Mr Rowan Pike", "@rpike", " "])
        unit.index_names("B", ["rowan  PIKE", "rowan pike"])
        unit.index_names("B", ["rowan pike"])

    with store.reading() as unit:
        assert unit.cases_naming("fernhill", ["ROWAN PIKE", "nobody"]) == ("B", "A")
        assert unit.cases_naming("fernhill", ["rpike"]) == ("A",)
        assert unit.cases_naming("oakholt", ["rpike"]) == ()
        assert unit.cases_naming("fernhill", ["", " "]) == ()


# delete_content


def test_a_deleted_case_has_no_key_no_events_and_no_names_and_keeps_its_head_and_rows(store):
    add_case(store, reporter="U1")
    with store.writing() as unit:
        unit.index_names("CASE-1", ["rpike"])
        unit.delete_content("CASE-1")
        unit.put_head(a_head(status=Status.DELETED))

    with store.reading() as unit:
        with pytest.raises(CaseDeleted):
            unit.key("CASE-1")
        assert unit.events("CASE-1") == ()
        assert unit.cases_naming("fernhill", ["rpike"]) == ()
        assert unit.head("CASE-1") == a_head(status=Status.DELETED, version=1)
        assert unit.access("CASE-1") == an_access()
        assert [row.case for row in unit.audit_rows("fernhill")] == ["CASE-1"]


def test_nothing_is_added_to_a_deleted_case(store):
    add_case(store)
    with store.writing() as unit:
        unit.delete_content("CASE-1")

    with pytest.raises(CaseDeleted), store.writing() as unit:
        unit.append("CASE-1", EventKind.NOTED, "amy", {})


# audit


def test_the_audit_log_gives_the_rows_of_a_school_from_a_moment_on(store, clock):
    with store.writing() as unit:
        unit.record(AuditKind.LISTED, "amy", "fernhill", detail="3 cases")
        unit.record(AuditKind.LISTED, "eve", "oakholt")
    clock.pass_by(days=1)
    with store.writing() as unit:
        unit.record(AuditKind.REFUSED, "ben", "fernhill")

    with store.reading() as unit:
        every = list(unit.audit_rows("fernhill"))
        late = list(unit.audit_rows("fernhill", clock.now))

    assert [(row.seq, row.kind, row.actor, row.detail) for row in every] == [
        (1, AuditKind.LISTED, "amy", "3 cases"),
        (3, AuditKind.REFUSED, "ben", ""),
    ]
    assert late == every[1:]


def test_a_checkpoint_is_the_end_of_the_chain(store):
    with store.writing() as unit:
        before = unit.checkpoint()
        unit.record(AuditKind.DRILL, "amy")
        after = unit.checkpoint()

    with store.reading() as unit:
        assert unit.checkpoint() == after
    assert (before.seq, after.seq, after.at) == (0, 1, START)
    assert before.mac != after.mac


# outbox


def test_a_notice_that_is_due_is_taken_as_it_was_put(store):
    add_case(store)
    notice = a_notice(case="CASE-1", urgent=True, detail="1f0c")
    with store.writing() as unit:
        unit.enqueue(notice)

    with store.writing() as unit:
        (sending,) = unit.claim(9, 60)

    assert (sending.notice, sending.attempts) == (notice, 0)


def test_a_notice_with_the_same_key_changes_nothing(store):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))
        unit.enqueue(a_notice("k", to="ben"))

    with store.reading() as unit:
        assert [sending.notice.to for sending in unit.waiting("fernhill")] == ["amy"]


def test_what_was_sent_is_not_put_again(store):
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))
        unit.sent(unit.claim(1, 60)[0])
    with store.writing() as unit:
        unit.enqueue(a_notice("k"))

    with store.reading() as unit:
        assert unit.waiting("fernhill") == ()


def test_notices_wait_for_their_time(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice(due=START + timedelta(minutes=15)))
        assert unit.claim(9, 60) == ()
    clock.pass_by(minutes=15)

    with store.writing() as unit:
        assert len(unit.claim(9, 60)) == 1


def test_a_taken_notice_is_nobody_elses_until_its_lease_is_over(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice())
        unit.claim(9, 60)
    clock.pass_by(seconds=59)
    with store.writing() as unit:
        assert unit.claim(9, 60) == ()
    clock.pass_by(seconds=1)

    with store.writing() as unit:
        assert [sending.attempts for sending in unit.claim(9, 60)] == [1]


def test_a_notice_put_off_comes_again_at_its_time_with_the_same_key(store, clock):
    with store.writing() as unit:
        unit.enqueue(a_notice())
        (sending,) = unit.claim(1, 600)
        unit.put_off(sending, START + timedelta(seconds=30), "TimeoutError")
        assert unit.claim(1, 60) == ()
    clock.pass_by(seconds=30)

    with store.writing() as unit:
        assert unit.claim(1, 60) == (Sending(sending.id, sending.notice, 1),)


def test_what_another_worker_has_sent_is_not_put_off(store):
    with store.writing() as unit:
        unit.enqueue(a_notice())
        (sending,) = unit.claim(1, 60)
        unit.sent(sending)
        unit.put_off(sending, START, "TimeoutError")

        assert unit.claim(1, 60) == ()


def test_the_waiting_notices_of_a_school_are_those_not_sent(store):
    with store.writing() as unit:
        unit.enqueue(a_notice("late", due=START + timedelta(days=1)))
        unit.enqueue(a_notice("soon"))
        unit.enqueue(a_notice("gone", due=START - timedelta(days=1)))
        unit.enqueue(a_notice("other", school="oakholt"))
        unit.sent(unit.claim(1, 60)[0])

        assert [sending.notice.key for sending in unit.waiting("fernhill")] == ["soon", "late"]


# memos


def test_a_memo_is_remembered_and_replaced(store):
    with store.writing() as unit:
        unit.put_memo("people/fernhill", "amy, ben")
        unit.put_memo("people/fernhill", "amy")

    with store.reading() as unit:
        assert (unit.memo("people/fernhill"), unit.memo("people/oakholt")) == ("amy", "")


# unknown cases


@pytest.mark.parametrize(
    "ask",
    [
        lambda unit: unit.remember("fernhill", "R", StoredRequest("d", "NONE")),
        lambda unit: unit.key("NONE"),
        lambda unit: unit.append("NONE", EventKind.NOTED, "amy", {}),
        lambda unit: unit.events("NONE"),
        lambda unit: unit.head("NONE"),
        lambda unit: unit.put_head(a_head("NONE")),
        lambda unit: unit.access("NONE"),
        lambda unit: unit.put_access("NONE", an_access()),
        lambda unit: unit.index_names("NONE", ["x"]),
        lambda unit: unit.delete_content("NONE"),
        lambda unit: unit.record(AuditKind.VIEWED, "amy", "fernhill", "NONE"),
        lambda unit: unit.enqueue(a_notice(case="NONE")),
    ],
)
def test_a_case_that_there_is_not_is_an_error_that_does_not_repeat_what_was_typed(store, ask):
    with pytest.raises(UnknownCase) as caught, store.writing() as unit:
        ask(unit)

    assert "NONE" not in str(caught.value)


# units of work


def write_a_bit_of_everything(store, unit):
    unit.add_case(a_head("CASE-2"), store.new_key("CASE-2"), an_access())
    unit.append("CASE-2", EventKind.FILED, "reporter", {})
    unit.enqueue(a_notice())
    unit.put_memo("a", "b")
    unit.put_head(replace(unit.head("CASE-1"), urgent=True))
    raise RuntimeError


def test_a_unit_whose_block_raises_leaves_nothing(store):
    add_case(store)
    with store.reading() as unit:
        before = unit.checkpoint()

    with pytest.raises(RuntimeError), store.writing() as unit:
        write_a_bit_of_everything(store, unit)

    with store.reading() as unit:
        assert unit.checkpoint() == before
        assert unit.waiting("fernhill") == ()
        assert unit.memo("a") == ""
        assert unit.head("CASE-1").urgent is False
    assert listed(store, "amy") == ["CASE-1"]
    assert list(store.verify()) == []


def test_a_reading_unit_sees_one_moment(store):
    with store.reading() as unit:
        add_case(store)

        assert unit.heads("fernhill", "amy", Wanted()) == ()


def test_eight_writers_at_once_lose_nothing(store):
    add_case(store)

    def note(worker):
        for number in range(50):
            with store.writing() as unit:
                unit.append("CASE-1", EventKind.NOTED, "amy", {"who": worker, "number": number})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(note, range(8)))

    with store.reading() as unit:
        events = unit.events("CASE-1")
    assert [event.seq for event in events] == list(range(1, 402))
    assert {(event.body["who"], event.body["number"]) for event in events[1:]} == set(
        itertools.product(range(8), range(50))
    )
    assert list(store.verify()) == []


def test_two_workers_never_take_the_same_notice(store):
    with store.writing() as unit:
        for number in range(40):
            unit.enqueue(a_notice(f"k{number}"))

    def take(_):
        with store.writing() as unit:
            return [sending.id for sending in unit.claim(5, 60)]

    with ThreadPoolExecutor(8) as pool:
        taken = sum(pool.map(take, range(10)), [])

    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


def test_times_are_kept_to_the_microsecond_in_utc(store):
    at = datetime(2026, 6, 1, 12, 0, 0, 7, tzinfo=UTC)
    add_case(store, filed_at=at)

    with store.reading() as unit:
        assert unit.head("CASE-1").filed_at == at
