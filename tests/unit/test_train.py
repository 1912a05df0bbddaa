"""Training the adapter: fair batches, the same from the same seed, and factors that learn."""

import random

import pytest
import safetensors.torch
import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from index import train
from index.adapter import RANK, names
from index.minilm import LAYERS, MiniLM
from index.topics import Topic

pytestmark = pytest.mark.slow

WIDTH = 12  # the least that the model's twelve heads can share


def a_bank(topics=40, asked=2, ruled=3):
    return [
        Topic(
            f"topic{at:02}",
            tuple(f"ask{at} way{number}" for number in range(asked)),
            tuple(f"rule{at} style{number}" for number in range(ruled)),
            (),
        )
        for at in range(topics)
    ]


def batches(bank, seed=1):
    return list(train.pairs(bank, random.Random(seed)))  # noqa: S311 - reproducible, not secret


def topic_of(text):
    return text.split()[0].removeprefix("ask").removeprefix("rule")


@pytest.mark.parametrize("topics", [32, 40, 64, 100])
def test_no_topic_stands_twice_in_a_batch(topics):
    for batch in batches(a_bank(topics, asked=5)):
        asked = [topic_of(question) for question, _ in batch]
        assert len(set(asked)) == len(asked) <= train.BATCH


def test_a_phrasing_is_paired_with_a_wording_of_its_own_topic():
    found = [pair for batch in batches(a_bank(100, asked=5)) for pair in batch]

    assert len(found) > 400
    assert [pair for pair in found if topic_of(pair[0]) != topic_of(pair[1])] == []


def test_a_phrasing_is_used_at_most_once_an_epoch():
    asked = [question for batch in batches(a_bank(100, asked=5)) for question, _ in batch]

    assert len(set(asked)) == len(asked)


def test_every_phrasing_is_used_while_enough_topics_are_left():
    asked = [question for batch in batches(a_bank(64, asked=5)) for question, _ in batch]

    assert len(asked) == 64 * 5


def test_the_same_seed_gives_the_same_batches():
    assert batches(a_bank(), seed=7) == batches(a_bank(), seed=7)


def test_another_seed_gives_other_batches():
    assert batches(a_bank(), seed=7) != batches(a_bank(), seed=8)


def test_the_order_of_the_bank_does_not_choose_the_topics_of_a_batch():
    first, second = (batches(bank, seed=7)[0] for bank in (a_bank(100, asked=1), a_bank(100, asked=1)[::-1]))

    assert [topic_of(question) for question, _ in first] == [topic_of(question) for question, _ in second]


def test_too_few_topics_for_a_fair_batch_give_none():
    assert batches(a_bank(topics=train.BATCH // 2 - 1)) == []


@pytest.fixture
def one_thread():
    """Sums this small take far longer when they are shared out."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture
def model(tmp_path, one_thread):
    """The real forward pass with toy weights and the words of `a_bank`, and those weights."""
    words = {word for topic in a_bank() for text in (*topic.asked, *topic.ruled) for word in text.split()}
    known = {word: at for at, word in enumerate(["[PAD]", "[UNK]", *sorted(words)])}
    tokenizer = Tokenizer(WordLevel(known, unk_token="[UNK]"))  # noqa: S106 - a word of the tokeniser
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    weights = toy_weights(known)
    return MiniLM(tmp_path, safetensors.torch.save(weights)), weights


def toy_weights(known):
    """Layers that leave the words nearly as they are, and words of one topic that are near from the start."""
    torch.manual_seed(3)
    shapes = {"embeddings.position_embeddings": (8, WIDTH), "embeddings.token_type_embeddings": (2, WIDTH)}
    shapes |= {name.removesuffix(".weight"): (WIDTH, WIDTH) for name in names()}
    norms = ["embeddings"] + [
        f"encoder.layer.{layer}.{part}" for layer in range(LAYERS) for part in ("attention.output", "output")
    ]
    weights = {f"{name}.weight": torch.randn(shape) * 0.05 for name, shape in shapes.items()}
    weights |= {f"{name}.bias": torch.zeros(shape[0]) for name, shape in shapes.items()}
    weights |= {f"{name}.LayerNorm.weight": torch.ones(WIDTH) for name in norms}
    weights |= {f"{name}.LayerNorm.bias": torch.zeros(WIDTH) for name in norms}
    words = torch.randn(len(known), WIDTH)
    for topic in range(40):
        words[known[f"rule{topic}"]] = words[known[f"ask{topic}"]]
    return weights | {"embeddings.word_embeddings.weight": words}


@pytest.fixture
def quick(monkeypatch):
    """A few steps have to be enough."""
    monkeypatch.setattr(train, "RATE", 0.005)


def trained(model, epochs):
    """The factors before and after some epochs of two steps, and the loss of each epoch."""
    network, weights = model
    torch.manual_seed(5)
    factors = train._fresh(weights)
    before = {name: factor.detach().clone() for name, factor in factors.items()}
    losses = list(train._train(network, weights, factors, a_bank(), epochs))
    return before, {name: factor.detach() for name, factor in factors.items()}, losses


def test_fresh_factors_correct_nothing_yet(model):
    _, weights = model

    factors = train._fresh(weights)

    assert len(factors) == 2 * len(names())
    assert all(not torch.any(factors[f"{name}.up"] @ factors[f"{name}.down"]) for name in names())
    assert all(factors[f"{name}.down"].shape == (RANK, WIDTH) for name in names())


def test_one_epoch_changes_the_correction_of_every_adapted_matrix(model):
    before, after, _ = trained(model, epochs=1)

    assert [name for name in names() if torch.equal(before[f"{name}.up"], after[f"{name}.up"])] == []


def test_training_leaves_the_models_own_weights_alone(model):
    _, weights = model
    before = {name: weight.clone() for name, weight in weights.items()}

    trained(model, epochs=1)

    assert all(torch.equal(before[name], weight) for name, weight in weights.items())


def test_the_loss_falls_as_the_adapter_learns(model, quick):
    _, _, losses = trained(model, epochs=8)

    assert losses[-1] < 0.5 * losses[0]


def found_first(model, factors):
    """How many of the topics' phrasings are nearest to the wording of their own topic."""
    network, weights = model
    asked, ruled = (
        network.forward([getattr(topic, part)[0] for topic in a_bank()], {**weights, **factors})
        for part in ("asked", "ruled")
    )
    return int(((asked @ ruled.T).argmax(1) == torch.arange(len(asked))).sum())


def test_more_phrasings_are_nearest_to_the_wording_of_their_own_topic(model, quick):
    before, after, _ = trained(model, epochs=8)

    assert found_first(model, before) + 5 <= found_first(model, after)


def test_the_same_seed_gives_the_same_factors(model):
    (_, first, _), (_, second, _) = (trained(model, epochs=1) for _ in range(2))

    assert all(torch.equal(first[name], second[name]) for name in first)
