"""Evidence as it is kept: the file, what it is, and the derivative people look at. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MOST_FILES = 10
"""Files in one report (DESIGN)."""


class FileKind(StrEnum):
    """What a file was found to be by decoding it; its name and content type are never believed."""

    PNG = "PNG picture"
    JPEG = "JPEG picture"
    WEBP = "WebP picture"
    HEIC = "HEIC picture"
    GIF = "GIF picture"
    PDF = "PDF document"
    MP4 = "MP4 film"
    MOV = "MOV film"
    TXT = "text"
    EML = "e-mail"


@dataclass(frozen=True, slots=True)
class Derivative:
    """A re-encoded copy without metadata; what people look at instead of the original."""

    name: str
    media_type: str
    """"image/png", "image/jpeg" or "text/plain"."""
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What decoding a file found: its kind, its metadata in words (SAFETY 23), and its derivatives."""

    kind: FileKind
    metadata: Mapping[str, str]
    """Such as {"taken": "2026-11-20 22:41:07", "device": "…", "pixels": "1170 x 2532", "pages": "3"}."""
    derivatives: tuple[Derivative, ...]


@dataclass(frozen=True, slots=True)
class EvidenceItem:
    """One kept original as its case records it; *size* in bytes."""

    id: str
    case: str
    name: str
    kind: FileKind
    size: int
    sha256: str
    received_at: datetime
    scanned: str
    """"not scanned", or what the scanner said; never "clean" without one."""
    metadata: Mapping[str, str]
    derivatives: tuple[str, ...]
    """Ids in the vault of what people look at, in order."""
    locked: bool = False
