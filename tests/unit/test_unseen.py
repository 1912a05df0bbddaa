"""The unseen test set: whole, and apart from everything that trains."""

import json
import re
from pathlib import Path

import pytest

from index.practice import policies
from index.topics import topics

ROOT = Path(__file__).resolve().parents[2]
UNSEEN = ROOT / "tests" / "unseen"
SCHOOLS = sorted(folder.name for folder in (UNSEEN / "schools").iterdir())


def lines(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def plain(text):
    return re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()


@pytest.mark.parametrize("school", SCHOOLS)
def test_every_question_names_clauses_that_its_document_has(school):
    known = {
        clause["id"] for clause in json.loads((UNSEEN / "clauses" / f"{school}.json").read_text("utf-8"))
    }

    named = {
        label
        for question in lines(UNSEEN / f"questions-{school}.jsonl")
        for label in (*question["gold"], *question["also"])
    }

    assert named <= known
    assert len(named) >= 40


def test_no_unseen_message_stands_among_what_trains():
    trained = {plain(phrase) for topic in topics() for phrase in (*topic.asked, *topic.near)}
    for folder in (ROOT / "bot" / "phrases", ROOT / "index" / "scope"):
        for file in folder.glob("*.txt"):
            trained |= {plain(line) for line in file.read_text("utf-8").splitlines()}
    trained |= {plain(line["question"]) for line in lines(ROOT / "index" / "calibration" / "questions.jsonl")}
    for folder in ("practice", "calibration/policies"):
        for policy in policies(ROOT / "index" / folder):
            trained |= {plain(question) for question, _ in policy.questions()}
            trained |= set(map(plain, policy.silent))

    unseen = {
        plain(each.get("question") or each["text"]) for file in UNSEEN.glob("*.jsonl") for each in lines(file)
    }

    assert unseen & trained == set()
