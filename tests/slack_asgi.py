"""Slack's side of HTTP without a network: signed requests, given straight to the pages."""

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

SECRET = "a-signing-secret"  # noqa: S105 - opens nothing
NOW = 1_790_000_000


@dataclass
class Answer:
    status: int
    headers: dict
    text: str


def signed(body, at=NOW, secret=SECRET):
    """The headers that Slack sends along with *body*."""
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(at), body=body)
    return {"x-slack-request-timestamp": str(at), "x-slack-signature": signature}


def as_json(said):
    """A body of an event and its type."""
    return json.dumps(said).encode(), "application/json"


def as_form(said):
    """A body of a command and its type."""
    return urlencode(said, errors="replace").encode(), "application/x-www-form-urlencoded"


def as_payload(said):
    """A body of anything pressed or submitted, and its type."""
    return as_form({"payload": json.dumps(said)})


def post(pages, body, kind="application/json", headers=None, **how):
    """Send *body* to *pages* as Slack does; the `Answer`."""
    return asyncio.run(asked(pages, body, kind, headers, **how))


async def asked(pages, body, kind="application/json", headers=None, *, parts=1):
    """The same inside a loop that runs already; *parts* is in how many pieces the body arrives."""
    headers = {"content-type": kind, **(signed(body) if headers is None else headers)}
    size = max(1, -(-len(body) // parts))
    pieces = [body[at : at + size] for at in range(0, len(body), size)] or [b""]
    waiting = iter([{"type": "http.request", "body": each, "more_body": True} for each in pieces])
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/slack/events",
        "raw_path": b"/slack/events",
        "query_string": b"",
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    sent = []

    async def receive():
        return next(waiting, {"type": "http.request", "body": b"", "more_body": False})

    async def send(message):
        sent.append(message)

    await pages(scope, receive, send)
    heads = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], heads, b"".join(each.get("body", b"") for each in sent[1:]).decode())
