"""Follow-up questions: whether a message leans on an earlier one, and the two as one question. Pure."""

import re

from bot.domain.triage_rules import plain

# Longer messages say themselves what they are about.
_MOST_WORDS = 16
_SHORT = 9
# What is said before the question: "ok, thanks. And on trips?"
_BEFORE = (
    r"^(?:(?:ok(?:ay)?|thanks?(?: you)?|cheers|great|right|sorry|hm+|ah|oh|so|yes|no|sure|fine)\b[,.!: ]*)*"
)
_OPENS = re.compile(
    _BEFORE + r"(?:(?:and|or|but|also|plus|what about|how about|what if)\b|even (?:if|when|on|with|where)|"
    r"same (?:for|with|on|rule|thing)|is (?:it|that) (?:the same|different|still|also)|is (?:that|this) |"
    r"does (?:that|this|it) |would (?:that|this|it) |do (?:those|these|they) |are (?:those|these|they) |"
    r"not even |unless |except |including |if (?:so|not)\b|then what|since when|until when|why(?: not)?[?]*$|"
    r"(?:for )?how long[?]*$|(?:to |with )?(?:who|whom|when|where)[?]*$)"
)
_POINTS = re.compile(
    r"\b(?:them|those|that one|this one|the same|either|instead|otherwise|as well|too|then|it)[?!. ]*$"
)


def leans(message: str) -> bool:
    """
    Whether *message* says less than a question of its own: "and what about ex-pupils?", "on trips too?".

    In doubt it does: joined to an earlier question, its own words are still all there.
    """
    words = plain(message)
    count = len(words.split())
    if not words or count > _MOST_WORDS:
        return False
    return bool(_OPENS.search(words)) or (count <= _SHORT and bool(_POINTS.search(words)))


def joined(message: str, earlier: str) -> str:
    """
    The question that *message* asks after *earlier*, in the asker's own words.

    What is new comes first: what stands first weighs more in the search.
    """
    return f"{message.strip()} {earlier.strip()}"
