"""Films: the whole container read, still frames decoded from places spread over it."""

import io
from importlib import import_module

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from PIL import Image

from bot.domain.evidence import Derivative
from bot.media import words
from bot.media.limits import Limits, Look
from bot.media.pictures import drawn_again, look_ahead
from bot.media.refusals import Reason, Refused
from bot.media.words import Metadata

STILLS = 12
# What PyAV loads when a film has such a stream.
_LATER = (
    "audio.stream",
    "audio.codeccontext",
    "subtitles.stream",
    "subtitles.codeccontext",
    "video.codeccontext",
)
MOST_STREAMS = 16
_KEYS = {
    "creation_time": "taken",
    "com.apple.quicktime.creationdate": "taken",
    "com.apple.quicktime.make": "device",
    "com.apple.quicktime.model": "model",
    "com.android.manufacturer": "device",
    "com.android.model": "model",
    "com.apple.quicktime.software": "software",
    "encoder": "software",
    "location": "place",
    "com.apple.quicktime.location.iso6709": "place",
}


def looker() -> Look:
    """`look_at_film`, with all loaded that it will need."""
    look_ahead()
    for module in _LATER:
        import_module(f"av.{module}")
    VideoFrame(2, 2, "yuv420p").to_image()  # type: ignore[no-untyped-call]
    return look_at_film


def look_at_film(content: bytes, limits: Limits) -> tuple[Metadata, tuple[Derivative, ...]]:
    """
    Read every packet of *content* and decode still frames; sound is named, never played.

    Raises:
        Refused: it is too long, has no picture, has too many pixels, or packets are missing.
        Exception: whatever the decoder raises at a damaged one.
    """
    # Named, because other formats are lists of further files and addresses to fetch.
    with av.open(io.BytesIO(content), mode="r", format="mov", metadata_errors="replace") as film:
        if not film.streams.video or len(film.streams) > MOST_STREAMS:
            raise Refused(Reason.BROKEN if film.streams.video else Reason.SOUND)
        stream = film.streams.video[0]
        stream.thread_type = "NONE"
        stream.codec_context.thread_count = 1
        found = _metadata(film, stream)
        times = _times(film, stream)
        seconds = (times[-1] - times[0]) * float(stream.time_base or 0)
        if max(seconds, (film.duration or 0) / av.time_base) > limits.minutes * 60:
            raise Refused(Reason.FILM_LENGTH)
        if stream.width * stream.height > limits.pixels:
            raise Refused(Reason.PIXELS)
        return found, _stills(film, stream, times)


def _times(film: InputContainer, stream: VideoStream) -> list[int]:
    """The time of each packet, in the units of the stream; nothing was cut off when all are there."""
    packets = [packet for packet in film.demux(stream) if packet.size]
    times = sorted(packet.pts for packet in packets if packet.pts is not None)
    if not times or len(packets) < stream.frames:
        raise Refused(Reason.BROKEN)
    return times


def _stills(film: InputContainer, stream: VideoStream, times: list[int]) -> tuple[Derivative, ...]:
    wanted = sorted({times[(2 * place + 1) * len(times) // (2 * STILLS)] for place in range(STILLS)})
    seen: dict[int, Derivative] = {}
    for time in wanted:
        frame = _frame_at(film, stream, time)
        if frame.pts not in seen:
            seen[frame.pts or 0] = _drawn(frame, f"still-{len(seen) + 1:02}")
    return tuple(seen.values())


def _frame_at(film: InputContainer, stream: VideoStream, time: int) -> VideoFrame:
    film.seek(time, stream=stream, backward=True)
    last = None
    for last in film.decode(stream):
        if last.pts is None or last.pts >= time:
            return last
    if last is None:
        raise Refused(Reason.BROKEN)
    return last


def _drawn(frame: VideoFrame, name: str) -> Derivative:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return drawn_again(image.rotate(frame.rotation, expand=True), name, "image/jpeg")


def _metadata(film: InputContainer, stream: VideoStream) -> Metadata:
    given = {key.casefold(): text for key, text in {**stream.metadata, **film.metadata}.items()}
    found = {name: words.value(given[key]) for key, name in _KEYS.items() if key in given}
    found |= {"pixels": f"{stream.width} x {stream.height}", "codec": stream.codec_context.name}
    if film.duration:
        found["length"] = f"{film.duration / av.time_base:.1f} seconds"
    if stream.average_rate:
        found["frames a second"] = f"{float(stream.average_rate):.2f}"
    found["sound"] = "yes; not in the still pictures" if film.streams.audio else "none"
    return {name: text for name, text in found.items() if text}
