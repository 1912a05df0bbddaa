"""Notices printed to a stream, so that sample mode shows what would be sent; nothing leaves the machine."""

from dataclasses import dataclass, field
from typing import TextIO

from bot.domain.notice_words import words
from bot.domain.notices import REPORTER_PREFIX, Notice
from bot.domain.schools import School
from bot.errors import NotDelivered


@dataclass(frozen=True, slots=True)
class ConsoleNotifier:
    """Implements `ports.Notifier` for sample mode, where nobody real is to be reached."""

    stream: TextIO = field(repr=False)
    link: str = ""

    @property
    def name(self) -> str:
        """The channel, as the audit log names it."""
        return "console"

    def reaches(self, school: School, to: str) -> bool:
        """Everybody: whoever looks at the stream sees it."""
        return True

    def send(self, school: School, notice: Notice) -> None:
        """
        Print *notice* in one piece, marked as a sample.

        Raises:
            NotDelivered: the stream is closed, or cannot take it.
        """
        said = words(notice, school, self.link)
        lines = (f"[sample, not sent] to {_shown(school, notice.to)}: {said.subject}", *said.body.split("\n"))
        try:
            self.stream.write("\n  ".join(lines) + "\n")
            self.stream.flush()
        except (OSError, ValueError) as error:
            raise NotDelivered(f"console: {type(error).__name__}") from None


def _shown(school: School, to: str) -> str:
    if to.startswith(REPORTER_PREFIX):
        return to.removeprefix(REPORTER_PREFIX)
    return next((each.name or each.id for each in school.people if each.id == to), to)
