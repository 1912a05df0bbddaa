"""What the pages are made of: the use cases, and the little that the web alone needs."""

from dataclasses import dataclass, field

from bot.counting import Counting
from bot.exporting import Exporting
from bot.overseeing import Overseeing
from bot.parts import UseCases
from bot.ports import Policies
from bot.sessions import Sessions
from bot.web.checking import Checks, Look
from bot.web.limits import Room
from bot.web.openid import Signing

SENDINGS = 3
"""So many of the largest sendings are in memory at once; smaller ones accordingly more."""


@dataclass(frozen=True, kw_only=True)
class Parts(UseCases):
    """Everything that a page may use."""

    sessions: Sessions
    policies: Policies
    exporting: Exporting
    sample: bool
    """Whether this is sample mode: a banner on every page, a role switcher instead of signing in."""
    hosts: frozenset[str]
    """The values of `Host` that are answered, such as "127.0.0.1:8000"."""
    signing: Signing | None = None
    """The ways of signing in in real mode; None where none is set up, as in sample mode."""
    secure: bool = False
    """Whether people come over https, so that cookies go that way alone."""
    recent_faults: Look | None = None
    """A quick look for faults in the audit log; None where none was wired."""
    walk: Look | None = None
    """The check of everything that is kept, which may take minutes; None likewise."""
    checks: Checks = field(default_factory=Checks)
    room: Room = field(default_factory=Room)
    """The memory that uploads share."""

    @property
    def sending_mb(self) -> int:
        """The most that the files of one sending may have together; what is beyond it comes afterwards."""
        return 2 * self.max_mb

    @property
    def room_for(self) -> int:
        """The most bytes of uploads that are in memory at once."""
        return SENDINGS * self.sending_mb * 1_000_000

    @property
    def counting(self) -> Counting:
        """What counts cases for governors."""
        platforms = tuple(each.id for each in self.platforms.known)
        return Counting(self.schools, self.casework.store, platforms)

    @property
    def overseeing(self) -> Overseeing:
        """What shows the audit log."""
        return Overseeing(self.schools, self.casework.store)
