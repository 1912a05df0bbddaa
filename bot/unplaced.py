"""The use case of an urgent message whose sender's school is unclear: kept until they choose (SAFETY 8)."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from bot.errors import Gone
from bot.ports import Store

KEPT = timedelta(hours=24)
"""How long the words are held, sealed, for the choice."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unplaced:
    """
    Holds urgent messages of people who are asked for their school; no log names more than an id.

    As long as no school is chosen nobody can be asked to ring, and whoever wrote has to be told so.
    """

    store: Store

    def keep(self, user: str, message: str, said: Mapping[str, Any]) -> str:
        """
        Hold *said*, what *user* wrote, as JSON can hold it; return the id of it.

        *message* is the chat's id of the message: the same one again changes nothing. Raises `StoreBusy`
        and `StoreFailed`: then nothing is held, and that must be said.
        """
        identity = sha256(f"{user}\n{message}".encode()).hexdigest()[:24]
        with self.store.reading() as unit:
            if unit.held(_key(identity)):
                return identity
        with self.store.writing() as unit:
            unit.hold(_key(identity), json.dumps({"user": user, "said": said}), unit.now + KEPT)
        _log.info("unplaced.kept id=%s", identity)
        return identity

    def get(self, identity: str, user: str) -> Mapping[str, Any]:
        """What *user* wrote; raises `Gone` for another's, as for none, and once it has its school."""
        said = self._held(identity, user).get("said")
        if not isinstance(said, dict):
            raise Gone(f"unplaced {identity}")
        return said

    def place(self, identity: str, user: str) -> str:
        """The school to which it was taken, "" while it waits for one; raises `Gone` as `get` does."""
        return str(self._held(identity, user).get("school", ""))

    def placed(self, identity: str, user: str, school: str) -> None:
        """Forget the words: they were taken to *school*, which alone is remembered, for a second press."""
        with self.store.writing() as unit:
            unit.hold(_key(identity), json.dumps({"user": user, "school": school}), unit.now + KEPT)
        _log.info("unplaced.placed id=%s school=%s", identity, school)

    def _held(self, identity: str, user: str) -> dict[str, Any]:
        with self.store.reading() as unit:
            held = unit.held(_key(identity))
        found: dict[str, Any] = json.loads(held) if held else {}
        if found.get("user") != user:
            raise Gone(f"unplaced {identity}")
        return found


def _key(identity: str) -> str:
    return f"unplaced:{identity}"
