"""Reports that are being written: kept sealed until they are sent, or half a day has passed."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from bot.domain.reports import AnswerValue, Gate
from bot.domain.triage import Form
from bot.errors import Gone
from bot.ports import Clock, Store

KEPT = timedelta(hours=12)


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


@dataclass(frozen=True)
class Drafting:
    """Keeps drafts; they are sealed, and no log names more than their id."""

    store: Store
    clock: Clock

    def keep(self, draft: Draft) -> None:
        """
        Keep *draft*, in place of what was kept under its id; its half day begins again.

        Raises:
            Gone: somebody else's is kept under that id.
            StoreBusy, StoreFailed: nothing was kept.
        """
        with self.store.writing() as unit:
            kept = unit.held(_key(draft.id))
            if kept and _draft(kept).handle != draft.handle:
                raise Gone(f"draft {draft.id}: not theirs")
            unit.hold(_key(draft.id), _plain(draft), unit.now + KEPT)

    def get(self, identity: str, handle: str) -> Draft:
        """The draft *identity* of the person with *handle*; raises `Gone`, for another's as for none."""
        with self.store.reading() as unit:
            kept = unit.held(_key(identity))
        draft = _draft(kept) if kept else None
        if draft is None or draft.handle != handle:
            raise Gone(f"draft {identity}")
        return draft

    def drop(self, identity: str) -> None:
        """Delete it; nothing happens when it is gone."""
        with self.store.writing() as unit:
            unit.let_go(_key(identity))


def _key(identity: str) -> str:
    return f"draft:{identity}"


def _plain(draft: Draft) -> str:
    return json.dumps(asdict(replace(draft, answers=dict(draft.answers))))


def _draft(kept: str) -> Draft:
    plain: dict[str, Any] = {name: _unlisted(value) for name, value in json.loads(kept).items()}
    answers = {name: _unlisted(value) for name, value in plain["answers"].items()}
    return Draft(**plain | {"form": Form(plain["form"]), "gate": Gate(plain["gate"]), "answers": answers})


def _unlisted(value: Any) -> Any:
    """*value* as it was before JSON made a list of a tuple."""
    return tuple(value) if isinstance(value, list) else value
