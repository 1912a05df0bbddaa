"""The figures for governors in a browser: what is shown, what never is, and pictures without a script."""

import re
import sys
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from bot.domain.membership import Known
from bot.domain.reports import Reporter
from bot.domain.triage import Form
from bot.web.insights import TOPICS
from tests.cases_builders import START, add_case, an_access
from tests.web_kit import WebDesk

FORMS = (Form.FRIEND_REQUEST, Form.TROLLING, Form.CONCERN)
ON = {"answers": {"where": "snapchat"}}


@pytest.fixture
def desk(tmp_path):
    return WebDesk(tmp_path)


def file(desk, count, form=Form.FRIEND_REQUEST, access=None, **changes):
    for _ in range(count):
        desk.filed = getattr(desk, "filed", 0) + 1
        access = access or an_access("amy", "cat")
        add_case(desk.store, f"CASE-{desk.filed}", access, body=ON, form=form, **changes)


def not_helpful(desk, times, clause="4.1"):
    known = Known(desk.school, Reporter("jo@fernhill", "Jo Mint"))
    for _ in range(times):
        desk.web.wondering.feedback(known, clause, helpful=False)


def words(svg):
    return [each.text for each in ElementTree.fromstring(svg).iter() if each.tag.endswith("}text")]  # noqa: S314 - ours


def test_the_same_numbers_stand_in_the_table_in_the_picture_and_in_what_it_says_instead(desk):
    for form, count in zip(FORMS, (12, 9, 7), strict=True):
        file(desk, count, form)
    amy = desk.browser("amy")

    page = amy.get("/insights").text
    picture = amy.get("/insights/form.svg?from=2026-10-01")

    assert "<strong>28</strong>" in page
    assert 'src="/insights/form.svg?from=2026-10-01"' in page
    assert (
        'alt="Bar chart. What it was about: Friend request 12, Online abuse 9, Worry about a child 7."'
        in page
    )
    assert "<td>Friend request</td><td>12</td>" in page
    assert sorted(words(picture.text)) == sorted(
        ["Friend request", "12", "Online abuse", "9", "Worry about a child", "7"]
    )


@pytest.mark.parametrize("chart", ["form", "where", "month", "waits", "unanswered", "not-helpful"])
@pytest.mark.parametrize("dark", ["", "&dark=1"])
def test_a_picture_has_no_script_no_style_and_nothing_from_elsewhere(desk, chart, dark):
    for form in FORMS:
        file(desk, 6, form)
    answer = desk.browser("amy").get(f"/insights/{chart}.svg?from=2026-10-01{dark}")

    tree = ElementTree.fromstring(answer.text)  # noqa: S314 - ours
    tags = {each.tag.rpartition("}")[2] for each in tree.iter()}
    assert tags <= {"svg", "title", "g", "rect", "text", "path"}
    assert not any(
        name in ("style", "class", "href") or name.startswith("on")
        for each in tree.iter()
        for name in each.attrib
    )
    assert "http" not in answer.text.replace("http://www.w3.org/", "")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in answer.headers["content-security-policy"]


def test_the_library_of_charts_leaves_nothing_behind_that_later_imports_would_meet(desk):
    file(desk, 6)
    desk.browser("amy").get("/insights/form.svg?from=2026-10-01")

    assert "pygal" in sys.modules
    assert [each for each in sys.meta_path if type(each).__module__.startswith("pygal")] == []


def test_dark_pages_have_pictures_of_their_own(desk):
    for form in FORMS:
        file(desk, 6, form)
    amy = desk.browser("amy")

    assert "#6cc5cc" in amy.get("/insights/form.svg?from=2026-10-01&dark=1").text
    assert "#6cc5cc" not in amy.get("/insights/form.svg?from=2026-10-01").text


def test_fewer_than_five_are_in_no_table_and_no_picture(desk):
    file(desk, 12)
    file(desk, 3, Form.TROLLING)
    file(desk, 4, Form.CONCERN)
    amy = desk.browser("amy")

    page = amy.get("/insights").text
    picture = amy.get("/insights/form.svg?from=2026-10-01").text

    assert "<td>Online abuse</td><td>fewer than 5</td>" in page
    assert "<td>Worry about a child</td><td>fewer than 5</td>" in page
    assert sorted(words(picture)) == ["12", "Friend request"]


def test_where_the_total_would_give_a_number_away_a_second_one_is_hidden_and_the_page_says_so(desk):
    file(desk, 12)
    file(desk, 9, Form.TROLLING)
    file(desk, 3, Form.CONCERN)

    page = desk.browser("amy").get("/insights").text

    assert "<td>Online abuse</td><td>not shown</td>" in page
    assert "<td>Worry about a child</td><td>not shown</td>" in page
    assert "the next larger number is hidden with it" in page


def test_a_place_that_few_named_is_not_even_listed(desk):
    for form in FORMS:
        file(desk, 6, form)
    file(desk, 6)

    page = desk.browser("amy").get("/insights").text

    assert "Snapchat" not in page.partition("Where it happened")[0]
    assert "Instagram" not in page
    assert "<td>Each place</td><td>not shown</td>" in page


def test_of_fewer_than_five_cases_nothing_is_broken_down(desk):
    file(desk, 4)

    page = desk.browser("amy").get("/insights").text

    assert "<strong>Fewer than 5</strong>" in page
    assert "<img" not in page
    assert "Friend request" not in page


def test_whoever_may_open_no_case_is_told_that_and_not_that_the_school_has_few(desk):
    file(desk, 12)

    dan = desk.browser("dan").get("/insights").text

    assert "There is no case that you may open" in dan
    assert "That says nothing of how many cases the school has." in dan
    assert "ask Amy Ash, designated safeguarding lead (DSL)" in dan
    assert "ewer than 5 cases" not in dan.partition("What staff asked in vain")[0]


def test_few_cases_to_open_are_said_to_be_those_of_this_term_that_somebody_may_open(desk):
    file(desk, 12)
    file(desk, 2, access=an_access("amy", "dan"), filed_at=START - timedelta(days=100))
    file(desk, 1, Form.ADULT_CONCERN, access=an_access("amy", "dan"), about_adult=True)

    amy, dan = desk.browser("amy").get("/insights").text, desk.browser("dan").get("/insights").text

    assert "<strong>12</strong>" in amy
    assert "Of the cases that you may open, fewer than 5 belong to this term" in dan
    assert "That says nothing of how many cases the school has." in dan
    assert "There is no case that you may open" not in dan


def test_safety_15_a_head_kept_out_of_every_case_reads_the_same_as_where_there_is_none(desk):
    before = desk.browser("cat").get("/insights").text
    file(desk, 6, access=an_access("amy", excluded=("cat",)))

    after = desk.browser("cat").get("/insights").text

    main = re.compile(r"<main.*</main>", re.DOTALL)
    assert main.search(after)[0] == main.search(before)[0]


def test_the_dsl_is_not_sent_to_the_dsl(desk):
    file(desk, 2)

    assert "That says nothing" not in desk.browser("amy").get("/insights").text


def test_a_term_is_chosen_and_a_day_that_makes_no_sense_means_this_one(desk):
    file(desk, 5)
    file(desk, 7, filed_at=START - timedelta(days=100))
    amy = desk.browser("amy")

    assert "<strong>7</strong>" in amy.get("/insights?from=2026-07-01").text
    for nonsense in ("", "x", "0001-01-01", "9999-12-31", "2026-13-40"):
        assert "<strong>5</strong>" in amy.get(f"/insights?from={nonsense}").text


def test_a_picture_that_there_is_not_is_refused_without_a_fault(desk):
    amy = desk.browser("amy")

    assert amy.get("/insights/other.svg?from=2026-10-01").status == 403
    assert amy.get("/insights/form.svg").status == 403
    assert amy.get("/insights/form.svg?from=0001-01-01").status == 200


def test_safety_14_how_many_are_about_an_adult_the_head_alone_sees(desk):
    file(desk, 6, Form.ADULT_CONCERN, about_adult=True)

    assert "6 cases in this term" in desk.browser("cat").get("/insights").text
    assert (
        "about an adult who works or helps here</h3>" not in desk.browser("amy").get("/insights").text.lower()
    )


def test_what_did_not_help_and_what_staff_asked_are_for_the_head_alone(desk):
    not_helpful(desk, 6)
    not_helpful(desk, 4, "6.2")
    known = Known(desk.school, Reporter("jo@fernhill", "Jo Mint"))
    desk.web.wondering.keep(known, "Can staff follow <b>parents</b>?")

    cat, amy = desk.browser("cat").get("/insights").text, desk.browser("amy").get("/insights").text

    assert "<td>4.1</td><td>6</td>" in cat
    assert "6.2" not in cat
    assert "Can staff follow &lt;b&gt;parents&lt;/b&gt;?" in cat
    assert "4.1" not in amy
    assert "Can staff follow" not in amy


@pytest.mark.parametrize("path", ["/insights", "/insights/form.svg?from=2026-10-01"])
def test_whoever_is_not_a_listed_person_finds_no_figures(desk, path):
    assert desk.browser("teacher").get(path).status == 404
    assert desk.browser().get(path).to == "/sign-in"


def missed(desk, topic, unanswered=0, not_helpful=0):
    object.__setattr__(desk.web.wondering, "topic_of", lambda question: topic)
    known = Known(desk.school, Reporter("jo@fernhill", "Jo Mint"))
    for _ in range(unanswered):
        desk.web.wondering.unanswered(known, "May we?")
    for _ in range(not_helpful):
        desk.web.wondering.feedback(known, "4.1", False, "May we?")


def test_what_was_asked_in_vain_is_shown_by_topic_in_picture_and_table_for_all_who_see_figures(desk):
    missed(desk, "CCTV: who may see it and for how long", 7, 5)
    missed(desk, "Flying drones over or near the school", 5)

    page = desk.browser("amy").get("/insights").text
    picture = desk.browser("amy").get("/insights/unanswered.svg?from=2026-10-01")

    assert "<td>CCTV: who may see it and for how long</td><td>7</td>" in page
    assert 'alt="Bar chart. Questions that no clause answers: CCTV 7, Flying drones over or … 5."' in page
    assert 'alt="Bar chart. Answers that did not help: CCTV 5."' in page
    assert sorted(words(picture.text)) == ["5", "7", "CCTV", "Flying drones over or …"]
    assert picture.headers["content-type"] == "image/svg+xml"


def test_a_topic_that_came_up_fewer_than_five_times_is_not_even_named_and_no_total_gives_it_away(desk):
    missed(desk, "Flying drones", 4, 4)
    missed(desk, "CCTV", 5)

    page = desk.browser("cat").get("/insights").text
    both = [desk.browser("cat").get(f"/insights/{each}.svg?from=2026-10-01").text for each in TOPICS]

    assert "CCTV" in page
    assert not any("Flying drones" in each for each in (page, *both))
    assert "No topic came up 5 times or more" in page
    in_vain = page[page.index("What staff asked in vain") :].split("</section>\n</div>")[0]
    assert re.findall(r">(\d+)<", in_vain) == ["5"]


def test_the_time_to_first_opening_has_a_picture_that_says_what_the_table_says(desk):
    file(desk, 6, opened_at=START + timedelta(hours=3, minutes=5))
    file(desk, 4, urgent=True, opened_at=START + timedelta(minutes=9))

    page = desk.browser("amy").get("/insights").text
    picture = desk.browser("amy").get("/insights/waits.svg?from=2026-10-01").text

    said = "How soon somebody opened them: the usual time: Not urgent 4 hours."
    assert f'alt="Bar chart. {said}"' in page
    assert "<td>4 hours</td>" in page
    assert sorted(words(picture)) == ["4 hours", "Not urgent"]
