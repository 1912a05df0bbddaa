"""Whole documents of whole schools: not a word lost or changed, and routed by clauses they have."""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from docx import Document
from docx.oxml.ns import qn

from index.clauses import FOOTNOTES
from index.cutting import clauses_of

ROOT = Path(__file__).parents[2]
REAL = ROOT.parent / "shared" / "trust"
REAL_SCHOOLS = ("att", "mercian", "st-james-emmanuel", "tasmat", "tornedale-infant")
SAMPLES = ROOT / "policies"
# White space and hyphens, which joining lines changes, and the signs of Markdown and of tables.
_BETWEEN = re.compile(r"[\s\u00ad\u2010\u2011*_`\\|-]")
_PAGE_MARK = re.compile(r"\s*(?:page\s+)?\d{1,3}(?:\s+of\s+\d{1,3})?\s*", re.IGNORECASE)
SCHOOLS = [
    *(
        pytest.param(SAMPLES / folder.name, id=folder.name)
        for folder in sorted(SAMPLES.iterdir())
        if folder.is_dir()
    ),
    *(pytest.param(REAL / school, id=school) for school in REAL_SCHOOLS),
]


@pytest.fixture(params=SCHOOLS)
def school(request):
    if not request.param.is_dir():
        pytest.skip("the real schools' documents are not on this machine")
    return request.param


@cache
def declared(school):
    return tomllib.loads((school / "school.toml").read_text(encoding="utf-8"))


@cache
def documents(school):
    """The clauses of each document that the school lists."""
    return {policy["file"]: clauses_of(school / policy["file"]) for policy in declared(school)["policy"]}


def printed(path):
    """The words of a document, got out of it without our readers."""
    if path.suffix == ".docx":
        return "\n".join(text.text or "" for text in Document(str(path)).element.body.iter(qn("w:t")))
    text = path.read_text(encoding="utf-8-sig")
    return BeautifulSoup(text, "html.parser").get_text(" ") if path.suffix == ".html" else text


def squeezed(text):
    return _BETWEEN.sub("", text)


def without_page_ends(text, notes):
    """*text* squeezed, without page marks and footnotes: what stands at a page's end in mid-clause."""
    kept = squeezed("\n".join(line for line in text.splitlines() if not _PAGE_MARK.fullmatch(line)))
    for note in notes:
        kept = kept.replace(squeezed(note.text), "")
    return kept


def as_printed(text, notes):
    """A pattern for *text*, squeezed, that lets a footnote's number stand after a word or a sign."""
    marks = "|".join(str(number) for number in range(1, len(notes) + 1))
    tokens = re.findall(r"\w+|\W", squeezed(text))
    return re.compile((f"(?:{marks})?" if marks else "").join(map(re.escape, tokens)))


def test_every_document_is_cut_into_clauses(school):
    assert {file: bool(clauses) for file, clauses in documents(school).items()} == dict.fromkeys(
        documents(school), True
    )


def test_no_clause_number_stands_twice_in_a_document_save_for_words_after_its_list(school):
    for file, clauses in documents(school).items():
        listed = {clause.number for clause in clauses if clause.item}
        counts = Counter((clause.number, clause.item) for clause in clauses)

        repeated = [key for key, count in counts.items() if count > 1 and (key[1] or key[0] not in listed)]

        assert (file, repeated) == (file, [])


def test_every_clause_is_quoted_as_the_document_prints_it(school):
    for file, clauses in documents(school).items():
        text = printed(school / file)
        notes = [clause for clause in clauses if clause.section == FOOTNOTES]
        whole, body = squeezed(text), without_page_ends(text, notes)

        altered = [
            (clause.number, clause.item)
            for clause in clauses
            if squeezed(clause.text) not in whole and not as_printed(clause.text, notes).search(body)
        ]

        assert (file, altered) == (file, [])


def test_every_lead_in_of_a_list_is_quoted_as_the_document_prints_it(school):
    for file, clauses in documents(school).items():
        text = printed(school / file)
        notes = [clause for clause in clauses if clause.section == FOOTNOTES]
        body = without_page_ends(text, notes)

        # The lead-in of a nested item is its list's lead-in and the item above, which may stand apart.
        altered = {
            clause.lead
            for clause in clauses
            if clause.item and "#" not in clause.item and not as_printed(clause.lead, notes).search(body)
        }

        assert (file, altered) == (file, set())


def test_a_clause_that_decides_who_hears_of_a_form_is_a_clause_of_the_school(school):
    numbers = {clause.number for clauses in documents(school).values() for clause in clauses}
    named = {form: rule["clause"] for form, rule in declared(school)["routing"].items() if "clause" in rule}

    missing = {form: clause for form, clause in named.items() if clause not in numbers}

    assert missing == {}
