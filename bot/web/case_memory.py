"""What the desk remembers for a while of somebody's work on a case: their reason, and what they sent."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.notice_details import REASONS
from bot.ports import Store, Unit
from bot.web.pages import Here

REASON_HOLDS = timedelta(minutes=30)
"""So long one reason is enough for one case (SAFETY 22); each look is recorded with it all the same."""
_BEGUN, _DONE = timedelta(minutes=1), timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one session and one case; sealed in the store, and under keys that nobody can guess from it."""

    store: Store
    token: str = field(repr=False)
    case: str

    @classmethod
    def of(cls, here: Here, case: str) -> "Memory":
        """The memory of whoever is signed in."""
        return cls(here.parts.sessions.store, here.signed_in.token, case)

    @property
    def reason(self) -> str:
        """The reason that was given last; "" where there was none, or too long ago."""
        with self.store.reading() as unit:
            return unit.held(self._key("reason"))

    def keep_reason(self, reason: str) -> None:
        """Remember why they are in the case, and that they are."""
        with self.store.writing() as unit:
            unit.hold(self._key("reason"), reason, unit.now + REASON_HOLDS)
            unit.hold(self._key("here"), reason, unit.now + _DONE)

    def came(self) -> None:
        """Remember that they are in a case that asked for no reason."""
        with self.store.writing() as unit:
            unit.hold(self._key("here"), REASONS[0], unit.now + _DONE)

    @property
    def still_here(self) -> str:
        """The last reason of somebody who has just sent a form: half an hour of typing must not lose it."""
        with self.store.reading() as unit:
            return unit.held(self._key("here"))

    def begin(self, form: str) -> str:
        """
        Claim the submission *form*: "" when it is new, else how far the same one is, "begun" or "done".

        The same words from the same version of the case are one submission, however often they are sent.
        """
        with self.store.writing() as unit:
            found = unit.held(self._key(form))
            if not found:
                self._hold(unit, form, "begun", _BEGUN)
            return found

    def done(self, form: str) -> None:
        """It is stored: sent again, it changes nothing."""
        with self.store.writing() as unit:
            self._hold(unit, form, "done", _DONE)
            if reason := unit.held(self._key("here")):
                unit.hold(self._key("reason"), reason, unit.now + REASON_HOLDS)

    def refused(self, form: str) -> None:
        """It was not stored: sent again, it is tried again."""
        with self.store.writing() as unit:
            unit.let_go(self._key(form))

    def _hold(self, unit: Unit, form: str, how_far: str, span: timedelta) -> None:
        unit.hold(self._key(form), how_far, unit.now + span)

    def _key(self, what: str) -> str:
        # The token is in no store, so what was written cannot be guessed from the key.
        said = json.dumps([self.token, self.case, what])
        return f"desk:{hashlib.sha256(said.encode()).hexdigest()}"


def form_of(here: Here, move: str) -> str:
    """What tells one submission from another: the move, and all that was posted."""
    return json.dumps([move, sorted((name, list(values)) for name, values in here.fields.items())])
