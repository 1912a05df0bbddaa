"""The page where people ask: a conversation that the page carries, each answer as a card."""

import logging
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from starlette.responses import Response

from bot.domain import answer_words, urgent
from bot.domain.answers import Answer, Outcome
from bot.domain.membership import Known
from bot.domain.schools import School
from bot.domain.triage import Form, Route
from bot.errors import FormError, StoreBusy, StoreFailed
from bot.web import coming_back, receipts
from bot.web.errors import not_saved
from bot.web.pages import Here, May, Page, go, show
from bot.web.signin import TEACHER

MOST_EARLIER = 6
"""How many questions a conversation shows; the server holds them, sealed, as `coming_back` does."""
LONGEST = 2000
MOST_PAGES = 60
"""So many pages of one conversation are forgotten together."""
EXAMPLES = (
    "Can I follow a parent?",
    "A pupil has sent me a friend request",
    "Can I post photos from the school trip?",
    "May I use ChatGPT to write reports?",
)
HELPED, NO_HELP, ASK_OWNER, SENT = "yes", "no", "ask", "sent"
"""What somebody said of an answer: that it helped, that it did not, to send the question on, that it is."""
LOST = "-"
"""In place of the id of an urgent message: the store took nothing."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as the page carries it."""

    question: str
    raised: str = ""
    """The id of an urgent message, or `LOST`."""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its card; *raised* is the id of an urgent message that waits for a press."""

    question: str
    answer: Answer
    raised: str = ""
    said: str = ""

    @property
    def was(self) -> str:
        """What the page carries of how it was raised."""
        return self.raised or (LOST if self.answer.urgent else "")

    @property
    def plain(self) -> bool:
        """Whether it is a plain question: nothing urgent, nothing to report."""
        return self.answer.triage.route is Route.QUESTION

    @property
    def form(self) -> Form | None:
        """The form to begin with, where one is likely."""
        return answer_words.likely_form(self.answer)

    @property
    def clause(self) -> str:
        """The clause that the answer has first, as feedback counts it."""
        return self.answer.citations[0].clause if self.answer.citations else ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Another sample school, and who one would be there."""

    school: str
    name: str
    person: str


def first(here: Here) -> Response:
    """The page before anything was asked, or as the last post left it."""
    return _page(coming_back.restored(here))


def ask(here: Here) -> Response:
    """Answer what was asked, below what was asked before."""
    if here.said("clear"):
        return _cleared(here)
    if here.said("feedback"):
        return _feedback(here)
    question = " ".join(here.said("question").split())
    if not question or len(question) > LONGEST:
        words = "Please type a question." if not question else f"Please keep it below {LONGEST} characters."
        return _shown(here, _carried(here), {"question": [here.said("question")], "fault": [words]})
    # What was not kept and is sent again stands there once.
    before = [each for each in _carried(here) if (each.question, each.raised) != (question, LOST)]
    try:
        raised = _heard(here, question, [each.question for each in before])
    except (StoreBusy, StoreFailed) as error:
        _log.warning("web.not_held error=%s", type(error).__name__)
        lost = {"question": [question], "trouble": [error.user_message]}
        return _page(_with(here, [*before, Asked(question, LOST)], lost), 503)
    return _shown(here, [*before, Asked(question, raised)], {})


def press(here: Here) -> Response:
    """One of the two buttons below an urgent message (SAFETY 8)."""
    raised, handle = here.said("raised"), here.signed_in.reporter.handle
    try:
        if here.said("what") == "tell":
            receipt = here.parts.raising.file(raised, handle)
            here.parts.poke()
            return receipts.page(here, receipt)
        if here.said("what") != "question":
            raise FormError({"what": "Please press one of the two buttons."})
        here.parts.raising.only_a_question(raised, handle)
    except (StoreBusy, StoreFailed) as error:
        return not_saved(here, error)
    return show(here, "only_a_question.html")


PAGES = (
    Page("/", May.STAFF, get=first, post=ask),
    Page("/urgent", May.STAFF, post=press),
)


def _carried(here: Here) -> list[Asked]:
    """What was asked before, as the page carries it."""
    asked = [*here.fields.get("earlier", ())]
    # Beside each question stands the id under which it was raised, and what was said of its answer.
    beside = [[*here.fields.get(name, ()), *[""] * len(asked)] for name in ("was", "said")]
    turns = [Asked(each, raised[:80], said) for each, raised, said in zip(asked, *beside, strict=False)]
    return [each for each in turns if 0 < len(each.question) <= LONGEST][-MOST_EARLIER:]


def _turns(here: Here) -> Iterator[Turn]:
    """What was asked before, answered anew, for the page could carry anything; nothing is raised twice."""
    carried = _carried(here)
    for at, each in enumerate(carried):
        before = tuple(one.question for one in carried[:at])
        answer = here.parts.answering.ask(here.school.id, each.question, before)
        raised = each.raised if answer.urgent and each.raised != LOST else ""
        yield Turn(each.question, answer, raised, each.said)


def _heard(here: Here, question: str, earlier: Sequence[str]) -> str:
    """Hold *question* where it is urgent and return its id, else ""; count it where no clause answers."""
    parts, school = here.parts, here.school
    answer = parts.answering.urgent_at_once(school.id, question) if not parts.ready() else None
    answer = answer or parts.answering.ask(school.id, question, earlier)
    if answer.urgent:
        # Other words under the same nonce, edited while the page loads, are another message.
        message = f"web-{_nonce(here)}\n{question}"
        raised = parts.raising.take(_known(here), message, question, answer.triage.form)
        parts.poke()
        return raised
    if answer.triage.route is Route.QUESTION and answer.outcome is Outcome.NONE:
        # Its topic is counted for the policy's owner, nothing else of it.
        parts.wondering.unanswered(_known(here), question, _nonce(here))
    return ""


def _cleared(here: Here) -> Response:
    """Begin again: what Back would show is gone too."""
    coming_back.forget(here, here.fields.get("page", ()))
    return go("/")


def _feedback(here: Here) -> Response:
    """Take what was said of one answer; the conversation stays as it is, and so does what is half typed."""
    turns, carried = list(_turns(here)), _carried(here)
    at, _, said = here.said("feedback").partition(":")
    number = int(at) if at.isdecimal() and len(at) < 3 else len(turns)
    more = {"question": [here.said("question")]}
    if number < len(turns) and said in (HELPED, NO_HELP, ASK_OWNER, SENT):
        wording = here.said(f"wording-{at}")
        try:
            _take(here, turns[number], said, wording)
        except (FormError, StoreBusy, StoreFailed) as error:
            said = ASK_OWNER if said == SENT else ""
            more |= {"refused": [at, error.user_message], f"wording-{at}": [wording]}
        carried[number] = replace(carried[number], said=said)
    return _shown(here, carried, more)


def _take(here: Here, turn: Turn, said: str, wording: str) -> None:
    if not turn.plain:
        return
    if said == SENT:
        here.parts.wondering.keep(_known(here), wording)
    elif said in (HELPED, NO_HELP):
        press, helped = f"{_nonce(here)}:{said}", said == HELPED
        here.parts.wondering.feedback(_known(here), turn.clause, helped, turn.question, press)


def _nonce(here: Here) -> str:
    """What tells this page from any other, so that what is sent twice is done once."""
    return here.said("nonce")[:40] or secrets.token_hex(8)


def _known(here: Here) -> Known:
    return Known(here.school, here.signed_in.reporter, "web page")


def _with(here: Here, asked: Sequence[Asked], more: Mapping[str, Sequence[str]]) -> Here:
    """*here* with the conversation *asked* as its fields, and with *more*."""
    last = asked[-MOST_EARLIER:]
    fields = {
        "earlier": [each.question for each in last],
        "was": [each.raised for each in last],
        "said": [each.said for each in last],
        "page": [*here.fields.get("page", ())][-MOST_PAGES:],
    }
    return replace(here, fields={**fields, **more})


def _shown(here: Here, asked: Sequence[Asked], more: Mapping[str, Sequence[str]]) -> Response:
    """Go on to the page of that conversation, so that Back shows it; without a store it comes at once."""
    here = _with(here, asked, more)
    try:
        page = coming_back.keep(here, here.fields)
    except (StoreBusy, StoreFailed):
        return _page(here)
    return go(f"/?{coming_back.SHOWN}={page}#now")


def _page(here: Here, status: int = 200) -> Response:
    """The page of what the fields of *here* hold, which are ours and not as they were posted."""
    at, refused = ([*here.fields.get("refused", ())] or ["", ""])[:2]
    return show(
        here,
        "ask.html",
        status,
        turns=tuple(_turns(here)),
        fault=here.said("fault"),
        trouble=here.said("trouble"),
        refused=(at, refused),
        pages=[*here.fields.get("page", ()), *filter(None, [here.asked(coming_back.SHOWN)])],
        nonce=secrets.token_hex(8),
        typed=here.said("question"),
        examples=EXAMPLES,
        words=answer_words,
        urgent=urgent,
        longest=LONGEST,
        report=Route.REPORT,
        policies=tuple(policy.title for policy in here.school.policies),
        elsewhere=tuple(_elsewhere(here)),
    )


def _elsewhere(here: Here) -> Iterator[Elsewhere]:
    """The other sample schools, each with somebody of the same role, or a teacher; none in real mode."""
    roles = [role for role, held in here.school.roles.items() if here.signed_in.person in held]
    for school in here.parts.schools.values() if here.parts.sample else ():
        if school.id != here.school.id:
            yield Elsewhere(school.id, school.name, _same_role(school, roles[:1]))


def _same_role(school: School, roles: list[str]) -> str:
    return next((each.id for role in roles for each in school.holders(role)), TEACHER)
