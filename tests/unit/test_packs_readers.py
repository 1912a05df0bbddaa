"""Each reader gets what they need and no more (SAFETY 30)."""

import json
from dataclasses import replace

import pytest

from bot.domain.cases import EventKind, PartyRole
from bot.domain.packs import PackPerson, PackStaff
from bot.domain.readers import NEEDS, Reader, for_reader
from bot.domain.redaction import by_role
from bot.domain.triage import Form
from bot.errors import NotAllowed
from bot.packs.exact import case_json
from tests.unit.packs_builders import a_content, a_row, an_item


def all_words(content):
    return json.dumps(json.loads(case_json(content)), ensure_ascii=False)


def test_every_reader_has_needs_and_says_what_was_left_out():
    assert set(NEEDS) == set(Reader)
    assert all(needs.left_out and needs.title for needs in NEEDS.values())


@pytest.mark.parametrize("reader", Reader)
def test_safety_30_each_pack_holds_only_the_kinds_of_event_its_reader_needs(reader):
    rows = tuple(a_row(number, kind=kind) for number, kind in enumerate(EventKind, 1))

    part = for_reader(a_content(rows=rows), reader)

    assert {row.kind for row in part.rows} == NEEDS[reader].kinds


@pytest.mark.parametrize("reader", Reader)
def test_safety_15_no_reader_learns_who_is_kept_out(reader):
    inside = {EventKind.EXCLUDED, EventKind.LIFT_ASKED, EventKind.LIFTED}

    assert NEEDS[reader].kinds & inside == set()


@pytest.mark.parametrize("reader", Reader)
def test_safety_4_no_reader_gets_more_of_a_locked_item_than_hash_and_history(reader):
    locked = an_item(locked=True, name="canary.png", metadata={"device": "canary"})

    part = for_reader(a_content(evidence=(locked,)), reader)

    assert "canary" not in all_words(part)
    assert all(item.pictures == () for item in part.evidence)


def test_the_police_get_names_originals_routing_and_earlier_copies():
    part = for_reader(a_content(), Reader.POLICE)

    assert [person.name for person in part.people] == ["Zoe Finch", "Tom Reed", "Mia Lark"]
    assert part.originals
    assert part.routing
    assert part.exports


@pytest.mark.parametrize("reader", [Reader.LADO, Reader.SOCIAL_CARE])
def test_witnesses_go_by_role_to_lado_and_social_care(reader):
    part = for_reader(a_content(), reader)

    assert "Mia" not in all_words(part)
    assert "[witness 1, pupil]" in part.rows[0].words
    assert "Tom Reed" in part.rows[0].words
    assert not part.originals
    assert part.routing == part.exports == ()


def test_a_new_school_reads_of_its_pupil_alone_by_name():
    part = for_reader(a_content(), Reader.NEW_SCHOOL)

    words = all_words(part)

    assert "Tom Reed" in words
    for name in ("Zoe", "Finch", "Mia", "Lark", "Amy", "Ash"):
        assert name not in words
    assert part.evidence == ()


def test_a_new_school_is_told_of_one_pupil_by_number_where_there_are_several():
    people = (
        PackPerson("P1", "Tom Reed", PartyRole.ALLEGED, "pupil"),
        PackPerson("P2", "Mia Lark", PartyRole.TARGET, "pupil"),
    )
    content = a_content(people=people, summary="Tom Reed wrote to Mia Lark.")

    with pytest.raises(NotAllowed, match="no one pupil") as refused:
        for_reader(content, Reader.NEW_SCHOOL)
    part = for_reader(content, Reader.NEW_SCHOOL, "P2")

    assert "P1, P2" in refused.value.user_message
    assert part.summary == "[alleged 1, pupil] wrote to Mia Lark."


@pytest.mark.parametrize("category", ["pupil", "former pupil"])
def test_a_new_school_gets_the_case_of_a_pupil_who_is_neither_target_nor_alleged(category):
    people = (
        PackPerson("P1", "Tom Reed", PartyRole.OTHER, category),
        PackPerson("P2", "Rob Rook", PartyRole.REPORTER, "adult who works or helps here"),
    )

    part = for_reader(a_content(people=people), Reader.NEW_SCHOOL)

    assert [person.name for person in part.people][0] == "Tom Reed"
    assert "Rook" not in all_words(part)


@pytest.mark.parametrize("changes", [{"about_adult": True}, {"form": Form.ADULT_CONCERN}])
def test_safety_14_an_adults_case_never_goes_to_a_new_school(changes):
    with pytest.raises(NotAllowed, match="adult case"):
        for_reader(a_content(**changes), Reader.NEW_SCHOOL)


# Names out of words


def redacted(words, *people, staff=(), named=("P1",), staff_named=False):
    content = a_content(people=people, staff=staff, rows=(a_row(1, words),), summary="")
    return by_role(content, frozenset(named), staff_named=staff_named)


ZOE = PackPerson("P1", "Zoe Finch", PartyRole.TARGET)
TOM = PackPerson("P2", "Tom Reed", PartyRole.ALLEGED, "pupil", "@tom.reed", ("Tommo",))


@pytest.mark.parametrize(
    "words",
    [
        "Tom Reed",
        "TOM REED",
        "tom reed",
        "Tom  Reed",
        "Tom\nReed",
        "Reed, Tom",
        "Tom's",
        "reed",
        "@tom.reed",
        "tom.reed",
        "Tommo",
        "IMG_Tom_Reed.png",
        "(Tom)",
    ],
)
def test_a_name_is_found_however_it_is_written(words):
    content, removed = redacted(words, ZOE, TOM)

    assert "tom" not in content.rows[0].words.casefold()
    assert "reed" not in content.rows[0].words.casefold()
    assert removed


@pytest.mark.parametrize("words", ["custom", "agreed", "tomorrow", "Zoe Finch spoke", "tombola"])
def test_words_that_only_hold_a_name_stay(words):
    content, _ = redacted(words, ZOE, TOM)

    assert content.rows[0].words == words


def test_an_accent_written_in_two_ways_is_the_same_name():
    content, _ = redacted(
        "Zoe\u0301 was there", TOM, PackPerson("P3", "Zoé Finch", PartyRole.WITNESS), named=["P2"]
    )

    assert content.rows[0].words == "[witness 1] was there"


def test_a_surname_that_the_named_person_shares_stays_theirs():
    brother = PackPerson("P2", "Max Finch", PartyRole.WITNESS)

    content, _ = redacted("Max Finch and Zoe Finch", ZOE, brother)

    assert content.rows[0].words == "[witness 1] and Zoe Finch"


def test_a_name_that_is_a_word_too_goes_only_where_it_is_written_as_a_name():
    content, _ = redacted("I will ask Will.", ZOE, PackPerson("P2", "Will Oddy", PartyRole.WITNESS))

    assert content.rows[0].words == "I will ask [witness 1]."


def test_staff_go_by_what_they_are_here():
    content, removed = redacted("Amy Ash rang", ZOE, staff=(PackStaff("Amy Ash", "DSL"),))

    assert content.rows[0].words == "[DSL] rang"
    assert ("rows 1, words", "Amy Ash", "[DSL]") in [(each.where, each.words, each.shown) for each in removed]


def test_hashes_ids_and_policies_are_never_touched():
    plain = a_content(people=(ZOE, replace(TOM, name="Online", also_known_as=("fernhill",))))

    content, _ = by_role(plain, frozenset({"P1"}), staff_named=True)

    assert content.quotes == plain.quotes
    assert [item.sha256 for item in content.evidence] == [item.sha256 for item in plain.evidence]
    assert content.school_name == plain.school_name
