"""Text that somebody else wrote, made harmless for a terminal."""

import unicodedata

_HARMLESS = {"\n", "\t", "\u200d"}


def plain(text: object) -> str:
    """
    *text* without anything that a terminal obeys or that turns the order of letters round.

    Each such character is shown as its code, so that its presence is not hidden: "\\x1b[31m".
    """
    return "".join(_shown(character) for character in str(text).replace("\r\n", "\n"))


def plain_json(text: str) -> str:
    """JSON *text* with the same characters escaped; JSON itself lets most of them through."""
    return "".join(each if not _obeyed(each) else f"\\u{ord(each):04x}" for each in text)


def _shown(character: str) -> str:
    if not _obeyed(character):
        return character
    number = ord(character)
    return f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}"


def _obeyed(character: str) -> bool:
    """Control, format and half characters; above U+FFFF only tags and shorthand, of which none is written."""
    if character in _HARMLESS:
        return False
    return unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") and ord(character) <= 0xFFFF
