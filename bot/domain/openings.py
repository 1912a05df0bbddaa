"""Who opened what, and why, out of the rows of the audit log (SAFETY 22). Pure."""

from collections.abc import Collection, Iterable
from datetime import date, datetime, time, timedelta

from bot.domain.audit import AuditKind, AuditRow
from bot.domain.moves import REPORTER
from bot.domain.notice_details import Opening
from bot.domain.schooldays import moment
from bot.domain.schools import School

KINDS = (AuditKind.VIEWED, AuditKind.PEOPLE_SEEN, AuditKind.DOWNLOADED, AuditKind.EXPORTED)


INSTEAD = ("safeguarding_governor", "chair", "trust_lead")
"""Who hears of the head's own openings, and of cases that are kept from the head (SAFETY 15 and 22)."""


def told_of(school: School, opener: str, excluded: Collection[str]) -> tuple[str, ...]:
    """The heads; for what a head opened, and for cases kept from a head, the first safe one instead."""
    out, heads = {opener, *excluded}, ids(school, "head")
    safe = tuple(person for person in heads if person not in out)
    if len(safe) == len(heads):
        return safe
    return (*safe, *[person for person in ids(school, *INSTEAD) if person not in {*out, *heads}][:1])


def ids(school: School, *roles: str) -> tuple[str, ...]:
    """The holders of *roles*, in that order, each once."""
    return tuple(dict.fromkeys(person.id for role in roles for person in school.holders(role)))


def may_be_told(school: School, person: str) -> bool:
    """Whether *person* is a head, or whom `told_of` may name in a head's place."""
    return person in {*ids(school, "head"), *ids(school, *INSTEAD)}


def in_rows(rows: Iterable[AuditRow], until: datetime) -> tuple[Opening, ...]:
    """Each person, case and reason once, with the last time, in the order in which they first came."""
    found: dict[tuple[str, str, str], Opening] = {}
    for row in rows:
        # The rows come in the order of time; those behind need not be read.
        if row.at >= until:
            break
        if row.kind in KINDS and row.case and row.actor != REPORTER:
            why = _why(row.detail)
            found[(row.actor, row.case, why)] = Opening(row.actor, row.case, row.at, why)
    return tuple(found.values())


def month(first: date) -> tuple[datetime, datetime]:
    """From when until when the month of *first* goes, in London."""
    first = first.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return moment(first, time()), moment(following, time())


def _why(detail: str) -> str:
    """The reason in *detail*, which may stand behind the evidence that was looked at."""
    if not detail.startswith("evidence "):
        return detail
    return detail.partition(": ")[2]
