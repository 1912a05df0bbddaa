"""Checking a pack on any machine, without the store it came from."""

import hashlib
import io
import json
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pyrage

from bot.domain.audit import Fault
from bot.errors import ConfigurationError
from bot.packs.archive import FORMAT, MANIFEST, SIGNATURE
from bot.packs.signing import fingerprint_of, is_fingerprint, is_signed

_AGE = b"age-encryption.org/"
_MOST_FILES = 2_000
_LONGEST_LIST = 8 * 2**20
_MOST_UNPACKED = 512 * 2**20
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    ValueError,
)


def verify_pack(path: Path, fingerprint: str, identity: Path | None = None) -> tuple[Fault, ...]:
    """
    What is wrong with the pack at *path*; nothing, if it is as the key with *fingerprint* signed it.

    An encrypted pack is opened in memory with *identity*, a file of age secret keys, or is a fault that says
    how to open it.

    Raises:
        ConfigurationError: *path* or *identity* cannot be read, or *fingerprint* is not 32 hex digits.
    """
    if not re.fullmatch(r"[0-9a-fA-F]{32}", re.sub(r"[\s:-]", "", fingerprint)):
        raise ConfigurationError(
            "the fingerprint has 32 digits from 0 to 9 and a to f, as the school gives it"
        )
    try:
        with path.open("rb") as file:
            if file.read(len(_AGE)) == _AGE:
                return _encrypted(file, path, fingerprint, identity)
            return tuple(_faults(file, path.name, fingerprint))
    except OSError as error:
        raise ConfigurationError(f"{path.name} cannot be read: {error.strerror}") from None


def _encrypted(file: BinaryIO, path: Path, fingerprint: str, identity: Path | None) -> tuple[Fault, ...]:
    if identity is None:
        mend = (
            f"open it first (age --decrypt -i KEYFILE -o {path.stem} {path.name}), or give --identity KEYFILE"
        )
        return (Fault(path.name, f"is encrypted, so nothing in it was checked: {mend}"),)
    plain = io.BytesIO()
    file.seek(0)
    try:
        pyrage.decrypt_io(file, plain, _identities(identity))
    except (pyrage.DecryptError, OSError):  # the latter for a chunk that was changed
        return (Fault(path.name, "cannot be decrypted with this key: it is for another one, or was changed"),)
    return tuple(_faults(plain, path.name, fingerprint))


def _identities(path: Path) -> list[Any]:
    try:
        lines = [line.strip() for line in path.read_text("utf-8").splitlines()]
        found = [
            pyrage.x25519.Identity.from_str(line) for line in lines if line.startswith("AGE-SECRET-KEY-1")
        ]
    except (pyrage.IdentityError, UnicodeDecodeError):
        found = []
    if not found:
        raise ConfigurationError(f"{path.name} holds no age secret key that can be read")
    return found


def _faults(file: BinaryIO, name: str, fingerprint: str) -> Iterator[Fault]:
    try:
        with zipfile.ZipFile(file) as archive:
            tricks = tuple(_tricks(archive, file, name))
            yield from tricks or _content(archive, name, fingerprint)
    except _BROKEN:
        yield Fault(name, "is no ZIP file that can be read: it is damaged, cut off or something else")


def _tricks(archive: zipfile.ZipFile, file: BinaryIO, name: str) -> Iterator[Fault]:
    """What an honest pack never has; nothing is unpacked while one of these is there."""
    infos = archive.infolist()
    if len(infos) > _MOST_FILES:
        yield Fault(name, "holds more files than a pack can")
        return
    for each, times in Counter(info.filename.casefold() for info in infos).items():
        if times > 1:
            yield Fault(_shown(each), "is there more than once")
    for info in infos:
        if what := _trick(info):
            yield Fault(_shown(info.filename), what)
    if sum(info.file_size for info in infos if info.compress_type) > _MOST_UNPACKED:
        yield Fault(name, "would unpack to more than a pack can hold")
    if not _is_seamless(archive, file):
        yield Fault(name, "holds bytes that belong to none of its files")


def _trick(info: zipfile.ZipInfo) -> str:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if not _NAME.fullmatch(info.filename) or info.orig_filename != info.filename:
        return "has a name that leads out of the pack or that a pack never uses"
    if kind not in (0, stat.S_IFREG) or info.is_dir():
        return "is not a plain file"
    if info.flag_bits & 0x1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "is packed in a way that a pack never uses"
    if info.compress_type == zipfile.ZIP_STORED and info.file_size != info.compress_size:
        return "says two different sizes"
    # Only a very large file needs an extra field, for its size.
    extra = info.extra and info.file_size < 2**31
    return "carries bytes that a pack never has" if info.comment or extra else ""


def _is_seamless(archive: zipfile.ZipFile, file: BinaryIO) -> bool:
    """Whether file follows file and the directory comes last, with nothing before, between or behind."""
    at = 0
    for info in sorted(archive.infolist(), key=lambda info: info.header_offset):
        if info.header_offset != at:
            return False
        file.seek(at)
        header = file.read(30)
        name, extra = struct.unpack("<26xHH", header)
        # Behind a streamed file stand its checksum and sizes: 16 bytes, in a very large one 24.
        tail = (24 if extra else 16) if info.flag_bits & 0x8 else 0
        at += 30 + name + extra + info.compress_size + tail
    directory = sum(46 + len(info.orig_filename.encode()) + len(info.extra) for info in archive.infolist())
    rest = file.seek(0, io.SEEK_END) - archive.start_dir - directory
    return archive.start_dir == at and rest in (22, 98) and not archive.comment


def _content(archive: zipfile.ZipFile, name: str, fingerprint: str) -> Iterator[Fault]:
    present = {info.filename for info in archive.infolist()}
    if missing := {MANIFEST, SIGNATURE} - present:
        yield Fault(name, f"has no {' and no '.join(sorted(missing))}: it is no pack, or was taken apart")
        return
    if archive.getinfo(MANIFEST).file_size > _LONGEST_LIST or archive.getinfo(SIGNATURE).file_size != 64:
        yield Fault(MANIFEST, "or its signature has a size that a pack never has")
        return
    signed = archive.read(MANIFEST)
    manifest = _manifest(signed)
    if manifest is None:
        yield Fault(MANIFEST, "is no list of a pack's files")
        return
    yield from _signature(signed, archive.read(SIGNATURE), manifest.public_key, fingerprint)
    yield from _files(archive, manifest.files, present - {MANIFEST, SIGNATURE})


@dataclass(frozen=True, slots=True)
class _Manifest:
    public_key: bytes
    files: Mapping[str, tuple[str, int]]


def _manifest(content: bytes) -> _Manifest | None:
    try:
        data = json.loads(content)
        files = {each["name"]: (str(each["sha256"]), int(each["size"])) for each in data["files"]}
        sound = data["format"] == FORMAT and len(files) == len(data["files"])
        return _Manifest(bytes.fromhex(data["public_key"]), files) if sound else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _signature(signed: bytes, signature: bytes, public_key: bytes, fingerprint: str) -> Iterator[Fault]:
    if not is_fingerprint(fingerprint, public_key):
        yield Fault(
            MANIFEST, f"was signed with another key, whose fingerprint is {fingerprint_of(public_key)}"
        )
    if not is_signed(signed, signature, public_key):
        yield Fault(MANIFEST, "was changed after it was signed")


def _files(
    archive: zipfile.ZipFile, listed: Mapping[str, tuple[str, int]], present: set[str]
) -> Iterator[Fault]:
    yield from (Fault(_shown(name), "is missing from the pack") for name in sorted(listed.keys() - present))
    yield from (Fault(_shown(name), "is not in the signed list") for name in sorted(present - listed.keys()))
    for name in sorted(present & listed.keys()):
        if _digest(archive, name) != listed[name]:
            yield Fault(name, "is not what was signed: its content was changed")


def _digest(archive: zipfile.ZipFile, name: str) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as entry:
            while chunk := entry.read(2**20):
                digest.update(chunk)
                size += len(chunk)
    except _BROKEN:
        return "cannot be unpacked", -1
    return digest.hexdigest(), size


def _shown(name: str) -> str:
    """A name as it can be printed anywhere."""
    return (
        name[:200].encode("ascii", "backslashreplace").decode() if name.isprintable() else ascii(name[:200])
    )
