"""What `staffroom doctor` checks, each with the mend."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bot.app import Staffroom
from bot.domain.schools import School
from bot.errors import BotError
from index.errors import WrongModel


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: whether it is well, and what to do when it is not."""

    passed: bool
    words: str


def checks(build: Callable[[], Staffroom]) -> Iterator[Check]:
    """Look at everything; what cannot be looked at because of an earlier fault is left out."""
    try:
        room = build()
    except BotError as error:
        for line in str(error).splitlines():
            yield Check(False, line)
        return
    settings = room.settings
    yield Check(True, f"{settings.mode} mode, data in {settings.data}, policies in {settings.policies}")
    for line in room.folders.all_problems:
        yield Check(False, line)
    for school in room.folders.schools.values():
        yield Check(
            True, f"{school.id}: {school.name}, {len(school.policies)} policies, {len(school.people)} people"
        )
        yield from _numbers(school)
    yield from _index(room)


def _numbers(school: School) -> Iterator[Check]:
    needed = ("dsl", "head", "chair", "social_care", "social_care_out_of_hours", "lado")
    missing = [role for role in needed if not school.telephone(role)]
    if missing:
        yield Check(
            False, f"{school.id}/school.toml: [contacts] has no number for {', '.join(missing)}; add them"
        )


def _index(room: Staffroom) -> Iterator[Check]:
    fresh = room.index.is_fresh()
    yield Check(True, "the index is up to date" if fresh else "the index is built at the next start")
    try:
        report = room.index.refresh()
    except BotError as error:
        yield Check(False, str(error))
        return
    for problem in report.problems:
        served = "its last good version still answers" if problem.serving_old else "it is not answered from"
        yield Check(False, f"{problem.school}: {problem.message} ({served})")
    yield Check(True, f"the index holds {report.clauses} clauses: {report.path}")
    try:
        yield Check(True, f"model: {room.index.encoder().name}")
    except WrongModel as error:
        yield Check(False, str(error))
