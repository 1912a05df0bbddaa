"""The App Home: numbers to ring, the forms, one's own reports, and for holders the cases that are open."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from slack_bolt import Ack, App
from slack_sdk import WebClient

from bot.casework.room import Member
from bot.domain.cases import Head, Status, Wanted
from bot.domain.membership import Known, Sighting
from bot.domain.notice_words import EMERGENCY, OUTSIDE
from bot.domain.routing import LADDER
from bot.domain.schools import School
from bot.domain.verdicts import contact
from bot.errors import BotError, Stranger, WhichSchool
from bot.slack import blocks, cards, case_views
from bot.slack.blocks import Block
from bot.slack.errors import whom
from bot.slack.my_reports import reports_at
from bot.slack.parts import Parts
from bot.slack.receipts import step_blocks
from bot.slack.who import UNREACHABLE, user_of

CHOOSE = "home.school"
"""A button; its value is the school that the page is to be for."""

NO_CASES = "No case is open for you."
NOT_NOW = "This part cannot be shown at the moment. Look again in a minute."
_LABELS = 75
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenCases:
    """The open cases of one person at all their schools, and how many there are in all."""

    heads: tuple[Head, ...]
    count: int
    holder: bool
    """Whether they hold a role anywhere."""


def open_cases(parts: Parts, sighting: Sighting) -> OpenCases:
    """
    What *sighting* may open: the unopened first, then the urgent, then the oldest.

    Raises:
        StoreBusy, StoreFailed: that it was looked at could not be recorded, so nothing is shown.
    """
    found: list[Head] = []
    count = 0
    listed = parts.recognising.everywhere(sighting)
    for known in listed:
        who = Member(known.school.id, known.reporter.person)
        heads = parts.casework.list_cases(who, Wanted(limit=case_views.SHOWN_AT_ONCE + 1))
        more = len(heads) > case_views.SHOWN_AT_ONCE
        count += parts.casework.count_cases(who) if more else len(heads)
        found += heads
    found.sort(key=lambda head: (head.status is not Status.RECEIVED, not head.urgent, head.filed_at))
    holder = any(_holds(known) for known in listed)
    return OpenCases(tuple(found[: case_views.SHOWN_AT_ONCE]), count, holder)


def numbers(school: School) -> list[Block]:
    """999, and every number of *school*, to tap (SAFETY 6 and 7)."""
    before, _, after = EMERGENCY.partition("999")
    danger = blocks.line(blocks.words(before, bold=True), blocks.telephone("999"), blocks.words(after))
    roles = dict.fromkeys((*LADDER, *OUTSIDE))
    known = [contact(school, role) for role in roles if school.telephone(role)]
    return [blocks.rich(danger, *blocks.contacts(known))]


@dataclass(frozen=True)
class Home:
    """Draws the page of whoever looks at it."""

    parts: Parts

    def publish(self, client: WebClient, body: Mapping[str, Any]) -> None:
        """Draw the page of the user of *body* anew; raises what Slack and the store raise."""
        # The page is of no channel: whoever comes from one sees what they chose for themselves.
        sighting = replace(self.parts.who.sighting(client, body), channel="")
        drawn = self._drawn(sighting)[: blocks.VIEW_BLOCKS]
        client.views_publish(user_id=user_of(body), view={"type": "home", "blocks": drawn})

    def refresh(self, client: WebClient, body: Mapping[str, Any]) -> None:
        """Draw it anew after something was stored elsewhere; that it could not be is only in the log."""
        try:
            self.publish(client, body)
        except (BotError, *UNREACHABLE) as error:
            _log.warning("home.failed error=%s", type(error).__name__)

    def _drawn(self, sighting: Sighting) -> list[Block]:
        try:
            known = self.parts.recognising.known(sighting)
        except Stranger as error:
            return [blocks.section(error.user_message), *self._for_anybody()]
        except WhichSchool as error:
            schools = [self.parts.schools[each] for each in error.schools]
            cases = _tried(lambda: self._cases(sighting))
            mine = _tried(lambda: self._reports(sighting))
            return [*self._for_anybody(), *cases, *_choice(error.user_message, schools), *mine]
        except BotError as error:
            _log.warning("home.school_failed error=%s", type(error).__name__)
            return [*self._for_anybody(), blocks.context(NOT_NOW), *self._forms()]
        return [
            blocks.header(known.school.name),
            *numbers(known.school),
            *_tried(lambda: self._cases(sighting)),
            *self._forms(known.school.id),
            *_tried(lambda: self._reports(sighting)),
        ]

    def _for_anybody(self) -> list[Block]:
        """Whom to ring where the school is not known (SAFETY 31)."""
        return step_blocks("Whom to ring", whom(None, self.parts.answering.guidance))

    def _forms(self, school: str = "") -> list[Block]:
        forms = [
            blocks.section(
                form.about,
                cards.form_button(each, blocks.shortened(form.title, _LABELS), school=school),
            )
            for each, form in self.parts.forms.items()
        ]
        return [blocks.header("Tell somebody"), *forms]

    def _reports(self, sighting: Sighting) -> list[Block]:
        drawn = reports_at(self.parts, self.parts.recognising.anywhere(sighting))
        return [blocks.header("My reports"), *drawn] if drawn else []

    def _cases(self, sighting: Sighting) -> list[Block]:
        found = open_cases(self.parts, sighting)
        if not found.heads:
            return [blocks.context(NO_CASES)] if found.holder else []
        listed = case_views.case_list(found.heads, self.parts.clock())
        more = [blocks.context(case_views.more_cases(found.count))] if found.count > len(found.heads) else []
        return [blocks.header("Cases that need you"), *listed, *more]


@dataclass(frozen=True)
class HomeListeners:
    """Listens to whoever opens the page, and to their choice of a school."""

    parts: Parts

    def register(self, app: App) -> None:
        """Bind the listeners to *app*."""
        app.event("app_home_opened")(self.on_opened)
        app.action(CHOOSE)(self.on_chosen)

    def on_opened(self, body: dict[str, Any], client: WebClient) -> None:
        """Draw the page; its other tab, the messages, is none of it."""
        if body["event"].get("tab", "home") == "home":
            Home(self.parts).publish(client, body)

    def on_chosen(self, ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        """Remember the school, and only then acknowledge; a school that is not possible changes nothing."""
        sighting = self.parts.who.glimpse(body)
        try:
            self.parts.recognising.choose(sighting, str(body["actions"][0].get("value") or ""))
        except Stranger:
            _log.info("home.choice_refused user=%s", sighting.user)
        ack()
        Home(self.parts).publish(client, body)


def _tried(draw: Callable[[], list[Block]]) -> list[Block]:
    """What *draw* gives; whatever is busy or damaged, numbers and forms stand all the same (SAFETY 31)."""
    try:
        return draw()
    except BotError as error:
        _log.warning("home.part_failed error=%s", type(error).__name__)
        return [blocks.context(NOT_NOW)]


def _holds(known: Known) -> bool:
    return any(known.reporter.person in held for held in known.school.roles.values())


def _choice(words: str, schools: Iterable[School]) -> list[Block]:
    return [
        blocks.header(words),
        *(blocks.section(each.name, blocks.button(CHOOSE, "This one", each.id)) for each in schools),
    ]
