"""The reporter's side: their cases, how far they are, what is asked of them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bot.casework.evidence import shut
from bot.casework.people import keep_out_named
from bot.casework.room import Entered, Room, carried_on, each_carried_on, needed
from bot.domain import moves
from bot.domain.answers import Contact
from bot.domain.audit import AuditKind
from bot.domain.cases import Access, Event, EventKind, Head, Status
from bot.domain.naming import named_in
from bot.domain.notices import NoticeKind
from bot.domain.reports import AnswerValue
from bot.domain.routing import ADULT_LADDER, LADDER
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.domain.verdicts import contact
from bot.domain.views import CaseView, ReporterView, SentFile
from bot.errors import CaseDeleted, IllegalMove, UnknownCase
from bot.ports import Unit

_SENDINGS = (EventKind.FILED, EventKind.ADDED)


@dataclass(frozen=True, slots=True)
class Sent:
    """What a reporter wrote at one time: answers by field id, or a *text* that answers a question."""

    at: datetime
    answers: Mapping[str, AnswerValue] = field(default_factory=dict, repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class SentWords:
    """All that a reporter wrote about one case, as they sent it, the first first."""

    case: str
    form: Form
    sent: tuple[Sent, ...]
    files: tuple[SentFile, ...] = ()


@dataclass(frozen=True)
class Reporting(Room):
    """
    What a reporter may do and see, by the *handle* that their channel knows them by.

    Each raises `UnknownCase` for a case that they did not report.
    """

    def my_reports(self, school: str, handle: str) -> tuple[ReporterView, ...]:
        """Return what `status` says of each report, newest first."""
        with self.store.writing() as unit:
            return self._listed(unit, school, (handle,))

    def reports_at(self, handles: Mapping[str, Sequence[str]]) -> dict[str, tuple[ReporterView, ...]]:
        """
        Return what `my_reports` says of each school in *handles*, of all handles of one person there.

        Schools at which they have reported nothing are left out, unless it is the only one.
        """
        with self.store.writing() as unit:
            theirs = {
                school: own
                for school, own in handles.items()
                if len(handles) == 1 or any(unit.reported_by(school, each) for each in own)
            }
            return {school: self._listed(unit, school, own) for school, own in theirs.items()}

    def handle_of(self, school: str, handles: Sequence[str], case: str) -> str:
        """The one of a person's *handles* that *case* was reported under; the first, where it is none."""
        with self.store.reading() as unit:
            for handle in handles:
                if case in {head.case for head in unit.reported_by(school, handle)}:
                    return handle
        return handles[0]

    def status(self, school: str, handle: str, case: str) -> ReporterView:
        """
        Return how far *case* is, what is asked of the reporter, and what would still help.

        Never the content that others add, nor the outcome. Of their own slip, and when they have been kept
        out since, nothing that others say to them either (SAFETY 16).
        """
        with self._theirs(school, handle, case, "status") as room:
            room.unit.record(AuditKind.VIEWED, moves.REPORTER, school, case, "status")
            return _reporter_view(room)

    def sent(self, school: str, handle: str, case: str) -> SentWords:
        """
        Return the reporter's own words as they sent them, and nothing that anybody else added (SAFETY 16).

        Only for when they ask for them (SAFETY 25); that they looked is in the audit log. `CaseDeleted`
        once the words were deleted.
        """
        with self._theirs(school, handle, case, "own words") as room:
            room.unit.record(AuditKind.VIEWED, moves.REPORTER, school, case, "own words")
            files = _sent(room.view(), room.unit.events(case))
            return SentWords(case, room.head.form, _own_words(room), files)

    def answer_ask(  # noqa: PLR0913 - school and handle are one reporter
        self, school: str, handle: str, case: str, ask: int, text: str, *, not_about: tuple[str, ...] = ()
    ) -> Event:
        """
        Answer the question *ask*; it goes into the case where it was asked.

        SAFETY 12: whoever of the school *text* names, by name, role or handle, is kept out of the case
        first, but for those (person ids) of whom the reporter says that it is *not_about* them.
        """
        body: dict[str, object] = needed(text=text) | {"asked": ask, "of": case}
        if not_about:
            body["not_about"] = sorted(not_about)
        with self._theirs(school, handle, case, "answer") as room:
            if ask not in [each.id for each in _reporter_view(room).asks if not each.answer]:
                raise IllegalMove(f"{case}: ask {ask}", "There is no such open question.")
            carried = carried_on(room)
            itself = {room.view().reporter.person}
            keep_out_named(carried, named_in(room.school, text) - set(not_about) - itself)
            return _added(carried, body)

    def cannot_get(self, school: str, handle: str, case: str, item: str) -> Event:
        """
        Say that *item* cannot be had: it is asked for no longer (SAFETY 24).

        *item* is one of what is missing, or its `mark_of`; `IllegalMove` when it is not, or not any more.
        """
        with self._theirs(school, handle, case, "cannot get") as room:
            found = next((each for each in room.view().missing if item in (each, mark_of(each))), None)
            if found is None:
                raise IllegalMove(f"{case}: not missing", "That is not being asked for.")
            return _added(room, {"cannot_get": found})

    def lock_sent(self, school: str, handle: str, case: str, item: str) -> None:
        """SAFETY 4, "this may be an indecent image": shut a file that the reporter sent, in one press."""
        with self._theirs(school, handle, case, "lock evidence") as room:
            if item not in [each.id for each in _sent(room.view(), room.unit.events(case))]:
                raise IllegalMove(f"{case}: not sent", "That is not a file that you sent.")
            shut(room, item)

    def _listed(self, unit: Unit, school: str, handles: Sequence[str]) -> tuple[ReporterView, ...]:
        place = self._school(school)
        found = [head for handle in dict.fromkeys(handles) for head in unit.reported_by(school, handle)]
        heads = sorted(found, key=lambda head: head.filed_at, reverse=True)
        unit.record(AuditKind.LISTED, moves.REPORTER, school, detail=f"{len(heads)} of their own listed")
        rooms = [Entered(unit, self.vault, place, moves.REPORTER, head.case) for head in heads]
        return tuple(_reporter_view(room) for room in rooms)

    @contextmanager
    def _theirs(self, school: str, handle: str, case: str, doing: str) -> Iterator[Entered]:
        place = self._school(school)
        with self._refusals(school, moves.REPORTER, case, doing), self.store.writing() as unit:
            own = {head.case: head for head in unit.reported_by(school, handle)}
            if case not in own:
                raise UnknownCase("refused")
            if own[case].status is Status.DELETED and doing != "status":
                raise CaseDeleted(case)
            yield Entered(unit, self.vault, place, moves.REPORTER, case)


def mark_of(item: str) -> str:
    """A short hash of one of what is missing, for what may carry ids alone (SAFETY 29)."""
    return sha256(item.encode()).hexdigest()[:12]


def _added(room: Entered, body: dict[str, object]) -> Event:
    event = room.happen(EventKind.ADDED, body)
    for person in carried_on(room).access.full:
        room.notify(NoticeKind.REPORTER_ADDED, person, event)
    return event


def _reporter_view(room: Entered) -> ReporterView:
    own = room.head
    if own.status is Status.DELETED:
        return ReporterView(own.case, own.form, own.filed_at, Status.CLOSED)
    view, carried = room.view(), carried_on(room)
    head = carried.head
    late = _not_opened_in_time(room, head)
    status = Status.CLOSED if head.status is Status.DELETED else head.status
    ring = _to_ring(room.school, head, carried.access) if late else ()
    work = [view] if carried.case == own.case else [view, carried.view()]
    if own.own_slip or _kept_out(view, carried.access):
        work = []
    return ReporterView(
        case=own.case,
        form=own.form,
        filed_at=own.filed_at,
        status=status,
        not_opened_yet=late,
        ring=ring,
        missing=view.missing,
        asks=tuple(ask for each in work for ask in each.asks if ask.of == own.case),
        replies=tuple(reply for each in work for reply in each.replies if reply.of == own.case),
        files=_sent(view, room.unit.events(own.case)),
    )


def _own_words(room: Entered) -> tuple[Sent, ...]:
    """What the reporter of *room* wrote; answers since a merge lie in the case where it was carried on."""
    theirs = [
        event
        for each in each_carried_on(room)
        for event in each.unit.events(each.case)
        if event.kind in _SENDINGS
        and event.actor == moves.REPORTER
        # In a case merged with others, what other reporters say is of theirs.
        and event.body.get("of", event.case) == room.case
    ]
    sent = [
        Sent(event.at, event.body.get("answers", {}), event.body.get("text", ""))
        for event in sorted(theirs, key=lambda event: event.at)
    ]
    return tuple(each for each in sent if each.answers or each.text)


def _kept_out(view: CaseView, access: Access) -> bool:
    person = view.reporter.person
    return bool(person) and person in {*view.access.excluded, *access.excluded}


def _sent(view: CaseView, events: tuple[Event, ...]) -> tuple[SentFile, ...]:
    """The files that came from the reporter: what a holder added is no business of theirs."""
    theirs = {
        event.body["id"]
        for event in events
        if event.kind is EventKind.EVIDENCE_STORED and event.actor == moves.REPORTER
    }
    return tuple(SentFile(item.id, item.name, item.locked) for item in view.evidence if item.id in theirs)


def _not_opened_in_time(room: Entered, head: Head) -> bool:
    """SAFETY 18: somebody else had to be told, or has to be by now."""
    if head.opened_at is not None or head.status is not Status.RECEIVED:
        return False
    passed = head.clock_at is not None and head.clock_at <= room.unit.now
    return head.escalations > 0 or passed


def _to_ring(school: School, head: Head, access: Access) -> tuple[Contact, ...]:
    """Numbers of roles that nobody kept out of the case holds, then those outside school (SAFETY 31)."""
    ladder = ADULT_LADDER if head.about_adult else LADDER
    safe = [
        contact(school, role)
        for role in ladder
        if school.holders(role) and not {person.id for person in school.holders(role)} & set(access.excluded)
    ]
    always = "lado" if head.about_adult else "social_care"
    outside = dict.fromkeys((*access.outside, always))
    return tuple(dict.fromkeys((*safe, *(contact(school, role) for role in outside))))
