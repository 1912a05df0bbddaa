"""A page: its path, who may see it, and the function that answers; every route of ours is one of these."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.casework.room import Member
from bot.domain.gate import STAYS_STOPPED, UNASKED_FILE
from bot.domain.openings import ids, may_be_told
from bot.domain.reports import Upload
from bot.domain.schools import School, role_name
from bot.errors import NotAllowed
from bot.sessions import Session
from bot.web.parts import Parts


class May(Enum):
    """Who may see a page at all; whose case it is, the use case decides each time (SAFETY 15)."""

    ANYBODY = "anybody"
    """Without signing in: the sign-in itself, style, what is said to whoever is turned away."""
    STAFF = "staff"
    """Everybody signed in at a school, guests too (SAFETY 31)."""
    PERSON = "a listed person"
    """Somebody with an entry in `school.toml`."""
    HEAD = "head"
    """A holder of the role "head"."""
    OVERSEER = "a head, or whoever is told in a head's place"
    """Who sees "who opened what, why": for the head's own openings somebody else (SAFETY 22)."""


MENU = (
    ("/", "Ask", May.STAFF),
    ("/report", "Report", May.STAFF),
    ("/mine", "My reports", May.STAFF),
    ("/cases", "Cases", May.PERSON),
    ("/policies", "Policies", May.STAFF),
    ("/insights", "Insights", May.PERSON),
    ("/audit", "Audit", May.HEAD),
    ("/audit/openings", "Who opened what", May.OVERSEER),
)
LONGEST_NUMBER = 6
RING = ("dsl", "deputy_dsl", "head", "social_care", "social_care_out_of_hours", "lado")


@dataclass(frozen=True, slots=True)
class Here:
    """One request, with who makes it: all that a page needs."""

    request: Request
    parts: Parts
    session: Session | None
    fields: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What was posted: name → values; the csrf token is checked and gone."""
    uploads: Sequence[Upload] = ()
    refused: str = ""
    """Why what was posted was not read to its end, on the page that the form stands on; "" for nothing."""

    @property
    def signed_in(self) -> Session:
        """The session; raises `NotAllowed` on a page that nobody had to sign in for."""
        if self.session is None:
            raise NotAllowed("not signed in")
        return self.session

    @property
    def school(self) -> School:
        """The school of whoever is signed in."""
        return self.parts.schools[self.signed_in.school]

    @property
    def member(self) -> Member:
        """Whoever is signed in, as casework knows them."""
        return Member(self.signed_in.school, self.signed_in.person)

    @property
    def menu(self) -> tuple[tuple[str, str], ...]:
        """The pages that whoever is signed in may see, as path and label."""
        # A head finds the openings from the page of the log.
        left_out = {"/audit/openings"} if self.allows(May.HEAD) else set()
        shown = ((path, label) for path, label, may in MENU if self.allows(may))
        return tuple(each for each in shown if each[0] not in left_out)

    @property
    def numbers(self) -> tuple[tuple[str, str], ...]:
        """Whom to ring, as role and number, in the order of `RING`."""
        return numbers_of(self.school)

    @property
    def ring(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """Schools by name, each with whom to ring: every one where nobody is signed in (SAFETY 31)."""
        here = self.parts.schools.values() if self.session is None else (self.school,)
        return tuple((each.name, numbers_of(each)) for each in sorted(here, key=lambda each: each.name))

    @property
    def written(self) -> tuple[str, ...]:
        """What was posted and reads as words, each once: what somebody would not want to lose."""
        values = (each.strip() for said in self.fields.values() for each in said)
        return tuple(dict.fromkeys(each for each in values if " " in each))

    def allows(self, may: May) -> bool:
        """Whether whoever makes this request may see a page of that kind."""
        if may is May.ANYBODY or self.session is None:
            return may is May.ANYBODY
        person = self.session.person
        return {
            May.STAFF: True,
            May.PERSON: bool(person),
            May.OVERSEER: may_be_told(self.school, person),
        }.get(may, person in ids(self.school, "head"))

    def is_at(self, path: str) -> bool:
        """Whether this request is for *path* or a page below it."""
        here = self.request.url.path
        return here == path or (path != "/" and here.startswith(f"{path}/"))

    def said(self, name: str) -> str:
        """The one value of the field *name*, or ""."""
        return next(iter(self.fields.get(name, ())), "")

    def path(self, name: str) -> str:
        """A part of the address, such as the number of a case."""
        return str(self.request.path_params[name])

    def number(self, name: str) -> int:
        """A part of the address as a number; 0, which nothing has, for what is none or is far too long."""
        said = self.path(name)
        return int(said) if said.isdecimal() and len(said) <= LONGEST_NUMBER else 0

    def asked(self, name: str) -> str:
        """A value of the query, or ""."""
        return self.request.query_params.get(name, "")


def numbers_of(school: School) -> tuple[tuple[str, str], ...]:
    """Whom to ring at *school*, as role and number, in the order of `RING`."""
    return tuple((role_name(role), school.telephone(role)) for role in RING if school.telephone(role))


Answer = Callable[[Here], Response]


@dataclass(frozen=True, slots=True)
class Page:
    """One route: *get* shows, *post* does."""

    path: str
    may: May
    get: Answer | None = None
    post: Answer | None = None
    takes_files: bool = False
    """Whether a post may carry files; elsewhere a file is refused unread (SAFETY 1, 2)."""
    files_now: Callable[[Here], bool] | None = None
    """Whether this very post may carry files, of a page that takes them; None where any may."""
    before: Callable[[Here], Response | None] | None = None
    """Asked before anything of a post is read; what it answers is answered instead."""


_TEMPLATES = Environment(
    loader=PackageLoader("bot.web", "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# What is said to a file that is dropped or pasted where none is taken (SAFETY 2).
_TEMPLATES.globals |= {
    "unasked": f"{UNASKED_FILE} To pass a file on, begin a report, which asks this.",
    "stopped": STAYS_STOPPED,
}


def show(here: Here, template: str, status: int = 200, **values: Any) -> Response:
    """Draw *template*; it always has `here`, `school` (None when nobody is signed in) and `sample`."""
    school = here.parts.schools.get(here.session.school) if here.session else None
    drawn = _TEMPLATES.get_template(template).render(
        here=here,
        session=here.session,
        school=school,
        sample=here.parts.sample,
        csrf=here.session.csrf if here.session else "",
        **values,
    )
    return HTMLResponse(drawn, status)


def go(path: str) -> Response:
    """Go on to *path* after something was done, so that the back button does it no second time."""
    return RedirectResponse(path, 303)
