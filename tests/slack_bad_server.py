"""A Web API on loopback in any weather: refuses, fails, hangs, hangs up; and Slack's repeats of an event."""

import contextlib
import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from tests.slack_asgi import signed


@dataclass
class Weather:
    """One answer: a status, headers, a body, and how long it takes; `cut` answers nothing at all."""

    status: int = 200
    headers: dict = field(default_factory=dict)
    body: dict = field(default_factory=lambda: {"ok": True})
    after_s: float = 0
    cut: bool = False


def fair(**fields):
    return Weather(body={"ok": True, **fields})


def limited(seconds):
    return Weather(429, {"Retry-After": str(seconds)}, {"ok": False, "error": "ratelimited"})


def refused(error, **fields):
    return Weather(body={"ok": False, "error": error, **fields})


def failing(status=500):
    return Weather(status, body={"ok": False, "error": "fatal_error"})


def hanging(seconds):
    return Weather(after_s=seconds)


CUT = Weather(cut=True)


class BadServer:
    """
    What it was asked (`calls`) and what it answers: `answers` has, for a method, a list of `Weather`s.

    The last one of a list stays. What has no answer goes on to *upstream*, where there is one.
    """

    def __init__(self, upstream=""):
        self.calls, self.times, self.answers, self.upstream = [], [], {}, upstream
        self.ended = threading.Event()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}/api/"
        self._thread = threading.Thread(target=self._http.serve_forever, args=[0.01])

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self.ended.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def asked(self, method):
        """What *method* was called with, in order."""
        return [said for called, said in self.calls if called == method]

    def waits(self):
        """The seconds between one call and the next."""
        return [later - sooner for sooner, later in zip(self.times, self.times[1:], strict=False)]

    def _handler(self):
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                server.times.append(time.monotonic())
                server.answer(self, self.path.rpartition("/")[2].partition("?")[0], body)

            def log_message(self, *_):
                pass

        return Handler

    def answer(self, handler, method, body):
        self.calls.append((method, _said(body)))
        planned = self.answers.get(method, ())
        if not planned and self.upstream:
            self._forward(handler, method, body)
            return
        weather = (planned.pop(0) if len(planned) > 1 else planned[0]) if planned else fair()
        self.ended.wait(weather.after_s)
        if weather.cut or self.ended.is_set():
            handler.close_connection = True
            return
        _send(handler, weather.status, weather.headers, json.dumps(weather.body).encode())

    def _forward(self, handler, method, body):
        kept = {name: handler.headers[name] for name in ("Content-Type", "Authorization")}
        request = urllib.request.Request(self.upstream + method, body, kept)  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            _send(handler, answer.status, {}, answer.read())


def _send(handler, status, headers, body):
    with contextlib.suppress(ConnectionError):
        handler.send_response(status)
        kinds = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        for name, value in {**kinds, **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)


def _said(body):
    text = body.decode("utf-8", "replace")
    return json.loads(text) if text[:1] == "{" else dict(parse_qsl(text))


def deliver(url, body, kind="application/json", wait_s=3.0, repeats=3):
    """
    Send *body* to *url* as Slack does, signed, and again as long as it is not answered 2xx in time.

    The statuses, 0 for none in time (docs.slack.dev/apis/events-api: three repeats; here without pauses).
    """
    statuses = []
    for number in range(repeats + 1):
        why = "http_timeout" if statuses and not statuses[-1] else "http_error"
        again = {"x-slack-retry-num": str(number), "x-slack-retry-reason": why} if number else {}
        # Each repeat is signed anew, seconds later.
        headers = {"content-type": kind, **signed(body, int(time.time()) + number), **again}
        statuses.append(_status(urllib.request.Request(url, body, headers), wait_s))  # noqa: S310 - loopback
        if 200 <= statuses[-1] < 300:
            break
    return statuses


def _status(request, wait_s):
    try:
        with urllib.request.urlopen(request, timeout=wait_s) as answer:  # noqa: S310 - loopback
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0
