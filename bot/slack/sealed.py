"""What is more than a question is kept sealed for its form, and a button only names it (SAFETY 29)."""

import re

from bot.domain.membership import Known
from bot.domain.triage import Form
from bot.drafting import Draft
from bot.errors import Gone, StoreBusy, StoreFailed
from bot.slack.parts import Parts
from bot.slack.report_reading import draft_id

_NAME = re.compile(r"draft:([\w-]{8,60})")
_WORDS = "words"
"""Under this name a draft has them until a form is opened with them; no form has such a question."""


def sealed(parts: Parts, known: Known, form: Form, words: str) -> str:
    """Keep *words* sealed for a day; return what a button holds in their place, "" when that failed."""
    identity = draft_id()
    draft = Draft(identity, known.school.id, form, known.reporter.handle, {_WORDS: words})
    try:
        parts.drafting.keep(draft)
    except (StoreBusy, StoreFailed):
        return ""
    return f"draft:{identity}"


def unsealed(parts: Parts, known: Known, words: str) -> str:
    """The words that *words* of a button stand for; what names no draft of *known* is as it was, or ""."""
    named = _NAME.fullmatch(words)
    if not named:
        return words
    try:
        draft = parts.drafting.get(named[1], known.reporter.handle)
    except Gone:
        return ""
    return str(draft.answers.get(_WORDS, ""))
