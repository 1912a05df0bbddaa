"""The evidence coach: how to capture from each app, and what is still missing afterwards."""

from copy import deepcopy
from datetime import date

import pytest

from bot.domain import coach, forms
from bot.domain.guidance import OVERDUE, UNCHECKED
from bot.domain.reports import Gate
from bot.domain.triage import Form
from bot.errors import ConfigurationError
from tests.unit.form_builders import FORMS, TODAY, a_form, answers, data, the_platforms

PLATFORMS = the_platforms()
IDS = [each.id for each in PLATFORMS.known]
ENTRY = {
    "id": "other",
    "name": "Else",
    "steps": ["Look."],
    "tells_sender": "no",
    "source": "a book",
    "review_due": date(2027, 3, 1),
}


def steps(platform="instagram", form=Form.TROLLING, clause=""):
    return coach.capture_steps(PLATFORMS.get(platform), form, clause, TODAY)


def missing(name="trolling", evidence=0, cannot_get=(), gate=Gate.NO, **changes):
    form = a_form(name)
    kept = forms.check(form, answers(name, **changes), TODAY)
    return [each.id for each in coach.missing(form, kept, evidence, cannot_get, gate)]


def the_error(**changes):
    entry = {key: value for key, value in {**ENTRY, **changes}.items() if value is not None}
    with pytest.raises(ConfigurationError) as caught:
        coach.parse({"platform": [entry]})
    return str(caught.value)


def test_every_app_that_staff_meet_has_an_entry_and_every_form_offers_it():
    social = {"instagram", "snapchat", "tiktok", "whatsapp", "facebook", "x", "youtube", "discord"}

    assert social | {"game", "email-or-text", "other"} <= set(IDS)
    for name in FORMS:
        where = next(field for field in a_form(name).fields if field.id == "where")
        assert [each.value for each in where.choices][: len(IDS)] == IDS


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("platform", IDS)
@pytest.mark.parametrize(
    "substance",
    [
        "open a pupil's profile",
        "join a group",
        "follow a link",
        "use a pupil's phone",
        "ask a child for more",
        "terrorists: do not save it; note the address",
        "do not reply",
        "do not delete",
        "only after the safeguarding lead (dsl) has answered",
    ],
)
def test_safety_24_the_coach_says_what_not_to_do_for_every_app_and_form(platform, form, substance):
    assert substance in " ".join(steps(platform, form)).casefold()


@pytest.mark.parametrize("platform", [each for each in IDS if each != "not-online"])
def test_safety_24_capture_only_what_is_there_whole_with_address_date_and_time(platform):
    said = " ".join(steps(platform))

    assert coach.ONLY_WHAT_IS_THERE in said
    assert all(word in said for word in ("whole screen", "address or handle", "date", "time"))
    assert "tells the sender" in said or "tell the sender" in said


def test_safety_24_snapchat_tells_the_sender_and_that_is_said_before_the_screenshot():
    said = steps("snapchat", Form.FRIEND_REQUEST)

    assert said.index("Snapchat tells the sender about a screenshot.") < said.index(coach.FRIEND_REQUEST[0])


def test_safety_3_what_forbids_images_of_children_comes_before_every_step():
    assert {steps(each, form)[0] for each in IDS for form in Form} == {coach.NEVER_IMAGES}


def test_a_friend_request_is_captured_declined_left_unanswered_and_sent_in_that_order():
    said = steps(form=Form.FRIEND_REQUEST, clause="4.2")

    places = [
        next(number for number, each in enumerate(said) if words in each)
        for words in (
            "take a screenshot",
            "decline it, as clause 4.2 of",
            "Do not message",
            "send this report",
        )
    ]

    assert places == sorted(places)


def test_without_a_clause_none_is_claimed():
    said = steps(form=Form.FRIEND_REQUEST)

    assert "Then: decline it." in said
    assert "clause" not in " ".join(said)


def test_other_forms_have_nothing_to_decline():
    assert "decline" not in " ".join(steps(form=Form.TROLLING))


def test_what_is_not_online_has_no_screenshot():
    assert "screenshot" not in " ".join(steps("not-online", Form.CONCERN))


def test_an_unknown_app_gets_the_advice_for_another_one():
    assert PLATFORMS.get("not known").id == "other"


def test_the_bundled_entries_claim_no_check_that_nobody_made_and_say_so():
    assert [each.id for each in PLATFORMS.known if each.checked_by or each.checked_on] == []
    assert steps()[-1] == f"About the steps for Instagram: {UNCHECKED}."


@pytest.mark.parametrize(
    ("due", "words"), [(date(2026, 11, 20), OVERDUE), (TODAY, "")], ids=["overdue", "due today"]
)
def test_an_entry_whose_review_is_overdue_is_shown_as_such(due, words):
    checked = {**ENTRY, "checked_by": "Amy Ash", "checked_on": date(2026, 1, 1), "review_due": due}

    platform = coach.parse({"platform": [checked]}).get("other")

    assert platform.caution(TODAY) == words
    assert ("About the steps" in coach.capture_steps(platform, Form.CONCERN, "", TODAY)[-1]) == bool(words)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": None}, "platform 'other': \"source\" is missing"),
        ({"review_due": None}, '"review_due" is missing'),
        ({"review_due": "soon"}, '"review_due" must be a date'),
        ({"steps": []}, '"steps" must say'),
        ({"tells_sender": "maybe"}, '"tells_sender" has "maybe"'),
        ({"nam": "x"}, 'did you mean "name"?'),
        ({"id": "else"}, 'the id "other"'),
    ],
)
def test_a_bad_platform_file_is_an_error_with_file_platform_and_key(changes, message):
    error = the_error(**changes)

    assert error.startswith("platforms.toml")
    assert message in error


def test_two_platforms_of_one_id_are_an_error():
    twice = deepcopy(data("platforms.toml")["platform"])
    twice.append(twice[0])

    with pytest.raises(ConfigurationError, match="two platforms"):
        coach.parse({"platform": twice})


def test_after_filing_the_reporter_sees_what_would_still_help():
    assert missing(when=None, threats="not known") == [
        *("who", "threats", "when", "doer", "link", "still_visible", "evidence")
    ]


def test_what_was_answered_or_cannot_be_had_is_not_asked_again():
    found = missing(evidence=1, cannot_get=["who", "doer"], link="page", still_visible="no")

    assert found == []


def test_a_hidden_question_is_never_missing():
    assert "pupil" not in missing(target=["me"])
    assert "pupil" in missing(target=["pupil"])


def test_nothing_online_means_no_screenshot_is_missing():
    assert "evidence" not in missing("adult-concern", where="not-online")


@pytest.mark.parametrize("gate", [Gate.YES, Gate.NOT_SURE])
@pytest.mark.parametrize("name", FORMS)
def test_safety_1_once_stopped_no_file_is_missed_and_only_who_where_and_when_are(name, gate):
    nothing = coach.missing(a_form(name), {}, 0, (), gate)

    assert [each.id for each in nothing] == ["who", "where", "when"]
    assert all(each.words.endswith(".") for each in nothing)
