"""What a post led to, at an address of its own for a while: Back and reload show it, and send nothing."""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from starlette.responses import Response

from bot.errors import StoreBusy, StoreFailed
from bot.sessions import IDLE
from bot.web.pages import Answer, Here, go

SHOWN = "shown"
"""What stands in the address: a random number of this session alone, and no word of anybody (SAFETY 29)."""

_MOST_CHARACTERS = 5_000
"""More than anybody searches for is shown at once and not kept: what is kept fills the disk for everybody."""


def keep(here: Here, fields: Mapping[str, Sequence[str]]) -> str:
    """Hold *fields*, sealed, as long as a session may be idle; returns what gets them back."""
    page = secrets.token_urlsafe(16)
    held = json.dumps({name: list(values) for name, values in fields.items()})
    with here.parts.sessions.store.writing() as unit:
        unit.hold(_key(here, page), held, unit.now + IDLE)
    return page


def restored(here: Here) -> Here:
    """*here* with the fields that its address stands for; none once they are over, or of another session."""
    page = here.asked(SHOWN)
    with here.parts.sessions.store.reading() as unit:
        held = unit.held(_key(here, page)) if page else ""
    return replace(here, fields=json.loads(held) if held else {})


def forget(here: Here, pages: Iterable[str]) -> None:
    """Let go of what *pages* stand for, where it is of this session."""
    with here.parts.sessions.store.writing() as unit:
        for page in pages:
            unit.let_go(_key(here, page))


def sought(search: Answer, first: Answer) -> tuple[Answer, Answer]:
    """How *search*, which only looks, is shown, or *first* where none was made; and how it is posted."""

    def shown(here: Here) -> Response:
        here = restored(here)
        return search(here) if here.fields else first(here)

    def posted(here: Here) -> Response:
        if sum(len(value) for values in here.fields.values() for value in values) > _MOST_CHARACTERS:
            return search(here)
        try:
            page = keep(here, here.fields)
        except (StoreBusy, StoreFailed):
            return search(here)
        return go(f"{here.request.url.path}?{SHOWN}={page}")

    return shown, posted


def _key(here: Here, page: str) -> str:
    # The token is in no store, so whoever has the address alone has nothing.
    said = json.dumps([here.signed_in.token, page])
    return f"shown:{hashlib.sha256(said.encode()).hexdigest()}"
