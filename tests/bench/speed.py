"""Speed and memory, as ratios in one run: `python tests/bench/speed.py`; prints a table, writes JSON."""

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402  - the repository is on the path only now
from rich.table import Table  # noqa: E402

from bot import app  # noqa: E402
from bot.config import Settings  # noqa: E402

ROUNDS = 200
QUESTIONS = (
    "Can I follow a parent?",
    "a y9 has added me on insta what do i do",
    "who approves a new account for our department",
    "is it ok to have pupils' pictures on my own phone after a trip",
    "someone made a fake profile of the head",
)


def main() -> None:
    """Measure on the real schools' documents where they lie beside the repository, else on the samples."""
    trust = ROOT.parent / "shared" / "trust"
    policies = trust if trust.is_dir() else ROOT / "policies"
    with tempfile.TemporaryDirectory() as data:
        environ = {"STAFFROOM_POLICIES": str(policies), "STAFFROOM_DATA": data}
        figures = measured(environ)
    figures["date"] = f"{datetime.now(UTC):%Y-%m-%d}"
    results = ROOT / "tests" / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "speed.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    table = Table("what", "figure")
    for what, figure in figures.items():
        table.add_row(what, f"{figure:.3f}" if isinstance(figure, float) else str(figure))
    Console().print(table)


def measured(environ: dict[str, str]) -> dict[str, float | int | str]:
    """The figures, in seconds, megabytes and ratios."""
    room = app.build(Settings.from_env(environ, ROOT))
    encoder = room.index.encoder()
    start = time.perf_counter()
    report = room.index.refresh()
    built = time.perf_counter() - start
    start = time.perf_counter()
    room.index.refresh()
    again = time.perf_counter() - start
    school = min(room.folders.schools)
    alone, asked = [], []
    for turn in range(ROUNDS + 5):
        question = f"{QUESTIONS[turn % len(QUESTIONS)]} {turn}"
        start = time.perf_counter()
        encoder.encode([question])
        middle = time.perf_counter()
        room.answering.ask(school, question)
        alone.append(middle - start)
        asked.append(time.perf_counter() - middle)
    # The first few warm the caches.
    p50_alone, p50_asked = statistics.median(alone[5:]), statistics.median(asked[5:])
    return {
        "clauses": report.clauses,
        "texts encoded in the first build": report.encoded,
        "first build, s": built,
        "second build with nothing changed, s": again,
        "encoding a question alone, p50 ms": p50_alone * 1000,
        "ask in process, p50 ms": p50_asked * 1000,
        "ask / encoding alone (goal 1.3 or less)": p50_asked / p50_alone,
        "ask in a new process, index built, s": _new_process(environ),
        "peak memory, MB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _new_process(environ: dict[str, str]) -> float:
    school = min(path.name for path in Path(environ["STAFFROOM_POLICIES"]).iterdir() if path.is_dir())
    command = [sys.executable, "-m", "bot", "ask", "--school", school, QUESTIONS[0]]
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, env={"PATH": "", **environ}, check=True, capture_output=True)  # noqa: S603
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
