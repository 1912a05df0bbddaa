"""The texts a clause is found by: the clause with its lead-in, and each sentence of it. Pure."""

import re

from index.clauses import Clause

_SENTENCE = re.compile(r"(?<=[.!?;])\s+")
# A sentence shorter than this says too little to be looked for alone ("See section 7.").
_FEWEST_WORDS = 4


def passages(clause: Clause) -> tuple[str, ...]:
    """
    The clause's words with their lead-in, then each of its sentences with that lead-in if it has several.

    A question often meets one sentence of a long clause; the mean over the whole would hide it.
    """
    sentences = [part for part in _SENTENCE.split(clause.text) if len(part.split()) >= _FEWEST_WORDS]
    if len(sentences) < 2:
        return (clause.full,)
    return (clause.full, *(f"{clause.lead} {part}".strip() for part in sentences))
