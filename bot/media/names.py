"""File names that would deceive whoever reads them. Pure."""

import re
import unicodedata

from bot.domain.evidence import FileKind
from bot.media.refusals import Reason, Refused

_PICTURE = "png jpg jpeg jpe jfif webp heic heif gif"
_FAMILIES = {
    "picture": f"{_PICTURE} avif bmp tif tiff",
    "document": "pdf",
    "film": "mp4 mov m4v qt 3gp",
    "text": "txt text eml log csv md",
    "office": "doc docx docm xls xlsx xlsm ppt pptx pptm odt ods odp rtf msg",
    "sound": "mp3 m4a wav ogg opus aac flac",
}
_FAMILY = {ending: family for family, endings in _FAMILIES.items() for ending in endings.split()}
_OF_KIND = {
    **dict.fromkeys((FileKind.PNG, FileKind.JPEG, FileKind.WEBP, FileKind.HEIC, FileKind.GIF), "picture"),
    **dict.fromkeys((FileKind.MP4, FileKind.MOV), "film"),
    **dict.fromkeys((FileKind.TXT, FileKind.EML), "text"),
    FileKind.PDF: "document",
}
# What a double click would start, unpack or open in a browser.
_PROGRAMS = frozenset(
    re.findall(
        r"\w+",
        "exe scr bat cmd com pif msi msp ps1 psm1 vbs vbe js jse mjs wsf wsh hta jar lnk url reg cpl "
        "dll sys inf sh bash command app apk ipa dmg pkg deb rpm iso img vhd py pyw pl rb php asp aspx jsp "
        "swf chm scf htm html xhtml shtml mht mhtml svg svgz xml xsl zip zipx rar 7z gz tgz "
        "bz2 xz tar cab z lz zst",
    )
)
# Before the last ending, too; ".com" and ".js" are not here because addresses are named in file names.
_NEVER_INSIDE = frozenset(
    re.findall(r"\w+", "exe scr bat cmd pif msi ps1 vbs vbe hta jar lnk svg html htm zip rar 7z")
)
_ENDING = re.compile(r"[a-z0-9]{1,10}\Z")


def check_name(name: str) -> None:
    """
    Check *name* alone.

    Raises:
        Refused: it hides characters, or names a program, an archive or a web page.
    """
    if any(
        unicodedata.category(character) in ("Cc", "Cf", "Zl", "Zp", "Cs")
        for character in _without_joiners(name)
    ):
        raise Refused(Reason.NAME_HIDDEN)
    endings = _endings(name)
    if endings and (endings[-1] in _PROGRAMS or _NEVER_INSIDE & set(endings[:-1])):
        raise Refused(Reason.NAME_PROGRAM)


def check_name_fits(name: str, kind: FileKind) -> None:
    """
    Compare the ending of *name* with what the content was found to be.

    A picture named as another kind of picture is everyday (apps convert them), a picture named as a document
    is not.

    Raises:
        Refused: the name says another family of files.
    """
    endings = _endings(name)
    family = _FAMILY.get(endings[-1]) if endings else None
    if family and family != _OF_KIND[kind]:
        raise Refused(Reason.NAME_DIFFERS)


def _without_joiners(name: str) -> str:
    # Emoji are joined with U+200D, and phones put emoji into names.
    return name.replace("\u200d", "")


def _endings(name: str) -> list[str]:
    # Windows drops dots and spaces at the end of a name when it opens the file.
    parts = name.casefold().rstrip(". ").split(".")[1:]
    return [part.strip() for part in parts if _ENDING.match(part.strip())]
