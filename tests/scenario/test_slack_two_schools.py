"""Two schools in one workspace: what is sent, and to which of them, stands on the screen."""

import pytest

from bot.slack import home
from tests.slack_desk import PERSONS, SLACK, SlackDesk, another_school
from tests.slack_kit import JO
from tests.slack_reports import CONCERN, Reporting, one, words_in

SCHOOLS = {"fernhill": "Fernhill School", "oakhill": "Oakhill School"}


@pytest.fixture
def desk(tmp_path):
    unknown = [{**each, "slack": f"{each['slack']}X", "email": ""} for each in PERSONS]
    schools = {
        each: another_school(each, name=name, slack=SLACK, person=unknown) for each, name in SCHOOLS.items()
    }
    return SlackDesk(tmp_path, schools)


@pytest.mark.parametrize("school", SCHOOLS)
def test_safety_12_the_screen_before_sending_names_the_school_that_hears_of_it(desk, school):
    desk.bench.press(home.CHOOSE, school, JO, view={"type": "home", "id": "V1", "blocks": []})
    jo = Reporting(desk)
    first = jo.command()

    jo.submit(**CONCERN, gate=one("no"))

    (other,) = SCHOOLS.keys() - {school}
    assert jo.view["callback_id"] == "report_send"
    assert f"Who will hear of it, at {SCHOOLS[school]}" in words_in(jo.view)
    assert SCHOOLS[school] in words_in(first)
    assert SCHOOLS[other] not in words_in([first, jo.view])
