"""Whom a text names: role holders must be seen in it, and a bump on the head is nobody's role."""

import pytest

from bot.domain.naming import named_in, nearly_named, one_meant, role_of
from tests.fakes import a_school

PEOPLE = [
    {
        "id": "amy",
        "name": "Amy Ash",
        "email": "a.ash@example.org",
        "slack": "U0AMY",
        "also_known_as": ["Miss Ash", "safeguarding lead"],
    },
    {"id": "ben", "name": "Zoë O'Neill-Birch", "also_known_as": ["Mrs OB"]},
    {"id": "cat", "name": "Denise Tarrow", "also_known_as": ["headteacher", "@dtarrow"]},
    {"id": "dan", "name": "Will Young"},
    {"id": "ict", "name": "ICT manager", "email": "office@example.org"},
    {"id": "gov", "name": "Li Wu"},
]
HELD = {
    "dsl": ["amy"],
    "deputy_dsl": ["ben"],
    "head": ["cat"],
    "chair": ["dan"],
    "ict_manager": ["ict"],
    "safeguarding_governor": ["gov"],
}


def school(**changes):
    return a_school(**{"person": PEOPLE, "people": HELD, **changes})


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("the DSL has been messaging a pupil", "amy"),
        ("it is about our safeguarding lead", "amy"),
        ("Miss Ash added a Y9", "amy"),
        ("mr ash added a y9", "amy"),
        ("I saw Ash doing it", "amy"),
        ("Amy did it", "amy"),
        ("write to A.Ash@example.org", "amy"),
        ("a.ash was there", "amy"),
        ("<@U0AMY> was in the photo", "amy"),
        ("Miss A told me", "amy"),
        ("zoe told a pupil", "ben"),
        ("ZOË told a pupil", "ben"),
        ("mrs birch was there", "ben"),
        ("Mrs O’Neill-Birch was there", "ben"),
        ("the deputy DSL was there", "ben"),
        ("the deputy designated safeguarding lead was there", "ben"),
        ("the head is texting a sixth former", "cat"),
        ("the heads been texting a sixth former", "cat"),
        ("the head's husband took it", "cat"),
        ("our head teacher took it", "cat"),
        ("Head told me to keep quiet", "cat"),
        ("I spoke to the head about a pupil", "cat"),
        ("a complaint against the head", "cat"),
        ("The school's head did it", "cat"),
        ("the head of the academy did it", "cat"),
        ("I was in the head's office", "cat"),
        ("he hit a parent in the head's office", "cat"),
        ("I asked the head to help", "cat"),
        ("the Principal did it", "cat"),
        ("Denise did it", "cat"),
        ("tarrow did it", "cat"),
        ("mrs t did it", "cat"),
        ("the account @dtarrow follows her", "cat"),
        ("the chair of governors knows", "dan"),
        ("an allegation against the chair", "dan"),
        ("the chair has been messaging a pupil", "dan"),
        ("the chairman sent it", "dan"),
        ("Mr Young sent it", "dan"),
        ("it was Will", "dan"),
        ("the ICT manager saw it", "ict"),
        ("the safeguarding governor saw it", "gov"),
        ("Ms Wu saw it", "gov"),
    ],
)
def test_safety_12_a_listed_person_s_name_handle_or_role_is_seen_in_the_text(text, person):
    assert named_in(school(), text) == {person}


@pytest.mark.parametrize(
    "text",
    [
        "a pupil at the head of the queue",
        "she hit her head on the wall",
        "he hit him on the head",
        "a blow to the head",
        "the child's head was cut",
        "she has head lice",
        "a head injury",
        "we head home at four",
        "they were told to head back to class",
        "the head of year 9 saw it",
        "our head of maths saw it",
        "the deputy head saw it",
        "an assistant headteacher saw it",
        "the head girl saw it",
        "just a heads up",
        "my head is spinning",
        "he threw a chair",
        "he kicked the chair over",
        "she sat on the chair and cried",
        "a pupil in a wheelchair",
        "under the table and chair",
        "I will chair the meeting",
        "the vice chair saw it",
        "my principal concern is this",
        "will you tell a young pupil",
        "there was ash on the ground",
        "the office saw it",
        "our ICT lessons",
        "a pupil sent me a friend request",
        "",
    ],
)
def test_a_word_that_only_sounds_like_a_role_or_a_name_names_nobody(text):
    assert named_in(school(), text) == frozenset()


def test_words_that_stand_for_the_deputy_do_not_stand_for_the_dsl_as_well():
    assert named_in(school(), "the deputy DSL and nobody else") == {"ben"}


def test_everybody_who_is_named_is_found_and_both_roles_of_one_person_are_one():
    both = {**HELD, "dsl": ["cat"]}

    assert named_in(school(people=both), "the DSL and the chair of governors") == {"cat", "dan"}


def test_every_holder_of_a_role_is_named_by_it():
    both = {**HELD, "head": ["cat", "ben"]}

    assert named_in(school(people=both), "the head did it") == {"cat", "ben"}


@pytest.mark.parametrize("name", ["Head", "head", "DSL and head"])
def test_a_person_called_after_their_role_is_not_named_by_every_such_word(name):
    people = [each if each["id"] != "cat" else {"id": "cat", "name": name} for each in PEOPLE]

    assert named_in(school(person=people), "she bumped her head") == frozenset()
    assert named_in(school(person=people), "the head did it") == {"cat"}


def test_a_surname_that_is_a_role_counts_after_mrs():
    people = [each if each["id"] != "cat" else {"id": "cat", "name": "Jane Chair"} for each in PEOPLE]

    assert named_in(school(person=people), "Mrs Chair did it") >= {"cat"}


def test_a_person_known_by_a_chat_id_alone_is_found_by_it():
    bare = a_school(people={"dsl": ["U0BARE"], "head": ["cat"], "chair": ["dan"]})

    assert named_in(bare, "a message to <@U0BARE>") == {"U0BARE"}


def test_the_initial_of_somebody_with_another_surname_is_not_the_person():
    assert named_in(school(), "Mrs T Smith did it") == frozenset()


@pytest.mark.parametrize(
    ("words", "role"),
    [("the headteacher", "head"), ("your ICT manager", "ict_manager"), ("the head of year", ""), ("", "")],
)
def test_a_phrase_stands_for_one_role_or_none(words, role):
    assert role_of(school(), words) == role


@pytest.mark.parametrize(
    ("name", "person"),
    [
        ("Tarow", "cat"),
        ("Denise Tarrow", "cat"),
        ("Mrs Tarro", "cat"),
        ("Mrs. Darrow", "cat"),
        ("Denise Tarwo", "cat"),
        ("Denice Farrow", "cat"),
        ("denise", "cat"),
        ("Denice", "cat"),
        ("Den", "cat"),
        ("D.T.", "cat"),
        ("DT", "cat"),
        ("d t", "cat"),
        ("D.J.T.", "cat"),
        ("Denise T.", "cat"),
        ("D. Tarow", "cat"),
        ("Tarow, Denise", "cat"),
        ("the teacher Mrs Tarow", "cat"),
        ("Miss Ashe", "amy"),
        ("amy", "amy"),
        ("Zoe Burch", "ben"),
        ("Mrs ONeil-Birch", "ben"),
        ("Mr Yung", "dan"),
        ("will", "dan"),
        ("WY", "dan"),
        ("Mr Yuong", "dan"),
        ("Ms Wuu", "gov"),
    ],
)
def test_safety_12_and_14_a_misspelt_name_or_initials_may_mean_a_listed_person(name, person):
    assert nearly_named(school(), name) == {person}


@pytest.mark.parametrize(
    "name",
    ["Sam Vale", "Mr Patel", "Kate Moss", "S.V.", "Mrs Holt", "a teacher", "the headteacher", "Mr", "", "?"],
)
def test_a_name_that_is_nobodys_of_the_listed_people_means_none_of_them(name):
    assert nearly_named(school(), name) == frozenset()


def test_initials_that_two_people_share_mean_both():
    two = [*PEOPLE, {"id": "eve", "name": "Abel Able"}]

    assert nearly_named(school(person=two), "A.A.") == {"amy", "eve"}


@pytest.mark.parametrize(
    ("name", "ticked", "person"),
    [
        ("Denise Tarrow", (), "cat"),
        ("Mrs Denise Tarrow", (), "cat"),
        ("Tarrow", (), ""),
        ("Mrs Tarrow", ("cat",), "cat"),
        ("the headteacher", ("cat",), "cat"),
        ("the headteacher", (), ""),
        ("Denise Holt", ("cat",), ""),
        ("Denise Tarrow or Will Young", (), ""),
        ("Denise Tarow", (), ""),
        ("Sam Vale", ("cat",), ""),
        ("", ("cat",), ""),
    ],
)
def test_one_person_is_meant_by_a_whole_name_or_by_part_of_one_and_a_tick(name, ticked, person):
    assert one_meant(school(), name, ticked) == person
