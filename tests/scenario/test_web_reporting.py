"""Reporting at the pages: the form, the gate, who hears of it, files, and the receipt."""

import asyncio
import hashlib
import re

import pytest

from bot.domain import gate
from bot.domain.cases import EventKind
from bot.errors import StoreBusy
from bot.web.poster import ACCOUNT, INVITED, SAMPLE
from tests.web_kit import WebDesk
from tests.web_report_kit import CONCERN, FILE, REQUEST, Reporter, asked, shown, takes_files, told

SECOND = ("files", "two.png", b"second")


@pytest.fixture
def jo(tmp_path):
    return Reporter(tmp_path)


def test_a_report_is_begun_filled_in_sent_and_answered_with_a_receipt(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    answer = jo.send(FILE)

    assert (answer.status, answer.to) == (303, f"{jo.path}/receipt")
    assert jo.case in jo.said
    assert "Amy Ash: 01632 960301" in jo.said
    assert hashlib.sha256(FILE[2]).hexdigest() in jo.said
    assert "not that it is genuine or complete" in jo.said
    assert jo.desk.kinds(jo.case) == ["filed", "recipients decided", "evidence stored"]
    assert jo.desk.body(jo.case, EventKind.FILED)["answers"] == CONCERN
    assert jo.desk.poked


def test_999_and_the_numbers_stand_before_any_form_and_on_each_step(jo):
    pages = [jo.at("/report"), jo.begin(), jo.next(**CONCERN)]

    assert all('href="tel:999"' in page.text.partition("<form method")[0] for page in pages)
    assert "01632 960301" in pages[0].text


def test_words_from_a_question_come_along_and_the_form_may_be_chosen_afterwards(jo):
    choosing = jo.browser.post("/report/begin", {"form": "", "words": "A man <b>asked</b> her"})

    assert choosing.text.count("A man &lt;b&gt;asked&lt;/b&gt; her") == 4
    assert "A man asked her" in jo.begin(words="A man asked her").text


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(jo):
    jo.begin()
    page = jo.next(who="Jo <script>alert(1)</script> \U0001f600", when="2031-01-01", what="")

    assert page.status == 422
    assert 'id="q-when-fault">"2031-01-01" is in the future.' in page.text.replace("&#34;", '"')
    assert 'id="q-what-fault">Please answer this' in page.text
    assert "Jo &lt;script&gt;alert(1)&lt;/script&gt; \U0001f600" in page.text
    assert "<script>alert" not in page.text
    assert 'value="2031-01-01"' in jo.at(jo.path).text


def test_a_day_that_no_browser_understands_stays_as_it_was_typed(jo):
    jo.begin()
    page = jo.next(**{**CONCERN, "when": "last tuesday"})

    assert '<input type="text" id="q-when" name="a.when" value="last tuesday"' in page.text


def test_not_known_is_an_answer_to_every_kind_of_question(jo):
    jo.begin("friend-request")
    jo.next(who="not known", sender="not-sure", what="not known", where="not known", when=["", "not known"])
    jo.send()

    said = jo.desk.body(jo.case, EventKind.FILED)["answers"]
    assert said == {**dict.fromkeys(("who", "what", "where", "when"), "not known"), "sender": "not-sure"}


def test_a_pasted_essay_is_kept_and_too_long_a_one_is_not_lost(jo):
    jo.begin()
    page = jo.next(**{**CONCERN, "what": "é" * 20_001})

    assert page.status == 422
    assert "20,001 characters" in page.text
    assert "é" * 20_001 in page.text

    jo.next(**{**CONCERN, "what": "é" * 20_000})
    jo.send()
    assert jo.desk.body(jo.case, EventKind.FILED)["answers"]["what"] == "é" * 20_000


def test_an_answer_that_is_taken_away_is_gone(jo):
    jo.begin()
    jo.next(**CONCERN)
    jo.at(jo.path)
    jo.next(**{key: value for key, value in CONCERN.items() if key != "kind"})
    jo.send()

    assert "kind" not in jo.desk.body(jo.case, EventKind.FILED)["answers"]


def test_a_question_that_hangs_on_an_answer_waits_hidden_and_is_asked_after_next(jo):
    jo.filed(form="friend-request")
    page = jo.at(f"{jo.path}/more")
    assert "year_group" in asked(page)

    jo.at(jo.path)
    jo.next(**{**REQUEST, "sender": "parent"})
    page = jo.at(f"{jo.path}/more")
    assert "year_group" not in asked(page)
    assert 'data-shown-by="a.sender"' in page.text


def test_what_is_typed_is_kept_meanwhile_and_the_gate_is_not_answered_by_that(jo):
    jo.begin()
    jo.next(do="keep", gate="yes", who="Jo Marsh")

    assert jo.page.status == 204
    page = jo.at(jo.path)
    assert 'value="Jo Marsh"' in page.text
    assert "STOP" not in page.text


# The gate


@pytest.mark.parametrize("answer", ["yes", "not-sure"])
def test_safety_1_on_yes_or_not_sure_no_upload_control_appears_in_any_state(jo, answer):
    jo.begin()
    stop = jo.next(gate=answer, **CONCERN)
    fields = asked(stop)
    jo.next(gate="no", who="Jo Marsh", where="discord", when="2026-11-19")
    sending = jo.page
    jo.send()
    pages = [stop, sending, jo.page, jo.at(jo.path), jo.at(f"{jo.path}/send"), jo.at(f"{jo.path}/more")]

    assert [takes_files(page) for page in pages] == [False] * 6
    assert all("STOP" in page.text for page in (stop, sending))
    assert fields == ["who", "where", "when"]
    assert "01632 960301" in stop.text
    assert "More evidence" not in jo.page.text


def test_safety_1_a_stopped_report_opens_as_urgent_and_keeps_what_was_written(jo):
    jo.begin()
    jo.next(gate="yes", **CONCERN)
    jo.next(who="Jo Marsh", where="discord", when="2026-11-19")
    jo.send()

    assert jo.desk.head(jo.case).urgent
    assert jo.desk.body(jo.case, EventKind.FILED)["answers"] == CONCERN


def test_safety_1_before_the_gate_is_answered_no_control_takes_a_file_and_the_report_goes_all_the_same(jo):
    first = jo.begin()
    before = jo.next(**CONCERN)
    jo.send()

    assert not takes_files(first)
    assert not takes_files(before)
    assert "must be answered with “no”" in before.text
    assert jo.desk.kinds(jo.case) == ["filed", "recipients decided"]


@pytest.mark.parametrize("answer", ["", "yes", "not-sure"])
def test_safety_2_a_file_posted_without_a_plain_no_is_never_looked_at_or_kept(jo, answer):
    jo.begin()
    jo.next(gate=answer, **CONCERN)
    if answer:
        jo.next()
    sent = jo.send(FILE)

    assert sent.status == 422
    assert (gate.STAYS_STOPPED if answer else gate.UNASKED_FILE) in jo.said
    assert jo.desk.decoder.looked == []
    assert jo.cases() == set()
    assert not takes_files(jo.page)


@pytest.mark.parametrize("path", ["/report/begin", "{draft}", "{draft}/more", "/"])
def test_safety_2_a_page_that_takes_no_file_answers_one_with_the_gate_question(jo, path):
    jo.begin()
    answer = jo.browser.send_files(path.format(draft=jo.path), {"do": "next"}, [FILE])

    assert answer.status == 413
    assert "Please answer this first" in answer.text
    assert jo.desk.decoder.looked == []


def test_the_coach_and_the_control_for_files_come_with_a_plain_no(jo):
    jo.begin()
    page = jo.next(gate="no", **CONCERN)

    assert takes_files(page)
    assert "Do not open a pupil" in page.text


# Who hears of it


def test_safety_12_before_sending_everyone_who_hears_of_it_is_shown_and_a_tick_takes_one_away(jo):
    jo.begin()
    page = jo.next(gate="no", **CONCERN)
    assert told(page)[0] == "Amy Ash"

    again = jo.send(concerned="amy", do="show")

    assert again.status == 200
    assert "Amy Ash" not in told(again)
    assert 'value="amy" checked' in again.text
    jo.send(concerned="amy")
    assert "amy" in jo.desk.access(jo.case).excluded


def test_safety_12_it_is_sent_only_when_who_was_shown_last_is_who_will_hear(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    again = jo.send(FILE, concerned="amy")

    assert again.status == 409
    assert "Look again" in again.text
    assert "must be chosen again" in again.text
    assert 'value="amy" checked' in again.text
    assert jo.cases() == set()
    jo.send(FILE, concerned="amy")
    assert jo.desk.kinds(jo.case)[-1] == "evidence stored"


def test_safety_12_somebody_whom_the_words_name_is_left_out_until_it_is_not_about_them(jo):
    jo.begin()
    page = jo.next(**{**CONCERN, "what": "Amy Ash knows of it."})
    assert "Your words name Amy Ash" in page.text
    assert "Amy Ash" not in told(page)

    jo.page = jo.send(do="show", not_about="amy")
    assert "Amy Ash" in told(jo.page)
    jo.send(not_about="amy")
    assert "amy" in jo.desk.access(jo.case).full


def test_where_everybody_is_excluded_whom_to_ring_outside_is_shown(jo):
    jo.begin()
    jo.next(**CONCERN)
    page = jo.send(do="show", concerned=["amy", "ben", "cat", "dan"])

    assert told(page) == []
    assert "01632 960305" in page.text
    jo.send(concerned=["amy", "ben", "cat", "dan"])
    assert "Told: nobody in school" in jo.said


# Once, whole, and theirs alone


def test_the_same_draft_sent_twice_is_one_case_and_the_same_receipt(jo):
    jo.begin()
    before = jo.next(gate="no", **CONCERN)
    jo.send(FILE)
    first, number = jo.page, jo.case
    jo.page = before
    second = jo.send(FILE)

    assert second.to == f"{jo.path}/receipt"
    assert jo.case == number
    assert first.text == jo.page.text
    assert jo.cases() == {number}
    assert jo.desk.kinds(number) == ["filed", "recipients decided", "evidence stored"]


@pytest.mark.parametrize("files", [[SECOND], [FILE, SECOND]], ids=["alone", "beside one that is stored"])
def test_safety_1_a_new_file_from_another_page_once_the_report_is_sent_waits_for_the_gate(jo, files):
    jo.begin()
    other = jo.next(gate="no", **CONCERN)
    jo.send(FILE)
    number, jo.page = jo.case, other
    answer = jo.send(*files)

    assert answer.to == f"/mine/{number}/evidence?sent=already"
    assert "This report is sent already, so nothing was added to it just now." in jo.said
    assert gate.QUESTION in jo.said
    assert not takes_files(jo.page)
    assert jo.desk.decoder.looked == ["screen.png"]
    assert jo.desk.kinds(number) == ["filed", "recipients decided", "evidence stored"]


def test_a_stored_file_sent_again_with_a_changed_answer_adds_the_answer_and_no_file(jo):
    jo.begin()
    other = jo.next(gate="no", **CONCERN)
    jo.send(FILE)
    number = jo.case
    jo.at(jo.path)
    jo.next(**{**CONCERN, "when": "2026-11-18"})
    jo.page = other
    answer = jo.send(FILE)

    assert answer.to == f"{jo.path}/receipt"
    assert jo.desk.body(number, EventKind.ADDED)["answers"] == {"when": "2026-11-18"}
    assert jo.desk.kinds(number).count("evidence stored") == 1


def test_going_back_and_changing_an_answer_adds_to_the_same_case(jo):
    number = jo.filed()
    page = jo.at(jo.path)
    assert "You have sent this already" in page.text

    jo.next(**{**CONCERN, "when": "2026-11-18"})
    assert not takes_files(jo.page)
    jo.send()

    assert jo.case == number
    assert jo.desk.body(number, EventKind.ADDED)["answers"] == {"when": "2026-11-18"}


def test_what_is_added_now_goes_to_the_same_case(jo):
    number = jo.filed()
    assert "Add more now" in jo.page.text
    jo.at(f"{jo.path}/more")
    jo.next(path=f"{jo.path}/more", time="22:41")
    jo.send()

    assert jo.case == number
    assert jo.desk.body(number, EventKind.ADDED)["answers"] == {"time": "22:41"}


def test_somebody_elses_draft_is_gone_for_everybody_else(jo):
    jo.begin()
    jo.next(**CONCERN)
    other = Reporter(None, "ben", desk=jo.desk)
    answers = [other.browser.get(f"{jo.path}{more}") for more in ("", "/send", "/more", "/receipt")] + [
        other.browser.post(jo.path, {"do": "clear"}),
        other.browser.post(f"{jo.path}/send", {"do": "send"}),
    ]

    assert [each.status for each in answers] == [410] * 6
    assert not any("Jo Marsh" in each.text for each in answers)
    assert all("Begin again" in each.text for each in answers)
    assert jo.at(jo.path).status == 200


def test_somebody_elses_receipt_is_gone_too(jo):
    number = jo.filed()
    other = Reporter(None, "ben", desk=jo.desk)

    assert other.browser.get(f"{jo.path}/receipt").status == 410
    assert other.browser.get(f"/mine/{number}/receipt").status == 404


def test_clearing_the_form_leaves_nothing_and_can_be_done_on_each_step(jo):
    for step in ("", "/send"):
        jo.begin()
        jo.next(**CONCERN)
        page = jo.browser.follow(jo.browser.post(f"{jo.path}{step}", {"do": "clear"}))

        assert "nothing that you typed in it is kept" in page.text
        assert jo.at(jo.path).status == 410


def test_half_an_upload_stores_nothing(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    edge = "----half"
    head = f'--{edge}\r\ncontent-disposition: form-data; name="csrf"\r\n\r\n{jo.browser.csrf}\r\n'
    head += f'--{edge}\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\nhalf of it'
    content_type = f"multipart/form-data; boundary={edge}"
    answer = jo.browser._send("POST", f"{jo.path}/send", head.encode(), {"content_type": content_type})

    assert answer.status == 400
    assert "nothing was stored" in answer.text
    assert jo.cases() == set()
    assert 'value="Jo Marsh"' in jo.at(jo.path).text


def test_of_eleven_files_ten_are_kept_and_the_receipt_names_the_other(jo):
    jo.begin()
    jo.next(gate="no", **CONCERN)
    jo.send(*(("files", f"{number}.png", f"{number}".encode()) for number in range(11)))

    assert jo.desk.kinds(jo.case).count("evidence stored") == 10
    assert "10.png : A report takes 10 files." in jo.said


def test_a_file_over_the_limit_is_refused_while_it_comes_and_the_draft_stays(jo):
    object.__setattr__(jo.desk.web, "max_mb", 0.1)
    jo.begin()
    jo.next(gate="no", **CONCERN)
    answer = jo.send(("files", "large.png", b"x" * 100_001))

    assert answer.status == 413
    assert jo.cases() == set()
    assert jo.at(f"{jo.path}/send").status == 200


def test_where_the_store_is_busy_nothing_is_lost_and_it_is_said_that_files_are_chosen_again(jo, monkeypatch):
    jo.begin()
    jo.next(gate="no", **CONCERN)

    def busy(*_):
        raise StoreBusy("busy")

    with monkeypatch.context() as patch:
        patch.setattr(type(jo.desk.intake), "file", busy)
        refused = jo.send(FILE)

    assert refused.status == 503
    assert "NOT SAVED" in refused.text
    assert "must be chosen again" in refused.text
    jo.send(FILE)
    assert jo.desk.kinds(jo.case)[-1] == "evidence stored"


def test_a_form_without_its_token_files_nothing(jo):
    jo.begin()
    jo.next(**CONCERN)
    jo.browser.csrf = "another"
    answer = jo.send()

    assert answer.status == 403
    assert jo.cases() == set()


@pytest.mark.parametrize(
    ("sample", "openid", "words"),
    [
        (True, None, [SAMPLE]),
        (False, None, [INVITED]),
        (False, object(), [ACCOUNT, INVITED]),
    ],
)
def test_safety_31_the_poster_has_the_numbers_first_and_says_who_can_sign_in(tmp_path, sample, openid, words):
    desk = WebDesk(tmp_path, openid=openid)
    browser = desk.browser("teacher")
    object.__setattr__(desk.web, "sample", sample)

    page = browser.get("/poster").text
    main = page[page.index("<main") : page.index("</main>")]

    numbers = re.findall(r'href="tel:(\d+)"', main[: main.index("/poster/code.svg")])
    assert numbers[0] == "999"
    assert {"01632960301", "01632960303", "01632960305"} <= set(numbers)
    assert [each for each in (SAMPLE, ACCOUNT, INVITED) if each in main] == words
    assert "you need not sign in to tell somebody" in main


def test_the_poster_leads_to_the_report_and_its_code_is_a_picture_of_its_own(jo):
    page = jo.at("/poster")
    code = jo.browser.get("/poster/code.svg")

    assert "http://127.0.0.1:8000/report" in page.text
    assert (code.status, code.headers["content-type"]) == (200, "image/svg+xml")
    assert b"style=" not in code.body


def test_two_at_once_are_one_case(jo):
    jo.begin()
    page = jo.next(**CONCERN)
    fields = {"ticks": "yes", "do": "send", "shown": shown(page), "csrf": jo.browser.csrf}
    body = "&".join(f"{key}={value}" for key, value in fields.items()).encode()
    headers = {"content_type": "application/x-www-form-urlencoded"}

    async def both():
        send = jo.browser._call
        return await asyncio.gather(*(send("POST", f"{jo.path}/send", body, dict(headers)) for _ in range(2)))

    assert [each.status for each in asyncio.run(both())] == [303, 303]
    assert len(jo.cases()) == 1
