"""Readings: each text encoded once, its words kept only where a clause needs them."""

import numpy as np
import pytest

from index.embeddings import Embeddings
from index.encoder import Reading
from index.errors import WrongModel
from index.readings import Reader, packed, readings, unpacked
from tests.unit.toy import ToyEncoder


@pytest.fixture
def reader(tmp_path):
    toy = ToyEncoder()
    return Reader(lambda: toy, "toy", Embeddings.open(tmp_path / "embeddings.db")), toy


def silent(stage, done, total):
    """Hear nothing."""


def test_a_text_that_was_read_before_is_not_encoded_again(reader):
    reader, toy = reader
    first, encoded = readings(reader, ["tell the head", "ask"], ["tell the head"], silent)

    again, more = readings(reader, ["tell the head", "ask"], ["tell the head"], silent)

    assert (encoded, more, toy.encoded) == (2, 0, ["tell the head", "ask"])
    assert {text: reading.words.tolist() for text, reading in again.items() if text != "ask"} == {
        "tell the head": first["tell the head"].words.tolist()
    }


def test_a_text_known_only_as_a_whole_is_read_again_when_its_words_are_needed(reader):
    reader, _ = reader
    readings(reader, ["tell the head"], [], silent)

    read, encoded = readings(reader, ["tell the head"], ["tell the head"], silent)

    assert (encoded, len(read["tell the head"].words)) == (1, 3)


def test_an_encoder_of_another_name_is_refused(reader):
    reader, _ = reader

    with pytest.raises(WrongModel, match="the encoder is toy, not other"):
        readings(Reader(reader.encoder, "other", reader.kept), ["ask"], [], silent)


@pytest.mark.parametrize("stances", [0, 6])
def test_words_and_stances_are_read_back(stances):
    vector, words = np.ones(4, np.float32), np.arange(6, dtype=np.float32).reshape(2, 3)
    told = np.arange(stances, dtype=np.float32)

    read = unpacked(vector, packed(Reading(vector, words, told)))

    assert (read.words.tolist(), read.stances.tolist()) == (words.tolist(), told.tolist())
