"""Reads the files that a reporter names, once the gate lets them be read; a bad one is no reason to stop."""

import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.domain.evidence import MOST_FILES
from bot.domain.file_names import shown_name
from bot.domain.reports import RefusedFile, Upload

NOT_OPENED = (
    "not opened, and nothing of it was read: an indecent image may be involved. "
    "Do not open, copy, send or delete it."
)
TOO_MANY = f"not opened: a report takes {MOST_FILES} files. Send it to whoever deals with the report."
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Files:
    """What was read, and what could not be."""

    uploads: tuple[Upload, ...] = ()
    refused: tuple[RefusedFile, ...] = ()


def unopened(paths: Iterable[Path]) -> tuple[RefusedFile, ...]:
    """Name *paths* as not opened (SAFETY 1); none of them is touched."""
    return tuple(RefusedFile(shown_name(path.name), NOT_OPENED) for path in paths)


def read_files(paths: Iterable[Path], max_mb: int) -> Files:
    """
    Read *paths*; call it only after a plain "no" at the gate (SAFETY 1).

    Of a file over *max_mb* only as much is read as shows that it is too large.
    """
    uploads: list[Upload] = []
    refused: list[RefusedFile] = []
    for number, path in enumerate(paths):
        found = TOO_MANY if number >= MOST_FILES else read_file(path, max_mb)
        if isinstance(found, Upload):
            uploads.append(found)
        else:
            refused.append(RefusedFile(shown_name(path.name), found))
    return Files(tuple(uploads), tuple(refused))


def read_file(path: Path, max_mb: int) -> Upload | str:
    """Return the file at *path*, or why it could not be read, in words; only after a plain "no"."""
    try:
        # A pipe or a device would keep us waiting for ever.
        if not stat.S_ISREG(path.stat().st_mode):
            return "it is a folder; name a file in it." if path.is_dir() else "it is no ordinary file."
        with path.open("rb") as file:
            return Upload(path.name, file.read(max_mb * _MEGABYTE + 1))
    except FileNotFoundError:
        return "it is not there; check the name and the folder."
    except PermissionError:
        return "it may not be read by this account; change its permissions."
    except (OSError, ValueError) as error:
        return f"it could not be read: {getattr(error, 'strerror', '') or 'its name is no file name'}."
