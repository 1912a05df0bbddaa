"""Files that are there whole and for good, or not at all."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bot.errors import StoreFailed

PART = ".part"
"""How the name of a file ends that is still being written; nothing counts as stored under it."""

_ONLY_OURS = 0o600

Write = Callable[[bytes], None]


@contextmanager
def write_once(path: Path) -> Iterator[Write]:
    """
    Write a new file at *path*, mode 600: it is there whole and synced when the block ends, or not at all.

    Raises:
        FileExistsError: there is one already; it is left alone.
        OSError: such as a full disk; nothing is left behind.
    """
    with _part_of(path) as (part, write):
        yield write
    try:
        # A link, unlike a rename, never replaces what is there.
        os.link(part, path)
    finally:
        part.unlink()
    _settled(path)


@contextmanager
def replacing(path: Path) -> Iterator[Write]:
    """Write *path* anew, mode 600: a reader, or a crash, finds the old file or the new one, whole."""
    with _part_of(path) as (part, write):
        yield write
    try:
        os.replace(part, path)
    except OSError:
        part.unlink()
        raise
    sync_folder(path.parent)


@contextmanager
def storing(where: str) -> Iterator[None]:
    """Turn an error of the disk into `StoreFailed`; *where* names ids only."""
    try:
        yield
    except OSError as error:
        raise StoreFailed(f"{where}: {type(error).__name__} {error.errno}") from None


def own_folder(folder: Path) -> None:
    """Make *folder* and what is above it where it is not there, for this account only, and sync its name."""
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
    # Also when somebody else has just made it and has not synced it yet.
    sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in *folder* survive a power cut."""
    if os.name == "nt":  # Windows cannot open a folder, and needs no sync of it
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


@contextmanager
def _part_of(path: Path) -> Iterator[tuple[Path, Write]]:
    """Open a file beside *path* to write; synced and closed after the block, gone after an error in it."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    opened = os.open(part, flags, _ONLY_OURS)
    try:
        try:
            yield part, lambda content: _write_all(opened, content)
            os.fsync(opened)
        finally:
            os.close(opened)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _settled(path: Path) -> None:
    try:
        sync_folder(path.parent)
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _write_all(opened: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(opened, left) :]
