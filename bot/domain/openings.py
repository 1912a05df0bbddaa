"""Who opened what, and why, out of the rows of the audit log (SAFETY 22). Pure."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.domain.audit import AuditKind, AuditRow
from bot.domain.moves import REPORTER
from bot.domain.notice_details import Opening
from bot.domain.schooldays import moment

KINDS = (AuditKind.VIEWED, AuditKind.DOWNLOADED, AuditKind.EXPORTED)


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
