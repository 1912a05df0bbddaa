"""The first page of signing in: in sample mode one chooses who to be, in real mode how to sign in."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.domain.schools import School, role_name
from bot.errors import NotAllowed
from bot.web import signin_account, signin_code
from bot.web.entering import enter, leave, numbers, signing
from bot.web.guard import SIGN_IN
from bot.web.pages import Here, May, Page, go, show

TEACHER = "teacher"
"""The member of staff that every sample school has beside its listed people."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody to be."""

    id: str
    name: str
    roles: str


@dataclass(frozen=True, slots=True)
class ShownSchool:
    """A school and the people one can be there."""

    id: str
    name: str
    people: tuple[Shown, ...]


def first(here: Here) -> Response:
    """In sample mode the schools and their people, in real mode the ways of signing in."""
    if here.parts.sample:
        return show(here, "sign_in_sample.html", schools=_shown(here.parts.schools))
    if here.session:
        return go("/")
    account = signing(here).openid is not None
    return show(here, "sign_in.html", account=account, ring=numbers(here.parts.schools))


def become(here: Here) -> Response:
    """Sign in as the person chosen; in sample mode alone."""
    if not here.parts.sample:
        raise NotAllowed("sample sign-in in real mode")
    school = here.parts.schools.get(here.said("school"))
    if school is None:
        raise NotAllowed("no such school")
    return enter(here, Known(school, _reporter(school, here.said("person"))))


PAGES = (
    Page(SIGN_IN, May.ANYBODY, get=first, post=become),
    *signin_account.PAGES,
    *signin_code.PAGES,
    Page("/sign-out", May.STAFF, post=leave),
)


def _shown(schools: Mapping[str, School]) -> list[ShownSchool]:
    return [ShownSchool(each.id, each.name, tuple(_people(each))) for each in schools.values()]


def _people(school: School) -> list[Shown]:
    staff = [Shown(TEACHER, "Jo Mint", "teacher: asks and reports")]
    for person in school.people:
        held = [role_name(role) for role, ids in school.roles.items() if person.id in ids]
        staff.append(Shown(person.id, person.name or person.id, ", ".join(held)))
    return staff


def _reporter(school: School, chosen: str) -> Reporter:
    if chosen == TEACHER:
        return Reporter(f"jo.mint@{school.id}.example.org", "Jo Mint")
    person = next((each for each in school.people if each.id == chosen), None)
    if person is None:
        raise NotAllowed("no such person")
    return Reporter(person.email or person.id, person.name or person.id, person.id)
