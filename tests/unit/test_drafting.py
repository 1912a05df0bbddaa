"""Drafts: whose they are, how long they are kept, and that they come back as they were."""

from dataclasses import fields, replace
from datetime import timedelta
from types import MappingProxyType

import pytest

from bot.domain.audit import AuditKind
from bot.domain.reports import Gate
from bot.domain.triage import Form
from bot.drafting import Draft, Drafting
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
    clock.pass_by(hours=11)
    drafting.keep(WHOLE)
    clock.pass_by(hours=11)

    assert drafting.get("d-1", "jo@fernhill") == WHOLE


def test_after_half_a_day_a_draft_is_gone(drafting, clock):
    drafting.keep(PLAIN)
    clock.pass_by(hours=12)

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


def test_each_draft_has_its_own_half_day(drafting, clock):
    drafting.keep(PLAIN)
    clock.pass_by(hours=1)
    drafting.keep(replace(PLAIN, id="d-2"))
    clock.now += timedelta(hours=11)

    assert drafting.get("d-2", "jo@fernhill").id == "d-2"
    with pytest.raises(Gone):
        drafting.get("d-1", "jo@fernhill")
