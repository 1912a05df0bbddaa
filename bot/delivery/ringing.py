"""SAFETY 8: "ring [sender]", who is told of it when nobody is reached, and that the sender hears of it."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

from bot.domain import notice_details as details
from bot.domain.notices import Notice
from bot.domain.schools import School
from bot.ports import Unit

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ringing:
    """What follows a `NoticeKind.RING_SENDER`."""

    schools: Mapping[str, School]

    def told(self, unit: Unit, notice: Notice) -> None:
        """Tell the sender who was asked to ring them."""
        school = self.schools.get(notice.school)
        ringing = school and details.Ringing.read(notice.detail, school)
        if school and ringing and ringing.handle:
            unit.enqueue(ringing.tell(school, notice.to, unit.now))

    def not_reached(self, unit: Unit, notice: Notice) -> None:
        """
        Ask the next safe person as well, once for each; when nobody is left the sender hears that.

        Nobody is asked once the sender has pressed: then the message is not held any more.
        """
        school = self.schools.get(notice.school)
        ringing = school and details.Ringing.read(notice.detail, school)
        if not school or not ringing or not unit.held(ringing.held):
            return
        following = ringing.after(notice.to)
        if following:
            unit.enqueue(ringing.ask(school, following, unit.now))
        elif ringing.handle:
            unit.enqueue(ringing.tell(school, "", unit.now))
        _log.info("urgent.not_reached id=%s left=%s", ringing.raised, bool(following))
