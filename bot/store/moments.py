"""The time of the store, which never goes back and never stands still, whatever becomes of the machine's."""

from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock

PACE = 0.9
"""How fast the store's time goes while it is ahead: waits take a ninth longer until it is right again."""


@dataclass(slots=True)
class Moments:
    """
    Turns the machine's time into the store's, for one open store.

    Where the machine's clock was put back, the log ends in the future. Were its end the time until then, no
    notice would be sent again and no clock would come (SAFETY 18); so the store's time goes on from there.
    """

    _since: tuple[datetime, datetime] | None = None
    """The machine's time and the store's when it was found to be ahead; None while it is not."""
    _alone: Lock = field(default_factory=Lock, repr=False)

    def after(self, machine: datetime, end: datetime) -> datetime:
        """Return the store's time when the machine's is *machine* and the log ends at *end*."""
        with self._alone:
            return self._after(machine, end)

    def _after(self, machine: datetime, end: datetime) -> datetime:
        if machine >= end:
            self._since = None
            return machine
        if self._since is None or machine < self._since[0]:
            self._since = (machine, end)
        before, then = self._since
        return max(end, then + (machine - before) * PACE)
