"""The copy that somebody may have of their own data: a draft until a person has considered each exemption."""

from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from bot.domain.packs import PackFile
from bot.domain.subject_access import EXEMPTIONS, Considered, SubjectRequest
from bot.errors import BotError, EvidenceDamaged, FormError, IllegalMove, NeedsReason, NotAllowed
from bot.exporting import Order
from bot.web.case_doing import kept
from bot.web.case_files import sent_file
from bot.web.case_memory import Memory
from bot.web.case_page import asks_why, case_of
from bot.web.pages import Here, May, Page, go, show

COPY, LIST = "copy", "list"
_BLANK, _CHOOSE = "This cannot be left blank.", "Please choose one."
_HALF = "Say whether it applies, and why; or leave both empty for now."


def form(here: Here) -> Response:
    """Whose data it is, each exemption, and why it may go on where others are still at work."""
    return _page(here)


def make(here: Here) -> Response:
    """Make the copy, or the list of what was removed from it, which stays inside; nothing is left behind."""
    return kept(here, _made, _page)


def _made(here: Here) -> Response:
    try:
        request = _request(here)
    except FormError as error:
        return _page(here, dict(error.fields))
    folder = TemporaryDirectory(prefix="staffroom-")
    try:
        made = _written(here, Path(folder.name), request)
    except BotError as error:
        folder.cleanup()
        if isinstance(error, NotAllowed | IllegalMove | EvidenceDamaged):
            return _page(here, {"held": error.user_message})
        raise
    except BaseException:
        folder.cleanup()
        raise
    return sent_file(here, folder, made)


def _written(here: Here, folder: Path, request: SubjectRequest) -> PackFile:
    case, person, exporting = case_of(here), here.member.person, here.parts.exporting
    inside = here.said("make") == LIST
    state = "release" if request.released_by else "draft"
    ending = ".zip.age" if here.school.person(person).age else ".zip"
    name = f"{'INSIDE-' if inside else ''}{case}-subject-{state}{ending}"
    wanted = Order(here.school.id, case, person, folder / name, here.said("reason").strip())
    if inside:
        return exporting.subject_list(wanted, request)
    return exporting.subject_copy(wanted, request)


def _request(here: Here) -> SubjectRequest:
    """What was filled in; raises `FormError` for all that is wrong with it, at once."""
    faults = {} if here.said("about") else {"about": _CHOOSE}
    if not here.said("reason").strip():
        faults["reason"] = _BLANK
    considered = {}
    for key in EXEMPTIONS:
        applies, why = here.said(f"applies-{key}"), here.said(f"why-{key}").strip()
        if applies in ("yes", "no") and why:
            considered[key] = Considered(applies == "yes", here.signed_in.reporter.name, why)
        elif applies or why:
            faults[f"why-{key}"] = _HALF
    if faults:
        raise FormError(faults)
    released = here.signed_in.reporter.name if here.said("release") == "yes" else ""
    return SubjectRequest(here.said("about"), considered, here.said("despite").strip(), released)


def _page(here: Here, faults: dict[str, str] | None = None) -> Response:
    case = case_of(here)
    memory = Memory.of(here, case)
    reason = memory.still_here if faults else memory.reason
    try:
        view = here.parts.casework.open_case(here.member, case, reason)
    except NeedsReason as error:
        return asks_why(here, error.user_message) if here.fields else go(f"/cases/{case}")
    numbered = enumerate(view.parties, start=1)
    return show(
        here,
        "subject_access.html",
        422 if faults else 200,
        case=case,
        people=[(f"P{at}", each.name or each.handle, each.role.value) for at, each in numbered],
        exemptions=EXEMPTIONS,
        encrypted=bool(here.school.person(here.member.person).age),
        faults=faults or {},
        copy=COPY,
        list=LIST,
    )


PAGES = (Page("/cases/{case}/subject-access", May.PERSON, get=form, post=make),)
