"""What a filled form says that decides who hears of it, read from what its data says of each answer. Pure."""

import re
from collections.abc import Iterator, Mapping

from bot.domain.cases import Party, PartyRole
from bot.domain.facts import Facts
from bot.domain.form_types import NOT_KNOWN, Choice, Field, FormDefinition, Kind, Meaning
from bot.domain.form_types import Named as NamedPeople
from bot.domain.reports import AnswerValue, Reporter

ADULT_HERE = "adult who works or helps here"
_HANDLE = re.compile(r"\(?@[\w.\-]+\)?")
_BETWEEN = re.compile(r"\s*;\s*|\s+(?:and|&)\s+", re.IGNORECASE)


def visible(form: FormDefinition, answers: Mapping[str, AnswerValue]) -> tuple[Field, ...]:
    """Return the fields that are shown once *answers* are given; what depends on a hidden one is hidden."""
    shown: list[Field] = []
    ids: set[str] = set()
    for field in form.fields:
        rule = field.shown_if
        if rule is None or (rule.field in ids and set(rule.values) & set(values_of(answers, rule.field))):
            shown.append(field)
            ids.add(field.id)
    return tuple(shown)


def values_of(answers: Mapping[str, AnswerValue], field: str) -> tuple[str, ...]:
    """Return every value that *field* is answered with; none when nobody knows."""
    value = answers.get(field, "")
    several = (value,) if isinstance(value, str) else value
    return tuple(each for each in several if each not in ("", NOT_KNOWN))


def facts(
    form: FormDefinition,
    answers: Mapping[str, AnswerValue],
    reporter: Reporter | None = None,
) -> Facts:
    """
    Return what checked *answers* say that routing needs.

    What the form takes for granted holds until an answer clears it, and an answer that says it outright
    wins over one that clears it: in doubt more people who keep children safe hear of it (SAFETY 13).
    The gate is not looked at: the caller makes a stopped report urgent (SAFETY 1).
    """
    shown = visible(form, answers)
    chosen = [choice for field in shown for choice in _chosen(field, answers)]
    said = {each for choice in chosen for each in choice.means}
    cleared = {each for choice in chosen for each in choice.clears}
    meant = said | (set(form.means) - cleared)
    return Facts(
        form=form.form,
        urgent=Meaning.URGENT in meant,
        pupil_involved=Meaning.PUPIL_INVOLVED in meant,
        about_adult=Meaning.ABOUT_ADULT in meant,
        abuse_of_staff=Meaning.ABUSE_OF_STAFF in meant,
        own_slip=Meaning.OWN_SLIP in meant,
        radicalisation=Meaning.RADICALISATION in meant,
        parties=(*_named(shown, answers), *_reporting(reporter, meant)),
        texts=tuple(text for field in shown if field.kind.free for text in values_of(answers, field.id)),
    )


def _chosen(field: Field, answers: Mapping[str, AnswerValue]) -> tuple[Choice, ...]:
    values = values_of(answers, field.id)
    return tuple(choice for choice in field.choices if choice.value in values)


def _named(shown: tuple[Field, ...], answers: Mapping[str, AnswerValue]) -> Iterator[Party]:
    categories = {field.id: _category(field, answers) for field in shown if field.kind is Kind.CHOICE}
    handles = " ".join(
        text for field in shown if field.id == "handle" for text in values_of(answers, "handle")
    )
    for field in shown:
        if field.names is None:
            continue
        category = field.names.category or categories.get(field.names.category_from, "")
        names = [name for text in values_of(answers, field.id) for name in split_names(text)]
        # The handle in a question of its own belongs to the one person whom the question above names.
        extra = handles if len(names) <= 1 and field.id == "who" else ""
        yield from _parties(names or [""], field.names, category, extra)


def _parties(names: list[str], named: NamedPeople, category: str, handles: str) -> Iterator[Party]:
    for name in names:
        own = " ".join(found.strip("()") for found in _HANDLE.findall(name))
        plain = " ".join(_HANDLE.sub(" ", name).split())
        handle = own or handles
        if plain or handle or category not in ("", NOT_KNOWN):
            yield Party(plain, named.role, handle, category or NOT_KNOWN)


def _category(field: Field, answers: Mapping[str, AnswerValue]) -> str:
    return next((choice.category for choice in _chosen(field, answers)), "")


def _reporting(reporter: Reporter | None, meant: set[Meaning]) -> Iterator[Party]:
    if reporter is None:
        return
    roles = [PartyRole.REPORTER]
    if Meaning.REPORTER_IS_TARGET in meant:
        roles.append(PartyRole.TARGET)
    for role in roles:
        yield Party(reporter.name, role, reporter.handle, ADULT_HERE, reporter.person)


def split_names(text: str) -> tuple[str, ...]:
    """Return each person in *text*: "Jo Ash and Al Fir" are two, "Ash, Jo" is one."""
    names: list[str] = []
    for part in _BETWEEN.split(text):
        pieces = [piece.strip() for piece in part.split(",")]
        full = len(pieces) > 1 and all(" " in piece or piece.startswith("@") for piece in pieces)
        names.extend(pieces if full else [part.strip()])
    return tuple(name for name in names if name)
