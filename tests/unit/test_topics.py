"""The topic bank: broad, without repeats, and none of our examples taken from the measuring questions."""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from index.modality import Stance
from index.topics import FOLDER, Topic, topics

ROOT = Path(__file__).parents[2]
MEASURING = ROOT.parent / "shared" / "eval"
CALIBRATION = Path("index/calibration/questions.jsonl")
PARTS = {"## asked", "## ruled", "## near"}
# The share of its letters that must differ between a line of ours and a measuring question.
NEAR = 0.3
SAME = 0.95
"""The cosine, by the bundled model without what we taught it, from which on two lines say the same."""


def plain(text):
    return " ".join(re.findall(r"[^\W_]+", text.casefold()))


def placed(file):
    """The lines of *file* that hold an example, each with its place for a person to find."""
    lines = enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), 1)
    return [(f"{file}:{at}", line.strip()) for at, line in lines if line.strip() and line[0] != "#"]


def examples(*folders):
    """Every example in *folders*: its place, and its words without the stance before a clause wording."""
    stance = re.compile(rf"(?:{'|'.join(Stance)})\s*\|")
    files = [file.relative_to(ROOT) for folder in folders for file in sorted((ROOT / folder).glob("*.txt"))]
    return [(place, stance.sub("", line, count=1)) for file in files for place, line in placed(file)]


def practised(*folders):
    """Every question and message of the practice policies in *folders*, with its place."""
    files = [file.relative_to(ROOT) for folder in folders for file in sorted((ROOT / folder).glob("*.txt"))]
    return [(place, line[2:]) for file in files for place, line in placed(file) if line.startswith("? ")]


def calibration():
    return [(place, json.loads(line)["question"]) for place, line in placed(CALIBRATION)]


@cache
def bank():
    return topics()


def a_file(folder, text, name="phones.txt"):
    (folder / name).write_text(text, encoding="utf-8")


def test_a_topic_is_read_from_its_file(tmp_path):
    a_file(
        tmp_path,
        "# Phones in class\n## asked\ncan I text?\n\n  phone out in lessons  \n"
        "## ruled\nprohibited | Phones stay in lockers.\nallowed|Phone | In class | Yes\n"
        "## near\nmy phone is broken\n",
    )

    assert topics(tmp_path) == (
        Topic(
            "phones",
            ("can I text?", "phone out in lessons"),
            ("Phones stay in lockers.", "Phone | In class | Yes"),
            ("my phone is broken",),
            ("prohibited", "allowed"),
        ),
    )


def test_topics_come_in_the_order_of_their_names(tmp_path):
    for name in ("trips.txt", "apps.txt", "phones.txt"):
        a_file(tmp_path, "# A topic\n## asked\nwhat now\n", name)

    assert [topic.name for topic in topics(tmp_path)] == ["apps", "phones", "trips"]


def test_a_part_of_another_name_is_an_error_and_not_lost(tmp_path):
    a_file(tmp_path, "# A topic\n## askd\nwhat now\n")

    with pytest.raises(KeyError, match="askd"):
        topics(tmp_path)


def test_the_bank_is_broad():
    assert len(bank()) >= 120


@pytest.mark.parametrize(("part", "least"), [("asked", 40), ("ruled", 8), ("near", 4)])
def test_every_topic_has_enough_of_each_part(part, least):
    small = {topic.name: len(getattr(topic, part)) for topic in bank() if len(getattr(topic, part)) < least}

    assert small == {}


def test_no_line_stands_twice_in_the_bank():
    counts = Counter(plain(line) for _, line in examples("index/topics"))

    assert [line for line, count in counts.items() if count > 1] == []


def test_every_clause_wording_stands_behind_a_stance():
    strays = []
    for file in sorted(FOLDER.glob("*.txt")):
        ruled = file.read_text(encoding="utf-8").partition("## ruled")[2].partition("## near")[0]
        for line in ruled.split("\n"):
            stance, _, wording = line.partition("|")
            if line.strip() and (stance.strip() not in {*Stance} or not wording.strip()):
                strays.append(f"{file.name}: {line}")

    assert strays == []


def test_no_line_of_the_bank_is_taken_for_a_comment():
    comments = [
        f"{file.name}: {line}"
        for file in sorted(FOLDER.glob("*.txt"))
        for at, line in enumerate(file.read_text(encoding="utf-8").splitlines())
        if line.startswith("#") and line.strip() not in PARTS and not (at == 0 and line.startswith("# "))
    ]

    assert comments == []


def test_no_calibration_question_is_itself_an_example():
    known = {plain(line) for _, line in examples("index/topics", "index/scope")} - {""}

    assert [place for place, question in calibration() if plain(question) in known] == []


def distances(text, others):
    """The edit distance from *text* to each of *others*, row by row of the usual table for all at once."""
    width = max(map(len, others), default=0)
    letters = np.zeros((len(others), width), np.uint32)
    for row, other in zip(letters, others, strict=True):
        row[: len(other)] = [ord(letter) for letter in other]
    steps = np.arange(width + 1)
    table = np.tile(steps, (len(others), 1))
    for at, letter in enumerate(text, 1):
        new = np.full_like(table, at)
        new[:, 1:] = np.minimum(table[:, 1:] + 1, table[:, :-1] + (letters != ord(letter)))
        table = np.minimum.accumulate(new - steps, axis=1) + steps
    return table[np.arange(len(others)), [len(other) for other in others]]


class Lines:
    """Placed lines, and their pairs of letters, by which most need no measuring."""

    def __init__(self, lines):
        self.places, self.texts = zip(*((place, plain(line)) for place, line in lines), strict=True)
        self.lengths = np.array([len(text) for text in self.texts])
        pairs = [Counter(map("".join, zip(text, text[1:], strict=False))) for text in self.texts]
        self.pairs = {pair: at for at, pair in enumerate(sorted(set().union(*pairs)))}
        self.counts = np.zeros((len(self.texts), len(self.pairs)), np.uint16)
        for row, found in zip(self.counts, pairs, strict=True):
            row[[self.pairs[pair] for pair in found]] = list(found.values())

    def near(self, text):
        """The places of the lines that differ from *text* by at most three letters in ten."""
        text = plain(text)  # of signs alone nothing is left, and nothing is near it
        chosen = self._may_be_near(text)
        longest = np.maximum(self.lengths[chosen], len(text))
        found = distances(text, [self.texts[at] for at in chosen]) <= NEAR * longest
        return {self.places[at] for at in chosen[found]} if text else set()

    def _may_be_near(self, text):
        """The lines not ruled out: one edit changes the length by one, and at most two pairs of letters."""
        longest = np.maximum(self.lengths, len(text))
        edits = np.floor(NEAR * longest)
        chosen = np.flatnonzero(np.abs(self.lengths - len(text)) <= edits)
        pairs = Counter(map("".join, zip(text, text[1:], strict=False)))
        known = [pair for pair in pairs if pair in self.pairs]
        columns = [self.pairs[pair] for pair in known]
        shared = np.minimum(self.counts[np.ix_(chosen, columns)], [pairs[pair] for pair in known]).sum(axis=1)
        return chosen[shared >= (longest - 1 - 2 * edits)[chosen]]


def test_the_distance_is_the_number_of_letters_to_change_add_or_drop():
    found = distances("kitten", ["sitting", "kitten", "", "kittens", "mitten"])

    assert found.tolist() == [3, 0, 6, 1, 1]


def test_a_line_that_only_spells_a_question_otherwise_is_near_it():
    lines = Lines(
        [
            ("a:1", "Can I take photos on my own phone?"),
            ("a:2", "can i take a photo on my fone"),
            ("a:3", "Could we film the nativity at all?"),
            ("a:4", "can i"),
        ]
    )

    assert lines.near("can I take photos on my phone") == {"a:1", "a:2"}
    assert lines.near("?") == lines.near("drones " * 20) == set()


def ours():
    """Every example of ours that anything is learnt or fitted from, with its place."""
    return [
        *examples("index/topics", "index/scope", "bot/phrases"),
        *practised("index/practice", "index/calibration/policies"),
        *calibration(),
    ]


def measuring():
    """The measuring questions and messages; not a word of them may leave the functions below."""
    files = sorted(MEASURING.glob("*.jsonl"))
    rows = [
        json.loads(line) for file in files for line in file.read_text("utf-8").splitlines() if line.strip()
    ]
    return [row.get("question") or row.get("text") or "" for row in rows]


def leaks():
    """The places of our lines that are spelt much as a measuring question, and how many were measured."""
    lines, asked = Lines(ours()), measuring()
    return sorted(set().union(*(lines.near(question) for question in asked))), len(asked)


def sames():
    """The places of our lines that mean the same as a measuring question, as the bundled model reads both."""
    from index.train import bundled  # noqa: PLC0415 - torch, for a slow test only

    asked, (model, _) = measuring(), bundled()
    lines = [(place, line) for place, line in ours() if shares_words(line, asked)]

    def read(texts):
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        vectors = np.zeros((len(texts), model.dimension), np.float32)
        for start in range(0, len(order), 64):
            places = order[start : start + 64]
            vectors[places] = model.embed([texts[at] for at in places])
        return vectors

    nearest = (read([line for _, line in lines]) @ read(asked).T).max(axis=1)
    return [place for (place, _), near in zip(lines, nearest, strict=True) if near >= SAME]


def shares_words(line, asked):
    """Whether *line* has half of its words in common with one of *asked*: without, no two are so near."""
    words = set(plain(line).split())
    return any(2 * len(words & other) >= len(words) for other in word_sets(tuple(asked)))


@cache
def word_sets(texts):
    return [set(plain(text).split()) for text in texts]


@pytest.mark.slow
@pytest.mark.skipif(not MEASURING.is_dir(), reason="the measuring questions are not on this machine")
def test_no_example_of_ours_comes_near_a_measuring_question():
    places, measured = leaks()

    assert measured >= 100
    assert places == []


@pytest.mark.slow
@pytest.mark.skipif(not MEASURING.is_dir(), reason="the measuring questions are not on this machine")
def test_no_example_of_ours_means_the_same_as_a_measuring_question():
    assert sames() == []
