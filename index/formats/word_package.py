"""A Word file's package: opened with its limits checked first, and the few ways to look into its XML."""

import io
import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import Any, TypeAlias

from docx.oxml.parser import parse_xml

from index.errors import UnreadableDocument

# lxml ships no types; every element of a document is one of its nodes.
Element: TypeAlias = Any

_NAMESPACES = (
    "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}",
    "{http://purl.oclc.org/ooxml/wordprocessingml/main}",
)
_OLE = bytes.fromhex("D0CF11E0")
_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MOST_BYTES = 200_000_000
# A thousand pages of text take a tenth of this; parsed, it would fill the memory of a small machine.
_MOST_XML = 50_000_000
_MOST_MEMBERS = 5_000
_SMALL_MEMBER = 20_000_000
_MOST_RATIO = 200
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    SyntaxError,  # lxml's error for broken XML, and for XML nested past reason, is one
    RuntimeError,  # zipfile's for a locked member and for an unknown compression
    OSError,
    EOFError,
    LookupError,
    ValueError,
)


def _checked(path: Path) -> bytes:
    if path.stat().st_size > _MOST_BYTES:
        raise _too_large(path.name)
    data = path.read_bytes()
    if not data:
        raise UnreadableDocument(path.name, "the Word file is empty", "Copy the document here once more")
    if data.startswith(_OLE) and _LOCKED in data:
        mend = "Open it in Word, remove the password, save it as .docx and copy that one here"
        raise UnreadableDocument(path.name, "the Word file is locked with a password", mend)
    if data.startswith(_OLE):
        mend = "Open it in Word, save it as .docx without a password and copy that one here"
        raise UnreadableDocument(path.name, "this is an old .doc file or has a password", mend)
    return data


def opened(path: Path) -> dict[str, Element]:
    """
    Return the XML of the document and of its styles, numbering, footnotes and endnotes where it has them.

    Raises:
        UnreadableDocument: it is damaged, locked, or too large to unpack safely.
    """
    name, data = path.name, _checked(path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            _refuse_a_bomb(name, archive.infolist())
            return _parts(archive)
    except _DAMAGED as error:
        raise _damaged(name) from error


def _refuse_a_bomb(name: str, members: list[zipfile.ZipInfo]) -> None:
    sizes = [(member.file_size, max(member.compress_size, 1)) for member in members]
    swollen = any(size > _SMALL_MEMBER and size / packed > _MOST_RATIO for size, packed in sizes)
    swollen = swollen or any(m.filename.endswith(".xml") and m.file_size > _MOST_XML for m in members)
    if swollen or len(sizes) > _MOST_MEMBERS or sum(size for size, _ in sizes) > _MOST_BYTES:
        raise _too_large(name)


def _too_large(name: str) -> UnreadableDocument:
    mend = "Open it in Word, take out large pictures, save it again as .docx and copy that one here"
    return UnreadableDocument(name, "the Word file is too large to unpack safely", mend)


def _damaged(name: str) -> UnreadableDocument:
    mend = "Open it in Word, save it again as .docx and copy that one here"
    return UnreadableDocument(name, "the Word file is damaged and cannot be opened", mend)


def _parts(archive: zipfile.ZipFile) -> dict[str, Element]:
    main = _related(archive, "").get("officeDocument", "word/document.xml")
    parts = {"document": _xml(archive, main)}
    if find(parts["document"], "body") is None:
        raise ValueError(main)
    related = _related(archive, main)
    for kind in ("styles", "numbering", "footnotes", "endnotes"):
        # Word itself opens a file whose link leads nowhere.
        if related.get(kind) in archive.namelist():
            parts[kind] = _xml(archive, related[kind])
    return parts


def _related(archive: zipfile.ZipFile, part: str) -> dict[str, str]:
    folder, name = posixpath.split(part)
    links = posixpath.join(folder, "_rels", f"{name}.rels")
    if links not in archive.namelist():
        return {}
    return {
        link.get("Type", "").rpartition("/")[2]: posixpath.normpath(
            posixpath.join("/", folder, link.get("Target", ""))
        ).lstrip("/")
        for link in _xml(archive, links)
        if local(link) == "Relationship" and link.get("TargetMode") != "External"
    }


def _xml(archive: zipfile.ZipFile, name: str) -> Element:
    root: Element = parse_xml(archive.read(name))
    # No Word file declares a document type: it is how an entity bomb is packed.
    if root.getroottree().docinfo.doctype:
        raise ValueError(name)
    return root


def local(element: Element) -> str:
    """Return the tag without its namespace, "" for a comment or an unexpanded entity."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def attribute(element: Element, name: str) -> str | None:
    """Return Word's own attribute *name*, in the usual or the strict namespace."""
    for namespace in _NAMESPACES:
        value: str | None = element.get(namespace + name)
        if value is not None:
            return value
    return None


def find(element: Element | None, *path: str) -> Element | None:
    """Return the first descendant along *path*, one child name a step; nothing is found in nothing."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if local(child) == name), None)
    return element


def setting(element: Element | None, *path: str) -> str | None:
    """Return the `val` of the element at *path*."""
    found = find(element, *path)
    return None if found is None else attribute(found, "val")


def whole(value: str | None, base: int = 10) -> int | None:
    """Return *value* as a whole number, None where it is not one."""
    try:
        return int(value or "", base)
    except ValueError:
        return None


def is_on(switch: Element | None) -> bool:
    """Tell whether an on-off property is present and not switched off."""
    return switch is not None and attribute(switch, "val") not in {"0", "false", "off", "none"}
