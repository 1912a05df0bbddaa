"""Lists of contents: which lines or blocks repeat the headings that come later. Pure."""

from collections.abc import Sequence

from index import wording
from index.labels import parse

# A list of contents stands on the first pages and is no longer than this.
_FIRST = 150
_LONGEST = 200


def contents_of(texts: Sequence[str]) -> range:
    """
    The places in *texts* that hold the list of contents.

    They are its heading and what stands below it for as long as it comes again later.
    """
    start = next((at for at, text in enumerate(texts[:_FIRST]) if wording.is_contents(text)), None)
    if start is None:
        return range(0)
    end, last = start + 1, min(start + _LONGEST, len(texts))
    later = [_bare(text) for text in texts]
    while end < last and _comes_again(texts[end], later[end + 1 :]):
        end += 1
    return range(start, end)


def _comes_again(text: str, later: Sequence[str]) -> bool:
    wanted = _bare(wording.without_page(text))
    return len(text) <= 110 and bool(wanted) and any(other.startswith(wanted) for other in later)


def _bare(text: str) -> str:
    label = parse(text)
    return "".join(c for c in (label.rest if label else text).lower() if c.isalpha())
