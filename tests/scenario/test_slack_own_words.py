"""A reporter in Slack looks at what they sent, and says what they cannot get: through the real app."""

import json
import logging

import pytest

from bot.casework.reporting import Sent, SentWords, mark_of
from bot.casework.room import Member
from bot.domain.cases import EventKind, Status
from bot.domain.closing import Retention
from bot.domain.notices import NoticeKind
from bot.domain.triage import Form
from bot.domain.views import ReporterView, SentFile
from bot.errors import StoreBusy
from bot.slack import my_reports, sent_words
from bot.slack.blocks import plain
from tests.casework_builders import NOON, a_closing
from tests.slack_desk import SlackDesk
from tests.slack_kit import checked
from tests.slack_reports import Reporting, button_in, one, words_in
from tests.unit.form_builders import a_form

HANDLE = "jo.mint@fernhill.example.org"
AMY = Member("fernhill", "amy")
PICTURE = (
    "A screenshot of what is on your screen already, with the handle, the date and the time; "
    "you are asked about images of children first."
)


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def jo(desk):
    return Reporting(desk)


@pytest.fixture
def case(desk, jo):
    """A report of Jo's, sent with a plain "no" at the gate."""
    jo.sent(gate=one("no"))
    with desk.store.reading() as unit:
        return unit.reported_by("fernhill", HANDLE)[0].case


def listed(jo):
    jo.bench.command("/my-reports", user=jo.user)
    return jo.opened()


def shown(desk, jo, case):
    """What was sent, as it is drawn once asked for."""
    desk.bench.press("report.show", f"fernhill {case}", jo.user)
    return words_in(jo.opened())


def cannot(drawn):
    """The buttons that say that something cannot be had."""
    found = [block["accessory"] for block in drawn["blocks"] if block.get("accessory")]
    return [each for each in found if each["action_id"] == my_reports.CANNOT]


# What was sent


def test_safety_25_the_reporters_words_are_shown_only_once_they_ask(jo, case):
    assert "Somebody keeps asking" not in words_in(listed(jo))

    jo.press(button_in(jo.view, "Show what I sent"))

    said = words_in(jo.opened())
    assert "Somebody keeps asking where she goes to school." in said
    assert "Sent 20 November 2026, 22:41:" in said


def test_what_was_sent_is_shown_long_after_the_draft_is_gone(desk, jo, case):
    desk.clock.pass_by(days=30)

    assert "Somebody keeps asking where she goes to school." in shown(desk, jo, case)


def test_an_answer_to_the_lead_is_among_what_was_sent_and_the_question_is_not(desk, jo, case):
    desk.parts.casework.open_case(AMY, case, "my case")
    ask = desk.parts.casework.ask_reporter(AMY, case, "Which day was it?").seq
    desk.parts.casework.answer_ask("fernhill", HANDLE, case, ask, "On <!here> Tuesday 😀")

    said = shown(desk, jo, case)

    assert sent_words.ANSWERED in said
    assert "On <!here> Tuesday 😀" in said
    assert "Which day" not in said


def test_safety_16_what_others_write_is_not_among_it(desk, jo, case):
    desk.parts.casework.open_case(AMY, case, "my case")
    desk.parts.casework.note(AMY, case, "CANARY note")
    desk.parts.casework.reply(AMY, case, "CANARY reply")

    assert "CANARY" not in shown(desk, jo, case)


def test_of_a_deleted_report_that_is_said_instead(desk, jo, case):
    work = desk.parts.casework
    seen = work.open_case(AMY, case, "my case").head.version
    work.close(
        AMY, case, a_closing(retention=Retention("contact-settled", False, desk.clock.now.date())), seen
    )
    desk.clock.pass_by(days=365)
    work.confirm_deletion(AMY, case, "its time is over")

    said = shown(desk, jo, case)

    assert my_reports.NOT_HERE in said
    assert "Somebody keeps asking" not in said


def test_what_was_sent_is_drawn_in_the_order_of_the_form_whatever_became_of_a_question():
    sent = {"what": "It <b>happened</b>", "kind": "contact", "gone": "an old answer"}
    drawn = sent_words.sent_blocks(SentWords("C-1", Form.CONCERN, (Sent(NOON, sent),)), a_form("concern"))

    said = words_in(drawn)
    at = [said.index(each) for each in ("Somebody contacts the child", "It <b>happened</b>", "an old answer")]
    assert at == sorted(at)


def test_the_longest_of_reports_fits_into_a_view_and_says_that_there_is_more():
    long = Sent(NOON, {"what": "😀<&>" * 20_000}, "x" * 9000)
    files = tuple(SentFile(f"e-{at}", "n" * 200, at == 3) for at in range(30))

    drawn = sent_words.sent_blocks(SentWords("C-1", Form.CONCERN, (long,) * 5, files), a_form("concern"))

    view = {"type": "modal", "title": plain("t"), "blocks": drawn}
    checked({"view": view})
    assert len(json.dumps(view)) < 250_000
    assert sent_words.REST in words_in(drawn)
    assert sent_words.LOCKED_FILE in words_in(drawn)


# What cannot be got


def test_safety_24_what_cannot_be_got_is_asked_for_no_longer(desk, jo, case):
    (button,) = cannot(listed(jo))
    assert PICTURE in words_in(jo.view)
    desk.poked.clear()

    jo.press(button)

    assert desk.body(case, EventKind.ADDED) == {"cannot_get": PICTURE}
    after = jo.updated()
    assert PICTURE not in words_in(after)
    assert my_reports.NOT_ASKED in words_in(after)
    assert desk.told(NoticeKind.REPORTER_ADDED) == ["amy"]
    assert desk.poked


def test_pressed_twice_it_is_said_once(desk, jo, case):
    (button,) = cannot(listed(jo))

    jo.press(button)
    jo.press(button)

    drawn = [said["view"] for said in desk.slack.sent("views.update")]
    assert [my_reports.NOT_ASKED in words_in(each) for each in drawn] == [True, True]
    assert desk.kinds(case).count(EventKind.ADDED.value) == 1


def test_from_the_home_page_the_list_is_opened(desk, jo, case):
    (button,) = cannot(listed(jo))
    home = {"type": "home", "id": "V9", "callback_id": "", "blocks": []}

    desk.bench.press(button["action_id"], button["value"], jo.user, view=home)

    assert desk.slack.sent("views.open")[-1]["view"]["callback_id"] == my_reports.MY_REPORTS_VIEW
    assert my_reports.NOT_ASKED in words_in(jo.opened())


def test_safety_20_while_the_store_is_busy_nothing_is_said_to_be_done(desk, jo, case, monkeypatch):
    (button,) = cannot(listed(jo))

    def busy(*_):
        raise StoreBusy("busy")

    monkeypatch.setattr(type(desk.parts.casework), "cannot_get", busy)
    before = len(desk.slack.calls)
    jo.press(button)

    said = json.dumps(desk.slack.calls[before:])
    assert my_reports.NOT_ASKED not in said
    assert StoreBusy.user_message in said


def test_safety_29_the_button_carries_no_words_and_so_does_the_log(desk, jo, case, caplog):
    caplog.set_level(logging.DEBUG)
    (button,) = cannot(listed(jo))

    jo.press(button)

    assert button["value"] == f"fernhill {case} {mark_of(PICTURE)}"
    assert len(mark_of(PICTURE)) == 12
    assert PICTURE not in caplog.text
    assert f"report.cannot_get case={case}" in caplog.text


@pytest.mark.parametrize(("status", "buttons"), [(Status.OPENED, 5), (Status.CLOSED, 0)])
def test_a_handful_have_a_button_and_every_line_is_said(status, buttons):
    missing = tuple(f"Line {at}." for at in range(9))
    view = ReporterView("C-1", Form.CONCERN, NOON, status, missing=missing)

    drawn = my_reports.my_reports_blocks([view], "fernhill")

    assert len(cannot({"blocks": drawn})) == buttons
    assert all(f"Still missing: {each}" in words_in(drawn) for each in missing)
