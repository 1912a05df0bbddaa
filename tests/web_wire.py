"""The pages behind a real uvicorn, here or in a process that can be killed, and raw connections to them."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import uvicorn

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from tests.web_kit import WebDesk

ROOT = Path(__file__).resolve().parents[1]
HANDLE = "jo.mint@fernhill.example.org"
EDGE = "----staffroom-wire"
"""What stands between the parts of a form with files."""


@contextmanager
def serving(tmp_path, make=WebDesk, **changes):
    """A desk, or what else *make* makes with an `app`, behind uvicorn, and its port."""
    server = uvicorn.Server(uvicorn.Config(lambda *_: None, port=0, log_config=None, access_log=False))
    bound = server.config.bind_socket()
    port = bound.getsockname()[1]
    desk = make(tmp_path, hosts=frozenset({f"127.0.0.1:{port}"}), **changes)
    server.config.app = desk.app
    thread = threading.Thread(target=server.run, args=([bound],))
    thread.start()
    try:
        while thread.is_alive() and not server.started:
            time.sleep(0.01)
        yield desk, port
    finally:
        server.should_exit = True
        thread.join()
        bound.close()


class Child:
    """The same in a process of its own on *folder*, which can be killed and begun again at the same port."""

    def __init__(self, folder):
        self.folder, self.process = folder, None
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]

    def start(self):
        command = [sys.executable, "-m", "tests.web_wire", str(self.folder), str(self.port)]
        # Our own interpreter and our own words: nothing here comes from outside.
        self.process = subprocess.Popen(command, cwd=ROOT)  # noqa: S603
        while self.process.poll() is None and not listens(self.port):
            time.sleep(0.02)

    def kill(self):
        if self.process and self.process.poll() is None:
            os.kill(self.process.pid, signal.SIGKILL)
            self.process.wait()


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


class Wire:
    """A connection of somebody who is signed in: forms whole, or byte by byte."""

    def __init__(self, port, cookie=""):
        self.port, self.cookie = port, cookie
        if not cookie:
            self.post("/sign-in", "school=fernhill&person=teacher")

    def get(self, path):
        return self._ask("GET", path)

    def post(self, path, body, kind="application/x-www-form-urlencoded"):
        return self._ask("POST", path, body, {"content-type": kind})

    def _ask(self, method, path, body=None, headers=()):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, body, self._headers(dict(headers)))
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        if answer.headers["set-cookie"]:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        connection.close()
        return answer

    def _headers(self, more):
        return {"origin": f"http://127.0.0.1:{self.port}", "cookie": self.cookie, **more}

    def begin_upload(self, path, body, length=None):
        """A socket on which *body* was sent as the beginning of a form with files of *length* bytes."""
        found = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        said = {"host": f"127.0.0.1:{self.port}", "content-type": f"multipart/form-data; boundary={EDGE}"}
        said |= self._headers({"content-length": str(len(body) if length is None else length)})
        lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in said.items()), "", ""]
        found.sendall("\r\n".join(lines).encode())
        return found


def form(fields, name="", content=b"", closed=True):
    """A form with *fields* and, where it has a *name*, one file."""
    parts = [
        f'--{EDGE}\r\ncontent-disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        for key, value in fields.items()
    ]
    if name:
        head = f'--{EDGE}\r\ncontent-disposition: form-data; name="files"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content + b"\r\n")
    return b"".join(parts) + (f"--{EDGE}--\r\n".encode() if closed else b"")


def signed_in(desk):
    """The cookie of a session of Jo's."""
    known = Known(desk.schools["fernhill"], Reporter(HANDLE, "Jo Mint"))
    return f"staffroom={desk.sessions.begin(known).token}"


if __name__ == "__main__":
    _folder, _port = Path(sys.argv[1]), int(sys.argv[2])
    _desk = WebDesk(_folder, hosts=frozenset({f"127.0.0.1:{_port}"}))
    uvicorn.run(_desk.app, port=_port, log_config=None, access_log=False)
