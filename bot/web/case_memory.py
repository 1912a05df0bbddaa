"""What the desk remembers for a while of somebody's work on a case: their reason, and what they sent."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from bot.domain.notice_details import REASONS
from bot.errors import StoreBusy, StoreFailed
from bot.ports import Store
from bot.sessions import LONGEST
from bot.web.pages import Here

REASON_HOLDS = timedelta(minutes=30)
"""So long one reason is enough for one case (SAFETY 22); each look is recorded with it all the same."""
_DONE = LONGEST
"""What is done is remembered as long as the session, whose token is in every key: later nobody can ask."""


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

    def once(self, form: str) -> tuple[str, timedelta]:
        """
        Under what, and how long, casework remembers that *form* is done.

        The same words from the same version of the case are one submission, however often they are sent.
        """
        return self._key(form), _DONE

    def done(self) -> None:
        """Something is stored: their reason holds from now on; where that fails, they only say it again."""
        with suppress(StoreBusy, StoreFailed), self.store.writing() as unit:
            if reason := unit.held(self._key("here")):
                unit.hold(self._key("reason"), reason, unit.now + REASON_HOLDS)

    def _key(self, what: str) -> str:
        # The token is in no store, so what was written cannot be guessed from the key.
        said = json.dumps([self.token, self.case, what])
        return f"desk:{hashlib.sha256(said.encode()).hexdigest()}"


def form_of(here: Here, move: str) -> str:
    """What tells one submission from another: the move, and all that was posted."""
    return json.dumps([move, sorted((name, list(values)) for name, values in here.fields.items())])
