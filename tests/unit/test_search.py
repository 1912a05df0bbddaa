"""Searching a school: its own clauses only, best first, lead-ins behind what they introduce."""

from itertools import pairwise

import numpy as np
import pytest

from index.build import Source, Tools, build
from index.calibrate import SIGNS
from index.clauses import Clause
from index.errors import UnknownSchool, UnreadableDocument
from index.search import MOST_HITS, READ_CLOSELY, SchoolSearch
from index.shelf import Shelf
from index.topic_map import TopicMap
from tests.unit.toy import ToyEncoder

# Wide enough that no two words of these tests share a place.
TOY = ToyEncoder(dimension=4096)
FRIENDS = "Staff must not accept friend requests from pupils."
CAMERA = "Use a school camera for photographs."
PARENTS = "Reply to parents through the office."


def a_clause(text, number="1", section="Rules", item="", lead=""):
    return Clause(number, item, section, lead, text)


def clauses(*texts):
    return [a_clause(text, str(number)) for number, text in enumerate(texts, 1)]


def a_list(lead, *items, number="1", depth=""):
    """A lead-in, and under it its items."""
    listed = [a_clause(text, number, item=f"{depth}{at}", lead=lead) for at, text in enumerate(items, 1)]
    return [a_clause(lead, number), *listed]


@pytest.fixture
def shelf_of(tmp_path):
    """Make a built index that holds the clauses given for each school; None: its document is unreadable."""

    def cut(path):
        held = cut.schools[path.stem]
        if held is None:
            raise UnreadableDocument(path.name, "it is broken", "Save it again")
        return held

    def make(**schools):
        cut.schools = schools
        folder = tmp_path / f"{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        sources = []
        for school in schools:
            path = folder / f"{school}.txt"
            path.write_text(school)
            sources.append(Source(school, "Policy", path.name, path))
        index = folder / "some.db"
        build(sources, index, Tools(cut, "r1", lambda: TOY, TOY.name))
        return Shelf.open(index)

    return make


def rank(shelf, school, question):
    return SchoolSearch.of(shelf, school).rank(question, TOY.encode([question])[0])


def texts(ranking):
    return [hit.entry.clause.text for hit in ranking.hits]


@pytest.mark.parametrize("question", [FRIENDS, CAMERA, PARENTS, "nothing of all that", ""])
@pytest.mark.parametrize("school", ["oak", "elm", "ash"])
def test_a_search_never_returns_another_schools_clause(shelf_of, school, question):
    shelf = shelf_of(oak=clauses(FRIENDS), elm=clauses(CAMERA, PARENTS), ash=clauses(PARENTS, FRIENDS))

    ranking = rank(shelf, school, question)

    assert {hit.entry.school for hit in ranking.hits} == {school}
    assert sorted(texts(ranking)) == sorted(entry.clause.text for entry in shelf.entries(school))


def test_no_heading_of_another_school_is_shown(shelf_of):
    shelf = shelf_of(
        oak=[a_clause(CAMERA, section="Photographs")], elm=[a_clause(FRIENDS, section="Friend requests")]
    )

    assert rank(shelf, "oak", FRIENDS).headings == ("Photographs",)


@pytest.mark.parametrize("question", [FRIENDS, "photographs of parents"])
def test_another_schools_clauses_change_nothing_of_a_search(shelf_of, question):
    own = clauses(CAMERA, PARENTS)
    alone, beside = shelf_of(oak=own), shelf_of(ash=clauses(FRIENDS), oak=own, yew=clauses(PARENTS))

    before, after = (rank(shelf, "oak", question) for shelf in (alone, beside))

    assert texts(after) == texts(before)
    assert [hit.score for hit in after.hits] == [hit.score for hit in before.hits]
    assert after.signs == before.signs


def test_a_school_that_is_not_there_is_an_error_and_not_an_empty_answer(shelf_of):
    with pytest.raises(UnknownSchool, match="ash"):
        SchoolSearch.of(shelf_of(oak=clauses(CAMERA)), "ash")


def test_a_school_without_a_readable_document_has_no_clauses_to_find(shelf_of):
    ranking = rank(shelf_of(oak=None, elm=clauses(FRIENDS)), "oak", FRIENDS)

    assert (ranking.hits, ranking.headings, dict(ranking.signs)) == ((), (), {})


def test_the_clause_that_says_the_words_of_the_question_comes_first(shelf_of):
    shelf = shelf_of(oak=clauses(PARENTS, FRIENDS, CAMERA))

    assert texts(rank(shelf, "oak", "friend requests from pupils"))[0] == FRIENDS


def test_at_most_five_hits_are_returned_best_first(shelf_of):
    shelf = shelf_of(oak=clauses(*(f"camera {'pad ' * number}" for number in range(9))))

    ranking = rank(shelf, "oak", "camera")

    assert len(ranking.hits) == MOST_HITS == 5
    assert all(first.score >= second.score for first, second in pairwise(ranking.hits))
    assert ranking.hits[0].entry.position == 0


def test_clauses_that_are_equally_near_stay_in_document_order(shelf_of):
    shelf = shelf_of(oak=clauses(CAMERA, FRIENDS, PARENTS))

    assert texts(rank(shelf, "oak", "zebra")) == [CAMERA, FRIENDS, PARENTS]


def test_a_long_clause_is_found_by_one_of_its_sentences(shelf_of):
    sentence = "Drones are never flown above playgrounds."
    long = (
        "Records stay locked inside steel cabinets. Governors inspect them every single term. "
        f"{sentence} Visitors sign our register upon arrival."
    )
    search = SchoolSearch.of(shelf_of(oak=clauses("Drones are flown elsewhere.", long)), "oak")

    # Not a word is asked that the match of words could find.
    ranking = search.rank("zebra", TOY.encode([sentence])[0])

    assert texts(ranking)[0] == long


def test_a_list_item_is_found_by_the_words_that_introduce_it(shelf_of):
    items = a_list("Before a trip staff must:", "ring the office", "sign out")[1:]
    shelf = shelf_of(oak=[a_clause("Ring the office."), *items])

    assert texts(rank(shelf, "oak", "before a trip ring the office"))[0] == "ring the office"


def test_without_any_likeness_the_shared_words_decide(shelf_of):
    search = SchoolSearch.of(shelf_of(oak=clauses(PARENTS, CAMERA)), "oak")

    ranking = search.rank("camera", np.zeros(TOY.dimension, np.float32))

    assert texts(ranking) == [CAMERA, PARENTS]


def test_a_lead_in_that_only_introduces_its_items_never_comes_before_them(shelf_of):
    lead, items = "When using phones staff should:", ("ask first", "lock them away")
    shelf = shelf_of(oak=a_list(lead, *items))

    assert texts(rank(shelf, "oak", lead)) == [*items, lead]


def test_an_item_that_only_introduces_items_of_its_own_never_comes_before_them(shelf_of):
    lead, inner = "Staff should:", "when using phones:"
    outer = a_list(lead, "be kind", inner)
    nested = a_list(f"{lead} {inner}", "ask first", "lock them away", depth="2#")[1:]
    shelf = shelf_of(oak=[*outer, *nested])

    found = texts(rank(shelf, "oak", f"{lead} {inner}"))

    assert found[:2] == ["ask first", "lock them away"]
    assert set(found[-2:]) == {lead, inner}


def test_a_clause_that_introduces_nothing_is_no_lead_in_even_with_a_colon(shelf_of):
    alone = "Ring this number:"
    shelf = shelf_of(oak=clauses(CAMERA, alone))

    assert texts(rank(shelf, "oak", alone))[0] == alone


def test_a_lead_in_does_not_make_the_first_clause_look_far_ahead_of_the_rest(shelf_of):
    shelf = shelf_of(oak=[*a_list("Staff should:", "ask first", "lock them away")])

    assert rank(shelf, "oak", "zebra").signs["ahead"] == 0


def a_topic_map(folder, **bank):
    """Topics by name, each with its phrasings and its wordings."""
    stored = {"names": np.array(list(bank))}
    for part, place in (("asked", 0), ("ruled", 1)):
        stored[part] = TOY.encode([text for topic in bank.values() for text in topic[place]])
        stored[f"{part}_topic"] = np.repeat(np.arange(len(bank)), [len(it[place]) for it in bank.values()])
    np.savez(folder / "topics.npz", **stored)
    return TopicMap.load(folder / "topics.npz")


@pytest.fixture
def topics(tmp_path):
    return a_topic_map(
        tmp_path,
        friends=(
            ["snap add", "lad snap add me", "insta add"],
            ["accept friend requests", "befriend pupils", "friend requests"],
        ),
        parking=(["my car", "car space", "where car"], ["vehicles", "park vehicles", "vehicles outside"]),
    )


def test_a_clause_that_shares_no_word_with_a_question_is_found_through_its_topic(shelf_of, topics):
    shelf = shelf_of(oak=clauses(CAMERA, PARENTS, FRIENDS))
    question = "snap add"

    ranking = SchoolSearch.of(shelf, "oak", topics).rank(question, TOY.encode([question])[0])

    assert texts(ranking)[0] == FRIENDS
    assert texts(rank(shelf, "oak", question))[0] == CAMERA


def test_how_much_the_policy_speaks_of_the_questions_topic_is_among_the_signs(shelf_of, topics):
    shelf = shelf_of(oak=clauses(CAMERA, FRIENDS), elm=clauses(CAMERA, PARENTS))
    vector = TOY.encode(["snap add"])[0]

    signs = {
        school: SchoolSearch.of(shelf, school, topics).rank("snap add", vector).signs["topic"]
        for school in ("oak", "elm")
    }

    assert signs["oak"] > signs["elm"]
    assert rank(shelf, "oak", "snap add").signs["topic"] == 0


def test_topics_bring_no_clause_of_another_school(shelf_of, topics):
    shelf = shelf_of(oak=clauses(CAMERA), elm=clauses(FRIENDS))

    ranking = SchoolSearch.of(shelf, "oak", topics).rank("snap add", TOY.encode(["snap add"])[0])

    assert texts(ranking) == [CAMERA]


def test_topics_do_not_bring_a_lead_in_before_its_items(shelf_of, topics):
    lead, items = "On friend requests from pupils staff should:", ("tell the head", "say no")
    shelf = shelf_of(oak=a_list(lead, *items))

    ranking = SchoolSearch.of(shelf, "oak", topics).rank("snap add", TOY.encode(["snap add"])[0])

    assert texts(ranking)[-1] == lead


def test_a_search_without_some_clauses_is_that_of_a_policy_that_never_had_them(shelf_of, topics):
    whole = shelf_of(oak=clauses(FRIENDS, f"{CAMERA} Phones stay at home on trips.", PARENTS))
    never = shelf_of(oak=clauses(f"{CAMERA} Phones stay at home on trips.", PARENTS))
    question, vector = "a camera for parents", TOY.encode(["a camera for parents"])[0]

    cut = SchoolSearch.of(whole, "oak", topics).without([0]).rank(question, vector)
    wanted = SchoolSearch.of(never, "oak", topics).rank(question, vector)

    assert texts(cut) == texts(wanted)
    assert cut.signs == pytest.approx(wanted.signs)


def test_the_headings_of_the_best_clauses_are_shown_once_each_and_at_most_three(shelf_of):
    sections = ["Phones", "Phones", "", "Cameras", "Trips", "Parents"]
    held = [a_clause(f"rule {'pad ' * at}", str(at), section) for at, section in enumerate(sections)]

    assert rank(shelf_of(oak=held), "oak", "rule").headings == ("Phones", "Cameras", "Trips")


def test_how_near_the_first_clause_is_is_among_the_signs(shelf_of):
    shelf = shelf_of(oak=clauses(PARENTS, CAMERA))
    near, far = (rank(shelf, "oak", question) for question in ("a school camera", "a school"))

    assert near.signs["best"] > far.signs["best"]
    assert near.hits[0].score > far.hits[0].score


def test_the_lead_of_the_first_clause_over_the_rest_is_among_the_signs(shelf_of):
    shelf = shelf_of(oak=clauses(CAMERA, PARENTS), elm=clauses(CAMERA, CAMERA))

    clear, unclear = (rank(shelf, school, CAMERA).signs["ahead"] for school in ("oak", "elm"))

    assert clear > 0.4
    assert unclear == pytest.approx(0)


def test_words_that_no_clause_has_leave_the_sign_of_shared_words_at_nothing(shelf_of):
    shelf = shelf_of(oak=clauses(CAMERA, PARENTS))

    assert rank(shelf, "oak", "zebra").signs["words"] == 0
    assert rank(shelf, "oak", "camera").signs["words"] > 0


def test_whether_a_question_asks_for_work_rather_than_for_a_rule_is_among_the_signs(shelf_of):
    shelf = shelf_of(oak=clauses(CAMERA))

    signs = [rank(shelf, "oak", it).signs["work"] for it in ("draw up a poem", "write me a poem", CAMERA)]

    assert signs == [0, 1, 0]


def test_a_search_gives_every_sign_that_is_not_a_likeness_to_examples(shelf_of):
    signs = rank(shelf_of(oak=clauses(CAMERA)), "oak", "camera").signs

    assert {*SIGNS} - {*signs} == {"covered", "near", "far"}


def test_a_policy_without_a_clause_on_the_topic_lies_behind_what_policies_say_of_it(shelf_of, topics):
    question = TOY.encode(["friend requests snap add"])[0]

    ruled = SchoolSearch.of(shelf_of(oak=clauses(CAMERA, FRIENDS)), "oak", topics)
    unruled = SchoolSearch.of(shelf_of(ash=clauses(CAMERA, PARENTS)), "ash", topics)

    signs, others = (search.rank("friend requests", question).signs for search in (ruled, unruled))
    assert signs["ahead of others"] > others["ahead of others"]
    assert signs["same topic"] > 0.5


class Prefers:
    """An interaction that finds one clause to settle everything, by its number of words under its heading."""

    def __init__(self, words, odds):
        self.words, self.odds = words, odds

    def of(self, question, clauses, cosines):
        return np.array([self.odds * (len(clause) == self.words) for clause in clauses], np.float32)


def closely(shelf, school, question, interaction):
    read = TOY.read([question])[0]
    return SchoolSearch.of(shelf, school, None, interaction).rank(question, read.vector, read.words)


def test_of_two_near_clauses_the_one_that_meets_the_question_word_by_word_comes_first(shelf_of):
    near, met = "Staff use a school camera.", "Staff use a school camera on trips."
    shelf = shelf_of(oak=clauses(near, met))

    ranking = closely(shelf, "oak", near, Prefers(8, odds=20))

    assert texts(closely(shelf, "oak", near, Prefers(8, odds=0)))[0] == near
    assert texts(ranking)[0] == met
    assert ranking.signs["met"] == 20


def test_only_the_nearest_clauses_are_read_closely(shelf_of):
    far = "Reply to parents."
    shelf = shelf_of(oak=clauses(*[f"{CAMERA} {at}" for at in range(READ_CLOSELY)], far))

    assert far not in texts(closely(shelf, "oak", CAMERA, Prefers(4, odds=1000)))


def test_where_no_words_are_kept_nothing_is_read_closely(shelf_of):
    search = SchoolSearch.of(shelf_of(oak=clauses(CAMERA, PARENTS)), "oak", None, Prefers(7, odds=5))

    assert search.rank(CAMERA, TOY.encode([CAMERA])[0]).signs["met"] == 0


def test_a_policy_without_some_clauses_is_still_read_closely(shelf_of):
    search = SchoolSearch.of(shelf_of(oak=clauses(FRIENDS, CAMERA)), "oak", None, Prefers(7, odds=5))
    read = TOY.read([CAMERA])[0]

    assert search.without([0]).rank(CAMERA, read.vector, read.words).signs["met"] == 5


def test_what_only_introduces_says_nothing_of_how_well_a_question_is_met(shelf_of):
    lead = "Staff should not:"
    shelf = shelf_of(oak=a_list(lead, "film pupils", "ring parents late at night"))

    # Under their headings: the lead-in has four words, the items six and nine.
    assert closely(shelf, "oak", lead, Prefers(4, odds=9)).signs["met"] == 0
    assert closely(shelf, "oak", lead, Prefers(6, odds=9)).signs["met"] == 9


def test_a_score_is_from_0_to_1_and_tells_apart_what_is_far_from_what_is_further(shelf_of):
    shelf = shelf_of(oak=clauses(FRIENDS, CAMERA, PARENTS))

    for odds in (-20, 0, 20):
        hits = closely(shelf, "oak", f"{CAMERA} accept pupils", Prefers(7, odds)).hits
        scores = [hit.score for hit in hits]
        assert all(0 < score < 1 for score in scores)
        assert all(first > second for first, second in pairwise(scores))
