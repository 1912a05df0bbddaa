"""The pages of a school's policies: each as clauses with their stance, the one asked about in its place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from starlette.responses import Response

from bot.domain import answer_words
from bot.domain.answers import Citation, PolicyRead, Stance
from bot.domain.schooldays import local
from bot.errors import NotAllowed
from bot.web import coming_back
from bot.web.pages import Here, May, Page, show

SOON = timedelta(days=60)
"""So long before a review is due that is said: about a half-term and its holiday."""
MOST_FOUND = 50
SECTIONS_AROUND = 1
"""How many sections stand before and after the clause, where a document has no pages."""


@dataclass(frozen=True, slots=True)
class Section:
    """The clauses below one heading, in order."""

    heading: str
    clauses: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One policy in the list, under the number that its page has."""

    number: int
    read: PolicyRead
    soon: bool
    """Whether its review is due before long."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Which clauses are wanted; *words* must all stand in one, wherever."""

    stance: str = ""
    words: str = ""

    @classmethod
    def of(cls, here: Here) -> "Sought":
        """What was posted: somebody's words stand in no address, for they may tell of a case (SAFETY 29)."""
        stance = here.said("stance")
        return cls(stance if stance in set(Stance) else "", " ".join(here.said("words").split())[:200])

    def __bool__(self) -> bool:
        return bool(self.stance or self.words)

    def fits(self, clause: Citation) -> bool:
        """Whether *clause* is one of those wanted."""
        said = f"{clause.reference} {clause.section} {clause.quote}".casefold()
        has_words = all(word in said for word in self.words.casefold().split())
        return has_words and self.stance in ("", clause.stance.value)


def listed(here: Here) -> Response:
    """Every policy of the school: how old it is, how much of it could be read and why not; and a search."""
    policies, sought = _listed(here), Sought.of(here)
    found = list(_found(here, policies, sought)) if sought else []
    return show(
        here,
        "policies.html",
        policies=policies,
        sought=sought,
        found=found[:MOST_FOUND],
        count=len(found),
        stances=tuple(Stance),
        words=answer_words,
        tags=STANCE_TAGS,
    )


def document(here: Here) -> Response:
    """One policy as its clauses; the one in the address is marked, with the pages around it."""
    policy = _policy(here)
    clauses = here.parts.policies.clauses(here.school.id, policy.read.title)
    wanted, sought = (here.asked("clause"), here.asked("item")), Sought.of(here)
    marked = next((each for each in clauses if (each.clause, each.item) == wanted), None)
    shown = tuple(each for each in clauses if sought.fits(each)) if sought else clauses
    if marked and not sought and not here.asked("all"):
        shown = _around(clauses, marked)
    return show(
        here,
        "policy.html",
        policy=policy,
        sections=_sections(shown),
        marked=marked,
        hidden=len(clauses) - len(shown),
        sought=sought,
        stances=tuple(each for each in Stance if any(one.stance is each for one in clauses)),
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

_LIST, _SEARCH = coming_back.sought(listed, listed)
_DOCUMENT, _WITHIN = coming_back.sought(document, document)
PAGES = (
    Page("/policies", May.STAFF, get=_LIST, post=_SEARCH),
    Page("/policies/{number}", May.STAFF, get=_DOCUMENT, post=_WITHIN),
)


def _listed(here: Here) -> list[Listed]:
    due = {each.file: each.review(_today(here)).due for each in here.school.policies}
    documents = here.parts.policies.documents(here.school.id)
    return [
        Listed(number, each, _is_soon(due.get(each.file), _today(here)))
        for number, each in enumerate(documents, start=1)
    ]


def _is_soon(due: date | None, today: date) -> bool:
    return due is not None and today <= due <= today + SOON


def _today(here: Here) -> date:
    return local(here.parts.clock()).date()


def _policy(here: Here) -> Listed:
    number, policies = here.number("number"), _listed(here)
    if not 1 <= number <= len(policies):
        raise NotAllowed("no such policy", "There is no such policy here.")
    return policies[number - 1]


def _found(here: Here, policies: list[Listed], sought: Sought) -> Iterator[Citation]:
    for policy in policies:
        clauses = here.parts.policies.clauses(here.school.id, policy.read.title)
        yield from (each for each in clauses if sought.fits(each))


def _around(clauses: tuple[Citation, ...], marked: Citation) -> tuple[Citation, ...]:
    """The clauses on the page of *marked* and beside it; where there are no pages, those of its sections."""
    if marked.page:
        pages = {marked.page - 1, marked.page, marked.page + 1}
        return tuple(each for each in clauses if each.page in pages)
    sections = _sections(clauses)
    at = next(n for n, each in enumerate(sections) if any(one is marked for one in each.clauses))
    beside = sections[max(0, at - SECTIONS_AROUND) : at + SECTIONS_AROUND + 1]
    return tuple(clause for section in beside for clause in section.clauses)


def _sections(clauses: tuple[Citation, ...]) -> list[Section]:
    sections: list[Section] = []
    for clause in clauses:
        if sections and sections[-1].heading == clause.section:
            sections[-1] = Section(clause.section, (*sections[-1].clauses, clause))
        else:
            sections.append(Section(clause.section, (clause,)))
    return sections
