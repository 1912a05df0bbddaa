"""Drafts: whose they are, how long they are kept, and that they come back as they were."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

import pytest

from bot.domain.audit import AuditKind
from bot.domain.reports import Gate
from bot.domain.triage import Form
from bot.drafting import MOST, Draft, Drafting
from bot.errors import Gone
from tests.cases_builders import FakeClock, a_store

WHOLE = Draft(
    id="d-1",
    school="fernhill",
    form=Form.TROLLING,
    handle="jo@fernhill",
    answers={"what": "Zoë wrote “hi”\n\x00", "where": ("tiktok", "snapchat"), "who": ()},
    gate=Gate.NOT_SURE,
    concerned=("cat",),
    not_about=("amy", "ben"),
    files=("F01", "F02"),
    urgent=True,
    source="https://fernhill.slack.com/archives/C1/p1",
    begun=datetime(2026, 11, 20, 20, 0, tzinfo=UTC),
)
PLAIN = Draft("d-1", "fernhill", Form.CONCERN, "jo@fernhill")


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def drafting(tmp_path, clock):
    with a_store(tmp_path, clock) as store:
        yield Drafting(store, clock)


@pytest.mark.parametrize("draft", [PLAIN, WHOLE], ids=["as little as there can be", "everything"])
def test_a_draft_comes_back_as_it_was(drafting, draft):
    drafting.keep(draft)

    assert drafting.get("d-1", "jo@fernhill") == draft


def test_when_it_was_begun_is_kept_however_often_it_is_changed(drafting, clock):
    begun = clock()
    drafting.keep(PLAIN)
    clock.pass_by(minutes=5)
    drafting.keep(PLAIN)
    clock.pass_by(minutes=5)
    drafting.change("d-1", "jo@fernhill", lambda draft: replace(draft, answers={"what": "words"}))

    assert drafting.get("d-1", "jo@fernhill").begun == begun


def test_the_whole_draft_above_says_something_in_every_field():
    bare = Draft("", "", Form.CONCERN, "")

    assert [
        each.name for each in fields(Draft) if getattr(WHOLE, each.name) == getattr(bare, each.name)
    ] == []


def test_answers_that_cannot_be_changed_are_kept_as_well(drafting):
    drafting.keep(replace(PLAIN, answers=MappingProxyType({"what": "words"})))

    assert drafting.get("d-1", "jo@fernhill").answers == {"what": "words"}


def test_half_a_character_in_an_answer_is_kept(drafting):
    drafting.keep(replace(PLAIN, answers={"what": "\ud83d"}))

    assert drafting.get("d-1", "jo@fernhill").answers == {"what": "\ud83d"}


def test_a_draft_kept_again_stands_in_place_of_the_first_and_its_time_begins_again(drafting, clock):
    drafting.keep(PLAIN)
    clock.pass_by(hours=23)
    drafting.keep(WHOLE)
    clock.pass_by(hours=23)

    assert drafting.get("d-1", "jo@fernhill") == WHOLE


def test_a_draft_is_kept_for_24_hours_and_is_gone_then(drafting, clock):
    drafting.keep(PLAIN)
    clock.pass_by(hours=23, minutes=59)
    assert drafting.get("d-1", "jo@fernhill") == PLAIN

    clock.pass_by(minutes=1)

    with pytest.raises(Gone):
        drafting.get("d-1", "jo@fernhill")


def test_a_draft_is_kept_even_where_the_machines_clock_was_put_back(drafting, clock):
    with drafting.store.writing() as unit:
        unit.record(AuditKind.LISTED, "amy", "fernhill")
    clock.pass_by(hours=-48)
    drafting.keep(PLAIN)

    assert drafting.get("d-1", "jo@fernhill") == PLAIN


def test_a_draft_that_was_dropped_is_gone_and_dropping_it_again_does_nothing(drafting):
    drafting.keep(PLAIN)
    drafting.drop("d-1")
    drafting.drop("d-1")

    with pytest.raises(Gone):
        drafting.get("d-1", "jo@fernhill")


def test_nobody_else_gets_a_draft_and_cannot_tell_that_it_is_there(drafting):
    drafting.keep(WHOLE)
    with pytest.raises(Gone) as theirs:
        drafting.get("d-1", "cat@fernhill")
    drafting.drop("d-1")
    with pytest.raises(Gone) as none:
        drafting.get("d-1", "cat@fernhill")

    assert (str(theirs.value), theirs.value.user_message) == (str(none.value), none.value.user_message)


def test_nobody_else_writes_over_a_draft(drafting):
    drafting.keep(WHOLE)

    with pytest.raises(Gone):
        drafting.keep(replace(PLAIN, handle="cat@fernhill"))
    assert drafting.get("d-1", "jo@fernhill") == WHOLE


def test_safety_29_a_draft_is_sealed_and_an_error_or_a_log_line_has_no_word_of_it(drafting, caplog):
    caplog.set_level(0)
    drafting.keep(replace(WHOLE, answers={"what": "canary-Kestrel"}))
    with pytest.raises(Gone) as error:
        drafting.get("d-1", "cat@fernhill")

    on_disk = b"".join(each.read_bytes() for each in drafting.store.path.parent.iterdir())
    assert b"canary-Kestrel" not in on_disk
    assert b"jo@fernhill" not in on_disk
    assert "fernhill" not in f"{error.value} {caplog.text}"


def test_each_draft_has_its_own_day(drafting, clock):
    drafting.keep(PLAIN)
    clock.pass_by(hours=1)
    drafting.keep(replace(PLAIN, id="d-2"))
    clock.now += timedelta(hours=23)

    assert drafting.get("d-2", "jo@fernhill").id == "d-2"
    with pytest.raises(Gone):
        drafting.get("d-1", "jo@fernhill")


def test_a_change_is_made_on_the_draft_as_it_is_now_and_its_day_begins_again(drafting, clock):
    drafting.keep(PLAIN)
    drafting.change("d-1", "jo@fernhill", lambda now: replace(now, answers={**now.answers, "who": "Jo"}))
    clock.pass_by(hours=23)
    both = drafting.change(
        "d-1", "jo@fernhill", lambda now: replace(now, answers={**now.answers, "what": "words"})
    )
    clock.pass_by(hours=23)

    assert both.answers == {"who": "Jo", "what": "words"}
    assert drafting.get("d-1", "jo@fernhill") == both


@pytest.mark.parametrize("stop", [Gate.YES, Gate.NOT_SURE])
def test_safety_1_whatever_is_kept_after_a_stop_by_somebody_who_read_it_before_the_stop_stays(drafting, stop):
    drafting.keep(replace(PLAIN, gate=stop))

    drafting.keep(replace(PLAIN, gate=Gate.NO))
    kept = drafting.get("d-1", "jo@fernhill").gate
    changed = drafting.change("d-1", "jo@fernhill", lambda now: replace(now, gate=Gate.UNASKED))

    assert (kept, changed.gate, drafting.get("d-1", "jo@fernhill").gate) == (stop, stop, stop)


@pytest.mark.parametrize("handle", ["jo@fernhill", "cat@fernhill"])
def test_what_was_dropped_or_is_anothers_cannot_be_changed_and_stays_as_it_is(drafting, handle):
    drafting.keep(replace(PLAIN, handle="ben@fernhill"))
    if handle == "jo@fernhill":
        drafting.drop("d-1")

    with pytest.raises(Gone):
        drafting.change("d-1", handle, lambda now: replace(now, handle=handle, urgent=True))

    with drafting.store.reading() as unit:
        held = unit.held_keys("draft:")
    assert len(held) == (0 if handle == "jo@fernhill" else 1)


def kept(drafting, handle="jo@fernhill"):
    """The drafts that are there, of so many as were begun."""
    found = []
    for number in range(3 * MOST):
        try:
            found.append(drafting.get(f"d-{number}", handle).id)
        except Gone:
            continue
    return found


def test_of_one_person_so_many_drafts_are_kept_and_the_oldest_gives_way(drafting):
    for number in range(MOST + 3):
        drafting.keep(replace(PLAIN, id=f"d-{number}", answers={"what": "words"}))
        drafting.keep(replace(PLAIN, id=f"d-{number}", answers={"what": "more words"}))

    assert kept(drafting) == [f"d-{number}" for number in range(3, MOST + 3)]


def test_an_empty_draft_gives_way_before_one_with_words_in_it(drafting):
    for number in range(MOST):
        drafting.keep(replace(PLAIN, id=f"d-{number}", answers={} if number == 7 else {"what": "words"}))

    drafting.keep(replace(PLAIN, id=f"d-{MOST}"))

    assert kept(drafting) == [f"d-{number}" for number in range(MOST + 1) if number != 7]


def test_what_was_dropped_leaves_room_and_somebody_elses_takes_none(drafting):
    for number in range(MOST):
        drafting.keep(replace(PLAIN, id=f"d-{number}", answers={"what": "words"}))
        drafting.keep(replace(PLAIN, id=f"e-{number}", answers={"what": "words"}, handle="cat@fernhill"))
    drafting.drop("d-4")

    drafting.keep(replace(PLAIN, id=f"d-{MOST}"))

    assert kept(drafting) == [f"d-{number}" for number in range(MOST + 1) if number != 4]
