"""The index on disk: read back whole, replaced whole, or refused."""

import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from index import shelf
from index.clauses import Clause
from index.errors import DamagedIndex, UnknownSchool
from index.shelf import Document, Record, Shelf, Stored, shelf_path, write
from index.vectors import Vectors

CONTACT = Clause(
    "6.2",
    "3#1",
    "Contact",
    "Staff must not:",
    "befriend pupils \N{EM DASH} \N{LATIN SMALL LETTER E WITH ACUTE}",
    4,
)
PHOTOS = Clause("Photographs, paragraph 1", "", "Photographs", "", "Use a school camera.", None)
TROLLS = Clause("2", "", "Trolling", "", "Tell the head.", 1)


def a_record(school="oak", file="policy.txt", clauses=(CONTACT, PHOTOS), **document):
    return Record(school, Document("Policy", file, **document), tuple(clauses), "aa", "r1", "t1")


def put(path, *records, encoder="toy"):
    vectors = {
        school: Vectors.of(np.eye(8, dtype=np.float32)[: len(entries)])
        for school, entries in shelf.entries_of(records).items()
    }
    write(path, {"encoder": encoder, "examples": ""}, records, Stored(vectors))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index" / "some.db"


def test_what_was_written_is_read_back_exactly(path):
    records = (
        a_record("oak", "b.txt", [CONTACT, PHOTOS], details={"effective": "2026-09-01"}),
        a_record("elm", "c.txt", [TROLLS], problem="c.txt: it is broken. Save it again."),
        a_record("oak", "a.txt", []),
    )
    put(path, *records)

    read = Shelf.open(path)

    assert (read.encoder_name, read.records) == ("toy", records)
    assert read.schools == ("elm", "oak")


def test_clauses_of_two_documents_of_a_school_are_numbered_on(path):
    put(
        path, a_record("oak", "b.txt", [CONTACT, PHOTOS]), a_record("elm"), a_record("oak", "a.txt", [TROLLS])
    )

    entries = Shelf.open(path).entries("oak")

    found = [(entry.position, entry.document.file, entry.clause) for entry in entries]
    assert found == [(0, "b.txt", CONTACT), (1, "b.txt", PHOTOS), (2, "a.txt", TROLLS)]


def test_a_schools_vectors_are_its_own_and_fit_its_clauses(path):
    put(path, a_record("oak", clauses=[CONTACT, PHOTOS]), a_record("elm", clauses=[TROLLS]))

    read = Shelf.open(path)

    assert [len(read.vectors(school)) for school in ("oak", "elm")] == [2, 1]


def test_a_document_that_could_not_be_read_stands_among_the_schools_documents(path):
    put(
        path, a_record(), a_record(file="new.pdf", clauses=[], problem="new.pdf: it is empty. Save it again.")
    )

    documents = Shelf.open(path).documents("oak")

    assert [document.problem for document in documents] == ["", "new.pdf: it is empty. Save it again."]


@pytest.mark.parametrize("ask", [Shelf.entries, Shelf.documents, Shelf.vectors])
def test_an_unknown_school_is_an_error_and_not_an_empty_answer(path, ask):
    put(path, a_record("oak"))
    read = Shelf.open(path)

    with pytest.raises(UnknownSchool, match="ash"):
        ask(read, "ash")


def test_a_school_may_be_called_digest(path):
    put(path, a_record("digest"))
    with sqlite3.connect(path) as database:
        database.execute("update clauses set text = 'Befriend pupils.' where school = 'digest'")
    database.close()

    with pytest.raises(DamagedIndex):
        Shelf.open(path)


@pytest.mark.parametrize(
    "change",
    [
        "update clauses set text = 'Staff may befriend pupils.' where number = '6.2'",
        "update clauses set page = null",
        "delete from clauses where number = '6.2'",
        "insert into clauses select 'oak', 9, 0, '7', '', '', '', 'Anything goes.', 1, 'aa'",
        "update documents set title = 'Another policy'",
        "update vectors set content = zeroblob(length(content))",
        "update meta set value = 'other' where key = 'encoder'",
        "update meta set value = '0' where key = 'format'",
        "delete from meta",
        "drop table vectors",
    ],
)
def test_any_change_behind_our_back_is_noticed(path, change):
    put(path, a_record())
    with sqlite3.connect(path) as database:
        database.execute(change)
    database.close()

    with pytest.raises(DamagedIndex, match="some.db"):
        Shelf.open(path)


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\0", b"hello, I am not a database" * 500])
def test_a_file_that_is_no_index_is_noticed(path, content):
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(DamagedIndex, match="some.db"):
        Shelf.open(path)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_file_cut_short_is_noticed(path, share):
    put(path, a_record())
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(DamagedIndex):
        Shelf.open(path)


def test_a_missing_file_is_noticed_and_not_made(path):
    with pytest.raises(DamagedIndex, match="No such file"):
        Shelf.open(path)

    assert not path.exists()


def test_a_reader_goes_on_with_what_it_opened_while_a_new_index_replaces_it(path):
    put(path, a_record(clauses=[CONTACT, PHOTOS]))
    reading = Shelf.open(path)
    put(path, a_record(clauses=[TROLLS]))

    held = [entry.clause for entry in reading.entries("oak")]

    assert held == [CONTACT, PHOTOS]
    assert len(reading.vectors("oak")) == 2
    assert [entry.clause for entry in Shelf.open(path).entries("oak")] == [TROLLS]


def test_until_the_last_step_a_reader_finds_the_old_index(path, monkeypatch):
    put(path, a_record(clauses=[CONTACT]))
    seen = []
    replace = os.replace

    def look_first(temporary, target):
        seen.append([entry.clause for entry in Shelf.open(path).entries("oak")])
        replace(temporary, target)

    monkeypatch.setattr(os, "replace", look_first)
    put(path, a_record(clauses=[TROLLS]))

    assert seen == [[CONTACT]]


def test_a_full_disk_leaves_the_old_index_and_nothing_else(path, monkeypatch):
    put(path, a_record(clauses=[CONTACT]))

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        put(path, a_record(clauses=[TROLLS]))

    assert [entry.clause for entry in Shelf.open(path).entries("oak")] == [CONTACT]
    assert list(path.parent.iterdir()) == [path]


def test_two_policies_folders_have_two_indexes(tmp_path):
    first, second = (shelf_path(tmp_path, tmp_path / name) for name in ("policies", "other"))

    assert first != second
    assert first.parent == second.parent == tmp_path / "index"


def test_one_policies_folder_has_one_index_however_it_is_written(tmp_path, monkeypatch):
    (tmp_path / "policies").mkdir()
    monkeypatch.chdir(tmp_path)

    relative = shelf_path(tmp_path, Path("policies"))

    assert relative == shelf_path(tmp_path, tmp_path / "policies")
