"""A pack's content as JSON, nothing left out but the bytes of pictures."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from typing import Any

from bot.domain.packs import PackContent, without_locked

FORMAT = "staffroom case 1"


def case_json(content: PackContent) -> bytes:
    """*content* as JSON: times in ISO 8601, pictures by name and SHA-256, locked items closed."""
    return as_json({"format": FORMAT, **_plain(without_locked(content))})


def as_json(value: Any) -> bytes:
    """*value* as JSON in UTF-8, the same bytes for the same value."""
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode(
        "utf-8", "backslashreplace"
    )


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, bytes):
        return {"sha256": hashlib.sha256(value).hexdigest()}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, tuple) else value
