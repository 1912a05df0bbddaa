import tomllib
from copy import deepcopy
from datetime import date, datetime, time
from pathlib import Path

import pytest

from bot.domain.schools import Hours, PolicyDocument, Routing, SlackPlace, nearest, parse, role_name
from bot.errors import ConfigurationError

REAL_SCHOOLS = Path(__file__).parents[2].parent / "shared" / "trust"

PLAIN = {
    "name": "Tideway School",
    "jurisdiction": "england",
    "person": [
        {"id": "amy", "name": "Amy Ash", "email": "amy@tideway.example", "slack": "UAMY00001"},
        {"id": "bob", "name": "Bob Birch", "email": "bob@tideway.example"},
        {"id": "cat", "name": "Cat Cole", "email": "cat@tideway.example"},
    ],
    "people": {"dsl": ["amy"], "head": ["bob"], "chair": ["cat"]},
    "policy": [{"title": "Social media", "file": "social-media.docx"}],
}


def a_school(**changes):
    """`PLAIN` with some top-level keys replaced; None leaves the key out."""
    values = {**deepcopy(PLAIN), **changes}
    return {key: value for key, value in values.items() if value is not None}


def the_error(**changes):
    with pytest.raises(ConfigurationError) as caught:
        parse("tideway", a_school(**changes))
    return str(caught.value)


def test_a_plain_school_is_read_whole():
    school = parse("tideway", a_school())

    assert (school.id, school.name) == ("tideway", "Tideway School")
    assert (school.jurisdiction, school.sample) == ("england", False)
    assert [person.id for person in school.people] == ["amy", "bob", "cat"]
    assert school.roles == {"dsl": ("amy",), "head": ("bob",), "chair": ("cat",)}
    assert school.policies == (PolicyDocument("Social media", "social-media.docx"),)
    assert (school.slack, school.hours, school.contacts) == (SlackPlace(), Hours(), {})


def test_every_optional_table_is_read():
    school = parse(
        "tideway",
        a_school(
            sample=True,
            contacts={"dsl": "01632 960001", "lado": "01632 960002"},
            cover={"weekend": "head"},
            routing={"trolling": {"to": ["head", "dsl"], "copy": ["chair"], "clause": "9.5"}},
            slack={"team": "T1", "channels": {"C1": "site"}, "user_groups": ["S1"], "evidence": "web"},
            hours={"open": "08:15", "close": "16:00", "terms": [["2026-09-02", "2026-12-18"]]},
            words={"Tideway": "learning platform"},
        ),
    )

    assert school.sample is True
    assert school.telephone("lado") == "01632 960002"
    assert school.cover == {"weekend": "head"}
    assert school.routing == {"trolling": Routing(("head", "dsl"), ("chair",), "9.5")}
    assert school.slack == SlackPlace("T1", {"C1": "site"}, ("S1",), "", "web")
    assert school.hours == Hours(time(8, 15), time(16), ((date(2026, 9, 2), date(2026, 12, 18)),))
    assert school.words == {"Tideway": "learning platform"}


@pytest.mark.skipif(not REAL_SCHOOLS.is_dir(), reason="the real schools' folder is not beside the repository")
def test_the_real_schools_can_all_be_read():
    files = sorted(REAL_SCHOOLS.glob("*/school.toml"))

    schools = [parse(file.parent.name, tomllib.loads(file.read_text("utf-8"))) for file in files]

    assert len(schools) == 5
    assert all(school.holders(role) for school in schools for role in ("dsl", "head", "chair"))


# Persons


def test_one_person_may_hold_two_roles():
    school = parse("tideway", a_school(people={"dsl": ["bob"], "head": ["bob"], "chair": ["cat"]}))

    assert school.holders("dsl") == school.holders("head")


@pytest.mark.parametrize("handle", ["UAMY00001", "AMY@tideway.example", "Amy"])
def test_a_person_named_by_chat_id_or_email_is_that_person(handle):
    school = parse("tideway", a_school(people={"dsl": [handle, "amy"], "head": ["bob"], "chair": ["cat"]}))

    assert school.roles["dsl"] == ("amy",)
    assert school.person(handle) == school.holders("dsl")[0]


@pytest.mark.parametrize(
    ("handle", "kind"),
    [
        ("U0123ABCD", "slack"),
        ("new.dsl@tideway.example", "email"),
        ("29:1x-Yz_9", "teams"),
        ("6f9619ff-8b86-d011-b42d-00c04fc964ff", "teams"),
    ],
)
def test_a_bare_chat_id_or_email_is_a_person_with_only_that(handle, kind):
    school = parse("tideway", a_school(people={"dsl": [handle], "head": ["bob"], "chair": ["cat"]}))

    person = school.holders("dsl")[0]

    assert (person.id, getattr(person, kind), person.name) == (handle, handle, "")


def test_the_same_bare_email_in_two_roles_is_one_person():
    people = {"dsl": ["Head@tideway.example"], "head": ["head@tideway.example"], "chair": ["cat"]}

    school = parse("tideway", a_school(people=people))

    assert school.holders("dsl") == school.holders("head")


def test_two_persons_cannot_share_an_email():
    person = [*PLAIN["person"], {"id": "dan", "email": "BOB@tideway.example"}]

    message = the_error(person=person)

    assert message == (
        'tideway/school.toml: [[person]] 4 "dan" and "bob" are two persons with one "bob@tideway.example"'
    )


def test_two_persons_cannot_have_one_id():
    assert '"amy" and "amy" are two persons' in the_error(person=[*PLAIN["person"], {"id": "amy"}])


def test_an_unknown_person_id_names_the_nearest():
    message = the_error(people={"dsl": ["amyy"], "head": ["bob"], "chair": ["cat"]})

    assert message == (
        'tideway/school.toml: [people] "dsl" names "amyy", which no [[person]] has as id; did you mean "amy"?'
    )


def test_a_secret_key_is_refused_and_not_repeated():
    message = the_error(person=[{"id": "amy", "age": "AGE-SECRET-KEY-1ABC"}])

    assert '"age" must be a public key' in message
    assert "1ABC" not in message


def test_an_email_without_an_at_sign_is_refused():
    assert '"email" cannot be "amy.example"' in the_error(person=[{"id": "amy", "email": "amy.example"}])


def test_nobody_with_an_id_is_an_error_and_nobody_in_a_role_is_not():
    school = parse("tideway", a_school())

    assert school.holders("deputy_dsl") == ()
    assert school.telephone("dsl") == ""
    with pytest.raises(ConfigurationError, match='nobody here has the id "dan"'):
        school.person("dan")


# Keys and roles


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"jurisdction": "england"}, 'the file has no key "jurisdction"; did you mean "jurisdiction"?'),
        (
            {"policy": [{"title": "A", "file": "a.txt", "revew_due": date(2026, 9, 1)}]},
            '[[policy]] has no key "revew_due"; did you mean "review_due"?',
        ),
        ({"person": [{"id": "amy", "mail": "a@b.c"}]}, '[[person]] has no key "mail"; did you mean "email"?'),
        (
            {"people": {**PLAIN["people"], "deputy_dls": ["amy"]}},
            '[people] has no key "deputy_dls"; did you mean "deputy_dsl"?',
        ),
        (
            {"people": {"dsl": ["amy"], "head": ["bob"], "cahir": ["cat"]}},
            '[people] has no key "cahir"; did you mean "chair"?',
        ),
        ({"contacts": {"ladoo": "1"}}, '[contacts] has no key "ladoo"; did you mean "lado"?'),
        ({"cover": {"weekends": "dsl"}}, '[cover] has no key "weekends"; did you mean "weekend"?'),
        (
            {"routing": {"friend-requests": {"to": ["dsl"]}}},
            '[routing] has no key "friend-requests"; did you mean "friend-request"?',
        ),
        (
            {"routing": {"concern": {"too": ["dsl"]}}},
            '[routing] concern has no key "too"; did you mean "to"?',
        ),
        ({"slack": {"teem": "T1"}}, '[slack] has no key "teem"; did you mean "team"?'),
        ({"hours": {"opens": "08:00"}}, '[hours] has no key "opens"; did you mean "open"?'),
    ],
)
def test_a_misspelt_key_names_the_nearest_right_one(changes, message):
    assert the_error(**changes) == f"tideway/school.toml: {message}"


def test_a_key_like_no_other_is_answered_with_those_there_are():
    assert the_error(cover={"xyz": "dsl"}).endswith('no key "xyz"; known here: weekend, holidays')


def test_a_top_key_under_a_heading_is_told_where_it_belongs():
    message = the_error(policy=[{"title": "A", "file": "a.txt", "sample": True}])

    assert 'has no key "sample"; it belongs at the top of the file' in message


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": None}, 'the file needs "name"'),
        ({"name": " "}, 'the file needs "name"'),
        ({"jurisdiction": None}, 'the file needs "jurisdiction"'),
        ({"policy": None}, "the file needs at least one [[policy]] with title and file"),
        ({"policy": [{"file": "a.txt"}]}, '[[policy]] needs "title"'),
        ({"policy": [{"title": "A"}]}, '[[policy]] needs "file"'),
        ({"person": [{"name": "Amy"}]}, '[[person]] needs "id"'),
        ({"people": None}, '[people] needs "dsl", with the id of at least one person'),
        (
            {"people": {"dsl": ["amy"], "head": ["bob"]}},
            '[people] needs "chair", with the id of at least one person',
        ),
        (
            {"routing": {"concern": {"clause": "1"}}},
            '[routing] concern needs "to", a list of at least one role',
        ),
        ({"hours": {"open": "08:00"}}, '[hours] needs both "open" and "close", the second one later'),
    ],
)
def test_a_missing_key_is_named(changes, message):
    assert the_error(**changes) == f"tideway/school.toml: {message}"


def test_a_sample_school_needs_the_same_keys():
    assert "at least one [[policy]]" in the_error(sample=True, policy=None)


def test_a_role_without_a_person_is_refused():
    assert '"deputy_dsl" names nobody' in the_error(people={**PLAIN["people"], "deputy_dsl": []})


@pytest.mark.parametrize(
    "changes",
    [
        {"routing": {"concern": {"to": ["dls"]}}},
        {"routing": {"concern": {"to": ["head"], "copy": ["dls"]}}},
        {"cover": {"holidays": "dls"}},
    ],
)
def test_a_role_that_nobody_holds_cannot_be_used(changes):
    message = the_error(**changes)

    assert 'names the role "dls", which [people] does not have; did you mean "dsl"?' in message


def test_a_school_may_have_roles_of_its_own_with_a_telephone():
    people = {**PLAIN["people"], "ict_manager": ["bob"]}

    school = parse("tideway", a_school(people=people, contacts={"ict_manager": "01632 960009"}))

    assert school.telephone("ict_manager") == "01632 960009"
    assert role_name("ict_manager") == "ict manager"
    assert role_name("dsl") == "designated safeguarding lead (DSL)"


# Values


@pytest.mark.parametrize("where", ["england", "wales", "scotland", "northern-ireland", "unknown"])
def test_a_jurisdiction_may_be_unknown_but_is_never_guessed(where):
    assert parse("tideway", a_school(jurisdiction=where)).jurisdiction == where


def test_another_jurisdiction_names_the_nearest():
    assert the_error(jurisdiction="Northern Ireland").endswith(
        '"jurisdiction" cannot be "Northern Ireland"; did you mean "northern-ireland"?'
    )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": 7}, '"name" must be text in quotes'),
        ({"sample": "true"}, '"sample" must be true or false, without quotes'),
        ({"people": ["amy"]}, '"people" must be a table: [people] and its keys below'),
        ({"policy": {"title": "A"}}, '"policy" must be written [[policy]], with two brackets on each side'),
        ({"people": {**PLAIN["people"], "dsl": "amy"}}, '"dsl" must be a list of texts'),
        ({"contacts": {"dsl": 1632960001}}, '"dsl" must be text in quotes'),
        ({"contacts": {"dsl": ""}}, 'needs "dsl"'),
        ({"routing": {"concern": "dsl"}}, '"concern" must be a table: [routing] concern and its keys below'),
        ({"routing": {"concern": {"to": ["dsl"], "clause": 5.4}}}, '"clause" must be text in quotes'),
        ({"slack": {"evidence": "wob"}}, '"evidence" cannot be "wob"; did you mean "web"?'),
        ({"hours": {"open": "eight", "close": "16:00"}}, '"open" must be a time in quotes, such as "08:15"'),
        ({"hours": {"open": "16:00", "close": "08:00"}}, "the second one later"),
        ({"hours": {"terms": [["2026-12-18", "2026-09-02"]]}}, '"terms" must be pairs of first and last day'),
        ({"hours": {"terms": ["2026-09-02"]}}, '"terms" must be pairs of first and last day'),
        ({"hours": {"terms": 7}}, '"terms" must be pairs of first and last day'),
        ({"words": {"Tideway": 1}}, '"Tideway" must be text in quotes'),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_it_must_be(changes, message):
    assert message in the_error(**changes)


@pytest.mark.parametrize("value", ["2026-09-01", 2026, datetime(2026, 9, 1)])
def test_a_date_must_be_a_date(value):
    message = the_error(policy=[{"title": "A", "file": "a.txt", "effective": value}])

    assert '"effective" must be a date without quotes' in message


@pytest.mark.parametrize("value", [0, -12, True, 1.5, "12"])
def test_months_between_reviews_must_be_a_positive_number(value):
    message = the_error(policy=[{"title": "A", "file": "a.txt", "review_every_months": value}])

    assert '"review_every_months" must be' in message


@pytest.mark.parametrize(
    "second", [{"title": "B", "file": "A.txt"}, {"title": "social MEDIA", "file": "other.txt"}]
)
def test_two_files_for_one_policy_are_refused_with_both_names(second):
    message = the_error(policy=[{"title": "Social media", "file": "a.txt"}, second])

    assert "two files for one policy" in message
    assert '"Social media" (a.txt)' in message
    assert f'"{second["title"]}" ({second["file"]})' in message


# Review dates


@pytest.mark.parametrize(
    ("dates", "due", "overdue", "words"),
    [
        ({"review_due": date(2027, 5, 31)}, date(2027, 5, 31), False, "review due 31 May 2027"),
        ({"review_due": date(2026, 1, 9)}, date(2026, 1, 9), True, "review overdue since 9 January 2026"),
        ({"review_due": date(2026, 1, 10)}, date(2026, 1, 10), False, "review due 10 January 2026"),
        (
            {"effective": date(2024, 2, 1), "review_every_months": 12},
            date(2025, 2, 1),
            True,
            "review overdue since 1 February 2025",
        ),
        (
            {"effective": date(2024, 2, 1), "review_every_months": 12, "review_due": date(2026, 9, 1)},
            date(2026, 9, 1),
            False,
            "review due 1 September 2026",
        ),
        (
            {"effective": date(2026, 1, 31), "review_every_months": 1},
            date(2026, 2, 28),
            False,
            "review due 28 February 2026",
        ),
        (
            {"effective": date(2024, 12, 1), "review_every_months": 24},
            date(2026, 12, 1),
            False,
            "review due 1 December 2026",
        ),
        ({"effective": date(2016, 9, 1)}, None, False, "in force from 1 September 2016"),
        ({"review_every_months": 12}, None, False, "date not given"),
        ({}, None, False, "date not given"),
    ],
)
def test_a_review_is_overdue_only_after_a_date_that_was_given(dates, due, overdue, words):
    review = PolicyDocument("Social media", "a.txt", **dates).review(date(2026, 1, 10))

    assert (review.due, review.overdue, review.words) == (due, overdue, words)


@pytest.mark.parametrize(
    ("word", "found"), [("revew_due", "review_due"), ("Review Due", "review_due"), ("zebra", "")]
)
def test_the_nearest_key_looks_past_capitals_and_spaces(word, found):
    assert nearest(word, ["title", "review_due"]) == found
