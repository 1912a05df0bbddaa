"""The pages of a school's policies: each as clauses with their stance, the one asked about in its place."""

from dataclasses import dataclass

from starlette.responses import Response

from bot.domain import answer_words
from bot.domain.answers import Citation, PolicyRead
from bot.errors import NotAllowed
from bot.web.pages import Here, May, Page, show


@dataclass(frozen=True, slots=True)
class Section:
    """The clauses below one heading, in order."""

    heading: str
    clauses: tuple[Citation, ...]


def listed(here: Here) -> Response:
    """Every policy of the school: how old it is, how much of it could be read, and why not."""
    return show(here, "policies.html", documents=here.parts.policies.documents(here.school.id))


def document(here: Here) -> Response:
    """One policy as its clauses; the one in the address is marked, and shown first where it is long."""
    policy = _policy(here)
    clauses = here.parts.policies.clauses(here.school.id, policy.title)
    wanted = (here.asked("clause"), here.asked("item"))
    marked = next((each for each in clauses if (each.clause, each.item) == wanted), None)
    return show(
        here,
        "policy.html",
        policy=policy,
        sections=_sections(clauses),
        marked=marked,
        words=answer_words,
        tags=STANCE_TAGS,
    )


STANCE_TAGS = {
    "prohibited": "stop",
    "conditional": "caution",
    "caution": "caution",
    "allowed": "good",
    "required": "",
    "info": "",
}
"""Stance → the colour of its tag; the word stands in it, for colour alone says nothing."""

PAGES = (
    Page("/policies", May.STAFF, get=listed),
    Page("/policies/{number:int}", May.STAFF, get=document),
)


def _policy(here: Here) -> PolicyRead:
    number = int(here.path("number"))
    documents = here.parts.policies.documents(here.school.id)
    if not 1 <= number <= len(documents):
        raise NotAllowed("no such policy", "There is no such policy here.")
    return documents[number - 1]


def _sections(clauses: tuple[Citation, ...]) -> list[Section]:
    sections: list[Section] = []
    for clause in clauses:
        if sections and sections[-1].heading == clause.section:
            sections[-1] = Section(clause.section, (*sections[-1].clauses, clause))
        else:
            sections.append(Section(clause.section, (clause,)))
    return sections
