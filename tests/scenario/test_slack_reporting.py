"""Reporting in Slack: whole payloads through the real app, on a real store."""

import json
import logging
import threading
from contextlib import contextmanager

import pytest

from bot.domain import gate
from bot.domain.cases import EventKind
from bot.errors import StaleIndex, StoreBusy
from bot.slack import message_report
from bot.slack.report_views import WHO_WROTE
from bot.slack.reporting import ReportListeners
from tests.slack_desk import PERSONS, SlackDesk
from tests.slack_kit import JO, _user
from tests.slack_reports import (
    CONCERN,
    REQUEST,
    Reporting,
    button_in,
    day,
    files,
    ids_in,
    kinds_in,
    one,
    some,
    text,
    words_in,
)

COMMANDS = ("/report-friend-request", "/log-trolling", "/concern", "/adult-concern")
STOPPED = ["who", "where", "when"]


@pytest.fixture
def desk(tmp_path):
    return SlackDesk(tmp_path)


@pytest.fixture
def jo(desk):
    return Reporting(desk)


def cases(desk, handle="jo.mint@fernhill.example.org"):
    with desk.store.reading() as unit:
        return [head.case for head in unit.reported_by("fernhill", handle)]


def only_case(desk):
    (case,) = cases(desk)
    return case


@contextmanager
def watched(desk):
    """What `intake.file` is given, in order."""
    given, file = [], desk.intake.file

    def spy(submission, uploads=()):
        given.append(submission)
        return file(submission, uploads)

    object.__setattr__(desk.intake, "file", spy)
    yield given
    object.__setattr__(desk.intake, "file", file)


@contextmanager
def counted(desk):
    """How often the store was written."""
    written, writing = [], type(desk.store).writing

    def counting(store):
        written.append(True)
        return writing(store)

    with patched(desk.store, counting):
        yield written


@contextmanager
def a_busy_store(desk):
    def busy(store):
        raise StoreBusy("busy")

    with patched(desk.store, busy):
        yield


@contextmanager
def patched(store, writing):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(store), "writing", writing)
        yield


def errors_of(said):
    return " ".join(said["errors"].values()) if "errors" in said else words_in(said.get("view", {}))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_opens_its_form_with_999_and_the_school_first(desk, jo, command):
    view = jo.command(command)

    assert "999" in words_in(view["blocks"][0])
    assert words_in(view["blocks"][1]) == "Fernhill School"
    form = next(each for each in desk.parts.forms.values() if each.short[0].label in words_in(view))
    assert [each for each in ids_in(view) if each in {field.id for field in form.short}] == [
        field.id for field in form.short if field.shown_if is None
    ]


@pytest.mark.parametrize("command", COMMANDS)
def test_safety_1_no_form_has_a_file_control_before_the_gate(jo, command):
    view = jo.command(command)

    assert "file_input" not in kinds_in(view)
    assert view["blocks"][-1]["block_id"] == "gate"


def test_a_form_opens_while_no_policy_can_be_read(desk, jo):
    desk.is_ready = False
    desk.retrieval.fail_with(StaleIndex("cold"))

    assert jo.command()["callback_id"] == "report"


def test_opening_a_form_writes_nothing(desk, jo):
    with counted(desk) as written:
        jo.command()

    assert written == []


@pytest.mark.parametrize(("command", "block"), [("/concern", "what"), ("/report-friend-request", "details")])
def test_the_words_after_a_command_stand_in_the_form(jo, command, block):
    view = jo.command(command, "He &lt;3 follows me &amp; writes")

    drawn = next(each for each in view["blocks"] if each.get("block_id") == block)
    assert drawn["element"]["initial_value"] == "He <3 follows me & writes"


def test_a_button_opens_the_form_that_it_names_with_its_words(desk, jo):
    desk.bench.press("report.form", "trolling\nA page mocks us")

    view = jo.opened()
    assert view["title"]["text"] == "Online abuse"
    assert "A page mocks us" in json.dumps(view)


def test_a_report_is_stored_and_its_receipt_shown(desk, jo):
    view = jo.sent()

    said = words_in(view)
    assert only_case(desk) in said
    assert "20 November 2026 at 22:41" in said
    assert "designated safeguarding lead (DSL), Amy Ash" in said
    assert view["clear_on_close"] is True
    assert desk.poked == [True]


def test_safety_20_the_receipt_is_due_only_once_it_is_stored(desk, jo):
    jo.command()
    jo.submit(**CONCERN)

    with a_busy_store(desk):
        said = jo.submit()

    assert "NOT SAVED" in errors_of(said)
    assert cases(desk) == []


def test_sending_again_after_the_store_was_busy_sends_it(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    view = jo.view
    with a_busy_store(desk):
        jo.submit()
    jo.view = view

    jo.submit()

    assert len(cases(desk)) == 1


def test_next_and_send_write_once_each(desk, jo):
    jo.command()

    with counted(desk) as written:
        jo.submit(**CONCERN)
        jo.submit()

    assert len(written) == 2


@pytest.mark.parametrize(
    ("wrong", "block"),
    [
        ({"when": day("2027-01-01")}, "when"),
        ({"who": text(None)}, "who"),
        ({"what": text("x" * 20_001)}, "what"),
    ],
)
def test_what_cannot_stay_is_said_at_its_field(desk, jo, wrong, block):
    jo.command()

    said = jo.submit(**{**CONCERN, **wrong})

    assert list(said["errors"]) == [block]
    assert cases(desk) == []


@pytest.mark.parametrize(
    "words", ["x" * 5000, "😀 she said “<!channel> & *no*”", "=cmd|' /C calc'!A0", "<script>", "a\nb"]
)
def test_whatever_is_written_is_stored_as_it_is(desk, jo, words):
    jo.sent({**CONCERN, "what": text(words)})

    assert desk.body(only_case(desk), EventKind.FILED)["answers"]["what"] == words


def test_a_closed_modal_leaves_nothing(desk, jo):
    jo.command()
    jo.submit(**CONCERN)

    assert cases(desk) == []


# The gate


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_yes_and_not_sure_show_the_stop_screen_and_ask_only_who_where_when(jo, command, answer):
    jo.command(command)

    jo.change("gate", {"gate": one(answer)})

    view = jo.updated()
    assert gate.stop_screen(jo.desk.school, "concern")[0].words in words_in(view)
    assert [each for each in ids_in(view) if each in ("gate", "what", "files")] == []
    assert [each for each in ids_in(view) if each in STOPPED] == STOPPED
    assert "file_input" not in kinds_in(view)


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_a_stopped_report_never_shows_a_file_control_and_opens_as_urgent(desk, jo, answer):
    jo.command()
    jo.change("gate", {"gate": one(answer)})
    jo.updated()
    jo.submit(who=text("Jo Marsh"))

    assert "file_input" not in kinds_in(jo.view)
    assert "STOP" in words_in(jo.view)
    jo.submit()
    assert desk.head(only_case(desk)).urgent
    assert desk.body(only_case(desk), EventKind.FILED)["gate"] == answer


def test_safety_20_what_was_written_before_the_stop_is_kept(desk, jo):
    jo.command()
    jo.change("gate", {**CONCERN, "gate": one("yes")})
    jo.updated()

    jo.submit(who=text("Jo Marsh"))
    jo.submit()

    assert desk.body(only_case(desk), EventKind.FILED)["answers"]["what"] == CONCERN["what"]["value"]


def test_safety_1_a_stop_that_slack_lost_on_the_way_stops_the_report_when_it_is_sent(desk, jo):
    jo.command()

    jo.submit(**CONCERN, gate=one("yes"))

    assert "STOP" in words_in(jo.view)
    assert "file_input" not in kinds_in(jo.view)


def test_safety_1_a_later_no_does_not_undo_a_stop(desk, jo):
    first = jo.command()
    jo.change("gate", {"gate": one("yes")})
    jo.view = first

    jo.submit(**CONCERN, gate=one("no"))

    assert "file_input" not in kinds_in(jo.view)
    assert "STOP" in words_in(jo.view)


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
@pytest.mark.parametrize("fault", ["internal_error", "hash_conflict", "drawing"])
def test_safety_1_a_stop_whose_screen_cannot_be_drawn_is_a_stop_all_the_same(
    desk, jo, monkeypatch, fault, answer
):
    jo.command()
    with monkeypatch.context() as broken:
        if fault == "drawing":
            broken.setattr(ReportListeners, "_questions", lambda *_: 1 / 0)
        broken.setitem(desk.slack.answers, "views.update", fault)
        jo.change("gate", {**CONCERN, "gate": one(answer)})

    jo.submit(**CONCERN, gate=one("no"))

    assert "STOP" in words_in(jo.view)
    assert "file_input" not in kinds_in(jo.view)


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_a_stop_beside_an_answer_that_cannot_stay_is_a_stop_all_the_same(desk, jo, answer):
    first = jo.command()
    jo.submit(**{**CONCERN, "when": day("2027-01-01")}, gate=one(answer))
    jo.view = first

    jo.submit(**CONCERN, gate=one("no"))

    assert "STOP" in words_in(jo.view)
    assert "file_input" not in kinds_in(jo.view)


def test_safety_20_a_stop_that_is_neither_kept_nor_drawn_is_said_not_to_be_saved(desk, jo):
    jo.command()
    desk.slack.answers["views.update"] = "internal_error"

    with a_busy_store(desk):
        jo.change("gate", {"gate": one("yes")})

    assert StoreBusy.user_message in words_in(desk.slack.sent("views.push")[-1]["view"])


def test_safety_1_a_stop_is_kept_before_slack_is_asked_to_draw(desk, jo):
    jo.command()
    kept = []

    def slowly(said):
        with desk.store.reading() as unit:
            kept.extend(unit.held_keys("draft:"))
        return {}

    desk.slack.answers["views.update"] = slowly

    jo.change("gate", {**CONCERN, "gate": one("yes")})

    assert len(kept) == 1


def test_safety_1_files_chosen_before_a_stop_are_let_go(desk, jo):
    first = jo.command()
    jo.submit(**CONCERN, gate=one("no"))
    jo.change("concerned", {"concerned": some("ben"), "files": files("F1")})
    jo.view = first

    jo.submit(**CONCERN, gate=one("yes"))
    assert gate.DROPPED in words_in(jo.view)
    with watched(desk) as given:
        jo.submit(concerned=some("ben"))

    assert [each.awaited for each in given] == [()]


def test_safety_12_the_stop_screen_sends_nobody_to_the_person_concerned(desk, jo):
    desk.bench.shortcut("report_message", {"user": "U0AMY", "text": "look at this picture"})
    jo.opened()
    jo.submit(form=one("adult-concern"), words=text("a picture"))

    jo.change("gate", {"gate": one("yes")})

    assert "Cat Cole" in words_in(jo.updated())
    assert "Amy Ash" not in words_in(jo.updated()["blocks"][:6])


def test_a_gate_that_nobody_answered_takes_no_file(jo):
    jo.command()
    jo.submit(**CONCERN)

    assert "file_input" not in kinds_in(jo.view)
    assert "before any, the question about images" in words_in(jo.view)


def test_a_plain_no_shows_how_to_capture_and_then_the_control(jo):
    jo.command("/report-friend-request")
    jo.submit(**REQUEST, gate=one("no"))

    said = words_in(jo.view)
    assert "Do not open a pupil's profile" in said
    assert "Instagram" in said
    control = next(each for each in jo.view["blocks"] if each.get("block_id") == "files")
    assert control["element"]["max_files"] == 10


def test_a_school_that_takes_files_at_the_desk_shows_no_control(tmp_path):
    desk = SlackDesk(tmp_path, slack={"team": "T0FERN", "evidence": "web"})
    jo = Reporting(desk)
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))

    assert "file_input" not in kinds_in(jo.view)
    assert "press “More evidence”: that is the way for files" in words_in(jo.view)


def test_files_are_named_to_the_case_and_not_fetched_by_the_edge(desk, jo):
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))

    with watched(desk) as given:
        jo.submit(files=files("F1", "F2"))

    assert [each.awaited for each in given] == [("F1", "F2")]
    assert desk.slack.sent("files.info") == []


# Who hears of it


def test_safety_12_everyone_who_will_hear_of_it_is_shown_by_name_and_role(jo):
    jo.command()
    jo.submit(**CONCERN)

    said = words_in(jo.view)
    assert "Amy Ash, designated safeguarding lead (DSL): receives" in said
    assert "Dan Dale, chair of governors: told if nobody opens it" in said


def test_safety_12_a_tick_removes_that_person_and_shows_the_new_recipients(desk, jo):
    jo.command()
    jo.submit(**CONCERN)

    jo.change("concerned", {"concerned": some("amy")})

    view = jo.updated()
    assert "Amy Ash, designated" not in words_in(view)
    assert "Ben Birch, deputy designated safeguarding lead (deputy DSL): receives" in words_in(view)
    jo.submit(concerned=some("amy"))
    assert desk.access(only_case(desk)).excluded == ("amy",)


def test_safety_12_a_changed_list_is_shown_again_before_anything_is_sent(desk, jo):
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))

    said = jo.submit(concerned=some("amy"), files=files("F1"))

    assert said["response_action"] == "update"
    assert "Look again: who hears of it has changed" in words_in(jo.view)
    assert cases(desk) == []
    with watched(desk) as given:
        jo.submit(concerned=some("amy"), **{"files.1": files("F2")})
    assert given[0].awaited == ("F1", "F2")
    assert desk.access(only_case(desk)).excluded == ("amy",)


def test_files_chosen_before_can_be_left_out(desk, jo):
    jo.command()
    jo.submit(**CONCERN, gate=one("no"))
    jo.submit(concerned=some("amy"), files=files("F1"))

    with watched(desk) as given:
        jo.submit(concerned=some("amy"), drop_files=some("drop"))

    assert given[0].awaited == ()


def test_safety_12_whoever_changes_hands_meanwhile_is_shown_again(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    moved = {**desk.school.roles, "dsl": ("ben",), "deputy_dsl": ("amy",)}
    object.__setattr__(desk.school, "roles", moved)

    jo.submit()

    assert "Look again" in words_in(jo.view)
    assert cases(desk) == []


def test_safety_12_whom_the_text_names_is_asked_about_and_left_out_until_cleared(desk, jo):
    named = {**CONCERN, "what": text("Amy Ash walked past and said nothing.")}
    jo.command()
    jo.submit(**named)

    assert "Your words name Amy Ash. It is not about them." in words_in(jo.view)
    assert "Amy Ash, designated" not in words_in(jo.view)
    jo.change("not_about", {"not_about": some("amy")})
    assert "Amy Ash, designated safeguarding lead (DSL): receives" in words_in(jo.updated())
    jo.submit(not_about=some("amy"))
    assert desk.access(only_case(desk)).full[0] == "amy"


def test_safety_31_where_nobody_is_left_the_numbers_outside_school_are_shown(jo):
    jo.command()
    jo.submit(**CONCERN)

    jo.change("concerned", {"concerned": some("amy", "ben", "cat", "dan")})

    assert "01632 960305" in words_in(jo.updated())


# Repeats, edits, strangers


def test_a_double_submit_is_one_report(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    view = jo.view
    first = jo.submit()
    jo.view = view

    second = jo.submit()

    assert words_in(first["view"]) == words_in(second["view"])
    assert desk.kinds(only_case(desk)).count("filed") == 1


def test_going_back_and_editing_a_sent_report_adds_to_it(desk, jo):
    first = jo.command()
    jo.submit(**CONCERN)
    jo.submit()
    jo.view = first

    jo.submit(**{**CONCERN, "what": text("There is more to it.")})
    jo.submit()

    assert desk.body(only_case(desk), EventKind.ADDED)["answers"] == {"what": "There is more to it."}


def test_going_back_and_editing_before_sending_sends_the_edited_words(desk, jo):
    first = jo.command()
    jo.submit(**CONCERN)
    jo.view = first

    jo.submit(**{**CONCERN, "what": text("Edited.")})
    jo.submit()

    assert desk.body(only_case(desk), EventKind.FILED)["answers"]["what"] == "Edited."


def test_a_draft_that_is_gone_says_how_to_go_on(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    desk.clock.pass_by(hours=25)

    said = jo.submit()

    assert "press Back and then Next" in errors_of(said)
    assert cases(desk) == []


def test_a_report_can_be_sent_by_going_back_once_its_draft_is_gone(desk, jo):
    first = jo.command()
    jo.submit(**CONCERN)
    desk.clock.pass_by(hours=13)
    jo.view = first

    jo.submit(**CONCERN)
    jo.submit()

    assert len(cases(desk)) == 1


def test_somebody_elses_draft_is_nobodys(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    forger = Reporting(desk, "U0GUEST")
    forger.view = jo.view

    forger.submit()

    assert cases(desk) + cases(desk, "sue@agency.example.org") == []


@pytest.mark.parametrize("forged", ["", "fernhill", "nowhere slack-1", "fernhill slack-1 more x", "{}"])
@pytest.mark.parametrize("callback", ["report", "report_send", "report_more", "report_choose"])
def test_forged_metadata_files_nothing(desk, jo, callback, forged):
    jo.command()
    jo.view = {**jo.view, "callback_id": callback, "private_metadata": forged}

    response = desk.bench.submit(jo.view, CONCERN)

    assert response.status == 200
    assert cases(desk) == []


def test_an_expired_trigger_is_told_in_a_direct_message_with_a_button(desk):
    desk.slack.answers["views.open"] = "expired_trigger_id"

    desk.bench.command("/concern", "secret words")

    (told,) = desk.slack.sent("chat.postMessage")
    assert told["channel"] == JO
    assert "secret" not in json.dumps(told)
    assert told["blocks"][-1]["elements"][0]["value"] == "concern fernhill"


def test_open_tells_an_expired_trigger_to_whom_the_form_was_for(desk):
    desk.slack.answers["views.open"] = "expired_trigger_id"
    known = desk.parts.who.known(desk.slack, {"user": {"id": JO}, "team": {"id": "T0FERN"}})

    ReportListeners(desk.parts).open(desk.slack, "t", known, desk.parts.forms["trolling"].form, "words")

    assert desk.slack.sent("chat.postMessage")[0]["channel"] == JO


def test_a_view_that_was_closed_meanwhile_is_left_alone(desk, jo):
    jo.command()
    jo.submit(**CONCERN)
    desk.slack.answers["views.update"] = "not_found"

    assert jo.change("concerned", {"concerned": some("amy")}).status == 200
    assert desk.slack.calls[-1][0] == "views.update"


def test_safety_31_a_guest_of_the_school_can_file(desk):
    guest = Reporting(desk, "U0GUEST")
    guest.sent()

    assert len(cases(desk, "sue@agency.example.org")) == 1


def test_safety_31_a_stranger_gets_no_form_but_numbers(desk):
    desk.bench.command("/concern", user="U0FAR")

    assert desk.slack.sent("views.open") == []
    assert "999" in json.dumps(desk.slack.calls)


# Now or later


def test_what_is_added_later_goes_to_the_same_case(desk, jo):
    receipt = jo.sent()

    jo.press(button_in(receipt, "Add more"))
    later = jo.opened()
    assert ids_in(later) == ["time", "place"]
    jo.submit(place=text("The library"))
    assert "file_input" not in kinds_in(jo.view)
    jo.submit()

    assert desk.body(only_case(desk), EventKind.ADDED)["answers"] == {"place": "The library"}


def test_what_is_added_keeps_a_person_whom_it_names_out_until_cleared(desk, jo):
    receipt = jo.sent()
    jo.press(button_in(receipt, "Add more"))
    jo.opened()

    jo.submit(place=text("In Amy Ash's room"))

    assert "Your words name Amy Ash" in words_in(jo.view)


def test_safety_1_files_that_come_later_are_asked_for_only_after_the_gate(jo):
    receipt = jo.sent(gate=one("no"))

    jo.press(button_in(receipt, "Add more"))
    jo.opened()
    jo.submit(place=text("The library"))

    assert "file_input" not in kinds_in(jo.view)


def test_safety_1_a_stopped_report_offers_no_more_evidence(jo):
    receipt = jo.sent(gate=one("yes"))

    labels = [
        each["text"]["text"]
        for row in receipt["blocks"]
        for each in row.get("elements", ())
        if "action_id" in each
    ]
    assert labels == ["Show what I sent", "My reports"]


# A message


def test_a_reported_message_takes_link_author_and_text_along_and_never_its_files(desk, jo):
    message = {
        "user": "U0GUEST",
        "text": "meet me &lt;later&gt;",
        "files": [{"id": "F9", "url_private": "x"}],
    }
    desk.bench.shortcut("report_message", message)
    choosing = jo.opened()
    assert gate.UNASKED_FILE in words_in(choosing)

    jo.submit(form=one("trolling"), words=text("meet me <later>"))

    what = next(each for each in jo.view["blocks"] if each.get("block_id") == "what")
    assert what["element"]["initial_value"] == (
        "meet me <later>\n\n(A message in Slack by Sue Supply, 21 September 2026 at 15:13: "
        "https://fern.slack.example/C0STAFF/p1)"
    )
    who = next(each for each in jo.view["blocks"] if each.get("block_id") == "who")
    assert who["element"]["initial_value"] == "Sue Supply"
    assert [method for method, _ in desk.slack.calls if method.startswith("files.")] == []


def test_safety_12_the_author_of_a_reported_message_is_the_person_concerned_until_the_reporter_says_otherwise(
    desk, jo
):
    desk.bench.shortcut("report_message", {"user": "U0AMY", "text": "shut up"})
    jo.opened()
    jo.submit(form=one("concern"), words=text("shut up"))

    jo.submit(**{**CONCERN, "what": text("shut up")})

    box = next(each for each in jo.view["blocks"] if each.get("block_id") == "concerned")
    assert [each["value"] for each in box["element"]["initial_options"]] == ["amy"]
    assert "Amy Ash, designated" not in words_in(jo.view)
    jo.submit(concerned=some("amy"))
    assert desk.access(only_case(desk)).excluded == ("amy",)


BY_EMAIL = [{key: each[key] for key in each if key != "slack"} for each in PERSONS]


def reported(desk, jo, author):
    """The screen before sending of a message by *author* that was reported."""
    desk.bench.shortcut("report_message", {"user": author, "text": "you are all useless"})
    jo.opened()
    said = jo.submit(form=one("concern"), words=text("you are all useless"))
    jo.submit(**CONCERN)
    return words_in(said["view"])


def pre_ticked(view):
    boxes = [
        block["element"] for block in view["blocks"] if block.get("block_id", "").startswith("concerned")
    ]
    return [each["value"] for box in boxes for each in box.get("initial_options", ())]


def test_safety_12_an_author_of_whom_slack_says_nothing_may_be_anybody_listed_without_an_id(tmp_path):
    desk = SlackDesk(tmp_path, person=[BY_EMAIL[0], BY_EMAIL[1], *PERSONS[2:]])
    desk.slack.answers["users.info"] = nobody_but(JO)
    jo = Reporting(desk)

    questions = reported(desk, jo, "U0AMY")

    assert WHO_WROTE in questions
    assert pre_ticked(jo.view) == ["amy", "ben"]
    assert "Amy Ash, designated" not in words_in(jo.view)
    jo.change("concerned", {"concerned": some("amy")})
    jo.updated()
    jo.submit(concerned=some("amy"))
    assert desk.access(only_case(desk)).excluded == ("amy",)


def test_safety_12_an_author_listed_by_address_is_known_by_it_and_nobody_else_is_meant(tmp_path):
    desk = SlackDesk(tmp_path, person=BY_EMAIL)
    jo = Reporting(desk)

    questions = reported(desk, jo, "U0AMY")

    assert WHO_WROTE not in questions
    assert pre_ticked(jo.view) == ["amy"]


@pytest.mark.parametrize(("author", "known"), [("U0GUEST", True), ("U0AMY", False), (JO, False)])
def test_where_it_is_clear_that_the_author_is_nobody_listed_or_who_it_is_none_is_asked_about(
    tmp_path, author, known
):
    desk = SlackDesk(tmp_path, person=BY_EMAIL if known or author == JO else PERSONS)
    desk.slack.answers["users.info"] = nobody_but(JO, *([author] if known else []))
    jo = Reporting(desk)

    questions = reported(desk, jo, author)

    assert WHO_WROTE not in questions
    assert pre_ticked(jo.view) == (["amy"] if author == "U0AMY" else [])


def nobody_but(*users):
    """A Slack that says of nobody else who they are."""
    return lambda said: {"user": _user(said["user"])} if said["user"] in users else "internal_error"


def test_ones_own_message_makes_nobody_the_person_concerned(desk, jo):
    desk.bench.shortcut("report_message", {"user": JO, "text": "a pupil added me"})
    jo.opened()

    jo.submit(form=one("friend-request"), words=text("a pupil added me"))

    assert "author" not in jo.view["private_metadata"]
    assert "initial_value" not in jo.view["blocks"][2]["element"]


@pytest.mark.parametrize(
    ("said", "form"),
    [("A pupil has sent me a friend request", "friend-request"), ("lunch at one?", "concern")],
)
def test_the_likeliest_form_is_chosen_for_a_message(desk, jo, said, form):
    desk.bench.shortcut("report_message", {"user": "U0GUEST", "text": said})

    chooser = next(each for each in jo.opened()["blocks"] if each.get("block_id") == "form")
    assert chooser["element"]["initial_option"]["value"] == form


def test_a_message_without_a_link_or_an_author_can_be_reported(desk, jo):
    desk.slack.answers["chat.getPermalink"] = "channel_not_found"
    desk.bench.shortcut("report_message", {"bot_id": "B1", "text": "x" * 9000})

    jo.opened()
    said = jo.submit(form=one("concern"), words=text("x"))

    assert said["view"]["callback_id"] == "report"


def test_the_view_of_a_reported_message_is_opened_before_its_link_is_asked_for(desk, jo):
    desk.bench.shortcut("report_message", {"user": "U0GUEST", "text": "meet me"})

    names = [name for name, _ in desk.slack.calls]
    assert names.index("views.open") < names.index("chat.getPermalink")


def test_a_link_that_slack_is_slow_with_is_made_of_ids_and_its_view_waits_for_nothing(desk, jo, monkeypatch):
    monkeypatch.setattr(message_report, "LINK_PATIENCE_S", 0.01)
    ended = threading.Event()
    desk.slack.answers["chat.getPermalink"] = lambda said: ended.wait(20) and {}

    desk.bench.shortcut("report_message", {"user": "U0GUEST", "text": "meet me"})
    jo.opened()
    jo.submit(form=one("concern"), words=text("meet me"))

    ended.set()
    assert "https://fern.slack.com/archives/C0STAFF/p1790000005000100" in box_of(jo, "what")


def test_a_message_whose_place_is_odd_is_reported_without_a_link(desk, jo):
    desk.slack.answers["chat.getPermalink"] = "channel_not_found"
    desk.bench.shortcut("report_message", {"user": "U0GUEST", "text": "meet me"}, channel="C0/../x")

    jo.opened()
    jo.submit(form=one("concern"), words=text("meet me"))

    assert "http" not in box_of(jo, "what")


@pytest.mark.parametrize("said", ["she added me on insta", "she added me " * 900])
def test_a_message_reported_too_late_is_not_lost_its_words_link_and_author_come_with_the_button(
    desk, jo, said
):
    desk.slack.answers["views.open"] = "expired_trigger_id"
    desk.bench.shortcut("report_message", {"user": "U0AMY", "text": said})
    (told,) = desk.slack.sent("chat.postMessage")
    assert "added me" not in json.dumps(told)
    del desk.slack.answers["views.open"]

    jo.bench.press(**button_of(told))
    jo.opened()

    boxes = [each.get("element", {}).get("initial_value", "") for each in jo.view["blocks"]]
    (begun,) = [each for each in boxes if each.startswith("she added me ")]
    assert begun.endswith(
        "(A message in Slack by Amy Ash, 21 September 2026 at 15:13: https://fern.slack.example/C0STAFF/p1)"
    )


def test_a_form_button_pressed_too_late_comes_again_with_its_words(desk, jo):
    desk.slack.answers["views.open"] = "expired_trigger_id"

    desk.bench.press("report.form", "trolling\nwhat they wrote")

    (told,) = desk.slack.sent("chat.postMessage")
    assert button_of(told)["value"] == "trolling fernhill\nwhat they wrote"


def box_of(jo, block):
    return next(each for each in jo.view["blocks"] if each.get("block_id") == block)["element"][
        "initial_value"
    ]


def button_of(said):
    button = said["blocks"][-1]["elements"][0]
    return {"action": button["action_id"], "value": button["value"]}


# Privacy


def test_safety_29_no_metadata_button_or_log_line_has_a_word_of_the_case(desk, jo, caplog):
    caplog.set_level(logging.DEBUG)
    secret = {**CONCERN, "who": text("Zebedee Quux"), "what": text("The word is xylophone.")}

    jo.sent(secret, gate=one("no"), files=files("F1"))

    kept = [said["view"]["private_metadata"] for said in desk.slack.sent("views.open")]
    kept += [each.get("value", "") for row in jo.view["blocks"] for each in row.get("elements", ())]
    everything = f"{kept} {jo.view.get('private_metadata')} {caplog.text}"
    assert "Zebedee" not in everything
    assert "xylophone" not in everything
    assert "jo.mint" not in caplog.text
    assert f"report.filed case={only_case(desk)}" in caplog.text
