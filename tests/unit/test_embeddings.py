"""Kept vectors: found again, or missing, never wrong."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from index import embeddings
from index.embeddings import Embeddings

ROWS = np.array([[1, 0], [0, 1]], np.float32)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "embeddings.db"


def found(kept, encoder, keys):
    return {key: vector.tolist() for key, vector in kept.get(encoder, keys).items()}


def test_what_was_kept_is_found_by_a_later_process(path):
    Embeddings.open(path).put("toy", ["a", "b"], ROWS)

    held = found(Embeddings.open(path), "toy", ["b", "a", "unknown"])

    assert held == {"b": [0, 1], "a": [1, 0]}


def test_another_encoders_vectors_are_not_found(path):
    kept = Embeddings.open(path)
    kept.put("toy", ["a", "b"], ROWS)

    assert found(kept, "other", ["a"]) == {}


def test_the_same_sentence_kept_twice_is_kept_once(path):
    kept = Embeddings.open(path)
    kept.put("toy", ["a"], ROWS[:1])
    kept.put("toy", ["a"], ROWS[1:])

    assert found(kept, "toy", ["a"]) == {"a": [0, 1]}


def test_an_altered_vector_counts_as_missing(path):
    kept = Embeddings.open(path)
    kept.put("toy", ["a", "b"], ROWS)
    with sqlite3.connect(path) as database:
        database.execute("update embeddings set vector = x'0000803f0000803f' where sha256 = 'a'")
    database.close()

    assert found(kept, "toy", ["a", "b"]) == {"b": [0, 1]}


@pytest.mark.parametrize("content", [b"not a database" * 100, b"SQLite format 3\0" + b"\1" * 5000])
def test_a_damaged_file_is_moved_aside_and_started_anew(path, content):
    path.write_bytes(content)

    kept = Embeddings.open(path)
    kept.put("toy", ["a"], ROWS[:1])

    assert found(kept, "toy", ["a"]) == {"a": [1, 0]}
    assert path.with_name("embeddings.db.damaged").read_bytes() == content


def test_another_programs_table_is_moved_aside(path):
    with sqlite3.connect(path) as database:
        database.execute("create table embeddings (word text)")
    database.close()

    kept = Embeddings.open(path)

    assert found(kept, "toy", ["a"]) == {}


def test_writers_at_the_same_time_wait_for_each_other(path):
    kept = Embeddings.open(path)

    def keep(number):
        kept.put("toy", [f"{number} a", f"{number} b"], ROWS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(keep, range(40)))

    assert len(kept.get("toy", [f"{number} b" for number in range(40)])) == 40


def test_a_failed_write_keeps_none_of_its_vectors(path):
    kept = Embeddings.open(path)

    with pytest.raises(ValueError, match="zip"):
        kept.put("toy", ["a", "b", "c"], ROWS)

    assert found(kept, "toy", ["a", "b", "c"]) == {}


def test_a_locked_file_is_not_taken_for_a_damaged_one(path, monkeypatch):
    monkeypatch.setattr(embeddings, "BUSY_SECONDS", 0)
    Embeddings.open(path).put("toy", ["a"], ROWS[:1])
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("BEGIN EXCLUSIVE")

        with pytest.raises(sqlite3.OperationalError, match="locked"):
            Embeddings.open(path)

    database.close()
    assert found(Embeddings.open(path), "toy", ["a"]) == {"a": [1, 0]}
