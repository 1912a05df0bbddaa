"""The few Block Kit blocks that are sent, each within the lengths of docs.slack.dev/reference/block-kit."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from bot.domain.answers import Contact

Block = dict[str, Any]

SECTION = 3000
"""The most characters in the text of a section; the same for one text of a rich text block, to be safe."""
HEADER, LABEL, HINT, BUTTON, VALUE, OPTION, PLACEHOLDER, METADATA = 150, 2000, 2000, 75, 2000, 75, 150, 3000
MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
TITLE = 24
"""The most characters in the title of a view, and in the words of its buttons."""

# A telephone number as the links of a phone take it.
_NOT_DIALLED = re.compile(r"[^0-9+]")


def plain(words: str, most: int = SECTION) -> Block:
    """*words* as text in which nothing is read as a sign, a link or an emoji."""
    return {"type": "plain_text", "text": shortened(words, most) or " ", "emoji": False}


def shortened(words: str, most: int) -> str:
    """*words*, cut at *most* characters with a sign that there is more."""
    return words if len(words) <= most else f"{words[: most - 1]}…"


def escaped(words: str) -> str:
    """*words* so that Slack's markup reads no mention, link or entity in them."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def header(words: str) -> Block:
    """A line in large type."""
    return {"type": "header", "text": plain(words, HEADER)}


def section(words: str, accessory: Block | None = None) -> Block:
    """A paragraph of plain *words*, perhaps with a button beside it."""
    block: Block = {"type": "section", "text": plain(words)}
    return {**block, "accessory": accessory} if accessory else block


def paragraphs(words: str) -> list[Block]:
    """*words* of any length, in as many sections as they need; nothing is cut off."""
    return [section(part) for part in pieces(words)]


def context(*words: str) -> Block:
    """Small print."""
    return {"type": "context", "elements": [plain(each) for each in words]}


def divider() -> Block:
    """A line across."""
    return {"type": "divider"}


def rich(*lines: Block) -> Block:
    """
    A block of `line`s.

    Sent as markup, in which a number can be tapped for certain, unless a sign in foreign words would be
    taken for markup there: then as rich text, in which nothing is.
    """
    said = "\n".join("".join(map(_marked, each["elements"])) for each in lines)
    bare = ("".join(part.get("text", "") for part in each["elements"]) for each in lines)
    if not any(map(_MARKUP.search, bare)) and 0 < len(said) <= SECTION:
        return {"type": "section", "text": {"type": "mrkdwn", "text": said, "verbatim": True}}
    return {"type": "rich_text", "elements": [_unlinked(each) for each in lines]}


# Signs that format words, an emoji's name, and what begins a quotation (docs.slack.dev/messaging/formatting).
_MARKUP = re.compile(r"[*_~`]|:[a-z0-9_+'-]+:|^\s*>", re.MULTILINE)


def _marked(part: Block) -> str:
    """*part* of a line as markup."""
    kind = part["type"]
    if kind == "link":
        return f"<{part['url']}|{escaped(part['text'])}>"
    if kind in ("user", "channel"):
        return f"<@{part['user_id']}>" if kind == "user" else f"<#{part['channel_id']}>"
    text = escaped(part["text"])
    inside = text.strip()
    for style, sign in (("bold", "*"), ("italic", "_")):
        if inside and "\n" not in inside and part.get("style", {}).get(style):
            # The sign must touch the words, or it is shown instead.
            text = text.replace(inside, f"{sign}{inside}{sign}", 1)
    return text


def _unlinked(each: Block) -> Block:
    """A line whose numbers are words: whether rich text takes such a link is nowhere said."""
    parts = [words(part["text"]) if part["type"] == "link" else part for part in each["elements"]]
    return {**each, "elements": parts}


def line(*parts: Block) -> Block:
    """One paragraph of rich text, made of `words`, `telephone`s and `mention`s."""
    return {"type": "rich_text_section", "elements": list(parts)}


def quote(text: str) -> list[Block]:
    """*text* byte for byte between quotation marks, in as many sections as it needs; none of it is markup."""
    return [section(part) for part in pieces(f"“{text}”")]


def words(text: str, bold: bool = False, italic: bool = False) -> Block:
    """A part of a line; whatever stands in *text* is shown as it is."""
    styles = {name: True for name, wanted in (("bold", bold), ("italic", italic)) if wanted}
    part: Block = {"type": "text", "text": text}
    return {**part, "style": styles} if styles else part


def telephone(number: str) -> Block:
    """*number* as a link that a phone rings."""
    return {"type": "link", "url": f"tel:{_NOT_DIALLED.sub('', number)}", "text": number}


def mention(user: str) -> Block:
    """The person with the Slack id *user*, by name."""
    return {"type": "user", "user_id": user}


def channel(identity: str) -> Block:
    """The channel with that Slack id, by name."""
    return {"type": "channel", "channel_id": identity}


def contacts(people: Iterable[Contact]) -> list[Block]:
    """A line of rich text for each of *people*: role, name and a number to tap."""
    return [line(*_contact(each)) for each in people]


def _contact(contact: Contact) -> list[Block]:
    said = ", ".join(part for part in (contact.role, contact.name) if part)
    numbers = _numbers(contact.telephone)
    rings = any(each["type"] == "link" for each in numbers)
    parts = [words(f"☎ {said}" if rings else f"• {said}", bold=True)]
    return [*parts, words("  "), *numbers] if numbers else parts


def _numbers(said: str) -> list[Block]:
    """Each number of "999 or 101" to tap, and words without one ("number not given") as words."""
    parts = re.split("( or )", said) if said else []
    return [telephone(part) if re.search("[0-9]", part) else words(part) for part in parts]


def button(action: str, label: str, value: str = "", style: str = "") -> Block:
    """A button; *style* is "primary", "danger" or ""."""
    made: Block = {"type": "button", "action_id": action, "text": plain(label, BUTTON)}
    if value:
        made["value"] = value
    return {**made, "style": style} if style else made


def link_button(action: str, label: str, url: str) -> Block:
    """A button that opens *url*."""
    return {"type": "button", "action_id": action, "text": plain(label, BUTTON), "url": url}


def actions(*elements: Block, block: str = "") -> Block:
    """A row of buttons, at most 25."""
    made: Block = {"type": "actions", "elements": list(elements)}
    return {**made, "block_id": block} if block else made


def option(value: str, label: str, more: str = "") -> Block:
    """Something to choose; *more* stands below it."""
    made: Block = {"text": plain(label, OPTION), "value": value}
    return {**made, "description": plain(more, OPTION)} if more else made


def field(block: str, label: str, element: Block, *, hint: str = "", optional: bool = True) -> Block:
    """Something to fill in, under the id *block*; its *element* has the action id `VALUE_ID`."""
    made: Block = {
        "type": "input",
        "block_id": block,
        "label": plain(label, LABEL),
        "element": element,
        "optional": optional,
    }
    return {**made, "hint": plain(hint, HINT)} if hint else made


VALUE_ID = "value"
"""The action id of every element that is filled in; its block says which."""


def modal(
    callback: str, title: str, blocks: Sequence[Block], metadata: str = "", submit: str = ""
) -> dict[str, Any]:
    """A modal view; *metadata* holds ids alone (SAFETY 29), and closing it closes those below as well."""
    view: dict[str, Any] = {
        "type": "modal",
        "callback_id": callback,
        "title": plain(title, TITLE),
        "close": plain("Close", TITLE),
        "blocks": list(blocks)[:VIEW_BLOCKS],
        "clear_on_close": not submit,
    }
    # An empty one does not come back out of slack_sdk's models.
    view |= {"private_metadata": metadata} if metadata else {}
    return {**view, "submit": plain(submit, TITLE)} if submit else view


def pieces(text: str, most: int = SECTION) -> list[str]:
    """*text* in pieces of at most *most* characters, which together are *text*; parted at spaces, if any."""
    found = []
    while len(text) > most:
        at = text.rfind(" ", 1, most) + 1 or most
        found.append(text[:at])
        text = text[at:]
    return [*found, text] if text else found
