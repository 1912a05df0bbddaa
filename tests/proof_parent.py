"""
A prepared parent: a process without threads that has imported everything, and forks a child for each job.

Run as a program it reads jobs from standard input, a JSON object a line, and answers each with a line.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_write = os.write


class Parent:
    """The parent, from outside; each call is one job in a process of its own. Close it at the end."""

    def __init__(self):
        command = [sys.executable, "-m", "tests.proof_parent"]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def ask(self, job, folder, **given):
        """What the job said, with "signal", the number of what killed it, or 0."""
        return self.ask_many([(job, folder, given)])[0]

    def ask_many(self, jobs, killed_after_s=0.0):
        """The same of several jobs at once, in their order; perhaps all are killed after so long."""
        rows = [{"job": job, "folder": str(folder), "given": given} for job, folder, given in jobs]
        line = json.dumps({"jobs": rows, "killed_after_s": killed_after_s})
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def main():
    """Answer until standard input ends."""
    from tests import proof_jobs  # noqa: PLC0415
    from tests.proof_desk import the_forms, the_schools  # noqa: PLC0415

    # Read once, for all children.
    the_forms(), the_schools()
    for line in sys.stdin:
        asked = json.loads(line)
        children = [_started(proof_jobs, row) for row in asked["jobs"]]
        if asked["killed_after_s"]:
            time.sleep(asked["killed_after_s"])
            for child, _ in children:
                os.kill(child, signal.SIGKILL)
        print(json.dumps([_ended(*each) for each in children]), flush=True)  # noqa: T201 - its answer


def _started(jobs, row):
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    os.close(reading)
    # Whatever is printed by mistake must not come between the answers.
    os.dup2(2, 1)
    status = 1
    try:
        getattr(jobs, row["job"])(_said_to(writing), row["folder"], **row["given"])
        status = 0
    except BaseException:  # noqa: BLE001 - told to the test, which fails
        _said_to(writing)(crash=traceback.format_exc())
    finally:
        os._exit(status)


def _said_to(pipe):
    # The call of before the steps are watched: to speak is no step.
    return lambda **said: _write(pipe, (json.dumps(said) + "\n").encode())


def _ended(child, reading):
    with os.fdopen(reading, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.endswith("\n")]
    _, status = os.waitpid(child, 0)
    said = {key: value for line in lines for key, value in line.items()}
    return {**said, "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}


if __name__ == "__main__":
    main()
