"""Which group of examples a message leans to, by its vector and by the signs in its words."""

import numpy as np
import pytest

from index.leaning import Leaning

AXES = np.eye(8, dtype=np.float32)


def around(point, count, seed=0):
    """Unit vectors near a point."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (count, 8))
    rows = (point + noise).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def without_signs(vectors):
    return vectors, [()] * len(vectors)


def largest(leanings):
    return max(leanings, key=leanings.get)


@pytest.fixture
def three():
    """Groups of one size, each around an axis of its own."""
    return Leaning.fit(
        {name: without_signs(around(AXES[axis], 100, axis)) for axis, name in enumerate("abc")}
    )


@pytest.mark.parametrize(("axis", "label"), [(0, "a"), (1, "b"), (2, "c")])
def test_a_message_leans_to_the_group_whose_examples_it_is_like(three, axis, label):
    assert largest(three.of(AXES[axis], ())) == label


def test_a_plain_example_leans_to_its_group_by_about_one_and_to_the_others_by_about_nothing(three):
    leanings = three.of(AXES[0], ())

    assert leanings["a"] == pytest.approx(1, abs=0.2)
    assert [leanings[other] for other in "bc"] == pytest.approx([0, 0], abs=0.2)


def test_the_groups_keep_the_order_given(three):
    assert three.labels == tuple(three.of(AXES[0], ())) == ("a", "b", "c")


def test_a_small_group_is_not_drowned_by_a_large_one_close_to_it():
    between = (AXES[0] + AXES[1]) / np.sqrt(2)
    groups = {"large": without_signs(around(AXES[0], 900)), "small": without_signs(around(between, 10, 1))}

    assert largest(Leaning.fit(groups).of(between, ())) == "small"


def test_a_sign_in_the_words_decides_between_messages_of_one_vector():
    vectors = around(AXES[0], 100)
    fitted = Leaning.fit({"told": (vectors, [(1.0,)] * 100), "asked": (vectors, [(0.0,)] * 100)})

    assert largest(fitted.of(AXES[0], (1.0,))) == "told"
    assert largest(fitted.of(AXES[0], (0.0,))) == "asked"


def test_the_same_examples_give_the_same_leaning():
    groups = {"a": without_signs(around(AXES[0], 20)), "b": without_signs(around(AXES[1], 20, 1))}

    first, second = (Leaning.fit(groups).of(AXES[2], ()) for _ in range(2))

    assert first == second
