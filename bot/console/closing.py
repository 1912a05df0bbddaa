"""What has to be said when a case is closed: read from a file, or asked for one by one."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from bot.console.acting import written
from bot.console.lines import json_object
from bot.domain.closing import ADULT_OUTCOMES, Closing, Retention
from bot.domain.retention import Schedule
from bot.errors import ConfigurationError

_ASKED = {
    "summary": "What happened",
    "followed_up": "How it was followed up",
    "action": "What was done",
    "outcome": "How it ended",
    "reasons": "Reasons for that",
    "filed_where": "Where the school's file of record holds it (leave empty if nowhere)",
    "not_filed_because": "Why it is in no file of record (leave empty if it is)",
    "type": "Type of record",
    "until": "Kept until, YYYY-MM-DD (leave empty for the type's own time)",
    "sexual_abuse": "Is sexual abuse of a child alleged, yes or no",
}


def read_answers(file: Path) -> Mapping[str, Any]:
    """
    The object in the JSON file *file*.

    Raises:
        ConfigurationError: it holds none.
    """
    try:
        found = json_object(file.read_bytes().decode("utf-8-sig"))
    except UnicodeDecodeError:
        found = None
    if found is None:
        raise ConfigurationError(f'{file}: is not one JSON object, such as {{"summary": "…"}}')
    return found


def closing_from(given: Mapping[str, Any] | None, schedule: Schedule, adult: bool) -> Closing:
    """
    What *given* says, or what is typed where it is None.

    Raises:
        ConfigurationError: an answer is unknown, no text, no date, or no yes or no.
    """
    answers = _typed(schedule, adult) if given is None else given
    if unknown := sorted(answers.keys() - _ASKED.keys()):
        raise ConfigurationError(f"there is no answer {unknown[0]!r}; there are: {', '.join(_ASKED)}")
    texts = {key: answers.get(key, "") for key in _ASKED if key != "sexual_abuse"}
    if wrong := [key for key, value in texts.items() if not isinstance(value, str)]:
        raise ConfigurationError(f"{wrong[0]}: must be text, in quotes")
    kind, until = texts.pop("type").strip(), texts.pop("until").strip()
    types = [each.id for each in schedule.types]
    if kind not in types:
        raise ConfigurationError(f"type: choose one of: {', '.join(types)}")
    return Closing(**texts, retention=Retention(kind, _abuse(answers.get("sexual_abuse")), _last(until)))


def _typed(schedule: Schedule, adult: bool) -> dict[str, str]:
    hints = {"type": ", ".join(each.id for each in schedule.types)}
    if adult:
        hints["outcome"] = ", ".join(ADULT_OUTCOMES)
    return {key: written("", f"{ask} ({hints[key]})" if key in hints else ask) for key, ask in _ASKED.items()}


def _abuse(said: object) -> bool:
    """A person says so one way or the other; nothing is taken for granted (SAFETY 28)."""
    known = {"yes": True, "no": False, "true": True, "false": False}
    word = str(said).strip().lower()
    if word not in known:
        raise ConfigurationError("sexual_abuse: say whether sexual abuse of a child is alleged, yes or no")
    return known[word]


def _last(until: str) -> date | None:
    try:
        return date.fromisoformat(until) if until else None
    except ValueError:
        raise ConfigurationError("until: must be a date such as 2051-01-31") from None
