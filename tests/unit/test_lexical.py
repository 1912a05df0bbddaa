"""Word match: which clauses share the question's words, and how much that says."""

import pytest

from index.lexical import Lexical, words

CLAUSES = [
    "Staff must not accept friend requests from pupils.",
    "Staff must report cyberbullying to the head.",
    "Photographs of pupils may be taken with school cameras.",
]


def test_the_clause_with_the_questions_words_scores_highest():
    scores = Lexical(CLAUSES).scores("May I take a photograph?")

    assert scores.argmax() == 2
    assert list(scores[:2]) == [0, 0]


def test_a_rare_word_weighs_more_than_a_common_one():
    scores = Lexical(CLAUSES).scores("pupils and cyberbullying")

    assert scores.argmax() == 1


def test_the_same_match_in_a_longer_text_weighs_less():
    scores = Lexical(["phones", "phones lockers bags coats shoes"]).scores("phones")

    assert scores[0] > scores[1] > 0


def test_a_word_that_no_clause_has_lowers_every_score():
    lexical = Lexical(CLAUSES)

    known, partly = lexical.scores("cyberbullying"), lexical.scores("cyberbullying drone")

    assert 0 < partly[1] < known[1]


@pytest.mark.parametrize("query", ["", "?!", "the of and", "drone", "friend " * 50, " ".join(CLAUSES)])
def test_every_score_lies_between_nought_and_one(query):
    scores = Lexical(CLAUSES).scores(query)

    assert len(scores) == len(CLAUSES)
    assert all(0 <= score <= 1 for score in scores)


@pytest.mark.parametrize("texts", [[], [""], ["the of and"]])
def test_texts_without_words_match_nothing(texts):
    scores = Lexical(texts).scores("friend requests")

    assert list(scores) == [0] * len(texts)


@pytest.mark.parametrize(
    "family",
    [
        "message messages messaging messaged",
        "policy policies",
        "bully bullies bullied bullying",
        "use uses used using",
        "share shares shared sharing",
        "chat chats chatted chatting",
        "call calls called calling",
        "agree agrees agreed agreeing",
        "access accesses accessing",
        "child children child's child\N{RIGHT SINGLE QUOTATION MARK}s",
        "pupil Pupils PUPIL'S pupils'",
        "need needs needed",
    ],
)
def test_forms_of_one_word_are_one_word(family):
    stems = set(words(family))

    assert len(stems) == 1


@pytest.mark.parametrize("pair", ["bus business", "status state", "thing think", "staff stay"])
def test_different_words_stay_different(pair):
    stems = set(words(pair))

    assert len(stems) == 2


def test_stop_words_are_left_out():
    found = words("What should I do if the pupil has my number?")

    assert found == ["pupil", "number"]
