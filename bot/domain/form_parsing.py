"""A form's data file, checked and turned into its definition. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from bot.domain.cases import PartyRole
from bot.domain.data_files import Entry
from bot.domain.form_types import (
    NOT_KNOWN,
    NOT_SURE,
    Asks,
    Choice,
    Field,
    FormDefinition,
    Kind,
    Lists,
    Meaning,
    Named,
    ShownIf,
    Step,
)
from bot.domain.reports import AnswerValue
from bot.domain.triage import Form

RESERVED = ("gate", "concerned", "not_about")
"""What an answers file carries beside the fields."""
CATEGORIES = ("pupil", "former pupil", "parent", "adult who works or helps here", "other", NOT_KNOWN)
_FIELD_KEYS = (
    *("id", "label", "kind", "help", "required", "choices", "choices_from", "shown_if", "when_stopped"),
    *("clause_words", "missing", "names", "example"),
)
_Word = TypeVar("_Word", bound=StrEnum)


def parse(data: Mapping[str, object], file: str, lists: Lists | None = None) -> FormDefinition:
    """
    Return the form that *data* (the parsed *file*) declares.

    *lists* holds the choices that a field takes with `choices_from`.

    Raises:
        ConfigurationError: with file, place and key, and where near the right one.
    """
    root = Entry(file, "the form", data)
    root.only("form", "title", "about", "means", "step")
    steps = tuple(_step(entry, lists or Lists()) for entry in root.entries("step"))
    form = FormDefinition(
        form=_word(root, "form", Form),
        title=root.needed("title"),
        about=root.needed("about"),
        steps=steps,
        means=_words(root, "means", Meaning),
    )
    _check_order(root, steps)
    _check_fields(root, form.fields)
    return form


def _word(entry: Entry, key: str, words: type[_Word]) -> _Word:
    return words(entry.among(key, (entry.needed(key),), words)[0])


def _words(entry: Entry, key: str, words: type[_Word]) -> tuple[_Word, ...]:
    return tuple(words(each) for each in entry.among(key, entry.texts(key), words))


def _step(entry: Entry, lists: Lists) -> Step:
    entry.only("id", "title", "asks", "later", "field")
    asks = _word(entry, "asks", Asks) if "asks" in entry.values else Asks.FIELDS
    later = entry.flag("later")
    fields = tuple(_field(each, later, lists) for each in entry.entries("field"))
    if bool(fields) != (asks is Asks.FIELDS):
        raise entry.error("a step has either fields or something else that it asks")
    return Step(entry.needed("id"), entry.needed("title"), asks, fields, later)


def _field(entry: Entry, later: bool, lists: Lists) -> Field:
    entry.only(*_FIELD_KEYS)
    kind = _word(entry, "kind", Kind)
    choices = _choices(entry, kind, lists)
    clause = entry.text("clause_words")
    if clause and "{clause}" not in clause:
        raise entry.error('"clause_words" must have {clause} where the clause stands')
    return Field(
        id=entry.needed("id"),
        label=entry.needed("label"),
        kind=kind,
        help=entry.text("help"),
        required=entry.flag("required"),
        choices=choices,
        shown_if=_shown_if(entry),
        later=later,
        when_stopped=entry.flag("when_stopped"),
        clause_words=clause,
        missing=entry.text("missing"),
        names=_named(entry, kind),
        example=_example(entry, kind),
    )


def _choices(entry: Entry, kind: Kind, lists: Lists) -> tuple[Choice, ...]:
    own = tuple(_choice(each) for each in entry.entries("choices"))
    if shared := entry.text("choices_from"):
        own += lists.choices[entry.among("choices_from", (shared,), lists.choices)[0]]
    if bool(own) != kind.chosen:
        raise entry.error('"choices" belong to the kinds choice and choices, and to no other')
    values = [each.value for each in own]
    if len(set(values)) < len(values):
        raise entry.error("two choices have one value")
    # Somebody who cannot say must be able to say so.
    if kind is Kind.CHOICE and not {NOT_KNOWN, NOT_SURE} & set(values):
        own += (Choice(NOT_KNOWN, "Not known"),)
    return own


def _choice(entry: Entry) -> Choice:
    entry.only("value", "label", "means", "clears", "category")
    means, clears = _words(entry, "means", Meaning), _words(entry, "clears", Meaning)
    category = entry.text("category")
    entry.among("category", [category] if category else [], CATEGORIES)
    return Choice(entry.needed("value"), entry.needed("label"), means, clears, category)


def _shown_if(entry: Entry) -> ShownIf | None:
    rule = entry.table("shown_if")
    if rule is None:
        return None
    rule.only("field", "is")
    if not (values := rule.texts("is")):
        raise rule.error('"is" must be a list of values')
    return ShownIf(rule.needed("field"), values)


def _named(entry: Entry, kind: Kind) -> Named | None:
    rule = entry.table("names")
    if (rule is not None) != (kind is Kind.PERSON_NAME):
        raise entry.error('"names" belongs to the kind person-name, and to no other')
    if rule is None:
        return None
    rule.only("role", "category", "category_from")
    category = rule.text("category")
    rule.among("category", [category] if category else [], CATEGORIES)
    return Named(_word(rule, "role", PartyRole), category, rule.text("category_from"))


def _example(entry: Entry, kind: Kind) -> AnswerValue:
    return entry.texts("example") if kind is Kind.CHOICES else entry.text("example")


def _check_order(root: Entry, steps: tuple[Step, ...]) -> None:
    """The gate stands before anything is sent, and what can wait comes after (SAFETY 1, 12)."""
    asks = [step.asks for step in steps if not step.later]
    if asks != [Asks.FIELDS, Asks.GATE, Asks.PEOPLE, Asks.SEND] or any(
        step.later != (number > 3) for number, step in enumerate(steps)
    ):
        raise root.error('the steps must be fields, "gate", "people", "send", then those with later = true')


def _check_fields(root: Entry, fields: tuple[Field, ...]) -> None:
    seen: dict[str, Field] = {}
    for field in fields:
        where = Entry(root.file, f"field {field.id!r}", {})
        if field.id in seen or field.id in (*RESERVED, "answers"):
            raise where.error('"id" is taken')
        if field.shown_if:
            above = seen[where.among("shown_if", (field.shown_if.field,), seen)[0]]
            where.among("shown_if", field.shown_if.values, (each.value for each in above.choices))
        if field.names and field.names.category_from:
            where.among("category_from", (field.names.category_from,), (each.id for each in fields))
        if not field.later and not field.example:
            raise where.error('"example" is missing; every question of the short part needs one')
        seen[field.id] = field
