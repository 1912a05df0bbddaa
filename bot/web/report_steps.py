"""A report on its way, as the pages have it: what was posted becomes a draft, a draft becomes questions."""

import hashlib
import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot import drafting
from bot.domain import forms, gate
from bot.domain.form_types import NOT_KNOWN, NOT_SURE, Field, FormDefinition, Kind
from bot.domain.openings import ids
from bot.domain.receipts import outside
from bot.domain.reports import AnswerValue, Gate, Receipt, Submission
from bot.domain.routing import Hearer
from bot.domain.schools import School, role_name
from bot.drafting import Draft
from bot.errors import FormError
from bot.intake import Ready
from bot.web.pages import RING, Here

STOPPING = (Gate.YES, Gate.NOT_SURE)
ANSWER = "a."
"""What the name of each answer begins with, so that none is mistaken for a button or the gate."""
ASKED = "asked"
"""The questions that stood on the page: one without a value then has no answer any more."""
CHANNEL = "web page"
"""What the record of a case calls the pages."""
_OURS = "web-"
_MOST_BUTTONS = 7
_PLAIN = re.compile(r"\d{4}-\d\d-\d\d|\d\d:\d\d", re.ASCII)
"""A day or a time as a browser writes it."""


def new_id() -> str:
    """An id for a draft; nobody can guess one."""
    return f"{_OURS}{secrets.token_urlsafe(12)}"


def gate_in(here: Here) -> Gate:
    """The answer at the gate that was posted, `UNASKED` where there is none."""
    said = here.said("gate")
    return Gate(said) if said in list(Gate) else Gate.UNASKED


def with_answers(
    here: Here, form: FormDefinition, before: Mapping[str, AnswerValue]
) -> dict[str, AnswerValue]:
    """*before* with what was posted since; a question whose answer was taken away has none."""
    asked = set(here.fields.get(ASKED, ()))
    now = {field.id: _posted(here, field) for field in form.fields if field.id in asked}
    return {key: each for key, each in {**before, **now}.items() if each}


def _posted(here: Here, field: Field) -> AnswerValue:
    values = tuple(each for each in here.fields.get(f"{ANSWER}{field.id}", ()) if each)
    if field.kind is Kind.CHOICES:
        return values
    # A day comes beside its box "not known", which counts only while there is no day.
    return values[0] if values else ""


def unfinished(here: Here) -> tuple[Draft, ...]:
    """What they have begun at the pages and not sent; what was begun in a chat goes on there."""
    found = here.parts.drafting.unfinished(here.school.id, here.signed_in.reporter.handle)
    return tuple(each for each in found if each.id.startswith(_OURS))


def brings_more(here: Here, sent: Receipt) -> bool:
    """Whether a file came that is none of those *sent* names as stored; the same ones again are no more."""
    stored = {each.sha256 for each in sent.evidence}
    return any(hashlib.sha256(each.content).hexdigest() not in stored for each in here.uploads)


def submission(here: Here, draft: Draft) -> Submission:
    """*draft* as whoever is signed in would send it now."""
    return drafting.submission(draft, here.signed_in.reporter, CHANNEL)


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is drawn."""

    field: Field
    value: AnswerValue
    clause: str
    fault: str = ""
    needed: bool = False
    shown: bool = True
    """Whether the answers so far show it; one that is not waits for its answer, hidden."""

    @property
    def id(self) -> str:
        """What it is called on the page."""
        return f"q-{self.field.id}"

    @property
    def name(self) -> str:
        """What its answer is posted as."""
        return f"{ANSWER}{self.field.id}"

    @property
    def hint(self) -> str:
        """How to answer; how to write a day is no help where it is picked from a calendar."""
        return "" if self.input == "date" else forms.prompt(self.field, self.clause)

    @property
    def input(self) -> str:
        """The control that fits: a kind of `<input>`, or "textarea", "select", "radio" or "checkbox"."""
        kinds = {Kind.LONG_TEXT: "textarea", Kind.CHOICES: "checkbox", Kind.DATE: "date", Kind.TIME: "time"}
        if self.field.kind is Kind.CHOICE:
            return "radio" if len(self.field.choices) <= _MOST_BUTTONS else "select"
        found = kinds.get(self.field.kind, "text")
        # A browser would throw away what is no day or time, and with it what was typed.
        return (
            "text" if found in ("date", "time") and self.text and not _PLAIN.fullmatch(self.text) else found
        )

    @property
    def options(self) -> list[tuple[str, str]]:
        """What can be picked; that nobody knows is always one of it."""
        listed = [(each.value, each.label) for each in self.field.choices]
        known = {NOT_SURE, NOT_KNOWN} & {value for value, _ in listed}
        return listed if known or self.field.kind is Kind.CHOICES else [*listed, (NOT_KNOWN, "Not known")]

    @property
    def text(self) -> str:
        """The answer as it stands in a box; a day that nobody knows stands beside it."""
        value = self.value if isinstance(self.value, str) else ""
        return "" if self.field.kind in (Kind.DATE, Kind.TIME) and value == NOT_KNOWN else value

    @property
    def picked(self) -> Sequence[str]:
        """Everything that is chosen."""
        return (self.value,) if isinstance(self.value, str) else self.value

    @property
    def can_be_unknown(self) -> bool:
        """Whether "not known" stands beside it as a box to tick."""
        return self.input in ("date", "time")


@dataclass(frozen=True, slots=True)
class Asking:
    """The questions of a draft: the short part, or what can be added *later*."""

    school: School
    form: FormDefinition
    draft: Draft
    faults: Mapping[str, str]
    later: bool = False

    def questions(self) -> Iterator[Question]:
        """Every question, in order; once the report is stopped, only who, where and when (SAFETY 1)."""
        stopped = self.draft.gate in STOPPING
        shown = forms.visible(self.form, self.draft.answers)
        routed = self.school.routing.get(self.form.form)
        clause = routed.clause if routed else ""
        for field in gate.fields_to_ask(self.form, stopped):
            if field.later is self.later or (not self.later and self._came(field)):
                value, fault = self.draft.answers.get(field.id, ""), self._fault(field)
                needed = field.required and not stopped and not self.later
                yield Question(field, value, clause, fault, needed, field in shown)

    def beside(self) -> tuple[str, ...]:
        """What is wrong at no question of this page."""
        asked = {each.field.id for each in self.questions()}
        return tuple(words for key, words in self.faults.items() if key not in asked)

    def unasked(self, asked: Sequence[str]) -> bool:
        """Whether an answer has brought up a question that did not stand on the page."""
        return any(each.shown and each.field.id not in asked for each in self.questions())

    def _fault(self, field: Field) -> str:
        """What is wrong with it, without its label: the words stand below that."""
        words = self.faults.get(field.id, "").removeprefix(f"{field.label}: ")
        return f"{words[:1].upper()}{words[1:]}"

    def _came(self, field: Field) -> bool:
        """Words that came along stand at the question that they answer, though it is a later one."""
        return field.kind is Kind.LONG_TEXT and field.id in self.draft.answers


@dataclass(frozen=True, slots=True)
class Hearing:
    """Who hears of a report, as the page before sending shows it (SAFETY 12)."""

    school: School
    draft: Draft
    ready: Ready
    hearers: tuple[Hearer, ...]

    @classmethod
    def of(cls, here: Here, draft: Draft) -> "Hearing":
        """Who would hear of *draft* if it were sent now; raises `FormError` where it cannot be."""
        ready = here.parts.intake.ready(submission(here, draft))
        return cls(here.school, draft, ready, here.parts.intake.hearers(ready))

    @property
    def outside(self) -> tuple[object, ...]:
        """Whom to ring outside school."""
        return outside(self.school, self.ready.decision.access.outside)

    @property
    def shown(self) -> str:
        """What tells one list of recipients from another."""
        told = [f"{each.person}:{each.how}" for each in self.hearers]
        both = repr((told, self.ready.decision.access.outside))
        return hashlib.sha256(both.encode()).hexdigest()[:16]

    @property
    def offered(self) -> tuple[tuple[str, str], ...]:
        """Of whom it is asked whether it is about them, as id and name."""
        found = {*(each.person for each in self.hearers), *self.draft.concerned}
        return named(self.school, found)

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """Whom the words name, and whom the reporter has cleared of it so far."""
        cleared = {each for each in self.draft.not_about if each not in self.draft.concerned}
        return named(self.school, {*self.ready.named, *cleared})


def named(school: School, persons: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Those of *persons* who are the school's, as id and name, in an order that no tick changes."""
    return tuple((each.id, each.name or each.id) for each in school.people if each.id in persons)


def ring(school: School, out: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Whom to ring, as role and number, but for a role that one of *out* holds (SAFETY 12)."""
    safe = (role for role in RING if not set(ids(school, role)) & set(out))
    return tuple((role_name(role), school.telephone(role)) for role in safe if school.telephone(role))


def excluded(here: Here, draft: Draft) -> tuple[str, ...]:
    """Who is not the one to ring, as far as the answers can be read by now (SAFETY 12)."""
    try:
        return here.parts.intake.ready(submission(here, draft)).decision.access.excluded
    except FormError as error:
        well = {key: each for key, each in draft.answers.items() if key not in error.fields}
        if len(well) == len(draft.answers):
            raise
        read = Draft(draft.id, draft.school, draft.form, draft.handle, well, draft.gate, draft.concerned)
        return excluded(here, read)
