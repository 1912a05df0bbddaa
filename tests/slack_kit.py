"""A Slack that remembers what it was sent, and whole payloads as Slack sends them."""

import itertools
import json
import re
from concurrent.futures import Executor, Future

from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request import BoltRequest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.models.blocks import Block
from slack_sdk.models.views import View
from slack_sdk.web import SlackResponse

TEAM, BOT, APP = "T0FERN", "U0BOT", "A0APP"
JO = "U0JO"
TOKEN = "xoxb-test"  # noqa: S105 - opens nothing
ME = AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token=TOKEN, bot_id="B0BOT", bot_user_id=BOT)
PEOPLE = {
    JO: {"real_name": "Jo Mint", "email": "jo.mint@fernhill.example.org"},
    "U0AMY": {"real_name": "Amy Ash", "email": "amy@fernhill.example.org"},
    "U0BEN": {"real_name": "Ben Birch", "email": "ben@fernhill.example.org"},
    "U0CAT": {"real_name": "Cat Cole", "email": "cat@fernhill.example.org"},
    "U0DAN": {"real_name": "Dan Dale", "email": "dan@fernhill.example.org"},
    "U0GUEST": {"real_name": "Sue Supply", "email": "sue@agency.example.org", "is_restricted": True},
    "U0FAR": {"real_name": "Far Away", "team_id": "T0OTHER", "is_stranger": True},
    "U0ROBOT": {"real_name": "Robot", "is_bot": True},
}


class Straight(Executor):
    """Runs what it is given at once, so that a test sees everything that a payload leads to."""

    def submit(self, work, /, *args, **kwargs):
        future = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as any executor keeps what was raised
            future.set_exception(error)
        return future


class FakeSlack(WebClient):
    """The Web API: remembers every call, answers what Slack would, and checks what is drawn."""

    def __init__(self):
        super().__init__(token=TOKEN)
        self.calls = []
        self.answers = {}
        """Method → the fields of its answer, an error (str), or a function of the arguments."""
        self._ts = itertools.count(1)

    def api_call(self, api_method, *, json=None, params=None, data=None, files=None, **_):
        said = {**(params or {}), **(data or {}), **(json or {})}
        said = {key: _parsed(value) for key, value in said.items() if value is not None}
        self.calls.append((api_method, said))
        checked(said)
        answer = self.answers.get(api_method, {})
        if callable(answer):
            answer = answer(said)
        if isinstance(answer, str):
            raise SlackApiError(answer, self._response(api_method, {"ok": False, "error": answer}))
        return self._response(api_method, {"ok": True, **self._usual(api_method, said), **answer})

    def sent(self, method):
        """What *method* was called with, in order."""
        return [said for called, said in self.calls if called == method]

    def _response(self, method, data):
        return SlackResponse(
            client=self, http_verb="POST", api_url=method, req_args={}, data=data, headers={}, status_code=200
        )

    def _usual(self, method, said):
        usual = {
            "users.info": lambda: {"user": _user(said["user"])},
            "users.lookupByEmail": lambda: _with_email(said["email"]),
            "conversations.open": lambda: {"channel": {"id": f"D{said['users'][1:]}"}},
            "chat.getPermalink": lambda: {"permalink": f"https://fern.slack.example/{said['channel']}/p1"},
            "auth.test": lambda: {"team_id": TEAM, "user_id": BOT, "bot_id": "B0BOT", "team": "Fernhill"},
        }
        if method in usual:
            return usual[method]()
        if method.startswith("views."):
            return {"view": {"id": f"V{next(self._ts)}", "hash": "h"}}
        return {"ts": f"{1_790_000_000 + next(self._ts)}.000100", "channel": said.get("channel", "")}


def _user(identity):
    person = PEOPLE.get(identity, {"real_name": identity})
    email = {"email": person["email"]} if "email" in person else {}
    profile = {"real_name": person["real_name"], **email}
    user = {"id": identity, "team_id": TEAM, "is_email_confirmed": True, "profile": profile}
    return {**user, **{key: each for key, each in person.items() if key != "email"}}


def _with_email(email):
    found = [each for each, person in PEOPLE.items() if person.get("email") == email]
    return {"user": {"id": found[0], "team_id": TEAM}} if found else {}


class Bench:
    """An app with a `FakeSlack`: payloads in, the answer to Slack out; `client` has what was sent."""

    def __init__(self, app, client):
        self.app, self.client = app, client
        self._number = itertools.count(1)
        app.use(self._record_responses)

    def _record_responses(self, context, next):
        """What is sent to a `response_url` is remembered as a call of "respond"."""

        def respond(text="", blocks=None, **more):
            said = {"text": text, **({"blocks": blocks} if blocks else {}), **more}
            checked(said)
            self.client.calls.append(("respond", said))

        context["respond"] = respond
        next()

    def dispatch(self, body):
        """Give the app a whole payload; return its `BoltResponse`, whose drawn views are checked too."""
        response = self.app.dispatch(BoltRequest(body=body, mode="socket_mode"))
        said = _parsed(response.body) if response.body else {}
        checked(said if isinstance(said, dict) else {})
        return response

    def event(self, event, **body):
        number = next(self._number)
        return self.dispatch(
            {
                "type": "event_callback",
                "team_id": TEAM,
                "api_app_id": APP,
                "event_id": f"Ev{number}",
                "event_time": 1_790_000_000 + number,
                "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
                "event": {"team": TEAM, "event_ts": f"{1_790_000_000 + number}.000200", **event},
                **body,
            }
        )

    def mention(self, text, user=JO, channel="C0STAFF", **event):
        ts = f"{1_790_000_000 + next(self._number)}.000300"
        said = {"type": "app_mention", "user": user, "text": f"<@{BOT}> {text}", "channel": channel, "ts": ts}
        return self.event({**said, **event})

    def direct(self, text, user=JO, **event):
        ts = f"{1_790_000_000 + next(self._number)}.000300"
        said = {"type": "message", "channel_type": "im", "user": user, "text": text, "ts": ts}
        return self.event({**said, "channel": f"D{user[1:]}", **event})

    def command(self, command, text="", user=JO, channel="C0STAFF", **body):
        return self.dispatch(
            {
                "command": command,
                "text": text,
                "user_id": user,
                "user_name": user.lower(),
                "team_id": TEAM,
                "channel_id": channel,
                "channel_name": "staff",
                "api_app_id": APP,
                "trigger_id": f"trigger-{next(self._number)}",
                "response_url": "http://127.0.0.1:9/response",
                **body,
            }
        )

    def press(self, action, value="", user=JO, *, view=None, channel="D0JO", message=None, **more):
        """Press a button or choose something: in *view* where one is given, else in a message."""
        acted = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1790000001.1"}
        acted |= {"value": value} if value else {}
        where = {"view": view} if view else self._in_message(channel, message)
        return self.dispatch(
            {
                "type": "block_actions",
                "user": {"id": user, "username": user.lower(), "team_id": TEAM},
                "team": {"id": TEAM, "domain": "fern"},
                "api_app_id": APP,
                "trigger_id": f"trigger-{next(self._number)}",
                "actions": [{**acted, **more}],
                **where,
            }
        )

    def submit(self, view, values=None, user=JO):
        """Submit *view*, as `a_view` made it, with *values*: block id → the state of its element."""
        state = {block: {"value": each} for block, each in (values or {}).items()}
        return self.dispatch(
            {
                "type": "view_submission",
                "user": {"id": user, "username": user.lower(), "team_id": TEAM},
                "team": {"id": TEAM, "domain": "fern"},
                "api_app_id": APP,
                "trigger_id": f"trigger-{next(self._number)}",
                "view": {**view, "state": {"values": state}},
                "response_urls": [],
            }
        )

    def shortcut(self, callback, message, user=JO, channel="C0STAFF"):
        return self.dispatch(
            {
                "type": "message_action",
                "callback_id": callback,
                "user": {"id": user, "username": user.lower(), "team_id": TEAM},
                "team": {"id": TEAM, "domain": "fern"},
                "channel": {"id": channel, "name": "staff"},
                "message": {"type": "message", "ts": "1790000005.000100", **message},
                "message_ts": "1790000005.000100",
                "trigger_id": f"trigger-{next(self._number)}",
                "response_url": "http://127.0.0.1:9/response",
            }
        )

    def _in_message(self, channel, message):
        message = {"type": "message", "ts": "1790000006.000100", "user": BOT, **(message or {})}
        container = {"type": "message", "message_ts": message["ts"], "channel_id": channel}
        return {
            "channel": {"id": channel, "name": "directmessage"},
            "message": message,
            "container": {**container, "is_ephemeral": False},
            "response_url": "http://127.0.0.1:9/response",
        }


def a_view(drawn, identity="V1", root=""):
    """A view as Slack hands it back, of one that was drawn."""
    ids = {"id": identity, "root_view_id": root or identity, "hash": "h", "team_id": TEAM, "app_id": APP}
    return {**drawn, **ids, "previous_view_id": None}


def checked(said):
    """Fail where blocks or a view do not come back from slack_sdk's models as they are, or are too long."""
    view = said.get("view")
    if isinstance(view, dict):
        assert View(**view).to_dict() == view, "a view changes in slack_sdk's models"
        assert len(view["blocks"]) <= 100
        assert len(view.get("private_metadata", "")) <= 3000
        assert len(json.dumps(view)) <= _VIEW, "a view is too large"
        asks = any(block["type"] == "input" for block in view["blocks"])
        assert "submit" in view or not asks or view["type"] != "modal", "a modal asks and has no submit"
        _check_blocks(view["blocks"])
    if isinstance(said.get("text"), str):
        assert len(said["text"]) <= _TEXT, "the words of a message are too long"
    for block in said.get("blocks") or ():
        assert Block.parse(block).to_dict() == block, f"{block['type']} changes in slack_sdk's models"
    assert len(said.get("blocks") or ()) <= 50
    _check_blocks(said.get("blocks") or ())
    read(said)


def read(drawn):
    """
    The paragraphs that a person reads in blocks, a view or a whole payload, in order, markup taken off.

    Links are read by their words, people as <@U0JO>; what stands in a box to be filled in is left out.
    Fails where markup is left that is not a bold or italic line, a link or a mention as they are drawn.
    """
    return [paragraph for leaf in _leaves(drawn) for paragraph in _paragraphs(leaf)]


def tapped(drawn):
    """What rings when it is tapped in *drawn*, in order, as "tel:999"."""
    return [number for leaf in _leaves(drawn) for number in _numbers(leaf)]


def _leaves(drawn):
    """Every text and every paragraph of rich text in *drawn*; the words of a message are markup, too."""
    if isinstance(drawn, list | tuple):
        for each in drawn:
            yield from _leaves(each)
    elif isinstance(drawn, dict) and drawn.get("type") in _LEAVES:
        yield drawn
    elif isinstance(drawn, dict):
        for key, each in drawn.items():
            markup = key == "text" and isinstance(each, str)
            yield from [{"type": "mrkdwn", "text": each}] if markup else _leaves(each)


_LEAVES = ("plain_text", "mrkdwn", "rich_text_section", "rich_text_quote", "rich_text_preformatted")


def _paragraphs(leaf):
    if leaf["type"] == "mrkdwn":
        return [_unmarked(line) for line in leaf["text"].split("\n")]
    if leaf["type"] == "plain_text":
        assert leaf.get("emoji") is False, "the name of an emoji would be drawn as one"
        return [leaf["text"]]
    return ["".join(map(_part, leaf["elements"]))]


def _part(part):
    """What a part of rich text shows."""
    shown = {"user": lambda: f"<@{part['user_id']}>", "channel": lambda: f"<#{part['channel_id']}>"}
    return shown[part["type"]]() if part["type"] in shown else part["text"]


def _numbers(leaf):
    if leaf["type"] == "mrkdwn":
        return re.findall(r"<(tel:[^|>]+)\|", leaf["text"])
    links = [part["url"] for part in leaf.get("elements", ()) if part["type"] == "link"]
    return [url for url in links if url.startswith("tel:")]


# What is drawn in markup, and no more: links with words, mentions, bold and italic that Slack takes for it.
_DRAWN = re.compile(r"<(?:(?P<who>[@#][A-Z0-9-]+)|(?:tel:[0-9+]+|https?:[^<>|\s]+)\|(?P<words>[^<>|]+))>")
_STYLED = [
    re.compile(rf"(?<![^\s(“]){sign}(?=\S)([^{sign}]*)(?<=\S){sign}(?![^\s.,;:!?)”])")
    for sign in (r"\*", "_")
]
_LEFT = re.compile(r"[*_~`]|:[a-z0-9_+'-]+:|^\s*&gt;|&(?!amp;|lt;|gt;)")


def _unmarked(line):
    """What Slack shows of *line*, by docs.slack.dev/messaging/formatting; fails where markup is left."""
    shown = [
        f"<{each['who']}>" if each["who"] else _unmarked(each["words"]) for each in _DRAWN.finditer(line)
    ]
    bare = _DRAWN.sub("<>", line)
    for styled in _STYLED:
        bare = styled.sub(r"\1", bare)
    assert bare.count("<") == bare.count(">") == len(shown), f"a sign is not escaped: {line}"
    assert not _LEFT.search(bare), f"words are taken for markup: {line}"
    between = [
        each.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") for each in bare.split("<>")
    ]
    return "".join(map("".join, itertools.zip_longest(between, shown, fillvalue="")))


# Element → the most characters, as docs.slack.dev/reference/block-kit says.
_MOST = {"header": 150, "section": 3000, "context": 3000, "button": 75, "input": 2000}
# Element → the most that it holds, by the pages of the elements and blocks there.
_HOLDS = {
    **{"checkboxes": 10, "radio_buttons": 10, "overflow": 5, "static_select": 100},
    **{"multi_static_select": 100, "actions": 25, "context": 10},
}
# The most characters of a view (`view_too_large`), and of a message's text (docs.slack.dev, views.open and
# chat.postMessage).
_VIEW, _TEXT = 250_000, 40_000
_ID, _OPTION, _OPTION_WORDS, _BUTTON_VALUE, _TYPED, _FILES = 255, 150, 75, 2000, 3000, 10


def _check_blocks(blocks):
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    assert len(ids) == len(set(ids)), "two blocks with one id"
    for block in blocks:
        Block.parse(block).validate_json()
        _check_lengths(block, _MOST.get(block["type"], 3000))
        _check_actions(block)


def _check_actions(block):
    """Slack tells elements of one block apart by their action ids alone."""
    inside = [block.get("accessory"), block.get("element")]
    inside += block.get("elements", ()) if block["type"] == "actions" else ()
    ids = [each["action_id"] for each in inside if each]
    assert len(ids) == len(set(ids)), f"two elements with one id: {ids}"
    assert all(0 < len(each) <= _ID for each in (*ids, block.get("block_id", "b")))


def _check_lengths(value, most):
    if isinstance(value, list):
        for each in value:
            _check_lengths(each, most)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("text"), str):
        assert 0 < len(value["text"]) <= most, f"{len(value['text'])} characters of {most}"
    if isinstance(value.get("value"), str):
        assert len(value["value"]) <= _BUTTON_VALUE
    _check_element(value)
    for key, each in value.items():
        option = key in ("options", "option_groups", "initial_option", "initial_options")
        narrower = 75 if value.get("type") == "button" or option else most
        narrower = 150 if key == "placeholder" else narrower
        _check_lengths(each, narrower)


def _check_element(element):
    """Fail where *element*, a block or what stands in one, holds more than Slack lets it."""
    kind, options = element.get("type"), element.get("options")
    inside = options if options is not None else element.get("elements", ())
    assert kind == "rich_text" or len(inside) <= _HOLDS.get(kind, 100), f"{len(inside)} in {kind}"
    assert element.get("max_files", 1) in range(1, _FILES + 1)
    assert element.get("max_length", 1) in range(1, _TYPED + 1)
    if isinstance(element.get("initial_value"), str):
        assert len(element["initial_value"]) <= element.get("max_length", _TYPED)
    if options is not None:
        _check_options(element, options)


def _check_options(element, options):
    """Fail where an option is too long, or where *element* begins with what is none of them."""
    assert options, "nothing to choose"
    for option in options:
        assert 0 < len(option["value"]) <= _OPTION, f"{len(option['value'])} characters of a value"
        assert len(option["text"]["text"]) <= _OPTION_WORDS
        assert len(option.get("description", option["text"])["text"]) <= _OPTION_WORDS
    assert len({option["value"] for option in options}) == len(options), "two options with one value"
    chosen = list(element.get("initial_options", ()))
    assert chosen or "initial_options" not in element, "an empty first choice is refused"
    chosen += [element["initial_option"]] if "initial_option" in element else []
    assert all(each in options for each in chosen), "what is chosen at first is none of the options"


def _parsed(value):
    if isinstance(value, str) and value[:1] in "[{":
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
