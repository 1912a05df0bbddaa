"""The built index of one policies folder on disk: written whole, read whole."""

import hashlib
import json
import os
import secrets
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from sqlite_utils import Database

from index.clauses import Clause
from index.encoder import Matrix
from index.errors import DamagedIndex, UnknownSchool
from index.examples import Examples
from index.late import Words
from index.passages import passages
from index.vectors import Vectors

MAGIC = b"SQLite format 3\0"
FORMAT = "3"
"""Raised with every change to the tables: an older file is built again, never converted."""

TABLES: Mapping[str, tuple[Mapping[str, type], Sequence[str]]] = {
    "meta": ({"key": str, "value": str}, ("key",)),
    "documents": (
        {
            **{"school": str, "place": int, "title": str, "file": str, "details": str, "problem": str},
            **{"sha256": str, "recipe": str, "tried": str},
        },
        ("school", "place"),
    ),
    "clauses": (
        {
            **{"school": str, "position": int, "document": int, "number": str, "item": str, "section": str},
            **{"lead": str, "text": str, "page": int, "sha256": str},
        },
        ("school", "position"),
    ),
    "vectors": ({"school": str, "content": bytes}, ("school",)),
    "words": ({"school": str, "content": bytes}, ("school",)),
    "stances": ({"school": str, "content": bytes}, ("school",)),
    "examples": ({"label": str, "content": bytes}, ("label",)),
}
_MAY_BE_NULL = {"page"}
_CLAUSE = ("number", "item", "section", "lead", "text", "page")
_DOCUMENT = ("title", "file", "problem")


@dataclass(frozen=True, slots=True)
class Document:
    """One policy document of a school."""

    title: str
    file: str
    details: Mapping[str, str] = field(default_factory=dict)
    """What the caller wants kept beside it, such as dates; nothing here reads it."""
    problem: str = ""
    """Why the newest version could not be read, or ""; then its last good clauses are served, if any."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One clause in its school's index."""

    school: str
    document: Document
    clause: Clause
    position: int
    """Its place among the school's clauses, and its row in the school's `Vectors`."""
    leaning: tuple[float, ...] = ()
    """What the model takes it for: a number for each of `modality.Stance`, none where it cannot tell."""


@dataclass(frozen=True, slots=True)
class Record:
    """A document as the shelf keeps it: its clauses, and what tells whether they are still right."""

    school: str
    document: Document
    clauses: tuple[Clause, ...] = ()
    sha256: str = ""
    """The hash of the file's bytes that the clauses were cut from, "" without clauses."""
    recipe: str = ""
    """The cutting code that cut them."""
    tried: str = ""
    """The hash of everything that went into the last try, good or not."""


@dataclass(frozen=True, slots=True)
class Stored:
    """The vectors of each school, passage by passage, its clauses' words, and each group of examples."""

    vectors: Mapping[str, Vectors]
    words: Mapping[str, Words] = field(default_factory=dict)
    stances: Mapping[str, Matrix] = field(default_factory=dict)
    """What the model takes each clause for, a row a clause."""
    examples: Mapping[str, Matrix] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A built index, wholly in memory: a newer one on disk changes nothing here."""

    encoder_name: str
    examples_hash: str
    records: tuple[Record, ...]
    _entries: Mapping[str, tuple[Entry, ...]]
    _vectors: Mapping[str, bytes]
    _words: Mapping[str, bytes]
    _examples: Mapping[str, bytes]

    @classmethod
    def open(cls, path: Path) -> "Shelf":
        """
        Read the index at *path*.

        Raises:
            DamagedIndex: it is missing, cut short, altered, or of another format.
        """
        try:
            content = path.read_bytes()
        except OSError as error:
            raise DamagedIndex(f"{path}: cannot be read: {error.strerror}") from None
        try:
            return _read(content)
        except (sqlite3.Error, LookupError, TypeError, ValueError) as error:
            raise DamagedIndex(f"{path}: is cut short, altered or of another format: {error}") from error

    @property
    def schools(self) -> tuple[str, ...]:
        """The ids of all schools with a document here, in alphabetical order."""
        return tuple(self._entries)

    def documents(self, school: str) -> tuple[Document, ...]:
        """Return the school's documents, in their order, those that could not be read included."""
        self.entries(school)
        return tuple(record.document for record in self.records if record.school == school)

    def entries(self, school: str) -> tuple[Entry, ...]:
        """
        Return the school's clauses, document by document, as printed.

        Raises:
            UnknownSchool: there is nothing of that school here.
        """
        if school not in self._entries:
            raise UnknownSchool(school)
        return self._entries[school]

    def vectors(self, school: str) -> Vectors:
        """
        Return the vectors of the passages of `entries`, in order; keep them, each call reads them anew.

        Raises:
            DamagedIndex: they do not fit the clauses.
        """
        entries = self.entries(school)
        vectors = Vectors.from_bytes(self._vectors[school])
        wanted = sum(len(passages(entry.clause)) for entry in entries)
        if len(vectors) != wanted:
            raise DamagedIndex(f"{school}: {len(vectors)} vectors for {wanted} passages")
        return vectors

    def words(self, school: str) -> Words | None:
        """
        Return the words of `entries`, in order, or None where the index was built without them.

        Raises:
            DamagedIndex: they do not fit the clauses.
        """
        entries = self.entries(school)
        words = Words.from_bytes(self._words[school]) if school in self._words else None
        if words and len(words) != len(entries):
            raise DamagedIndex(f"{school}: the words of {len(words)} clauses for {len(entries)}")
        return words

    def examples(self) -> Examples | None:
        """Return the example messages, or None where the index was built without any."""
        if not self._examples:
            return None
        return Examples.of({label: _matrix(content) for label, content in self._examples.items()})


def shelf_path(data: Path, policies: Path) -> Path:
    """Return where the index of the folder *policies* lies in the folder *data*."""
    key = hashlib.sha256(str(policies.resolve()).encode()).hexdigest()[:16]
    return data / "index" / f"{key}.db"


def entries_of(records: Iterable[Record]) -> dict[str, tuple[Entry, ...]]:
    """Return the clauses of *records*, a tuple for each school, in alphabetical order of schools."""
    entries: dict[str, list[Entry]] = {}
    for record in sorted(records, key=lambda record: record.school):
        shelf = entries.setdefault(record.school, [])
        shelf.extend(
            Entry(record.school, record.document, clause, position)
            for position, clause in enumerate(record.clauses, len(shelf))
        )
    return {school: tuple(found) for school, found in entries.items()}


def write(path: Path, meta: Mapping[str, str], records: Sequence[Record], stored: Stored) -> None:
    """
    Put a new index at *path* in one step: a reader finds the old one or the new one, whole.

    *meta* names the "encoder" and the hash of the "examples".
    """
    content = _written(meta, records, stored)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    _sync_folder(path.parent)


def sweep(path: Path) -> None:
    """Remove what killed builders of *path* left behind; only for who holds the builders' lock."""
    for left in path.parent.glob(f"{path.name}.*.tmp"):
        left.unlink(missing_ok=True)


def _written(meta: Mapping[str, str], records: Sequence[Record], stored: Stored) -> bytes:
    rows = _rows(records)
    vectors, examples = stored.vectors.items(), stored.examples.items()
    rows["vectors"] = [{"school": school, "content": held.to_bytes()} for school, held in vectors]
    rows["words"] = [{"school": school, "content": held.to_bytes()} for school, held in stored.words.items()]
    told = {school: held for school, held in stored.stances.items() if held.size}
    rows["stances"] = [{"school": school, "content": _stored(held)} for school, held in told.items()]
    rows["examples"] = [{"label": label, "content": _stored(matrix)} for label, matrix in examples]
    rows["meta"] = [{"key": key, "value": value} for key, value in {**meta, "format": FORMAT}.items()]
    with Database(memory=True) as db:
        for name, (columns, keys) in TABLES.items():
            table = db.table(name)
            table.create(columns, pk=keys, not_null=columns.keys() - _MAY_BE_NULL)
            table.insert_all(rows[name])
        db.table("meta").insert({"key": "digest", "value": _digest(db)})
        db.commit()
        return bytes(db.conn.serialize())


def _rows(records: Sequence[Record]) -> dict[str, list[dict[str, Any]]]:
    documents, clauses = [], []
    counts: dict[str, int] = {}
    for place, record in enumerate(records):
        document = asdict(record.document) | {"details": json.dumps(dict(record.document.details))}
        kept = {"sha256": record.sha256, "recipe": record.recipe, "tried": record.tried}
        documents.append({"school": record.school, "place": place} | document | kept)
        start = counts.get(record.school, 0)
        counts[record.school] = start + len(record.clauses)
        clauses += [
            {"school": record.school, "position": position, "document": place, "sha256": clause.sha256}
            | asdict(clause)
            for position, clause in enumerate(record.clauses, start)
        ]
    return {"documents": documents, "clauses": clauses}


def _read(content: bytes) -> Shelf:
    """Check *content* against its digest, then take everything out of it."""
    if not content.startswith(MAGIC):
        raise ValueError("not an SQLite file")
    # SQLite itself reads on past a lost tail as long as no row lay there.
    page, pages = int.from_bytes(content[16:18], "big"), int.from_bytes(content[28:32], "big")
    if len(content) != page * pages:
        raise ValueError("cut short")
    with Database(memory=True) as db:
        db.conn.deserialize(content)
        meta = dict(db.execute('select "key", "value" from "meta"').fetchall())
        if meta["format"] != FORMAT:
            raise ValueError(f"format {meta['format']}")
        if meta["digest"] != _digest(db):
            raise ValueError("the digest differs")
        records = tuple(_records(db))
        vectors = dict(db.execute('select "school", "content" from "vectors"').fetchall())
        words = dict(db.execute('select "school", "content" from "words"').fetchall())
        stances = dict(db.execute('select "school", "content" from "stances"').fetchall())
        examples = dict(db.execute('select "label", "content" from "examples"').fetchall())
    entries = {school: _leaning(found, stances.get(school)) for school, found in entries_of(records).items()}
    return Shelf(meta["encoder"], meta["examples"], records, entries, vectors, words, examples)


def _leaning(entries: tuple[Entry, ...], stances: bytes | None) -> tuple[Entry, ...]:
    if stances is None:
        return entries
    rows = _matrix(stances).tolist()
    return tuple(replace(entry, leaning=tuple(row)) for entry, row in zip(entries, rows, strict=True))


def _stored(matrix: Matrix) -> bytes:
    """Return *matrix* as bytes: the length of a row, then its numbers."""
    rows = np.ascontiguousarray(matrix, "<f4")
    return bytes(rows.shape[1].to_bytes(4, "little") + rows.tobytes())


def _matrix(content: bytes) -> Matrix:
    width = int.from_bytes(content[:4], "little")
    return np.frombuffer(content[4:], "<f4").reshape(-1, width).astype(np.float32)


def _records(db: Database) -> Iterable[Record]:
    clauses: dict[int, list[Clause]] = {}
    for row in db.table("clauses").rows_where(order_by='"school", "position"'):
        clauses.setdefault(row["document"], []).append(Clause(**{name: row[name] for name in _CLAUSE}))
    for row in db.table("documents").rows_where(order_by='"place"'):
        document = Document(**{name: row[name] for name in _DOCUMENT}, details=json.loads(row["details"]))
        cut = tuple(clauses.get(row["place"], ()))
        yield Record(row["school"], document, cut, row["sha256"], row["recipe"], row["tried"])


def _digest(db: Database) -> str:
    """Return the hash of every row but the digest's own."""
    digest = hashlib.sha256()
    for name, (columns, keys) in TABLES.items():
        names, order = (", ".join(f'"{column}"' for column in some) for some in (columns, keys))
        # The names are our own constants; nothing of a document is in the statement.
        for row in db.execute(f'select {names} from "{name}" order by {order}'):  # noqa: S608
            if (name, row[0]) != ("meta", "digest"):
                digest.update(repr((name, *row)).encode())
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder, and needs no sync of it
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
