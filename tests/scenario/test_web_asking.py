"""Asking at the pages: a conversation that goes on, the urgent card, feedback, the clause in its place."""

import json
import re
from contextlib import contextmanager
from datetime import date

import pytest

from bot.domain.answers import Outcome, PolicyRead, Stance
from bot.domain.insights import period_at
from bot.domain.notice_details import raised_key
from bot.domain.notices import NoticeKind
from bot.domain.schooldays import local
from bot.domain.urgent import IN_FIVE_MINUTES, NOT_HELD, NOT_TOLD, ONE_PRESS, TELL_NOW
from bot.errors import StaleIndex, StoreBusy, StoreFailed
from tests.fakes import a_citation, a_school
from tests.web_kit import WebDesk

URGENT = "A Year 8 has told me she is going to kill herself tonight"
ABOUT_HEAD = "The head hit a boy in year 8 and left bruises"
REPORT = "A pupil has sent me a friend request"
QUESTION, FOLLOW_UP = "Can I follow a parent?", "and on Instagram?"


@pytest.fixture
def desk(tmp_path):
    return WebDesk(tmp_path)


def carried(page):
    """What the form of *page* carries: each question, the id of an urgent one, what was said of it."""
    names = ("earlier", "was", "said", "page")
    values = [re.findall(rf'name="{name}" value="([^"]*)"', page) for name in names]
    return {name: [html(each) for each in found] for name, found in zip(names, values, strict=True)}


def html(text):
    return text.replace("&#39;", "'").replace("&amp;", "&")


def nonce(page):
    return re.search(r'name="nonce" value="([^"]*)"', page)[1]


def ask(browser, question, page="", **more):
    fields = {**(carried(page) if page else {}), "question": question, **more}
    return browser.follow(browser.post("/", fields)).text


def asked(page):
    return [html(each) for each in re.findall(r"You asked: </span>(.*?)</p>", page)]


def at_the_page(desk, person="teacher"):
    browser = desk.browser(person)
    return browser, browser.get("/").text


def missed(desk):
    period = period_at(desk.school.hours, local(desk.clock()).date())
    return [
        (each.topic, each.unanswered, each.not_helpful)
        for each in desk.web.wondering.missed("fernhill", "cat", period)
    ]


def test_a_follow_up_is_answered_below_what_was_asked_before(desk):
    jo, page = at_the_page(desk)

    page = ask(jo, FOLLOW_UP, ask(jo, QUESTION, page))

    assert asked(page) == [QUESTION, FOLLOW_UP]


@pytest.mark.parametrize("question", [URGENT, REPORT])
def test_a_follow_up_that_is_urgent_or_a_report_keeps_what_went_before_and_is_kept_itself(desk, question):
    jo, page = at_the_page(desk)

    page = ask(jo, question, ask(jo, QUESTION, page))
    later = ask(jo, "May I use my own phone?", page)

    assert asked(page) == [QUESTION, question]
    assert asked(later) == [QUESTION, question, "May I use my own phone?"]


def test_safety_8_an_urgent_message_keeps_its_two_buttons_when_the_conversation_goes_on(desk):
    jo, page = at_the_page(desk)
    page = ask(jo, URGENT, page)
    raised = re.search(r'name="raised" value="([^"]+)"', page)[1]

    later = ask(jo, QUESTION, page)
    receipt = jo.post("/urgent", {"raised": raised, "what": "tell"}).text

    assert f'name="raised" value="{raised}"' in later
    assert TELL_NOW in later
    assert "Urgent: your report is stored" in receipt


def test_safety_8_only_a_question_files_nothing_tells_nobody_and_says_so_with_a_way_to_report(desk):
    jo, page = at_the_page(desk)
    raised = re.search(r'name="raised" value="([^"]+)"', ask(jo, URGENT, page))[1]

    page = jo.post("/urgent", {"raised": raised, "what": "question"}).text
    desk.clock.pass_by(minutes=6)
    desk.deliver()

    assert "Nothing was sent" in page
    assert 'href="tel:999"' in page
    assert 'href="/report"' in page
    assert {each.kind.value for each in desk.waiting()} == {"checkpoint"}


@pytest.mark.parametrize(("question", "told"), [(URGENT, "amy"), (ABOUT_HEAD, "dan")])
def test_safety_14_the_urgent_button_names_nobody_who_may_be_left_out_and_the_card_says_so(
    desk, question, told
):
    jo, page = at_the_page(desk)
    page = html(ask(jo, question, page))
    raised = re.search(r'name="raised" value="([^"]+)"', page)[1]

    jo.post("/urgent", {"raised": raised, "what": "tell"})

    button = re.search(r'value="tell">(.*?)</button>', page)[1]
    assert not re.search("DSL|head|safeguarding", button)
    assert f"{NOT_TOLD} {ONE_PRESS}" in page
    assert IN_FIVE_MINUTES in page
    assert {each.to for each in desk.waiting(NoticeKind.NEW_CASE)} & {"amy", "cat", "dan"} == {told}


def test_safety_8_what_was_asked_before_is_never_raised_a_second_time(desk):
    jo, page = at_the_page(desk)
    page = ask(jo, URGENT, page)
    poked = len(desk.poked)

    ask(jo, QUESTION, page)
    ask(jo, QUESTION, "", earlier=[URGENT], was=["made-up"], said=[""])

    assert len(desk.poked) == poked


def test_an_urgent_message_sent_twice_is_raised_once(desk):
    jo, page = at_the_page(desk)

    both = {
        re.search(r'name="raised" value="([^"]+)"', ask(jo, URGENT, page, nonce=nonce(page)))[1]
        for _ in range(2)
    }

    assert len(both) == 1


def test_safety_8_and_20_other_words_under_the_same_nonce_are_held_told_and_rung_by_themselves(desk):
    jo, page = at_the_page(desk)
    edited = f"{URGENT} and it is the DSL"

    ids = [
        re.search(r'name="raised" value="([^"]+)"', shown)[1]
        for shown in [ask(jo, each, page, nonce=nonce(page)) for each in (URGENT, edited, edited)]
    ]
    with desk.store.reading() as unit:
        held = [json.loads(unit.held(raised_key(each)))["text"] for each in ids]
    asked_to_ring = {each.to for each in desk.waiting(NoticeKind.RING_SENDER)}
    jo.post("/urgent", {"raised": ids[1], "what": "tell"})

    assert held == [URGENT, edited, edited]
    assert ids[0] != ids[1] == ids[2]
    assert asked_to_ring == {"ben"}
    assert {each.to for each in desk.waiting(NoticeKind.NEW_CASE)} & {"amy", "ben"} == {"ben"}


def test_safety_6_the_urgent_card_has_numbers_to_tap_and_999_comes_first(desk):
    jo, page = at_the_page(desk)

    page = ask(jo, URGENT, page)

    card = page[page.index("urgent-card") :]
    numbers = re.findall(r'href="tel:(\d+)"', card)
    assert numbers[0] == "999"
    assert {"01632960305", "01632960301", "01632960303", "01632960304", "01632960307"} <= set(numbers)


def test_what_is_half_typed_and_the_conversation_stay_when_somebody_says_that_it_helped(desk):
    jo, page = at_the_page(desk)
    page = ask(jo, QUESTION, page)

    after = ask(jo, "May I use", page, feedback="0:yes", nonce=nonce(page))

    assert asked(after) == [QUESTION]
    assert 'value="May I use"' in after
    assert "Thank you." in after


def test_feedback_counts_by_clause_and_topic_and_once_however_often_it_is_pressed(desk):
    object.__setattr__(desk.web.wondering, "topic_of", lambda question: "Parents")
    jo, page = at_the_page(desk)
    page = ask(jo, QUESTION, page)

    for _ in range(2):
        ask(jo, "", page, feedback="0:no", nonce=nonce(page))

    assert desk.web.wondering.counts("fernhill", "cat") == {"4.1": (0, 1)}
    assert missed(desk) == [("Parents", 0, 1)]


def test_safety_29_a_question_without_a_clause_counts_by_its_topic_alone(desk):
    object.__setattr__(desk.web.wondering, "topic_of", lambda question: "Flying drones")
    desk.retrieval.outcome = Outcome.NONE
    jo, page = at_the_page(desk)

    page = ask(jo, "Is there a rule on drones?", page, nonce=nonce(page))
    ask(jo, URGENT, page)
    ask(jo, REPORT, page)

    # Asked again with the later ones, the first counts no second time, and no urgent one or report does.
    assert missed(desk) == [("Flying drones", 1, 0)]
    assert desk.web.wondering.listed("fernhill", "cat") == ()


def test_safety_29_a_question_goes_to_the_policys_owner_only_in_the_words_that_were_agreed_to(desk):
    jo, page = at_the_page(desk)
    page = ask(jo, QUESTION, page)
    no = ask(jo, "", page, feedback="0:no")
    shown = ask(jo, "", no, feedback="0:ask")
    assert desk.web.wondering.listed("fernhill", "cat") == ()

    refused = ask(jo, "", shown, feedback="0:sent", **{"wording-0": "Mrs Vale messaged a pupil"})
    sent = ask(jo, "", shown, feedback="0:sent", **{"wording-0": "May staff follow parents?"})

    assert "This is what the policy’s owner will read" in shown
    assert 'id="wording-0-fault"' in refused
    assert "Mrs Vale messaged a pupil" in refused
    assert [each.wording for each in desk.web.wondering.listed("fernhill", "cat")] == [
        "May staff follow parents?"
    ]
    assert "Who asked is not kept" in sent


@pytest.mark.parametrize("question", [URGENT, REPORT])
def test_safety_29_nothing_is_counted_or_kept_of_what_is_urgent_or_a_report(desk, question):
    jo, page = at_the_page(desk)
    page = ask(jo, question, page)

    for said in ("no", "sent"):
        ask(jo, "", page, feedback=f"0:{said}", **{"wording-0": QUESTION})

    assert desk.web.wondering.counts("fernhill", "cat") == {}
    assert desk.web.wondering.listed("fernhill", "cat") == ()


# A store that takes nothing


@pytest.fixture(params=[StoreBusy, StoreFailed])
def stuck(request, desk):
    """Nothing can be written for as long as the block lasts; what was tried is counted."""

    @contextmanager
    def nothing_written():
        def fails(_store):
            raise request.param("stuck")

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(type(desk.store), "writing", fails)
            yield request.param.user_message

    return nothing_written


def test_safety_6_and_7_the_urgent_reply_comes_where_the_store_takes_nothing_and_the_words_stay(desk, stuck):
    jo, page = at_the_page(desk)
    before = ask(jo, QUESTION, page)

    with stuck() as words:
        answer = jo.post("/", {**carried(before), "question": URGENT})

    page, numbers = html(answer.text), re.findall(r'href="tel:(\d+)"', answer.text)
    card = page[page.index("urgent-card") :]
    assert answer.status == 503
    assert numbers[numbers.index("999", 1)] == "999"
    assert {"01632960305", "01632960301", "01632960303", "01632960304", "01632960307"} <= set(numbers)
    assert "If it is about the head: tell the chair of governors." in card
    assert words in card
    assert NOT_HELD in card
    assert 'name="raised"' not in card
    assert asked(answer.text) == [QUESTION, URGENT]
    assert f'id="question" name="question" value="{URGENT}"' in page
    assert desk.poked == []


def test_safety_8_what_was_not_held_and_is_sent_again_is_held_and_stands_there_once(desk, stuck):
    jo, page = at_the_page(desk)
    with stuck():
        lost = jo.post("/", {**carried(page), "question": URGENT}).text

    page = ask(jo, URGENT, lost)

    assert asked(page) == [URGENT]
    assert NOT_HELD not in html(page)
    assert len(re.findall(r'name="raised" value="[^"]+"', page)) == 1


def test_safety_20_a_press_that_stores_nothing_says_so_with_numbers_and_can_be_sent_again(desk, stuck):
    jo, page = at_the_page(desk)
    raised = re.search(r'name="raised" value="([^"]+)"', ask(jo, URGENT, page))[1]

    for what in ("tell", "question"):
        with stuck() as words:
            refused = jo.post("/urgent", {"raised": raised, "what": what})
        assert refused.status == 503
        assert words in refused.text
        assert {"999", "01632960301"} <= set(re.findall(r'href="tel:(\d+)"', main(refused.text)))
        assert f'name="raised" value="{raised}"' in refused.text
        assert f'name="what" value="{what}"' in refused.text

    assert "Urgent: your report is stored" in jo.post("/urgent", {"raised": raised, "what": "tell"}).text


def test_a_question_is_answered_and_feedback_says_that_it_was_not_taken_where_the_store_takes_nothing(
    desk, stuck
):
    jo, page = at_the_page(desk)
    with stuck() as words:
        page = ask(jo, QUESTION, page)
        after = ask(jo, "half typed", page, feedback="0:yes")

    assert asked(page) == asked(after) == [QUESTION]
    assert words in after
    assert 'value="half typed"' in after


def main(page):
    """A page without what stands around it on every one."""
    return page[page.index("<main") : page.index("</main>")]


# Back and reload


def test_back_and_reload_show_the_conversation_again_and_send_nothing_twice(desk):
    jo, page = at_the_page(desk)
    first = jo.post("/", {"question": QUESTION})
    page = jo.follow(first).text
    second = jo.post("/", {**carried(page), "question": URGENT})
    poked = len(desk.poked)

    back, again, more = jo.follow(first), jo.follow(second), jo.follow(second)

    assert (first.status, second.status) == (303, 303)
    assert (asked(back.text), asked(again.text)) == ([QUESTION], [QUESTION, URGENT])
    assert carried(again.text) == carried(more.text)
    assert TELL_NOW in again.text
    assert len(desk.poked) == poked


def test_safety_29_a_conversations_address_has_no_word_of_it_and_is_of_one_session_for_half_an_hour(desk):
    jo, page = at_the_page(desk)
    led = [jo.post("/", {"question": QUESTION, "nonce": nonce(page)}).to for _ in range(2)]
    others, end = desk.browser("amy"), len("/?shown=")

    assert led[0] != led[1]
    assert [re.fullmatch(r"/\?shown=[\w-]{22}#now", each) is not None for each in led] == [True, True]
    assert asked(jo.get(led[0]).text) == [QUESTION]
    assert asked(others.get(led[0]).text) == []
    with desk.store.reading() as unit:
        kept = list(unit.db.query("select * from held"))
    assert not any(part in str(row) for row in kept for part in ("follow a parent", led[0][end:-4]))
    for _ in range(2):
        # Whoever goes on with other pages stays signed in.
        desk.clock.pass_by(minutes=16)
        jo.get("/report")
    assert asked(jo.get(led[0]).text) == []


def test_whoever_begins_again_leaves_nothing_behind_for_whoever_presses_back(desk):
    jo, page = at_the_page(desk)
    first = jo.post("/", {"question": QUESTION})
    page = jo.follow(first).text
    second = jo.post("/", {**carried(page), "question": FOLLOW_UP})
    page = jo.follow(second).text

    cleared = jo.post("/", {**carried(page), "clear": "1"})

    assert cleared.to == "/"
    assert [asked(jo.get(each).text) for each in ("/", first.to, second.to)] == [[], [], []]


@pytest.mark.parametrize("path", ["/policies", "/policies/1"])
def test_back_and_reload_show_a_search_again_and_its_words_stand_in_no_address(tmp_path, path):
    jo = with_policies(tmp_path)
    jo.get(path)

    found = jo.post(path, {"words": "Rule 4"})

    assert found.status == 303
    assert re.fullmatch(rf"{path}\?shown=[\w-]{{22}}", found.to)
    assert [rules(jo.get(found.to).text) for _ in range(2)] == [[4], [4]]


@pytest.mark.parametrize("path", ["/policies", "/policies/1"])
def test_a_pasted_book_is_searched_for_and_not_kept(tmp_path, path):
    jo = with_policies(tmp_path)
    jo.get(path)

    found = jo.post(path, {"words": "Rule 4 " + "word " * 100_000})

    assert (found.status, found.to) == (200, "")


@pytest.mark.parametrize("feedback", ["9:yes", "x", "0:", "0:everything", "-1:no", "²:no"])
def test_feedback_that_makes_no_sense_changes_nothing(desk, feedback):
    jo, page = at_the_page(desk)
    page = ask(jo, QUESTION, page)

    assert asked(ask(jo, "", page, feedback=feedback)) == [QUESTION]
    assert desk.web.wondering.counts("fernhill", "cat") == {}


def test_the_first_button_of_the_form_asks_for_it_is_what_the_return_key_presses(desk):
    jo, page = at_the_page(desk)

    page = ask(jo, QUESTION, page)

    buttons = re.findall(r'<button[^>]*form="last"[^>]*>', page)
    assert "name=" not in buttons[0]


def test_in_sample_mode_the_page_switches_to_the_same_role_at_another_school(tmp_path):
    schools = {
        each: a_school(each, name=f"{each.title()} School", sample=True) for each in ("fernhill", "oakhill")
    }
    desk = WebDesk(tmp_path, schools=schools)
    amy, page = at_the_page(desk, "amy")
    assert 'name="school" value="oakhill"' in page
    assert 'name="person" value="amy">Oakhill School' in page

    amy.follow(amy.post("/sign-in", {"school": "oakhill", "person": "amy"}))

    page = amy.get("/").text
    assert "You ask at <strong>Oakhill School" in page
    assert 'name="person" value="teacher"' in desk.browser("teacher").get("/").text


def test_in_real_mode_there_is_no_switcher(tmp_path):
    schools = {each: a_school(each) for each in ("fernhill", "oakhill")}
    desk = WebDesk(tmp_path, schools=schools)
    amy = desk.browser("amy")
    object.__setattr__(desk.web, "sample", False)

    assert "oakhill" not in amy.get("/").text


# Policies


class Shelf:
    """Implements `ports.Policies` over given clauses."""

    def __init__(self, clauses, problem=""):
        self.given, self.problem = clauses, problem

    def documents(self, school):
        overdue = "review overdue since 1 May 2026"
        return (
            PolicyRead("Online Conduct", "conduct.txt", overdue, True, len(self.given)),
            PolicyRead("Phones", "phones.pdf", "date not given", False, 0, self.problem),
        )

    def clauses(self, school, policy):
        return tuple(self.given) if policy == "Online Conduct" else ()


class TornShelf(Shelf):
    """One whose index cannot be read for now."""

    def documents(self, school):
        raise StaleIndex("index.db: is cut short")


def test_safety_31_policies_that_cannot_be_read_for_now_say_so_with_numbers(tmp_path):
    shown = WebDesk(tmp_path, policies=TornShelf([])).browser("teacher").get("/policies")

    assert shown.status == 503
    assert "The policies cannot be read at the moment" in shown.text
    assert "999" in shown.text


PAGES = [
    a_citation(f"Rule {number} on phones.", clause=f"{number}.1", page=number, section=f"{number}. Part")
    for number in range(1, 8)
]


def with_policies(tmp_path, clauses=PAGES, problem="", **changes):
    return WebDesk(tmp_path, policies=Shelf(clauses, problem), **changes).browser("teacher")


def rules(page):
    return [int(each) for each in re.findall(r"Rule (\d) on", page)]


def test_the_clause_is_marked_in_its_place_with_the_pages_around_it_and_the_whole_is_one_press_away(tmp_path):
    jo = with_policies(tmp_path)

    page = jo.get("/policies/1?clause=4.1").text

    assert rules(page) == [3, 4, 5]
    assert "<mark>Rule 4 on phones.</mark>" in page
    assert "Page 4 and the pages beside it" in page
    assert rules(jo.get("/policies/1?all=1&clause=4.1").text) == [1, 2, 3, 4, 5, 6, 7]
    assert rules(jo.get("/policies/1").text) == [1, 2, 3, 4, 5, 6, 7]


def test_where_a_policy_has_no_pages_the_sections_around_the_clause_are_shown(tmp_path):
    clauses = [
        a_citation(f"Rule {number} on phones.", clause=f"{number}.1", page=None, section=f"{number}. Part")
        for number in range(1, 6)
    ]
    page = with_policies(tmp_path, clauses).get("/policies/1?clause=1.1").text

    assert rules(page) == [1, 2]
    assert "The section of 1.1 and those beside it" in page


def seek(browser, path="/policies", **fields):
    return browser.follow(browser.post(path, fields)).text


def test_clauses_are_found_by_stance_and_by_words_which_stand_in_no_address(tmp_path):
    clauses = [
        a_citation("You must not post pictures of pupils.", clause="1.1", stance=Stance.PROHIBITED),
        a_citation("You may post pictures of sport.", clause="1.2", stance=Stance.ALLOWED),
    ]
    jo = with_policies(tmp_path, clauses)
    jo.get("/policies")

    both = seek(jo, words="PICTURES post")
    one = seek(jo, words="pictures", stance="allowed")
    inside = seek(jo, "/policies/1", stance="prohibited")

    assert "2 clauses found" in both
    assert "1 clause found" in one
    assert "of sport" in one
    assert "of pupils" in inside
    assert "of sport" not in inside
    assert "No clause of any policy fits that" in seek(jo, words="submarine")


def test_what_could_not_be_read_says_why_and_reviews_due_soon_or_past_are_said(tmp_path):
    policies = [
        {"title": "Online Conduct", "file": "conduct.txt"},
        {"title": "Phones", "file": "phones.pdf", "review_due": date(2026, 12, 15)},
    ]

    problem = "phones.pdf: is a picture of a page, without words"
    page = with_policies(tmp_path, problem=problem, policy=policies).get("/policies").text

    assert problem in page
    assert "review overdue since 1 May 2026" in page
    assert page.count("review due soon") == 1
    assert "review due soon" in page.split("Phones")[1]
