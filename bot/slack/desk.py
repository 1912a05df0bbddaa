"""The Slack edge of casework: the list of open cases, and one case to open, take in hand and answer."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from slack_bolt import Ack, App, Respond
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.casework import saving
from bot.casework.room import Member
from bot.casework.saving import Saved
from bot.domain.membership import Sighting
from bot.domain.notice_details import REASONS, case_number
from bot.domain.notice_words import EMERGENCY
from bot.domain.schools import Person
from bot.domain.views import CaseView
from bot.errors import (
    BotError,
    CaseDeleted,
    FormError,
    NeedsReason,
    Stranger,
    UnknownCase,
    UnknownSchool,
)
from bot.slack import blocks, case_views, ids, opening
from bot.slack.case_views import IN_HAND, NOTE, OWN_REASON, REASON, REPLY, Shown
from bot.slack.home import Home, open_cases
from bot.slack.parts import Parts
from bot.slack.who import UNREACHABLE, user_of

SAID = {
    IN_HAND: "Stored: you have this case in hand.",
    REPLY: "Stored: your reply; the reporter is told that there is one.",
    NOTE: "Stored: your note.",
}
NOT_THE_REST = "The rest was not saved either."
NO_REASON = "Choose a reason, or write one."
NO_CASES = f"No case is open for you. {EMERGENCY}"

_LIST = "Cases that are open for you"
_NOT_THEIRS = (UnknownCase, UnknownSchool)
_FIELDS = {IN_HAND: saving.ACKNOWLEDGE, REPLY: saving.REPLY, NOTE: saving.NOTE}
"""What can be filled in → what saving calls it."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DeskListeners:
    """Listens to those who work on cases; every use case checks them anew, and records it."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.command("/cases")(self.on_command)
        app.action(ids.LIST_CASES)(self.on_list)
        app.action(ids.OPEN_CASE)(self.on_open)
        app.action(case_views.AT_DESK)(self.on_link)
        app.view(case_views.REASON_MODAL)(self.on_reason)
        app.view(case_views.CASE_MODAL)(self.on_save)

    def on_command(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """Show the open cases to whoever asks, and to nobody else."""
        ack()
        respond(text=_LIST, blocks=self._listed(client, body), response_type="ephemeral")

    def on_list(self, ack: Ack, body: dict[str, Any], client: WebClient, respond: Respond) -> None:
        """The same from a button; on a page or in a modal there is nothing to answer, so it is a message."""
        ack()
        drawn = self._listed(client, body)
        if body.get("response_url"):
            respond(text=_LIST, blocks=drawn, response_type="ephemeral", replace_original=False)
        else:
            client.chat_postMessage(channel=user_of(body), text=_LIST, blocks=drawn)

    def on_link(self, ack: Ack) -> None:
        """Only an address was opened."""
        ack()

    def on_open(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """
        Open the case of the button in a modal.

        The modal comes first, empty: were the case opened before a trigger that has run out, the clock
        would stop for somebody who has seen nothing (SAFETY 18).
        """
        ack()
        school, case = ids.case_of(str(body["actions"][0].get("value") or ""))
        staged = self._staged(client, body, school, case)
        if not staged:
            return
        who = self._member(self.parts.who.sighting(client, body), school)
        try:
            drawn = self._opened(who, case, "")
        except BotError as error:
            drawn = case_views.notice(error.user_message)
        opening.redraw(client, {"id": staged}, drawn, always=True)

    def on_reason(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Open the case with the reason given (SAFETY 22), which is stored before Slack has its answer."""
        school, case = ids.case_of(body["view"].get("private_metadata") or "")
        reason = _reason(body["view"]["state"]["values"])
        if not reason:
            ack(response_action="errors", errors={REASON: NO_REASON})
            return
        try:
            # It opens a case: Slack is asked anew who they are.
            drawn = self._opened(self._member(self.parts.who.sighting(client, body), school), case, reason)
        except BotError as error:
            ack(response_action="errors", errors={REASON: error.user_message})
            return
        ack(response_action="update", view=drawn)

    def on_save(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """
        Store all that is filled in, or nothing, and only then acknowledge (SAFETY 20).

        What is refused is said at its field. The case as it then is comes after: to show it is a record too.
        """
        view = body["view"]
        school, case, seen = _metadata(view)
        filled, where = _filled(view)
        who = self._here(client, body, school)
        try:
            self.parts.casework.save(who, case, _saved(view, seen, filled))
        except FormError as error:
            raise FormError(_at_blocks(error, filled, where)) from None
        except (*_NOT_THEIRS, CaseDeleted) as error:
            _log.info("case.refused case=%s", case_number(case))
            ack(response_action="update", view=_gone(error))
            return
        _log.info("case.saved case=%s what=%s", case, ",".join(filled))
        said = tuple(SAID[name] for name in filled)
        ack(response_action="update", view=case_views.saved(school, case, said))
        self.parts.poke()
        self._show_again(client, view, who, said)
        if IN_HAND in filled:
            Home(self.parts).refresh(client, body)

    def _listed(self, client: WebClient, body: Mapping[str, Any]) -> list[blocks.Block]:
        found = open_cases(self.parts, self.parts.who.sighting(client, body))
        if not found.heads:
            mine = blocks.actions(blocks.button(ids.MY_REPORTS, "My reports"))
            return [blocks.section(NO_CASES), mine]
        drawn = case_views.case_list(found.heads, self.parts.clock())
        if found.count > len(found.heads):
            drawn.append(blocks.context(case_views.more_cases(found.count)))
        return drawn

    def _staged(self, client: WebClient, body: Mapping[str, Any], school: str, case: str) -> str:
        """Use the trigger: the id of an empty modal, or "" once a message says that it was too late."""
        inside = (body.get("view") or {}).get("type") == "modal"
        show = client.views_push if inside else client.views_open
        try:
            shown = show(trigger_id=str(body.get("trigger_id") or ""), view=case_views.opening())
        except SlackApiError as error:
            known = school in self.parts.schools and case_number(case)
            value = ids.case_value(school, case) if known else ""
            again = blocks.button(ids.OPEN_CASE if known else ids.LIST_CASES, "Open it again", value)
            opening.late(client, user_of(body), error, again)
            return ""
        return str(shown["view"]["id"])

    def _opened(self, who: Member, case: str, reason: str) -> dict[str, Any]:
        """The case, or the question for a reason, or that there is none; raises what the store raises."""
        try:
            view = self.parts.casework.open_case(who, case, reason)
        except NeedsReason as why:
            return case_views.reason_modal(who.school, case, why.user_message)
        except (*_NOT_THEIRS, CaseDeleted) as error:
            _log.info("case.refused case=%s", case_number(case))
            return _gone(error)
        _log.info("case.opened case=%s", case)
        return self._modal(view)

    def _modal(self, view: CaseView, said: tuple[str, ...] = ()) -> dict[str, Any]:
        school, form = self.parts.schools[view.head.school], self.parts.forms[view.head.form]
        return case_views.case_modal(Shown(view, school, form, self.parts.url, said))

    def _show_again(
        self, client: WebClient, view: Mapping[str, Any], who: Member, said: tuple[str, ...]
    ) -> None:
        """Draw the case as it now is; where that cannot be done, what was saved stands there already."""
        _, case, _ = _metadata(view)
        try:
            # Looked at on account of what was just saved: that reason they have shown (SAFETY 22).
            shown = self.parts.casework.open_case(who, case, REASONS[0])
            opening.redraw(client, view, self._modal(shown, said), always=True)
        except (BotError, *UNREACHABLE):
            _log.info("case.not_shown case=%s", case)

    def _here(self, client: WebClient, body: Mapping[str, Any], school: str) -> Member:
        """Who submits: as Slack was asked lately, for it may be slow, and only else asked again."""
        member = self._member(self.parts.who.glimpse(body), school)
        if member.person in {each.id for each in self._people(school)}:
            return member
        return self._member(self.parts.who.sighting(client, body), school)

    def _people(self, school: str) -> tuple[Person, ...]:
        return self.parts.schools[school].people if school in self.parts.schools else ()

    def _member(self, sighting: Sighting, school: str) -> Member:
        """Who *sighting* is at *school*; whoever is nobody there is refused by the case, and recorded."""
        stranger = Member(school, f"{sighting.team}/{sighting.user}")
        try:
            person = self.parts.recognising.at(sighting, school).reporter.person
        except Stranger:
            return stranger
        return Member(school, person) if person else stranger


def _gone(error: BotError) -> dict[str, Any]:
    """The same for a case that is not there and for one that is not theirs (SAFETY 15)."""
    said = error.user_message if isinstance(error, CaseDeleted) else UnknownCase.user_message
    return case_views.notice(f"{said} {EMERGENCY}")


def _metadata(view: Mapping[str, Any]) -> tuple[str, str, int]:
    """School, case and version of a case modal; no version that anybody saw where there is none."""
    place, _, version = str(view.get("private_metadata") or "").rpartition(" ")
    school, case = ids.case_of(place)
    return (school, case, int(version)) if version.isdecimal() else ("", "", 0)


def _filled(view: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """What is filled in, in the order in which it is done, and the block of everything that can be."""
    where, texts = {}, {}
    for block, elements in view["state"]["values"].items():
        name = block.partition(".")[0]
        where[name] = block
        texts[name] = _said(elements.get(blocks.VALUE_ID) or {})
    return {name: texts[name] for name in SAID if texts.get(name)}, where


def _saved(view: Mapping[str, Any], seen: int, filled: Mapping[str, str]) -> Saved:
    """What is *filled* in; Slack gives every open modal an id of its own, the same at every press."""
    in_hand, reply, note = (filled.get(name, "") for name in (IN_HAND, REPLY, NOTE))
    return Saved(str(view.get("id") or ""), seen, bool(in_hand), reply, note)


def _at_blocks(error: FormError, filled: Mapping[str, str], where: Mapping[str, str]) -> dict[str, str]:
    """What *error* says, each at its block on the screen; and that the rest was not saved either."""
    rest = f" {NOT_THE_REST}" if len(filled) > 1 else ""
    blocks_of = {_FIELDS[name]: block for name, block in where.items() if name in _FIELDS}
    found = {blocks_of[name]: f"{words}{rest}" for name, words in error.fields.items() if name in blocks_of}
    return found or error.fields


def _said(element: Mapping[str, Any]) -> str:
    if "selected_options" in element:
        return " ".join(str(each.get("value")) for each in element["selected_options"] or ())
    return str(element.get("value") or "").strip()


def _reason(values: Mapping[str, Any]) -> str:
    """The reason chosen, and what was written beside it; "" for neither."""
    chosen = (values.get(REASON) or {}).get(blocks.VALUE_ID) or {}
    at = str((chosen.get("selected_option") or {}).get("value") or "")
    pressed = REASONS[int(at)] if at.isdecimal() and int(at) < len(REASONS) else ""
    written = _said((values.get(OWN_REASON) or {}).get(blocks.VALUE_ID) or {})
    return ": ".join(part for part in (pressed, written) if part)
