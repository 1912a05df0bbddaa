"""Delivery: one round of clocks, routine notices and outbox, and the thread that runs it."""

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.delivery.drill import DrillReport, Drills
from bot.delivery.escalation import AT_ONCE, Escalation
from bot.delivery.outbox import Fetch, Limits, Outbox
from bot.delivery.people import People
from bot.delivery.regular import Regular
from bot.domain.schools import School
from bot.errors import StoreBusy, StoreFailed
from bot.ports import Notifier, Store

POLL_S = 2.0
"""How long the worker sleeps when nobody pokes it."""
AFTER_A_FAULT_S = 5.0

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ran:
    """What one round did; *more* says that the next one should follow at once."""

    escalated: int
    sent: int
    put_off: int

    @property
    def more(self) -> bool:
        """Whether a round stopped at its limit with work left."""
        return self.escalated >= AT_ONCE or self.sent + self.put_off >= AT_ONCE


@dataclass(frozen=True, slots=True)
class Delivery:
    """What goes out of Staffroom; *notifiers* are tried in order, e-mail last."""

    schools: Mapping[str, School]
    store: Store
    notifiers: tuple[Notifier, ...]
    fetch: Fetch | None = None
    limits: Limits = field(default_factory=Limits, repr=False)

    def run_once(self) -> Ran:
        """
        Run the clocks, enqueue what the calendar asks for, and send what is due.

        Any number of workers may run it at once. Raises `StoreBusy` and `StoreFailed`; nothing is lost then.
        """
        escalation = Escalation(self.schools, self.store)
        escalated = escalation.run()
        Regular(self.schools, self.store).run()
        outbox = Outbox(self.schools, self.store, self.notifiers, escalation, self.fetch, self.limits)
        sent, put_off = outbox.run()
        return Ran(escalated, sent, put_off)

    def note_people(self, school: str) -> tuple[str, ...]:
        """Record and tell what changed in people, routing, cover and contacts since the last start."""
        return People(self.schools, self.store).note(school)

    def drill(self, school: str) -> tuple[str, ...]:
        """Send a test notice to each holder of a role; return their ids."""
        return Drills(self.schools, self.store).start(school)

    def drill_opened(self, school: str, person: str) -> None:
        """Record that *person*, signed in, opened the test notice; raises `NotAllowed` if there is none."""
        Drills(self.schools, self.store).opened(school, person)

    def drill_entered(self, school: str, code: str) -> str:
        """Record the same by the code in the notice; return whose it is, or raise `NotAllowed`."""
        return Drills(self.schools, self.store).entered(school, code)

    def drill_report(self, school: str) -> DrillReport:
        """Return who has opened the last test notice, and who has not."""
        return Drills(self.schools, self.store).report(school)


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs delivery until it is told to stop; a worker that dies loses nothing, for its leases end."""

    delivery: Delivery
    poll_s: float = POLL_S
    after_a_fault_s: float = AFTER_A_FAULT_S
    _poked: threading.Event = field(default_factory=threading.Event, repr=False)

    def poke(self) -> None:
        """Make the worker look now, after something was put into the outbox, or to make it stop at once."""
        self._poked.set()

    def run(self, stop: threading.Event) -> None:
        """Go round until *stop* is set; a busy or failing store is logged and tried again."""
        while not stop.is_set():
            wait = self._round()
            self._poked.wait(wait)
            self._poked.clear()

    def _round(self) -> float:
        """One round; return how long to sleep after it, in seconds."""
        try:
            ran = self.delivery.run_once()
        except (StoreBusy, StoreFailed) as error:
            _log.warning("delivery.put_off error=%s", type(error).__name__)
            return self.after_a_fault_s
        return 0.0 if ran.more else self.poll_s
