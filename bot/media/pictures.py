"""Pictures, still or moving: decoded whole, their metadata in words, drawn again from their pixels."""

import io
import re
from collections.abc import Callable, Mapping
from functools import partial

import pi_heif  # type: ignore[import-untyped]
from PIL import (
    ExifTags,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from bot.domain.evidence import Derivative, FileKind
from bot.media import words
from bot.media.limits import Limits, Look
from bot.media.refusals import Reason, Refused
from bot.media.words import Metadata

LONG_SIDE = 2400
"""Pixels of the long side of a derivative, at most: enough to read a screenshot of a long chat."""
STILLS = 8
"""Pictures out of a moving one, spread over it."""

_PLUGINS: Mapping[FileKind, Callable[[io.BytesIO], Image.Image]] = {
    FileKind.PNG: PngImagePlugin.PngImageFile,
    FileKind.JPEG: JpegImagePlugin.JpegImageFile,
    FileKind.GIF: GifImagePlugin.GifImageFile,
    FileKind.WEBP: WebPImagePlugin.WebPImageFile,
}
_EXIF = (
    ("device", ExifTags.Base.Make),
    ("model", ExifTags.Base.Model),
    ("software", ExifTags.Base.Software),
    ("changed", ExifTags.Base.DateTime),
)
_TAKEN = (
    ("taken", ExifTags.Base.DateTimeOriginal),
    ("time zone", ExifTags.Base.OffsetTimeOriginal),
    ("lens", ExifTags.Base.LensModel),
)
_DATE = re.compile(r"\A(\d{4}):(\d\d):(\d\d)(?= )")
_PNG_TEXTS = (("software", "Software"), ("taken", "Creation Time"))


def look_ahead() -> None:
    """
    Take a picture of our own through every step: what Pillow loads on first use is loaded then.

    Once the process is closed, it can open no file, its own libraries included.
    """
    out, exif = io.BytesIO(), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    Image.new("RGB", (2, 1)).save(out, "JPEG", exif=exif)
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(out.getvalue()))
    _metadata(image)
    for media_type in ("image/png", "image/jpeg"):
        drawn_again(ImageOps.exif_transpose(image), "picture", media_type)


def looker(kind: FileKind) -> Look:
    """`look_at_picture` for pictures of *kind*."""
    look_ahead()
    return partial(look_at_picture, kind)


def look_at_picture(
    kind: FileKind, content: bytes, limits: Limits
) -> tuple[Metadata, tuple[Derivative, ...]]:
    """
    Decode *content* with the decoder of *kind* alone.

    Raises:
        Refused: it has more pixels or more frames than may be looked at.
        Exception: whatever the decoder raises at a damaged one.
    """
    image = _opened(kind, content)
    frames = int(getattr(image, "n_frames", 1)) if kind is not FileKind.HEIC else 1
    if image.width * image.height > limits.pixels:
        raise Refused(Reason.PIXELS)
    if frames > limits.frames:
        raise Refused(Reason.FRAMES)
    found = {"pixels": f"{image.width} x {image.height}", **_metadata(image)}
    if frames > 1:
        found["pictures in it"] = str(frames)
    media_type = "image/png" if kind in (FileKind.PNG, FileKind.GIF) else "image/jpeg"
    return found, _derivatives(image, frames, media_type)


def drawn_again(image: Image.Image, name: str, media_type: str) -> Derivative:
    """A copy of nothing but the pixels of *image*, on white where it is transparent."""
    # Smaller first where that looks the same: each copy of a large picture costs memory.
    flat = _small(_flat(_small(image) if image.mode in ("RGB", "RGBA", "L") else image))
    # Pillow writes colour profiles and comments that an image carries along; a new one carries none.
    fresh = Image.new(flat.mode, flat.size)
    fresh.paste(flat)
    out = io.BytesIO()
    if media_type == "image/png":
        fresh.save(out, "PNG")
    else:
        fresh.save(out, "JPEG", quality=88)
    return Derivative(f"{name}.{media_type[6:].replace('jpeg', 'jpg')}", media_type, out.getvalue())


def spread(count: int, most: int) -> list[int]:
    """Up to *most* places among *count*, evenly spread, the first and the last included."""
    if count <= most:
        return list(range(count))
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def _opened(kind: FileKind, content: bytes) -> Image.Image:
    # Size is checked here before anything is decoded, with words of our own.
    Image.MAX_IMAGE_PIXELS = None
    if kind is FileKind.HEIC:
        pi_heif.options.DECODE_THREADS = 1
        image: Image.Image = pi_heif.HeifImageFile(io.BytesIO(content))
        return image
    return _PLUGINS[kind](io.BytesIO(content))


def _derivatives(image: Image.Image, frames: int, media_type: str) -> tuple[Derivative, ...]:
    if frames == 1:
        image.load()
        return (drawn_again(ImageOps.exif_transpose(image), "picture", media_type),)
    wanted = spread(frames, STILLS)
    made: list[Derivative] = []
    # Every frame is decoded, so that damage anywhere is found.
    for frame in range(frames):
        image.seek(frame)
        image.load()
        if frame in wanted:
            made.append(drawn_again(image, f"still-{len(made) + 1:02}", media_type))
    return tuple(made)


def _small(image: Image.Image) -> Image.Image:
    share = LONG_SIDE / max(image.size)
    if share >= 1:
        return image
    width, height = (max(1, round(side * share)) for side in image.size)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _flat(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("RGB", "L"):
        return image
    if "A" not in image.getbands() and "transparency" not in image.info:
        return image.convert("RGB")
    seen = image.convert("RGBA")
    white = Image.new("RGBA", seen.size, "white")
    white.alpha_composite(seen)
    return white.convert("RGB")


def _metadata(image: Image.Image) -> Metadata:
    exif = image.getexif()
    taken = exif.get_ifd(ExifTags.IFD.Exif)
    found = {name: exif.get(tag) for name, tag in _EXIF} | {name: taken.get(tag) for name, tag in _TAKEN}
    found |= {name: image.info.get(key) or found.get(name) for name, key in _PNG_TEXTS}
    texts = {name: words.value(_text(value)) for name, value in found.items() if value}
    place = _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
    return {name: text for name, text in (texts | {"place": place}).items() if text}


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    # EXIF writes a date with colons.
    return _DATE.sub(r"\1-\2-\3", text)


def _place(gps: Mapping[int, object]) -> str:
    """The coordinates in decimal degrees, north and east positive; "" without any."""
    if not gps:
        return ""
    north = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    east = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    return f"{north}, {east}" if north and east else "coordinates that cannot be read"


def _degrees(parts: object, side: object, negative: str) -> str:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return ""
    try:
        degrees = sum(float(part) / 60**power for power, part in enumerate(parts))
    except (ValueError, ZeroDivisionError):
        return ""
    return f"{-degrees if _text(side).startswith(negative) else degrees:.5f}"
