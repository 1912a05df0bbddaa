"""A test notice to everybody with a role, and who has not opened it: unread is found before it matters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import choice
from typing import Any

from bot.domain.audit import AuditKind
from bot.domain.moves import STAFFROOM
from bot.domain.notices import Notice, NoticeKind
from bot.domain.schools import School
from bot.errors import NotAllowed
from bot.ports import Store, Unit

# No letter or digit that is mistaken for another one on a phone.
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class DrillReport:
    """How the last drill went, by person id; *at* is None when there was none."""

    at: datetime | None = None
    opened: tuple[str, ...] = ()
    not_opened: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drills:
    """The drill of each school; a new one takes the place of the last."""

    schools: Mapping[str, School]
    store: Store

    def start(self, school: str) -> tuple[str, ...]:
        """Send each holder of a role in *school* a test notice with a code of their own; return whom."""
        roles = self.schools[school].roles
        people = tuple(dict.fromkeys(person for held in roles.values() for person in held))
        with self.store.writing() as unit:
            codes = {person: "".join(choice(_LETTERS) for _ in range(6)) for person in people}
            drill = {"at": unit.now.isoformat(), "codes": codes, "opened": {}}
            unit.put_memo(f"drill:{school}", json.dumps(drill))
            unit.record(AuditKind.DRILL, STAFFROOM, school, "", "started")
            for person, code in codes.items():
                key = f"{school}:drill:{drill['at']}:{person}"
                unit.enqueue(Notice(key, NoticeKind.DRILL, school, person, unit.now, detail=code))
        return people

    def opened(self, school: str, person: str) -> None:
        """Record that *person*, signed in, has opened the test notice; a second time changes nothing."""
        with self.store.writing() as unit:
            drill = _read(unit, school)
            if person not in drill["codes"]:
                raise NotAllowed("drill: not of this drill", "There is no test notice for you.")
            if person in drill["opened"]:
                return
            drill["opened"][person] = unit.now.isoformat()
            unit.put_memo(f"drill:{school}", json.dumps(drill))
            unit.record(AuditKind.DRILL, person, school, "", "opened")

    def entered(self, school: str, code: str) -> str:
        """
        Record that whoever got *code* has opened their test notice; return their id.

        Raises:
            NotAllowed: it is nobody's code in the last drill.
        """
        with self.store.reading() as unit:
            codes = _read(unit, school)["codes"]
        found = [person for person, own in codes.items() if own == code.strip().upper()]
        if not found:
            raise NotAllowed("drill: unknown code", "That is not a code of the last test.")
        person: str = found[0]
        self.opened(school, person)
        return person

    def report(self, school: str) -> DrillReport:
        """Return who has, and who has not, opened the last test notice."""
        with self.store.reading() as unit:
            drill = _read(unit, school)
        if not drill["at"]:
            return DrillReport()
        waiting = tuple(person for person in drill["codes"] if person not in drill["opened"])
        return DrillReport(datetime.fromisoformat(drill["at"]), tuple(drill["opened"]), waiting)


def _read(unit: Unit, school: str) -> dict[str, Any]:
    kept = unit.memo(f"drill:{school}")
    drill: dict[str, Any] = json.loads(kept) if kept else {"at": "", "codes": {}, "opened": {}}
    return drill
