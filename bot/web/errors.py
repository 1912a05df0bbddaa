"""What a person sees when something could not be done: the cause, the mend, and whom to ring."""

import logging

from starlette.responses import Response

from bot.errors import (
    BotError,
    CaseDeleted,
    EvidenceDamaged,
    EvidenceLocked,
    FormError,
    Gone,
    IllegalMove,
    NotAllowed,
    StaleCase,
    StaleIndex,
    StoreBusy,
    StoreFailed,
    UnknownCase,
)
from bot.web.pages import Here, show
from bot.web.reading import NotRead, TooLarge

STATUS: tuple[tuple[type[BotError], int], ...] = (
    (UnknownCase, 404),
    (CaseDeleted, 410),
    (Gone, 410),
    (NotAllowed, 403),
    (FormError, 422),
    (TooLarge, 413),
    (NotRead, 400),
    (StoreBusy, 503),
    (StoreFailed, 503),
    (StaleIndex, 503),
    (IllegalMove, 409),
    (StaleCase, 409),
    (EvidenceLocked, 403),
    (EvidenceDamaged, 503),
)
"""The first that fits; anything else is a 500."""

_log = logging.getLogger(__name__)


def not_saved(here: Here, error: StoreBusy | StoreFailed) -> Response:
    """What was typed, in a form that sends it once more; it needs nothing from the store."""
    _log.warning("web.not_saved error=%s", type(error).__name__)
    return sent_back(here, 503, error.user_message)


def sent_back(here: Here, status: int, message: str) -> Response:
    """The page that says *message*, and has what was typed in a form that sends it once more."""
    typed = [(name, value) for name, values in here.fields.items() if name != "csrf" for value in values]
    return show(here, "not_saved.html", status, message=message, typed=typed)


def answer_to(here: Here, error: BotError) -> Response:
    """The page that says *error* in its words; the log has its type alone."""
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 500)
    _log.warning("web.failed error=%s status=%d", type(error).__name__, status)
    return show(here, "error.html", status, message=error.user_message)
