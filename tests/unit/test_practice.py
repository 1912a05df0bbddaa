"""Practice policies: read whole, broad, and each a believable document."""

from collections import Counter
from pathlib import Path

import pytest

from index.modality import Stance
from index.practice import FOLDER, policies

CALIBRATION = FOLDER.parent / "calibration" / "policies"
TEXT = """# Phones, Elm School (invented)
## Phones in lessons
lead | Staff must not, in lessons:
- prohibited | take calls
? can I ring mum in class
? answering my mobile
- prohibited | text
info | The head reads this policy again in May.
## no clause
? what is for lunch
"""


def a_policy(folder, text=TEXT):
    (folder / "phones.txt").write_text(text, encoding="utf-8")
    return policies(folder)[0]


def test_an_item_carries_its_lead_in_and_the_paragraph_after_the_list_does_not(tmp_path):
    assert [clause.full for clause in a_policy(tmp_path).clauses] == [
        "Staff must not, in lessons: take calls",
        "Staff must not, in lessons: text",
        "The head reads this policy again in May.",
    ]


def test_a_question_belongs_to_the_clause_above_it(tmp_path):
    assert a_policy(tmp_path).questions() == [("can I ring mum in class", 0), ("answering my mobile", 0)]


def test_what_no_clause_settles_is_kept_apart(tmp_path):
    assert a_policy(tmp_path).silent == ("what is for lunch",)


def test_a_line_that_is_nothing_of_these_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"phones\.txt:2: is neither heading, clause nor question"):
        a_policy(tmp_path, "# Phones\nStaff must not text.\n")


@pytest.mark.parametrize("folder", [FOLDER, CALIBRATION], ids=["practice", "calibration"])
def test_every_policy_of_ours_is_a_whole_document(folder):
    for policy in policies(folder):
        assert len(policy.clauses) >= 32, policy.name
        assert len(policy.questions()) >= 3.8 * len(policy.clauses), policy.name
        assert len(policy.silent) >= 20, policy.name
        assert {clause.stance for clause in policy.clauses} <= set(Stance), policy.name


def test_no_question_is_asked_twice_of_one_policy():
    for policy in (*policies(FOLDER), *policies(CALIBRATION)):
        asked = Counter(question.casefold() for question, _ in policy.questions())
        assert [question for question, times in asked.items() if times > 1] == [], policy.name


def test_what_calibrates_does_not_train():
    names = [{file.name for file in Path(folder).glob("*.txt")} for folder in (FOLDER, CALIBRATION)]

    assert names[0] & names[1] == set()
