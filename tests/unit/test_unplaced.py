"""Urgent messages of people whose school is unclear: held, sealed, until they choose."""

from datetime import timedelta

import pytest

from bot.errors import Gone
from bot.unplaced import KEPT, Unplaced
from tests.cases_builders import FakeClock, a_store

SAID = {"text": "She says her dad hits her", "channel": "D0JO", "public": False}


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def unplaced(tmp_path, clock):
    return Unplaced(a_store(tmp_path, clock))


def test_what_was_written_is_held_for_whoever_wrote_it(unplaced):
    identity = unplaced.keep("U0JO", "D0JO-1.2", SAID)

    assert unplaced.get(identity, "U0JO") == SAID
    assert unplaced.place(identity, "U0JO") == ""


def test_it_is_nobody_elses_and_what_was_never_held_is_gone(unplaced):
    identity = unplaced.keep("U0JO", "D0JO-1.2", SAID)

    for held, user in ((identity, "U0SAM"), ("never", "U0JO"), ("", "")):
        with pytest.raises(Gone):
            unplaced.get(held, user)


def test_the_same_message_again_changes_nothing_and_writes_nothing(unplaced, monkeypatch):
    first = unplaced.keep("U0JO", "D0JO-1.2", SAID)
    monkeypatch.setattr(type(unplaced.store), "writing", None)

    again = unplaced.keep("U0JO", "D0JO-1.2", {"text": "other"})

    assert again == first
    assert unplaced.get(first, "U0JO") == SAID


def test_once_it_has_its_school_the_words_are_gone_and_the_school_is_told(unplaced):
    identity = unplaced.keep("U0JO", "D0JO-1.2", SAID)

    unplaced.placed(identity, "U0JO", "bay")

    assert unplaced.place(identity, "U0JO") == "bay"
    with pytest.raises(Gone):
        unplaced.get(identity, "U0JO")


def test_after_a_day_nothing_is_held(unplaced, clock):
    identity = unplaced.keep("U0JO", "D0JO-1.2", SAID)

    clock.now += KEPT + timedelta(seconds=1)

    with pytest.raises(Gone):
        unplaced.get(identity, "U0JO")


def test_no_word_lies_open_in_the_store_nor_in_the_log(unplaced, caplog, tmp_path):
    caplog.set_level("DEBUG")

    unplaced.keep("U0JO", "D0JO-1.2", SAID)

    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert b"her dad" not in stored
    assert "her dad" not in caplog.text
