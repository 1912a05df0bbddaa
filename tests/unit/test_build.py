"""Building an index: only what changed is done again, and one bad document harms nothing else."""

import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from index import build as building
from index import readings
from index.build import Source, Tools, build, cutting_recipe, is_fresh
from index.clauses import Clause
from index.errors import IndexBusy, UnknownSchool, WrongModel
from index.shelf import Shelf
from tests.unit.toy import ToyEncoder, cut_lines

ROOT = Path(__file__).parents[2]


class Workplace:
    """A policies folder, an index, and tools that keep count of what was cut and encoded."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / "index" / "some.db"
        self.toy = ToyEncoder()
        self.cut = []
        self.tools = Tools(self._cut, "r1", lambda: self.toy, "toy")

    def _cut(self, path):
        self.cut.append(path.name)
        return cut_lines(path)

    def source(self, school="oak", file="policy.txt", text=None, **details):
        path = self.folder / f"{school}-{file}"
        if text is not None:
            path.write_text(text)
        return Source(school, "Policy", file, path, details)

    def build(self, *sources, **options):
        self.cut.clear()
        self.toy.encoded.clear()
        return build(sources, self.path, self.tools, **options)

    def texts(self, school="oak"):
        return [entry.clause.text for entry in Shelf.open(self.path).entries(school)]


@pytest.fixture
def work(tmp_path):
    return Workplace(tmp_path)


def test_a_first_build_cuts_and_encodes_everything(work):
    report = work.build(work.source(text="Tell the head.\nUse a school camera."))

    assert (report.clauses, report.encoded, report.reused, report.changed) == (2, 2, 0, True)
    assert work.texts() == ["Tell the head.", "Use a school camera."]


def test_a_clause_is_found_by_its_own_vector(work):
    work.build(
        work.source(text="Tell the head.\nUse a school camera."), work.source("elm", text="Ask the DSL.")
    )
    question = work.toy.encode(["a school camera"])[0]

    nearest = Shelf.open(work.path).vectors("oak").search(question, 1)

    assert [place for place, _ in nearest] == [1]


def test_a_list_item_is_encoded_under_its_heading_with_the_words_that_introduce_it(work):
    item = Clause("1", "1", "Contact", "Staff must not:", "befriend pupils", None)
    work.tools = replace(work.tools, cut=lambda _: [item])

    work.build(work.source(text="any"))

    assert work.toy.encoded == ["Contact: Staff must not: befriend pupils"]


def test_a_second_build_with_nothing_changed_does_nothing(work):
    source = work.source(text="Tell the head.\nUse a school camera.", effective="2026-09-01")
    work.build(source)
    before = (work.path.read_bytes(), work.path.stat().st_mtime_ns)

    report = work.build(source)

    assert (report.clauses, report.encoded, report.reused, report.changed) == (2, 0, 2, False)
    assert (work.cut, work.toy.encoded) == ([], [])
    assert (work.path.read_bytes(), work.path.stat().st_mtime_ns) == before


def test_the_encoder_is_opened_only_if_something_must_be_encoded(work):
    work.build(work.source(text="Tell the head."))

    def refuse():
        raise AssertionError

    work.tools = replace(work.tools, encoder=refuse)
    report = work.build(work.source(text="Tell the head."), work.source("elm", text="Tell the head."))

    assert (report.clauses, report.encoded) == (2, 0)


def test_the_same_sentence_in_two_schools_is_encoded_once(work):
    shared = "Tell the head."
    report = work.build(work.source("oak", text=shared), work.source("elm", text=f"{shared}\nAsk first."))

    assert sorted(work.toy.encoded) == ["Rules: Ask first.", f"Rules: {shared}"]
    assert (report.clauses, report.encoded) == (3, 2)


def test_only_a_changed_document_is_cut_and_only_its_new_sentence_encoded(work):
    other = work.source(file="other.txt", text="Ask first.")
    work.build(work.source(text="Tell the head."), other)

    report = work.build(work.source(text="Tell the head.\nKeep a copy."), other)

    assert (work.cut, work.toy.encoded) == (["oak-policy.txt"], ["Rules: Keep a copy."])
    assert work.texts() == ["Tell the head.", "Keep a copy.", "Ask first."]
    assert (report.encoded, report.reused) == (1, 2)


def test_a_changed_date_is_stored_without_cutting(work):
    work.build(work.source(text="Tell the head.", effective="2025-09-01"))

    report = work.build(work.source(effective="2026-09-01"))

    (document,) = Shelf.open(work.path).documents("oak")
    assert (report.changed, work.cut, work.toy.encoded) == (True, [], [])
    assert document.details == {"effective": "2026-09-01"}


def test_changed_cutting_code_cuts_everything_again(work):
    source = work.source(text="Tell the head.")
    work.build(source)
    work.tools = replace(work.tools, recipe="r2")

    report = work.build(source)

    assert (report.changed, work.cut, work.toy.encoded) == (True, ["oak-policy.txt"], [])


def test_a_changed_encoder_encodes_everything_again_and_cuts_nothing(work):
    source = work.source(text="Tell the head.\nAsk first.")
    work.build(source)
    work.toy = ToyEncoder("larger toy", 128)
    work.tools = replace(work.tools, encoder_name="larger toy")

    report = work.build(source)

    assert (report.encoded, work.cut) == (2, [])
    assert Shelf.open(work.path).encoder_name == "larger toy"
    assert len(Shelf.open(work.path).vectors("oak")) == 2


def test_an_encoder_that_is_not_the_named_one_is_refused(work):
    work.toy = ToyEncoder("another toy")

    with pytest.raises(WrongModel, match="another toy, not toy"):
        work.build(work.source(text="Tell the head."))


def test_a_model_that_gives_no_numbers_is_refused(work):
    work.toy.encode = lambda texts, progress=None: np.full((len(texts), 4), np.nan, np.float32)

    with pytest.raises(WrongModel, match="not numbers"):
        work.build(work.source(text="Tell the head."))


def test_a_document_or_school_no_longer_listed_leaves_the_index(work):
    kept = work.source(text="Tell the head.")
    work.build(kept, work.source(file="old.txt", text="Ask first."), work.source("elm", text="Keep a copy."))

    work.build(kept)

    assert work.texts() == ["Tell the head."]
    with pytest.raises(UnknownSchool):
        work.texts("elm")


def test_a_failed_document_keeps_its_last_good_clauses_and_date(work):
    work.build(work.source(text="Tell the head.", effective="2025-09-01"))

    report = work.build(work.source(text="BROKEN", effective="2026-09-01"))

    (problem,) = report.problems
    (document,) = Shelf.open(work.path).documents("oak")
    assert (problem.school, problem.file, problem.serving_old) == ("oak", "policy.txt", True)
    assert problem.message == document.problem == "policy.txt: it is broken. Save it again."
    assert (work.texts(), document.details) == (["Tell the head."], {"effective": "2025-09-01"})


def test_a_failed_document_without_an_older_version_is_left_out_and_the_others_are_served(work):
    report = work.build(work.source(file="bad.txt", text="BROKEN"), work.source(text="Tell the head."))

    assert [(problem.file, problem.serving_old) for problem in report.problems] == [("bad.txt", False)]
    assert work.texts() == ["Tell the head."]


def test_a_school_whose_only_document_fails_is_known_and_has_no_clauses(work):
    work.build(work.source(text="BROKEN"))

    read = Shelf.open(work.path)

    assert (read.entries("oak"), len(read.vectors("oak"))) == ((), 0)


def test_a_failure_is_named_again_without_being_tried_again(work):
    source = work.source(text="BROKEN")
    first = work.build(source)

    second = work.build(source)

    assert (second.problems, second.changed, work.cut) == (first.problems, False, [])


def test_a_mended_document_is_served_and_its_problem_is_gone(work):
    work.build(work.source(text="Tell the head."))
    work.build(work.source(text="BROKEN"))

    report = work.build(work.source(text="Ask first."))

    assert (report.problems, work.texts()) == ((), ["Ask first."])


def test_putting_the_old_file_back_ends_the_problem(work):
    work.build(work.source(text="Tell the head.", effective="2025"))
    work.build(work.source(text="BROKEN", effective="2026"))

    report = work.build(work.source(text="Tell the head.", effective="2025"))

    assert (report.problems, work.texts(), work.cut) == ((), ["Tell the head."], [])


def test_old_clauses_do_not_pass_for_those_of_new_cutting_code(work):
    work.build(work.source(text="Tell the head."))
    work.tools = replace(work.tools, recipe="r2")
    work.build(work.source(text="BROKEN"))

    work.build(work.source(text="Tell the head."))

    assert work.cut == ["oak-policy.txt"]


def test_a_missing_file_is_a_problem_of_that_file_only(work):
    report = work.build(work.source(file="gone.txt"), work.source(text="Tell the head."))

    (problem,) = report.problems
    assert problem.message == (
        "gone.txt: it cannot be opened (No such file or directory)."
        " Check that it is there and that this account may read it."
    )
    assert work.texts() == ["Tell the head."]


def test_a_file_that_could_not_be_opened_is_tried_again_once_it_can(work):
    def locked(path):
        raise PermissionError(13, "Permission denied")

    source, cut = work.source(text="Tell the head."), work.tools.cut
    work.tools = replace(work.tools, cut=locked)
    failed = work.build(source)
    work.tools = replace(work.tools, cut=cut)

    report = work.build(source)

    assert (len(failed.problems), report.problems, work.texts()) == (1, (), ["Tell the head."])


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "no clause was found in it"),
        ("A line.\n" * 4001, "it has 4,001 clauses, and at most 4,000 are read"),
    ],
)
def test_a_document_with_no_clause_or_too_many_is_a_problem(work, text, cause):
    report = work.build(work.source(text=text))

    assert [cause in problem.message for problem in report.problems] == [True]
    assert work.toy.encoded == []


def test_half_a_character_in_a_document_is_a_problem_and_not_a_crash(work):
    work.tools = replace(work.tools, cut=lambda _: [Clause("1", "", "", "", "Tell the \ud835 head.")])

    report = work.build(work.source(text="any"))

    assert ["not text" in problem.message for problem in report.problems] == [True]


def test_a_school_to_keep_keeps_all_it_has(work):
    oak = work.source("oak", text="Tell the head.", effective="2025")
    work.build(oak, work.source("elm", text="Ask first."))
    held = Shelf.open(work.path).records

    work.build(work.source("elm", text="Keep a copy."), keep={"oak"})

    kept = [record for record in Shelf.open(work.path).records if record.school == "oak"]
    assert kept == [record for record in held if record.school == "oak"]
    assert (work.texts("elm"), work.cut) == (["Keep a copy."], ["elm-policy.txt"])


def test_a_kept_school_without_an_index_is_simply_not_there(work):
    report = work.build(work.source("elm", text="Ask first."), keep={"oak"})

    assert Shelf.open(work.path).schools == ("elm",)
    assert report.problems == ()


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[:-3000],
        lambda content: content.replace(b"Tell the head.", b"Tell no one.  "),
        lambda content: b"not a database at all",
    ],
)
def test_a_damaged_index_is_noticed_and_built_again(work, damage):
    source = work.source(text="Tell the head.\nAsk first.")
    work.build(source)
    work.path.write_bytes(damage(work.path.read_bytes()))

    report = work.build(source)

    assert (report.changed, report.damaged, report.encoded) == (True, True, 0)
    assert work.texts() == ["Tell the head.", "Ask first."]


def test_a_first_build_is_not_called_a_damaged_index(work):
    report = work.build(work.source(text="Tell the head."))

    assert not report.damaged


def test_damaged_kept_vectors_are_encoded_again(work):
    work.build(work.source(text="Tell the head."))
    (work.path.parent / "embeddings.db").write_bytes(b"damaged" * 1000)

    report = work.build(work.source(text="Tell the head.\nAsk first."))

    assert (report.encoded, len(Shelf.open(work.path).vectors("oak"))) == (2, 2)


def test_what_was_encoded_before_a_build_broke_off_is_not_encoded_again(work, monkeypatch):
    monkeypatch.setattr(readings, "CHUNK", 2)
    source = work.source(text="One.\nTwo.\nThree.")
    work.toy.encode, encode = encode_once(work.toy.encode), work.toy.encode
    with pytest.raises(KeyboardInterrupt):
        work.build(source)
    work.toy.encode = encode

    report = work.build(source)

    assert (report.encoded, report.reused, work.toy.encoded) == (1, 2, ["Rules: Three."])


def encode_once(encode):
    calls = []

    def interrupted(texts, progress=None):
        calls.append(texts)
        if len(calls) > 1:
            raise KeyboardInterrupt
        return encode(texts, progress)

    return interrupted


def test_progress_is_told_by_stage(work, monkeypatch):
    monkeypatch.setattr(readings, "CHUNK", 2)
    heard = []

    work.build(work.source(text="One.\nTwo.\nThree."), progress=lambda *step: heard.append(step))

    assert heard == [("reading", 0, 1), ("reading", 1, 1), ("encoding", 2, 3), ("encoding", 3, 3)]


def test_an_index_is_fresh_until_something_changes(work):
    sources = [work.source(text="Tell the head.", effective="2025")]
    before = is_fresh(sources, work.path, work.tools)
    work.build(*sources)

    after = is_fresh(sources, work.path, work.tools)

    assert (before, after) == (False, True)


@pytest.mark.parametrize("change", ["text", "date", "recipe", "encoder", "school", "none listed", "damage"])
def test_every_kind_of_change_makes_an_index_stale(work, change):
    sources = [work.source(text="Tell the head.", effective="2025")]
    work.build(*sources)
    changes = {
        "text": lambda: work.source(text="Tell the DSL."),
        "date": lambda: sources.__setitem__(0, work.source(effective="2026")),
        "recipe": lambda: setattr(work, "tools", replace(work.tools, recipe="r2")),
        "encoder": lambda: setattr(work, "tools", replace(work.tools, encoder_name="other")),
        "school": lambda: sources.append(work.source("elm", text="Ask first.")),
        "none listed": sources.clear,
        "damage": lambda: work.path.write_bytes(b""),
    }

    changes[change]()

    assert not is_fresh(sources, work.path, work.tools)


def test_the_recipe_names_the_cutting_code_and_stays_the_same():
    recipe = cutting_recipe()

    assert recipe == cutting_recipe()
    assert len(recipe) == 64


def test_leftovers_of_a_killed_builder_are_swept(work):
    work.path.parent.mkdir()
    left = work.path.with_name("some.db.0123456789abcdef.tmp")
    others = work.path.with_name("other.db.0123456789abcdef.tmp")
    left.touch()
    others.touch()

    work.build(work.source(text="Tell the head."))

    assert (left.exists(), others.exists()) == (False, True)


def test_a_builder_that_never_finishes_is_not_waited_for_without_end(work, monkeypatch):
    monkeypatch.setattr(building, "WAIT_SECONDS", 0)
    work.path.parent.mkdir()

    with FileLock(f"{work.path}.lock"), pytest.raises(IndexBusy, match="some.db: another process"):
        work.build(work.source(text="Tell the head."))


BUILDER = """
import os, signal, sys, time
from pathlib import Path
from index.build import Source, Tools, build
from tests.unit.toy import ToyEncoder, cut_lines

folder, act = Path(sys.argv[1]), sys.argv[2]
if act == "die":
    os.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)

def cut(path):
    time.sleep(0.5)
    return cut_lines(path)

source = Source("oak", "Policy", "policy.txt", folder / "oak-policy.txt")
report = build([source], folder / "index" / "some.db", Tools(cut, "r1", ToyEncoder, "toy"))
print(report.changed, report.encoded)
"""


def builder(folder, act):
    command = [sys.executable, "-c", BUILDER, str(folder), act]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own


@pytest.mark.slow
def test_a_builder_killed_before_the_last_step_leaves_the_old_index(work):
    work.build(work.source(text="Tell the head."))
    work.source(text="Ask first.")

    killed = builder(work.folder, "die")
    killed.communicate(timeout=60)

    assert killed.returncode == -signal.SIGKILL
    assert work.texts() == ["Tell the head."]
    assert len(list(work.path.parent.glob("*.tmp"))) == 1
    assert work.build(work.source()).changed
    assert work.texts() == ["Ask first."]
    assert list(work.path.parent.glob("*.tmp")) == []


@pytest.mark.slow
def test_of_two_builders_at_once_one_works_and_one_finds_it_done(work):
    work.source(text="Tell the head.\nAsk first.")

    both = [builder(work.folder, "live") for _ in range(2)]
    said = sorted(process.communicate(timeout=60)[0].strip() for process in both)

    assert [process.returncode for process in both] == [0, 0]
    assert said == ["False 0", "True 2"]
    assert work.texts() == ["Tell the head.", "Ask first."]


def test_the_index_is_a_database_that_other_tools_can_read(work):
    work.build(work.source(text="Tell the head."))

    with sqlite3.connect(work.path) as database:
        rows = database.execute("select school, number, text from clauses").fetchall()
    database.close()

    assert rows == [("oak", "1", "Tell the head.")]
