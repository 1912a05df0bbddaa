"""Draws the questions of a form, each as the element of Slack that fits how it is answered."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from bot.domain.form_types import Choice, Field, Kind
from bot.domain.forms import prompt
from bot.domain.reports import AnswerValue
from bot.slack import blocks
from bot.slack.blocks import VALUE_ID, Block

MOST_TYPED = 3000
"""The most characters that Slack lets anybody type into one field."""
_MOST_BUTTONS = 10
"""Slack shows no more radio buttons or checkboxes together."""
_TIME = re.compile(r"\d\d:\d\d")


def question(
    field: Field, value: AnswerValue, clause: str = "", *, rebuilds: bool = False, needed: bool = True
) -> Block:
    """
    Draw *field* with *value* in it; *clause* is the school's, "" for none.

    One that *rebuilds* tells at once when it is answered. Once a report is stopped none is *needed*.
    """
    drawn = blocks.field(
        field.id,
        field.label,
        _element(field, value),
        hint=_hint(field, clause),
        optional=not (field.required and needed),
    )
    return {**drawn, "dispatch_action": True} if rebuilds else drawn


def _hint(field: Field, clause: str) -> str:
    # How to write a day is no help where it is picked from a calendar.
    return "" if field.kind is Kind.DATE else prompt(field, clause)


def _element(field: Field, value: AnswerValue) -> Block:
    if field.kind is Kind.CHOICES:
        return several(_options(field.choices), (value,) if isinstance(value, str) else value)
    text = value if isinstance(value, str) else ""
    if field.kind is Kind.CHOICE:
        return one_of(_options(field.choices), text)
    if field.kind is Kind.DATE:
        return _day(text)
    if field.kind is Kind.TIME:
        kept = {"initial_time": text} if _TIME.fullmatch(text) else {}
        return {"type": "timepicker", "action_id": VALUE_ID, **kept}
    return text_box(text, lines=field.kind is Kind.LONG_TEXT)


def text_box(text: str = "", *, lines: bool = True) -> Block:
    """A box to write in, with *text* in it; a longer one than Slack takes is cut, with a sign."""
    drawn: Block = {"type": "plain_text_input", "action_id": VALUE_ID, "max_length": MOST_TYPED}
    drawn["multiline"] = lines
    return {**drawn, "initial_value": blocks.shortened(text, MOST_TYPED)} if text else drawn


def _options(choices: Iterable[Choice]) -> list[Block]:
    return [blocks.option(each.value, each.label) for each in choices]


def one_of(options: Sequence[Block], chosen: str = "") -> Block:
    """One of *options*; as a list to unfold where there are many."""
    kind = "radio_buttons" if len(options) <= _MOST_BUTTONS else "static_select"
    drawn: Block = {"type": kind, "action_id": VALUE_ID, "options": list(options)}
    first = next((each for each in options if each["value"] == chosen), None)
    return {**drawn, "initial_option": first} if first else drawn


def several(options: Sequence[Block], chosen: Iterable[str] = ()) -> Block:
    """Any of *options*."""
    kind = "checkboxes" if len(options) <= _MOST_BUTTONS else "multi_static_select"
    drawn: Block = {"type": kind, "action_id": VALUE_ID, "options": list(options)}
    kept = [each for each in options if each["value"] in tuple(chosen)]
    return {**drawn, "initial_options": kept} if kept else drawn


def boxes(block: str, label: str, options: Sequence[Block], chosen: Iterable[str] = ()) -> list[Block]:
    """Checkboxes under the id *block*, told at once when ticked; in as many blocks as Slack makes of them."""
    groups = [options[at : at + _MOST_BUTTONS] for at in range(0, len(options), _MOST_BUTTONS)]
    return [
        {
            **blocks.field(f"{block}.{at}" if at else block, label, several(group, chosen)),
            "dispatch_action": True,
        }
        for at, group in enumerate(groups)
    ]


def _day(text: str) -> Block:
    drawn: Block = {"type": "datepicker", "action_id": VALUE_ID}
    try:
        return {**drawn, "initial_date": date.fromisoformat(text).isoformat()}
    except ValueError:
        return drawn
