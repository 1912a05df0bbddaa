"""What a notice may carry beside its fixed wording, so written and read that no free text passes. Pure."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unicodedata import normalize

from bot.domain.naming import named_in, role_of
from bot.domain.notices import REPORTER_PREFIX, Notice, NoticeKind
from bot.domain.schools import ROLE_NAMES, School

REASONS = (
    "working on the case",
    "covering for a colleague",
    "taking the case over",
    "checking for an earlier case",
    "reviewing how it was handled",
    "asked by police, LADO or social care",
    "a request for someone's own data",
)
"""Reasons to open a case that a notice may repeat (SAFETY 22); one's own words stay inside Staffroom."""

OWN_WORDS = "a reason in their own words, kept in Staffroom"
"""What a notice says instead of any other reason."""

SAFE_TO_RING = ("dsl", "deputy_dsl", "head", "chair")
"""The roles of which somebody is asked to ring a sender, in this order (SAFETY 8)."""

_HASH = re.compile(r"[0-9a-f]{64}")
_CASE = re.compile(r"[A-Za-z0-9-]{3,40}")
_RAISED = re.compile(r"[0-9a-f]{8,64}")
_HANDLE = re.compile(r"[^\s<>]{1,200}")
_LONGEST_NAME, _LONGEST_SHOWN = 80, 40


@dataclass(frozen=True, slots=True)
class ReceiptDetail:
    """The reporter's own receipt as a notice may carry it (SAFETY 25)."""

    stored_at: datetime | None = None
    hashes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    """Keys of `[people]` or `[contacts]`, never names."""

    def write(self) -> str:
        """Return it as the detail of a notice."""
        at = self.stored_at.isoformat() if self.stored_at else ""
        return json.dumps({"stored_at": at, "hashes": self.hashes, "roles": self.roles})

    @classmethod
    def read(cls, detail: str, school: School) -> "ReceiptDetail":
        """Return what *detail* holds; whatever is no time, hash or role of *school* is left out."""
        values = _mapping(detail)
        hashes = tuple(each for each in _texts(values, "hashes") if _HASH.fullmatch(each))
        roles = tuple(each for each in _texts(values, "roles") if each in known_roles(school))
        return cls(_moment(values.get("stored_at")), hashes, roles)


@dataclass(frozen=True, slots=True)
class Opening:
    """One line of "who opened what, why": the last time that *person* did it to *case* in the month."""

    person: str
    case: str
    at: datetime
    why: str = ""
    """As given; "" where none was asked for."""


def write_openings(openings: Iterable[Opening]) -> str:
    """Return *openings* as the detail of a monthly notice; nobody's own words of a reason are in it."""
    rows = ((each.person, each.case, each.at.isoformat(), _reason(each.why)) for each in openings)
    return json.dumps({"openings": [list(row) for row in rows]})


def read_openings(detail: str, school: School) -> tuple[Opening, ...]:
    """Return the openings in *detail*; a line that is not about a person and a case is left out."""
    rows = _mapping(detail).get("openings", [])
    found = (_opening(row, school) for row in rows if isinstance(row, list))
    return tuple(each for each in found if each)


@dataclass(frozen=True, slots=True)
class Ringing:
    """Somebody to ring, and who may be asked to: of what they wrote, nothing (SAFETY 8)."""

    raised: str
    """The id under which their message is held."""
    name: str
    handle: str
    safe: tuple[str, ...]
    """Persons who may be asked, by id, one after another."""

    @property
    def held(self) -> str:
        """Where the message is held as long as nobody has decided on it."""
        return raised_key(self.raised)

    def shown(self, school: School) -> str:
        """
        Whom to ring, as a notice may say it (SAFETY 25): by the list's name, where they are listed.

        Anybody can call themselves what they like in a chat: of others only what a name is made of is left.
        What then names somebody listed, or a role, gives way to their e-mail or chat id.
        """
        listed = next((each for each in school.people if self.handle.casefold() in each.handles), None)
        if listed and listed.name:
            return listed.name
        name = _as_a_name(self.name)
        own = {listed.id} if listed else frozenset[str]()
        if not name or named_in(school, name) - own or role_of(school, name):
            return self.handle if "@" in self.handle or not self.handle else f"@{self.handle}"
        return name

    def after(self, person: str) -> str:
        """Who is asked when *person* is not reached; "" when nobody is left."""
        at = self.safe.index(person) + 1 if person in self.safe else 0
        return next(iter(self.safe[at:]), "")

    def ask(self, school: School, person: str, due: datetime) -> Notice:
        """The notice that asks *person*, who is told only whom to ring."""
        detail = json.dumps(
            {"raised": self.raised, "name": self.name, "handle": self.handle, "safe": self.safe}
        )
        key = ring_key(self.raised, person)
        return Notice(key, NoticeKind.RING_SENDER, school.id, person, due, urgent=True, detail=detail)

    def tell(self, school: School, asked: str, due: datetime) -> Notice:
        """The notice that tells the sender who was *asked*, "" for nobody, and whom they can ring."""
        held = {role: {each.id for each in school.holders(role)} for role in SAFE_TO_RING}
        # Where one of two holders is named, whoever takes the call may be that one.
        safe = [role for role, people in held.items() if people and people <= set(self.safe)]
        role = next((role for role, people in held.items() if asked in people), "")
        key = told_key(self.raised, asked)
        to, detail = f"{REPORTER_PREFIX}{self.handle}", json.dumps({"asked": role, "roles": safe})
        return Notice(key, NoticeKind.RING_TOLD, school.id, to, due, urgent=True, detail=detail)

    @classmethod
    def read(cls, detail: str, school: School) -> "Ringing":
        """Return what *detail* holds; whatever is no id, handle or person of *school* is left out."""
        values = _mapping(detail)
        people = {each.id for each in school.people}
        return cls(
            _matching(_RAISED, values.get("raised")),
            _one_line(values.get("name")),
            _matching(_HANDLE, values.get("handle")),
            tuple(each for each in _texts(values, "safe") if each in people),
        )


def raised_key(raised: str) -> str:
    """Where the urgent message with the id *raised* is held."""
    return f"urgent:{raised}"


def ring_key(raised: str, person: str) -> str:
    """The key of the notice that asks *person* to ring the sender of *raised*."""
    return f"urgent:{raised}:ring:{person}"


def told_key(raised: str, asked: str = "") -> str:
    """The key of the notice that tells the sender of *raised* who was asked, "" for nobody."""
    return f"urgent:{raised}:told:{asked}"


@dataclass(frozen=True, slots=True)
class RingTold:
    """Who was asked to ring the sender, by role, "" for nobody; and whose numbers are safe to ring."""

    asked: str
    roles: tuple[str, ...]

    @classmethod
    def read(cls, detail: str, school: School) -> "RingTold":
        """Return what *detail* holds; whatever is no role of *school* is left out."""
        values, known = _mapping(detail), known_roles(school)
        asked = values.get("asked")
        roles = tuple(each for each in _texts(values, "roles") if each in known)
        return cls(asked if isinstance(asked, str) and asked in known else "", roles)


def write_codes(codes: Iterable[str]) -> str:
    """Return *codes* (such as "role:dsl") as the detail of a notice that people or routing changed."""
    return json.dumps({"codes": sorted(set(codes))})


def read_codes(detail: str) -> tuple[str, ...]:
    """Return the codes in *detail*."""
    return _texts(_mapping(detail), "codes")


def known_roles(school: School) -> frozenset[str]:
    """Every role that *school* or Staffroom has a name for."""
    return frozenset((*school.roles, *school.contacts, *ROLE_NAMES))


def case_number(text: str) -> str:
    """Return *text* when it can be the number of a case, else ""."""
    return text if _CASE.fullmatch(text) else ""


def _opening(row: list[Any], school: School) -> Opening | None:
    texts = [each for each in row if isinstance(each, str)]
    if len(texts) != 4 or len(row) != 4:
        return None
    person, case, moment, why = texts
    at = _moment(moment)
    if at is None or not case_number(case) or person not in {each.id for each in school.people}:
        return None
    return Opening(person, case, at, _reason(why))


def _reason(why: str) -> str:
    return why if why in (*REASONS, "") else OWN_WORDS


def _mapping(detail: str) -> Mapping[str, Any]:
    try:
        values = json.loads(detail)
    except ValueError:
        return {}
    return values if isinstance(values, dict) else {}


def _matching(pattern: re.Pattern[str], value: object) -> str:
    return value if isinstance(value, str) and pattern.fullmatch(value) else ""


def _one_line(value: object) -> str:
    """A name as it may be shown: one short line of what can be printed."""
    words = " ".join(value.split()) if isinstance(value, str) else ""
    return "".join(each for each in words if each.isprintable())[:_LONGEST_NAME]


def _as_a_name(name: str) -> str:
    """Letters, spaces, hyphens and apostrophes of *name*, and not many."""
    kept = (each for each in normalize("NFC", name) if each.isalpha() or each in " -'’")
    return " ".join("".join(kept).split())[:_LONGEST_SHOWN].strip()


def _texts(values: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = values.get(key, [])
    return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is None or at.tzinfo else None
