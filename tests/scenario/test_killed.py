"""
SAFETY 20: kill -9 at every step of filing, of adding and of delivery.

Each process is killed by its own hand just before a step that the world outside can see, by the kernel in
the middle of a write, or by another process at any moment; then the channel sends again and a new worker
delivers.
"""

import random
import shutil
import signal
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.proof_parent import Parent

pytestmark = pytest.mark.slow

IN_MEMORY = Path("/dev/shm")  # noqa: S108 - what a kill leaves behind is the same there, without the wait
MORE = {"changes": {"role": "caretaker"}, "files": 3}
"""Another sending under the same request id: one more answer, one more file."""
WALKS = {
    "filing": ("prepare", {}, "file", {}),
    "first start and filing": ("", {}, "file", {}),
    "adding": ("prepare", {"with_case": True}, "file", MORE),
    "delivery": ("prepare", {"with_case": True}, "deliver", {}),
}
"""For each walk: how its folder begins, and the job that is killed."""


@pytest.fixture(scope="module")
def parent():
    with Parent() as parent:
        yield parent


@pytest.fixture
def place(parent):
    with tempfile.TemporaryDirectory(dir=IN_MEMORY if IN_MEMORY.is_dir() else None) as folder:
        yield Place(parent, Path(folder))


@dataclass
class Place:
    """Folders that all begin alike, one for each kill, and the tally of what was killed where."""

    parent: Parent
    folder: Path
    tally: Counter = field(default_factory=Counter)

    def begin(self, job="prepare", **given):
        """Let every folder begin as *job* leaves an empty one; without a job, empty."""
        template = self.folder / "template"
        shutil.rmtree(template, ignore_errors=True)
        template.mkdir()
        if job:
            self.parent.ask(job, template, **given)

    def fresh(self):
        run = self.folder / "run"
        shutil.rmtree(run, ignore_errors=True)
        shutil.copytree(self.folder / "template", run)
        return run

    def steps(self, job, **given):
        """The names of the steps of *job* when nobody kills it."""
        return self.parent.ask(job, self.fresh(), **given)["steps"]

    def faults(self, *jobs, settle=None):
        """What is wrong once all is settled after *jobs*, and which signal ended each of them."""
        folder = self.fresh()
        said = [self.parent.ask(job, folder, **given) for job, given in jobs]
        settled = self.parent.ask("settle", folder, **(settle or {}))
        return faults_of(said, settled), [each["signal"] for each in said]

    def walk(self, name):
        """Kill the job of the walk *name* at each of its steps, and give what went wrong, by step."""
        start, has, job, given = WALKS[name]
        self.begin(start, **has)
        bad = {}
        steps = self.steps(job, **given)
        for at, step in enumerate(steps, start=1):
            faults, ended = self.faults((job, {**given, "kill_at": at}), settle=given)
            self.tally[(name, step)] += ended == [signal.SIGKILL]
            bad |= {(name, at, step): faults} if faults else {}
        assert sum(times for (of, _), times in self.tally.items() if of == name) == len(steps)
        return bad

    def show(self):
        """Print the kills by step."""
        walks = list(dict.fromkeys(walk for walk, _ in self.tally))
        table = Table("step", *walks, title=f"{self.tally.total()} kills")
        for step in sorted({step for _, step in self.tally}):
            table.add_row(step, *(str(self.tally[(walk, step)] or "") for walk in walks))
        Console(width=110).print(table)


def faults_of(said, settled):
    """What was lost, doubled, never delivered or damaged."""
    crashes = [each["crash"] for each in (*said, settled) if "crash" in each]
    if crashes:
        return crashes
    sent = {tuple(each) for each in settled["sent"]}
    acked = {each["ack"] for each in said if "ack" in each}
    # One case for the head, and one for the DSL about the child: each is told once, whatever is repeated.
    told = Counter((kind, to) for kind, to, _, _ in sent if kind != "reporter-added")
    added = sum(kind == "reporter-added" for kind, *_ in sent)
    checks = {
        "an acknowledged report is lost": acked <= set(settled["cases"]),
        "a repeat has another receipt": acked <= {settled["ack"]},
        "a case is doubled or missing": len(settled["cases"]) == 2,
        "the report was added to twice": settled["events"].count("added to by the reporter") <= 1,
        "the holder was told of an addition twice, or never": added == ("added" in str(settled["events"])),
        "evidence is doubled or not in the receipt": settled["events"].count("evidence stored")
        == len(set(settled["evidence"])),
        "a notice was never delivered": not settled["waiting"],
        "a holder was never told": {("new-case", "cop-head"), ("new-case", "cop-dsl")} <= told.keys(),
        "the reporter has no receipt": any(kind == "receipt" for kind, _ in told),
        "a repeat of a notice has a key of its own": set(told.values()) == {1},
        "verify finds a fault, or evidence is missing": not settled["faults"],
        "a file that no case names was not swept": not settled["unnamed"],
    }
    return [name for name, fine in checks.items() if not fine]


def test_safety_20_a_kill_at_any_step_of_filing_adding_and_delivery_loses_and_doubles_nothing(place):
    bad = {}

    for name in WALKS:
        bad |= place.walk(name)

    place.show()
    assert bad == {}
    assert place.tally.total() >= 300


def test_safety_20_a_sending_killed_and_its_repeats_killed_too_are_one_report(place):
    place.begin()
    steps = len(place.steps("file"))
    chance = random.Random(20)  # noqa: S311 - which steps, no secret
    bad = {}

    for turn in range(15):
        ats = [chance.randint(1, steps) for _ in range(3)]
        jobs = [*(("file", {"kill_at": at}) for at in ats), ("deliver", {"kill_at": chance.randint(1, 60)})]
        faults, ended = place.faults(*jobs)
        place.tally[("three sendings and a worker", "some step")] += ended.count(signal.SIGKILL)
        bad |= {(turn, *ats): faults} if faults else {}

    place.show()
    assert bad == {}
    assert place.tally.total() >= 30


@pytest.mark.parametrize("walk", WALKS)
def test_safety_20_a_kill_in_the_middle_of_a_write_of_the_database_loses_nothing(walk, place):
    """SQLite writes on its own: the kernel kills at the byte at which its log would grow past a length."""
    start, has, job, given = WALKS[walk]
    place.begin(start, **has)
    bad = {}

    for longest in range(33_000, 300_000, 13_337):
        faults, ended = place.faults((job, {**given, "longest": longest}), settle=given)
        place.tally[(walk, "write past a length")] += ended == [signal.SIGXFSZ]
        bad |= {longest: faults} if faults else {}

    place.show()
    assert bad == {}
    assert place.tally.total() >= 5


@pytest.mark.parametrize("walk", WALKS)
def test_safety_20_a_kill_from_outside_at_any_moment_loses_nothing(walk, place):
    start, has, job, given = WALKS[walk]
    place.begin(start, **has)
    bad = {}

    for turn in range(12):
        folder = place.fresh()
        said = place.parent.ask_many([(job, folder, given)], killed_after_s=0.008 * (turn + 1))
        faults = faults_of(said, place.parent.ask("settle", folder, **given))
        place.tally[(walk, "any moment")] += said[0]["signal"] == signal.SIGKILL
        bad |= {turn: faults} if faults else {}

    place.show()
    assert bad == {}
