"""Errors at the edge of the command line: one line that names the thing, the cause and the mend."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import BotError, StaleIndex
from index.errors import IndexingError


@contextmanager
def explained() -> Iterator[None]:
    """Turn an expected error into one line on standard error and exit code 2."""
    try:
        yield
    except StaleIndex as error:
        # Whoever stands at the terminal can mend it, so the cause is shown too.
        _leave(f"{error.user_message} Cause: {error}")
    except BotError as error:
        _leave(error.user_message if error.user_message != BotError.user_message else str(error))
    except IndexingError as error:
        _leave(str(error))
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        _leave(f"{named}{_cause(error)}")


def _cause(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "is not there; check the name and the folder"
    if isinstance(error, IsADirectoryError):
        return "is a folder; name a file in it"
    if isinstance(error, PermissionError):
        return "may not be read by this account; change its permissions"
    return error.strerror or type(error).__name__


def _leave(message: str) -> None:
    sys.stderr.write(f"staffroom: {message}\n")
    sys.exit(2)
