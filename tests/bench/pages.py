"""How quick the pages are: `python tests/bench/pages.py [--quick]`; a table and JSON, 3 minutes."""

import argparse
import contextlib
import http.client
import itertools
import json
import multiprocessing
import os
import re
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime
from http.cookies import SimpleCookie
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402  - the repository is on the path only now
from rich.table import Column, Table  # noqa: E402

from tests.bench.slack import QUESTIONS  # noqa: E402
from tests.browser_kit import serving  # noqa: E402
from tests.web_kit import Answer, Browser  # noqa: E402
from tests.web_report_kit import Reporter  # noqa: E402

SCHOOL = "copperfell-high"
AT_ONCE = 20
TEACHERS = 14
"""Of the 20: the others sit at the desk, as DSL, deputy and head in turn."""
DESK = ("cop-dsl", "cop-deputy", "cop-head")
ROUNDS, ASKS, CASES = 60, (100, 400), 60
"""Pages for each of the 20; questions one at a time, and by 20 at once; cases that there are."""
OWN = 5
"""Reports of the teacher's own among them."""
MOST_BYTES = 100_000
PATIENCE_S = 60
TEACHER_PAGES = ("/", "/report", "/mine", "/policies", "/policies/1", "/poster")
DESK_PAGES = ("/cases", "CASE", "CASE", "/insights", "/cases/deletion", "/policies/1")
CAPTION = (
    "Milliseconds until the whole page is read. 20 at once: so many people, each on their own connection and "
    "asking for the next page as soon as they have the last, with no pause to read it."
)


def main() -> None:
    """Measure `staffroom` in sample mode, as a process of its own; the people are another process."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="a tenth of everything, and no file is written")
    part = 10 if words.parse_args().quick else 1
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as (address, _):
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, spawn) as people:
            figures = people.submit(measured, address, part).result()
    load = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors"
    said = {**figures, "machine": load, "date": f"{datetime.now(UTC):%Y-%m-%d}"}
    if part == 1:
        results = ROOT / "tests" / "bench" / "results"
        results.mkdir(exist_ok=True)
        (results / "pages.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    show(said)


def show(said):
    """Print the table."""
    table = Table("what", *(Column(each, justify="right") for each in ("p50", "p95", "p99", "most", "count")))
    table.caption = CAPTION
    for what, figure in said.items():
        if isinstance(figure, dict):
            table.add_row(what, *(f"{each:,.0f}" for each in figure.values()))
    console = Console()
    console.print(table)
    for what, figure in said.items():
        if not isinstance(figure, dict):
            console.print(f"{what}: {figure}")


def measured(address, part):
    """The figures; a *part*-th of everything."""
    cases = filed(address, CASES // part)
    figures = {}
    alone, together = (count // part for count in ASKS)
    pages, lost = seen(address, cases, ROUNDS // part)
    every = list(itertools.chain.from_iterable(pages.values()))
    figures[f"any page, {AT_ONCE} at once"] = spread(every)
    figures |= {f"  {path}": spread(times) for path, times in sorted(pages.items())}
    figures["ask, one at a time"] = spread(asked(address, 1, alone, 0))
    figures[f"ask, {AT_ONCE} at once"] = spread(asked(address, AT_ONCE, together, alone))
    figures["pages that were not answered well"] = lost
    figures["weight of the page to sign in, bytes"] = weight(Remote(address), "/sign-in")
    figures["weight of the first page, bytes"] = weight(a_person(address, "teacher"), "/")
    figures["and must be below, bytes"] = MOST_BYTES
    return figures


def spread(seconds):
    """The middle, two tails and the slowest, in milliseconds."""
    times = sorted(each * 1000 for each in seconds) or [float("nan")]
    tails = {f"p{share}": times[max(0, -(-len(times) * share // 100) - 1)] for share in (95, 99)}
    found = {"p50": statistics.median(times), **tails, "most": times[-1]}
    return {**{name: round(value, 1) for name, value in found.items()}, "count": len(seconds)}


# What is measured


def seen(address, cases, rounds):
    """Path → times of its pages while 20 people look at pages, and what was answered instead of a page."""
    found, lost, turn = {}, [], threading.Lock()

    def looks(number):
        desk = number >= TEACHERS
        one = a_person(address, DESK[number % 3] if desk else "teacher")
        mine = opened(one, cases) if desk and number % 3 == 0 else []
        paths = DESK_PAGES if desk else TEACHER_PAGES
        for at in range(rounds):
            path = paths[(number + at) % len(paths)]
            if path == "CASE":
                path = f"/cases/{mine[at % len(mine)]}" if mine else "/cases"
            start = time.perf_counter()
            status = one.get(path).status
            took = time.perf_counter() - start
            named = "/cases/{case}" if path in [f"/cases/{each}" for each in mine] else path
            with turn:
                found.setdefault(named, []).append(took)
                lost.extend([f"{status} at {named}"] if status != 200 else [])

    with ThreadPoolExecutor(AT_ONCE) as people:
        for each in [people.submit(looks, number) for number in range(AT_ONCE)]:
            each.result()
    return found, ", ".join(f"{each}: {count}" for each, count in Counter(lost).items()) or 0


def asked(address, together, count, first):
    """The times of *count* questions through the page, by *together* people at once."""
    numbers, turn, times = iter(range(first, first + count)), threading.Lock(), []

    def asks():
        one = a_person(address, "teacher")
        while True:
            with turn:
                number = next(numbers, None)
            if number is None:
                return
            one.get("/")
            # A number makes each question new, so that none is answered from memory.
            question = f"{QUESTIONS[number % len(QUESTIONS)]} ({number})"
            start = time.perf_counter()
            # The answer stands at an address of its own, to which the post leads.
            answer = one.follow(one.post("/", {"question": question}))
            took = time.perf_counter() - start
            assert answer.status == 200, answer.status
            with turn:
                times.append(took)

    with ThreadPoolExecutor(together) as people:
        for each in [people.submit(asks) for _ in range(together)]:
            each.result()
    return times


def weight(one, path):
    """The bytes of *path* and of everything that it loads, headers too; a look elsewhere is an error."""
    page = one.get(path).text
    parts = re.findall(r'<(?:link|script|img)[^>]*(?:href|src)="([^"]+)"', page)
    assert all(each.startswith("/") and not each.startswith("//") for each in parts), parts
    answers = [one.get(each) for each in (path, *dict.fromkeys(parts))]
    heads = sum(len(f"{name}: {value}\r\n") for each in answers for name, value in each.headers.items())
    return sum(len(each.body) for each in answers) + heads


# The people


class Remote(Browser):
    """The browser without a window of the tests, at a server over HTTP."""

    def __init__(self, address):
        super().__init__(None)
        self.host = urlsplit(address).netloc
        self.door = http.client.HTTPConnection(self.host, timeout=PATIENCE_S)

    def _send(self, method, path, body, headers):
        said = {key.replace("_", "-"): value for key, value in headers.items()}
        said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        self.door.request(method, path, body, said)
        response = self.door.getresponse()
        answer = Answer(response.status, {}, response.read())
        for name, value in response.getheaders():
            answer.headers[name.lower()] = value
            if name.lower() == "set-cookie":
                self.cookies |= {key: each.value for key, each in SimpleCookie(value).items()}
        found = re.search(rb'name="csrf" value="([^"]*)"', answer.body)
        self.csrf = found[1].decode() if found else self.csrf
        return answer


def a_person(address, person):
    """Somebody who has signed in at the sample school."""
    found = Remote(address)
    found.post("/sign-in", {"school": SCHOOL, "person": person})
    found.get("/")
    return found


def filed(address, count):
    """File *count* reports through the pages, a few of them the teacher's own; return their numbers."""
    cases = []
    for person, many in (("teacher", OWN), ("cop-governor", max(count - OWN, 1))):
        one = a_person(address, person)
        desk = SimpleNamespace(browser=lambda _, one=one: one)
        cases += [Reporter(None, desk=desk).filed(form="friend-request") for _ in range(many)]
    return cases


def opened(dsl, cases):
    """Open up to five of *cases*, with a reason, so that they can be looked at again and again."""
    for case in cases[:5]:
        with contextlib.suppress(OSError):
            dsl.get(f"/cases/{case}")
            dsl.post(f"/cases/{case}", {"reason": "working on the case"})
    return cases[:5]


if __name__ == "__main__":
    main()
