"""Slack leads to the desk only where there is one: an address, and a way to sign in behind it."""

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bot import chat, serving
from bot.config import Settings
from bot.domain.notices import NoticeKind
from bot.slack import receipts
from bot.slack.parts import Parts
from tests.cases_builders import a_notice
from tests.fakes import a_school
from tests.slack_desk import PERSONS, SlackDesk
from tests.slack_kit import FakeSlack
from tests.slack_reports import Reporting, button_in, one, words_in

URL, ISSUER = "https://desk.example.org", "https://id.example.org"
WAYS = pytest.mark.parametrize(
    ("url", "issuer", "link"), [("", "", ""), (URL, "", ""), ("", ISSUER, ""), (URL, ISSUER, URL)]
)
SCHOOL = a_school(person=PERSONS)


def settings(url, issuer):
    return Settings(Path(), Path(), slack_bot_token="xoxb-test", url=url, oidc_issuer=issuer)  # noqa: S106


def served(tmp_path, url, issuer):
    """A desk with the address that `staffroom serve` gives to its parts."""
    plain = SlackDesk(tmp_path / "plain")
    parts = {each.name: getattr(plain.parts, each.name) for each in fields(Parts)}
    room = SimpleNamespace(
        settings=settings(url, issuer),
        folders=SimpleNamespace(schools=plain.schools),
        answering=plain.parts.answering,
        index=SimpleNamespace(is_warm=True),
    )
    shared = serving.use_cases(room, SimpleNamespace(**parts, store=plain.store), lambda: None)
    return SlackDesk(tmp_path / "served", url=Parts(**shared, who=plain.parts.who).url)


@WAYS
def test_a_receipt_leads_to_the_desk_only_where_people_can_sign_in(tmp_path, url, issuer, link):
    jo = Reporting(served(tmp_path, url, issuer))

    receipt = jo.sent(gate=one("no"))

    assert ("On the web" in words_in(receipt)) == bool(link)
    if link:
        assert button_in(receipt, "On the web")["url"] == link


@WAYS
def test_a_notice_leads_to_the_desk_only_where_people_can_sign_in(url, issuer, link):
    slack, notice = FakeSlack(), a_notice(case="K7Q2-9XYZ", to="amy")
    notifier = replace(chat.notifier(settings(url, issuer)), client=slack)

    notifier.send(SCHOOL, replace(notice, kind=NoticeKind.NEW_CASE))

    (said,) = slack.sent("chat.postMessage")
    assert notifier.link == link
    assert ("https://" in words_in(said["blocks"])) == bool(link)


def test_the_link_of_a_receipt_is_acknowledged_when_it_is_pressed_and_nothing_is_said(tmp_path):
    desk = SlackDesk(tmp_path, url=URL)
    jo = Reporting(desk)
    pressed = button_in(jo.sent(gate=one("no")), "On the web")
    before = len(desk.slack.calls)

    answer = jo.press(pressed)

    assert pressed["action_id"] == receipts.DESK_LINK
    assert (answer.status, answer.body) == (200, "")
    assert desk.slack.calls[before:] == []
