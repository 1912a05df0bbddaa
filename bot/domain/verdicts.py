"""The fixed words around a quote: the verdict line, whom to ask, whom to tell. Pure."""

import re
from dataclasses import replace

from bot.domain.answers import Citation, Contact, Outcome, Stance
from bot.domain.schools import School, role_name
from bot.domain.triage import Form

NOT_COVERED = "The policy has no clause on this."
NEAREST = "No clause answers this for certain. The nearest ones, without a verdict:"

_SOFT = re.compile(r"\b(?:should(?:n['’]t)?|advised|advisable|ought)\b", re.I)
_HARD = re.compile(
    r"\b(?:must|never|not permitted|not allowed|prohibited|forbidden|banned|may not|cannot|can ?not|can['’]t"
    r"|no circumstances|do not|don['’]t|required|shall|will)\b|\bno\b",
    re.I,
)
_WORDS = {
    Stance.CONDITIONAL: "Only on a condition",
    Stance.CAUTION: "Advises care",
    Stance.ALLOWED: "Allows",
    Stance.INFO: "Explains, with no rule of its own",
}
_PUPIL = re.compile(
    r"\b(?:pupils?|students?|child(?:ren)?|kids?|lads?|girls?|boys?|teenagers?|young (?:people|person)"
    r"|minors?"
    r"|(?:y|yr|year) ?\d{1,2}s?|class|sixth[- ]?form\w*|ks\d|leavers?|tutees?|one of my)\b",
    re.I,
)
_CONTACT = re.compile(
    r"\b(?:contact\w*|friend\w*|unfriend\w*|follow\w*|add(?:s|ed|ing)?|messag\w*|dms?|dm['’]?\w+|text\w*"
    r"|chat\w*"
    r"|repl(?:y|ies|ied|ying)|communicat\w*|accept\w*|request\w*|connect\w*|call(?:s|ed|ing)?|ring|e-?mail\w*"
    r"|snap\w*|whatsapp\w*|insta\w*|discord|group|gam(?:e|es|ing)|play\w*|tutor\w*|meet\w*|lift|gifts?)\b",
    re.I,
)
# Staff's titles for the people whom school.toml knows by role; the first match in the clause's words counts.
_TITLES = (
    ("deputy_dsl", re.compile(r"\bdeput\w+ (?:designated )?(?:safeguarding|dsl)|\bddsl\b", re.I)),
    (
        "dsl",
        re.compile(
            r"\bdsl\b|safeguarding (?:lead|officer)|designated safeguarding|child protection lead", re.I
        ),
    ),
    ("chair", re.compile(r"\bchair\b", re.I)),
    (
        "head",
        re.compile(r"\b(?:head ?teacher|head of school|principal|executive head|the head|head)\b", re.I),
    ),
    ("lado", re.compile(r"\blado\b|designated officer", re.I)),
    ("prevent", re.compile(r"\bprevent (?:team|lead|officer)", re.I)),
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
    return f"{stance_words(citation)}{condition} ({citation.reference})"


def stance_words(citation: Citation) -> str:
    """The stance in words, as strong as the clause's own verb: "Must not", "Should not", "Advises care"."""
    soft = bool(_SOFT.search(citation.quote)) and not _HARD.search(citation.quote)
    if citation.stance is Stance.PROHIBITED:
        return "Should not" if soft else "Must not"
    if citation.stance is Stance.REQUIRED:
        return "Should" if soft else "Must"
    return _WORDS[citation.stance]


def concerns_pupil_contact(question: str, citation: Citation | None) -> bool:
    """Whether contact between staff and a pupil is at stake, in the question or in its clause."""
    words = question if citation is None else f"{question} {citation.quote}"
    return bool(_PUPIL.search(words) and _CONTACT.search(words))


def contact(school: School, role: str) -> Contact:
    """The holder of *role* at *school* with the number to ring; the role alone where nobody holds it."""
    names = " or ".join(person.name for person in school.holders(role) if person.name)
    return Contact(role_name(role), names, school.telephone(role))


def to_ask(school: School, citation: Citation | None) -> tuple[Contact, ...]:
    """Whom the clause names, with numbers where the role is known; without a clause, the DSL and the head."""
    if citation is None or not citation.ask:
        return _distinct(school, ("dsl",) if citation else ("dsl", "head"))
    contacts: list[Contact] = []
    for words in citation.ask:
        role = _role_of(words, school)
        named = contact(school, role) if role else Contact(words)
        if named not in contacts:
            contacts.append(Contact(words, named.name, named.telephone) if role else named)
    return tuple(dict.fromkeys(contacts))


def to_tell(
    school: School, form: Form | None, question: str, citation: Citation | None
) -> tuple[Contact, ...]:
    """Whom to tell: of what has happened, those its form goes to; of contact with a pupil, the DSL always."""
    if form is Form.ADULT_CONCERN:
        return about_an_adult(school)
    if form is None and not concerns_pupil_contact(question, citation):
        return ()
    route = school.routing.get(form or Form.FRIEND_REQUEST)
    named = route.to if route else ()
    # SAFETY 13: what touches a pupil reaches the DSL; abuse of staff the head, where no clause says whom.
    always = ("head",) if form is Form.TROLLING and not (route and route.clause) else ()
    return _distinct(school, dict.fromkeys(("dsl", *named, *always)))


def about_an_adult(school: School) -> tuple[Contact, ...]:
    """SAFETY 14: the head and not the DSL; about the head, the chair; the LADO where neither is safe."""
    chair, lado = contact(school, "chair"), contact(school, "lado")
    return (
        contact(school, "head"),
        replace(chair, role=f"about the head: {chair.role}"),
        replace(lado, role=f"where neither is safe: {lado.role}"),
    )


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


def _role_of(words: str, school: School) -> str:
    own = next((role for role in school.roles if role.replace("_", " ") in words.casefold()), "")
    titled = next((role for role, title in _TITLES if title.search(words)), "")
    return titled or (own if len(own) > 3 else "")
