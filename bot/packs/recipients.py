"""Writing a pack to its file: encrypted to one reader with age, or plain in sample mode alone."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyrage

from bot.domain.packs import PackFile, Target
from bot.errors import ConfigurationError, NotAllowed

NO_RECIPIENT = (
    "A pack is encrypted to the person who takes it out, and no key is known for them. "
    'Add age = "age1…" to their [[person]] in school.toml: '
    "they make the key with age-keygen and keep the secret half."
)


def write(chunks: Iterable[bytes], target: Target, fingerprint: str, *, sample: bool) -> PackFile:
    """
    Write *chunks* to *target*, which must not be there yet, and sync it; on any error nothing is left.

    Nothing plain is written on the way to an encrypted file, and no more than a chunk is in memory.

    Raises:
        NotAllowed: there is no recipient, and this is not *sample* mode (SAFETY 30).
        ConfigurationError: the recipient is no age public key, or the file cannot be written.
    """
    check(target.recipient, sample=sample)
    recipient = _recipient(target.recipient) if target.recipient else None
    with _new_file(target) as file:
        out = _Hashed(file)
        if recipient is None:
            for chunk in chunks:
                out.write(chunk)
        else:
            _encrypt(chunks, out, recipient)
        file.flush()
        os.fsync(file.fileno())
    size = sum(out.sizes)
    return PackFile(target.path, out.digest.hexdigest(), size, recipient is not None, fingerprint)


def check(recipient: str, *, sample: bool) -> None:
    """Raise what `write` would about *recipient*, before anything is read or recorded."""
    if recipient:
        _recipient(recipient)
    elif not sample:
        raise NotAllowed("pack without a recipient", NO_RECIPIENT)


def _recipient(key: str) -> Any:
    try:
        return pyrage.x25519.Recipient.from_str(key)
    except pyrage.RecipientError:
        mend = "it must be an age public key, which begins age1, as age-keygen prints it"
        raise ConfigurationError(f"the key to encrypt a pack to cannot be used: {mend}") from None


@contextmanager
def _new_file(target: Target) -> Iterator[BinaryIO]:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    try:
        opened = os.open(target.path, flags, 0o600)
    except FileExistsError:
        raise ConfigurationError(f"{target.path.name} is there already: name another file") from None
    except OSError as error:
        raise ConfigurationError(f"{target.path.name} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(opened, "wb") as file:
            yield file
    except BaseException as error:
        target.path.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise ConfigurationError(f"{target.path.name} cannot be written: {error.strerror}") from None
        raise


@dataclass(frozen=True, slots=True)
class _Hashed:
    """A file that is hashed as it is written."""

    file: BinaryIO
    digest: Any = field(default_factory=hashlib.sha256)
    sizes: list[int] = field(default_factory=list)

    def write(self, chunk: bytes) -> int:
        self.digest.update(chunk)
        self.sizes.append(len(chunk))
        self.file.write(chunk)
        return len(chunk)

    def flush(self) -> None:
        self.file.flush()


@dataclass(frozen=True, slots=True)
class _Chunks:
    """Chunks as a file to read; an error on the way is kept, because age would turn it into words."""

    source: Iterator[bytes]
    errors: list[Exception] = field(default_factory=list)
    left: io.BytesIO = field(default_factory=io.BytesIO)

    def read(self, wanted: int = -1) -> bytes:
        found = self.left.read(wanted)
        while not found:
            try:
                chunk = next(self.source)
            except StopIteration:
                return b""
            except Exception as error:
                self.errors.append(error)
                raise
            self.left.seek(0)
            self.left.truncate()
            self.left.write(chunk)
            self.left.seek(0)
            found = self.left.read(wanted)
        return found


def _encrypt(chunks: Iterable[bytes], out: _Hashed, recipient: Any) -> None:
    source = _Chunks(iter(chunks))
    try:
        pyrage.encrypt_io(source, out, [recipient])
    except pyrage.EncryptError:
        if source.errors:
            raise source.errors[0] from None
        raise ConfigurationError("the pack could not be encrypted or written") from None
