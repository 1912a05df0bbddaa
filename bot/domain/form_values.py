"""One answer, read and put into its plain form, or refused in words for the reporter. Pure."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, timedelta

from bot.domain.data_files import hint
from bot.domain.form_types import NOT_KNOWN, Field, Kind
from bot.domain.reports import AnswerValue
from bot.errors import FormError

MOST_CHARACTERS = 20_000
OLDEST = 1900
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})", re.ASCII)
_MONTH_NAMED = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?(?: of)? ([a-z]{3})[a-z]* (\d{4})", re.ASCII)
_TIME = re.compile(r"(\d{1,2})(?:[:.](\d{2}))? ?(am|pm)?", re.ASCII)
_UNKNOWN = {NOT_KNOWN, "not-known", "unknown", "don't know", "dont know", "don’t know"}
# Marks that make a text read in another order than it was written in.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SHOWN = 40


def read(field: Field, value: object, today: date) -> AnswerValue:
    """
    Return *value* as the record keeps it, "" when it says nothing.

    Dates become "2026-11-20", times "22:41", whatever means that nobody knows becomes "not known".

    Raises:
        FormError: it is no answer to *field*; the words say what to write instead.
    """
    if field.kind is Kind.CHOICES and isinstance(value, list | tuple):
        return _several(field, value, today)
    text = _text(field, value)
    if not text or text.casefold() in _UNKNOWN:
        return text and NOT_KNOWN
    if field.kind is Kind.DATE:
        return _date(field, text, today)
    if field.kind is Kind.TIME:
        return _time(field, text)
    if field.kind.chosen:
        picked = _pick(field, text)
        return (picked,) if field.kind is Kind.CHOICES else picked
    return text


def _refuse(field: Field, words: str) -> FormError:
    return FormError({field.id: f"{field.label}: {words}"})


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _text(field: Field, value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()[:10]
    # A year group arrives as a number; anything longer is no answer that a person gave.
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return str(value)
    if value is not None and not isinstance(value, str):
        raise _refuse(field, "the answer must be text.")
    text = value or ""
    if len(text) > MOST_CHARACTERS:
        long = f"this has {len(text):,} characters; at most {MOST_CHARACTERS:,} can be stored."
        raise _refuse(field, f"{long} Shorten it here and add the rest to the case afterwards.")
    return clean(text, field.kind is Kind.LONG_TEXT)


def clean(text: str, lines: bool) -> str:
    """Return *text* without control characters and outer spaces, on one line unless it may have *lines*."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(each for each in text if each in "\n\t" or not _hidden(each))
    return kept.strip() if lines else " ".join(kept.split())


def _hidden(character: str) -> bool:
    # A lone surrogate cannot be written down in UTF-8: the store would refuse the whole report for it.
    return unicodedata.category(character) in ("Cc", "Cs") or character in _TURNING


def _pick(field: Field, text: str) -> str:
    said = text.casefold()
    for choice in field.choices:
        if said in (choice.value.casefold(), choice.label.casefold()):
            return choice.value
    known = hint(text, [choice.value for choice in field.choices])
    raise _refuse(field, f'"{_shown(text)}" is not one of the answers; {known}')


def _several(field: Field, values: Sequence[object], today: date) -> AnswerValue:
    texts = [text for each in values if (text := _text(field, each))]
    known = {_pick(field, text) for text in texts if text.casefold() not in _UNKNOWN}
    in_order = tuple(choice.value for choice in field.choices if choice.value in known)
    return in_order or (NOT_KNOWN if texts else "")


def _date(field: Field, text: str, today: date) -> str:
    said = text.casefold()
    if said in ("today", "yesterday"):
        return (today - timedelta(days=said == "yesterday")).isoformat()
    day = _day(field, text)
    if day > today:
        raise _refuse(field, f'"{_shown(text)}" is in the future.')
    if day.year < OLDEST:
        raise _refuse(field, f'"{_shown(text)}" is too long ago to be right.')
    return day.isoformat()


def _day(field: Field, text: str) -> date:
    year, month, day = _numbers(text.casefold())
    try:
        return date(year, month, day)
    except ValueError:
        how = 'Write it like 20/11/2026, or "today", "yesterday" or "not known".'
        raise _refuse(field, f'"{_shown(text)}" is not a date. {how}') from None


def _numbers(text: str) -> tuple[int, int, int]:
    """Year, month and day in *text* as people write them here, day first; zeros where there is none."""
    if found := _YEAR_FIRST.fullmatch(text):
        return int(found[1]), int(found[2]), int(found[3])
    if found := _DAY_FIRST.fullmatch(text):
        century = 2000 if len(found[3]) == 2 else 0
        return century + int(found[3]), int(found[2]), int(found[1])
    if (found := _MONTH_NAMED.fullmatch(text)) and found[2] in _MONTHS:
        return int(found[3]), _MONTHS.index(found[2]) + 1, int(found[1])
    return 0, 0, 0


def _time(field: Field, text: str) -> str:
    found = _TIME.fullmatch(text.casefold())
    # "9" alone could be morning or evening.
    if found and (found[2] or found[3]):
        hour, minute, half = int(found[1]), int(found[2] or 0), found[3]
        if minute < 60 and (1 <= hour <= 12 if half else hour < 24):
            return f"{hour % 12 + 12 * (half == 'pm') if half else hour:02d}:{minute:02d}"
    raise _refuse(field, f'"{_shown(text)}" is not a time. Write it like 22:41, 10.41 pm or "not known".')
