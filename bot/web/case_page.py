"""The page of one case: the reason first, and then everything about it with all that can be done."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from starlette.responses import Response

from bot.casework import words
from bot.domain.cases import EventKind
from bot.domain.evidence import FileKind
from bot.domain.notice_details import REASONS, case_number
from bot.domain.pack_words import Telling
from bot.domain.packs import LOCKED_WORDS
from bot.domain.receipts import HASH, outside
from bot.domain.schooldays import local
from bot.domain.views import CaseView, Entry
from bot.errors import BotError, FormError, NeedsReason
from bot.web import case_moves, case_picture, case_words
from bot.web.case_fields import At, Field, Option
from bot.web.case_forms import Group, Move
from bot.web.case_memory import Memory
from bot.web.pages import Here, May, Page, go, show

NO_REASON = "Choose a reason, or write one."
NOT_STORED = "Nothing of it is stored yet: look at the case, then send it again."
_PLAIN, _BESIDE = ("reason", "own"), ("opened-because", "opened-own")
"""The fields of a reason: alone, and beside a form that was sent, which may have a reason of its own."""
READ_AS_TEXT = (FileKind.TXT, FileKind.EML)
"""What is read, and not looked at."""

_GROUPS = (Group.RECORD, Group.PEOPLE, Group.OTHERS, Group.END)
# Shown in full further up.
_SHOWN_ABOVE = (EventKind.FILED, EventKind.ROUTED, EventKind.EVIDENCE_STORED)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Again:
    """A form that was not done: which, what was typed, and why not."""

    move: str = ""
    said: Mapping[str, str] = field(default_factory=dict, repr=False)
    faults: Mapping[str, str] = field(default_factory=dict)
    """Field → what is wrong there."""
    why: str = ""
    """What stands above the form."""

    @classmethod
    def of(cls, here: Here, move: Move, error: BotError) -> "Again":
        """*error* at the fields that the form has, and above it what belongs to none."""
        said = {name: here.said(name) for name in here.fields}
        fields = error.fields if isinstance(error, FormError) else {}
        names = {each.name for each in move.fields}
        rest = [each for name, each in fields.items() if name not in names]
        why = " ".join(rest) if fields else error.user_message
        return cls(move.name, said, {name: each for name, each in fields.items() if name in names}, why)

    def at(self, move: str, identity: str = "") -> bool:
        """Whether it was the form of *move*, beside the file or action *identity*."""
        return self.move == move and (not identity or self.said.get("id", "") == identity)


@dataclass(frozen=True, slots=True)
class Form:
    """One move as it is drawn."""

    move: Move
    fields: tuple[tuple[Field, tuple[Option, ...]], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chronology, with the later ones that put it right."""

    entry: Entry
    said: tuple[str, ...]
    corrections: tuple["Line", ...] = ()


def opened(here: Here) -> Response:
    """The case, or the question why they open it (SAFETY 22)."""
    case = case_of(here)
    memory = Memory.of(here, case)
    try:
        view = here.parts.casework.open_case(here.member, case, memory.reason)
    except NeedsReason as error:
        return _reason_page(here, case, error.user_message)
    if not memory.still_here:
        # None is asked for as it stands; a form sent from it must come back even if one is by then.
        memory.came()
    _log.info("case.opened case=%s", view.head.case)
    return draw(here, view)


def give_reason(here: Here) -> Response:
    """Open the case with the reason given, which holds for half an hour."""
    case, reason = case_of(here), _given(here, _PLAIN)
    try:
        here.parts.casework.open_case(here.member, case, reason)
    except NeedsReason as error:
        return _reason_page(here, case, error.user_message, NO_REASON)
    Memory.of(here, case).keep_reason(reason)
    return go(f"/cases/{case}")


def asks_why(here: Here, why: str, fault: str = "") -> Response:
    """The question why they open the case, with the form that they sent: nothing typed is lost by it."""
    typed = [(name, value) for name, values in here.fields.items() for value in values]
    return _reason_page(here, case_of(here), why, fault, typed)


def explains(here: Here) -> bool:
    """Whether what was posted is the answer to `asks_why`."""
    return any(name in here.fields for name in _BESIDE)


def explained(here: Here, back: Callable[[Here], Response]) -> Response:
    """
    Open the case with the reason given beside a form, and draw that form with what was typed: *back*.

    Nothing of the form is done: whoever sends it shall have the case before their eyes (SAFETY 18, 22).
    """
    case, reason = case_of(here), _given(here, _BESIDE)
    here = replace(here, fields={name: said for name, said in here.fields.items() if name not in _BESIDE})
    try:
        here.parts.casework.open_case(here.member, case, reason)
    except NeedsReason as error:
        return asks_why(here, error.user_message, NO_REASON)
    Memory.of(here, case).keep_reason(reason)
    return back(here)


def draw(here: Here, view: CaseView, again: Again | None = None) -> Response:
    """The case with its forms; *again* is the one that was not done."""
    school, now = here.school, here.parts.clock()
    at = At(view, school, here.parts.casework.schedule, local(now).date())
    forms = {each.name: _form(each, at) for each in case_moves.MOVES if each.offered(at)}
    return show(
        here,
        "case.html",
        status=422 if again else 200,
        view=view,
        head=view.head,
        form=here.parts.forms[view.head.form],
        answers=tuple(case_words.answers(view, here.parts.forms[view.head.form])),
        clause=case_words.clause(view),
        chronology=tuple(_lines(here, view)),
        picture=case_picture.drawn(view, now),
        rows=case_picture.ROWS,
        outside=outside(school, view.access.outside),
        forms=forms,
        first=[each for each in forms.values() if each.move.group is Group.FIRST],
        groups=[(group.value, _of(forms, group)) for group in _GROUPS if _of(forms, group)],
        again=again or Again(),
        said=case_moves.SAID.get(here.asked("done"), ""),
        now=now,
        at=words.at,
        name=lambda person: words.by(school, person),
        words=case_words,
        hash_words=HASH,
        locked_words=LOCKED_WORDS,
        as_text=READ_AS_TEXT,
    )


def again(here: Here, move: Move, error: BotError) -> Response:
    """The case after *move* was refused, with what was typed still there."""
    case = case_of(here)
    try:
        view = here.parts.casework.open_case(here.member, case, Memory.of(here, case).still_here)
    except NeedsReason as reason:
        return asks_why(here, reason.user_message, error.user_message)
    return draw(here, view, Again.of(here, move, error))


def case_of(here: Here) -> str:
    """The number of the case in the address, as cases are numbered."""
    return case_number(here.path("case").strip().upper()) or "-"


def _given(here: Here, names: tuple[str, str]) -> str:
    chosen, own = names
    return ": ".join(each for each in (here.said(chosen), here.said(own).strip()) if each)


def _reason_page(
    here: Here, case: str, why: str, fault: str = "", typed: Sequence[tuple[str, str]] = ()
) -> Response:
    return show(
        here,
        "case_reason.html",
        422 if fault else 200,
        case=case,
        why=why,
        fault=fault,
        reasons=REASONS,
        typed=typed,
        names=_BESIDE if typed else _PLAIN,
        action=here.request.url.path if typed else f"/cases/{case}",
    )


def _form(move: Move, at: At) -> Form:
    drawn = [(each, each.options(at)) for each in move.asked(at)]
    # A list that is empty and not needed has nothing to ask.
    return Form(move, tuple(each for each in drawn if each[1] or each[0].needed or not each[0].listed))


def _of(forms: Mapping[str, Form], group: Group) -> list[Form]:
    return [each for each in forms.values() if each.move.group is group]


def _lines(here: Here, view: CaseView) -> Iterator[Line]:
    """What stands further up is not said again; of a locked file its hash alone (SAFETY 4)."""
    telling = Telling(here.school, frozenset(item.id for item in view.evidence if item.locked))
    for entry in view.chronology:
        corrections = tuple(Line(each, _said(telling, each)) for each in entry.corrections)
        plain = replace(entry, corrections=())
        yield Line(plain, _shown(telling, plain), corrections)


def _shown(telling: Telling, entry: Entry) -> tuple[str, ...]:
    if entry.kind is EventKind.EVIDENCE_STORED and entry.body["id"] not in telling.locked:
        return (str(entry.body["name"]),)
    return () if entry.kind in _SHOWN_ABOVE else _said(telling, entry)


def _said(telling: Telling, entry: Entry) -> tuple[str, ...]:
    return tuple(line for line in telling.words(entry).split("\n") if line)


PAGES = (Page("/cases/{case}", May.PERSON, get=opened, post=give_reason),)
