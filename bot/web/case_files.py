"""What a case holds as files: looking at derivatives, the original with a reason, and copies that leave."""

import logging
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from bot.domain.evidence import Derivative
from bot.domain.packs import PackFile
from bot.domain.readers import NEEDS, Reader
from bot.domain.views import CaseView
from bot.errors import (
    BotError,
    EvidenceDamaged,
    EvidenceLocked,
    FormError,
    IllegalMove,
    NeedsReason,
    NotAllowed,
)
from bot.exporting import Order
from bot.web.case_doing import kept
from bot.web.case_memory import Memory
from bot.web.case_page import asks_why, case_of
from bot.web.pages import Here, May, Page, go, show

HAND_OFF = "hand-off"
READERS = {each.value: NEEDS[each].title for each in Reader} | {
    HAND_OFF: "the school's own safeguarding system"
}
"""Who a copy can be for: what is posted → in words."""

_BYTES = 64 * 1024
_log = logging.getLogger(__name__)


def looked_at(here: Here) -> Response:
    """Everything there is to look at of one file, on a page of its own."""
    case = case_of(here)
    reason = Memory.of(here, case).reason
    try:
        found = here.parts.casework.derivatives(here.member, case, here.path("item"), reason)
    except NeedsReason:
        return go(f"/cases/{case}")
    except (EvidenceLocked, EvidenceDamaged, IllegalMove) as error:
        return _refused(here, error)
    shown = [(at, each.media_type, _text(each)) for at, each in enumerate(found, start=1)]
    return show(here, "evidence.html", case=case, item=here.path("item"), shown=shown)


def derivative(here: Here) -> Response:
    """One picture, as it was re-encoded; never the original. A text is shown on its page alone."""
    case = case_of(here)
    reason = Memory.of(here, case).reason
    try:
        casework, number = here.parts.casework, here.number("number")
        one = casework.derivative(here.member, case, here.path("item"), number, reason)
    except NeedsReason:
        return go(f"/cases/{case}")
    except (EvidenceLocked, EvidenceDamaged, IllegalMove) as error:
        return _refused(here, error)
    if one.media_type not in ("image/png", "image/jpeg"):
        return _refused(here, IllegalMove("no such picture", "There is no such picture."))
    return Response(one.content, media_type=one.media_type, headers={"content-disposition": "inline"})


def original(here: Here) -> Response:
    """The file as it was received, to be kept and never shown here; the reason is in the audit log."""
    case, item = case_of(here), here.path("item")
    try:
        found = here.parts.casework.download_original(here.member, case, item, here.said("reason"))
        # Read whole before anything is sent: what is damaged must not arrive as half a file.
        content = b"".join(found.content)
    except (FormError, EvidenceLocked, EvidenceDamaged, IllegalMove) as error:
        return _refused(here, error)
    return Response(
        content, media_type="application/octet-stream", headers=_attachment(_plain(found.item.name))
    )


def order(here: Here) -> Response:
    """Who a copy can be for, and the fingerprint that its reader is told by another way."""
    return _order_page(here)


def export(here: Here) -> Response:
    """Make the copy in a folder that nobody else can read, send it, and leave nothing of it behind."""
    return kept(here, _exported, _order_page)


def _exported(here: Here) -> Response:
    reader, reason = here.said("reader"), here.said("reason").strip()
    faults = {} if reader in READERS else {"reader": "Choose who it is for."}
    if not reason:
        faults["reason"] = "This cannot be left blank."
    if faults:
        return _order_page(here, faults)
    folder = TemporaryDirectory(prefix="staffroom-")
    try:
        made = _made(here, Path(folder.name), reader, reason)
    except BotError as error:
        folder.cleanup()
        if isinstance(error, NotAllowed | IllegalMove | EvidenceDamaged):
            return _order_page(here, {"reader": error.user_message})
        raise
    except BaseException:
        folder.cleanup()
        raise
    return sent_file(here, folder, made)


def sent_file(here: Here, folder: TemporaryDirectory[str], made: PackFile) -> Response:
    """Send what was *made* in *folder*, which is gone once it is sent."""
    _log.info("case.exported case=%s", case_of(here))
    headers = {**_attachment(made.path.name), "content-length": str(made.path.stat().st_size)}
    return StreamingResponse(_sent(folder, made.path), media_type="application/octet-stream", headers=headers)


def _made(here: Here, folder: Path, reader: str, reason: str) -> PackFile:
    case, person = case_of(here), here.member.person
    ending = ".zip.age" if here.school.person(person).age else ".zip"
    wanted = Order(here.school.id, case, person, folder / f"{case}-{reader}{ending}", reason)
    exporting = here.parts.exporting
    if reader == HAND_OFF:
        return exporting.hand_off(wanted)
    return exporting.pack(wanted, Reader(reader), here.said("child"))


def _sent(folder: TemporaryDirectory[str], path: Path) -> Iterator[bytes]:
    with folder, path.open("rb") as file:
        while part := file.read(_BYTES):
            yield part


def _order_page(here: Here, faults: dict[str, str] | None = None) -> Response:
    case = case_of(here)
    memory = Memory.of(here, case)
    reason = memory.still_here if faults else memory.reason
    try:
        view = here.parts.casework.open_case(here.member, case, reason)
    except NeedsReason as error:
        return asks_why(here, error.user_message) if here.fields else go(f"/cases/{case}")
    return show(
        here,
        "export.html",
        422 if faults else 200,
        case=case,
        readers=READERS,
        children=_children(view),
        encrypted=bool(here.school.person(here.member.person).age),
        fingerprint=here.parts.exporting.packs.fingerprint,
        faults=faults or {},
    )


def _children(view: CaseView) -> list[tuple[str, str]]:
    """The pupils of the case under the numbers that a pack gives them."""
    numbered = enumerate(view.parties, start=1)
    return [(f"P{at}", each.name or each.handle) for at, each in numbered if "pupil" in each.category]


def _text(found: Derivative) -> str:
    return found.content.decode("utf-8", "replace") if found.media_type == "text/plain" else ""


def _refused(here: Here, error: BotError) -> Response:
    status = 422 if isinstance(error, FormError) else 403 if isinstance(error, EvidenceLocked) else 404
    return show(here, "error.html", status, message=error.user_message)


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}


def _plain(name: str) -> str:
    """A name under which a file can be kept anywhere."""
    kept_letters = "".join(each if each.isprintable() and each not in '/\\:*?"<>|' else "_" for each in name)
    return kept_letters.strip(" .")[:120] or "file"


PAGES = (
    Page("/cases/{case}/evidence/{item}", May.PERSON, get=looked_at),
    # Before any number, for the first that fits answers.
    Page("/cases/{case}/evidence/{item}/original", May.PERSON, get=looked_at, post=original),
    Page("/cases/{case}/evidence/{item}/{number}", May.PERSON, get=derivative),
    Page("/cases/{case}/export", May.PERSON, get=order, post=export),
)
