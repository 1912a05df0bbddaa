"""A Slack that nobody here wrote: local-slack (npm, MIT), in a network of its own, and hands to use it."""

import contextlib
import ctypes
import fcntl
import json
import logging
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
import urllib.request
from pathlib import Path

import uvicorn
from slack_sdk.socket_mode.builtin.connection import Connection, ConnectionState
from starlette.applications import Starlette

from bot.slack.http import slack_route
from bot.slack.socket import listening
from tests.slack_kit import APP, BOT, PEOPLE, TEAM, TOKEN

ROOT = Path(__file__).resolve().parents[1]
APP_TOKEN, SECRET = "xapp-test", "a-signing-secret"
PORT, APP_PORT = 3000, 4000
API = f"http://127.0.0.1:{PORT}/api/"
EVENTS = f"http://127.0.0.1:{APP_PORT}/slack/events"
CHANNELS = {"C0STAFF": [*PEOPLE, BOT], "C0DSL": ["U0AMY", "U0BEN", BOT]}
"""Channel → its members; C0DSL is private."""
NEW_NETWORK = 0x40000000  # CLONE_NEWNET of linux/sched.h


def missing():
    """Why there can be no stand-in here, "" where there can."""
    if not program():
        return "local-slack is not installed: npm install --prefix .ci --no-save local-slack-linux-x64@0.1.8"
    try:
        with own_network():
            return ""
    except OSError as error:
        return f"a network of its own is not allowed here: {error.strerror}"


def program():
    """Where local-slack lies, "" where it does not."""
    inside = ROOT / ".ci/node_modules/local-slack-linux-x64/bin/local-slack"
    named = os.environ.get("STAFFROOM_LOCAL_SLACK", "")
    found = next((str(each) for each in (named, inside) if str(each) and Path(each).is_file()), "")
    return found or shutil.which("local-slack") or ""


@contextlib.contextmanager
def own_network():
    """
    A network with a loopback alone, for this thread and for what it starts: local-slack binds every address.

    Raises:
        OSError: the rights are missing.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        _or_raise(libc.unshare(NEW_NETWORK))
        try:
            _raise_loopback()
            yield
        finally:
            _or_raise(libc.setns(before, NEW_NETWORK))
    finally:
        os.close(before)


def _or_raise(result):
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _raise_loopback():
    """As `ip link set lo up` does, which not every machine has (netdevice(7))."""
    siocsifflags, up_and_running = 0x8914, 0x1 | 0x40
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, siocsifflags, struct.pack("16sh14x", b"lo", up_and_running))


def until(found, seconds=10.0):
    """What *found* returns once it is true; fails after *seconds*."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if said := found():
            return said
        time.sleep(0.02)
    raise AssertionError("it did not happen in time")


@contextlib.contextmanager
def stand_in(folder, mode, people=PEOPLE, channels=CHANNELS):
    """local-slack with *people* and *channels*; *mode* is "socket" or "events"; inside `own_network`."""
    config = folder / f"slack-{mode}.json"
    config.write_text(json.dumps(_config(mode, people, channels)), encoding="utf-8")
    arguments = [program(), "--config", str(config), "--port", str(PORT), "--base-host", "127.0.0.1"]
    with (folder / f"slack-{mode}.log").open("wb") as log:
        running = subprocess.Popen(arguments, stdout=log, stderr=log, cwd=folder)  # noqa: S603 - ours
        try:
            until(lambda: _answers(PORT))
            with Workspace() as workspace:
                yield workspace
        finally:
            running.terminate()
            running.wait()


@contextlib.contextmanager
def served(app, mode):
    """*app* in the way that the stand-in talks: over a socket, or over signed HTTP under uvicorn."""
    if mode == "socket":
        with listening(app, APP_TOKEN, API):
            yield
        return
    pages = Starlette(routes=[slack_route(app, SECRET)])
    config = uvicorn.Config(pages, host="127.0.0.1", port=APP_PORT, log_config=None, access_log=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield
    finally:
        server.should_exit = True
        thread.join()


def _config(mode, people, channels):
    users = [
        {"id": each, "name": each.lower(), "real_name": said["real_name"], "email": said.get("email")}
        for each, said in people.items()
    ]
    users = [{key: value for key, value in user.items() if value} for user in users]
    app = {"appId": APP, "botUserId": BOT, "botName": "staffroom", "botToken": TOKEN, "appToken": APP_TOKEN}
    rooms = [
        {"id": each, "name": each.lower(), "is_private": each == "C0DSL", "members": members}
        for each, members in channels.items()
    ]
    return {
        "workspace": {"name": "Fernhill", "domain": "fern", "teamId": TEAM},
        "apps": [{**app, "signingSecret": SECRET, "mode": mode, "requestUrl": EVENTS}],
        "users": users,
        "channels": rooms,
    }


def _answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


class Workspace:
    """The hands of the people of the workspace, and the eyes of a test; `ui` is what a browser would see."""

    def __init__(self):
        self.ui = _Page()

    def __enter__(self):
        self.ui.open()
        return self

    def __exit__(self, *_):
        self.ui.close()

    def say(self, channel, text, user="U0JO", thread=""):
        """Post as *user*; to the bot itself where *channel* is `BOT`. Returns the message."""
        if channel == BOT:
            channel = self.direct(user)
        more = {"thread_ts": thread} if thread else {}
        return self._post("message", channel=channel, user=user, text=text, **more)["message"]

    def mention(self, text, user="U0JO", channel="C0STAFF"):
        """Mention the app in a channel."""
        return self.say(channel, f"<@{BOT}> {text}", user)

    def command(self, command, text="", user="U0JO", channel="C0STAFF"):
        """Type a slash command."""
        return self._post("command", channel=channel, user=user, command=command, text=text)

    def press(self, message, action, user="U0JO"):
        """Press the button with the id *action* in *message*."""
        pressed = next(each for each in buttons(message["blocks"]) if each["action_id"] == action)
        # A message that cannot be found is silently taken for one of the first app.
        sent = {"channel": message["channel"], "messageTs": message["ts"], "user": user}
        return self._post("interact", **sent, action={"block_id": "b", **pressed})

    def submit(self, values, user="U0JO"):
        """Submit the modal on top with *values*: block id → the text, or the whole state of its element."""
        elements = {
            each["block_id"]: each["element"] for each in self.ui.view()["blocks"] if "element" in each
        }
        state = {}
        for block, value in values.items():
            element = elements[block]
            whole = value if isinstance(value, dict) else {"value": value}
            state[block] = {element["action_id"]: {"type": element["type"], **whole}}
        self.ui.send({"t": "view_submit", "user": user, "values": state})

    def close_modal(self, user="U0JO"):
        """Close the modal on top."""
        self.ui.send({"t": "view_close", "user": user})

    def home(self, user="U0JO"):
        """Open the App Home; returns what is published there."""
        self._post("open-home", user=user)
        return until(lambda: self.ui.homes.get(user))

    def direct(self, user):
        """The id of the direct messages of *user* with the app."""
        found = self._direct(user)
        if not found:
            # The stand-in opens it for whoever writes to a person by id.
            call("conversations.open", users=user)
        return found or self._direct(user)

    def _direct(self, user):
        rooms = self._get("state")["channels"]
        return next((each["id"] for each in rooms if each["is_im"] and user in each["members"]), "")

    def messages(self, channel):
        """Every message of *channel*, the oldest first."""
        return self._get(f"messages/{channel}")["messages"]

    def directs(self, user):
        """What the app wrote to *user* directly, the oldest first."""
        return [each for each in self.messages(self.direct(user)) if each.get("bot_id")]

    def log(self):
        """What went to and from the app, in order."""
        return self._get("log")["log"]

    def reset(self):
        """Everything as it was configured."""
        self._post("reset")

    def _post(self, path, **said):
        # The answer comes when the app has answered: five seconds at most over a socket.
        return _ask(f"_control/{path}", said)

    def _get(self, path):
        return _ask(f"_control/{path}")


def call(method, **said):
    """Call the Web API as the app."""
    return _ask(f"api/{method}", said)


def _ask(path, said=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{PORT}/{path}",
        data=None if said is None else json.dumps(said).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
        return json.load(answer)


def buttons(blocks):
    """Every button of *blocks*."""
    found = []
    for block in blocks:
        each = [*block.get("elements", ()), *([block["accessory"]] if "accessory" in block else ())]
        found += [element for element in each if element.get("type") == "button"]
    return found


def words(drawn):
    """Every text that stands in *drawn*, in order, one a line."""
    if isinstance(drawn, dict):
        own = [drawn["text"]] if isinstance(drawn.get("text"), str) else []
        return "\n".join([*own, *filter(None, map(words, drawn.values()))])
    return "\n".join(filter(None, map(words, drawn))) if isinstance(drawn, list) else ""


class _Page:
    """The WebSocket of the stand-in's page, the only way to submit a modal."""

    def __init__(self):
        self.stack, self.homes, self.errors = [], {}, []
        self._state = ConnectionState()
        self._connection = Connection(
            url=f"ws://127.0.0.1:{PORT}/ui",
            logger=logging.getLogger("tests.slack_stand_in"),
            receive_buffer_size=65536,
            receive_timeout=0.2,
            on_message_listener=lambda text: self._heard(json.loads(text)),
        )

    def open(self):
        self._connection.connect()
        self._thread = threading.Thread(target=self._connection.run_until_completion, args=[self._state])
        self._thread.start()

    def close(self):
        self._state.terminated = True
        self._connection.close()
        self._thread.join()

    def send(self, said):
        self._connection.send(json.dumps(said))

    def view(self):
        """The modal on top, as soon as there is one."""
        return until(lambda: self.stack)[-1]

    def titled(self, title):
        """The modal on top, as soon as it has this title."""
        return until(lambda: self.stack and self.stack[-1]["title"]["text"] == title and self.stack[-1])

    def _heard(self, said):
        if said["t"] == "init":
            self.stack = said["state"]["modalStack"]
            views = said["state"]["homeViews"]
            self.homes = {user: view for user, by_app in views.items() for view in by_app.values()}
        elif said["t"] == "view":
            self.stack = said["stack"]
        elif said["t"] == "home":
            self.homes[said["user"]] = said["view"]
        elif said["t"] == "view_errors":
            self.errors.append(said["errors"])
