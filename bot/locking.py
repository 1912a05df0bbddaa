"""Wrong codes under one e-mail, counted by where they come from, so that nobody can lock another out."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from bot.ports import Unit

TRIES = 5
"""Wrong codes in a row from one client, or in one browser that has signed in before."""
TRIES_ANYWHERE = 30
"""Wrong codes from all clients that have not signed in before: many of them must not add up to a guess."""
LOCKED = timedelta(minutes=15)
"""After so many wrong codes; twice as long after each further lot, so that guessing never pays."""
KNOWN_FOR = timedelta(days=400)
"""How long a browser that has signed in is known by its cookie; browsers themselves keep none longer."""
_LONGEST_LOCK = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Where:
    """Where a code is typed."""

    client: str = ""
    """The address, or the network of a home."""
    browser: str = field(default="", repr=False)
    """The cookie that tells a browser from others; it proves nothing, and only has a count of its own."""


@dataclass(frozen=True)
class Tries:
    """The wrong codes that count where somebody types one now for *email*, which may be nobody's."""

    unit: Unit
    email: str
    where: Where

    @property
    def are_over(self) -> bool:
        """Whether no code is looked at for a while."""
        return any(self._read(key).locks_at(self.unit.now) for key, _ in self._counts())

    def wrong(self) -> bool:
        """Count a wrong code; return whether that was one too many."""
        locks = False
        for key, most in self._counts():
            counted = self._read(key).once_more(most, self.unit.now)
            self.unit.hold(key, counted.written(), self.unit.now + 2 * _LONGEST_LOCK)
            locks = locks or counted.locks_at(self.unit.now)
        return locks

    def right(self) -> None:
        """Forget those from here, and know this browser from now on; those from elsewhere still count."""
        for key, most in self._counts():
            if most == TRIES:
                self.unit.let_go(key)
        remember(self.unit, self.email, self.where)

    def _counts(self) -> tuple[tuple[str, int], ...]:
        """What is counted, and how far: of a known browser its own alone (OWASP: device cookies)."""
        key = f"wrong-codes:{_hash(self.email)}"
        if self.where.browser and self.unit.held(_known(self.email, self.where)):
            return ((f"{key}:browser:{_hash(self.where.browser)}", TRIES),)
        return (f"{key}:client:{_hash(self.where.client)}", TRIES), (key, TRIES_ANYWHERE)

    def _read(self, key: str) -> "_Count":
        return _Count.read(self.unit.held(key))


def remember(unit: Unit, email: str, where: Where) -> None:
    """Know the browser *where* somebody has just signed in as *email*."""
    if where.browser:
        unit.hold(_known(email, where), "known", unit.now + KNOWN_FOR)


@dataclass(frozen=True, slots=True)
class _Count:
    """Wrong codes in one place: since the last lock, how many locks, and until when."""

    tries: int = 0
    locks: int = 0
    until: datetime | None = None

    @classmethod
    def read(cls, held: str) -> "_Count":
        if not held:
            return cls()
        tries, locks, until = json.loads(held)
        return cls(tries, locks, datetime.fromisoformat(until) if until else None)

    def written(self) -> str:
        return json.dumps([self.tries, self.locks, self.until and self.until.isoformat()])

    def locks_at(self, now: datetime) -> bool:
        return self.until is not None and now < self.until

    def once_more(self, most: int, now: datetime) -> "_Count":
        if self.tries + 1 < most:
            return _Count(self.tries + 1, self.locks, None)
        # The bound keeps the power small, however long somebody goes on.
        lock = min(LOCKED * 2 ** min(self.locks, 10), _LONGEST_LOCK)
        return _Count(0, self.locks + 1, now + lock)


def _known(email: str, where: Where) -> str:
    """One browser may be several people's, such as the one in a staff room."""
    return f"signed-in-before:{_hash(f'{where.browser}:{email}')}"


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
