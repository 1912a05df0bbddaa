"""Line breaks inside a paragraph: where a numbered line or a bullet begins a paragraph of its own."""

from collections.abc import Iterable

from index import wording
from index.labels import Style, parse

_DASHES = "-–—*+o"


def parted(lines: Iterable[str]) -> list[str]:
    """*lines* of one paragraph joined; those that begin with a label stand apart, and an empty line parts."""
    groups: list[list[str]] = []
    new = True
    for line in (" ".join(line.split()) for line in lines):
        if not line:
            new = True
            continue
        if new or _opens(line, groups[-1]):
            groups.append([])
        groups[-1].append(line)
        new = False
    return [" ".join(group) for group in groups]


def _opens(line: str, above: list[str]) -> bool:
    label = parse(line)
    if label is None:
        return False
    if label.style is Style.BULLET:
        return label.printed not in _DASHES or wording.is_finished(above[-1]) or parse(above[0]) is not None
    if label.style is Style.NUMBER:
        whole = not (label.close or label.series or label.value[1:])
        if whole or wording.names_number(above[-1]):
            return False
    return bool(label.rest) and (wording.is_finished(above[-1]) or parse(above[0]) is not None)
