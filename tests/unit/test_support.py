"""Support lines and guidance editions: complete, dated, and shown where they help."""

from copy import deepcopy
from datetime import date

import pytest

from bot.domain import support
from bot.domain.facts import Facts
from bot.domain.guidance import UNCHECKED
from bot.domain.reports import Gate
from bot.domain.schools import JURISDICTIONS
from bot.domain.triage import Form
from bot.errors import ConfigurationError
from tests.unit.form_builders import TODAY, data, the_support

SUPPORT = the_support()
LINES = SUPPORT.lines.lines


def shown(jurisdiction="england", gate=Gate.NO, form=Form.CONCERN, **changes):
    facts = Facts(form, **changes)
    return [line.id for line in support.lines_for(SUPPORT, facts, jurisdiction, gate)]


def the_line(identity, jurisdiction="england"):
    return SUPPORT.lines.line(identity, jurisdiction)


def the_error(change):
    values = deepcopy(data("support.toml"))
    change(values)
    with pytest.raises(ConfigurationError) as caught:
        support.parse(values)
    return str(caught.value)


@pytest.mark.parametrize("entry", [*LINES, *SUPPORT.editions], ids=lambda entry: entry.id)
def test_every_line_and_edition_has_a_source_a_jurisdiction_and_a_review_date(entry):
    assert entry.source
    assert entry.jurisdictions
    assert isinstance(entry.review_due, date)


def test_the_bundled_file_claims_no_check_that_a_school_has_not_made_and_says_so():
    assert [each.id for each in (*LINES, *SUPPORT.editions) if each.checked_by or each.checked_on] == []
    assert {line.caution(TODAY) for line in LINES} == {UNCHECKED}
    assert all(UNCHECKED in each.words(TODAY) for each in SUPPORT.editions)


@pytest.mark.parametrize("line", [each for each in LINES if each.telephone], ids=lambda line: line.id)
def test_every_number_stands_with_its_hours_and_its_name(line):
    assert line.hours
    assert line.name


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
@pytest.mark.parametrize("gate", Gate)
def test_safety_31_nobody_is_left_without_999(jurisdiction, gate):
    assert shown(jurisdiction, gate, Form.FRIEND_REQUEST)[0] == "emergency"


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_safety_32_abuse_of_staff_shows_the_union_the_helpline_with_hours_and_a_24_hour_line(jurisdiction):
    found = shown(jurisdiction, form=Form.TROLLING, abuse_of_staff=True)

    assert {"union", "posh", "education-support"} <= set(found)
    assert the_line("posh").hours == "Monday to Friday, 10 am to 4 pm"
    assert the_line("education-support").hours == "24 hours a day"


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
@pytest.mark.parametrize("gate", [Gate.YES, Gate.NOT_SURE])
def test_safety_33_images_show_report_remove_stopncii_and_the_revenge_porn_helpline(jurisdiction, gate):
    found = shown(jurisdiction, gate)

    assert {"report-remove", "stopncii", "revenge-porn-helpline", "police"} <= set(found)


def test_safety_33_report_remove_is_used_by_the_young_person_and_staff_never_look():
    words = the_line("report-remove").words

    assert "they use it themselves" in words
    assert "staff never look at the image" in words


def test_safety_33_blackmail_do_not_pay_stop_contact_keep_the_messages_police():
    words = the_line("blackmail").words

    assert all(each in words for each in ("do not pay", "stop all contact", "keep the messages", "police"))
    assert "blackmail" in shown(gate=Gate.YES)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("She is being BLACKMAILED by somebody", "blackmail"),
        ("a case of sextortion, I think", "blackmail"),
        ("he asked her for nudes", "report-remove"),
    ],
)
def test_safety_33_the_reporter_s_words_bring_the_lines_up_too(text, line):
    assert line in shown(texts=(text,))


def test_a_word_inside_another_word_brings_nothing_up():
    assert "report-remove" not in shown(texts=("We were denuded of chairs.",))


def test_a_friend_request_from_a_parent_brings_up_no_line_about_images_or_danger():
    assert shown(form=Form.FRIEND_REQUEST) == ["emergency"]


def test_safety_17_radicalisation_shows_999_where_an_attack_or_travel_is_feared():
    assert {"attack-feared", "act-early"} <= set(shown(radicalisation=True))
    assert "attack or travel" in the_line("attack-feared").words


def test_a_line_of_another_nation_is_not_shown():
    assert "act-early" not in shown("northern-ireland", radicalisation=True)
    assert "attack-feared" in shown("northern-ireland", radicalisation=True)


def test_a_step_shows_words_hours_number_and_that_nobody_has_checked_them():
    step = support.step(the_line("posh"), TODAY)

    assert "Monday to Friday, 10 am to 4 pm" in step.words
    assert UNCHECKED in step.words
    assert [(each.role, each.telephone) for each in step.contacts] == [
        ("Professionals Online Safety Helpline", "0344 381 4772")
    ]


def test_a_line_without_number_and_web_page_names_nobody_to_ring():
    assert support.step(the_line("union"), TODAY).contacts == ()


def test_the_guidance_of_england_is_not_shown_to_the_other_nations():
    titles = " ".join(support.editions_for(SUPPORT, "scotland", TODAY))

    assert "Keeping children safe in education" not in titles
    assert "National guidance for child protection in Scotland" in titles


def test_an_overdue_edition_is_shown_as_such():
    kcsie = next(each for each in SUPPORT.editions if each.id == "kcsie")

    assert kcsie.words(TODAY).endswith(f"{UNCHECKED}; its review is overdue")


def test_an_unknown_nation_is_said_to_be_unknown():
    assert support.editions_for(SUPPORT, "unknown", TODAY)[0] == support.UNKNOWN_NATION


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda file: file["line"][0].update(shown_when=[]), "line 'emergency': \"shown_when\" must name"),
        (lambda file: file["line"][0].update(shown_when=["image"]), 'did you mean "images"?'),
        (lambda file: file["line"][0].update(jurisdictions=["scotlnd"]), 'did you mean "scotland"?'),
        (lambda file: file["line"].append(file["line"][0]), "there are two of them for england"),
        (lambda file: file["edition"][0].update(review_due="2026"), '"review_due" must be a date'),
        (lambda file: file["edition"][0].pop("source"), "edition 'kcsie': \"source\" is missing"),
        (lambda file: file["edition"].append(file["edition"][0]), "there are two of them for england"),
        (lambda file: file["words"].update(blackmails=["x"]), 'did you mean "blackmail"?'),
        (lambda file: file.update(lines=[]), 'did you mean "line"?'),
    ],
)
def test_a_bad_file_is_an_error_with_file_place_and_key(change, message):
    error = the_error(change)

    assert error.startswith("support.toml, ")
    assert message in error
