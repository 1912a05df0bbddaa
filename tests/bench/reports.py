"""How quick reporting is: `python tests/bench/reports.py`; prints a table, writes JSON. About two minutes."""

import io
import json
import os
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402  - the repository is on the path only now
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from bot.casework.room import Member  # noqa: E402
from bot.domain.cases import Access, EventKind, Head, Status  # noqa: E402
from bot.domain.notices import Notice, NoticeKind  # noqa: E402
from bot.domain.reports import Upload  # noqa: E402
from bot.domain.triage import Form  # noqa: E402
from bot.intake import case_number  # noqa: E402
from bot.media.decoder import ChildDecoder  # noqa: E402
from bot.store import backup  # noqa: E402
from bot.store.backup import Places, Source  # noqa: E402
from bot.store.keyring import Keyring  # noqa: E402
from bot.store.migrations import CHAINED, PROTECTED  # noqa: E402
from tests.notifier_fakes import FakeNotifier  # noqa: E402
from tests.proof_desk import KEY, SCHOOL, Shifted, a_submission, open_desk  # noqa: E402

CASES, BATCH = 10_000, 250
HEAD = Member(SCHOOL, "cop-head")
SHARED = Access(full=("cop-head", "cop-dsl"), chain=("cop-deputy", "cop-chair"))


def main() -> None:
    """Measure in a folder of the disk that the temporary folder is on."""
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        figures = measured(Path(folder))
    figures["load of the machine before and after (1 min)"] = f"{before:.1f}, {os.getloadavg()[0]:.1f}"
    figures["processors"] = os.cpu_count() or 0
    figures["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
    results = ROOT / "tests" / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "reports.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    table = Table("what", "figure")
    for what, figure in figures.items():
        table.add_row(what, f"{figure:,.1f}" if isinstance(figure, float) else str(figure))
    Console().print(table)


def measured(folder: Path) -> dict[str, float | int | str]:
    """The figures, in milliseconds unless they say otherwise."""
    chat = FakeNotifier()
    with open_desk(folder, notifiers=(chat,), decoder=ChildDecoder()) as desk:
        figures = {"a write of 4 KB with its sync": _spread(_synced(folder), 100)}
        figures |= _filing(desk, "an empty store")
        figures["file a report with a screenshot of 1 MB"] = _spread(_with_screenshot(desk), 30)
        cases = _many(desk)
        figures |= _filing(desk, f"{CASES:,} cases")
        figures |= _looking(desk, cases)
        figures |= _delivering(desk, chat)
        rows: dict[str, float | int | str] = {what: words for what, words in figures.items()}
        return rows | _whole(desk, folder)


def _filing(desk, where):
    def file(turn):
        return desk.intake.file(a_submission(f"{where} {turn}", Form.FRIEND_REQUEST))

    return {f"file a report without evidence, {where}": _spread(file, 200)}


def _with_screenshot(desk):
    noise = Image.frombytes("RGB", (600, 600), os.urandom(3 * 600 * 600))
    out = io.BytesIO()
    noise.save(out, "PNG")

    def file(turn):
        # Another content each time: what is there already is not kept twice.
        content = out.getvalue()
        return desk.intake.file(a_submission(f"shot {turn}", Form.CONCERN), (Upload("a.png", content),))

    return file


def _synced(folder):
    def write(turn):
        with (folder / "sync").open("ab") as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

    return write


def _many(desk):
    """Cases with the events that a report makes, many in one unit of work: filing each takes too long."""
    real = desk.intake.file(a_submission("the first of many", Form.CONCERN)).case
    with desk.store.reading() as unit:
        filed, routed = (event.body for event in unit.events(real))
    cases = []
    for _ in range(CASES // BATCH):
        with desk.store.writing() as unit:
            for _ in range(BATCH):
                cases.append(case_number())
                head = Head(cases[-1], SCHOOL, Form.CONCERN, False, Status.RECEIVED, unit.now, 0)
                unit.add_case(head, desk.store.new_key(cases[-1]), SHARED, "jo")
                # A pupil of its own: cases of the same one are looked up whenever one of them is opened.
                pupil = f"Pupil {cases[-1]}"
                parties = [filed["parties"][0] | {"name": pupil, "handle": ""}]
                unit.append(cases[-1], EventKind.FILED, "reporter", filed | {"parties": parties})
                unit.append(cases[-1], EventKind.ROUTED, "reporter", routed)
                unit.index_names(cases[-1], [pupil])
    return cases


def _looking(desk, cases):
    work = desk.casework
    step = len(cases) // 210
    return {
        f"list 50 of {CASES:,} cases": _spread(lambda turn: work.list_cases(HEAD), 100),
        f"open one of {CASES:,} cases": _spread(
            lambda turn: work.open_case(HEAD, cases[turn * step], "working on the case"), 200
        ),
        f"search a name in {CASES:,} cases": _spread(
            lambda turn: work.search(HEAD, f"Pupil {cases[turn * step]}"), 100
        ),
    }


def _delivering(desk, chat):
    """What waited since the cases were filed goes first; then a hundred notices in one round."""
    while desk.delivery.run_once().more:
        pass
    with desk.store.writing() as unit:
        for at in range(100):
            unit.enqueue(
                Notice(f"bench {at}", NoticeKind.CHECKPOINT, SCHOOL, "cop-head", unit.now, detail="1 a")
            )
    sent = len(chat.sent)
    start = time.perf_counter()
    desk.delivery.run_once()
    took = (time.perf_counter() - start) * 1000
    return {"a delivery round of 100 notices": f"{took:.0f} ms, {len(chat.sent) - sent} sent"}


def _whole(desk, folder):
    with desk.store.reading() as unit:
        log = unit.checkpoint().seq
        rows = sum(unit.db.table(name).count for name in (*PROTECTED, *CHAINED))
    start = time.perf_counter()
    faults = sum(1 for _ in desk.store.verify())
    verified = time.perf_counter() - start
    source = Source(Places.of(folder / "data"), Keyring(KEY), desk.store.wrapped_roots(), Shifted())
    target = folder / "backup"
    start = time.perf_counter()
    backup.backup(source, target)
    took = time.perf_counter() - start
    megabytes = target.stat().st_size / 1e6
    return {
        "verify, rows of the audit log": log,
        "verify, rows of all tables": rows,
        "verify, rows of the audit log/s (with all that they vouch for)": log / verified,
        "verify, rows of all tables/s": rows / verified,
        "verify, faults": faults,
        "backup, MB": megabytes,
        "backup, MB/s": megabytes / took,
    }


def _spread(act, rounds):
    """The middle and the slowest of a hundred, over *rounds* after three that warm the caches."""
    times = []
    for turn in range(rounds + 3):
        start = time.perf_counter()
        act(turn)
        times.append((time.perf_counter() - start) * 1000)
    times = sorted(times[3:])
    return f"p50 {statistics.median(times):.1f} ms, p99 {times[int(len(times) * 0.99) - 1]:.1f} ms"


if __name__ == "__main__":
    main()
