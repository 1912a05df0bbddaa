"""Looking at a file in a process of its own, so that a harmful one harms nothing else."""

import sys
from dataclasses import dataclass, field, replace
from pathlib import Path

from bot.domain.evidence import Sighting
from bot.domain.reports import Upload
from bot.media import wire
from bot.media.limits import MEGABYTE, Limits
from bot.media.names import check_name, check_name_fits
from bot.media.pipes import Patience, ask, started
from bot.media.refusals import Reason, Refused, refusal

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "from bot.media.child import main; main()"


@dataclass(frozen=True, slots=True)
class ChildDecoder:
    """
    Implements `ports.Decoder`: each look is a new Python process that is given the content over a pipe.

    It gets no name, no environment, no key and no temporary file; it limits its own memory, processor time
    and what it may open. If it crashes, hangs or answers nonsense, the file is refused.
    """

    limits: Limits = field(default_factory=Limits)
    program: str = _PROGRAM
    """What runs in the process, in Python; a test puts one here that misbehaves."""

    @classmethod
    def of(cls, max_mb: int) -> "ChildDecoder":
        """A decoder for files of at most *max_mb* megabytes each (`STAFFROOM_MAX_MB`)."""
        return cls(replace(Limits(), file_mb=max_mb))

    def look(self, upload: Upload) -> Sighting:
        """
        What *upload* really is, decoded in a process of its own with limits.

        Raises:
            EvidenceRefused: it is nothing that is kept; the message says why in a teacher's words.
        """
        try:
            return self._looked(upload)
        except Refused as refused:
            raise refusal(refused.reason, self.limits) from None

    def _looked(self, upload: Upload) -> Sighting:
        check_name(upload.name)
        if not upload.content:
            raise Refused(Reason.EMPTY)
        if len(upload.content) > self.limits.file_mb * MEGABYTE:
            raise Refused(Reason.TOO_BIG)
        answer = self._answer(upload.content)
        if isinstance(answer, Reason):
            raise Refused(answer)
        check_name_fits(upload.name, answer.kind)
        return answer

    def _answer(self, content: bytes) -> Sighting | Reason:
        question = self.limits.to_json().encode() + b"\n" + content
        with started(_command(self.program)) as child:
            answer = ask(child, question, Patience(self.limits.wall_s, self.limits.answer_mb * MEGABYTE))
        try:
            return wire.read(answer)
        except wire.Garbled:
            raise Refused(Reason.UNREADABLE) from None


def _command(program: str) -> list[str]:
    """An isolated interpreter takes no path from environment or folder, so it is handed ours, whole."""
    paths = [str(_ROOT), *(path for path in sys.path if path)]
    start = f"import sys; sys.path[:] = sys.argv[1:]; {program}"
    return [sys.executable, "-I", "-S", "-c", start, *paths]
