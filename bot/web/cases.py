"""The list of cases: what somebody may open, the unopened first, and the search by name."""

import hashlib
import json
from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from bot.domain.cases import Head, Order, Status, Wanted
from bot.domain.notice_details import case_number
from bot.domain.schooldays import local
from bot.domain.triage import Form
from bot.errors import FormError, StoreBusy, StoreFailed
from bot.ports import Store
from bot.sessions import LONGEST
from bot.web import case_words, coming_back
from bot.web.coming_back import SHOWN
from bot.web.pages import Here, May, Page, go, show

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
DUE = "due"
ORDERS: dict[str, str] = {
    "": "Unopened first, then urgent",
    DUE: "What is overdue or due next",
    Order.WAITING.value: "The clock that runs out next",
    Order.NEWEST.value: "Newest first",
    Order.OLDEST.value: "Oldest first",
}
MINE, NOBODYS = "mine", "nobody"
_OF = "of-"
"""Stands before the id of a colleague, so that no id can be taken for another word."""
NOTHING_SOUGHT = "Type a name, what somebody is called online, or the number of a case."
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
    whose: str = ""
    order: str = ""
    page: int = 1

    @classmethod
    def of(cls, here: Here) -> "Filter":
        """What the address asks for, or the list last; what makes no sense counts as not asked."""
        # An address of a search that is over leads to the list before it.
        again = here.asked("back") or here.asked(SHOWN)
        asked = Last.of(here).asked if again else here.request.query_params
        number = asked.get("page", "")
        page = int(number) if number.isdecimal() and len(number) < 6 else 1
        return cls(
            _known(asked.get("status", ""), STATUSES),
            _known(asked.get("form", ""), set(Form)),
            _known(asked.get("urgency", ""), URGENCY),
            _known(asked.get("whose", ""), _holders(here)),
            _known(asked.get("order", ""), ORDERS),
            min(max(page, 1), _MOST_PAGES),
        )

    def wanted(self, person: str) -> Wanted:
        """The same as casework takes it, where *person* asks."""
        whose = {"": None, MINE: person, NOBODYS: ""}
        return Wanted(
            STATUSES[self.status][1],
            Form(self.form) if self.form else None,
            URGENCY[self.urgency][1],
            AT_ONCE,
            (self.page - 1) * AT_ONCE,
            Order(self.order) if self.order in set(Order) else Order.UNOPENED,
            whose.get(self.whose, self.whose.removeprefix(_OF)),
        )

    @property
    def narrowed(self) -> bool:
        """Whether it asks for less than every open case."""
        return bool(self.status or self.form or self.urgency or self.whose)

    @property
    def asked(self) -> dict[str, str]:
        """What stands in the address of its first page."""
        named = ("status", "form", "urgency", "whose", "order")
        return {name: getattr(self, name) for name in named if getattr(self, name)}

    def at(self, page: int) -> str:
        """The address of another page of the same list."""
        return f"/cases?{urlencode({**self.asked, 'page': str(page)})}"


@dataclass(frozen=True, slots=True)
class Last:
    """
    What the list was asked for last in one session, so that the way back from a case leads there.

    A search since then is remembered by the number that stands in its address, and by no word of it.
    """

    store: Store
    token: str = field(repr=False)

    @classmethod
    def of(cls, here: Here) -> "Last":
        """That of whoever is signed in."""
        return cls(here.parts.sessions.store, here.signed_in.token)

    @property
    def asked(self) -> dict[str, str]:
        """What stood in the address; nothing where every open case was listed."""
        with self.store.reading() as unit:
            held = unit.held(self._key)
        return dict(json.loads(held)) if held else {}

    def keep(self, asked: Mapping[str, str]) -> None:
        """Remember it; a store that takes nothing now only makes the way back a longer one."""
        if self.asked == asked:
            return
        with suppress(StoreBusy, StoreFailed), self.store.writing() as unit:
            unit.hold(self._key, json.dumps(dict(asked)), unit.now + LONGEST)

    @property
    def found(self) -> str:
        """The address of the search that was made since; "" where there was none."""
        page = self.asked.get(SHOWN, "")
        return f"/cases/search?{urlencode({SHOWN: page})}" if page else ""

    def keep_found(self, page: str) -> None:
        """Remember the search that *page* stands for, beside the list before it."""
        if page:
            self.keep({**self.asked, SHOWN: page})

    @property
    def _key(self) -> str:
        # The token is in no store.
        return f"list:{hashlib.sha256(self.token.encode()).hexdigest()}"


def listed(here: Here) -> Response:
    """The cases that they may open, as the filter in the address asks; the way back may be to a search."""
    if here.asked("back") and (found := Last.of(here).found):
        return go(found)
    asked = Filter.of(here)
    wanted = asked.wanted(here.signed_in.person)
    count = here.parts.casework.count_cases(here.member, wanted)
    casework = here.parts.casework
    listing = casework.list_by_due if asked.order == DUE else casework.list_cases
    heads = listing(here.member, wanted)
    Last.of(here).keep({**asked.asked, **({"page": str(asked.page)} if asked.page > 1 else {})})
    return _page(here, heads=heads, count=count, asked=asked, last=max(1, -(-count // AT_ONCE)))


def search(here: Here) -> Response:
    """The cases with somebody of that name, or the one of that number; a name stands in no address or log."""
    if number := case_number(here.said("name").strip().upper()):
        return go(f"/cases/{number}")
    try:
        heads = here.parts.casework.search(here.member, here.said("name"))
    except FormError:
        return _page(here, 422, fault=NOTHING_SOUGHT, searched=True)
    Last.of(here).keep_found(here.asked(SHOWN))
    return _page(here, heads=heads, count=len(heads), searched=True, sought=here.said("name").strip())


def due(here: Here) -> Response:
    """The closed cases whose time is over, each for a person to decide on (SAFETY 28)."""
    found = here.parts.casework.due_for_deletion(here.member)
    types = {each.id: each.words for each in here.parts.casework.schedule.types}
    done = DONE.get(here.asked("done"), "")
    return show(here, "cases_due.html", due=found, types=types, said=done, forms=here.parts.forms)


def _page(here: Here, status: int = 200, **values: Any) -> Response:
    heads: tuple[Head, ...] = values.get("heads", ())
    due = here.parts.casework.next_due(here.member, (head.case for head in heads if head.status in OPEN))
    today = local(here.parts.clock()).date()
    plain = {"heads": (), "count": 0, "asked": Filter(), "last": 1, "fault": "", "searched": False}
    return show(
        here,
        "cases.html",
        status,
        **{**plain, "sought": "", **values},
        forms=here.parts.forms,
        statuses={name: label for name, (label, _) in STATUSES.items()},
        orders=ORDERS,
        urgencies={name: label for name, (label, _) in URGENCY.items()},
        said=DONE.get(here.asked("done"), ""),
        now=here.parts.clock(),
        words=case_words,
        holders=_holders(here),
        whose=lambda head: case_words.assigned(here.school, head, here.signed_in.person),
        due={case: (case_words.next_action(day, today), day < today) for case, day in due.items()},
    )


def _holders(here: Here) -> dict[str, str]:
    """What stands in the address → whose cases are meant."""
    others = {
        f"{_OF}{each.id}": each.name or each.id
        for each in here.school.people
        if each.id != here.signed_in.person
    }
    return {"": "Anybody", MINE: "Me", NOBODYS: "Nobody yet", **others}


def _known(asked: str, known: Container[str]) -> str:
    return asked if asked in known else ""


_FOUND, _SEARCH = coming_back.sought(search, listed)
PAGES = (
    Page("/cases", May.PERSON, get=listed),
    Page("/cases/search", May.PERSON, get=_FOUND, post=_SEARCH),
    Page("/cases/deletion", May.PERSON, get=due),
)
