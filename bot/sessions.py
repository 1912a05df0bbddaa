"""The use case of being signed in on the pages: a session ends by time, by signing out, or with the role."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.domain.schools import School
from bot.errors import Gone, StoreBusy, StoreFailed
from bot.ports import Clock, Store

IDLE = timedelta(minutes=30)
"""After so long without a page the session is over: a phone is left on a desk."""
LONGEST = timedelta(hours=12)
SIGNING_IN = timedelta(minutes=15)
_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody signed in at one school."""

    token: str = field(repr=False)
    """What their browser holds; the store knows its hash alone."""
    school: str
    reporter: Reporter
    csrf: str = field(repr=False)
    """What every form of theirs carries."""
    begun: datetime
    seen: datetime

    @property
    def person(self) -> str:
        """Their id in `school.toml`, or "" for most staff."""
        return self.reporter.person


@dataclass(frozen=True)
class Sessions:
    """Keeps sessions in the store, so that a restart signs nobody out."""

    schools: Mapping[str, School]
    store: Store
    clock: Clock

    def begin(self, known: Known) -> Session:
        """A new session for *known*; raises `StoreBusy` and `StoreFailed`."""
        now = self.clock()
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
        session = Session(token, known.school.id, known.reporter, csrf, now, now)
        self._keep(session)
        return session

    def of(self, token: str) -> Session:
        """
        The session of *token*.

        Raises:
            Gone: there is none, its time is over, or the person holds no place at the school any more;
                or they signed out while this was asked.
        """
        with self.store.reading() as unit:
            held = unit.held(_key(token)) if token else ""
        if not held:
            raise Gone("session")
        session = _read(token, json.loads(held))
        school, now = self.schools.get(session.school), self.clock()
        if school is None or not _still_there(school, session.reporter) or now >= _until(session):
            raise Gone("session")
        if now - session.seen < _SEEN_EVERY:
            return session
        session = replace(session, seen=now)
        with suppress(StoreBusy, StoreFailed):
            # A full disk stops nobody from reading whom to ring; their session only ends sooner.
            self._renew(session)
        return session

    def end(self, token: str) -> None:
        """Sign out; nothing happens when it is over."""
        with self.store.writing() as unit:
            unit.let_go(_key(token))

    def put_by(self, kind: str, text: str) -> str:
        """Keep *text* of some *kind* for a browser that is signing in; returns what gets it back, once."""
        token = secrets.token_urlsafe(32)
        with self.store.writing() as unit:
            unit.hold(_begun(kind, token), text, unit.now + SIGNING_IN)
        return token

    def take_up(self, kind: str, token: str) -> str:
        """What was put by for *token*, which is gone then; raises `Gone` when it was, or was never there."""
        with self.store.writing() as unit:
            held = unit.held(_begun(kind, token)) if token else ""
            unit.let_go(_begun(kind, token))
        if not held:
            raise Gone("signing in")
        return held

    def _keep(self, session: Session) -> None:
        with self.store.writing() as unit:
            unit.hold(_key(session.token), _written(session), _until(session))

    def _renew(self, session: Session) -> None:
        with self.store.writing() as unit:
            # Whoever signed out since it was read stays signed out.
            if not unit.held(_key(session.token)):
                raise Gone("session")
            unit.hold(_key(session.token), _written(session), _until(session))


def _key(token: str) -> str:
    return f"session:{hashlib.sha256(token.encode()).hexdigest()}"


def _begun(kind: str, token: str) -> str:
    return f"signing-in:{kind}:{hashlib.sha256(token.encode()).hexdigest()}"


def _until(session: Session) -> datetime:
    return min(session.begun + LONGEST, session.seen + IDLE)


def _still_there(school: School, reporter: Reporter) -> bool:
    """Whoever was a listed person when they signed in must be one still, and not the next of that id."""
    handle = reporter.handle.casefold()
    return not reporter.person or any(
        each.id == reporter.person and handle in each.handles for each in school.people
    )


def _written(session: Session) -> str:
    said = {
        "school": session.school,
        "reporter": asdict(session.reporter),
        "csrf": session.csrf,
        "begun": session.begun.isoformat(),
        "seen": session.seen.isoformat(),
    }
    return json.dumps(said)


def _read(token: str, said: Mapping[str, str]) -> Session:
    reporter = Reporter(**said["reporter"])  # type: ignore[arg-type]
    moments = (datetime.fromisoformat(said[key]) for key in ("begun", "seen"))
    return Session(token, said["school"], reporter, said["csrf"], *moments)
