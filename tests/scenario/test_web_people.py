"""The page of one person: their cases, who is linked with them by which case, and what it leaves behind."""

import pytest

from bot.domain.cases import PartyRole
from tests.casework_builders import AMY, CAT, a_party
from tests.web_case_kit import WORKING, CaseDesk

ELLIS, SOL, RAE = (a_party(name, PartyRole.TARGET) for name in ("Ellis Orme", "Sol Tarn", "Rae Quill"))


@pytest.fixture
def desk(tmp_path):
    return CaseDesk(tmp_path)


def with_people(desk, request, *parties, form="concern", **said):
    """A case in which *parties* are recorded beside the one whom the form names."""
    case = desk.file(form, request=request, **said).case
    desk.opened(case)
    for each in parties:
        desk.web.casework.record_person(AMY, case, each)
    return case


def number_of(desk, case, name):
    """The number under which *name* stands among the people of *case*."""
    return [each.name for each in desk.view(case).parties].index(name) + 1


def link(desk, case, name):
    return f"/cases/{case}/person/{number_of(desk, case, name)}"


def test_the_page_lists_every_case_naming_them_and_the_people_of_these_with_the_case_that_links_them(desk):
    first = with_people(desk, "r-1", ELLIS, SOL, who="Ann Ower")
    second = with_people(desk, "r-2", SOL, RAE, who="Ben Ower")
    amy = desk.opened(first)
    path = link(desk, first, "Ellis Orme")
    asked = amy.get(path)

    sent = amy.post(path, {"reason": "checking for an earlier case"})
    page = amy.follow(sent).text

    assert "Ellis Orme" not in path
    assert "such a case asks why you look" in asked.text
    assert "Rae Quill" not in asked.text
    assert sent.to == path
    near, further = page.split('id="further"')
    assert "Sol Tarn" in near
    assert "Rae Quill" in further
    assert f'href="/cases/{second}">{second}</a> <span class="soft">(target, pupil)' in further
    assert 'data-label="Through">Sol Tarn' in further


def test_safety_22_without_a_reason_nothing_more_is_shown_and_the_page_says_so(desk):
    first = with_people(desk, "r-1", ELLIS, SOL)
    with_people(desk, "r-2", SOL, RAE)
    amy = desk.opened(first)
    path = link(desk, first, "Ellis Orme")
    amy.get(path)

    answer = amy.post(path, {"reason": "", "own": "  "})

    assert answer.status == 422
    assert "Choose a reason, or write one." in answer.text
    assert "Rae Quill" not in answer.text


def test_safety_21_the_look_is_in_the_log_for_each_case_and_the_name_is_not(desk):
    first = with_people(desk, "r-1", ELLIS, SOL)
    second = with_people(desk, "r-2", SOL, RAE)
    amy = desk.opened(first)
    path = link(desk, first, "Ellis Orme")
    amy.get(path)

    amy.follow(amy.post(path, {"reason": WORKING}))

    assert ("people of it seen", "amy", WORKING) in desk.audit(second)
    assert ("searched", "amy", "1 of one person") in desk.audit(first)
    assert ("viewed", "amy", WORKING) in desk.audit(first)
    assert not any("Orme" in detail for case in (first, second) for _, _, detail in desk.audit(case))


def test_safety_22_the_head_reads_each_month_whose_people_were_looked_at_and_why(desk):
    first = with_people(desk, "r-1", ELLIS, SOL)
    second = with_people(desk, "r-2", SOL, RAE)
    amy = desk.opened(first)
    path = link(desk, first, "Ellis Orme")
    amy.get(path)
    amy.follow(amy.post(path, {"reason": "reviewing how it was handled"}))

    page = desk.browser("cat").get("/audit/openings").text

    row = next(each for each in page.split("<tr>") if second in each and "reviewing how" in each)
    assert "Amy Ash" in row


def test_safety_14_an_adults_case_is_on_no_page_but_the_heads(desk):
    child = with_people(desk, "r-1", a_party("Terry Vane", PartyRole.OTHER, category="other"))
    adult = desk.file("adult-concern", request="r-2", who="Terry Vane").case
    desk.opened(adult, "cat")
    # The DSL is let into the adult's case, and is not its lead all the same.
    desk.web.casework.share(CAT, adult, "amy", "she knows the child")
    desk.web.casework.share(AMY, child, "cat", "the head asks")
    path = link(desk, child, "Terry Vane")

    amy, cat = desk.opened(child), desk.opened(child, "cat")

    assert adult not in amy.get(path).text
    assert adult in cat.get(path).text


def test_somebody_that_the_case_does_not_have_leads_back_to_it(desk):
    case = with_people(desk, "r-1", ELLIS)
    amy = desk.opened(case)

    assert amy.get(f"/cases/{case}/person/99").to == f"/cases/{case}"
