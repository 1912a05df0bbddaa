"""The page of one person of a case: every case naming them, who is linked with them, and by which case."""

from starlette.responses import Response

from bot.casework.relating import Around, Linked, Standing
from bot.domain.notice_details import REASONS
from bot.errors import IllegalMove, NeedsReason
from bot.web import case_words
from bot.web.case_memory import Memory
from bot.web.case_page import NO_REASON, case_of
from bot.web.pages import Here, May, Page, go, show


def person(here: Here) -> Response:
    """Whoever has that number in the case; their name is in no address."""
    return _page(here)


def give_reason(here: Here) -> Response:
    """Say why they look at the people of other cases, which holds for half an hour (SAFETY 22)."""
    reason = ": ".join(each for each in (here.said("reason"), here.said("own").strip()) if each)
    if not reason:
        return _page(here, NO_REASON)
    # First whether the case is theirs, and there is such a person at all.
    answer = _page(here)
    if answer.status_code == 200:
        _memory(here).keep_reason(reason)
        return go(f"/cases/{case_of(here)}/person/{here.number('number')}")
    return answer


def _page(here: Here, fault: str = "") -> Response:
    case, work = case_of(here), here.parts.casework
    try:
        # A look at somebody of the case is a look at the case, with its reason and its row in the log.
        work.open_case(here.member, case, Memory.of(here, case).reason)
        found = work.people_around(here.member, case, here.number("number"), _memory(here).reason)
    except (NeedsReason, IllegalMove):
        return go(f"/cases/{case}")
    return show(
        here,
        "person.html",
        422 if fault else 200,
        case=case,
        found=found,
        fault=fault,
        reasons=REASONS,
        forms=here.parts.forms,
        now=here.parts.clock(),
        words=case_words,
        standing=_standing,
        cases=_cases,
        in_case=_in_cases(found),
    )


def _memory(here: Here) -> Memory:
    """What is remembered of the reason to look at other cases' people, from this case."""
    return Memory.of(here, f"{case_of(here)}/people")


def _standing(each: Standing) -> str:
    """What they are in one case: "target, pupil"."""
    return f"{each.role.value}, {each.category}" if each.category else each.role.value


def _cases(each: Linked) -> dict[str, str]:
    """Case → what *each* is in it."""
    found: dict[str, str] = {}
    for standing in each.standings:
        said = _standing(standing)
        found[standing.case] = f"{found[standing.case]}; {said}" if standing.case in found else said
    return found


def _in_cases(found: Around) -> dict[str, str]:
    """Case → what the person of the page is in it, where its people may be shown."""
    return _cases(Linked(found.party.name, found.party.handle, found.standings))


PAGES = (Page("/cases/{case}/person/{number}", May.PERSON, get=person, post=give_reason),)
