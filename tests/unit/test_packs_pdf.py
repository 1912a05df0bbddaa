"""The PDF of a pack, read back as pages."""

import io
from collections import Counter

import pdfplumber
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.evidence import Derivative
from bot.domain.packs import HASH_WORDS
from bot.packs.letters import typeface
from bot.packs.pdf import case_pdf
from bot.packs.sheets import BOTTOM, CLASSIFICATION, HEIGHT, MARGIN, NOT_DRAWN, TOP, WIDTH
from bot.packs.signing import Signer
from tests.unit.packs_builders import SEED, a_content, a_picture, a_row, an_item

pytestmark = pytest.mark.slow

FINGERPRINT = Signer.of(SEED).fingerprint


def read(content, **changes):
    """Each page's text, and every character and picture with its place."""
    with pdfplumber.open(io.BytesIO(case_pdf(content, FINGERPRINT, typeface(), **changes))) as pdf:
        return [page.extract_text() for page in pdf.pages], [(page.chars, page.images) for page in pdf.pages]


def squeezed(content, **changes):
    """Everything on the pages as a stream of characters, in the order drawn."""
    _, pages = read(content, **changes)
    return "".join(char["text"] for chars, _ in pages for char in chars if not char["text"].isspace())


def off_the_page(content):
    _, pages = read(content)
    return [
        (number, thing.get("text", "picture"))
        for number, (chars, images) in enumerate(pages, 1)
        for thing in (*chars, *images)
        if thing["x0"] < MARGIN - 1
        or thing["x1"] > WIDTH - MARGIN + 1
        or thing["top"] < 20
        or thing["bottom"] > HEIGHT - 20
    ]


def on_the_furniture(content):
    """What of the body runs into the head or foot of a page."""
    _, pages = read(content)
    return [
        thing
        for _, images in pages
        for thing in images
        if thing["top"] < TOP - 1 or thing["bottom"] > HEIGHT - BOTTOM + 1
    ]


def test_the_cover_names_case_school_reader_time_and_fingerprint():
    pages, _ = read(a_content(reader="the police"))

    for words in ("CASE-7Q2M", "Fernhill School", "the police", "21 November 2026", FINGERPRINT):
        assert words in pages[0]


def test_every_page_carries_its_number_the_case_and_the_classification():
    rows = tuple(a_row(number, "word " * 80) for number in range(1, 41))

    pages, _ = read(a_content(rows=rows))

    assert len(pages) > 3
    for number, page in enumerate(pages, 1):
        assert f"page {number} of {len(pages)}" in page
        assert "Case CASE-7Q2M" in page
        assert CLASSIFICATION in page


def test_safety_23_the_pack_says_what_the_hash_shows_and_what_not():
    text = squeezed(a_content())

    assert HASH_WORDS.replace(" ", "") in text


def test_each_person_stands_with_their_own_role():
    lines = [line for page in read(a_content())[0] for line in page.splitlines()]

    assert any("Tom Reed" in line and "alleged" in line for line in lines)
    assert any("Zoe Finch" in line and "target" in line for line in lines)


def test_the_clause_is_quoted_with_the_policys_title_and_version():
    text = squeezed(a_content())

    for words in ("OnlineConduct,6.2", "inforcefrom1May2025", "Staffmustnotaccept."):
        assert words in text


def test_evidence_stands_with_hash_size_time_metadata_and_picture():
    content = a_content()
    item = content.evidence[0]
    _, pages = read(content)

    text = squeezed(content)

    for words in (item.sha256, "30bytes", "20November2026,22:41:07GMT", "120x80", "notscanned"):
        assert words in text
    assert sum(len(images) for _, images in pages) == 1


def test_safety_4_of_a_locked_item_only_hash_and_history_are_there():
    locked = an_item(locked=True, name="beach-canary.png", metadata={"device": "canary phone"})
    content = a_content(evidence=(locked,))
    _, pages = read(content)

    text = squeezed(content)

    assert locked.sha256 in text
    assert "canary" not in text
    assert sum(len(images) for _, images in pages) == 0


def test_the_same_content_gives_the_same_bytes():
    first, second = (case_pdf(a_content(), FINGERPRINT, typeface()) for _ in range(2))

    assert first == second


def test_a_draft_is_marked_on_every_page():
    pages, _ = read(a_content(), watermark="DRAFT")

    texts = squeezed(a_content(), watermark="DRAFT")

    assert Counter(texts[at : at + 5] for at in range(len(texts)))["DRAFT"] >= len(pages)


@pytest.mark.parametrize("size", [(1170, 2532), (1600, 120), (3, 2), (200, 1500), (2000, 2000)])
def test_a_picture_of_any_shape_fits_between_head_and_foot(size):
    picture = Derivative("view", "image/png", a_picture(*size))

    content = a_content(evidence=(an_item(pictures=(picture,)),))

    assert off_the_page(content) == []
    assert on_the_furniture(content) == []


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n no picture", a_picture()[:90]])
def test_a_picture_that_cannot_be_drawn_is_said_and_stops_nothing(content):
    picture = Derivative("view", "image/png", content)

    text = squeezed(a_content(evidence=(an_item(pictures=(picture,)),)))

    assert NOT_DRAWN.replace(" ", "") in text


def test_a_long_screenshot_is_cut_into_parts_that_can_be_read():
    picture = Derivative("view", "image/png", a_picture(400, 4000))

    pages, _ = read(a_content(evidence=(an_item(pictures=(picture,)),)))

    assert any("part 1 of 8" in page for page in pages)
    assert any("part 8 of 8" in page for page in pages)


@pytest.mark.parametrize(
    "words",
    [
        "W" * 1500,
        "https://example.test/" + "x" * 1000,
        "long note " * 300,
        "\n" * 200 + "end",
        "\U0001f600" * 200,
        "<b>not bold</b> & <font size=99>",
        "tab\tand\r\nbreaks\rend",
    ],
)
def test_nothing_runs_off_a_page(words):
    people = tuple(_named(person, words) for person in a_content().people)
    content = a_content(
        rows=(a_row(1, words, actor=words[:300]),),
        people=people,
        summary=words,
        evidence=(an_item(name=words[:255], metadata={"device": words}),),
    )

    assert off_the_page(content) == []


@pytest.mark.parametrize("breaks", [1, 2, 9, 40])
def test_what_goes_on_in_a_row_below_begins_at_its_top_beside_its_number(breaks):
    content = a_content(rows=(a_row(7, ("long " * 110 + "end" + "\n" * breaks) * 4),), evidence=())
    with pdfplumber.open(io.BytesIO(case_pdf(content, FINGERPRINT, typeface()))) as pdf:
        words = [word for page in pdf.pages for word in page.extract_words()]

    tops = {word["top"] for word in words if word["text"] == "(7)"}
    beside = [word for word in words if word["text"] in ("long", "end") and word["top"] in tops]

    assert len(tops) > 0
    assert {word["top"] for word in beside} == tops


def test_the_pages_name_no_file_that_a_subject_access_copy_lacks():
    assert "case.json" not in squeezed(a_content())


def _named(person, words):
    return type(person)(person.key, words[:200], person.role, person.category, words[:200])


_WORDS = st.lists(
    st.text(st.characters(codec="utf-8", exclude_categories=("Z", "C")), min_size=1, max_size=40),
    min_size=1,
    max_size=120,
)


@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(_WORDS, min_size=1, max_size=3))
def test_every_word_of_the_chronology_is_on_the_pages(rows):
    face = typeface()
    content = a_content(
        rows=tuple(a_row(number, " ".join(words)) for number, words in enumerate(rows, 1)), evidence=()
    )

    text = squeezed(content)

    # A letter that cannot be drawn stands there as its number: nothing is dropped unseen.
    missing = [word for words in rows for word in words if _as_drawn(face, word) not in text]
    assert missing == []


def _as_drawn(face, word):
    shown = face.markup(word)
    for escaped, plain in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(escaped, plain)
    return shown
