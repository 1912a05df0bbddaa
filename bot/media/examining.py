"""One file, looked at: what it is, what it says of itself, what people may look at. Runs in the child."""

from collections.abc import Callable

from bot.domain.evidence import FileKind, Sighting
from bot.media.endings import check_ending
from bot.media.limits import Limits, Look
from bot.media.refusals import Reason, Refused
from bot.media.sniffing import sniff


def _nothing() -> None:
    """Close nothing."""


def examine(content: bytes, limits: Limits, close: Callable[[], None] = _nothing) -> Sighting:
    """
    Look at *content*; only the decoder that its kind needs is loaded, and *close* is called before it runs.

    Raises:
        Refused: it is nothing that is kept.
        Exception: a decoder's own error at a damaged file; the caller is a process that may die of it.
    """
    if not content:
        raise Refused(Reason.EMPTY)
    kind = sniff(content)
    behind = check_ending(kind, content)
    look = _look_for(kind)
    # Python loads the alphabets of texts one by one, and no foreign code reads texts.
    if kind not in (FileKind.TXT, FileKind.EML):
        close()
    found, derivatives = look(content, limits)
    if behind:
        found["behind its end"] = f"{behind} bytes, kept with the original and not shown"
    return Sighting(kind, found, derivatives)


# Imported one by one: a decoder takes a tenth of a second to load, and each look is a new process.
def _look_for(kind: FileKind) -> Look:
    if kind in (FileKind.TXT, FileKind.EML):
        from bot.media import letters  # noqa: PLC0415

        return letters.look_at_text if kind is FileKind.TXT else letters.look_at_letter
    if kind is FileKind.PDF:
        from bot.media import documents  # noqa: PLC0415

        return documents.looker()
    if kind in (FileKind.MP4, FileKind.MOV):
        from bot.media import films  # noqa: PLC0415

        return films.looker()
    from bot.media import pictures  # noqa: PLC0415

    return pictures.looker(kind)
