"""The use case of an urgent message: kept, one press from a case, and never met with silence (SAFETY 8)."""

import json
import logging
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from hashlib import sha256

from bot.domain import clock as clocks
from bot.domain import filings
from bot.domain.form_types import NOT_KNOWN, FormDefinition, Kind
from bot.domain.form_values import MOST_CHARACTERS
from bot.domain.membership import Known
from bot.domain.notice_details import Ringing, raised_key, ring_key, told_key
from bot.domain.notices import NoticeKind
from bot.domain.reports import AnswerValue, Gate, Receipt, Reporter, Submission
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import Gone, StoreBusy, StoreFailed
from bot.intake import Intake
from bot.ports import Clock, Store, Unit

WAIT = timedelta(minutes=5)
"""SAFETY 8: after so long without a press, somebody is told to ring the sender."""
KEPT = timedelta(hours=24)
"""How long the words are held, sealed, for the press."""
OVER = (
    "Nothing was stored by this: your message is not kept any more. "
    "If somebody has to know, write it again here, or ring."
)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Raised:
    """An urgent message that waits for a press."""

    id: str
    school: str
    handle: str
    text: str
    form: Form
    name: str
    person: str = ""
    channel: str = "Slack"
    """Where it was written, as the record of a case names it."""
    concerned: tuple[str, ...] = ()
    """Persons whom it is about, or may be, beside those whom the text names: by id (SAFETY 12)."""


@dataclass(frozen=True)
class Raising:
    """Holds urgent messages of a chat or of a signed-in person; never from the command line."""

    schools: Mapping[str, School]
    store: Store
    intake: Intake
    clock: Clock

    def take(
        self,
        known: Known,
        message: str,
        text: str,
        form: Form | None,
        concerned: frozenset[str] = frozenset(),
    ) -> str:
        """
        Hold *text*, and have somebody safe told "ring [sender]" in five minutes; return the id of it.

        Where nobody in school is safe to tell, the sender hears that at once, with whom to ring outside.
        *message* is the chat's id of the message: the same one again changes nothing. *form* is the
        triage's. Of *concerned* (person ids) nobody is asked to ring, and nobody gets the case: the author
        of the message, where that is not the sender, and whoever it mentions (SAFETY 8, 12).
        Nor is whoever is not safe by *text* asked first for what the same sender wrote before.
        Raises `StoreBusy` and `StoreFailed`: then nothing is held, and that must be said.
        """
        school, sender = known.school, known.reporter
        identity = sha256(f"{school.id}\n{message}".encode()).hexdigest()[:24]
        taken = form or Form.CONCERN
        raised = Raised(
            identity,
            school.id,
            sender.handle,
            text,
            taken,
            sender.name,
            sender.person,
            known.channel,
            tuple(sorted(concerned - {sender.person})),
        )
        with self.store.writing() as unit:
            new = not unit.held(raised_key(identity)) and not unit.requests(school.id, _request(identity))
            if new:
                unit.hold(raised_key(identity), json.dumps(asdict(raised)), unit.now + KEPT)
                _have_somebody_ring(unit, school, raised)
        _log.info("urgent.taken id=%s school=%s new=%s", identity, school.id, new)
        return identity

    def school(self, identity: str) -> str:
        """The school of what was raised under *identity*, waiting or filed; raises `Gone`."""
        with self.store.reading() as unit:
            if held := unit.held(raised_key(identity)):
                return _read(held).school
            return self._filed(unit, identity)[0]

    def waiting(self, identity: str, handle: str) -> Raised:
        """What waits under *identity* for the person with *handle*; raises `Gone`, and once it is filed."""
        raised = self._held(identity, handle)
        with self.store.reading() as unit:
            if unit.requests(raised.school, _request(identity)):
                raise _gone(identity)
        return raised

    def receipt(self, identity: str, handle: str) -> Receipt:
        """The receipt of what the person with *handle* has filed; raises `Gone` when they have not."""
        with self.store.reading() as unit:
            _, case = self._filed(unit, identity)
            events = unit.events(case)
        if not events or filings.filed_by(events) != handle:
            raise _gone(identity)
        return self.intake.receipt(case)

    def file(self, identity: str, handle: str) -> Receipt:
        """
        `store_case`, and then `filed`: for a channel that does not wait for an acknowledgement between them.

        Raises:
            Gone, StoreBusy, StoreFailed: as `store_case`.
        """
        receipt = self.store_case(identity, handle)
        self.filed(identity, handle, receipt)
        return receipt

    def store_case(self, identity: str, handle: str) -> Receipt:
        """
        File it as an urgent case, as it stands; nothing else is written. Again: the same receipt.

        Once the receipt is given, `filed` is due: until then whoever may be asked to ring is asked still.

        Raises:
            Gone: it was called a question, or is over its time, and was never filed.
            StoreBusy, StoreFailed: nothing was stored.
        """
        try:
            raised = self._held(identity, handle)
        except Gone:
            return self.receipt(identity, handle)
        receipt = self._case_of(raised)
        _log.info("urgent.filed id=%s case=%s", identity, receipt.case)
        return receipt

    def filed(self, identity: str, handle: str, receipt: Receipt) -> None:
        """
        After *receipt*: the words are held no longer, and nobody is told to ring any more.

        Only where nobody in school is safe to have the case, whoever may be asked to ring is asked still.
        The case is stored whatever becomes of this: when it fails, or the process dies, somebody rings too.
        """
        if not receipt.told:
            return
        with suppress(Gone, StoreBusy, StoreFailed):
            raised = self._held(identity, handle)
            with self.store.writing() as unit:
                self._settle(unit, raised)

    def only_a_question(self, identity: str, handle: str) -> None:
        """Let it go: nothing is kept and nobody is told. A second press, or after `file`, changes nothing."""
        with self.store.writing() as unit:
            held = unit.held(raised_key(identity))
            raised = _read(held) if held else None
            theirs = raised is not None and raised.handle == handle
            if raised and theirs and not unit.requests(raised.school, _request(identity)):
                self._settle(unit, raised)
        _log.info("urgent.question id=%s", identity)

    def _held(self, identity: str, handle: str) -> Raised:
        """What is held under *identity* for the person with *handle*, filed or not; raises `Gone`."""
        with self.store.reading() as unit:
            held = unit.held(raised_key(identity))
        raised = _read(held) if held else None
        if raised is None or raised.handle != handle:
            raise _gone(identity)
        return raised

    def _case_of(self, raised: Raised) -> Receipt:
        """The receipt of the case; what is too long for one answer comes as an addition to it."""
        form = self.intake.forms[raised.form]
        # Whoever has left the list since cannot be told anything either.
        listed = {each.id for each in self.schools[raised.school].people}
        raised = replace(raised, concerned=tuple(each for each in raised.concerned if each in listed))
        receipts = [
            self.intake.file(_submission(raised, form, raised.text[at : at + MOST_CHARACTERS]))
            for at in range(0, max(len(raised.text), 1), MOST_CHARACTERS)
        ]
        return receipts[-1]

    def _filed(self, unit: Unit, identity: str) -> tuple[str, str]:
        """School and case of what was filed under *identity*; raises `Gone`."""
        for school in self.schools:
            for stored in unit.requests(school, _request(identity)):
                return school, stored.case
        raise _gone(identity)

    def _settle(self, unit: Unit, raised: Raised) -> None:
        """Decided: the words are held no longer, and of the notices none goes out that has not yet."""
        unit.let_go(raised_key(raised.id))
        unit.withdraw(told_key(raised.id))
        for person in self.schools[raised.school].people:
            unit.withdraw(ring_key(raised.id, person.id))


def _have_somebody_ring(unit: Unit, school: School, raised: Raised) -> None:
    safe = _safe(school, raised)
    _spare_those_before(unit, school, raised.handle, safe)
    ringing = Ringing(raised.id, raised.name, raised.handle, safe)
    if safe:
        unit.enqueue(ringing.ask(school, safe[0], unit.now + WAIT))
    else:
        unit.enqueue(ringing.tell(school, "", unit.now))


def _spare_those_before(unit: Unit, school: School, handle: str, safe: Collection[str]) -> None:
    """Of what *handle* wrote before, whoever waits to be asked and is not *safe* gives way to the next."""
    waiting = [each.notice for each in unit.waiting(school.id)]
    for notice in waiting:
        if notice.kind is not NoticeKind.RING_SENDER or notice.to in safe:
            continue
        before = Ringing.read(notice.detail, school)
        if before.handle == handle and unit.withdraw(notice.key):
            # Whoever stands before them was asked already, and nobody is asked twice.
            left = replace(before, safe=tuple(each for each in before.safe if each in {*safe, notice.to}))
            following = left.after(notice.to)
            left = replace(left, safe=tuple(each for each in left.safe if each != notice.to))
            unit.enqueue(
                left.ask(school, following, notice.due) if following else left.tell(school, "", unit.now)
            )


def _safe(school: School, raised: Raised) -> tuple[str, ...]:
    """
    Whoever may be asked to ring, one after another: each is `clock.safe_first` without those before.

    Nobody whom the message concerns is among them.
    """
    found: list[str] = []
    while person := clocks.safe_first(
        _without(school, {*raised.concerned, *found}), raised.text, raised.person
    ):
        found.append(person)
    return tuple(found)


def _without(school: School, people: Collection[str]) -> School:
    """*school* where none of *people* holds a role; they stay listed, for the text may name them."""
    left = {role: tuple(each for each in held if each not in people) for role, held in school.roles.items()}
    return replace(school, roles=left)


def _submission(raised: Raised, form: FormDefinition, text: str) -> Submission:
    """Only what the message says is answered: nothing is made up that decides who hears of it (SAFETY 13)."""
    long = [field for field in form.fields if field.kind is Kind.LONG_TEXT]
    told = next((field for field in long if field.required), long[-1])
    answers: dict[str, AnswerValue] = {field.id: NOT_KNOWN for field in form.fields if field.required}
    return Submission(
        request_id=_request(raised.id),
        school=raised.school,
        form=raised.form,
        reporter=Reporter(raised.handle, raised.name, raised.person),
        answers={**answers, told.id: text},
        gate=Gate.UNASKED,
        concerned=raised.concerned,
        channel=raised.channel,
        urgent=True,
    )


def _request(identity: str) -> str:
    return f"urgent:{identity}"


def _read(held: str) -> Raised:
    values = json.loads(held)
    return Raised(**{**values, "form": Form(values["form"]), "concerned": tuple(values.get("concerned", ()))})


def _gone(identity: str) -> Gone:
    error = Gone(f"urgent {identity}")
    error.user_message = OVER
    return error
