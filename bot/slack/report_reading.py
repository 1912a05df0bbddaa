"""What a report's views hold when Slack hands them back: answers, ticks, files and ids."""

import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bot.domain.form_types import Field, FormDefinition, Kind
from bot.domain.reports import AnswerValue, Gate
from bot.domain.triage import Form
from bot.errors import Gone
from bot.slack.blocks import METADATA, VALUE_ID

GATE, FILES, DROP_FILES, HEARS = "gate", "files", "drop_files", "hears"
CONCERNED, NOT_ABOUT = "concerned", "not_about"
"""The ids of blocks; one that can stand several times has them as what its id begins with."""

View = Mapping[str, Any]
STOPPING = (Gate.YES, Gate.NOT_SURE)


@dataclass(frozen=True, slots=True)
class Begun:
    """What the first view of a report carries along: ids alone (SAFETY 29)."""

    school: str
    draft: str
    form: Form
    gate: Gate = Gate.UNASKED
    """Only ever what stops it: that must not be forgotten when the question is gone from the view."""
    author: str = ""
    """The person who wrote the message that is reported, if they are one of the school's list (SAFETY 12)."""
    source: str = ""
    """The link of that message."""
    maybe: tuple[str, ...] = ()
    """The persons any of whom may have written it, where Slack does not say who did."""

    @property
    def concerned(self) -> tuple[str, ...]:
        """Whom it is about until the reporter says otherwise (SAFETY 12)."""
        return (self.author,) if self.author else self.maybe

    def write(self) -> str:
        """The private metadata of the view, the school first; a link that is too long for it is left out."""
        said = {key: each for key, each in asdict(self).items() if each and key != "school"}
        written = f"{self.school} {json.dumps(said)}"
        if len(written) > METADATA and self.source:
            return replace(self, source="").write()
        return written


def draft_id() -> str:
    """A new id for a draft; nobody can guess one."""
    return f"slack-{secrets.token_urlsafe(12)}"


def begun_of(view: View) -> Begun:
    """What the first view of a report carried; raises `Gone` where that makes no sense."""
    try:
        school, _, rest = str(view.get("private_metadata", "")).partition(" ")
        said = json.loads(rest)
        form, gate = Form(said["form"]), Gate(said.get("gate", Gate.UNASKED))
        more = {key: str(said.get(key, "")) for key in ("author", "source")}
        maybe = tuple(str(each) for each in said.get("maybe", ()))
        return Begun(school, str(said["draft"]), form, gate, **more, maybe=maybe)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Gone("metadata") from None


def ids_of(view: View, number: int = 2) -> tuple[str, ...]:
    """The *number* ids in the private metadata of *view*; raises `Gone` where there are not so many."""
    found = tuple(str(view.get("private_metadata", "")).split())
    if len(found) != number:
        raise Gone("metadata")
    return found


def values(view: View) -> dict[str, Mapping[str, Any]]:
    """Block id → what the element in it holds now."""
    state = (view.get("state") or {}).get("values") or {}
    return {block: each[VALUE_ID] for block, each in state.items() if VALUE_ID in each}


def text_of(element: Mapping[str, Any]) -> str:
    """What was written or picked in *element*, "" for nothing."""
    for key in ("value", "selected_date", "selected_time"):
        if element.get(key):
            return str(element[key])
    return str((element.get("selected_option") or {}).get("value") or "")


def picked(element: Mapping[str, Any]) -> tuple[str, ...]:
    """Everything that is ticked in *element*."""
    return tuple(str(each["value"]) for each in element.get("selected_options") or ())


def answers_of(view: View, form: FormDefinition) -> dict[str, AnswerValue]:
    """What each question of *form* in *view* holds now; "" for one that stands there and is not answered."""
    held = values(view)
    return {field.id: _answer(field, held[field.id]) for field in form.fields if field.id in held}


def _answer(field: Field, element: Mapping[str, Any]) -> AnswerValue:
    return picked(element) if field.kind is Kind.CHOICES else text_of(element)


def joined(before: Mapping[str, AnswerValue], now: Mapping[str, AnswerValue]) -> dict[str, AnswerValue]:
    """*before* with what was answered since; a question whose answer was taken away has none."""
    return {key: each for key, each in {**before, **now}.items() if each}


def asked_in(view: View) -> frozenset[str]:
    """The ids of every block in *view*."""
    return frozenset(str(block.get("block_id", "")) for block in view.get("blocks") or ())


def gate_in(view: View) -> Gate:
    """The answer at the gate in *view*, `UNASKED` where it has none."""
    said = text_of(values(view).get(GATE, {}))
    return Gate(said) if said in [each.value for each in Gate] else Gate.UNASKED


def ticked(view: View, block: str) -> tuple[str, ...] | None:
    """What is ticked in the blocks that are called *block*; None where *view* does not ask it."""
    found = [each for each in asked_in(view) if each.partition(".")[0] == block]
    held = values(view)
    every = [one for each in sorted(found) for one in picked(held.get(each, {}))]
    return tuple(dict.fromkeys(every)) if found else None


def files_in(view: View) -> tuple[str, ...]:
    """The ids of the files that are chosen in *view*."""
    return tuple(dict.fromkeys(_files(view)))


def _files(view: View) -> Iterator[str]:
    for block, element in sorted(values(view).items()):
        if block.partition(".")[0] == FILES:
            yield from (str(each["id"]) for each in element.get("files") or () if each.get("id"))


def shown_in(view: View) -> str:
    """Which recipients *view* showed, as `report_send` writes it into the id of a block."""
    return next((each for each in asked_in(view) if each.partition(".")[0] == HEARS), "")
