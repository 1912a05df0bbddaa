"""Evidence files in a folder: each written once, sealed in authenticated chunks, found by ids alone."""

import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.reports import StoredFile
from bot.errors import EvidenceDamaged, EvidenceLocked, LocksDamaged, StoreFailed
from bot.ports import CaseKey
from bot.store.disk import PART, Write, own_folder, storing, sync_folder, write_once
from bot.store.keyring import subkey
from bot.store.locks import LockList
from bot.store.sealing import TAG_BYTES

CHUNK_BYTES = 64 * 1024
"""Plain bytes in one sealed chunk; the last may be shorter."""

ORPHAN_AFTER_S = 3600
"""A younger file may belong to a report that is being stored at this moment."""

_MAGIC = b"SRV1"
_SALT_BYTES = 16
# Begins with a letter or a digit: neither "..", nor a hidden file, nor a path.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class FileVault:
    """Implements `ports.Vault`: the file of an item is *folder*/CASE/ITEM; *locks* says which stay shut."""

    folder: Path
    locks: LockList

    def put(self, key: CaseKey, item: str, content: Iterable[bytes]) -> StoredFile:
        """Keep *content*; raises also `EvidenceLocked` for the id of a locked item."""
        path = self._path(key.case, item)
        # A damaged list of locks must not turn a report away: what is new is not opened by anybody meanwhile.
        if item in self.locked(key.case):
            raise EvidenceLocked(_where(key.case, item))
        with storing(_where(key.case, item)):
            own_folder(self.folder)
            own_folder(path.parent)
            with write_once(path) as write:
                return _seal_into(write, key, item, content)

    def read(self, key: CaseKey, item: str) -> Iterator[bytes]:
        """
        Return the content in chunks, each checked before it is given out.

        Raises:
            EvidenceDamaged: at once when it is not there, or at the chunk that differs.
            EvidenceLocked: at once, when it is locked or the list of locks is damaged.
        """
        path = self._path(key.case, item)
        self._refuse_locked(key.case, item)
        if not path.is_file():
            raise EvidenceDamaged(f"{_where(key.case, item)}: not there")
        return self._content(key, item)

    def lock(self, case: str, item: str, derivatives: Iterable[str]) -> None:
        """Close *item* and its *derivatives* for good; raises `StoreFailed` or `LocksDamaged`."""
        names = tuple(derivatives)
        for name in (item, *names):
            self._path(case, name)
        self.locks.add(case, item, names)

    def locked(self, case: str) -> frozenset[str]:
        """Return the locked ids of *case*; while the list of locks is damaged, of every file it has."""
        try:
            return self.locks.locked(case)
        except LocksDamaged:
            return frozenset(self.items(case))

    def remove(self, case: str) -> None:
        """Delete the files of *case* but the locked; raises `LocksDamaged` when nobody can tell which."""
        shut = self.locks.locked(case)
        self._delete(case, [path for path in self._files(case) if path.name not in shut])

    def sweep(self, known: Mapping[str, frozenset[str]]) -> int:
        """
        Delete what no case in *known* names, older than an hour, and files never finished; locked items stay.

        Raises:
            LocksDamaged: nobody can tell which are locked; nothing was deleted.
        """
        shut = {(lock.case, name) for lock in self.locks.all() for name in lock.ids}
        count = 0
        for case in self.cases():
            wanted = known.get(case, frozenset()) | {name for of, name in shut if of == case}
            orphans = [path for path in self._files(case) if path.name not in wanted and _is_old(path)]
            self._delete(case, orphans)
            count += len(orphans)
        return count

    def cases(self) -> tuple[str, ...]:
        """Return the cases that have a folder here, in alphabetical order."""
        if not self.folder.is_dir():
            return ()
        folders = (path for path in self.folder.iterdir() if path.is_dir() and not path.is_symlink())
        return tuple(sorted(path.name for path in folders if is_id(path.name)))

    def items(self, case: str) -> tuple[str, ...]:
        """Return the ids of the files of *case*, in alphabetical order; unfinished ones do not count."""
        return tuple(path.name for path in self._files(case) if is_id(path.name))

    def _content(self, key: CaseKey, item: str) -> Iterator[bytes]:
        # Again: it may have been locked between the asking and the reading.
        self._refuse_locked(key.case, item)
        where = _where(key.case, item)
        try:
            with self._path(key.case, item).open("rb") as file:
                yield from _opened(file, key, item)
        except InvalidTag:
            raise EvidenceDamaged(f"{where}: content") from None
        except OSError as error:
            raise EvidenceDamaged(f"{where}: {type(error).__name__}") from None

    def _refuse_locked(self, case: str, item: str) -> None:
        if item in self.locks.locked(case):
            raise EvidenceLocked(_where(case, item))

    def _files(self, case: str) -> list[Path]:
        folder = self._folder(case)
        if not folder.is_dir():
            return []
        with storing(_where(case, "")):
            files = [path for path in folder.iterdir() if path.is_file() and not path.is_symlink()]
        return sorted(path for path in files if is_id(path.name) or path.name.endswith(PART))

    def _delete(self, case: str, files: list[Path]) -> None:
        if not files:
            return
        with storing(_where(case, "")):
            for path in files:
                path.unlink(missing_ok=True)
            sync_folder(self._folder(case))

    def _folder(self, case: str) -> Path:
        if not is_id(case):
            raise StoreFailed("vault: not the id of a case")
        return self.folder / case

    def _path(self, case: str, item: str) -> Path:
        if not is_id(item):
            raise StoreFailed("vault: not the id of an item")
        return self._folder(case) / item


def is_id(text: str) -> bool:
    """Whether *text* may name a case or an item in the vault, and so a file."""
    return _ID.fullmatch(text) is not None


def _where(case: str, item: str) -> str:
    return f"vault: {case}/{item}"


def _is_old(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > ORPHAN_AFTER_S
    except FileNotFoundError:  # finished, and so renamed, since the folder was read
        return False


def _seal_into(write: Write, key: CaseKey, item: str, content: Iterable[bytes]) -> StoredFile:
    salt = os.urandom(_SALT_BYTES)
    chunks = _Chunks(key, item, salt)
    digest, size = hashlib.sha256(), 0
    write(_MAGIC + salt)
    pending, number = bytearray(), 0
    for piece in content:
        digest.update(piece)
        size += len(piece)
        pending += piece
        # A whole chunk waits until more comes: it may be the last, and has to say so.
        while len(pending) > CHUNK_BYTES:
            write(chunks.seal(bytes(pending[:CHUNK_BYTES]), number, last=False))
            del pending[:CHUNK_BYTES]
            number += 1
    write(chunks.seal(bytes(pending), number, last=True))
    return StoredFile(item, digest.hexdigest(), size)


def _opened(file: BinaryIO, key: CaseKey, item: str) -> Iterator[bytes]:
    head = file.read(len(_MAGIC) + _SALT_BYTES)
    if len(head) != len(_MAGIC) + _SALT_BYTES or not head.startswith(_MAGIC):
        raise InvalidTag
    chunks = _Chunks(key, item, head[len(_MAGIC) :])
    number, sealed = 0, file.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = file.read(CHUNK_BYTES + TAG_BYTES)
        yield chunks.open(sealed, number, last=not following)
        if not following:
            return
        number, sealed = number + 1, following


class _Chunks:
    """
    Seals and opens the chunks of one file.

    The key is derived from the key of the case, a salt of the file's own and its ids, so that a counter is a
    safe nonce; a chunk moved, dropped, cut off or taken from another file does not open.
    """

    def __init__(self, key: CaseKey, item: str, salt: bytes) -> None:
        self._ids = f"{key.case}/{item}".encode()
        self._cipher = AESGCM(subkey(key.secret, f"vault/{salt.hex()}/{key.case}/{item}"))

    def seal(self, plain: bytes, number: int, last: bool) -> bytes:
        return self._cipher.encrypt(number.to_bytes(12, "big"), plain, self._bound(number, last))

    def open(self, sealed: bytes, number: int, last: bool) -> bytes:
        if len(sealed) < TAG_BYTES:
            raise InvalidTag
        return self._cipher.decrypt(number.to_bytes(12, "big"), sealed, self._bound(number, last))

    def _bound(self, number: int, last: bool) -> bytes:
        return b"staffroom/vault/1\0%b\0%d\0%d" % (self._ids, number, last)
