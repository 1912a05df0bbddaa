"""Foreign text made safe to show: no control characters, no marks that turn its direction. Pure."""

import re

_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
LONGEST_VALUE = 300

Metadata = dict[str, str]
"""What a file says of itself, by plain names."""


def shown(text: str) -> str:
    """
    *text* with line ends as "\\n" and each mark that would turn its direction written out, as "[U+202E]".

    The reader sees that the mark was there, and the text stands in the order in which it was written.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x0c", "\n")
    return _CONTROL.sub("", _DIRECTION.sub(lambda mark: f"[U+{ord(mark[0]):04X}]", lines))


def turns(text: str) -> int:
    """How many marks in *text* would turn its direction."""
    return len(_DIRECTION.findall(text))


def value(text: str) -> str:
    """*text* on one line, short enough for a line of metadata; "" stays ""."""
    return " ".join(shown(text).split())[:LONGEST_VALUE]
