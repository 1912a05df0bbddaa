"""A report asked for step by step in the terminal; every step is a function from one draft to the next."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bot.app import Desk
from bot.console.evidence_files import read_file
from bot.console.receipt import draw_steps
from bot.console.talk import Back, Stopped, Talk
from bot.domain import coach, forms, gate, verdicts
from bot.domain.answers import Step
from bot.domain.form_types import NOT_KNOWN, Field, FormDefinition, Kind
from bot.domain.form_values import read
from bot.domain.gate import Move, Session
from bot.domain.receipts import NOBODY
from bot.domain.reports import AnswerValue, Gate, Submission, Upload
from bot.domain.schooldays import local
from bot.domain.schools import School
from bot.domain.triage import Form
from bot.errors import FormError
from bot.intake import Ready, reporter

DANGER = (
    "In danger now? Ring 999 first: no form is needed for that, and nobody sits at the other end of this."
)
HOW = "Enter leaves a question as “not known”. < goes back. Ctrl-C stops; nothing is stored before you send."
CANNOT = "Enter leaves a question out. Type cannot where you cannot get it: nobody asks for it again."
_GATE_MOVES = {Gate.NO: Move.SAY_NO, Gate.YES: Move.SAY_YES, Gate.NOT_SURE: Move.SAY_NOT_SURE}
_LONGEST_NAME = 200


class _Cannot(Exception):
    """The reporter cannot get what a question asks for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What has been asked and answered so far."""

    school: School
    form: Form | None
    who: str
    request_id: str
    session: Session = Session(Form.CONCERN)
    answers: Mapping[str, AnswerValue] = field(default_factory=dict)
    done: frozenset[str] = frozenset()
    """The ids of the questions and steps that are behind us."""
    concerned: tuple[str, ...] = ()
    not_about: tuple[str, ...] = ()
    uploads: tuple[Upload, ...] = ()
    cannot: tuple[str, ...] = ()
    """What was missing and cannot be had, in the words of the receipt."""

    @property
    def chosen(self) -> Form:
        """The form; asked for before anything else."""
        return self.form or Form.CONCERN

    def submission(self) -> Submission:
        """What would be sent now."""
        return Submission(
            request_id=self.request_id,
            school=self.school.id,
            form=self.chosen,
            reporter=reporter(self.school, self.who),
            answers=self.answers,
            gate=self.session.gate,
            concerned=self.concerned,
            not_about=self.not_about,
        )

    def behind(self, step: str) -> "Asked":
        """The same, with *step* done."""
        return replace(self, done=self.done | {step})


_Step = Callable[[Talk, Desk, Asked], Asked]


def ask_report(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    """
    Ask everything that a report needs before it is sent.

    Raises:
        Stopped: the reporter left; nothing is stored.
    """
    talk.say(DANGER, "bold red")
    talk.say(HOW, "dim")
    return _walk(talk, desk, asked, _next)


def ask_more(talk: Talk, desk: Desk, asked: Asked) -> Asked | None:
    """
    Offer the questions that can be answered now or later; None where nothing is added.

    Raises:
        Stopped: the reporter left in the middle; what was sent before is stored.
    """
    if _next_later(desk, asked) is None:
        return None
    talk.say("\nThere is more that would help. You can add it now, or later.", "bold")
    try:
        if talk.one_of({"now": "Add it now", "later": "Later"}) == "later":
            return None
    except (Back, Stopped):
        return None
    talk.say(CANNOT, "dim")
    # The files are stored already.
    more = _walk(talk, desk, replace(asked, uploads=()), _next_later)
    if (more.answers, more.cannot) == (asked.answers, ()):
        talk.say("Nothing was added.")
        return None
    return _about_named(talk, desk, more)


def _walk(talk: Talk, desk: Desk, asked: Asked, following: Callable[[Desk, Asked], _Step | None]) -> Asked:
    """Take one step after another; back takes up the draft as it was before the step before."""
    history: list[Asked] = []
    while step := following(desk, asked):
        try:
            after = step(talk, desk, asked)
        except Back:
            asked = _before(asked, history)
        else:
            history.append(asked)
            asked = after
    return asked


def _before(asked: Asked, history: list[Asked]) -> Asked:
    if not history:
        return asked
    before = history.pop()
    # SAFETY 1: going back does not undo "yes" or "not sure".
    return replace(before, session=asked.session, uploads=()) if asked.session.stopped else before


def _next(desk: Desk, asked: Asked) -> _Step | None:
    if asked.form is None:
        return _choose_form
    if "reporter" not in asked.done:
        return _ask_who
    if question := _open_question(desk.forms[asked.form], asked, later=False):
        return _asking(question)
    steps: dict[str, _Step] = {"gate": _ask_gate, "people": _ask_people, "files": _ask_files, "send": _send}
    if asked.session.stopped:
        steps = {"people": _ask_people, "send": _send}
    return next((step for name, step in steps.items() if name not in asked.done), None)


def _next_later(desk: Desk, asked: Asked) -> _Step | None:
    question = _open_question(desk.forms[asked.chosen], asked, later=True)
    return _asking(question) if question else None


def _open_question(form: FormDefinition, asked: Asked, later: bool) -> Field | None:
    shown = forms.visible(form, asked.answers)
    wanted = (each for each in gate.fields_to_ask(form, asked.session.stopped) if each in shown)
    return next((each for each in wanted if each.later is later and each.id not in asked.done), None)


def _choose_form(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    talk.say("\nWhat is it about?", "bold")
    offered = {form.value: f"{each.title}\n     {each.about}" for form, each in desk.forms.items()}
    chosen = Form(talk.one_of(offered))
    return replace(asked, form=chosen, session=Session(chosen))


def _ask_who(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    form = desk.forms[asked.chosen]
    talk.say(f"\n{form.title}", "bold cyan")
    talk.say(asked.school.name)
    asked = asked.behind("reporter")
    if asked.who:
        return asked
    talk.say("\nWho are you?", "bold")
    talk.say("Your name, or your school e-mail, so that somebody can come back to you.", "dim")
    while not (who := talk.line()) or len(who) > _LONGEST_NAME:
        talk.say(f"Please type a name, at most {_LONGEST_NAME} characters.", "yellow")
    return replace(asked, who=who)


def _asking(question: Field) -> _Step:
    def step(talk: Talk, desk: Desk, asked: Asked) -> Asked:
        routed = asked.school.routing.get(asked.chosen)
        talk.say(f"\n{question.label}", "bold")
        if words := forms.prompt(question, routed.clause if routed else ""):
            talk.say(words, "dim")
        try:
            value = _answer(talk, question, _today(desk))
        except _Cannot:
            return replace(asked.behind(question.id), cannot=(*asked.cannot, question.missing))
        answers = {**asked.answers, question.id: value} if value else asked.answers
        return replace(asked.behind(question.id), answers=answers)

    return step


def _answer(talk: Talk, question: Field, today: date) -> AnswerValue:
    for number, choice in enumerate(question.choices, start=1):
        talk.say(f"  {number}  {choice.label}")
    if question.kind is Kind.CHOICES:
        talk.say("More than one? Numbers with commas.", "dim")
    if question.kind is Kind.LONG_TEXT:
        talk.say("As many lines as you like; an empty line ends it.", "dim")
    while True:
        said = talk.lines() if question.kind is Kind.LONG_TEXT else talk.line()
        if question.later and question.missing and said.casefold() == "cannot":
            raise _Cannot
        try:
            value = read(question, _by_number(question, said), today)
        except FormError as error:
            talk.say(error.user_message, "yellow")
            continue
        if value or not question.required:
            return value
        talk.say(f"Please answer this; “{NOT_KNOWN}” will do.", "yellow")


def _by_number(question: Field, said: str) -> str | list[str]:
    """What *said* means where it is the number of a choice, or several of them."""
    if not question.kind.chosen:
        return said
    values = [_numbered(question, part) for part in said.replace(",", " ").split()]
    if question.kind is Kind.CHOICES and values and all(values):
        return values
    return _numbered(question, said) or said


def _numbered(question: Field, said: str) -> str:
    at = int(said) if said.isascii() and said.isdigit() and len(said) < 4 else 0
    return question.choices[at - 1].value if 1 <= at <= len(question.choices) else ""


def _ask_gate(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    """SAFETY 1: before any file is named."""
    talk.say("\nBefore any file", "bold")
    talk.say(gate.QUESTION, "bold")
    said = Gate(talk.one_of({answer.value: label for answer, label in gate.ANSWERS}))
    asked = replace(asked.behind("gate"), session=gate.move(asked.session, _GATE_MOVES[said]))
    if asked.session.stopped:
        asked = replace(asked, uploads=())
        out = desk.intake.ready(asked.submission()).decision.access.excluded
        talk.say("\nSTOP", "bold red")
        draw_steps(talk.console, gate.stop_screen(asked.school, asked.chosen, out, asked.session))
    return asked


def _ask_people(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    """SAFETY 12: who hears of it, by name and role, until nobody more is ticked."""
    while True:
        asked = _about_named(talk, desk, asked)
        ready = desk.intake.ready(asked.submission())
        hearers = desk.intake.hearers(ready)
        talk.say("\nWho will hear of it", "bold")
        if not hearers:
            _nobody(talk, ready)
            return asked.behind("people")
        for number, each in enumerate(hearers, start=1):
            talk.say(f"  {number}  {each.name}, {each.roles}: {each.how}")
        talk.say("Is it about any of these people, or someone close to them?", "bold")
        ticked = _ticked(talk, len(hearers))
        if not ticked:
            return asked.behind("people")
        asked = replace(asked, concerned=(*asked.concerned, *(hearers[at].person for at in ticked)))
        talk.say("They are left out: they are not told and cannot open it.")


def _ticked(talk: Talk, most: int) -> list[int]:
    """The places, from 0, of the numbers typed; none for Enter or "no"."""
    while True:
        said = talk.line("Their numbers, or Enter for no: ").replace(",", " ").casefold()
        numbers = said.split()
        if numbers in ([], ["no"], ["n"], ["none"]):
            return []
        if all(each in map(str, range(1, most + 1)) for each in numbers):
            return [int(each) - 1 for each in dict.fromkeys(numbers)]
        talk.say(f"Please type numbers from 1 to {most}, or nothing.", "yellow")


def _about_named(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    """SAFETY 12: whoever the text names is asked about again, one by one."""
    for person in sorted(desk.intake.ready(asked.submission()).named):
        name = asked.school.person(person).name or person
        talk.say(f"\nYour words may name {name}. Is it about them, or someone close to them?", "bold")
        said = talk.one_of({"yes": "Yes", "no": "No", "not-sure": "Not sure (they are left out)"})
        if said == "no":
            asked = replace(asked, not_about=(*asked.not_about, person))
        else:
            asked = replace(asked, concerned=(*asked.concerned, person))
    return asked


def _nobody(talk: Talk, ready: Ready) -> None:
    contacts = tuple(verdicts.contact(ready.school, key) for key in ready.decision.access.outside)
    draw_steps(talk.console, (Step(NOBODY, contacts),))


def _ask_files(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    """The evidence coach (SAFETY 24), and the paths of files, for as long as the gate lets them in."""
    routed = asked.school.routing.get(asked.chosen)
    platform = desk.platforms.get(str(asked.answers.get("where", "")))
    talk.say("\nPictures of the screen, and other files", "bold")
    clause = routed.clause if routed else ""
    for words in coach.capture_steps(platform, asked.chosen, clause, _today(desk)):
        talk.say(f"• {words}")
    # Under the id of an earlier report that was stopped, none is taken either.
    while asked.session.takes_files and desk.intake.takes_files(asked.submission()):
        path = talk.raw("A file's path, or Enter when there is none (more): ").strip().strip("'\"")
        if not path:
            break
        asked = _with_file(talk, asked, path)
    if not asked.session.takes_files:
        talk.say(gate.reply_to_file(asked.session))
    return asked.behind("files")


def _with_file(talk: Talk, asked: Asked, path: str) -> Asked:
    found = read_file(Path(path).expanduser(), talk.max_mb)
    if isinstance(found, Upload):
        talk.say("Taken; it is looked at when you send.", "green")
        session = gate.move(asked.session, Move.ADD_FILE)
        return replace(asked, session=session, uploads=(*asked.uploads, found))
    talk.say(f"Not taken: {found}", "yellow")
    return asked


def _send(talk: Talk, desk: Desk, asked: Asked) -> Asked:
    talk.say("\nReady to send", "bold")
    for each in forms.visible(desk.forms[asked.chosen], asked.answers):
        if each.id in asked.answers:
            label = each.label if each.label.endswith("?") else f"{each.label}:"
            talk.say(f"  {label} {_in_words(each, asked.answers[each.id])}")
    if asked.uploads:
        talk.say(f"  Files: {len(asked.uploads)}")
    while talk.line("Type send, or < to go back: ").casefold() != "send":
        talk.say("Nothing is sent yet.", "yellow")
    return replace(asked.behind("send"), session=gate.move(asked.session, Move.SEND))


def _in_words(question: Field, value: AnswerValue) -> str:
    labels = {choice.value: choice.label for choice in question.choices}
    several = (value,) if isinstance(value, str) else value
    if question.kind is Kind.DATE and value != NOT_KNOWN:
        day = date.fromisoformat(several[0])
        return f"{day.day} {day:%B %Y}"
    return "; ".join(labels.get(each, each) for each in several)


def _today(desk: Desk) -> date:
    return local(desk.intake.clock()).date()
