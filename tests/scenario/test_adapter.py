"""The adapter: small corrections to the model's weights, and to nothing else."""

import hashlib
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import safetensors.torch
import torch
from safetensors import safe_open

from index.adapter import NARROW, RANK, STANCE, corrected, load, names
from index.encoder import ADAPTER, PACKAGE, WEIGHTS

OTHER = "embeddings.word_embeddings.weight"


def weights():
    """Toy weights: a matrix of three by two for each that is corrected, and another."""
    return {name: torch.ones(3, 2) for name in (*names(), OTHER)}


def factors(up=0.0, down=1.0):
    found = {}
    for name in names():
        found[f"{name}.up"] = torch.full((3, RANK), up)
        found[f"{name}.down"] = torch.full((RANK, 2), down)
    return found


def test_an_adapter_of_zeros_changes_nothing():
    changed = corrected(weights(), factors(up=0.0))

    assert changed.keys() == weights().keys()
    assert all(torch.equal(changed[name], torch.ones(3, 2)) for name in changed)


def test_a_correction_is_twice_the_product_of_its_factors():
    changed = corrected(weights(), factors(up=0.5, down=0.25))

    wanted = 1 + 2 * RANK * 0.5 * 0.25
    assert all(torch.equal(changed[name], torch.full((3, 2), wanted)) for name in names())


def test_what_is_not_adapted_stays_as_it_is():
    before = weights()

    assert corrected(before, factors(up=1.0))[OTHER] is before[OTHER]


def test_the_weights_given_are_not_altered():
    before = weights()

    corrected(before, factors(up=1.0))

    assert all(torch.equal(matrix, torch.ones(3, 2)) for matrix in before.values())


def test_factors_stored_in_half_precision_are_read_in_full():
    stored = {name: factor.half() for name, factor in factors(up=0.5).items()}

    read = load(safetensors.torch.save(stored))

    assert {factor.dtype for factor in read.values()} == {torch.float32}
    assert all(torch.equal(read[name], factor) for name, factor in factors(up=0.5).items())


def test_every_adapted_matrix_stands_in_the_bundled_model():
    bundled = Path(find_spec(PACKAGE).origin).parent / "model" / WEIGHTS

    with safe_open(bundled, "pt") as stored:
        held = set(stored.keys())

    assert [name for name in names() if name not in held] == []


@pytest.fixture
def shipped():
    """The shipped factors, without the two parts that correct no matrix."""
    whole = load(ADAPTER.read_bytes())
    return {name: part for name, part in whole.items() if not name.startswith((NARROW, STANCE))}


def test_the_shipped_adapter_makes_words_narrow_and_tells_stances_apart():
    whole = load(ADAPTER.read_bytes())

    assert (whole[NARROW].shape, whole[f"{STANCE}.weight"].shape) == ((384, 128), (6, 768))


def test_the_shipped_factors_are_those_of_the_adapted_matrices(shipped):
    assert sorted(shipped) == sorted(factors())


def test_the_shipped_factors_have_the_rank_they_say_and_are_numbers(shipped):
    ranks = {factor.shape[name.endswith(".up")] for name, factor in shipped.items()}

    assert ranks == {RANK}
    assert all(torch.isfinite(factor).all() for factor in shipped.values())


def test_the_shipped_adapter_does_correct_something(shipped):
    assert all(shipped[f"{name}.up"].abs().max() > 0 for name in names())


def test_the_note_beside_the_adapter_speaks_of_that_adapter(shipped):
    made = json.loads(ADAPTER.with_suffix(".json").read_text(encoding="utf-8"))

    assert made["adapter_sha256"] == hashlib.sha256(ADAPTER.read_bytes()).hexdigest()
