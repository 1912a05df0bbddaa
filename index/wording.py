"""What the shape of some words tells: finished sentences, lead-ins, titles, appendices. Pure."""

import re

_FINISHED = re.compile(r"(?:(?:[.!?;:]|:\s?[-–—])[)\]'\"’”*_]*|;\s(?:and|or|and/or))$")
_STOPPED = re.compile(r"[.!?][)\]'\"’”*_]*$")
_LEAD = re.compile(r":(?:\s?[-–—])?[*_]*$")
_ENDS_OPEN = re.compile(
    r"\b(?:must|should|shall|will|may|can|could|not|never|to|do|don['’]t|always|only|include|includes|including"
    r"|are|is|if|when|by|for|from|with|that)[*_]*$",
    re.I,
)
_FUNCTION_WORD = re.compile(r"\b(?:the|a|an|of|and|or|in|on|at|to|for|from|with|by|as|&)$", re.I)
_NAMES_NUMBER = re.compile(
    r"\b(?:sections?|paragraphs?|clauses?|parts?|points?|pages?|appendix|stage|article)$", re.I
)
_EXPECTS_NUMBER = re.compile(
    r"\b(?:[Ss]ections?|[Pp]aragraphs?|[Cc]lauses?|[Pp]arts?|[Pp]oints?|[Pp]ages?|[Aa]ppendix|[Ss]tage|steps?|ages?|aged"
    r"|no\.|number|than|least|most|about|over|under|between|within|before|after|until|at|on|by|in|of|to|from|see|also"
    r"|the|a|an|for|with|is|are|be|through|(?<![,;] )and|(?<![,;] )or)$"
)
_APPENDIX = re.compile(r"(?:appendix|annex|annexe|schedule|addendum)\s+(?:[A-Z]|\d{1,2}|[IVX]+)\b", re.I)
_DEFINITION = re.compile(
    r"(?:[“\"‘'][^”\"’']{2,60}[”\"’'][,]?|[A-Z][\w’'/ -]{1,50}?)\s*(?:\([^)]{1,40}\)\s*)?"
    r"(?:\bmeans?\b|\bincludes?\b|\brefers? to\b|\bis defined as\b|\s[–—-]\s|:\s)\s*\S"
)
_NAMED_PART = re.compile(r"(?:section|part|chapter)\s+(?:[A-Z]|\d{1,2}|[IVX]+)\b", re.I)
_CONTENTS = re.compile(r"(?:table of )?contents(?: page)?:?|index", re.I)
_LEADER = re.compile(r"(?:\.{3,}|…+|·{3,}|_{3,}|\t|\s{3,}|(?:\. ){3,})\s*\d{1,3}$")
_MODAL = re.compile(
    r"\b(?:must|should|shall|will|may not|cannot|can|do not|don['’]t|is|are|has|have|means)\b", re.I
)


def is_finished(text: str) -> bool:
    """Whether *text* ends like a sentence, a lead-in or a list item."""
    return bool(_FINISHED.search(text.rstrip()))


def is_stopped(text: str) -> bool:
    """Whether *text* ends with a full stop, a question mark or an exclamation mark."""
    return bool(_STOPPED.search(text.rstrip()))


def is_lead(text: str) -> bool:
    """Whether *text* introduces a list: a colon, or a sentence left open ("The Principal will")."""
    return bool(_LEAD.search(text.rstrip())) or is_left_open(text)


def is_left_open(text: str) -> bool:
    """Whether *text* stops at a word that asks for more ("Staff must")."""
    return bool(_ENDS_OPEN.search(text.rstrip()))


def asks_for_more(text: str) -> bool:
    """Whether a title's line stops at a word no title ends with ("Use of social media on behalf of the")."""
    return bool(_FUNCTION_WORD.search(text.rstrip()))


def expects_number(text: str) -> bool:
    """Whether a number after *text* may belong to its words ("set out in section", "at least")."""
    return bool(_EXPECTS_NUMBER.search(text.rstrip()))


def names_number(text: str) -> bool:
    """Whether a number after *text* must belong to its words, which end in "section" or the like."""
    return bool(_NAMES_NUMBER.search(text.rstrip()))


def is_appendix(text: str) -> bool:
    """Whether *text* is the heading of an appendix, annex or schedule."""
    return bool(_APPENDIX.match(text)) and is_title(text)


def is_definition(text: str) -> bool:
    """Whether *text* explains a term it begins with ("“Device” means …", "Device – any …")."""
    return bool(_DEFINITION.match(text)) and not is_appendix(text) and not is_named_part(text)


def is_field(text: str) -> bool:
    """Whether *text* ends in the dots or the rule on which a form is filled in."""
    return bool(re.search(r"(?:[._]{4,}|…{2,})$", text.rstrip()))


def is_capitalised(text: str) -> bool:
    """Whether *text* begins like a sentence, with a capital and small letters after it."""
    return text[:1].isupper() and not text.isupper()


def is_named_part(text: str) -> bool:
    """Whether *text* is a heading such as "Section 4: Phones" or "Part B"."""
    return bool(_NAMED_PART.match(text)) and is_title(text)


def is_title(text: str) -> bool:
    """Whether *text* could be a heading: short, begun like one, and no sentence."""
    words = text.split()
    if not words or len(words) > 16 or len(text) > 110 or is_finished(text.rstrip("?")):
        return False
    return not text[0].islower() and any(c.isalpha() for c in text) and not text.endswith((",", "|"))


def is_plain_title(text: str) -> bool:
    """Whether *text* is a heading even without bold type or space around it: no verb of a rule in it."""
    return is_title(text) and not is_left_open(text) and not _MODAL.search(text)


def is_contents(text: str) -> bool:
    """Whether *text* is the heading of a list of contents."""
    return bool(_CONTENTS.fullmatch(text.strip()))


def has_leader(text: str) -> bool:
    """Whether *text* is a line of a list of contents: words, dots, page."""
    return bool(_LEADER.search(text.rstrip()))


def without_page(text: str) -> str:
    """*text* without the page number at its end."""
    return re.sub(r"\s+\d{1,3}$", "", text)
