"""Draws the views of a report: the questions with the gate, then files, who hears of it, and sending."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.domain import coach, forms, gate
from bot.domain.answers import Contact, Step
from bot.domain.coach import Platforms
from bot.domain.evidence import MOST_FILES
from bot.domain.form_types import Field, FormDefinition, Kind
from bot.domain.gate import Control, Phase, Session
from bot.domain.receipts import NOBODY, outside
from bot.domain.reports import AnswerValue, Gate
from bot.domain.routing import Hearer
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.drafting import Draft, session_of
from bot.intake import Ready
from bot.slack import blocks
from bot.slack.blocks import VALUE_ID, Block
from bot.slack.receipts import step_blocks
from bot.slack.report_fields import boxes, one_of, question
from bot.slack.report_reading import CONCERNED, DROP_FILES, FILES, GATE, HEARS, NOT_ABOUT, STOPPING, Begun

REPORT, REPORT_SEND, REPORT_MORE = "report", "report_send", "report_more"
"""The callback ids of the questions, the screen before sending, and what can be added now or later."""
TITLES = {
    Form.FRIEND_REQUEST: "Friend request",
    Form.TROLLING: "Online abuse",
    Form.ADULT_CONCERN: "Worry about an adult",
    Form.CONCERN: "Worry about a child",
}
OPTIONAL_GATE = "You can send without answering. Only after a plain “no” can files be added."
NO_FILES = "No files go with this report: before any, the question about images must be answered with “no”."
ELSEWHERE = (
    "Files are not taken in Slack at your school. Send this first, then press “More evidence”: that is the "
    "way for files."
)
KEPT_FILES = "{files} chosen before, and will be sent with this."
WHO_WROTE = (
    "Slack does not say who wrote this message. Whoever may have written it is ticked on the next screen and "
    "left out: there, untick those who did not."
)
ABOUT = "It is about, or about someone close to:"
LEFT_OUT = "Whoever you tick is left out: they are not told and cannot open it."
NAMED = "Your words name {name}. It is not about them."
NAMED_LABEL = "Is it about them? Until you say that it is not, they are left out."
AGAIN = "Look again: who hears of it has changed. Nothing is sent yet."
WHO = "Who will hear of it"


@dataclass(frozen=True, slots=True)
class Questions:
    """The first view of a report, or what can be added *later*."""

    school: School
    form: FormDefinition
    begun: Begun
    session: Session
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    """Persons who are not the ones to ring (SAFETY 12)."""

    def fields(self) -> tuple[Field, ...]:
        """The questions to draw; a later one only where words for it came along."""
        wanted = gate.fields_to_ask(self.form, self.session.stopped)
        shown = forms.visible(self.form, self.answers)
        return tuple(each for each in wanted if each in shown and (not each.later or self._came(each)))

    def _came(self, later: Field) -> bool:
        return later.kind is Kind.LONG_TEXT and later.id in self.answers

    def view(self) -> dict[str, Any]:
        """The view, in which no control takes a file (SAFETY 1)."""
        may = gate.controls(self.session)
        drawn = [danger(), blocks.context(self.school.name)]
        if Control.STOP_SCREEN in may:
            drawn += stop(self.school, self.session, self.excluded)
        if self.begun.maybe:
            drawn.append(blocks.context(WHO_WROTE))
        drawn += _questions(self.school, self.form, self.fields(), self.answers, not self.session.stopped)
        if Control.GATE_QUESTION in may:
            drawn.append(gate_question(self.session.answer))
        title = TITLES[self.form.form]
        return blocks.modal(REPORT, title, drawn, self.begun.write(), submit="Next")


def later_fields(form: FormDefinition, draft: Draft) -> tuple[Field, ...]:
    """What can be added to *draft* once it is sent; nothing once it was stopped (SAFETY 1)."""
    wanted = gate.fields_to_ask(form, draft.gate in STOPPING)
    shown = forms.visible(form, draft.answers)
    return tuple(each for each in wanted if each.later and each in shown)


def later_view(school: School, form: FormDefinition, draft: Draft) -> dict[str, Any]:
    """The questions that can be answered now or later."""
    drawn = [danger(), *_questions(school, form, later_fields(form, draft), draft.answers, needed=False)]
    return blocks.modal(REPORT_MORE, "Add now or later", drawn, f"{draft.school} {draft.id}", submit="Next")


def nothing_more() -> dict[str, Any]:
    """What stands in their place once the report was stopped (SAFETY 1)."""
    return blocks.modal(REPORT_MORE, "Add now or later", [danger(), blocks.section(gate.STAYS_STOPPED)])


def _questions(
    school: School,
    form: FormDefinition,
    fields: Iterable[Field],
    answers: Mapping[str, AnswerValue],
    needed: bool,
) -> list[Block]:
    routed = school.routing.get(form.form)
    clause = routed.clause if routed else ""
    fields = tuple(fields)
    later = {each.later for each in fields}
    ruled = {each.shown_if.field for each in form.fields if each.shown_if and each.later in later}
    return [
        question(each, answers.get(each.id, ""), clause, rebuilds=each.id in ruled, needed=needed)
        for each in fields
    ]


def danger() -> Block:
    """SAFETY 6: what stands above every form."""
    return blocks.rich(
        blocks.line(
            blocks.words("In danger now? Ring ", bold=True),
            blocks.telephone("999"),
            blocks.words(" first. No form is needed for that.", bold=True),
        )
    )


def gate_question(answer: Gate = Gate.UNASKED, *, needed: bool = False) -> Block:
    """The question before any file, which rebuilds the view it stands in; *needed* where files are next."""
    options = [blocks.option(each.value, label) for each, label in gate.ANSWERS]
    hint = "" if needed else OPTIONAL_GATE
    drawn = blocks.field(GATE, gate.QUESTION, one_of(options, answer.value), hint=hint, optional=not needed)
    return drawn if needed else {**drawn, "dispatch_action": True}


def stop(school: School, session: Session, excluded: Iterable[str]) -> list[Block]:
    """The stop screen of SAFETY 1."""
    return [
        blocks.header("STOP"),
        *step_blocks("What to do now", gate.stop_screen(school, session.form, excluded, session)),
    ]


@dataclass(frozen=True, slots=True)
class Sending:
    """The screen before sending (SAFETY 12)."""

    school: School
    draft: Draft
    ready: Ready
    hearers: tuple[Hearer, ...]
    platforms: Platforms
    adding: bool = False
    again: bool = False
    """Whether who hears of it has changed since it was shown."""

    @property
    def session(self) -> Session:
        """Which controls may be drawn."""
        return session_of(self.draft, adding=self.adding)

    @property
    def shown(self) -> str:
        """Who is shown as hearing of it, as the id of a block: ids hashed, for there may be many."""
        told = [f"{each.person}:{each.how}" for each in self.hearers]
        outside_too = self.ready.decision.access.outside
        return f"{HEARS}.{hashlib.sha256(repr((told, outside_too)).encode()).hexdigest()[:16]}"

    def view(self) -> dict[str, Any]:
        """The view."""
        drawn = [danger()]
        if self.again:
            drawn.append(blocks.header("Look again"))
            drawn.append(blocks.section(AGAIN))
        drawn += self._files()
        drawn += self._recipients()
        drawn += self._people()
        ids = f"{self.draft.school} {self.draft.id}{' more' if self.adding else ''}"
        view = blocks.modal(REPORT_SEND, WHO, drawn, ids, submit="Send")
        # Closing this one leads back to the questions.
        return {**view, "close": blocks.plain("Back", blocks.TITLE)}

    def _files(self) -> list[Block]:
        """The stop screen, or how to capture and the control that takes files: never both (SAFETY 1)."""
        session = self.session
        may = gate.controls(session)
        if Control.STOP_SCREEN in may:
            return stop(self.school, session, self.ready.decision.access.excluded)
        if self.adding:
            return []
        if not session.answer.opens:
            return [blocks.context(NO_FILES)]
        if self.school.slack.evidence != "slack":
            return [blocks.context(ELSEWHERE)]
        drawn = self._coach() if Control.COACH in may else []
        return [*drawn, *upload(session, len(self.draft.files))]

    def _coach(self) -> list[Block]:
        platform = self.platforms.get(str(self.draft.answers.get("where", "")))
        today = local(self.ready.decision.asked.on).date()
        routed = self.school.routing.get(self.draft.form)
        clause = routed.clause if routed else ""
        steps = coach.capture_steps(platform, self.draft.form, clause, today)
        return step_blocks("Pictures of the screen, and other files", map(Step, steps))

    def _recipients(self) -> list[Block]:
        outside_too = outside(self.school, self.ready.decision.access.outside)
        lines = [blocks.line(blocks.words(f"{WHO}, at {self.school.name}", bold=True))]
        lines += [blocks.line(blocks.words(f"• {_said(each)}")) for each in self.hearers]
        if not self.hearers:
            lines.append(blocks.line(blocks.words(NOBODY)))
        if outside_too:
            lines += blocks.contacts(outside_too)
        return [{**blocks.rich(*lines), "block_id": self.shown}]

    def _people(self) -> list[Block]:
        ticked = set(self.draft.concerned)
        offered = dict.fromkeys((*(each.person for each in self.hearers), *self.draft.concerned))
        options = [_option(self.school, each) for each in offered if _known(self.school, each)]
        drawn = boxes(CONCERNED, ABOUT, options, ticked) if options else []
        if drawn:
            drawn.append(blocks.context(LEFT_OUT))
        return [*drawn, *not_about(self.school, self._named(), self.draft.not_about)]

    def _named(self) -> tuple[str, ...]:
        """Whom the words name, and whom the reporter has cleared of it so far."""
        cleared = (each for each in self.draft.not_about if each not in self.draft.concerned)
        return tuple(sorted({*self.ready.named, *cleared}))


def not_about(school: School, named: Iterable[str], cleared: Iterable[str] = ()) -> list[Block]:
    """The question about each person of the school whom the words name (SAFETY 12); none for nobody."""
    persons = [each for each in named if _known(school, each)]
    options = [blocks.option(each, NAMED.format(name=name_of(school, each))) for each in persons]
    return boxes(NOT_ABOUT, NAMED_LABEL, options, cleared) if options else []


def upload(session: Session, kept: int = 0) -> list[Block]:
    """
    The control that takes files, where *session* lets it be drawn; *kept* were chosen on an earlier drawing.

    Under a new id when some are kept, so that the control is empty and none is counted twice.
    """
    drawn: list[Block] = []
    if kept:
        files = "1 file was" if kept == 1 else f"{kept} files were"
        drawn.append(blocks.context(KEPT_FILES.format(files=files)))
        options = [blocks.option("drop", "Leave out the files chosen before")]
        element = {"type": "checkboxes", "action_id": VALUE_ID, "options": options}
        drawn.append(blocks.field(DROP_FILES, "Files chosen before", element))
    if Control.UPLOAD in gate.controls(session):
        most = MOST_FILES - session.pending - session.stored
        control: Block = {"type": "file_input", "action_id": VALUE_ID, "max_files": most}
        words = f"Up to {most} files; you can send without any."
        drawn.append(blocks.field(f"{FILES}.{kept}" if kept else FILES, "Files", control, hint=words))
    elif session.phase is not Phase.SENT:
        drawn.append(blocks.context(gate.reply_to_file(session)))
    return drawn


def name_of(school: School, person: str) -> str:
    """The name of *person*."""
    return school.person(person).name or person


def contact_steps(words: str, contacts: Iterable[Contact] = ()) -> list[Block]:
    """One paragraph with numbers to tap below it."""
    return [blocks.rich(blocks.line(blocks.words(words)), *blocks.contacts(contacts))]


def _said(hearer: Hearer) -> str:
    return f"{hearer.name}, {hearer.roles}: {hearer.how}"


def _known(school: School, person: str) -> bool:
    return any(each.id == person for each in school.people)


def _option(school: School, person: str) -> Block:
    return blocks.option(person, name_of(school, person))
