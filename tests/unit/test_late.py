"""Late interaction: each word of a question finds its nearest word in each clause."""

import numpy as np
import pytest

from index.errors import DamagedIndex
from index.late import Words

PHONE, PUPIL, CAKE = np.eye(3, dtype=np.float32)


def rows(*words):
    return np.stack(words)


def clauses():
    return Words.of([rows(PHONE, PUPIL), rows(CAKE), rows(PUPIL, PUPIL, CAKE)])


def test_a_clause_that_has_every_word_of_the_question_is_as_near_as_can_be():
    assert clauses().likeness(rows(PHONE, PUPIL))[0].tolist() == [1.0, 0.0, 0.5]


def test_only_the_nearest_word_of_a_clause_counts_however_many_others_it_has():
    long = Words.of([rows(PHONE, CAKE, CAKE, CAKE, CAKE)])

    assert long.likeness(rows(PHONE))[0].tolist() == [1.0]


def test_a_question_whose_words_are_met_in_different_clauses_is_met_anywhere_but_in_none():
    near, anywhere = clauses().only([1, 0]).likeness(rows(PHONE, CAKE))

    assert (near.tolist(), anywhere) == ([0.5, 0.5], 1.0)


def test_a_question_without_words_is_like_nothing():
    assert clauses().likeness(np.zeros((0, 3), np.float32))[0].tolist() == [0.0, 0.0, 0.0]


def test_words_of_another_model_are_refused():
    with pytest.raises(DamagedIndex, match="words of 3 numbers, not 2"):
        clauses().likeness(np.ones((1, 2), np.float32))


def test_some_clauses_can_be_left_out():
    kept = clauses().only([0, 2])

    assert (len(kept), kept.likeness(rows(CAKE))[0].tolist()) == (2, [0.0, 1.0])


def test_stored_words_are_read_back():
    read = Words.from_bytes(clauses().to_bytes())

    assert read.likeness(rows(PUPIL, CAKE))[0].tolist() == clauses().likeness(rows(PUPIL, CAKE))[0].tolist()


def test_the_words_of_one_clause_can_be_had_alone():
    for held in (clauses(), Words.from_bytes(clauses().to_bytes()), clauses().only([0, 1, 2])):
        assert held.of_clause(1).tolist() == [CAKE.tolist()]
        assert held.of_clause(2).tolist() == [PUPIL.tolist(), PUPIL.tolist(), CAKE.tolist()]


def test_a_clause_without_words_is_like_nothing_and_takes_nothing_from_its_neighbours():
    none = np.zeros((0, 3), np.float32)

    for clauses_held in ([none, rows(PHONE), rows(CAKE)], [rows(PHONE), none, rows(CAKE)]):
        held = Words.of(clauses_held)
        wanted = [float(len(words) > 0 and words[0][0] == 1) for words in clauses_held]
        assert held.likeness(rows(PHONE))[0].tolist() == wanted
        assert Words.from_bytes(held.to_bytes()).likeness(rows(PHONE))[0].tolist() == wanted


def test_an_index_that_holds_a_clause_without_words_is_read():
    head = np.array([3, 3, 1, 0, 1], "<u4").tobytes()

    read = Words.from_bytes(head + rows(PHONE, CAKE).astype("<f2").tobytes())

    assert read.likeness(rows(PHONE))[0].tolist() == [1.0, 0.0, 0.0]
