"""A casework on the real store, and cases filed into it, which several test files share."""

import tomllib
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import bot
from bot.casework.casework import Casework
from bot.casework.room import Member
from bot.domain import retention
from bot.domain.cases import Event, EventKind, Party, PartyRole
from bot.domain.closing import Closing, Retention
from bot.store.locks import LockList
from bot.store.vault import FileVault
from tests.cases_builders import START, FakeClock, a_head, a_store, an_access
from tests.fakes import PLAIN_SCHOOL, a_school

AMY = Member("fernhill", "amy")
BEN = Member("fernhill", "ben")
CAT = Member("fernhill", "cat")
DAN = Member("fernhill", "dan")
EVE = Member("fernhill", "eve")
ELSEWHERE = Member("oakhill", "amy")
"""Somebody of another school, with the id that the DSL has here."""
STRANGER = Member("fernhill", "nobody")

REPORTER = {"handle": "rob@fernhill", "name": "Rob Rook", "person": ""}
PNG = b"\x89PNG\r\n\x1a\n not really a picture"
PEOPLE = [*PLAIN_SCHOOL["person"], {"id": "eve", "name": "Eve Elm"}]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

FILED = {
    "reporter": {"handle": "rob@fernhill", "name": "Rob Rook", "person": ""},
    "answers": {"what": "a request", "when": "today"},
    "gate": "no",
    "parties": [{"name": "Pat", "role": "alleged", "handle": "@pat", "category": "pupil", "person": ""}],
    "missing": ["the address", "a screenshot"],
}
ITEM = {
    "id": "e-1",
    "name": "screen.png",
    "kind": "PNG picture",
    "size": 3,
    "sha256": "ab",
    "scanned": "not scanned",
    "metadata": {},
    "derivatives": ["e-1.1"],
}


def events_of(*said):
    """FILED, and then each (kind, body), a minute apart."""
    all_said = ((EventKind.FILED, FILED), *said)
    return tuple(
        Event("CASE-1", seq, START + timedelta(minutes=seq), "amy", kind, body)
        for seq, (kind, body) in enumerate(all_said, start=1)
    )


def a_schedule():
    with (Path(bot.__file__).parent / "retention.toml").open("rb") as file:
        return retention.parse(tomllib.load(file))


def a_casework(tmp_path, clock=None):
    """Casework of two schools, on a store and a vault in *tmp_path*."""
    clock = clock or FakeClock()
    store = a_store(tmp_path, clock)
    locks = LockList(tmp_path / "locks", store.roots.audit, tmp_path / "witness", clock)
    schools = {"fernhill": a_school(person=PEOPLE), "oakhill": a_school("oakhill")}
    return Casework(schools, store, FileVault(tmp_path / "vault", locks), a_schedule())


def a_party(name="Pat Pupil", role=PartyRole.ALLEGED, **changes):
    return Party(**{"name": name, "role": role, "category": "pupil", **changes})


def file_case(
    work, case="CASE-1", access=None, *, reporter=None, parties=(), files=(), missing=(), pages=1, **head
):
    """File *case* as intake does, for amy unless told otherwise; *files* are ids, of *pages* each."""
    reporter = reporter or REPORTER
    key = work.store.new_key(case)
    body = {
        "reporter": reporter,
        "answers": {"what": "a friend request"},
        "gate": "no",
        "parties": [asdict(each) for each in parties],
        "missing": list(missing),
    }
    access = access or an_access("amy")
    kept = [_kept(work, key, item, pages) for item in files]
    clock_at = head.pop("clock_at", START)
    with work.store.writing() as unit:
        unit.add_case(a_head(case, clock_at=clock_at, **head), key, access, reporter["handle"])
        unit.append(case, EventKind.FILED, "reporter", body)
        unit.append(case, EventKind.ROUTED, "reporter", asdict(access) | {"clause": "6.2"})
        for each in kept:
            unit.append(case, EventKind.EVIDENCE_STORED, "reporter", each)
        unit.index_names(case, [party.name for party in parties])
    return case


def _kept(work, key, item, pages):
    stored = work.vault.put(key, item, [PNG, item.encode()])
    derivatives = [f"{item}.{page}" for page in range(1, pages + 1)]
    for name in derivatives:
        work.vault.put(key, name, [PNG])
    return {
        "id": item,
        "name": "screen.png",
        "kind": "PNG picture",
        "size": stored.size,
        "sha256": stored.sha256,
        "scanned": "not scanned",
        "metadata": {"taken": "2026-11-20 21:00:00"},
        "derivatives": derivatives,
    }


def a_closing(**changes):
    """All that a pupil's case needs to be closed; kept until 2051."""
    plain = {
        "summary": "A pupil sent a friend request.",
        "followed_up": "The DSL spoke with the class.",
        "action": "The request was declined.",
        "outcome": "No further contact.",
        "reasons": "The pupil understood.",
        "filed_where": "the school's safeguarding system",
        "retention": Retention("child-protection", sexual_abuse=False, until=date(2051, 1, 31)),
    }
    return Closing(**{**plain, **changes})


def opened(work, who=AMY, case="CASE-1"):
    """The view of *case*, opened by *who* with a reason."""
    return work.open_case(who, case, "working on the case")


def closed(work, who=AMY, case="CASE-1", **changes):
    """Open and close *case*."""
    seen = opened(work, who, case).head.version
    return work.close(who, case, a_closing(**changes), seen)


def audit(work, school="fernhill"):
    """The audit log of *school*, as (kind, actor, case, detail)."""
    with work.store.reading() as unit:
        rows = tuple(unit.audit_rows(school))
    return [(row.kind.value, row.actor, row.case, row.detail) for row in rows]


def notices(work, school="fernhill"):
    """The notices that wait, as (kind, to, case)."""
    with work.store.reading() as unit:
        return [(each.notice.kind.value, each.notice.to, each.notice.case) for each in unit.waiting(school)]


def events(work, case="CASE-1"):
    with work.store.reading() as unit:
        return unit.events(case)
