"""What a clause names besides its rule: other clauses, defined terms, exceptions, people to ask. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.clauses import Clause

MOST_RESOLVED = 5

LEAVE_GIVEN = (
    r"(?:permission|approval|consent|(?<!use )(?<!school )agreement|authori[sz]ation|clearance|say-so)"
)
PROVIDED = r"\bprovided\b,?(?! (?:by|to|in|for|or|with|at|through|and|from|on|as|under|via))"

NUMBER = r"(?:[A-Z]?\d+(?:\.\d+)*(?:\([a-z0-9]{1,3}\))*|[A-Z](?![\w'’]))"
NUMBERS = rf"{NUMBER}(?:(?:,\s*|,?\s+(?:and|or|to)\s+|\s*[&–-]\s*){NUMBER})*"
POINTER = re.compile(
    rf"\b(?P<kind>(?i:sections?|paragraphs?|paras?\.?|clauses?|points?|rules?|appendix|appendices|annexe?s?))"
    rf"\s+(?P<numbers>{NUMBERS})"
    rf"|\b(?P<whole>(?i:appendix|annexe?))\b(?!\s+{NUMBER})"
    r"|\b(?i:see|refer to)\s+(?P<bare>\d+(?:\.\d+)+)"
)
OUR_TAIL = re.compile(
    r"\s+(?:of|in|to)\s+(?:this|our|the(?: same)?)\s+(?:policy|document|code|guidance)\b", re.IGNORECASE
)
# Behind a number: "of the Education Act", "Children Act 1989", ", KCSIE".
ELSEWHERE_AFTER = re.compile(
    r"(?:\([^)]{0,10}\))*,?\s+(?:of|to|in)\s+(?!(?:which|relation|respect|the event|order|writing|full)\b)"
    r"(?:the\s+|our\s+|its\s+|their\s+|an?\s+)?[\w’'-]+|,?\s+\(?(?:the\s+)?(?:[A-Z][\w’'-]*\s+(?:and\s+"
    r"|of\s+)?){0,8}"
    r"(?:Act|Regulations|Order|Code|KCSIE|GDPR|Handbook|Policy)\b"
)
INSIDE = re.compile(
    r"\s+(?:of|to|in)\s+(?:this|that|the)\s+(?:section|appendix|annexe?|part)\b", re.IGNORECASE
)
ELSEWHERE_BEFORE = re.compile(
    r"(?:\bActs?|\bRegulations|\bKCSIE|\bGDPR|\bHandbook|\bPolicy)(?:\s+\(?\d{4}\)?)?(?:['’]s)?[,:(]?\s*$"
)
EACH_NUMBER = re.compile(rf"{NUMBER}|\bto\b|[–-]")

QUOTED = r"[“\"‘']([^“”\"‘’']{2,60})[”\"’']"
DEFINED = (
    # “social media” means …; also where the opening quotation mark has been lost
    re.compile(
        r"(?:^|[“\"‘'])([A-Za-z][^“”\"‘’'.:;]{1,60}?)[”\"’'],?\s*[-–—:]?\s*"
        r"(?:means|refers to|(?:is|are|can be) (?:defined as|taken to mean|understood (?:as|to mean)))\b"
    ),
    # social media - means …; personal data means …
    re.compile(
        r"^([A-Za-z][^“”\"‘’'.:;,]{1,60}?)\s*(?:[-–—:]\s*means\b|\s(?:means|is defined as|is the term)\s)"
    ),
    re.compile(r"\breferred to as (?:the )?([A-Za-z][\w ]{1,40}?) in this (?:policy|document|code)\b"),
    re.compile(rf"\breferred to (?:\w+ ){{0,4}}?as (?:the )?{QUOTED}"),
    re.compile(
        rf"\((?:\w+ ){{0,8}}?(?:referred to as|hereafter|hereinafter|known as|the),? (?:the )?{QUOTED}\)"
    ),
    re.compile(r"\([“\"‘']((?:[Tt]he )?[A-Z][^“”\"‘’']{1,40})[”\"’']\)"),
)
GLOSSARY = re.compile(r"\b(?:definitions?|glossary|terms used|terminology|interpretation)\b", re.IGNORECASE)
GLOSSARY_ENTRY = re.compile(r"^([A-Za-z][^.:;|]{1,60}?)\s*(?::|\s[-–—|])\s+\S")
NO_TERM = re.compile(r"^(?:this|that|it|which|what|these|those|there|if|when|\w+ing\s\w+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reference:
    """One place in the same policy that a text points at."""

    text: str
    """The words exactly as they stand in the text."""
    target: str
    """The number or the appendix alone: "7", "3.2", "Appendix 1"."""


def find(text: str) -> tuple[Reference, ...]:
    """Return the places in its own policy that *text* points at, in order, and none in other documents."""
    found = (reference for match in POINTER.finditer(text) for reference in _references(text, match))
    return tuple(dict.fromkeys(found))


def _references(text: str, match: re.Match[str]) -> Iterator[Reference]:
    tail = OUR_TAIL.match(text, match.end())
    elsewhere = ELSEWHERE_AFTER.match(text, match.end()) and not INSIDE.match(text, match.end())
    if not tail and (elsewhere or ELSEWHERE_BEFORE.search(text[: match.start()])):
        return
    if match["bare"]:
        yield Reference(match["bare"], match["bare"])
        return
    words = text[match.start() : tail.end() if tail else match.end()]
    for target in _targets(match):
        yield Reference(words, target)


def _targets(match: re.Match[str]) -> list[str]:
    kind = (match["kind"] or match["whole"]).lower()
    name = "Appendix " if kind.startswith("append") else "Annex " if kind.startswith("annex") else ""
    if match["whole"]:
        return [name.strip()]
    return [name + number for number in _numbers(match["numbers"])]


def _numbers(printed: str) -> list[str]:
    """The numbers of "4", "4 and 5" or "4 to 6", in order."""
    parts = EACH_NUMBER.findall(printed)
    numbers: list[str] = []
    for place, part in enumerate(parts):
        if part not in ("to", "-", "–"):
            numbers.append(part)
        elif numbers and numbers[-1].isdigit() and parts[place + 1].isdigit():
            numbers.extend(str(number) for number in range(int(numbers[-1]) + 1, int(parts[place + 1])))
    return numbers


def resolve(reference: Reference, clauses: Sequence[Clause]) -> tuple[Clause, ...]:
    """Return at most five clauses of one policy that *reference* points at; none where it leads nowhere."""
    target = reference.target
    heading = re.compile(rf"(?:section |part )?{re.escape(target)}(?!\.?\w)", re.IGNORECASE)
    readings = (
        [clause for clause in clauses if clause.number.rstrip(".") == target],
        [clause for clause in clauses if heading.match(clause.section.strip())],
        [clause for clause in clauses if clause.number.startswith(f"{target}.")],
    )
    return tuple(next((reading for reading in readings if reading), [])[:MOST_RESOLVED])


def definitions(clauses: Sequence[Clause]) -> dict[str, Clause]:
    """Return the terms that *clauses* define, in lower case, each with the first clause that defines it."""
    terms: dict[str, Clause] = {}
    for clause in clauses:
        for term in _defined(clause):
            terms.setdefault(term, clause)
    return terms


def _defined(clause: Clause) -> Iterator[str]:
    patterns: tuple[re.Pattern[str], ...] = DEFINED
    if GLOSSARY.search(clause.section) or GLOSSARY.search(clause.lead):
        patterns = (*DEFINED, GLOSSARY_ENTRY)
    for pattern in patterns:
        for match in pattern.finditer(clause.text):
            yield from _terms(match[1])


def _terms(words: str) -> Iterator[str]:
    """The terms of "adults/adults working in school" or "In this policy, the School"."""
    plain = re.sub(r"^in this (?:policy|document|code),? ", "", words.strip(" -–—,").lower())
    for part in plain.split("/"):
        term = re.sub(r"^(?:the|an?|any) ", "", part.strip())
        if len(term) > 1 and len(term.split()) <= 8 and not NO_TERM.match(term):
            yield term


def defined_terms_used(text: str, terms: Mapping[str, Clause]) -> tuple[Clause, ...]:
    """Return the clauses that define the terms *text* uses, the longest term first, never *text* itself."""
    found: list[Clause] = []
    rest = text.lower()
    for term in sorted(terms, key=lambda term: (-len(term), term)):
        uses = re.compile(rf"(?<!\w){re.escape(term)}(?!\w)")
        if not uses.search(rest):
            continue
        # A shorter term inside a longer one is not a use of its own.
        rest = uses.sub("\0", rest)
        if terms[term].text != text and terms[term] not in found:
            found.append(terms[term])
    return tuple(found)


EXCEPTION = re.compile(
    r"\b(?:unless|except(?:ing)?|with the exception of|apart from|other than|save (?:for|where|in|when|with)"
    r"|(?:as|so) long as|on condition that|in exceptional circumstances|the only exceptions?"
    r"|(?<!not )only (?:if|when|where|once|after|with|by))\b"
    rf"|{PROVIDED}|\bsubject to (?:[\w'’]+ ){{0,4}}?{LEAVE_GIVEN}\b"
    r"|(?<!line )(?<!ance )(?<!tion )\bwith(?:out)?\b"
    rf"(?: (?!(?:and|or|but|to)\b)[\w'’-]+){{0,7}}? {LEAVE_GIVEN}\b",
    re.IGNORECASE,
)
# An exception ends with its sentence, its table cell, or the reason given for it.
EXCEPTION_END = re.compile(r"[.;?!](?:\s|$)| \|| because ")
# "Unless the head agrees, staff must …": the comma before the rule itself.
PHRASE_END = re.compile(
    r"[,:] (?=[^.;?!]*\b(?:must|should|may|can|will|do|never|no|not|nobody|is|are|avoid)\b)"
)
# "Apart from the blog, the shop and union pages, staff must …": the comma, if any, before the rule's subject.
NAMED_END = re.compile(
    r"[,:] (?=(?:(?:all|any|every|each|other) )*(?:staff|you|we|they|adults|colleagues|employees|teachers"
    r"|everyone"
    r"|nobody|no one)\b|[^,.;?!]*\b(?:must|should|shall|ought|may|can|will|do|never|no|not|is|are|avoid"
    r"|please"
    r"|think|consider|take|keep|use)\b)"
    r"| (?=(?:staff|you|adults|colleagues|employees|teachers) (?:are|must|should|may|can|will)\b)"
)
LEAVES_OUT = ("with the exception", "apart from", "other than", "save for")
LEAVE_END = re.compile(r"[,:]| and (?!(?:the|a|an|any)\b)")


def exceptions(text: str) -> tuple[str, ...]:
    """Return the exceptions and conditions of *text*, in order, each an exact piece of it."""
    found: dict[str, None] = {}
    at = 0
    while match := EXCEPTION.search(text, at):
        at = _exception_end(text, match)
        found[text[match.start() : at].strip(" ,:")] = None
    return tuple(found)


def _exception_end(text: str, match: re.Match[str]) -> int:
    """An opening exception ends with its phrase, and so does "with" or "without" someone's leave."""
    words = match[0].lower()
    opens = text[: match.start()].rstrip()[-1:] in ("", ".", "!", "?", "|")
    ends = [EXCEPTION_END]
    if opens and words.startswith(LEAVES_OUT):
        ends.append(NAMED_END)
    elif words.startswith("with"):
        ends.append(LEAVE_END)
    elif opens and not words.startswith("the only"):
        ends.append(PHRASE_END)
    depth = 0
    for place in range(match.end(), len(text)):
        depth += {"(": 1, ")": -1}.get(text[place], 0)
        if depth < 0 or (depth == 0 and any(end.match(text, place) for end in ends)):
            return place
    return len(text)


ROLE = (
    r"(?:head ?teacher|heads? of (?:the )?(?!any\b)\w+|head(?! office)|principal|chief executive(?: officer)?"
    r"|ceo|dsl|dpo|lado|slt|senco|chair of (?:the )?\w+|governing body|board|trustees?|governors?"
    r"|leads?|leaders?|senior members? of (?:the )?(?:\w+ )?(?:staff|team)"
    r"|members? of (?:the |our )?(?:[\w/-]+ ){1,4}?teams?"
    r"|officers?|managers?|co-?ordinators?|team|office|mentor|supervisor|technicians?|administrator|director"
    r"|bursar|desk|helpdesk|police|social care|union|human resources|(?:it|ict) support)"
)
NOT_A_NAME = (
    r"(?:to|of|and|or|by|with|from|in|on|for|at|if|that|before|first|it|them|this|as|any|all|about|when|who"
    r"|which"
    r"|using|via|through|should|must|is|are|will|can|may|be|not|no|parents?|pupils?|staff|children"
    r"|immediately"
    r"|directly)\b"
)
NAME_WORD = rf"(?!{NOT_A_NAME})[\w&’'-]+ "
NAME = (
    rf"(?:{NAME_WORD}){{0,5}}?(?:(?!and/)[\w’'-]+/(?:[\w’'-]+ ){{0,3}}?)?{ROLE}\b"
    rf"(?:/(?:\w+ ){{0,3}}?{ROLE}\b)?(?!['’]s? )"
)
NAMES = rf"(?P<names>{NAME}(?:(?:,? (?:and|or) |, ){NAME}){{0,3}})"
FURTHER = r"(?:(?! \| )[^.;?!])"
# How a clause sends its reader to someone: the verb, then the word that stands before the name.
ASKED = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?:report|refer|rais|pass|hand|forward|sen[dt]|speak|talk|go|direct|escalat|tak|notif|complain)"
        rf"\w*\b{FURTHER}{{0,90}}?\bto {NAMES}",
        r"\b(?:discuss|rais|check|speak|talk|agree|share|consult|clear|log|declar|acknowledg|arrang)"
        rf"\w*\b{FURTHER}{{0,60}}?\bwith {NAMES}",
        r"\b(?:approv|authori[sz]|agree|permission|consent|sanction|clear|advice|guidance|acknowledg)"
        rf"\w*\b{FURTHER}{{0,40}}?\b(?:of|from|by|with) {NAMES}",
        rf"\b(?:tell|inform|ask|contact|notify|consult|alert|see|ring|call|telephone|e-?mail|let) {NAMES}",
        rf"\b{NAMES} (?:must|should|has to|have to|needs? to|will) (?:\w+ )?be "
        r"(?:told|informed|notified|contacted|consulted|asked)\b",
        rf"\b(?:report|tell|ask|contact|concern|question|worr|problem)[^|]*\| {NAMES} ?(?=\||$)",
        rf"\b(?P<names>(?:the|your|their|our|a|an) (?:{NAME_WORD}){{0,4}}?{ROLE})"
        rf"(?:['’]s? (?:\w+ ){{0,2}}?{LEAVE_GIVEN}"
        r"|(?: has| have)? (?:given|gives|agree|approve|authori[sz]e|sign))",
    )
)
EACH_NAME = re.compile(rf"(?<![\w’'-]){NAME}", re.IGNORECASE)


def people(text: str) -> tuple[str, ...]:
    """Return whom *text* says to ask or to tell, in order, each an exact piece of it."""
    spans = {match.span("names") for pattern in ASKED for match in pattern.finditer(text)}
    names = (match for start, end in sorted(spans) for match in EACH_NAME.finditer(text, start, end))
    return tuple(dict.fromkeys(match[0] for match in names))
