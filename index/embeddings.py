"""Vectors kept by what was encoded, so that the same sentence in ten schools is encoded once."""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray
from sqlite_utils import Database

BUSY_SECONDS = 30
PRIMARY = 0xFF
"""The bits of an SQLite error code that say what it is about; the others say where it arose."""
NOT_DAMAGE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOMEM,
}
"""What an open can fail with that tells nothing about the content of the file."""
Vector = NDArray[np.float32]
_SIDES = ("", "-journal", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Embeddings:
    """The kept vectors of every encoder; losing them costs time, never an answer."""

    path: Path

    @classmethod
    def open(cls, path: Path) -> "Embeddings":
        """Open *path*, making it where it is missing; a damaged file is moved aside and started anew."""
        with FileLock(f"{path}.lock"):
            try:
                _prepare(path)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if getattr(error, "sqlite_errorcode", 0) & PRIMARY in NOT_DAMAGE:
                    raise
                _move_aside(path)
                _prepare(path)
        return cls(path)

    def get(self, encoder: str, keys: Sequence[str]) -> dict[str, Vector]:
        """Return the vectors that are kept for *keys*; an altered one counts as not kept."""
        with _opened(self.path) as db:
            sql = 'select "vector", "checksum" from "embeddings" where "encoder" = ? and "sha256" = ?'
            rows = ((key, db.execute(sql, (encoder, key)).fetchone()) for key in keys)
            return {
                key: np.frombuffer(row[0], np.float32)
                for key, row in rows
                if row and zlib.crc32(row[0]) == row[1]
            }

    def put(self, encoder: str, keys: Sequence[str], vectors: Iterable[Vector]) -> None:
        """Keep one of *vectors* for each of *keys*, all or none."""
        blobs = (np.ascontiguousarray(row, np.float32).tobytes() for row in vectors)
        rows: list[dict[str, Any]] = [
            {"encoder": encoder, "sha256": key, "vector": blob, "checksum": zlib.crc32(blob)}
            for key, blob in zip(keys, blobs, strict=True)
        ]
        with _opened(self.path) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                db.table("embeddings").insert_all(rows, replace=True)
            except BaseException:
                db.rollback()
                raise
            db.commit()


@contextmanager
def _opened(path: Path) -> Iterator[Database]:
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS)
    with Database(connection) as db:
        db.execute("PRAGMA synchronous = FULL")
        db.execute("PRAGMA temp_store = MEMORY")
        yield db


def _prepare(path: Path) -> None:
    """
    Make the table if it is missing.

    Raises:
        sqlite3.DatabaseError: the file is damaged.
    """
    with _opened(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        fault = db.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if fault != "ok":
            raise sqlite3.DatabaseError(fault)
        columns = {"encoder": str, "sha256": str, "vector": bytes, "checksum": int}
        table = db.table("embeddings")
        table.create(columns, pk=("encoder", "sha256"), not_null=columns, if_not_exists=True)
        if not table.exists() or set(table.columns_dict) != set(columns):
            raise sqlite3.DatabaseError("another program's table")


def _move_aside(path: Path) -> None:
    # With its side files: an old journal would be played back into the new file.
    for side in _SIDES:
        found = path.with_name(path.name + side)
        if found.exists():
            found.replace(path.with_name(f"{path.name}.damaged{side}"))
