"""The Slack edge of an urgent message: two buttons, each answered where it was pressed (SAFETY 8)."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient

from bot.domain.reports import Receipt
from bot.errors import Gone
from bot.raising import OVER
from bot.slack import blocks, ids
from bot.slack.blocks import Block
from bot.slack.parts import Parts
from bot.slack.places import Place
from bot.slack.receipts import receipt_blocks
from bot.slack.urgent_card import BUTTONS, WAITING
from bot.slack.who import UNREACHABLE, channel_of, user_of

UPDATED = "The urgent reply"
STORED = "Your urgent report is stored"
FILED = "It is stored as an urgent case, number {case}. The receipt is in the message below."
NOT_KEPT = (
    "You said that it was only a question. Your message is not kept and nobody is told. "
    "Somebody who was asked to ring you before you pressed may still ring: tell them the same."
)
PRESSED_LATE = "These buttons cannot be used any more."
DELETE_PUBLIC = (
    "Your message is stored. Others can still read it where you wrote it: please delete it now, in "
)
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Press:
    """A press of one of the two buttons: where it was, and what was raised."""

    body: Mapping[str, Any]

    @property
    def id(self) -> str:
        """The id of what was raised."""
        return self._value[0]

    @property
    def public(self) -> str:
        """The channel in which the message stands for all to see; "" where it came in private."""
        return self._value[1] if self._value[1:] and not self._value[1].startswith("D") else ""

    @property
    def ts(self) -> str:
        """Of the card; "" where only its reader sees it, and it cannot be changed like any message."""
        container = self._part("container")
        return "" if container.get("is_ephemeral") else str(container.get("message_ts") or "")

    @property
    def thread(self) -> str:
        """The thread in which the card stands, "" for none."""
        return str(self._part("message").get("thread_ts") or "")

    def card(self, decided: Iterable[Block]) -> list[Block]:
        """What the card shows with *decided* in place of the buttons; of an ephemeral one that is unknown."""
        found = self._part("message").get("blocks")
        drawn = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
        at = next((at for at, block in enumerate(drawn) if block.get("block_id") == BUTTONS), len(drawn))
        after = [block for block in drawn[at:] if block.get("block_id") not in (BUTTONS, WAITING)]
        return [*drawn[:at], *decided, *after]

    @property
    def _value(self) -> list[str]:
        actions = self.body.get("actions")
        first = actions[0] if isinstance(actions, list) and actions else None
        value = first.get("value") if isinstance(first, Mapping) else ""
        return str(value or "").split(" ", 1)

    def _part(self, key: str) -> Mapping[str, Any]:
        found = self.body.get(key)
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True)
class UrgentListeners:
    """
    Answers the two buttons of the urgent reply.

    What cannot be stored is raised before the acknowledgement: then `errors` says so, with numbers.
    """

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.action(ids.TELL_NOW)(self.on_tell)
        app.action(ids.ONLY_A_QUESTION)(self.on_question)

    def on_tell(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """File it; only then acknowledge, take the buttons away and show the receipt."""
        shown = _Shown(Press(body), client, respond)
        try:
            receipt, handle = self._theirs(shown, self._stored)
        except Gone:
            ack()
            shown.decided([blocks.section(PRESSED_LATE)])
            raise
        ack()
        self.parts.poke()
        shown.decided([blocks.section(FILED.format(case=receipt.case)), *_delete(shown.press.public)])
        shown.answer(STORED, receipt_blocks(receipt, self.parts.url))
        # After the acknowledgement, for a busy store takes seconds; nothing hangs on it.
        self.parts.raising.filed(shown.press.id, handle, receipt)
        _log.info("urgent.answered case=%s", receipt.case)

    def on_question(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """Let it go; where it was filed before, that is what stands."""
        shown = _Shown(Press(body), client, respond)
        try:
            self._theirs(shown, self.parts.raising.waiting)
        except Gone:
            self._too_late(shown, ack)
            return
        self._theirs(shown, self.parts.raising.only_a_question)
        ack()
        shown.decided([blocks.section(NOT_KEPT)])

    def _stored(self, identity: str, handle: str) -> tuple[Receipt, str]:
        return self.parts.raising.store_case(identity, handle), handle

    def _too_late(self, shown: "_Shown", ack: Ack) -> None:
        """It was filed, or called a question, or its time was over."""
        try:
            receipt = self._theirs(shown, self.parts.raising.receipt)
            words = FILED.format(case=receipt.case)
        except Gone:
            words = OVER
        ack()
        shown.decided([blocks.section(words)])

    def _theirs(self, shown: "_Shown", act: Callable[[str, str], _T]) -> _T:
        """
        *act* on what they raised, under whichever handle they had when they wrote.

        Slack may have said nothing of them but their id, then or now.

        Raises:
            Gone: as *act*, and for what somebody else raised.
            Stranger: they are nobody at that school.
        """
        identity = shown.press.id
        sighting = self.parts.who.sighting(shown.client, shown.press.body)
        school = self.parts.raising.school(identity)
        known = self.parts.recognising.at(sighting, school)
        for handle in dict.fromkeys((known.reporter.handle, sighting.user)):
            try:
                return act(identity, handle)
            except Gone as error:
                gone = error
        raise gone


@dataclass(frozen=True, slots=True)
class _Shown:
    """The card on the screen of whoever pressed; nothing is raised when Slack does not take a change."""

    press: Press
    client: WebClient
    respond: Respond

    def decided(self, drawn: Iterable[Block]) -> None:
        """Draw the card anew with *drawn* where its buttons were: whom to ring stays."""
        said: dict[str, Any] = {"text": UPDATED, "blocks": self.press.card(drawn)}
        channel, ts = channel_of(self.press.body), self.press.ts
        try:
            if ts:
                self.client.chat_update(channel=channel, ts=ts, **said)
            else:
                # What it shows is not known here; in its place the numbers would be lost.
                self.respond(response_type="ephemeral", replace_original=False, **said)
        except UNREACHABLE as error:
            _log.warning("urgent.not_redrawn id=%s error=%s", self.press.id, type(error).__name__)

    def answer(self, text: str, drawn: list[Block]) -> None:
        """Say it by direct message."""
        body, press = self.press.body, self.press
        aside = None if press.ts else self.respond
        place = Place(self.client, user_of(body), channel_of(body), press.thread, respond=aside)
        place.privately(text, drawn)


def _delete(channel: str) -> list[Block]:
    """SAFETY 10: once it is stored, the public one is to go."""
    if not channel:
        return []
    return [blocks.rich(blocks.line(blocks.words(DELETE_PUBLIC), blocks.channel(channel)))]
