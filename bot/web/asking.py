"""The page where people ask: a conversation that nobody keeps, each answer as a card."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from starlette.responses import Response

from bot.domain import answer_words
from bot.domain.answers import Answer
from bot.domain.membership import Known
from bot.domain.triage import Form, Route
from bot.errors import FormError
from bot.web import receipts
from bot.web.pages import Here, May, Page, show

MOST_EARLIER = 6
"""How many questions a conversation shows; the page carries them, the server keeps none."""
LONGEST = 2000
EXAMPLES = (
    "Can I follow a parent?",
    "A pupil has sent me a friend request",
    "Can I post photos from the school trip?",
    "May I use ChatGPT to write reports?",
)


@dataclass(frozen=True, slots=True)
class Turn:
    """One question and its card; *raised* is the id of an urgent message that waits for a press."""

    question: str
    answer: Answer
    raised: str = ""

    @property
    def plain(self) -> bool:
        """Whether it may stand in a conversation that goes on: nothing urgent, nothing to report."""
        return self.answer.triage.route is Route.QUESTION

    @property
    def form(self) -> Form | None:
        """The form to begin with, where one is likely."""
        return answer_words.likely_form(self.answer)


def first(here: Here) -> Response:
    """The page before anything was asked."""
    return _page(here, (), "")


def ask(here: Here) -> Response:
    """Answer what was asked, below what was asked before; an urgent message comes alone."""
    if here.said("clear"):
        return _page(here, (), "")
    question = " ".join(here.said("question").split())
    if not question or len(question) > LONGEST:
        words = "Please type a question." if not question else f"Please keep it below {LONGEST} characters."
        return _page(here, tuple(_earlier(here)), words)
    turn = _turn(here, question)
    turns = (*_earlier(here), turn) if turn.plain else (turn,)
    return _page(here, turns, "")


def press(here: Here) -> Response:
    """One of the two buttons below an urgent message (SAFETY 8)."""
    raised, handle = here.said("raised"), here.signed_in.reporter.handle
    if here.said("what") == "tell":
        receipt = here.parts.raising.file(raised, handle)
        here.parts.poke()
        return receipts.page(here, receipt)
    if here.said("what") != "question":
        raise FormError({"what": "Please press one of the two buttons."})
    here.parts.raising.only_a_question(raised, handle)
    return show(here, "only_a_question.html")


PAGES = (
    Page("/", May.STAFF, get=first, post=ask),
    Page("/urgent", May.STAFF, post=press),
)


def _earlier(here: Here) -> Iterator[Turn]:
    asked = here.fields.get("earlier", ())
    for question in [each for each in asked if 0 < len(each) <= LONGEST][-MOST_EARLIER:]:
        turn = Turn(question, here.parts.answering.ask(here.school.id, question, _before(asked, question)))
        # Decided anew: the page could carry anything.
        if turn.plain:
            yield turn


def _before(asked: object, question: str) -> tuple[str, ...]:
    questions = [str(each) for each in asked] if isinstance(asked, list | tuple) else []
    return tuple(questions[: questions.index(question)]) if question in questions else ()


def _turn(here: Here, question: str) -> Turn:
    earlier = tuple(here.fields.get("earlier", ()))[-MOST_EARLIER:]
    parts, school = here.parts, here.school
    answer = parts.answering.urgent_at_once(school.id, question) if not parts.ready() else None
    answer = answer or parts.answering.ask(school.id, question, earlier)
    if not answer.urgent:
        return Turn(question, answer)
    known = Known(school, here.signed_in.reporter, "web page")
    message = f"web-{here.said('nonce')[:40] or secrets.token_hex(8)}"
    raised = parts.raising.take(known, message, question, answer.triage.form)
    parts.poke()
    return Turn(question, answer, raised)


def _page(here: Here, turns: tuple[Turn, ...], fault: str) -> Response:
    urgent = bool(turns) and bool(turns[-1].answer.urgent)
    return show(
        here,
        "ask.html",
        status=422 if fault else 200,
        turns=turns,
        fault=fault,
        urgent=urgent,
        nonce=secrets.token_hex(8),
        examples=EXAMPLES,
        words=answer_words,
        longest=LONGEST,
        report=Route.REPORT,
        policies=tuple(policy.title for policy in here.school.policies),
    )
