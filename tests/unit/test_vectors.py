"""Exact search, and vectors that survive storage or say that they did not."""

import numpy as np
import pytest

from index.errors import DamagedIndex
from index.vectors import Vectors

NORTH, EAST, SOUTH = [0.0, 1.0], [1.0, 0.0], [0.0, -1.0]


def vectors(*rows):
    return Vectors.of(np.array(rows, np.float32).reshape(len(rows), -1 if rows else 2))


def test_the_nearest_come_first_with_their_cosine():
    held = vectors(SOUTH, EAST, NORTH)

    found = held.search(np.array([0.6, 0.8], np.float32), 3)

    assert [place for place, _ in found] == [2, 1, 0]
    assert [score for _, score in found] == pytest.approx([0.8, 0.6, -0.8])


def test_only_as_many_are_returned_as_were_asked_for():
    held = vectors(SOUTH, EAST, NORTH)

    found = held.search(np.array(NORTH, np.float32), 1)

    assert found == [(2, 1.0)]


def test_asking_for_more_than_there_are_returns_all_of_them():
    held = vectors(NORTH, EAST)

    found = held.search(np.array(NORTH, np.float32), 50)

    assert [place for place, _ in found] == [0, 1]


def test_a_school_without_clauses_is_searched_without_a_result():
    held = Vectors.from_bytes(vectors().to_bytes())

    found = held.search(np.array(NORTH, np.float32), 5)

    assert (len(held), found) == (0, [])


def test_a_vector_of_another_model_is_refused():
    held = vectors(NORTH)

    with pytest.raises(DamagedIndex, match="2 numbers, not 3"):
        held.search(np.array([1, 0, 0], np.float32), 1)


def test_stored_vectors_find_the_same_when_read_back():
    held = vectors(SOUTH, EAST, NORTH)
    question = np.array([0.6, 0.8], np.float32)

    read = Vectors.from_bytes(held.to_bytes())

    assert read.search(question, 3) == held.search(question, 3)


@pytest.mark.parametrize("where", range(0, 100, 7))
def test_any_altered_byte_is_noticed(where):
    stored = bytearray(vectors(NORTH, EAST).to_bytes())
    stored[where % len(stored)] ^= 1

    with pytest.raises(DamagedIndex):
        Vectors.from_bytes(bytes(stored))


@pytest.mark.parametrize("kept", [0, 10, 32, 40, -1])
def test_cut_short_bytes_are_noticed(kept):
    stored = vectors(NORTH, EAST).to_bytes()

    with pytest.raises(DamagedIndex):
        Vectors.from_bytes(stored[:kept])
