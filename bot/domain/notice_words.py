"""The wording of every notice: one fixed template a kind, free of content (SAFETY 25). Pure."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.notice_details import (
    ReceiptDetail,
    Ringing,
    RingTold,
    case_number,
    known_roles,
    read_codes,
    read_openings,
)
from bot.domain.notices import Notice, NoticeKind
from bot.domain.schools import LATER_FORMS, School, role_name
from bot.domain.triage import Form

CASE_SUBJECT = "Staffroom: a case needs you"
EMERGENCY = "If a child may be in danger, ring 999 now; do not wait for an answer here."
NOT_OPENED = "Nobody has opened this yet; do not wait: ring"
OUTSIDE = ("social_care", "social_care_out_of_hours", "lado")
"""Shown to whoever waits for somebody in school, whatever it is about (SAFETY 9 and 18)."""

_LONDON = ZoneInfo("Europe/London")
_CODE = re.compile(r"[A-Z0-9]{4,12}")
_CHECKPOINT = re.compile(r"(\d{1,12}) ([0-9a-f]{32,128})")


@dataclass(frozen=True, slots=True)
class Words:
    """A notice in words: *subject* is the same whatever a case is about, *body* has one sentence a line."""

    subject: str
    body: str


def words(notice: Notice, school: School, link: str = "") -> Words:
    """
    Return *notice* as it is shown; *link* is where Staffroom is opened, "" where there is no such address.

    Whatever stands in the notice, only its case number, and of its detail what its kind allows, is shown.
    """
    subject, lines = _TEMPLATES[notice.kind]
    shown = [line for line in lines(_Filled(notice, school, link)) if line]
    return Words(subject, "\n".join(shown))


@dataclass(frozen=True, slots=True)
class _Filled:
    """A notice and what its template may put in."""

    notice: Notice
    school: School
    link: str

    @property
    def number(self) -> str:
        return case_number(self.notice.case) or "(no number)"

    @property
    def urgency(self) -> str:
        return "URGENT." if self.notice.urgent else ""

    @property
    def place(self) -> str:
        return f"Staffroom ({self.link})" if self.link else "Staffroom"

    @property
    def how(self) -> str:
        return f"Sign in to {self.place} and open case {self.number}."


_Lines = Callable[[_Filled], list[str]]


def _for_holder(what: str) -> _Lines:
    return lambda filled: [
        filled.urgency,
        what,
        filled.how,
        "Please do not reply to this message or forward it: it holds nothing, the case does.",
    ]


def _for_reporter(what: str) -> _Lines:
    return lambda filled: [
        what,
        f"Sign in to {filled.place} and look under your own reports for number {filled.number}.",
        EMERGENCY,
    ]


def _receipt(filled: _Filled) -> list[str]:
    detail = ReceiptDetail.read(filled.notice.detail, filled.school)
    told = "; ".join(role_name(role) for role in detail.roles)
    return [
        "What you told us is stored.",
        f"Number: {filled.number}",
        f"Stored: {_london(detail.stored_at)}" if detail.stored_at else "",
        f"Told: {told}" if told else "",
        *(f"SHA-256 of a file: {each}" for each in detail.hashes),
        "The hash shows that the file has not changed since then, not that it is genuine or complete."
        if detail.hashes
        else "",
        EMERGENCY,
    ]


def _not_opened(filled: _Filled) -> list[str]:
    """SAFETY 18; the roles in the detail are those that are safe to ring, those outside always are."""
    school = filled.school
    roles = [each for each in read_codes(filled.notice.detail) if each in known_roles(school)]
    return [
        f"Your report {filled.number}:",
        f"{NOT_OPENED}",
        *_numbers(school, roles),
        "We go on telling people in school until somebody opens it.",
    ]


def _people_changed(filled: _Filled) -> list[str]:
    known = known_roles(filled.school)
    lines = (_change(code, known) for code in read_codes(filled.notice.detail))
    return [
        "The settings that decide who is told have changed:",
        *dict.fromkeys(line for line in lines if line),
        "You get this because you hold, or held, one of these roles, or are the head.",
        "If you did not expect it, speak to the head or the chair of governors today.",
    ]


def _sign_in_locked(filled: _Filled) -> list[str]:
    known = known_roles(filled.school)
    codes = (each.removeprefix("role:") for each in read_codes(filled.notice.detail))
    roles = ", ".join(role_name(each) for each in codes if each in known)
    return [
        "Wrong codes were typed several times to sign in to Staffroom, so codes from there do not count for "
        "a while. Nobody came in with them.",
        f"It is the sign-in of this role: {roles}" if roles else "",
        "If it is yours: a browser in which you have signed in before works as ever. From elsewhere wait, or "
        "ask whoever runs Staffroom at your school for a new invitation.",
        "If you do not know who typed the codes, ask whoever runs Staffroom to look into it.",
    ]


def _change(code: str, known: frozenset[str]) -> str:
    what, _, name = code.partition(":")
    if what == "routing" and name in {*Form, *LATER_FORMS}:
        return f"- who a {name} form goes to"
    if what == "cover" and name in ("weekend", "holidays"):
        return f"- who covers at the {name}" if name == "weekend" else "- who covers in the holidays"
    if what in _CHANGES and name in known:
        return f"- {_CHANGES[what]}: {role_name(name)}"
    return ""


_CHANGES = {
    "role": "who holds this role",
    "address": "where a holder of this role is reached",
    "contact": "the number to ring",
}


def _checkpoint(filled: _Filled) -> list[str]:
    found = _CHECKPOINT.fullmatch(filled.notice.detail)
    return [
        "Please keep this message. It proves later that no record was cut off or changed before today.",
        f"Rows: {found[1]}" if found else "",
        f"Hash: {found[2]}" if found else "",
        "To check: staffroom verify --checkpoint, with the two values above.",
    ]


def _monthly(filled: _Filled) -> list[str]:
    openings = read_openings(filled.notice.detail, filled.school)
    lines = [
        f"- {filled.school.person(each.person).name or each.person}: case {each.case}, {_london(each.at)},"
        f" {each.why or 'no reason was asked for'}"
        for each in openings
    ]
    return [
        "Who opened what, and why, in the last month:",
        *(lines or ["- nothing was opened."]),
        "If an opening surprises you, ask the person who made it.",
    ]


def _drill(filled: _Filled) -> list[str]:
    code = filled.notice.detail if _CODE.fullmatch(filled.notice.detail) else ""
    return [
        "This is a test of how Staffroom reaches you. There is no case.",
        f"Please open {filled.place} and enter this code: {code}" if code else f"Please open {filled.place}.",
    ]


def _ring_sender(filled: _Filled) -> list[str]:
    """SAFETY 8: the one notice with a name in it."""
    ringing = Ringing.read(filled.notice.detail, filled.school)
    sender = ringing.shown(filled.school) or "the sender"
    return [
        f"URGENT. Please ring {sender} now.",
        "They wrote something to Staffroom that cannot wait. This message holds nothing of it: ask them.",
    ]


def _ring_told(filled: _Filled) -> list[str]:
    """SAFETY 8: the sender hears who was asked; as long as nobody rings, the numbers are what they have."""
    told, school = RingTold.read(filled.notice.detail, filled.school), filled.school
    same = set(school.holders("head")) & set(school.holders("dsl"))
    head = "the head" if same else "the head, not the DSL"
    return [
        _asked(told),
        "Do not wait for it: ring",
        *_numbers(school, told.roles),
        f"If it is about an adult who works or helps here: tell {head}.",
        "If it is about the head: tell the chair of governors. If neither is safe to tell: ring the LADO.",
    ]


def _asked(told: RingTold) -> str:
    if told.asked:
        return f"We have asked the {role_name(told.asked)} to ring you. They were told your name, no more."
    if told.roles:
        return "We could not reach anybody in school who could ring you."
    return "Nobody in school is left who can safely be asked to ring you, so nobody has been told."


def _numbers(school: School, roles: Iterable[str]) -> list[str]:
    """A line for each of *roles* with a number, then those outside school, and 999."""
    numbers = [(role, school.telephone(role)) for role in dict.fromkeys((*roles, *OUTSIDE))]
    lines = [f"- {role_name(role)}: {number}" for role, number in numbers if number]
    return [*lines, "- in an emergency: 999"]


def _london(at: datetime) -> str:
    local = at.astimezone(_LONDON)
    return f"{local.day} {local:%B %Y at %H:%M}"


_REPORT_SUBJECT = "Staffroom: a message for you"
_TEMPLATES: dict[NoticeKind, tuple[str, _Lines]] = {
    NoticeKind.NEW_CASE: (CASE_SUBJECT, _for_holder("A new case needs you.")),
    NoticeKind.REMINDER: (CASE_SUBJECT, _for_holder("A new case needs you. Nobody has opened it yet.")),
    NoticeKind.ESCALATION: (
        CASE_SUBJECT,
        _for_holder("A new case needs you. It has waited too long for others, so it comes to you."),
    ),
    NoticeKind.NO_ACTION_YET: (
        CASE_SUBJECT,
        _for_holder("A case needs you. No action on it is recorded yet."),
    ),
    NoticeKind.REPORTER_ADDED: (CASE_SUBJECT, _for_holder("A case needs you. Something was added to it.")),
    NoticeKind.SHARED: (CASE_SUBJECT, _for_holder("A case needs you. It was shared with you.")),
    NoticeKind.RECEIPT: (_REPORT_SUBJECT, _receipt),
    NoticeKind.NOT_OPENED: (_REPORT_SUBJECT, _not_opened),
    NoticeKind.REPORTER_ASKED: (_REPORT_SUBJECT, _for_reporter("Somebody asks you for more.")),
    NoticeKind.REPLY: (_REPORT_SUBJECT, _for_reporter("There is a reply for you.")),
    NoticeKind.PEOPLE_CHANGED: ("Staffroom: who is told has changed", _people_changed),
    NoticeKind.SIGN_IN_LOCKED: ("Staffroom: wrong codes at a sign-in", _sign_in_locked),
    NoticeKind.CHECKPOINT: ("Staffroom: today's checkpoint", _checkpoint),
    NoticeKind.MONTHLY: ("Staffroom: who opened what", _monthly),
    NoticeKind.DRILL: ("Staffroom: a test, please answer", _drill),
    NoticeKind.RING_SENDER: (CASE_SUBJECT, _ring_sender),
    NoticeKind.RING_TOLD: (_REPORT_SUBJECT, _ring_told),
    # Never sent to anybody: the outbox fetches a file instead.
    NoticeKind.FETCH_FILE: (CASE_SUBJECT, lambda filled: ["A file is being fetched."]),
}
