"""A reporter's own reports on the pages: how far each is, what is asked of them, and what they sent."""

import logging
from collections.abc import Iterator

from starlette.responses import Response

from bot.casework.reporting import Sent
from bot.domain.cases import Status
from bot.domain.form_types import FormDefinition
from bot.domain.gate import PRESS_LOCK
from bot.domain.naming import named_in
from bot.domain.views import Ask
from bot.errors import CaseDeleted, IllegalMove, StoreBusy, StoreFailed
from bot.web import receipts
from bot.web.pages import Here, May, Page, go, show
from bot.web.receipts import at
from bot.web.report_steps import named, unfinished

STATUS_WORDS = {
    Status.RECEIVED: ("stored, not opened yet", "caution"),
    Status.OPENED: ("opened", "good"),
    Status.IN_HAND: ("being dealt with", "good"),
    Status.CLOSED: ("closed", ""),
    Status.MERGED: ("being dealt with, together with another report", "good"),
    Status.DELETED: ("closed", ""),
}
"""Status → how it is said, and the colour of its tag."""
NOT_HERE = "The time of this report is over: what you sent was deleted."
NO_WORDS = "You wrote nothing in this report."
ANSWERED = "Your answer to a question"
DONE = {
    "answered": "Your answer is in the report.",
    "cannot": "Thank you: that is not asked for any more.",
}
CLOSED = (Status.CLOSED, Status.DELETED)
NO_ANSWER = "Please write an answer."
_log = logging.getLogger(__name__)


def listed(here: Here) -> Response:
    """The reports of whoever is signed in, newest first."""
    views = here.parts.casework.my_reports(here.school.id, here.signed_in.reporter.handle)
    return show(
        here,
        "mine.html",
        views=views,
        begun=unfinished(here),
        forms=here.parts.forms,
        words=STATUS_WORDS,
        closed=CLOSED,
        at=at,
        takes_more=lambda view: receipts.takes_more(here, view),
        press_lock=PRESS_LOCK,
        done=DONE.get(here.asked("done"), ""),
    )


def sent(here: Here) -> Response:
    """SAFETY 25: the reporter's own words, as they sent them, only once they ask for them."""
    case = here.path("case")
    try:
        found = here.parts.casework.sent(here.school.id, here.signed_in.reporter.handle, case)
    except CaseDeleted:
        return show(here, "mine_sent.html", case=case, said=(), files=(), instead=NOT_HERE)
    form = here.parts.forms[found.form]
    said = [(at(each.at), tuple(_in_words(form, each))) for each in found.sent]
    return show(here, "mine_sent.html", case=case, said=said, files=found.files, instead=NO_WORDS)


def cannot(here: Here) -> Response:
    """What they cannot get is asked for no longer (SAFETY 24); said twice, it is said once."""
    view, item = receipts.of(here, here.path("case")), here.said("item")
    if item in view.missing:
        here.parts.casework.cannot_get(here.school.id, here.signed_in.reporter.handle, view.case, item)
        here.parts.poke()
    return go("/mine?done=cannot")


def question(here: Here) -> Response:
    """A question to the reporter, with a box for the answer."""
    return _question(here, _asked(here))


def reply(here: Here) -> Response:
    """Store the answer, once it is clear of whom it names whether it is about them (SAFETY 12)."""
    ask, text = _asked(here), here.said("text")
    if not text.strip():
        return _question(here, ask, fault=NO_ANSWER)
    names = sorted(named_in(here.school, text) - {here.signed_in.person})
    if set(names) - set(here.fields.get("named", ())):
        return _question(here, ask, names=names)
    cleared = tuple(each for each in names if each in here.fields.get("not_about", ()))
    try:
        _store(here, ask, text, cleared)
    except (StoreBusy, StoreFailed) as error:
        return _question(here, ask, error.user_message, names, 503)
    _log.info("report.answered case=%s", here.path("case"))
    here.parts.poke()
    return go("/mine?done=answered")


def _store(here: Here, ask: Ask, text: str, cleared: tuple[str, ...]) -> None:
    """Store the answer; the same one once more is a second press, and changes nothing."""
    theirs = (here.school.id, here.signed_in.reporter.handle, here.path("case"))
    if (ask.answer or "").strip() != text.strip():
        here.parts.casework.answer_ask(*theirs, ask.id, text, not_about=cleared)


def _asked(here: Here) -> Ask:
    """The question in the address; raises `IllegalMove` where there is none such."""
    asks = receipts.of(here, here.path("case")).asks
    found = next((each for each in asks if str(each.id) == here.path("ask")), None)
    if found is None:
        raise IllegalMove(f"{here.path('case')}: ask", "There is no such question.")
    return found


def _question(
    here: Here, ask: Ask, fault: str = "", names: list[str] | None = None, status: int = 0
) -> Response:
    return show(
        here,
        "mine_answer.html",
        status or (422 if fault else 200),
        ask=ask,
        case=here.path("case"),
        text=here.said("text"),
        fault=fault,
        names=named(here.school, names or []),
        cleared=here.fields.get("not_about", ()),
        at=at,
    )


def _in_words(form: FormDefinition, sent: Sent) -> Iterator[tuple[str, str]]:
    """Each question and its answer, in the order of *form*; then an answer whose question is gone from it."""
    fields = {field.id: field for field in form.fields}
    for key in sorted(filter(sent.answers.get, sent.answers), key=[*fields, *sent.answers].index):
        value, field = sent.answers[key], fields.get(key)
        labels = {choice.value: choice.label for choice in field.choices} if field else {}
        several = (value,) if isinstance(value, str) else value
        yield field.label if field else key, "; ".join(labels.get(each, each) for each in several)
    if sent.text:
        yield ANSWERED, sent.text


PAGES = (
    Page("/mine", May.STAFF, get=listed),
    Page("/mine/{case}/sent", May.STAFF, get=sent),
    Page("/mine/{case}/cannot", May.STAFF, post=cannot),
    Page("/mine/{case}/answer/{ask}", May.STAFF, get=question, post=reply),
)
