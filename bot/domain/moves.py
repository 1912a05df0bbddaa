"""The state machine of a case: what may happen where, and what each event changes. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from bot.domain.cases import Access, Event, EventKind, Head, PartyRole, Status

REPORTER = "reporter"
"""The actor of what the reporter does."""
STAFFROOM = "staffroom"
"""The actor of what the clock does."""

LIVE = frozenset({Status.RECEIVED, Status.OPENED, Status.IN_HAND})
WORKED = frozenset({Status.OPENED, Status.IN_HAND})
"""Somebody has opened it and nobody has closed it."""
SEEN = WORKED | {Status.CLOSED, Status.MERGED}
KEPT = LIVE | {Status.CLOSED, Status.MERGED}

ALLOWED: dict[EventKind, frozenset[Status]] = {
    EventKind.FILED: frozenset({Status.RECEIVED}),
    EventKind.ADDED: KEPT,
    EventKind.EVIDENCE_STORED: KEPT,
    EventKind.EVIDENCE_REFUSED: KEPT,
    EventKind.EVIDENCE_LOCKED: KEPT,
    EventKind.LOCK_ADVICE: SEEN,
    EventKind.ROUTED: LIVE,
    EventKind.SHARED: WORKED | {Status.CLOSED},
    EventKind.EXCLUDED: KEPT,
    EventKind.LIFT_ASKED: SEEN,
    EventKind.LIFTED: SEEN,
    EventKind.ESCALATED: LIVE,
    EventKind.OPENED: frozenset({Status.RECEIVED}),
    EventKind.ACKNOWLEDGED: WORKED,
    EventKind.ASSIGNED: WORKED,
    # A note that was being written while somebody else closed the case is kept, not lost.
    EventKind.NOTED: SEEN,
    EventKind.ASKED: WORKED,
    EventKind.REPLIED: WORKED,
    EventKind.PERSON_RECORDED: WORKED | {Status.CLOSED},
    EventKind.ACTION_SET: WORKED,
    EventKind.ACTION_DONE: WORKED | {Status.CLOSED},
    EventKind.PARENT_CONTACT: WORKED,
    EventKind.DECIDED: WORKED,
    EventKind.REFERRED: WORKED,
    EventKind.LINKED: WORKED | {Status.CLOSED},
    EventKind.MERGED: WORKED,
    EventKind.CATEGORISED: frozenset({Status.CLOSED}),
    EventKind.HELD: SEEN,
    EventKind.RELEASED: SEEN,
    EventKind.CLOSED: WORKED,
    EventKind.REOPENED: frozenset({Status.CLOSED}),
    # A merged case goes with the case it was merged into.
    EventKind.DELETED: frozenset({Status.CLOSED, Status.MERGED}),
    EventKind.CORRECTED: SEEN,
}
"""Every kind of event, and where a case must stand for it to happen."""

DEALS_WITH = frozenset(
    {
        EventKind.ASKED,
        EventKind.ACTION_SET,
        EventKind.ACTION_DONE,
        EventKind.PARENT_CONTACT,
        EventKind.DECIDED,
        EventKind.REFERRED,
        EventKind.CLOSED,
    }
)
"""What counts as an action: it ends the second clock (SAFETY 18). A note, a reply or a name does not."""

TAKES_IN_HAND = DEALS_WITH | {EventKind.ACKNOWLEDGED, EventKind.ASSIGNED}

_LEADS_TO = {
    EventKind.OPENED: Status.OPENED,
    EventKind.CLOSED: Status.CLOSED,
    EventKind.REOPENED: Status.IN_HAND,
    EventKind.MERGED: Status.MERGED,
    EventKind.DELETED: Status.DELETED,
}
_STAMPS = {
    EventKind.OPENED: "opened_at",
    EventKind.ACKNOWLEDGED: "acknowledged_at",
    EventKind.REOPENED: "acknowledged_at",
    EventKind.CLOSED: "closed_at",
}


def allows(head: Head, kind: EventKind) -> bool:
    """Whether an event of *kind* may happen to a case that stands where *head* says."""
    if kind is EventKind.ACKNOWLEDGED and head.acknowledged_at is not None:
        return False
    return head.status in ALLOWED[kind]


def settled_by(head: Head, kind: EventKind, events: Iterable[Event]) -> Event | None:
    """The event that put the case where *kind* cannot happen, to say by whom and when; None when none did."""
    if kind is EventKind.ACKNOWLEDGED and head.acknowledged_at is not None:
        causes = {EventKind.ACKNOWLEDGED}
    else:
        causes = {EventKind.CLOSED, EventKind.REOPENED, EventKind.MERGED, EventKind.DELETED, EventKind.OPENED}
    return next((event for event in reversed(tuple(events)) if event.kind in causes), None)


def after(head: Head, event: Event) -> Head:
    """Where a case stands after *event*; `clock_at` and `escalations` are the clock's to set."""
    head = replace(head, version=event.seq)
    if event.kind in DEALS_WITH and head.first_action_at is None:
        head = replace(head, first_action_at=event.at)
    if event.kind in TAKES_IN_HAND and head.status in WORKED:
        head = replace(head, status=Status.IN_HAND)
    if head.assigned in _kept_out_by(event):
        head = replace(head, assigned="")
    return replace(head, **_changes(head, event))


def _changes(head: Head, event: Event) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if event.kind in _LEADS_TO:
        changes["status"] = _LEADS_TO[event.kind]
    if event.kind in _STAMPS:
        changes[_STAMPS[event.kind]] = event.at
    if event.kind is EventKind.ASSIGNED:
        changes["assigned"] = event.body["person"]
    if event.kind is EventKind.REOPENED:
        # The second clock runs again from here, so that a reopened case does not end in silence.
        changes |= {"closed_at": None, "first_action_at": None}
    if event.body.get("handed_to") and _kept_out_by(event) and head.status in LIVE:
        # SAFETY 18: the new recipients have not opened it yet.
        changes |= {"status": Status.RECEIVED, "opened_at": None, "acknowledged_at": None, "escalations": 0}
    return changes


def _kept_out_by(event: Event) -> tuple[str, ...]:
    """SAFETY 15: whom *event* keeps out of the case."""
    if event.kind in (EventKind.LINKED, EventKind.MERGED):
        return tuple(event.body.get("excluded", ()))
    return (event.body["person"],) if event.kind is EventKind.EXCLUDED or is_alleged(event) else ()


def is_alleged(event: Event) -> bool:
    """Whether *event* records a person of the school as the one it is about, which keeps them out."""
    alleged = event.body.get("role") == PartyRole.ALLEGED.value
    return event.kind is EventKind.PERSON_RECORDED and alleged and bool(event.body.get("person"))


def access_after(access: Access, event: Event) -> Access:
    """Who a case is for after *event*; somebody excluded is in no other list, whatever *event* says."""
    body = event.body
    match event.kind:
        case EventKind.ROUTED:
            access = Access(**{key: tuple(body.get(key, ())) for key in Access.__dataclass_fields__})
        case EventKind.SHARED if body["opens"]:
            access = _opened_to(access, (body["person"],))
        case EventKind.SHARED:
            access = replace(access, copies=_joined(access.copies, (body["person"],)))
        case EventKind.ESCALATED:
            access = _opened_to(access, body.get("to", ()))
        case EventKind.LIFTED:
            left = tuple(each for each in access.excluded if each != body["person"])
            access = replace(access, excluded=left)
        case _ if _kept_out_by(event):
            access = _opened_to(_keep_out(access, _kept_out_by(event)), body.get("handed_to", ()))
            access = replace(access, outside=_joined(access.outside, body.get("outside", ())))
    return _keep_out(access, ())


def _opened_to(access: Access, people: Sequence[str]) -> Access:
    full = _joined(access.full, people)
    copies = tuple(each for each in access.copies if each not in full)
    return replace(access, full=full, copies=copies, chain=tuple(p for p in access.chain if p not in full))


def _keep_out(access: Access, people: Sequence[str]) -> Access:
    excluded = _joined(access.excluded, people)
    full, copies, chain = (
        tuple(each for each in group if each not in excluded)
        for group in (access.full, access.copies, access.chain)
    )
    return replace(access, full=full, copies=copies, chain=chain, excluded=excluded)


def _joined(first: Sequence[str], then: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *then)))
