"""The texts a clause is found by: itself with lead-in and heading, and each sentence of it. Pure."""

import re

from index.clauses import FOOTNOTES, OPENING, Clause

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# A sentence shorter than this says too little to be looked for alone ("See section 7.").
_FEWEST_WORDS = 4
_NUMBERING = re.compile(
    r"^(?:(?:section|part|appendix)\s+)?(?:[A-Z]{0,2}\.?\d+(?:\.\d+)*[.):]?|[A-H][.):])\s+", re.IGNORECASE
)
# Sections that the cutter names and the document does not.
_OURS = (OPENING, FOOTNOTES)
_LONGEST_HEADING = 100


def in_place(section: str, full: str) -> str:
    """
    A clause's words with their lead-in, *full*, behind the heading they stand under, without its number.

    Whose rule it is often stands only there: "Parents", "Pupils", "Supply staff".
    """
    heading = _NUMBERING.sub("", section).strip().rstrip(".:")[:_LONGEST_HEADING]
    if not heading or section in _OURS or full.casefold().startswith(heading.casefold()):
        return full
    return f"{heading}: {full}"


def passages(clause: Clause) -> tuple[str, ...]:
    """
    The clause under its heading, then each of its sentences with its lead-in if it has several.

    A question often meets one sentence of a long clause; the mean over the whole would hide it.
    """
    whole = in_place(clause.section, clause.full)
    sentences = [part for part in _SENTENCE.split(clause.text) if len(part.split()) >= _FEWEST_WORDS]
    if len(sentences) < 2:
        return (whole,)
    return (whole, *(f"{clause.lead} {part}".strip() for part in sentences))
