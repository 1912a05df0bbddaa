"""Whole documents to clauses: messy shapes with the records they hold, and promises for any shape."""

import json
import re
import string
import textwrap
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from index.clauses import cut
from index.cutting import clauses_of
from index.documents import Block, Kind, Line
from index.errors import UnreadableDocument
from index.formats.plain import lines_of
from index.layout import blocks_of

DOCUMENTS = sorted(path for path in (Path(__file__).parent / "documents").iterdir() if path.suffix != ".json")


def cut_text(text):
    return cut(blocks_of(lines_of(text)))


def printed(clause):
    return [clause.number, clause.item, clause.text]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_record_is_found_whole_and_rightly_numbered(path):
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))

    clauses = clauses_of(path)

    assert [record for record in expected if record not in map(printed, clauses)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_records_come_in_the_order_of_the_document(path):
    expected = json.loads(path.with_suffix(".json").read_text("utf-8"))
    body = [record for record in expected if not record[0].startswith("Footnotes")]

    clauses = [record for record in map(printed, clauses_of(path)) if record in body]

    assert clauses == body


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_number_comes_out_that_the_document_does_not_have(path):
    expected = {number for number, _, _ in json.loads(path.with_suffix(".json").read_text("utf-8"))}

    numbers = {clause.number for clause in clauses_of(path) if ", paragraph " not in clause.number}

    assert numbers - expected == set()


WORDS = some.sampled_from(
    [
        "staff",
        "pupils",
        "phones",
        "must",
        "may",
        "never",
        "head",
        "teacher",
        "record",
        "school",
        "visit",
        "Lowe",
        "within",
    ]
)
SENTENCES = some.lists(WORDS, min_size=6, max_size=40).map(lambda words: " ".join(words).capitalize() + ".")
SECTIONS = some.lists(some.lists(SENTENCES, min_size=1, max_size=4), min_size=1, max_size=6)
LAYOUTS = some.fixed_dictionaries(
    {
        "width": some.sampled_from([72, 80, 100, 2000]),
        "gap": some.sampled_from(["\n", "\n\n", "\n\n\n"]),
        "close": some.sampled_from(["", "."]),
        "hanging": some.booleans(),
    }
)


def numbered(sections, layout):
    """A document of numbered sections, and the clauses in it."""
    expected = [
        [f"{place}.{at}", "", clause]
        for place, section in enumerate(sections, 1)
        for at, clause in enumerate(section, 1)
    ]
    lines = []
    for number, _, text in expected:
        if number.endswith(".1"):
            lines.append(f"{number.partition('.')[0]}{layout['close']} Section about something")
        label = f"{number}{layout['close']} "
        indent = " " * len(label) if layout["hanging"] else ""
        lines.append(textwrap.fill(label + text, layout["width"], subsequent_indent=indent))
    return layout["gap"].join(lines), expected


@pytest.mark.slow
@given(SECTIONS, LAYOUTS)
@settings(deadline=None)
def test_every_clause_of_a_numbered_document_comes_back_whole(sections, layout):
    text, expected = numbered(sections, layout)

    assert list(map(printed, cut_text(text))) == expected


LEADS = some.sampled_from(["Staff must:", "The school will not:", "A teacher who is asked to do so should:"])
ITEMS = some.lists(some.lists(WORDS, min_size=2, max_size=20).map(" ".join), min_size=1, max_size=6)
MARKERS = some.sampled_from(["({letter})", "{letter}.", "{at})", "{at}.", "•", "-", "o", "\uf0b7"])


@given(LEADS, ITEMS, MARKERS, some.sampled_from(["\n", "\n\n"]), some.integers(0, 4))
@settings(deadline=None)
def test_every_item_of_a_list_comes_back_with_its_place_and_lead(lead, items, marker, gap, indent):
    labels = [marker.format(at=at, letter=string.ascii_lowercase[at - 1]) for at in range(1, len(items) + 1)]
    lines = [f"{' ' * indent}{label} {item};" for label, item in zip(labels, items, strict=True)]
    text = gap.join(["4 Phones", f"4.1 {lead}", *lines, "4.2 This is reviewed each year."])

    clauses = cut_text(text)

    expected = [["4.1", "", lead], *(["4.1", str(at), f"{item};"] for at, item in enumerate(items, 1))]
    assert list(map(printed, clauses)) == [*expected, ["4.2", "", "This is reviewed each year."]]
    assert {clause.lead for clause in clauses if clause.item} == {lead}


BITS = some.sampled_from(
    [
        "6.7",
        "1.",
        "(a)",
        "i)",
        "Q1.",
        "A:",
        "•",
        "-",
        "|",
        "the",
        "Staff",
        "must",
        ":",
        ".",
        "Appendix 1",
        "policy1",
    ]
    + [
        "Page 4",
        "\f",
        "____________",
        "\n",
        "\n\n",
        "   ",
        "\t",
        "means",
        "?",
        "12",
        "A3",
        "CONTENTS",
        "[1]",
        "-\n",
    ]
)


@given(some.lists(BITS, max_size=60).map(" ".join))
@settings(deadline=None)
def test_any_text_can_be_cut_and_no_number_is_made_up(text):
    numbers = {clause.number for clause in cut_text(text) if ", paragraph " not in clause.number}

    squeezed = re.sub(r"\s", "", text)
    assert [number for number in numbers if number not in squeezed] == []


@given(
    some.lists(
        some.builds(
            Block,
            some.sampled_from(Kind),
            BITS,
            some.sampled_from(["", "1.", "6.7", "(a)", "•", "Q:", "A:"]),
            some.integers(0, 4),
        ),
        max_size=40,
    )
)
@settings(deadline=None)
def test_any_blocks_can_be_cut_and_no_number_is_made_up(blocks):
    printed_labels = {label for block in blocks for label in (block.label, block.label.rstrip(".:"))}

    numbers = {clause.number for clause in cut(blocks) if ", paragraph " not in clause.number}

    assert numbers - printed_labels - {"(a", "a"} == set()


@given(
    some.lists(some.builds(Line, BITS, gap=some.sampled_from([0.0, 1.0]), full=some.booleans()), max_size=40)
)
@settings(deadline=None)
def test_no_words_are_lost_between_lines_and_blocks(lines):
    kept = blocks_of([line for line in lines if line.text.strip().isalpha() and line.text != "CONTENTS"])

    words = [word for block in kept for word in block.text.split()]
    assert words == [line.text for line in lines if line.text.strip().isalpha() and line.text != "CONTENTS"]


@pytest.mark.parametrize(
    ("name", "content", "cause"),
    [
        ("policy.odt", "Phones are off.", 'files ending in ".odt" cannot be read'),
        ("policy.txt", "PHONES\n\nWATCHES\n", "no clause was found in it"),
        ("policy.txt", "1.1 Phones are off.\n" * 5000, "it holds 5,000 clauses; a policy may have 4,000"),
    ],
)
def test_a_document_without_usable_clauses_is_refused(tmp_path, name, content, cause):
    path = tmp_path / name
    path.write_text(content, "utf-8")

    with pytest.raises(UnreadableDocument) as refused:
        clauses_of(path)

    assert (refused.value.file, refused.value.cause) == (name, cause)


def test_the_ending_of_the_name_may_be_in_capitals(tmp_path):
    path = tmp_path / "POLICY.TXT"
    path.write_text("Phones\n\nPhones are off in lessons.\n", "utf-8")

    assert list(map(printed, clauses_of(path))) == [["Phones, paragraph 1", "", "Phones are off in lessons."]]


def test_control_characters_in_a_document_never_reach_a_clause(tmp_path):
    file = tmp_path / "policy.txt"
    file.write_text("Staff must\x1b[2J not share pass\x07words with anybody at all.\n", "utf-8")

    (clause,) = clauses_of(file)

    assert clause.text == "Staff must[2J not share passwords with anybody at all."


def test_a_document_that_turns_its_words_around_is_refused(tmp_path):
    file = tmp_path / "policy.txt"
    file.write_text("Staff \u202etsum\u202c ask the head before they post anything.\n", "utf-8")

    with pytest.raises(UnreadableDocument, match="turn the order of words around"):
        clauses_of(file)
