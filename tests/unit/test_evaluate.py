"""The figures: what counts as the right clause, and shares with the interval they may lie in."""

import pytest

from index.evaluate import (
    Share,
    confusion,
    misses,
    rank,
    retrieval_figures,
    scope_figures,
    share,
    triage_figures,
)


def a_citation(clause="4.1", item=None, lead="", text="Tell the head.", section="Friends"):
    return {"clause": clause, "item": item, "lead": lead, "text": text, "section": section}


def an_answer(*citations, stance="required", answered=True, route="question", form=None):
    return {
        "citations": list(citations),
        "stance": stance,
        "answered": answered,
        "route": route,
        "form": form,
    }


def value(figures):
    return {name: (found.hits, found.of) for name, found in figures.items()}


def test_a_share_counts_the_tests_that_hold():
    assert share(number > 2 for number in range(5)) == Share(2, 5)


def test_a_share_of_nothing_is_nothing_and_may_be_anything():
    assert (Share(0, 0).value, Share(0, 0).interval) == (0, (0, 1))


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Published values of Wilson's interval.
    [(5, 10, 0.237, 0.763), (0, 10, 0.0, 0.278), (10, 10, 0.722, 1.0), (80, 100, 0.711, 0.867)],
)
def test_the_interval_is_wilsons(hits, of, low, high):
    assert Share(hits, of).interval == pytest.approx((low, high), abs=0.001)


def test_more_questions_make_a_narrower_interval():
    few, many = (Share(of // 2, of).interval for of in (10, 1000))

    assert few[0] < many[0] < 0.5 < many[1] < few[1]


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ({"gold": ["4.1"]}, 1),
        ({"gold": ["9.9"], "also": ["6.2"]}, 2),
        ({"gold": ["6.2", "4.1"]}, 1),
        ({"gold": ["A3"]}, 3),
        ({"gold": ["4"]}, None),
        ({"gold": ["7.1"]}, None),
        ({}, None),
    ],
)
def test_the_place_is_that_of_the_first_clause_the_label_names(question, place):
    answer = an_answer(a_citation("4.1"), a_citation("6.2."), a_citation("A3"))

    assert rank(question, answer) == place


@pytest.mark.parametrize(("label", "place"), [("6.2#3", 2), ("6.2", 1), ("6.2#9", None), ("6.2#3#1", 3)])
def test_a_label_with_an_item_wants_that_item(label, place):
    answer = an_answer(*(a_citation("6.2", item) for item in ("1", "3", "3#1")))

    assert rank({"gold": [label]}, answer) == place


@pytest.mark.parametrize("words", ["Tell the head", "tell\nthe head.", "should: Tell the head"])
def test_words_are_found_in_a_clause_and_its_lead_in_whatever_the_spaces_and_signs(words):
    answer = an_answer(
        a_citation("1", text="Ask."), a_citation("2", lead="Staff should:", text="Tell the head.")
    )

    assert rank({"words": words}, answer) == 2


def test_words_that_no_citation_holds_are_not_found():
    assert rank({"words": "Tell the chair."}, an_answer(a_citation())) is None


def test_a_label_that_is_no_number_is_found_by_the_words_it_stands_for():
    answer = an_answer(
        a_citation("Opening, paragraph 1", text="We are kind."), a_citation("Phones", text="No.")
    )
    question = {"gold": ["Opening, paragraph 1"]}

    assert rank(question, answer, {"Opening, paragraph 1": "we are kind"}) == 1
    assert rank(question, answer) is None


def test_the_retrieval_figures_count_places_stances_and_answers():
    questions = [
        {"gold": ["4.1"], "verdict": "required"},
        {"gold": ["4.1"], "verdict": "prohibited"},
        {"gold": ["6.2"], "verdict": "required"},
        {"gold": ["9.9"], "verdict": "required"},
    ]
    answers = [an_answer(a_citation("4.1"), a_citation("6.2"))] * 3 + [an_answer(answered=False, stance=None)]

    assert value(retrieval_figures(questions, answers, {})) == {
        "right clause first": (2, 4),
        "right clause in three": (3, 4),
        "stance where the first is right": (1, 2),
        "answered": (3, 4),
    }


def test_the_fourth_place_is_not_in_three():
    answer = an_answer(*(a_citation(str(number)) for number in (1, 2, 3, 4)))

    figures = retrieval_figures([{"gold": ["3"]}, {"gold": ["4"]}], [answer, answer], {})

    assert value(figures)["right clause in three"] == (1, 2)


def test_the_words_of_a_label_are_looked_up_at_the_questions_own_school():
    references = {"oak": {"Opening": "Tell the head."}, "elm": {"Opening": "Tell the chair."}}
    questions = [{"school": school, "gold": ["Opening"]} for school in ("oak", "elm")]

    figures = retrieval_figures(questions, [an_answer(a_citation())] * 2, references)

    assert value(figures)["right clause first"] == (1, 2)


@pytest.mark.parametrize(
    ("wanted", "given", "right"),
    [
        ("allowed", "conditional", 1),
        ("conditional", "allowed", 1),
        ("prohibited", "conditional", 0),
        ("allowed", None, 0),
    ],
)
def test_a_permission_with_a_condition_may_be_called_either(wanted, given, right):
    question, answer = {"gold": ["4.1"], "verdict": wanted}, an_answer(a_citation(), stance=given)

    figures = retrieval_figures([question], [answer], {})

    assert value(figures)["stance where the first is right"] == (right, 1)


def test_figures_need_an_answer_for_every_question():
    with pytest.raises(ValueError, match="shorter"):
        retrieval_figures([{"gold": []}, {"gold": []}], [an_answer()], {})


def test_the_triage_figures_count_what_was_missed_and_what_was_called_too_much():
    messages = [
        {"label": "urgent"},
        {"label": "urgent"},
        {"label": "report", "form": "trolling"},
        {"label": "report", "form": "concern"},
        {"label": "report", "form": "concern"},
        {"label": "question"},
        {"label": "question"},
        {"label": "question"},
    ]
    answers = [
        an_answer(route="urgent"),
        an_answer(route="report"),
        an_answer(route="report", form="trolling"),
        an_answer(route="urgent", form="concern"),
        an_answer(route="question"),
        an_answer(route="question"),
        an_answer(route="urgent"),
        an_answer(route="report"),
    ]

    assert value(triage_figures(messages, answers)) == {
        "urgent: recall": (1, 2),
        "report: recall (report or urgent)": (2, 3),
        "report: right form": (2, 3),
        "questions called urgent": (1, 3),
        "questions called report": (1, 3),
    }


def test_the_scope_figures_count_wrong_answers_for_each_kind():
    messages = [{"kind": "near"}, {"kind": "far"}, {"kind": "near"}]
    answers = [an_answer(answered=True), an_answer(answered=False), an_answer(answered=False)]

    assert value(scope_figures(messages, answers)) == {
        "far: wrongly answered": (0, 1),
        "near: wrongly answered": (1, 2),
    }


@pytest.mark.parametrize(
    ("citations", "place", "cause"),
    [
        ([a_citation("1"), a_citation("4.1")], 2, "a neighbour in the same section came first"),
        (
            [a_citation("1", section="Phones"), a_citation("4.1")],
            2,
            "a clause of another section came first",
        ),
        (
            [a_citation("4.1", "2", "Staff must:"), a_citation("4.1", "1", "Staff must:")],
            2,
            "another item of the same list came first",
        ),
        ([a_citation("1"), a_citation("2")], None, "the right clause is not among the first five"),
        ([], None, "the right clause is not among the first five"),
    ],
)
def test_a_miss_says_where_the_right_clause_came_and_what_came_before_it(citations, place, cause):
    label = "4.1#1" if any(each["item"] for each in citations) else "4.1"

    [miss] = misses([{"id": "q1", "question": "may I?", "gold": [label]}], [an_answer(*citations)], {})

    assert (miss.place, miss.cause, miss.wanted) == (place, cause, label)


def test_what_was_found_first_is_no_miss_and_misses_come_by_cause_the_nearest_first():
    right, other, far = a_citation("4.1"), a_citation("1"), a_citation("2")
    answers = [
        an_answer(right),
        an_answer(other, far),
        an_answer(other, far, right),
        an_answer(other, right),
    ]
    questions = [{"id": str(at), "question": "may I?", "gold": ["4.1"]} for at in range(4)]

    assert [miss.id for miss in misses(questions, answers, {})] == ["3", "2", "1"]


def test_a_confusion_counts_each_stance_that_is_right_by_what_was_read():
    table = confusion([("allowed", "allowed"), ("allowed", "conditional"), ("allowed", "allowed")])

    assert table["allowed"] == {
        **dict.fromkeys(table, 0),
        "allowed": 2,
        "conditional": 1,
    }
    assert not any(table["required"].values())
