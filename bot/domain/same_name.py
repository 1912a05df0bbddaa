"""Which names are the same, however a keyboard or a phone writes them. Pure."""

import re
import unicodedata

_TITLES = frozenset(
    ("mr", "mrs", "miss", "ms", "mx", "dr", "prof", "professor")
    + ("sir", "dame", "rev", "reverend", "madam", "master")
)
# One letter for what keyboards and phones write in different ways.
_SAME = str.maketrans("\u2018\u2019\u02bc\u00b4`\u2010\u2012\u2013\u2014", "'''''----")


def normalised(name: str) -> str:
    """Return *name* as it is compared: no title, no leading @, no capitals, one spelling of each letter."""
    # Before the letters are taken apart too: that would leave a space where an acute accent stood alone.
    folded = unicodedata.normalize("NFD", name.translate(_SAME)).casefold()
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", folded).casefold()).translate(_SAME)
    # Invisible format characters, such as a zero-width space, ride along with copied handles.
    seen = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    words = seen.lstrip("@ \t\r\n").split()
    while len(words) > 1 and re.sub(r"[.,]+$", "", words[0]) in _TITLES:
        del words[0]
    return " ".join(words).lstrip("@ ")
