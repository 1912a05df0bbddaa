"""The fixed words around a quote: the verdict line, whom to ask, whom to tell. Pure."""

import re
from dataclasses import replace

from bot.domain.answers import Citation, Contact, Outcome, Stance
from bot.domain.naming import named_in, role_of
from bot.domain.schools import ROLE_NAMES, School, role_name
from bot.domain.triage import ABOUT_ADULT, Form
from bot.domain.triage_rules import plain

NOT_COVERED = "The policy has no clause on this."
NEAREST = "No clause answers this for certain. The nearest ones, without a verdict:"
NO_NUMBER = "number not given"

_SOFT = re.compile(r"\b(?:should(?:n['’]t)?|advised|advisable|ought)\b", re.I)
# Which words make a rule a hard one depends on what the rule does: "may not" asks nothing of anybody.
_HARD = {
    Stance.PROHIBITED: re.compile(
        r"\b(?:must(?:n['’]t)?|never|(?:not|nor) (?:permitted|allowed|acceptable)|prohibited|forbidden|banned"
        r"|(?:may|do|shall|will) not|cannot|can ?not|can['’]t|don['’]t|no circumstances)\b",
        re.I,
    ),
    Stance.REQUIRED: re.compile(
        r"\b(?:must|shall|required|(?:has|have|needs?) to|obliged|imperative)\b", re.I
    ),
}
_QUESTION = re.compile(r"[^.!?]*\?")
_WORDS = {
    Stance.CONDITIONAL: "Only on a condition",
    Stance.CAUTION: "Advises care",
    Stance.ALLOWED: "Allows",
    Stance.INFO: "Gives information",
}
_CHILD = (
    r"\b(?:pupils?|students?|child(?:ren)?|kids?|lads?|girls?|boys?|teenagers?|young (?:people|person)"
    r"|minors?|sons?|daughters?|(?:y|yr|year) ?\d{1,2}s?|sixth[- ]?form\w*|leavers?|tutees?)\b"
)
_PUPIL = re.compile(_CHILD, re.I)
# What staff say for pupils; in a policy these words are about anything.
_MINE = re.compile(rf"{_CHILD}|\b(?:class|ks\d|one of my|(?:tutor|form) group)\b", re.I)
_CONTACT = re.compile(
    r"\b(?:contact\w*|friend\w*|unfriend\w*|(?<!as )(?<!the )follow\w*(?! the polic)|add(?:s|ed|ing)?"
    r"|messag\w*|dms?|dm['’]?\w+|text(?:s|ed|ing)?|chat(?:s|ted|ting|room)?|repl(?:y|ies|ied|ying)|communicat\w*"
    r"|accept(?:s|ed|ing)?|request\w*|connect\w*|call(?:s|ed|ing)?|ring|e-?mail\w*|snap\w*|whatsapp\w*"
    r"|insta\w*|discord|group|gam(?:e|es|ing)|play\w*(?=[^.?!]* with\b)|tutor\w*|meet\w*|lift|gifts?)\b",
    re.I,
)
# Whom a question is about when it names no pupil: a clause that mentions children makes it no other question.
_OTHERS = re.compile(
    r"\b(?:parents?|carers?|mums?|dads?|mothers?|fathers?|famil(?:y|ies)|colleagues?|governors?|neighbours?)\b",
    re.I,
)
# The sentence of a clause that permits, and the words by which it may mean pupils named before it.
_PERMITS = re.compile(
    r"\b(?:may|can|allow\w*|permit\w*|acceptable|fine|welcome|free to|ok(?:ay)?|exceptions?)\b", re.I
)
_FORBIDS = re.compile(r"\b(?:not|no|nothing|nobody|none|never|neither|nor)\b|n['’]t\b", re.I)
_SENTENCE = re.compile(r"[^.!?;]+")
_THEM = re.compile(r"\b(?:they|them|their|these|those|such|who|whom|this)\b", re.I)
_WORRY = re.compile(
    r"\b(?:if|when|worr\w+|concern\w*|niggl\w*|tell|report\w*|low[- ]level|complain\w*|notic\w+|saw|seen"
    r"|uneasy|inappropriate\w*)\b",
    re.I,
)
_OWN_SLIP = re.compile(
    r"\bby (?:mistake|accident)\b|\baccident(?:al)?ly\b"
    r"|\bi(?:['’]ve| have)? (?:\w+ )?(?:accepted|added|followed|liked|said yes)\b",
    re.I,
)
# How a condition opens that forbids; those that allow ("with the approval of") never open so.
_BANNED_IF = re.compile(
    r"(?:if|where|when(?:ever)?|wherever|in so far|insofar|to the extent)\b"
    r"|in (?:cases|situations|circumstances)\b",
    re.I,
)


def verdict(outcome: Outcome, citation: Citation | None) -> str:
    """
    The one line above the quote: what the *clause* says, never what the person may do.

    Exceptions are quoted from the clause; all other words are fixed here.
    """
    if outcome is Outcome.NONE or citation is None:
        return NOT_COVERED
    if outcome is Outcome.NEAREST:
        return NEAREST
    condition = f", “{citation.exceptions[0]}”" if citation.exceptions else ""
    if citation.stance is Stance.CONDITIONAL and not condition:
        condition = ", which the clause states"
    return f"{stance_words(citation)}{condition} ({citation.reference})"


def _bans_on_condition(citation: Citation) -> bool:
    """Whether the condition is what makes the thing forbidden: "must not … if that contact …"."""
    return bool(citation.exceptions) and bool(_BANNED_IF.match(citation.exceptions[0]))


def stance_words(citation: Citation) -> str:
    """The stance in words, as strong as the clause's own verb: "Must not", "Should not", "Advises care"."""
    if citation.stance is Stance.PROHIBITED or (
        citation.stance is Stance.CONDITIONAL and _bans_on_condition(citation)
    ):
        return "Should not" if _is_soft(citation) else "Must not"
    if citation.stance is Stance.REQUIRED:
        return "Should" if _is_soft(citation) else "Must"
    return _WORDS[citation.stance]


def _is_soft(citation: Citation) -> bool:
    """Whether "should" is the first verb that rules; in a question ("What should I do?") it rules nothing."""
    words = _QUESTION.sub(" ", citation.quote)
    rule = Stance.REQUIRED if citation.stance is Stance.REQUIRED else Stance.PROHIBITED
    soft, hard = _SOFT.search(words), _HARD[rule].search(words)
    return soft is not None and (hard is None or soft.start() < hard.start())


def concerns_pupil_contact(question: str, citation: Citation | None) -> bool:
    """Whether contact between staff and a pupil is at stake, in the question or in its clause."""
    asked = bool(_MINE.search(question))
    if _OTHERS.search(question) and not asked:
        return False
    quote = citation.quote if citation else ""
    quoted = bool(_PUPIL.search(quote))
    return bool(((asked or quoted) and _CONTACT.search(question)) or (quoted and _CONTACT.search(quote)))


def outcome_for(question: str, found: Outcome, citation: Citation | None) -> Outcome:
    """
    How *found* is shown: a clause that permits something between adults is no answer on contact with a pupil.

    "Groups for staff are allowed", asked of a group with a year, would read as leave to have one; the clauses
    are then shown without a verdict. So a permission stands only where what permits speaks of pupils.
    """
    permits = found is Outcome.ANSWER and citation is not None and citation.stance is Stance.ALLOWED
    asked = _MINE.search(question) and _CONTACT.search(question)
    if citation is None or not permits or not asked or _permits_for_pupils(citation):
        return found
    return Outcome.NEAREST


def _permits_for_pupils(citation: Citation) -> bool:
    """Whether what permits in *citation*, its lead-in or its heading names pupils, or means those named."""
    if _PUPIL.search(f"{citation.section}. {citation.lead}"):
        return True
    sentences = _SENTENCE.findall(citation.text)
    permitting = [words for words in sentences if _PERMITS.search(words) and not _FORBIDS.search(words)]
    if not permitting or any(_THEM.search(words) for words in permitting):
        return bool(_PUPIL.search(citation.text))
    return any(_PUPIL.search(words) for words in permitting)


def contact(school: School, role: str) -> Contact:
    """The holder of *role* at *school* and the number; for a role that all know, a missing one is said."""
    names = " or ".join(dict.fromkeys(person.name for person in school.holders(role) if person.name))
    missing = NO_NUMBER if role in ROLE_NAMES else ""
    return Contact(role_name(role), names, school.telephone(role) or missing)


def to_ask(school: School, citation: Citation | None) -> tuple[Contact, ...]:
    """Whom the clause names, with numbers where the role is known; without a clause, the DSL and the head."""
    if citation is None or not citation.ask:
        return _distinct(school, ("dsl",) if citation else ("dsl", "head"))
    contacts: dict[str, Contact] = {}
    for words in citation.ask:
        role = role_of(school, words)
        named = replace(contact(school, role), role=words) if role else Contact(words)
        contacts.setdefault(role or words.casefold(), named)
    return tuple(contacts.values())


def to_tell(
    school: School, form: Form | None, question: str, citation: Citation | None
) -> tuple[Contact, ...]:
    """Whom to tell: of what has happened, those its form goes to; of contact with a pupil, the DSL always."""
    if form is Form.ADULT_CONCERN:
        return about_an_adult(school, question)
    if form is None and not concerns_pupil_contact(question, citation):
        return ()
    route = school.routing.get(form or Form.FRIEND_REQUEST)
    named = route.to if route else ()
    # SAFETY 13: what touches a pupil reaches the DSL. SAFETY 32: of abuse of staff, their employer hears too.
    # SAFETY 16: of the sender's own slip too.
    slip = form is Form.FRIEND_REQUEST and is_own_slip(question)
    always = ("head",) if form is Form.TROLLING or slip else ()
    return _distinct(school, dict.fromkeys(("dsl", *named, *always)))


def is_own_slip(message: str) -> bool:
    """Whether *message* tells of something the sender did ("I accepted by mistake")."""
    return bool(_OWN_SLIP.search(message))


def about_an_adult(school: School, message: str = "") -> tuple[Contact, ...]:
    """
    SAFETY 14: the head and not the DSL; about the head, the chair; the LADO where neither is safe.

    By person: whoever *message* names by role or name is left out, and the next in the chain comes first.
    """
    chair, lado = contact(school, "chair"), contact(school, "lado")
    chain = [
        ("head", contact(school, "head")),
        ("chair", replace(chair, role=f"about the head: {chair.role}")),
        ("lado", replace(lado, role=f"where neither is safe: {lado.role}")),
    ]
    concerned = named_in(school, message)
    return tuple(
        named
        for role, named in chain
        if not concerned or not concerned & {person.id for person in school.holders(role)}
    )


def asks_about_an_adult(question: str) -> bool:
    """Whether *question* asks what to do about an adult who works or helps here, however small the worry."""
    return ABOUT_ADULT.found_in(plain(question)) and bool(_WORRY.search(question))


def if_about_an_adult(school: School, question: str = "") -> tuple[Contact, ...]:
    """`about_an_adult` for a question, which may be about something else after all."""
    head, *others = about_an_adult(school, question)
    if head.role != role_name("head"):
        return (head, *others)
    same = set(school.holders("head")) & set(school.holders("dsl"))
    whom = head.role if same else f"not the DSL but the {head.role}"
    return (replace(head, role=f"about an adult who works or helps here: {whom}"), *others)


def _distinct(school: School, roles: "tuple[str, ...] | dict[str, None]") -> tuple[Contact, ...]:
    """One contact a person: where the head is the DSL, nobody is named twice."""
    seen: set[str] = set()
    contacts: list[Contact] = []
    for role in roles:
        holders = {person.id for person in school.holders(role)}
        if holders and holders <= seen:
            continue
        seen |= holders
        contacts.append(contact(school, role))
    return tuple(contacts)
