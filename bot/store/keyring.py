"""The keys: the master key, what it wraps, and how a wrong one is told."""

import base64
import binascii
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import ConfigurationError, SealBroken, WrongKey
from bot.ports import CaseKey
from bot.store.disk import write_once
from bot.store.sealing import SECRET_BYTES, mark, open_sealed, seal

_ID_BYTES = 4
_MEND = 'make one with: python -c "import base64, os; print(base64.b64encode(os.urandom(32)).decode())"'


@dataclass(frozen=True, slots=True)
class Roots:
    """
    The keys that outlive the master key: made once, kept wrapped, and only wrapped anew when it changes.

    A mark made last year must still match, and the chain of the audit log must still verify.
    """

    mark: bytes = field(repr=False)
    """For keyed hashes of names, handles and request ids."""
    audit: bytes = field(repr=False)
    """For the chain of the audit log; `subkey` of it for the lock list and for backups."""
    signing: bytes = field(repr=False)
    """The seed of the Ed25519 key that signs packs."""
    memo: bytes = field(repr=False)
    """For what is sealed without a case: memos, notices, details of the audit log."""

    @classmethod
    def fresh(cls) -> "Roots":
        """Return new random ones, for a new store."""
        return cls(*(os.urandom(SECRET_BYTES) for _ in fields(cls)))


@dataclass(frozen=True, slots=True)
class Keyring:
    """The master key in use, and earlier ones that still open what they wrapped."""

    current: bytes = field(repr=False)
    previous: tuple[bytes, ...] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        if any(len(master) != SECRET_BYTES for master in self._masters()):
            raise ConfigurationError(f"a master key must have {SECRET_BYTES} bytes; {_MEND}")

    @property
    def key_id(self) -> str:
        """The id of the master key in use: eight hex digits that say nothing about it."""
        return _key_id(self.current)

    def check_word(self) -> str:
        """Return what a store keeps to recognise its master key; it is no secret."""
        return f"{self.key_id}:{_check(self.current)}"

    def check(self, word: str) -> None:
        """
        See whether the store that keeps *word* opens with a key of this ring.

        Raises:
            WrongKey: naming the id of the key that the store expects and of the one that was given.
        """
        if word not in (f"{_key_id(master)}:{_check(master)}" for master in self._masters()):
            raise self._wrong(word.partition(":")[0])

    def new_case_key(self, case: str) -> CaseKey:
        """Return a fresh random key for *case*, wrapped."""
        secret = os.urandom(SECRET_BYTES)
        return CaseKey(case, secret, self.wrap(case, secret))

    def wrap(self, case: str, secret: bytes) -> bytes:
        """Return the key of *case* as it may be kept: sealed by the master key in use, whose id it names."""
        return self._wrap(f"case:{case}", secret)

    def unwrap(self, case: str, wrapped: bytes) -> CaseKey:
        """
        Return the key of *case*.

        Raises:
            WrongKey: another master key wrapped it.
            SealBroken: it is damaged, or it is the key of another case.
        """
        return CaseKey(case, self._unwrap(f"case:{case}", wrapped), wrapped)

    def rewrap(self, case: str, wrapped: bytes) -> bytes:
        """Return the same key of *case* wrapped by the master key in use; raises as `unwrap`."""
        return self.wrap(case, self.unwrap(case, wrapped).secret)

    def wrap_roots(self, roots: Roots) -> bytes:
        """Return *roots* as they may be kept."""
        return self._wrap("roots", roots.mark + roots.audit + roots.signing + roots.memo)

    def unwrap_roots(self, wrapped: bytes) -> Roots:
        """Return the roots of a store; raises `WrongKey` or `SealBroken` as `unwrap`."""
        plain = self._unwrap("roots", wrapped)
        return Roots(*(plain[at : at + SECRET_BYTES] for at in range(0, len(plain), SECRET_BYTES)))

    def is_current(self, wrapped: bytes) -> bool:
        """Whether *wrapped* was wrapped by the master key in use; if not, a rotation wraps it anew."""
        return wrapped[:_ID_BYTES].hex() == self.key_id

    def _masters(self) -> tuple[bytes, ...]:
        return (self.current, *self.previous)

    def _wrap(self, what: str, plain: bytes) -> bytes:
        key_id = self.key_id
        return bytes.fromhex(key_id) + seal(subkey(self.current, "wrapping"), plain, f"key:{what}:{key_id}")

    def _unwrap(self, what: str, wrapped: bytes) -> bytes:
        if len(wrapped) <= _ID_BYTES:
            raise SealBroken(f"key:{what}")
        key_id = wrapped[:_ID_BYTES].hex()
        for master in self._masters():
            if _key_id(master) == key_id:
                wrapping = subkey(master, "wrapping")
                return open_sealed(wrapping, wrapped[_ID_BYTES:], f"key:{what}:{key_id}")
        raise self._wrong(key_id)

    def _wrong(self, expected: str) -> WrongKey:
        given = ", ".join(_key_id(master) for master in self._masters())
        return WrongKey(
            f"the master key does not open this store: it expects key {expected}, and was given key {given}; "
            "set STAFFROOM_KEY or STAFFROOM_KEY_FILE to the key it was made with"
        )


def subkey(secret: bytes, purpose: str) -> bytes:
    """Return the 32 bytes derived from *secret* (HKDF, SHA-256) for *purpose*; no two purposes share any."""
    info = f"staffroom/{purpose}/1".encode()
    return HKDF(algorithm=SHA256(), length=SECRET_BYTES, salt=None, info=info).derive(secret)


def load_key(key: bytes, key_file: Path | None, sample_key_file: Path | None) -> bytes:
    """
    Return the master key: *key*, else what *key_file* holds, else that of *sample_key_file*.

    *sample_key_file* is made when it is not there; pass None in real mode, which makes no key of its own.

    Raises:
        ConfigurationError: there is no key, or its file cannot be used; the message says what to mend.
    """
    if key:
        return key
    if key_file is not None:
        return _read_key(key_file)
    if sample_key_file is None:
        raise ConfigurationError(f"STAFFROOM_KEY or STAFFROOM_KEY_FILE is missing: {_MEND}")
    if not sample_key_file.exists():
        _make_key(sample_key_file)
    return _read_key(sample_key_file)


def _key_id(master: bytes) -> str:
    return mark(subkey(master, "key-id"), "key-id")[: _ID_BYTES * 2]


def _check(master: bytes) -> str:
    return mark(subkey(master, "check"), "check")


def _make_key(path: Path) -> None:
    content = base64.b64encode(os.urandom(SECRET_BYTES)) + b"\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_once(path) as write:
            write(content)
    except FileExistsError:
        return  # another process was quicker, and its key is the key
    except OSError as error:
        raise ConfigurationError(f"{path}: a key cannot be made there ({error.strerror})") from None


def _read_key(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(1024).strip()
    except OSError as error:
        raise ConfigurationError(f"{path}: the key file cannot be read ({error.strerror})") from None
    if os.name != "nt" and mode & 0o007:
        raise ConfigurationError(f"{path}: anybody on this machine may read it; run: chmod 600 {path}")
    for problem in _key_problems(content):
        raise ConfigurationError(f"{path}: {problem}; {_MEND}")
    return _decoded(content)


def _key_problems(content: bytes) -> Iterator[str]:
    try:
        size = len(_decoded(content))
    except (binascii.Error, ValueError):
        yield "the key file is not base64"
        return
    if size != SECRET_BYTES:
        yield f"the key file holds {size} bytes instead of {SECRET_BYTES}"


def _decoded(content: bytes) -> bytes:
    return base64.b64decode(content.replace(b"-", b"+").replace(b"_", b"/"), validate=True)
