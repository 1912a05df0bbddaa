"""The gate before every file: one state machine for all forms and channels (SAFETY 1–5). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.answers import Contact, Step
from bot.domain.evidence import MOST_FILES
from bot.domain.form_types import Field, FormDefinition
from bot.domain.reports import Gate
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.domain.verdicts import contact

QUESTION = (
    "Could any of it show a nude, semi-nude or sexual image of someone under 18? "
    "A photo, a video, a drawing or a picture made by AI all count."
)
ANSWERS = ((Gate.NO, "No"), (Gate.YES, "Yes"), (Gate.NOT_SURE, "Not sure"))
UNASKED_FILE = "I have not opened or fetched the file you sent. Please answer this first. " + QUESTION
FULL = f"A report takes {MOST_FILES} files. Send this, then tell whoever deals with it that there are more."
SENT = "This report is sent. To add a file, choose to add more evidence."
STAYS_STOPPED = (
    "No file can be added to this report any more, because an indecent image may be involved. "
    "Do not open, copy or send it; ring the person named below, who will say what to do."
)
DROPPED = (
    "The files you had chosen are not sent and not kept here. "
    "Do not open, copy or delete them on your device; ring the person named below."
)
PRESS_LOCK = (
    "If a file that you sent before may show it, press “this may be an indecent image” beside that file. "
    "It is then locked: nobody can open or copy it."
)
_STOPPING = (Gate.YES, Gate.NOT_SURE)


class Phase(StrEnum):
    """Where a report session stands."""

    DRAFT = "draft"
    SENT = "sent"
    MORE = "more evidence"


class Move(StrEnum):
    """What the reporter, or whoever else adds to the case, can do."""

    SAY_NO = "answers no"
    SAY_YES = "answers yes"
    SAY_NOT_SURE = "answers not sure"
    ADD_FILE = "adds a file"
    DROP_FILE = "takes a file back"
    SEND = "sends"
    MORE = "has more evidence"
    LOCK = "says that a stored file may be an indecent image"


class Control(StrEnum):
    """What a channel may draw."""

    GATE_QUESTION = "gate question"
    UPLOAD = "upload"
    COACH = "how to capture"
    FIELDS = "all fields"
    STOPPED_FIELDS = "who, where and when"
    STOP_SCREEN = "stop screen"
    SEND = "send"
    MORE_EVIDENCE = "more evidence"
    LOCK_FILE = "this may be an indecent image"


@dataclass(frozen=True, slots=True)
class Session:
    """One report from the first question on; a channel keeps it, moves it, and draws its `controls`."""

    form: Form
    phase: Phase = Phase.DRAFT
    answer: Gate = Gate.UNASKED
    """The answer for what is being added now; asked anew for more evidence."""
    stopped: bool = False
    """Somebody said "yes", "not sure" or locked a file: for this report nothing undoes it."""
    pending: int = 0
    """Files chosen and not sent."""
    stored: int = 0
    locked: bool = False
    dropped: bool = False
    """Files had been chosen when the answer became "yes" or "not sure"; they were let go unread."""

    @property
    def takes_files(self) -> bool:
        """Whether a control that takes a file may be drawn."""
        room = self.pending + self.stored < MOST_FILES
        return self.answer.opens and not self.stopped and self.phase is not Phase.SENT and room

    @property
    def gate(self) -> Gate:
        """What the submission carries: a stopped report is never sent as "no"."""
        return Gate.NOT_SURE if self.stopped and self.answer not in _STOPPING else self.answer


def move(session: Session, what: Move) -> Session:
    """Return *session* after *what*; a move that is not open to it changes nothing."""
    if what in _ANSWERED:
        return _answer(session, _ANSWERED[what])
    if what is Move.ADD_FILE:
        return replace(session, pending=session.pending + 1) if session.takes_files else session
    if what is Move.DROP_FILE:
        return replace(session, pending=max(session.pending - 1, 0))
    if what is Move.LOCK:
        return replace(_stop(session), locked=True) if session.stored else session
    if what is Move.SEND:
        return _send(session)
    return _more(session)


_ANSWERED = {Move.SAY_NO: Gate.NO, Move.SAY_YES: Gate.YES, Move.SAY_NOT_SURE: Gate.NOT_SURE}


def answered(session: Session, answer: Gate) -> Session:
    """Return *session* once the gate is answered with *answer*; what is unasked changes nothing."""
    return next((move(session, what) for what, said in _ANSWERED.items() if said is answer), session)


def stopped_session(form: Form) -> Session:
    """Return a report of *form* that was sent and takes no file any more."""
    return move(answered(Session(form), Gate.NOT_SURE), Move.SEND)


def _answer(session: Session, answer: Gate) -> Session:
    if session.phase is Phase.SENT or (session.stopped and answer is Gate.NO):
        return session
    answered = replace(session, answer=answer)
    return _stop(answered) if answer in _STOPPING else answered


def _stop(session: Session) -> Session:
    return replace(session, stopped=True, pending=0, dropped=session.dropped or session.pending > 0)


def _send(session: Session) -> Session:
    if session.phase is Phase.SENT:
        return session
    return replace(session, phase=Phase.SENT, stored=session.stored + session.pending, pending=0)


def _more(session: Session) -> Session:
    if session.phase is not Phase.SENT or session.stopped or session.stored >= MOST_FILES:
        return session
    return replace(session, phase=Phase.MORE, answer=Gate.UNASKED)


def controls(session: Session) -> frozenset[Control]:
    """Return everything that *session* lets a channel draw, and nothing that it does not."""
    shown: set[Control] = set()
    open_now = session.phase is not Phase.SENT
    if session.takes_files:
        shown |= {Control.UPLOAD, Control.COACH}
    if open_now:
        # Telling must never wait for the gate: a report without files can be sent at any time (SAFETY 31).
        shown |= {Control.SEND, Control.STOPPED_FIELDS if session.stopped else Control.FIELDS}
        shown |= set() if session.stopped else {Control.GATE_QUESTION}
    elif not session.stopped and session.stored < MOST_FILES:
        shown.add(Control.MORE_EVIDENCE)
    if session.stopped:
        shown.add(Control.STOP_SCREEN)
    if session.stored:
        shown.add(Control.LOCK_FILE)
    return frozenset(shown)


def reply_to_file(session: Session | None) -> str:
    """
    Return what is said to a file that arrives, "" when it may be taken; otherwise it is never fetched.

    Without a session, as with a file in a thread or a paste before the gate, it is the gate question
    (SAFETY 2).
    """
    if session is None:
        return UNASKED_FILE
    if session.takes_files:
        return ""
    if session.stopped:
        return STAYS_STOPPED
    if session.phase is Phase.SENT:
        return SENT
    return FULL if session.answer.opens else UNASKED_FILE


def fields_to_ask(form: FormDefinition, stopped: bool) -> tuple[Field, ...]:
    """Return the fields to ask; of a stopped report only who, where and when, never what a picture shows."""
    return tuple(field for field in form.fields if field.when_stopped) if stopped else form.fields


def stop_screen(
    school: School, form: Form, concerned: Iterable[str] = (), session: Session | None = None
) -> tuple[Step, ...]:
    """
    Return what "yes" and "not sure" show, in the substance and order of SAFETY 1.

    *concerned* are the ids of persons it is about or who are close to them: none of them is the one to ring.
    """
    ring = _to_ring(school, form, frozenset(concerned))
    return (
        Step(
            "Stop. Do not open, copy, screenshot, send, save or delete it, and do not ask the child to. "
            "Do not look at it again."
        ),
        *_about_files(session),
        Step("If you have seen it, you are not in trouble. Say that you have."),
        Step("Do not question the child, and do not tell anybody else."),
        Step(
            "Do not blame the child. Say that you have to pass it on, so that they can be helped; "
            "do not promise to keep it secret."
        ),
        Step("Ring now; do not wait for an answer here:", ring),
        Step(
            "If an adult sent it or has it, or a child is in danger: ring the police. "
            "In danger now: 999. Otherwise: 101.",
            (Contact("police", "", "999 or 101"),),
        ),
        Step(
            "Your report opens as urgent. It asks only who, where and when, as far as you know; "
            "do not write what the picture shows."
        ),
    )


def _about_files(session: Session | None) -> tuple[Step, ...]:
    if session is None:
        return ()
    words = (DROPPED if session.dropped else "", PRESS_LOCK if session.stored and not session.locked else "")
    return tuple(Step(each) for each in words if each)


def _to_ring(school: School, form: Form, concerned: frozenset[str]) -> tuple[Contact, ...]:
    """The first two safe ones: of an adult who works here the head and not the DSL (SAFETY 7, 14)."""
    inside = ("head", "chair") if form is Form.ADULT_CONCERN else ("dsl", "deputy_dsl", "head", "chair")
    seen: set[str] = set()
    contacts: list[Contact] = []
    for role in inside:
        holders = {person.id for person in school.holders(role)}
        # One person with two roles is one person to ring.
        if holders - seen and not holders & concerned:
            contacts.append(contact(school, role))
        seen |= holders
    if contacts:
        return tuple(contacts[:2])
    return (
        contact(school, "lado"),
        contact(school, "social_care"),
        contact(school, "social_care_out_of_hours"),
    )
