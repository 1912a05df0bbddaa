"""The use case of one-use upload links: how files that a chat does not take reach the case of one person."""

import hashlib
import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.attaching import Attaching, More
from bot.domain import folding, moves
from bot.domain.audit import AuditKind
from bot.domain.cases import Event, EventKind
from bot.domain.evidence import EvidenceItem
from bot.domain.file_names import shown_name
from bot.domain.gate import STAYS_STOPPED
from bot.domain.membership import Known
from bot.domain.reports import Gate, RefusedFile, Reporter, Upload
from bot.domain.schools import School
from bot.errors import FormError, Gone
from bot.ports import Clock, Store, Unit
from bot.receiving import hashes
from bot.recording import NO_FILES_YET

LASTS = timedelta(minutes=15)
"""So long a link waits for its question to be answered."""
SESSION = timedelta(hours=1)
"""So long files may take from then on, so that a slow line does not cut them off."""
_REMEMBERED = timedelta(hours=24)
"""So long a link that is over can be told from one that never was."""
_log = logging.getLogger(__name__)


class Why(StrEnum):
    """Why a link leads nowhere."""

    USED = "used"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    ANOTHERS = "another's"


class LinkOver(Gone):
    """A link that leads nowhere any more; *school* is "" where nobody can say whose it was."""

    def __init__(self, why: Why, school: str = "") -> None:
        super().__init__(f"upload link {why}")
        self.why, self.school = why, school


class Stage(StrEnum):
    """What a link leads to now."""

    GATE = "the question before any file"
    FILES = "the control that takes files"
    SENT = "the receipt"
    STOPPED = "the stop screen"


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody at a link: its token, what tells their browser from others, and who they are if signed in."""

    token: str = field(repr=False)
    browser: str = field(repr=False)
    who: Reporter | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is kept: for one case, for whoever reported it."""

    id: str
    """The hash of its token, which is kept nowhere."""
    school: str
    case: str
    handle: str
    """What the case was filed under."""
    handles: tuple[str, ...]
    person: str
    until: datetime
    browser: str = ""
    """Where the question was answered, hashed; "" before."""
    sent: tuple[tuple[str, str], ...] | None = None
    """Name and SHA-256 of each file that was sent; None before."""

    def is_for(self, who: Reporter) -> bool:
        """Whether *who* is whom it was made for, as far as can be told."""
        same = bool(self.person) and who.person == self.person
        return same or who.handle.casefold() in {each.casefold() for each in self.handles}


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of the files that came by one link."""

    at: datetime
    stored: tuple[EvidenceItem, ...]
    refused: tuple[RefusedFile, ...]


@dataclass(frozen=True)
class Linking:
    """
    Makes links, and lets files in by them: after a plain "no" (SAFETY 1), once, in one browser.

    A link says nothing of its case; its token is kept hashed, in no log, and what is done with it is in the
    audit log of its case.
    """

    schools: Mapping[str, School]
    store: Store
    attaching: Attaching
    clock: Clock

    def make(self, known: Known, case: str) -> str:
        """
        A link to *case* for *known*, who reported it; return its token, which nobody can get again.

        Raises:
            UnknownCase: it is not theirs.
            FormError: it takes no file any more.
            StoreBusy, StoreFailed: there is no link.
        """
        school, who = known.school.id, known.reporter
        if not self.attaching.takes_more(school, who.handle, case):
            raise FormError({"gate": STAYS_STOPPED})
        token = secrets.token_urlsafe(32)
        with self.store.writing() as unit:
            handles = tuple(dict.fromkeys((who.handle, *known.handles)))
            link = Link(_id(token), school, case, who.handle, handles, who.person, unit.now + LASTS)
            _keep(unit, link)
            _record(unit, link, f"made in {known.channel}")
        return token

    def at(self, visit: Visit) -> tuple[Link, Stage]:
        """What the link of *visit* leads to now; raises `LinkOver` where it leads nowhere."""
        try:
            with self.store.reading() as unit:
                link = self._link(unit, visit)
        except LinkOver as over:
            self._refused(visit, over)
            raise
        if not self.attaching.takes_more(link.school, link.handle, link.case):
            return link, Stage.STOPPED
        if link.sent is not None:
            return link, Stage.SENT
        return link, Stage.FILES if link.browser else Stage.GATE

    def answer(self, visit: Visit, said: Gate) -> None:
        """
        Record the answer at the gate; from now on the link is good in this browser alone.

        "Yes" and "not sure" stop the case for good (SAFETY 1), also where a "no" was said before.

        Raises:
            LinkOver: the link leads nowhere, or somebody was faster.
            FormError: nothing was answered.
            StoreBusy, StoreFailed: nothing was stored.
        """
        link, stage = self.at(visit)
        if said is Gate.UNASKED:
            raise FormError({"gate": NO_FILES_YET})
        if stage in (Stage.SENT, Stage.STOPPED):
            return
        if not said.opens:
            self.attaching.more(_more(link, said))
        with self.store.writing() as unit:
            link = self._link(unit, visit)
            if not link.browser or not said.opens:
                begun = replace(link, browser=_browser(visit), until=unit.now + SESSION)
                _keep(unit, begun)
                _record(unit, link, f"opened, the question answered with “{said}”, {_who(visit)}")

    def send(self, visit: Visit, uploads: Sequence[Upload]) -> None:
        """
        Add *uploads* to the case, and close the link with it; the same files again change nothing.

        Raises:
            LinkOver: the link leads nowhere, or other files came by it already.
            FormError: the question was not answered with "no", or the case takes no file any more.
            StoreBusy, StoreFailed: nothing was stored, and the link is as good as before.
        """
        link, stage = self.at(visit)
        if stage in (Stage.GATE, Stage.STOPPED):
            raise FormError({"gate": STAYS_STOPPED if stage is Stage.STOPPED else NO_FILES_YET})
        try:
            self.attaching.add(_more(link, Gate.NO), uploads)
        except FormError as error:
            if "request_id" in error.fields:
                raise LinkOver(Why.USED, link.school) from None
            raise
        self._close(visit, uploads)

    def _close(self, visit: Visit, uploads: Sequence[Upload]) -> None:
        names = tuple(shown_name(each.name) for each in uploads)
        with self.store.writing() as unit:
            # Whatever the time is by now: they are stored.
            link = _read(unit.held(_key(_id(visit.token))))
            if link.sent is None:
                _keep(unit, replace(link, sent=tuple(zip(names, hashes(uploads), strict=True))))
                _record(unit, link, f"used, number of files: {len(names)}, {_who(visit)}")

    def sent(self, link: Link) -> Sent:
        """What became of the files that came by *link*."""
        with self.store.reading() as unit:
            events = unit.events(link.case)
        came = dict((sha, name) for name, sha in link.sent or ())
        stored = tuple(each for each in folding.evidence(events) if each.sha256 in came)
        left = [came[sha] for sha in came if sha not in {each.sha256 for each in stored}]
        at = next((each.received_at for each in reversed(stored)), self.clock())
        return Sent(at, stored, tuple(RefusedFile(name, _reason(events, name)) for name in left))

    def _link(self, unit: Unit, visit: Visit) -> Link:
        held = unit.held(_key(_id(visit.token)))
        if not held:
            raise LinkOver(Why.UNKNOWN)
        link = _read(held)
        if link.school not in self.schools:
            raise LinkOver(Why.UNKNOWN)
        if visit.who and not link.is_for(visit.who):
            raise LinkOver(Why.ANOTHERS, link.school)
        if link.browser and link.browser != _browser(visit):
            raise LinkOver(Why.USED, link.school)
        if unit.now >= link.until:
            raise LinkOver(Why.EXPIRED if link.sent is None else Why.USED, link.school)
        return link

    def _refused(self, visit: Visit, over: LinkOver) -> None:
        """A link of ours that leads nowhere is in the audit log; one that never was could fill it."""
        _log.info("link.refused why=%s", over.why.name)
        if not over.school:
            return
        with self.store.writing() as unit:
            held = unit.held(_key(_id(visit.token)))
            if held:
                _record(unit, _read(held), f"{over.why}, {_who(visit)}", AuditKind.REFUSED)


def _more(link: Link, said: Gate) -> More:
    request = f"link-{link.id[:32]}-{said}"
    return More(link.school, link.case, link.handle, request, said, once=True)


def _reason(events: Sequence[Event], name: str) -> str:
    """Why the file called *name* was not kept, as its case says it."""
    refused = (each.body for each in reversed(events) if each.kind is EventKind.EVIDENCE_REFUSED)
    return next((str(body["reason"]) for body in refused if body["name"] == name), "It was not kept.")


def _record(unit: Unit, link: Link, what: str, kind: AuditKind = AuditKind.LINKED) -> None:
    unit.record(kind, moves.REPORTER, link.school, link.case, f"upload link {what}")


def _who(visit: Visit) -> str:
    """Who was at the link, as far as anybody can say: it was handed to the reporter alone."""
    if visit.who is None:
        return "not signed in"
    return f"signed in as {visit.who.person or visit.who.handle}"


def _keep(unit: Unit, link: Link) -> None:
    said = asdict(link) | {"until": link.until.isoformat()}
    unit.hold(_key(link.id), json.dumps(said), unit.now + _REMEMBERED)


def _read(held: str) -> Link:
    said = json.loads(held)
    sent = said["sent"]
    said["until"], said["handles"] = datetime.fromisoformat(said["until"]), tuple(said["handles"])
    said["sent"] = None if sent is None else tuple((name, sha) for name, sha in sent)
    return Link(**said)


def _key(identity: str) -> str:
    return f"upload-link:{identity}"


def _id(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _browser(visit: Visit) -> str:
    """What tells this browser from others at this link, and is of no use at another one."""
    return _id(f"{visit.token}:{visit.browser}")
