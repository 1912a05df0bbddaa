"""What `doctor` says of one thing it looked at."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, and what to do when it is not."""

    passed: bool
    words: str
    note: bool = False
    """Something to know of, that nobody could look at: neither well nor to be mended."""


def note(words: str) -> Check:
    """Something to know of."""
    return Check(True, words, note=True)
