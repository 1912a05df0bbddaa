"""Reports that are being written: kept sealed until they are sent, or a day has passed."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain import gate
from bot.domain.cases import PartyRole
from bot.domain.form_types import FormDefinition, Kind
from bot.domain.gate import Move, Session
from bot.domain.reports import AnswerValue, Gate, Reporter, Submission
from bot.domain.triage import Form
from bot.errors import Gone
from bot.ports import Clock, Store, Unit

KEPT = timedelta(hours=24)
MOST = 20


@dataclass(frozen=True, slots=True)
class Draft:
    """A report on its way; everything but the files, which are named by what the channel calls them."""

    id: str
    """Becomes the request id, so that one draft is one case however often it is sent."""
    school: str
    form: Form
    handle: str
    """Whose it is: nobody else gets it."""
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    gate: Gate = Gate.UNASKED
    concerned: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    """Chosen on a screen that was left."""
    urgent: bool = False
    source: str = ""
    """The permalink of a message that was reported by shortcut."""
    begun: datetime | None = field(default=None, compare=False)
    """Since when it is kept; None before that."""


def begin_with(form: FormDefinition, words: str, author: str = "") -> dict[str, AnswerValue]:
    """The answers that a report starts with: *words*, and the *author* of a message where the form asks."""
    answers: dict[str, AnswerValue] = {}
    boxes = [each for each in form.fields if each.kind is Kind.LONG_TEXT]
    first = next((each for each in boxes if not each.later), boxes[-1] if boxes else None)
    if words and first:
        answers[first.id] = words
    who = next((each for each in form.short if each.names), None)
    if author and who and who.names and who.names.role is not PartyRole.TARGET:
        answers[who.id] = author
    return answers


def session_of(draft: Draft, *answers: Gate, adding: bool = False) -> Session:
    """
    Where the report in *draft* stands once the gate is answered with *answers*, one after another.

    What is *adding* to a report that was sent has no answer at the gate yet, and so takes no file.
    """
    session = Session(draft.form, pending=len(draft.files))
    for each in (draft.gate, *answers):
        session = gate.answered(session, each)
    return gate.move(gate.move(session, Move.SEND), Move.MORE) if adding else session


def submission(draft: Draft, reporter: Reporter, channel: str, *, adding: bool = False) -> Submission:
    """*draft* as *reporter* would send it now; what is *adding* to a report takes no file along."""
    concerned = tuple(dict.fromkeys(draft.concerned))
    return Submission(
        request_id=draft.id,
        school=draft.school,
        form=draft.form,
        reporter=reporter,
        answers=draft.answers,
        gate=draft.gate,
        concerned=concerned,
        not_about=tuple(each for each in draft.not_about if each not in concerned),
        channel=channel,
        urgent=draft.urgent,
        awaited=draft.files if draft.gate.opens and not adding else (),
    )


@dataclass(frozen=True)
class Drafting:
    """Keeps drafts; they are sealed, and no log names more than their id."""

    store: Store
    clock: Clock

    def keep(self, draft: Draft) -> None:
        """
        Keep *draft*, in place of what was kept under its id; its day begins again.

        Of one person `MOST` are kept: a new one takes the place of one that is empty, of one that was sent,
        or of the oldest, for nobody who reports is turned away (SAFETY 31).
        What stopped the report stays, whatever *draft* says (SAFETY 1): it may have been read before that.

        Raises:
            Gone: somebody else's is kept under that id.
            StoreBusy, StoreFailed: nothing was kept.
        """
        with self.store.writing() as unit:
            kept = unit.held(_key(draft.id))
            if kept and _draft(kept).handle != draft.handle:
                raise Gone(f"draft {draft.id}: not theirs")
            if not kept:
                _make_room(unit, draft)
            _hold(unit, draft, _draft(kept) if kept else draft)

    def change(self, identity: str, handle: str, change: Callable[[Draft], Draft]) -> Draft:
        """
        Keep what *change* makes of the draft as it is now, and return that; its day begins again.

        Nothing that others keep meanwhile is lost, a stop stays one, and what was dropped stays dropped.

        Raises:
            Gone: there is none, or it is another's.
            StoreBusy, StoreFailed: nothing was kept.
        """
        with self.store.writing() as unit:
            held = unit.held(_key(identity))
            kept = _draft(held) if held else None
            if kept is None or kept.handle != handle:
                raise Gone(f"draft {identity}")
            return _hold(unit, change(kept), kept)

    def get(self, identity: str, handle: str) -> Draft:
        """The draft *identity* of the person with *handle*; raises `Gone`, for another's as for none."""
        with self.store.reading() as unit:
            kept = unit.held(_key(identity))
        draft = _draft(kept) if kept else None
        if draft is None or draft.handle != handle:
            raise Gone(f"draft {identity}")
        return draft

    def unfinished(self, school: str, handle: str) -> tuple[Draft, ...]:
        """What the person with *handle* has begun to write at *school* and not sent, the newest first."""
        with self.store.reading() as unit:
            kept = (unit.held(key) for key in unit.held_keys(_key("")))
            theirs = [each for each in map(_draft, filter(None, kept)) if _is_theirs(each, school, handle)]
            waiting = [each for each in theirs if not unit.requests(school, each.id)]
        return tuple(sorted(waiting, key=lambda each: str(each.begun or ""), reverse=True))

    def drop(self, identity: str) -> None:
        """Delete it; nothing happens when it is gone."""
        with self.store.writing() as unit:
            unit.let_go(_key(identity))


def _make_room(unit: Unit, draft: Draft) -> None:
    """Let go of what is one too many beside *draft*, which is new, of whoever writes it."""
    whose = hashlib.sha256(f"{draft.school}:{draft.handle}".encode()).hexdigest()
    theirs = json.loads(unit.held(f"drafts-of:{whose}") or "[]")
    there = [each for each in theirs if unit.held(_key(each))]
    while len(there) >= MOST:
        # The first of the least, and they stand in the order in which they were begun.
        least = min(there, key=lambda each: _worth(unit, _draft(unit.held(_key(each)))))
        unit.let_go(_key(least))
        there.remove(least)
    unit.hold(f"drafts-of:{whose}", json.dumps([*there, draft.id]), unit.now + 2 * KEPT)


def _worth(unit: Unit, draft: Draft) -> int:
    if unit.requests(draft.school, draft.id):
        return 1
    return 2 if draft.answers or session_of(draft).stopped else 0


def _hold(unit: Unit, draft: Draft, kept: Draft) -> Draft:
    """Keep *draft* in place of *kept*, and return it; what stopped the report goes on doing so (SAFETY 1)."""
    if session_of(kept).stopped and not session_of(draft).stopped:
        draft = replace(draft, gate=kept.gate)
    draft = replace(draft, begun=kept.begun or unit.now)
    unit.hold(_key(draft.id), _plain(draft), unit.now + KEPT)
    return draft


def _is_theirs(draft: Draft, school: str, handle: str) -> bool:
    """Whether *handle* has written something in it: a form that is empty yet is not offered."""
    said = bool(draft.answers) or session_of(draft).stopped
    return (draft.school, draft.handle) == (school, handle) and said


def _key(identity: str) -> str:
    return f"draft:{identity}"


def _plain(draft: Draft) -> str:
    plain = asdict(replace(draft, answers=dict(draft.answers)))
    return json.dumps({**plain, "begun": draft.begun.isoformat() if draft.begun else ""})


def _draft(kept: str) -> Draft:
    plain: dict[str, Any] = {name: _unlisted(value) for name, value in json.loads(kept).items()}
    answers = {name: _unlisted(value) for name, value in plain["answers"].items()}
    begun = datetime.fromisoformat(plain["begun"]) if plain.get("begun") else None
    kinds = {"form": Form(plain["form"]), "gate": Gate(plain["gate"]), "begun": begun}
    return Draft(**plain | kinds | {"answers": answers})


def _unlisted(value: Any) -> Any:
    """*value* as it was before JSON made a list of a tuple."""
    return tuple(value) if isinstance(value, list) else value
