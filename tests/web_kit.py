"""The pages on a real store, and a browser without a window: cookies, forms, redirects."""

import asyncio
import re
from dataclasses import dataclass, field
from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import unquote, urlencode, urlsplit

from bot.binding import Binding
from bot.exporting import Exporting
from bot.inviting import Inviting
from bot.sessions import Sessions
from bot.web.app import web_app
from bot.web.openid import Signing
from bot.web.parts import Parts
from bot.web.site import PAGES
from tests.slack_desk import SlackDesk

HOST = "127.0.0.1:8000"


class FakePolicies:
    """Implements `ports.Policies` with nothing read."""

    def documents(self, school):
        return ()

    def clauses(self, school, policy):
        return ()


class WebDesk(SlackDesk):
    """Every use case behind the pages; `browser()` is somebody at them."""

    def __init__(self, tmp_path, pages=PAGES, policies=None, packs=None, **changes):
        sample, openid = changes.pop("sample_mode", True), changes.pop("openid", None)
        own = {name: changes.pop(name) for name in ("secure", "hosts") if name in changes}
        limits = changes.pop("limits", None)
        super().__init__(tmp_path, **changes)
        shared = {
            name: getattr(self.parts, name) for name in self.parts.__dataclass_fields__ if name != "who"
        }
        self.sessions = Sessions(self.schools, self.store, self.clock)
        self.web = Parts(
            **shared,
            sessions=self.sessions,
            policies=policies or FakePolicies(),
            exporting=Exporting(self.schools, self.store, self.vault, packs, None),
            sample=sample,
            **{"hosts": frozenset({HOST}), **own},
            signing=Signing(
                openid,
                Binding(self.schools, self.store),
                Inviting(self.schools, self.store, self.clock),
            ),
        )
        self.app = web_app(self.web, pages, limits=limits)

    def browser(self, person="", school="fernhill"):
        """Somebody's browser, signed in as *person*, or as a teacher where it is "teacher"."""
        found = Browser(self.app, clock=self.clock)
        if person:
            found.post("/sign-in", {"school": school, "person": person})
        return found


@dataclass
class Answer:
    """What came back; `text` is the page."""

    status: int
    headers: dict
    body: bytes
    cookies: tuple = ()
    """Each `Set-Cookie`, as it was sent."""

    @property
    def text(self):
        return self.body.decode()

    @property
    def to(self):
        """Where a redirect leads."""
        return self.headers.get("location", "")


@dataclass
class Browser:
    """
    Speaks ASGI to the app; keeps cookies, and takes the csrf token off the page it saw last.

    With the *clock* of a desk it forgets a cookie when its time is over.
    """

    app: object
    cookies: dict = field(default_factory=dict)
    csrf: str = ""
    clock: object = None
    client: str = "127.0.0.1"
    until: dict = field(default_factory=dict)

    def get(self, path, **headers):
        return self._send("GET", path, b"", headers)

    def head(self, path, **headers):
        return self._send("HEAD", path, b"", headers)

    def send(self, method, path, body=b"", **headers):
        """Any request, as it stands."""
        return self._send(method, path, body, headers)

    def post(self, path, fields=None, **headers):
        """Post *fields* as a form does, with the token of the last page."""
        pairs = [("csrf", self.csrf), *_pairs(fields or {})]
        headers.setdefault("content_type", "application/x-www-form-urlencoded")
        return self._send("POST", path, urlencode(pairs).encode(), headers)

    def send_files(self, path, fields=None, files=(), **headers):
        """Post *fields* and *files*, each (field, name, content), as a form with files does."""
        edge = "----staffroom-test"
        parts = [
            f'--{edge}\r\ncontent-disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in [("csrf", self.csrf), *_pairs(fields or {})]
        ]
        parts += [
            f'--{edge}\r\ncontent-disposition: form-data; name="{name}"; filename="{file}"\r\n'
            f"content-type: application/octet-stream\r\n\r\n".encode()
            + content
            + b"\r\n"
            for name, file, content in files
        ]
        headers["content_type"] = f"multipart/form-data; boundary={edge}"
        return self._send("POST", path, b"".join(parts) + f"--{edge}--\r\n".encode(), headers)

    def follow(self, answer):
        """The page that a redirect leads to."""
        return self.get(answer.to.partition("#")[0]) if answer.status in (302, 303) else answer

    def _forget(self):
        for (name, value), over in list(self.until.items()):
            if self.clock() >= over:
                del self.until[name, value]
                if self.cookies.get(name) == value:
                    del self.cookies[name]

    def _send(self, method, path, body, headers):
        self._forget()
        answer = asyncio.run(self._call(method, path, body, headers))
        for value in answer.cookies:
            for name, each in SimpleCookie(value).items():
                self.cookies[name] = each.value
                if each["max-age"] == "0":
                    del self.cookies[name]
                elif each["max-age"] and self.clock:
                    self.until[name, each.value] = self.clock() + timedelta(seconds=int(each["max-age"]))
        found = re.search(r'name="csrf" value="([^"]*)"', answer.body.decode("utf-8", "replace"))
        self.csrf = found[1] if found else self.csrf
        return answer

    async def _call(self, method, path, body, headers):
        parts = urlsplit(path)
        said = {"host": HOST, **{key.replace("_", "-"): value for key, value in headers.items()}}
        if self.cookies:
            said["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(key.encode(), value.encode()) for key, value in said.items()],
            "client": (self.client, 1),
            "server": ("127.0.0.1", 8000),
        }
        sent, whole = [], asyncio.Event()
        chunks = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]

        async def receive():
            if chunks:
                return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}
            await whole.wait()
            return {"type": "http.disconnect"}

        async def send(message):
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                whole.set()

        await self.app(scope, receive, send)
        start = next(each for each in sent if each["type"] == "http.response.start")
        content = b"".join(each.get("body", b"") for each in sent if each["type"] == "http.response.body")
        headers = [(key.decode().lower(), value.decode()) for key, value in start["headers"]]
        cookies = tuple(value for key, value in headers if key == "set-cookie")
        return Answer(start["status"], dict(headers), content, cookies)


def _pairs(fields):
    for name, value in fields.items():
        for each in value if isinstance(value, (list, tuple)) else [value]:
            yield name, each
