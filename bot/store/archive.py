"""The file of a backup: a tar, its manifest, and a closing mark over every byte."""

import hashlib
import hmac
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, BinaryIO, cast

from bot.domain.audit import Checkpoint
from bot.errors import BackupDamaged, SealBroken
from bot.store.disk import Write
from bot.store.keyring import Keyring, Roots, subkey
from bot.store.locks import Lock
from bot.store.sealing import open_sealed, seal
from bot.store.vault import is_id

DATABASE = "staffroom.db"
"""The database inside a backup."""
_MANIFEST = "manifest"
_VAULT = "evidence"

_END = b"STAFFROOM-BACKUP-1"
# Key id, version, nonce, four keys, tag: `Keyring.wrap_roots` always gives as many.
_ROOTS_BYTES = 4 + 1 + 12 + 4 * 32 + 16
_MARK_BYTES = 32
_CLOSING_BYTES = len(_END) + _ROOTS_BYTES + _MARK_BYTES
_READ_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """One file in a backup: its size in bytes and its hash, as it lies there."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds; *locks* stood when it was made, and what they name is not in it (SAFETY 4)."""

    made_at: datetime
    checkpoint: Checkpoint | None
    """The end of the audit chain shortly before."""
    files: Mapping[str, Kept] = field(repr=False)
    locks: tuple[Lock, ...]

    def to_json(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), default=_text_of).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "Manifest":
        """Return what `to_json` wrote."""
        found = json.loads(content)
        point = found["checkpoint"]
        return cls(
            datetime.fromisoformat(found["made_at"]),
            point and Checkpoint(point["seq"], point["mac"], datetime.fromisoformat(point["at"])),
            {name: Kept(**kept) for name, kept in found["files"].items()},
            tuple(
                Lock(row["case"], row["item"], tuple(row["derivatives"]), datetime.fromisoformat(row["at"]))
                for row in found["locks"]
            ),
        )


def evidence_name(case: str, item: str) -> str:
    """Return the name of an evidence file inside a backup."""
    return f"{_VAULT}/{case}/{item}"


def evidence_ids(name: str) -> tuple[str, str] | None:
    """Return case and item of an evidence file inside a backup, None for any other name."""
    match = re.fullmatch(rf"{_VAULT}/([^/]+)/([^/]+)", name)
    return (match[1], match[2]) if match and is_id(match[1]) and is_id(match[2]) else None


class Archive:
    """A backup being written, file by file; `close` makes it one that can be restored."""

    def __init__(self, write: Write, roots: Roots, wrapped_roots: bytes) -> None:
        self._wrapped, self._key = wrapped_roots, subkey(roots.audit, "backup")
        self._stream = _Marked(write, _mark_of(roots))
        # Closed by `close` alone: what an error cut short must not be made to look whole.
        self._tar = tarfile.TarFile(
            fileobj=cast(IO[bytes], self._stream), mode="w", format=tarfile.PAX_FORMAT
        )
        self.files: dict[str, Kept] = {}

    def add(self, name: str, path: Path) -> None:
        """Add the file at *path*; raises OSError."""
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            hashed = _Hashed(file)
            self._tar.addfile(_member(name, size), hashed)
        self.files[name] = Kept(size, hashed.digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        """Seal *manifest* into it, and mark its end; raises OSError."""
        content = seal(self._key, manifest.to_json(), _MANIFEST)
        self._tar.addfile(_member(_MANIFEST, len(content)), io.BytesIO(content))
        self._tar.close()
        self._stream.write(_END + self._wrapped)
        self._stream.write(self._stream.mark.digest())


class Opened:
    """A backup that was checked as a whole, to take files out of."""

    def __init__(self, tar: tarfile.TarFile, roots: Roots) -> None:
        """Read the manifest; raises `BackupDamaged` when the members are not what it names, or unsafe."""
        self.roots = roots
        self._tar = tar
        members = tar.getmembers()
        self._members = {member.name: member for member in members}
        if len(self._members) != len(members) or not all(member.isreg() for member in members):
            raise BackupDamaged("backup: members")
        sealed = b"".join(self._content(_MANIFEST))
        self.manifest = Manifest.from_json(open_sealed(subkey(roots.audit, "backup"), sealed, _MANIFEST))
        names = self.manifest.files.keys()
        if names | {_MANIFEST} != self._members.keys() or DATABASE not in names:
            raise BackupDamaged("backup: members")
        if not all(name == DATABASE or evidence_ids(name) for name in names):
            raise BackupDamaged("backup: names")

    def copy(self, name: str, write: Write) -> None:
        """Write the file called *name*; raises `BackupDamaged` when it is not what the manifest says."""
        digest, size = hashlib.sha256(), 0
        for piece in self._content(name):
            digest.update(piece)
            size += len(piece)
            write(piece)
        if Kept(size, digest.hexdigest()) != self.manifest.files[name]:
            raise BackupDamaged(f"backup: {name}")

    def _content(self, name: str) -> Iterator[bytes]:
        file = self._tar.extractfile(self._members[name]) if name in self._members else None
        if file is None:
            raise BackupDamaged(f"backup: no {name}")
        while piece := file.read(_READ_BYTES):
            yield piece


@contextmanager
def opened(path: Path, keyring: Keyring) -> Iterator[Opened]:
    """
    Open the backup at *path*; every byte of it, and every name in it, is checked before the block begins.

    Raises:
        BackupDamaged: it is no backup, or a byte of it differs.
        WrongKey: it was made under a master key that *keyring* does not have.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            roots = _checked(file, keyring)
            tar = stack.enter_context(tarfile.TarFile(fileobj=file, mode="r"))
            found = Opened(tar, roots)
        except (OSError, tarfile.TarError, SealBroken) as error:
            raise BackupDamaged(f"backup: {type(error).__name__}") from None
        yield found


def _checked(file: BinaryIO, keyring: Keyring) -> Roots:
    """Return the roots at the end of *file* once the mark over the whole of it is found right."""
    body = file.seek(0, os.SEEK_END) - _CLOSING_BYTES
    if body < 0:
        raise BackupDamaged("backup: too short")
    file.seek(body)
    closing = file.read(_CLOSING_BYTES)
    if not closing.startswith(_END):
        raise BackupDamaged("backup: no end")
    roots = keyring.unwrap_roots(closing[len(_END) : -_MARK_BYTES])
    mark = _mark_of(roots)
    file.seek(0)
    left = body
    while piece := file.read(min(left, _READ_BYTES)):
        mark.update(piece)
        left -= len(piece)
    mark.update(closing[:-_MARK_BYTES])
    if not hmac.compare_digest(mark.digest(), closing[-_MARK_BYTES:]):
        raise BackupDamaged("backup: content")
    file.seek(0)
    return roots


def _mark_of(roots: Roots) -> hmac.HMAC:
    return hmac.new(subkey(roots.audit, "backup-end"), digestmod=hashlib.sha256)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, 0o600
    return member


def _text_of(moment: object) -> str:
    if isinstance(moment, datetime):
        return moment.isoformat()
    raise TypeError(type(moment).__name__)


class _Marked:
    """Passes on what is written and marks it; looks like a file to `tarfile`."""

    def __init__(self, write: Write, mark: hmac.HMAC) -> None:
        self._write, self._at = write, 0
        self.mark = mark

    def write(self, content: bytes) -> int:
        self.mark.update(content)
        self._write(content)
        self._at += len(content)
        return len(content)

    def tell(self) -> int:
        return self._at


class _Hashed:
    """Hashes what is read through it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.digest = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        self.digest.update(content)
        return content
