"""Cases: their heads, who they are for, their events, and what they are found by."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.domain.audit import AuditKind
from bot.domain.cases import Access, Event, EventKind, Head, Order, Status, Wanted
from bot.domain.same_name import normalised
from bot.domain.triage import Form
from bot.errors import CaseDeleted
from bot.ports import CaseKey, StoredRequest
from bot.store.audit import AuditLog
from bot.store.desk import moment, moment_or_none, stamp
from bot.store.ledger import digest
from bot.store.sealing import open_sealed, seal

_TIMES = ("opened_at", "acknowledged_at", "first_action_at", "closed_at", "clock_at")
_ALL = 2**62
_HEADS = """
    select c.*, (select coalesce(max(e.seq), 0) from events e where e.case_id = c.id) as version from cases c
"""
_SEEN = """
    from case_people p join cases c on c.id = p.case_id
    where p.person = :person and c.school = :school
    and c.status in (select value from json_each(:statuses))
    and (:form = '' or c.form = :form) and (:urgent = -1 or c.urgent = :urgent)
"""
_ORDERS = {
    Order.UNOPENED: "c.opened_at <> '', c.urgent desc, c.filed_at, c.id",
    Order.NEWEST: "c.filed_at desc, c.id",
    Order.OLDEST: "c.filed_at, c.id",
    Order.WAITING: "c.clock_at = '', c.clock_at, c.filed_at, c.id",
}


def listed(order: Order = Order.UNOPENED) -> str:
    """The query of a list in that order, which reads the sealed columns of the shown rows alone."""
    by = _ORDERS[order]
    chosen = f"select c.id {_SEEN} order by {by} limit :limit offset :offset"
    return f"{_HEADS} where c.id in ({chosen}) order by {by}"


_EVENTS = """
    select * from events where case_id = :case
    and (:kinds = '[]' or kind in (select value from json_each(:kinds))) order by seq
"""
_NAMING = """
    select distinct c.id from names n join cases c on c.id = n.case_id
    where n.name in (select value from json_each(?)) and c.school = ? order by c.filed_at, c.id
"""


class Cases(AuditLog):
    """The cases part of a unit."""

    __slots__ = ()

    def requests(self, school: str, request_id: str) -> tuple[StoredRequest, ...]:
        """What was stored under *request_id*, first to last; none when it is new."""
        rows = self.db.query(
            "select * from requests where request = ? order by id", [self._request(school, request_id)]
        )
        return tuple(
            StoredRequest(self.unseal(row["sealed"], _request_place(row)), row["case_id"]) for row in rows
        )

    def remember(self, school: str, request_id: str, request: StoredRequest) -> None:
        """Record that *request* is stored under *request_id*; the same digest again changes nothing."""
        self.needs(request.case)
        named = self._request(school, request_id)
        row = {
            "request": named,
            "digest": self.mark("digest", named, request.digest),
            "case_id": request.case,
        }
        if self.row("select 1 from requests where request = ? and digest = ?", named, row["digest"]):
            return
        last = self.row("select coalesce(max(id), 0) as id from requests") or {}
        sealed = self.seal(request.digest, _request_place(row))
        self.ledger.insert("requests", {**row, "id": last["id"] + 1, "sealed": sealed})

    def add_case(self, head: Head, key: CaseKey, access: Access, reporter: str = "") -> None:
        """Open a case, filed by the reporter with the handle *reporter*; its events follow."""
        found_by = self.mark("reporter", head.school, reporter) if reporter else ""
        sealed = self.seal(asdict(access), f"cases.access:{head.case}")
        kept = {"wrapped_key": key.wrapped, "access": sealed, "reporter": found_by}
        self.ledger.insert("cases", {**self._columns(head), **kept})
        self.keys[head.case] = key
        self._list_for(head, access)

    def key(self, case: str) -> CaseKey:
        """The key of *case*; raises `CaseDeleted` when it was deleted under a certificate."""
        if case not in self.keys:
            wrapped = self.case_row(case)["wrapped_key"]
            if not wrapped:
                raise CaseDeleted(case)
            self.keys[case] = self.keyring.unwrap(case, wrapped)
        return self.keys[case]

    def append(self, case: str, kind: EventKind, actor: str, body: Mapping[str, Any]) -> Event:
        """Add an event at `now` with its audit row; *body* is JSON, sealed with the key of the case."""
        school, secret = self.case_row(case)["school"], self.key(case).secret
        last = self.row("select coalesce(max(seq), 0) as seq from events where case_id = ?", case) or {}
        seq, words = last["seq"] + 1, json.dumps([actor, dict(body)])
        sealed = seal(secret, words.encode(), _event_place(case, seq))
        row = {"case_id": case, "seq": seq, "at": stamp(self.now), "kind": kind.value}
        row |= {"sealed": sealed, "digest": digest(sealed)}
        about = {"kind": AuditKind.EVENT.value, "school": school, "case_id": case}
        row["audit_seq"] = self.chain(about, actor, kind.value, event_digest(row))
        self.db.execute(
            "insert into events values (:case_id, :seq, :at, :kind, :sealed, :digest, :audit_seq)", row
        )
        return Event(case, seq, self.now, actor, kind, json.loads(words)[1])

    def events(self, case: str, *kinds: EventKind) -> tuple[Event, ...]:
        """Every event of *case*, or those of *kinds*, in order; none once it was deleted."""
        if not self.case_row(case)["wrapped_key"]:
            return ()
        secret = self.key(case).secret
        wanted = {"case": case, "kinds": json.dumps([kind.value for kind in kinds])}
        rows = self.db.query(_EVENTS, wanted)
        return tuple(_event(row, secret) for row in rows)

    def head(self, case: str) -> Head:
        """Where *case* stands."""
        self.needs(case)
        return self._heads("where c.id = ?", case)[0]

    def put_head(self, head: Head) -> None:
        """Replace the head of a case; `version` is set from its events, whatever *head* says."""
        self.ledger.change("cases", self.case_row(head.case), self._columns(head))

    def access(self, case: str) -> Access:
        """Who *case* is for."""
        found: dict[str, list[str]] = self.unseal(self.case_row(case)["access"], f"cases.access:{case}")
        return Access(**{name: tuple(persons) for name, persons in found.items()})

    def put_access(self, case: str, access: Access) -> None:
        """Replace who *case* is for."""
        sealed = self.seal(asdict(access), f"cases.access:{case}")
        self.ledger.change("cases", self.case_row(case), {"access": sealed})
        self._forget("case_people", case)
        self._list_for(self.head(case), access)

    def heads(self, school: str, person: str, wanted: Wanted) -> tuple[Head, ...]:
        """The cases of *school* that *person* may open, as *wanted*; an excluded one never appears."""
        found = self.db.query(listed(wanted.order), self._asked(school, person, wanted))
        heads = tuple(self._head(row) for row in found)
        if wanted.assigned is None:
            return heads
        # Whose a case is lies sealed, and no query can ask for it.
        theirs = [head for head in heads if head.assigned == wanted.assigned]
        return tuple(theirs[wanted.offset : wanted.offset + wanted.limit])

    def count(self, school: str, person: str, wanted: Wanted) -> int:
        """How many `heads` would give without limit and offset."""
        if wanted.assigned is not None:
            return len(self.heads(school, person, replace(wanted, limit=_ALL, offset=0)))
        counted = self.db.query(f"select count(*) as cases {_SEEN}", self._asked(school, person, wanted))
        return int(next(iter(counted))["cases"])

    def reported_by(self, school: str, handle: str) -> tuple[Head, ...]:
        """The cases that the reporter with *handle* filed, newest first."""
        reporter = self.mark("reporter", school, handle)
        return self._heads("where c.reporter = ? order by c.filed_at desc, c.id", reporter)

    def clocks_due(self, limit: int) -> tuple[Head, ...]:
        """The cases whose `clock_at` has come, longest waiting first."""
        due = "where c.clock_at > '' and c.clock_at <= ? order by c.clock_at, c.id limit ?"
        return self._heads(due, stamp(self.now), limit)

    def index_names(self, case: str, names: Iterable[str]) -> None:
        """Make *case* findable by each of *names* (names, handles), kept as keyed hashes alone."""
        school = self.case_row(case)["school"]
        for name in sorted(self._names(school, names)):
            if not self.row("select 1 from names where name = ? and case_id = ?", name, case):
                self.ledger.insert("names", {"name": name, "case_id": case})

    def cases_naming(self, school: str, names: Iterable[str]) -> tuple[str, ...]:
        """The cases of *school* with one of *names*, oldest first; the caller checks who may see them."""
        found = self.db.query(_NAMING, [json.dumps(sorted(self._names(school, names))), school])
        return tuple(row["id"] for row in found)

    def delete_content(self, case: str) -> None:
        """Destroy the key, the sealed bodies and the names of *case*; head, rows and digests stay."""
        self.ledger.change("cases", self.case_row(case), {"wrapped_key": b""})
        self.db.execute("update events set sealed = x'' where case_id = ?", [case])
        self._forget("names", case)
        self.keys.pop(case, None)
        self.erased = True

    def _heads(self, where: str, *values: object) -> tuple[Head, ...]:
        return tuple(self._head(row) for row in self.db.query(_HEADS + where, list(values)))

    def _head(self, row: Mapping[str, Any]) -> Head:
        case = row["id"]
        stored: dict[str, Any] = {name: bool(row[name]) for name in ("urgent", "about_adult", "own_slip")}
        stored |= {name: moment_or_none(row[name]) for name in _TIMES}
        return Head(
            case=case,
            school=row["school"],
            form=Form(row["form"]),
            status=Status(row["status"]),
            filed_at=moment(row["filed_at"]),
            version=row["version"],
            assigned=self.unseal(row["assigned"], f"cases.assigned:{case}"),
            escalations=row["escalations"],
            **stored,
        )

    def _columns(self, head: Head) -> dict[str, Any]:
        columns = {
            "id": head.case,
            "school": head.school,
            "form": head.form.value,
            "status": head.status.value,
        }
        flags = {
            name: int(getattr(head, name)) for name in ("urgent", "about_adult", "own_slip", "escalations")
        }
        times = {name: stamp(getattr(head, name)) for name in ("filed_at", *_TIMES)}
        return {
            **columns,
            **flags,
            **times,
            "assigned": self.seal(head.assigned, f"cases.assigned:{head.case}"),
        }

    def _list_for(self, head: Head, access: Access) -> None:
        # Whoever is kept out stays out, whatever other list they stand in (SAFETY 15).
        for person in dict.fromkeys(each for each in access.full if each not in access.excluded):
            marked = self.mark("person", head.school, person)
            self.ledger.insert("case_people", {"person": marked, "case_id": head.case})

    def _forget(self, table: str, case: str) -> None:
        rows = list(self.db.query(f'select * from "{table}" where case_id = ?', [case]))  # noqa: S608 - ours
        for row in rows:
            self.ledger.remove(table, row)

    def _asked(self, school: str, person: str, wanted: Wanted) -> dict[str, Any]:
        return {
            "school": school,
            "person": self.mark("person", school, person),
            "statuses": json.dumps([status.value for status in wanted.statuses]),
            "form": wanted.form.value if wanted.form else "",
            "urgent": -1 if wanted.urgent is None else int(wanted.urgent),
            "limit": wanted.limit if wanted.assigned is None else _ALL,
            "offset": wanted.offset if wanted.assigned is None else 0,
        }

    def _names(self, school: str, names: Iterable[str]) -> frozenset[str]:
        plain = {normalised(name) for name in names} - {""}
        return frozenset(self.mark("name", school, name) for name in plain)

    def _request(self, school: str, request_id: str) -> str:
        return self.mark("request", school, request_id)


def event_digest(row: Mapping[str, Any], prefix: str = "") -> bytes:
    """Return what the audit row of an event vouches for: place, time, kind and the hash of what is sealed."""
    return digest("events", *(row[prefix + name] for name in ("case_id", "seq", "at", "kind", "digest")))


def _event(row: Mapping[str, Any], secret: bytes) -> Event:
    case, seq = row["case_id"], row["seq"]
    actor, body = json.loads(open_sealed(secret, row["sealed"], _event_place(case, seq)))
    return Event(case, seq, moment(row["at"]), actor, EventKind(row["kind"]), body)


def _event_place(case: str, seq: int) -> str:
    return f"events.sealed:{case}:{seq}"


def _request_place(row: Mapping[str, Any]) -> str:
    return f"requests.sealed:{row['request']}:{row['digest']}"
