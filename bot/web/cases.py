"""The list of cases: what somebody may open, the unopened first, and the search by name."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.domain.cases import Status, Wanted
from bot.domain.triage import Form
from bot.errors import FormError
from bot.web import case_words
from bot.web.pages import Here, May, Page, show

AT_ONCE = 50
_MOST_PAGES = 10_000
OPEN = Wanted().statuses
STATUSES: dict[str, tuple[str, tuple[Status, ...]]] = {
    "": ("Open", OPEN),
    "new": ("Not opened yet", (Status.RECEIVED,)),
    "opened": ("Opened, not in hand", (Status.OPENED,)),
    "in-hand": ("Being dealt with", (Status.IN_HAND,)),
    "closed": ("Closed", (Status.CLOSED,)),
    "merged": ("Merged into another", (Status.MERGED,)),
    "all": ("All", (*OPEN, Status.CLOSED, Status.MERGED)),
}
"""What stands in the address → its label, and where a case stands then."""

URGENCY: dict[str, tuple[str, bool | None]] = {
    "": ("Any", None),
    "urgent": ("Urgent", True),
    "other": ("Not urgent", False),
}
DONE = {
    "out": "Noted. You can no longer open that case.",
    "deleted": "The case was deleted; its certificate is in the audit log.",
}


@dataclass(frozen=True, slots=True)
class Filter:
    """What the list was asked for; nothing of a case, so it may stand in the address."""

    status: str = ""
    form: str = ""
    urgency: str = ""
    page: int = 1

    @classmethod
    def of(cls, here: Here) -> "Filter":
        """What the address asks for; what makes no sense counts as not asked."""
        number = here.asked("page")
        page = int(number) if number.isdecimal() and len(number) < 6 else 1
        return cls(
            _known(here.asked("status"), STATUSES),
            _known(here.asked("form"), set(Form)),
            _known(here.asked("urgency"), URGENCY),
            min(max(page, 1), _MOST_PAGES),
        )

    @property
    def wanted(self) -> Wanted:
        """The same as casework takes it."""
        return Wanted(
            STATUSES[self.status][1],
            Form(self.form) if self.form else None,
            URGENCY[self.urgency][1],
            AT_ONCE,
            (self.page - 1) * AT_ONCE,
        )

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than every open case."""
        return bool(self.status or self.form or self.urgency)

    def at(self, page: int) -> str:
        """The address of another page of the same list."""
        asked = {"status": self.status, "form": self.form, "urgency": self.urgency, "page": str(page)}
        return f"/cases?{urlencode({name: value for name, value in asked.items() if value})}"


def listed(here: Here) -> Response:
    """The cases that they may open, as the filter in the address asks."""
    asked = Filter.of(here)
    count = here.parts.casework.count_cases(here.member, asked.wanted)
    heads = here.parts.casework.list_cases(here.member, asked.wanted)
    return _page(here, heads=heads, count=count, asked=asked, last=max(1, -(-count // AT_ONCE)))


def search(here: Here) -> Response:
    """The cases with somebody of that name; the name is posted, and stands in no address and no log."""
    try:
        heads = here.parts.casework.search(here.member, here.said("name"))
    except FormError:
        return _page(here, 422, fault="Type a name, or what somebody is called online.", searched=True)
    return _page(here, heads=heads, count=len(heads), searched=True, sought=here.said("name").strip())


def due(here: Here) -> Response:
    """The closed cases whose time is over, each for a person to decide on (SAFETY 28)."""
    found = here.parts.casework.due_for_deletion(here.member)
    types = {each.id: each.words for each in here.parts.casework.schedule.types}
    done = DONE.get(here.asked("done"), "")
    return show(here, "cases_due.html", due=found, types=types, said=done, forms=here.parts.forms)


def _page(here: Here, status: int = 200, **values: Any) -> Response:
    plain = {"heads": (), "count": 0, "asked": Filter(), "last": 1, "fault": "", "searched": False}
    return show(
        here,
        "cases.html",
        status,
        **{**plain, "sought": "", **values},
        forms=here.parts.forms,
        statuses={name: label for name, (label, _) in STATUSES.items()},
        urgencies={name: label for name, (label, _) in URGENCY.items()},
        said=DONE.get(here.asked("done"), ""),
        now=here.parts.clock(),
        words=case_words,
    )


def _known(asked: str, known: Container[str]) -> str:
    return asked if asked in known else ""


PAGES = (
    Page("/cases", May.PERSON, get=listed),
    Page("/cases/search", May.PERSON, get=listed, post=search),
    Page("/cases/deletion", May.PERSON, get=due),
)
