"""Garbage at every route: whatever is in an address, a query, a field or a file, a page answers in words."""

import logging
import re
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.domain.reports import Upload
from bot.web.case_moves import MOVES
from bot.web.limits import Limit, Limits
from bot.web.openid import Answered
from bot.web.site import PAGES
from tests.unit.test_openid import FakeIssuer
from tests.web_case_kit import CaseDesk
from tests.web_kit import WebDesk
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
PEOPLE = ("teacher", "amy", "ben", "cat", "dan", "")
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
            "was",
            "said",
            "feedback",
            "wording-0",
            "about",
            "make",
            "despite",
            "release",
            "applies-crime",
            "why-crime",
            "words",
            "stance",
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
        (
            "page",
            "status",
            "form",
            "urgency",
            "order",
            "all",
            "item",
            "from",
            "month",
            "person",
            "kind",
            "dark",
            "clause",
            "done",
        )
    ),
    st.sampled_from((*ODD, "2026-09", "2026-09-01", "closed", "urgent", "1")),
    max_size=3,
)
METHODS = (
    *("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "get", "PROPFIND"),
    *("", "GET POST", "\u017fOO", "X" * 500),
)
COOKIES = st.dictionaries(
    st.sampled_from(("staffroom", "__Host-staffroom", "staffroom-begun", "staffroom-setting-up", "x", "")),
    st.one_of(st.sampled_from((*ODD, '"', ";;", "=", "a b", "x" * 9000)), st.text(max_size=30)),
    max_size=4,
)
LONG = st.one_of(st.sampled_from(ODD), st.text(max_size=30), st.integers(1, 60_000).map("9".__mul__))
MULTIPART = "multipart/form-data; boundary=x"
BODY = (
    b'--x\r\ncontent-disposition: form-data; name="csrf"\r\n\r\nTOKEN\r\n'
    b'--x\r\ncontent-disposition: form-data; name="a.what"\r\n\r\nwords\r\n'
    b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n'
    b"content-type: image/png\r\n\r\n\x89PNG\r\n--x--\r\n"
)
"""A whole form with a file, to be cut off and spoilt."""
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


EACH = settings(BOUNDED, max_examples=8)
ROUTES = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.path)


@ROUTES
@given(st.data())
@EACH
def test_every_route_answers_every_odd_request_in_words(desk, caplog, page, data):
    caplog.clear()
    _, parts = data.draw(addresses([page.path]))
    path = f"{at(desk, page.path, parts)}?{urlencode(data.draw(st.dictionaries(LONG, LONG, max_size=3)))}"
    browser = somebody(desk, data.draw(st.sampled_from(PEOPLE)))

    for method in ("GET", "POST"):
        in_words(browser.send(method, path, b"", content_type=data.draw(st.sampled_from(TYPES))), caplog)
    in_words(browser.post(path, data.draw(TYPED)), caplog)


@given(addresses(tuple(page.path for page in PAGES)), st.sampled_from(METHODS), st.sampled_from(PEOPLE))
@BOUNDED
def test_no_method_makes_a_page_fail(desk, caplog, address, method, person):
    caplog.clear()

    answer = somebody(desk, person).send(method, at(desk, *address))

    in_words(answer, caplog)


@given(st.sampled_from(SHOWN), COOKIES)
@BOUNDED
def test_no_cookie_makes_a_page_fail_or_lets_anybody_in(desk, caplog, path, cookies):
    caplog.clear()
    said = "; ".join(f"{name}={value}" for name, value in cookies.items())

    answer = desk.browser().send("GET", at(desk, path, ("CASE", "1", "1")), cookie=said)

    in_words(answer, caplog)
    assert answer.status != 200 or path.startswith(("/sign-in", "/upload"))


@given(st.sampled_from(DONE), st.integers(0, len(BODY)), st.binary(max_size=6))
@BOUNDED
def test_no_half_or_spoilt_form_with_a_file_makes_a_page_fail_or_a_case(desk, caplog, path, cut, spoilt):
    caplog.clear()
    jo = somebody(desk, "teacher")
    body = BODY[:cut].replace(b"TOKEN", jo.csrf.encode()) + spoilt

    answer = jo.send("POST", at(desk, path, ("DRAFT", "1", "1")), body, content_type=MULTIPART)

    in_words(answer, caplog)
    assert filed(desk) == {desk.case}


# Real mode, for the pages of signing in, which sample mode keeps shut


SIGNING_IN = tuple(page.path for page in PAGES if page.path.startswith(("/sign-in", "/upload")))
SENT = st.tuples(
    st.dictionaries(
        st.sampled_from(("state", "code", "iss", "error", "choose", "id_token")), LONG, max_size=5
    ),
    st.dictionaries(
        st.sampled_from(("email", "code", "school", "person", "csrf", "token")),
        st.one_of(VALUES, LONG),
        max_size=4,
    ),
    COOKIES,
    st.binary(max_size=80),
)
"""The query, the form, the cookies, and what the issuer answers."""


@pytest.fixture(scope="module")
def real(tmp_path_factory):
    issuer, limits = FakeIssuer(), Limits(*(Limit(1_000_000) for _ in range(3)))
    folder = tmp_path_factory.mktemp("real")
    made = WebDesk(folder, sample_mode=False, openid=issuer.openid, limits=limits)
    made.issuer = issuer
    made.link = made.web.signing.inviting.invite("fernhill", "dan", "test")
    return made


@given(st.sampled_from(SIGNING_IN), st.sampled_from(("LINK", *ODD)), SENT)
@BOUNDED
def test_nothing_makes_a_page_of_signing_in_fail_or_signs_anybody_in(real, way, end, sent):
    asked, typed, cookies, said = sent
    path = way.replace("{token}", real.link if end == "LINK" else end)
    browser = real.browser()
    real.issuer.answer = Answered(200 if len(said) % 2 else 400, said)
    begun = urlsplit(browser.get("/sign-in/account").to).query
    browser.cookies |= {name: value for name, value in cookies.items() if name and value.isprintable()}
    # Of somebody who did begin here, unless it is asked for otherwise.
    asked = {"state": parse_qs(begun)["state"][0], "code": "c", **asked}

    answers = [browser.get(f"{path}?{urlencode(asked)}"), browser.post(path, typed)]

    for answer in answers:
        # 503 is said where the issuer does not answer, or answers nonsense.
        assert answer.status < 500 or answer.status == 503
        assert not any(each.startswith("staffroom=") for each in answer.cookies)


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
