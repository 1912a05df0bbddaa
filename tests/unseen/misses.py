"""Writes MISSES.md, the questions whose right clause does not come first: `python -m tests.unseen.misses`."""

import json
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path

HERE = Path(__file__).parent


def main():
    """Ask every question of the unseen schools, and list what was missed by cause."""
    files = sorted(HERE.glob("questions-*.jsonl"))
    lines = [line for file in files for line in file.read_text("utf-8").splitlines()]
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as whole:
        whole.write("\n".join(lines))
        whole.flush()
        options = ["--policies", HERE / "schools", "--clauses", HERE / "clauses", "--misses", "--json"]
        command = [sys.executable, "-m", "bot", "evaluate", whole.name, *map(str, options)]
        done = subprocess.run(command, capture_output=True, check=True)  # noqa: S603 - our own words
    (HERE / "MISSES.md").write_text(_written(json.loads(done.stdout), len(lines)), "utf-8")


def _written(misses, of):
    parts = [
        "# What is missed",
        "",
        f"Of {of} questions at the unseen schools, {len(misses)} do not have their right clause first.",
        "`python -m tests.unseen.misses` writes this list; the place is that of the right clause among five.",
    ]
    for cause, group in groupby(misses, key=lambda miss: miss["cause"]):
        mine = list(group)
        parts += ["", f"## {cause[0].upper()}{cause[1:]}: {len(mine)}", ""]
        parts += ["| question | right | came first | place |", "|---|---|---|---|"]
        parts += [
            _row(miss["question"], miss["wanted"], miss["given"], miss["place"] or "-") for miss in mine
        ]
    return "\n".join([*parts, ""])


def _row(*cells):
    return "| {} |".format(" | ".join(str(cell).replace("|", "\\|") for cell in cells))


if __name__ == "__main__":
    main()
