"""Whether a policy covers a question: the thresholds decide, and nothing known means not covered."""

import json
import math

import pytest

from index.certainty import Certainty


def logit(probability):
    return math.log(probability / (1 - probability))


def a_certainty(weights=None, bias=0.0, answer=0.7, nearest=0.3):
    return Certainty(weights or {"sign": 1.0}, bias, answer, nearest)


@pytest.mark.parametrize(
    ("probability", "outcome"),
    [
        (0.99, "answer"),
        (0.701, "answer"),
        (0.699, "nearest"),
        (0.301, "nearest"),
        (0.299, "none"),
        (0.01, "none"),
    ],
)
def test_the_probability_decides_what_is_shown(probability, outcome):
    assert a_certainty().outcome({"sign": logit(probability)}) == outcome


@pytest.mark.parametrize(
    ("answer", "nearest", "outcome"), [(0.5, 0.3, "answer"), (0.6, 0.5, "nearest"), (0.7, 0.6, "none")]
)
def test_a_threshold_that_is_just_reached_is_reached(answer, nearest, outcome):
    assert a_certainty(answer=answer, nearest=nearest).outcome({"sign": logit(0.5)}) == outcome


def test_a_missing_sign_counts_as_nothing():
    certainty = a_certainty({"best": 2.0, "near": -3.0}, bias=0.5)

    assert certainty.covered({"best": 1.0}) == certainty.covered({"best": 1.0, "near": 0.0})


def test_a_sign_without_a_weight_changes_nothing():
    assert a_certainty().covered({"sign": 1.0, "other": 50.0}) == a_certainty().covered({"sign": 1.0})


def test_a_sign_pulls_the_way_of_its_weight():
    certainty = a_certainty({"best": 2.0, "near": -2.0})

    assert certainty.covered({"near": 1.0}) < 0.5 < certainty.covered({"best": 1.0})


@pytest.mark.parametrize(("value", "probability"), [(1e9, 1), (-1e9, 0)])
def test_an_extreme_sign_is_a_plain_yes_or_no(value, probability):
    assert a_certainty().covered({"sign": value}) == pytest.approx(probability)


def test_what_was_fitted_is_read_from_its_file(tmp_path):
    file = tmp_path / "fitted.json"
    fitted = {"weights": {"best": 1.5}, "bias": -0.5, "answer": 0.6, "nearest": 0.2, "fitted_on": "3 words"}
    file.write_text(json.dumps(fitted))

    assert Certainty.load(file) == Certainty({"best": 1.5}, -0.5, 0.6, 0.2)


def test_a_school_whose_policies_hold_nothing_has_no_answer():
    assert Certainty.load().outcome({}) == "none"
