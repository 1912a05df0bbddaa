"""Example messages: read from plain files, and how like them a message is."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from index.examples import Examples, phrase_files, phrases

ROOT = Path(__file__).parents[2]
FOLDERS = ["index/scope", "bot/phrases"]
AXES = np.eye(4, dtype=np.float32)


def tilted(cosine):
    """A unit vector whose cosine with the first axis is *cosine*."""
    return np.array([cosine, np.sqrt(1 - cosine**2), 0, 0], np.float32)


def test_a_phrase_is_a_line_without_blank_lines_and_comments(tmp_path):
    file = tmp_path / "near.txt"
    file.write_text("# a comment\n\n  can I park here?  \n#another\nwho won\n", encoding="utf-8")

    assert phrases(file) == ("can I park here?", "who won")


def test_the_files_of_a_folder_go_by_their_names(tmp_path):
    for name in ("near.txt", "far.txt", "notes.md"):
        (tmp_path / name).write_text(f"a phrase of {name}\n", encoding="utf-8")

    assert phrase_files(tmp_path) == {"far": ("a phrase of far.txt",), "near": ("a phrase of near.txt",)}


def test_there_are_examples_of_what_is_covered_of_what_is_near_and_of_what_is_far():
    files = phrase_files(ROOT / "index" / "scope")

    assert list(files) == ["covered", "far", "near"]
    assert min(len(found) for found in files.values()) >= 200


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_phrase_stands_twice_or_in_two_files_of_a_folder(folder):
    files = phrase_files(ROOT / folder)
    counts = Counter(" ".join(phrase.casefold().split()) for found in files.values() for phrase in found)

    assert [phrase for phrase, count in counts.items() if count > 1] == []


def test_likeness_is_the_mean_of_the_three_nearest_examples():
    rows = np.stack([tilted(cosine) for cosine in (0.1, 0.9, 0.6, 0.0, 0.3)])

    likeness = Examples.of({"near": rows}).likeness(AXES[0])

    assert likeness == {"near": pytest.approx(0.6)}


def test_one_odd_example_does_not_decide_alone():
    odd = np.stack([AXES[0], AXES[1], AXES[1]])
    steady = np.stack([tilted(0.5)] * 3)

    likeness = Examples.of({"odd": odd, "steady": steady}).likeness(AXES[0])

    assert likeness["steady"] > likeness["odd"]


@pytest.mark.parametrize("few", [1, 2])
def test_a_label_with_fewer_than_three_examples_takes_the_mean_of_those(few):
    likeness = Examples.of({"few": np.stack([tilted(0.8)] * few)}).likeness(AXES[0])

    assert likeness == {"few": pytest.approx(0.8)}


def test_each_label_is_compared_with_its_own_examples_only():
    examples = Examples.of({"first": AXES[:1], "second": AXES[1:3], "third": AXES[3:]})

    assert examples.likeness(AXES[3]) == {"first": 0, "second": 0, "third": 1}


def test_the_examples_of_a_label_come_back_in_the_order_given():
    examples = Examples.of({"first": AXES[:1], "second": AXES[[3, 1]]})

    assert examples.labels == ("first", "second")
    assert examples.rows("second").tolist() == AXES[[3, 1]].tolist()
