"""Why a file is not kept, in words for the person who sent it."""

from collections.abc import Mapping
from enum import StrEnum

from bot.errors import EvidenceRefused
from bot.media.limits import Limits


class Reason(StrEnum):
    """The cause of a refusal; it says nothing of the content, so it may cross any border."""

    EMPTY = "empty"
    TOO_BIG = "too-big"
    NAME_HIDDEN = "name-hidden"
    NAME_PROGRAM = "name-program"
    NAME_DIFFERS = "name-differs"
    ARCHIVE = "archive"
    OFFICE = "office"
    PROGRAM = "program"
    WEB_PAGE = "web-page"
    DRAWING = "drawing"
    SOUND = "sound"
    OTHER_PICTURE = "other-picture"
    OTHER_FILM = "other-film"
    UNKNOWN = "unknown"
    TWO_IN_ONE = "two-in-one"
    TRAILING = "trailing"
    BROKEN = "broken"
    PIXELS = "pixels"
    FRAMES = "frames"
    PASSWORD = "password"  # noqa: S105  (a reason, no secret)
    PAGES = "pages"
    FILM_LENGTH = "film-length"
    NOT_TEXT = "not-text"
    TEXT_LENGTH = "text-length"
    UNREADABLE = "unreadable"
    TOO_SLOW = "too-slow"


class Refused(Exception):
    """Raised where a file is looked at; only its reason leaves that place."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


_SCREENSHOT = "If you have it on your screen, take a screenshot of it and send that."
_WORDS: Mapping[Reason, str] = {
    Reason.EMPTY: "This file is empty, so there is nothing to keep. Save it again and send it again. "
    + _SCREENSHOT,
    Reason.TOO_BIG: "This file is larger than {file_mb} MB, which is the most that one file may have. "
    "Send a shorter or smaller copy of the part that matters, or a screenshot of it.",
    Reason.NAME_HIDDEN: "The name of this file has characters in it that cannot be seen, which can make one "
    "kind of file look like another. Give it a plain name and send it again, or send a screenshot of it.",
    Reason.NAME_PROGRAM: "The name of this file ends like that of a program, an archive or a web page; those "
    "can do harm when somebody opens them. Send a picture or a PDF instead. " + _SCREENSHOT,
    Reason.NAME_DIFFERS: "The name of this file says one kind of file, and its content is another. "
    "That is how harmful files are often hidden. Send the file that you meant, or a screenshot of it.",
    Reason.ARCHIVE: "This is an archive (such as ZIP): several files packed into one, which nobody can look "
    "at safely. Send what is inside one by one, or a screenshot of each.",
    Reason.OFFICE: "This is an Office document (such as Word or Excel), which can carry programs. "
    "Save it as a PDF and send that, or send a screenshot of it.",
    Reason.PROGRAM: "This is a program or a script, which can do harm when somebody opens it. "
    "Send a picture, a PDF or a text instead. " + _SCREENSHOT,
    Reason.WEB_PAGE: "This is a saved web page, which can carry programs and load things when opened. "
    "Save it as a PDF, or take a screenshot of it, with the address showing.",
    Reason.DRAWING: "This is an SVG drawing, which can carry programs. Send it as a PNG or JPEG picture. "
    + _SCREENSHOT,
    Reason.SOUND: "This is a sound recording, and only pictures, films, PDFs, texts and e-mails can be kept "
    "here. Keep it where it is, and tell the DSL that you have it.",
    Reason.OTHER_PICTURE: "This is a kind of picture that cannot be kept here. Send it as PNG or JPEG. "
    + _SCREENSHOT,
    Reason.OTHER_FILM: "This is a kind of film that cannot be kept here. Send it as MP4 or MOV, or take a "
    "screenshot of the moment that matters.",
    Reason.UNKNOWN: "This is no picture, film, PDF, text or e-mail that can be looked at here. "
    + _SCREENSHOT,
    Reason.TWO_IN_ONE: "This file is two files in one: something else is hidden in it, and it could do harm "
    "when opened. Do not open it. If you had it on your screen already, take a screenshot of it.",
    Reason.TRAILING: "This file goes on after its end, and what follows cannot be looked at. "
    "Take a screenshot of it and send that.",
    Reason.BROKEN: "This file is damaged or was cut short on the way. Send it again. If that fails too, "
    "take a screenshot of it.",
    Reason.PIXELS: "This picture is too large to be looked at (more than {megapixels} million dots). "
    "Take a screenshot of it and send that.",
    Reason.FRAMES: "This moving picture has more than {frames} pictures in it. "
    "Take a screenshot of the moment that matters.",
    Reason.PASSWORD: "This PDF cannot be opened without its password. Save or print it as a PDF without one, "
    "or send a screenshot of it.",
    Reason.PAGES: "This PDF has more than {pages} pages. Send the pages that matter as a PDF of their own, "
    "or a screenshot of each.",
    Reason.FILM_LENGTH: "This film is longer than {minutes} minutes. Send the part that matters, or take a "
    "screenshot of it.",
    Reason.NOT_TEXT: "This file is called a text, but it is not one. " + _SCREENSHOT,
    Reason.TEXT_LENGTH: "This text is longer than {text_mb} MB. Send the part that matters, or a screenshot.",
    Reason.UNREADABLE: "This file could not be looked at safely: it may be damaged, or made to do harm. "
    "Take a screenshot of it and send that.",
    Reason.TOO_SLOW: "Looking at this file took too long, so it was stopped. "
    "Send a shorter or smaller copy, or take a screenshot of it.",
}


def refusal(reason: Reason, limits: Limits) -> EvidenceRefused:
    """The error for *reason*: what it is, why it is not kept, what to send instead."""
    numbers = {name: getattr(limits, name) for name in ("file_mb", "frames", "pages", "minutes", "text_mb")}
    return EvidenceRefused(_WORDS[reason].format(megapixels=limits.pixels // 1_000_000, **numbers))
