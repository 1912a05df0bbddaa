"""The tables of the store: every change to them is one migration here, and nothing else makes a table."""

from collections.abc import Mapping, Sequence

from sqlite_utils import Database
from sqlite_utils.migrations import Migrations

migrations = Migrations("store")

Tables = Mapping[str, tuple[Mapping[str, type], Sequence[str]]]

_FIRST: Tables = {
    "meta": ({"key": str, "value": bytes}, ("key",)),
    "cases": (
        {
            **{"id": str, "school": str, "form": str, "urgent": int, "status": str, "about_adult": int},
            **{"own_slip": int, "filed_at": str, "opened_at": str, "acknowledged_at": str},
            **{"first_action_at": str, "closed_at": str, "clock_at": str, "escalations": int},
            **{"assigned": bytes, "wrapped_key": bytes, "access": bytes, "reporter": str},
        },
        ("id",),
    ),
    "case_people": ({"person": str, "case_id": str}, ("person", "case_id")),
    "names": ({"name": str, "case_id": str}, ("name", "case_id")),
    "requests": (
        {"id": int, "request": str, "digest": str, "case_id": str, "sealed": bytes},
        ("id",),
    ),
    "outbox": (
        {
            **{
                "id": int,
                "key": str,
                "school": str,
                "case_id": str,
                "urgent": int,
                "sealed": bytes,
                "due": str,
            },
            **{"attempts": int, "lease_until": str, "sent_at": str, "error": bytes},
        },
        ("id",),
    ),
    "memos": ({"key": str, "sealed": bytes}, ("key",)),
}
_LATER: Tables = {
    "held": ({"key": str, "sealed": bytes, "held_at": str, "until": str}, ("key",)),
}

PROTECTED: Tables = {**_FIRST, **_LATER}
"""The tables whose rows may change: each row has a keyed hash beside it, and the end of the log their sum."""

CHAINED: Tables = {
    "audit": (
        {
            **{"seq": int, "at": str, "kind": str, "school": str, "case_id": str, "sealed": bytes},
            **{"digest": bytes, "mac": bytes},
        },
        ("seq",),
    ),
    "events": (
        {
            **{"case_id": str, "seq": int, "at": str, "kind": str, "sealed": bytes, "digest": bytes},
            "audit_seq": int,
        },
        ("case_id", "seq"),
    ),
    "ends": (
        {"id": int, "seq": int, "mac": bytes, "at": str, "sums": str, "broken": int, "seal": bytes},
        ("id",),
    ),
}
"""The audit log, the events that its rows vouch for, and its end, kept a second time."""

_IN_A_CASE = ("case_people", "names", "requests", "events")
_INDEXES: Sequence[tuple[str, Sequence[str], bool]] = (
    ("cases", ("reporter", "filed_at"), False),
    ("cases", ("clock_at",), False),
    # What a list filters and sorts by, so that the sealed columns are read for the shown rows alone.
    ("cases", ("id", "school", "status", "form", "urgent", "opened_at", "filed_at"), False),
    ("case_people", ("case_id",), False),
    ("names", ("case_id",), False),
    ("requests", ("request", "digest"), True),
    ("outbox", ("key",), True),
    ("outbox", ("sent_at", "due"), False),
    ("events", ("audit_seq",), True),
    ("audit", ("school", "seq"), False),
)
_TRIGGERS = (
    """
    create trigger audit_is_never_changed before update on audit
    begin select raise(abort, 'audit rows are never changed'); end
    """,
    """
    create trigger audit_is_never_deleted before delete on audit
    begin select raise(abort, 'audit rows are never deleted'); end
    """,
    """
    create trigger events_are_never_deleted before delete on events
    begin select raise(abort, 'events are never deleted'); end
    """,
    # A case whose key is destroyed under a certificate loses its words; what proves that they were stays.
    """
    create trigger events_are_never_changed before update on events
    when not (
        new.sealed = x'' and new.case_id = old.case_id and new.seq = old.seq and new.at = old.at
        and new.kind = old.kind and new.digest = old.digest and new.audit_seq = old.audit_seq
        and exists (select 1 from cases where id = old.case_id and wrapped_key = x'')
    )
    begin select raise(abort, 'events are never changed'); end
    """,
)


@migrations()
def m001_create_tables(db: Database) -> None:
    """The first tables of the store, none of whose columns may be null, as no column ever may."""
    for name, (columns, keys) in {**_with_mac(_FIRST), **CHAINED}.items():
        foreign = [("case_id", "cases", "id")] if name in _IN_A_CASE else []
        pk = keys[0] if len(keys) == 1 else tuple(keys)
        db.table(name).create(dict(columns), pk=pk, not_null=columns.keys(), foreign_keys=foreign)


@migrations()
def m002_create_indexes(db: Database) -> None:
    """What keeps 10,000 cases quick, and what makes a request or a notice unique."""
    for table, columns, unique in _INDEXES:
        db.table(table).create_index(columns, unique=unique)


@migrations()
def m003_forbid_changes(db: Database) -> None:
    """A record is never edited or deleted in place (SAFETY 21)."""
    for trigger in _TRIGGERS:
        db.execute(trigger)


@migrations()
def m004_create_held(db: Database) -> None:
    """What is held for a while, found by its key and by when its time is over."""
    for name, (columns, keys) in _with_mac(_LATER).items():
        db.table(name).create(dict(columns), pk=keys[0], not_null=columns.keys())
    db.table("held").create_index(["until"])


@migrations()
def m005_find_rows_by_case(db: Database) -> None:
    """What was done to one case is read for each form that is sent from it."""
    db.table("audit").create_index(["case_id", "seq"])


def _with_mac(tables: Tables) -> Tables:
    return {name: ({**columns, "mac": bytes}, keys) for name, (columns, keys) in tables.items()}
