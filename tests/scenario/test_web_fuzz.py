"""Garbage at every route: whatever is in an address, a query, a field or a file, a page answers in words."""

import logging
import re
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.reports import Upload
from bot.web.case_moves import MOVES
from bot.web.site import PAGES
from tests.web_case_kit import CaseDesk
from tests.web_report_kit import CONCERN, Reporter

pytestmark = pytest.mark.slow
CANARY = "canary-5f2c"
"""Stands in every text that is typed, and in no address, header or line of the log."""
TYPES = (
    *("", "text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data"),
    *(
        "multipart/form-data; boundary=x",
        'multipart/form-data; boundary="',
        "application/x-www-form-urlencoded; q=\x01",
    ),
)
PEOPLE = ("teacher", "amy", "ben", "dan", "")
SHOWN = tuple(page.path for page in PAGES if page.get)
DONE = tuple(page.path for page in PAGES if page.post)
PART = re.compile(r"\{[^}]*\}")
ODD = (
    *(
        "",
        "0",
        "-1",
        "9" * 60,
        "²",
        "٣",
        "%00",
        "%2e%2e",
        "..%2f..%2fetc",
        "%ff%fe",
        "%F0%9F%92%A9",
        "'\"<b>",
    ),
    *("AAAA-0000", "aaaa-0000", "nan", "None", "1e9", "locked", "search", "{case}", "%0d%0aset-cookie:x=y"),
)
NAMES = tuple(
    sorted(
        {field.name for move in MOVES for field in move.fields}
        | {"seen", "id", "do", "form", "words", "gate", "asked", "ticks", "shown", "concerned", "not_about"}
        | {f"a.{name}" for name in CONCERN}
        | {
            "reader",
            "reason",
            "own",
            "child",
            "question",
            "earlier",
            "raised",
            "what",
            "nonce",
            "clear",
            "text",
        }
        | {"school", "person", "name", "code", "how", "item", "named", "csrf"}
    )
)
VALUES = st.one_of(
    st.sampled_from(
        (*ODD, "yes", "no", "not-sure", "send", "clear", "keep", "tell", "concern", "2026-13-45")
    ),
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.builds(lambda times: CANARY * times, st.integers(1, 3000)),
)
TYPED = st.dictionaries(st.sampled_from(NAMES), st.lists(VALUES, min_size=1, max_size=3), max_size=8)
FILES = st.lists(
    st.tuples(
        st.sampled_from(("files", "file", "", "gate", "csrf")),
        st.sampled_from(("screen.png", "", "../../etc/passwd", f"{CANARY}.exe", "a" * 300, "\u202etxt.exe")),
        st.binary(max_size=200),
    ),
    max_size=3,
)
QUERY = st.dictionaries(
    st.sampled_from(
        ("page", "status", "form", "urgency", "from", "month", "person", "kind", "dark", "clause", "done")
    ),
    st.sampled_from((*ODD, "2026-09", "2026-09-01", "closed", "urgent", "1")),
    max_size=3,
)
BOUNDED = settings(
    max_examples=300,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def addresses(pages):
    """Any of *pages*, each part of its address odd, or of something that is there."""
    part = st.one_of(
        st.sampled_from((*ODD, "CASE", "CASE", "DRAFT", "1", "2")), st.text(max_size=6).map(quote)
    )
    return st.tuples(st.sampled_from(pages), st.tuples(part, part, part))


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """A desk with one case and one draft, so that an address can also be of something that is there."""
    made = CaseDesk(tmp_path_factory.mktemp("garbage"))
    made.case = made.file("concern", Upload("screen.png", b"a picture")).case
    reporter = Reporter(None, desk=made)
    reporter.begin()
    made.draft = reporter.path.removeprefix("/report/")
    return made


@given(addresses(SHOWN), st.sampled_from(PEOPLE), QUERY)
@BOUNDED
def test_no_address_makes_a_page_fail(desk, caplog, address, person, query):
    caplog.clear()

    answer = somebody(desk, person).get(f"{at(desk, *address)}?{urlencode(query)}")

    in_words(answer, caplog)


@given(addresses(DONE), st.sampled_from(PEOPLE), TYPED)
@BOUNDED
def test_no_form_makes_a_page_fail_or_a_case(desk, caplog, address, person, typed):
    caplog.clear()
    caplog.set_level(logging.INFO)

    answer = somebody(desk, person).post(at(desk, *address), typed)

    in_words(answer, caplog)
    assert filed(desk) == {desk.case}


@given(addresses(DONE), st.sampled_from(PEOPLE), st.tuples(TYPED, FILES))
@BOUNDED
def test_no_file_makes_a_page_fail_or_a_case(desk, caplog, address, person, sent):
    caplog.clear()
    caplog.set_level(logging.INFO)

    answer = somebody(desk, person).send_files(at(desk, *address), *sent)

    in_words(answer, caplog)
    assert filed(desk) == {desk.case}


@given(st.sampled_from(DONE), st.binary(max_size=300), st.sampled_from(TYPES))
@BOUNDED
def test_no_body_of_any_kind_makes_a_page_fail(desk, caplog, path, body, kind):
    answer = somebody(desk, "amy").send("POST", at(desk, path, ("CASE", "1", "1")), body, content_type=kind)

    in_words(answer, caplog)


def somebody(desk, person):
    """A browser that has just seen a page; the DSL's has the case open."""
    browser = desk.opened(desk.case) if person == "amy" else desk.browser(person)
    browser.get("/")
    return browser


def at(desk, page, parts):
    """The address of *page* with *parts* in it."""
    there = {"CASE": desk.case, "DRAFT": desk.draft}
    left = iter(parts)
    return PART.sub(lambda _: there.get(part := next(left), part), page)


def in_words(answer, caplog):
    """Whatever came back, it is no fault of ours, and repeats nothing where it does not belong."""
    assert answer.status < 500
    assert b"Traceback" not in answer.body
    assert CANARY not in str(answer.headers)
    assert CANARY not in caplog.text
    assert "web.broke" not in caplog.text


def filed(desk):
    with desk.store.reading() as unit:
        return {row.case for row in unit.audit_rows("fernhill") if row.detail == "filed"}
