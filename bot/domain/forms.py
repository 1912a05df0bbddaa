"""The forms: declared once as data, checked, and read the same way for every channel. Pure."""

from collections.abc import Callable, Mapping
from datetime import date

from bot.domain.data_files import hint
from bot.domain.form_facts import facts, visible
from bot.domain.form_parsing import RESERVED, parse
from bot.domain.form_types import (
    NOT_KNOWN,
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
from bot.domain.form_values import MOST_CHARACTERS, clean, read
from bot.domain.reports import AnswerValue, Gate
from bot.errors import FormError

__all__ = [
    "MOST_CHARACTERS",
    "NOT_KNOWN",
    "Asks",
    "Choice",
    "Field",
    "FormDefinition",
    "Kind",
    "Lists",
    "Meaning",
    "Named",
    "ShownIf",
    "Step",
    "check",
    "check_addition",
    "example",
    "facts",
    "gate_of",
    "parse",
    "people_of",
    "prompt",
    "visible",
]


def check(
    form: FormDefinition, answers: Mapping[str, object], today: date, gate: Gate = Gate.UNASKED
) -> dict[str, AnswerValue]:
    """
    Return *answers* trimmed and in their plain form, without what stands at a hidden field.

    *answers* may carry "gate" and "concerned" as an answers file does; they are checked and left out.
    Once the gate is answered "yes" or "not sure", there or in *gate*, no question must be answered
    (SAFETY 1); what has been written already is kept (SAFETY 20). *today* is the day in the school's time.

    Raises:
        FormError: with the words for each field that cannot stay as it is.
    """
    kept, faults = _checked(form, answers, today)
    if not {Gate.YES, Gate.NOT_SURE} & {gate, _gate(answers)}:
        for field in visible(form, kept):
            if field.required and field.id not in kept and field.id not in faults:
                faults[field.id] = f'{field.label}: please answer this; "{NOT_KNOWN}" will do.'
    if faults:
        raise FormError(faults)
    return {field.id: kept[field.id] for field in visible(form, kept) if field.id in kept}


def check_addition(
    form: FormDefinition, before: Mapping[str, AnswerValue], answers: Mapping[str, object], today: date
) -> dict[str, AnswerValue]:
    """
    Return only what *answers* add to or change in *before*, checked as `check` does; nothing is required.

    Raises:
        FormError: with the words for each field that cannot stay as it is.
    """
    kept, faults = _checked(form, answers, today, before)
    if faults:
        raise FormError(faults)
    shown = {field.id for field in visible(form, {**before, **kept})}
    return {key: value for key, value in kept.items() if key in shown and before.get(key) != value}


def gate_of(answers: Mapping[str, object]) -> Gate:
    """
    Return the gate's answer in an answers file, UNASKED when it has none.

    Raises:
        FormError: it is neither "no", "yes" nor "not-sure".
    """
    gate = _gate(answers)
    if "gate" in answers and gate is Gate.UNASKED:
        raise FormError({"gate": '"gate" must be "no", "yes" or "not-sure".'})
    return gate


def people_of(answers: Mapping[str, object], key: str) -> tuple[str, ...]:
    """
    Return the ids under *key* in an answers file (SAFETY 12).

    "concerned" holds whom it is about, or close to; "not_about" whom the text names and it is not about.

    Raises:
        FormError: it is not a list of texts.
    """
    value = answers.get(key, ())
    if isinstance(value, list | tuple) and all(isinstance(each, str) for each in value):
        return tuple(dict.fromkeys(name for each in value if (name := clean(str(each), lines=False))))
    raise FormError({key: f'"{key}" must be a list of the ids of people.'})


def example(form: FormDefinition) -> dict[str, object]:
    """Return a valid answers file with every short field that is shown, and the gate answered "no"."""
    short = {field.id: field.example for field in form.short}
    shown = {field.id for field in visible(form, short)}
    answers = {key: list(each) if isinstance(each, tuple) else each for key, each in short.items()}
    return {**{key: each for key, each in answers.items() if key in shown}, "gate": Gate.NO.value}


def prompt(field: Field, clause: str) -> str:
    """Return the help of *field*; the school's *clause* is named only where the school gives one."""
    tied = field.clause_words.replace("{clause}", clause) if clause else ""
    return " ".join(each for each in (field.help, tied) if each)


def _gate(answers: Mapping[str, object]) -> Gate:
    said = answers.get("gate")
    return Gate(said) if isinstance(said, str) and said in ("no", "yes", "not-sure") else Gate.UNASKED


def _checked(
    form: FormDefinition,
    answers: Mapping[str, object],
    today: date,
    before: Mapping[str, AnswerValue] | None = None,
) -> tuple[dict[str, AnswerValue], dict[str, str]]:
    """What is answered well, and what is not; each field is read once it is known to be shown."""
    kept: dict[str, AnswerValue] = {}
    faults = _faults_beside(form, answers)
    for field in form.fields:
        if field not in visible(form, {**(before or {}), **kept}):
            continue
        try:
            if value := read(field, answers.get(field.id), today):
                kept[field.id] = value
        except FormError as error:
            faults |= error.fields
    return kept, faults


def _faults_beside(form: FormDefinition, answers: Mapping[str, object]) -> dict[str, str]:
    """What is wrong outside the fields; an unknown name is never a key, for keys reach the log."""
    faults: dict[str, str] = {}
    readers: tuple[Callable[[], object], ...] = (
        lambda: gate_of(answers),
        lambda: people_of(answers, "concerned"),
        lambda: people_of(answers, "not_about"),
    )
    for reader in readers:
        try:
            reader()
        except FormError as error:
            faults |= error.fields
    known = [*(field.id for field in form.fields), *RESERVED]
    unknown = [str(key) for key in answers if key not in known]
    if unknown:
        lines = (
            f'"{clean(each[:40], lines=False)}" is no question here; {hint(each, known)}' for each in unknown
        )
        faults["answers"] = " ".join(lines)
    return faults
