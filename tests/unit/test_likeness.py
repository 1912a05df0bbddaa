"""What the triage is given of a message: cosines to the phrase files, and a leaning to each route."""

import numpy as np
import pytest

from bot.likeness import SCOPE, Likeness, of_scope, of_triage
from index.examples import Examples
from index.topic_map import TopicMap
from index.topics import topics
from tests.unit.toy import ToyEncoder

TOY = ToyEncoder(dimension=512)
PHRASES = {
    "urgent": ("he has a knife", "she is bleeding", "he took pills"),
    "report-concern": ("her account was hacked", "lost a memory stick", "his password is known"),
    "question": ("may I keep my phone", "who signs a trip", "is a gift fine"),
    f"{SCOPE}covered": ("may I film a lesson", "who approves an account", "is a lift fine"),
}


def examples():
    return Examples.of({label: TOY.encode(list(phrases)) for label, phrases in PHRASES.items()})


def a_bank(rows):
    """A map whose phrasings are as many as the bank has, or not; nothing else of it is looked at."""
    places = np.zeros((1, 1), np.intp)
    return TopicMap(("all",), rows, places, rows[:1], places)


def leaning(bank, message="may I wear jeans"):
    return Likeness.fit(examples(), PHRASES, bank).of(message, TOY.encode([message])[0])


def test_what_a_policy_covers_and_what_the_triage_reads_are_kept_apart():
    found = leaning(None)

    assert set(of_scope(found)) == {"covered"}
    assert {"urgent", "question", "route/urgent"} <= set(of_triage(found))
    assert not set(of_triage(found)) & {f"{SCOPE}covered"}


@pytest.mark.slow
def test_what_staff_ask_on_the_topics_of_the_bank_counts_as_a_question():
    asked = [phrase for topic in topics() for phrase in topic.asked]
    rows = np.repeat(TOY.encode(["may I wear jeans"]), len(asked), axis=0)

    assert leaning(a_bank(rows))["route/question"] > leaning(None)["route/question"]


def test_a_bank_that_was_added_to_since_its_map_was_made_is_left_out():
    rows = np.repeat(TOY.encode(["may I wear jeans"]), 3, axis=0)

    assert leaning(a_bank(rows)) == leaning(None)
