"""JSON a line, in and out, and what counts as a question."""

import json
from pathlib import Path
from typing import Any

from bot.errors import ConfigurationError

# JSON allows these in a text as they are, but many a reader takes them for the end of the line.
_BREAKS = {ord(each): f"\\u{ord(each):04x}" for each in "\x85\u2028\u2029"}


def lines_of(file: Path) -> list[str]:
    """
    The lines of *file*; only a line feed ends one, since a text may hold every other break.

    Raises:
        ConfigurationError: it is not UTF-8.
    """
    try:
        return file.read_bytes().decode("utf-8-sig").split("\n")
    except UnicodeDecodeError:
        raise ConfigurationError(f"{file}: is not UTF-8; save it as UTF-8, one JSON object a line") from None


def json_object(line: str) -> dict[str, Any] | None:
    """The object that *line* holds, or None where it holds no object."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def to_json(value: object, indent: int | None = None) -> str:
    """*value* as JSON that any terminal or file can hold; without *indent*, one line for every reader."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text.translate(_BREAKS) if _is_text(text) else json.dumps(value, indent=indent)


def spoken(question: str) -> str:
    """
    *question*, if it can be asked.

    Raises:
        ConfigurationError: it is blank.
    """
    if not question.strip():
        raise ConfigurationError('ask needs a question, such as: staffroom ask "Can I follow a parent?"')
    # Half a character says nothing, and is no reason to turn anybody away.
    return question.encode("utf-8", "replace").decode("utf-8")


def _is_text(words: str) -> bool:
    """Whether *words* hold no half of a character, as broken JSON and a terminal of another encoding give."""
    return not any("\ud800" <= character <= "\udfff" for character in words)
