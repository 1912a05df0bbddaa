"""What goes wrong of itself: double clicks, repeats, people who left, archives, late triggers, odd names."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.applications import Starlette

from bot.domain.notices import NoticeKind
from bot.slack import cards, ids
from bot.slack.app import slack_app
from bot.slack.http import slack_route
from bot.slack.notifier import SlackNotifier
from bot.slack.urgent_card import BUTTONS
from tests.notifier_fakes import FakeNotifier
from tests.slack_asgi import NOW, SECRET, as_json, post, signed
from tests.slack_desk import PERSONS, SLACK, SlackDesk
from tests.slack_kit import APP, BOT, JO, ME, PEOPLE, TEAM, Bench, FakeSlack, Straight, a_view, read
from tests.slack_reports import CONCERN, Reporting, one, text, words_in

CHILD = "A girl in my form has bruises and says her stepdad hit her"
PLAIN = "May staff use the school's own accounts?"
ODD = '<!channel> *A* =HYPERLINK("//x") & <@U0FORGED>'


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def jo(desk):
    return Reporting(desk)


def posts(desk, channel=None):
    return [said for said in desk.slack.sent("chat.postMessage") if channel in (None, said["channel"])]


def cases(desk):
    with desk.store.reading() as unit:
        return [row["id"] for row in unit.db.query("select id from cases")]


def tell_button(desk):
    """Value of the button that files the urgent message."""
    rows = [block for said in posts(desk) for block in said["blocks"] if block.get("block_id") == BUTTONS]
    return rows[-1]["elements"][0]["value"]


# Two clicks at the same moment


def at_once(desk, act):
    """What two threads get that do *act* on a `Bench`, both of which find the report not stored yet."""
    bench = Bench(slack_app(desk.parts, desk.slack, ME), desk.slack)
    together, take = threading.Barrier(2), type(desk.intake.receiving).take

    def met(receiving, key, uploads, already=0):
        together.wait(10)
        return take(receiving, key, uploads, already)

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(2) as clicks:
        patch.setattr(type(desk.intake.receiving), "take", met)
        both = list(clicks.map(lambda _: act(bench), range(2)))
    # What follows the answer to Slack is drawn by then as well.
    bench.app.listener_runner.listener_executor.shutdown()
    return both


def test_a_double_click_on_send_is_one_case_and_two_equal_receipts(desk, jo):
    jo.command()
    jo.submit(**CONCERN)

    first, second = at_once(desk, lambda bench: bench.submit(jo.view, {}))

    (case,) = cases(desk)
    assert desk.kinds(case).count("filed") == 1
    assert case in words_in(json.loads(first.body)["view"])
    assert json.loads(first.body) == json.loads(second.body)
    assert desk.told(NoticeKind.NEW_CASE) == ["amy"]


def test_a_double_click_on_tell_the_dsl_now_is_one_urgent_case(desk):
    desk.bench.direct(CHILD)
    value = tell_button(desk)

    at_once(desk, lambda bench: bench.press(ids.TELL_NOW, value))

    (case,) = cases(desk)
    assert desk.head(case).urgent
    assert desk.waiting(NoticeKind.RING_SENDER) == []


# Slack sends an event again


def told(desk, event, retry=0, app=None):
    """Deliver *event* over HTTP, as the *retry*-th repeat; the status that Slack gets."""
    pages = Starlette(routes=[slack_route(app or desk.bench.app, SECRET, lambda: NOW)])
    body, kind = as_json(
        {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": APP,
            "event_id": "Ev1",
            "event_time": NOW,
            "authorizations": [{"team_id": TEAM, "user_id": BOT, "is_bot": True}],
            "event": {"team": TEAM, "event_ts": f"{NOW}.000200", "ts": f"{NOW}.000200", **event},
        }
    )
    again = {"x-slack-retry-num": str(retry), "x-slack-retry-reason": "http_timeout"} if retry else {}
    return post(pages, body, kind, {**signed(body, NOW + retry), **again}).status


def mention(words):
    return {"type": "app_mention", "user": JO, "text": f"<@{BOT}> {words}", "channel": "C0STAFF"}


def test_an_event_that_slack_repeats_is_answered_once_and_every_repeat_is_acknowledged(desk):
    statuses = [told(desk, mention(PLAIN), retry) for retry in range(4)]

    assert statuses == [200] * 4
    assert len(posts(desk)) == 1


def test_safety_8_an_urgent_event_that_slack_repeats_after_a_restart_is_held_once(desk):
    told(desk, mention(CHILD))
    value = tell_button(desk)
    restarted = slack_app(desk.parts, desk.slack, ME, Straight())

    assert told(desk, mention(CHILD), retry=3, app=restarted) == 200

    assert tell_button(desk) == value
    assert len(desk.waiting(NoticeKind.RING_SENDER)) == 1


# People who left, and channels that are no more


def gone(slack, *methods, error="account_inactive"):
    for method in methods:
        slack.answers[method] = error


def test_somebody_whom_slack_does_not_know_any_more_is_answered_by_what_the_event_says(desk):
    gone(desk.slack, "users.info", error="user_not_found")

    desk.bench.mention(PLAIN)

    assert PLAIN not in words_in(posts(desk)[-1])
    assert "own accounts" in words_in(posts(desk)[-1])


def test_safety_31_an_account_that_was_closed_gets_numbers_and_files_nothing(desk, jo):
    desk.slack.answers["users.info"] = {"user": {"id": JO, "team_id": TEAM, "deleted": True, "profile": {}}}

    desk.bench.direct(CHILD)
    desk.bench.command("/concern")

    assert "999" in words_in(posts(desk)[-1])
    assert desk.slack.sent("views.open") == []
    assert desk.waiting(NoticeKind.RING_SENDER) == []


@pytest.mark.parametrize("error", ["account_inactive", "user_not_found", "user_disabled"])
def test_safety_20_what_somebody_filed_stands_although_slack_takes_no_message_to_them_any_more(desk, error):
    desk.bench.direct(CHILD)
    value = tell_button(desk)
    gone(desk.slack, "users.info", "conversations.open", "chat.postMessage", "chat.update", error=error)

    response = desk.bench.press(ids.TELL_NOW, value)

    assert response.status == 200
    assert desk.head(cases(desk)[0]).urgent


@pytest.mark.parametrize("words", [PLAIN, CHILD])
def test_a_question_from_a_channel_that_was_archived_meanwhile_is_answered_directly(desk, words):
    desk.slack.answers |= dict.fromkeys(["chat.postMessage", "chat.postEphemeral"], archived)

    response = desk.bench.mention(words)

    assert response.status == 200
    assert posts(desk)[-1]["channel"] == f"D{JO[1:]}"


def archived(said):
    return "is_archived" if said["channel"].startswith("C") else {}


class NoticeDesk(SlackDesk):
    """A desk whose notices go out by Slack, and by e-mail where Slack does not take them."""

    def __init__(self, tmp_path, **slack):
        self.chat, self.mail = FakeSlack(), FakeNotifier("e-mail")
        super().__init__(tmp_path, notifiers=(SlackNotifier(self.chat), self.mail), slack={**SLACK, **slack})

    def amy_hears(self, takes):
        """File a case and deliver; where its DSL hears of it, if Slack *takes* posts to these channels."""
        self.chat.answers["chat.postMessage"] = lambda said: {} if said["channel"] in takes else "is_archived"
        self.file()
        self.deliver()
        tried = [said["channel"] for said in self.chat.sent("chat.postMessage")]
        by_mail = ["e-mail" for each in self.mail.sent if each.to == "amy"]
        return [each for each in tried if each in takes and each in ("C0DSL", "D0AMY")] + by_mail


@pytest.mark.parametrize(
    ("takes", "expected"), [({"C0DSL", "D0AMY"}, "C0DSL"), ({"D0AMY"}, "D0AMY"), (set(), "e-mail")]
)
def test_a_new_case_reaches_the_dsl_by_their_channel_else_directly_else_by_e_mail(tmp_path, takes, expected):
    assert NoticeDesk(tmp_path).amy_hears(takes) == [expected]


@pytest.mark.parametrize("error", ["account_inactive", "user_disabled", "user_not_found"])
def test_a_dsl_whose_account_slack_refuses_hears_of_a_case_by_e_mail(tmp_path, error):
    desk = NoticeDesk(tmp_path, dsl_channel="")
    desk.chat.answers["conversations.open"] = lambda said: error if said["users"] == "U0AMY" else {}

    assert desk.amy_hears({"D0AMY"}) == ["e-mail"]


def test_a_dsl_whose_account_was_deleted_hears_by_e_mail_although_slack_takes_posts_to_it(tmp_path):
    # So it does: slackapi/python-slack-sdk issue 1156.
    desk = NoticeDesk(tmp_path, dsl_channel="")
    deleted = {"user": {"id": "U0AMY", "team_id": TEAM, "deleted": True, "profile": {}}}
    desk.chat.answers["users.info"] = lambda said: deleted if said["user"] == "U0AMY" else {}

    assert desk.amy_hears({"D0AMY"}) == ["e-mail"]


# Triggers that come too late


def a_case(desk):
    Reporting(desk).sent()
    desk.slack.calls.clear()
    return ids.case_value("fernhill", cases(desk)[0])


def pressing(action, value=lambda _: "", user=JO):
    return lambda desk: desk.bench.press(action, value(desk), user)


def a_card(_):
    return cards.card_value("fernhill", PLAIN)


OPENERS = {
    **{
        name: lambda desk, name=name: desk.bench.command(name)
        for name in ("/concern", "/adult-concern", "/log-trolling", "/report-friend-request", "/my-reports")
    },
    "a form's button": pressing(ids.OPEN_FORM, lambda _: "concern"),
    "my reports": pressing(ids.MY_REPORTS),
    "more evidence": pressing(ids.MORE_EVIDENCE, a_case),
    "what I sent": pressing(ids.SHOW_SENT, a_case),
    "open a case": pressing(ids.OPEN_CASE, a_case, "U0AMY"),
    "more clauses": pressing(cards.MORE, a_card),
    "the wording": pressing(cards.SEND, a_card),
    "report this message": lambda desk: desk.bench.shortcut(
        "report_message", {"text": "hi", "user": "U0CAT"}
    ),
}


@pytest.mark.parametrize("opener", OPENERS)
def test_a_trigger_that_came_too_late_is_said_directly_with_a_button_that_opens_it(desk, opener):
    desk.slack.answers |= dict.fromkeys(["views.open", "views.push"], "expired_trigger_id")

    response = OPENERS[opener](desk)

    said = posts(desk)[-1]
    (button,) = [each for block in said["blocks"] if block["type"] == "actions" for each in block["elements"]]
    user = "U0AMY" if opener == "open a case" else JO
    assert (response.status, said["channel"]) == (200, user)
    desk.slack.answers.clear()
    opened = len(desk.slack.sent("views.open"))
    desk.bench.press(button["action_id"], button.get("value", ""), user)
    assert len(desk.slack.sent("views.open")) == opened + 1


# Names


def test_names_are_plain_text_wherever_they_are_drawn_and_never_markup(tmp_path):
    persons = [{**each, "name": f"{each['name']} {ODD}"} for each in PERSONS]
    desk = Seen(tmp_path, person=persons, name=f"Fernhill {ODD}")
    desk.slack.answers["users.info"] = lambda said: {"user": odd_user(said["user"])}

    ask_and_report(desk, Reporting(desk))
    work_on_cases(desk)
    desk.clock.pass_by(minutes=20)
    desk.deliver()

    drawn = [*desk.slack.calls, *desk.chat.calls, *desk.answers]
    shown = read(drawn)
    assert [each for each in markup_in(drawn) if "<!" in each or "<@U0FORGED>" in each] == []
    assert sum("<!channel>" in each for each in shown) > 30
    assert sum('=HYPERLINK("//x")' in each for each in shown) > 30


def ask_and_report(desk, jo):
    desk.bench.mention(PLAIN)
    desk.bench.command("/policy", PLAIN)
    desk.bench.direct(CHILD)
    desk.bench.press(ids.TELL_NOW, tell_button(desk))
    desk.bench.shortcut("report_message", {"text": ODD, "user": "U0CAT"})
    jo.opened()
    jo.submit(form=one("concern"), words=text(ODD))
    jo.sent({**CONCERN, "who": text(ODD), "what": text(f"Ben Birch {ODD} said it.")}, gate=one("no"))
    jo.command("/adult-concern")
    jo.change("gate", {"who": text(f"Ben Birch {ODD}"), "gate": one("yes")})
    desk.bench.command("/my-reports")


def work_on_cases(desk):
    for user in (JO, "U0AMY", "U0CAT"):
        desk.bench.event({"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"})
    desk.bench.command("/cases", user="U0AMY")
    reason = {"reason": {"selected_option": {"value": "0"}}, "own-reason": {"value": None}}
    for case in cases(desk):
        desk.bench.press(ids.OPEN_CASE, ids.case_value("fernhill", case), "U0AMY")
        asked = a_view(desk.slack.sent("views.update")[-1]["view"])
        desk.bench.submit(asked, reason, "U0AMY")


class Seen(NoticeDesk):
    """A desk that keeps what Slack is answered, too."""

    def __init__(self, tmp_path, **changes):
        self.chat, self.mail, self.answers = FakeSlack(), FakeNotifier("e-mail"), []
        SlackDesk.__init__(self, tmp_path, notifiers=(SlackNotifier(self.chat), self.mail), **changes)
        dispatch = self.bench.dispatch

        def kept(body):
            response = dispatch(body)
            self.answers.append(json.loads(response.body) if response.body[:1] == "{" else {})
            return response

        self.bench.dispatch = kept


def odd_user(user):
    person = PEOPLE[user]
    profile = {"real_name": f"{person['real_name']} {ODD}", "email": person["email"]}
    return {"id": user, "team_id": TEAM, "is_email_confirmed": True, "profile": profile}


def markup_in(value):
    """Every text in *value* that Slack reads as markup; that of a message itself is such a text."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from markup_in(each)
    elif isinstance(value, dict):
        if isinstance(value.get("text"), str) and value.get("type") in (None, "mrkdwn"):
            yield value["text"]
        for each in value.values():
            yield from markup_in(each)
