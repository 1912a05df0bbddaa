"""The outbox: every notice that must reach somebody, until it has."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from bot.domain.notices import Notice, NoticeKind, Sending
from bot.store.desk import Desk, moment, stamp

WITHDRAWN = "withdrawn"
"""What the row of a notice says that was taken out and is never sent."""

_DUE = """
    select * from outbox where sent_at = '' and due <= :now and lease_until <= :now
    order by urgent desc, due, id limit :limit
"""


class Outbox(Desk):
    """The outbox part of a unit."""

    __slots__ = ()

    def enqueue(self, notice: Notice) -> None:
        """Put *notice* into the outbox; one with the same key is there already and changes nothing."""
        if notice.case:
            self.needs(notice.case)
        key = self.mark("notice", notice.key)
        if self.row("select 1 from outbox where key = ?", key):
            return
        last = self.row("select coalesce(max(id), 0) as id from outbox") or {}
        row = {"id": last["id"] + 1, "key": key, "school": notice.school, "case_id": notice.case}
        row |= {"urgent": int(notice.urgent), "sealed": self.seal(_plain(notice), f"outbox.sealed:{key}")}
        row |= {"due": stamp(notice.due), "attempts": 0, "lease_until": "", "sent_at": ""}
        self.ledger.insert("outbox", {**row, "error": self._error(key, "")})

    def claim(self, limit: int, lease_s: float) -> tuple[Sending, ...]:
        """Take notices that are due, the urgent first, so that nobody else does for *lease_s* seconds."""
        rows = list(self.db.query(_DUE, {"now": stamp(self.now), "limit": limit}))
        until = stamp(self.now + timedelta(seconds=lease_s))
        for row in rows:
            # Counted when taken: a worker that dies in mid-send has tried as well.
            self.ledger.change("outbox", row, {"lease_until": until, "attempts": row["attempts"] + 1})
        return tuple(self._sending(row) for row in rows)

    def sent(self, sending: Sending) -> None:
        """Mark as sent."""
        self._settle(sending, {"sent_at": stamp(self.now)})

    def put_off(self, sending: Sending, until: datetime, error: str) -> None:
        """Keep it for another try at *until*; *error* is the name of what went wrong, without content."""
        key = self.mark("notice", sending.notice.key)
        self._settle(sending, {"due": stamp(until), "lease_until": "", "error": self._error(key, error)})

    def waiting(self, school: str) -> tuple[Sending, ...]:
        """The notices of *school* that are not sent yet, by when they are due."""
        rows = self.db.query(
            "select * from outbox where sent_at = '' and school = ? order by due, id", [school]
        )
        return tuple(self._sending(row) for row in rows)

    def withdraw(self, key: str) -> bool:
        """
        Take the notice with that key out of the outbox; False when it was sent, or was never there.

        Its row stays, so that the same key put in again is not a second notice.
        """
        marked = self.mark("notice", key)
        row = self.row("select * from outbox where key = ? and sent_at = ''", marked)
        if row is None:
            return False
        changes = {"sent_at": stamp(self.now), "lease_until": "", "error": self._error(marked, WITHDRAWN)}
        self.ledger.change("outbox", row, changes)
        return True

    def _settle(self, sending: Sending, changes: Mapping[str, Any]) -> None:
        # What a second worker has sent already, after a lease ran out, stays sent.
        row = self.row("select * from outbox where id = ? and sent_at = ''", sending.id)
        if row is not None:
            self.ledger.change("outbox", row, changes)

    def _sending(self, row: Mapping[str, Any]) -> Sending:
        values = self.unseal(row["sealed"], f"outbox.sealed:{row['key']}")
        values |= {"kind": NoticeKind(values["kind"]), "due": moment(values["due"])}
        return Sending(row["id"], Notice(**values), row["attempts"])

    def _error(self, key: str, error: str) -> bytes:
        return self.seal(error, f"outbox.error:{key}")


def _plain(notice: Notice) -> dict[str, Any]:
    return {**asdict(notice), "kind": notice.kind.value, "due": stamp(notice.due)}
