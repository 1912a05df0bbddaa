"""A file's name as people see it: safe on a screen, in a pack and on any disk. Pure."""

import re
import unicodedata

LONGEST = 100
"""Characters of a name, its ending included."""
NAMELESS = "file"
# What Windows gives a meaning of its own (Microsoft Learn, "Naming Files, Paths, and Namespaces").
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])\s*(?:\.|\Z)", re.I)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,10}\Z")
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def shown_name(name: str) -> str:
    """
    *name* without folders, without characters that cannot be seen, at most 100 characters, never empty.

    The ending stays where it is a plain one. The same name comes back unchanged a second time. A sign that a
    spreadsheet takes for a formula stays: whoever writes a spreadsheet sees to that.
    """
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    seen = "".join(character for character in last if unicodedata.category(character) not in _UNSEEN)
    plain = _trimmed(" ".join(_FORBIDDEN.sub("_", seen).split()))
    if _RESERVED.match(plain):
        plain = f"_{plain}"
    return _shortened(plain) or NAMELESS


def _trimmed(name: str) -> str:
    # A dot in front hides a file, and Windows drops dots and spaces at the end.
    return name.strip(". ")


def _shortened(name: str) -> str:
    if len(name) <= LONGEST:
        return name
    ending = _ENDING.search(name)
    if not ending:
        return _trimmed(name[:LONGEST])
    return name[: LONGEST - len(ending[0])].rstrip(". ") + ending[0]
