"""The check of everything that is kept: a quick look at once, the whole of it in a thread of its own."""

import logging
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.audit import Fault
from bot.errors import BotError
from bot.ports import Clock

Look = Callable[[], tuple[Fault, ...]]

PLACES = {
    "audit": "a row of the audit log",
    "event": "an event of a case",
    "case": "a case",
    "evidence": "an evidence file",
    "locks": "the list of locked files",
    "table": "a table of the store",
    "store": "the store",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: each kind of fault, and how often; *faults* is None where it was cut off."""

    at: datetime
    faults: tuple[tuple[str, int], ...] | None

    @property
    def words(self) -> str:
        """In a few words, for the log."""
        if self.faults is None:
            return "not finished"
        count = sum(count for _, count in self.faults)
        return "1 fault" if count == 1 else f"{count} faults"


@dataclass
class Checks:
    """The whole check of this process: one at a time, and the last result."""

    begun: datetime | None = None
    """Since when one is running; None while none is."""
    last: Found | None = None
    thread: threading.Thread | None = None
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def begin(self, walk: Look, clock: Clock, done: Callable[[Found], None]) -> bool:
        """Run *walk* in a thread, and tell *done* what it found; False where one is running already."""
        with self._turn:
            if self.begun is not None:
                return False
            self.begun = clock()
        self.thread = threading.Thread(target=self._run, args=(walk, clock, done), name="check", daemon=True)
        self.thread.start()
        return True

    def _run(self, walk: Look, clock: Clock, done: Callable[[Found], None]) -> None:
        faults: tuple[tuple[str, int], ...] | None = None
        try:
            faults = told(walk())
        except BotError as error:
            _log.warning("check.failed error=%s", type(error).__name__)
        finally:
            # Whatever ends the walk, the page must not say for ever that it is running.
            self.last, self.begun = Found(clock(), faults), None
        # A store too busy to note the result is no reason to lose it.
        with suppress(BotError):
            done(self.last)


def told(faults: Iterable[Fault]) -> tuple[tuple[str, int], ...]:
    """
    *faults* as a head may see them: what is wrong, and how often, with no number of any case.

    A fault may lie in a case that this head is kept out of (SAFETY 15), or at another school.
    """
    counts = Counter(_words(fault) for fault in faults)
    return tuple(counts.items())


def _words(fault: Fault) -> str:
    kind, _, rest = fault.where.partition(" ")
    place = PLACES.get(kind, "a row of the store")
    if kind == "audit":
        return f"row {rest} of the audit log: {fault.what}"
    # What cannot be read is said in the words of another program, which may name anything.
    what = "cannot be read to the end" if "cannot be read" in fault.what else fault.what
    return f"{place}: {what}"
