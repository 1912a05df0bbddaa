"""How much of a file is looked at, and what a process that looks at one may use."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields

from bot.domain.evidence import Derivative

MEGABYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """
    The limits of one look; past any of them the file is refused.

    A phone's largest ordinary photograph has 50 million pixels; three copies of it fit into *memory_mb*.
    """

    file_mb: int = 50
    memory_mb: int = 1536
    cpu_s: int = 30
    wall_s: float = 40.0
    pixels: int = 60_000_000
    frames: int = 1000
    """Pictures in one animation."""
    pages: int = 40
    minutes: int = 10
    """The length of a film."""
    text_mb: int = 10
    answer_mb: int = 200
    """What all derivatives of one file may weigh together."""

    def to_json(self) -> str:
        """Write as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, line: str | bytes) -> "Limits":
        """Read what `to_json` wrote."""
        read = json.loads(line)
        return cls(**{field.name: read[field.name] for field in fields(cls)})


Look = Callable[[bytes, Limits], tuple[dict[str, str], tuple[Derivative, ...]]]
"""Decodes a file of one kind: its metadata in words, and what people look at."""
