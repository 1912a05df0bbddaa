"""How quick Slack is answered over HTTP: `python tests/bench/slack.py [--quick]`; prints a table."""

import argparse
import asyncio
import contextlib
import http.client
import itertools
import json
import multiprocessing
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402  - the repository is on the path only now
from rich.table import Column, Table  # noqa: E402

from tests.slack_asgi import as_form, as_json, as_payload, signed  # noqa: E402
from tests.slack_kit import APP, BOT, TEAM, TOKEN, a_view  # noqa: E402
from tests.slack_reports import CONCERN, day, state  # noqa: E402

SCHOOL, CHANNEL, SECRET = "copperfell-high", "C0STAFF", "a-signing-secret"
KEY = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ROUNDS = ((1, 200), (10, 400), (50, 600))
"""How many ask at once, and how many ask in all."""
REPORTS = 100
STAFF = 40
HOLD_S, PAUSE_S = 0.3, 0.2
"""The other writer holds the store for so long, and then lets go of it for so long."""
GOAL_ACK_MS, GOAL_ANSWER_MS = 500, 1000
CAPTION = (
    "Milliseconds. 10 ask: so many at once. 200: until Slack has its answer; answer: until it is posted. "
    "Next keeps the draft of a report, Send stores the case. Held: another process holds the store for "
    f"{HOLD_S * 1000:.0f} ms, lets go of it for {PAUSE_S * 1000:.0f} ms, and so on."
)
PATIENCE_S = 60
QUESTIONS = (
    "May I follow a parent on Instagram?",
    "Who has to approve a new account for our department?",
    "Can I have photos from the trip on my own phone?",
    "Is it fine to use a private account for coaching tips?",
    "May I keep former students as friends?",
    "What are the rules for a class group chat?",
    "How long do we keep the passwords of a school account?",
    "Can I use an AI tool to write a report card?",
    "Where may pupils have their phones out?",
    "May I comment on the school's page from my own account?",
)


def main() -> None:
    """Measure with processes for the school, for Slack, for the people and for another writer."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--quick", action="store_true", help="a tenth of everything")
    words.add_argument("--keep", type=Path, help="a folder for the index, so that it is built only once")
    said = words.parse_args()
    before = os.getloadavg()[0]
    table = Table(
        "what", *(Column(each, justify="right") for each in ("p50", "p95", "p99", "most")), "goal", "met"
    )
    table.caption = CAPTION
    with contextlib.ExitStack() as open_:
        folder = Path(open_.enter_context(tempfile.TemporaryDirectory()))
        api = open_.enter_context(stand_in())
        at = open_.enter_context(serving(folder, api, said.keep))
        for row in measured(at, api, folder, 10 if said.quick else 1):
            table.add_row(*row)
    load = f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after, {os.cpu_count()} processors"
    Console().print(table, f"{datetime.now(UTC):%Y-%m-%d}; {load}.", sep="\n")


def measured(at, api, folder, part):
    """The rows of the table; a *part*-th of everything."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, spawn) as people:
        first = 10
        # The first few warm the caches.
        people.submit(ask, at, api, 1, first, 0).result()
        for together, count in ROUNDS:
            asks = people.submit(ask, at, api, together, count // part, first).result()
            first += count // part
            yield from _asked(together, *asks)
        count = REPORTS // part
        yield from _reported("idle", count, people.submit(report, at, api, count, 0).result())
        ready, stop = spawn.Event(), spawn.Event()
        writer = spawn.Process(target=hold, args=(folder / "data" / "staffroom.db", ready, stop))
        writer.start()
        ready.wait()
        yield from _reported("held", count, people.submit(report, at, api, count, count).result())
        stop.set()
        writer.join()


def _asked(together, acks, answers, per_second, failed):
    what = f"{together} ask"
    yield _goal(f"{what}: 200", acks, 99, GOAL_ACK_MS)
    yield _goal(f"{what}: answer", answers, 95, GOAL_ANSWER_MS)
    yield f"{what}: asks/s", f"{per_second:.1f}"
    if failed:
        yield f"{what}: unanswered", str(failed), "", "", "", "none", "no"


def _reported(where, count, found):
    for step, acks in found.items():
        yield _goal(f"report, {where}: {step}", acks, 99, GOAL_ACK_MS)
        if len(acks) < count:
            yield f"report, {where}: failed", str(count - len(acks)), "", "", "", "none", "no"


def _goal(what, seconds, share, goal):
    """A row with the goal for the *share*-th percentile."""
    times = sorted(each * 1000 for each in seconds) or [float("inf")]
    at = {each: times[max(0, -(-len(times) * each // 100) - 1)] for each in (50, 95, 99, 100)}
    met = "yes" if at[share] <= goal else "no"
    return what, *(f"{each:,.0f}" for each in at.values()), f"p{share} ≤ {goal:,}", met


# The people


def ask(at, api, together, count, first):
    """*count* questions by mention, *together* at once: times to the 200, to the answer; per second; lost."""
    acks, sent = {}, {}
    numbers = iter(range(first, first + count))
    turn = threading.Lock()

    def person():
        door = http.client.HTTPConnection("127.0.0.1", at, timeout=PATIENCE_S)
        with contextlib.closing(door):
            while True:
                with turn:
                    number = next(numbers, None)
                if number is None:
                    return
                ts = f"{1_790_000_000 + number}.000300"
                body, kind = as_json(_mention(number, ts))
                sent[ts] = time.monotonic()
                status, _ = _posted(door, body, kind)
                if status == 200:
                    acks[ts] = time.monotonic() - sent[ts]

    with ThreadPoolExecutor(together) as people:
        for each in [people.submit(person) for _ in range(together)]:
            each.result()
    moments = _moments(api, sent)
    answers = {ts: moments[ts] - sent[ts] for ts in sent if ts in moments}
    took = max(moments.values(), default=0) - min(sent.values())
    return list(acks.values()), list(answers.values()), len(answers) / took, count - len(answers)


def report(at, api, count, first):
    """*count* reports, one after another: step → the times to its 200, of those that were stored."""
    found = {"Next": [], "Send": []}
    door = http.client.HTTPConnection("127.0.0.1", at, timeout=PATIENCE_S)
    yesterday = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    with contextlib.closing(door):
        for number in range(first, first + count):
            trigger = f"trigger-{number}"
            _posted(door, *as_form(_command(number, trigger)))
            view = a_view(_found(f"{api}bench.view?{trigger}"))
            for times, filled in zip(found.values(), (CONCERN | {"when": day(yesterday)}, {}), strict=True):
                body, kind = as_payload(_submission(number, view, filled))
                start = time.monotonic()
                status, answer = _posted(door, body, kind)
                took = time.monotonic() - start
                said = json.loads(answer or b"{}")
                if status != 200 or "view" not in said:
                    break
                times.append(took)
                view = a_view(said["view"], "V2", "V1")
    return found


def _posted(door, body, kind):
    headers = {"content-type": kind, **signed(body, int(time.time()), SECRET)}
    door.request("POST", "/slack/events", body, headers)
    response = door.getresponse()
    return response.status, response.read()


def _moments(api, sent):
    """When each answer was posted, by the message it answers; waits until nothing more comes."""
    until, known = time.monotonic() + PATIENCE_S, {}
    while len(known) < len(sent) and time.monotonic() < until:
        time.sleep(0.2)
        every = _json(f"{api}bench.moments")
        known = {ts: every[ts] for ts in sent if ts in every}
    return known


def _found(address):
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if found := _json(address):
            return found
        time.sleep(0.02)
    raise SystemExit("no form was opened")


def _json(address):
    with urllib.request.urlopen(address, timeout=PATIENCE_S) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def _mention(number, ts):
    text = f"<@{BOT}> {QUESTIONS[number % len(QUESTIONS)]} ({number})"
    said = {"type": "app_mention", "user": f"U0STAFF{number % STAFF}", "text": text, "channel": CHANNEL}
    return {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": APP,
        "event_id": f"Ev{number}",
        "event_time": 1_790_000_000 + number,
        "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
        "event": {"team": TEAM, "event_ts": ts, "ts": ts, **said},
    }


def _command(number, trigger):
    user, back = f"U0STAFF{number % STAFF}", "http://127.0.0.1:9/response"
    return {
        **{"command": "/concern", "text": "", "user_id": user, "user_name": user, "team_id": TEAM},
        **{"channel_id": CHANNEL, "api_app_id": APP, "trigger_id": trigger, "response_url": back},
    }


def _submission(number, view, filled):
    user = f"U0STAFF{number % STAFF}"
    return {
        "type": "view_submission",
        "user": {"id": user, "username": user, "team_id": TEAM},
        "team": {"id": TEAM, "domain": "bench"},
        "api_app_id": APP,
        "trigger_id": f"sent-{number}",
        "view": {**view, "state": state(filled)},
        "response_urls": [],
    }


# The other writer


def hold(database, ready, stop):
    """Hold the store at *database* again and again until *stop*."""
    with contextlib.closing(sqlite3.connect(database, timeout=PATIENCE_S, isolation_level=None)) as db:
        while not stop.is_set():
            db.execute("begin immediate")
            ready.set()
            time.sleep(HOLD_S)
            db.execute("rollback")
            stop.wait(PAUSE_S)


# The school


@contextlib.contextmanager
def serving(folder, api, keep):
    """`staffroom serve` with the sample schools as real ones; its port, once the policies are loaded."""
    port, home = _free_port(), keep or folder
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("SLACK_", "STAFFROOM_"))},
        **{"STAFFROOM_POLICIES": str(_policies(home)), "STAFFROOM_DATA": str(folder / "data")},
        **{"STAFFROOM_KEY": KEY, "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET},
        **{"SLACK_API_URL": api, "HOST": "127.0.0.1", "PORT": str(port)},
    }
    index, kept = folder / "data" / "index", home.resolve() / "index"
    if kept.is_dir():
        shutil.copytree(kept, index)
    with (folder / "serve.log").open("wb") as log:
        words = [sys.executable, "-m", "bot", "serve"]
        running = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=log, stderr=log)  # noqa: S603
        try:
            _wait_for(folder / "serve.log", running)
            if keep:
                shutil.copytree(index, kept, dirs_exist_ok=True)
            yield port
        finally:
            running.terminate()
            running.wait()


def _policies(home):
    """The sample schools without the mark that they are samples, one of them in our workspace."""
    policies = home.resolve() / "policies"
    shutil.copytree(ROOT / "policies", policies, dirs_exist_ok=True)
    for file in policies.glob("*/school.toml"):
        text = file.read_text("utf-8").replace("sample = true", "sample = false")
        if file.parent.name == SCHOOL:
            text += f'\n[slack]\nteam = "{TEAM}"\nchannels = {{ {CHANNEL} = "staff room" }}\n'
        file.write_text(text, "utf-8")
    return policies


def _wait_for(log, running):
    for _ in range(3000):
        said = log.read_text("utf-8", "replace")
        if "The policies are loaded" in said:
            return
        if running.poll() is not None:
            break
        time.sleep(0.2)
    raise SystemExit(f"it did not start:\n{said}")


def _free_port():
    with contextlib.closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


# Slack


@contextlib.contextmanager
def stand_in():
    """A Web API in a process of its own; its address."""
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_answer_all, args=(theirs,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ours.recv()}/api/"
    finally:
        process.terminate()
        process.join()


def _answer_all(pipe):
    asyncio.run(StandIn().serve(pipe))


class StandIn:
    """Answers every method at once, and notes when each answer and each view came."""

    def __init__(self):
        self.moments, self.views, self.numbers = {}, {}, itertools.count(1)

    async def serve(self, pipe):
        server = await asyncio.start_server(self.one, "127.0.0.1", 0, backlog=1024)
        pipe.send(server.sockets[0].getsockname()[1])
        async with server:
            await server.serve_forever()

    async def one(self, reader, writer):
        """One request on a connection of its own, as slack_sdk makes them."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            lines = [line.partition(":") for line in head.lower().split("\r\n")]
            length = next((int(value) for name, _, value in lines if name == "content-length"), 0)
            body = await reader.readexactly(length)
            method, _, query = head.split(" ", 2)[1].rpartition("/")[2].partition("?")
            answer = json.dumps(self.answer(method, query, _said(body))).encode()
            heads = f"Content-Type: application/json\r\nContent-Length: {len(answer)}\r\nConnection: close"
            writer.write(f"HTTP/1.1 200 OK\r\n{heads}\r\n\r\n".encode() + answer)
            await writer.drain()
        writer.close()

    def answer(self, method, query, said):
        if method == "bench.moments":
            return self.moments
        if method == "bench.view":
            return self.views.get(query)
        if method == "chat.postMessage" and said.get("thread_ts"):
            self.moments.setdefault(said["thread_ts"], time.monotonic())
        if method == "views.open":
            view = said["view"]
            self.views[said["trigger_id"]] = json.loads(view) if isinstance(view, str) else view
        return {"ok": True, **self.fields(method, said)}

    def fields(self, method, said):
        number = next(self.numbers)
        return {
            "auth.test": {"team_id": TEAM, "user_id": BOT, "bot_id": "B0BOT"},
            "users.info": {"user": {"id": said.get("user"), "team_id": TEAM, "profile": {}}},
            "conversations.open": {"channel": {"id": f"D{str(said.get('users'))[1:]}"}},
            "views.open": {"view": {"id": f"V{number}", "hash": "h"}},
        }.get(method, {"ts": f"{1_780_000_000 + number}.000100", "channel": said.get("channel", "")})


def _said(body):
    text = body.decode("utf-8", "replace")
    return json.loads(text) if text[:1] == "{" else dict(parse_qsl(text))


if __name__ == "__main__":
    main()
